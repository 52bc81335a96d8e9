"""What a domain's sources hold becomes rows, each record once, each fault once, identifiers gone."""

import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from practicum.config import Columns, CsvSource, Deidentification, JsonlSource, Source
from practicum.data.collection import Collection, Deidentifying
from practicum.data.example import Example, Rejected
from practicum.data.raw import LostRecordsError, RawData
from practicum.data.workers import Workers
from practicum.domain import Domain, DomainSettings, Reference


class Shops(Domain):
    """Reads the shops twice; an example for each but those that it forgets."""

    def __init__(self, forgets: str = "") -> None:
        self.forgets = forgets

    @property
    def tasks(self) -> tuple[str, ...]:
        return ("count", "calls")

    def examples(self, raw: RawData, settings: DomainSettings) -> Iterator[Example | Rejected]:
        names = {record.values["shop"] for record in raw.lookup("shops")}
        for record in raw.records("shops"):
            if record.values["shop"] != self.forgets:
                yield Example(
                    task="count",
                    label="all",
                    source=record.source,
                    group=record.values["shop"],
                    language="en",
                    context=f"{len(names)} shops. {record.values['note']}",
                    question="How many?",
                    reasoning="As said.",
                    answer="{}",
                )

    def score(self, task: str, reference: Mapping[str, Any], answer: Mapping[str, Any] | None) -> dict[str, float]:
        return {}

    def perturb(self, example: Example, rng: random.Random) -> Example | None:
        return None

    def references(self, data: Path, settings: DomainSettings) -> Iterator[Reference]:
        yield from ()


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, Source]:
    (tmp_path / "shops.csv").write_text(
        "shop,note\nnorth,Dr. Quentin Lindqvist called from (780) 555-0111.\nsouth\neast,Mr. Lindqvist's MRN 24174015\n"
    )
    row = {"q": "Did Dr. Quentin Lindqvist call?", "r": "Dr. Lindqvist called.", "a": json.dumps({"called": "yes"})}
    (tmp_path / "more.jsonl").write_text(f"{json.dumps(row)}\n{json.dumps(row)[:30]}")
    columns = Columns(task="calls", question="q", reasoning="r", answer="a")
    return {
        "shops": CsvSource(reader="csv", files="shops.csv"),
        "more": JsonlSource(reader="jsonl", files="more.jsonl", example=columns),
    }


def test_records_are_counted_once_and_each_fault_is_told_once(tmp_path: Path, sources: dict[str, Source]) -> None:
    collection = Collection(Shops(), DomainSettings(), sources, tmp_path, None)
    rows = list(collection.rows())
    assert [row.source for row in rows] == ["shops.csv:3", "shops.csv:2", "shops.csv:4", "more.jsonl:1", "more.jsonl:2"]
    assert [row.rule for row in rows if isinstance(row, Rejected)] == ["cell_count", "torn_line"]
    assert collection.as_json() == {
        "sources": {"shops": {"records": 3, "unreadable": 1}, "more": {"records": 2, "unreadable": 1}},
        "identifiers_removed": {},
    }


def test_a_source_of_a_task_that_the_plug_in_cannot_score_is_told(tmp_path: Path, sources: dict[str, Source]) -> None:
    columns = Columns(task="call", question="q", reasoning="r", answer="a")
    more = {"more": JsonlSource(reader="jsonl", files="more.jsonl", example=columns)}
    message = r"sources\.more\.example\.task: found 'call', expected one of .*: count, calls"
    with pytest.raises(ValueError, match=message):
        Collection(Shops(), DomainSettings(), sources | more, tmp_path, None)


def test_a_record_that_the_plug_in_forgets_is_named(tmp_path: Path, sources: dict[str, Source]) -> None:
    with pytest.raises(LostRecordsError, match=r"the first of them shops\.csv:4"):
        list(Collection(Shops("east"), DomainSettings(), sources, tmp_path, None).rows())


@pytest.mark.parametrize("processes", [1, 2])
def test_identifiers_are_gone_before_the_plug_in_sees_a_record(
    tmp_path: Path, sources: dict[str, Source], processes: int
) -> None:
    settings = Deidentification(enabled=True, dates="year", fields={}, notes=None)
    with Workers({"deidentify": Deidentifying(settings, None)}, processes, inline=0) as workers:
        collection = Collection(Shops(), DomainSettings(), sources, tmp_path, workers)
        rows = list(collection.rows())
    text = "".join(str(row) for row in rows)
    assert not [part for part in ("Quentin", "Lindqvist", "555-0111", "24174015") if part in text]
    assert "[NAME-1] called from [PHONE-1]" in text
    # Looked up and read: removed once.
    assert collection.as_json()["identifiers_removed"]["phone"] == 1
