"""What a cell may hold: JSON values, neither deeper nor larger than a row of training data can use."""

import datetime as dt
import decimal
import json
import math
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from practicum.data.readers import SourceError
from practicum.data.readers.encoding import LONGEST, UNDECODED

MAX_NESTING = 64
"""Objects and lists inside each other: far below what Python's recursion allows, so it never depends on the caller."""


class ValueFaultError(ValueError):
    """A value that no row may hold, with the rule that it breaks."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


def _no_constant(name: str) -> None:
    raise ValueFaultError("not_json", f"{name} is no JSON value")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueFaultError("not_json", f"{text} is larger than any number")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueFaultError("repeated_key", f"the key {twice!r} stands twice")
    return value


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_object)


def _nested_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            item
            for outer in level
            if isinstance(outer, dict | list)
            for item in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return any(isinstance(item, dict | list) for item in level)


def json_object(text: str) -> dict[str, Any]:
    """The object that a text of JSON holds.

    Raises:
        ValueFaultError: it is not JSON (NaN and 1e999 are not), no object, nested too deep, names a key twice, or
            holds half of a surrogate pair.
    """
    try:
        value = _DECODER.decode(text)
    except ValueFaultError:
        raise
    except RecursionError as error:
        raise ValueFaultError("nested_too_deep", f"more than {MAX_NESTING} levels") from error
    except ValueError as error:
        raise ValueFaultError("not_json", str(error)) from error
    if not isinstance(value, dict):
        raise ValueFaultError("not_an_object", f"found {type(value).__name__}, expected a JSON object")
    if text.count("{") + text.count("[") > MAX_NESTING and _nested_deeper(value, MAX_NESTING):
        raise ValueFaultError("nested_too_deep", f"more than {MAX_NESTING} levels")
    if "\\u" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ValueFaultError("encoding", "half of a surrogate pair") from error
    return value


def json_document(path: Path) -> Any:
    """What a file of one JSON value in UTF-8 holds, such as a graph or a statute that rows are made with.

    Raises:
        SourceError: it isn't there, can't be read or is no JSON; names the file.
    """
    try:
        return _DECODER.decode(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        told = f"{type(error).__name__}: {error}"[:200]
        raise SourceError(f"{path.name}: {told}; expected a file in UTF-8 that holds one JSON value") from error


def _text(value: str) -> str:
    if len(value) > LONGEST:
        raise ValueFaultError("too_long", f"{len(value)} characters, expected at most {LONGEST}: {value[:200]}")
    if UNDECODED in value:
        raise ValueFaultError("encoding", value[max(0, value.index(UNDECODED) - 50) :])
    if "\0" in value:
        raise ValueFaultError("nul", value[max(0, value.index("\0") - 50) :])
    return value


def json_value(value: Any, depth: int = 0) -> Any:
    """A cell of a typed table as a JSON value: times in ISO 8601, decimal numbers as text, so that no digit is lost.

    Raises:
        ValueFaultError: it is binary, no finite number, too long, nested too deep, or of a type that JSON has no
            form for.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueFaultError("not_finite", f"{value} is no JSON value")
        return value
    if depth > MAX_NESTING:
        raise ValueFaultError("nested_too_deep", f"more than {MAX_NESTING} levels")
    if isinstance(value, Mapping):
        return {str(key): json_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(item, depth + 1) for item in value]
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, bytes):
        raise ValueFaultError("binary", f"{len(value)} bytes, expected text")
    raise ValueFaultError("not_json_value", f"{type(value).__name__}: {value!r}")
