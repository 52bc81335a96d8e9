"""Check digits of identifiers: they tell a number that identifies someone from one that merely has its length."""

from datetime import date

_VIN_VALUES = dict(zip("0123456789", range(10), strict=True)) | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9], strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: payment cards; also National Provider Identifiers behind the prefix 80840."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def vin(text: str) -> bool:
    """49 CFR 565.15: seventeen characters without I, O and Q, the ninth of which is the check digit."""
    if len(text) != 17 or any(character not in _VIN_VALUES for character in text):
        return False
    remainder = sum(_VIN_VALUES[c] * weight for c, weight in zip(text, _VIN_WEIGHTS, strict=True)) % 11
    return text[8] == ("X" if remainder == 10 else str(remainder))


def dea(text: str) -> bool:
    """A registration number of the Drug Enforcement Administration: two letters (or letter and 9), seven digits."""
    digits = [int(c) for c in text[2:]]
    return (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]


def npi(digits: str) -> bool:
    """A National Provider Identifier, 45 CFR 162.406."""
    return len(digits) == 10 and digits[0] in "12" and luhn("80840" + digits)


def resident_id(text: str) -> bool:
    """GB 11643-1999: eighteen characters with a date of birth and a check character (ISO 7064, MOD 11-2)."""
    if len(text) != 18 or not text[:17].isdigit():
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    check = sum(int(c) * weight for c, weight in zip(text[:17], _RESIDENT_WEIGHTS, strict=True)) % 11
    return text[17].upper() == "10X98765432"[check]


def credit_code(text: str) -> bool:
    """GB 32100-2015: the unified social credit code of an organisation, eighteen characters, MOD 31."""
    text = text.upper()
    if len(text) != 18 or any(c not in _CREDIT_ALPHABET for c in text):
        return False
    total = sum(_CREDIT_ALPHABET.index(c) * pow(3, place, 31) for place, c in enumerate(text[:17]))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31] == text[17]
