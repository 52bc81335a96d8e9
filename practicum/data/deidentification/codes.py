"""Codes that identify someone: told by the label near them, or by what is left once everything clinical is set aside.

In a note, nearly every word that mixes letters and digits, and every long number, is a measurement, a name of
medicine or an identifier. The first two have forms that are known: what has none of them is the third.
"""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501

import re
from collections.abc import Iterator
from functools import lru_cache

from practicum.config import IdentifierKind
from practicum.data.deidentification import forms
from practicum.data.deidentification.candidates import Candidate

_LABELS: dict[IdentifierKind, str] = {
    "ssn": r"ssn|social|itin|tax[ ]id|social[ ]security|soc\.?[ ]sec\.?|ss\s?\#|tin",
    "mrn": r"""mrn|m\.r\.n\.?|mr(?=\s?[#:])|med(?:ical|\.)?[ ]?rec(?:ord|\.)?s?|charts?|chrt|hosp|h(?=\#)|u(?=\#)
        |hospital(?=[ ](?:no|number|id|\#))|hn|rec(?=\s?\#)|(?:patient|pt)'?s?\.?(?=[ ](?:id|identifier|i\.d|number
        |no\b|\#))
        |unit(?=[ ](?:no|number|\#))|records?|hrn|urn|pid|emrn?|ehr|umrn|epi|pt[ ]?sticker|folder|case[ ]?notes?""",
    "health_plan": r"""plan|member(?:ship)?|policy|subscriber|subs?|insured'?s?|group(?=[ ](?:no|number|id|\#))
    |insurance
        |medicare|medicaid|mbi|hicn?|beneficiary|payer|payor|rxgrp|rxbin|medi-?cal|coverage|hmo|ppo|tricare|insurer
        |blue[ ](?:cross|shield)|aetna|cigna|humana|kaiser|carrier|authorization|auth|nhs
        |(?<!credit[ ])(?<!debit[ ])(?<!bank[ ])card""",
    "account": r"""acc(?:oun)?t|iban|routing|a/c|billing|bill|invoice|guarantor|swift|bank|checking|savings|har|grp
    |group
        |statement|balance|(?:credit|debit|bank)[ ]card|remittance|payment""",
    "licence": r"""licen[sc]e[ds]?|lic|(?<!/)dl|d\.l\.|oln|cdl|dea|npi|upin|certificat(?:e|ion)s?|cert|registration
    |registered
        |permit|credentials?|rn(?=[ ](?:no|number|\#))|gmc|nmc|ahpra|clia|qme|ncpdp|reg(?=\.?[ ](?:no|number|\#))""",
    "vehicle": r"""vin|vehicle|veh|licen[sc]e[ ]plates?|(?:number[ ])?plates?|car|ambulance|truck|suv|sedan|taxi|cab
        |motor(?:cycle|bike)|van|pickup|minivan|tags?|mileage|rego|fleet|medic(?=[ ](?:unit|no))|lorry|trailer
            |bus|tractor|chassis|engine[ ]no""",
    "device": r"""serial|ser|s/n|sn|devices?|udi(?:-di|-pi)?|implant(?:ed)?|imei|pacemaker|(?:insulin[ ])?pump
    |generator|stent
        |valve|lead|prosthes[ie]s|mac|ventilator|monitor|cpap|bipap|icd|aicd|defibrillator|glucometer
        |glucose[ ]meter|meter
        |sensor|transmitter|hearing[ ]aids?|wheelchair|stimulator|catheter|port|shunt|electrode|mesh|graft|machine|unit
        |(?:loop[ ])?recorder|crt-?[dp]|holter|oximeter|concentrator|syringe[ ]driver|driver|nebuli[sz]er|infusor
        |dialy[sz]er
        |processor|implantable|scanner|probe|equipment|apparatus|telemetry|walker|scooter|oxygenator|lvad|cgm
        |reader|cuff|tablet""",
    "biometric": r"""voice[ ]?id|ocular|vein|signature[ ]hash|eye[ ]scan|finger(?:[ ]?prints?)?|thumb(?:[ ]?prints?)?
        |palm(?:[ ]?prints?)?|foot[ ]?prints?|hand[ ]?prints?|retinal?|iris|voice(?:[ ]?prints?)?|biometrics?
        |face[ ]?prints?|facial
        |hand[ ]geometry|palm[ ]vein|face[ ](?:id|template|scan|map)|gait|dna[ ]profile|ear[ ]?print
        |enrol?lment[ ]template
        |live-?scan|keystroke|minutiae|palmar|vascular[ ]pattern|dental[ ](?:chart|print)|lip[ ]?print
            |face(?=[ ]\S{0,3}\d)""",
    "id_number": r"""encounter|enc|accession|acc|specimens?|case|study|subject|participant|employee|badge|shield
    |student|visit
        |passport|order|claim|ticket|ref(?:erence)?|confirmation|barcode|sample|donor|registry|research|enrol?lment
        |military
        |service|tracking|requisition|prescription|script|rx|identifier|id|csn|fin|report|incident|file|trial|screening
        |randomi[sz]ation|document|doc|note|form|referral|request|transaction|session|locker|pin|npdb|unos|cohort
        |slide|block
        |lab|path(?:ology)?|surgical[ ]pathology|cytology|autopsy|complaint|docket|warrant|inmate|booking
        |service[ ]member|dod
        |edipi|username|login|user|i\.d|code|number|signed|accession(?:ed)?|ctrl|control|band|wristband|offer|pcr
        |sheet|exam
        |examination|job|call|run|dispatch|event|log|batch[ ]of|message|msg|workers?'?[ ]comp|wc|voucher|receipt
        |appointment|kit|ubrn|donation|cad|usi|crime|prf|sr(?=\s?[#:])|epcr|guid|uuid|token|asn|mpi|empi|nhi|ihi|staff
        |payroll|roster|parcel|consignment|waybill|courier|cassette|tube|aliquot|bag|blood[ ]unit|tissue|cms[ ]no""",
}
_LABEL = re.compile(
    r"(?<![\w\-])(?:" + "|".join(f"(?P<{kind}>{label})" for kind, label in _LABELS.items()) + r")(?!\w)",
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
_MARK = r"[\s:：\#=~>.,()\[\]\"'|/№^*-]*"
_GAP = re.compile(
    rf"""{_MARK}
    (?:(?:no|nr|num|nbr|number|numbers|id|i\.d|ids|code|record|pattern|signature|vector|feature|features|file
        |asset|tag|enrolment
      |enrollment|reader|biometrics|identification|template|scan|sample|serial|profile
    |image|print
      |hash|key|token|card|policy|plate|pin|certificate|licen[sc]e|account|identifier|unlock|ref)\b{_MARK}){{0,4}}
    (?:(?:is|was|are|of|for|on|in|from|the|a|an|his|her|their|my|our|your|s|kept|stored|saved|filed|listed|recorded
    |logged|as
      |under|reads|reading|ending|ends|to|at|by|with|use[sd]?|using|found|issued|checked|verified|registered
      |provider|patient
      |refunds?|payments?|deposit|copay|owner|state|states|new|current|old|replaced|changed|implanted|placed|and
      |matched|assigned
      |given|quoted|clinic|device|unit|beneficiary|insurance|health|plan|member|group|driver'?s?|medical|pump|lead
      |mailed
      |scanned|submitted|says|swapped|impounded|which|that|out|now|grey|gray|white|black|silver|blue|red
      |[A-Z]{{2}})\b{_MARK}){{0,5}}""",
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
_STRONG_GAP = re.compile(
    r"[:：#=№~]|\b(?:no|nr|num|nbr|number|id|i\.d|code|identification|template)\b", re.IGNORECASE | re.ASCII
)
_SELF = frozenset(
    """
    mrn ssn vin npi dea iban imei udi csn mbi hicn serial s/n acct emr pid plate plates urn hrn oln ctrl chrt oximeter
    holter recorder concentrator subscriber passport badge shield
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
"""Labels after which a code stands without more ado."""
_VAGUE = frozenset(
    """
    unit car van report note form file lab block code number case study visit order service group chart charts plan
    records
    record lead port valve monitor machine mesh graft sensor catheter pump bank tag tags signed voice facial gait
    iris icd
    insurance carrier coverage request policy acc slide user session doc document medicare medicaid registered
    registration
    certificate certification permit sample specimen specimens call run log event exam examination job path band control
    message driver probe cuff meter reader tablet walker processor equipment sheet payment balance bill finger thumb
    palm
    card folder vein sub subs mileage offer screening trial statement grp unit
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
"""Labels that are everyday words as well."""

_TOKEN = re.compile(
    r"""(?<![\w\-./@%+*])(?:\(\d\d\)\s?)?(?=[A-Za-z\d\-_./·]{0,24}\d)
    [A-Za-z\d]+(?:[-_/·.][A-Za-z\d]+)*
    (?:(?<=[A-Z\d])[ ]\d{2,5}(?![\w\-/%]|\.\d))*""",
    re.ASCII | re.VERBOSE,
)
_SPACED = re.compile(
    r"""(?<![\w\-./@%+*])(?:
      (?P<prefix>[A-Z]{1,4}(?:-[A-Z])?)[ ]
        (?:\d{3}[ ]\d\d[ ]\d{4}|\d{4}[ ]\d{4}(?:-\d)?|\d{2,3}-\d{4,6}|(?!\d{5}-\d{4}(?!\d))\d{4,6}-\d{2,6}
            |\d{2,4}-\d{2,4}-\d{2,6}|(?P<short>\d\d-\d\d)|\d{5,12}(?:-\d{1,3})?
        |(?P<few>\d{3}[ ]\d{3}))
      |(?P<groups>[A-Z]\d{3}[ ]\d{4}[ ]\d{4}|[A-Z]\d{4}[ ]\d\d[ ]\d{6}|\d{4}[ ]\d{4}[ ]\d{4}(?![ ]\d)
          |\d{8,10}[ ]\d\d|\d{5,7}[ ]/[ ]\d{3,4}|\d{4}[ ]\d{4}-\d)
      |(?P<plate>[A-Z]{2}[ ]\d{3}-\d\d|\d\d[A-Z][ ][A-Z]{3}|[A-Z]\d\d[ ][A-Z]{3}|\d{4}[ ][A-Z]{2}
        |[A-Z]{2}\d\d[ ][A-Z]{3}|[A-Z]{3}[ ]\d{4}|[A-Z]{3}[ ]\d{3}[A-Z]?|[A-Z]{3}[ ]\d{2}[A-Z]|\d{3}[ ][A-Z]{3})
    )(?![\w%]|[-/.]\d)""",
    re.ASCII | re.VERBOSE,
)
_NO_PREFIX = frozenset(
    """
    SSN MRN ID NO NUM DOB DOS DOA DOD ZIP TEL FAX PH CPT LOT ICD NDC PMID NCT HCPC OMIM CVX DRG ATC CAS EC EXP QTY
    SIG REV VER
    BOX RM ROOM BED APT STE FL UNIT JAN FEB MAR APR MAY JUN JUL AUG SEP SEPT OCT NOV DEC EST PST CST ON AT BY TO OF IN
    THE AND FOR WITH FROM WAS IS VIN NPI DEA MBI IMEI UDI SN CSN IBAN ACCT OLN GMC PIN REG CALL TEXT EXT PCR BP HR RR
    WT HT
    PLT WBC RBC CK CPK BNP RNA DNA VL HCG BHCG AFP CEA PSA CFU HCT LDH AST ALT CRP TSH EBV CMV HBV HCV HIV BK HSV ANC
    ALC ESR
    CD IU MG ML KG MCG TITR CELL COPY USD EUR GBP RS BMI SBP DBP LVEF ALP GGT INR PTT BUN GFR CBG FSBS RPM BPM
    MPH KPH LBS YRS GCS MME ROM KCL BSA LOS POD HOD DOL PIP
    BID TID QID PRN NPO FPL ODG THR TKR
    DL NPI BIN DLP CTDI URN UR HRN NHS CHI NHI EMPI MPI PID LMP EDD ETA ETD HRS MAP TV I/O
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
"""Words before a number that are no part of a code."""
_UNIT_AFTER = re.compile(
    r"""[ \t]?(?:%|mg|mcg|µg|ug|g\b|kg|ml|dl|l\b|mm|cm|m\b|mmol|meq|units?|iu\b|u/|bpm|beats|breaths|kcal|cal
    |cells|copies|(?<![ ])/|x10
    |nm\b|per\b|hours?|hrs?|mins?\b|minutes?|days?|weeks?|wks?|months?|years?|yrs?|yo\b|y/o|times|°|degrees|pounds|lbs?|ft|feet
    |inches|points?
    |platelets|steps|episodes|patients|people|μ|ng|pg|k\b|cfu|(?:viral|plasma)[ ]load|participants|subjects|women
    |men\b|children
    |dollars|usd|hpf|miles?|km\b|×|x[ ]?10|[*][ ]?10|\^\d)""",
    re.IGNORECASE | re.VERBOSE,
)
_DOSE = (
    r"(?:[1-9]\d{0,4}|[1-9]\d*000|0)(?:[.,/\-]\d+)?"
    r"(?:mg|mcg|ug|gm?|kg|ml|cc|l|iu|units?|u|meq|mmol|mm|cm|fr|ga|hz|mhz|kv|kvp|mas?|ms|cgy|gy|mci|kcal|cal|bpm"
    r"|mmhg|cfu|copies|ng|pg)(?:/(?:[mdu]?l|kg|hr?|min|d(?:ay)?|m2|hpf))?"
)
_MEASURED = rf"""NCT\d{{8}}|ISRCTN\d+|PMC\d+|(?-i:rs)\d+|ISO-?\d+|COVID-?\d+|(?:ICD|SNOMED|DSM|LOINC|CPT
    |HCPCS)[\-\dA-Z]*
    |(?:GRCh|hg)\d\d
    # years, dates and spans of them
    |(?:19|20)\d\d|\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:19|20)\d\d|\d{{1,2}}/\d{{1,2}}(?:/\d\d)?|(?:19
    |20)\d\d[-/.]\d{{1,2}}[-/.]\d{{1,2}}
    |(?:19|20)\d\d[-/](?:19|20)?\d\d|(?:19|20)\d\ds
    # measurements, ratios, ranges
    |\d+\.\d+|\d{{1,3}}(?:\.\d{{1,3}}){{3}}|\d{{1,3}}[-/]\d{{1,3}}|\d+(?:\.\d+)?[-/]\d*\.\d+|\d+\.\d+[-/]\d+
    |\d{{1,3}}(?:/\d{{1,3}}){{2,3}}|{_DOSE}(?:[-/.]{_DOSE})*
    |\d{{1,4}}(?:st|nd|rd|th|s|x|h|d|w|y|yo|hr|hrs|am|pm|F|M|C|a|p)|x\d{{1,3}}|v\d+(?:\.\d+)+
    # codes of diseases, vertebrae, leads
    |[A-Z]\d\d(?:\.[\dA-Z]{{1,4}})?|[A-Z]{{1,3}}\d{{1,2}}(?:[-/][A-Z]{{0,2}}\d{{1,2}})*"""
_MEASUREMENT = re.compile(_MEASURED, re.IGNORECASE | re.ASCII | re.VERBOSE)
"""What is no code even behind a label."""
_CLINICAL = re.compile(
    rf"""{_MEASURED}
    |[A-Za-z]+[-_/.]?(?:19|20)\d\d[a-z]?|(?:19|20)\d\d[-_]?[A-Za-z]{{1,4}}|[a-z]{{1,3}}\d{{1,4}}|\d{{1,5}}[a-z]{{1,12}}
    # codes of diseases and services
    |[A-TV-Z]\d[\dA-Z]\.[\dA-Z]{{1,4}}|[A-CEGHJ-MPQRSTV]\d{{4}}|\d{{4}}[FTU]
    # stages, genes, receptors: parts of a few letters and a number below a hundred
    |(?:[A-Z]{{0,5}}\d{{1,2}}[A-Z]{{0,4}}|[A-Z]+)(?:[-/._](?:[A-Z]{{1,5}}\d{{0,2}}[A-Z]{{0,3}}|\d{{1,2}}[A-Z]{{1,3}}))*
    |[ycpr]{{0,3}}T\d[a-d]?(?:is)?N[\dX][a-c]?(?:mi)?(?:M[\dX][a-c]?)?|G\d{{1,2}}P\d{{1,4}}(?:A\d)?
    |C\d+H\d+[A-Z\d]*|H[1-4]?[AKR]\d+(?:me|ac|ph)?\d?|[A-Z]\d{{2,4}}(?:[A-Z*X]|del|ins|dup|fs\w*)|(?:[cgmnpr]\.
    |N[MPRCGTW]_|ENS[GTP]|chr)\S+
    |IL-?\d+\w*|(?:mRNA|BNT|AZD|GSK|PF|BMS|LY|ABT|ABBV|MK|JNJ|TAK|AMG|MEDI|INCB|BAY|PLX|ONO|SAR|REGN|SB|CC|RO|NVP
    |UCB)-?\d{{3,8}}(?:b\d)?
    |10\.\d{{4,}}/\S+|(?:BP|HR|PR|RR|NIBP)\d{{2,3}}(?:/\d{{2,3}})?
    |\d+ml/min/1\.73m2?|\d+L/100km|\d+km""",
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
"""What has a form that medicine gives to measurements and names."""
_PUBLIC = re.compile(
    r"""(?:\b(?:NCT|PMID|PMCID|PMC|doi|ISBN|ISSN|ISRCTN|ICD(?:-\d+)?(?:-[A-Z]+)?|CPT|HCPCS|SNOMED(?:[ ]CT)?|SCTID
    |LOINC|RxNorm|RXCUI|NDC|CFR
    |U\.?S\.?C|ATC|MeSH|UMLS|CUI|lots?|batch|count|load|room|bed|rm|floor|suite|apt|box|page|pages|pp|section
    |guideline|version|firmware|DRG
    |CVX|MVX|ORPHA|ORPHAcode|OMIM|MIM|GRCh\d*|chr|rs|HLA|CD|series|image|kcal|diet|PDB|EC|CAS|GenBank|models?|size
    |part|arXiv|vol(?:ume)?
    |rev(?:enue)?[ ]code|grant|HGNC|ClinVar|table|figure|fig|exon|codon|article|building|highway|route|ext|channel
    |frequency|gate|flight|(?:charge|procedure|service|item|product|revenue|tariff|fee|billing|diagnosis
        |modifier)[ ]codes?|cpt[ ]codes?
    |opcs(?:-4)?|mbs(?:[ ]item)?|pbs|ean|upc|artg|anzsco|read[ ]code|medcin)
    \.?(?:[ ](?:no|number|code|id)\.?)?\s?[\#:=]?\s?\(?)$""",
    re.IGNORECASE | re.VERBOSE,
)
_CATALOGUE = re.compile(r"\b(?:REF|CAT|GTIN)\.?(?: ?(?:no|#))?\s?[:#]?\s?$", re.IGNORECASE)
_LOT = re.compile(r"\bLOT\b", re.IGNORECASE)
_SITE_SUBJECT = re.compile(
    r".{0,14}?\b(?:trial|subject|participant|study|screening|randomi[sz]ation|patient)[ ]?"
    r"(?:(?:no\.?|number|id|\#)[ ]?:?[ ]?|(?<=subject )|(?<=participant ))\d{2,3}-\d{3}$",
    re.IGNORECASE | re.DOTALL,
)
"""A subject of a trial: the number of a site and one of its subjects."""
_PEOPLE_OF_STUDIES = frozenset(["participant", "subject", "donor", "recipient", "volunteer", "enrollee", "enrolee"])
_MEMBER_SUFFIX = re.compile(r" 0\d(?![\w%]|[/.:\-]\d| (?:mg|ml|days?|weeks?|tabs?)\b)")
_HEXADECIMAL = re.compile(
    r"(?:[A-Za-z]+[-_/:])*(?=[a-f]*\d)(?=\d*[a-f])(?=(?:[\da-f]*\d){2})(?=(?:[\da-f]*[a-f]){2})[\da-f]{6,}"
)
_SERVICE = re.compile(r"[A-CEGHJ-MPQRSTV]\d{4}")
"""HCPCS."""
_COMPONENT = re.compile(
    r"\b(?:femoral|tibial|acetabular|humeral|glenoid|implant|fixture|abutment|component|stem|cup|head|liner|insert|screw|plate|graft|mesh|lens|IOL"
    r"|stent|valve|lead|cage|rod|patell\w+|device|prosthesis)(?:[ ]\w+)?,?[ ](?:lot|batch) ?(?:no\.?|number|#)?:? ?$",
    re.IGNORECASE,
)
_RATIOS = re.compile(
    # 0700-1900, 2067/1479, 14/450/PEEP, 120/80-140/90
    r"(?:[01]\d|2[0-4])[0-5]\d-(?:[01]\d|2[0-4])[0-5]\d|\d{1,4}(?:/\d{1,4}){1,2}|[1-9]\d{0,2}(?:/[1-9]\d{0,2}){1,2}/[A-Za-z]+"
    r"|\d{2,3}/\d{2,3}-\d{2,3}/\d{2,3}"
)
"""Hours of a shift, amounts in and out, settings of a ventilator, a range of pressures."""
_RANGE = re.compile(r"(\d+)[-/](\d+)")
_VEHICLE_NEAR = re.compile(
    r"""\b(?:tags?|veh(?:icles?|s)?|cars?|trucks?|vans?|plates?|vin|driv(?:e[snr]?|ing|ers?)|drove|ambulance
    |mileage|odometer|parked|parking|buick|cadillac|dodge|jeep|chrysler|lexus|acura|infiniti|mercedes|tesla|volvo|gmc
    |ram\s1500|pontiac|saturn|lincoln|mercury|mitsubishi|suzuki|peugeot|renault|citro[eë]n|fiat|skoda|seat|opel|saab|mini
    |jaguar|porsche|land[ ]rover|range[ ]rover|camry|corolla|civic|accord|prius|f-?150|silverado|tacoma|outback|crv|cr-v
    |rav4|minivan|wagon|coupe|convertible|dash[ ]?cam|garage|carport|traffic[ ]stop|hit[ -]and[ -]run|mvc|mva
        |rtc|t-?boned|rear-?ended
    |taxi|cab|suv|sedan|pickup|motor(?:cycle|bike)|scooter|towed|impounded|automobile|rig|chassis|registration
    |rego?|hilux|toyota|honda|ford|holden|nissan|mazda|subaru|hyundai|kia|chevrolet|chevy|bmw|audi|volkswagen
        |vauxhall|ute
    |lorry|trailer|caravan|hatchback|bike|bus|tractor|forklift|rover|kenworth|peterbilt|freightliner|equinox
    |ford[ ]ranger|explorer|malibu|altima|sentra|elantra|sonata|tahoe|suburban|impala|tucson|santa[ ]fe|forester
    |impreza|sienna|highlander|4runner|tundra|wrangler|corsa|astra|polo|clio|fiesta|sprinter|seat[ -]?belted
    |dealership|valet|parking|windshield|bumper|airbags?)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PREFIX = re.compile(r"(?<!\w)([A-Z]{1,5}) $")
_NAMED_LINE = re.compile(r"[^\W\d], ?[A-Z][^\n\d]{1,40} ?[/|–—-] ?$|[^\W\d] \($")
_LICENSED = re.compile(
    r"(?:\b(?:MD|DO|RN|rn|LPN|lpn|LVN|NP|FNP|APRN|CRNA|CNM|CNS|PA(?:-C)?|PharmD|RPh|DDS|DMD|DPM|OD|DC|PT|DPT|OT"
    r"|OTR|RT|RRT|SLP|LCSW|LMSW|LMFT|LPC"
    r"|PhD|PsyD|EMT(?:-[A-Z]+)?|NRP|GMC|NMC|FRCS|FRCP|MBBS|MBChB|QME|RD|RDN)|M\.D\.|R\.N\."
    r"|[Mm]idwife [^\n,]{3,40}),? ?\(?(?:#|no\.?|lic\.?)? ?$"
)


def _kind_of(label: re.Match[str]) -> IdentifierKind:
    """Which kind's labels a match of `_LABEL` is one of."""
    return next(kind for kind in _LABELS if label[kind])


def _label_before(text: str, start: int) -> tuple[IdentifierKind, str, bool] | None:
    """The label that the code at `start` stands behind: kind, words, and whether they say that a code follows."""
    end = start
    # A label may stand at the end of the line before.
    while end and text[end - 1] in " \t\n":
        end -= 1
    line = max(text.rfind("\n", 0, end), text.rfind("; ", 0, start), start - 60, -1) + 1
    before = text[line:start]
    for inner in reversed(list(_LABEL.finditer(before))):
        gap = before[inner.end() :]
        if not _GAP.fullmatch(gap):
            continue
        label, strong = inner, _STRONG_GAP.search(gap) is not None
        if label["id_number"]:
            # "Insured's I.D. number", "voice sample kept as": a word before may say more of what it is.
            outer = [o for o in _LABEL.finditer(before, 0, label.start()) if _GAP.fullmatch(before[o.end() :])]
            if outer:
                label, strong = next((o for o in reversed(outer) if not o["id_number"]), outer[-1]), True
        words = label[0].lower()
        return _kind_of(label), words, strong or words in _SELF
    return None


_COLUMNS: dict[IdentifierKind, re.Pattern[str]] = {
    "zip": re.compile(r"\b(?:zip|postal|postcode)", re.IGNORECASE),
    "phone": re.compile(r"\b(?:phone|tel|mobile|cell)", re.IGNORECASE),
    "ssn": re.compile(r"\b(?:ssn|social)", re.IGNORECASE),
}
_CELL = re.compile(r"[^\s|]+(?: [^\s|]+)*")


def _column(text: str, start: int, end: int) -> IdentifierKind | None:
    """What the head of a table's column says of a cell in it."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line = text[line_start : line_end if line_end >= 0 else len(text)]
    mark = next((mark for mark in "|\t;," if line.count(mark) >= 2), None)
    if mark is None and "  " not in line.strip():
        return None
    place = start - line_start
    above = text[max(0, line_start - 3000) : max(0, line_start - 1)].split("\n") if line_start else []
    for head in reversed(above[-40:]):
        if not head.strip():
            break
        if re.search(r"\d{3}", head):
            continue
        if mark is not None:
            if head.count(mark) != line.count(mark):
                continue
            cell = head.split(mark)[line[:place].count(mark)]
        else:
            cell = next(
                (c[0] for c in _CELL.finditer(head) if c.start() < place + end - start + 2 and c.end() > place - 2), ""
            )
        for kind, pattern in _COLUMNS.items():
            if pattern.search(cell):
                return kind
        label = _LABEL.search(cell)
        return None if label is None else _kind_of(label)
    return None


def _kind_by_place(text: str, start: int) -> IdentifierKind:
    """What a code without label is: a record number behind "LAST, FIRST /", a licence behind a degree, or what the
    last word before it names that names such things."""
    before = text[max(0, start - 60) : start]
    if _LICENSED.search(before):
        return "licence"
    if _NAMED_LINE.search(before):
        return "mrn"
    near = before[max(before.rfind("\n"), before.rfind(". "), -1) + 1 :][-45:]
    for label in reversed(list(_LABEL.finditer(near))):
        kind = _kind_of(label)
        if kind != "id_number" and label[0].lower() not in _VAGUE:
            return kind
    return "id_number"


@lru_cache(maxsize=4096)
def _looks_like_code(value: str) -> bool:
    """Whether a word with digits has none of the forms that numbers and names of medicine have."""
    digits = sum(character.isdigit() for character in value)
    if len(value) >= 8 and _HEXADECIMAL.fullmatch(value):
        return True
    if digits < 4 or len(value) < 5 or _CLINICAL.fullmatch(value) or _RATIOS.fullmatch(value):
        return False
    letters = [character for character in value if character.isalpha()]
    parts = re.split(r"[-_/·. ]", value)
    if letters:
        if all(character.islower() for character in letters):
            # "abc12345", "iris_400802", "u8883" are names of accounts and files.
            return digits >= 5 or "_" in value
        return digits >= 5 or (digits >= 4 and len(value) >= 7)
    if len(parts) == 1:
        return digits >= 7 and not value.endswith("000")
    if set(value) & set(".·") or digits < 6:
        return False
    if range_ := _RANGE.fullmatch(value):
        low, high = range_.groups()
        rising = len(low) == len(high) and int(low) < int(high)
        if not value.startswith("0") and (rising or low.endswith("00") or high.endswith("00")):
            return False
        return (digits >= 7 and min(len(low), len(high)) >= 2) or max(len(low), len(high)) >= 7
    return True


def _is_plate(value: str) -> bool:
    """Whether a word may be a vehicle's plate: short, in capitals, of letters and digits."""
    signs = [character for character in value if character.isalnum()]
    digits = sum(character.isdigit() for character in signs)
    return (
        5 <= len(signs) <= 8
        and 2 <= digits < len(signs)
        and value.isupper()
        and not re.fullmatch(
            r"[A-Z]\d{2,4}[A-Z]|(?:PCV|PPS?V|HPV|MEN|UN|CMS|HUM|MCSA|ACC)-?\d+|A0\d{3}(?:-?[A-Z]{2})?|M[12]\d{3}", value
        )
        and re.fullmatch(
            r"\d{1,4}[A-Z]{2,4}\d{0,4}|[A-Z]{1,4}\d{2,4}[A-Z]{0,3}|\d[A-Z]{2}\d[A-Z]{2}|[A-Z]{3}\d[A-Z]\d{2}"
            r"|\d[A-Z]\d{3}[A-Z]|[A-Z]{2}\d[A-Z]\d{2,3}|[A-Z]\d[A-Z]\d{3}|\d[A-Z]{2}[A-Z\d]\d{2}|\d{2}[A-Z]\d{3}",
            "".join(signs),
        )
        is not None
    )


def _vehicle_near(text: str, start: int, end: int) -> bool:
    return _VEHICLE_NEAR.search(text, max(0, start - 50), min(len(text), end + 25)) is not None


_PLATE_BEHIND = re.compile(
    r"\b(?i:plates?|tags?|reg(?:istration)?)(?i:[ ]on[ ]file|[ ](?:no|number|is|was|reads?))?\.?:?[ ]"
    r"(?P<told>(?:[A-Z]{1,3}[ ]){1,2}\d{3,6})(?!\w)"
    r"|(?<![\w-])(?!(?:CD|PO|GP|MVC|BP|SpO)\d? ?)(?P<near>(?=[A-Z\d]* ?[A-Z\d]*\d)(?=[\d ]{0,8}[A-Z])(?![A-Z]{3} \d{3})(?!\d{3} [A-Z]{3})"
    r"[A-Z\d]{3} [A-Z\d]{3}|\d{4} [A-Z]{3}|[A-Z]{4} \d{3}|[A-Z]{2} \d{3}-?\d{3}|[A-Z]{1,3}-[A-Z]{1,2} \d{1,4}|[A-Z]{2}-\d{3}-[A-Z]{2}"
    r"|[A-Z]{2} \d{3} [A-Z]{2}|[A-Z]{3} \d{3,4} [A-Z]|[A-Z]{3} \d{2,3} [A-Z]{2}|\d{2,3}-[A-Z]{1,3}-\d{1,6}|\d{2} ?[A-Z]-\d{3,5}|[A-Z]{2} ?\d{2} ?[A-Z]{1,2} ?\d{4})(?![\w-])"
    r"|(?P<state>\b[A-Z]{1,3}(?:[ ][A-Z])?[ ]?\d{3,6})(?=[ ]\([A-Z]{2}\))"
)
"""Letters and digits in words of their own: plate DL W 43863; YT 87554 (OH)."""


_NO_PLATE = re.compile(r" (?:IU|MG|ML|MM|CM|KG|GMC|NMC)$|^(?:ST|CT|FY)\d ")
"""Doses, and grades of doctors before their register."""


def find_spaced_plates(text: str) -> Iterator[Candidate]:
    """Plates whose letters stand apart, behind what says so or before a state in brackets beside a vehicle."""
    for match in _PLATE_BEHIND.finditer(text):
        if match["told"] or (not _NO_PLATE.search(match[0]) and _vehicle_near(text, match.start(), match.end())):
            yield Candidate(*match.span(match.lastgroup or "told"), "vehicle", 0.91)


_NAMED_CODE = re.compile(
    r"""
    \b(?:user(?:name|[ ]?id)|login|log-?in|handle|account[ ]name|screen[ ]name)[ ]?(?:id|name|is
    |as)?[ ]?[:=]?[ ](?P<user>(?=[a-z._-]*\d)[a-z][a-z\d._-]{3,19})(?![\w@])
    |\b(?:army|navy|air[ ]force|raf|military|force|regimental|service|prison|inmate|offender|badge|collar|warrant
    |staff|study|subject|participant|donor|sample|specimen|lab|kit|aliquot|biobank|registry)[ ]?
      (?:no|nr|number|num|code|id
      |\#)\b\.?[ ]?[:\#]?[ ](?P<short>(?=[A-Za-z\-]*\d)[A-Z\d]{1,6}(?:[-:/.][A-Z\d]{1,8})+|[A-Z]{1,5}-?\d{2,}
      |\d{4,}(?:-\d{2,})*)(?![\w%]|[-./]\d)
    |\b(?:cart|pump|driver|ventilator|monitor|concentrator|hoist|walker|wheelchair|bed|mattress|defib\w*|scanner|machine|robot
      |console|laser|cpap|bipap|camera|thermometer|oximeter|glucometer|meter|scale|chair|lift)(?:[ ][A-Z][\w-]*){0,3}[ ](?:no\.?[ ]?|number[ ]|nr\.?[ ]|asset[ ]|\#[ ]?)
      (?P<machine>(?=[A-Z-]*\d)[A-Z\d]{2,}(?:-[A-Z\d]+)*|\d{2,})(?![\w%]|[.:/-]\d)
    |\b(?:DIN|donation|unit)[ ]?(?:no|number|id
    |\#)?\.?[ ]?[:=]?[ ](?P<blood>[A-Z]\d{4}[ ]\d{2}[ ]\d{6}(?:[ ]\d{2})?)(?!\w)
    |\b(?:tech|operator|agent|clerk|verifier|cashier|dispatcher|phlebotomist|collector)[ ]?(?:no\.?|id
        |\#)?:?[ ](?P<who>\d{4,7})(?![\w%/]|[.:-]\d)
    |\bno\.[ ](?P<docket>\d\d[ ]?[A-Z]{1,3}[ ]?\d{4,6})(?!\w)
    |\blab[ ](?:id|no\.?|number)[ ]?:?[ ]?(?P<lab>\d{0,3}:?[A-Z]{1,3}:[A-Z\d]{3,})(?!\w)
    """,
    re.IGNORECASE | re.VERBOSE,
)


def find_named_codes(text: str) -> Iterator[Candidate]:
    """Names of users, and short numbers of subjects, soldiers, samples and donations behind "no." or "id"."""
    for match in _NAMED_CODE.finditer(text):
        group = match.lastgroup or "short"
        measured = _MEASUREMENT.fullmatch(match[group]) and "-" not in match[group]
        if group in ("user", "blood", "machine") or not (measured or re.fullmatch(r"(?:19|20)\d\d", match[group])):
            kind: IdentifierKind = "device" if group == "machine" else "id_number"
            yield Candidate(*match.span(group), kind, 0.9 if group == "docket" else 0.79)


_ENDING = re.compile(
    r"""(?P<label>\b(?:mrn|ssn|social|acc(?:oun)?t|card|member|policy|number|id|chart|record|licen[sc]e|plate
    |serial|vin|phone|cell)\b
    [^.;\n\d]{0,20}?)\b(?:end(?:s|ing|ed)?(?:[ ](?:in|with))?|last[ ](?:four|4|three|3|five|5|six
    |6)(?:[ ]digits?)?(?:[ ]on[ ](?:file|record|the[ ](?:card|chart|account)))?(?:[ ](?:is|are|of))?
    |(?:begin|start)(?:s|ning|ing)?[ ]with)[\s:=\#]*(?P<value>[x*.…]*-?(?=[A-Z\d\-]*\d)[A-Z\d]+(?:-[A-Z\d]+)*)(?!\w)""",
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)


_EXTENSION = r"\.(?:jpe?g|jfif|png|tiff?|heic|heif|bmp|gif|webp|raw|cr2|nef|dng|dcm|mp4|mov|avi)(?![\w])"
_TO_FILE = rf"(?:[\w()]+[ ]){{1,5}}\(?[A-Za-z_\-]{{2,}}\d{{2,}}[\w\-]*{_EXTENSION}"
"""Words before a file whose name is whole without them."""
_BLANK_FILE = re.compile(
    rf"""\b(?:attach(?:ed|ment)|upload(?:ed|s)?|sent|photos?|photographs?|images?|pictures?|files?|snaps?|stills?|clips?
    |videos?|see|scans?|saved[ ]as|named)\b[ ]?(?:file|as|here|is)?[ ]?:?[ ]
    (?P<file>(?:[\w()\-&']+[ ]){{1,5}}[\w()\-]+{_EXTENSION})
    |(?P<phone>\b(?!{_TO_FILE})(?:whatsapp|signal|telegram|viber|facetime|screen[ ]?shot|image|photo|picture|img
    |scan|video|idphoto|pic)[ ](?:[\w()\-.,]+[ ]){{0,5}}?[\w().\-]*[\w)]{_EXTENSION})
    |(?:^|[\n:,;>(|"'“]|[ ]and\b|[ ]&)[ ]?(?P<whole>(?!{_TO_FILE})
    (?!(?:and|also|on|see|saved|as|in|the|file|files|attached|uploaded)\b)
    \w+(?:[ ][\w()\-]+){{1,4}}{_EXTENSION})
    |(?P<marks>(?<![\w])[\w\-.:]*\([\w ]{{1,8}}\)[\w\-]*{_EXTENSION}
    |(?<![\w:])[A-Za-z]+[\w\-]*(?::[\w\-]+){{1,4}}{_EXTENSION})
    |\b(?:photo(?:graph)?s?|passport|picture|face|id[ ]card|portrait|headshot|mugshot|image)\b[^.;\n]{{0,30}}?
    (?P<page>(?<![\w])[\w\-()]+\.pdf)(?![\w])""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
_PICTURE = re.compile(
    r"""\b(?:photo(?:graph)?s?|pictures?|pics?|images?|stills?|frames?|mugshots?|snapshots?|portraits?
        |headshots?|screenshots?
    |wound[ ](?:photo|picture|image)s?|(?:medical|clinical)[ ]photography|(?:video|cctv|bodycam)(?:[ ](?:still
        |frame|clip|footage))?)
    \s?(?:(?P<said>(?:file|id|ref(?:erence)?|no|number|num|code|catalogue|index|\#)\.?\s?[:\#]?\s?)+|:\s?)
    (?P<value>(?=[\w/\-.]*\d)[A-Z\d]+(?:[-_/.][A-Z\d]+)*)(?![\w%]|\s?(?:mm|cm|sec|fps|days?|weeks?))""",
    re.IGNORECASE | re.VERBOSE,
)

_BODY_MARK = re.compile(
    r"""
    (?:(?P<sure>\b(?:(?:finger|thumb|palm|hand|foot|voice|face|ear|lip|tongue|toe|sole|heel)[ -]?prints?(?:ing)?
    |prints?(?=[ ]?(?:id|no|ref|card|set|record|\#|\())
      |dactyl\w*|minutiae|i?afis|ngi\b|biometrics?|bio-?id|voice[ ]?(?:id|biometrics?|template|signature|key
          |diary|match|file)
      |speaker[ ](?:verification|recognition|model|id)
      |(?:iris|retinal?|ocular|sclera|eye)[ -]?(?:scans?|codes?|templates?|id|patterns?|images?|maps?|hash|prints?
      |recognition|records?|enrol\w*|login|log-?in|biometrics?)
      |(?:palm|finger|hand|vascular|dorsal)[ -]?veins?|hand[ ]?(?:geometry|scans?)|palm[ ]?scans?
      |finger[ ]?(?:scans?|templates?)|thumb[ ]?(?:scans?|impressions?|marks?|templates?)
      |(?:face|facial)[ -]?(?:recognition|id|templates?|embeddings?|maps?|geometry|scans?|vectors?|biometrics?
      |match|hash|encodings?|prints?)
      |gait[ ](?:signature|profile|template|biometrics?|id|recognition)|(?:typing|keystroke)[ ](?:rhythm|dynamics
      |profile)|signature[ ]dynamics
      |dna[ ](?:profile|fingerprint|type|typing|id|print|str)|str[ ]profile|(?:ear|dental|lip|tongue
      |vein)[ ](?:biometrics?|scans?|templates?|patterns?|id)
      |henry[ ]class(?:ification)?|live[ -]?scans?|enrol?lment[ ](?:template|print))\b)
    |(?P<weak>\b(?:finger|thumb|iris|retinal?|voice|palm|gait|facial|face)\b))
    (?P<gap>[^\n\d;]{0,60}?(?:\n[ \t]*)?)
    (?P<value>(?<![A-Za-z\d])
      (?:(?!(?:ID|NO|REF|SN|OD|OS|OU|IS|ON|OF|AT|IN)\b)[A-Z]{1,4}[ ](?=\d[\d\-./ ]{2,}))?
      (?=[A-Za-z\d\-_:.#/+=*]*\d)[A-Za-z\d]+(?:[-_:.\#/+=][A-Za-z\d]+)*(?:[ ]\d{2,6}(?:-[A-Za-z\d]+)*(?![\w%]
      |[./]\d)){0,4})(?![\w%]|[-/:]\d)
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""A word for a part of the body by which machines know people, and the first code after it."""
_BODY_GAP = re.compile(
    r"(?:[\s:=\#(\[|\"'>~*.,/-]|\([A-Za-z\d-]{1,12}\)|\b(?:id|no|nr|number|ref(?:erence)?|code|key|hash|template"
    r"|record|card|sheet|token|file|image|scan|sample|print|prints|set|set(?=s)"
    r"|pattern|vector|profile|class|entry|enrol?l?(?:ment|ed|led)?|stored|saved|kept|filed|held|registered|captured"
    r"|taken|recorded|logged|verified|matched|confirmed|checked|used|identified|as|under|with|by|in|on|is"
    r"|was|are|were|of|for|from|the|a|an|his|her|their|pt|pt's|patient|patient's|left|right|both|l|r|index|middle"
    r"|ring|little|thumb|finger|eye|eyes|serial|user|identifier|data|system|scanner|reader|registry|consent"
    r"|palm|vein|veins|hand|face|facial|retinal?|speaker|gait|fingerprint|enrol?lment|device|study|live|scans|kiosk"
    r"|unlock|access|clock|time|door|security|app|phone|tablet|new|old|current|first|second|per|no\.|file|series|pair|mark"
    r"|login|verification|recognition|model|impression|form|database|via|to|and|at|sha|md5|biometrics?|iris|sign-in"
    r"|signature|match|voice)\b){0,14}",
    re.IGNORECASE,
)
_BODY_STRONG = re.compile(
    r"[:=\#№]|\b(?:id|no|nr|number|ref(?:erence)?|code|key|hash|template|record|card|token|enrol\w*|print|scan|file"
    r"|stored|saved|kept|pattern)\b",
    re.IGNORECASE,
)
_HENRY = re.compile(
    r"\bhenry(?:'s)?[ ](?:class(?:ification)?|formula)\W{0,3}(?P<value>\d{1,2}(?:[ ][A-Z\d]{1,4}){2,8})", re.IGNORECASE
)


def find_body_marks(text: str) -> Iterator[Candidate]:
    """Templates, hashes and record numbers of fingers, eyes, faces, voices and gaits."""
    for match in _HENRY.finditer(text):
        yield Candidate(*match.span("value"), "biometric", 0.93)
    for match in _BODY_MARK.finditer(text):
        gap, value = match["gap"], match["value"]
        if not _BODY_GAP.fullmatch(gap) or (match["weak"] and not _BODY_STRONG.search(gap)):
            continue
        digits = sum(character.isdigit() for character in value)
        mixed = digits < len(re.sub(r"[\W_]", "", value))
        least = 2 if mixed and len(value) >= 4 else 4
        if digits < least or _MEASUREMENT.fullmatch(value) or _UNIT_AFTER.match(text, match.end()):
            continue
        start, end = match.span("value")
        yield Candidate(start, end, "biometric", 0.93 if mixed or match["sure"] else 0.86)
        # "thumb TH-5512, iris IR-5513; R2-661 and R3-662": those that follow in the list.
        while more := _BODY_MORE.match(text, end):
            yield Candidate(*more.span("value"), "biometric", 0.9)
            end = more.end()


_BODY_MORE = re.compile(
    r"(?:,|;|/|[ ]and"
    r"|[ ]&)[ ](?:and[ ])?(?:\w+[ ]){0,2}(?P<value>(?=[A-Za-z\-_]*\d[\w\-]*\d\d)"
    r"(?=[\w\-]*[A-Z-])[A-Z\d]+(?:[-_/.][A-Za-z\d]+)+)(?![\w%]|[./-]\d)"
)

_NUMBERED_PICTURE = re.compile(
    r"""
    (?:(?P<surely>\b(?:(?:full[- ]?)?fac(?:e|ial)|wound|clinical|medical|passport|badge|id(?:[ ]card)?|derm\w*
    |portrait|orthodontic|intra-?op\w*|cctv)[ ]
        (?:photo(?:graph\w*|s)?(?:[ ](?:series|image|documentation))?|pictures?|pics?|images?|stills?)
      |photo(?:graph(?:s|y|\(s\)|ic[ ]image)?|s|\(s\))?(?:[ ](?:series|documentation|catalogue|file|archive|record
      |card|number))?|mug-?shots?|head-?shots?|selfies?|portraits?|snap-?shots?|snaps?|avatars?)
    |\b(?:images?|img\b\.?|pictures?|pics?|frames?|stills?|media|video)\b)
    (?P<gap>(?:[ ]|[:\#=>(\[,.|-]|->|\b(?:id|no|nr|num|number|ref(?:erence)?|file|code|index|saved|stored|filed
    |held|kept|taken|named|label+ed|as|is|was|of|the|with|pt|patient|face|on|signed|consent|for|image|photo|series
      |(?P<said>(?:id|no|nr|num|number|ref(?:erence)?|code|catalogue|file|index)\b\.?[ ]?[:\#]?|[:\#])|img|in
      |number|pacs|attached|see)\b){0,10}?)
    (?<![\w.])(?P<value>(?:(?!(?:ID|NO|REF|OF|IN|ON|AT|IS|THE|AND|FOR|WITH|FROM|ITEM|VIA|TO|CALL|LINK|BY|CT|MR|XR|US|DLP|CTDI|TE|TR|TI|KVP
        |MAS)\b)[A-Z]{2,4}[ ](?=\d{2,}))?
      (?=[\w\-./]*\d)[A-Za-z\d]+(?:[-_./][A-Za-z\d]+)*(?:[ ]\d{3,4}(?!\d|[ ]?[a-z]))*)(?![\w%]|\.\w|[-/]\d)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_MORE_PICTURES = re.compile(
    r"(?:,|;|[ ]and|[ ]&"
    r"|[ ]to)[ ](?P<value>(?=[A-Za-z\-_]*\d)(?=\d*[A-Z_-])[A-Z\d]+(?:[-_/.][A-Za-z\d]+)*\d)(?![\w%]|\.\w)"
)


def find_pictures(text: str) -> Iterator[Candidate]:
    """Picture files whose names have blanks, and pictures behind a label that says that a number follows."""
    if "." in text:
        for match in _BLANK_FILE.finditer(text):
            yield Candidate(*match.span(match.lastgroup or "file"), "photo", 0.94)
    for match in _NUMBERED_PICTURE.finditer(text):
        value, said = match["value"], match["said"]
        digits = sum(character.isdigit() for character in value)
        letters = any(map(str.isalpha, value))
        if (
            (not said and not (letters and digits >= 2) and not (match["surely"] and digits >= 4))
            or (said and digits < (2 if letters else 3))
            or _MEASUREMENT.fullmatch(value)
            or _UNIT_AFTER.match(text, match.end())
            or (text.startswith((" of ", " x ", " to "), match.end()) and not letters)
        ):
            continue
        end = match.end("value")
        yield Candidate(match.start("value"), end, "photo", 0.91)
        while more := _MORE_PICTURES.match(text, end):
            yield Candidate(*more.span("value"), "photo", 0.9)
            end = more.end()
    for match in _PICTURE.finditer(text):
        digits = sum(character.isdigit() for character in match["value"])
        if not match["said"] and text.startswith(" of ", match.end()):
            continue
        if digits >= (3 if match["said"] else 4) and not _MEASUREMENT.fullmatch(match["value"]):
            yield Candidate(match.start("value"), match.end("value"), "photo", 0.9)


def find_spaced(text: str) -> Iterator[Candidate]:
    """Codes whose groups stand apart, such as "ZTM 96-80148" or "7901 4079-8", and pictures."""
    yield from find_pictures(text)
    yield from find_body_marks(text)
    yield from find_named_codes(text)
    yield from find_spaced_plates(text)
    yield from forms.find_forms(text)
    for match in _SPACED.finditer(text):
        start, end = match.span()
        prefix = match["prefix"]
        if prefix and (prefix in _NO_PREFIX or (_CATALOGUE.match(prefix) and _LOT.search(text))):
            continue
        if _PUBLIC.search(text[max(0, start - 24) : start]) or _UNIT_AFTER.match(text, end):
            continue
        vehicle = match["plate"] or match["short"]
        if vehicle:
            if not _NO_PREFIX.intersection(match[0].split(" ")) and _vehicle_near(text, start, end):
                yield Candidate(start, end, "vehicle", 0.9)
            continue
        digits = sum(character.isdigit() for character in match[0])
        label = _label_before(text, start)
        if label is not None:
            if digits >= 6 or (label[2] and not match["few"]):
                yield Candidate(start, end, label[0], 0.92)
        elif digits >= 6 and not match["few"]:
            yield Candidate(start, end, _column(text, start, end) or _kind_by_place(text, start), 0.88)


def find_labelled(text: str) -> Iterator[Candidate]:
    """Numbers and codes behind a label that says what they are, and those whose look says that they are codes."""
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        value = match[0]
        first, *groups = value.split(" ")
        # "D744 4386 1378" is one number, "MRN 12345 45 year old" none.
        suffix = _MEMBER_SUFFIX.match(text, start + len(first)) if len(first) >= 8 else None
        if suffix:
            # "U94627543 04": who of the family it is.
            value, end = first, suffix.end()
        elif groups and not (
            len(first) <= 4
            and all(len(group) >= 3 for group in groups[:-1])
            and len(groups[-1]) >= 2
            and (len(groups) > 1 or len(groups[0]) >= 3)
        ):
            value, end = first, start + len(first)
        elif groups and (len(groups) == 1 or first.isdigit()) and _label_before(text, start) is None:
            # "CD4 788", "B12 523", "2 2017 0628"
            value, end = first, start + len(first)
        digits = sum(character.isdigit() for character in value)
        if digits < 2 or len(value) < 4:
            continue
        if (value.isdigit() and _UNIT_AFTER.match(text, end)) or re.match(r"[.,]\d", text[end : end + 2]):
            continue
        public = _PUBLIC.search(text[max(0, start - 24) : start])
        # A bed has a number of a few digits; a longer code behind it is the bed's own, as a device's.
        if public and _COMPONENT.search(text, max(0, start - 50), start) and digits >= 4:
            yield Candidate(start, end, "device", 0.9)
            continue
        if public and not (digits >= 5 and public[0][:3].lower() == "bed" and any(map(str.isalpha, value))):
            continue
        if _CATALOGUE.search(text[max(0, start - 12) : start]) and _LOT.search(text):
            continue
        if _is_plate(value) and not value.startswith("ICD") and _vehicle_near(text, start, end):
            yield Candidate(start, end, "vehicle", 0.9)
            continue
        label = (
            None
            if digits < (2 if len(value) >= 8 or (len(value) >= 6 and value.isupper()) else 3)
            or (_MEASUREMENT.fullmatch(value) and not _SITE_SUBJECT.match(text, max(0, start - 24), end))
            else _label_before(text, start)
        )
        if label is not None:
            found = _labelled(text, start, end, value, digits, label)
            if found is not None:
                yield found
                continue
        found = _unlabelled(text, start, end, value, digits)
        if found is not None:
            yield found


_LAST_FOUR = re.compile(
    r"\b(?:last|[úu]ltimos)[ ]?(?:four|4|cuatro)(?:[ ]digits?|[ ]d[ií]gitos)?(?:[ ]ss[n#]?\b)?(?:[ ](?:of|on)(?:[ ](?:the|your"
    r"|his|her|my))?[ ](?:ssn|social(?:[ ]security)?(?:[ ]number)?))?"
    r"[\s:=#.?,-]{1,12}(?<![\w-])(?P<digits>\d{4})(?![\w%/]|[-.:]\d)"
    # Asked for on one line, told on the next.
    r"|\blast[ ](?:four|4)\b[^\n.]{0,30}\b(?:ssn"
    r"|social)\b[^\n\d]{0,24}\n[^\n]{0,60}?(?<![\d/.-])(?P<told>\d{4})(?![\w%/]|[-.:/]\d)",
    re.IGNORECASE,
)
_BRITISH_LICENCE = re.compile(
    r"(?<![\w-])(?=[A-Z]{2})[A-Z9]{5}[ ]?\d(?:0[1-9]|1[0-2]|5[1-9]"
    r"|6[0-2])(?:0[1-9]|[12]\d|3[01])\d[ ]?[A-Z][A-Z9][ ]?\d[A-Z]{2}(?!\w)"
    r"|\b(?:driver|driving[ ]licen[sc]e)(?:[ ](?:no\.?|number))[:# ]{1,2}(?P<said>[A-Z9]{5}[ ]\d{6}[ ][A-Z\d]{5})(?!\w)"
)
"""The driver number of the United Kingdom: five letters, a birthday with the decade before it, initials."""
_MORE_FORMS = re.compile(
    r"(?<![\w-])(?P<mrn>(?:MR|CH|PT)[- ]?\d\d-\d\d-\d\d)(?![\w-])"
    r"|(?<![\w.])(?P<nic>(?=[\da-f.]*[a-f])[\da-f]{4}\.[\da-f]{4}\.[\da-f]{4})(?!\w|\.\w)"
    r"|\b(?i:acc(?:oun)?t)\.?[ :#]{1,2}(?P<state>\d{3},\d{3}-\d\d)(?!\d)"
    r"|(?P<masked>(?<![\w*])\*{3,}\d{4}(?!\d))"
    r"|\b(?i:mrn|mr|med rec|medical record)\b[ .:#-]{0,16}(?P<parted>\d{5,7} \d\d)(?![\w-]|[ /.]\d)"
    r"|(?<![\w-])(?P<parcel>1Z(?: ?[A-Z\d]{2,4}){4,6}(?<=\d))(?!\w)"
    r"|(?<![\w-])(?P<member>[A-Z]-?\d{3,4} \d{3} \d{2,3})(?![\w-]| \d)"
    r"|(?<![\w\\])(?P<login>[A-Za-z][A-Za-z\d]{1,12}\\[A-Za-z][\w.]*\d[\w.]*)(?!\w)"
    r"|\bbiometric\w*\"?\s*[:=]\s*\"?(?P<body>(?=[\w-]*\d)[\w-]{4,})|\b(?P<face>(?:f(?:ace)?id|(?:face|iris|fp|finger|voice|palm)_?(?:tmpl|template))[:_][\da-f]{6,})(?!\w)"
    r"|\b(?i:users?|reporter|printed by|login|uid)\"?\s?[=:]\s?\"?(?P<user>[A-Za-z]{1,10}[-_]?\d{2,6})(?![\w-])"
    r"|(?<![\w-])(?P<serial>\d[A-Z]\d{5} \d\d)(?![\w.])"
    r"|(?<![\w.,-])(?P<groups>\d{1,7}(?: \d{2,7}){3,})(?![\w.,%-]| ?(?:mg|ml|%))"
)
_LONG_GROUP = 5
_FORM_DIGITS = 13
"""Digits from which groups of them are one number, if one group has five."""
_FORM_KINDS: dict[str, IdentifierKind] = {
    "mrn": "mrn",
    "nic": "device",
    "state": "account",
    "masked": "account",
    "parted": "mrn",
    "parcel": "id_number",
    "member": "health_plan",
    "login": "id_number",
    "body": "biometric",
    "face": "biometric",
    "user": "id_number",
    "serial": "device",
    "groups": "id_number",
}
_LAST_OF = re.compile(
    r"\b(?:last|final|first)[ ](?:four|4|five|5|six|6)(?:[ ]digits)?[ ]?(?:of|on"
    r"|for)\b[^.\d]{0,40}?(?P<label>\b(?:social|ssn|card|account|acct|phone|number|licen[sc]e|id"
    r"|mrn)\b)"
    r"[^\d]{0,30}?(?<![\w-])(?P<value>\d{4,6})(?![\w%/]|[-.:]\d)"
    r"|(?P<said>\b(?:social|ssn|card|account|acct|mrn)\b)[^.\n\d]{0,30}?\b(?:last|final)[ ](?:four|4"
    r"|five|5|six|6)\b[^.\n\d]{0,30}?(?P<digits>\d{4,6})(?![\w%/]|[-.:]\d)",
    re.IGNORECASE,
)
"""The last digits of a number, asked for and told."""


def find_endings(text: str) -> Iterator[Candidate]:
    """The last digits of a code, or its first, where the text says that they are; driver numbers of Britain."""
    for match in _LAST_FOUR.finditer(text):
        yield Candidate(*match.span("digits" if match["digits"] else "told"), "ssn", 0.79)
    for match in _MORE_FORMS.finditer(text):
        group = match.lastgroup or "mrn"
        groups = match[group].split()
        if group == "groups" and (sum(map(len, groups)) < _FORM_DIGITS or max(map(len, groups)) < _LONG_GROUP):
            continue
        yield Candidate(*match.span(group), _FORM_KINDS[group], 0.9)
    for match in _BRITISH_LICENCE.finditer(text):
        yield Candidate(*match.span("said" if match["said"] else 0), "licence", 0.9)
    for match in _LAST_OF.finditer(text):
        word = (match["label"] or match["said"]).lower()
        of_label: IdentifierKind = "ssn" if word in ("social", "ssn") else "mrn" if word == "mrn" else "account"
        yield Candidate(*match.span("value" if match["value"] else "digits"), of_label, 0.8)
    for match in _ENDING.finditer(text):
        label_match = _LABEL.search(match["label"])
        ending: IdentifierKind = "id_number" if label_match is None else next(k for k in _LABELS if label_match[k])
        if label_match is None and re.search(r"phone|cell", match["label"], re.IGNORECASE):
            ending = "phone"
        if sum(character.isdigit() for character in match["value"]) >= 2:
            yield Candidate(match.start("value"), match.end("value"), ending, 0.8)


def _unlabelled(text: str, start: int, end: int, value: str, digits: int) -> Candidate | None:
    """A code that its look, the marks around it or its column give away."""
    marked = (digits >= 4 and text[start - 1 : start] == "#") or (
        digits >= 5
        and not _CLINICAL.fullmatch(value)
        and re.search(r"[|/\[] ?$", text[max(0, start - 2) : start])
        and re.match(r" ?[|/\])]", text[end : end + 2])
    )
    if (marked or _looks_like_code(value)) and not re.fullmatch(r"\d{3}[-.]\d{4}", value):
        # Letters and digits together are hardly anything else; digits alone may be a telephone number.
        score = 0.45 if value.replace("-", "").isdigit() else 0.76
        return Candidate(start, end, _column(text, start, end) or _kind_by_place(text, start), score)
    if digits >= 3 and not _CLINICAL.fullmatch(value):
        kind = _column(text, start, end)
        if kind in ("ssn", "mrn", "licence", "zip", "phone"):
            return Candidate(start, end, kind, 0.45)
    return None


def _labelled(
    text: str, start: int, end: int, value: str, digits: int, label: tuple[IdentifierKind, str, bool]
) -> Candidate | None:
    """The code behind a label, if it has digits enough for how much the label says."""
    kind, words, strong = label
    if strong:
        least = 2 if len(value) >= 8 else 3
    elif words not in _VAGUE or not value.isdigit():
        least = 3 if len(value) >= 8 else 4
    else:
        least = 6
    mixed = any(c.isupper() for c in value) or value.isdigit() or "-" in value or digits >= 4
    if strong and kind == "id_number" and len(value) >= 6 and value.isupper() and digits < len(value):
        least = min(least, 2)
    if kind == "id_number" and "-" in value and value[0].isupper() and words in _PEOPLE_OF_STUDIES:
        least = min(least, 3)
    if kind == "biometric" and re.search(r"[A-Za-z]", value) and re.search(r"[-_.:/]", value):
        # "EP-118" behind "ear print": nothing measured of a print or a voice has this form.
        least = min(least, 3)
    said = kind == "device" and value.isupper() and not value.isdigit()
    if said and re.search(r"\b(?:says|reads?|is|shows)\W{1,3}$", text[max(0, start - 9) : start]):
        least = min(least, 3)
    if digits < least or not mixed:
        return None
    if kind == "id_number" and words in ("trial", "study") and re.fullmatch(r"[A-Z]{4,}[- ]\d{1,3}", value):
        return None
    if kind == "device" and _SERVICE.fullmatch(value) and not strong:
        return None
    if kind == "health_plan" and re.fullmatch(r"\d{1,2}(?:\.\d{1,2}){1,2}", value):
        return None
    if kind == "vehicle" and value.isdigit() and not strong:
        return None
    prefix = _PREFIX.search(text, max(0, start - 7), start)
    if (
        prefix
        and (words in _VAGUE or not _LABEL.fullmatch(prefix[1]))
        and value[0].isdigit()
        and _label_before(text, prefix.start(1))
    ):
        start = prefix.start(1)
    return Candidate(start, end, kind, 0.91 if strong else 0.8)
