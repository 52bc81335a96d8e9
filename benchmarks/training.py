"""LoRA training steps against TRL's SFTTrainer, on the same rows, model, batch and precision.

    pip install --no-deps -r benchmarks/requirements.txt
    python -m benchmarks.training practicum|trl|trl-tuned [finance]

Run one side a process, so that peak memory belongs to it; `make bench` runs all three. `trl` is
SFTTrainer as it comes; `trl-tuned` has gradient checkpointing off. Reads a domain's prepared rows (after `dvc repro`).
Tokens are counted without padding, the first two steps are a warm-up. Prints one JSON line.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any

import torch
from transformers import PreTrainedModel, TrainerCallback

from practicum.chat import Rendered, Renderer
from practicum.config import Lora, Loss, Resolved
from practicum.data.example import read_examples
from practicum.models import load_model, load_tokenizer, without_bars
from practicum.training.adapters import attach, attention
from practicum.training.batching import Collator, plan_steps, split_step
from practicum.training.supervised import SupervisedModel
from stages.layout import CACHE, ROOT, Layout

STEPS, WARMUP, BATCH = 10, 2, 16
LORA = Lora(r=16, alpha=32, dropout=0.0, target_modules="all-linear")
LOSS = Loss(contrastive=0.0, margin=0.5, format=0.0)


class Clock(TrainerCallback):
    """Wall time at the end of each step."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def on_step_end(self, *args: Any, **kwargs: Any) -> None:
        self.times.append(time.perf_counter())


def own(base: PreTrainedModel, rows: Sequence[Rendered], plan: list[list[int]], pad_id: int) -> list[float]:
    """The planned steps as `practicum.training` takes them, two micro-batches each; times of the steps' ends."""
    model = SupervisedModel(attach(base, "lora", LORA), LOSS).train()
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3, fused=True)
    collate = Collator(pad_id)
    times = []
    for step in plan:
        batches = [collate([rows[i] for i in part]) for part in split_step(step, 2)]
        tokens = sum(int((batch["labels"][:, 1:] != -100).sum()) for batch in batches)
        for batch in batches:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = model(**batch, num_items_in_batch=tokens)["loss"]
            loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        times.append(time.perf_counter())
    return times


def trl(
    base: PreTrainedModel, rows: Sequence[Rendered], plan: list[list[int]], tokenizer: Any, tuned: bool
) -> list[float]:
    """The same rows in the same order through SFTTrainer; times of the steps' ends."""
    from datasets import Dataset
    from peft import LoraConfig
    from trl import SFTConfig, SFTTrainer

    chosen = [rows[i] for step in plan for i in step]
    dataset = Dataset.from_dict(
        {"input_ids": [row.ids for row in chosen], "completion_mask": [[int(m) for m in row.mask] for row in chosen]}
    )
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        options = {"gradient_checkpointing": False} if tuned else {}
        config = SFTConfig(
            output_dir=folder,
            max_steps=len(plan),
            per_device_train_batch_size=BATCH,
            learning_rate=1e-3,
            use_cpu=True,
            report_to=[],
            save_strategy="no",
            completion_only_loss=True,
            disable_tqdm=True,
            **options,
        )
        trainer = SFTTrainer(
            model=base,
            args=config,
            train_dataset=dataset,
            processing_class=tokenizer,
            peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
            callbacks=[clock],
        )
        trainer.train()
    return clock.times


def main(side: str, name: str = "finance") -> None:
    without_bars()
    layout = Layout(name)
    config = Resolved.model_validate_json(layout.config.read_bytes())
    tokenizer = load_tokenizer(config.weights, CACHE, ROOT)
    renderer = Renderer(tokenizer, config.family, config.think)
    examples = read_examples(layout.build / "prepared" / "train.jsonl")[: STEPS * BATCH]
    rows = [renderer.training_row(example) for example in examples]
    plan = plan_steps([len(row.ids) for row in rows], BATCH, STEPS, seed=1)
    kind = attention() if side == "practicum" else "sdpa"
    base = load_model(config.weights, CACHE, ROOT, dtype=torch.float32, attn_implementation=kind)
    times = (
        own(base, rows, plan, renderer.pad_id)
        if side == "practicum"
        else trl(base, rows, plan, tokenizer, side == "trl-tuned")
    )
    # SFTTrainer shuffles the rows its own way, so both sides are credited with the mean step.
    tokens = sum(len(row.ids) for row in rows) * (STEPS - WARMUP) / STEPS
    line = {
        "benchmark": "training",
        "side": side,
        "tokens_per_s": round(tokens / (times[-1] - times[WARMUP - 1]), 1),
        "peak_memory_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9, 2),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main(*sys.argv[1:])
