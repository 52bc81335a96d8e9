"""Names of persons in Chinese text as the cheapest way to read a sentence: words against a name among them.

A sentence without spaces is read as the sequence of words that is most probable, by the word frequencies of `jieba`;
a surname with one or two characters behind it competes with the words that the same characters make. How probable
characters are in a name is counted on the names that the same dictionary holds, and what stands beside the name
(a role, a relation, a verb of saying, a bracket, a field's end) makes a name there more or less probable. A field
that a label says to hold a person is taken as it stands, and what one place of a text gives away is looked for in
all of it.
"""

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from practicum.data.deidentification import chinese_terms, chinese_towns, gazetteers
from practicum.data.deidentification.chinese_terms import words

_HAN = "\u4e00-\u9fff"


_RUN = re.compile(rf"[{_HAN}]+")
_LONGEST = 6
_PRIOR = -2.8
"""Logarithm of how often a word of running text is a name, where nothing around it says so."""

_WORD_TOO = 4.0
_WORD_SHOWN = 0.0
_WORD_GIVEN = 3.0
_FAMOUS = 1.5
_RAREST_SURNAME = -9.5
_RAREST_GIVEN = -12.5

COMMON_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石"
    "廖贾夏韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_LESS_COMMON = (
    "付常施欧温康葛邢齐乔庞颜倪庄聂鲁岳翟殷詹耿兰焦俞柳甘祝宁尚符舒阮柯纪梅童凌毕季裴霍涂苗谷盛翁冉骆蓝游辛靳柴蒙鲍喻祁蒲滕"
    "饶牟艾尤穆卓吉缪车芦麦褚娄窦戚岑景党宫费卜晏柏宗瞿桂佟臧闵苟邬卞姬仇栾隋刁荣巫寇桑郎甄丛虞敖巩佘池苑迟邝"
)
"""The next in the order of how many bear them, without those that are everyday words."""
COMPOUND = frozenset(
    words(
        "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 "
        "濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 "
        "钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 "
        "谷梁 拓跋 夹谷 轩辕 令狐 段干 "
        "百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门 第五 完颜 爱新觉罗 叶赫那拉"
    )
)
SURNAMES = frozenset(
    "丘召晃练苟仉矢戢伦赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤"
    "花方俞任袁柳"
    "酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏"
    "成戴谈宋茅庞熊"
    "纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应"
    "宗丁宣贲邓郁单"
    "杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰"
    "秋仲伊宫宁仇"
    "栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬"
    "申扶堵冉宰郦雍"
    "郤璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄"
    "阙东欧殳沃利蔚"
    "越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖仝付代闫涂覃邸晋楚芦"
    "冼佘麦佟岳帅缑"
    "亢况郈琴归海商牟伯赏南墨哈谯笪年爱阳种苑兰植楼甯冒佴赛展尧招原仉战哀矫盘鹿粟谌郄迟窦佀区苟丛蹇初亓禚么檀粘邝"
    "辜揭但火扬"
    "折门信税敬茆洛宛战仵薜呼尕才仁撖肇勇钦操妥青朴奕栗隽秘衣来修续颉郇渠眭腾巨邳拜脱位甫犹降鲜昭刑线铁绳"
    "隋官鄢漆卿赫宾冶智奉闭揣綦笃萨撒呙昃忻卯绪骈旷雒蒿虎裔尉麴苌拓"
)
# Parts of which names in Tibetan, Mongolian and Uyghur are made when they are written in Chinese characters.
_NON_HAN_PARTS = words(
    "扎西 卓玛 次仁 才让 才仁 旦增 丹增 旦巴 平措 央金 拉姆 顿珠 多吉 尼玛 达娃 白玛 白马 格桑 "
    "洛桑 索朗 索南 边巴 巴桑 普布 米玛 "
    "拉巴 强巴 仁增 仁青 仁钦 曲珍 曲吉 德吉 德庆 卓嘎 贡布 贡嘎 贡觉 桑吉 桑珠 桑杰 嘉措 加措 "
    "加央 江白 江村 罗布 旺堆 旺姆 旺扎 "
    "旺久 旺杰 群培 群宗 玉珍 玉措 央宗 措姆 拉珍 其美 益西 益喜 泽仁 泽翁 邓珠 登珠 坚赞 坚参 "
    "土登 阿旺 班觉 晋美 久美 南杰 朗杰 "
    "白珍 色珍 仓决 仓央 赤列 欧珠 吾金 乌金 次旦 次旺 次珍 次央 斯朗 四郎 根秋 尕玛 噶玛 嘎玛 "
    "乌兰 图雅 托娅 其其格 巴特尔 巴图 苏和 巴雅尔 格日勒 高娃 斯琴 娜仁 萨仁 敖登 宝音 朝鲁 "
    "孟和 那顺 额尔敦 阿拉腾 呼和 哈斯 "
    "乌云 乌日娜 萨日娜 通拉嘎 花拉 巴根 布和 满都拉 满达 吉日嘎拉 毕力格 必力格 图门 都仁 德力格尔 "
    "阿古拉 特木尔 铁木尔 塔娜 "
    "牧仁 苏日娜 敖日格乐 恩和 乌仁 红格尔 青格乐 青格勒 包力高 達来 达来 孟克 "
    "阿依 古丽 努尔 阿孜 帕提 帕提古丽 热孜 再娜 娜尔 阿迪拉 迪丽 热巴 古丽娜尔 阿依古丽 阿依努尔 "
    "米日 热依 玛依拉 玛依努尔 麦麦提 "
    "买买提 买合木提 吐尔逊 吐逊 吐尔洪 吐尔地 艾合买提 艾买提 艾力 艾尼 艾则孜 阿不都 阿卜杜 "
    "阿布都 热合曼 热西提 热合木 木拉提 "
    "叶尔肯 叶尔兰 巴合提 努尔兰 加纳尔 阿力木 阿里木 艾山 玉山 玉素甫 依明 伊敏 伊明 克里木 "
    "克热木 肉孜 赛买提 司马义 斯马依 依布拉音 "
    "亚森 亚生 卡德尔 卡迪尔 塔依尔 库尔班 哈力克 哈里克 合力力 沙吾提 居来提 帕尔哈提 艾尔肯 "
    "阿曼 吾买尔 乌买尔 托乎提 托合提 "
    "阿依夏 阿米娜 阿瓦古丽 祖丽 皮亚 穆合 塔尔 萨比尔 沙拉 姑丽 古力 哈提 地力 夏提 木合 提拉"
)
_PART = "(?:" + "|".join(sorted(set(_NON_HAN_PARTS), key=len, reverse=True)) + ")"
_OF_PARTS = re.compile(rf"(?:[{''.join(sorted(SURNAMES))}](?={_PART}{_PART}))?{_PART}{{2,4}}")
_ONE_PART = re.compile(_PART)
_DOTTED = re.compile(rf"[{_HAN}]{{1,8}}(?:[·•・‧∙][{_HAN}]{{1,8}}){{1,3}}")

