"""Whether the last step of a reasoning states another value than the answer holds.

Read only where the last step names a value of an answer's field for certain: a number after `=` or `total`, the
total of a running sum, a word of the field's enumeration (yes or no, below or above), the letter of an option.
"""

import re
from collections.abc import Mapping
from typing import Any

from practicum.data.quality.arithmetic import running_total

TOTALS = frozenset({"score", "points", "total", "sum", "value", "result"})
"""Fields that a running sum leads to."""

Enumerations = Mapping[str, frozenset[str]]
"""Words that a schema allows, by the name of the field."""

_NUMBER = re.compile(r"(?<![\w.])[-−]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?![\w]|\.\d)")
_FINAL_NUMBER = re.compile(
    r"(?:(?<![<>!=])[=≈]|\b(?:total|sum|score|points|result|answer)(?:\s+(?:is|of|are))?\s*[:=]?)\s*[$€£¥]?\s*"
    r"(?P<number>[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?P<unit>\s?%|\s[A-Za-z/]{1,12})?\s*\.?\s*$",
    re.IGNORECASE,
)
_FIRST_NUMBER = re.compile(r"[-−]?\d+(?:\.\d+)?\s*(?:in\s+(?:[<>≤≥]|\d)|[<>≤≥])")
"""The total set against a band or a threshold: `4 in 4-6 moderate`, `9 >= 8 yes`."""
_FINAL_OPTION = re.compile(r"\b(?:answer|option|choice)\s*(?:is|:)?\s*(?:option\s+)?\(?(?P<letter>[A-H])\)?\s*\.?\s*$")
_OPTION = re.compile(r"\(?(?P<letter>[A-H])(?:[).:].*)?", re.DOTALL)
_LONE_NUMBER = re.compile(r"\s*[$€£¥]?\s*(?P<number>[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s?%?\s*\.?\s*")
_DENIED = re.compile(
    r"(?:\b(?:not|no|never|neither|nor|than|without|isn't|non|un|if|unless|of|or|vs|versus|instead)|n't)"
    r"(?:\s+|-)(?:\w+\s+)?$|[不非无未]\w?$",
    re.IGNORECASE,
)
_BEFORE_LETTER = re.compile(r"(?:\d|[:=]|\b(?:class|grade|category|type|group|level|stage|is))\s*$", re.IGNORECASE)


def enumerations(schema: object) -> dict[str, frozenset[str]]:
    """The words that an answer schema allows, by field, over all its alternatives and depths."""
    found: dict[str, set[str]] = {}
    stack = [schema]
    while stack:
        part = stack.pop()
        if isinstance(part, Mapping):
            properties = part.get("properties")
            for name, rule in properties.items() if isinstance(properties, Mapping) else ():
                words = rule.get("enum") if isinstance(rule, Mapping) else None
                if isinstance(words, list):
                    found.setdefault(name, set()).update(word for word in words if isinstance(word, str) and word)
            stack.extend(part.values())
        elif isinstance(part, list):
            stack.extend(part)
    return {name: frozenset(words) for name, words in found.items() if len(words) > 1}


def _value(number: str) -> float:
    return float(number.replace(",", "").replace("−", "-"))


def _same(stated: str, held: float) -> bool:
    """Whether a stated number may be the held one: rounded, in per cent, in thousands or millions, without sign."""
    number = abs(_value(stated))
    held = abs(held)
    step = 10.0 ** -len(stated.partition(".")[2])
    digits = len(f"{held:.10f}".rstrip("0").partition(".")[2])
    if abs(number - held) < max(step, 10.0**-digits if digits else 0.0) * (1 - 1e-9):
        return True
    return number > 0 and any(
        abs(number - held * factor) <= 0.05 * number for factor in (100.0, 0.01, 1e3, 1e-3, 1e6, 1e-6, 1e9, 1e-9)
    )


def _numeric_field(answer: Mapping[str, Any]) -> tuple[str, float] | None:
    """The only number of the answer with its field; a text that is nothing but a number counts as one."""
    found: list[tuple[str, float]] = []
    stack: list[tuple[str, Any]] = list(answer.items())
    while stack:
        name, value = stack.pop()
        if isinstance(value, Mapping):
            stack.extend(value.items())
        elif isinstance(value, list):
            stack.extend((name, item) for item in value)
        elif isinstance(value, str):
            match = _LONE_NUMBER.fullmatch(value)
            if match is not None and len(value) < 30:
                found.append((name, _value(match["number"])))
        elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15:
            found.append((name, float(value)))
    return found[0] if len(found) == 1 else None


