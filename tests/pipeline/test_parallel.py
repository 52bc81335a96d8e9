"""Domains side by side: the results and the lock of running one after another, whatever happens meanwhile."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
from ruamel.yaml import YAML

from commands.parallel import Group, groups
from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline

PARALLEL = (sys.executable, "-m", "commands.parallel")
TIMED = ("speed.json", "metrics.json", "report.html", "model_card.md", "provenance.json")


def lock(clone: Clone) -> dict[str, Any]:
    """What dvc.lock says, but for hashes and sizes of files that hold times."""
    stages = YAML(typ="safe", pure=True).load(clone.root / "dvc.lock")["stages"]
    for stage in stages.values():
        for entry in (*stage["deps"], *stage["outs"]):
            if entry["path"].endswith(TIMED):
                del entry["md5"], entry["size"]
    return stages  # type: ignore[no-any-return]


def new_cards(clone: Clone, names: Sequence[str] = ("tiny", "second")) -> None:
    """Change what only the reports read."""
    for name in names:
        with (clone.root / "domains" / name / "README.md").open("a", encoding="utf-8") as card:
            card.write("\nOne more remark.\n")


def lines_of(output: str, name: str) -> list[str]:
    return re.findall(rf"^{name} *\| (.*)$", output, re.MULTILINE)


def test_domains_side_by_side_end_as_one_after_another(two_domains: Clone, tmp_path: Path) -> None:
    two_domains.set("params.yaml", quantization={"items": 3})
    in_turn = two_domains.copy(tmp_path / "in-turn")
    in_turn.dvc("repro")
    said = two_domains.run(*PARALLEL, "2")
    for name in ("tiny", "second"):
        ran = Clone.stages_in("\n".join(lines_of(said, name)))
        assert ran[:2] == [f"resolve@{name}", f"quantize@{name}"]
        assert set(ran[2:]) == {f"report@{name}", f"provenance@{name}"}
    # The last `dvc repro` stands without a name before its lines; it found nothing to do.
    unnamed = [line for line in said.splitlines() if " | " not in line]
    assert Clone.stages_in("\n".join(unnamed)) == []
    assert "up to date" in "\n".join(unnamed)
    assert lock(two_domains) == lock(in_turn)
    assert two_domains.dvc("status").strip() == "Data and pipelines are up to date."


def test_a_domain_that_fails_is_named_and_the_others_end(two_domains: Clone) -> None:
    new_cards(two_domains, ["tiny"])
    (two_domains.root / "domains/second/README.md").unlink()
    said = two_domains.run(*PARALLEL, "2", expect=1)
    assert "parallel: failed: second; " in said
    assert any("README.md" in line for line in lines_of(said, "second"))
    waiting = two_domains.run(sys.executable, "-m", "dvc", "status", "report@tiny")
    assert waiting.strip() == "Data and pipelines are up to date."

    new_cards(two_domains, ["second"])
    said = two_domains.run(*PARALLEL, "2")
    assert Clone.stages_in(said.replace("second | ", "")) == ["report@second"]


def test_a_kill_of_everything_halfway_loses_nothing(two_domains: Clone) -> None:
    new_cards(two_domains)
    run = subprocess.Popen(
        [*PARALLEL, "1"], cwd=two_domains.root, env=two_domains.environment(), stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    # One at a time: when the second domain's report begins, the first domain's is done.
    for line in run.stdout:
        if line.startswith("second") and "Running stage" in line:
            break
    processes = [*psutil.Process(run.pid).children(recursive=True), psutil.Process(run.pid)]
    for process in reversed(processes):
        process.kill()
    psutil.wait_procs(processes)
    run.wait()
    said = two_domains.run(*PARALLEL, "2")
    assert Clone.stages_in("\n".join(lines_of(said, "tiny"))) == []
    assert Clone.stages_in("\n".join(lines_of(said, "second"))) == ["report@second"]
    assert two_domains.ran("repro") == []


def test_a_domain_that_takes_rows_from_another_runs_with_it(two_domains: Clone) -> None:
    apart = groups(two_domains.root)
    assert [group.name for group in apart] == ["tiny", "second"]
    assert all("report@" in " ".join(group.targets) for group in apart)
    source = "../second/build/prepared/train.jsonl"
    stage = {"cmd": f"cp {source} data/second.jsonl", "deps": [source], "outs": ["data/second.jsonl"]}
    with (two_domains.root / "domains/tiny/dvc.yaml").open("w") as file:
        YAML().dump({"stages": {"mix": stage}}, file)
    (one,) = groups(two_domains.root)
    assert one == Group(("tiny", "second"), apart[0].targets + apart[1].targets)


def test_clones_that_share_a_cache_leave_resolve_and_report_to_the_last_run(two_domains: Clone, tmp_path: Path) -> None:
    """As on several machines, which can't share a workspace: docs/parallel.md."""
    two_domains.set("domains/tiny/params.yaml", quantization={"items": 3})
    two_domains.commit("Quantise on fewer items")
    two_domains.run("git", "clone", "--quiet", str(two_domains.root), str(tmp_path / "alone"))
    alone = Clone(tmp_path / "alone")
    alone.dvc("cache", "dir", "--local", str(two_domains.root / ".dvc/cache"))
    ran = alone.ran("repro", "report@tiny", "provenance@tiny")
    assert ran[:2] == ["resolve@tiny", "quantize@tiny"]
    assert set(ran[2:]) == {"report@tiny", "provenance@tiny"}
    # What is kept in git is not taken from the cache of runs.
    assert two_domains.ran("repro") == ["resolve@tiny", "report@tiny"]
    for file in ("metrics.json", "items.jsonl", "build/quantization/speed.json"):
        paths = [clone.root / "domains/tiny" / file for clone in (two_domains, alone)]
        assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_number_of_jobs_that_is_none_is_refused(first_run: Clone) -> None:
    assert "parallel: found many, expected how many" in first_run.run(*PARALLEL, "many", expect=1)
