"""Ages over 89 in English and numbers: where they stand."""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501

import re
from collections.abc import Iterator

from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.tables import cells_below

_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
_UNITS_TH = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"
_OVER_89 = r"(?:9\d|1[0-2]\d)"
_NINETY_WORD = rf"ninety(?:[- ](?:{_UNITS}))?"
_HUNDRED_WORD = rf"(?:one|a)[- ]hundred(?:(?:[- ]and)?[- ](?:{_UNITS}|{_TEENS}))?"
_NINETY_TH = rf"(?:ninety[- ](?:{_UNITS_TH})|ninetieth|(?:one[- ])?hundredth|hundred[- ]and[- ](?:{_UNITS_TH}))"
_PERSON = (
    r"(?:father|mother|dad|mom|mum|parents?|(?:great[- ])?grand(?:father|mother|ma|pa|dad|parents?|aunt|uncle)|aunt(?:ie|y)?|uncle"
    r"|husband|wife|spouse|partner|brother|sister|sibling|cousin|friend|neighbou?r|companion|roommate|he|she|who|patient|pt|resident"
    r"|man|woman|lady|gentleman)"
)
_AGE = re.compile(
    # 93-year-old, 93 yo, 93M, 93岁
    r"(?<![\d./\-])(?P<n>9\d|1[0-3]\d)(?=(?:\s?-\s?|\s+)?(?:years?(?:\s?-\s?|\s+)(?:old|of age|young)|y\.?/?o\b"
    r"|yrs?\.?[ -](?:old|of age)|y\.o)|\s?(?:岁|周岁|歲)|\s?(?:yom|yof|F|(?-i:M)|m(?=\s(?:w/|with|c/o|p/w|who|h/o)))\b"
    r"|[- ](?:years?|yrs?)[- ](?:man|woman|male|female|lady|gentleman|patient|m\b|f\b)|\s?[/|]\s?[MF]\b"
    r"|[- ]?(?:yrs?|y)\b(?! (?:ago|history|pack))|[余多几来]岁)"
    # aged 93, age: 93, turned 93
    r"|\b(?:aged?|ages|age (?:is|of|at death|at diagnosis)|turn(?:ed|ing|s)|年龄|享年|时年|年龄为)\s*[:：=]?\s*(?P<o>9\d|1[0-3]\d)"
    r"(?!\d|[./]\d|[%+]|\s?(?:%|days?|weeks?|months?|mg|cm|degrees?|天|月))"
    r"|\b[MF]\s?[/|]\s?(?P<r>9\d|1[0-2]\d)(?![\d/.])"
    r"|(?:年龄|高龄|享年|时年|现年|年已|已|今年|虚岁|年届)\s*[:：]?\s*(?P<v>9\d|1[0-2]\d)(?![\d./%])"
    # her 102nd year, his ninety-fifth birthday
    rf"|(?<![\d.])(?P<year>{_OVER_89}(?:th|st|nd|rd) year)\b(?! of)|(?<![\d.])(?P<q>{_OVER_89})(?=(?:th|st|nd|rd) birthday)"
    rf"|\b(?P<yearth>{_NINETY_TH} year)\b|\b(?P<birthday>{_NINETY_TH})(?= birthday)"
    # nineties, ninety-two
    rf"|\b(?P<w>(?:(?:mid|early|late|middle|upper)[- ])?nineties|nonagenarian|super-?centenarian|centenarian)s?\b"
    rf"|(?P<s>\b{_HUNDRED_WORD})(?=[- ]years?[- ](?:old|of age|young))"
    rf"|(?P<t>\b{_NINETY_WORD})(?![- ](?:percent|per cent|days?|minutes?|degrees?|mg|milli\w+|hours?|units?|seconds?|tablets?"
    r"|beats|over|six hour))\b"
    rf"|\b(?:is|was|at|aged?|turned|turning|now|nearly|almost|be|reached)\s(?P<hundred>(?:one|a)[- ]hundred[- ]and[- ](?:{_UNITS}|{_TEENS}))"
    r"(?![- ](?:percent|per cent|days?|minutes?|degrees?|mg|milli\w+|hours?|units?|seconds?|tablets?|beats|over|pounds|\w+ty))\b"
    r"|\b(?P<p>(?:(?:mid|early|late|middle|upper)[- ])?90'?s)\b(?!\s*%)"
    # her mother died at 97; Ann is 93, dizzy; he's 103; II-3 Ann, d. 98; Ann Lee, 94, reads to him
    rf"|\b(?:{_PERSON}|lived|died|dead|death|dementia|cancer|stroke)\b[^.;\n]{{0,40}}?"
    rf"\b(?:at|is|was|to be|reached|now|of)\s(?P<u>{_OVER_89})(?=[.,;)\n]|\s(?:when|and|from|with|of|after|in)\b|$)"
    rf"|\b(?:he|she|who)(?:'s| is| was)\s(?:now |only |about |nearly |almost )?(?P<is>{_OVER_89})(?=[.,;!?)\n]|\s(?:and|but|now|when|this|years|next)\b|$)"
    rf"|(?:,\s|\b)d(?:\.|ied|ec\.|eceased)\s(?:at |age |aged )?(?P<died>{_OVER_89})(?=[.,;)\n]|\s|$)(?! (?:days|weeks|months))"
    rf"|(?P<c>九旬(?:[有又][一二三四五六七八九])?|九十[一二三四五六七八九]?|一百(?:[零〇单又][一二三四五六七八九]|一?十[一二三四五六七八九]?)?)(?=\s?(?:周岁|岁|歲))|(?P<x>百岁)(?=老人|高龄|，|。)",
    re.IGNORECASE | re.ASCII,
)
_VITAL = re.compile(
    r"pulse|rate|\bhr\b|sat|spo2|oxygen|temp|\bbp\b|pressure|weigh|glucose|sugar|level|room air|score|sodium|chloride|potassium"
    r"|height|diastolic|systolic|map\b|mcv|plt|platelet|value|result|dose|iq\b|percent|axis|interval|qrs|pr\b|apttt?|length|count|ldl|hdl"
    r"|cholesterol|creatinine|ferritin|iron|titer|peak|flow|egfr|gfr|etco2|pco2|po2|alt\b|ast\b|ldh|crp|esr|bmi|girth|circumference|volume"
    r"|output|intake|goal|target|speed|energy|capacity|age-adjusted|vitamin|folate|acid|protein|test",
    re.IGNORECASE,
)
_NINETIES_BEFORE = re.compile(
    r"\b(?:in|into|his|her|their|the)\s+(?:(?:his|her|their|the|mid|early|late)[ -]+)*$", re.IGNORECASE | re.ASCII
)