# What may stand around a person: written with blanks between the entries, since most are used as sets.
_TITLES = words(
    "主任医师 副主任医师 主治医师 住院医师 主任护师 主管护师 主管药师 主管技师 副主任护师 副主任药师 "
    "副主任技师 医师 医生 大夫 护士长 "
    "护士 护师 药师 药剂师 技师 技士 检验师 主任 副主任 主治 教授 副教授 院长 副院长 科长 处长 "
    "所长 局长 校长 园长 站长 书记 康复师 "
    "治疗师 营养师 心理师 咨询师 验光师 验配师 麻醉师 社工 先生 女士 小姐 同志 老师 阿姨 大爷 "
    "大妈 大叔 大娘 大伯 大婶 师傅 警官 警员 "
    "律师 法医 法官 经理 太太 夫人 博士 博后 队长 教练 主管 专员 老太太 老太 老头 老爷子 老先生 "
    "老人家 老伯 大哥 大姐 大嫂 奶奶 爷爷 "
    "婆婆 公公 伯伯 叔叔 婶婶 妈妈 爸爸 爷叔 嫂子 村医 校医 厂医 队医 军医 护工 站长 组长 班长 连长 馆长 会长 董事长 "
    "总监 老板 老板娘 "
    "工程师 医助 支书 乡长 镇长 村长 县长 市长 部长 总 工 导 姐 哥 嫂 叔 姨 伯 婶 爷 奶 婆 公 妈 爸 老 医 护 教 某 某某"
)
_TITLE_SET = frozenset(_TITLES)
_SAYS_SOMEONE = 1.0
_BORNE = frozenset(COMMON_SURNAMES + _LESS_COMMON) - frozenset("高金石白方江龙毛万向范黄林马何于程任温常车童苗双左乐解")
"""Surnames that seldom begin another word."""
_SHORT_TITLES = frozenset(title for title in _TITLES if len(title) == 1)
_LONGEST_TITLE = 5
_ROLES = words(
    "主任医师 副主任医师 主治医师 住院医师 经治医师 主管医师 上级医师 报告医师 审核医师 转诊医师 "
    "接诊医师 送检医师 申请医师 检查医师 "
    "诊断医师 麻醉医师 手术医师 会诊医师 主诊医师 责任护士 随访护士 值班护士 管床医生 管床医师 "
    "主治医生 住院医生 送检医生 申请医生 "
    "值班医生 值班医师 家庭医生 责任医生 医师 医生 大夫 护士长 护士 护师 药师 技师 技士 检验师 "
    "主任 副主任 主治 教授 院长 康复师 治疗师 "
    "营养师 心理师 咨询师 验光师 验配师 麻醉师 灌注师 社工 护理员 护工 规培生 规培 进修生 进修 "
    "实习生 实习 研究生 志愿者 村医 校医 厂医 "
    "法医 民警 交警 警官 司机 驾驶员 保安 律师 经理 专员 专干 管理员 协调员 接线员 调度员 收款员 "
    "收费员 担架员 急救员 采集员 检验员 "
    "记录员 核对员 录入员 审核员 登记员 鉴定人 采血 送检 送检者 接诊 管床 主管 主诊 经治 责护 "
    "责任 值班 夜班 白班 中班 早班 晚班 交班 "
    "接班 交接 交班者 接班者 接班人 带教 主刀 执刀 术者 助手 一助 二助 三助 第一助手 第二助手 "
    "麻醉 麻醉者 器械 巡回 洗手 器械护士 "
    "巡回护士 体外循环 灌注 跟台 随车 出诊 程控 接生 总检 主检 初检 复检 诊断者 录入 翻译 经办 "
    "经办人 承办 承办人 复核 复核者 核对 "
    "核对者 审核 审核者 审核人 批准 批准人 审批 审签 签发 签发人 签名 签字 签收 签署 签名者 签收人 "
    "书写 书写者 记录 记录者 记录人 报告 "
    "领队 带队 经手 经手人 保管人 店员 营员 驾乘 "
    "报告者 报告人 检验 检验者 检查者 操作 操作者 执行 执行者 采样 采样人 采集人 发药 配药 调配 "
    "调剂 核发 核 配 复片 阅片 写片 谈话人 谈话者 "
    "主持 主持人 参加 参加者 参加人 参会 出席 在场 在场者 医方 患方 甲方 乙方 丙方 房东 店主 "
    "老板 雇主 会计 干事 下机 上机 穿刺 换药 "
    "抄方 徒 徒弟 教练 班主任 老师 校长 队长 组长 站长 所长 主编 作者 联络员 调查员 随访 随访者 "
    "随访人 接听 接听人 来电 来电人 收 寄 "
    "领取人 领走人 取件人 送检人 报检人"
)
_RELATIONS = words(
    "家长 家父 家母 家兄 家姐 先父 先母 令尊 令堂 岳丈 曾祖母 曾祖父 太奶奶 太爷爷 内人 闺女 媳妇 老公 老婆 老伴儿 "
    "小儿子 丈母娘 老丈人 妻子 丈夫 爱人 配偶 老伴 前妻 前夫 儿子 女儿 母亲 父亲 继父 继母 养父 养母 岳父 岳母 公公 "
    "婆婆 妈妈 爸爸 哥哥 姐姐 弟弟 妹妹 兄弟 姐妹 "
    "爷爷 奶奶 外公 外婆 姥姥 姥爷 祖父 祖母 外祖父 外祖母 孙子 孙女 孙儿 外孙 外孙女 重孙 儿媳 "
    "女婿 侄子 侄女 外甥 外甥女 舅舅 舅妈 "
    "姑姑 姑妈 姑父 姨妈 姨父 叔叔 伯伯 伯父 伯母 婶婶 表哥 表姐 表弟 表妹 堂哥 堂姐 堂弟 堂妹 "
    "堂兄 大哥 大姐 大嫂 二哥 二姐 嫂子 "
    "弟媳 妹夫 姐夫 其妻 其夫 其子 其女 其母 其父 其兄 其弟 其姐 其妹 之妻 之夫 之子 之女 之母 "
    "之父 长子 次子 三子 幼子 独子 养子 继子 "
    "长女 次女 三女 幼女 独女 养女 大女儿 小女儿 大儿子 小儿子 二儿子 家属 家人 亲属 亲友 至亲 "
    "监护人 同事 工友 战友 同乡 老乡 朋友 "
    "邻居 街坊 室友 舍友 病友 同学 男友 女友 未婚妻 未婚夫 保姆 月嫂 阿姨 护工 陪护 陪人 旁人 "
    "其侄 其侄女 其孙 其孙女 其外孙 其婿 其媳 其嫂 其叔 其舅 其姨 其姑 其侄子 "
    "孩子 宝宝 联系人 陪同 陪同人 陪同者 陪护人 代理人 "
    "妻 夫 子 女 父 母 兄 弟 姐 妹"
)
_SUBJECTS = words(
    "患者 病人 患儿 病员 病患 产妇 孕妇 伤者 死者 受检者 受试者 受检人 体检者 供者 受者 供体 "
    "受体 老人 老太 当事人 逝者 被陪护 用户 会员"
)
_FIELDS = words(
    "姓名 名字 患者姓名 病人姓名 婴儿姓名 母亲姓名 父亲姓名 联系人姓名 全名 称呼 乳名 小名 曾用名 "
    "别名 化名 名叫 名为 叫做 叫作 我叫 "
    "名字叫 名字是 自称 全称 我是 您是 你是 这是 本人 就诊人 参保人 被保险人 被保人 投保人 受益人 "
    "持卡人 申请人 委托人 受托人 代理人 "
    "负责人 填表人 填写人 填报人 收件人 寄件人 收件 寄件 收货人 抄送 户主 户名 开户名 账户名 "
    "紧急联系人 紧急联系 联络人 证明人 见证人 "
    "法定代表人 法人 被鉴定人 鉴定人 投诉人 举报人 报案人 报警人 当事人 倒地者 伤员 失主 领取人 "
    "受害人 被害人 失踪者 获救者 落水者 肇事者 车主 机主 船主 货主 受伤者 夹伤 砸伤 撞伤 烫伤 咬伤 "
    "借阅人 知情人 确认为 随行 供者姓名 单位联系人 "
    "医师签名 医生签名 患者签名 家属签名 护士签名 医师签字 患者签字 家属签字 医生签字 患者或家属签名 "
    "会诊医师 首诊 病史陈述者 陈述者 "
    "供史者 供史人 委托代理人 呼叫人 联系 致电 电询 转告 告知 通知 嘱托 委托 指导 拜访 探望 看望 "
    "看过 面见 会见 报 叫 姓 找 请 约见 证明 兹证明 兹有 现有 老伴儿 "
    "撞 遗体 宣布 接种"
)
_LEFT = frozenset((*_ROLES, *_RELATIONS, *_SUBJECTS, *_FIELDS))
_LONGEST_LEFT = max(map(len, _LEFT))
_LOOSE_LEFT = frozenset(
    words(
        "核 配 妻 夫 子 女 父 母 兄 弟 姐 妹 收 寄 徒 报 叫 姓 找 请 撞 操作 执行 随访 检验 记录 "
        "报告 审核 接诊 换药 穿刺"
    )
)
"""Words that stand before much else too."""
_SUBJECT_SET = frozenset((*_SUBJECTS, *_RELATIONS))
_WEAK_LEFT = frozenset(
    words(
        "今天 昨天 明天 今日 昨日 明日 目前 现在 最近 刚才 刚刚 后来 于是 所以 因为 但是 不过 而且 "
        "如果 希望 麻烦 感谢 谢谢 祝 由 请 经 嘱 "
        "与 和 同 给 对 让 向 问 见 跟 及 为 被 把 托 从 按 遵 据 替 陪 是 将 令 借 借予 隔壁 邻居家 "
        "交 称 写 有 予 听 就 说 以及 已由 并由 科 室 厂 应 至 楼 床 号 的 以"
    )
)
_RIGHT = frozenset(
    words(
        "诉 自述 代述 述 称 说 表示 反映 告诉 回忆 认为 否认 承认 签字 签名 签署 签收 陪同 陪护 护送 "
        "代签 要求 同意 拒绝 主刀 执刀 操作 完成 "
        "核对 查房 会诊 接诊 记录 书写 审核 在场 到场 来电 回电 致电 来诊 来院 就诊 入院 出院 今日 "
        "今天 昨日 现年 年龄 因 自称 门诊 您好 你好 "
        "之妻 之夫 之子 之女 之母 之父 等 安返 系我 暂住 委托 宣布 领走 开具 抄方 转述 代述 心跳 "
        "抽血 换药 老人 去世 死亡 术后 明早 夜间 本人 体温 血压 神志 意识 睡眠 今晨 昨夜 主诉 突发 "
        "发热 诉说 "
        "保管 代管 伤情 出院小结 病情 领队 落水 走失 "
        "复核 入户 审批 批准 签发 配药 出诊 随访 值班 交班 接班 配 收 记 发 签 取 "
        "的妻 的丈夫 的爱人 的儿子 的女儿 的母亲 的父亲 的家属 的主治 的管床 的电话 的手机 的身份证 "
        "的住院 的病历 的床位 的弟 的哥 的姐 的妹 "
        "的账户 的医保 的报告 的检查 的片子"
    )
)
_WEAK_RIGHT = frozenset(
    words(
        "负责 帮 陪 送 带 打 去 来 到 在 已 也 还 将 会 想 曾 问 让 给 把 都 又 就 再 可 能 是 有 "
        "没 从 向 与 和 及 对 的 于 亦 叫 开 留 换 走 "
        "做 共同 轮流 看 用 拿 搬 盯 两 三 生 住 不 未 安 登 转 由 起 代 害 一 步 独 干"
    )
)
_WORDS_AFTER = re.compile(
    r"[，,！! ]{0,2}[您你]好|[，,、 　／/]{1,2}(?:男|女(?![子儿方婿]))|(?:男|女)(?=[，,、 　]{0,2}(?:约?\d"
    r"|[一二三四五六七八九十]|[汉回满]族|已婚|未婚))|[，,、 　]{0,2}(?:年)?\d{1,3} "
    r"?(?:周)?岁|[，,、 ]?(?:身份证|公民身份|住院号|病历号|电话|手机|工号|执业)"
    r"|[，,、 　]{1,3}[（(+]{0,2}\d[\d \-)）]{5,}|[，,（(]\s?\d{2,4}[-/.年 ]{1,2}\d{1,2}[-/.月 "
    r"]{1,2}\d{1,2}[日号]?\s?(?:出?生|卒)"
    r"|[，,、]\s?(?:公民身份|证件)|[（(](?:公民|男|女|\d|患者|病人|之|其|妻|夫|子|母|父|儿|姐|"
    r"妹|兄|弟|家属|配偶|身份证|电话|手机|工号|签|代|同事|朋友|邻居|住院|医师|医生"
    r"|护士|主任|证书|资格|执业|民族|[汉回藏维蒙满]|HS|[A-Z]{1,4}\d)"
)
_DISEASE_AFTER = re.compile(
    r"(?:氏)?(?:病(?!危|重|情|故|逝|历|床|人|房|程|史|假|区)|综合征|征|现象|淋巴瘤|瘤|菌|反应|"
    r"试验|麻痹|囊肿|杆菌|球菌|定律|法则|分级|评分|分期|量表"
    r"|手术(?!室)|三联|骨折|氏|尔病|脓肿|体征|反射)"
)
_DRUG_BEFORE = re.compile(
    r"(?:服用?|口服|停用?|予以?|用药|给予|加用|改用?|换用?|开具?|医嘱|应用|使用|注射|静滴|静推|"
    r"泵入|含服|外用|处方|药物|用过?|联合|\+)[:：]?[ 　]?$"
)
_DOSE_AFTER = re.compile(
    r"[ 　]?\d+(?:\.\d+)?[ 　]?(?:mg|g(?![a-z])|μg|ug|ml|mL|片|粒|支|U|IU|克|毫|包|瓶|盒|丸|袋|"
    r"次)|[ 　]?[×xX]\s?\d|片|胶囊|颗粒|注射|缓释|肠溶|用量|剂量"
)
_NO_GIVEN = frozenset(
    "的了是在被及或未并将把其此该您你我他她它们个些等啊吗呢吧岁日号院科室床病症痛炎癌瘤药肿血尿便疼咳查检者以就说"
    "问做做也很则但且"
    "又告医师士任患属签诊术给从因诉述称拟请周升片粒支次级型区侧叶管肠胃肺脑腺腔膜细胞酶酸钠钾钙毫克每两几样体份这"
    "那哪耳眼腿膝踝髋腕肘颈胸腹腰臀氏"
)
"""Characters of the language's frame and of medicine that no given name holds."""
_NO_PERSONS = frozenset(
    words(
        "明天 祝好 高枕 麻醉 班主任 雷诺 鲍曼 霍夫曼 霍奇金 墨菲 巴宾 贝尔 马凡 格林 杰克逊 帕金森 "
        "唐氏 白塞 贾第 史赛克 雷贝拉 马尾 金葡 "
        "白念 经治 主任 华法林 华蟾素 安乃近 安坦 万古 万托林 利多 利福平 利伐 利血平 利伐沙 甘露醇 "
        "甘草 甘精 和胃 麻黄 石斛 石膏 党参 黄芪 "
        "黄连 黄芩 黄柏 黄精 白芍 白术 白芷 白及 白蔹 白薇 白果 白芥子 柴胡 连翘 桑叶 桑枝 桑白皮 "
        "桑寄生 苏叶 苏子 杜仲 牛膝 龙骨 龙胆 金钱草 "
        "马齿苋 车前子 单硝酸 左氧 左旋 雷尼替 雷公藤 雷米普 乌梅 乌药 康复新 诺和灵 强的松 立普妥 "
        "优甲乐 易善复 金银花 何首乌 夏枯草 "
        "太子参 常山 白蛋白 白细胞 红细胞 全血 安静 安定 平卧 平稳 高热 高烧 高枕卧 易怒 明显 明确 "
        "和身份 章鱼 成人 文盲 国药 国产 农民 "
        "干部 工人 职工 家属 家庭 家人 平时 常规 常见 时间 时有 时感 向心 向上 满意 应用 应予 利尿 "
        "利水 经过 经皮 经口 经期 经量 易感 单纯 单侧 "
        "全身 全麻 全程 后续 后期 水肿 水样 水平 游离 游走 空腹 空调 燕麦 沙眼 沙门 沙坦 沙星 关节 "
        "关注 查体 查房 查看 查血 从事 丰富 都会 "
        "年老 年轻 年龄 年纪 温水 温度 别人 连续 束臂 印象 景观 幸福 武警 祖父 祖母 宁静 井水 山区 "
        "海边 海姆 阳性 阳光 爱好 爱人 南方 墨汁 招呼 "
        "原因 原发 原位 原有 战士 展开 种植 楼梯 楼道 植入 相关 相似 益气 红肿 红斑 金属 金黄 石膏固定 "
        "云南白 双侧 双下肢 双肺 双膝 双手 双眼 双亲 "
        "能否 能够 通过 通知 尚可 尚未 尚好 充分 步态 步行 贡献 方便 方法 方向 方案 平均 平日 米饭 "
        "花生 安全 安排 安慰 安装 计划 计算 成功 成立 "
        "成分 项目 危险 危重 强直 强化 路上 路边 江苏 江西 江湖 严重 严格 严密 马上 马路 林地 高度 "
        "高危 高压 高龄 高血压 高血糖 高血脂 任何 何时 "
        "何处 何种 何人 张口 张力 毛发 毛细 卫生 曲线 包块 包括 包扎 应该 支气管 支持 支架 管理 管道 "
        "解除 解释 解剖 宣教 洪水 诸多 左侧 左手 左腿 "
        "左眼 左膝 左足 左上 左下 左肾 左肺 左心室 吉兰 巴雷 滑膜 滑动 养老 养护 须知 关系 权利 盖被 "
        "盖章 公司 公里 公分 商量 赏识 归来 归因 "
        "帅气 岳母 岳父 师傅 师生 老师 哈欠 简单 简易 冷汗 冷敷 融合 曾经 曾有 曾患 由于 来自 来源 "
        "来院 来诊 来电 修复 续用 位于 位置 火车 信息 信号 "
        "信用卡 折返 门诊 门口 但是 敬老 敬老院 初诊 初步 初次 初一 初二 初三 青霉 青紫 青光眼 仁和 "
        "才能 才会 阿司匹林 阿莫西林 阿托伐他汀 阿胶 "
        "阿片 阿卡波糖 阿米 阿奇 阿尔 阿氏 区别 区域 区间 丛集 巨大 巨细胞 位移 甫入 降低 降压 降糖 "
        "降钙 刑警 线粒体 铁路 铁剂 拜访 拜托 拜唐苹 拜新同 "
        "腾讯 脱水 脱落 洛汀 洛贝林 揭示 辜负 扬州 栗子 秘密 秘书 勇敢 操作 操场 肇事 信访 经指 曾祖母 曾祖父 能下 "
        "羊水 "
        ""
        "羊水清 儿保 唐筛 方颅 那张 病区 院区 护士站 白班 夜班 中班 顶班 儿女 原先 租住 寿终 条码 随车 李斯特 霍乱 "
        "施乐辉 曼月乐 植保 利福平 海姆立克 美敦力 维保 老年金 养老金 "
        "左心房 右心房 左心耳 右心耳 左心 右心 代取 代办 "
        "代领 代购 代煎 代签 代收 代管 代述 代诉 代付 代缴 代写 代替 代理 代码 代谢 代表 代偿 村医 校医"
    )
)
"""Words, herbs, drugs and eponyms that begin with what also is a surname, and that fields and sentences begin with."""
_TERMS = words(
    "谷丙 谷草 转氨酶 谷氨酰 单核 路易体 应激 管饲 白带 白介素 白内障 白斑 白癜风 车祸 "
    "马来酸 米索 米非司酮 罗哌卡因 罗红霉素 安体舒通 康柏西普 易瑞沙 艾滋 艾塞那肽 巴曲酶 "
    "司美格鲁肽 帕博利珠 帕瑞昔布 特布他林 柳氮磺吡啶 成骨 成像 成形术 连枷 高渗 高钾 高钠 "
    "高尿酸 高脂 高糖 高蛋白 高频 高分辨 高浓度 平扫 平滑肌 毛玻璃 毛刺 毛囊 毛霉 支原体 "
    "支扩 项背 双相 双嘧达莫 双氯芬酸 双歧 全脑 全胃 全肺 全结肠 全腹 水痘 水泡 水疱 水钠 "
    "水化 金标 金刚烷胺 黄体酮 黄体 黄斑 黄疸 黄染 黄苔 红外 红参 红霉素 红舌 红疹 房颤 "
    "房扑 房室 房间隔 房缺 戴镜 包膜 包裹 包皮 包虫 包埋 余无 余均 余同 余可 余未 时相 "
    "时限 计数 古罗 胡须 查肌酶 莫氏 鲁氏 冷敷 温敷 施行 施术 路过 路途 申请 "
    "阿托伐他汀 瑞舒伐他汀 辛伐他汀 氨氯地平 硝苯地平 非洛地平 缬沙坦 氯沙坦 厄贝沙坦 美托洛尔 "
    "比索洛尔 阿替洛尔 卡托普利 依那普利 贝那普利 培哚普利 "
    "二甲双胍 格列美脲 格列齐特 格列喹酮 阿卡波糖 西格列汀 达格列净 恩格列净 门冬胰岛素 甘精胰岛素 "
    "胰岛素 华法林 利伐沙班 达比加群 氯吡格雷 替格瑞洛 "
    "阿司匹林 拜阿司匹林 肝素 依诺肝素 头孢曲松 头孢呋辛 头孢他啶 头孢克肟 左氧氟沙星 莫西沙星 "
    "阿奇霉素 克拉霉素 阿莫西林 哌拉西林 美罗培南 万古霉素 "
    "利奈唑胺 氟康唑 伏立康唑 奥美拉唑 泮托拉唑 雷贝拉唑 兰索拉唑 埃索美拉唑 多潘立酮 莫沙必利 "
    "呋塞米 托拉塞米 螺内酯 氢氯噻嗪 地高辛 胺碘酮 普罗帕酮 "
    "硝酸甘油 单硝酸异山梨酯 曲美他嗪 甲钴胺 布洛芬 塞来昔布 曲马多 吗啡 芬太尼 地塞米松 泼尼松 "
    "甲泼尼龙 强的松 沙丁胺醇 布地奈德 孟鲁司特 氨溴索 "
    "乙酰半胱氨酸 左甲状腺素 优甲乐 立普妥 拜新同 波立维 络活喜 代文 倍他乐克 诺和灵 诺和锐 诺和龙 "
    "来得时 拜唐苹 格华止 达美康 泰诺 芬必得 泰勒宁 开博通 "
    "复方丹参滴丸 速效救心丸 安宫牛黄丸 六味地黄丸 丙戊酸钠 卡马西平 左乙拉西坦 苯妥英 奥氮平 "
    "喹硫平 利培酮 氯氮平 舍曲林 帕罗西汀 艾司唑仑 阿普唑仑 地西泮 "
    "高敏 超敏 程控 阿狄森 艾迪生 梅尼埃 格林巴利 吉兰巴雷 斯万甘兹 库欣 川崎 干燥综合征 桥本 "
    "雷诺 白塞 霍奇金 阿尔茨海默 帕金森 亨廷顿 克罗恩 "
    "巴雷特 布加 梅格斯 马凡 特纳 唐氏 范可尼 杜氏 霍夫曼 巴宾斯基 布鲁津斯基 克尼格 墨菲 麦氏 "
    "洛杉矶 格拉斯哥 陪护费 老人家 费别 自费 呼叫 周三 周四 斯万 甘兹 上叶 下叶 老年 小儿 老龄 "
    "小便 小腿 小肠 小脑 小叶 小管 小梁 小结 水煎 水煎服 为主 为宜 为佳 中叶 左叶 右叶 肺叶 甲状腺 "
    "籍贯 改良 传真 转账 高寿 左耳 右耳 "
    "福莱 鲍曼 铜绿 沙门 白念 弗劳地 卡他 丙肝 戊肝 甲肝 乙肝"
)
"""Words of medicine that everyday lists lack, among them those that hold a surname."""
_NO_VALUES = frozenset(
    words(
        "不详 未知 保密 本人 同上 同意 无误 如上 如下 拒绝 待查 暂无 空白 其他 本院 外院 自费 已阅 "
        "已签 正常 良好 清楚 明白 好的 可以 谢谢 对的 "
        "知情 知道 理解 性别 年龄 年月 电话 手机 住院 病历 门诊 身份 出生 科室 床号 日期 时间 关系 "
        "地址 单位 职业 民族 婚姻 签名 签字 诊断 编号 "
        "盖章 医院 病区 主诉 现病 既往 体检 检查 结果 报告 意见 建议 印章 公章 金额 户籍 联系 方式 "
        "号码 证件 姓名 名称 别无 "
        "阴性 阳性 安排 需要 明天 明日 明早 明晚 今天 昨天 随诊 复诊 祝好"
    )
)
_GIVEN_SLOT = frozenset(
    words(
        "闺女 媳妇 老公 老婆 收件 抄方 洗牙 换药 抽血 打针 叫 名叫 化名 昵称 网名 小名 乳名 我叫 —— 徒 女 子 父亲 母亲 "
        "妈妈 爸爸 儿子 女儿 孙子 孙女 "
        "重孙 外孙 外孙女 妹夫 姐夫 女婿 儿媳 老伴 妻子 丈夫 爱人 弟弟 妹妹 哥哥 "
        "姐姐 侄子 侄女 外甥 表哥 表姐 表弟 表妹 堂哥 堂姐 堂弟 堂妹 长子 次子 长女 次女 其子 其女 "
        "其妻 其夫 旁人 护工 保姆 室友 同学 家属 "
        "邻居 街坊 社工 的人叫"
    )
)


