"""Names of persons in English notes: what is one, and what only looks like one."""

import pytest

from practicum.data.deidentification.english_names import find_english_names
from practicum.data.deidentification.english_persons import _one_edit, _two_edits, resembles_a_word
from practicum.data.deidentification.stop_words import STOP_WORDS


def names(text: str) -> list[str]:
    return [text[one.start : one.end] for one in sorted(find_english_names(text))]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Discussed with Priyanka before rounds.", "Priyanka"),
        ("Medics Norm Best and a driver came.", "Norm Best"),
        ("Her cousin Will Power drove her home.", "Will Power"),
        ("Could Addison look at the rash?", "Addison"),
        ("Bleep Wise if the score is over five.", "Wise"),
        ("RN Little gave the second dose.", "Little"),
        ("Temperance turned ninety in May.", "Temperance"),
        ("seen with pt's daughter; ten Brink moved the visit.", "ten Brink"),
        ("The letter of Wilhelmina van 't Hof arrived.", "Wilhelmina van 't Hof"),
        ("Then Kaimana N\u0101pu\u02bbunoa signed.", "Kaimana N\u0101pu\u02bbunoa"),
        ("Seen by Uriel H. Quin\u0303o\u0301nez on Monday.", "Uriel H. Quin\u0303o\u0301nez"),
        ("Ms. Abernathy-Cole works nights.", "Abernathy-Cole"),
        ("Signed O'Shaughnessy", "O'Shaughnessy"),
    ],
)
def test_finds_a_name_amid_prose(text: str, name: str) -> None:
    assert name in names(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2 Pope, Christian | 06-NOV-1983 | 95898", "Pope, Christian"),
        ("Subs~ Little, Ward C.     Grp~ V247", "Little, Ward C."),
        ("account 7\nPatient Young, Joy\nWard 4", "Young, Joy"),
        ('lab,date\n42,"Stock, Olive",ALT', "Stock, Olive"),
        ("Patient is Joy\nYoung of the north ward, seen\non Monday", "Joy\nYoung"),
        ("With kind regards,\n\nLiam Gopal\nConsultant physician", "Liam Gopal"),
        ("SURGEON: HALLORAN, SEAMUS\nEBL 20 mL", "HALLORAN, SEAMUS"),
    ],
)
def test_finds_a_name_in_a_field_or_a_list(text: str, name: str) -> None:
    assert name in names(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pt mabel hutchins found on floor.", "mabel hutchins"),
        ("found on floor by cna tonya. vs stable.", "tonya"),
        ("kyriakos phoned, says he is late.", "kyriakos"),
        ("spouse at bedside\nkorhonen, annika 11/20/20", "korhonen, annika"),
        ("seen on the ward with mr gutowski. refused bath.", "gutowski"),
    ],
)
def test_finds_a_name_in_small_letters(text: str, name: str) -> None:
    assert name in names(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pt WU, 21M, seen today", "WU"),
        ("#12 XBG 94F, stage B", "XBG"),
        ("seen w/ med student B.Y. today", "B.Y."),
        ("DRAWN 0835   BY T.T.\nSODIUM 137", "T.T."),
    ],
)
def test_finds_initials_where_a_person_stands(text: str, name: str) -> None:
    assert name in names(text)


@pytest.mark.parametrize(
    "text",
    [
        "Lesion 9 mm, Fitzpatrick II, PASI 36.5.",
        "Uses a brace; Schober 4 cm, angle 12 degrees.",
        "Circle of Willis patent, Fazekas 1, no shift.",
        "The Ottawa ankle rules were negative.",
        "Veress needle entry and Hasson trocar.",
        "Mepilex to sacrum, Santyl to heel.",
        "Sent 5 x Lavender, 1 x Gold.",
        "TAKE ONE BY MOUTH WITH FOOD\nNDC 00717",
        "Technique. T1, T2, FLAIR, DWI; slice 4 mm.",
        "335 PVCs, HepB given, SBP stable.",
        "Grew Candida auris, pull the line.",
        "Bair Hugger removal after surgery.",
        "Capgras delusion; r/o Cotard.",
        "Plan: d/c Foley, PT/OT eval.",
    ],
)
def test_leaves_terms_scales_and_devices(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Impresslon: No acute process.",
        "Flndings\nThe lungs are clear.",
        "Technlque. Axial CT. Comparlson: None.",
        "Birthdate: 3 August.",
        "Obs: HR 101, RR 12.\nGrp: employer plan\nTelefax: none",
        "Chrt~ 142989327      Ctrl~ 5060",
        "- Neutrophils 8200, platelets 33544",
        "Paratid mass is seen on the left.",
    ],
)
def test_leaves_headings_misread_or_not(text: str) -> None:
    assert names(text) == []


def test_a_speaker_before_a_colon_is_no_heading() -> None:
    assert names("Hello.\nTuilagi: could you see her in April?") == ["Tuilagi"]


def test_a_name_is_found_again_where_it_stands_alone() -> None:
    assert names("Seen by Dr. Patrick Shenoy. Later Shenoy's view was that nothing need be cut.").count("Shenoy") == 1


def test_words_resemble_by_one_edit_or_two_misread_letters() -> None:
    assert resembles_a_word("impresslon")
    assert resembles_a_word("findlngs")
    assert not resembles_a_word("oyelaran")
    assert not resembles_a_word("acgt" * 1_000)
    assert not resembles_a_word("hai"), "short words are one edit from everything"


@pytest.mark.parametrize("word", ["impresslom", "fimdlngs", "oyelaran", "whitcombe", "asssesment", "medicatoins"])
def test_two_edits_are_those_of_trying_all(word: str) -> None:
    near = _one_edit(word)
    assert _two_edits(word, near) == any(_one_edit(one) & STOP_WORDS for one in near)
