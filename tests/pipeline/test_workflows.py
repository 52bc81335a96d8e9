"""The steps of the pull-request workflow as they stand, on a branch with a real experiment."""

import os
import subprocess
import sys
from collections.abc import Iterator
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


def steps(root: Path) -> Iterator[str]:
    for step in workflow(root, "review")["jobs"]["review"]["steps"]:
        if "run" in step and step["run"] != "make setup":
            yield step["run"]


def taken(clone: Clone, summary: Path) -> list[subprocess.CompletedProcess[str]]:
    """The steps in order, each as the runner would start it."""
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
        for step in steps(clone.root)
    ]


def test_a_reviewer_sees_what_moved_and_whether_to_believe_it(branch: Clone, tmp_path: Path) -> None:
    done = taken(branch, tmp_path / "summary.md")
    assert [step.returncode for step in done] == [0, 0, 0], [step.stderr for step in done]
    summary = (tmp_path / "summary.md").read_text().replace("\u202f", " ")
    assert "## What this changes, against `origin/main`" in summary
    assert "Tuned EM is **within noise**" in summary
    assert "| `steps` | `4` | `2` |" in summary
    assert "| domains/tiny/config.json" in summary
    assert "belong to this commit" in done[2].stdout


def test_results_of_other_settings_fail_the_review(branch: Clone, tmp_path: Path) -> None:
    clone = branch.copy(tmp_path)
    clone.set("params.yaml", steps=3)
    clone.commit("Take three steps, without running them")
    done = taken(clone, tmp_path / "summary.md")
    assert [step.returncode == 0 for step in done] == [True, True, False]
    assert "stale: resolve@tiny: steps of params.yaml is modified" in done[2].stderr


@pytest.mark.parametrize("name", ["review", "tests"])
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
            assert "secrets." not in str(step)
