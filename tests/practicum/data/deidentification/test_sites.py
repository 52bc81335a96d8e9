"""Places, pictures and numbers that the words around them give away."""

import pytest

from practicum.data.deidentification import chinese_codes, chinese_sites, codes, sites


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Struck at the corner of Elm and 5th, extricated.", "the corner of Elm and 5th"),
        ("Pedestrian hit at Cortland St and Halsted Ave today", "Cortland St and Halsted Ave"),
        ("Rollover on Highway 287, unrestrained.", "Highway 287"),
        ("Brought from HMP Winchester with two officers.", "HMP Winchester"),
        ("Employer: Tulare Packing Co, full time", "Tulare Packing Co"),
        ("Suburb: Moonee Ponds", "Moonee Ponds"),
        ("Address: 3/42 Wattle Grove, NSW", "3/42 Wattle Grove"),
        ("Employer: Hotel Punta Zorilla\n", "Hotel Punta Zorilla"),
        ("<facility>Zorkmead Memorial</facility>", "Zorkmead Memorial"),
        ("ran aground on Zorker's Reef today", "Zorker's Reef"),
        ("seen at Clínica Zorrales, stable", "Clínica Zorrales"),
        ("pt,from,to\n1,Zorkmead,Quillan Bay\n", "Quillan Bay"),
        ("slipped at Zorkham Head car park today", "Zorkham Head car park"),
        ("slept at the Amtrak station in Zorkton.", "Amtrak station in Zorkton"),
        ("rolled over on CR 991 near the Zorkin bridge.", "CR 991 near the Zorkin bridge"),
        ("RTC, A991 Zorkgate roundabout, two cars", "A991 Zorkgate roundabout"),
        ("teaches at Zork Hollow ISD; well", "Zork Hollow ISD"),
        ("left Upper Zorkham 07:10 by air", "Upper Zorkham"),
        ("lifeboat crew took him to Station 88. Warm", "Station 88"),
    ],
)
def test_finds_place(text: str, place: str) -> None:
    assert place in {text[one.start : one.end] for one in sites.find_sites(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Surgery planned for Monday. Office visit. Base deficit 4.",
        "Site: right deltoid. School: N/A. Employer: Retired.",
        "Left Lower Quadrant 10:30. Dental bridge. Carpal tunnel. PS 12 over 5. Station 4 nurse. Fetal station 0.",
        "Exit 10 mm; route IV; walks on treadmill; lives in apartment with wife.",
    ],
)
def test_leaves_medicine(text: str) -> None:
    assert not list(sites.find_sites(text))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("经海淀区人民法院委托鉴定", "海淀区人民法院"),
        ("暂住在水岸新城3期8栋", "水岸新城3期8栋"),
        ("台北市信義區松仁路100號5樓", "台北市信義區松仁路100號5樓"),
        ("安贞街道居民", "安贞街道"),
    ],
)
def test_finds_chinese_place(text: str, place: str) -> None:
    assert place in {text[one.start : one.end] for one in chinese_sites.find_chinese_sites(text)}


def test_leaves_hospitals_without_name() -> None:
    assert not list(chinese_sites.find_chinese_sites("定期到医院复查，到当地医院就诊，去菜市场买菜。"))


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("案号：（2023）京0108民初11892号", "（2023）京0108民初11892号", "id_number"),
        ("受试者S-0912", "S-0912", "id_number"),
        ("牌照 杭州A09182", "杭州A09182", "vehicle"),
        ("停放黑 E-7K229车内", "黑 E-7K229", "vehicle"),
        ("由120（辽C444急）送来", "辽C444急", "vehicle"),
        ("驾驶吉07 56586号轮式拖拉机", "吉07 56586", "vehicle"),
        ("接辽营渔57082船主", "辽营渔57082", "vehicle"),
        ("救助直升机B-7299出动", "B-7299", "vehicle"),
        ("车辆：渝D·3018U（120-A49车）", "120-A49车", "vehicle"),
        ("江公（刑）鉴聘字〔2021〕68号", "江公（刑）鉴聘字〔2021〕68号", "id_number"),
        ("退费 130.00　退至 9222　医保", "9222", "bank_card"),
        ("姓名　工号　身份证后四位　项目\n张三　G46382　981X　听阈\n", "981X", "resident_id"),
    ],
)
def test_finds_chinese_number(text: str, value: str, kind: str) -> None:
    found = {(text[one.start : one.end], one.kind) for one in chinese_codes.find_chinese_numbers(text)}
    assert (value, kind) in found


@pytest.mark.parametrize(
    ("text", "value"), [("Attached: patient face front.jpg", "patient face front.jpg"), ("Photo no. 4471-B", "4471-B")]
)
def test_finds_picture(text: str, value: str) -> None:
    assert value in {text[one.start : one.end] for one in codes.find_pictures(text)}
