"""Identifiers that are numbers, codes or addresses on a network: by their form, check digit or the label before them."""

import re
from collections.abc import Iterator

import phonenumbers

from practicum.config import IdentifierKind
from practicum.data.deidentification import checksums
from practicum.data.deidentification.candidates import Candidate

_NO = r"(?:\s*(?:no|num|nbr|number|id|code|#|№)\b\.?|\s*[#№])"
_LABELS: list[tuple[IdentifierKind, str]] = [
    ("ssn", r"ssn|social security|soc\.? sec\.?|ss\s?#"),
    ("mrn", r"mrn|m\.r\.n\.|mr\s?#|medical record|med\.? rec\.?|medical rec\.?|chart|hospital (?:no|number|id|#)|"
            r"patient (?:id|identifier|number|no|#)|pt\.? id|unit (?:no|number|#)|record (?:no|number|#)|record(?= \d)|hrn|emr|ehr"),
    ("health_plan", r"(?:health )?plan (?:id|no|number|#|beneficiary(?: number)?|member(?: id)?)|member(?:ship)?(?: id)?|"
                    r"policy|subscriber(?: id)?|group (?:no|number|id|#)|insurance (?:id|no|number|policy|member|card|#)(?: id)?|"
                    r"medicare(?: beneficiary)?(?: id| identifier)?|medicaid(?: id)?|mbi|hicn?|beneficiary(?: id)?|"
                    r"health insurance(?: claim)?|insured id|payer id|rxgrp"),
    ("account", r"(?:bank |billing |patient |checking |savings |guarantor |hospital )?acc(?:oun)?t\.?|iban|routing|"
                r"a/c|acct|billing (?:id|no|number|#)|invoice|guarantor (?:id|no|number|#)"),
    ("licence", r"(?:driver'?s?'? |drivers |state |medical |nursing |physician |rn |pharmacy |professional )?licen[sc]e(?! plate)|"
                r"lic\.?|dl|d\.l\.|dea|npi|(?:board )?certificat(?:e|ion)|cert\.?|registration|permit"),
    ("vehicle", r"vin|vehicle identification|vehicle (?:id|no|number|#|reg(?:istration)?)|licen[sc]e plates?|plates?|"
                r"registration plate|car reg(?:istration)?|tag(?= (?:no|number|#))"),
    ("device", r"(?:device |implant |pacemaker |generator |lead |pump |icd |ventilator |monitor |model )?serial|s/n|sn|"
               r"device (?:id|identifier|no|number|#)|udi(?:-di|-pi)?|implant (?:id|no|number|#)|"
               r"imei|(?:pacemaker|pump|generator|stent|valve|lead|implant|prosthesis) (?:id|no|number|#)|mac address|mac"),
    ("biometric", r"(?:finger ?print|thumb ?print|palm ?print|retina(?:l)?(?: scan)?|iris(?: scan)?|voice ?print|biometric|"
                  r"face ?print|facial|hand geometry)(?: (?:scan|template|record|enrol?lment|profile|hash|image|reference|ref|file|sample|"
                  r"token|key|data|code|id))*"),
    ("id_number", r"encounter|accession|specimen(?: id)?|case|study|subject|trial(?: subject)?|participant|employee|badge|"
                  r"student|visit|passport|order|claim|ticket|reference|ref\.?|confirmation|barcode|sample|donor|"
                  r"registry|research|enrol?lment|military|service|tracking|requisition|prescription|rx|unique (?:id|identifier)|identifier|"
                  r"id|csn|har|fin|national id|nhs"),
]  # fmt: skip
_VALUE = r"(?P<value>(?=[A-Z\d./\-]*\d)[A-Z\d](?:[A-Z\d]|[-./](?=[A-Z\d]))*(?:\s\d{2,}(?=\s|\W|$)){0,4})"
_LABELLED = re.compile(
    r"(?<![\w\-])(?i:"
    + "|".join(f"(?P<{kind}>{label})" for kind, label in _LABELS)
    + rf")(?P<no>(?i:{_NO}){{0,2}})(?P<link>\s?\((?i:[a-z .]{{2,20}})\))?(?P<sep>\s?[:：=#]\s*|\s+(?i:is|was|of|ending in|reads|reading|listed as)\s*:?\s+|\s+(?:-\s+)?|)"
    + r"(?P<quote>[\"'(]?)(?-i:" + _VALUE + r"|(?i:(?P<lower>(?=[a-z\d\-]*\d)[a-z\d][a-z\d\-]{5,})))(?![\w])"
)  # fmt: skip
# Labels that also are words of everyday notes: they need a number sign, a word such as "number" or a colon.
_WEAK = {"id_number"}
_WEAK_WORDS = re.compile(
    r"(?:member|membership|policy|medicare|medicaid|chart|lic\.?|dl|cert\.?|certificate|certification|registration|permit|"
    r"plates?|mac|sn|serial|emr|ehr|mbi|hic|invoice|routing|patient acc(?:oun)?t\.?|acct|acc(?:oun)?t\.?)",
    re.IGNORECASE,
)

