import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from practicum.data.example import Example, Rejected
from practicum.domain import Domain, DomainSettings, Reference
from practicum.evaluation.scoring import (
    Lengths,
    Written,
    conciseness,
    prediction_to_json_line,
    predictions,
    predictions_from_lines,
    select_items,
    summarise,
)

SCHEMA = {"type": "object", "required": ["v"], "properties": {"v": {"type": "string"}}, "additionalProperties": False}


class Sums(Domain):
    """Task `digits` takes any number of leading zeros; task `words` is left to the general comparison."""

    @property
    def tasks(self) -> tuple[str, ...]:
        return ("digits", "words")

    def examples(self, data: Path, settings: DomainSettings) -> Iterator[Example | Rejected]:
        return iter(())

    def score(self, task: str, reference: Mapping[str, Any], answer: Mapping[str, Any] | None) -> dict[str, float]:
        return {"length": float(answer is not None and len(answer["v"]) == len(reference["v"]))}

    def same_answer(self, task: str, reference: Mapping[str, Any], answer: Mapping[str, Any]) -> bool | None:
        return reference["v"] == answer["v"].lstrip("0") if task == "digits" else None

    def perturb(self, example: Example, rng: random.Random) -> Example | None:
        return None

    def references(self, data: Path, settings: DomainSettings) -> Iterator[Reference]:
        return iter(())


def item(task: str, value: str, group: str = "g") -> Example:
    return Example(
        task=task, label=value, source="s", group=group, language="en", context="", question=f"{task} {value}?",
        reasoning="think", answer=json.dumps({"v": value}),
    )  # fmt: skip


def written(text: str, finished: bool = True) -> Written:
    return Written(prompt_tokens=9, new_tokens=len(text.split()), finished=finished, text=text)


ITEMS = [item("digits", "7"), item("words", "seven hills"), item("digits", "8"), item("words", "eight")]
TEXTS = [
    written('<think>seven it is</think> {"v": "007"}'),
    written('{"v": "Seven rivers"}'),
    written("<think>well", finished=False),
    written('{"w": "eight"}'),
]


def test_rows_are_in_the_order_of_the_examples() -> None:
    rows = predictions(ITEMS, TEXTS, SCHEMA, Sums())
    assert [row.id for row in rows] == [example.id for example in ITEMS]
    assert [row.em for row in rows] == [1, 0, 0, 0]
    assert [row.error for row in rows] == [None, None, "cut", "wrong_field"]
    assert [row.f1 for row in rows] == [1.0, 0.5, 0.0, 0.0]
    assert [row.scores["length"] for row in rows] == [0.0, 0.0, 0.0, 0.0]
    assert rows[1].answer == {"v": "Seven rivers"}
    assert rows[1].reference == {"v": "seven hills"}


def test_missing_completion_is_an_error() -> None:
    with pytest.raises(ValueError, match="found 3 completions for 4 examples"):
        predictions(ITEMS, TEXTS[:3], SCHEMA, Sums())


def test_rows_survive_the_file() -> None:
    rows = predictions(ITEMS, TEXTS, SCHEMA, Sums())
    assert predictions_from_lines([prediction_to_json_line(row) for row in rows], "p.jsonl") == rows


def test_damaged_line_is_named() -> None:
    good = prediction_to_json_line(predictions(ITEMS, TEXTS, SCHEMA, Sums())[0])
    broken = json.loads(good)
    del broken["em"]
    with pytest.raises(ValueError, match=r"p.jsonl, line 2: not a prediction: fields \['em'\]"):
        predictions_from_lines([good, json.dumps(broken)], "p.jsonl")


