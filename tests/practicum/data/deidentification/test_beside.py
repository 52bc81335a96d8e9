"""Ages behind names and postcodes behind places."""

import pytest

from practicum.config import Deidentification
from practicum.data.deidentification.beside import find_beside
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.engine import Deidentifier


def beside(text: str, what: str, kind: str = "name") -> list[str]:
    start = text.index(what)
    one = Candidate(start, start + len(what), kind, 0.9)  # type: ignore[arg-type]
    return [text[found.start : found.end] for found in find_beside(text, [one])]


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("Caregiver log for Hazel (101)", "101"),
        ("Name: Yvonne Fairbanks, 91. Came with her son.", "91"),
        ("402   Fairbanks, Yvonne     93   3051896   hip fx", "93"),
        ("402   Fairbanks, Yvonne     102   3051896   hip fx", "102"),
        ("Roommate Hazel, 95, hard of hearing.", "95"),
    ],
)
def test_finds_an_age_behind_a_name(text: str, age: str) -> None:
    name = next(one for one in ("Yvonne Fairbanks", "Fairbanks, Yvonne", "Hazel") if one in text)
    assert beside(text, name) == [age]


@pytest.mark.parametrize(
    "text",
    [
        "Hazel, 91 Oak Street",
        "Hazel   101   hip fx",
        "Hazel, 98% on room air",
        "Hazel, 92 miles away",
        "Hazel 93/60",
        "Hazel, 97.5 kg",
        "Hazel, 45, teacher",
    ],
)
def test_leaves_other_numbers_behind_a_name(text: str) -> None:
    assert beside(text, "Hazel") == []


def test_finds_a_postcode_behind_a_street_only() -> None:
    assert beside("it's 110 Orchard Lane 412, 65072 now", "110 Orchard Lane 412", "location") == ["65072"]
    assert beside("Orchard Lane, 65072 units", "Orchard Lane", "location") == []


def test_finds_places_that_a_narrow_column_breaks() -> None:
    settings = Deidentification(enabled=True, dates="year", fields={}, notes=None, keep=[])
    text = "Mr. Fairbanks was\ndischarged in May and\nhe now lives at 6449\nMagnolia Street with\na friend."
    assert ("6449\nMagnolia Street", "location") in [
        (text[one.start : one.end], one.kind) for one in Deidentifier(settings).find(text)
    ]
