"""What the de-identifier finds and leaves, and what it puts in place."""

import datetime as dt
import itertools
import json
import logging
import pickle
import re

import pytest

from practicum.config import Deidentification
from practicum.data.deidentification.engine import Deidentifier


def settings(dates: str = "year", fields: dict[str, str] | None = None) -> Deidentification:
    return Deidentification.model_validate({"enabled": True, "dates": dates, "fields": fields or {}, "notes": None})


@pytest.fixture(scope="module")
def deidentifier() -> Deidentifier:
    return Deidentifier(settings())


ENGLISH = [
    ("Seen by Dr. Whitcombe in clinic.", "Whitcombe", "name"),
    ("Attending: Oluwaseun Adeyemi, MD", "Oluwaseun Adeyemi", "name"),
    ("Patient Name: LINDQVIST, QUENTIN R.", "LINDQVIST, QUENTIN R.", "name"),
    ("His wife Marisol drove him home.", "Marisol", "name"),
    ("discussed with dr james russell on the ward", "james russell", "name"),
    ("He lives at 45 Quayside Lane, Apt 3B with a cat.", "45 Quayside Lane, Apt 3B", "location"),
    ("Address: PO Box 881, Eau Claire, WI 54701", "Eau Claire", "location"),
    ("She grew up in Greenville County before the war.", "Greenville County", "location"),
    ("Transferred from St. Aldhelm Hospital last night.", "St. Aldhelm Hospital", "location"),
    ("Eau Claire, WI 54701-1234", "54701-1234", "zip"),
    ("Seen on Tuesday, March 3rd for cough.", "Tuesday, March 3rd", "date"),
    ("Admitted 3 Mar 2021 at noon.", "3 Mar 2021", "date"),
    ("Follow-up on 03/03 please.", "03/03", "date"),
    ("A 93-year-old woman with a cough.", "93", "age"),
    ("Her grandmother died at 97.", "97", "age"),
    ("Call (780) 555-0111 ext. 4 after five.", "(780) 555-0111 ext. 4", "phone"),
    ("Phone 555.555.0123, fax 555.555.0124.", "555.555.0124", "fax"),
    ("Write to q.lindqvist@example.org today.", "q.lindqvist@example.org", "email"),
    ("SSN 219-09-9999 on file", "219-09-9999", "ssn"),
    ("Medical record number: 18-59-33", "18-59-33", "mrn"),
    ("Medicare 1EG4-TE5-MK73 active", "1EG4-TE5-MK73", "health_plan"),
    ("Member ID: KLZ929615984", "KLZ929615984", "health_plan"),
    ("Bank account for refunds: 7685038538", "7685038538", "account"),
    ("Driver's license: KG-527072", "KG-527072", "licence"),
    ("DEA AB1234563", "AB1234563", "licence"),
    ("The car, VIN 1HGCM82633A004352, was totalled.", "1HGCM82633A004352", "vehicle"),
    ("Pacemaker serial no. SN436234131", "SN436234131", "device"),
    ("See https://portal.example.org/p/99 for images.", "https://portal.example.org/p/99", "url"),
    ("Uploaded from 192.0.2.14 at 9:30.", "192.0.2.14", "ip"),
    ("Uploaded from 2001:db8::ff00:42:8329.", "2001:db8::ff00:42:8329", "ip"),
    ("Fingerprint template BIO5570693 enrolled", "BIO5570693", "biometric"),
    ("Front view stored as face_74457887.jpeg", "face_74457887.jpeg", "photo"),
    ("Accession: 39-XH-96334", "39-XH-96334", "id_number"),
]
CHINESE = [
    ("姓名：诸葛明亮  性别：男", "诸葛明亮", "name"),
    ("患者张伟明于入院后好转。", "张伟明", "name"),
    ("请呼吸科李建国主任会诊。", "李建国", "name"),
    ("姓名：赵\n丽娟", "赵\n丽娟", "name"),
    ("家住浙江省杭州市西湖区文三路123号5幢301室。", "杭州市西湖区文三路123号5幢301室", "location"),
    ("转往云溪县中医院治疗。", "云溪县中医院", "location"),
    ("邮编：310012", "310012", "zip"),
    ("于2021年3月3日入院", "2021年3月3日", "date"),
    ("于2018-05-31入院", "2018-05-31", "date"),
    ("老人今年九十三岁。", "九十三岁", "age"),
    ("电话138-0000-1234。", "138-0000-1234", "phone"),
    ("传真：021-19685100", "021-19685100", "fax"),
    ("住院号：ZY268190", "ZY268190", "mrn"),
    ("医保卡号：667535103826", "667535103826", "health_plan"),
    ("执业证号A593273258", "A593273258", "licence"),
    ("车牌号沪V26612", "沪V26612", "vehicle"),
    ("身份证11010519491231002X", "11010519491231002X", "resident_id"),
    ("银行卡6222021234567890128", "6222021234567890128", "bank_card"),
    ("统一社会信用代码91350100M000100Y43", "91350100M000100Y43", "credit_code"),
]


