"""Identifiers that are numbers, codes or addresses on a network: by their form, check digit or the label before them."""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501, C901

import re
from collections.abc import Iterator

import phonenumbers

from practicum.data.deidentification import checksums, gazetteers
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.tables import cells_below

_SSN = re.compile(r"(?<![\w\-])\d{3}( ?[-./] ?| )\d\d\1\d{4}(?![\w]|[-.]\d)", re.ASCII)
_SSN_MASKED = re.compile(r"(?<![\w])(?:xxx|\*{3})[- ](?:xx|\*\*)[- ]\d{4}(?!\w)", re.IGNORECASE | re.ASCII)
_PHONE = re.compile(
    r"(?<![\w.\-/])(?:"
    r"(?:\+?1[-. ]{0,2})?(?:\(\d{3}\)[-. ]{0,2}|\d{3}[-. /])\d{3}[-. ]\d{4}"
    r"|\+\d{1,3}[-. ]?(?:\(0?\d{1,4}\)[-. ]?)?\d{1,5}(?:[-. ]?\d{2,5}){1,5}"
    r"|0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}|0\d(?:[ .]\d\d){4}"
    r")(?:,?\s*(?:ext|x|extension|转|分机)\.?\s*\d{1,6})?(?![\w]|[-/.]\d)",
    re.IGNORECASE | re.ASCII,
)
_LOCAL_PHONE = re.compile(r"(?<![\w.\-/])(?:[2-9]\d{2}[-.]|555 )\d{4}(?![\w]|[-.]\d)", re.ASCII)
_PHONE_LABEL = re.compile(
    r"(?:\b(?:tel|telephone|phone|ph|cell|mobile|call|called|calls|home|work|pager|contact|reach(?:ed|able)?|voicemail|line|text|at|beeper|callback|"
    r"office|hotline|dial)\b\.?(?:\s(?:no|number|#|him|her|me|them|us|back)\.?)?|☎|电话|手机|联系方式|热线)[\s:：#()]*(?:(?:is|at|on|to)\s+)?$",
    re.IGNORECASE | re.ASCII,
)
_FAX_LABEL = re.compile(r"(?:\b(?:fax|facsimile|telefax|fx)(?:ed)?\b|传真)[^\n\d;。]{0,25}$", re.IGNORECASE | re.ASCII)
_LABELLED_PHONE = re.compile(
    r"\b(?i:(?P<fax>fax|facsimile)|tel|telephone|phone|cell|mobile|pager|beeper|contact|ph|extension|ext)\b\.?"
    r"(?:\s(?i:no|number|#)\.?)?\s?(?:[:：#]\s*|\s+(?i:is|at|to)?\s*)(?P<value>[+(]?\d[\d\s().\-]{2,18}\d)(?![\w/%]|\.\d)",
    re.ASCII,
)
_FREE_PHONE = re.compile(r"(?<![\w.\-/])[+(]?\d[\d().\- ]{5,16}\d(?![\w/%]|[-.]\d)", re.ASCII)
_SAID_DIGIT = r"(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine|double|triple|hundred)"
_SAID_PHONE = re.compile(
    rf"(?<![\w-])(?:\d{{3}},? (?:{_SAID_DIGIT},?[ -]){{6,}}{_SAID_DIGIT}|(?:{_SAID_DIGIT},?[ -]){{6,}}{_SAID_DIGIT})(?![\w-])",
    re.IGNORECASE,
)
"""Numbers as they are dictated."""
_NO_PHONE = re.compile(
    r"(?:[01]\d|2[0-4])[0-5]\d ?- ?(?:[01]\d|2[0-4])[0-5]\d$|0?\d?\.\d|\d+\.\d+-\d|0\d{3,4}-\d{4}-\d\d$|\d{5}-\d{3,4}-\d\d?$"
)
_NDC_LABEL = re.compile(r"\b(?:NDC|UPC|GTIN)\s?[#:]?\s?$", re.IGNORECASE)
_EXTENSION = re.compile(
    r"(?:(?<![\w])(?:ext\.?|extension|pager|beeper)\s?(?:no\.? ?|number )?#?:?\s?(?=\d\d)|(?<=\s)x(?=\d{3}))(?P<value>\d{2,6})(?![\w%/]|\.\d)",
    re.IGNORECASE | re.ASCII,
)
_EMAIL = re.compile(r"(?<![\w.+\-])[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)*\.(?=[A-Za-z])[\w\-]+", re.ASCII)
_EMAIL_SPELLED = re.compile(
    r"(?<![\w.])[\w.+\-]{2,}\s?(?:\[at\]|\(at\)| at )\s?[\w\-]+(?:\s?(?:\[dot\]|\(dot\)| dot |\.)\s?(?:com|org|net|edu|gov|cn|io))+\b",
    re.IGNORECASE | re.ASCII,
)
_SITE = re.compile(r"[A-Za-z]+ at [\w\-]+(?:\.[\w\-]+)+")
_URL = re.compile(
    r"(?:\b(?:https?|ftps?|sftp)://[^\s<>\"'（）()，。；、\u4e00-\u9fff]+"
    r"|\bwww\.[^\s<>\"'（）()，。；、\u4e00-\u9fff]+"
    r"|(?<![\w@.\-/])(?:[a-z\d](?:[a-z\d\-]*[a-z\d])?\.)+(?:com|org|net|edu|gov|mil|io|health|cn|uk|de|info|me|example|test|co|us|ca|app|care|clinic|local)"
    r"(?:/[^\s<>\"'（）()，。；、\u4e00-\u9fff]*)?(?![\w@\-]|\.\w))",
    re.IGNORECASE | re.ASCII,
)
_VOCABULARY = re.compile(
    r"https?://(?:(?:www\.|terminology\.)?hl7\.org|loinc\.org|snomed\.info|unitsofmeasure\.org|www\.w3\.org|www\.nlm\.nih\.gov"
    r"|www\.ama-assn\.org|hl7\.org\.uk|fhir\.(?:nhs\.uk|hl7\.org\.uk)|dicom\.nema\.org)(?:/|$)"
)
"""Where vocabularies and standards live, which messages name."""
_IP = re.compile(
    r"(?<!\w)(?<!\w\.)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)(?:/\d{1,2})?"
    r"|(?<![\w:.])(?=[\da-f:]*:[\da-f:]*:)(?:[\da-f]{1,4}:){1,7}(?::?[\da-f]{1,4}){0,7}(?:::)?(?![\w:])"
    r"|(?<![\w:.])::(?:[\da-f]{1,4}:){0,6}[\da-f]{1,4}(?![\w:])",
    re.IGNORECASE | re.ASCII,
)
_MAC = re.compile(r"(?<![\w:\-])(?:[\da-f]{2}([:-]))(?:[\da-f]{2}\1){4}[\da-f]{2}(?![\w:\-])", re.IGNORECASE | re.ASCII)
_UUID = re.compile(
    r"(?<![\w\-])[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?![\w\-])", re.IGNORECASE | re.ASCII
)
_VIN = re.compile(r"(?<![\w])[A-HJ-NPR-Z\d]{17}(?![\w])", re.ASCII)
_UDI_BARE = re.compile(r"(?<!\d)01 \d{14}(?: 1[0157] [A-Z\d]{4,20}| 21 [A-Z\d]{4,20}){1,3}(?!\w)", re.ASCII)
_UDI = re.compile(r"\(01\)\s?\d{14}(?:\s?\((?:10|11|17|21)\)\s?[A-Z\d\-]+)*", re.IGNORECASE | re.ASCII)
_MBI = re.compile(
    r"(?<![\w\-])[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d[- ]?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d[- ]?[AC-HJKMNP-RT-Y]{2}\d{2}(?![\w\-])",
    re.ASCII,
)
_DEA = re.compile(r"(?<![\w])[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}(?![\w])", re.ASCII)
_CARD = re.compile(r"(?<![\w\-.])[3-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{3,4}(?:[ -]?\d{1,3})?(?![\w\-])", re.ASCII)
_IBAN = re.compile(r"(?<![\w])[A-Z]{2}\d{2}(?:\s?[A-Z\d]{4}){3,7}(?:\s?[A-Z\d]{1,3})?(?![\w])", re.ASCII)
_PHOTO = re.compile(
    r"(?<![\w./\\\-])(?:[A-Za-z]:)?[\w./\\\-]*[\w\-]\.(?:jpe?g|png|tiff?|heic|heif|bmp|gif|webp|raw|dng|cr2|nef|jfif|jpe|svg|dcm|mp4|mov|avi)(?![\w])",
    re.IGNORECASE,
)
_CAMERA = re.compile(
    r"(?<![A-Za-z\d])(?:IMG|DSC[NF]?|PXL|DCIM|MVI|PIC|PHOTO|FOTO|IMAGE|SCAN)[_\- ]?(?:\d{3,}|\d+_\d+)(?:[_-]\w+)*",
    re.ASCII,
)
_PHOTO_LABEL = re.compile(
    r"\b(?:photo(?:graph)?s?|(?:full[- ]?)?face (?:photo|image|picture)|image|picture|photo id|headshot|portrait)"
    r"(?:\s(?:file|id|ref(?:erence)?|no|number|#))*\.?\s?[:#]?\s+(?:is\s+)?(?P<value>(?=[\w\-]*\d)[A-Z][\w\-]{4,})(?![\w.])",
    re.IGNORECASE | re.ASCII,
)
_PLATE_US = re.compile(
    r"\b(?i:(?:licen[sc]e |number |registration )?plates?|tag|registration|car|ambulance|truck|taxi|van|vehicle)(?![A-Za-z]|[ ](?i:park))(?i:\s(?:no|number|#|reads|reading|is|of))*\.?\s?[:#]?\s?\(?"
    r"(?:(?P<state>[A-Z]{2})[ -])?(?P<value>(?=[A-Z\- ]{0,8}\d)[A-Z\d]{1,4}[ \-·]?[A-Z\d]{2,4}(?:[ -][A-Z\d]{1,3})?)(?![\w])",
    re.ASCII,
)
_ZIP = re.compile(
    r"(?:\b(?i:zip(?:\s?code)?|postal code|postcode)\b\s?(?:[:#]\s*|is\s+|of\s+|\s)\s*(?P<a>\d{5}(?:-\d{4})?)"
    r"|(?:, ?|[a-z] |[A-Z]{3} |\n)(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY]),?"
    r"(?:[ \t]{1,2}|\n)(?P<b>\d{5}(?:-\d{4})?)"
    r"|\b(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|"
    r"Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|Hampshire|"
    r"Jersey|Mexico|York|Carolina|Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Island|Tennessee|Texas|Utah|Vermont|Virginia|Washington|"
    r"Wisconsin|Wyoming|Columbia),?\s+(?P<c>\d{5}(?:-\d{4})?)"
    r"|(?:邮编|邮政编码)(?:是|为)?[:：\s]*(?P<d>\d{6}))(?![\w]|-\d)",
    re.ASCII,
)


