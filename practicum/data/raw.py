"""What a plug-in reads: records of its sources, each with where it stands."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from practicum.data.example import Rejected


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a table, one object of a JSON-lines file, one text, page or picture."""

    values: Mapping[str, Any]
    """Cells by column: text for CSV; JSON values else. Texts, pages and pictures have `text`; what OCR has read
    also has `confidence` (the lowest of its lines, 0 to 1) and `lines`, each with `text`, `confidence` and `box`
    (left, top, right, bottom in pixels)."""
    source: str
    """`file:line` (from 1, where the row begins), `file#page=3` or `file`; files as paths under the data folder."""


class LostRecordsError(ValueError):
    """A plug-in read records and made neither an example nor a rejection of them."""


class RawData:
    """The records of a domain's sources, by the sources' names.

    A record that can't be read never reaches the plug-in: it is a rejected row already.
    """

    def __init__(
        self,
        folder: Path,
        sources: Iterable[str],
        read: Callable[[str], Iterator[Record | Rejected]],
        on_rejected: Callable[[Rejected], None] = lambda row: None,
    ) -> None:
        """
        Args:
            folder: the domain's data folder.
            sources: names of its sources.
            read: the records of a source, unreadable ones as rejected rows.
            on_rejected: told of each rejected row.
        """
        self.folder = folder
        self._names = tuple(sources)
        self._read = read
        self._on_rejected = on_rejected
        self._open: dict[str, None] = {}

    def lookup(self, source: str) -> Iterator[Record]:
        """Records that others are read against, such as statements by company: they need not become examples.

        Raises:
            ValueError: no source has this name.
        """
        if source not in self._names:
            raise ValueError(
                f"sources: found no {source!r}, which domain.py reads; expected it beside {', '.join(self._names)}"
            )
        for row in self._read(source):
            if isinstance(row, Record):
                yield row
            else:
                self._on_rejected(row)

    def records(self, source: str) -> Iterator[Record]:
        """Records each of which must become at least one example or rejection, with the record's `source` as its
        own, or that and a part of it after `#`.

        Raises:
            ValueError: no source has this name.
        """
        for record in self.lookup(source):
            self._open[record.source] = None
            yield record

    def answered(self, source: str) -> None:
        """Note that a row with this `source` was made."""
        if self._open.pop(source, ...) is ...:
            self._open.pop(source.rpartition("#")[0], None)

    def check_none_lost(self) -> None:
        """
        Raises:
            LostRecordsError: a record became nothing; names the first few.
        """
        if self._open:
            first = ", ".join(list(self._open)[:5])
            raise LostRecordsError(
                f"{len(self._open)} records became neither an example nor a rejected row, the first of them {first}; "
                "expected domain.py to yield one for each record that it reads, with the record's source"
            )
