"""Words that stand in every note and are no names there, capitalised or not."""

STOP_WORDS = frozenset(
"""
    the a an and or but of in on at by to for with from as is was are were be been has had have this that these
    those his her their our your my its he she it they we you i no not if then when where which who what how all
    any some both each per via after before during since until while patient patients pt pts history physical
    exam examination assessment plan note notes report summary discharge admission admitted discharged chief
    complaint present illness past medical surgical family social allergies medications meds review systems
    vital signs labs laboratory results result impression findings indication technique comparison diagnosis
    diagnoses procedure date time age sex gender male female dob mrn ssn name address phone fax email telephone
    tel cell mobile home work contact emergency insurance policy member id number account acct bank driver
    license licence vehicle plate vin serial device model lot hospital clinic center centre department dept unit
    ward room bed floor suite icu ed er pacu micu sicu nicu cardiology neurology oncology radiology pathology
    surgery medicine pediatrics psychiatry urology orthopedics orthopaedics dermatology gastroenterology
    nephrology pulmonology endocrinology hematology rheumatology ophthalmology obstetrics gynecology anesthesia
    nursing pharmacy therapy occupational speech rehabilitation services care health healthcare service general
    internal primary consult consultation follow followup up visit monday tuesday wednesday thursday friday
    saturday sunday january february march july september october november december jan feb mar apr jul aug sep
    sept oct nov dec mon tue wed thu fri sat sun today tomorrow yesterday blood pressure heart rate temperature
    respiratory pulse oxygen saturation bp hr rr temp spo2 weight height bmi pain ct mri xr ekg ecg echo us cxr
    eeg emg pet dexa hiv tb copd chf cad dm htn gerd uti dvt pe mi cva tia ckd esrd afib bph ldl hdl hba1c a1c
    tsh wbc rbc hgb hct plt bun cr na k cl co2 glucose troponin bnp inr ptt ast alt alp left right upper lower
    anterior posterior bilateral acute chronic severe mild moderate normal abnormal negative positive stable
    unchanged new old recent prior previous denies reports states presents status post type stage grade class
    level high low increased decreased continue start stop hold take give given call return discuss discussed
    advised recommend recommended english spanish chinese mandarin french german russian arabic hindi korean
    japanese italian portuguese american african asian hispanic caucasian black white native european indian
    mexican christian catholic jewish muslim street avenue road drive lane boulevard court place terrace way
    circle parkway highway county city state town village zip usa united north south east west northeast
    northwest medicare medicaid blue cross shield aetna cigna humana kaiser tricare anthem unitedhealth medigap
    hmo ppo va veterans affairs fda cdc nih cms acc aha ada asco nccn uspstf hipaa re cc subject dear regards
    sincerely thanks thank yes ok good morning afternoon evening hello hi signed electronically dictated
    transcribed attending resident fellow intern physician nurse doctor hospitalist surgeon therapist caller
    spouse wife husband son daughter mother father brother sister friend neighbor neighbour guardian next kin
    employer employee occupation retired married single divorced widowed form registration section page part
    question answer application claim request order orders referral letter certificate consent authorization
    record records chart file image images photo photograph series study sequence contrast view views chest
    abdomen pelvis head neck brain spine thoracic lumbar cervical knee hip shoulder ankle wrist elbow hand foot
    lung lungs liver kidney kidneys spleen pancreas skin eyes ears nose throat mouth extremities abdominal
    cardiac cardiovascular pulmonary gastrointestinal genitourinary musculoskeletal neurological neuro psych
    psychiatric constitutional hematologic endocrine integumentary heent perrla eomi gcs nad rrr ctab aox3 mmse
    phq-9 phq gad gad-7 moca nihss apache sofa qsofa curb-65 hpi pmh psh fh sh ros a/p soap h&p disposition
    course operative preoperative postoperative pre op intraoperative estimated loss complications specimens
    specimen drains condition instructions diet activity trauma geriatric pediatric progress intake triage
    encounter message portal birth death hearing vision dental oral iv po im sc subq prn bid tid qid qd qhs
    daily weekly monthly tablet tablets capsule mg mcg ml vitamin calcium iron aspirin insulin heparin warfarin
    coumadin plavix lipitor lasix tylenol advil motrin aleve zoloft prozac xanax ativan valium ambien synthroid
    lantus humalog novolog eliquis xarelto norvasc zocor crestor nexium prilosec protonix zantac pepcid
    neurontin lyrica cymbalta effexor wellbutrin lexapro celexa paxil abilify seroquel zyprexa risperdal haldol
    keppra dilantin depakote tegretol penicillin amoxicillin augmentin keflex cipro levaquin bactrim zithromax
    flagyl vancomycin zosyn rocephin ancef morphine percocet vicodin oxycontin dilaudid fentanyl ultram norco
    police university school college church lab hotel airport jail prison company corporation inc llc ltd group
    associates system current other insured provider referring signature tax charges amount total due monitor
    generator battery threshold lead pump remote transmissions check car passenger counselor worker crisis line
    voice sample ring wedding goals problem problems list alert warning critical value reference range collected
    received reported caregiver lives works smoked drinks former never tobacco alcohol drug drugs use marital
    living situation baby infant child twin boy girl man woman gentleman lady adult born term preterm delivery
    gestation weeks coma scale score test sign disease syndrome index criteria corp co januvia farxiga jardiance
    ozempic trulicity victoza metformin entresto brilinta pradaxa toprol coreg diovan cozaar benicar lopressor
    aldactone imdur ranexa multaq lovenox fosamax boniva prolia humira enbrel remicade rituxan keytruda opdivo
    herceptin avastin gleevec tamiflu paxlovid veklury shingrix prevnar pneumovax gardasil moderna pfizer
    novavax sinemet aricept namenda requip mirapex topamax lamictal trileptal vimpat imitrex maxalt botox
    flexeril zanaflex soma lidoderm voltaren mobic celebrex toradol zofran phenergan reglan compazine benadryl
    claritin zyrtec allegra flonase singulair advair symbicort spiriva ventolin proair albuterol duoneb decadron
    medrol solumedrol kenalog prednisone colace miralax senna dulcolax imodium bentyl carafate flomax proscar
    avodart ditropan myrbetriq viagra cialis levitra premarin provera mirena nexplanon depo epogen procrit
    neupogen klonopin restoril lunesta trazodone remeron buspar vistaril lithium clozaril geodon latuda suboxone
    methadone narcan naloxone klebsiella pseudomonas escherichia staphylococcus streptococcus enterococcus
    candida aspergillus clostridium clostridioides helicobacter legionella mycoplasma chlamydia neisseria
    salmonella shigella listeria borrelia haemophilus moraxella proteus serratia acinetobacter covid influenza
    doppler epley epworth braden katz hemovac medtronic abbott siemens philips biotronik stryker zimmer depuy
    latin greek roman hebrew vietnamese tagalog polish ukrainian somali swahili persian farsi urdu bengali
    punjabi canadian british irish scottish dutch swedish danish norwegian turkish brazilian filipino haitian
    cuban internet google zoom facetime mychart epic cerner athena skype uber lyft amazon walmart walgreens cvs
    costco case si mom mommy ip ards rel avf lue rue lle rle forte ie eg etc dme snf
    """.split()  # noqa: SIM905 -- a list of words reads as a text
    )  # fmt: skip


def is_stop(word: str) -> bool:
    """Whether a word, however it is written, is one of a note's own."""
    return word.lower() in STOP_WORDS
