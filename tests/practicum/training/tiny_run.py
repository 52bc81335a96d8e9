"""A short training of a tiny model, as a program: to be killed, or launched in several processes.

    python -m tests.practicum.training.tiny_run FOLDER [SETTINGS]

SETTINGS is JSON: `method`, `family`, `dropout`, `seconds` between checkpoints, `file_limit` in bytes that no file may
pass, and changes of the recipe. Writes FOLDER/weights.safetensors and FOLDER/curves.json, one JSON line a step to
FOLDER/log.jsonl, checkpoints to FOLDER/checkpoints.
"""

import dataclasses
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from practicum.chat import Rendered
from practicum.config import EarlyStopping, Lora, Loss
from practicum.training.adapters import attach
from practicum.training.processes import leave
from practicum.training.trainer import Recipe, fit
from tests.practicum.tiny_models import tiny_model


def copying_rows(count: int, seed: int) -> list[Rendered]:
    """Rows of unequal length whose target repeats the prompt's last three tokens."""
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for index in range(count):
        prompt = torch.randint(4, 61, (4 + index % 9,), generator=generator).tolist()
        rows.append(Rendered([*prompt, 1, *prompt[-3:], 2], [False] * (len(prompt) + 1) + [True] * 4))
    return rows


def main(folder: Path, settings: dict[str, Any]) -> None:
    torch.set_num_threads(1)
    method = settings.pop("method", "lora")
    family = settings.pop("family", "llama")
    if limit := settings.pop("file_limit", None):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    seconds = settings.pop("seconds", 0.0)
    dropout = settings.pop("dropout", 0.1)
    recipe = {
        "lr": 1e-2,
        "batch_size": 16,
        "accumulation_steps": 1,
        "steps": 12,
        "warmup_steps": 2,
        "bf16": False,
        "seed": 3,
        "loss": Loss(contrastive=0.1, margin=0.5, format=0.0),
        "early_stopping": EarlyStopping(every=4, patience=3, min_delta=0.0, examples=12),
    } | settings
    model = tiny_model(family, seed=0, vocab_size=61, max_position_embeddings=128, attn_implementation="eager")
    torch.manual_seed(7)
    model = attach(model, method, Lora(r=4, alpha=8, dropout=dropout, target_modules="all-linear"))
    outcome = fit(
        model,
        copying_rows(96, 1),
        copying_rows(12, 2),
        Recipe(**recipe),
        pad_id=0,
        name="tiny",
        checkpoints=(folder / "checkpoints", seconds),
        log=folder / "log.jsonl",
    )
    if os.environ.get("RANK", "0") != "0":
        return
    weights = outcome.weights or {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
    save_file(weights, folder / "weights.safetensors")
    curves = [dataclasses.asdict(point) for point in outcome.curves]
    (folder / "curves.json").write_text(json.dumps({"curves": curves, "resumed_at": outcome.resumed_at}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]) if len(sys.argv) > 2 else {})
    if "LOCAL_RANK" in os.environ:
        leave()
