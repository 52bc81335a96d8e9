"""Codes of public vocabularies, which stand for things and identify nobody: of tests, services, specialties, genes,
tumours and programs' errors. Their forms are fixed by whoever publishes them."""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501

import re
from collections.abc import Iterator

from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.chinese_terms import MAKES
from practicum.data.deidentification.tables import cells_below

_FORMS = re.compile(
    r"""\d{3}[A-Z][A-Z\d]{5}X                                # health care provider taxonomy (NUCC)
    |(?:1?\d|2[0-2]|[XY])[pq]\d{1,2}(?:\.\d{1,2})?           # bands of chromosomes (ISCN)
    |M[-\s]?[89]\d{3}\d?/[0123569]\d?                        # morphology of tumours (ICD-O-3)
    |\d\d\.\d{4}x\d{3}                                      # operations (ICD-9-CM-3, as China's insurers use it)
    |\d{5}-(?:2[2-6]|5[0-9]|7[6-9]|9[0-5]|GT|TC|RT|LT|GQ)      # services (CPT) with a modifier
    |KB\d{6,7}|ORA-\d{4,5}|0x[\dA-Fa-f]{2,8}|CVE-\d{4}-\d+   # updates and errors of programs
    |国药准字\w+|国械[注备][准进许]字?\d+|(?:ChiCTR|NCT)\d+|GB\d{4,5}
    |(?:GBZ?|WS|YY|GA|DB\d*|JJ[FG])(?:/[TZ])?[ ]?\d+(?:\.\d+)?[-—–]\d{4}   # China's standards
    |\d+(?:\.\d+)?-\d+(?:\.\d+)?(?:ppm|m[VsA]|V|Hz)|C1[34]-UBT      # ranges of a pacemaker or tracing, a test of breath
    |Mozilla/\d\.\d|0(?:-\d{1,2}){3,5}                          # programs that browse, days of a course of vaccine
    |(?:II[ ])?8637-[24]0|方案[A-Z]{1,4}-?\d+(?:-\d+)*|D\d{1,2}S\d{2,4}|(?:5076|3830|4076|4074|4574|4398|4598|6935M?|6947M?)-\d\d   # markers of DNA, models of leads
    |\d+s/\d+s|\d+(?:\.\d+)?(?:kg|cm)/\d+(?:\.\d+)?|(?:\d+(?:\.\d+)?-){1,3}\d+(?:\.\d+)?(?:mmol/L|[uU]|IU)|\d+(?:\.\d+)?cmH2O
    |(?:Se\d+/)?I[mM]\d+(?:/\d+)?                               # measured values, places in a series of images
    |REF[:\s][A-Z\d]+(?:[-.][A-Z\d]+)*                        # articles of a manufacturer
    |ISRCTN\d{8}|20\d\d-[05]\d{5}-\d\d(?:-\d\d)?             # trials (ISRCTN, EudraCT, CTIS)
    |00[45]010X\d{3}[A-Z]\d                                  # guides of X12
    |(?:CF|GIF|PCF|TJF|SIF|BF|ENF|CYF|URF|LF)-[A-Z]{0,4}\d{2,4}[A-Z]{0,3}   # models of endoscopes
    |[67]\.\d\d/\d{2,3}(?:/\d{2,3}(?:\.\d)?){1,3}            # gases of the blood
    |(?:Ala|Arg|Asn|Asp|Cys|Gl[nuy]|His|Ile|Leu|Lys|Met|Phe|Pro|Ser|T[hy]r|Trp|Val)\d{1,5}[A-Za-z*]{0,6}\d{0,3}  # of proteins (HGVS)
    |\d(?:\.\d{1,2})?x\d{1,3}(?:\.\d)?(?:mm)?|[24568]008[A-Z]{1,2}|A04(?:2[5-9]|3[0-6])   # stents, dialysis machines, rides (HCPCS)
    |CMS-\d{3,5}[A-Z]?|UN ?[1-3]\d{3}|DIN\s?0\d{7}            # forms, dangerous goods, drugs of Canada
    |(?:1002-5|2028-9|2054-5|2076-8|2106-3|2131-1|2135-2|2186-5)  # race and ethnicity (CDC)
    """,
    re.ASCII | re.VERBOSE,
)
_LOINC = re.compile(r"\d{3,5}-\d", re.ASCII)
_LOINC_NEAR = re.compile(r"\^LN\b|\bLN\b|loinc|OB[XR]\||\bcode\b", re.IGNORECASE)
_BEHIND = re.compile(
    r"(?:\bmodel=?[\"'\s:]{1,4}|型号[:：\s]?|方案(?:编?号)?[:：\s]?|[货料]号[:：\s]?|备件号[:：\s]?|(?<![\u4e00-\u9fff])件号[:：\s]?|产品码[:：\s]?"
    r"|废物代码[:：\s]?|(?-i:NCT|ChiCT)|OMIM[ #]{1,2}|(?<![A-Za-z])(?:GB|GA|WS|YY|DB\d*)/[TZ][ ]?|(?:reagent|strip|vaccine|drug|control)_?lot[\"'\s:=]{1,4}"
    r"|\*PI\*|\bIN1\|\d\|[^|\n]*\||\b(?:CBC|CMP|BMP|TSH|Lipids?|(?:Hb)?A1c|UA|LFTs?)\s"
    r"|SNOMED(?:[ -]?CT)?[\s:=]*(?:code[\s:=]*)?|\bEudraCT(?: (?:no\.?|number))?[\s:#]{1,2}|\bRx ?BIN[\s:#]{1,3}|\bP/?N[\s:#]{1,2}"
    r"|\bcat(?:alogue)?\. ?(?:no\.?|#)[\s:#]{1,2}|\btaper\w*[\s:]{1,2}|国械[注备][准进许]字?|床[号號][:：]?\s?|(?-i:\bREF)[:\s]+)$",
    re.IGNORECASE,
)
"""Words behind which a number is one of concepts, of approvals or of beds."""
_VERSION = re.compile(r"(?:版本|固件|软件|\b(?:fw|ver(?:sion)?))[号:：=\s]{0,2}[vV]?$", re.IGNORECASE)
_NUMBERED_VERSION = re.compile(r"\d{1,2}(?:\.\d{1,3}){1,2}")
_LOT_OF = re.compile(r"批号?[:：\s]{0,3}$")
_LEAD = re.compile(r"\d{4}-\d\d")
_LOT = re.compile(r"(?:\b(?:lots?|batch)(?:\s?(?:no\.?|number|#))?[\s:#=\"']{1,3})$", re.IGNORECASE)
_DRUG_NEAR = re.compile(
    r"vaccin|immuni[sz]|\b(?:tdap|dtap|mmrv?|hep ?[ab]|flu|iiv\d?|varicella"
    r"|menacwy|hpv|pcv\d*|zoster|shingrix|pneumo\w*|covid|strips?|reagents?"
    r"|inhaler|calibrator|control|hrig|vit|qc|\w+phine|contrast|dialy[sz]ers?|epi(?:pens?|nephrine)?|foley|tubersol|not implanted|definity|quantiferon|tuberculin|ppd|drug|labels?|vial|domes|bottle|bag|kit|saline|heparin|articaine|(?:ng/ml|cutoff|panel|urine|specimen)\b[^\n]{0,24}\bcup |toxin|botox|filler|viscoat|viscoelastic|ovd|clone|stain|solution|soln|tablets?|inj(?:ection)?|infus\w*|mg|mcg|ml)\b"
    r"|\w+(?:mab|olone|caine|cillin|mycin)\b|疫苗|接种|注射|片\b|胶囊|针剂|造影剂|试剂|试纸|试剂|[素酶]|血清|免疫球蛋白|药品?",
    re.IGNORECASE,
)
_WORN = re.compile(
    r"femoral|femur|tibia|acetab|humer|glenoid|implant|component|cement|stem|cup\b|head\b|liner|insert|screw|plate|graft|mesh|lens|IOL|stent"
    r"|valve|lead|cage|rod|patell|device|prosthe|PICC|midline|catheter|\bport\b|cannula|tube|clip|coil|filter|anchor|suture|IUD|implanon|ring|canister"
    r"|envelope|applier|nail|infusion set|sensor|pump|\bref\b|S/?N\b|serial|UDI|植入|假体|支架"
    r"|固定[架器]|[髓钢主].{0,2}钉|管|起搏|电极|骨水泥|人工|晶体|补片|钢板|螺钉|器械|耗材|透析器|缝线|柄|[臼头杯]|球囊|序列",
    re.IGNORECASE,
)
_SERVICE = re.compile(r"(?:\d{5}/)?(?:\d{4}[\dFTU]|[A-V]\d{4})(?:-(?:\d\d|[A-Z][A-Z\d]))?", re.ASCII)
_SERVICE_BEFORE = re.compile(
    r"(?:CPT|HCPCS|procedures?|services?|billed)[\s:#\u00ae\u2122(]*(?:codes?[\s:#]*)?"
    r"(?:[A-V\d]\d{3}[\dFTU][-\dA-Z]*(?:,|;|/| and| &|\s)+){0,6}\s*$",
    re.IGNORECASE | re.ASCII,
)


