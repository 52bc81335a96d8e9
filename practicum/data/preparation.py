"""From collected rows to the splits of a domain, with an account of every row.

The order matters. Contradictions go before copies, or the first of two answers would win by its place in a
file. Splits come before copies, so that a copy leaves the training side and never the test split. Labels are
balanced last, over the rows that will be trained on.

Rows are cleaned in chunks, by several processes where there are many, and wait on disk; what is decided about
them is decided by number, from fingerprints of a few hundred bytes a row.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from practicum.config import Data
from practicum.data.accounting import Accounting
from practicum.data.balance import kept_per_label, shuffle_key, surplus
from practicum.data.cleaning import answer_key, cleaned, rejected, schema_validator
from practicum.data.duplicates import Fingerprints, duplicates_among, fingerprints, shingles
from practicum.data.example import (
    Example,
    Rejected,
    content_id,
    example_from_line,
    rejected_from_line,
    to_json_line,
)
from practicum.data.leaks import Grams, TestGrams, grams
from practicum.data.quality.rules import Rules
from practicum.data.quality.vocabulary import typo_score
from practicum.data.spill import Rows, Spill
from practicum.data.splitting import PRECEDENCE, SPLITS, Split, split_of
from practicum.data.workers import Workers, chunked

SHOTS = 4
"""Worked examples set aside per task."""
CHUNK = 500
"""Rows that a worker process cleans at a time."""

Numbers = NDArray[np.int64]


class PreparationError(ValueError):
    """The rows don't make a data set; says what is missing and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The splits of a domain and what was left out of them; rows are read from disk when they are asked for."""

    splits: Mapping[Split, Rows[Example]]
    shots: Sequence[Example]
    """Worked examples, rows of train: `SHOTS` per task, tasks in the domain's order."""
    left_out: Rows[Rejected]
    """Every row that is not kept. Copies stand here too, by rule `exact_duplicate` or `near_duplicate`."""
    accounting: Accounting


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a worker makes of some rows. Arrays have one entry per row that passed the rules."""

    rows: int
    """Rows that came in."""
    lines: list[bytes]
    """Rows that passed, as they will be written."""
    rejected: list[bytes]
    classes: list[tuple[str, str]]
    """Task and label."""
    groups: NDArray[np.uint64]
    splits: NDArray[np.uint8]
    """Place in SPLITS."""
    order: NDArray[np.uint64]
    """Shuffles the rows of a split."""
    surplus: NDArray[np.uint64]
    """Shuffles the rows of a label."""
    lengths: NDArray[np.int32]
    """Characters of context, question, reasoning and answer."""
    typos: NDArray[np.float32]
    """Typo score, 0 to 1."""
    prints: Fingerprints
    grams: Grams


@dataclass(frozen=True)
class Cleaning:
    """The step over a chunk of rows; pickled once for each worker process."""

    schema: Mapping[str, Any]
    data: Data
    dictionary: frozenset[str]
    seed: int

    def __reduce__(self) -> tuple[type["Cleaning"], tuple[Any, ...]]:
        return Cleaning, (self.schema, self.data, self.dictionary, self.seed)

    @cached_property
    def _validator(self) -> Any:
        return schema_validator(self.schema)

    @cached_property
    def _rules(self) -> Rules:
        return Rules.of(self.data.quality, self.dictionary)

    def __call__(self, rows: Sequence[Example | Rejected]) -> Chunk:
        results = [cleaned(row, self._validator, self._rules) for row in rows]
        kept = [row for row in results if isinstance(row, Example)]
        splits = [split_of(row.group, self.data.test, self.data.validation) for row in kept]
        return Chunk(
            rows=len(rows),
            lines=[to_json_line(row).encode() for row in kept],
            rejected=[to_json_line(row).encode() for row in results if isinstance(row, Rejected)],
            classes=[(row.task, row.label) for row in kept],
            groups=np.array([int(content_id(row.group), 16) for row in kept], np.uint64),
            splits=np.array([SPLITS.index(split) for split in splits], np.uint8),
            order=np.array(
                [shuffle_key(row.id, self.seed, split) for row, split in zip(kept, splits, strict=True)], np.uint64
            ),
            surplus=np.array([shuffle_key(row.id, self.seed, "balance") for row in kept], np.uint64),
            lengths=np.array([text_length(row) for row in kept], np.int32),
            typos=np.array([typo_score(row, self._rules.vocabulary) for row in kept], np.float32),
            prints=fingerprints(kept),
            grams=grams(kept),
        )


def text_length(example: Example) -> int:
    """Characters of the row as a model reads and writes it."""
    return len(example.context) + len(example.question) + len(example.reasoning) + len(example.answer)


def shots(
    rows: Rows[Example], classes: Sequence[tuple[str, str]], lengths: NDArray[np.int32], tasks: Sequence[str]
) -> list[Example]:
    """Short worked examples of each task: the shortest of as many labels as there are, then the shortest left.

    Args:
        rows: training rows.
        classes: task and label of each row.
        lengths: characters of each row.
        tasks: in the order in which the shots stand; `SHOTS` of each, fewer where a task has fewer rows.
    """
    ordered = np.argsort(lengths, kind="stable")
    chosen = []
    for task in tasks:
        candidates = [int(place) for place in ordered if classes[place][0] == task]
        by_label: dict[str, int] = {}
        for place in candidates:
            by_label.setdefault(classes[place][1], place)
        firsts = list(by_label.values())[:SHOTS]
        rest = (place for place in candidates if place not in firsts)
        chosen += firsts + [place for place, _ in zip(rest, range(SHOTS - len(firsts)), strict=False)]
    return [rows[place] for place in chosen]


def _require(account: Accounting, tasks: Sequence[str], data: Data) -> None:
    """Refuse a data set that can't be trained or measured on."""
    for split in SPLITS:
        if not account.splits[split]:
            share = {"test": data.test, "validation": data.validation}.get(split, 1 - data.test - data.validation)
            groups = sum(account.groups.values())
            larger = "lower data.test" if split == "train" else f"raise data.{split}"
            raise PreparationError(
                f"{account.domain}: the {split} split is empty: {account.kept} rows kept of {account.rows_in}, in "
                f"{groups} groups, of which a share of {share:.2f} belongs there; expected at least one row. Add "
                f"groups, {larger}, or see which rules turned rows away: {dict(account.rejected_by_rule)}"
            )
    for task in tasks:
        if not account.tasks[task]["train"]:
            raise PreparationError(
                f"{account.domain}: task {task!r} has no training row, expected at least one; rows kept by task: "
                f"{dict(account.tasks)}, rejected by rule: {dict(account.rejected_by_rule)}. Add rows or drop the task"
            )


