"""From what a domain's settings name as its sources to records, and from records by column to examples."""

import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from practicum.config import (
    Columns,
    CsvSource,
    HubSource,
    ImageSource,
    JsonlSource,
    ParquetSource,
    PdfSource,
    Source,
    SqliteSource,
    TextSource,
)
from practicum.data.cleaning import parsed, rejected
from practicum.data.example import Example, Rejected, canonical_json
from practicum.data.raw import Record
from practicum.data.readers import SourceError
from practicum.data.readers.tables import read_csv, read_jsonl, read_parquet, read_sqlite
from practicum.data.readers.texts import read_text

FileSource = CsvSource | JsonlSource | ParquetSource | SqliteSource | TextSource | PdfSource | ImageSource


def matched(pattern: str, folder: Path) -> list[Path]:
    """The files under the folder that the pattern names, by path; hidden ones only where it names them.

    Raises:
        SourceError: there is none, or one that is no file or lies outside of the folder.
    """

    def refuse(found: str, expected: str) -> SourceError:
        return SourceError(f"files: {pattern!r} under {folder} {found}, expected {expected}")

    parts = PurePosixPath(pattern).parts
    if pattern.startswith("/") or ".." in parts:
        raise refuse("leads out of it", "a path or pattern inside; put the file, or a copy, there")
    try:
        # Not the glob module, whose ** follows links in circles.
        found = sorted(folder.glob(pattern))
    except (ValueError, NotImplementedError) as error:
        raise refuse(f"is no pattern ({error})", "one such as *.csv or notes/**/*.txt") from error
    if not any(part.startswith(".") for part in parts):
        found = [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    if not found:
        raise refuse("matches nothing", "at least one file; run `dvc pull` where the data are kept by DVC")
    inside = folder.resolve()
    for path in found:
        name = path.relative_to(folder).as_posix()
        try:
            kind = path.stat().st_mode
            real = path.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise refuse(f"matches {name!r}, which can't be opened ({error})", "a file") from error
        if not real.is_relative_to(inside):
            raise refuse(
                f"matches {name!r}, a link that leads out of it",
                "files inside; copy the file there (for DVC's links: `dvc config cache.type hardlink,copy`, then "
                "`dvc checkout --relink`)",
            )
        if not stat.S_ISREG(kind):
            what = "a folder" if stat.S_ISDIR(kind) else "no ordinary file"
            raise refuse(f"matches {name!r}, which is {what}", "files only; name them, as in *.csv")
        if not name.isprintable():
            raise refuse(f"matches {name!r}", "a name of printable characters; rename it")
    return found


Reader = Callable[[Path, str], Iterator[Record | Rejected]]
"""Reads one file, which errors and records call by the name given."""


def _reader(source: FileSource) -> Reader:
    """What reads a file of the source. OCR, PDF and Arrow are imported where they are used: they are slow to load."""
    if isinstance(source, PdfSource):
        from practicum.data.readers.pdf import read_pdf

        return partial(read_pdf, source)
    if isinstance(source, ImageSource):
        from practicum.data.readers.scans import read_image

        return read_image
    if isinstance(source, TextSource):
        return partial(read_text, source)
    if isinstance(source, CsvSource):
        return partial(read_csv, source)
    if isinstance(source, JsonlSource):
        return partial(read_jsonl, source)
    if isinstance(source, ParquetSource):
        return partial(read_parquet, source)
    return partial(read_sqlite, source)


def read(source: Source, folder: Path) -> Iterator[Record | Rejected]:
    """The records of a source one after the other: file by file in the order of their paths, each from top to
    bottom. What can't be read as a record is a rejected row in its place.

    Args:
        source: what the settings say of it.
        folder: the domain's data folder.

    Raises:
        SourceError: the source as a whole or one of its files can't be read, or it holds no row at all.
    """
    if isinstance(source, HubSource):
        from practicum.data.readers.hub import read_hub

        yield from _some(read_hub(source, folder), source.hub)
        return
    reader = _reader(source)
    yield from _some(_files(reader, matched(source.files, folder), folder), source.files)


def _files(reader: Reader, paths: list[Path], folder: Path) -> Iterator[Record | Rejected]:
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            yield from reader(path, name)
        except OSError as error:
            raise SourceError(f"{name}: {error}; expected a file that can be read") from error


def _some(rows: Iterator[Record | Rejected], what: str) -> Iterator[Record | Rejected]:
    """The rows, of which there must be one."""
    empty = True
    for row in rows:
        empty = False
        yield row
    if empty:
        raise SourceError(f"{what}: found no row, expected at least one; fill it, or take it out of `sources:`")


class _ColumnFaultError(ValueError):
    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


def _cell(record: Record, column: str) -> Any:
    if column not in record.values:
        raise _ColumnFaultError("missing_column", f"{column!r}: found {', '.join(record.values)}")
    value = record.values[column]
    if value is None or (isinstance(value, str) and not value.strip()):
        raise _ColumnFaultError("empty_column", f"{column!r} of {dict(record.values)}")
    return value


def _text(record: Record, column: str) -> str:
    value = _cell(record, column)
    if not isinstance(value, str):
        raise _ColumnFaultError("not_text", f"{column!r}: found {type(value).__name__} {value!r}, expected text")
    return value


def _name(record: Record, column: str) -> str:
    """A class or group; numbers are as good as text."""
    value = _cell(record, column)
    if not isinstance(value, str | int):
        raise _ColumnFaultError("not_text", f"{column!r}: found {type(value).__name__} {value!r}, expected a name")
    return value if isinstance(value, str) else canonical_json(value)


def _context(record: Record, column: str) -> str:
    """A context may be empty, its column may not be missing."""
    if record.values.get(column, ...) in (None, ""):
        return ""
    return _text(record, column)


def _answer(record: Record, column: str) -> str:
    value = _cell(record, column)
    if isinstance(value, str):
        try:
            found = parsed(value)
        except (ValueError, RecursionError):
            found = None
        value = found if isinstance(found, dict) else {"answer": value}
    elif isinstance(value, list):
        raise _ColumnFaultError("not_text", f"{column!r}: found a list {value!r}, expected text or a JSON object")
    elif not isinstance(value, dict):
        value = {"answer": value}
    return canonical_json(value)


def mapped(record: Record, columns: Columns) -> Example | Rejected:
    """The example that a record's columns hold.

    Args:
        record: a row.
        columns: which column holds what. An answer that is no JSON object becomes {"answer": text}; without a column
            for the group, the row is a group of its own; without one for the label, its label is `all`.

    Returns:
        The example; or the row rejected by rule `missing_column`, `empty_column` or `not_text`, with the column.
    """
    try:
        return Example(
            task=columns.task,
            label="all" if columns.label is None else _name(record, columns.label),
            source=record.source,
            group=record.source if columns.group is None else _name(record, columns.group),
            language=columns.language,
            context="" if columns.context is None else _context(record, columns.context),
            question=_text(record, columns.question),
            reasoning=_text(record, columns.reasoning),
            answer=_answer(record, columns.answer),
        )
    except _ColumnFaultError as error:
        return rejected(record.source, error.rule, str(error))
    except UnicodeEncodeError as error:
        return rejected(record.source, "encoding", f"half of a surrogate pair: {error.object}", error.start)
