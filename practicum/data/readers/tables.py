"""Rows of CSV, JSON lines, Parquet and SQLite, never more of them in memory than a batch."""

import csv
import sqlite3
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from practicum.config import Columns, CsvSource, JsonlSource, ParquetSource, SqliteSource
from practicum.data.cleaning import rejected
from practicum.data.example import Rejected
from practicum.data.raw import Record
from practicum.data.readers import SourceError
from practicum.data.readers.encoding import LONGEST, UNDECODED, fault, lines
from practicum.data.readers.json_values import ValueFaultError, json_object, json_value

MOST_LINES = 2000
"""Lines of the longest CSV row: what an open quote may swallow before its line is given up."""
FEWEST_LINES = 20
"""The same in a stretch where quotes are open again and again, so that such a file takes no quadratic time."""
PARQUET_ROWS = 256
"""Rows of a Parquet file turned into values at a time."""

# A process-wide limit of the csv module, by default below the longest line that is read here.
csv.field_size_limit(max(csv.field_size_limit(), LONGEST))


def mapped_columns(example: Columns | None) -> list[str]:
    """Columns that a source's mapping names; none without one."""
    if example is None:
        return []
    named = (example.question, example.answer, example.reasoning, example.context, example.label, example.group)
    return list(dict.fromkeys(column for column in named if column is not None))


def _check_columns(found: Sequence[str], expected: Sequence[str], source: str) -> None:
    """
    Raises:
        SourceError: a column is missing or there twice.
    """
    twice = sorted({column for column in found if found.count(column) > 1})
    missing = [column for column in expected if column not in found]
    if twice:
        raise SourceError(f"{source}: found the columns {found} with {twice} more than once; give each its own name")
    if missing:
        raise SourceError(
            f"{source}: found the columns {found}, expected {missing} among them; see `columns` and `example`"
        )


# --- CSV -----------------------------------------------------------------------------------------------------


class _TooLongError(csv.Error):
    """The lines of one row are longer together than a row may be."""


