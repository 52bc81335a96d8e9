"""Freed memory stays with the process, so that taking it again costs no page faults; kernels don't pile up."""

import os
import subprocess
import sys

import pytest

CODE = """
import resource, sys
import torch
from practicum.training.allocator import keep_freed_memory
if sys.argv[1] == "keep" and not keep_freed_memory():
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


SHAPES = """
import torch
from practicum.training.allocator import KERNELS, keep_freed_memory
keep_freed_memory()
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
