"""Identifiers in Chinese text: names, addresses, facilities, and numbers by their check digits and labels."""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501, C901, SIM102

import re
from collections.abc import Iterator

from practicum.config import IdentifierKind
from practicum.data.deidentification import checksums, chinese_persons, gazetteers
from practicum.data.deidentification.candidates import Candidate

_HAN = "\u4e00-\u9fff"
_COMPOUND = """
    欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马
    公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门 第五 完颜
    """.split()  # noqa: SIM905 -- a list of words reads as a text
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹"
    "姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲"
    "家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍郤璩桑桂濮牛寿通"
    "边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖仝付代闫涂覃邸晋楚芦冼"
    "佘麦佟岳帅缑亢况郈琴归海商牟伯赏南墨哈谯笪年爱阳种覃苑兰植楼甯冒佴赛展尧展招覃原仉战哀矫盘鹿粟谌郄迟窦佀逯"
)
_SURNAME = "(?:" + "|".join(_COMPOUND) + "|[" + "".join(sorted(_SURNAMES)) + "])"
# Characters that begin what follows a name, and that hardly any given name holds.
_NOT_GIVEN = frozenset(
    "的了是在有因于被及或诉述称无不未予已行并经从至让给向对将把其此该可应请您你我他她它们个些等啊吗呢吧岁年月日号院科室床病症痛炎癌瘤药肿血尿便疼痰咳查检者与和为以自就随前后来到住入出说问答做去也都还很男女"
    "：，。；、（）即则由同拟曾现仍但且再又时会要能用服打接带送陪看告主任医师士生副护教患家属签转门诊术"
)
_PARTICLE_AFTER = frozenset(
    "于因在被的是有以与和同诉自来到无述称说系为将已曾现入出行予拟，,。；;、（）()：: 　\t\n住就随前后陪送查代签及或等并从至由男女也让给向对今主医护教先老大，打带带表要求家电联转拨会来年我即处"
)
_ROLE = (
    "主任医师|副主任医师|主治医师|住院医师|经治医师|主管医师|上级医师|报告医师|审核医师|转诊医师|接诊医师|检验师|检查医师|诊断医师|麻醉医师|手术医师|责任护士|随访护士|值班护士|管床医生|管床医师|"
    "主治医生|住院医生|值班医生|值班医师|家庭医生|责任医生|医师|医生|大夫|护士长|护士|药师|技师|主任|副主任|主治|教授|院长|科主任|康复师|治疗师|营养师|心理师|社工"
)
_RELATION = (
    "妻子|丈夫|爱人|配偶|老伴|儿子|女儿|母亲|父亲|妈妈|爸爸|哥哥|姐姐|弟弟|妹妹|兄弟|姐妹|爷爷|奶奶|外公|外婆|姥姥|姥爷|祖父|祖母|外祖父|外祖母|孙子|孙女|外孙女|外孙|儿媳|女婿|侄子|侄女|外甥女|外甥|舅舅|姑姑|姨妈|叔叔|伯伯|表哥|表妹|堂兄|"
    "其妻|其夫|其子|其女|其母|其父|其兄|其弟|其姐|其妹|之妻|之夫|之子|之女|之母|之父|长子|次子|长女|次女|独子|独女|家属|家人|亲属|监护人|同事|朋友|邻居|室友|同学|男友|女友|未婚妻|未婚夫|保姆|护工|陪护|司机|老师|班主任|联系人|陪同人|陪同者|陪护人"
)
_LABEL = (
    rf"(?:姓\s?名|名\s?字|患者姓名|病人姓名|{_ROLE}|{_RELATION}|患\s?者|病\s?人|患儿|产妇|孕妇|伤者|死者|受检者|受试者|被保险人|投保人|受益人|持卡人|申请人|委托人|受托人|代理人|经办人|负责人|报告人|记录人|填表人|填写人|接听人|来电人|来电者|采集人|采样人|操作者|"
    r"检验者|审核者|检查者|报告者|记录者|术者|主刀|一助|二助|助手|第一助手|麻醉|麻醉者|器械护士|巡回护士|签名|签字|医师签名|医生签名|患者签名|家属签名|护士签名|医师签字|患者签字|家属签字|检验|审核|复核|批准|书写者|书写|审签|诊断|报告|接诊|会诊医师|会诊|首诊|"
    r"收件人|寄件人|收件|抄送|户主|户名|开户名|账户名|就诊人|参保人|联络人|紧急联系人|监护人|陪同|供者|受者|证明人|见证人|单位联系人|雇主|法定代表人|法人|本人|乳名|小名|曾用名|别名|英文名)"
)
_GIVEN = f"[{_HAN}]"
_LABELLED = re.compile(
    rf"{_LABEL}(?:姓名|签名|签字)?(?:[（(][^）)\n]{{1,8}}[）)])?\s?(?P<colon>[:：]\s*|[ \t　]+)(?P<name>{_SURNAME}{_GIVEN}{{1,2}}|{_SURNAME}[ 　\n]{{1,2}}{_GIVEN}(?:[ 　]?{_GIVEN}(?![ 　]?{_GIVEN}))?)"
)
_PREFIXED = re.compile(
    rf"(?:{_ROLE}|{_RELATION}|患者|病人|患儿|产妇|孕妇|伤者|死者|受检者|老人|老太|我叫|名叫|叫做|接听人|来电人|申请人|术者|助手|主刀|麻醉|本人|我是|这是|您是|你是|叫|由|请|找|经|嘱|与|和|同|、|，|。|\n|^|（|\()(?P<name>{_SURNAME}{_GIVEN}{{1,2}})"
)
_STRONG_PREFIX = re.compile(
    rf"(?:{_ROLE}|{_RELATION}|患者|病人|患儿|产妇|孕妇|伤者|死者|受检者|我叫|名叫|叫做|我是|您是|你是|本人|接听人|来电人|陪同人|联系人|申请人|术者|助手|主刀|麻醉)$"
)
_SUFFIXED = re.compile(
    rf"(?P<name>{_SURNAME}{_GIVEN}{{0,2}}?)(?={_ROLE}|先生|女士|小姐|同志|老师|阿姨|大爷|大妈|大叔|大娘|师傅|警官|律师|经理|某某|太太|博士|处长|科长|书记|校长|局长|总)"
)
_SUFFIX_BEFORE = re.compile(
    rf"(?:^|[^{_HAN}]|[请找由与和经嘱向让给对从是的请及跟同来为到按据遵在叫见约问电科室师生士])$"
)
_CALLED = re.compile(r"(?:我叫|名叫|叫做)$")
_KIN = re.compile(r"(?:[其之](?:妻|夫|子|女|母|父|兄|弟|姐|妹)|妻子|丈夫|爱人|儿子|女儿|母亲|父亲|老伴)$")
_SEX_AFTER = re.compile(
    r"\s?[，,、]\s?(?:男|女(?!儿)|\d{1,3}\s?岁|性别)|\s?[（(]\s?(?:男|女|\d{1,3}\s?岁|患者|病人|配偶|之|其|妻|夫|子|母|父|儿|姐|妹|兄|弟|家属|身份证|电话)"
    r"|\s+(?:男|女|性别|\d{1,3}\s?岁)"
)
_CALLED = re.compile(r"(?:我叫|名叫|叫做)$")
_KIN = re.compile(r"(?:[其之](?:妻|夫|子|女|母|父|兄|弟|姐|妹)|妻子|丈夫|爱人|儿子|女儿|母亲|父亲|老伴)$")
_KIN_DOES = frozenset("到，、（说来在陪")
_BEGAN = frozenset("于因（(")
_FREQUENT = "".join(sorted(set(chinese_persons.COMMON_SURNAMES)))
_ANONYMOUS = re.compile(
    rf"(?<!某)(?P<name>{_SURNAME}(?:某某|某[甲乙丙丁一二三四五]?|[×Xx＊*○〇△]{{1,2}}(?![A-Za-z\d])))(?!种|些|个|类|段|处|医院|年|月|日)"
)
_HONORIFIC = re.compile(
    rf"(?<![\d半数几个多大变缩减偏较最])(?P<name>[老小阿][{_FREQUENT}])(?![{_HAN}]?(?:时|于|便|量|剂|儿科))"
)
_FAMILIAR = re.compile(
    rf"(?P<name>{_SURNAME}(?:老太太|老太|老头|队长|护工|法医|干警|医师|大哥|大?[姐哥嫂叔姨伯婶爷奶婆公]|老(?=[，。、,：:说先师\s]|$)|大[爷妈娘]|爷爷|奶奶|婆婆|伯伯|叔叔|阿姨|妈妈|爸爸|总(?=[，。、,：:说]|$)|工(?=[，。、,：:说]|$)))"
)
_FAMILIAR_BEFORE = re.compile(
    rf"(?:^|[^{_HAN}]|[请找由与和经嘱向让给对从是的及跟同来为到按据遵在叫见约问谢好喂啊呢吧了带陪邻居家友隔壁床对门天午])$"
)
_NO_HONORIFIC = frozenset(
    [
        "小时",
        "小于",
        "小何",
        "阿司",
        "阿托",
        "阿莫",
        "阿奇",
        "阿尔",
        "阿米",
        "老年",
        "小方",
        "小程",
        "小段",
        "老江",
        "小江",
        "阿胶",
    ]
)


