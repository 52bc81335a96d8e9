"""What belongs to a number at its edges is part of it; a label before it is not."""

import pytest

from practicum.config import IdentifierKind
from practicum.data.deidentification.candidates import Candidate, settled
from practicum.data.deidentification.edges import widened


@pytest.mark.parametrize(
    ("text", "inner", "kind", "whole"),
    [
        ("资格证书：职检医35896543745　", "35896543745", "licence", "职检医35896543745"),
        ("（醫師證書 醫字第010098號）", "010098", "licence", "醫字第010098號"),
        ("CT（磁1545982）示", "1545982", "id_number", "磁1545982"),
        ("收据号浙财07050263，", "07050263", "id_number", "浙财07050263"),
        ("HN HN65743873(W)\n", "HN65743873", "mrn", "HN65743873(W)"),
        ("serial off the vial 118154880 T; ISQ", "118154880", "device", "118154880 T"),
        ("tpl=ZW-2018-71862-右食 OK", "ZW-2018-71862", "biometric", "ZW-2018-71862-右食"),
        ("寄往龙腾街道环城西路34号之2，", "龙腾街道环城西路34号", "location", "龙腾街道环城西路34号之2"),
        ("在青石镇加油站门口发现", "青石镇加油站", "location", "青石镇加油站门口"),
        ("指纹 ZW07598-右拇指，核验", "ZW07598-右", "biometric", "ZW07598-右拇指"),
        ("drawn today, acc 24:CH229045K.", "CH229045K", "id_number", "24:CH229045K"),
        ('"9400 1908 4660 9715 48"', "9400 1908 4660 9715", "id_number", "9400 1908 4660 9715 48"),
        ("file ref NB-SOLE 771116;", "771116", "biometric", "NB-SOLE 771116"),
        ("resident of Carbon City whom", "Carbon", "location", "Carbon City"),
        ("home. Port Ellery PD notified", "Ellery", "location", "Port Ellery"),
        (
            "teaches at USD 498 Early Learning Center.",
            "Early Learning Center",
            "location",
            "USD 498 Early Learning Center",
        ),
        ("deputies from USD 491 Elk Center lot", "491 Elk Center", "location", "USD 491 Elk Center"),
        ("to Lake Otero boat ramp and back", "Lake Otero", "location", "Lake Otero boat ramp"),
        ("placed at Wolverton Health - Downtown on", "Wolverton Health", "location", "Wolverton Health - Downtown"),
        ("sent: Motor City Partners PC, fax", "Motor City Partners", "location", "Motor City Partners PC"),
        ("Humana ID W676198919 16\nGroup", "W676198919", "health_plan", "W676198919 16"),
        ("Health card 9812 699 612 KT; licence", "9812 699 612", "health_plan", "9812 699 612 KT"),
        ("MRN 003043462 and account 820080 267, the", "820080", "account", "820080 267"),
        ("Ironmoor Sleep & Lung PSG", "Ironmoor Sleep", "location", "Ironmoor Sleep & Lung"),
        ("born in St. Alder, Ontario", "St.", "location", "St. Alder"),
        ("walking on I-92 westbound at mile marker 22.", "I-92", "location", "I-92 westbound at mile marker 22"),
        ("Addr: 7 Heol y Felin, Rhydfach", "Heol y Felin", "location", "7 Heol y Felin"),
        (
            "live Unit 31, Fallowfield Caravan Park now",
            "Fallowfield Caravan Park",
            "location",
            "Unit 31, Fallowfield Caravan Park",
        ),
        ("FROM: HIM, St. Brendan's\nDATE", "St. Brendan", "location", "St. Brendan's"),
        ("Addr 867 BLUESTEM CT, UNIT 7 ELLSBROOK", "867 BLUESTEM CT", "location", "867 BLUESTEM CT, UNIT 7"),
    ],
)
def test_edges_belong_to_it(text: str, inner: str, kind: IdentifierKind, whole: str) -> None:
    start = text.index(inner)
    found = list(widened(text, [Candidate(start, start + len(inner), kind, 0.5)]))
    assert [text[one.start : one.end] for one in found] == [whole]
    assert [one.kind for one in found] == [kind]


@pytest.mark.parametrize(
    ("text", "inner", "kind"),
    [
        ("住院号：12345678，", "12345678", "mrn"),
        ("（住院号12345678）", "12345678", "mrn"),
        ("编号为12345678", "12345678", "id_number"),
        ("患者王芳，病历12345678", "王芳", "name"),
        ("MRN 1234567 F 45", "1234567", "mrn"),
        ("at 12:4567890", "4567890", "mrn"),
        ("seen in Carbon clinic", "Carbon", "location"),
        ("the town of Ellery's clinic", "Ellery", "location"),
        ("REF 12345678 print", "12345678", "id_number"),
        ("member W676198919 45 years old", "W676198919", "health_plan"),
        ("born 2014, Carbon", "Carbon", "location"),
    ],
)
def test_a_label_does_not(text: str, inner: str, kind: IdentifierKind) -> None:
    start = text.index(inner)
    assert list(widened(text, [Candidate(start, start + len(inner), kind, 0.5)])) == []


@pytest.mark.parametrize(
    ("text", "better", "kind"),
    [
        ("UBRN 0000 6493 8249", "0000 6493 8249", "id_number"),
        ("2014-01-23T08", "2014-01-23", "id_number"),
        ("SN：GK-6012-2981", "GK-6012-2981", "device"),
        ("农行6294806612977381", "6294806612977381", "id_number"),
    ],
)
def test_what_is_left_of_a_number_is_not_its_label(text: str, better: str, kind: IdentifierKind) -> None:
    start = text.index(better)
    candidates = [
        Candidate(start, start + len(better), "date" if "T" in text and "-01-" in text else kind, 0.95),
        Candidate(0, len(text), kind, 0.8),
    ]
    assert [text[one.start : one.end] for one in settled(candidates, text)] == [better]