_ZIP_AFTER_PLACE = re.compile(
    r"(?:(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Ln|Boulevard|Blvd|Court|Ct|Way|Place|Pl|Parkway|Pkwy|Highway|Hwy|Terrace|Ter|Circle|Cir"
    r"|Square|Sq|Trail|Trl|Loop|Pike|Crescent|Row|Route|Rte)\.?(?:,? (?:Apt|Unit|Suite|Ste|Floor|Fl|Bldg|Rm|Room|Lot|#)\.? ?[\w-]+)?,?\s"
    r"(?:[A-Z][\w.'-]+,? ){0,3}"
    r"|(?:Box|BOX) \d+,? (?:[A-Z][\w.'-]+,? ){1,3}|(?:Calif|Mass|Penn|Tex|Fla|Ill|Mich|Wash|Ariz|Colo|Conn|Ga|Ind|Kan|Ky|Md|Minn|Miss|Mo|Neb|Nev|Okla|Ore|Tenn|Va|Vt|Wis)\. )"
    r"(?P<zip>\d{5}(?:-\d{4})?)(?![\w]|[-.]\d)(?! ?(?:mg|ml|cells|copies|units|kcal|/))"
)
_ZIP_AFTER_WORDS = re.compile(
    r"\d[^\n\d]{3,40}[,.\n] ?[A-Z][a-z]+(?: [A-Z][a-z]+)?,? (?P<zip>\d{5}(?:-\d{4})?)(?=[.;]?\s*(?:\n|$)|\. )"
)
_ZIP_LABELLED = re.compile(
    r"(?<![A-Za-z])(?:zip|post(?:al)?|p)[\s_\-/.]?(?:/\s?postal\s?)?(?:code|cd)?(?:[\s_]?(?:\+4|no\.?|number|#|\((?:home|work|mailing|residence)\)))?"
    r"(?:(?<=zip)|(?<=code)|(?<=cd)|(?<=\+4)|(?<=no)|(?<=no\.)|(?<=number)|(?<=#)|(?<=\)))(?:\s(?:is|was|of|code))?[\"']?\s{0,3}(?:[:=|#,\t~>\-\"']|\.{2,}|\s){1,4}\s*"
    r"(?P<zip>\d{5}(?:[- ]?\d{4})?|\d{4}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?![\w]|[-.]\d)",
    re.IGNORECASE | re.ASCII,
)
_STATES = "A[AEKLPRSZ]|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEHINOPST]|N[CDEHJMVY]|O[HKR]|P[ARW]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY]"
_ZIP_AFTER_STATE = re.compile(
    rf"(?:[A-Za-z]{{3,}}[.,]?\s|,\s?|\n|\t|\|\s?)(?P<state>(?i:{_STATES})|[A-Z]\.\s?[A-Z]\.|(?i:calif|mass|penna?|tex|fla|ill|mich|wash|ariz|colo|conn|ind|kans?|minn|miss|nebr?|nev|okla|ore|tenn|wisc?|ala|ark|del|mont|wyo)\.?)"
    r"[ \t]*[,|\t\-–\n]?[ \t]*(?P<zip>\d{5}(?:[- ]\d{4})?)(?![\w%]|[-.,/]\d|\s?(?:mg|ml|units?|cells|copies|steps|iu|kcal|patients|dollars)\b)",
    re.ASCII,
)
_STATE_WORDS = frozenset(
    (
        "in",
        "or",
        "me",
        "ok",
        "hi",
        "oh",
        "ma",
        "pa",
        "id",
        "la",
        "de",
        "co",
        "mo",
        "al",
        "as",
        "ms",
        "mp",
        "pr",
        "ae",
        "ap",
        "ill",
        "miss",
        "mass",
        "del",
        "wash",
        "ore",
        "mont",
    )
)
"""States' abbreviations that in small letters are words or other abbreviations."""
_STATE_NAMES = (
    "alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine"
    "|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|new hampshire|new jersey|new mexico|new york|north carolina"
    "|north dakota|ohio|oklahoma|oregon|pennsylvania|rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia|washington|west virginia"
    "|wisconsin|wyoming|district of columbia|puerto rico|guam"
)
_ZIP_AFTER_STATE_NAME = re.compile(
    rf"\b(?:{_STATE_NAMES})\b[.,]?(?:\s+(?:zip(?:\s?code)?\s?)?|\s?[-–|]\s?|\t)(?P<zip>\d{{5}}(?:[- ]\d{{4}})?)(?![\w%]|[-.,/]\d|\s?(?:patients|people|cases)\b)",
    re.IGNORECASE | re.ASCII,
)
_ZIP_AFTER_CITY = re.compile(
    r"(?P<city>[A-Z][a-z][\w.'-]*(?:[ -][A-Z][\w.'-]+){0,2}),? (?P<zip>\d{5}(?:-\d{4})?)(?=\s*(?:[,;)\n|\t]|\.(?!\d)|$)|\s(?:and|with|since|alone|to|USA|US|United)\b)"
)
_AUSTRALIA = re.compile(
    r"\b(?:(?P<nsw>NSW|N\.S\.W\.?|New South Wales)|(?P<vic>VIC|Vic\.?|Victoria)|(?P<qld>QLD|Qld\.?|Queensland)|(?P<sa>SA|S\.A\.|South Australia)|(?P<wa>WA|W\.A\.|Western Australia)"
    r"|(?P<tas>TAS|Tas\.?|Tasmania)|(?P<act>ACT|A\.C\.T\.|Australian Capital Territory)|(?P<nt>NT|N\.T\.|Northern Territory))(?:,?[ \t]+|\t|\s?[|]\s?|,?\n)"
    r"(?P<zip>0?\d{3,4})(?![\w%]|[-./:]\d|,\d{3})"
)
_AUSTRALIAN_CODES = {
    "nsw": "[12]", "vic": "[38]", "qld": "[49]", "sa": "5", "wa": "6", "tas": "7", "act": "(?:2[69]|02)", "nt": "0[89]",
}  # fmt: skip
"""How the postcodes of Australia's states begin; none but New South Wales' looks like a year."""
_AUSTRALIAN_TOWN = re.compile(
    r"(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Ln|Court|Ct|Crescent|Cres|Cr|Parade|Pde|Place|Pl|Terrace|Tce|Close|Cl|Highway|Hwy|Way|Grove|Gr|Boulevard|Bvd|Esplanade|Circuit|Cct)\.?,?[ \n]"
    r"(?:[A-Z][\w'’-]+,? ){1,3}(?P<zip>[2-9]\d{3}|0[89]\d\d)(?=\s*(?:[,;)\n|\t]|\.(?!\d)|$))"
)
_BRITISH_AREAS = (
    "AB|AL|B|BA|BB|BD|BF|BH|BL|BN|BR|BS|BT|BX|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|EH|EN|EX|FK|FY|G|GL|GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE"
    "|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|WA"
    "|WC|WD|WF|WN|WR|WS|WV|YO|ZE"
)
_BRITISH = re.compile(
    rf"(?<![\w./-])(?:(?P<spaced>(?i:{_BRITISH_AREAS})\d[A-Za-z\d]?\s{{1,2}}\d(?i:[abd-hjlnp-uw-z]{{2}}))|(?P<joined>(?:{_BRITISH_AREAS})\d[A-Z\d]?\d[ABD-HJLNP-UW-Z]{{2}}))(?![\w./-])",
    re.ASCII,
)
_POSTCODE_IN_PLACE = re.compile(
    # By its form alone, behind a capitalised word or a province: no letter is told from those that are in use.
    r"(?:[A-Z][a-z]{2,},? |[A-Z]{3,},? |, ?|\n)(?P<british>[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})(?=[\s,.;)]|$)"
    r"|\b(?:ON|QC|BC|AB|MB|SK|NS|NB|NL|PE|YT|NT|NU)[ ,^]{1,3}(?P<canadian>[A-Z]\d[A-Z][ -]?\d[A-Z]\d)(?!\w)"
)
_NO_INWARD = re.compile(
    r"\d(?:st|nd|rd|th|hr|wk|yr|gy|ft|lb|tab|pt|pg|ng|ug|dl|pt|ea|qd|hs|prn|bd|tds|am|pm|x|u)$", re.IGNORECASE
)
_ZIP_HEAD = re.compile(
    r"(?:\w+[ _])?(?:zip|zip[ _]?code|zip\s?\+\s?4|post[ _]?code|postal[ _]?code|postal|p/?code|zip/postal)(?:[ _]\w+)?\.?",
    re.IGNORECASE,
)
_HOUSE_NUMBER = re.compile(
    r"\d+[A-Za-z]? (?:[A-Za-z.]+ ){1,3}(?:st|street|ave|avenue|rd|road|dr|drive|ln|lane|blvd|ct|court|way|pl|place|box|apt|hwy)\b",
    re.IGNORECASE,
)
_POSTAL_BEFORE = re.compile(r"(?:post ?code:?|[a-z]{3,},?|[A-Z]{4,},?|,|\n)\s?$")
_ZIP_PLUS_4 = re.compile(r"(?<![\w\-./@%+#])\d{5}-\d{4}(?![\w%]|[-/.]\d)", re.ASCII)
_PUBLIC_NUMBER = re.compile(r"\b(?:NDC|LOINC|CAS|lot|batch|ref|pages?|pp)\.?\s?[#:]?\s?$", re.IGNORECASE)
_ZIP_CELL = re.compile(
    r"(?:(?<=[|\t])|(?<=[|,;] )|(?<=,)|(?<=\d )|(?<=  )|\^)(?P<zip>\d{5})(?=\s*(?:[|\t;\n^]|,(?!\d{3})|  )|\s*$)",
    re.ASCII,
)
_IDENTIFYING = re.compile(
    r"(?<![\w\-])(?:\d{3}[-. ]?\d\d[-. ]?\d{4}|\d{1,4}[-./]\d{1,2}[-./]\d{2,4}|\(?\d{3}\)?[-. ]?\d{3}[-. ]\d{4}"
    r"|\+?\d[\d \-]{8,14}\d|\d{1,2}(?:st|nd|rd|th)?[- ]?[A-Za-z]{3,9}[-. ]?,? ?\d{2,4}|[A-Z][A-Za-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d"
    r"|555-\d{4})(?!\w)",
    re.ASCII,
)
"""What stands beside an address in a row about a person: a date, a social security number, a telephone number."""
_POSTCODE = re.compile(
    r"(?<![\w])(?:[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}|[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d)(?![\w])"
)

