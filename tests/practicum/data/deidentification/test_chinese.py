"""Addresses, dates, ages and numbers in Chinese text: what is found, and what stays."""

import re

import pytest

from practicum.data.deidentification.candidates import settled
from practicum.data.deidentification.chinese import find_chinese_codes, find_chinese_moments, find_chinese_places


def found(text: str, kind: str) -> list[str]:
    """What is found of a kind, from left to right."""
    candidates = [*find_chinese_moments(text), *find_chinese_places(text), *find_chinese_codes(text)]
    return [text[one.start : one.end] for one in sorted(settled(candidates)) if one.kind == kind]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("现住址：合肥市包河区芜湖路268号金寨公寓7栋2单元1103室", "合肥市包河区芜湖路268号金寨公寓7栋2单元1103室"),
        ("住芦台镇铁匠胡同22号附2。", "芦台镇铁匠胡同22号附2"),
        ("120：三元里177号院20-4-822，呼叫", "三元里177号院20-4-822"),
        ("家住鼓楼大街与三元里交叉口东200米。", "鼓楼大街与三元里交叉口东200米"),
        ("改成吉安街道桂花社区了", "吉安街道桂花社区"),
        ("住芦台县石门镇柿子沟。", "芦台县石门镇柿子沟"),
        ("我是月浦康复医院的护士", "月浦康复医院"),
        ("元月四号从石湾养老院转来", "石湾养老院"),
        ("系齐齐哈尔市第一机床厂车工", "齐齐哈尔市第一机床厂"),
        ("调去临泽了，", "临泽"),
        ("在临泽镇打工", "临泽镇"),
    ],
)
def test_places(text: str, place: str) -> None:
    assert place in "".join(found(text, "location"))


@pytest.mark.parametrize(
    "text",
    [
        "95岁）现病情需要上级医院诊治，建议到当地医院或社区卫生服务中心随诊。",
        "主动脉瓣区可闻及杂音，双肺听诊区清，上腹部压痛区无反跳痛。转往心内科，住院治疗。",
        "尿路感染，静脉通路通畅，病区安静，居住农村。",
    ],
)
def test_what_sounds_like_a_place_stays(text: str) -> None:
    assert found(text, "location") == []


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("腊月廿八又发，闰四月十二摔的。", ["腊月廿八", "闰四月十二"]),
        ("生于阴历三月初九，大年初二来院", ["阴历三月初九", "大年初二"]),
        ("民国一百一十年三月六日做的寿", ["民国一百一十年三月六日"]),
        ("去年八月二十一号以前来拿，上月十八号走失", ["去年八月二十一号", "上月十八号"]),
        ("二〇一九年九月初退，2020年三月中旬操作机床", ["二〇一九年九月初", "2020年三月中旬"]),
        ("六月十日到十四日请假，2021年4月8-11日发热", ["六月十日到十四日", "2021年4月8-11日"]),
        ("6/16拾得假牙，06-16来院拆线，2.4复查。", ["6/16", "06-16", "2.4"]),
        ("发热5.12-5.16，回复：02-05已看", ["5.12-5.16", "02-05"]),
        ("男／69／20251005", ["20251005"]),
    ],
)
def test_dates(text: str, dates: list[str]) -> None:
    assert found(text, "date") == dates


@pytest.mark.parametrize(
    "text",
    [
        "白细胞 3.5-9.5，肌力3/5级，心功能2/3级，每次1/2片，视力0.8，血钾3.2mmol/L。",
        "两月前起病，近3月体重下降，住院12天，血压148/74，MMSE 21/30，月经规律。",
        "每日10-15次，术后7-10天拆线。",
    ],
)
def test_values_and_spans_are_no_dates(text: str) -> None:
    assert found(text, "date") == []


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("他今年九十好几了吧？", ["九十好几"]),
        ("您快一百的人了", ["快一百"]),
        ("老人今年九十有六，平时", ["九十有六"]),
        ("享年九十有三岁。九旬喽。", ["九十有三岁", "九旬"]),
        ("男/100Y，女/70Y", ["100"]),
        ("步行一百米，心率96，血压一百二，七十多岁", []),
    ],
)
def test_high_ages(text: str, ages: list[str]) -> None:
    assert found(text, "age") == ages


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("乌苏市—14420719535".replace("—", "-"), "phone", "14420719535"),
        ("电话(0571)1\n6076851，", "phone", "(0571)1\n6076851"),
        ("电话+86\n14462458985，", "phone", "+86\n14462458985"),
        ("证件419798193\n91119390X，", "resident_id", "419798193\n91119390X"),
        ("证号护767690001、护080787121。", "id_number", "护080787121"),
        ("扫脸图 面部正位_3708.jpg存档", "photo", "面部正位_3708.jpg"),
        ("声纹VP-6eefbe。", "biometric", "VP-6eefbe"),
        ("足印虹膜608988。", "biometric", "虹膜608988"),
        ("SN:K6565-9720号泵", "device", "SN:K6565-9720"),
        ("（20床，578008E）", "id_number", "578008E"),
        ("翠湖花园20幢793（835850）\n", "zip", "835850"),
        ("车牌新Q·7K382，", "vehicle", "新Q·7K382"),
    ],
)
def test_numbers(text: str, kind: str, value: str) -> None:
    assert value in found(text, kind)


def test_measured_values_are_no_numbers_of_persons() -> None:
    text = (
        "痰培养81470CFU/ml，D-二聚体8775ng/ml，1234567拷贝/ml，BRCA1 c.4494，2019-2021年，ICD-10 J75.864，花费83705元"
    )
    assert list(find_chinese_codes(text)) == []


def test_dates_in_words_need_no_digit_in_the_text() -> None:
    text = "闰四月十二摔的"
    assert not re.search(r"\d", text)
    assert [text[one.start : one.end] for one in find_chinese_moments(text)] == ["闰四月十二"]
