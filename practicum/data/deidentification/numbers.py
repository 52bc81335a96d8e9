"""Identifiers that are numbers, codes or addresses on a network: by their form, check digit or the label before them."""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501, C901, PLW2901

import re
from collections.abc import Iterator

import phonenumbers

from practicum.config import IdentifierKind
from practicum.data.deidentification import checksums
from practicum.data.deidentification.candidates import Candidate

_LABELS: dict[IdentifierKind, str] = {
    "ssn": r"ssn|social|itin|tax id|social security|soc\.? sec\.?|ss\s?#|tin",
    "mrn": r"mrn|m\.r\.n\.?|mr(?=\s?[#:])|med(?:ical|\.)? ?rec(?:ord|\.)?s?|chart|hosp|h(?=#)|u(?=#)|hospital(?= (?:no|number|id|#))|"
    r"(?:patient|pt)'?s?\.?(?= (?:id|identifier|i\.d|number|no\b|#))|unit(?= (?:no|number|#))|records?|hrn|urn|pid|emrn?|ehr|umrn|epi",
    "health_plan": r"plan|member(?:ship)?|policy|subscriber|insured'?s?|group(?= (?:no|number|id|#))|insurance|medicare|"
    r"medicaid|mbi|hicn?|beneficiary|payer|rxgrp|rxbin|medi-?cal|coverage|hmo|ppo|tricare|blue (?:cross|shield)|"
    r"aetna|cigna|humana|kaiser|carrier|authorization|auth|nhs",
    "account": r"acc(?:oun)?t|iban|routing|a/c|billing|invoice|guarantor|swift|bank|checking|savings|har",
    "licence": r"licen[sc]e[ds]?|lic|dl|d\.l\.|dea|npi|upin|certificat(?:e|ion)s?|cert|registration|registered|permit|credential|"
    r"rn(?= (?:no|number|#))|gmc|nmc|clia",
    "vehicle": r"vin|vehicle|licen[sc]e plates?|plates?|car|ambulance|truck|suv|sedan|taxi|cab|motorcycle|van|pickup|minivan|tag",
    "device": r"serial|ser|s/n|sn|device|udi(?:-di|-pi)?|implant(?:ed)?|imei|pacemaker|pump|generator|stent|valve|lead|"
    r"prosthesis|mac|ventilator|monitor|cpap|bipap|icd|defibrillator|glucometer|sensor|transmitter|hearing aid|wheelchair|"
    r"stimulator|catheter|port|shunt|electrode|mesh|graft|machine|unit|loop recorder|crt-?[dp]",
    "biometric": r"voice ?id|ocular|vein|signature hash|eye scan|finger ?prints?|thumb ?prints?|palm ?prints?|retinal?|iris|voice(?: ?prints?)?|biometrics?|face ?prints?|facial|"
    r"hand geometry|palm vein|face (?:id|template|scan|map)|gait|dna profile|ear ?print|enrol?lment template",
    "id_number": r"encounter|enc|accession|acc|specimens?|case|study|subject|participant|employee|badge|student|visit|passport|order|claim|ticket|"
    r"ref(?:erence)?|confirmation|barcode|sample|donor|registry|research|enrol?lment|military|service|tracking|requisition|"
    r"prescription|rx|identifier|id|csn|fin|report|incident|file|trial|screening|randomi[sz]ation|document|doc|note|"
    r"form|referral|request|transaction|session|locker|pin|npdb|unos|cohort|slide|block|lab|pathology|surgical pathology|cytology|"
    r"autopsy|complaint|docket|warrant|inmate|booking|service member|dod|edipi|username|login|user|i\.d|code|number|signed|accession(?:ed)?",
}
_LABEL = re.compile(
    r"(?<![\w\-])(?:" + "|".join(f"(?P<{kind}>{label})" for kind, label in _LABELS.items()) + r")(?![\w])",
    re.IGNORECASE | re.ASCII,
)
_GAP = re.compile(
    r"(?P<mark>[\s:：#=.,()\[\]\"'|/№-]*"
    r"(?:(?:no|num|nbr|number|numbers|id|i\.d|ids|code|record|identification|template|scan|sample|serial|profile|image|print|hash|key|token|"
    r"card|policy|plate|pin|certificate|licen[sc]e|account|identifier)\b[\s:：#=.,()\[\]\"'|/№-]*){0,4})"
    r"(?:(?:is|was|are|of|for|on|in|from|the|a|an|his|her|their|my|our|your|s|kept|stored|saved|filed|listed|recorded|logged|as|under|reads|reading|"
    r"ending|to|at|by|with|use[sd]?|using|found|issued|checked|verified|registered|provider|patient|refunds?|payments?|deposit|copay|"
    r"owner|state|new|current|old|replaced|changed|implanted|placed|and|matched|assigned|given|quoted|clinic|device|unit|"
    r"beneficiary|insurance|health|plan|member|group|driver'?s?|medical|pump|lead|mailed|scanned|submitted|[A-Z]{2})\b[\s:：#=.,()\[\]\"'|/№-]*){0,5}",
    re.IGNORECASE | re.ASCII,
)
_STRONG_GAP = re.compile(r"[:：#=№]|\b(?:no|num|nbr|number|id|i\.d|code|identification|template)\b", re.IGNORECASE)
_TOKEN = re.compile(
    r"(?<![\w\-./@%+])(?:\(\d\d\)\s?)?(?=[A-Za-z\d\-_./·]{0,24}\d)[A-Za-z\d]+(?:[-_/·.][A-Za-z\d]+)*(?:(?<=[A-Z\d]) \d{2,5}(?![\w\-/%]|\.\d))*",
    re.ASCII,
)
_UNIT_AFTER = re.compile(
    r"\s?(?:%|mg|mcg|µg|ug|g\b|kg|ml|dl|l\b|mm|cm|m\b|mmol|meq|units?|iu\b|u/|bpm|beats|breaths|kcal|cal|cells|copies|(?<! )/|x10|per\b|hours?|hrs?|min|"
    r"days?|weeks?|wks?|months?|years?|yrs?|yo\b|y/o|times|°|degrees|pounds|lbs?|ft|feet|inches|points?|platelets|steps|episodes|patients|people|μ|ng|pg|k\b)",
    re.IGNORECASE,
)
_NO_CODE = re.compile(
    r"NCT\d{8}|ISRCTN\d+|PMC\d+|rs\d+|ISO-?\d+|COVID-?\d+|"
    r"(?:19|20)\d\d|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d|\d{1,2}/\d{1,2}(?:/\d\d)?|(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d+\.\d+|\d{1,3}[-/]\d{1,3}|"
    r"(?:19|20)\d\d-(?:19|20)?\d\d|[A-Z]\d\d(?:\.[\dA-Z]{1,4})?|[A-Z]{1,3}\d{1,2}(?:[-/][A-Z]{0,2}\d{1,2})?|\d+(?:st|nd|rd|th|s|x|h|d|w|y|yo|mg|ml|mcg|g|kg|cm|mm|hr|hrs|am|pm|F|M|C)",
    re.IGNORECASE,
)
_PUBLIC = re.compile(
    r"(?:\b(?:NCT|PMID|PMCID|PMC|doi|ISBN|ISRCTN|ICD(?:-\d+)?(?:-[A-Z]+)?|CPT|HCPCS|SNOMED(?: CT)?|LOINC|RxNorm|NDC|CFR|U\.?S\.?C|ATC|MeSH|lot|batch|count|load|room|bed|rm|floor|"
    r"suite|apt|box|page|section|guideline|version|DRG|CVX|ORPHA|OMIM|GRCh\d*|chr|rs|HLA|CD|series|image|kcal|diet|PDB|EC|CAS)\s?[#:.]?\s?)$",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"(?!(?:NCT|PMC|COVID|ISO|GRCh|rs)\d*)(?:[A-Z]{1,5}[-_]?\d{5,}[A-Z]?|[A-Z]{1,4}-\d{2,}-[A-Z\d]+(?:-[A-Z\d]+)*|\d{2,}-[A-Z]{1,4}-\d{3,}|[A-Z]+\d{1,2}-\d{4,}|"
    r"[A-Z]{2,4}[- ]\d{4,}|\d{7,12}|\d{4}-\d{4}-\d{2,4}|\d{2}-\d{2}-\d{2}|[A-Z]\d{3} \d{4} \d{4}|\d{3}-\d{2}-\d{4}[A-Z]|[A-Z]{2,}-[\da-f]{6,}|\d{1,2}[A-Z]{2,3}\d{4,}|"
    r"\(21\)\s?[A-Z\d]{5,})",
    re.ASCII,
)

