"""The legal domain: every answer is found again on another way, from the text of context and question alone."""

import calendar
import datetime as dt
import json
import random
import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from domains.legal import build_data
from practicum.data.balance import label_counts
from practicum.data.example import Example, Rejected, canonical_json
from practicum.data.readers import SourceError
from practicum.data.splitting import split_of
from practicum.domain import Domain
from stages.layout import Layout, load_domain
from tests.domains.raw_data import all_rows

LAYOUT = Layout("legal")
DATA = LAYOUT.data
WORDS = {"one": 1, "two": 2, "three": 3}
PENALTY_LINE = re.compile(r"^(?P<paragraph>\d+\(\d+\)(?:\([a-z]\))?) (?P<words>.+)$", re.MULTILINE)

PROMPT_CHARACTERS, TARGET_CHARACTERS = 620, 460
"""No row is longer: about 150 and 145 tokens of SmolLM2's tokenizer."""


@pytest.fixture(scope="module")
def legal() -> Domain:
    return load_domain(LAYOUT)


@pytest.fixture(scope="module")
def rows(legal: Domain) -> list[Example | Rejected]:
    return all_rows(legal, LAYOUT.folder)


@pytest.fixture(scope="module")
def examples(rows: list[Example | Rejected]) -> list[Example]:
    return [row for row in rows if isinstance(row, Example)]


@pytest.fixture(scope="module")
def catalogue() -> dict[str, list[dict]]:
    provisions = json.loads((DATA / "provisions.json").read_text(encoding="utf-8"))
    templates = json.loads((DATA / "clause_templates.json").read_text(encoding="utf-8"))
    return {**provisions, **templates}


# --- answers found again from the text ---------------------------------------------------------------------------


def the_only(found: set[str]) -> str:
    """The one provision that a story fits; a test fails where the story is ambiguous."""
    assert len(found) == 1, found
    return found.pop()


def fine_again(example: Example, catalogue: dict) -> dict[str, str]:
    act = example.context.split(":")[0]
    lines = {line["paragraph"]: line["words"] for line in PENALTY_LINE.finditer(example.context)}
    paragraph = the_only(
        {
            band["id"].removeprefix(f"{act} ")
            for band in catalogue["bands"]
            for matter in band["matters"]
            if any(fact in example.question for fact in matter["facts"])
            and matter["words"] in lines.get(band["id"].removeprefix(f"{act} "), "")
        }
    )
    text = lines[paragraph].replace(",", ".")
    cap = float(re.search(r"(?:EUR )?([\d.]+) million", text)[1])
    percent = float(re.search(r"([\d.]+) %", text)[1])
    turnover = float(re.search(r"turnover (?:of )?([\d.]+) million", example.question)[1])
    fine = float(re.search(r"(?:fine (?:is|of)|is fined) ([\d.]+) million", example.question)[1])
    assert "whichever is higher" in text
    limit = max(cap, round(turnover / 100 * percent, 6))
    verdict = "above" if fine > limit else "within"
    return {"verdict": verdict, "limit": f"{limit:.6g} million EUR", "paragraph": paragraph}


def moment_again(text: str) -> dt.datetime:
    day, month, hour = re.fullmatch(r"(\d+) ([A-Z][a-z]+)(?: at (\d+):00)?", text).groups()
    return dt.datetime(2023, list(calendar.month_name).index(month), int(day), int(hour or 0), tzinfo=dt.UTC)


