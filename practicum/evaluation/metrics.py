"""Exact match and token F1 of one item; `practicum.evaluation.aggregates` has them over many.

Answers are JSON objects. They are compared after SQuAD's normalisation (Rajpurkar et al. 2016,
https://arxiv.org/abs/1606.05250): case, space, and for F1 also punctuation and articles do not count.
Chinese text is compared character by character, numbers by value to a relative 1e-6, with their units
(`practicum.evaluation.quantities`).
"""

import json
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from practicum.evaluation.quantities import (
    SCALES,
    SYMBOLS,
    as_float,
    attached,
    normalised,
    number,
    same_number,
    same_quantity,
)

SameAnswer = Callable[[Mapping[str, Any], Mapping[str, Any]], bool | None]
"""Reference and answer -> whether they mean the same; None leaves it to `answers_equal`."""

_HAN = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")
_SYMBOL = re.compile(r"([%‰$€£¥])")
_AROUND_NUMBER = "()[];:\"'"
_ARTICLES = frozenset({"a", "an", "the"})
_PUNCTUATION = str.maketrans("", "", string.punctuation + "，。、；：？！（）《》〈〉【】「」『』“”‘’…—·")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def answers_equal(reference: object, answer: object) -> bool:
    """Whether two JSON values agree field by field: text without case and spacing, numbers by value, lists in order.

    Quantities agree by value and unit, whether they are numbers or texts: which of them an answer may hold is for
    the schema to say.
    """
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
    if isinstance(reference, bool) or isinstance(answer, bool):
        return reference is answer
    if isinstance(reference, str) and isinstance(answer, str) and normalised(reference) == normalised(answer):
        return True
    if isinstance(reference, (str, int, float)) and isinstance(answer, (str, int, float)):
        return same_quantity(reference, answer)
    return type(reference) is type(answer) and reference == answer


def tokens(text: str) -> list[str | float]:
    """Words without punctuation and articles, Chinese characters one by one, numbers as values.

    A word of scale belongs to its number (`1.2 million` is one token), a unit is a token of its own.
    """
    spaced = _SYMBOL.sub(r" \1 ", _HAN.sub(r" \1 ", normalised(text)))
    result: list[str | float] = []
    for piece in spaced.split():
        bare = piece.lstrip(_AROUND_NUMBER).rstrip(_AROUND_NUMBER + ".,")
        value, unit = attached(bare) or (number(bare), "")
        word = unit or bare
        if value is not None:
            result.append(value)
        if word in SCALES and result and isinstance(result[-1], float):
            result[-1] *= SCALES[word]
        elif unit or value is None:
            result += [SYMBOLS[word]] if word in SYMBOLS else [left] if (left := word.translate(_PUNCTUATION)) else []
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
        yield path, as_float(value)
    else:
        yield path, json.dumps(value)


def answer_f1(reference: Mapping[str, Any], answer: Mapping[str, Any] | None) -> float:
    """SQuAD's token F1 over the values of two answers, 0 to 1; a token counts only in its own field."""
    if answer is None:
        return 0.0
    # A field that is right in other words, such as 5 g for 5000 mg, is right as a whole.
    same = {key for key, value in answer.items() if key in reference and answers_equal(reference[key], value)}
    answer = {key: reference[key] if key in same else value for key, value in answer.items()}
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
