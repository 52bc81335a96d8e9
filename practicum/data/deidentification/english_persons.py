"""Names of persons in English text by exclusion: what is capitalised and neither a word, a drug, a disease nor a place.

Lists of names hold the names of one country; notes are written of people from everywhere. Lists of what is *no*
name are longer and more nearly complete, so a capitalised word that none of them explains is taken for a name, and
one that some explain (Love, Church, Bone) where what stands beside it speaks for a person.
"""

# ruff: noqa: C901

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Set
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from practicum.data.deidentification import gazetteers
from practicum.data.deidentification.name_likeness import name_likeness
from practicum.data.deidentification.no_names import DEGREES, EPONYMS, NO_NAMES, TITLES
from practicum.data.deidentification.stop_words import STOP_WORDS

_LATIN = [chr(code) for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))]
_UPPER = "A-Z" + "".join(character for character in _LATIN if character.isupper())
# A letter and its mark may be two characters.
_LOWER = "a-z\u0300-\u036f" + "".join(character for character in _LATIN if character.islower())
_LETTER = _UPPER + _LOWER
_APOSTROPHE = "['\u2019\u02bb\u02bc]"

_TOKEN = re.compile(
    rf"(?<![\w@\\.+])(?:(?:[{_UPPER}]\.-?){{1,4}}(?![{_LOWER}])"
    rf"|[{_LETTER}]+(?:{_APOSTROPHE}(?!s\b)[{_LETTER}]+)*(?:-[{_LETTER}]+(?:{_APOSTROPHE}[{_LETTER}]+)?)*)"
    r"(?![\w@\\]|\.\w\w)"
)
_PARTICLES = frozenset(
    """
    van von de der den del della di da dos das du la le el al bin ibn bint ben ter ten af av zu san mac ó ní nic
    o abu umm ould d d' 't abd des do los las st st. ste ste. vander y e und ap ua giolla zum zur op av tot
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
_JOINT = re.compile(r" |-| (?:(?:van|von|in) )?'t | d['\u2019]|\. ")

Kind = Literal["name", "weak", "unknown", "initial", "particle", "word"]


class Token(NamedTuple):
    """A word of a text and what it may be in a name."""

    start: int
    end: int
    text: str
    kind: Kind


_DISEASE_AFTER = re.compile(r"['\u2019]s? (\w+ )?(?P<word>[a-z]+)")


def names_a_disease(text: str, end: int) -> bool:
    """Whether what ends at `end` is the name in a disease's name, as in "Fiedler's myocarditis"."""
    match = _DISEASE_AFTER.match(text, end)
    return match is not None and (
        match["word"] in ("papules", "papule", "nodes", "spots") or _DISEASE.search(match["word"]) is not None
    )


def names_a_thing(text: str, start: int, end: int) -> bool:
    """Whether a capitalised word after which something is named stands without any sign of a person.

    So does a score's, a sign's, an instrument's: "Schober 4 cm", "circle of Willis", "5 x Lavender".
    """
    word = text[start:end]
    if kind(word) == "name" and not _is_eponym_word(word):
        return False
    before, after = text[max(0, start - 40) : start], text[end : end + 60]
    if (
        _STRONG_BEFORE.search(before)
        or _HARD_BEFORE.search(before)
        or _TITLE_BEFORE.search(before)
        or _FAMILY_AFTER.match(after)
        or _AGED_AFTER.match(after)
        or (_CELL_BEFORE.search(before) and _CELL_AFTER.match(after) and kind(word) != "unknown")
    ):
        return False
    if _ARTICLE_BEFORE.search(before) or _GRADE_AFTER.match(after) or _noun_after(text, end):
        return True
    if is_spelled_otherwise(word) and not _PERSON_BEFORE.search(before) and not _PERSON_AFTER.match(after):
        return True
    if not _is_eponym_word(word) or re.match("['\u2019]s? [a-z]", after):
        return False
    closed = word.lower() not in NO_NAMES and _CLOSED.match(after) is not None
    return not (_PERSON_BEFORE.search(before) and (closed or _PERSON_AFTER.match(after)))


_NEXT_WORD = re.compile(r" (?P<word>[a-z]{3,})(?![\w'\u2019])")
_NO_NOUNS = frozenset(
    """
    about above after again against ago alert alive all alone along already also although and any are around asleep
    ate aware awake away back bedside because been before began behind below beside besides between both brought but
    came can cannot confused could cut despite did died does done down drove drunk due during each either else even
    ever every fell felt few fine for found from gave gone got had happy has have held her here hers herself him
    himself his how however hurt ill inside into isn its itself just kept knew last late later lay least led left
    let lost made many may maybe meant met might more most much must myself near neither never next nor not now off
    often once one only onto other our out outside over own paid per perhaps put quit quite ran rang rather read
    present ready responsive rode said same sang sat saw seen sent set several shall she should since sleepy slept
    some soon spoke stable still stood such swore sad take than that the their them then there these they this those
    though through thus till today together told tomorrow tonight too took toward towards tried twice two under
    unless until upon upset very via was well went were what when where whether which while who whom whose why will
    with within without woke wore worse would wrote yes yesterday yet you your also alone anxious tearful calm
    pleasant cooperative comfortable afebrile independent oriented available unable able aged born whom thru per dnr
    feeling sometimes always usually three four five six seven
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
"""What stands behind a person's name and is no noun: behind a thing's there is one, as in "Hasson trocar"."""


def _noun_after(text: str, end: int) -> bool:
    """Whether a noun in small letters follows, as far as its ending tells."""
    match = _NEXT_WORD.match(text, end)
    if match is None:
        return False
    word = match["word"]
    return (
        word not in _NO_NOUNS
        and not word.endswith(("s", "ed", "ing", "ly"))
        and (gazetteers.words().get(word, 0) > 0 or word in gazetteers.disease_words())
    )


_UNLIKE_A_NAME = -0.4


def is_spelled_otherwise(word: str) -> bool:
    """Whether a word on no list is spelled as brands and terms are, rather than names."""
    return kind(word) == "unknown" and name_likeness(unaccented(word)) < _UNLIKE_A_NAME


def is_graded(text: str, start: int, end: int) -> bool:
    """Whether a grade stands behind a word after which a scale is named: "Fitzpatrick II"."""
    return (
        _is_eponym_word(text[start:end])
        and _GRADE_AFTER.match(text, end) is not None
        and not _TITLE_BEFORE.search(text, max(0, start - 40), start)
    )


def are_things(words: list[str]) -> bool:
    """Whether words side by side all belong to names of things: "Bair Hugger"."""
    return len(words) > 1 and all(word.lower() in NO_NAMES for word in words)


_SHOUT_BEFORE = re.compile(r"[A-Z]{2,} $")


def is_shouted_word(text: str, start: int, end: int) -> bool:
    """Whether a word in capitals among others in capitals is an ordinary one: "TAKE WITH FOOD"."""
    word = text[start:end]
    return (
        word.isupper()
        and kind(word) in ("weak", "unknown", "word")
        and _SHOUT_BEFORE.search(text, max(0, start - 20), start) is not None
    )


_DISEASE = re.compile(r"(?:itis|osis|oma|emia|pathy|algia|plegia|trophy|pnea|uria|derma|dermia|sclerosis)$")


def unaccented(word: str) -> str:
    """A lower-case word in the letters of the census."""
    folded = unicodedata.normalize("NFKD", word.lower().replace("ł", "l").replace("ø", "o").replace("ı", "i"))
    return "".join(character for character in folded if not unicodedata.combining(character))


_MEDICAL = re.compile(
    r"(?:olol|pril|statin|mab|azole|cillin|mycin|micin|sartan|dipine|tidine|oxacin|cycline|prazole|gliptin|gliflozin"
    r"|glutide|formin|thiazide|semide|caine|barbital|zepam|zolam|oxetine|triptan|setron|tinib|parin|xaban|grel|vir"
    r"|dronate|sone|solone|onide|terol|tropium|lukast|profen|coxib|codone|morphone|azine|apine|idone|piprazole|itis"
    r"|osis|emia|aemia|oma|omas|pathy|ectomy|otomy|ostomy|plasty|scopy|graphy|gram|algia|uria|pnea|penia|megaly|plegia"
    r"|paresis|rrhea|rrhage|lysis|ology|ological|ologist|opathy|tion|tions|ment|ness|ical|ious|able|ible|coccus|cocci"
    r"|bacter|bacterium|monas|bacillus|spira|plasma|myces|virus|phage|itic|otic|emic|ular|ation|ized|ising|izing|tomy"
    r"|ectasia|ectasis|trophy|blast|genic|lytic|plastic|pathic|philic|cyte|cytes|ase|gene|phobia|mania|stasis|static"
    r"|physis|phyte|phytes|ferous|form|oid|oids|osal|eal|ially|ity|lobin|globulin|sterol|cept|kinra|ximab|mide|zide"
    r"|nazole|dazole|barb|quine|dronic|relin|pressin|tocin|parib|ciclib|rafenib|limus|fungin|floxacin|penem)s?$"
)


@lru_cache(maxsize=50_000)
def kind(token: str) -> Kind:
    """What a word may be in a name, by its letters alone.

    `name`: a known name that hardly is a word; `weak`: a name that is a word too; `unknown`: on no list.
    """
    if re.fullmatch(rf"(?:[{_UPPER}]\.-?){{1,4}}|[{_UPPER}]", token):
        return "initial"
    lower = token.lower().replace("\u2019", "'")
    if lower in _PARTICLES and lower != "st":
        return "particle"
    if lower in STOP_WORDS or lower in NO_NAMES or lower.rstrip("s") in NO_NAMES:
        return "word"
    # One word of ordinary ones joined by hyphens makes the whole one: Follow-up, Beta-blocker.
    if re.fullmatch(r"\w+'(?:re|ve|ll|d|t|m|s)", lower):
        return "word"
    parts = re.split("[-']", lower)
    if len(parts) > 1:
        kinds = {kind(part) for part in parts if len(part) > 1}
        if "'" in lower and "word" in kinds and len(parts[0]) > 2:
            return "word"
        if "word" in kinds and not kinds & {"name"}:
            return "word" if "'" not in lower else "unknown"
        return "name" if "name" in kinds else "unknown" if "unknown" in kinds else "weak" if "weak" in kinds else "word"
    if _NO_NAME_SHAPE.fullmatch(token):
        return "word"
    accented = not lower.isascii()
    plain = unaccented(lower)
    first, last = plain in gazetteers.first_names() or plain in _SHORT_NAMES, plain in gazetteers.surnames()
    count = 0 if accented else gazetteers.words().get(plain, 0)
    if plain in gazetteers.drugs() and not first:
        return "word"
    if first or last:
        if plain in gazetteers.disease_words() and (
            gazetteers.name_shares().get(plain, 0.0) < _RARE or not gazetteers.mostly_name(plain)
        ):
            return "weak" if first or plain in gazetteers.frequent_surnames() else "word"
        if gazetteers.mostly_name(plain):
            return "name"
        return "weak" if first or plain in gazetteers.frequent_surnames() or count < 30_000 else "word"
    if accented:
        return "unknown"
    if count >= _KNOWN_WORD or plain in gazetteers.disease_words() or _MEDICAL.search(plain):
        return "word"
    if len(plain) <= 5 and not re.search("[aeiouy]", plain):
        return "word"
    if plain.endswith(("s", "ed", "ing", "ly", "es", "er")) and _stem_is_word(plain):
        return "word"
    return "unknown" if len(plain) > 2 else "word"


_RARE = 0.02
"""Percentage of the census's people under which a name that is a word of diseases too is taken for the word."""
_KNOWN_WORD = 60
_NO_NAME_SHAPE = re.compile(r"[A-Z]{2,}s|(?!Ma?c)[A-Za-z]*[a-z][A-Z]+")
"""Of abbreviations: PVCs, HepB."""


def _stem_is_word(word: str) -> bool:
    words = gazetteers.words()
    for ending in ("s", "es", "ed", "d", "ing", "ly", "er"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word[: -len(ending)]
            if words.get(stem, 0) >= 2000 or words.get(stem + "e", 0) >= 2000 or stem in gazetteers.disease_words():
                return True
    return False


_EPONYM_AFTER = re.compile(
    r"(?:['\u2019]s?)?[\s-](?:(?:and|or|&) [A-Z]\w+ )?(?:[A-Za-z]\w+[\s-])?(?:diseases?|syndromes?|signs?"
    r"|scores?|scales?|tests?|testing|criteri(?:a|on)"
    r"|class(?:ification)?|catheters?|phenomen(?:on|a)|(?:\w*)(?:oma|omas|itis|osis|pathy|emia)|palsy"
    r"|fractures?|man(?:o)?euv(?:er|re)s?|maneuvers?|stain(?:ing)?|tumou?rs?|cells?"
    r"|index|contractures?|o?esophagus|dementia|disorder|ulcers?|nodes?|bod(?:y|ies)|tubes?|drains?|forceps"
    r"|clamps?|retractors?|operation|procedure"
    r"|repair|grids?|rules?|excrescences?|removal|charts?|ankle rules?|lifts?|dressings?|rods?|screws?"
    r"|incisions?|approach|blades?|airways?|lamp|loupe|reduction|bypass|projection|(?:hearing )?aids?|reflex"
    r"|response|law|lines?|rings?|hernias?|point|position|angle|area|block|an(?:a)?esthesia|pouch|triad"
    r"|tetralogy|anomaly|malformation"
    r"|chorea|ataxia|o?edema|nephropathy|murmur|pulse|breathing|respiration|glands?|ducts?|canal|fever"
    r"|lesions?|n(?:a)?evus|waves?|factor|method"
    r"|formula|equation|stag(?:e|ing)|grad(?:e|ing)|scoring|system|scans?|pins?|nails?|plates?|prosthesis"
    r"|valves?|shunts?|stents?|filters?"
    r"|inventory|questionnaire|protocol|regimen|diet|apparatus|membrane|muscle|ligament|tendon|cysts?"
    r"|paralysis|aphasia|exercises?|splints?|bandage"
    r"|dystrophy|tremor|gait|facies|sphincter|papilla|loop|capsule|plexus|traction|frame|brace|cast|solution"
    r"|lactate|mask|wires?|tape|needles?"
    r"|negative|positive|absent|lift|pumps?|boots?|bag|collar|pads?|hook|knot|suture|sling|beds?|mattress"
    r"|monitor|cannula|stockings?|agar|medium"
    r"|deviation|classe?s|grades?|type|sequence|deformity|nodules?|spots?|rash|crisis|law|effect|tear"
    r"|ultrasound|flow|antibod(?:y|ies)|antigen|bacillus|virus|panels?|tubercles?|mutations?|variants?|monofilaments?"
    r"|pattern|definitions?|sequence|task|battery|curve|cut-?off|model|staging|eponym|approximation|estimate|lymphoma|tympanogram|field)\b",
    re.IGNORECASE,
)
_DOSE_AFTER = re.compile(
    r"(?:,? \d[\d.,]*(?:-\d+)? ?(?:mg|mcg|µg|g|ml|units?|iu|meq|%|mcg/hr|tabs?|puffs?)\b"
    r"|,? (?:tablets?|capsules?|patch|cream|drops|inhaler|infusion|injection|dose|po|iv|bid|tid|qd|prn|daily"
    r"|gtt|drip)\b)"
    r"|®|™",
    re.IGNORECASE,
)
_NUMBER_AFTER = re.compile(r":? ?[<>=]? ?\d{1,3}(?:\.\d+)?(?:/\d+)?(?=[,;.)\n]|$| (?:on|at|in|to)\b)")
_GRADE_AFTER = re.compile(
    r"[ -](?:(?:grade|stage|type|class|score|level|group)s? )?(?:I{1,3}|IV|V|VI{1,3}|IX|[0-9](?:[-+/][0-9])?"
    r"|[0-9]{1,3}(?:\.[0-9]+)? ?"
    r"(?:mm|cm|%|degrees?|deg|°|points?|pts?|/\d+))(?![\w/-])(?! [A-Z]?\d| ?(?:mo|m/o|y|yo|y/o|yrs?|wks?"
    r"|weeks?|months?|years?|days?|[FM])\b)"
)
"""What stands behind a score's or a sign's name: a grade, or what was measured."""
_ARTICLE_BEFORE = re.compile(
    r"\b(?:the|an?|no|any|positive|negative|modified|repeat|abnormal|normal|using|via|\d x|circle of"
    r"|foramen of|bundle of|triangle of|pouch of|ligament of|sphincter of|angle of|canal of|loop of|node of"
    r"|space of|line of|island of|layer of|membrane of)\s$",
    re.IGNORECASE,
)
_FAMILY_AFTER = re.compile(
    r"(?:['\u2019]?s)?,? (?:family|household|boys?|girls?|twins?|children|kids?|brothers?|sisters?|residence"
    r"|home|team)\b"
)
_CLOSED = re.compile(r"[.,;:)\n]|$")
_LABEL_AFTER = re.compile(r" ?[:~=#](?!\w)")
_LABEL_START = re.compile(r"(?:^|\n|\t|\||;|\.|  |[-–—•*>])[ >]*$")
_VALUE_AFTER = re.compile(r" ?[:~=#] *(?:[\dA-Z([+<>$#-]{2}|\d|$|\n)")
_SCORES_BESIDE = re.compile(r"\d(?:/\d+)?(?: ?(?:s|sec|%|cm|mm))?[,;.] $")
_SCORE_AFTER = re.compile(r" [<>=]?\d{1,3}(?:\.\d+)?(?:/\d+)?(?: ?(?:s|sec|%))?(?=[,;.\n]|$)")
_TITLE_BEFORE = re.compile(
    r"(?:^|[^\w])"
    rf"(?:{'|'.join(sorted(map(re.escape, TITLES), key=lambda title: (-len(title), title)))})\.{{0,2}}[ \n]?$",
    re.IGNORECASE,
)
_PERSON_BEFORE = re.compile(
    r"(?:\b(?:patient|pt|pts|client|resident|caller|informant|historian|son|daughter|mother|father|mom|mum|dad"
    r"|mama|papa|brother|sister|sis|bro|aunt|auntie|uncle"
    r"|niece|nephew|cousin|grand(?:son|daughter|mother|father|ma|pa|parents?|child|kids?)|step\w+|twins?|child"
    r"|kids?|boy|girl|baby|friend|neighbou?r|roommate"
    r"|(?:ex|ex-wife|ex-husband)|girlfriend|boyfriend|wife|husband|spouse|partner|fianc[eé]e?|widow(?:er)?"
    r"|parents?|family|in-law|guardian|caregiver|carer|aide|sitter|nanny"
    r"|boss|supervisor|manager|foreman|coach|teacher|principal|lawyer|attorney|landlord|landlady|driver"
    r"|courier|escort|interpreter|translator|chaplain|priest|witness"
    r"|nurse|doctor|physician|surgeon|attending|fellow|intern|scribe|tech|therapist|counsel(?:l)?or|pharmacist"
    r"|midwife|doula|medic|technician|provider|consultant|hygienist|hyg|neph"
    r"|rn|lpn|cna|np|pa|md|do|emt|pt|ot|rt|slp|sw|cm|pcp|co|po|officer|ofc|guard|deputy|inmate|student|camper"
    r"|member|owner|user|donor|recipient|passenger|pax"
    r"|named?|called|nicknamed|alias|aka|a\.k\.a\.|dear|hi|hello|hey|regards|sincerely|thanks|thank you|cheers"
    r"|love|yours|signed|sig|esig|per|attn|cc|c/o|re|via|by|w/"
    r"|from|to|with|and|for|told|tells|asked|asks|asking|let|lets|saw|sees|see|seen|met|meet|meets|call|calls"
    r"|phone|phoned|phones|page|paged|paging|text|texted|email|emailed|ring|rang|f/u"
    r"|spoke|spoken|says|said|thinks|heard|helped|helping|visited|accompan(?:y|ied)|brought|joined|thank"
    r"|inform(?:ed)?|notif(?:y|ied)|contact(?:ed)?|consult(?:ed)?|refer(?:red)?|ask|tell|but|because|that|when"
    r"|where|if|while|before|after|until|since|then|so|or|as|than|lives?|consent)"
    r"[,:;]?|[&+/~—–\-•*])\s[\"'“(]?$",
    re.IGNORECASE,
)
_CALLED_BEFORE = re.compile(
    r"\b(?:Dr|Mr|Mrs|Ms|Miss|Mx|Prof|Professor|Sister|Fr|Father|Rabbi|Auntie|Aunt|Uncle|Ofc|Officer|Nurse|hi|dear|hello"
    r"|wife|husband|son|daughter|mother|father|brother|sister|named|called|nicknamed)\b[.,]? $",
    re.IGNORECASE,
)
_STRONG_BEFORE = re.compile(
    r"(?:\b(?:patient|pt|client|resident|caller|son|daughter|mother|father|mom|mum|dad|brother|sister|aunt"
    r"|uncle|niece|nephew|cousin|grand(?:son|daughter|mother|father|ma|pa)"
    r"|step(?:son|daughter|mother|father)|girl|boy|baby|friend|neighbou?r|roommate|ex|girlfriend|boyfriend"
    r"|wife|husband|spouse|partner|fianc[eé]e?|driver|courier|escort"
    r"|interpreter|witness|nurse|doctor|surgeon|attending|named?|called|nicknamed|aka|dear|hi|hello|hey"
    r"|regards|sincerely|thanks|cheers|signed|told|asked|let|saw|met|paged|texted|rang"
    r"|spoke (?:to|with)|d/w|cc|attn|esig|hyg|landlord|teacher|coach|officer|inmate|camper|i'm|i am|this is"
    r"|name is|name's|it's|bleep|excuse|claimant|presenter|reviewers?|crew|medics?|legal|coord(?:inator)?|cg"
    r"|pax|paramedics?|appt w(?:ith|/)?|report from|escort|dictating on|requested by|counsell?or|implanted by"
    r"|examiner|assist(?:ant|ing)|staffed with|student|accompanied by|seen (?:with|by)|called me"
    r"|home visit to|called to|reported to|handed to|read back by|[a-z]+(?:ologist|iatrist|iatrician"
    r"|etrician|ician)|doula|proband|implanter|asst|scribe|user|insured"
    r"|(?:request|behalf|custody|instruction|direction|supervision|daughter|son|wife|husband|mother|father"
    r"|widow|carer|guardian|parents?|estate) of|checked with|cleared with|confirmed with|agreed with"
    r"|liaised with|(?:today|here|in|along|home|clinic|seen|presents?) with)[,:]?\s)[\"'“(]?$"
    r"|(?:^|[.?!\n] ?)(?:could|can|would|will|did|does|has|should|ask|ring|call|page|text|tell|found|let) $",
    re.IGNORECASE,
)
_PERSON_AFTER = re.compile(
    r"(?:['\u2019]s?\s(?!disease|syndrome|sign)(?:[a-z]|(?:MA|RN|NP|PA|MD|LPN|CNA|PCP|MRN|DOB)\b)"
    r"|\s(?:accepting|covering|notified|assisting|presenting|driving|visiting|attending|scrubbed|rounding)\b"
    r"|,?\s\(?\d{1,3}\s?(?:M|F|y|yo|y/o|years?|yrs?|-year)|,\s(?:MD|DO|RN|NP|PA|LPN|CNA|PhD|PharmD|PT|OT|RT"
    r"|EMT|RPh|DDS|FNP)\b|\s\((?:\d{1,3}\)|[a-z])"
    r"|,?\s(?:his|her|their|my|our|the|a|an|who|whose|aged?|born|dob|mrn|age)\b"
    r"|\s(?:and|&|or)\s[A-Z][a-z]|,\s[A-Z][a-z]+(?:,| and)"
    r"|\s(?:is|was|are|were|has|had|will|would|can|could|should|may|might|must|does|did|do|isn't|wasn't|won't"
    r"|didn't|doesn't|cannot|can't|couldn't|also|then|still|just|now|never|always|already|who|at|on|in|for|to"
    r"|from|by|w/)\b"
    r"|\s[a-z]+(?:ed|es|s|ied)\b|\s(?:says?|said|told|took|came|went|left|fell|ate|slept|woke|got|gave|kept"
    r"|let|sat|stood|ran|saw|thought|brought|drove|felt|found|held|knew|lost|made|met|paid|put|rang|read|sang"
    r"|sent|spoke|swore|wrote|lay|cut|hid|led)\b)"
)
_NOT_PERSON_AFTER = re.compile(
    r"(?:[ -](?:Street|St|Avenue|Ave|Road|Rd|Drive|Lane|Ln|Boulevard|Blvd|Court|Place|Highway|County|Township"
    r"|Bridge|River|Park|Island|Beach|Bay|Valley|Hills?|Springs?|Creek|Falls|Hospital|Clinic|Medical"
    r"|University|College|School|Church|Pharmacy|Center|Centre|Inc|Ltd|LLC|Corp|Foundation|Trust)\b)"
)
_PLACE_BEFORE = re.compile(
    r"\b(?:in|near|outside|around|downtown|north of|south of|east of|west of|city of)\s$", re.IGNORECASE
)
_LINE_BEFORE = re.compile(r"(?:^|\n|\t|\||;|(?<=[:,])|  |/s/|\bX)[ \"'“(*\-–—•~]*$")
_AMONG_EPONYMS = re.compile(r"(?P<word>[A-Z][\w'-]+)(?:,| and| or| &|, and|/) ?$")
_CELL_BEFORE = re.compile(r"(?: {2,}|\t|\|) ?$")
_CELL_AFTER = re.compile(r" ?(?: {2,}(?=[A-Z])|\t(?=[A-Z])|\||\n)")
_LINE_AFTER = re.compile(r"[ ]*(?:$|\n|\t|\||,|;|/|\(|  |\d|:|[-–—]\s)")
_AMID = re.compile(r"[a-z\d,;)] [\"'“(]?$")
_DATE_AFTER = re.compile(r"(?:[ ,.-]{1,2}(?:the )?\d{1,2}(?:st|nd|rd|th)?\b|[ ,']{1,2}(?:19|20)?\d\d\b|[-/]\d)")
_MONTHS = frozenset(["april", "august", "june", "may", "jan", "sept"])


_AGED_AFTER = re.compile(
    r",? \(?\d{1,3} ?(?:y/?o\b|yo[mf]?\b|mo\b|m/o|[MF]\b|(?:-| )?(?:year|yr|month|week)s?\b)"
    r"|, (?:[1-9]|[1-9]\d|1[01]\d)(?=[,;.)])(?!, \d)"
)
"""An age, which only persons have behind their names."""
_MONTH_BEFORE = re.compile(
    r"(?:\d(?:st|nd|rd|th)?(?: of)?|\b(?:in|of|since|until|till|by|last|next|this|early|late|mid|through|from"
    r"|to|and|or|before|after|every|each))[ -]$",
    re.IGNORECASE,
)


def is_month(text: str, start: int, end: int) -> bool:
    """Whether what is a month's name and a person's stands in a date or behind "in", "since" and the like."""
    return _DATE_AFTER.match(text, end) is not None or _MONTH_BEFORE.search(text, max(0, start - 12), start) is not None


def _tokens(text: str) -> Iterator[list[Token]]:
    """Words of a text in groups that may be one name: side by side, no ordinary word among them."""
    group: list[Token] = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        start, end = match.span()
        if word == "t" and text[start - 1 : start] == "'":
            # Of "van 't Hof": between the particle and the name.
            continue
        if word.endswith(".") and word[:-1] in ("L", "G", "F", "C", "M") and text[start - 2 : start - 1].isdigit():
            # "diuresed 8 L. Cheyne-Stokes breathing": a unit, and the sentence's end.
            if group:
                yield group
                group = []
            continue
        capital = word[0].isupper() or (len(word) > 2 and word[1] in "'’" and word[2].isupper())
        of = kind(word)
        if not capital and of != "particle":
            of = "word"
        if of in ("name", "weak") and word.lower() in _MONTHS and is_month(text, start, end):
            of = "word"
        if (
            of == "word"
            and capital
            and len(word) > 2
            and not word.isupper()
            and not STOP_WORDS.intersection((word.lower(),))
            and word.lower() not in NO_NAMES
            and not _MEDICAL.search(word.lower())
            and _CALLED_BEFORE.search(text, max(0, start - 30), start)
        ):
            of = "weak"
        if (
            of == "word"
            and capital
            and (
                _is_called(text, word, start, end)
                or (
                    _AGED_AFTER.match(text, end)
                    and (lower_name := word.lower()) not in _NEVER_CALLED
                    and lower_name not in STOP_WORDS
                    and (is_first_name(word) or lower_name in gazetteers.frequent_surnames())
                )
                or (_INITIAL_NEXT.match(text, end) and not {word.lower()} & (STOP_WORDS | NO_NAMES | TITLES))
                or (
                    _ONLY_PERSONS_DO.match(text, end)
                    and (is_first_name(word) or word.lower() in gazetteers.frequent_surnames())
                    and word.lower() not in _NEVER_CALLED
                )
            )
        ):
            of = "weak"
        if of == "word" and capital and group and _may_follow(text, group, word, start, end):
            of = "weak"
        if word.lower().rstrip(".") in TITLES or (word in DEGREES and (group or text[start - 2 : start] == ", ")):
            of = "word"
        if group and word.isupper() and 1 < len(word) < 4 and of in ("name", "weak") and not group[-1].text.isupper():
            # "Clamp NG": a tube, though Ng is a surname.
            of = "word"
        if group:
            gap = text[group[-1].end : start]
            joined = gap == " " or (gap == "" and group[-1].kind == "initial") or _JOINT.fullmatch(gap) is not None
            if gap == ". " and group[-1].kind != "initial":
                joined = False
            if gap == "\n" and of in ("name", "weak", "unknown") and _broken(text, group, end):
                joined = True
            if not joined or of == "word":
                yield group
                group = []
        if of != "word":
            group.append(Token(start, end, word, of))
    if group:
        yield group


_INITIAL_NEXT = re.compile(rf" [{_UPPER}]\. [{_UPPER}][{_LOWER}]+")
_NEVER_CALLED = frozenset(
    """
    age all am an and are at be been both but call caller car care case center centre check child city class clinic
    college course court current daily date day days dear doctor driver due early exam file floor follow for form
    friend from general given good grade guardian had has have he head her here high his history hospital how if in
    is it lab labs level line list low may male me mom my name never new no none normal not note now nurse of office
    old on or other our page pain part patient person physician place plan post prior pt range re room sample school
    see service she shift side sign signs so son stage state station status still stop street study summary team
    tech test that the their then this to today too unit use via visit was we week weekly went were what when while
    who will with worker year you your
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
"""Words that no relation, title or office before them makes a name."""
_HARD_BEFORE = re.compile(
    r"(?:\b(?:wife|husband|son|daughter|mother|father|mom|mum|dad|brother|sister|aunt|uncle|niece|nephew"
    r"|cousin|girlfriend|boyfriend|spouse"
    r"|partner|fianc[eé]e?|roommate|neighbou?r|named?|called me|call me|nicknamed|aka|excuse|bleep|reviewers?"
    r"|crew|medics?|pax|hyg|neph"
    r"|surgeon|claimant|inmate|camper|presenter|supervisor|manager|foreman|RN|PT|OT|RT|SLP|LPN|LCSW|WOCN|HHA|CNA|NP|CO|MD|(?:reviewed|seen|signed"
    r"|checked|drawn|ordered|performed|dictated|verified|witnessed|examined|evaluated|written|entered) by"
    r"|notified|informed|Ofc|Fr|attg|anesth|told|asked|paged|texted|thanked|w/|cc|d/w"
    r"|implanted by|referred by|seen by|signed by|brought by|driven by|spoke (?:to|with|w/)|home visit to"
    r"|appt w/?|parents?|family|request of|behalf of|checked with)[,:]? "
    r"|(?:^|[.?!\n] ?)(?:could|can|would|will|did|does|has|should|ask|ring|tell|bleep) )[\"'\u201c(]?$",
    re.IGNORECASE,
)


def _is_called(text: str, word: str, start: int, end: int) -> bool:
    """Whether an everyday word that also is a name stands where a relation, an office or a verb wants a person."""
    lower = word.lower()
    return (
        (lower in gazetteers.frequent_surnames() or is_first_name(lower))
        and lower not in _NEVER_CALLED
        and not word.isupper()
        and _HARD_BEFORE.search(text, max(0, start - 30), start) is not None
        and not _CAPITAL_NEXT.match(text, end)
        and not _EPONYM_AFTER.match(text, end)
    )


_SIGNER_BEFORE = re.compile(
    r"(?:\b(?:by|per|with|from|to|and|cc|signed|via|Dr|or|tech|RN|MD)[:,]? |(?<=[a-z]{2})[/~&] ?|/s/ )$"
)
_SELDOM = 2_000
"""Occurrences in the word list up to which a word behind a first name is a surname rather than itself."""
_PERSON_GOES_ON = re.compile(
    r"(?:['\u2019]s\b|[,;.)/:]|\s*(?:\n|$)| {2}|\t| \(| [-–—] | (?:is|was|has|had|and|at|on|in|of|to"
    r"|who|with|from|by|will|says|said"
    r"|told|called|reports?|denies|came|lives|also|as|for|age|aged|born|dob|DOB|MRN|RN|MD|\d|[a-z]+(?:ed|es|s)\b))"
)
_SURE_PARTICLES = frozenset(
    [
        "van",
        "von",
        "ter",
        "ten",
        "den",
        "der",
        "vander",
        "ap",
        "mac",
        "bin",
        "ibn",
        "bint",
        "ould",
        "ní",
        "nic",
        "ó",
        "giolla",
        "zum",
        "zur",
        "op",
        "dos",
    ]
)
"""Particles that stand before nothing but names, when they are written small."""


def _may_follow(text: str, group: list[Token], word: str, start: int, end: int) -> bool:
    """Whether an everyday word is the surname of the first name before it, or of the particle."""
    last = group[-1]
    if text[last.end : start] not in (" ", " 't ") or _NOT_PERSON_AFTER.match(text, end):
        return False
    lower = word.lower().replace("\u2019", "'")
    if last.kind == "particle":
        return last.text in _SURE_PARTICLES and word[1:].islower()
    if last.kind == "initial":
        return (
            len(group) == 1
            and last.text.endswith(".")
            and word[1:].islower()
            and lower not in STOP_WORDS | NO_NAMES
            and _SIGNER_BEFORE.search(text, max(0, last.start - 16), last.start) is not None
        )
    if lower in _NO_SURNAMES or (word.isupper() != last.text.isupper()):
        return False
    first = unaccented(group[0].text)
    if lower not in gazetteers.surnames():
        # "Cristina Guidone" ends as drugs do, "Severino Jacuzzi" is a rare word.
        return (
            group[0].kind == "name"
            and first in gazetteers.first_names()
            and not group[0].text.isupper()
            and len(word) > 3
            and lower not in STOP_WORDS
            and lower not in NO_NAMES
            and lower not in gazetteers.disease_words()
            and lower not in gazetteers.drugs()
            and gazetteers.words().get(lower, 0) < _SELDOM
            and _PERSON_GOES_ON.match(text, end) is not None
            and not _EPONYM_AFTER.match(text, last.end)
        )
    known = group[0].kind == "name" and (first in gazetteers.first_names() or first not in gazetteers.surnames())
    return (known or (group[0].kind == "unknown" and lower in gazetteers.frequent_surnames())) and not (
        _EPONYM_AFTER.match(text, last.end) or (word[0].isupper() and _EPONYM_AFTER.match(text, end))
    )


_NO_SURNAMES = frozenset(
    """
    patient visit note clinic hospital ward day days date time may march april june july august monday tuesday wednesday
    thursday friday saturday sunday north south east west street road lane drive court hill park school college church
    state county city left right male female male. age sex home room unit case history plan call page fax test
    score scale sign line tube back pain care health will can do does did was is has in on at so an as
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
"""Surnames that, capitalised behind a name, are no part of it more often than one."""

_BROKEN_AFTER = re.compile(r"(?:['\u2019]s)?,?(?: [a-z(\d]|\.?(?:\s|$)|[,;:)])")


def _broken(text: str, group: list[Token], end: int) -> bool:
    """Whether a line's end amid prose breaks a name after its first name, as narrow columns do."""
    first = group[0]
    if len(group) > 2 or unaccented(first.text) not in gazetteers.first_names() or first.kind == "word":
        return False
    line = text[text.rfind("\n", 0, first.start) + 1 : first.start]
    return (
        re.search(r"[a-z],? $", line) is not None or (not line and first.start > 0 and text[first.start - 2].islower())
    ) and _BROKEN_AFTER.match(text, end) is not None


_PAIR = re.compile(
    rf"(?<![\w@\\.'\u2019-])(?P<first>[{_UPPER}][{_LOWER}]+|[{_UPPER}]{{2,}})(?: [{_UPPER}]\.?)?[ \n]"
    rf"(?P<last>[{_UPPER}][{_LOWER}]+|[{_UPPER}]{{2,}})(?![\w@\\'\u2019-]|\.\w\w)"
)
_DEGREE_AFTER = re.compile(r", (?:" + "|".join(sorted(DEGREES, key=len, reverse=True)) + r")(?![\w])")
_CAPITAL_BESIDE = re.compile(rf"[{_UPPER}][\w.'\u2019-]* $")
_CAPITAL_NEXT = re.compile(rf" [{_UPPER}]")


def find_word_pairs(text: str) -> Iterator[tuple[int, int, float]]:
    """First name and surname that both are everyday words, as in "Will Power", where a person may stand."""
    position = 0
    while match := _PAIR.search(text, position):
        position = match.end()
        first, last = match["first"].lower(), match["last"].lower()
        if match["first"].isupper() != match["last"].isupper() or not is_first_name(first):
            position = match.end("first")
            continue
        if (
            last not in gazetteers.surnames()
            or (last in _NO_SURNAMES and not _DEGREE_AFTER.match(text, match.end()))
            or first in _MONTHS
            or last in TITLES
            or first in TITLES
        ):
            position = match.end("first")
            continue
        start, end = match.span()
        before, after = text[max(0, start - 40) : start], text[end : end + 60]
        if (
            _NOT_PERSON_AFTER.match(after)
            or _EPONYM_AFTER.match(after)
            or _DOSE_AFTER.match(after)
            or _CAPITAL_NEXT.match(after)
            or (_CAPITAL_BESIDE.search(before) and not _TITLE_BEFORE.search(before))
        ):
            continue
        broken = "\n" in match[0]
        field = _LINE_BEFORE.search(before) is not None and _LINE_AFTER.match(after) is not None
        person = (
            _STRONG_BEFORE.search(before) or _TITLE_BEFORE.search(before) or _DEGREE_AFTER.match(after)
        ) is not None
        amid = _AMID.search(before) is not None
        if broken and not (amid and _BROKEN_AFTER.match(after)):
            continue
        if (
            person
            or (
                amid
                and (
                    _PERSON_BEFORE.search(before)
                    or _PERSON_AFTER.match(after)
                    or last in gazetteers.frequent_surnames()
                )
            )
            or (field and not broken and not match[0].isupper())
        ):
            yield start, end, 0.46


def is_first_name(word: str) -> bool:
    """Whether a word, or what stands before its hyphen, is on the lists of first names."""
    plain = unaccented(word)
    return any(one in gazetteers.first_names() or one in _SHORT_NAMES for one in (plain, plain.split("-")[0]))


_SHORT_NAMES = frozenset(
    """
    abe al alf andy angie art barb bea becky ben bernie bert beth betsy bette bev bill bob bobby bonnie brad brett
    bud buck buddy chad charlie chet chip chuck cliff connie curt dan deb debbie dick dot drew ed eddie ernie frank
    fred gabe gene gil ginny grant greg gus guy hal hank herb jack jake jeff jerry jess jim joe jo jon josh ken kit
    larry len lew liz lou mac marge matt max meg mel mick mike milt mitch moe nat ned nell nick norm pam pat peg
    penny pete phil ray red reg rex rich rick rob rod ron rosie roy russ rusty sal sam sandy sid skip sonny stan
    steve sue tad ted terry tim tom tony trish trudy vic vince wally walt wes will woody bubba precious temperance
    prudence faith hope grace joy christian major
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
"""First names of every day, many of which are words or are missing in the census."""


def find(text: str) -> Iterator[tuple[int, int, float]]:
    """Start, end and score of what is taken for a person's name."""
    shouted = _is_shouted(text)
    groups = []
    for group in _tokens(text):
        while group and group[-1].kind == "particle":
            group.pop()
        while group and group[0].kind == "particle" and len(group[0].text) == 1:
            group.pop(0)
        if group:
            groups.append((group, _score(text, group, shouted)))
    sure = [score for _, score in groups]
    for place, (group, score) in enumerate(groups[:-1]):
        other = groups[place + 1][0]
        gap = text[group[-1].end : other[0].start]
        if gap not in (", ", "/", ",", " / "):
            continue
        pair = [token for token in (*group, *other) if token.kind in ("name", "weak", "unknown")]
        if len(pair) < 2 or not any(token.kind != "weak" for token in pair) or any(map(_is_eponym, pair)):
            continue
        edges = _EDGE_BEFORE.search(text[: group[0].start]), _LINE_AFTER.match(text, other[-1].end)
        abbreviations = all(t.text.isupper() for t in pair) and not any(t.kind == "name" for t in pair) and not shouted
        if abbreviations and (min(len(t.text) for t in pair) < 4 or not all(edges)):
            continue
        if score or sure[place + 1] or all(edges):
            if gap.strip() == "," and not all(edges):
                continue
            sure[place] = max(score, 0.47)
            sure[place + 1] = max(sure[place + 1], 0.47)
    for (group, _), score in zip(groups, sure, strict=True):
        if score:
            yield group[0].start, group[-1].end, score


_EDGE_BEFORE = re.compile(
    r"(?:^|\n|[\t|:;,\"*]|\d|  |\b(?:inmate|esig|about|pax|chair|dr|pt|patient|re|for|sfc|cpt|sgt))[ \"]*$",
    re.IGNORECASE,
)


def _is_shouted(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return " " in text.strip() and sum(character.isupper() for character in letters) > 0.6 * max(len(letters), 1)


def _is_eponym(token: Token) -> bool:
    return _is_eponym_word(token.text)


def _is_eponym_word(word: str) -> bool:
    lower = word.lower().replace("\u2019", "'").removesuffix("'s")
    return any(part in gazetteers.eponyms() or part in NO_NAMES or part in EPONYMS for part in lower.split("-"))


def _score(text: str, group: list[Token], shouted: bool) -> float:
    """How surely words in a row are a name; 0 where they are none."""
    start, end = group[0].start, group[-1].end
    before, after = text[max(0, start - 40) : start], text[end : end + 60]
    words = [token for token in group if token.kind in ("name", "weak", "unknown")]
    titled = _TITLE_BEFORE.search(before) is not None
    if not words:
        return _initials(text, group, before, after)
    kinds = [token.kind for token in words]
    aged = _AGED_AFTER.match(after) is not None
    strong = aged or (_STRONG_BEFORE.search(before) or _HARD_BEFORE.search(before)) is not None
    if titled:
        return 0.8
    if _DOSE_AFTER.match(after) or _NOT_PERSON_AFTER.match(after):
        return 0.0
    person_after = _PERSON_AFTER.match(after) is not None
    person_before = strong or _PERSON_BEFORE.search(before) is not None
    if _EPONYM_AFTER.match(after) and not (strong and len(words) > 1):
        return 0.0
    if len(words) == 1 and _is_eponym(words[0]) and re.match("['\u2019]s?\\b", after) and not titled:
        return 0.0
    among = _AMONG_EPONYMS.search(before)
    if (
        len(words) == 1
        and among
        and _is_eponym(words[0])
        and among["word"].lower() in NO_NAMES
        and not _AGED_AFTER.match(after)
    ):
        # "Murphy, Rovsing and Courvoisier"
        return 0.0
    cell = (
        words[0].kind != "unknown" and _CELL_BEFORE.search(before) is not None and _CELL_AFTER.match(after) is not None
    )
    if len(words) == 1 and _is_eponym(words[0]) and not strong and not cell:
        closed = words[0].text.lower() not in NO_NAMES and _CLOSED.match(after) is not None
        if not person_before or not (person_after or closed) or _ARTICLE_BEFORE.search(before):
            return 0.0
    if len(words) > 1 and all(_is_eponym(token) for token in words) and not (strong or person_after):
        return 0.0
    capitals = all(token.text.isupper() for token in words)
    if len(words) == 1 and _SCORE_AFTER.match(after) and _SCORES_BESIDE.search(before) and not strong:
        # "Katz 6, Lawton 4, TUG 21 s"
        return 0.0
    if len(words) == 1 and words[0].kind != "name" and resembles_a_heading(words[0].text, after):
        return 0.0
    field = _LINE_BEFORE.search(before) is not None and _LINE_AFTER.match(after) is not None
    initials = any(token.kind == "initial" for token in group)
    if capitals and kinds != ["name"] * len(kinds) and not shouted:
        longest = max(len(token.text) for token in words)
        known = "name" in kinds
        if not (known or longest >= 6 or (longest >= 4 and (strong or (len(words) > 1 and field)))):
            return 0.0
        if len(words) == 1 and not (known or field or strong or initials):
            return 0.0
    if capitals and len(words) == 1 and len(words[0].text) < 4 and not (strong or initials):
        return 0.0
    if len(group) > 1 and group[0].kind == "particle" and group[0].text in _SURE_PARTICLES:
        return 0.45
    if len(words) > 1 or (initials and len(group) > 1):
        if "name" in kinds or "unknown" in kinds:
            return 0.5
        # Words alone, as "Joy Love": a person where something says so.
        return 0.46 if (strong or field or person_before or person_after or initials) and not shouted else 0.0
    alone = words[0]
    if alone.kind == "name":
        if _PLACE_BEFORE.search(before) and alone.text in gazetteers.cities():
            return 0.0
        return 0.45
    if alone.kind == "unknown":
        if not strong and (
            (_noun_after(text, end) and not _FAMILY_AFTER.match(after))
            or (shouted and capitals and len(alone.text) < 6)
            or (
                not _AMID.search(before)
                and _NEXT_WORD.match(after)
                and not person_before
                and resembles_a_word(unaccented(alone.text))
            )
            or (not (person_before or person_after or field) and is_spelled_otherwise(alone.text))
        ):
            return 0.0
        if (_NUMBER_AFTER.match(after) and not (field or person_before)) or (
            (_GRADE_AFTER.match(after) or _ARTICLE_BEFORE.search(before)) and not (strong or _FAMILY_AFTER.match(after))
        ):
            return 0.0
        return 0.0 if len(group) == 1 and _labels(alone, before, after) else 0.44
    sentence = not _AMID.search(before)
    if strong or cell or (field and not sentence) or _does(alone.text, after) or _bracketed(alone, before, after):
        return 0.43
    return 0.42 if not sentence and (person_before or person_after) else 0.0


def _labels(token: Token, before: str, after: str) -> bool:
    """Whether a word that is on no list labels a value, rather than a speaker a sentence."""
    if not _LABEL_AFTER.match(after) or not _LABEL_START.search(before):
        return False
    return after.lstrip()[:1] in "~=#" or _VALUE_AFTER.match(after) is not None


def _bracketed(token: Token, before: str, after: str) -> bool:
    """Whether a name that is a word too stands alone in brackets behind who does something: "anesthesia (Powers)"."""
    lower = token.text.lower()
    return (
        after.startswith(")")
        and re.search(r"[a-z] \($", before) is not None
        and (lower in gazetteers.frequent_surnames() or is_first_name(lower))
    )


_HEADING_AFTER = re.compile(r"[ ]?(?:[:.;]|\n|$)")


def resembles_a_heading(token: str, after: str) -> bool:
    """Whether a capitalised word is a heading or another word that was misread or mistyped, where headings stand.

    Args:
        token: a word that is no known name.
        after: the text behind it; a heading is closed by a colon, a full stop or the line's end.
    """
    return token.isascii() and _HEADING_AFTER.match(after) is not None and resembles_a_word(unaccented(token))


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MISREAD = (
    ("l", "i"),
    ("i", "l"),
    ("rn", "m"),
    ("m", "rn"),
    ("c", "e"),
    ("e", "c"),
    ("vv", "w"),
    ("cl", "d"),
    ("d", "cl"),
)


@lru_cache(maxsize=20_000)
def resembles_a_word(word: str) -> bool:
    """Whether a lower-case word of six letters and more is one edit, or two misread letters, from an everyday or
    medical word."""
    if not 6 <= len(word) <= _longest() + 2:  # what is longer, such as a sequence of DNA, has too many edits
        return False
    near = _one_edit(word)
    if any(map(_is_everyday, near)):
        return True
    misread = {word}
    for _ in range(2):
        misread |= {
            one[:place] + right + one[place + len(wrong) :]
            for one in misread
            for wrong, right in _MISREAD
            for place in range(len(one))
            if one.startswith(wrong, place)
        }
    return any(map(_is_everyday, misread)) or (len(word) >= 8 and _two_edits(word, near))


def _two_edits(word: str, near: Set[str]) -> bool:
    """Whether two edits make a word of `STOP_WORDS`: `near` and what one edit makes of that word then meet."""
    mine = Counter(word)
    return any(
        abs(len(stop) - len(word)) <= 2
        and (mine - letters).total() <= 2
        and (letters - mine).total() <= 2
        and not near.isdisjoint(_one_edit(stop))
        for stop, letters in _stop_letters()
    )


@cache
def _stop_letters() -> list[tuple[str, Counter[str]]]:
    return [(word, Counter(word)) for word in sorted(STOP_WORDS)]


@cache
def _longest() -> int:
    """Letters of the longest word that another can resemble."""
    everyday = (word for word, count in gazetteers.words().items() if count >= 20_000)
    return max(map(len, [*STOP_WORDS, *gazetteers.disease_words(), *everyday]))


def _one_edit(word: str) -> set[str]:
    """Words from which a letter left out, put in, exchanged or swapped with its neighbour makes this one."""
    halves = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    return (
        {left + right[1:] for left, right in halves if right}
        | {left + letter + right for left, right in halves for letter in _LETTERS}
        | {left + letter + right[1:] for left, right in halves if right for letter in _LETTERS}
        | {left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1}
    )


def _is_everyday(word: str) -> bool:
    return word in STOP_WORDS or word in gazetteers.disease_words() or gazetteers.words().get(word, 0) >= 20_000


_ONLY_PERSONS_DO = re.compile(
    r" (?:says?|said|told|phoned|rang|slept|denies|denied|agree[sd]|asked|asks|thinks|thought|wants|wanted"
    r"|lives|lived|walked (?:\d|to|in|out|with)"
    r"|turned (?:\d|[a-z]+t(?:y|een)\b)|was born|drove|cried|wrote|understands|understood|declined|refuse[sd]"
    r"|verbali[sz]ed|consented|apologi[sz]ed"
    r"|smiled|laughed|wept|remembers|insists|hopes|did well|woke|moved in|will be home|seconded|aware"
    r"|accepting|covering|notified|consulted|scrubbed|wrote|paged)\b"
)


def _does(word: str, after: str) -> bool:
    """Whether a word that is a name too does what only persons do."""
    return _ONLY_PERSONS_DO.match(after) is not None and (is_first_name(word) or word.lower() in gazetteers.surnames())


_NO_INITIALS = frozenset(
    [
        "u.s.",
        "d.o.",
        "p.o.",
        "m.d.",
        "a.m.",
        "i.v.",
        "p.m.",
        "r.n.",
        "n.p.",
        "p.a.",
        "i.m.",
        "b.i.d.",
        "t.i.d.",
        "q.d.",
        "p.r.n.",
        "d.c.",
        "u.k.",
        "e.g.",
        "i.e.",
        "n.p.o.",
        "s.c.",
        "u.n.",
        "n.y.",
        "l.a.",
        "n.b.",
        "c.c.",
        "o.d.",
        "o.s.",
        "o.u.",
        "s.l.",
        "h.s.",
        "a.c.",
        "p.c.",
        "q.h.",
        "f.u.",
        "d.d.s.",
        "ph.d.",
        "v.a.",
        "e.r.",
        "o.r.",
        "b.p.",
        "c.t.",
        "g.i.",
        "e.d.",
        "u.a.",
        "d.j.d.",
        "c.p.a.",
        "l.p.n.",
        "u.s.a.",
        "d.v.m.",
        "j.d.",
        "b.s.",
        "b.a.",
        "m.a.",
        "m.s.",
        "e.coli",
        "e.",
        "h.",
        "c.",
        "s.",
        "n.",
        "p.",
        "m.",
        "d.o.b.",
        "s.o.b.",
        "i.d.",
        "t.b.",
        "v.s.",
    ]
)
_INITIALS_PAIR = re.compile(r"/[^\W\d_]\.[^\W\d_]\.(?!\w)")
_INITIALS_OF = re.compile(
    r"\b(?:tech|by|RN|nurse|per|initials?|init|sig|signed|scribe|OK|ok|checked|verified"
    r"|witness(?:ed)?|read back|student|author)[:.]? (?:by )?$"
)
_SIGNED_AFTER = re.compile(r",? e?(?:MD|DO|RN|NP|PA|RPh|PharmD|CRNA|MBBS|EMT|DDS|DPM|PT|OT)\b|,? \d{1,2}[/:.-]\d")
_NUMBERED_AFTER = re.compile(r" ?(?:#|no\b|number|num\b|:)", re.IGNORECASE)
_UNDOTTED = re.compile(
    r"(?:(?:^|[\s(])(?:(?:-{1,2}|~|—|–|/s/|w/)\s?|(?:student|tech|with|sig|signed|by|per|initials?|init\.?"
    r"|scribe|prep|rn|nurse)(?::\s?|\s)))"
    rf"(?P<name>[{_UPPER}]{{2,4}}|[{_UPPER}]\.? ?[{_UPPER}]\.?)(?=\s*(?:$|\n|,\s(?:rn|lpn|md|np|pa|cna|rt|pt|ot"
    r"|do|emt)\b|\.\s*(?:$|\n)|\)))",
    re.IGNORECASE | re.MULTILINE,
)


def _initials(text: str, group: list[Token], before: str, after: str) -> float:
    """Whether letters with dots stand for a person: two and more, at a field's edge or behind who signs."""
    letters = "".join(token.text for token in group)
    if letters.count(".") < 2 or re.match(r" ?[a-z]+ol|\d", after) or _NUMBERED_AFTER.match(after):
        return 0.0
    signer = _INITIALS_OF.search(before) is not None
    if letters.lower() in _NO_INITIALS and not (signer and len(letters) == 4):
        return 0.0
    if _INITIALS_PAIR.match(after) or re.search(r"[^\W\d_]\.[^\W\d_]\./$", before):
        return 0.43
    if signer or (_SIGNED_AFTER.match(after) and re.search(r"[.\n] $|\d $|^$|\n$", before)):
        return 0.43
    field = re.search(
        r"(?:^|\n|\t|\||  |[-–—/,:;(]|\d|\b(?:by|w/|per|with|from|to|cc|and|pt|patient|given|saw|via|re)"
        r"|\b[A-Z]{2,5})\s*$",
        before,
    )
    return 0.42 if field or re.match(r"\s*(?:$|\n|\t|\||  |[,;)/]\s)", after) else 0.0


_OF_AGE = re.compile(
    rf"(?<![\w.])(?P<name>[{_UPPER}](?:[. ]?[{_UPPER}]){{1,2}}\.?)(?=,? \d{{1,3}} ?(?:y/?o |yrs? "
    r"|-?year-?old )?[MFmf]\b)"
)
_STUDENT = re.compile(
    rf"\b(?:med |nursing )?student (?P<name>[{_UPPER}][. ]?[{_UPPER}](?:[. ]?[{_UPPER}])?\.?)(?=[.,;)]|\s|$)"
)


def find_undotted_initials(text: str) -> Iterator[tuple[int, int, float]]:
    """Capitals that sign a line, or before a person's age and sex."""
    for pattern in (_OF_AGE, _STUDENT):
        for match in pattern.finditer(text):
            if match["name"].lower() not in STOP_WORDS - {"na"} or pattern is _STUDENT:
                yield match.start("name"), match.end("name"), 0.44
    for match in _UNDOTTED.finditer(text):
        name = match["name"]
        if name.isupper() and name.lower() not in STOP_WORDS and name not in DEGREES:
            yield match.start("name"), match.end("name"), 0.42


_SMALL = re.compile(rf"(?<![\w@\\./+&])[{_LOWER}]+(?:['\u2019\u02bb-][{_LOWER}]+)*(?![\w@\\]|\.\w)")
_SMALL_AFTER = re.compile(
    r"(?:'s\s|,? (?:says?|said|phoned|called|calls|rang|will|was|is|has|had|brought|hid|took|gave|wants|asked"
    r"|told|thinks|denies|denied"
    r"|reports?|reported|states|stated|came|left|fell|drove|asleep|awake|aware|refus\w+|helped|and|fo|sent"
    r"|found|saw|driving|cried|slept"
    r"|who|ate|agrees|knows|walked|tolerated|wrote|visited|lives|moved|its|her|his|at bedside|present|assisting"
    r"|would|can|cannot|does|did)\b)"
)
_DEED_AFTER = re.compile(
    r" (?:says?|said|phoned|called|rang|asked|told|thinks|denies|denied|reports|states|stated|asleep|awake"
    r"|cried|slept|ate|agrees"
    r"|drove|brought|lives|helped|hid|its|wants|walked|aware)\b"
)
_SMALL_START = re.compile(r"(?:^|[\n|\t]|[.!?] |\d{4}[,:]? )[\"'(]?$")
_SMALL_END = re.compile(r" *(?:$|[\n|\t.,;:(/]| [-–—]|\d| eff\b)")
_SENTENCE = re.compile(r"(?:^|\n|[.!?] )[ >]*([^\W\d_])")
_KIN_BEFORE = re.compile(
    r"\b(?:son|daughter|mother|father|brother|sister|wife|husband|spouse|partner|roommate|neighbou?r|friend|aunt|uncle"
    r"|cousin|niece|nephew|named|nicknamed|mr|mrs|ms|dr|wake)\.? $"
)
_GENUS_BEFORE = re.compile(r"\b[A-Z](?:\.|[a-z]{3,}(?:a|us|um|is|as|es|on|ma|ter|er)) $")
"""A germ's first name, before the one that it shares with no person: Candida auris, C. difficile."""
_ROLE_SMALL = re.compile(
    rf"(?:^|[.,;/\n] ?)[ ]?(?P<name>[{_LOWER}][{_LOWER}'-]+(?: [{_LOWER}][{_LOWER}'-]+)?) (?:ma|np|rn"
    rf"|pa|pa-c|md|do|lpn|cna|emt|dds|rph)(?= ?(?:/|,|\.|;|\n|$))",
    re.MULTILINE,
)
"""In hasty notes: a name and an office, both written small."""
_REVERSED_SMALL = re.compile(
    rf"(?:(?<=[\n|\t])|^)(?P<last>[{_LOWER}]+(?:['-][{_LOWER}]+)*), (?P<first>[{_LOWER}]+(?:-[{_LOWER}]+)*)"
    r"(?: [a-z]\.?)?(?= *(?:[\n|\t]|$|\d|eff\b))"
)


def _is_small(text: str) -> bool:
    """Whether sentences begin with small letters."""
    starts = _SENTENCE.findall(text)
    small = len([letter for letter in starts if letter.islower()])
    return small > 0.6 * max(len(starts), 1)


NO_SMALL = frozenset(["min", "max", "reg", "excl", "auth", "app", "comp", "cert"])
"""Abbreviations in notes that are names too, when they are written small."""


def _small_kind(word: str) -> Kind:
    if (len(word) < 3 and word not in _PARTICLES) or word in NO_SMALL:
        return "word"
    of = kind(word)
    if of == "unknown" and (
        len(word) < 4
        or gazetteers.words().get(word, 0) > 5
        or not re.search("[aeiouyà-ÿ]", word)
        or resembles_a_word(unaccented(word))
    ):
        return "word"
    return of


def _small_groups(text: str) -> Iterator[list[Token]]:
    """Words in small letters that may be one name."""
    group: list[Token] = []
    for match in _SMALL.finditer(text):
        word = match[0]
        of = _small_kind(word)
        beside = bool(group) and text[group[-1].end : match.start()] == " "
        if (
            of == "word"
            and beside
            and len(group) == 1
            and group[0].kind == "name"
            and word in gazetteers.frequent_surnames()
            and word not in _NO_SURNAMES
            and is_first_name(group[0].text)
            and (_SMALL_END.match(text, match.end()) or _DEED_AFTER.match(text, match.end()))
        ):
            of = "weak"
        if group and not (beside and of != "word"):
            yield group
            group = []
        if of in ("name", "weak", "unknown") or (of == "particle" and (group or word in _SURE_PARTICLES)):
            group.append(Token(match.start(), match.end(), word, of))
    if group:
        yield group


def find_small(text: str) -> Iterator[tuple[int, int, float]]:
    """Names in small letters: on no list of words, side by side, or with a person's word or deed beside them."""
    small = _is_small(text)
    for group in _small_groups(text):
        while group and group[-1].kind == "particle":
            group.pop()
        if not group:
            continue
        start, end = group[0].start, group[-1].end
        before, after = text[max(0, start - 40) : start], text[end : end + 30]
        if _EPONYM_AFTER.match(after) or _DOSE_AFTER.match(after) or _GENUS_BEFORE.search(before):
            continue
        kinds = [token.kind for token in group if token.kind != "particle"]
        if len(group) == 1 and _is_eponym(group[0]):
            continue
        titled = _TITLE_BEFORE.search(before) is not None
        started = _SMALL_START.search(before) is not None
        strong = titled or (_STRONG_BEFORE.search(before) or _HARD_BEFORE.search(before)) is not None
        beside = strong or _PERSON_BEFORE.search(before) is not None or _SMALL_AFTER.match(after) is not None
        known = kinds.count("name")
        pure = known + kinds.count("unknown")
        if titled and (pure or len(group) > len(kinds) or gazetteers.words().get(group[0].text, 0) < 100_000):
            yield start, (group[0].end if not pure and len(group) == len(kinds) else end), 0.5
        elif (pure >= 2 and (known or (small and (beside or started)))) or (
            known and len(kinds) >= 2 and (beside or before[-1:] == "\n" or (started and _SMALL_END.match(after)))
        ):
            yield start, end, 0.45
        elif len(kinds) == 1 and (
            # "this is linear": what is on no list may be medicine, unless a relation stands before it.
            (known and is_first_name(group[0].text) and (strong or _SMALL_AFTER.match(after)))
            or (pure and not known and _KIN_BEFORE.search(before))
            or (
                pure
                and small
                and (strong or (started and _DEED_AFTER.match(after)))
                and (known or len(group[0].text) > 4)
            )
        ):
            yield start, end, 0.41
    for match in _ROLE_SMALL.finditer(text):
        words = [word for word in match["name"].split(" ") if word not in _PARTICLES]
        if (
            words
            and all(word not in STOP_WORDS and gazetteers.words().get(word, 0) < 60_000 for word in words)
            and not (set(words) & gazetteers.disease_words())
        ):
            yield match.start("name"), match.end("name"), 0.45
    for match in _REVERSED_SMALL.finditer(text):
        last, first = match["last"], match["first"]
        if (
            (is_first_name(first) or _small_kind(first) == "unknown")
            and (last in gazetteers.surnames() or _small_kind(last) in ("name", "unknown"))
            and not {last, first} & STOP_WORDS
        ):
            yield match.start(), match.end(), 0.45
