"""Credentials and identifiers of persons in what git holds: `python -m commands.scan [--history]`, or `make scan`.

The files that git tracks are read as they stand; with `--history` also each file of each commit that a branch, a tag or
an experiment reaches, and what was written about commits and tags: what was committed once goes along with every push,
though a later commit took it out.

Credentials are found by the patterns of detect-secrets, and of Hugging Face's tokens beside them; identifiers by their
form, and where they have one by their check digit. Entropy is not looked at: a repository of hashes and weights is full
of it. Nothing is sent anywhere, and what is found is never printed. What stands here on purpose, such as made-up
notes for de-identification, is allowed in configs/scan.yaml with its reason; an entry that allows nothing is a fault.

A name and a picture of a page are not found: this guards against slips, and is no de-identification. detect-secrets
reads files and no history, so git lists what there was.
"""

import argparse
import fnmatch
import itertools
import re
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from ruamel.yaml import YAML

from practicum.data.deidentification.checksums import luhn, resident_id
from stages.layout import ROOT

ALLOWED = "configs/scan.yaml"
MESSAGE = "message"
"""Stands for a file in what is found in the words about a commit or a tag."""
# Entropy and any public address take hashes and version numbers for secrets; a keyword takes prose for one.
LEFT_OUT = ("Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector", "KeywordDetector")


@dataclass(frozen=True)
class Form:
    """How an identifier or a credential looks that detect-secrets does not know."""

    kind: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = lambda _: True
    """Whether what has the form is one: its check digit."""

    def analyze_string(self, text: str) -> Iterator[str]:
        """Each that a text holds."""
        yield from (found[0] for found in self.pattern.finditer(text) if self.holds(found[0]))

    @property
    def secret_type(self) -> str:
        return self.kind


def _not_an_example(address: str) -> bool:
    """Domains that RFC 2606 keeps for examples belong to nobody."""
    return re.search(r"[@.](?:example(?:\.\w+)?|invalid|test|localhost)$", address) is None


FORMS = (
    Form("Hugging Face Token", re.compile(r"(?<!\w)(?:hf|api_org)_[A-Za-z]{30,40}(?!\w)")),
    Form(
        "Social Security Number",
        re.compile(r"(?<![\w.\-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w\-])", re.ASCII),
    ),
    Form("Medical Record Number", re.compile(r"\bMRN[ :#]{0,3}\d{5,}", re.IGNORECASE)),
    Form("Resident Identity Number", re.compile(r"(?<![\w.\-])\d{17}[\dXx](?!\w)", re.ASCII), resident_id),
    Form(
        "Payment Card",
        re.compile(r"(?<![\w.\-])[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{1,7}(?![\w.\-])", re.ASCII),
        lambda number: luhn(re.sub("[ -]", "", number)),
    ),
    Form(
        "Mail Address",
        re.compile(r"(?<![\w.+\-])[\w.+\-]+@(?:[\w\-]+\.)+[A-Za-z]{2,}(?!\w)", re.ASCII),
        _not_an_example,
    ),
)


class Allowance(BaseModel):
    """What may stand in some files, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: str
    """A path, with * for any characters."""
    kinds: tuple[str, ...] = Field(min_length=1)
    reason: str = Field(min_length=1)
    history: bool = False
    """Whether it holds only of files as earlier commits have them."""

    def covers(self, finding: "Finding") -> bool:
        """Whether a finding may stand where it is."""
        here = finding.commit is not None or not self.history
        return here and finding.kind in self.kinds and fnmatch.fnmatchcase(finding.file, self.files)


@dataclass(frozen=True)
class Finding:
    """Something that should not be public, without what it is."""

    file: str
    line: int
    kind: str
    commit: str | None = None
    """The first that has it, or the name of a tag; None for the file as it stands."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: {self.kind}"
        return place if self.commit is None else f"{self.commit[:12]}: {place}"


def detectors() -> Sequence[Any]:
    """Those of detect-secrets that know a form, and ours; each has `secret_type` and `analyze_string`."""
    known: dict[str, Any] = get_mapping_from_secret_type_to_class()
    # Only their patterns are used: a whole scan would ask the services whether a key works.
    return [detector() for detector in known.values() if detector.__name__ not in LEFT_OUT] + list(FORMS)


def findings(text: str, file: str, looking: Sequence[Any], commit: str | None = None) -> Iterator[Finding]:
    """What a text holds, each once a line.

    Args:
        file, commit: named in the findings.
        looking: from `detectors`.
    """
    breaks: list[int] | None = None
    for detector in looking:
        secrets = set(filter(None, detector.analyze_string(text)))
        if not secrets:
            continue
        if breaks is None:
            breaks = [place.start() for place in re.finditer("\n", text)]
        # One walk over the text for all of them; a longer one is tried before one that it begins with.
        whole = re.compile("|".join(re.escape(secret) for secret in sorted(secrets, key=len, reverse=True)))
        lines = {bisect_right(breaks, place.start()) + 1 for place in whole.finditer(text)}
        yield from (Finding(file, line, detector.secret_type, commit) for line in sorted(lines))


def allowances(path: Path) -> tuple[Allowance, ...]:
    """What is allowed; nothing where the file is missing.

    Raises:
        ValueError: the file is not what it should be.
    """
    if not path.is_file():
        return ()
    try:
        content = YAML(typ="safe", pure=True).load(path)
        return TypeAdapter(tuple[Allowance, ...]).validate_python(content or ())
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise ValueError(f"{ALLOWED}: {place}: {fault['msg']}, expected files, kinds and reason") from None


