"""Training launched in two gloo processes on the CPU is the training of one."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from ruamel.yaml import YAML
from safetensors.torch import load_file

CONFIGS = Path(__file__).resolve().parents[3] / "configs" / "accelerate"
SETTINGS = {"dropout": 0.0, "accumulation_steps": 2}
DEEPSPEED = pytest.mark.skipif(
    importlib.util.find_spec("deepspeed") is None,
    reason="DeepSpeed is not installed, and requirements.lock leaves it out: see docs/training.md",
)


def zero3(*values: str) -> Any:
    """Parameters of a test that trains by DeepSpeed."""
    return pytest.param(*values, "deepspeed_zero3", marks=DEEPSPEED)


def on_two_cpus(name: str, folder: Path) -> Path:
    """A file of configs/accelerate as it is, but for the machine: two processes on the CPU."""
    text = (CONFIGS / f"{name}.yaml").read_text()
    for key, value in {"use_cpu": "true", "num_processes": "2"}.items():
        text, replaced = re.subn(rf"(?m)^{key}: \S+", f"{key}: {value}", text)
        assert replaced == 1
    path = folder / f"{name}.yaml"
    path.write_text(text + "main_process_port: 0   # any free one\n")
    return path


def run(folder: Path, method: str, launcher: list[str], **changed: Any) -> Path:
    folder.mkdir(exist_ok=True)
    settings = json.dumps(SETTINGS | {"method": method} | changed)
    command = [sys.executable, "-m", *launcher, "tests.practicum.training.tiny_run", str(folder), settings]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def launched(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A run's folder by method, configuration ("alone" for one process) and what else is set, each trained once."""
    root = tmp_path_factory.mktemp("launched")

    def of(method: str, how: str, **changed: Any) -> Path:
        folder = root / "-".join([method, how, *(f"{key}-{value}" for key, value in changed.items())])
        if folder.is_dir():
            return folder
        if how == "alone":
            return run(folder, method, [], **changed)
        launcher = ["accelerate.commands.launch", "--config_file", str(on_two_cpus(how, root)), "--module"]
        return run(folder, method, launcher, **changed)

    return of


@pytest.mark.parametrize(
    ("method", "how"), [("lora", "cpu"), ("lora", "fsdp2"), ("full", "fsdp2"), zero3("lora"), zero3("full")]
)
def test_two_processes_take_the_steps_of_one(launched: Callable[..., Path], method: str, how: str) -> None:
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


@pytest.mark.parametrize("how", ["fsdp2", zero3()])
def test_both_processes_worked(launched: Callable[..., Path], how: str) -> None:
    saved = max((launched("lora", how) / "checkpoints").glob("step-*"))
    ranks = [load_file(saved / f"rank-{rank}.safetensors") for rank in (0, 1)]
    shards = [sum(t.numel() for name, t in rank.items() if name.startswith("weight.")) for rank in ranks]
    whole = load_file(launched("lora", how) / "weights.safetensors")
    assert min(shards) > 0
    assert sum(shards) == sum(t.numel() for t in whole.values())


@pytest.mark.parametrize("how", ["fsdp2", zero3()])
def test_a_sharded_run_goes_on_from_its_shards(launched: Callable[..., Path], how: str, tmp_path: Path) -> None:
    whole = launched("lora", how)
    folder = tmp_path / "resumed"
    shutil.copytree(whole / "checkpoints", folder / "checkpoints")
    shutil.rmtree(max((folder / "checkpoints").glob("step-*")))
    config = on_two_cpus(how, tmp_path)
    run(folder, "lora", ["accelerate.commands.launch", "--config_file", str(config), "--module"])
    assert json.loads((folder / "curves.json").read_text())["resumed_at"] == 10
    assert (folder / "weights.safetensors").read_bytes() == (whole / "weights.safetensors").read_bytes()


@pytest.mark.parametrize("how", ["fsdp2", zero3()])
def test_a_sharded_run_ends_with_its_best_weights(launched: Callable[..., Path], how: str) -> None:
    overdone = {"lr": 0.05, "steps": 8}  # its second look at the validation loss is worse than the first
    alone, together = (launched("full", kind, **overdone) for kind in ("alone", how))
    looks = [point["validation_loss"] for point in json.loads((alone / "curves.json").read_text())["curves"]]
    assert looks[3] < looks[7]
    one, two = (load_file(folder / "weights.safetensors") for folder in (alone, together))
    for name in one:
        torch.testing.assert_close(two[name], one[name], rtol=2e-2, atol=2e-3)


def test_the_files_name_the_strategy_they_are_called_after() -> None:
    kinds = {path.stem: YAML(typ="safe").load(path)["distributed_type"] for path in CONFIGS.glob("*.yaml")}
    assert kinds == {"cpu": "MULTI_GPU", "multi_gpu": "MULTI_GPU", "fsdp2": "FSDP", "deepspeed_zero3": "DEEPSPEED"}
