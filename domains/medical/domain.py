"""Medicine: clinical scores from encounters, ICD-10-CM coding from dialogues, findings from imaging reports.

`score`: the rule of a published score (data/guidelines.md) and an encounter (data/emr.csv) in prose;
the answer is the score and its band. `coding`: three candidate codes with their titles, an Excludes1 note
(data/icd10.json) and the clinical turns of a dialogue (data/dialogues.jsonl); the answer is the code of the
key diagnosis and whether a second code may stand with it. `imaging`: how soon some findings must be told
(data/guidelines.md) and a report read by OCR from a scanned page (data/imaging/); the answer is the finding that
is present, its side and its urgency.

The labels are computed here from rules, notes and the read text, never read from the records.
"""

import hashlib
import json
import random
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from practicum.data.example import Example, Rejected, canonical_json
from practicum.data.raw import RawData, Record
from practicum.domain import Domain, DomainSettings, Reference

# How hard the tasks are; see README.md for what was measured.
MAX_CRITERIA = 2
"""Criteria of a score that are asked about; those that are present are always among them."""
DISTRACTORS = 1
"""Facts in an encounter's prose that no criterion reads."""
DENIED_SHARE = 1.0
"""Share of absent findings that are denied in the prose; the others go unmentioned."""
SHUFFLE_FACTS = False
"""Whether facts stand in another order than the criteria."""
MAX_NOTES = 2
"""Entries of the Excludes1 note that are shown."""
MAX_NOTE_CHARS = 60
"""Length of the longest entry that is shown."""
RULES = 3
"""Findings whose urgency is stated with an imaging report; at least one of them is not mentioned there."""

Value = int | float | str | bool

PLACEHOLDER = re.compile(r"\[[^\]]*\]|\d{4}$")
"""What de-identification leaves of an identifier: its kind in brackets, or the year."""

FINDINGS = "Actionable imaging findings"
"""The section of guidelines.md that says how soon a finding must be told."""

CODE = r"[A-Z]\d[\dA-Z](?:\.[\dA-Z]{1,4})?"
PATTERN = re.compile(rf"({CODE})(\.?-(?!\s*[A-Z]\d))?(?:\s*-\s*({CODE})-?)?")
IDENTIFIERS = {
    "phone": re.compile(r"\d{3}[-.\s]\d{4}"),
    "date": re.compile(r"\b\d{1,4}[/-]\d{1,2}[/-]\d{1,4}\b"),
    "number": re.compile(r"\b\d{5,}\b"),
    "email": re.compile(r"\S+@\S+"),
    "name": re.compile(r"\b(?:Dr|Mr|Mrs|Ms)\b[\s.,;:]{0,4}[A-Za-z]{3}"),
}
"""What may not stand in a prompt: a last net behind de-identification, much narrower."""


class RecordError(ValueError):
    """A raw record that can't be used; `rule` names why, the message shows where."""

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(text)
        self.rule = rule


def seeded(*parts: str) -> random.Random:
    """A generator that depends on the parts' text only."""
    return random.Random(hashlib.sha256("\x1f".join(parts).encode()).digest())


# ---------------------------------------------------------------- scoring rules


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison: a field with a number (`op` is <, <=, > or >=), or with a word (`op` is =)."""

    field: str
    op: str
    bound: Value

    def holds(self, value: Value) -> bool:
        if self.op == "=":
            return value == self.bound
        assert isinstance(value, int | float), f"{self.field}: found {value!r}, expected a number"
        assert isinstance(self.bound, int | float)
        return {
            "<": value < self.bound,
            "<=": value <= self.bound,
            ">": value > self.bound,
            ">=": value >= self.bound,
        }[self.op]


@dataclass(frozen=True, slots=True)
class Condition:
    """Points where any of its tests holds."""

    tests: tuple[Test, ...]
    points: int


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of a score: its conditions in the order in which they are tried."""

    name: str
    field: str
    conditions: tuple[Condition, ...]
    points_text: str
    """The conditions as guidelines.md writes them."""

    @property
    def is_flag(self) -> bool:
        """A finding that is present or absent."""
        return self.conditions[0].tests[:1] == (Test(self.field, "=", True),)

    @property
    def fields(self) -> tuple[str, ...]:
        named = [self.field, *(t.field for c in self.conditions for t in c.tests)]
        return tuple(dict.fromkeys(named))

    def text(self) -> str:
        """The criterion as the rule states it, such as `age >=75 +2, >=65 +1`."""
        parts = []
        for condition in self.conditions:
            tests = [_test_text(test, self.field) for test in condition.tests]
            parts.append(f"{' or '.join(tests)} {condition.points:+d}")
        if self.is_flag or (len(parts) == 1 and self.conditions[0].tests[0].op == "="):
            word = "" if self.is_flag else f" {self.conditions[0].tests[0].bound}"
            return f"{self.name}{word} {self.conditions[0].points:+d}"
        return f"{self.name} {', '.join(parts)}"


def _test_text(test: Test, own: str) -> str:
    other = f"{_label(test.field)} " if test.field != own else ""
    return f"{other}{test.bound}" if test.op == "=" else f"{other}{test.op}{test.bound}"


def _label(field: str) -> str:
    return field.upper() if field in ("sbp", "dbp", "wbc") else field


@dataclass(frozen=True, slots=True)
class Band:
    """What a score from `low` to `high`, both included, means; None is open."""

    low: int | None
    high: int | None
    name: str

    @property
    def span(self) -> str:
        if self.low is None:
            return f"<={self.high}"
        if self.high is None:
            return f">={self.low}"
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"

    def holds(self, score: int) -> bool:
        return (self.low is None or score >= self.low) and (self.high is None or score <= self.high)


@dataclass(frozen=True, slots=True)
class Score:
    """A published score."""

    name: str
    reference: str
    criteria: tuple[Criterion, ...]
    bands: tuple[Band, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f for criterion in self.criteria for f in criterion.fields))

    def points(self, values: Mapping[str, Value]) -> int:
        return sum(_points(criterion, values) for criterion in self.criteria)

    def band(self, score: int) -> Band:
        return next(band for band in self.bands if band.holds(score))


@dataclass(frozen=True, slots=True)
class Wording:
    """How a field stands in a record and in prose."""

    where: str
    least: float | None
    greatest: float | None
    said: tuple[str, ...]
    denied: str


