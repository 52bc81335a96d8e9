"""Each planted fault is found by its own check, with severity, count and row ids."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from practicum.data.example import Example, canonical_json
from practicum.validation import MIN_ROWS, NAMED_ROWS, Check, Report, validate
from practicum.validation_pages import pages

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


def words(example: Example) -> int:
    return len(f"{example.context} {example.question} {example.reasoning} {example.answer}".split())


def checked(splits: Splits, max_length: int = 100) -> Report:
    return validate(splits, TASKS, SCHEMA, max_length, words)  # type: ignore[arg-type]


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

    def count(example: Example) -> int:
        if example.id == bad:
            raise ValueError("the prompt is no prefix")
        return 5

    report = validate(splits, TASKS, SCHEMA, 100, count)  # type: ignore[arg-type]
    check = failed(report)["rows_render"]
    assert (check.severity, check.rows, check.observed) == (
        "critical",
        (bad,),
        "1 of 150 rows: the prompt is no prefix",
    )


def test_without_a_tokenizer_the_other_checks_still_run() -> None:
    report = validate(sound(), TASKS, SCHEMA, 1)  # type: ignore[arg-type]
    assert report.passed
    assert not {"rows_render", "training_rows_fit", "other_rows_fit"} & {check.name for check in report.checks}


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
