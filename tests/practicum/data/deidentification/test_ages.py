"""Ages over 89 in their many forms, and numbers that are none."""

import pytest

from practicum.data.deidentification.ages import find_ages


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("Age (yrs): 95", ["95"]),
        ("Mother: alive, 96, DM2. MGF lived to 102.", ["96", "102"]),
        ("She will be 95 in May.", ["95"]),
        ("Informant: wife (90), hard of hearing", ["90"]),
        ("Name\tAge\tHR\nKay\t97\t92\nMoe\t66\t98", ["97"]),
        ("Happy 95th birthday", ["95", "95th"]),
        ("姓名\t年龄\t诊断\n甲\t96\t肺炎\n乙\t63\t肺炎\n", ["96"]),
        ("Demographics: 90, female, widowed", ["90"]),
        ("patient admits he is pushing a hundred.", ["a hundred"]),
        ("Elderly gentleman (90s), no fixed address", ["90s"]),
        ("He was born 98 years ago on a farm.", ["98"]),
        ('"url": "ageInYears", "valueInteger": 103 },', ["103"]),
        ("OBX|1|NM|AGE^年龄||95|岁|||||F", ["95"]),
        ('<age unit="岁" value="94"/>', ["94"]),
        ("PAS7521631,CADWALADR^IFAN,092Y,20160812", ["092"]),
        ("users over 75 (you are 93) to bring", ["93"]),
        ("JAMES LARGEY 14 Aug 1925 (90). R flashes", ["90"]),
        ("DECEDENT: ANDREW MORRISON, 93 (DOB 03/10/1926)", ["93"]),
        ("niece asked me whether at 94 she can still go home", ["94"]),
        ("4a. Age - last birthday (yrs) 91      5. Date of birth", ["91"]),
        ("Grandmother (maternal) 94 visiting from abroad", ["94"]),
        ("Zelda Zork, 102 on her last birthday", ["102"]),
        ("0900 | ZORK, ZELDA | hip | 97 | Ward 5\n", ["97"]),
        ("his grandmother of one hundred and one remains well", ["one hundred", "one hundred and one"]),
        ("0900 | ZORK, ZELDA | 97 | 98 | RA\n", []),
        ("Temp 101 F, weight 92 kg, BP 98/54", []),
        ("sats in the high 90s, HR 92", []),
        ("Patient was 94 on room air", []),
        ("enrolled sib pair 96 / 101, both well", ["101", "96"]),
        ("Pt 98, unresponsive on the floor", ["98"]),
        ("says 90, but 97 by her passport", ["97"]),
        ("Great-nan 94 came by taxi", ["94"]),
        ("Bed 4, Zorkin: 95, day 2", ["95"]),
        ("Pt 98% on air; resident in 91 fell; sats 94 / 95", []),
        ("步行112m后气促", []),
    ],
)
def test_ages(text: str, ages: list[str]) -> None:
    assert sorted({text[one.start : one.end] for one in find_ages(text)}) == sorted(ages)
