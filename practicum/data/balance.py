"""A label that fills the training split teaches the model to guess it."""

import hashlib
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence

from practicum.data.cleaning import rejected
from practicum.data.example import Example, Rejected


def shuffle_key(example: Example, seed: int, purpose: str) -> tuple[str, str]:
    """A sort key that shuffles rows the same way on every machine, whatever rows stand beside them."""
    return hashlib.sha256(f"{seed}:{purpose}:{example.id}".encode()).hexdigest(), example.source


def shuffled(examples: Sequence[Example], seed: int, purpose: str) -> list[Example]:
    """The rows in hash order, so that tasks and labels are mixed."""
    return sorted(examples, key=lambda example: shuffle_key(example, seed, purpose))


def label_counts(examples: Sequence[Example]) -> dict[str, dict[str, int]]:
    """Rows per label of each task, in alphabetical order."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for example in examples:
        counts[example.task][example.label] += 1
    return {task: dict(sorted(counts[task].items())) for task in sorted(counts)}


def balanced(examples: Sequence[Example], max_label_ratio: float, seed: int) -> tuple[list[Example], list[Rejected]]:
    """Cap each label at `max_label_ratio` times the median label count of its task.

    Args:
        examples: the training rows.
        max_label_ratio: at least 1.
        seed: changes which rows of a label are surplus.

    Returns:
        The rows that stay and those rejected by rule `balance`, both in the given order.
    """
    caps = {
        task: max(1, math.floor(max_label_ratio * statistics.median(counts.values())))
        for task, counts in label_counts(examples).items()
    }
    chosen: Counter[tuple[str, str]] = Counter()
    surplus = set()
    for index in sorted(range(len(examples)), key=lambda row: shuffle_key(examples[row], seed, "balance")):
        example = examples[index]
        chosen[example.task, example.label] += 1
        if chosen[example.task, example.label] > caps[example.task]:
            surplus.add(index)
    kept = [example for index, example in enumerate(examples) if index not in surplus]
    turned_away = [
        rejected(example.source, "balance", f"label {example.label} of {example.task} over {caps[example.task]} rows")
        for index, example in enumerate(examples)
        if index in surplus
    ]
    return kept, turned_away
