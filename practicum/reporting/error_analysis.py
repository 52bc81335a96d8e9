"""What went wrong, by task and cause: where the base and the tuned model differ, and items that show it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from practicum.data.quality.agreement import enumerations
from practicum.evaluation.scoring import Prediction
from practicum.reporting.causes import CAUSES, Cause, Difference, cause
from practicum.reporting.comparison import Case, case_of, paired, taking_turns, tasks_of
from practicum.reporting.records import Run

SHOWN_CASES = 2
"""Items shown under each cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseCount:
    """Items of a task that are wrong for one cause."""

    name: str
    base: int
    mended: int
    """Of the base's, those that the tuned model has right."""
    tuned: int
    new: int
    """Of the tuned model's, those that the base has right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldErrors:
    """Items of a task whose answer was read and has a wrong value in one field."""

    field: str
    kind: str
    base: int
    tuned: int
    note: str
    """How far the tuned model's numbers are off, or which label it takes for which; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCauses:
    task: str
    base_wrong: int
    tuned_wrong: int
    causes: tuple[CauseCount, ...]
    """Their base and tuned counts add up to the wrong items."""
    fields: tuple[FieldErrors, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseCases:
    """Items that the tuned model has wrong for one cause; `cases` shows some of `total`."""

    name: str
    total: int
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    base: Prediction
    tuned: Prediction
    base_cause: Cause | None
    tuned_cause: Cause | None


def _pairs(run: Run) -> list[_Pair]:
    words = enumerations(run.schema)
    return [
        _Pair(base, tuned, *(cause(row, run.examples[tuned.id], words) for row in (base, tuned)))
        for base, tuned in paired(run.base, run.tuned)
    ]


def _note(found: Sequence[Difference]) -> str:
    """How the tuned model's values of one field differ."""
    far = [abs(one.off) for one in found if one.off is not None]
    if far:
        return f"half of them at least {median(far):.0%} off"
    taken = Counter((one.given, one.wanted) for one in found if one.kind == "label")
    if not taken:
        return ""
    (given, wanted), count = min(taken.items(), key=lambda entry: (-entry[1], entry[0]))
    return f"most often {given} for {wanted} ({count})"


def _fields(own: Sequence[_Pair]) -> tuple[FieldErrors, ...]:
    found: dict[tuple[str, str], tuple[list[Difference], list[Difference]]] = {}
    for pair in own:
        for side, one in enumerate((pair.base_cause, pair.tuned_cause)):
            # An entry of a list may be wrong several times, and counts once.
            for difference in {(each.field, each.kind): each for each in (one.differences if one else ())}.values():
                found.setdefault((difference.field, difference.kind), ([], []))[side].append(difference)
    rows = [
        FieldErrors(field=field, kind=kind, base=len(base), tuned=len(tuned), note=_note(tuned))
        for (field, kind), (base, tuned) in found.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.tuned, -row.base, row.field, row.kind)))


def task_causes(run: Run) -> tuple[TaskCauses, ...]:
    """Counts of each cause for both models, task by task."""
    pairs = _pairs(run)
    result = []
    for task in tasks_of(run):
        own = [pair for pair in pairs if pair.tuned.task == task]
        before = Counter(pair.base_cause.name for pair in own if pair.base_cause)
        mended = Counter(pair.base_cause.name for pair in own if pair.base_cause and not pair.tuned_cause)
        after = Counter(pair.tuned_cause.name for pair in own if pair.tuned_cause)
        new = Counter(pair.tuned_cause.name for pair in own if pair.tuned_cause and not pair.base_cause)
        result.append(
            TaskCauses(
                task=task,
                base_wrong=before.total(),
                tuned_wrong=after.total(),
                causes=tuple(
                    CauseCount(name=name, base=before[name], mended=mended[name], tuned=after[name], new=new[name])
                    for name in CAUSES
                    if before[name] or after[name]
                ),
                fields=_fields(own),
            )
        )
    return tuple(result)


def cause_cases(run: Run) -> tuple[CauseCases, ...]:
    """Items that the tuned model has wrong, a few under each cause, the tasks taking turns."""
    pairs = _pairs(run)
    groups = []
    for name in CAUSES:
        own = [(pair.base, pair.tuned) for pair in pairs if pair.tuned_cause and pair.tuned_cause.name == name]
        if own:
            cases = tuple(case_of(base, tuned, run) for base, tuned in taking_turns(own)[:SHOWN_CASES])
            groups.append(CauseCases(name=name, total=len(own), cases=cases))
    return tuple(groups)