class _ChunkGrams:
    """The n-grams of all rows on disk, chunk by chunk: in memory they would be the largest part."""

    def __init__(self, folder: Path | None) -> None:
        self._values = Spill(folder)
        self._counts: list[NDArray[np.int32]] = []

    def add(self, chunk: Grams) -> None:
        self._values.extend([chunk.values.tobytes()])
        self._counts.append(chunk.counts.astype(np.int32))

    def __iter__(self) -> Iterator[Grams]:
        for number, counts in enumerate(self._counts):
            yield Grams(np.frombuffer(self._values.line(number), np.uint64), counts.astype(np.int64))


@dataclass(frozen=True, slots=True)
class Columns:
    """What decides about the rows that passed the rules, one entry per row."""

    classes: NDArray[np.int32]
    """Place in `names`."""
    names: Sequence[tuple[str, str]]
    """Task and label, in order of appearance."""
    groups: NDArray[np.uint64]
    splits: NDArray[np.uint8]
    order: NDArray[np.uint64]
    surplus: NDArray[np.uint64]
    lengths: NDArray[np.int32]
    typos: NDArray[np.float32]


class _Sorting:
    """Rows on their way: which stay, and what is written of those that don't."""

    def __init__(
        self, spill: Spill, left_out: Spill, columns: Columns, prints: Fingerprints, chunk_grams: "_ChunkGrams"
    ) -> None:
        self.spill, self.left_out, self.columns, self.chunk_grams = spill, left_out, columns, chunk_grams
        # The largest part of what is in memory; dropped as soon as copies are known.
        self.prints: Fingerprints | None = prints
        self.stays = np.ones(len(columns.splits), bool)

    def row(self, number: int) -> Example:
        return example_from_line(self.spill.line(int(number)))

    def drop(self, number: int, rule: str, text: str) -> None:
        """Leave a row out, with what shows why."""
        self.stays[number] = False
        self.left_out.extend([to_json_line(rejected(self.row(number).source, rule, text)).encode()])

    def numbers(self, split: Split) -> Numbers:
        """The rows of a split that stay, as they came in."""
        return np.flatnonzero(self.stays & (self.columns.splits == SPLITS.index(split)))


