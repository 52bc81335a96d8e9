"""Dates without a year, months of a year and ages over 89 in Chinese text, told by the clause around the number.

Whether 3.12 is a day or a value is told by what stands at either side: a unit or a measured quantity rules a day out; a
clause's start, a preposition of time or an appointment before it, and a verb or a time of day behind it speak for one.
"""

import re
from collections.abc import Iterator

from practicum.data.deidentification.candidates import Candidate

_HAN = "\u4e00-\u9fff"
_MONTH_NUMBER = "(?:1[0-2]|0?[1-9])"
_DAY_NUMBER = "(?:3[01]|[12]\\d|0?[1-9])"
_DAY = re.compile(
    rf"(?<![\dA-Za-z./\-+~～±×*<>≤≥＜＞])(?<!\d[:：、])(?P<m>{_MONTH_NUMBER})(?P<s>[/.\-])(?P<d>{_DAY_NUMBER})"
    rf"(?:(?:\s?[-—~～至到]\s?{_DAY_NUMBER})(?=日|号|期间|住院|出院))?"
    r"(?![\d/\-%％A-Za-z~～±×]|\.\d|、\d|\s?[~～—])"
)
_MONTH_OF_YEAR = re.compile(
    rf"(?<![\dA-Za-z./\-+])(?P<y>19[2-9]\d|20[0-4]\d)\s?[./\-]\s?{_MONTH_NUMBER}(?![\d/\-%％A-Za-z]|\s?[.\-]\s?\d)"
)
_UNIT = re.compile(
    r"\s?(?:次|天|片|粒|岁|分(?!娩)|周(?![一二三四五六日末])|小时|个|月|年|[mcμndkM]?[mglLU](?![a-z])|级|度|倍|/|℃|克"
    "|毫|米|支|瓶|盒|升|滴|秒|指(?!标)|横指"
    "|例|针(?!灸)|号?床|公[分斤里]|厘米|斤|口|杯|碗|包|根|袋|剂|颗|层|楼|期|型|成|折|万|千|百|元|块|角|名|位(?!于)|枚"
    "|条|节|段|肋|腰|胸椎|颈椎|椎"
    r"|间隙|左右|以上|以下|以内|之间|水平|拷贝|单位|区|杆|轴|[×xX*]|卷|章|版|页|步|组|圈|遍|只|台)"
)
_MEASURED = re.compile(
    "(?:率|值|压|糖|钾|钠|钙|氯|磷|镁|酐|素|酶|蛋白|细胞|板|酸|脂|醇|比|指数|评分|积分|得分|分数|视力|体温|心率|脉搏"
    "|呼吸|血氧|径|大小|厚度?|长度?|宽度?|高度?"
    "|深度?|重量?|面积|体积|剂量|浓度|肌力|分级|功能|[升降高低大小多少优劣]|增[至加到]|减[至到少]|达到?|超过|不足|仅"
    "|共|每[天日次晚周]?|第|差|距|移|孔|镜|码|号|版本|规格|型号"
    r"|评|牙|齿|胎|产|孕|尿|痰|[ⅠⅡⅢⅣ])\s{0,3}[:：=]?\s{0,2}(?:为|是|约)?\s?$"
)
_LETTERED = re.compile(r"[A-Za-zα-ωΑ-Ω]+[)）]?\s{0,3}[:：=]?\s{0,2}(?:为|是|约)?\s?$")
_APPOINTED = re.compile(
    "(?:原定|[下上末首][次回]|预约|约好|约定|约在|[改延推提][前后迟期]?[到至约为]|定[于在为]|[拟将已曾]于"
    "|[拟预计]?安排[在于]?|截[至止]|有效期[至到]?|日期|时间|[您你我他她咱]|生日|预产期"
    "|月经|[初首二三四五六七八九十复]诊|复查|检测|检查|化验|采集|采样|采血|筛查|扳机|取卵|移植|植入|置入|置管|拔管"
    "|插管|缝合|切开|穿刺|造影|手术|术|化疗|放疗|透析|输血|输注|起病|发病|建[档册卡]|入组|入住|就诊|[住入出]院"
    "|转[入出]|开始|停[药用]|接种|注射|补种|签[字到收]|随[访诊]|回访|孩子|宝宝|核酸|[取换拿开]药|拆线|周[一二三四五六日]"
    "|星期[一二三四五六日天]|[今昨明后前][天日]|[去今明]年|当[天日]|医生|大夫|主任|护士|患者|家属"
    r"|病人)\s?[:：]?\s?[（(]?$"
)
_BOOKED = re.compile(
    "(?:原定|[下上末首][次回]|预约|约好|约定|约在|[改延推提][前后迟期]?[到至约为]|定[于在为]|[拟将已曾]于|安排[在于]?"
    "|截[至止]|日期|时间|[您你我他她咱]|[初首二三四五六七八九十复]诊|核酸|开药|取药|月经|预产期|生日"
    r"|周[一二三四五六日])\s?[:：]?\s?[（(]?$"
)
_TIMED = re.compile(
    "(?:(?<![升降加增减达高低])[到至]|(?<![高低大小多少优劣介等基终])于|(?<![来])自|从|在|等|待|约|挂|拟|是|原|故|遂"
    r"|现|又|并|曾|因|经)\s?$"
)
_BEGINS = re.compile(
    r"(?:^|[\n，,；;。！!？?：“”\"（(）)】】\[\]|｜\t、]|\s\s|:\s?|(?:^|[\n；;。，])\d{1,2}[.、]\s)\s{0,2}$"
)
_SAID = re.compile(
    r"\s?(?:日|号(?![机楼])|来|复|出|入院|住院|手术|术[前后中]|拆|前|以前|以来|之[前后]|后|起|开|已|[清凌]?晨|早"
    "|[上中下]午|傍|晚|夜|刚|发|拾|见|与|因|就|转|回|行|做|查|到|生日|请|收|拍|确诊|（?周[一二三四五六日末]"
    r"|（?星期|\d{1,2}[:：]\d\d|再|又|自|跌|摔|外出|下[楼班床]|上[楼班]|通过|突|受|被|把|由|经|按|在|从|给|去|打|送|预"
    "|约|取|拿|带|陪|检[查验]|测|抽|化验|采|住|值|交|接|签|记|巡|义诊|访|走|家访|电|致电"
    "|门诊|急诊|初诊|[首一二三四五六七八九十]诊|会诊|换|停|加|改|用药|服|吃|那|这|当|[您你我他她咱]|家属|患者|病人"
    "|医[生师]|护士|最后|第[一二三四五]次|不|没|未|说|称|诉|反映|夫妻|骑|坐|乘|驾|开车|路过"
    "|生[于的产]|分娩|死|去世|逝|离|搬|补|退|缴|付|汇|寄|邮|快递|办|申|登|注|造影|穿刺|透析|化疗|放疗|输|植|装|置|切"
    "|缝|清创|造|透|灌|洗|拔|插|灸|扎|理疗|康复|培训|考|讲|会|召|抢救|报|通知|联系|告知|谈话|评估|更换|调整|启用|完成"
    "|结束|开始)"
)
_SECTION = re.compile(r"(?:^|\n)[ 　]*$")


