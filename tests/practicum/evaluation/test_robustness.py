"""Accuracy before and after a change, on the same items."""

from dataclasses import replace

import pytest

from practicum.data.example import Example
from practicum.evaluation.perturbations import Changed
from practicum.evaluation.robustness import Outcome, outcome_to_json, outcomes, summarise
from practicum.evaluation.scoring import Prediction


def example(item: int, answer: int, question: str = "q") -> Example:
    return Example(
        task="even" if item % 2 == 0 else "odd",
        label="l",
        source="s",
        group=f"g{item // 2}",
        language="en",
        context="c",
        question=f"{question} {item}",
        reasoning="r",
        answer=f'{{"n": {answer}}}',
    )


def prediction(of: Example, said: int | None) -> Prediction:
    right = of.answer == f'{{"n": {said}}}'
    return Prediction(
        id=of.id,
        task=of.task,
        label=of.label,
        group=of.group,
        prompt_tokens=1,
        new_tokens=1,
        finished=True,
        text=f"{said}",
        answer=None if said is None else {"n": said},
        error="no_answer" if said is None else None,
        reference={"n": int(of.answer[6:-1])},
        em=int(right),
        f1=0.0,
        scores={},
    )


ITEMS = [example(n, n) for n in range(6)]
BEFORE = [prediction(one, said) for one, said in zip(ITEMS, [0, 1, 2, 3, 9, None], strict=True)]


def found() -> list[Outcome]:
    """typo: items 0 to 5, of which 1 is lost and 4 gained; number: items 0 and 1, both answered as before."""
    typos = [Changed(one, "typo", replace(one, question=f"{one.question}!", id="")) for one in ITEMS]
    numbers = [Changed(one, "number", example(n, n + 10, "other")) for n, one in enumerate(ITEMS[:2])]
    said = [0, 8, 2, 3, 4, None, 10, 1]
    after = [prediction(one.example, value) for one, value in zip([*typos, *numbers], said, strict=True)]
    return outcomes([*typos, *numbers], {row.id: row for row in BEFORE}, after)


def test_the_drop_is_over_the_same_items_with_its_interval_and_test() -> None:
    figures = summarise(found(), BEFORE, ["number", "typo", "order"], confidence=0.95, resamples=500, seed=1)
    typo = figures["changes"]["typo"]
    assert (typo["n"], typo["not_changed"], typo["lost"], typo["gained"]) == (6, 0, 1, 1)
    assert typo["em_before"] == typo["em_after"] == pytest.approx(4 / 6, abs=1e-6)
    assert typo["drop"] == 0
    assert typo["drop_low"] < 0 < typo["drop_high"]
    assert typo["mcnemar_p"] == 1
    assert typo["same_answer"] == pytest.approx(4 / 6, abs=1e-6)  # two unread answers are the same
    number = figures["changes"]["number"]
    assert (number["n"], number["not_changed"]) == (2, 4)
    assert (number["em_before"], number["em_after"], number["drop"]) == (1.0, 0.5, 0.5)
    assert number["drop_low"] is None  # both items are of one group: nothing to resample
    assert number["same_answer"] is None  # the right answer is another
    order = figures["changes"]["order"]
    assert (order["n"], order["not_changed"], order["drop"], order["mcnemar_p"]) == (0, 6, None, None)


def test_a_drop_is_positive_when_items_are_lost_and_its_interval_is_on_that_side() -> None:
    items = [example(n, n) for n in range(40)]
    before = [prediction(one, n) for n, one in enumerate(items)]
    changed = [Changed(one, "typo", replace(one, question=f"{one.question}!", id="")) for one in items]
    after = [prediction(one.example, n if n % 4 else -1) for n, one in enumerate(changed)]
    pairs = outcomes(changed, {row.id: row for row in before}, after)
    typo = summarise(pairs, before, ["typo"], confidence=0.95, resamples=500, seed=1)["changes"]["typo"]
    assert typo["drop"] == 0.25
    assert 0 < typo["drop_low"] < 0.25 < typo["drop_high"]
    assert typo["lost"] == 10
    assert typo["mcnemar_p"] == pytest.approx(2 / 2**10, rel=0.01)


def test_consistency_counts_items_right_in_every_form_and_items_answered_alike() -> None:
    figures = summarise(found(), BEFORE, ["number", "typo"], confidence=0.95, resamples=100, seed=1)
    consistency = figures["consistency"]
    # Right in all forms: 0, 2 and 3. Alike under typos: all but 1 and 4; the other numbers don't count.
    assert consistency["all_right"] == 0.5
    assert consistency["all_right_low"] < 0.5 < consistency["all_right_high"]
    assert consistency["same_answer"] == pytest.approx(4 / 6, abs=1e-6)
    assert (consistency["items"], consistency["same_answer_items"]) == (6, 6)
    assert figures["tasks"]["odd"]["number"] == {"n": 1, "em_before": 1.0, "em_after": 0.0}


def test_answers_to_other_items_are_refused() -> None:
    changed = [Changed(ITEMS[0], "typo", replace(ITEMS[0], question="other", id=""))]
    with pytest.raises(ValueError, match=f"no prediction of item {ITEMS[0].id}"):
        outcomes(changed, {}, [BEFORE[0]])
    with pytest.raises(ValueError, match="other items than the changed ones"):
        outcomes(changed, {BEFORE[0].id: BEFORE[0]}, [BEFORE[0]])
    with pytest.raises(ValueError, match="found no items"):
        summarise([], [], ["typo"], confidence=0.95, resamples=100, seed=1)


def test_an_outcome_is_written_with_both_answers_and_the_changed_text() -> None:
    line = outcome_to_json(found()[1])
    assert (line["id"], line["change"], line["question"]) == (ITEMS[1].id, "typo", "q 1!")
    assert line["before"] == {"text": "1", "answer": {"n": 1}, "error": None, "em": 1}
    assert line["after"]["answer"] == {"n": 8}
    assert line["reference"] == {"n": 1}
