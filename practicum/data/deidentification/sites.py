"""Places in English text that are told by what stands around them: crossings and roads, numbers before a street of
another country's form, sites where people work, learn, pray, are held or have accidents, and towns behind a label."""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501

import itertools
import re
from collections.abc import Iterator

from practicum.data.deidentification import gazetteers, institutions
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.stop_words import is_stop
from practicum.data.deidentification.tables import cells_below

_CAP = r"[A-ZÀ-ÖØ-Þ](?:['’][A-Z])?[a-zß-öø-ÿ]+(?:[-'’][A-Za-zß-öø-ÿ]+)*"
_ORDINAL = r"\d{1,3}(?:st|nd|rd|th)"
_SUFFIX = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Ln|Boulevard|Blvd|Court|Ct|Place|Pl|Terrace|Tce|Way|Parkway|Pkwy"
    r"|Highway|Hwy|Turnpike|Pike|Circle|Square|Sq|Crescent|Cres|Trail|Row)"
)
_NUMBERED = (
    r"(?:(?:I|US|U\.S\.|SR|CR|FM|SH|Rte?|Route|Hwy|Highway|Interstate|State (?:Road|Route|Highway)|County (?:Road"
    r"|Route)"
    r"|Old (?:Hwy|Highway|Route)|M)[- ]?\d{1,4}[A-Z]?)"
)
_WAY = (
    rf"(?:(?:(?:N|S|E|W)\.? )?(?:(?:{_CAP}|{_ORDINAL}|MLK)(?: (?!and\b)(?:{_CAP}|{_ORDINAL})){{0,2}})\b\.?"
    rf"|{_NUMBERED})"
)
_SUFFIXED = rf"(?:(?:(?:N|S|E|W)\.? )?(?:{_CAP}|{_ORDINAL})(?: {_CAP})? {_SUFFIX}\b\.?|{_NUMBERED})"
_CROSSING = re.compile(
    rf"\b(?P<corner>(?:the )?(?:corner|intersection|junction|crossing|cnr|jct|x-ing|crossroads)(?: of|:)? (?:the )?"
    rf"{_WAY} ?(?:and|&|/|with|at|x) ?{_WAY})"
    rf"|(?<![\w'])(?P<streets>{_SUFFIXED} ?(?:and|&|/|at|@|x) ?(?:{_SUFFIXED}|{_CAP} {_SUFFIX}\b"
    rf"|{_ORDINAL}(?: {_SUFFIX}\b)?))"
    rf"|(?P<between>\b{_CAP}(?: {_SUFFIX}\b)?,? between (?:{_CAP}|{_ORDINAL})(?: {_SUFFIX}\b)? (?:and"
    rf"|&) (?:{_ORDINAL}|{_CAP} {_SUFFIX}\b))"
    rf"|\b(?:at|near|on|@) (?P<pair>(?:{_CAP} ?(?:and|&|/) ?{_ORDINAL}|{_ORDINAL} ?(?:and|&"
    rf"|/) ?{_CAP})(?: {_SUFFIX}\b)?)"
    rf"|\b(?:mph|kph|km/h|MV[AC]|RT[AC]|collision|crash(?:ed)?|accident|hit|struck|T-boned|rear-ended|scene|stopped"
    rf"|lights?|stop sign|crosswalk|wreck|fell|found|assaulted|shot|stabbed"
    rf"|pedestrian)\b[^.;\n]{{0,25}}? (?:at|near|on|@) "
    rf"(?P<way>{_CAP}(?: {_CAP})? (?:and|&|/) {_CAP}(?: {_CAP})?)(?=[ ]*[.,;\n)]|$| (?:by|in|at|around"
    rf"|when|with|while)\b)"
    rf"|(?<=, )(?P<comma>{_CAP}(?: {_CAP})? (?:(?:and|&) {_ORDINAL}|& {_CAP}))(?=, {_CAP}|\n)"
    r"|\b(?:at|to|from|in|of|near|attends?|via) (?P<saint>(?:St\.?|Saint) [A-Z][a-z]+'s)(?! (?:wort"
    r"|fire|dance|disease|evil))"
)
_ROAD = re.compile(
    rf"\b(?:on|at|off|along|near|of|to|from|onto|via|down|up|by) (?:the )?(?P<road>{_NUMBERED})(?![\w/%]|\.\d"
    rf"|\s?(?:mg|mm|cm)\b)"
    r"|\b(?:on|along|off|of|from|the) (?:the )?(?P<motorway>[AM]\d{1,4}(?:\(M\))?)(?= ?(?:,|\bnear|\bat\b|\bnorth"
    r"|\bsouth|\beast"
    r"|\bwest|\bjunction|\bJ\d|\bbetween|\bby\b|\bslip|\bclose|\bjust|\boutside|\broundabout))"
    rf"|(?P<exit>\b(?:[Ee]xit|EXIT) \d{{1,3}}[A-Z]?(?:,? (?:off|on|of|from) (?:the )?{_NUMBERED})?)(?!\d| ?(?:site"
    rf"|wound|mm|cm|%))"
    r"|(?P<mile>\b(?i:mile ?(?:marker|post|mkr)|milepost|MP(?= \d)|mile(?= \d{1,3}(?:\.\d)?\s*(?:[,.;\n]|$))"
    r"|mm(?= \d{1,3}(?:\.\d)? (?:on|of|I-|northbound|southbound"
    r"|eastbound|westbound)))\.? ?\#?\d{1,3}(?:\.\d+)?)"
    rf"|(?P<lead>\b{_NUMBERED})(?= (?:north|south|east|west)bound\b| [NSEW]B\b| at (?:exit|mile|MM)\b)"
)
_SPOT = re.compile(
    rf"\b{_NUMBERED}(?: ?[NSEW]B)? (?:near|at|@|and|by|past|just past) (?:[Ee]xit"
    rf"|Avenue|Ave\.?|[Mm]ile ?[Mm]arker|MM|[Mm]ilepost) ?\d{{1,4}}[A-Z]?(?!\d)"
)
"""A point of a numbered road: I-80 near Exit 288."""
_COUNTY_ROAD = re.compile(
    r"\b(?:[NSEW]?\d{1,5} (?:[NSEW]\.? )?(?:County|Cty|Co|State|US|COUNTY"
    r"|CTY|STATE)\.? (?:Rd|Road|Hwy|Highway|Trunk|RD|ROAD|HWY|Route|Rte)\.? [A-Z\d]{1,3}"
    r"|(?:County|Cty|COUNTY|CTY) (?:Rd|Road|Hwy|Highway|Trunk"
    r"|RD|ROAD|HWY)\.? [A-Z]{1,2})(?:,? (?:Unit|Apt|Lot|#) ?\w{1,4})?(?!\w)"
)
_HOUSE_ON = re.compile(
    r"\b\d{1,5} (?:[NSEW]\.? )?[A-Z][a-z]+(?: [A-Z][a-z]+)? (?:Trace|Cove|Run|Bend|Crossing"
    r"|Xing|Hollow|Ridge|Knoll|Glen|Landing|Path|Walk|Commons|Pass|Mews|Vista"
    r"|Spur|Chase|Fork|Gap|Grade)\b(?:,? (?:Unit|Apt\.?|Ste|#|Space|Lot) ?[\w-]{1,5})?"
)
_NEAR_ROAD = re.compile(rf"\s(?:near|outside|in|at|by|towards?|past) (?P<town>{_CAP}(?: {_CAP})?)")
_BLOCK = re.compile(
    rf"\b(?P<block>\d{{2,5}} [Bb](?:lock|lk) (?:of )?(?:(?:North|South|East|West|N|S|E|W)\.? )?(?:{_CAP}"
    rf"|{_ORDINAL})(?: (?:{_CAP}))?)"
)
_FORM = (
    r"(?:Hill|Parade|Pde|Esplanade|Quay|Wharf|View|Rise|Green|Chase|Croft|Vale|Wynd|Brae|Circuit|Cct|Common|End"
    r"|Fields?"
    r"|Meadows?|Mount|Park|Bank|Gate|Reach|Lawn|Drove|Yard|Fold|Hollow|Cove|Bend|Mead|Strand|Promenade|Broadway"
    r"|Arcade"
    r"|Bypass|Causeway|Cottages|Villas|Buildings|Mansions|Cres|Tce|Bvd|Gr|Cl|Av|Nook|Glen|Glade|Knoll|Orchard|Shore)"
)
_UNIT = r"(?:(?i:flat|unit|apt\.?|suite|shop|villa|lot|site|no\.?) ?\w{1,4}[,/ ]{1,2})?"
_HOUSE = re.compile(
    rf"(?<![\w./])(?P<house>{_UNIT}\d{{1,4}}[A-Za-z]?(?:[/-]\d{{1,5}})? (?P<first>{_CAP})(?: {_CAP})? {_FORM})"
    r"(?=\s*[,.;)\n\"]|\s*$| in\b| [-–] |  )"
    rf"|\b(?P<flat>(?:[Ff]lat|[Aa]pt\.?|[Aa]partment|[Uu]nit|[Ss]uite|[Rr]oom"
    rf"|[Nn]o\.?) ?\d{{1,4}}[A-Za-z]?,? {_CAP}(?: {_CAP})? (?:House|Court|Lodge|Tower|Towers|Mansions"
    rf"|Buildings?|Hall|Place|Heights|Point|Wharf|Mill|Gardens|Villas|Cottages))\b"
    rf"|(?<![\w./])(?P<slash>{_UNIT}\d{{1,4}}[A-Za-z]?/\d{{1,5}}[A-Za-z]? (?:{_CAP} ){{1,3}}(?:{_SUFFIX}|{_FORM}"
    rf"|Grove|Close|Gardens)\b)"
    rf"|(?<![\w./])(?P<bare>\d{{2,5}} (?:N|S|E|W|NE|NW|SE|SW)\.? (?:{_CAP}|{_ORDINAL}))(?=\s*[,;\n]|\s*$)",
)
_SMALL_STREET = re.compile(
    r"\b(?:on|at|off|near|of|from|down) (?P<street>(?!(?:the|a|an|this|that|his|her|their|our|my|same|other|own"
    r"|side|in|one"
    r"|each|every|any|to|and|or)\b)[a-z]{3,}(?: [a-z]{3,})? (?:ave|avenue|blvd|boulevard|street|rd|road|lane|hwy"
    r"|parkway|pkwy))\b"
    r"(?: in (?P<town>[a-z]{4,}))?"
)
_SITE_WORD = (
    r"(?:plant|factory|mine|mill|warehouse|farm|cannery|estate|depot|parking lot|reservation|campground|trailer park|"
    r"Parks?|Gear Works|Iron ?[Ww]orks|Steel ?[Ww]orks|Works|Co(?:mpany|rp(?:oration)?)?|Plant|Factory|Farms?"
    r"|Ranch|Mountains?"
    r"|Estates?|House|Hall|Station|Base|Surgery|Practice|Stadium|Arena|Mall|Hotel|Motel|Inn|Lodge|Store|Office|Depot"
    r"|Docks?|Marina|Campground|Pool|Dairy|Foods|Mines?|Mining|Motors|Steel|Timber|Lumber|Logging|Paper|Textiles"
    r"|Industries"
    r"|Manufacturing|Electronics|Construction|Trucking|Logistics|Bakery|Brewery|Winery|Vineyards?|Foundry|Quarry"
    r"|Nursery"
    r"|Pty Ltd|Ltd|LLC|Inc|Middle|Primary|Elementary|Secondary|High|Comprehensive|Temple|Gurdwara|Mosque|Synagogue"
    r"|Abbey"
    r"|Priory|Convent|Chapel|Barracks|Garrison|Market|Bridge|Dam|Reservoir|Forest|Woods|Trail|Gardens|Apts|Apartments"
    r"|Towers?|Flats|Courts?|Place|Square|Lakes?|Village|Homes?|Center|Centre|Camp|Resort|Zoo|Museum|Theat(?:er|re)"
    r"|Speedway|Raceway|Golf (?:Club|Course)|Country Club|Mission|Hostel|Refuge|Racecourse|Showground|Oval)"
)
_BEFORE = (
    r"(?:\b(?:[Ww]ork(?:s|ed|ing)?|[Ee]mployed|[Jj]ob|[Aa]ttend(?:s|ed|ing)?|[Ss]tudent|[Pp]upil|[Tt]eacher"
    r"|[Ii]nmate|[Ss]tay(?:s|ed|ing)?"
    r"|[Ll]iv(?:es|ed|ing)|[Rr]esid(?:es|ed|ing|ent)|[Ff]ound|[Ff]ell|[Ff]all|[Cc]ollaps(?:ed|e)|[Hh]it|[Ss]truck"
    r"|[Cc]rash(?:ed)?|MV[AC]|RT[AC]"
    r"|[Hh]iking|[Cc]amp(?:ed|ing)|[Ss]wimming|[Ff]ishing|[Ww]orships|[Ss]een|[Rr]eferred|[Tt]ransferred|[Bb]rought"
    r"|[Tt]ransported|[Cc]onveyed"
    r"|[Dd]ischarged|[Ss]leep(?:s|ing)|[Pp]risoner|[Mm]achinist|[Dd]river|[Oo]perator|[Ww]elder|[Mm]iner"
    r"|[Ll]abou?rer|[Mm]anager|[Ee]mployee"
    r"|[Cc]leaner|[Cc]hef|[Cc]ook|[Gg]uard|[Ww]orker|[Pp]icked up|[Aa]ssaulted|[Bb]itten|[Rr]esponded|[Dd]ispatched"
    r"|[Vv]isit(?:ed|ing)?|[Rr]etired|[Hh]earing|[Aa]rrested)\b"
    r"[^.\n;:]{0,20}?\b(?:at|in|on|of|from|to|for|near|outside|by)\s(?:the\s)?"
    r"|\b(?i:employer|school|gp|gp practice|practice|surgery|scene|work ?place|place of work|venue"
    r"|site of (?:accident|injury)|accident site"
    r"|facility|pharmacy|destination|accepting facility|pick ?up|residence|church|court|prison|shelter"
    r"|location)\s?[:：]\s?)"
)
_CUED = re.compile(
    rf"{_BEFORE}(?P<place>(?:(?:(?:St|Mt|Ft)\. )?(?:{_CAP}|[A-Z]{{2,5}}|&|and) ){{1,3}}?{_SITE_WORD}"
    rf"(?: (?:Pty Ltd|Ltd|LLC|Inc|Co|School|#\d+))?)\b(?! (?:of|in|for) (?:the|life|care|pain)\b)"
)
_EMPLOYER = re.compile(
    r"\b(?i:employer(?:'s)?(?: name)?|school(?: name)?|work ?place|place of (?:work|employment|worship)|church|parish"
    rf"|gp (?:practice|surgery)|registered practice|nursing home|facility name|prison"
    rf"|jail)\s?[:：]\s{{0,4}}(?P<place>{_CAP}(?: (?:{_CAP}|&|of|[A-Z]{{2,4}}))+)(?=\s*(?:[,;.\n(]|$|  ))"
)
_HELD = re.compile(
    rf"\b(?:HMP(?: (?:&|and) YOI)?|HMYOI|RAF|RNAS|FCI|FMC|USP|MCI|SCI|Camp|Fort|Naval (?:Base|Station)|NAS"
    rf"|Station) (?P<of>{_CAP})(?: {_CAP})?"
)
_TOWN_LABEL = re.compile(
    rf"\b(?i:suburb|locality|town ?/ ?city|city ?/ ?town|post ?town|village/town|district|shire|birth ?place|pob"
    rf"|town of birth|"
    rf"city ?/ ?state|home ?town|county|municipality|borough|parish|catchment"
    rf"|township)\s?[:：]\s{{0,4}}(?P<town>(?:(?:St|Mt)\.? )?"
    rf"(?:{_CAP}|[A-Z]{{3,}})(?:[ -](?:{_CAP}|[A-Z]{{3,}}|on|upon|in|by|le|under)){{0,3}})"
)
_TOWN_CODE = re.compile(
    rf"(?:^|[,\n] ?|\b(?:in|of|from|at|near) )(?P<town>(?:(?:St|Mt)\.? )?{_CAP}(?:[ -](?:{_CAP}|upon|on|by|under"
    rf"|le)){{0,2}}),? "
    r"(?:(?:NSW|VIC|Vic|QLD|Qld|SA|TAS|Tas|ACT|NT|WA)(?: \d{4})?(?![\w.])|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b)",
    re.MULTILINE,
)
_REGION = re.compile(
    rf"\b(?:near|in|from|of|around|outside|to|the|,) (?P<town>{_CAP}(?: {_CAP})?) (?:district|area|region|valley"
    rf"|township|village|estate|suburb)\b"
)
_NEAR = re.compile(
    rf"\b(?:lives?|camp(?:ed|ing)|farm|home|property|scene|crash|fell|living|raised|hiking"
    rf"|fishing) (?:\w+ )?(?:near|outside) (?P<town>{_CAP}(?: {_CAP})?)"
)
_AMBIGUOUS = re.compile(
    r"(?:Surgery|Practice|Office|Base|Station|Cent(?:er|re)|House|Place|Hall|Homes?|Primary|Secondary|High|Bridge)$"
)
_OF_KIND = re.compile(
    rf"(?:\b(?:in|from|to|of|at|near|on|around)|,) (?P<place>(?:County|Shire of|City of|Town of|Village of"
    rf"|Borough of|Parish of|"
    rf"Township of|Isle of|Bay of|Lake|Mount|Mt\.?|Cape|Block [A-Z\d]{{1,2}},?) (?P<first>{_CAP})(?: {_CAP})?)"
    r"(?! (?:Hospital|Medical|General|Clinic))"
)
_STORE = re.compile(
    rf"(?:\b(?i:pharmacy|store|branch|chemist)\s?[:：] ?|\b(?:at|to"
    rf"|from) )(?P<place>(?P<first>{_CAP})(?: {_CAP})? (?:\#|No\.? ?)\d{{3,5}})\b"
)
_AFTER_SITE = re.compile(
    rf"\b(?:Practice|Surgery|Clinic|Cent(?:er|re)|Hospital|School|House|Home|Lodge|Church|Hostel|Court|Prison|Rise"
    rf"|Close|Parade|Street|Road"
    rf"|Avenue|Lane|Park|Library|Pharmacy|Hotel|Inn|Estate|Mill|Works|Ltd|Inc|Co|Lion"
    rf"|Arms), (?P<town>{_CAP}(?:[ -]{_CAP})?)(?=\s*[.,;\n]|\s*$)"
)
_SMALL_NAMED = re.compile(
    r"\b(?:from|at|to|in|@) (?P<place>(?:st|saint|mt|mount)\.? (?!segment|elevation|depression|change|wave|jude"
    r"|abnormal|interval)[a-z]{3,}(?:'s)?)\b"
    r"(?: in (?P<town>[a-z]{4,}))?"
)
_SMALL_TOWN = re.compile(
    r"\b(?:live|lives|lived|living|works?|worked|daughter|son|sister|brother|mother|father|mom|dad|wife|husband"
    r"|aunt|uncle|family|"
    r"home|house|apartment|farm|plant|mill|factory|school|office|store|pharmacy|born|raised|moved|hospital|clinic"
    r"|er|ed|transferred|came) (?:by (?:him|her|them)self |alone |now |back |out |currently )?"
    r"(?:in|from|near|to|outside) (?P<town>[a-z]{4,}(?: [a-z]{4,})?)\b"
)


