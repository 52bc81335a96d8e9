"""Rows of a data set on the Hugging Face hub, or of a local folder in the hub's layout, streamed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from practicum.config import HubSource
from practicum.data.example import Rejected
from practicum.data.raw import Record
from practicum.data.readers import SourceError
from practicum.data.readers.tables import mapped_columns, typed

_REPOSITORY = re.compile(r"[\w.-]+(/[\w.-]+)?")


def _opened(source: HubSource, place: str) -> Any:
    """The data set, ready to be iterated."""
    from datasets import load_dataset

    rows = load_dataset(place, name=source.subset, revision=source.revision, split=source.split, streaming=True)
    columns = mapped_columns(source.example)
    # Pictures and sound beside the texts are never fetched when the mapping says what is wanted.
    if columns and rows.column_names and set(columns) <= set(rows.column_names):
        rows = rows.select_columns(columns)
    return rows


def _advice(error: BaseException) -> str:
    """What to do about an error of the hub's libraries; told by text where their types don't tell."""
    import httpx
    from datasets.exceptions import DatasetNotFoundError

    text = f"{type(error).__name__} {error}"
    known = (
        ("OfflineModeIsEnabled", "unset HF_HUB_OFFLINE and HF_DATASETS_OFFLINE to read from the hub"),
        ("gated dataset", "ask for access there and set HF_TOKEN"),
        ("Revision", "take a commit of the data set's history as `revision`"),
        ("BuilderConfig", "set `subset` to one of them"),
        ("Config name is missing", "set `subset` to one of them"),
        ("Bad split", "set `split` to one of them"),
    )
    if advice := next((advice for part, advice in known if part in text), None):
        return advice
    if isinstance(error, DatasetNotFoundError):
        return "check the name under `hub`, and set HF_TOKEN where it is private"
    if isinstance(error, ConnectionError | httpx.HTTPError):
        return "check the network and HF_ENDPOINT, or put the data set's folder under the data folder and name that"
    return "expected files that `datasets.load_dataset` reads"


def _place(source: HubSource, folder: Path) -> str:
    """What load_dataset is to load: the folder where there is one, else the repository.

    Raises:
        SourceError: it is neither.
    """
    local = folder / source.hub
    if local.is_dir():
        if not local.resolve().is_relative_to(folder.resolve()):
            raise SourceError(
                f"hub: found the folder {source.hub!r}, expected one under the data folder {folder}; copy it there"
            )
        return str(local.resolve())
    if not _REPOSITORY.fullmatch(source.hub):
        raise SourceError(
            f"hub: found {source.hub!r}, expected a repository such as owner/name, or a folder under {folder}"
        )
    return source.hub


def read_hub(source: HubSource, folder: Path) -> Iterator[Record | Rejected]:
    """Rows of the data set in its own order, numbered from 1, as `REPOSITORY/SUBSET/SPLIT:ROW`.

    Args:
        source: repository, or a folder in the hub's layout under `folder`.
        folder: the domain's data folder.

    Yields:
        A row; or a rejected one, by a rule of `json_value`.

    Raises:
        SourceError: the data set, its commit, subset or split isn't there, a file of it can't be read, or the hub
            can't be reached.
    """
    import httpx
    import pyarrow as pa
    from datasets.exceptions import DatasetsError
    from huggingface_hub.errors import HfHubHTTPError

    place = _place(source, folder)
    name = "/".join(part for part in (source.hub, source.subset, source.split) if part)
    number = 0
    try:
        for row in _opened(source, place):
            number += 1
            yield typed(row, f"{name}:{number}")
    except (
        DatasetsError, HfHubHTTPError, httpx.HTTPError, pa.ArrowException, OSError, ValueError, KeyError,
        NotImplementedError, RuntimeError,
    ) as error:  # fmt: skip
        told = " ".join(str(error).split())[:400]
        raise SourceError(f"{name}, row {number + 1}: {type(error).__name__}: {told}; {_advice(error)}") from error
