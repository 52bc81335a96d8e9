"""Rows kept on disk and read back by number, so that a data set needs memory for places only."""

import os
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

R = TypeVar("R")

BUFFER = 1 << 20
"""Bytes of the write buffer."""


class Spill:
    """Lines in a temporary file that goes when the object does."""

    def __init__(self, folder: Path | None = None) -> None:
        """
        Args:
            folder: where there is room; the system's folder for temporary files without it.
        """
        # It lives as long as the object.
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder, buffering=BUFFER)  # noqa: SIM115
        self._starts = array("Q", [0])
        self._written = 0

    def extend(self, lines: Iterable[bytes]) -> None:
        """Add lines; none holds a line break."""
        for line in lines:
            self._file.write(line)
            self._starts.append(self._starts[-1] + len(line))

    def line(self, row: int) -> bytes:
        """The line of this number, from 0.

        Raises:
            IndexError: there is no such line.
        """
        start, end = self._starts[row], self._starts[row + 1]
        if end > self._written:
            self._file.flush()
            self._written = self._starts[-1]
        # Not seek and read, which would fill the buffer anew for each line.
        return os.pread(self._file.fileno(), end - start, start)

    def __len__(self) -> int:
        return len(self._starts) - 1


class Rows(Sequence[R]):
    """Some lines of a spill, in an order of their own; each is read and parsed when it is asked for."""

    def __init__(self, spill: Spill, numbers: Sequence[int] | NDArray[np.int64], parse: Callable[[bytes], R]) -> None:
        self._spill = spill
        self._numbers = numbers
        self._parse = parse

    def lines(self) -> Iterator[bytes]:
        """The lines as they were written, without line breaks."""
        return (self._spill.line(int(number)) for number in self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> R: ...
    @overload
    def __getitem__(self, place: slice) -> "Rows[R]": ...
    def __getitem__(self, place: int | slice) -> "R | Rows[R]":
        if isinstance(place, slice):
            return Rows(self._spill, self._numbers[place], self._parse)
        return self._parse(self._spill.line(int(self._numbers[place])))
