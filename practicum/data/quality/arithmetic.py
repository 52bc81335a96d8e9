"""Arithmetic in the steps of a reasoning: which statements are certainly false.

A step is read only where its form leaves no doubt: `3 + 4 = 7`, `12 / 5 = 2.4`, `15 % of 200 = 30`,
`3 x 10 = 30 > 15`, a running sum `age 81 +1=3` after a total of 2, a comparison with its verdict `64>=65 no`,
`72 hours = 3 days`. Numbers stand for all values that round to the digits shown. Variables, functions, dates,
units that differ, hedged and retracted steps are unclear, and unclear is not wrong.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

REACH = 200
"""Characters on each side of a relation that are read: no step that people check is longer."""
LONGEST = 4000
"""Characters of a line that is read."""
EPSILON = 1e-9
"""Relative error of floating-point sums."""

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(?:\.\d+)?"
_UNIT = (
    r"(?:\s?%|\s?[°€£¥$](?:[CFK]\b)?"
    r"|\s?(?!(?:x|X|of|and|or|is|to|plus|minus|times|by|per|mod|yes|no|true|false)\b)[A-Za-zµμ]+(?:/[A-Za-zµμ]+)?"
    r"(?![\w^²³]))"
)
_MONEY = r"(?:(?:EUR|USD|GBP|CNY|RMB|CHF)\s?|[$€£¥]\s?)"
_OPERATOR = r"(?:(?<=\s)(?:[-+*/×·⋅÷^−–]|x|X)\s+|(?<!\s)(?:[-+*/×·⋅÷^−–]|[xX](?=\d))(?!\s)|(?<=%)\sof\s+)"
_TERM = rf"(?:\(\s*)*[-−]?{_MONEY}?{_NUMBER}{_UNIT}?(?:\s*\))*"
_EXPRESSION = rf"{_TERM}(?:\s*{_OPERATOR}{_TERM})*"

HEAD = re.compile(rf"\s*(?P<expression>{_EXPRESSION})")
TAIL = re.compile(rf"(?<![\w.,:^_/\\])(?P<expression>{_EXPRESSION})\s*$")
SIGNED = re.compile(r"(?:^|(?<=[\s(]))(?P<sign>[-+−])(?P<amount>\d+(?:\.\d+)?)\s*$")
"""The increment of a running sum: a sign that leans on its number and not on what stands before."""

RELATION = re.compile(r"<=|>=|==|!=|=>|->|<-|:=|[-+*/]=|[=<>≤≥≈≠]")
_LEANS = re.compile(r"(?:^|\s)[-+*/×÷xX^−]\s*$|(?:[+*/×÷^(]|\s[-−–]\s)\s*[$€£¥]?\d[\d.,]*\s?%?\)*\s+$")
"""What comes before the sign when it is an operator after all: another one, or a sum under way, `5 + 7 +14`."""
_BEFORE_SIGN = re.compile(r"(?<![\w.,-])(?P<number>\d+(?:\.\d+)?)\s*$")
_COMPARISONS = {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "≤": "<=", "≥": ">="}
VERDICT = re.compile(r"[\s,:;(]{0,3}(?P<verdict>yes|no|true|false)\b", re.IGNORECASE)
_ONLY_VERDICT = re.compile(r"\s*(?:yes|no|true|false)?\s*[,;]\s*", re.IGNORECASE)
_DENIED = re.compile(r"\W{0,3}\s*(?:\w+ )?(?:not|no|never|false|fails?|wrong|incorrect|untrue)\b", re.IGNORECASE)

_MARKER = re.compile(r"\s*(?:[-*•]|\(?\d{1,2}[.):])\s+")
"""A list's bullet or number."""
_AFTER = re.compile(r"[\s.,;:)\]}!?'\"”’$，。；：）]|$")
_NOT_AFTER = re.compile(
    r"[.,:]\d|\s*(?:[-+*/×·⋅÷^−–!²³√‰±(\d{\\]|%|[xX]\s*\d"
    r"|(?:of|mod|modulo|percent|squared|cubed|hundred|thousand|million|billion|trillion|dozen|bn|mn|am|pm"
    r"|o'clock|remainder|plus|minus|times|or|to)\b)",
    re.IGNORECASE,
)
"""What makes a number another one than its digits say."""
_NOT_BEFORE = re.compile(
    r"(?:[-+*/×·⋅÷^=<>≤≥≈≠±−–)\]}%√|!'²³\\]|(?<![A-Za-z\d])\d[\d.,]*"  # a name such as SpO2 is no number
    r"|(?<![A-Za-z])(?:of|by|per|to|over|than|plus|minus|times|squared|cubed|root|sqrt|log|ln|exp|sin|cos|tan|max|min"
    r"|mod|sum|product|difference|frac|cdot|div|between|from|[a-df-zA-Z]))\s*$",
    re.IGNORECASE,
)
_SECOND_UNIT = re.compile(
    r"\d\s*(?:and|ft|feet|foot|yards?|lbs?|pounds?|stone|h|hrs?|hours?|min|minutes?|days?|weeks?|months?|years?)\s*$",
    re.IGNORECASE,
)
"""`5 feet 10 + 2`: the number belongs to one before it."""
_HEDGED = re.compile(
    r"\?|\b(?:if|whether|suppose|supposing|assum\w*|hypothe\w*|imagine|would|wouldn't|not|isn't|n't|never|wait|wrong"
    r"|incorrect\w*|mistake\w*|error|oops|actually|contradict\w*|impossible|mod|modulo|binary|hex\w*|base|clock|o'clock"
    r"|am|pm|about|approx\w*|around|roughly|nearly|estimate\w*|guess|claim\w*|says|said|false|falsely|misread|typo"
    r"|January|February|March|April|May|June|July|August|September|October|November|December)\b"
    r"|[如若]果|假设|假如|错|不对|不是|约|大概|吗",
    re.IGNORECASE,
)
_RETRACTED = re.compile(
    r"\W*(?:wait|no[,.!]|but wait|hmm|oops|that(?:'s| is) (?:wrong|not)|actually"
    r"|let me (?:re|check|double)|错|不对|等等)",
    re.IGNORECASE,
)

