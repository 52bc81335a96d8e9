"""A linear-chain conditional random field that reads beside the patterns, and reviews what they found.

Patterns carry from one author's notes to another's only as far as the forms that they were written for. The tagger
weighs each word's spelling, its neighbours, its line's label and the lists of words against each other, with what the
patterns say of it as one more feature: the stacked systems of the i2b2 tasks on de-identification (Dernoncourt et al.
2017, doi:10.1093/jamia/ocw156; Liu et al. 2017, doi:10.1016/j.jbi.2017.05.023) did best that way.
"""

import bisect
import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast, get_args

import pycrfsuite

from practicum.config import IdentifierKind
from practicum.data.deidentification import gazetteers
from practicum.data.deidentification.candidates import Candidate, trimmed
from practicum.data.deidentification.stop_words import is_stop
from practicum.data.deidentification.surrogates import PLACEHOLDER
from practicum.data.deidentification.token_features import HAN, features, tokens

Language = Literal["en", "zh"]
OUTSIDE = "O"
"""The label of a token that is part of no identifier; the others are the kinds of identifier."""
THRESHOLD = 0.4
"""Probability from which a token is part of an identifier."""
THRESHOLDS: dict[IdentifierKind, float] = {"location": 0.3, "device": 0.3}
"""The same, of kinds that are missed more often than seen where they are not."""
DOUBTED: dict[IdentifierKind, float] = {"name": 0.4, "location": 0.1, "id_number": 0.05, "phone": 0.05, "date": 0.05}
"""Probability below which what the patterns took for such a kind is nothing: ordinary words look like names more often
than like places."""
VOUCHED = 0.9
"""Score from which a pattern's finding stays whatever the model says: a label or a list vouches for it."""
SCORE = 0.76
"""Of what the tagger adds: enough that what a better finding leaves of it is taken as well."""
_LOWEST = min(THRESHOLD, *THRESHOLDS.values())
_MODELS = Path(__file__).parent
_MAGIC = b"lCRF"
_CHINESE_SHARE = 0.1
"""Share of Chinese characters among the letters from which a text is Chinese as a whole."""


