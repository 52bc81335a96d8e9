"""A plug-in must answer each record that it reads, and may look others up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from practicum.data.example import Rejected
from practicum.data.raw import LostRecordsError, RawData, Record

ROWS: list[Record | Rejected] = [
    Record({"n": 1}, "a.csv:2"),
    Rejected(source="a.csv:3", rule="torn", text="x"),
    Record({"n": 2}, "a.csv:4"),
]


def raw_data(rejected: list[Rejected]) -> RawData:
    def read(source: str) -> Iterator[Record | Rejected]:
        return iter(ROWS if source == "shops" else [])

    return RawData(Path(), ["shops", "towns"], read, rejected.append)


def test_unreadable_records_never_reach_the_plug_in() -> None:
    rejected: list[Rejected] = []
    assert [record.values["n"] for record in raw_data(rejected).records("shops")] == [1, 2]
    assert [row.source for row in rejected] == ["a.csv:3"]


def test_a_record_that_became_nothing_is_named() -> None:
    raw = raw_data([])
    for record in raw.records("shops"):
        if record.values["n"] == 1:
            raw.answered(record.source)
    with pytest.raises(LostRecordsError, match=r"1 records became neither .* the first of them a\.csv:4; expected"):
        raw.check_none_lost()


def test_parts_of_a_record_answer_for_it_and_records_that_are_looked_up_need_no_answer() -> None:
    raw = raw_data([])
    list(raw.lookup("shops"))
    raw.check_none_lost()
    list(raw.records("shops"))
    raw.answered("a.csv:2#1")
    raw.answered("a.csv:2#2")
    raw.answered("a.csv:4")
    raw.check_none_lost()


def test_a_source_that_no_setting_names_is_told() -> None:
    with pytest.raises(ValueError, match=r"found no 'shop', which domain\.py reads; expected it beside shops, towns"):
        next(raw_data([]).records("shop"))
