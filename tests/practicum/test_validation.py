"""Each planted fault is found by its own check, with severity, count and row ids."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from practicum.chat import Rendered
from practicum.config import ConfigError, Expectation, ValidationSettings
from practicum.data.deidentification.found import Found
from practicum.data.drift import Profile, profile
from practicum.data.example import Example, canonical_json
from practicum.expectations import MIN_ROWS, Lengths
from practicum.validation import NAMED_ROWS, Check, Report, validate
from practicum.validation_pages import pages
from practicum.validation_table import RowTokens, row_tokens, table

Splits = dict[str, list[Example]]
TASKS = ("sum", "more")
SCHEMA = {
    "type": "object",
    "properties": {"value": {"type": "integer"}},
    "required": ["value"],
    "additionalProperties": False,
}


def row(split: str, number: int) -> Example:
    value = number * 3 + len(split)
    return Example(
        task=TASKS[number % 2],
        label="ab"[number // 2 % 2],
        source=f"{split}.csv:{number}",
        group=f"{split} {number}",
        language="en",
        context=f"In {split} shop {number} are {number * 2} pears and {number + len(split)} plums.",
        question="How many are there?",
        reasoning=f"It is {value}.",
        answer=canonical_json({"value": value}),
    )


def sound() -> Splits:
    return {split: [row(split, number) for number in range(count)] for split, count in MIN_ROWS.items()}


def words(example: Example) -> RowTokens:
    """A rendering in which each word is a token, the answer's side has twelve and nothing is wrong."""
    count = len(f"{example.context} {example.question} {example.reasoning} {example.answer}".split())
    return RowTokens(tokens=count, supervised=12, think_fault=None, ends=True)


def checked(
    splits: Splits,
    max_length: int = 100,
    *,
    own: list[dict[str, Any]] | None = None,
    accepted: Profile | None = None,
    render: Callable[[Example], RowTokens] | None = words,
    left: Callable[[str], list[Found]] | None = None,
) -> Report:
    settings = ValidationSettings(
        max_drift=0.2, expectations=[Expectation.model_validate({"severity": "critical"} | one) for one in own or []]
    )
    return validate(splits, TASKS, SCHEMA, Lengths(max_length, "refuse", 12), settings, accepted, render, left)  # type: ignore[arg-type]


def failed(report: Report) -> dict[str, Check]:
    return {check.name: check for check in report.failed}


def test_sound_data_passes_every_check() -> None:
    report = checked(sound())
    assert failed(report) == {}
    assert report.passed
    assert report.as_json()["passed"] is True
    names = [check.name for check in report.checks]
    assert len(names) == len(set(names))


Plant = Callable[[Splits], None]


def put(split: str, place: int, **values: Any) -> Plant:
    def plant(splits: Splits) -> None:
        splits[split][place] = replace(splits[split][place], **values)

    return plant


@pytest.mark.parametrize(
    ("plant", "name", "severity", "places", "shown"),
    [
        (put("train", 3, reasoning=" "), "reasoning_present", "critical", [("train", 3)], "1 of 150 rows"),
        (put("test", 2, group=""), "group_present", "critical", [("test", 2)], "1 of 150 rows"),
        (put("train", 4, task="odd one"), "known_tasks", "critical", [("train", 4)], "odd one"),
        (
            put("train", 5, answer='{"value": "x"}'),
            "answer_fits_schema",
            "critical",
            [("train", 5)],
            "value: 'x' is not",
        ),
        (put("train", 6, answer="{"), "answer_fits_schema", "critical", [("train", 6)], "not JSON"),
        (put("test", 1, reasoning="a </think> b"), "no_chat_markers", "critical", [("test", 1)], "</think>"),
        (
            put("test", 0, group="train 9"),
            "group_in_one_split",
            "critical",
            [("train", 9), ("test", 0)],
            "2 of 150 rows: train+test",
        ),
        (
            put("test", 0, context="  in TRAIN shop 1 are 2 pears and 6 plums.", question="How many  are there?"),
            "question_in_one_split",
            "critical",
            [("train", 1), ("test", 0)],
            "train+test",
        ),
        (put("train", 7, context="pear " * 120), "training_rows_fit", "critical", [("train", 7)], "1 of 100 rows: 129"),
        (put("test", 7, context="pear " * 120), "other_rows_fit", "warning", [("test", 7)], "1 of 50 rows: 129"),
        (put("test", 8, language="de"), "known_languages", "warning", [("test", 8)], "de"),
        (put("validation", 8, context="x" * 900), "usual_lengths", "warning", [("validation", 8)], "1 of 150 rows"),
    ],
)
def test_a_planted_fault_is_found_with_its_rows(
    plant: Plant, name: str, severity: str, places: list[tuple[str, int]], shown: str
) -> None:
    splits = sound()
    plant(splits)
    report = checked(splits)
    check = failed(report)[name]
    assert (check.severity, check.unexpected) == (severity, len(places))
    assert check.rows == tuple(splits[split][place].id for split, place in places)
    assert shown in check.observed
    assert report.passed == (severity == "warning")


