"""Identifiers in Chinese text: names, addresses, facilities, dates and ages in words, and numbers by their check digits
and labels."""

import re
from collections.abc import Iterator

from practicum.config import IdentifierKind
from practicum.data.deidentification import checksums, chinese_days, chinese_persons, chinese_towns, gazetteers
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.tables import cells_below

_HAN = "\u4e00-\u9fff"
_ROLE = (
    "主任医师|副主任医师|主治医师|住院医师|医师|医生|大夫|护士长|护士|药师|技师|主任|副主任|主治|"
    "教授|院长|康复师|治疗师|营养师|社工"
)


_AFFECTED = re.compile(
    r"(?:受害人|被害人|遇险者|经手人?|领队|带队|[夹砸撞烫咬割]伤|失物柜由|打印(?=[ 　]))[:： 　]{0,2}"
    rf"(?P<name>[{''.join(sorted(chinese_persons.SURNAMES))}][{_HAN}]{{1,2}})"
    r"(?=[ 　，,。；、（(\n]|保管|面部|伤情|导游|$)"
)
"""A person whom something befell or who had to do with a thing, by any surname that there is."""


def find_chinese_names(text: str) -> Iterator[Candidate]:
    """Names of persons by label, role, relation and form of address, and their repetitions."""
    for person in chinese_persons.find_persons(text):
        yield Candidate(person.start, person.end, "name", person.score)
    for match in _AFFECTED.finditer(text):
        if match["name"] not in gazetteers.chinese_words() and match["name"][:2] not in gazetteers.chinese_words():
            yield Candidate(*match.span("name"), "name", 0.91)


