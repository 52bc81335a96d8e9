"""Report on one domain: what a review compares, a page that people read, and the model's card."""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from practicum.config import Resolved
from practicum.data.example import examples_from_lines
from practicum.evaluation.human_ratings import (
    HumanReview,
    current_ratings,
    human_review_figures,
    ratings_from_lines,
)
from practicum.evaluation.scoring import predictions_from_lines
from practicum.reporting import records
from practicum.reporting.comparison import gain, review_items, review_metrics
from practicum.reporting.page import model_card, report_html
from stages.layout import ROOT, Layout, write_text

LIBRARIES = ("torch", "transformers", "peft", "accelerate", "bitsandbytes", "datasets", "evaluate", "numpy", "dvc")

ModelT = TypeVar("ModelT", bound=BaseModel)


def load(model: type[ModelT], path: Path) -> ModelT:
    """A JSON file as a checked record."""
    try:
        return model.model_validate_json(path.read_bytes())
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(str(part) for part in fault["loc"])
        raise ValueError(
            f"{path.name} in {path.parent.name}/: {key}: {fault['msg']}; found {fault['input']!r}; "
            "run the stage that writes it again"
        ) from None


def measured(folder: Path) -> records.Measured:
    with (folder / "predictions.jsonl").open(encoding="utf-8") as lines:
        rows = predictions_from_lines(lines, f"{folder.name}/predictions.jsonl")
    return records.Measured(
        metrics=load(records.Metrics, folder / "metrics.json"),
        speed=load(records.Speed, folder / "speed.json"),
        rows=tuple(rows),
    )


def title(readme: Path, default: str) -> str:
    """The first heading of the domain's data card, which calls itself one."""
    lines = readme.read_text(encoding="utf-8").splitlines() if readme.is_file() else []
    heading = next((line for line in lines if line.startswith("# ")), f"# {default.capitalize()}")
    return heading.removeprefix("# ").strip().removesuffix(": data card")


def commands(name: str) -> tuple[records.Command, ...]:
    metrics = f"domains/{name}/metrics.json"
    return (
        records.Command(
            f"git log -1 --format=%H -- {metrics}", "The commit that holds these figures; check it out first."
        ),
        records.Command("make setup", "Install the locked libraries and the embedded model."),
        records.Command(f"dvc repro report@{name}", "Run every stage of this domain that isn't up to date."),
        records.Command("dvc metrics diff HEAD~1", "Compare the figures with the commit before."),
        records.Command(f"dvc exp run -S lr=3e-5 report@{name}", "Try another setting; see below for all of them."),
    )


def deidentified(path: Path) -> records.Deidentified | None:
    """The measure of the de-identifier; the file holds {} where there is none."""
    return load(records.Deidentified, path) if json.loads(path.read_text(encoding="utf-8")) else None


def human_review(
    path: Path, base: records.Measured, tuned: records.Measured, config: Resolved
) -> tuple[HumanReview | None, int]:
    """What people think of just these completions, if anyone has rated them; and how many ratings are of others."""
    with path.open(encoding="utf-8") as lines:
        ratings = ratings_from_lines(lines, path.name)
    kept, outdated = current_ratings(ratings, base.rows, tuned.rows)
    if not kept:
        return None, outdated
    level, resamples = config.evaluation.confidence, config.evaluation.resamples
    return human_review_figures(kept, confidence=level, resamples=resamples, seed=config.seed), outdated


def read(layout: Layout) -> records.Run:
    build, name = layout.build, layout.domain
    with (build / "prepared" / "test.jsonl").open(encoding="utf-8") as lines:
        examples = {example.id: example for example in examples_from_lines(lines, "prepared/test.jsonl")}
    with (build / "training" / "curves.csv").open(encoding="utf-8", newline="") as lines:
        curves = records.curve_points(lines)
    config = load(Resolved, layout.config)
    base, tuned = measured(build / "base"), measured(build / "tuned")
    unknown = [row.id for row in tuned.rows if row.id not in examples]
    if unknown:
        raise ValueError(f"item {unknown[0]} has a prediction but stands not in the test split; run evaluate again")
    human, outdated = human_review(layout.folder / "ratings.jsonl", base, tuned, config)
    return records.Run(
        domain=name,
        title=title(layout.folder / "README.md", name),
        config=config,
        stats=load(records.Stats, build / "prepared" / "stats.json"),
        deidentified=deidentified(build / "prepared" / "deidentification.json"),
        validation=load(records.Validation, build / "validation" / "summary.json"),
        base=base,
        tuned=tuned,
        training=load(records.Training, build / "training" / "summary.json"),
        training_speed=load(records.TrainingSpeed, build / "training" / "speed.json"),
        curves=curves,
        quantization=load(records.Quantization, build / "quantization" / "metrics.json"),
        quantization_speed=load(records.QuantizationSpeed, build / "quantization" / "speed.json"),
        probe=load(records.Probe, build / "probe" / "metrics.json"),
        human=human,
        outdated_ratings=outdated,
        schema=json.loads(layout.schema.read_bytes()),
        examples=examples,
        commands=commands(name),
        versions={library: version(library) for library in LIBRARIES},
    )


def main(name: str, root: Path = ROOT) -> None:
    layout = Layout(name, root)
    run = read(layout)
    gained = gain(run)
    write_text(layout.metrics, json.dumps(review_metrics(run, gained), indent=2) + "\n")
    write_text(layout.items, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in review_items(run)))
    write_text(layout.build / "report.html", report_html(run, gained))
    write_text(layout.build / "model_card.md", model_card(run, gained))


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (ValueError, FileNotFoundError) as error:
        sys.exit(f"report: {error}")
