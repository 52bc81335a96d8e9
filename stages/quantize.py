"""Quantise the tuned model in each format, check each artefact, and compare it with the float model."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

import torch
from rich.console import Console
from rich.progress import Progress
from torch import Tensor

from practicum.chat import Renderer
from practicum.config import QuantFormat, Resolved
from practicum.data.example import read_examples
from practicum.evaluation.answering import Asker
from practicum.evaluation.scoring import Prediction, predictions, select_items
from practicum.evaluation.statistics import percentile
from practicum.inference.packed import pack
from practicum.inference.timing import machine_facts
from practicum.models import WeightsError, load_tokenizer, resolved_precision, without_bars
from practicum.quantization.agreement import QuantizationError, agreement, answer_logits, check
from practicum.quantization.artefacts import folder_bytes, fp32_bytes, load, make, runs_here, save_float
from practicum.quantization.comparison import compare, figures, labelled_json_line, recommend
from practicum.quantization.memory import PeakMemory
from practicum.training.adapters import load_tuned
from stages.layout import CACHE, ROOT, Layout, atomic_folder, load_domain, write_text

CHECKED_ROWS = 8
"""Reference rows whose logits are compared before an artefact is judged: two to three hundred answer tokens."""


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
    batch_size = min(len(items), 2 * config.evaluation.batch_size)
    asker = Asker(renderer, config.evaluation.max_new_tokens, batch_size, config.decoding, schema, seed)
    prompts = asker.prompts(items, {})
    checked = [renderer.training_row(item) for item in select_items(items, CHECKED_ROWS)]

    console = Console(stderr=True)
    CACHE.mkdir(exist_ok=True)
    with (
        Progress(console=console) as progress,
        tempfile.TemporaryDirectory(dir=CACHE, prefix="float.") as temporary,
        atomic_folder(layout.build / "quantized") as artefacts,
    ):
        source = Path(temporary)
        precision = resolved_precision(config.precision)
        dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        tuned = load_tuned(config.weights, config.method, layout.build / "model", CACHE, ROOT)
        save_float(tuned, tokenizer, dtype, source)
        fp32 = fp32_bytes(tuned, source)
        del tuned
        # All first: what can't be made is said before minutes are spent on the others.
        for form in settings.formats:
            make(form, source, artefacts / form)

        def tried(
            form: QuantFormat | Literal["float"], folder: Path
        ) -> tuple[Tensor, list[Prediction], dict[str, Any]]:
            """Logits of the checked rows, scored answers to all items, and how fast and large the format is here."""
            memory = PeakMemory()
            model = load(form, folder)
            writer = pack(model)
            speed: dict[str, Any] = {}
            if runs_here(form):
                times = asker.time_requests(writer, prompts[: config.evaluation.rt_requests])
                peak = memory.gb()
                seconds = [one.seconds for one in times]
                speed = {
                    "rt_p50_s": round(percentile(seconds, 0.5), 4),
                    "tokens_per_s_single": round(sum(one.new_tokens for one in times) / sum(seconds), 1),
                    "peak_memory_gb": None if peak is None else round(peak, 3),
                }
            logits = answer_logits(model, checked)
            if form != "float":
                check(agreement(reference, logits), form, settings.min_top1)
            del model  # what is packed is a copy
            bar = progress.add_task(f"quantize {name}: {form}", total=len(items))
            answered = asker.answer(writer, prompts, lambda done: progress.update(bar, completed=done))
            if runs_here(form):
                speed["tokens_per_s"] = round(answered.tokens_per_s, 1)
            return logits, predictions(items, answered.written, schema, domain), speed

        reference, float_rows, float_speed = tried("float", source)
        lines = [labelled_json_line("float", row) for row in float_rows]
        whole = figures(float_rows, folder_bytes(source), fp32)
        formats: dict[str, Any] = {}
        speeds: dict[str, Any] = {}
        for form in settings.formats:
            logits, rows, speed = tried(form, artefacts / form)
            found = agreement(reference, logits)
            lines += [labelled_json_line(form, row) for row in rows]
            formats[form] = figures(rows, folder_bytes(artefacts / form), fp32) | compare(
                float_rows,
                rows,
                found,
                confidence=config.evaluation.confidence,
                resamples=config.evaluation.resamples,
                seed=seed,
            )
            if speed:
                speeds[form] = speed
            console.print(f"quantize {name}: {form}: top-1 {found.top1:.1%}, EM {formats[form]['em']:.1%}")
    chosen = recommend(whole, formats, margin=settings.margin, confidence=config.evaluation.confidence)
    metrics = {
        "items": len(items),
        "fp32_bytes": fp32,
        "float": whole,
        "formats": formats,
        "recommended": chosen,
    }
    measured = {
        "rt_requests": min(len(items), config.evaluation.rt_requests),
        "float": float_speed,
        "formats": speeds,
        "machine": machine_facts(precision),
    }
    folder = layout.build / "quantization"
    write_text(folder / "predictions.jsonl", "".join(line + "\n" for line in lines))
    write_text(folder / "metrics.json", json.dumps(metrics, indent=2) + "\n")
    write_text(folder / "speed.json", json.dumps(measured, indent=2) + "\n")
    console.print(f"quantize {name}: recommended: {chosen['format']}")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (WeightsError, QuantizationError) as error:
        sys.exit(f"quantize: {error}")