def deadline_again(example: Example, catalogue: dict) -> dict[str, str]:
    act = example.context.split(":")[0]
    lines = {line["paragraph"]: line["words"] for line in PENALTY_LINE.finditer(example.context)}
    paragraph = the_only(
        {
            limit["id"].removeprefix(f"{act} ")
            for limit in catalogue["deadlines"]
            if limit["id"].removeprefix(f"{act} ") in lines
            and limit["id"].startswith(f"{act} ")
            and re.search(rf"\b{limit['start']}(?: on|\.)", example.question)
            and re.search(rf"\b{limit['act']}(?: on|\.)", example.question)
        }
    )
    limit = next(one for one in catalogue["deadlines"] if one["id"] == f"{act} {paragraph}")
    moment = r"\d+ [A-Z][a-z]+(?: at \d+:00)?"
    pair = {}
    for phrase in (limit["start"], limit["act"]):
        found = re.search(rf"{phrase} on ({moment})", example.question) or re.search(
            rf"On ({moment}) \w+ {phrase}", example.question
        )
        pair[phrase] = moment_again(found[1])
    start, done = pair[limit["start"]], pair[limit["act"]]
    count, unit = re.search(r"(\d+|one|two|three) (?:calendar )?(hour|day|week|month)s?", lines[paragraph]).groups()
    size = WORDS[count] if count in WORDS else int(count)
    later = start.replace(month=start.month + size) if unit == "month" else None
    end = later or start + dt.timedelta(**{f"{unit}s": size})
    clock = f" {end.hour}:00" if " at " in example.question else ""
    verdict = "late" if done > end else "in time"
    month = calendar.month_name[end.month]
    return {"verdict": verdict, "limit": f"{end.day} {month}{clock}", "paragraph": paragraph}


def clauses_again(example: Example, catalogue: dict) -> dict[str, list[dict]]:
    header, *lines = example.context.splitlines()
    cited, stem = re.fullmatch(r"(.+?), the (.+):", header).groups()
    family = next(one for one in catalogue["families"] if one["id"] == cited)
    given = {}
    for line in lines:
        title, point, words = re.fullmatch(r"([^:]+) (\([a-z0-9]+\)): (.+)", line).groups()
        given[point] = (title, words)
    names = {}
    for role in (family["doer"], family["other"]):
        found = re.search(rf"(\w+) (?:is {role}\b|\({role}\))", example.question)
        names[role] = found[1]
    wishes = re.search(r"Draft clauses? (.+?)\. Answer", example.question)[1]
    clauses = []
    for wish in re.split(r", (?=\d+ on )", wishes):
        count, topic = wish.split(" on ", maxsplit=1)
        point = the_only({one["point"] for one in family["points"] if topic in one["topics"]} & set(given))
        title, words = given[point]
        words = words.replace(family["other_words"], names[family["other"]])
        words = words.replace(family["doer_words"], names[family["doer"]])
        text = f"{stem.replace(family['doer'], names[family['doer']])} {words}."
        clauses.append({"number": int(count), "title": title, "text": text, "article": cited + point})
    return {"clauses": clauses}


def again(example: Example, catalogue: dict) -> dict:
    if example.task == "drafting":
        return clauses_again(example, catalogue)
    kind = fine_again if "million" in example.question else deadline_again
    return kind(example, catalogue)


def test_every_answer_is_found_again_from_the_text_alone(examples: list[Example], catalogue: dict) -> None:
    for example in examples:
        assert canonical_json(again(example, catalogue)) == example.answer, example.source


def test_perturbed_questions_differ_and_their_answers_are_found_again(
    legal: Domain, examples: list[Example], catalogue: dict
) -> None:
    rng = random.Random(3)
    perturbed, changed = 0, 0
    for example in examples:
        other = legal.perturb(example, rng)
        if other is None:
            continue
        perturbed += 1
        changed += other.answer != example.answer
        assert other.question != example.question
        assert (other.id != example.id, other.group, other.task) == (True, example.group, example.task)
        assert canonical_json(again(other, catalogue)) == other.answer, example.source
    assert perturbed > 0.95 * len(examples)
    assert changed > 0.6 * perturbed


def test_facts_told_in_another_order_leave_steps_and_answer_as_they_are(
    legal: Domain, examples: list[Example], catalogue: dict
) -> None:
    for number, example in enumerate(examples):
        other = legal.reorder(example, random.Random(number))
        assert other is not None
        assert other.question != example.question
        assert sorted(other.context.splitlines()) == sorted(example.context.splitlines())
        assert (other.reasoning, other.answer) == (example.reasoning, example.answer)
        assert (other.task, other.group, other.source) == (example.task, example.group, example.source)
        assert canonical_json(again(other, catalogue)) == other.answer


