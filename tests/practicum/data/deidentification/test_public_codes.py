"""Codes of public vocabularies, lots of drugs and who pays are no identifiers; lots of implants are."""

import pytest

from practicum.data.deidentification.public_codes import find_lots, is_heading, is_insurer, is_public


@pytest.mark.parametrize(
    ("before", "code", "after"),
    [
        ("taxonomy ", "207P00000X", "\n"),
        ("arr[hg19] ", "22q11.21", "(18,648,855-21,800,471)x1"),
        ("morphology ", "M8140/3", ""),
        ("patch ", "KB5005565", " installed"),
        ("race ", "2106-3", ""),
        ("OBR|1|||", "58410-2", "^CBC W AUTO DIFF^LN"),
        ("SNOMED CT ", "609588000", " total knee replacement"),
        ("CPT ", "99212-95", ""),
        ("CPT 99283 and ", "96374", ""),
        ("手术名称：PCI术（", "36.0700x004", "）"),
        ("国械注准", "20173460777", ""),
        ("结节（", "Se4/Im182", "）"),
        ("Tdap given, lot ", "VVS99822", "; "),
        ("试纸批号", "221080", "。"),
        ("贝伐珠单抗（批号", "202337A", "）"),
        ("(21)X197439\nViscoat lot ", "680462", ". CDE"),
        ("tested 21. ", "D3S1358", " 15,16"),
        ("RA lead ", "5076-52", " cm"),
        ('<device name="CPAP" model="', "AS10-387", '">'),
        ("TSH ", "84443", ", Lipid"),
        ("EudraCT ", "2031-005678-21", ""),
        ("Policy ", "QX-7.03.12", " applies"),
        ("VA Form ", "21-9999", ""),
        ("carbidopa-levodopa ", "25-250", " TID"),
        ("ABG ", "7.33/55/62", ""),
        ("prednisone taper ", "40-30-20-10", ","),
        ("RxBIN ", "019999", " PCN"),
        ("DIN ", "02999999", ""),
        ("Dialyzer F180 lot ", "22QX0499", "\n"),
        ("NM1*PR*2*AETNA*****PI*", "60054", "~"),
    ],
)
def test_public_codes_identify_nobody(before: str, code: str, after: str) -> None:
    text = before + code + after
    assert is_public(text, len(before), len(before) + len(code))


@pytest.mark.parametrize(
    ("before", "code", "after"),
    [
        ("OBR|1|||", "58410-3", "^CBC^LN"),  # LOINC's check digit is 2
        ("MRN ", "58410-2", ""),
        ("ref ", "PRV-261379", ")"),
        ("account ", "99212", ""),
        ("Consent form ", "QXZ-536299", ""),
        ("policy ", "QX7781234", ""),
        ("(", "QX-4417", ")"),
        ("Tibial baseplate sz 5    LOT ", "EK1215", "\n"),
        ("骨水泥 40g x2  批号 ", "K64547B", ""),
    ],
)
def test_others_are_not_taken_for_public_ones(before: str, code: str, after: str) -> None:
    text = before + code + after
    assert not is_public(text, len(before), len(before) + len(code))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Femoral comp CR sz 6 LOT PYY98433", ["PYY98433"]),
        ("PICC R saph, lot L20M279", ["L20M279"]),
        ("股骨柄 Corail #12　批号 D2310828　序列号 1648194E", ["D2310828"]),
        ("Flu vaccine lot 155R41D", []),
        ("Parked in lot 12", []),
    ],
)
def test_lots_of_what_is_implanted_are_found(text: str, codes: list[str]) -> None:
    assert [text[one.start : one.end] for one in find_lots(text)] == codes


@pytest.mark.parametrize(
    ("text", "piece", "pays"),
    [
        ("Ins: Delta, sub ID", "Delta", True),
        ("Billed 93295 to Nevada Medicaid", "Nevada", True),
        ("plan Highmark PPO", "Highmark", True),
        ("Insured: Harper Lee", "Harper", False),
        ("seen in Hanover", "Hanover", False),
    ],
)
def test_who_pays_is_no_person_and_no_place(text: str, piece: str, pays: bool) -> None:
    start = text.index(piece)
    assert is_insurer(text, start, start + len(piece)) is pays


@pytest.mark.parametrize(
    ("piece", "heading"),
    [
        ("Director", True),
        ("Prior Auth", True),
        ("Grade", True),
        ("Zork", False),
        ("Director Zork", False),
        ("Dr", False),
    ],
)
def test_a_heading_alone_names_nobody(piece: str, heading: bool) -> None:
    assert is_heading(piece, 0, len(piece)) is heading
