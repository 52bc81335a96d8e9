"""When optimizer steps end, and the most memory a process held: read alike in every trainer, whatever its loop.

Needs PyTorch alone, so that it also runs in an environment without this repository's libraries.
"""

import json
import re
import time
from pathlib import Path
from typing import Any

from torch.optim.optimizer import register_optimizer_step_post_hook


class StepClock:
    """Wall time of each optimizer step's end, by PyTorch's own hook on every optimizer of the process."""

    def __init__(self) -> None:
        self.ends: list[float] = []
        self.began = time.perf_counter()
        self._handle = register_optimizer_step_post_hook(self._on_step)

    def _on_step(self, *_: Any) -> None:
        self.ends.append(time.perf_counter())

    def start(self) -> None:
        """Count wall time from here."""
        self.began = time.perf_counter()

    def stop(self) -> None:
        """Leave later optimizers alone."""
        self._handle.remove()

    def write(self, path: Path, processes: int = 1) -> None:
        """Save seconds from the start to each step's end, and the peak memory so far: this process's, for each of them.

        Raises:
            RuntimeError: no optimizer of PyTorch took a step.
        """
        if not self.ends:
            raise RuntimeError("found no optimizer step, expected a loop that steps a torch.optim.Optimizer")
        record = {"ends": [end - self.began for end in self.ends], "peak_memory_gb": processes * peak_memory_gb()}
        path.write_text(json.dumps(record), encoding="utf-8")


def peak_memory_gb() -> float:
    """The most resident memory this process held since it began (VmHWM), GB of 10^9 bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise RuntimeError("found no VmHWM in /proc/self/status, expected Linux")
    return int(found.group(1)) * 1024 / 1e9
