"""Places in Chinese text told by how a sentence is read: towns by their shape, sites by the noun that they end in.

A stretch of Chinese characters is cut into its most probable words, by the frequencies and word classes of `jieba`. A
stem that no dictionary has with 市, 县, 镇 or the like behind it competes with the words that the same signs make. A
noun for a site, such as 中学 or 派出所, takes the nouns, places and unknown characters left of it, up to the
first verb, preposition or pronoun.
"""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from practicum.data.deidentification import gazetteers
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.chinese_terms import words

_HAN = "\u4e00-\u9fff"
_RUN = re.compile(rf"[{_HAN}]+")
_LONGEST = 7
_PLACE_PRIOR = -4.5
"""Logarithm of how often a word of running text is a town that no dictionary has."""
_RAREST = -9.5
_KNOWN = -14.0
_RARE = -14.5

_SITES = (
    "医院|卫生院|卫生室|卫生所|卫生服务中心|卫生服务站|卫生中心|保健院|保健站|防治所|防治院|防治站|诊所|门诊部|疗养院"
    "|休养所|干休所|养老院|敬老院"
    "|福利院|护理院|养护院|护养院|安养院|颐养院|养老中心|康养中心|养护中心|照料中心|老年公寓|托老所|安宁病房|康复中心"
    "|疾控中心|血站|急救站|急救中心"
    "|体检中心|透析中心|救助站|救助管理站|残联|红十字会|派出所|公安局|公安分局|分局|交警队|交警大队|交警中队|交警支队"
    "|消防站|消防队|消防大队|看守所"
    "|监狱|戒毒所|法院|检察院|司法所|居委会|村委会|街道办|街道办事处|办事处|镇政府|乡政府|县政府|区政府|市政府|民政局"
    "|民政办|环卫所|环卫站|环卫处"
    "|林业站|农技站|畜牧站|水利站|水管站|供电所|供电局|电厂|自来水厂|水厂|供销社|信用社|粮站|粮库|粮管所|邮政所|邮局"
    "|邮政局|客运站|汽车站|火车站|汽车[东西南北中新老]站|火车[东西南北]站|[东西南北]站|献血屋|献血点|采血点"
    "|高铁站|地铁站|收费站|加油站|服务区|车务段|机务段|工务段|养路段|车队|码头|港务局|机场|水库|电站|水电站|煤矿|矿务局"
    "|铁矿|铜矿|金矿|采石场|砖厂|砖瓦厂"
    "|幼儿园|托儿所|托育中心|附小|附中|附幼|天主堂|基督堂|福音堂|禅寺|道观|小学|中学|初中|高中|一中|二中|三中|四中|五中|六中|实验学校|职高|职校|职中|职教中心|技校"
    "|技工学校|学校|学院|大学|党校|农场|林场|茶场|牧场|渔场"
    "|养殖场|猪场|鸡场|养鸡场|养猪场|果园|合作社|超市|商场|商城|百货|百货大楼|市场|菜市场|批发市场|农贸市场|酒店|宾馆"
    "|饭店|旅馆|招待所|酒楼|茶楼|餐馆|面馆|火锅店|网吧"
    "|理发店|美容院|药店|药房|大药房|银行|支行|分行|储蓄所|公园|广场|体育馆|体育场|图书馆|文化馆|文化站|文化宫|博物馆"
    "|影院|剧院|剧团|电视台|报社|研究所|设计院"
    "|教堂|清真寺|工业园|工业园区|产业园|科技园|开发区|高新区|物流园|项目部|工地|殡仪馆|火葬场|集团|公司|总厂|分厂|"
    "化工厂|机械厂|纺织厂|服装厂|制药厂|药厂|造纸厂|水泥厂|钢铁厂|钢厂|电子厂|食品厂|玩具厂|家具厂|鞋厂|酒厂|糖厂|纸厂"
    "|印刷厂|轧钢厂|机床厂|棉纺厂|棉纺织厂"
    "|毛纺厂|丝绸厂|化肥厂|农药厂|塑料厂|橡胶厂|玻璃厂|陶瓷厂|瓷厂|木材厂|面粉厂|肉联厂|罐头厂|饲料厂|造船厂|船厂"
    "|汽修厂|修理厂|电机厂|轴承厂|仪表厂|灯泡厂|皮革厂"
    "|染织厂|印染厂|被服厂|铸造厂|五金厂|焦化厂|炼油厂|锅炉厂|变压器厂|洗煤厂|选矿厂|预制板厂|养护站|气象站|气象局"
    "|税务局|税务所|工商所|土管所|教育局|卫健局|卫健委|卫生局"
    "|医保局|社保局|社保所|人社局|车管所|派出机构|仲裁院|仲裁委|调处中心|调解中心|调解室|调委会|工作室|名医堂|国医堂|疾控|诊断中心|检验中心"
    "|检验所|维修部|经营部|营业部|门市部|分部|总部|快递|律师事务所|参茸行|器械行|电器行|眼镜行|药材行|车行|商行|粮行|茶行|五金行|商店|便利店|杂货铺|饮食店"
    "|分店|总店|旗舰店|专卖店|母婴店|粮油店|法庭|信访局|民政所|应急管理局|监督管理局|监管局|监督所|医保中心|政务中心|服务大厅|社工站|月子中心"
    "|影像中心|检测中心|鉴定中心|推拿馆|养生馆|艾灸馆|健身房|游泳馆|物流中心|货运站|仓库|大厦|大桥|隧道|立交桥|渡口|车站|卫生站|联社|校医院|校医室"
    "|驾校|小区|新村|家园|花园|花苑|公馆|社区|公寓|别墅"
)
_SITE = re.compile(rf"(?:{'|'.join(sorted(_SITES.split('|'), key=len, reverse=True))})")
_SITES_TOLD = frozenset(
    words(
        "公司 集团 市场 学校 医院 大学 学院 分局 银行 超市 商场 广场 公园 酒店 宾馆 饭店 药店 药房 大药房 工地 "
        "开发区 高新区 社区 小区 公寓 别墅 研究所 收费站 加油站 服务区 水库 机场 码头 车队 工业园 产业园 诊所 "
        "门诊部 卫生室 卫生所 急救中心 急救站 办事处 公安局 法院 检察院 花园 家园 康复中心 透析中心 体检中心 "
        "卫生中心 教堂 果园 电站 餐馆 网吧 图书馆 体育馆 残联 项目部 药厂 电厂 水厂 中学 小学 高中 初中 "
        "工作室 诊断中心 检验中心 检验所 疾控 快递 总部 分部 "
        "维修部 经营部 营业部 门市部 商店 便利店 商行 车行 律师事务所 调解室 调解中心 "
        "分店 总店 旗舰店 专卖店 母婴店 法庭 监督管理局 监管局 "
        "监督所 医保中心 政务中心 服务大厅 社工站 影像中心 检测中心 鉴定中心 "
        "健身房 游泳馆 物流中心 货运站 仓库 "
        "大厦 大桥 隧道 立交桥 渡口 车站 卫生站 校医院 校医室"
    )
)
"""Nouns before which a common word is no name: they need a place or what no dictionary has."""
_GENERIC = frozenset(
    words(
        "人民 中心 中医 中医药 中西医 结合 妇幼 保健 妇女 儿童 肿瘤 口腔 眼科 精神 卫生 精神病 传染病 附属 教学 "
        "综合 专科 基层 社区 乡镇 县级 市级 省级 区级 国家 国家级 公立 私立 民营 民办 公办 第一 第二 第三 第四 第五 "
        "首家 定点 协作 上级 下级 当地 本地 外地 附近 附近的 就近 辖区 户籍 所在地 居住地 街道 城市 农村 乡村 村 镇 "
        "乡 县 市 区 省 州 旗 大型 小型 中型 大 小 老 新 某 某某 全 本 原 总 老年 老年人 成人 青少年 残疾人 康复 "
        "护理 养老 医养 日间 医疗 医药 医学 医科 检验 影像 病理 麻醉 急救 急诊 门诊 住院 胸痛 卒中 创伤 生殖 透析 "
        "血液 血透 心理 健康 管理 体检 服务 中国 全国 国内 国外 国际 国营 集体 私人 个体 家庭 职业 技术 技工 高级 "
        "中级 初级 重点 普通 实验 师范 理工 农业 工业 科技 机械 化工 服装 电子 食品 建筑 建设 物业 保险 人寿 财产 "
        "个人 名医 专家 劳模 劳动人事 医患 纠纷 医疗纠纷 人事 争议 医学检验 病理 第三方 医调 上门 "
        "药品 器械 医疗器械 设备 制药 药业 生物 信息 网络 软件 通信 电力 燃气 供水 水务 公交 公共 交通 客运 货运 "
        "维保 维修 保洁 电梯 运维 养护 租赁 代理 承保 外包 托运 "
        "物流 快递 运输 出租 出租车 汽车 铁路 地铁 高铁 航空 劳务 劳动 家政 保安 环保 环卫 市政 园林 绿化 商业 工商 "
        "农商 邮政 储蓄 投资 贸易 进出口 商贸 装修 装饰 广告 文化 传媒 教育 培训 体育 旅游 餐饮 酒店 股份 有限 责任 "
        "有限责任 股份有限 分 子 母 连锁 批发 农贸 农产品 水产 海鲜 蔬菜 水果 花鸟 建材 家具 菜 露天 大型综合 大众 "
        "高校 基地 部队 军队 军区 武警 政府 机关 单位 企业 事业 行政 街 路 高 中 初 低 医 家 院 门 厂 厂家 供应商 "
        "供货 生产 使用 研究 临床 协作组 研究型 三甲 三级 二级 一级 甲等 特殊 聋哑 寄宿 寄宿制 人力资源 精神科 外科 "
        "内科 妇产 妇产科 骨科 皮肤 皮肤病 性病 结核病 胸科 血管 心血管 脑科 肾病 糖尿病 高血压 肝病 烧伤 整形 美容 "
        "不孕 体检科 核酸 采样 疫苗 接种 网上 线上 互联网 电商 公安 市场 监督 食药 药监 疾病 预防 控制 儿科 小儿 "
        "特需 国医 中药 民族 名校 双一流 院校 部属 省属 市属 厂区 校区 院区 老家 娘家 镇上 县城 城区 市区 县里 市里 "
        "生活 高档 封闭式 老旧 居民 住宅 商品房 单身 职工 员工 学生 教师 青年 人才 廉租 经济适用 城郊 郊区 城中 "
        "海边 河边 江边 山区 工 分院 站前 校外 室外 室内 户外 东 西 南 北 东北 西南 西北 东南 华北 华南 华东 华中 "
        "上 下 左 右 前 后 内 外 里 一 二 三 四 五 六 七 八 九 十 两 几 多 各 每"
    )
)
"""Words before a site that tell none from others of its sort."""
_PROVINCES = frozenset(
    words(
        "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 "
        "贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 河北省 山西省 辽宁省 吉林省 黑龙江省 "
        "江苏省 浙江省 安徽省 福建省 江西省 山东省 河南省 湖北省 湖南省 广东省 海南省 四川省 贵州省 云南省 陕西省 "
        "甘肃省 青海省 台湾省 北京市 天津市 上海市 重庆市 内蒙古自治区 广西壮族自治区 西藏自治区 宁夏回族自治区 "
        "新疆维吾尔自治区 中国 中华 我国"
    )
)
_NO_TOWNS = frozenset(
    words(
        "中国 美国 英国 法国 德国 日本 韩国 朝鲜 印度 泰国 越南 缅甸 老挝 柬埔寨 新加坡 马来西亚 印尼 印度尼西亚 "
        "菲律宾 俄罗斯 苏联 加拿大 澳大利亚 澳洲 新西兰 巴西 阿根廷 南非 埃及 非洲 欧洲 亚洲 美洲 东南亚 中东 东亚 "
        "南亚 西亚 北美 南美 拉美 西欧 东欧 北欧 南欧 华北 华东 华南 华中 东北 西北 西南 东南 南方 北方 江南 江北 "
        "长江 黄河 沿海 内地 大陆 港澳 港澳台 国内 国外 外国 海外 乡下 城里 关内 关外 口外 西方 东方 中原 塞外 "
        "太平洋 大西洋 印度洋 地中海 青藏高原 长三角 珠三角 西班牙 葡萄牙 意大利 希腊 瑞士 瑞典 挪威 芬兰 丹麦 荷兰 "
        "比利时 奥地利 波兰 乌克兰 土耳其 伊朗 伊拉克 以色列 沙特 阿联酋 迪拜 巴基斯坦 孟加拉国 尼泊尔 斯里兰卡 "
        "蒙古 蒙古国 哈萨克斯坦 墨西哥 古巴 肯尼亚 尼日利亚 安哥拉 刚果 埃塞俄比亚 加纳"
    )
)
_FUNCTION = frozenset(
    "致在到去至从由于和与及把被给的了是有将向往对为以让叫经过送转回来住就又也都还再并或但而因其他她它我您你们这那此每某各该本已未曾正刚才能可要应需请嘱约拟欲按据凭如若便即乃"
    "着过得地之所者吗呢吧啊呀哦嗯说称诉问答看见听找带陪领接打开关做当同跟比除自起离距今昨明现后前时年月日号岁天周次个位名家间张份元公里米楼层床室科户组栋幢座后遂均系亦则仍"
)
"""Single characters that end a name of a place at its left."""
_BREAKS = ("v", "p", "c", "d", "r", "u", "y", "e", "o", "q", "t", "z", "i", "l")
"""First letters of the classes of words that end a name of a place at its left; `vn` does not."""
_NO_STEM = frozenset(
    "束的了是在有与及或并且但不没未无被把将对向从到至往由以为因所其他她它我您你们这那此该各每某几多两些侧部位胸腹背腰肩颈眼耳鼻舌咽喉手足腿膝踝地"
    "髋腕肘臂指趾骨关节肌皮肤肺肝胆胰脾胃肠肾脑血管脉动静压痛肿胀瘤癌炎症病疗药科室床诊治查检验术切缘视听触叩神经膜腺体液尿便痰脓菌毒吸入出服注射滴灌洗说诉称问答看"
    "请嘱需可能会应当要想来去做住送转返回本时号岁次您患者医师生护士妻夫父母儿女家属"
)
"""Characters that hardly stand in the name of a town that no dictionary has."""
_NO_FIRST = _NO_STEM | frozenset("致和同中上下前后左右内外间面头口年月日周小大自")
_SUFFIX = re.compile(
    "(?:市(?![场面民价值售]|政府)|县(?!级|政府)|镇(?![静痛咳吐政定])|乡(?![下村间亲镇政])|街道(?!办)|自治县|新区|开发区"
    "|高新区|旗(?!袍|帜)|区(?![域间别分政]))"
)
_PLACED_BEFORE = re.compile(
    "(?:定位|[住居在于到至往去回赴从自来经抵迁搬离返]|独居|北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江"
    "|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港"
    "|澳门|籍贯|祖籍|原籍|老家|出生地|就医地|现居地|居住地|户籍地?|住址|地址|来自|系|为|是|省|市|自治区|州"
    "|[^\u4e00-\u9fff])[:：]?\\s*$"
)
_PLACED_AFTER = re.compile(
    "(?:人(?![口民类体工均])|上班|工作|打工|务工|居住|生活|居民|村民|户籍|我[弟哥姐妹家]|[女儿]{2}家|家[中里]|某|内|境内|附近"
    "|一带|城区|做生意|经商|读书|上学|定居|养老|带孙|[^\u4e00-\u9fff]|$)"
)
_TOWN_CUES = re.compile(
    "(?:家住|家在|住在|现住|现居|独居|独自住在|独自居住在|暂住|租住|借住|寄住|寄居|旅居|客居|定居|定居在|定居于|移居"
    "|移居至|落户|落户在|老家|老家在|老家是|娘家|娘家在|婆家在|祖籍|原籍"
    "|籍贯|籍贯为|户籍|户口在|生于|出生于|出生在|长在|搬到|搬去|搬至|搬回|搬往|迁到|迁至|迁往|迁居|嫁到|嫁至|嫁去"
    "|嫁往|嫁在|远嫁|回到|返回|返乡至|来自|现在|目前在|人在|就医地|参保地|居住地|现居地|常住|常住地"
    "|出生地|工作地|务工地|仍在|还在|一直在|长期在|常年在|曾在|远在|安置地|定位|地点|位置|地址|(?P<weak>从|由|自|在"
    rf"|住))[:：]?[ 　]{{0,2}}(?P<town>[{_HAN}]{{2,3}})"
    "(?=上班|工作|打工|务工|做生意|经商|读书|上学|念书|定居|养老|带孙|带娃|开店|当兵|养病|探亲|出差|返回|赶来|出发"
    "|过来|转来|回来|聚餐|来诊|来院|来|我[弟哥姐妹家]|他[弟哥姐妹家]|她[弟哥姐妹家]|女儿家|儿子家|亲戚家|老家"
    rf"|了(?![{_HAN}])|[，。；、,;）)！!？?\n]|\s|$)"
)
_NOT_THERE = re.compile(
    ".*(?:院|科|室|家|里|中|下|上|内|外|处|部|房|楼|床|路|厅|间|店|所|厂|边|旁|面|前|后|期|式|性|区|国|洲|省|时|心|部队"
    "|医|学|地|方|身|手|点|床上|附近|一起|这边|那边|那里|这里|观察|随访|治疗|吃药|用药|服药|使用"
    "|住院|门诊|进行|继续|持续|加重|缓解|稳定|好转|发热|咳嗽|疼痛)"
)


