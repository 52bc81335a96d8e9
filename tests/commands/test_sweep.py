"""Sweeps on real DVC, over a pipeline whose training is a line of arithmetic that takes as long as it is told."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from optuna.study import StudyDirection
from ruamel.yaml import YAML

from commands.sweep import opened
from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline

STAND_IN = """
import json, math, os, sys, time
from pathlib import Path
from ruamel.yaml import YAML

diary = Path(os.environ["DIARY"])
domain = Path("domains/tiny")
build = domain / "build"
lr = YAML(typ="safe", pure=True).load(domain / "params.yaml").get("lr", 1.0)

def note(what):
    with diary.open("a") as file:
        file.write(json.dumps([what, lr]) + "\\n")

def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))

if sys.argv[1] == "train":
    note("began")
    if lr > 100:
        sys.exit("train: step 1: the training loss is nan")
    (build / "training").mkdir(parents=True, exist_ok=True)
    log = build / "training" / "steps.jsonl"
    log.write_text("")
    loss = 0.0
    try:
        for look in range(1, 5):
            time.sleep(float(os.environ["SECONDS_A_LOOK"]))
            loss = abs(math.log10(lr) + 3) + 1 / look
            with log.open("a") as file:
                file.write(json.dumps({"step": 60 * look, "validation_loss": loss}) + "\\n")
    except KeyboardInterrupt:
        note("left")
        raise
    write(build / "training" / "summary.json", {"steps": 240, "best_validation_loss": loss})
    note("ended")
else:
    loss = json.loads((build / "training" / "summary.json").read_text())["best_validation_loss"]
    em = round(1 / (1 + loss), 4)
    write(domain / "metrics.json", {"tuned": {"em": em, "rt_p50_s": 1.0}, "gain": {"items": 8}})
    formats = {"int8": {"em": em / 2, "bytes": 1e6}}
    write(build / "quantization" / "metrics.json", {"items": 8, "float": {"bytes": 4e6}, "formats": formats})
    write(build / "quantization" / "speed.json", {"formats": {"int8": {"rt_p50_s": 0.5}}})
