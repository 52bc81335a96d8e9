"""`python -m commands.accept`: only validated rows, and all of the domains unless some are named."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from commands.accept import accept, main
from practicum.config import checked
from practicum.data.drift import Profile, profile
from practicum.data.example import Example, canonical_json, to_json_line
from practicum.data.splitting import SPLITS


def example(number: int) -> Example:
    return Example(
        task="sum",
        label="even" if number % 2 == 0 else "odd",
        source=f"sums.csv:{number}",
        group=str(number),
        language="en",
        context="",
        question=f"What is {number} and 1?",
        reasoning=f"It is {number + 1}.",
        answer=canonical_json({"value": number + 1}),
    )


def domain(root: Path, name: str, *, passed: bool = True) -> Path:
    folder = root / "domains" / name
    prepared = folder / "build" / "prepared"
    prepared.mkdir(parents=True)
    (folder / "domain.py").touch()
    (folder / "accepted.json").write_text("{}\n", encoding="utf-8")
    digest = hashlib.sha256()
    for at, split in enumerate(SPLITS):
        text = "".join(to_json_line(example(number)) + "\n" for number in range(100 * at, 100 * at + 30))
        (prepared / f"{split}.jsonl").write_text(text, encoding="utf-8")
        digest.update(text.encode())
    summary = {
        "prepared": digest.hexdigest(),
        "passed": passed,
        "checks": [{"name": "unique_ids", "severity": "critical", "success": passed}],
    }
    (folder / "build" / "validation").mkdir()
    (folder / "build" / "validation" / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    return folder


def test_the_profile_of_validated_rows_is_written_twice_the_same(tmp_path: Path) -> None:
    folder = domain(tmp_path, "sums")
    assert accept("sums", tmp_path) == 90
    first = (folder / "accepted.json").read_bytes()
    rows = {split: [example(number) for number in range(100 * at, 100 * at + 30)] for at, split in enumerate(SPLITS)}
    assert checked(Profile, json.loads(first), "accepted.json") == profile(rows)
    accept("sums", tmp_path)
    assert (folder / "accepted.json").read_bytes() == first


def test_rows_that_did_not_pass_are_refused_and_the_old_profile_stays(tmp_path: Path) -> None:
    folder = domain(tmp_path, "sums", passed=False)
    with pytest.raises(ValueError, match=r"sums: validation did not pass \(unique_ids\)"):
        accept("sums", tmp_path)
    assert (folder / "accepted.json").read_text(encoding="utf-8") == "{}\n"


def test_rows_that_changed_after_validation_are_refused(tmp_path: Path) -> None:
    folder = domain(tmp_path, "sums")
    path = folder / "build" / "prepared" / "train.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("odd", "uneven"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"validation speaks of other rows .* `dvc repro validate@sums`"):
        accept("sums", tmp_path)
    assert (folder / "accepted.json").read_text(encoding="utf-8") == "{}\n"


@pytest.mark.parametrize("missing", ["build/validation/summary.json", "build/prepared/test.jsonl"])
def test_a_stage_that_has_not_run_is_named(tmp_path: Path, missing: str) -> None:
    (domain(tmp_path, "sums") / missing).unlink()
    with pytest.raises(FileNotFoundError, match=rf"found no domains/sums/{missing}.*dvc repro validate@sums"):
        accept("sums", tmp_path)


def test_without_names_every_domain_is_accepted_and_one_refusal_stops_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "params.yaml").write_text("domains: [bad, sums]\n", encoding="utf-8")
    domain(tmp_path, "bad", passed=False)
    folder = domain(tmp_path, "sums")
    with pytest.raises(ValueError, match=r"\Abad: validation did not pass[^\n]*\Z"):
        main([], tmp_path)
    assert capsys.readouterr().out == "sums: accepted 90 rows; commit domains/sums/accepted.json\n"
    assert (folder / "accepted.json").read_text(encoding="utf-8") != "{}\n"


def test_the_command_says_in_one_line_that_there_is_no_such_domain(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "commands.accept", "nowhere"], cwd=root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "accept: nowhere: found no domains/nowhere/domain.py, expected the name of a domain\n"
