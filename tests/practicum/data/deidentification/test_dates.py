"""Years and moves of dates in their many forms."""

import pytest

from practicum.data.deidentification.dates import shifted, year_of
from practicum.data.deidentification.surrogates import offset


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("03/04/2021", "2021"),
        ("5/27/15", "2015"),
        ("6/24/56", "1956"),
        ("3 Mar 2021", "2021"),
        ("March 3rd", None),
        ("03/03", None),
        ("二〇二一年三月三日", "2021"),
        ("2021年3月", "2021"),
        ("3月3日", None),
    ],
)
def test_year(text: str, year: str | None) -> None:
    assert year_of(text) == year


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("2021-02-27", "2021-03-01"),
        ("02/27/2021", "03/01/2021"),
        ("27.02.2021", "01.03.2021"),
        ("20210227", "20210301"),
        ("Feb 27, 2021", "March 1, 2021"),
        ("27 February 2021", "March 1, 2021"),
        ("02/27", "03/01"),
        ("2021年2月27日", "2021年3月1日"),
        ("二月二十七日", "3月1日"),
        ("02/30/2021", None),
        ("February", None),
    ],
)
def test_move_by_two_days(text: str, moved: str | None) -> None:
    assert shifted(text, 2) == moved


def test_offsets_spread_over_a_year_and_are_never_zero() -> None:
    days = {offset(b"key", f"emr.csv:{row}") for row in range(20_000)}
    assert min(days) == -365
    assert max(days) == 365
    assert 0 not in days
