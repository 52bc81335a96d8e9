"""Which code, which machine and which libraries results come from."""

import hashlib
import json
import os
import platform
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a run can be traced by; goes into a file as it is."""

    commit: str | None
    """Of HEAD while it ran, hence older than the commit that holds its results; None outside git."""
    dirty: bool
    """Whether anything that the run could read differed from that commit."""
    lock: str
    """SHA-256 over the run's entries in dvc.lock: `digest`."""
    python: str
    system: str
    processor: str
    cores: int
    """That the process may use."""
    gpus: tuple[str, ...]
    """NVIDIA's, by name."""
    libraries: Mapping[str, str]
    """Versions by name; a library that is not installed is left out."""


def working_tree(root: Path, written: Callable[[str], bool]) -> tuple[str | None, bool]:
    """The commit that a working tree stands on, and whether its files differ.

    Args:
        root: of the repository.
        written: whether a path, from the root, is written by the run itself, so that a difference means nothing.
    """
    try:
        found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None, False
    if found.returncode:
        return None, False
    listed = subprocess.run(
        ["git", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    # Two letters and a space stand before each path.
    changed = [line[3:] for line in listed.split("\0") if line]
    return found.stdout.strip(), not all(map(written, changed))


def digest(entries: Mapping[str, Any]) -> str:
    """SHA-256 of stages' entries of dvc.lock, whatever order they stand in."""
    return hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()


def versions(libraries: Iterable[str]) -> dict[str, str]:
    """Installed versions of libraries, in their order."""
    found = {}
    for library in libraries:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


def processor(system: Path = Path("/")) -> str:
    """The processor's name.

    Args:
        system: where /proc is.
    """
    try:
        found = re.search(r"^model name\s*: (.+)$", (system / "proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()


def gpus() -> tuple[str, ...]:
    """Names of NVIDIA's GPUs, as their driver tells them; PyTorch would take seconds to load."""
    try:
        command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
        found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in found.stdout.splitlines() if line.strip())


def provenance(
    root: Path, entries: Mapping[str, Any], libraries: Iterable[str], written: Callable[[str], bool]
) -> Provenance:
    """Of a run in this process's machine and environment.

    Args:
        root: of the repository.
        entries: of the run in dvc.lock.
        libraries: whose versions count.
        written: as `working_tree` takes it.
    """
    commit, dirty = working_tree(root, written)
    return Provenance(
        commit=commit,
        dirty=dirty,
        lock=digest(entries),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        processor=processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        gpus=gpus(),
        libraries=versions(libraries),
    )
