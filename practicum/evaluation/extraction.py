"""Reading the answer out of what a model wrote. One rule for every model, base and tuned alike.

The answer part is the text after the last `</think>`; where no think block was opened, it is the whole text
(a base model may answer at once, or think in plain words). A block that was opened and never closed leaves
no answer part. In the answer part the first complete JSON object counts. What stands around it is tolerated:
a code fence, words before it, anything after it, even the token limit, as nothing later can change what was read.
A model that ignores the form is thus never marked down for chat, only for an answer that can't be read.

Answers are JSON in every domain: a domain's answer form is a JSON Schema, and there is no other.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NoReturn, cast, get_args

from jsonschema import Draft202012Validator

AnswerError = Literal["no_answer", "not_json", "schema", "wrong_field", "cut"]
ERRORS: tuple[AnswerError, ...] = get_args(AnswerError)
"""Why no answer could be read, each a format error:

- `no_answer`: the model ended without a JSON object;
- `not_json`: an object begins, but is not JSON;
- `schema`: the fields are right, but a value is not what the domain's answer.schema.json allows;
- `wrong_field`: the fields are not those of the item's task: one is missing, unknown, or the answer is another task's;
- `cut`: the token limit came before an answer could be read.
"""

OPEN, CLOSE = "<think>", "</think>"
_FIELD_RULES = frozenset({"required", "additionalProperties", "unevaluatedProperties"})


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a completion says; exactly one of `answer` and `error` is set."""

    answer: dict[str, Any] | None
    """The object, when it fits the schema."""
    error: AnswerError | None
    reasoning: str
    """The text of the think block."""
    answer_text: str
    """The answer part as written."""


def split_think(text: str) -> tuple[str, str]:
    """The reasoning and the answer part of a completion, both stripped.

    The opening tag may be missing, as where it belongs to the prompt (DeepSeek-R1's prefill).
    """
    before, closed, after = text.rpartition(CLOSE)
    if closed:
        return before.strip().removeprefix(OPEN).strip(), after.strip()
    head, opened, inside = text.partition(OPEN)
    if opened:
        return inside.strip(), ""
    return "", head.strip()


def _balanced_end(text: str, start: int) -> int | None:
    """Index after the brace that closes the one at `start`, braces inside JSON strings left out; None if it is open."""
    depth, quoted, escaped = 0, False, False
    for index in range(start, len(text)):
        character = text[index]
        if quoted:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                quoted = False
        elif character == '"':
            quoted = True
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return index + 1
    return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits} is beyond what JSON's readers hold")
    return value


def _parsed(text: str) -> dict[str, Any]:
    """The object, or a ValueError: also for what no reader could take in again, such as half of a surrogate pair."""
    value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    json.dumps(value, ensure_ascii=False).encode()
    return cast(dict[str, Any], value)


def first_object(text: str) -> tuple[dict[str, Any] | None, bool]:
    """The first complete JSON object in the text, and whether any brace was opened at all."""
    start = text.find("{")
    began = start >= 0
    while start >= 0:
        end = _balanced_end(text, start)
        if end is None:
            break
        try:
            return _parsed(text[start:end]), began
        except (ValueError, RecursionError):
            start = text.find("{", end)
    return None, began


@lru_cache(maxsize=64)
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema))


@lru_cache(maxsize=1024)
def _shapes(schema: str, reference: str | None) -> tuple[Draft202012Validator, ...]:
    """The alternatives of a schema that a reference fits: all of them where there is none, or it fits none."""
    whole, rules = _validator(schema), json.loads(schema)
    alternatives = rules.get("oneOf") or rules.get("anyOf") or [rules]
    every = tuple(cast(Draft202012Validator, whole.evolve(schema=one)) for one in alternatives)
    fitting = () if reference is None else tuple(one for one in every if one.is_valid(json.loads(reference)))
    return fitting or every


def _has_its_fields(shape: Draft202012Validator, value: Mapping[str, Any]) -> bool:
    """Whether an object has the fields that a shape asks for and no others, at every depth."""
    return not any(error.validator in _FIELD_RULES for error in shape.iter_errors(value))


def extract(
    text: str, finished: bool, schema: Mapping[str, Any], reference: Mapping[str, Any] | None = None
) -> Extraction:
    """Read the answer of one completion.

    Args:
        text: the completion without special tokens, from the first token after the prompt.
        finished: whether the model ended by itself; False when the token limit cut it.
        schema: the domain's answer.schema.json (JSON Schema 2020-12).
        reference: the right answer of a test item, of which only the shape is used: which of the schema's
            alternatives is asked for. None where there is none, as in serving: any alternative will do.
    """
    reasoning, answer_text = split_think(text)
    value, began = first_object(answer_text)
    rules = json.dumps(schema, sort_keys=True)
    shapes = _shapes(rules, None if reference is None else json.dumps(reference, sort_keys=True))
    error: AnswerError | None = None
    if value is None:
        error = "cut" if not finished else "not_json" if began else "no_answer"
    elif not any(_has_its_fields(shape, value) for shape in shapes):
        error = "wrong_field"
    elif not _validator(rules).is_valid(value):
        error = "schema"
    return Extraction(None if error else value, error, reasoning, answer_text)