_PROVINCES = (
    "北京市", "天津市", "上海市", "重庆市", "北京", "天津", "上海", "重庆", "河北省", "山西省", "辽宁省", "吉林省",
    "黑龙江省", "江苏省", "浙江省", "安徽省", "福建省", "江西省", "山东省", "河南省", "湖北省", "湖南省", "广东省",
    "海南省", "四川省", "贵州省", "云南省", "陕西省", "甘肃省", "青海省", "台湾省", "内蒙古自治区",
    "广西壮族自治区", "西藏自治区", "宁夏回族自治区", "新疆维吾尔自治区", "香港特别行政区", "澳门特别行政区",
    "内蒙古", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南",
    "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "广西", "西藏", "宁夏",
    "新疆", "香港", "澳门",
)  # fmt: skip
_PROVINCE = "(?:" + "|".join(_PROVINCES) + ")"
_AREA = (
    rf"[{_HAN}]{{1,7}}?(?:市(?!场|民|面|区)|自治州|自治县|自治旗|地区|新区|开发区|(?<!病)区(?!域|"
    r"间|别|分)|县(?!级)|旗|盟)"
)
_TOWNSHIP = rf"[{_HAN}]{{1,6}}?(?:街道(?!办)|镇(?!静|痛|咳|吐)|乡|苏木|村(?!民)|社区|屯|庄)"
_ROAD = (
    rf"[{_HAN}\d]{{1,9}}?(?:大道|大街|路|街(?!道)|巷|胡同|里弄|弄|横街|中路|里(?=\d+(?:号|弄|巷|"
    r"栋)))(?:[东南西北中]段)?"
)
_CORNER = rf"(?:{_ROAD}|[{_HAN}]{{1,4}}里)"
_HOUSE = (
    r"(?:附?\d+(?:[-－之]\d+)*\s?(?:号院|号楼|号信箱|信箱|号|栋|幢|座|单元|室|层|楼|组|弄|房|门|户|队|社)|"
    # An estate of any name before its buildings, and numbers of building, unit and flat without words.
    rf"[{_HAN}]{{2,8}}?(?=\d+(?:号楼|号院|号信箱|栋|幢|座|单元|期|[-－]\d))|\d+(?:[-－]\d+){{1,3}}(?![\d年月日/.])|"
    rf"[A-Za-z]\s?(?:座|栋|区|幢)|[{_HAN}]{{2,10}}?(?:小区|花园|花苑|家园|新村|公寓|大厦|广场|苑|"
    r"城|府|庭|山庄|别墅|大楼|宿舍|里)"
    r"|[一二三四五六七八九十]+(?:号楼|号|栋|幢|单元|室|组|楼|层)|村民小?组)"
)
_ADDRESS = re.compile(
    rf"{_CORNER}[与和]{_CORNER}(?:交叉口|交汇处|交界处|路口|交口)(?:[东南西北]{{1,2}}(?:侧|面|行)?(?:约?\d+米)?)?"
    rf"|(?:{_AREA}){{1,3}}(?:{_TOWNSHIP}){{0,2}}(?:[{_HAN}]{{1,5}}?[沟屯庄营店铺湾坝寨岭坪塘窑洼集堡圩坳垸畈埠](?!["
    rf"{_HAN}]))?(?:{_ROAD})?(?:\s?{_HOUSE})*(?:\d+(?![\d年月日岁\-/.天次]))?"
    rf"|(?:{_TOWNSHIP}){{1,2}}(?:{_ROAD})?(?:\s?{_HOUSE})+(?:\d+(?![\d年月日岁]))?"
    rf"|[{_HAN}]{{1,6}}?(?:街道(?!办)|镇(?!静|痛|咳|吐)|乡)[{_HAN}]{{1,5}}?(?:村|社区|居委会|[沟屯庄营店铺湾坝寨岭坪"
    rf"塘窑洼集堡圩坳垸畈埠](?![{_HAN}]))(?:\d+[组队社号])?"
    rf"|{_ROAD}(?:\s?{_HOUSE})+(?:\d+(?![\d年月日岁]))?"
    rf"|[{_HAN}]{{2,8}}?(?:小区|花园|花苑|家园|新村|公寓)(?:\s?{_HOUSE})+(?:\d+(?![\d年月日岁]))?"
)
_TAIL = re.compile(
    r"(?:附\d+(?:号)?|[-－—之]?\d+(?:[-－]\d+)*(?:号院|号楼|号|栋|幢|座|单元|室|层|楼|组|弄|房|"
    r"门|户|队|社)|(?:[-－]\d+)+|[东南西北]{1,2}(?:侧|面)?(?:约?\d+米)|\d{1,4}(?![\d年月日岁\-/.天次]))+"
)
"""What may follow an address that was cut at a house."""
_ADDRESS_BEFORE = re.compile(
    rf"(?:^|[^{_HAN}]|住址|地址|住所|籍贯|出生地|户籍|家住|现住|居住|住|居|址|于|在|到|至|从|自|"
    rf"往|去|回|迁|是|为|由|来|经|和|与|及|赴|贯|地|搬|{_PROVINCE})$"
)
_ON_ROAD = re.compile(r"..(?:[市县镇乡]|[新城郊]?区|街道).{1,8}(?:路|街|大道|巷|胡同|弄)$")
_CROSSROADS = re.compile(rf"(?:{_AREA})?{_CORNER}[与和]{_CORNER}(?:交叉口|交汇处|交界处|路口|交口)")
_LEADING = re.compile(
    "^(?:(?:现|家|原(?![平阳州])|常(?![州熟德山宁])|曾|患者|病人|老人|全家|目前|独自|长期|我|他|她|其|由|自(?!贡)|系"
    "|籍贯|出生|"
    r"出生于|生于|户籍|户口|地址|住址|现住址|家庭|单位|工作|通讯|联系|来自|从(?![化江])|在|于(?![都洪田])|到|至|往|去|"
    "回|迁|是|为|经|和(?![平顺田县静硕政林龙])|与|及|赴|搬|住|居|居住|居住于|住在|居住在|家住|转|转至|转往|转入|送"
    "|送至|"
    r"就诊|就诊于|曾在|外出|乘车|务工|前往|返回|因|后|遂|今|急|入|院|收入|到达|并|已|均|发生|路过|"
    rf"途经|位于|当地|邮寄|寄|地)(?=[{_HAN}]))*(?:{_PROVINCE}(?=[{_HAN}]{{2}}))?"
)
_NOT_PLACES = re.compile(
    rf"(?:[{_HAN}]{{0,6}}(?:病区|院区|超市|城市|都市|夜市|疫区|社区|地区|山区|农村|乡村|该县|本县|"
    r"本市|我市|外市|市区|城区|郊区|辖区|校区|园区|前区|肺区|上区|下区|中区|后区|侧区|叩击区|听诊区|"
    r"诊区|压痛区|疼痛区|监护区|隔离区|污染区|清洁区|缓冲区|"
    r"盲区|灶区|视区|觉区|功能区|代谢区|皮区|阴影区|密度区|信号区|回声区|暗区|透亮区|边缘区|髓区|"
    r"瓣区|瓣膜区|束区|主动脉区|心尖区|肾区|肝区|胃区|脾区|胸区|腰区|臀区|骶区|枕区|颞区|额区|顶区|"
    r"眼区|耳区|鼻区|面区|颈区|乳区|腹区|术区|创区|供区|受区|手术区|会阴区|"
    r"通路|尿路|径路|旁路|回路|电路|思路|走路|道路|马路|铁路|公路|线路|环路|胆路|血路|气路|短路|出路|问路|一路))"
)
_FACILITY = re.compile(
    rf"[{_HAN}]{{2,16}}?(?:附属[{_HAN}]{{0,6}}?医院|第[一二三四五六七八九十]+[{_HAN}]{{0,4}}?医院|"
    r"医院|卫生院|卫生室|卫生所|卫生服务中心|卫生服务站|诊所|门诊部|保健院|保健所|防治所|防治院|"
    r"疗养院|养老院|敬老院|福利院|护理院|康复中心|疾控中心|血站|"
    rf"血液中心|急救中心|体检中心|大学(?!附属|第|医院|[{_HAN}]{{0,6}}医院)|学院(?!附属|第|医院|"
    rf"[{_HAN}]{{0,6}}医院)|中学|小学|幼儿园|派出所|安宁疗护中心|疗护中心|透析中心|诊疗中心|医疗中心|"
    r"养护中心|护理中心|日间照料中心|老年公寓|职业学院|技工学校|学校|煤矿|水泥厂|纺织厂|厂(?![家区房长医商工址])|"
    rf"农贸市场|批发市场|教堂|清真寺|有限公司|银行(?:[{_HAN}]{{0,8}}(?:支行|分行|营业部))|大药房|"
    r"药房|药店)(?:[东南西北新老本]院区|[东南西北]院|分院)?"
)
_FACILITY_GENERIC = re.compile(
    r"(?:我|本|外|该|某|工|化工|机械|钢铁|服装|造纸|电子|食品|乡办|国营|当地|上级|上一级|下级|"
    r"其他|其它|他|她|附近|就近|多家|各|大|小|三甲|三级|二级|一级|甲等|综合|专科|基层|社区|乡镇|"
    r"县级|市级|省级|区级|公立|私立|民营|人民|中心|中医|妇幼|儿童|肿瘤|口腔|眼科|精神|传染病|附属|"
    r"第[一二三四五六七八九十]|教学|定点|协作|转诊|互联网|医|"
    r"医科|医保|院内|院外|门诊|急诊|村|镇|乡|县|市|区|省|街道|私人|个体|家|所|部队|军区|总|原|"
    r"首诊|接诊|收治|外地|外省|本地|国内|国外|北京|上海|知名|"
    r"外院|和|与|及|到|在|去|至|往|于|来|从|由|转|转至|转往|转入|送|送至|入|住|住过|曾|曾在|曾于|"
    r"遂|就诊|就诊于|诊治|治疗|住院|为|求|进一步|前往|随后|后|经|因|现|今|急|被|家属|患者|自行|"
    r"多次|先后|以|建议|请|可|需|如有|不适|及时|随诊|复诊|定期|每|后至|外|出院|就|近|的|名|一家|"
    r"两家|几家|内|新|高校|上|读|在读|退休|毕业|某某|每周|立即|尽快|前|再|并|或|可在|未|无|没有|"
    r"收入|拟|拟入|要求)*"
    r"(?:附属医院|第[一二三四五六七八九十]+医院|医院|卫生院|卫生室|卫生所|卫生服务中心|卫生服务站|"
    r"诊所|门诊部|保健院|防治所|疗养院|养老院|敬老院|福利院|护理院|康复中心|疾控中心|血站|血液中心|"
    rf"急救中心|体检中心|大学(?!附属|第|医院|[{_HAN}]{{0,6}}医院)|学院(?!附属|第|医院|[{_HAN}]{{0,6}}医院)|"
    r"中学|小学|幼儿园|派出所|学校|煤矿|厂|农贸市场|批发市场|有限公司|银行|大药房|药房|药店)"
)
_FACILITY_LEADING = re.compile(
    r"^(?:患者|病人|家属|曾在|曾于|曾至|曾到|就诊于|就诊|住院于|转诊至|转诊到|转至|转往|转入|转自|"
    r"送至|送往|送到|前往|现在|目前|今日|今天|昨日|遂至|遂到|遂|急送|先后在|先后|先后至|随后|后至|"
    "后到|后转|首诊于|入住|收入|出院后|到达|到|至|在|于|往|去|从|由|自|来|经|赴|为|是|的|和(?![平顺田县静硕政林龙])|与"
    "|"
    r"及|及其|并|或|因|后|兹|请|我院|本院|就读于|就读|毕业于|工作于|任职于|电话|地址|单位|工作单位|"
    r"医院|名称|就诊医院|转|送|回|返回|继续|定期|每月|每年|建议|自行|年|月|日|号|上午|下午|时|"
    r"分|天前|年前|月前|日前|周前|前|间断|外院|当地|住|我|他|她|您|你|家属送|急诊|门诊|救护车|"
    r"植入|手术|术后|复查|检查|诊断|治疗)+"
)