@dataclass(frozen=True, slots=True)
class Guidelines:
    """guidelines.md, read."""

    scores: Mapping[str, Score]
    wordings: Mapping[str, Wording]
    findings: tuple["Finding", ...]
    findings_reference: str


def _points(criterion: Criterion, values: Mapping[str, Value]) -> int:
    for condition in criterion.conditions:
        if any(test.holds(_value(values, test.field)) for test in condition.tests):
            return condition.points
    return 0


def _value(values: Mapping[str, Value], field: str) -> Value:
    """A field's value; a finding that isn't recorded is absent."""
    return values.get(field, False)


def number(text: str) -> int | float:
    """A number of a record or a rule, whole where it is.

    Raises:
        RecordError: the text is no number.
    """
    try:
        value = float(text)
    except ValueError:
        raise RecordError("not_a_number", repr(text)) from None
    return int(value) if value.is_integer() else value


def _condition(text: str, field: str) -> Condition:
    tested, _, points = text.rpartition(":")
    tests = []
    for part in re.split(r"\s+or\s+", tested.strip()):
        found = re.fullmatch(r"(?:([a-z_0-9]+)\s+)?(<=|>=|<|>)\s*([\d.]+)", part)
        if found:
            tests.append(Test(found[1] or field, found[2], number(found[3])))
        else:
            tests.append(Test(field, "=", True if part == "yes" else part))
    return Condition(tuple(tests), int(points))


def read_criterion(name: str, field: str, points: str) -> Criterion:
    """A row of a score's table, such as `age | age | >= 75: 2; >= 65: 1`."""
    return Criterion(name, field, tuple(_condition(part, field) for part in points.split(";")), points)


def read_bands(text: str) -> tuple[Band, ...]:
    """A line of bands, such as `0 low; 1-2 moderate; >=3 high`."""
    return tuple(_band(part) for part in text.split(";"))


def _band(text: str) -> Band:
    span, _, name = text.strip().partition(" ")
    if span.startswith("<="):
        return Band(None, int(span[2:]), name)
    if span.startswith(">="):
        return Band(int(span[2:]), None, name)
    low, _, high = span.partition("-")
    return Band(int(low), int(high or low), name)


def _rows(section: str) -> list[list[str]]:
    """Cells of a section's table, without its head."""
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines[2:]]


def read_guidelines(text: str) -> Guidelines:
    """Parse guidelines.md: a `##` section per score, one of imaging findings, and one of the fields' wordings."""
    scores: dict[str, Score] = {}
    findings: tuple[Finding, ...] = ()
    findings_reference = ""
    wordings: dict[str, Wording] = {}
    for section in text.split("\n## ")[1:]:
        name, _, body = section.partition("\n")
        if name == "Fields":
            for field, where, least, greatest, said, denied in _rows(body):
                wordings[field] = Wording(
                    where,
                    float(least) if least else None,
                    float(greatest) if greatest else None,
                    tuple(part.strip() for part in said.split(";") if part.strip()),
                    denied,
                )
            continue
        if name == FINDINGS:
            findings, findings_reference = tuple(read_finding(*cells) for cells in _rows(body)), body.split("\n")[0]
            continue
        criteria = tuple(read_criterion(*cells) for cells in _rows(body))
        bands = re.search(r"^Bands: (.+)$", body, re.MULTILINE)
        assert bands is not None, f"guidelines.md: {name}: no line of bands"
        scores[name] = Score(name, body.strip().split("\n")[0], criteria, read_bands(bands[1]))
    return Guidelines(scores, wordings, findings, findings_reference)


# ---------------------------------------------------------------- encounters


ENCOUNTER = ("encounter_id", "patient_id", "assessment", "age", "sex", "labs", "findings", "history", "drugs")
"""Columns without which a row of emr.csv says nothing."""


def read_encounter(row: Mapping[str, str], guidelines: Guidelines) -> dict[str, Value]:
    """The recorded values of an encounter.

    Raises:
        RecordError: a field is missing, impossible or contradicts another.
    """
    score = guidelines.scores.get(row["assessment"])
    if score is None:
        raise RecordError("unknown_score", f"assessment {row['assessment']!r}")
    values: dict[str, Value] = {}
    for field, text in row.items():
        if text and field in guidelines.wordings:
            # De-identification writes ages over 89 as `90+`.
            values[field] = text if field == "sex" else number(text.removesuffix("+") if field == "age" else text)
    for part in ";".join(row[column] for column in ("labs", "findings", "history", "drugs")).split(";"):
        field, equals, text = part.partition("=")
        wording = guidelines.wordings.get(field)
        if wording is not None:
            values[field] = (number(text) if wording.least is not None else text) if equals else True
    _check_values(values, score, guidelines)
    return values


def _check_values(values: Mapping[str, Value], score: Score, guidelines: Guidelines) -> None:
    for criterion in score.criteria:
        for field in criterion.fields:
            if field not in values and not criterion.is_flag:
                raise RecordError("missing_field", f"{score.name} needs {field}")
    for field in ("age", "sex"):
        if field not in values:
            raise RecordError("missing_field", f"every encounter needs {field}")
    for field, value in values.items():
        wording = guidelines.wordings[field]
        if wording.least is not None and wording.greatest is not None:
            assert isinstance(value, int | float)
            if not wording.least <= value <= wording.greatest:
                raise RecordError("impossible_value", f"{field} {value}")
    if "sbp" in values and "dbp" in values and float(values["dbp"]) >= float(values["sbp"]):
        raise RecordError("contradictory_vitals", f"SBP {values['sbp']}, DBP {values['dbp']}")


def shown_criteria(score: Score, values: Mapping[str, Value], rng: random.Random) -> tuple[Criterion, ...]:
    """The criteria to ask about, in the rule's order: all that are numbers, words or present, and
    absent findings up to MAX_CRITERIA."""
    keep = {c.name for c in score.criteria if not c.is_flag or values.get(c.field)}
    absent = [c.name for c in score.criteria if c.name not in keep]
    keep |= set(rng.sample(absent, max(0, min(len(absent), MAX_CRITERIA - len(keep)))))
    return tuple(c for c in score.criteria if c.name in keep)