def test_an_id_that_stands_twice_is_found() -> None:
    splits = sound()
    splits["test"][4] = replace(splits["test"][4], id=splits["train"][2].id)
    check = failed(checked(splits))["unique_ids"]
    assert (check.severity, check.unexpected) == ("critical", 2)
    assert set(check.rows) == {splits["train"][2].id}


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_split_that_is_too_small_or_empty_is_found(split: str) -> None:
    splits = sound()
    splits[split].pop()
    check = failed(checked(splits))[f"rows_in_{split}"]
    assert (check.severity, check.unexpected) == ("critical", 1)
    splits[split] = []
    found = failed(checked(splits))
    assert found[f"rows_in_{split}"].unexpected == MIN_ROWS[split]  # type: ignore[index]
    assert not found[f"tasks_in_{split}"].success


def test_a_task_that_a_split_lacks_is_found() -> None:
    splits = sound()
    splits["test"] = [replace(row("test", number), task="sum") for number in range(60)]
    check = failed(checked(splits))["tasks_in_test"]
    assert (check.severity, check.observed) == ("critical", "missing: more")


def test_a_label_that_fills_a_task_is_a_warning() -> None:
    splits = sound()
    splits["train"] = [
        replace(example, label="a" if number % 20 else "b") if example.task == "sum" else example
        for number, example in enumerate(splits["train"])
    ]
    report = checked(splits)
    check = failed(report)["label_share"]
    assert (check.severity, check.unexpected, len(check.rows)) == ("warning", 45, NAMED_ROWS)
    assert report.passed


def test_a_row_that_cannot_be_rendered_is_critical_and_says_why() -> None:
    splits = sound()
    bad = splits["train"][5].id

    def render(example: Example) -> RowTokens:
        if example.id == bad:
            raise ValueError("the prompt is no prefix")
        return words(example)

    report = checked(splits, render=render)
    check = failed(report)["rows_render"]
    assert set(failed(report)) == {"rows_render"}
    assert (check.severity, check.rows, check.observed) == (
        "critical",
        (bad,),
        "1 of 150 rows: the prompt is no prefix",
    )


@pytest.mark.parametrize(
    ("split", "changes", "name", "severity", "shown"),
    [
        ("train", {"supervised": 0}, "supervised_tokens", "critical", "1 of 150 rows: 0"),
        ("validation", {"ends": False}, "end_token_supervised", "critical", "1 of 150 rows: False"),
        ("train", {"think_fault": "2 opened"}, "think_tags_balanced", "critical", "1 of 150 rows: 2 opened"),
        ("test", {"supervised": 13}, "test_answers_fit", "warning", "1 of 30 rows: 13"),
        ("train", {"supervised": 13}, None, "", ""),
    ],
)
def test_a_fault_of_the_rendered_row_is_found(
    split: str, changes: dict[str, Any], name: str | None, severity: str, shown: str
) -> None:
    splits = sound()
    bad = splits[split][5].id
    report = checked(splits, render=lambda one: replace(words(one), **changes) if one.id == bad else words(one))
    assert list(failed(report)) == ([name] if name else [])
    if name:
        check = failed(report)[name]
        assert (check.severity, check.rows, check.observed) == (severity, (bad,), shown)


END = 9
ONE_BLOCK = "user: why?<think>\nso\n</think>\n\n{}"


