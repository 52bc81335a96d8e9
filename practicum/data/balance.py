"""A label that fills the training split teaches the model to guess it."""

import hashlib
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from practicum.data.example import Example

Label = TypeVar("Label")


def shuffle_key(row_id: str, seed: int, purpose: str) -> int:
    """A number below 2**64 that shuffles rows the same way on every machine, whatever rows stand beside them."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{purpose}:{row_id}".encode()).digest()[:8], "big")


def label_counts(examples: Iterable[Example]) -> dict[str, dict[str, int]]:
    """Rows per label of each task, in alphabetical order."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for example in examples:
        counts[example.task][example.label] += 1
    return {task: dict(sorted(counts[task].items())) for task in sorted(counts)}


def kept_per_label(counts: Mapping[Label, int], max_ratio: float, temperature: float) -> dict[Label, int]:
    """How many rows each label of a task keeps.

    With m the median of the counts, a label with c > m rows keeps m * (c / m) ** (1 / temperature), the tempering
    that multilingual models sample languages by (https://arxiv.org/abs/1910.10683, section 3.5.2), and never more
    than max_ratio * m. Rows are left out, none is repeated.

    Args:
        counts: rows per label, each at least 1.
        max_ratio: at least 1.
        temperature: at least 1, which changes nothing; the larger, the flatter.
    """
    median = statistics.median(counts.values())
    cap = max(1, math.floor(max_ratio * median))
    kept = {}
    for label, count in counts.items():
        tempered = count if count <= median else math.floor(median * (count / median) ** (1 / temperature) + 1e-9)
        kept[label] = min(count, max(1, tempered), cap)
    return kept


def surplus(classes: NDArray[np.int32], keys: NDArray[np.uint64], kept: Mapping[int, int]) -> NDArray[np.int64]:
    """Which rows are too many.

    Args:
        classes: (n,) number of each row's task and label.
        keys: (n,) `shuffle_key` of each row; the rows of a class with the smallest ones stay.
        kept: rows that a class keeps.

    Returns:
        Places of the rows to leave out, in rising order.
    """
    out = []
    for number, count in kept.items():
        members = np.flatnonzero(classes == number)
        if len(members) > count:
            out.append(members[np.argsort(keys[members], kind="stable")[count:]])
    return np.sort(np.concatenate(out)) if out else np.empty(0, np.int64)
