"""Medicine: clinical scores from encounters, and ICD-10-CM coding from dialogues.

`score`: the rule of a published score (data/guidelines.md) and an encounter (data/emr.csv) in prose;
the answer is the score and its band. `coding`: three candidate codes with their titles, an Excludes1 note
(data/icd10.json) and the clinical turns of a dialogue (data/dialogues.jsonl); the answer is the code of the
key diagnosis and whether a second code may stand with it.

The labels are computed here from rules and notes, never read from the records.
"""

import csv
import hashlib
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from practicum.data.example import Example, Rejected, canonical_json
from practicum.domain import Domain, DomainSettings, Reference

# How hard the tasks are; see README.md for what was measured.
MAX_CRITERIA = 3
"""Criteria of a score that are asked about; those that are present are always among them."""
DISTRACTORS = 2
"""Facts in an encounter's prose that no criterion reads."""
DENIED_SHARE = 1.0
"""Share of absent findings that are denied in the prose; the others go unmentioned."""
SHUFFLE_FACTS = False
"""Whether facts stand in another order than the criteria."""
MAX_NOTES = 2
"""Entries of the Excludes1 note that are shown."""
MAX_NOTE_CHARS = 60
"""Length of the longest entry that is shown."""

Value = int | float | str | bool

CODE = r"[A-Z]\d[\dA-Z](?:\.[\dA-Z]{1,4})?"
PATTERN = re.compile(rf"({CODE})(\.?-(?!\s*[A-Z]\d))?(?:\s*-\s*({CODE})-?)?")
IDENTIFIERS = {
    "phone": re.compile(r"\d{3}[-.\s]\d{4}"),
    "date": re.compile(r"\b\d{1,4}[/-]\d{1,2}[/-]\d{1,4}\b"),
    "number": re.compile(r"\b\d{5,}\b"),
    "email": re.compile(r"\S+@\S+"),
}
"""What may not stand in a clinical turn; a first net, narrower than de-identification."""


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
    """Parse guidelines.md: a `##` section per score, and one of the fields' wordings."""
    scores: dict[str, Score] = {}
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
        criteria = tuple(read_criterion(*cells) for cells in _rows(body))
        bands = re.search(r"^Bands: (.+)$", body, re.MULTILINE)
        assert bands is not None, f"guidelines.md: {name}: no line of bands"
        scores[name] = Score(name, body.strip().split("\n")[0], criteria, read_bands(bands[1]))
    return Guidelines(scores, wordings)


# ---------------------------------------------------------------- encounters


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
            values[field] = text if field == "sex" else number(text)
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

    Raises:
        RecordError: one of them holds an identifier; the message names its kind and never repeats it.
    """
    turns = [(t["speaker"], t["text"]) for t in dialogue["turns"] if t["kind"] == "clinical"]
    known = {kind: str(value) for kind, value in dialogue["patient"].items() if value}
    for _, text in turns:
        for kind, value in known.items():
            if any(part.lower() in text.lower() for part in (value.split() if kind == "name" else [value])):
                raise RecordError("identifier_in_clinical_turn", f"[{kind}]")
        for kind, pattern in IDENTIFIERS.items():
            if pattern.search(text):
                raise RecordError("identifier_in_clinical_turn", f"[{kind}]")
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


# ---------------------------------------------------------------- the domain


class Medical(Domain):
    """Scores and coding, open book."""

    @property
    def tasks(self) -> tuple[str, ...]:
        return ("score", "coding")

    def examples(self, data: Path, settings: DomainSettings) -> Iterator[Example | Rejected]:
        yield from self._scores(data)
        yield from self._codings(data)

    def _scores(self, data: Path) -> Iterator[Example | Rejected]:
        guidelines = read_guidelines((data / "guidelines.md").read_text(encoding="utf-8"))
        with (data / "emr.csv").open(encoding="utf-8", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                source = f"emr.csv:{line}"
                try:
                    values = read_encounter(row, guidelines)
                except RecordError as error:
                    yield Rejected(source=source, rule=error.rule, text=f"{row['encounter_id']}: {error}")
                    continue
                score = guidelines.scores[row["assessment"]]
                record = score_record(
                    score, values, _others(row, values, score, guidelines), guidelines, row["encounter_id"]
                )
                yield render_score(record, source, row["patient_id"])

    def _codings(self, data: Path) -> Iterator[Example | Rejected]:
        icd = read_icd10((data / "icd10.json").read_text(encoding="utf-8"))
        with (data / "dialogues.jsonl").open(encoding="utf-8") as file:
            for line, text in enumerate(file, start=1):
                source = f"dialogues.jsonl:{line}"
                try:
                    dialogue = json.loads(text)
                except ValueError:
                    yield Rejected(
                        source=source, rule="torn_line", text="[not JSON; not repeated, it may hold identifiers]"
                    )
                    continue
                try:
                    record = coding_record(dialogue, icd)
                except RecordError as error:
                    yield Rejected(source=source, rule=error.rule, text=f"{dialogue['id']}: {error}")
                    continue
                yield render_coding(record, source, record["key"][:3])

    def score(self, task: str, reference: Mapping[str, Any], answer: Mapping[str, Any] | None) -> dict[str, float]:
        """For `score`: score and risk each right. For `coding`: code, its category (three characters) and
        the Excludes1 verdict each right."""
        given = answer or {}
        if task == "score":
            return {f"{key}_right": float(given.get(key) == reference[key]) for key in ("score", "risk")}
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
        code, with the other verdict. None where there is no number to change."""
        record = dict(example.perturbation)
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

    def references(self, data: Path, settings: DomainSettings) -> Iterator[Reference]:
        """The scoring rules, one each."""
        guidelines = read_guidelines((data / "guidelines.md").read_text(encoding="utf-8"))
        for score in guidelines.scores.values():
            bands = ", ".join(f"{band.span} {band.name}" for band in score.bands)
            text = f"{'; '.join(c.text() for c in score.criteria)}. Risk: {bands}."
            yield Reference(id=score.name, title=f"{score.name}. {score.reference}", text=text)


domain = Medical()