_TAGGED = re.compile(
    r"<(?:facility|hospital|clinic|organi[sz]ation|custodian|city|town|village|practice|employer|school|pharmacy)(?:Name)?(?:\s[^<>]*)?>"
    r"(?P<tag>[A-Z][^<\n]{2,60}?)</"
    r"|\"(?:facility|hospital|clinic|city|town|village|practice|employer|school|pharmacy)(?:_?[Nn]ame)?\"\s?:\s?\"(?P<json>[A-Z][^\"\n]{2,60})\""
)
_SHOP = re.compile(
    rf"(?<![\w'])(?P<shop>(?!(?:Optum|Express|Caremark|Sent|New|Old|Refill|Transfer|Mail|Specialty|Outpatient|Hospital|Retail|My|Your|Their|Per)\b)"
    rf"(?P<first>{_CAP})(?: {_CAP})? (?:Rx|RX|Drugs?|Drug Store|Apothecary|Chemists?|Discount Drugs)(?: #?\d{{1,5}}(?! ?(?:mg|ml))| on {_CAP}| of {_CAP})?)"
    r"(?=\s*(?:[.,;:)\n]|$)|  | says\b| in\b| at\b| fax\b| \d{3}[ -.])"
)
_FOREIGN = re.compile(
    r"(?<![\w'’-])(?P<foreign>(?:Tribunal|Laboratorio|Hospital|Clínica|Centro(?: Médico| de Salud)?|Hôpital|Clinique|CLSC|CHU|CHSLD|Hôtel-Dieu|Farmacia"
    r"|Escuela|École|Iglesia|Église|Residencia|Résidence|Pharmacie|Hogar|Foyer|Klinik|Krankenhaus|Apotheke|Ospedale|Ysgol|Ysbyty|Coleg)"
    rf"(?: (?:de la|de los|de las|de|del|du|des|la|le)(?= ))? {_CAP}(?:[ -]{_CAP}){{0,2}})(?![\w'])"
    rf"|(?<![\w'’-])(?P<northern>{_CAP} (?:sjukhus|sykehus|sairaala|ziekenhuis|vårdcentral|lasarett|apotek))\b"
)
_PLACE_HEAD = re.compile(
    r"(?:from|to|city|town|origin|destination|dest|sending|receiving|facility|hospital|pick-?up|drop-?off|site|clinic|community|suburb|village|school"
    r"|home[ _]town|residence|pharmacy)(?:[ _](?:name|site|facility|hospital|city|town|community))?",
    re.IGNORECASE,
)
_OWNED = re.compile(
    rf"(?<![\w'’])(?P<owned>{_CAP}['’]s (?:Reef|Point|Cay|Key|Shoal|Rock|Ledge|Jetty|Inlet|Cove|Landing|Corner|Creek|Ferry|Mill|Wharf|Gap|Hollow|Neck"
    r"|Bluff|Crossing|Run|Notch|Harbou?r|Beach|Bay|Bend|Head|Hill|Quay))(?![\w'])"
)
_PLACE_CELL = re.compile(rf"(?P<first>{_CAP})(?: (?:{_CAP}|of|the|&)){{0,4}}")

