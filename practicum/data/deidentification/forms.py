"""Numbers that their form tells, whatever stands around them: units of blood, parcels, UIDs, plates; aircraft beside
words of flying, units of crews and fleets, boats; users of computers behind what names a user."""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501

import re
from collections.abc import Iterator

from practicum.config import IdentifierKind
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.tables import cells_below

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
    (
        re.compile(
            r"(?<=[a-zé]\) )[A-Z]\d[A-Z]\d[A-Z]\d(?!\w)|(?<=\"postal\": \")[A-Z]\d[A-Z] ?\d[A-Z]\d(?=\")", re.ASCII
        ),
        "zip",
    ),
    # Hashes behind what they are of.
    (re.compile(r"(?<![\w-])[A-Z]{2,8}-(?=[a-f]*\d)[\da-f]{8}(?![\w-])", re.ASCII), "id_number"),
    # What is left of a social security number.
    (re.compile(r"(?<!\d)\d{4}(?= last (?:four|4)\b)", re.ASCII), "ssn"),
    # A member's group.
    (
        re.compile(r"(?<=\bgroup )[A-Z]{0,3}\d{5,8}(?=[.;,\s]|$)|(?<=\bGrupo )[A-Z]{0,3}\d{4,8}\b", re.ASCII),
        "health_plan",
    ),
    # Behind a label of its own: a file of a ministry for veterans, an accredited agent, a docket of a court, a check,
    # a device's second number, a cart's.
    (
        re.compile(r"(?<=[Cc]-file )\d\d \d{3} \d{3}\b|(?<=[Ff]ile number )[A-Z]{1,2} \d\d \d{3} \d{3}\b", re.ASCII),
        "id_number",
    ),
    (
        re.compile(
            r"(?<=ccreditation )\d{4,7}\b|(?<=ccreditation no\. )\d{4,7}\b|(?<=ccreditation # )\d{4,7}\b", re.ASCII
        ),
        "licence",
    ),
    (
        re.compile(
            r"(?<=[Ll]ic )[A-Z]{2,4} \d{4,6}\b|(?<=[Ll]ic\. )[A-Z]{2,4} \d{4,6}\b|(?<=[Ll]icense )[A-Z]{2,4} \d{4,6}\b"
            r"|(?<=[Ll]icence )[A-Z]{2,4} \d{4,6}\b|(?<=[Ll]ic # )[A-Z]{2,4} \d{4,6}\b",
            re.ASCII,
        ),
        "licence",
    ),
    (
        re.compile(r"(?<![\w-])\d{1,4}-\d{1,2}-\d\d [A-Z][a-z]{1,2}(?:cv|cr|dm|pr|fa|sc|jv|dr)(?!\w)", re.ASCII),
        "id_number",
    ),
    (
        re.compile(
            r"(?<=\bck )\d{3,6}(?= (?:returned|dated|for|rec|NSF|bounced|cleared|\$))|(?<=[Cc]heck no\. )\d{3,8}\b",
            re.ASCII,
        ),
        "account",
    ),
    (
        re.compile(
            r"(?<=\bDN )\d{3}(?=[;,.\s]|$)|(?<=\bDN: )\d{3}(?=[;,.\s]|$)|(?<=\bDN:)\d{3}(?=[;,.\s]|$)", re.ASCII
        ),
        "device",
    ),
    (re.compile(r"(?<=\bIBAN )[A-Z]{2}\d\d(?: ?[A-Z\dX*]{4}){2,7}(?: ?[A-Z\dX*]{1,3})?(?!\w)", re.ASCII), "account"),
    # British plates since 2001.
    (re.compile(r"(?<![\w-])(?!BP|HR|RR|PO|SP)[A-HJ-PR-Y]{2}\d\d [A-HJ-PR-Z]{3}(?![\w-])", re.ASCII), "vehicle"),
)
_AIRCRAFT = re.compile(
    r"(?<![\w-])(?:G-[A-Z]{4}|C-[FGI][A-Z]{3}|(?:VH|EI|ZK|ZS|VT|PH|OE|HB|SE|LN|OY|OH|EC|CS|SP|OK|TF|YR|HA|OO|PK|HS|RP|VP|VQ"
    r"|XA|XB|PP|PT|PR|LV|CC|HK|5Y|5H|9J|9M|9V|4X|A6|D|F|I)-[A-Z]{3,4}|N\d{2,5}[A-Z]{1,2})(?![\w-])",
    re.ASCII,
)
_AIR_NEAR = re.compile(
    r"helicopter|aircraft|helimed|aeroplane|airplane|air ?ambulance|airlift|air(?:field|strip)|medevac|fixed[ -]wing|pilot"
    r"|tail (?:no|number)|coastguard|\bHEMS\b|rotor|cessna|king air|pilatus|\bPA-\d\d|flight (?:crew|nurse|paramedic)"
    r"|flown|landed|chopper|\bhelo\b|\bA/C\b|learjet|\blear\b|\bjet\b|charter|\bRFDS\b|flying doctor|beechcraft|\bB[23]00\b"
    r"|life ?flight|wheels[ -]up|lift[ _-]?off",
    re.IGNORECASE,
)
_CREW_WORD = (
    r"(?:Medic|Paramedic|Rescue|Squad|Ambulance|Amb|Engine|Ladder|Tender|Truck|Rig|MICU|EMS|ALS|BLS|Battalion|Helimed"
    r"|Life[ ]?Flight|MedFlight|AirMed|Air[ ]Evac|Air|Fly-?car|Sierra|Alpha|Bravo|Delta|Echo|Oscar)"
)
_UNIT_NUMBER = r"(?:[A-Z]{1,4}-?\d{1,6}[A-Z]?(?:-[A-Z\d]{1,4})?|[A-Z]{2,4}[ ]\d{3,6}[A-Z]?)"
_RIDDEN = (
    r"(?:fork-?lifts?|skidder|tractor|digger|excavator|(?:front[ ])?loader|harvester|combine|(?:bull)?dozer|crane|grader"
    r"|(?:dump[ ]|reach[ ]|haul[ ]|fire[ ]|pump[ ]|ladder[ ])?truck|lorry|trailer|tanker|van|car|cruiser|patrol[ ]car|squad[ ]car|rig|bus"
    r"|minibus|coach|shuttle|tram|locomotive|loco|snowmobile|snowplow|plow|quad|atv|utv|golf[ ]cart|buggy|gator|tug|ambulance"
    r"|ground[ ]leg|launch|lifeboat|tender|vessel|pilot[ ]vehicle|vehicle|veh|mixer|hauler|hgv|backhoe|scraper|stacker)"
)
_VEHICLE = re.compile(
    rf"""
    \b(?i:call[ ]?sign|rig|crew|apparatus|responding[ ]unit|ground[ ](?:unit|crew))(?:[ ](?i:no\.?|number|id))?[:\#]?[ ]
      (?P<crew>{_CREW_WORD}[ -]\d{{1,5}}[A-Z]?|\d{{2,5}}[A-Z]?|{_UNIT_NUMBER}|[A-Z]{{2}}[ ]?\d{{2,4}})(?![\w%/]|[.:-]\d)
    |\b(?i:unit)[:\#]?[ ]{{1,3}}(?P<unit>{_CREW_WORD}[ -]?\d{{1,5}}[A-Z]?)(?![\w%/]|[.:-]\d)
    |\b(?i:unit)[:\#]?[ ]{{1,3}}(?P<fleet>{_UNIT_NUMBER})(?![\w%/]|[.:-]\d)
    |\b(?:EMS|[Aa]mbulance|AMBULANCE|[Rr]escue|RESCUE|Medic|Fire|[Pp]olice|[Ss]heriff(?:'s)?|Amb[A-Z]{{2,4}}|EMT|[Pp]atrol),?[ ]
      (?:unit|rig|car|truck|vehicle|vehicle[ ]no\.?|bus)[ ]\#?(?P<of>\d{{2,5}}[A-Z]?)(?![\w%/]|[.:-]\d)
    |\b(?i:{_RIDDEN})s?(?:[ ](?i:unit|no\.?|number|nr\.?|reg\.?|fleet(?:[ ]no\.?)?|id|asset))?[:\#]?[ ]\(?\#?
      (?P<ridden>[A-Z]{{1,4}}-\d{{1,6}}(?:-?[A-Z\d]{{1,4}})?|[A-Z]{{1,2}}\d{{2,4}}(?![ ][A-Z\d]{{2,4}}\b))(?![\w%/]|[.:-]\d)
    |\b(?i:(?:fork-?lift|skidder|tractor|excavator|truck|lorry|crane|bus|coach|tram|train|trolley|minibus|shuttle|loco\w*)
      [ ](?:no\.?|number|nr\.?|unit|fleet[ ]no\.?)|school[ ]bus|bus|tram|minibus)[ ]?\#?[ ]?(?P<line>\d{{1,5}})
      (?![\w%/]|[.,:-]\d|[ ](?i:min|hours?|hrs?|h\b|days?|weeks?|km|mi(?:le)?s?\b|am\b|pm\b|times|x\b|stops?|passengers|people
      |yrs?|years?|per\b|of\b|mph|kph|ft|feet|metres|meters|m\b))
    |\b(?i:ambulance)[ ](?:\#|no\.?[ ])?(?P<cab>(?!(?:[01]\d|2[0-3])[0-5]\d)\d{{4}}|\d{{3}}|\d{{5}}|[A-Z]\d{{3}})
      (?![\w%/]|[.,:-]\d|[ ](?:mg|ml|min))
    |\b(?i:boat|skiff|vessel|tender|dinghy|launch|trawler|ferry|yacht|pontoon|jet[ ]?ski|pwc|catamaran|scalloper|lobsterman
      |hull(?:[ ](?:no\.?|id|reg))?|charter|canoe|craft|airboat|workboat|snowmobile|sled|atv|personal[ ]watercraft)
      [^.;\n]{{0,24}}?(?P<boat>(?<![\w-])[A-Z]{{2}}[ -]?\d{{4}}[ -]?[A-Z]{{1,2}}|\b[A-Z]\d{{4,6}}-[A-Z]{{2,4}})(?![\w-])
    |\b(?i:boat|skiff|vessel|tender|launch|trawler|lifeboat|ferry|yacht)[ ]\(?(?P<vessel>[A-Z]{{2,3}}[ ]?\d{{2,4}})(?![\w/%-])
    |\b(?:A/C|[Aa]ircraft|[Tt]ail(?:[ ](?:no\.?|number|\#))?|[Ff]light|[Hh]elicopter|[Hh]elo|[Cc]hopper|[Jj]et|[Pp]lane|[Mm]edevac
      |[Aa]ir[ ]ambulance|[Rr]egistration)(?:[ ](?:reg\.?|registration|no\.?|id))?[:\#]?[ ]{{1,3}}
      (?P<tail>(?=[A-Z\d-]*[A-Z])[A-Z\d]{{1,2}}-(?=[A-Z\d]*[A-Z])[A-Z\d]{{3,5}}|N\d{{1,5}}[A-Z]{{0,2}})(?![\w-])
    |\b(?:USCG|CG|RNLI|USDOT|O\.N\.|MMSI|[Oo]fficial[ ](?:no\.?|number))[ ](?:no\.?[ ]|\#)?(?P<register>\d{{6,9}})(?![\w-])
    """,
    re.VERBOSE,
)
_CREW_NEAR = re.compile(
    r"\b(?:EMS|EMT|ambulance|amb|rescue|medics?|paramedics?|fire|dispatch\w*|disp|PCR|CAD|on[ -]?scene|en ?route|crew|run|rig|plates?"
    r"|tag|vehicle|tractor|truck|skidder|trailer|odometer|fleet|priority|ALS|BLS|mileage|driver|transported by|medical transport"
    r"|taken to)\b",
    re.IGNORECASE,
)
_VEHICLE_HEAD = re.compile(
    r"(?:tail|aircraft|a/c|plate|tag|rego?|vehicle|veh|vessel|boat|hull|ambulance|truck|van|car|bus|rig|call ?sign|tractor"
    r"|trailer|unit[ _]plate|licen[cs]e[ _]plate|number[ _]plate|registration)(?:[ _/]?(?:no\.?|num|number|nr|#|id|reg|rego|tag|plate|unit))*",
    re.IGNORECASE,
)
_VEHICLE_CELL = re.compile(
    r"(?=[A-Z\d -]*\d)(?=[A-Z\d -]*[A-Z])[A-Z\d]{1,4}(?:[ -][A-Z\d]{1,5}){1,3}|(?=[A-Z\d]*\d)[A-Z\d]{4,8}|[A-Z\d]{1,2}-[A-Z]{3,4}",
    re.ASCII,
)
_NO_UNITS = frozenset(
    ["ICU", "CCU", "NICU", "PICU", "ER", "ED", "OR", "W", "BED", "RM", "PO", "IV", "CT", "MRI", "ON", "AT"]
)
"""Letters before the number of a ward, a room or an hour."""
_LOGIN = re.compile(
    r"(?:\b(?:user(?:[_ ]?(?:name|id))?|login|log-?in|logon|account|oper(?:ator)?|op|ack(?:_by)?|staff_login|entered by"
    r"|granted by|opened \S+ by|export(?:ed)? by|signed by|locked?|unlock(?:ed)? user|audit:|password as)\b"
    r"|账号|帐号|用户名?|登录名?|操作员|操作人|经办|复核|提交|工号)"
    r"[\"'”]?[:：=\s]{1,3}[\"'“]?(?P<login>(?:[A-Z\d]{2,8}\\)?(?=[a-z][\w.\-]*(?:[._]|\d))"
    r"[a-z][a-z\d]*(?:[._\-][a-z\d]+){0,3})(?![\w.@/\\-]*[\w@/])"
    r"|\b(?:user|oper|op|ack|login)=['\"]?(?P<told>(?!unknown\b|null\b|none\b|system\b)[a-z][\w.\-]{3,24})(?![\w@/])"
    r"|\b(?i:by|grader|operator|sign-?off|signed|reader|viewer|scorer|user|usuario|uploader|reviewer|approver|sender)[ :]{1,3}"
    r"(?P<by>(?:[A-Za-z\d]{2,8}\\[a-z][\w.]*|(?=[A-Za-z._-]*\d)[a-z]{2,10}[._-]?[a-z]{0,12}\d{1,6}|[A-Z]{4,10}\d{1,3}|[a-z]{1,12}_[a-z]+\d+)"
    r"(?![\w@/.-]*[\w@/]))"
    r"|^(?:\d{4}-\d\d-\d\d[ T])?\d\d:?\d\d(?::\d\d(?:\.\d+)?)?Z?[ \t,|]{1,4}(?P<at>(?=[a-z._-]*\d)[a-z]{1,12}[._-]?[a-z]{0,12}\d{1,6}(?:\.adm)?"
    r"|[a-z]{2,12}\.[a-z]{2,12}\d?)(?=[ \t,|])",
    re.MULTILINE,
)
_SUBJECT_HEAD = re.compile(
    r"(?:subj(?:ect)?|participant|pt|patient|screening|scr|rand(?:omi[sz]ation)?|enrol\w*|study|donor|volunteer)(?:[ _]?(?:no\.?|num|number|nr|id|#|code))?",
    re.IGNORECASE,
)
_SUBJECT_CELL = re.compile(
    r"(?=(?:[A-Z-]*\d){3})(?:[A-Z\d]{1,5}-[A-Z\d]{2,6}(?:-[A-Z\d]{1,4})?|[A-Z]{1,4}\d{3,6})", re.ASCII
)
_LOGIN_HEAD = re.compile(
    r"(?:user|user[ _-]?(?:name|id)|uid|login|log-?in|logon|account|uploader|uploaded[ _]by|operator|oper|entered[ _]by|staff[ _]?login|by"
    r"|(?:ad|network|windows|sso)[ _](?:account|login|id|user)|modified[ _]by|created[ _]by|reviewer|viewer|exported[ _]by)",
    re.IGNORECASE,
)
_LOGIN_CELL = re.compile(
    r"(?:[A-Za-z\d]{2,8}\\)?(?=[a-z._\d-]*[\d._])[a-z][a-z\d]*(?:[._-][a-z\d]+){0,3}|[A-Z]{3}\d{3,5}", re.ASCII
)
"""A user of a computer, as logs, tickets and forms name one."""


