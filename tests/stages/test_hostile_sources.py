"""Prepare on the files that a team could hand in by mistake: every record is accounted for, every fault has a name."""

import json
import shutil
import struct
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from ruamel.yaml import YAML

from stages import prepare, resolve

COLUMNS = {"task": "total", "question": "question", "reasoning": "reasoning", "answer": "answer"}
TEXT = {"task": "total", "question": "text", "reasoning": "text", "answer": "text"}


def line(number: int, **changes: Any) -> bytes:
    row = {
        "question": f"How many apples are {number} apples and 1 more?",
        "reasoning": f"{number} + 1 = {number + 1}.",
        "answer": json.dumps({"value": number + 1}),
    }
    return json.dumps(row | changes, ensure_ascii=False).encode() + b"\n"


def huge_png() -> bytes:
    """A few bytes that claim 60,000 by 60,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.fixture
def house(tmp_path: Path, root: Path) -> Path:
    """A root with the tiny domain."""
    for name in ("params.yaml", "models.yaml"):
        shutil.copy(root / name, tmp_path / name)
    shutil.copytree(root / "tests" / "fixtures" / "domain_tiny", tmp_path / "domains" / "tiny")
    return tmp_path


def add_source(house: Path, name: str, settings: dict[str, Any]) -> None:
    path = house / "domains/tiny/params.yaml"
    yaml = YAML()
    params = yaml.load(path)
    params["sources"][name] = settings
    yaml.dump(params, path)


def outcome(house: Path) -> tuple[dict[str, Any], list[dict[str, str]]]:
    prepared = house / "domains/tiny/build/prepared"
    rejected = [json.loads(row) for row in (prepared / "rejected.jsonl").read_text("utf-8").split("\n")[:-1]]
    return json.loads((prepared / "stats.json").read_text("utf-8")), rejected


def test_every_record_of_every_hostile_file_is_accounted_for(house: Path) -> None:
    data = house / "domains/tiny/data"
    files: dict[str, bytes] = {
        "lines/bom.jsonl": b"\xef\xbb\xbf" + line(101) + line(102),
        "lines/crlf.jsonl": line(103).replace(b"\n", b"\r\n") + line(104),
        "lines/torn.jsonl": line(105) + line(106)[:40],
        "lines/long.jsonl": line(107, question="apples " * 1_500_000) + line(108),
        "lines/nul.jsonl": line(109) + b"\0\0\0\n" + line(110),
        "lines/deep.jsonl": b'{"question": ' + b"[" * 100_000 + b"\n" + line(111),
        "lines/kinds.jsonl": b"[1, 2]\nNaN\n7\n" + line(112, answer=None) + line(113),
        "chinese/gb18030.csv": "question,reasoning,answer\n三个苹果加四个苹果是几个？,3 + 4 = 7。,7\n".encode(
            "gb18030"
        ),
        "pictures/bomb.png": huge_png(),
        "pictures/text.png": b"this is no picture\n",
        "pictures/empty.png": b"",
        "documents/text.pdf": b"this is no document\n",
        "documents/cut.pdf": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog",
    }
    for name, content in files.items():
        (data / name).parent.mkdir(exist_ok=True)
        (data / name).write_bytes(content)
    Image.new("L", (400, 300), 255).save(data / "pictures/blank.png")
    add_source(house, "lines", {"reader": "jsonl", "files": "lines/*.jsonl", "example": COLUMNS})
    add_source(house, "chinese", {"reader": "csv", "files": "chinese/*.csv", "example": COLUMNS | {"language": "zh"}})
    add_source(house, "pictures", {"reader": "image", "files": "pictures/*.png", "example": TEXT})
    add_source(house, "documents", {"reader": "pdf", "files": "documents/*.pdf", "example": TEXT})
    resolve.main("tiny", house)
    prepare.main("tiny", house)
    stats, rejected = outcome(house)

    records = {"shops": 400, "lines": 18, "chinese": 1, "pictures": 4, "documents": 2}
    assert {name: counts["records"] for name, counts in stats["sources"].items()} == records
    rows = stats["rows"]
    assert rows["in"] == sum(records.values())
    assert rows["in"] == rows["kept"] + rows["rejected"] + rows["duplicates"]
    by_file = Counter(row["source"].split(":")[0] for row in rejected)
    assert by_file == {
        "lines/torn.jsonl": 1,
        "lines/long.jsonl": 1,
        "lines/nul.jsonl": 1,
        "lines/deep.jsonl": 1,
        "lines/kinds.jsonl": 4,
        "chinese/gb18030.csv": 1,
        "pictures/bomb.png": 1,
        "pictures/text.png": 1,
        "pictures/empty.png": 1,
        "pictures/blank.png": 1,
        "documents/text.pdf": 1,
        "documents/cut.pdf": 1,
    }
    assert all(row["rule"] and row["text"] is not None and len(row["text"]) <= 200 for row in rejected)
    # The Chinese answer was read, and does not fit the schema of an answer.
    assert {row["source"]: row["rule"] for row in rejected}["chinese/gb18030.csv:2"] == "answer_schema"


@pytest.mark.parametrize(
    ("name", "content", "settings"),
    [
        ("empty.csv", b"", {"reader": "csv"}),
        ("empty.jsonl", b"", {"reader": "jsonl"}),
        ("broken.parquet", b"PAR1 and no more", {"reader": "parquet"}),
        ("broken.sqlite", b"SQLite format 3\0", {"reader": "sqlite", "query": "select 1"}),
    ],
)
def test_a_file_that_is_none_of_its_kind_stops_prepare_by_its_name_and_nothing_is_written(
    house: Path, name: str, content: bytes, settings: dict[str, str]
) -> None:
    (house / "domains/tiny/data/extra").mkdir()
    (house / "domains/tiny/data/extra" / name).write_bytes(content)
    add_source(house, "extra", settings | {"files": f"extra/{name}", "example": COLUMNS})
    resolve.main("tiny", house)
    with pytest.raises(ValueError, match=f"extra/{name}"):
        prepare.main("tiny", house)
    assert not list((house / "domains/tiny/build").glob("*"))