def test_summary_adds_up() -> None:
    figures = summarise(predictions(ITEMS, TEXTS, SCHEMA, Sums()), lambda text: len(text.split()))
    assert (figures["n"], figures["em"], figures["f1"], figures["format_error_rate"]) == (4, 0.25, 0.375, 0.5)
    assert figures["format_errors"] == {"no_answer": 0, "not_json": 0, "schema": 0, "wrong_field": 1, "cut": 1}
    assert figures["reasoning_tokens_mean"] == 1.0  # 3, 0, 1, 0 words
    assert figures["answer_tokens_mean"] == 1.75  # 2, 3, 0, 2 words
    assert list(figures["tasks"]) == ["digits", "words"]
    assert figures["tasks"]["digits"] == {
        "n": 2, "em": 0.5, "f1": 0.5, "format_error_rate": 0.5, "scores": {"length": 0.0},
    }  # fmt: skip


def test_no_completion_is_dropped() -> None:
    """Whatever a model writes is one row: right, wrong, or a format error of one kind, the same for every model."""
    texts = ["", "{", "<think>", '{"v": "7"}', '{"v": 7}', '{"w": 7}', "no", "{]}", '{"v": "\\ud800"}', "\x00"]
    for finished in (True, False):
        rows = predictions([item("words", "7")] * len(texts), [written(t, finished) for t in texts], SCHEMA, Sums())
        figures = summarise(rows, len)
        assert figures["n"] == len(texts)
        read = [row for row in rows if row.error is None]
        assert [row.answer for row in read] == [{"v": "7"}]
        assert sum(figures["format_errors"].values()) == len(texts) - 1
        assert figures["format_error_rate"] == pytest.approx(1 - 1 / len(texts))
        assert figures["em"] == pytest.approx(1 / len(texts))
        assert predictions_from_lines([prediction_to_json_line(row) for row in rows], "p.jsonl") == rows


def test_lengths_are_set_against_the_reference() -> None:
    rows = predictions(ITEMS, TEXTS, SCHEMA, Sums())
    figures = summarise(rows, lambda text: len(text.split()), ITEMS)
    # reasoning 3, 0, 1, 0 words and answers 2, 3, 0, 2; references reason in 1 word each and answer in 2, 3, 2, 2
    assert figures["reference_reasoning_tokens_mean"] == 1.0
    assert figures["reference_answer_tokens_mean"] == 2.25
    assert figures["conciseness"] == {
        "all": {"ratio": pytest.approx(11 / 13, abs=1e-6), "median": pytest.approx((3 / 4 + 2 / 3) / 2, abs=1e-6)},
        "reasoning": {"ratio": 1.0, "median": 0.5},
        "answer": {"ratio": pytest.approx(7 / 9, abs=1e-6), "median": 1.0},
    }
    assert figures["tasks"]["digits"]["conciseness"]["reasoning"] == {"ratio": 2.0, "median": 2.0}


def test_part_that_no_reference_has_gives_no_ratio() -> None:
    assert conciseness([Lengths(3, 4, 0, 2), Lengths(0, 2, 0, 2)])["reasoning"] == {"ratio": None, "median": None}


def test_lengths_of_other_items_are_refused() -> None:
    with pytest.raises(ValueError, match="examples are not those of the predictions"):
        summarise(predictions(ITEMS, TEXTS, SCHEMA, Sums()), len, ITEMS[::-1])


def test_summary_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="expected at least one"):
        summarise([], len)


def test_items_are_spread_over_tasks_in_given_order() -> None:
    many = [item(task, str(n)) for n in range(10) for task in ("digits", "words", "words")]
    chosen = select_items(many, 8)
    assert Counter(example.task for example in chosen) == {"digits": 4, "words": 4}
    places = [many.index(example) for example in chosen]
    assert places == sorted(places)


def test_small_task_leaves_its_share_to_the_others() -> None:
    many = [item("digits", "1"), *(item("words", str(n)) for n in range(20))]
    assert Counter(example.task for example in select_items(many, 10)) == {"digits": 1, "words": 9}
    assert len(select_items(many, 500)) == 21


def test_smaller_selection_is_part_of_a_larger_one() -> None:
    many = [item("words" if n % 5 else "digits", str(n)) for n in range(60)]
    large = select_items(many, 30)
    assert select_items(large, 11) == select_items(many, 11)