_CLOCK = re.compile(r"[ 　]{1,2}(?:[01]?\d|2[0-3])[:：][0-5]\d(?!\d)")
_SHORT_YEAR = re.compile(
    r"(?<![\dA-Za-z./\-])(?P<clock>\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?=[ 　]{1,2}(?:[01]?\d"
    r"|2[0-3])[:：][0-5]\d)"
    r"|(?:日期|时间|生日|[检采手报][查集术告]日)[:：]?[ 　]{0,2}(?P<dated>\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d"
    r"|3[01]))(?![\dA-Za-z])"
)
_MONTH_ALONE = re.compile(
    r"(?:[过到等从自至今前去他她我您你]了?|年|，|。|、|\n|底|初)(?P<month>(?:1[0-2]|[1-9]|[一二三四五六七八九]"
    "|十[一二]?)月份?)(?=还|就|要|再|又|去|来|回|做|起|复|出|入|该|能|会|都|可|左右|才|刚|那|这)"
)


def _is_section(text: str, match: re.Match[str]) -> bool:
    """Whether m.d at a line's start numbers a section: m.1 and m.2 do so together."""
    if match["s"] != "." or not _SECTION.search(text, max(0, match.start() - 6), match.start()):
        return False
    other = "2" if match["d"] == "1" else "1"
    return re.search(rf"(?:^|\n)[ 　]*{match['m']}\.{other}(?!\d)", text) is not None


