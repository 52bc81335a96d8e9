"""Domains as an array of jobs: `configs/slurm/domains.sbatch` as it stands, on real DVC.

Where a Slurm answers it runs the jobs; elsewhere bash runs the script with the variables that Slurm would set.
"""

import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline

SCRIPT = "configs/slurm/domains.sbatch"


def answers() -> bool:
    """Whether there is a Slurm that takes jobs."""
    try:
        return subprocess.run(["sinfo", "--noheader"], capture_output=True, check=False, timeout=10).returncode == 0
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False


SLURM = answers()


@dataclass(frozen=True)
class Array:
    """Jobs of one submission."""

    clone: Clone
    logs: Path
    processes: list["subprocess.Popen[bytes]"]

    def ended(self) -> list[int]:
        """Exit codes, when all have ended; under Slurm one, the greatest."""
        return [process.wait() for process in self.processes]

    def log(self, index: int) -> str:
        return (self.logs / f"{index}.log").read_text()

    def kill(self) -> None:
        if SLURM:
            subprocess.run(["scancel", "--name", self.logs.name], check=True)
        for process in self.processes:
            if not SLURM:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def submitted(clone: Clone, logs: Path, *arguments: str, jobs: int) -> Array:
    """The array as a user submits it, but for what a node must have; each job's output in a file of `logs`."""
    logs.mkdir()
    environment = clone.environment() | {"PRACTICUM_CHECKPOINT_SECONDS": "0"}
    if SLURM:
        options = (f"--array=0-{jobs - 1}", "--cpus-per-task=1", "--gpus-per-node=0", f"--job-name={logs.name}")
        command = ["sbatch", "--wait", *options, f"--output={logs}/%a.log", SCRIPT, *arguments]
        return Array(clone, logs, [subprocess.Popen(command, cwd=clone.root, env=environment)])
    processes = []
    for index in range(jobs):
        with (logs / f"{index}.log").open("wb") as log:
            processes.append(
                subprocess.Popen(
                    ["bash", SCRIPT, *arguments],
                    cwd=clone.root,
                    env=environment | {"SLURM_ARRAY_TASK_ID": str(index), "SLURM_SUBMIT_DIR": str(clone.root)},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )
    return Array(clone, logs, processes)


def head(clone: Clone) -> str:
    return clone.run("git", "rev-parse", "HEAD").strip()


def test_an_array_trains_the_domains_and_the_repository_takes_what_came_out(two_domains: Clone, tmp_path: Path) -> None:
    two_domains.set("params.yaml", steps=3)
    two_domains.commit("Three steps")
    # A job that is killed goes on when it is submitted again.
    two_domains.set("domains/tiny/params.yaml", steps=400, early_stopping={"patience": 400})
    two_domains.commit("Many steps for one of them")
    commit = head(two_domains)
    killed = submitted(two_domains, tmp_path / "killed", commit, "tiny", jobs=1)
    steps = tmp_path / "clone-tiny" / "domains/tiny/build/training/steps.jsonl"
    while not steps.is_file() or steps.read_text().count("\n") < 20:
        assert killed.processes[0].poll() is None, killed.log(0)
        time.sleep(0.01)
    killed.kill()
    assert list((tmp_path / "clone-tiny" / ".checkpoints").glob("tiny-*/step-*"))

    array = submitted(two_domains, tmp_path / "array", commit, "tiny", "second", "no_such", jobs=3)
    # What happens in the repository meanwhile is not theirs.
    two_domains.set("params.yaml", steps=2)
    assert max(array.ended()) > 0
    for index, name in enumerate(("tiny", "second")):
        assert f"train@{name}" in Clone.stages_in(array.log(index))
        assert Clone.stages_in(array.log(index))[-1] in (f"report@{name}", f"provenance@{name}")
    assert "report@no_such" in array.log(2)
    assert re.search(r"goes on after step \d\d", array.log(0))
    # What had ended before comes from the cache of runs, but for what is kept in git.
    assert Clone.stages_in(array.log(0))[:2] == ["resolve@tiny", "train@tiny"]

    two_domains.run("git", "checkout", "--quiet", "params.yaml")
    assert set(two_domains.ran("repro")) == {
        f"{stage}@{name}" for stage in ("resolve", "report") for name in ("tiny", "second")
    }
    for name in ("tiny", "second"):
        alone = tmp_path / f"clone-{name}"
        for file in ("config.json", "metrics.json", "build/model/adapter_model.safetensors", "build/provenance.json"):
            path = f"domains/{name}/{file}"
            assert (alone / path).read_bytes() == (two_domains.root / path).read_bytes(), path
        assert f'"commit": "{commit}"' in (alone / f"domains/{name}/build/provenance.json").read_text()
    assert two_domains.ran("repro") == []


@pytest.mark.parametrize("arguments", [(), ("HEAD",), ("HEAD", "tiny")])
def test_an_array_without_a_commit_or_with_too_few_domains_says_how(
    first_run: Clone, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    environment = first_run.environment() | {"SLURM_ARRAY_TASK_ID": "1", "SLURM_SUBMIT_DIR": str(first_run.root)}
    done = subprocess.run(
        ["bash", SCRIPT, *arguments], cwd=first_run.root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "usage: sbatch --array=0-N configs/slurm/domains.sbatch COMMIT DOMAIN..." in done.stderr
