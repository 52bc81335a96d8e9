"""Fine-tune one domain's model: prepared rows in, an adapter or full model and its curves out."""

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import torch

from practicum.chat import Rendered, Renderer
from practicum.config import HubWeights, Resolved
from practicum.data.example import Example, read_examples
from practicum.models import WeightsError, load_model, load_tokenizer, resolved_precision, without_bars
from practicum.training.adapters import attach, loading_options
from practicum.training.allocator import configure_allocator
from practicum.training.attention import implementation
from practicum.training.checkpoints import CheckpointError
from practicum.training.grammar import AnswerGrammar
from practicum.training.processes import leave
from practicum.training.progress import CurvePoint
from practicum.training.trainer import Recipe, fit
from stages.layout import CACHE, CHECKPOINTS, ROOT, Layout, atomic_file, atomic_folder, write_text

CHECKPOINT_SECONDS = "PRACTICUM_CHECKPOINT_SECONDS"
"""Environment variable: seconds between two checkpoints, in place of 60. Says nothing about the result."""


def rendered(renderer: Renderer, examples: Sequence[Example], config: Resolved) -> tuple[list[Rendered], int]:
    """Rows that fit, and how many did not.

    Raises:
        ValueError: a row is too long, and the setting is to refuse it.
    """
    rows = [renderer.training_row(example) for example in examples]
    fitting = [row for row in rows if len(row.ids) <= config.max_length]
    dropped = len(rows) - len(fitting)
    if dropped and config.too_long == "refuse":
        longest = max(len(row.ids) for row in rows)
        raise ValueError(
            f"found {dropped} rows longer than max_length ({config.max_length} tokens), the longest of {longest}; "
            "raise max_length, shorten the rows, or set too_long to drop"
        )
    return fitting, dropped


def key_of(layout: Layout) -> str:
    """Hash of what decides a run's result: its settings, its rows, and the code that trains."""
    digest = hashlib.sha256()
    prepared = layout.build / "prepared"
    loaded = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    code = sorted({Path(file) for file in loaded if file and Path(file).is_relative_to(ROOT / "practicum")})
    for path in (
        layout.config,
        *(prepared / f"{part}.jsonl" for part in ("train", "mixed", "validation")),
        Path(__file__),
        *code,
    ):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    digest.update(" ".join(f"{name}=={version(name)}" for name in ("torch", "transformers", "peft")).encode())
    return f"{layout.domain}-{digest.hexdigest()[:24]}"


def launched(config: Resolved, name: str) -> bool:
    """Start this script again in several processes, where the settings want that and nobody has yet.

    Raises:
        FileNotFoundError: there is no such file of Accelerate's settings.
    """
    if config.accelerate is None or "LOCAL_RANK" in os.environ:
        return False
    file = ROOT / "configs" / "accelerate" / f"{config.accelerate}.yaml"
    if not file.is_file():
        there = ", ".join(sorted(path.stem for path in file.parent.glob("*.yaml")))
        raise FileNotFoundError(f"accelerate: found {config.accelerate!r}, expected one of {there}")
    command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(file)]
    done = subprocess.run([*command, "-m", "stages.train", name], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(f"train: a process of the launched training ended with exit code {done.returncode}; see above")
    return True


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
    configure_allocator()
    layout = Layout(name)
    config = Resolved.model_validate_json(layout.config.read_bytes())
    if launched(config, name):
        return
    tokenizer = load_tokenizer(config.weights, CACHE, ROOT)
    renderer = Renderer(tokenizer, config.family, config.think)
    rows, dropped = rendered(renderer, read_examples(layout.build / "prepared" / "train.jsonl"), config)
    others, dropped_others = rendered(renderer, read_examples(layout.build / "prepared" / "mixed.jsonl"), config)
    validation, _ = rendered(renderer, read_examples(layout.build / "prepared" / "validation.jsonl"), config)

    torch.manual_seed(config.seed)  # adapters start from random numbers
    options = loading_options(config.method)
    base = load_model(config.weights, CACHE, ROOT, dtype=torch.float32, **options)
    base.set_attn_implementation(implementation(base.config))
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
    training = layout.build / "training"
    grammar = None
    if config.loss.format:
        schema = json.loads(layout.schema.read_text(encoding="utf-8"))
        grammar = AnswerGrammar.of(renderer, schema, base.config.vocab_size)
        grammar.check(rows)
    checkpoints = CHECKPOINTS / key_of(layout)
    outcome = fit(
        model,
        [*rows, *others],
        validation,
        recipe,
        pad_id=renderer.pad_id,
        name=name,
        grammar=grammar,
        checkpoints=(checkpoints, float(os.environ.get(CHECKPOINT_SECONDS, "60"))),
        log=training / "steps.jsonl",
        live=training / "live",
    )
    if int(os.environ.get("RANK", "0")):
        return

    with atomic_folder(layout.build / "model") as folder:
        model.save_pretrained(str(folder), state_dict=outcome.weights)
        (folder / "README.md").unlink(missing_ok=True)  # peft's empty form; the report writes the model card
        tokenizer.save_pretrained(str(folder))
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
        "dropped_too_long": dropped + dropped_others,
        "mixed": len(others),
    }
    write_text(training / "summary.json", json.dumps(summary, indent=2) + "\n")
    speed = {
        "seconds": round(outcome.seconds, 1),
        "tokens_per_s": round(outcome.tokens / outcome.seconds, 1),
        "supervised_tokens_per_s": round(outcome.supervised_tokens / outcome.seconds, 1),
        "peak_memory_gb": round(outcome.peak_memory_gb, 2),
        "resumed_at_step": outcome.resumed_at,
    }
    write_text(training / "speed.json", json.dumps(speed, indent=2) + "\n")
    shutil.rmtree(checkpoints, ignore_errors=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (ValueError, FileNotFoundError, FloatingPointError, CheckpointError, WeightsError) as error:
        sys.exit(f"train: {error}")
    if "LOCAL_RANK" in os.environ:
        leave()
