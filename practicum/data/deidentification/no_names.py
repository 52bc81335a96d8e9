"""Capitalised words that are no persons and stand in no list of English words, drugs or diseases."""

# ruff: noqa: E501 -- lists of words

TITLES = frozenset(
    """
    dr dr. drs doctor mr mr. mister mrs mrs. ms ms. miss mx mx. prof prof. professor sister rev reverend sgt sgt.
    officer ofc ofc. capt capt. cpt lt lt. ltc maj col cpl pfc sfc ssgt judge hon sir dame rabbi pastor deacon imam aunt uncle auntie
    grandma grandpa nana papa tita tito coach trooper detective det chaplain señor señora señorita sr sra srta
    don doña mme mlle mde herr frau monsieur madame sheikh fr father bro cmdr senator mayor deputy nurse
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
DEGREES = frozenset(
    """
    MD DO RN NP PA PhD LPN LVN CNA BSN MSN DNP APRN ARNP FNP CRNP CRNA CNM RRT RT PT DPT OT LCSW LICSW MSW LMFT
    PsyD PharmD RPh DDS DMD DPM DVM OD MPH MBBS EMT RD RDN MS MA BS PI CRC CM SW JD ESQ Esq FACS FACC FRCS MRCP
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
NO_NAMES = frozenset(
    """
    parkinson crohn wells glasgow apgar foley hashimoto graves addison cushing raynaud sjogren hodgkin kaposi bell
    colles lefort murphy mcburney kerley doppler pugh alzheimer barrett babinski romberg braden katz ranson
    kocher trendelenburg valsalva holter swan ganz bence gram giemsa ziehl neelsen papanicolaou pap wilms ewing
    whipple billroth nissen roux hartmann meckel virchow homan homans chvostek trousseau kernig brudzinski marfan
    klinefelter huntington tourette guillain barre barré lewy wernicke korsakoff broca duchenne charcot friedreich
    chiari budd dupuytren paget perthes osgood schlatter felty reiter behcet behçet kawasaki henoch schonlein
    wegener takayasu goodpasture alport fanconi rotor zollinger mallory weiss boerhaave zenker hirschsprung
    peyronie fournier bartholin skene cowper kegel lachman mcmurray phalen tinel finkelstein spurling lasegue
    gleason breslow binet fleischner agatston framingham killip gehan mackay snellen ishihara schirmer weber rinne
    hallpike epley naegele braxton leopold kleihauer betke coombs rhesus ringer ringers kirschner steinmann
    hemovac penrose blakemore sengstaken ryle levin veress bakri mirena norton waterlow hamilton asberg barthel
    tinetti berg folstein karnofsky ecog zubrod lugol bosniak mallampati cormack lehane gustilo schatzker neer
    salter lyme ebola coxsackie epstein barr creutzfeldt jakob langerhans kupffer purkinje schwann golgi ranvier
    achilles ehlers danlos sturge prader willi angelman noonan digeorge patau rett asperger gaucher fabry pompe
    krabbe sachs niemann caroli crigler najjar loeffler libman osler rendu schuller siwe vater usher pfannenstiel
    mcroberts rovsing kussmaul cheyne stokes biot hurthle peutz jeghers cowden willebrand castleman waldenstrom
    sezary merkel kienbock scheuermann horner adie mantoux sabin rorschach stroop wechsler bayley rankin spetzler
    sheehan bartter gitelman kallmann hoyer amsler shaffer hertel baxter tylenol motrin advil lavender schiotz
    goldmann humphrey wagner allis babcock kelly crile metzenbaum mayo deaver weitlaner gelpi debakey bovie
    jackson pratt bair hugger pleurevac pleur yankauer tegaderm coban vicryl monocryl prolene ethilon surgicel
    dermabond steri kerlix xeroform medtronic abbott boston stryker zimmer biomet philips siemens dexcom omnipod
    libre tandem guardian accu chek onetouch contour humalog lantus novolog lilly pfizer moderna merck novartis
    epic cerner meditech kaiser medicare medicaid tricare aetna cigna humana anthem walgreens walmart costco
    amazon google zoom facetime skype whatsapp facebook fitbit apple iphone android uber lyft tupperware velcro
    gatorade pedialyte ensure glucerna jevity nepro boost miralax colace senna dulcolax benadryl zofran ativan
    ambien lasix keppra coumadin eliquis xarelto plavix lipitor zocor crestor norvasc toprol zoloft prozac lexapro
    xanax valium klonopin haldol seroquel zyprexa risperdal abilify lithium depakote tegretol dilantin neurontin
    lyrica norco percocet vicodin oxycontin dilaudid fentanyl narcan suboxone metformin glucophage januvia jardiance
    farxiga ozempic trulicity synthroid levoxyl prednisone medrol decadron flonase advair symbicort spiriva
    albuterol ventolin singulair zyrtec claritin allegra pepcid zantac prilosec nexium protonix rocephin zosyn
    vancomycin cipro levaquin zithromax augmentin bactrim keflex flagyl nevirapine child lansky bishop ballard
    glucose sodium potassium creatinine hemoglobin platelets zone saturday europe african asia africa roman
    catholic protestant muslim islam buddhist hindu jehovah witnesses spanish mandarin cantonese tagalog vietnamese
    korean japanese somali amharic tigrinya farsi dari pashto urdu hindi punjabi bengali gujarati tamil telugu nepali
    khmer lao hmong burmese thai indonesian turkish polish ukrainian romanian hungarian greek albanian serbian
    croatian bosnian hebrew yiddish swahili yoruba igbo hausa zulu xhosa samoan tongan hawaiian navajo cherokee
    inuit maori english irish scottish welsh dutch flemish danish norwegian swedish finnish icelandic estonian
    latvian lithuanian russian czech slovak bulgarian portuguese brazilian cuban haitian creole dominican
    salvadoran guatemalan honduran filipino filipina pakistani afghan iranian iraqi syrian lebanese egyptian
    moroccan ethiopian eritrean nigerian ghanaian kenyan america american usa christmas easter ramadan diwali
    hanukkah thanksgiving halloween passover monday tuesday wednesday thursday friday saturday sunday
    escherichia coli klebsiella pseudomonas staphylococcus streptococcus enterococcus candida aspergillus
    clostridium clostridioides difficile haemophilus neisseria salmonella shigella campylobacter helicobacter pylori
    mycobacterium legionella listeria proteus serratia acinetobacter enterobacter bacteroides borrelia toxoplasma
    cryptococcus pneumocystis plasmodium falciparum vivax treponema chlamydia mycoplasma brucella bartonella
    coxiella rickettsia leptospira vibrio yersinia snomed loinc rxnorm hcpcs hipaa panss hamd nihss moca mmse phq
    gad cage audit hads dass epds honos gaf wais wisc scid ciwa cows cpot rass cam abcd heart curb qsofa sofa meld
    braf kras nras egfr brca jak alk pik3ca tp53 her2 idh mgmt flt3 npm1 hla factor leiden rh kell duffy kidd
    pleura fallopian eustachian versailles quran bible qanon netflix youtube tv radio ipad kindle wifi bluetooth
    maternal fetal neonatal perinatal nicu picu gyn onc ortho peds psych endo neuro cardio pulm renal uro derm
    ophtho heme hemonc radonc vasc thoracic plastics ent anes path rads nephro ultrasound doppler xray
    tech pax escort rouse nottingham clark concentrator billing adress address pateint x-ray xray qtc miller swims
    alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois
    indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana
    nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont virginia washington wisconsin wyoming
    ghana kenya india china japan mexico canada france germany italy spain brazil nigeria vietnam korea haiti
    tartrate succinate maleate fumarate mesylate hydrochloride hcl besylate bitartrate caprini
    mirtazapine tdap covid moderna hgprt occlusion
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
