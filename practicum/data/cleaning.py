"""Repair of text that lost nothing, and the rules that turn a row away.

Repair undoes what a wrong decoding or a careless export did to a text and never touches wording: no
spelling, no punctuation style, no width of characters. What can't be repaired is rejected by a named rule.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import ftfy
import ftfy.badness
from jsonschema.exceptions import SchemaError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from referencing.jsonschema import EMPTY_REGISTRY

from practicum.data.example import Example, Rejected, canonical_json, content_id
from practicum.data.quality.agreement import enumerations
from practicum.data.quality.rules import Rules, finding

FIXES = ftfy.TextFixerConfig(
    unescape_html=False,
    fix_latin_ligatures=False,
    fix_character_width=False,  # full-width punctuation is how Chinese is written
    uncurl_quotes=False,
    normalization="NFC",
    explain=False,
)
"""Mojibake, terminal escapes, control characters, line ends, surrogates; nothing that is a matter of style."""

INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
"""Soft hyphens, zero-width spaces, direction marks. The joiners U+200C and U+200D are spelling in some scripts."""

SEPARATORS = {0x0B: "\n", 0x0C: "\n", 0x1C: " ", 0x1D: " ", 0x1E: " ", 0x1F: " "}
"""Control characters that stand between words, such as the form feed between a PDF's pages."""

MARKERS = re.compile(
    r"[<\[](?:"  # one look at each character finds the few places where a marker can begin
    r"(?<=<)(?:\s*/?\s*think\s*>"  # think blocks, however spaced
    r"|\|[^|<>\s]{1,40}\|>"  # ChatML, Llama 3: <|im_start|>, <|eot_id|>
    r"|｜[^｜<>]{1,40}｜>"  # DeepSeek's full-width bars
    r"|/?(?:start|end)_of_turn>|(?:bos|eos|pad|unk)>|/?s>)"  # Gemma, SentencePiece
    r"|(?<=\[)/?INST\])",
    re.IGNORECASE,
)
"""What a chat template writes. In a field it would end a turn or open a think block in the middle of text."""

MIN_CHARACTERS = {"zh": 4}
"""Characters other than blanks below which context and question can't hold a task; see `too_short`."""
MIN_CHARACTERS_ELSE = 8
PLAIN_SYMBOLS = frozenset("°℃℉®©™✓✗")
"""Symbols that ordinary prose and measurements use."""
MAX_PASSES = 8
"""Of the repair; two are the rule, the second one changes nothing."""
EXCERPT = 200
"""Characters of the offending text that a rejected row keeps."""

_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
"""What some readers of JSON lines take for the end of a line, and JSON does not escape."""

TEXT_FIELDS = ("context", "question", "reasoning")
"""Free text over several lines; `answer` is JSON and has rules of its own."""
NAME_FIELDS = ("task", "label", "source", "group", "language")
"""Names of one line."""


_LATIN_RUN = re.compile("[\u00a1-\u00fe]{4,}")
"""Four signs and accented letters in a row: no language writes that, GB 2312 read as Latin-1 does."""
_HAN = re.compile("[\u4e00-\u9fff]")
_CHINESE = re.compile("[\u4e00-\u9fff\u3000-\u3011\uff01-\uff5e“”‘’…—·\x00-\x7f]*")
LEAST_MISREAD = 8
"""Characters from which a misread Chinese text is told from a list of letters."""


def _read_as_gb2312(text: str) -> str:
    """The text as GB 2312 when it is that, read as Latin-1 (`ÖÐÎÄ`); ftfy knows no Chinese encoding.

    Every character beyond ASCII must be part of it, and most of what comes out be among the 3,755 common ones.
    """
    if not _LATIN_RUN.search(text) or sum(character > "\x7f" for character in text) < LEAST_MISREAD:
        return text
    try:
        data = text.encode("latin-1")
        read = data.decode("gb2312")
    except UnicodeError:
        return text
    han = _HAN.findall(read)
    common = sum(0xB0 <= character.encode("gb2312")[0] <= 0xD7 for character in han)
    return read if _CHINESE.fullmatch(read) and common >= 0.7 * len(han) and 4 * len(han) > len(read) - 16 else text


def _read_as_utf8(text: str) -> str:
    """The text as UTF-8 when it is that, read as GBK (`涓枃`): Chinese proper isn't UTF-8 when written in GBK."""
    try:
        read = text.encode("gb18030").decode("utf-8")
    except UnicodeError:
        return text
    return read if len(_HAN.findall(read)) > 1 and _CHINESE.fullmatch(read) else text


