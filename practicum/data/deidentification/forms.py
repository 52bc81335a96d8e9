"""Numbers that their form tells, whatever stands around them: units of blood, parcels, UIDs, plates; aircraft beside
words of flying, units of crews and fleets, boats; users of computers behind what names a user."""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501

import re
from collections.abc import Iterator

from practicum.config import IdentifierKind
from practicum.data.deidentification import gazetteers
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.tables import cells_below

_FORMS: tuple[tuple[re.Pattern[str], IdentifierKind], ...] = (
    # Units of blood by ISBT 128 and by Codabar; a parcel of the Royal Mail.
    (re.compile(r"(?<![\w-])[A-Z]\d{3} (?:\d{3} \d{3} \d{3} [A-Z\d]|\d\d \d{6} \d)(?![\w-])", re.ASCII), "id_number"),
    (re.compile(r"(?<![\w-])[A-Z]{2} ?\d{4} ?\d{4} ?\d[A-Z]{2}(?![\w-])", re.ASCII), "id_number"),
    # A British National Insurance number.
    (re.compile(r"(?<![\w-])[A-Z]{2} \d\d \d\d \d\d [A-DKLMTX](?![\w-])", re.ASCII), "id_number"),
    # A UID of DICOM; the roots of code systems have no part as long.
    (re.compile(r"(?<![\w.])[0-2](?:\.\d{1,20}){3,10}\.\d{8,24}(?:\.\d{1,20})*(?![\w.])", re.ASCII), "id_number"),
    # Postal codes: of China with its digits apart, in a table behind a state, of Canada without a blank.
    (re.compile(r"(?<![\d.,] )(?<![\w.,-])[1-9](?: \d){5}(?! ?[\d.%])", re.ASCII), "zip"),
    (re.compile(r"(?<=,[A-Z]{2},)\d{5}(?=,)|(?<=,[A-Z]{2},\")\d{5}(?=\")", re.ASCII), "zip"),
    (re.compile(r"(?<=, )[ABCEGHJ-NPRSTVXY]\d[A-Z]\d[A-Z]\d(?![\w-])", re.ASCII), "zip"),
    (
        re.compile(
            r"(?<=[a-zé]\) )[A-Z]\d[A-Z]\d[A-Z]\d(?!\w)|(?<=\"postal\": \")[A-Z]\d[A-Z] ?\d[A-Z]\d(?=\")", re.ASCII
        ),
        "zip",
    ),
    # Hashes behind what they are of.
    (re.compile(r"(?<![\w-])[A-Z]{2,8}-(?=[a-f]*\d)[\da-f]{8}(?![\w-])", re.ASCII), "id_number"),
    # What is left of a social security number.
    (re.compile(r"(?<!\d)\d{4}(?= last (?:four|4)\b)", re.ASCII), "ssn"),
    # A member's group.
    (
        re.compile(r"(?<=\bgroup )[A-Z]{0,3}\d{5,8}(?=[.;,\s]|$)|(?<=\bGrupo )[A-Z]{0,3}\d{4,8}\b", re.ASCII),
        "health_plan",
    ),
    # Behind a label of its own: a file of a ministry for veterans, an accredited agent, a docket of a court, a check,
    # a device's second number, a cart's.
    (
        re.compile(r"(?<=[Cc]-file )\d\d \d{3} \d{3}\b|(?<=[Ff]ile number )[A-Z]{1,2} \d\d \d{3} \d{3}\b", re.ASCII),
        "id_number",
    ),
    (
        re.compile(
            r"(?<=ccreditation )\d{4,7}\b|(?<=ccreditation no\. )\d{4,7}\b|(?<=ccreditation # )\d{4,7}\b", re.ASCII
        ),
        "licence",
    ),
    (
        re.compile(
            r"(?<=[Ll]ic )[A-Z]{2,4} \d{4,6}\b|(?<=[Ll]ic\. )[A-Z]{2,4} \d{4,6}\b|(?<=[Ll]icense )[A-Z]{2,4} \d{4,6}\b"
            r"|(?<=[Ll]icence )[A-Z]{2,4} \d{4,6}\b|(?<=[Ll]ic # )[A-Z]{2,4} \d{4,6}\b",
            re.ASCII,
        ),
        "licence",
    ),
    (
        re.compile(r"(?<![\w-])\d{1,4}-\d{1,2}-\d\d [A-Z][a-z]{1,2}(?:cv|cr|dm|pr|fa|sc|jv|dr)(?!\w)", re.ASCII),
        "id_number",
    ),
    (
        re.compile(
            r"(?<=\bck )\d{3,6}(?= (?:returned|dated|for|rec|NSF|bounced|cleared|\$))|(?<=[Cc]heck no\. )\d{3,8}\b",
            re.ASCII,
        ),
        "account",
    ),
    (
        re.compile(
            r"(?<=\bDN )\d{3}(?=[;,.\s]|$)|(?<=\bDN: )\d{3}(?=[;,.\s]|$)|(?<=\bDN:)\d{3}(?=[;,.\s]|$)", re.ASCII
        ),
        "device",
    ),
    (re.compile(r"(?<=\bIBAN )[A-Z]{2}\d\d(?: ?[A-Z\dX*]{4}){2,7}(?: ?[A-Z\dX*]{1,3})?(?!\w)", re.ASCII), "account"),
    # British plates since 2001.
    (re.compile(r"(?<![\w-])(?!BP|HR|RR|PO|SP)[A-HJ-PR-Y]{2}\d\d [A-HJ-PR-Z]{3}(?![\w-])", re.ASCII), "vehicle"),
    (
        re.compile(
            r"(?<![\w-])(?!BP|HR|RR|PO|SP|PT|CT|CD|IL|DR|DQ|EF|FE|NK|HT|HL|TH|MR|GP)[A-HJ-PR-Z]{2}\d[A-Z] "
            r"(?!POS|NEG|NOS|MRI|CTA|TID|QID|BID|PRN|MUT|VAR|TAB|CAP|INJ)[A-HJ-PR-Z]{3}(?![\w-])",
            re.ASCII,
        ),
        "vehicle",
    ),
    # Plates of India.
    (
        re.compile(
            r"(?<![\w-])(?:A[NPRS]|BR|C[GH]|D[DLN]|G[AJ]|HP|J[HK]|K[AL]|M[HLNPZ]|NL|O[DR]|P[BY]|RJ|SK|T[NRS]|U[KP]|WB)"
            r"[ -]\d{1,2}[ -](?!MG|ML|MM|CM|KG|IU|YR|AM|PM)[A-Z]{1,2}[ -]\d{4}(?![\w-])",
            re.ASCII,
        ),
        "vehicle",
    ),
    # Behind a label of their own: banks' branches, the end of a card or an account, checks, names of payers' accounts.
    (
        re.compile(
            r"\b(?:(?i:BSB|sort(?:[ ]code)?|routing|IFSC|CLABE|BLZ|NUBAN|RIB|CCI|CBU|bank[ ]code|branch[ ]code)|SWIFT|BIC|ABA|S/C)"
            r"(?:[/ ](?i:no\.?|number|code|BIC|RTN|\#))?[:#]?[ ]{1,2}(?P<value>(?=(?:[A-Z -]*\d){2})[A-Z\d]{2,4}(?:[ -][A-Z\d]{2,4}){1,2}"
            r"|(?=[A-Z]*\d)[A-Z\d]{6,22}|[A-Z]{8}|[A-Z]{11})(?![\w-])"
            r"|\b(?i:transit|institution)(?:[ ](?i:no\.?|number))?:?[ ](?P<transit>\d{5}-\d{3})(?![\w-])"
        ),
        "account",
    ),
    (
        re.compile(
            r"\b(?i:auto-?pay|card|acc(?:oun)?t|a/c|checking|savings|visa|master-?card|amex|discover|debit|bank|direct[ ]deposit|FSA|HSA)"
            r"(?:[ ][\w-]+){0,3}?[ ](?:(?i:ending|ends)(?:[ ](?i:in|with|no\.?))?|(?i:last[ ](?:4|four))|[xX*•]{2,}-?)[: ]*"
            r"(?P<value>\d{3,4})(?![\w-]|[.,/:]\d)"
        ),
        "account",
    ),
    (
        re.compile(
            r"\b(?i:cheque|chq|check|money[ ]order|bank[ ]draft|banker'?s[ ]draft)[ ](?:(?i:no\.?|number|nr\.?)[ ]?\#?|\#)[: ]?"
            r"(?P<value>\d{3,12})(?![\w-]|[.,/:]\d)"
        ),
        "account",
    ),
    (
        re.compile(
            r"\b(?i:venmo|cash[ ]?app|pay-?id|paytag|alipay|wechat[ ]pay|paypal)(?:[ ](?i:handle|id|to|name|account))?:?[ ]"
            r"(?P<value>[@$][A-Za-z][\w-]{2,24})(?!\w)"
        ),
        "account",
    ),
    # A licence behind its council or board, or behind whose registration it is.
    (
        re.compile(
            r"\b(?:CPSO|CPSBC|CPSA|CPSM|CPSS|CMQ|NZMC|MCNZ|KMC|TNMC|DMC|MCI|NMC|CFRN|CCRN|NREMT|NRP|PSY|LCSW|LMFT|AMFT|MFT|LPCC?|APCC|LMHC|RDH"
            r"|RPh|RRT|CRNA|OTR|HCPC|GPhC|GDC|GOC|GCC|NMBI|IMC|MCRN|HPCSA|SANC|SMC|MDCN|NCNZ|PCNZ|CORU|CNO|OCP|RCDSO|RCVS|OHIP|CRM|CRP|COREN|MMC|MPDC"
            r"|APRN|ARNP|CRNP|CNM|PTA|SLP|AuD|RN|LPN|LVN|PA-C|FNP|BCBA|EMT-?[BPI]?)"
            r"(?:[ ](?i:no\.?|number|reg\.?|lic\.?|cert\.?|pin|id))?[ ]?[:#]?[ ]?(?P<value>\d{5,8}|[A-Z]{1,3}-?\d{4,8})(?![\w%/-]|[.,:]\d)"
        ),
        "licence",
    ),
    (
        re.compile(
            r"\b(?:[Rr]egn?\.?|[Rr]egistration)(?: no\.?| number)? of (?:Dr\.? |Prof\.? |Sr\.? |Mr\.? |Ms\.? )?[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]*){0,3}"
            r": ?(?P<value>[A-Z]{2,6}[ /-]?\d{3,7}(?:/\d{2,4})?)(?!\w)"
        ),
        "licence",
    ),
    # Devices: what an inventory stuck on them, a transmitter's code, the lot of what was put in.
    (
        re.compile(
            r"\b(?i:asset|inventory|equip(?:ment)?|tag|loan(?:er)?|warmer|console|screener|machine|cart|monitor|pump|analy[sz]er|scanner|ventilator"
            r"|vent|bed|hoist|lift|concentrator|defib(?:rillator)?|thermometer|probe|tower|laser|drill|microscope|incubator|centrifuge|glucometer"
            r"|meter|scope|driver|unit|bladder[ ]scanner|dopplers?|ECG|CTG|scale|chair)(?:[ ](?i:no\.?|number|id|tag|asset))?[:#]?(?:[ ]?\|)?[ ]"
            r"(?P<value>(?:CE|BME|BM|HTM|EQ|EQP|EQUIP|LOAN|LN|BIO|BIOMED|CEN|ASSET|INV|EBME|MEMS|MES|CLIN|AST)[ -]?\d{3,7})(?![\w-])"
        ),
        "device",
    ),
    (
        re.compile(
            r"\b(?i:transmitter|sensor|Tx|pod|receiver)(?:[ ](?i:id|code|no\.?|is))?[:#]?[ ](?P<value>(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z\d]{6})(?![\w-])"
        ),
        "device",
    ),
    (
        re.compile(
            r"\b(?i:hemi(?:arthroplasty)?|THR|TKR|THA|TKA|DHS|nail|IOL|lens|stent|mesh|cage|anchor|cement|prosthesis|implant|graft|valve|cup|stem|liner"
            r"|head|screws?|plate|pump|catheter|port)\b,?[^.;\n]{0,18}?\b(?i:lot|batch)(?:[ ](?i:no\.?|number|\#))?:?[ ]"
            r"(?P<value>(?=(?:[A-Z-]*\d){2})(?=[\d-]*[A-Z])[A-Z\d-]{5,12})(?![\w-])"
        ),
        "device",
    ),
    # Numbers of the road's and the railway's own registers.
    (
        re.compile(
            r"\b(?:(?i:taxi|cab|hack)[ ](?i:medallion|badge|plate|no\.?|number)|(?:US)?DOT|MC|Hackney(?:[ ]carriage)?(?:[ ]plate)?|(?i:railcar|container))"
            r"(?:[ ](?i:no\.?|number|\#))?[:#]?[ ](?P<value>\d{6,8}|(?<!DOT[ ])(?<!MC[ ])(?:\d[A-Z]\d{2}|[A-Z]{4}[ ]?\d{5,7}))(?![\w-])"
        ),
        "vehicle",
    ),
    # A rail unit, a policeman's beat.
    (
        re.compile(
            r"\b(?i:officer|patrol|deputy|beat|police|sheriff)\b,?(?: [Uu]nit)? (?P<value>\d{1,2}-[A-Z]-\d{1,3})(?![\w-])"
        ),
        "vehicle",
    ),
    (
        re.compile(
            r"\b(?i:trains?|rail\w*|locomotive|DMU|EMU|tram)\b[^\n]{0,70}?\b[Uu]nit (?P<value>\d{3}[ -]\d{3})(?![\w-])"
        ),
        "vehicle",
    ),
    # What a responder drives, by the letters of its kind.
    (
        re.compile(
            r"\b(?P<value>(?:RRV|FRV|DCA|DSA|RRU|PTS|MRU|HART|HEMS|QRV|MICU|CCT)(?: (?:[Uu]nit|[Vv]ehicle|call ?sign|[Cc]rew))?,? "
            r"(?:(?!PR|HR|RR|BP|ST|BE)[A-Z]{1,3}-?\d{2,5}|(?<=nit )\d{2,5}))(?![\w%/-]|[.,:]\d)"
        ),
        "vehicle",
    ),
)
_AIRCRAFT = re.compile(
    r"(?<![\w-])(?:G-[A-Z]{4}|C-[FGI][A-Z]{3}|(?:VH|EI|ZK|ZS|VT|PH|OE|HB|SE|LN|OY|OH|EC|CS|SP|OK|TF|YR|HA|OO|PK|HS|RP|VP|VQ"
    r"|XA|XB|PP|PT|PR|LV|CC|HK|5Y|5H|9J|9M|9V|4X|A6|D|F|I)-[A-Z]{3,4}|N\d{2,5}[A-Z]{1,2})(?![\w-])",
    re.ASCII,
)
_AIR_NEAR = re.compile(
    r"heli(?:copter|pad)?\b|helicopter|aircraft|helimed|burn (?:unit|cent)|evacuat|\bflight\b|\bair\b|aeroplane|airplane|air ?ambulance|airlift|air(?:field|strip)|medevac|fixed[ -]wing|pilot"
    r"|tail (?:no|number)|coastguard|\bHEMS\b|rotor|cessna|king air|pilatus|\bPA-\d\d|flight (?:crew|nurse|paramedic)"
    r"|flown|landed|chopper|\bhelo\b|\bA/C\b|learjet|\blear\b|\bjet\b|charter|\bRFDS\b|flying doctor|beechcraft|\bB[23]00\b"
    r"|life ?flight|wheels[ -]up|lift[ _-]?off",
    re.IGNORECASE,
)
_CREW_WORD = (
    r"(?:Medic|Paramedic|Rescue|Squad|Ambulance|Amb|Engine|Ladder|Tender|Truck|Rig|MICU|EMS|ALS|BLS|Battalion|Helimed"
    r"|Life[ ]?Flight|MedFlight|AirMed|Air[ ]Evac|Air|Fly-?car|Sierra|Alpha|Bravo|Delta|Echo|Oscar)"
)
_CALLED = re.compile(
    r"(?<![\w'’-])(?P<name>Medic|Paramedic|MEDIC|Rescue|RESCUE|Squad|SQUAD|Ambulance|AMBULANCE|Engine|ENGINE|Ladder|Truck|TRUCK|Rig|Tower|Quint|Brush|Tanker"
    r"|Battalion|Helimed|HELIMED|HEMS|Life ?Flight|LifeNet|MedFlight|AirMed|Air Evac|Careflight|CareFlight|StarFlight|STARS|Air|MICU|EMS|ALS|BLS|Unit|UNIT"
    r"|Marine|Car|Van|Boat|Chief|Supervisor|Transport|Coach|Fly-?car|Utility|Lifeboat|Shuttle)"
    r"(?:[ -]| ?#)(?P<number>\d{1,5}[A-Z]?)(?![\w%/]|[.,:-]\d|-[a-z]| (?i:house|mg|ml|m[cg]g|units?|of|puffs?|times|x|min|h|hrs?|days?|weeks?|doses?|tabs?|IU|km|miles|cylinders?|L|lit(?:er|re)s?)\b)"
)
_HOUR = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
_COMMON = frozenset(
    "unit car van air als bls ems boat transport chief coach utility tower shuttle marine".split()  # noqa: SIM905
)
"""Names of crews that are everyday words too, or levels of care."""
_CALLED_BEFORE = re.compile(r"\b(?:by|via|per|aboard|crew on|rode in|from|with)[ ]$", re.IGNORECASE)
_CALLED_SURELY = re.compile(
    r"\bdispatch\w*|\bscene|\ben ?route|\bcrews?\b|\brode\b|\brespon|\bstaged|\bground leg|\btransport\w*|\bconveyed|\bbrought|\barrived (?:by|via|in|with)|\bPCR\b|\bCAD\b|\blaunched"
    r"|\bBIB[AE]?\b|\bEM[ST]\b|\bambulance|\bparamedic|\bfire\b|\bextricat|\bdriver\b|\brescue|\bhandoff|\bhand(?:ed)?[ -]?over|\bpayer\b|\b911\b|\b999\b",
    re.IGNORECASE,
)
"""What is told beside the name of a crew: "Medic 47", "Engine 93"."""
_RIDDEN_BY_LETTER = re.compile(
    r"\b(?i:rode[ ]in(?:[ ]on)?|rode[ ]with|BIBA|BIBEMS|BIB|(?:transported|conveyed|brought[ ]in|brought|arrived|arrives|attended|taken|came|in)[ ](?:by|via|with|in)"
    r"|(?:EMS|ambulance|crew|medics?|paramedics?|PTS),?(?:[ ]from|[ ]of|[ ]on|[ ]via|[ ]per)?|per|via|hand(?:ed)?[ -]?o(?:ver|ff)[ ](?:from|by)|call ?sign)[ ]"
    r"(?P<value>(?!T\d|L\d|C\d|S\d|B\d|H\d|D\d|G\d|V\d|Q\d|K\d|O\d|P\d)[A-Z]\d{2,4})(?![\w%/-]|[.:]\d)"
    r"|(?<![\w-])(?P<unit>[MARES]\d{2,3})(?=[ ](?i:transported|transporting|on[ ]scene|en[ ]?route|responded|responding|arrived|dispatched|crew))"
    r"|(?:\||,)[ ]?(?i:fall|MVC|CP|SOB|AMS|chest[ ]p(?:ai)?n|syncope|abd(?:o|omen)?[ ]pain|stroke|seizure|sepsis|weakness)[ ]?(?:\||,)[ ]?(?P<cell>[MARE]\d{1,3})(?=[ ]*(?:\n|\||,|$))"
)
_SHAPED: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    # A boat's or a sled's registration in a state, where boats or sleds are spoken of.
    (
        re.compile(
            r"(?<![\w-])(?:A[KLRZ]|C[AOTF]|D[CEL]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AINVY])"
            r"[ -]?\d{4}(?: (?!MG|ML|HR|AM|PM|H\b))?[A-Z]{1,2}(?![\w-])",
            re.ASCII,
        ),
        re.compile(
            r"\b(?:boat|skiff|vessel|dinghy|canoe|kayak|jet[ -]?ski|pwc|hull|yacht|pontoon|sno-?go|sno-?machine|snow-?machine|snowmobile|ski-?doo|sled|atv|quad"
            r"|airboat|sailboat|bass boat|launch|trawler|tender|capsiz\w+|outboard|marina|boater)s?\b",
            re.IGNORECASE,
        ),
    ),
    # Any plate of two or three groups, where a vehicle seldom named among plates is.
    (
        re.compile(
            r"(?<![\w-])(?:[A-Z]{1,3}-[A-Z]{1,2} \d{2,4}|[A-Z]{2,3}[ -]\d{3,4}|\d{3,4}[ -][A-Z]{2,3}|[A-Z]\d{1,3} [A-Z]{3}|[A-Z]{1,2}\d{1,3}[ -][A-Z]{3})"
            r"(?![\w-]| ?(?:mg|ml|mcg))",
            re.ASCII,
        ),
        re.compile(
            r"\b(?:coach|minibus|hearse|moped|motor-?home|campervan|camper van|rickshaw|tuk-?tuk|reefer|box truck|semi|HGV|tow(?:ed| truck)|minicab|uber|lyft|limo(?:usine)?"
            r"|passat|golf|a-class|micra|yaris|jetta|tiguan|kombi|bakkie|jeepney|e-?bike|motorcycle)\b[^.;\n]{0,14}$",
            re.IGNORECASE,
        ),
    ),
)
_UNIT_NUMBER = r"(?:[A-Z]{1,4}-?\d{1,6}[A-Z]?(?:-[A-Z\d]{1,4})?|[A-Z]{2,4}[ ]\d{3,6}[A-Z]?)"
_RIDDEN = (
    r"(?:fork-?lifts?|reefer|hearse|moped|rickshaw|ute|dozer|sno-?go|snow-?machine|motor-?home|semi|cab|streetcar|skidder|tractor|digger|excavator|(?:front[ ])?loader|harvester|combine|(?:bull)?dozer|crane|grader"
    r"|(?:dump[ ]|reach[ ]|haul[ ]|fire[ ]|pump[ ]|ladder[ ])?truck|lorry|trailer|tanker|van|car|cruiser|patrol[ ]car|squad[ ]car|rig|bus"
    r"|minibus|coach|shuttle|tram|locomotive|loco|snowmobile|snowplow|plow|quad|atv|utv|golf[ ]cart|buggy|gator|tug|ambulance"
    r"|ground[ ]leg|launch|lifeboat|tender|vessel|pilot[ ]vehicle|vehicle|veh|mixer|hauler|hgv|backhoe|scraper|stacker)"
)
_VEHICLE = re.compile(
    rf"""
    \b(?i:call[ ]?sign|rig|crew|apparatus|responding[ ]unit|ground[ ](?:unit|crew))(?:[ ](?i:no\.?|number|id))?[:\#]?[ ]
      (?P<crew>{_CREW_WORD}[ -]\d{{1,5}}[A-Z]?|\d{{2,5}}[A-Z]?|{_UNIT_NUMBER}|[A-Z]{{2}}[ ]?\d{{2,4}})(?![\w%/]|[.:-]\d|[ ]IU\b)
    |\b(?i:unit)[:\#]?[ ]{{1,3}}(?P<unit>{_CREW_WORD}[ -]?\d{{1,5}}[A-Z]?)(?![\w%/]|[.:-]\d)
    |\b(?i:unit)[:\#]?[ ]{{1,3}}(?P<fleet>{_UNIT_NUMBER})(?![\w%/]|[.:-]\d)
    |\b(?:EMS|[Aa]mbulance|AMBULANCE|[Rr]escue|RESCUE|Medic|Fire|[Pp]olice|[Ss]heriff(?:'s)?|Amb[A-Z]{{2,4}}|EMT|[Pp]atrol),?[ ]
      (?:unit|rig|car|truck|vehicle|vehicle[ ]no\.?|bus)[ ]\#?(?P<of>\d{{2,5}}[A-Z]?)(?![\w%/]|[.:-]\d)
    |\b(?i:{_RIDDEN})s?(?:[ ](?i:unit|no\.?|number|nr\.?|reg\.?|fleet(?:[ ]no\.?)?|id|asset))?[:\#]?[ ]\(?\#?
      (?P<ridden>[A-Z]{{1,4}}-\d{{1,6}}(?:-?[A-Z\d]{{1,4}})?|[A-Z]{{1,2}}\d{{2,4}}(?![ ][A-Z\d]{{2,4}}\b))(?![\w%/]|[.:-]\d)
    |\b(?i:(?:fork-?lift|skidder|tractor|excavator|truck|lorry|crane|bus|coach|tram|train|trolley|minibus|shuttle|loco\w*)
      [ ](?:no\.?|number|nr\.?|unit|fleet[ ]no\.?)|school[ ]bus|bus|tram|minibus)[ ]?\#?[ ]?(?P<line>\d{{1,5}})
      (?![\w%/]|[.,:-]\d|[ ](?i:min|hours?|hrs?|h\b|days?|weeks?|km|mi(?:le)?s?\b|am\b|pm\b|times|x\b|stops?|passengers|people
      |yrs?|years?|per\b|of\b|mph|kph|ft|feet|metres|meters|m\b))
    |\b(?i:(?:box[ ]|tow[ ]|delivery[ ]|wheelchair[ ]|transport[ ])?(?:truck|van|coach|cab|taxi|metro[ ]car|train|shuttle|lorry|patrol[ ]car|squad[ ]car|bus[ ]fleet))
      [ ]\#?(?P<own>(?!(?:19|20)\d\d\b|1500|2500|3500)\d{{3,7}})(?=,[ ]driver|[.;)\n]|,[ ](?:plate|badge|route|at|on)\b)(?!\.\d)
    |\b(?i:ambulance)[ ](?:\#|no\.?[ ])?(?P<cab>(?!(?:[01]\d|2[0-3])[0-5]\d)\d{{4}}|\d{{3}}|\d{{5}}|[A-Z]\d{{3}})
      (?![\w%/]|[.,:-]\d|[ ](?:mg|ml|min))
    |\b(?i:boat|skiff|vessel|tender|dinghy|launch|trawler|ferry|yacht|pontoon|jet[ ]?ski|pwc|catamaran|scalloper|lobsterman
      |hull(?:[ ](?:no\.?|id|reg))?|charter|canoe|craft|airboat|workboat|snowmobile|sled|atv|personal[ ]watercraft)
      [^.;\n]{{0,24}}?(?P<boat>(?<![\w-])[A-Z]{{2}}[ -]?\d{{4}}[ -]?[A-Z]{{1,2}}|\b[A-Z]\d{{4,6}}-[A-Z]{{2,4}})(?![\w-])
    |\b(?i:boat|skiff|vessel|tender|launch|trawler|lifeboat|ferry|yacht)[ ]\(?(?P<vessel>[A-Z]{{2,3}}[ ]?\d{{2,4}})(?![\w/%-])
    |\b(?:A/C|[Aa]ircraft|[Tt]ail(?:[ ](?:no\.?|number|\#))?|[Ff]light|[Hh]elicopter|[Hh]elo|[Cc]hopper|[Jj]et|[Pp]lane|[Mm]edevac
      |[Aa]ir[ ]ambulance|[Rr]egistration)(?:[ ](?:reg\.?|registration|no\.?|id))?[:\#]?[ ]{{1,3}}
      (?P<tail>(?=[A-Z\d-]*[A-Z])[A-Z\d]{{1,2}}-(?=[A-Z\d]*[A-Z])[A-Z\d]{{3,5}}|N\d{{1,5}}[A-Z]{{0,2}})(?![\w-])
    |\b(?:USCG|CG|RNLI|USDOT|O\.N\.|MMSI|[Oo]fficial[ ](?:no\.?|number))[ ](?:no\.?[ ]|\#)?(?P<register>\d{{6,9}})(?![\w-])
    """,
    re.VERBOSE,
)
_CREW_NEAR = re.compile(
    r"\b(?:EMS|EMT|ambulance|amb|rescue|medics?|paramedics?|fire|dispatch\w*|disp|PCR|CAD|on[ -]?scene|en ?route|crew|run|rig|plates?"
    r"|tag|vehicle|tractor|truck|skidder|trailer|odometer|fleet|priority|ALS|BLS|mileage|driver|transported by|medical transport"
    r"|taken to)\b",
    re.IGNORECASE,
)
_VEHICLE_HEAD = re.compile(
    r"(?:tail|aircraft|a/c|plate|tag|rego?|vehicle|veh|vessel|boat|hull|ambulance|truck|van|car|bus|rig|call ?sign|tractor"
    r"|trailer|unit[ _]plate|licen[cs]e[ _]plate|number[ _]plate|registration)(?:[ _/]?(?:no\.?|num|number|nr|#|id|reg|rego|tag|plate|unit))*",
    re.IGNORECASE,
)
_VEHICLE_CELL = re.compile(
    r"(?=[A-Z\d -]*\d)(?=[A-Z\d -]*[A-Z])[A-Z\d]{1,4}(?:[ -][A-Z\d]{1,5}){1,3}|(?=[A-Z\d]*\d)[A-Z\d]{4,8}|[A-Z\d]{1,2}-[A-Z]{3,4}",
    re.ASCII,
)
_NO_UNITS = frozenset(
    ["ICU", "CCU", "NICU", "PICU", "ER", "ED", "OR", "W", "BED", "RM", "PO", "IV", "CT", "MRI", "ON", "AT"]
)
"""Letters before the number of a ward, a room or an hour."""
_LOGIN = re.compile(
    r"(?:\b(?:user(?:[_ ]?(?:name|id))?|login|log-?in|logon|account|oper(?:ator)?|op|ack(?:_by)?|staff_login|entered by"
    r"|granted by|opened \S+ by|export(?:ed)? by|signed by|locked?|unlock(?:ed)? user|audit:|password as)\b"
    r"|账号|帐号|用户名?|登录名?|操作员|操作人|经办|复核|提交|工号)"
    r"[\"'”]?[:：=\s]{1,3}[\"'“]?(?P<login>(?:[A-Z\d]{2,8}\\)?(?=[a-z][\w.\-]*(?:[._]|\d))"
    r"[a-z][a-z\d]*(?:[._\-][a-z\d]+){0,3})(?![\w.@/\\-]*[\w@/])"
    r"|\b(?:user|oper|op|ack|login)=['\"]?(?P<told>(?!unknown\b|null\b|none\b|system\b)[a-z][\w.\-]{3,24})(?![\w@/])"
    r"|\b(?i:by|grader|operator|sign-?off|signed|reader|viewer|scorer|user|usuario|uploader|reviewer|approver|sender)[ :]{1,3}"
    r"(?P<by>(?:[A-Za-z\d]{2,8}\\[a-z][\w.]*|(?=[A-Za-z._-]*\d)[a-z]{2,10}[._-]?[a-z]{0,12}\d{1,6}|[A-Z]{4,10}\d{1,3}|[a-z]{1,12}_[A-Za-z]+\d+|[a-z]{1,3}_[a-z]{3,14}|[a-z]{1,2}\.[a-z]{4,14})"
    r"(?![\w@/.-]*[\w@/]))"
    r"|^(?:\d{4}-\d\d-\d\d[ T])?\d\d:?\d\d(?::\d\d(?:\.\d+)?)?Z?[ \t,|]{1,4}(?P<at>(?=[a-z._-]*\d)[a-z]{1,12}[._-]?[a-z]{0,12}\d{1,6}(?:\.adm)?"
    r"|[a-z]{2,12}\.[a-z]{2,12}\d?)(?=[ \t,|])",
    re.MULTILINE,
)
_USER_NAMED = re.compile(
    r"\b(?:(?i:user(?:[ _]?(?:name|id))?|log-?in|logon|usr|sign(?:ed)?[ -]?on(?:[ ]as)?|logged[ ](?:in|on)(?:[ ]as)?|credentials?(?:[ ]of)?|operator)"
    r"(?:[ ](?i:as|of|is|was))?[\"']?[:=]?[ ]?[\"']?|(?i:(?:issued|released|entered|logged|signed|printed|verified|accessed|viewed|opened|edited|ordered|scanned|dispensed|witnessed)"
    r"(?:[ ](?:at[ ])?\d\d:?\d\d)?[ ]by[ ])(?=[a-z]+[._-])|(?i:(?:accessed|viewed|opened|edited|exported|unlocked)[ ]by|(?:pw|password|pwd|mfa|account)[ ](?:was[ ])?(?:reset|unlock(?:ed)?|locked)[ ]for|logged[ ]in[ ]as)[ ]"
    r"|(?i:(?:log-?in|iris|badge|credential|password|biometric|palm|finger)[^.;\n]{0,40},?[ ](?:used|as|by))[ ])"
    r"(?P<name>[a-z][a-z\d]{2,14}(?:[._-][a-z\d]{1,12})?)(?![\w@/.-]*[\w@/])"
)
_USER_LIST = re.compile(
    r"\b(?i:accounts|log-?ins|users|user[ ]?(?:ids|names)|credentials)(?:[ ](?i:to|for)[ ]\w+|[ ](?i:locked|disabled|requested|affected|removed))?[ \t]*:?[ \t]*\n"
    r"(?P<rows>(?:[ \t*•-]*[A-Za-z][\w.\\-]{2,24}[ \t]*(?:[(,|;:–-][^\n]*)?(?:\n|$)){1,20})"
)
_USER_ROW = re.compile(r"^[ \t*•-]*(?P<name>[A-Za-z][\w.\\-]{2,24})(?=[ \t]*(?:[(,|;:–-]|$))", re.MULTILINE)
_NO_USERS = frozenset("admin root sysadmin username backup guest webmaster usr config".split())  # noqa: SIM905
_VERSION = re.compile(r"v\d+|icd\d*|covid\d*|step\d*")
_SUBJECT_HEAD = re.compile(
    r"(?:subj(?:ect)?|participant|pt|patient|screening|scr|rand(?:omi[sz]ation)?|enrol\w*|study|donor|volunteer)(?:[ _]?(?:no\.?|num|number|nr|id|#|code))?",
    re.IGNORECASE,
)
_SUBJECT_CELL = re.compile(
    r"(?=(?:[A-Z-]*\d){3})(?:[A-Z\d]{1,5}-[A-Z\d]{2,6}(?:-[A-Z\d]{1,4})?|[A-Z]{1,4}\d{3,6})", re.ASCII
)
_LOGIN_HEAD = re.compile(
    r"(?:user|user[ _-]?(?:name|id)|uid|login|log-?in|logon|account|uploader|uploaded[ _]by|operator|oper|entered[ _]by|staff[ _]?login|by"
    r"|(?:ad|network|windows|sso)[ _](?:account|login|id|user)|modified[ _]by|created[ _]by|reviewer|viewer|exported[ _]by)",
    re.IGNORECASE,
)
_LOGIN_CELL = re.compile(
    r"(?:[A-Za-z\d]{2,8}\\)?(?=[a-z._\d-]*[\d._])[a-z][a-z\d]*(?:[._-][a-z\d]+){0,3}|[A-Z]{3}\d{3,5}", re.ASCII
)
"""A user of a computer, as logs, tickets and forms name one."""


