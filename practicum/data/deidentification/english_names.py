"""Names of persons in English text, by gazetteer, title, label, relation and repetition."""

# ruff: noqa: C901, PLW2901

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from practicum.data.deidentification import english_persons, gazetteers
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.no_names import NO_NAMES
from practicum.data.deidentification.stop_words import STOP_WORDS, is_stop

_LATIN = [chr(code) for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))]
_UPPER = "A-Z" + "".join(character for character in _LATIN if character.isupper())
_LOWER = "a-z\u0300-\u036f" + "".join(character for character in _LATIN if character.islower())
_WORD = re.compile(
    rf"(?<![\w@/\\])(?:[{_UPPER}](?:['’][{_UPPER}])?[{_LOWER}]+(?:[{_UPPER}][{_LOWER}]+)*(?:-[{_UPPER}][{_LOWER}]+)*"
    rf"|[{_UPPER}]{{2,}}(?:[-'’][{_UPPER}]{{2,}})*|[{_UPPER}]['’][{_UPPER}]{{2,}}|(?:[{_UPPER}]\.){{1,3}}"
    rf"|[{_UPPER}](?![\w.'’]))(?![\w@/\\]|-[{_LOWER}])"
)
_PARTICLE = r"(?:van|von|de|der|den|del|della|di|da|dos|das|du|la|le|el|al|bin|ibn|bint|ben|ter|ten|af|av|zu|san|st\.)"
_PARTICLES = re.compile(
    rf" (?:(?:{_PARTICLE} ){{1,3}}(?:(?:al|el|ul|ad|as|an|ash)-)?|(?:al|el|ul|ad|as|an|ash)-)", re.IGNORECASE
)