@pytest.mark.parametrize(("text", "identifier", "kind"), ENGLISH + CHINESE)
def test_finds_each_kind(deidentifier: Deidentifier, text: str, identifier: str, kind: str) -> None:
    found = [(text[one.start : one.end], one.kind) for one in deidentifier.find(text)]
    assert (identifier, kind) in found


@pytest.mark.parametrize(
    "text",
    [
        "Excludes1: allergic rhinitis (J30.1-J30.9); D09.21 Carcinoma in situ of left eye",
        "Malignant neoplasm of ileocecal valve is C18.0\nC46.9 in C46.4 no\nE11.9 in J30.1-J30.9 yes",
        "BP 120/80, HR 88, SpO2 97% on room air, T 98.6 at 14:30.",
        "Works 24/7. Take 1-2 tablets, 1/2 tablet at night, metoprolol 25 mg BID.",
        "Strength 5/5, Apgar 8/9, pain 4/10, 3/6 systolic murmur, GCS 15.",
        "Platelets 250,000; WBC 12.3; viral load 67390 copies/mL; CD4 788 cells/uL.",
        "Parkinson's disease, Crohn's colitis, Wells score 4.5, Glasgow Coma Scale 12, Foley catheter, Apgar scores.",
        "Hashimoto thyroiditis, Ehlers-Danlos syndrome, Babinski sign absent, Kerley B lines, Colles fracture.",
        "Malignant Neoplasm of Breast. Tuberculous Abscess Of Brain. HGPRT deficiency. Disto-occlusion Division I.",
        "Continue Lasix, Tylenol and Metoprolol Tartrate. Follow Up with Primary Care. Per Radiology, no embolus.",
        "ICD-10 E11.9; CPT 99213; trial NCT01234567; in 2019 he stopped smoking; Texas is large.",
        "A 45-year-old man smoked 90 pack-years; the wound healed in 95 days.",
        "E. coli and S. aureus grew. C. difficile toxin negative. Vitamin D 50,000 IU.",
        "患者高热，时有咳嗽，方便，平时安静。主任医师查房，医生建议多饮水，护士宣教。",
        "白细胞10.5×10^9/L，血压120/80mmHg，住3病区15床，咳嗽3月余，转往上级医院，患者于入院后好转。",
        "患者常感乏力，予地佐辛镇痛，尿路通畅，静脉通路建立，右侧胸壁压痛。",
    ],
)
def test_leaves_medicine_alone(deidentifier: Deidentifier, text: str) -> None:
    assert [text[one.start : one.end] for one in deidentifier.find(text)] == []


def test_a_sum_beside_a_person_is_no_age_and_no_telephone_number(deidentifier: Deidentifier) -> None:
    person = "Mr. Quentin Lindqvist, MRN 24174015, called on 07/05/2021 from (780) 555-0111."
    texts = [f"{person} How many is {number} and 1?" for number in range(100, 140)]
    assert [one for text in texts for one in deidentifier.find(text) if one.start > len(person)] == []


@pytest.mark.parametrize(
    ("text", "identifier", "kind"),
    [
        ("Policy active.\nSSN 997-\n34-3216. Referred by the clinic.", "997-\n34-3216", "ssn"),
        ("seen\non 25/07\n/2024 for cough", "25/07\n/2024", "date"),
        ("Reach at\n770-\n555-0192 or home", "770-\n555-0192", "phone"),
        ("Pump serial L6-\n069216-U.", "L6-\n069216-U", "device"),
    ],
)
def test_finds_what_a_line_end_breaks(deidentifier: Deidentifier, text: str, identifier: str, kind: str) -> None:
    assert (identifier, kind) in [(text[one.start : one.end], one.kind) for one in deidentifier.find(text)]