class _Feed:
    """Gives csv.reader its lines, keeps those of the present row, and takes them back when they are no row."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._again: deque[str] = deque()
        self.held: list[str] = []
        self.first = 1
        """Number of the line on which the present row begins."""
        self.fault: tuple[str, int] | None = None
        self._size = 0
        self._most_lines = MOST_LINES

    def begin(self) -> None:
        """The present row is done with."""
        self.first += len(self.held)
        self.held = []
        self.fault = None
        self._size = 0

    def give_up(self) -> None:
        """Give back every line of the present row but the first one."""
        if len(self.held) > 1:
            self._most_lines = max(FEWEST_LINES, self._most_lines // 4)
        self._again.extendleft(reversed(self.held[1:]))
        del self.held[1:]

    def succeed(self) -> None:
        """The present row is one."""
        if self._most_lines < MOST_LINES:
            self._most_lines = min(MOST_LINES, 2 * self._most_lines)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._source)
        self.held.append(line)
        self._size += len(line)
        if self._size > LONGEST or len(self.held) > self._most_lines:
            raise _TooLongError("too long")
        if UNDECODED in line or "\0" in line:
            self.fault = self.fault or fault(line)
        return line


def _csv_fault(feed: _Feed, error: csv.Error) -> tuple[str, str]:
    """Rule and text of the first line of what csv could make no row of."""
    first = feed.held[0]
    if len(first) > LONGEST:
        return "too_long", first
    if len(feed.held) > 1 or "unexpected end" in str(error):
        if not first.endswith("\n"):
            return "torn_line", first
        return "unclosed_quote", first
    return "not_csv", f"{error}: {first}"


_HEADER = "expected a header line"


def _check_header(header: list[str], expected: Sequence[str], row: str) -> None:
    """
    Raises:
        SourceError: a column is missing or there twice.
    """
    missing = [column for column in expected if column not in header]
    if missing:
        raise SourceError(
            f"{row}: found a line of {len(header)} cells without {missing}, {_HEADER} with each of them; see "
            "`delimiter`, `columns` and `example`"
        )
    places = [number for number, column in enumerate(header, start=1) if header.count(column) > 1]
    if places:
        raise SourceError(f"{row}: found cells of one name at {places}, {_HEADER} that names each column once")


def read_csv(source: CsvSource, path: Path, name: str) -> Iterator[Record | Rejected]:
    """Rows of a CSV file with a header line; empty lines are passed over.

    Where a quote is never closed, or not within `LONGEST` characters and `MOST_LINES` lines, only the line on which
    it opens is rejected; the ones after it are read as rows of their own.

    No error shows what stands in the first line: where the header is missing, that is somebody's row.

    Args:
        source: its delimiter, encoding and columns.
        path: the file.
        name: what to call it.

    Yields:
        A row; or a rejected one, by rule `too_long`, `encoding`, `nul`, `unclosed_quote`, `torn_line`, `not_csv`,
        `cell_count` or `empty_row`.

    Raises:
        SourceError: the file is empty, the header is no CSV, lacks a column or names one twice.
    """
    if source.delimiter in '"\r\n':
        raise SourceError(f"{name}: found {source.delimiter!r} as delimiter, expected a character such as , ; or a tab")
    feed = _Feed(lines(path, name, source.encoding))
    reader = csv.reader(feed, delimiter=source.delimiter, strict=True)
    header: list[str] | None = None
    while True:
        feed.begin()
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            rule, text = _csv_fault(feed, error)
            if header is None:
                raise SourceError(
                    f"{name}:{feed.first}: found a line that breaks the rule {rule}, {_HEADER}"
                ) from error
            feed.give_up()
            yield rejected(f"{name}:{feed.first}", rule, text)
            continue
        if not cells or (len(cells) == 1 and not cells[0].strip()):
            continue
        feed.succeed()
        row = f"{name}:{feed.first}"
        if header is None:
            if feed.fault:
                raise SourceError(f"{row}: found a line that breaks the rule {feed.fault[0]}, {_HEADER}")
            header = [cell.strip() for cell in cells]
            _check_header(header, [*source.columns, *mapped_columns(source.example)], row)
        elif feed.fault:
            yield rejected(row, feed.fault[0], "".join(feed.held), feed.fault[1])
        elif len(cells) != len(header):
            torn = len(cells) < len(header) and not feed.held[-1].endswith("\n")
            shown = f"found {len(cells)} cells, expected {len(header)}: {''.join(feed.held).rstrip()}"
            yield rejected(row, "torn_line" if torn else "cell_count", shown)
        elif not any(cells):
            yield rejected(row, "empty_row", "".join(feed.held))
        else:
            yield Record(dict(zip(header, cells, strict=True)), row)
    if header is None:
        raise SourceError(f"{name}: found empty lines only, expected a header line; take the file away or fill it")


# --- JSON lines ----------------------------------------------------------------------------------------------


def read_jsonl(source: JsonlSource, path: Path, name: str) -> Iterator[Record | Rejected]:
    """Objects of a JSON-lines file; empty lines are passed over.

    Yields:
        A row; or a rejected one, by rule `too_long`, `encoding`, `nul`, `torn_line` (the last line, cut short) or a
        rule of `json_object`.

    Raises:
        SourceError: the file is empty.
    """
    number, line, filled = 0, "", False
    for number, line in enumerate(lines(path, name, source.encoding), start=1):
        if line.isspace():
            continue
        filled = True
        row = f"{name}:{number}"
        try:
            if found := fault(line):
                raise ValueFaultError(found[0], line[max(0, found[1] - 50) :])
            record = Record(json_object(line.rstrip()), row)
        except ValueFaultError as error:
            # Only the last line may lack its end; longer ones are cut by `lines`.
            torn = not line.endswith("\n") and error.rule in ("not_json", "encoding")
            shown = line if error.rule in ("too_long", "encoding", "nul") else f"{error}: {line.rstrip()}"
            at = found[1] if found else 0
            yield rejected(row, "torn_line" if torn else error.rule, shown, at)
        else:
            yield record
    if not filled:
        raise SourceError(f"{name}: found empty lines only, expected one JSON object a line; take it away or fill it")


# --- typed tables --------------------------------------------------------------------------------------------


def typed(row: Mapping[str, Any], where: str) -> Record | Rejected:
    """The row as JSON values, or rejected for the first cell that is none."""
    values = {}
    for column, value in row.items():
        try:
            values[column] = json_value(value)
        except ValueFaultError as error:
            return rejected(where, error.rule, f"{column}: {error}")
    return Record(values, where)


def read_parquet(source: ParquetSource, path: Path, name: str) -> Iterator[Record | Rejected]:
    """Rows of a Parquet file, numbered from 1.

    Yields:
        A row; or a rejected one, by a rule of `json_value`.

    Raises:
        SourceError: it is no Parquet file or broken, or a column is missing or there twice.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    number = 0
    try:
        # Without pre_buffer, which would load whole row groups.
        with ParquetFile(path, pre_buffer=False, buffer_size=2**20) as file:
            wanted = list(dict.fromkeys([*source.columns, *mapped_columns(source.example)]))
            _check_columns(file.schema_arrow.names, wanted, name)
            columns = wanted or file.schema_arrow.names
            for batch in file.iter_batches(batch_size=PARQUET_ROWS, columns=columns, use_threads=False):
                for values in _batch_rows(batch):
                    number += 1
                    where = f"{name}:{number}"
                    if isinstance(values, UnicodeDecodeError):
                        yield rejected(where, "encoding", f"{values.reason}: {values.object!r}")
                    else:
                        yield typed(values, where)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # the last: of damaged names
        raise SourceError(
            f"{name}: no readable Parquet file after row {number}: {error}; write it again, or take it away"
        ) from error


