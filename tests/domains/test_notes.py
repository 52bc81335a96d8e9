"""The annotated notes: their generator makes them, their identifiers are nobody's, and the held-out part is apart."""

import ipaddress
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from practicum.config import IdentifierKind
from practicum.data.deidentification.measurement import Note, read_notes

ENGLISH_ONLY = {"ssn"}
CHINESE_ONLY = {"resident_id", "bank_card", "credit_code"}
DIGITS = dict(
    zip(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), "0123456789", strict=True)
)
DIGITS["oh"] = "0"
# Headings, labels of a form beside what they label, and lines that FHIR, CDA, HL7 and X12 prescribe, are alike whoever
# writes them.
COMMON = re.compile(
    r"(?:(?:[A-Z][A-Za-z']*|\0)[ ,:/-]*)+|-+|(?:[\u4e00-\u9fff（）*]{2,10}：\0\s*)+|\s*<.*>|\s*[{\"].*"
    r"|(?:MSH|OBX)\|.*|[A-Z\d]{2,3}\*.*~"
)
# The set phrases of forms that two authors have alike.
PHRASES = {
    "DISPOSITION: PACU, stable.",
    "Emergency contact: \0 (spouse) \0",
    "WITNESS STATEMENT (CJ Act 0000, s.0)",
    "被告：\0，统一社会信用代码\0。法定代表人：\0，院长。",
}
# Digits and plus signs only; an extension may follow.
FICTION = re.compile(
    r"9?(\+?1)?([2-9]\d\d)?55501\d\d\d{0,6}"
    r"|019900\d{4}|(06|\+336)3998\d{4}|(0|\+46)(84650|701740|7017406)\d{3,4}|(\+49|0)3023125\d{3}"
    r"|(\+44|0)0?(1632960\d{3}|7700900\d{3}|2079460\d{3}|1(13|21|61)4960\d{3})\d{0,4}"
    r"|(\+61|0)?(25550\d{4}|[23]7010\d{4}|491570156)"
    r"|(\+?86|0086)?(154|14[0-4])\d{8}|((\+?86|0086)?0?\d{2,3})?1\d{6,7}\d{0,5}|\+85[23]1\d{7}|\+886\d1\d{6,7}"
)


@pytest.fixture(scope="module")
def path(root: Path) -> Path:
    return root / "domains" / "medical" / "data" / "deidentification" / "notes.jsonl"


@pytest.fixture(scope="module")
def notes(path: Path) -> list[Note]:
    return read_notes(path)


def values(notes: list[Note], kind: str) -> list[str]:
    """Identifiers of a kind, as on one line."""
    return [
        re.sub(r"(?<=-)\n", "", note.text[found.start : found.end]).replace("\n", " ")
        for note in notes
        for found in note.identifiers
        if found.kind == kind
    ]


def signs(notes: list[Note], kind: str) -> list[str]:
    return [re.sub(r"[\s-]", "", value) for value in values(notes, kind)]


