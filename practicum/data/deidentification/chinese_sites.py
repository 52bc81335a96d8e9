"""Places in Chinese text that a word before or behind them gives away, where no list of towns has them: sub-districts,
roads and crossings, residential compounds, courts, prisons, factories, villages; traditional characters too."""

import itertools
import re
from collections.abc import Iterator

from practicum.data.deidentification import gazetteers
from practicum.data.deidentification.candidates import Candidate

_HAN = "\u4e00-\u9fff"
_H = f"[{_HAN}]"
_PLACED = (
    r"(?:家住|现住址?|居住(?:于|在)?|住在|暂住|租住|住址|地址|户籍地?|籍贯|出生地|祖籍|老家在?|位于|寄[到至往]"
    r"|送[到至往]|来自|"
    r"转自|转至|转往|发生[在于]|地点|现场|单位|就读于?|任职于|供职于|毕业于|服刑于|关押于|羁押于|被|由|经|在|于|从"
    r"|到|回|住)"
)
_SITE = re.compile(
    rf"(?P<court>(?:{_H}{{2,8}}?)(?:(?:高级|中级|基层|铁路|海事)?人民法院|人民检察院|公安(?:分)?局|看守所|监狱"
    rf"|戒毒所|拘留所|强制隔离戒毒所"
    r"|交警(?:大队|支队|中队)|消防(?:大队|站|救援站)|救助站|居委会|村委会|办事处|街道办(?:事处)?|司法鉴定(?:中心"
    r"|所)|仲裁委(?:员会)?|"
    r"殡仪馆|汽车站|火车站|高铁站|地铁站|菜鸟驿站|驿站|工业园区?|产业园|开发区|厂区|家属院|农场|林场|牧场|茶场|渔场"
    r"|工地|市场|商场|商城|"
    r"超市|酒店|宾馆|旅馆|饭店|公园|广场|寺|庙|教堂|医院|醫院|診所|學校|大學|國小|國中|高中|安養院|養護中心"
    r"|護理之家))"
)
_OFFICE = re.compile(
    rf"(?:^|[^{_HAN}]|开户行|开户银行|收款单位|资助单位|申请|供血机构|鉴定地点|机构|单位)(?P<office>(?!开户|收款|资助|申请|供血|鉴定地)"
    rf"{_H}{{2,14}}?(?:支行|分理处|信用社|储蓄所|慈善总会|慈善会|基金会|公益中心|颐养中心|养结合中心|养护中心|医疗保障局|医保局"
    rf"|社会保险局|社保局|司法鉴定所|采供血点|血站|中心血库))"
)
"""Banks' branches, charities and offices, which lie in one town."""
_SITE_START = re.compile(
    rf"(?:患者|病人|家属|伤者|司机|警方|民警|本人|定期|随后|每[周月年]|立即|及时|建议|其|现|曾|今|昨|日|后|遂"
    rf"|{_PLACED}|看守所|监狱|法院|转|送|至|往|去"
    rf"|赴|和(?![平顺田县静硕政林龙])|与|及|是|为|一家|某|"
    r"轉診至?|轉診|曾於|於|在|至|自)+"
)
_GENERIC = re.compile(
    r"(?:人民|中级|高级|基层|上级|当地|本地|外地|附近|辖区|公安|市|县|区|省|镇|乡|我|本|该|外|某|他|她|私人|家|大"
    r"|小|农贸|菜|超级|建筑|"
    r"轉至|當地|附近|綜合|某某|大型|综合|就近|社区|医|牛|羊|农|花鸟|海鲜|水产|劳务|劳动力|人才|药品|国内|国际|医药)*"
    r"(?:[一二三]级)?(?:高级|中级)?(?:人民法院|人民检察院|公安(?:分)?局|看守所|监狱|戒毒所|拘留所|强制隔离戒毒所"
    r"|交警(?:大队|支队|中队)"
    r"|消防(?:大队|站|救援站)|救助站|居委会|村委会|办事处|街道办(?:事处)?|司法鉴定(?:中心|所)|仲裁委(?:员会)?"
    r"|殡仪馆|汽车站|火车站|高铁站|"
    r"地铁站|菜鸟驿站|驿站|工业园区?|产业园|开发区|厂区|家属院|农场|林场|牧场|茶场|渔场|工地|市场|商场|商城|超市"
    r"|酒店|宾馆|旅馆|饭店|"
    r"公园|广场|寺|庙|教堂|医院|醫院|診所|學校|大學|國小|國中|高中|安養院|養護中心|護理之家)"
)
_NO_SITE = re.compile(
    "需要|上级|病情|转诊|定期|复查|随访|哪|什么|任何|不|没|外院|我院|本院|该院|外傷|建議|门诊|住院|治疗|手术|检查|出院"
    "|入院|就诊|贵公司|上述|本人"
)
_CROSSING = re.compile(
    rf"(?:(?<=位于)|(?<=行至)|(?<=[在于到至经往位卧倒过：:，。\s]))(?P<cross>{_H}{{2,6}}(?:路|街|大道|巷|胡同)(?:与|和|、"
    rf"|/)?{_H}{{0,6}}(?:路|街|大道|巷|胡同)?"
    r"(?:交叉口|交汇处|交界处|路口|交口|口|东侧|西侧|南侧|北侧|附近|[高天]?架?桥下?|丁字口))"
    r"|(?P<lane>[\u4e00-\u9fff]{0,4}国道\d{1,4}线?[\u4e00-\u9fff]{0,6}?(?:路口|路段|\d+公里处?))"
    r"|(?P<highway>(?:[GS]\d{1,4}|[\u4e00-\u9fff]{2,5})(?:高速(?:公路)?|国道|省道|县道"
    r"|快速路)(?:[KＫk]?\d+(?:\+\d+)?(?:公里)?(?:处|米处)?)?|\d{3}(?:国道|省道|县道)"
    r"(?:[Kk]?\d+(?:\+\d+)?(?:公里)?处?)?)"
)
_HOUSE = re.compile(
    rf"(?:住址|地址|家住|现住|暂住|租住|住在|居住于?|居住在|寄[到至往]|住|户籍地?"
    rf"|位于)[:：]?\s?(?P<house>{_H}{{2,24}}?(?:小区|花园|花苑|家园|新城|新村|公寓|"
    r"苑|城|邨|屋苑|家属院|宿舍|大院|嘉园|雅苑|名邸|华府|公馆|里|街道|办事处|社区|大街|路|街|巷|弄|村|屯|寨|庄)"
    r"(?:附?[甲乙]?\d*(?:号院?|期|栋|幢|座|弄|单元|楼|室|门|组|户)?[-－]?){0,6})(?=[，。；、,;\s）)]|$|附近|旁|内|房"
    r"|代收|口)"
)
_TRADITIONAL = re.compile(
    rf"(?P<address>(?:{_H}{{1,4}}[縣市])?{_H}{{1,4}}(?:區|鄉|鎮|市)(?:{_H}{{1,5}}(?:里"
    rf"|村)(?=[{_HAN}\d]))?{_H}{{1,6}}(?:路|街|大道|巷)(?:[一二三四五六七八九十\d]+段)?"
    rf"(?:\d+巷)?(?:\d+弄)?\d+(?:之\d+)?號(?:之\d+)?(?:\d+樓)?(?:之\d+)?(?:{_H}?\d*室)?)"
    rf"|(?P<estate>{_H}{{2,8}}?(?:邨|苑|村|花園|大廈"
    rf"|中心)(?:{_H}{{1,4}}樓)?[A-Z\d]{{1,3}}[座期棟]\d{{1,4}}[室樓A-Z]{{0,2}}(?:[A-Z\d]{{1,3}}室)?)"
)
_BLOCK = re.compile(
    rf"(?:住址|地址|家住|现住|暂住|租住|住在|居住于?|居住在|寄[到至往]|住"
    rf"|户籍地?)[:：]?\s?(?P<place>{_H}{{3,24}}?[甲乙]?\d+"
    r"(?:号院|号楼|栋|幢|座|单元|弄|号|室)(?:附?\d+(?:号楼?|栋|幢|座|单元|层|楼|室|门|组)?[-－]?){0,5})"
)
_NATIVE = re.compile(
    r"(?:系|为|是|患者|[，,：:])(?P<place>(?:河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北"
    r"|湖南|广东|海南|四川|贵州|"
    rf"云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆)省?{_H}{{2,4}})(?=人(?![{_HAN}]))"
)
_OF_PLACE = re.compile(
    rf"(?<![{_HAN}])(?P<place>(?![由在到从至往转经被因某该本]){_H}{{2,4}}(?:街道|社区|村|屯|镇|乡|庄|寨))(?=居民"
    rf"|村民|人(?![{_HAN}])|口|附近|农民"
    rf"|卫生|农妇|一组|二组|三组|四组)"
)
_SHORT_HOSPITAL = re.compile(
    rf"(?:(?<![{_HAN}])|(?<=[在于到至由从往赴经]))(?P<place>(?:{_H}{{1,3}}大|{_H}{{2,4}}?(?:医大|医科大"
    rf"|中医大)?)[一二三四五]附?院|{_H}{{1,3}}附[一二三四]?院?"
    r"(?=会诊|就诊|住院|转|出院|诊|检查|复查)|(?:协和|同仁|湘雅|华西|齐鲁|瑞金|仁济|华山|中山|西京|同济|宣武|天坛"
    r"|安贞|积水潭|阜外)(?:医院)?(?=会诊|就诊|住院|转|出院|诊|检查|复查|手术))"
)
_PROVINCE_BEFORE = re.compile(
    rf"(?:籍贯|出生地|户籍地?|居住|住址|家住|祖籍|来自|现住|地址|老家)[:：]?\s?(?P<place>{_H}{{2,4}}(?:省|自治区"
    rf"|市)?{_H}{{1,6}}(?:市|州|盟|地区)"
    rf"{_H}{{1,6}}(?:县|区|市|旗)(?:{_H}{{1,6}}(?:镇|乡|街道))?(?:{_H}{{1,5}}村)?)"
)
_CITY = re.compile(
    rf"(?:回|从|在|到|去|赴|老家在?|现在|来自)(?P<city>{_H}{{2,4}}?)(?=来|打工|务工|探亲|出差|旅游|上学|经商|做生意"
    rf"|读书|工作|居住|回来|返回|[，。；]|$)"
)

