"""The prepared rows as one table, with what the checks need to know of each row."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from practicum.chat import Rendered, Renderer
from practicum.config import IdentifierKind, Think
from practicum.data.answer_fields import answer_fields, schema_fields
from practicum.data.balance import label_counts
from practicum.data.cleaning import MARKERS, content_id_of, parsed, question_key, schema_fault, schema_validator
from practicum.data.deidentification.found import Found
from practicum.data.example import Example
from practicum.data.splitting import SPLITS, Split
from practicum.data.workers import Workers, chunked

LENGTH_SPREADS = 3.0
"""How far beyond the middle 90 % of its task's lengths, in widths of that range, a text may lie."""
MIN_SPREAD = 40
"""Characters that count as the width at least, so that a task of near equal lengths has no outliers."""
REQUIRED = ("id", "task", "label", "source", "group", "language", "question", "reasoning", "answer")
"""Columns that hold something in every row; `context` may be empty."""
DERIVED = (
    "split", "context", "schema_fault", "group_in", "question_in", "chat_marker", "length", "label_share",
    "unseen_label", "identifiers",
)  # fmt: skip
COUNTED = ("tokens", "supervised_tokens", "think_fault", "ends", "render_fault")
SEARCHED = ("context", "question", "reasoning", "answer", "group", "label", "source", "task")
"""Fields in which identifiers are looked for; the perturbation's texts, and an id that is no hash, too."""
CHUNK = 2000
"""Texts that are searched, or rows that are rendered, by a process at a time."""
FILE_NAMES = ("source", "group")
"""Fields that may name the picture which a row was read from; its name shows nobody's face."""
OPEN, CLOSE = "<think>", "</think>"

