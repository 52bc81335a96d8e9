"""The de-identifier: one record is one document, and comes back without what identifies someone."""

# Patterns and lists of words read better unbroken.
# ruff: noqa: E501, C901

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from practicum.config import Deidentification, IdentifierKind
from practicum.data.deidentification import (
    analyzer,
    beside,
    chinese,
    chinese_codes,
    chinese_sites,
    codes,
    dates,
    edges,
    english_names,
    messages,
    numbers,
    places,
    public_codes,
    tagger,
)
from practicum.data.deidentification.candidates import Candidate, settled
from practicum.data.deidentification.found import Found
from practicum.data.deidentification.stop_words import is_stop
from practicum.data.deidentification.surrogates import PLACEHOLDER, Surrogates, date_text, offset, zip_code

_BIRTH = re.compile(
    r"(?:\b(?:born|birth|birthday|birthdate|dob|d\.o\.b\.|b\.)(?!\w)[^\n.;]{0,20}|出生[^\n。；]{0,8})$", re.IGNORECASE
)
_BIRTH_FIELD = re.compile(r"birth|dob|born|出生", re.IGNORECASE)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LINE_END = re.compile(
    r"(?<=[\w\-/).])\n(?=(?=[^\n]{0,20}\d)[/\-]?[A-Z\d][A-Z\d\-/. ]{0,16}(?:ext\.? ?\d+|x ?\d+|转\d+)?[ \t]*(?:\n|$))"
)
"""A line's end before a line that holds but a few digits or a code."""
_BROKEN = re.compile(
    r"(?:(?<=\s)|^)(?P<a>\+?[(A-Z\d][A-Z\d\-/().+]*)\n(?P<b>[/\-]? ?\(?(?=[A-Za-z\d\-/()]*\d)[A-Z\d][A-Za-z\d\-/()]*)"
    r"(?=[.,;:)\s]|$)(?!(?<=\n\d)[.)]|(?<=\n\d\d)[.)]|(?: ?(?:mg|ml|mcg|years?|yo|y/o|days?|weeks?|months?|hours?|tablets?)\b))",
    re.MULTILINE,
)
"""A line's end amid what may be one number or code."""
_BREAKABLE = (codes.find_spaced, codes.find_labelled, numbers.find_codes, numbers.find_phones, dates.find_dates)
_BROKEN_SCORE = {"date": 0.7, "phone": 0.7, "ssn": 0.7}
"""From which a finding over a line's end is believed; of other kinds, those behind a label are."""
_LABELLED_LINE = re.compile(r"[:：]")
_JSON_VALUE = re.compile(
    r"(?P<key>\"[^\"\n]*(?:name|patient|doctor|physician|contact|address|street|city|phone|mail|ssn|mrn|birth|dob|id|number|account|姓名|电话|住址|地址|号)[^\"\n]*\"\s*:\s*)"
    r"(?P<value>\"(?:[^\"\\\n]|\\.)*\"?|[\d.\-]+)",
    re.IGNORECASE,
)
_REMNANT = re.compile(r"\S*@\S*|(?<![\w.])\+?\(?\d[\d\-/.()]*\d{2}[\d\-/.()]*\d[\w\-]*|(?<!\w)[A-Za-z]*\d{4,}\w*")
_PERSONS = re.compile(
    r"patient|person|doctor|physician|provider|relative|contact|guardian|spouse|nurse|患者|医师|医生|家属",
    re.IGNORECASE,
)
_NAME_KEYS = re.compile(
    r"(?:(?:full|first|last|patient|doctor|physician|provider|contact|nurse|guardian)[ _]?name|surname|name|患者姓名|姓名)",
    re.IGNORECASE,
)
_KEYS = re.compile(
    r"(?:(?:full|first|last|patient|doctor|physician|provider|contact)[ _]?name|name|surname|mrn|ssn|phone|telephone|mobile|fax|address|street|city|zip|zip[ _]?code|account|policy|member[ _]?id|licen[sc]e|plate|vin|serial|"
    r"姓名|电话|手机|住址|地址|住院号|病历号|身份证号?)",
    re.IGNORECASE,
)


