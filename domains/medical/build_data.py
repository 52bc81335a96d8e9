"""Build the raw data of the medical domain: encounters, dialogues, the part of ICD-10-CM that they use, and scanned
pages of radiology reports.

    python -m domains.medical.build_data [--out DIR] [--transcripts FILE]

Patients, names, values, conversations and reports are made up here and stand for nobody. Codes, titles and notes come
from the CDC's tabular list of ICD-10-CM inside the package simple-icd-10-cm (requirements-data.lock). The pages are
drawn in DejaVu Sans and Serif (Debian: fonts-dejavu-core).
The same versions of package, fonts, Pillow and NumPy give the same bytes.
"""

import argparse
import csv
import importlib.util
import json
import math
import random
import textwrap
import time
import xml.etree.ElementTree as ET
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from domains.medical.domain import (
    MAX_NOTE_CHARS,
    Finding,
    Guidelines,
    Icd10,
    Score,
    Value,
    note_spans,
    number,
    read_guidelines,
)

SEED = 20261124
ENCOUNTERS = 780
SECOND_ENCOUNTER = 0.35
"""Share of encounters whose patient comes again, for another score."""
MAX_PRESENT = 5
"""Criteria shown at most in one encounter, so that prompts stay short."""

CATEGORIES = 270
"""ICD-10-CM categories (three characters) from which key diagnoses are taken."""
DIALOGUES_PER_CATEGORY = 3
TERM_SHARE = 0.55
"""Share of draws whose evidence is an inclusion term, not the title; fewer work out, few codes have a short one."""
DECOY_SHARE = 0.7
"""Share of dialogues in which another candidate's words are said, and denied."""
MAX_CANDIDATE_CHARS = 165
"""Length of the three candidates' titles and terms together."""
MAX_TITLE_CHARS = 60
KEY_CHAPTERS = "ABCDEFGHIJKLMN"
SECOND_CHAPTERS = KEY_CHAPTERS + "R"
"""First letters of the codes that key diagnoses and second codes are taken from."""

COLUMNS = ["encounter_id", "patient_id", "assessment", "age", "sex", "sbp", "dbp", "hr", "rr", "temp", "spo2"]
COLUMNS += ["labs", "findings", "history", "drugs"]

# Field -> values to draw from: around the thresholds of its scores, so that both sides are common.
RANGES: dict[str, tuple[float, float, float]] = {
    "age": (22, 94, 1),
    "sbp": (78, 186, 2),
    "dbp": (44, 104, 2),
    "hr": (56, 128, 1),
    "rr": (12, 38, 1),
    "temp": (35.2, 39.8, 0.1),
    "spo2": (88, 99, 1),
    "urea": (3, 19, 1),
    "bun": (9, 58, 1),
    "wbc": (3, 19, 1),
    "creatinine": (0.6, 3.9, 0.1),
    "troponin_ratio": (0, 7, 1),
    "gcs": (11, 15, 1),
    "calf_difference": (0, 7, 1),
    "duration_min": (3, 95, 1),
    "risk_factors": (0, 5, 1),
    "bmi": (20, 47, 1),
    "neck_cm": (33, 48, 1),
    "sore_throat_days": (1, 8, 1),
}
CONDITIONS = [
    "gout", "asthma", "hypothyroidism", "migraine", "psoriasis", "glaucoma", "osteoarthritis", "acne", "eczema",
    "gallstones", "reflux", "cataract", "hernia repair as a child", "ear infection 9 years ago",
]  # fmt: skip
CHILD_CONDITIONS = ["asthma", "eczema", "migraine", "short sight"]
DRUGS = ["takes levothyroxine", "takes allopurinol", "takes omeprazole", "uses eye drops", "takes vitamin D"]

FIRST_NAMES = [
    "Alma", "Boris", "Chiara", "Dmitri", "Edith", "Farid", "Greta", "Hassan", "Ingrid", "Jorge", "Keiko", "Lionel",
    "Marisol", "Nadia", "Oswald", "Priya", "Quentin", "Rosalind", "Stefan", "Tamsin", "Ulrich", "Valeria", "Wendell",
]  # fmt: skip
LAST_NAMES = [
    "Abernathy", "Bellweather", "Castellanos", "Dragomir", "Eastlake", "Fairweather", "Grunewald", "Holloway",
    "Iwasaki", "Jankowski", "Kirkbride", "Lindqvist", "Montague", "Novotny", "Okonkwo", "Pemberton", "Quesada",
    "Rasmussen", "Santangelo", "Thistlewood", "Umarov", "Vandermeer", "Wojcik", "Yamaguchi", "Zielinski",
]  # fmt: skip


# ---------------------------------------------------------------- encounters


def draw(name: str, rng: random.Random) -> int | float:
    low, high, step = RANGES[name]
    return number(f"{low + step * rng.randrange(int((high - low) / step) + 1):.1f}")


def words_of(score: Score, name: str) -> list[str]:
    """The words a field can take in a score."""
    tests = [t for c in score.criteria for condition in c.conditions for t in condition.tests]
    return [str(t.bound) for t in tests if t.field == name and t.op == "=" and t.bound is not True]