_SSN = re.compile(r"(?<![\w\-])(?!000|666|9\d\d)\d{3}([- ])(?!00)\d\d\1(?!0000)\d{4}(?![\w]|-\d)")
_SSN_MASKED = re.compile(r"(?<![\w])(?:xxx|\*{3})[- ](?:xx|\*\*)[- ]\d{4}(?!\w)", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![\w.\-/])(?:"
    r"(?:\+?1[-. ]{0,2})?(?:\([2-9]\d{2}\)[-. ]{0,2}|[2-9]\d{2}[-. /])[2-9]\d{2}[-. ]\d{4}"
    r"|\+\d{1,3}[-. ]?(?:\(0?\d{1,4}\)[-. ]?)?\d{1,5}(?:[-. ]?\d{2,5}){1,5}"
    r"|0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}"
    r")(?:,?\s*(?:ext|x|extension|转|分机)\.?\s*\d{1,6})?(?![\w]|[-/.]\d)",
    re.IGNORECASE,
)
_LOCAL_PHONE = re.compile(r"(?<![\w.\-/])[2-9]\d{2}[-.]\d{4}(?![\w]|[-.]\d)")
_PHONE_LABEL = re.compile(
    r"(?:\b(?:tel|telephone|phone|ph|cell|mobile|call|called|calls|home|work|pager|contact|reach(?:ed|able)?|voicemail|line|text|at|beeper|callback|"
    r"office|hotline|dial)\b\.?(?:\s(?:no|number|#|him|her|me|them|us|back)\.?)?|☎|电话|手机|联系方式|热线)[\s:：#()]*(?:(?:is|at|on|to)\s+)?$",
    re.IGNORECASE,
)
_FAX_LABEL = re.compile(r"(?:\b(?:fax|facsimile|telefax|fx)(?:ed)?\b|传真)[^\n\d;。]{0,25}$", re.IGNORECASE)
_LABELLED_PHONE = re.compile(
    r"\b(?i:(?P<fax>fax|facsimile)|tel|telephone|phone|cell|mobile|pager|beeper|contact|ph|extension|ext)\b\.?"
    r"(?:\s(?i:no|number|#)\.?)?\s?(?:[:：#]\s*|\s+(?i:is|at|to)?\s*)(?P<value>[+(]?\d[\d\s().\-]{2,18}\d)(?![\w/%]|\.\d)"
)
_EXTENSION = re.compile(r"(?<![\w])(?:ext\.?|extension|x|pager|beeper)\s?#?:?\s?(?P<value>\d{3,6})(?![\w.%/])", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+\-])[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+", re.ASCII)
_EMAIL_SPELLED = re.compile(
    r"(?<![\w.])[\w.+\-]{2,}\s?(?:\[at\]|\(at\)| at )\s?[\w\-]+(?:\s?(?:\[dot\]|\(dot\)| dot |\.)\s?(?:com|org|net|edu|gov|cn|io))+\b",
    re.IGNORECASE,
)
_URL = re.compile(
    r"(?:\b(?:https?|ftps?|sftp)://[^\s<>\"'（）()，。；、\u4e00-\u9fff]+"
    r"|\bwww\.[^\s<>\"'（）()，。；、\u4e00-\u9fff]+"
    r"|(?<![\w@.\-/])(?:[a-z\d](?:[a-z\d\-]*[a-z\d])?\.)+(?:com|org|net|edu|gov|mil|io|health|cn|uk|de|info|me|example|test|co|us|ca|app|care|clinic|local)"
    r"(?:/[^\s<>\"'（）()，。；、\u4e00-\u9fff]*)?(?![\w@\-]|\.\w))",
    re.IGNORECASE,
)
_IP = re.compile(
    r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)(?:/\d{1,2})?"
    r"|(?<![\w:.])(?=[\da-f:]*:[\da-f:]*:)(?:[\da-f]{1,4}:){1,7}(?::?[\da-f]{1,4}){0,7}(?:::)?(?![\w:])"
    r"|(?<![\w:.])::(?:[\da-f]{1,4}:){0,6}[\da-f]{1,4}(?![\w:])",
    re.IGNORECASE,
)
_MAC = re.compile(r"(?<![\w:\-])(?:[\da-f]{2}([:-]))(?:[\da-f]{2}\1){4}[\da-f]{2}(?![\w:\-])", re.IGNORECASE)
_UUID = re.compile(r"(?<![\w\-])[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?![\w\-])", re.IGNORECASE)
_VIN = re.compile(r"(?<![\w])[A-HJ-NPR-Z\d]{17}(?![\w])")
_UDI = re.compile(r"\(01\)\s?\d{14}(?:\s?\((?:10|11|17|21)\)\s?[A-Z\d\-]+)*", re.IGNORECASE)
_MBI = re.compile(
    r"(?<![\w\-])[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}(?![\w\-])"
)
_DEA = re.compile(r"(?<![\w])[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}(?![\w])")
_CARD = re.compile(r"(?<![\w\-.])[3-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{3,4}(?:[ -]?\d{1,3})?(?![\w\-])")
_IBAN = re.compile(r"(?<![\w])[A-Z]{2}\d{2}(?:\s?[A-Z\d]{4}){3,7}(?:\s?[A-Z\d]{1,3})?(?![\w])")
_PHOTO = re.compile(
    r"(?<![\w/\\])(?:[A-Za-z]:)?[\w./\\\-]*[\w\-]\.(?:jpe?g|png|tiff?|heic|heif|bmp|gif|webp|raw|dng|cr2|nef)(?![\w])",
    re.IGNORECASE,
)
_PHOTO_LABEL = re.compile(
    r"\b(?:photo(?:graph)?s?|(?:full[- ]?)?face (?:photo|image|picture)|image|picture|photo id|headshot|portrait)"
    r"(?:\s(?:file|id|ref(?:erence)?|no|number|#))*\.?\s?[:#]?\s+(?:is\s+)?(?P<value>(?=[\w\-]*\d)[A-Z][\w\-]{4,})(?![\w.])",
    re.IGNORECASE,
)
_PLATE_US = re.compile(
    r"\b(?i:(?:licen[sc]e |number |registration )?plates?|tag|registration)(?i:\s(?:no|number|#|reads|reading|is|of))*\.?\s?[:#]?\s?\(?"
    r"(?:(?P<state>[A-Z]{2})[ -])?(?P<value>(?=[A-Z\- ]{0,8}\d)[A-Z\d]{1,4}[ \-·]?[A-Z\d]{2,4}(?:[ -][A-Z\d]{1,3})?)(?![\w])"
)
_ZIP = re.compile(
    r"(?:\b(?i:zip(?:\s?code)?|postal code|postcode)\b\s?(?:[:#]\s*|is\s+|of\s+|\s)\s*(?P<a>\d{5}(?:-\d{4})?)"
    r"|\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY]),?"
    r"\s+(?P<b>\d{5}(?:-\d{4})?)"
    r"|\b(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|"
    r"Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|Hampshire|"
    r"Jersey|Mexico|York|Carolina|Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Island|Tennessee|Texas|Utah|Vermont|Virginia|Washington|"
    r"Wisconsin|Wyoming|Columbia),?\s+(?P<c>\d{5}(?:-\d{4})?)"
    r"|(?:邮编|邮政编码)(?:是|为)?[:：\s]*(?P<d>\d{6}))(?![\w]|-\d)"
)
_ID_TEXT = re.compile(r"\d")


