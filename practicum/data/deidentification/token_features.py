"""How a text looks to the tagger: its tokens, and what is known of each.

Of a token count its spelling, its neighbours, the label of its line, the head of its column, the lists of words that it
stands on, and what the patterns found there.
"""

import bisect
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from practicum.data.deidentification import chinese_persons, gazetteers
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.english_persons import unaccented
from practicum.data.deidentification.name_likeness import name_likeness
from practicum.data.deidentification.stop_words import is_stop
from practicum.data.deidentification.surrogates import PLACEHOLDER

HAN = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
_TOKEN = re.compile(
    rf"{PLACEHOLDER.pattern}"
    r"|[\u3400-\u9fff]"
    r"|(?=[A-Za-z_\-./+#@%]{0,200}[\d@])[A-Za-z\d]+(?:(?:[-./_@+#]+|(?<=[\da-f]):{1,2}(?=[\da-f]))[A-Za-z\d]+)*"
    r"|[^\W\d_\u3400-\u9fff]+(?:['\-][^\W\d_\u3400-\u9fff]+)*"
    r"|\w|[^\w\s]"
)
"""A surrogate; a Chinese character; a number, code or address; a word; a sign."""
_LABEL = re.compile(r"([^\W\d_](?:[^:：\n\t|;,；，。 ]| (?! )){0,30})[ \t]*[:：](?!\d\d\b)")
_CELL = re.compile(r"[ \t]*[|｜\t]+[ \t]*|[ ]{2,}")
_LABEL_END = re.compile(r"[:：][ \t]*$")


def tokens(text: str) -> list[tuple[int, int]]:
    """Where the words, numbers, Chinese characters, surrogates and signs of a text begin and end."""
    return [match.span() for match in _TOKEN.finditer(text)]


def _shape(word: str) -> str:
    return "".join(
        "0" if c.isdigit() else "我" if "\u3400" <= c <= "\u9fff" else "X" if c.isupper() else "x" if c.isalpha() else c
        for c in word
    )


def _short(shape: str) -> str:
    return re.sub(r"(.)\1+", r"\1+", shape)


def _band(count: float, steps: Sequence[float]) -> int:
    return bisect.bisect_right(steps, count)


@lru_cache(maxsize=1)
def _city_words() -> tuple[frozenset[str], frozenset[str]]:
    """Lower-case names of places of one word, and the words of longer ones."""
    names = [name.casefold() for name in (*gazetteers.cities(), *gazetteers.counties())]
    return (
        frozenset(name for name in names if " " not in name),
        frozenset(word for name in names if " " in name for word in name.split()),
    )


@lru_cache(maxsize=20_000)
def _kinds_of_word(word: str) -> tuple[str, ...]:
    """On which lists an English word stands, and how often it is met."""
    lower = unaccented(word).lower()
    lower = lower.removesuffix("'s")
    whole, parts = _city_words()
    lists = [
        name
        for name, there in (
            ("stop", is_stop(lower)),
            ("first", lower in gazetteers.first_names()),
            ("last", lower in gazetteers.surnames()),
            ("often", lower in gazetteers.frequent_surnames()),
            ("city", lower in whole),
            ("citypart", lower in parts),
            ("drug", lower in gazetteers.drugs()),
            ("disease", lower in gazetteers.disease_words()),
            ("eponym", lower in gazetteers.eponyms()),
        )
        if there
    ]
    lists.append(f"n{_band(gazetteers.words().get(lower, 0), (1, 50, 1000, 20_000, 200_000))}")
    return tuple(lists)


@lru_cache(maxsize=20_000)
def _class(word: str) -> str:
    """A word's sort in one short string: for neighbours and pairs."""
    if len(word) == 1 and not word.isalnum():
        return word
    if HAN.match(word):
        return f"我{_surname(word)}{_given(word)}"
    shape = _short(_shape(word))
    if _LETTER.search(word) and not any(map(str.isdigit, word)):
        lists = _kinds_of_word(word)
        sort = (
            "stop" if "stop" in lists
            else "drug" if "drug" in lists
            else "name" if ("first" in lists or "last" in lists) and lists[-1] in ("n0", "n1", "n2")
            else "city" if "city" in lists and lists[-1] in ("n0", "n1", "n2")
            else "both" if "first" in lists or "last" in lists or "city" in lists
            else "disease" if "disease" in lists
            else lists[-1]
        )  # fmt: skip
        return f"{sort}{shape[:4]}"
    return f"{shape[:8]}{min(len(word), 12)}"


