"""Addresses, dates, ages and numbers in Chinese text: what is found, and what stays."""

import re

import pytest

from practicum.data.deidentification.candidates import settled
from practicum.data.deidentification.chinese import find_chinese_codes, find_chinese_moments, find_chinese_places
from practicum.data.deidentification.chinese_codes import find_chinese_numbers
from practicum.data.deidentification.chinese_sites import find_chinese_sites
from practicum.data.deidentification.public_codes import find_lots, is_public, is_undated, lots_in_tables


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


def numbers(text: str) -> dict[str, str]:
    """What `find_chinese_numbers` finds, and of what kind."""
    return {text[one.start : one.end]: one.kind for one in settled(find_chinese_numbers(text), text)}


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("系统登不上，账号kfb_31，请重置", "kfb_31", "account"),
        ("账号 kfb_31、hlb_08 已停", "hlb_08", "account"),
        ("# 导出人 yaoshi22 主机", "yaoshi22", "account"),
        ('"loginId": "xqk.207",', "xqk.207", "account"),
        ("Failed password for xqk_9 from", "xqk_9", "account"),
        ("时间,用户名,IP\n08:01,xqk55,内网", "xqk55", "account"),
        ("缴费账户 zfb_138****27", "zfb_138****27", "account"),
        ("登录手机 154****0071", "154****0071", "phone"),
        ("缴费打到3012 7765 1180 62可以吗", "3012 7765 1180 62", "account"),
        ("上次B超号超40217。", "超40217", "id_number"),
        ("透析号 HD207 首透", "HD207", "id_number"),
        ("手写腕带黄-04；", "黄-04", "id_number"),
        ("经调解（第310447261号）", "第310447261号", "id_number"),
        ("住院号 30411-72 血型", "30411-72", "id_number"),
        ("编号　姓名　剂量\n031　甲某　0.4", "031", "id_number"),
        ("经营许可证：冀唐食药监械经营许20310044号", "冀唐食药监械经营许20310044号", "licence"),
        ("协调员甲某（证协调K3381）", "协调K3381", "licence"),
        ("人脸认证 人像4410275", "人像4410275", "biometric"),
        ("请发身份证后四位\n家属：417X", "417X", "resident_id"),
    ],
)
def test_numbers_of_accounts_and_offices(text: str, value: str, kind: str) -> None:
    assert numbers(text)[value] == kind


@pytest.mark.parametrize(
    "text",
    [
        "换用 SGLT2抑制剂，改用PD-1，复查异常 IL-6，登录PACS2.0系统。",
        "型号 BX-7701，批号 K20418，2号楼，床号 12，第3次，退回2000元。",
        "序号　姓名　金额\n1　甲某　2400",
    ],
)
def test_what_sounds_like_a_number_of_someone_stays(text: str) -> None:
    assert numbers(text) == {}


@pytest.mark.parametrize(
    ("text", "lots"),
    [
        ("输液港，港体批号 BN4410。多西他赛 批号D2210。", ["BN4410"]),
        ("主钉 批号8L4410；螺旋刀片 批号8K9921", ["8L4410", "8K9921"]),
        ("右胸壁港（2016-12置，批号C7701W2）", ["C7701W2"]),
        ("尿管在位，头孢曲松 2.0g（批号 230117）", []),
        ("黏弹剂批号 HV2201，抗体批号 Q0817", []),
    ],
)
def test_lots_of_what_is_worn(text: str, lots: list[str]) -> None:
    assert [text[one.start : one.end] for one in find_lots(text)] == lots


@pytest.mark.parametrize(
    ("text", "value"),
    [("方案号 QT-31-02，", "QT-31-02"), ("依据GA/T 1193-2014。", "1193-2014"), ("产品码 E0336V00　去白", "E0336V00")],
)
def test_public_numbers(text: str, value: str) -> None:
    start = text.index(value)
    assert is_public(text, start, start + len(value))


def test_versions_and_lots_are_no_dates() -> None:
    for text, value in (("固件 v3.6.9", "3.6.9"), ("版本 1.8", "1.8"), ("批号20240314", "20240314")):
        start = text.index(value)
        assert is_undated(text, start, start + len(value))
    assert not is_undated("复查 3.6 来", 3, 6)
    table = "疫苗　批号　日期\n乙肝　A2022917　2022.02.26"
    assert lots_in_tables(table) == {table.index("A2022917")}
    assert not lots_in_tables(table.replace("疫苗", "植入物"))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("被柳坪村王某家的狗咬", "柳坪村"),
        ("让他到松鹤楼三层找护士", "松鹤楼"),
    ],
)
def test_villages_and_buildings(text: str, place: str) -> None:
    assert place in [text[one.start : one.end] for one in find_chinese_sites(text)]


def test_villages_and_buildings_of_any_name_stay() -> None:
    assert list(find_chinese_sites("回农村老家，去门诊楼三楼，到外科楼2层")) == []


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("检验科 qwe4417k、mzhao08审核。", "account", ["qwe4417k", "mzhao08"]),
        ("登录名ris_204，药师关某（tr3305b）拦截", "account", ["ris_204", "tr3305b"]),
        ("预交金 住预7302218 免收", "account", ["住预7302218"]),
        ("除颤仪设-4410-17，资产 固资-20817", "device", ["设-4410-17", "固资-20817"]),
        ("手环IMEI 356021 09 771402 3。", "device", ["356021 09 771402 3"]),
        ("消防车皖D207应急、WJ·消31-07到场，另QF-28候命，浦急-206接走", "vehicle",
         ["皖D207应急", "WJ·消31-07", "QF-28", "浦急-206"]),
        ("骑临电30417，电动车苏B电204417", "vehicle", ["临电30417", "苏B电204417"]),
        ("安全生产许可证（皖）FM安许证字20417，", "licence", ["（皖）FM安许证字20417"]),
    ],
)  # fmt: skip
def test_numbers_of_staff_and_fleets(text: str, kind: str, values: list[str]) -> None:
    found = settled(one for one in find_chinese_numbers(text) if one.kind == kind)
    assert [text[one.start : one.end] for one in sorted(found)] == values


@pytest.mark.parametrize(
    "text",
    [
        "押金已交5000，CA199（ca199）复核，her2、p53阳性，ver.2，no.305",
        "交CT-12室，由PD-1改为化疗，来电20417，转到3床",
    ],
)
def test_values_are_no_numbers_of_staff(text: str) -> None:
    assert [one for one in find_chinese_numbers(text) if one.kind in ("account", "vehicle", "device")] == []


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("姓名：甲某　年龄：一百零二", "一百零二"),
        ("钱某|九十三|石湾敬老院|无", "九十三"),
        ("②钱翠云，94，血压140/80", "94"),
        ("两位寿星：钱翠云一百", "一百"),
        ("今岁九旬又四，", "九旬又四"),
    ],
)
def test_ages_in_lists_and_labels(text: str, age: str) -> None:
    assert age in found(text, "age")


def test_percents_are_no_ages() -> None:
    assert found("血氧，95了，血压一百一，心率|92|", "age") == []
