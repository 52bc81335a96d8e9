"""Messages of HL7 version 2, claims and headers of DICOM: each field is read for what the standard puts in it."""

from practicum.data.deidentification.messages import find_dicom, find_hl7, find_x12

MESSAGE = (
    "MSH|^~\\&|SUNLAB|NORDEN|EPICCARE|NORDEN|201809041422||ORU^R01|2796003080|P|2.5.1\n"
    "PID|1||E499922^^^NORDEN^MR~997-12-3456^^^^SS||MOO^EH DOH||19760303|F||2106-3|418 BIRCH ST^APT 2^WILD RICE^MN^56501"
    "||2185550133||ENG|S||H8812345|997123456\n"
    "NK1|1|TIDWELL^OLIVE|SPO||(502)555-0155\n"
    "PV1|1|I|3N^12^03|R|||0314^VASA^KARIN|||MED|||||||||V4294182252\n"
    "IN1|1|PPO|60054|HUMANA GOLD PLUS||||GR744744||||||||MOO^EH DOH|SELF|19760303\n"
    "OBX|1|NM|29463-7^WEIGHT^LN||66|kg|||||F\n"
)


def test_each_field_is_what_the_standard_says() -> None:
    found = {(MESSAGE[one.start : one.end], one.kind) for one in find_hl7(MESSAGE)}
    assert found == {
        ("NORDEN", "location"), ("2796003080", "id_number"), ("E499922", "mrn"), ("997-12-3456", "mrn"),
        ("MOO", "name"), ("EH DOH", "name"), ("19760303", "date"), ("418 BIRCH ST", "location"),
        ("APT 2", "location"), ("WILD RICE", "location"), ("56501", "zip"), ("2185550133", "phone"),
        ("H8812345", "account"), ("997123456", "ssn"), ("TIDWELL", "name"), ("OLIVE", "name"),
        ("(502)555-0155", "phone"), ("0314", "id_number"), ("VASA", "name"), ("KARIN", "name"),
        ("V4294182252", "id_number"), ("GR744744", "health_plan"),
    }  # fmt: skip


def test_segments_on_one_line_and_a_torn_one_are_read() -> None:
    text = "PID|1||44811||WISE^HARPREET NK1|1|NIGHT^APRIL|DAU"
    assert [text[one.start : one.end] for one in find_hl7(text)] == ["44811", "WISE", "HARPREET", "NIGHT", "APRIL"]


def test_a_system_that_receives_is_no_facility() -> None:
    text = "MSH|^~\\&|ADT|ELK RIDGE|IFC|RAD|202508280915||ADT^A01|88213|P|2.3"
    assert [text[one.start : one.end] for one in find_hl7(text)] == ["ELK RIDGE", "88213"]


def test_a_table_is_no_message() -> None:
    assert list(find_hl7("| PID | name | value |\n| 1 | Moo | 5 |")) == []


def test_claims_of_x12_are_read() -> None:
    text = "NM1*QC*1*ASAMOAH*KWAME****MI*DV4461107~N3*914 RUE MARCHAND~N4*CEDAR BEND*OK*70625~CLP*402-994025-9*1*578~"
    assert {(text[one.start : one.end], one.kind) for one in find_x12(text)} == {
        ("ASAMOAH", "name"), ("KWAME", "name"), ("DV4461107", "health_plan"), ("914 RUE MARCHAND", "location"),
        ("CEDAR BEND", "location"), ("70625", "zip"), ("402-994025-9", "id_number"),
    }  # fmt: skip


def test_who_bills_is_read_and_who_pays_is_not() -> None:
    text = "NM1*41*2*OLD DEPOT BILLING*****46*76~NM1*PR*2*AETNA*****PI*60054~SBR*P*18*41377******CI~"
    assert [(text[one.start : one.end], one.kind) for one in find_x12(text)] == [
        ("OLD DEPOT BILLING", "location"),
        ("41377", "health_plan"),
    ]


def test_attributes_of_dicom_are_read() -> None:
    text = (
        "(0008,0005) CS [GB18030]\n(0008,0020) DA [20190201]  StudyDate\n(0008,0050) SH [US-521004]\n"
        "(0010,0010) PN [LU^MEI=施倩]\n(0010,0020) LO [U-7784100]  PatientID\n(0008,1090) LO [Skyra]"
    )
    assert [(text[one.start : one.end], one.kind) for one in find_dicom(text)] == [
        ("20190201", "date"), ("US-521004", "id_number"), ("LU", "name"), ("MEI", "name"), ("施倩", "name"),
        ("U-7784100", "mrn"),
    ]  # fmt: skip
