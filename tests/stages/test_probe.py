"""The probe stage as DVC runs it, over the tiny domain and a small real model with an adapter."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.stages.small_repository import build, python, resolve

ITEMS, SAMPLED, SAMPLES = 5, 3, 4


def settings(**evaluation: Any) -> dict[str, Any]:
    return {
        "evaluation": {
            "items": 6,
            "max_new_tokens": 5,
            "rt_requests": 1,
            "resamples": 100,
            "robustness": {"items": ITEMS, "changes": ["number", "irrelevant", "order", "typo"]},
            "stability": {"items": SAMPLED, "samples": SAMPLES, "temperature": 1.5, "top_k": 50},
            "forgetting": {"texts": 4, "questions": 3},
        }
        | evaluation,
        "quantization": {"formats": []},
    }


@pytest.fixture(scope="module")
def repository(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code with the tiny domain, prepared, and a trained adapter that was evaluated."""
    copy = tmp_path_factory.mktemp("repository")
    build(root, copy, settings())
    done = python(copy, "stages.evaluate", "tiny", "tuned")
    assert done.returncode == 0, done.stderr
    return copy


@pytest.fixture(scope="module")
def probed(repository: Path) -> Path:
    """What the stage wrote."""
    done = python(repository, "stages.probe", "tiny")
    assert done.returncode == 0, done.stderr
    assert "probe tiny: EM lost to changes" in done.stderr
    return repository / "domains" / "tiny" / "build" / "probe"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_change_is_asked_and_set_against_the_answers_of_evaluate(repository: Path, probed: Path) -> None:
    changed = rows(probed / "robustness.jsonl")
    figures = json.loads((probed / "metrics.json").read_text(encoding="utf-8"))["robustness"]
    evaluated = {
        row["id"]: row for row in rows(repository / "domains" / "tiny" / "build" / "tuned" / "predictions.jsonl")
    }
    assert all(row["before"]["text"] == evaluated[row["id"]]["text"] for row in changed)
    assert all(row["question"] or row["context"] for row in changed)
    assert figures["items"] == ITEMS
    assert list(figures["changes"]) == ["number", "irrelevant", "order", "typo"]
    for change, own in figures["changes"].items():
        assert own["n"] == sum(row["change"] == change for row in changed)
        assert own["n"] + own["not_changed"] == ITEMS
    assert figures["changes"]["irrelevant"]["n"] == ITEMS
    assert figures["changes"]["order"] == {  # the tiny domain does not say how
        "n": 0,
        "em_before": None,
        "em_after": None,
        "drop": None,
        "drop_low": None,
        "drop_high": None,
        "lost": 0,
        "gained": 0,
        "mcnemar_p": None,
        "same_answer": None,
        "not_changed": ITEMS,
    }


def test_samples_differ_and_are_kept_whole(probed: Path) -> None:
    sampled = rows(probed / "samples.jsonl")
    figures = json.loads((probed / "metrics.json").read_text(encoding="utf-8"))["stability"]
    assert len(sampled) == figures["items"] == SAMPLED
    assert all(len(row["texts"]) == len(row["answers"]) == len(row["right"]) == SAMPLES for row in sampled)
    assert any(len(set(row["texts"])) > 1 for row in sampled)
    assert (figures["temperature"], figures["top_k"], figures["samples"]) == (1.5, 50, SAMPLES)
    assert [one["batch_size"] for one in figures["batches"]] == [1, 8]
    assert all(one["same_text"] == 1 for one in figures["batches"])  # float32


def test_the_adapter_changes_the_general_loss(probed: Path) -> None:
    figures = json.loads((probed / "metrics.json").read_text(encoding="utf-8"))["forgetting"]
    assert (figures["text"]["n"], figures["questions"]["n"]) == (4, 3)
    assert figures["text"]["base_loss"] != figures["text"]["tuned_loss"]


def test_a_second_run_writes_the_same_bytes(repository: Path, probed: Path) -> None:
    before = {path.name: path.read_bytes() for path in probed.iterdir()}
    assert set(before) == {"metrics.json", "robustness.jsonl", "samples.jsonl"}
    assert python(repository, "stages.probe", "tiny").returncode == 0
    assert {path.name: path.read_bytes() for path in probed.iterdir()} == before


def test_more_items_than_were_evaluated_are_refused_in_one_line(repository: Path, probed: Path) -> None:
    before = {path.name: path.read_bytes() for path in probed.iterdir()}
    resolve(repository, settings(robustness={"items": 9, "changes": ["typo"]}))
    done = python(repository, "stages.probe", "tiny")
    resolve(repository, settings())
    assert done.returncode == 1
    assert "keep evaluation.robustness.items (9) and stability.items" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name: path.read_bytes() for path in probed.iterdir()} == before
