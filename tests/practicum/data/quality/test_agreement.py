"""The last step is read where it names a value of the answer for certain."""

import json
from typing import Any

import pytest

from practicum.data.quality.agreement import contradicts_answer, enumerations

SCHEMA = {
    "oneOf": [
        {
            "properties": {
                "score": {"type": "integer"},
                "risk": {"enum": ["low", "moderate", "high", "A", "B"]},
                "together": {"enum": ["yes", "no"]},
            }
        },
        {"properties": {"event": {"enum": ["credit event", "none"]}, "verdict": {"enum": ["合法", "违法"]}}},
        {"properties": {"size": {"enum": ["only one"]}, "safe": {"type": "boolean"}, "answer": {"type": "string"}}},
    ]
}


def against(reasoning: str, answer: dict[str, Any]) -> bool:
    text = json.dumps(answer, ensure_ascii=False)
    found = contradicts_answer(reasoning, answer, text, enumerations(SCHEMA))
    return found is not None


def test_enumerations_are_gathered_over_all_alternatives() -> None:
    words = enumerations(SCHEMA)
    assert words["together"] == {"yes", "no"}
    assert words["event"] == {"credit event", "none"}
    assert "size" not in words


@pytest.mark.parametrize(
    ("reasoning", "answer"),
    [
        ("3 + 4 = 7", {"value": 9}),
        ("So the total is 1,250.", {"total": 1520}),
        ("so the answer is 12 apples.", {"answer": "13"}),
        ("age +1=1\nHR +2=3\n3 in 2-4 moderate", {"score": 2, "risk": "moderate"}),
        ("0 in 0-1 low", {"score": 4, "risk": "low"}),
        ("4 in 2-4 moderate", {"score": 4, "risk": "high"}),
        ("5 >= 9 no, 5 >= 6 no: low.", {"score": 5, "risk": "high"}),
        ("4 in 2-4 B", {"score": 4, "risk": "A"}),
        ("R45.6 in D47.01 no\ntogether yes", {"code": "L50.4", "together": "no"}),
        ("1: spread 5 > 4 yes: credit event.", {"event": "none"}),
        ("因此该处罚违法。", {"verdict": "合法"}),
        ("so it is true", {"safe": False}),
        ("So the answer is (C).", {"answer": "B"}),
        ("The answer is C", {"answer": "B. 12 mg"}),
    ],
)
def test_another_value_in_the_last_step_is_a_contradiction(reasoning: str, answer: dict[str, Any]) -> None:
    assert against(reasoning, answer)


@pytest.mark.parametrize(
    ("reasoning", "answer"),
    [
        ("3 + 4 = 7", {"value": 7}),
        ("0.153 of it = 15.3 %", {"share": 0.153}),
        ("so 2.5 million / 5 = 0.5 million", {"amount": 500000}),
        ("10 / 3 = 3.33", {"value": 3.3333}),
        ("3 + 4 = 7", {"low": 7, "high": 9}),
        ("3 + 4 = 7", {"value": 8, "note": "7 and one more"}),
        ("loss = 5", {"value": -5}),
        ("Is it 3 + 4 = 7?", {"value": 8}),
        ("3 + 4 = 7\nof these one is lost", {"value": 6}),
        ("age +1=1\nHR +2=3\nat most 2 count", {"score": 2, "risk": "moderate"}),
        ("age +1=1\nHR +2=3", {"dose": 500}),
        ("so the risk is not high", {"risk": "low"}),
        ("moderate, rather than high", {"risk": "moderate"}),
        ("that is ultra-high", {"risk": "low"}),
        ("a vitamin B", {"risk": "low"}),
        ("is it yes or no", {"together": "yes"}),
        ("together yes", {"together": "yes", "risk": "low"}),
        ("合法", {"verdict": "合法"}),
        ("The answer is C", {"answer": "Carbon dioxide"}),
        ("", {"value": 1}),
    ],
)
def test_agreement_and_doubt_pass(reasoning: str, answer: dict[str, Any]) -> None:
    assert not against(reasoning, answer)
