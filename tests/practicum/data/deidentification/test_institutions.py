"""Institutions that the noun at the end of their name tells, and what no institution's name is."""

import pytest

from practicum.data.deidentification.institutions import find_institutions, find_small_institutions


def found(text: str) -> set[str]:
    return {text[one.start : one.end] for one in find_institutions(text)}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Seen previously at Blue Heron Family Physicians.", "Blue Heron Family Physicians"),
        ("Followed by Cascade Kidney Specialists for CKD.", "Cascade Kidney Specialists"),
        ("Please fax to Ridgeline Orthopaedics and Sports Medicine.", "Ridgeline Orthopaedics and Sports Medicine"),
        ("Our Danville office will call to schedule.", "Danville office"),
        ("He works nights at the Granger sawmill.", "the Granger sawmill"),
        ("The Norwich Medical Practice will repeat bloods.", "The Norwich Medical Practice"),
        ("Found behind the Maple Street laundromat.", "the Maple Street laundromat"),
        ("She works for Keystone Freight in Rosedale and rests.", "Keystone Freight in Rosedale"),
        ("Labs in 4 weeks at VA North Platte.", "VA North Platte"),
        ("A resident of The Gables at Tupelo who fell.", "The Gables at Tupelo"),
        ("Her son lives in West Fort Ellery; his cell is off.", "West Fort Ellery"),
    ],
)
def test_finds_the_whole_name(text: str, place: str) -> None:
    assert place in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Follow up in Pain Clinic. Discharged to Skilled Nursing, seen in Wound Care.",
        "Physical Therapy Services ordered; Home Health Services arranged.",
        "Hernia Surgery was done in the General Hospital's Day Surgery Center.",
        "SPEECH-LANGUAGE PATHOLOGY",
        "The Actionable Reporting Work Group of the college.",
        "New Onset fever; Lower Lobe mass; West Nile virus.",
        "I am calling from Dr. Hendricks's office.",
    ],
)
def test_leaves_departments_and_diseases(text: str) -> None:
    assert found(text) == set()


def test_finds_institutions_in_dictation() -> None:
    text = "surgery at hartsville community hospital comma seen at baptist medical center stonebridge period"
    assert {text[one.start : one.end] for one in find_small_institutions(text)} == {
        "hartsville community hospital",
        "baptist medical center stonebridge",
    }


def test_leaves_what_any_hospital_has_in_dictation() -> None:
    text = "transitioned to oral levothyroxine on hospital day 5, seen at the referring hospital, sent to urgent care"
    assert list(find_small_institutions(text)) == []
