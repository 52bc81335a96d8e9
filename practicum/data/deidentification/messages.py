"""Identifiers in messages of HL7 version 2, in claims of X12 and in dumps of DICOM headers: the standard says in which
field each stands.

Fields are counted from 1 behind the segment's name, as chapter 3 and 6 of HL7 v2.5.1 count them; components are parted
by ^, repetitions by ~. Attributes of DICOM are those of PS3.15, table E.1-1.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from practicum.config import IdentifierKind
from practicum.data.deidentification.candidates import Candidate, trimmed

_SEGMENT = re.compile(r"(?<![\w^|])(MSH|EVN|PID|PD1|NK1|PV1|GT1|IN1|ORC|OBR|OBX|TXA|SCH)(?=\|[^\n]*\|)")
_NUMBERS: dict[str, dict[int, IdentifierKind]] = {
    "PID": {2: "mrn", 3: "mrn", 4: "mrn", 18: "account", 19: "ssn", 20: "licence", 21: "mrn"},
    "PV1": {5: "id_number", 19: "id_number", 50: "id_number"},
    "GT1": {2: "account", 12: "ssn"},
    "IN1": {8: "health_plan", 36: "health_plan", 49: "health_plan"},
    "ORC": {2: "id_number", 3: "id_number", 4: "id_number"},
    "OBR": {2: "id_number", 3: "id_number"},
    "MSH": {10: "id_number"},
}
"""Fields whose first component is a number, and of what kind."""
_NAMES = {"PID": (5, 6, 9), "NK1": (2, 30), "GT1": (3, 4), "IN1": (16,)}
"""Fields of persons: surname^given^middle."""
_STAFF = {
    "PV1": (7, 8, 9, 17, 52),
    "OBR": (10, 16, 28),
    "ORC": (10, 11, 12),
    "PD1": (4,),
    "EVN": (5,),
    "OBX": (16,),
    "TXA": (5, 9, 10),
}
"""Fields of staff: number^surname^given."""
_ADDRESSES = {"PID": (11,), "NK1": (4,), "GT1": (5,), "IN1": (19,)}
"""Fields of addresses: street^other^town^state^code."""
_PHONES = {"PID": (13, 14), "NK1": (5, 6, 7), "GT1": (6, 7), "ORC": (14,), "OBR": (17,)}
_DATES = {"PID": (7,), "GT1": (8,), "IN1": (18,), "NK1": (16,)}
_FACILITIES = {"MSH": (4, 6)}
_SYSTEMS = frozenset(
    [
        "RAD",
        "LAB",
        "LIS",
        "RIS",
        "HIS",
        "PACS",
        "PLAT",
        "EMPI",
        "EHR",
        "EMR",
        "ADT",
        "HUB",
        "HIE",
        "IFC",
        "PHARM",
        "MAIN",
        "HIS01",
        "LAB01",
        "HOSP",
        "CLINIC",
        "HIP",
        "JYK",
        "检验科",
        # China's offices that give numbers: the police, the government, the insurance, a register of persons.
        "GA",
        "GOV",
        "MPS",
        "WS",
        "YB",
        "PSN",
        "CN",
    ]
)
"""What stands in for a facility where one system writes to another."""
_PATIENT_IDS = 3
_AUTHORITY = 3
"""Component of a patient's number that names who gave it."""
_SCORE = 0.93
_PHONE_DIGITS = 7
_FEW_DIGITS = 3
_WORD = re.compile(r"[^\W\d_]")
_NO_NAME = frozenset(["JR", "SR", "II", "III", "MD", "DO", "RN", "L", "DR", "MR", "MRS", "MS"])


def _components(text: str, start: int, end: int) -> Iterator[list[tuple[int, int]]]:
    """Of each repetition of a field, where its components begin and end."""
    for repetition in re.finditer(r"[^~]+", text[start:end]):
        place = start + repetition.start()
        parts = []
        for part in repetition[0].split("^"):
            parts.append((place, place + len(part)))
            place += len(part) + 1
        yield parts


def _person(text: str, parts: Sequence[tuple[int, int]]) -> Iterator[Candidate]:
    for part in parts:
        piece = text[slice(*part)]
        if _WORD.search(piece) and piece.upper() not in _NO_NAME and not any(map(str.isdigit, piece)):
            yield Candidate(*trimmed(text, *part), "name", _SCORE)


def _address(text: str, parts: Sequence[tuple[int, int]]) -> Iterator[Candidate]:
    for part in parts[:3]:
        if len(_WORD.findall(text[slice(*part)])) > 1:
            yield Candidate(*trimmed(text, *part), "location", _SCORE)
    for part in parts[4:5]:
        if any(map(str.isdigit, text[slice(*part)])):
            yield Candidate(*trimmed(text, *part), "zip", _SCORE)