def find_codes(text: str) -> Iterator[Candidate]:
    """What its form or check digit alone gives away."""
    for match in _SSN.finditer(text):
        yield Candidate(match.start(), match.end(), "ssn", 0.9 if match[1] == "-" else 0.7)
    for match in _SSN_MASKED.finditer(text):
        yield Candidate(match.start(), match.end(), "ssn", 0.7)
    for match in _VIN.finditer(text):
        if checksums.vin(match[0]):
            yield Candidate(match.start(), match.end(), "vehicle", 0.95)
    for match in _UUID.finditer(text):
        yield Candidate(match.start(), match.end(), "id_number", 0.9)
    for match in _MAC.finditer(text):
        yield Candidate(match.start(), match.end(), "device", 0.97)
    if "(01)" in text:
        for match in _UDI.finditer(text):
            yield Candidate(match.start(), match.end(), "device", 0.96)
    for match in _MBI.finditer(text):
        yield Candidate(match.start(), match.end(), "health_plan", 0.9)
    for match in _DEA.finditer(text):
        if checksums.dea(match[0]):
            yield Candidate(match.start(), match.end(), "licence", 0.9)
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if 14 <= len(digits) <= 19 and checksums.luhn(digits):
            yield Candidate(match.start(), match.end(), "bank_card", 0.9)
    for match in _ZIP.finditer(text):
        group = match.lastgroup or "a"
        yield Candidate(match.start(group), match.end(group), "zip", 0.9)


