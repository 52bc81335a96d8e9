"""How much memory a loaded model takes, measured in the process that loads it."""

import ctypes
import gc
import re
from pathlib import Path

import torch


class PeakMemory:
    """The most memory in use since this was made, above what was in use then.

    On a GPU it is the GPU's. On a CPU it is the process's resident memory, which Linux alone tells, file-backed weights
    included.
    """

    def __init__(self, process: Path = Path("/proc/self")) -> None:
        """Forget earlier peaks.

        Args:
            process: what the kernel tells of this process.
        """
        self._process = process
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
            self._before: int | None = torch.cuda.memory_allocated()
            return
        _hand_back()
        try:
            (process / "clear_refs").write_text("5")  # the peak starts again: proc_pid_clear_refs(5)
        except OSError:
            self._before = None
        else:
            self._before = self._resident("VmRSS")

    def gb(self) -> float | None:
        """In 10^9 bytes; None where the system doesn't tell."""
        if self._before is None:
            return None
        peak = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else self._resident("VmHWM")
        return None if peak is None else (peak - self._before) / 1e9

    def _resident(self, field: str) -> int | None:
        """A figure of the process's status, in bytes."""
        try:
            status = (self._process / "status").read_text(encoding="utf-8")
        except OSError:
            return None
        found = re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
        return int(found[1]) * 1024 if found else None


def _hand_back() -> None:
    """Give freed memory back to the system, or the next model would be loaded into it and seem to need less."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        return  # a C library without it
