"""Labels are capped and thinned out within their task, by rows that don't depend on the file's order."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from practicum.data.balance import kept_per_label, label_counts, shuffle_key, surplus
from practicum.data.example import Example

Make = Callable[..., Example]


def test_a_label_is_capped_at_the_ratio_times_the_median_of_its_task() -> None:
    assert kept_per_label({"a": 100, "b": 10, "c": 8}, 2.5, 1.0) == {"a": 25, "b": 10, "c": 8}
    assert kept_per_label({"a": 30}, 2.5, 1.0) == {"a": 30}


@pytest.mark.parametrize(
    ("temperature", "kept"),
    [(1.0, {"a": 900, "b": 100, "c": 16}), (2.0, {"a": 300, "b": 100, "c": 16}), (1e9, {"a": 100, "b": 100, "c": 16})],
)
def test_a_higher_temperature_flattens_labels_over_the_median_and_touches_none_below(
    temperature: float, kept: dict[str, int]
) -> None:
    assert kept_per_label({"a": 900, "b": 100, "c": 16}, 50.0, temperature) == kept


def test_a_label_keeps_a_row_whatever_the_settings() -> None:
    assert kept_per_label({"a": 1, "b": 1, "c": 1}, 1.0, 1e9) == {"a": 1, "b": 1, "c": 1}


def test_the_choice_depends_on_rows_and_seed_and_not_on_their_order() -> None:
    ids = [f"row {n}" for n in range(80)]
    classes = {name: int(number >= 60) for number, name in enumerate(ids)}

    def chosen(names: list[str], seed: int) -> set[str]:
        keys = np.array([shuffle_key(name, seed, "balance") for name in names], np.uint64)
        out = surplus(np.array([classes[name] for name in names], np.int32), keys, {0: 25, 1: 20})
        assert list(out) == sorted(out)
        return {names[place] for place in out}

    mixed = ids.copy()
    random.Random(1).shuffle(mixed)
    assert len(chosen(ids, 1)) == 35
    assert chosen(ids, 1) == chosen(mixed, 1)
    assert chosen(ids, 1) != chosen(ids, 2)
    assert not surplus(np.empty(0, np.int32), np.empty(0, np.uint64), {}).size


def test_labels_are_counted_by_task_in_alphabetical_order(make: Make) -> None:
    examples = [make(task="sum", label=label) for label in "bab"] + [make(task="more", label="z")]
    assert list(label_counts(examples).items()) == [("more", {"z": 1}), ("sum", {"a": 1, "b": 2})]
