"""A quantised model's answers beside the float model's on the same items."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from practicum.evaluation.metrics import FormatErrorRate
from practicum.evaluation.scoring import DIGITS, Prediction
from practicum.evaluation.statistics import Interval, mcnemar, paired_bootstrap
from practicum.quantization.agreement import Agreement


def figures(rows: Sequence[Prediction], size: int) -> dict[str, Any]:
    """What a format is judged by.

    Args:
        rows: scored answers; at least one.
        size: bytes on disk.
    """
    errors = FormatErrorRate().compute(predictions=[row.error or "" for row in rows])
    return {
        "bytes": size,
        "em": round(sum(row.em for row in rows) / len(rows), DIGITS),
        "f1": round(sum(row.f1 for row in rows) / len(rows), DIGITS),
        "format_error_rate": round(errors["format_error_rate"], DIGITS),
    }


def compare(
    reference: Sequence[Prediction],
    rows: Sequence[Prediction],
    found: Agreement,
    *,
    confidence: float,
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """Logits and EM against the float model.

    Args:
        reference: the float model's scored answers.
        rows: the quantised model's, to the same items in the same order, from the same batch size.
        found: how well the logits agree.
        confidence: level of the interval of the difference in EM.
        resamples: bootstrap resamples.
        seed: of the bootstrap.

    Raises:
        ValueError: the items differ.
    """
    if [row.id for row in reference] != [row.id for row in rows]:
        raise ValueError("quantization: the two models answered different items; expected the same in the same order")
    first, second = [row.em for row in reference], [row.em for row in rows]
    groups = [row.group for row in rows]
    if len(set(groups)) > 1:
        difference = paired_bootstrap(
            first, second, groups=groups, confidence=confidence, resamples=resamples, seed=seed
        )
    else:
        # One group says nothing about another: any difference is possible.
        difference = Interval((sum(second) - sum(first)) / len(rows), -1.0, 1.0)
    return {
        "top1_agreement": round(found.top1, DIGITS),
        "logit_error": round(found.error, DIGITS),
        "em_difference": round(difference.value, DIGITS),
        "em_low": round(difference.low, DIGITS),
        "em_high": round(difference.high, DIGITS),
        "mcnemar_p": round(mcnemar(first, second).p, DIGITS),
    }


def labelled_json_line(form: str, row: Prediction) -> str:
    """A scored answer as one line of JSON that begins with the format it came from."""
    return json.dumps({"format": form} | asdict(row), ensure_ascii=False)