def _in_word(text: str, start: int, name: str) -> bool:
    """Whether two characters belong to a longer word, as 小 and 肠 of 小肠炎 do, or are one that is frequent."""
    words = gazetteers.chinese_words()
    following = text[start + 1 : start + 3]
    return name in words or following in words or text[start : start + 3] in words


_COMPOUNDS = frozenset(_COMPOUND)
_NO_PERSONS = (
    *(
        "明天",
        "祝好",
        "高枕",
        "麻醉",
        "班主任",
        "雷诺",
        "鲍曼",
        "霍夫曼",
        "墨菲",
        "巴宾",
        "贝尔",
        "马凡",
        "格林",
        "杰克逊",
    ),
    *("帕金森", "唐氏", "白塞", "贾第", "史赛克", "雷贝拉", "马尾", "金葡", "白念"),
)


def _length(text: str, start: int, name: str, strict: bool) -> int:
    """How many characters from `start` on are a name; 0 when they are none."""
    surname = 2 if name[:2] in _COMPOUND else 1
    plain = re.sub(r"\s", "", name)
    given = 0
    for character in plain[surname : surname + 2]:
        if character in _NOT_GIVEN:
            break
        given += 1
    if not given:
        return 0
    words = gazetteers.chinese_words()
    if given == 2:
        end = start + surname + 2
        third, following = plain[surname + 1], text[end : end + 1]
        # "吕敏于6月": what follows two characters may be a word of its own.
        if third + following in words and following not in _PARTICLE_AFTER:
            given = 1
        elif following and re.match(f"[{_HAN}]", following) and following not in _PARTICLE_AFTER and strict:
            given = 1 if third in _PARTICLE_AFTER else 2
    length = surname + given
    candidate = plain[:length]
    if strict:
        following = text[start + length : start + length + 1]
        if candidate in words or (given == 2 and plain[: surname + 1] in words and plain[surname:length] in words):
            return 0
        if (
            plain[: surname + 1] in words
            and surname == 1
            and given == 2
            and plain[:3] not in words
            and following
            and re.match(f"[{_HAN}]", following)
            and following not in _PARTICLE_AFTER
        ):
            return 0
        if candidate + following in words or (
            candidate[-1] + following in words and given == 1 and following not in _PARTICLE_AFTER
        ):
            return 0
        if (
            surname == 1
            and given == 1
            and following
            and re.match(f"[{_HAN}]", following)
            and following not in _PARTICLE_AFTER
        ):
            return 0
    return length


