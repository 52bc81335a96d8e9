"""How far prepared data have moved from the data that were last accepted.

Each aspect of the data (rows per task, labels of a task, lengths of its texts, values of its answers' fields,
languages, words) is a distribution over bins, and two of them are compared by the population stability index

    PSI = sum over bins of (q - p) * ln(q / p)

with p the share of a bin in the accepted data and q in the current ones: the symmetric Kullback-Leibler
divergence of Jeffreys (1946, https://doi.org/10.1098/rspa.1946.0056), in credit scoring known under this name
with 0.1 as a small and 0.2 or 0.25 as a large shift (Siddiqi, Credit Risk Scorecards, 2006). Numbers are binned by
the accepted data's deciles. Half a row is added to every bin, so that an empty one has a finite logarithm.

PSI grows when data are few, though nothing moved: between two samples of n and m rows of one distribution over b
bins it follows (1 / n + 1 / m) times a chi-square law with b - 1 degrees of freedom (Yurdakul and Naranjo,
https://doi.org/10.21314/JRMV.2020.227). Each comparison therefore says how large it gets by chance.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator
from scipy.stats import chi2

from practicum.config import Frozen
from practicum.data.answer_fields import Scalar, answer_fields
from practicum.data.example import Example, canonical_json
from practicum.data.splitting import SPLITS, Split

MAX_VALUES = 20
"""Different values up to which each is a bin of its own; numbers beyond are binned by deciles, texts are not looked
at (names, citations)."""
MAX_LABELS = 50
"""Labels and words that are a bin of their own; rarer ones are added up."""
WORD_ROWS = 20_000
"""Rows of a split whose words are counted: the first ones, which are in hash order and so a random sample."""
CHANCE = 0.999
"""Share of comparisons without drift that stay below `by_chance`."""
OTHER = "(other)"
_WORDS = re.compile(r"[^\W\d_]+")

Rows = Annotated[int, Field(ge=0)]
Counts = dict[str, Rows]
"""Rows by value."""


class Binned(Frozen):
    """Rows by the size of a number."""

    edges: list[float]
    """Upper ends, included, of all bins but the last: the deciles without repetition."""
    rows: list[Rows]
    """One more than `edges`."""

    @model_validator(mode="after")
    def edges_ascend(self) -> "Binned":
        if len(self.rows) != len(self.edges) + 1 or sorted(set(self.edges)) != self.edges:
            raise ValueError(
                f"rows: found {len(self.rows)} bins for {len(self.edges)} edges, expected ascending edges and one "
                "bin more than edges; write the file by `make accept`"
            )
        return self


class Profile(Frozen):
    """What is kept of a data set to compare later ones with: counts, and no text of a row but its commonest words."""

    splits: Counts
    tasks: Counts
    languages: Counts
    labels: dict[str, Counts]
    """By task."""
    lengths: dict[str, Binned]
    """Characters of context, question, reasoning and answer, by task."""
    answers: dict[str, dict[str, Counts | Binned]]
    """By task and field (see `answer_fields`), for fields with few values and numbers."""
    words: Counts
    """Times that each of the commonest words is used; Chinese by characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One aspect of the data, then and now."""

    aspect: str
    psi: float
    by_chance: float
    """What PSI stays below in `CHANCE` of all comparisons of this size when nothing has moved."""
    moved: str
    """The bin that adds most, such as `approve 40 % -> 61 %`."""


def _common(counts: Mapping[str, int], most: int) -> dict[str, int]:
    """The `most` largest counts, commonest first, and the rest as one."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    kept = dict(ordered[:most])
    rest = sum(count for _, count in ordered[most:])
    return kept | ({OTHER: rest} if rest else {})


def text_length(example: Example) -> int:
    return len(example.context) + len(example.question) + len(example.reasoning) + len(example.answer)


def _binned(values: Sequence[float]) -> Binned:
    edges = sorted({float(edge) for edge in np.percentile(values, range(10, 100, 10))})
    return Binned(edges=edges, rows=_in_bins(values, edges))


def _in_bins(values: Sequence[float], edges: Sequence[float]) -> list[int]:
    places = np.searchsorted(np.asarray(edges, dtype=np.float64), np.asarray(values, dtype=np.float64), side="left")
    return [int(count) for count in np.bincount(places, minlength=len(edges) + 1)]


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _spelled(values: Iterable[Scalar]) -> Counter[str]:
    """Rows by value; a text stands without quotes."""
    return Counter(value if isinstance(value, str) else canonical_json(value) for value in values)


def _by_task(examples: Iterable[Example]) -> dict[str, list[Example]]:
    found: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        found[example.task].append(example)
    return {task: found[task] for task in sorted(found)}


def _values(examples: Iterable[Example]) -> dict[str, list[Scalar]]:
    """Values of each field of the answers, fields in alphabetical order."""
    found: dict[str, list[Scalar]] = defaultdict(list)
    for example in examples:
        for name, value in answer_fields(example.answer).items():
            found[name].append(value)
    return {name: found[name] for name in sorted(found)}


def _distribution(values: Sequence[Scalar]) -> Counts | Binned | None:
    """The values' bins; None for texts that are rarely the same."""
    if len(set(map(canonical_json, values))) <= MAX_VALUES:
        return _common(_spelled(values), MAX_VALUES)
    if all(map(_is_number, values)):
        return _binned([float(value) for value in values if value is not None])
    return None