def _is_day(text: str, match: re.Match[str]) -> bool:
    """Whether the clause takes m.d, m/d or m-d for a day."""
    start, end = match.span()
    window = max(0, start - 10)
    if _UNIT.match(text, end) or _MEASURED.search(text, window, start) or _is_section(text, match):
        return False
    if _CLOCK.match(text, end):
        return True
    said = _SAID.match(text, end) is not None
    lettered = _LETTERED.search(text, window, start)
    if lettered and not (said and match["s"] != "." and lettered[0].rstrip()[-1] in ":："):
        return False
    following = text[end : end + 1]
    ends = not following or following in "，,。；;\n）)】”、！？!? 　\t的:：" or text.startswith(("阴性", "阳性"), end)
    month, day = int(match["m"]), int(match["d"])
    fraction = match["s"] == "/" and month < day <= 5 and not match["m"].startswith("0")
    if _APPOINTED.search(text, window, start):
        valued = match["s"] == "." and day <= 12 and not _BOOKED.search(text, window, start)
        return said or (ends and not fraction and not valued) or (not fraction and match["s"] != ".")
    if _TIMED.search(text, window, start):
        return said and not fraction
    if not _BEGINS.search(text, window, start):
        return False
    if said:
        return not fraction or "\u4e00" <= following <= "\u9fff"
    # A value is seldom written with so many hundredths at a clause's start, and a Chinese character right behind.
    return day > 12 and match["s"] != "-" and "\u4e00" <= following <= "\u9fff"


_CODED = re.compile(r"(?:[A-Za-z]|号|编码|批|版|第|条码|价|费|额|元|共|计|余|￥|¥)\s?[:：]?\s?$")


def find_chinese_days(text: str) -> Iterator[Candidate]:
    """Days without a year, and months of a year, in digits."""
    for match in _DAY.finditer(text):
        if _is_day(text, match):
            yield Candidate(match.start(), match.end(), "date", 0.7)
    for match in _SHORT_YEAR.finditer(text):
        yield Candidate(*match.span(match.lastgroup or "clock"), "date", 0.75)
    for match in _MONTH_ALONE.finditer(text):
        yield Candidate(*match.span("month"), "date", 0.68)
    for start, end in wide_cells(text, _DATE_HEAD):
        if _DAY.fullmatch(text, start, end) or re.fullmatch(r"\d{6}", text[start:end]):
            yield Candidate(start, end, "date", 0.72)
    for match in _MONTH_OF_YEAR.finditer(text):
        window = max(0, match.start() - 10)
        if not (
            _UNIT.match(text, match.end())
            or _MEASURED.search(text, window, match.start())
            or _LETTERED.search(text, window, match.start())
            or _CODED.search(text, window, match.start())
        ):
            yield Candidate(match.start(), match.end(), "date", 0.72)


_DATE_HEAD = re.compile(".{0,4}(?:日期|时间|日)")
_AGE_HEAD = re.compile("(?:患者)?(?:年龄|年纪|岁数|岁|龄)(?:[(（]岁[)）])?")
_AGE_CELL = re.compile(r"0?(?P<age>9\d|1[0-2]\d)\s?[岁Yy]?")
_WIDE_GAP = re.compile(r"[ ]*　[ 　]*|\t|[ ]{2,}|[ ]?[|｜][ ]?")


