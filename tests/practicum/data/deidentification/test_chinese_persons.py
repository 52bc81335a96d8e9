"""Names of persons in Chinese text: what is found, and what stays."""

import re

import pytest

from practicum.data.deidentification.chinese import find_chinese_names, without_names


def unfound(marked: str) -> list[str]:
    """Names in 【】 that no finding covers, and findings that touch none, the latter with a minus."""
    text, names = "", []
    for piece in re.split("(【[^】]*】)", marked):
        if piece.startswith("【"):
            names.append((len(text), len(text) + len(piece) - 2))
        text += piece.strip("【】") if piece.startswith("【") else piece
    found = [(one.start, one.end) for one in find_chinese_names(text)]
    covered = {place for start, end in found for place in range(start, end)}
    named = {place for start, end in names for place in range(start, end)}
    missed = [
        text[start:end]
        for start, end in names
        if any(place not in covered and not text[place].isspace() for place in range(start, end))
    ]
    wrong = ["-" + text[start:end] for start, end in found if named.isdisjoint(range(start, end))]
    return missed + wrong


@pytest.mark.parametrize(
    "marked",
    [
        "姓名：【邵婉秋】　性别：女　民族：汉族",
        "病史陈述者：【杜春来】（患者之子）",
        "姓 名 【卢思远】  性 别 男",
        "手术者：【黎耀东】　第一助手：【温馨】　麻醉医师：【成龙】　巡回护士：【向红】",
        "签名：【安然】　　日期：2020/5/6",
        "家属签字：【易水寒】　与患者关系：父子",
        "报告医师：【白桦】　审核医师：【文静】",
        "收件人【常兴】，(0571)19964784",
        "联系人【牛\n铁蛋】，号码143，【牛\n铁蛋】已签收",
        "出席【钱程】、【万全】、【明珠】、【司马懿行】，主持【江晓月】。",
        "签发：【林诗雨】/【高峰】",
    ],
    ids=lambda marked: marked[:8],
)
def test_fields_and_lists_hold_persons_even_where_the_name_is_a_word(marked: str) -> None:
    assert unfound(marked) == []


@pytest.mark.parametrize(
    "marked",
    [
        "【彭】主任指示继续抗感染，【田】大夫已知情。",
        "【曾】奶奶诉腰痛，【陶】护士予热敷。",
        "【老周】说胃痛好几年了，【小郑】护士给量了血压。",
        "【欧阳】医生和【司徒】护士长在场。",
        "【马某】，71岁，与【桑某】口角后受伤。",
        "受试者（【慕容**】）入组",
        "【徐某某】代诉病史",
    ],
    ids=lambda marked: marked[:8],
)
def test_surnames_beside_titles_and_masked_names(marked: str) -> None:
    assert unfound(marked) == []


@pytest.mark.parametrize(
    "marked",
    [
        "管床医生【雷鸣】已向家属【金大海】交代病情。",
        "投诉人称【仝春生】把【米梓涵】的药发给了【郝树根】。",
        "【瞿秋月】 1996年 05月 27日 监护人【瞿水生】",
        "老伴【解昱】99岁，由侄女【邱美玲】陪同。",
        "【慕容雨桐】交班给【毛晓倩】。",
        "【方爽】（98岁）夜间安静",
        "17床【兰学文】换药，【仇桂兰】出院。",
        "乳名【囡囡】，父【廖德顺】",
        "我叫【秋月】，姓【轩辕】。",
        "患者【樊依诺】昨夜入院。【依诺】今晨好转。",
    ],
    ids=lambda marked: marked[:8],
)
def test_names_amid_sentences(marked: str) -> None:
    assert unfound(marked) == []


@pytest.mark.parametrize(
    "marked",
    [
        "患者【阿布都热西提·买买提】，男",
        "姓名:【艾力江·吐尔逊】|性别:女",
        "鉴定人【旦增次仁】到场，【扎西卓玛】换药",
        "医师【包乌兰图雅】（证书）",
        "患者：【陳淑貞】，女",
    ],
    ids=lambda marked: marked[:8],
)
def test_names_of_other_languages_and_traditional_characters(marked: str) -> None:
    assert unfound(marked) == []


def test_columns_that_a_head_says_to_hold_persons() -> None:
    marked = "床\t姓名\t龄\t诊断\t主管\n5\t【卞永胜】\t75\t肺炎\t【阚】\n14\t【凤来仪】\t95\t待查\t【邱】\n"
    assert unfound(marked) == []


@pytest.mark.parametrize(
    "text",
    [
        "出院带药：阿托伐他汀钙片20mg qn，华法林2.5mg qd，门冬胰岛素早8u晚6u。停华法林。",
        "方药：黄芪30g，党参15g，石斛14，川芎10g，红花6g，当归12g。七剂，水煎服，日一剂。",
        "影像所见：双肺纹理增粗，右肺上叶结节，主动脉壁钙化，左房增大。高敏C反应蛋白升高。",
        "考虑格林-巴利综合征、白塞病、霍奇金淋巴瘤、雷诺现象，换斯万-甘兹导管。",
        "周三行胃镜检查，胃窦黏膜红白相间，以红为主。铁蛋白16381μg/L。",
        "病人：明白。护士：好的。家属：同意。老人家高寿？",
        "体格检查：发育正常，营养中等，全身皮肤无黄染，浅表淋巴结未触及肿大。双下肢无水肿。",
        "患者安静休息，高热不退，家属要求出院。长子62岁，次子五十岁，陪护费转账。",
        "既往史：否认高血压、糖尿病，父亲死于肺癌，母亲健在，配偶及子女体健，育有1子1女。",
        "经治医师、班主任、麻醉医师、全科医师、上级医师查房。",
    ],
    ids=lambda text: text[:8],
)
def test_medicine_is_no_person(text: str) -> None:
    assert unfound(text) == []


def test_an_excerpt_keeps_nothing_behind_a_person_s_label() -> None:
    assert without_names('患者姓名：张，"医生": "李建') == '患者姓名：[REMOVED]，"医生": "[REMOVED]'


@pytest.mark.parametrize(
    "marked",
    [
        "兹证明【费\n淑媛】，身份证号已核",
        "受理人：【年秋实】    上传证件照",
        "跟诊抄方：【杨桂英】、【广义】",
        "【隋振铎】，男，57岁",
        "通知患者，【贾亚男】  导出首页",
        "自称“【大壮】”，约26岁",
        "后来【团团】他妈说再来",
        "分诊护士【沈】。",
        "交：【刁】 接：【王】",
        "主任查房（【林】）",
        "普外【刁】看过，拟收",
        "受试者编号，缩写【WXM】，随机",
        "同桌【吕海波】、【胡洁】；发热",
    ],
)
def test_given_names_surnames_and_torn_names(marked: str) -> None:
    assert unfound(marked) == []


@pytest.mark.parametrize(
    "text",
    [
        "双手可见赫伯登结节，巴氏征阴性，罗夏墨迹未做，文氏点120次/分。",
        "艾司西酞普兰睡前服，沙库巴曲缬沙坦续用，头孢哌酮舒巴坦静滴。",
        "夜班护士，代取人身份证，补助146元转账，左心房增大。",
        "邮箱|a@example.com\n家庭住址|某处\n过敏史|青霉素",
    ],
)
def test_drugs_eponyms_and_labels_are_no_names(text: str) -> None:
    assert unfound(text) == []
