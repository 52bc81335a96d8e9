"""What DVC itself takes when nothing changed, and how that grows with the number of domains.

    python -m benchmarks.pipeline                 # 1, 3, 10 and 30 domains
    python -m benchmarks.pipeline 1 3

Makes a temporary repository of this one's code and pipeline with copies of a small domain, every out in place and in
the cache, as after a run. The outs hold a line each: DVC hashes none of them again while nothing changes, so their size
does not matter; their number does, and is the pipeline's own. Times `dvc status` and a `dvc repro` that runs nothing:
the best of three, since other work on the machine can only add to them, with the processor time of the same run. Prints
a JSON line a measurement, then a table.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from dvc.repo import Repo
from ruamel.yaml import YAML

from stages.layout import ROOT

DOMAINS = (1, 3, 10, 30)
REPEATS = 3
FIXTURE = ROOT / "tests" / "fixtures" / "domain_tiny"


@dataclass(frozen=True)
class Timed:
    """A command of DVC in a repository of some domains."""

    domains: int
    stages: int
    command: str
    seconds: float
    processor_seconds: float


def environment(root: Path) -> dict[str, str]:
    return os.environ | {
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(root.parent / "site"),
        "OMP_NUM_THREADS": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


def run(root: Path, *command: str) -> str:
    """What a command prints in the repository.

    Raises:
        RuntimeError: it fails.
    """
    done = subprocess.run(command, cwd=root, env=environment(root), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def code(root: Path) -> None:
    """Copy what git tracks here, but for domains, tests and the lock."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if not name.startswith(("domains/", "tests/")) and name != "dvc.lock" and (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)


def repository(root: Path, domains: int) -> int:
    """Make a repository whose pipeline has run for that many domains; the number of its stages."""
    code(root)
    names = [f"domain{number}" for number in range(domains)]
    yaml = YAML()
    settings = yaml.load(root / "params.yaml")
    settings["domains"] = names
    with (root / "params.yaml").open("w", encoding="utf-8") as stream:
        yaml.dump(settings, stream)
    for name in names:
        shutil.copytree(FIXTURE, root / "domains" / name, ignore=shutil.ignore_patterns("__pycache__", "build"))
    run(root, "git", "init", "--quiet")
    # Settings are the only out that other stages read key by key.
    run(root, sys.executable, "-m", "stages.resolve", names[0])
    config = (root / "domains" / names[0] / "config.json").read_text(encoding="utf-8")
    with Repo(str(root)) as repo:
        stages = list(repo.index.stages)
        dependencies = {Path(dep.fs_path) for stage in stages for dep in stage.deps}
        for stage in stages:
            domain = stage.name.rpartition("@")[2]
            for out in stage.outs:
                path = Path(out.fs_path)
                if path.name == "config.json":
                    path.write_text(config.replace(names[0], domain), encoding="utf-8")
                elif path.suffix:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(f"{domain} {path.name}\n", encoding="utf-8")
                else:
                    path.mkdir(parents=True, exist_ok=True)
                    (path / "file").write_text(f"{domain} {path.name}\n", encoding="utf-8")
        for path in dependencies:
            if not path.exists():  # a file that a domain of this size does without
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("{}\n", encoding="utf-8")
    run(root, sys.executable, "-m", "dvc", "commit", "--force", "--quiet")
    run(root, "git", "add", "--all")
    run(root, "git", "-c", "user.name=B", "-c", "user.email=b@example.com", "commit", "--quiet", "--message", "Run")
    return len(stages)


def timed(root: Path, domains: int, stages: int, command: str) -> Timed:
    """The best of a few runs of a DVC command, which must find nothing to do."""
    best: tuple[float, float] | None = None
    for _ in range(REPEATS):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        said = run(root, sys.executable, "-m", "dvc", command)
        seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        if "Data and pipelines are up to date." not in said or "Running stage" in said:
            raise RuntimeError(f"dvc {command}: found something to do, expected nothing:\n{said[-2000:]}")
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if best is None or seconds < best[0]:
            best = (seconds, spent)
    assert best is not None
    return Timed(domains, stages, command, round(best[0], 2), round(best[1], 2))


def measured(domains: int) -> list[Timed]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "repository"
        root.mkdir()
        stages = repository(root, domains)
        return [timed(root, domains, stages, command) for command in ("status", "repro")]


def main(sizes: tuple[int, ...]) -> None:
    found = []
    for domains in sizes:
        for one in measured(domains):
            print(json.dumps(asdict(one)), flush=True)
            found.append(one)
    print("\n| domains | stages | `dvc status` | processor | `dvc repro` | processor |\n|---|---|---|---|---|---|")
    for status, repro in zip(found[::2], found[1::2], strict=True):
        cells = [f"{one:.2f} s" for both in (status, repro) for one in (both.seconds, both.processor_seconds)]
        print(f"| {status.domains} | {status.stages} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or DOMAINS)
