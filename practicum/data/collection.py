"""From a domain's sources to its rows: read, de-identified, made into examples, none lost on the way."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from practicum.config import Deidentification, Source
from practicum.data.example import Example, Rejected
from practicum.data.raw import RawData, Record
from practicum.data.sources import mapped, read
from practicum.data.workers import Workers, chunked
from practicum.domain import Domain, DomainSettings

if TYPE_CHECKING:
    from practicum.data.deidentification.engine import Deidentifier

CHUNK = 100
"""Records that a worker process de-identifies at a time."""


@dataclass(frozen=True)
class Deidentifying:
    """The step over a chunk of records; each record is a document of its own. Pickled once for each process."""

    settings: Deidentification
    shift_key: bytes | None

    def __reduce__(self) -> tuple[type["Deidentifying"], tuple[Any, ...]]:
        return Deidentifying, (self.settings, self.shift_key)

    @cached_property
    def deidentifier(self) -> "Deidentifier":
        from practicum.data.deidentification.engine import Deidentifier  # seconds, which most domains don't need

        return Deidentifier(self.settings, self.shift_key)

    def __call__(self, rows: list[Record | Rejected]) -> tuple[list[Record | Rejected], Counter[str]]:
        clean: list[Record | Rejected] = []
        removed: Counter[str] = Counter()
        for row in rows:
            if isinstance(row, Record):
                values, found = self.deidentifier.document(row.values, row.source)
                removed += found
                clean.append(Record(values, row.source))
            else:
                clean.append(Rejected(source=row.source, rule=row.rule, text=self.deidentifier.excerpt(row.text)))
        return clean, removed


@dataclass
class Collected:
    """What was read, for the account."""

    records: dict[str, int] = field(default_factory=dict)
    """Records by source, readable or not."""
    unreadable: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    """Identifiers removed, by kind."""


class Collection:
    """The rows of a domain's sources, and the count of what was read."""

    def __init__(
        self,
        domain: Domain,
        settings: DomainSettings,
        sources: Mapping[str, Source],
        folder: Path,
        workers: Workers | None,
    ) -> None:
        """
        Args:
            domain: makes examples of the records of sources that have no `example:` columns.
            settings: what stands under `domain:`.
            sources: by name.
            folder: the domain's data folder.
            workers: with a step `deidentify`; without them records are taken as they are.

        Raises:
            ValueError: a source becomes examples of a task that the plug-in doesn't have.
        """
        for name, source in sources.items():
            if source.example is not None and source.example.task not in domain.tasks:
                raise ValueError(
                    f"sources.{name}.example.task: found {source.example.task!r}, expected one of the plug-in's tasks, "
                    f"which it can score: {', '.join(domain.tasks)}"
                )
        self._domain, self._settings, self._sources = domain, settings, sources
        self._folder, self._workers = folder, workers
        self.counts = Collected()

    def as_json(self) -> dict[str, Any]:
        """What was read and removed, for stats.json; complete when all rows have been taken."""
        return {
            "sources": {
                name: {"records": count, "unreadable": self.counts.unreadable[name]}
                for name, count in self.counts.records.items()
            },
            "identifiers_removed": dict(sorted(self.counts.removed.items())),
        }

    def _records(self, name: str) -> Iterator[Record | Rejected]:
        # A plug-in may read a source twice; it is counted, and its faults are told, once.
        again = name in self.counts.records
        counts = Collected() if again else self.counts
        counts.records[name] = 0
        rows = read(self._sources[name], self._folder)
        for row in self._deidentified(rows, counts.removed):
            counts.records[name] += 1
            if isinstance(row, Rejected):
                counts.unreadable[name] += 1
            if isinstance(row, Record) or not again:
                yield row

    def _deidentified(self, rows: Iterable[Record | Rejected], removed: Counter[str]) -> Iterator[Record | Rejected]:
        if self._workers is None:
            yield from rows
            return
        for clean, found in self._workers.map("deidentify", chunked(rows, CHUNK)):
            removed += found
            yield from clean

    def rows(self) -> Iterator[Example | Rejected]:
        """Every row: the plug-in's, those made by columns, and records that could not be read.

        Raises:
            SourceError: a file can't be read at all.
            LostRecordsError: the plug-in made nothing of a record.
        """
        unreadable: deque[Rejected] = deque()
        raw = RawData(self._folder, self._sources, self._records, unreadable.append)
        for row in self._domain.examples(raw, self._settings):
            yield from _drained(unreadable)
            if isinstance(row, Example | Rejected):
                raw.answered(row.source)
            yield row
        yield from _drained(unreadable)
        raw.check_none_lost()
        for name, source in self._sources.items():
            if source.example is not None:
                for record in self._records(name):
                    yield record if isinstance(record, Rejected) else mapped(record, source.example)


def _drained(rows: "deque[Rejected]") -> Iterator[Rejected]:
    while rows:
        yield rows.popleft()
