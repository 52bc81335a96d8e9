"""Labels are capped within their task, by rows that don't depend on the file's order."""

import random
from collections.abc import Callable

from practicum.data.balance import balanced, label_counts, shuffled
from practicum.data.example import Example

Make = Callable[..., Example]


def rows(make: Make, counts: dict[str, int], task: str = "sum") -> list[Example]:
    return [
        make(task=task, label=label, source=f"{task}-{label}:{n}", context=f"{label} {n} pears and plums")
        for label, count in counts.items()
        for n in range(count)
    ]


def test_a_label_is_capped_at_the_ratio_times_the_median_of_its_task(make: Make) -> None:
    examples = rows(make, {"a": 100, "b": 10, "c": 8}) + rows(make, {"a": 30}, "other")
    kept, turned_away = balanced(examples, 2.5, seed=1)
    assert label_counts(kept) == {"other": {"a": 30}, "sum": {"a": 25, "b": 10, "c": 8}}
    assert len(turned_away) == 75
    assert {row.rule for row in turned_away} == {"balance"}
    assert turned_away[0].text == "label a of sum over 25 rows"


def test_the_choice_depends_on_rows_and_seed_and_not_on_their_order(make: Make) -> None:
    examples = rows(make, {"a": 60, "b": 10, "c": 10})
    mixed = examples.copy()
    random.Random(1).shuffle(mixed)
    chosen = {row.source for row in balanced(examples, 2.0, seed=1)[0]}
    assert chosen == {row.source for row in balanced(mixed, 2.0, seed=1)[0]}
    assert chosen != {row.source for row in balanced(examples, 2.0, seed=2)[0]}


def test_kept_rows_stay_in_their_order(make: Make) -> None:
    examples = rows(make, {"a": 60, "b": 10, "c": 10})
    kept, _ = balanced(examples, 2.0, seed=1)
    assert kept == [row for row in examples if row in kept]
    assert balanced([], 2.0, seed=1) == ([], [])


def test_shuffling_mixes_tasks_and_keeps_the_order_of_old_rows_when_rows_are_added(make: Make) -> None:
    old = rows(make, {"a": 40}) + rows(make, {"a": 40}, "other")
    new = rows(make, {"b": 30})
    mixed = shuffled(old, 3, "train")
    assert 15 <= sum(row.task == "sum" for row in mixed[:40]) <= 25
    assert mixed == [row for row in shuffled(new + old, 3, "train") if row.label == "a"]
    assert mixed != shuffled(old, 4, "train")
