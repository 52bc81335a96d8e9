"""Repair of text that lost nothing, and the rules that turn a row away.

Repair undoes what a wrong decoding or a careless export did to a text and never touches wording: no
spelling, no punctuation style, no width of characters. What can't be repaired is rejected by a named rule.
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import ftfy
from jsonschema.exceptions import SchemaError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from referencing.jsonschema import EMPTY_REGISTRY

from practicum.data.example import Example, Rejected, canonical_json, content_id

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
    r"<\s*/?\s*think\s*>"  # think blocks, however spaced
    r"|<\|[^|<>\s]{1,40}\|>"  # ChatML, Llama 3: <|im_start|>, <|eot_id|>
    r"|<｜[^｜<>]{1,40}｜>"  # DeepSeek's full-width bars
    r"|</?(?:start|end)_of_turn>|<(?:bos|eos|pad|unk)>|</?s>"  # Gemma, SentencePiece
    r"|\[/?INST\]",
    re.IGNORECASE,
)
"""What a chat template writes. In a field it would end a turn or open a think block in the middle of text."""

MIN_CHARACTERS = {"zh": 4}
"""Characters other than blanks below which context and question can't hold a task; see `too_short`."""
MIN_CHARACTERS_ELSE = 8
MIN_WORDLIKE = 0.3
"""Least share of letters, digits and marks among characters other than blanks: tables and sums stay above it."""
MAX_SYMBOLS = 0.2
"""Largest share of pictographs, modifiers and unassigned or private characters."""
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


def repair(text: str) -> str:
    """`text` with mojibake, NFC, line ends, control and invisible characters and trailing blanks put right.

    Repairing twice gives what repairing once gives.
    """
    text = text.translate(SEPARATORS)
    # What one pass takes away can have kept mojibake, or a mark and its letter, apart.
    for _ in range(MAX_PASSES):
        fixed = unicodedata.normalize("NFC", INVISIBLE.sub("", ftfy.fix_text(text, FIXES)))
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


def parsed(answer: str) -> Any:
    """The answer's value.

    Raises:
        ValueError: it is not JSON; NaN and Infinity are not.
    """
    return json.loads(answer, parse_constant=_refuse_constant)


def repaired(example: Example) -> Example:
    """The example with each text repaired; an id that was the hash of the content is the hash of the new one.

    An answer that is not canonical JSON is left as it is, for the rules to judge.
    """
    changes: dict[str, Any] = {name: repair(getattr(example, name)) for name in TEXT_FIELDS}
    changes |= {name: " ".join(repair(getattr(example, name)).split()) for name in NAME_FIELDS}
    answer = example.answer
    try:
        value = parsed(answer)
        if canonical_json(value) == answer:
            answer = canonical_json(_repair_strings(value))
    except ValueError:
        pass
    changes["answer"] = answer
    hashed = content_id_of(example) == example.id
    return replace(example, **changes, id="" if hashed else repair(example.id))


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


def garbage(text: str) -> bool:
    """Whether characters were lost, or too few of them are words and numbers."""
    solid = [character for character in text if not character.isspace()]
    if not solid:
        return False
    if "\ufffd" in solid:
        return True
    kinds = [unicodedata.category(character) for character in solid]
    symbols = sum(
        kind in ("So", "Sk", "Co", "Cn", "Cs") and character not in PLAIN_SYMBOLS
        for character, kind in zip(solid, kinds, strict=True)
    )
    wordlike = sum(kind[0] in "LNM" for kind in kinds)
    return symbols > MAX_SYMBOLS * len(solid) or wordlike < MIN_WORDLIKE * len(solid)


def rejected(source: object, rule: str, text: object, at: int = 0) -> Rejected:
    """The record of a row turned away, safe to write."""
    return Rejected(source=excerpt(source), rule=rule, text=excerpt(text, at))


