"""Hub data sets are read at their commit from a server that speaks the hub's protocol, or from a folder."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from practicum.config import HubSource
from practicum.data.readers import SourceError
from practicum.data.sources import read
from tests.practicum.data.readers.hub_server import Hub, serving

COMMIT, OTHER = "a" * 40, "b" * 40
ROWS = [{"Question": f"问 {n}?", "Complex_CoT": f"Think {n}.", "Response": f"Answer {n}."} for n in range(3)]
CARD = b"""---
configs:
- config_name: en
  data_files: medical_o1_sft.json
- config_name: old
  data_files: "*.jsonl"
---
"""
COLUMNS = {"task": "qa", "question": "Question", "reasoning": "Complex_CoT", "answer": "Response"}
READ = """
import json, sys
from pathlib import Path
from pydantic import TypeAdapter
from practicum.config import HubSource
from practicum.data.raw import Record
from practicum.data.readers import SourceError
from practicum.data.sources import mapped, read

def shown(source, row):
    if not isinstance(row, Record):
        return [row.source, row.rule, row.text]
    return [row.source, dict(row.values), mapped(row, source.example).answer if source.example else None]

answers = {}
for name, settings in json.load(sys.stdin).items():
    source = HubSource.model_validate(settings)
    try:
        answers[name] = [shown(source, row) for row in read(source, Path(sys.argv[1]))]
    except SourceError as error:
        answers[name] = str(error)
json.dump(answers, sys.stdout)
"""
"""Another process: where the hub is and whether it may be asked is settled when its client is imported."""

SOURCES: dict[str, dict[str, Any]] = {
    "mapped": {"hub": "org/medical-o1", "subset": "en", "example": COLUMNS},
    "another commit": {"hub": "org/medical-o1", "subset": "en", "revision": OTHER},
    "pictures": {"hub": "org/pictures"},
    "without pictures": {"hub": "org/pictures", "example": COLUMNS},
    "no subset": {"hub": "org/medical-o1"},
    "wrong subset": {"hub": "org/medical-o1", "subset": "zh"},
    "wrong split": {"hub": "org/medical-o1", "subset": "en", "split": "test"},
    "wrong commit": {"hub": "org/medical-o1", "subset": "en", "revision": "c" * 40},
    "wrong name": {"hub": "org/none"},
    "gated": {"hub": "org/gated"},
    "broken": {"hub": "org/medical-o1", "subset": "old"},
    "folder": {"hub": "exported/medical", "split": "test"},
    "empty folder": {"hub": "exported/none"},
    "outside": {"hub": "../outside"},
    "no name": {"hub": "https://hub.example/data"},
}


def parquet(columns: dict[str, list[Any]]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


@pytest.fixture(scope="module")
def hub() -> Hub:
    pictures = {name: [row[name] for row in ROWS] for name in ROWS[0]} | {"picture": [b"\x89PNG"] * 3}
    return Hub(
        {
            "org/medical-o1": {
                COMMIT: {
                    "README.md": CARD,
                    "medical_o1_sft.json": json.dumps(ROWS).encode(),
                    "old.jsonl": b'{"Question": "a"}\n{"Question": \n',
                },
                OTHER: {"README.md": CARD, "medical_o1_sft.json": json.dumps(ROWS[:1]).encode()},
            },
            "org/pictures": {COMMIT: {"data/train-00000-of-00001.parquet": parquet(pictures)}},
            "org/gated": {COMMIT: {"train.jsonl": b"{}"}},
        },
        gated=frozenset({"org/gated"}),
    )


@pytest.fixture(scope="module")
def answers(hub: Hub, root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What reading each of `SOURCES` gave: rows, or the error's message."""
    home = tmp_path_factory.mktemp("hub")
    data = home / "data"
    (data / "exported" / "medical" / "data").mkdir(parents=True)
    (data / "exported" / "medical" / "data" / "train.csv").write_text("q,a\nx,1\n", encoding="utf-8")
    (data / "exported" / "medical" / "data" / "test.csv").write_text("q,a\ny,2\nz,3\n", encoding="utf-8")
    (data / "exported" / "none").mkdir()
    (home / "outside").mkdir()
    settings = {name: {"reader": "hub", "revision": COMMIT} | source for name, source in SOURCES.items()}
    with serving(hub):
        kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
        environment = kept | {"HF_ENDPOINT": hub.url, "HF_HOME": str(home / "cache"), "NO_PROXY": "127.0.0.1"}
        done = subprocess.run(
            [sys.executable, "-c", READ, str(data)], input=json.dumps(settings), env=environment, cwd=root,
            capture_output=True, text=True, check=False, timeout=100,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_rows_come_in_order_with_their_place_and_become_examples(answers: dict[str, Any]) -> None:
    assert answers["mapped"] == [
        [f"org/medical-o1/en/train:{number}", row, json.dumps({"answer": row["Response"]})]
        for number, row in enumerate(ROWS, start=1)
    ]


def test_the_commit_named_is_the_one_read(answers: dict[str, Any], hub: Hub) -> None:
    assert answers["another commit"] == [["org/medical-o1/en/train:1", ROWS[0], None]]
    files = [line.split("/resolve/")[1] for line in hub.asked if "/resolve/" in line]
    assert files
    assert {file.split("/")[0] for file in files} == {COMMIT, OTHER, "c" * 40}


def test_a_column_of_pictures_spoils_its_rows_unless_the_mapping_leaves_it_out(answers: dict[str, Any]) -> None:
    assert [row[1] for row in answers["pictures"]] == ["binary"] * 3
    assert answers["pictures"][0][2] == "picture: 4 bytes, expected text"
    assert [row[1] for row in answers["without pictures"]] == ROWS


def test_a_folder_in_the_hubs_layout_is_read(answers: dict[str, Any]) -> None:
    assert answers["folder"] == [
        ["exported/medical/test:1", {"q": "y", "a": 2}, None],
        ["exported/medical/test:2", {"q": "z", "a": 3}, None],
    ]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("no subset", ("org/medical-o1/train, row 1", "['en', 'old']", "set `subset` to one of them")),
        ("wrong subset", ("'zh' not found", "['en', 'old']", "set `subset` to one of them")),
        ("wrong split", ("Bad split: test", "['train']", "set `split` to one of them")),
        ("wrong commit", ("c" * 40, "take a commit of the data set's history")),
        ("wrong name", ("org/none", "check the name under `hub`")),
        ("gated", ("org/gated", "ask for access there and set HF_TOKEN")),
        ("broken", ("org/medical-o1/old/train, row", "JSON parse error", "expected files that")),
        ("empty folder", ("exported/none/train, row 1", "doesn't contain any data files")),
        ("outside", ("found the folder '../outside', expected one under the data folder",)),
        ("no name", ("'https://hub.example/data', expected a repository such as owner/name",)),
    ],
)
def test_what_is_not_there_is_an_error_that_says_what_to_do(
    answers: dict[str, Any], name: str, parts: tuple[str, ...]
) -> None:
    message = answers[name]
    assert isinstance(message, str)
    assert "\n" not in message
    for part in parts:
        assert part in message


def test_offline_a_hub_is_not_asked(tmp_path: Path) -> None:
    source = HubSource(reader="hub", hub="org/medical-o1", revision=COMMIT)
    with pytest.raises(SourceError, match="unset HF_HUB_OFFLINE and HF_DATASETS_OFFLINE"):
        list(read(source, tmp_path))