_NO_FACILITY = re.compile("需要|上级|上述|本人|双方|受害人|名下|贵公司|病情|[我本该外他贵]院|转诊|哪|什么|任何|不|没")
_FACILITY_LEADING_UNDATED = re.compile(_FACILITY_LEADING.pattern.replace("|年|月|日|号|", "|"))
_COUNTED = re.compile(r"[\d一二三四五六七八九十]")
_TOWN_BEFORE = (
    "家住|现住|居住|暂住|租住|住在|住|调去|调往|搬到|搬去|搬至|迁往|迁至|运往|转往|走失至|回到|"
    "来自|籍贯|祖籍|原籍|老家|户籍|出生于|生于|嫁到|嫁至|嫁往"
)
_TOWN = re.compile(
    rf"(?:{_TOWN_BEFORE})(?:地|在|是|为)?[:： 　]{{0,2}}(?P<town>(?:{_PROVINCE})?[{_HAN}]{{2,4}}?(?:市|"
    r"县|区|镇|乡|旗|村)?)(?=了|[，。；、,;\n）)]|$|人|打工|务工|上学|工作|经商)"
    rf"|在(?P<work>[{_HAN}]{{2,4}}?(?:市|县|区|镇|乡|旗|村)?)(?=打工|务工|上学|经商|定居|读书)"
    rf"|(?<![{_HAN}])(?P<native>(?:{_PROVINCE})?[{_HAN}]{{2,4}}(?:市|县|区|镇|乡|旗|村)|{_PROVINCE}[{_HAN}]{{2,4}})"
    rf"人(?![{_HAN}])"
    rf"|(?<![{_HAN}])(?P<cell>[{_HAN}]{{2,4}}(?:市|县|镇|乡|旗|街道))(?![{_HAN}])"
)
_NAMED_AREA = re.compile(
    rf"(?<![{_HAN}])(?P<stem>[{_HAN}]{{2,3}}?)(?:市|县|区|镇|乡|旗|街道|医院|中心医院|人民医院|"
    r"中学|小学|幼儿园|派出所|敬老院|福利院)"
)
_NO_TOWN = re.compile(
    r".*(?:科|室|部|楼|院|床|病区|家|舍|店|里|处|所|中|治疗|观察|监护|本地|外地|农村|城里|郊区|"
    r"独居|养老)$|[我他她你本该其院入同何哪此各].*"
)


_TORN = re.compile(
    rf"(?:住址?|地址|家住|现居|寄[到往至]?)[:：]?[^\n。；;]{{1,26}}[{_HAN}\d\-]\n[{_HAN}\d][^\n。；;，,]{{1,24}}"
)


def _torn_addresses(text: str) -> Iterator[Candidate]:
    """Addresses that go on in the next line."""
    for match in _TORN.finditer(text):
        cut = match[0].rindex("\n")
        joined = match[0].replace("\n", "", 1) if match[0].count("\n") == 1 else ""
        for one in _ADDRESS.finditer(joined):
            if one.start() < cut < one.end():
                lead = _LEADING.match(one[0])
                start = one.start() + (lead.end() if lead else 0)
                yield Candidate(match.start() + start, match.start() + one.end() + 1, "location", 0.78)