def score_steps(criteria: Sequence[Criterion], values: Mapping[str, Value]) -> tuple[list[str], int]:
    """One line per criterion, with what was compared and the running sum; and the sum."""
    lines, total = [], 0
    for criterion in criteria:
        checks, points, gained = [], 0, False
        for condition in criterion.conditions:
            for test in condition.tests:
                value = _value(values, test.field)
                holds = test.holds(value)
                if test.op == "=" and criterion.is_flag:
                    checks.append("yes" if holds else "no")
                elif test.op == "=":
                    if holds or len(criterion.conditions) == 1:
                        checks.append(str(value) if holds else f"{value} no")
                else:
                    seen = "" if checks and test.field == criterion.field else f"{value}"
                    if test.field != criterion.field:
                        seen = f"{_label(test.field)} {value}"
                    checks.append(f"{seen}{test.op}{test.bound} {'yes' if holds else 'no'}")
                if holds:
                    points, gained = condition.points, True
                    break
            if gained:
                break
        total += points
        lines.append(f"{criterion.name} {', '.join(checks)}" + (f" {points:+d}={total}" if gained else ""))
    return lines, total


def _facts(
    criteria: Sequence[Criterion], values: Mapping[str, Value], guidelines: Guidelines, rng: random.Random
) -> Iterator[str]:
    """The criteria's facts in prose, with `{field}` where a number or word of the record stands."""
    for criterion in criteria:
        for field in criterion.fields:
            denied = rng.random() < DENIED_SHARE
            if field in ("age", "sex") or (field == "dbp" and "sbp" in criterion.fields):
                continue
            wording = guidelines.wordings[field]
            if field == "sbp" and "dbp" in criterion.fields:
                yield "BP {sbp}/{dbp}"
            elif field in values:
                yield rng.choice(wording.said).replace("{}", f"{{{field}}}")
            elif denied:
                yield wording.denied


def _person(age: Value, sex: Value) -> str:
    if int(age) < 18:
        return f"{age}-year-old {'girl' if sex == 'female' else 'boy'}"
    return f"{age}-year-old {'woman' if sex == 'female' else 'man'}"


def score_record(
    score: Score,
    values: Mapping[str, Value],
    others: Sequence[str],
    guidelines: Guidelines,
    encounter: str,
) -> dict[str, Any]:
    """What a score example is rendered from, and again after a number has changed.

    Args:
        values: recorded values of the encounter.
        others: facts in words that no criterion reads.
        encounter: chooses criteria, wordings, order and denied findings.
    """
    rng = seeded("encounter", encounter)
    criteria = shown_criteria(score, values, rng)
    fields = dict.fromkeys(f for c in criteria for f in c.fields)
    facts = list(_facts(criteria, values, guidelines, rng))
    facts += rng.sample(list(others), min(DISTRACTORS, len(others)))
    if SHUFFLE_FACTS:
        rng.shuffle(facts)
    wordings = guidelines.wordings
    return {
        "score": score.name,
        "criteria": [[c.name, c.field, c.points_text] for c in criteria],
        "complete": len(criteria) == len(score.criteria),
        "bands": "; ".join(f"{band.span} {band.name}" for band in score.bands),
        "values": {f: values[f] for f in ("age", "sex", *fields) if f in values},
        "facts": facts,
        "ranges": {f: [wordings[f].least, wordings[f].greatest] for f in fields if wordings[f].least is not None},
    }


def _others(row: Mapping[str, str], values: Mapping[str, Value], score: Score, guidelines: Guidelines) -> list[str]:
    """Facts of an encounter that the score doesn't read: other conditions and drugs, spare vital signs."""
    words = [part for part in f"{row['history']};{row['drugs']}".split(";") if part]
    others = [part for part in words if part not in guidelines.wordings]
    spare = [f for f in ("hr", "rr", "temp", "spo2") if f in values and f not in score.fields]
    return others + [guidelines.wordings[f].said[0].replace("{}", str(values[f])) for f in spare]


def _like_values(field: str, record: Mapping[str, Any]) -> list[Value]:
    """Other plausible values of a recorded number, of like magnitude: within half of its size, and on its own
    side of the other blood pressure."""
    values = record["values"]
    old = values[field]
    least, greatest = record["ranges"][field]
    if field == "sbp" and "dbp" in values:
        least = values["dbp"] + 10
    if field == "dbp" and "sbp" in values:
        greatest = values["sbp"] - 10
    step = 0.1 if isinstance(old, float) else 1
    reach = 15 if field in ("temp", "creatinine", "wbc") and isinstance(old, float) else max(1, round(old / 2))
    shifted = [number(f"{old + step * k:.1f}") for k in range(-reach, reach + 1) if k]
    return [value for value in shifted if least <= value <= greatest]


def _place(band: Band, bands: Sequence[Band]) -> str:
    """A band's place in its score: names differ from score to score, so these are what is balanced."""
    return "lowest band" if band is bands[0] else "highest band" if band is bands[-1] else "middle band"


def render_score(record: Mapping[str, Any], source: str, group: str) -> Example:
    """The example of a `score_record`."""
    values = record["values"]
    criteria = [read_criterion(*cells) for cells in record["criteria"]]
    score = Score(record["score"], "", tuple(criteria), read_bands(record["bands"]))
    steps, total = score_steps(criteria, values)
    band = score.band(total)
    rest = "" if record["complete"] else " Other criteria absent."
    facts = ", ".join(fact.format_map(values) for fact in record["facts"])
    return Example(
        task="score",
        label=_place(band, score.bands),
        source=source,
        group=group,
        language="en",
        context=f"{score.name}: {'; '.join(c.text() for c in criteria)}.{rest} "
        f"Risk: {', '.join(f'{b.span} {b.name}' for b in score.bands)}. Not stated is absent.",
        question=f"{_person(values['age'], values['sex'])}: {facts}.\n"
        f'Compute {score.name}. Answer as JSON with "score" and "risk".',
        reasoning="\n".join([*steps, f"{total} in {band.span} {band.name}"]),
        answer=canonical_json({"score": total, "risk": band.name}),
        perturbation=record,
    )


# ---------------------------------------------------------------- ICD-10-CM


