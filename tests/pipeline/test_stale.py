"""Each way in which a commit's results can be of something else, in a clone that has pulled nothing."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline


@pytest.fixture
def bare(first_run: Clone, tmp_path: Path) -> Clone:
    """What git has of the first run, and nothing else."""
    first_run.run("git", "clone", "--quiet", str(first_run.root), str(tmp_path / "bare"))
    return Clone(tmp_path / "bare")


def stale(clone: Clone, expect: int = 1) -> list[str]:
    output = clone.run(sys.executable, "-m", "commands.stale", expect=expect)
    return [line.removeprefix("stale: ") for line in output.splitlines() if line.startswith("stale: ")]


def edit(path: str, change: Callable[[str], str]) -> Callable[[Clone], None]:
    def apply(clone: Clone) -> None:
        file = clone.root / path
        before = file.read_text(encoding="utf-8")
        after = change(before)
        assert after != before
        file.write_text(after, encoding="utf-8")

    return apply


def remove_domain(clone: Clone) -> None:
    clone.set("params.yaml", domains=["other"])
    shutil.copytree(clone.root / "domains" / "tiny", clone.root / "domains" / "other")


def of_another_run(clone: Clone) -> None:
    path = clone.root / "dvc.lock"
    yaml = YAML(typ="safe", pure=True)
    lock = yaml.load(path)
    dep = next(d for d in lock["stages"]["evaluate@tiny"]["deps"] if d["path"].endswith("build/model"))
    dep["md5"] = dep["md5"][::-1].removeprefix("rid.") + ".dir"
    with path.open("w") as file:
        yaml.dump(lock, file)


@pytest.mark.parametrize(
    ("lie", "expected"),
    [
        (
            edit("practicum/training/losses.py", lambda text: text + "\n# edited\n"),
            "train@tiny: practicum/training/losses.py is modified",
        ),
        (edit("params.yaml", lambda text: text.replace("lr: 0.001", "lr: 0.002")), "resolve@tiny: lr of params.yaml"),
        (
            edit("domains/tiny/data/sums.csv", lambda text: text + "Kiosk,total,1,1\n"),
            "prepare@tiny: domains/tiny/data is modified",
        ),
        (
            edit("dvc.yaml", lambda text: text.replace("python -m stages.report", "python -W ignore -m stages.report")),
            "report@tiny: its command was changed",
        ),
        (
            edit("domains/tiny/config.json", lambda text: text.replace('"lr": 0.001', '"lr": 0.002')),
            "train@tiny: lr of domains/tiny/config.json is modified",
        ),
        (
            edit("domains/tiny/metrics.json", lambda text: json.dumps(json.loads(text) | {"em": 1.0})),
            "report@tiny: domains/tiny/metrics.json is modified, and only the stage may write it",
        ),
        (remove_domain, "prepare@tiny: dead entry in dvc.lock, no stage has that name"),
        (remove_domain, "train@other: has never run"),
        (of_another_run, "evaluate@tiny: domains/tiny/build/model is of another run of train@tiny"),
    ],
)
def test_a_commit_that_lies_is_caught_with_stage_and_cause(
    bare: Clone, lie: Callable[[Clone], None], expected: str
) -> None:
    assert stale(bare, expect=0) == []
    lie(bare)
    assert any(line.startswith(expected) for line in stale(bare)), stale(bare)


def test_pulled_data_make_no_difference(first_run: Clone) -> None:
    assert stale(first_run, expect=0) == []
