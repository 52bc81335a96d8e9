"""Quantise the tuned model in each format, check each artefact, and compare it with the float model."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import Progress
from transformers import PreTrainedModel

from practicum.chat import Renderer
from practicum.config import Resolved
from practicum.data.example import read_examples
from practicum.evaluation.answering import Asker
from practicum.evaluation.scoring import Prediction, predictions, select_items
from practicum.models import WeightsError, load_tokenizer, resolved_precision, without_bars
from practicum.quantization.agreement import QuantizationError, agreement, answer_logits, check
from practicum.quantization.artefacts import folder_bytes, load, make, save_float
from practicum.quantization.comparison import compare, figures, labelled_json_line
from practicum.training.adapters import load_tuned
from stages.layout import CACHE, ROOT, Layout, atomic_folder, load_domain, write_text

CHECKED_ROWS = 16
"""Reference rows whose logits are compared before an artefact is used: several hundred answer tokens."""


def main(name: str) -> None:
    without_bars()
    layout = Layout(name)
    config = Resolved.model_validate_json(layout.config.read_bytes())
    settings, seed = config.quantization, config.seed
    tokenizer = load_tokenizer(config.weights, CACHE, ROOT)
    renderer = Renderer(tokenizer, config.family, config.think)
    domain, schema = load_domain(layout), json.loads(layout.schema.read_bytes())
    items = select_items(read_examples(layout.build / "prepared" / "test.jsonl"), settings.items)
    # Up to twice evaluate's batch: half as many steps, the same for every format.
    asker = Asker(renderer, config.evaluation.max_new_tokens, min(len(items), 2 * config.evaluation.batch_size))
    prompts = asker.prompts(items, {})
    checked = [renderer.training_row(item) for item in select_items(items, CHECKED_ROWS)]

    console = Console(stderr=True)
    CACHE.mkdir(exist_ok=True)
    with (
        Progress(console=console) as progress,
        tempfile.TemporaryDirectory(dir=CACHE, prefix="float.") as temporary,
        atomic_folder(layout.build / "quantized") as artefacts,
    ):

        def answers(model: PreTrainedModel, label: str) -> tuple[list[Prediction], float]:
            """Scored answers to all items, and tokens per second."""
            bar = progress.add_task(f"quantize {name}: {label}", total=len(items))
            asker.answer(model, prompts[:1])  # the first call sets kernels up
            answered = asker.answer(model, prompts, lambda done: progress.update(bar, completed=done))
            return predictions(items, answered.written, schema, domain), round(answered.tokens_per_s, 1)

        source = Path(temporary)
        dtype = torch.bfloat16 if resolved_precision(config.precision) == "bf16" else torch.float32
        tuned = load_tuned(config.weights, config.method, layout.build / "model", CACHE, ROOT)
        save_float(tuned, tokenizer, dtype, source)
        del tuned
        model = load("float", source)
        reference = answer_logits(model, checked)
        float_rows, rate = answers(model, "float")
        lines = [labelled_json_line("float", row) for row in float_rows]
        metrics: dict[str, Any] = {
            "items": len(items),
            "float": figures(float_rows, folder_bytes(source)),
            "formats": {},
        }
        speed: dict[str, Any] = {"float": {"tokens_per_s": rate}, "formats": {}}
        for form in settings.formats:
            del model  # before the next one is read
            make(form, source, artefacts / form)
            model = load(form, artefacts / form)
            found = agreement(reference, answer_logits(model, checked))
            check(found, form, settings.min_top1)
            rows, rate = answers(model, form)
            lines += [labelled_json_line(form, row) for row in rows]
            level, resamples = config.evaluation.confidence, config.evaluation.resamples
            metrics["formats"][form] = figures(rows, folder_bytes(artefacts / form)) | compare(
                float_rows, rows, found, confidence=level, resamples=resamples, seed=seed
            )
            speed["formats"][form] = {"tokens_per_s": rate}
            console.print(f"quantize {name}: {form}: top-1 {found.top1:.1%}, {rate} tok/s")
    folder = layout.build / "quantization"
    write_text(folder / "predictions.jsonl", "".join(line + "\n" for line in lines))
    write_text(folder / "metrics.json", json.dumps(metrics, indent=2) + "\n")
    write_text(folder / "speed.json", json.dumps(speed, indent=2) + "\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (WeightsError, QuantizationError) as error:
        sys.exit(f"quantize: {error}")