_BLANK_ENDS = (" \n", "\t\n", "\u3000\n")
"""How a line ends that has blanks to lose, in a text of `_STABLE` characters."""

_STABLE = re.compile(
    "["
    "\t\n -~"
    "\u00a1-\u00ac\u00ae-\u00c1\u00c4-\u024f"  # Latin letters and signs; without Â and Ã, where mojibake begins
    "\u0391-\u03a1\u03a3-\u03c9"
    "\u2013-\u2015\u2018-\u201f\u2020-\u2022\u2026\u2030\u20ac\u2103\u2109\u2122\u2190-\u2193"
    "\u2200-\u220f\u2211-\u225f\u2264-\u2267"
    "\u3000-\u3020\u4e00-\u9fff\uff01-\uff5e"  # how Chinese is written
    "]*"
)
"""Characters that no repair but that of mojibake touches: composed already, visible, no line ends but \\n."""


def _is_whole(text: str) -> bool:
    """Whether it is certain at a glance that repair leaves the text as it is; False says nothing.

    Plain ASCII is neither mojibake nor decomposed. In characters of `_STABLE` the one thing left is mojibake: ftfy
    looks for it only where its own measure of badness finds some, and the two Chinese kinds have marks of their own.
    """
    if text.isascii():
        if not text.replace("\n", " ").replace("\t", " ").isprintable():
            return False
    elif (
        not _STABLE.fullmatch(text)
        or ftfy.badness.is_bad(text)
        or _LATIN_RUN.search(text)
        or (_HAN.search(text) and _read_as_utf8(text) != text)
    ):
        return False
    return not text or (
        not text[0].isspace() and not text[-1].isspace() and not any(end in text for end in _BLANK_ENDS)
    )


def repair(text: str) -> str:
    """`text` with mojibake, NFC, line ends, control and invisible characters and trailing blanks put right.

    Repairing twice gives what repairing once gives.
    """
    return text if _is_whole(text) else _repaired(text)


def _repaired(text: str) -> str:
    """As `repair`, by the long way."""
    text = text.translate(SEPARATORS)
    # What one pass takes away can have kept mojibake, or a mark and its letter, apart.
    for _ in range(MAX_PASSES):
        read = text if text.isascii() else _read_as_utf8(_read_as_gb2312(text))
        fixed = unicodedata.normalize("NFC", INVISIBLE.sub("", ftfy.fix_text(read, FIXES)))
        fixed = "\n".join(line.rstrip() for line in fixed.split("\n")).strip()
        if fixed == text:
            break
        text = fixed
    return text


def _repair_strings(value: Any) -> Any:
    """The parsed JSON value with each of its strings repaired; keys are the schema's to judge."""
    if isinstance(value, str):
        return repair(value)
    if isinstance(value, list):
        return [_repair_strings(item) for item in value]
    if isinstance(value, dict):
        return {key: _repair_strings(item) for key, item in value.items()}
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


_PARSER = json.JSONDecoder(parse_constant=_refuse_constant)


def parsed(answer: str) -> Any:
    """The answer's value.

    Raises:
        ValueError: it is not JSON; NaN and Infinity are not.
    """
    return _PARSER.decode(answer)


def repaired(example: Example) -> Example:
    """The example with each text repaired; an id that was the hash of the content is the hash of the new one.

    An answer that is not canonical JSON is left as it is, for the rules to judge.
    """
    changes: dict[str, Any] = {}
    for name in (*TEXT_FIELDS, *NAME_FIELDS):
        text = getattr(example, name)
        fixed = repair(text)
        if name in NAME_FIELDS:
            fixed = " ".join(fixed.split())
        if fixed != text:
            changes[name] = fixed
    answer = _repaired_answer(example.answer)
    if answer != example.answer:
        changes["answer"] = answer
    if not changes:
        # An id that is the content's hash is clean, and one of its own keeps its name.
        name = repair(example.id)
        return example if name == example.id else replace(example, id=name)
    hashed = content_id_of(example) == example.id
    return replace(example, **changes, id="" if hashed else repair(example.id))


MAX_DEPTH = 100
"""Brackets within brackets that an answer may have; the parser's own limit depends on who calls it."""
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def _too_deep(answer: str) -> bool:
    """Whether brackets of the JSON text are nested deeper than `MAX_DEPTH`."""
    if answer.count("[") + answer.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _BRACKETS.finditer(answer):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match.group(), 0)
        if depth > MAX_DEPTH:
            return True
    return False


