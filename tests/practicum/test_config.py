"""Settings: what is refused, in which words, and what null and overrides become."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from practicum.config import ConfigError, HubWeights, Registry, Resolved, checked, merged, resolve
from practicum.domain import DomainSettings


class TinySettings(DomainSettings):
    unit: str = "apples"


ORIGIN = "domains/tiny/params.yaml"


def read(path: Path) -> dict[str, Any]:
    value = YAML(typ="safe", pure=True).load(path)
    assert isinstance(value, dict)
    return value


@pytest.fixture
def params(root: Path) -> dict[str, Any]:
    return read(root / "params.yaml")


@pytest.fixture
def registry(root: Path) -> Registry:
    return Registry.model_validate(read(root / "models.yaml"))


def resolved(params: dict[str, Any], registry: Registry, override: dict[str, Any]) -> Resolved:
    return resolve(params, override, registry, TinySettings, ORIGIN)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"lr": "fast"}, "domains/tiny/params.yaml: lr: found 'fast', expected a valid number"),
        ({"lr": "3e-5"}, "domains/tiny/params.yaml: lr: found '3e-5', expected a valid number"),
        ({"lr": True}, "domains/tiny/params.yaml: lr: found true, expected a valid number"),
        ({"lr": 0}, "domains/tiny/params.yaml: lr: found 0, expected more than 0"),
        ({"lr": float("inf")}, "domains/tiny/params.yaml: lr: found Infinity, expected a finite number"),
        ({"lrr": 1}, "domains/tiny/params.yaml: lrr: found an unknown key with value 1, expected 'lr'"),
        ({"seed": True}, "domains/tiny/params.yaml: seed: found true, expected a valid integer"),
        ({"seed": None}, "domains/tiny/params.yaml: seed: found null, expected a valid integer"),
        ({"seed": -1}, "domains/tiny/params.yaml: seed: found -1, expected 0 or more"),
        ({"steps": 2.0}, "domains/tiny/params.yaml: steps: found 2.0, expected a valid integer"),
        ({"steps": 0}, "domains/tiny/params.yaml: steps: found 0, expected 1 or more"),
        (
            {"method": "lorra"},
            "domains/tiny/params.yaml: method: found 'lorra', expected 'lora', 'dora', 'qlora' or 'full'",
        ),
        ({"method": None}, "domains/tiny/params.yaml: method: found null, expected 'lora', 'dora', 'qlora' or 'full'"),
        (
            {"lora": 16},
            (
                "domains/tiny/params.yaml: lora: found 16, expected a mapping with the keys "
                "r, alpha, dropout, target_modules"
            ),
        ),
        (
            {"lora": {"rank": 16}},
            (
                "domains/tiny/params.yaml: lora.rank: found an unknown key with value 16, "
                "expected one of r, alpha, dropout, target_modules"
            ),
        ),
        ({"lora": {"dropout": 1.0}}, "domains/tiny/params.yaml: lora.dropout: found 1.0, expected less than 1"),
        (
            {"lora": {"target_modules": "q_proj"}},
            (
                "domains/tiny/params.yaml: lora.target_modules: found 'q_proj', "
                "expected 'all-linear' or a list of module names"
            ),
        ),
        (
            {"lora": {"target_modules": []}},
            "domains/tiny/params.yaml: lora.target_modules: found [], expected at least 1 item(s)",
        ),
        (
            {"quantization": {"formats": ["int8", "int3"]}},
            (
                "domains/tiny/params.yaml: quantization.formats.1: found 'int3', expected 'int8', 'nf4', "
                "'dynamic-int8', 'gguf-q8-0' or 'gguf-q4-0'"
            ),
        ),
        (
            {"model": "qwen3-8bb"},
            "domains/tiny/params.yaml: model: found 'qwen3-8bb', expected 'qwen3-8b' (see models.yaml)",
        ),
        (
            {"domains": ["tiny"]},
            'domains/tiny/params.yaml: domains: found ["tiny"], expected it in params.yaml only',
        ),
        (
            {"domain": {"units": "pears"}},
            "domains/tiny/params.yaml: domain.units: found an unknown key with value 'pears', expected 'unit'",
        ),
        ({"domain": {"unit": 3}}, "domains/tiny/params.yaml: domain.unit: found 3, expected a valid string"),
        ({"domain": 3}, "domains/tiny/params.yaml: domain: found 3, expected a mapping"),
        ({3: 1}, "domains/tiny/params.yaml: 3: found 3, expected text as key"),
        (
            {"accumulation_steps": 3, "batch_size": 16},
            (
                "domains/tiny/params.yaml over params.yaml: accumulation_steps: found 3, "
                "expected a divisor of batch_size (16)"
            ),
        ),
        (
            {"steps": 5, "warmup_steps": 5},
            (
                "domains/tiny/params.yaml over params.yaml: warmup_steps: found 5, expected fewer than steps (5); "
                "set both, or leave both null for the model's recipe"
            ),
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_in_one_line(
    params: dict[str, Any], registry: Registry, override: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        resolved(params, registry, override)
    assert str(caught.value) == message


def test_a_fault_in_the_root_is_told_as_the_root_s(params: dict[str, Any], registry: Registry) -> None:
    with pytest.raises(ConfigError, match=r"^params\.yaml: lr: found 'fast', expected a valid number$"):
        resolved(params | {"lr": "fast"}, registry, {"lr": 1e-4})
    with pytest.raises(ConfigError, match=r"^params\.yaml: model: found 'none', expected one of smollm2-135m, .*\)$"):
        resolved(params | {"model": "none"}, registry, {})


def test_a_missing_setting_is_named(params: dict[str, Any], registry: Registry) -> None:
    del params["lora"]["alpha"]
    with pytest.raises(ConfigError, match=r"^params\.yaml: lora\.alpha: found nothing, expected a value$"):
        resolved(params, registry, {})


def test_a_domain_listed_twice_is_refused(params: dict[str, Any], registry: Registry) -> None:
    with pytest.raises(ConfigError, match=r"^params\.yaml: domains: found 'legal' twice, expected each domain once$"):
        resolved(params | {"domains": ["legal", "medical", "legal"]}, registry, {})


def test_a_long_value_is_shortened_in_the_refusal(params: dict[str, Any], registry: Registry) -> None:
    with pytest.raises(ConfigError) as caught:
        resolved(params, registry, {"lr": "x" * 5000})
    assert len(str(caught.value)) < 200


def test_a_whole_number_serves_as_a_float(params: dict[str, Any], registry: Registry) -> None:
    lr = resolved(params, registry, {"lr": 1}).lr
    assert lr == 1.0
    assert isinstance(lr, float)


@pytest.mark.parametrize("text", ["3e-5", "3e-05", "3.0e-5", "0.00003"])
def test_every_spelling_of_a_small_number_is_a_number(params: dict[str, Any], registry: Registry, text: str) -> None:
    override = YAML(typ="safe", pure=True).load(f"lr: {text}")
    assert resolved(params, registry, override).lr == 3e-5


def test_null_takes_the_recipe_of_the_domain_s_model(params: dict[str, Any], registry: Registry) -> None:
    open_keys = dict.fromkeys(("lr", "batch_size", "steps", "warmup_steps"))
    result = resolved(params | open_keys, registry, {"model": "deepseek-r1-distill-llama-8b"})
    assert (result.batch_size, result.lr, result.steps, result.warmup_steps) == (8, 1e-5, 5000, 1000)
    assert result.family == "deepseek-r1"
    assert isinstance(result.weights, HubWeights)


def test_null_in_a_domain_undoes_the_root_s_value(params: dict[str, Any], registry: Registry) -> None:
    recipe = registry.families["smollm2"].recipe
    assert resolved(params | {"lr": 0.5}, registry, {}).lr == 0.5
    assert resolved(params | {"lr": 0.5}, registry, {"lr": None}).lr == recipe.lr


def test_an_override_changes_one_nested_key_and_keeps_its_neighbours() -> None:
    base = {"lora": {"r": 16, "alpha": 32}, "seed": 1}
    assert merged(base, {"lora": {"r": 4}}) == {"lora": {"r": 4, "alpha": 32}, "seed": 1}
    assert base == {"lora": {"r": 16, "alpha": 32}, "seed": 1}


def test_settings_do_not_change_after_they_are_read(params: dict[str, Any], registry: Registry) -> None:
    result = resolved(params, registry, {})
    with pytest.raises(ValidationError, match="frozen"):
        result.lr = 1.0


def test_every_model_resolves_for_every_domain_of_the_repository(root: Path, registry: Registry) -> None:
    params = read(root / "params.yaml")
    assert params["domains"]
    for name in params["domains"]:
        path = root / "domains" / name / "params.yaml"
        override = YAML(typ="safe", pure=True).load(path) or {}
        override.pop("domain", None)  # belongs to the plug-in; tests/stages/test_resolve.py loads it
        open_keys = dict.fromkeys(("lr", "batch_size", "steps", "warmup_steps"))
        for model in registry.models:
            result = resolved(params, registry, override | open_keys | {"model": model})
            again = Resolved.model_validate(json.loads(json.dumps(result.model_dump(mode="json"))))
            assert again == result


def test_the_registry_holds_the_families_and_pins_every_hub_model(registry: Registry) -> None:
    by_family = {family: {n for n, e in registry.models.items() if e.family == family} for family in registry.families}
    assert by_family["qwen3"] == {f"qwen3-{size}" for size in ("0.6b", "1.7b", "4b", "8b", "14b", "32b")}
    assert by_family["deepseek-r1"] == {
        "deepseek-r1-0528-qwen3-8b",
        *(f"deepseek-r1-distill-qwen-{size}" for size in ("1.5b", "7b", "14b", "32b")),
        *(f"deepseek-r1-distill-llama-{size}" for size in ("8b", "70b")),
    }
    assert by_family["smollm2"] == {"smollm2-135m"}
    assert by_family["gemma3"] == {"gemma-3-270m"}
    qwen, deepseek = registry.families["qwen3"].recipe, registry.families["deepseek-r1"].recipe
    assert (qwen.batch_size, qwen.lr, qwen.steps, qwen.warmup_steps) == (16, 3e-5, 3000, 500)
    assert (deepseek.batch_size, deepseek.lr, deepseek.steps, deepseek.warmup_steps) == (8, 1e-5, 5000, 1000)
    revisions = [entry.weights.revision for entry in registry.models.values() if isinstance(entry.weights, HubWeights)]
    assert all(len(revision) == 40 and set(revision) <= set("0123456789abcdef") for revision in revisions)
    assert len(set(revisions)) == len(revisions) == 14


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"weights": {"hub": "a/b"}}, "models.yaml: models.new.weights.revision: found nothing, expected a value"),
        (
            {"weights": {"package": "p", "file": "f", "sha256": "abc"}},
            "models.yaml: models.new.weights.sha256: found 'abc', expected text of the form ^[0-9a-f]{64}$",
        ),
        ({"weights": {"folder": 3}}, "models.yaml: models.new.weights.folder: found 3, expected a valid string"),
        (
            {"weights": {"path": "x"}},
            (
                'models.yaml: models.new.weights: found {"path": "x"}, '
                "expected a mapping with one of the keys hub, package, folder"
            ),
        ),
        (
            {"weights": "Qwen/Qwen3-8B"},
            (
                "models.yaml: models.new.weights: found 'Qwen/Qwen3-8B', "
                "expected a mapping with one of the keys hub, package, folder"
            ),
        ),
        (
            {"family": "llama"},
            "models.yaml: models.new.family: found 'llama', expected 'qwen3', 'deepseek-r1', 'smollm2' or 'gemma3'",
        ),
    ],
)
def test_a_model_that_cannot_be_used_is_refused_in_one_line(root: Path, entry: dict[str, Any], message: str) -> None:
    registry = read(root / "models.yaml")
    whole = {"family": "qwen3", "licence": "MIT", "weights": {"folder": "somewhere"}}
    registry["models"]["new"] = whole | entry
    with pytest.raises(ConfigError) as caught:
        checked(Registry, registry, "models.yaml")
    assert str(caught.value) == message


def test_a_model_of_a_family_without_recipe_is_refused(root: Path) -> None:
    registry = read(root / "models.yaml")
    del registry["families"]["gemma3"]
    with pytest.raises(ConfigError, match=r"^models\.yaml: model 'gemma-3-270m' is of family 'gemma3', which "):
        checked(Registry, registry, "models.yaml")
