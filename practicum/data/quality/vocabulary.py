"""Known words, and how many of a text's words are none: a score, never a correction."""

import re
from collections.abc import Collection
from functools import cache

from practicum.data.example import Example

SHORTEST = 4
"""Letters of the shortest word that is scored: below it stand abbreviations and units."""

_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{4,}(?![^\W_])")
"""Letters only: neither part of a code such as SpO2 nor of a number with its unit."""
_UNDIVIDED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that the English list can't judge."""


@cache
def english_words() -> frozenset[str]:
    """160,572 English words, lower case, with inflected forms: the list of pyspellchecker (MIT), from the
    OpenSubtitles corpus. Read once per process."""
    from spellchecker import SpellChecker

    return frozenset(SpellChecker(language="en", distance=1).word_frequency.words())


def known_words(dictionary: Collection[str] = ()) -> frozenset[str]:
    """The English list and the domain's words, lower case; a term of several words counts as each of them."""
    own = {part for entry in dictionary for part in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", entry.lower())}
    return english_words() | own if own else english_words()


def unknown_words(text: str, vocabulary: Collection[str]) -> tuple[float, list[str]]:
    """Share of the text's words that the vocabulary doesn't hold, and these words in order.

    A word has at least four letters and isn't all capitals. A text without such words scores 0.
    """
    words = [word for word in _WORD.findall(text) if not word.isupper()]
    if not text.isascii():
        words = [word for word in words if not _UNDIVIDED.search(word)]
    if not words:
        return 0.0, []
    unknown = [word for word in words if word not in vocabulary and word.lower() not in vocabulary]
    return len(unknown) / len(words), unknown


def typo_score(example: Example, vocabulary: Collection[str]) -> float:
    """Share of unknown words, 0 to 1, in what the model reads and reasons. Chinese scores 0: it has no spelling.

    Names and terms that the vocabulary lacks count as well, so a domain's own dictionary matters more than typos.
    """
    return unknown_words(f"{example.context}\n{example.question}\n{example.reasoning}", vocabulary)[0]