_CHARGE_ITEM = re.compile(
    r"(?:(?<![\dA-Za-z])(?:[123][1-7]|4[1-8])\d{7}(?=[ \t|,，]{1,4}[\u4e00-\u9fff][^\n\d]{0,24}[ \t|,，]{1,4}\d+(?:\.\d{1,2})?(?!\d)))"
    r"|(?<=项目代码)\d+|(?<=项目编码)\d+|(?<=收费编码)\d+|(?<=收费代码)\d+|(?<=收费项目)\d+|(?<=医保编码)\w+|(?<=国药准字)\w+"
    r"|(?<=注册证号)\w+|(?<=物价编码)\d+|(?<=收费标准)\d+|(?<=手术编码)[\d.]+|(?<=诊断编码)[\w.]+|(?<=收费编码：)\d+|(?<=项目编码：)\d+"
    r"|(?<=项目代码：)\d+|(?<=物价编码：)\d+|(?<=国药准字：)\w+|(?<=注册证号：)\w+",
    re.ASCII,
)
"""Numbers of China's price list of medical services and of its registers of drugs: they name no person."""
_ICD_CODES = re.compile(
    r"[A-TV-Z]\d[\dAB](?:\.[\dA-Z]{1,4})?(?:\s*[-\u2013\n,;/]\s*[A-TV-Z]\d[\dAB](?:\.[\dA-Z]{1,4}))+|[A-TV-Z]\d[\dAB]\.[\dA-Z]{1,4}"
)
"""Diagnoses in ICD-10's codes: one with its dot, or a range or column of them."""
_TOP_AGE = re.compile(r"(?<!\d)90(?!\d)")
_FIELDS = 5
"""Separators of fields from which a text may hold a segment of HL7."""
_ROUNDS = 4
"""Searches of one record at most; nearly all need two, the second of which finds nothing."""


class _Leaf(NamedTuple):
    """A text of a record."""

    path: str
    text: str
    kind: IdentifierKind | None
    """Set when the whole text is an identifier."""


