"""Numbers and codes: found by form, label, column or look; measurements and names of medicine stay."""

import pytest

from practicum.data.deidentification import codes, forms, numbers
from practicum.data.deidentification.candidates import Candidate, settled


def found(text: str) -> list[tuple[str, str]]:
    candidates: list[Candidate] = [
        *numbers.find_codes(text),
        *numbers.find_labelled_forms(text),
        *numbers.find_phones(text),
        *codes.find_spaced(text),
        *codes.find_labelled(text),
        *codes.find_endings(text),
    ]
    return [(text[one.start : one.end], one.kind) for one in settled(candidates, text)]


@pytest.mark.parametrize(
    ("text", "code", "kind"),
    [
        ("Syringe driver K1-105902-G needs a battery.", "K1-105902-G", "device"),
        ("Holter BDNA4072U returned.", "BDNA4072U", "device"),
        ("Subscriber KTX 324 27 9526 is active.", "KTX 324 27 9526", "health_plan"),
        ("T. Nail RN FFA 47-15410", "FFA 47-15410", "licence"),
        ("parked a van, SZ21 TVH, outside", "SZ21 TVH", "vehicle"),
        ("Palm scan 2489-4985-PALM taken.", "2489-4985-PALM", "biometric"),
        ("MRN ends in 8276 per the caller.", "8276", "mrn"),
        ("Chrt~ 187-690-214   Lic~ BM 381372", "BM 381372", "licence"),
        ("name|mrn|dob\nNail, Joy|48213|1961", "48213", "mrn"),
        ("He lives at 538 Elm Pkwy Ste 677, Wexham 85079", "85079", "zip"),
        ("from the 30318 zip code", "30318", "zip"),
        ("Toronto ON  M5V2T6", "M5V2T6", "zip"),
        ("Face template FR:a81c:33d9:0f2e deleted", "FR:a81c:33d9:0f2e", "biometric"),
        ("Facial photo series FPS-3391 (5 views)", "FPS-3391", "photo"),
        ("username jdoe19", "jdoe19", "account"),
        ("Nail, Joy | 1961/05/29 | 955-13-2280 | 14987", "14987", "zip"),
        ("grey Malibu, plate DL Y 40005, airbags out", "DL Y 40005", "vehicle"),
        ("a black Dodge Ram, YT 87554 (OH), VIN on", "YT 87554", "vehicle"),
        ("Case: Klein v. Linen Service, No. 22 L 006568", "22 L 006568", "id_number"),
    ],
)
def test_finds_a_code_by_its_label_place_or_look(text: str, code: str, kind: str) -> None:
    assert (code, kind) in found(text)


def test_a_code_without_any_label_is_an_identifier() -> None:
    assert [value for value, _ in found("Heart 298 g, no excrescences. 355-44-49354. Nothing else.")] == [
        "355-44-49354"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "CD4 788, B12 729, HbA1c 6.9, ANC 6390, CK 27116 U/L, 98476IU/ml, platelets 150000-400000.",
        "T2-T12 fusion, C3-C4-C5-C6, pT2aN0M0, V600E, L858R, c.1521_1523delCTT, HLA-B27, SARS-CoV-2, G3P2002.",
        "Percocet 5/325, amoxicillin 875mg-125mg, heparin 5000units, U-500, GSK2118436, IL-6, BNT162b2.",
        "NDC 0093-1048-01, LOINC 4548-4, SNOMED 38341003, ICD-10-CM M17.11, CPT 27447, HCPCS J7246.",
        "HR 0.88 (95% CI 0.52-1.14), n=34143; NCCN v1.2021; KDIGO2012; doi 10.1056/NEJMoa1234567.",
        "The REF 361-21-185 stem came with LOT 22776.",
        "Retinal thickness 312 um, Voice Handicap Index 42/120, images 1-24, image 4 of 12 shows a nodule.",
        "step therapy under Policy 8.01.65 was not tried",
    ],
)
def test_leaves_measurements_and_names_of_medicine(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "code", "kind"),
    [
        ("packs G670 125 887 300 H; S101 21 292440 8.", "S101 21 292440 8", "id_number"),
        ("Unit G587 125 871 267 J   exp 23:59", "G587 125 871 267 J", "id_number"),
        ("sent tracked RM 4893 9354 1GB to", "RM 4893 9354 1GB", "id_number"),
        ("NI QQ 24 03 29 T   Payroll", "QQ 24 03 29 T", "id_number"),
        ("(0020,000D) UI [1.2.840.113619.2.1890.907424252245]", "1.2.840.113619.2.1890.907424252245", "id_number"),
        ("Funeral Service | SM76 FCZ", "SM76 FCZ", "vehicle"),
        ("brother Howard will drive, J63 H85 parked", "J63 H85", "vehicle"),
        ("off charter boat HA 3755 RG on", "HA 3755 RG", "vehicle"),
        ("邮 编：2 1 6 1 6 1", "2 1 6 1 6 1", "zip"),
        ('"418 Cottonwood Spur",Big Sumac,MN,42224,309', "42224", "zip"),
        ("Box 173, Site 4, H6J3C8. Drives", "H6J3C8", "zip"),
        ("Veteran (7724 last four), Army", "7724", "ssn"),
        ("Delta Dental, group 70777. ASA II", "70777", "health_plan"),
        ("coastguard helicopter G-YFKZ, landed", "G-YFKZ", "vehicle"),
        ("ERROR [sign] user='rhalvors' ip=198.51.100.166", "rhalvors", "account"),
        ("opened by lab-it08\\n23:40 login t.osullivan2 VIEW", "t.osullivan2", "account"),
        ("经办人：苏日娜　复核：jsk06　家属签字", "jsk06", "account"),
    ],
)
def test_tells_a_number_by_its_form(text: str, code: str, kind: str) -> None:
    assert (code, kind) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "code system 2.16.840.1.113883.6.1, template 1.3.6.1.4.1.19376.1.5.3",
        "feeds by G-TUBE at 60 mL/h; BP98 MAP 72; login page, account balance, user guide v2",
    ],
)
def test_roots_tubes_and_pages_have_no_such_form(text: str) -> None:
    assert not [one for one in found(text) if one[1] in ("vehicle", "account") or one[0].startswith(("2.16", "1.3"))]