def find_forms(text: str) -> Iterator[Candidate]:
    """Numbers whose form alone says what they are, aircraft, and users of computers."""
    for pattern, kind in _FORMS:
        for match in pattern.finditer(text):
            yield Candidate(*match.span(match.lastgroup or 0), kind, 0.92)
    for match in _LOGIN.finditer(text):
        yield Candidate(*match.span(match.lastgroup or "login"), "account", 0.86)
    for match in _USER_NAMED.finditer(text):
        if _is_user(match["name"]):
            yield Candidate(*match.span("name"), "account", 0.86)
    for listed in _USER_LIST.finditer(text):
        for match in _USER_ROW.finditer(text, listed.start("rows"), listed.end("rows")):
            if _is_user(match["name"]):
                yield Candidate(*match.span("name"), "account", 0.86)
    for start, end in cells_below(text, _SUBJECT_HEAD):
        if _SUBJECT_CELL.fullmatch(text, start, end):
            yield Candidate(start, end, "id_number", 0.86)
    for start, end in cells_below(text, _LOGIN_HEAD):
        if _LOGIN_CELL.fullmatch(text, start, end):
            yield Candidate(start, end, "account", 0.86)
    yield from _find_vehicles(text)


def _is_user(name: str) -> bool:
    """Whether a word is the name of a computer's user rather than a word of the language, of medicine or of drugs."""
    parts = [part for part in re.split(r"[._\\-]", name.lower()) if part]
    known = (gazetteers.words(), gazetteers.drugs(), gazetteers.disease_words(), _NO_USERS)
    return not _VERSION.fullmatch(parts[-1] if parts else "") and any(
        not any(part in words for words in known) for part in parts
    )