@pytest.mark.parametrize(
    ("text", "think", "fault"),
    [
        (ONE_BLOCK, "reasoning", None),
        (ONE_BLOCK, "none", "1 <think> and 1 </think>, expected 0 of each"),
        ("user: why?{}", "none", None),
        ("user: why?{}", "empty", "0 <think> and 0 </think>, expected 1 of each"),
        ("<think>so{}", "reasoning", "1 <think> and 0 </think>, expected 1 of each"),
        ("say <think>" + ONE_BLOCK, "reasoning", "2 <think> and 1 </think>, expected 1 of each"),
        ("</think>so<think>{}", "reasoning", "</think> before <think>"),
    ],
)
def test_think_tags_are_counted_in_the_whole_text(text: str, think: Any, fault: str | None) -> None:
    row = Rendered([1, 2, END], [False, True, True])
    assert row_tokens(row, text, END, think) == RowTokens(tokens=3, supervised=2, think_fault=fault, ends=True)


@pytest.mark.parametrize(
    "row", [Rendered([1, END, 2], [True] * 3), Rendered([1, END], [True, False]), Rendered([], [])]
)
def test_an_end_token_must_be_last_and_trained_on(row: Rendered) -> None:
    assert not row_tokens(row, ONE_BLOCK, END, "reasoning").ends


def test_without_a_tokenizer_the_other_checks_still_run() -> None:
    report = checked(sound(), 1, render=None)
    assert report.passed
    names = {check.name for check in report.checks}
    assert "unique_ids" in names
    assert not {"rows_render", "training_rows_fit", "other_rows_fit", "test_answers_fit"} & names


def test_a_test_label_that_nothing_trains_is_a_warning() -> None:
    splits = sound()
    splits["test"][4] = replace(splits["test"][4], label="c")
    splits["validation"][4] = replace(splits["validation"][4], label="d")
    report = checked(splits)
    check = failed(report)["test_labels_trained"]
    assert (check.severity, check.observed, check.rows) == ("warning", "1 of 30 rows: c", (splits["test"][4].id,))


ANSWERS = {
    "name": "small values",
    "expect": "expect_column_values_to_be_between",
    "arguments": {"column": "answer.value", "min_value": 0, "max_value": 290},
}


def test_a_domains_own_expectation_is_checked_like_any_other() -> None:
    largest = sound()["train"][99]
    report = checked(sound(), own=[ANSWERS])
    check = failed(report)["small values"]
    assert (check.severity, check.unexpected, check.observed) == (
        "critical",
        4,
        "4 of 150 rows: 293; 296; 299 and 1 more",
    )
    assert largest.id in check.rows
    assert not report.passed
    summary = pages(report, "tiny")["summary.html"]
    assert "expect_column_values_to_be_between: column &#34;answer.value&#34;, min_value 0, max_value 290" in summary


def test_two_columns_can_be_compared_and_their_values_are_shown_escaped() -> None:
    splits = sound()
    for split in splits:
        splits[split] = [replace(one, label=str(json.loads(one.answer)["value"])) for one in splits[split]]
    splits["train"][3] = replace(splits["train"][3], label="<script>\n1")
    pair = {
        "name": "label is value",
        "expect": "expect_column_pair_values_to_be_equal",
        "arguments": {"column_A": "label", "column_B": "source"},
    }
    report = checked(splits, own=[pair])
    check = failed(report)["label is value"]
    assert (check.unexpected, len(check.rows)) == (150, NAMED_ROWS)
    assert check.observed == "150 of 150 rows: 5 / train.csv:0; 8 / train.csv:1; 11 / train.csv:2 and 147 more"
    for page in pages(report, "tiny").values():
        assert "<script>" not in page
    same = pair | {"arguments": {"column_A": "label", "column_B": "label"}}
    assert "label is value" not in failed(checked(splits, own=[same]))


def test_a_page_stays_small_when_every_row_fails() -> None:
    splits = {split: [replace(one, language="de") for one in own * 20] for split, own in sound().items()}
    report = checked(splits)
    assert failed(report)["known_languages"].unexpected == 3000
    assert max(map(len, pages(report, "tiny").values())) < 100_000


def test_where_limits_the_rows_and_severity_decides() -> None:
    own = ANSWERS | {"where": {"split": "train", "task": "sum"}, "severity": "warning", "notes": "Few are large."}
    report = checked(sound(), own=[own])
    check = failed(report)["small values"]
    assert (check.severity, check.observed) == ("warning", "2 of 50 rows: 293; 299")
    assert report.passed
    assert "Few are large." in pages(report, "tiny")["summary.html"]
    assert failed(checked(sound(), own=[ANSWERS | {"where": {"split": "test"}}])) == {}