_RARE_WORD = -11.5
_MODERN_GIVEN = (
    "梓涵轩睿妍怡萱昊皓诺熙琪昕瑞曦芮妤钰珂沐苡若依语桐彤浩辰宸煜翊霖沛倩磊琳婷娜雯欣悦莹璐瑶菲萌薇蕾蓉楠晗晴昱晨"
    "晖旭泽洋宇航"
    "哲翰逸铭鑫淼杰俊豪毅恒诗雅雨思佳嘉丽燕萍芳娟敏静秀兰玉珍凤霞红梅英华桂香莲翠娥娣淑惠贞金银福贵发财旺根生柱栓"
    "锁狗蛋铁牛虎"
    "军建国强勇刚斌超涛鹏飞伟峰明亮志成文武斐琰婉仪若兮慕念慈子墨晓月星辰"
)
"""Characters that given names hold more often than the names in the press of decades ago, the dictionary's source."""
_MODERN = 60
_SEVERAL = 3
_TERM = 600
"""What a term of medicine counts for at least among the dictionary's sixty million words."""


_ALL_TERMS = (*_TERMS, *_NO_PERSONS, *chinese_terms.DRUGS, *chinese_terms.EPONYMS)
_TERM_SET = frozenset(_ALL_TERMS)


class _Lexicon(NamedTuple):
    """Logarithms of probabilities."""

    words: dict[str, float]
    prefixes: frozenset[str]
    surnames: dict[str, float]
    second: dict[str, float]
    third: dict[str, float]
    alone: dict[str, float]
    givens: frozenset[str]
    """Given names of two characters that several persons of the dictionary bear."""
    unseen_word: float