_LANDING = (
    r"(?:boat[ ](?:ramp|launch)|car[ ]park|park-and-ride|roundabout|interchange|trailhead|bus[ ](?:terminal|station|stop|depot)|train[ ]station|railway[ ]station|station"
    r"|terminal|lay-?by|level[ ]crossing|slipway|boathouse|ferry[ ](?:terminal|dock|landing)|truck[ ]?stop|rest[ ](?:area|stop)|services|service[ ]station|weir"
    r"|quarry|colliery|campsite|campground|playground|skate[ ]?park|leisure[ ]cent(?:er|re)|sports?[ ](?:cent(?:er|re)|ground)|swimming[ ]pool|beach|harbou?r|marina|jetty"
    r"|pier|footbridge|tunnel|viaduct|underpass|overpass|off-ramp|on-ramp|toll[ ]?booth|toll[ ]plaza|homestead|station[ ]road|grain[ ]elevator|feedlot|tank[ ]farm|rail[ ]?yard"
    r"|freight[ ]yard|shelter|encampment|golf[ ]course|ski[ ](?:area|hill)|chairlift|landfill|transfer[ ]station|wind[ ]farm|hostel|gurdwara|mosque|temple|fire[ ]?house"
    r"|cemetery|crematorium|allotments|retail[ ]park|industrial[ ]estate|business[ ]park|caravan[ ]park|holiday[ ]park|trailer[ ]park|canal|reservoir|dam)"
)
_MORE_SITES = re.compile(
    rf"""
    # Greyhound terminal in Lynchfield
    (?<!\w)(?P<stop>(?:Greyhound|Amtrak|Megabus|Trailways|National[ ]Express|VIA[ ]Rail)[ ](?:terminal|station|depot|stop|bus[ ]station)(?:[ ](?:in|at|on)[ ]{_CAP}(?:[ ]{_CAP})?)?)
    # Hound Tor car park; Marlow Junction station
    |(?<![\w'’])(?P<landing>(?P<first>{_CAP})(?:[ ]{_CAP}){{0,2}}[ ]{_LANDING})(?!\w)(?![ ](?:of|loop|repair|valve))
    # SR 202 at Gunbarrel Pass; CR 350 near the Tinaja bridge; A38 Tollbar roundabout
    |\b(?P<spot>{_NUMBERED}[ ](?:near|at|by|past|below|above|outside|just[ ]past)[ ](?:the[ ])?{_CAP}(?:[ ]{_CAP}){{0,2}}(?:[ ](?:{_LANDING}|bridge|crossing|gate))?)(?!\w)
    |(?<!\w)(?P<junction>[AMB]\d{{1,4}}(?:\(M\))?(?:[ ]{_CAP}){{1,2}}[ ](?i:roundabout|interchange|junction|bypass|services|flyover|slip(?:[ ]road)?))
    # Dry Fork ISD; P.S. 41, PS 314
    |(?<![\w'’])(?P<district>{_CAP}(?:[ ]{_CAP}){{0,2}}[ ](?:C?ISD|USD|CUSD|RISD|SD\#?\d{{0,3}}|BOCES))(?!\w)
    |(?<![\w-])(?P<school>P\.?S\.?[ ](?:\d{{3}}\b(?![ ]?(?:cm|over|/|\d))|\d{{1,3}}(?=[ ](?:in|on|school|student|pupil)\b)|\d{{1,3}}(?=\b[^.\n]{{0,3}}\(pupil))|(?<=attends[ ])(?:MS|JHS|IS|PS)[ ]\d{{1,3}}\b)
    # left Zork Bay 07:10; departed Zork 0915
    |\b(?:left|departed|dep\.?|arrived|arr\.?|landed|lifted|cleared|ex)[ ](?:from[ ]|at[ ]|in[ ])?(?P<left>(?P<leaving>{_CAP})(?:[ ]{_CAP}){{0,2}})(?=,?[ ](?:at[ ])?[0-2]?\d:?[0-5]\d\b)
    # raised Zork Hill
    |\b(?:raised|reared|schooled|born|brought[ ]up|grew[ ]up)[ ](?P<raised>(?!Roman|Jehovah|Seventh|Southern|Greek|Latter|Russian|Church){_CAP}[ ](?!Catholic|Orthodox|Baptist|Witness){_CAP})(?=[,;.])
    # from Haven on 6th
    |\b(?:from|at|to|of|resides[ ]at|lives[ ]at)[ ](?P<house>(?:The[ ])?(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day){_CAP}(?:[ ]{_CAP})?[ ](?:on|at)[ ]{_ORDINAL})(?=[.,;)\n]|$)
    # Villa Serena Phase 2
    |(?<![\w'’])(?P<phase>(?:{_CAP}[ ]){{2}}(?:Phase|Tower|Bldg|Building|Block)[ ][\dA-H]{{1,2}})(?=[.,;)\n"]|$)
    # held Camp 9 Conservation Crew
    |\b(?:held|housed|inmate|at|from|to|detained)[ ](?:at[ ]|in[ ])?(?P<camp>Camp[ ]\d{{1,3}}(?:[ ]{_CAP}){{0,2}})
    # Zork Ladder 2 house; Zork Fire Station 3
    |(?<![\w'’])(?P<fire>(?:{_CAP}[ ]){{1,2}}(?:(?:Ladder|Engine|Hose|Truck|Medic)[ ]\d{{1,3}}[ ](?:[Hh]ouse|[Qq]uarters)|(?:Fire|Police|Lifeboat|EMS|Ambulance)[ ](?:Station|Hall|House)(?:[ ]\d{{1,3}})?))
    # Cobblers' Rest; Agency shift sheet, The Willows
    |(?<![\w'’])(?P<rest>{_CAP}s['’][ ](?:Rest|Retreat|Haven|Court|Arms|Lodge|House|Home|Hall|Yard|Row|Green|Hill|Field|Landing))(?!\w)
    """,
    re.VERBOSE,
)
_STATION = re.compile(
    r"\b(?:(?:to|from|at|of|by)[ ]|, )(?P<station>Station \d{1,3})(?![\w/+-]|[.:]\d)(?! (?:nurse|RN|charge|desk))"
)
_STATION_NEAR = re.compile(
    r"fire|rescue|lifeboat|coast ?guard|boat|convey|\bEMS\b|paramedic|ambulance|police|custody|s136|s\.136|engine|ladder|crew|skipper",
    re.IGNORECASE,
)


