"""Rows to prepare, and one that passes every rule."""

from collections.abc import Callable
from typing import Any

import pytest

from practicum.data.example import Example


@pytest.fixture
def make() -> Callable[..., Example]:
    """An example that passes every rule, with what a test wants otherwise."""

    def build(**values: Any) -> Example:
        defaults: dict[str, Any] = {
            "task": "sum",
            "label": "small",
            "source": "sums.csv:2",
            "group": "shop 1",
            "language": "en",
            "context": "The shop has 3 pears and 4 plums.",
            "question": "How many pieces of fruit are there?",
            "reasoning": "3 + 4 = 7.",
            "answer": '{"value": 7}',
        }
        return Example(**(defaults | values))

    return build


@pytest.fixture
def schema() -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"value": {"type": "integer"}, "note": {"type": "string"}},
        "required": ["value"],
        "additionalProperties": False,
    }