_ZIP_TOLD = re.compile(
    r"""
    (?<![\w\-./@%+*$\#])(?P<before>\d{5}(?:-\d{4})?)(?=[ ](?:zip|postal|post[ ]?code|zcta|area[ ]code)\b)
    |\bzip\b(?![ ]?lock|per)[^\n\d;]{0,28}?(?<![\w\-.])(?P<after>\d{5}(?:-\d{4})?)(?![\w%]|[-.,/]\d)
    |\bz(?:ip|c)?[ ]?[:=][ ]?(?P<short>\d{5}(?:-\d{4})?)(?![\w%]|[-.,/]\d)
    |(?<=[A-Za-z,.][ ,])(?P<joined>(?-i:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY])[ ]?[.\-(]?(?P<inner>\d{5}(?:-\d{4})?))(?![\w%]|[-.,/]\d|[ ]?(?:mg|ml|units?|cells))
    |,(?-i:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY])[.\-]?(?P<glued>\d{5}(?:-\d{4})?)(?![\w%])
    |\b(?:address|addr|mail(?:ing|s)?[ ](?:to|address)?|ship[ ]to|bill(?:ing)?[ ](?:to|address)|guarantor|residence|residing|resid\w+|lives?|lived|living|moved|evacuated|relocated|home|householder|walgreens|cvs|rite[ ]aid
      |neighbou?rhood|community|catchment|district|area|walmart|pharmacy|return[ ]to)\b[^\n]{0,70}?[ ,:](?P<line>\d{5}(?:-\d{4})?)(?=[.;)]?(?:[ \t]*(?:\n|$)|[ ](?:after|since|before|with|and|because|due|attn|tel|phone|ph\b)|[ ]\())
    |\b(?:post|postal)[ ]?codes?\b[^\n\d;]{0,20}?(?<!\w)(?P<post>[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}|[A-Z]\d[A-Z][ ]?\d[A-Z]\d|\d{4,6})(?![\w%]|[-.,/]\d)
    |(?<=[A-Za-z][ ,])(?:[ ]{0,2})(?P<canada>(?!E\dV\d)(?-i:[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]?\d[ABCEGHJ-NPRSTV-Z]\d))(?!\w)
    |(?:^|[,;\n(]|\bin|\bfrom|\b(?:D|F|A|CH|I|E|NL|B|DK|S|N|PL)-)[ ]?(?P<europe>\d{4,5})[ ](?P<town>(?-i:[A-ZÄÖÜ][a-zäöüßé]{3,}(?:[ -][A-Z][a-zé]+)?))(?=[ ]*(?:[,.;\n)]|$))
    |〒[ ]?(?P<japan>\d{3}-?\d{4})
    """,
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)