def _find_vehicles(text: str) -> Iterator[Candidate]:
    """Aircraft, units of crews and fleets, boats, and what stands in a column of vehicles."""
    for match in _AIRCRAFT.finditer(text):
        if _AIR_NEAR.search(text, max(0, match.start() - 120), match.end() + 80):
            yield Candidate(*match.span(), "vehicle", 0.9)
    for match in _VEHICLE.finditer(text):
        group = match.lastgroup or "crew"
        head = re.match("[A-Z]*", match[group])
        if head and head[0] in _NO_UNITS:
            continue
        if group == "fleet" and not _CREW_NEAR.search(text, max(0, match.start() - 60), match.end() + 40):
            continue
        yield Candidate(*match.span(group), "vehicle", 0.9)
    yield from _find_crews(text)
    for start, end in cells_below(text, _VEHICLE_HEAD) if "|||" not in text else ():
        if _VEHICLE_CELL.fullmatch(text, start, end):
            yield Candidate(start, end, "vehicle", 0.9)


def _find_crews(text: str) -> Iterator[Candidate]:
    """Crews by name and number or by a letter, and plates of the forms that what is near calls for."""
    for match in _CALLED.finditer(text):
        before = text[max(0, match.start() - 70) : match.start()]
        if match["name"].lower() in (*_COMMON, "ambulance") and _HOUR.fullmatch(match["number"]):
            continue
        few = len(match["number"]) < 3 and match["name"].lower() in _COMMON
        told = _CALLED_SURELY.search(text, match.end(), match.end() + 45) or _CALLED_SURELY.search(before)
        if told and (not few or _CALLED_BEFORE.search(before)):
            yield Candidate(*match.span(), "vehicle", 0.91)
    for match in _RIDDEN_BY_LETTER.finditer(text):
        yield Candidate(*match.span(match.lastgroup or "value"), "vehicle", 0.9)
    for shape, near in _SHAPED:
        for match in shape.finditer(text):
            if near.search(text[max(0, match.start() - 150) : match.start()]):
                yield Candidate(*match.span(), "vehicle", 0.9)