def _more_sites(text: str) -> Iterator[Candidate]:
    """Ramps, car parks and stations, points of a road, schools by number, what is left or reached at an hour."""
    for match in _MORE_SITES.finditer(text):
        group = match.lastgroup or "landing"
        if match["landing"]:
            group = "landing"
        elif match["left"]:
            group = "left"
        first = match["first"] or match["leaving"]
        words = match[group].split(" ") if first else []
        if first and not any(
            word[0].isupper() and _names_something(word) and word.lower() not in institutions.GENERIC for word in words
        ):
            continue
        yield Candidate(*match.span(group), "location", 0.85)
    for match in _STATION.finditer(text):
        if _STATION_NEAR.search(text, max(0, match.start() - 120), match.end() + 60):
            yield Candidate(*match.span("station"), "location", 0.85)


def _in_fields(text: str) -> Iterator[Candidate]:
    """Places in elements and columns of their own, shops that sell drugs, houses named in other languages."""
    for match in _OWNED.finditer(text):
        yield Candidate(*match.span("owned"), "location", 0.9)
    for match in _TAGGED.finditer(text):
        yield Candidate(*match.span(match.lastgroup or "tag"), "location", 0.91)
    for match in _SHOP.finditer(text):
        if _names_something(match["first"]):
            yield Candidate(*match.span("shop"), "location", 0.9)
    for match in _FOREIGN.finditer(text):
        last = match[0].rsplit(" ", 1)[-1]
        if match["northern"] or not (is_stop(last) or last.lower() in institutions.GENERIC):
            yield Candidate(*match.span(), "location", 0.8)
    for start, end in cells_below(text, _PLACE_HEAD):
        cell = _PLACE_CELL.fullmatch(text, start, end)
        if (
            cell
            and (_names_something(cell["first"]) or " " in cell[0])
            and cell["first"].lower() not in institutions.GENERIC
        ):
            yield Candidate(start, end, "location", 0.8)