class Deidentifier:
    """Finds identifiers and puts surrogates in their place. Build one per process; it holds no text."""

    def __init__(self, settings: Deidentification, shift_key: bytes | None = None) -> None:
        """
        Args:
            settings: how dates are treated and what the columns hold.
            shift_key: secret from which each document's offset of days is made; needed for `dates: shift`.

        Raises:
            ValueError: dates are to be shifted and there is no key.
        """
        if settings.dates == "shift" and not shift_key:
            raise ValueError(
                "deidentification: dates: found 'shift' without a key, expected a secret in the environment variable "
                "PRACTICUM_DATE_SHIFT_KEY; set it, or set dates to year or remove"
            )
        self._settings = settings
        self._key = shift_key
        self._analyzer = analyzer.engine()
        self._keep = frozenset(word.casefold() for word in settings.keep)

    def __reduce__(self) -> tuple[type["Deidentifier"], tuple[Deidentification, bytes | None]]:
        # Recognizers hold compiled patterns and hooks of Presidio's: another process builds its own.
        return Deidentifier, (self._settings, self._key)

    def patterns(self, text: str) -> list[Candidate]:
        """What the patterns alone find, overlapping or not; none of it touches a surrogate."""
        one_form = plain(text)
        found = list(analyzer.candidates(self._analyzer, one_form))
        everything = itertools.chain(
            found,
            edges.widened(one_form, found),
            messages.find_hl7(one_form) if one_form.count("|") > _FIELDS else (),
            messages.find_x12(one_form) if one_form.count("*") > _FIELDS else (),
            messages.find_dicom(one_form),
            public_codes.find_lots(one_form),
            beside.find_beside(one_form, found),
            *(
                (chinese_sites.find_chinese_sites(one_form), chinese_codes.find_chinese_numbers(one_form))
                if _HAN.search(one_form)
                else ()
            ),
            self._over_line_ends(one_form),
            _over_breaks(one_form),
            _over_columns(one_form),
        )
        return list(self._allowed(text, one_form, everything))

    def _reviewed(self, text: str) -> tuple[list[Candidate], list[Candidate]]:
        """What the patterns find and the tagger keeps, and what the tagger adds."""
        return tagger.shared().reviewed(plain(text), self.patterns(text))

    def _candidates(self, text: str) -> list[Candidate]:
        """Findings of patterns and tagger that touch no surrogate."""
        one_form = plain(text)
        kept, added = self._reviewed(text)
        # Ranges of diagnoses may be dates and places to the patterns, which ask for more around them.
        added = [one for one in added if not _ICD_CODES.fullmatch(one_form, one.start, one.end)]
        added += edges.widened(one_form, added)
        return [*kept, *self._allowed(text, one_form, added)]

    def _allowed(self, text: str, one_form: str, found: Iterable[Candidate]) -> Iterator[Candidate]:
        """Findings that are no surrogate, public number, diagnosis, or word that the settings keep."""
        taken = [match.span() for match in PLACEHOLDER.finditer(text)]
        public: frozenset[int] = frozenset()
        lots: frozenset[int] = frozenset()
        if _HAN.search(one_form):
            public = frozenset(match.start() for match in _CHARGE_ITEM.finditer(one_form))
            lots = public_codes.lots_in_tables(one_form)
        for one in found:
            if one.start < one.end and all(one.end <= start or one.start >= end for start, end in taken):
                if (one.kind == "id_number" and one.start in public) or (one.kind != "name" and one.start in lots):
                    continue
                if one.kind == "date" and public_codes.is_undated(one_form, one.start, one.end):
                    continue
                if one.kind not in ("name", "location", "date") and _ICD_CODES.fullmatch(one_form, one.start, one.end):
                    continue
                if one.kind in ("name", "location") and one_form[one.start : one.end].casefold() in self._keep:
                    continue
                if one.kind == "name" and places.in_state(one_form, one.start, one.end):
                    continue
                if one.kind in ("name", "location") and (
                    public_codes.is_insurer(one_form, one.start, one.end)
                    or public_codes.is_heading(one_form, one.start, one.end)
                ):
                    continue
                if one.kind == "date" and dates.is_no_date(one_form, one.start, one.end):
                    continue
                if one.kind not in ("name", "location", "date") and public_codes.is_public(
                    one_form, one.start, one.end
                ):
                    continue
                yield one

    def _over_line_ends(self, text: str) -> Iterator[Candidate]:
        """Findings that a line's end breaks, as the end of a scanned or printed line does."""
        ends = [
            match.start()
            for match in _LINE_END.finditer(text)
            if _LABELLED_LINE.search(text, text.rfind("\n", 0, match.start()) + 1, match.start())
        ]
        if not ends:
            return
        places = [place for place in range(len(text)) if place not in set(ends)]
        joined = "".join(text[place] for place in places)
        places.append(len(text))
        for one in analyzer.candidates(self._analyzer, joined):
            start, end = places[one.start], places[one.end - 1] + 1
            if end - start > one.end - one.start:
                yield Candidate(start, end, one.kind, one.score + 0.06)

    def find(self, text: str) -> list[Found]:
        """Identifiers in a text, from left to right, not overlapping. Surrogates and bare years are none."""
        if not text:
            return []
        return sorted(Found(one.start, one.end, one.kind) for one in _final(self._candidates(text), text))

    def left(self, text: str) -> list[Found]:
        """Identifiers in a text that was de-identified; moved dates look like any other and are not told, nor is an
        age of 90, which stands for all ages above 89.

        What the tagger adds is not asked for: it reads records, and what is checked here was made of their parts,
        where it would take a sum for a telephone number.
        """
        kept, _ = self._reviewed(text)
        found = [Found(one.start, one.end, one.kind) for one in _final(kept, text)]
        found = [one for one in sorted(found) if one.kind != "age" or not _TOP_AGE.search(text[one.start : one.end])]
        return [one for one in found if one.kind != "date"] if self._settings.dates == "shift" else found

    def document(self, values: Mapping[str, Any], source: str) -> tuple[dict[str, Any], Counter[str]]:
        """A record without identifiers.

        Args:
            values: cells by column, nested as JSON is.
            source: the record's name, which decides how far its dates move.

        Returns:
            The record with the same keys, and how many identifiers of each kind were replaced. Texts come back as
            texts; numbers change only where `fields` says that their column holds an identifier.
        """
        days = offset(self._key, source) if self._settings.dates == "shift" and self._key else None
        counts: Counter[str] = Counter()
        result: Mapping[str, Any] = values
        # A surrogate is a context of its own: beside [NAME-2] a rest of the name shows. What was moved stays.
        for turn in range(_ROUNDS):
            result, replaced = self._once(result, days, dates_too=turn == 0 or days is None)
            counts += replaced
            if not replaced:
                break
        return dict(result), counts

    def _once(
        self, values: Mapping[str, Any], days: int | None, dates_too: bool
    ) -> tuple[Mapping[str, Any], Counter[str]]:
        """The record with what one search finds replaced."""
        leaves = list(self._leaves(values, ""))
        surrogates = Surrogates(leaf.text for leaf in leaves)
        found = [self._found_in_leaf(leaf) for leaf in leaves]
        self._add_known(leaves, found)
        settled_spans = [
            sorted(one for one in _final(candidates, leaf.text) if dates_too or one.kind != "date")
            for leaf, candidates in zip(leaves, found, strict=True)
        ]
        counts: Counter[str] = Counter()
        if any(settled_spans):
            surrogates.introduce(
                leaf.text[one.start : one.end]
                for leaf, spans in zip(leaves, settled_spans, strict=True)
                for one in spans
                if one.kind == "name"
            )
        latest = self._latest_year(leaves, settled_spans)
        texts = iter(
            [
                self._replaced(leaf, spans, surrogates, days, latest, counts)
                for leaf, spans in zip(leaves, settled_spans, strict=True)
            ]
        )
        rebuilt: Mapping[str, Any] = self._rebuilt(values, "", texts, surrogates, counts)
        return rebuilt, counts

    def excerpt(self, text: str) -> str:
        """A piece of a row that was turned away, without identifiers.

        It may begin or end amid one, or be torn JSON, so that more goes here than elsewhere: values of keys that
        sound personal, names without context, numbers of four digits and more.
        """
        replaced, _ = self.document({"text": text}, "excerpt")
        result = str(replaced["text"])
        if self._settings.dates == "shift":
            # Nobody trains on an excerpt: intervals are worth nothing here, and all excerpts would move alike.
            for one in reversed([one for one in self.find(result) if one.kind == "date"]):
                result = f"{result[: one.start]}[DATE]{result[one.end :]}"
        result = _JSON_VALUE.sub(
            lambda m: m["key"] + ('"[REMOVED]"' if not PLACEHOLDER.fullmatch(m["value"].strip('"')) else m["value"]),
            result,
        )
        result = english_names.without_names(result)
        result = chinese.without_names(result)
        return _REMNANT.sub(
            lambda m: m[0] if re.fullmatch(r"(?:19|20)\d\d", m[0]) or "[" in m[0] else "[REMOVED]", result
        )

    def _kind(self, path: str) -> IdentifierKind | str | None:
        """What the settings say of a column or one above it."""
        fields = self._settings.fields
        while path:
            if path in fields:
                return fields[path]
            path = path.rpartition(".")[0]
        return None

    def _leaves(self, value: Any, path: str) -> Iterator[_Leaf]:
        """Texts of a record in the order in which `_rebuilt` asks for them, columns that stay left out."""
        if isinstance(value, Mapping):
            for key, inner in value.items():
                yield from self._leaves(inner, f"{path}.{key}" if path else str(key))
        elif isinstance(value, (list, tuple)):
            for inner in value:
                yield from self._leaves(inner, path)
        elif isinstance(value, str):
            kind = self._kind(path)
            if kind != "keep":
                yield _Leaf(path, value, kind)  # type: ignore[arg-type]

    def _found_in_leaf(self, leaf: _Leaf) -> list[Candidate]:
        text = leaf.text
        if not text.strip():
            return []
        if leaf.kind is not None:
            if PLACEHOLDER.fullmatch(text.strip()) or (leaf.kind == "age" and not _over_89(text)):
                return []
            if leaf.kind == "date" and re.fullmatch(r"\s*(?:19|20)\d\d\s*", text):
                return []
            return [Candidate(0, len(text), leaf.kind, 2.0)]
        parent, _, key = leaf.path.rpartition(".")
        if len(text) <= 60 and _NAME_KEYS.fullmatch(key) and (key.lower() != "name" or _PERSONS.search(parent)):
            whole = text.strip()
            if not PLACEHOLDER.search(whole) and not any(character.isdigit() for character in whole):
                start = text.index(whole)
                return [Candidate(start, start + len(whole), "name", 1.0)]
        # A cell's column is its label, where that is no name for things of other kinds too.
        if (
            len(text) <= 80
            and "\n" not in text
            and _KEYS.fullmatch(key)
            and (key.lower() != "name" or _PERSONS.search(parent))
        ):
            label = key.replace("_", " ") + ": "
            return [
                Candidate(one.start - len(label), one.end - len(label), one.kind, one.score)
                for one in self._candidates(label + text)
                if one.start >= len(label)
            ]
        return self._candidates(text)

    def _add_known(self, leaves: list[_Leaf], found: list[list[Candidate]]) -> None:
        """Look in every text for what another text or a column of the document has given away."""
        if len(leaves) < 2 and all(leaf.kind is None for leaf in leaves):
            return
        known: dict[str, tuple[IdentifierKind, float]] = {}
        parts: dict[str, None] = {}
        for leaf, candidates in zip(leaves, found, strict=True):
            for one in settled(candidates, leaf.text):
                value = leaf.text[one.start : one.end].strip()
                if (one.kind in ("age", "date") and leaf.kind is None) or one.kind == "age":
                    continue
                # What the page's end of line broke stands in two lines of it.
                for piece in {value, *re.split(r"\s*\n\s*", value)}:
                    if len(piece) >= (2 if _HAN.search(piece) else 3):
                        known.setdefault(piece, (one.kind, 1.5 if leaf.kind is not None else 0.65))
                if one.kind == "name" and not _HAN.search(value):
                    for part in re.split(r"[\s,.]+", value):
                        if len(part) >= 3 and not is_stop(part):
                            parts[part] = None
        if not known:
            return
        lowered = {value.lower(): of for value, of in known.items()}
        for leaf, candidates in zip(leaves, found, strict=True):
            if leaf.kind is not None:
                continue
            blocked = [match.span() for match in PLACEHOLDER.finditer(leaf.text)]
            for start, end, (kind, score) in _occurrences(leaf.text, lowered):
                if all(end <= s or start >= e for s, e in blocked):
                    candidates.append(Candidate(start, end, kind, score))
            for one in english_names.repeated(leaf.text, list(parts)):
                if all(one.end <= s or one.start >= e for s, e in blocked):
                    candidates.append(one)

    def _latest_year(self, leaves: list[_Leaf], spans: list[list[Candidate]]) -> int:
        """The latest year of a document's dates, over 90 years before which a birth gives a high age away."""
        years = [
            int(year)
            for leaf, candidates in zip(leaves, spans, strict=True)
            for one in candidates
            if one.kind == "date" and (year := dates.year_of(leaf.text[one.start : one.end]))
        ]
        aged = any(one.kind == "age" for candidates in spans for one in candidates)
        return 9999 if aged else max(years, default=0)

    def _replaced(
        self,
        leaf: _Leaf,
        spans: list[Candidate],
        surrogates: Surrogates,
        days: int | None,
        latest: int,
        counts: Counter[str],
    ) -> str:
        pieces, position = [], 0
        for one in spans:
            text = leaf.text[one.start : one.end]
            pieces.append(leaf.text[position : one.start])
            pieces.append(self._surrogate(leaf, one, text, surrogates, days, latest))
            position = one.end
            counts[one.kind] += 1
        pieces.append(leaf.text[position:])
        return "".join(pieces)

    def _surrogate(
        self, leaf: _Leaf, one: Candidate, text: str, surrogates: Surrogates, days: int | None, latest: int
    ) -> str:
        if one.kind == "date":
            year = dates.year_of(text)
            birth = _BIRTH_FIELD.search(leaf.path) or _BIRTH.search(leaf.text[max(0, one.start - 40) : one.start])
            revealing = birth and year is not None and int(year) <= latest - 90 and days is None
            return date_text(text, days, self._settings.dates == "year" and not revealing)
        if one.kind == "age":
            return "90+"
        if one.kind == "zip":
            return zip_code(text.strip())
        return surrogates.of(text, one.kind)

    def _rebuilt(
        self, value: Any, path: str, texts: Iterator[str], surrogates: Surrogates, counts: Counter[str]
    ) -> Any:
        if isinstance(value, Mapping):
            return {
                key: self._rebuilt(inner, f"{path}.{key}" if path else str(key), texts, surrogates, counts)
                for key, inner in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self._rebuilt(inner, path, texts, surrogates, counts) for inner in value]
        kind = self._kind(path)
        if kind == "keep":
            return value
        if isinstance(value, str):
            return next(texts)
        if kind is None or value is None or isinstance(value, bool):
            return value
        return self._number(value, kind, surrogates, counts)

    def _number(self, value: Any, kind: Any, surrogates: Surrogates, counts: Counter[str]) -> Any:
        """What a number of a column that holds identifiers becomes."""
        if kind == "age":
            if value <= 90:
                return value
            counts[kind] += 1
            return 90
        if kind == "date" and 1900 <= value <= 2099:
            return value
        counts[kind] += 1
        if kind == "zip":
            return zip_code(f"{value:05d}" if isinstance(value, int) else str(value))
        if kind == "date":
            return date_text(str(value), None, self._settings.dates == "year")
        return surrogates.of(str(value), kind)


