"""Tables are read row by row; a hostile row is rejected by its rule, a hostile file refused by its name."""

import datetime as dt
import decimal
import json
import sqlite3
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from practicum.config import Columns, CsvSource, JsonlSource, ParquetSource, SqliteSource
from practicum.data.example import Rejected
from practicum.data.raw import Record
from practicum.data.readers import SourceError
from practicum.data.readers.encoding import LONGEST
from practicum.data.readers.json_values import MAX_NESTING
from practicum.data.readers.tables import read_csv, read_jsonl, read_parquet, read_sqlite

MAX_PEAK = 30 * 2**20
"""Bytes that reading may hold at a time, whatever the file's size."""


def outcome(rows: Iterator[Record | Rejected]) -> dict[str, Any]:
    """By source: the values of a record, the rule of a rejected row."""
    found = {row.source: row.rule if isinstance(row, Rejected) else dict(row.values) for row in rows}
    return {source.partition(":")[2]: what for source, what in found.items()}


def csv_rows(folder: Path, content: str | bytes, **settings: Any) -> Iterator[Record | Rejected]:
    path = folder / "emr.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_csv(CsvSource(reader="csv", files="*.csv", **settings), path, "sub/emr.csv")


def jsonl_rows(folder: Path, content: str | bytes) -> Iterator[Record | Rejected]:
    path = folder / "d.jsonl"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_jsonl(JsonlSource(reader="jsonl", files="*.jsonl"), path, "d.jsonl")


# --- CSV -----------------------------------------------------------------------------------------------------


def test_csv_rows_know_the_line_on_which_they_begin(tmp_path: Path) -> None:
    rows = csv_rows(tmp_path, '\ufeffid,note\r\n1,"two\r\nlines"\r\n\r\n2,short\r\n4,é\r\n', columns=["id"])
    assert list(rows) == [
        Record({"id": "1", "note": "two\nlines"}, "sub/emr.csv:2"),
        Record({"id": "2", "note": "short"}, "sub/emr.csv:5"),
        Record({"id": "4", "note": "é"}, "sub/emr.csv:6"),
    ]


def test_csv_in_gb18030_with_another_delimiter(tmp_path: Path) -> None:
    rows = csv_rows(tmp_path, "姓名;诊断\r\n王芳;肺炎，重症\r\n".encode("gb18030"), delimiter=";")
    assert list(rows) == [Record({"姓名": "王芳", "诊断": "肺炎，重症"}, "sub/emr.csv:2")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # The quote on line 2 opens and is never closed: the lines after it are rows all the same.
        ('1,"open\n2,x\n3,y\n', {"2": "unclosed_quote", "3": ("2", "x"), "4": ("3", "y")}),
        # It seems to be closed by a later cell's quote.
        ('1,"open\n2,x\n3,"y"\n', {"2": "unclosed_quote", "3": ("2", "x"), "4": ("3", "y")}),
        ('1,x\n2,"open', {"2": ("1", "x"), "3": "torn_line"}),
        ('1,"said "hi" to me"\n2,x\n', {"2": "not_csv", "3": ("2", "x")}),
        ("1\n2,x,y\n3,z\n", {"2": "cell_count", "3": "cell_count", "4": ("3", "z")}),
        ('1,"a\nb",c\n2,x\n', {"2": "cell_count", "4": ("2", "x")}),
        ("1,x\n2", {"2": ("1", "x"), "3": "torn_line"}),
        ("1,x\n2,y", {"2": ("1", "x"), "3": ("2", "y")}),
        ("1,a\0b\n2,x\n", {"2": "nul", "3": ("2", "x")}),
        ('1,"a\n\0b"\n2,x\n', {"2": "nul", "4": ("2", "x")}),
        (",\n \n2,x\n", {"2": "empty_row", "4": ("2", "x")}),
        (f"1,{'x' * 10 * LONGEST}\n2,x\n", {"2": "too_long", "3": ("2", "x")}),
        (f'1,"open\n{"x" * 2 * LONGEST}\n2,x\n', {"2": "unclosed_quote", "3": "too_long", "4": ("2", "x")}),
        (f"1,{'x' * (LONGEST - 9)}\n", {"2": ("1", "x" * (LONGEST - 9))}),
    ],
)
def test_a_hostile_csv_row_is_rejected_and_the_next_one_read(
    tmp_path: Path, rows: str, expected: dict[str, str | tuple[str, str]]
) -> None:
    found = list(csv_rows(tmp_path, "id,note\n" + rows))
    assert outcome(iter(found)) == {
        line: what if isinstance(what, str) else dict(zip(("id", "note"), what, strict=True))
        for line, what in expected.items()
    }
    assert all(0 < len(row.text) <= 200 for row in found if isinstance(row, Rejected))


