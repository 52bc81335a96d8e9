"""Why an answer is wrong: one cause for each wrong item, decided by rule from the item and what was written.

The rules ask in this order, and the first that holds is the cause: could the answer be read; are the steps of the
reasoning those of the reference; does a step state something certainly false; does the answer say something else
than the last step; which values are wrong. What a rule can't be sure of it leaves to the next one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from practicum.data.example import Example, canonical_json
from practicum.data.quality.agreement import Enumerations, contradicts_answer
from practicum.data.quality.arithmetic import wrong_arithmetic
from practicum.evaluation.extraction import first_object, split_think
from practicum.evaluation.metrics import answers_equal
from practicum.evaluation.quantities import as_float, normalised, quantity
from practicum.evaluation.scoring import Prediction

FORMAT_CAUSES: dict[str, str] = {
    "no_answer": "ended without a JSON object",
    "not_json": "an object, but not JSON",
    "schema": "a value that the schema does not allow",
    "wrong_field": "not the fields of the item’s task",
    "cut": "cut by the token limit",
}
"""Kinds of format errors (`extraction.ERRORS`), in a reader's words."""

CAUSES: dict[str, str] = FORMAT_CAUSES | {
    "right_reasoning": "right reasoning, another answer",
    "wrong_step": "a step states false arithmetic or a false comparison",
    "contradiction": "the last step says something else than the answer",
    "number": "a number is off",
    "label": "one label taken for another",
    "list": "a list has too few or too many entries",
    "text": "other words",
    "several": "several kinds of values are wrong",
    "domain": "equal by the general rule, refused by the domain’s",
}
"""Causes in the order in which tables show them."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value in which an answer differs from the reference."""

    field: str
    """Path of the value; a list's entries share one, as `clauses[].title`."""
    kind: str
    """`number`, `label`, `list` or `text`."""
    wanted: str
    given: str
    off: float | None = None
    """How far a number is off, as a share of the wanted one, with its sign; None where that is zero or no number."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why one answer is wrong."""

    name: str
    """Key of `CAUSES`."""
    detail: str
    """The step, field or values that show it."""
    differences: tuple[Difference, ...]
    """Empty where no answer could be read."""


def spelled(value: object) -> str:
    """A field's value as a class name."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else canonical_json(value)


def _off(wanted: float, given: float) -> float | None:
    return (as_float(given) - as_float(wanted)) / abs(as_float(wanted)) if wanted else None


def _value(field: str, wanted: Any, given: Any, words: Enumerations) -> Difference:
    name = field.rpartition(".")[2].removesuffix("[]")
    wished, got = spelled(wanted), "nothing" if given is None else spelled(given)
    if isinstance(wanted, bool) or name in words:
        return Difference(field, "label", wished, got)
    if isinstance(wanted, (int, float)):
        number = isinstance(given, (int, float)) and not isinstance(given, bool)
        return Difference(field, "number", wished, got, _off(wanted, given) if number else None)
    one, other = (quantity(value) if isinstance(value, str) else None for value in (wanted, given))
    if one and other and one.unit == other.unit and not (one.digits and other.digits):
        return Difference(field, "number", wished, got, _off(one.value, other.value))
    return Difference(field, "text", wished, got)


def differences(wanted: Any, given: Any, words: Enumerations, field: str = "") -> Iterator[Difference]:
    """Each value in which an answer differs from the reference, by the rule that exact match compares with.

    Args:
        wanted: the reference.
        given: the answer; what it lacks is None.
        words: words that the schema allows, by field (see `agreement.enumerations`): such a field is a label.
        field: path of the values.
    """
    if answers_equal(wanted, given):
        return
    if isinstance(wanted, Mapping) and isinstance(given, Mapping):
        for key in dict.fromkeys([*wanted, *given]):
            yield from differences(wanted.get(key), given.get(key), words, f"{field}.{key}" if field else key)
    elif isinstance(wanted, list) and isinstance(given, list):
        if len(wanted) != len(given):
            entries = [f"{len(one)} {'entry' if len(one) == 1 else 'entries'}" for one in (wanted, given)]
            yield Difference(field, "list", entries[0], entries[1])
        else:
            for one, other in zip(wanted, given, strict=True):
                yield from differences(one, other, words, f"{field}[]")
    else:
        yield _value(field, wanted, given, words)


def _percent(off: float) -> str:
    return f"{abs(off):.0%} too {'high' if off > 0 else 'low'}" if abs(off) >= 0.01 else f"{abs(off):.1%} off"


def told(difference: Difference) -> str:
    """A difference in words: `score: 3 instead of 2, 50% too high`."""
    far = f", {_percent(difference.off)}" if difference.off is not None else ""
    return f"{difference.field}: {difference.given} instead of {difference.wanted}{far}"


def steps(reasoning: str) -> list[str]:
    """The lines of a reasoning without what does not count: case, spacing, empty lines."""
    return [line for line in map(normalised, reasoning.splitlines()) if line]


def first_other_step(reasoning: str, reference: str) -> str | None:
    """The first step, as written, that is not the reference's at its place; None if there is none, or no reasoning."""
    wanted = steps(reference)
    written = [line.strip() for line in reasoning.splitlines() if line.strip()]
    for place, line in enumerate(written):
        if place >= len(wanted) or normalised(line) != wanted[place]:
            return line
    return None


def _fields(row: Prediction) -> str:
    """How the fields of an answer that was refused for them differ from the reference's."""
    given, _ = first_object(split_think(row.text)[1])
    missing = [key for key in row.reference if given is None or key not in given]
    unknown = [key for key in given or {} if key not in row.reference]
    parts = [f"missing {', '.join(missing)}"] if missing else []
    parts += [f"unknown {', '.join(unknown)[:80]}"] if unknown else []
    return "; ".join(parts) or "inside a field"


def cause(row: Prediction, example: Example, words: Enumerations) -> Cause | None:
    """Why a row is wrong; None if it is right.

    Args:
        row: what a model made of the item.
        example: the item.
        words: words that the schema allows, by field (see `agreement.enumerations`).
    """
    if row.em:
        return None
    if row.error or row.answer is None:
        name = row.error or "no_answer"
        return Cause(name, _fields(row) if name == "wrong_field" else "", ())
    found = tuple(differences(row.reference, row.answer, words))
    values = "; ".join(map(told, found))
    reasoning, _ = split_think(row.text)
    if reasoning:
        if steps(reasoning) == steps(example.reasoning):
            return Cause("right_reasoning", values, found)
        false = wrong_arithmetic(reasoning, f"{example.context}\n{example.question}")
        if false is not None:
            return Cause("wrong_step", false[0].strip(), found)
        if contradicts_answer(reasoning, row.answer, canonical_json(row.answer), words) is not None:
            return Cause("contradiction", f"{reasoning.rstrip().rpartition(chr(10))[2].strip()}; {values}", found)
    return Cause(_by_values(found), values, found)


def _by_values(found: Sequence[Difference]) -> str:
    kinds = {one.kind for one in found}
    return "domain" if not kinds else kinds.pop() if len(kinds) == 1 else "several"
