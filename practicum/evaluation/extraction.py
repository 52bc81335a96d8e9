"""Reading the answer out of what a model wrote. One rule for every model, base and tuned alike.

The answer part is the text after the last `</think>`; where no think block was opened, it is the whole text
(a base model may answer at once, or think in plain words). A block that was opened and never closed leaves
no answer part. In the answer part the first complete JSON object counts. What stands around it is tolerated:
a code fence, words before it, anything after it, even the token limit, as nothing later can change what was read.
A model that ignores the form is thus never marked down for chat, only for an answer that can't be read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NoReturn, cast, get_args

from jsonschema import Draft202012Validator

AnswerError = Literal["no_answer", "not_json", "schema", "cut"]
ERRORS: tuple[AnswerError, ...] = get_args(AnswerError)
"""Why no answer could be read, each a format error:

- `no_answer`: the model ended without a JSON object;
- `not_json`: an object begins, but is not JSON;
- `schema`: the object does not fit the domain's answer.schema.json;
- `cut`: the token limit came before an answer could be read.
"""

OPEN, CLOSE = "<think>", "</think>"


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


def first_object(text: str) -> tuple[dict[str, Any] | None, bool]:
    """The first complete JSON object in the text, and whether any brace was opened at all."""
    start = text.find("{")
    began = start >= 0
    while start >= 0:
        end = _balanced_end(text, start)
        if end is None:
            break
        try:
            value = json.loads(text[start:end], parse_constant=_refuse_constant)
            return cast(dict[str, Any], value), began
        except (ValueError, RecursionError):
            start = text.find("{", end)
    return None, began


@lru_cache(maxsize=64)
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema))


def extract(text: str, finished: bool, schema: Mapping[str, Any]) -> Extraction:
    """Read the answer of one completion.

    Args:
        text: the completion without special tokens, from the first token after the prompt.
        finished: whether the model ended by itself; False when the token limit cut it.
        schema: the domain's answer.schema.json (JSON Schema 2020-12).
    """
    reasoning, answer_text = split_think(text)
    value, began = first_object(answer_text)
    error: AnswerError | None = None
    if value is None:
        error = "cut" if not finished else "not_json" if began else "no_answer"
    elif not _validator(json.dumps(schema, sort_keys=True)).is_valid(value):
        error = "schema"
    return Extraction(None if error else value, error, reasoning, answer_text)