def test_a_csv_row_with_undecodable_bytes_is_rejected_alone(tmp_path: Path) -> None:
    first, bad, spread, last = csv_rows(tmp_path, b'id,note\n1,\xc3\xa9\n2,caf\xe9\n3,"a\nb\xff"\n4,x\n')
    assert (first.source, last.source) == ("sub/emr.csv:2", "sub/emr.csv:6")
    assert isinstance(bad, Rejected)
    assert (bad.source, bad.rule) == ("sub/emr.csv:3", "encoding")
    assert "caf" in bad.text
    assert isinstance(spread, Rejected)
    assert (spread.source, spread.rule) == ("sub/emr.csv:4", "encoding")


def test_an_open_quote_loses_no_row_of_a_long_file(tmp_path: Path) -> None:
    body = "".join(f"{number},{'x' * 90}\n" for number in range(30_000))
    rows = list(csv_rows(tmp_path, 'id,note\n0,"open\n' + body))
    assert [(row.source, row.rule) for row in rows if isinstance(row, Rejected)] == [
        ("sub/emr.csv:2", "unclosed_quote")
    ]
    kept = [row for row in rows if isinstance(row, Record)]
    assert [row.values["id"] for row in kept] == [str(number) for number in range(30_000)]
    assert kept[-1].source == "sub/emr.csv:30002"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "sub/emr.csv: found an empty file"),
        ("\n \n", "sub/emr.csv: found empty lines only, expected a header"),
        ("John,7\n", r"sub/emr.csv:1: found a line of 2 cells without \['id'\], expected a header line"),
        ("id,John,John\n", r"sub/emr.csv:1: found cells of one name at \[2, 3\], expected a header line"),
        ("\nJohn\0,id\n", "sub/emr.csv:2: found a line that breaks the rule nul, expected a header line"),
        ('id,"John\n1,2\n', "sub/emr.csv:1: found a line that breaks the rule unclosed_quote, expected a header line"),
        ("John" * (LONGEST + 2), "sub/emr.csv:1: found a line that breaks the rule too_long, expected a header line"),
    ],
)
def test_a_csv_file_without_a_header_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(SourceError, match=message) as error:
        list(csv_rows(tmp_path, content, columns=["id"]))
    # Where the header is missing, the first line is a patient's.
    assert "John" not in str(error.value)


MAPPING = Columns(task="qa", question="q", answer="a", reasoning="r")


def test_a_mapping_onto_columns_that_a_table_lacks_is_refused(tmp_path: Path, database: Path) -> None:
    with pytest.raises(SourceError, match=r"without \['r'\], expected a header line"):
        list(csv_rows(tmp_path, "q,a\n1,2\n", example=MAPPING))
    with pytest.raises(SourceError, match=r"found the columns \['q', 'a'\], expected \['r'\] among them"):
        list(parquet_rows(tmp_path, pa.table({"q": ["x"], "a": ["y"]}), example=MAPPING))
    with pytest.raises(SourceError, match=r"found the columns \['q', 'r'\], expected \['a'\] among them"):
        list(sqlite_rows(database, "select 1 as q, 2 as r", example=MAPPING))