_DOTTED = re.compile(rf"[{_HAN}]{{2,8}}(?:[·•・][{_HAN}]{{2,8}}){{1,3}}")
_EDGE = rf"(?<![{_HAN}A-Za-z\d])"
_BETWEEN = re.compile(
    rf"{_EDGE}(?P<name>{_SURNAME}{_GIVEN}{{1,2}})(?=\s*(?:[，,。；;、/|）)（(：:\n]|$|\s\s|\d{{4}}|\s\d))"
)
_DOES = re.compile(
    rf"(?:{_EDGE}|(?<=[由请与和同经找叫嘱向给对让由是及、为托联系知]))(?P<name>{_SURNAME}{_GIVEN}{{1,2}}?)"
    r"(?=诉|述|称|说|表示|签字|签名|陪同|来诊|来院|要求|主刀|执刀|操作|完成|代述|核对|记录|会诊|接诊|查房|到场|在场|送来|电话|联系|商议|沟通|同意|拒绝|之[妻夫子女母父]|的(?:母亲|父亲|妻子|丈夫|儿子|女儿|家属|爱人|哥哥|姐姐|弟弟|妹妹|电话|手机|身份证))"
)
_INTRODUCED = re.compile(
    rf"(?:姓名|名字|患者姓名|姓名为|名为|名叫|叫作|名字叫|名字是|患者为|患者，|患者是|本人|委托|联系|告知|通知|陪同者|陪护|签收|签署|核对者|复核者|执行者|送检|采血|护理|护士长|值班|管床|带教|进修|实习|规培|研究生|技师|药师|助手|一助|二助|主刀|术者|麻醉师|麻醉|器械|巡回|体外循环|灌注|"
    rf"邻居|工友|战友|同乡|老乡|领导|房东|雇主|学生|保安|民警|交警|司机|律师|社工|志愿者|村医|校医|厂医|干事|会计|店主|老板)(?:员|者|师|人)?[ 　:：]?(?P<name>{_SURNAME}{_GIVEN}{{1,2}})"
)


def _plausible(name: str) -> bool:
    """Whether characters that no label calls a name are none of the language's words."""
    surname = 2 if name[:2] in _COMPOUND else 1
    given = name[surname:]
    words = gazetteers.chinese_words()
    if not given or any(character in _NOT_GIVEN for character in given) or name in words:
        return False
    return not (len(given) == 2 and (given in words or name[:2] in words)) or surname == 2


def _free_names(text: str) -> Iterator[tuple[int, int]]:
    """Names between signs, before what persons do, with dots inside, and behind occupations."""
    for match in _DOTTED.finditer(text):
        yield match.span()
    for match in _BETWEEN.finditer(text):
        # Two characters between commas are a symptom as often as a person.
        if _plausible(match["name"]) and (
            len(match["name"]) > 2 or _BETWEEN_PERSON.search(text[max(0, match.start() - 6) : match.start()])
        ):
            yield match.span("name")
    for match in _DOES.finditer(text):
        if _plausible(match["name"]):
            yield match.span("name")
    for match in _INTRODUCED.finditer(text):
        length = _length(text, match.start("name"), match["name"], strict=True)
        if length:
            yield match.start("name"), match.start("name") + length


