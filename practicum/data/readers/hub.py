"""Rows of a data set on the Hugging Face hub, or of a local folder in the hub's layout, streamed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from practicum.config import HubSource
from practicum.data.cleaning import rejected
from practicum.data.example import Rejected
from practicum.data.raw import Record
from practicum.data.readers import SourceError
from practicum.data.readers.json_values import ValueFaultError, json_value


def _named_columns(source: HubSource) -> list[str]:
    """Columns that the source's mapping names; none without a mapping."""
    if source.example is None:
        return []
    each = source.example
    named = (each.question, each.answer, each.reasoning, each.context, each.label, each.group)
    return list(dict.fromkeys(column for column in named if column is not None))


def _opened(source: HubSource, place: str) -> Any:
    """The data set, ready to be iterated."""
    from datasets import load_dataset

    rows = load_dataset(place, name=source.subset, revision=source.revision, split=source.split, streaming=True)
    columns = _named_columns(source)
    # Pictures and sound beside the texts are never fetched when the mapping says what is wanted.
    if columns and rows.column_names and set(columns) <= set(rows.column_names):
        rows = rows.select_columns(columns)
    return rows


def read_hub(source: HubSource, folder: Path) -> Iterator[Record | Rejected]:
    """Rows of the data set in its own order, numbered from 1, as `REPOSITORY/SUBSET/SPLIT:ROW`.

    Args:
        source: repository, or a folder in the hub's layout: absolute, or relative to `folder`.
        folder: the domain's data folder.

    Yields:
        A row; or a rejected one, by a rule of `json_value`.

    Raises:
        SourceError: the data set, its commit, subset or split isn't there, or the hub can't be reached.
    """
    import httpx
    from datasets.exceptions import DatasetsError
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    local = (folder / source.hub).is_dir()
    name = "/".join(part for part in (source.hub, source.subset, source.split) if part)
    number = 0
    try:
        for row in _opened(source, str((folder / source.hub).resolve()) if local else source.hub):
            number += 1
            where = f"{name}:{number}"
            try:
                record = Record({column: json_value(value) for column, value in row.items()}, where)
            except ValueFaultError as error:
                yield rejected(where, error.rule, str(error))
            else:
                yield record
    except (
        DatasetsError, HfHubHTTPError, OfflineModeIsEnabled, httpx.HTTPError, OSError, ValueError, KeyError,
        NotImplementedError, RuntimeError,
    ) as error:  # fmt: skip
        raise SourceError(f"{name}: {type(error).__name__} at row {number + 1}: {error}") from error
