"""How much memory a new process can have, by the files in which Linux says it."""

from pathlib import Path

import pytest

from practicum.device import free_memory, multiplies_bf16, this_device

GIB = 2**30


def machine(tmp_path: Path, group: str, files: dict[str, str]) -> Path:
    """A system with 8 GiB free, and a control group."""
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "meminfo").write_text(f"MemTotal: 16777216 kB\nMemAvailable:    {8 * 2**20} kB\n")
    (tmp_path / "proc" / "self" / "cgroup").write_text(group)
    for name, text in files.items():
        path = tmp_path / "sys" / "fs" / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_without_a_limit_it_is_what_the_machine_has_free(tmp_path: Path) -> None:
    files = {"job/memory.max": "max\n", "job/memory.current": "5\n", "job/memory.stat": "inactive_file 0\n"}
    assert free_memory(machine(tmp_path, "0::/job\n", files)) == 8 * GIB


def test_a_groups_limit_counts_and_its_page_cache_does_not(tmp_path: Path) -> None:
    files = {
        "job/memory.max": f"{4 * GIB}\n",
        "job/memory.current": f"{3 * GIB}\n",
        "job/memory.stat": f"anon 5\ninactive_file {GIB}\n",
    }
    assert free_memory(machine(tmp_path, "0::/job\n", files)) == 2 * GIB


def test_the_limit_of_a_group_above_counts_too(tmp_path: Path) -> None:
    files = {
        "slurm/memory.max": f"{2 * GIB}\n",
        "slurm/memory.current": f"{GIB}\n",
        "slurm/memory.stat": "inactive_file 0\n",
        "slurm/step/memory.max": "max\n",
    }
    assert free_memory(machine(tmp_path, "0::/slurm/step\n", files)) == GIB


def test_a_container_that_sees_its_group_as_the_top_one_is_limited(tmp_path: Path) -> None:
    files = {
        "memory/memory.limit_in_bytes": f"{GIB}\n",
        "memory/memory.usage_in_bytes": f"{2 * GIB}\n",
        "memory/memory.stat": "total_inactive_file 0\n",
    }
    assert free_memory(machine(tmp_path, "3:cpu:/docker/x\n4:memory:/docker/x\n", files)) == 0


def test_this_machine_has_some(tmp_path: Path) -> None:
    device = this_device()
    assert device.memory > 100_000_000
    assert free_memory(tmp_path) > 100_000_000  # where nothing says what is free, all there is


def test_precision_is_decided_as_in_training() -> None:
    models = pytest.importorskip("practicum.models")
    kind = this_device().kind
    for precision in ("auto", "bf16", "fp32"):
        assert multiplies_bf16(kind, precision) == (models.resolved_precision(precision) == "bf16")
