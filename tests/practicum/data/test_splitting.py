"""Groups keep their split."""

from collections import Counter

import pytest

from practicum.data.splitting import split_of


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


def test_shares_that_leave_nothing_for_training_are_refused() -> None:
    with pytest.raises(ValueError, match=r"found 0\.6 \+ 0\.4, expected less than 1"):
        split_of("g", 0.6, 0.4)
