"""What DVC runs after which change: asked of DVC itself, in a temporary clone."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline

STAGES = (
    "resolve",
    "prepare",
    "validate",
    "baseline",
    "train",
    "evaluate",
    "probe",
    "quantize",
    "report",
    "provenance",
)
AFTER_LR = ("train", "evaluate", "probe", "quantize", "report", "provenance")


def of(domain: str, *stages: str) -> set[str]:
    return {f"{stage}@{domain}" for stage in stages or STAGES}


def lock(clone: Clone) -> dict[str, Any]:
    return YAML(typ="safe", pure=True).load(clone.root / "dvc.lock")["stages"]  # type: ignore[no-any-return]


def test_the_first_run_makes_every_out_and_leaves_git_clean(first_run: Clone) -> None:
    assert set(lock(first_run)) == of("tiny")
    domain = first_run.root / "domains" / "tiny"
    for file in (
        "config.json",
        "metrics.json",
        "build/report.html",
        "build/model_card.md",
        "build/training/curves.csv",
        "build/quantization/metrics.json",
    ):
        assert (domain / file).stat().st_size > 0
    assert first_run.changed() == set()
    tracked = first_run.run("git", "ls-files", "domains").split()
    assert "domains/tiny/metrics.json" in tracked
    assert not any("/build/" in path for path in tracked)


def test_a_second_repro_runs_nothing(clone: Clone) -> None:
    assert clone.ran("repro") == []
    assert clone.changed() == set()


def test_a_domain_is_a_folder_and_a_word(second_domain: tuple[Clone, set[str], set[str]]) -> None:
    clone, ran, changed = second_domain
    # Every resolve looks at the changed params.yaml; what it writes for tiny stays the same.
    assert ran == of("second") | of("tiny", "resolve")
    assert {path for path in changed if not path.startswith("domains/second/")} == {"params.yaml", "dvc.lock"}
    metrics = json.loads(clone.dvc("metrics", "show", "--json"))[""]["data"]
    assert set(metrics) == {"domains/tiny/metrics.json", "domains/second/metrics.json"}


@pytest.mark.parametrize("canary", ["Quentin", "Lindqvist", "24174015", "219-09-9999", "07/05", "555-0111"])
def test_no_identifier_of_the_raw_data_reaches_an_out_or_the_log(
    second_domain: tuple[Clone, set[str], set[str]], canary: str
) -> None:
    clone = second_domain[0]
    domain = clone.root / "domains" / "second"
    files = [path for path in domain.rglob("*") if path.is_file() and domain / "data" not in path.parents]
    files.append(clone.root.parent / "second.log")
    assert {"report.html", "model_card.md", "rejected.jsonl", "metrics.json", "second.log"} <= {f.name for f in files}
    assert "[NAME-1]" in (domain / "build/prepared/train.jsonl").read_text("utf-8")
    assert not [str(path) for path in files if canary.encode() in path.read_bytes()]


def test_an_lr_experiment_runs_what_lr_moves_and_only_where_it_moves(two_domains: Clone) -> None:
    """`second` has an lr of its own."""
    ran = two_domains.ran("exp", "run", "--set-param", "lr=3e-5")
    assert set(ran) == of("tiny", "resolve", *AFTER_LR) | of("second", "resolve")
    assert len(ran) == len(set(ran))
    config = {name: two_domains.root / "domains" / name / "config.json" for name in ("tiny", "second")}
    lr = {name: json.loads(path.read_text(encoding="utf-8"))["lr"] for name, path in config.items()}
    assert lr == {"tiny": 3e-5, "second": 2e-3}
    heading, *rows = two_domains.dvc("exp", "show", "--only-changed", "--csv").splitlines()
    assert "params.yaml:lr" in heading
    assert any(",3e-05," in row for row in rows)


def test_a_changed_raw_row_reruns_its_domain_only(two_domains: Clone) -> None:
    data = two_domains.root / "domains" / "second" / "data" / "sums.csv"
    lines = data.read_text(encoding="utf-8").splitlines(keepends=True)
    *cells, last = lines[7].rstrip("\n").split(",")
    lines[7] = ",".join([*cells, str(int(last) + 1)]) + "\n"
    data.write_text("".join(lines), encoding="utf-8")
    assert two_domains.ran("repro", "prepare@second", "prepare@tiny") == ["prepare@second"]
    waiting = two_domains.ran("repro", "--dry")
    assert waiting
    assert set(waiting) <= of("second", *STAGES[2:])


@pytest.mark.parametrize(
    ("key", "value", "moved"),
    [
        ("items", 6, {"baseline", "evaluate", "probe"}),
        ("shots", 0, {"baseline"}),
        ("batch_size", 4, {"baseline", "evaluate", "probe", "quantize"}),
        ("max_new_tokens", 5, {"validate", "baseline", "evaluate", "probe", "quantize"}),
        ("rt_requests", 1, {"baseline", "evaluate", "quantize"}),
        ("confidence", 0.9, {"probe", "quantize"}),
        ("resamples", 200, {"probe", "quantize"}),
    ],
)
def test_evaluation_settings_never_retrain(clone: Clone, key: str, value: float, moved: set[str]) -> None:
    clone.set("params.yaml", evaluation={key: value})
    assert clone.ran("repro", "resolve@tiny") == ["resolve@tiny"]
    # No stage that would run makes anything that train reads, so train can't follow later either; validate makes
    # the gate, which says the same.
    assert set(clone.ran("repro", "--dry")) == of("tiny", "report", *moved)


@pytest.mark.parametrize(
    ("settings", "first"),
    [
        ({"lora": {"r": 4}}, "train"),
        ({"seed": 3}, "prepare"),
        ({"quantization": {"items": 3}}, "quantize"),
        ({"max_length": 400}, "validate"),
    ],
)
def test_a_setting_reruns_from_the_first_stage_that_reads_it(
    clone: Clone, settings: dict[str, object], first: str
) -> None:
    clone.set("params.yaml", **settings)
    clone.dvc("repro", "resolve@tiny")
    waiting = clone.ran("repro", "--dry")
    assert waiting[0] == f"{first}@tiny"


def test_a_comment_in_the_settings_reruns_nothing(clone: Clone) -> None:
    for file in ("params.yaml", "domains/tiny/params.yaml"):
        path = clone.root / file
        path.write_text("# One more remark.\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert clone.ran("repro") == []


def test_a_refused_setting_stops_the_pipeline_and_keeps_the_last_config(clone: Clone) -> None:
    config = clone.root / "domains/tiny/config.json"
    before = config.read_bytes()
    said = clone.dvc("exp", "run", "--set-param", "lr=fast", expect=255)
    assert "resolve: params.yaml: lr: found 'fast', expected a valid number" in said
    assert "Running stage 'train@tiny'" not in said
    assert config.read_bytes() == before


def test_a_failed_check_stops_the_pipeline(clone: Clone) -> None:
    model = clone.root / "domains/tiny/build/model"
    before = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in model.iterdir()}
    clone.set("params.yaml", max_length=20)
    said = clone.dvc("repro", expect=255)
    assert "training_rows_fit" in said.replace("\n", "")
    assert "failed to reproduce 'validate@tiny'" in said
    for stage in ("baseline", *AFTER_LR):
        assert f"Running stage '{stage}@tiny'" not in said
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in model.iterdir()} == before


def test_metrics_are_there_in_a_clone_that_has_run_nothing(clone: Clone, fresh: Callable[[Clone], Clone]) -> None:
    # A second commit whose metrics differ, as after an experiment.
    metrics = clone.root / "domains/tiny/metrics.json"
    values = json.loads(metrics.read_text(encoding="utf-8"))
    values["tuned"]["em"] += 0.25
    metrics.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    clone.commit("Better")
    teammate = fresh(clone)
    assert not (teammate.root / "domains/tiny/build").exists()

    shown = json.loads(teammate.dvc("metrics", "show", "--json"))[""]["data"]["domains/tiny/metrics.json"]["data"]
    for system in ("base", "tuned"):
        assert {"em", "f1", "format_error_rate", "rt_p50_s", "rt_p95_s"} <= set(shown[system])
    table = teammate.dvc("metrics", "show")
    assert "domains/tiny/metrics.json" in table
    assert "tuned.em" in table
    moved = json.loads(teammate.dvc("metrics", "diff", "HEAD~1", "--json"))["domains/tiny/metrics.json"]
    assert set(moved) == {"tuned.em"}
    assert moved["tuned.em"]["diff"] == pytest.approx(0.25)


def test_a_training_killed_with_all_around_it_goes_on_and_ends_in_the_same_bytes(clone: Clone, tmp_path: Path) -> None:
    clone.set("params.yaml", steps=60, lora={"dropout": 0.1})
    whole = clone.copy(tmp_path / "whole")
    whole.dvc("repro", "train@tiny")
    steps = clone.root / "domains/tiny/build/training/steps.jsonl"
    before = steps.read_text()
    environment = clone.environment() | {"PRACTICUM_CHECKPOINT_SECONDS": "0"}
    run = subprocess.Popen(
        [sys.executable, "-m", "dvc", "repro", "train@tiny"],
        cwd=clone.root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not steps.is_file() or steps.read_text() == before or steps.read_text().count("\n") < 20:
        assert run.poll() is None
        time.sleep(0.002)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert list((clone.root / ".checkpoints").glob("tiny-*/step-*"))

    output = clone.dvc("repro", "train@tiny")
    assert "goes on after step" in output

    def model(clone: Clone) -> str:
        return next(out["md5"] for out in lock(clone)["train@tiny"]["outs"] if out["path"].endswith("build/model"))

    assert model(clone) == model(whole)
    assert [json.loads(line)["step"] for line in steps.read_text().splitlines()] == list(range(1, 61))
    assert not list((clone.root / ".checkpoints").iterdir())


def test_a_launched_training_with_a_format_loss_makes_the_same_outs(clone: Clone) -> None:
    clone.set("params.yaml", accelerate="cpu", loss={"format": 0.2})
    assert set(clone.ran("repro", "train@tiny")) == of("tiny", "resolve", "train")
    build = clone.root / "domains/tiny/build"
    points = [json.loads(line) for line in (build / "training/steps.jsonl").read_text().splitlines()]
    assert [point["step"] for point in points] == [1, 2, 3, 4]
    assert all(point["format"] > 0 for point in points)
    live = build / "training/live/plots/metrics"
    assert {path.name for path in live.iterdir()} >= {"train_loss.tsv", "format.tsv", "validation_loss.tsv"}


def test_an_unknown_launch_is_refused_in_one_line(clone: Clone) -> None:
    clone.set("params.yaml", accelerate="slurm")
    output = clone.dvc("repro", "train@tiny", expect=255)
    assert "resolve: configs/accelerate/slurm.yaml: found no such file" in output


def test_rows_of_another_domain_are_mixed_in_and_follow_its_data(two_domains: Clone) -> None:
    folder = two_domains.root / "domains" / "tiny"
    source = "../second/build/prepared/train.jsonl"
    stage = {"cmd": f"cp {source} data/mixed/second.jsonl", "deps": [source], "outs": ["data/mixed/second.jsonl"]}
    (folder / "data" / "mixed").mkdir()
    with (folder / "dvc.yaml").open("w") as file:
        YAML().dump({"stages": {"mix": stage}}, file)
    two_domains.set("domains/tiny/params.yaml", mix={"second": 0.25})
    ran = two_domains.ran("repro", "train@tiny")
    assert {"domains/tiny/dvc.yaml:mix", *of("tiny", "resolve", "prepare", "train")} == set(ran)
    own = (folder / "build/prepared/train.jsonl").read_text().splitlines()
    others = (folder / "build/prepared/mixed.jsonl").read_text().splitlines()
    assert len(others) == round(0.25 * len(own))
    assert set(others) <= set((folder.parent / "second/build/prepared/train.jsonl").read_text().splitlines())
    assert json.loads((folder / "build/training/summary.json").read_text())["mixed"] == len(others)

    # A change of the other domain's settings arrives, too.
    two_domains.set("domains/second/params.yaml", data={"test": 0.3})
    ran = two_domains.ran("repro", "train@tiny")
    assert {"prepare@second", "domains/tiny/dvc.yaml:mix", "prepare@tiny", "train@tiny"} <= set(ran)
