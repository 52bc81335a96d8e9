"""What stands in place of an identifier: the same for the same person or number within a document."""

import hashlib
import hmac
import re
from collections.abc import Iterable

from practicum.config import IdentifierKind
from practicum.data.deidentification import dates

# Three-digit ZIP areas of 20,000 people or fewer at the census of 2000, as the Department of Health and Human
# Services lists them in its guidance on de-identification of November 26, 2012.
_SMALL_ZIP_AREAS = frozenset(
"""
    036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893
    """.split()  # noqa: SIM905 -- a list of words reads as a text
    )  # fmt: skip

PLACEHOLDER = re.compile(r"\[(?:[A-Z]+(?:-[A-Z]+)*)(?:-\d+)?\]|(?<!\w)\d{3}\*\*(?:\*+)?(?!\w)|(?<!\d)90\+")
"""What this module writes, a bare year aside."""
_NUMBERED = re.compile(r"\[([A-Z]+(?:-[A-Z]+)*)-(\d+)\]")


def offset(key: bytes, document: str) -> int:
    """The days by which a document's dates move: -365 to 365 without 0, by HMAC-SHA256 of its name."""
    digest = hmac.new(key, document.encode(), hashlib.sha256).digest()
    days = int.from_bytes(digest[:8], "big") % 730 - 365
    return days if days < 0 else days + 1


def zip_code(text: str) -> str:
    """A ZIP code cut as 45 CFR 164.514(b)(2)(i)(B) has it; another country's postcode is taken out."""
    if re.fullmatch(r"\d{5}(?:-?\d{4})?", text):
        area = text[:3]
        return f"{'000' if area in _SMALL_ZIP_AREAS else area}**"
    return "[ZIP]"


def _name_parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[\s,.]+", re.sub(r"['’]s$", "", name).lower()) if part)


def _same_person(parts: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Whether each of `parts` is one of the whole's, its initial or, in Chinese, its beginning."""
    open_parts = list(whole)
    for part in parts:
        for other in open_parts:
            initial = len(part) == 1 or len(other) == 1
            han = "\u4e00" <= part[0] <= "\u9fff"
            if (
                part == other
                or (initial and part[0] == other[0])
                or (han and (other.startswith(part) or part.startswith(other)))
            ):
                open_parts.remove(other)
                break
        else:
            return False
    return True


class Surrogates:
    """The surrogates of one document."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """
        Args:
            taken: texts of the document; numbers of placeholders that already stand in them are not given again.
        """
        self._numbers: dict[tuple[str, str], int] = {}
        self._people: dict[str, int] = {}
        self._next: dict[str, int] = {}
        for text in taken:
            for match in _NUMBERED.finditer(text):
                self._next[match[1]] = max(self._next.get(match[1], 1), int(match[2]) + 1)

    def _new(self, label: str) -> int:
        number = self._next.get(label, 1)
        self._next[label] = number + 1
        return number

    def introduce(self, names: Iterable[str]) -> None:
        """Number the persons of a document by the names in it, in order of appearance.

        A name that is part of a longer one, or its initials, is the same person; of several that fit, the first.
        """
        ordered = list(dict.fromkeys(names))
        people: list[tuple[tuple[str, ...], list[str]]] = []
        # The fullest names first: parts then find their whole, wherever it stands.
        for name in sorted(
            ordered, key=lambda n: (-sum(len(p) > 1 for p in _name_parts(n)), -len(_name_parts(n)), -len(n))
        ):
            parts = _name_parts(name)
            for whole, members in people:
                if _same_person(parts, whole):
                    members.append(name)
                    break
            else:
                people.append((parts, [name]))
        by_name = {name: index for index, (_, members) in enumerate(people) for name in members}
        numbers: dict[int, int] = {}
        for name in ordered:
            index = by_name[name]
            if index not in numbers:
                numbers[index] = self._new("NAME")
            self._people[name] = numbers[index]

    def of(self, text: str, kind: IdentifierKind) -> str:
        """The placeholder of an identifier that is neither a date, an age nor a ZIP code."""
        label = kind.upper().replace("_", "-")
        if kind == "name":
            if text not in self._people:
                self._people[text] = self._new(label)
            return f"[{label}-{self._people[text]}]"
        key = (kind, re.sub(r"[\W_]", "", text).lower() or text)
        if key not in self._numbers:
            self._numbers[key] = self._new(label)
        return f"[{label}-{self._numbers[key]}]"


def date_text(text: str, days: int | None, keep_year: bool) -> str:
    """What a date becomes: moved by `days`, or its year, or `[DATE]` where there is none or it may not stay."""
    if days is not None:
        return dates.shifted(text, days) or "[DATE]"
    return (dates.year_of(text) if keep_year else None) or "[DATE]"
