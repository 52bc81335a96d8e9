import json
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from practicum.provenance import digest
from stages import provenance

ENTRY = {"cmd": "python", "outs": [{"path": "out", "md5": "1" * 32}]}
LOCK = dict.fromkeys(("train@notes", "provenance@notes", "report@notes", "train@other"), ENTRY)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "domains/notes").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("build/\n")
    for file in ("config.json", "metrics.json", "items.jsonl", "domain.py"):
        (tmp_path / "domains/notes" / file).write_text("{}\n")
    with (tmp_path / "dvc.lock").open("w") as file:
        YAML().dump({"schema": "2.0", "stages": LOCK}, file)
    for arguments in (
        ("init", "--quiet"),
        ("add", "--all"),
        ("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--message", "First"),
    ):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    return tmp_path


def record(root: Path) -> dict[str, object]:
    provenance.main("notes", root)
    return json.loads((root / "domains/notes/build/provenance.json").read_text())  # type: ignore[no-any-return]


def test_the_lock_that_counts_is_of_the_stages_that_made_the_results(repository: Path) -> None:
    assert record(repository)["lock"] == digest({"train@notes": ENTRY})


def test_what_the_pipeline_writes_into_git_makes_nothing_dirty(repository: Path) -> None:
    for file in ("config.json", "metrics.json", "items.jsonl"):
        (repository / "domains/notes" / file).write_text('{"changed": 1}\n')
    with (repository / "dvc.lock").open("a") as file:
        file.write("# changed\n")
    assert record(repository)["dirty"] is False


def test_changed_code_does(repository: Path) -> None:
    (repository / "domains/notes/domain.py").write_text("changed\n")
    assert record(repository)["dirty"] is True


def test_it_says_the_same_when_it_is_asked_again(repository: Path) -> None:
    assert record(repository) == record(repository)