def find_chinese_places(text: str) -> Iterator[Candidate]:  # noqa: C901 -- one rule after another
    """Addresses, towns and facilities with a name of their own."""
    yield from chinese_towns.find_chinese_towns(text)
    for match in _FACILITY.finditer(text):
        place = match[0]
        start = match.start()
        # A month of the name's own, 月浦, is none behind a number.
        dated = bool(_COUNTED.search(text[max(0, start - 1) : start]))
        if cut := (_FACILITY_LEADING if dated else _FACILITY_LEADING_UNDATED).match(place):
            start, place = start + cut.end(), place[cut.end() :]
        if last := re.match(r".{1,10}[从至到往于由](?=.{4})", place):
            start, place = start + last.end(), place[last.end() :]
        if not place or _FACILITY_GENERIC.fullmatch(place) or _NO_FACILITY.search(place):
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
        named = re.search("街道|[镇乡].", address) is not None
        if (
            len(address) < 3
            or (_NOT_PLACES.fullmatch(address) and not named)
            or (_NOT_PLACES.fullmatch(address[:8]) and not named)
        ):
            continue
        before = text[max(0, start - 8) : start]
        bare = re.fullmatch(rf"[{_HAN}]+", address) is not None
        on_road = _ON_ROAD.search(address) is not None
        if bare and not moved and not on_road and not _ADDRESS_BEFORE.search(before):
            continue
        if bare and not on_road and not re.search(rf"(?:{_AREA}){{2}}|市|县|镇|乡|村|街道|社区|交叉口", address):
            continue
        if bare and address[:-1] in gazetteers.chinese_words() and address[:-1] not in gazetteers.chinese_cities():
            continue
        tail = _TAIL.match(text, match.end()) if not bare else None
        yield Candidate(start, tail.end() if tail else match.end(), "location", 0.76)
    for match in _CROSSROADS.finditer(text):
        yield Candidate(match.start(), match.end(), "location", 0.75)
    yield from _torn_addresses(text)
    stems: dict[str, None] = {}
    for match in _TOWN.finditer(text):
        group = next(name for name in ("town", "work", "native", "cell") if match[name])
        town = match[group]
        bare_town = re.sub(r"(?<=..)(?:市|县|区|镇|乡|旗|村|街道)$", "", town)
        if _NO_TOWN.fullmatch(town) or _NOT_PLACES.fullmatch(town):
            continue
        if bare_town in gazetteers.chinese_words() and bare_town not in gazetteers.chinese_cities():
            continue
        stems[bare_town] = None
        yield Candidate(match.start(group), match.end(group), "location", 0.62)
    for match in _NAMED_AREA.finditer(text):
        if match["stem"] not in gazetteers.chinese_words():
            stems[match["stem"]] = None
    for stem in stems:
        # A town that the text names in full elsewhere.
        start = text.find(stem)
        while start >= 0:
            end = start + len(stem)
            if text[start - 1 : start] in _WHERE and (again := _NAMED_AGAIN.match(text, end)):
                yield Candidate(start, again.end(), "location", 0.6)
            start = text.find(stem, end)
    cities = gazetteers.chinese_cities()
    for match in _BEFORE_CITY.finditer(text):
        start = match.end()
        for size in (4, 3, 2):
            city = text[start : start + size]
            if city in cities and city not in _AMBIGUOUS_CITIES and not _DISEASE_OF_CITY.match(text, start + size):
                yield Candidate(start, start + size, "location", 0.5)
                break


_WHERE = frozenset("在至去往住到从—-")
_NAMED_AGAIN = re.compile("(?:市|县|区|镇|乡|旗)?(?=[，。、；,;\n—\\-了]|打工|$)")
_BEFORE_CITY = re.compile("[住居于在到至从自往去回来是]")
_DISEASE_OF_CITY = re.compile(rf"[{_HAN}]{{0,3}}(?:病|症|炎|型)")
_AMBIGUOUS_CITIES = frozenset(("北京", "上海", "天津", "重庆", "吉林", "海南"))


