"""Rows of the training side that a test row gives away: overlap in 8-grams."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from practicum.data.example import Example
from practicum.data.shingling import character_units, runs, starts, windows, word_units

WORD_GRAM = 8
"""Words to an n-gram, as Tulu 3 (Lambert et al. 2024) and PaLM (Chowdhery et al. 2022) take them."""
CHARACTER_GRAM = 13
"""Characters to an n-gram where words aren't set apart (Chinese): about eight words of 1.6 characters."""


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
    """The n-grams of each row's context and question; those of a row don't depend on the rows beside it."""
    hashes, rows = [], []
    for chinese, size in ((False, WORD_GRAM), (True, CHARACTER_GRAM)):
        chosen = np.array([row for row, each in enumerate(examples) if (each.language == "zh") is chinese], np.int64)
        if chosen.size:
            texts = [f"{examples[row].context}\n{examples[row].question}".casefold() for row in chosen]
            values, counts = windows(*(character_units if chinese else word_units)(texts), size)
            hashes.append(values)
            rows.append(np.repeat(chosen, counts))
    if not hashes:
        return Grams(np.empty(0, np.uint64), np.empty(0, np.int64))
    value, row = np.concatenate(hashes), np.concatenate(rows)
    order = np.lexsort((value, row))
    value, row = value[order], row[order]
    new = np.append(True, (value[1:] != value[:-1]) | (row[1:] != row[:-1]))
    return Grams(value[new], np.bincount(row[new], minlength=len(examples)))


class TestGrams:
    """The n-grams of the test rows, by which a leak is looked up."""

    __test__ = False  # no test class, whatever its name says to pytest

    def __init__(self, grams: Grams, groups: NDArray[np.uint64]) -> None:
        """
        Args:
            grams: of the test rows.
            groups: hash of each test row's group.
        """
        raise NotImplementedError

    def leaks(self, grams: Grams) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """For each row the largest share of its n-grams that one test row holds, 0 to 1, and the number of that
        test row among those given; -1 where the share is 0."""
        raise NotImplementedError