_BESIDE = tuple(
    (re.compile(rf"(?:{before})$"), re.compile(form, re.ASCII))
    for before, form in (
        # Forms that are printed for all, and chapters of what an insurer or a house has decided.
        (
            r"(?:^|[\n.;:,(]\s?|\b(?:VA|CMS|HCFA|DD|SF|DHS|DOT|OSHA|IRS|USCIS|FDA|DOH|SSA|DOL) |  )(?:FORM|Form) ",
            r"[A-Z\d]{1,6}(?:[- ]?[\dA-Z]{1,6}){0,3}[a-z]?",
        ),
        (
            r"\b[Ff]orm |\b(?:EXAMINATION|CERTIFICATE|APPLICATION|REPORT|Certificate|Application) \((?:[A-Z]{2,4}-)?",
            r"(?:[A-Z]{1,5}[- ]?)?\d{1,4}[a-z]?",
        ),
        (
            r"\b(?i:policy|policies|SOP|procedure|protocol|guideline|bulletin|section|standard) ",
            r"(?:[A-Z]{1,4}-?)?\d{1,2}(?:\.\d{1,3}){1,2}",
        ),
        # Drugs: a number of Canada's register, strengths of two together.
        (r"\bDIN[:# ]{1,2}", r"0\d{7}"),
        (
            r"[a-z]{5,}[-/][a-z]{5,} |\b(?:Percocet|Norco|Sinemet|Bactrim|Augmentin|Vicodin|Entresto) ",
            r"\d{1,3}(?:\.\d+)?[-/]\d{2,3}(?:[-/]\d{2,3})?",
        ),
        # Codes of Britain's operations, of SNOMED's second edition, and of items of Australia's Medicare.
        (r"\b(?:code|OPCS(?:-4)?) ", r"[A-HJ-Z]\d{2,3}\.?\d?"),
        (r"SNOMED[^\n]{0,20}[ :,]", r"[TMDFEPLP]-?\d{4,5}(?:/\d)?"),
        (r"\bitem (?:no\. )?", r"\d{2,5}"),
        (r"(?:\bOrder: |HCPCS )", r"[A-V]\d{4}"),
        (r"\n", r"A0\d{3}"),
    )
)
"""What stands before a public code that its form alone does not tell, and the form."""