_BETWEEN_PERSON = re.compile(r"(?:^|\n|[:：/、|] ?|[师士生者人长员][ 　]*)$")


def find_chinese_names(text: str) -> Iterator[Candidate]:
    """Names of persons by label, role, relation and form of address, and their repetitions."""
    text = text.translate(chinese_persons.simplified())
    found: dict[str, None] = {}
    for match in _LABELLED.finditer(text):
        start = match.start("name")
        name = match["name"]
        plain = re.sub(r"\s", "", name)
        if plain[:2] in ("性别", "年龄", "年月") or re.match(
            r"(?:性别|年龄|电话|手机|住院|病历|门诊|身份|出生|科室|床号|日期|时间|关系|地址|单位|职业|民族|婚姻|签名|签字)",
            plain,
        ):
            continue
        if name == plain:
            length = _length(
                text,
                start,
                name,
                strict=match["colon"].strip() == ""
                and plain in gazetteers.chinese_words()
                and not _SEX_AFTER.match(text, start + len(name)),
            )
        else:
            # "赵\n丽娟", "刘 佳": the line or a typist broke the name.
            pieces = re.split(r"\s+", name)
            surname_alone = len(pieces[0]) == (2 if pieces[0] in _COMPOUND else 1)
            if surname_alone:
                kept = _length(plain + text[match.end() : match.end() + 1], 0, plain, strict=False)
                length = len(name) - (len(plain) - kept) if kept > len(pieces[0]) else 0
            else:
                length = _length(text, start, pieces[0], strict=False)
        if length:
            found[re.sub(r"\s", "", text[start : start + length])] = None
            yield Candidate(start, start + length, "name", 0.85)
    position = 0
    while (prefixed := _PREFIXED.search(text, position)) is not None:
        match = prefixed
        position = max(match.start() + 1, match.start("name"))
        start = match.start("name")
        strong = _STRONG_PREFIX.search(text[max(0, start - 6) : start])
        loose = _length(text, start, match["name"], strict=False)
        called = _CALLED.search(text[max(0, start - 4) : start]) is not None
        length = _length(text, start, match["name"], strict=not called)
        described = next((n for n in (3, 2, 4) if n <= len(match["name"]) and _SEX_AFTER.match(text, start + n)), 0)
        if described and not any(c in _NOT_GIVEN for c in text[start + 1 : start + described]):
            length = described
        elif not strong:
            continue
        elif (not length and loose and re.match(r"[，,（(]\s?(?:男|女|\d)", text[start + loose :])) or (
            not length
            and loose == 2
            and _KIN.search(text[start - 2 : start])
            and text[start + 2 : start + 3] in _KIN_DOES
        ):
            length = loose
        elif (
            not length
            and text[start : start + 2] in gazetteers.chinese_word_names()
            and (text[start + 2 : start + 3] in _BEGAN or re.match(r"，(?:身份证|因|于|系|住|电话)", text[start + 2 :]))
        ):
            # "患者安静于10月": only 于 and 因 stand behind a person rather than behind a state.
            length = 2
        if length:
            found[text[start : start + length]] = None
            yield Candidate(start, start + length, "name", 0.72)
    for match in _SUFFIXED.finditer(text):
        start, end = match.span("name")
        name = match["name"]
        before = text[max(0, start - 1) : start]
        after = text[end : end + 2]
        if len(name) == 1:
            if not _SUFFIX_BEFORE.search(before) or (
                name in "经由主全应从向后时别都能相种公年通" and before not in ("", "，", "。", "、")
            ):
                continue
            if name + after[:1] in gazetteers.chinese_words() and not after.startswith(
                ("主任", "医生", "医师", "护士", "教授")
            ):
                continue
        elif (
            any(c in _NOT_GIVEN for c in name[1:])
            or name in gazetteers.chinese_words()
            or not _SUFFIX_BEFORE.search(before)
        ):
            continue
        if len(name) > 1:
            found[name] = None
        yield Candidate(start, end, "name", 0.73)
    for start, end in _free_names(text):
        found[text[start:end]] = None
        yield Candidate(start, end, "name", 0.56)
    for match in _HONORIFIC.finditer(text):
        name = match["name"]
        if name not in _NO_HONORIFIC and not _in_word(text, match.start(), name):
            yield Candidate(match.start(), match.end(), "name", 0.6)
    for match in _ANONYMOUS.finditer(text):
        yield Candidate(match.start(), match.end(), "name", 0.78)
    for match in _FAMILIAR.finditer(text):
        if _FAMILIAR_BEFORE.search(text[max(0, match.start() - 1) : match.start()]) and match["name"] not in (
            gazetteers.chinese_words()
        ):
            yield Candidate(match.start(), match.end(), "name", 0.6)
    for start, end in chinese_persons.find_given(text, _SURNAMES):
        found[text[start:end]] = None
        yield Candidate(start, end, "name", 0.54)
    for start, end in chinese_persons.find(text, _SURNAMES, _COMPOUNDS):
        if text[start : end + 1].startswith(_NO_PERSONS):
            continue
        if end - start > 2 or text[start:end] not in gazetteers.chinese_words():
            found[text[start:end]] = None
        yield Candidate(start, end, "name", 0.55)
    for name in found:
        if len(name) < 2 or name in gazetteers.chinese_words():
            continue
        for match in re.finditer(re.escape(name), text):
            yield Candidate(match.start(), match.end(), "name", 0.7)


