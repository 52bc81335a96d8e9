"""Names of persons in Chinese text as the cheapest way to read a sentence: words against a name among them.

A sentence without spaces is read as the sequence of words that is most probable, by the word frequencies of `jieba`;
a surname with one or two characters behind it competes with the words that the same characters make. How probable
characters are in a name is counted on the names that the same dictionary holds, and what stands beside the name
(a role, a relation, a verb of saying, a bracket, a field's end) makes a name there more or less probable.
"""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

_HAN = "\u4e00-\u9fff"
_RUN = re.compile(rf"[{_HAN}]+")
_LONGEST = 6
_PRIOR = -5.0
"""Logarithm of how often a word of running text is a name, where nothing around it says so."""

_WORD_TOO = 4.0

COMMON_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)


class _Lexicon(NamedTuple):
    """Logarithms of probabilities."""

    words: dict[str, float]
    prefixes: frozenset[str]
    surnames: dict[str, float]
    second: dict[str, float]
    third: dict[str, float]
    alone: dict[str, float]
    unseen_word: float
    unseen_given: float


@lru_cache(maxsize=1)
def simplified() -> dict[int, str]:
    """Traditional characters and the simplified one for each, for `str.translate`; no text changes its length."""
    lines = (files("opencc") / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines)
    return {ord(old): new.split(" ")[0] for old, new in pairs if len(old) == 1 and len(new.split(" ")[0]) == 1}


