"""Which language a text is in, where that can be told for certain.

Scripts tell Chinese from English. Between languages in Latin letters, known words tell English at once; what
holds few of them goes to a detector of n-grams.
"""

import re
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

LEAST_LETTERS = 20
"""Letters from which a script is the text's and no formula's or name's."""
LEAST_WORDS = 20
"""Words in lower-case letters from which a language can be told: fewer, and codes and names decide."""
LEAST_PROSE = 0.4
"""Share of the text's characters other than blanks in such words: below it stand tables, JSON, codes, citations."""
ENGLISH_SHARE = 0.6
"""Share of distinct words in the word list from which a text in Latin letters is English without further look."""
LEAST_SHORT = 0.15
"""Share of words of two or three letters: prose of any language has that many, a list of terms hasn't."""
LEAST_CONFIDENCE = 0.95
"""Of the detector."""
DETECTED = 2000
"""Characters at which the detector looks."""

_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{2,}(?:['’][^\W\d_]+)?(?![^\W_])")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = re.compile("[\u3040-\u30ff]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")


@cache
def _detector() -> "LanguageDetector":
    """Lingua (Apache-2.0) over the languages in Latin letters that data sets are likely to hold. 31 MB."""
    from lingua import Language, LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_languages(
        Language.ENGLISH, Language.GERMAN, Language.FRENCH, Language.SPANISH, Language.PORTUGUESE, Language.ITALIAN,
        Language.DUTCH, Language.SWEDISH, Language.DANISH, Language.BOKMAL, Language.FINNISH, Language.POLISH,
        Language.CZECH, Language.ROMANIAN, Language.HUNGARIAN, Language.TURKISH, Language.VIETNAMESE,
        Language.INDONESIAN,
    ).build()  # fmt: skip


def _in_latin_letters(text: str, vocabulary: Collection[str]) -> str | None:
    words = [word for word in _WORD.findall(text) if word.islower()]
    if len(words) < LEAST_WORDS or sum(map(len, words)) < LEAST_PROSE * len("".join(text.split())):
        return None
    distinct = set(words)
    known = sum(word in vocabulary for word in distinct)
    if known >= ENGLISH_SHARE * len(distinct):
        return "en"
    if sum(len(word) < 4 for word in words) < LEAST_SHORT * len(words):
        return None
    best = _detector().compute_language_confidence_values(text[:DETECTED])[0]
    if best.value < LEAST_CONFIDENCE:
        return None
    code: str = best.language.iso_code_639_1.name.lower()
    return code


def language(text: str, vocabulary: Collection[str]) -> str | None:
    """The text's language as an ISO 639-1 code, `other` for further scripts, or None where it can't be told.

    Args:
        text: repaired.
        vocabulary: English words and the domain's, in lower case.
    """
    if text.isascii():
        return _in_latin_letters(text, vocabulary)
    letters = sum(map(str.isalpha, text))
    if letters < LEAST_LETTERS:
        return None
    han, kana, latin = (len(pattern.findall(text)) for pattern in (_HAN, _KANA, _LATIN))
    if kana > 0.1 * (han + kana) and 2 * (han + kana) > letters:
        return "ja"
    if 2 * han > letters:
        return "zh"
    if 2 * latin > letters:
        # A text that mixes both scripts is in neither language for certain.
        return _in_latin_letters(text, vocabulary) if 10 * han < latin else None
    return "other" if 2 * (letters - han - kana - latin) > letters else None
