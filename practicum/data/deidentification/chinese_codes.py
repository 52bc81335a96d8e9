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
_BICYCLE = re.compile(
    r"(?:牌照|号牌|车牌号?)[:：]?\s?(?P<value>(?!号)[\u4e00-\u9fff]{2}[A-Z]?\d{5,7})(?!\d)"
    r"|(?:电动(?:自行|摩托|三轮)?车|电瓶车|两轮车|助力车|自行车|电驴|骑)[:：（(\s]{0,2}"
    r"(?P<ridden>(?!编号|号码|牌号|车牌|证号|电话|条码)[\u4e00-\u9fff]{2}电?[A-Z]?\d{5,7})(?!\d)"
)

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
    # 皖D207应急, of the fire brigade; WJ·消31-07; an electric bicycle's 苏B电204417, 临电30417
    rf"|{_PROVINCE}[A-HJ-NP-Z][ ·.\-]?\d{{3,5}}(?:应急|消防|救援)"
    r"|(?<![A-Za-z])WJ[ ·.\-]?[\u4e00-\u9fff]?[ ·]?\d[\dA-Z]{0,2}-?\d{2,5}[A-Z]?(?![\dA-Za-z])"
    rf"|{_PROVINCE}[A-HJ-NP-Z]电[临动]?[A-Z]?\d{{5,7}}(?!\d)|(?<![\u4e00-\u9fff][来致回去])(?:电临|临电|临时?牌)[:：]?[A-Z]?\d{{4,7}}(?!\d)"
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
_CARD_HEAD = re.compile(
    r"(?:(?:银行|收款|工资|社保)?卡号?)[（(]?[后末尾][四4]位[）)]?|(?:银行|收款)?(?:卡|[账帐]户)?尾号"
)
_HEADS: tuple[tuple[re.Pattern[str], IdentifierKind], ...] = (
    (_LAST_FOUR_HEAD, "resident_id"),
    (_CARD_HEAD, "bank_card"),
)
_FOUR = re.compile(r"\d{3}[\dXx]")
_CREW = re.compile(
    # 急救07-19, 救护033, 120-A49车, 车组：JH-501
    r"(?<!\d)(?:急救|救护|120[-－])[A-Z]?\d{2,3}(?:-\d{1,3})?(?:号?车)?(?![\d年月])"
    # 急41号车, 沪急-206, 120急救3号车; 改由QF-28接走, 另QF-28候命
    r"|(?<![\u4e00-\u9fff])急\d{1,3}号?车|(?<=[由乘坐派叫上交转车])急\d{1,3}号?车|[\u4e00-\u9fff]急[-－]\d{2,4}(?![\d\-])"
    r"|(?:[由另乘坐派交]|换车|换乘|接驳|车组|救护车|消防车)(?P<called>(?!CT|MR|PD|IL|CD|HP|ICU|CA|DR|US)[A-Z]{2,3}-\d{2,4})"
    r"(?=候命|待命|到场|出车|出动|增援|接|送|转|护送|运|抵|返|车|[。；，、）)\n]|$)"
    r"|车组[号:：\s]{1,3}(?P<crew>[A-Z]{1,3}-?\d{1,4})(?![\w-])"
)
_CARD_BEHIND = re.compile(r"(?:退至|退回|转入|打到|打至|汇至)(?:尾号)?[:：\s]{0,2}(?P<value>\d{4})(?![\d.,元年月])")

