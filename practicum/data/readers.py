"""Raw files read row by row, each row with where it stands.

A row that can't be read is a value, not an exception: a plug-in turns it into a `Rejected`, so that one bad
line neither stops the pipeline nor vanishes. A file that can't be read at all is an exception.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table or one object of a JSON-lines file."""

    values: Mapping[str, Any]
    """Cells by column; text for CSV, JSON values for JSON lines."""
    source: str
    """`file:line`, counted from 1, the line on which the row begins."""


@dataclass(frozen=True, slots=True)
class Text:
    """A whole text file."""

    text: str
    source: str


class ReadError(ValueError):
    """A file or row that can't be read; the message begins with `source`."""

    def __init__(self, source: str, fault: str) -> None:
        super().__init__(f"{source}: {fault}")
        self.source = source


def read_text(path: Path) -> Text:
    """The file's text in UTF-8, without byte-order mark, line ends as `\\n`.

    Raises:
        ReadError: the file is not UTF-8; names the line.
        FileNotFoundError: it is not there.
    """
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ReadError(
            f"{path.name}:{line}",
            f"found the byte 0x{raw[error.start]:02x}, expected UTF-8; save the file as UTF-8",
        ) from error
    return Text(text.replace("\r\n", "\n").replace("\r", "\n"), path.name)


def read_csv(path: Path, columns: Sequence[str] = (), delimiter: str = ",") -> Iterator[Row | ReadError]:
    """Rows of a CSV file with a header line; empty lines are passed over.

    Args:
        path: the file.
        columns: those that must be there; more are fine.
        delimiter: between cells.

    Yields:
        A row, or the error of one whose cells don't match the header.

    Raises:
        ReadError: the file is not UTF-8 or empty, the header lacks a column or names one twice, or a quote
            is never closed.
        FileNotFoundError: it is not there.
    """
    # Not splitlines, which takes form feeds and the like inside a cell for the end of a line.
    reader = csv.reader(io.StringIO(read_text(path).text), delimiter=delimiter, strict=True)
    begins, header = 1, None
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise ReadError(f"{path.name}:{begins}", f"not CSV: {error}; see the quotes from this line on") from error
        source, begins = f"{path.name}:{begins}", reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            missing = [column for column in columns if column not in header]
            twice = sorted({column for column in header if header.count(column) > 1})
            if missing or twice:
                fault = f"lacks {missing}" if missing else f"names {twice} twice"
                raise ReadError(source, f"the header {header} {fault}; expected each of {list(columns)} once")
        elif len(cells) != len(header):
            yield ReadError(source, f"found {len(cells)} cells, expected {len(header)}: {header}; found {cells}")
        else:
            yield Row(dict(zip(header, cells, strict=True)), source)
    if header is None:
        raise ReadError(path.name, "the file is empty, expected a header line")


def read_jsonl(path: Path) -> Iterator[Row | ReadError]:
    """Objects of a JSON-lines file; empty lines are passed over.

    Yields:
        A row, or the error of a line that is not a JSON object.

    Raises:
        ReadError: the file is not UTF-8.
        FileNotFoundError: it is not there.
    """
    for number, line in enumerate(read_text(path).text.split("\n"), start=1):
        source = f"{path.name}:{number}"
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            yield ReadError(source, f"not JSON: {error}; expected one object per line")
            continue
        if isinstance(value, dict):
            yield Row(value, source)
        else:
            yield ReadError(source, f"found {type(value).__name__}, expected a JSON object")
