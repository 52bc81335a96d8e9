"""Texts as windows of words, or of characters where words aren't set apart, each window one 64-bit hash.

A chunk of rows is hashed at once, in numpy. Hashes depend on the text alone, so that every process and every
run gives the same.
"""

import re
from collections.abc import Sequence
from hashlib import blake2b
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Counts = NDArray[np.int64]

WORDS = re.compile(r"[^\W_]+(?:[.,][0-9]+)*|[<>≤≥=≠+*/%$€£¥×÷−-]")
"""Words and whole numbers; signs that change what is said, but no punctuation."""

_PAD = np.uint64(0x9E3779B97F4A7C15)
"""Stands after the units of a text that is shorter than one window; no unit's hash but by chance."""


def mixed(values: Hashes) -> Hashes:
    """Each value spread over all 64 bits, one to one: the finalizer of SplitMix64 (Steele, Lea and Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def hashed(text: str, size: int) -> bytes:
    """`size` bytes that depend on the text alone."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()


def starts(counts: Counts) -> Counts:
    """Where each run of `counts` entries begins, and after them where the last one ends: one entry more."""
    ends = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=ends[1:])
    return ends


def runs(first: Counts, counts: Counts) -> Counts:
    """The places first[0], first[0] + 1, ... of each run of `counts` entries, one run after the other."""
    ends = starts(counts)
    return np.arange(ends[-1]) + np.repeat(first - ends[:-1], counts)


def word_units(texts: Sequence[str]) -> tuple[Hashes, Counts]:
    """Hashes of the texts' words, one text after the other, and how many words each text has."""
    found = [WORDS.findall(text) for text in texts]
    words = list(chain.from_iterable(found))
    table = {word: int.from_bytes(hashed(word, 8), "little") for word in set(words)}
    units = np.fromiter(map(table.__getitem__, words), np.uint64, len(words))
    return units, np.array([len(part) for part in found], np.int64)


def character_units(texts: Sequence[str]) -> tuple[Hashes, Counts]:
    """Hashes of the texts' characters but blanks, one text after the other, and how many each text has."""
    solid = ["".join(text.split()) for text in texts]
    codes = np.frombuffer("".join(solid).encode("utf-32-le", "surrogatepass"), np.uint32)
    return mixed(codes.astype(np.uint64) + np.uint64(1)), np.array([len(text) for text in solid], np.int64)


def windows(units: Hashes, counts: Counts, size: int) -> tuple[Hashes, Counts]:
    """Hashes of all windows of `size` units; a text of fewer units is one window.

    Args:
        units: hashes of the units, one text after the other.
        counts: units of each text.
        size: units to a window.

    Returns:
        The hashes, one text after the other, and how many each text has: at least one.
    """
    padded = np.maximum(counts, size)
    first = starts(padded)
    line = np.full(first[-1], _PAD)
    line[runs(first[:-1], counts)] = units
    windowed = padded - size + 1
    begin = runs(first[:-1], windowed)
    hashes = line[begin]
    for step in range(1, size):
        # Mixing before each sum makes the order of units count.
        hashes = mixed(hashes) + line[begin + step]
    return mixed(hashes), windowed
