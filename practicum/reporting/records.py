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
from practicum.evaluation.human_ratings import HumanReview
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


class Length(Record):
    """Written tokens against the reference's; None where no reference has such a part."""

    ratio: float | None
    median: float | None


class Conciseness(Record):
    all: Length
    reasoning: Length
    answer: Length


class TaskMetrics(Record):
    n: int
    em: float
    f1: float
    format_error_rate: float
    scores: dict[str, float] = {}
    conciseness: Conciseness | None = None


class Metrics(TaskMetrics):
    """Figures of one model on the test items."""

    format_errors: dict[str, int]
    answer_tokens_mean: float
    reasoning_tokens_mean: float
    reference_answer_tokens_mean: float | None = None
    reference_reasoning_tokens_mean: float | None = None
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
    ttft_p50_s: float | None = None
    """From sending a request to its first token."""
    ttfat_p50_s: float | None = None
    """To the first token of the answer, after what is thought."""
    tpot_p50_s: float | None = None
    """Per token after the first."""
    tokens_per_s: float
    peak_memory_gb: float | None = None
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
    share_of_fp32: float
    """Size as a share of the model's in 32-bit floats."""


class Artefact(FloatModel):
    """One quantised format against the float model, on the same items."""

    top1_agreement: float
    logit_error: float
    em_difference: float
    em_low: float
    em_high: float
    mcnemar_p: float


class Recommended(Record):
    format: str
    """`float` where no artefact is within the margin."""
    why: str


class Quantization(Record):
    items: int
    reference: FloatModel = Field(alias="float")
    formats: dict[str, Artefact]
    recommended: Recommended


class DecodingSpeed(Record):
    rt_p50_s: float
    tokens_per_s_single: float
    """One request at a time."""
    tokens_per_s: float
    """In batch."""
    peak_memory_gb: float | None
    """None where the system doesn't tell."""


class QuantizationSpeed(Record):
    rt_requests: int
    reference: DecodingSpeed = Field(alias="float")
    formats: dict[str, DecodingSpeed]
    """Of the formats that run here; a GGUF's speed is llama.cpp's."""


class Changed(Record):
    """Items changed in one way; None where none could be."""

    n: int
    not_changed: int
    em_before: float | None
    em_after: float | None
    drop: float | None
    drop_low: float | None
    drop_high: float | None
    lost: int
    gained: int
    mcnemar_p: float | None
    same_answer: float | None
    """Share of items answered as before; None where the right answer is another."""


class Consistency(Record):
    items: int
    right_before: float
    all_right: float
    """Share of items that are right as they are and in every changed form."""
    all_right_low: float
    all_right_high: float
    same_answer: float | None


class Robustness(Record):
    items: int
    groups: int
    confidence: float
    changes: dict[str, Changed]
    consistency: Consistency


class Batch(Record):
    """Greedy answers at one batch size against those at another."""

    batch_size: int
    against: int
    items: int
    same_text: float
    same_answer: float


class Stability(Record):
    items: int
    samples: int
    temperature: float
    top_k: int
    agreement: float
    entropy: float
    format_error_rate: float
    em: float
    em_greedy: float
    majority: dict[str, float]
    """k -> maj@k."""
    g_pass: dict[str, float]
    """Share of k samples that must be right -> G-Pass@k."""
    g_pass_k: int
    batches: list[Batch]


class TextKind(Record):
    n: int
    base_loss: float
    tuned_loss: float


class ForgottenText(TextKind):
    """Loss in nats per token on general text."""

    difference: float
    difference_low: float | None
    difference_high: float | None
    kinds: dict[str, TextKind]


class ForgottenQuestions(Record):
    n: int
    chance: float
    base_accuracy: float
    tuned_accuracy: float
    difference: float
    difference_low: float | None
    difference_high: float | None
    wins: int
    losses: int
    mcnemar_p: float


class Forgetting(Record):
    confidence: float
    text: ForgottenText
    questions: ForgottenQuestions


class Probe(Record):
    """How the tuned model stands changes, how steady it is, and what tuning cost elsewhere."""

    robustness: Robustness
    stability: Stability
    forgetting: Forgetting


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
    probe: Probe
    human: HumanReview | None
    """None while nobody has rated these models' completions."""
    outdated_ratings: int
    """Of completions of earlier models."""
    schema: Mapping[str, Any]
    """answer.schema.json."""
    examples: Mapping[str, Example]
    """Test examples by id."""
    commands: tuple[Command, ...]
    """How to reproduce the figures."""
    versions: Mapping[str, str]
    """Libraries that the figures depend on."""
