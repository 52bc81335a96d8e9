"""Finance: every answer is derived again here from the words of the prompt alone, by other code than the domain's."""

import csv
import json
import operator
import random
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from domains.finance import build_data
from domains.finance.domain import FinanceSettings, domain
from practicum.data.example import Example, Rejected, examples_from_lines, to_json_line
from practicum.data.readers import SourceError
from tests.domains.raw_data import all_rows

MAX_PROMPT_CHARACTERS = 620
"""About 190 tokens of SmolLM2."""
MAX_TARGET_CHARACTERS = 250
"""About 100 tokens of SmolLM2."""

PLANTED = {
    "contradictory_rows": 2,
    "contradictory_statement": 1,
    "impossible_figure": 2,
    "impossible_value": 2,
    "missing_figure": 1,
    "missing_value": 1,
    "no_rules": 1,
    "no_statement": 1,
    "not_json": 1,
    "unknown_category": 1,
    "unknown_scorecard": 1,
    "unknown_sector": 1,
    "unknown_trigger": 1,
    "unreadable_figure": 1,
    "unreadable_flag": 1,
}


@pytest.fixture(scope="module")
def data(root: Path) -> Path:
    return root / "domains" / "finance" / "data"


@pytest.fixture(scope="module")
def rows(data: Path) -> list[Example | Rejected]:
    return all_rows(domain, data.parent)


@pytest.fixture(scope="module")
def examples(rows: list[Example | Rejected]) -> list[Example]:
    return [row for row in rows if isinstance(row, Example)]


