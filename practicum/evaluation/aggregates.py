"""`evaluate.Metric`s over the answers to many items.

Apart from the functions over one item because importing `evaluate` takes seconds: what only reads scores needn't wait.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import datasets
import evaluate

from practicum.evaluation.metrics import SameAnswer, answer_f1, exact_match


class LocalMetric(evaluate.Metric):  # type: ignore[misc]  # evaluate is untyped
    """An `evaluate.Metric` that keeps to memory: no hub, no cache folder, no lock files."""

    summary: str
    inputs: tuple[str, ...]
    """Names of the columns; each holds text."""

    def __init__(self) -> None:
        super().__init__(keep_in_memory=True, seed=0)

    def _build_data_dir(self) -> str:
        return ""  # evaluate would make a folder under the home directory, which nothing here uses

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=self.summary,
            citation="",
            inputs_description="",
            features=datasets.Features({name: datasets.Value("string") for name in self.inputs}),
        )


def _parsed(column: Sequence[str]) -> list[dict[str, Any] | None]:
    return [json.loads(text) for text in column]


class ExactMatch(LocalMetric):
    """Share of answers that are the reference.

    Columns `predictions` and `references` hold JSON objects as text, `null` where no answer could be read.
    `compute` returns `exact_match` (0 to 1) and `items` (0 or 1 each, in order).
    """

    summary = "Share of answers that equal the reference field by field."
    inputs = ("predictions", "references")

    def __init__(self, same_answer: SameAnswer | None = None) -> None:
        super().__init__()
        self.same_answer = same_answer

    def _compute(self, predictions: Sequence[str], references: Sequence[str]) -> dict[str, Any]:
        pairs = zip(_parsed(references), _parsed(predictions), strict=True)
        items = [int(exact_match(reference or {}, answer, self.same_answer)) for reference, answer in pairs]
        return {"exact_match": sum(items) / len(items), "items": items}


class AnswerF1(LocalMetric):
    """Mean token F1 over the answers' values. Columns as for `ExactMatch`; returns `f1` and `items`."""

    summary = "Mean token F1 over the values of the answer, numbers by value."
    inputs = ("predictions", "references")

    def _compute(self, predictions: Sequence[str], references: Sequence[str]) -> dict[str, Any]:
        pairs = zip(_parsed(references), _parsed(predictions), strict=True)
        items = [answer_f1(reference or {}, answer) for reference, answer in pairs]
        return {"f1": math.fsum(items) / len(items), "items": items}


class FormatErrorRate(LocalMetric):
    """Share of completions without a readable answer.

    Column `predictions` holds the error of each, empty for none; returns `format_error_rate` and `format_errors`,
    the count of each kind.
    """

    summary = "Share of completions from which no answer of the right form could be read."
    inputs = ("predictions",)

    def _compute(self, predictions: Sequence[str]) -> dict[str, Any]:
        kinds = Counter(kind for kind in predictions if kind)
        return {"format_error_rate": kinds.total() / len(predictions), "format_errors": dict(sorted(kinds.items()))}
