"""Numbers in Chinese text that hold characters or are too short to tell by their look: of court cases, reports, trial
subjects, specimens, accounts of messengers and plates of bicycles."""

import re
from collections.abc import Iterator

from practicum.data.deidentification.candidates import Candidate

_CASE = re.compile(
    r"[（(\[〔](?:19"
    r"|20)\d\d[)）\]〕][\u4e00-\u9fff]{1,3}\d{0,6}[\u4e00-\u9fff]{1,6}第?\d{1,7}号(?:之[一二三四五六七八九十]+)?"
    r"|[\u4e00-\u9fff]{1,6}[（(\[〔](?:19|20)\d\d[)）\]〕][\u4e00-\u9fff]{0,6}第?\d{1,7}号"
)
_ACCOUNT = re.compile(r"(?:微信号?|QQ号?|用户名|登录名|账号名)[:：]\s?(?P<value>[A-Za-z][\w\-]{4,19})", re.ASCII)
_SHORT = re.compile(
    r"(?:受试者|筛选|随机|入组|标本|样本|病理|蜡块|切片|工号|床头带|腕带|叫号|取号|排队|处方|申请单|会诊单|献血"
    r"|供者|血袋)(?:编?号|码)?[:：]?\s?"
    r"(?P<value>[A-Z]{1,4}-?\d{3,}(?:-\d+)*)(?![A-Za-z\d])"
)
_BICYCLE = re.compile(r"(?:牌照|号牌|车牌号?)[:：]?\s?(?P<value>(?!号)[\u4e00-\u9fff]{2}[A-Z]?\d{5,7})(?!\d)")

_BODY_MARK = re.compile(
    r"(?:[指掌足手唇声舌耳]纹|[指足手脚掌]印|指模|虹膜|视网膜|巩膜|人脸|面部|刷脸|[指掌]?静脉|声音|语音|步态"
    r"|(?<![A-Za-z\-])DNA(?!拷贝|[：:]?\s?\d+(?:IU|拷贝|cop))|基因指纹|生物(?:特征|识别))"
    r"(?:采集|登记|录入|识别|认证|核验|验证|比对|扫描|模板|样本|图像|影像|图谱|特征|分型|信息|数据|记录|档案|存档"
    r"|留存|流水|编号|编码|代码|标识|号码|号|码|ID|id|[是为系：:#＃=\s（(已])"
    r"{0,8}(?P<value>(?=[A-Za-z\-_]*\d[A-Za-z\d\-_:./]*)[A-Za-z\d]+(?:[-_:./][A-Za-z\d]+)*)(?![A-Za-z\d%]|\.\d)"
)
_PHOTO = re.compile(
    r"(?:照片|相片|图片|影像照|正面照|侧面照|正位面像|全脸照|面部照|免冠照|证件照|大头照|头像|截图|面像|自拍|照相"
    r"|摄影|拍照)"
    r"(?:文件|资料|影像|存档|登记|序号|编号|编码|代码|号码|名称|名|号|码|ID|id"
    r"|[是为存：:#\s（(]){0,6}(?P<value>(?=[A-Za-z\-_]*\d{2})[A-Za-z\d]+(?:[-_./][A-Za-z\d]+)*)"
    r"(?![A-Za-z\d%]|\.\d|\s?(?:张|次|年|月|日|cm|mm|时))"
)
_MEASURED = re.compile(r"\s?(?:mm|cm|um|μm|m/s|Hz|dB|次|天|年|月|日|岁|分|例|张|期|级|度|倍|℃)")
_OFFICER = re.compile(
    r"(?:军官证|士兵证|文职证|学员证|警官证|军人证)(?:号码?"
    r"|编号)?[:：\s]{0,2}(?P<value>[\u4e00-\u9fff]{0,3}字?第?\d{5,10}号?)"
)


def find_chinese_numbers(text: str) -> Iterator[Candidate]:
    """Numbers that `find_chinese_codes` may leave."""
    for match in _CASE.finditer(text):
        yield Candidate(match.start(), match.end(), "id_number", 0.9)
    for pattern in (_ACCOUNT, _SHORT):
        for match in pattern.finditer(text):
            yield Candidate(*match.span("value"), "id_number", 0.86)
    for match in _BODY_MARK.finditer(text):
        value = match["value"]
        digits = sum(character.isdigit() for character in value)
        if digits >= (2 if digits < len(value) else 4) and not _MEASURED.match(text, match.end()):
            yield Candidate(*match.span("value"), "biometric", 0.93)
    for match in _PHOTO.finditer(text):
        if any(map(str.isalpha, match["value"])) or len(match["value"]) >= 5:
            yield Candidate(*match.span("value"), "photo", 0.91)
    for match in _OFFICER.finditer(text):
        yield Candidate(*match.span("value"), "id_number", 0.96)
    for match in _BICYCLE.finditer(text):
        yield Candidate(*match.span("value"), "vehicle", 0.93)