_STREET = re.compile(
    rf"(?:(?<![{_HAN}])|(?<=[在于至到住址经：:]))(?P<street>(?!(?:通|道|马|走|公|铁|线|尿|气"
    rf"|胆)路){_H}{{2,6}}(?:内大街|外大街|大街|大道|[东南西北中][路街]|路|街|胡同|巷"
    rf"|弄)(?:[一二三四五六七八九十]+(?:巷|弄|条))?[甲乙丙]?\d+(?:号|弄|巷)(?:{_H}?\d+(?:号楼?|室|栋|幢|单元|门))*)"
    rf"|(?:(?<![{_HAN}])|(?<=[在于至到经]))(?P<walk>{_H}{{2,6}}(?:[东南西北中][路街]|大街|胡同))(?=下车|附近|口|摔"
    rf"|晕|被|路边|上|步行|遇)"
    rf"|(?<![{_HAN}])(?P<district>{_H}{{2,3}}(?:新区|开发区))(?=转诊|户籍|居民|患者|[，。、])"
    rf"|(?P<village>{_H}{{2,4}}(?:村|沟|庄|屯|寨|堡|湾|坪)(?:[一二三四五六七八九十]+(?:巷|组|队|社))\d*号?)"
)


_COMPANION = re.compile(
    # 被柳坪村张某家的狗咬, 送到松鹤楼三层
    rf"(?<=[被在到从回住由去至往])(?P<village>{_H}{{2,3}}村)(?={_H}某|[邻居口头里]|老|家|一|打|干|养|养|去|来|[，。、；\s]|$)"
    rf"|(?:(?<=[在到去往住至])|(?<=送往)|(?<=送到))(?P<building>{_H}{{2,3}}[楼阁])(?=[\d一二三四五六七八九十]+[层楼])"
)
_COMMON_SITE = re.compile(
    r"(?:[农山本外乡同该邻全新老各某每我他她]|几个|这个|那个|门诊|住院|[内外儿]科|急诊|医技|综合|行政|教学|病房|办公|科研|体检|妇儿|感染|实验|宿舍|居民|住宅"
    r"|单元|[这那主号东西南北前后隔对])+(?:部|大)?[村楼阁]"
)


