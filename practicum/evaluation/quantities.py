"""Numbers with units as people write them, read to a value that can be compared.

`1.2 million` is 1200000, `5mg` is `5 mg` and `0.005 g`, `EUR 5 million` is `€5,000,000`. A unit is part of the
quantity: 5 is not `5 mg`, and a unit that is not known here must agree as a word. Per cent is no unit but a factor:
`12 %` is 0.12 and not 12. Months and years are not turned into days, because they have no one length.

A text of digits alone may be a name and not a number (section 4.10 is not section 4.1), so two such texts are
never taken for quantities.
"""

import math
import re
import unicodedata
from typing import NamedTuple

RELATIVE_TOLERANCE = 1e-6
ABSOLUTE_TOLERANCE = 1e-9

SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "mn": 1e6, "mio": 1e6, "billion": 1e9, "bn": 1e9,
    "trillion": 1e12, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8,
}  # fmt: skip
"""Words that multiply the number before them. `k` and `m` are not among them: kelvin and metre."""

SYMBOLS = {
    "%": "%", "percent": "%", "‰": "‰", "$": "usd", "€": "eur", "euro": "eur", "euros": "eur", "£": "gbp", "¥": "¥",
    "rmb": "cny", "人民币": "cny", "元": "cny",
}  # fmt: skip
"""Spellings of per cent and of currencies, each by its one name."""

_NAMES = {
    "g": ("gram", "grams", "gramme", "grammes", "克"),
    "l": ("litre", "litres", "liter", "liters", "升"),
    "m": ("metre", "metres", "meter", "meters", "米"),
    "mol": ("mole", "moles"),
}
_PREFIXES = {
    "k": (1e3, "kilo", "千"), "d": (1e-1, "deci", "分"), "c": (1e-2, "centi", "厘"), "m": (1e-3, "milli", "毫"),
    "μ": (1e-6, "micro", "微"), "n": (1e-9, "nano", "纳"), "p": (1e-12, "pico", "皮"),
}  # fmt: skip
_TIMES = (
    (1.0, ("s", "sec", "secs", "second", "seconds", "秒")),
    (60.0, ("min", "mins", "minute", "minutes", "分钟")),
    (3600.0, ("h", "hr", "hrs", "hour", "hours", "小时")),
    (86400.0, ("day", "days", "天")),
    (604800.0, ("week", "weeks", "周")),
)


def _units() -> dict[str, tuple[float, str]]:
    """Each spelling of a unit with its factor and the unit that it is counted in."""
    found: dict[str, tuple[float, str]] = {}
    for base, words in _NAMES.items():
        found |= dict.fromkeys((base, *words), (1.0, base))
        for prefix, (size, long, chinese) in _PREFIXES.items():
            found[prefix + base] = size, base
            found |= {(long if word.isascii() else chinese) + word: (size, base) for word in words}
    found |= {"公斤": (1e3, "g"), "公里": (1e3, "m"), "mcg": (1e-6, "g"), "ug": (1e-6, "g"), "ul": (1e-6, "l")}
    found |= {"umol": (1e-6, "mol"), "cc": (1e-3, "l")}
    for factor, names in _TIMES:
        found |= dict.fromkeys(names, (factor, "s"))
    for word in ("month", "year"):
        found |= {word: (1.0, word), f"{word}s": (1.0, word)}
    found |= {"个月": (1.0, "month"), "年": (1.0, "year")}
    found |= {name: (1.0, symbol) for name, symbol in SYMBOLS.items() if symbol not in "%‰"}
    found |= {"%": (1e-2, ""), "percent": (1e-2, ""), "per cent": (1e-2, ""), "‰": (1e-3, "")}
    found |= {"bps": (1e-4, ""), "basis point": (1e-4, ""), "basis points": (1e-4, "")}
    return found


UNITS = _units()

NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)?(?:\.\d+)?(?:(?<=\d)e[-+]?\d{1,3}(?![\w]))?"
_NUMBER = re.compile(NUMBER, re.ASCII)
_BEFORE = r"(?:(?:us|eur|gbp|usd|cny|chf|rmb|jpy)\s?)?[$€£¥]?"
_QUANTITY = re.compile(
    rf"(?P<before>{_BEFORE})\s*(?P<number>{NUMBER})\s*(?P<after>(?:[^\d\s^][^\d:;,()\[\]<>=]{{0,39}}(?:(?<=[a-z^])[23])?)?)",
    re.ASCII,
)
_ATTACHED = re.compile(rf"(?P<number>{NUMBER})(?P<unit>[^\W\d_]+)")
_SUPERSCRIPTS = str.maketrans({digit: f"^{n}" for n, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")} | {"⁻": "^-", "−": "-"})


class Quantity(NamedTuple):
    """A number in its base unit."""

    value: float
    unit: str
    """Empty for a pure number."""
    digits: bool
    """Whether it was written as digits alone, which may be a name."""


def same_number(left: float, right: float) -> bool:
    """Whether two numbers agree to a relative 1e-6."""
    return math.isclose(as_float(left), as_float(right), rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)


def as_float(number: float) -> float:
    """The number; one too large for a float, as JSON allows, is infinite."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def normalised(text: str) -> str:
    """Unicode compatibility form with exponents kept apart (10² is not 102), lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(_SUPERSCRIPTS)).casefold().split())


def number(piece: str) -> float | None:
    """The value of a text that is nothing but a number."""
    digits = _NUMBER.fullmatch(piece) if any(character.isdigit() for character in piece) else None
    return float(piece.replace(",", "")) if digits else None


def attached(piece: str) -> tuple[float, str] | None:
    """A number and the known unit or scale that leans on it, as in `5mg`; None for anything else, such as `3rd`."""
    match = _ATTACHED.fullmatch(piece)
    value = number(match["number"]) if match else None
    return (value, match["unit"]) if match and value is not None and _known(match["unit"]) else None


def _known(word: str) -> bool:
    return word in UNITS or word in SCALES


def _scaled(text: str) -> tuple[float, str]:
    """The factor of the scale words that a text begins with, and the rest."""
    factor = 1.0
    while text and text not in UNITS:
        word = next((word for word in SCALES if text.startswith(word)), None)
        # Chinese divides no words; an English scale ends where the word does.
        if word is None or (word.isascii() and text[len(word) : len(word) + 1].isalpha()):
            break
        factor *= SCALES[word]
        text = text[len(word) :].strip()
    return factor, text


def _unit(text: str) -> tuple[float, str]:
    """Factor and name of a unit, `mg/dl` part by part; an unknown part is its own name."""
    if text in UNITS:
        return UNITS[text]
    factor, names = 1.0, []
    for place, part in enumerate(re.split(r"\s*/\s*|\s+per\s+", text)):
        size, name = UNITS.get(part, (1.0, part))
        factor = factor * size if place == 0 else factor / size
        names.append(name)
    return factor, "/".join(names)


def quantity(text: str) -> Quantity | None:
    """Read a text that is one number with its scale, unit or currency and nothing else; None for any other text."""
    match = _QUANTITY.fullmatch(normalised(text).rstrip("."))
    value = number(match["number"]) if match else None
    if match is None or value is None:
        return None
    before, after = match["before"].strip(), match["after"].strip().replace("^", "")
    scale, after = _scaled(after)
    currency = SYMBOLS.get(before[-1:]) or SYMBOLS.get(before, before)
    if before.startswith("us"):
        currency = "usd"
    size, unit = _unit(after) if after else (1.0, "")
    if currency and unit and unit != currency:
        unit = f"{currency} {unit}"
    digits = not (before or match["after"] or "," in match["number"])
    return Quantity(value * scale * size, currency if currency and not unit else unit, digits)


def _read(value: str | float) -> Quantity | None:
    return quantity(value) if isinstance(value, str) else Quantity(as_float(value), "", False)


def same_quantity(left: str | float, right: str | float) -> bool:
    """Whether two values, texts or numbers, are the same quantity; False where one is none."""
    one, other = _read(left), _read(right)
    if one is None or other is None or (one.digits and other.digits):
        return False
    if one.unit != other.unit:
        return False
    # In base units a nanogram is as small as the tolerance that plain numbers have around zero.
    absolute = 0.0 if one.unit else ABSOLUTE_TOLERANCE
    return math.isclose(one.value, other.value, rel_tol=RELATIVE_TOLERANCE, abs_tol=absolute)