def _contradicted_number(reasoning: str, last: str, answer: Mapping[str, Any], text: str) -> bool:
    field = _numeric_field(answer)
    if field is None:
        return False
    name, held = field
    total = running_total(reasoning) if "=" in reasoning else None
    if total is not None and name.lower() not in TOTALS:
        # What a score leads to, such as a dose, is looked up and not summed.
        return False
    if total is not None:
        reached, end = total
        later = _NUMBER.findall(reasoning[end:])
        restated = bool(later) and _value(later[0]) == reached
        return reached != held and (restated or not any(_value(number) == held for number in later))
    first = _FIRST_NUMBER.match(last) if name.lower() in TOTALS else None
    if first is not None and not any(_same(number, held) for number in _NUMBER.findall(last)):
        return True
    match = _FINAL_NUMBER.search(last)
    if match is None or len(match["number"]) > 30:
        return False
    stated = match["number"]
    if _same(stated, held) or (match["unit"] or "").strip().lower() in _CONVERTIBLE:
        return False
    return not any(_same(stated, _value(number)) for number in _NUMBER.findall(text))


_CONVERTIBLE = frozenset(
    [
        "dozen", "hundred", "thousand", "million", "billion", "trillion", "percent", "bn", "mn", "k", "and",
        "or", "to", "per", "by",
    ]
)  # fmt: skip


def _occurs(word: str, line: str) -> bool:
    """Whether the line holds the word, in any case if it is written small; Chinese divides no words."""
    if not word.isascii():
        return word in line
    flags = re.IGNORECASE if word.islower() or len(word) > 3 else 0
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", line, flags) is not None


def _is_word(line: str, start: int) -> bool:
    """Whether what begins at `start` is a word of its own; Chinese divides none."""
    before = line[start - 1 : start]
    return not (before.isascii() and (before.isalnum() or before in ("-", "'", "_")) and before != "")


def _contradicted_word(last: str, answer: Mapping[str, Any], words: Enumerations) -> bool:
    line = last.rstrip(" .!。！")
    folded = line.lower()
    held = {value.lower() for value in answer.values() if isinstance(value, str)}
    for name, value in answer.items():
        if isinstance(value, bool):
            allowed, own = frozenset({"true", "false"}), str(value).lower()
        elif isinstance(value, str) and value in words.get(name, ()):
            allowed, own = words[name], value
        else:
            continue
        if _occurs(own, line):
            continue
        # Longest first: `credit event` and not `event`.
        for word in sorted(allowed, key=lambda word: (-len(word), word)):
            shown, wanted = (folded, word) if word.islower() and len(word) > 1 else (line, word)
            if not shown.endswith(wanted) or word.lower() in held:
                continue
            start = len(line) - len(word)
            if not _is_word(line, start) or _DENIED.search(line[:start][-40:]):
                continue
            if len(word) == 1 and word.isascii() and not _BEFORE_LETTER.search(line[:start]):
                continue
            return True
    return False


def _contradicted_option(last: str, answer: Mapping[str, Any]) -> bool:
    texts = [value for value in answer.values() if isinstance(value, str)]
    stated = _FINAL_OPTION.search(last)
    if stated is None or len(answer) != 1 or len(texts) != 1:
        return False
    held = _OPTION.fullmatch(texts[0].strip())
    return held is not None and held["letter"] != stated["letter"]


def contradicts_answer(reasoning: str, answer: Mapping[str, Any], text: str, words: Enumerations) -> str | None:
    """The last step when it certainly states another value than the answer, or None.

    Args:
        reasoning: the steps, one or more a line.
        answer: the answer's value.
        text: the answer as JSON.
        words: see `enumerations`.
    """
    last = reasoning.rstrip().rpartition("\n")[2].strip()[-400:]
    if not last or "?" in last:
        return None
    if (
        _contradicted_word(last, answer, words)
        or _contradicted_number(reasoning, last, answer, text)
        or _contradicted_option(last, answer)
    ):
        return f"{last} but {text}"
    return None
