"""Institutions with a name of their own in English text: what they are is the last word, their name stands before it.

A practice, a company or a school is called by names and everyday words without end, but what it is is said by few
nouns. So the noun is looked for, and the capitalised words before it are its name, if one of them is no word of
medicine or of every hospital.
"""

import re
from collections.abc import Iterator

from practicum.data.deidentification import gazetteers
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.no_names import NO_NAMES, TITLES
from practicum.data.deidentification.stop_words import is_stop

_HEAD = re.compile(
    r"""(?<=[\w.'&][ ])(?:(?P<sure>
    # groups of people who practise
    Associates|Specialists|Physicians|Partners|Consultants|Practitioners|Surgeons|Paediatrics|Pediatrics
    |Orthop(?:a)?edics|Dermatology|Cardiology|Urology|Oncology|Dentistry|Dental(?:\ (?:Care|Group|Practice|Arts))?
    |Optometry|Opticians?|Podiatry|Chiropractic|Veterinary|Midwifery|Obstetrics|Gyn(?:a)?ecology|OB/?GYN|Allergy
    |Gastroenterology|Nephrology|Neurology|Rheumatology|Psychiatry|Psychology|Radiology|Pathology|Counsel(?:l)?ing
    |(?:Medical|Family|Group|General|GP)\ Practice|General(?!\ (?:[A-Z]|[a-z]+\ (?:exam|health)))
        |Regional(?!\ [A-Z])|(?:Women|Children|Men|Veterans)'?s?(?:\ (?:&|and)\ (?:Women|Children)'s)?(?!\ [A-Z])
        |Authority|Sons|Partnership|Kinder(?:garten|\ Corner)?|Daycare|Nursery|(?:Family|Sports|Internal|Occupational
        |Integrative)\ Medicine
    |(?:Vascular|Wellness|Imaging|Treatment|Recovery|Birth(?:ing)?|Vein|Sleep|Spine|Pain|Wound|Heart|Surgical|Renal
      |Kidney|Health|Cancer|Medical|Community|Fertility|Breast|Memory|Care|Rehab|Day|Learning|Childcare|Child\ Care
      |Shopping|Leisure|Sports|Visitor|Visitors|Convention|Conference|Senior|Youth|Crisis|Drop-?[Ii]n|Justice
      |Detention|Correctional|Distribution|Call|Fulfil+ment|Job|Training)\ (?:Cent(?:er|re)|Institute|Clinic|Hospital)
    |Home\ (?:Health|Care|Healthcare)(?:\ Services)?|(?:Health|Medical|Care|Ambulance|Funeral|Hospice|Staffing
      |Transport|Rescue|Social|Counselling|Laboratory|Imaging|Therapy)\ Services|Nursing(?:\ Home)?
    |Physio(?:therapy)?|Physical\ Therapy|Rehab(?:ilitation)?|Hospice|Laboratories|Labs?|Diagnostics|Imaging
        |Eye\ ?[Cc]are
    |Infirmary|Health(?:care)?|Medical|Medicine|Memorial|Trust|Collective|Alliance|Foundation|Cooperative|Co-op
    # who comes and fetches
    |Fire(?:\ (?:&|and)\ Rescue|\ Rescue|\ District|\ Company|\ Co|\ Station|\ Brigade)?|Rescue(?:\ Squad)?|EMS
    |(?:Health|Fire|Police|Sheriff's|Highway|Parks)\ (?:Department|Dept)|Ambulance|Police|Sheriff|Paramedics|Medevac
    # who employs
    |Fabrication|Processing|Packing|Plating|Foods|Farms|Dairy|Poultry|Orchards|Growers|Roofing|Plumbing|Electric(?:al)?
    |Heating|Landscaping|Excavating|Concrete|Paving|Builders|Contracting|Contractors|Construction|Masonry|Welding
    |Machining|Tooling|Castings|Foundry|Forge|Metals?|Steel|Ironworks|Aluminum|Glass|Plastics|Packaging|Printing
    |Press|Publishing|Motors|Auto(?:\ (?:Body|Parts|Repair|Sales|Glass))?|Automotive|Collision|Tire|Towing|Trucking
    |Freight|Hauling|Transit|Transport(?:ation)?|Coach(?:es)?|Airlines|Aviation|Aerospace|Shipping|Logistics|Storage
    |Warehouse|Distributors|Distributing|Wholesale|Hardware|Lumber|Supply|Furniture|Carpets?|Cleaners|Cleaning
    |Laundry|Laundromat|Salon|Barbers?|Bakery|Bakers|Caf[eé]|Coffee|Diner|Grill|Restaurant|Kitchen|Pizzeria|Tavern
    |Brewery|Brewing|Distillery|Winery|Vineyards?|Catering|Grocery|Groceries|Market|Supermarket|Deli|Butchers?
    |Drug(?:s|store)?|Chemists?|Apothecary|Pharmacy|Rx|Bank|Credit\ Union|Insurance|Realty|Properties|Accounting
    |(?:[A-Z][a-z]+-)?Mart|Freight|Poultry|Law|Legal|LLP|LLC|Ltd|Inc|Corp|PLC|Industries|Enterprises|Technologies
    |Electronics|Instruments|Systems|Energy
    |Power|Gas|Mining|Drilling|Quarr(?:y|ies)|Mills?|Textiles|Paper|Works|Sawmill|Manufacturing|Mfg|Security|Temps
    # where people learn, pray, play and are held
    |(?:Elementary|Middle|High|Primary|Secondary|Junior|Grammar|Preparatory|Prep|Public|Charter|Nursery|Infant|Sunday
      |Technical|Vocational|Community|State|Nursing|Law|Business|Catholic|Christian|Lutheran
          |Montessori)\ (?:School|College)
    |Schools?|College|Academy|University|Polytechnic|Preschool|Kindergarten|Childcare|Head\ Start|Elementary|Montessori
    |Church|Chapel|Cathedral|Parish|Abbey|Temple|Synagogue|Mosque|Gurdwara|Ministr(?:y|ies)|Fellowship|Mission
    |Tabernacle|Friary|Monastery|Convent
    |Library|Museum|Theat(?:er|re)|Cinema|Stadium|Arena|Ballpark|Gym(?:nasium)?|Fitness|YMCA|YWCA|Pool|Rink|Golf
    |Country\ Club|Club|Legion|Lodge|Hall|Casino|Resort|Hotel|Motel|Inn|Suites|Hostel|Campground|Campsite|Zoo
    |Aquarium|Mall|Plaza|Outlets|Fairgrounds?|Speedway|Racecourse|Jail|Prison|Penitentiary|Remand\ Centre|Barracks
    |Courthouse|Shelter|Refuge
    # where people live
    |Apartments|Apts|Condos?|Condominiums|Townhomes|Townhouses|Flats|Towers?|Villas?|Manor|Estates?|Acres|Homes
    |Commons|Residences?|Residential|Trailer\ Park|Mobile\ Home\ Park|Senior\ Living|Memory\ Care|Care\ Home
    |Retirement(?:\ (?:Home|Village|Community))?|Dormitory|Dorms?|Ranch|Farm|Plantation|Homestead|Almshouses
    |Convalescent(?:\ (?:Home|Hospital|Cent(?:er|re)))?
    # what lies in a country
    |Airport|Harbou?r|Marina|Wharf|Pier|Docks?|Shipyard|Lighthouse|Bridge|Tunnel|Dam|Reservoir|Quay|Terminal|Trailhead
    |(?:State|National|County|Regional|Provincial|City|Memorial|Skate)\ (?:Park|Forest|Beach|Monument)|Rest\ Area)
    |(?P<weak>Surgery|Services|Group|Practice|Office|House|Court|Place|Square|Gardens|Village|Park|Cent(?:er|re)|Clinic
    |Hospital|Care|Therapy|Institute|Society|Union|Company|Store|Depot|Base|Plant|Factory|Station)
    |(?P<small>(?:post|law|dental|doctor's|insurance|sheriff's|head|field|main|regional|local|front|campaign)\ office
    |office|clinic|branch|campus|facility|location|(?:train|bus|police|fire|gas|petrol|service|power|subway
        |railway)\ station
    |(?:fire|police|sheriff's|water|highway)\ (?:department|dept)|(?:saw|paper|steel|cotton|textile|lumber|flour)\ ?mill
    |mill|plant|factory|warehouse|foundry|refinery|cannery|brewery|dairy|packing\ (?:plant|house)|slaughterhouse
    |shipyard|quarry|mine|colliery|depot|yard|dockyard|docks?|store|shop|salon|barbershop|laundromat|diner|restaurant
    |caf[eé]|bakery|grocery|supermarket|market|mall|pub|bar|tavern|nightclub|library|museum|courthouse|jail|prison
    |shelter|hostel|(?:high|middle|elementary|primary|secondary|grade|grammar|public|nursery|boarding|night)\ school
    |(?:community|senior|recreation|rec|day|health|detox|wellness|visitor|distribution|shopping|leisure|sports|imaging
      |dialysis|cancer|surgery|birth|medical|urgent\ care|rehab|infusion|treatment)\ cent(?:er|re)
    |church|parish|temple|mosque|synagogue|convent|monastery|nursing\ home|care\ home|group\ home|retirement\ home
    |assisted\ living|halfway\ house|sober\ house|guest\ house|apartments|housing\ project|projects|condo(?:minium)?s?
    |trailer\ park|campground|campsite|ranch|farm|orchard|vineyard|winery|nursery|fairgrounds?|racetrack|ballpark
    |stadium|arena|gym|rink|golf\ course|country\ club|casino|hotel|motel|inn|resort|airport|airfield|airbase
    |naval\ base|army\ base|air\ base|army\ post|marina|pier|harbou?r|ferry|bridge|dam|reservoir|rest\ (?:stop|area)
    |truck\ stop|toll\ plaza|overpass|exit|roundabout|trailhead|reservation|hospital|infirmary|hospice|pharmacy
    |chemist|surgery|practice|urgent\ care|police|deputies|paramedics|troopers|firefighters|sheriff|ambulance
        |er\b|emergency\ room|dialysis\ unit|daycare|preschool|kindergarten|college
    |university|academy|seminary|credit\ union|bank|(?:health|fire|police|sheriff's)\ (?:department
        |dept)))(?![\w'-])""",
    re.VERBOSE,
)
_JOINERS = frozenset(["and", "&", "of", "the", "de", "del", "la", "du", "des"])
_WORD = re.compile(r"(?:[A-ZÀ-ÖØ-Þ][\w'-]*|(?:St|Ste|Mt|Ft|Pt)\.|&|\d{1,3}(?:st|nd|rd|th)|[A-Z]\.)")
_OPENERS = frozenset(
    """
    a an the our your his her their my this that at in on from to with by via per of and or as for after before since
    until while when where admitted transferred transfer seen sent referred discharged discharge followed follow
    attends attended attending works worked visit visited visits call contact called please dear see uses used using
    lives lived near outside inside under over facility site location agency employer school name patient pt dr mr mrs
    ms outpatient inpatient emergency next former current previous prior new old local any another each every both no
    not now then also has had have is was were be been will would can may requires needs received records request
    requested ordered scheduled arranged start started continue continued stop consider continue refer plan history
    once ask tell told advised discussed reviewed
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
"""With what sentences and fields begin that is no part of a name."""
GENERIC = frozenset(
    """
    acute adult advanced advantage aesthetic affiliated aging allergy ambulatory american anesthesia anesthesiology
    animal anticoagulation arrhythmia arthritis assessment assisted asthma audiology autism aviation bariatric
    behavioral behavioural benefits better birth blood board bone brain breast british burn cancer cardiac cardiology
    cardiothoracic cardiovascular care case center centers central centre chemo chemotherapy chest child childcare
    childhood children children's chiropractic chronic city clinic clinical cleft cognitive college colon colorectal
    communicable community complex comprehensive conference consultation continuing control convalescent cornea
    coronary correctional cosmetic counseling counselling county crisis critical customer day daily deaf dementia
    dental department dermatology detox detoxification development developmental device diabetes diabetic diagnostic
    dialysis dietary digestive disability disease diseases district domestic drug early ear eating education elder
    elderly elective elementary emergency employee endocrine endocrinology endoscopy ent environmental epilepsy
    equipment eye facial fall family federal female fertility fetal first fitness foot fracture free funeral
    gastroenterology general genetic genetics geriatric geriatrics global government group growth gyn gynaecology
    gynecology hand head headache health healthcare hearing heart hematology hepatology hepatitis high hip home
    homeless hospice hospital hospitals house housing human hypertension imaging immunology immunization in-home
    incontinence independent individual infant infection infectious infusion injury inpatient intake intensive
    intermediate internal international interventional invasive joint junior juvenile kidney lab labor laboratory
    lactation laser legal limb lipid liver living local long long-term low lower lung lymphedema mail mail-order main
    major male maternal maternity medical medicine memory men's mental methadone middle midwifery migraine military
    minimally minor mobile movement multidisciplinary multiple muscle national natal neck neonatal nephrology nerve
    neuro neurological neurology neurosurgery new newborn nuclear nurse nursery nursing nutrition obesity obstetric
    obstetrics occupational oncology online open ophthalmology optical optometry oral orthopaedic orthopaedics
    orthopedic orthopedics orthotics osteoporosis ostomy outpatient outreach pacemaker paediatric pain palliative
    pancreatic parenting pathology patient pediatric pediatrics pelvic perinatal peripheral personal pharmacy
    physiatry physical physician plastic podiatry post postpartum pregnancy prenatal preoperative pre-op preventive
    primary prison private problem professional prosthetic prosthetics protective psychiatric psychiatry psychology
    public pulmonary quality radiation radiology reconstructive recovery referral regional rehab rehabilitation renal
    reproductive research residential respiratory respite retail retina rheumatology risk robotic rural safe same-day
    satellite school secondary security senior sexual short sick single skilled skin sleep small smoking social
    special specialist specialty spinal spine sports spine staff state stroke student substance support surgery
    surgical swallow teaching team tele telehealth test testing thoracic thyroid total transitional transplant
    transplantation trauma travel treatment triage tuberculosis tumor ultrasound unit united university upper urgent
    urologic urology vaccine valve vascular vein veteran veterans veterinary victim virtual visual vision visiting
    vocational walk-in warfarin weight wellness women's womens work workers wound youth hiv aids tb gi icu er ed or
    ob gp nhs va hmo coumadin monday tuesday wednesday thursday friday saturday sunday today weekend night evening
    morning regular usual free-standing standing top max maximum minimum federal civil criminal superior supreme
    circuit magistrates crown juvenile county municipal traffic meals wheels red cross blue shield world control
    prevention safety language voice swallowing human resources quality hospitalist follow follow-up return annual
    service services program programme practice office associates prehospital ship's ships ship casualty lifeboat
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
"""Words in the names of departments and kinds of institutions, which many have and which tell none from another."""
_NATIONS = frozenset(
    """
    american national british european australian canadian royal international united world global federal
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
_AMID = re.compile(r"[a-z,(] $")
_OF_LAND = re.compile(
    r"(?:Falls|Forks?|Springs?|Creek|River|Harbou?r|Hills?|Valley|Beach|Bay|Lakes?|City|Heights|Grove|Rapids|Bluffs?|Junction"
    r"|Mills|Ridge|Island|Landing|Ferry|Crossing|Prairie|Meadows?|Street|St|Avenue|Ave|Road|Rd|Lane|Drive|Boulevard"
    r"|Blvd|Highway|Hwy|County|Parkway|Pike)\.?"
)
"""With what places end, before a noun that says what stands there."""
_MORE = re.compile(
    r" (?:and|&) (?:[A-Z][\w'-]+ (?:and |& )?){0,3}(?:Medicine|Rehab(?:ilitation)?|Rescue|Cent(?:er"
    r"|re)|Clinic|Associates|Surgery"
    r"|Services|Sons?|Daughters|Co|Company|Hospice|Hospital|Care|Spa|Grill|School|Care Cent(?:er|re)|Healthcare)\b"
    r"|(?: (?:PC|PA|PLLC|LLC|LLP|Inc|Ltd|Co|Group|Center|Clinic)\b\.?)"
    r"|(?:(?<! Services) (?:of|at|in)|,) (?:the )?(?!(?:The|This|Her"
    r"|His)\b)(?P<town>[A-Z][a-z][\w'-]*(?: [A-Z][a-z][\w'-]+){0,2})(?=[.,;:)\n]|$| [a-z(]|  )"
)
"""What a name goes on with."""
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n•*–—-] *|\n\s*|\d[.)] )$")
_TOWN_ENDING = re.compile(
    r"(?:ville|ton|town|burg|burgh|bury|borough|boro|ford|field|wood|dale|ridge|port|mont|mouth|ham|haven|worth|wick"
    r"|view|brook|creek|land|vale|stead|stone|more|shire|gate|crest|side|hurst|lea|ley|water|minster|chester|caster"
    r"|polis|cliff|cliffe|combe|bridge|grove|shore|point)$"
)


def told_apart(word: str) -> bool:
    """Whether a capitalised word tells one institution from another."""
    lower = word.lower().rstrip(".").removesuffix("'s")
    return (
        len(lower) > 1
        and not all(part in GENERIC or is_stop(part) for part in lower.split("-"))
        and lower not in GENERIC
        and lower not in _JOINERS
        and lower not in _OPENERS
        and lower not in _NATIONS
        and (word[0].isupper() or word[0].isdigit())
    )


def rarely_else(word: str) -> bool:
    """Whether a capitalised word is a place's or a person's name rather than a word that a sentence begins with."""
    plain = word.removesuffix("'s")
    lower = plain.lower()
    if lower in gazetteers.disease_words() or lower in gazetteers.drugs():
        return False
    if is_stop(lower):
        return plain in ("North", "South", "East", "West")
    if word.isupper():
        return False
    return (
        plain in gazetteers.cities()
        or gazetteers.words().get(lower, 0) < 10_000
        or gazetteers.mostly_name(lower)
        or (_TOWN_ENDING.search(lower) is not None and gazetteers.words().get(lower, 0) < 50_000)
    )


def names_town(town: str | None) -> bool:
    """Whether what stands behind an institution may be where it is: no month, no department, no person's title."""
    if town is None:
        return True
    first = town.split(" ")[0]
    lower = first.lower()
    return (
        first in _ARTICLES
        or not (is_stop(lower) or lower in GENERIC or lower in TITLES or lower in _MONTHS or lower in NO_NAMES)
    ) and lower not in gazetteers.drugs()


_COMPASS = frozenset(["North", "South", "East", "West", "New", "Old"])
_ARTICLES = _COMPASS | frozenset(
    ["La", "El", "Los", "Las", "San", "Santa", "Saint", "Port", "Fort", "Mount", "Lake", "Bay", "Three"]
)
"""With what towns of two words begin."""
_MONTHS = frozenset(
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november"]
)


def _name_before(text: str, end: int) -> tuple[int, list[str]]:
    """Where the capitalised words that end at `end`, before a blank, begin, and which they are."""
    first = max(0, end - 70)
    line = max(text.rfind("\n", first, end), text.rfind("  ", first, end), text.rfind("\t", first, end))
    words = text[max(first, line + 1) : end].lstrip().split(" ")
    taken: list[str] = []
    for word in reversed(words):
        if len(taken) == 6 or not word:
            break
        if not (_WORD.fullmatch(word) or (word in _JOINERS and (taken or word in ("and", "&")))):
            break
        taken.append(word)
    taken.reverse()
    while taken and (taken[0].lower() in _JOINERS or taken[0].lower() in _OPENERS):
        taken.pop(0)
    return end - len(" ".join(taken)), taken


def find_institutions(text: str) -> Iterator[Candidate]:
    """Practices, companies, schools and the like that are told by the noun at the end of their name, and such as are
    told by whose they are."""
    yield from _chains(text)
    for match in _HEAD.finditer(text):
        start, words = _name_before(text, match.start() - 1)
        apart = [word for word in words if told_apart(word)]
        if not apart:
            continue
        if match[0] == "Group" and words[-1] in (
            "Work",
            "Working",
            "Task",
            "Study",
            "Control",
            "Age",
            "Blood",
            "Focus",
        ):
            continue
        if words[-1].endswith("'s") and match[0] in ("office", "clinic", "practice", "surgery", "campaign office"):
            # A person's, who is found as such.
            continue
        lower = [word.lower().removesuffix("'s") for word in apart]
        medical = all(
            word in gazetteers.disease_words() or word in gazetteers.drugs() or word in NO_NAMES or is_stop(word)
            for word in lower
        )
        land = _OF_LAND.fullmatch(words[-1]) is not None and not (words[-1] == "Falls" and "lini" in match[0])
        if medical and not ((land and len(words) > 1) or (match["sure"] and any(word in _COLOURS for word in lower))):
            continue
        opening = _SENTENCE_START.search(text, max(0, start - 4), start) is not None
        amid = _AMID.search(text, max(0, start - 3), start) is not None
        known = land or any(map(rarely_else, apart))
        if not known and (match["weak"] or match["small"] or opening or not (amid or len(apart) > 1)):
            continue
        loose = match["small"] and (opening or len(words) > 3) and not text.startswith("The ", max(0, start - 4))
        if loose and not any(word in gazetteers.cities() for word in apart):
            # "Smith office" at a sentence's start may be anything.
            continue
        end, score = match.end(), 0.83 if match["sure"] else 0.78
        if (match["sure"] or match["weak"]) and (more := _MORE.match(text, end)) and names_town(more["town"]):
            end = more.end()
        article = text[max(0, start - 4) : start]
        if (article == "The " or (article == "the " and match["small"])) and not text[start - 5 : start - 4].isalnum():
            # It goes with the name, as in "The Norwich Medical Practice"; alone it would be left over.
            start, score = start - 4, 0.88
        yield Candidate(start, end, "location", score)


_COLOURS = frozenset(["blue", "north", "south", "east", "west", "green", "red", "black", "white", "silver", "golden"])
_SMALL = re.compile(
    r"\b(?:at|from|to|in|of|by|near|@) (?P<core>(?:the )?(?P<name>(?:(?:st|mt"
    r"|ft)\.? )?[a-z][a-z']+(?: [a-z][a-z']+){0,2}) "
    r"(?:(?:community|general|memorial|regional|county|district|university|children's|baptist|methodist|mercy|valley)"
    r"(?: (?:hospital|medical cent(?:er|re)|clinic|health(?: cent(?:er|re))?|infirmary))?"
    r"|medical (?:cent(?:er|re)|group|associates|clinic|practice)|hospital|infirmary"
    r"|family (?:medicine|practice|health)"
    r"|(?:cancer|heart|surgery|imaging|health|dialysis|rehab|birth|urgent care|nursing|care) cent(?:er|re)|urgent care"
    r"|orthop(?:a)?edics?(?: associates| clinic| group)?|cardiology(?: associates)?|pediatrics|internal medicine"
    r"|nursing (?:home|and rehab\w*(?: cent(?:er|re))?)|assisted living|manor|surgery|royal infirmary"
    r"|(?:high|middle|elementary|primary|secondary) school|public library|post office|county jail|fire department"
    r"|(?:paper|saw|steel|lumber) ?mill|school district|transit authority|police department|freight"
    r"|poultry|foods|general))"
    r"(?: (?:of |at |in )?(?P<town>[a-z]{4,}(?: (?:springs|falls|city|creek|grove|hills?|bay|beach"
    r"|valley))?))?(?![\w-])"
)
_SMALL_OPEN = frozenset(
    """
    a an the our your his her their this that any some local nearby another outside other same one each every which
    new old large small referring sending receiving accepting admitting skilled acute first second good big main
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)


_CHAIN = re.compile(
    r"(?<![\w'])(?P<place>(?:VA|Mercy|Providence|Baptist|Methodist|Adventist|Presbyterian|Ascension"
    r"|Kaiser(?: Permanente)?|Sutter"
    r"|Banner|Intermountain|Trinity|Dignity|Good Samaritan|Holy (?:Family|Cross|Name|Redeemer|Spirit"
    r"|Rosary)|Sacred Heart|Our Lady of [A-Z][a-z]+"
    r"|[A-Z][a-z]+-[Mm]art|Mount (?:Sinai|Carmel)|Mt\.? (?:Sinai|Carmel)|Immaculate Conception"
    r"|Queen of Angels)(?:,| (?:at|in|of))? (?P<town>[A-Z][a-z][\w'-]*"
    r"(?: [A-Z][a-z][\w'-]+){0,2}))(?![\w'])"
)
_HOUSE_AT = re.compile(
    r"\b(?P<place>The [A-Z][a-z]+(?: [A-Z][a-z]+)? (?:at|on|of"
    r"|in) (?P<town>(?!The\b)[A-Z][a-z][\w'-]*(?: [A-Z][a-z][\w'-]+){0,2}))(?![\w'])"
)
_PARTED = frozenset(["Upper", "Lower", "Great", "Little", "Nether", "Over", "Middle"])
_QUARTER = re.compile(
    r"(?:\b(?:in|to|from|at|near|of|outside|by|past|for)|[,|(]|\d[A-Z]?|  |: ?) ?(?P<place>(?:North"
    r"|South|East|West|Old Town|Little|Upper|Lower|Downtown"
    r"|Saint|San|Santa|Fort|Port|New|Lake|Mount|La|El|Los|Las)(?: (?:New|Fort|Port|Saint|San|Santa|La"
    r"|El|Lake|Mount|Old))?"
    r" (?P<town>[A-Z][a-z][\w'-]*)(?: (?P<last>[A-Z][a-z][\w'-]+))?)(?=[ ]*(?:[.,;:)\n|]|$)| (?:[a-z(\d]|  ))"
)
_LARGE = frozenset(
    """
    africa america asia europe korea dakota carolina virginia jersey york mexico hampshire zealand guinea nile
    india indies
    bank coast side end wing pole sudan timor germany saharan african american asian european indian korean
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)


def _chains(text: str) -> Iterator[Candidate]:
    """A hospital of a chain or an order with the town behind it, homes for the old, quarters of towns."""
    for match in _CHAIN.finditer(text):
        if match["town"] in gazetteers.cities() or names_town(match["town"]):
            yield Candidate(*match.span("place"), "location", 0.85)
    for match in _HOUSE_AT.finditer(text):
        words = match["town"].split(" ")
        if (names_town(match["town"]) or words[0] in _PARTED) and (
            any(map(rarely_else, words)) or _OF_LAND.fullmatch(words[0])
        ):
            yield Candidate(*match.span("place"), "location", 0.82)
    for match in _QUARTER.finditer(text):
        first, last = match["town"], match["last"]
        lower = first.lower()
        if (
            lower in _LARGE
            or (is_stop(lower) and not (last and _OF_LAND.fullmatch(last)))
            or lower in NO_NAMES
            or lower in GENERIC
            or first in _COMPASS
        ):
            continue
        medical = lower in gazetteers.disease_words() or lower in gazetteers.drugs()
        if medical and not (last and _OF_LAND.fullmatch(last)) and first not in gazetteers.cities():
            continue
        head = match["place"].split(" ")[0]
        if head in ("New", "Upper", "Lower", "Little", "Old") and not (
            rarely_else(first) or (last and _OF_LAND.fullmatch(last))
        ):
            continue
        end = match.end("place")
        if last and (is_stop(last) or last.lower() in GENERIC) and not _OF_LAND.fullmatch(last):
            end = match.end("town")
        yield Candidate(match.start("place"), end, "location", 0.84)


_PREPOSITIONS = frozenset(
    ["on", "in", "at", "to", "with", "for", "from", "by", "is", "was", "are", "were", "per", "via", "has", "had", "as"]
)


def find_small_institutions(text: str) -> Iterator[Candidate]:
    """The same in notes and dictation without capitals."""
    known = gazetteers.words()
    for match in _SMALL.finditer(text):
        words = match["name"].split(" ")
        for place in reversed(range(len(words))):
            if words[place] in _PREPOSITIONS:
                del words[: place + 1]
                break
        while words and (words[0] in _SMALL_OPEN or words[0] in _OPENERS):
            words.pop(0)
        apart = [word for word in words if word not in GENERIC and word not in _JOINERS and word not in _OPENERS]
        rest = match["core"].removeprefix("the ")[len(match["name"]) :].split(" ")
        faith = any(word in ("baptist", "methodist", "mercy") for word in (*words, *rest))
        rare = [
            word
            for word in apart
            if not is_stop(word)
            and word not in gazetteers.disease_words()
            and (known.get(word, 0) < 10_000 or word.title() in gazetteers.cities() or word in gazetteers.surnames())
        ]
        town = match["town"]
        told = town and not is_stop(town) and (known.get(town, 0) < 50 or town.title() in gazetteers.cities())
        if not rare and not (faith and told):
            continue
        begin = match.end("name") - len(" ".join(words)) if words else match.end("name") + 1
        yield Candidate(begin, match.end() if told else match.end("core"), "location", 0.72)
