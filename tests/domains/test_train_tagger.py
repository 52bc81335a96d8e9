"""How the tagger's models are made from annotated notes."""

from pathlib import Path

import pytest

from domains.medical import train_tagger
from practicum.data.deidentification import tagger, token_features
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.found import Found
from practicum.data.deidentification.measurement import Note, read_notes


@pytest.fixture(scope="module")
def notes(root: Path) -> list[Note]:
    every = read_notes(root / "domains" / "medical" / "data" / "deidentification" / "notes.jsonl")
    return [note for note in every if note.part == "development"][::150]


def test_a_token_has_the_kind_of_the_identifier_that_it_touches() -> None:
    text = "Seen by Ann Lee, 5/12."
    spans = token_features.tokens(text)
    kinds = train_tagger.labels(spans, [Found(8, 15, "name"), Found(17, 21, "date")])
    assert kinds == ["O", "O", "name", "name", "O", "date", "O"]


def test_the_same_findings_of_a_note_are_hidden_each_time(notes: list[Note]) -> None:
    found = [Candidate(place, place + 1, "name", 0.5) for place in range(1000)]
    shown = train_tagger.shown(notes[0], found)
    assert shown == train_tagger.shown(notes[0], found)
    assert shown != train_tagger.shown(notes[1], found)
    assert 0.7 < len(shown) / len(found) < 0.9


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_same_notes_give_the_same_bytes_and_a_model(
    notes: list[Note], tmp_path: Path, language: tagger.Language
) -> None:
    found = {note.id: [Candidate(*span(one), one.kind, 0.8) for one in note.identifiers] for note in notes}
    packed = train_tagger.trained(notes, found, language)
    assert packed == train_tagger.trained(notes, found, language)
    file = tmp_path / tagger.path(language).name
    file.write_bytes(packed)
    assert tagger.read(file)


def span(found: Found) -> tuple[int, int]:
    return found.start, found.end