_PROVINCES = """
    北京市 天津市 上海市 重庆市 北京 天津 上海 重庆 河北省 山西省 辽宁省 吉林省 黑龙江省 江苏省 浙江省 安徽省 福建省 江西省 山东省 河南省 湖北省 湖南省 广东省 海南省 四川省 贵州省 云南省 陕西省
    甘肃省 青海省 台湾省 内蒙古自治区 广西壮族自治区 西藏自治区 宁夏回族自治区 新疆维吾尔自治区 香港特别行政区 澳门特别行政区 内蒙古 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南
    湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 广西 西藏 宁夏 新疆 香港 澳门
    """.split()  # noqa: SIM905 -- a list of words reads as a text
_PROVINCE = "(?:" + "|".join(_PROVINCES) + ")"
_AREA = rf"[{_HAN}]{{1,7}}?(?:市(?!场|民|面|区)|自治州|自治县|自治旗|地区|新区|开发区|(?<!病)区(?!域|间|别|分)|县(?!级)|旗|盟)"
_TOWNSHIP = rf"[{_HAN}]{{1,6}}?(?:街道(?!办)|镇(?!静|痛|咳|吐)|乡|苏木|村(?!民)|社区|屯|庄)"
_ROAD = rf"[{_HAN}\d]{{1,9}}?(?:大道|大街|路|街(?!道)|巷|胡同|里弄|弄|横街|中路)(?:[东南西北中]段)?"
_HOUSE = (
    rf"(?:附?\d+(?:[-－之]\d+)*\s?(?:号院|号楼|号|栋|幢|座|单元|室|层|楼|组|弄|房|门|户|队|社)|[A-Za-z]\s?(?:座|栋|区|幢)|[{_HAN}]{{2,10}}?(?:小区|花园|花苑|家园|新村|公寓|大厦|广场|苑|城|府|庭|山庄|别墅|大楼|宿舍|里)"
    r"|[一二三四五六七八九十]+(?:号楼|号|栋|幢|单元|室|组|楼|层))"
)
_ADDRESS = re.compile(
    rf"(?:{_AREA}){{1,3}}(?:{_TOWNSHIP}){{0,2}}(?:{_ROAD})?(?:\s?{_HOUSE})*(?:\d+(?![\d年月日岁\-/.天次]))?"
    rf"|(?:{_TOWNSHIP}){{1,2}}(?:{_ROAD})?(?:\s?{_HOUSE})+(?:\d+(?![\d年月日岁]))?"
    rf"|{_ROAD}(?:\s?{_HOUSE})+(?:\d+(?![\d年月日岁]))?"
    rf"|[{_HAN}]{{2,8}}?(?:小区|花园|花苑|家园|新村|公寓)(?:\s?{_HOUSE})+(?:\d+(?![\d年月日岁]))?"
)
_ADDRESS_BEFORE = re.compile(
    rf"(?:^|[^{_HAN}]|住址|地址|住所|籍贯|出生地|户籍|家住|现住|居住|住|居|址|于|在|到|至|从|自|往|去|回|迁|是|为|由|来|经|和|与|及|赴|贯|地|搬|{_PROVINCE})$"
)
_LEADING = re.compile(
    rf"^(?:(?:现|家|原|常|曾|患者|病人|老人|全家|目前|独自|长期|我|他|她|其|由|自|系|籍贯|出生|出生于|生于|户籍|户口|地址|住址|现住址|家庭|单位|工作|通讯|联系|来自|从|在|于|到|至|往|去|回|迁|是|为|经|和|与|及|赴|搬|住|居|居住|居住于|住在|居住在|家住|转|转至|转往|转入|送|送至|就诊|就诊于|曾在|外出|乘车|务工|前往|返回|因|后|遂|今|急|入|院|收入|到达|并|已|均|发生|路过|途经|位于|当地|邮寄|寄|地)(?=[{_HAN}]))*(?:{_PROVINCE}(?=[{_HAN}]{{2}}))?"
)
_NOT_PLACES = re.compile(
    rf"(?:[{_HAN}]{{0,6}}(?:病区|院区|超市|城市|都市|夜市|疫区|社区|地区|山区|农村|乡村|该县|本县|本市|我市|外市|市区|城区|郊区|辖区|校区|园区|前区|肺区|上区|下区|中区|后区|侧区|叩击区|听诊区|诊区|压痛区|疼痛区|监护区|隔离区|污染区|清洁区|缓冲区|"
    r"盲区|灶区|视区|觉区|功能区|代谢区|皮区|阴影区|密度区|信号区|回声区|暗区|透亮区|边缘区|髓区|瓣区|瓣膜区|主动脉区|心尖区|肾区|肝区|胃区|脾区|胸区|腰区|臀区|骶区|枕区|颞区|额区|顶区|眼区|耳区|鼻区|面区|颈区|乳区|腹区|术区|创区|供区|受区|手术区|会阴区|"
    r"通路|尿路|径路|旁路|回路|电路|思路|走路|道路|马路|铁路|公路|线路|环路|胆路|血路|气路|短路|出路|问路|一路))"
)
_FACILITY = re.compile(
    rf"[{_HAN}]{{2,16}}?(?:附属[{_HAN}]{{0,6}}?医院|第[一二三四五六七八九十]+[{_HAN}]{{0,4}}?医院|医院|卫生院|卫生室|卫生所|卫生服务中心|卫生服务站|诊所|门诊部|保健院|保健所|防治所|防治院|疗养院|养老院|敬老院|福利院|护理院|康复中心|疾控中心|血站|"
    r"血液中心|急救中心|体检中心|大学(?!附属|第|医院|[{_HAN}]{{0,6}}医院)|学院(?!附属|第|医院|[{_HAN}]{{0,6}}医院)|中学|小学|幼儿园|派出所|大药房|药房|药店)(?:[东南西北新老本]院区|[东南西北]院|分院)?"
)
_FACILITY_GENERIC = re.compile(
    r"(?:我|本|外|该|某|当地|上级|上一级|下级|其他|其它|他|她|附近|就近|多家|各|大|小|三甲|三级|二级|一级|甲等|综合|专科|基层|社区|乡镇|县级|市级|省级|区级|公立|私立|民营|人民|中心|中医|妇幼|儿童|肿瘤|口腔|眼科|精神|传染病|附属|第[一二三四五六七八九十]|教学|定点|协作|转诊|互联网|医|"
    r"医科|医保|院内|院外|门诊|急诊|村|镇|乡|县|市|区|省|街道|私人|个体|家|所|部队|军区|总|原|首诊|接诊|收治|外地|外省|本地|国内|国外|北京|上海|知名|"
    r"外院|和|与|及|到|在|去|至|往|于|来|从|由|转|转至|转往|转入|送|送至|入|住|住过|曾|曾在|曾于|遂|就诊|就诊于|诊治|治疗|住院|为|求|进一步|前往|随后|后|经|因|现|今|急|被|家属|患者|自行|多次|先后|以|建议|请|可|需|如有|不适|及时|随诊|复诊|定期|每|后至|外|出院|就|近|的|名|一家|两家|几家|内|新|高校|上|读|在读|退休|毕业|某某|每周|立即|尽快|前|再|并|或|可在|未|无|没有|收入|拟|拟入|要求)*"
    r"(?:附属医院|第[一二三四五六七八九十]+医院|医院|卫生院|卫生室|卫生所|卫生服务中心|卫生服务站|诊所|门诊部|保健院|防治所|疗养院|养老院|敬老院|福利院|护理院|康复中心|疾控中心|血站|血液中心|急救中心|体检中心|大学(?!附属|第|医院|[{_HAN}]{{0,6}}医院)|学院(?!附属|第|医院|[{_HAN}]{{0,6}}医院)|中学|小学|幼儿园|派出所|大药房|药房|药店)"
)
_FACILITY_LEADING = re.compile(
    r"^(?:患者|病人|家属|曾在|曾于|曾至|曾到|就诊于|就诊|住院于|转诊至|转诊到|转至|转往|转入|转自|送至|送往|送到|前往|现在|目前|今日|今天|昨日|遂至|遂到|遂|急送|先后在|先后|先后至|随后|后至|后到|后转|首诊于|入住|收入|出院后|到达|到|至|在|于|往|去|从|由|自|来|经|赴|为|是|的|和|与|及|及其|并|或|因|后|兹|请|我院|本院|就读于|就读|毕业于|工作于|任职于|电话|地址|单位|工作单位|医院|名称|就诊医院|转|送|回|返回|继续|定期|每月|每年|建议|自行|年|月|日|号|上午|下午|时|分|天前|年前|月前|日前|周前|前|间断|外院|当地|住|我|他|她|您|你|家属送|急诊|门诊|救护车|植入|手术|术后|复查|检查|诊断|治疗)+"
)