@dataclass(frozen=True, slots=True)
class Span:
    """The codes that one entry of a note covers: those that start with `first`, or stand between two."""

    first: str
    last: str | None
    text: str

    def covers(self, code: str) -> bool:
        plain = code.replace(".", "")
        first = self.first.replace(".", "")
        last = (self.last or self.first).replace(".", "")
        return first <= plain[: len(first)] and plain[: len(last)] <= last


@cache
def note_spans(note: str) -> tuple[Span, ...] | None:
    """The codes in a note's last brackets; None where it has none, or covers only a part of them in words
    (`E08-E13 with .44`), so that membership can't be read off the code alone."""
    found = re.search(r"\(([^()]*)\)\s*$", note)
    if found is None:
        return None
    spans = []
    for part in re.split(r"\s*,\s*", found[1].strip().rstrip(",")):
        match = PATTERN.fullmatch(part.strip())
        if match is None:
            return None
        spans.append(Span(match[1], match[3], part.strip()))
    return tuple(spans)


@dataclass(frozen=True, slots=True)
class Icd10:
    """icd10.json: the codes in use with their ancestors' Excludes1 notes."""

    codes: Mapping[str, Mapping[str, Any]]
    notes: Mapping[str, Sequence[str]]

    def title(self, code: str) -> str:
        return str(self.codes[code]["title"])

    def terms(self, code: str) -> list[str]:
        return list(self.codes[code]["terms"])

    def excludes1(self, code: str) -> list[str]:
        """Excludes1 entries at the code, its parents, its block and its chapter, nearest first."""
        return [note for owner in [code, *self.codes[code]["ancestors"]] for note in self.notes.get(owner, [])]

    def excluded(self, code: str, second: str) -> bool | None:
        """Whether an Excludes1 note of either code covers the other; None where a note can't be read."""
        unclear = False
        for one, other in ((code, second), (second, code)):
            for note in self.excludes1(one):
                spans = note_spans(note)
                if spans is None:
                    unclear = True
                elif any(span.covers(other) for span in spans):
                    return True
        return None if unclear else False


def read_icd10(text: str) -> Icd10:
    data = json.loads(text)
    return Icd10(data["codes"], data["notes"])