def draw_encounter(score: Score, fixed: Mapping[str, Value], rng: random.Random) -> dict[str, Value]:
    """Random values of what the score reads, beside what is `fixed`; absent findings are left out."""
    values: dict[str, Value] = {"age": draw("age", rng), "sex": rng.choice(["female", "male"]), **fixed}
    if score.name == "McIsaac" and "age" not in fixed and rng.random() < 0.6:
        values["age"] = rng.randrange(4, 22)
    density = rng.choice([0.2, 0.4, 0.6, 0.8])
    for criterion in score.criteria:
        for name in criterion.fields:
            if name in values:
                continue
            if criterion.is_flag:
                if rng.random() < density and not (name == "oestrogen" and values["sex"] == "male"):
                    values[name] = True
            elif name in RANGES:
                values[name] = draw(name, rng)
            else:
                values[name] = rng.choice(words_of(score, name))
    return values


def fits(score: Score, values: Mapping[str, Value]) -> bool:
    """Whether blood pressures agree and few enough criteria must be shown."""
    if "dbp" in values and not 15 <= float(values["sbp"]) - float(values["dbp"]) <= 90:
        return False
    shown = [c for c in score.criteria if not c.is_flag or values.get(c.field)]
    return len(shown) <= MAX_PRESENT


def encounter_row(
    identifier: int, patient: int, score: Score, values: Mapping[str, Value], guidelines: Guidelines, rng: random.Random
) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS, "")
    row |= {"encounter_id": f"E{identifier:04d}", "patient_id": f"P{patient:04d}", "assessment": score.name}
    lists: dict[str, list[str]] = {"labs": [], "findings": [], "history": [], "drugs": []}
    for name, value in values.items():
        where = guidelines.wordings[name].where
        if where == "column":
            row[name] = str(value)
        else:
            lists[where].append(name if value is True else f"{name}={value}")
    for name in ("hr", "temp", "spo2"):
        if not row[name] and rng.random() < 0.6:
            row[name] = str(rng.randrange(64, 90) if name == "hr" else 37 if name == "temp" else rng.randrange(95, 100))
    child = float(values["age"]) < 18
    lists["history"] += rng.sample(CHILD_CONDITIONS if child else CONDITIONS, rng.choice([0, 1, 1, 2]))
    lists["drugs"] += rng.sample(DRUGS[-1:] if child else DRUGS, rng.choice([0, 1, 1]))
    return row | {name: ";".join(parts) for name, parts in lists.items()}


def encounters(guidelines: Guidelines, rng: random.Random) -> Iterator[dict[str, str]]:
    """Encounters, the bands of each score equally frequent; patients come once or twice."""
    scores = list(guidelines.scores.values())
    history = [name for name, wording in guidelines.wordings.items() if wording.where == "history"]
    identifier = patient = 0
    while identifier < ENCOUNTERS:
        patient += 1
        fixed: dict[str, Value] = {}
        for visit in range(2):
            score = scores[identifier % len(scores)]
            bands = score.bands
            if visit and (rng.random() > SECOND_ENCOUNTER or score.name == "McIsaac"):
                break
            band = rng.choice(bands)
            for _ in range(3000):
                values = draw_encounter(score, fixed, rng)
                if fits(score, values) and score.band(score.points(values)) == band:
                    identifier += 1
                    yield encounter_row(identifier, patient, score, values, guidelines, rng)
                    fixed = {k: v for k, v in values.items() if k in ("age", "sex", *history)}
                    break