def find_chinese_places(text: str) -> Iterator[Candidate]:
    """Addresses without the province, towns and facilities with a name of their own."""
    for match in _FACILITY.finditer(text):
        place = match[0]
        start = match.start()
        if cut := _FACILITY_LEADING.match(place):
            start, place = start + cut.end(), place[cut.end() :]
        if not place or _FACILITY_GENERIC.fullmatch(place):
            continue
        for province in _PROVINCES:
            rest = place.removeprefix(province)
            if rest != place and province.endswith(("省", "区")) and not _FACILITY_GENERIC.fullmatch(rest):
                start, place = start + len(province), rest
                break
        yield Candidate(start, match.end(), "location", 0.8)
    for match in _ADDRESS.finditer(text):
        start, address = match.start(), match[0]
        cut = _LEADING.match(address)
        moved = cut.end() if cut else 0
        start, address = start + moved, address[moved:]
        if len(address) < 3 or _NOT_PLACES.fullmatch(address) or _NOT_PLACES.fullmatch(address[:8]):
            continue
        before = text[max(0, start - 8) : start]
        bare = re.fullmatch(rf"[{_HAN}]+", address) is not None
        if not moved and not _ADDRESS_BEFORE.search(before):
            if bare:
                continue
        if bare and not re.search(rf"(?:{_AREA}){{2}}|市|县|镇|乡|村", address):
            continue
        if bare and address[:-1] in gazetteers.chinese_words() and address[:-1] not in gazetteers.chinese_cities():
            continue
        yield Candidate(start, match.end(), "location", 0.76)
    for city in gazetteers.chinese_cities():
        if city in text and city not in ("北京", "上海", "天津", "重庆", "吉林", "海南"):
            for match in re.finditer(
                rf"(?<=[住居于在到至从自往去回来是]){re.escape(city)}(?![{_HAN}]{{0,3}}(?:病|症|炎|型))", text
            ):
                yield Candidate(match.start(), match.end(), "location", 0.5)


