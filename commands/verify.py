"""Whether this commit's results come out again: `python -m commands.verify DOMAIN`.

Clones the commit into a temporary folder, runs the domain's whole pipeline there without any cache, and compares every
out with dvc.lock, byte for byte; of metrics.json, which holds times too, the rest. Ends with exit code 1 and a line for
each that differs.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from stages.layout import CACHE, ROOT

TIMED = ("speed.json", "steps.jsonl", "report.html", "model_card.md", "provenance.json")
"""Outs that hold times, or text that was made of them, or where they come from."""


def outs(root: Path, name: str) -> dict[str, str]:
    """Hash of each out of a domain that dvc.lock names, by path."""
    stages = YAML(typ="safe", pure=True).load(root / "dvc.lock")["stages"]
    return {
        out["path"]: out["md5"]
        for stage, entry in stages.items()
        if stage.endswith(f"@{name}")
        for out in entry.get("outs", [])
    }


def timeless(metrics: dict[str, Any]) -> dict[str, Any]:
    """metrics.json without response times."""
    return {
        model: {key: value for key, value in figures.items() if not key.startswith("rt_")}
        for model, figures in metrics.items()
    }


def differences(name: str, here: Path, there: Path) -> Iterator[str]:
    """One line for each out of a domain that is not the same in two repositories.

    Args:
        name: of the domain.
        here, there: the repository, and the clone that ran the pipeline.
    """
    ours, theirs = outs(here, name), outs(there, name)
    for path in sorted(ours.keys() | theirs.keys()):
        if path.endswith(TIMED):
            continue
        if path.endswith("/metrics.json") and path.count("/") == 2:
            first, second = (timeless(json.loads((root / path).read_text(encoding="utf-8"))) for root in (here, there))
            if first != second:
                yield f"{path}: {first} became {second}"
        elif ours.get(path) != theirs.get(path):
            yield f"{path}: {ours.get(path, 'nothing')} became {theirs.get(path, 'nothing')}"


def verify(name: str, root: Path = ROOT, cache: Path = CACHE) -> list[str]:
    """Run a domain's pipeline in a clone of the commit; what came out otherwise.

    Args:
        name: of the domain.
        root: of the repository.
        cache: converted weights, which the clone shares.

    Raises:
        ValueError: dvc.lock has no such domain, tracked files were changed, or the pipeline fails.
    """
    if not outs(root, name):
        raise ValueError(f"found no stages of {name!r} in dvc.lock, expected a domain that has been run")
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no"], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    if changed:
        raise ValueError(f"found files that are not committed, expected none; verify speaks of commits:\n{changed}")
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(root), str(clone)], check=True)
        if cache.is_dir():
            (clone / ".cache").symlink_to(cache)
        environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        # The clone's cache is empty, so every stage runs.
        done = subprocess.run(
            [sys.executable, "-m", "dvc", "repro", f"report@{name}"], cwd=clone, env=environment, check=False
        )
        if done.returncode:
            raise ValueError(f"the pipeline of {name} ended with exit code {done.returncode} in the clone; see above")
        return list(differences(name, root, clone))


if __name__ == "__main__":
    try:
        if len(sys.argv) != 2:
            raise ValueError(f"found {len(sys.argv) - 1} arguments, expected the name of a domain")
        found = verify(sys.argv[1])
    except ValueError as error:
        sys.exit(f"verify: {error}")
    for line in found:
        print(f"verify: {line}", file=sys.stderr)
    if found:
        sys.exit(1)
    print(f"{sys.argv[1]}: every out came out again, byte for byte but for times")