def test_rows_that_each_open_a_quote_take_no_quadratic_time(tmp_path: Path) -> None:
    # Inside an open quote each of these lines closes it and opens another one.
    content = "id,note\n" + '5","x\n' * 20_000 + "6,y\n" * 10 + '7,"' + "line\n" * 1500 + '"\n'
    begin = time.process_time()
    rows = list(csv_rows(tmp_path, content))
    assert time.process_time() - begin < 10  # 0.3 s; without the bound, half a minute
    assert [row.rule for row in rows if isinstance(row, Rejected)] == ["unclosed_quote"] * 20_000
    kept = [row for row in rows if isinstance(row, Record)]
    assert [row.values["id"] for row in kept] == ["6"] * 10 + ["7"]
    assert kept[-1].values["note"] == "line\n" * 1500


# --- JSON lines ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ('{"a": ', "not_json"),
        ("[1, 2]", "not_an_object"),
        ('"text"', "not_an_object"),
        ('{"a": NaN}', "not_json"),
        ('{"a": -Infinity}', "not_json"),
        ('{"a": 1e999}', "not_json"),
        ('{"a": ' + "9" * 5000 + "}", "not_json"),
        ('{"a": 1, "a": 2}', "repeated_key"),
        ('{"a": "\\ud800"}', "encoding"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested_too_deep"),
        ('{"a":' * (MAX_NESTING + 1) + "1" + "}" * (MAX_NESTING + 1), "nested_too_deep"),
        ('{"a": "x\0y"}', "nul"),
        (b'{"a": "caf\xe9"}', "encoding"),
        ('{"a": "' + "x" * 10 * LONGEST + '"}', "too_long"),
    ],
)
def test_a_hostile_json_line_is_rejected_and_the_next_one_read(tmp_path: Path, line: str | bytes, rule: str) -> None:
    content = (line.encode() if isinstance(line, str) else line) + b'\n{"a": 1}\n'
    bad, good = jsonl_rows(tmp_path, content)
    assert isinstance(bad, Rejected)
    assert (bad.source, bad.rule) == ("d.jsonl:1", rule)
    assert 0 < len(bad.text) <= 200
    assert good == Record({"a": 1}, "d.jsonl:2")


@pytest.mark.parametrize("torn", [b'{"a": "cut', b'{"a": "\xe4\xb8', b'{"a": 1'])
def test_a_torn_last_line_is_told_from_faulty_ones(tmp_path: Path, torn: bytes) -> None:
    assert outcome(jsonl_rows(tmp_path, b'{"a": 1}\n{"a": \n' + torn)) == {
        "1": {"a": 1},
        "2": "not_json",
        "3": "torn_line",
    }


def test_json_lines_keep_their_numbers_and_need_no_last_line_end(tmp_path: Path) -> None:
    rows = jsonl_rows(tmp_path, '\ufeff{"t": "x\u2028y\\ud83d\\ude00"}\r\n\r\n{"a": [{"b": null}]}')
    assert outcome(rows) == {"1": {"t": "x\u2028y😀"}, "3": {"a": [{"b": None}]}}


def test_values_nested_as_deep_as_allowed_are_read(tmp_path: Path) -> None:
    (row,) = jsonl_rows(tmp_path, '{"a":' * MAX_NESTING + "1" + "}" * MAX_NESTING)
    assert isinstance(row, Record)


def test_the_excerpt_shows_the_place_of_the_fault(tmp_path: Path) -> None:
    (bad,) = jsonl_rows(tmp_path, b'{"a": "' + b"x" * 5000 + b" here \xff there" + b'y" }\n')
    assert isinstance(bad, Rejected)
    assert "here" in bad.text


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", "  \n"])
def test_an_empty_json_lines_file_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(SourceError, match=r"d\.jsonl: found (an empty file|empty lines only)"):
        list(jsonl_rows(tmp_path, content))


# --- Parquet -------------------------------------------------------------------------------------------------


def parquet_rows(folder: Path, table: pa.Table, **settings: Any) -> Iterator[Record | Rejected]:
    path = folder / "t.parquet"
    pq.write_table(table, path)
    return read_parquet(ParquetSource(reader="parquet", files="*", **settings), path, "t.parquet")