def test_the_generator_makes_the_committed_bytes(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faker = pytest.importorskip("faker", reason="requirements-data.lock is not installed")
    assert faker.VERSION == "40.54.0"
    from domains.medical import build_notes

    monkeypatch.setattr("sys.argv", ["build_notes", "--out", str(tmp_path / "notes.jsonl")])
    build_notes.main()
    assert (tmp_path / "notes.jsonl").read_bytes() == path.read_bytes()


def test_every_kind_is_held_out_often_enough_to_be_measured(path: Path, notes: list[Note]) -> None:
    assert path.stat().st_size < 17_000_000
    sizes = Counter((note.part, note.language) for note in notes)
    assert sizes["held_out", "en"] >= 200
    assert sizes["held_out", "zh"] >= 200
    assert sizes["development", "en"] + sizes["development", "zh"] >= 700
    for language, others in (("en", CHINESE_ONLY), ("zh", ENGLISH_ONLY)):
        held_out = [note for note in notes if note.part == "held_out" and note.language == language]
        counts = Counter(found.kind for note in held_out for found in note.identifiers)
        expected = set(get_args(IdentifierKind)) - others
        assert min(counts[kind] for kind in expected) >= 50, counts
        assert counts["name"] >= 300


def test_the_parts_share_no_line_and_hardly_a_full_name(notes: list[Note]) -> None:
    lines: dict[str, set[str]] = {"development": set(), "held_out": set()}
    names: dict[str, set[str]] = {"development": set(), "held_out": set()}
    for note in notes:
        masked = note.text
        for found in reversed(note.identifiers):
            masked = masked[: found.start] + "\0" + masked[found.end :]
        lines[note.part] |= {re.sub(r"\d", "0", line) for line in masked.splitlines() if len(line.strip()) > 24}
        names[note.part] |= {
            name.casefold()
            for name in values([note], "name")
            if (" " in name if note.language == "en" else len(name) > 2)  # given names and surnames alone are shared
        }
    shared_lines = {line for line in lines["development"] & lines["held_out"] if not COMMON.fullmatch(line)}
    assert not shared_lines - PHRASES, shared_lines
    shared = names["development"] & names["held_out"]
    # Common names of two lists meet by chance, the more the more notes there are.
    assert len(shared) < 0.1 * len(names["held_out"]), shared


def test_no_identifier_is_cut_out_of_a_word(notes: list[Note]) -> None:
    for note in notes:
        if note.language == "en":
            for found in note.identifiers:
                before, after = note.text[max(0, found.start - 1) : found.start], note.text[found.end : found.end + 5]
                if found.kind == "date" and re.fullmatch(r"T\d\d:\d|\d{4}\W", after):
                    after = ""  # the time of day, as logs and messages of HL7 write it
                assert found.kind == "age" or not any(map(str.isalnum, before + after[:1])), (note.id, found)


def test_ages_are_above_89_and_no_date_is_a_year_alone(notes: list[Note]) -> None:
    assert all(int(age) > 89 for age in values(notes, "age") if age.isdecimal())
    assert not [date for date in values(notes, "date") if re.fullmatch(r"(19|20)\d\d年?", date)]


def test_telephone_and_fax_numbers_are_in_ranges_kept_for_fiction_or_not_allocated(notes: list[Note]) -> None:
    for number in values(notes, "phone") + values(notes, "fax"):
        spoken = re.sub("|".join(DIGITS), lambda word: DIGITS[word[0]], number)
        digits = unicodedata.normalize("NFKC", re.sub(r"[^\d+]", "", spoken))
        assert FICTION.fullmatch(digits), number


def test_addresses_of_the_net_are_reserved_ones(notes: list[Note]) -> None:
    for address in signs(notes, "ip"):
        host = re.sub(r"(?<=\d):\d+$", "", address) if "." in address else address
        assert not ipaddress.ip_address(host.strip("[]")).is_global, address
    for written in values(notes, "email") + values(notes, "url"):
        place = written.replace(" at ", "@").replace(" dot ", ".")  # as it is dictated
        assert re.search(r"(@|^|//|\.)example\.(com|org|net)(:\d+)?(/|$)", place, re.IGNORECASE), place


def test_social_security_numbers_were_never_issued(notes: list[Note]) -> None:
    whole = [number for number in signs(notes, "ssn") if len(number) == 9]
    assert len(whole) > 80
    for number in whole:
        # Area 9xx is no social security number; groups 50 and up of it are taxpayer numbers.
        assert number[0] == "9", number
        assert 1 <= int(number[3:5]) <= 49, number


def test_chinese_numbers_are_valid_and_of_places_that_do_not_exist(notes: list[Note]) -> None:
    for number in signs(notes, "resident_id"):
        if len(number) == 4:  # the last ones of a number that is not written out
            continue
        # ISO 7064 MOD 11-2: the weights are powers of two from the right.
        total = sum((10 if c in "Xx" else int(c)) * pow(2, place, 11) for place, c in enumerate(reversed(number)))
        assert total % 11 == 1, number
        assert number[2:4] >= "95", number
    for code in signs(notes, "credit_code"):
        alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
        total = sum(alphabet.index(c) * pow(3, place, 31) for place, c in enumerate(code[:17]))
        assert (total + alphabet.index(code[17])) % 31 == 0, code
        assert code[4:6] >= "95", code
    for card in signs(notes, "bank_card"):
        if len(card) == 4:  # the last ones of a card that is not written out
            continue
        odd, even = card[-1::-2], card[-2::-2]
        assert (sum(map(int, odd)) + sum(sum(divmod(2 * int(c), 10)) for c in even)) % 10 == 0, card
        assert card.startswith("629"), card


def test_vehicle_numbers_of_17_signs_have_their_check_digit(notes: list[Note]) -> None:
    worth = {c: (ord(c) - (64 if c < "J" else 73 if c < "S" else 81)) for c in "ABCDEFGHJKLMNPRSTUVWXYZ"}
    vins = [number for number in signs(notes, "vehicle") if len(number) == 17]
    assert len(vins) > 40
    for number in vins:
        weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
        rest = sum(w * worth.get(c, ord(c) - 48) for w, c in zip(weights, number, strict=True)) % 11
        assert number[8] == "0123456789X"[rest], number
