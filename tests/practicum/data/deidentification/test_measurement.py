import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from practicum.data.deidentification.found import Found
from practicum.data.deidentification.measurement import (
    Note,
    NotesError,
    measure,
    merged,
    missed,
    read_notes,
    wrongly_found,
)
from practicum.evaluation.statistics import wilson

TEXT = "Ann Lee, 555-0142, saw Dr. Foley."
LINE: dict[str, Any] = {
    "id": "a",
    "language": "en",
    "part": "held_out",
    "text": TEXT,
    "identifiers": [
        {"start": 0, "end": 7, "kind": "name", "text": "Ann Lee"},
        {"start": 9, "end": 17, "kind": "phone", "text": "555-0142"},
    ],
}
NOTE = Note("a", "en", "held_out", TEXT, (Found(0, 7, "name"), Found(9, 17, "phone")))


def write(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def test_notes_are_read_with_their_identifiers_in_order(tmp_path: Path) -> None:
    turned = {**LINE, "identifiers": LINE["identifiers"][::-1]}
    assert read_notes(write(tmp_path / "notes.jsonl", turned)) == [NOTE]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"part": "test"}, r"notes\.jsonl:1: part: .*'development' or 'held_out'"),
        ({"text": 4}, "1: text: "),
        ({"mood": "good"}, "1: mood: Extra inputs"),
        ({"identifiers": [{"start": 0, "end": 3, "kind": "nickname", "text": "Ann"}]}, "1: identifiers.0.kind: "),
        (
            {"identifiers": [{"start": 1, "end": 4, "kind": "name", "text": "Ann"}]},
            "name at 1 to 4: found another text",
        ),
        (
            {"identifiers": [*LINE["identifiers"], {"start": 4, "end": 7, "kind": "name", "text": "Lee"}]},
            "name at 4 to 7: found an overlap",
        ),
    ],
)
def test_a_wrong_note_is_named_by_its_line_and_not_quoted(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(NotesError, match=message) as raised:
        read_notes(write(tmp_path / "notes.jsonl", {**LINE, **change}))
    assert "Lee" not in str(raised.value)


def test_an_id_that_stands_twice_and_torn_or_empty_files_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    with pytest.raises(NotesError, match=r"notes\.jsonl:2: found the id a again"):
        read_notes(write(path, LINE, LINE))
    path.write_text(json.dumps(LINE)[:40])
    with pytest.raises(NotesError, match=r"notes\.jsonl:1: found no JSON"):
        read_notes(path)
    path.write_text("\n")
    with pytest.raises(NotesError, match="found no notes"):
        read_notes(path)


def measured(find: Callable[[str], list[Found]]) -> dict[str, Any]:
    return json.loads(json.dumps(measure([NOTE], find).as_json()))  # type: ignore[no-any-return]


def test_an_identifier_counts_as_found_when_all_its_letters_are_covered_by_whatever_kind() -> None:
    # Two findings with the space between them uncovered, one of another kind.
    kinds = measured(lambda text: [Found(0, 3, "name"), Found(4, 7, "location")])["kinds"]
    assert kinds["name"]["recall"] == 1
    assert kinds["name"]["right_kind"] == 0
    assert kinds["phone"]["recall"] == 0
    assert kinds["phone"]["precision"] is None
    assert kinds["location"] == {
        "n": 0,
        "recall": None,
        "recall_low": None,
        "recall_high": None,
        "right_kind": None,
        "found": 1,
        "precision": 1,
        "precision_low": pytest.approx(wilson(1, 1).low),
        "precision_high": 1,
    }


def test_one_letter_left_is_a_miss() -> None:
    assert measured(lambda text: [Found(0, 6, "name")])["kinds"]["name"]["recall"] == 0
    assert missed([NOTE], lambda text: [Found(0, 6, "name"), Found(9, 17, "phone")]) == [
        ("a", Found(0, 7, "name"), "Ann Lee")
    ]


def test_a_finding_that_touches_no_identifier_lowers_the_precision_of_its_kind() -> None:
    def find(text: str) -> list[Found]:
        return [Found(0, 7, "name"), Found(27, 32, "name"), Found(9, 17, "phone")]

    figures = measured(find)
    assert figures["kinds"]["name"]["precision"] == 0.5
    assert figures["kinds"]["phone"]["precision"] == 1
    assert figures["all"]["precision"] == pytest.approx(2 / 3)
    assert figures["languages"]["en"]["precision"] == pytest.approx(2 / 3)
    assert wrongly_found([NOTE], find) == [("a", Found(27, 32, "name"), "Foley")]


def test_a_search_that_takes_everything_shows_what_else_it_takes() -> None:
    figures = measured(lambda text: [Found(0, len(text), "name")])
    assert (figures["all"]["recall"], figures["all"]["precision"]) == (1, 1)
    assert figures["all"]["lost"] == figures["languages"]["en"]["lost"] == 1
    exact = measured(lambda text: [*NOTE.identifiers, Found(19, 22, "name")])
    # "saw" of "saw", "Dr" and "Foley".
    assert exact["all"]["lost"] == pytest.approx(3 / 10)


def test_findings_of_a_kind_are_one_where_only_punctuation_parts_them() -> None:
    # "Lee, 555" has two signs between, "Ann Lee" one; a letter between keeps two apart.
    assert merged(TEXT, [Found(4, 7, "name"), Found(0, 3, "name")]) == [Found(0, 7, "name")]
    assert merged(TEXT, [Found(0, 7, "name"), Found(9, 12, "name")]) == [Found(0, 12, "name")]
    assert merged(TEXT, [Found(0, 3, "name"), Found(4, 7, "location")]) == [
        Found(0, 3, "name"),
        Found(4, 7, "location"),
    ]
    assert merged(TEXT, [Found(0, 1, "name"), Found(2, 3, "name")]) == [Found(0, 1, "name"), Found(2, 3, "name")]
    assert merged(TEXT, [Found(0, 7, "name"), Found(1, 3, "name")]) == [Found(0, 7, "name")]


def test_intervals_are_wilsons_and_shares_are_over_all_notes() -> None:
    notes = [
        Note(str(place), "en" if place % 2 else "zh", "development", f"Bo{place}", (Found(0, 3, "name"),))
        for place in range(8)
    ]
    figures = measure(notes, lambda text: [Found(0, 3, "name")] if re.search("[0-5]", text) else [])
    name = figures.as_json()["kinds"]["name"]  # type: ignore[index]
    assert (name["n"], name["recall"], name["found"]) == (8, 0.75, 6)
    assert (name["recall_low"], name["recall_high"]) == pytest.approx((wilson(6, 8).low, wilson(6, 8).high))
    assert figures.part == "development"
    assert {language: rate.recall.n for language, rate in figures.languages.items()} == {"en": 4, "zh": 4}


def test_the_report_holds_no_text_of_a_note_and_says_which_part_was_measured() -> None:
    other = Note("b", "en", "development", "Bo", ())
    report = json.dumps(measure([NOTE, other], lambda text: [Found(0, 2, "name")]).as_json())
    assert "Ann" not in report
    assert "555" not in report
    assert json.loads(report)["part"] == "all"
    assert json.loads(report)["notes"] == 2


def test_no_notes_are_no_measurement() -> None:
    with pytest.raises(ValueError, match="found no notes"):
        measure([], lambda text: [])