_SECONDS = {"second": 1, "minute": 60, "min": 60, "hour": 3600, "h": 3600, "day": 86400, "week": 604800}
_GRAMS = {"mcg": 1, "µg": 1, "μg": 1, "mg": 10**3, "g": 10**6, "kg": 10**9}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DIMENSIONS: tuple[dict[str, int], ...] = (_SECONDS, _GRAMS, _MONTHS)
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fourteen": 14, "fifteen": 15, "eighteen": 18, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "ninety": 90,
}  # fmt: skip
_WORDED = re.compile(rf"(?:^|[\s(])(?<!-)(?P<word>{'|'.join(_WORDS)})\s+(?P<unit>[a-z]+)\s*$", re.IGNORECASE)
"""A quantity in words: `three months`."""
_SCALES = frozenset(
    {"million", "thousand", "billion", "trillion", "k", "m", "bn", "mn", "am", "pm", "percent", "bp", "pp"}
)
"""Words that make a number another one; they must stand on both sides."""
_NO_UNIT = frozenset(
    [
        "so", "which", "and", "in", "is", "then", "for", "at", "from", "the", "a", "an", "as", "we", "i",
        "this", "that", "these", "with", "since", "because", "after", "before", "yes", "no", "total", "points",
        "in", "on", "left", "remaining", "altogether", "each", "therefore", "thus", "hence", "but", "now",
        "next", "answer",
    ]
)  # fmt: skip


class Span(NamedTuple):
    """An expression as it stands."""

    readings: tuple[tuple[float, float], ...]
    """Intervals of what it may mean, the likeliest first; more than one with percentages and `1.500`."""
    terms: int
    steps: tuple[float, ...]
    """Of a single number: the worth of its last digit, per reading; empty for an operation."""
    zeros: int
    """Of a single whole number: the zeros that it ends in."""
    decimal: bool
    """Whether one of its numbers has decimal places."""
    units: frozenset[str]

    @property
    def value(self) -> float:
        low, high = self.readings[0]
        return 0.5 * (low + high)


