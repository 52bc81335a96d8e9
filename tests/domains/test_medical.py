"""Medicine: every answer is derived again here, by other code than the domain's.

Scores by plain formulas written from the publications; reasoning by adding up its own steps; Excludes1 by listing
the codes under each note; and the rules against another package's calculators.
"""

import csv
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from domains.medical import build_data
from domains.medical.domain import IDENTIFIERS, note_spans, read_guidelines
from domains.medical.domain import domain as medical
from practicum.data.example import Example, Rejected, examples_from_lines, to_json_line

MAX_PROMPT_CHARACTERS = 600
"""About 190 tokens of SmolLM2."""
MAX_TARGET_CHARACTERS = 230
"""About 100 tokens of SmolLM2."""

PLANTED = {
    "contradictory_label": 2,
    "contradictory_vitals": 1,
    "identifier_in_clinical_turn": 2,
    "impossible_value": 2,
    "missing_field": 4,
    "not_a_number": 1,
    "unknown_code": 1,
    "unknown_score": 1,
}


@pytest.fixture(scope="module")
def data(root: Path) -> Path:
    return root / "domains" / "medical" / "data"


@pytest.fixture(scope="module")
def rows(data: Path) -> list[Example | Rejected]:
    return list(medical.examples(data, medical.settings()))


@pytest.fixture(scope="module")
def scores(rows: list[Example | Rejected]) -> list[Example]:
    return [row for row in rows if isinstance(row, Example) and row.task == "score"]


@pytest.fixture(scope="module")
def codings(rows: list[Example | Rejected]) -> list[Example]:
    return [row for row in rows if isinstance(row, Example) and row.task == "coding"]