def wide_cells(text: str, head: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Start and end of the cells of columns whose head matches, in tables whose cells one wide blank divides, too."""
    if "　" not in text and "\t" not in text and "  " not in text and "|" not in text:
        return
    position, heads = 0, []
    for line in text.split("\n"):
        cells: list[tuple[int, int]] = []
        start = position + len(line) - len(line.lstrip())
        for gap in _WIDE_GAP.finditer(line, start - position):
            cells.append((start, position + gap.start()))
            start = position + gap.end()
        cells.append((start, position + len(line.rstrip())))
        if len(cells) >= 3:
            columns = [place for place, (left, right) in enumerate(cells) if head.fullmatch(text, left, right)]
            if columns and not any(character.isdigit() for character in line):
                heads = [(place, len(cells)) for place in columns]
            else:
                yield from (cells[place] for place, width in heads if len(cells) == width)
        else:
            heads = []
        position += len(line) + 1


_KIN = (
    "爷爷|奶奶|姥姥|姥爷|外婆|外公|祖父|祖母|太奶|太爷|老太|太婆|太公|阿婆|阿公|阿嬷|婆婆|公公|岳父|岳母|丈人|丈母娘"
    "|父亲|母亲|爸|妈|爹|娘|丈夫|妻子|老公|老婆|老伴儿?|爱人|老头子?|老爷子"
    "|老人家?|老汉|老翁|老妪|老妇|大爷|大娘|大妈|大伯|大婶|伯父|伯母|叔|婶|姑|舅|姨|哥|姐|弟|妹|兄|嫂|先生|女士|阿姨"
    "|老师|教授|他|她|我|您|患者|病人|本人|寿星|邻居|室友|病友|老友"
)
_NUMERAL = (
    "(?:九十(?:[又有零加]?[一二三四五六七八九])?|一百(?:[零〇单又有][一二三四五六七八九]|一?十[一二三四五六七八九]?)?)"
)
_ABOUT = "(?:出头|开外|挂零|好几|来岁|多岁|几岁|有余|上下|多|来|几)"
_SPOKEN = re.compile(
    rf"(?<![百千万零〇点分第之一二三四五六七八九十])(?P<age>{_NUMERAL}(?!不到|未到)(?P<about>{_ABOUT})?)(?P<after>岁|周岁|高龄|高寿"
    "|大寿)?"
)
_OF_PERSON = re.compile(
    rf"(?:(?:{_KIN})[儿]?|活[到了过]|过了?|快|都|今年|明年|去年|已经|已|才|刚|也|又|还|寿[至终]?|享年|得年|时年"
    "|年[届近过逾满]|虚|实足|整|将近|[走没]的?时候?|去世时?|病故时?|终年|卒年|直到|就|该|岁数|年纪|高龄"
    rf"|[{_HAN}][（(，,]|都快|眼看|足足|今儿|今年整)(?:是|有|就|都|也|快|该|满|了|足足|已经|已|要|将|得|整|今年|，"
    r"|：)*\s?$"
)
_NOT_OF_AGE = re.compile(
    "(?:压|率|跳|搏|氧|糖|重|钱|花|费|收|打|降|升|度|烧|温|分|得分|评分|考|价|第|房|床|楼|跑|走了|量|喝|吃|服|用|共|每"
    r"|血红|蛋白|一百|二百|三百|下|上|高的|低的|米|跪|深|斤)[^，。；\n]{0,5}$"
)
_COUNTED = re.compile(
    r"\s?(?:天|日|号|次|分|度|毫|公|斤|克|元|块|个|人|名|页|米|平|片|粒|支|床|%|％|年|万|千|点|下|步|里|件|条|张|小时"
    "|秒|周(?!岁)|月|单位|度|瓦|伏|升|多[天日次分度毫公斤克元块个人名]|[来几][天日次分度毫公斤克元块个人名]"
    "|[一二三四五六七八九十百]|/)"
)
_AGED = re.compile(
    "(?:活[到了过]|寿[至终]|[走没]的时候|[走没]时|去世时?|病故时?|病逝时?|故于|卒于|殁于|终于|享寿|享寿?|寿|得年|老死"
    r"|过世时?|离世时?|走了?时)\s?(?:是|才|都|已)?\s?(?P<fate>9\d|1[0-2]\d)(?![\d.%％/]|\s?(?:天|日|年|月|个|次|分|mg"
    "|ml))"
    rf"|(?<![\d.\-/])(?P<odd>9\d|1[01]\d)(?=\s?(?:出头|开外|挂零|好几|多岁|多了|多的人|高龄|高寿|的人了))"
    rf"|(?:{_KIN}|高龄|年迈)\s?[（(，,]\s?(?P<told>9\d|10\d)(?=\s?[）)，,])"
    r"|(?:[男女])[，,、 　\t/／|｜]{1,4}(?P<sex>9\d|1[0-2]\d)(?=\s?(?:[，,。；;、\n\t|｜]|$|  |　))"
    r"|(?<![\dA-Za-z.])(?P<dicom>0?(?:9\d)|1[0-2]\d)(?=Y(?![A-Za-z\d]))"
    rf"|(?:{_KIN})(?:今年|现在|都|已|快|也|有|才)*(?P<kin>9\d|1[01]\d)(?=[多几]?(?:了|啦|喽|的人))(?!了?(?:斤|公斤|天|次|分))"
    r"|(?P<short>九[一二三四五六七八九]|一[〇零][〇零一二三四五六七八九])(?=\s?(?:岁|周岁|高龄|高寿|之年))"
    # a row's cell: 李四|九十四|; among those of a feast: 寿星：王五98、李四一百; 95了脾气大; 今岁101
    rf"|(?<=[|｜\t])[ ]?(?P<cell>{_NUMERAL})(?=[ ]?[|｜\t\n])"
    rf"|(?:年龄|岁数|年纪|虚岁|周岁|实岁|足岁|今岁|高寿)[:： 　是为约有]{{0,3}}"
    rf"(?P<labelled>{_NUMERAL}|9\d|1[01]\d)(?![\d.%/百千元斤天日个])"
    rf"|(?:[①②③④⑤⑥⑦⑧⑨⑩]|\n\d[.、])\s?[{_HAN}·]{{2,6}}[，,、]\s?(?P<item>9\d|1[01]\d|{_NUMERAL})(?=[，,、](?!\d))"
    rf"|(?<=[，,。])(?P<spoken>9\d|1[01]\d)(?=了(?![{_HAN}]?(?:次|斤|公斤|天|分|度|下|个|以)|[，。]))"
    rf"|对[，,][{_HAN}]{{1,3}}[，,](?P<dictated>{_NUMERAL})(?=[，,])"
    r"|(?P<word>白寿|茶寿|九秩)(?=之|老|高|，|。|了|大|寿)"
)
_FEAST = re.compile(rf"寿星(?:[们者]|名单)?[：:，,]?(?P<list>[{_HAN}·\d、，,和及]+)")
_GUEST = re.compile(rf"(?<=[{_HAN}])(?P<age>9\d|1[01]\d|{_NUMERAL})(?=[、，,和及]|$)")
"""Those whose birthdays a line tells of, and their ages."""
_VITAL = re.compile(r"(?:压|率|心跳|脉搏|血氧|血糖|体重|评分|得分|体温|SpO2|HR|BP|P)\s?[^，。；\n]{0,6}$")


def find_chinese_ages(text: str) -> Iterator[Candidate]:
    """Ages over 89 as they are said, with or without 岁."""
    for match in _SPOKEN.finditer(text):
        start, end = match.span("age")
        if match["after"]:
            yield Candidate(start, match.end(), "age", 0.81)
            continue
        if _NOT_OF_AGE.search(text, max(0, start - 12), start) or _COUNTED.match(text, end):
            continue
        before = _OF_PERSON.search(text, max(0, start - 12), start) is not None
        following = text[end : end + 1]
        ends = (
            not following
            or following in "，,。；;\n）)】”！？!? 　、了的啦喽呢吧还才时走去尚仍"
            or not "\u4e00" <= following <= "\u9fff"
        )
        if ends and (before or (match["about"] and following in "了的啦喽，。）)")):
            yield Candidate(start, end, "age", 0.81)
    for start, end in wide_cells(text, _AGE_HEAD):
        if cell := _AGE_CELL.fullmatch(text, start, end):
            yield Candidate(*cell.span("age"), "age", 0.82)
    for feast in _FEAST.finditer(text):
        for match in _GUEST.finditer(text, *feast.span("list")):
            yield Candidate(*match.span("age"), "age", 0.81)
    for match in _AGED.finditer(text):
        group = match.lastgroup or "fate"
        if not _VITAL.search(text, max(0, match.start() - 8), match.start(group)):
            yield Candidate(*match.span(group), "age", 0.8)
