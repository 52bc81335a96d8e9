"""A domain's raw data as prepare gives them to its plug-in, but with every identifier left in."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter
from ruamel.yaml import YAML

from practicum.config import Source
from practicum.data.example import Example, Rejected
from practicum.data.raw import RawData, Record
from practicum.data.sources import read
from practicum.domain import Domain, DomainSettings


def raw_data(domain_folder: Path, data: Path | None = None) -> tuple[RawData, list[Rejected]]:
    """The records of the sources that the domain's params.yaml names, from its data folder or another one, and the
    list that fills with the rows that can't be read."""
    params = YAML(typ="safe").load((domain_folder / "params.yaml").read_text(encoding="utf-8"))
    sources = TypeAdapter(dict[str, Source]).validate_python(params["sources"])
    folder = data or domain_folder / "data"
    unreadable: list[Rejected] = []

    def rows(name: str) -> Iterator[Record | Rejected]:
        return read(sources[name], folder)

    return RawData(folder, sources, rows, unreadable.append), unreadable


def all_rows(
    domain: Domain, domain_folder: Path, settings: DomainSettings | None = None, data: Path | None = None
) -> list[Example | Rejected]:
    """What the plug-in makes of its raw data, then the rows that could not be read; no record may be lost on the way.

    Raises:
        LostRecordsError: the plug-in made nothing of a record.
    """
    raw, unreadable = raw_data(domain_folder, data)
    rows = []
    for row in domain.examples(raw, settings or domain.settings()):
        raw.answered(row.source)
        rows.append(row)
    raw.check_none_lost()
    return rows + unreadable
