"""What each process of `make repro JOBS=n` may use. No GPU is needed: the driver's answer is a script's."""

import sys
from pathlib import Path

import pytest

from commands import parallel
from commands.parallel import Group, environments, shares


@pytest.fixture(autouse=True)
def four_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that tells of four GPUs."""
    driver = tmp_path / "nvidia-smi"
    driver.write_text("#!/bin/sh\nfor gpu in 1 2 3 4; do echo NVIDIA H100; done\n")
    driver.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")


def test_each_process_gets_its_share_of_the_cores() -> None:
    assert [one["OMP_NUM_THREADS"] for one in environments(3, {}, 8)] == ["2", "2", "2"]
    assert environments(4, {}, 2)[3]["OMP_NUM_THREADS"] == "1"


def test_a_number_of_threads_that_somebody_chose_stays() -> None:
    assert environments(2, {"OMP_NUM_THREADS": "7"}, 8)[0]["OMP_NUM_THREADS"] == "7"


@pytest.mark.parametrize(
    ("jobs", "given", "expected"),
    [
        (2, {}, ["0,1", "2,3"]),
        (3, {}, ["0,1", "2", "3"]),
        (2, {"CUDA_VISIBLE_DEVICES": "5, GPU-8932f937"}, ["5", "GPU-8932f937"]),
        (3, {"CUDA_VISIBLE_DEVICES": "1,3"}, ["1", "3", "1"]),
        (2, {"CUDA_VISIBLE_DEVICES": ""}, ["", ""]),
    ],
)
def test_gpus_are_divided_among_the_processes(jobs: int, given: dict[str, str], expected: list[str]) -> None:
    assert [one["CUDA_VISIBLE_DEVICES"] for one in environments(jobs, given, 8)] == expected


def test_a_machine_without_gpus_has_nothing_to_divide(tmp_path: Path) -> None:
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\nexit 9\n")
    assert all("CUDA_VISIBLE_DEVICES" not in one for one in environments(2, {}, 8))


@pytest.mark.parametrize("jobs", range(1, 10))
@pytest.mark.parametrize("gpus", range(1, 10))
def test_no_gpu_is_left_over_and_none_has_two_owners_unless_it_must(jobs: int, gpus: int) -> None:
    names = [str(number) for number in range(gpus)]
    found = shares(jobs, names)
    given = [name for share in found for name in share]
    assert len(found) == jobs
    assert all(found)
    if gpus >= jobs:
        assert given == names
    else:
        assert max(map(given.count, names)) - min(map(given.count, names)) <= 1


def test_what_runs_at_once_shares_no_gpu_and_a_share_goes_to_who_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    code = (
        "import os, sys, time; log = open(sys.argv[1], 'a', buffering=1); "
        "gpus = os.environ.get('CUDA_VISIBLE_DEVICES'); "
        "print('+', gpus, file=log); time.sleep(0.2); print('-', gpus, file=log)"
    )
    monkeypatch.setattr(parallel, "DVC", (sys.executable, "-c", code, str(log)))
    monkeypatch.setattr(parallel, "groups", lambda _: [Group((name,), ()) for name in ("a", "b", "c", "d", "e")])
    assert parallel.main(2, tmp_path) == 0
    *lines, begin, end = log.read_text().splitlines()
    assert (begin, end) == ("+ None", "- None")  # the last `dvc repro` may use all
    held: set[str] = set()
    for line in lines:
        sign, _, share = line.partition(" ")
        assert (share in held) == (sign == "-"), lines
        held ^= {share}
    assert lines.count("+ 0,1") + lines.count("+ 2,3") == 5
    assert {"+ 0,1", "+ 2,3"} <= set(lines)
