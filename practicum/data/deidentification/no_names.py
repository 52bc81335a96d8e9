"""Capitalised words that are no persons and stand in no list of English words, drugs or diseases."""

TITLES = frozenset(
    """
    dr dr. drs doctor mr mr. mister mrs mrs. ms ms. miss mx mx. prof prof. professor
    sister rev reverend sgt sgt. officer ofc ofc. capt capt. cpt lt lt. ltc maj col cpl pfc sfc ssgt judge hon
    sir dame rabbi pastor deacon imam aunt uncle auntie grandma grandpa nana papa tita tito coach trooper
    detective det dep supt cst insp chaplain señor señora señorita sr sra srta don doña mme mlle mde herr frau
    monsieur madame
    sheikh fr father bro cmdr senator mayor deputy nurse
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
DEGREES = frozenset(
    """
    MD DO RN NP PA PhD LPN LVN CNA BSN MSN DNP APRN ARNP FNP CRNP CRNA CNM RRT RT PT DPT OT LCSW LICSW MSW LMFT PsyD
    PharmD RPh RNFA CST PAC CCC-SLP DDS DMD DPM DVM OD MPH MBBS EMT RD RDN MS MA BS PI CRC CM SW JD ESQ Esq FACS
    FACC FRCS MRCP CPNP AGNP AGACNP ACNP PMHNP WHNP CNS CDCES CDE AuD ND LAc CCRN CEN CPhT LAT ATC MHA MEd EdD CADC
    LADC BCBA COTA PTA CSPI RDCS RVT RDMS CHES RPSGT CHW OTD OTR CPO LMHC LPCC LPC LISW LGSW LCPC CCM ACM RNC RDH
    CDA FAAP FACEP FACOG FAAN FRCPC FRACP MRCGP FRCA MBChB BDS BVSc DC DNAP NREMT NRP AEMT CFRN PhDc RPSGT WOCN
    CWOCN CWS SLP
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
NO_NAMES = frozenset(
    """
    dakin dobhoff penrose
    app apps comp pacer sitter auth preauth reauth cert recert abx tmax telestroke voicemail mom needlestick
    theraband impedance bioprosthesis tache dakin's cavit elekta ctdivol dlp adas telehealth telemed bwx fmx pano
    endo perio ortho prostho resp cardio pulm heme fen prophy dispo micro vent trach hep vanc dilt metop gaba norepi
    vaso fent versed sux etomidate cefaz clinda doxy azithro amox mero ppx wnl ntnd hsm jvd jvp lkw evd ncs bipap
    hfnc simv lytes coags lfts procal ucx bcx cdiff backslab panadeine preop postop intraop periop homecare transpo
    eval evals recs appt resched noshow copay deductible coinsurance emplr poss addr nbr veh rsn ashkenazi sephardi
    mizrahi immunocompromised weapons travel excl incl approx polytrauma autopsy rigor livor decedent proband
    pedigree dme snf ltac ltach iadl adls iadls hep's theratube dumbbell goniometer spirometer nebs inhalers rescue
    controller audiogram tymps otoscope dermatome myotome dysarthria ataxic orthotist prosthetist telemetry huber
    butterfly cathflo tpa heparinized saline chlorhexidine alginate hydrocolloid foam mepilex medihoney santyl
    aquacel duoderm optifoam xeroform iodosorb kerlix coban unna wander roster rosters hospitalized rehospitalized
    redirected reoriented repositioned reassessed reweighed recheck rechecked reconsult restaged restarted titrated
    weaned extubated intubated cannulated decannulated
    koos hoos womac jerger tyrer cuzick semmes weinstein cockcroft gault lutheran methodist baptist presbyterian
    episcopalian anglican mormon pentecostal adventist quaker sikh orthodox unitarian atheist agnostic perio enrt
    homebound debrided selfie selfies pasteurella eikenella capnocytophaga kingella burkholderia achromobacter
    ralstonia elizabethkingia citrobacter morganella providencia hafnia edwardsiella aeromonas moraxella bordetella
    francisella nocardia actinomyces gemella abiotrophia finegoldia veillonella prevotella giardia entamoeba
    cyclospora babesia leishmania strongyloides ascaris trichuris taenia schistosoma onchocerca toxocara trichinella
    histoplasma blastomyces coccidioides sporothrix fusarium scedosporium mucor rhizopus trichophyton malassezia
    alternaria tropheryma ehrlichia anaplasma orientia trail zarit lubben lequesne kujala
    parkinson crohn wells glasgow apgar foley hashimoto graves addison cushing raynaud sjogren hodgkin kaposi bell
    colles lefort murphy mcburney kerley doppler pugh alzheimer barrett babinski romberg braden katz ranson kocher
    trendelenburg valsalva holter swan ganz bence gram giemsa ziehl neelsen papanicolaou pap wilms ewing whipple
    billroth nissen roux hartmann meckel virchow homan homans chvostek trousseau kernig brudzinski marfan
    klinefelter huntington tourette guillain barre barré lewy wernicke korsakoff broca duchenne charcot friedreich
    chiari budd dupuytren paget perthes osgood schlatter felty reiter behcet behçet kawasaki henoch schonlein
    wegener takayasu goodpasture alport fanconi rotor zollinger mallory weiss boerhaave zenker hirschsprung peyronie
    fournier bartholin skene cowper kegel lachman mcmurray phalen tinel finkelstein spurling lasegue gleason breslow
    binet fleischner agatston framingham killip gehan mackay snellen ishihara schirmer weber rinne hallpike epley
    naegele braxton leopold kleihauer betke coombs rhesus ringer ringers kirschner steinmann hemovac penrose
    blakemore sengstaken ryle levin veress bakri mirena norton waterlow hamilton asberg barthel tinetti berg
    folstein karnofsky ecog zubrod lugol bosniak mallampati cormack lehane gustilo schatzker neer salter lyme ebola
    coxsackie epstein barr creutzfeldt jakob langerhans kupffer purkinje schwann golgi ranvier achilles flair stir
    dwi swi adc mprage dotatate fiesta morse mcisaac centor ehlers danlos sturge prader willi angelman noonan
    digeorge patau rett asperger gaucher fabry pompe krabbe sachs niemann caroli crigler najjar loeffler libman
    osler rendu schuller siwe vater usher pfannenstiel mcroberts rovsing kussmaul cheyne stokes biot hurthle peutz
    jeghers cowden willebrand castleman waldenstrom sezary merkel kienbock scheuermann horner adie mantoux sabin
    rorschach stroop wechsler bayley rankin spetzler sheehan bartter gitelman kallmann hoyer amsler shaffer hertel
    baxter tylenol motrin advil lavender schiotz goldmann humphrey wagner allis babcock kelly crile metzenbaum mayo
    deaver weitlaner gelpi debakey bovie jackson pratt bair hugger pleurevac pleur yankauer tegaderm coban vicryl
    monocryl prolene ethilon surgicel dermabond steri kerlix xeroform medtronic abbott boston stryker zimmer biomet
    philips siemens dexcom omnipod libre tandem guardian accu chek onetouch contour humalog lantus novolog lilly
    pfizer moderna merck novartis epic cerner meditech kaiser medicare medicaid tricare aetna cigna humana anthem
    walgreens walmart costco amazon google zoom facetime skype whatsapp facebook fitbit apple iphone android uber
    lyft tupperware velcro gatorade pedialyte ensure glucerna jevity nepro boost miralax colace senna dulcolax
    benadryl zofran ativan ambien lasix keppra coumadin eliquis xarelto plavix lipitor zocor crestor norvasc toprol
    zoloft prozac lexapro xanax valium klonopin haldol seroquel zyprexa risperdal abilify lithium depakote tegretol
    dilantin neurontin lyrica norco percocet vicodin oxycontin dilaudid fentanyl narcan suboxone metformin
    glucophage januvia jardiance farxiga ozempic trulicity synthroid levoxyl prednisone medrol decadron flonase
    advair symbicort spiriva albuterol ventolin singulair zyrtec claritin allegra pepcid zantac prilosec nexium
    protonix rocephin zosyn vancomycin cipro levaquin zithromax augmentin bactrim keflex flagyl nevirapine child
    lansky bishop ballard glucose sodium potassium creatinine hemoglobin platelets zone saturday europe african asia
    africa roman catholic protestant muslim islam buddhist hindu jehovah witnesses spanish mandarin cantonese
    tagalog vietnamese korean japanese somali amharic tigrinya farsi dari pashto urdu hindi punjabi bengali gujarati
    tamil telugu nepali khmer lao hmong burmese thai indonesian turkish polish ukrainian romanian hungarian greek
    albanian serbian croatian bosnian hebrew yiddish swahili yoruba igbo hausa zulu xhosa samoan tongan hawaiian
    navajo cherokee inuit maori english irish scottish welsh dutch flemish danish norwegian swedish finnish
    icelandic estonian latvian lithuanian russian czech slovak bulgarian portuguese brazilian cuban haitian creole
    dominican salvadoran guatemalan honduran filipino filipina pakistani afghan iranian iraqi syrian lebanese
    egyptian moroccan ethiopian eritrean nigerian ghanaian kenyan america american usa christmas easter ramadan
    diwali hanukkah thanksgiving halloween passover monday tuesday wednesday thursday friday saturday sunday
    escherichia coli klebsiella pseudomonas staphylococcus streptococcus enterococcus candida aspergillus
    clostridium clostridioides difficile haemophilus neisseria salmonella shigella campylobacter helicobacter pylori
    mycobacterium legionella listeria proteus serratia acinetobacter enterobacter bacteroides borrelia toxoplasma
    cryptococcus pneumocystis plasmodium falciparum vivax treponema chlamydia mycoplasma brucella bartonella
    coxiella rickettsia leptospira vibrio yersinia snomed loinc rxnorm hcpcs hipaa panss hamd nihss moca mmse phq
    gad cage audit hads dass epds honos gaf wais wisc scid ciwa cows cpot rass cam abcd heart curb qsofa sofa meld
    braf kras nras egfr brca jak alk pik3ca tp53 her2 idh mgmt flt3 npm1 hla factor leiden rh kell duffy kidd pleura
    fallopian eustachian versailles quran bible qanon netflix youtube tv radio ipad kindle wifi bluetooth maternal
    fetal neonatal perinatal nicu picu gyn onc ortho peds psych endo neuro cardio pulm renal uro derm ophtho heme
    hemonc radonc vasc thoracic plastics ent anes path rads nephro ultrasound doppler xray tech pax escort rouse
    nottingham clark concentrator billing adress address pateint x-ray xray qtc miller swims alabama alaska arizona
    arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois indiana iowa kansas
    kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada
    ohio oklahoma oregon pennsylvania tennessee texas utah vermont virginia washington wisconsin wyoming ghana kenya
    india china japan mexico canada france germany italy spain brazil nigeria vietnam korea haiti tartrate succinate
    maleate fumarate mesylate hydrochloride hcl besylate bitartrate caprini mirtazapine tdap covid moderna hgprt
    occlusion obs grp svc pgr chrt ctrl lic dom guar subs phys gluc hosp dsn fwd telefax birthdate hepb neutrophils
    titer titers lymphocytes monocytes eosinophils basophils guarantor subscriber payor payer copay coinsurance
    deductible cosign addend addendum telephone extn ext mob tel fone ref refs rx dx hx tx sx fx pmhx fhx shx psh
    pmh hpi cc ros dob doa dod dos doi mrn acct nhs chi npi dea upin ssn nok poa dnr dni polst molst ama lwbs los
    icu hdu itu mau sau ccu nbm npo prn stat abg vbg cbc fbc bmp cmp lfts lft tfts uecs ues crp esr pth psa cea afp
    hcg bnp ckmb trop inr aptt fibrinogen ferritin lactate bicarb phos mag bili alb prot globulin retic sed
    urinalysis micro cytology histology accession specimen aliquot intake output bolus gtt infusion drips nebs puffs
    tabs caps supp susp elixir lozenge ointment lotion drsg dressing ambulation mobility transfers bathing grooming
    toileting feeding hygiene continence appetite sleep mood affect orientation judgment insight cognition gait
    posture tone reflexes sensation coordination kit kits swab swabs vial vials syringe syringes cath caths cannula
    tubing catheter lumen picc morn eve afternoon noon midnight shift handover handoff signout rounds huddle inbox
    outbox subj subject sender recipient recipients attachment attachments forwarded reply replied dept div bldg fl
    rm ste apt blvd hwy pkwy ave gown gloves goggles drape sutures staples tourniquet cautery laparoscope trocar
    port ports occiput vertex breech parity gravida para fetus placenta amniotic lochia fundus cervix effaced
    dilation od os ou ophth fundi macula cornea lens iris pupil pupils iop tues weds thurs rnfa main resmed
    respironics dreamstation airsense airfit hibiclens gelfoam seprafilm dermagraft apligraf mepilex mepitel aquacel
    allevyn duoderm kaltostat iodosorb medihoney santyl aquaphor eucerin cetaphil desitin nystop calmoseptine
    betadine chloraprep hibistat prevena unna profore telfa adaptic jobst sigvaris scd coude purewick stedy rollator
    hurrycane broda hillrom arjo invacare omnipaque isovue visipaque optiray gadavist dotarem magnevist prohance
    multihance eovist lexiscan definity optison lumason sestamibi watchman amplatz amplatzer perclose angioseal mynx
    xience resolute promus taxus synergy sapien evolut corevalve mitraclip impella heartmate heartware lifevest
    lifepak zoll confirm reveal linq micra aveir merlin latitude carelink paceart biotronik sorin synvisc euflexxa
    orthovisc hyalgan durolane supartz depo kenalog celestone marcaine sensorcaine exparel naropin carbocaine
    diprivan ketalar amidate nimbex zemuron anectine quelicin bridion robinul precedex ultiva sufenta versed
    neosporin polysporin bacitracin silvadene bactroban lotrimin lamisil diflucan nizoral elidel protopic dupixent
    eucrisa otezla xeljanz olumiant rinvoq skyrizi tremfya stelara entyvio cosentyx taltz simponi cimzia orencia
    actemra kevzara benlysta plaquenil trelegy breo anoro stiolto incruse dulera qvar pulmicort foradil serevent
    arnuity asmanex combivent daliresp nucala fasenra xolair basaglar toujeo tresiba levemir apidra fiasp admelog
    soliqua xultophy victoza saxenda wegovy mounjaro zepbound bydureon rybelsus invokana steglatro tradjenta onglyza
    nesina glucotrol amaryl actos avandia precose repatha praluent zetia welchol tricor lopid vascepa leqvio
    nexletol inpefa verquvo corlanor kerendia savaysa bevyxxa kcentra afirma thyroseq oncotype mammaprint
    foundationone guardant signatera cologuard invitae natera myriad pampers huggies depends attends similac enfamil
    medela haberman cerave vaseline listerine colgate crest newport newports marlboro camel juul vuse modelo corona
    budweiser heineken bacardi smirnoff hennessy tecate roxicodone opana nucynta belbuca butrans duragesic actiq
    subutex sublocade vivitrol antabuse campral chantix nicorette thessaly lansbury brodsky hasson calot morrison
    beighton bhutani capgras cotard fregoli geschwind teichholz devereux kellgren bristow latarjet putti remplissage
    mumford bosworth neviaser chevron lapidus brostrom elmslie trillat fulkerson maquet roto tommy elson jahss hoke
    strayer silfverskiold delorme altemeier ripstein soave duhamel swenson kasai toupet belsey orringer ivor akiyama
    merendino beger partington peustow longmire appleby traverso kausch stretta linx bravo barostat hemospray ovesco
    apollo spyglass axios obwegeser dal pont trauner caldwell messerklinger draf lothrop weir bobath brunnstrom
    feldenkrais pilates kinesio rood fitz cimino dialyzer dialyser revaclear renvela velphoro sensipar phoslo
    fosrenol epogen aranesp venofer zemplar hectorol mircera menactra pediarix rotateq rotarix pentacel pevnar
    kinrix infanrix boostrix adacel havrix twinrix engerix varivax proquad zostavax fluzone flumist efudex aldara
    carac retin differin epiduo tazorac clindagel savella levophed vasopressin giapreza lifeflight medflight ranexa
    dyazide audiogram kabuki meniere nebulizer glucometer oximeter spirometer cpap bipap trilogy ventilator
    tracheostomy trach ancef unasyn zyvox cubicin teflaro merrem invanz toradol ofirmev robaxin skelaxin flexeril
    baclofen zanaflex mobic celebrex voltaren lidoderm salonpas biofreeze bengay tums maalox mylanta pepto imodium
    metamucil citrucel benefiber fleet golytely linzess amitiza movantik relistor viberzi xifaxan lomotil questran
    carafate
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
EPONYMS = frozenset(
    """
    lawton luria li lynch montgomery ashman bouchard heberden beery peabody bender kaufman roland majeed constant
    maddox fahn schwab imrie okuda simpson rinne gardner mccune jaffe lauren whipple borchardt carrington bence
    kelling cullen fothergill hannington kiff howship mccune murphy valentino markle dunphy ten horn lanz aaron
    rosenstein sumner prehn lipman seibert keynes olshausen gilliam moschcowitz maydl ochsner altemeier delorme
    thiersch frykman swanson darrach kapandji sauve mayfield bankart latarjet bristow putti platt weaver dunn
    mumford neviaser boyd mcbride akin weil lapidus keller scarf chevron austin wilson mitchell hohmann stainsby
    girdlestone
    abrams achenbach addenbrooke adson akin alagille aldrete alexander alfidi allison alvarado amsler anson
    apert apley argyle arlt arnold aschoff asherman ashworth assmann atkins auer auerbach auspitz austin
    bachmann bain baird balint balthazar banff bankart barlow barthel bartlett barton batten bayley bazett beau
    beck beckwith bellini benedikt bennett bentall berman bethesda bethune bickerstaff bielschowsky bier bignami
    bing bismuth bitot bivona blalock blandy blaschko blatchford bloom blount boas bohler borg bormann boston
    bowman braak brachman bristol brock brockenbrough bromage brooke brooker bruce brudzinski brugada brushfield
    bryant buck bucky bunnell burch burow byler cabot cabrera cajal caldwell calve cantlie caplan caprini
    carnett carney carpentier carrel carvallo catterall cerad chaddock chadwick chance charcot charnley
    chassaignac cheatle chopart clagett cobb cockayne cockcroft codman colley collins collis columbia conners
    conray cooper corelli corlette cornelia cornell corrigan corti costen cotton couinaud courvoisier couvelaire
    craig crawford crede crigler crouzon crowe cruiser cruveilhier curling cutler dakin dalton dandy danis
    darier deauville debakey dejerine denonvilliers denver dercum descemet desmarres deyerle dieulafoy disse
    dobhoff dohle dor dorsey downes dressler duane dubowitz duckett duffy dunbar dunphy durie duroziez eagle
    ebbinghaus ebstein edinburgh einthoven eisenmenger ellis ellsworth eloesser elschnig ely esmarch essex evans
    ewart exeter fagerstrom fahr farber farnsworth favaloro fazekas feil fenton ferriman ficat finnegan
    fitzpatrick flint fogarty fontaine fontan forrest foville frankel fraumeni frazier freer freiberg frey
    fridericia friedman froment frykman fuchs fuhrman fukuda fukuyama gaenslen galant galeazzi galen gallwey
    gartland gartner gault gerber gerdy gerota gerstmann gesell ghon gibson gigli gilliam girdlestone gissane
    glenn glisson glogau goldenhar goligher goodell goodsall gorlin gottron gower gowers graf greulich griffiths
    grover guedel guyon hachinski haggitt haldane halsted hamman hampton hardinge harrington hartnup harvey
    hautmann hawkins heaf heberden hegar heimlich heinz heller henle henoch hensen herbert herring hertel hess
    hesselbach hetzel heubner hilgenreiner hirschberg hoehn hoffa holmes holt holtz homa honan hopmann
    hounsfield house howell howship hoyer hudson hughston hunter hurler hurley hutchinson hyrtl ilizarov insall
    ito ivor jacod jaeger janeway janz jatene jebsen jefferson jendrassik jobe joll jolly judet kager kanavel
    katz kayser keith kell keller kellgren kendrick kennedy kent kerr khorana kidd kiesselbach kikuchi killian
    kimmelstiel kirby kirk klippel kluver koch kock koebner kohler koplik korotkoff krimsky krukenberg
    krukenberk kudo kurtzke lachmann ladd lahey lambl lancefield lange langer lansing lansky lanz laplace laron
    larrey lauge lauren ledderhose lees legg lembert lemli lemmon lenke lennert lennox leopold leriche lesch
    levine lhermitte lieberkuhn liebowitz ligasure lille linton lisch lisfranc littre lloyd lovibond lowe lown
    luc ludwig luer lugano luque luschka lutembacher lysholm macconkey macintosh mackler maddox maddrey maffucci
    magendie magerl magill mahaim maisonneuve maitland malecot malgaigne malpighi manchester mapleson
    marchiafava marjolin marshall maslach mason mattis maydl maylard mazabraud mccall mcdonald mcgill mcivor
    mckenzie mcmaster mcvay mees meibomian meige meigs meissner mendelson menetrier menkes meyerding michigan
    mikulicz milch miles milwaukee minerva mirizzi mitchell mitrofanoff mobitz mobius modic moebius mohrenheim
    mohs moll monro monteggia montreal moro morquio morton mowat mullerian mulligan munro murphy myerson naboth
    nikolsky nissl noble norwood nottingham nyhan ober oddi ogilvie oliver ollier ombredanne opitz oppenheim
    oram ortolani osborn osgood osserman osterrieth oswestry ota ottawa outerbridge oxford pacinian padua
    pancoast panner papez parkland parks patey patrick pauwels pavlik payr peel penn perc perkins peyer pfeiffer
    pfirrmann philadelphia pierre pinard pipkin pirquet pittsburgh plummer poland politzer polya ponseti poser
    posey potter poupart prague prehn pringle prinzmetal proetz propper proteus puestow purtscher quant queyrat
    quigley quincke ramsay ramstedt rancho randall ranson rappaport rasmussen rastelli rathke raven reed rees
    refsum reid reinke reissner retzius reye reynolds richter riedel rigler risser ritchie robin robinson
    rockall rokitansky rolando romanowsky roos rosenthal ross roth rubin rubinstein rumack russell rutherford
    sabouraud saethre sahli salter sanders sanfilippo santorini sappey savary scarpa scatzker schaefer schamroth
    scheie schiller schilling schmorl schneider schober schwabach schwartz seddon segond seidel seinsheimer
    seldinger sellick semont senning sertoli sgarbossa shaffer shenton shiley shone shouldice shy siewert silver
    silverman simmonds simpson sims sipple sippy skoda slocum sly smead smith soemmering somogyi sotos souttar
    spaeth speed spitz spurling stamey stanford stargardt steinberg stensen stewart stimson stokes stroop studer
    sudeck sulkowitsch sunderland swenson sylvius syme takotsubo tanner tardieu tawara taybi taylor ted tegner
    tenon terry tessier texas thebesian thiersch thomas thompson thomsen tiffeneau tillaux tillman todaro todd
    toldt tonnis torkildsen toupet traube treacher treitz trelat trenaunay trendelenberg troisier truelove
    tscherne tullio tuohy tzanck uhl uhthoff unna unterberger valsalva vanderbilt vater venturi verneuil vidian
    vienna vincent vineland virchow vogt volkmann waddell waldeyer wallace wallenberg waller walther wangensteen
    ward wartenberg warthin warton wassermann watanabe waterhouse waters watson watzke weaver webril weir
    wellens wells wenckebach wermer werner wertheim westermark wharton whitacre whitmore wiberg wiedemann wilkie
    willis winslow winston winter wirsung witts wolff wolfram wolman wong wood woods wrisberg yacoub yahr yale
    yergason young zahn zancolli zavanelli zeis zellweger zenker zollner zuckerkandl zung
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
"""After whom signs, scores, instruments, operations and diseases are named, beside those of `NO_NAMES`: surnames of
persons too, so that such a word standing alone needs more to be taken for one."""