IdentifiersLeft = Callable[[str], Sequence[Found]]
"""Places of a text that identify someone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTokens:
    """What the checks need of a rendered training row."""

    tokens: int
    supervised: int
    """Tokens that the loss is taken on."""
    think_fault: str | None
    """What is wrong with the think tags, None when nothing is."""
    ends: bool
    """Whether the last token is the end token, and the loss is taken on it."""


def row_tokens(row: Rendered, text: str, end_id: int, think: Think) -> RowTokens:
    """Look a rendered row over.

    Args:
        row: its ids and mask.
        text: the ids decoded, control tokens included.
        end_id: id of the token that ends an answer.
        think: with `none` the row has no think block, else exactly one.
    """
    opened, closed, blocks = text.count(OPEN), text.count(CLOSE), 0 if think == "none" else 1
    fault = None
    if (opened, closed) != (blocks, blocks):
        fault = f"{opened} {OPEN} and {closed} {CLOSE}, expected {blocks} of each"
    elif text.find(CLOSE) < text.find(OPEN):
        fault = f"{CLOSE} before {OPEN}"
    return RowTokens(
        tokens=len(row.ids),
        supervised=sum(row.mask),
        think_fault=fault,
        ends=bool(row.ids) and row.ids[-1] == end_id and row.mask[-1],
    )


@dataclass(frozen=True, slots=True)
class RowLook:
    """Looks over a row as a renderer spells it; can be sent to other processes."""

    renderer: Renderer

    def __call__(self, example: Example) -> RowTokens:
        """
        Raises:
            RenderError: the row can't be rendered.
        """
        row, renderer = self.renderer.training_row(example), self.renderer
        return row_tokens(row, str(renderer.tokenizer.decode(row.ids)), renderer.end_id, renderer.think)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _searched(left: IdentifiersLeft, texts: Sequence[str]) -> list[list[Found]]:
    return [sorted(left(text)) for text in texts]


class _Search:
    """Identifiers in texts, each different text searched once, and a name for each identifier."""

    def __init__(self, left: IdentifiersLeft, texts: Iterable[str], processes: int) -> None:
        distinct = [text for text in dict.fromkeys(texts) if text.strip()]
        with Workers({"search": partial(_searched, left)}, processes) as workers:
            found = [one for chunk in workers.map("search", chunked(distinct, CHUNK)) for one in chunk]
        self._known: dict[str, Sequence[Found]] = {
            text: places for text, places in zip(distinct, found, strict=True) if places
        }
        self._names: dict[tuple[str, str], str] = {}

    def found(self, text: str) -> Sequence[Found]:
        return self._known.get(text, ())

    def masked(self, text: str) -> str:
        """The text with `[KIND N]` for each identifier: the same one has the same N, so that groups stay apart."""
        parts, end = [], 0
        for one in self.found(text):
            if one.start < end:  # overlaps the one before
                end = max(end, one.end)
                continue
            key = (one.kind, text[one.start : one.end])
            name = self._names.setdefault(key, f"[{one.kind} {len(self._names) + 1}]")
            parts += [text[end : one.start], name]
            end = one.end
        return "".join(parts) + text[end:]


def _searched_fields(example: Example) -> Sequence[str]:
    return SEARCHED if content_id_of(example) == example.id else ("id", *SEARCHED)


def _kinds(search: _Search, name: str, text: str) -> list[IdentifierKind]:
    """Kinds of identifiers in a field."""
    return [one.kind for one in search.found(text) if not (name in FILE_NAMES and one.kind == "photo")]


def masked(
    splits: Mapping[Split, Sequence[Example]], left: IdentifiersLeft, processes: int = 1
) -> tuple[dict[Split, list[Example]], dict[Split, list[str | None]]]:
    """Rows in which no identifier is left, and where in each one was: `ssn in question`, None for a clean row.

    What the checks show of a row is taken from the masked one: the report of a leak must not leak.
    """
    rows = [example for split in SPLITS for example in splits[split]]
    texts = (getattr(row, name) for row in rows for name in _searched_fields(row))
    # One by one: the same few stand in many rows.
    of_perturbations = (text for row in rows for text in _texts(row.perturbation))
    search = _Search(left, itertools.chain(texts, of_perturbations), processes)
    clean: dict[Split, list[Example]] = {split: [] for split in SPLITS}
    places: dict[Split, list[str | None]] = {split: [] for split in SPLITS}
    for split in SPLITS:
        for example in splits[split]:
            fields = _searched_fields(example)
            where = [f"{kind} in {name}" for name in fields for kind in _kinds(search, name, getattr(example, name))]
            changes: dict[str, Any] = {name: search.masked(getattr(example, name)) for name in fields} if where else {}
            where += [
                f"{one.kind} in perturbation" for text in _texts(example.perturbation) for one in search.found(text)
            ]
            clean[split].append(replace(example, **changes))
            places[split].append(", ".join(dict.fromkeys(where)) or None)
    return clean, places


def _placed(splits: Mapping[Split, Sequence[str]]) -> dict[str, str]:
    """For each value the splits in which it stands, such as `train+test`."""
    places: dict[str, list[str]] = defaultdict(list)
    for split in SPLITS:
        for value in dict.fromkeys(splits[split]):
            places[value].append(split)
    return {value: "+".join(names) for value, names in places.items()}


def _length_excess(lengths: pd.Series, tasks: pd.Series) -> pd.Series:
    """Characters by which each text lies outside the usual lengths of its task, 0 inside."""
    excess = pd.Series(0, index=lengths.index, dtype="int64")
    for _, of_task in lengths.groupby(tasks):
        low, high = np.percentile(of_task, [5, 95])
        reach = LENGTH_SPREADS * max(high - low, MIN_SPREAD)
        outside = np.maximum(np.maximum(of_task - (high + reach), (low - reach) - of_task), 0)
        excess.loc[of_task.index] = np.ceil(outside).astype("int64")
    return excess


def _answer_faults(answers: Sequence[str], schema: Mapping[str, Any]) -> dict[str, str | None]:
    """Why each different answer doesn't fit the schema; None where it does."""
    validator = schema_validator(schema)
    faults: dict[str, str | None] = {}
    for answer in answers:
        if answer not in faults:
            try:
                value = parsed(answer)
                # Telling why takes far longer than telling whether.
                faults[answer] = None if validator.is_valid(value) else schema_fault(value, validator)
            except (ValueError, RecursionError) as error:
                faults[answer] = f"not JSON: {error}"
    return faults


def _looked_over(render: Callable[[Example], RowTokens], rows: Sequence[Example]) -> list[RowTokens | str]:
    """A row's tokens, or why it can't be rendered."""
    result: list[RowTokens | str] = []
    for example in rows:
        try:
            result.append(render(example))
        except ValueError as error:
            result.append(str(error))
    return result


def _rendered(rows: Sequence[Example], render: Callable[[Example], RowTokens], processes: int) -> dict[str, list[Any]]:
    """Columns of `COUNTED`."""
    columns: dict[str, list[Any]] = {name: [] for name in COUNTED}
    with Workers({"render": partial(_looked_over, render)}, processes) as workers:
        for row in itertools.chain.from_iterable(workers.map("render", chunked(rows, CHUNK))):
            values: tuple[Any, ...] = (None, None, None, None, row)
            if isinstance(row, RowTokens):
                values = (row.tokens, row.supervised, row.think_fault, row.ends, None)
            for name, value in zip(COUNTED, values, strict=True):
                columns[name].append(value)
    return columns


