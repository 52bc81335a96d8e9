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


def find_chinese_numbers(text: str) -> Iterator[Candidate]:
    """Numbers that `find_chinese_codes` may leave."""
    for match in _CASE.finditer(text):
        yield Candidate(match.start(), match.end(), "id_number", 0.9)
    for pattern in (_ACCOUNT, _SHORT):
        for match in pattern.finditer(text):
            yield Candidate(*match.span("value"), "id_number", 0.86)
    for match in _BICYCLE.finditer(text):
        yield Candidate(*match.span("value"), "vehicle", 0.93)
