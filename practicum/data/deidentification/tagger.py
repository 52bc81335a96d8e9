"""A linear-chain conditional random field that reads what the patterns found, and how it looks around there.

Patterns carry from one author's notes to another's only as far as the forms that they were written for. The tagger
weighs each word's spelling, its neighbours, its line's label and the lists of words against each other, with what the
patterns say of it as one more feature: the stacked systems of the i2b2 tasks on de-identification (Dernoncourt et al.
2017, doi:10.1093/jamia/ocw156; Liu et al. 2017, doi:10.1016/j.jbi.2017.05.023) did best that way.
"""

import bisect
import gzip
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast, get_args

from practicum.config import IdentifierKind
from practicum.data.deidentification import chinese_persons, gazetteers
from practicum.data.deidentification.candidates import Candidate
from practicum.data.deidentification.english_persons import unaccented
from practicum.data.deidentification.name_likeness import name_likeness
from practicum.data.deidentification.stop_words import is_stop
from practicum.data.deidentification.surrogates import PLACEHOLDER

Language = Literal["en", "zh"]
OUTSIDE = "O"
"""The label of a token that is part of no identifier; the others are the kinds of identifier."""
THRESHOLD = 0.4
"""Probability from which a token is part of an identifier."""
DOUBTED: dict[IdentifierKind, float] = {"name": 0.4, "location": 0.1}
"""Probability below which what the patterns took for such a kind is nothing: ordinary words look like names more often
than like places."""
VOUCHED = 0.9
"""Score from which a pattern's finding stays whatever the model says: a label or a list vouches for it."""
SCORE = 0.76
"""Of what the tagger adds: enough that what a better finding leaves of it is taken as well."""
_MODELS = Path(__file__).parent
_MAGIC = b"lCRF"
_CHINESE_SHARE = 0.1
"""Share of Chinese characters among the letters from which a text is Chinese as a whole."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
_TOKEN = re.compile(
    rf"{PLACEHOLDER.pattern}"
    r"|[\u3400-\u9fff]"
    r"|(?=[A-Za-z_\-./+#@%]*[\d@])[A-Za-z\d]+(?:(?:[-./_@+#]+|(?<=[\da-f]):{1,2}(?=[\da-f]))[A-Za-z\d]+)*"
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


def blocks(text: str) -> list[tuple[int, int, Language]]:
    """Stretches of whole lines by the model that reads them.

    A text with more than a little Chinese is Chinese throughout, as its notes are; in others, the lines that have a
    Chinese character are.
    """
    chinese = len(_HAN.findall(text))
    if not chinese:
        return [(0, len(text), "en")]
    if chinese >= _CHINESE_SHARE * sum(map(str.isalpha, text)):
        return [(0, len(text), "zh")]
    result: list[tuple[int, int, Language]] = []
    start = 0
    for line in text.splitlines(keepends=True):
        language: Language = "zh" if _HAN.search(line) else "en"
        end = start + len(line)
        if result and result[-1][2] == language:
            result[-1] = (result[-1][0], end, language)
        else:
            result.append((start, end, language))
        start = end
    return result


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
    if _HAN.match(word):
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
    if _HAN.match(word):
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
    return _band(chinese_persons._lexicon().surnames.get(character, -99.0), _LOGS)


@lru_cache(maxsize=20_000)
def _given(character: str) -> int:
    """How frequent a Chinese character is in given names, 0 for never."""
    lexicon = chinese_persons._lexicon()
    return _band(max(where.get(character, -99.0) for where in (lexicon.second, lexicon.third, lexicon.alone)), _LOGS)


def _segments(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Where in a word of the dictionary each Chinese character stands, the longest from the left taken."""
    words, cities = gazetteers.chinese_words(), gazetteers.chinese_cities()
    result = [""] * len(spans)
    place = 0
    while place < len(spans):
        start, end = spans[place]
        place += 1
        if end - start != 1 or not _HAN.match(text, start):
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
    return label[-6:] if _HAN.search(label) else " ".join(label.split()[-2:])[-20:]


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
    segments = _segments(text, spans) if _HAN.search(text) else None
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


def path(language: Language) -> Path:
    """Where the model of a language lies."""
    return _MODELS / f"tagger.{language}.crf.gz"


def read(file: Path) -> bytes:
    """A model as CRFsuite keeps it, from a file that `domains.medical.train_tagger` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no model, or torn.
    """
    build = "build it with python -m domains.medical.train_tagger"
    if not file.is_file():
        raise FileNotFoundError(f"{file.name}: found no model of the tagger, expected it beside the code; {build}")
    try:
        content = gzip.decompress(file.read_bytes())
    except (EOFError, OSError, zlib.error) as error:
        raise ValueError(f"{file.name}: found a torn file ({error}), expected a packed model; {build}") from error
    # CRFsuite reads past the end of what is none.
    if len(content) < 48 or content[:4] != _MAGIC or int.from_bytes(content[4:8], "little") != len(content):
        raise ValueError(f"{file.name}: found something else than a model of CRFsuite, expected one; {build}")
    return content


_YEAR = re.compile(r"(?:19|20)\d\d年?(?:\s?[-/~–至到]\s?(?:19|20)\d\d年?)?")
_PAIR = re.compile(r"(\d{1,2})[-/.](\d{1,2})")
_NAMESAKE = re.compile(
    r"(?:[-\u2013][A-Z][a-z]+)?(?:['\u2019]s?)? (?:disease|syndrome|\w*oma|tumou?r|palsy|disorder|anomaly|type|sign|"
    r"test|score|criteria|o?esophagus|\w+itis|paralysis|chorea|ataxia|contracture|fracture|catheter|phenomenon)\b"
)
"""What follows a name that stands for no person."""
_NOT_PLACES = frozenset(state.casefold() for state in gazetteers.STATES)


