"""The queue of experiments with one worker, as docs/experiments.md advises: real DVC, and a stand-in for training."""

import csv
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline

TRAIN = """
import json, time
from ruamel.yaml import YAML

settings = YAML(typ="safe").load(open("params.yaml"))
time.sleep(settings["seconds"])
open("model", "w").write(str(settings["lr"]))
json.dump({"em": settings["lr"]}, open("metrics.json", "w"))
"""
STAGE = {
    "cmd": "python train.py",
    "deps": ["train.py"],
    "params": ["lr", "seconds"],
    "outs": ["model"],
    "metrics": [{"metrics.json": {"cache": False}}],
}
PATIENCE_SECONDS = 90.0


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Clone]:
    """A repository whose training takes as long as its settings say; nothing of it runs when the test has ended."""
    clone = Clone(tmp_path / "clone")
    clone.root.mkdir()
    (clone.root / "train.py").write_text(TRAIN)
    (clone.root / "params.yaml").write_text("lr: 0.1\nseconds: 0\n")
    (clone.root / "dvc.yaml").touch()
    clone.set("dvc.yaml", stages={"train": STAGE})
    clone.init()
    clone.dvc("init", "--quiet")
    clone.dvc("repro", "--quiet")
    clone.commit("First run")
    yield clone
    kill_worker(clone)


def queue(clone: Clone, name: str, lr: float, seconds: float = 0.0) -> None:
    clone.dvc("exp", "run", "--queue", "--name", name, "-S", f"lr={lr}", "-S", f"seconds={seconds}", "train")


def start(clone: Clone) -> None:
    """One worker, which ends when the queue is empty; it keeps the output of the command that started it open."""
    command = [sys.executable, "-m", "dvc", "queue", "start", "--jobs", "1"]
    subprocess.run(command, cwd=clone.root, env=clone.environment(), stdout=subprocess.DEVNULL, check=True)


def states(clone: Clone) -> dict[str, str]:
    """What the queue says of each experiment, by its name."""
    rows = re.findall(
        r"^[0-9a-f]{7} +(\S+) +.*? (Queued|Running|Success|Failed) *$", clone.dvc("queue", "status"), re.MULTILINE
    )
    return dict(rows)


def shown(clone: Clone) -> dict[str, float]:
    """The figure that `dvc exp show` has of each experiment, by its name."""
    rows = csv.DictReader(clone.dvc("exp", "show", "--only-changed", "--csv").splitlines())
    return {row["Experiment"] or row["rev"]: float(row["em"]) for row in rows}


def await_states(clone: Clone, **expected: str) -> None:
    patience = time.monotonic() + PATIENCE_SECONDS
    while (found := states(clone)) != expected:
        assert time.monotonic() < patience, found
        time.sleep(0.5)


def kill_worker(clone: Clone) -> None:
    """Without notice, with the experiment that it runs."""
    for file in (clone.root / ".dvc/tmp/exps/celery").glob("*.pid"):
        try:
            worker = psutil.Process(int(file.read_text()))
            processes = [*worker.children(recursive=True), worker]
        except psutil.NoSuchProcess:
            continue
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=10)


def test_a_queue_survives_the_death_of_its_worker(team: Clone) -> None:
    queue(team, "first", 1)
    queue(team, "held", 2, seconds=600)
    queue(team, "last", 3)
    start(team)
    await_states(team, first="Success", held="Running", last="Queued")
    kill_worker(team)
    # DVC does not see that nobody runs it any more; the others go on all the same.
    await_states(team, first="Success", held="Running", last="Queued")
    start(team)
    await_states(team, first="Success", held="Running", last="Success")

    team.dvc("queue", "kill", "held")
    await_states(team, first="Success", held="Failed", last="Success")
    team.dvc("queue", "remove", "held")
    queue(team, "held", 2)
    start(team)
    await_states(team, first="Success", held="Success", last="Success")
    assert set(team.dvc("exp", "list", "--name-only").split()) == {"first", "held", "last"}
    assert {"first": 1.0, "held": 2.0, "last": 3.0}.items() <= shown(team).items()
    # Nothing of it is left in the workspace.
    assert team.changed() == set()


def test_a_list_of_values_is_an_experiment_for_each(team: Clone) -> None:
    team.dvc("exp", "run", "--queue", "-S", "lr=1,2,3", "train")
    start(team)
    patience = time.monotonic() + PATIENCE_SECONDS
    while list(states(team).values()) != ["Success"] * 3:
        assert time.monotonic() < patience, states(team)
        time.sleep(0.5)
    assert set(shown(team).values()) == {0.1, 1.0, 2.0, 3.0}


def test_a_queue_whose_files_were_deleted_keeps_what_has_finished(team: Clone) -> None:
    """As docs/experiments.md advises where they are damaged."""
    queue(team, "first", 1)
    start(team)
    await_states(team, first="Success")
    kill_worker(team)
    team.run("rm", "-r", ".dvc/tmp/exps")
    assert team.dvc("exp", "list", "--name-only").split() == ["first"]
    queue(team, "second", 2)
    start(team)
    await_states(team, second="Success")
    assert set(team.dvc("exp", "list", "--name-only").split()) == {"first", "second"}
