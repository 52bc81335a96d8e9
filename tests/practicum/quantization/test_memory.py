"""Peak memory of what is loaded, in this very process."""

from pathlib import Path

import pytest
import torch

from practicum.quantization.memory import PeakMemory

LINUX = Path("/proc/self/clear_refs").exists() and not torch.cuda.is_available()


@pytest.mark.skipif(not LINUX, reason="only Linux tells a process its peak, and on a GPU that is the GPU's")
def test_the_peak_is_what_was_held_at_most_since_and_not_before() -> None:
    before = torch.ones(100_000_000 // 4)
    del before
    memory = PeakMemory()
    held = torch.ones(60_000_000 // 4)
    del held
    found = memory.gb()
    assert found is not None
    assert 0.05 < found < 0.08
    again = PeakMemory().gb()
    assert again is not None
    assert again < 0.01


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU always tells")
def test_a_system_that_does_not_tell_gives_none(tmp_path: Path) -> None:
    assert PeakMemory(tmp_path / "missing").gb() is None
    (tmp_path / "status").write_text("Name:\tpython\n", encoding="utf-8")
    assert PeakMemory(tmp_path).gb() is None