class _Words(NamedTuple):
    chance: dict[str, float]
    """Logarithms of probabilities of words."""
    kind: dict[str, str]
    """The class of each word."""
    prefixes: frozenset[str]
    letters: dict[str, float]
    """Logarithms of how often characters stand in names of places."""
    unseen: float


class _Token(NamedTuple):
    start: int
    end: int
    kind: str
    """A class of words, `place` for a town that no dictionary has, or an empty text for a character on its own."""


@lru_cache(maxsize=1)
def _dictionary() -> _Words:
    counts: dict[str, int] = {}
    kind: dict[str, str] = {}
    letters: Counter[str] = Counter()
    cities = gazetteers.chinese_cities()
    with (files("jieba") / "dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, number, tag = line.split()
            if len(word) > _LONGEST or tag.startswith("nr"):
                continue
            counts[word] = int(number)
            named = word in cities or (len(word) > 2 and word[-1] in "市县区镇乡" and word[:-1] in cities)
            kind[word] = "ns" if named and tag[0] != "v" else tag
            if tag == "ns" and 2 <= len(word) <= 4:
                letters.update(word.rstrip("省市县区镇乡村"))
    total = sum(counts.values())
    whole = letters.total()
    return _Words(
        {word: math.log(count / total) for word, count in counts.items() if count},
        kind,
        frozenset(word[:size] for word in counts for size in range(1, len(word) + 1)),
        {letter: max(_RAREST, math.log(count / whole)) for letter, count in letters.items()},
        math.log(0.5 / total),
    )


@lru_cache(maxsize=1)
def chinese_towns() -> frozenset[str]:
    """Places of the dictionary that are smaller than a province, in two to four characters."""
    kind = _dictionary().kind
    return frozenset(
        word
        for word, tag in kind.items()
        if tag == "ns" and 2 <= len(word) <= 4 and word not in _PROVINCES | _NO_TOWNS and word[-1] not in "国洲洋海省"
    )


def does(text: str, place: int) -> bool:
    """Whether a verb, adverb or preposition of two characters or more begins at a place, as it does behind a person."""
    known = _dictionary()
    for size in (4, 3, 2):
        kind = known.kind.get(text[place : place + size])
        if kind is not None:
            return kind in ("v", "d", "p", "ad", "vn") and known.chance.get(text[place : place + size], -99.0) > _KNOWN
    return False


def _towns_at(text: str, start: int, end: int, known: _Words) -> Iterator[tuple[int, float]]:
    """Lengths of what may be a town that no dictionary has, from a place on, each with its chance."""
    for size in (2, 3):
        if start + size >= end:
            return
        stem = text[start : start + size]
        if stem[0] in _NO_FIRST or any(letter in _NO_STEM for letter in stem[1:]):
            return
        suffix = _SUFFIX.match(text, start + size, end)
        if not suffix:
            continue
        chance = _PLACE_PRIOR + sum(known.letters.get(letter, _RAREST) for letter in stem)
        yield size + len(suffix[0]), chance


def _tokens(text: str, first: int, last: int, known: _Words) -> list[_Token]:
    """The most probable words of a stretch of Chinese characters."""
    length = last - first
    best = [0.0] * (length + 1)
    step: list[tuple[int, str]] = [(1, "")] * (length + 1)
    for offset in range(length - 1, -1, -1):
        start = first + offset
        found = known.chance.get(text[start], known.unseen) + best[offset + 1]
        choice = (1, known.kind.get(text[start], ""))
        for size in range(2, min(_LONGEST, length - offset) + 1):
            piece = text[start : start + size]
            if piece not in known.prefixes:
                break
            chance = known.chance.get(piece)
            if chance is not None and chance + best[offset + size] > found:
                found, choice = chance + best[offset + size], (size, known.kind[piece])
        for size, chance in _towns_at(text, start, last, known):
            if chance + best[offset + size] > found:
                found, choice = chance + best[offset + size], (size, "place")
        best[offset], step[offset] = found, choice
    tokens, offset = [], 0
    while offset < length:
        size, kind = step[offset]
        tokens.append(_Token(first + offset, first + offset + size, kind))
        offset += size
    return tokens


def _ends_name(text: str, token: _Token) -> bool:
    """Whether no name of a place goes on left of this word."""
    word = text[token.start : token.end]
    if token.kind in ("place", "ns", "nz", "nt", "vn"):
        return False
    if word in _GENERIC:
        return False
    if len(word) == 1:
        return word in _FUNCTION
    return token.kind.startswith(_BREAKS) or (token.kind in ("m", "f", "s", "n") and word[-1] in _FUNCTION)


def _tells(text: str, token: _Token, strict: bool) -> bool:
    """Whether a word before a site tells it from others of its sort."""
    word = text[token.start : token.end]
    if word in _GENERIC or word in _PROVINCES:
        return False
    if token.kind in ("place", "ns"):
        return True
    return not strict and len(word) > 1


def _short_stem(text: str, first: int, end: int, known: _Words) -> int | None:
    """Where a stem of two characters begins that stands behind a preposition or a stretch's start: 住|云和|康养中心."""
    start = end - 2
    if start < first or text[start] in _NO_FIRST or text[end - 1] in _NO_STEM or text[start:end] in known.chance:
        return None
    if start > first and text[start - 1] not in _AT:
        return None
    likely = all(known.letters.get(letter, _RAREST) > _OF_TOWNS for letter in text[start:end])
    return start if likely and text[start:end] not in _GENERIC else None


_SHORT = re.compile(
    # What towns' hospitals are called for short: 云人医, 芦台妇幼, 桐医附二, 石湾六院
    r"(?P<sure>人医|民医|妇幼|妇保|儿医|精卫|省立|总院|仁济|协和|同济|中西医|[医大]?附[一二三四]院?|[一二三四五六七八九十]院|中心院)"
    r"|(?P<vague>五官科|口腔|中医|骨科|胸科|脑科|眼科|肿瘤|儿童)"
)
_SHORT_AFTER = re.compile(
    rf"[^{_HAN}]|$|[的内外骨妇儿急门放影药检病住会就转楼产感心神麻普消呼肾血肿眼耳口皮手输设信护医康老]|ICU|PACS|[{_HAN}]{{2,4}}[开写签主，,、（(。]"
)
_SENT = frozenset("转送至到在于去往赴回诊院自由从来抵达经返近入归到")
_NO_SHORT = frozenset("老名看找学请用见信西省市县区国女男坐年本我外该某他贵各住出入转三二一第的及和与或属")
_HAMLET = re.compile(
    # 小柳沟, 石盘洼, 赵家圪台
    rf"(?P<place>[{_HAN}]{{1,3}}(?:[甸]子|圪[台塔垯]|脚底|塘头|[寨洼坪坑嘴坳垭屯峁塬埠岙坞畈垸圩埂坂窑庄沟铺渡坝滩湾岭崖堡庵]|(?<=[{_HAN}]{{2}})观(?=后|里|旁)))"
    rf"(?P<more>村|码头|渡口|大桥)?(?=[^{_HAN}]|$|[稻水后前对东西南北外医三百老那这买打卫小口家地路公]|(?<=[寨洼坪坳峁塬台塔子埠畈垭])[{_HAN}]{{2,4}}[，,（(]|居委|寿星)"
)
_LANDING = re.compile(rf"[{_HAN}]*(?:停机坪|草坪|水坑|地沟|排水沟|水沟|深沟|路坝|大坝|店铺|床铺|药铺|当铺|卧铺)")
_HAMLET_CUE = re.compile(
    r"(?:送[回到往]?|路?经|途经|[回到在住去往至赴离靠]|叫|名叫|地点|驻训点|翻入|坠入|掉进|[别没]回)[:：]?$"
)
_LINE_START = re.compile(r"(?:^|[\n。；])[ 　]*$")
_COMPOUND = re.compile(
    rf"(?P<place>(?:[{_HAN}]{{2,3}}[区县市])?[{_HAN}]{{2,4}}(?:雅筑|名都|华庭|名苑|雅苑|佳苑|豪庭|华府|名邸|名城|花城|嘉苑|锦苑|馨苑|雅居|名居"
    r"|学府|东郡|御府|水岸|悦府|尚城|丽都|名门|壹号院|一品|国际城|花都|雅庭|御园|嘉园|馨园|丽苑|新苑|家苑)"
    r"(?:[一二三四五六七八九十\d]{1,2}[期区])?(?:\d+(?:号楼|[栋幢座#]|单元|[室号])[-－]?){0,4}\d{0,4}(?:传达室|门卫室?|物业|保安亭|居委会?)?)"
)

_AT = frozenset("在住到于去至从赴往回抵")
_OF_TOWNS = -8.0


def _site(text: str, first: int, match: re.Match[str], known: _Words) -> Candidate | None:
    """The site that ends in a noun, if what stands before it tells it from others."""
    left = max(first, match.start() - 14)
    tokens = _tokens(text, left, match.start(), known)
    while tokens and tokens[-1].end == match.start() and text[tokens[-1].start : tokens[-1].end] == "的":
        tokens.pop()
    kept: list[_Token] = []
    for token in reversed(tokens):
        if _ends_name(text, token):
            break
        kept.append(token)
    if not kept or (len(kept) == 1 and kept[0].end - kept[0].start == 1):
        stem = _short_stem(text, first, match.start(), known)
        return Candidate(stem, match.end(), "location", 0.755) if stem is not None else None
    kept.reverse()
    # What the dictionary lacks stands as characters on their own: 盐|亭.
    loose = any(
        one.end - one.start == 1
        and two.end - two.start == 1
        and text[one.start : two.end] not in _GENERIC
        and not {text[one.start], text[two.start]} & (_GENERIC | _NO_STEM)
        for one, two in itertools.pairwise(kept)
    )
    if not loose and not any(_tells(text, token, match[0] in _SITES_TOLD) for token in kept):
        return None
    while kept and (word := text[kept[0].start : kept[0].end]) in _PROVINCES and not word.startswith(_MUNICIPAL):
        kept.pop(0)
    way_out = _EXIT.match(text, match.end())
    return Candidate(kept[0].start, way_out.end() if way_out else match.end(), "location", 0.755) if kept else None


_MUNICIPAL = ("北京", "天津", "上海", "重庆")
_EXIT = re.compile(r"(?<=站)(?:[A-H]\d?|\d{1,2})号?出?口")


_OF_FAMILY = re.compile("(?<=.)家(?=.)")


def _unheard(text: str, start: int, end: int, known: _Words) -> bool:
    """Whether these characters are no everyday word, and none of them is of the language's frame or of medicine."""
    piece = text[start:end]
    rare = len(piece) > 2 and known.kind.get(piece) == "n" and known.chance.get(piece, 0.0) < _RARE
    told = rare or piece not in known.chance or known.kind[piece] in ("ns", "nz", "nt")
    return told and piece not in _GENERIC and not any(letter in _NO_STEM for letter in _OF_FAMILY.sub("", piece))


def _short_hospitals(text: str, run: re.Match[str], known: _Words) -> Iterator[Candidate]:
    """Hospitals that go by a town's name and two or three characters for what they are."""
    for match in _SHORT.finditer(text, *run.span()):
        if not _SHORT_AFTER.match(text, match.end()):
            continue
        for size in (2, 3, 1):
            start = match.start() - size
            if start < run.start():
                continue
            stem = text[start : match.start()]
            led = start > run.start() and text[start - 1] in _SENT
            began = start == run.start() and (match["sure"] or size == 2)
            town = stem in gazetteers.chinese_cities() and stem not in _PROVINCES
            if not (led or began) or any(letter in _NO_SHORT for letter in stem if not town) or stem[0] in _SENT:
                continue
            if size == 1 and match["vague"] not in (None, "中医"):
                continue
            sure = led and match["sure"] and stem not in _GENERIC and not known.kind.get(stem, "").startswith(_BREAKS)
            plain = sure and not any(letter in _NO_STEM for letter in stem)
            if town or plain or (_unheard(text, start, match.start(), known) if size > 1 else stem not in _NO_STEM):
                yield Candidate(start, match.end(), "location", 0.91)
                break


def _hamlets(text: str, known: _Words) -> Iterator[Candidate]:
    """Hamlets and compounds by the sign that their names end in, behind a word for being there or at a line's start."""
    for match in _HAMLET.finditer(text):
        for start in range(match.start(), match.end("place") - 1):
            before = text[max(0, start - 5) : start]
            opens = _LINE_START.search(before) is not None and match.end("place") - start > 2
            if not opens and not _HAMLET_CUE.search(before):
                continue
            if _LANDING.fullmatch(text, start, match.end("place")):
                break
            if _unheard(text, start, match.end("place"), known) and text[start] not in _SENT:
                yield Candidate(start, match.end(), "location", 0.91)
                break
    for match in _COMPOUND.finditer(text):
        start = match.start()
        for place in range(match.end() - 1, start, -1):
            if text[place - 1] in _SENT or text[place - 1] in "住放家":
                start = place
                break
        if match.end() - start >= 4:
            yield Candidate(start, match.end(), "location", 0.77)


_FROM = frozenset("在从由到往住回抵自")


def _towns(text: str, tokens: list[_Token]) -> Iterator[Candidate]:
    """Towns that the dictionary lacks, and such that it has with what they are behind."""
    for token in tokens:
        word = text[token.start : token.end]
        if token.kind == "place":
            placed = _PLACED_BEFORE.search(text, max(0, token.start - 8), token.start) is not None
            told = _PLACED_AFTER.match(text, token.end) is not None
            said = word[-1] in "区旗" and text[token.start - 1 : token.start] in _FROM and does(text, token.end)
            if (placed and told) or said or (word[-1] not in "区旗" and (placed or told)):
                yield Candidate(token.start, token.end, "location", 0.63)
        elif token.kind == "ns" and len(word) > 2 and word[-1] in "市县区镇乡" and word not in _PROVINCES:
            yield Candidate(token.start, token.end, "location", 0.63)
        elif token.kind == "ns" and len(word) == 2 and _SUFFIX.match(text, token.end) and word not in _NO_TOWNS:
            suffix = _SUFFIX.match(text, token.end)
            if suffix:
                yield Candidate(token.start, suffix.end(), "location", 0.63)


_TOWN_SIGN = re.compile("[市县区镇乡旗]|街道")


def find_chinese_towns(text: str) -> Iterator[Candidate]:
    """Towns and named sites that `find_chinese_places` may leave."""
    known = _dictionary()
    for run in _RUN.finditer(text):
        for match in _SITE.finditer(text, *run.span()):
            if site := _site(text, run.start(), match, known):
                yield site
        yield from _short_hospitals(text, run, known)
        if _TOWN_SIGN.search(run[0]):
            yield from _towns(text, _tokens(text, *run.span(), known))
    yield from _hamlets(text, known)
    for match in _TOWN_CUES.finditer(text):
        town = match["town"]
        plain = town in chinese_towns() or (
            known.chance.get(town, -99.0) < _RARE and not any(letter in _NO_STEM for letter in town)
        )
        if match["weak"]:
            plain = town in chinese_towns()
        if plain and not _NOT_THERE.fullmatch(town) and town not in _PROVINCES and town not in _NO_TOWNS:
            yield Candidate(*match.span("town"), "location", 0.6)
