"""Numbers that their form tells, whatever stands around them: units of blood, parcels, UIDs, plates; aircraft beside
words of flying; users of computers behind what names a user."""

import re
from collections.abc import Iterator

from practicum.config import IdentifierKind
from practicum.data.deidentification.candidates import Candidate

_FORMS: tuple[tuple[re.Pattern[str], IdentifierKind], ...] = (
    # Units of blood by ISBT 128 and by Codabar; a parcel of the Royal Mail.
    (re.compile(r"(?<![\w-])[A-Z]\d{3} (?:\d{3} \d{3} \d{3} [A-Z\d]|\d\d \d{6} \d)(?![\w-])", re.ASCII), "id_number"),
    (re.compile(r"(?<![\w-])[A-Z]{2} ?\d{4} ?\d{4} ?\d[A-Z]{2}(?![\w-])", re.ASCII), "id_number"),
    # A British National Insurance number.
    (re.compile(r"(?<![\w-])[A-Z]{2} \d\d \d\d \d\d [A-DKLMTX](?![\w-])", re.ASCII), "id_number"),
    # A UID of DICOM; the roots of code systems have no part as long.
    (re.compile(r"(?<![\w.])[0-2](?:\.\d{1,20}){3,10}\.\d{8,24}(?:\.\d{1,20})*(?![\w.])", re.ASCII), "id_number"),
    # Postal codes: of China with its digits apart, in a table behind a state, of Canada without a blank.
    (re.compile(r"(?<![\d.,] )(?<![\w.,-])[1-9](?: \d){5}(?! ?[\d.%])", re.ASCII), "zip"),
    (re.compile(r"(?<=,[A-Z]{2},)\d{5}(?=,)|(?<=,[A-Z]{2},\")\d{5}(?=\")", re.ASCII), "zip"),
    (re.compile(r"(?<=, )[ABCEGHJ-NPRSTVXY]\d[A-Z]\d[A-Z]\d(?![\w-])", re.ASCII), "zip"),
    # What is left of a social security number.
    (re.compile(r"(?<!\d)\d{4}(?= last (?:four|4)\b)", re.ASCII), "ssn"),
    # A member's group.
    (
        re.compile(r"(?<=\bgroup )[A-Z]{0,3}\d{5,8}(?=[.;,\s]|$)|(?<=\bGrupo )[A-Z]{0,3}\d{4,8}\b", re.ASCII),
        "health_plan",
    ),
    # British plates since 2001.
    (re.compile(r"(?<![\w-])(?!BP|HR|RR|PO|SP)[A-HJ-PR-Y]{2}\d\d [A-HJ-PR-Z]{3}(?![\w-])", re.ASCII), "vehicle"),
)
_AIRCRAFT = re.compile(
    r"(?<![\w-])(?:G-[A-Z]{4}|C-[FGI][A-Z]{3}|(?:VH|EI|ZK)-[A-Z]{3}|N\d{2,5}[A-Z]{1,2})(?![\w-])", re.ASCII
)
_AIR_NEAR = re.compile(
    r"helicopter|aircraft|helimed|aeroplane|airplane|air ?ambulance|airlift|airfield|medevac|fixed[ -]wing|pilot"
    r"|tail (?:no|number)|coastguard|\bHEMS\b|rotor|cessna|king air|pilatus|\bPA-\d\d|flight (?:crew|nurse|paramedic)"
    r"|flown|landed",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"(?:\b(?:user(?:[_ ]?(?:name|id))?|login|log-?in|logon|account|oper(?:ator)?|op|ack(?:_by)?|staff_login|entered by"
    r"|granted by|opened \S+ by|export(?:ed)? by|signed by|locked?|unlock(?:ed)? user|audit:|password as)\b"
    r"|账号|帐号|用户名?|登录名?|操作员|操作人|经办|复核|提交|工号)"
    r"[\"'”]?[:：=\s]{1,3}[\"'“]?(?P<login>(?:[A-Z\d]{2,8}\\)?(?=[a-z][\w.\-]*(?:[._]|\d))"
    r"[a-z][a-z\d]*(?:[._\-][a-z\d]+){0,3})(?![\w.@/\\-]*[\w@/])"
    r"|\b(?:user|oper|op|ack|login)=['\"]?(?P<told>[a-z][\w.\-]{3,24})(?![\w@/])"
)
"""A user of a computer, as logs, tickets and forms name one."""


def find_forms(text: str) -> Iterator[Candidate]:
    """Numbers whose form alone says what they are, aircraft, and users of computers."""
    for pattern, kind in _FORMS:
        for match in pattern.finditer(text):
            yield Candidate(*match.span(), kind, 0.92)
    for match in _LOGIN.finditer(text):
        yield Candidate(*match.span(match.lastgroup or "login"), "account", 0.86)
    for match in _AIRCRAFT.finditer(text):
        if _AIR_NEAR.search(text, max(0, match.start() - 120), match.end() + 80):
            yield Candidate(*match.span(), "vehicle", 0.9)
