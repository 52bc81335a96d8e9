"""Codes of public vocabularies, which stand for things and identify nobody: of tests, services, specialties, genes,
tumours and programs' errors. Their forms are fixed by whoever publishes them."""

import re
from collections.abc import Iterator

from practicum.data.deidentification.candidates import Candidate

_FORMS = re.compile(
    r"""\d{3}[A-Z][A-Z\d]{5}X                                # health care provider taxonomy (NUCC)
    |(?:1?\d|2[0-2]|[XY])[pq]\d{1,2}(?:\.\d{1,2})?           # bands of chromosomes (ISCN)
    |M[-\s]?[89]\d{3}\d?/[0123569]\d?                        # morphology of tumours (ICD-O-3)
    |\d\d\.\d{4}x\d{3}                                      # operations (ICD-9-CM-3, as China's insurers use it)
    |\d{5}-(?:2[2-6]|5[0-9]|7[6-9]|9[0-5]|GT|TC|RT|LT|GQ)      # services (CPT) with a modifier
    |KB\d{6,7}|ORA-\d{4,5}|0x[\dA-Fa-f]{2,8}|CVE-\d{4}-\d+   # updates and errors of programs
    |国药准字\w+|国械[注备][准进许]字?\d+|ChiCTR\d+|GB\d{4,5}
    |D\d{1,2}S\d{2,4}|(?:5076|3830|4076|4074|4574|4398|4598|6935M?|6947M?)-\d\d   # markers of DNA, models of leads
    |\d+s/\d+s|\d+(?:\.\d+)?(?:kg|cm)/\d+(?:\.\d+)?|(?:\d+(?:\.\d+)?-){1,3}\d+(?:\.\d+)?(?:mmol/L|[uU]|IU)|\d+(?:\.\d+)?cmH2O
    |(?:Se\d+/)?I[mM]\d+(?:/\d+)?                               # measured values, places in a series of images
    |REF[:\s][A-Z\d]+(?:[-.][A-Z\d]+)*                        # articles of a manufacturer
    |(?:1002-5|2028-9|2054-5|2076-8|2106-3|2131-1|2135-2|2186-5)  # race and ethnicity (CDC)
    """,
    re.ASCII | re.VERBOSE,
)
_LOINC = re.compile(r"\d{3,5}-\d", re.ASCII)
_LOINC_NEAR = re.compile(r"\^LN\b|\bLN\b|loinc|OB[XR]\||\bcode\b", re.IGNORECASE)
_BEHIND = re.compile(
    r"(?:\bmodel=?[\"'\s:]{1,3}|型号[:：\s]?|\*PI\*|\bIN1\|\d\|[^|\n]*\||\b(?:CBC|CMP|BMP|TSH|Lipids?|(?:Hb)?A1c|UA|LFTs?)\s"
    r"|SNOMED(?:[ -]?CT)?[\s:=]*(?:code[\s:=]*)?|国械[注备][准进许]字?|床[号號][:：]?\s?|(?-i:\bREF)[:\s]+)$",
    re.IGNORECASE,
)
"""Words behind which a number is one of concepts, of approvals or of beds."""
_LOT = re.compile(r"(?:\b(?:lots?|batch)(?:\s?(?:no\.?|number|#))?[\s:#]{1,3}|批号[:：\s]{0,3})$", re.IGNORECASE)
_DRUG_NEAR = re.compile(
    r"vaccin|immuni[sz]|\b(?:tdap|dtap|mmrv?|hep ?[ab]|flu|iiv\d?|varicella"
    r"|menacwy|hpv|pcv\d*|zoster|shingrix|pneumo\w*|covid|strips?|reagents?"
    r"|inhaler|calibrator|control|hrig|vit|contrast|definity|quantiferon|tuberculin|ppd|drug|labels?|vial|toxin|botox|filler|viscoat|viscoelastic|ovd|clone|stain|solution|soln|tablets?|inj(?:ection)?|infus\w*|mg|mcg|ml)\b"
    r"|\w+(?:mab|olone|caine|cillin|mycin)\b|疫苗|接种|注射|片\b|胶囊|针剂|造影剂|试剂|试纸|试剂|[素酶]|血清|免疫球蛋白|药品?",
    re.IGNORECASE,
)
_WORN = re.compile(
    r"femoral|femur|tibia|acetab|humer|glenoid|implant|component|cement|stem|cup\b|head\b|liner|insert|screw|plate|graft|mesh|lens|IOL|stent"
    r"|valve|lead|cage|rod|patell|device|prosthe|PICC|midline|catheter|\bport\b|cannula|tube|clip|coil|filter|anchor|suture|IUD|implanon|ring|canister"
    r"|envelope|applier|nail|infusion set|sensor|pump|\bref\b|S/?N\b|serial|UDI|植入|假体|支架"
    r"|管|起搏|电极|骨水泥|人工|晶体|补片|钢板|螺钉|器械|耗材|透析器|缝线|柄|[臼头杯]|球囊|序列",
    re.IGNORECASE,
)
_SERVICE = re.compile(r"(?:\d{5}/)?(?:\d{4}[\dFTU]|[A-V]\d{4})(?:-(?:\d\d|[A-Z][A-Z\d]))?", re.ASCII)
_SERVICE_BEFORE = re.compile(
    r"(?:CPT|HCPCS|procedures?|services?|billed)[\s:#\u00ae\u2122(]*(?:codes?[\s:#]*)?"
    r"(?:[A-V\d]\d{3}[\dFTU][-\dA-Z]*(?:,|;|/| and| &|\s)+){0,6}\s*$",
    re.IGNORECASE | re.ASCII,
)