_LEAD = re.compile(rf"(?:[在住于至到往]|暂住|现住|居住){{0,2}}(?:{_H}{{2,3}}省|{_H}{{2,6}}自治区)?")


def _trimmed(text: str, start: int, end: int, score: float) -> Iterator[Candidate]:
    """A place without the word before it and the province, which tells too little to be one."""
    lead = _LEAD.match(text, start, end)
    start = lead.end() if lead else start
    if end - start >= 2:
        yield Candidate(start, end, "location", score)


def _sites_and_crossings(text: str) -> Iterator[Candidate]:
    """Courts, prisons, stations, markets with a name of their own, and roads with what lies at them."""
    for match in _SITE.finditer(text):
        start, place = match.start(), match[0]
        cut = _SITE_START.match(place)
        if cut and cut.end() < len(place):
            start, place = start + cut.end(), place[cut.end() :]
        if len(place) < 4 or _GENERIC.fullmatch(place) or _NO_SITE.search(place):
            continue
        yield Candidate(start, match.end(), "location", 0.77)
    for match in _OFFICE.finditer(text):
        if not _GENERIC.match(match["office"]) and not _NO_SITE.search(match["office"]):
            yield Candidate(*match.span("office"), "location", 0.77)
    for match in _CROSSING.finditer(text):
        group = match.lastgroup or "cross"
        if group == "cross" and not re.search(r"(?:路|街|大道|巷|胡同).*(?:路口|交|口|侧|桥)", match[group]):
            continue
        yield Candidate(*match.span(group), "location", 0.78)


