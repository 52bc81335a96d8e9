"""What a finder of identifiers yields before overlaps are settled."""

import re
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from practicum.config import IdentifierKind


class Candidate(NamedTuple):
    """The characters `start` to `end` may be an identifier."""

    start: int
    end: int
    kind: IdentifierKind
    score: float
    """0 to 1; where two overlap the higher wins, then the longer."""


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The same place without signs at its edges that are neither letter nor digit; of nothing else, an empty one."""
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    return start, end


Finder = Callable[[str], Iterable[Candidate]]


_SURE = 0.75
"""Score from which what a better candidate leaves of another is taken as well."""


_WORDS: Final = frozenset(["name", "location", "date", "email", "url", "photo", "biometric"])
"""Kinds of which a part may have no digit."""


_LABELS: Final = frozenset(["SN", "S/N", "VIN", "NO", "ID", "UDI", "MRN", "MAC", "IMEI"])
_FEW: Final = 3
_HOUR: Final = re.compile(r"T\d{1,2}")


def _is_label(kind: IdentifierKind, rest: str) -> bool:
    """Whether what is left of a number is a word apart from it, "UBRN " of "UBRN 0000 6493 8249", or the hour behind
    a date."""
    if kind in _WORDS:
        return False
    if kind in ("ssn", "phone", "bank_card") and sum(map(str.isdigit, rest)) < _FEW:
        return True
    if any(map(str.isdigit, rest)):
        return _HOUR.fullmatch(rest) is not None
    return (
        rest.strip(" :：").upper() in _LABELS
        or rest[:1].isspace()
        or rest[-1:].isspace()
        or not any(map(str.isascii, filter(str.isalpha, rest)))
    )


def settled(candidates: Iterable[Candidate], text: str = "") -> Iterator[Candidate]:
    """Candidates without overlaps, best first.

    Where a better one lies in part of another, what is left of the other at either side is one of its own, so that
    no letter of it stays: of "12 Old Mill Way" a name "Old Mill" leaves "12" and "Way". Without the `text`, rests are
    not told from blanks and fall away.
    """
    taken: list[tuple[int, int]] = []  # in the order of the text
    for one in sorted(candidates, key=lambda c: (-c.score, c.start - c.end, c.start)):
        place = bisect_left(taken, (one.start, one.start))
        if place and taken[place - 1][1] > one.start:
            place -= 1
        beyond = bisect_left(taken, (one.end, one.end), lo=place)
        overlaps = taken[place:beyond]
        if not overlaps:
            insort(taken, (one.start, one.end))
            yield one
            continue
        if not text or one.score < _SURE:
            continue
        starts = [one.start, *(end for _, end in overlaps)]
        ends = [*(start for start, _ in overlaps), one.end]
        for first, last in zip(starts, ends, strict=True):
            signs = [place for place in range(first, last) if text[place].isalnum()]
            if signs and not _is_label(one.kind, text[first:last]):
                rest = Candidate(signs[0], signs[-1] + 1, one.kind, one.score)
                insort(taken, (rest.start, rest.end))
                yield rest
