"""The lists are those of the packages, in a form that loads fast."""

import gzip
import subprocess
import sys

from practicum.data.deidentification import gazetteers
from practicum.data.deidentification.name_likeness import name_likeness


def test_the_built_list_of_drugs_is_what_the_package_gives() -> None:
    built = gzip.decompress(gazetteers.built_drugs()).decode("utf-8").split("\n")
    assert frozenset(built) == gazetteers.drugs(), "build drug_names.txt.gz again with built_drugs()"
    assert {"metformin", "warfarin"} <= gazetteers.drugs()


def test_lists_load_without_importing_what_ships_them() -> None:
    code = (
        "import sys; from practicum.data.deidentification import gazetteers as g;"
        "[f() for f in (g.first_names, g.surnames, g.words, g.drugs, g.disease_words, g.cities, g.chinese_words)];"
        "print(sorted({'simple_icd_10_cm', 'drug_named_entity_recognition', 'names', 'spellchecker', 'jieba'}"
        " & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_name_that_is_a_word_is_mostly_the_word() -> None:
    assert gazetteers.mostly_name("miller")
    assert not gazetteers.mostly_name("love")


def test_spelling_tells_names_from_brands() -> None:
    names = ["kowalczyk", "okonjo", "thibodeau", "marchetti", "yamashiro"]
    brands = ["mepilex", "synvisc", "cetaphil", "optison", "desitin"]
    assert min(map(name_likeness, names)) > max(map(name_likeness, brands))