@lru_cache(maxsize=20_000)
def _norm(word: str) -> str:
    lower = word.lower()
    return re.sub(r"\d", "0", lower)[:20]


@lru_cache(maxsize=20_000)
def _own(word: str) -> tuple[str, ...]:
    """Features of a token by itself."""
    norm, shape = _norm(word), _shape(word)
    features = [f"w={norm}"]
    if HAN.match(word):
        return (*features, f"sur={_surname(word)}", f"giv={_given(word)}")
    if len(word) == 1 and not word.isalnum():
        return tuple(features)
    short = _short(shape)
    features += [f"s={shape[:16]}", f"ss={short[:12]}", f"c={_class(word)}"]
    if any(map(str.isdigit, word)):
        features.append(f"d={sum(map(str.isdigit, word))}")
        features.append(f"dl={len(word)}")
        if word.isdigit():
            features.append(f"d2={word[:2]}")
            if len(word) == 4:
                features.append(f"year={word[:2] in ('19', '20')}")
        else:
            features.append(f"p3={norm[:3]}")
    else:
        features += [f"p2={norm[:2]}", f"p3={norm[:3]}", f"s2={norm[-2:]}", f"s3={norm[-3:]}", f"s4={norm[-4:]}"]
        lists = _kinds_of_word(word)
        features += [f"l={name}" for name in lists]
        features += [f"l={name}|{short[:3]}" for name in lists]
        if word.isascii() and len(word) > 2 and word.isalpha():
            features.append(f"like={max(-6, min(6, round(2 * name_likeness(word.lower()))))}|{lists[-1]}")
    return tuple(features)


_LOGS = (-50.0, -11.0, -9.5, -8.0, -7.0, -6.0, -5.0)


@lru_cache(maxsize=20_000)
def _surname(character: str) -> int:
    """How frequent a Chinese character is as a surname, 0 for never."""
    return _band(chinese_persons.name_lexicon().surnames.get(character, -99.0), _LOGS)


@lru_cache(maxsize=20_000)
def _given(character: str) -> int:
    """How frequent a Chinese character is in given names, 0 for never."""
    lexicon = chinese_persons.name_lexicon()
    return _band(max(where.get(character, -99.0) for where in (lexicon.second, lexicon.third, lexicon.alone)), _LOGS)


