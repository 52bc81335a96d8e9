"""What the stages before the report measured, checked and frozen.

A stage may write more than the report shows; what it shows must be there and of the right type.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from practicum.config import Resolved
from practicum.data.example import Example
from practicum.evaluation.scoring import Prediction


class Record(BaseModel):
    """Part of a JSON file that a stage wrote."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class RowCounts(Record):
    came_in: int = Field(alias="in")
    kept: int
    rejected: int
    duplicates: int


class SourceCounts(Record):
    records: int
    """What its reader gave, the unreadable ones not counted."""
    unreadable: int


class TypoScore(Record):
    """Share of a row's words that neither the word list nor the domain's dictionary holds, 0 to 1."""

    mean: float
    p95: float


class Stats(Record):
    """prepare's account of every row."""

    rows: RowCounts
    rejected_by_rule: dict[str, int]
    duplicates: dict[str, int]
    splits: dict[str, int]
    tasks: dict[str, dict[str, int]]
    """task -> split -> rows."""
    labels_before: dict[str, dict[str, int]]
    """task -> label -> training rows before labels were balanced."""
    labels_after: dict[str, dict[str, int]]
    groups: dict[str, int]
    sources: dict[str, SourceCounts]
    identifiers_removed: dict[str, int]
    """By kind; empty where none was looked for."""
    typo_score: TypoScore


class SearchFigures(Record):
    """How well one kind of identifier is found; None where there was nothing to count."""

    n: int
    """Identifiers in the notes."""
    recall: float | None
    recall_low: float | None
    recall_high: float | None
    right_kind: float | None
    found: int
    precision: float | None
    precision_low: float | None
    precision_high: float | None


class AllFigures(SearchFigures):
    lost: float | None = None
    """Share of the other text that was taken for identifiers."""


class Deidentified(Record):
    """prepare's measure of the de-identifier on annotated notes."""

    notes: int
    part: str
    total: AllFigures = Field(alias="all")
    kinds: dict[str, SearchFigures]
    languages: dict[str, AllFigures]


class Check(Record):
    name: str
    severity: str
    success: bool
    unexpected: int | None = None
    """Rows that failed."""
    observed: Any = None
    rows: list[str | int] = []
    """Ids of some rows that failed."""


class Validation(Record):
    passed: bool
    checks: list[Check]


class TaskMetrics(Record):
    n: int
    em: float
    f1: float
    format_error_rate: float
    scores: dict[str, float] = {}


class Metrics(TaskMetrics):
    """Figures of one model on the test items."""

    format_errors: dict[str, int]
    answer_tokens_mean: float
    reasoning_tokens_mean: float
    tasks: dict[str, TaskMetrics]


class Machine(Record):
    device: str
    cores: int
    torch: str
    precision: str


class Speed(Record):
    rt_p50_s: float
    rt_p95_s: float
    rt_requests: int
    tokens_per_s: float
    machine: Machine


class Training(Record):
    method: str
    trainable_parameters: int
    parameters: int
    steps: int
    best_step: int
    best_validation_loss: float
    stopped_early: bool
    supervised_tokens: int
    dropped_too_long: int


class TrainingSpeed(Record):
    seconds: float
    tokens_per_s: float
    supervised_tokens_per_s: float
    peak_memory_gb: float


class FloatModel(Record):
    em: float
    f1: float
    format_error_rate: float
    bytes: int


class Artefact(FloatModel):
    """One quantised format against the float model, on the same items."""

    top1_agreement: float
    logit_error: float
    em_difference: float
    em_low: float
    em_high: float
    mcnemar_p: float


class Quantization(Record):
    items: int
    reference: FloatModel = Field(alias="float")
    formats: dict[str, Artefact]


class DecodingSpeed(Record):
    tokens_per_s: float


class QuantizationSpeed(Record):
    reference: DecodingSpeed = Field(alias="float")
    formats: dict[str, DecodingSpeed]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    step: int
    train_loss: float
    validation_loss: float | None


def curve_points(lines: Iterable[str]) -> tuple[CurvePoint, ...]:
    """Read curves.csv.

    Raises:
        KeyError: a column is missing.
        ValueError: a value is no number.
    """
    return tuple(
        CurvePoint(
            int(row["step"]),
            float(row["train_loss"]),
            float(row["validation_loss"]) if row["validation_loss"] else None,
        )
        for row in csv.DictReader(lines)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One model on the test items."""

    metrics: Metrics
    speed: Speed
    rows: tuple[Prediction, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A line for the reader's shell, and what it does."""

    line: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything that one domain's report is made of."""

    domain: str
    title: str
    config: Resolved
    stats: Stats
    deidentified: Deidentified | None
    """None where identifiers are not removed, or there are no notes to measure that on."""
    validation: Validation
    base: Measured
    tuned: Measured
    training: Training
    training_speed: TrainingSpeed
    curves: tuple[CurvePoint, ...]
    quantization: Quantization
    quantization_speed: QuantizationSpeed
    examples: Mapping[str, Example]
    """Test examples by id."""
    commands: tuple[Command, ...]
    """How to reproduce the figures."""
    versions: Mapping[str, str]
    """Libraries that the figures depend on."""