def _is_name(word: str) -> bool:
    lower = word.casefold()
    return lower in gazetteers.first_names() or lower in gazetteers.surnames()


def _believable(kind: IdentifierKind, piece: str, after: str = "") -> bool:
    """Whether a finding has what each of its kind has: no year, state or age under 90 is an identifier, and no
    person whom a disease is named after.

    Args:
        kind: of the finding.
        piece: its text.
        after: what follows it.
    """
    if kind == "date":
        if pair := _PAIR.fullmatch(piece):
            return min(int(pair[1]), int(pair[2])) in range(1, 13) and max(int(pair[1]), int(pair[2])) < 32
        return not _YEAR.fullmatch(piece)
    if kind == "age":
        return all(int(number) > 89 for number in re.findall(r"\d+", piece))
    if kind == "name":
        words = piece.split()
        small = piece.isascii() and piece.islower() and not any(_is_name(word) for word in words)
        return not (
            small
            or (len(piece) == 1 and piece.isascii())
            or any(map(str.isdigit, piece))
            or all(map(is_stop, words))
            or _NAMESAKE.match(after)
        )
    if kind == "location":
        return (
            piece.casefold() not in _NOT_PLACES
            and piece.casefold() not in gazetteers.eponyms()
            and piece not in gazetteers.countries()
            and not all(map(is_stop, piece.split()))
        )
    if kind in ("email", "url", "photo", "biometric"):
        return len(piece) > 2
    return any(map(str.isdigit, piece))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The same place without signs at its edges and without an owner's 's; of nothing but signs, an empty one."""
    if end - start > 2 and text[end - 2 : end] in ("'s", "'S"):
        end -= 2
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    return start, end


class Tagger:
    """The models of both languages. It holds what it last read, so threads don't share one."""

    def __init__(self, folder: Path = _MODELS) -> None:
        """
        Args:
            folder: where the files that `domains.medical.train_tagger` wrote lie.

        Raises:
            FileNotFoundError, ValueError: as `read` does.
        """
        import pycrfsuite

        # CRFsuite reads from the bytes for as long as its model is used, and doesn't hold them itself.
        self._contents = {language: read(folder / path(language).name) for language in get_args(Language)}
        self._models = {language: pycrfsuite.Tagger() for language in self._contents}
        for language, model in self._models.items():
            model.open_inmemory(self._contents[language])
        self._kinds = {
            language: [cast(IdentifierKind, label) for label in sorted(model.labels()) if label != OUTSIDE]
            for language, model in self._models.items()
        }

    def reviewed(self, text: str, candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
        """What the patterns found, without what the model is sure is nothing; and what the model adds to it.

        Args:
            text: what was searched, in the plain form that the patterns see.
            candidates: the patterns' findings in it, overlapping or not.
        """
        added: list[Candidate] = []
        doubted: set[Candidate] = set()
        for start, end, language in blocks(text):
            piece = text[start:end]
            spans = tokens(piece)
            if not spans:
                continue
            within = [
                Candidate(max(one.start - start, 0), one.end - start, one.kind, one.score)
                for one in candidates
                if one.start < end and one.end > start
            ]
            model = self._models[language]
            model.set(features(piece, spans, within))
            chances = [1.0 - model.marginal(OUTSIDE, place) for place in range(len(spans))]
            added += [
                Candidate(one.start + start, one.end + start, one.kind, one.score)
                for one in self._tagged(piece, spans, chances, language)
            ]
            starts = [first for first, _ in spans]
            for one in candidates:
                if one.kind not in DOUBTED or one.score >= VOUCHED or one.start < start or one.end > end:
                    continue
                first = max(0, bisect.bisect_right(starts, one.start - start) - 1)
                last = bisect.bisect_left(starts, one.end - start)
                if max(chances[first:last], default=1.0) < DOUBTED[one.kind]:
                    doubted.add(one)
        return [one for one in candidates if one not in doubted], added

    def _tagged(
        self, text: str, spans: Sequence[tuple[int, int]], chances: Sequence[float], language: Language
    ) -> Iterator[Candidate]:
        """Runs of tokens that the model, which was set to them, takes for an identifier of one kind.

        Args:
            chances: of each token, that it is part of an identifier.
        """
        model = self._models[language]
        run: list[int] = []
        kind_of_run: IdentifierKind | None = None
        for place in range(len(spans) + 1):
            kind: IdentifierKind | None = None
            if place < len(spans) and chances[place] >= THRESHOLD and not PLACEHOLDER.match(text, *spans[place]):
                shares = {label: model.marginal(label, place) for label in self._kinds[language]}
                likely = max(shares, key=shares.__getitem__)
                kind = likely
            joined = bool(run) and kind == kind_of_run and "\n" not in text[spans[run[-1]][1] : spans[place][0]]
            if run and kind_of_run and not joined:
                start, end = _trimmed(text, spans[run[0]][0], spans[run[-1]][1])
                if start < end and _believable(kind_of_run, text[start:end], text[end : end + 40]):
                    yield Candidate(start, end, kind_of_run, SCORE)
            run = [] if kind is None else [*run, place] if joined else [place]
            kind_of_run = kind


@lru_cache(maxsize=1)
def shared() -> Tagger:
    """The tagger of this process, from the files beside the code."""
    return Tagger()
