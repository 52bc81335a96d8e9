"""The pipeline with domains side by side: `python -m commands.parallel JOBS`, or `make repro JOBS=3`.

DVC runs one stage at a time. It holds its lock while it looks and writes, not while a stage's command runs, so one
`dvc repro` for each domain can work in the same workspace: each waits for its turn to look, and adds its stages to
dvc.lock as they end. A domain whose data come from another's runs in the same process as that one, after it. At the
end one plain `dvc repro` sees to what belongs to no domain, and shows that nothing is left to do. Cores and GPUs are
divided among the processes that run at once.

A domain that fails is named and the others end. After a kill, of one process or all, the same command goes on: stages
that ended are in dvc.lock, and training goes on from its checkpoint.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue

from dvc.repo import Repo
from dvc.repo.reproduce import plan_repro
from dvc.stage import PipelineStage

from practicum.provenance import gpus
from stages.layout import ROOT

DVC = (sys.executable, "-m", "dvc")


@dataclass(frozen=True)
class Group:
    """Domains that share stages, and so run in one process."""

    domains: tuple[str, ...]
    targets: tuple[str, ...]
    """Their stages, as `dvc repro` takes them."""

    @property
    def name(self) -> str:
        return "+".join(self.domains)


def groups(root: Path = ROOT) -> list[Group]:
    """The pipeline's domains, together where one needs what another's stages make, in the order of params.yaml.

    Args:
        root: of the repository.
    """
    found: dict[str, list[PipelineStage]] = {}
    parts: list[tuple[set[str], set[str]]] = []
    with Repo(str(root)) as repo:
        graph = repo.index.graph
        for stage in repo.index.stages:
            # A matrix names its stages `train@medical`.
            if isinstance(stage, PipelineStage) and "@" in stage.name and Path(stage.path).parent == root:
                found.setdefault(stage.name.rpartition("@")[2], []).append(stage)
        for domain, stages in found.items():
            needed = {stage.addressing for stage in plan_repro(graph, stages)}
            together = {domain}
            for others, theirs in [part for part in parts if part[1] & needed]:
                together |= others
                needed |= theirs
                parts.remove((others, theirs))
            parts.append((together, needed))
    return [
        Group(domains, tuple(stage.name for domain in domains for stage in found[domain]))
        for domains in sorted(
            (tuple(name for name in found if name in together) for together, _ in parts),
            key=lambda domains: list(found).index(domains[0]),
        )
    ]


VISIBLE = "CUDA_VISIBLE_DEVICES"


def devices(given: Mapping[str, str]) -> list[str]:
    """GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them; without it, all that the driver tells."""
    if VISIBLE in given:
        return [name.strip() for name in given[VISIBLE].split(",") if name.strip()]
    return [str(number) for number in range(len(gpus()))]


def shares(jobs: int, names: Sequence[str]) -> list[list[str]]:
    """GPUs of each of `jobs` processes: as many for each, but for one more for the first; in turn where there are fewer
    GPUs than processes."""
    if len(names) < jobs:
        return [[names[job % len(names)]] if names else [] for job in range(jobs)]
    least, more = divmod(len(names), jobs)
    ends = [job * least + min(job, more) for job in range(jobs + 1)]
    return [list(names[start:end]) for start, end in pairwise(ends)]


def environments(jobs: int, given: Mapping[str, str], cores: int) -> list[dict[str, str]]:
    """Variables of each of `jobs` processes.

    Each has its share of the cores, unless somebody chose otherwise, and of the GPUs.

    Args:
        given: this process's own variables.
        cores: that it may use.
    """
    common = {"OMP_NUM_THREADS": str(max(1, cores // jobs)), **given, "PYTHONUNBUFFERED": "1"}
    return [common | ({VISIBLE: ",".join(share)} if share else {}) for share in shares(jobs, devices(given))]


@dataclass
class Runs:
    """Processes that print line by line, each behind its name."""

    root: Path
    free: "SimpleQueue[Mapping[str, str]]"
    """Variables that a process takes when it starts, and leaves to the next when it ends."""
    width: int
    started: list["subprocess.Popen[str]"] = field(default_factory=list)
    stopped: bool = False
    printing: threading.Lock = field(default_factory=threading.Lock)

    def run(self, group: Group) -> int:
        """Bring a group up to date; the exit code of DVC."""
        environment = self.free.get()
        try:
            return self._run(group, environment)
        finally:
            self.free.put(environment)

    def _run(self, group: Group, environment: Mapping[str, str]) -> int:
        with self.printing:
            if self.stopped:
                return 1
            process = subprocess.Popen(
                [*DVC, "--wait-for-lock", "repro", *group.targets],
                cwd=self.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,  # so that stages can be ended together with the DVC that started them
            )
            self.started.append(process)
        assert process.stdout is not None
        for line in process.stdout:
            if line := line.rstrip():
                with self.printing:
                    print(f"{group.name:<{self.width}} | {line}", flush=True)
        return process.wait()

    def stop(self) -> None:
        """End what runs, with the stages that it started, and start nothing more."""
        with self.printing:
            self.stopped = True
            for process in self.started:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGTERM)


def main(jobs: int, root: Path = ROOT) -> int:
    """Bring every domain up to date, `jobs` at a time; the exit code."""
    todo = groups(root)
    cores = len(os.sched_getaffinity(0))
    width = max((len(group.name) for group in todo), default=0)
    jobs = min(jobs, len(todo) or 1)
    free: SimpleQueue[Mapping[str, str]] = SimpleQueue()
    for one in environments(jobs, os.environ, cores):
        free.put(one)
    runs = Runs(root, free, width)
    with ThreadPoolExecutor(jobs) as pool:
        try:
            codes = list(pool.map(runs.run, todo))
        finally:
            runs.stop()
    failed = [group.name for group, code in zip(todo, codes, strict=True) if code]
    if failed:
        print(
            f"parallel: failed: {', '.join(failed)}; their lines above say why. The others are done and in dvc.lock; "
            "the same command goes on from here",
            file=sys.stderr,
        )
        return 1
    return subprocess.run([*DVC, "repro"], cwd=root, check=False).returncode


def jobs_of(arguments: Sequence[str]) -> int:
    """The number of processes.

    Raises:
        ValueError: it is none, or less than one.
    """
    if len(arguments) != 1 or not arguments[0].isascii() or not arguments[0].isdigit() or int(arguments[0]) < 1:
        raise ValueError(f"found {' '.join(arguments) or 'nothing'}, expected how many domains to run side by side")
    return int(arguments[0])


def interrupt(signal_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    # A scheduler ends a job with SIGTERM; like Ctrl-C, it must reach the stages.
    signal.signal(signal.SIGTERM, interrupt)
    try:
        sys.exit(main(jobs_of(sys.argv[1:])))
    except ValueError as error:
        sys.exit(f"parallel: {error}")
    except KeyboardInterrupt:
        sys.exit("parallel: interrupted; the same command goes on from here")