def spoiled(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows with a few faults as real records have them."""
    by_score = {row["assessment"]: row for row in rows}
    faults = [
        by_score["CURB-65"] | {"age": ""},
        by_score["SIRS"] | {"hr": ""},
        by_score["ABCD2"] | {"sbp": "1480"},
        by_score["qSOFA"] | {"rr": "240"},
        by_score["CURB-65"] | {"sbp": "84", "dbp": "96"},
        by_score["HEART"] | {"assessment": "TIMI"},
        by_score["Alvarado"] | {"temp": "n/a"},
    ]
    for number_, row in enumerate(faults):
        row["encounter_id"] = f"E9{number_:03d}"
    copies = [dict(rows[index]) for index in (40, 300, 301)]
    result = list(rows)
    for index, row in enumerate(faults + copies):
        result.insert(60 + 90 * index, row)
    return result


# ---------------------------------------------------------------- ICD-10-CM


@dataclass
class Node:
    """A code, block or chapter of the tabular list."""

    name: str
    title: str
    terms: list[str]
    ancestors: list[str]
    excludes1: list[str]
    excludes2: list[str]
    children: list["Node"] = field(default_factory=list)


def texts(element: ET.Element, path: str) -> list[str]:
    return [" ".join((note.text or "").split()) for note in element.findall(path)]


def read_tabular(path: Path) -> dict[str, Node]:
    """Every code, block and chapter by name, in the list's order."""
    nodes: dict[str, Node] = {}

    def walk(element: ET.Element, ancestors: list[str], parent: Node | None) -> None:
        name = {"chapter": "chapter ", "section": "block "}.get(element.tag, "")
        name += element.get("id") or element.findtext("name") or ""
        node = Node(
            name,
            element.findtext("desc") or "",
            texts(element, "inclusionTerm/note"),
            ancestors,
            texts(element, "excludes1/note"),
            texts(element, "excludes2/note"),
        )
        nodes[name] = node
        if parent is not None:
            parent.children.append(node)
        for child in element:
            if child.tag in ("section", "diag"):
                walk(child, [name, *ancestors], node)

    for chapter in ET.parse(path).getroot().findall("chapter"):
        walk(chapter, [], None)
    return nodes


@dataclass(frozen=True)
class Tabular:
    """The whole list, with its billable codes of diagnoses in the order of their letters and digits."""

    nodes: Mapping[str, Node]
    icd: Icd10
    billable: Sequence[str]

    @classmethod
    def of(cls, nodes: Mapping[str, Node]) -> "Tabular":
        codes = {n.name: {"title": n.title, "terms": n.terms, "ancestors": n.ancestors} for n in nodes.values()}
        icd = Icd10(codes, {n.name: n.excludes1 for n in nodes.values() if n.excludes1})
        return cls(
            nodes, icd, sorted(n.name for n in nodes.values() if not n.children and n.name[0] in SECOND_CHAPTERS)
        )

    def under(self, first: str, last: str | None = None) -> Sequence[str]:
        """Billable codes that start with `first`, or stand between `first` and `last`."""
        low, high = first.rstrip("."), (last or first).rstrip(".")
        return self.billable[bisect_left(self.billable, low) : bisect_right(self.billable, high + "~")]


VAGUE = ("unspecified", "other", "nos", "elsewhere", "not ", "without", "except")


def is_specific(text: str) -> bool:
    return not any(word in text.lower() for word in VAGUE)


def is_plain(text: str) -> bool:
    return len(text) <= MAX_TITLE_CHARS and not any(sign in text for sign in "()[]/:;") and "," not in text[-1:]


def has_plain_term(node: Node) -> bool:
    return bool(node.terms) and is_plain(node.terms[0]) and is_specific(node.terms[0])


def short_notes(icd: Icd10, code: str) -> list[str]:
    notes = icd.excludes1(code)
    if any(note_spans(note) is None for note in notes):
        return []
    return [note for note in notes if len(note) <= MAX_NOTE_CHARS and len(note_spans(note) or ()) <= 2]


def families(tabular: Tabular) -> dict[str, list[Node]]:
    """Category -> parents of at least three short-titled billable codes, with readable Excludes1 notes."""
    found: dict[str, list[Node]] = {}
    for node in tabular.nodes.values():
        if node.name.startswith(("chapter", "block")) or node.name[0] not in KEY_CHAPTERS or node.name[2].isalpha():
            continue
        leaves = [c for c in node.children if not c.children and is_plain(c.title)]
        if (
            len(leaves) < 3
            or sum(is_specific(c.title) for c in leaves) < 2
            or not short_notes(tabular.icd, leaves[0].name)
        ):
            continue
        found.setdefault(node.name[:3], []).append(node)
    return found


# ---------------------------------------------------------------- dialogues


def lowered(title: str) -> str:
    """A title as it stands inside a sentence: acronyms and names keep their capital."""
    first = title.split(" ", maxsplit=1)[0]
    keep = "'" in first or "-" in first or any(c.isupper() for c in first[1:])
    return title if keep else title[:1].lower() + title[1:]


def split_title(titles: list[str]) -> tuple[str, list[str]]:
    """What comma-separated titles share at their start, and what remains of each; an empty start when they
    share nothing."""
    parts = [title.split(", ") for title in titles]
    if all(len(p) >= 2 for p in parts) and len({p[0] for p in parts}) == 1:
        return parts[0][0], [", ".join(p[1:]) for p in parts]
    return "", titles


def placed(rest: str) -> str:
    """The distinguishing part of a title inside a sentence: a place takes its article."""
    return f"the {rest}" if rest.startswith(("right ", "left ")) or rest.endswith(" region") else rest


def clinical(base: str, said: str, decoy: str | None, rng: random.Random) -> list[tuple[str, str]]:
    """Clinical turns in which the doctor settles on `said`, once `decoy` is out."""
    start = (
        f"I came about the {lowered(base)}." if base else rng.choice(["What did you find?", "Do you have the results?"])
    )
    if decoy is None:
        return [("patient", start), ("doctor", rng.choice([f"It is {said}.", f"The findings show {said}."]))]
    shape = rng.randrange(4)
    if shape == 0:
        return [("patient", start), ("doctor", f"We suspected {decoy}, but it is {said}.")]
    if shape == 1:
        return [("patient", start), ("doctor", f"This is {said}, not {decoy}.")]
    if shape == 2:
        return [("patient", f"{start} Is it {decoy}?"), ("doctor", f"No, it is {said}.")]
    return [("patient", f"{start} Last time it was {decoy}."), ("doctor", f"Now it is {said}.")]


def identity_turns(patient: Mapping[str, str], rng: random.Random) -> list[dict[str, str]]:
    """Registration talk, full of identifiers."""
    return [
        {
            "speaker": "clerk",
            "kind": "registration",
            "text": f"{patient['name']}, born {patient['birth_date']}, record {patient['mrn']}?",
        },
        {
            "speaker": "patient",
            "kind": "registration",
            "text": f"Yes. Call me on {patient['phone']} or write to {patient['email']}."
            if rng.random() < 0.6
            else f"Yes, and my number is still {patient['phone']}.",
        },
    ]


def made_up_patient(rng: random.Random) -> dict[str, str]:
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    return {
        "name": f"{first} {last}",
        "birth_date": f"{rng.randrange(1, 13):02d}/{rng.randrange(1, 29):02d}/{rng.randrange(1931, 2008)}",
        "mrn": f"{rng.randrange(10**7, 10**8)}",
        "phone": f"({rng.randrange(201, 990)}) 555-01{rng.randrange(100):02d}",
        "email": f"{first.lower()}.{last.lower()}@example.org",
    }


def second_code(tabular: Tabular, key: str, together: bool, shown: Sequence[str], rng: random.Random) -> str | None:
    """A code that an Excludes1 note of the key covers, or one that truly may stand with it. The latter comes
    mostly from an Excludes2 note of the key, or stands close to what the Excludes1 note covers."""
    spans = [span for note in shown for span in note_spans(note) or ()]

    def usable(code: str) -> bool:
        return code[:3] != key[:3] and not code[2].isalpha() and len(code) <= 6

    if not together:
        covered = [c for span in spans for c in tabular.under(span.first, span.last) if usable(c)]
        return rng.choice(covered) if covered else None
    kind = rng.random()
    pool: Sequence[str]
    if kind < 0.25:
        pool = COMORBIDITIES
    elif kind < 0.4:
        pool = tabular.billable
    elif kind < 0.7 and any(len(span.first) > 3 for span in spans):
        pool = [c for span in spans for c in tabular.under(span.first[:3]) if not span.covers(c)]
    else:
        owners = [key, *tabular.nodes[key].ancestors]
        beside = dict.fromkeys(note for owner in owners for note in tabular.nodes[owner].excludes2)
        other = [span for note in beside for span in note_spans(note) or ()]
        pool = [c for span in other for c in tabular.under(span.first, span.last)]
        pool += [c for span in spans for c in tabular.under(span.first[:2])]
    pool = rng.sample(pool, min(len(pool), 60))
    return next((c for c in pool if usable(c) and tabular.icd.excluded(key, c) is False), None)


COMORBIDITIES = [
    "I10", "E78.5", "E11.9", "E03.9", "J45.909", "K21.9", "M10.9", "G43.909", "N40.0", "L40.9", "F41.9", "D50.9",
    "M81.0", "H40.9", "E66.9", "I48.91", "J30.9", "N18.30", "K80.20", "M19.90",
]  # fmt: skip


def dialogue(
    identifier: int, parent: Node, together: bool, tabular: Tabular, rng: random.Random
) -> dict[str, object] | None:
    """One dialogue about a code under `parent`, or None when this draw does not work out."""
    children = [c for c in parent.children if not c.children and is_plain(c.title)]
    with_terms = rng.random() < TERM_SHARE
    keys = [c for c in children if is_specific(c.title) and (not with_terms or has_plain_term(c))]
    if not keys:
        return None
    key = rng.choice(keys)
    others = [c for c in children if c is not key]
    candidates = [key, *rng.sample(others, 2)]
    if sum(is_specific(c.title) for c in candidates) < 2:
        return None
    base, rests = split_title([c.title for c in candidates])
    if with_terms:
        base, rests = "", [c.title for c in candidates]
    said = lowered(key.terms[0]) if with_terms else lowered(rests[0]) if not base else rests[0]
    decoys = [
        lowered(r) if not base else r for r, c in zip(rests[1:], candidates[1:], strict=True) if is_specific(c.title)
    ]
    decoy = rng.choice(decoys) if decoys and rng.random() < DECOY_SHARE else None
    seen = " / ".join([*rests[1:], *(t for c in candidates[1:] for t in c.terms[:1] if with_terms)]).lower()
    if said.lower() in seen or any(r.lower() in said.lower() for r in rests[1:]):
        return None
    block = sum(len(c.title) + (len((c.terms or [""])[0]) if with_terms else 0) for c in candidates)
    if block > MAX_CANDIDATE_CHARS:
        return None
    notes = short_notes(tabular.icd, key.name)
    second = second_code(tabular, key.name, together, notes, rng) if notes else None
    if second is None:
        return None
    rng.shuffle(candidates)
    patient = made_up_patient(rng)
    turns = [
        {"speaker": s, "kind": "clinical", "text": t}
        for s, t in clinical(base, placed(said), decoy and placed(decoy), rng)
    ]
    return {
        "id": f"D{identifier:04d}",
        "patient": patient,
        "turns": [*identity_turns(patient, rng), *turns],
        "coding": {
            "candidates": [c.name for c in candidates],
            "terms": with_terms,
            "key": key.name,
            "evidence": said,
            "second": second,
        },
    }


def dialogues(tabular: Tabular, rng: random.Random) -> Iterator[dict[str, object]]:
    """Dialogues over many categories, both verdicts equally frequent."""
    by_category = families(tabular)
    chosen = rng.sample(sorted(by_category), min(CATEGORIES, len(by_category)))
    identifier = 1
    for category in chosen:
        for _ in range(DIALOGUES_PER_CATEGORY):
            for _ in range(40):
                row = dialogue(identifier, rng.choice(by_category[category]), identifier % 2 == 0, tabular, rng)
                if row is not None:
                    identifier += 1
                    yield row
                    break


IDENTIFIED_SHARE = 0.34
"""Share of clinical turns in which an identifier is said, of those that are short enough."""
MAX_SPOKEN_CHARS = 470
"""Length of candidates, note and turns above which a dialogue keeps its turns: placeholders cost tokens too."""
RELATIVES = ["sister", "brother", "son", "daughter", "husband", "mother"]
STREETS = ["Quayside Road", "Orchard Avenue", "Harbor Street", "Chestnut Lane", "Mill Street", "Foundry Road"]


def identified(text: str, speaker: str, patient: Mapping[str, str], rng: random.Random) -> str:
    """A clinical turn with one identifier of the patient, a relative, a place or a contact in it."""
    first, last = patient["name"].split()
    relative = rng.choice(RELATIVES)
    named = rng.choice(FIRST_NAMES)
    date = made_up_date(rng, 2016, 2025)
    hospital = rng.choice(HOSPITALS)[0]
    street = f"{rng.randrange(2, 90)} {rng.choice(STREETS)}"
    opening = text[:1].lower() + text[1:] if text.split(" ", 1)[0] in ("It", "This", "We", "No,", "Now", "The") else ""
    if speaker == "doctor":
        ways = [
            f"{text} I will ring {patient['phone']}.",
            f"{text} Your {relative} {named} may come in.",
            f"{text} We compared it with {date}.",
            f"{text} It goes into record {patient['mrn']}.",
            f"{text} I will tell {hospital}.",
            f"{text} I will write to {patient['email']}.",
        ]
        ways += [f"{first}, {opening}", f"{patient['name']}, {opening}"] * 2 if opening else []
        return rng.choice(ways)
    return rng.choice(
        [
            f"Doctor {rng.choice(LAST_NAMES)}, {text[:1].lower() + text[1:] if not text.startswith('I ') else text}",
            f"{text} I was here on {date}.",
            f"{text} My {relative} {named} is with me.",
            f"{text} I still live at {street}.",
            f"{text} Ring me on {patient['phone']}.",
            f"{text} I was at {hospital}.",
            f"It is {first} {last}. {text}",
        ]
    )


def with_identifiers(rows: Sequence[dict[str, object]], icd: Icd10, rng: random.Random) -> list[dict[str, object]]:
    """The dialogues with identifiers in some of their clinical turns."""
    result = []
    for plain in rows:
        row = json.loads(json.dumps(plain))
        coding = row["coding"]
        terms = sum(len((icd.terms(c) or [""])[0]) for c in coding["candidates"]) if coding["terms"] else 0
        titles = sum(len(icd.title(code)) for code in coding["candidates"]) + terms
        spoken = sum(len(turn["text"]) for turn in row["turns"] if turn["kind"] == "clinical")
        share = IDENTIFIED_SHARE if titles + spoken <= MAX_SPOKEN_CHARS else 0.0
        for turn in row["turns"]:
            if turn["kind"] == "clinical" and rng.random() < share:
                turn["text"] = identified(turn["text"], turn["speaker"], row["patient"], rng)
        result.append(dict(row))
    return result


def spoiled_dialogues(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The dialogues with a few faults as real ones have them."""

    def changed(index: int, identifier: str, **coding: object) -> dict[str, object]:
        row = json.loads(json.dumps(rows[index]))
        row["id"] = identifier
        row["coding"] |= coding
        return dict(row)

    faults = [
        changed(50, "D9002", second="Z99.999"),
        changed(51, "D9003", candidates=[]),
        changed(52, "D9004", evidence="nothing of the kind"),
        changed(53, "D9005", together="no"),
        changed(54, "D9006", together="yes"),
        json.loads(json.dumps(rows[70])),
    ]
    result = list(rows)
    for index, row in enumerate(faults):
        result.insert(80 + 60 * index, row)
    return result


def used_icd10(rows: list[dict[str, object]], tabular: Tabular) -> dict[str, object]:
    """The codes that the dialogues use, one code under each note that can be shown, and what their ancestors'
    Excludes1 notes say."""
    nodes = tabular.nodes
    names: set[str] = set(COMORBIDITIES)
    for row in rows:
        coding = row["coding"]
        assert isinstance(coding, dict)
        names |= {*coding["candidates"], coding["second"]}
        spans = [span for note in short_notes(tabular.icd, coding["key"]) for span in note_spans(note) or ()]
        names |= {code for span in spans for code in tabular.under(span.first, span.last)[:1]}
    names &= set(nodes)
    owners = sorted(names | {a for name in names for a in nodes[name].ancestors})
    return {
        "source": "ICD-10-CM tabular list, April 1 2026, CDC/NCHS, from the package simple-icd-10-cm 1.5.0",
        "codes": {
            name: {"title": nodes[name].title, "terms": nodes[name].terms[:3], "ancestors": nodes[name].ancestors}
            for name in sorted(names)
        },
        "notes": {owner: nodes[owner].excludes1 for owner in owners if nodes[owner].excludes1},
    }


def tabular_list() -> Path:
    """The XML inside the installed package.

    Raises:
        FileNotFoundError: the package is not installed, or of another release.
    """
    spec = importlib.util.find_spec("simple_icd_10_cm")
    folder = Path(spec.origin).parent / "data" if spec is not None and spec.origin else Path()
    path = folder / "icd10c-tabular-April-1-2026.xml"
    if not path.is_file():
        raise FileNotFoundError(f"found no {path.name}; expected simple-icd-10-cm of requirements-data.lock, installed")
    return path


# ---------------------------------------------------------------- imaging reports


@dataclass(frozen=True)
class Sheet:
    """A page of the archive before it was scanned."""

    lines: list[str]
    """As printed, from top to bottom."""
    truth: list[dict[str, object]]
    """Of each report: finding, side, size in mm or null."""


def side_words(side: str, rng: random.Random) -> tuple[str, str]:
    """How a side stands before a finding, and after it."""
    return ("bilateral", "on both sides") if side == "bilateral" else (side, f"on the {side}")


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def present_sentence(finding: Finding, side: str, size: int | None, rng: random.Random) -> str:
    before, after = side_words(side, rng) if finding.sided else ("", "")
    measured = "" if size is None else rng.choice([f" of {size} mm", f" measuring {size} mm"])
    name = finding.name + measured
    if not finding.sided:
        return rng.choice(
            [f"Signs of {name} are present.", f"{capital(name)} is seen.", f"New {name} is seen.", f"There is {name}."]
        )
    return rng.choice(
        [
            f"New {name} is seen {after}.",
            f"{capital(name)} is present {after}.",
            f"There is {before} {name}.",
            f"{capital(before)} {name} is seen.",
            f"{capital(after)} there is {name}.",
        ]
    )


def denied_sentence(finding: Finding, side: str, rng: random.Random) -> str:
    before, after = side_words(side, rng) if finding.sided else ("", "")
    after = f" {after}" if after else ""
    name = f"{before} {finding.name}".strip()
    return rng.choice(
        [
            f"No {name}.",
            f"There is no {finding.name}{after}.",
            f"No {finding.name} is seen{after}.",
            f"{capital(name)} is excluded.",
            f"{capital(finding.name)} is not seen{after}.",
        ]
    )


def past_sentence(finding: Finding, side: str, rng: random.Random) -> str:
    before, after = side_words(side, rng) if finding.sided else ("", "")
    after = f" {after}" if after else ""
    name = f"{before} {finding.name}".strip()
    date = f"{rng.randrange(1, 13):02d}/{rng.randrange(1, 29):02d}/{rng.randrange(2012, 2021)}"
    return rng.choice(
        [
            f"The {name} seen in {date[-4:]} has resolved.",
            f"The {finding.name}{after} of {date} has resolved.",
            f"The earlier {name} is no longer seen.",
            f"The {name} of the last study is gone.",
        ]
    )


def report_findings(
    finding: Finding | None, side: str, area: Sequence[Finding], rng: random.Random
) -> tuple[str, int | None]:
    """The findings of a report, and the present one's size.

    Args:
        finding: what is present; None where nothing is.
        side: of the present finding.
        area: findings of the same part of the body.
    """
    others = [f for f in area if finding is None or (f is not finding and f.name not in finding.name)]
    others = [f for f in others if finding is None or finding.name not in f.name]
    distractors = rng.sample(others, 2)
    if any(a is not b and a.name in b.name for a in distractors for b in distractors):
        distractors = distractors[:1]
    said = []
    for kind, other in zip(rng.sample(["denied", "past"], 2), distractors, strict=False):
        where = rng.choice(["left", "right"])
        said.append((denied_sentence if kind == "denied" else past_sentence)(other, where, rng))
    size = None
    if finding is not None:
        if finding.size is not None:
            below = rng.random() < BELOW_SHARE
            size = (
                rng.randrange(max(2, finding.size // 2), finding.size)
                if below
                else finding.size + rng.randrange(finding.size)
            )
        if side in OTHER and rng.random() < OTHER_SIDE_SHARE:
            wrong = past_sentence if rng.random() < 0.5 else denied_sentence
            said[rng.randrange(len(said))] = wrong(finding, OTHER[side], rng)
        said = rng.sample(said, 1 if len(said) > 1 and rng.random() < 0.3 else len(said))
        if side in OTHER and rng.random() < 0.5:
            said.append(f"The {OTHER[side]} {rng.choice(STRUCTURES[finding.area])} is normal.")
        said.insert(rng.randrange(len(said) + 1), present_sentence(finding, side, size, rng))
    else:
        said.append(f"The {rng.choice(['left', 'right'])} {rng.choice(STRUCTURES[distractors[0].area])} is normal.")
        rng.shuffle(said)
    return " ".join(said), size


OTHER = {"left": "right", "right": "left"}
OTHER_SIDE_SHARE = 0.3
"""Share of one-sided findings of which the other side's is denied, or was there once."""
ABSENT_SHARE = 0.13
"""Share of reports in which nothing actionable is present."""
BELOW_SHARE = 0.62
"""Share of measured findings that are smaller than the size that counts."""
BILATERAL_SHARE = 0.14
STRUCTURES = {
    "chest": ["lung", "hilum", "hemidiaphragm"],
    "abdomen": ["kidney", "ovary", "flank"],
    "head": ["hemisphere", "orbit", "ventricle"],
    "legs": ["knee", "thigh", "ankle"],
}
STUDIES = {
    "chest": ["CT chest", "CT chest with contrast", "Chest CT, low dose"],
    "abdomen": ["CT abdomen and pelvis", "MRI abdomen and pelvis", "CT abdomen with contrast"],
    "head": ["CT head and neck", "MRI head and neck"],
    "legs": ["MRI hips and legs", "CT hips and legs"],
}
IMPRESSIONS = [
    "As described.",
    "See findings.",
    "Correlate with the clinical picture.",
    "Compare with the earlier studies.",
    "Result as stated above.",
    "Follow-up as the referrer sees fit.",
    "Discussed with Dr. {doctor}.",
    "Dr. {doctor} was called at {phone}.",
    "Result sent to {doctor_full} on {date}.",
]
"""None of them says what was found: it must be read in the findings."""
HOSPITALS = [
    ("St. Aldhelm Hospital", "14 Quayside Road, Millhaven, MA 02139"),
    ("Larkfield General Hospital", "2200 Orchard Avenue, Larkfield, OH 44110"),
    ("Port Selden Medical Center", "75 Harbor Street, Port Selden, OR 97205"),
]
PAGES = 44
ARCHIVE_PAGES = 6
"""Pages of the PDF."""
COMES_TWICE = 0.12
"""Share of reports whose patient has the next report of the page too."""


def made_up_date(rng: random.Random, first: int, last: int) -> str:
    return f"{rng.randrange(1, 13):02d}/{rng.randrange(1, 29):02d}/{rng.randrange(first, last + 1)}"


def planned_findings(findings: Sequence[Finding], count: int, rng: random.Random) -> list[tuple[Finding | None, str]]:
    """What is present in each report, and where: each finding and each side equally often."""
    absent = round(count * ABSENT_SHARE)
    plan: list[tuple[Finding | None, str]] = [(None, "none")] * absent
    sides = ["left", "right"]
    for index in range(count - absent):
        finding = findings[index % len(findings)]
        side = "none" if not finding.sided else sides[(index // len(findings)) % 2]
        if side != "none" and finding.size is None and rng.random() < BILATERAL_SHARE:
            side = "bilateral"
        plan.append((finding, side))
    rng.shuffle(plan)
    return plan


def sheets(findings: Sequence[Finding], rng: random.Random) -> list[Sheet]:
    """The pages of the archive, as printed."""
    sizes = [8 if rng.random() < 0.8 else rng.choice([6, 7]) for _ in range(PAGES + ARCHIVE_PAGES)]
    plan = planned_findings(findings, sum(sizes), rng)
    return [printed_sheet([plan.pop() for _ in range(size)], findings, page, rng) for page, size in enumerate(sizes, 1)]


def printed_sheet(
    plan: Sequence[tuple[Finding | None, str]], findings: Sequence[Finding], page: int, rng: random.Random
) -> Sheet:
    hospital, address = rng.choice(HOSPITALS)
    lines = [
        f"{hospital}, Department of Radiology",
        f"{address}, phone {phone(rng)}, fax {phone(rng)}",
    ]
    truth: list[dict[str, object]] = []
    patient = made_up_patient(rng)
    for number_, (finding, side) in enumerate(plan, start=1):
        if number_ == 1 or rng.random() > COMES_TWICE:
            patient = made_up_patient(rng)
        area = finding.area if finding else rng.choice(list(STUDIES))
        said, size = report_findings(finding, side, [f for f in findings if f.area == area], rng)
        first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
        date = made_up_date(rng, 2021, 2025)
        impression = rng.choice(IMPRESSIONS).format(
            doctor=last, doctor_full=f"Dr. {first} {last}", phone=phone(rng), date=date
        )
        born, accession = patient["birth_date"], f"{date[-2:]}-{rng.randrange(10**5):06d}"
        blocks = [
            f"Report {number_} of {len(plan)}. Patient: {patient['name']}, MRN: {patient['mrn']}, born {born}",
            f"Accession {accession}, {date}, referred by Dr. {first} {last}, {phone(rng)}",
            f"Study: {rng.choice(STUDIES[area])}.",
            f"Findings: {said}",
            f"Impression: {impression}",
        ]
        lines += [""]
        for block in blocks:
            lines += textwrap.wrap(block, CHARACTERS, break_on_hyphens=False)
        truth.append({"finding": finding.name if finding else "none", "side": side, "size": size})
    return Sheet(lines, truth)


def phone(rng: random.Random) -> str:
    return f"({rng.randrange(201, 990)}) 555-01{rng.randrange(100):02d}"


# ---------------------------------------------------------------- scanning

PAGE = (1240, 1754)
"""A4 at 150 dpi, in pixels."""
MARGIN = (84, 78)
CHARACTERS = 88
"""Of a line at most."""
FONTS = ("DejaVuSans.ttf", "DejaVuSerif.ttf")
FONT_SIZES = (20, 21)
"""Pixels: about 10 points at 150 dpi; a full page takes one or two less."""
LEADING = 1.36
"""From line to line, in font sizes."""
JPEG_QUALITY = 30
"""Of the pages in the PDF, which stay grey."""
BLACK = 140
"""Grey value below which the scanner of the 1-bit pages sees ink."""


@dataclass(frozen=True)
class Wear:
    """What paper and scanner did to a page."""

    angle: float
    """Degrees, counter-clockwise."""
    blur: float
    """Radius of the Gaussian in pixels."""
    shade: float
    """Share of the light that is missing in the darkest corner."""
    noise: float
    """Standard deviation of the Gaussian noise in grey values."""
    pepper: float
    """Share of pixels that are black or white by accident."""
    specks: int
    """Spots of dirt."""


def drawn_wear(index: int, rng: random.Random) -> Wear:
    """Wear that grows with the page's place, the last ones worst."""
    share = index / (PAGES + ARCHIVE_PAGES)
    angle = rng.uniform(0.3, 3.0) * rng.choice([-1, 1])
    return Wear(
        round(angle, 2),
        round(0.4 + 0.4 * share, 2),
        round(0.1 + 0.2 * rng.random(), 2),
        round(8 + 20 * share, 1),
        round(0.0002 + 0.0013 * share, 5),
        int(10 + 60 * share),
    )


def drawn_page(lines: Sequence[str], font_name: str, size: int) -> Image.Image:
    """Text on white paper.

    Raises:
        OSError: the font is not installed (Debian's fonts-dejavu-core has it).
    """
    page = Image.new("L", PAGE, 246)
    pen = ImageDraw.Draw(page)
    left, top = MARGIN
    rules = lines.count("")
    while top + (len(lines) - rules) * round(size * LEADING) + rules * size > PAGE[1] - 60:
        size -= 1
    font = ImageFont.truetype(font_name, size, layout_engine=ImageFont.Layout.BASIC)
    title = ImageFont.truetype(font_name.replace(".ttf", "-Bold.ttf"), size + 5, layout_engine=ImageFont.Layout.BASIC)
    for index, line in enumerate(lines):
        if not line:
            pen.line([(left, top + size // 2), (PAGE[0] - left, top + size // 2)], fill=150, width=1)
            top += size
            continue
        pen.text((left, top), line, fill=28, font=font if index else title)
        top += round(size * LEADING) + (8 if index == 0 else 0)
    return page


def scanned(page: Image.Image, wear: Wear, rng: random.Random) -> np.ndarray:
    """Grey values of the page after scanning, uint8 of shape (height, width)."""
    noise = np.random.default_rng(rng.randrange(2**32))
    page = page.rotate(wear.angle, Image.Resampling.BICUBIC, fillcolor=246)
    pen = ImageDraw.Draw(page)
    for _ in range(wear.specks):
        x, y, radius = rng.randrange(PAGE[0]), rng.randrange(PAGE[1]), rng.choice([0.6, 0.8, 1.0, 1.4])
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=rng.randrange(40, 150))
    grey = np.asarray(page.filter(ImageFilter.GaussianBlur(wear.blur)), dtype=np.float64)
    height, width = grey.shape
    down, across = np.mgrid[0:height, 0:width]
    toward = rng.uniform(0, 2 * math.pi)
    slope = (across / width - 0.5) * math.cos(toward) + (down / height - 0.5) * math.sin(toward)
    grey = grey * (1 - wear.shade * (slope - slope.min()) / (slope.max() - slope.min()))
    grey = grey + noise.normal(0, wear.noise, grey.shape)
    accident = noise.random(grey.shape)
    grey[accident < wear.pepper / 2] = 0
    grey[accident > 1 - wear.pepper / 2] = 255
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


def picture(index: int, sheet: Sheet) -> tuple[np.ndarray, Wear]:
    """The scan of a sheet, grey values as `scanned` gives them, and its wear; pages do not depend on each other."""
    rng = random.Random(f"scan {SEED} {index}")
    wear = drawn_wear(index if index < PAGES else rng.randrange(PAGES), rng)
    page = drawn_page(sheet.lines, FONTS[index % len(FONTS)], FONT_SIZES[index % len(FONT_SIZES)])
    return scanned(page, wear, rng), wear


def black_and_white(grey: np.ndarray) -> Image.Image:
    """What a scanner of 1-bit pages makes of grey values."""
    return Image.fromarray(((grey > BLACK) * 255).astype(np.uint8)).convert("1")


def write_imaging(out: Path, findings: Sequence[Finding]) -> list[dict[str, object]]:
    """Write the pictures and the PDF under `out`; returns what is printed on each page, for tests."""
    out.mkdir(parents=True, exist_ok=True)
    transcripts: list[dict[str, object]] = []
    archive = []
    for index, sheet in enumerate(sheets(findings, random.Random(SEED + 2))):
        grey, wear = picture(index, sheet)
        if index < PAGES:
            name = f"imaging/page-{index + 1:02d}.png"
            black_and_white(grey).save(out / f"page-{index + 1:02d}.png", optimize=True)
        else:
            name = f"imaging/archive.pdf#page={index - PAGES + 1}"
            archive.append(Image.fromarray(grey))
        lines = [line for line in sheet.lines if line]
        transcripts.append({"page": name, "wear": asdict(wear), "lines": lines, "reports": sheet.truth})
    printed = time.gmtime(0)
    archive[0].save(
        out / "archive.pdf", save_all=True, append_images=archive[1:], resolution=150, quality=JPEG_QUALITY,
        title="", producer="", creationDate=printed, modDate=printed,
    )  # fmt: skip
    return transcripts


def dumped(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def build(out: Path, xml: Path, guidelines_text: str) -> None:
    """Write emr.csv, dialogues.jsonl and icd10.json under `out`."""
    guidelines = read_guidelines(guidelines_text)
    rows = spoiled(list(encounters(guidelines, random.Random(SEED))))
    out.mkdir(parents=True, exist_ok=True)
    with (out / "emr.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    tabular = Tabular.of(read_tabular(xml))
    plain = list(dialogues(tabular, random.Random(SEED + 1)))
    talks = spoiled_dialogues(with_identifiers(plain, tabular.icd, random.Random(SEED + 4)))
    (out / "dialogues.jsonl").write_text(json_lines(talks), encoding="utf-8")
    (out / "icd10.json").write_text(dumped(used_icd10(talks, tabular), indent=1) + "\n", encoding="utf-8")


def json_lines(rows: Iterable[Mapping[str, object]]) -> str:
    return "".join(dumped(row) + "\n" for row in rows)


def main() -> None:
    here = Path(__file__).parent
    tests = here.parent.parent / "tests" / "fixtures" / "medical" / "transcripts.jsonl"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=here / "data", help="folder to write to (the domain's data/)")
    parser.add_argument(
        "--transcripts", type=Path, default=tests, help="file for the scanned pages' true text (tests/)"
    )
    arguments = parser.parse_args()
    text = (here / "data" / "guidelines.md").read_text(encoding="utf-8")
    build(arguments.out, tabular_list(), text)
    pages = write_imaging(arguments.out / "imaging", read_guidelines(text).findings)
    arguments.transcripts.write_text(json_lines(pages), encoding="utf-8")


if __name__ == "__main__":
    main()