# What is told by the words around it: a number or a number in words.
_HIGH = rf"(?:{_OVER_89}\+?|{_NINETY_WORD}|{_HUNDRED_WORD})"
_NO_UNIT = (
    r"(?![\w+]|[.,/:\-]\d|\s?[-–]\s?\d|\s?(?:%|°|percent|per cent|mm\s?hg|m[cg]g|mg|µg|ug|g|kgs?|kilos?|lbs?|pounds?|stone|ml|l|cc|cm|mm|m|km"
    r"|miles?|f(?:ee)?t|inches|bpm|beats?|breaths?|per|min(?:ute)?s?|h(?:ou)?rs?|days?|nights|w(?:ee)?ks?|months?|degrees?|units?|iu|meq|mmol"
    r"|tab(?:let)?s?|cap(?:sule)?s?|pills?|doses?|sec(?:ond)?s?|k?cal(?:ories)?|dollars|joules|steps|cigarettes|over|systolic|diastolic"
    r"|points?|episodes|times|patients|cases|sessions|visits|fr(?:ench)?|c?gy|watts|on (?:ra|room|o2|\d)|at rest|ra|pack)\b(?!\s?/))"
)
# A name tells a person's age from a value's: "Ann Lee, 94, reads", "(Ann, 94)", "Walter is 93, dizzy".
_AGE_OF_NAME = re.compile(
    rf"(?:\b(?P<who>[^\W\d_a-z][\w'’\-]+)(?:, (?P<a>{_OVER_89}){_NO_UNIT}(?=,? (?:[a-z]+s|and|or|who|with|from|of|is|was)\b|[,)])|"
    rf" (?:is|was|turned|turns) (?:now |only )?(?P<b>{_OVER_89})(?=[,.;]|\s(?:and|but|now)\b))|\b(?:I'm|I am) (?P<c>{_OVER_89})(?=[,.; \n]|$))"
)
_ENDS = (
    r"(?=\s*(?:[.,;)!?\]|\n]|$)|\s?-\s|\s+(?:and|but|now|when|who|with|this|next|last|in|today|years?|yrs?|from|of|after|before|yet|so|if|or"
    r"|she|he|lives|living|has|had|is|was|at|on|by|then|while|because|due|old|tomorrow|soon|for|until|m|f|dm2?|htn|cva|mi|ca)\b)"
)
_KIN = (
    r"(?:father|mother|dad|mom|mum|mam|mama|papa|parents?|(?:great[- ]?)*grand(?:father|mother|ma|pa|dad|mum|mom|parents?|aunt|uncle)|nan|nana|nanna"
    r"|gran|granny|grandpop|pop|poppy|oma|opa|aunt(?:ie|y)?|uncle|husband|wife|spouse|partner|fianc[eé]e?|brother|sister|siblings?|sis|bro|twin|cousin"
    r"|(?:mother|father|sister|brother)-in-law|friend|neighbou?r|companion|roommate|carer|caregiver|widow(?:er)?|veteran|pensioner|resident"
    r"|[MP]G[MF]|[mp]gm|[mp]gf|man|woman|lady|gentleman|gent|nun|priest|farmer|informant|client|casualty|victim|driver|passenger|pedestrian)"
)
_ABOUT = (
    r"(?:is|was|are|were|be|been|being|am|'s|'re|'m|'ll|will|would|have|has|had|who|now|just|only|still|already|today|about|around|approx(?:imately)?\.?|circa|c\.|est\.?"
    r"|roughly|some|nearly|almost|over|past|well|turn(?:s|ed|ing)?|reach(?:ed|es|ing)?|becom(?:es|ing)|became|lived|living|survived|live|alive|to|at|the|ripe|old|very|good|age|aged|of|until"
    r"|till|died|dead|d\.|deceased|dec'?d\.?|passed|away|healthy|a&w|l&w|well|going|on|himself|herself|also|himself|officially|himself"
    r"|[MF]|male|female|in good health|both|and|when|she|he|~|@|=|\?)"
)
_PRONOUN = r"(?:he|she|i|they|who|we|mrs?\.? [a-z'’\-]+|ms\.? [a-z'’\-]+|miss [a-z'’\-]+|pt|patient|client)"
_CONTEXT = re.compile(
    # Age (yrs): 95; Pt Age | 91; "age": 94; age at issue: 90; at the ripe old age of 97
    r"\bage[sd]?(?:\b|_)(?:[^\w\n]|(?:yrs?|years?|y|at|of|in|on|is|was|about|around|approx(?:imately)?|over|above|nearly|almost|death|issue|entry|onset"
    r"|sex|gender|calculated|current|attained|patient|now|just|today|m|f|male|female|admission|diagnosis|last|birthday|visit|registration|enrol+ment|exam"
    r"|presentation|referral|test|testing|scan|study|service|purchase|retirement|claim|inception|commencement|next|nearest|loss|accident|injury|group|range|band|verified|reported|stated|bracket|category|years?old|completed)\b|_){0,7}?"
    rf"(?<![\w.])(?P<label>{_HIGH}){_NO_UNIT}"
    # mother (93), wife is now 91, brother 95, MGF lived to 102, casualty: M, approx 90
    rf"|\b{_KIN}(?:s|'s)?(?:[\s,:(\-–]+|\b{_ABOUT}(?!\w)|(?<=\s){_ABOUT}(?!\w)){{1,9}}?(?<![\w.])(?P<kin>{_HIGH}){_NO_UNIT}{_ENDS}"
    # she was 92 when; he'd be 95 in May; I'll be 100
    rf"|\b{_PRONOUN}(?:'d|'ll|'s|'m)?\s(?:{_ABOUT}\s){{0,5}}?(?:(?<='s\s)|(?<='m\s)|(?<=\bbe\s)|(?<=been\s)|(?<=is\s)|(?<=was\s)|(?<=now\s)|(?<=turn\s)|(?<=turns\s)|(?<=turned\s)"
    rf"|(?<=turning\s)|(?<=reached\s)|(?<=to\s)|(?<=just\s)|(?<=am\s)|(?<=only\s)|(?<=nearly\s)|(?<=almost\s)|(?<=over\s)|(?<=about\s)|(?<=already\s)|(?<=at\s))(?P<who>{_HIGH}){_NO_UNIT}{_ENDS}"
    # mother: alive, 96; lived to 99; died (93); d. 94
    r"|\b(?:lived|survived|living|alive(?: (?:and|&) well)?|a\s?&\s?w|l\s?&\s?w|died|dead|death|deceased|dec'?d|passed(?: away| on)?|d(?=\.)|turn(?:s|ed|ing)?|turned|celebrated(?: being| turning)?"
    r"|diagnosed|dx'?d?|onset|widowed|retired|stroke|mi|cva|ca|cancer|dementia|fracture)\.?[\s,:(@]+(?:(?:to|at|age|aged|of|be|until|the|ripe|old|she|he|was|when|just|now|still|about|approx\.?|nearly|almost|over|being|@)[\s,:(]+){0,6}?"
    rf"(?<![\w.])(?P<fate>{_HIGH}){_NO_UNIT}{_ENDS}"
    # Male, 92; F | 93; gender: F, 91
    rf"|(?<![\w.°/])(?<!\d )(?:male|female|m|f|man|woman|lady|gent(?:leman)?)\s?(?:[,/|]|\s(?=male|female)|(?<=male)\s|(?<=gender: [mf])\s|(?<=sex: [mf])\s|(?<=sex [mf])\s)\s*(?:aged?:?\s|approx\.?\s|approximately\s|about\s|around\s|~\s?)*"
    rf"(?P<sex>{_OVER_89}\+?){_NO_UNIT}(?=\s*(?:[.,;)!?\]|/\n]|$)|\s{{2}}|\s?y|\s(?:with|who|from|had|has|fell|admitted|presented|presents|lives|c/o|s/p|w/))"
    # At 94, she; Now 95, he; still gardening at 93
    rf"|\b(?:at|now|aged|though|although|being)\s(?P<start>{_HIGH}),\s(?:he|she|her|his|they|i|i'm|my|our|mrs?|ms|mum|mom|dad|the patient|this|you)\b"
    rf"|\bstill\b[^.;:\n\d]{{0,40}}?\bat\s(?P<still>{_HIGH}){_NO_UNIT}(?=\s*[.,;)!?\n]|$)"
    # 90+ yo, 95yo, ninety-five y/o
    rf"|(?<![\d./$#\-])(?P<plus>9\d\+|>\s?90|≥\s?90|90 ?plus)(?=[\s\-]?(?:y\.?/?o|years?|yrs?|y)\b)"
    # 95th birthday, ninety-fifth bday, 100th year
    rf"|(?<![\d.])(?P<day>(?:{_OVER_89}(?:st|nd|rd|th)|{_NINETY_TH}|hundredth))(?=\s(?:birthday|b-?day|bday|year of (?:her|his|life)|natal))"
    # Mrs Hart (94)
    rf"|\b(?:mrs?|ms|miss|mx|sister|sr|fr|father|rev|sir|lady|dame|nana?|gran|granny|aunt(?:ie|y)?|uncle)\.?\s(?-i:(?:[A-Z]\.?\s)?[A-Z][\w'’\-]+(?:\s[A-Z][\w'’\-]+)?)\s?[,(]\s?(?:aged?\s)?(?P<title>{_OVER_89}){_NO_UNIT}(?=\s*[,;.)\n]|$)"
    # one hundred years and four months, ninety-odd, 90-something, 90ish
    rf"|(?<![\d./])(?P<ish>9\d(?:ish|[- ]?odd|[- ]something|[- ]plus)|ninety(?:ish|[- ]odd|[- ]something|[- ]plus))\b(?![- ](?:percent|pounds?|mg|days|minutes))",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"(?:(?:pt|patient|patient's|client|member|resident|subject)[ _.'’]*)?(?:age|ages|age[ _](?:y|yrs?|years?|in years)|ageyrs?|yrs?|years|y/?o|(?:age|yrs?)\s?[/&]?\s?(?:sex|gender|g|m/f|s)|(?:sex|gender)\s?[/&]\s?age)"
    r"(?:\s?[(\[]?(?:yrs?|years?|y|in years|at \w+)[)\]]?)?\.?:?|年?龄|岁数|岁|(?:患者|病人)?年龄\s?[(（]?(?:周?岁)?[)）]?|(?:性别|年龄)[/、]?(?:年龄|性别)",
    re.IGNORECASE,
)
_CELL = re.compile(
    r"(?:[MF男女][/、 ]?)?(?P<age>(?:9\d|1[0-2]\d)(?:\.\d)?)\+?(?=(?:\s?(?:y|yrs?|years?|yo|y/o|岁|周岁))?(?:\s?[/、]?\s?[MF男女])?\s*$)",
    re.IGNORECASE,
)
_VITAL_NEAR = re.compile(
    r"(?:pulse|rate|\bhr|sats?|spo2|saturation|oxygen|o2|temp\w*|tmax|\bbp|\bsbp|\bdbp|pressure|weigh\w*|\bwt|glucose|sugars?|\bbg|level|score|fever|febrile|systolics?|diastolics?|\brr"
    r"|iq|percentile|dose|drops?|ranging|maps?)\b[^.;\n]{0,30}$",
    re.IGNORECASE,
)
_TEMPERATURE = re.compile(
    r"(?:\b(?:T|temp\w*|tmax|t-?max|fever\w*|febrile|low-grade)\b[^.;\n]{0,20}|\d\s?[-–]\s?|to )$", re.IGNORECASE
)

