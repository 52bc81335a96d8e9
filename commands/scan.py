"""Credentials and identifiers of persons in the files that git tracks: `python -m commands.scan`, or `make scan`.

Credentials are found by the patterns of detect-secrets, and of Hugging Face's tokens beside them; identifiers by their
form, and where they have one by their check digit. Entropy is not looked at: a repository of hashes and weights is full
of it. Nothing is sent anywhere, and what is found is never printed. What stands here on purpose, such as made-up
notes for de-identification, is allowed in configs/scan.yaml with its reason; an entry that allows nothing is a fault.

A name, a picture of a page and what only an earlier commit holds are not found: this guards against slips, and is no
de-identification.
"""

import fnmatch
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from ruamel.yaml import YAML

from practicum.data.deidentification.checksums import luhn, resident_id
from stages.layout import ROOT

ALLOWED = "configs/scan.yaml"
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


@dataclass(frozen=True)
class Finding:
    """Something that should not be public, without what it is."""

    file: str
    line: int
    kind: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.kind}"


def detectors() -> Sequence[Any]:
    """Those of detect-secrets that know a form, and ours; each has `secret_type` and `analyze_string`."""
    known: dict[str, Any] = get_mapping_from_secret_type_to_class()
    # Only their patterns are used: a whole scan would ask the services whether a key works.
    return [detector() for detector in known.values() if detector.__name__ not in LEFT_OUT] + list(FORMS)


def findings(text: str, file: str, looking: Sequence[Any]) -> Iterator[Finding]:
    """What a text holds, each once a line.

    Args:
        file: named in the findings.
        looking: from `detectors`.
    """
    for detector in looking:
        seen = set()
        for secret in set(detector.analyze_string(text)):
            start = text.find(secret)
            while start >= 0:
                seen.add(text.count("\n", 0, start) + 1)
                start = text.find(secret, start + len(secret))
        yield from (Finding(file, line, detector.secret_type) for line in sorted(seen))


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


def scan(root: Path = ROOT) -> list[str]:
    """One line for each finding that is not allowed, and for each allowance without one.

    Args:
        root: of the repository; files are read as they stand there, if git tracks them or is about to.

    Raises:
        ValueError: configs/scan.yaml is not what it should be.
    """
    allowed = allowances(root / ALLOWED)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True).stdout
    looking = detectors()
    used: set[Allowance] = set()
    faults = []
    for file in filter(None, listed.split("\0")):
        path = root / file
        if path.is_symlink() or not path.is_file():
            continue
        for finding in findings(_text(path.read_bytes()), file, looking):
            entry = next(
                (one for one in allowed if fnmatch.fnmatchcase(file, one.files) and finding.kind in one.kinds), None
            )
            if entry is None:
                faults.append(str(finding))
            else:
                used.add(entry)
    faults += [f"{ALLOWED}: {one.files}: allows what is not there; take it out" for one in allowed if one not in used]
    return faults


def main(root: Path = ROOT) -> int:
    found = scan(root)
    for line in found:
        print(f"scan: {line}", file=sys.stderr)
    if found:
        print(
            "scan: take it out of the file, and of the history if it was committed; a credential must be revoked. "
            f"What stands there on purpose is allowed in {ALLOWED}, with a reason",
            file=sys.stderr,
        )
        return 1
    print("found no credentials and no identifiers but those that configs/scan.yaml allows")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ValueError as error:
        sys.exit(f"scan: {error}")