@pytest.mark.parametrize(
    "piece", ["acgt", "ACGT", "aGVsbG8gd29y", "1.2.3.", "A.B.", "1 ", "ABC-123 ", "王小明，", "号1", "of the "]
)
def test_a_long_run_of_one_thing_ends_and_hides_nobody(deidentifier: Deidentifier, piece: str) -> None:
    """Sequences, attachments and lists: 40,000 characters of such once took more memory than there is, or minutes."""
    text = piece * (40_000 // len(piece)) + "\n\nSeen by Dr. Whitcombe in clinic."
    assert "Whitcombe" in [text[one.start : one.end] for one in deidentifier.find(text)]


def test_findings_are_sorted_and_do_not_overlap(deidentifier: Deidentifier) -> None:
    text = "\n".join(text for text, _, _ in ENGLISH + CHINESE)
    found = deidentifier.find(text)
    assert len(found) > 40
    assert all(left.end <= right.start for left, right in itertools.pairwise(found))


def test_a_person_keeps_one_number_and_another_gets_the_next(deidentifier: Deidentifier) -> None:
    values = {
        "text": "Patient: Quentin Lindqvist. Mr. Lindqvist's wife Marisol Jankowski called Dr. Whitcombe. "
        "Q. Lindqvist thanked Marisol."
    }
    result, counts = deidentifier.document(values, "notes.jsonl:1")
    assert result["text"] == (
        "Patient: [NAME-1]. Mr. [NAME-1]'s wife [NAME-2] called Dr. [NAME-3]. [NAME-1] thanked [NAME-2]."
    )
    assert counts == {"name": 6}


def test_what_a_column_tells_is_found_in_every_text() -> None:
    deidentifier = Deidentifier(settings(fields={"who": "name", "chart": "mrn", "code": "keep"}))
    values = {
        "who": "Xqzy Brolt",
        "chart": "77a",
        "code": "Brolt",
        "turns": [{"text": "brolt was here"}, {"text": "see 77A, not 77AB"}],
    }
    result, _ = deidentifier.document(values, "x:1")
    assert result == {
        "who": "[NAME-1]",
        "chart": "[MRN-1]",
        "code": "Brolt",
        "turns": [{"text": "[NAME-1] was here"}, {"text": "see [MRN-1], not 77AB"}],
    }


def test_lines_of_a_page_agree_with_its_text(deidentifier: Deidentifier) -> None:
    values = {
        "text": "Name: Whitcombe\nQuentin\nMRN 8284412",
        "confidence": 0.91,
        "lines": [
            {"text": "Name: Whitcombe", "confidence": 0.93, "box": [1, 2, 30, 40]},
            {"text": "Quentin", "confidence": 0.91, "box": [1, 42, 30, 80]},
            {"text": "MRN 8284412", "confidence": 0.95, "box": [1, 82, 30, 120]},
        ],
    }
    result, _ = deidentifier.document(values, "page.png")
    assert not re.search("whitcombe|quentin|8284412", json.dumps(result), re.IGNORECASE)
    assert [line["box"] for line in result["lines"]] == [line["box"] for line in values["lines"]]  # type: ignore[index]
    assert result["confidence"] == 0.91


def test_numbers_change_only_by_setting() -> None:
    deidentifier = Deidentifier(settings(fields={"age": "age", "zip": "zip", "mrn": "mrn"}))
    result, counts = deidentifier.document({"age": 95, "zip": 3601, "mrn": 8284412, "sodium": 8284412}, "x:1")
    assert result == {"age": 90, "zip": "000**", "mrn": "[MRN-1]", "sodium": 8284412}
    assert counts == {"age": 1, "zip": 1, "mrn": 1}
    assert deidentifier.document({"age": 72}, "x:1")[0] == {"age": 72}


@pytest.mark.parametrize(
    ("dates", "expected"),
    [("year", "Seen 2021, again [DATE] and in 2019."), ("remove", "Seen [DATE], again [DATE] and in 2019.")],
)
def test_dates_are_cut_or_removed(dates: str, expected: str) -> None:
    text = "Seen 03/04/2021, again March 9 and in 2019."
    assert Deidentifier(settings(dates)).document({"text": text}, "x:1")[0] == {"text": expected}


def test_a_birth_year_that_tells_a_high_age_goes_too(deidentifier: Deidentifier) -> None:
    text = "Born 04/05/1920, seen 03/04/2021. Her son, born 04/05/1950, came along."
    assert deidentifier.document({"text": text}, "x:1")[0]["text"] == (
        "Born [DATE], seen 2021. Her son, born 1950, came along."
    )


def test_shifted_dates_keep_their_distance_and_form() -> None:
    deidentifier = Deidentifier(settings("shift"), b"secret")
    text = "From 2021-03-01 to 2021-03-11. 2021年3月1日入院。"
    first = deidentifier.document({"text": text}, "x:1")[0]["text"]
    dates = re.findall(r"\d{4}-\d\d-\d\d", first)
    start, end = (dt.date.fromisoformat(one) for one in dates)
    assert (end - start).days == 10
    assert dates[0] != "2021-03-01"
    assert f"{start.year}年{start.month}月{start.day}日" in first
    assert deidentifier.document({"text": text}, "x:1")[0]["text"] == first
    others = {deidentifier.document({"text": text}, f"x:{number}")[0]["text"] for number in range(8)}
    assert len(others) > 4
    assert Deidentifier(settings("shift"), b"other").document({"text": text}, "x:1")[0]["text"] != first


def test_shifting_needs_a_key() -> None:
    with pytest.raises(ValueError, match="PRACTICUM_DATE_SHIFT_KEY"):
        Deidentifier(settings("shift"))


def test_nothing_is_left_and_nothing_changes_the_second_time(deidentifier: Deidentifier) -> None:
    for text, _, _ in ENGLISH + CHINESE:
        once, counts = deidentifier.document({"text": text}, "x:1")
        assert counts, text
        assert deidentifier.left(once["text"]) == []
        assert deidentifier.document(once, "x:1") == (once, {})


def test_surrogates_are_no_findings(deidentifier: Deidentifier) -> None:
    text = "Dr. [NAME-1] saw [NAME-2], 90+ years old, born [DATE], of [LOCATION-1], TX 750**, in 2021. MRN: [MRN-1]"
    assert deidentifier.left(text) == []


@pytest.mark.parametrize("cut", range(20, 175, 5))
def test_a_torn_line_gives_nobody_away(deidentifier: Deidentifier, cut: int) -> None:
    line = (
        '{"id": "D1", "patient": {"name": "Quentin Lindqvist", "birth_date": "07/05/1999", "mrn": "24174015", '
        '"phone": "(780) 555-0111", "email": "quentin.lindqvist@example.org"}}'
    )
    for torn in (line[:cut], line[cut:]):
        excerpt = deidentifier.excerpt(torn)
        assert not re.search(r"quentin|lindq|2417|555|07/05", excerpt, re.IGNORECASE), excerpt


def test_a_worker_gets_its_own(deidentifier: Deidentifier) -> None:
    other = pickle.loads(pickle.dumps(deidentifier))  # noqa: S301 -- what a worker process does
    text = "Seen by Dr. Whitcombe on 03/04/2021."
    assert other.find(text) == deidentifier.find(text)


def test_no_text_is_logged(deidentifier: Deidentifier, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        deidentifier.document({"text": "Dr. Whitcombe, SSN 219-09-9999, q.lindqvist@example.org"}, "x:1")
        deidentifier.excerpt("Whitcombe 219-09-9999")
    assert not re.search("Whitcombe|219-09|lindqvist", caplog.text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2300 report taken. Thistlekamp asleep, easy to rouse.", "Thistlekamp"),
        ("Chair 4\nÖdegårdsson, Keanu  06/17/25\n", "Keanu"),
        ("今天送来的老人由詹满仓陪同。", "詹满仓"),
        ("家属飞燕来探视。", "飞燕"),
        ("陳志明女士表示同意。", "陳志明"),
        ("王某某诉头晕。", "王某某"),
    ],
)
def test_finds_names_that_no_list_holds(deidentifier: Deidentifier, text: str, name: str) -> None:
    found = deidentifier.find(text)
    assert any(text[one.start : one.end].find(name) >= 0 for one in found if one.kind == "name")


@pytest.mark.parametrize(
    "text",
    [
        "Now it is Fiedler's myocarditis.",
        "This is linear scleroderma, not Gottron's papules.",
        "患者平时身体健康，方案调整。",
    ],
)
def test_takes_no_disease_or_word_for_a_name(deidentifier: Deidentifier, text: str) -> None:
    assert [one for one in deidentifier.find(text) if one.kind == "name"] == []


def test_an_excerpt_keeps_no_moved_date() -> None:
    moving = Deidentifier(settings("shift"), b"a key of this test")
    assert moving.excerpt("Seen on 03/04/2019 with fever.") == "Seen on [DATE] with fever."
