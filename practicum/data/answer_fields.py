"""The fields of an answer as columns: what checks and comparisons of data sets look at one by one."""

import json
from collections.abc import Mapping
from typing import Any

Scalar = str | int | float | bool | None

ANSWER = "answer"
LENGTH, EACH = "length", "[]"


def answer_fields(answer: str) -> dict[str, Scalar]:
    """The answer's values by dotted path from `answer`.

    `{"code": "I10", "dose": {"mg": 5}}` gives `answer.code` and `answer.dose.mg`. A list gives its length as
    `answer.clauses.length` and its items under `answer.clauses[]`, one a line in one text, so that a pattern can
    be asked of every item: of objects field by field, as `answer.clauses[].article`.

    Returns:
        Nothing where the answer is not JSON.
    """
    fields: dict[str, Scalar] = {}
    try:
        _add(fields, ANSWER, json.loads(answer))
    except (ValueError, RecursionError):
        return {}
    return fields


def _add(fields: dict[str, Scalar], path: str, value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _add(fields, f"{path}.{key}", inner)
    elif isinstance(value, list):
        fields[f"{path}.{LENGTH}"] = len(value)
        items: dict[str, list[str]] = {}
        for item in value:
            of_item: dict[str, Scalar] = {}
            _add(of_item, path + EACH, item)
            for key, inner in of_item.items():
                items.setdefault(key, []).append(inner if isinstance(inner, str) else json.dumps(inner))
        fields |= {key: "\n".join(texts) for key, texts in items.items()}
    else:
        fields[path] = value


def schema_fields(schema: Mapping[str, Any]) -> list[str]:
    """The columns that answers of this schema can have, by what stands under `properties` and `items`."""
    found: dict[str, None] = {}
    _declare(found, ANSWER, schema)
    return list(found)


def _declare(found: dict[str, None], path: str, schema: Any) -> None:
    if not isinstance(schema, Mapping):
        return
    inner = schema.get("properties")
    branches = [branch for word in ("oneOf", "anyOf", "allOf") for branch in schema.get(word) or ()]
    if isinstance(inner, Mapping):
        for key, one in inner.items():
            _declare(found, f"{path}.{key}", one)
    if "items" in schema or schema.get("type") == "array":
        found[f"{path}.{LENGTH}"] = None
        _declare(found, path + EACH, schema.get("items"))
    for branch in branches:
        _declare(found, path, branch)
    if not isinstance(inner, Mapping) and "items" not in schema and not branches and path != ANSWER:
        found[path] = None
