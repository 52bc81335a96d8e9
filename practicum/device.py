"""Where training would run here, and how much memory is there, told without loading PyTorch where that can be."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from practicum.config import Precision
from practicum.planning import Kind


@dataclass(frozen=True, slots=True)
class Device:
    """What training runs on."""

    kind: Kind
    name: str
    memory: int
    """Bytes that a new process can have: all of a GPU; on the CPU what is free and no limit withholds."""


def this_device() -> Device:
    """The GPU that PyTorch would train on, else the CPU."""
    # Importing PyTorch takes seconds, so it is asked only where there is the driver of a GPU.
    if any(Path(path).exists() for path in ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")):
        import torch

        if torch.cuda.is_available():
            facts = torch.cuda.get_device_properties(0)
            return Device("gpu", facts.name, facts.total_memory)
    return Device("cpu", "CPU", free_memory())


def free_memory(system: Path = Path("/")) -> int:
    """Bytes that this process can still take: the machine's free memory, or less where a control group says so.

    Args:
        system: where /proc and /sys are.
    """
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB$", (system / "proc/meminfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    # Without Linux's account of it, what is there at all.
    free = int(found[1]) * 1024 if found else os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([free, *_left_in_groups(system)])


def _left_in_groups(system: Path) -> list[int]:
    """What each limit above this process leaves, in bytes; page cache that can be dropped counts as left."""
    try:
        lines = (system / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    left = []
    for line in lines:
        _, controllers, inside = line.split(":", 2)
        if controllers == "":
            mount, limit, used, cache = "", "memory.max", "memory.current", "inactive_file"
        elif "memory" in controllers.split(","):
            mount, limit, used, cache = (
                "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
            )  # fmt: skip
        else:
            continue
        top = system / "sys/fs/cgroup" / mount
        group = top / inside.lstrip("/")
        # A container may see its own group as the top one, under a path that only the host knows.
        for folder in (group, *group.parents):
            if not folder.is_relative_to(top):
                break
            try:
                most = int((folder / limit).read_text())
                now = int((folder / used).read_text())
                facts = dict(fact.split(" ", 1) for fact in (folder / "memory.stat").read_text().splitlines())
            except (OSError, ValueError):
                continue  # no such group here, or one without a limit, which is spelled `max`
            left.append(max(0, most - now + int(facts.get(cache, 0))))
    return left


def multiplies_bf16(kind: Kind, precision: Precision) -> bool:
    """Whether products are in bfloat16 here, as `practicum.models.resolved_precision` decides it."""
    if precision != "auto":
        return precision == "bf16"
    if kind == "gpu":
        return True
    try:
        words = set(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        return False
    return bool(words & {"avx512_bf16", "amx_tile"})
