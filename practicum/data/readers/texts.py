"""Text and Markdown files as records: whole, by paragraph or by section."""

import re
from collections.abc import Iterator
from pathlib import Path

from practicum.config import TextSource
from practicum.data.cleaning import rejected
from practicum.data.example import Rejected
from practicum.data.raw import Record
from practicum.data.readers import SourceError
from practicum.data.readers.encoding import LONGEST, fault, lines

_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


class _Unit:
    """The lines of one record, as many as a record may hold."""

    def __init__(self) -> None:
        self.begins = 0
        self._lines: list[str] = []
        self._size = 0
        self._fault: tuple[str, str, int] | None = None

    def add(self, number: int, line: str) -> None:
        if not self._lines:
            self.begins = number
        self._size += len(line)
        if self._fault is None:
            if found := fault(line):
                self._fault = (found[0], line, found[1])
            elif self._size > LONGEST:
                self._fault = ("too_long", self._lines[0], 0)
        if self._size <= LONGEST or not self._lines:
            self._lines.append(line)

    def record(self, source: str) -> Record | Rejected | None:
        """The record, or None for one of blank lines."""
        if self._fault:
            return rejected(source, *self._fault)
        text = "".join(self._lines).strip("\n")
        return Record({"text": text}, source) if text.strip() else None


def _units(path: Path, name: str, source: TextSource) -> Iterator[_Unit]:
    unit = _Unit()
    fence = ""
    for number, line in enumerate(lines(path, name, source.encoding), start=1):
        blank = line.isspace()
        ends = False
        if source.unit == "paragraph":
            ends = blank
        elif source.unit == "section":
            if mark := _FENCE.match(line):
                opened = mark[1]
                if not fence:
                    fence = opened
                elif opened.startswith(fence):
                    fence = ""
            ends = not fence and _HEADING.match(line) is not None
        if ends and unit.begins:
            yield unit
            unit = _Unit()
        # Blank lines at a record's start are none of it: its source names its first word's line.
        if unit.begins or not blank:
            unit.add(number, line)
    if unit.begins:
        yield unit


def read_text(source: TextSource, path: Path, name: str) -> Iterator[Record | Rejected]:
    """The texts of a file, each as `text`: the whole file, what stands between blank lines, or what stands from a
    Markdown heading (`#` to `######`, outside fenced code) to the next one, what comes before the first included.

    Yields:
        A text, its source with the line on which it begins unless it is the whole file; or a rejected one, by rule
        `too_long`, `encoding` or `nul`.

    Raises:
        SourceError: the file is empty.
    """
    filled = False
    for unit in _units(path, name, source):
        row = unit.record(name if source.unit == "file" else f"{name}:{unit.begins}")
        if row is not None:
            filled = True
            yield row
    if not filled:
        raise SourceError(f"{name}: found blank lines only, expected text; take the file away or fill it")