_TOKEN = re.compile(rf"(?P<number>{_NUMBER})(?P<unit>{_UNIT})?|(?P<of>of)|(?P<operator>[-+*/×·⋅÷^−–xX()])")
_SAME = {"×": "*", "x": "*", "X": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-"}

Interval = tuple[float, float]


class UnclearError(ValueError):
    """The expression has no certain value."""


def _combined(left: Interval, operator: str, right: Interval) -> Interval:
    if operator == "+":
        return left[0] + right[0], left[1] + right[1]
    if operator == "-":
        return left[0] - right[1], left[1] - right[0]
    if operator == "/":
        if right[0] <= 0 <= right[1]:
            raise UnclearError("division by what may be zero")
        corners = [a / b for a in left for b in right]
    elif operator == "*":
        corners = [a * b for a in left for b in right]
    else:
        if not (right[0] == right[1] and right[0] == int(right[0]) and 0 <= right[0] <= 20 and left[0] >= 0):
            raise UnclearError("a power that isn't a small whole number")
        corners = [a ** int(right[0]) for a in left]
    return min(corners), max(corners)


class _Parser:
    """Recursive descent over the tokens of one expression, in intervals."""

    def __init__(self, tokens: list[str | Interval]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> str | Interval | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def value(self) -> Interval:
        result = self.sum()
        if self.peek() is not None:
            raise UnclearError("unbalanced")
        return result

    def sum(self) -> Interval:
        result = self.product()
        while (operator := self.peek()) in ("+", "-"):
            self.at += 1
            result = _combined(result, str(operator), self.product())
        return result

    def product(self) -> Interval:
        result = self.power()
        while (operator := self.peek()) in ("*", "/"):
            self.at += 1
            result = _combined(result, str(operator), self.power())
        return result

    def power(self) -> Interval:
        result = self.atom()
        if self.peek() == "^":
            self.at += 1
            result = _combined(result, "^", self.power())
        return result

    def atom(self) -> Interval:
        token = self.peek()
        self.at += 1
        if token == "-":
            low, high = self.atom()
            return -high, -low
        if token == "(":
            result = self.sum()
            if self.peek() != ")":
                raise UnclearError("unbalanced")
            self.at += 1
            return result
        if not isinstance(token, tuple):
            raise UnclearError("no number where one belongs")
        return token


def _evaluated(tokens: list[str | Interval]) -> Interval:
    low, high = _Parser(tokens).value()
    slack = EPSILON * max(abs(low), abs(high))
    return low - slack, high + slack


def _interval(number: str, *, lone: bool) -> tuple[Interval, int]:
    """What a number's digits stand for, and its decimal places: a whole number in an operation is exact."""
    whole, _, decimals = number.replace(",", "").partition(".")
    value = float(f"{whole}.{decimals or 0}")
    half = 0.0 if lone or not decimals else 0.5 * 10.0 ** -len(decimals)
    return (value - half, value + half), len(decimals)


def _scaled(interval: Interval, factor: float) -> Interval:
    return interval[0] * factor, interval[1] * factor


_RANGE = re.compile(rf"(?P<low>{_NUMBER})[-−–](?P<high>{_NUMBER}){_UNIT}?")
_DATE = re.compile(r"\d/\d{1,2}/\d{2}|\d{4}-\d{1,2}-\d")
_ADDED_SHARE = re.compile(r"(?P<sign>[-+−–])\s*\d[\d.,]*\s?%$")


def _is_range(text: str) -> bool:
    """Whether `4-7` or `2018–2022` is meant: nobody subtracts the larger number without a blank."""
    match = _RANGE.fullmatch(text)
    return match is not None and _interval(match["low"], lone=True)[0] < _interval(match["high"], lone=True)[0]


@lru_cache(maxsize=1 << 14)
def _span(text: str) -> Span | None:
    """What an expression may mean; None where it means nothing certain."""
    if _is_range(text) or _DATE.search(text):
        return None
    shares: list[str | Interval] = []
    plain: list[str | Interval] = []
    thousands: list[str | Interval] = []
    units: set[str] = set()
    matches = list(_TOKEN.finditer(text))
    numbers = [match["number"] for match in matches if match["number"]]
    percent = dotted = decimal = False
    for match in matches:
        if match["number"]:
            interval, places = _interval(match["number"], lone=len(numbers) == 1)
            unit = (match["unit"] or "").strip().lower()
            large = re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", match["number"]) is not None
            percent, dotted, decimal = percent or unit == "%", dotted or large, decimal or places > 0
            if unit and unit != "%" and unit not in _NO_UNIT:
                units.add(unit.removesuffix("s") or unit)
            plain.append(interval)
            shares.append(_scaled(interval, 0.01) if unit == "%" else interval)
            thousands.append(_scaled(interval, 1000) if large else interval)
        else:
            symbol = "*" if match["of"] else _SAME.get(match["operator"], match["operator"])
            for tokens in (plain, shares, thousands):
                tokens.append(symbol)
    lone = len(numbers) == 1
    step = 10.0 ** -len(numbers[0].partition(".")[2]) if lone else 0.0
    readings = [(shares, step / 100 if percent else step)]
    readings += [(plain, step)] if percent else []
    readings += [(thousands, step * 1000)] if dotted else []
    added = _ADDED_SHARE.search(text) if percent and len(numbers) == 2 else None
    if added is not None:
        # 200 + 10 % is 220 to most who write it.
        sign = _SAME.get(added["sign"], added["sign"])
        readings.append(([shares[0], "*", "(", (1.0, 1.0), sign, shares[-1], ")"], step))
    try:
        intervals = tuple(_evaluated(tokens) for tokens, _ in readings)
    except (UnclearError, OverflowError, RecursionError):
        return None
    digits = numbers[0].replace(",", "") if lone and not decimal else ""
    return Span(
        readings=intervals,
        terms=len(numbers),
        steps=tuple(worth for _, worth in readings) if lone else (),
        zeros=len(digits) - len(digits.rstrip("0")),
        decimal=decimal,
        units=frozenset(units),
    )


def head(segment: str) -> tuple[Span, int] | None:
    """The expression that a segment begins with and where it ends, or None."""
    match = HEAD.match(segment[:REACH])
    if match is None:
        return None
    end = match.end()
    if end < REACH and (not _AFTER.match(segment, end) or _NOT_AFTER.match(segment, end)):
        return None
    span = _span(match["expression"])
    return None if span is None else (span, end)


def tail(segment: str) -> tuple[Span, str] | None:
    """The expression that a segment ends in and what stands before it, or None."""
    shown = segment[-REACH:]
    match = TAIL.search(shown)
    if match is None:
        return None
    before = shown[: match.start()]
    if (not before and len(segment) > REACH) or _NOT_BEFORE.search(before):
        return None
    if _SECOND_UNIT.search(before):
        return None
    expression = match["expression"]
    if expression[0] in "-−" and before.strip() and before.rstrip()[-1] not in ":;,(":
        return None
    span = _span(expression)
    return None if span is None else (span, before)


def _rounds_to(low: float, high: float, stated: float, step: float) -> bool:
    """Whether a value between the bounds, rounded or cut at a digit worth `step`, is `stated`."""
    if high <= 0:
        low, high, stated = -high, -low, -stated
    near = 1e-6 * step + EPSILON * abs(stated)
    if not step:
        return low - near <= stated <= high + near
    return stated - 0.5 * step - near <= high and low < stated + step - near


def _unequal(left: Span, right: Span) -> bool:
    """Whether no reading of the two sides of `=` lets them be equal; two lone numbers are no equation."""
    if left.terms == right.terms == 1:
        return False
    if len(left.units | right.units) > 1 or left.units & _SCALES != right.units & _SCALES:
        return False
    if left.terms == 1:
        left, right = right, left
    for low, high in left.readings:
        for number, (other_low, other_high) in enumerate(right.readings):
            if right.terms > 1:
                if low <= other_high and other_low <= high:
                    return False
                continue
            step = right.steps[number]
            if not right.decimal and not left.decimal and high - low < 1e-3 and abs(high - round(high)) < 1e-3:
                # Whole numbers give a whole one, but 1,234 + 567 may be said to be 1,800.
                coarse = 10.0**right.zeros if right.zeros > 1 else 0.0
                step = coarse if coarse and round(high) % coarse else 0.0
            if _rounds_to(low, high, 0.5 * (other_low + other_high), step):
                return False
    return True


def _wrong_conversion(left: Span, right: Span) -> bool:
    """Whether two lone quantities of the same dimension, such as 72 hours and 3 days, differ."""
    if not (left.terms == right.terms == 1 and len(left.units) == len(right.units) == 1):
        return False
    (one,), (other,) = left.units, right.units
    for dimension in _DIMENSIONS:
        if one in dimension and other in dimension:
            factor = dimension[one] / dimension[other]
            there, back = left.value * factor, right.value / factor
            return not (
                _rounds_to(there, there, right.value, right.steps[0])
                or _rounds_to(back, back, left.value, left.steps[0])
            )
    return False


def _untrue(left: Span, relation: str, right: Span) -> bool | None:
    """Whether a comparison is false, None where it can't be told."""
    if len(left.readings) > 1 or len(right.readings) > 1 or left.terms > 1 or right.terms > 1:
        return None
    if left.units and right.units and left.units != right.units:
        return None
    a, b = left.value, right.value
    if abs(a - b) <= EPSILON * max(abs(a), abs(b)):
        return "=" not in relation
    return (a < b) != (relation[0] == "<")


class _Totals:
    """The running sum over the steps of one reasoning."""

    def __init__(self, reasoning: str, given: str) -> None:
        self.reasoning = reasoning
        self.given = given
        self.totals: list[float] = []
        self.restarted = False

    def wrong(self, increment: float, total: float, at: int) -> bool:
        """Take in a step `increment = total` of the line at `at`; whether no total before it leads there."""
        base = total - increment
        near = 1e-6 * max(1.0, abs(total))
        if not self.totals:
            fault = abs(base) > near and not self._named(base, near, at)
        elif abs(base) <= near:
            # Another sum begins; its steps and those of the first may alternate.
            self.restarted |= abs(self.totals[-1]) > near
            fault = False
        else:
            earlier = self.totals if self.restarted else self.totals[-1:]
            fault = all(abs(base - one) > max(near, 0.011) for one in earlier)
        self.totals.append(total)
        return fault

    def maybe(self, total: float) -> None:
        """Take in the result of another step, at which a sum may go on."""
        if self.totals:
            self.totals.append(total)
            self.restarted = True

    def _named(self, base: float, near: float, at: int) -> bool:
        """Whether the question or a step before names a number at which the sum may begin."""
        before = f"{self.given}\n{self.reasoning[:at]}"
        return any(abs(base - float(number)) <= near for number in _PLAIN.findall(before))


_PLAIN = re.compile(r"(?<![\w.+])\d{1,15}(?:\.\d{1,9})?(?![\w.]*\d)")


def running_total(reasoning: str) -> tuple[float, int] | None:
    """The last total of a running sum (`... +2=5`) and where its statement ends, or None."""
    found = None
    for match in _RUNNING.finditer(reasoning):
        found = match
    return None if found is None else (float(found["total"]), found.end())


_RUNNING = re.compile(
    r"(?:^|(?<=\s))[-+]\d+(?:\.\d+)?\s?=\s?(?P<total>-?\d+(?:\.\d+)?)(?=[\s,;:]|\.?$|\.\s)", re.MULTILINE
)


def _in_words(segment: str) -> Span | None:
    """The quantity in words that a segment ends in, such as `one month`, or None."""
    match = _WORDED.search(segment[-40:])
    if match is None or re.search(r"(?:and|hundred|thousand|-|\d)\s*$", segment[-40:][: match.start()], re.IGNORECASE):
        return None
    return _span(f"{_WORDS[match['word'].lower()]} {match['unit']}")


def _false_equation(left: Span, right: Span, following: str) -> bool:
    """Whether `left = right` is certainly false; `following` is the text that `right` begins."""
    if not _wrong_conversion(left, right) and not _unequal(left, right):
        return False
    if right.terms == 1:
        return True
    # `3 + 4 = 7 + 1 = 8` is careless, not wrong.
    first = HEAD.match(re.split(r"\s*[-+*/×÷xX−]", following.strip(), maxsplit=1)[0])
    lone = _span(first["expression"]) if first else None
    return lone is None or _unequal(left, lone)


def _false_comparison(left: Span, symbol: str, right: Span, rest: str, *, asserted: bool) -> bool:
    """Whether a comparison is false, or its verdict.

    Args:
        left: a number.
        symbol: of the comparison.
        right: a number.
        rest: what follows it.
        asserted: whether the comparison is a clause of its own, so that it claims something without a verdict.
    """
    untrue = _untrue(left, symbol, right)
    if untrue is None:
        return False
    verdict = VERDICT.match(rest)
    if verdict is not None:
        return untrue == (verdict["verdict"].lower() in ("yes", "true"))
    return untrue and asserted and rest.lstrip()[:1] in ("", ",", ";", ":", ".") and not _DENIED.match(rest)


def _increment(segment: str) -> tuple[float, float | None] | None:
    """The increment that a running sum's step names before `=`, and the number right before it; or None.

    `21 +12 = 33` is no step of a running sum but a careless `21 + 12 = 33`.
    """
    shown = segment[-REACH:]
    signed = SIGNED.search(shown)
    if signed is None or _LEANS.search(shown[: signed.start()]):
        return None
    increment = float(signed["amount"]) * (1 if signed["sign"] == "+" else -1)
    before = _BEFORE_SIGN.search(shown[: signed.start()])
    return increment, None if before is None else float(before["number"])


def _adds_up(increment: float, before: float | None, total: float) -> bool:
    return before is not None and abs(before + increment - total) <= 1e-6 * max(1.0, abs(total))


def _faults(line: str, totals: "_Totals", at: int) -> Iterator[int]:
    """Positions in the line of the relations that are certainly false; `at` is the line's own."""
    relations = list(RELATION.finditer(line))
    ends = [relation.start() for relation in relations[1:]] + [len(line)]
    compared: Span | None = None
    start = close = 0
    symbol = ""
    for number, relation in enumerate(relations):
        segment, since = line[start : relation.start()], line[start + close : relation.start()]
        start, following = relation.end(), line[relation.end() : ends[number]]
        after_equation, symbol = symbol == "=", relation.group()
        right, close = head(following) or (None, 0)
        if right is None or symbol not in ("=", *_COMPARISONS):
            compared = None
            continue
        left = tail(segment)
        if symbol == "=":
            increment = _increment(segment)
            quantity = left[0] if left is not None else _in_words(segment)
            if increment is not None and right.terms == 1:
                false = not _adds_up(*increment, right.value) and totals.wrong(increment[0], right.value, at)
            else:
                if right.terms == 1:
                    totals.maybe(right.value)
                false = quantity is not None and _false_equation(quantity, right, following)
        elif left is not None:
            compared = left[0]
            asserted = not left[1].strip(" ,;:/(") and (number == 0 or after_equation) and len(relations) <= 2
            false = _false_comparison(compared, symbol, right, following[close:], asserted=asserted)
        elif compared is not None and _ONLY_VERDICT.fullmatch(since):
            # `64>=65 no, >=45 yes` compares the same number again.
            false = _false_comparison(compared, symbol, right, following[close:], asserted=False)
        else:
            compared = None
            false = False
        if false:
            yield relation.start()


_WIDE = str.maketrans("＝＋－＜＞／＊（）", "=+-<>/*()")
_SIGNS = re.compile("[=<>≤≥]")
_VERDICTS = re.compile(r"\b(?:not (?:\w+ ){1,3}(?:yes|no)|yes|no|true|false)\b", re.IGNORECASE)
_ASSUMED = re.compile(r"\b(?:suppos\w*|assum\w*|hypothe\w*|contradict\w*|imagine)\b|假设|假如", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?]\s|[。！？]")


def _meant(line: str, position: int, following: str) -> bool:
    """Whether the statement at `position` is made in earnest: neither hedged nor taken back by what follows."""
    start, end = 0, len(line)
    for match in _SENTENCE_END.finditer(line):
        if match.end() <= position:
            start = match.end()
        elif match.start() > position:
            end = match.end()
            break
    if _HEDGED.search(_VERDICTS.sub("", line[start:end])) or _ASSUMED.search(line):
        return False
    return _RETRACTED.match(line[end:] or following) is None


def wrong_arithmetic(reasoning: str, given: str = "") -> tuple[str, int] | None:
    """The first line that states something certainly false, and where in the line, or None.

    Args:
        reasoning: the steps, one or more a line.
        given: context and question: a running sum may begin at a number of theirs.
    """
    if _SIGNS.search(reasoning) is None and reasoning.isascii():
        return None
    read = reasoning if reasoning.isascii() else reasoning.translate(_WIDE)
    totals = _Totals(read, given)
    lines = read.split("\n")
    at = 0
    for number, line in enumerate(lines):
        if len(line) <= LONGEST and _SIGNS.search(line):
            marker = _MARKER.match(line)
            offset = marker.end() if marker else 0
            following = lines[number + 1] if number + 1 < len(lines) else ""
            for position in _faults(line[offset:], totals, at):
                if _meant(line, offset + position, following):
                    return reasoning[at : at + len(line)], offset + position
        at += len(line) + 1
    return None
