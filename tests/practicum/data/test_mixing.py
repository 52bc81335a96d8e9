"""Rows of other domains in a domain's training."""

import pytest

from practicum.data.mixing import chosen

FINANCE = [f"finance {number}".encode() for number in range(50)]
LEGAL = [f"legal {number}".encode() for number in range(8)]


def test_each_domain_gives_its_share_once_and_in_order() -> None:
    rows = chosen(40, {"finance": FINANCE, "legal": LEGAL}, {"legal": 0.1, "finance": 0.5}, seed=1)
    assert len(rows) == len(set(rows)) == 24
    assert rows[:20] == [row for row in FINANCE if row in rows]
    assert rows[20:] == [row for row in LEGAL if row in rows]


def test_the_sample_depends_on_the_seed_and_on_no_other_domain() -> None:
    alone = chosen(40, {"finance": FINANCE}, {"finance": 0.5}, seed=1)
    assert chosen(40, {"finance": FINANCE, "legal": LEGAL}, {"finance": 0.5, "legal": 0.1}, seed=1)[:20] == alone
    assert chosen(40, {"finance": FINANCE}, {"finance": 0.5}, seed=2) != alone


def test_more_than_a_domain_has_is_refused_with_the_most_that_it_can_give() -> None:
    with pytest.raises(ValueError, match=r"mix\.legal: found 8 rows, expected at least 20 .* set it to 0\.200 or less"):
        chosen(40, {"legal": LEGAL}, {"legal": 0.5}, seed=1)
