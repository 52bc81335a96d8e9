"""One run through `practicum.training.trainer.fit`, set up as stages/train.py does.

python -m benchmarks.training.side_practicum FOLDER DOMAIN STEPS ACCUMULATION

Under `accelerate launch` the processes share each step's rows; the first one writes, and counts its memory for each.
"""

import os
import sys
from pathlib import Path

import torch

from benchmarks.training.clock import StepClock
from benchmarks.training.task import Task, adapter_path, load_task, times_path
from practicum.models import load_model, without_bars
from practicum.training.adapters import attach
from practicum.training.allocator import configure_allocator
from practicum.training.attention import implementation
from practicum.training.processes import leave
from practicum.training.trainer import fit
from stages.layout import CACHE, ROOT


def train(task: Task, clock: StepClock) -> torch.nn.Module:
    """A fresh model, trained; the clock starts where `fit` does."""
    torch.manual_seed(task.config.seed)  # adapters start from random numbers
    base = load_model(task.config.weights, CACHE, ROOT, dtype=torch.float32)
    base.set_attn_implementation(implementation(base.config))
    model = attach(base, task.config.method, task.config.lora)
    clock.start()
    fit(model, task.rows, task.validation, task.recipe, pad_id=task.pad_id, name="benchmark")
    return model


def main(folder: Path, domain: str, steps: int, accumulation: int) -> None:
    without_bars()
    configure_allocator()
    task = load_task(domain, steps=steps, accumulation_steps=accumulation)
    clock = StepClock()
    model = train(task, clock)
    if os.environ.get("RANK", "0") == "0":
        clock.write(times_path(folder), processes=int(os.environ.get("WORLD_SIZE", "1")))
        model.save_pretrained(str(adapter_path(folder)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    if "LOCAL_RANK" in os.environ:
        leave()