def _names_something(place: str) -> bool:
    """Whether a place begins with a word that neither every note nor medicine has."""
    first = re.split(r"[ -]", place)[0]
    return not is_stop(first) and first.lower() not in gazetteers.disease_words() and len(first) > 2


def _small_towns(text: str) -> Iterator[Candidate]:
    """Towns and streets in notes without capitals."""
    for match in _SMALL_STREET.finditer(text):
        yield Candidate(match.start("street"), match.end("street"), "location", 0.7)
        if match["town"] and match["town"].title() in gazetteers.cities():
            yield Candidate(match.start("town"), match.end("town"), "location", 0.7)
    for match in _SMALL_NAMED.finditer(text):
        yield Candidate(match.start("place"), match.end("place"), "location", 0.66)
        if match["town"] and match["town"].title() in gazetteers.cities():
            yield Candidate(match.start("town"), match.end("town"), "location", 0.66)
    known = gazetteers.words()
    for match in _SMALL_TOWN.finditer(text):
        words = match["town"].split(" ")
        if len(words) == 2 and match["town"].title() in gazetteers.cities():
            yield Candidate(match.start("town"), match.end("town"), "location", 0.62)
        elif (
            not is_stop(words[0])
            and known.get(words[0], 0) < (50 if words[0].title() in gazetteers.cities() else 1)
            and words[0] not in gazetteers.drugs()
            and words[0] not in gazetteers.disease_words()
        ):
            yield Candidate(match.start("town"), match.start("town") + len(words[0]), "location", 0.6)


