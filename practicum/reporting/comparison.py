"""The tuned model against its base: figures, intervals, tests, and the items behind them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from practicum.data.example import Example
from practicum.data.quality.agreement import Enumerations, enumerations
from practicum.evaluation.extraction import split_think
from practicum.evaluation.human_ratings import human_metrics
from practicum.evaluation.metrics import answers_equal
from practicum.evaluation.scoring import Prediction
from practicum.evaluation.statistics import (
    Interval,
    McNemar,
    clustered_mean,
    holm,
    mcnemar,
    paired_bootstrap,
    wilson,
)
from practicum.reporting.causes import Cause, cause, first_other_step, spelled
from practicum.reporting.records import Measured, Run, Stats

MAX_CLASSES = 14
"""A field with more different reference values than this gets no confusion matrix."""
SHOWN_CLASSES = 10
"""Rows and columns of a confusion matrix; rarer values are added up."""
SHOWN_LABELS = 12
"""Labels of a task that are listed; rarer ones are added up."""
SHOWN_CASES = 4
"""Items shown of each kind."""

OTHER, UNREAD = "other", "no answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """Exact match of both models on the same items."""

    items: int
    groups: int
    base_right: int
    tuned_right: int
    base: Interval
    """Wilson."""
    tuned: Interval
    base_clustered: Interval | None
    """By groups (`statistics.clustered_mean`); None where the scores tell no spread."""
    tuned_clustered: Interval | None
    difference: Interval
    """BCa bootstrap over groups."""
    test: McNemar
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskGain:
    task: str
    n: int
    base: Interval
    tuned: Interval
    base_clustered: Interval | None
    tuned_clustered: Interval | None
    difference: Interval
    """BCa bootstrap over groups, -1 to 1 where there are fewer than two."""
    test: McNemar
    p_holm: float
    """McNemar's p, adjusted for as many tests as there are tasks."""
    base_f1: float
    tuned_f1: float
    base_format: float
    tuned_format: float
    scores: tuple[tuple[str, float, float], ...]
    """The domain's measures: name, base, tuned."""


@dataclass(frozen=True, slots=True)
class LabelOutcome:
    label: str
    n: int
    base_right: int
    tuned_right: int
    tuned: Interval
    """Wilson."""


