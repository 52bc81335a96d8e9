"""Places smaller than a state."""

import pytest

from practicum.data.deidentification.candidates import settled
from practicum.data.deidentification.places import find_places


def found(text: str) -> list[str]:
    return [text[one.start : one.end] for one in sorted(settled(find_places(text), text))]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("She stays at Flat 24, 52 Rte 9 Crescent for now.", "Flat 24, 52 Rte 9 Crescent"),
        ("Seen at University Hospital Kingston today.", "University Hospital Kingston"),
        ("Sent to Our Lady of Lourdes Hospital, Leeds.", "Our Lady of Lourdes Hospital, Leeds"),
        ("Lives alone in East Marrow with a cat.", "East Marrow"),
        ("PID|1||27 SAINT BRENDAN WAY^^TWIN FORKS^^78790", "TWIN FORKS"),
        ("her sister flew in from otter creek last week", "otter creek"),
        ("Harbor Terrace, Bell Harbor 39829", "Bell Harbor"),
        ("Gender M    Addr 867 BLUESTEM CT, UNIT 7 ELLSBROOK UT 84658-2271", "ELLSBROOK"),
        ("directive on file. Lives 2020 South 400 West.", "2020 South 400 West"),
        ("gym class; school nurse at P.S. 405 called", "P.S. 405"),
        ("Quebrada\nHC 04 Box 62613, Villa", "HC 04 Box 62613"),
        ("Playa Tordo\nCarr. 384 Km 3.4, Playa", "Carr. 384 Km 3.4"),
        ("PICC line misuse at EBGH in 2020.", "EBGH"),
        ("STATE OF ILLINOIS )\nCOUNTY OF CAYFORD    ) ss.", "CAYFORD"),
    ],
)
def test_finds_places_by_what_stands_around_them(text: str, place: str) -> None:
    assert place in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "He lives in Texas and was born in Ghana.",
        "Transferred to Emergency. Seen in Urgent Care and at the Pain Clinic.",
        "Sent from OSH by ground. Probed with FISH, high at MCHC.",
        "A St. Jude valve, Upper Lobe opacity, New Onset seizures, West Nile virus.",
    ],
)
def test_leaves_states_countries_and_departments(text: str) -> None:
    assert found(text) == []