def test_parquet_values_become_json_values(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ["a", None],
            "number": [1, 2],
            "amount": pa.array([decimal.Decimal("1.10"), None], pa.decimal128(9, 2)),
            "day": [dt.date(2024, 2, 29), None],
            "moment": pa.array([dt.datetime(2024, 2, 29, 12, 30, tzinfo=dt.UTC), None], pa.timestamp("s", "UTC")),
            "turns": [[{"role": "user", "at": dt.date(2024, 1, 2)}], []],
            "class": pa.array(["x", "y"]).dictionary_encode(),
        }
    )
    first, second = parquet_rows(tmp_path, table)
    assert first == Record(
        {
            "text": "a",
            "number": 1,
            "amount": "1.10",
            "day": "2024-02-29",
            "moment": "2024-02-29T12:30:00+00:00",
            "turns": [{"role": "user", "at": "2024-01-02"}],
            "class": "x",
        },
        "t.parquet:1",
    )
    assert isinstance(second, Record)
    assert json.loads(json.dumps(dict(second.values), allow_nan=False)) == second.values


def test_hostile_parquet_cells_reject_their_rows(tmp_path: Path) -> None:
    damaged = pa.array([b"good", b"caf\xe9", b"n\0l", b"x" * (LONGEST + 1), b"good", b"good"]).view(pa.string())
    table = pa.table({"text": damaged, "value": [1.0, 1.0, 1.0, 1.0, float("nan"), float("inf")]})
    assert outcome(parquet_rows(tmp_path, table)) == {
        "1": {"text": "good", "value": 1.0},
        "2": "encoding",
        "3": "nul",
        "4": "too_long",
        "5": "not_finite",
        "6": "not_finite",
    }


def test_only_the_columns_named_are_read(tmp_path: Path) -> None:
    table = pa.table({"text": ["a"], "picture": [b"\x89PNG"]})
    assert outcome(parquet_rows(tmp_path, table)) == {"1": "binary"}
    assert outcome(parquet_rows(tmp_path, table, columns=["text"])) == {"1": {"text": "a"}}
    with pytest.raises(SourceError, match=r"t\.parquet: found the columns .*expected \['answer'\]"):
        list(parquet_rows(tmp_path, table, columns=["text", "answer"]))


def test_two_parquet_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"with \['a'\] more than once"):
        list(parquet_rows(tmp_path, pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])))


def test_a_broken_parquet_file_is_refused(tmp_path: Path) -> None:
    list(parquet_rows(tmp_path, pa.table({"a": ["text"] * 1000})))
    path = tmp_path / "t.parquet"
    whole = path.read_bytes()
    source = ParquetSource(reader="parquet", files="*")
    for content in (b"", b"no Parquet at all", whole[: len(whole) // 2], b"PAR1" + b"\xff" * 60 + whole[64:]):
        path.write_bytes(content)
        with pytest.raises(SourceError, match=r"t\.parquet: no readable Parquet file"):
            list(read_parquet(source, path, "t.parquet"))


# --- SQLite --------------------------------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "laws #1?.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table laws (title text, status text, pages)")
        connection.executemany("insert into laws values (?, ?, ?)", [("Civil Code", "in force", 7), ("Old", "no", 1.5)])
    return path


def sqlite_rows(path: Path, query: str, **settings: Any) -> Iterator[Record | Rejected]:
    return read_sqlite(SqliteSource(reader="sqlite", files="*", query=query, **settings), path, "laws.db")


def test_rows_of_a_query(database: Path) -> None:
    rows = sqlite_rows(database, "with l as (select * from laws) select title, pages as n from l order by title desc")
    assert list(rows) == [
        Record({"title": "Old", "n": 1.5}, "laws.db:1"),
        Record({"title": "Civil Code", "n": 7}, "laws.db:2"),
    ]


def test_hostile_cells_reject_their_rows(database: Path) -> None:
    cells = (
        "x'ff00'",
        "9e999",
        "cast(x'636166e9' as text)",
        "'a' || char(0) || 'b'",
        "replace(hex(zeroblob(600000)), '00', 'xx')",
        "null",
    )
    query = " union all ".join(f"select {cell} as value" for cell in cells)
    assert outcome(sqlite_rows(database, query)) == {
        "1": "binary",
        "2": "not_finite",
        "3": "encoding",
        "4": "nul",
        "5": "too_long",
        "6": {"value": None},
    }


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("delete from laws", "not authorized"),
        ("insert into laws values ('x', 'y', 1) returning title", "not authorized"),
        ("create table more (x)", "not authorized"),
        ("attach 'other.db' as other", "not authorized"),
        ("pragma query_only = off", "not authorized"),
        ("select load_extension('evil')", "not authorized"),
        ("select title from laws; drop table laws", "one statement at a time"),
        ("select titel from laws", "no such column: titel"),
        ("select * from laws where title = ?", "binding"),
        ("select title, title from laws", r"\['title'\] more than once"),
        ("select abs(-9223372036854775808) from laws", "integer overflow, at row 1"),
        ("-- nothing", "expected a SELECT that gives rows"),
    ],
)
def test_a_query_that_is_no_select_is_refused_and_changes_nothing(database: Path, query: str, message: str) -> None:
    before = database.read_bytes()
    with pytest.raises(SourceError, match=rf"laws\.db: .*{message}"):
        list(sqlite_rows(database, query))
    assert database.read_bytes() == before
    assert [path.name for path in database.parent.iterdir()] == [database.name]


