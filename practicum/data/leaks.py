"""Rows of the training side that give a test row away, by the 8-grams they have in common.

Overlap in n-grams is how evaluation data is kept out of training data: 13-grams for GPT-3 (Brown et al. 2020),
10-grams for Llama 2 (Touvron et al. 2023), 8-grams for PaLM (Chowdhery et al. 2022) and Tülu 3 (Lambert et al.
2024, which drops what shares half of a test item). Those texts don't repeat each other. Rows of open-book tasks do:
a rule or a guideline stands in many of them, and two honest rows of one rule share most of their n-grams. So an
n-gram counts one part in as many as there are test groups that hold it, and the overlap of two rows is

    sum of 1 / groups over the n-grams of both  /  the same sum over the row in which it is smaller:

1.0 when one row holds all of the other, and what stands in every row weighs next to nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from practicum.data.example import Example
from practicum.data.shingling import Counts, Hashes, character_units, runs, starts, windows, word_units

WORD_GRAM = 8
"""Words to an n-gram."""
CHARACTER_GRAM = 13
"""Characters to an n-gram where words aren't set apart (Chinese): about as much text as eight words."""
MAX_CANDIDATES = 512
"""Test rows at most that a row is compared with, those first with which it shares its rarest n-grams. More only
come up where the rarest n-gram of a row stands in hundreds of test rows."""

_ROW_BITS = 24
"""Of an entry of the index; the upper 40 are the n-gram's hash, of which one in 70,000 foreign n-grams hits one of
15 million by chance."""
_ROW = np.uint64(2**_ROW_BITS - 1)
_CHUNK = 2**20
"""N-grams looked up in one go."""


@dataclass(frozen=True, slots=True)
class Grams:
    """The distinct n-grams of n rows, hashed."""

    values: NDArray[np.uint64]
    """Hashes, ascending within a row, one row after the other."""
    counts: NDArray[np.int64]
    """(n,): n-grams of each row; at least one."""

    def __len__(self) -> int:
        return len(self.counts)

    @classmethod
    def concatenated(cls, parts: "Sequence[Grams]") -> "Grams":
        """The rows of all parts in order."""
        return cls(
            np.concatenate([np.empty(0, np.uint64), *(part.values for part in parts)]),
            np.concatenate([np.empty(0, np.int64), *(part.counts for part in parts)]),
        )

    def take(self, rows: NDArray[np.int64]) -> "Grams":
        """Some of the rows, by their numbers."""
        first = starts(self.counts)
        return Grams(self.values[runs(first[rows], self.counts[rows])], self.counts[rows])


def grams(examples: Sequence[Example]) -> Grams:
    """The n-grams of what is asked, context and question, of each row; those of a row don't depend on the others.

    A text of fewer words than an n-gram has counts as one n-gram.
    """
    hashes, rows = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    for chinese, size in ((False, WORD_GRAM), (True, CHARACTER_GRAM)):
        chosen = np.array([row for row, each in enumerate(examples) if (each.language == "zh") is chinese], np.int64)
        if chosen.size:
            texts = [f"{examples[row].context}\n{examples[row].question}".casefold() for row in chosen]
            values, counts = windows(*(character_units if chinese else word_units)(texts), size)
            hashes.append(values)
            rows.append(np.repeat(chosen, counts))
    value, row = np.concatenate(hashes), np.concatenate(rows)
    order = np.lexsort((value, row))
    value, row = value[order], row[order]
    new = np.ones(len(value), bool)
    new[1:] = (value[1:] != value[:-1]) | (row[1:] != row[:-1])
    return Grams(value[new], np.bincount(row[new], minlength=len(examples)))


def _entries(values: Hashes, rows: NDArray[np.int64] | int = 0) -> NDArray[np.uint64]:
    return values >> np.uint64(_ROW_BITS) << np.uint64(_ROW_BITS) | np.asarray(rows).astype(np.uint64)


