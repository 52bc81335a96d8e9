"""What the tagger adds to the patterns, doubts of theirs, and leaves alone."""

import gzip
import re
from pathlib import Path
from typing import get_args

import pytest

from practicum.config import Deidentification
from practicum.data.deidentification import tagger, token_features
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.engine import Deidentifier, plain
from practicum.data.deidentification.measurement import Note, read_notes
from practicum.data.deidentification.surrogates import PLACEHOLDER

MIXED = "Pt seen with interpreter.\n患者张丽华，家住清溪镇。\nDaughter Wei Zhang, cell 555-0142, will call back.\n"


@pytest.fixture(scope="module")
def deidentifier() -> Deidentifier:
    return Deidentifier(Deidentification(enabled=True, dates="year", fields={}, notes=None))


@pytest.fixture(scope="module")
def notes(root: Path) -> list[Note]:
    every = read_notes(root / "domains" / "medical" / "data" / "deidentification" / "notes.jsonl")
    return every[::80]


def copied(folder: Path) -> None:
    for language in get_args(tagger.Language):
        file = tagger.path(language)
        (folder / file.name).write_bytes(file.read_bytes())


def test_tokens_part_words_numbers_characters_and_surrogates() -> None:
    text = "Dr. O'Hara (DOB:5/12/1960) jo.do@example.com 2001:db8::1f [NAME-1]，患者12床"
    pieces = [text[start:end] for start, end in token_features.tokens(text)]
    assert pieces == [
        *("Dr", ".", "O'Hara", "(", "DOB", ":", "5/12/1960", ")", "jo.do@example.com", "2001:db8::1f"),
        *("[NAME-1]", "，", "患", "者", "12", "床"),
    ]


def test_blocks_are_whole_lines_and_cover_the_text() -> None:
    english = "A long English text.\n" * 12
    parts = tagger.blocks(english + "张三\n" + english)
    assert [language for *_, language in parts] == ["en", "zh", "en"]
    assert [start for start, *_ in parts] == [0, *(end for _, end, _ in parts[:-1])]
    assert parts[-1][1] == len(english) * 2 + 3
    assert [language for *_, language in tagger.blocks("患者：James Whitfield")] == ["zh"]


def test_what_is_added_lies_in_the_text_and_has_letters_or_digits_at_its_edges(
    deidentifier: Deidentifier, notes: list[Note]
) -> None:
    count = 0
    for text in [*(note.text for note in notes), MIXED, "", "\n", "…", "a"]:
        kept, added = tagger.shared().reviewed(plain(text), deidentifier.patterns(text))
        assert set(kept) <= set(deidentifier.patterns(text))
        for one in added:
            count += 1
            assert 0 <= one.start < one.end <= len(text)
            assert text[one.start].isalnum()
            assert text[one.end - 1].isalnum()
    assert count > len(notes)


def test_the_same_text_gives_the_same_findings_whatever_was_read_between(
    deidentifier: Deidentifier, notes: list[Note]
) -> None:
    first = [deidentifier.find(note.text) for note in notes]
    assert [deidentifier.find(note.text) for note in reversed(notes)] == first[::-1]
    other = tagger.Tagger()
    text = plain(notes[0].text)
    found = deidentifier.patterns(notes[0].text)
    assert other.reviewed(text, found) == tagger.shared().reviewed(text, found)


def test_surrogates_are_not_touched(deidentifier: Deidentifier, notes: list[Note]) -> None:
    for note in notes:
        text = note.text
        for number, one in enumerate(reversed(note.identifiers)):
            text = f"{text[: one.start]}[{one.kind.upper().replace('_', '-')}-{number + 1}]{text[one.end :]}"
        taken = {place for match in PLACEHOLDER.finditer(text) for place in range(*match.span())}
        for one in deidentifier.find(text):
            assert taken.isdisjoint(range(one.start, one.end)), text[one.start : one.end]


def test_a_second_search_of_what_was_replaced_finds_next_to_nothing(
    deidentifier: Deidentifier, notes: list[Note]
) -> None:
    left = 0
    for note in notes:
        result, _ = deidentifier.document({"text": note.text}, note.id)
        left += len(deidentifier.left(result["text"]))
    assert left <= 1