_CODE_LABELS: list[tuple[IdentifierKind, str]] = [
    ("resident_id", r"(?:居民)?身份证(?:件)?|证件|身份号"),
    ("mrn", r"病历|病案|住院|门诊|登记|档案|就诊卡|就诊|诊疗卡|病人ID|患者ID|患者编|病员|健康档案|急诊|体检|建档|病人|患者|MRN|ID"),
    ("health_plan", r"医保卡|医保|医疗保险(?:卡|证)?|社保卡|社保|社会保障|参保|保险单|保单|保险|新农合|合作医疗|医疗证|社会保险|个人医保|医保个人"),
    ("account", r"银行账|账|账户|帐|帐户|缴费账户|开户账|对公账户|支付宝|户号|结算账户|预交金|就诊账户"),
    ("bank_card", r"银行卡|卡|信用卡|储蓄卡|缴费卡|工资卡|借记卡"),
    ("licence", r"执业证书?|执业医师证|医师执业证|医师资格证|执业|资格证书?|驾驶证|驾照|许可证|证书|执照|护士执业证|执业注册|医师证|资格|处方权|驾驶证档案"),
    ("vehicle", r"车牌|车架|车辆识别代|车辆识别|发动机|车号|行驶证|号牌|车辆"),
    ("device", r"设备序列|产品序列|序列|器械|器械唯一标识|机身|出厂|设备|起搏器|植入物|假体|仪器|产品|UDI|SN|S/N|唯一标识|导管|支架序列|支架"),
    ("biometric", r"(?:指纹|掌纹|声纹|虹膜|人脸|面部|视网膜|生物特征|静脉|语音|声音)(?:样本|模板|特征|识别|信息|采集|图像|记录|数据|录入|登记|档案|留存|验证)*"),
    ("credit_code", r"统一社会信用|社会信用|信用|组织机构|纳税人识别"),
    ("id_number", r"护照|军官证|士兵证|港澳通行证|台胞证|通行证|工作证|工|学|学籍|检查|标本|样本|条码|条形码|影像|处方|流水|申请单|申请|检验|报告|病理|超声|放射|CT|MR|受试者|入组|随机|研究|编|案件|案|报警|事故|理赔|订单|发票|收据|登记证|出生医学证明|出生证|编码|取号|预约|排队|微信|QQ|微博|转诊|转诊单|单|献血|供者|受者|登录名|用户名|户籍|残疾证|老年证|结婚证|房产证|快递|运单|血袋"),
]  # fmt: skip
_CODE = re.compile(
    "(?:"
    + "|".join(f"(?P<{kind}>{label})" for kind, label in _CODE_LABELS)
    + r")(?P<no>(?:号码|编号|号|编码|ID|id|代码|码|NO\.?|No\.?|识别码)?)(?:[（(][^）)\n]{1,12}[）)])?(?P<sep>\s?[:：#]\s*|\s?(?:是|为|系)\s?[:：]?\s?|\s*)"
    r"(?P<value>(?:\(\d\d\)\s?)?(?=[A-Za-z\d\-_/]*\d)[A-Za-z\d][A-Za-z\d\-_/]{2,}(?:(?:\n|\s)(?=[\d\-]+(?:\n|\s|$|[，。、；,;)）]))[\d\-]+){0,4})(?![A-Za-z\d])"
)
_RESIDENT = re.compile(
    r"(?<![\dA-Za-z])\d{6}[ -]?(?:19|20)\d{2}[ -]?\d{4}[ -]?\d{3}[\dXx](?![\dA-Za-z])|(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])"
)
_CREDIT = re.compile(r"(?<![\dA-Za-z])[0-9A-HJ-NP-RT-UW-Y]{2}\d{6}[0-9A-HJ-NP-RT-UW-Y]{10}(?![\dA-Za-z])")
_MOBILE = re.compile(r"(?<![\dA-Za-z.\-])(?:\+?86[- ]?)?1[3-9]\d(?:[- \n]?\d){8}(?![\dA-Za-z]|\.\d)")
_LANDLINE = re.compile(
    r"(?<![\dA-Za-z.\-/])(?:(?:\+?86[- ]?)?[（(]?0\d{2,3}[）)]?[- —－]?[1-9]\d{6,7}(?:[-转]\d{1,5})?|[48]00[- ]?\d{3,4}[- ]?\d{3,4})(?![\dA-Za-z]|[-/.]\d)"
)
_SHORT_PHONE = re.compile(
    r"(?:电话|手机|联系方式|座机|固话|热线|分机|内线|短号)(?:号码|号)?(?:是|为)?\s?[:：]?\s?(?P<value>\d{3,4}(?:[- ]?\d{3,4}){1,2}|\d{3,8})(?![\dA-Za-z.%年])"
)
_FAX = re.compile(r"传真(?:号码|号)?(?:是|为)?\s?[:：]?\s?[^\d\n]{0,6}$")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Z][ ·•.\-]?[A-HJ-NP-Z\d]{4,5}[A-HJ-NP-Z\d挂学警港澳领](?![A-Za-z\d])"
)
_PICTURE = re.compile(r"[\w\-]*\.(?:jpe?g|png|tiff?|heic|bmp|gif|webp|dcm)(?![\w])", re.IGNORECASE)


