"""Fifty steps of each method on a small model: what their losses must be, and how to write them anew.

    python -m tests.practicum.training.golden

writes tests/fixtures/training/golden.json. Do so only after a change that is meant to change the training, and say in
the commit why the losses moved.
"""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch

from practicum.config import EarlyStopping, Lora, Loss, Method
from practicum.training.adapters import attach
from practicum.training.trainer import fit
from tests.practicum.training.small_runs import PAD, base_for, copying_rows, recipe

FILE = Path(__file__).parents[2] / "fixtures" / "training" / "golden.json"
FAMILIES: dict[Method, str] = {"lora": "qwen3", "dora": "llama", "qlora": "qwen3", "full": "qwen2"}
RATES: dict[Method, float] = {"lora": 3e-3, "dora": 3e-3, "qlora": 3e-3, "full": 1e-3}
# Unequal micro-batches, dropout, warm-up, clipping and both losses: each of them shows in the trajectory.
LORA = Lora(r=4, alpha=8.0, dropout=0.1, target_modules="all-linear")
SETTINGS = {
    "accumulation_steps": 2,
    "steps": 50,
    "warmup_steps": 10,
    "loss": Loss(contrastive=0.1, margin=0.5, format=0.0),
    "early_stopping": EarlyStopping(every=10, patience=9, min_delta=0.0, examples=12),
}


@dataclass(frozen=True)
class Trajectory:
    """Losses of a run, nats."""

    training: list[float]
    """After each step."""
    validation: list[float]
    """After every tenth step."""


def trajectory(method: Method) -> Trajectory:
    """Train with a method from the same start as ever."""
    with tempfile.TemporaryDirectory() as folder:
        base = base_for(method, FAMILIES[method], Path(folder))
    torch.manual_seed(5)
    model = attach(base, method, LORA)
    settings = recipe(lr=RATES[method], **SETTINGS)
    points = fit(model, copying_rows(96, 1), copying_rows(12, 2), settings, pad_id=PAD, name=method).curves
    return Trajectory(
        [round(point.train_loss, 6) for point in points],
        [round(point.validation_loss, 6) for point in points if point.validation_loss is not None],
    )


def main() -> None:
    runs = {method: vars(trajectory(method)) for method in FAMILIES}
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