def _segments(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Where in a word of the dictionary each Chinese character stands, the longest from the left taken."""
    words, cities = gazetteers.chinese_words(), gazetteers.chinese_cities()
    result = [""] * len(spans)
    place = 0
    while place < len(spans):
        start, end = spans[place]
        place += 1
        if end - start != 1 or not HAN.match(text, start):
            continue
        for length in (4, 3, 2):
            piece = text[start : start + length]
            if len(piece) == length and (piece in words or piece in cities):
                sort = "city" if piece in cities else "word"
                for more in range(length):
                    result[place - 1 + more] = f"seg={sort}{more}{length}"
                place += length - 1
                break
        else:
            result[place - 1] = "seg=alone"
    return result


@lru_cache(maxsize=60_000)
def _near(word: str, offset: int) -> tuple[str, ...]:
    return f"{offset}w={_norm(word)}", f"{offset}c={_class(word)}"


def _label_name(label: str) -> str:
    """The last words of a label, or the last characters of a Chinese one."""
    label = re.sub(r"\d", "0", label.strip(" \t*#-_()[]").casefold())
    return label[-6:] if HAN.search(label) else " ".join(label.split()[-2:])[-20:]


def _places(text: str, spans: Sequence[tuple[int, int]]) -> list[list[str]]:
    """Features of each token's place: the label left of it, its column's head, and where in the line it stands."""
    result: list[list[str]] = []
    heads: list[str] = []
    below: list[str] = []
    above = ""
    number, start = 0, 0
    for line in text.split("\n"):
        end = start + len(line)
        first = number
        while number < len(spans) and spans[number][0] < end:
            number += 1
        if first == number:
            heads = []
        else:
            labels = [(match.end() + start, _label_name(match[1])) for match in _LABEL.finditer(line)]
            cells = [match.end() + start for match in _CELL.finditer(line)]
            if labels:
                heads, below = [], []
            elif cells and not heads:
                heads = [_label_name(part) for part in _CELL.split(line)]
                below = []
            else:
                below = heads if cells else []
            label, since, turn, cell = "", 0, 0, 0
            for place in range(first, number):
                while turn < len(labels) and labels[turn][0] <= spans[place][0]:
                    label, since, turn = labels[turn][1], place, turn + 1
                while cell < len(cells) and cells[cell] <= spans[place][0]:
                    cell += 1
                where = min(place - first, 4)
                own = [f"at={where}|{min(number - place - 1, 2)}"]
                if label:
                    own.append(f"lab={label}")
                    own.append(f"lab={label}|{min(place - since, 6)}")
                elif above:
                    own.append(f"up={above}")
                if below:
                    own.append(f"head={below[cell] if cell < len(below) else ''}")
                    own.append(f"col={min(cell, 5)}")
                result.append(own)
            above = labels[-1][1] if labels and _LABEL_END.search(line) else ""
        start = end + 1
    return result


def _stacked(text: str, spans: Sequence[tuple[int, int]], candidates: Iterable[Candidate]) -> list[list[str]]:
    """Features that say what the patterns found at each token and, of names and places, elsewhere in the text."""
    starts = [start for start, _ in spans]
    result: list[list[str]] = [[] for _ in spans]
    best: list[Candidate | None] = [None] * len(spans)
    named: dict[str, set[int]] = {}
    for one in sorted(set(candidates), key=lambda c: (-c.score, c.start - c.end, c.start, c.kind)):
        first = max(0, bisect.bisect_right(starts, one.start) - 1)
        for place in range(first, len(spans)):
            start, end = spans[place]
            if start >= one.end:
                break
            if end <= one.start:
                continue
            if best[place] is None:
                best[place] = one
                edge = "B" if start <= one.start else "I"
                result[place] += [
                    f"P={one.kind}|{min(9, int(one.score * 10))}",
                    f"P={one.kind}|{edge}",
                    f"P={one.kind}",
                    "P",
                ]
                if one.kind in ("name", "location") and one.score >= 0.7 and end - start > 2:
                    named.setdefault(f"{one.kind}={text[start:end].casefold()}", set()).add(place)
            elif f"P={one.kind}" not in result[place]:
                result[place].append(f"Q={one.kind}")
    kinds = [one.kind if one else "O" for one in best]
    for place, (start, end) in enumerate(spans):
        result[place].append(f"P-1={kinds[place - 1] if place else 'edge'}")
        result[place].append(f"P+1={kinds[place + 1] if place + 1 < len(spans) else 'edge'}")
        if end - start > 2:
            word = text[start:end].casefold()
            for kind in ("name", "location"):
                if named.get(f"{kind}={word}", frozenset()) - {place}:
                    result[place].append(f"again={kind}")
    return result


def features(text: str, spans: Sequence[tuple[int, int]], candidates: Iterable[Candidate]) -> list[list[str]]:
    """What the model knows of each token, as names of features that are there.

    Args:
        text: what was searched, in the plain form that the patterns see.
        spans: its `tokens`.
        candidates: what the patterns found in it.
    """
    words = [text[start:end] for start, end in spans]
    last = len(words)
    places = _places(text, spans)
    stacked = _stacked(text, spans, candidates)
    classes = [_class(word) for word in words]
    norms = [_norm(word) for word in words]
    segments = _segments(text, spans) if HAN.search(text) else None
    result = []
    for place, word in enumerate(words):
        own = [*_own(word), *places[place], *stacked[place]]
        for offset in (-3, -2, -1, 1, 2, 3):
            other = place + offset
            if 0 <= other < last:
                own += _near(words[other], offset)
        here = norms[place]
        if place:
            own.append(f"-1w0w={norms[place - 1]}|{here}")
            own.append(f"-1c0c={classes[place - 1]}|{classes[place]}")
            start = spans[place][0]
            own.append("glued" if spans[place - 1][1] == start else f"gap={text[start - 1]!r}")
            if place + 1 < last:
                own.append(f"-1c0c+1c={classes[place - 1]}|{classes[place]}|{classes[place + 1]}")
        if place > 1:
            own.append(f"-2w-1w={norms[place - 2]}|{norms[place - 1]}")
        if place + 2 < last:
            own.append(f"+1w+2w={norms[place + 1]}|{norms[place + 2]}")
        if segments and segments[place]:
            own.append(segments[place])
        if place + 1 < last:
            own.append(f"0w+1w={here}|{norms[place + 1]}")
            own.append(f"0c+1c={classes[place]}|{classes[place + 1]}")
        result.append(own)
    return result
