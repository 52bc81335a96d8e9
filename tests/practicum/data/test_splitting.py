"""Groups keep their split, and no text stands on both sides."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from practicum.data.example import Example
from practicum.data.splitting import by_split, decontaminated, split_of

Make = Callable[..., Example]


def groups_by_split(count: int, test: float, validation: float) -> dict[str, set[str]]:
    names = [f"patient {n}" for n in range(count)]
    return {
        split: {name for name in names if split_of(name, test, validation) == split}
        for split in ("train", "validation", "test")
    }


def test_shares_are_met_over_many_groups() -> None:
    sizes = Counter({split: len(names) for split, names in groups_by_split(4000, 0.18, 0.09).items()})
    assert sizes["test"] / 4000 == pytest.approx(0.18, abs=0.02)
    assert sizes["validation"] / 4000 == pytest.approx(0.09, abs=0.015)


def test_a_larger_validation_share_moves_no_group_into_or_out_of_test() -> None:
    before, after = groups_by_split(500, 0.2, 0.1), groups_by_split(500, 0.2, 0.3)
    assert before["test"] == after["test"]
    assert before["validation"] < after["validation"]


def test_new_rows_move_no_old_group(make: Make) -> None:
    old = [make(group=f"g{n}", source=f"a:{n}") for n in range(200)]
    new = [make(group=f"new {n}", source=f"b:{n}") for n in range(300)]
    before, after = by_split(old, 0.2, 0.1), by_split([*new, *old], 0.2, 0.1)
    for split, rows in before.items():
        assert rows == [row for row in after[split] if row.source.startswith("a:")]


def test_shares_that_leave_nothing_for_training_are_refused() -> None:
    with pytest.raises(ValueError, match=r"found 0\.6 \+ 0\.4, expected less than 1"):
        split_of("g", 0.6, 0.4)


def test_a_copy_of_a_test_row_leaves_the_training_side_and_test_keeps_its_own(make: Make) -> None:
    words = " ".join(f"w{n}" for n in range(120))
    test_row = make(source="a:9", context=f"{words} and 3 and 4.")
    exact = replace(test_row, source="a:1", group="g1")
    near = replace(test_row, source="a:2", group="g2", context=f"{words} and 3 plus 4.", id="")
    other_answer = replace(near, source="a:3", answer='{"value": 12}', context=f"{words} and 3 times 4.", id="")
    held = make(source="a:5", context="Held by validation: 3 and 4 in it.")
    of_validation = replace(held, source="a:4", group="g3")
    clean, leaks, copies = decontaminated(
        {"train": [exact, near, other_answer, of_validation], "validation": [held, exact], "test": [test_row]}, 0.9
    )
    assert clean == {"train": [other_answer], "validation": [held], "test": [test_row]}
    assert sorted((leak.source, leak.rule) for leak in leaks) == [
        ("a:1", "leak"),
        ("a:1", "leak"),
        ("a:2", "leak"),
        ("a:4", "leak"),
    ]
    assert copies == []


def test_a_copy_inside_a_split_is_a_copy_and_no_leak(make: Make) -> None:
    rows = [make(source="a:1"), make(source="a:2")]
    for split in ("train", "validation", "test"):
        splits = {"train": [], "validation": [], "test": []} | {split: rows}
        clean, leaks, copies = decontaminated(splits, 0.9)
        assert (clean[split], leaks) == ([rows[0]], [])
        assert [(dropped.source, kept.source) for dropped, kept, _ in copies] == [("a:2", "a:1")]
