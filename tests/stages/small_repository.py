"""A repository with the tiny domain, a small real model and an adapter, for stages that run as DVC runs them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from ruamel.yaml import YAML

from tests.fixtures.templates.small_tokenizers import small_tokenizer
from tests.practicum.quantization.small_models import small_model


def python(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module from the repository's root."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


def resolve(root: Path, settings: Mapping[str, Any]) -> None:
    """Write the tiny domain's params.yaml, these settings in it, and resolve it."""
    values = {
        "model": "small",
        "lr": 1e-3,
        "precision": "fp32",
        "data": {"near_duplicate": 1.0},
        "sources": {"shops": {"reader": "csv", "files": "*.csv"}},
        **settings,
    }
    with (root / "domains" / "tiny" / "params.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(values, file)
    done = python(root, "stages.resolve", "tiny")
    assert done.returncode == 0, done.stderr


def build(root: Path, copy: Path, settings: Mapping[str, Any]) -> None:
    """Copy the code with the tiny domain, prepare it, and put an adapter in its place.

    Args:
        root: of the repository that is copied.
        copy: an empty folder.
        settings: of the tiny domain.
    """
    for name in ("practicum", "stages"):
        shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(root / "tests" / "fixtures" / "domain_tiny", copy / "domains" / "tiny")
    shutil.copy(root / "params.yaml", copy / "params.yaml")
    small_model("llama").save_pretrained(copy / "small")
    small_tokenizer("smollm2").save_pretrained(copy / "small")
    yaml = YAML()
    registry = yaml.load(root / "models.yaml")
    registry["models"] = {"small": {"family": "smollm2", "weights": {"folder": "small"}, "licence": "none"}}
    with (copy / "models.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(registry, file)
    resolve(copy, settings)
    done = python(copy, "stages.prepare", "tiny")
    assert done.returncode == 0, done.stderr
    adapted = get_peft_model(small_model("llama"), LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM"))
    torch.manual_seed(3)
    for name, parameter in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    adapted.save_pretrained(copy / "domains" / "tiny" / "build" / "model")