"""

STAGES = {
    "train": {
        "matrix": {"domain": "${domains}"},
        "cmd": "python -m stand_in train ${item.domain}",
        "deps": ["stand_in.py"],
        "params": [{"domains/${item.domain}/params.yaml": ["lr"]}],
        "outs": [f"domains/${{item.domain}}/build/training/{file}" for file in ("summary.json", "steps.jsonl")],
    },
    "report": {
        "matrix": {"domain": "${domains}"},
        "cmd": "python -m stand_in report ${item.domain}",
        "deps": ["stand_in.py", "domains/${item.domain}/build/training/summary.json"],
        "outs": [f"domains/${{item.domain}}/build/quantization/{file}" for file in ("metrics.json", "speed.json")],
        "metrics": [{"domains/${item.domain}/metrics.json": {"cache": False}}],
    },
}


@pytest.fixture(scope="session")
def origin(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A repository with the settings and commands of this one, and the stand-in's two stages; run and committed."""
    clone = Clone(tmp_path_factory.mktemp("sweep") / "clone")
    for folder in ("commands", "configs", "practicum", "stages"):
        shutil.copytree(root / folder, clone.root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("params.yaml", "models.yaml", ".gitignore", ".dvcignore"):
        shutil.copy(root / file, clone.root / file)
    (clone.root / "stand_in.py").write_text(STAND_IN)
    clone.set("params.yaml", domains=[])
    clone.add_domain("tiny", root / "tests" / "fixtures" / "domain_tiny")
    clone.set("domains/tiny/params.yaml", lr=1.0, steps=240, warmup_steps=1)
    (clone.root / "dvc.yaml").touch()
    clone.set("dvc.yaml", stages=STAGES)
    space(clone, low=1e-4, high=1e-1)
    clone.init()
    clone.dvc("init", "--quiet")
    clone.commit("Before the first run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIARY", str(clone.root.parent / "first.jsonl"))
        patch.setenv("SECONDS_A_LOOK", "0")
        clone.dvc("repro", "--quiet")
    clone.commit("First run")
    return clone


def space(clone: Clone, **lr: Any) -> None:
    clone.set("configs/sweep.yaml", sampling={"seed": 1, "startup_trials": 9}, pruning={"method": "successive-halving"})
    path = clone.root / "configs/sweep.yaml"
    settings = YAML(typ="safe", pure=True).load(path)
    settings["space"] = {"lr": {"log": True, **lr} if "low" in lr else lr}
    with path.open("w") as stream:
        YAML().dump(settings, stream)


@pytest.fixture
def clone(origin: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    monkeypatch.setenv("DIARY", str(tmp_path / "diary.jsonl"))
    monkeypatch.setenv("SECONDS_A_LOOK", "0")
    return origin.copy(tmp_path)


def diary(clone: Clone) -> list[list[Any]]:
    """What the stand-in wrote: began, ended or left (at an interrupt), and the learning rate."""
    path = clone.root.parent / "diary.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def sweep(clone: Clone, *arguments: str, expect: int = 0) -> str:
    """As in the background of a shell, where interrupts are ignored: trials must heed them all the same."""
    ignoring = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")
    return clone.run(*ignoring, sys.executable, "-m", "commands.sweep", "tiny", *arguments, expect=expect)


def experiments(clone: Clone) -> set[str]:
    """Names that `dvc exp show` lists."""
    shown = json.loads(clone.dvc("exp", "show", "--json"))
    return {one["name"] for baseline in shown for one in baseline["experiments"] or ()}


def test_trials_are_experiments_a_hopeless_one_stops_early_and_none_runs_twice(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECONDS_A_LOOK", "3")  # longer than a sweep beside other work takes to look again
    output = sweep(clone, "--trials", "3")
    notes = diary(clone)
    began = [lr for what, lr in notes if what == "began"]
    ended = [lr for what, lr in notes if what == "ended"]
    left = [lr for what, lr in notes if what == "left"]
    assert len(began) == len(set(began)) == 3
    assert left, "no trial was given up"
    assert sorted(ended + left) == sorted(began)  # a given-up training left in order
    assert "given up after step" in output
    names = experiments(clone)
    assert {float(name.rpartition("-lr")[2]) for name in names} == set(ended)
    assert all(name.startswith("sweep-tiny-") for name in names)
    assert clone.changed() == set()

    page = (clone.root / "domains/tiny/build/sweep/sweep.html").read_text()
    chosen = next(line for line in output.splitlines() if "To have it:" in line).rpartition("dvc exp apply ")[2]
    assert chosen in names
    assert f"dvc exp apply {chosen}" in page
    clone.dvc("exp", "apply", chosen)
    params = YAML(typ="safe", pure=True).load(clone.root / "domains/tiny/params.yaml")
    assert params["lr"] == float(chosen.rpartition("-lr")[2])
    clone.run("git", "reset", "--quiet", "--hard")

    sweep(clone, "--trials", "3")
    assert diary(clone) == notes


def test_a_killed_sweep_goes_on_and_finished_trials_are_not_run_again(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECONDS_A_LOOK", "0.1")
    clone.set("configs/sweep.yaml", pruning={"method": "none"})
    clone.commit("Prune nothing")
    sweep(clone, "--trials", "1")
    monkeypatch.setenv("SECONDS_A_LOOK", "60")
    command = [sys.executable, "-m", "commands.sweep", "tiny", "--trials", "2"]
    process = subprocess.Popen(command, cwd=clone.root, env=clone.environment(), stdout=subprocess.DEVNULL)
    patience = time.monotonic() + 600
    while len(diary(clone)) < 3:
        assert process.poll() is None
        assert time.monotonic() < patience
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    journal = clone.root / "domains/tiny/build/sweep/journal.log"
    with journal.open("a") as file:
        file.write('{"op_code": 4, "trial_id')  # a kill in the middle of a line

    monkeypatch.setenv("SECONDS_A_LOOK", "0.1")
    output = sweep(clone, "--trials", "2")
    assert "was interrupted and is tried again" in output
    (first, rate), (_, same), *rest = diary(clone)
    assert (first, rate) == ("began", same)
    second = rest[0][1]
    # The orphan of the killed sweep was ended; its settings were tried again, and the first trial's were not.
    assert rest == [["began", second], ["left", second], ["began", second], ["ended", second]]
    assert {float(name.rpartition("-lr")[2]) for name in experiments(clone)} == {rate, second}


def test_settings_that_were_tried_are_not_run_again(clone: Clone) -> None:
    space(clone, choices=[1e-3, 1e-2])
    clone.set("configs/sweep.yaml", pruning={"method": "none"})
    clone.commit("Two rates")
    output = sweep(clone, "--trials", "3")
    ended = [lr for what, lr in diary(clone) if what == "ended"]
    assert len(ended) == len(set(ended))
    assert "has the settings of trial" in output


def test_trials_that_all_fail_stop_the_sweep(clone: Clone) -> None:
    space(clone, choices=[1000.0, 2000.0])
    clone.commit("Rates that fail")
    output = sweep(clone, "--trials", "9", expect=1)
    assert "sweep: the last 3 trials failed: train: step 1: the training loss is nan; see" in output
    assert len(diary(clone)) == 3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"low": -1.0, "high": 1.0, "log": False}, "sweep: configs/sweep.yaml: space.lr: -1.0 can't be set: "),
        ({"low": 1.0, "high": 0.1}, "sweep: configs/sweep.yaml: space.lr: low: found 1, expected less than high (0.1)"),
    ],
)
def test_a_space_that_the_settings_refuse_is_named_before_a_trial_runs(
    clone: Clone, settings: dict[str, Any], message: str
) -> None:
    space(clone, **settings)
    output = sweep(clone, expect=1)
    assert message in output
    assert diary(clone) == []


def test_a_sweep_speaks_of_a_commit_and_of_a_domain(clone: Clone) -> None:
    assert "domain: found 'other', expected one of tiny" in clone.run(
        sys.executable, "-m", "commands.sweep", "other", expect=1
    )
    clone.set("params.yaml", seed=18)
    output = sweep(clone, expect=1)
    assert "found files that are not committed" in output
    assert "params.yaml" in output


def test_a_journal_with_half_a_line_opens_without_it(tmp_path: Path) -> None:
    journal = tmp_path / "sweep" / "journal.log"
    study = "medical"
    opened(journal).create_new_study([StudyDirection.MINIMIZE], study)
    whole = journal.read_bytes()
    with journal.open("ab") as file:
        file.write(whole[: len(whole) // 2].rstrip(b"\n"))
    Path(f"{journal}.lock").symlink_to("nowhere")  # as a killed process leaves it
    storage = opened(journal)
    assert [one.study_name for one in storage.get_all_studies()] == [study]
    storage.create_new_study([StudyDirection.MINIMIZE], "legal")
    assert len(opened(journal).get_all_studies()) == 2