def test_an_own_check_that_looks_at_no_row_fails() -> None:
    slip = ANSWERS | {"where": {"task": "summ"}}
    check = failed(checked(sound(), own=[slip]))["small values"]
    assert check.observed.startswith("no row to check")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"expect": "expect_column_values_to_be_betwen"},
            (
                "validation.expectations.1.expect: found 'expect_column_values_to_be_betwen', expected an expectation "
                "of Great Expectations such as expect_column_values_to_be_between"
            ),
        ),
        (
            {"arguments": {"column": "answer.value", "maximum": 3}},
            "validation.expectations.1.arguments.maximum: found an unknown argument, expected",
        ),
        (
            {"arguments": {"max_value": 3}},
            "validation.expectations.1.arguments.column: found nothing, expected a value",
        ),
        (
            {"arguments": {"column": "answer.valu", "max_value": 3}},
            (
                "validation.expectations.1.arguments.column: found 'answer.valu', which is no column of the prepared "
                "rows; expected 'answer.value'"
            ),
        ),
        ({"arguments": {"column": "answer.value", "max_value": []}}, "validation.expectations.1.arguments: found"),
        ({"where": {"group": "x"}}, "validation.expectations.1.where.group: found an unknown column, expected one of"),
        ({"name": "unique_ids"}, "validation.expectations.1.name: found 'unique_ids', expected a name that no other"),
        ({"name": "fine"}, "validation.expectations.1.name: found 'fine', expected a name that no other"),
        (
            {"arguments": {"column": "answer.value", "severity": "warning"}},
            "validation.expectations.1.arguments.severity: found an unknown argument",
        ),
    ],
)
def test_a_wrong_expectation_is_one_line_that_names_the_key(changes: dict[str, Any], message: str) -> None:
    fine = ANSWERS | {"name": "fine"}
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        checked(sound(), own=[fine, ANSWERS | changes])
    assert "\n" not in str(caught.value)


def test_an_own_check_that_cannot_be_computed_fails_and_says_so() -> None:
    own = ANSWERS | {"arguments": {"column": "question", "max_value": 3}}
    report = checked(sound(), own=[own])
    check = failed(report)["small values"]
    assert check.observed.startswith("could not be checked: ")
    page = pages(report, "tiny")["expectations.html"]
    assert "site-packages" not in page, "no traceback with this machine's paths"


def test_the_tables_columns_are_those_that_its_docstring_lists() -> None:
    frame = table(sound(), SCHEMA, words)  # type: ignore[arg-type]
    listed = set(re.findall(r"`([a-z_.]+)`", str(table.__doc__)))
    assert {name for name in frame.columns if not name.startswith("answer.")} <= listed


SECRET = re.compile(r"\b\d{3}-\d{2}-\d{4}\b|Ada Lovelace")


def ssn_or_name(text: str) -> list[Found]:
    kinds = {"A": "name"}
    return [Found(m.start(), m.end(), kinds.get(m.group()[0], "ssn")) for m in SECRET.finditer(text)]  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["context", "question", "reasoning", "answer", "group", "label", "source", "task"])