_SSN = re.compile(r"(?<![\w\-])\d{3}( ?[-./] ?| )\d\d\1\d{4}(?![\w]|[-.]\d)", re.ASCII)
_SSN_MASKED = re.compile(r"(?<![\w])(?:xxx|\*{3})[- ](?:xx|\*\*)[- ]\d{4}(?!\w)", re.IGNORECASE | re.ASCII)
_PHONE = re.compile(
    r"(?<![\w.\-/])(?:"
    r"(?:\+?1[-. ]{0,2})?(?:\(\d{3}\)[-. ]{0,2}|\d{3}[-. /])\d{3}[-. ]\d{4}"
    r"|\+\d{1,3}[-. ]?(?:\(0?\d{1,4}\)[-. ]?)?\d{1,5}(?:[-. ]?\d{2,5}){1,5}"
    r"|0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}"
    r")(?:,?\s*(?:ext|x|extension|转|分机)\.?\s*\d{1,6})?(?![\w]|[-/.]\d)",
    re.IGNORECASE | re.ASCII,
)
_LOCAL_PHONE = re.compile(r"(?<![\w.\-/])[2-9]\d{2}[-.]\d{4}(?![\w]|[-.]\d)", re.ASCII)
_PHONE_LABEL = re.compile(
    r"(?:\b(?:tel|telephone|phone|ph|cell|mobile|call|called|calls|home|work|pager|contact|reach(?:ed|able)?|voicemail|line|text|at|beeper|callback|"
    r"office|hotline|dial)\b\.?(?:\s(?:no|number|#|him|her|me|them|us|back)\.?)?|☎|电话|手机|联系方式|热线)[\s:：#()]*(?:(?:is|at|on|to)\s+)?$",
    re.IGNORECASE | re.ASCII,
)
_FAX_LABEL = re.compile(r"(?:\b(?:fax|facsimile|telefax|fx)(?:ed)?\b|传真)[^\n\d;。]{0,25}$", re.IGNORECASE | re.ASCII)
_LABELLED_PHONE = re.compile(
    r"\b(?i:(?P<fax>fax|facsimile)|tel|telephone|phone|cell|mobile|pager|beeper|contact|ph|extension|ext)\b\.?"
    r"(?:\s(?i:no|number|#)\.?)?\s?(?:[:：#]\s*|\s+(?i:is|at|to)?\s*)(?P<value>[+(]?\d[\d\s().\-]{2,18}\d)(?![\w/%]|\.\d)",
    re.ASCII,
)
_FREE_PHONE = re.compile(r"(?<![\w.\-/])[+(]?\d[\d().\- ]{5,16}\d(?![\w/%]|[-.]\d)", re.ASCII)
_EXTENSION = re.compile(
    r"(?:(?<![\w])(?:ext\.?|extension|pager|beeper)\s?(?:no\.? ?|number )?#?:?\s?(?=\d\d)|(?<=\s)x(?=\d{3}))(?P<value>\d{2,6})(?![\w%/]|\.\d)",
    re.IGNORECASE | re.ASCII,
)
_EMAIL = re.compile(r"(?<![\w.+\-])[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+", re.ASCII)
_EMAIL_SPELLED = re.compile(
    r"(?<![\w.])[\w.+\-]{2,}\s?(?:\[at\]|\(at\)| at )\s?[\w\-]+(?:\s?(?:\[dot\]|\(dot\)| dot |\.)\s?(?:com|org|net|edu|gov|cn|io))+\b",
    re.IGNORECASE | re.ASCII,
)
_URL = re.compile(
    r"(?:\b(?:https?|ftps?|sftp)://[^\s<>\"'（）()，。；、\u4e00-\u9fff]+"
    r"|\bwww\.[^\s<>\"'（）()，。；、\u4e00-\u9fff]+"
    r"|(?<![\w@.\-/])(?:[a-z\d](?:[a-z\d\-]*[a-z\d])?\.)+(?:com|org|net|edu|gov|mil|io|health|cn|uk|de|info|me|example|test|co|us|ca|app|care|clinic|local)"
    r"(?:/[^\s<>\"'（）()，。；、\u4e00-\u9fff]*)?(?![\w@\-]|\.\w))",
    re.IGNORECASE | re.ASCII,
)
_IP = re.compile(
    r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)(?:/\d{1,2})?"
    r"|(?<![\w:.])(?=[\da-f:]*:[\da-f:]*:)(?:[\da-f]{1,4}:){1,7}(?::?[\da-f]{1,4}){0,7}(?:::)?(?![\w:])"
    r"|(?<![\w:.])::(?:[\da-f]{1,4}:){0,6}[\da-f]{1,4}(?![\w:])",
    re.IGNORECASE | re.ASCII,
)
_MAC = re.compile(r"(?<![\w:\-])(?:[\da-f]{2}([:-]))(?:[\da-f]{2}\1){4}[\da-f]{2}(?![\w:\-])", re.IGNORECASE | re.ASCII)
_UUID = re.compile(
    r"(?<![\w\-])[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?![\w\-])", re.IGNORECASE | re.ASCII
)
_VIN = re.compile(r"(?<![\w])[A-HJ-NPR-Z\d]{17}(?![\w])", re.ASCII)
_UDI = re.compile(r"\(01\)\s?\d{14}(?:\s?\((?:10|11|17|21)\)\s?[A-Z\d\-]+)*", re.IGNORECASE | re.ASCII)
_MBI = re.compile(
    r"(?<![\w\-])[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}(?![\w\-])",
    re.ASCII,
)
_DEA = re.compile(r"(?<![\w])[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}(?![\w])", re.ASCII)
_CARD = re.compile(r"(?<![\w\-.])[3-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{3,4}(?:[ -]?\d{1,3})?(?![\w\-])", re.ASCII)
_IBAN = re.compile(r"(?<![\w])[A-Z]{2}\d{2}(?:\s?[A-Z\d]{4}){3,7}(?:\s?[A-Z\d]{1,3})?(?![\w])", re.ASCII)
_PHOTO = re.compile(
    r"(?<![\w/\\])(?:[A-Za-z]:)?[\w./\\\-]*[\w\-]\.(?:jpe?g|png|tiff?|heic|heif|bmp|gif|webp|raw|dng|cr2|nef|jfif|jpe|svg|dcm|mp4|mov|avi)(?![\w])",
    re.IGNORECASE,
)
_CAMERA = re.compile(
    r"(?<![A-Za-z\d])(?:IMG|DSC[NF]?|PXL|DCIM|MVI|PIC|PHOTO|FOTO|IMAGE|SCAN)[_\- ]?(?:\d{3,}|\d+_\d+)(?:[_-]\w+)*",
    re.ASCII,
)
_PHOTO_LABEL = re.compile(
    r"\b(?:photo(?:graph)?s?|(?:full[- ]?)?face (?:photo|image|picture)|image|picture|photo id|headshot|portrait)"
    r"(?:\s(?:file|id|ref(?:erence)?|no|number|#))*\.?\s?[:#]?\s+(?:is\s+)?(?P<value>(?=[\w\-]*\d)[A-Z][\w\-]{4,})(?![\w.])",
    re.IGNORECASE | re.ASCII,
)
_PLATE_US = re.compile(
    r"\b(?i:(?:licen[sc]e |number |registration )?plates?|tag|registration|car|ambulance|truck|taxi|van|vehicle)(?i:\s(?:no|number|#|reads|reading|is|of))*\.?\s?[:#]?\s?\(?"
    r"(?:(?P<state>[A-Z]{2})[ -])?(?P<value>(?=[A-Z\- ]{0,8}\d)[A-Z\d]{1,4}[ \-·]?[A-Z\d]{2,4}(?:[ -][A-Z\d]{1,3})?)(?![\w])",
    re.ASCII,
)
_ZIP = re.compile(
    r"(?:\b(?i:zip(?:\s?code)?|postal code|postcode)\b\s?(?:[:#]\s*|is\s+|of\s+|\s)\s*(?P<a>\d{5}(?:-\d{4})?)"
    r"|(?:, ?|[a-z] |[A-Z]{3} |\n)(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY]),?"
    r"\s+(?P<b>\d{5}(?:-\d{4})?)"
    r"|\b(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|"
    r"Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|Hampshire|"
    r"Jersey|Mexico|York|Carolina|Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Island|Tennessee|Texas|Utah|Vermont|Virginia|Washington|"
    r"Wisconsin|Wyoming|Columbia),?\s+(?P<c>\d{5}(?:-\d{4})?)"
    r"|(?:邮编|邮政编码)(?:是|为)?[:：\s]*(?P<d>\d{6}))(?![\w]|-\d)",
    re.ASCII,
)


