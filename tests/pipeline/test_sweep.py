"""A sweep over the real pipeline: a real training is a trial, and another is given up in the middle."""

import json
import sys
import time

import pytest
from ruamel.yaml import YAML

from commands.sweep import PATIENCE_SECONDS, Bench, stop, strays
from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline


def test_a_real_trial_is_an_experiment_that_can_be_applied(clone: Clone) -> None:
    path = clone.root / "configs/sweep.yaml"
    sweep = YAML(typ="safe", pure=True).load(path)
    sweep["space"] = {"lr": {"low": 1e-4, "high": 1e-2, "log": True}, "lora.r": {"choices": [2, 4]}}
    with path.open("w") as stream:
        YAML().dump(sweep, stream)
    clone.commit("A smaller space")
    output = clone.run(sys.executable, "-m", "commands.sweep", "tiny", "--trials", "1")
    chosen = output.strip().rpartition("dvc exp apply ")[2]
    assert clone.changed() == set()
    (page,) = (clone.root / "domains/tiny/build/sweep").glob("*.html")
    assert f"dvc exp apply {chosen}" in page.read_text()

    clone.dvc("exp", "apply", chosen)
    config = json.loads((clone.root / "domains/tiny/config.json").read_text())
    assert f"-lr{config['lr']:g}-r{config['lora']['r']}" in chosen
    adapter = json.loads((clone.root / "domains/tiny/build/model/adapter_config.json").read_text())
    assert adapter["r"] == config["lora"]["r"]
    # The trial's bytes came with it: nothing is left but to record where they come from.
    assert clone.ran("repro", "--dry") == ["provenance@tiny"]


def test_a_real_training_that_is_given_up_leaves_in_order(clone: Clone) -> None:
    clone.set("params.yaml", steps=4000, early_stopping={"every": 2, "patience": 4000})
    clone.commit("A long training")
    bench = Bench(clone.root, "tiny", clone.run("git", "rev-parse", "HEAD").strip(), clone.root / ".cache")
    bench.set_up(anew=True)
    log = clone.root.parent / "trial.log"
    process = bench.start("given-up", {"lr": 2e-3}, log)
    patience = time.monotonic() + 600
    steps = bench.layout.build / "training" / "steps.jsonl"
    while "Running stage 'train@tiny'" not in log.read_text() or not (steps.is_file() and steps.read_text()):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < patience, log.read_text()
        time.sleep(0.2)
    began = time.monotonic()
    stop(process.pid)
    assert time.monotonic() - began < PATIENCE_SECONDS, "it had to be killed"
    assert strays(bench.clone) == set()
    assert "failed to reproduce 'train@tiny'" in log.read_text()
    # What comes next finds the clone in order.
    bench.set_up(anew=False)
    assert (
        bench.clone.joinpath("domains/tiny/config.json").read_text()
        == (clone.root / "domains/tiny/config.json").read_text()
    )
    assert Clone(bench.clone).dvc("exp", "list", "--all-commits", "--name-only").strip() == ""