def _roads(text: str) -> Iterator[Candidate]:
    """Crossings, numbered roads, blocks and houses."""
    for match in _CROSSING.finditer(text):
        group = next(name for name in ("corner", "streets", "between", "pair", "way", "comma", "saint") if match[name])
        yield Candidate(*match.span(group), "location", 0.86)
    for match in itertools.chain(_SPOT.finditer(text), _COUNTY_ROAD.finditer(text), _HOUSE_ON.finditer(text)):
        yield Candidate(match.start(), match.end(), "location", 0.87)
    for match in _ROAD.finditer(text):
        group = next(name for name in ("road", "motorway", "exit", "mile", "lead") if match[name])
        yield Candidate(*match.span(group), "location", 0.8)
        town = _NEAR_ROAD.match(text, match.end(group))
        if town and _names_something(town["town"]):
            yield Candidate(*town.span("town"), "location", 0.78)
    for match in _BLOCK.finditer(text):
        yield Candidate(*match.span("block"), "location", 0.88)
    for match in _HOUSE.finditer(text):
        group = next(name for name in ("house", "flat", "slash", "bare") if match[name])
        if group != "house" or not (is_stop(match["first"]) or match["first"].lower() in institutions.GENERIC):
            yield Candidate(*match.span(group), "location", 0.85)


