"""Answer the test items with the untouched base or the tuned model; score the answers and time the requests."""

import json
import sys
from collections.abc import Sequence

import torch
from rich.console import Console
from rich.progress import Progress

from practicum.chat import Renderer
from practicum.config import Resolved
from practicum.data.example import Example, read_examples
from practicum.evaluation.answering import Asker
from practicum.evaluation.scoring import prediction_to_json_line, predictions, select_items, summarise
from practicum.evaluation.statistics import p50_p95, percentile
from practicum.inference.packed import pack
from practicum.inference.timing import machine_facts, peak_memory_gb
from practicum.models import load_model, load_tokenizer, resolved_precision, without_bars
from practicum.training.adapters import load_tuned
from practicum.training.allocator import configure_allocator
from stages.layout import CACHE, ROOT, Layout, load_domain, write_text


def middle(seconds: Sequence[float | None]) -> float | None:
    """Median of those that there are, rounded; None where there is none."""
    known = [one for one in seconds if one is not None]
    return round(percentile(known, 0.5), 4) if known else None


def main(name: str, which: str) -> None:
    without_bars()
    configure_allocator()
    layout = Layout(name)
    domain = load_domain(layout)
    config = Resolved.model_validate_json(layout.config.read_bytes())
    settings = config.evaluation
    renderer = Renderer(load_tokenizer(config.weights, CACHE, ROOT), config.family, config.think)
    schema = json.loads(layout.schema.read_bytes())
    asker = Asker(renderer, settings.max_new_tokens, settings.batch_size, config.decoding, schema, config.seed)
    items = select_items(read_examples(layout.build / "prepared" / "test.jsonl"), settings.items)

    # The base is shown how an answer looks; the tuned model has learnt it.
    shots: dict[str, list[Example]] = {}
    if which == "base":
        model = load_model(config.weights, CACHE, ROOT, dtype=torch.float32)
        for shot in read_examples(layout.build / "prepared" / "shots.jsonl"):
            shots.setdefault(shot.task, []).append(shot)
        shots = {task: rows[: settings.shots] for task, rows in shots.items()}
    else:
        model = load_tuned(config.weights, config.method, layout.build / "model", CACHE, ROOT)
    precision = resolved_precision(config.precision)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device)  # type: ignore[arg-type]  # Transformers hides the signature of Module.to
    model.to(torch.bfloat16 if precision == "bf16" else torch.float32)  # type: ignore[arg-type]
    writer = pack(model)
    del model  # what is packed is a copy

    prompts = asker.prompts(items, shots)
    console = Console(stderr=True)
    with Progress(console=console) as progress:
        bar = progress.add_task(f"{which} {name}", total=len(prompts))
        answered = asker.answer(writer, prompts, lambda done: progress.update(bar, completed=done))
    times = asker.time_requests(writer, prompts[: settings.rt_requests])

    rows = predictions(items, answered.written, schema, domain)
    metrics = summarise(rows, lambda text: len(renderer.tokenizer.encode(text, add_special_tokens=False)), items)
    p50, p95 = p50_p95([one.seconds for one in times])
    speed = {
        "rt_p50_s": round(p50, 4),
        "rt_p95_s": round(p95, 4),
        "rt_requests": len(times),
        "ttft_p50_s": middle([one.first_token_s for one in times]),
        "ttfat_p50_s": middle([asker.first_answer_s(one) for one in times]),
        "tpot_p50_s": middle([one.per_token_s for one in times]),
        "tokens_per_s": round(answered.tokens_per_s, 1),
        "seconds": round(answered.seconds, 1),
        "peak_memory_gb": round(peak_memory_gb(), 2),
        "machine": machine_facts(precision),
    }
    folder = layout.build / which
    write_text(folder / "predictions.jsonl", "".join(prediction_to_json_line(row) + "\n" for row in rows))
    write_text(folder / "metrics.json", json.dumps(metrics, indent=2) + "\n")
    write_text(folder / "speed.json", json.dumps(speed, indent=2) + "\n")
    console.print(
        f"{which} {name}: EM {metrics['em']:.1%}, F1 {metrics['f1']:.1%}, format errors "
        f"{metrics['format_error_rate']:.1%} of {metrics['n']}; {speed['tokens_per_s']} tok/s, RT {p50:.2f} s"
    )


if __name__ == "__main__":
    if sys.argv[2:] not in (["base"], ["tuned"]):
        sys.exit(f"evaluate: found {sys.argv[1:]}, expected a domain, then base or tuned")
    main(*sys.argv[1:])