def find_chinese_codes(text: str) -> Iterator[Candidate]:
    """Numbers of China's own kinds."""
    for match in _RESIDENT.finditer(text):
        digits = re.sub(r"[ -]", "", match[0])
        if checksums.resident_id(digits):
            yield Candidate(match.start(), match.end(), "resident_id", 0.97)
    for match in _CREDIT.finditer(text):
        if checksums.credit_code(match[0]) and any(c.isalpha() for c in match[0]):
            yield Candidate(match.start(), match.end(), "credit_code", 0.96)
        elif checksums.credit_code(match[0]):
            yield Candidate(match.start(), match.end(), "credit_code", 0.91)
    for pattern in (_MOBILE, _LANDLINE):
        for match in pattern.finditer(text):
            fax = _FAX.search(text[max(0, match.start() - 14) : match.start()])
            yield Candidate(match.start(), match.end(), "fax" if fax else "phone", 0.89 if pattern is _MOBILE else 0.86)
    for match in _SHORT_PHONE.finditer(text):
        yield Candidate(match.start("value"), match.end("value"), "phone", 0.74)
    for match in _PLATE.finditer(text):
        yield Candidate(match.start(), match.end(), "vehicle", 0.93)
    for match in _CODE.finditer(text):
        value, label = match["value"], match.lastgroup
        kind: IdentifierKind = next(kind for kind, _ in _CODE_LABELS if match[kind] is not None)
        label = match[kind]
        strong = bool(match["no"]) or match["sep"].strip() in (":", "：", "#")
        digits = re.sub(r"\D", "", value)
        if re.fullmatch(
            r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|(?:19|20)\d\d|\d{1,2}[-/]\d{1,2}(?:[-/]\d{2,4})?|\d+-\d{1,3}", value
        ):
            continue
        if kind == "resident_id":
            if len(re.sub(r"\s", "", value)) not in (15, 18):
                kind = "id_number"
            yield Candidate(match.start("value"), match.end("value"), kind, 0.87)
            continue
        # One-character labels such as 工 and 编 need their 号.
        if len(label) == 1 and not match["no"]:
            continue
        if not strong and len(digits) < 6:
            continue
        if kind in ("id_number", "device") and not strong and re.fullmatch(r"\d{1,7}", value):
            continue
        if (
            re.match(r"\s?(?:年|月|日|岁|次|天|元|分|mg|ml|mm|cm|%|％|例|个|小时|℃|g/L)", text[match.end("value") :])
            or len(digits) < 3
        ):
            continue
        if kind == "bank_card" and not (len(digits) >= 12):
            kind = "account"
        yield Candidate(match.start("value"), match.end("value"), kind, 0.87 if strong else 0.71)


def without_names(text: str) -> str:
    """A text whose labels for persons are followed by nothing that may be a torn name."""
    return re.sub(
        rf"((?:姓名|患者|病人|家属|联系人|{_ROLE})\"?\s?[:：]\s?\"?)[{_HAN}]{{1,4}}(?=$|[^{_HAN}])",
        r"\1[REMOVED]",
        text,
    )
