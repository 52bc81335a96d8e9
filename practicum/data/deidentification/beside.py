"""What stands beside a person or a place that was found: an age behind a name, a postcode behind a place.

Neither needs a label there, and neither can be told without knowing where names and places are.
"""

import re
from collections.abc import Iterable, Iterator

from practicum.data.deidentification.candidates import Candidate

_AGE = r"(?P<age>9\d|1[0-2]\d)"
_AGE_END = (
    r"(?![./:\-]\d|\s?[%°+\-–]|,\d)(?=\s*(?:[.,;)\]|\n]|$)|\s{2}|\t|\s?/?\s?[MF]\b|\s?(?:y\.?/?o|y|yrs?|years?)\b"
    r"|\s[-–—]\s|\s(?:who|with|w/|is|was|has|had|from|lives|lived|and|in|hard|came|presents?|presented|admitted|here|seen"
    r"|reports?|says|states|fell|found|s/p)\b)"
)
_AGE_AFTER = re.compile(
    rf"(?:,\s?(?:aged?:?\s|now\s|a\s)?|\s?[(\[]\s?(?:aged?:?\s|now\s)?|\s[-–—/|]\s|/){_AGE}{_AGE_END}", re.IGNORECASE
)
_AGE_CELL = re.compile(
    rf"(?:[ ]{{2,}}|\t+|\s?\|\s?)(?:[MF][ /|]{{1,4}})?{_AGE}(?=\s{{2}}|\t|\s?\||\s?\n|\s?$|\s?/?\s?[MF]\b|\s?y)"
)
_AGE_CLOSE = re.compile(
    r"\s(?P<age>9\d)(?![./:\-]\d|\s?[%°+\-–/]|,\d)(?=[,;)\n]|$|\s?[MF]\b|\s?(?:yo|y/o|yrs?)\b|\s[A-Z]{2,5}\b(?!\d))"
)
_ROOM_FIRST = re.compile(r"\s*(?:rm\.?\s?|room\s|bed\s)?\d{2,3}[A-Z]?\b", re.IGNORECASE)
_NO_PERSON = re.compile(
    r"(?:score|scale|index|test|%|room|rm|bed|unit|flat|apt|suite|route|highway|box)\W*$", re.IGNORECASE
)
_ZIP_AFTER = re.compile(
    r"(?:,?[ \t\n]{1,2}|\s?[,|]\s?)(?P<zip>\d{5}(?:-\d{4})?)(?![\w%]|[-.,/]\d|\s?(?:mg|ml|units?"
    r"|cells|copies|steps|iu|kcal|beds"
    r"|patients|people|dollars|residents)\b)",
    re.ASCII,
)


def _age_of(text: str, name: Candidate) -> re.Match[str] | None:
    """An age over 89 behind a person's name."""
    whole = text[name.start : name.end]
    if match := _AGE_AFTER.match(text, name.end):
        return match
    line = text.rfind("\n", 0, name.start) + 1
    if match := _AGE_CELL.match(text, name.end):
        # 101 in a list of a ward is a room as often, unless the line begins with the room.
        return match if match["age"][0] == "9" or _ROOM_FIRST.match(text, line, name.start) else None
    if " " in whole or "," in whole:
        return _AGE_CLOSE.match(text, name.end)
    return None


def find_beside(text: str, found: Iterable[Candidate]) -> Iterator[Candidate]:
    """Ages over 89 behind names and postcodes behind places.

    Args:
        text: what was searched.
        found: the names and places in it, overlapping or not; other kinds are passed over.
    """
    seen: set[tuple[str, int]] = set()
    for one in found:
        if one.kind not in ("name", "location") or (one.kind, one.end) in seen:
            continue
        seen.add((one.kind, one.end))
        if one.kind == "location":
            if match := _ZIP_AFTER.match(text, one.end):
                yield Candidate(*match.span("zip"), "zip", 0.69)
        elif (match := _age_of(text, one)) and not _NO_PERSON.search(text, max(0, one.start - 12), one.start):
            yield Candidate(*match.span("age"), "age", 0.81)