_CODE_LABELS: list[tuple[IdentifierKind, str]] = [
    ("resident_id", r"(?:居民)?身份证(?:件)?|证件|身份号"),
    ("mrn", (
        r"病历|病案|住院|门诊|登记|档案|就诊卡|就诊|诊疗卡|病人ID|患者ID|患者编|病员|健康档案|急诊|"
        r"体检|建档|病人|患者|MRN|ID"
    )),
    ("health_plan", (
        r"医保卡|医保|医疗保险(?:卡|证)?|社保卡|社保|社会保障|参保|保险单|保单|保险|新农合|合作医疗|"
        r"医疗证|社会保险|个人医保|医保个人"
    )),
    ("account", r"银行账|账|账户|帐|帐户|缴费账户|开户账|对公账户|支付宝|户号|结算账户|预交金|就诊账户"),
    ("bank_card", r"银行卡|卡|信用卡|储蓄卡|缴费卡|工资卡|借记卡"),
    ("licence", (
        r"执业证书?|执业医师证|医师执业证|医师资格证|执业|资格证书?|驾驶证|驾照|许可证|证书|执照|护士执业证|"
        r"执业注册|医师证|资格|处方权|驾驶证档案"
    )),
    ("vehicle", r"车牌|车架|车辆识别代|车辆识别|发动机|车号|行驶证|号牌|车辆"),
    ("device", (
        r"设备序列|产品序列|序列|器械|器械唯一标识|机身|出厂|设备|起搏器|植入物|假体|仪器|产品|UDI|"
        r"SN|S/N|唯一标识|导管|支架序列|支架"
    )),
    ("biometric", (
        r"(?:指纹|掌纹|足印|足纹|手印|脚印|唇纹|声纹|虹膜|人脸|面部|视网膜|生物特征|指静脉|掌静脉|"
        r"静脉|语音|声音|步态)(?:样本|模板|特征|识别|信息|采集|图像|记录|数据|录入|登记|档案|留存|"
        r"验证)*"
    )),
    ("credit_code", r"统一社会信用|社会信用|信用|组织机构|纳税人识别"),
    ("id_number", (
        r"警|低保|鉴定|工单|单|腕带|已提交|提交|CA|证|机构代|凭证|出库|入库|批准文|保修|护照|军官证|"
        r"士兵证|港澳通行证|台胞证|通行证|工作证|工|学|学籍|检查|标本|样本|条码|条形码|影像|处方|流水|"
        r"申请单|申请|检验|报告|病理|超声|放射|CT|MR|受试者|入组|随机|研究|编|案件|案|报警|事故|理赔|"
        r"订单|发票|收据|登记证|出生医学证明|出生证|编码|取号|预约|排队|微信|QQ|微博|转诊|转诊单|单|"
        r"献血|供者|受者|登录名|用户名|户籍|残疾证|老年证|结婚证|房产证|快递|运单|血袋"
    )),
]  # fmt: skip
_SERIES = (
    r"(?:护|医|药|技|检|影|放|超|病理|研|体检|门|急|住|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川"
    r"宁琼]急?"
    r"|虹膜|指静脉|掌静脉|指纹|掌纹|声纹|人脸)字?第?"
)
"""Characters that some offices put before a number's digits."""
_CODE = re.compile(
    "(?:"
    + "|".join(f"(?P<{kind}>{label})" for kind, label in _CODE_LABELS)
    + r")(?P<no>(?:号码|编号|号|编码|ID|id|代码|码|NO\.?|No\.?|识别码)?)(?:[（(][^）)\n]{1,12}[）)])?(?P<sep>\s?[:："
    r"#]\s*|\s?(?:是|为|系)\s?[:：]?\s?|\s*)"
    rf"(?P<value>(?:{_SERIES}(?=[A-Z\d\-]{{5}}))?(?:\(\d\d\)\s?)?"
    r"(?=[A-Za-z\d\-_/]*\d)[A-Za-z\d][A-Za-z\d\-_/]{2,}(?:(?:\n|\s)(?=[\d\-]+(?:\n|\s|$|[，。、；,;)）]))[\d\-]+){"
    r"0,4})(?![A-Za-z\d])"
)
_SERIES_NUMBER = re.compile(
    rf"(?P<value>(?:虹膜|指静脉|掌静脉|静脉|指纹|掌纹|声纹|人脸)[A-Z]{{0,3}}\d{{5,}})(?![A-Za-z\d])"
    rf"|(?<![{_HAN}A-Za-z\d])(?P<office>{_SERIES}\d{{6,}})(?![A-Za-z\d])"
    r"|(?:虹膜|静脉|纹|足印|人脸)[:：]?\s?(?P<code>[A-Z]{1,4}-[\da-f]{4,})(?![A-Za-z\d\-])"
    r"|(?<![A-Za-z])(?P<serial>S/?N[:：] ?[A-Z]{0,3}\d[\dA-Z\-]{4,})(?![A-Za-z\d])"
)
_SERIES_KINDS: dict[str, IdentifierKind] = {
    "value": "biometric",
    "office": "id_number",
    "code": "biometric",
    "serial": "device",
}
_BROKEN_RESIDENT = re.compile(
    r"(?:身份证(?:件)?|证件|公民身份)(?:号码|号)?(?:是|为)?[ 　]?[:：]?[ 　]?(?P<value>[\dOIl](?:[ "
    r"\n\-]?[\dOIl]){13,17}(?:[ \n\-]?[\dOIlXx*])?)(?![\dA-Za-z])"
)
_SERIAL = re.compile(
    rf"(?<![A-Za-z\d.=])(?P<value>(?:SN[:：]?\s?)?(?:{_SERIES}(?=\d{{5}}))?(?:\d{{4}} \d{{4}} \d{{2,4}}"
    r"|[A-Z]{0,5}-?\d[\dA-Z]*(?:[\-/][\dA-Z]+){0,3}))(?![A-Za-z\d.\-/]|\s?(?:元|mg|ml|mL|μ|ng|"
    r"pg|U/|IU|CFU|拷贝|个|次|人|例|步|mm|cm|m(?![a-z])|g(?![a-z])|%|％|年|月|万|亿|×|x\s?10))"
)
_NO_SERIAL = re.compile(
    r"(?:19|20)\d\d[-/.]?(?:0?[1-9]|1[0-2])[-/.]?(?:0?[1-9]|[12]\d|3[01])|(?:19|20)\d\d-(?:19|"
    r"20)\d\d|\d{1,3}(?:[-/]\d{1,3}){1,3}|\d{1,2}[-/]\d{1,2}[-/](?:19|20)\d\d"
    r"|(?:19|20)\d\d/\d{1,2}/\d{1,2}|ICD.*|DRG.*|[A-Z]\d\d[\d.]*|(?:COVID|SARS|HLA|CA|CD|KI|IL|BRCA|TI|PD)-?\d.*"
)
_RESIDENT = re.compile(
    r"(?<![\dA-Za-z])\d{6}[ -]?(?:19|20)\d{2}[ -]?\d{4}[ -]?\d{3}[\dXx](?![\dA-Za-z])|(?<![\dA-Za-z])\d{17}[\dXx]("
    r"?![\dA-Za-z])"
)
_CREDIT = re.compile(r"(?<![\dA-Za-z])[0-9A-HJ-NP-RT-UW-Y]{2}\d{6}[0-9A-HJ-NP-RT-UW-Y]{10}(?![\dA-Za-z])")
_MOBILE = re.compile(
    r"(?<![\dA-Za-z.])(?<![\dA-Za-z]-)(?:[（(]?(?:\+|00)?86[)）]?[- \n]?)?1[3-9]\d(?:[- \n]{0,2}\d){8}(?![\dA-Za-z]"
    r"|\.\d)"
)
_LANDLINE = re.compile(
    r"(?<![\dA-Za-z./])(?<![\dA-Za-z]-)(?:(?:[（(]?(?:\+"
    r"|00)?86[)）]?[- ]?)?[（(]?0\d{2,3}[）)]?[- —－\n]{0,2}[1-9](?:\n?\d){6,7}(?:["
    r"-转]\d{1,5})?|[48]00[- ]?\d{3,4}[- ]?\d{3,4})(?![\dA-Za-z]|[-/.]\d)"
)
_SHORT_PHONE = re.compile(
    r"(?:电话|手机|联系方式|座机|固话|热线|分机|内线|短号)(?:号码|号)?(?:是|为)?\s?[:：]?\s?(?P<value>\d{3,4}(?:[-"
    r" ]?\d{3,4}){1,2}|\d{3,8})(?![\dA-Za-z.%年])"
)
_FAX = re.compile(r"传真(?:号码|号)?(?:是|为)?\s?[:：]?\s?[^\d\n]{0,6}$")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Z][ ·•.\-]?[A-HJ-NP-Z\d]{4,5}[A-HJ-NP"
    r"-Z\d挂学警港澳领](?![A-Za-z\d])"
)
_EXTENSION = re.compile(
    r"\.(?:jpe?g|png|tiff?|heic|heif|jfif|bmp|gif|webp|dcm|mp4|mov|avi|raw|cr2|nef|dng|svg)(?![A-Za-z\d_])",
    re.IGNORECASE,
)
_FILE_STEM = re.compile(
    r"(?:[\u4e00-\u9fff]{1,6}(?:[A-Za-z\d_\-+]|[（(]\w{1,5}[)）]){0,3}){0,3}(?:[A-Za-z\d_\-+]|[（(]\w{1,5}[)）])*$"
)
_LONGEST_STEM = 48
"""Characters before a picture's extension that may be the file's name."""


