"""Training launched in two gloo processes on the CPU is the training of one."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from ruamel.yaml import YAML
from safetensors.torch import load_file

CONFIGS = Path(__file__).resolve().parents[3] / "configs" / "accelerate"
SETTINGS = {"dropout": 0.0, "accumulation_steps": 2}


def on_two_cpus(name: str, folder: Path) -> Path:
    """A file of configs/accelerate as it is, but for the machine: two processes on the CPU."""
    text = (CONFIGS / f"{name}.yaml").read_text()
    for key, value in {"use_cpu": "true", "num_processes": "2"}.items():
        text, replaced = re.subn(rf"(?m)^{key}: \S+", f"{key}: {value}", text)
        assert replaced == 1
    path = folder / f"{name}.yaml"
    path.write_text(text + "main_process_port: 0   # any free one\n")
    return path


def run(folder: Path, method: str, launcher: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    settings = json.dumps(SETTINGS | {"method": method})
    command = [sys.executable, "-m", *launcher, "tests.practicum.training.tiny_run", str(folder), settings]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def launched(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """A run's folder by method and by configuration ("alone" for one process), each trained once."""
    root = tmp_path_factory.mktemp("launched")

    def of(method: str, how: str) -> Path:
        folder = root / f"{method}-{how}"
        if folder.is_dir():
            return folder
        if how == "alone":
            return run(folder, method, [])
        return run(
            folder, method, ["accelerate.commands.launch", "--config_file", str(on_two_cpus(how, root)), "--module"]
        )

    return of


@pytest.mark.parametrize(("method", "how"), [("lora", "cpu"), ("lora", "fsdp2"), ("full", "fsdp2")])
def test_two_processes_take_the_steps_of_one(launched: Callable[[str, str], Path], method: str, how: str) -> None:
    alone, together = launched(method, "alone"), launched(method, how)
    curves = [json.loads((folder / "curves.json").read_text())["curves"] for folder in (alone, together)]
    assert len(curves[0]) == len(curves[1]) == 12
    for one, two in zip(*curves, strict=True):
        assert two["train_loss"] == pytest.approx(one["train_loss"], rel=1e-5)
        assert two["grad_norm"] == pytest.approx(one["grad_norm"], rel=1e-3)
        assert (two["validation_loss"] is None) == (one["validation_loss"] is None)
        if one["validation_loss"] is not None:
            assert two["validation_loss"] == pytest.approx(one["validation_loss"], rel=1e-5)
    # The trained weights come out whole.
    one, two = (load_file(folder / "weights.safetensors") for folder in (alone, together))
    assert one.keys() == two.keys()
    for name in one:
        assert one[name].shape == two[name].shape
        torch.testing.assert_close(two[name], one[name], rtol=2e-2, atol=2e-4)


def test_both_processes_worked(launched: Callable[[str, str], Path]) -> None:
    saved = max((launched("lora", "fsdp2") / "checkpoints").glob("step-*"))
    ranks = [load_file(saved / f"rank-{rank}.safetensors") for rank in (0, 1)]
    name = next(name for name in ranks[0] if name.startswith("weight.") and "lora_A" in name)
    whole = load_file(launched("lora", "fsdp2") / "weights.safetensors")[name.removeprefix("weight.model.")]
    assert ranks[0][name].numel() + ranks[1][name].numel() == whole.numel()


def test_a_sharded_run_goes_on_from_its_shards(launched: Callable[[str, str], Path], tmp_path: Path) -> None:
    whole = launched("lora", "fsdp2")
    folder = tmp_path / "resumed"
    shutil.copytree(whole / "checkpoints", folder / "checkpoints")
    shutil.rmtree(max((folder / "checkpoints").glob("step-*")))
    config = on_two_cpus("fsdp2", tmp_path)
    run(folder, "lora", ["accelerate.commands.launch", "--config_file", str(config), "--module"])
    assert json.loads((folder / "curves.json").read_text())["resumed_at"] == 10
    assert (folder / "weights.safetensors").read_bytes() == (whole / "weights.safetensors").read_bytes()


def test_the_files_name_the_strategy_they_are_called_after() -> None:
    kinds = {path.stem: YAML(typ="safe").load(path)["distributed_type"] for path in CONFIGS.glob("*.yaml")}
    assert kinds == {"cpu": "MULTI_GPU", "multi_gpu": "MULTI_GPU", "fsdp2": "FSDP"}
