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
from scipy.sparse import csr_array

from practicum.data.example import Example
from practicum.data.shingling import Counts, Hashes, character_units, runs, starts, windows, word_units

WORD_GRAM = 8
"""Words to an n-gram."""
CHARACTER_GRAM = 13
"""Characters to an n-gram where words aren't set apart (Chinese): about as much text as eight words."""
MAX_HELD = 1000
"""Test rows of an n-gram up to which it is looked for in each of them. A row that leaks has rarer ones as well, but
where a template allows no other."""
MAX_CANDIDATES = 32
"""Test rows that a row is compared with in full: those with which it has most of its rare n-grams in common."""
RARE = 0.5
"""The rarest n-grams of a row are looked for, down to where the rest is too light for this share of a leak's overlap,
so that the other share must be found among them."""

_ROW_BITS = 24
"""Of an entry of the index; the upper 40 are the n-gram's hash, of which one in 70,000 foreign n-grams hits one of
15 million by chance."""
_ROW = np.uint64(2**_ROW_BITS - 1)
_CHUNK = 2**19
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


def _sums(row: Counts, weight: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    return np.bincount(row, weight, minlength=rows).astype(np.float64)


def _rare(row: Counts, weight: NDArray[np.float64], total: NDArray[np.float64], rest: float) -> NDArray[np.bool_]:
    """Which n-grams are the rarest of each row, down to where the others weigh less than a share of `rest`.

    Args:
        row: of each n-gram, ascending.
        weight: of each n-gram.
        total: weight of each row.
        rest: share of the row's weight.
    """
    order = np.lexsort((-weight, row))
    done = np.cumsum(weight[order])
    begin = np.append(0.0, done)[np.searchsorted(row, np.arange(len(total)))]
    before = done - weight[order] - begin[row]
    rare = np.empty(len(row), bool)
    rare[order] = total[row] - before >= rest * total[row] - 1e-9
    return rare


class TestGrams:
    """The n-grams of the test rows, by which leaks are looked up: some 15 bytes each."""

    __test__ = False  # no test class, whatever pytest takes its name for

    def __init__(self, grams: Grams, groups: NDArray[np.uint64], overlap: float) -> None:
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
        self._enough = np.zeros(len(grams))
        """Weight of its rare n-grams that a row which leaks this one must hold."""
        rare = []
        ends = starts(grams.counts)
        for begin, end in self._slices(grams.counts):
            entries = _entries(grams.values[ends[begin] : ends[end]])
            weight = self._weight(entries)
            local = np.repeat(np.arange(end - begin), grams.counts[begin:end])
            total = _sums(local, weight, end - begin)
            chosen = _rare(local, weight, total, RARE * overlap)
            self._totals[place[begin:end]] = total
            left = total - _sums(local[chosen], weight[chosen], end - begin)
            self._enough[place[begin:end]] = overlap * total - left
            rare.append(entries[chosen] | row[ends[begin] : ends[end]][chosen].astype(np.uint64))
        self._rare = np.sort(np.concatenate([np.empty(0, np.uint64), *rare]))

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
        # In order, neighbours are looked up in the same part of the index.
        order = np.argsort(entries)
        at = np.minimum(np.searchsorted(self._index, entries[order]), len(self._index) - 1)
        known = self._index[at] >> np.uint64(_ROW_BITS) == entries[order] >> np.uint64(_ROW_BITS)
        weight = np.empty(len(entries))
        weight[order] = np.where(known, self._weights[at], 1.0)
        return weight

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
        total = _sums(row, weight, len(counts))
        rare = _rare(row, weight, total, RARE * self.overlap)
        enough = self.overlap * total - (total - _sums(row[rare], weight[rare], len(counts)))
        # A test row that holds enough of a row holds enough of its rare n-grams, and a row that holds enough of a
        # test row, of that one's.
        met = [
            self._candidates(self._index, row[rare], entries[rare], weight[rare], enough),
            self._candidates(self._rare, row, entries, weight, None),
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
            shared = _sums(pair, np.where(self._index[found] == wanted, weight[at], 0.0), end - begin)
            overlap[part] = shared / np.minimum(total[own[part]], self._totals[test[part]])
        # The largest overlap first, and of equal ones the test row that was given first.
        order = np.lexsort((self._number[test], -overlap, own))
        order = order[np.append(True, own[order][1:] != own[order][:-1])]
        order = order[overlap[order] >= self.overlap - 1e-9]
        shares[own[order]] = np.minimum(overlap[order], 1.0)
        rows[own[order]] = self._number[test[order]]
        return shares, rows

    def _candidates(
        self,
        index: NDArray[np.uint64],
        row: Counts,
        entries: NDArray[np.uint64],
        weight: NDArray[np.float64],
        enough: NDArray[np.float64] | None,
    ) -> NDArray[np.uint64]:
        """Rows and test rows that have enough of the given n-grams in common, as `row << _ROW_BITS | test row`.

        Args:
            index: entries of the test rows' n-grams.
            row: of each n-gram, ascending.
            entries: of each n-gram, for no test row.
            weight: of each n-gram.
            enough: weight in common that each row needs; None for what each test row needs.
        """
        gram, which = np.unique(entries, return_inverse=True)
        begin = np.searchsorted(index, gram)
        held = np.searchsorted(index, gram | _ROW, "right") - begin
        # What stands in too many test rows is left out; what it might have added is not asked for.
        left_out = held > MAX_HELD
        held[left_out] = 0
        rows = int(row[-1]) + 1 if len(row) else 0
        test = (index[runs(begin, held)] & _ROW).astype(np.int32)
        holders = csr_array((np.ones(len(test)), test, starts(held)), shape=(len(gram), len(self._totals)))
        known = held[which] > 0
        per_row = np.bincount(row[known], minlength=rows)
        asked = csr_array((weight[known], which[known], starts(per_row)), shape=(rows, len(gram)))
        met = asked @ holders
        missing = _sums(row[left_out[which]], weight[left_out[which]], rows)
        each = np.diff(met.indptr)
        if enough is not None:
            needed = np.repeat(enough[:rows] - missing, each)
        else:
            needed = self._enough[met.indices] - np.repeat(missing, each)
        chosen = np.flatnonzero(met.data >= needed - 1e-9)
        own, test = np.searchsorted(met.indptr, chosen, "right") - 1, met.indices[chosen].astype(np.int64)
        best = np.lexsort((test, -met.data[chosen], own))
        own, test = own[best], test[best]
        best = np.flatnonzero(np.arange(len(own)) - np.searchsorted(own, own) < MAX_CANDIDATES)
        return _entries(own[best].astype(np.uint64) << np.uint64(_ROW_BITS), test[best])
