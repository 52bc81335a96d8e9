"""The quantize stage as DVC runs it, over the tiny domain and a small real model with an adapter."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from practicum.evaluation.scoring import predictions_from_lines
from tests.stages.small_repository import build, python, resolve

FORMATS = ["int8", "nf4", "dynamic-int8", "gguf-q8-0", "gguf-q4-0"]
RUN_HERE = FORMATS[:3]
ITEMS = 6


def settings(**quantization: Any) -> dict[str, Any]:
    return {
        "evaluation": {"max_new_tokens": 5, "resamples": 100},
        "quantization": {"formats": FORMATS, "items": ITEMS, "min_top1": 0.01, "margin": 0.5} | quantization,
    }


@pytest.fixture(scope="module")
def repository(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code with the tiny domain, prepared, and a trained adapter in its place."""
    copy = tmp_path_factory.mktemp("repository")
    build(root, copy, settings())
    return copy


@pytest.fixture(scope="module")
def quantized(repository: Path) -> subprocess.CompletedProcess[str]:
    """What the stage said when it ran over all formats: a process takes seconds to import, so it runs once."""
    resolve(repository, settings())
    return python(repository, "stages.quantize", "tiny")


def test_every_format_is_made_checked_and_compared(
    repository: Path, quantized: subprocess.CompletedProcess[str]
) -> None:
    assert quantized.returncode == 0, quantized.stderr
    build = repository / "domains" / "tiny" / "build"
    assert sorted(path.name for path in (build / "quantized").iterdir()) == sorted(FORMATS)
    metrics = json.loads((build / "quantization" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["items"] == ITEMS
    assert set(metrics["float"]) == {"em", "f1", "format_error_rate", "bytes", "share_of_fp32"}
    assert metrics["float"]["bytes"] == metrics["fp32_bytes"]  # precision is fp32
    assert list(metrics["formats"]) == FORMATS
    for form, found in metrics["formats"].items():
        on_disk = sum(path.stat().st_size for path in (build / "quantized" / form).iterdir())
        assert found["bytes"] == on_disk < metrics["float"]["bytes"]
        assert found["share_of_fp32"] == pytest.approx(on_disk / metrics["fp32_bytes"], abs=1e-6)
        assert found["em_low"] <= found["em_difference"] <= found["em_high"]
        assert 0.01 <= found["top1_agreement"] <= 1
        assert found["logit_error"] > 0
    speed = json.loads((build / "quantization" / "speed.json").read_text(encoding="utf-8"))
    assert list(speed["formats"]) == RUN_HERE
    for measured in (speed["float"], *speed["formats"].values()):
        assert measured["tokens_per_s"] > 0
        assert measured["tokens_per_s_single"] > 0
        assert measured["rt_p50_s"] > 0
        assert measured["peak_memory_gb"] is None or measured["peak_memory_gb"] < 2
    # Random weights get nothing right, so nothing is lost, and the smallest is recommended.
    smallest = min(FORMATS, key=lambda form: metrics["formats"][form]["bytes"])
    assert metrics["recommended"]["format"] == smallest
    assert metrics["recommended"]["why"].startswith(f"{smallest} (+0.0 points")

    lines = (build / "quantization" / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    parsed = [json.loads(line) for line in lines]
    labels = [row.pop("format") for row in parsed]
    assert labels == [label for label in ["float", *FORMATS] for _ in range(ITEMS)]
    rows = predictions_from_lines(map(json.dumps, parsed), "predictions.jsonl")
    assert [row.id for row in rows[:ITEMS]] == [row.id for row in rows[ITEMS : 2 * ITEMS]]
    assert list((repository / ".cache").iterdir()) == []  # the float model was temporary


def test_an_artefact_below_the_bound_stops_the_stage_and_leaves_the_last_ones(
    repository: Path, quantized: subprocess.CompletedProcess[str]
) -> None:
    assert quantized.returncode == 0
    build = repository / "domains" / "tiny" / "build"
    before = {path: path.read_bytes() for path in build.glob("quant*/**/*") if path.is_file()}
    resolve(repository, settings(formats=["nf4"], min_top1=1.0))
    done = python(repository, "stages.quantize", "tiny")
    assert done.returncode == 1
    assert "quantize: nf4: after loading it again, found the float model's first-ranked token at" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path: path.read_bytes() for path in build.glob("quant*/**/*") if path.is_file()} == before
