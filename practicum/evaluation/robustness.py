"""What changes of its items cost a model: accuracy before and after on the same items, and consistency per item."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from practicum.config import Change
from practicum.evaluation.perturbations import Changed
from practicum.evaluation.scoring import DIGITS, Prediction
from practicum.evaluation.stability import answer_classes
from practicum.evaluation.statistics import mcnemar, paired_bootstrap, wilson


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a model answered to an item and to a changed form of it."""

    changed: Changed
    before: Prediction
    after: Prediction

    @property
    def same_answer(self) -> bool:
        """Whether both answers are the same, right or wrong; two that can't be read count as the same."""
        return len(set(answer_classes([self.before.answer, self.after.answer]))) == 1


def outcomes(
    changed: Sequence[Changed], before: Mapping[str, Prediction], after: Sequence[Prediction]
) -> list[Outcome]:
    """Pair what was answered to changed items with what was answered to the originals.

    Args:
        changed: the changed items.
        before: by original item's id.
        after: one per changed item, in the same order.

    Raises:
        ValueError: an original has no answer, or the answers are not those of the changed items.
    """
    if missing := [one.original.id for one in changed if one.original.id not in before]:
        raise ValueError(
            f"robustness: found no prediction of item {missing[0]}, expected one of each original item; "
            "evaluate the tuned model again on this test set"
        )
    if [one.example.id for one in changed] != [row.id for row in after]:
        raise ValueError("robustness: found answers to other items than the changed ones, expected one to each")
    return [Outcome(one, before[one.original.id], row) for one, row in zip(changed, after, strict=True)]


def summarise(
    found: Sequence[Outcome],
    items: Sequence[Prediction],
    changes: Sequence[Change],
    *,
    confidence: float,
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """Drop in accuracy for each change, and how consistent the answers to an item and its changed forms are.

    Args:
        found: the outcomes of all changes.
        items: what was answered to the original items.
        changes: which changes were asked for, in the order to report.
        confidence: level of the intervals.
        resamples: of the bootstrap.
        seed: of its draws.

    Raises:
        ValueError: there are no items.
    """
    if not items:
        raise ValueError("robustness: found no items, expected at least one; is the test split empty?")
    by_change = {change: [one for one in found if one.changed.change == change] for change in changes}
    return {
        "items": len(items),
        "groups": len({row.group for row in items}),
        "confidence": confidence,
        "changes": {
            change: _drop(own, confidence, resamples, seed) | {"not_changed": len(items) - len(own)}
            for change, own in by_change.items()
        },
        "consistency": _consistency(found, items, confidence),
        "tasks": {
            task: {
                change: _accuracy([one for one in own if one.before.task == task]) for change, own in by_change.items()
            }
            for task in dict.fromkeys(row.task for row in items)
        },
    }


def outcome_to_json(one: Outcome) -> dict[str, Any]:
    """An outcome with its texts as one JSON object; `id` is the original item's."""
    return {
        "id": one.changed.original.id,
        "change": one.changed.change,
        "task": one.before.task,
        "group": one.before.group,
        "context": one.changed.example.context,
        "question": one.changed.example.question,
        "before": _said(one.before),
        "after": _said(one.after),
        "reference": one.after.reference,
    }


def _said(row: Prediction) -> dict[str, Any]:
    return {"text": row.text, "answer": row.answer, "error": row.error, "em": row.em}


def _accuracy(found: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "n": len(found),
        "em_before": _mean([one.before.em for one in found]),
        "em_after": _mean([one.after.em for one in found]),
    }


def _drop(found: Sequence[Outcome], confidence: float, resamples: int, seed: int) -> dict[str, Any]:
    before, after = [one.before.em for one in found], [one.after.em for one in found]
    groups = [one.before.group for one in found]
    drop: float | None = None
    low: float | None = None
    high: float | None = None
    if found:
        drop = round((sum(before) - sum(after)) / len(found), DIGITS)
    if len(set(groups)) > 1:
        interval = paired_bootstrap(after, before, groups=groups, confidence=confidence, resamples=resamples, seed=seed)
        low, high = round(interval.low, DIGITS), round(interval.high, DIGITS)
    test = mcnemar(before, after)
    return _accuracy(found) | {
        "drop": drop,
        "drop_low": low,
        "drop_high": high,
        "lost": test.losses,
        "gained": test.wins,
        "mcnemar_p": float(f"{test.p:.3g}") if found else None,
        "same_answer": _mean([one.same_answer for one in found if one.changed.keeps_answer]),
    }


def _consistency(found: Sequence[Outcome], items: Sequence[Prediction], confidence: float) -> dict[str, Any]:
    """Over each item together with its changed forms."""
    forms: dict[str, list[Outcome]] = {row.id: [] for row in items}
    for one in found:
        forms[one.before.id].append(one)
    all_right = [row.em == 1 and all(one.after.em == 1 for one in forms[row.id]) for row in items]
    interval = wilson(sum(all_right), len(items), confidence)
    kept = [
        [row.answer, *(one.after.answer for one in forms[row.id] if one.changed.keeps_answer)]
        for row in items
        if any(one.changed.keeps_answer for one in forms[row.id])
    ]
    return {
        "items": len(items),
        "right_before": _mean([row.em for row in items]),
        "all_right": round(interval.value, DIGITS),
        "all_right_low": round(interval.low, DIGITS),
        "all_right_high": round(interval.high, DIGITS),
        "same_answer": _mean([len(set(answer_classes(answers))) == 1 for answers in kept]),
        "same_answer_items": len(kept),
    }


def _mean(values: Sequence[float]) -> float | None:
    """None of nothing."""
    return round(math.fsum(values) / len(values), DIGITS) if values else None
