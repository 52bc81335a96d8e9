"""Check digits, on numbers that their standards or issuers publish, and the same with one digit changed."""

import pytest

from practicum.data.deidentification import checksums


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (checksums.luhn, "4111111111111111", "4111111111111112"),
        (checksums.vin, "1M8GDM9AXKP042788", "1M8GDM9A1KP042788"),
        (checksums.npi, "1234567893", "1234567890"),
        (checksums.dea, "AB1234563", "AB1234567"),
        (checksums.resident_id, "11010519491231002X", "110105194912310021"),
        (checksums.resident_id, "440524188001010014", "440524188013010014"),
        (checksums.credit_code, "91350100M000100Y43", "91350100M000100Y44"),
    ],
)
def test_check_digits(check: object, right: str, wrong: str) -> None:
    assert callable(check)
    assert check(right)
    assert not check(wrong)