_ZIP_AFTER_PLACE = re.compile(
    r"(?:(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Ln|Boulevard|Blvd|Court|Way|Place|Pl)\.?(?:,? (?:Apt|Unit|Suite|#)\.? ?\w+)?,? (?:[A-Z][\w.'-]+,? ){0,3}"
    r"|(?:Box|BOX) \d+,? (?:[A-Z][\w.'-]+,? ){1,3}|(?:Calif|Mass|Penn|Tex|Fla|Ill|Mich|Wash|Ariz|Colo|Conn|Ga|Ind|Kan|Ky|Md|Minn|Miss|Mo|Neb|Nev|Okla|Ore|Tenn|Va|Vt|Wis)\. )"
    r"(?P<zip>\d{5}(?:-\d{4})?)(?![\w]|[-.]\d)(?! ?(?:mg|ml|cells|copies|units|kcal|/))"
)
_ZIP_AFTER_WORDS = re.compile(
    r"\d[^\n\d]{3,40}[,.\n] ?[A-Z][a-z]+(?: [A-Z][a-z]+)?,? (?P<zip>\d{5}(?:-\d{4})?)(?=[.;]?\s*(?:\n|$)|\. )"
)
_POSTCODE = re.compile(
    r"(?<![\w])(?:[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}|[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d)(?![\w])"
)


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
    for match in _ZIP_AFTER_PLACE.finditer(text):
        yield Candidate(match.start("zip"), match.end("zip"), "zip", 0.7)
    for match in _ZIP_AFTER_WORDS.finditer(text):
        yield Candidate(match.start("zip"), match.end("zip"), "zip", 0.6)
    for match in _POSTCODE.finditer(text):
        yield Candidate(match.start(), match.end(), "zip", 0.7)
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
            re.IGNORECASE | re.ASCII,
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
    for match in _FREE_PHONE.finditer(text):
        before = text[max(0, match.start() - 30) : match.start()]
        if _FAX_LABEL.search(before) or _PHONE_LABEL.search(before) or match[0][0] in "+0(":
            yield Candidate(match.start(), match.end(), "phone", 0.7)
    for match in _EXTENSION.finditer(text):
        yield Candidate(match.start("value"), match.end("value"), "phone", 0.6)


