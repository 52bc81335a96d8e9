"""Dates more specific than a year: where they stand, and what they become."""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501

import re
from collections.abc import Iterator
from datetime import date, timedelta

from practicum.data.deidentification import public_codes
from practicum.data.deidentification.candidates import Candidate

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_NUMBER_MONTH = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:19|20)\d\d"
_ORDINAL = r"(?:st|nd|rd|th)"
# A date does not begin inside a number, a ratio or a longer code.
_FREE = r"(?<![\w/.\-:])"
_END = r"(?![\w/]|[.\-:]\d)"

_NUMERIC = re.compile(
    rf"{_FREE}(?:"
    rf"(?P<y1>{_YEAR})(?P<s1>[-/.])(?P<m1>{_NUMBER_MONTH})(?P=s1)(?P<d1>{_DAY})(?=T\d|{_END})"
    rf"|(?P<a2>\d{{1,2}})(?P<s2>[-/.])(?P<b2>\d{{1,2}})(?P=s2)(?P<y2>{_YEAR}|\d\d){_END}"
    rf"|(?P<y3>{_YEAR})(?P<m3>0[1-9]|1[0-2])(?P<d3>0[1-9]|[12]\d|3[01])(?![\w/\-]|\.\d)"
    rf"|(?P<m4>{_NUMBER_MONTH})[/\-](?P<y4>{_YEAR}){_END}"
    rf"|(?P<y5>{_YEAR})[/\-](?P<m5>{_NUMBER_MONTH}){_END}"
    r")",
    re.ASCII,
)
_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
_UNITS_TH = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"
_DAY_WORD = (
    rf"(?:(?:twenty|thirty)[- ](?:{_UNITS_TH})|{_UNITS_TH}|tenth|eleventh|twelfth"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teenth|(?:twen|thir)tieth)"
)
_TENS = "(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
_BELOW_100 = rf"(?:{_TENS}(?:[- ](?:{_UNITS}))?|{_TEENS}|(?:oh|o)[- ](?:{_UNITS}))"
_YEAR_WORD = rf"(?:(?:twenty|nineteen)[- ]{_BELOW_100}|two thousand(?: (?:and )?(?:{_BELOW_100}|{_UNITS}))?)"
_TO = r"(?:/|\s?(?:-|–|&|to|through|thru|and|until|till)\s?)"
_WRITTEN = re.compile(
    rf"(?<![\w/.])(?:(?P<w>{_WEEKDAY})\.?,?\s+(?:the\s+)?)?(?:"
    # Nov 5 through Nov 11, 2014
    rf"(?P<m5>{_MONTH})\.?\s{_DAY}{_ORDINAL}?\s?(?:-|–|to|through|thru|until|till|and)\s?{_MONTH}\.?\s{_DAY}{_ORDINAL}?(?:,?\s(?P<y6>{_YEAR})(?!\w))?(?![\w/])"
    # March 3rd, 2021; Mar 3; March 3-5, 2021
    rf"|(?P<m1>{_MONTH})\.?\s*(?:the\s+)?(?P<d1>{_DAY}){_ORDINAL}?(?:{_TO}(?:the\s)?{_DAY}{_ORDINAL}?(?!\d))?"
    rf"(?:\s?,?\s*(?:of\s+|in\s+)?(?P<y1>{_YEAR})|,?\s+'(?P<z1>\d\d))?(?![\w]|[./]\d)"
    # 3 March 2021; the 3rd of March; 03-Mar-2021; 3Mar21; 10-12 June; the 9th to the 13th of May
    rf"|(?:the\s+)?(?:{_DAY}{_ORDINAL}?{_TO}(?:the\s)?)?(?P<d2>{_DAY}){_ORDINAL}?(?:\s+(?:of\s+)?|\s?-\s?|/|\.|)(?P<m2>(?!(?<=\n){_MONTH}\.?\s\d{{1,2}}\b|{_MONTH}\.?\s\d{{1,2}}{_ORDINAL}?,?\s(?:19|20)\d\d){_MONTH})(?:\.?(?:,?\s*|\s?-\s?|/|\.)'?(?P<y2>{_YEAR}|\d\d(?=\W|$)(?!\s?:)))?(?!\w)"
    # March 2021; Mar-2021; March of 2021
    rf"|(?P<m3>{_MONTH})\.?(?:,?\s+(?:of\s+)?|[-/])(?P<y3>{_YEAR})(?!\w)"
    rf"|(?P<m4>{_MONTH})[-/](?P<d4>{_DAY})[-/](?P<y4>{_YEAR}|\d\d)(?!\w)"
    r")",
    re.IGNORECASE | re.ASCII,
)
_LONE_MONTH = re.compile(
    r"\b(?:(?:(?i:in|since|until|till|during|early|late|mid|middle|last|next|this|from|through|thru|by|before|after|of|between|around|about|for|end|start|beginning|come|circa|"
    r"back in|to|and|or|due|previous|every|late in))[ -]+(?P<a>(?:(?:early|late|mid)[ -])?(?:January|February|March|April|June|July|August|September|October|November|December)(?!\s[A-Z][a-z]+,? (?:MD|RN|DO))|(?i:january|february|september|october|november|december))"
    r"|(?:in|since|until|during|early|late|mid|last|next|this)[ -]+(?P<b>May))\b"
)
_SHORT = re.compile(rf"{_FREE}(?P<m>{_NUMBER_MONTH})(?P<s>[/\-])(?P<d>{_DAY}){_END}", re.ASCII)
_SHORT_BEFORE = re.compile(
    r"(?:\b(?:on|since|until|till?|dated?|before|after|seen|visit(?:ed)?|admitted|discharged|d/c|dob|dos|doa|dod|born"
    r"|birthday|due|scheduled|started|begun|began|exam|appointment|appt|surgery|follow[- ]?up|f/u|updated|collected"
    r"|labs?|service|signed|performed|received|reviewed|as of|effective|through|thru|beginning|ending|week of|by|off|next|leaving"
    r"|left|returns?|returned|returning|arriv(?:es|ed|ing)|held|est|eta|edd|lmp|came|back|again|see|expires?|exp|refill(?:ed)?|"
    rf"{_WEEKDAY})\.?[:,]?|\b(?:d\.o\.[bsad]|birth ?date|between|from|incident|called|w/c|w/e|booked|moved|rescheduled"
    r"|reported|triage|arrival|onset|injury|fell|valid|issued|printed|faxed|sent|dictated|typed|telehealth|session|ended|stopped|restarted|resumed"
    r"|given|drawn|repeat|last|out|on or about|contact(?:ed)?|closed|opened|filed|mailed|delivered|denied|approved|expired|renewed|ordered|placed|inserted|installed|implanted|replaced|changed|evaluated|spoke|met|married|divorced|hired|retired|enrolled|registered|consented|randomi[sz]ed|vaccinated|immuni[sz]ed|swabbed|biops(?:y|ied)|extubated|intubated|discontinued|completed|finished|removed|missed|cancell?ed|call(?:ed)?(?: back)?|callback|recheck|revisit|appointment|session|shift|approved|served|hearing|flight|trip|deadline|period|fill(?:ed)?|read|meeting|mtg|start(?:ing|s)?|end(?:s|ing)?|rtc|rtn|anniversary,|down|up|requested|interviewed|since|fit test|placed|delivering|dispensed|lkw|lkw (?:at )?\d\d:?\d\d|(?:hbsag|hbv|ppd|quantiferon|covid(?:-19)?|hiv|hcv|rpr|strep|flu|mrsa|swab|culture|test) (?:neg|pos)(?:ative|itive)?|(?:by|per) (?-i:[A-Z][a-z]+)|[a-z]+(?:plasty|ectomy|otomy|scopy|graphy|gram|centesis))[.:,]{0,2}"
    r"|\d/\d{1,2}\s?(?:-|–|to|through|and|&))\s*\(?$",
    re.IGNORECASE | re.ASCII,
)
_LINE_START = re.compile(r"(?:^|\n)[ \t]*(?:[-*•>\[(][ \t]*)?$")
_TIME_AFTER = re.compile(
    r"\)?,?\s*(?:at\s|@\s?)?(?:[01]?\d|2[0-3]):[0-5]\d|\s*\(?(?:mon|tues?|wed|thu|thurs|fri|sat|sun)(?:day)?\b|\s@\s?\d",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(rf"{_FREE}(?P<d>1[3-9]|2\d|3[01])(?P<s>[/.])(?P<m>0[1-9]|1[0-2]|[1-9]){_END}", re.ASCII)
_NO_DATE_AFTER = re.compile(
    r"\s*(?:%|mm\s?hg|mg|mcg|ml|strength|murmur|pain|scale|points?|power|reflex|vision|ratio|of\b|systolic|tabs?\b"
    r"|(?:lymph )?nodes?|positive|inch|tablets?|hours?|hrs?|days?|weeks?|months?|years?|times|cm|mm|motor|intensity|nodes|quadrants|doses|bottles)",
    re.IGNORECASE | re.ASCII,
)
_SCORED = re.compile(
    r"\b(?:scor(?:e|es|ed|ing)|scale|index|gcs|mmse|moca|phq|gad|slums|sofa|nodes?|ln|iop|vision|visual|va|snellen|ribs?|cn|nerves?"
    r"|hads|epds|audit|dast|ess|karnofsky|barthel|braden|norton|tinetti|nihss|madrs|hdrs|bdi|ciwa|cows|apgars?|strength|power|ratio"
    r"|percocet|norco|vicodin|lortab|sinemet|advair|symbicort|vytorin|out of|answered|correct|test|tabs?|steps?|screws?|drill|inch"
    r"|levels?|epworth|mallampati|wells|edss|updrs|womac|koos|flacc|rass|waterlow|morse|bishop|ballard|ranson)\b|\b[CTL]\d{1,2}\b",
    re.IGNORECASE | re.ASCII,
)
_BEST_SCORES = frozenset({15, 16, 18, 20, 21, 24, 25, 27, 28, 30})
_SCORE_NAME = re.compile(
    r"(?<![\w])(?!(?:CXR|CT|MRI|US|TTE|EKG|ECG|Echo|EEG|EGD|PET|Labs?|OR|ED|ER|ICU|DOS|Admit|[XU]?-?[Rr]ays?|[BUC]?Cx)\b)"
    r"[A-Z][\w\-]*[: ]+$",
    re.ASCII,
)
_CHINESE = re.compile(
    r"(?:(?P<y>(?:19|20)\d\d|[〇零○一二三四五六七八九]{4}|\d\d)\s?年\s?)?"
    r"(?P<m>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s?月(?:份|\s?(?P<d>3[01]|[12]\d|0?[1-9]|[一二三四五六七八九十]{1,3})"
    r"\s?[日号](?:（?(?:星期|周)[一二三四五六日天]）?)?)?"
)
_CHINESE_SPAN = re.compile(r"[\d一二三四五六七八九十两几半多个余前后内近每经约第年]$")

_DATE_LABEL = re.compile(r"\b(?:date|dob|death|birth|visit|service|exam|born|on)\b[^\n.;\d]{0,14}$", re.IGNORECASE)
_CENTURY = 30
"""Years of two digits from here on are of the last century: a record tells of births in it, not of what is to come."""


def _is_day(a: int, b: int) -> bool:
    return (1 <= a <= 12 and 1 <= b <= 31) or (1 <= b <= 12 and 1 <= a <= 31)


_SHORT_RANGE = re.compile(
    rf"{_FREE}(?P<a>{_NUMBER_MONTH}/{_DAY})(?:\s?[-–]\s?|\s(?:to|through|thru|and)\s)(?P<b>{_NUMBER_MONTH}/{_DAY}){_END}",
    re.ASCII,
)


def find_dates(text: str) -> Iterator[Candidate]:
    """Dates in English and numbers; years alone are none, nor are ratios, ranges and scores."""
    for match in _NUMERIC.finditer(text):
        if match["a2"]:
            if not _is_day(int(match["a2"]), int(match["b2"])):
                continue
            # 1.2.10 is a section or a version as often as a date, 1-2-10 a range.
            short = len(match["y2"]) == 2 and match["s2"] != "/" and len(match[0]) < 8
            before = text[max(0, match.start() - 30) : match.start()]
            if short and not (
                _SHORT_BEFORE.search(before)
                or _DATE_LABEL.search(before)
                or _TIME_AFTER.match(text, match.end())
                or (_LINE_START.search(before) and re.match(r"[ \t]*(?:\n|$|  )", text[match.end() : match.end() + 8]))
            ):
                continue
        elif match["y5"] and match[0][4] == "-" and text[match.end() : match.end() + 1] == "-":
            continue
        yield Candidate(match.start(), match.end(), "date", 0.8)
    for match in _WRITTEN.finditer(text):
        month = match["m1"] or match["m2"] or match["m3"] or match["m4"] or match["m5"]
        # "may 2 tablets", "march 5 miles": verbs are written small.
        if (
            month.islower()
            and month in ("may", "mar", "march", "sun", "dec")
            and not any(match[y] for y in ("y1", "y2", "y3", "y4"))
        ):
            continue
        yield Candidate(match.start(), match.end(), "date", 0.85)
    for match in _LONE_MONTH.finditer(text):
        group = "a" if match["a"] else "b"
        yield Candidate(match.start(group), match.end(group), "date", 0.6)
    yield from _other_dates(text)
    yield from _short_dates(text)


_EVENT_BEFORE = re.compile(
    r"(?:\b(?!(?:rang|increas|decreas|titrat|reduc|scor|rat|averag|improv|measur|graded?|tested|bilateral|need)\w*\b)[a-z]{3,}(?:ed|ing)|s/p [^.;()\n]{2,40}"
    r"|\b(?:post-?op|pre-?op|xray|x-ray|ct|mri|echo|labs?|note|call|email|letter|fax|report|incident|loss|accident|admission|discharge|death))[ :]*\(?$",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"\)?(?:[.;,)\n]|$| (?:with|at|by|for|and|after|w/|in|from)\b)")
_DATE_NEXT = re.compile(rf"(?:,| and| &|;) {_MONTH}\.? \d{{1,2}}\b", re.IGNORECASE)
_CELL_FIRST = re.compile(r"(?:^|\n)[ \t]*$")
_MEASURE_BEFORE = re.compile(
    r"(?:\b(?:bp|ratio|strength|power|grade|stage|reflex\w*|pulses?|murmur|pain|of|about|size|dose|vision|od|os|ou|cup|c/d|i:e|room|unit|apt|suite"
    r"|tooth|teeth|#|rass|gcs|asa|mrs|katz|lawton|ecog|kt|type|level)|[A-Z]{2,})[ :#]*$"
)


_NO_DATE_BEFORE = re.compile(
    r"(?:\b(?i:mmse|moca|gcs|barthel|braden|slums|mms|adl|iadl|katz|berg|tinetti|apgars?|nihss|rass|cdr|ecog|edss|updrs|rev(?:ision|ised|\.)?"
    r"|suboxone|buprenorphine(?:[-/]naloxone)?|zubsolv|advair|symbicort)[ :,]{1,2}|\bForm [A-Z]{1,4}[- ]?\d{1,4},? )$"
)
"""Scores, strengths of drugs and issues of a form, which are no dates."""
_TWO_PARTS = re.compile(r"\d{1,2}/(?:\d{4}|\d{1,2})", re.ASCII)
_CODE = re.compile(r"\d{4}-\d", re.ASCII)
_DECIMAL = re.compile(r"\d\.\d\.?", re.ASCII)


def is_no_date(text: str, start: int, end: int) -> bool:
    """Whether the characters `start` to `end`, taken for a date, are a score, a strength, a form's issue or a code."""
    if _TWO_PARTS.fullmatch(text, start, end):
        return _NO_DATE_BEFORE.search(text, max(0, start - 30), start) is not None
    if _CODE.fullmatch(text, start, end):
        return public_codes.is_public(text, start, end)
    if re.search(r"[A-Z]-$", text[max(0, start - 2) : start]) and "." in text[start:end]:
        # A chapter of what an insurer has decided: MP-7.03.12.
        return True
    return (
        _DECIMAL.fullmatch(text, start, end) is not None
        and re.search(r"[A-Z]{3}[^\u4e00-\u9fff]*$", text[max(0, start - 20) : start]) is not None
    )


def _is_odd_fraction(text: str, match: re.Match[str], before: str) -> bool:
    """Whether no score is told so: nothing is scored out of 1, 7, 9 or 11, nor above what can be had."""
    month, day = int(match["m"]), int(match["d"])
    return (
        (day in (1, 7, 9, 11) or month > day)
        and not _SCORED.search(text[max(0, match.start() - 50) : match.end() + 20])
        and not _MEASURE_BEFORE.search(before)
        and _CLAUSE_END.match(text, match.end()) is not None
    )


def _is_told(text: str, match: re.Match[str], before: str) -> bool:
    """Whether an event, a table's first column or a date beside it says that a month and a day are meant."""
    slash = match["s"] == "/"
    if _EVENT_BEFORE.search(before) and _CLAUSE_END.match(text, match.end()):
        return slash or int(match["d"]) > 12
    first = _CELL_FIRST.search(before) and text.startswith("  ", match.end())
    return slash and bool(first or _DATE_NEXT.match(text, match.end()))


_DOTTED = re.compile(
    r"\b(?:received|reported|collected|taken|admitted|discharged|seen|visit|date|reviewed|signed|registered|printed|born|on|vom|am)[ :]{1,8}"
    r"(?P<dots>(?:0?[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])\.)(?!\d)",
    re.IGNORECASE | re.ASCII,
)
"""A day and a month, each with its dot, behind what calls for a date."""


def _short_dates(text: str) -> Iterator[Candidate]:
    """A month and a day in numbers, where the words around it or the numbers themselves say that it is no score."""
    for match in _SHORT_RANGE.finditer(text):
        scale = {match["a"].split("/")[1], match["b"].split("/")[1]} <= {"5", "10"}
        if not scale or _SHORT_BEFORE.search(text[max(0, match.start() - 30) : match.start()]):
            yield Candidate(match.start("a"), match.end("a"), "date", 0.6)
            yield Candidate(match.start("b"), match.end("b"), "date", 0.6)
    for match in _SHORT.finditer(text):
        before = text[max(0, match.start() - 30) : match.start()]
        positive = _SHORT_BEFORE.search(before) or (_TIME_AFTER.match(text, match.end()) and not _SCORED.search(before))
        fraction = int(match["m"]) >= int(match["d"]) or int(match["d"]) in (2, 3, 4, 5, 6, 10)
        if not positive and match["s"] == "/" and not fraction and _LINE_START.search(before):
            positive = re.match(r"[ :)\]\-]+[A-Za-z]|[:)\]]", text[match.end() :])
        if before.endswith(("visit ", "session ")) and int(match["d"]) in (6, 8, 10, 12, 16, 20, 24):
            # The sixth of twelve.
            continue
        positive = positive or _is_told(text, match, before)
        if match["s"] == "-" and not positive:
            continue
        padded = len(match[0]) == 5 and (match[0][0] == "0" or match[0][3] == "0")
        # A part of thirteen and more is rare; those that are the best of a score are told by the score's name.
        parts = int(match["m"]), int(match["d"])
        whole = parts[1] > 12 or (parts != (10, 10) and min(parts) >= 10)
        if whole and parts[1] in _BEST_SCORES and not positive and _SCORE_NAME.search(before):
            continue
        if not positive and whole and _SCORED.search(text[max(0, match.start() - 50) : match.end() + 20]):
            continue
        odd = match["s"] == "/" and parts[0] > 1 and _is_odd_fraction(text, match, before)
        if (positive or padded or whole or odd) and not _NO_DATE_AFTER.match(text, match.end()):
            yield Candidate(match.start(), match.end(), "date", 0.6)
    for match in _DOTTED.finditer(text):
        yield Candidate(*match.span("dots"), "date", 0.9)
    for match in _DAY_FIRST.finditer(text):
        before = text[max(0, match.start() - 30) : match.start()]
        positive = _SHORT_BEFORE.search(before) or (_TIME_AFTER.match(text, match.end()) and not _SCORED.search(before))
        padded = match["m"][0] == "0" and match["s"] == "/"
        scored = int(match["d"]) == 20 or _SCORED.search(text[max(0, match.start() - 50) : match.end() + 20])
        told = positive and (match["s"] == "/" or match["m"][0] == "0")
        if told or (padded and not scored):
            yield Candidate(match.start(), match.end(), "date", 0.6)


_OTHER = re.compile(
    r"\b(?:(?:Christmas|Xmas|X-mas)(?! (?:disease|factor|tree|card|party|dinner))(?: (?:Eve|Day))?|Anzac Day|Australia Day|Canada Day|Bastille Day|Guy Fawkes(?: Night)?|Bonfire Night|"
    r"(?:St\.?|Saint) Patrick's Day|Cinco de Mayo|Passover|Hanukkah|Yom Kippur|Rosh Hashanah|Ramadan|Eid(?: al-\w+)?|Diwali|(?:the )?Fourth of July|Juneteenth|Ash Wednesday|Palm Sunday|"
    r"Pentecost|May Day|(?:August|spring|May) bank holiday|(?:MLK|Martin Luther King(?: Jr\.?)?|Presidents'?|President's|Columbus|Groundhog|Patriot|Remembrance|Armistice|Election|Earth|Queen's|King's) (?:Day|Birthday)|"
    r"Mardi Gras|(?:Chinese|Lunar) New Year|NYE|Labour Day|Mothering Sunday|Shrove Tuesday|Maundy Thursday|Black Friday|Thanksgiving(?: Day)?|New Year's (?:Eve|Day)|Easter(?: (?:Sunday|Monday))?|Halloween|Labor Day|Memorial Day|"
    r"Independence Day|Valentine's Day|Mother's Day|Father's Day|Boxing Day|Veterans Day|Good Friday)(?:,? (?:of )?(?:19|20)\d\d)?\b"
    rf"|\b(?:on|since|until|by|from|of)\s(?P<day>the\s{_DAY}{_ORDINAL})\b(?!\s(?:line|metatarsal|metacarpal|cranial|stage|generation|attempt|episode|child|pregnancy|operator|cycle|visit|set|part|MTP|web|intercostal|ICS|nerve|ray|molar|"
    rf"century|edition|place|person|time|cousin|wife|husband|son|daughter|birthday|anniversary|percentile|floor|grade|week|day|month|trimester|rib|toe|finger|digit|time|degree|dose|hospital|post))"
    rf"|\b(?:on|dated|since|until|till|by|of)\s(?P<ordinal>(?:the\s)?{_DAY}{_ORDINAL})(?=\s?(?:[.,;)\n]|$|\s(?:at|and|inst|ult|this)\b))"
    rf"|(?<![\w.])(?P<first_year>{_YEAR},?[\s\-/_.]{_MONTH}\.?[\s\-/_.](?:the )?{_DAY}(?:{_ORDINAL})?)(?!\w)"
    rf"|(?<![\w.])(?P<months>{_MONTH}\.?\s?(?:/|-|–|to|through|and|&)\s?{_MONTH}\.?,?\s(?:of )?{_YEAR})(?!\w)"
    rf"|(?<![\w.])(?P<gapped>\d{{1,2}} ?[/.] ?\d{{1,2}} ?[/.] ?{_YEAR}|{_YEAR} ?[\-/_] ?(?:1[0-2]|0[1-9]) ?[\-/_] ?(?:3[01]|[12]\d|0[1-9])|\d{{1,2}} / \d{{1,2}} / \d\d)(?![\w/]|\.\d)"
    rf"|\b(?:DOB|DOS|DOA|DOD|D\.O\.B\.|birth ?date|date(?: of [a-z]+)?|dated)\s?[:#=]?\s?(?P<packed>(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|[12]\d|3[01])(?:(?:19|20)?\d\d))(?![\w\-/.])"
    rf"|(?<![\w.])(?P<stamp>(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?=(?:T|[ _-])?(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?(?:[+-]\d{{4}}|Z)?(?![\w]))"
    rf"|(?<![\w./])(?P<span>\d{{1,2}}/\d{{1,2}}/(?:{_YEAR}|\d\d)\s?[-–]\s?\d{{1,2}}/\d{{1,2}}/(?:{_YEAR}|\d\d)|\d{{1,2}}/\d{{1,2}}\s?[-–]\s?\d{{1,2}}/\d{{1,2}}/(?:{_YEAR}|\d\d)"
    rf"|{_YEAR}[.]\d{{1,2}}[.]\d{{1,2}}\s?[-–]\s?{_YEAR}[.]\d{{1,2}}[.]\d{{1,2}}|{_YEAR}-\d\d-\d\d\s?[/–]\s?{_YEAR}-\d\d-\d\d|{_YEAR}\d{{4}}-{_YEAR}\d{{4}})(?![\w/]|\.\d)"
    rf"|(?P<abbreviated>\b{_MONTH}\.?\s?'\d\d)\b"
    r"|(?<![\d.])(?<!olicy )(?<!ection )(?<!ersion )(?P<dotted>(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.\d\d)(?![\d.])"
    r"|(?<![\d.])(?P<spaced>(?:19|20)\d\d[.年] ?(?:1[0-2]|0?[1-9])[.月] ?(?:3[01]|[12]\d|0?[1-9]))(?![\d.])"
    rf"|(?P<words>\b(?:the )?{_DAY_WORD} (?:day )?of {_MONTH}\b(?:,? (?:of )?(?:{_YEAR}|{_YEAR_WORD})\b)?"
    rf"|\b{_MONTH}\.? (?:(?:the )?{_DAY_WORD}(?:,? (?:of )?(?:{_YEAR}|{_YEAR_WORD}))?|(?:in |of )?{_YEAR_WORD})\b)"
    # Jul-14 is a day or a year of July.
    rf"|(?<![\w\-])(?P<short>{_MONTH}-\d\d)(?![\w\-]|\.\d)"
    r"|(?<![\d.])(?P<month>(?:19|20)\d\d\.(?:0[1-9]|1[0-2]))(?![\d.])",
    re.IGNORECASE,
)
_OTHER_CHINESE = re.compile(
    r"(?:(?:(?:19|20)?\d\d|[〇零○一二三四五六七八九]{2,4}|[去今前明当同次翌])年的?)?(?:春节|除夕|元旦|国庆节?|中秋节?|端午节?|清明节?|元宵节?|重阳节?|圣诞节?|劳动节|"
    r"五一节?(?!胡同|路|街)|十一(?:黄金周|长假|假期)|儿童节|妇女节|教师节|母亲节|父亲节|感恩节|复活节|情人节|腊八节?|小年夜?|平安夜|七夕节?|中元节|冬至|夏至|立春|立秋|立冬|腊月\w{0,3}|"
    r"农历[正一二三四五六七八九十冬腊]+月(?:初?[一二三四五六七八九十]+)?)"
    r"|(?P<zodiac>[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]年(?:闰?[正一二三四五六七八九十冬腊]{1,2}月)?)|(?P<nth>(?:19|20)\d\d年第\d{1,2}周)"
    r"|(?P<before>[去今前明当同次翌]年(?:春节|除夕|元旦|国庆|中秋|端午|清明|元宵|重阳|圣诞|五一|十一))|(?P<holiday>(?:春节|国庆|元旦|五一|中秋|端午|清明)(?=期间|前后|假期|长假|后|前))"
    r"|(?P<decade>[上本下当同]月[初中底末](?!旬)|[上本下当同]月[上中下]旬)"
    r"|(?:本|上|下|当|同|次)月(?P<d>\d{1,2}[日号])|(?<=[于至在到从])(?P<e>\d{1,2}[日号])(?![\d线楼床窗柜机门厅台诊病库车])"
    r"|(?<![\d月./\-])(?P<g>(?:[1-9]|[12]\d|3[01])[日号](?=[晚早晨夜]|上午|下午|凌晨|中午|傍晚|再次))"
    r"|(?:出生(?:日期)?|生日|入院(?:时间|日期)?|出院(?:时间|日期)?|日期|时间)[:：\u3000 \t]*(?P<h>\d\d[-./](?:0?[1-9]|1[0-2])[-./](?:[12]\d|3[01]|0?[1-9]))(?![\d.])"
    r"|(?P<f>(?:(?:19|20)\d\d年)?(?:1[0-2]|0?[1-9])月(?:初|中旬|下旬|上旬|底|末))"
)

_ROMAN = r"(?:XI{0,2}|IX|IV|VI{0,3}|V|I{1,3})"
_MORE = re.compile(
    rf"""
    # 3/14-16, 3/14-16/21, 3/14 & 16
    (?<![\w/.\-:])(?P<days>(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])\s?[-–&]\s?(?:0?[1-9]|[12]\d|3[01])(?:/(?:{_YEAR}|\d\d))?)(?![\w/%]|[.\-:]\d)
    # 6/24/'19, 30·09·2020, 0930/2020, 12.VII.2021, 17 XI 2018
    |(?<![\w/.\-])(?P<apostrophe>\d{{1,2}}[/.-]\d{{1,2}}[/.-]?\s?'\d\d)(?!\w)
    |(?<![\w.])(?P<dots>\d{{1,2}}[·•∙_]\d{{1,2}}[·•∙_](?:{_YEAR}|\d\d)|{_YEAR}[·•∙_]\d{{1,2}}[·•∙_]\d{{1,2}})(?!\w)
    |(?<![\w/.\-])(?P<joined>(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])/{_YEAR})(?![\w/])
    |(?<![\w.])(?P<roman>{_DAY}[ ./-](?-i:{_ROMAN})[ ./-]{_YEAR})(?!\w)
    # 2021-W14-3, week 14 of 2021, CW 14/2021
    |(?<![\w-])(?P<iso>{_YEAR}-?W\d\d(?:-?[1-7])?|(?:(?:calendar|iso)[ ])?(?:week|wk|cw|kw)[ ]?\d{{1,2}}(?:,?[ ](?:of[ ])?|/){_YEAR})(?!\w)
    # mid-June 2022, early Sept of 2019; 2nd wk of September 2021; the end of June
    |\b(?P<part>(?:(?:early|mid|late|end[ ]of|beginning[ ]of|middle[ ]of|start[ ]of)[ -]?|(?:1st|2nd|3rd|4th|first|second|third|fourth|last|\d\d?(?:st|nd|rd|th))[ ](?:w(?:ee)?k(?:end)?|half|part)[ ](?:of|in)[ ])
      {_MONTH}\b\.?(?:,?[ ](?:of[ ])?(?:{_YEAR}|'\d\d))?)
    # spring 2017, the summer of 2018
    |\b(?P<season>(?:(?:early|mid|late)[ -])?(?:spring|summer|autumn|fall|winter)(?:[ ]of|,|[ ]in)?[ ](?:{_YEAR}|'\d\d))(?!\w)
    # Wed 7th, Fri the 3rd, Sunday 12
    |\b(?P<weekday>{_WEEKDAY}\.?,?[ ](?:the[ ])?{_DAY}{_ORDINAL})(?!\w|[ ](?:rib|dose|floor|grade|day|week))
    # Oct. 12, 13 and 14
    |\b(?P<list>{_MONTH}\.?[ ]{_DAY}{_ORDINAL}?(?:,[ ]?{_DAY}{_ORDINAL}?(?![\w/.]|[ ]?(?:mg|ml)))*,?[ ](?:and|&|or)[ ]{_DAY}{_ORDINAL}?)(?![\w%/]|\.\d|[ ](?:mg|ml|days|weeks|years|tab|pills|more|of|other))
    # 2 July to the 4th; from 30 June
    |(?<![\w/.-])(?P<to>{_DAY}[ ]{_MONTH}[ ](?:to|-|–)[ ](?:the[ ])?{_DAY}{_ORDINAL}?)(?!\w|[./]\d)
    # 24 / Mar / 2021 and 24, March, 2021
    |(?<![\w/.-])(?P<comma>{_DAY}{_ORDINAL}?[ ]?[,/][ ]?{_MONTH}\.?[ ]?[,/][ ]?(?:{_YEAR}|\d\d))(?!\w)
    # check 24/6, seen 30/9: a day above twelve behind a word for a visit
    |\b(?:check(?:ed)?|out|in|on|seen|review(?:ed)?|clinic|repeat|due|date|today|from|until|till|by|ops?|surgery|admitted|adm|disch(?:arged)?|d/c|appt|bloods?|scan(?:ned)?|dressing|removed|since|expires?)[ ]?[:(@]?[ ]?
      (?P<visit>(?:1[3-9]|2\d|3[01])/(?:0?[1-9]|1[0-2])|(?:3[01]|[12]\d|0?[1-9])\.(?:0?[1-9]|1[0-2])\.)(?![\w/%]|[.\-:]?\d)
    # 24.6. at the beginning of a line; MI 8/09, CABG 12/11: a month and a year behind a diagnosis
    |^[ \t]*(?P<begins>(?:3[01]|[12]\d)\.(?:0?[1-9]|1[0-2])\.(?=[ ][A-Za-z]))
    |\b(?:MI|CABG|PCI|CVA|TIA|DVT|PE|stents?|TKR|THR|TKA|THA|appy|chole|TAH|TURP|cath|echo|colonoscopy|egd|mammogram|pap|dexa|stress[ ]test|EGD|AVR|ICD|PPM|fusion|lap|C/S|\bdx'?d?)
      [ ](?:in[ ])?(?P<history>(?:0?[1-9]|1[0-2])/(?:0\d|1\d|2\d|9\d))(?![\w/%]|[.\-:]\d)
    # Fri 6/17, Tuesday 4/12/21
    |\b(?P<named>(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?[ ](?:the[ ])?\d{{1,2}}[/-]\d{{1,2}}(?:[/-](?:{_YEAR}|\d\d))?)(?![\w/%]|[.\-:]\d)
    # Mon. 6/3
    |\b(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)(?:day)?\.[ ]?(?P<dayname>\d{{1,2}}/\d{{1,2}})(?![\w/%]|[.\-:]\d)
    # chemo 1/4: C1
    |\b(?:chemo|cycle|session|tx|rt|infusion|dose|given|visit)[ ](?P<course>\d{{1,2}}/\d{{1,2}})(?=:)
    |[,;][ ](?P<next>\d{{1,2}}/\d{{1,2}})(?=:[ ][A-Za-z])
    # Nineteenth of the month; the 3rd inst.
    |\b(?P<this>(?:the[ ])?{_DAY}{_ORDINAL}[ ](?:of[ ](?:the|this|last|next)[ ]month|inst\.?|ult\.?|prox\.?))(?!\w)
    # week of 5/6, w/c 12/4, wk ending 3/9; card expires 09/26
    |\b(?:w(?:ee)?k|w/[ceb]|month)[ ]?(?:of|beginning|commencing|ending|starting)?[ ](?P<week>\d{{1,2}}[/.-]\d{{1,2}})(?![\w/%]|[.\-:]\d)
    # DOS 09 30 2020
    |\b(?:do[bsad]|dated?|signed|dictated|typed|seen|born|admitted|adm|discharged)[ ]?[:=]?[ ](?P<blanks>\d{{1,2}}[ ]\d{{1,2}}[ ](?:{_YEAR}|\d\d))(?![\w/%]|[.\-]\d)
    |\bD\.?O\.?[BSAD]\.?[ ]?:?(?P<glued>\d{{1,2}}/\d{{1,2}}/(?:{_YEAR}|\d\d))(?!\d)
    """,
    re.IGNORECASE | re.VERBOSE | re.ASCII | re.MULTILINE,
)
_RISING = re.compile(r"\d{1,2}/(?:1[3-9]|2\d|3[01]|0\d)\s?[-–]\s?(?:1[3-9]|2\d|3[01]|0\d)(?:/\d+)?", re.ASCII)
_LATER_IN_LIST = re.compile(
    r"(?:,|;|\s?&|,?\sand)\s?(?P<next>(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01]))(?![\w/%]|[.\-:]\d)", re.ASCII
)
_DATED_LIST = re.compile(
    r"\b(?:dates?|visits?|sessions?|doses?|given|seen|tx|treatments?|chemo|cycles?|labs?|infusions?|attended|cultures?|missed|appointments?|appts?)\b[^.;\n\d]{0,12}$",
    re.IGNORECASE,
)
_FIRST_IN_LIST = re.compile(
    r"(?<![\w/.\-:])(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])(?=(?:,|;|\s?&|,?\sand)\s?\d{1,2}/\d)", re.ASCII
)


def _listed_dates(text: str) -> Iterator[Candidate]:
    """Months and days in a list of them, such as "Tx dates: 1/4, 1/11, 1/18"."""
    for match in _FIRST_IN_LIST.finditer(text):
        if not _DATED_LIST.search(text, max(0, match.start() - 40), match.start()):
            continue
        yield Candidate(match.start(), match.end(), "date", 0.7)
        end = match.end()
        while more := _LATER_IN_LIST.match(text, end):
            yield Candidate(*more.span("next"), "date", 0.7)
            end = more.end()


def _other_dates(text: str) -> Iterator[Candidate]:
    """Feasts, days of a month that was named before, and forms that few use."""
    for match in _MORE.finditer(text):
        form = match.lastgroup or "days"
        if form == "days" and (
            _SCORED.search(text, max(0, match.start() - 50), match.end() + 20)
            or _NO_DATE_AFTER.match(text, match.end())
            or not (
                _SHORT_BEFORE.search(text, max(0, match.start() - 30), match.start())
                or _LINE_START.search(text, 0, match.start())
                or _RISING.fullmatch(match[0])
            )
        ):
            continue
        yield Candidate(
            match.start(form), match.end(form), "date", 0.88 if form not in ("visit", "days", "week") else 0.72
        )
    yield from _listed_dates(text)
    for match in _OTHER.finditer(text):
        group = match.lastgroup or 0
        # "may second that", "march first": verbs are written small, and then a year tells the month.
        if group == "words" and re.match(r"(?:may|march) (?!the |.*(?:\d|twenty|nineteen|thousand))", match[0]):
            continue
        yield Candidate(
            match.start(group),
            match.end(group),
            "date",
            {
                "words": 0.86,
                "short": 0.7,
                "first_year": 0.87,
                "months": 0.87,
                "gapped": 0.75,
                "packed": 0.8,
                "stamp": 0.75,
                "span": 0.82,
            }.get(str(group), 0.58),
        )


def find_chinese_dates(text: str) -> Iterator[Candidate]:
    """Dates with 年, 月 and 日 or 号; 3月 after 住院 or with 个 is a span of time and none."""
    for match in _OTHER_CHINESE.finditer(text):
        group = match.lastgroup or 0
        yield Candidate(match.start(group), match.end(group), "date", 0.6)
    if "月" not in text:
        return
    for match in _CHINESE.finditer(text):
        if not match["y"] and not match["d"]:
            if match[0].endswith("份"):
                yield Candidate(match.start(), match.end(), "date", 0.7)
                continue
            before = text[match.start() - 1 : match.start()]
            after = text[match.end() : match.end() + 1]
            if not (before and before in "于在自从至到年今去" and after not in ("余", "前", "后", "内", "来", "龄")):
                continue
        elif not match["y"] and _CHINESE_SPAN.search(text[max(0, match.start() - 1) : match.start()]):
            continue
        yield Candidate(match.start(), match.end(), "date", 0.85)


def year_of(text: str) -> str | None:
    """The year that stands in a date, in four digits; None where there is none."""
    match = re.search(r"(?<!\d)(?:19|20)\d\d", text)
    if match:
        return match[0]
    match = re.search(r"[〇零○一二三四五六七八九]{4}", text)
    if match:
        return "".join(str("〇一二三四五六七八九".index(c.translate({0x96F6: "〇", 0x25CB: "〇"}))) for c in match[0])
    match = re.fullmatch(r"\d{1,2}([-/.])\d{1,2}\1(\d\d)", text) or re.search(r"[A-Za-z][.\-/ ,']*()(\d\d)$", text)
    if match and (match.re.pattern.startswith(r"\d") or re.match(r"\W*\d", text) or "'" in text):
        short = int(match[2])
        return str(1900 + short if short >= _CENTURY else 2000 + short)
    match = re.match(r"(\d\d)\s?年", text)
    return ("19" if int(match[1]) >= _CENTURY else "20") + match[1] if match else None


def _number(text: str) -> int:
    """A day or month in Arabic or Chinese digits."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    digits = "〇一二三四五六七八九"
    if not ten:
        return digits.index(text)
    return 10 * (digits.index(tens) if tens else 1) + (digits.index(ones) if ones else 0)


def shifted(text: str, days: int) -> str | None:
    """A date moved by `days`, in its own order of parts.

    A date without a year moves as if it lay in 2001; a month and year move with the month's fifteenth.

    Returns:
        None: the text is no date that can be moved, such as a lone month or the thirtieth of February.
    """
    move = timedelta(days=days)
    try:
        if match := _NUMERIC.fullmatch(text):
            if match["y1"]:
                new = date(int(match["y1"]), int(match["m1"]), int(match["d1"])) + move
                return new.strftime(f"%Y{match['s1']}%m{match['s1']}%d")
            if match["y2"]:
                first, second, year = int(match["a2"]), int(match["b2"]), int(year_of(text) or 0)
                day_first = first > 12
                new = date(year, *((second, first) if day_first else (first, second))) + move
                sign = match["s2"]
                order = f"%d{sign}%m{sign}%Y" if day_first else f"%m{sign}%d{sign}%Y"
                return new.strftime(order)
            if match["y3"]:
                return (date(int(match["y3"]), int(match["m3"]), int(match["d3"])) + move).strftime("%Y%m%d")
            if match["y4"]:
                return (date(int(match["y4"]), int(match["m4"]), 15) + move).strftime("%m/%Y")
            return (date(int(match["y5"]), int(match["m5"]), 15) + move).strftime("%Y-%m")
        if match := _WRITTEN.fullmatch(text):
            month_name = match["m1"] or match["m2"] or match["m3"] or match["m4"]
            month = next(i for i, name in enumerate(_MONTHS, 1) if name.startswith(month_name[:3].lower()))
            day = match["d1"] or match["d2"] or match["d4"]
            year_text = match["y1"] or match["y2"] or match["y3"] or match["y4"] or match["z1"]
            year = int(year_of(text) or 2001) if year_text else 2001
            new = date(year, month, int(day) if day else 15) + move
            # Spelled here and not by strftime, which depends on the locale.
            name = _MONTHS[new.month - 1].capitalize()
            if not day:
                return f"{name} {new.year}"
            return f"{name} {new.day}, {new.year}" if year_text else f"{name} {new.day}"
        if match := _SHORT.fullmatch(text):
            return (date(2001, int(match["m"]), int(match["d"])) + move).strftime(f"%m{match['s']}%d")
        if match := _CHINESE.fullmatch(text):
            year_found = year_of(text)
            new = date(int(year_found or 2001), _number(match["m"]), _number(match["d"]) if match["d"] else 15) + move
            result = f"{new.year}年" if year_found else ""
            return f"{result}{new.month}月{new.day}日" if match["d"] else f"{result}{new.month}月"
    except (ValueError, OverflowError):
        return None
    return None