@pytest.fixture(scope="module")
def encounters(data: Path) -> list[dict[str, str]]:
    with (data / "emr.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def dialogues(data: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (data / "dialogues.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def icd(data: Path) -> dict[str, Any]:
    return dict(json.loads((data / "icd10.json").read_text(encoding="utf-8")))


# ---------------------------------------------------------------- scores, from the publications


class Patient(dict[str, Any]):
    """An encounter's values; a finding that isn't recorded is absent."""

    def __missing__(self, key: str) -> bool:
        return False


def patient_of(row: Mapping[str, str]) -> Patient:
    values: dict[str, Any] = {k: float(row[k]) for k in ("age", "sbp", "dbp", "hr", "rr", "temp", "spo2") if row[k]}
    values["sex"] = row["sex"]
    for part in f"{row['labs']};{row['findings']};{row['history']};{row['drugs']}".split(";"):
        name, equals, text = part.partition("=")
        values[name] = (float(text) if re.fullmatch(r"[\d.]+", text) else text) if equals else True
    return Patient(values)


def any_of(p: Patient, *names: str) -> int:
    return sum(bool(p[name]) for name in names)


def cha2ds2_vasc(p: Patient) -> int:
    age = 0 if p["age"] < 65 else 1 if p["age"] < 75 else 2
    flags = any_of(p, "heart_failure", "hypertension", "diabetes", "vascular_disease")
    return age + flags + 2 * p["stroke"] + (p["sex"] == "female")


def has_bled(p: Patient) -> int:
    flags = ("renal_disease", "liver_disease", "stroke", "prior_bleeding", "labile_inr")
    return (p["sbp"] > 160) + (p["age"] > 65) + any_of(p, *flags, "antiplatelet_or_nsaid", "alcohol_excess")


def curb65(p: Patient) -> int:
    low = p["sbp"] < 90 or p["dbp"] <= 60
    return p["confusion"] + (p["urea"] > 7) + (p["rr"] >= 30) + low + (p["age"] >= 65)


def sirs(p: Patient) -> int:
    return (not 36 <= p["temp"] <= 38) + (p["hr"] > 90) + (p["rr"] > 20) + (not 4 <= p["wbc"] <= 12)


def wells_dvt(p: Patient) -> int:
    legs = ("leg_immobilised", "vein_tenderness", "leg_swollen", "pitting_oedema", "collateral_veins")
    more = any_of(p, "active_cancer", "recent_surgery", *legs) + (p["calf_difference"] > 3)
    return more - 2 * p["alternative_likely"]


def mcisaac(p: Patient) -> int:
    age = 1 if p["age"] <= 14 else 0 if p["age"] <= 44 else -1
    return age + (p["temp"] > 38) + any_of(p, "no_cough", "neck_nodes", "tonsil_exudate")


def abcd2(p: Patient) -> int:
    symptom = {"one-sided weakness": 2, "speech trouble only": 1, "other": 0}[p["tia_symptom"]]
    minutes = 0 if p["duration_min"] < 10 else 1 if p["duration_min"] < 60 else 2
    return (p["age"] >= 60) + (p["sbp"] >= 140 or p["dbp"] >= 90) + symptom + minutes + p["diabetes"]


def perc(p: Patient) -> int:
    flags = any_of(p, "leg_swollen", "haemoptysis", "recent_surgery", "prior_vte", "oestrogen")
    return (p["age"] >= 50) + (p["hr"] >= 100) + (p["spo2"] < 95) + flags


def heart(p: Patient) -> int:
    levels = ["slightly suspicious", "moderately suspicious", "highly suspicious"].index(p["chest_pain"])
    levels += ["normal ECG", "nonspecific change", "ST deviation"].index(p["ecg"])
    levels += 2 if p["age"] >= 65 else 1 if p["age"] >= 45 else 0
    levels += 2 if p["risk_factors"] >= 3 else 1 if p["risk_factors"] >= 1 else 0
    return levels + (2 if p["troponin_ratio"] > 3 else 1 if p["troponin_ratio"] > 1 else 0)


def stop_bang(p: Patient) -> int:
    numbers = (p["bmi"] > 35) + (p["age"] > 50) + (p["neck_cm"] > 40) + (p["sex"] == "male")
    return numbers + any_of(p, "snoring", "tired", "observed_apnoea", "hypertension")


def glasgow(p: Patient) -> int:
    eyes = 1 + ["closed", "to pressure", "to sound", "spontaneous"].index(p["eye_opening"])
    verbal = 1 + ["silent", "sounds", "words", "confused", "oriented"].index(p["verbal_response"])
    motor = ["absent", "extension", "flexion", "withdrawal", "localising", "obeys"].index(p["motor_response"])
    return eyes + verbal + 1 + motor


def alvarado(p: Patient) -> int:
    ones = any_of(p, "pain_migration", "anorexia", "vomiting", "rebound", "left_shift") + (p["temp"] >= 37.3)
    return ones + 2 * p["rlq_tenderness"] + 2 * (p["wbc"] > 10)


def feverpain(p: Patient) -> int:
    return any_of(p, "fever_24h", "tonsil_exudate", "tonsil_inflamed", "no_cough") + (p["sore_throat_days"] <= 3)


def rcri(p: Patient) -> int:
    flags = any_of(p, "high_risk_surgery", "ischaemic_heart", "heart_failure", "stroke", "insulin")
    return flags + (p["creatinine"] > 2.0)


def bisap(p: Patient) -> int:
    return (p["bun"] > 25) + (p["age"] > 60) + any_of(p, "confusion", "sirs", "pleural_effusion")


def geneva(p: Patient) -> int:
    flags = ("prior_vte", "recent_surgery", "active_cancer", "leg_pain", "haemoptysis", "palpation_oedema")
    rate = 0 if p["hr"] < 75 else 1 if p["hr"] < 95 else 2
    return (p["age"] > 65) + rate + any_of(p, *flags)


def upto(*limits: tuple[int, str]) -> Callable[[int], str]:
    """The name of the first limit that a score does not exceed."""
    return lambda score: next(name for limit, name in limits if score <= limit)


PUBLISHED: dict[str, tuple[Callable[[Patient], int], Callable[[int], str]]] = {
    "CHA2DS2-VASc": (cha2ds2_vasc, upto((0, "low"), (1, "moderate"), (9, "high"))),
    "HAS-BLED": (has_bled, upto((0, "low"), (2, "moderate"), (9, "high"))),
    "CURB-65": (curb65, upto((1, "low"), (2, "moderate"), (5, "high"))),
    "qSOFA": (
        lambda p: (p["rr"] >= 22) + (p["sbp"] <= 100) + (p["gcs"] < 15),
        upto((1, "low"), (3, "high")),
    ),
    "SIRS": (sirs, upto((1, "negative"), (4, "positive"))),
    "Wells DVT": (wells_dvt, upto((0, "low"), (2, "moderate"), (8, "high"))),
    "McIsaac": (mcisaac, upto((1, "low"), (3, "moderate"), (5, "high"))),
    "ABCD2": (abcd2, upto((3, "low"), (5, "moderate"), (7, "high"))),
    "PERC": (perc, upto((0, "negative"), (8, "positive"))),
    "HEART": (heart, upto((3, "low"), (6, "moderate"), (10, "high"))),
    "STOP-BANG": (stop_bang, upto((2, "low"), (4, "moderate"), (8, "high"))),
    "Glasgow Coma Scale": (glasgow, upto((8, "severe"), (12, "moderate"), (15, "mild"))),
    "Alvarado": (alvarado, upto((4, "low"), (6, "moderate"), (10, "high"))),
    "FeverPAIN": (feverpain, upto((1, "low"), (3, "moderate"), (5, "high"))),
    "RCRI": (rcri, upto((0, "I"), (1, "II"), (2, "III"), (6, "IV"))),
    "BISAP": (bisap, upto((2, "low"), (5, "high"))),
    "Simplified Geneva": (geneva, upto((1, "low"), (4, "moderate"), (9, "high"))),
}


def published_answer(name: str, patient: Patient) -> dict[str, object]:
    formula, risk = PUBLISHED[name]
    score = int(formula(patient))
    return {"score": score, "risk": risk(score)}


def line_of(example: Example) -> int:
    return int(example.source.rpartition(":")[2])


def score_faults(example: Example, patient: Patient) -> list[str]:
    """What is wrong with a score example, by the publications and by its own steps."""
    faults = []
    answer = json.loads(example.answer)
    name = example.context.split(":")[0]
    if answer != published_answer(name, patient):
        faults.append(f"published: {published_answer(name, patient)}, found {answer}")
    *steps, last = example.reasoning.splitlines()
    total, value = 0, ""
    for step in steps:
        gained = re.search(r" ([+-]\d+)=(-?\d+)$", step)
        if gained:
            total += int(gained[1])
            if total != int(gained[2]):
                faults.append(f"sum: {step}")
        for left, op, right, verdict in re.findall(r"([\d.]+)?([<>]=?)([\d.]+) (yes|no)", step):
            value = left or value  # a second comparison of the same value goes without it
            holds = {"<": float.__lt__, "<=": float.__le__, ">": float.__gt__, ">=": float.__ge__}[op]
            if holds(float(value), float(right)) != (verdict == "yes"):
                faults.append(f"comparison: {step}")
            if value not in example.question:
                faults.append(f"value not in the question: {step}")
    if (
        not last.startswith(f"{answer['score']} in ")
        or not last.endswith(f" {answer['risk']}")
        or total != answer["score"]
    ):
        faults.append(f"last step: {last}")
    return faults


def test_every_score_is_the_published_one_and_its_steps_add_up(
    scores: list[Example], encounters: list[dict[str, str]]
) -> None:
    faults = {e.source: score_faults(e, patient_of(encounters[line_of(e) - 2])) for e in scores}
    assert {source: found for source, found in faults.items() if found} == {}


def test_the_check_of_a_score_sees_a_wrong_sum_a_wrong_comparison_and_a_wrong_answer(
    scores: list[Example], encounters: list[dict[str, str]]
) -> None:
    example = next(e for e in scores if re.search(r"\d>\d+ yes \+1=1", e.reasoning))
    patient = patient_of(encounters[line_of(example) - 2])
    score = json.loads(example.answer)["score"]
    spoiled = [
        replace(example, reasoning=example.reasoning.replace("+1=1", "+1=2")),
        replace(example, reasoning=re.sub(r"(\d>\d+) yes", r"\1 no", example.reasoning, count=1)),
        replace(example, answer=example.answer.replace(f'"score": {score}', f'"score": {score + 1}')),
    ]
    assert all(score_faults(row, patient) for row in spoiled)


def test_a_criterion_that_is_not_shown_is_absent(
    scores: list[Example], encounters: list[dict[str, str]], data: Path
) -> None:
    guidelines = read_guidelines((data / "guidelines.md").read_text(encoding="utf-8"))
    for example in scores:
        patient = patient_of(encounters[line_of(example) - 2])
        shown = {cells[0] for cells in example.perturbation["criteria"]}
        for criterion in guidelines.scores[example.perturbation["score"]].criteria:
            assert criterion.name in shown or (criterion.is_flag and not patient[criterion.field]), example.source


def test_findings_of_a_score_stand_in_its_question_or_are_absent(
    scores: list[Example], encounters: list[dict[str, str]], data: Path
) -> None:
    wordings = read_guidelines((data / "guidelines.md").read_text(encoding="utf-8")).wordings
    for example in scores:
        patient = patient_of(encounters[line_of(example) - 2])
        facts = example.question.split(".\n")[0].split(": ", 1)[1].split(", ")
        for name, field, _ in example.perturbation["criteria"]:
            if wordings[field].least is None and field != "sex":
                value = patient[field]
                present = any(text.replace("{}", str(value)) in facts for text in wordings[field].said)
                assert present == bool(value), f"{example.source}: {name}"


def test_rules_agree_with_another_packages_calculators(root: Path, data: Path) -> None:
    fixture = json.loads((root / "tests/fixtures/medical/medcalc_scores.json").read_text(encoding="utf-8"))
    guidelines = read_guidelines((data / "guidelines.md").read_text(encoding="utf-8"))
    found = [(case, guidelines.scores[case["score"]].points(case["values"])) for case in fixture["cases"]]
    assert [case for case, points in found if points != case["answer"]] == []
    assert len({case["score"] for case in fixture["cases"]}) == 10


def test_bands_cover_every_score_once_and_at_least_twelve_scores_are_there(data: Path) -> None:
    guidelines = read_guidelines((data / "guidelines.md").read_text(encoding="utf-8"))
    assert set(guidelines.scores) == set(PUBLISHED)
    assert len(PUBLISHED) >= 12
    for name, (_, risk) in PUBLISHED.items():
        score = guidelines.scores[name]
        most = sum(max(0, *(c.points for c in criterion.conditions)) for criterion in score.criteria)
        for points in range(most + 1):
            assert [band.name for band in score.bands if band.holds(points)] == [risk(points)], (name, points)


# ---------------------------------------------------------------- ICD-10-CM


def listed(note: str, codes: list[str]) -> set[str] | None:
    """The codes of `codes` that a note's brackets name, one by one; None where words narrow them down."""
    found = re.search(r"\(([^()]*)\)$", note.strip())
    if found is None:
        return None
    named: set[str] = set()
    for part in (p.strip() for p in found[1].strip(" ,").split(",")):
        ends = re.fullmatch(r"([A-Z][\dA-Z.]+)\s*-\s*([A-Z][\dA-Z.]+)-?", part)
        stem = re.fullmatch(r"([A-Z]\d[\dA-Z](?:\.[\dA-Z]+)?)\.?-?", part)
        if ends:
            low, high = ends[1].rstrip("."), ends[2].rstrip(".")
            named |= {c for c in codes if low <= c < high or c.startswith(high)}
        elif stem:
            named |= {c for c in codes if c.startswith(stem[1])}
        else:
            return None
    return named


def all_notes(icd: dict[str, Any], code: str) -> list[str]:
    return [note for owner in [code, *icd["codes"][code]["ancestors"]] for note in icd["notes"].get(owner, [])]


def coding_faults(example: Example, icd: dict[str, Any]) -> list[str]:
    """What is wrong with a coding example, by the tabular list and by its own words."""
    faults = []
    answer = json.loads(example.answer)
    asked = re.search(r"may (\S+) be coded", example.question)
    assert asked is not None
    second = asked[1]
    *block, excludes = example.context.splitlines()
    titles = {line.split(" ", 1)[0]: line.split(" ", 1)[1] for line in block}
    if any(not title.startswith(icd["codes"][code]["title"]) for code, title in titles.items()):
        faults.append("a title is not that of the tabular list")
    first, *checks, last = example.reasoning.splitlines()
    evidence, _, code = first.rpartition(" is ")
    matching = [c for c, title in titles.items() if evidence.lower() in title.lower()]
    if code != answer["code"] or matching != [code]:
        faults.append(f"evidence {evidence!r} fits {matching}")
    if evidence.lower() not in example.question.lower():
        faults.append("evidence is not said")
    known = sorted(c for c in icd["codes"] if len(c) >= 3)
    there = [listed(note, known) for note in all_notes(icd, answer["code"])]
    back = [listed(note, known) for note in all_notes(icd, second)]
    excluded = any(second in (codes or ()) for codes in there) or any(answer["code"] in (codes or ()) for codes in back)
    if not excluded and None in there + back:
        faults.append("a note leaves the verdict open")
    truth = "no" if excluded else "yes"
    if answer["together"] != truth:
        faults.append(f"tabular list: together {truth}")
    shown = excludes.removeprefix("Excludes1: ").split("; ")
    if any(note not in all_notes(icd, answer["code"]) for note in shown):
        faults.append("a note is not one of the code or its parents")
    if (truth == "no") != any(second in (listed(note, known) or ()) for note in shown):
        faults.append("the shown note does not decide")
    if last != f"together {answer['together']}" or any(second not in check for check in checks):
        faults.append(f"last step: {last}")
    if (truth == "no") != checks[-1].endswith(" yes") or any(check.endswith(" yes") for check in checks[:-1]):
        faults.append(f"checks: {checks}")
    return faults


def test_every_code_and_verdict_follows_from_the_tabular_list(codings: list[Example], icd: dict[str, Any]) -> None:
    faults = {e.source: coding_faults(e, icd) for e in codings}
    assert {source: found for source, found in faults.items() if found} == {}


def test_the_check_of_a_code_sees_a_wrong_code_and_a_wrong_verdict(codings: list[Example], icd: dict[str, Any]) -> None:
    example = next(e for e in codings if e.label == "no" and coding_faults(e, icd) == [])
    code = json.loads(example.answer)["code"]
    wrong = next(line.split(" ")[0] for line in example.context.splitlines() if not line.startswith(code))
    assert coding_faults(replace(example, answer=example.answer.replace(code, wrong)), icd)
    assert coding_faults(replace(example, answer=example.answer.replace('"no"', '"yes"')), icd)


@pytest.mark.parametrize(
    ("note", "inside", "outside"),
    [
        ("type 2 diabetes (E11.-)", ["E11.9", "E11.65"], ["E10.9", "E12"]),
        ("enteritis (A04.0-A04.4)", ["A04.0", "A04.41"], ["A04.5", "A03.9"]),
        ("toxic effect (T61-T62)", ["T61.0", "T62.9"], ["T60.9", "T63.0"]),
        ("dementia (F01.-, F02.-)", ["F02.80"], ["F03.90"]),
        ("eyelid (skin) (C43.1-, C44.1-)", ["C43.10"], ["C43.2"]),
        ("pain (R10.1-R10.3-)", ["R10.13", "R10.31"], ["R10.4"]),
    ],
)
def test_a_note_covers_what_it_names_and_no_more(note: str, inside: list[str], outside: list[str]) -> None:
    spans = note_spans(note)
    assert spans is not None
    assert [code for code in inside if not any(s.covers(code) for s in spans)] == []
    assert [code for code in outside if any(s.covers(code) for s in spans)] == []


@pytest.mark.parametrize(
    "note",
    [
        "certain localized infections",
        "diabetic neuralgia (E08-E13 with .44)",
        "meningitis (B27.- with fifth character 2)",
    ],
)
def test_a_note_that_covers_codes_only_in_words_is_not_read(note: str) -> None:
    assert note_spans(note) is None


# ---------------------------------------------------------------- identifiers


def test_no_identifier_of_a_dialogue_reaches_a_row(
    rows: list[Example | Rejected], dialogues: list[dict[str, Any]]
) -> None:
    text = "\n".join(to_json_line(row) for row in rows if row.source.startswith("dialogues"))
    for dialogue in dialogues:
        assert all(dialogue["patient"].values()), dialogue["id"]
        spoken = " ".join(turn["text"] for turn in dialogue["turns"] if turn["kind"] != "clinical")
        for kind, value in dialogue["patient"].items():
            assert value not in text, kind
            assert kind == "email" or value in spoken, f"{dialogue['id']}: {kind} is not said at all"


@pytest.mark.parametrize("kind", sorted(["name", "birth_date", "mrn", "phone", "email", "other_phone", "other_date"]))
def test_a_planted_identifier_rejects_the_dialogue_and_is_not_repeated(
    kind: str, data: Path, dialogues: list[dict[str, Any]], tmp_path: Path
) -> None:
    for name in ("guidelines.md", "icd10.json"):
        (tmp_path / name).write_bytes((data / name).read_bytes())
    (tmp_path / "emr.csv").write_text(",".join(build_data.COLUMNS) + "\n", encoding="utf-8")
    dialogue = json.loads(json.dumps(dialogues[0]))
    dialogue["patient"]["name"] = "Zephyrine Quarrington"
    canary = {"other_phone": "415-555-0134", "other_date": "3/14/1977"} | dialogue["patient"]
    dialogue["turns"].append({"speaker": "doctor", "kind": "clinical", "text": f"As {canary[kind]} knows."})
    (tmp_path / "dialogues.jsonl").write_text(
        json.dumps(dialogue) + "\n" + json.dumps(dialogues[1])[:200] + "\n", encoding="utf-8"
    )
    rejected, torn = medical.examples(tmp_path, medical.settings())
    assert isinstance(rejected, Rejected)
    assert rejected.rule == "identifier_in_clinical_turn"
    assert not any(part in to_json_line(rejected) for part in canary[kind].split())
    assert isinstance(torn, Rejected)
    assert torn.rule == "torn_line"
    assert dialogues[1]["patient"]["name"].split()[0] not in to_json_line(torn)


def test_no_pattern_of_an_identifier_stands_in_a_coding_example(codings: list[Example]) -> None:
    for example in codings:
        for kind, pattern in IDENTIFIERS.items():
            assert not pattern.search(example.question), (example.source, kind)


# ---------------------------------------------------------------- the domain as a whole


def test_rows_are_counted_and_every_planted_fault_is_named(
    rows: list[Example | Rejected], encounters: list[dict[str, str]], dialogues: list[dict[str, Any]]
) -> None:
    assert len(rows) == len(encounters) + len(dialogues)
    assert Counter(row.rule for row in rows if isinstance(row, Rejected)) == PLANTED
    examples = [row for row in rows if isinstance(row, Example)]
    assert len(examples) - len({e.id for e in examples}) >= 4  # deliberate copies, for prepare to find


def test_answers_fit_the_schema_and_the_two_tasks_have_shapes_of_their_own(
    root: Path, scores: list[Example], codings: list[Example]
) -> None:
    schema = json.loads((root / "domains/medical/answer.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert all(validator.is_valid(json.loads(e.answer)) for e in scores + codings)
    for wrong in ({"score": True, "risk": "low"}, {"score": 2}, {"code": "E11.9", "together": "maybe"}, {"code": "11"}):
        assert not validator.is_valid(wrong)


def test_prompts_and_targets_stay_short(scores: list[Example], codings: list[Example]) -> None:
    for example in scores + codings:
        assert len(example.context) + len(example.question) <= MAX_PROMPT_CHARACTERS
        assert len(example.reasoning) + len(example.answer) <= MAX_TARGET_CHARACTERS


def test_groups_are_many_and_answers_are_balanced(scores: list[Example], codings: list[Example]) -> None:
    assert len({e.group for e in scores}) > 400
    assert len({e.group for e in codings}) > 150
    for examples in (scores, codings):
        counts = Counter(e.label for e in examples)
        assert max(counts.values()) < 1.5 * min(counts.values()), counts
        assert Counter(e.answer for e in examples).most_common(1)[0][1] < 0.15 * len(examples)
    places = Counter(line_place(e) for e in codings)
    assert max(places.values()) < 0.45 * len(codings)


def line_place(example: Example) -> int:
    """The place of the right code among the candidates."""
    code = json.loads(example.answer)["code"]
    return next(i for i, line in enumerate(example.context.splitlines()) if line.startswith(f"{code} "))


def test_the_data_cards_example_and_counts_are_those_of_the_data(
    root: Path, rows: list[Example | Rejected], scores: list[Example], codings: list[Example]
) -> None:
    card = (root / "domains/medical/README.md").read_text(encoding="utf-8")
    prompts = {
        f"```\n{e.context}\n\n{e.question}\n```\n```\n<think>\n{e.reasoning}\n</think>\n\n{e.answer}\n```"
        for e in codings
    }
    assert sum(prompt in card for prompt in prompts) == 1
    for task, examples in (("score", scores), ("coding", codings)):
        assert re.search(
            rf"^\| `{task}` .*\| {len(examples)} \| {len({e.group for e in examples})} ", card, re.MULTILINE
        )
    assert f"{len(rows):,} raw rows come in: {len(scores) + len(codings):,} become examples" in card


def test_reading_twice_gives_the_same_rows(data: Path, rows: list[Example | Rejected]) -> None:
    assert list(medical.examples(data, medical.settings())) == rows


def test_a_row_survives_writing_and_reading_and_is_perturbed_alike(
    scores: list[Example], codings: list[Example]
) -> None:
    for example in [*scores[:20], *codings[:20]]:
        (again,) = examples_from_lines([to_json_line(example)], "here")
        assert again == example
        assert medical.perturb(again, random.Random(3)) == medical.perturb(example, random.Random(3))


def test_a_perturbed_score_asks_something_else_and_its_answer_is_right(scores: list[Example]) -> None:
    changed = unchanged = moved = 0
    for example in scores:
        other = medical.perturb(example, random.Random(example.id))
        if other is None:
            unchanged += 1
            assert not example.perturbation["ranges"]
            continue
        changed += 1
        moved += other.answer != example.answer
        assert (other.question, other.context) != (example.question, example.context)
        assert (other.group, other.source) == (example.group, example.source)
        assert score_faults(other, Patient(other.perturbation["values"])) == []
    assert changed > 10 * unchanged
    assert moved > 0.2 * changed


def test_a_perturbed_coding_asks_for_the_other_verdict_and_it_is_right(
    codings: list[Example], icd: dict[str, Any]
) -> None:
    changed = 0
    for example in codings:
        other = medical.perturb(example, random.Random(1))
        if other is None:
            continue
        changed += 1
        assert other.label != example.label
        assert other.question != example.question
        assert coding_faults(other, icd) == []
    assert changed > 0.8 * len(codings)


def test_scores_of_an_answer_tell_its_parts_apart() -> None:
    score = {"score": 3, "risk": "high"}
    assert medical.score("score", score, {"score": 3, "risk": "low"}) == {"score_right": 1.0, "risk_right": 0.0}
    assert medical.score("score", score, None) == {"score_right": 0.0, "risk_right": 0.0}
    code = {"code": "H65.02", "together": "no"}
    assert medical.score("coding", code, {"code": "H65.01", "together": "no"}) == {
        "code_right": 0.0,
        "category_right": 1.0,
        "together_right": 1.0,
    }
    assert medical.same_answer("coding", code, {"code": "h6502", "together": "no"}) is True
    assert medical.same_answer("coding", code, {"code": "H65.02", "together": "yes"}) is False
    assert medical.same_answer("score", score, score) is None


def test_references_are_the_rules(data: Path) -> None:
    references = list(medical.references(data, medical.settings()))
    assert {r.id for r in references} == set(PUBLISHED)
    assert any("age >=65 +1" in r.text and "Thorax 2003" in r.title for r in references)


def test_the_committed_encounters_come_from_the_script(data: Path, encounters: list[dict[str, str]]) -> None:
    guidelines = read_guidelines((data / "guidelines.md").read_text(encoding="utf-8"))
    assert build_data.spoiled(list(build_data.encounters(guidelines, random.Random(build_data.SEED)))) == encounters


def test_the_committed_data_comes_from_the_tabular_list_byte_by_byte(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("simple_icd_10_cm", reason="requirements-data.lock is not installed")
    text = (data / "guidelines.md").read_text(encoding="utf-8")
    build_data.build(tmp_path, build_data.tabular_list(), text)
    for name in ("emr.csv", "dialogues.jsonl", "icd10.json"):
        assert (tmp_path / name).read_bytes() == (data / name).read_bytes(), name
