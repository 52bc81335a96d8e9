"""Places smaller than a state: streets, towns, counties, and facilities that name where they are."""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501, C901

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache

from practicum.data.deidentification import gazetteers, institutions, sites
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.stop_words import is_stop

_CAP = r"[A-ZÀ-ÖØ-Þ](?:['’][A-Z])?[a-zß-öø-ÿ]+(?:[-'’][A-Za-zß-öø-ÿ]+)*"
_STATE_CODES = """
    AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH
    OK OR PA PR RI SC SD TN TX UT VA VT WA WI WV WY
    """.split()  # noqa: SIM905 -- a list of words reads as a text
_STATE = (
    "(?:" + "|".join(sorted(gazetteers.STATES, key=len, reverse=True)) + "|(?:" + "|".join(_STATE_CODES) + r")\b\.?)"
)
_LONG_STATE = re.compile(
    r"\b(?:North|South) (?:Carolina|Dakota)\b|\bNew (?:York|Jersey|Mexico|Hampshire|South Wales|Brunswick)\b"
    r"|\bWest Virginia\b|\bRhode Island\b|\bNova Scotia\b|\bBritish Columbia\b"
)
_STREET_WORD = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Ln|Boulevard|Blvd|Court|Ct|Place|Pl|Terrace|Ter|Way|Circle|Cir|"
    r"Parkway|Pkwy|Highway|Hwy|Square|Sq|Trail|Trl|Loop|Alley|Pike|Turnpike|Plaza|Crescent|Row|Route|Rte|Broadway|"
    r"Expressway|Freeway|Run|Path|Ridge|Crossing|Xing|Close|Mews|Walk|Gardens|Grove|Heights|Point|Landing)"
)
_UNIT = r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Room|Rm|Floor|Fl|Bldg|Building|Lot|Trailer)\.? ?#?[A-Z]?-?\d*[A-Z]?\b|,? # ?\w+)"
_STREET = re.compile(
    rf"(?:\b(?i:Flat|Apt\.?|Apartment|Unit|Suite|Room|House|No\.) ?\w{{1,4}},? )?"
    rf"(?<![\w.])\d{{1,6}}(?:-\d+)?(?:[A-Z]|(?<=\d)[a-f](?= [A-Z]))?(?: ?½| 1/2)? (?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.? )?"
    rf"(?:(?:{_CAP}|[A-Z]\.?|[A-Z]{{2,12}}|\d{{1,3}}(?:st|nd|rd|th)|(?:Rte|Route|Hwy|Highway|CR|SR|US) ?\d+|of|the|de|la|del"
    r"|Mt\.|Ste?\.|Ft\.|Dr\.) ){0,4}"
    rf"{_STREET_WORD}\b(?:\.(?=,| [a-z#A-Z\d]))?(?: (?:\d{{1,4}}\b(?! ?(?:mg|years))|N\.?W\.?|N\.?E\.?|S\.?W\.?|S\.?E\.?|[NSEW]\b\.?|North|South|East|West))?{_UNIT}?"
)
_STREET_CASELESS = re.compile(
    r"(?<![\w.])\d{1,6}½? (?:[nsew]\.? )?(?:(?:[a-z][a-z'\-]+|[a-z]\.) |\d{1,3}(?:st|nd|rd|th) ){1,3}"
    r"(?:street|st|avenue|ave|road|rd|drive|lane|ln|boulevard|blvd|court|terrace|circle|parkway|pkwy|highway|hwy|trail|crescent)\b"
    r"(?:,? (?:ste|suite|apt|unit|fl|floor|#)\.? ?\d+[a-z]?)?(?:,? (?:in )?(?P<town>(?!and\b|the\b|in\b|with\b|has\b|for\b)[a-z]{4,}(?: [a-z]{4,}){0,2})(?=[.,;\n]|$))?",
    re.IGNORECASE,
)
_STREET_ALONE = re.compile(
    rf"\b(?:on|at|near|off|from|along|to|of) (?P<s>(?:(?:N|S|E|W|North|South|East|West)\.? )?(?:{_CAP} |\d{{1,3}}(?:st|nd|rd|th) ){{1,3}}"
    r"(?:Street|St\.?|Avenue|Ave|Road|Rd|Drive|Lane|Ln|Boulevard|Blvd|Court|Terrace|Parkway|Pkwy|Highway|Hwy|Turnpike))\b"
)
_BOX = re.compile(
    r"\b(?:P\.?\s?O\.?\s?Box|Post Office Box|(?:RR|RFD|Rte?\.?|Route|HC|Star Route|Rural Route|R\.R\.)[\s-]?\d{1,3},?\s?Box)\s?#?\d+[A-Z]?\b",
    re.IGNORECASE,
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
    r"visiting|vacation(?:ing)?|stay(?:s|ed|ing)|rung|flew|flies|drives|commutes|works|worked|working|practices|stationed|settled|brings you here|come|comes|came|originally|hails|transferred|retired)"
    r"(?: (?:up|back|home|here|alone|currently|now|there|is|are|mostly|today|recently|last year))? (?:in|from|to|of|near|outside) "
    rf"(?P<town>(?:(?:St|Mt|Ft)\. )?{_CAP}(?: {_CAP}){{0,2}})"
)
_NOT_RESIDENCE = frozenset(
    ["America", "Africa", "Asia", "Europe", "English", "Hospital", "ICU", "Emergency", "Rehab", "Hospice", "Medicare"]
)
_AFTER_STREET = re.compile(
    rf"(?:\d {{0,1}}(?:[A-Z]\. )?(?:{_CAP} |\d{{1,3}}(?:st|nd|rd|th) ){{1,4}}{_STREET_WORD}\.?{_UNIT}?|(?i:P\.?\s?O\.?\s?Box) #?\d+)(?:, | in |,?\n)(?P<town>(?:(?:St|Mt|Ft)\. )?{_CAP}(?: {_CAP})?)(?![\w:]| ?:)"
)
_CITY_AMONG = re.compile(rf"(?<=[a-z], )(?P<town>{_CAP}(?: {_CAP})?)(?=[.;\n]|, )")
_COUNTY = re.compile(
    rf"(?<![\w.'])(?P<place>(?:(?!The\b|In\b|From\b|Of\b|School\b|To\b|At\b|Lives\b){_CAP} ){{1,4}}(?:County|Parish|Township|Borough|Municipality))(?! (?:Hospital|Medical|General|Memorial|Jail|Clinic|Health|Regional))\b"
)
_FACILITY_WORD = (
    r"(?:Hospitals?|Medical Cent(?:er|re)|Health Cent(?:er|re)|Clinics?|Infirmary|Hospice|Sanatorium|Health ?System|Healthcare|Health ?Care|Medical Group|"
    r"Medical Associates|Nursing (?:Home|Facility|Cent(?:er|re))|Rehab(?:ilitation)? (?:&|and) Nursing|Care Home|Hospice House|Dialysis Unit|Tribal Health(?! Cent)|Children's(?! (?:Hosp|Med|Cent|Clinic|Health))|"
    r"Memorial(?= (?:on|at|in|for|and|to|with|was|is|by)\b|[.,;:)\n])|Care Cent(?:er|re)|Rehab(?:ilitation)? (?:Cent(?:er|re)|Hospital|Institute)|Surgery Cent(?:er|re)|"
    r"Surgical Cent(?:er|re)|Cancer Cent(?:er|re)|Cancer Institute|Heart Institute|Imaging Cent(?:er|re)|Dialysis(?: Cent(?:er|re))?|Urgent Care|Family Practice|Family Medicine|"
    r"Assisted Living|Senior Living|Retirement (?:Home|Community|Village)|Manor|Pharmacy|University|College|(?:High|Elementary|Middle|Primary|Public|Grammar) School|School District|Academy|"
    r"Correctional (?:Facility|Institution|Cent(?:er|re))|Penitentiary|Church|Cathedral|Parish|Medical School|School of Medicine|Community Cent(?:er|re)|Women's Cent(?:er|re)|(?:Senior|Birth|Wellness|Treatment|Recovery|Detention|Day) Cent(?:er|re)|(?:Women's )?Shelter|Eye (?:&|and) Ear|Elementary|Correctional|Fire Station(?: \d+)?|Library|Cannery|Mills?|Eye Cent(?:er|re)|Orthopedics|Pediatrics|Airport|Jail|Prison|(?:Crown|Magistrates'?|Circuit|District|County|Superior|Family|Municipal|Supreme|Probate|High) Court|Reference Lab(?:oratory|s)?|WorkCare|Apothecary|Discount Drugs|Foodmart|Synagogue|Mosque|Chapel|Casino|Court ?house|Town Hall|City Hall|"
    r"(?:Indian )?Reservation|(?:National|State|County|Regional) (?:Park|Forest)|Police (?:Department|Dept|Station)|Sheriff's (?:Office|Department|Dept)|Fire (?:Department|Dept)|Hostel|"
    r"Apts?(?: ?#? ?\d+[A-Z]?)?|Apartments(?: ?#? ?\d+[A-Z]?)?|Walk-[Ii]n Cent(?:er|re)|Skilled Nursing|Institution|Sawmill|Shipyard|Supermarket|Day ?[Cc]are|Preschool|Kindergarten|"
    r"(?:Medical|Group) Practice|Ambulance Service|Hospital Trust|NHS(?: Foundation)? Trust|Polyclinic|Motel|Trailer Park|Mobile Home Park|Caravan Park|Group Home)"
)
_FACILITY_GENERIC = (
    r"(?:General|Regional|Memorial|Community|University|Family|Children's|Childrens|County|City|District|Central|Medical|Health|Veterans|VA|State|"
    r"Mental|Psychiatric|Teaching|Women's|Heart|Cancer|Eye|Primary|Care|Walk-In|Specialty|Surgical|Internal|Medicine|Pediatric|Outpatient|Valley|and|&|of|the|for)"
)
_FACILITY = re.compile(
    rf"(?<![\w.'])(?P<place>(?:(?:Ste?|Mt|Ft|Univ)\.? (?=[A-Z]))?(?:(?:{_CAP}|[A-Z]{{2,}}|&|and|of) ){{1,5}}?{_FACILITY_WORD})\b"
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
    r"Psychiatry|Psychology|Rheumatology|Pulmonary|Podiatry|ENT|GI|OB|Pacemaker|Methadone|Student|Employee|Retail|Federal|Max|Maximum|Security|Drug|Juvenile|Mental|Superior|Supreme|Civil|Criminal|Hospital|Clinic|Discharge|Preoperative|Pre-Op|Fertility|Smoking|Cessation|Weight|Foot|HIV|TB|Headache|Tumor|Free|Same-Day|New|High|Cardiac|Respiratory|Palliative|Inpatient|Mobile)\s?)+"
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


_LARGE = (frozenset(gazetteers.STATES) | gazetteers.countries()) - frozenset(
    [
        "Virginia",
        "Georgia",
        "Carolina",
        "Montana",
        "Washington",
        "Jordan",
        "Chad",
        "Israel",
        "Ireland",
        "France",
        "England",
    ]
)
_LARGE_BEFORE = re.compile(r"(?:\b(?:from|in|to|near|visiting|[Ff]ormerly of)|[A-Za-z],) $")
"""Before a state or a country that no person is called."""


@lru_cache(maxsize=4096)
def in_state(text: str, start: int, end: int) -> bool:
    """Whether the characters `start` to `end` are part of a state's name of two words."""
    piece = text[start:end]
    if (piece in _LARGE or (piece.isupper() and piece.title() in _LARGE)) and _LARGE_BEFORE.search(
        text, max(0, start - 12), start
    ):
        return True
    return any(
        match.start() <= start and end <= match.end()
        for match in _LONG_STATE.finditer(text, max(0, start - 6), min(len(text), end + 10))
    )


def _is_town(name: str) -> bool:
    return name in gazetteers.cities() and name not in _NOT_TOWNS and name not in gazetteers.STATES


_GEOGRAPHIC_FIRST = (
    r"(?:North|South|East|West|New|Old|Port|Fort|Mount|Mt\.|Ft\.|Lake|Upper|Lower|Ste?\.|Saint|San|Santa|El|Los|Las)"
)
_GEOGRAPHIC_LAST = (
    r"(?:Forks?|Falls|Springs|Creek|River|Harbou?r|Hills?|Valley|Beach|Bay|Lakes?|City|Heights|Grove|Rapids|Bluffs?|Junction|Mills"
    r"|Village|Ridge|Island|Landing|Ferry|Haven|Crossing|Prairie|Meadows?|Cedars|Pines|Oaks|Elms|Palms|Notch|Hollow|Gap|Cove|Run|Bend"
    r"|Shores?|Corners?|Lick|Inlet|Narrows|Sound|Reef|Cay)"
)
_TOPONYM = re.compile(rf"{_GEOGRAPHIC_FIRST} {_CAP}|{_CAP} {_GEOGRAPHIC_LAST}")
_FREE_TOPONYM = re.compile(
    rf"(?:\b(?:in|to|from|at|near|of|outside|via|through)\s|[,|] ?|\^|\d )(?P<place>{_GEOGRAPHIC_FIRST}\s(?P<last>{_CAP})|(?P<first>{_CAP})\s{_GEOGRAPHIC_LAST})"
    r"(?![\w'])(?! (?:Hospital|[Vv]irus|[Ss]yndrome|[Dd]isease|[Cc]riteria|[Ss]core|[Ss]cale|[Vv]alve|[Dd]evice|Medical))"
)
_TOWN_ZIP = re.compile(
    rf"(?:^|,[ \t]|[|^]|[ ]{{2}}|\t)(?P<town>(?:Ste?\. )?{_CAP}(?: {_CAP})?),?[ |^]{{1,2}}\d{{5}}(?:-\d{{4}})?(?![\w-])",
    re.MULTILINE,
)
_TOWN_STATE_ZIP = re.compile(
    rf"(?<![\w.'])(?P<town>(?:ST\.? )?[A-Z]{{3,}}(?: [A-Z]{{3,}}){{0,2}}|(?:Ste?\. )?{_CAP}(?: {_CAP}){{0,2}})"
    rf" {{1,3}}(?:{'|'.join(_STATE_CODES)})[ ,]{{1,4}}\d{{5}}(?:-\d{{4}})?(?![\w-])"
)
_GRID_STREET = re.compile(
    r"(?<![\w.])\d{1,5} (?:North|South|East|West|[NSEW]\.?) \d{1,5} (?:North|South|East|West|[NSEW])\b(?:,? (?:#|Apt|Unit) ?\w+)?",
    re.IGNORECASE,
)
"""As Utah numbers its streets: 1520 South 400 West."""
_NUMBERED_SCHOOL = re.compile(r"\b(?:P\.S\.|I\.S\.|J\.H\.S\.|M\.S\.|PS|IS|JHS) \d{1,3}\b(?![./%]|\d)")
_ACRONYM = re.compile(
    r"\b(?:at|from|to|of|via) (?P<place>(?!(?:OSH|FISH|ETOH|DASH|RASH|BATH|HIGH|BOTH|EACH|WITH|PTH|MRCH|DLCO|MCHC)\b)"
    r"[A-Z]{1,4}(?:MC|GH|VH|CH|MH|RH|SH|HC))(?= (?:by|in|on|ED|ER|ICU|since|with|and|for)\b|[.,;)])"
)
"""A hospital's own letters: received at STVH by."""
_PUERTO_RICO = re.compile(
    r"\bHC[ -]?\d{1,2} Box \d+|\bCarr(?:\.|etera) (?:PR-?)?\d{1,4},? [Kk]m\.? \d+(?:\.\d+)?"
    r"|\bUrb\. [A-Z][\w ]+, Calle [\w ]+? [A-Z]?-?\d+\b"
    r"|(?<![\w.])\d{1,5} (?:Calle|Avenida|Camino|Paseo|Callejón|Vereda|Vía)(?: [A-ZÁÉÍÓÚÑ][\wáéíóúñü.'-]*| (?:de|del|la|las|los|el|y)(?= )){1,6}"
)
_COURT = re.compile(
    r"\b(?P<place>(?:(?:DISTRICT|CIRCUIT|SUPERIOR|PROBATE|FAMILY|COUNTY|SUPREME|JUVENILE|MUNICIPAL|CHANCERY|SURROGATE'S) )?COURT"
    r"(?: OF| FOR| IN AND FOR| IN| AT)(?: THE)?(?: CITY AND)?(?: COUNTY OF)? [A-Z'. -]{3,30}?(?: COUNTY| PARISH| BOROUGH|(?=,|\n)))(?![A-Z])"
    r"|\b(?P<held>(?:District|Circuit|Superior|Probate|Family|Juvenile) Court (?:of|for|in and for) (?:the )?(?:[A-Z][\w'-]+ ){1,3}(?:County|Parish))\b"
)
_DOCKET_COUNTY = re.compile(r"\bCOUNTY OF (?P<place>[A-Z]{3,}(?: [A-Z]{3,})?)(?=\s*(?:[).,:\n]|ss))")
_CAPITAL_ADDRESS = re.compile(
    r"(?<![\w.])(?P<street>\d{1,6} (?:[A-Z.']+ ){0,3}[A-Z]+ (?:ST|STREET|AVE?|AVENUE|RD|ROAD|DR|DRIVE|LN|LANE|BLVD|CT|COURT|WAY|PL|PLACE"
    r"|PKWY|PARKWAY|HWY|TER|TERRACE|CIR|SQ|TRL|LOOP|PIKE|CRESCENT)\b\.?(?: (?:STE|APT|UNIT|#) ?\w+)?)"
    r"(?:[\^|, ]{1,3}(?P<town>[A-Z]{3,}(?: [A-Z]{3,}){0,2})(?=[\^|,]|\s+[A-Z]{2}\b|\s+\d{5}))?"
)
_SMALL_TOWN = re.compile(
    r"\b(?:flew|fly|flying|flies|drove|drives?|driven|driving|moved|moving|lives?|living|born|grew up|raised)(?: (?:in|up|back|down|her|him|them|over)){0,2}"
    r" (?:in|from|to|near) (?P<town>(?:ste?\. )?[a-z]{4,}(?: [a-z]{4,})?)\b"
)
_HOUSE_OF = re.compile(
    rf"\b(?:University Hospitals?|Univ\.? Hosp\.?|(?:Royal |General |Memorial |Community )Hospital|Sisters of (?:Charity|Mercy|Providence)"
    rf"|Our Lady of (?:the )?{_CAP}(?: (?:Hospital|Medical Cent(?:er|re)|Clinic))?|Care Home|Medical Cent(?:er|re)|Hospital)"
    rf"(?: of| at|,)? (?P<town>(?:(?:Ste?|Mt|Ft)\. )?{_CAP}(?: {_CAP})?)"
)
"""Facilities that are told apart by the town behind them."""
_SMALL_FACILITY = re.compile(
    r"\b(?:in|from|to|at|of|@) (?P<place>(?:the )?(?:ste?\. )?(?!(?:the|a|an|our|your|his|her|this|that|local|another|outside)\b)[a-z]+(?: [a-z]+){0,2}? "
    r"(?:memorial hospital|general hospital|regional medical center|hospice house|dialysis (?:center|unit)|rehab (?:&|and) nursing"
    r"|(?:tribal )?health center|children's(?: hospital)?|county|township|parish|high school|care home|nursing home))\b"
    r"|(?<=[,;] )(?P<county>[a-z]{4,}(?: [a-z]{4,})? (?:county|parish|township))(?=[,.;\n])"
)
"""The same in notes without capitals."""
_TOWN_FIRST = frozenset(
    """
    Two Three Four Five Seven Twin Bell Cold White Black Green Red Blue Silver Golden Big Little Pine Cedar Oak Maple Rock Stone Sand Eagle Elk Deer Bear
    Fox Otter Beaver Eden Pleasant Sunny Clear Spring Grand Great High Long Round Rose Orange Palm Cape Sugar Salt Iron Coal
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
"""Everyday words with which towns begin that end as geography does: Twin Falls, Cold Springs."""
_SMALL_WORDS = frozenset(
    """
    skilled local nearby acute outpatient inpatient community mental behavioral public rural private day new chronic urgent
    free surgical medical pediatric large small main home rehab outside another any some each every for with and the
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)


_SEGMENT = re.compile(r"[^,]*?(?=,|  |$)")
"""What a line begins with, such as a laboratory's name before its address."""
_SHOUTED = re.compile(r"\b[A-Z]{3,}[ ,]+(?:[A-Z]{2,}|&)(?!\w)")
_TITLED = re.compile(r"(?<![A-Za-z\d])[A-Z]{3,}(?:['-][A-Z]+)*(?![A-Za-z\d])|(?<= )(?:OF|IN|AT|AND|ON|THE)(?= )")
_JOINED = re.compile(r"(?:,| in| at| of|, in)[ \n]")


_ADDRESS = re.compile(r"\d|(?i:p\.?\s?o\b|rr\b|rural|flat\b|apt|unit\b|suite|box\b|room\b|no\.)")
"""How an address begins: its street and its town stay two."""


def _shouted(text: str) -> Iterator[Candidate]:
    """Places in lines without small letters: found as in a text that is written as usual."""
    begin = 0
    for line in text.split("\n"):
        first = _SEGMENT.match(line)
        for part in (line, first[0] if first else ""):
            letters = [character for character in part if character.isalpha()]
            usual = _TITLED.sub(lambda m: m[0].lower() if m[0] in _SMALL_JOINERS else m[0].title(), part)
            if (
                _SHOUTED.search(part)
                and len(letters) >= 12
                and sum(map(str.isupper, letters)) >= 0.8 * len(letters)
                and len(usual) == len(part)
            ):
                for one in _written(usual):
                    if one.score >= 0.75:
                        yield one._replace(start=one.start + begin, end=one.end + begin)
                break
        begin += len(line) + 1


_SMALL_JOINERS = frozenset(["OF", "IN", "AT", "AND", "ON", "THE"])


def find_places(text: str) -> Iterator[Candidate]:
    """Places in English text. Those that stand side by side as "Mercy Hospital in Salem" are one."""
    found = [*_written(text), *_shouted(text)]
    yield from found
    starts: dict[int, Candidate] = {}
    for one in found:
        if one.start not in starts or starts[one.start].end < one.end:
            starts[one.start] = one
    for one in found:
        if _ADDRESS.match(text, one.start):
            continue
        if (gap := _JOINED.match(text, one.end)) and (other := starts.get(gap.end())) is not None:
            yield Candidate(one.start, other.end, "location", max(one.score, other.score) + 0.001)


def _written(text: str) -> Iterator[Candidate]:
    """Places in text in which names are told by their capitals."""
    yield from sites.find_sites(text)
    yield from institutions.find_institutions(text)
    yield from institutions.find_small_institutions(text)
    for pattern, score in ((_STREET, 0.84), (_BOX, 0.88)):
        for match in pattern.finditer(text):
            yield Candidate(match.start(), match.end(), "location", score)
    for match in _STREET_CASELESS.finditer(text):
        # "100 mg once at 4 st": what stands before a street's end is no everyday word alone.
        end = match.end() if match["town"] is None else match.start("town")
        if match["town"] and (
            match["town"][0].isupper() or gazetteers.words().get(match["town"].split(" ")[-1], 0) < 60_000
        ):
            end = match.end()
        yield Candidate(match.start(), len(text[:end].rstrip(" ,")) if end != match.end() else end, "location", 0.82)
    for match in _STREET_ALONE.finditer(text):
        yield Candidate(match.start("s"), match.end("s"), "location", 0.75)
    towns: set[str] = set()
    for pattern in (_TOWN_STATE, _TOWN_CAPS_STATE, _TOWN_LABEL):
        for match in pattern.finditer(text):
            start, town = match.start("town"), match["town"]
            # "Home to Lake Benton, Vermont": what stands before a street's end is not the town's.
            cut = re.match(
                rf"(?:(?:{_STREET_WORD}\.?|In|From|To|At|Of|Near|The|Lives|Home|Address|City|Town|Patient|Resident|Clinic|Hospital|Physician|Prescriber|Reporter|Provider|Attending|Surgeon|Examiner|Doctor|Nurse|Interpreter|Dr\.?)\s)+(?=[A-Z])",
                town,
            )
            if cut:
                start, town = start + cut.end(), town[cut.end() :]
            if town in gazetteers.STATES:
                continue
            towns.add(town)
            yield Candidate(start, start + len(town), "location", 0.83)
    for match in _AFTER_STREET.finditer(text):
        town = match["town"]
        if town not in gazetteers.STATES and not re.match(
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
        if (
            not place
            or _GENERIC_ONLY.fullmatch(place)
            or re.fullmatch(_FACILITY_WORD, place)
            or not (any(map(institutions.told_apart, place.split(" "))) or place.split(" ")[0] in gazetteers.cities())
        ):
            continue
        end = match.end("place")
        if match["tail"]:
            for word in re.finditer(r" (\S+)", match["tail"]):
                if is_stop(word[1]) or word[1] in _AFTER_FACILITY:
                    break
                end = match.start("tail") + word.end()
        if match["of"]:
            tail = re.sub(r"^[,\s]*(?:(?:of|at|in|-)\s)?(?:the\s)?", "", match["of"])
            behind = re.match(r"\s(?:of|at|in|-)\s", match["of"])
            if (
                (behind and institutions.names_town(tail))
                or _is_town(tail)
                or tail in towns
                or tail in gazetteers.cities()
            ):
                end = match.end("of")
        yield Candidate(start, end, "location", 0.87)
    for match in _HOUSE_OF.finditer(text):
        town = match["town"]
        first = town.split(" ")[0]
        generic = not match[0].startswith(("Sisters", "Our Lady", "University", "Univ"))
        if (
            (is_stop(first) and not _TOPONYM.fullmatch(town))
            or first in _AFTER_FACILITY
            or (generic and not _is_town(town))
        ):
            continue
        whole = _TOPONYM.fullmatch(town) or not is_stop(town.split(" ")[-1])
        end = match.end("town") if whole else match.start("town") + len(first)
        yield Candidate(match.start(), end, "location", 0.88)
    for match in _FREE_TOPONYM.finditer(text):
        begin = match["first"]
        other = match["last"] or begin
        told = not is_stop(other) and other.lower() not in gazetteers.disease_words()
        if match["last"]:
            # "New Onset", "Upper Lobe": what is no name is no town either.
            told = told and (gazetteers.mostly_name(other.lower()) or other in gazetteers.cities())
        if (told or begin in _TOWN_FIRST) and match["place"] not in gazetteers.STATES:
            towns.add(match["place"])
            yield Candidate(match.start("place"), match.end("place"), "location", 0.62)
    for match in _TOWN_ZIP.finditer(text):
        words = match["town"].split(" ")
        if (
            match["town"] not in gazetteers.STATES
            and not is_stop(words[-1])
            and (len(words) > 1 or institutions.rarely_else(words[0]))
        ):
            yield Candidate(match.start("town"), match.end("town"), "location", 0.76)
    for match in _TOWN_STATE_ZIP.finditer(text):
        words = match["town"].split(" ")
        # "824 BLUESTEM CT ELLSBROOK UT": a street's end before a town is not the town's.
        while len(words) > 1 and re.fullmatch(rf"{_STREET_WORD}\.?", words[0].title()):
            words.pop(0)
        if not is_stop(words[-1].title()) or len(words) > 1:
            yield Candidate(match.end("town") - len(" ".join(words)), match.end("town"), "location", 0.82)
    for pattern in (_GRID_STREET, _NUMBERED_SCHOOL, _PUERTO_RICO):
        for match in pattern.finditer(text):
            yield Candidate(match.start(), match.end(), "location", 0.85)
    for match in _COURT.finditer(text):
        yield Candidate(*match.span(match.lastgroup or "place"), "location", 0.96)
    for match in itertools.chain(_DOCKET_COUNTY.finditer(text), _ACRONYM.finditer(text)):
        yield Candidate(*match.span("place"), "location", 0.8)
    for match in _CAPITAL_ADDRESS.finditer(text):
        yield Candidate(match.start("street"), match.end("street"), "location", 0.9)
        if match["town"]:
            yield Candidate(match.start("town"), match.end("town"), "location", 0.9)
    for match in _SMALL_TOWN.finditer(text):
        words = match["town"].split(" ")
        known = gazetteers.words()
        if len(words) == 2 and re.fullmatch(_GEOGRAPHIC_LAST.lower(), words[1]):
            yield Candidate(match.start("town"), match.end("town"), "location", 0.62)
        elif not is_stop(words[0]) and (
            known.get(words[0], 0) < 50 or (words[0].title() in gazetteers.cities() and known.get(words[0], 0) < 60_000)
        ):
            yield Candidate(match.start("town"), match.start("town") + len(words[0]), "location", 0.6)
    for match in _SMALL_FACILITY.finditer(text):
        group = "county" if match["county"] else "place"
        words = match[group].removeprefix("the ").split(" ")
        if words[0] not in _SMALL_WORDS and (group == "place" or gazetteers.words().get(words[0], 0) < 10_000):
            yield Candidate(*match.span(group), "location", 0.7)
    for match in _TOWN_CONTEXT.finditer(text):
        parts = match["town"].split(" ")
        for length in range(len(parts), 0, -1):
            town = " ".join(parts[:length])
            if _is_town(town) and not is_stop(town):
                yield Candidate(match.start("town"), match.start("town") + len(town), "location", 0.6)
                towns.add(town)
                break
    for match in _CITY_AMONG.finditer(text):
        city = match["town"]
        if _is_town(city) and not is_stop(city) and city.lower() not in gazetteers.first_names():
            yield Candidate(*match.span("town"), "location", 0.58)
    for match in _RESIDENCE.finditer(text):
        town = match["town"]
        parts = town.split(" ")
        while (
            parts and (is_stop(parts[-1]) or parts[-1] in gazetteers.STATES) and not _TOPONYM.fullmatch(" ".join(parts))
        ):
            parts.pop()
        town = " ".join(parts)
        if (
            parts
            and (not is_stop(parts[0]) or _TOPONYM.fullmatch(town))
            and town not in gazetteers.STATES
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