def _batch_rows(batch: Any) -> Iterator[dict[str, Any] | UnicodeDecodeError]:
    """The rows of a record batch; one that holds text in no UTF-8 as its error."""
    try:
        yield from batch.to_pylist()
    except UnicodeDecodeError:
        for index in range(batch.num_rows):
            try:
                yield batch.slice(index, 1).to_pylist()[0]
            except UnicodeDecodeError as error:
                yield error


_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def _only_reading(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """SQLite's authorizer: no write, no other database, no pragma, no loaded code."""
    if action == sqlite3.SQLITE_FUNCTION and second == "load_extension":
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "practicum-undecoded")


def read_sqlite(source: SqliteSource, path: Path, name: str) -> Iterator[Record | Rejected]:
    """Rows that a query gives, numbered from 1. The database is opened read-only.

    Yields:
        A row; or a rejected one, by a rule of `json_value`.

    Raises:
        SourceError: it is no SQLite database or not closed; the query is wrong, more than one statement or not a
            SELECT, or lacks a column or names one twice.
    """
    for suffix in ("-wal", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.exists() and beside.stat().st_size:
            raise SourceError(
                f"{name}: found changes in {beside.name} that the database does not hold yet, expected it closed; "
                f"run `sqlite3 {path.name} 'pragma wal_checkpoint(truncate)'`"
            )
    number = 0
    try:
        # Immutable: the data folder stays as it is, where a mere mode=ro writes a -shm file beside some databases.
        uri = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as database:
            database.text_factory = _decoded
            database.execute("pragma query_only = on")
            database.set_authorizer(_only_reading)
            cursor = database.execute(source.query)
            if cursor.description is None:
                raise SourceError(f"{name}: found the query {source.query!r}, expected a SELECT that gives rows")
            columns = [column[0] for column in cursor.description]
            _check_columns(columns, mapped_columns(source.example), name)
            for cells in cursor:
                number += 1
                yield typed(dict(zip(columns, cells, strict=True)), f"{name}:{number}")
    except (sqlite3.Error, sqlite3.Warning, UnicodeDecodeError) as error:  # the last: of damaged names
        raise SourceError(
            f"{name}: {error}, at row {number + 1} of the query {source.query!r}; expected a SQLite database and one "
            "SELECT of tables that it holds"
        ) from error
