"""Fine-tune one domain's model: prepared rows in, an adapter or full model and its curves out."""

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from practicum.chat import Rendered, Renderer
from practicum.config import HubWeights, Resolved
from practicum.data.example import Example, read_examples
from practicum.models import load_model, load_tokenizer, resolved_precision, without_bars
from practicum.training.adapters import attach, attention, loading_options
from practicum.training.allocator import keep_freed_memory
from practicum.training.progress import CurvePoint
from practicum.training.trainer import Recipe, fit
from stages.layout import CACHE, ROOT, Layout, atomic_file, atomic_folder, write_text


def rendered(renderer: Renderer, examples: Sequence[Example], max_length: int) -> tuple[list[Rendered], int]:
    """Rows that fit, and how many did not."""
    rows = [renderer.training_row(example) for example in examples]
    fitting = [row for row in rows if len(row.ids) <= max_length]
    return fitting, len(rows) - len(fitting)


def write_curves(path: Path, points: Sequence[CurvePoint]) -> None:
    with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["step", "train_loss", "validation_loss", "lr", "grad_norm"])
        for point in points:
            validation = "" if point.validation_loss is None else f"{point.validation_loss:.6f}"
            writer.writerow(
                [point.step, f"{point.train_loss:.6f}", validation, f"{point.lr:.3e}", f"{point.grad_norm:.4f}"]
            )


def name_of_base(config: Resolved) -> str:
    """The hub's name of the base, or ours: the same on every machine."""
    return config.weights.hub if isinstance(config.weights, HubWeights) else config.model


def main(name: str) -> None:
    without_bars()
    keep_freed_memory()
    layout = Layout(name)
    config = Resolved.model_validate_json(layout.config.read_bytes())
    tokenizer = load_tokenizer(config.weights, CACHE, ROOT)
    renderer = Renderer(tokenizer, config.family, config.think)
    rows, dropped = rendered(renderer, read_examples(layout.build / "prepared" / "train.jsonl"), config.max_length)
    validation, _ = rendered(renderer, read_examples(layout.build / "prepared" / "validation.jsonl"), config.max_length)

    torch.manual_seed(config.seed)  # adapters start from random numbers
    options = loading_options(config.method)
    base = load_model(config.weights, CACHE, ROOT, dtype=torch.float32, attn_implementation=attention(), **options)
    base.name_or_path = name_of_base(config)  # what the adapter says that it belongs to
    model = attach(base, config.method, config.lora)
    recipe = Recipe(
        bf16=resolved_precision(config.precision) == "bf16",
        **{
            key: getattr(config, key)
            for key in ("lr", "batch_size", "accumulation_steps", "steps", "warmup_steps", "seed", "loss")
        },
        early_stopping=config.early_stopping,
    )
    outcome = fit(model, rows, validation, recipe, pad_id=renderer.pad_id, name=name)

    with atomic_folder(layout.build / "model") as folder:
        model.save_pretrained(str(folder))
        (folder / "README.md").unlink(missing_ok=True)  # peft's empty form; the report writes the model card
        tokenizer.save_pretrained(str(folder))
    training = layout.build / "training"
    write_curves(training / "curves.csv", outcome.curves)
    summary = {
        "method": config.method,
        "trainable_parameters": outcome.trainable_parameters,
        "parameters": outcome.parameters,
        "steps": len(outcome.curves),
        "best_step": outcome.best_step,
        "best_validation_loss": round(outcome.best_validation_loss, 6),
        "stopped_early": outcome.stopped_early,
        "supervised_tokens": outcome.supervised_tokens,
        "dropped_too_long": dropped,
    }
    write_text(training / "summary.json", json.dumps(summary, indent=2) + "\n")
    speed = {
        "seconds": round(outcome.seconds, 1),
        "tokens_per_s": round(outcome.tokens / outcome.seconds, 1),
        "supervised_tokens_per_s": round(outcome.supervised_tokens / outcome.seconds, 1),
        "peak_memory_gb": round(outcome.peak_memory_gb, 2),
    }
    write_text(training / "speed.json", json.dumps(speed, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