def _label_before(text: str, start: int) -> tuple[IdentifierKind, str, bool] | None:
    """The label that the code at `start` stands behind: kind, words, and whether they say that a code follows."""
    line = max(text.rfind("\n", 0, start - 1), text.rfind("; ", 0, start), start - 60, -1) + 1
    before = text[line:start]
    for label in reversed(list(_LABEL.finditer(before))):
        gap = before[label.end() :]
        if not _GAP.fullmatch(gap):
            continue
        kind: IdentifierKind = next(kind for kind in _LABELS if label[kind])
        strong = _STRONG_GAP.search(gap) is not None
        if kind == "id_number":
            # "Insured's I.D. number", "voice sample kept as": a word before may say more of what it is.
            outer = [o for o in _LABEL.finditer(before, 0, label.start()) if _GAP.fullmatch(before[o.end() :])]
            if outer:
                label = next((o for o in reversed(outer) if not o["id_number"]), outer[-1])
                kind = next(kind for kind in _LABELS if label[kind])
                strong = True
        return kind, label[0].lower(), strong or label[0].lower() in _SELF
    return None


_PREFIX = re.compile(r"(?<![\w])([A-Z]{1,5}) $")
_NAMED_LINE = re.compile(r"[^\W\d], ?[A-Z][^\n\d]{1,40} ?[/|–—-] ?$")
_LICENSED = re.compile(r"(?:MD|M\.D\.|DO|RN|NP|PA(?:-C)?|LPN|PharmD|DDS),? ?\(?$")