def find_chinese_sites(text: str) -> Iterator[Candidate]:
    """Named sites, crossings, compounds and addresses that `find_chinese_places` may leave."""
    yield from _sites_and_crossings(text)
    for match in _HOUSE.finditer(text):
        value = match["house"]
        stem = re.match(rf"{_H}+", value)
        if stem and not _NO_SITE.search(value) and stem[0] not in gazetteers.chinese_words() and stem[0][:-1] not in (
            "农", "山", "本", "外", "乡", "同", "该", "邻",
        ):  # fmt: skip
            yield from _trimmed(text, *match.span("house"), 0.76)
    for match in _STREET.finditer(text):
        yield Candidate(*match.span(match.lastgroup or "street"), "location", 0.77)
    for match in _COMPANION.finditer(text):
        if not _COMMON_SITE.fullmatch(match[0]) and match[0] not in gazetteers.chinese_words():
            yield Candidate(*match.span(), "location", 0.77)
    for match in _TRADITIONAL.finditer(text):
        yield Candidate(match.start(), match.end(), "location", 0.9)
    for match in itertools.chain(_BLOCK.finditer(text), _NATIVE.finditer(text)):
        yield from _trimmed(text, *match.span("place"), 0.77)
    for pattern in (_OF_PLACE, _SHORT_HOSPITAL, _PROVINCE_BEFORE):
        for match in pattern.finditer(text):
            if match["place"] not in gazetteers.chinese_words() or pattern is _PROVINCE_BEFORE:
                yield from _trimmed(text, *match.span("place"), 0.77)
    for match in _CITY.finditer(text):
        city = match["city"]
        if city in gazetteers.chinese_cities():
            yield Candidate(*match.span("city"), "location", 0.6)