_KEPT_IN = re.compile(r"\b(?:resident|patient|pt|client|man|woman|lady|gentleman) in $", re.IGNORECASE)
"""Before the number of a room: "resident in 91"."""

_RELATED = (
    r"(?:mother|father|mum|mom|dad|husband|wife|spouse|partner|sister|brother|aunt|uncle|gran(?:ny|dm\w+|df\w+|dpa)?"
    r"|nana?|man|woman|lady|gent(?:leman)?|male|female|pt|patient|resident|client|subject|participant|donor|widow(?:er)?)"
)
_BEYOND = re.compile(
    rf"""
    # Demographics: 90, female; 97 | F; 94 woman; (91 M); 93 white male
    (?:^|[\n:;,(\[|\t"“]|\b(?:a|an|this|our|is|pt|patient)\b)\s*(?P<first>{_OVER_89}\+?)
      (?:\s*[,/|;]\s*|\s+|-)(?:(?:white|black|caucasian|hispanic|asian|african[ ]american|elderly|frail|married|single
      |retired)\s+)*
      (?:female|male|woman|man|lady|gent(?:leman)?|widow(?:er)?|(?-i:[FM]))(?=$|[\s.,;)/|\]])
      (?!\s(?:pattern|connector|adaptor|catheter))
    # Yrs: 90; aet. 96; years = 92; y/o: 94
    |\b(?:yrs?|years|y/o|yo|aet(?:at(?:is)?)?|anni)\b\.?\s?(?:[:=|]\s*|(?<=aet)\s+|(?<=aet\.)\s+|(?<=etatis)\s+|(?<=aetat)\s+)
      (?P<units>{_OVER_89})(?![\w%/]|[.,:]\d)
    # pushing 100, knocking on a hundred, just shy of ninety-five
    |\b(?:pushing|nearing|rising|shy[ ]of|north[ ]of|close[ ]to|going[ ]on(?:[ ]for)?|knocking[ ]on(?:[ ]for)?
      |wrong[ ]side[ ]of|closer[ ]to|getting[ ]on[ ]for)\s(?P<near>(?:a[ ])?hundred|{_HIGH}){_NO_UNIT}(?=\W*(?:$|\n)|[.,;!)"”'-]|\s(?:and|but|now|years?|yrs?|so|with)\b)
    # she's 95 you know; I am ninety-six already
    |\b(?:he|she|who|i|mum|mom|dad|mother|father|nan|gran|pt|patient)(?:['’]s|['’]m|['’]ll[ ]be|['’]d[ ]be|[ ](?:is|was|am|are|will[ ]be|would[ ]be|turns|turned))
      \s(?:only\s|just\s|now\s|over\s|a\s(?:spry|sprightly|frail|young)\s)?(?P<told>{_HIGH}){_NO_UNIT}
      (?=\s(?:you|after|already|although|though|bless|lives?|who|but|soon|tomorrow|today|years?|yrs?|this|next|when|and|i|she|he|her|his|the|it|we|no|not|never|on[ ](?:sat|sun|mon|tue|wed|thu|fri|his|her|the|my)|in[ ](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|the)|at[ ]the[ ]time|at[ ](?:death|diagnosis))\b|["”])
    # gentleman (90s); F, late 90s; woman in the mid 90s
    |\b{_RELATED}(?:[\s,(\-–]+(?:aged?|in|early|mid|late|approx\.?|the|his|her))*[\s,(\-–]+(?P<decade>(?:(?:early|mid|late)[ -])?(?:9|10|11)0['’]?s)\b
    |\b(?:in|into|enter(?:ed|ing)|of)[ ](?:his|her|their|the|my)[ ](?P<tenth>(?:tenth|eleventh|10th|11th)[ ]decade)(?:[ ]of[ ]life)?
    # age was given as 94, age listed 91, age exceeds 90
    |\bage(?:\s(?:was|is|has|been|given|recorded|listed|documented|noted|entered|stated|quoted|said|thought|estimated|confirmed|verified|down|as|to|be|at|of|by|per|chart
      |exceeds|above|over|approximately|about|roughly|exact|actual|real|true)|[:,=~])+\s?(?P<given>{_HIGH}){_NO_UNIT}
    # herself 94; who at one hundred still walks; grandparents, 76 and 92
    |\b(?:herself|himself|myself|themselves)[ ,]+(?:now[ ]|aged?[ ]|just[ ]|only[ ])?(?P<self>{_HIGH}){_NO_UNIT}
    |\b(?:who|and|she|he|still|that)[ ,]{{1,2}}at[ ](?P<whoat>{_NINETY_WORD}|{_HUNDRED_WORD}|{_OVER_89}){_NO_UNIT}(?=,?[ ](?:still|lives?|is|was|drives|walks|remains|continues|reads|plays|works|does|has|can|enjoys|keeps|gardens|cooks|needs|could)\b)
    |\b(?:grand)?(?:parents|mothers|fathers|sisters|brothers|siblings|aunts|uncles|sons|daughters|twins|neighbou?rs|friends|cousins|couple|residents|patients)\b[^.;\d\n]{{0,25}}(?:\d{{2,3}}(?:,[ ]|[ ]and[ ]|,[ ]and[ ]|[ ]&[ ])){{1,4}}(?P<several>{_OVER_89}){_NO_UNIT}
    # age at the time of screening was 90; how old are you? A: 93
    |\bage[ ](?:at|on|when|upon|by)\b[^.;:\n\d]{{0,40}}?(?:[:=]|\b(?:was|is|of|be))?[ ](?P<then>{_HIGH}){_NO_UNIT}
    |\bhow[ ]old\b[^\d]{{0,60}}?\b(?P<asked>{_HIGH}){_NO_UNIT}
    # is at least 95, over 90 years, more than 95 years of life
    |\b(?:is|was|be|probably|possibly|perhaps|maybe)[ ]["'“]?(?:at[ ]least|probably|maybe|well[ ]over|upwards[ ]of|in[ ]fact|actually|apparently|reportedly)[ ](?P<least>{_HIGH}){_NO_UNIT}(?=["'”]?(?:[.,;)\n]|$|[ ](?:and|but|years?|yrs?)\b))
    # exact age 93; 94 at the time of death; 96 when diagnosed
    |(?<![\d./])(?<!\d[ ])(?P<event>{_OVER_89})\s(?:at[ ](?:the[ ])?(?:time[ ]of[ ]|her[ ]|his[ ])?(?:death|diagnosis|onset|retirement|passing|last[ ]birthday|enrol+ment)
      |when[ ](?:he|she|they|diagnosed|widowed))\b
    # OCR: 9l y, 1O2 years
    |\bage[sd]?\b[\s:]*(?P<scanned>9[lIO|]|1[Oo][\dlIO]|1\d[lIO])(?!(?!y)\w)
    |(?<![\w.])(?P<torn>9[lIO]|1[Oo][\dlIO])(?=[ -]?(?:y\b|yo\b|y/o|yrs?\b|years?))
    # Grandmother (twin) 95 visiting; Ann Lee, 102 on her last birthday; Lee, Ann | 97 | Ward 5
    |\b(?:great[- ])?{_RELATED}\s?\([^)\d\n]{{1,20}}\)[ ,]{{1,2}}(?:aged?[ ])?(?P<kept>{_OVER_89}){_NO_UNIT}(?=[.,;)\n]|$|\s(?:visit\w*|lives?|who|with|and|is|has|from|in|at|came|helps?|cares?)\b)
    |(?<![\d./])(?P<reached>{_HIGH})(?=\s(?:on|at|by)\s(?:(?:the|her|his|their|my)\s)?(?:last|next|previous)\s(?:birthday|b-?day))
    |^(?=[^\n|]*(?:\|[^\n|]*)?\|?[ ]?(?-i:[A-Z][\w'’-]+,[ ][A-Z]))(?![^\n]*\|[ ]?\d{{2,3}}[ ]?\|(?:[^\n]*\|)?[ ]?\d{{2,3}}[ ]?(?:\||$))(?:[^|\n]*\|){{2,}}[ ]?(?P<barred>9\d|10\d)[ ]?(?=\|)
    # his grandfather of one hundred and one
    |\b{_RELATED}\s(?:of|is|was|aged|,)\s(?P<hundreds>(?:one|a)[- ]hundred(?:[- ]and)?[- ](?:{_UNITS}|{_TEENS}))(?=[.,;)\n]|\s[a-z]{{4,}}s\b|\s(?:who|and|in|at|with)\b)
    # 94 year-old; 97 yrs and 3 months; 95 years, 4 months
    |(?<![\d./$-])(?P<months>{_OVER_89})(?=\s?(?:y(?:ea)?rs?|y)\.?,?\s(?:and\s|&\s)?(?:\d{{1,2}}|\w+)\s?(?:m(?:on)?ths?|mos?|m)\b)
    # born 98 years ago; lives here 92 years, NKDA
    |\bborn[ ](?:some[ ]|about[ ]|over[ ]|nearly[ ])?(?P<born>{_OVER_89}|{_NINETY_WORD})(?=\s(?:years|yrs)[ ]ago\b)
    |(?:^|[,;:|(\n])\s*(?P<listed>{_OVER_89})(?=\s(?:years|yrs)\s*[,;.|\n])
    # died in his sleep, 96.; passed away peacefully at 94
    |\b(?:died|d\.|passed|deceased)(?:[ ](?:away|on|in|of|from|at|age|aged|peacefully|suddenly|last|year|(?:his|her|their)[ ]sleep|old|natural|causes|[a-z]{{2,12}})){{0,5}},?[ ]
      (?P<ended>{_OVER_89})(?=\s*(?:[.;)\n]|$))
    # (93yrs), [93 years], 93 years.  -- a bracket of its own says an age
    |[(\[]\s?(?P<boxed>{_OVER_89})\s?(?:y(?:ea)?rs?|y)\s?[)\]]
    # a 93 (nearly 94) year old; 93, soon to be 94
    |(?<=soon[ ]to[ ]be[ ])(?P<soon>{_OVER_89})\b{_NO_UNIT}
    # DECEDENT: ANN LEE, 93 (DOB; Lee, Ann, 94, DOB
    |\b[A-Z][\w'’.-]+,[ ](?P<decedent>{_OVER_89})(?=,?[ ](?:\((?:dob|born|b\.|d\.o\.b)|(?:dob|d\.o\.b|born)\b))
    # asked whether at 90 she can
    |\bat[ ](?P<clause>{_OVER_89})(?=,?[ ](?:she|he|they|i)[ ](?:can|could|should|would|will|is|was|has|had|still|does|did|wants|needs|must|may|might|lives?)\b)
    # age - last birthday (yrs) 91
    |\bage\b[^\w\n]{{0,3}}(?:at[ ])?last[ ]birthday[^\d\n]{{0,12}}(?P<birthday>{_OVER_89})(?![\w.])
    # of FHIR, of HL7, of CDA and of DICOM
    |\bage\w*"[^\d\n]{{0,40}}:[ ]?"?(?P<json>{_OVER_89})(?!\w|\.\d)
    |\bage\^[^|\n]{{0,20}}\|[^|\n]{{0,4}}\|(?P<segment>{_OVER_89})(?=\|)
    |<age\b[^>\d]{{0,40}}value="(?P<element>{_OVER_89})"
    |(?<![\w.])(?P<dicom>0?{_OVER_89})(?-i:Y)(?!\w)
    # all users over 75 (you are 93)
    |\byou[ ]are[ ](?:now[ ])?(?P<you>{_OVER_89}){_NO_UNIT}(?=[).,;]|[ ]and\b)
    # James Lee 14 Aug 1925 (90)
    |(?:19[0-3]\d|[/.-][0-3]\d)[ ]\((?P<behind>{_OVER_89})\)
    # sib pair 99 / 100; sisters 94/91
    |(?=\b(?:sib(?:ling)?|twin|sister|brother|spousal)s?(?:[ ]pairs?)?[ ]\d{{2,3}}\s?[/&]\s?(?P<other>{_OVER_89}){_NO_UNIT})
    |\b(?:sib(?:ling)?|twin|sister|brother|spousal)s?(?:[ ]pairs?)?[ ](?P<pair>{_OVER_89})(?=\s?[/&]\s?\d{{2,3}}\b(?!/))
    # Pt 104, unresponsive; Pt 97 found on floor
    |\b(?-i:[Pp]t|[Pp]atient|[Cc]aller|[Vv]ictim)[ ](?P<bare>{_OVER_89}){_NO_UNIT}(?=[,;][ ][a-z]{{3,}}|[ ](?:found|fell|unresponsive|collapsed|alert|on[ ]floor)\b)
    # 96 by the licence; 97 per her passport
    |(?<![\d./])(?P<source>{_OVER_89})[ ](?:by|per|according[ ]to|on)[ ](?:the|her|his|their)[ ](?:own[ ])?(?:licen[cs]e|passport|birth|papers|records?|chart|dob|baptism\w*|family|daughter|son|id\b|id[ ]card)
    # Great-nan 99 rang twice; Nana 93 visits
    |\b(?:great-?)?(?:nan|nana|nanna|gran|granny|grandma|grandpa|grandad|granddad|grandmother|grandfather|aunt|auntie|uncle|mum|mother|father|dad|wife|husband|sister|brother)
      [ ](?P<doer>{_OVER_89})(?=[ ](?:rang|came|sat|drove|flew|said|says|went|asked|asks|phoned|called|visits?|visited|visiting|lives|helps|cooks|attends|attended|present|drives|travelled|cares|brought|brings|held|holds|knitted|still)\b)
    # Bed 4, Zork: 96, day 9
    |\b(?:bed|bay|room|rm|cubicle|chair|side[ ]?room|slot|pod)[ ]?\w{{1,4}}[,:.]?[ ](?:(?:mrs?|ms|miss|mx|dr)\.?[ ])?(?-i:[^\W\d_a-z][\w'’-]+)(?:,?[ ](?-i:[^\W\d_a-z][\w'’.-]*)){{0,2}}[:,][ ](?P<bed>{_OVER_89})(?=[,;][ ])
    # 100th birthday; centenary
    |\b(?P<centenary>centenary|(?:9\d|1[01]\d)(?:st|nd|rd|th)(?=[ ]b(?:irth)?-?day))
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
_MEASURED_BEFORE = re.compile(
    r"(?:\b(?:pulse|rate|hr|pr|sats?|spo2|saturations?|o2|oxygen|temp\w*|t|tmax|bp|sbp|dbp|map|pressure|weigh\w*|wt|ht|glucose|sugars?"
    r"|bg|fs|fsbs|cbg|bm|level|score|rr|resp\w*|iq|percentile|dose|hb|hgb|plt|mcv|mch|na|cl|creat\w*|alt|ast|alp|ggt|ldl|hdl|inr|egfr|gfr|esr|crp|ck"
    r"|bmi|ef|fev1|fvc|cd4|po2|pao2|pco2|paco2|at|to|of|iop|angle|flexion|abduction|extension|rom)\b\W{0,3}|[<>≥≤=/\-–]\s?|\d[.,])$",
    re.IGNORECASE,
)


def _told_ages(text: str) -> Iterator[Candidate]:
    """Ages that a sex, a relative, an event or a phrase tells, and such as a scan spoiled."""
    for match in _BEYOND.finditer(text):
        group = match.lastgroup or "first"
        if group in ("first", "event", "told") and (
            _MEASURED_BEFORE.search(text, max(0, match.start(group) - 14), match.start(group))
            or (group != "first" and _VITAL_NEAR.search(text, max(0, match.start() - 40), match.start()))
        ):
            continue
        yield Candidate(match.start(group), match.end(group), "age", 0.8)


def find_ages(text: str) -> Iterator[Candidate]:
    """Ages over 89: the number, or the words that tell it."""
    for match in _AGE.finditer(text):
        group = match.lastgroup or "n"
        number = match[group]
        if group == "p" and not _NINETIES_BEFORE.search(text[max(0, match.start() - 30) : match.start()]):
            continue
        if number.isdigit() and not 90 <= int(number) <= 130:
            continue
        before = text[max(0, match.start() - 40) : match.start()]
        if (
            group == "n"
            and text[match.end() : match.end() + 2].strip()[:1] in ("F", "f")
            and _TEMPERATURE.search(before)
        ):
            continue
        if group in ("w", "p") and _VITAL_NEAR.search(before):
            continue
        if group in ("u", "is", "died") and _VITAL.search(match[0]):
            continue
        yield Candidate(match.start(group), match.end(group), "age", 0.8)
    for match in _AGE_OF_NAME.finditer(text):
        group = match.lastgroup or "a"
        if match["who"] and (_VITAL.search(match["who"]) or (match["who"].isupper() and len(match["who"]) < 5)):
            continue
        yield Candidate(match.start(group), match.end(group), "age", 0.8)
    for match in _CONTEXT.finditer(text):
        group = match.lastgroup or "label"
        if group == "kin" and _KEPT_IN.search(text, max(0, match.start(group) - 14), match.start(group)):
            continue
        if group in ("kin", "who", "fate", "start", "still") and (
            _VITAL.search(match[0]) or _VITAL_NEAR.search(text, max(0, match.start() - 40), match.start())
        ):
            continue
        yield Candidate(match.start(group), match.end(group), "age", 0.8)
    yield from _told_ages(text)
    for start, end in cells_below(text, _HEAD):
        if cell := _CELL.match(text[start:end].strip()):
            place = start + text[start:end].index(cell[0])
            yield Candidate(place + cell.start("age"), place + cell.end("age"), "age", 0.85)