def _repaired_answer(answer: str) -> str:
    """The answer with each of its strings repaired, where it is canonical JSON."""
    # Without escapes, strings are what stands between quotation marks, and pieces of what is whole are whole.
    if "\\" not in answer and _is_whole(answer) and all(text == text.strip() for text in answer.split('"')[1::2]):
        return answer
    if _too_deep(answer):
        return answer
    try:
        value = parsed(answer)
        return canonical_json(_repair_strings(value)) if canonical_json(value) == answer else answer
    except ValueError:
        return answer


def content_id_of(example: Example) -> str | None:
    """The id that the content gives, or None when it has characters that no encoding holds."""
    try:
        return content_id(example.task, example.context, example.question, example.answer)
    except UnicodeEncodeError:
        return None


def schema_validator(schema: Mapping[str, Any]) -> Validator:
    """The validator of an answer schema, by the draft that its `$schema` names. It fetches nothing.

    Raises:
        ValueError: the schema itself is wrong; says where.
    """
    kind = validator_for(schema)
    try:
        kind.check_schema(dict(schema))
    except SchemaError as error:
        path = "/".join(str(part) for part in error.absolute_path)
        raise ValueError(f"answer schema: at {path or 'its root'}: {error.message}; expected a JSON schema") from error
    return kind(schema, registry=EMPTY_REGISTRY)


def schema_fault(value: Any, schema: Validator) -> str | None:
    """Why the value does not fit the schema, `path: reason`, or None when it fits."""
    errors = sorted(schema.iter_errors(value), key=lambda error: (list(map(str, error.absolute_path)), error.message))
    if not errors:
        return None
    path = ".".join(str(part) for part in errors[0].absolute_path)
    return f"{path or 'answer'}: {errors[0].message}"