_FEW_LETTERS = r"(?!c[ad]\d|rs\d|il\d|mi?r\d|chr\d|hla|hpv|ki\d)[a-z]{1,8}\d{2,6}[a-z]{0,2}"
"""A few letters with a number, as hospitals name users: zw1204, icu07ld."""
_LOGIN = (
    r"(?![vV]\d|[Ww]{3}\.|(?-i:PACS|HIS|LIS|EMR|RIS|VPN|OPEN)[\d._-])"
    r"[A-Za-z](?=[\w.\-]*[\d_.])[A-Za-z\d]*(?:[._\-][A-Za-z\d]+){0,3}"
)
_NO_DOMAIN = r"(?<!\.com)(?<!\.cn)(?<!\.net)(?<!\.org)(?![\w/\\]|@[A-Za-z]|[.\-][A-Za-z\d])"
_USER = re.compile(
    # 登录zhou_m7, 导出人 hushi.12, "loginId": "ygb_204", <op>lis_3</op>, Failed password for ygb_204
    r"(?:[账帐]号|账户名|用户名?|登[录陆](?:名|账号|帐号|用户|号|ID|id)?|登入|支付宝|微信号?"
    r"|操作(?:员|人|者|账号|(?=[:：\s]{1,2}(?-i:[a-z])))"
    r"|(?:上传|登|绑定|收款码|收款商户|付款码|转账|钱转|现登|复核|审核|盘点|经办)(?=[:：\s]{0,2}(?-i:[a-z]))"
    r"|(?:导出|打印|录入|审核|提交|执行|调阅|查询|报修|填报|上传)[人者员]|坐席|收费员|经手人|工号|\b(?:login|user|account|oper(?:ator)?|staff|clerk)"
    r"(?:_?(?:id|name))?(?![A-Za-z])|\b(?:op|uid|audit|bastion|password for(?: invalid user)?)\b|_by\b)"
    r"(?:如|为|是|[:：=]|\"|>|\s){0,4}(?:[\u4e00-\u9fff·]{2,12}[（(])?[\"'（(]?"
    rf"(?P<value>(?=[\w.\-]{{4,24}}(?![\w.\-])){_LOGIN}){_NO_DOMAIN}"
    r"|(?:[账帐]号|登[录陆]?(?:名|账号)?|用户名|报修人)[:：]?\s?(?:[\u4e00-\u9fff·]{2,12}[（(])?"
    r"(?P<letters>(?!admin|root|guest|system|test|user|password|null|none|login|true|false)[a-z]{5,16})(?![\w.@/\-:])",
    re.ASCII | re.IGNORECASE,
)
"""Users of computers, where no blank or colon need stand between the label and the name."""
_MORE_USERS = re.compile(
    rf"(?:[、，,/和及]\s?|[ 　，,]{{0,2}}(?:临时|后|现)?(?:改用|换用|改为)\s?)"
    rf"(?P<value>(?=[\w.\-]{{4,24}}(?![\w.\-])){_LOGIN}){_NO_DOMAIN}",
    re.ASCII,
)
_LONE_USER = re.compile(
    # nurse_305 by its form; kq4471f behind a name, before what users do or between the bars of a message
    r"(?<![\w.@/\\\-])(?P<form>(?!(?:no|ver|fig|vol|rev|tab|ref|lot|img|dsc|eq|sp|ed|chr|version|build|page)[._])[a-z]{2,12}[._]\d{2,6}"
    r"[a-z]{0,2})(?![\w.@/\\\-])"
    rf"|(?:(?<=[\u4e00-\u9fff][（(])|(?<=\|)|(?<=/))(?P<beside>{_FEW_LETTERS})(?=[）)|/])"
    rf"|(?<![\w.@/\\\-])(?P<does>{_FEW_LETTERS}|(?!admin|root|guest|system|test|user|null|none)[a-z]{{5,12}})"
    r"[ ]?(?=(?:[、和及/][a-z]{1,8}[._]?\d{2,6}[a-z]{0,2})*[（(]?(?:审核|复核|录入|签发|签名|核对|核收|校对|发布"
    r"|导出|打印|补录|修改"
    r"|查阅|调阅|提交|解锁|停用|迁移|代录|登记|确认|签收))",
    re.ASCII,
)
"""Users of computers without a label."""
_USER_HEAD = re.compile(
    r"(?:user(?:_?(?:name|id))?|login(?:_?(?:name|id))?|account|operator|op|[账帐]号|用户名?|用户账号|登录名|登录账号"
    r"|操作(?:员|人|账号)|员?工号)",
    re.IGNORECASE,
)
_CELL_USER = re.compile(rf"{_LOGIN}|[A-Za-z]{{0,4}}\d{{4,10}}", re.ASCII)
_MASKED = re.compile(
    r"(?<![\w*])(?:(?P<phone>1[3-9\d]\d\*{3,6}\d{3,4})|(?P<account>(?:[A-Za-z]{1,8}_)?[A-Za-z\d]{2,6}\*{3,12}\d{2,5}))(?![\w*])"
)
"""A telephone number or an account whose middle a form hides."""
_PAID_TO = re.compile(
    r"(?:打[到至进给]|付[至到]|汇[至到入]|转[到至入]|退[到至回]|存入)[^\d\n，。；]{0,6}"
    r"(?P<value>(?=(?:\d ?){10})\d{4}(?: ?\d{2,7}){2,5}(?<=\d{2}))(?![\d.]|\s?元)"
    r"|(?<![\d.] )(?<![\d.\-])(?P<groups>\d{4} \d{4} \d{4} \d{2,4}(?: \d{1,4})?)(?![\d.]| \d)"
)
_DEPOSIT = re.compile(
    # 预交金 住预7302218, 押金条号：押00417, 定点账户
    r"(?:预交金?|预存款?|预付款?|押金|保证金)(?:账?户|账号|条|单|收据|凭证|编?号|号码){0,2}[:：为是\s（(]{0,3}"
    r"(?P<value>(?![\u4e00-\u9fff]{0,2}[已共计约余退收付补缴交还欠为额由从卡自经打划扣刷])[\u4e00-\u9fff]{1,3}第?-?(?=(?:[A-Z\-]*\d){4})[A-Z\d]+(?:-[A-Z\d]+)*)(?![A-Za-z\d.]|\s?[元万])"
)
_ASSET = re.compile(
    # 资产 设-7710-24, 固资-00817; IMEI 356021 09 771402 3
    r"(?P<asset>(?<![\u4e00-\u9fff])(?:医?设备?|固资?|资产?|仪|械|器)[-－]\d{2,}(?:-\d+)*|(?<=[\u4e00-\u9fff])(?:设|固|仪|械|固资|医设)[-－]"
    r"\d{3,}(?:-\d+)*)(?![\d.A-Za-z])"
    r"|IMEI(?:号码?)?[:：为是\s]{0,3}(?P<imei>\d{2,8}(?:[ -]\d{1,6}){2,4})(?!\d)"
    r"|(?:基台|愈合帽|钉仓|补片|导丝|球囊|内衬|螺钉|主钉|封堵器)[:：\s]{0,2}(?P<part>\d{5,}[A-Z]{1,3})(?![A-Za-z\d])"
)
_SERIES = "[超门住急病影放检护医药技体透化验血尿镜心核磁研伦诊康档案建床报处样标工警学证][\u4e00-\u9fff]?"
_NUMBERED = re.compile(
    # B超号超20417, 工号 工82772, 透析号 HD183, 建床号 JB-427; not 型号, 批号 and the like.
    r"(?:号|编号|标本|样本)[:：是为\s（(]{0,2}"
    rf"(?P<series>(?!手机|电话|传真|证[号件]){_SERIES}[A-Z]{{0,2}}-?\d{{4,10}})(?![A-Za-z\d.])"
    r"|[\u4e00-\u9fff](?<![型批机方本房床楼货件规产文款准体品案录图栋层道路点段符代信商])号[:：是为\s]{0,2}"
    r"(?P<code>(?!CT|MR|DR|US|ECG|COVID|HIS|PACS|LIS|IP|ID)[A-Z]{1,4}\d{0,2}-?\d{3,}(?:-\d+)*)(?![A-Za-z\d.])"
    # 手写腕带红-02, a triage's tag; 交警调解（第480171652913号）
    r"|(?:腕带|手环|伤票|伤情卡|分诊[牌卡]|检伤[牌卡])(?:编?号)?[:：为是\s]{0,2}(?P<tag>[红黄绿黑蓝白橙紫]色?-?\d{2,4})(?!\d)"
    r"|(?:住院|病案|病历|门诊|透析|档案)号[:：为是\s]{0,2}(?P<parted>\d{4,}-\d{1,3})(?![\d-])"
    r"|(?:建床|家床)号[:：为是\s]{0,2}(?P<bed>[A-Z]{1,4}-?\d{2,})(?![\w-])"
    r"|(?:调度|接线|话务|值班|接警)员[:：\s]{0,2}(?P<seat>\d{2,6})号?(?=[ 　]?[\u4e00-\u9fff])"
    r"|UID[\"'=:：\s(]{1,4}(?P<uid>(?!1\.2\.840\.10008)\d(?:\.\d+){5,})(?![\w.])"
)
_DOCUMENT = re.compile(r"(?<![\u4e00-\u9fff])第\d{5,}号")
_PERMIT = re.compile(
    # 经营许可证：粤穗食药监械经营许20270735号, a name behind which 证 and a code stand in brackets: （证协调F5263）
    r"(?:(?<=证[:：\s（(])|(?<=证号[:：\s])|(?<=证书[:：\s])|(?<=编号[:：\s]))"
    r"(?P<value>(?![\u4e00-\u9fff]*(?:电话|手机|邮编|传真|微信|年|日|费))"
    r"[\u4e00-\u9fff]{1,14}(?:[（(\[〔]\d{4}[)）\]〕])?(?:第)?[A-Z]{0,3}-?\d{5,}号?)(?![A-Za-z\d.])"
    # 安全生产许可证（皖）FM安许证字20417
    rf"|(?<=证)[:：]?(?P<province>[（(]{_PROVINCE}[）)][A-Z]{{0,4}}[\u4e00-\u9fff]{{1,8}}(?:[（(\[〔]\d{{4}}[)）\]〕])?第?\d{{4,}}号?)"
    r"|(?P<office>[\u4e00-\u9fff]{3,14}(?:许|备|证字|许字|证|准字)(?:第)?\d{6,}号)"
    r"|[（(]证号?[:：\s]?(?P<bracket>[\u4e00-\u9fff]{0,3}[A-Z]{0,3}-?\d{4,})[）)]"
)
_MARKED = re.compile(
    rf"(?:{_MARK_NAMES})[\u4e00-\u9fff:：（(\s]{{0,8}}?"
    r"(?P<value>(?:人像|人脸|虹膜?|指纹?|掌纹?|声纹?|静?脉|面|脸|唇|足|步)第?[A-Z]{0,3}-?\d{4,})(?![\d.A-Za-z%])"
)
"""A mark of the body whose number begins with a word for it."""
_LAST_FOUR_ASKED = re.compile(
    r"(?:身份证|证件)号?码?(?:的)?[后末尾][四4]位[^\n\d]{0,20}\n[^\n\d]{0,16}[:：]\s?(?P<value>\d{3}[\dXx])(?![\dA-Za-z])"
)
"""The end of a number that is asked for in one line and told in the next."""
_NUMBER_HEAD = re.compile(r"编号|工号|(?:筛选|随机|受试者|入组|剂量计|标本|样本|证件?|卡|个人)编?号码?")
_CELL_NUMBER = re.compile(r"(?!(?:19|20)\d\d-)[A-Z]{0,3}\d{3,10}(?:-\d{2,8})*", re.ASCII)

