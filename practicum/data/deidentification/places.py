"""Places smaller than a state: streets, towns, counties, and facilities that name where they are."""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501, C901

import re
from collections.abc import Iterator
from functools import lru_cache

from practicum.data.deidentification import gazetteers
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.stop_words import is_stop

_CAP = r"[A-ZÀ-ÖØ-Þ](?:['’][A-Z])?[a-zß-öø-ÿ]+(?:[-'’][A-Za-zß-öø-ÿ]+)*"
STATES = [
    *"""
    Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho
    Illinois Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi
    Missouri Montana Nebraska Nevada Ohio Oklahoma Oregon Pennsylvania Tennessee Texas Utah Vermont Virginia
    Washington Wisconsin Wyoming
    """.split(),  # noqa: SIM905 -- a list of words reads as a text

    "New Hampshire", "New Jersey", "New Mexico", "New York", "North Carolina", "North Dakota", "Rhode Island",
    "South Carolina", "South Dakota", "West Virginia", "Puerto Rico", "District of Columbia",
]  # fmt: skip
_STATE_CODES = """
    AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH
    OK OR PA PR RI SC SD TN TX UT VA VT WA WI WV WY
    """.split()  # noqa: SIM905 -- a list of words reads as a text
_STATE = "(?:" + "|".join(sorted(STATES, key=len, reverse=True)) + "|(?:" + "|".join(_STATE_CODES) + r")\b\.?)"
_STREET_WORD = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Ln|Boulevard|Blvd|Court|Ct|Place|Pl|Terrace|Ter|Way|Circle|Cir|"
    r"Parkway|Pkwy|Highway|Hwy|Square|Sq|Trail|Trl|Loop|Alley|Pike|Turnpike|Plaza|Crescent|Row|Route|Rte|Broadway|"
    r"Expressway|Freeway|Run|Path|Ridge|Crossing|Xing|Close|Mews|Walk|Gardens|Grove|Heights|Point|Landing)"
)
_UNIT = r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Room|Rm|Floor|Fl|Bldg|Building|Lot|Trailer)\.? ?#?[A-Z]?-?\d*[A-Z]?\b|,? # ?\w+)"
_STREET = re.compile(
    rf"(?<![\w.])\d{{1,6}}(?:-\d+)?[A-Z]?(?: ½| 1/2)? (?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.? )?"
    rf"(?:(?:{_CAP}|[A-Z]\.?|\d{{1,3}}(?:st|nd|rd|th)|of|the|de|la|del|Mt\.|St\.|Ft\.) ){{0,4}}"
    rf"{_STREET_WORD}\b(?:\.(?=,| [a-z#A-Z\d]))?(?: (?:\d{{1,4}}\b(?! ?(?:mg|years))|N\.?W\.?|N\.?E\.?|S\.?W\.?|S\.?E\.?|[NSEW]\b\.?|North|South|East|West))?{_UNIT}?"
)
_STREET_CASELESS = re.compile(
    r"(?<![\w.])\d{1,6} (?:[nsew]\.? )?(?:[a-z][a-z'\-]+ |\d{1,3}(?:st|nd|rd|th) ){1,3}"
    r"(?:street|avenue|ave|road|rd|drive|lane|ln|boulevard|blvd|court|terrace|circle|parkway|pkwy|highway|hwy|trail)\b",
    re.IGNORECASE,
)
_STREET_ALONE = re.compile(
    rf"\b(?:on|at|near|off|from|along|to|of) (?P<s>(?:(?:N|S|E|W|North|South|East|West)\.? )?(?:{_CAP} |\d{{1,3}}(?:st|nd|rd|th) ){{1,3}}"
    r"(?:Street|St\.?|Avenue|Ave|Road|Rd|Drive|Lane|Ln|Boulevard|Blvd|Court|Terrace|Parkway|Pkwy|Highway|Hwy|Turnpike))\b"
)
_BOX = re.compile(
    r"\b(?:P\.?\s?O\.?\s?Box|Post Office Box|RR\s?\d+,?\s?Box|Rural Route \d+,? Box)\s?#?\d+[A-Z]?\b", re.IGNORECASE
)
_TOWN_STATE = re.compile(
    rf"(?<![\w.'])(?P<town>(?:(?:St|Mt|Ft|Pt)\. |(?:{_CAP}) )?(?:(?:of|on|de|la|del|las|los|the|upon) )?(?:{_CAP} )?{_CAP}), ?{_STATE}(?![\w])"
)
_TOWN_CAPS_STATE = re.compile(
    rf"(?<![\w.'])(?P<town>[A-Z]{{3,}}(?: [A-Z]{{3,}}){{0,2}}), ?(?:{'|'.join(_STATE_CODES)}) \d{{5}}"
)
_TOWN_LABEL = re.compile(
    rf"\b(?i:city|town|village|municipality|hometown|place of birth|birthplace|residence|county|city of residence) ?[:：] *"
    rf"(?P<town>(?:(?:St|Mt|Ft)\. )?(?:{_CAP}|[A-Z]{{3,}})(?: (?:{_CAP}|[A-Z]{{3,}})){{0,2}})"
)
_TOWN_CONTEXT = re.compile(
    r"\b(?:(?i:lives?|lived|living|resid(?:es|ed|ing|ent)|born|raised|grew up|mov(?:ed|ing)|relocat(?:ed|ing)|travell?(?:ed|ing)|"
    r"trip|visit(?:ed|ing)?|drove|flew|returned|transferred|works?|worked|working|employed|stays?|staying|retired|practic(?:es|ing)|"
    r"home|house|apartment|farm|family|brother|sister|son|daughter|mother|father|native|teacher|nurse|farmer|driver|worker|clinic|hospital|office|"
    r"[a-z]+(?:er|or|ist|ian|man|woman)) (?:up |back |home |here |alone |currently |now |also |there )?)?"
    r"(?:in|from|near|to|at|of|outside|around|nearby|through|downtown) "
    rf"(?P<town>(?:(?:St|Mt|Ft)\. )?{_CAP}(?: {_CAP}){{0,2}})"
)
_RESIDENCE = re.compile(
    r"\b(?:[Ll]ives?|[Ll]ived|[Ll]iving|[Rr]esid(?:es|ed|ing|ent)|[Bb]orn|[Rr]aised|[Gg]rew up|[Mm]ov(?:ed|ing)|[Rr]elocat(?:ed|ing)|[Nn]ative|[Hh]ome|house|apartment|farm|both|all|flew|drove|travell?ed|"
    r"visiting|vacation(?:ing)?|commutes|works|worked|working|practices|stationed|settled|brings you here|come|comes|came|originally|hails|transferred|retired)"
    r"(?: (?:up|back|home|here|alone|currently|now|there|is|are|mostly|today|recently|last year))? (?:in|from|to|of|near|outside) "
    rf"(?P<town>(?:(?:St|Mt|Ft)\. )?{_CAP}(?: {_CAP}){{0,2}})"
)
_NOT_RESIDENCE = frozenset(
    ["America", "Africa", "Asia", "Europe", "English", "Hospital", "ICU", "Emergency", "Rehab", "Hospice", "Medicare"]
)
_AFTER_STREET = re.compile(
    rf"(?:\d {{0,1}}(?:[A-Z]\. )?(?:{_CAP} |\d{{1,3}}(?:st|nd|rd|th) ){{1,4}}{_STREET_WORD}\.?{_UNIT}?|(?i:P\.?\s?O\.?\s?Box) #?\d+)(?:, | in |,?\n)(?P<town>(?:(?:St|Mt|Ft)\. )?{_CAP}(?: {_CAP})?)(?![\w:]| ?:)"
)
_COUNTY = re.compile(
    rf"(?<![\w.'])(?P<place>(?:(?!The\b|In\b|From\b|Of\b|School\b|To\b|At\b|Lives\b){_CAP} ){{1,4}}(?:County|Parish|Township|Borough|Municipality))(?! (?:Hospital|Medical|General|Memorial|Jail|Clinic|Health|Regional))\b"
)
_FACILITY_WORD = (
    r"(?:Hospitals?|Medical Cent(?:er|re)|Health Cent(?:er|re)|Clinics?|Infirmary|Hospice|Sanatorium|Health ?System|Healthcare|Health ?Care|Medical Group|"
    r"Medical Associates|Nursing (?:Home|Facility|Cent(?:er|re))|Care Cent(?:er|re)|Rehab(?:ilitation)? (?:Cent(?:er|re)|Hospital|Institute)|Surgery Cent(?:er|re)|"
    r"Surgical Cent(?:er|re)|Cancer Cent(?:er|re)|Cancer Institute|Heart Institute|Imaging Cent(?:er|re)|Dialysis(?: Cent(?:er|re))?|Urgent Care|Family Practice|Family Medicine|"
    r"Assisted Living|Senior Living|Retirement (?:Home|Community|Village)|Manor|Pharmacy|University|College|(?:High|Elementary|Middle|Primary|Public|Grammar) School|School District|Academy|"
    r"Correctional (?:Facility|Institution|Cent(?:er|re))|Penitentiary|Church|Cathedral|Parish|Medical School|School of Medicine|Community Cent(?:er|re)|Women's Cent(?:er|re)|(?:Senior|Birth|Wellness|Treatment|Recovery|Detention|Day) Cent(?:er|re)|(?:Women's )?Shelter|Eye (?:&|and) Ear|Elementary|Correctional|Fire Station(?: \d+)?|Library|Cannery|Mill|Eye Cent(?:er|re)|Orthopedics|Pediatrics|Airport)"
)
_FACILITY_GENERIC = (
    r"(?:General|Regional|Memorial|Community|University|Family|Children's|Childrens|County|City|District|Central|Medical|Health|Veterans|VA|State|"
    r"Mental|Psychiatric|Teaching|Women's|Heart|Cancer|Eye|Primary|Care|Walk-In|Specialty|Surgical|Internal|Medicine|Pediatric|Outpatient|Valley|and|&|of|the|for)"
)
_FACILITY = re.compile(
    rf"(?<![\w.'])(?P<place>(?:(?:St|Mt|Ft)\.? (?=[A-Z]))?(?:(?:{_CAP}|[A-Z]{{2,}}|&|and|of) ){{1,5}}?{_FACILITY_WORD})\b"
    rf"(?P<tail>(?: {_CAP}){{1,2}})?(?P<of> (?:of|at|in|-) (?:the )?{_CAP}(?: {_CAP})?|,? (?:{_CAP})(?=[.,;:\n)]|$))?"
)
_AFTER_FACILITY = frozenset(
    [
        "Laboratory",
        "Department",
        "Radiology",
        "Building",
        "Tower",
        "Campus",
        "Staff",
        "Records",
        "Services",
        "Division",
        "Unit",
        "Ward",
        "Emergency",
        "Inpatient",
        "Outpatient",
    ]
)
_FACILITY_START = re.compile(
    r"^(?:(?:At|In|From|To|The|Our|This|That|Admitted|Transferred|Transfer|Seen|Sent|With|Patient|Pt|By|Referred|Discharged|Of|And|A|An|Via|Visit|Visited|Under|"
    r"Local|Any|Another|Outside|Your|My|His|Her|Their|Call|Contact|Facility|Site|Location|Hospital|Clinic|Dear|For|On|Outpatient|Inpatient|Emergency|"
    r"and|of|&|Follow|Follow-up|Next|Dr|Mr|Mrs|Ms|Day|Home)\.?\s)+"
)
_GENERIC_ONLY = re.compile(
    rf"(?:(?:{_FACILITY_GENERIC}|Pain|Wound|Diabetes|Stroke|Hypertension|Anticoagulation|Device|Coumadin|Memory|Sleep|Dental|Cardiology|Oncology|Urology|"
    r"Dermatology|Neurology|Surgery|Ophthalmology|Orthopedic|Geriatric|Fracture|Asthma|Allergy|Arrhythmia|Heart Failure|Renal|Transplant|Infusion|Vascular|Breast|Hand|Spine|Joint|Skilled|"
    r"Long-Term|Acute|Intensive|Day|Home|Rural|Public|Private|Local|Nursing|Assisted|Rehabilitation|Prenatal|Postpartum|Travel|Vaccine|Warfarin|Lipid|Thyroid|Endocrine|Gastroenterology|Hematology|"
    r"Psychiatry|Psychology|Rheumatology|Pulmonary|Podiatry|ENT|GI|OB|Pacemaker|Methadone|Student|Employee|Retail|Hospital|Clinic|Discharge|Preoperative|Pre-Op|Fertility|Smoking|Cessation|Weight|Foot|HIV|TB|Headache|Tumor|Free|Same-Day|New|High|Cardiac|Respiratory|Palliative|Inpatient|Mobile)\s?)+"
    + _FACILITY_WORD
)
_NOT_TOWNS = frozenset(
"""
    Mobile Orange Reading Independence Concord Normal Temple Liberty Enterprise Commerce Industry Florence
    Charlotte Victoria Augusta Savannah Aurora Madison Jackson Lincoln Tyler Taylor Austin Dallas Houston Troy
    Marion Norman Logan Marshall Allen Carson Clinton Douglas Franklin Grant Henderson Howell Kent Lawrence Lee
    Mason Nelson Paris Parker Paterson Perris Perry Plant Scott Sherman Sterling Stanton Warren Washington Wayne
    Winston Hope Bath Wells Superior Eagle Rush Price Cook Burns Gary Eugene Anderson Salem Carol Lynn Sunrise
    Spring Chino Surprise Mission Delta Crystal Holly Pearl Opportunity Ocean Beverly Everett Garland Irving
    Jersey Union Castle Hamilton Glasgow Coma Nice Split Bury Sale Deal Battle Rugby Poole Leeds Derby Boston
    Darwin Hastings Cleveland Hull Bolton Oxford Cambridge Lancaster Lima Toledo Valencia Best Male Of Parkinson
    Graves Crohn Leon Chester Frederick Hayden Milton Russell Sidney Stuart Dickinson Raymond Roy Rich Dudley
    Melissa Dixon Greer Hurst Emergency Medical Patient March May Bed Home Room Christmas English Spanish
    Chinese
    """.split()  # noqa: SIM905 -- a list of words reads as a text
    ) - {"Salem", "Augusta", "Austin", "Dallas", "Houston", "Boston", "Charlotte", "Savannah", "Cleveland", "Oxford", "Cambridge", "Paris"}  # fmt: skip