def _gathered(chunks: Iterable[Chunk], folder: Path | None) -> tuple[_Sorting, int, Counter[str]]:
    """The chunks' rows on disk and their columns in memory, rows that came in, and those rejected by rule."""
    spill, left_out = Spill(folder), Spill(folder)
    rows_in = 0
    by_rule: Counter[str] = Counter()
    numbers: dict[tuple[str, str], int] = {}
    arrays: dict[str, list[NDArray[Any]]] = {
        name: [] for name in ("groups", "splits", "order", "surplus", "lengths", "typos")
    }
    classes: list[NDArray[np.int32]] = []
    prints: list[Fingerprints] = []
    chunk_grams = _ChunkGrams(folder)
    for chunk in chunks:
        rows_in += chunk.rows
        spill.extend(chunk.lines)
        left_out.extend(chunk.rejected)
        by_rule.update(rejected_from_line(line).rule for line in chunk.rejected)
        for name, parts in arrays.items():
            parts.append(getattr(chunk, name))
        classes.append(np.array([numbers.setdefault(each, len(numbers)) for each in chunk.classes], np.int32))
        prints.append(chunk.prints)
        chunk_grams.add(chunk.grams)
    joined: dict[str, Any] = {name: np.concatenate(parts) for name, parts in arrays.items()}
    columns = Columns(classes=np.concatenate(classes), names=list(numbers), **joined)
    return _Sorting(spill, left_out, columns, Fingerprints.concatenated(prints), chunk_grams), rows_in, by_rule


def _drop_contradictions(rows: _Sorting) -> int:
    """Leave out every row of a question that is answered in more than one way: nobody knows which is right.

    The model doesn't see the task's name, so a contradiction between two tasks is one as well. Test rows that agree
    among themselves stay whatever other splits say: the test split loses no row to the training side.
    """
    prints = rows.prints
    assert prints is not None
    _, question = np.unique(prints.question, axis=0, return_inverse=True)
    _, answer = np.unique(prints.answer, axis=0, return_inverse=True)
    pairs = np.unique(np.stack([question, answer], axis=1), axis=0)
    torn = np.flatnonzero(np.bincount(pairs[:, 0]) > 1) if len(pairs) else np.empty(0, np.int64)
    found: list[int] = np.flatnonzero(np.isin(question, torn)).tolist()
    members: dict[int, list[int]] = {}
    for number in found:
        members.setdefault(int(question[number]), []).append(number)
    test = rows.columns.splits == SPLITS.index("test")
    gone = 0
    for number in found:
        alike = members[int(question[number])]
        if test[number] and len({int(answer[each]) for each in alike if test[each]}) == 1:
            continue
        gone += 1
        other = next(each for each in alike if answer[each] != answer[number])
        own, theirs = rows.row(number), rows.row(other)
        shown = f"{answer_key(own.answer)}, but {answer_key(theirs.answer)} in {theirs.source}: {own.question}"
        rows.drop(number, "contradiction", shown)
    return gone


def _drop_copies(rows: _Sorting, threshold: float) -> tuple[int, dict[str, int]]:
    """Leave out copies: within a split as duplicates, across splits as leaks from the side that trains.

    A group's hash doesn't know that two groups share a text. Such a row leaves the training side, so that the
    test split never loses a row to it.

    Returns:
        Leaks, and duplicates by kind.
    """
    order = np.concatenate([rows.numbers(split) for split in PRECEDENCE])
    prints, rows.prints = rows.prints, None
    assert prints is not None
    found = duplicates_among(prints, order, threshold, lambda number: frozenset(shingles(rows.row(number))))
    del prints
    leaked = 0
    kinds = {"exact": 0, "near": 0}
    for each in found:
        own, kept = rows.row(each.index), rows.row(each.of)
        split = SPLITS[rows.columns.splits[each.of]]
        if rows.columns.splits[each.index] == rows.columns.splits[each.of]:
            kinds[each.kind] += 1
            shown = f"of {kept.source} ({each.similarity:.3f}): {own.question}"
            rows.drop(each.index, f"{each.kind}_duplicate", shown)
        else:
            leaked += 1
            rows.drop(each.index, "leak", f"{each.kind} copy of {kept.source} in {split}: {own.question}")
    return leaked, kinds


def _drop_leaks(rows: _Sorting, overlap: float) -> int:
    """Leave out rows of the training side of whose n-grams one test row holds a share of `overlap` or more."""
    test = rows.numbers("test")
    is_test = np.zeros(len(rows.stays), bool)
    is_test[test] = True
    parts, start = [], 0
    for chunk in rows.chunk_grams:
        parts.append(chunk.take(np.flatnonzero(is_test[start : start + len(chunk)])))
        start += len(chunk)
    index = TestGrams(Grams.concatenated(parts), rows.columns.groups[test], overlap)
    leaked = start = 0
    for chunk in rows.chunk_grams:
        shares, sources = index.leaks(chunk)
        for place in np.flatnonzero(shares >= overlap):
            number = start + int(place)
            if rows.stays[number] and not is_test[number]:
                leaked += 1
                own, given = rows.row(number), rows.row(test[sources[place]])
                shown = f"{shares[place]:.0%} of its 8-grams by weight stand in {given.source} in test: {own.question}"
                rows.drop(number, "leak", shown)
        start += len(chunk)
    return leaked