def _told_postcodes(text: str) -> Iterator[Candidate]:
    """Postcodes that the words before or behind them tell, and those that stand before a town."""
    for match in _ZIP_TOLD.finditer(text):
        group = "inner" if match["inner"] else "europe" if match["europe"] else match.lastgroup or "after"
        if group == "europe" and match["town"] not in gazetteers.cities() and "-" not in match[0]:
            continue
        if group == "europe" and re.fullmatch(r"(?:19|20)\d\d", match["europe"]):
            continue
        yield Candidate(*match.span(group), "zip", 0.88 if group not in ("line", "europe") else 0.66)


def find_codes(text: str) -> Iterator[Candidate]:
    """What its form or check digit alone gives away."""
    for match in _SSN.finditer(text):
        yield Candidate(match.start(), match.end(), "ssn", 0.9 if match[1] == "-" else 0.7)
    for match in _SSN_MASKED.finditer(text):
        yield Candidate(match.start(), match.end(), "ssn", 0.7)
    for match in _VIN.finditer(text):
        if checksums.vin(match[0]):
            yield Candidate(match.start(), match.end(), "vehicle", 0.95)
    for match in _UUID.finditer(text):
        yield Candidate(match.start(), match.end(), "id_number", 0.9)
    for match in _MAC.finditer(text):
        yield Candidate(match.start(), match.end(), "device", 0.97)
    if "(01)" in text:
        for match in _UDI.finditer(text):
            yield Candidate(match.start(), match.end(), "device", 0.96)
    for match in _UDI_BARE.finditer(text):
        yield Candidate(match.start(), match.end(), "device", 0.96)
    for match in _MBI.finditer(text):
        yield Candidate(match.start(), match.end(), "health_plan", 0.9)
    for match in _DEA.finditer(text):
        if checksums.dea(match[0]):
            yield Candidate(match.start(), match.end(), "licence", 0.9)
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if 14 <= len(digits) <= 19 and checksums.luhn(digits):
            yield Candidate(match.start(), match.end(), "bank_card", 0.9)
    for match in _ZIP_AFTER_PLACE.finditer(text):
        yield Candidate(match.start("zip"), match.end("zip"), "zip", 0.7)
    for match in _ZIP_AFTER_WORDS.finditer(text):
        yield Candidate(match.start("zip"), match.end("zip"), "zip", 0.6)
    for match in _ZIP_PLUS_4.finditer(text):
        if not _PUBLIC_NUMBER.search(text, max(0, match.start() - 16), match.start()):
            yield Candidate(match.start(), match.end(), "zip", 0.6)
    for match in _ZIP_CELL.finditer(text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if "^" in match[0] or len(_IDENTIFYING.findall(line)) >= 2:
            yield Candidate(match.start("zip"), match.end("zip"), "zip", 0.6)
    for match in _POSTCODE.finditer(text):
        yield Candidate(match.start(), match.end(), "zip", 0.7)
    yield from _more_postcodes(text)
    yield from _told_postcodes(text)
    for match in _ZIP.finditer(text):
        group = match.lastgroup or "a"
        yield Candidate(match.start(group), match.end(group), "zip", 0.9)


def _more_postcodes(text: str) -> Iterator[Candidate]:
    """ZIP codes behind a label, a state or a town, and those of Britain and Australia."""
    for pattern in (_ZIP_LABELLED, _ZIP_AFTER_STATE_NAME):
        for match in pattern.finditer(text):
            yield Candidate(match.start("zip"), match.end("zip"), "zip", 0.9)
    for match in _ZIP_AFTER_STATE.finditer(text):
        state = match["state"].rstrip(".")
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start("zip")]
        if state.islower() and state in _STATE_WORDS and not (_HOUSE_NUMBER.search(line) or "," in match[0]):
            continue
        # "PLT CT   11337   150000-400000" is a count between a table's columns.
        if match[0].count("  ") and "," not in match[0]:
            continue
        yield Candidate(match.start("zip"), match.end("zip"), "zip", 0.75)
    for match in _ZIP_AFTER_CITY.finditer(text):
        words = re.split(r"[ ]", match["city"])
        if any(" ".join(words[first:]) in gazetteers.cities() for first in range(len(words))):
            yield Candidate(match.start("zip"), match.end("zip"), "zip", 0.7)
    for match in _AUSTRALIA.finditer(text):
        state = next(name for name in _AUSTRALIAN_CODES if match[name])
        if len(match["zip"]) == 4 and re.match(_AUSTRALIAN_CODES[state], match["zip"]):
            yield Candidate(match.start("zip"), match.end("zip"), "zip", 0.75)
    for match in _AUSTRALIAN_TOWN.finditer(text):
        yield Candidate(match.start("zip"), match.end("zip"), "zip", 0.65)
    for match in _BRITISH.finditer(text):
        if match["spaced"] and not match[0].isupper() and _NO_INWARD.search(match[0]):
            continue
        if match["joined"] and not _POSTAL_BEFORE.search(text, max(0, match.start() - 30), match.start()):
            continue
        yield Candidate(match.start(), match.end(), "zip", 0.7)
    for match in _POSTCODE_IN_PLACE.finditer(text):
        group = "british" if match["british"] else "canadian"
        if not _NO_INWARD.search(match[group]):
            yield Candidate(*match.span(group), "zip", 0.7)
    for start, end in cells_below(text, _ZIP_HEAD):
        if re.fullmatch(r"\d{4,6}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", text[start:end], re.IGNORECASE):
            yield Candidate(start, end, "zip", 0.9)