def _answer_fault(example: Example, schema: Validator) -> Rejected | None:
    try:
        value = parsed(example.answer)
    except ValueError as error:
        return rejected(example.source, "answer_not_json", f"{error}: {example.answer}")
    if canonical_json(value) != example.answer:
        return rejected(example.source, "answer_not_canonical", example.answer)
    fault = schema_fault(value, schema)
    if fault is not None:
        return rejected(example.source, "answer_schema", fault)
    if not isinstance(value, dict):
        return rejected(example.source, "answer_schema", f"answer: {example.answer} is not of type 'object'")
    return None


def fault(example: Example, schema: Validator) -> Rejected | None:
    """The first rule that turns a repaired example away, or None when it may stay.

    Rules, in order: `empty_FIELD`, `chat_marker`, `garbage`, `too_short`, `answer_not_json`,
    `answer_not_canonical`, `answer_schema`, `perturbation_not_json`.
    """
    for name in ("task", "label", "source", "group", "question", "reasoning", "answer"):
        if not getattr(example, name).strip():
            shown = canonical_json({"question": example.question, "answer": example.answer})
            return rejected(example.source, f"empty_{name}", shown)
    for name in (*TEXT_FIELDS, *NAME_FIELDS, "answer"):
        text = getattr(example, name)
        marker = MARKERS.search(text)
        if marker:
            return rejected(example.source, "chat_marker", text, marker.start())
    for text in (f"{example.context}\n{example.question}", example.reasoning):
        if garbage(text):
            return rejected(example.source, "garbage", text.strip(), text.strip().find("\ufffd"))
    if "\ufffd" in example.answer:
        return rejected(example.source, "garbage", example.answer, example.answer.find("\ufffd"))
    length = len("".join((example.context + example.question).split()))
    if length < MIN_CHARACTERS.get(example.language, MIN_CHARACTERS_ELSE):
        return rejected(example.source, "too_short", f"{example.context} {example.question}".strip())
    found = _answer_fault(example, schema)
    if found is not None:
        return found
    try:
        json.dumps(dict(example.perturbation), allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        return rejected(example.source, "perturbation_not_json", f"{error}: {example.perturbation!r}")
    return None


def cleaned(row: Example | Rejected, schema: Validator) -> Example | Rejected:
    """The row as it may be used: repaired, or rejected by the first rule that it breaks."""
    if isinstance(row, Rejected):
        return rejected(row.source, excerpt(row.rule), row.text)
    for name in (*TEXT_FIELDS, *NAME_FIELDS, "answer", "id"):
        if not isinstance(getattr(row, name), str):
            return rejected(row.source, "not_text", f"{name}: {getattr(row, name)!r}")
    try:
        example = repaired(row)
        return fault(example, schema) or example
    except RecursionError:
        return rejected(row.source, "answer_not_json", f"nested too deep: {row.answer}")


def normalized(text: str) -> str:
    """The text as exact comparison sees it: NFC, case folded, runs of blanks as one.

    Not NFKC, which would make 10² and 102 the same.
    """
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


def answer_key(answer: str) -> str:
    """The answer's value in one spelling: the order of keys and 2 or 2.0 make no difference.

    Raises:
        ValueError: it is not JSON.
    """
    return json.dumps(_plain_numbers(parsed(answer)), ensure_ascii=False, sort_keys=True)


def without_contradictions(examples: Sequence[Example]) -> tuple[list[Example], list[Rejected]]:
    """Turn away every row of a question that is answered in more than one way: nobody knows which is right.

    The model doesn't see the task's name, so a contradiction between two tasks is one as well.

    Args:
        examples: rows that passed the rules.

    Returns:
        The rows that stay and those rejected by rule `contradiction`, both in the given order.
    """
    answers: dict[str, dict[str, str]] = defaultdict(dict)
    for example in examples:
        answers[question_key(example)].setdefault(answer_key(example.answer), example.source)
    kept: list[Example] = []
    turned_away: list[Rejected] = []
    for example in examples:
        ways = answers[question_key(example)]
        if len(ways) == 1:
            kept.append(example)
            continue
        own = answer_key(example.answer)
        other, source = next((answer, source) for answer, source in ways.items() if answer != own)
        shown = f"{own}, but {other} in {source}: {example.question}"
        turned_away.append(rejected(example.source, "contradiction", shown))
    return kept, turned_away
