"""One row of prepared data, and the record of a row that was turned away."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any


def canonical_json(value: object) -> str:
    """JSON in the one spelling that is trained on and compared: no spaces to vary, keys in given order."""
    return json.dumps(value, ensure_ascii=False)


def content_id(*parts: str) -> str:
    """A stable id of 16 hex digits from the parts' text."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question with its reference reasoning and answer.

    The text is open book: what must be reasoned over stands in `context` or `question`.
    """

    task: str
    """Which task of the domain."""
    label: str
    """The class to balance on."""
    source: str
    """Provenance: file and row, such as `emr.csv:17`."""
    group: str
    """The unit of splitting (patient, company, statute article): never in two splits."""
    language: str
    """`en` or `zh`."""
    context: str
    """Rules, provisions, records: what the answer rests on. May be empty."""
    question: str
    """The question, with the answer's form named."""
    reasoning: str
    """The text of the think block: single, checkable steps."""
    answer: str
    """Canonical JSON (see `canonical_json`) that fits the domain's answer.schema.json."""
    perturbation: Mapping[str, Any] = field(default_factory=dict)
    """What is needed to change a key number in the question and recompute the answer."""
    id: str = ""
    """Stable hash of content; filled when left empty."""

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", content_id(self.task, self.context, self.question, self.answer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A raw or prepared row that did not become training data, with the rule that turned it away."""

    source: str
    rule: str
    text: str
    """The offending text, or the part of it that shows why."""


_FIELDS = frozenset(each.name for each in fields(Example))


def to_json_line(row: Example | Rejected) -> str:
    """The row as one line of JSON without line break."""
    # Not asdict, which copies the perturbation leaf by leaf: half the time of writing a large data set.
    values = {name: getattr(row, name) for name in row.__slots__}
    if isinstance(row, Example):
        values["perturbation"] = dict(row.perturbation)
    return json.dumps(values, ensure_ascii=False)


def example_from_line(line: str | bytes) -> Example:
    """Read a line written by `to_json_line`.

    Raises:
        ValueError: it is no JSON, or has other fields.
    """
    row = json.loads(line)
    if set(row) != _FIELDS:
        raise ValueError(f"fields {sorted(set(row) ^ _FIELDS)} are missing or unknown")
    return Example(**row)


def rejected_from_line(line: str | bytes) -> Rejected:
    """Read a rejected row written by `to_json_line`.

    Raises:
        ValueError: it is no JSON.
        TypeError: it has other fields.
    """
    return Rejected(**json.loads(line))


def examples_from_lines(lines: Iterable[str], name: str) -> list[Example]:
    """Read JSON lines written by `to_json_line`.

    Args:
        lines: the lines; empty ones are refused.
        name: what to call the source in an error.

    Raises:
        ValueError: a line is not an example; says which line and what is wrong.
    """
    examples = []
    for number, line in enumerate(lines, start=1):
        try:
            examples.append(example_from_line(line))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{name}, line {number}: not a prepared example: {error}") from error
    return examples


def read_examples(path: Path) -> list[Example]:
    """The examples of a file that holds one JSON line each.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a line is not an example; says which line of which file and what is wrong.
    """
    with path.open(encoding="utf-8") as file:
        return examples_from_lines(file, path.name)