def _loinc(code: str) -> bool:
    """Whether the check digit is the one that LOINC's mod-10 algorithm (LOINC Users' Guide, appendix C) gives."""
    number, _, check = code.partition("-")
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == -int(check) % 10


_LOT_CODE = re.compile(
    r"(?:\b(?i:lots?|batch)(?:\s?(?i:no\.?|number|#))?[\s:#]{1,3})(?P<code>(?=[A-Z\-]*\d)[A-Z\d]{4,}(?:-[A-Z\d]+)*)(?![\w/])"
    r"|(?<![一二三四首每本该同\d])批号?[:：\s]{0,3}(?P<chinese>(?=(?:[A-Z\-]*\d){4})[A-Z\d]{2,}(?:-[A-Z\d]+)*)(?![A-Za-z\d/])",
    re.ASCII,
)


_PHRASE = re.compile(r"[，,、。；;\n|｜]")
_THING = re.compile(
    r"(?P<drug>抗体|疫苗|试[剂纸]|剂(?!量计)|[素酶松苷胺唑韦液]|注射|胶囊|(?<![刀晶])片|血清|球蛋白|药|管路|透析器|耗材|头孢|对照|质控)"
    r"|(?P<worn>港|植入|植体|假体|支架|PICC|导管|起搏|电极|骨水泥|骨粉|人工|晶体|补片|[钢接]板|[钉棒柄臼杯盖瓣网环夹]|刀片|螺|融合|椎间|缝线"
    r"|股骨头|球头|内衬|球囊|基台|平台|封堵|弹簧圈|滤器|吻合器|传感器|环$)"
)
"""What a lot may be of, in Chinese; what is worn counts and is a device's."""


