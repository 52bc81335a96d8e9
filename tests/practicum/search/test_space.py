"""The space of a sweep: what it refuses, what it draws, and how that reaches DVC."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
import pytest
from dvc.utils.hydra import apply_overrides
from ruamel.yaml import YAML

from practicum.config import ConfigError, checked
from practicum.search.space import Sweep, Value, draw, literal, nested, overrides, same, trial_name

CHOSEN: dict[str, Value] = {
    "lr": 3e-05,
    "lora.r": 8,
    "lora.target_modules": ["q_proj", "v_proj"],
    "think": "none",
    "data.quality.reasoning": False,
    "model": "true",
}


def sweep(space: Mapping[str, Any]) -> Sweep:
    return checked(Sweep, {"space": space}, "sweep.yaml")


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({}, "space: found {}, expected at least 1 item(s)"),
        ({"lr": {"low": 1e-3, "high": 1e-4}}, "space.lr: low: found 0.001, expected less than high (0.0001)"),
        ({"lr": {"low": 0.0, "high": 1e-4, "log": True}}, "space.lr: low: found 0 with log, expected more than 0"),
        ({"lr": {"low": 0.1, "high": 1.0, "log": True, "step": 0.1}}, "space.lr: step: found 0.1 beside log"),
        ({"lora.r": {"low": 1, "high": 9, "step": 0.5}}, "space.lora.r: step: found 0.5 between whole numbers"),
        ({"lora.r": {"choices": [8]}}, "space.lora.r.choices: found [8], expected at least 2 item(s)"),
        ({"lora.r": {"choices": [8, 16, 8]}}, "space.lora.r: choices: found 8 twice, expected each value once"),
        ({"lora.r": 8}, "space.lora.r: found 8, expected a mapping {low: ..., high: ...} or {choices: [...]}"),
        ({"lr": {"low": 1e-5}}, "space.lr.high: found nothing, expected a value"),
        ({"lr": {"low": 1e-5, "high": 1e-3, "logs": True}}, "space.lr.logs: found an unknown key"),
        ({"model": {"choices": ["a", "$(rm -r x)"]}}, "space.model.choices"),
        ({"../lr": {"low": 1, "high": 2}}, "space"),
    ],
)
def test_a_space_that_cannot_be_searched_is_named(space: Mapping[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        sweep(space)
    assert str(error.value).startswith(f"sweep.yaml: {message}")
    assert "\n" not in str(error.value)


def test_draws_lie_in_the_space_and_come_again_with_the_seed() -> None:
    space = sweep(
        {
            "lr": {"low": 3e-4, "high": 4e-3, "log": True},
            "lora.r": {"low": 4, "high": 16, "step": 4},
            "loss.margin": {"low": 0.5, "high": 1.5, "step": 0.25},
            "lora.target_modules": {"choices": ["all-linear", ["q_proj", "v_proj"]]},
        }
    )

    def drawn() -> list[dict[str, Value]]:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=3))
        return [draw(study.ask(), space) for _ in range(40)]

    first = drawn()
    assert first == drawn()
    rates = [one["lr"] for one in first]
    assert all(isinstance(rate, float) and 3e-4 <= rate <= 4e-3 and rate == float(f"{rate:.3g}") for rate in rates)
    assert {one["lora.r"] for one in first} == {4, 8, 12, 16}
    assert {one["loss.margin"] for one in first} == {0.5, 0.75, 1.0, 1.25, 1.5}
    targets = [one["lora.target_modules"] for one in first]
    assert "all-linear" in targets
    assert ["q_proj", "v_proj"] in targets


def test_overrides_reach_a_file_of_params_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("lora:\n  r: 4\n  alpha: 8\nlr: 1.0\n")
    given = overrides(CHOSEN, "domains/legal/params.yaml")
    assert given[:2] == ["-S", "domains/legal/params.yaml:++lr=3e-05"]
    apply_overrides(path, [part.partition(":")[2] for part in given[1::2]])
    read = YAML(typ="safe", pure=True).load(path)
    assert read == {**nested(CHOSEN), "lora": {"r": 8, "alpha": 8, "target_modules": ["q_proj", "v_proj"]}}
    assert read["model"] == "true"


def test_text_is_quoted_and_numbers_are_not() -> None:
    assert [literal(value) for value in (True, 8, 0.1, "all-linear", ["a", "b"])] == [
        "true",
        "8",
        "0.1",
        "'all-linear'",
        "['a','b']",
    ]


def test_a_name_says_what_a_trial_is_and_suits_git() -> None:
    name = trial_name("sweep-legal", 7, {"lr": 0.0012, "lora.r": 8, "lora.target_modules": ["q_proj", "v_proj"]})
    assert name == "sweep-legal-007-lr0.0012-r8-target_modulesq_proj+v_proj"
    long = trial_name("sweep-legal", 7, {"lora.target_modules": ["gate_proj"] * 30})
    assert len(long) <= 120
    assert ".." not in trial_name("s", 1, {"model": "a..b.lock"})
    assert not trial_name("s", 1, {"model": "a..b.lock"}).endswith(".lock")


def test_the_same_settings_are_found_again() -> None:
    others: list[dict[str, Value]] = [{"lr": 0.1, "think": "none"}, {"lr": 0.1, "think": "empty"}]
    assert same({"lr": 0.1, "think": "empty"}, others) == 1
    assert same({"lr": 0.2, "think": "empty"}, others) is None