class Person(NamedTuple):
    """The characters `start` to `end` are a person's name."""

    start: int
    end: int
    score: float


@lru_cache(maxsize=1)
def simplified() -> dict[int, str]:
    """Traditional characters and the simplified one for each, for `str.translate`; no text changes its length."""
    lines = (files("opencc") / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines)
    return {ord(old): new.split(" ")[0] for old, new in pairs if len(old) == 1 and len(new.split(" ")[0]) == 1}


@lru_cache(maxsize=1)
def name_lexicon() -> _Lexicon:
    counts: dict[str, int] = {}
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    third: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    givens: Counter[str] = Counter()
    with (files("jieba") / "dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, number, tag = line.split(" ")
            count = int(number)
            name = tag.startswith("nr") and 2 <= len(word) <= 3 and word[0] in SURNAMES
            if name:
                # One famous person counts no more than hundreds of others.
                weight = min(count, 20)
                first[word[0]] += weight
                if len(word) == 3:
                    second[word[1]] += weight
                    third[word[2]] += weight
                    givens[word[1:]] += 1
                else:
                    alone[word[1]] += weight
            if not name or count >= 300:
                counts[word] = max(count, 1)
    for place, surname in enumerate(COMMON_SURNAMES + _LESS_COMMON):
        first[surname] += 40_000 // (place + 5)
    for surname in SURNAMES:
        first[surname] += 6
    for character in _MODERN_GIVEN:
        second[character] += _MODERN
        third[character] += _MODERN
        alone[character] += _MODERN
    drugs_and_eponyms = {word: max(counts.get(word, 0), _TERM) for word in _ALL_TERMS}
    counts |= drugs_and_eponyms
    total = sum(counts.values())
    prefixes = {word[:length] for word in counts for length in range(1, min(len(word), _LONGEST) + 1)}

    words = {word: math.log(count / total) for word, count in counts.items() if len(word) <= _LONGEST}

    def logs(counter: Counter[str], least: float) -> dict[str, float]:
        whole = sum(counter.values())
        return {key: max(least, math.log(value / whole)) for key, value in counter.items()}

    surnames = logs(first, _RAREST_SURNAME)

    return _Lexicon(
        words=words,
        prefixes=frozenset(prefixes),
        surnames=surnames,
        second=logs(second, _RAREST_GIVEN),
        third=logs(third, _RAREST_GIVEN),
        alone=logs(alone, _RAREST_GIVEN),
        givens=frozenset(given for given, bearers in givens.items() if bearers >= _SEVERAL and given not in _TITLE_SET),
        unseen_word=math.log(0.5 / total),
    )


def _reads_as_given(given: str, lexicon: _Lexicon) -> bool:
    """Whether the one or two characters are frequent in names, each in its place."""
    if len(given) == 1:
        return lexicon.third.get(given, -99.0) > -9.0 and lexicon.words.get(given, -99.0) < -9.0
    if given[0] == given[1]:
        return lexicon.third.get(given[0], -99.0) > -9.5
    return lexicon.second.get(given[0], -99.0) > -8.5 and lexicon.third.get(given[1], -99.0) > -8.5


_BLANKS = " \t　"


class _Before(NamedTuple):
    """What stands left of a place."""

    score: float
    label: str
    """The strong label there, if any."""
    separated: bool
    """Whether a colon or blank divides it from the place."""


def _before(text: str, start: int) -> _Before:  # noqa: C901 -- one rule after another
    place = start
    while place and text[place - 1] in _BLANKS:
        place -= 1
    colon = place > 0 and text[place - 1] in ":："
    if colon:
        place -= 1
        while place and text[place - 1] in _BLANKS:
            place -= 1
    separated = place < start
    if separated and place and text[place - 1] in ")）":
        # "家属（女儿）：", "医师（签名）："
        opened = max(text.rfind("(", max(0, place - 10), place), text.rfind("（", max(0, place - 10), place))
        if opened > 0:
            place = opened
    for length in range(min(_LONGEST_LEFT, place), 0, -1):
        label = text[place - length : place]
        if label in _LEFT and (length > 1 or place == 1 or not "\u4e00" <= text[place - 2] <= "\u9fff"):
            return _Before(2.0 if label in _LOOSE_LEFT and not separated else 3.5, label, separated)
    if separated and place and "\u4e00" <= text[place - 1] <= "\u9fff":
        spaced = re.search(rf"(?:^|[^{_HAN}])([{_HAN}](?:[ 　]+[{_HAN}]){{1,3}})$", text[max(0, place - 10) : place])
        if spaced and (label := re.sub(r"\s", "", spaced[1])) in _LEFT:
            return _Before(3.5, label, True)
    if _BED.search(text, max(0, start - 8), start):
        return _Before(3.0, "床", False)
    if start and text[start - 1] in "、/／":
        # A list whose head is a label: "术者甲、乙", "签发：甲/乙".
        window = text[max(0, start - 28) : start]
        for cut in range(len(window) - 2, max(len(window) - 20, -1), -1):
            if window[cut] in "，,。；;\n":
                break
            if any(window[max(0, cut - size) : cut] in _LEFT for size in range(2, _LONGEST_LEFT)):
                return _Before(3.0, "、", False)
    if colon:
        return _Before(1.2, "", True)
    if not start or text[start - 1] == "\n" or separated:
        return _Before(1.5, "", False)
    if not "\u4e00" <= text[start - 1] <= "\u9fff":
        return _Before(1.2, "", False)
    if text[start - 2 : start] in _WEAK_LEFT or text[start - 1] in _WEAK_LEFT:
        return _Before(0.8, "", False)
    return _Before(-1.2, "", False)


def _after(text: str, end: int) -> float:
    if end >= len(text):
        return 1.5
    for length in (4, 3, 2, 1):
        if text[end : end + length] in _RIGHT:
            return 3.0
    following = text[end]
    if _WORDS_AFTER.match(text, end):
        return 3.5
    if text[end : end + 5].startswith(_LONG_TITLES):
        return 3.5
    if not "\u4e00" <= following <= "\u9fff":
        if following.isascii() and following.isalpha():
            return -0.5
        return 1.5 if following in "\n\t|｜" or text[end : end + 2] == "  " else 1.0
    if following in _WEAK_RIGHT or text[end : end + 2] in _WEAK_RIGHT:
        return 0.6
    if following in "市县区镇乡村屯庄寨路街巷弄" or _DISEASE_AFTER.match(text, end):
        return -9.0
    return -1.5


_LONG_TITLES = tuple(title for title in _TITLES if len(title) > 1)


def _title_at(text: str, place: int) -> int:
    """How long the title is that begins at a place; 0 for none."""
    for length in range(min(_LONGEST_TITLE, len(text) - place), 0, -1):
        if text[place : place + length] in _TITLE_SET:
            return length
    return 0


def _title_score(text: str, start: int, end: int, before: _Before) -> float:
    """How much a title behind a surname alone says for a person; very little where there is none."""
    length = _title_at(text, end)
    if not length:
        return -99.0
    beyond = text[end + length : end + length + 1]
    if length == 1:
        # "王总，" but not "全总体": a title of one character ends the word, and begins after a boundary.
        if text[end] == "某":
            return 7.0 if beyond not in ("种", "些", "个", "类", "段", "处", "年", "月", "日", "医") else -99.0
        if before.score < 0:
            return -99.0
        if "\u4e00" <= beyond <= "\u9fff" and beyond not in _AFTER_SHORT_TITLE:
            known = before.score >= _SAYS_SOMEONE and text[end] in "工总导" and chinese_towns.does(text, end + 1)
            return 3.0 if known else -99.0
        return 4.0
    return 7.0 + min(before.score, 1.5)


_AFTER_SHORT_TITLE = frozenset("说来去要在的也都打送叫问让给让和与把您你我今明昨陪带看催诉家那这就已自先回")


def _names(text: str, first: int, last: int, lexicon: _Lexicon) -> Iterator[tuple[int, int]]:
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
        for size, probability in _as_name(text, start, min(4, length - offset), lexicon):
            total = probability + best[offset + size]
            if total > found:
                found, choice = total, (size, True)
        best[offset], step[offset] = found, choice
    offset = 0
    while offset < length:
        size, name = step[offset]
        if name:
            yield first + offset, first + offset + size
        offset += size


def _as_name(text: str, start: int, room: int, lexicon: _Lexicon) -> Iterator[tuple[int, float]]:  # noqa: C901 -- one rule after another
    """Lengths of what may be a name from a place on, each with its probability's logarithm, context included."""
    piece = text[start : start + room]
    if piece[:2] in COMPOUND:
        taken, surname = 2, -5.5
    elif piece[0] in lexicon.surnames:
        taken, surname = 1, lexicon.surnames[piece[0]]
    elif piece[0] in "小老" and len(piece) > 1:
        taken, surname = 0, 0.0
    else:
        yield from _given_alone(text, start, piece, lexicon)
        return
    before = _before(text, start)
    if not taken:
        size = 3 if piece[1:3] in COMPOUND else 2
        surname = -6.0 if size == 3 else lexicon.surnames.get(piece[1], -99.0)
        rare = piece[1] not in COMMON_SURNAMES and size == 2
        if piece[:2] in _TERM_SET or (rare and before.score < 0.5 and not before.label):
            return
        if not any(lexicon.words.get(piece[:length], -99.0) > _RARE_WORD for length in (2, 3, 4)):
            after = _after(text, start + size)
            if before.score < 0 and after <= 0:
                return
            yield size, _PRIOR + surname - 1.5 + before.score + max(after, -0.5)
        return
    yield from _given_alone(text, start, piece, lexicon)
    titled = _title_score(text, start, start + taken, before)
    if piece[0] == "班" and text[start - 1 : start] in _SHIFTS:
        return
    if titled > 0 and piece[:3] not in _NO_PERSONS:
        # "某" stands for the given name, other titles for none.
        hidden = len(piece[taken : taken + 2]) - len(piece[taken : taken + 2].lstrip("某"))
        yield taken + hidden, _PRIOR + surname + titled
    given = piece[taken : taken + 2]
    if piece[0] == "周" and given[:1] in _WEEKDAYS:
        return
    if piece[0] in _COUNTING and (text[start - 1 : start].isdigit() or text[start - 1 : start] in _COUNTED_BY):
        return
    if not given or given[0] in _NO_GIVEN or piece[: taken + 1] in _NO_PERSONS or piece[: taken + 2] in _NO_PERSONS:
        return
    drug = 8.0 if _DRUG_BEFORE.search(text, max(0, start - 6), start) else 0.0
    base = _PRIOR + surname + before.score - drug
    for size in (taken + 1, taken + 2):
        if size > len(piece):
            return
        name = piece[:size]
        if size == taken + 1:
            probability = lexicon.alone.get(given[0], _RAREST_GIVEN) - 1.2
        else:
            if given[1] in _NO_GIVEN:
                return
            # Parents take words too: 振兴, 秋月.
            probability = (
                max(
                    lexicon.second.get(given[0], _RAREST_GIVEN) + lexicon.third.get(given[1], _RAREST_GIVEN),
                    lexicon.words.get(given, -99.0) + 0.5 if _reads_as_given(given, lexicon) else -99.0,
                )
                - 0.4
            )
            if given[0] == given[1] and given[1] in lexicon.third:
                probability = max(probability, lexicon.third[given[1]] - 3.0)
        after = _after(text, start + size)
        if size == taken + 2 and (after >= 3.0 or before.label):
            probability = max(probability, lexicon.words.get(given, -99.0) - _WORD_GIVEN)
        if (
            len(given) == 2
            and size > taken + 1
            and max(before.score, after) < 3.0
            and lexicon.words.get(given, -99.0) > -11.0
            and not (given in lexicon.givens and _reads_as_given(given, lexicon))
        ):
            # 以红为主: an everyday word behind a surname that is a word too.
            probability -= 3.0
        if _DOSE_AFTER.match(text, start + size):
            after = -6.0
        elif -2.0 < after < 0.3 and before.score >= _SAYS_SOMEONE and chinese_towns.does(text, start + size):
            after = 0.3 if before.label or piece[:taken] in _BORNE else -0.5
        # A word of the language that also is a name is a name only where much says so.
        discount = 0.0
        if name in lexicon.words:
            discount = _WORD_SHOWN if after >= 3.5 or before.label in ("、", "床") else _WORD_TOO
            if size == taken + 2 or (before.label and after >= 1.0 and piece[0] in _BORNE):
                # Somebody famous bears it.
                discount = min(discount, _FAMOUS) if name in gazetteers.chinese_word_names() else discount
        bounded = 1.5 if before.label and after >= 1.0 else 0.0
        yield size, base + probability + after + bounded - discount


def _given_alone(text: str, start: int, piece: str, lexicon: _Lexicon) -> Iterator[tuple[int, float]]:
    """A given name without a surname that begins a sentence or stands behind a bed's number and that does something."""
    given = piece[:2]
    if len(given) < 2 or not _is_given(given, lexicon, "叫"):
        return
    before, after = _before(text, start), _after(text, start + 2)
    bed = before.label == "床"
    if (bed and after > -1.0) or (before.score > 1.0 and (after >= 3.0 or _ON_A_DAY.match(text, start + 2))):
        probability = lexicon.second.get(given[0], _RAREST_GIVEN) + lexicon.third.get(given[1], _RAREST_GIVEN)
        yield 2, _PRIOR - 3.0 + probability + before.score + max(after, 2.0)


_ON_A_DAY = re.compile(
    r"(?:于|在|自)\s?(?:\d|[一二三四五六七八九十〇零两]|腊|冬|正|农历|阴历|民国|昨|今|上|去年|"
    r"大年)|[上下中]午|[今昨前]|却|都|自|调|让|诉"
)
_BED = re.compile(r"(?<![\d.])(?:加|\+)?\d{1,4}\+?\s?[床班楼][ 　]?$")


_FIELD_VALUE = re.compile(
    rf"(?P<name>[{_HAN}]{{2,4}}|[{_HAN}](?:[ 　\n][{_HAN}]{{1,2}}){{1,2}}|[{_HAN}]{{2}}[ 　\n][{_HAN}]{{1,2}})"
    rf"(?=$|[^{_HAN}·•・])"
)
_ANY_LEFT = re.compile(
    "|".join(sorted((label for label in _LEFT if len(label) > 1), key=lambda label: (-len(label), label)))
    + rf"|(?<![{_HAN}])[{''.join(sorted(label for label in _LEFT if len(label) == 1))}]"
)
_SEPARATOR = re.compile(r"(?:[（(][^）)\n]{1,8}[）)])?(?P<colon>[ \t　]*[:：][ \t　]*|[ \t　]+)?")


def _whole_fields(text: str, lexicon: _Lexicon) -> Iterator[Person]:  # noqa: C901 -- one rule after another
    """Fields that a label says to hold a person and that look like a name from end to end, word or not."""
    for label in _ANY_LEFT.finditer(text):
        place = label.end()
        separator = _SEPARATOR.match(text, place)
        colon = separator["colon"] if separator else None
        if separator:
            place = separator.end()
        value = _FIELD_VALUE.match(text, place)
        if not value:
            continue
        broken = value["name"]
        plain = re.sub(r"\s", "", broken)
        if len(plain) > 4:
            continue
        surname = 2 if plain[:2] in COMPOUND else 1
        given = plain[surname:]
        if plain in _WORD_NAMES and (colon or _WORDS_AFTER.match(text, value.end())):
            yield Person(value.start("name"), value.end("name"), 0.85)
            continue
        known = (surname == 2 or plain[0] in SURNAMES) and 1 <= len(given) <= 2
        if (
            not known
            or plain in _NO_PERSONS
            or plain in _NO_VALUES
            or plain[:2] in _NO_VALUES
            or plain[-2:] in _NO_VALUES
        ):
            continue
        if plain != broken and (colon is None and label[0] not in _SUBJECT_SET and label[0] not in _FIELDS):
            continue
        loose = label[0] in _LOOSE_LEFT
        if any(character in _NO_GIVEN for character in given) and not (colon and not loose and label[0] in _FIELDS):
            continue
        identified = _WORDS_AFTER.match(text, value.end())
        if colon is None and any(label[0][-size:] + plain[0] in lexicon.words for size in (1, 2)):
            # "陪护费转账": the label goes on.
            continue
        if colon is None and not identified:
            office = label[0][-1] in "人者员方" and label[0] not in _SUBJECT_SET
            if plain in lexicon.words and plain not in gazetteers.chinese_word_names() and not office:
                continue
            if loose or (len(plain) == 2 and plain in gazetteers.chinese_words() and label[0] in _SUBJECT_SET):
                continue
            if surname == 1 and plain[:2] in gazetteers.chinese_words() and given not in lexicon.words:
                continue
        elif loose and colon is not None and ":" not in colon and "：" not in colon and plain in lexicon.words:
            continue
        if ":" in (colon or "") or "：" in (colon or ""):
            # Speakers' words in a dialogue and free text behind a role: "护士：好", "家属：明白".
            spoken = not re.match(r"[ ]{2}|　|[\t|｜]", text[value.end() : value.end() + 2])
            named = plain not in gazetteers.chinese_words() and (surname == 2 or _reads_as_given(given, lexicon))
            if spoken and label[0] in _SPEAKERS and not identified and not named:
                continue
        yield Person(value.start("name"), value.end("name"), 0.85)


_SPEAKERS = frozenset(
    words("患者 病人 患儿 家属 老人 老太 儿子 女儿 妻子 丈夫 母亲 父亲 妈妈 爸爸 护士 医生 大夫 医师 陪护 护工")
)
_IDENTIFIED = re.compile(
    rf"(?<![{_HAN}])(?P<name>[{_HAN}]{{2,4}}|[{_HAN}](?: [{_HAN}]){{1,2}})(?={_WORDS_AFTER.pattern})"
)
_BEDDED = re.compile(
    rf"\d床[ 　]+(?P<name>(?:{'|'.join(sorted(COMPOUND))}|[{''.join(sorted(SURNAMES))}])[{_HAN}]{{1,2}})(?=[ 　])"
)
_SINGLE = re.compile(rf"(?:(?<=\n)|(?<=[。；])|^)[ 　]*(?P<name>[{_HAN}])(?=[，,][ ]?[男女][，,][ ]?(?:约)?\d)")
_MASKED = re.compile(
    rf"(?P<name>(?:{'|'.join(sorted(COMPOUND))}|[{''.join(sorted(SURNAMES))}])[×Xx＊*○〇△□]{{1,3}})(?![A-Za-z\d])"
)


def _identified(text: str, lexicon: _Lexicon) -> Iterator[Person]:
    """Words between signs that sex, age, birth or a number of a person follow."""
    for match in _IDENTIFIED.finditer(text):
        plain = match["name"].replace(" ", "")
        surname = 2 if plain[:2] in COMPOUND else 1
        if not 1 <= len(plain) - surname <= 2 or (surname == 1 and plain[0] not in SURNAMES):
            continue
        if plain in _NO_VALUES or plain in _NO_PERSONS - _WORD_NAMES or any(c in _NO_GIVEN for c in plain[surname:]):
            continue
        if plain[:2] in _NO_PERSONS - _WORD_NAMES:
            continue
        if lexicon.words.get(plain, -99.0) > -10.0 and plain not in gazetteers.chinese_word_names() | _WORD_NAMES:
            continue
        if plain in gazetteers.chinese_words() and plain not in gazetteers.chinese_word_names() | _WORD_NAMES:
            continue
        if _ANY_LEFT.fullmatch(plain) or _title_at(plain, 1) == len(plain) - 1:
            continue
        yield Person(*match.span("name"), 0.75)
    for match in _BEDDED.finditer(text):
        name = match["name"]
        surname = 2 if name[:2] in COMPOUND else 1
        if len(name) - surname in (1, 2) and name not in _NO_PERSONS and lexicon.words.get(name, -99.0) < -10.5:
            yield Person(*match.span("name"), 0.6)
    for match in _SINGLE.finditer(text):
        yield Person(*match.span("name"), 0.75)
    for match in _MASKED.finditer(text):
        if match["name"][0] != "×" and _before(text, match.start()).score > -1.0:
            yield Person(*match.span("name"), 0.78)


_SHIFTS = frozenset("夜白中早晚值当交接")
_COUNTING = frozenset("元万支张分单宗双连号门包管班周")
_COUNTED_BY = frozenset("那这几每两某各第一二三四五六七八九十半")
"""Surnames that are what is counted, behind a digit."""
_WEEKDAYS = frozenset("一二三四五六日天末")
_WORD_NAMES = frozenset(
    words(
        "安静 平安 白雪 高峰 常乐 时望 路远 平心 方便 明确 高远 文静 安宁 高兴 宁静 向阳 安康 温和 "
        "安然 成功 和平 金星 白云 高明 马力 石头"
    )
)
"""Words that are borne as names where a field, a sex or a number shows a person."""
_NICKNAMES = frozenset(
    words(
        "囡囡 妞妞 豆豆 毛毛 嘟嘟 丫丫 妮妮 乐乐 贝贝 壮壮 胖胖 牛牛 蛋蛋 果果 糖糖 朵朵 萌萌 琪琪 "
        "佳佳 欣欣 涵涵 轩轩 彤彤 瑶瑶 洋洋 阳阳 浩浩 "
        "晨晨 童童 甜甜 圆圆 笑笑 安安 琳琳 婷婷 娜娜 丽丽 莉莉 强强 军军 宁宁 蒙蒙 玲玲 珍珍 兰兰 "
        "芳芳 燕燕 二毛 大毛 三毛 小毛 狗剩 狗蛋 "
        "铁蛋 铁柱 栓柱 柱子 栓子 虎子 二狗 二丫 大丫 小丫 臭蛋 毛蛋 二蛋 丫头 妮子 小宝 大宝 二宝 小虎 阿毛 阿宝"
    )
)
_GIVEN_VALUE = re.compile(rf"[{_HAN}]{{2}}(?=[，。、；,;（(\s”」—]|$|来|扶|陪|送|诉|说|在|呢|于|的|探|已|也|和|上次)")
_FAMILIAR = re.compile(rf"(?<![{_HAN}])[{_HAN}]{{1,2}}(?=妈妈|爸爸|奶奶|爷爷|妈|爸|自述|呢？|都好|你用)")
_SIGNATURE = re.compile(
    rf"(?:(?<=\n)|(?<=[。；])|(?<=——)|(?<=— ))[ 　\t]*(?P<name>[{_HAN}]{{1,3}})(?=[，, 　]*(?:\d{{2,4}}[-./年]\d{{1"
    rf",2}}|\d{{1,2}}月)[\d\-./年月日号 ]*(?:\n|$)|[ 　\t]*\n?$)"
)
_SIGNED_OFF = re.compile(rf"——[ 　]?(?P<name>[{_HAN}]{{1,3}})(?=[ 　]*(?:\n|$))")
_BROKEN = re.compile(
    rf"(?<![{_HAN}])(?P<name>[{''.join(sorted(SURNAMES))}]\n(?P<given>[{_HAN}]{{1,2}}))(?=已|签|"
    r"来|陪|送|[，。、（(]|男|女)"
)
_NICKNAME = re.compile(rf"(?:{'|'.join(sorted(_NICKNAMES))})(?!白|病|症|征|菌)")
_QUOTED = re.compile(
    "(?:自称|人称|名叫|叫做|叫作|叫|小名|乳名|昵称|网名|绰号|外号|别名|微信名|称呼|称他|称她|唤作|喊他|喊她"
    r"|[（(])(?:为|是|作)?[:：]?\s?"
    rf"[“\"「『‘'](?P<name>[{_HAN}]{{2,4}})[”\"」』’']"
)
_PARENT_OF = re.compile(rf"(?P<name>[{_HAN}]{{2}})(?=[他她](?:妈|爸|爹|娘|奶|爷|姥|婶|叔|哥|姐|姨|舅|姑|大伯))")
_AH = re.compile(rf"阿[{_HAN}](?=[，。、；,;（(\s”：:]|$|都|是|说|来)")
_CALLED = re.compile(rf"姓(?P<name>[{_HAN}]{{1,4}})(?=[，。、；,;（(\s”！!]|$)")
_LONE = re.compile(
    r"(?:责护|责任护士|值班护士|值班医生|夜班|白班|中班|交班|接班|值班|主管医师|管床|签名|签字|"
    r"护士长|医师签名|社工|核对|复核|审核|记录)"
    rf"[ 　\t]*[:：]?[ 　\t]*(?P<name>[{_HAN}]|[{_HAN}]{{2}})(?=[ 　\t]*(?:$|[\n\t，,。；;|]|已|  ))"
)


_ONE_SURNAME = rf"(?:{'|'.join(sorted(COMPOUND))}|[{''.join(sorted(SURNAMES))}])"
_LONE_DUTY = re.compile(
    # 军医曹。 分诊护士沈， 记：郑 查房（林） 阅，计。
    "(?:[医护药技][生师士]|[医军村校厂法]医|大夫|护士|主任|院长|老师|民警|警官|社工|司机"
    rf"|护工)[（( 　]{{0,2}}(?P<role>{_ONE_SURNAME})(?=[）)，。,；;、]|[ 　]*(?:\n|$)|　|  )"
    rf"|(?<![{_HAN}])(?:记|交|接|签|诊|录|核|校|查|配|发|测|执|收|阅|审|术|助|麻|护|医|药|检"
    rf"|报)[:：][ 　]?(?P<act>{_ONE_SURNAME})(?=[ 　]|[）)，。,；;、/]|\n|$)"
    rf"|(?:查房|会诊|值班|出诊|主刀|二线|一线|带教)[（(](?P<held>{_ONE_SURNAME})[）)]"
    rf"|(?:同意|已阅|批准|照办|属实)[，, 。]{{1,2}}(?P<signed>{_ONE_SURNAME})(?=[。，\n]|$)"
)
_LONE_PAIR = re.compile(
    r"(?:(?<=\n)"
    rf"|^)[ 　\t]*(?P<first>{_ONE_SURNAME})[、/／](?P<second>{_ONE_SURNAME})"
    rf"(?:[、/／](?P<third>{_ONE_SURNAME}))?(?=[ 　\t]|\n|$|[，。])"
)
_LONE_WARD = re.compile(
    "(?:科|普外|胸外|心外|神外|脑外|骨外|泌外|肝胆|胃肠|心内|呼内|神内|肾内|消化|内分泌|血液|肿瘤|妇产|麻醉|影像|超声"
    "|病理|检验|ICU|急诊|二线|一线|总值班)"
    rf"(?P<ward>{_ONE_SURNAME})(?=看过|看后|会诊|已[看阅到]|来[看会]|到场|到位|示[:：]|建议|同意|签字|处理|嘱)"
)
_INITIALS = re.compile(
    r"(?:缩写|首字母|拼音|代号|代码名)[:：为]?[ 　]?(?P<short>[A-Z]{2,4})(?![A-Za-z\d])"
    "|(?:Name|NAME|姓名拼音|拼音"
    r"|姓名)[:：]?[ 　]?(?P<latin>[A-Z][A-Za-z]*,?[ ][A-Z][A-Za-z]*(?:[ ][A-Z][A-Za-z]*)?)(?![A-Za-z\d])"
)


def _given_names(text: str, lexicon: _Lexicon) -> Iterator[Person]:  # noqa: C901 -- one rule after another
    """Given names or surnames that stand alone where only a person does."""
    for label in _ANY_GIVEN.finditer(text):
        value = _GIVEN_VALUE.match(text, label.end())
        if value and _is_given(value[0], lexicon, label[0]):
            yield Person(*value.span(), 0.54)
    for match in _FAMILIAR.finditer(text):
        if _is_given(match[0], lexicon, "妈妈") and (len(match[0]) == 2 or match[0] in lexicon.surnames):
            yield Person(*match.span(), 0.54)
    for match in _SIGNATURE.finditer(text):
        name = match["name"]
        if name in _NO_VALUES or name in _NO_PERSONS:
            continue
        if len(name) == 3 and name[0] not in SURNAMES:
            continue
        given = name[1:] if len(name) == 3 else name
        a_name = name[0] in SURNAMES and name not in gazetteers.chinese_words()
        if len(given) == 2 and not a_name and not _reads_as_given(given, lexicon):
            continue
        if len(name) == 1 and not _reads_as_given(name, lexicon):
            continue
        if name in gazetteers.chinese_words() and lexicon.words.get(name, -99.0) > -10.0:
            continue
        yield Person(*match.span("name"), 0.54)
    for match in _SIGNED_OFF.finditer(text):
        if match["name"] not in _NO_VALUES:
            yield Person(*match.span("name"), 0.54)
    for match in _BROKEN.finditer(text):
        if _reads_as_given(match["given"], lexicon):
            yield Person(*match.span("name"), 0.6)
    for match in _NICKNAME.finditer(text):
        if _before(text, match.start()).score > 0:
            yield Person(*match.span(), 0.54)
    for match in _QUOTED.finditer(text):
        name = match["name"]
        familiar = (
            name in _NICKNAMES or name[0] in "小大老阿二三" or name[-1] in "子儿娃哥姐妹娘" or name[0] == name[-1]
        )
        word = name in gazetteers.chinese_words() and name not in _NICKNAMES and name[0] not in "小大老阿"
        if not word and (familiar or _reads_as_given(name[-2:], lexicon) or name[0] in COMMON_SURNAMES):
            yield Person(*match.span("name"), 0.61)
    for match in _PARENT_OF.finditer(text):
        name = match["name"]
        if name[0] == name[1] or name[0] in "小大阿二三" or name in _NICKNAMES or _is_given(name, lexicon, "妈妈"):
            yield Person(*match.span("name"), 0.56)
    for match in _AH.finditer(text):
        if match[0] not in _NO_PERSONS and match[0] not in lexicon.words:
            yield Person(*match.span(), 0.56)
    for match in _CALLED.finditer(text):
        name = match["name"]
        if name in COMPOUND or name in SURNAMES or _ONE_PART.fullmatch(name):
            yield Person(*match.span("name"), 0.6)
    for pattern in (_LONE_DUTY, _LONE_PAIR, _LONE_WARD):
        for match in pattern.finditer(text):
            for group in match.groupdict():
                name = match[group]
                if name and name not in _NO_LONE and (name in COMPOUND or name in SURNAMES):
                    yield Person(*match.span(group), 0.59)
    for match in _INITIALS.finditer(text):
        yield Person(*match.span(match.lastgroup or "short"), 0.6)
    for match in _LONE.finditer(text):
        name = match["name"]
        if name in _NO_LONE:
            continue
        if name in COMPOUND or name in SURNAMES or (len(name) == 1 and _reads_as_given(name, lexicon)):
            yield Person(*match.span("name"), 0.6)


_NO_LONE = frozenset("单表本册簿员者人处部科室组时后前和与班")
_ANY_GIVEN = re.compile(
    "|".join(sorted((label for label in _GIVEN_SLOT if len(label) > 1), key=lambda label: (-len(label), label)))
    + rf"|叫|(?<![{_HAN}])[徒女子儿妻夫][ 　]*"
)


def _is_given(name: str, lexicon: _Lexicon, label: str) -> bool:
    if name in _NO_VALUES or name in _NO_PERSONS or name in _LEFT or any(character in _NO_GIVEN for character in name):
        return False
    if _ONE_PART.fullmatch(name):
        return True
    probability = lexicon.words.get(name, -99.0)
    if label in ("我叫", "名叫", "化名", "昵称", "网名", "小名", "乳名", "妈妈"):
        return _reads_as_given(name, lexicon) and name not in _RELATIONS and name not in _SUBJECTS
    strict = label in ("叫", "女", "子", "徒", "家属", "老伴", "父亲", "母亲")
    return _reads_as_given(name, lexicon) and probability < (-10.0 if strict else -9.5)


_HEADER = re.compile(
    r"^(?=[^\n]*(?:\t|\||｜| {2,}|　))(?=[^\n]*(?:姓名|患者|医师|医生|主管|护士|签名|经治|管床|负责人|联系人))[^\n]*$",
    re.MULTILINE,
)
_CELLS = re.compile(r"\t|[ 　]*[|｜][ 　]*|[ 　]{2,}|　")
_PERSON_COLUMN = re.compile(
    r"(?:.{0,4}姓\s?名|患者|病人|.{0,4}(?:医师|医生|护士|大夫|签名|签字|签收人?|主管|经治|管床|"
    r"责护|负责人|联系人|家属|经办人?|操作者|记录者|审核者?|检验者|值班|接诊|主刀|术者|助手|麻醉))"
)


def _columns(text: str) -> Iterator[Person]:
    """Cells below a head that says person."""
    for header in _HEADER.finditer(text):
        heads = [head.strip() for head in _CELLS.split(header[0].strip())]
        persons = {place for place, head in enumerate(heads) if _PERSON_COLUMN.fullmatch(head)}
        if len(heads) < 2 or not persons or any(re.search(r"\d", head) for head in heads):
            continue
        start = header.end() + 1
        while start < len(text):
            end = text.find("\n", start)
            end = len(text) if end < 0 else end
            line = text[start:end]
            cells: list[tuple[int, int]] = []
            position = len(line) - len(line.lstrip())
            for gap in _CELLS.finditer(line, position):
                cells.append((position, gap.start()))
                position = gap.end()
            cells.append((position, len(line)))
            if len(cells) != len(heads):
                break
            for place in persons:
                left, right = cells[place]
                value = line[left:right].strip()
                borne = len(heads) > 2 or value[:1] in SURNAMES or _ONE_PART.match(value) is not None
                if len(value) > 3 and not re.search("[·•]", value) and not _ONE_PART.search(value):
                    borne = borne and value[:2] in COMPOUND
                if (
                    borne
                    and re.fullmatch(rf"[{_HAN}·•]{{1,12}}", value)
                    and value not in _NO_VALUES
                    and value not in "无男女"
                ):
                    yield Person(start + left, start + left + len(value), 0.8)
            start = end + 1


_OF_DOTTED = re.compile("之[子女妻夫母父]|的")
_PART_GIVEN = re.compile(rf"[{_HAN}]{{2}}(?=$|[^{_HAN}])")


def _non_han(text: str) -> Iterator[Person]:
    """Names in other languages' way: with dots inside, or of those languages' parts."""
    for match in _DOTTED.finditer(text):
        start, end = match.span()
        if beyond := _OF_DOTTED.search(
            text, text.rfind(match[0][-1], start, end) - 8 if end - start > 9 else start + 2, end
        ):
            end = beyond.start()
        first = re.split(r"[·•・‧∙]", match[0])[0]
        # What runs into the name from the left is cut off at a label, or at what is left of a long first part.
        for cut in range(len(first) - 1, 0, -1):
            if (
                first[max(0, cut - _LONGEST_LEFT) : cut]
                and any(
                    first[cut - size : cut] in _LEFT or first[cut - size : cut] in _WEAK_LEFT
                    for size in range(1, min(cut, _LONGEST_LEFT) + 1)
                )
                and len(first) - cut >= 2
            ):
                start += cut
                break
        else:
            cut = 0
        yield Person(start, end, 0.86)
    for match in _OF_PARTS.finditer(text):
        yield Person(*match.span(), 0.72)
    lexicon = name_lexicon()
    for match in _ONE_PART.finditer(text):
        before = _before(text, match.start())
        if match.end() - match.start() > 2 and _after(text, match.end()) > -2:
            yield Person(*match.span(), 0.71)
            continue
        titled = _title_at(text, match.end()) > 1
        familiar = text[match.start() - 1 : match.start()] in ("小", "老")
        value = _PART_GIVEN.match(text, match.end())
        if value and before.score > 0 and _reads_as_given(value[0], lexicon) and value[0] not in lexicon.words:
            yield Person(match.start(), value.end(), 0.6)
        if (titled and before.score > -1.0) or (familiar and text[match.end() : match.end() + 1] in "啊的，。、说"):
            yield Person(*match.span(), 0.6)


def _repeated(text: str, names: Iterable[str], lexicon: _Lexicon) -> Iterator[Person]:
    """Where names that were found elsewhere in the text stand again, whole or as given name alone."""
    everyday = gazetteers.chinese_words()
    givens: dict[str, None] = {}
    for name in names:
        if "·" in name:
            for part in re.split("[·•・‧∙]", name):
                if len(part) >= 2:
                    givens[part] = None
        if len(name) < 2 or (len(name) == 2 and name in everyday):
            continue
        for match in re.finditer(r"\s?".join(map(re.escape, name)), text):
            yield Person(*match.span(), 0.7)
        surname = 2 if name[:2] in COMPOUND else 1
        if len(name) - surname == 2 and (surname == 2 or name[0] in SURNAMES):
            givens[name[surname:]] = None
    for given in givens:
        rare = lexicon.words.get(given, -99.0) < _RARE_GIVEN
        for match in re.finditer(re.escape(given), text):
            left, following = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
            before = _before(text, match.start()).score
            ends = not "\u4e00" <= following <= "\u9fff"
            if (
                given not in lexicon.words
                or (before > 0 and _after(text, match.end()) > 0 and given not in everyday)
                or (rare and (before > 0 or left in _WITH) and (following in _OF or ends))
                or (given in everyday and before > 0 and ends and left in _WITH)
            ):
                yield Person(*match.span(), 0.53)
    yield from _repeated_short(text, {name[-1] for name in names if len(name) == 2 and name[0] in SURNAMES})


def _repeated_short(text: str, givens: Iterable[str]) -> Iterator[Person]:
    """Given names of one character that stand alone behind a relation or role, or before someone of theirs."""
    for given in sorted(givens):
        if not "\u4e00" <= given <= "\u9fff":
            continue
        for match in re.finditer(given, text):
            start, end = match.span()
            ends = not "\u4e00" <= text[end : end + 1] <= "\u9fff"
            if (_SHORT_LEFT.search(text, max(0, start - 4), start) and (ends or text[end] in _DOES)) or (
                text[start - 1 : start] in _WITH and _KIN_OF.match(text, end)
            ):
                yield Person(start, end, 0.53)


_RARE_GIVEN = -11.0
_OF = frozenset("的他她也都说在来去把给跟和让陪已又就开")
_DOES = frozenset("开来送陪说在也扶带叫打给去接的")
_SHORT_LABELS = (*_RELATIONS, *_SUBJECTS, "收件", "寄件", "抄方", "换药", "洗牙", "联系", "是", "叫", "由")
_SHORT_LEFT = re.compile(
    f"(?:{'|'.join(sorted(set(_SHORT_LABELS), key=lambda label: (-len(label), label)))})[:：]?[ 　]?$"
)
_KIN_OF = re.compile(
    "的(?:娘|妈|爸|爹|爷|奶|妻|夫|儿|女|哥|姐|弟|妹|叔|姨|姑|舅|嫂|婆|公|爱人|老公|老婆|老伴|家属|父|母)"
)


_WITH = frozenset("陪找叫给问替对让跟送嘱是和约请托把被等")


_OFFICE = re.compile(
    rf"(?<![{_HAN}])[{_HAN}]{{1,8}}(?:人员?|者|员|师|护士|医生|大夫|长|主任|教授|代表|方|签名|签字|姓名"
    r"|名字)(?:[（(][^）)\n]{1,8}[）)])?"
    rf"[ \t　]*[:：][ \t　]*(?P<name>[{_HAN}]{{2,4}})(?=$|[^{_HAN}·•・])"
)


def _known_whole(name: str, lexicon: _Lexicon) -> bool:
    """Whether a whole field reads as a surname with a given name, and not as a word."""
    surname = 2 if name[:2] in COMPOUND else 1
    given = name[surname:]
    return (
        (surname == 2 or name[0] in SURNAMES)
        and 1 <= len(given) <= 2
        and not any(character in _NO_GIVEN for character in given)
        and not {name, name[:2], name[-2:]} & (_NO_PERSONS | _NO_VALUES)
        and name not in gazetteers.chinese_words()
        and (len(given) == 2 or name not in lexicon.words)
        and (_reads_as_given(given, lexicon) or given not in lexicon.words)
    )


def _offices(text: str, lexicon: _Lexicon) -> Iterator[Person]:
    """Fields behind an office that no list has: 受理人, 采血者, 放射防护员."""
    for match in _OFFICE.finditer(text):
        if _known_whole(match["name"], lexicon):
            yield Person(*match.span("name"), 0.74)


_AND = re.compile(rf"[、/／和及](?P<name>[{_HAN}]{{2,4}})(?=$|[^{_HAN}·•・])")


def _listed(text: str, found: Iterable[Person], lexicon: _Lexicon) -> Iterator[Person]:
    """What a list goes on with behind a person: another whole name, or a given name alone."""
    for person in found:
        if person.start > 3 and text[person.start - 1] in "、和与及":
            for size in (3, 2):
                name = text[person.start - 1 - size : person.start - 1]
                whole = len(name) == size and _RUN.fullmatch(name) is not None and name[0] in _BORNE
                if whole and _known_whole(name, lexicon) and _reads_as_given(name[1:], lexicon):
                    yield Person(person.start - 1 - size, person.start - 1, 0.57)
                    break
        match = _AND.match(text, person.end)
        if match is None or person.end - person.start < 2:
            continue
        name = match["name"]
        given = len(name) == 2 and _is_given(name, lexicon, "叫")
        if given or (len(name) < 4 and _known_whole(name, lexicon)):
            yield Person(*match.span("name"), 0.58)


_TORN = re.compile(rf"(?P<left>[{_HAN}]{{1,10}})\n(?P<right>[{_HAN}]{{1,8}})")


def _over_line_ends(text: str, lexicon: _Lexicon) -> Iterator[Person]:
    """Names that a line's end tears: 兹证明费|淑媛."""
    for match in _TORN.finditer(text):
        first, cut = match.start(), match.end("left")
        # What stands before the stretch says as much as on one line.
        window = text[max(0, first - 6) : cut] + text[cut + 1 : match.end() + 8]
        shift = max(0, first - 6)
        place = cut - shift
        begins = next((run.start() for run in _RUN.finditer(window) if run.start() < place < run.end()), None)
        if begins is None:
            continue
        run = _RUN.match(window, begins)
        if run is None:
            continue
        for start, end in _names(window, run.start(), run.end(), lexicon):
            if start < place < end and (_before(window, start).score > 0 or _after(window, end) >= 1.0):
                yield Person(start + shift, end + shift + 1, 0.62)


def find_persons(text: str) -> list[Person]:
    """Names in a text, overlapping where several readings found them."""
    text = text.translate(simplified())
    lexicon = name_lexicon()
    found = [*_non_han(text), *_columns(text), *_whole_fields(text, lexicon), *_identified(text, lexicon)]
    found += _given_names(text, lexicon)
    for run in _RUN.finditer(text):
        for start, end in _names(text, run.start(), run.end(), lexicon):
            found.append(Person(start, end, 0.6))
    found += _offices(text, lexicon)
    found += _over_line_ends(text, lexicon)
    found += list(_listed(text, found, lexicon))
    found += list(
        _repeated(text, dict.fromkeys(re.sub(r"\s", "", text[one.start : one.end]) for one in found), lexicon)
    )
    return _without_overlaps(found)


def _without_overlaps(persons: list[Person]) -> list[Person]:
    """The best of each group that overlaps, by score and then length."""
    kept: list[Person] = []
    spans: list[tuple[int, int]] = []
    for one in sorted(persons, key=lambda person: (-person.score, person.start - person.end)):
        place = bisect_left(spans, (one.start, one.end))
        # Those kept don't overlap, so only the two beside it can.
        if all(one.end <= start or one.start >= end for start, end in spans[max(0, place - 1) : place + 1]):
            spans.insert(place, (one.start, one.end))
            kept.append(one)
    return kept
