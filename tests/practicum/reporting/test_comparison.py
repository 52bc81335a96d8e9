from dataclasses import replace
from typing import Any

import pytest

from practicum.evaluation.scoring import Prediction
from practicum.reporting.comparison import Confusion, balances, confused_field, confusion, listed, paired
from practicum.reporting.records import Machine, Measured, Metrics, Speed, Stats


def row(number: int, reference: dict[str, Any], answer: dict[str, Any] | None) -> Prediction:
    return Prediction(
        id=str(number), task="t", label="l", group=str(number), prompt_tokens=1, new_tokens=1, finished=True, text="",
        answer=answer, error=None if answer else "cut", reference=reference, em=int(reference == answer), f1=0.0,
        scores={},
    )  # fmt: skip


def measured(rows: list[Prediction]) -> Measured:
    metrics = Metrics(
        n=len(rows), em=0, f1=0, format_error_rate=0, format_errors={}, answer_tokens_mean=0, reasoning_tokens_mean=0,
        tasks={},
    )  # fmt: skip
    machine = Machine(device="x", cores=1, torch="2", precision="fp32")
    speed = Speed(rt_p50_s=1, rt_p95_s=1, rt_requests=1, tokens_per_s=1, machine=machine)
    return Measured(metrics=metrics, rows=tuple(rows), speed=speed)


def test_field_with_most_classes_is_chosen() -> None:
    references = [{"code": f"A{n:02}", "event": f"e{n % 3}", "ok": n % 2 == 0, "n": n} for n in range(40)]
    assert confused_field(references) == "event"  # code has 40 values, n is a number


def test_no_field_without_different_values() -> None:
    assert confused_field([{"event": "x"}, {"event": "x"}]) is None


def test_confusion_counts_every_row_once() -> None:
    a, b = {"event": "a"}, {"event": "b"}
    rows = [row(1, a, a), row(2, a, b), row(3, a, None), row(4, b, b), row(5, b, {"event": "odd"}), row(6, b, {"x": 1})]
    rows.append(row(7, a, a))
    assert confusion(rows) == Confusion(
        field="event",
        rows=("a", "b"),
        columns=("a", "b", "other", "no answer"),
        counts=((2, 1, 0, 1), (0, 1, 1, 1)),
    )


def test_rare_values_are_added_up() -> None:
    rows = [row(n, {"event": f"e{n % 12:02}"}, {"event": f"e{n % 12:02}"}) for n in range(40)]
    matrix = confusion(rows)
    assert matrix is not None
    assert matrix.rows[-1] == "other"
    assert len(matrix.rows) == 11
    assert sum(map(sum, matrix.counts)) == 40


def test_yes_and_no_are_classes() -> None:
    rows = [row(1, {"lawful": True}, {"lawful": False}), row(2, {"lawful": False}, {"lawful": False})]
    assert confusion(rows) == Confusion(
        field="lawful", rows=("no", "yes"), columns=("no", "yes"), counts=((1, 0), (1, 0))
    )


def test_models_must_have_answered_the_same_items() -> None:
    rows = [row(n, {"v": n}, {"v": n}) for n in range(3)]
    assert len(paired(measured(rows), measured(rows))) == 3
    with pytest.raises(ValueError, match="3 base and 2 tuned predictions with 1 ids in only one"):
        paired(measured(rows), measured(rows[:2]))
    with pytest.raises(ValueError, match="same items in the same order"):
        paired(measured(rows), measured([replace(rows[0]), rows[2], rows[1]]))


def test_rare_labels_are_listed_as_one() -> None:
    names = listed({f"I{n:02}": 100 - n for n in range(50)})
    assert [name for name, _ in names[:2]] == ["I00", "I01"]
    assert names[-1][0] == "38 other labels"
    assert sum(len(labels) for _, labels in names) == 50
    assert len(listed({f"I{n}": n for n in range(13)})) == 13


def test_balance_shows_what_was_dropped() -> None:
    stats = Stats.model_validate(
        {
            "rows": {"in": 9, "kept": 5, "rejected": 4, "duplicates": 0}, "rejected_by_rule": {}, "duplicates": {},
            "splits": {"train": 5}, "tasks": {}, "groups": {}, "sources": {}, "identifiers_removed": {},
            "typo_score": {"mean": 0.0, "p95": 0.0},
            "labels_before": {"t": {"rare": 1, "common": 8}}, "labels_after": {"t": {"rare": 1, "common": 4}},
        }
    )  # fmt: skip
    assert [(row.label, row.before, row.after) for row in balances(stats)[0].labels] == [
        ("common", 8, 4),
        ("rare", 1, 1),
    ]
