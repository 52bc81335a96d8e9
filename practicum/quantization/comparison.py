"""A quantised model's answers beside the float model's on the same items."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from practicum.evaluation.aggregates import FormatErrorRate
from practicum.evaluation.scoring import DIGITS, Prediction
from practicum.evaluation.statistics import Interval, mcnemar, paired_bootstrap
from practicum.quantization.agreement import Agreement


def figures(rows: Sequence[Prediction], size: int, fp32_size: int) -> dict[str, Any]:
    """What a format is judged by.

    Args:
        rows: scored answers; at least one.
        size: bytes on disk.
        fp32_size: bytes on disk of the same model in float32.
    """
    errors = FormatErrorRate().compute(predictions=[row.error or "" for row in rows])
    return {
        "bytes": size,
        "share_of_fp32": round(size / fp32_size, DIGITS),
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


def recommend(
    whole: Mapping[str, Any], formats: Mapping[str, Mapping[str, Any]], *, margin: float, confidence: float
) -> dict[str, str]:
    """The artefact to ship: the smallest on disk that answers as well as the float model.

    As well means that its EM is at most `margin` below the float model's, and that McNemar's test doesn't find it
    lower at that confidence. A difference within the margin on few items proves no equality; it is the best guess.

    Args:
        whole: `figures` of the float model, which is recommended where no smaller artefact will do.
        formats: `figures` and `compare` of each format.
        margin: greatest loss of EM, 0 to 1.
        confidence: below 1; a loss with a p value under 1 - confidence is a loss.

    Returns:
        The format (or `float`), and why.
    """

    def lost(found: Mapping[str, Any]) -> bool:
        significant = bool(found["em_difference"] < 0 and found["mcnemar_p"] < 1 - confidence)
        # What JSON holds is rounded: a loss of just the margin must not fail by the last digit.
        return significant or bool(round(-found["em_difference"] - margin, DIGITS) > 0)

    def named(form: str) -> str:
        return f"{form} ({100 * formats[form]['em_difference']:+.1f} points, p {formats[form]['mcnemar_p']:.2g})"

    limit = f"at most {100 * margin:.1f} points below the float model's and not significantly lower"
    smaller = [form for form, found in formats.items() if found["bytes"] < whole["bytes"]]
    worse: list[str] = []
    for form in sorted(smaller, key=lambda form: (formats[form]["bytes"], form)):
        if not lost(formats[form]):
            passed = f"; smaller, but worse: {', '.join(worse)}" if worse else ""
            return {"format": form, "why": f"{named(form)} is the smallest with an EM {limit}{passed}"}
        worse.append(named(form))
    return {"format": "float", "why": f"no smaller artefact has an EM {limit}" + f": {', '.join(worse)}" * bool(worse)}


def labelled_json_line(form: str, row: Prediction) -> str:
    """A scored answer as one line of JSON that begins with the format it came from."""
    return json.dumps({"format": form} | asdict(row), ensure_ascii=False)
