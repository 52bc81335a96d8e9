"""The planner's estimate of training's memory against measured peaks, on the CPU.

    python -m benchmarks.memory                       # every cell, each in a process of its own
    python -m benchmarks.memory METHOD BATCH ACCUMULATION LENGTH PRECISION    # one cell

A cell trains two steps of SmolLM2-135M on rows of exactly LENGTH tokens, the second half supervised, with a look at the
validation loss after each step, as `stages.train` would. Measured is the kernel's peak of resident memory (VmHWM)
from before the model is loaded to the end, less a baseline: what the same process held after it had imported every
library and trained a model of half a million weights by the same method. The estimate is the planner's, without what it
counts for the interpreter and libraries; that figure is compared with the baseline on its own. Prints a JSON line a
cell, then a table.
"""

import gc
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from practicum.chat import Rendered
from practicum.config import EarlyStopping, Lora, Loss, Method, PackageWeights, Registry, checked
from practicum.models import load_model, without_bars
from practicum.planning import LIBRARIES, Training, estimate
from practicum.shapes import shape_of
from practicum.training.adapters import attach, loading_options
from practicum.training.allocator import configure_allocator
from practicum.training.attention import implementation
from practicum.training.trainer import Recipe, fit
from stages.layout import CACHE, ROOT
from stages.resolve import read_settings

CELLS = (
    ("lora", 2, 1, 128, "bf16"),
    ("lora", 8, 1, 128, "bf16"),
    ("lora", 4, 1, 256, "bf16"),
    ("lora", 8, 2, 256, "bf16"),
    ("lora", 4, 1, 512, "bf16"),
    ("lora", 16, 1, 208, "bf16"),
    ("lora", 16, 2, 208, "bf16"),
    ("lora", 8, 4, 128, "bf16"),
    ("lora", 4, 1, 256, "fp32"),
    ("lora", 8, 2, 256, "fp32"),
    ("lora", 6, 1, 320, "bf16"),
    ("lora", 8, 2, 512, "bf16"),
    ("dora", 2, 1, 128, "bf16"),
    ("dora", 4, 1, 256, "bf16"),
    ("dora", 2, 1, 512, "bf16"),
    ("qlora", 2, 1, 128, "bf16"),
    ("qlora", 4, 1, 256, "bf16"),
    ("qlora", 2, 1, 512, "bf16"),
    ("full", 2, 1, 128, "bf16"),
    ("full", 4, 1, 256, "bf16"),
    ("full", 4, 2, 256, "bf16"),
    ("full", 4, 1, 512, "bf16"),
    ("full", 4, 1, 256, "fp32"),
)
LORA = Lora(r=16, alpha=32, dropout=0.0, target_modules="all-linear")


def resident(field: str) -> int:
    """Bytes of this process's memory that are resident now (VmRSS) or were at most (VmHWM)."""
    found = re.search(rf"^{field}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


def rows(count: int, length: int, vocabulary: int) -> list[Rendered]:
    """Rows of random tokens, the second half supervised."""
    generator = random.Random(1)
    mask = [position >= length // 2 for position in range(length)]
    return [Rendered([generator.randrange(vocabulary) for _ in range(length)], mask) for _ in range(count)]


def recipe(batch: int, accumulation: int, precision: str) -> Recipe:
    return Recipe(
        lr=1e-4,
        batch_size=batch,
        accumulation_steps=accumulation,
        steps=2,
        warmup_steps=1,
        bf16=precision == "bf16",
        seed=1,
        loss=Loss(contrastive=0.0, margin=0.5, format=0.0),
        early_stopping=EarlyStopping(every=1, patience=9, min_delta=0.0, examples=2),
    )


def cell(method: Method, batch: int, accumulation: int, length: int, precision: str) -> dict[str, object]:
    """Train, and say what the process held at most beside the estimate."""
    registry = checked(Registry, read_settings(ROOT / "models.yaml", "models.yaml"), "models.yaml")
    entry = registry.models["smollm2-135m"]
    assert isinstance(entry.weights, PackageWeights)
    shape = shape_of(entry, CACHE, ROOT)

    small = LlamaForCausalLM(
        LlamaConfig(
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            vocab_size=4096,
        )
    )
    small.set_attn_implementation(implementation(small.config))
    # The 4-bit kernels load with their library; a small model that is not on disk can't be loaded in 4 bits.
    small_method: Method = "lora" if method == "qlora" else method
    fit(
        attach(small, small_method, LORA),
        rows(8, 16, 4096),
        rows(2, 16, 4096),
        recipe(4, 1, precision),
        pad_id=0,
        name="small",
    )
    del small
    gc.collect()
    baseline = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # VmHWM starts again from here

    options = loading_options(method)
    base = load_model(entry.weights, CACHE, ROOT, dtype=torch.float32, **options)
    base.set_attn_implementation(implementation(base.config))
    loaded = resident("VmHWM") - baseline
    model = attach(base, method, LORA)
    train, validation = rows(2 * batch, length, shape.vocab_size), rows(2, length, shape.vocab_size)
    fit(model, train, validation, recipe(batch, accumulation, precision), pad_id=0, name="cell")
    measured = resident("VmHWM") - baseline

    plan = estimate(
        shape,
        Training(
            method=method,
            rank=LORA.r,
            target_modules="all-linear",
            dropout=LORA.dropout,
            batch_size=batch,
            accumulation_steps=accumulation,
            length=length,
            bf16=precision == "bf16",
            format_loss=False,
            kind="cpu",
        ),
    )
    estimated = plan.total - LIBRARIES["cpu"]
    return {
        "benchmark": "memory",
        "method": method,
        "batch": batch,
        "accumulation": accumulation,
        "length": length,
        "precision": precision,
        "baseline_mb": round(baseline / 1e6),
        "loaded_mb": round(loaded / 1e6),
        "measured_mb": round(measured / 1e6),
        "estimated_mb": round(estimated / 1e6),
        "ratio": round(estimated / measured, 3),
        "moment": plan.moment,
    }


def main() -> None:
    """Every cell, one after another."""
    lines = []
    for chosen in CELLS:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.memory", *map(str, chosen)],
            cwd=ROOT,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        print(done.stdout, end="", flush=True)
        lines.append(json.loads(done.stdout))
    print("\n| method | precision | batch | accumulation | length | measured | estimated | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    for line in lines:
        print(
            "| {method} | {precision} | {batch} | {accumulation} | {length} | {measured_mb} MB | {estimated_mb} MB | "
            "{ratio:.2f} |".format(**line)
        )
    print(
        f"\nbaseline: {min(line['baseline_mb'] for line in lines)} to {max(line['baseline_mb'] for line in lines)} MB"
    )


if __name__ == "__main__":
    without_bars()
    if len(sys.argv) == 1:
        main()
    else:
        configure_allocator()
        _, kind, batch, accumulation, length, precision = sys.argv
        assert kind in ("lora", "dora", "qlora", "full")
        print(json.dumps(cell(kind, int(batch), int(accumulation), int(length), precision)))