@pytest.mark.parametrize(
    ("text", "code", "kind"),
    [
        ("Arrived by EMS, unit 8812, from home", "8812", "vehicle"),
        ("Rescue unit M-733 on scene 0712", "M-733", "vehicle"),
        ("PCR 5512   Unit Medic 48   Priority 2", "Medic 48", "vehicle"),
        ("handed to rig 61 at the door", "61", "vehicle"),
        ("forklift FL-77 reversed over his foot", "FL-77", "vehicle"),
        ("rode school bus 58 home", "58", "vehicle"),
        ("fell from the skiff (ME 8835 ZQ) at noon", "ME 8835 ZQ", "vehicle"),
        ("A/C J9-7QX (jet) wheels up", "J9-7QX", "vehicle"),
        ("date,tail,pt\n2031-02-03,C-FQQX,Zork\n", "C-FQQX", "vehicle"),
        ("veh,driver\nQX-7781,Zork\n", "QX-7781", "vehicle"),
        ("export by qtester41 at night", "qtester41", "account"),
        ("visit,uploader\n3,qz.tmp71\n", "qz.tmp71", "account"),
        ("subj,arm\n05-991,B\n", "05-991", "id_number"),
        ("SN 23999888777, DN 404; mask", "404", "device"),
        ("accreditation 77881.", "77881", "licence"),
        ("Crew on Squad 71: two medics", "Squad 71", "vehicle"),
        ("Rode in M83 to the door", "M83", "vehicle"),
        ("saw the Skoda XZ7X ZZB leave", "XZ7X ZZB", "vehicle"),
        ("auto KA-07 QZ 1180 fled", "KA-07 QZ 1180", "vehicle"),
        ("Snowmachine AK 8817Q sank", "AK 8817Q", "vehicle"),
        ("Officer unit 7-Q-31 attended", "7-Q-31", "vehicle"),
        ("tram driver off, unit 188-404, late", "188-404", "vehicle"),
        ("hit by hearse QXZ 991 today", "QXZ 991", "vehicle"),
        ("BSB 062-991 acc 1", "062-991", "account"),
        ("autopay from checking ending in 8801", "8801", "account"),
        ("Username: hparquet", "hparquet", "account"),
        ("accounts to disable:\nQX4417 (left)\nqhask-zz - moved\n", "qhask-zz", "account"),
        ("CPSO 77120, cc", "77120", "licence"),
        ("Regn of Dr Zork Quill: QMC 44120", "QMC 44120", "licence"),
        ("Warmer HTM 04417; rate", "HTM 04417", "device"),
        ("Dexcom transmitter 8QZXQX.", "8QZXQX", "device"),
        ("IBAN IE99 XXXX 1234 5678 9012 34", "IE99 XXXX 1234 5678 9012 34", "account"),
    ],
)
def test_finds_units_of_crews_users_and_what_a_column_tells(text: str, code: str, kind: str) -> None:
    assert (code, kind) in {(text[one.start : one.end], one.kind) for one in forms.find_forms(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Moved to unit 4B; unit ICU 3 is full. Give 1 unit 300 ml.",
        "Took the bus 20 minutes to clinic, then bus 2 hours home.",
        "Ambulance 0915 arrived. Rescue 2 puffs as needed. Engine oil 40.",
        "Truck crash: C-7 fracture, T-12 wedge. Boat trip, BP 120/80.",
        "user=unknown; signed by nurse at 0700",
        "Unit 4 has 12 beds. Air 2 L by mask. ALS 1 EMERG. RIG 20 IU/kg given.",
        "Feeds via G-TUBE. Airway I-GEL. User guide, login page, signed by x-ray tech, logged in as admin.",
        "Colonic transit 24-48 h. Swift recovery 8812 steps. RN 0548 RBV. Balance ending 2024-25.",
        "Monitor MP 70. Vaccine lot AB1234. Pump rate 120. Stage PT2A NOS. PO 25 MG 1000.",
        "name,unit\nsodium,mmol/L\n",
    ],
)
def test_wards_rides_and_units_of_measure_are_no_vehicles(text: str) -> None:
    assert not list(forms.find_forms(text))


@pytest.mark.parametrize("plate", ["7QX Z41", "Z41 7QX", "QXZV 881", "8QX Z22", "6Q771X"])
def test_finds_plates_beside_a_vehicle(plate: str) -> None:
    text = f"gray Malibu {plate} towed"
    assert (plate, "vehicle") in found(text)


def test_a_vaccine_beside_a_car_is_no_plate() -> None:
    assert not found("Car sold. Vaccines: PCV20 given")
