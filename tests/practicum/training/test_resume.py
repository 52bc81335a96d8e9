"""Runs that are killed, torn and starved of disk end as the run that nobody touched."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from practicum.training.checkpoints import Checkpoint, CheckpointError, Checkpoints

STEPS = 40


def start(folder: Path, method: str, file_limit: int | None = None) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    settings = {"method": method, "steps": STEPS, "bf16": True, "file_limit": file_limit}
    command = [sys.executable, "-m", "tests.practicum.training.tiny_run", str(folder), json.dumps(settings)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finish(run: subprocess.Popen[str]) -> str:
    _, errors = run.communicate()
    assert run.returncode == 0, errors
    return errors


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.is_file() else []


def kill_after(run: subprocess.Popen[str], folder: Path, step: int) -> None:
    """SIGKILL once the log holds that many steps, wherever the run then is."""
    while len(lines(folder / "log.jsonl")) < step:
        assert run.poll() is None, run.communicate()
        time.sleep(0.001)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert run.returncode == -signal.SIGKILL


def weights(folder: Path) -> bytes:
    return (folder / "weights.safetensors").read_bytes()


def finished(folder: Path) -> list[Path]:
    return sorted((folder / "checkpoints").glob("step-*"))


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of runs in one piece, with dropout, by method."""
    folders = {method: tmp_path_factory.mktemp("untouched") / method for method in ("lora", "full")}
    for run in [start(folder, method) for method, folder in folders.items()]:
        finish(run)
    return folders


def test_a_run_killed_twice_torn_and_out_of_disk_ends_in_the_same_bytes(
    untouched: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    kill_after(start(folder, "lora"), folder, 3)
    first = len(finished(folder))
    assert 1 <= first <= 2
    (folder / "log.jsonl").unlink()
    kill_after(start(folder, "lora"), folder, 15)

    last = finished(folder)[-1]
    torn = last / "rank-0.safetensors"
    torn.write_bytes(torn.read_bytes()[:-100])
    (folder / "log.jsonl").unlink()
    starved = start(folder, "lora", file_limit=30_000)
    _, errors = starved.communicate()
    assert starved.returncode == 1
    assert f"checkpoint of step {int(last.name[5:])}: passed over" in errors
    assert "could not write the checkpoint" in errors
    before = finished(folder)[-2]
    assert f"the checkpoint of step {int(last.name[5:])} is kept" in errors
    assert not list((folder / "checkpoints").glob(".step-*"))

    errors = finish(start(folder, "lora"))
    assert f"goes on after step {int(before.name[5:])}" in errors
    assert weights(folder) == weights(untouched["lora"])
    curves = [json.loads((f / "curves.json").read_text())["curves"] for f in (folder, untouched["lora"])]
    timeless = [[{**point, "seconds": 0, "memory_gb": 0} for point in points] for points in curves]
    assert timeless[0] == timeless[1]
    assert [json.loads(line)["step"] for line in lines(folder / "log.jsonl")] == list(range(1, STEPS + 1))


def test_full_training_killed_late_ends_in_the_same_bytes(untouched: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    kill_after(start(folder, "full"), folder, 25)
    errors = finish(start(folder, "full"))
    assert "goes on after step" in errors
    assert weights(folder) == weights(untouched["full"])


def checkpoint(step: int) -> Checkpoint:
    return Checkpoint(step, {"note": step}, {"weight": torch.full((3,), float(step))})


def test_the_last_two_checkpoints_are_kept_and_the_last_is_loaded(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "run")
    assert checkpoints.load() is None
    for step in (1, 2, 10):
        checkpoints.save(checkpoint(step))
    assert [path.name for path in sorted((tmp_path / "run").iterdir())] == ["step-00000002", "step-00000010"]
    loaded = checkpoints.load()
    assert loaded is not None
    assert (loaded.step, loaded.state["note"], loaded.tensors["weight"].tolist()) == (10, 10, [10.0] * 3)


@pytest.mark.parametrize("file", ["rank-0.safetensors", "state.json", "manifest.json"])
@pytest.mark.parametrize("how", ["cut", "flipped", "gone"])
def test_a_damaged_checkpoint_is_named_and_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, how: str
) -> None:
    checkpoints = Checkpoints(tmp_path / "run")
    for step in (1, 2):
        checkpoints.save(checkpoint(step))
    path = tmp_path / "run" / "step-00000002" / file
    content = path.read_bytes()
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:-5] if how == "cut" else content[:-5] + bytes([content[-5] ^ 1]) + content[-4:])
    loaded = checkpoints.load()
    assert loaded is not None
    assert loaded.step == 1
    assert "checkpoint of step 2: passed over" in capsys.readouterr().err


def test_a_checkpoint_of_another_number_of_processes_is_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Checkpoints(tmp_path / "run").save(checkpoint(1))
    assert Checkpoints(tmp_path / "run", rank=0, processes=2).load() is None
    assert "found 1 processes' tensors, expected 2" in capsys.readouterr().err


def test_a_folder_that_takes_no_files_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file where the folder should be")
    with pytest.raises(CheckpointError, match=r"could not write the checkpoint of step 1 .*no earlier checkpoint"):
        Checkpoints(tmp_path / "run").save(checkpoint(1))
