"""Exact match, token F1 and format error rate: pure functions over one item, and `evaluate.Metric`s over many.

Answers are JSON objects. They are compared after SQuAD's normalisation (Rajpurkar et al. 2016,
https://arxiv.org/abs/1606.05250): case, space, and for F1 also punctuation and articles do not count.
Chinese text is compared character by character, numbers by value.
"""

import json
import math
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import datasets
import evaluate

SameAnswer = Callable[[Mapping[str, Any], Mapping[str, Any]], bool | None]
"""Reference and answer -> whether they mean the same; None leaves it to `answers_equal`."""

RELATIVE_TOLERANCE = 1e-6
ABSOLUTE_TOLERANCE = 1e-9

_HAN = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")
_NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?", re.ASCII)
_AROUND_NUMBER = "%$€£¥()[];:\"'"
_ARTICLES = frozenset({"a", "an", "the"})
_PUNCTUATION = str.maketrans("", "", string.punctuation + "，。、；：？！（）《》〈〉【】「」『』“”‘’…—·")


def same_number(left: float, right: float) -> bool:
    """Whether two numbers agree to a relative 1e-6."""
    return math.isclose(left, right, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)


def normalised(text: str) -> str:
    """Unicode compatibility form, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def answers_equal(reference: object, answer: object) -> bool:
    """Whether two JSON values agree field by field: text without case and spacing, numbers by value, lists in order."""
    if isinstance(reference, Mapping):
        return (
            isinstance(answer, Mapping)
            and reference.keys() == answer.keys()
            and all(answers_equal(value, answer[key]) for key, value in reference.items())
        )
    if isinstance(reference, list):
        return (
            isinstance(answer, list)
            and len(reference) == len(answer)
            and all(answers_equal(left, right) for left, right in zip(reference, answer, strict=True))
        )
    if isinstance(reference, str):
        return isinstance(answer, str) and normalised(reference) == normalised(answer)
    if isinstance(reference, (int, float)) and not isinstance(reference, bool):
        return isinstance(answer, (int, float)) and not isinstance(answer, bool) and same_number(reference, answer)
    return type(reference) is type(answer) and reference == answer


def _number(piece: str) -> float | None:
    match = _NUMBER.fullmatch(piece)
    return float(piece.replace(",", "")) if match and (match[1] or match[3]) else None


def tokens(text: str) -> list[str | float]:
    """Words without punctuation and articles, Chinese characters one by one, numbers as values."""
    pieces = _HAN.sub(r" \1 ", normalised(text)).split()
    result: list[str | float] = []
    for piece in pieces:
        number = _number(piece.lstrip(_AROUND_NUMBER).rstrip(_AROUND_NUMBER + ".,"))
        if number is not None:
            result.append(number)
        elif word := piece.translate(_PUNCTUATION):
            result.append(word)
    without_articles = [token for token in result if token not in _ARTICLES]
    return without_articles or result  # an answer of "A" is a choice, not an article


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, str | float]]:
    """Each token of the values with the path of the field it stands in; list elements share their list's path."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, path)
    elif isinstance(value, str):
        yield from ((path, token) for token in tokens(value))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, float(value)
    else:
        yield path, json.dumps(value)


def answer_f1(reference: Mapping[str, Any], answer: Mapping[str, Any] | None) -> float:
    """SQuAD's token F1 over the values of two answers, 0 to 1; a token counts only in its own field."""
    if answer is None:
        return 0.0
    wanted, given = list(_leaves(reference)), list(_leaves(answer))
    if not wanted or not given:
        return float(wanted == given)
    words = Counter(leaf for leaf in wanted if not _is_number(leaf[1]))
    overlap = (words & Counter(leaf for leaf in given if not _is_number(leaf[1]))).total()
    numbers = [leaf for leaf in wanted if _is_number(leaf[1])]
    for path, value in given:
        if isinstance(value, float):
            for index, (other_path, other) in enumerate(numbers):
                if path == other_path and isinstance(other, float) and same_number(other, value):
                    del numbers[index]
                    overlap += 1
                    break
    return 2 * overlap / (len(wanted) + len(given))


def exact_match(
    reference: Mapping[str, Any], answer: Mapping[str, Any] | None, same_answer: SameAnswer | None = None
) -> bool:
    """Whether the answer is the reference; `same_answer` may decide before the general comparison does."""
    if answer is None:
        return False
    verdict = same_answer(reference, answer) if same_answer else None
    return answers_equal(reference, answer) if verdict is None else verdict


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
