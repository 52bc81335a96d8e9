"""Numbers with units as people write them."""

import pytest

from practicum.evaluation.quantities import Quantity, attached, number, quantity, same_number, same_quantity


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("1.2 million", 1200000),
        ("1.2 million", "1,200,000"),
        ("1200000", "1.2 million"),
        ("3 hundred thousand", 3e5),
        ("1.2亿", 120000000),
        ("3千万元", "30,000,000 元"),
        ("5 mg", "5mg"),
        ("5 MG", "5 mg"),
        ("5 mg", "0.005 g"),
        ("5 µg", "5 mcg"),
        ("5千克", "5 kg"),
        ("10 mg/dl", "0.1 g/L"),
        ("4 g per day", "4000 mg/day"),
        ("72 hours", "3 days"),
        ("1 month", "1 months"),
        ("10 m²", "10 m2"),
        ("12 %", "12%"),
        ("12 %", "12 percent"),
        ("12 %", 0.12),
        ("50 basis points", "0.5 %"),
        ("€5 million", "5,000,000 EUR"),
        ("EUR 5", "5 euros"),
        ("US$5", "$5.00"),
        ("−5 °C", "-5 °c"),
        ("05 March", "5 March"),
        ("5 tablets", "5.0 tablets"),
        ("1", 1),
    ],
)
def test_same_quantity_in_other_words(left: str | float, right: str | float) -> None:
    assert same_quantity(left, right)
    assert same_quantity(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("5 mg", "5 g"),
        ("5 mg", "5 ml"),
        ("5 mg", 5),
        ("5 mg", "5"),
        ("5 ng", "5.5 ng"),
        ("5 tablets", "5 drops"),
        ("12 %", 12),
        ("$5", "€5"),
        ("1 month", "30 days"),
        ("4.10", "4.1"),
        ("007", "7"),
        ("1.2 million", 1.2),
        ("10²", 102),
        ("5 k", 5000),
        ("99(5)", "99(5)"),
        ("E11", "E11"),
        ("5 March 10:00", "5 March 10:00"),
        ("between 2 and 3", 2),
        ("", 0),
    ],
)
def test_what_is_not_the_same_quantity_or_none(left: str | float, right: str | float) -> None:
    assert not same_quantity(left, right)
    assert not same_quantity(right, left)


def test_value_stands_in_its_base_unit() -> None:
    assert quantity("250 ml") == Quantity(0.25, "l", False)
    assert quantity("35 million EUR") == Quantity(35e6, "eur", False)
    assert quantity("1.5") == Quantity(1.5, "", True)
    assert quantity("two") is None


def test_number_is_a_number_and_nothing_else() -> None:
    assert [number(piece) for piece in ("1,250.5", ".5", "-3", "1e3", "1,25", "5-6", "", "-", "x1")] == [
        1250.5, 0.5, -3.0, 1000.0, None, None, None, None, None,
    ]  # fmt: skip


def test_only_a_known_unit_leans_on_a_number() -> None:
    assert attached("5mg") == (5.0, "mg")
    assert attached("3rd") is None
    assert attached("mg") is None


def test_number_beyond_floats_is_no_error() -> None:
    assert not same_number(1.0, 10**400)
