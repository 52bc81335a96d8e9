"""From completions to scored rows, and from rows to figures."""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any, TypeVar

from practicum.data.example import Example, canonical_json
from practicum.domain import Domain
from practicum.evaluation.extraction import ERRORS, extract, split_think
from practicum.evaluation.statistics import percentile

Row = TypeVar("Row")

DIGITS = 6
"""Figures are rounded to as many decimals, so that a sum's order can't show in a diff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One line of predictions.jsonl: what a model answered to one test item, and how that was scored."""

    id: str
    task: str
    label: str
    group: str
    prompt_tokens: int
    new_tokens: int
    finished: bool
    """False when the token limit cut the completion."""
    text: str
    """The raw completion without special tokens."""
    answer: dict[str, Any] | None
    error: str | None
    """Why there is no answer; see `extraction.ERRORS`."""
    reference: dict[str, Any]
    em: int
    """0 or 1."""
    f1: float
    scores: dict[str, float]
    """The domain's own measures, each 0 to 1."""


@dataclass(frozen=True, slots=True)
class Written:
    """A completion as scoring needs it."""

    prompt_tokens: int
    new_tokens: int
    finished: bool
    text: str


def select_items(examples: Sequence[Example], n: int) -> list[Example]:
    """At most `n` examples, spread evenly over the tasks, in their given order.

    Each task gives its first ones, so a smaller selection is contained in a larger one. What a small task
    can't give, the others do.
    """
    left = Counter(example.task for example in examples)
    quota: Counter[str] = Counter()
    tasks = list(dict.fromkeys(example.task for example in examples))
    while tasks and quota.total() < n:
        for task in tasks:
            if quota.total() < n:
                quota[task] += 1
        tasks = [task for task in tasks if quota[task] < left[task]]
    chosen = []
    for example in examples:
        if quota[example.task]:
            quota[example.task] -= 1
            chosen.append(example)
    return chosen


def predictions(
    examples: Sequence[Example], written: Sequence[Written], schema: Mapping[str, Any], domain: Domain
) -> list[Prediction]:
    """Score one completion per example, in the same order.

    Args:
        examples: the items; their answers are the references.
        written: the completion of each.
        schema: the domain's answer.schema.json.
        domain: says what more counts as the same answer, and scores beyond EM and F1.

    Raises:
        ValueError: the two differ in length.
    """
    from practicum.evaluation.aggregates import AnswerF1, ExactMatch

    if len(examples) != len(written):
        raise ValueError(f"scoring: found {len(written)} completions for {len(examples)} examples, expected as many")
    extractions = [
        extract(one.text, one.finished, schema, json.loads(example.answer))
        for example, one in zip(examples, written, strict=True)
    ]
    rows: dict[int, Prediction] = {}
    for task in dict.fromkeys(example.task for example in examples):
        places = [place for place, example in enumerate(examples) if example.task == task]
        columns = {
            "predictions": [canonical_json(extractions[place].answer) for place in places],
            "references": [examples[place].answer for place in places],
        }
        matches = ExactMatch(partial(domain.same_answer, task)).compute(**columns)["items"]
        overlaps = AnswerF1().compute(**columns)["items"]
        for place, em, f1 in zip(places, matches, overlaps, strict=True):
            example, one, read = examples[place], written[place], extractions[place]
            reference = json.loads(example.answer)
            rows[place] = Prediction(
                id=example.id,
                task=task,
                label=example.label,
                group=example.group,
                prompt_tokens=one.prompt_tokens,
                new_tokens=one.new_tokens,
                finished=one.finished,
                text=one.text,
                answer=read.answer,
                error=read.error,
                reference=reference,
                em=em,
                f1=1.0 if em else round(f1, DIGITS),  # the domain may call other words the same answer
                scores={k: round(float(v), DIGITS) for k, v in domain.score(task, reference, read.answer).items()},
            )
    return [rows[place] for place in range(len(examples))]


def prediction_to_json_line(row: Prediction) -> str:
    """The row as one line of JSON without line break."""
    return json.dumps(asdict(row), ensure_ascii=False)


def predictions_from_lines(lines: Iterable[str], name: str) -> list[Prediction]:
    """Read JSON lines written by `prediction_to_json_line`.

    Raises:
        ValueError: a line is not a prediction; says which line of `name` and what is wrong.
    """
    known = {f.name for f in fields(Prediction)}
    rows = []
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            if set(row) != known:
                raise ValueError(f"fields {sorted(set(row) ^ known)} are missing or unknown")
            rows.append(Prediction(**row))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{name}, line {number}: not a prediction: {error}") from error
    return rows


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return round(math.fsum(numbers) / len(numbers), DIGITS)