@pytest.fixture(scope="module")
def graph(data: Path) -> dict:
    return json.loads((data / "risk_graph.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def risk(examples: list[Example]) -> list[Example]:
    return [example for example in examples if example.task == "risk_event"]


@pytest.fixture(scope="module")
def cards(examples: list[Example]) -> list[Example]:
    return [example for example in examples if example.task == "scorecard"]


def facts_read(question: str) -> dict[str, str]:
    """Figures and flags as a reader finds them in any of the three layouts; names in lower case."""
    block = question.split("\n")
    facts: dict[str, str] = {}
    for line in block:
        if match := re.fullmatch(r"(.+) \| (\S+)", line):
            facts[match[1].lower()] = match[2]
        elif line.startswith("Facts: "):
            for part in line.removeprefix("Facts: ").removesuffix(".").split(", "):
                name, value = part.rsplit(" ", 1)
                facts[name.lower()] = value
        elif re.match(r"[A-Z][\w ]* is ", line) and not line.startswith("If "):
            for sentence in re.findall(r"[^.]+ is (?:[\d.]*\d|[^.]+)(?=\.)", line):
                name, value = sentence.strip().split(" is ", 1)
                if name == "It":
                    facts[value.removeprefix("not ")] = "no" if value.startswith("not ") else "yes"
                else:
                    facts[name.lower()] = value
    return facts


def risk_answer_read(context: str, question: str) -> dict[str, object]:
    """The event by the text alone: every rule is judged in full, then the first that applies is taken."""
    limits = {name.lower(): (sign, float(value)) for name, sign, value in re.findall(r"(.+): ([<>]) (\S+)", context)}
    facts = facts_read(question)
    verdicts = []
    for number, conditions, event in re.findall(r"(\d)\. If (.+), then (.+)", question):
        holds = []
        for part in conditions.split(" and "):
            state = part.removeprefix("not ").lower()
            if state in limits:
                sign, limit = limits[state]
                value = float(facts[state.split(" ", 1)[1]])
                truth = value < limit if sign == "<" else value > limit
            else:
                truth = facts[state] == "yes"
            holds.append(truth != part.startswith("not "))
        verdicts.append((all(holds), event, int(number)))
    assert verdicts
    applying = [(event, number) for holds, event, number in verdicts if holds]
    event, number = applying[0] if applying else ("none", 0)
    return {"event": event, "rule": number}


def card_answer_read(context: str, question: str) -> dict[str, object]:
    """Points and decision by the text alone."""
    head, *lines, cut_offs = context.split("\n")
    assert head == "Scorecard:"
    applicant = question.split("\n")[0].removeprefix("Applicant: ").removesuffix(".")
    total = 0
    for line in lines:
        attribute, scoring = line.split(": ")
        found = [part for part in applicant.split(", ") if part.startswith(attribute + " ")]
        assert len(found) == 1, (attribute, applicant)
        value = found[0].removeprefix(attribute + " ")
        *cases, otherwise = scoring.split(", ")
        points = int(otherwise.removeprefix("else "))
        for case in cases:
            if match := re.fullmatch(r"< (\d+) gives (\d)", case):
                points = int(match[2]) if int(value) < int(match[1]) else points
            elif case.rsplit(" ", 1)[0] == value:
                points = int(case.rsplit(" ", 1)[1])
        total += points
    approve, refer = map(int, re.findall(r"\d+", cut_offs))
    return {"points": total, "decision": "approve" if total >= approve else "refer" if total >= refer else "decline"}


def answer_read(example: Example) -> dict[str, object]:
    read = risk_answer_read if example.task == "risk_event" else card_answer_read
    return read(example.context, example.question)


def test_every_answer_follows_from_the_prompt_alone(examples: list[Example]) -> None:
    wrong = [example.source for example in examples if json.loads(example.answer) != answer_read(example)]
    assert wrong == []


def test_every_comparison_in_the_reasoning_is_true_and_copied_from_the_prompt(examples: list[Example]) -> None:
    compared = 0
    for example in examples:
        prompt = example.context + "\n" + example.question
        for left, sign, right, verdict in re.findall(r"([\d.]+) (<|>|>=) ([\d.]*\d) (yes|no)", example.reasoning):
            compare = {"<": operator.lt, ">": operator.gt, ">=": operator.ge}[sign]
            truth = compare(float(left), float(right))
            assert (verdict == "yes") == truth, (example.source, example.reasoning)
            assert right in prompt
            compared += 1
    assert compared > 2 * len(examples)


def test_risk_reasoning_ends_in_the_answer(risk: list[Example]) -> None:
    for example in risk:
        answer = json.loads(example.answer)
        *before, last = example.reasoning.split("\n")
        assert last.endswith(f"{answer['event']}.")
        assert [line.endswith(": next.") for line in before] == [True] * len(before)
        assert answer["rule"] == (0 if last == "none." else len(before) + 1)


def test_scorecard_reasoning_keeps_a_running_sum_that_ends_in_the_answer(cards: list[Example]) -> None:
    for example in cards:
        answer = json.loads(example.answer)
        *steps, verdict = example.reasoning.split("\n")
        total = 0
        for step in steps:
            added, after = map(int, re.search(r"\+(\d+)=(\d+)$", step).groups())  # type: ignore[union-attr]
            assert after == total + added, example.reasoning
            total = after
        assert answer["points"] == total
        assert verdict.startswith(f"{total} >= ")
        assert verdict.endswith(f": {answer['decision']}.")


def test_answers_fit_the_schema_and_foreign_shapes_do_not(root: Path, examples: list[Example]) -> None:
    schema = json.loads((root / "domains/finance/answer.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for example in examples:
        assert validator.is_valid(json.loads(example.answer)), example.answer
    for wrong in (
        {"event": "margin call"},
        {"event": "bankruptcy", "rule": 1},
        {"event": "none", "rule": 0, "points": 3},
        {"points": "7", "decision": "refer"},
        {"points": 7, "decision": "maybe"},
    ):
        assert not validator.is_valid(wrong), wrong


def test_prompts_and_targets_stay_short(examples: list[Example]) -> None:
    assert max(len(e.context) + len(e.question) for e in examples) <= MAX_PROMPT_CHARACTERS
    assert max(len(e.reasoning) + len(e.answer) for e in examples) <= MAX_TARGET_CHARACTERS


def test_rows_are_the_same_each_time(data: Path, rows: list[Example | Rejected]) -> None:
    again = all_rows(domain, data.parent)
    assert [to_json_line(row) for row in again] == [to_json_line(row) for row in rows]


def test_there_are_enough_groups_and_balanced_labels(examples: list[Example]) -> None:
    for task, least in (("risk_event", 240), ("scorecard", 990)):
        mine = [example for example in examples if example.task == task]
        assert len({example.group for example in mine}) >= least
        labels = Counter(example.label for example in mine)
        assert max(labels.values()) <= 1.1 * min(labels.values()), labels
    rules = Counter(json.loads(e.answer)["rule"] for e in examples if e.task == "risk_event")
    assert max(rules.values()) < 0.45 * sum(rules.values()), rules


def test_every_damaged_row_is_turned_away_by_its_rule(rows: list[Example | Rejected]) -> None:
    rejected = [row for row in rows if isinstance(row, Rejected)]
    assert Counter(row.rule for row in rejected) == PLANTED
    assert all(row.text for row in rejected)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("[]", "not_an_object"),
        ("{}", "missing_field"),
        ('{"company": "Linway", "quarter": 1, "rules": []}', "missing_field"),
        ('{"company": "Linway", "quarter": "2025Q1", "rules": [{}]}', "unknown_trigger"),
        ('{"company": "Linway", "quarter": "2025Q1", "rules": []}', "no_rules"),
    ],
)
def test_a_line_that_is_no_term_sheet_is_rejected_and_the_next_one_read(
    tmp_path: Path, data: Path, line: str, rule: str
) -> None:
    shutil.copytree(data, tmp_path, dirs_exist_ok=True)
    good = (data / "term_sheets.jsonl").read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "term_sheets.jsonl").write_text(f"{line}\n{good}\n", encoding="utf-8")
    deals = [row for row in all_rows(domain, data.parent, data=tmp_path) if row.source.startswith("term_sheets")]
    assert {row.source: getattr(row, "rule", "") for row in deals} == {
        "term_sheets.jsonl:1": rule,
        "term_sheets.jsonl:2": "",
    }


@pytest.mark.parametrize(("file", "content"), [("risk_graph.json", b'{"nodes": ['), ("scorecards.json", b"\xff\xfe")])
def test_a_torn_reference_file_is_named(tmp_path: Path, data: Path, file: str, content: bytes) -> None:
    shutil.copytree(data, tmp_path, dirs_exist_ok=True)
    (tmp_path / file).write_bytes(content)
    with pytest.raises(SourceError, match=rf"{file}: .*expected a file in UTF-8 that holds one JSON value"):
        all_rows(domain, data.parent, data=tmp_path)
    (tmp_path / file).unlink()
    with pytest.raises(SourceError, match=rf"{file}: FileNotFoundError"):
        all_rows(domain, data.parent, data=tmp_path)


def test_repeated_rows_stay_as_duplicates_for_the_pipeline(examples: list[Example]) -> None:
    repeated = [content for content, count in Counter(example.id for example in examples).items() if count > 1]
    assert len(repeated) == 4


def test_a_perturbed_example_reads_otherwise_and_its_answer_follows_from_its_prompt(examples: list[Example]) -> None:
    stored = examples_from_lines([to_json_line(example) for example in examples[::7]], "prepared")
    changed = Counter()
    for number, example in enumerate(stored):
        other = domain.perturb(example, random.Random(number))
        if other is None:
            changed[example.task, "none"] += 1
            continue
        assert (other.context, other.question) != (example.context, example.question)
        assert other.id != example.id
        assert (other.task, other.group, other.source) == (example.task, example.group, example.source)
        assert json.loads(other.answer) == answer_read(other)
        assert other.label == str(json.loads(other.answer)["event" if other.task == "risk_event" else "decision"])
        changed[example.task, "answer" if other.answer != example.answer else "prompt"] += 1
    # Points always change the sum; a moved figure may be one that an earlier rule hides.
    assert changed["scorecard", "prompt"] == changed["scorecard", "none"] == 0
    assert changed["risk_event", "answer"] > changed["risk_event", "prompt"] / 2
    assert changed["risk_event", "none"] < 0.1 * changed["risk_event", "answer"]


def test_facts_in_another_order_leave_steps_and_answer_as_they_are(examples: list[Example]) -> None:
    stored = examples_from_lines([to_json_line(example) for example in examples[::7]], "prepared")
    for number, example in enumerate(stored):
        other = domain.reorder(example, random.Random(number))
        assert other is not None
        assert other.question != example.question
        assert sorted(other.perturbation["facts"]) == sorted(map(tuple, example.perturbation["facts"]))
        assert (other.context, other.reasoning, other.answer) == (example.context, example.reasoning, example.answer)
        assert (other.task, other.group, other.source) == (example.task, example.group, example.source)
        assert json.loads(other.answer) == answer_read(other)


def test_without_the_graph_only_the_limits_are_missing(data: Path, examples: list[Example]) -> None:
    unaided = all_rows(domain, data.parent, FinanceSettings(inject_graph=False))
    bare = [row for row in unaided if isinstance(row, Example)]
    assert [row.answer for row in bare] == [row.answer for row in examples]
    for row, full in zip(bare, examples, strict=True):
        assert row.question == full.question
        assert row.reasoning == full.reasoning
        assert row.context == ("" if row.task == "risk_event" else full.context)
    other = domain.perturb(bare[0], random.Random(1))
    assert other is not None
    assert other.context == ""


def test_a_switch_that_is_no_switch_is_refused() -> None:
    with pytest.raises(ValidationError, match="inject_graph"):
        FinanceSettings.model_validate({"inject_graph": "no"})


def test_the_injected_limits_are_the_graphs_for_the_companys_sector(graph: dict, risk: list[Example]) -> None:
    limits = {
        (f"{node['bad']} {node['name']}", sector): float(limit)
        for node in graph["nodes"]
        if node["kind"] == "metric"
        for sector, limit in node["limits"].items()
    }
    for example in risk:
        sector = re.match(r"\w+, (\w+)\.", example.question)[1]  # type: ignore[index]
        shown = re.findall(r"(.+): [<>] (\S+)", example.context)
        assert shown
        for state, limit in shown:
            assert limits[state, sector] == float(limit)


def test_the_graph_is_whole(graph: dict) -> None:
    nodes = {node["id"]: node for node in graph["nodes"]}
    assert len(nodes) == len(graph["nodes"])
    events = {name for name, node in nodes.items() if node["kind"] == "event"}
    for edge in graph["edges"]:
        ends = [edge["to"], *([part["node"] for part in edge["if"]] if edge["kind"] == "triggers" else [edge["from"]])]
        assert set(ends) <= nodes.keys(), edge
    assert {edge["to"] for edge in graph["edges"] if edge["kind"] == "triggers"} == events
    for node in nodes.values():
        if node["kind"] == "metric":
            assert node["limits"].keys() == set(graph["sectors"])
            low, high = node["typical_limit"]
            assert all(low <= limit <= high for limit in node["limits"].values()), node["id"]


def test_every_concept_can_be_retrieved_with_its_definition(graph: dict, data: Path) -> None:
    references = {reference.id: reference for reference in domain.references(data, FinanceSettings())}
    kinds = {node["id"]: node["kind"] for node in graph["nodes"]}
    assert {name for name, kind in kinds.items() if kind != "state"} == references.keys()
    assert "EBITDA" in references["leverage"].text
    assert "credit event" in references["cds_contract"].text


def test_each_field_of_an_answer_is_scored_by_itself() -> None:
    reference = {"event": "margin call", "rule": 2}
    assert domain.score("risk_event", reference, {"event": "margin call", "rule": 1}) == {
        "risk_event_accuracy": 1.0,
        "rule_accuracy": 0.0,
    }
    assert domain.score("risk_event", reference, None) == {"risk_event_accuracy": 0.0, "rule_accuracy": 0.0}
    assert domain.score("scorecard", {"points": 7, "decision": "refer"}, {"points": 8, "decision": "refer"}) == {
        "points_accuracy": 0.0,
        "decision_accuracy": 1.0,
    }


def test_the_committed_data_come_from_the_committed_script(tmp_path: Path, data: Path) -> None:
    build_data.main(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in data.iterdir())
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (data / path.name).read_bytes(), path.name


def test_applicants_are_those_of_the_source_in_its_order(data: Path) -> None:
    with build_data.german_credit_file().open(encoding="utf-8", newline="") as lines:
        source = list(csv.DictReader(lines))
    with (data / "applications.csv").open(encoding="utf-8", newline="") as lines:
        ours = list(csv.DictReader(lines))
    assert len(source) == 1000
    for number, (row, original) in enumerate(zip(ours, source, strict=False), start=1):
        assert row["applicant"] == str(number)
        assert [row[name] for name in build_data.APPLICATION_COLUMNS] == [
            original[name] for name in build_data.APPLICATION_COLUMNS.values()
        ]


def test_no_prompt_shows_a_personal_trait_that_is_no_ground_for_a_decision(cards: list[Example]) -> None:
    for example in cards:
        text = (example.context + example.question).lower()
        assert not re.search(r"\b(sex|male|female|single|married|divorced|foreign)\b", text)