def test_each_step_of_a_penalty_is_true_and_the_last_gives_the_verdict(examples: list[Example]) -> None:
    for example in examples:
        if example.task != "penalty":
            continue
        answer = json.loads(example.answer)
        first, *_, last = steps = example.reasoning.splitlines()
        assert first.split(": ")[0] == answer["paragraph"]
        for left, factor, result in re.findall(r"([\d.]+) x ([\d.]+) = ([\d.]+)", example.reasoning):
            assert float(left) * float(factor) == pytest.approx(float(result))
        for left, right, result in re.findall(r"(\d+) \+ (\d+) = (\d+)", example.reasoning):
            assert int(left) + int(right) == int(result)
        for line in steps:
            for left, sign, right in re.findall(r"\b([\d.]+) (<=|<|>) ([\d.]+)", line):
                true = {"<=": float(left) <= float(right), "<": float(left) < float(right)}
                assert true.get(sign, float(left) > float(right)), (example.source, line)
        assert last.endswith(f": {answer['verdict']}")


def test_the_steps_of_a_draft_name_the_cited_points_in_order(examples: list[Example]) -> None:
    for example in examples:
        if example.task != "drafting":
            continue
        *steps, party = example.reasoning.splitlines()
        clauses = json.loads(example.answer)["clauses"]
        assert [one["article"].endswith(step.rsplit(" ", 1)[1]) for one, step in zip(clauses, steps, strict=True)]
        assert all(one["text"].startswith(party.split(": ")[1] + " ") for one in clauses)


# --- readings against the statutes -------------------------------------------------------------------------------


def paragraph_in_statutes(citation: str) -> str:
    act, article, paragraph = re.fullmatch(r"(.+) (\d+)\((\d+)\).*", citation).groups()
    file = DATA / "statutes" / f"{act.lower().replace(' ', '_')}.json"
    articles = json.loads(file.read_text(encoding="utf-8"))["articles"]
    found = next(one for one in articles if one["number"] == int(article))
    assert found["complete"], f"{citation} rests on an article that the source cuts"
    return next(one["text"] for one in found["paragraphs"] if one["number"] == paragraph)


def test_caps_and_percentages_are_those_of_the_statutes(catalogue: dict) -> None:
    for band in catalogue["bands"]:
        text = paragraph_in_statutes(band["id"])
        caps = {int("".join(one.split())) / 1e6 for one in re.findall(r"\d{1,3}(?: \d{3}){2}", text)}
        percentages = {float(one.replace(",", ".")) for one in re.findall(r"([\d,]+) %", text)}
        assert (caps, percentages) == ({band["cap_million"]}, {band["percent"]}), band["id"]


def test_time_limits_are_those_of_the_statutes(catalogue: dict) -> None:
    for limit in catalogue["deadlines"]:
        text = paragraph_in_statutes(limit["id"])
        words = next(words for words in limit["words"] if re.search(r"hours|days|weeks|month", words))
        assert words in text
        count, unit = re.search(r"(\d+|one|two|three) (?:calendar )?(hour|day|week|month)s?", words).groups()
        assert (WORDS.get(count) or int(count), f"{unit}s") == (limit["number"], limit["unit"]), limit["id"]


