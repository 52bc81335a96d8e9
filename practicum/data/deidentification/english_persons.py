"""Names of persons in English text by exclusion: what is capitalised and neither a word, a drug, a disease nor a place.

Lists of names hold the names of one country; notes are written of people from everywhere. Lists of what is *no*
name are longer and more nearly complete, so a capitalised word that none of them explains is taken for a name, and
one that some explain (Love, Church, Bone) where what stands beside it speaks for a person.
"""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501, C901

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from practicum.data.deidentification import gazetteers
from practicum.data.deidentification.no_names import DEGREES, NO_NAMES, TITLES
from practicum.data.deidentification.stop_words import STOP_WORDS

_LATIN = [chr(code) for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))]
_UPPER = "A-Z" + "".join(character for character in _LATIN if character.isupper())
_LOWER = "a-z" + "".join(character for character in _LATIN if character.islower())
_LETTER = _UPPER + _LOWER
_APOSTROPHE = "['\u2019\u02bc]"

_TOKEN = re.compile(
    rf"(?<![\w@\\.+])(?:(?:[{_UPPER}]\.-?){{1,4}}(?![{_LOWER}])"
    rf"|[{_LETTER}]+(?:{_APOSTROPHE}(?!s\b)[{_LETTER}]+)*(?:-[{_LETTER}]+(?:{_APOSTROPHE}[{_LETTER}]+)?)*)(?![\w@\\]|\.\w\w)"
)
_PARTICLES = frozenset(
    """
    van von de der den del della di da dos das du la le el al bin ibn bint ben ter ten af av zu san mac ó ní nic
    o abu umm ould d d' 't abd des do los las st st. ste ste. vander y e und
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
    accented = not lower.isascii()
    plain = unaccented(lower)
    first, last = plain in gazetteers.first_names(), plain in gazetteers.surnames()
    count = 0 if accented else gazetteers.words().get(plain, 0)
    if plain in gazetteers.drugs() and not first:
        return "word"
    if first or last:
        if plain in gazetteers.disease_words() and not gazetteers.mostly_name(plain):
            return "weak" if first or plain in gazetteers.frequent_surnames() else "word"
        if gazetteers.mostly_name(plain):
            return "name"
        return "weak" if first or plain in gazetteers.frequent_surnames() or count < 30_000 else "word"
    if accented:
        return "unknown"
    if count >= _KNOWN_WORD or plain in gazetteers.disease_words() or _MEDICAL.search(plain):
        return "word"
    if plain.endswith(("s", "ed", "ing", "ly", "es", "er")) and _stem_is_word(plain):
        return "word"
    return "unknown" if len(plain) > 2 else "word"


_KNOWN_WORD = 60


def _stem_is_word(word: str) -> bool:
    words = gazetteers.words()
    for ending in ("s", "es", "ed", "d", "ing", "ly", "er"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word[: -len(ending)]
            if words.get(stem, 0) >= 2000 or words.get(stem + "e", 0) >= 2000 or stem in gazetteers.disease_words():
                return True
    return False


_EPONYM_AFTER = re.compile(
    r"(?:['\u2019]s?)?[\s-](?:(?:and|or|&) [A-Z]\w+ )?(?:[A-Za-z]\w+[\s-])?(?:diseases?|syndromes?|signs?|scores?|scales?|tests?|testing|criteri(?:a|on)"
    r"|class(?:ification)?|catheters?|phenomen(?:on|a)|(?:\w*)(?:oma|omas|itis|osis|pathy|emia)|palsy|fractures?|man(?:o)?euv(?:er|re)s?|maneuvers?|stain(?:ing)?|tumou?rs?|cells?"
    r"|index|contractures?|o?esophagus|dementia|disorder|ulcers?|nodes?|bod(?:y|ies)|tubes?|drains?|forceps|clamps?|retractors?|operation|procedure"
    r"|repair|reflex|response|law|lines?|rings?|hernias?|point|position|angle|area|block|an(?:a)?esthesia|pouch|triad|tetralogy|anomaly|malformation"
    r"|chorea|ataxia|o?edema|nephropathy|murmur|pulse|breathing|respiration|glands?|ducts?|canal|fever|lesions?|n(?:a)?evus|waves?|factor|method"
    r"|formula|equation|stag(?:e|ing)|grad(?:e|ing)|scoring|system|scans?|views?|pins?|nails?|plates?|prosthesis|valves?|shunts?|stents?|filters?"
    r"|inventory|questionnaire|protocol|regimen|diet|apparatus|membrane|muscle|ligament|tendon|cysts?|paralysis|aphasia|exercises?|splints?|bandage"
    r"|dystrophy|tremor|gait|facies|sphincter|papilla|loop|capsule|plexus|traction|frame|brace|cast|solution|lactate|mask|wires?|tape|needles?"
    r"|negative|positive|absent|lift|pumps?|boots?|bag|collar|pads?|hook|knot|suture|sling|beds?|mattress|monitor|cannula|stockings?|agar|medium"
    r"|deviation|classe?s|grades?|type|sequence|deformity|nodules?|spots?|rash|crisis|law|effect|tear|ultrasound|flow|antibod(?:y|ies)|antigen|bacillus|virus)\b",
    re.IGNORECASE,
)
_DOSE_AFTER = re.compile(
    r"(?:,? \d[\d.,]*(?:-\d+)? ?(?:mg|mcg|µg|g|ml|units?|iu|meq|%|mcg/hr|tabs?|puffs?)\b"
    r"|,? (?:tablets?|capsules?|patch|cream|drops|inhaler|infusion|injection|dose|po|iv|bid|tid|qd|prn|daily|gtt|drip)\b)"
    r"|®|™",
    re.IGNORECASE,
)
_NUMBER_AFTER = re.compile(r":? ?[<>=]? ?\d{1,3}(?:\.\d+)?(?:/\d+)?(?=[,;.)\n]|$| (?:on|at|in|to)\b)")
_TITLE_BEFORE = re.compile(
    rf"(?:^|[^\w])(?:{'|'.join(sorted(map(re.escape, TITLES), key=len, reverse=True))})\.{{0,2}}[ \n]?$", re.IGNORECASE
)
_PERSON_BEFORE = re.compile(
    r"(?:\b(?:patient|pt|pts|client|resident|caller|informant|historian|son|daughter|mother|father|mom|mum|dad|mama|papa|brother|sister|sis|bro|aunt|auntie|uncle"
    r"|niece|nephew|cousin|grand(?:son|daughter|mother|father|ma|pa|parents?|child|kids?)|step\w+|twins?|child|kids?|boy|girl|baby|friend|neighbou?r|roommate"
    r"|(?:ex|ex-wife|ex-husband)|girlfriend|boyfriend|wife|husband|spouse|partner|fianc[eé]e?|widow(?:er)?|parents?|family|in-law|guardian|caregiver|carer|aide|sitter|nanny"
    r"|boss|supervisor|manager|foreman|coach|teacher|principal|lawyer|attorney|landlord|landlady|driver|courier|escort|interpreter|translator|chaplain|priest|witness"
    r"|nurse|doctor|physician|surgeon|attending|fellow|intern|scribe|tech|therapist|counsel(?:l)?or|pharmacist|midwife|doula|medic|technician|provider|consultant|hygienist|hyg|neph"
    r"|rn|lpn|cna|np|pa|md|do|emt|pt|ot|rt|slp|sw|cm|pcp|co|po|officer|ofc|guard|deputy|inmate|student|camper|member|owner|user|donor|recipient|passenger|pax"
    r"|named?|called|nicknamed|alias|aka|a\.k\.a\.|dear|hi|hello|hey|regards|sincerely|thanks|thank you|cheers|love|yours|signed|sig|esig|per|attn|cc|c/o|re|via|by|w/"
    r"|from|to|with|and|for|told|tells|asked|asks|asking|let|lets|saw|sees|see|seen|met|meet|meets|call|calls|phone|phoned|phones|page|paged|paging|text|texted|email|emailed|ring|rang|f/u"
    r"|spoke|spoken|says|said|thinks|heard|helped|helping|visited|accompan(?:y|ied)|brought|joined|thank|inform(?:ed)?|notif(?:y|ied)|contact(?:ed)?|consult(?:ed)?|refer(?:red)?|ask|tell|but|because|that|when|where|if|while|before|after|until|since|then|so|or|as|than|lives?|consent)"
    r"[,:;]?|[&+/~—–\-•*])\s[\"'“(]?$",
    re.IGNORECASE,
)
_CALLED_BEFORE = re.compile(
    r"\b(?:Dr|Mr|Mrs|Ms|Miss|Mx|Prof|Professor|Sister|Fr|Father|Rabbi|Auntie|Aunt|Uncle|Ofc|Officer|Nurse|hi|dear|hello"
    r"|wife|husband|son|daughter|mother|father|brother|sister|named|called|nicknamed)\b[.,]? $",
    re.IGNORECASE,
)
_STRONG_BEFORE = re.compile(
    r"(?:\b(?:patient|pt|client|resident|caller|son|daughter|mother|father|mom|mum|dad|brother|sister|aunt|uncle|niece|nephew|cousin|grand(?:son|daughter|mother|father|ma|pa)"
    r"|step(?:son|daughter|mother|father)|girl|boy|baby|friend|neighbou?r|roommate|ex|girlfriend|boyfriend|wife|husband|spouse|partner|fianc[eé]e?|driver|courier|escort"
    r"|interpreter|witness|nurse|doctor|surgeon|attending|named?|called|nicknamed|aka|dear|hi|hello|hey|regards|sincerely|thanks|cheers|signed|told|asked|let|saw|met|paged|texted|rang"
    r"|spoke (?:to|with)|d/w|cc|attn|esig|hyg|landlord|teacher|coach|officer|inmate|camper|i'm|i am|this is|name is|name's|it's)[,:]?\s)[\"'“(]?$",
    re.IGNORECASE,
)
_PERSON_AFTER = re.compile(
    r"(?:['\u2019]s?\s(?!disease|syndrome|sign)[a-z]"
    r"|,?\s\(?\d{1,3}\s?(?:M|F|y|yo|y/o|years?|yrs?|-year)|,\s(?:MD|DO|RN|NP|PA|LPN|CNA|PhD|PharmD|PT|OT|RT|EMT|RPh|DDS|FNP)\b|\s\((?:\d{1,3}\)|[a-z])"
    r"|,?\s(?:his|her|their|my|our|the|a|an|who|whose|aged?|born|dob|mrn|age)\b"
    r"|\s(?:and|&|or)\s[A-Z][a-z]|,\s[A-Z][a-z]+(?:,| and)"
    r"|\s(?:is|was|are|were|has|had|will|would|can|could|should|may|might|must|does|did|do|isn't|wasn't|won't|didn't|doesn't|cannot|can't|couldn't|also|then|still|just|now|never|always|already|who|at|on|in|for|to|from|by|w/)\b"
    r"|\s[a-z]+(?:ed|es|s|ied)\b|\s(?:says?|said|told|took|came|went|left|fell|ate|slept|woke|got|gave|kept|let|sat|stood|ran|saw|thought|brought|drove|felt|found|held|knew|lost|made|met|paid|put|rang|read|sang|sent|spoke|swore|wrote|lay|cut|hid|led)\b)"
)
_NOT_PERSON_AFTER = re.compile(
    r"(?:[ -](?:Street|St|Avenue|Ave|Road|Rd|Drive|Lane|Ln|Boulevard|Blvd|Court|Place|Highway|County|Township|Bridge|River|Park|Island|Beach|Bay|Valley|Hills?|Springs?|Creek|Falls|Hospital|Clinic|Medical|University|College|School|Church|Pharmacy|Center|Centre|Inc|Ltd|LLC|Corp|Foundation|Trust)\b)"
)
_PLACE_BEFORE = re.compile(
    r"\b(?:in|near|outside|around|downtown|north of|south of|east of|west of|city of)\s$", re.IGNORECASE
)
_LINE_BEFORE = re.compile(r"(?:^|\n|\t|\||;|(?<=[:,])|  |/s/|\bX)[ \"'“(*\-–—•~]*$")
_LINE_AFTER = re.compile(r"[ ]*(?:$|\n|\t|\||,|;|/|\(|  |\d|:|[-–—]\s)")
_AMID = re.compile(r"[a-z\d,;)] [\"'“(]?$")
_DATE_AFTER = re.compile(r"(?:[ ,.-]{1,2}(?:the )?\d{1,2}(?:st|nd|rd|th)?\b|[ ,']{1,2}(?:19|20)?\d\d\b|[-/]\d)")
_MONTHS = frozenset(["april", "august", "june", "may", "jan", "sept"])


def _tokens(text: str) -> Iterator[list[Token]]:
    """Words of a text in groups that may be one name: side by side, no ordinary word among them."""
    group: list[Token] = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        start, end = match.span()
        capital = word[0].isupper() or (len(word) > 2 and word[1] in "'’" and word[2].isupper())
        of = kind(word)
        if not capital and of != "particle":
            of = "word"
        if of in ("name", "weak") and word.lower() in _MONTHS and _DATE_AFTER.match(text, end):
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
        if word.lower().rstrip(".") in TITLES or (word in DEGREES and group):
            of = "word"
        if group:
            gap = text[group[-1].end : start]
            joined = gap == " " or (gap == "" and group[-1].kind == "initial") or _JOINT.fullmatch(gap) is not None
            if gap == ". " and group[-1].kind != "initial":
                joined = False
            if not joined or of == "word":
                yield group
                group = []
        if of != "word":
            group.append(Token(start, end, word, of))
    if group:
        yield group


def find(text: str) -> Iterator[tuple[int, int, float]]:
    """Start, end and score of what is taken for a person's name."""
    shouted = _is_shouted(text)
    groups = []
    for group in _tokens(text):
        while group and group[-1].kind == "particle":
            group.pop()
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
    return sum(character.isupper() for character in letters) > 0.6 * max(len(letters), 1)


def _is_eponym(token: Token) -> bool:
    lower = token.text.lower().replace("\u2019", "'").removesuffix("'s")
    return any(part in gazetteers.eponyms() or part in NO_NAMES for part in re.split("-", lower))


def _score(text: str, group: list[Token], shouted: bool) -> float:
    """How surely words in a row are a name; 0 where they are none."""
    start, end = group[0].start, group[-1].end
    before, after = text[max(0, start - 40) : start], text[end : end + 60]
    words = [token for token in group if token.kind in ("name", "weak", "unknown")]
    titled = _TITLE_BEFORE.search(before) is not None
    if not words:
        return _initials(text, group, before, after)
    kinds = [token.kind for token in words]
    strong = _STRONG_BEFORE.search(before) is not None
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
    if len(words) == 1 and _is_eponym(words[0]) and not (strong or (person_before and person_after)):
        return 0.0
    if len(words) > 1 and all(_is_eponym(token) for token in words) and not (strong or person_after):
        return 0.0
    capitals = all(token.text.isupper() for token in words)
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
        if _NUMBER_AFTER.match(after) and not (field or strong):
            return 0.0
        return 0.44
    sentence = not _AMID.search(before)
    if strong or (field and not sentence):
        return 0.43
    return 0.42 if not sentence and (person_before or person_after) else 0.0


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
_UNDOTTED = re.compile(
    r"(?:(?:^|[\s(])(?:-{1,2}|~|—|–|/s/|student|tech|with|w/|sig(?:ned)?:?|by|per|initials?:?|init\.?:?|scribe:?|rn:?|nurse:?|tech:?|given by|verified by|checked by)\s?)"
    rf"(?P<name>[{_UPPER}]{{2,4}}|[{_UPPER}]\.? ?[{_UPPER}]\.?)(?=\s*(?:$|\n|,\s(?:rn|lpn|md|np|pa|cna|rt|pt|ot|do|emt)\b|\.\s*(?:$|\n)|\)))",
    re.IGNORECASE | re.MULTILINE,
)


def _initials(text: str, group: list[Token], before: str, after: str) -> float:
    """Whether letters with dots stand for a person: two and more, at a field's edge or behind who signs."""
    letters = "".join(token.text for token in group)
    if letters.count(".") < 2 or letters.lower() in _NO_INITIALS or re.match(r" ?[a-z]+ol|\d", after):
        return 0.0
    field = re.search(
        r"(?:^|\n|\t|\||  |[-–—/,:;(]|\d|\b(?:by|w/|per|with|from|to|cc|and|pt|patient|given|saw|via|re))\s*$", before
    )
    return 0.42 if field or re.match(r"\s*(?:$|\n|\t|\||  |[,;)/]\s)", after) else 0.0


def find_undotted_initials(text: str) -> Iterator[tuple[int, int, float]]:
    """Capitals that sign a line."""
    for match in _UNDOTTED.finditer(text):
        name = match["name"]
        if name.isupper() and name.lower() not in STOP_WORDS and name not in DEGREES:
            yield match.start("name"), match.end("name"), 0.42


_SMALL = re.compile(rf"(?<![\w@\\./+&])[{_LOWER}]+(?:['’-][{_LOWER}]+)*(?![\w@\\]|\.\w)")
_KIN_BEFORE = re.compile(
    r"\b(?:son|daughter|mother|father|brother|sister|wife|husband|spouse|partner|roommate|neighbou?r|friend|aunt|uncle"
    r"|cousin|niece|nephew|named|nicknamed|mr|mrs|ms|dr|wake)\.? $"
)
_SMALL_AFTER = re.compile(
    r"(?:'s\s|\s(?:says?|said|phoned|called|calls|rang|will|was|is|has|had|brought|hid|took|gave|wants|asked|told|thinks|denies|reports|states|stated|came|left|fell|drove|asleep|awake|refus\w+|helped|and|fo|sent|found|saw|driving|cried|slept|ate|agrees|knows)\b)"
)


def find_small(text: str) -> Iterator[tuple[int, int, float]]:
    """Names in small letters: on no list of words, side by side, or with a person's word or deed beside them."""
    tokens: list[Token] = []
    for match in _SMALL.finditer(text):
        word = match[0]
        of: Kind = "word" if len(word) < 3 and word not in _PARTICLES else kind(word)
        if of == "unknown" and (
            len(word) < 4 or gazetteers.words().get(word, 0) > 5 or not re.search("[aeiouyà-ÿ]", word)
        ):
            of = "word"
        tokens.append(Token(match.start(), match.end(), word, of))
    position = 0
    while position < len(tokens):
        if tokens[position].kind not in ("name", "weak", "unknown"):
            position += 1
            continue
        last = position
        while (
            last + 1 < len(tokens)
            and text[tokens[last].end : tokens[last + 1].start] == " "
            and tokens[last + 1].kind in ("name", "weak", "unknown", "particle")
        ):
            last += 1
        group = tokens[position : last + 1]
        while group and group[-1].kind == "particle":
            group.pop()
        position = last + 1
        if not group:
            continue
        start, end = group[0].start, group[-1].end
        before, after = text[max(0, start - 40) : start], text[end : end + 30]
        kinds = [token.kind for token in group if token.kind != "particle"]
        titled = _TITLE_BEFORE.search(before) is not None
        strong = titled or _STRONG_BEFORE.search(before) is not None or text[max(0, start - 1) : start] == "\n"
        beside = strong or _PERSON_BEFORE.search(before) is not None or _SMALL_AFTER.match(after) is not None
        if _EPONYM_AFTER.match(after) or _DOSE_AFTER.match(after) or (len(group) == 1 and _is_eponym(group[0])):
            continue
        pure = kinds.count("name") + kinds.count("unknown")
        known = kinds.count("name")
        if titled and (pure or gazetteers.words().get(group[0].text, 0) < 100_000):
            yield start, (group[0].end if not pure else end), 0.5
        elif (
            (pure >= 2 and known)
            or (known and len(kinds) == 2 and beside and pure == 2)
            or (pure and len(kinds) >= 2 and strong and known)
        ):
            yield start, end, 0.45
        elif len(kinds) == 1 and (
            # "this is linear": what is on no list may be medicine, unless a relation stands before it.
            (known and group[0].text in gazetteers.first_names() and (strong or _SMALL_AFTER.match(after)))
            or (pure and not known and _KIN_BEFORE.search(before))
        ):
            yield start, end, 0.41