def blocks(text: str) -> list[tuple[int, int, Language]]:
    """Stretches of whole lines by the model that reads them.

    A text with more than a little Chinese is Chinese throughout, as its notes are; in others, the lines that have a
    Chinese character are.
    """
    chinese = len(HAN.findall(text))
    if not chinese:
        return [(0, len(text), "en")]
    if chinese >= _CHINESE_SHARE * sum(map(str.isalpha, text)):
        return [(0, len(text), "zh")]
    result: list[tuple[int, int, Language]] = []
    start = 0
    for line in text.splitlines(keepends=True):
        language: Language = "zh" if HAN.search(line) else "en"
        end = start + len(line)
        if result and result[-1][2] == language:
            result[-1] = (result[-1][0], end, language)
        else:
            result.append((start, end, language))
        start = end
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
_NO_DATE = re.compile(
    r"[T@]?\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?|(?:\d+\.\d\d\s+)*(?:\d{3,}|3[2-9]|[4-9]\d)\.\d\d"
    r"|[Vv]\d+(?:\.\d+)+|24/7"
)
"""Times of day, sums of money, versions, round the clock."""
_LEAST: dict[IdentifierKind, int] = {"ssn": 4, "phone": 3, "fax": 4, "zip": 3, "bank_card": 4, "account": 3}
"""Digits that a number of the kind has at least."""
_DEGREE = re.compile(r"(?:[A-Z]\.){1,5}[A-Z]?\.?|D\.?O|M\.?D|R\.?N|N\.?P|P\.?A")
"""What stands behind a name: a degree is no name and no place."""
_AGE_WORDS = re.compile(r"ninet|nonagen|hundred|centen|九[十旬]|百|期颐|鲐背", re.IGNORECASE)
_AGE_EDGE = re.compile(r"^[MF]\s?/\s?|[-\s]?(?:years?|yrs?|y/?o\b|[MF]$|岁|歲).*$", re.IGNORECASE | re.DOTALL)
_STAMP = re.compile(r"(?P<day>(?:19|20)\d\d(?P<mark>-?)\d\d(?P=mark)\d\d)T\d")
_TIME_BEHIND = re.compile(r"(?<=\d)[T@ ]\s?\d{1,2}:?\d\d(?::?\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$", re.DOTALL)
_PAIR = re.compile(r"(\d{1,2})[-/.](\d{1,2})")
_NAMESAKE = re.compile(
    r"(?:[-\u2013][A-Z][a-z]+)?(?:['\u2019]s?)? (?:disease|syndrome|\w*oma|tumou?r|palsy|disorder|anomaly|type|sign|"
    r"test|score|criteria|o?esophagus|\w+itis|paralysis|chorea|ataxia|contracture|fracture|catheter|phenomenon)\b"
)
"""What follows a name that stands for no person."""
_NO_PLACES = frozenset(
    (
        "在",
        "于",
        "至",
        "往",
        "定点医院",
        "就诊",
        "就诊于",
        "诊于",
        "入住",
        "租住",
        "前往",
        "名下",
        "via",
        "at",
        "of",
        "to",
        "from",
    )
)
"""Words before a place that the model may take with it."""
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
        if _NO_DATE.fullmatch(piece):
            return False
        if pair := _PAIR.fullmatch(piece):
            return min(int(pair[1]), int(pair[2])) in range(1, 13) and max(int(pair[1]), int(pair[2])) < 32
        return not _YEAR.fullmatch(piece)
    if kind == "age":
        numbers = [int(number) for number in re.findall(r"\d+", piece)]
        return all(89 < number < 130 for number in numbers) and (bool(numbers) or bool(_AGE_WORDS.search(piece)))
    if kind == "name":
        words = piece.split()
        small = piece.isascii() and piece.islower() and not any(_is_name(word) for word in words)
        return not (
            small
            or (len(piece) == 1 and piece.isascii())
            or any(map(str.isdigit, piece))
            or all(map(is_stop, words))
            or (_DEGREE.fullmatch(piece) is not None and len(piece) != 4)
            or _NAMESAKE.match(after)
        )
    if kind == "location":
        return (
            piece.casefold() not in _NOT_PLACES
            and piece.casefold() not in gazetteers.eponyms()
            and piece not in gazetteers.countries()
            and not all(map(is_stop, piece.split()))
            and not _DEGREE.fullmatch(piece)
            and piece not in _NO_PLACES
        )
    if kind in ("email", "url", "photo", "biometric"):
        return len(piece) > 2
    return sum(map(str.isdigit, piece)) >= _LEAST.get(kind, 1)


def _without_signs(text: str, start: int, end: int) -> tuple[int, int]:
    """The same place without signs at its edges and without an owner's 's; of nothing but signs, an empty one."""
    if end - start > 2 and text[end - 2 : end] in ("'s", "'S"):
        end -= 2
    return trimmed(text, start, end)


def _without_edges(kind: IdentifierKind, text: str, start: int, end: int) -> tuple[int, int]:
    """The same place without the sex and the "-year-old" beside an age and the time of day behind a date."""
    if stamp := _STAMP.match(text, start, end):
        end = stamp.end("day")
    elif kind == "date" and (time := _TIME_BEHIND.search(text, start, end)):
        end = max(start, time.start())
    if kind == "age":
        for match in _AGE_EDGE.finditer(text[start:end]):
            if match.start() == 0:
                start += match.end()
            else:
                end -= len(match[0])
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
            if place < len(spans) and chances[place] >= _LOWEST and not PLACEHOLDER.match(text, *spans[place]):
                shares = {label: model.marginal(label, place) for label in self._kinds[language]}
                likely = max(shares, key=shares.__getitem__)
                if chances[place] >= THRESHOLDS.get(likely, THRESHOLD):
                    kind = likely
            joined = bool(run) and kind == kind_of_run and "\n" not in text[spans[run[-1]][1] : spans[place][0]]
            if run and kind_of_run and not joined:
                start, end = _without_signs(
                    text, *_without_edges(kind_of_run, text, spans[run[0]][0], spans[run[-1]][1])
                )
                if start < end and _believable(kind_of_run, text[start:end], text[end : end + 40]):
                    yield Candidate(start, end, kind_of_run, SCORE)
            run = [] if kind is None else [*run, place] if joined else [place]
            kind_of_run = kind


@lru_cache(maxsize=1)
def shared() -> Tagger:
    """The tagger of this process, from the files beside the code."""
    return Tagger()