def test_a_scenario_that_rests_on_words_not_in_the_statute_is_rejected(legal: Domain, tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    statute = tmp_path / "statutes" / "gdpr.json"
    text = statute.read_text(encoding="utf-8")
    assert text.count("up to 20 000 000 EUR") == 2
    statute.write_text(text.replace("up to 20 000 000 EUR", "up to 30 000 000 EUR"), encoding="utf-8")
    found = [row for row in all_rows(legal, LAYOUT.folder, data=tmp_path) if isinstance(row, Rejected)]
    misquoted = [row for row in found if row.rule == "quote_not_in_statute"]
    assert len(misquoted) > 20
    assert all("GDPR 83(5)" in row.text for row in misquoted)


@pytest.mark.parametrize("file", ["statutes/dora.json", "provisions.json", "clause_templates.json"])
def test_a_torn_reference_file_is_named(legal: Domain, tmp_path: Path, file: str) -> None:
    shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    (tmp_path / file).write_bytes((DATA / file).read_bytes()[:1000])
    with pytest.raises(SourceError, match=rf"{Path(file).name}: .*expected a file in UTF-8 that holds one JSON value"):
        all_rows(legal, LAYOUT.folder, data=tmp_path)


# --- the rows as a set -------------------------------------------------------------------------------------------


def test_damaged_scenarios_are_turned_away_by_rule(rows: list[Example | Rejected]) -> None:
    assert Counter(row.rule for row in rows if isinstance(row, Rejected)) == {
        "missing_field": 2,
        "provision_not_given": 2,
        "impossible_value": 1,
        "impossible_date": 1,
        "done_before_start": 1,
        "unknown_provision": 1,
        "one_party": 1,
        "clause_asked_twice": 1,
    }
    assert len(rows) == len((DATA / "scenarios.jsonl").read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("line", ["{", "{}", "[]", '{"kind": "advice", "given": []}', '{"kind": "fine", "given": [1]}'])
def test_a_line_that_is_no_scenario_is_rejected_and_the_next_one_read(legal: Domain, tmp_path: Path, line: str) -> None:
    shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    good = (DATA / "scenarios.jsonl").read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "scenarios.jsonl").write_text(f"{line}\n{good}\n", encoding="utf-8")
    first, second = sorted(all_rows(legal, LAYOUT.folder, data=tmp_path), key=lambda row: row.source)
    assert isinstance(first, Rejected)
    assert first.source == "scenarios.jsonl:1"
    assert isinstance(second, Example)


def test_answers_fit_the_schema_and_rows_the_token_budget(examples: list[Example]) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(LAYOUT.schema.read_text(encoding="utf-8")))
    for example in examples:
        validator.validate(json.loads(example.answer))
        assert canonical_json(json.loads(example.answer)) == example.answer
        assert len(example.context) + len(example.question) <= PROMPT_CHARACTERS
        assert len(example.reasoning) + len(example.answer) <= TARGET_CHARACTERS


@pytest.mark.parametrize(
    "answer",
    [
        {"verdict": "perhaps", "limit": "20 million EUR", "paragraph": "83(5)"},
        {"verdict": "late", "limit": "soon", "paragraph": "33(1)"},
        {"verdict": "late", "limit": "4 May 10:00"},
        {"clauses": []},
        {"clauses": [{"number": 1, "title": "Security", "text": "Nova complies.", "article": "Art. 32"}]},
    ],
)
def test_the_schema_refuses_other_shapes(answer: dict) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(LAYOUT.schema.read_text(encoding="utf-8")))
    assert not validator.is_valid(answer)


def test_groups_labels_and_splits_suffice(examples: list[Example]) -> None:
    groups = {task: {row.group for row in examples if row.task == task} for task in ("penalty", "drafting")}
    assert min(len(found) for found in groups.values()) >= 60
    for labels in label_counts(examples).values():
        assert max(labels.values()) < 1.5 * min(labels.values())
    splits = Counter(split_of(row.group, 0.18, 0.09) for row in examples)
    assert splits["train"] >= 950
    assert splits["validation"] >= 100
    assert splits["test"] >= 200


def test_the_same_files_give_the_same_rows(legal: Domain, rows: list[Example | Rejected]) -> None:
    assert all_rows(legal, LAYOUT.folder) == rows


def test_every_article_can_be_retrieved_once(legal: Domain) -> None:
    references = list(legal.references(DATA, legal.settings()))
    assert len({one.id for one in references}) == len(references) == 401
    by_id = {one.id: one for one in references}
    assert by_id["GDPR 33"].title == "GDPR 33 Notification of a personal data breach to the supervisory authority"
    assert "not later than 72 hours" in by_id["GDPR 33"].text


def test_every_example_names_the_articles_to_be_retrieved(legal: Domain, examples: list[Example]) -> None:
    known = {one.id for one in legal.references(DATA, legal.settings())}
    for example in examples:
        (cited,) = example.perturbation["references"]
        assert cited in known
        assert example.context.startswith(cited) or example.context.startswith(cited.rsplit(" ", 1)[0] + ":")


def test_the_data_card_shows_a_real_row(examples: list[Example]) -> None:
    card = (LAYOUT.folder / "README.md").read_text(encoding="utf-8")
    shown = [
        f"{row.context}\n\n{row.question}\n\n<think>\n{row.reasoning}\n</think>\n\n{row.answer}\n" for row in examples
    ]
    assert sum(text in card for text in shown) == 1


