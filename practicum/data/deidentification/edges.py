"""What belongs to a finding at its edges: the characters before a Chinese certificate's digits, a check sign in
brackets, the words behind a house number."""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501

import re
from collections.abc import Iterable, Iterator

from practicum.config import IdentifierKind
from practicum.data.deidentification.candidates import Candidate

_CODES = frozenset(
    ["licence", "mrn", "id_number", "health_plan", "account", "vehicle", "resident_id", "device", "biometric"]
)
_BEFORE = re.compile(
    r"(?:^|[\s:：（(，,、|\"/【\[；;=]|(?<=[号證证]))(?P<head>(?![\u4e00-\u9fff]{0,3}[号號码碼话話机機真证證卡址编為为是约共达至近超第月年日时于在间位]-?$)"
    r"[\u4e00-\u9fff]{1,4}-?)$"
    r"|(?:^|[\s:：（(，,])(?P<village>[乡村]医证|[\u4e00-\u9fff]{1,4}字第)$"
    r"|(?:[证證照號号书書码碼牌]|编号|編號|鉴字|案号)[:：\s（(]{0,3}(?P<series>[\u4e00-\u9fff]{0,3}字?第)$"
)
"""What a number begins with: up to four characters behind a sign that sets them apart, 第 behind a label."""
_SERIES = re.compile(r"[号號急](?![\u4e00-\u9fff])")
_PLACE_SIGN = re.compile(r"-[\u4e00-\u9fff](?![\u4e00-\u9fff\w])")
_FINGER = re.compile(r"-[左右][拇食中环小]指?|(?<=-[左右])[拇食中环小]指?")
_CHECK = re.compile(r"\([A-Z\d]\)(?![\w(])", re.ASCII)
"""The check sign of a Hong Kong number."""
_LAST_SIGN = re.compile(r" [A-Z\d](?=[.;,)]|\s*\n|\s*$)", re.ASCII)
"""A sign that stands apart behind a long number."""
_LONG = 8
_SCORE = 0.89
_YEAR_HEAD = re.compile(r"(?<![\w:.])\d\d:$", re.ASCII)
"""The year that an accession number begins with: 24:CH229045K."""
_SERIES_HEAD = re.compile(r"(?<![\w-])[A-Z]{2,6}(?:-[A-Z]{2,6})?[ -]$", re.ASCII)
"""The letters that a sample's number begins with: NB-SOLE 771116."""
_FOURS = re.compile(r"(?:\d{4} ){3,}\d{4}", re.ASCII)
_FOURS_TAIL = re.compile(r" \d{2,3}(?![\w.])", re.ASCII)
"""The last digits of a parcel's number that stands in groups of four."""
_GROUPED = frozenset(["health_plan", "account"])
_GROUPED_END = re.compile(r"\d{3}$", re.ASCII)
_GROUPS = re.compile(
    r"(?: \d{2,4}(?![\w/%.:,-]*\w)(?! ?(?:m[cg]|ml|units?|y/?o|years?|kg|lb|%)))+(?: [A-Z]{2}(?![\w-]))?"
    r"| [A-Z]{2}(?=[;.]|\s*\n|$)",
    re.ASCII,
)
"""The groups that a member's or an account's number goes on with: W676198919 16."""
_HOUSE_TAIL = re.compile(
    r"(?:之\d{1,3}|[东西南北村]头|[东西南北正后侧大]?门[口前]?|[东西南北]侧|对面|路口|十字(?:路口)?|楼下)(?=[\s，,。；;、）)（(]|$|发现|接)"
)
_PLACE_END = re.compile(r"[号村站店场镇街路巷院校楼厂市坝湾组]$")
_NAMED = re.compile(r"[A-ZÀ-ÖØ-Þ]")
_NAME_HEAD = re.compile(
    r"(?<![\w'’.-])(?:Port|Fort|Mount|Mt\.?|Lake|Saint|Ste?\.?|Point|Glen|Cape|Upper|Lower|New|Old|North|South|East|West"
    r"|Great|Little|Low|High|Nether|Long|Much|NHS|[A-Z]{1,3}H|Los|Las|San|Santa"
    r"|(?:USD|ISD|CUSD|UFSD|RSD|PS|P\.S\.|IS|I\.S\.|MS|M\.S\.) \d{1,3})[ -]$"
)
_HOUSE_HEAD = re.compile(
    r"(?<![\w./-])(?<!\d )(?<!Box )(?<!BOX )(?<!box )(?<!Road )(?<!Route )(?<!Hwy )(?<!way )"
    r"(?:(?:Unit|Flat|Plot|Pitch|Lot|Apt\.?|House|No\.) )?(?!(?:19|20)\d\d)\d{1,4}[A-Za-z]?,? $"
)
"""A house's number before a street or a house that goes by a name: 7 Heol y Felin; Unit 10, Fallowfield Park."""
_SCHOOL_HEAD = re.compile(
    r"(?<![\w.-])(?:(?:USD|ISD|CUSD|UFSD|RSD)"
    r"|(?:Gate|Dock|Bay|Shed|Hangar|Bldg|Building|Barn|Shaft|Pier|Berth|Entrance|Door|Wharf|Shop|Yard) [A-Z\d]{1,3},?) $"
)
"""Of a numbered school district, of a gate: USD 498 Early Learning Center; Gate 4, 12 Mill Road."""
_NAME_TAIL = re.compile(
    r" (?:City|Falls|Springs|Heights|Beach|Junction|Ridge|Valley|Grove|Harbou?r|Bay|Creek|Landing|Crossing|Mills|Point"
    r"|Flats?|Hollow|Bluffs?|Rapids|Prairie|Island|Bend|Gap|Hills?|Cove|Ferry|Forge|Corners?|Street|St|Avenue|Ave|Road"
    r"|Rd|Lane|Ln|Drive|Boulevard|Blvd|Parkway|Highway|Hwy|Trail|Terrace|Court|Township|County|Parish)\b(?!['’])"
    r"| (?:boat (?:ramp|launch)|lifeboat (?:slip|station)|beach|breakwater|viaduct|by-?pass|car ?park|police pound"
    r"|slip(?:way)?|quay|ferry|barracks|flyover|air(?:strip|field|port)|heliport|golf course|cemetery|crematorium"
    r"|allotments|playground"
    r"|leisure centre|docks?|depot|campgrounds?|trail ?head|trail|marina|fairgrounds?|rest (?:area|stop)|truck stop"
    r"|ski area|overlook|ball ?fields?|parking lot|turn-?off|exit|interchange|roundabout|overpass|underpass|bridge"
    r"|dam|reservoir|quarry|jetty|pier|wharf|harbou?r|landing|crossing|food (?:court|hall)|bus (?:terminal|station|stop|depot|garage)|transit (?:cent(?:er|re)|hub)|nursing station"
    r"|conference room|boat ?yard|ferry terminal|farmers' market|flea market|swap meet|splash pad|skate ?park|levee|weir|mill pond|post office"
    r"|garage|laundromat|canal|reef|rest stop|park and ride|community hall|band hall)\b"
    r"| (?:north|south|east|west)bound\b|,? (?:at|near) (?:the )?(?:mile ?(?:marker|post) ?\d+(?:\.\d+)?|exit \d+[A-Z]?"
    r"|[A-Z]\w+ exit)\b| & [A-Z][a-z]+\b|,? (?:row|Station|Bldg|Building|Box|Km) [A-Z\d][\d.]*(?!\w)"
    r"| [-–—] (?:(?:Downtown|Uptown|Midtown|North|South|East|West|Main|Central)(?: Campus)?|[A-Z][a-z]+ Campus)\b"
    r"| (?i:(?:family |medical |group )?practice|surgery|funeral (?:service|directors?|home)"
    r"|(?:university )?health board|c of e primary|primary|borough council|council|care home|fire station"
    r"|police station|railway station)\b(?! [a-z])"
    r"|,? (?:P\.?C\.?|CIC|PLLC|PLC|LLP|LLC|Inc\.?|Ltd\.?|Corp\.?|Co\.|Pty)(?![\w-])"
    r"| (?:for|of) (?:the )?(?:Rehabilitation|Nursing|Healing|Recovery|Children|Women|Hope|Living)"
    r"(?: (?:and|&) (?:[A-Z][a-z]+))?\b"
)
"""What a place's name goes on with, where its first words alone were found."""
_SAINT = re.compile(r"(?:St\.?|Saint|ST\.?|SAINT) ")
_SAINT_ALONE = re.compile(r"(?:Ste?|ST|Saint|Mt|Ft)\.?")
_NEXT_NAME = re.compile(r" [A-Z][\w'’-]+")
_POSSESSIVE = re.compile(r"['’][sS]\b")
_ROOM_TAIL = re.compile(
    r",? (?:UNIT|APT|STE|SUITE|LOT|RM|FLAT|BLDG|TRLR|SPC|Unit|Apt|Suite|Flat|Lot|Bldg|Spc)\.? ?#?"
    r"[A-Z]?\d{0,4}[A-Z]?(?!\w)|, (?:\d{1,3}-[A-Z]|[A-Z]-\d{1,3}|[A-Z]\d{1,3}|\d{1,3}[A-Z])(?=[,;\"<^]| in\b|\s*(?:\n|$))"
)
_STREET_NUMBER = re.compile(r"\d{1,6} ")


