"""Which rows train, which stop training, and which are only ever tested on."""

import hashlib
from collections.abc import Sequence
from typing import Literal, get_args

from practicum.data.cleaning import rejected
from practicum.data.duplicates import Duplicate, duplicates
from practicum.data.example import Example, Rejected

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
PRECEDENCE: tuple[Split, ...] = ("test", "validation", "train")
"""Which split keeps a text that stands in two: what measures goes before what is measured."""


def unit_interval(text: str) -> float:
    """A number from 0 to below 1 that depends on the text alone, evenly spread."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def split_of(group: str, test: float, validation: float) -> Split:
    """The split of a group, by the hash of its name alone: new data moves no old group.

    Args:
        group: patient, company, article.
        test: share of groups held out.
        validation: share of groups for early stopping; changing it moves no group into or out of test.

    Raises:
        ValueError: the shares leave nothing to train on.
    """
    if test + validation >= 1:
        raise ValueError(
            f"data.test + data.validation: found {test} + {validation}, expected less than 1 so that rows are left "
            "for training"
        )
    place = unit_interval(group)
    if place < test:
        return "test"
    return "validation" if place < test + validation else "train"


def by_split(examples: Sequence[Example], test: float, validation: float) -> dict[Split, list[Example]]:
    """The rows of each split, in the given order; a group's rows stay together. Shares as in `split_of`."""
    splits: dict[Split, list[Example]] = {split: [] for split in SPLITS}
    for example in examples:
        splits[split_of(example.group, test, validation)].append(example)
    return splits


def decontaminated(
    splits: dict[Split, list[Example]], threshold: float
) -> tuple[dict[Split, list[Example]], list[Rejected], list[tuple[Example, Example, Duplicate]]]:
    """Each split without its own copies and without copies of what a split of higher precedence holds.

    A group's hash doesn't know that two groups share a text. Such a row leaves the training side, so that
    the test split never loses a row to it.

    Args:
        splits: rows by split.
        threshold: see `practicum.data.duplicates.duplicates`.

    Returns:
        The splits; rows rejected by rule `leak`, copies across splits; and copies inside a split, each as
        (row dropped, row that stays, what was found).
    """
    rows = [(split, example) for split in PRECEDENCE for example in splits[split]]
    leaks: list[Rejected] = []
    copies: list[tuple[Example, Example, Duplicate]] = []
    dropped = set()
    for duplicate in duplicates([example for _, example in rows], threshold):
        (split, example), (kept_in, kept) = rows[duplicate.index], rows[duplicate.of]
        dropped.add(duplicate.index)
        if split == kept_in:
            copies.append((example, kept, duplicate))
        else:
            shown = f"{duplicate.kind} copy of {kept.source} in {kept_in}: {example.question}"
            leaks.append(rejected(example.source, "leak", shown))
    clean: dict[Split, list[Example]] = {split: [] for split in SPLITS}
    for index, (split, example) in enumerate(rows):
        if index not in dropped:
            clean[split].append(example)
    return clean, leaks, copies
