"""How a word that stands on no list is spelled: as names of persons are, or as drugs, diseases and ordinary words."""

import math
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from practicum.data.deidentification import gazetteers

_EACH = 6000
"""Words of each list that are counted: more make it slower to build and hardly better."""
_SMOOTHING = 0.5


def _pieces(word: str) -> list[str]:
    """Three letters at a time, the word's edges among them."""
    edged = f"^{word}$"
    return [edged[place : place + 3] for place in range(len(edged) - 2)]


def _counts(lists: Iterable[Iterable[str]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for words in lists:
        letters = sorted(word for word in words if word.isalpha() and word.isascii() and len(word) < 14)
        for word in letters[:: max(1, len(letters) // _EACH)]:
            counts.update(_pieces(word))
    return counts


@lru_cache(maxsize=1)
def _weights() -> tuple[dict[str, float], float]:
    """The logarithm of how much more often each piece stands in names, and that of a piece which stands nowhere."""
    names = _counts([gazetteers.surnames(), gazetteers.first_names()])
    known = gazetteers.surnames() | gazetteers.first_names()
    everyday = (word for word, count in gazetteers.words().items() if count > 200 and word not in known)
    others = _counts([gazetteers.drugs(), everyday, gazetteers.disease_words()])
    pieces = names.keys() | others.keys()
    share = {
        "names": names.total() + _SMOOTHING * len(pieces),
        "others": others.total() + _SMOOTHING * len(pieces),
    }

    def weight(piece: str) -> float:
        return math.log((names[piece] + _SMOOTHING) / share["names"]) - math.log(
            (others[piece] + _SMOOTHING) / share["others"]
        )

    return {piece: weight(piece) for piece in pieces}, math.log(share["others"] / share["names"])


@lru_cache(maxsize=50_000)
def name_likeness(word: str) -> float:
    """Logarithm of how many times likelier the spelling is in a name than elsewhere, a piece of three letters.

    Args:
        word: in small letters without accents, such as `unaccented` returns.
    """
    weights, nowhere = _weights()
    pieces = _pieces(word)
    return sum(weights.get(piece, nowhere) for piece in pieces) / len(pieces)