def _field(text: str, segment: str, number: int, start: int, end: int) -> Iterator[Candidate]:
    """What the field holds that identifies someone."""

    def among(fields: Mapping[str, Sequence[int]]) -> bool:
        return number in fields.get(segment, ())

    for parts in _components(text, start, end):
        first = text[slice(*parts[0])]
        numbered: IdentifierKind | None = "id_number" if among(_STAFF) else _NUMBERS.get(segment, {}).get(number)
        if numbered and sum(map(str.isdigit, first)) > 1:
            yield Candidate(*trimmed(text, *parts[0]), numbered, _SCORE)
        if segment == "PID" and number == _PATIENT_IDS and len(parts) > _AUTHORITY:
            authority = parts[_AUTHORITY]
            if len(_WORD.findall(text[slice(*authority)])) > 1 and text[slice(*authority)] not in _SYSTEMS:
                yield Candidate(*trimmed(text, *authority), "location", _SCORE)
        if among(_NAMES) or among(_STAFF):
            yield from _person(text, parts[:3] if among(_NAMES) else parts[1:4])
        if among(_ADDRESSES):
            yield from _address(text, parts)
        if among(_PHONES):
            for part in parts:
                if sum(map(str.isdigit, text[slice(*part)])) >= _PHONE_DIGITS:
                    yield Candidate(*part, "phone", _SCORE)
        if among(_DATES) and re.match(r"(?:19|20)\d{6}", first):
            yield Candidate(parts[0][0], parts[0][0] + 8, "date", _SCORE)
        if among(_FACILITIES) and len(_WORD.findall(first)) > 1 and first not in _SYSTEMS:
            yield Candidate(*trimmed(text, *parts[0]), "location", _SCORE)


_CLAIM = re.compile(
    r"(?<![\w*])(?:NM1\*\w{2,3}\*1\*(?P<surname>[^*~\n]+)\*(?P<given>[^*~\n]*)(?:\*[^*~\n]*){3}(?:\*\w{2}\*(?P<number>[^*~\n]+))?"
    r"|N1\*\w{2,3}\*(?P<facility>[^*~\n]+)(?:\*XX\*(?P<npi>\d{10}))?"
    r"|N3\*(?P<street>[^*~\n]+)|N4\*(?P<town>[^*~\n]+)\*[A-Z]{2}\*(?P<zip>\d{5,9})"
    r"|PER\*\w{2}\*(?P<contact>[^*~\n]+)(?:\*TE\*(?P<phone>\d{10}))?"
    r"|NM1\*(?!PR|40)\w{2,3}\*2\*(?P<organization>[^*~\n]+)|SBR\*\w\*\d\d\*(?P<group>[^*~\n]+)"
    r"|CLP\*(?P<claim>[^*~\n]+)|TRN\*\d\*(?P<trace>[^*~\n]+)|REF\*\w{2,3}\*(?P<reference>[^*~\n]+))"
)
"""Segments of claims (837) and remittances (835) of X12."""
_CLAIM_KINDS: dict[str, IdentifierKind] = {
    "surname": "name", "given": "name", "number": "health_plan", "facility": "location", "npi": "licence",
    "street": "location", "town": "location", "zip": "zip", "contact": "name", "phone": "phone", "claim": "id_number",
    "trace": "id_number", "reference": "id_number",
    "organization": "location", "group": "health_plan",
}  # fmt: skip
_CODE_KINDS = frozenset(["health_plan", "id_number"])


def find_x12(text: str) -> Iterator[Candidate]:
    """Persons, addresses and numbers in the segments of a claim."""
    for match in _CLAIM.finditer(text):
        for group, kind in _CLAIM_KINDS.items():
            piece = match[group]
            if piece and (kind not in _CODE_KINDS or sum(map(str.isdigit, piece)) > _FEW_DIGITS):
                yield Candidate(*match.span(group), kind, _SCORE)


def find_hl7(text: str) -> Iterator[Candidate]:
    """Persons, addresses, numbers and birthdays in the segments of a message, wherever in the text they stand."""
    segments = list(_SEGMENT.finditer(text))
    for segment, following in itertools.zip_longest(segments, segments[1:]):
        line = text.find("\n", segment.end())
        end = min(len(text) if line < 0 else line, following.start() if following else len(text))
        # The field separator itself is MSH-1.
        number = 1 if segment[1] == "MSH" else 0
        place = segment.end()
        while place < end:
            number += 1
            place += 1
            stop = text.find("|", place, end)
            stop = end if stop < 0 else stop
            for one in _field(text, segment[1], number, place, stop):
                if one.start < one.end:
                    yield one
            place = stop


_ATTRIBUTE = re.compile(r"\((?P<tag>[\dA-Fa-f]{4},[\dA-Fa-f]{4})\) [A-Z]{2} \[(?P<value>[^\]\n]+)\]")
_ATTRIBUTE_KINDS: dict[str, IdentifierKind] = {
    "0008,0018": "id_number", "0008,0050": "id_number", "0020,000d": "id_number", "0020,000e": "id_number",
    "0020,0010": "id_number", "0008,0020": "date", "0008,0021": "date", "0010,0030": "date", "0008,0080": "location",
    "0008,0081": "location", "0010,1040": "location", "0010,0020": "mrn", "0010,1000": "mrn", "0010,2154": "phone",
    "0018,1000": "device", "0008,0090": "name", "0008,1050": "name", "0008,1060": "name", "0008,1070": "name",
    "0010,0010": "name", "0010,1001": "name",
}  # fmt: skip


def find_dicom(text: str) -> Iterator[Candidate]:
    """Persons, numbers, dates and places in a dump of a DICOM header."""
    for match in _ATTRIBUTE.finditer(text):
        kind = _ATTRIBUTE_KINDS.get(match["tag"].lower())
        if kind == "name":
            for part in re.finditer(r"[^\^=]+", match["value"]):
                start = match.start("value") + part.start()
                yield from _person(text, [(start, start + len(part[0]))])
        elif kind is not None and (kind != "date" or re.match(r"(?:19|20)\d{6}", match["value"])):
            yield Candidate(*trimmed(text, *match.span("value")), kind, 0.97)
