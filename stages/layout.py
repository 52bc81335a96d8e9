"""Where a domain's files are: the one place that knows the repository's layout."""

import importlib.util
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from practicum.domain import Domain

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
"""Converted weights, keyed by content; safe to delete."""
CHECKPOINTS = ROOT / ".checkpoints"
"""Training checkpoints for resume, keyed by settings and data; safe to delete when nothing trains."""


@dataclass(frozen=True)
class Layout:
    """Paths of one domain."""

    domain: str
    root: Path = ROOT

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.domain):
            raise ValueError(f"domain: found {self.domain!r}, expected a name of lower-case letters, digits and _")

    @property
    def folder(self) -> Path:
        return self.root / "domains" / self.domain

    @property
    def params(self) -> Path:
        return self.folder / "params.yaml"

    @property
    def plugin(self) -> Path:
        return self.folder / "domain.py"

    @property
    def schema(self) -> Path:
        return self.folder / "answer.schema.json"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def config(self) -> Path:
        return self.folder / "config.json"

    @property
    def metrics(self) -> Path:
        return self.folder / "metrics.json"

    @property
    def items(self) -> Path:
        return self.folder / "items.jsonl"

    @property
    def build(self) -> Path:
        return self.folder / "build"


def load_domain(layout: Layout) -> Domain:
    """Import the domain's plug-in.

    Raises:
        FileNotFoundError: there is no domain.py.
        TypeError: the module has no `domain` that is a `Domain`.
    """
    if not layout.plugin.is_file():
        raise FileNotFoundError(f"domains: {layout.domain!r} has no file domains/{layout.domain}/domain.py")
    name = f"domains.{layout.domain}.domain"
    spec = importlib.util.spec_from_file_location(name, layout.plugin)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    domain = getattr(module, "domain", None)
    if not isinstance(domain, Domain):
        raise TypeError(
            f"domains/{layout.domain}/domain.py: expected an attribute `domain`, an instance of "
            f"practicum.domain.Domain; found {domain!r}"
        )
    return domain


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, moved onto it when the block ends without error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A temporary folder beside `path` that takes its place when the block ends without error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        yield temporary
        temporary.chmod(0o755)
        if path.exists():
            shutil.rmtree(path)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a whole text file or nothing."""
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
