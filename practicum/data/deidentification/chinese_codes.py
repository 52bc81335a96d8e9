"""Numbers in Chinese text that hold characters or are too short to tell by their look: of court cases, reports, trial
subjects, specimens, accounts of messengers and plates of bicycles."""

import re
from collections.abc import Iterator

from practicum.config import IdentifierKind
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.tables import cells_below

_CASE = re.compile(
    r"[（(\[〔](?:19"
    r"|20)\d\d[)）\]〕][\u4e00-\u9fff]{1,3}\d{0,6}[\u4e00-\u9fff]{1,6}第?\d{1,7}号(?:之[一二三四五六七八九十]+)?"
    r"|[\u4e00-\u9fff]{1,10}[（(\[〔](?:19|20)\d\d[)）\]〕][\u4e00-\u9fff]{0,6}第?\d{1,7}号"
    r"|[\u4e00-\u9fff]{1,6}[（(][\u4e00-\u9fff]{1,3}[）)][\u4e00-\u9fff]{1,4}字?[（(\[〔](?:19|20)\d\d[)）\]〕]第?\d{1,7}号"
    r"|[\u4e00-\u9fff]{1,6}字[（(\[〔](?:19|20)\d\d[)）\]〕]\d{2,7}(?!\d)"
)
_ACCOUNT = re.compile(
    r"(?:微信号?|QQ号?|用户名|登录名|账号名)[:：]\s?(?P<value>[A-Za-z][\w\-]{4,19})"
    r"|(?:微信|\bweixin|\bwx)(?:同号|号|吧)?[:：是为\s]{0,2}(?P<near>[A-Za-z](?=[\w\-]*\d)[\w\-]{4,19})(?![\w.])"
    r"|(?:\buser(?:name|id)?|\buid|\blogin|操作[员人]|操作账号|账号|工号|用户)\s?[=:：]?\s?(?P<user>[A-Za-z]{1,10}[-_]?\d{2,6})(?![\w.])",
    re.ASCII,
)
_MIXED = re.compile(
    r"(?:编号|证号|单号|案号|号码|登记号|受理号|保证号|病历号|病理号|医疗号|医保号|序列号|收据号|卡号|户号|标本号|条码|流水号|报修单|标签|样本|账户|确认函|档案"
    r"|业编码|MRN|No\.?)(?:是|为)?[:：=\s（(\"]{0,3}"
    r"(?P<value>(?![\u4e00-\u9fff]*[号码位为是])[A-Z\d]{0,12}-?[\u4e00-\u9fff]{1,7}(?:第)?-?(?=[A-Z\-]*\d{2})[A-Z\d]{3,}(?:[-.][A-Z\d]+)*号?)(?![A-Za-z\d])"
    r"|(?:用户|账号|[Aa]ccount\"?)[:：=\s\"]{1,4}(?P<clerk>[\u4e00-\u9fff]{1,3}\d{3,6})(?!\d)"
    r"|(?P<asked>\d{3}[\dXx])尾号的?身份证"
)
"""Numbers with Chinese characters within, behind a label."""
_FINGER = re.compile(r"(?<![\w-])[左右][拇食中环小]指?-\d{4,7}(?!\d)")
_BANK = re.compile(
    r"(?:户|账号|账户|帐号)[^\d\n]{0,8}(?P<value>\d{4}(?: \d{4,7}){2,3}(?: \d{2,4})?)(?!\d)"
    r"|(?P<masked>(?<![\w*])\*{3,}\d{4}(?!\d))"
)
_SHORT = re.compile(
    r"(?:受试者|筛选|随机|入组|标本|样本|病理|蜡块|切片|工号|床头带|腕带|叫号|取号|排队|处方|申请单|会诊单|献血"
    r"|供者|血袋)(?:编?号|码)?[:：]?\s?"
    r"(?P<value>[A-Z]{1,4}-?\d{3,}(?:-\d+)*)(?![A-Za-z\d])"
)
_BICYCLE = re.compile(r"(?:牌照|号牌|车牌号?)[:：]?\s?(?P<value>(?!号)[\u4e00-\u9fff]{2}[A-Z]?\d{5,7})(?!\d)")