def find_network(text: str) -> Iterator[Candidate]:
    """Electronic mail, addresses on the web and of machines, names of picture files."""
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield Candidate(match.start(), match.end(), "email", 1.0)
    if " at " in text or "at)" in text or "at]" in text:
        for match in _EMAIL_SPELLED.finditer(text):
            # "slides at example.org/x" is an address on the web.
            if _SITE.fullmatch(match[0]) or text[match.end() : match.end() + 1] == "/":
                continue
            yield Candidate(match.start(), match.end(), "email", 0.9)
    if "." in text:
        for match in _URL.finditer(text):
            if _VOCABULARY.match(match[0]):
                continue
            end = match.start() + len(match[0].rstrip(".,;:!?)"))
            yield Candidate(match.start(), end, "url", 0.95)
        for match in _PHOTO.finditer(text):
            yield Candidate(match.start(), match.end(), "photo", 0.93)
    for match in _IP.finditer(text):
        if ":" in match[0]:
            groups = [group for group in match[0].split(":") if group]
            if ("::" not in match[0] and len(groups) != 8) or len(groups) < 2:
                continue
        elif re.search(
            r"(?:\bv|\bfw|version|release|firmware|build|section|§|版本号?|固件|补丁)[:：]?\s*$",
            text[max(0, match.start() - 12) : match.start()],
            re.IGNORECASE | re.ASCII,
        ):
            continue
        yield Candidate(match.start(), match.end(), "ip", 0.92)