@lru_cache(maxsize=4096)
def _is_town(name: str) -> bool:
    return name in gazetteers.cities() and name not in _NOT_TOWNS and name not in STATES


def find_places(text: str) -> Iterator[Candidate]:
    """Places in English text."""
    for pattern, score in ((_STREET, 0.84), (_STREET_CASELESS, 0.82), (_BOX, 0.88)):
        for match in pattern.finditer(text):
            yield Candidate(match.start(), match.end(), "location", score)
    for match in _STREET_ALONE.finditer(text):
        yield Candidate(match.start("s"), match.end("s"), "location", 0.75)
    towns: set[str] = set()
    for pattern in (_TOWN_STATE, _TOWN_CAPS_STATE, _TOWN_LABEL):
        for match in pattern.finditer(text):
            start, town = match.start("town"), match["town"]
            # "Home to Lake Benton, Vermont": what stands before a street's end is not the town's.
            cut = re.match(
                rf"(?:(?:{_STREET_WORD}\.?|In|From|To|At|Of|Near|The|Lives|Home|Address|City|Town|Patient|Resident|Clinic|Hospital)\s)+(?=[A-Z])",
                town,
            )
            if cut:
                start, town = start + cut.end(), town[cut.end() :]
            if town in STATES:
                continue
            towns.add(town)
            yield Candidate(start, start + len(town), "location", 0.83)
    for match in _AFTER_STREET.finditer(text):
        town = match["town"]
        if town not in STATES and not re.match(
            r"(?:Apt|Suite|Unit|Call|Phone|Tel|Dr|Mr|Mrs|Ms|The|He|She|His|Her|Patient|Pt|Room|Floor|Box|Emergency|Date|Email)\b",
            town,
        ):
            towns.add(town)
            yield Candidate(match.start("town"), match.end("town"), "location", 0.81)
    for match in _COUNTY.finditer(text):
        yield Candidate(match.start("place"), match.end("place"), "location", 0.83)
    for match in _FACILITY.finditer(text):
        place = match["place"]
        start = match.start("place")
        cut = _FACILITY_START.match(place)
        if cut:
            start += cut.end()
            place = place[cut.end() :]
        if not place or _GENERIC_ONLY.fullmatch(place) or re.fullmatch(_FACILITY_WORD, place):
            continue
        end = match.end("place")
        if match["tail"]:
            for word in re.finditer(r" (\S+)", match["tail"]):
                if is_stop(word[1]) or word[1] in _AFTER_FACILITY:
                    break
                end = match.start("tail") + word.end()
        if match["of"]:
            tail = re.sub(r"^[,\s]*(?:(?:of|at|in|-)\s)?(?:the\s)?", "", match["of"])
            if re.match(r"\s(?:of|at|-)\s", match["of"]) or _is_town(tail) or tail in towns:
                end = match.end("of")
        yield Candidate(start, end, "location", 0.87)
    for match in _TOWN_CONTEXT.finditer(text):
        parts = match["town"].split(" ")
        for length in range(len(parts), 0, -1):
            town = " ".join(parts[:length])
            if _is_town(town):
                yield Candidate(match.start("town"), match.start("town") + len(town), "location", 0.6)
                towns.add(town)
                break
    for match in _RESIDENCE.finditer(text):
        town = match["town"]
        parts = town.split(" ")
        while parts and (is_stop(parts[-1]) or parts[-1] in STATES):
            parts.pop()
        town = " ".join(parts)
        if (
            parts
            and not is_stop(parts[0])
            and town not in STATES
            and town not in gazetteers.countries()
            and town not in _NOT_RESIDENCE
        ):
            towns.add(town)
            yield Candidate(match.start("town"), match.start("town") + len(town), "location", 0.62)
    for town in towns:
        position = text.find(town)
        while position >= 0:
            end = position + len(town)
            if not (text[position - 1 : position].isalnum() or text[end : end + 1].isalnum()):
                yield Candidate(position, end, "location", 0.58)
            position = text.find(town, end)