_MARK_NAMES = (
    "[指掌足手唇声舌耳眼音]纹|[指足手脚掌唇牙齿]印|指模|掌[形型]|手[形型]|耳廓|齿痕|虹膜|视网膜|巩膜|人脸|人像|面部"
    "|面容|面相|刷[脸掌指]|[指掌]?静脉|声音|声样|语音|录音|嗓音|笔迹|步态|步姿"
    "|(?<![A-Za-z\\-])DNA(?!拷贝|[：:]?\\s?\\d+(?:IU|拷贝|cop))|STR分型|基因指纹|生物(?:特征|识别)"
)
_VALUE = r"(?=[A-Za-z\-_]*\d[A-Za-z\d\-_:./]*)[A-Za-z\d]+(?:[-_:./][A-Za-z\d]+)*"
_BODY_MARK = re.compile(
    rf"(?:{_MARK_NAMES})"
    "(?:采集|登记|录入|识别|认证|核验|验证|比对|扫描|模板|样本|图像|影像|图谱|特征|分型|信息|数据|记录|档案|存档|访谈"
    "|朗读|录音|签到|打卡|留样|留档|建档|备案|文件|素材|片段|任务|结果|序列|索引"
    r"|留存|流水|编号|编码|代码|标识|号码|号|码|ID|id|[是为系的：:#＃=\s（(已存入])"
    rf"{{0,8}}(?P<value>{_VALUE})(?![A-Za-z\d%]|\.\d)"
    # Other words in between, where the value has letters and digits as a code has: 虹膜已重新采样一次，编为HM-caf4.
    rf"|(?:{_MARK_NAMES})[\u4e00-\u9fff（(：: ]{{1,8}}?"
    rf"(?P<far>(?=[A-Za-z]{{1,8}}[-_]?[\da-f]*\d)[A-Za-z]{{1,8}}[-_][A-Za-z\d]+(?:[-_][A-Za-z\d]+)*)(?![A-Za-z\d%"
    rf"]"
    r"|\.\d)"
)
_PHOTO = re.compile(
    "(?:照片|相片|图片|影像照|正面照|侧面照|正位面像|全脸照|面部照|免冠照|证件照|大头照|头像|截图|截屏|面像|自拍|照相"
    r"|合影|合照|留影|底片|附图|录像|视频|[\u4e00-\u9fff]照"
    r"|摄影|拍照)"
    r"(?:文件|资料|影像|存档|登记|序号|编号|编码|代码|号码|名称|留存|留档|见|名|号|码|ID|id"
    r"|[是为存：:#\s（(]){0,6}(?P<value>(?=[A-Za-z\-_]*\d{2})[A-Za-z\d]+(?:[-_./][A-Za-z\d]+)*)"
    r"(?![A-Za-z\d%]|\.\d|\s?(?:张|次|年|月|日|cm|mm|时|分|秒|元|mW|J))"
)
_MEASURED = re.compile(r"\s?(?:mm|cm|um|μm|m/s|Hz|dB|次|天|年|月|日|岁|分|例|张|期|级|度|倍|℃)")
_PROVINCE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
_SERIES_NUMBER = re.compile(
    # 沪检4649-8101, 苏卫医字第20210034号
    rf"(?P<series>{_PROVINCE}[\u4e00-\u9fff]{{0,3}}?[医检药护卫疾院急妇残民公交法鉴执监质安社保康训教证字研伦备]"
    rf"[\u4e00-\u9fff]{{0,2}}?(?:字|第|字第)?(?=(?:[A-Z\-]*\d){{5}})[A-Z\d]+(?:-[A-Z\d]+)*号?)(?![A-Za-z\d.%])"
    # 报案号：急字0042-17
    r"|(?:号|编号|号码|编码|流水|单号|序号)[:：][ 　]?(?P<behind>[\u4e00-\u9fff]{1,4}(?:字|第"
    r"|字第)?[-－ ]?(?=(?:[A-Z\-]*\d){4})[A-Z\d]+(?:-[A-Z\d]+)*号?)(?![A-Za-z\d.%])"
)
_PLATE = re.compile(
    # 黑 E-7K229, 辽C444急, a tractor's 吉07 56586, a boat's 辽营渔57082, a helicopter's B-7299
    rf"{_PROVINCE} ?[A-HJ-NP-Z][ ·.\-]{{0,2}}(?=[A-HJ-NP-Z]{{0,3}}\d[A-HJ-NP-Z]{{0,3}}\d)[A-HJ-NP-Z\d]{{4,6}}"
    r"[警急学挂港澳使领]?(?![A-Za-z\d-])"
    rf"|{_PROVINCE}[A-HJ-NP-Z]\d{{3,4}}[警急学挂港澳使领]|{_PROVINCE}\d\d[ ·]?\d{{5}}(?=号|[，,；;。）)\s]|$)"
    rf"|{_PROVINCE}[\u4e00-\u9fff]{{1,4}}(?:渔|货|运|油|拖|客|机)\d{{3,6}}(?!\d)"
    r"|(?:直升机|飞机|航空器|机号|注册号)[号为是：:（(\s]{0,3}(?P<aircraft>B-?[\dA-Z]{4,5})(?![A-Za-z\d-])"
)
_OFFICER = re.compile(
    r"(?:军官证|士兵证|文职证|学员证|警官证|军人证)(?:号码?"
    r"|编号)?[:：\s]{0,2}(?P<value>[\u4e00-\u9fff]{0,3}字?第?\d{5,10}号?)"
)