def clinical_turns(dialogue: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(speaker, text) of the turns that are clinical.

    De-identification has been here before. What it left is not let through.

    Raises:
        RecordError: one of them still holds an identifier; the message names its kind and never repeats it.
    """
    turns = [(t["speaker"], t["text"]) for t in dialogue["turns"] if t["kind"] == "clinical"]
    known = {kind: str(value) for kind, value in dialogue["patient"].items() if value and not PLACEHOLDER.match(value)}
    for _, text in turns:
        for kind, value in known.items():
            if any(part.lower() in text.lower() for part in (value.split() if kind == "name" else [value])):
                raise RecordError("identifier_left", f"[{kind}]")
        for kind, pattern in IDENTIFIERS.items():
            if pattern.search(text):
                raise RecordError("identifier_left", f"[{kind}]")
    return turns


def _shown_notes(icd: Icd10, key: str, second: str, rng: random.Random) -> tuple[list[str], bool]:
    """Entries of the key's Excludes1 note to show, and whether one covers the second code; the one that
    does is among them.

    Raises:
        RecordError: no short entry is there, the verdict is unclear, or rests on a note of the second code.
    """
    verdict = icd.excluded(key, second)
    if verdict is None:
        raise RecordError("unclear_note", f"{key} with {second}")
    short = [n for n in icd.excludes1(key) if len(n) <= MAX_NOTE_CHARS and 1 <= len(note_spans(n) or ()) <= 2]
    cover = [note for note in short if any(span.covers(second) for span in note_spans(note) or ())]
    if not short or (verdict and not cover):
        raise RecordError("note_not_shown", f"{key} with {second}")
    chosen = cover[:1]
    rest = [note for note in dict.fromkeys(short) if note not in cover]
    chosen += rng.sample(rest, min(MAX_NOTES - len(chosen), len(rest)))
    rng.shuffle(chosen)
    return chosen, verdict


def coding_record(dialogue: Mapping[str, Any], icd: Icd10) -> dict[str, Any]:
    """What a coding example is rendered from, and again after the second code has changed.

    Raises:
        RecordError: the dialogue can't be used.
    """
    coding = dialogue["coding"]
    key, second, evidence = coding["key"], coding["second"], coding["evidence"]
    codes = [*coding["candidates"], second]
    unknown = [code for code in codes if code not in icd.codes]
    if unknown:
        raise RecordError("unknown_code", ", ".join(unknown))
    if key not in coding["candidates"]:
        raise RecordError("missing_field", "the key diagnosis is not among the candidates")
    turns = clinical_turns(dialogue)
    if not any(evidence.lower() in text.lower() for _, text in turns):
        raise RecordError("missing_field", "no clinical turn holds the evidence")
    rng = seeded("dialogue", dialogue["id"])
    notes, excluded = _shown_notes(icd, key, second, rng)
    if coding.get("together") not in (None, "no" if excluded else "yes"):
        raise RecordError("contradictory_label", f"{key} with {second}: together {coding['together']}")
    lines = []
    for code in coding["candidates"]:
        terms = icd.terms(code)[:1] if coding["terms"] else []
        lines.append(f"{code} {icd.title(code)}" + (f" (also: {terms[0]})" if terms else ""))
    pool = sorted(icd.codes)
    rng.shuffle(pool)
    spans = [span for note in notes for span in note_spans(note) or ()]
    others = (
        code
        for code in pool
        if code[:3] != key[:3]
        and len(code) > 3
        and any(span.covers(code) for span in spans) is not excluded
        and icd.excluded(key, code) is not excluded
    )
    return {
        "candidates": lines,
        "notes": notes,
        "dialogue": "\n".join(f"{speaker.capitalize()}: {text}" for speaker, text in turns),
        "evidence": evidence,
        "key": key,
        "second": second,
        "other": next((code for code in others if icd.excluded(key, code) is not None), ""),
    }


def render_coding(record: Mapping[str, Any], source: str, group: str) -> Example:
    """The example of a `coding_record`."""
    second, key = record["second"], record["key"]
    checks, together = [], "yes"
    for span in (span for note in record["notes"] for span in note_spans(note) or ()):
        hit = span.covers(second)
        checks.append(f"{second} in {span.text} {'yes' if hit else 'no'}")
        if hit:
            together = "no"
            break
    return Example(
        task="coding",
        label=together,
        source=source,
        group=group,
        language="en",
        context="\n".join(record["candidates"]) + f"\nExcludes1: {'; '.join(record['notes'])}",
        question=f"{record['dialogue']}\nWhich code, and may {second} be coded together with it? "
        'Answer as JSON with "code" and "together".',
        reasoning="\n".join([f"{record['evidence']} is {key}", *checks, f"together {together}"]),
        answer=canonical_json({"code": key, "together": together}),
        perturbation=record,
    )


def _plain_code(code: object) -> str:
    return str(code).replace(".", "").strip().upper()


# ---------------------------------------------------------------- imaging reports


@dataclass(frozen=True, slots=True)
class Finding:
    """A row of the table of actionable findings: how soon a finding must be told."""

    name: str
    area: str
    sided: bool
    size: int | None
    """Millimetres from which `urgency` holds; below it `smaller` does."""
    urgency: str
    smaller: str

    def text(self) -> str:
        """The rule as a prompt states it, such as `lung nodule >=6 mm days, smaller none`."""
        return f"{self.name} {self.urgency}" if self.size is None else (
            f"{self.name} >={self.size} mm {self.urgency}, smaller {self.smaller}"
        )  # fmt: skip

    def cells(self) -> list[str]:
        """The row again, as the table has it."""
        size = "" if self.size is None else str(self.size)
        return [self.name, self.area, "yes" if self.sided else "", size, self.urgency, self.smaller]


def read_finding(name: str, area: str, sided: str, size: str, urgency: str, smaller: str) -> Finding:
    """A row of the table, such as `pneumothorax | chest | yes | 20 | hours | days`."""
    return Finding(name, area, sided == "yes", int(size) if size else None, urgency, smaller)


SIDES = {"left": "left", "right": "right", "bilateral": "bilateral", "both": "bilateral"}
PAST = re.compile(r"\b(?:resolved|no\W{1,3}longer|gone)\b", re.IGNORECASE)
"""What says of a sentence's findings that they were there once."""
DENIED_BEFORE = re.compile(r"\b(?:no|without|free\W{1,3}of)\b", re.IGNORECASE)
"""What denies the findings after it in its sentence."""
DENIED_AFTER = re.compile(r"\b(?:excluded|not|absent)\b", re.IGNORECASE)
"""What denies the findings before it in its sentence."""
HEDGE = re.compile(
    r"\b(?:cannot|can not|not excluded|possibl[ey]|probabl[ey]|likely|suspected|suspicious|may|might|versus)\b"
)
"""What leaves open whether a finding is there; such a report has no checkable answer."""
CUES = ("resolved", "longer", "gone", "without", "free", "excluded", "absent", "normal")
"""Words of the cues above, and what is said of a part of the body that has no finding."""
ALIKE = ("orbit",)
"""Plain words that resemble deciding ones."""
SHORT = frozenset(["a", "an", "as", "at", "by", "ct", "in", "is", "it", "mm", "mr", "no", "of", "on", "or", "to", "up"])
"""Words of one or two letters; any other may be a misread `no`."""
MISREAD = 0.75
"""Similarity (difflib's ratio) from which a word that isn't one of the deciding words is taken for a misread one."""
TOLD = 0.8
"""Similarity from which it can be told which one it is, when its length differs by one letter at most."""
MIN_CONFIDENCE = 0.6
"""OCR confidence of a report's worst line below which it is not used."""

REPORT_KEYS = ("report", "accession", "study", "findings", "impression")
"""The first words of the lines at which a part of a report begins."""
_FIRST_WORD = re.compile(r"\W*([^\W_]{4,12})\b\s*([:;.,]*)\s*(.*)")
_NUMBERS = re.compile(r"(\d+)\s*of\s*(\d+)")
LEANS = re.compile(r"(?:It|This|These|They|Its|Both|Otherwise|Also|However)\b")
"""How a sentence begins that leans on the one before it."""
_SENTENCE_END = re.compile(r"(?<=[.;:!?])\s*(?=[A-Z\[])|\s+(?=[A-Z][a-z])")
"""Also before any capitalised word: OCR loses full stops, and reports have no names within a sentence."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report of an archive page, as read."""

    number: int
    """Its place on the page, from 1."""
    patient: frozenset[str]
    """What stands for the patient: tells two patients of a page apart, goes nowhere else."""
    parts: Mapping[str, str]
    """Text by key: study, findings, impression."""
    confidence: float
    box: tuple[int, int, int, int]
    """Left, top, right, bottom in pixels of the page."""


def _patient_keys(text: str) -> frozenset[str]:
    """What tells a page's patients apart in the line that names one: the placeholders of name and record number, of
    which OCR may have misread one, or the line's letters and digits where identifiers were left in place."""
    placeholders = frozenset(re.findall(r"\[(?:NAME|MRN)-\d+\]", text))
    return placeholders or frozenset({"".join(c for c in text.lower() if c.isalnum())} - {""})


def read_reports(lines: Sequence[Mapping[str, Any]]) -> tuple[list[Report], int]:
    """The reports of a page, and how many the page says it has (0 where that can't be read).

    Args:
        lines: `text`, `confidence` and `box` of each, from top to bottom.
    """
    blocks: list[list[tuple[str, Mapping[str, Any]]]] = []
    begun: list[list[str]] = []
    key, said, place = "", 0, {}
    for line in lines:
        found = _FIRST_WORD.match(line["text"])
        word, rest = (found[1], found[3]) if found else ("", "")
        # OCR takes a capital I for a small one: then the colon must be there.
        begins = found is not None and (word[:1].isupper() or bool(found[2]))
        near = get_close_matches(word.lower(), REPORT_KEYS, 1, MISREAD) if begins else []
        # A hospital's name may begin with Port.
        if near == ["report"] and not (rest[:1].isdigit() or "atient" in rest):
            near = []
        text = line["text"]
        if near:
            key, text = near[0], rest
        if near == ["report"]:
            blocks.append([])
            begun.append([])
            numbers = _NUMBERS.match(rest)
            if numbers:
                said = max(said, int(numbers[2]))
                place[len(blocks) - 1] = int(numbers[1])
                text = rest[numbers.end() :].strip(" .,;")
        if blocks:
            begun[-1] += near
            blocks[-1].append((key, {**line, "text": text}))
    reports = []
    numbers_seen: set[int] = set()
    for index, block in enumerate(blocks):
        number_ = place.get(index, index + 1)
        if number_ in numbers_seen:  # a digit was misread
            number_ = max(numbers_seen) + 1
        numbers_seen.add(number_)
        parts: dict[str, str] = {}
        for name, line in block:
            # What begins twice is two reports, the second one's first line unread.
            if begun[index].count(name) == 1:
                parts[name] = f"{parts.get(name, '')} {line['text']}".strip()
        boxes = [line["box"] for _, line in block]
        reports.append(
            Report(
                number_,
                _patient_keys(parts.pop("report", "")),
                parts,
                min(float(line["confidence"]) for _, line in block),
                (
                    min(int(box[0]) for box in boxes),
                    min(int(box[1]) for box in boxes),
                    max(int(box[2]) for box in boxes),
                    max(int(box[3]) for box in boxes),
                ),
            )
        )
    return reports, said


@cache
def _deciding_words(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset({*SIDES, *CUES, *(word for name in names for word in name.split() if len(word) > 3)})


@cache
def told(word: str, names: tuple[str, ...]) -> str | None:
    """The deciding word (a finding's, a side, a denial) that a word is meant to be, the word itself where it
    resembles none, None where that can't be told."""
    known = _deciding_words(names)
    if len(word) <= 2:
        return word if word.isdigit() or word in SHORT else None
    if word in known or word in ALIKE or word.rstrip("s") in known:
        return word
    near = get_close_matches(word, sorted(known), 2, MISREAD)
    if not near:
        return word
    ratios = [SequenceMatcher(None, word, other).ratio() for other in near]
    sure = ratios[0] >= TOLD and abs(len(word) - len(near[0])) <= 1 and ratios[0] > max(ratios[1:], default=0)
    return near[0] if sure else None


def as_meant(sentence: str, names: tuple[str, ...]) -> str:
    """The sentence in small letters without accents, misread deciding words put right: to be understood, not shown.

    Raises:
        RecordError: a word could be a misread deciding one, and it can't be told which.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", sentence.lower()) if not unicodedata.combining(c))
    unclear = [word for word in re.findall(r"[^\W_]+", plain) if told(word, names) is None]
    if unclear:
        raise RecordError("unreadable_finding", f"{', '.join(unclear)}: {sentence}")
    return re.sub(r"[^\W_]+", lambda match: told(match[0], names) or "", plain)


@dataclass(frozen=True, slots=True)
class Mention:
    """What one sentence says of a finding."""

    finding: str
    verdict: str
    """`yes`, `no` or `past`."""
    sides: frozenset[str]
    """Named in the sentence."""
    size: int | None
    """Millimetres, where the sentence has one."""


def sentences(text: str) -> list[str]:
    """The sentences of a report's findings, also where OCR lost a full stop."""
    return [part.strip() for part in _SENTENCE_END.split(text) if re.search(r"\w", part)]


def mentions(text: str, names: Sequence[str]) -> list[Mention]:
    """What a report's findings say of the named ones, in the text's order.

    A denial reaches to its sentence's end or start, what is past the whole sentence (after NegEx: Chapman WW et al.
    J Biomed Inform 2001;34(5):301-310).

    Raises:
        RecordError: a deciding word seems misread, or a sentence can't be understood.
    """
    listed = tuple(names)
    # Dirt between two words is read as a stop.
    either = "|".join(r"\W{1,3}".join(name.split()) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"\b(?:{either})\b")
    found = []
    for written in sentences(text):
        sentence = as_meant(written, listed)
        words = re.findall(r"[^\W_]+", sentence)
        past = PAST.search(sentence)
        before, after = DENIED_BEFORE.search(sentence), DENIED_AFTER.search(sentence)
        size = re.search(r"\b(\d+)\s*mm\b", sentence)
        sides = frozenset(SIDES[word] for word in words if word in SIDES)
        matches = list(pattern.finditer(sentence))
        if not matches and "normal" not in words:
            raise RecordError("unreadable_finding", sentence)
        if len(matches) > 1 and re.search(r"[.;:!?]\s*\w", sentence):
            raise RecordError("unclear_sentence", sentence)
        if matches and HEDGE.search(sentence):
            raise RecordError("hedged_finding", sentence)
        for match in matches:
            denied = (before and before.end() <= match.start()) or (after and after.start() >= match.end())
            verdict = "past" if past else "no" if denied else "yes"
            found.append(
                Mention(" ".join(re.findall(r"\w+", match[0])), verdict, sides, int(size[1]) if size else None)
            )
    return found


@dataclass(frozen=True, slots=True)
class Reading:
    """What follows from a report's findings and the rules."""

    verdicts: Mapping[str, str]
    """By finding that is mentioned: `yes`, `no` or `past`."""
    finding: str
    side: str
    size: int | None
    urgency: str


def read_findings(text: str, rules: Sequence[Finding]) -> Reading:
    """The finding that is present, its side and how soon it must be told.

    Args:
        text: the report's findings.
        rules: the findings asked about, all that the text names among them.

    Raises:
        RecordError: no finding is mentioned, several are present, or a word, the side or the size can't be told.
    """
    by_name = {rule.name: rule for rule in rules}
    seen = mentions(text, list(by_name))
    if not seen:
        raise RecordError("no_finding", text)
    order = {"yes": 2, "past": 1, "no": 0}
    verdicts: dict[str, str] = {}
    for mention in seen:
        old = verdicts.get(mention.finding, mention.verdict)
        verdicts[mention.finding] = max(old, mention.verdict, key=order.__getitem__)
    present = [mention for mention in seen if mention.verdict == "yes"]
    if not present:
        return Reading(verdicts, "none", "none", None, "none")
    if len({mention.finding for mention in present}) > 1:
        raise RecordError("several_findings", text)
    rule = by_name[present[0].finding]
    sides = frozenset(side for mention in present for side in mention.sides)
    if rule.sided and len(sides) != 1:
        raise RecordError("unclear_side", text)
    size = next((mention.size for mention in present if mention.size is not None), None)
    if rule.size is None:
        size, urgency = None, rule.urgency
    elif size is None:
        raise RecordError("missing_size", text)
    else:
        urgency = rule.urgency if size >= rule.size else rule.smaller
    return Reading(verdicts, rule.name, next(iter(sides)) if rule.sided else "none", size, urgency)


def imaging_record(report: Report, findings: Sequence[Finding], source: str) -> dict[str, Any]:
    """What an imaging example is rendered from, and again after a word has changed: the report, and the rules of
    the findings that it names, with others of the same part of the body, in the order in which they are named.

    Raises:
        RecordError: the report can't be used.
    """
    for part in ("study", "findings", "impression"):
        if not report.parts.get(part):
            raise RecordError("missing_section", f"found no {part}")
    if report.confidence < MIN_CONFIDENCE:
        raise RecordError("low_confidence", f"{report.confidence:.2f}: {report.parts['findings']}")
    by_name = {finding.name: finding for finding in findings}
    named = list(dict.fromkeys(mention.finding for mention in mentions(report.parts["findings"], list(by_name))))
    if not named:
        raise RecordError("no_finding", report.parts["findings"])
    rng = seeded("imaging", source)
    area = by_name[named[0]].area
    others = [f.name for f in findings if f.area == area and f.name not in named]
    rules = list(named)
    for name in rng.sample(others, max(1, RULES - len(named))):
        rules.insert(rng.randrange(len(rules) + 1), name)
    record = {
        "rules": [by_name[name].cells() for name in rules],
        "study": report.parts["study"].strip(" ."),
        "findings": report.parts["findings"],
        "impression": report.parts["impression"],
        "box": list(report.box),
    }
    text = f"{record['study']} {record['findings']} {record['impression']}"
    left = [kind for kind, pattern in IDENTIFIERS.items() if pattern.search(text)]
    if left:
        raise RecordError("identifier_left", f"[{', '.join(left)}]")
    return record


def render_imaging(record: Mapping[str, Any], source: str, group: str) -> Example:
    """The example of an `imaging_record`.

    Raises:
        RecordError: see `read_findings`.
    """
    rules = [read_finding(*cells) for cells in record["rules"]]
    reading = read_findings(record["findings"], rules)
    steps = []
    for rule in rules:
        step = f"{rule.name} {reading.verdicts.get(rule.name, 'not stated')}"
        if rule.name == reading.finding:
            # In one line, in the answer's order: what stands in lines of their own was mixed up.
            compared = ""
            if reading.size is not None and rule.size is not None:
                compared = f" {reading.size}>={rule.size} {'yes' if reading.size >= rule.size else 'no'}"
            step += f" {reading.side}{compared} {reading.urgency}"
        steps.append(step)
    return Example(
        task="imaging",
        label=reading.urgency,
        source=source,
        group=group,
        language="en",
        context=f"Tell within: {'; '.join(rule.text() for rule in rules)}.\n"
        f"{record['study']}. {record['findings']} Impression: {record['impression']}",
        question="Which listed finding is present now, on which side, how urgent? "
        'Answer as JSON with "finding", "side" and "urgency".',
        reasoning="\n".join(steps if reading.finding != "none" else [*steps, "none"]),
        answer=canonical_json({"finding": reading.finding, "side": reading.side, "urgency": reading.urgency}),
        perturbation=record,
    )


def _exchanged(text: str, one: str, other: str) -> str:
    """`text` with the two words exchanged, capital letters kept."""

    def turned(match: re.Match[str]) -> str:
        word = other if match[0].lower() == one else one
        return word.capitalize() if match[0][0].isupper() else word

    return re.sub(rf"\b(?:{re.escape(one)}|{re.escape(other)})\b", turned, text, flags=re.IGNORECASE)


def changed_reports(record: Mapping[str, Any], rng: random.Random) -> Iterator[dict[str, Any]]:
    """The record with the present finding's size, side or name changed, in a random order of these."""
    rules = [read_finding(*cells) for cells in record["rules"]]
    reading = read_findings(record["findings"], rules)
    text = record["findings"]
    own = next((rule for rule in rules if rule.name == reading.finding), None)
    alike = [r for r in rules if own and r.name != own.name and (r.sided, r.size) == (own.sided, own.size)]
    changed = [_exchanged(text, reading.finding, rule.name) for rule in alike]
    if reading.side in ("left", "right"):
        changed.append(_exchanged(text, "left", "right"))
    if reading.size is not None:
        low, high = max(1, reading.size // 2), reading.size + reading.size // 2 + 1
        size = rng.choice([n for n in range(low, high + 1) if n != reading.size])
        changed.append(re.sub(rf"\b{reading.size}(?=\s*mm\b)", str(size), text))
    rng.shuffle(changed)
    for findings in changed:
        yield {**record, "findings": findings}


# ---------------------------------------------------------------- the domain


def _score_example(record: Record, guidelines: Guidelines) -> Example | Rejected:
    row = {column: str(value or "") for column, value in record.values.items()}
    name = row.get("encounter_id", "")
    try:
        missing = [column for column in ENCOUNTER if column not in row]
        if missing:
            raise RecordError("missing_field", f"found no column {', '.join(missing)}")
        values = read_encounter(row, guidelines)
    except RecordError as error:
        return Rejected(source=record.source, rule=error.rule, text=f"{name}: {error}")
    score = guidelines.scores[row["assessment"]]
    made = score_record(score, values, _others(row, values, score, guidelines), guidelines, name)
    return render_score(made, record.source, row["patient_id"])


def _coding_example(record: Record, icd: Icd10) -> Example | Rejected:
    try:
        made = coding_record(record.values, icd)
    except RecordError as error:
        return Rejected(source=record.source, rule=error.rule, text=f"{record.values.get('id')}: {error}")
    except (KeyError, TypeError, AttributeError) as error:
        # The dialogue is not repeated: it may be the part with the identifiers that has another form.
        return Rejected(source=record.source, rule="missing_field", text=f"{type(error).__name__}: {error}")
    return render_coding(made, record.source, made["key"][:3])


def _imaging_examples(record: Record, findings: Sequence[Finding]) -> Iterator[Example | Rejected]:
    """The reports of one page; those whose patient has the same name or number are one group, named by its first."""
    # A page with a text layer has no boxes.
    unread = [{"text": t, "confidence": 1.0, "box": (0, 0, 0, 0)} for t in record.values["text"].splitlines()]
    reports, said = read_reports(record.values.get("lines") or unread)
    if not reports:
        yield Rejected(source=record.source, rule="no_report", text="found no line that begins a report")
        return
    first: dict[str, str] = {}
    for report in reports:
        source = f"{record.source}#{report.number}"
        group = next((first[key] for key in sorted(report.patient) if key in first), source)
        for key in report.patient:
            first.setdefault(key, group)
        try:
            yield render_imaging(imaging_record(report, findings, source), source, group)
        except RecordError as error:
            yield Rejected(source=source, rule=error.rule, text=str(error))
    for number in sorted(set(range(1, said + 1)) - {report.number for report in reports}):
        yield Rejected(
            source=f"{record.source}#{number}",
            rule="unreadable_report",
            text=f"report {number} of {said} was not found",
        )


def _changed_imaging(record: Mapping[str, Any], example: Example, rng: random.Random) -> Example | None:
    for changed in changed_reports(record, rng):
        try:
            other = render_imaging(changed, example.source, example.group)
        except RecordError:
            continue
        if other.answer != example.answer:
            return other
    return None


def _other_order(parts: Sequence[str], rng: random.Random) -> list[str] | None:
    """The parts in another order; None where they are all the same."""
    if len(set(parts)) < 2:
        return None
    shuffled = list(parts)
    while shuffled == list(parts):
        rng.shuffle(shuffled)
    return shuffled


def _reordered_imaging(record: Mapping[str, Any], example: Example, rng: random.Random) -> Example | None:
    """The report with its sentences in another order; None where one leans on the one before, or OCR has run two
    together, so that what they say would change."""
    parts = sentences(record["findings"])
    whole = all(part.endswith(".") and not LEANS.match(part) for part in parts)
    shuffled = _other_order(parts, rng) if whole else None
    if shuffled is None:
        return None
    try:
        other = render_imaging(dict(record) | {"findings": " ".join(shuffled)}, example.source, example.group)
    except RecordError:
        return None
    return other if other.answer == example.answer else None


class Medical(Domain):
    """Scores, coding and imaging reports, open book."""

    @property
    def tasks(self) -> tuple[str, ...]:
        return ("score", "coding", "imaging")

    def examples(self, raw: RawData, settings: DomainSettings) -> Iterator[Example | Rejected]:
        guidelines = read_guidelines((raw.folder / "guidelines.md").read_text(encoding="utf-8"))
        icd = read_icd10((raw.folder / "icd10.json").read_text(encoding="utf-8"))
        for record in raw.records("encounters"):
            yield _score_example(record, guidelines)
        for record in raw.records("dialogues"):
            yield _coding_example(record, icd)
        for source in ("imaging", "imaging_archive"):
            for record in raw.records(source):
                yield from _imaging_examples(record, guidelines.findings)

    def score(self, task: str, reference: Mapping[str, Any], answer: Mapping[str, Any] | None) -> dict[str, float]:
        """For `score`: score and risk each right. For `coding`: code, its category (three characters) and
        the Excludes1 verdict each right. For `imaging`: finding, side and urgency each right."""
        given = answer or {}
        parts = {"score": ("score", "risk"), "imaging": ("finding", "side", "urgency")}.get(task)
        if parts is not None:
            return {f"{key}_right": float(given.get(key) == reference[key]) for key in parts}
        code = _plain_code(given.get("code"))
        return {
            "code_right": float(code == _plain_code(reference["code"])),
            "category_right": float(code[:3] == _plain_code(reference["code"])[:3]),
            "together_right": float(given.get("together") == reference["together"]),
        }

    def same_answer(self, task: str, reference: Mapping[str, Any], answer: Mapping[str, Any]) -> bool | None:
        """Codes are the same with or without their dot, whatever their case."""
        if task != "coding":
            return None
        return (
            _plain_code(answer.get("code")) == _plain_code(reference["code"])
            and answer.get("together") == reference["together"]
        )

    def perturb(self, example: Example, rng: random.Random) -> Example | None:
        """For `score`: one compared number changed within half of its size. For `coding`: another second
        code, with the other verdict. For `imaging`: another side, size or finding. None where there is nothing
        to change."""
        record = dict(example.perturbation)
        if example.task == "imaging":
            return _changed_imaging(record, example, rng)
        if example.task == "coding":
            if not record["other"]:
                return None
            return render_coding(
                record | {"second": record["other"], "other": record["second"]}, example.source, example.group
            )
        choices = {field: _like_values(field, record) for field in sorted(record["ranges"])}
        fields = [field for field, values in choices.items() if values]
        if not fields:
            return None
        field = rng.choice(fields)
        values = record["values"] | {field: rng.choice(choices[field])}
        return render_score(record | {"values": values}, example.source, example.group)

    def reorder(self, example: Example, rng: random.Random) -> Example | None:
        """For `score`: the facts of the encounter. For `coding`: the candidates, and the entries of the note with the
        steps that check them. For `imaging`: the sentences of the report, where each stands for itself."""
        record = dict(example.perturbation)
        if example.task == "score":
            facts = _other_order(record["facts"], rng)
            return None if facts is None else render_score(record | {"facts": facts}, example.source, example.group)
        if example.task == "coding":
            candidates = _other_order(record["candidates"], rng)
            notes = _other_order(record["notes"], rng) or record["notes"]
            changed = record | {"candidates": candidates or record["candidates"], "notes": notes}
            return None if changed == record else render_coding(changed, example.source, example.group)
        return _reordered_imaging(record, example, rng)

    def references(self, data: Path, settings: DomainSettings) -> Iterator[Reference]:
        """The scoring rules, one each, and how soon the imaging findings of a part of the body must be told."""
        guidelines = read_guidelines((data / "guidelines.md").read_text(encoding="utf-8"))
        for score in guidelines.scores.values():
            bands = ", ".join(f"{band.span} {band.name}" for band in score.bands)
            text = f"{'; '.join(c.text() for c in score.criteria)}. Risk: {bands}."
            yield Reference(id=score.name, title=f"{score.name}. {score.reference}", text=text)
        for area in dict.fromkeys(finding.area for finding in guidelines.findings):
            yield Reference(
                id=f"{FINDINGS}: {area}",
                title=f"{FINDINGS}, {area}. {guidelines.findings_reference}",
                text="; ".join(finding.text() for finding in guidelines.findings if finding.area == area) + ".",
            )


domain = Medical()
