"""Sources are files under the data folder, read in order; what can't be read is an error by name."""

import csv
import io
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from practicum.config import Columns, Source
from practicum.data.example import Example, Rejected, to_json_line
from practicum.data.raw import Record
from practicum.data.readers import SourceError
from practicum.data.sources import mapped, matched, read

READERS = ("csv", "jsonl", "parquet", "sqlite", "txt", "md", "pdf", "image", "hub")


def source(**settings: Any) -> Source:
    return TypeAdapter(Source).validate_python(settings)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a file beside it."""
    (tmp_path / "secret.csv").write_text("a\n1\n", encoding="utf-8")
    folder = tmp_path / "data"
    (folder / "sub" / "deep").mkdir(parents=True)
    for name in ("b.csv", "a.csv", "sub/c.csv", "sub/deep/d.csv", ".hidden.csv"):
        (folder / name).write_text(f"a\n{name}\n", encoding="utf-8")
    return folder


# --- which files ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.csv", ["a.csv", "b.csv"]),
        ("**/*.csv", ["a.csv", "b.csv", "sub/c.csv", "sub/deep/d.csv"]),
        ("sub/*.csv", ["sub/c.csv"]),
        ("a.csv", ["a.csv"]),
        (".hidden.csv", [".hidden.csv"]),
        ("[ab].csv", ["a.csv", "b.csv"]),
    ],
)
def test_files_are_read_in_the_order_of_their_paths(data: Path, pattern: str, names: list[str]) -> None:
    rows = list(read(source(reader="csv", files=pattern), data))
    assert rows == [Record({"a": name}, f"{name}:2") for name in names]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("*.tsv", "matches nothing, expected at least one file; run `dvc pull`"),
        ("../*.csv", "leads out of it"),
        ("sub/../../secret.csv", "leads out of it"),
        ("/etc/passwd", "leads out of it"),
        ("*", "matches 'sub', which is a folder, expected files only"),
        ("sub", "matches 'sub', which is a folder"),
        ("a**b", "is no pattern"),
    ],
)
def test_a_pattern_that_names_no_files_is_refused(data: Path, pattern: str, message: str) -> None:
    with pytest.raises(SourceError, match=r"files: '.+' under .*data " + message):
        list(read(source(reader="csv", files=pattern), data))


@pytest.mark.parametrize("target", ["../secret.csv", "../data2/x.csv"])
def test_a_link_out_of_the_folder_is_refused(data: Path, target: str) -> None:
    (data.parent / "data2").mkdir()
    (data.parent / "data2" / "x.csv").write_text("a\n1\n", encoding="utf-8")
    (data / "link.csv").symlink_to(target)
    with pytest.raises(SourceError, match=r"matches 'link\.csv', a link that leads out of it"):
        matched("*.csv", data)
    (data / "folder").symlink_to("../data2", target_is_directory=True)
    with pytest.raises(SourceError, match=r"matches 'folder/x\.csv', a link that leads out of it"):
        matched("folder/*.csv", data)


def test_a_link_within_the_folder_is_followed_and_never_in_circles(data: Path) -> None:
    (data / "sub" / "round").symlink_to("..", target_is_directory=True)
    (data / "link.csv").symlink_to("a.csv")
    assert [path.name for path in matched("**/*.csv", data)] == ["a.csv", "b.csv", "link.csv", "c.csv", "d.csv"]


def test_what_is_no_ordinary_file_is_refused(data: Path) -> None:
    os.mkfifo(data / "pipe.csv")
    with pytest.raises(SourceError, match=r"matches 'pipe\.csv', which is no ordinary file"):
        matched("*.csv", data)
    (data / "pipe.csv").unlink()
    (data / "gone.csv").symlink_to("nowhere.csv")
    with pytest.raises(SourceError, match=r"matches 'gone\.csv', which can't be opened"):
        matched("*.csv", data)
    (data / "gone.csv").unlink()
    (data / "line\nend.csv").write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"expected a name of printable characters"):
        matched("*.csv", data)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_refused_by_name(data: Path) -> None:
    (data / "b.csv").chmod(0)
    with pytest.raises(SourceError, match=r"b\.csv: .*Permission denied.*expected a file that can be read"):
        list(read(source(reader="csv", files="*.csv"), data))


def test_a_file_that_vanishes_while_reading_is_refused_by_name(data: Path) -> None:
    rows = read(source(reader="csv", files="*.csv"), data)
    next(rows)
    (data / "b.csv").unlink()
    with pytest.raises(SourceError, match=r"b\.csv: .*expected a file that can be read"):
        list(rows)


# --- which reader --------------------------------------------------------------------------------------------


def test_each_reader_reads_its_kind_of_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("q;a\nsum;2\n", encoding="utf-8")
    (tmp_path / "t.jsonl").write_text('{"q": "sum", "a": 2}\n', encoding="utf-8")
    pq.write_table(pa.table({"q": ["sum"], "a": [2]}), tmp_path / "t.parquet")
    with closing(sqlite3.connect(tmp_path / "t.db")) as database, database:
        database.execute("create table t as select 'sum' as q, 2 as a")
    (tmp_path / "t.md").write_text("# q\nsum\n", encoding="utf-8")
    expected = {
        "csv": [Record({"q": "sum", "a": "2"}, "t.csv:2")],
        "jsonl": [Record({"q": "sum", "a": 2}, "t.jsonl:1")],
        "parquet": [Record({"q": "sum", "a": 2}, "t.parquet:1")],
        "sqlite": [Record({"q": "sum", "a": 2}, "t.db:1")],
        "md": [Record({"text": "# q\nsum"}, "t.md:1")],
        "txt": [Record({"text": "# q\nsum"}, "t.md")],
    }
    settings: dict[str, dict[str, str]] = {
        "csv": {"files": "*.csv", "delimiter": ";"},
        "jsonl": {"files": "*.jsonl"},
        "parquet": {"files": "*.parquet"},
        "sqlite": {"files": "*.db", "query": "select * from t"},
        "md": {"files": "*.md", "unit": "section"},
        "txt": {"files": "*.md"},
    }
    for reader, keys in settings.items():
        assert list(read(source(reader=reader, **keys), tmp_path)) == expected[reader], reader


def test_a_source_without_a_row_is_refused(data: Path) -> None:
    (data / "sub" / "c.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"sub/\*\.csv: found no row, expected at least one"):
        list(read(source(reader="csv", files="sub/*.csv"), data))
    (data / "sub" / "e.csv").write_text("a,b\n1\n", encoding="utf-8")
    (row,) = read(source(reader="csv", files="sub/*.csv"), data)
    assert isinstance(row, Rejected)


def test_reading_a_table_loads_neither_ocr_nor_a_hub_client(data: Path, root: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from practicum.config import CsvSource; "
        "from practicum.data.sources import read; "
        "list(read(CsvSource(reader='csv', files='*.csv'), Path(sys.argv[1]))); "
        "print({'datasets', 'pyarrow', 'onnxruntime', 'rapidocr', 'pypdfium2', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(data)], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


# --- columns -------------------------------------------------------------------------------------------------

COLUMNS = Columns(task="qa", question="Question", answer="Response", reasoning="Complex_CoT")
ROW = {"Question": "What now?", "Complex_CoT": "Think.", "Response": "Rest."}


def test_columns_become_an_example(tmp_path: Path) -> None:
    found = mapped(Record(ROW, "m.jsonl:7"), COLUMNS)
    assert found == Example(
        task="qa", label="all", source="m.jsonl:7", group="m.jsonl:7", language="en", context="", question="What now?",
        reasoning="Think.", answer='{"answer": "Rest."}',
    )  # fmt: skip


def test_every_column_can_be_named() -> None:
    columns = Columns(
        task="qa", question="q", answer="a", reasoning="r", context="c", label="l", group="g", language="zh"
    )
    values = {"q": "问题", "a": '{"value":  7}', "r": "想", "c": None, "l": 3, "g": 1207}
    found = mapped(Record(values, "m.jsonl:7"), columns)
    assert found == Example(
        task="qa", label="3", source="m.jsonl:7", group="1207", language="zh", context="", question="问题",
        reasoning="想", answer='{"value": 7}',
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('{"value": 7, "unit": "mg"}', '{"value": 7, "unit": "mg"}'),
        ({"value": [7]}, '{"value": [7]}'),
        ("7 mg", '{"answer": "7 mg"}'),
        ("7", '{"answer": "7"}'),
        (7, '{"answer": 7}'),
        (False, '{"answer": false}'),
        ("[1]", '{"answer": "[1]"}'),
        ('{"value": NaN}', '{"answer": "{\\"value\\": NaN}"}'),
        ("[" * 99_999, '{"answer": "' + "[" * 99_999 + '"}'),
    ],
)
def test_an_answer_is_an_object_or_becomes_one(answer: object, expected: str) -> None:
    found = mapped(Record(ROW | {"Response": answer}, "m.jsonl:7"), COLUMNS)
    assert isinstance(found, Example)
    assert found.answer == expected


@pytest.mark.parametrize(
    ("change", "rule", "text"),
    [
        ({"Question": None}, "empty_column", "'Question'"),
        ({"Complex_CoT": " \n"}, "empty_column", "'Complex_CoT'"),
        ({"Response": ""}, "empty_column", "'Response'"),
        ({"Question": 7}, "not_text", "'Question': found int 7, expected text"),
        ({"Response": ["a"]}, "not_text", "'Response': found a list"),
        ({"Question": "half \ud800 pair"}, "encoding", "half of a surrogate pair"),
        ({"patient": {"id": 1}}, "not_text", "'patient': found dict"),
        ({"patient": ""}, "empty_column", "'patient'"),
    ],
)
def test_a_row_that_lacks_a_column_is_rejected(change: dict[str, object], rule: str, text: str) -> None:
    columns = COLUMNS.model_copy(update={"group": "patient"})
    found = mapped(Record(ROW | {"patient": "p1"} | change, "m.jsonl:7"), columns)
    assert isinstance(found, Rejected)
    assert (found.source, found.rule) == ("m.jsonl:7", rule)
    assert text in found.text
    found.text.encode()


@pytest.mark.parametrize("role", ["question", "answer", "reasoning", "context", "label", "group"])
def test_a_column_that_is_not_there_is_named_with_those_that_are(role: str) -> None:
    found = mapped(Record(ROW, "m.jsonl:7"), COLUMNS.model_copy(update={role: "question_en"}))
    assert found == Rejected(
        source="m.jsonl:7",
        rule="missing_column",
        text="'question_en': found Question, Complex_CoT, Response",
    )


def test_the_documented_sources_are_sources(root: Path) -> None:
    text = (root / "docs" / "sources.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text.replace("<the 40 hex digits of a commit>", "a" * 40), re.DOTALL)
    shown: dict[str, Source] = {}
    for block in blocks:
        shown |= TypeAdapter(dict[str, Source]).validate_python(YAML(typ="safe").load(block)["sources"])
    assert {one.reader for one in shown.values()} == set(READERS)


# --- damage --------------------------------------------------------------------------------------------------

STRAY = (b'"', b"\0", b"\n", b"\r", b"\xff", b",", b"{", b"[", b"\xef\xbb\xbf", b"\\ud800", b'""', b"\xe4\xb8")


def damaged(content: bytes, rng: random.Random) -> bytes:
    """The content with bytes changed, put in, taken out or cut off; never empty."""
    result = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        at = rng.randrange(len(result) + 1)
        match rng.randrange(5):
            case 0 | 1:
                result[at : at + 1] = bytes([rng.randrange(256)])
            case 2:
                result[at:at] = rng.choice(STRAY)
            case 3:
                del result[at : at + rng.choice((1, 3, 50))]
            case _:
                del result[at:]
        result = result or bytearray(b"x")
    return bytes(result)


@pytest.fixture(scope="module")
def undamaged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Files of the same rows, by the reader's name."""
    folder = tmp_path_factory.mktemp("undamaged")
    rows = [
        {"id": number, "q": f"What is {number}? 问", "a": 'x, "y"\nz' if number % 5 == 0 else "plain"}
        for number in range(40)
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    pq.write_table(pa.Table.from_pylist(rows), folder / "t.parquet", compression="none", use_dictionary=False)
    with closing(sqlite3.connect(folder / "t.db")) as database, database:
        database.execute("create table t (id, q, a)")
        database.executemany("insert into t values (:id, :q, :a)", rows)
    return {
        "csv": text.getvalue().encode(),
        "csv gb18030": text.getvalue().encode("gb18030"),
        "csv utf-16": text.getvalue().encode("utf-16"),
        "jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode(),
        "md": "".join(f"# {row['id']}\n{row['q']}\n{row['a']}\n" for row in rows).encode(),
        "parquet": (folder / "t.parquet").read_bytes(),
        "sqlite": (folder / "t.db").read_bytes(),
    }


@pytest.mark.parametrize("kind", ["csv", "csv gb18030", "csv utf-16", "jsonl", "md", "parquet", "sqlite"])
def test_whatever_is_damaged_ends_as_rows_or_as_an_error_by_name(
    undamaged: dict[str, bytes], tmp_path: Path, kind: str
) -> None:
    keys = {"md": {"unit": "section"}, "sqlite": {"query": "select * from t"}}.get(kind, {})
    chosen = source(reader=kind.split()[0], files="f", **keys)
    rng = random.Random(f"damage {kind}")
    intact = sum(1 for _ in _rows_of(chosen, undamaged[kind], tmp_path))
    assert intact == 40
    refused = []
    for _ in range(80):
        content = damaged(undamaged[kind], rng)
        try:
            rows = list(_rows_of(chosen, content, tmp_path))
        except SourceError as error:
            refused.append(str(error))
            continue
        assert len({row.source for row in rows}) == len(rows)
        for row in rows:
            if isinstance(row, Record):
                json.dumps(dict(row.values), allow_nan=False, ensure_ascii=False).encode()
            else:
                assert 0 < len(row.text) <= 200
                to_json_line(row).encode()
        if kind == "jsonl":
            # Every line is accounted for, however it is damaged.
            lines = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
            assert [int(row.source.partition(":")[2]) for row in rows] == [
                number for number, line in enumerate(lines, start=1) if line.strip()
            ]
    assert len(refused) < 80
    assert all(message.startswith("f") for message in refused), refused


def _rows_of(chosen: Source, content: bytes, folder: Path) -> Iterator[Record | Rejected]:
    (folder / "f").write_bytes(content)
    return read(chosen, folder)