def _words(splits: Mapping[Split, Sequence[Example]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for split in SPLITS:
        for example in splits[split][:WORD_ROWS]:
            text = f"{example.context} {example.question} {example.reasoning}".lower()
            counts.update("".join(_WORDS.findall(text)) if example.language == "zh" else _WORDS.findall(text))
    return counts


def profile(splits: Mapping[Split, Sequence[Example]]) -> Profile:
    """What to compare later data with. The same rows give the same profile, in whatever order."""
    rows = [example for split in SPLITS for example in splits[split]]
    tasks = _by_task(rows)
    answers: dict[str, dict[str, Counts | Binned]] = {}
    for task, own in tasks.items():
        fields = {name: _distribution(values) for name, values in _values(own).items()}
        answers[task] = {name: bins for name, bins in fields.items() if bins is not None}
    return Profile(
        splits={split: len(splits[split]) for split in SPLITS},
        tasks={task: len(own) for task, own in tasks.items()},
        languages=_common(Counter(example.language for example in rows), MAX_LABELS),
        labels={task: _common(Counter(example.label for example in own), MAX_LABELS) for task, own in tasks.items()},
        lengths={task: _binned([text_length(example) for example in own]) for task, own in tasks.items()},
        answers=answers,
        words=_common(_words(splits), MAX_LABELS),
    )


def population_stability(accepted: Sequence[int], current: Sequence[int]) -> npt.NDArray[np.float64]:
    """What each bin adds to the population stability index; all are 0 or more.

    Args:
        accepted: rows per bin.
        current: rows of the same bins.
    """
    p = np.asarray(accepted, dtype=np.float64) + 0.5
    q = np.asarray(current, dtype=np.float64) + 0.5
    p, q = p / p.sum(), q / q.sum()
    added: npt.NDArray[np.float64] = (q - p) * np.log(q / p)
    return added


def _shares(then: int, of_then: int, now: int, of_now: int) -> str:
    return f"{100 * then / max(of_then, 1):.0f} % -> {100 * now / max(of_now, 1):.0f} %"


def _compared(
    aspect: str, names: Sequence[str], accepted: Sequence[int], current: Sequence[int], rows: tuple[int, int]
) -> Drift:
    """`rows` are those that the counts come from, then and now: words of one row are not independent."""
    added = population_stability(accepted, current)
    by_chance = 0.0
    if len(names) > 1 and min(rows) > 0:
        by_chance = float(chi2.ppf(CHANCE, len(names) - 1)) * (1 / rows[0] + 1 / rows[1])
    most = int(added.argmax()) if len(names) else 0
    moved = f"{names[most]} {_shares(accepted[most], sum(accepted), current[most], sum(current))}" if names else ""
    return Drift(aspect=aspect, psi=round(float(added.sum()), 6), by_chance=round(by_chance, 6), moved=moved)


def _of_counts(
    aspect: str, accepted: Mapping[str, int], current: Mapping[str, int], rows: tuple[int, int] | None = None
) -> Drift:
    """Counts by value. A value that the accepted data hold under `(other)`, or not at all, counts there."""
    names = [*(name for name in accepted if name != OTHER), OTHER]
    now = [current.get(name, 0) for name in names[:-1]]
    then = [accepted.get(name, 0) for name in names]
    now.append(sum(current.values()) - sum(now))
    if then[-1] == now[-1] == 0:
        names, then, now = names[:-1], then[:-1], now[:-1]
    return _compared(aspect, names, then, now, rows or (sum(then), sum(now)))


def _of_numbers(aspect: str, accepted: Binned, values: Sequence[float]) -> Drift:
    ends = [f"{edge:g}" for edge in accepted.edges]
    names = [f"<= {end}" for end in ends] + [f"> {ends[-1]}" if ends else "all"]
    rows = _in_bins(values, accepted.edges)
    return _compared(aspect, names, accepted.rows, rows, (sum(accepted.rows), len(values)))


def _of_task(accepted: Profile, task: str, own: Sequence[Example]) -> Iterator[Drift]:
    if task in accepted.labels:
        yield _of_counts(f"labels of {task}", accepted.labels[task], Counter(example.label for example in own))
    if task in accepted.lengths:
        yield _of_numbers(f"lengths of {task}", accepted.lengths[task], [text_length(example) for example in own])
    values = _values(own)
    for name, bins in accepted.answers.get(task, {}).items():
        now = values.get(name, [])
        if isinstance(bins, Binned):
            numbers = [float(value) for value in now if isinstance(value, int | float)]
            yield _of_numbers(f"{name} of {task}", bins, numbers)
        else:
            yield _of_counts(f"{name} of {task}", bins, _spelled(now))


def drift(accepted: Profile, splits: Mapping[Split, Sequence[Example]]) -> list[Drift]:
    """Each aspect of the accepted data against the current rows.

    A task that is in one of the two only moves the aspect `tasks`; its own aspects can't be compared.
    """
    rows = [example for split in SPLITS for example in splits[split]]
    tasks = _by_task(rows)
    word_rows = (
        sum(min(count, WORD_ROWS) for count in accepted.splits.values()),
        sum(min(len(splits[split]), WORD_ROWS) for split in SPLITS),
    )
    return [
        _of_counts("splits", accepted.splits, {split: len(splits[split]) for split in SPLITS}),
        _of_counts("tasks", accepted.tasks, {task: len(own) for task, own in tasks.items()}),
        _of_counts("languages", accepted.languages, Counter(example.language for example in rows)),
        *(found for task, own in tasks.items() for found in _of_task(accepted, task, own)),
        _of_counts("words", accepted.words, _words(splits), word_rows),
    ]


def moved(found: Iterable[Drift], max_drift: float) -> list[Drift]:
    """Those whose index is over `max_drift` and over what chance gives, the largest first."""
    over = [one for one in found if one.psi > max(max_drift, one.by_chance)]
    return sorted(over, key=lambda one: (-one.psi, one.aspect))