def _worn(near: str) -> bool:
    """Whether the Chinese text before a lot names last what is implanted or worn, in its phrase or the one before."""
    for phrase in reversed(_PHRASE.split(near)[-3:]):
        found = [match.lastgroup for match in _THING.finditer(phrase)]
        if found:
            return found[-1] == "worn"
        if len(re.findall(r"[\u4e00-\u9fff]", phrase)) > _FEW:
            return False
    return False


_FEW = 3
"""Chinese characters up to which a phrase before a lot names nothing: 批号, 2019年置."""


def find_lots(text: str) -> Iterator[Candidate]:
    """Lots of what is implanted or worn, by what is named before them."""
    for match in _LOT_CODE.finditer(text):
        near = text[max(0, match.start() - 60) : match.start()]
        if match["chinese"]:
            if _worn(near):
                yield Candidate(*match.span("chinese"), "device", 0.9)
        elif _WORN.search(near) and not _DRUG_NEAR.search(near[-40:]):
            yield Candidate(*match.span("code"), "device", 0.9)


_INSURER_BEFORE = re.compile(
    r"\b(?:ins(?:\.|urance)?(?: est)?|insured\?|payers?|payors?"
    r"|(?:auto )?carrier|health plan|billed[^\n]{0,16} to)[\s:|\"\[]{1,4}$",
    re.IGNORECASE,
)
_INSURER = re.compile(
    r"(?:Optum(?: ?Rx)?|Express Scripts|CVS Caremark|Caremark|United ?Health ?care|UnitedHealth(?: Group)?|Sunshine(?: Health)?"
    r"|[A-Z][a-z]+ Health Insurance Plan|Blue ?Cross(?: Blue ?Shield)?|BCBS|OHIP|Oscar Health|Bupa|Medibank|AXA|Vitality|VHI|Laya"
    r"|Highmark|Molina|Centene|Aetna|Cigna|Humana|Ambetter"
    r"|WellCare|Anthem|Horizon(?: NJ Health)?|MassHealth|Geisinger Health Plan"
    r"|Keystone First|Apple Health|Delta Dental|HealthPartners|UCare|Medica"
    r"|Tricare|Premera|Regence|Medi-Cal|Harvard Pilgrim)(?: .*)?",
    re.IGNORECASE,
)
_PROGRAMME_BEHIND = re.compile(r",? (?:Health Insurance Plan|Medicaid|Medicare|Dental|Blue Cross|Blue Shield)\b")


