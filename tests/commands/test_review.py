"""The review command on a real repository."""

import json
import subprocess
from pathlib import Path

import pytest

from commands.review import main, reports

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "report" / "config.json"


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=T", "-c", "user.email=t@example.com", *arguments], cwd=root, check=True)


def write(root: Path, name: str, right: int) -> None:
    folder = root / "domains" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(FIXTURE.read_text())
    metrics = {
        "base": {"em": 0.0},
        "tuned": {"em": right / 20},
        "gain": {"em": right / 20, "em_low": 0.1, "em_high": 0.9, "mcnemar_p": 0.01, "items": 20},
    }
    (folder / "metrics.json").write_text(json.dumps(metrics))
    item = {"task": "t", "base": 0, "f1": 0.0, "error": None}
    rows = [{"id": f"i{n}", "group": f"g{n}", "tuned": int(n < right), **item} for n in range(20)]
    (folder / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    """A branch of a repository of two domains, at its first commit."""
    (tmp_path / "params.yaml").write_text("domains: [loans, claims]\n")
    for name in ("loans", "claims"):
        write(tmp_path, name, 5)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Base")
    git(tmp_path, "switch", "--quiet", "--create", "try")
    return tmp_path


def test_each_domain_is_compared_with_where_the_branch_left(branch: Path) -> None:
    write(branch, "loans", 18)
    (branch / "params.yaml").write_text("domains: [loans, wills]\n")
    write(branch, "wills", 10)
    git(branch, "add", "--all")
    git(branch, "commit", "--quiet", "--message", "Better loans")
    # What main did meanwhile is none of this branch's doing.
    git(branch, "switch", "--quiet", "main")
    write(branch, "loans", 0)
    git(branch, "commit", "--quiet", "--all", "--message", "Worse loans")
    git(branch, "switch", "--quiet", "try")

    text = main("main", branch).replace("\u202f", " ")
    sections = {part.splitlines()[0]: part for part in text.split("### ")[1:]}
    assert list(sections) == ["loans", "wills", "claims"]
    assert "**better**: +65.0 points on 20 items" in sections["loans"]
    assert "New. Tuned EM 50.0 %" in sections["wills"]
    assert "Removed." in sections["claims"]


def test_work_that_is_not_committed_counts(branch: Path) -> None:
    assert main("main", branch).count("No change.") == 2
    write(branch, "claims", 0)
    assert "**worse**" in main("main", branch)


def test_a_base_that_is_not_there_is_a_clear_error(branch: Path) -> None:
    with pytest.raises(ValueError, match=r"found no revision 'origin/main' .*fetch it"):
        main("origin/main", branch)


LOCK = """
stages:
  report@loans:
    outs:
    - {path: domains/loans/build/report.html, md5: ab34}
    - {path: domains/loans/items.jsonl, md5: ef56}
"""


@pytest.mark.parametrize(
    ("remote", "place"),
    [
        ({}, "no store is named"),
        ({"url": "s3://team/models/"}, "`s3://team/models/files/md5/ab/34`"),
        (
            {"url": "s3://team/models", "endpointurl": "https://minio.example.org/"},
            "[report.html](https://minio.example.org/team/models/files/md5/ab/34)",
        ),
        ({"url": "/mnt/team"}, "`/mnt/team/files/md5/ab/34`"),
    ],
)
def test_a_report_is_linked_or_named_with_the_command_to_have_it(remote: dict[str, str], place: str) -> None:
    *_, row = reports(["loans", "claims"], LOCK, remote, "0123456789abcdef").splitlines()
    get = "dvc get . domains/loans/build/report.html --rev 0123456789ab --out loans-report.html"
    assert row == f"| loans | {place} | `{get}` |"


def test_without_a_report_there_is_no_such_section(branch: Path) -> None:
    assert "## Reports" not in main("main", branch)
