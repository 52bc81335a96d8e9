"""Versions of models: named by tags of git, and fetched by name without a web service, on real DVC."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline

MAKE = """
from pathlib import Path
from ruamel.yaml import YAML

lr = YAML(typ="safe").load(Path("params.yaml"))["lr"]
build = Path("domains/medical/build")
(build / "model").mkdir(parents=True, exist_ok=True)
(build / "model" / "adapter_model.safetensors").write_text(f"weights of {lr}")
(build / "model_card.md").write_text(f"card of {lr}")
"""
STAGE = {
    "cmd": "python make.py",
    "deps": ["make.py"],
    "params": ["lr"],
    "outs": ["domains/medical/build/model", "domains/medical/build/model_card.md"],
}


def declared(root: Path) -> dict[str, dict[str, Any]]:
    """The artifacts of dvc.yaml."""
    return YAML(typ="safe", pure=True).load(root / "dvc.yaml")["artifacts"]  # type: ignore[no-any-return]


def test_each_domain_has_a_model_and_a_card_that_its_stages_write(root: Path) -> None:
    domains = YAML(typ="safe", pure=True).load(root / "params.yaml")["domains"]
    artifacts = declared(root)
    assert set(artifacts) == {f"{domain}-{kind}" for domain in domains for kind in ("adapter", "card")}
    stages = YAML(typ="safe", pure=True).load(root / "dvc.yaml")["stages"]
    for domain in domains:
        for kind, stage in (("adapter", "train"), ("card", "report")):
            artifact = artifacts[f"{domain}-{kind}"]
            outs = [next(iter(out)) if isinstance(out, dict) else out for out in stages[stage]["outs"]]
            assert artifact["path"] in [out.replace("${item.domain}", domain) for out in outs]
            assert artifact["labels"] == [domain]


@pytest.fixture
def released(root: Path, tmp_path: Path) -> Clone:
    """A repository with this one's artifacts and Makefile, two released versions and a store in a folder."""
    clone = Clone(tmp_path / "origin")
    clone.root.mkdir()
    (clone.root / "make.py").write_text(MAKE)
    (clone.root / "Makefile").write_text((root / "Makefile").read_text())
    (clone.root / "params.yaml").write_text("lr: 0.1\n")
    (clone.root / "dvc.yaml").touch()
    clone.set("dvc.yaml", stages={"train": STAGE}, artifacts=declared(root))
    clone.init()
    clone.dvc("init", "--quiet")
    clone.dvc("remote", "add", "--quiet", "--default", "team", str(tmp_path / "store"))
    for lr, version in ((0.1, "v0.1.0"), (0.2, "v0.2.0")):
        clone.set("params.yaml", lr=lr)
        clone.dvc("repro", "--quiet")
        clone.commit(f"Train at {lr}")
        clone.dvc("push", "--quiet")
        release(clone, version)
    return clone


def release(clone: Clone, version: str, expect: int = 0) -> str:
    """`make release`, without the set-up before it."""
    path = f"BIN={Path(sys.executable).parent}"
    return clone.run("make", "-o", "setup", "release", path, "DOMAIN=medical", f"VERSION={version}", expect=expect)


def test_a_consumer_gets_each_version_by_name_with_its_card(
    released: Clone, fresh: Callable[[Clone], Clone], tmp_path: Path
) -> None:
    tags = released.run("git", "tag", "--list").split()
    assert tags == [f"medical-{kind}@{version}" for kind in ("adapter", "card") for version in ("v0.1.0", "v0.2.0")]
    teammate = fresh(released)  # has no outs, and an empty cache
    for version, lr in (("v0.1.0", "0.1"), ("v0.2.0", "0.2")):
        out = tmp_path / version
        teammate.dvc("artifacts", "get", ".", "medical-adapter", "--rev", version, "--out", str(out))
        assert (out / "adapter_model.safetensors").read_text() == f"weights of {lr}"
        teammate.dvc("artifacts", "get", ".", "medical-card", "--rev", version, "--out", str(out / "README.md"))
        assert (out / "README.md").read_text() == f"card of {lr}"
    # From outside of any repository, by the repository's address; without a version, the latest.
    command = [
        sys.executable,
        "-m",
        "dvc",
        "artifacts",
        "get",
        str(released.root),
        "medical-card",
        "--out",
        "latest.md",
    ]
    subprocess.run(command, cwd=tmp_path, env=released.environment(), check=True, capture_output=True)
    assert (tmp_path / "latest.md").read_text() == "card of 0.2"
    assert json.loads(released.run("gto", "show", "medical-adapter", "--json"))


def test_what_was_never_released_and_what_was_released_already_are_clear_errors(released: Clone) -> None:
    output = released.dvc("artifacts", "get", ".", "medical-adapter", "--rev", "v9.9.9", expect=1)
    assert "v9.9.9" in output
    assert "already registered in this commit with version 'v0.2.0'" in release(released, "v0.2.0", expect=2)
    assert "expected one such as v0.1.0" in release(released, "", expect=2)