def is_insurer(text: str, start: int, end: int) -> bool:
    """Whether the characters `start` to `end`, taken for a name or place, are who pays."""
    return (
        _INSURER_BEFORE.search(text[max(0, start - 36) : start]) is not None
        or _INSURER.fullmatch(text, start, end) is not None
        or _PROGRAMME_BEHIND.match(text, end) is not None
    )


_HEADING = re.compile(
    r"(?:\d{1,2} )?(?:Chair|Grade|Director|Investigator|Hearing|Certifier|Witness|Supervisor|Reviewer|Admin|Dra|PI(?: Dr)?)\.?"
    r"|\d{1,2} Place|Rx PA|(?:Rx )?Prior Auth(?:orization)?|Mfr(?: \w+)?(?: +Lot(?: \S+)?)?|RN|MRN|IHI|PAS|[Ss]ame|T[ée]l[ée]c|CHI|UPDRS|OU"
    r"|C\. Reason|Enr|Refills?|Dispensed|Casualty|Duty|Attn|O\.N\.|Healthlink|[A-Z]{2}-\d{3}|Grupo|TRUST"
    r"|(?:Kia|Toyota|Honda|Learjet|Cessna|King Air|Pilatus|Camry|Corolla|Civic|Hilux|Somatom|Jamar|AirSense|Magnetom|Optima|Revolution|Aquilion"
    r"|Diff-Quik|Berlin(?= (?:mod|criteria|severe|mild))|Los Angeles(?= grade))(?: [A-Z]?[\w-]+)?",
)
"""Headings, roles, makes of cars and machines, which stand alone and name neither a person nor a place."""


def is_heading(text: str, start: int, end: int) -> bool:
    """Whether the characters `start` to `end`, taken for a name or place, are a heading, a role or a make."""
    return _HEADING.fullmatch(text, start, end) is not None or text[start:end] in MAKES


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
    if lot := _LOT_OF.search(text, max(0, start - 6), start):
        return not _worn(text[max(0, lot.start() - 60) : lot.start()])
    if _LOT.search(text[max(0, start - 14) : start]):
        near = text[max(0, start - 60) : start]
        drugs, worn = (
            max((match.end() for match in pattern.finditer(near)), default=-1) for pattern in (_DRUG_NEAR, _WORN)
        )
        if drugs > worn:
            return True
    if _BEHIND.search(text[max(0, start - 20) : start]):
        return True
    if any(pattern.fullmatch(piece) and before.search(text[max(0, start - 30) : start]) for before, pattern in _BESIDE):
        return True
    return (
        _SERVICE.fullmatch(piece) is not None and _SERVICE_BEFORE.search(text[max(0, start - 60) : start]) is not None
    )


def is_undated(text: str, start: int, end: int) -> bool:
    """Whether the characters `start` to `end`, taken for a date, are a version, a lot or the model of a lead."""
    before = text[max(0, start - 12) : start]
    if _NUMBERED_VERSION.fullmatch(text, start, end):
        return _VERSION.search(before) is not None
    if _LEAD.fullmatch(text, start, end):
        return _FORMS.fullmatch(text, start, end) is not None
    return text[start:end].isdigit() and _LOT_OF.search(before) is not None


_LOT_HEAD = re.compile(r"批号")
_INOCULATED = re.compile(r"疫苗|接种|药品|试剂")
_FITTED = re.compile(r"植入|器械|耗材|假体|序列号")


def lots_in_tables(text: str) -> frozenset[int]:
    """Where the lots of vaccines and drugs begin that stand in a column of their own."""
    if "批号" not in text or not _INOCULATED.search(text) or _FITTED.search(text):
        return frozenset()
    return frozenset(start for start, _ in cells_below(text, _LOT_HEAD))
