"""Running a commit's pipeline again in a clone that has nothing."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from commands.verify import TIMED, outs
from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline

VERIFY = (sys.executable, "-m", "commands.verify")

MAKE = """
import json, sys, time
from pathlib import Path

name = sys.argv[1]
build = Path("domains") / name / "build" / "training"
build.mkdir(parents=True, exist_ok=True)
(build / "curves.csv").write_text(f"curves of {name}")
(build / "steps.jsonl").write_text(str(time.time()))
figures = {"tuned": {"em": 0.5, "rt_p50_s": time.time()}}
(build.parents[1] / "metrics.json").write_text(json.dumps(figures))
"""
STAGE = {
    "matrix": {"domain": ["tiny", "other"]},
    "cmd": "python make.py ${item.domain}",
    "deps": ["make.py"],
    "outs": [
        "domains/${item.domain}/build/training/curves.csv",
        "domains/${item.domain}/build/training/steps.jsonl",
        {"domains/${item.domain}/metrics.json": {"cache": False}},
    ],
}


@pytest.fixture
def committed(root: Path, tmp_path: Path) -> Clone:
    """A repository whose pipeline is one stage of two domains, with outs such as a training leaves; run, committed."""
    clone = Clone(tmp_path / "origin")
    for folder in ("commands", "practicum", "stages"):
        shutil.copytree(root / folder, clone.root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (clone.root / "make.py").write_text(MAKE)
    (clone.root / ".gitignore").write_text("__pycache__/\nbuild/\n")
    (clone.root / "dvc.yaml").touch()
    clone.set("dvc.yaml", stages={"report": STAGE})
    clone.init()
    clone.dvc("init", "--quiet")
    clone.dvc("repro", "--quiet")
    clone.commit("First run")
    return clone


def multiplies_in_tiles() -> bool:
    """Whether the processor has AMX: there another number of threads gave other bytes (docs/review.md)."""
    facts = Path("/proc/cpuinfo")
    return facts.exists() and "amx_bf16" in facts.read_text(encoding="utf-8", errors="replace")


def test_the_whole_pipeline_comes_out_again_with_other_threads_too_where_they_do_not_count(clone: Clone) -> None:
    compared = {path for path in outs(clone.root, "tiny") if not path.endswith(TIMED)}
    assert {f"domains/tiny/build/{name}" for name in ("model", "quantized", "tuned/metrics.json")} <= compared
    threads = os.environ["OMP_NUM_THREADS"]
    if not multiplies_in_tiles():
        threads = "1" if threads != "1" else "2"
    # Other tests run beside this one: threads that wait for others leave them the cores.
    changed = (f"OMP_NUM_THREADS={threads}", f"MKL_NUM_THREADS={threads}", "OMP_WAIT_POLICY=passive")
    assert "byte for byte but for times" in clone.run("env", *changed, *VERIFY, "tiny")


def test_a_false_commit_does_not_come_out_again(committed: Clone) -> None:
    assert "byte for byte but for times" in committed.run(*VERIFY, "tiny")
    metrics = committed.root / "domains/tiny/metrics.json"
    figures = json.loads(metrics.read_text())
    figures["tuned"]["em"] += 0.1
    figures["tuned"]["rt_p50_s"] += 1.0
    metrics.write_text(json.dumps(figures))
    assert "found files that are not committed" in committed.run(*VERIFY, "tiny", expect=1)
    lock = committed.root / "dvc.lock"
    block = lock.read_text().partition("domains/tiny/build/training/curves.csv")[2].splitlines()
    md5 = next(line for line in block if "md5: " in line).split()[-1]
    lock.write_text(lock.read_text().replace(md5, md5[::-1]))
    committed.commit("Nicer figures")
    output = committed.run(*VERIFY, "tiny", expect=1)
    faults = [line for line in output.splitlines() if line.startswith("verify: ")]
    assert [line.split()[1] for line in faults] == [
        "domains/tiny/build/training/curves.csv:",
        "domains/tiny/metrics.json:",
    ]
    assert "byte for byte but for times" in committed.run(*VERIFY, "other")


def test_an_unknown_domain_is_a_clear_error(committed: Clone) -> None:
    output = committed.run(*VERIFY, "third", expect=1)
    assert "verify: found no stages of 'third' in dvc.lock" in output