def find_chinese_codes(text: str) -> Iterator[Candidate]:  # noqa: C901 -- one rule after another
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
    for match in _EXTENSION.finditer(text):
        stem = _FILE_STEM.search(text, max(0, match.start() - _LONGEST_STEM), match.start())
        yield Candidate(stem.start() if stem else match.start(), match.end(), "photo", 0.92)
    for match in _SERIES_NUMBER.finditer(text):
        group = next(name for name in _SERIES_KINDS if match[name])
        yield Candidate(*match.span(group), _SERIES_KINDS[group], 0.97 if group == "serial" else 0.9)
    for match in _BROKEN_RESIDENT.finditer(text):
        if len(re.sub(r"[ \n\-]", "", match["value"])) in (15, 17, 18):
            yield Candidate(match.start("value"), match.end("value"), "resident_id", 0.96)
    for match in _SERIAL.finditer(text):
        # So many digits in one piece are no measured value, whatever stands before them.
        value = match["value"]
        digits = sum(character.isdigit() for character in value)
        if digits >= (6 if re.search(r"[A-Z\u4e00-\u9fff]", value) else 7) and not _NO_SERIAL.fullmatch(value):
            yield Candidate(match.start(), match.end(), "id_number", 0.5)
    yield from _postcodes(text)
    for match in _CODE.finditer(text):
        value = match["value"]
        kind: IdentifierKind = next(kind for kind, _ in _CODE_LABELS if match[kind] is not None)
        label = match[kind]
        strong = bool(match["no"]) or match["sep"].strip() in (":", "：", "#")
        digits = re.sub(r"\D", "", value)
        start = match.start() if label in ("SN", "S/N") else match.start("value")
        if re.fullmatch(
            r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|(?:19|20)\d\d|\d{1,2}[-/]\d{1,2}(?:[-/]\d{2,4})?|\d+-\d{1,3}", value
        ):
            continue
        if kind == "resident_id":
            if len(re.sub(r"\s", "", value)) not in (15, 18):
                kind = "id_number"
            yield Candidate(start, match.end("value"), kind, 0.87)
            continue
        # One-character labels such as 工 and 编 need their 号.
        if len(label) == 1 and not match["no"]:
            continue
        if not strong and len(digits) < 6:
            continue
        if kind in ("id_number", "device") and not strong and re.fullmatch(r"\d{1,7}", value):
            continue
        if re.match(
            r"\s?(?:年|月|日|岁|次|天|元|分|mg|ml|mm|cm|%|％|例|个|小时|℃|g/L)", text[match.end("value") :]
        ) or (len(digits) < 3 and not (kind == "biometric" and re.match(r"[A-Z]{1,4}-", value))):
            continue
        if kind == "bank_card" and not (len(digits) >= 12):
            kind = "account"
        yield Candidate(start, match.end("value"), kind, 0.87 if strong else 0.71)


