"""What the commit at hand changes against another, per domain, in Markdown: `python -m commands.review [BASE]`.

Reads config.json, metrics.json and items.jsonl of both from git; needs no data. BASE is `main` without a word.
"""

import json
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

from practicum.reporting.review import Commit, items_of, page, review
from stages.layout import ROOT


def _of_git(root: Path, revision: str, path: str) -> str | None:
    """A file as a revision has it; None if it has none."""
    done = subprocess.run(["git", "show", f"{revision}:{path}"], cwd=root, capture_output=True, check=False)
    return done.stdout.decode() if done.returncode == 0 else None


def _of_workspace(root: Path, path: str) -> str | None:
    file = root / path
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _domains(params: str) -> list[str]:
    return (YAML(typ="safe", pure=True).load(params) or {}).get("domains", [])


def _commit(name: str, config: str | None, metrics: str | None, items: str | None) -> Commit | None:
    if config is None or metrics is None:
        return None
    return Commit(json.loads(metrics), items_of(items or "", f"domains/{name}/items.jsonl"), json.loads(config))


def main(base: str = "main", root: Path = ROOT) -> str:
    """The comment.

    Raises:
        ValueError: there is no such revision.
    """
    # The point where the branch left, so that what happened on the base since then does not count.
    found = subprocess.run(["git", "merge-base", base, "HEAD"], cwd=root, capture_output=True, text=True, check=False)
    if found.returncode:
        raise ValueError(
            f"found no revision {base!r} that the commit at hand comes from; fetch it (`git fetch origin {base}`), or "
            "name another"
        )
    revision = found.stdout.strip()
    before = _domains(_of_git(root, revision, "params.yaml") or "")
    now = _domains((root / "params.yaml").read_text(encoding="utf-8"))
    sections = []
    for name in [*now, *(gone for gone in before if gone not in now)]:
        paths = [f"domains/{name}/{file}" for file in ("config.json", "metrics.json", "items.jsonl")]
        old = _commit(name, *(_of_git(root, revision, path) for path in paths)) if name in before else None
        new = _commit(name, *(_of_workspace(root, path) for path in paths)) if name in now else None
        sections.append(review(name, old, new, base))
    return page(sections, base)


if __name__ == "__main__":
    try:
        print(main(sys.argv[1] if len(sys.argv) > 1 else "main"), end="")
    except ValueError as error:
        sys.exit(f"review: {error}")
