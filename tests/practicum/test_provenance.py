import os
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from practicum.provenance import digest, gpus, processor, provenance, versions, working_tree


def never(_: str) -> bool:
    return False


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)

    git("init", "--quiet")
    (tmp_path / "code.py").write_text("1\n")
    (tmp_path / "metrics.json").write_text("{}\n")
    git("add", "--all")
    git("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--message", "First")
    return tmp_path


def test_a_clean_tree_is_its_commit(repository: Path) -> None:
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repository, capture_output=True, text=True, check=True)
    assert working_tree(repository, never) == (head.stdout.strip(), False)


@pytest.mark.parametrize("file", ["code.py", "a new file.py", "新.py"])
def test_a_changed_or_new_file_makes_it_dirty(repository: Path, file: str) -> None:
    (repository / file).write_text("2\n")
    assert working_tree(repository, never)[1]


def test_what_the_run_itself_writes_does_not(repository: Path) -> None:
    (repository / "metrics.json").write_text('{"em": 1}\n')
    assert working_tree(repository, never)[1]
    assert not working_tree(repository, lambda path: path == "metrics.json")[1]


def test_outside_git_there_is_no_commit(tmp_path: Path) -> None:
    assert working_tree(tmp_path, never) == (None, False)


def test_the_digest_is_of_the_entries_and_not_of_their_order() -> None:
    train, evaluate = {"outs": [{"md5": "1"}]}, {"outs": [{"md5": "2"}]}
    assert digest({"train": train, "evaluate": evaluate}) == digest({"evaluate": evaluate, "train": train})
    assert digest({"train": train}) != digest({"train": evaluate})


def test_a_library_that_is_not_installed_is_left_out() -> None:
    assert versions(["numpy", "no-such-library"]) == {"numpy": version("numpy")}


def test_a_processor_without_a_name_is_told_by_its_kind(tmp_path: Path) -> None:
    assert processor(tmp_path) in (os.uname().machine, "unknown")
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text("processor\t: 0\nmodel name\t: Fast 9000\n")
    assert processor(tmp_path) == "Fast 9000"


def test_gpus_are_those_that_the_driver_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = tmp_path / "nvidia-smi"
    driver.write_text("#!/bin/sh\necho 'NVIDIA H100 80GB HBM3'\necho 'NVIDIA H100 80GB HBM3'\n")
    driver.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert gpus() == ("NVIDIA H100 80GB HBM3",) * 2
    driver.write_text("#!/bin/sh\nexit 9\n")
    assert gpus() == ()


def test_it_holds_all_that_a_run_is_traced_by(repository: Path) -> None:
    found = provenance(repository, {"train": {}}, ["numpy"], never)
    assert found.commit is not None
    assert not found.dirty
    assert found.cores >= 1
    assert found.libraries == {"numpy": version("numpy")}
