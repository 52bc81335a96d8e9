"""The steps of the workflows as they stand, on a branch with a real experiment."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline


def workflow(root: Path, name: str) -> dict[Any, Any]:
    return YAML(typ="safe", pure=True).load(root / ".github" / "workflows" / f"{name}.yml")  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def branch(first_run: Clone, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A branch with half the steps, run and committed, whose origin is the first run."""
    clone = first_run.copy(tmp_path_factory.mktemp("branch"))
    clone.run("git", "remote", "add", "origin", str(first_run.root))
    clone.run("git", "fetch", "--quiet", "origin")
    clone.run("git", "switch", "--quiet", "--create", "fewer-steps")
    clone.set("params.yaml", steps=2)
    clone.dvc("repro")
    clone.commit("Take two steps")
    (clone.root / ".venv").symlink_to(Path(sys.prefix))
    return clone


def steps(root: Path, name: str) -> Iterator[str]:
    for step in workflow(root, name)["jobs"][name]["steps"]:
        if "run" in step and step["run"] != "make setup":
            yield step["run"]


def taken(clone: Clone, name: str, summary: Path) -> list[subprocess.CompletedProcess[str]]:
    """The steps of a workflow in order, each as the runner would start it."""
    environment = clone.environment() | {
        "BASE": "main",
        "GITHUB_STEP_SUMMARY": str(summary),
        "MAKEFLAGS": f"--assume-old=.venv/.installed {os.environ.get('MAKEFLAGS', '')}",
    }
    return [
        subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", step],
            cwd=clone.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        for step in steps(clone.root, name)
    ]


def test_a_reviewer_sees_what_moved_and_whether_to_believe_it(branch: Clone, tmp_path: Path) -> None:
    done = taken(branch, "review", tmp_path / "summary.md")
    assert [step.returncode for step in done] == [0, 0, 0], [step.stderr for step in done]
    summary = (tmp_path / "summary.md").read_text().replace("\u202f", " ")
    assert "## What this changes, against `origin/main`" in summary
    assert "Tuned EM is **within noise**" in summary
    assert "| `steps` | `4` | `2` |" in summary
    assert "| domains/tiny/config.json" in summary
    assert "belong to this commit" in done[2].stdout
    (get,) = re.findall(r"no store is named \| `dvc (get . domains/tiny/build/report.html [^`]+)` \|", summary)
    branch.dvc(*get.split(), "--quiet")
    report = branch.root / "tiny-report.html"
    assert report.read_bytes() == (branch.root / "domains/tiny/build/report.html").read_bytes()
    report.unlink()


def test_results_of_other_settings_fail_the_review(branch: Clone, tmp_path: Path) -> None:
    clone = branch.copy(tmp_path)
    clone.set("params.yaml", steps=3)
    clone.commit("Take three steps, without running them")
    done = taken(clone, "review", tmp_path / "summary.md")
    assert [step.returncode == 0 for step in done] == [True, True, False]
    assert "stale: resolve@tiny: steps of params.yaml is modified" in done[2].stderr


def test_outs_that_the_store_lacks_are_named_in_a_clone_without_data(
    first_run: Clone, fresh: Callable[[Clone], Clone], tmp_path: Path
) -> None:
    clone = first_run.copy(tmp_path / "origin")
    (clone.root / ".venv").symlink_to(Path(sys.prefix))
    (done,) = taken(clone, "store", tmp_path / "summary.md")
    assert (done.returncode, done.stdout) == (
        0,
        "no store is named in .dvc/config, so there is nothing to check\n",
    )

    (clone.root / ".venv").unlink()
    store = tmp_path / "store"
    clone.run(sys.executable, "-m", "commands.remote", "set", str(store))
    clone.commit("Name the team's store")
    teammate = fresh(clone)
    (teammate.root / ".venv").symlink_to(Path(sys.prefix))
    (done,) = taken(teammate, "store", tmp_path / "summary.md")
    assert done.returncode == 1
    assert "remote: domains/tiny/build/model: the list of its files is not there" in done.stderr
    assert "remote: domains/tiny/build/tuned/predictions.jsonl: is not there" in done.stderr

    clone.run(sys.executable, "-m", "commands.remote", "share")
    (done,) = taken(teammate, "store", tmp_path / "summary.md")
    assert re.fullmatch(r"remote: all \d+ objects of this commit are there\n", done.stdout), done.stderr
    assert not (teammate.root / "domains/tiny/build").exists()

    adapter = hashlib.md5((clone.root / "domains/tiny/build/model/adapter_model.safetensors").read_bytes()).hexdigest()
    there = store / "files/md5" / adapter[:2] / adapter[2:]
    there.unlink()
    curves = hashlib.md5((clone.root / "domains/tiny/build/training/curves.csv").read_bytes()).hexdigest()
    torn = store / "files/md5" / curves[:2] / curves[2:]
    torn.chmod(0o644)
    torn.write_bytes(torn.read_bytes()[:10])
    (done,) = taken(teammate, "store", tmp_path / "summary.md")
    assert done.returncode == 1
    missing, short, advice = done.stderr.splitlines()
    assert missing == "remote: domains/tiny/build/model/adapter_model.safetensors: is not there"
    assert re.fullmatch(r"remote: domains/tiny/build/training/curves.csv: has 10 of \d+ bytes there", short)
    assert advice == "remote: whoever made them runs `make share`"


WORKFLOWS = sorted(path.stem for path in (Path(__file__).parents[2] / ".github/workflows").iterdir())


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_pull_request_from_a_fork_can_harm_nothing(root: Path, name: str) -> None:
    plan = workflow(root, name)
    triggers = plan[True] if True in plan else plan["on"]  # YAML 1.1 takes `on` for a truth value
    assert set(triggers) <= {"pull_request", "push"}  # not pull_request_target, which has the base's secrets
    assert plan["permissions"] == {"contents": "read"}
    for job in plan["jobs"].values():
        assert "permissions" not in job
        for step in job["steps"]:
            # What a contributor can choose never stands in a script.
            assert "${{" not in step.get("run", "")
            assert "pull_request" not in triggers or "secrets." not in str(step)
            if "uses" in step:
                # A tag can be moved to other code; a commit can't.
                assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
        assert "secrets." not in str({key: value for key, value in job.items() if key != "steps"})


def test_credentials_and_identifiers_are_looked_for_in_files_and_history_on_every_push(root: Path) -> None:
    assert {"make scan", ".venv/bin/python -m commands.scan --history"} <= set(steps(root, "tests"))
    checkout = workflow(root, "tests")["jobs"]["tests"]["steps"][0]
    assert checkout["with"]["fetch-depth"] == 0