def test_an_identifier_is_critical_and_its_text_stands_nowhere(
    field: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    splits = sound()
    for split, place in (("train", 3), ("test", 5)):
        old = splits[split][place]
        value = '{"value": "078-05-1120"}' if field == "answer" else f"{getattr(old, field)} of Ada Lovelace"
        splits[split][place] = replace(old, **{field: value}, id="")
    report = checked(splits, left=ssn_or_name)
    check = failed(report)["no_identifiers"]
    assert (check.severity, check.unexpected) == ("critical", 2)
    assert check.rows == (splits["train"][3].id, splits["test"][5].id)
    assert check.observed == f"2 of 150 rows: {'ssn' if field == 'answer' else 'name'} in {field}"
    shown = json.dumps([report.as_json(), pages(report, "tiny")]) + str(capsys.readouterr()) + caplog.text
    assert not SECRET.search(shown)
    assert not SECRET.search(str(report.results))


def test_identifiers_in_an_id_and_in_the_perturbation_are_found() -> None:
    splits = sound()
    splits["train"][2] = replace(splits["train"][2], id="078-05-1120")
    splits["train"][4] = replace(splits["train"][4], perturbation={"facts": [{"by": "Ada Lovelace"}]})
    report = checked(splits, left=ssn_or_name)
    check = failed(report)["no_identifiers"]
    assert check.observed == "2 of 150 rows: ssn in id; name in perturbation"
    assert check.rows == ("[ssn 1]", splits["train"][4].id)
    assert set(failed(report)) == {"no_identifiers"}


def test_the_name_of_the_picture_that_a_row_was_read_from_is_no_photo_of_a_person() -> None:
    def pictures(text: str) -> list[Found]:
        return [Found(m.start(), m.end(), "photo") for m in re.finditer(r"\S+\.png", text)]

    splits = sound()
    splits["train"][3] = replace(splits["train"][3], source="scans/page.png#2", group="scans/page.png")
    assert failed(checked(splits, left=pictures)) == {}
    splits["train"][3] = replace(splits["train"][3], question="Who is on face.png?", id="")
    assert failed(checked(splits, left=pictures))["no_identifiers"].observed == "1 of 150 rows: photo in question"


def test_masking_keeps_groups_apart() -> None:
    """Two people's groups don't become one, which would stand in two splits."""
    splits = sound()
    splits["train"][3] = replace(splits["train"][3], group="078-05-1120", id="")
    splits["test"][5] = replace(splits["test"][5], group="Ada Lovelace", id="")
    assert set(failed(checked(splits, left=ssn_or_name))) == {"no_identifiers"}
    splits["test"][5] = replace(splits["test"][5], group="078-05-1120", id="")
    assert set(failed(checked(splits, left=ssn_or_name))) == {"no_identifiers", "group_in_one_split"}


def test_without_identifiers_the_check_holds_and_without_a_search_it_is_not_there() -> None:
    assert failed(checked(sound(), left=ssn_or_name)) == {}
    assert "no_identifiers" in {check.name for check in checked(sound(), left=ssn_or_name).checks}
    assert "no_identifiers" not in {check.name for check in checked(sound()).checks}


def test_drift_from_the_accepted_data_is_a_warning_that_says_what_moved() -> None:
    before = profile(sound())  # type: ignore[arg-type]
    last = checked(sound()).checks[-1]
    assert (last.name, last.success) == ("drift", True)
    assert last.observed == "nothing accepted yet to compare with: `make accept` accepts these data"
    held = checked(sound(), accepted=before).checks[-1]
    assert (held.success, held.unexpected) == (True, 0)
    assert held.observed.startswith("largest of ")
    splits = sound()
    for split in splits:
        splits[split] = [replace(one, label="a") if one.task == "sum" else one for one in splits[split]]
    report = checked(splits, accepted=before)
    check = failed(report)["drift"]
    assert (check.severity, check.unexpected, check.rows) == ("warning", 1, ())
    assert re.match(r"1 of \d+ aspects: labels of sum \d\.\d{3} \(b \d\d % -> 0 %\)$", check.observed)
    assert report.passed


def test_nothing_at_all_fails_without_a_crash() -> None:
    report = checked({"train": [], "validation": [], "test": []})
    assert not report.passed
    assert {"rows_in_train", "tasks_in_test"} <= set(failed(report))


def hostile() -> Splits:
    splits = sound()
    splits["train"][0] = replace(splits["train"][0], answer='{"value": "<script>alert(1)</script> $x ${y} %s {{ z }}"}')
    splits["train"][1] = replace(splits["train"][1], task="<img src=x onerror=alert(2)>")
    return splits


def test_the_pages_read_offline_and_run_nothing_from_the_data() -> None:
    made = pages(checked(hostile()), "tiny")
    assert set(made) == {"summary.html", "expectations.html"}
    for page in made.values():
        assert not re.search(r"https?:|<script|<img|<link", page)
        assert "&lt;script&gt;alert(1)" in page
        assert "${y} %s {{ z }}" in page
    assert "A critical check failed" in made["summary.html"]
    assert "psi" in made["expectations.html"], "drift stands in the data docs too"
    assert made["summary.html"].index("answer_fits_schema") < made["summary.html"].index("id_present")


def test_summary_and_pages_are_the_same_bytes_in_another_process(root: Any) -> None:
    code = (
        "import importlib.util, json, sys; "
        f"spec = importlib.util.spec_from_file_location('t', {__file__!r}); "
        "t = importlib.util.module_from_spec(spec); spec.loader.exec_module(t); "
        "r = t.checked(t.hostile()); print(json.dumps([r.as_json(), t.pages(r, 'tiny')]))"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    report = checked(hostile())
    assert json.loads(outputs[0]) == [report.as_json(), dict(pages(report, "tiny"))]