def _text(content: bytes) -> str:
    """A file as text: in another encoding or no text at all, its ASCII parts can still be read."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    return content.decode(encoding, errors="replace")


def _git(root: Path, *arguments: str) -> str:
    """Output of git; a name of a file that is no text keeps its bytes."""
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True)
    return done.stdout.decode(errors="surrogateescape")


def tracked(root: Path, looking: Sequence[Any]) -> Iterator[Finding]:
    """What stands in files that git tracks, or is about to track, as they are in the workspace."""
    for file in filter(None, _git(root, "ls-files", "-z").split("\0")):
        path = root / file
        if not path.is_symlink() and path.is_file():
            yield from findings(_text(path.read_bytes()), file, looking)


def _blobs(root: Path, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Objects of git, each with its hash."""
    process = subprocess.Popen(["git", "cat-file", "--batch"], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        for oid in ids:
            process.stdin.write(f"{oid}\n".encode())
            process.stdin.flush()
            size = int(process.stdout.readline().split()[2])
            yield oid, process.stdout.read(size + 1)[:size]


def _written(root: Path) -> dict[str, dict[str, str]]:
    """What commits wrote: for the hash of each content its files, and of each of them the first commit that has it."""
    # In turn: a commit's hash, and behind it a line of modes and hashes and a path for each file that it changed.
    log = _git(
        root, "log", "--all", "--reverse", "--topo-order", "-m", "--root", "--raw", "--no-abbrev", "--no-renames", "-z",
        "--format=commit %H",
    )  # fmt: skip
    found: dict[str, dict[str, str]] = {}
    commit = ""
    parts = iter(log.split("\0"))
    for part in parts:
        line = part.strip("\n")
        if line.startswith("commit "):
            commit = line.removeprefix("commit ")
        elif line.startswith(":"):
            _, mode, _, oid, state = line.split(" ")
            path = next(parts)
            # A removal has no content, and of a module of its own only the commit is known.
            if state != "D" and mode != "160000":
                found.setdefault(oid, {}).setdefault(path, commit)
    return found


def _messages(root: Path) -> Iterator[tuple[str, str]]:
    """What was written about each commit and tag, without the lines that say by whom it is."""
    texts = _git(root, "log", "--all", "-z", "--format=%H%n%B").split("\0")
    texts += _git(root, "for-each-ref", "refs/tags", "--format=%(objecttype) %(refname:short)%0a%(contents)%00").split(
        "\0\n"
    )
    for text in filter(None, texts):
        name, _, message = text.partition("\n")
        kind, _, tag = name.partition(" ")
        if kind != "commit":
            yield tag or name, re.sub(r"^[A-Z][A-Za-z-]+-by: .*$", "", message, flags=re.MULTILINE)


def past(root: Path, looking: Sequence[Any]) -> Iterator[Finding]:
    """What stands in files as commits have them, and in the words about commits and tags.

    Contents that are tracked under the same name right now are left to `tracked`.

    Raises:
        ValueError: the clone does not have the whole history.
    """
    if _git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise ValueError("found a clone without its whole history, expected all of it; run `git fetch --unshallow`")
    now = set()
    for entry in filter(None, _git(root, "ls-files", "--stage", "-z").split("\0")):
        about, _, path = entry.partition("\t")
        now.add((about.split()[1], path))
    written = {
        oid: {path: commit for path, commit in places.items() if (oid, path) not in now}
        for oid, places in _written(root).items()
    }
    for oid, content in _blobs(root, (oid for oid, places in written.items() if places)):
        found = list(findings(_text(content), "", looking))
        yield from (
            replace(finding, file=path, commit=commit) for path, commit in written[oid].items() for finding in found
        )
    for name, message in _messages(root):
        yield from findings(message, MESSAGE, looking, name)


def scan(root: Path = ROOT, *, history: bool = False) -> list[str]:
    """One line for each finding that is not allowed, and for each allowance without one.

    Args:
        root: of the repository; files are read as they stand there, if git tracks them or is about to.
        history: whether what commits and tags hold counts as well.

    Raises:
        ValueError: configs/scan.yaml is not what it should be, or the history is not all there.
    """
    allowed = allowances(root / ALLOWED)
    looking = detectors()
    used: set[Allowance] = set()
    faults = []
    found = itertools.chain(tracked(root, looking), past(root, looking) if history else ())
    for finding in found:
        covering = [one for one in allowed if one.covers(finding)]
        # What an entry about files as they stand covers is no use of one about the past.
        entry = min(covering, key=lambda one: one.history, default=None)
        if entry is None:
            faults.append(str(finding))
        elif entry.history or finding.commit is None:
            used.add(entry)
    faults += [
        f"{ALLOWED}: {one.files}: allows what is not there; take it out, or say `history: true` where only an "
        "earlier commit has it"
        for one in allowed
        if one not in used and (history or not one.history)
    ]
    return faults


def main(root: Path = ROOT, *, history: bool = False) -> int:
    found = scan(root, history=history)
    for line in found:
        print(f"scan: {line}", file=sys.stderr)
    if found:
        print(
            "scan: take it out of the file, and of the history if it was committed; a credential must be revoked. "
            f"What stands there on purpose is allowed in {ALLOWED}, with a reason",
            file=sys.stderr,
        )
        return 1
    where = "files or history" if history else "files"
    print(f"found no credentials and no identifiers in {where} but those that {ALLOWED} allows")
    return 0


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="scan", description="Credentials and identifiers in what git holds.")
    options.add_argument("--history", action="store_true", help="also every file that a commit ever held")
    try:
        sys.exit(main(history=options.parse_args().history))
    except ValueError as error:
        sys.exit(f"scan: {error}")