def test_a_database_that_is_still_written_to_is_refused_and_one_at_rest_left_alone(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("pragma journal_mode = wal")
        with connection:
            connection.execute("insert into laws values ('New', 'in force', 1)")
        with pytest.raises(SourceError, match=r"laws #1\?\.db-wal that the database does not hold yet"):
            list(sqlite_rows(database, "select * from laws"))
    assert len(list(sqlite_rows(database, "select * from laws"))) == 3
    assert [path.name for path in database.parent.iterdir()] == [database.name]


@pytest.mark.parametrize("content", [b"this is text, no database at all" * 99, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "laws.db"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"laws\.db: .*expected a SQLite database"):
        list(sqlite_rows(path, "select * from laws"))


# --- size ----------------------------------------------------------------------------------------------------

ROWS, WIDE_ROWS = 200_000, 50_000
NARROW, WIDE = "x" * 160, "x" * 700
"""With them a file is larger than `MAX_PEAK`."""


def peak_of(rows: Iterator[Record | Rejected]) -> tuple[int, int]:
    """Records read, and the most bytes that were held at a time, by Python and by Arrow."""
    before = pa.total_allocated_bytes()
    count = arrow = 0
    tracemalloc.start()
    try:
        for row in rows:
            count += isinstance(row, Record)
            if count % 100 == 0:
                arrow = max(arrow, pa.total_allocated_bytes() - before)
        return count, tracemalloc.get_traced_memory()[1] + arrow
    finally:
        tracemalloc.stop()


def test_a_large_csv_file_is_never_held_whole(tmp_path: Path) -> None:
    content = "id,text\n" + "".join(f"{number},{NARROW}\n" for number in range(ROWS))
    assert len(content) > MAX_PEAK
    count, peak = peak_of(csv_rows(tmp_path, content))
    assert (count, peak < MAX_PEAK // 4) == (ROWS, True), peak


def test_a_large_json_lines_file_is_never_held_whole(tmp_path: Path) -> None:
    content = "".join(f'{{"id": {number}, "text": "{WIDE}"}}\n' for number in range(WIDE_ROWS))
    assert len(content) > MAX_PEAK
    count, peak = peak_of(jsonl_rows(tmp_path, content))
    assert (count, peak < MAX_PEAK // 4) == (WIDE_ROWS, True), peak


def test_a_large_parquet_file_is_never_held_whole(tmp_path: Path) -> None:
    rows = parquet_rows(tmp_path, pa.table({"text": [f"{number}{WIDE}" for number in range(WIDE_ROWS)]}))
    count, peak = peak_of(rows)
    assert (count, peak < MAX_PEAK // 2) == (WIDE_ROWS, True), peak


def test_the_rows_of_a_large_database_are_never_held_whole(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table t (id, text)")
        connection.executemany("insert into t values (?, ?)", ((number, WIDE) for number in range(WIDE_ROWS)))
    assert path.stat().st_size > MAX_PEAK
    count, peak = peak_of(sqlite_rows(path, "select * from t"))
    assert (count, peak < MAX_PEAK // 4) == (WIDE_ROWS, True), peak