_SAME_LENGTH = str.maketrans(
    dict.fromkeys("‐‑‒–—−﹣－", "-")
    | dict.fromkeys("\xa0\u2002\u2003\u2007\u2009\u202f", " ")
    | {chr(0xFF10 + digit): str(digit) for digit in range(10)}
    | {chr(0xFF21 + letter): chr(65 + letter) for letter in range(26)}
    | {chr(0xFF41 + letter): chr(97 + letter) for letter in range(26)}
    | {"’": "'", "＠": "@", "．": ".", "／": "/"}
)
_WRAP = re.compile(r"(?<=[^\n]{45}[A-Za-z,])\n(?=(?:[A-Z][a-z]|[a-z\d(])(?![^\n:]{0,24}(?::|  )))")


_WRAPPED_SMALL = re.compile(r"[A-Za-z,]\n[a-z]")
_NARROW = 3
"""So many lines that go on in small letters make a narrow column of prose, which breaks lines wherever it must."""
_COLUMN_END = re.compile(r"(?<=[^\n:]{14}[A-Za-z\d,.])(?<![.!?]\n)\n(?=[A-Za-z\d(])(?![^\n]{0,30}(?::|  ))(?<!\.\n)")


def _final(candidates: Iterable[Candidate], text: str) -> Iterator[Candidate]:
    """Candidates without overlaps, and without a heading, a role or a state that is all that a better one leaves."""
    for one in settled(candidates, text):
        heading = one.kind in ("name", "location") and public_codes.is_heading(text, one.start, one.end)
        if not heading and not (one.kind == "name" and places.in_state(text, one.start, one.end)):
            yield one