def _needed(row: Counts, weight: NDArray[np.float64], total: NDArray[np.float64], overlap: float) -> NDArray[np.bool_]:
    """Which n-grams of each row can't all be absent from another that shares `overlap` of its weight: the heaviest,
    down to where the rest weighs less than that.

    Args:
        row: of each n-gram, ascending.
        weight: of each n-gram.
        total: weight of each row.
        overlap: share of the weight.
    """
    order = np.lexsort((-weight, row))
    done = np.cumsum(weight[order])
    begin = np.append(0.0, done)[np.searchsorted(row, np.arange(len(total)))]
    before = done - weight[order] - begin[row]
    needed = np.empty(len(row), bool)
    needed[order] = total[row] - before >= overlap * total[row] - 1e-9
    return needed


class TestGrams:
    """The n-grams of the test rows, by which leaks are looked up: some 13 bytes each."""

    __test__ = False  # no test class, whatever pytest takes its name for

    def __init__(self, grams: Grams, groups: NDArray[np.uint64], overlap: float = 0.5) -> None:
        """
        Args:
            grams: of the test rows.
            groups: hash of each test row's group.
            overlap: from which a row is a leak, over 0 and up to 1; lower ones are not looked for.

        Raises:
            ValueError: there are more test rows than the index has room for.
        """
        if len(grams) > int(_ROW):
            raise ValueError(f"found {len(grams)} test rows, expected {_ROW} at most; lower data.test")
        self.overlap = overlap
        # Numbered by group, so that an n-gram's entries stand by group too.
        self._number = np.argsort(groups, kind="stable")
        place = np.empty(len(grams), np.int64)
        place[self._number] = np.arange(len(grams))
        row = np.repeat(place, grams.counts)
        self._index = _entries(grams.values, row)
        self._index.sort()
        self._weights = self._weights_of(groups[self._number])
        self._totals = np.zeros(len(grams))
        needed = []
        ends = starts(grams.counts)
        for begin, end in self._slices(grams.counts):
            values, own = grams.values[ends[begin] : ends[end]], row[ends[begin] : ends[end]]
            weight = self._weight(_entries(values))
            local = np.repeat(np.arange(end - begin), grams.counts[begin:end])
            total: NDArray[np.float64] = np.bincount(local, weight, minlength=end - begin).astype(np.float64)
            self._totals[place[begin:end]] = total
            chosen = _needed(local, weight, total, overlap)
            needed.append(_entries(values[chosen], own[chosen]))
        self._needed = np.sort(np.concatenate([np.empty(0, np.uint64), *needed]))

    def _weights_of(self, groups: NDArray[np.uint64]) -> NDArray[np.float32]:
        """1 / groups of the n-gram of each entry; groups in the index's numbering."""
        index, weights = self._index, np.empty(len(self._index), np.float32)
        begin = 0
        while begin < len(index):
            end = min(begin + _CHUNK, len(index))
            # Up to where the last n-gram ends.
            end = int(np.searchsorted(index, index[end - 1] | _ROW, "right"))
            part = index[begin:end]
            group = groups[(part & _ROW).astype(np.int64)]
            gram = part >> np.uint64(_ROW_BITS)
            new = np.ones(len(part), bool)
            new[1:] = gram[1:] != gram[:-1]
            other = new.copy()
            other[1:] |= group[1:] != group[:-1]
            first = np.flatnonzero(new)
            held = np.add.reduceat(other.astype(np.int64), first)
            weights[begin:end] = np.repeat(1 / held, np.diff(np.append(first, len(part))))
            begin = end
        return weights

    @staticmethod
    def _slices(counts: Counts) -> list[tuple[int, int]]:
        """Rows from begin to end, of about `_CHUNK` n-grams together."""
        ends, begin, slices = starts(counts), 0, []
        while begin < len(counts):
            end = max(begin + 1, int(np.searchsorted(ends, ends[begin] + _CHUNK, "right")) - 1)
            slices.append((begin, end))
            begin = end
        return slices

    def _weight(self, entries: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Weight of n-grams; one that no test row holds weighs as much as one of a single group."""
        if not len(self._index):
            return np.ones(len(entries))
        at = np.minimum(np.searchsorted(self._index, entries), len(self._index) - 1)
        known = self._index[at] >> np.uint64(_ROW_BITS) == entries >> np.uint64(_ROW_BITS)
        return np.where(known, self._weights[at], 1.0)

    @staticmethod
    def _held(index: NDArray[np.uint64], entries: NDArray[np.uint64]) -> tuple[Counts, Counts]:
        """Where the entries of n-grams begin in an index, and how many there are."""
        begin = np.searchsorted(index, entries)
        return begin, np.searchsorted(index, entries | _ROW, "right") - begin

    def leaks(self, grams: Grams) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Which rows leak a test row.

        Args:
            grams: of rows of the training side.

        Returns:
            For each row the largest overlap with a test row, and that test row's number among those given; 0.0
            and -1 where no overlap is large enough.
        """
        shares, rows = np.zeros(len(grams)), np.full(len(grams), -1, np.int64)
        ends = starts(grams.counts)
        for begin, end in self._slices(grams.counts):
            values, counts = grams.values[ends[begin] : ends[end]], grams.counts[begin:end]
            shares[begin:end], rows[begin:end] = self._leaks(values, counts)
        return shares, rows

    def _leaks(self, values: Hashes, counts: Counts) -> tuple[NDArray[np.float64], Counts]:
        row = np.repeat(np.arange(len(counts)), counts)
        entries = _entries(values)
        weight = self._weight(entries)
        total: NDArray[np.float64] = np.bincount(row, weight, minlength=len(counts)).astype(np.float64)
        needed = _needed(row, weight, total, self.overlap)
        # A test row that holds enough of a row has one of the row's heaviest n-grams, and a row that holds enough
        # of a test row has one of that one's.
        met = [
            self._candidates(self._index, row[needed], entries[needed], weight[needed]),
            self._candidates(self._needed, row, entries, weight),
        ]
        pairs = np.unique(np.concatenate(met))
        shares, rows = np.zeros(len(counts)), np.full(len(counts), -1, np.int64)
        if not len(pairs):
            return shares, rows
        own, test = (pairs >> np.uint64(_ROW_BITS)).astype(np.int64), (pairs & _ROW).astype(np.int64)
        overlap = np.empty(len(pairs))
        first = starts(counts)
        for begin, end in self._slices(counts[own]):
            part = slice(begin, end)
            at = runs(first[own[part]], counts[own[part]])
            pair = np.repeat(np.arange(end - begin), counts[own[part]])
            wanted = entries[at] | test[part][pair].astype(np.uint64)
            found = np.minimum(np.searchsorted(self._index, wanted), len(self._index) - 1)
            shared = np.bincount(pair, np.where(self._index[found] == wanted, weight[at], 0.0), minlength=end - begin)
            overlap[part] = shared / np.minimum(total[own[part]], self._totals[test[part]])
        # The largest overlap first, and of equal ones the test row that was given first.
        order = np.lexsort((self._number[test], -overlap, own))
        order = order[np.append(True, own[order][1:] != own[order][:-1])]
        order = order[overlap[order] >= self.overlap - 1e-9]
        shares[own[order]] = np.minimum(overlap[order], 1.0)
        rows[own[order]] = self._number[test[order]]
        return shares, rows

    def _candidates(
        self, index: NDArray[np.uint64], row: Counts, entries: NDArray[np.uint64], weight: NDArray[np.float64]
    ) -> NDArray[np.uint64]:
        """Rows and test rows that share one of the given n-grams by the index, as `row << _ROW_BITS | test row`."""
        begin, held = self._held(index, entries)
        order = np.lexsort((held, -weight, row))
        order = order[held[order] > 0]
        row, begin, held = row[order], begin[order], held[order]
        before = np.cumsum(held) - held
        first = np.ones(len(row), bool)
        first[1:] = row[1:] != row[:-1]
        # Entries of the row's rarer n-grams before these.
        before -= np.maximum.accumulate(np.where(first, before, 0))
        held = np.clip(MAX_CANDIDATES - before, 0, held)
        test = index[runs(begin, held)] & _ROW
        return np.unique(np.repeat(row, held).astype(np.uint64) << np.uint64(_ROW_BITS) | test)