def find_forms(text: str) -> Iterator[Candidate]:
    """Numbers whose form alone says what they are, aircraft, and users of computers."""
    for pattern, kind in _FORMS:
        for match in pattern.finditer(text):
            yield Candidate(*match.span(), kind, 0.92)
    for match in _LOGIN.finditer(text):
        yield Candidate(*match.span(match.lastgroup or "login"), "account", 0.86)
    for start, end in cells_below(text, _SUBJECT_HEAD):
        if _SUBJECT_CELL.fullmatch(text, start, end):
            yield Candidate(start, end, "id_number", 0.86)
    for start, end in cells_below(text, _LOGIN_HEAD):
        if _LOGIN_CELL.fullmatch(text, start, end):
            yield Candidate(start, end, "account", 0.86)
    yield from _find_vehicles(text)


def _find_vehicles(text: str) -> Iterator[Candidate]:
    """Aircraft, units of crews and fleets, boats, and what stands in a column of vehicles."""
    for match in _AIRCRAFT.finditer(text):
        if _AIR_NEAR.search(text, max(0, match.start() - 120), match.end() + 80):
            yield Candidate(*match.span(), "vehicle", 0.9)
    for match in _VEHICLE.finditer(text):
        group = match.lastgroup or "crew"
        head = re.match("[A-Z]*", match[group])
        if head and head[0] in _NO_UNITS:
            continue
        if group == "fleet" and not _CREW_NEAR.search(text, max(0, match.start() - 60), match.end() + 40):
            continue
        yield Candidate(*match.span(group), "vehicle", 0.9)
    for start, end in cells_below(text, _VEHICLE_HEAD) if "|||" not in text else ():
        if _VEHICLE_CELL.fullmatch(text, start, end):
            yield Candidate(start, end, "vehicle", 0.9)