_LUNAR_DAY = "初[一二三四五六七八九十]|廿[一二三四五六七八九]?|卅"
_DAY = (
    "3[01]|[12]\\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九]|" + _LUNAR_DAY
)
_MONTH = "(?:闰)?(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九元正冬腊])\\s?月"
_DIGIT_YEAR = "(?:19|20)\\d\\d|\\d\\d|[〇零○一二三四五六七八九]{2,4}"
_STEMS = "[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]"
_CALENDAR = "(?:公元|农历|阴历|旧历|阳历|公历|夏历)?"
_WRITTEN_DATE = re.compile(
    rf"""
    (?<![\d两几半个每近满第])
    {_CALENDAR}(?:(?:{_DIGIT_YEAR}|民国[一二三四五六七八九十百零〇元\d]{{1,5}}|{_STEMS}|[去今前明当同次翌])\s?年\s?
    |今岁)?{_CALENDAR}
    (?:
      (?:{_MONTH}|[上本下当]个?月)\s?(?:
        (?:{_DAY})\s?[日号]?\s?(?:[-—~～至到]|[和、]|\s-\s)\s?(?:{_MONTH}\s?)?(?:{_DAY})\s?[日号]
        |(?:{_DAY})\s?[日号]
        |(?:{_LUNAR_DAY}|十[一二三四五六七八九]|二十[一二三四五六七八九]?|三十)(?![多余来个几天岁])
        |[上中下]旬|[初中底末](?![期段次级心性度])
      )
      |大?年(?:初[一二三四五六七八九十]|三十)
      |除夕
    )
    """,
    re.VERBOSE,
)
_LUNAR_ALONE = re.compile(
    r"(?<![学高在读班级上年月])(?P<day>"
    r"(?:初[一二三四五六七八九十](?!上学|毕业)|廿[一二三四五六七八九]|年[二三]十[一二三四五六七八九]?)"
    r"|(?:正月|腊月|冬月)(?!子))"
    r"(?=[早晚上下午夜凌傍当那这起来就在因到回吃去前后，。,、；)）]|\s)"
    rf"|(?P<year>(?:{_DIGIT_YEAR})年[正冬腊]月"
    rf"|[去今前明当同次翌]年\s?(?:{_MONTH}))(?!\s?[\d一二三四五六七八九十廿初上中下底末])"
)
_SHORT_DATE = re.compile(
    r"(?<![\dA-Za-z./\-+])(?<!\d[:：])(?P<m>0?[1-9]|1[0-2])(?P<s>[/.\-])(?P<d>0[1-9]|[12]\d|3[01]|[1-9])"
    r"(?:\s?[-—~～至到]\s?(?P<m2>0?[1-9]|1[0-2])(?P=s)(?P<d2>0[1-9]|[12]\d|3[01]|[1-9]))?(?![\d/\-%％A-Za-z]|\.\d)"
)
_DATE_BEFORE = re.compile(
    r"(?:(?:于|自|从|至|称|定于|约在|时间|日期|回复|初诊|复诊|末次|截至|截止|[同次当]日)\s?[:：]?\s?|"
    rf"(?:^|[您你我他她]|孩子|患[儿者]|[老病]人|[\n，,；;。“”（(）)？?]|\s\s)\s?|[{_HAN}][，, ]\s?)$"
)
_DATE_AFTER = re.compile(
    r"\s?(?:日|号(?!机)|来|外院|上学|放学|体育课|夜班|复|出院|入院|住院|手术|术|拆线|前|以前|之前|后|起|开|已|晨|早|过(?=[六七八九百生大寿])|上午|"
    r"下午|晚|夜|凌晨|中午|刚|发|拾|见|与|因|就诊|就|转|回|行|做|查|到|生日|请|收|拍|确诊|（?周[一二三四五六日]|"
    r"（?星期"
    rf"|\d{{1,2}}[:：]\d\d|\d+号机|(?:{'|'.join(sorted(chinese_persons.COMPOUND))}"
    rf"|[{''.join(sorted(chinese_persons.SURNAMES))}"
    rf"])[{_HAN}]{{1,2}}(?:[把将与和，。 ]|发))"
)
_UNIT_AFTER = re.compile(
    r"\s?(?:次|天|片|粒|岁|分|周(?![一二三四五六日])|小时|个|月|年|mm|cm|mg|ml|级|度|倍|/|℃|克|"
    r"毫|米|支|瓶|盒|升|滴|秒|指|横指|例|针|号床|床)"
)
_SIGNED_BEFORE = re.compile(
    rf"(?:[师员人班士生工医护傅者][{_HAN}]{{1,4}}|[。；;\n][ 　]*[{_HAN}·]{{1,4}}|傅|师)[，, 　]+$"
)
_COMPACT_DATE = re.compile(
    r"(?<=[/／|｜,，;；:：\s(（])(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?![\dA-Za-z\-])"
)
_HIGH_AGE = re.compile(
    r"(?P<near>(?:快|将近|年近|年将|行将|接近|近|年过|年逾|年届|年登|寿登|已|已经|都|满|虚岁|实足|周岁|高龄|高寿"
    r"|今年|享年|"
    r"享寿|时年|现年|寿)\s?)?"
    r"(?P<age>九旬(?:[有又][余一二三四五六七八九])?|九十(?!不到|未到)(?:有[一二三四五六七八九零]|好几|[多来余几](?=岁|"
    r"的|了|吧|喽|啦)|开外|出头|[一二三四五六七八九])?|一百(?:[零〇单又][一二三四五六七八九]|一?十[一二三四五六七八九]?|"
    r"好几|[多来])?|百岁(?!咳)|期颐(?:之年|高龄)?|鲐背(?:之年)?|上寿之年)"
    r"(?P<years>\s?(?:[周虚]?岁|的?高龄|开外))?(?P<person>\s?(?:的人|了|吧|喽|啦|老人|老母|老父|"
    r"老翁|老妪|老太|[，。；,）)]))?"
)
_SEX_AGE = re.compile(
    r"(?:[男女]|性别[:：]?[男女])\s?[/／|｜,，、\s]\s?(?P<age>9\d|1[0-2]\d)(?=\s?(?:[Yy岁/／|｜,，、。;；\n\t]|$|  ))"
    r"|(?<![\d.])(?P<before>9\d|1[0-2]\d)\s?[Yy岁]?\s?[/／|｜、,，]\s?(?=[男女](?:[/／|｜,，、。\s]|$))"
)
_ELDER = (
    "老人家?|老人|老太太?|老先生|老爷子|老奶奶|老大爷|老伴儿?|老母亲?|老父亲?|爷爷|奶奶|姥姥|姥爷|外婆|外公|祖父|祖母"
    "|外祖父|外祖母|"
    "太奶奶|太爷爷|太婆|太公|曾祖父|曾祖母|阿婆|阿公|婆婆|公公|岳父|岳母|父亲|母亲|爸爸?|妈妈?|我爸|我妈|家父|家母|丈夫"
    "|妻子|"
    "大伯|伯父|伯母|叔叔|姑姑|姑妈|舅舅|舅妈|姨妈|哥哥|姐姐|弟弟|妹妹|兄|姐|弟|妹|父|母|他|她|我|您|患者|病人|本人|人"
    "|家属"
)
_SAID_AGE = re.compile(
    r"(?:(?:虚岁|周岁|实岁|实足|年龄|岁数|年纪|寿|享寿|享年|终年|卒年|现年|时年|得年|年届|年近|年过|年逾|年满|将满"
    r"|已满|过了?|刚满|满)"
    r"(?:[(（](?:周?岁|虚岁)[)）])?[\"”]?\s?(?:是|为|约|大概|已|都|有)?\s?[:：=|\t]?\s*[\"“]?)"
    r"(?P<label>9\d|1[0-2]\d)(?![\d.,/%％]|\s?(?:天|日|月|个月|小时|次|分|斤|公斤|cm|mg|kg|年(?!纪)))"
    rf"|(?:{_ELDER})(?:今年|现在|如今|现|已经|已|都|快|也|有|是|刚|才|去年|明年|年底)*(?:虚岁|周岁)?\s?"
    r"(?P<kin>9\d|1[0-2]\d)(?=多?(?:了|啦|喽|咯|呢|吧|高龄|[，。,；;！!？?)）]|的人))(?!了?(?:斤|公斤|天|次|分))"
    r"|(?<![\d.])(?P<born>9\d|1[0-2]\d)(?=\s?(?:多|来|几|余)?(?:周岁|虚岁|岁|高龄|高寿|大寿|寿辰|寿诞|歲))"
)


def _near(match: re.Match[str]) -> bool:
    """Whether two days of a range may be days: those of a range of values seldom share their first part."""
    return match["s"] == "/" or (int(match["m2"]) - int(match["m"]) in (0, 1, -11) and len(match["d"]) == 2)