def _drop_surplus(rows: _Sorting, data: Data) -> int:
    """Leave out training rows of labels that would fill the split."""
    train = rows.numbers("train")
    columns = rows.columns
    counts = np.bincount(columns.classes[train], minlength=len(columns.names))
    by_task: dict[str, dict[int, int]] = {}
    for number, (task, _) in enumerate(columns.names):
        if counts[number]:
            by_task.setdefault(task, {})[number] = int(counts[number])
    kept = {
        number: count
        for of_task in by_task.values()
        for number, count in kept_per_label(of_task, data.max_label_ratio, data.label_temperature).items()
    }
    out = train[surplus(columns.classes[train], columns.surplus[train], kept)]
    for number in out:
        place = int(columns.classes[number])
        task, label = columns.names[place]
        rows.drop(number, "balance", f"label {label} of {task} over {kept[place]} rows")
    return len(out)


def _labels(rows: _Sorting) -> dict[str, dict[str, int]]:
    """Training rows per task and label."""
    names = rows.columns.names
    counts = np.bincount(rows.columns.classes[rows.numbers("train")], minlength=len(names))
    by_task: dict[str, dict[str, int]] = {}
    for (task, label), count in sorted(zip(names, counts, strict=True)):
        if count:
            by_task.setdefault(task, {})[label] = int(count)
    return by_task


def _tasks(rows: _Sorting, tasks: Sequence[str]) -> dict[str, dict[str, int]]:
    """Rows kept per task and split."""
    names = rows.columns.names
    counts: dict[str, dict[str, int]] = {task: dict.fromkeys(SPLITS, 0) for task in tasks}
    for split in SPLITS:
        of_split = np.bincount(rows.columns.classes[rows.numbers(split)], minlength=len(names))
        for (task, _), count in zip(names, of_split, strict=True):
            if count:
                counts.setdefault(task, dict.fromkeys(SPLITS, 0))[split] += int(count)
    return counts


def prepare(
    domain: str,
    rows: Iterable[Example | Rejected],
    tasks: Sequence[str],
    cleaning: Cleaning,
    workers: Workers,
    folder: Path | None = None,
) -> Prepared:
    """Clean, split, decontaminate, balance and shuffle a domain's rows.

    Args:
        domain: its name, for errors and the account.
        rows: from its sources, in their order.
        tasks: the domain's tasks in the order of reports.
        cleaning: the rules, shares and thresholds; its seed changes the order of rows and the choice of surplus
            rows, never the splits.
        workers: with `cleaning` as the step `clean`.
        folder: where rows wait on disk.

    Raises:
        PreparationError: a split is empty, or a task has no training row.
        TypeError: a row is neither an Example nor a Rejected.
    """
    data = cleaning.data
    # The empty chunk gives the columns their types, whether or not there are rows.
    chunks = itertools.chain([[]], chunked(_checked(rows, domain), CHUNK))
    table, rows_in, by_rule = _gathered(workers.map("clean", chunks), folder)
    by_rule["contradiction"] = _drop_contradictions(table)
    copied, kinds = _drop_copies(table, data.near_duplicate)
    by_rule["leak"] = copied + _drop_leaks(table, data.leak_overlap)
    labels_before = _labels(table)
    by_rule["balance"] = _drop_surplus(table, data)
    columns = table.columns
    accounting = Accounting(
        domain=domain,
        rows_in=rows_in,
        splits={split: len(table.numbers(split)) for split in SPLITS},
        rejected_by_rule={rule: count for rule, count in sorted(by_rule.items()) if count},
        duplicates=kinds,
        tasks=_tasks(table, tasks),
        labels_before=labels_before,
        labels_after=_labels(table),
        groups={split: len(np.unique(columns.groups[table.numbers(split)])) for split in SPLITS},
        typo_score=_spread(columns.typos[table.stays]),
    )
    _require(accounting, tasks, data)
    numbers = {}
    for split in SPLITS:
        of_split = table.numbers(split)
        numbers[split] = of_split[np.argsort(columns.order[of_split], kind="stable")]
    splits = {split: Rows(table.spill, numbers[split], example_from_line) for split in SPLITS}
    train = numbers["train"]
    return Prepared(
        splits=splits,
        shots=shots(
            splits["train"], [columns.names[place] for place in columns.classes[train]], columns.lengths[train], tasks
        ),
        left_out=Rows(table.left_out, range(len(table.left_out)), rejected_from_line),
        accounting=accounting,
    )


def _checked(rows: Iterable[Example | Rejected], domain: str) -> Iterator[Example | Rejected]:
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Example | Rejected):
            raise TypeError(f"{domain}: row {number} of the plug-in: found {row!r}, expected an Example or a Rejected")
        yield row


def _spread(scores: NDArray[np.float32]) -> dict[str, float]:
    """Mean and 95th percentile."""
    if not len(scores):
        return {"mean": 0.0, "p95": 0.0}
    return {"mean": round(float(scores.mean()), 4), "p95": round(float(np.quantile(scores, 0.95)), 4)}