def _of_number(kind: IdentifierKind, text: str, start: int, end: int) -> tuple[int, int]:
    """The same number with what it begins and ends with."""
    if match := _BEFORE.search(text, max(0, start - 12), start):
        start = match.start(match.lastgroup or "head")
    if text[start].isalpha() and (match := _YEAR_HEAD.search(text, max(0, start - 3), start)):
        start = match.start()
    for behind in (_SERIES, _FINGER, _PLACE_SIGN, _CHECK):
        if match := behind.match(text, end):
            return start, match.end()
    if _FOURS.fullmatch(text, start, end) and (match := _FOURS_TAIL.match(text, end)):
        return start, match.end()
    if kind in _GROUPED and _GROUPED_END.search(text, start, end) and (match := _GROUPS.match(text, end)):
        return start, match.end()
    long = sum(map(str.isdigit, text[start:end])) >= _LONG
    match = _LAST_SIGN.match(text, end) if long else None
    return start, match.end() if match else end


def _of_place(text: str, start: int, end: int) -> tuple[int, int]:
    """The same place in Latin letters with the words that its name begins and ends with."""
    if match := _NAME_HEAD.search(text, max(0, start - 12), start):
        start = match.start()
    if match := _HOUSE_HEAD.search(text, max(0, start - 14), start):
        start = match.start()
    if _SAINT_ALONE.fullmatch(text, start, end) and (match := _NEXT_NAME.match(text, end)):
        end = match.end()
    if _SAINT.match(text, start) and (match := _POSSESSIVE.match(text, end)):
        end = match.end()
    while match := _NAME_TAIL.match(text, end):
        end = match.end()
    if _STREET_NUMBER.match(text, start) and (match := _ROOM_TAIL.match(text, end)):
        end = match.end()
    return start, end


def widened(text: str, found: Iterable[Candidate]) -> Iterator[Candidate]:
    """Findings with what belongs to them at their edges, and only those that have any.

    Args:
        text: what was searched.
        found: the findings in it, overlapping or not.
    """
    for one in found:
        start, end = one.start, one.end
        if one.kind in _CODES:
            start, end = _of_number(one.kind, text, start, end)
            if one.kind == "biometric" and (match := _SERIES_HEAD.search(text, max(0, start - 14), start)):
                start = match.start()
        elif one.kind == "location" and _NAMED.match(text, start):
            start, end = _of_place(text, start, end)
        elif one.kind == "location" and _STREET_NUMBER.match(text, start):
            head, tail = _SCHOOL_HEAD.search(text, max(0, start - 16), start), _ROOM_TAIL.match(text, end)
            start, end = head.start() if head else start, tail.end() if tail else end
        elif one.kind == "location" and _PLACE_END.search(text, start, end):
            tail = _HOUSE_TAIL.match(text, end)
            end = tail.end() if tail else end
        if (start, end) != (one.start, one.end):
            yield Candidate(start, end, one.kind, max(_SCORE, min(1.0, one.score + 0.01)))