def find_chinese_moments(text: str) -> Iterator[Candidate]:
    """Dates in Chinese words, of the lunar calendar, without a year, and ages over 89 in words and columns."""
    for match in _WRITTEN_DATE.finditer(text):
        yield Candidate(match.start(), match.end(), "date", 0.86)
    for match in _LUNAR_ALONE.finditer(text):
        group = match.lastgroup or "day"
        yield Candidate(match.start(group), match.end(group), "date", 0.87 if group == "year" else 0.7)
    for match in _COMPACT_DATE.finditer(text):
        yield Candidate(match.start(), match.end(), "date", 0.82)
    for match in _SHORT_DATE.finditer(text):
        before, after = text[max(0, match.start() - 12) : match.start()], match.end()
        if _UNIT_AFTER.match(text, after):
            continue
        said = _DATE_AFTER.match(text, after) is not None
        began = _DATE_BEFORE.search(before) is not None
        signed = (
            _SIGNED_BEFORE.search(before) is not None and re.match(r"\s*(?:\n|$|[。，；])", text[after:]) is not None
        )
        padded = len(match["m"]) == 2 and len(match["d"]) == 2
        range_of_days = match["m2"] is not None and match["s"] != "-"
        if (
            (began and said)
            or signed
            or (padded and match["s"] != "." and (said or began) and match["m"].startswith("0"))
            or (padded and match["s"] == "-" and began and re.match(r"[；;。\n]|$", text[after:]))
            or (range_of_days and _near(match) and (said or began or re.search(rf"[{_HAN}]$", before)))
        ):
            yield Candidate(match.start(), match.end(), "date", 0.7)
    yield from chinese_days.find_chinese_days(text)
    yield from chinese_days.find_chinese_ages(text)
    for match in _HIGH_AGE.finditer(text):
        whole = match["age"].startswith(("九旬", "百岁", "期", "鲐"))
        if match["years"] or whole or (match["near"] and match["person"]) or (match["person"] or "").strip() in _OF_AGE:
            start = match.start("near") if (match["near"] or "").strip() in ("快", "将近", "近") else match.start("age")
            end = match.end("years") if match["years"] else match.end("age")
            yield Candidate(start, end, "age", 0.82)
    for match in _SEX_AGE.finditer(text):
        yield Candidate(*match.span("age" if match["age"] else "before"), "age", 0.8)
    for match in _SAID_AGE.finditer(text):
        group = match.lastgroup or "label"
        yield Candidate(match.start(group), match.end(group), "age", 0.8)


_OF_AGE = frozenset(("的人", "老人", "老母", "老父", "老翁", "老妪", "老太", "喽"))


_POSTCODE_FIRST = re.compile(
    rf"(?:(?<=^)|(?<=[\n，,；;。（(\t|：:]))[ 　]*(?P<first>[0-8]\d{{5}})[ 　,，]*"
    rf"(?=[{_HAN}]{{2,9}}?(?:省|市|区|县|自治|镇|乡|路|街|村))"
    r"|(?:邮\s?编|邮政\s?编码|邮码|邮区|P\.?C\.?)(?:号|是|为)?[^\d\n，。；;]{0,6}(?P<label>\d{3}\s?\d{3})(?!\d)"
)
_POSTCODE_HEAD = re.compile("(?:邮\\s?编|邮政编码|邮码)")
_POSTCODE = re.compile(
    r"(?:(?:[号室楼幢栋座门层组户院弄附]|(?:[号室楼幢栋座门层组户院弄附]|\d-)\d{1,4}|米|社区|[村镇乡县区市沟]|"
    r"邮编|邮政编码)[ \n，,（(:：]{1,3}|(?<=\d{4})[ 　]{1,2}(?<=\d[ 　]|[ 　][ 　]))"
    r"(?P<zip>\d{6})(?=[ 　]*(?:[\n）)，,。；;]|$))"
)


_POSTCODE_TOLD = re.compile(
    rf"(?:[号室楼幢栋座路街村镇乡县区市省院校厂社学站所处部园苑弄巷里组层门]|号信箱"
    rf"|\d)[ 　]?[,，;；、（(【\[ 　\t|/][ 　]{{0,2}}(?P<behind>\d{{3}} ?\d{{3}})"
    rf"(?=[ 　]*(?:$|[\n）)】\]，,。；;|\t]|[ 　][{_HAN}]))"
    rf"|[{_HAN}][,，、（( 　](?P<line>\d{{3}} ?\d{{3}})"
    rf"(?=[ 　]*(?:$|[\n）)】\]，,。；;|\t]|[ 　][{_HAN}]))"
    r"|(?:邮\s?编|邮政\s?编码|邮码|邮区)[^\d\n]{0,10}(?P<said>[0-8]\d{5})(?!\d)"
    r"|(?:[郵邮]\s?[區区]|[郵邮]\s?[遞递]\s?[區区]\s?[號号]|[郵邮]政[區区][號号])[:：\s]{0,3}(?P<taiwan>\d{3}(?:\d{2,3})?)(?!\d)"
)
_MAILED = re.compile(r"收件|寄|邮|地址|住址|[号室楼栋幢]，")
_ADDRESS_LINE = re.compile(r"[路街道巷弄村镇乡县市区省]|大学|医院|公司|住址|地址|邮|寄|收件|信箱")


def _postcodes(text: str) -> Iterator[Candidate]:
    """Six digits behind an address or at the end of a line of how to reach someone."""
    for match in _POSTCODE.finditer(text):
        yield Candidate(match.start("zip"), match.end("zip"), "zip", 0.79)
    for match in _POSTCODE_FIRST.finditer(text):
        group = match.lastgroup or "label"
        yield Candidate(match.start(group), match.end(group), "zip", 0.79)
    for match in _POSTCODE_TOLD.finditer(text):
        group = match.lastgroup or "behind"
        line = text[max(text.rfind("\n", 0, match.start()) + 1, match.start() - 40) : match.start() + 1]
        if group in ("said", "taiwan") or (_ADDRESS_LINE.search(line) if group == "behind" else _MAILED.search(line)):
            yield Candidate(match.start(group), match.end(group), "zip", 0.78)
    for start, end in cells_below(text, _POSTCODE_HEAD):
        if re.fullmatch(r"\d{6}", text[start:end]):
            yield Candidate(start, end, "zip", 0.9)


def without_names(text: str) -> str:
    """A text whose labels for persons are followed by nothing that may be a torn name."""
    return re.sub(
        rf"((?:姓名|患者|病人|家属|联系人|{_ROLE})\"?\s?[:：]\s?\"?)[{_HAN}]{{1,4}}(?=$|[^{_HAN}])",
        r"\1[REMOVED]",
        text,
    )