_TITLES = frozenset(
    """
    dr dr. doctor mr mr. mister mrs mrs. ms ms. miss mx mx. prof prof. professor nurse sister rev rev. reverend
    sgt sgt. officer capt capt. lt lt. judge hon hon. sir dame rabbi pastor deacon imam aunt uncle auntie
    grandma grandpa sen sen. coach trooper detective chaplain señor señora sr. sra. mme. mlle. herr frau
    therapist midwife paramedic drs drs. father
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
_SUFFIX = (
    r"(?:M\.?D\.?|D\.?O\.?|R\.?N\.?|N\.?P\.?|P\.?A\.?(?:-C)?|Ph\.?D\.?|LPN|LVN|CNA|CPNP|AGNP|ACNP|PMHNP|WHNP|CDCES|CDE|AuD|CCRN|CEN|CPhT|ATC|CADC|LADC|BCBA|COTA|PTA|CSPI|RDCS|RVT|RDMS|OTD|LPCC|LPC|LISW"
    r"|LCPC|CCM|RDH|FAAP|FACEP|FACOG|MRCGP|FRCA|MBChB|BDS|NRP|AEMT|CWOCN|BSN|MSN|DNP|APRN|ARNP|FNP"
    r"(?:-C|-BC)?|CRNP|CRNA|CNM|RRT|RT|PT|DPT|OT(?:R/L)?|LCSW|LICSW|MSW|LMFT|LMHC|PsyD|PharmD|RPh|DDS|DMD|DPM"
    r"|DC|DVM|OD|FACS|FACC|FACP|MPH|MBBS|FRCS|MRCP|ESQ|Esq\.?|RD|RDN|CCC-SLP|EMT(?:-P)?|MS|MA|BS|Jr\.?|Sr\.?|II"
    r"|III|IV)"
)
_SUFFIX_AFTER = re.compile(rf",?\s{_SUFFIX}(?![\w])")
_STATE_AFTER = re.compile(r", (?:MD|PA|MA|MS)(?![\w.\-])")
"""Degrees that are also states."""
_SUFFIX_WORDS = frozenset(
    """
    md do rn np pa phd lpn lvn cna bsn msn dnp aprn arnp fnp crnp crna cnm rrt rt pt dpt ot lcsw licsw msw psyd
    pharmd rph dds dmd dpm jr sr ii iii iv esq mph m.d. d.o. r.n. n.p. p.a. jr. sr.
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
_LABEL = re.compile(
    r"(?:\b(?:name|nam|patient|pateint|pt|client|resident|attending|physician|doctor|provider|surgeon"
    r"|assistant|anesthesiologist|anesthesia|anaesthetist|"
    r"referr(?:ing|ed)(?: by)?|ordering|ordered by|consultant|consulting|pcp|dictated by|dictating|signed"
    r"|signed by|signature|electronically signed(?: by)?|esigned by|"
    r"authored by|author|reported by|reviewed by|verified by|approved by|prepared by|transcribed by"
    r"|performed by|read by|interpreted by|entered by|recorded by|"
    r"cc|to|from|re|attn|attention|contact|next of kin|nok|kin|guardian|spouse|wife|husband|mother|father|son"
    r"|daughter|parent|partner|brother|sister|caller|informant|"
    r"proxy|poa|hcp|nurse|therapist|counselor|social worker|case manager|care manager|pharmacist|dietitian"
    r"|technician|tech|technologist|sonographer|radiologist|pathologist|"
    r"cardiologist|resident physician|fellow|intern|scribe|interpreter|witness|witnessed by|employer contact"
    r"|supervisor|emergency contact|subscriber|insured|policy ?holder|guarantor|"
    r"implanter|requesting|req|requested by|applicant|collector|rendering|asst|proband|user"
    r"|deliver to|owner|responsible party|caregiver|caretaker|home aide|midwife|coordinator|examiner"
    r"|evaluator|clinician"
    r"|prescriber|staff|team|operator|author|sender|recipient|beneficiary|applicant|claimant|"
    r"officer|teacher|attorney|lawyer|agent|student|subject|member|driver|passenger|alias|aka|maiden name"
    r"|surname|first|last|middle|given name|family name|preferred name|nickname|primary|pi|investigator|"
    r"baby|infant|twin a|twin b|donor|recipient|family|children|parents|siblings|sons|daughters|present"
    r"|participants|attendees|attended by|accompanied by|historian|phoned by|spoke to|spoke with|accepting"
    r"|sending|received from|submitted by|collected by|drawn by|checked by|screened by|registered by"
    r"|billed to)(?:'s)?(?:\s(?:name|physician|provider|doctor|md|nurse|contact|by|surgeon))?"
    r"(?:\s?\([^)\n]{1,25}\))?\s?[:：]\s*[\"'“]?|\bc/o\s)$",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:\b(?:wife|husband|spouse|partner|fianc[ée]e?|son|daughter|mother|father|mom|mum|dad|brother|sister"
    r"|aunt|uncle|niece|nephew|cousin|grandson|granddaughter|"
    r"grandmother|grandfather|grandma|grandpa|stepson|stepdaughter|stepmother|stepfather|twin|child|boy|girl"
    r"|baby|friend|neighbou?r|roommate|girlfriend|boyfriend|"
    r"caregiver|caretaker|guardian|aide|boss|supervisor|manager|employer|co-?worker|colleague|lawyer|attorney"
    r"|landlord|teacher|coach|sponsor|pastor|driver|"
    r"in-law|interpreter|witness|roommate|parent|kin|proxy)s?,?(?:\s\(|\s)"
    r"|\b(?:patient|pt|resident|client|attending|surgeon|nurse|physician|therapist|counselor|pharmacist"
    r"|midwife|anesthesiologist|radiologist|pathologist|cardiologist|"
    r"intern|fellow|assistant|scrub|rn|np|pa|md|neurologist|oncologist|hospitalist|psychiatrist|consultant"
    r"|provider|tech|technician|worker|named|called|name is|name was|known as|"
    r"goes by|aka|a\.k\.a\.|dear|hi|hello|hey|regards|sincerely|thanks|thank you|cheers|per|spoke with"
    r"|spoke to|talked to|talked with|speaking with|discussed with|d/w|"
    r"reviewed with|seen by|evaluated by|examined by|signed by|dictated by|performed by|assisted by"
    r"|referred by|accompanied by|brought in by|brought by|reported by|verified by|"
    r"ordered by|called by|notified|informed|paged|contacted|told|asked|met with|married to|lives with"
    r"|living with|daughter of|son of|wife of|husband of|care of|attn|by|i am|i'm|this is|you are|are you"
    r"|is that|call me|"
    r"name's|given to|handed to|given by|from|with|to|for|and|cc|thanks to|under|via|when|that|says|if|after"
    r"|let|sees|saw|see|meet|ask|call|phone|page|text|email)[,:]?\s)[\"'“(]?$",
    re.IGNORECASE,
)
_WEAK_BEFORE = re.compile(
    r"(?<!discussed )(?<!spoke )(?<!talked )(?<!speaking )(?<!reviewed )(?<!met )(?<!lives )(?<!seen )"
    r"(?<!signed )(?<!dictated )(?<!examined )(?<!evaluated )(?<!referred )"
    r"\b(?:from|with|to|for|and|by|under|via|when|that|says|if|after|let|sees|saw|see|ask|call|phone|page|text"
    r"|email|per|told|tech|worker|pa|md)[,:]?\s[\"'“(]?$",
    re.IGNORECASE,
)
_INITIALS_BEFORE = re.compile(
    r"(?:\b(?:signed|initials?|initialed|sig|by|per|author|scribe|typed|dictated|reviewed)\b(?: by)?[:.]?\s*|"
    r"(?:^|\n)\s*(?:--?|—|/s/)\s?)$",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"\b(?:regards|sincerely|thanks|thank you|cheers|yours|truly|best wishes|love)[,.]?\s*\n+\s*$", re.IGNORECASE
)
_SIGNED = re.compile(r"(?:^|\n)\s*(?:--?|—|–|/s/|s/)\s?$")
_SIGNED_END = re.compile(r"\s*(?:$|\n|,|\(|\d| [-–—/|])")
"""What may follow who signed in the same line: nothing, or who he is."""
_AFTER = re.compile(
    r"(?:['’]s?\s(?:wife|husband|mother|father|son|daughter|brother|sister|chart|room|mother|family|parents"
    r"|house|home|wedding|care|condition|case|mom|dad|surgery|visit|doctor|nurse|caregiver)\b"
    r"|,?\s(?:is|was)\s(?:a|an)\s|,?\s(?:a|an)\s\d{1,3}[- ]|,\s\d{1,3}\s?(?:M|F|y|yo|years?|-year)\b"
    r"|,?\s\(?\d{1,3}[- ]?(?:year|yr|y/?o|M\b|F\b)"
    r"|\s\(?(?:DOB|MRN|D\.O\.B|date of birth|born)\b|,?\s(?:born|aged|age|DOB|MRN)\b"
    r"|\s(?:reports?|reported|states?|stated|denies|denied|presents?|presented|complain(?:s|ed)|called|phoned"
    r"|says|said|lives|lived|left|fell|came|arrived|returned|returns|went|"
    r"asked|asks|agrees|agreed|understands|verbalized|tolerated|notified|informed|rang|wants|wanted|will|has"
    r"|had|is|was|appears|remains|continues|underwent|received|takes|took|works|worked|"
    r"signed|told|tells|feels|felt|describes|described|declined|refused|requested|requests|needs|lost|moved"
    r"|retired|smokes|drinks|does|did|can|cannot|should|would|thinks|thought|noticed|saw|sees|examined"
    r"|evaluated|performed|recommended|recommends|ordered|prescribed|advised|discussed|reviewed|consulted"
    r"|covers|covered|operated|scrubbed|assisted|interpreted|translated|signed|witnessed|notes|noted|"
    r"woke|slept|walked|walks|ate|rests|rested|resting|explained|helped|helps|drove|brought|accompanied"
    r"|visited|visits|cries|cried|died|passed|gave|mentioned|recalls|remembers|stopped|started|stays|stayed)\b"
    r"|\s\((?:spouse|wife|husband|son|daughter|mother|father|brother|sister|friend|neighbou?r|partner|parent"
    r"|niece|nephew|patient|pt|caregiver|guardian|self|RN|MD|cousin|aunt|uncle|he|she|they))",
    re.IGNORECASE,
)
_STRONG_AFTER = re.compile(
    r"(?:['’]s\s(?:wife|husband|mother|father|son|daughter|brother|sister|family|parents|mom|dad|wedding)\b"
    r"|,?\s(?:is|was)\s(?:a|an)\s\d|,?\s(?:a|an)\s\d{1,3}[- ]|,\s\d{1,3}\s?(?:M|F|y|yo|years?|-year)\b"
    r"|,?\s\(?\d{1,3}[- ]?(?:year|yr|y/?o|M\b|F\b)|\s\(?(?:DOB|MRN|D\.O\.B)\b|,?\sborn\b"
    r"|\s\((?:spouse|wife|husband|son|daughter|mother|father|brother|sister|friend|neighbou?r|partner|parent"
    r"|niece|nephew|caregiver|guardian)"
    r"|\s(?:reports|denies|complains|states|stated|says|said|presented|presents|verbalized|lives|rang|phoned)\b)",
    re.IGNORECASE,
)
_EPONYM_AFTER = re.compile(
    r"(?:['’]s?)?[\s-](?:and [A-Z]\w+ )?(?:[A-Z]\w+[\s-])?(?:disease|syndrome|sign|signs|score|scores|scale"
    r"|test|tests|testing|criteria|criterion|classification|catheter|phenomenon|lymphoma|sarcoma|"
    r"palsy|fractures?|man(?:o|oe)euvers?|maneuver|stain|staining|tumou?r|cells?|index|contractures?"
    r"|thyroiditis|o?esophagus|dementia|disorder|ulcer|node|nodes|bodies|body|tube|drain|"
    r"forceps|clamp|retractor|operation|procedure|repair|reflex|response|law|lines?|ring|hernia|point|position"
    r"|angle|area|block|anesthesia|pouch|triad|tetralogy|anomaly|"
    r"malformation|chorea|ataxia|edema|an(?:a)?emia|hepatitis|jaundice|nephropathy|neuropathy|murmur|pulse"
    r"|breathing|respiration|gland|duct|canal|fever|virus|bacillus|"
    r"lesion|nevus|wave|factor|method|formula|equation|staging|stage|grade|grading|scoring|system|scan|pin"
    r"|nail|plate|prosthesis|valve|shunt|stent|filter|"
    r"scale|inventory|questionnaire|protocol|regimen|diet|guidelines?|study|trial|risk|apparatus|membrane"
    r"|muscle|ligament|tendon|cyst|paralysis|psychosis|aphasia|"
    r"encephalopathy|macroglobulin[a]?emia|granulomatosis|arteritis|vasculitis|purpura|glomerulonephritis"
    r"|nodules?|spots?|rash|exercises?|splint|bandage|cannula|"
    r"dystrophy|atrophy|tremor|gait|facies|pneumonia|colic|goiter|struma|gangrene|sphincter|papilla|curve|loop"
    r"|capsule|pyramid|plexus|effusion|traction|frame|brace|cast|"
    r"solution|lactate|mask|wire|tape|needle|laceration|tear|transform|ultrasound|flow|monitor|negative"
    r"|positive|without|excluded|absent|present|tender|tenderness)\b",
    re.IGNORECASE,
)
_EPONYMS = frozenset(
"""
    parkinson parkinsons crohn wells glasgow apgar foley hashimoto graves addison cushing raynaud sjogren hodgkin
    kaposi bell colles lefort murphy mcburney kerley doppler child pugh child-pugh alzheimer barrett babinski
    romberg braden katz morse ranson kocher trendelenburg valsalva holter swan ganz bence jones gram giemsa wright
    ziehl neelsen papanicolaou pap wilms ewing ewings whipple billroth nissen roux hartmann meckel virchow homan
    homans chvostek trousseau kernig brudzinski marfan down turner klinefelter huntington tourette guillain barre
    barré lewy wernicke korsakoff broca duchenne charcot marie tooth friedreich arnold chiari budd dupuytren paget
    perthes osgood schlatter baker still felty reiter behcet behçet kawasaki henoch schonlein wegener takayasu
    goodpasture berger alport fanconi wilson gilbert dubin rotor zollinger ellison mallory weiss boerhaave zenker
    hirschsprung peyronie fournier bartholin skene cowper kegel lachman mcmurray phalen tinel finkelstein spurling
    lasegue hoffmann hoffman gleason breslow clark dukes arbor binet rai fleischner agatston framingham killip
    forrester duke light berlin gehan lund mackay snellen ishihara schirmer weber rinne dix hallpike epley bishop
    naegele braxton hicks leopold kleihauer betke coombs rhesus ringer ringers hartmanns kirschner steinmann harris
    jackson pratt hemovac penrose blakemore sengstaken ryle levin salem veress bakri mirena norton waterlow beck
    hamilton montgomery asberg yesavage barthel tinetti berg folstein karnofsky ecog zubrod lugol lugols bosniak
    mallampati cormack lehane nyha asa gustilo garden schatzker neer salter salter-harris stevens johnson
    stevens-johnson wolff white lyme ebola hep coxsackie epstein barr epstein-barr creutzfeldt jakob west nile
    langerhans kupffer purkinje schwann golgi ranvier haversian fallopian eustachian achilles adam sims ehlers
    danlos sturge prader willi angelman noonan williams digeorge edwards patau rett leigh asperger asperger's
    gaucher fabry pompe krabbe tay sachs niemann pick wernicke alport caroli crigler najjar loeffler sweet libman
    sacks osler weber rendu hand schuller letterer siwe vater faber usher pfannenstiel mcroberts rovsing cullen grey
    blumberg obrien kussmaul cheyne stokes cheyne-stokes biot ortner hurthle peutz jeghers lynch gardner cowden von
    willebrand christmas rosai dorfman castleman waldenstrom waldenström sezary bowen merkel kienbock scheuermann
    pott potts charles bonnet horner adie argyll robertson marcus gunn weil mantoux sabin salk widal rorschach
    stroop wechsler bayley conners rankin canadian hunt hess fisher spetzler mayo milan king's brunner sheehan conn
    bartter liddle gitelman nelson kallmann
    """.split()  # noqa: SIM905 -- a list of words reads as a text
    )  # fmt: skip
_DRUG = re.compile(
    r"(?:olol|pril|statin|mab|azole|cillin|mycin|micin|sartan|dipine|tidine|oxacin|cycline|prazole|gliptin"
    r"|gliflozin|glutide|formin|thiazide|semide|caine|barbital|zepam|zolam|oxetine|"
    r"triptan|setron|tinib|parin|xaban|grel|vir|dronate|sone|solone|onide|terol|tropium|lukast|profen|coxib"
    r"|codone|morphone|azine|apine|idone|piprazole|"
    r"itis|osis|emia|aemia|oma|pathy|ectomy|otomy|ostomy|plasty|scopy|graphy|gram|algia|uria|pnea|penia|megaly"
    r"|plegia|paresis|rrhea|rrhage|lysis|ology|ological|ologist|opathy|tion|ment|ness|ical|ious|able|ible)$"
)

Class = Literal["initial", "first", "surname", "unknown", "weak", "other"]


@lru_cache(maxsize=20_000)
def _class(token: str) -> Class:
    """What a capitalised token may be in a name; `weak` is a name that also is an everyday word."""
    if len(token.rstrip(".")) == 1 or re.fullmatch(r"(?:\w\.)+", token):
        return "initial"
    word = token.lower().replace("’", "'")
    if word in STOP_WORDS or (word in NO_NAMES and token.isupper() and word not in gazetteers.first_names()):
        return "other"
    accented = not word.isascii()
    if accented:
        # The census writes without accents.
        word = "".join(
            c
            for c in unicodedata.normalize("NFKD", word.replace("ł", "l").replace("ø", "o"))
            if not unicodedata.combining(c)
        )
    plain = word.replace("'", "").split("-")[0]
    count = gazetteers.words().get(word, 0)
    first = word in gazetteers.first_names() or plain in gazetteers.first_names()
    last = (
        word in gazetteers.surnames()
        or plain in gazetteers.surnames()
        or word.replace("-", "").replace("'", "") in gazetteers.surnames()
    )
    if first or last:
        if count >= gazetteers.COMMON and not accented:
            return "weak" if first or count < 3_000_000 else "other"
        return "first" if first else "surname"
    # The word list holds foreign names too, rarely; what is medical and as rare has an ending that tells.
    if accented:
        return "unknown"
    if count >= 100 or _DRUG.search(word) or english_persons.kind(token) == "word":
        return "other"
    return "unknown" if len(word) > 2 and (not token.isupper() or len(token) > 4) else "other"


_WRAPPED = re.compile(rf"[{_UPPER}][\w'’.\-]+(?: [{_UPPER}][\w'’.\-]*)?[ \t]*(?:\n|$)")
"""A line that holds one or two capitalised words: the end of a name that the line before it broke off."""


class _Token(NamedTuple):
    start: int
    end: int
    text: str
    kind: Class


_MONTH_NAMES = frozenset({"April", "August", "June", "May", "Jun"})


def _runs(text: str) -> Iterator[list[_Token]]:
    """Capitalised words that stand side by side."""
    run: list[_Token] = []
    for match in _WORD.finditer(text):
        token = match[0]
        start, end = match.span()
        # A dot ends a sentence, except behind an initial or a title; the pattern holds the initial's own.
        if run:
            gap = text[run[-1].end : start]
            joined = gap == " " or (gap == ". " and (run[-1].text.lower() in _TITLES)) or _PARTICLES.fullmatch(gap)
            if (
                not joined
                and gap == "\n"
                and _WRAPPED.match(text, start)
                and ":" in text[text.rfind("\n", 0, run[0].start) + 1 : run[0].start]
            ):
                joined = True
            if not joined and gap == "" and run[-1].kind == "initial":
                joined = True
            if not joined:
                yield run
                run = []
        kind = _class(token)
        if kind in ("first", "weak") and token in _MONTH_NAMES and english_persons.is_month(text, start, end):
            kind = "other"
        run.append(_Token(start, end, token, kind))
    if run:
        yield run


def _is_person(tokens: list[_Token]) -> bool:
    """Whether a run reads as a person's name without any context."""
    kinds = [token.kind for token in tokens]
    if "other" in kinds or len(tokens) > 5:
        return False
    names = [kind for kind in kinds if kind != "initial"]
    if not names:
        return False
    if len(names) == 1:
        # "R. Hendricks", and "Jessica B." when her name is no word.
        if kinds[0] == "initial":
            return (
                tokens[0].text.endswith(".")
                and names[0] != "unknown"
                and len(kinds) > 1
                and kinds[-1] != "initial"
                and not (names[0] == "weak" and tokens[-1].text.lower() not in gazetteers.surnames())
            )
        return len(kinds) == 2 and kinds[0] == "first" and kinds[1] == "initial" and tokens[1].text.endswith(".")
    lower = [t.text.lower() for t in tokens if t.kind != "initial"]
    first_known = lower[0] in gazetteers.first_names()
    last_known = lower[-1] in gazetteers.surnames()
    if names[0] == "first":
        return names[-1] != "other"
    if first_known:
        return (
            names[-1] in ("first", "surname", "unknown")
            or (last_known and "initial" in kinds)
            or (last_known and gazetteers.words().get(lower[0], 0) < 40_000)
        )
    if "initial" in kinds[1:-1]:
        return True
    return names[0] in ("surname", "unknown") and names[-1] in ("first", "surname") and last_known


def _pieces(run: list[_Token]) -> Iterator[tuple[list[_Token], bool]]:
    """Parts of a run between words that belong to no name, each with whether a title stands before it."""
    piece: list[_Token] = []
    titled = False
    for token in run:
        lower = token.text.lower()
        if token.kind == "other" and lower in gazetteers.surnames():
            # "Dr. Lane", "Antonio N. Black": words of notes that are names where a name is due.
            after_first = piece and piece[0].kind in ("first", "initial") and lower in gazetteers.frequent_surnames()
            if (titled and not piece) or (after_first and len(piece) < 3 and lower not in _TITLES):
                token = token._replace(kind="weak")
        if (
            lower in _TITLES
            or lower.rstrip(".") in _TITLES
            or (lower in _SUFFIX_WORDS and len(lower) > 1)
            or token.kind == "other"
        ):
            if lower in _SUFFIX_WORDS and piece:
                yield piece, True
                piece, titled = [], False
                continue
            if piece:
                yield piece, titled
            piece = []
            titled = lower in _TITLES or lower.rstrip(".") in _TITLES
        else:
            piece.append(token)
    if piece:
        yield piece, titled


_FIELD = re.compile(r"(?:[A-Za-z)] ?[:|/–—] ?|\t|\| ?| - )$")
_FIELD_END = re.compile(r"\s*(?:$|\n|[|/;,(–—\t]| - |\. |\.$|  )")
_GERM_OR_BRAND = re.compile(
    r"(?:coccus|cocci|ella|bacter|bacterium|monas|bacillus|spira|plasma|myces|virus|phage|dium|ides|oides|ans"
    r"|ium|ase|ine|ol|il|ex|ix|ax|ra|za|eron|amide|ate|ide|xin|"
    r"tox|vax|zyme|plasms?|oid|ctasia|ctasis|trophy|blast|emic|genic|lytic|plastic|static|pathic|philic|ary"
    r"|ory|phen|phil|cyte|form|gel|derm|pro|max|plus)$"
)


def _stands_alone(piece: list[_Token], before: str, after: str) -> bool:
    """Whether a name that no list ties to a person stands where names do: amid a sentence or filling a field."""
    names = [token for token in piece if token.kind != "initial"]
    if any(not _EPONYMS.isdisjoint(re.split("[-' ]", token.text.lower())) or len(token.text) < 3 for token in names):
        return False
    if any(token.kind == "unknown" and _GERM_OR_BRAND.search(token.text.lower()) for token in names):
        return False
    if _FIELD.search(before) and _FIELD_END.match(after) and (len(names) > 1 or names[0].kind == "first"):
        return True
    if any(token.text.isupper() for token in names):
        return False
    if names[-1].text in gazetteers.STATES or names[-1].text in gazetteers.countries() or after.startswith(" of "):
        return False
    amid = re.search(r"[a-z,;] $", before) is not None
    if len(names) > 1:
        return amid or before.endswith(("\n", ". ", "\t")) or not before
    # Alone and on no list, a capitalised word is a drug or a germ as often as a person.
    return amid and names[0].kind != "unknown" and not re.match(r" (?:[A-Z]|mg|mcg|ml|\d)|-\w", after)


_ACTS = re.compile(
    r"\s(?:reports?|reported|stated|denies|denied|complain(?:s|ed)|says|said|lives|lived|agrees|agreed"
    r"|understands|understood|verbali[sz]e[sd]|tolerated|remains|"
    r"called|phoned|asks|asked|wants|wanted|feels|felt|declined|refused|requested|requests|needs|moved|retired"
    r"|smokes|drinks|thinks|thought|noticed|woke|slept|walked|"
    r"walks|ate|rests|explained|brought|accompanied|visited|cried|died|mentioned|recalls|remembers|stays"
    r"|stayed|came|went|arrived|returned|told|took|takes|works|worked|"
    r"saw|sees|examined|evaluated|recommends|ordered|prescribed|advised|reviewed|signed|fell|left|joined|wrote"
    r"|writes|drove|understands|voiced|expressed|will (?:return|call|see|follow|come|be seen)|"
    r"was (?:admitted|discharged|seen|born|brought|found|notified|informed|counsel|told|given|placed|started"
    r"|taken|transferred|advised|educated)|has (?:been|a history|no|had)|is (?:a|an|doing|resting|awake|alert"
    r"|feeling|on|here|in|aware|his|her|the))\b"
)
_LISTED = re.compile(r"\s*(?:[/|(–—-]|\n|$)")
_REVERSED = re.compile(
    rf"(?<![\w])(?P<last>(?:{_PARTICLE}\s)?[{_UPPER}](?:['’]?[{_UPPER}{_LOWER}])+"
    rf"(?:[- ][{_UPPER}][{_UPPER}{_LOWER}]+)?),\s?(?P<first>[{_UPPER}](?:[{_LOWER}]+|[{_UPPER}]+)"
    rf"(?:-[{_UPPER}][{_LOWER}]+)?)(?P<rest>(?: [{_UPPER}]\b\.?| [{_UPPER}][{_LOWER}]+){{0,2}})"
)
_LOWER_LABELLED = re.compile(
    r"\b(?i:(?P<label>name|patient|pt|caller|re|attending|contact|provider|from|to|cc|spouse|wife|husband|son"
    r"|daughter|mother|father|brother|sister|friend|neighbou?r|nurse|by|with|"
    r"physician|doctor(?=\s?[:：,])|surgeon|is|and|for|dear|hi|signed|regards|thanks|kin|proxy|resident|client|partner|aunt"
    r"|uncle|niece|nephew|per)|(?P<title>doctor(?= )|dr|mr|mrs|ms|miss|prof))\.?"
    r"(?P<sep>\s?[:：]\s*|,?\s)(?P<name>(?!(?:dr|mr|mrs|ms|miss|prof|nurse)\b)[a-z][a-z'\-]+(?:\s[a-z]\.?"
    r"(?=\s))?(?:\s[a-z][a-z'\-]+)?)(?![\w])"
)
_PERSON_WORDS = frozenset(
    [
        "patient",
        "pt",
        "caller",
        "wife",
        "husband",
        "son",
        "daughter",
        "mother",
        "father",
        "brother",
        "sister",
        "friend",
        "nurse",
        "client",
        "aunt",
        "uncle",
    ]
)
_LINE_LOWER = re.compile(
    r"(?:^|\n|[.!?]\s|[-–—/|,]\s)(?P<name>[a-z][a-z'\-]+(?:\s[a-z]\.?(?=\s))?\s[a-z][a-z'\-]+)(?=\s*(?:\n|$|,"
    r"|\(|[-–—/|]))"
)


def _may_be_surname(word: str) -> bool:
    """Whether a word in small letters behind a title is too rare for anything but a name."""
    return not is_stop(word) and gazetteers.words().get(word, 0) < 20 and word not in gazetteers.drugs()


def _lower_names(text: str) -> Iterator[tuple[int, int, float]]:
    """Names that are written small, as in hasty notes: only where a label or a title says so."""
    words = gazetteers.words()
    for pattern in (_LOWER_LABELLED, _LINE_LOWER):
        for match in pattern.finditer(text):
            start, name = match.start("name"), match["name"]
            parts = name.split()
            labelled = match.re is _LOWER_LABELLED
            title = labelled and match["title"] is not None
            if title and match["sep"] != " ":
                continue
            if parts[0] in english_persons.NO_SMALL:
                continue
            sure = title or (labelled and match["sep"].strip() != "")
            if len(parts) > 1 and parts[0] in gazetteers.first_names() and parts[-1] in gazetteers.surnames():
                counts = words.get(parts[0], 0), words.get(parts[-1], 0)
                listed = (
                    labelled
                    and match["label"]
                    and match["label"].lower() in _PERSON_WORDS
                    and parts[-1] in gazetteers.frequent_surnames()
                    and counts[0] < 150_000
                )
                rare = max(counts) < 150_000 and min(counts) < 40_000
                if not (is_stop(parts[0]) or is_stop(parts[-1])) and (sure or listed or rare):
                    yield start, start + len(name), 0.72
                    continue
            if (
                title
                and parts[0] in gazetteers.surnames()
                and not is_stop(parts[0])
                and words.get(parts[0], 0) < 300_000
            ) or (
                sure
                and parts[0] in gazetteers.first_names()
                and not is_stop(parts[0])
                and words.get(parts[0], 0) < 20_000
            ):
                end = start + len(parts[0])
                if title and len(parts) == 2 and _may_be_surname(parts[1]):
                    end = start + len(name)
                yield start, end, 0.7
            elif title and len(parts) == 2 and all(map(_may_be_surname, parts)):
                yield start, start + len(name), 0.7


_LIST_LABEL = re.compile(
    r"\b(?:crew|team|staff|present|attendees|attended|attending|participants|roster|nurses|residents|surgeons|assistants?|medics|household|children"
    r"|siblings|kids|contacts|family|names|members|reviewers|witnesses|cc|drivers?|callers?|panel"
    r"|class)[^:\n]{0,12}: ?[^:\n.;]*$",
    re.IGNORECASE,
)
_LIST_END = re.compile(r"\s*(?:[,;.\n(/]|$|and\b|&)")
_NEXT_NAME = re.compile(
    rf"(?:,| and| &|, and| or)\s(?P<name>[{_UPPER}][{_LOWER}]+(?:-[{_UPPER}][{_LOWER}]+)?)(?![\w'’-])(?!\s[{_UPPER}])"
)


def _joined_names(text: str, found: list[tuple[int, int, float]]) -> Iterator[tuple[int, int, float]]:
    """First names that are listed behind a person's: "Jeffrey, Sydney and Mark"."""
    for _, end, score in found:
        while match := _NEXT_NAME.match(text, end):
            name = match["name"].lower()
            listed = _LIST_LABEL.search(text, max(0, end - 60), end) and _LIST_END.match(text, match.end())
            other = bool(listed) and english_persons.kind(match["name"]) in ("name", "unknown", "weak")
            if (
                not (name in gazetteers.first_names() or other)
                or is_stop(name)
                or _EPONYM_AFTER.match(text, match.end())
            ):
                break
            end = match.end()
            yield match.start("name"), end, min(score, 0.6)


_ENTRY_START = re.compile(
    r"(?:(?:^|\n|\t|\||,(?=\")| {2}|[~:] ?|\" ?|[.!?] |\d[.,;] |\b[A-Z]{2,7} |(?i:\b(?:inmate|caller|patient"
    r"|pt|claimant|subscriber"
    r"|ordering|examiner|surgeon|referring|rendering|attending|collector|proband|assistant|examined|insured|applicant|subject"
    r"|client|resident|about|re|for|spouse|guarantor|name|member|student|camper|cc|with|by) ))[ \"]*"
    r"(?:\d{1,3}[.)]? )?)$"
)
_ENTRY_END = re.compile(r" *(?:[/|(–—;\"#\t\n-]|$)| {2}|,? \d|, (?:b|dob|born|aged?|age|mrn)\b|,\"| from\b")
"""What stands before and behind a surname and first name of a list or form, which no label announces."""


def find_english_names(text: str) -> Iterator[Candidate]:
    """Names of persons in English text; titles and suffixes are no part of them."""
    found: list[tuple[int, int, float]] = []
    for match in _REVERSED.finditer(text):
        last, first = match["last"], match["first"]
        opening, _, rest = last.partition(" ")
        start = match.start()
        if rest and (
            is_stop(opening) or english_persons.kind(opening) == "word" or opening.isupper() != rest.isupper()
        ):
            # What announces the name is no part of it: "Patient Young, Joy".
            last, start = rest, start + len(opening) + 1
        if (_class(first) == "other" and not english_persons.is_first_name(first)) or first.lower() in _SUFFIX_WORDS:
            continue
        labelled = _LABEL.search(text, max(0, start - 60), start) or (
            _ENTRY_START.search(text, max(0, start - 14), start)
            and _ENTRY_END.match(text, match.end())
            and (
                english_persons.is_first_name(first)
                or (
                    english_persons.kind(first) in ("unknown", "name")
                    and (
                        last.lower() in gazetteers.frequent_surnames()
                        or english_persons.kind(last) in ("unknown", "name")
                    )
                )
            )
            and (last.lower() in gazetteers.surnames() or english_persons.kind(last) != "word")
        )
        known = first.lower() in gazetteers.first_names()
        strong = (_class(last) in ("surname", "first", "unknown") and _class(first) == "first") or (
            _class(first) in ("first", "weak")
            and last.lower() in gazetteers.surnames()
            and _LISTED.match(text, match.end()) is not None
        )
        if labelled or (known and strong and not re.search(r"[a-z],? $", text[max(0, start - 3) : start])):
            end = match.end()
            for word in re.finditer(r" (\S+)", match["rest"]):
                if _class(word[1]) == "other" or word[1].lower().rstrip(".") in _SUFFIX_WORDS:
                    end = match.start("rest") + word.start()
                    break
            found.append((start, end, 0.95))
    for run in _runs(text):
        for piece, titled in _pieces(run):
            start, end = piece[0].start, piece[-1].end
            before = text[max(0, start - 60) : start]
            after = text[end : end + 60]
            score = 0.0
            names = [token for token in piece if token.kind != "initial"]
            if titled and names:
                score = 0.92
            elif (
                _LABEL.search(before)
                or (_SIGNED.search(before) and _SIGNED_END.match(after))
                or _GREETING.search(before)
            ):
                if (names and len(piece) == 1 and english_persons.resembles_a_heading(piece[0].text, after)) or (
                    len(piece) == 1 and piece[0].kind == "weak" and re.match(r" \(?\d", after)
                ):
                    score = 0.0
                elif (
                    any(token.kind in ("first", "surname", "unknown") for token in piece)
                    or len(piece) > 1
                    or (
                        piece[0].kind == "weak"
                        and (re.match(r" and [A-Z]", after) or not after[:2].strip()[:1].islower())
                    )
                ):
                    score = 0.9
            elif (
                names
                and _SUFFIX_AFTER.match(after)
                and (not _STATE_AFTER.match(after) or piece[0].kind in ("first", "initial") or _is_person(piece))
                and not (len(piece) == 1 and (piece[0].text.isupper() or piece[0].text.lower() in NO_NAMES))
            ):
                score = 0.9
            elif _EPONYM_AFTER.match(after) and not _STRONG_AFTER.match(after):
                score = 0.0
            elif _is_person(piece):
                score = 0.7
            elif names:
                eponym = all(token.text.lower() in _EPONYMS for token in names)
                left, right = _BEFORE.search(before), _AFTER.match(after)
                weak_left = left is not None and _WEAK_BEFORE.search(before) is not None
                best = {token.kind for token in names}
                if eponym and not (left and not weak_left):
                    score = 0.0
                elif (
                    left
                    and not weak_left
                    and not (len(piece) == 1 and piece[0].text.isupper() and piece[0].kind == "unknown")
                    and (
                        best & {"first", "surname", "unknown"}
                        or len(names) > 1
                        or names[0].text.lower() in gazetteers.first_names()
                    )
                ):
                    score = 0.66
                elif (
                    best & {"first"}
                    and len(piece) <= 3
                    and (left or right)
                    and not (piece[0].text.isupper() and len(piece[0].text) < 4)
                ) or (
                    _STRONG_AFTER.match(after)
                    and (best & {"surname"} or names[0].text.lower() in gazetteers.first_names())
                ):
                    score = 0.6
                elif (
                    right
                    and names[0].text.lower() in gazetteers.first_names()
                    and len(piece) == 1
                    and re.search(r"(?:[a-z,;]|\d\d) $", before)
                ):
                    score = 0.56
                elif (
                    left
                    and len(names) == 2
                    and names[0].text.lower() in gazetteers.first_names()
                    and names[1].text.lower() in gazetteers.surnames()
                    and re.search(r"[a-z] $", before)
                ):
                    score = 0.57
                elif (
                    (left or right)
                    and len(names) in (2, 3)
                    and best <= {"surname", "unknown"}
                    and not any(token.text.lower() in _EPONYMS or token.text.isupper() for token in names)
                ):
                    # Names of the whole world stand in no list of the census.
                    score = 0.54
                elif (
                    (weak_left and right and best & {"surname", "unknown"})
                    or (
                        best <= {"first", "surname", "unknown"}
                        and _ACTS.match(after)
                        and not (len(piece) == 1 and piece[0].text.isupper())
                        and not any(t.kind == "unknown" and _GERM_OR_BRAND.search(t.text.lower()) for t in names)
                    )
                    or (best <= {"first", "surname", "unknown"} and len(names) == 2 and _STRONG_AFTER.match(after))
                ):
                    score = 0.5
                elif best <= {"first", "surname", "unknown"} and _stands_alone(piece, before, after):
                    score = 0.42
            if (
                not score
                and not names
                and len("".join(t.text for t in piece).replace(".", "")) > 1
                and _INITIALS_BEFORE.search(before)
            ):
                score = 0.7
            if score:
                found.append((start, end, score))
    taken = [(start, end) for start, end, _ in found]
    for finder in (
        english_persons.find,
        english_persons.find_word_pairs,
        english_persons.find_small,
        english_persons.find_undotted_initials,
    ):
        for start, end, score in finder(text):
            if (start, end) not in taken:
                found.append((start, end, score))
    found.extend(_lower_names(text))
    found.extend(_joined_names(text, found))
    found = [one for one in _united(found) if not _is_thing(text, *one)]
    parts_found: dict[str, None] = {}
    for start, end, _ in found:
        for part in re.split(r"[\s,/]+", text[start:end]):
            if (
                len(part.rstrip(".")) >= 3
                and part.lower() not in STOP_WORDS
                and not re.fullmatch(_PARTICLE, part, re.IGNORECASE)
            ):
                parts_found[part] = None
    again = [(one.start, one.end, one.score) for one in repeated(text, list(parts_found))]
    for start, end, score in _united(found + again):
        yield Candidate(start, end, "name", score)


_NAMED_PLACE = re.compile(
    r".{0,3}?New (?:York|Jersey|Mexico|Hampshire|England|Zealand|Delhi)(?:\W.*)?|(?:.*\W)?Ann Arbor?.*", re.DOTALL
)
"""Of a state's name, what a person is called too, with its other half and what stands beside it."""


def _is_thing(text: str, start: int, end: int, score: float) -> bool:
    """Whether what was taken for a person's name is a thing's, or an ordinary word."""
    words = text[start:end].split()
    if text[start:end] in ("I", "A") or _NAMED_PLACE.fullmatch(text, max(0, start - 4), min(len(text), end + 6)):
        return True
    if len(words) > 1:
        return score < 0.9 and english_persons.are_things(words)
    return english_persons.names_a_disease(text, end) or (
        (score < 0.95 and english_persons.is_graded(text, start, end))
        or (score < 0.9 and english_persons.is_shouted_word(text, start, end))
        or (score < 0.66 and text[start].isupper() and english_persons.names_a_thing(text, start, end))
    )


def _united(spans: list[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """Spans of which those that overlap have become one, so that no part of a name is lost to another part."""
    united: list[tuple[int, int, float]] = []
    for start, end, score in sorted(spans):
        if united and start < united[-1][1]:
            last = united[-1]
            united[-1] = (last[0], max(last[1], end), max(last[2], score))
        else:
            united.append((start, end, score))
    return united


_ANY_WORD = re.compile(
    rf"(?<![\w@/\\.-])(?:[{_UPPER}]\.|[{_UPPER}{_LOWER}]+(?:['’-][{_UPPER}{_LOWER}]{{2,}})*)(?![\w@/\\]|\.\w\w)"
)


def repeated(text: str, parts: list[str]) -> Iterator[Candidate]:
    """Places where a part of a known name stands again, alone or with the name's other parts and initials.

    A part that is written small is looked for as such; one that is an everyday word only where it is a name.
    """
    known: dict[str, bool] = {}
    for part in parts:
        known[part.lower()] = known.get(part.lower(), False) or part[0].islower()
    if not known:
        return
    words = gazetteers.words()
    group: list[re.Match[str]] = []
    hits = 0

    def closed() -> Iterator[Candidate]:
        if not hits:
            return
        start, end = group[0].start(), group[-1].end()
        word = text[start:end]
        lower = word.lower()
        count = words.get(lower, 0)
        if word[0].islower() and count >= 300 and not known.get(lower, False):
            return
        if " " not in word and _EPONYM_AFTER.match(text, end):
            return
        sentence_start = text[max(0, start - 2) : start] in ("", ". ", "\n", "\n\n", ": ")
        if word[0].isupper() and count >= gazetteers.COMMON and sentence_start and not _AFTER.match(text, end):
            return
        yield Candidate(start, end, "name", 0.55)

    for match in _ANY_WORD.finditer(text):
        word = match[0].lower()
        initial = match[0].endswith(".")
        hit = word in known
        if group and not ((hit or initial) and text[group[-1].end() : match.start()] in (" ", "-", "")):
            if not group[-1][0].endswith(".") or len(group) > 1:
                yield from closed()
            group, hits = [], 0
        if hit or initial:
            group.append(match)
            hits += hit
    if group:
        yield from closed()


def without_names(text: str) -> str:
    """A text without any capitalised word that is a name and no everyday word, context or not."""
    return _WORD.sub(
        lambda m: (
            "[REMOVED]"
            if _class(m[0]) in ("first", "surname", "unknown")
            and not re.search(r"\[[A-Z-]*$", text[max(0, m.start() - 20) : m.start()])
            else m[0]
        ),
        text,
    )