def excerpt(text: object, at: int = 0) -> str:
    """At most `EXCERPT` characters of the text around position `at`, in characters that UTF-8 can hold."""
    shown = text if isinstance(text, str) else repr(text)
    start = max(0, min(at - EXCERPT // 4, len(shown) - EXCERPT))
    return _LINE_ENDS.sub(" ", shown[start : start + EXCERPT]).encode("utf-8", "replace").decode("utf-8")


_ASCII_BLANKS = bytes(code for code in range(128) if chr(code).isspace())
_ASCII_BLANKS_AND_WORDLIKE = bytes(code for code in range(128) if chr(code).isspace() or chr(code).isalnum())


LOST = re.compile("\ufffd|锟斤拷|烫烫烫|屯屯屯")
"""What stands where characters were lost: U+FFFD, its bytes read as GBK, and memory that was never written."""


def garbage(text: str, min_wordlike: float, max_symbols: float) -> bool:
    """Whether characters were lost, or too few of them are words and numbers.

    Args:
        text: repaired.
        min_wordlike: least share of letters, digits and marks among the characters other than blanks.
        max_symbols: largest share of pictographs, modifiers and unassigned or private characters.
    """
    if text.isascii():
        data = text.encode()
        solid = len(data.translate(None, _ASCII_BLANKS))
        wordlike = solid - len(data.translate(None, _ASCII_BLANKS_AND_WORDLIKE))
        symbols = text.count("^") + text.count("`")
    else:
        if LOST.search(text):
            return True
        solid = wordlike = symbols = 0
        for character, count in Counter(text).items():
            if character.isspace():
                continue
            kind = unicodedata.category(character)
            solid += count
            wordlike += count * (kind[0] in "LNM")
            symbols += count * (kind in ("So", "Sk", "Co", "Cn", "Cs") and character not in PLAIN_SYMBOLS)
    return solid > 0 and (symbols > max_symbols * solid or wordlike < min_wordlike * solid)


def rejected(source: object, rule: str, text: object, at: int = 0) -> Rejected:
    """The record of a row turned away, safe to write."""
    return Rejected(source=excerpt(source), rule=rule, text=excerpt(text, at))


def _lost_at(text: str) -> int:
    match = LOST.search(text)
    return 0 if match is None else match.start()


@dataclass(frozen=True, slots=True)
class _Judged:
    """What is to say of an answer, whoever gives it."""

    value: Mapping[str, Any]
    rule: str = ""
    text: str = ""


class _Judge:
    """An answer schema, with the verdicts on the answers seen last: most data sets repeat theirs."""

    def __init__(self, schema: Validator) -> None:
        self.schema = schema
        self.words = enumerations(schema.schema)
        self.remembered = lru_cache(maxsize=1 << 13)(self.verdict)

    def __call__(self, answer: str) -> _Judged:
        return self.remembered(answer) if len(answer) <= LONGEST_REMEMBERED else self.verdict(answer)

    def verdict(self, answer: str) -> _Judged:
        if _too_deep(answer):
            return _Judged({}, "answer_not_json", f"nested too deep: {answer}")
        try:
            value = parsed(answer)
        except ValueError as error:
            return _Judged({}, "answer_not_json", f"{error}: {answer}")
        if canonical_json(value) != answer:
            return _Judged({}, "answer_not_canonical", answer)
        wrong = schema_fault(value, self.schema)
        if wrong is not None:
            return _Judged({}, "answer_schema", wrong)
        if not isinstance(value, dict):
            return _Judged({}, "answer_schema", f"answer: {answer} is not of type 'object'")
        return _Judged(value)


LONGEST_REMEMBERED = 1000
"""Characters of an answer whose verdict is kept: 8,192 of them take at most a few megabytes."""


class _Holder:
    """A validator that is equal to itself only: it holds dictionaries and can't be hashed."""

    def __init__(self, schema: Validator) -> None:
        self.schema = schema

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Holder) and other.schema is self.schema


@lru_cache(maxsize=8)
def _judge_of(holder: _Holder) -> _Judge:
    return _Judge(holder.schema)


def _judge(schema: Validator) -> _Judge:
    # The cache keeps the validator alive, so that no other one gets its identity.
    return _judge_of(_Holder(schema))


def fault(example: Example, schema: Validator, rules: Rules) -> Rejected | None:
    """The first rule that turns a repaired example away, or None when it may stay.

    Rules, in order: `empty_FIELD`, `chat_marker`, `garbage`, `too_short`, `answer_not_json`,
    `answer_not_canonical`, `answer_schema`, `perturbation_not_json`, then those of `quality.rules.finding`.
    """
    for name in ("task", "label", "source", "group", "question", "reasoning", "answer"):
        text = getattr(example, name)
        if not text or text.isspace():
            shown = canonical_json({"question": example.question, "answer": example.answer})
            return rejected(example.source, f"empty_{name}", shown)
    for name in (*TEXT_FIELDS, *NAME_FIELDS, "answer"):
        text = getattr(example, name)
        marker = MARKERS.search(text) if "<" in text or "[" in text else None
        if marker:
            return rejected(example.source, "chat_marker", text, marker.start())
    asked = f"{example.context}\n{example.question}"
    for text in (asked, example.reasoning):
        if garbage(text, rules.quality.min_wordlike, rules.quality.max_symbols):
            return rejected(example.source, "garbage", text.strip(), _lost_at(text.strip()))
    if not example.answer.isascii() and LOST.search(example.answer):
        return rejected(example.source, "garbage", example.answer, _lost_at(example.answer))
    if len("".join(asked.split())) < MIN_CHARACTERS.get(example.language, MIN_CHARACTERS_ELSE):
        return rejected(example.source, "too_short", f"{example.context} {example.question}".strip())
    judge = _judge(schema)
    judged = judge(example.answer)
    if judged.rule:
        return rejected(example.source, judged.rule, judged.text)
    try:
        if example.perturbation != {}:
            json.dumps(dict(example.perturbation), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        return rejected(example.source, "perturbation_not_json", f"{error}: {sorted(example.perturbation)}")
    found = finding(example, judged.value, judge.words, rules)
    return None if found is None else rejected(example.source, found.rule, found.text, found.at)


def cleaned(row: Example | Rejected, schema: Validator, rules: Rules) -> Example | Rejected:
    """The row as it may be used: repaired, or rejected by the first rule that it breaks.

    Args:
        row: as a plug-in or a source's columns made it.
        schema: of the answer, see `schema_validator`.
        rules: thresholds and known words.
    """
    if isinstance(row, Rejected):
        return rejected(row.source, excerpt(row.rule), row.text)
    for name in (*TEXT_FIELDS, *NAME_FIELDS, "answer", "id"):
        if not isinstance(getattr(row, name), str):
            return rejected(row.source, "not_text", f"{name}: {getattr(row, name)!r}")
    example = repaired(row)
    return fault(example, schema, rules) or example


def normalized(text: str) -> str:
    """The text as exact comparison sees it: NFC, case folded, runs of blanks as one.

    Not NFKC, which would make 10² and 102 the same.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def question_key(example: Example) -> str:
    """What the model is asked, normalised: two rows of the same key are the same question."""
    return normalized(f"{example.context}\n{example.question}")


def _plain_numbers(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain_numbers(item) for key, item in value.items()}
    return value


_ANSWER_KEY = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def answer_key(answer: str) -> str:
    """The answer's value in one spelling: the order of keys and 2 or 2.0 make no difference.

    Raises:
        ValueError: it is not JSON.
    """
    return _ANSWER_KEY.encode(_plain_numbers(parsed(answer)))
