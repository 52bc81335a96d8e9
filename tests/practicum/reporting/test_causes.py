"""Why an answer is wrong, rule by rule."""

import json
from typing import Any

import pytest

from practicum.data.example import Example
from practicum.data.quality.agreement import enumerations
from practicum.evaluation.extraction import ERRORS
from practicum.evaluation.scoring import Prediction
from practicum.reporting.causes import CAUSES, FORMAT_CAUSES, Difference, cause, differences, first_other_step, told

WORDS = enumerations({"properties": {"risk": {"enum": ["low", "high"]}}})
REFERENCE = {"score": 2, "risk": "high"}
REASONING = "age 70 > 65 yes +1=1\nfever yes +1=2\n2 in >=2 high"
ITEM = Example(
    task="t", label="high", source="s", group="g", language="en", context="", question="Age 70, fever?",
    reasoning=REASONING, answer=json.dumps(REFERENCE),
)  # fmt: skip


def row(answer: dict[str, Any] | None, reasoning: str = "", error: str | None = None, text: str = "") -> Prediction:
    thought = f"<think>\n{reasoning}\n</think>\n\n" if reasoning else ""
    return Prediction(
        id=ITEM.id, task="t", label="high", group="g", prompt_tokens=1, new_tokens=1, finished=True,
        text=thought + (text or json.dumps(answer)), answer=answer, error=error, reference=REFERENCE,
        em=int(answer == REFERENCE), f1=0.0, scores={},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("prediction", "name", "detail"),
    [
        (row(None, error="cut"), "cut", ""),
        (row(None, error="wrong_field", text='{"score": 2, "note": 1}'), "wrong_field", "missing risk; unknown note"),
        (row({"score": 3, "risk": "high"}, REASONING.upper()), "right_reasoning", "score: 3 instead of 2"),
        (row({"score": 3, "risk": "high"}, "age 60 > 65 yes +1=1\n3 in >=2 high"), "wrong_step", "60 > 65 yes"),
        (row({"score": 2, "risk": "low"}, "fever yes\n2 in >=2 high"), "contradiction", "2 in >=2 high; risk: low"),
        (row({"score": 3, "risk": "high"}, "fever is bad"), "number", "score: 3 instead of 2, 50% too high"),
        (row({"score": 2, "risk": "low"}), "label", "risk: low instead of high"),
        (row({"score": 1, "risk": "low"}), "several", "50% too low; risk: low"),
    ],
)
def test_first_rule_that_holds_is_the_cause(prediction: Prediction, name: str, detail: str) -> None:
    found = cause(prediction, ITEM, WORDS)
    assert found is not None
    assert found.name == name
    assert detail in found.detail


def test_right_answer_has_no_cause() -> None:
    assert cause(row(REFERENCE, "age 60 > 65 yes"), ITEM, WORDS) is None


def test_every_format_error_is_a_cause() -> None:
    assert tuple(FORMAT_CAUSES) == ERRORS
    assert set(FORMAT_CAUSES) <= set(CAUSES)


def test_differences_name_the_field_and_how_far_a_number_is_off() -> None:
    wanted = {"limit": "35 million EUR", "ok": True, "clauses": [{"n": 4}, {"n": 5}], "part": "4.10", "zero": 0}
    given = {"limit": "7 million EUR", "ok": False, "clauses": [{"n": 4}, {"n": 6}], "part": "4.1", "zero": 3}
    assert list(differences(wanted, given, {})) == [
        Difference("limit", "number", "35 million EUR", "7 million EUR", pytest.approx(-0.8)),
        Difference("ok", "label", "yes", "no"),
        Difference("clauses[].n", "number", "5", "6", pytest.approx(0.2)),
        Difference("part", "text", "4.10", "4.1"),
        Difference("zero", "number", "0", "3", None),
    ]
    assert told(Difference("list", "list", "2 entries", "1 entry")) == "list: 1 entry instead of 2 entries"
    assert [one.kind for one in differences({"c": [1, 2]}, {"c": [1]}, {})] == ["list"]


def test_first_other_step_is_found_as_written() -> None:
    assert first_other_step("Age 70 > 65 YES +1=1\n\nfever no", REASONING) == "fever no"
    assert first_other_step(REASONING + "\nand so on", REASONING) == "and so on"
    assert first_other_step("age 70 > 65 yes +1=1", REASONING) is None