def find_network(text: str) -> Iterator[Candidate]:
    """Electronic mail, addresses on the web and of machines, names of picture files."""
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield Candidate(match.start(), match.end(), "email", 1.0)
    if " at " in text or "at)" in text or "at]" in text:
        for match in _EMAIL_SPELLED.finditer(text):
            yield Candidate(match.start(), match.end(), "email", 0.9)
    if "." in text:
        for match in _URL.finditer(text):
            end = match.start() + len(match[0].rstrip(".,;:!?)"))
            yield Candidate(match.start(), end, "url", 0.95)
        for match in _PHOTO.finditer(text):
            yield Candidate(match.start(), match.end(), "photo", 0.93)
    for match in _IP.finditer(text):
        if ":" in match[0]:
            groups = [group for group in match[0].split(":") if group]
            if ("::" not in match[0] and len(groups) != 8) or len(groups) < 2:
                continue
        elif re.search(
            r"(?:\bv|version|release|firmware|build|section|§)\s*$",
            text[max(0, match.start() - 12) : match.start()],
            re.IGNORECASE,
        ):
            continue
        yield Candidate(match.start(), match.end(), "ip", 0.92)


def _is_possible(number: str) -> bool:
    """Whether telephone companies could have given out this number."""
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, "US"))
    except phonenumbers.NumberParseException:
        return False


def find_phones(text: str) -> Iterator[Candidate]:
    """Telephone and telefax numbers, extensions and pagers."""
    for match in _PHONE.finditer(text):
        if match[0].startswith("+") and not _is_possible(match[0]):
            continue
        fax = _FAX_LABEL.search(text, max(0, match.start() - 40), match.start())
        yield Candidate(match.start(), match.end(), "fax" if fax else "phone", 0.85)
    for match in _LOCAL_PHONE.finditer(text):
        before = text[max(0, match.start() - 30) : match.start()]
        fax = _FAX_LABEL.search(before)
        if fax or _PHONE_LABEL.search(before) or match[0].startswith("555-"):
            yield Candidate(match.start(), match.end(), "fax" if fax else "phone", 0.8)
    for match in _LABELLED_PHONE.finditer(text):
        digits = re.sub(r"\D", "", match["value"])
        if 4 <= len(digits) <= 15:
            end = match.start("value") + len(match["value"].rstrip())
            yield Candidate(match.start("value"), end, "fax" if match["fax"] else "phone", 0.75)
    for match in _EXTENSION.finditer(text):
        yield Candidate(match.start("value"), match.end("value"), "phone", 0.6)


def find_labelled(text: str) -> Iterator[Candidate]:
    """Numbers and codes behind a label that says what they are."""
    for match in _LABELLED.finditer(text):
        group = "value" if match["value"] else "lower"
        value = match[group]
        kind: IdentifierKind = next(kind for kind, _ in _LABELS if match[kind])
        label = match[kind]
        strong = bool(match["no"].strip()) or match["sep"].strip() in (":", "：", "=", "#")
        digits = sum(c.isdigit() for c in value)
        if group == "lower" and not strong:
            continue
        if not strong and (kind in _WEAK or _WEAK_WORDS.fullmatch(label)) and digits < 6:
            continue
        if digits < (3 if strong else 4) or len(value) < 4:
            continue
        if not match["sep"] and not match["no"]:
            continue
        # A date or a year behind a label is no number of that kind.
        if re.fullmatch(r"(?:19|20)\d\d|\d{1,2}[-/.]\d{1,2}(?:[-/.]\d{2,4})?|\d{4}-\d\d-\d\d|\d+\.\d+", value):
            continue
        if kind == "id_number" and re.fullmatch(r"\d{1,5}", value) and not match["no"].strip():
            continue
        yield Candidate(match.start(group), match.end(group), kind, 0.88 if strong else 0.72)
    for match in _PHOTO_LABEL.finditer(text):
        yield Candidate(match.start("value"), match.end("value"), "photo", 0.89)
    for match in _PLATE_US.finditer(text):
        if any(c.isalpha() for c in match["value"]):
            yield Candidate(match.start("value"), match.end("value"), "vehicle", 0.89)
    for match in _IBAN.finditer(text):
        digits = re.sub(r"\s", "", match[0])
        moved = digits[4:] + digits[:4]
        if int("".join(str(int(c, 36)) for c in moved)) % 97 == 1:
            yield Candidate(match.start(), match.end(), "account", 0.9)
