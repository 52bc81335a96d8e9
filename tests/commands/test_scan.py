"""Planted credentials and identifiers, put together here so that this file holds none itself."""

import subprocess
from pathlib import Path

import pytest

from commands import scan

KEY = "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\n"
SSN = "-".join(("219", "09", "9999"))
PLANTED = {
    "AWS Access Key": "key = '" + "AKIA" + "Q3EGZ7RTYU6WKLXP" + "'",
    "Private Key": KEY,
    "Hugging Face Token": "login('" + "hf_" + "abcdefghijKLMNOPQRSTuvwxyzABCDEFgh" + "')",
    "GitHub Token": "ghp_" + "a1B2" * 9,
    "Basic Auth Credentials": "postgres://ann:" + "hunter2" + "@db.internal/x",
    "Social Security Number": f"name,ssn\nAnn,{SSN}\n",
    "Medical Record Number": "seen today, MRN" + ": 24174015",
    "Resident Identity Number": "身份证号" + " 11010519491231" + "002X",
    "Payment Card": "paid by " + "4111 1111 " + "1111 1111",
    "Mail Address": "write to ann.lee" + "@clinic.org",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    return tmp_path


def plant(root: Path, file: str, content: str | bytes) -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    subprocess.run(["git", "add", "--all"], cwd=root, check=True)


def allow(root: Path, files: str, kind: str) -> None:
    plant(root, scan.ALLOWED, f"- files: {files}\n  kinds: [{kind}]\n  reason: Made up.\n")


@pytest.mark.parametrize("kind", PLANTED)
def test_what_is_planted_is_found_by_line_and_never_printed(
    repository: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(repository, "data/rows.csv", f"first line\n{PLANTED[kind]}\n")
    assert scan.main(repository) == 1
    said = capsys.readouterr().err
    line = 3 if kind == "Social Security Number" else 2
    assert f"scan: data/rows.csv:{line}: {kind}\n" in said
    assert PLANTED[kind].split()[-1].strip("'()") not in said


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
def test_a_file_in_another_encoding_is_read(repository: Path, encoding: str) -> None:
    plant(repository, "notes.txt", f"患者 {SSN} 复诊".encode(encoding))
    assert scan.scan(repository) == ["notes.txt:1: Social Security Number"]


@pytest.mark.parametrize(
    "text",
    [
        "md5: 3fb1c2d4e5f60718293a4b5c6d7e8f90",
        "a date 2021-07-0512 and a part number 219-099-9999",
        "000-12-3456 is no number that was ever given out",
        "4111 1111 1111 1112 has a wrong check digit",
        "tester@example.com, ann@store.example, actions/checkout@v4, 0.9V@0.4ms",
        "https://host:8080/path",
        "hf_hub_download, hf_transfer",
    ],
)
def test_what_only_looks_like_it_is_left_alone(repository: Path, text: str) -> None:
    plant(repository, "file.txt", text)
    assert scan.scan(repository) == []


def test_what_git_does_not_track_is_not_looked_at(repository: Path) -> None:
    (repository / "local.txt").write_text(SSN)
    assert scan.scan(repository) == []


def test_an_allowance_covers_its_kind_in_its_files_only(repository: Path) -> None:
    plant(repository, "tests/a/canary.py", SSN)
    allow(repository, "tests/*", "Social Security Number")
    assert scan.scan(repository) == []
    plant(repository, "tests/a/canary.py", f"{SSN}\n{KEY}")
    plant(repository, "data.txt", SSN)
    assert scan.scan(repository) == ["data.txt:1: Social Security Number", "tests/a/canary.py:2: Private Key"]


def test_an_allowance_of_nothing_is_a_fault(repository: Path) -> None:
    allow(repository, "gone.py", "Private Key")
    (fault,) = scan.scan(repository)
    assert fault.startswith("configs/scan.yaml: gone.py: allows what is not there; take it out")


def test_an_allowance_without_a_reason_is_refused(repository: Path) -> None:
    plant(repository, scan.ALLOWED, "- files: a\n  kinds: [Private Key]\n")
    with pytest.raises(ValueError, match=r"configs/scan.yaml: 0.reason: Field required"):
        scan.scan(repository)


def test_this_repository_is_clean(root: Path) -> None:
    assert scan.scan(root) == []


def git(root: Path, *arguments: str) -> str:
    named = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com")
    return subprocess.run(["git", *named, *arguments], cwd=root, capture_output=True, text=True, check=True).stdout


def commit(root: Path, message: str) -> str:
    """The first digits of the hash of all that is there, committed."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(root, "rev-parse", "HEAD")[:12]


def test_what_a_later_commit_took_out_is_found_with_the_commit_that_brought_it(repository: Path) -> None:
    commit(repository, "Nothing yet")
    plant(repository, "notes/Straße 1.txt", f"one\ntwo\n{SSN}\n")
    brought = commit(repository, "Notes")
    (repository / "notes/Straße 1.txt").unlink()
    commit(repository, "No notes")
    assert scan.scan(repository) == []
    assert scan.scan(repository, history=True) == [f"{brought}: notes/Straße 1.txt:3: Social Security Number"]


def test_what_stands_in_a_file_right_now_is_told_once(repository: Path) -> None:
    plant(repository, "key.pem", KEY)
    commit(repository, "A key")
    assert scan.scan(repository, history=True) == ["key.pem:1: Private Key"]


def test_a_merge_another_branch_and_an_experiment_count(repository: Path) -> None:
    commit(repository, "First")
    git(repository, "switch", "--quiet", "--create", "side")
    plant(repository, "side.txt", SSN)
    side = commit(repository, "Side")
    git(repository, "rm", "--quiet", "side.txt")
    commit(repository, "No side")
    git(repository, "switch", "--quiet", "--detach", "HEAD~2")
    plant(repository, "tried.txt", SSN)
    tried = commit(repository, "As dvc exp run keeps one")
    git(repository, "update-ref", "refs/exps/ab/cd/tried", "HEAD")
    git(repository, "switch", "--quiet", "--detach", "HEAD~1")
    git(repository, "merge", "--quiet", "--no-ff", "--no-commit", "side")
    plant(repository, "merged.txt", SSN)
    merged = commit(repository, "Merge, with a file that neither had")
    git(repository, "branch", "all")
    git(repository, "rm", "--quiet", "merged.txt")
    commit(repository, "No file")
    assert sorted(scan.scan(repository, history=True)) == sorted(
        f"{place}:1: Social Security Number"
        for place in (f"{side}: side.txt", f"{tried}: tried.txt", f"{merged}: merged.txt")
    )


def test_words_about_commits_and_tags_count_but_not_by_whom_they_are(repository: Path) -> None:
    signed = "Signed-off-by: Ann <ann.lee" + "@clinic.org>"
    said = commit(repository, f"Call {SSN}\n\n{signed}")
    git(repository, "tag", "--annotate", "v1", "--message", f"For\n{SSN}")
    git(repository, "tag", "light")
    assert scan.scan(repository, history=True) == [
        f"{said}: message:1: Social Security Number",
        "v1: message:2: Social Security Number",
    ]


def test_an_allowance_of_the_past_is_none_of_the_present(repository: Path) -> None:
    plant(repository, "data.txt", SSN)
    commit(repository, "Data")
    entry = "- files: data.txt\n  kinds: [Social Security Number]\n  reason: Made up.\n"
    plant(repository, scan.ALLOWED, f"{entry}  history: true\n")
    assert "data.txt:1: Social Security Number" in scan.scan(repository)
    git(repository, "rm", "--quiet", "--force", "data.txt")
    assert scan.scan(repository) == []
    assert scan.scan(repository, history=True) == []
    plant(repository, scan.ALLOWED, entry)
    assert len(scan.scan(repository)) == 1  # it allows nothing in files as they stand


def test_half_a_history_is_refused(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    for message in ("One", "Two"):
        commit(repository, message)
    shallow = tmp_path_factory.mktemp("shallow")
    git(shallow, "clone", "--quiet", "--depth", "1", repository.as_uri(), "clone")
    with pytest.raises(ValueError, match=r"without its whole history.*git fetch --unshallow"):
        scan.scan(shallow / "clone", history=True)
