"""Which rows train, which stop training, and which are only ever tested on."""

import hashlib
from typing import Literal, get_args

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
