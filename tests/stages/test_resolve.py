"""`python -m stages.resolve X`: config.json, and one line with exit code 1 for each fault."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from practicum.config import Registry, Resolved
from stages.layout import Layout
from stages.resolve import main


@pytest.fixture
def house(tmp_path: Path, root: Path) -> Path:
    """A copy of what resolve reads, with one domain."""
    for name in ("params.yaml", "models.yaml"):
        shutil.copy(root / name, tmp_path / name)
    for name in ("practicum", "stages"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    tiny = tmp_path / "domains" / "tiny"
    shutil.copytree(root / "tests" / "fixtures" / "domain_tiny", tiny, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run(house: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stages.resolve", *arguments], cwd=house, capture_output=True, text=True, check=False
    )


def test_config_holds_every_setting_and_nothing_open(house: Path) -> None:
    (house / "domains/tiny/params.yaml").write_text("lr: 3e-05\ndomain: {unit: 梨}\n", encoding="utf-8")
    done = run(house, "tiny")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = (house / "domains/tiny/config.json").read_text(encoding="utf-8")
    config = json.loads(text)
    assert set(config) == set(Resolved.model_fields)
    assert {key for key, value in config.items() if value is None} == {"accelerate"}
    assert config["lr"] == 3e-5
    assert config["domain"] == {"unit": "梨"}
    assert config["family"] == "smollm2"
    assert text.endswith("}\n")
    assert "梨" in text


def test_the_same_settings_give_the_same_bytes(house: Path) -> None:
    def config() -> bytes:
        main("tiny", house)
        return Layout("tiny", house).config.read_bytes()

    first = config()
    assert config() == first
    # The order in which a person writes keys, and comments, make no difference.
    params = house / "params.yaml"
    values = YAML(typ="safe", pure=True).load(params)
    with params.open("w", encoding="utf-8") as file:
        YAML().dump(dict(reversed(values.items())), file)
    assert config() == first
    (house / "domains/tiny/params.yaml").write_text("seed: 18\n", encoding="utf-8")
    assert config() != first


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("params.yaml", "\nlr: null", "\nlr: fast", "params.yaml: lr: found 'fast', expected a valid number"),
        ("params.yaml", "\nlr: null", "\nlrr: 1\nlr: null", "params.yaml: lrr: found an unknown key with value 1, "),
        ("params.yaml", "\nseed: 17", "\nseed: yes\nx: [", "params.yaml: line "),
        ("params.yaml", "\nseed: 17", "\nseed: 17\nseed: 18", "params.yaml: line "),
        (
            "params.yaml",
            "\nmodel: smollm2-135m",
            "\nmodel: qwen3-7b",
            "params.yaml: model: found 'qwen3-7b', expected 'qwen3-",
        ),
        ("domains/tiny/params.yaml", None, "- lr\n", "domains/tiny/params.yaml: found ['lr'], expected a mapping of"),
        ("domains/tiny/params.yaml", None, "false\n", "domains/tiny/params.yaml: found False, expected a mapping of"),
        ("domains/tiny/params.yaml", None, "lr: [1\n", "domains/tiny/params.yaml: line 2: "),
        ("domains/tiny/params.yaml", None, "lr: 1\n\tsteps: 3\n", "domains/tiny/params.yaml: line 2: "),
        (
            "domains/tiny/params.yaml",
            None,
            "domain: {colour: red}\n",
            "domains/tiny/params.yaml: domain.colour: found an unknown key with value 'red', expected one of unit",
        ),
        ("models.yaml", "hub: Qwen/Qwen3-8B", "hbu: Qwen/Qwen3-8B", "models.yaml: models.qwen3-8b.weights: found {"),
        (
            "domains/tiny/domain.py",
            "\ndomain = ",
            "\nplugin = ",
            "domains/tiny/domain.py: expected an attribute `domain`",
        ),
    ],
)
def test_each_fault_is_refused_in_one_line(house: Path, file: str, old: str | None, new: str, message: str) -> None:
    path = house / file
    text = path.read_text(encoding="utf-8")
    assert old is None or text.count(old) == 1
    path.write_text(new if old is None else text.replace(old, new), encoding="utf-8")
    done = run(house, "tiny")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"resolve: {message}")
    assert not (house / "domains/tiny/config.json").exists()


def test_a_domain_listed_twice_is_refused(house: Path) -> None:
    params = house / "params.yaml"
    text = params.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("domains:"))
    params.write_text(text.replace(line, "domains: [tiny, tiny]"), encoding="utf-8")
    done = run(house, "tiny")
    assert done.returncode == 1
    assert done.stderr == "resolve: params.yaml: domains: found 'tiny' twice, expected each domain once\n"


def test_a_missing_folder_is_refused(house: Path) -> None:
    done = run(house, "sports")
    assert done.returncode == 1
    assert done.stderr == (
        "resolve: params.yaml: domains: found 'sports', which has no folder domains/sports; "
        "expected a folder there, as tiny has\n"
    )


@pytest.mark.parametrize("missing", ["domain.py", "params.yaml"])
def test_a_folder_without_plugin_or_settings_is_refused(house: Path, missing: str) -> None:
    (house / "domains/tiny" / missing).unlink()
    done = run(house, "tiny")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"domains/tiny/{missing}" in done.stderr


def test_a_name_that_leaves_the_house_is_refused(house: Path) -> None:
    done = run(house, "../tiny")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "found '../tiny', expected a name of lower-case letters" in done.stderr


def test_an_earlier_config_stays_when_settings_are_refused(house: Path) -> None:
    main("tiny", house)
    config = Layout("tiny", house).config
    before = config.read_bytes()
    (house / "domains/tiny/params.yaml").write_text("lr: fast\n", encoding="utf-8")
    assert run(house, "tiny").returncode == 1
    assert config.read_bytes() == before


def test_every_model_resolves_for_every_domain(house: Path, root: Path) -> None:
    """Through each domain's own plug-in and settings."""
    params = YAML(typ="safe", pure=True).load(root / "params.yaml")
    registry = Registry.model_validate(YAML(typ="safe", pure=True).load(root / "models.yaml"))
    for name in params["domains"]:
        folder = house / "domains" / name
        folder.mkdir()
        for file in ("domain.py", "params.yaml"):
            shutil.copy(root / "domains" / name / file, folder / file)
        main(name, house)
        override = YAML(typ="safe", pure=True).load(folder / "params.yaml") or {}
        for model in registry.models:
            # A recipe goes together; a domain's own step counts belong to its own model.
            own = override | dict.fromkeys(("lr", "batch_size", "steps", "warmup_steps")) | {"model": model}
            with (folder / "params.yaml").open("w", encoding="utf-8") as file:
                YAML().dump(own, file)
            main(name, house)
            config = Resolved.model_validate(json.loads(Layout(name, house).config.read_text(encoding="utf-8")))
            assert config.model == model
            assert config.family == registry.models[model].family
            assert config.weights == registry.models[model].weights


def test_the_committed_configs_are_what_resolve_writes(house: Path, root: Path) -> None:
    """A config.json in git that belongs to other settings would make every later number a riddle."""
    for committed in sorted((root / "domains").glob("*/config.json")):
        name = committed.parent.name
        folder = house / "domains" / name
        folder.mkdir()
        for file in ("domain.py", "params.yaml"):
            shutil.copy(root / "domains" / name / file, folder / file)
        main(name, house)
        assert (folder / "config.json").read_bytes() == committed.read_bytes(), f"run `dvc repro resolve@{name}`"
