"""Build the raw data of the medical domain: encounters, dialogues, and the part of ICD-10-CM that they use.

    python -m domains.medical.build_data [--out DIR]

Patients, names, values and conversations are made up here and stand for nobody. Codes, titles and notes come
from the CDC's tabular list of ICD-10-CM inside the package simple-icd-10-cm (requirements-data.lock).
The same package version gives the same bytes.
"""

import argparse
import csv
import importlib.util
import json
import random
import xml.etree.ElementTree as ET
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from domains.medical.domain import MAX_NOTE_CHARS, Guidelines, Icd10, Score, Value, note_spans, number, read_guidelines

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


def spoiled_dialogues(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The dialogues with a few faults as real ones have them."""

    def changed(index: int, identifier: str, **coding: object) -> dict[str, object]:
        row = json.loads(json.dumps(rows[index]))
        row["id"] = identifier
        row["coding"] |= coding
        return dict(row)

    named = json.loads(json.dumps(rows[30]))
    named["id"] = "D9000"
    named["turns"][-1]["text"] = f"{named['patient']['name'].split()[0]}, {named['turns'][-1]['text']}"
    called = json.loads(json.dumps(rows[31]))
    called["id"] = "D9001"
    called["turns"][-1]["text"] += f" I will ring {called['patient']['phone']}."
    faults = [
        named,
        called,
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
    talks = spoiled_dialogues(list(dialogues(tabular, random.Random(SEED + 1))))
    lines = "".join(dumped(talk) + "\n" for talk in talks)
    (out / "dialogues.jsonl").write_text(lines, encoding="utf-8")
    (out / "icd10.json").write_text(dumped(used_icd10(talks, tabular), indent=1) + "\n", encoding="utf-8")


def main() -> None:
    data = Path(__file__).with_name("data")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=data, help="folder to write to (default: the domain's data/)")
    out = parser.parse_args().out
    build(out, tabular_list(), (data / "guidelines.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