def _kind_by_place(text: str, start: int, end: int) -> IdentifierKind:
    """What a code without label is: a record number behind "LAST, FIRST /", a licence behind a degree."""
    before = text[max(0, start - 60) : start]
    if _NAMED_LINE.search(before):
        return "mrn"
    return "licence" if _LICENSED.search(before) else "id_number"


_SELF = frozenset(
    [
        "mrn",
        "ssn",
        "vin",
        "npi",
        "dea",
        "iban",
        "imei",
        "udi",
        "csn",
        "mbi",
        "hicn",
        "serial",
        "s/n",
        "acct",
        "emr",
        "pid",
        "plate",
        "plates",
    ]
)
_VAGUE = frozenset(
    [
        "unit",
        "car",
        "van",
        "report",
        "note",
        "form",
        "file",
        "lab",
        "block",
        "code",
        "number",
        "case",
        "study",
        "visit",
        "order",
        "service",
        "group",
        "chart",
        "plan",
        "records",
        "record",
        "lead",
        "port",
        "valve",
        "monitor",
        "machine",
        "mesh",
        "graft",
        "sensor",
        "catheter",
        "pump",
        "bank",
        "tag",
        "signed",
        "voice",
        "facial",
        "gait",
        "iris",
        "icd",
        "insurance",
        "carrier",
        "coverage",
        "request",
        "policy",
        "acc",
        "slide",
        "user",
        "session",
        "doc",
        "document",
        "medicare",
        "medicaid",
        "registered",
        "registration",
        "certificate",
        "certification",
        "permit",
        "sample",
        "specimen",
        "specimens",
    ]
)