def plain(text: str) -> str:
    """A text of the same length with one form of each dash, blank and digit, and prose lines unwrapped."""
    text = text.translate(_SAME_LENGTH)
    return _WRAP.sub(" ", text)


def _over_columns(text: str) -> Iterator[Candidate]:
    """Places, dates and names that the line's end of a narrow column breaks."""
    if len(_WRAPPED_SMALL.findall(text)) < _NARROW:
        return
    joined = _COLUMN_END.sub(" ", text)
    for finder in (places.find_places, dates.find_dates):
        for one in finder(joined):
            if "\n" in text[one.start : one.end]:
                yield one


def _over_breaks(text: str) -> Iterator[Candidate]:
    """Numbers and codes in two parts of which the first ends a line and the second begins the next."""
    for match in _BROKEN.finditer(text):
        first = match["a"]
        if (
            not (any(character.isdigit() for character in first) or len(first) <= 4 or first[-1] in "-/")
            or first[-1] == "."
        ):
            continue
        start = text.rfind("\n", 0, max(0, text.rfind("\n", 0, match.start("a")))) + 1
        end = text.find("\n", match.end())
        end = len(text) if end < 0 else end
        place = match.end("a") - start
        for glue in ("", " "):
            joined = text[start : match.end("a")] + glue + text[match.end("a") + 1 : end]
            moved = 1 - len(glue)
            for finder in _BREAKABLE:
                for one in finder(joined):
                    if (
                        one.start < place
                        and one.end > place + len(glue)
                        and one.score >= _BROKEN_SCORE.get(one.kind, 0.8)
                    ):
                        yield Candidate(one.start + start, one.end + start + moved, one.kind, one.score + 0.06)


def _occurrences(
    text: str, known: Mapping[str, tuple[IdentifierKind, float]]
) -> Iterator[tuple[int, int, tuple[IdentifierKind, float]]]:
    """Where known values, given in small letters, stand in a text as words of their own."""
    lower = text.lower()
    if len(lower) != len(text):
        # A letter whose small form is two characters would shift all that follows.
        lower = text
    for value, of in known.items():
        position = lower.find(value)
        while position >= 0:
            end = position + len(value)
            inside = (value[0].isalnum() and not _HAN.match(value) and _is_word(lower[position - 1 : position])) or (
                value[-1].isalnum() and not _HAN.match(value[-1]) and _is_word(lower[end : end + 1])
            )
            if not inside:
                yield position, end, of
            position = lower.find(value, end)


def _is_word(character: str) -> bool:
    """Whether a letter, digit or underscore, but no Chinese character: those need no space between words."""
    return (character.isalnum() or character == "_") and not _HAN.match(character)


def _over_89(text: str) -> bool:
    """Whether a text of an age column tells one over 89."""
    match = re.search(r"\d+", text)
    return match is None or int(match[0]) > 89