def _score_means(rows: Sequence[Prediction]) -> dict[str, float]:
    """Mean of each of the domain's measures over the rows that have it."""
    names = sorted({name for row in rows for name in row.scores})
    return {name: _mean(row.scores[name] for row in rows if name in row.scores) for name in names}


def _figures(rows: Sequence[Prediction]) -> dict[str, Any]:
    from practicum.evaluation.aggregates import FormatErrorRate

    errors = FormatErrorRate().compute(predictions=[row.error or "" for row in rows])
    return {
        "n": len(rows),
        "em": _mean(row.em for row in rows),
        "f1": _mean(row.f1 for row in rows),
        "format_error_rate": round(errors["format_error_rate"], DIGITS),
    }


@dataclass(frozen=True, slots=True)
class Lengths:
    """Tokens of an item's reasoning and answer part, as written and in the reference."""

    reasoning: int
    answer: int
    reference_reasoning: int
    reference_answer: int

    @property
    def pairs(self) -> dict[str, tuple[int, int]]:
        """Written and reference length of the whole and of each part."""
        return {
            "all": (self.reasoning + self.answer, self.reference_reasoning + self.reference_answer),
            "reasoning": (self.reasoning, self.reference_reasoning),
            "answer": (self.answer, self.reference_answer),
        }


def conciseness(lengths: Sequence[Lengths]) -> dict[str, dict[str, float | None]]:
    """How long a model writes against the reference, over `all`, the `reasoning` and the `answer`.

    Each holds `ratio`, written tokens by reference tokens in sum (the ratio of the means: 1 is as long, 2 twice as
    long), and `median`, the median over the items of their own ratios, which one runaway item can't move. An item
    whose reference has no such part has no ratio; None where no item has one.
    """
    result: dict[str, dict[str, float | None]] = {}
    for part in ("all", "reasoning", "answer"):
        pairs = [one.pairs[part] for one in lengths]
        wanted = sum(reference for _, reference in pairs)
        ratios = [written / reference for written, reference in pairs if reference]
        result[part] = {
            "ratio": round(sum(written for written, _ in pairs) / wanted, DIGITS) if wanted else None,
            "median": round(percentile(ratios, 0.5), DIGITS) if ratios else None,
        }
    return result


def summarise(
    rows: Sequence[Prediction], count_tokens: Callable[[str], int], examples: Sequence[Example] | None = None
) -> dict[str, Any]:
    """The content of metrics.json: figures over all rows and per task, in the rows' order of tasks.

    Args:
        rows: scored rows; at least one.
        count_tokens: length of a text in the model's tokens.
        examples: the items of the rows, in the same order, whose reasoning and answer the written lengths are set
            against (see `conciseness`); None leaves that out.

    Raises:
        ValueError: there are no rows, or the examples are not theirs.
    """
    if not rows:
        raise ValueError("scoring: found no predictions, expected at least one; is the test split empty?")
    parts = [split_think(row.text) for row in rows]
    written = [(count_tokens(reasoning), count_tokens(answer)) for reasoning, answer in parts]
    kinds = Counter(row.error for row in rows if row.error)
    lengths: list[Lengths] = []
    if examples is not None:
        if [example.id for example in examples] != [row.id for row in rows]:
            raise ValueError("scoring: the examples are not those of the predictions, expected the same in one order")
        lengths = [
            Lengths(*own, count_tokens(example.reasoning), count_tokens(example.answer))
            for own, example in zip(written, examples, strict=True)
        ]
    tasks = {}
    for task in dict.fromkeys(row.task for row in rows):
        places = [place for place, row in enumerate(rows) if row.task == task]
        own_rows = [rows[place] for place in places]
        tasks[task] = _figures(own_rows) | {"scores": _score_means(own_rows)}
        if lengths:
            tasks[task]["conciseness"] = conciseness([lengths[place] for place in places])
    figures = _figures(rows) | {
        "format_errors": {kind: kinds[kind] for kind in ERRORS},
        "answer_tokens_mean": _mean(answer for _, answer in written),
        "reasoning_tokens_mean": _mean(reasoning for reasoning, _ in written),
    }
    if lengths:
        figures |= {
            "reference_answer_tokens_mean": _mean(one.reference_answer for one in lengths),
            "reference_reasoning_tokens_mean": _mean(one.reference_reasoning for one in lengths),
            "conciseness": conciseness(lengths),
        }
    return figures | {"scores": _score_means(rows), "tasks": tasks}
