"""Running a commit's pipeline again in a clone that has nothing."""

import json
import sys

import pytest

from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline


def test_a_commit_comes_out_again_and_a_false_one_does_not(clone: Clone) -> None:
    verify = (sys.executable, "-m", "commands.verify")
    assert "byte for byte but for times" in clone.run(*verify, "tiny")

    metrics = clone.root / "domains/tiny/metrics.json"
    figures = json.loads(metrics.read_text())
    figures["tuned"]["em"] += 0.1
    figures["tuned"]["rt_p50_s"] += 1.0
    metrics.write_text(json.dumps(figures))
    assert "found files that are not committed" in clone.run(*verify, "tiny", expect=1)
    lock = clone.root / "dvc.lock"
    curves = next(line for line in lock.read_text().splitlines() if "training/curves.csv" in line)
    block = lock.read_text().partition(curves)[2].splitlines()
    md5 = next(line for line in block if "md5: " in line).split()[-1]
    lock.write_text(lock.read_text().replace(md5, md5[::-1]))
    clone.commit("Nicer figures")
    output = clone.run(*verify, "tiny", expect=1)
    faults = [line for line in output.splitlines() if line.startswith("verify: ")]
    assert [line.split()[1] for line in faults] == [
        "domains/tiny/build/training/curves.csv:",
        "domains/tiny/metrics.json:",
    ]


def test_an_unknown_domain_is_a_clear_error(first_run: Clone) -> None:
    output = first_run.run(sys.executable, "-m", "commands.verify", "other", expect=1)
    assert "verify: found no stages of 'other' in dvc.lock" in output