def _loinc(code: str) -> bool:
    """Whether the check digit is the one that LOINC's mod-10 algorithm (LOINC Users' Guide, appendix C) gives."""
    number, _, check = code.partition("-")
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == -int(check) % 10


_LOT_CODE = re.compile(
    r"(?:\b(?i:lots?|batch)(?:\s?(?i:no\.?|number|#))?[\s:#]{1,3}|批号[:：\s]{0,3})(?P<code>(?=[A-Z\-]*\d)[A-Z\d]{4,}(?:-[A-Z\d]+)*)(?![\w/])",
    re.ASCII,
)


def find_lots(text: str) -> Iterator[Candidate]:
    """Lots of what is implanted or worn, by what is named before them."""
    for match in _LOT_CODE.finditer(text):
        near = text[max(0, match.start() - 60) : match.start()]
        if _WORN.search(near) and not _DRUG_NEAR.search(near[-40:]):
            yield Candidate(*match.span("code"), "device", 0.9)


_INSURER_BEFORE = re.compile(
    r"\b(?:ins(?:\.|urance)?(?: est)?|insured\?|payers?|payors?"
    r"|(?:auto )?carrier|health plan|billed[^\n]{0,16} to)[\s:|\"\[]{1,4}$",
    re.IGNORECASE,
)
_INSURER = re.compile(
    r"(?:Highmark|Molina|Centene|Aetna|Cigna|Humana|Ambetter"
    r"|WellCare|Anthem|Horizon(?: NJ Health)?|MassHealth|Geisinger Health Plan"
    r"|Keystone First|Apple Health|Delta Dental|HealthPartners|UCare|Medica"
    r"|Tricare|Premera|Regence|Medi-Cal|Harvard Pilgrim)(?: .*)?",
    re.IGNORECASE,
)
_PROGRAMME_BEHIND = re.compile(r",? (?:Medicaid|Medicare|Dental|Blue Cross|Blue Shield)\b")


def is_insurer(text: str, start: int, end: int) -> bool:
    """Whether the characters `start` to `end`, taken for a name or place, are who pays."""
    return (
        _INSURER_BEFORE.search(text[max(0, start - 36) : start]) is not None
        or _INSURER.fullmatch(text, start, end) is not None
        or _PROGRAMME_BEHIND.match(text, end) is not None
    )


def is_public(text: str, start: int, end: int) -> bool:
    """Whether the characters `start` to `end` are a code of a public vocabulary.

    A LOINC code must have its check digit and stand where such codes do; a code of a service must follow the word; the
    lot of a drug or reagent is public, that of what is worn or implanted may be a device's.
    """
    piece = text[start:end]
    if _FORMS.fullmatch(piece):
        return True
    if _LOINC.fullmatch(piece):
        near = text[max(0, start - 24) : start] + " " + text[end : end + 40]
        return _loinc(piece) and _LOINC_NEAR.search(near) is not None
    if _LOT.search(text[max(0, start - 14) : start]):
        near = text[max(0, start - 60) : start]
        drugs, worn = (
            max((match.end() for match in pattern.finditer(near)), default=-1) for pattern in (_DRUG_NEAR, _WORN)
        )
        # The nearer one counts; in Chinese 批号 alone is a drug's.
        if drugs > worn or (worn < 0 and near.endswith(("批号", "批号：", "批号:", "批号 "))):
            return True
    if _BEHIND.search(text[max(0, start - 20) : start]):
        return True
    return (
        _SERVICE.fullmatch(piece) is not None and _SERVICE_BEFORE.search(text[max(0, start - 60) : start]) is not None
    )
