"""Probe the tuned model: what it forgot, how it stands changed items, and how steady its answers are."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from rich.console import Console
from rich.progress import Progress
from transformers import PreTrainedModel

from practicum.chat import Renderer
from practicum.config import Resolved
from practicum.data.example import Example, read_examples
from practicum.domain import Domain
from practicum.evaluation import robustness, stability
from practicum.evaluation.answering import Asker
from practicum.evaluation.general import forgetting
from practicum.evaluation.perturbations import changed_items
from practicum.evaluation.scoring import Prediction, predictions, predictions_from_lines, select_items
from practicum.inference.packed import PackedModel, pack
from practicum.inference.sampling import Sampling
from practicum.models import WeightsError, load_model, load_tokenizer, resolved_precision, without_bars
from practicum.training.adapters import load_tuned
from practicum.training.allocator import configure_allocator
from stages.layout import CACHE, ROOT, Layout, load_domain, write_text


@dataclass(frozen=True, slots=True)
class Answering:
    """The tuned model, asked and scored."""

    model: PreTrainedModel | PackedModel
    asker: Asker
    domain: Domain
    schema: dict[str, Any]
    progress: Progress

    def answer(self, items: Sequence[Example], what: str, sampling: Sampling | None = None) -> list[Prediction]:
        bar = self.progress.add_task(what, total=len(items))
        prompts = self.asker.prompts(items, {})
        done = self.asker.answer(self.model, prompts, lambda n: self.progress.update(bar, completed=n), sampling)
        return predictions(items, done.written, self.schema, self.domain)


def main(name: str) -> None:
    without_bars()
    configure_allocator()
    layout = Layout(name)
    domain = load_domain(layout)
    config = Resolved.model_validate_json(layout.config.read_bytes())
    settings = config.evaluation
    items = read_examples(layout.build / "prepared" / "test.jsonl")
    with (layout.build / "tuned" / "predictions.jsonl").open(encoding="utf-8") as file:
        known = {row.id: row for row in predictions_from_lines(file, "tuned/predictions.jsonl")}
    to_change = select_items(items, settings.robustness.items)
    to_sample = select_items(items, settings.stability.items)
    for item in (*to_change, *to_sample):
        if item.id not in known:
            raise ValueError(
                f"tuned/predictions.jsonl has no answer to test item {item.id}, expected one to every item that "
                f"is changed or sampled; keep evaluation.robustness.items ({settings.robustness.items}) and "
                f"stability.items ({settings.stability.items}) at or below evaluation.items ({settings.items})"
            )
    texts = forgetting.read_texts(forgetting.GENERAL / "texts.jsonl", settings.forgetting.texts)
    questions = forgetting.read_questions(forgetting.GENERAL / "questions.jsonl", settings.forgetting.questions)
    renderer = Renderer(load_tokenizer(config.weights, CACHE, ROOT), config.family, config.think)
    encode = partial(renderer.tokenizer.encode, add_special_tokens=False)
    sure: dict[str, Any] = {"confidence": settings.confidence, "resamples": settings.resamples, "seed": config.seed}

    base = _placed(load_model(config.weights, CACHE, ROOT, dtype=torch.float32), config)
    before = forgetting.remember(base, texts, questions, encode, renderer.pad_id)
    del base  # two models are not needed at once
    model = _placed(load_tuned(config.weights, config.method, layout.build / "model", CACHE, ROOT), config)
    after = forgetting.remember(model, texts, questions, encode, renderer.pad_id)
    writer = pack(model)
    del model  # what is packed is a copy

    console = Console(stderr=True)
    with Progress(console=console) as progress:
        schema = json.loads(layout.schema.read_bytes())
        asker = Asker(renderer, settings.max_new_tokens, settings.batch_size, config.decoding, schema, config.seed)
        usual = Answering(writer, asker, domain, schema, progress)

        changed = changed_items(to_change, settings.robustness.changes, domain, config.seed, items)
        outcomes = robustness.outcomes(changed, known, usual.answer([one.example for one in changed], "changed items"))

        samples = settings.stability.samples
        sampling = Sampling(settings.stability.temperature, settings.stability.top_k, config.seed)
        rows = usual.answer([item for item in to_sample for _ in range(samples)], "samples", sampling)
        sampled = [stability.Sampled(tuple(rows[at : at + samples])) for at in range(0, len(rows), samples)]

        batches = []
        for size, n in stability.other_batches(settings.batch_size, len(to_sample)):
            few = select_items(to_sample, n)
            other = replace(usual, asker=replace(asker, batch_size=size)).answer(few, f"batches of {size}")
            same = stability.same_at_batch(other, [known[item.id] for item in few])
            batches.append({"batch_size": size, "against": settings.batch_size} | same)

    chosen = {"temperature": sampling.temperature, "top_k": sampling.top_k}
    metrics = {
        "robustness": robustness.summarise(
            outcomes, [known[item.id] for item in to_change], settings.robustness.changes, **sure
        ),
        "stability": stability.summarise(sampled, known) | chosen | {"batches": batches},
        "forgetting": forgetting.summarise(texts, questions, before, after, **sure),
    }
    folder = layout.build / "probe"
    write_text(folder / "robustness.jsonl", _lines(map(robustness.outcome_to_json, outcomes)))
    write_text(folder / "samples.jsonl", _lines(map(stability.sampled_to_json, sampled)))
    write_text(folder / "metrics.json", json.dumps(metrics, indent=2) + "\n")
    console.print(_summary(name, metrics))


def _placed(model: PreTrainedModel, config: Resolved) -> PreTrainedModel:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    dtype = torch.bfloat16 if resolved_precision(config.precision) == "bf16" else torch.float32
    return model.to(device, dtype)  # type: ignore[arg-type]  # Transformers hides the signature of Module.to


def _lines(rows: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _summary(name: str, metrics: dict[str, Any]) -> str:
    drops = ", ".join(
        f"{change} {figures['drop']:+.1%}" if figures["n"] else f"{change} none"
        for change, figures in metrics["robustness"]["changes"].items()
    )
    steady, forgot = metrics["stability"], metrics["forgetting"]
    return (
        f"probe {name}: EM lost to changes: {drops}; agreement of samples {steady['agreement']:.1%}; general text "
        f"{forgot['text']['difference']:+.3f} nats a token, general questions {forgot['questions']['difference']:+.1%}"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"probe: found {sys.argv[1:]}, expected a domain")
    try:
        main(sys.argv[1])
    except (ValueError, OSError, WeightsError) as error:
        sys.exit(f"probe: {error}")