_LAST_FOUR = re.compile(
    r"(?:身份证|证件|身份證)(?:号码?|號碼?)?(?:的)?[（(]?(?:最后|末尾|末|后|後|尾)(?:四|4)位(?:数字?|号)?[:：是为=\s]{0,3}(?P<value>\d{3}[\dXx])(?![\dA-Za-z])"
)


_LAST_FOUR_HEAD = re.compile(r"(?:身份证|证件|身份證)号?(?:码)?[（(]?[后末尾][四4]位[）)]?")
_CARD_HEAD = re.compile(r"(?:(?:银行|收款|工资|社保)?卡号?)[（(]?[后末尾][四4]位[）)]?|(?:银行|收款)?卡?尾号")
_HEADS: tuple[tuple[re.Pattern[str], IdentifierKind], ...] = (
    (_LAST_FOUR_HEAD, "resident_id"),
    (_CARD_HEAD, "bank_card"),
)
_FOUR = re.compile(r"\d{3}[\dXx]")
_CREW = re.compile(
    # 急救07-19, 救护033, 120-A49车, 车组：JH-501
    r"(?<!\d)(?:急救|救护|120[-－])[A-Z]?\d{2,3}(?:-\d{1,3})?(?:号?车)?(?![\d年月])"
    r"|车组[号:：\s]{1,3}(?P<crew>[A-Z]{1,3}-?\d{1,4})(?![\w-])"
)
_CARD_BEHIND = re.compile(r"(?:退至|退回|转入|打到|打至|汇至)(?:尾号)?[:：\s]{0,2}(?P<value>\d{4})(?![\d.,元年月])")


_TOLD: tuple[tuple[re.Pattern[str], IdentifierKind, float], ...] = (
    (_CASE, "id_number", 0.9),
    (_ACCOUNT, "id_number", 0.86),
    (_SHORT, "id_number", 0.86),
    (_BANK, "account", 0.9),
    (_MIXED, "id_number", 0.88),
    (_FINGER, "biometric", 0.94),
    (_SERIES_NUMBER, "id_number", 0.88),
    (_OFFICER, "id_number", 0.96),
    (_LAST_FOUR, "resident_id", 0.9),
    (_BICYCLE, "vehicle", 0.93),
    (_PLATE, "vehicle", 0.93),
    (_CREW, "vehicle", 0.9),
    (_CARD_BEHIND, "bank_card", 0.86),
)
"""Patterns that tell by themselves: what they find is their group, or all of them where they have none."""


def find_chinese_numbers(text: str) -> Iterator[Candidate]:
    """Numbers that `find_chinese_codes` may leave."""
    for pattern, kind, score in _TOLD:
        for match in pattern.finditer(text):
            yield Candidate(*match.span(match.lastgroup or 0), kind, score)
    for head, kind_of_card in _HEADS:
        for start, end in cells_below(text, head):
            if _FOUR.fullmatch(text, start, end):
                yield Candidate(start, end, kind_of_card, 0.95)
    for match in _BODY_MARK.finditer(text):
        group = "value" if match["value"] else "far"
        value = match[group]
        digits = sum(character.isdigit() for character in value)
        if digits >= (2 if digits < len(value) else 4) and not _MEASURED.match(text, match.end()):
            yield Candidate(*match.span(group), "biometric", 0.93)
    for match in _PHOTO.finditer(text):
        if any(map(str.isalpha, match["value"])) or len(match["value"]) >= 5:
            yield Candidate(*match.span("value"), "photo", 0.91)