def find_labelled(text: str) -> Iterator[Candidate]:
    """Numbers and codes behind a label that says what they are, and those whose look says that they are codes."""
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        value = match[0]
        first, *groups = value.split(" ")
        # "D744 4386 1378" is one number, "MRN 12345 45 year old" none.
        if groups and not (
            len(first) <= 4
            and all(len(group) >= 3 for group in groups[:-1])
            and len(groups[-1]) >= 2
            and (len(groups) > 1 or len(groups[0]) >= 3)
        ):
            value, end = first, start + len(first)
        digits = sum(character.isdigit() for character in value)
        if digits < (2 if len(value) >= 8 else 3) or len(value) < 4 or _NO_CODE.fullmatch(value):
            continue
        if (value.isdigit() and _UNIT_AFTER.match(text, end)) or re.match(r"[.,]\d", text[end : end + 2]):
            continue
        if _PUBLIC.search(text[max(0, start - 20) : start]):
            continue
        label = _label_before(text, start)
        if label is not None:
            kind, words, strong = label
            enough = digits >= (
                2
                if strong and len(value) >= 8
                else 3
                if strong
                else 4
                if words not in _VAGUE
                else 6
                if value.isdigit()
                else 4
            )
            mixed = any(c.isupper() for c in value) or value.isdigit() or "-" in value or digits >= 4
            if enough and mixed:
                prefix = _PREFIX.search(text, max(0, start - 7), start)
                if (
                    prefix
                    and (words in _VAGUE or not _LABEL.fullmatch(prefix[1]))
                    and value[0].isdigit()
                    and _label_before(text, prefix.start(1))
                ):
                    start = prefix.start(1)
                if kind == "vehicle" and value.isdigit() and not strong:
                    continue
                yield Candidate(start, end, kind, 0.91 if strong else 0.8)
                continue
        if (
            (text[start - 1 : start] == "#" and digits >= 4)
            or (
                digits >= 5
                and re.search(r"[|/\[] ?$", text[max(0, start - 2) : start])
                and re.match(r" ?[|/\])]", text[end : end + 2])
            )
        ) or (_ALONE.fullmatch(value) and not re.fullmatch(r"\d{3}[-.]\d{4}", value)):
            yield Candidate(start, end, _kind_by_place(text, start, end), 0.45)
    for match in _CAMERA.finditer(text):
        yield Candidate(match.start(), match.end(), "photo", 0.92)
    for match in _PHOTO_LABEL.finditer(text):
        yield Candidate(match.start("value"), match.end("value"), "photo", 0.89)
    for match in _PLATE_US.finditer(text):
        if any(c.isalpha() for c in match["value"]):
            yield Candidate(match.start("value"), match.end("value"), "vehicle", 0.89)
    for match in _IBAN.finditer(text):
        compact = re.sub(r"\s", "", match[0])
        moved = compact[4:] + compact[:4]
        if int("".join(str(int(c, 36)) for c in moved)) % 97 == 1:
            yield Candidate(match.start(), match.end(), "account", 0.9)