@lru_cache(maxsize=1)
def _lexicon(surnames: frozenset[str]) -> _Lexicon:
    counts: dict[str, int] = {}
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    third: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    with (files("jieba") / "dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, number, tag = line.split(" ")
            count = int(number)
            name = tag.startswith("nr") and 2 <= len(word) <= 3 and word[0] in surnames
            if name:
                # One famous person counts no more than hundreds of others.
                weight = min(count, 20)
                first[word[0]] += weight
                if len(word) == 3:
                    second[word[1]] += weight
                    third[word[2]] += weight
                else:
                    alone[word[1]] += weight
            if not name or count >= 300:
                counts[word] = max(count, 1)
    for place, surname in enumerate(COMMON_SURNAMES):
        first[surname] += 40_000 // (place + 5)
    for surname in surnames:
        first[surname] += 6
    total = sum(counts.values())
    prefixes = {word[:length] for word in counts for length in range(1, min(len(word), _LONGEST) + 1)}

    def logs(counter: Counter[str]) -> dict[str, float]:
        whole = sum(counter.values())
        return {key: math.log(value / whole) for key, value in counter.items()}

    return _Lexicon(
        words={word: math.log(count / total) for word, count in counts.items() if len(word) <= _LONGEST},
        prefixes=frozenset(prefixes),
        surnames=logs(first),
        second=logs(second),
        third=logs(third),
        alone=logs(alone),
        unseen_word=math.log(0.5 / total),
        unseen_given=math.log(1e-6),
    )


def _reads_as_given(given: str, lexicon: _Lexicon) -> bool:
    """Whether both of two characters are frequent in names, each in its place."""
    return lexicon.second.get(given[0], -99.0) > -8.0 and lexicon.third.get(given[1], -99.0) > -8.0


def find_given(text: str, surnames: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Given names without a surname behind a relation, or alone before what only persons do."""
    lexicon = _lexicon(surnames)
    for match in _GIVEN.finditer(text):
        group = "behind" if match["behind"] else "before"
        name = match[group]
        if (
            _reads_as_given(name, lexicon)
            and not _NO_NAME.intersection(name)
            and lexicon.words.get(name, -99.0) < -10.5
        ):
            yield match.span(group)


_GIVEN = re.compile(
    "(?:家属|妹夫|姐夫|孙子|孙女|外孙|儿子|女儿|女婿|儿媳|老伴|妻子|丈夫|爱人|弟弟|妹妹|哥哥|姐姐|侄子|侄女|外甥|表[哥弟姐妹]|堂[哥弟姐妹]|[长次三幼]?(?:子|女)|小名|乳名|叫|——|旁人|护工|保姆|室友|同学)"
    rf"(?P<behind>[{_HAN}]{{2}})(?=[，。、；,;（(\s”]|$|来|扶|陪|送|诉|说|在|呢|于|的|探|已|也|和)"
    rf"|(?<![{_HAN}])(?P<before>[{_HAN}]{{2}})(?=妈妈|爸爸|奶奶|爷爷|自述|诉|说|呢？|你用|你)"
)
_STRONG_LEFT = re.compile(
    "(?:责护|妹夫|姐夫|女婿|录入|翻译|街坊|遗体|宣布|总检|下机|上机|夜班|白班|中班|值班|撞|医师|医生|大夫|护士|护士长|药师|技师|主任|教授|院长|康复师|治疗师|营养师|咨询师|心理师|社工|助理|专员|护理员|护工|"
    "规培生|进修生|研究生|实习生|志愿者|村医|校医|队长|教练|老师|班主任|律师|民警|交警|保安|司机|经理|老板|房东|雇主|"
    "妻子|丈夫|爱人|配偶|老伴|前妻|前夫|继父|继母|养父|养母|岳父|岳母|公公|婆婆|儿子|女儿|母亲|父亲|妈妈|爸爸|哥哥|姐姐|弟弟|妹妹|"
    "爷爷|奶奶|外公|外婆|姥姥|姥爷|祖父|祖母|孙子|孙女|外孙女|外孙|儿媳|女婿|侄子|侄女|外甥女|外甥|舅舅|舅妈|姑姑|姑妈|姨妈|阿姨|叔叔|"
    "伯伯|伯父|伯母|婶婶|表[哥弟姐妹]|堂[哥弟姐妹兄]|大[哥姐嫂]|二[哥姐]|嫂子|弟媳|[其之](?:[妻夫子女母父兄弟姐妹儿媳孙]|配偶|爱人|家属)|"
    "[长次幼独三四养继](?:子|女)|家属|家人|亲属|亲友|监护人|同事|朋友|邻居|室友|同学|男友|女友|未婚妻|未婚夫|保姆|阿姨|联系人|"
    "患者|病人|患儿|病员|产妇|孕妇|伤者|死者|受检者|受试者|供者|受者|当事人|委托人|代理人|申请人|参保人|被保险人|"
    "签名|签字|签署|签收|核对|复核|审核|书写|记录|报告|检验|陪同|陪护|照顾|照料|联系|致电|电询|转告|告知|通知|嘱托|委托|指导|带教|主刀|"
    "执刀|术者|助手|麻醉|器械|巡回|姓名|名字|称呼|全名|本名|名叫|名为|叫做|我叫|我是|您是|你是|这是|找|姓|叫|收件|寄件|抄送|"
    "(?:者|人|员|师|士|医|长|生|姐|哥|嫂|叔|姨|爷|奶|伯|婆|公|妻|夫|侄|孙))$"
)
_COLON_LEFT = re.compile(rf"[{_HAN}A-Za-z)）][ 　]?[:：][ 　]*$")
_WEAK_LEFT = re.compile(
    "(?:[今昨明前当次][天日晚早晨]|[上下中]午|目前|现在|最近|刚才|刚刚|后来|于是|所以|因为|但是|不过|而且|如果|希望|麻烦|感谢|谢谢|祝|由|请|经|嘱|与|和|同|给|对|让|向|问|见|跟|及|为|被|把|托|从|按|遵|据|替|陪|是|、|/|／|，|。|；|\\n|\\(|（|“|\\||\\t|^)[ 　]*$"
)
_STRONG_RIGHT = re.compile(
    "(?:先生|女士|小姐|同志|老师|阿姨|大爷|大妈|大叔|大娘|师傅|警官|律师|经理|太太|博士|处长|科长|书记|校长|局长|医生|医师|大夫|护士|主任|教授|院长|"
    "药师|技师|主治|副主任|本人|诉|自述|代述|述|称|说|表示|反映|告诉|回忆|认为|否认|承认|签字|签名|签署|签收|陪同|陪护|护送|代签|要求|同意|拒绝|主刀|执刀|"
    "操作|完成|核对|查房|会诊|接诊|记录|书写|审核|在场|到场|来电|来诊|来院|就诊|入院|出院|今日|今天|昨日|因|于\\d|自\\d|的(?:妻|丈夫|爱人|儿子|女儿|母亲|父亲|家属|"
    "主治|管床|电话|手机|身份证|住院|病历|床位|弟|哥|姐|妹|账户|医保)|之[妻夫子女母父]|[，,、 　]{0,2}[男女](?![子儿方])|[，,、 　]{0,2}\\d{1,3} ?岁|[（(](?:男|女|\\d|患者|病人|之|其|"
    "妻|夫|子|母|父|儿|女|姐|妹|兄|弟|家属|配偶|身份证|电话|手机|工号|签|代|同事|朋友|邻居|住院|医师|医生|护士|主任))"
)
_WEAK_RIGHT = re.compile(
    "(?:[，,。；;、/／|）)（(：:\\n\\t ”]|$|\\d|[\\[【]|负责|帮|陪|送|带|打|去|来|到|在|已|也|还|将|会|想|曾|问|让|给|把|都|又|就|再|可|能|是|有|没|从|向|与|和|及|对)"
)
_FIELD_LEFT = re.compile("(?:^|[\\n\\t|｜/／]|  |　|[:：])[ 　]*$")
_FIELD_RIGHT = re.compile("[ 　]*(?:$|[\\n\\t|｜/／]|  |　)")
_NO_NAME = frozenset(
    "的了是在有被及或无不未并至让将把其此该可应您你我他她它们个些等啊吗呢吧岁年月日号院科室床病症痛炎癌瘤药肿血尿便疼咳查检者与为以就随前后来到住入出说问做去也都还很"
    "由则但且又时会要能用服打接带送陪看告医师士主任患属签诊术给对向从因诉述称否予拟经行请钟周克升片粒支次级型性区侧叶管肠胃肝肾肺脑腺腔膜体细胞酶素酸钠钾钙"
)


def _context(text: str, start: int, end: int) -> float:
    """How much more probable what stands around makes a name from `start` to `end`, as a logarithm."""
    before, after = text[max(0, start - 8) : start], text[end : end + 8]
    score = 0.0
    if _STRONG_LEFT.search(before):
        score += 3.0
    elif _COLON_LEFT.search(before):
        score += 2.5
    elif _WEAK_LEFT.search(before):
        score += 1.0
    else:
        score -= 2.0
    if _STRONG_RIGHT.match(after):
        score += 3.5
    elif _WEAK_RIGHT.match(after):
        score += 1.0
    else:
        score -= 3.0
    if _FIELD_LEFT.search(before) and _FIELD_RIGHT.match(after):
        score += 2.5
    return score


def find(text: str, surnames: frozenset[str], compound: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where the most probable reading of a text in simplified characters has names, without titles."""
    lexicon = _lexicon(surnames)
    for run in _RUN.finditer(text):
        if run.end() - run.start() >= 2:
            yield from _names(text, run.start(), run.end(), lexicon, compound)


def _names(text: str, first: int, last: int, lexicon: _Lexicon, compound: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Names in one stretch of Chinese characters, by dynamic programming from its end."""
    length = last - first
    best = [0.0] * (length + 1)
    step: list[tuple[int, bool]] = [(1, False)] * (length + 1)
    words, prefixes = lexicon.words, lexicon.prefixes
    for offset in range(length - 1, -1, -1):
        start = first + offset
        found = words.get(text[start], lexicon.unseen_word) + best[offset + 1]
        choice = (1, False)
        for size in range(2, min(_LONGEST, length - offset) + 1):
            piece = text[start : start + size]
            if piece not in prefixes:
                break
            probability = words.get(piece)
            if probability is not None and probability + best[offset + size] > found:
                found, choice = probability + best[offset + size], (size, False)
        for size, probability in _as_name(text[start : start + 4], lexicon, compound):
            if size <= length - offset:
                # A word of the language that also is a name is a name only where much says so.
                discount = _WORD_TOO if text[start : start + size] in words else 0.0
                total = probability - discount + _context(text, start, start + size) + best[offset + size]
                if total > found:
                    found, choice = total, (size, True)
        best[offset], step[offset] = found, choice
    offset = 0
    while offset < length:
        size, name = step[offset]
        if name:
            yield first + offset, first + offset + size
        offset += size


def _as_name(piece: str, lexicon: _Lexicon, compound: frozenset[str]) -> Iterator[tuple[int, float]]:
    """Lengths of what may be a name at the beginning of some characters, each with its probability's logarithm."""
    taken = 0
    if piece[:2] in compound:
        taken, surname = 2, -8.0
    elif piece[0] in lexicon.surnames:
        taken, surname = 1, lexicon.surnames[piece[0]]
    if not taken:
        return
    given = piece[taken : taken + 2]
    if given and given[0] not in _NO_NAME:
        yield taken + 1, _PRIOR + surname + lexicon.alone.get(given[0], lexicon.unseen_given) - 1.2
        if len(given) == 2 and given[1] not in _NO_NAME:
            yield (
                taken + 2,
                _PRIOR
                + surname
                # Parents take words too: 振兴, 秋月.
                + max(
                    lexicon.second.get(given[0], lexicon.unseen_given)
                    + lexicon.third.get(given[1], lexicon.unseen_given),
                    lexicon.words.get(given, -99.0) - 0.5 if _reads_as_given(given, lexicon) else -99.0,
                )
                - 0.4,
            )
