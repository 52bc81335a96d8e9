"""Towns and sites that no list holds, told by how a Chinese sentence is read."""

import pytest

from practicum.data.deidentification.chinese_towns import find_chinese_towns


def found(text: str) -> set[str]:
    return {text[one.start : one.end] for one in find_chinese_towns(text)}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("独居云和区。", "云和区"),
        ("患者现在固安，明日回国", "固安"),
        ("退休前在盐亭环卫所上夜班", "盐亭环卫所"),
        ("要不要去江阳市精神卫生中心？", "江阳市精神卫生中心"),
        ("送至云和市精神卫生中心，", "云和市精神卫生中心"),
        ("就医地海陵区，", "海陵区"),
        ("老伴仍在桃源市上班", "桃源市"),
        ("献血地点：柳林市采血点", "柳林市采血点"),
        ("接种单位：柳溪东里家庭医生工作室", "柳溪东里家庭医生工作室"),
        ("致柳岭县疾控：", "柳岭县疾控"),
        ("云和市劳动人事争议仲裁院", "云和市劳动人事争议仲裁院"),
        ("走到云湾地铁站2号口", "云湾地铁站2号口"),
    ],
)
def test_towns_and_sites(text: str, place: str) -> None:
    assert place in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "病变区边界不清，局部麻醉区无渗血，听诊区清晰。",
        "送附近医院，社区医院首诊，转上级医院。",
        "家庭医生工作室签约，报当地疾控，送检验中心，心室电极（希氏束区）。",
        "单位食堂就餐，公司体检，在小区散步，超市收银员。",
        "家属在外等候，建议住院治疗，城市居民医保。",
    ],
)
def test_what_names_no_place_stays(text: str) -> None:
    assert found(text) == set()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("急送芦台妇幼急诊", "芦台妇幼"),
        ("转桐人医，", "桐人医"),
        ("就诊云澜医附三，", "云澜医附三"),
        ("拖拉机翻入石盘洼水渠", "石盘洼"),
        ("\n周家圪台孙某某，", "周家圪台"),
        ("常住芦渡天主堂，", "芦渡天主堂"),
        ("放云栖雅苑3号楼2单元，", "云栖雅苑3号楼2单元"),
    ],
)
def test_short_hospitals_and_hamlets(text: str, place: str) -> None:
    assert place in [text[one.start : one.end] for one in find_chinese_towns(text)]


@pytest.mark.parametrize(
    "text", ["转上级妇幼，请会诊口腔，去看中医", "直升机到停机坪，数据集说明（略），送标本采集，维保公司"]
)
def test_departments_and_pads_are_no_places(text: str) -> None:
    assert list(find_chinese_towns(text)) == []