@dataclass(frozen=True, slots=True)
class LabelBalance:
    """Training rows of a label."""

    label: str
    labels: int
    """How many labels are added up here."""
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class TaskBalance:
    task: str
    labels: tuple[LabelBalance, ...]

    @property
    def most(self) -> int:
        """Rows of the largest single label, before or after, at least 1: the scale of the bars."""
        return max(1, *(max(row.before, row.after) for row in self.labels if row.labels == 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """One field of a task's answers: what was asked for (rows) and what the tuned model gave (columns)."""

    field: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskErrors:
    task: str
    outcomes: tuple[LabelOutcome, ...]
    confusion: Confusion | None
    """None where no field has few enough values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One model's output on an item."""

    right: bool
    error: str | None
    answer: Mapping[str, Any] | None
    reasoning: str
    text: str
    """The answer part as written."""
    wrong_fields: frozenset[str]
    """Top-level fields of the reference that the answer misses."""
    finished: bool
    cause: Cause | None
    """Why it is wrong."""
    other_step: str | None
    """The first step of the reasoning that is not the reference's, where the answer is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    id: str
    task: str
    label: str
    context: str
    question: str
    reference: Mapping[str, Any]
    reasoning: str
    base: Given
    tuned: Given


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseGroup:
    """Items with the same outcome; `cases` shows some of `total`."""

    name: str
    meaning: str
    total: int
    cases: tuple[Case, ...]


def paired(base: Measured, tuned: Measured) -> list[tuple[Prediction, Prediction]]:
    """The two models' rows, item by item.

    Raises:
        ValueError: they did not answer the same items.
    """
    ours, theirs = [row.id for row in tuned.rows], [row.id for row in base.rows]
    if ours != theirs:
        differing = len(set(ours) ^ set(theirs))
        raise ValueError(
            f"report: found {len(theirs)} base and {len(ours)} tuned predictions with {differing} ids in only one of "
            "them, expected the same items in the same order; run the baseline and evaluate stages again"
        )
    if not ours:
        raise ValueError("report: found no predictions, expected at least one test item")
    return list(zip(base.rows, tuned.rows, strict=True))


def _difference(run: Run, before: Sequence[int], after: Sequence[int], groups: Sequence[str]) -> Interval:
    """Mean difference with its interval over groups; of a single group nothing is known."""
    if len(set(groups)) < 2:
        return Interval((sum(after) - sum(before)) / len(before), -1.0, 1.0)
    return paired_bootstrap(
        before,
        after,
        groups=groups,
        confidence=run.config.evaluation.confidence,
        resamples=run.config.evaluation.resamples,
        seed=run.config.seed,
    )


def gain(run: Run) -> Gain:
    """How much more often the tuned model is exactly right, and how sure that is.

    Where all items are of one group, each item stands for itself.
    """
    pairs = paired(run.base, run.tuned)
    before, after = [base.em for base, _ in pairs], [tuned.em for _, tuned in pairs]
    groups = [tuned.group for _, tuned in pairs]
    distinct = len(set(groups))
    units = groups if distinct > 1 else [tuned.id for _, tuned in pairs]
    confidence = run.config.evaluation.confidence
    return Gain(
        items=len(pairs),
        groups=distinct,
        base_right=sum(before),
        tuned_right=sum(after),
        base=wilson(sum(before), len(pairs), confidence),
        tuned=wilson(sum(after), len(pairs), confidence),
        base_clustered=clustered_mean(before, groups, confidence),
        tuned_clustered=clustered_mean(after, groups, confidence),
        difference=_difference(run, before, after, units),
        test=mcnemar(before, after),
        confidence=confidence,
    )


def tasks_of(run: Run) -> tuple[str, ...]:
    """Tasks in the order in which the test items show them."""
    return tuple(dict.fromkeys(row.task for row in run.tuned.rows))


def task_gains(run: Run) -> tuple[TaskGain, ...]:
    """Both models per task, each with intervals and its paired test."""
    pairs, tasks, confidence = paired(run.base, run.tuned), tasks_of(run), run.config.evaluation.confidence
    own = {task: [pair for pair in pairs if pair[1].task == task] for task in tasks}
    tests = {task: mcnemar([base.em for base, _ in own[task]], [tuned.em for _, tuned in own[task]]) for task in tasks}
    adjusted = dict(zip(tasks, holm([tests[task].p for task in tasks]), strict=True))
    result = []
    for task in tasks:
        base, tuned = run.base.metrics.tasks[task], run.tuned.metrics.tasks[task]
        before, after = [one.em for one, _ in own[task]], [one.em for _, one in own[task]]
        groups = [one.group for _, one in own[task]]
        result.append(
            TaskGain(
                task=task,
                n=tuned.n,
                base=wilson(sum(before), len(before), confidence),
                tuned=wilson(sum(after), len(after), confidence),
                base_clustered=clustered_mean(before, groups, confidence),
                tuned_clustered=clustered_mean(after, groups, confidence),
                difference=_difference(run, before, after, groups),
                test=tests[task],
                p_holm=adjusted[task],
                base_f1=base.f1,
                tuned_f1=tuned.f1,
                base_format=base.format_error_rate,
                tuned_format=tuned.format_error_rate,
                scores=tuple((name, base.scores[name], value) for name, value in tuned.scores.items()),
            )
        )
    return tuple(result)


def confused_field(references: Sequence[Mapping[str, Any]]) -> str | None:
    """The text or yes/no field that takes the most different values, up to MAX_CLASSES; None when there is none."""
    best, most = None, 1
    for name in dict.fromkeys(name for reference in references for name in reference):
        values = [reference.get(name) for reference in references]
        if all(isinstance(value, (str, bool)) for value in values):
            distinct = len({spelled(value) for value in values})
            if most < distinct <= MAX_CLASSES:
                best, most = name, distinct
    return best


def confusion(rows: Sequence[Prediction]) -> Confusion | None:
    """Reference against answer in the rows' most telling field; frequent values first, rare ones added up."""
    name = confused_field([row.reference for row in rows])
    if name is None:
        return None
    wanted = [spelled(row.reference[name]) for row in rows]
    given = [UNREAD if row.answer is None or name not in row.answer else spelled(row.answer[name]) for row in rows]
    frequent = Counter(wanted)
    classes = sorted(frequent, key=lambda value: (-frequent[value], value))[:SHOWN_CLASSES]
    row_names = [*classes, *([OTHER] if set(wanted) - set(classes) else [])]
    column_names = [*classes, *([OTHER] if set(given) - {*classes, UNREAD} else [])]
    column_names += [UNREAD] if UNREAD in given else []
    counts = Counter(
        (one if one in classes else OTHER, other if other in classes or other == UNREAD else OTHER)
        for one, other in zip(wanted, given, strict=True)
    )
    return Confusion(
        field=name,
        rows=tuple(row_names),
        columns=tuple(column_names),
        counts=tuple(tuple(counts[row, column] for column in column_names) for row in row_names),
    )


def listed(sizes: Mapping[str, int]) -> list[tuple[str, frozenset[str]]]:
    """Names to list, each with the labels it stands for: large ones first, the rest as `37 other labels`."""
    ordered = sorted(sizes, key=lambda label: (-sizes[label], label))
    if len(ordered) <= SHOWN_LABELS + 1:
        return [(label, frozenset({label})) for label in ordered]
    rest = frozenset(ordered[SHOWN_LABELS:])
    return [*((label, frozenset({label})) for label in ordered[:SHOWN_LABELS]), (f"{len(rest)} other labels", rest)]


def balances(stats: Stats) -> tuple[TaskBalance, ...]:
    """Training rows per task and label, before and after labels were balanced."""
    return tuple(
        TaskBalance(
            task,
            tuple(
                LabelBalance(
                    name,
                    len(labels),
                    sum(before[label] for label in labels),
                    sum(stats.labels_after.get(task, {}).get(label, 0) for label in labels),
                )
                for name, labels in listed(before)
            ),
        )
        for task, before in stats.labels_before.items()
        if before
    )


def task_errors(run: Run) -> tuple[TaskErrors, ...]:
    """Where each task's items went wrong: by label, and by answer field."""
    result = []
    pairs = paired(run.base, run.tuned)
    for task in tasks_of(run):
        own = [(base, tuned) for base, tuned in pairs if tuned.task == task]
        sizes = Counter(tuned.label for _, tuned in own)
        outcomes = []
        for name, labels in listed(sizes):
            hits = [(base.em, tuned.em) for base, tuned in own if tuned.label in labels]
            base_right, tuned_right = sum(base for base, _ in hits), sum(tuned for _, tuned in hits)
            interval = wilson(tuned_right, len(hits), run.config.evaluation.confidence)
            outcomes.append(LabelOutcome(name, len(hits), base_right, tuned_right, interval))
        result.append(TaskErrors(task=task, outcomes=tuple(outcomes), confusion=confusion([tuned for _, tuned in own])))
    return tuple(result)


def _given(row: Prediction, example: Example, words: Enumerations) -> Given:
    reasoning, text = split_think(row.text)
    answer = row.answer or {}
    missed = (
        () if row.em else (k for k, v in row.reference.items() if k not in answer or not answers_equal(v, answer[k]))
    )
    return Given(
        right=bool(row.em),
        error=row.error,
        answer=row.answer,
        reasoning=reasoning,
        text=text,
        wrong_fields=frozenset(missed),
        finished=row.finished,
        cause=cause(row, example, words),
        other_step=None if row.em else first_other_step(reasoning, example.reasoning),
    )


def case_of(base: Prediction, tuned: Prediction, run: Run) -> Case:
    """An item with all that was read and written."""
    example, words = run.examples[tuned.id], enumerations(run.schema)
    return Case(
        id=tuned.id,
        task=tuned.task,
        label=tuned.label,
        context=example.context,
        question=example.question,
        reference=tuned.reference,
        reasoning=example.reasoning,
        base=_given(base, example, words),
        tuned=_given(tuned, example, words),
    )


def taking_turns(pairs: Sequence[tuple[Prediction, Prediction]]) -> list[tuple[Prediction, Prediction]]:
    """The first pairs, the tasks taking turns."""
    turns: Counter[str] = Counter()
    keyed = []
    for place, pair in enumerate(pairs):
        keyed.append((turns[pair[1].task], place, pair))
        turns[pair[1].task] += 1
    return [pair for _, _, pair in sorted(keyed, key=lambda entry: entry[:2])]


def case_groups(run: Run) -> tuple[CaseGroup, ...]:
    """Items won, lost and missed by both, a few of each with everything that was read and written."""
    pairs = paired(run.base, run.tuned)
    kinds = (
        ("Won", "the tuned model is right, the base is wrong", 0, 1),
        ("Lost", "the base is right, the tuned model is wrong", 1, 0),
        ("Missed by both", "neither is right", 0, 0),
    )
    groups = []
    for name, meaning, base_em, tuned_em in kinds:
        own = [pair for pair in pairs if (pair[0].em, pair[1].em) == (base_em, tuned_em)]
        shown = taking_turns(own)[:SHOWN_CASES]
        cases = tuple(case_of(base, tuned, run) for base, tuned in shown)
        groups.append(CaseGroup(name=name, meaning=meaning, total=len(own), cases=cases))
    return tuple(groups)


def significant(value: float, digits: int = 3) -> float:
    """The value to as many significant digits."""
    return float(f"{value:.{digits}g}")


def review_metrics(run: Run, gained: Gain) -> dict[str, dict[str, float]]:
    """The few figures that a review compares: metrics.json, two levels deep. Times start with `rt_`."""

    def of(model: Measured) -> dict[str, float]:
        length = model.metrics.conciseness.all.ratio if model.metrics.conciseness else None
        return {
            "em": model.metrics.em,
            "f1": model.metrics.f1,
            "format_error_rate": model.metrics.format_error_rate,
            **({} if length is None else {"length_ratio": length}),
            "rt_p50_s": model.speed.rt_p50_s,
            "rt_p95_s": model.speed.rt_p95_s,
        }

    figures: dict[str, dict[str, float]] = {
        "base": of(run.base),
        "tuned": of(run.tuned),
        "gain": {
            "em": round(gained.difference.value, 6),
            "em_low": round(gained.difference.low, 6),
            "em_high": round(gained.difference.high, 6),
            "mcnemar_p": significant(gained.test.p),
            "items": gained.items,
        },
    }
    robustness, stability, forgetting = run.probe.robustness, run.probe.stability, run.probe.forgetting
    drops = {f"drop_{name}": one.drop for name, one in robustness.changes.items() if one.drop is not None}
    figures["robustness"] = drops | {"all_right": robustness.consistency.all_right}
    figures["stability"] = {
        "agreement": stability.agreement,
        "majority": list(stability.majority.values())[-1],
        "g_pass": list(stability.g_pass.values())[-1],
    }
    figures["forgetting"] = {
        "loss_difference": forgetting.text.difference,
        "questions_difference": forgetting.questions.difference,
    }
    if run.human:
        figures["human"] = human_metrics(run.human)
    for name, artefact in run.quantization.formats.items():
        figures[name] = {"em": artefact.em, "megabytes": round(artefact.bytes / 1e6, 1)}
        if name in run.quantization_speed.formats:
            figures[name]["rt_p50_s"] = run.quantization_speed.formats[name].rt_p50_s
    return figures


def review_items(run: Run) -> list[dict[str, Any]]:
    """What became of each test item, one mapping an item: items.jsonl, by which two commits are compared in pairs."""
    return [
        {
            "id": tuned.id,
            "task": tuned.task,
            "group": tuned.group,
            "base": base.em,
            "tuned": tuned.em,
            "f1": tuned.f1,
            "error": tuned.error,
        }
        for base, tuned in paired(run.base, run.tuned)
    ]