def _towns(text: str) -> Iterator[Candidate]:
    """Towns behind a label, before a code of a region, or near what lies there."""
    for pattern, score in ((_TOWN_LABEL, 0.82), (_TOWN_CODE, 0.82), (_REGION, 0.62), (_NEAR, 0.62)):
        for match in pattern.finditer(text):
            if _names_something(match["town"]):
                yield Candidate(*match.span("town"), "location", score)


_KNOWN_HOUSES = (
    r"(?:UCSF|UCLA|UCSD|UPMC|MGH|BWH|BIDMC|NYU(?: Langone)?|Johns Hopkins|MD Anderson|Mayo(?: Clinic)?(?= (?:in|for"
    r"|Rochester|Jacksonville|Scottsdale)|[.,;)\n])|Sloan[- ]Kettering|MSKCC|Cedars[- ]Sinai|Mount Sinai"
    r"|Mt\.? Sinai|Cleveland Clinic|Mass(?:\.|achusetts)? General|Beth Israel|Brigham(?: and Women's)?|Bellevue"
    r"|Guy's(?: and St Thomas'?)?|Addenbrooke's|GOSH|Great Ormond Street|the Royal Free|UCLH|St Thomas'|Bart's|Barts"
    r"|San Quentin|Rikers(?: Island)?|Sing Sing|Leavenworth)"
)
_LANDMARK = (
    r"(?:SNF|Bridge|District|Marina|Motel|Hotel|Shipyard|shipyard|Stadium|Tower|Pier|Wharf|Harbou?r|Plaza|Heights"
    r"|Square|Island|Lighthouse|Falls|Beach|Ferry|Terminal|Airport|Bus Station|Rest Area|Truck Stop|Overpass"
    r"|Underpass|Creek|Reef|Shoal|Ledge|Cay|Jetty|Inlet|Narrows|Levee|Weir|Causeway|Boatyard|Weigh Station|Building"
    r"|Pond|Canyon|Trailhead|State Park|National Park|Speedway|Fairgrounds?|Mall|Estate|Projects|Reservation"
    r"|Nursing Home|nursing home|care home|Care Home|Assisted Living|Memory Care|Rehab|Convent|convent|Monastery"
    r"|Abbey|Parish)"
)
_CUES = re.compile(
    rf"""
    \b(?P<known>{_KNOWN_HOUSES})(?!\w)
    |\b(?:at|in|near|under|on|over|by|from|off|to|outside|around|behind|past|of
    |the)[ ](?:the[ ])?(?P<landmark>(?!The\b)(?:(?:St\.?|Mt\.?
    |Ft\.?)[ ])?(?P<first>{_CAP})(?:[ ]{_CAP}){{0,2}}?[ ]{_LANDMARK})\b(?![ ](?:sign|sequence|maneuver|operation))
    |\b(?:downtown|uptown|rural|suburban|central|inner[ ]city|greater|metro|south[ ]side[ ]of
    |north[ ]side[ ]of)[ ](?P<city>{_CAP}(?:[ ]{_CAP})?)
    |\b(?P<store>(?:Walmart|Target|Costco|Safeway|Kroger|Publix|Walgreens|CVS|Rite[ ]Aid|Tesco|Asda|Sainsbury'?s
    |McDonald's|Starbucks|Home[ ]Depot|Lowe's)[ ](?:on|at|in|off|near)[ ](?:{_CAP}(?:[ ](?:{_CAP}|\d+))?
    |\d+\w*(?:[ ]{_CAP})?))
    |(?<![\w.])(?P<german>(?:[A-ZÄÖÜ][a-zäöüß]+(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm)|(?:Via
    |Viale|Piazza|Calle|Avenida|Av\.|Rua|Paseo|Camino)[ ]{_CAP}(?:[ ](?:de[ ]la[ ]|del[ ]
    |de[ ])?{_CAP})?),?[ ]\d{{1,4}}[a-z]?)(?!\w)
    |(?<![\w.])(?P<french>\d{{1,4}},?[ ](?:bis[ ])?(?:rue|avenue|boulevard|place|chemin|allée|quai|impasse|via
    |calle)[ ](?:de[ ](?:la[ ]|l')?|du[ ]|des[ ])?{_CAP}(?:[ ]{_CAP})?)
    |\b(?P<numbered>(?:(?:hillcrest|[a-z]{{4,}})[ ])?(?:apartments?|apts?)[ ]\#[ ]?\d{{1,4}}[a-z]?)\b
    |(?<![\w/])(?P<unit>(?:[Uu]nit|[Ff]lat|[Aa]pt|[Vv]illa)[ ]\d{{1,4}}[A-Za-z]?/\d{{1,4}}[ ]{_CAP}(?:[ ]{_CAP}){{1,2}})
    |\b(?:resid(?:es|ing)|home|house|farm|lives?|living|lived|raised|grew[ ]up|born|retired|moved|emigrated|flew
    |drove|drives|driven|commutes?|travell?ed|stays?|staying|camping|hiking|works?|worked|based|shelter|kin|sister
    |brother|daughter|son|dtr|mother|father|family|transferred|referred|sent|seen|dialysis|clinic|evacuated
    |airlifted|hails)
      (?:[ ](?:in|back|here|over|down|up|now|alone|bound|together|with[ ]\w+|w/[ ]\w+|a[ ]child)){{0,2}}[ ](?:in|to
      |from|at|near|outside|by|on|for)[ ](?P<lived>(?:(?:Ft\.?|St\.?|Mt\.?|San|Santa|Los|Las|El|New|North|South
      |East|West|Lake|Port|Fort|Big|Old)[ ])?(?P<name>{_CAP}(?:'s)?)(?:[ -]{_CAP})?)
      (?=\s*(?:[.,;)\n]|$)|[ ](?:in|on|as|before|after|with|for|and|last|this|when|since|where|\d|weeks?|from|to|at)\b)
    |\b(?i:neighbou?rhood|hometown|location|address|scene|from|residence|shelter|referred[ ]by
    |birthplace)[ ]?[:：][ ]?(?P<told>(?P<head>{_CAP})(?:[ -](?:{_CAP}))?)(?=[ ]*(?:[.,;\n(]|$))
    """,
    re.VERBOSE,
)


