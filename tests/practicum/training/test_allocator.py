"""Freed memory stays with the process, in huge pages; taking it again costs no faults. Kernels don't pile up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import resource, sys
import torch
from practicum.training.allocator import configure_allocator
if sys.argv[1] == "keep" and not configure_allocator():
    sys.exit(3)
for _ in range(20):
    torch.ones(16_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    torch.ones(16_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", CODE, how], capture_output=True, text=True, check=False)
    if done.returncode == 3:
        pytest.skip("not glibc")
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_large_blocks_taken_again_cost_no_page_faults() -> None:
    assert faults("keep") < 0.1 * faults("leave")


HUGE = """
import sys
import numpy
from practicum.training.allocator import configure_allocator
if not configure_allocator():
    sys.exit(3)
with open("/proc/self/status") as status:  # getrusage's peak may be the parent's
    print(next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")))
kept = [numpy.ones(8_000_000) for _ in range(5)]
with open("/proc/self/smaps_rollup") as rollup:
    print(next(int(line.split()[1]) for line in rollup if line.startswith("AnonHugePages:")))
"""


def test_large_blocks_lie_in_huge_pages_and_nothing_is_resident_before_it_is_written() -> None:
    enabled = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    if not enabled.is_file() or "[never]" in enabled.read_text(encoding="ascii"):
        pytest.skip("the kernel grants no huge pages")
    done = subprocess.run([sys.executable, "-c", HUGE], capture_output=True, text=True, check=False)
    if done.returncode == 3:
        pytest.skip("not glibc")
    assert done.returncode == 0, done.stderr
    resident, huge = map(int, done.stdout.split())
    assert resident < 1_000_000  # KiB; the range is 4 GiB
    assert huge > 0.5 * 5 * 64_000_000 / 1024  # memory in pieces may leave the kernel without some


def test_a_limit_on_memory_leaves_small_pages() -> None:
    limited = "import resource; resource.setrlimit(resource.RLIMIT_DATA, (2 * 2**30,) * 2)\n" + CODE
    done = subprocess.run([sys.executable, "-c", limited, "keep"], capture_output=True, text=True, check=False)
    if done.returncode == 3:
        pytest.skip("not glibc")
    assert done.returncode == 0, done.stderr


SHAPES = """
import torch
from practicum.training.allocator import KERNELS, configure_allocator
configure_allocator()
weight = torch.ones(16, 16)
for rows in [7, *range(8, 8 + KERNELS + 16), 7]:
    torch.ops.mkldnn._linear_pointwise(torch.ones(rows, 16), weight, None, "none", [], "")
"""


def compiled(**environment: str) -> int:
    """How often oneDNN compiled the kernel that is wanted first and, after many others, last."""
    done = subprocess.run(
        [sys.executable, "-c", SHAPES],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "ONEDNN_VERBOSE": "profile_create", **environment},
    )
    if not done.stdout:
        pytest.skip("no oneDNN")
    return sum("create:cache_miss" in line and "mb7ic16oc16" in line for line in done.stdout.splitlines())


def test_kernels_that_were_not_wanted_for_long_are_given_up() -> None:
    assert compiled() == 2


def test_a_users_own_number_of_kernels_is_kept() -> None:
    assert compiled(ONEDNN_PRIMITIVE_CACHE_CAPACITY="1024") == 1