# --- scores ------------------------------------------------------------------------------------------------------


def clause(number: int, text: str, article: str, title: str = "Security") -> dict:
    return {"number": number, "title": title, "text": text, "article": article}


REFERENCE = {
    "clauses": [
        clause(1, "Nova takes all measures.", "GDPR 28(3)(c)"),
        clause(2, "Nova deletes the data.", "GDPR 28(3)(g)"),
    ]
}


@pytest.mark.parametrize(
    ("clauses", "coverage", "citation"),
    [
        (REFERENCE["clauses"], 1.0, 1.0),
        (REFERENCE["clauses"][:1], 0.5, 0.5),
        ([{**one, "article": "GDPR 28(3)(a)"} for one in REFERENCE["clauses"]], 1.0, 0.0),
        ([{**one, "text": "Nova does nothing."} for one in REFERENCE["clauses"]], 0.0, 1.0),
        ([], 0.0, 0.0),
    ],
)
def test_drafting_scores_coverage_and_citation(
    legal: Domain, clauses: list[dict], coverage: float, citation: float
) -> None:
    scores = legal.score("drafting", REFERENCE, {"clauses": clauses})
    assert scores == {"clause_coverage": coverage, "citation": citation}


def test_answers_of_the_other_task_or_none_score_nothing(legal: Domain) -> None:
    penalty = {"verdict": "late", "limit": "4 May", "paragraph": "33(1)"}
    assert set(legal.score("drafting", REFERENCE, penalty).values()) == {0.0}
    assert set(legal.score("penalty", penalty, REFERENCE).values()) == {0.0}
    assert set(legal.score("penalty", penalty, None).values()) == {0.0}
    assert legal.same_answer("drafting", REFERENCE, penalty) is False


def test_drafts_are_the_same_apart_from_case_and_space_but_not_order_or_number(legal: Domain) -> None:
    loose = {"clauses": [{**one, "text": f" {one['text'].upper()}  "} for one in REFERENCE["clauses"]]}
    assert legal.same_answer("drafting", REFERENCE, loose) is True
    swapped = {"clauses": REFERENCE["clauses"][::-1]}
    assert legal.same_answer("drafting", REFERENCE, swapped) is False
    renumbered = {"clauses": [{**one, "number": one["number"] + 1} for one in REFERENCE["clauses"]]}
    assert legal.same_answer("drafting", REFERENCE, renumbered) is False
    assert legal.same_answer("penalty", {"verdict": "late"}, {"verdict": "late"}) is None


# --- the raw data ------------------------------------------------------------------------------------------------


def test_scenarios_are_those_that_the_generator_writes(catalogue: dict) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in build_data.scenarios(catalogue, catalogue)]
    assert (DATA / "scenarios.jsonl").read_text(encoding="utf-8").splitlines() == lines


def test_statutes_are_those_of_the_package() -> None:
    try:
        path = build_data.database(None)
    except SystemExit as missing:
        pytest.skip(str(missing))
    for act, statute in build_data.statutes(path):
        written = (DATA / "statutes" / f"{build_data.ACTS[act]}.json").read_text(encoding="utf-8")
        assert json.loads(written) == statute


def test_an_article_splits_into_its_numbered_paragraphs() -> None:
    text = "Penalties 1. Fines up to 2. 000 apply (see Article 5). 2. The fine is paid. 3. No more."
    title, paragraphs = build_data.split_paragraphs(text, None)
    assert title == "Penalties"
    assert [one["number"] for one in paragraphs] == ["1", "2", "3"]
    assert paragraphs[1]["text"] == "The fine is paid."
    assert build_data.split_paragraphs("Subject matter This Regulation lays down rules.", None) == (
        "Subject matter",
        [{"number": None, "text": "This Regulation lays down rules."}],
    )


def test_a_perturbed_row_that_runs_over_the_month_is_left_out(legal: Domain, examples: list[Example]) -> None:
    example = next(row for row in examples if row.group.startswith("deadline:GDPR 33"))
    scenario = {**example.perturbation["scenario"], "start": [3, 1, 9], "done": [3, 28, 9]}
    assert (
        legal.perturb(replace(example, perturbation={**example.perturbation, "scenario": scenario}), random.Random(1))
        is None
    )