@pytest.mark.parametrize(
    ("piece", "kind", "expected"),
    [
        ("1989", "date", False),
        ("98/99", "date", False),
        ("8/12", "date", True),
        ("Age 32", "age", False),
        ("94", "age", True),
        ("Colorado", "location", False),
        ("Vietnam", "location", False),
        ("Kalispell", "location", True),
        ("Patient Name", "name", False),
        ("Bed 4", "name", False),
        ("Whipple", "name", True),
        ("hemaloma", "name", False),
        ("marisol", "name", True),
        ("C", "name", False),
        ("Vater", "location", False),
        ("number", "mrn", False),
        ("A-12", "mrn", True),
    ],
)
def test_what_can_be_no_identifier_is_not_believed(piece: str, kind: str, expected: bool) -> None:
    assert tagger._believable(kind, piece) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "piece", "kind"),
    [
        ("Last echo 8-12 showed EF 55%.", "8-12", "date"),
        ("家属：砚秋（女儿）陪护", "砚秋", "name"),
        ("Transfer from Beaufort ED by ground.", "Beaufort", "location"),
        ("押金由卡6292961387982170扣除", "6292961387982170", "bank_card"),
    ],
)
def test_what_the_patterns_miss_or_misname_is_found(
    deidentifier: Deidentifier, text: str, piece: str, kind: str
) -> None:
    assert (piece, kind) not in [(text[one.start : one.end], one.kind) for one in deidentifier.patterns(text)]
    assert (piece, kind) in [(text[one.start : one.end], one.kind) for one in deidentifier.find(text)]


def test_words_that_the_patterns_take_for_names_are_told_apart(deidentifier: Deidentifier) -> None:
    for text in ("Fick output 4.5 L/min", "Readings: 16 of 30 days. Avg BP 132/68.", "Phe 115，G6PD 4.0。"):
        assert [one for one in deidentifier.patterns(text) if one.kind == "name"]
        assert not [one for one in deidentifier.find(text) if one.kind == "name"]


@pytest.mark.parametrize("after", ["'s syndrome.", " disease, not pompe disease", "-Pick disease type C", " lymphoma"])
def test_whom_a_disease_is_named_after_is_no_person(after: str) -> None:
    assert not tagger._believable("name", "Niemann", after)
    assert tagger._believable("name", "Niemann", " was seen")


def test_sums_are_no_telephone_numbers_where_a_text_is_checked(deidentifier: Deidentifier) -> None:
    for text in ("52 - 23 = 29", "17 + 12 = 29\nSo 29 are left.", "3 x 14 = 42, 42 - 13 = 29"):
        assert deidentifier.left(text) == []


def test_a_finding_that_a_label_vouches_for_stays() -> None:
    text = "Fick output 4.5 L/min"
    doubtful, vouched = Candidate(0, 4, "name", 0.55), Candidate(0, 4, "name", 0.97)
    assert tagger.shared().reviewed(text, [doubtful])[0] == []
    assert tagger.shared().reviewed(text, [vouched])[0] == [vouched]


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    copied(tmp_path)
    (tmp_path / tagger.path("zh").name).unlink()
    with pytest.raises(FileNotFoundError, match=r"tagger\.zh\.crf\.gz: found no model.*train_tagger"):
        tagger.Tagger(tmp_path)


@pytest.mark.parametrize("cut", [0, 1, 40, 0.5, 0.999])
def test_a_torn_model_is_refused(tmp_path: Path, cut: float) -> None:
    copied(tmp_path)
    file = tmp_path / tagger.path("en").name
    content = file.read_bytes()
    file.write_bytes(content[: int(cut if cut in (0, 1, 40) else cut * len(content))])
    with pytest.raises(ValueError, match=r"tagger\.en\.crf\.gz: found .*train_tagger"):
        tagger.Tagger(tmp_path)


@pytest.mark.parametrize("content", [b"", b"lCRF", b"no model of anything, but long enough for its head's 48 bytes."])
def test_a_packed_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "tagger.en.crf.gz"
    file.write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match="found something else than a model"):
        tagger.read(file)


def test_models_are_small() -> None:
    for language in get_args(tagger.Language):
        assert tagger.path(language).stat().st_size < 2_000_000
        assert re.fullmatch(r"tagger\.(en|zh)\.crf\.gz", tagger.path(language).name)