_TOLD: tuple[tuple[re.Pattern[str], IdentifierKind, float], ...] = (
    (_PAID_TO, "account", 0.88),
    (_DEPOSIT, "account", 0.92),
    (_ASSET, "device", 0.93),
    (_NUMBERED, "id_number", 0.86),
    (_DOCUMENT, "id_number", 0.91),
    (_PERMIT, "licence", 0.9),
    (_MARKED, "biometric", 0.95),
    (_LAST_FOUR_ASKED, "resident_id", 0.9),
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
_COLUMNS: tuple[tuple[re.Pattern[str], re.Pattern[str], IdentifierKind], ...] = (
    (_USER_HEAD, _CELL_USER, "account"),
    (_NUMBER_HEAD, _CELL_NUMBER, "id_number"),
)
"""Heads of columns, what their cells must be, and the kind of those."""


def _users_and_columns(text: str) -> Iterator[Candidate]:
    """Users of computers, cells of columns whose head names a number, and numbers of which a part is hidden."""
    for head, kind_of_card in _HEADS:
        for start, end in cells_below(text, head):
            if _FOUR.fullmatch(text, start, end):
                yield Candidate(start, end, kind_of_card, 0.95)
    for cell_head, cell, kind in _COLUMNS:
        for start, end in cells_below(text, cell_head):
            if cell.fullmatch(text, start, end):
                yield Candidate(start, end, kind, 0.9)
    for match in _USER.finditer(text):
        start, end = match.span(match.lastgroup or 0)
        yield Candidate(start, end, "account", 0.87)
        while more := _MORE_USERS.match(text, end):
            start, end = more.span("value")
            yield Candidate(start, end, "account", 0.87)
    for match in _LONE_USER.finditer(text):
        yield Candidate(*match.span(match.lastgroup or 0), "account", 0.87)
    for match in _MASKED.finditer(text):
        yield Candidate(*match.span(), "phone" if match["phone"] else "account", 0.92)


def find_chinese_numbers(text: str) -> Iterator[Candidate]:
    """Numbers that `find_chinese_codes` may leave."""
    yield from _users_and_columns(text)
    for pattern, kind, score in _TOLD:
        for match in pattern.finditer(text):
            yield Candidate(*match.span(match.lastgroup or 0), kind, score)
    for match in _BODY_MARK.finditer(text):
        group = "value" if match["value"] else "far"
        value = match[group]
        digits = sum(character.isdigit() for character in value)
        if digits >= (2 if digits < len(value) else 4) and not _MEASURED.match(text, match.end()):
            yield Candidate(*match.span(group), "biometric", 0.93)
    for match in _PHOTO.finditer(text):
        if any(map(str.isalpha, match["value"])) or len(match["value"]) >= 5:
            yield Candidate(*match.span("value"), "photo", 0.91)