def _is_possible(number: str) -> bool:
    """Whether telephone companies could have given out this number."""
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, "US"))
    except phonenumbers.NumberParseException:
        return False


def find_phones(text: str) -> Iterator[Candidate]:
    """Telephone and telefax numbers, extensions and pagers."""
    for match in _PHONE.finditer(text):
        if _NDC_LABEL.search(text, max(0, match.start() - 10), match.start()):
            continue
        if match[0].startswith("+") and not _is_possible(match[0]):
            continue
        fax = _FAX_LABEL.search(text, max(0, match.start() - 40), match.start())
        # What begins as numbers of other countries do is long enough to be told from a code.
        score = 0.92 if match[0][0] in "+0" and " " in match[0] else 0.85
        yield Candidate(match.start(), match.end(), "fax" if fax else "phone", score)
    for match in _SAID_PHONE.finditer(text):
        yield Candidate(match.start(), match.end(), "phone", 0.86)
    for match in _LOCAL_PHONE.finditer(text):
        before = text[max(0, match.start() - 30) : match.start()]
        fax = _FAX_LABEL.search(before)
        if fax or _PHONE_LABEL.search(before) or match[0].startswith(("555-", "555 ")):
            yield Candidate(match.start(), match.end(), "fax" if fax else "phone", 0.8)
    for match in _LABELLED_PHONE.finditer(text):
        digits = re.sub(r"\D", "", match["value"])
        if 4 <= len(digits) <= 15:
            end = match.start("value") + len(match["value"].rstrip())
            yield Candidate(match.start("value"), end, "fax" if match["fax"] else "phone", 0.75)
    for match in _FREE_PHONE.finditer(text):
        before = text[max(0, match.start() - 30) : match.start()]
        if _NO_PHONE.match(match[0]) or _NDC_LABEL.search(before):
            continue
        if _FAX_LABEL.search(before) or _PHONE_LABEL.search(before) or match[0][0] in "+0(":
            yield Candidate(match.start(), match.end(), "phone", 0.7)
    for match in _EXTENSION.finditer(text):
        yield Candidate(match.start("value"), match.end("value"), "phone", 0.6)


def find_labelled_forms(text: str) -> Iterator[Candidate]:
    """Pictures, plates and international account numbers: a form, most of them behind a word that calls for it."""
    for match in _CAMERA.finditer(text):
        yield Candidate(match.start(), match.end(), "photo", 0.92)
    for match in _PHOTO_LABEL.finditer(text):
        yield Candidate(match.start("value"), match.end("value"), "photo", 0.89)
    for match in _PLATE_US.finditer(text):
        if any(c.isalpha() for c in match["value"]):
            yield Candidate(match.start("value"), match.end("value"), "vehicle", 0.89)
    for match in _IBAN.finditer(text):
        compact = re.sub(r"\s", "", match[0])
        moved = compact[4:] + compact[:4]
        if int("".join(str(int(c, 36)) for c in moved)) % 97 == 1:
            yield Candidate(match.start(), match.end(), "account", 0.9)