def _cued(text: str) -> Iterator[Candidate]:
    """Landmarks, hospitals known by a short name, shops on a street, streets of other languages, and names behind a
    word of living or going."""
    for match in _CUES.finditer(text):
        group = match.lastgroup or "known"
        if match["landmark"]:
            group = "landmark"
            if not _names_something(match["first"]):
                continue
        elif match["lived"] or match["told"]:
            group = "lived" if match["lived"] else "told"
            head = match["name"] or match["head"]
            whole = match[group]
            if (
                not _names_something(head.removesuffix("'s"))
                or whole in gazetteers.countries()
                or whole.split(" ")[0] in gazetteers.countries()
                or whole in _LARGER
                or head.lower() in gazetteers.drugs()
            ):
                continue
        elif match["city"] and (match["city"] in _LARGER or not _names_something(match["city"])):
            continue
        yield Candidate(*match.span(group), "location", 0.6 if group in ("lived", "told", "city") else 0.79)


_LARGER = frozenset(
    [
        *gazetteers.STATES,
        *["Scotland", "Wales", "England", "Ireland", "America", "Africa", "Asia", "Europe", "Australia", "Medicare"],
        *["Medicaid", "Hospice", "Rehab", "Emergency", "God"],
        *["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    ]
)
"""What is no smaller than a state, and what stands in a place's stead."""


def find_sites(text: str) -> Iterator[Candidate]:
    """Places that the words around them give away."""
    yield from _roads(text)
    yield from _cued(text)
    yield from _in_fields(text)
    yield from _more_sites(text)
    for pattern in (_CUED, _EMPLOYER):
        for match in pattern.finditer(text):
            place = match["place"]
            words = place.split(" ")
            told = _names_something(place) if pattern is _CUED else any(map(institutions.rarely_else, words))
            medical = _AMBIGUOUS.search(place) is not None or pattern is _EMPLOYER
            if (not is_stop(words[0]) or (pattern is _EMPLOYER and told)) and (not medical or told):
                start = match.start("place")
                if place.rsplit(" ", 1)[-1].islower() and text.startswith("the ", max(0, start - 4)):
                    start -= 4
                yield Candidate(start, match.end("place"), "location", 0.9 if pattern is _EMPLOYER else 0.84)
    for pattern in (_OF_KIND, _STORE):
        for match in pattern.finditer(text):
            if not is_stop(match["first"]) and match["first"].lower() not in gazetteers.disease_words():
                yield Candidate(*match.span("place"), "location", 0.8)
    for match in _AFTER_SITE.finditer(text):
        if _names_something(match["town"]):
            yield Candidate(*match.span("town"), "location", 0.62)
    for match in _HELD.finditer(text):
        if not is_stop(match["of"]):
            yield Candidate(match.start(), match.end(), "location", 0.86)
    yield from _towns(text)
    yield from _small_towns(text)