def _field_columns(answers: Sequence[str], schema: Mapping[str, Any]) -> dict[str, list[Any]]:
    """A column for each field that an answer has or may have, as objects: numbers and texts may share one."""
    known = {answer: answer_fields(answer) for answer in dict.fromkeys(answers)}
    names = dict.fromkeys([*schema_fields(schema), *(name for fields in known.values() for name in fields)])
    return {name: [known[answer].get(name) for answer in answers] for name in names}


def table(
    splits: Mapping[Split, Sequence[Example]],
    schema: Mapping[str, Any],
    render: Callable[[Example], RowTokens] | None = None,
    identifiers: Mapping[Split, Sequence[str | None]] | None = None,
    processes: int = 1,
) -> pd.DataFrame:
    """The prepared rows as one table, splits in their usual order.

    Columns, all of which a domain's own checks may use:

    - `id`, `task`, `label`, `source`, `group`, `language`, `question`, `reasoning`, `answer`: the example's fields,
      null where blank; `context`, which may be empty.
    - `split`: train, validation or test.
    - `answer.FIELD`: the answer's fields, see `practicum.data.answer_fields`; null where an answer has none.
    - `length`: characters of context, question, reasoning and answer together, with three line breaks between;
      `length_excess`: characters by which that lies outside the usual range of the task.
    - `label_share`: share of the label in its task's training rows, 0 outside train.
    - `unseen_label`: the label of a test row whose task has no training row of it, else null.
    - `group_in`, `question_in`: the splits in which the row's group and question stand, such as `train+test`.
    - `schema_fault`, `chat_marker`, `identifiers`: what is wrong, null where nothing is.
    - `tokens`, `supervised_tokens`, `think_fault`, `ends`, `render_fault`: see `RowTokens`; the last says why the
      row can't be rendered.

    Args:
        splits: the prepared rows.
        schema: JSON schema of an answer.
        render: looks a row's rendering over; raises ValueError for a row that can't be rendered. Without it the
            columns of `COUNTED` are missing.
        identifiers: identifiers left, see `masked`.
        processes: that render; with more than one `render` must be picklable.
    """
    rows = [example for split in SPLITS for example in splits[split]]
    in_split = [split for split in SPLITS for _ in splits[split]]
    keys = {split: [question_key(example) for example in splits[split]] for split in SPLITS}
    group_in = _placed({split: [example.group for example in splits[split]] for split in SPLITS})
    question_in = _placed(keys)
    labels = label_counts(splits["train"])
    shares = {
        (task, label): count / sum(counts.values())
        for task, counts in labels.items()
        for label, count in counts.items()
    }
    texts = ["\n".join((row.context, row.question, row.reasoning, row.answer)) for row in rows]
    markers = [MARKERS.search(text) for text in texts]
    answers = [row.answer for row in rows]
    faults = _answer_faults(answers, schema)
    columns: dict[str, Any] = {name: [getattr(row, name).strip() or None for row in rows] for name in REQUIRED}
    columns |= {
        "split": in_split,
        "context": [row.context for row in rows],
        "schema_fault": [faults[answer] for answer in answers],
        "group_in": [group_in[row.group] for row in rows],
        "question_in": [question_in[key] for split in SPLITS for key in keys[split]],
        "chat_marker": [marker and marker.group() for marker in markers],
        "length": [len(text) for text in texts],
        "label_share": [
            shares[row.task, row.label] if split == "train" else 0.0 for split, row in zip(in_split, rows, strict=True)
        ],
        "unseen_label": [
            row.label if split == "test" and (row.task, row.label) not in shares else None
            for split, row in zip(in_split, rows, strict=True)
        ],
        "identifiers": [None] * len(rows) if identifiers is None else [x for s in SPLITS for x in identifiers[s]],
    }
    if render is not None:
        columns |= _rendered(rows, render, processes)
    fields = {name: pd.Series(values, dtype="object") for name, values in _field_columns(answers, schema).items()}
    frame = pd.DataFrame(columns | fields)
    frame["length"] = frame["length"].astype("int64")
    frame["length_excess"] = _length_excess(frame["length"], frame["task"])
    return frame
