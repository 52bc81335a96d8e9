"""What the commit at hand changes against another, per domain, in Markdown: `python -m commands.review [BASE]`.

Reads config.json, metrics.json and items.jsonl of both from git; needs no data. BASE is `main` without a word. At the
end stands where each domain's report is.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dvc.config import Config
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


PAGES = ("report.html", "model_card.md")


def reports(names: Sequence[str], lock: str, remote: Mapping[str, Any], commit: str) -> str:
    """A section that says where the report and the card of each domain are; nothing where dvc.lock has none.

    Args:
        names: of the domains.
        lock: dvc.lock.
        remote: the store's settings; one that has an address on the web is linked, another named.
        commit: hash of the commit that is under review.
    """
    stages = (YAML(typ="safe", pure=True).load(lock) or {}).get("stages", {})
    store, linked = _address(remote)
    lines = []
    for name in names:
        outs = {out["path"]: out.get("md5") for out in stages.get(f"report@{name}", {}).get("outs", [])}
        for page_name in PAGES:
            path = f"domains/{name}/build/{page_name}"
            if oid := outs.get(path):
                place = f"{store}/files/md5/{oid[:2]}/{oid[2:]}" if store else ""
                shown = f"[{page_name}]({place})" if linked else f"`{place}`" if place else "no store is named"
                lines.append(f"| {name} | {shown} | `dvc get . {path} --rev {commit[:12]} --out {name}-{page_name}` |")
    if not lines:
        return ""
    return "\n".join(["## Reports", "", "| domain | at the store | to have it |", "|---|---|---|", *lines, ""])


def _address(remote: Mapping[str, Any]) -> tuple[str, bool]:
    """Of the folder that a store is in, nothing without one; whether a browser can follow it."""
    url, endpoint = remote.get("url", "").rstrip("/"), remote.get("endpointurl", "").rstrip("/")
    if endpoint and url.startswith("s3://"):
        url = f"{endpoint}/{url.removeprefix('s3://')}"
    return url, url.startswith(("https://", "http://"))


def _remote(root: Path) -> Mapping[str, Any]:
    """Settings of the team's store in .dvc/config; none without one."""
    config = Config(str(root / ".dvc")).load_one("repo")
    found: Mapping[str, Any] = config.get("remote", {}).get(config.get("core", {}).get("remote"), {})
    return found


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
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True).stdout
    places = reports(now, _of_workspace(root, "dvc.lock") or "", _remote(root), head.strip())
    return page(sections, base) + (f"\n{places}" if places else "")


if __name__ == "__main__":
    try:
        print(main(sys.argv[1] if len(sys.argv) > 1 else "main"), end="")
    except ValueError as error:
        sys.exit(f"review: {error}")
