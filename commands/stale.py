"""Whether dvc.lock and the committed results belong to this commit's code, settings and data.

    python -m commands.stale

Needs no pulled data. What a stage has read is compared with the workspace, or, where another stage made it, with what
dvc.lock says that stage made; results kept in git are compared with what was written. Ends with exit code 1 and a line
for each fault.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dvc.dependency.param import ParamsDependency
from dvc.output import Output
from dvc.repo import Repo
from dvc.stage import PipelineStage
from ruamel.yaml import YAML

from stages.layout import ROOT


def faults(root: Path = ROOT) -> list[str]:
    """One line for each way in which the lock does not belong to the workspace: stage, cause.

    Args:
        root: of the repository.
    """
    found: list[str] = []
    with Repo(str(root)) as repo:
        stages = [stage for stage in repo.index.stages if isinstance(stage, PipelineStage)]
        makers = {out.fs_path: out for stage in stages for out in stage.outs}
        for stage in stages:
            name = stage.addressing if Path(stage.path).parent != root else stage.name
            found += [f"{name}: {cause}" for cause in _causes(stage, makers)]
        names = {(Path(stage.path).parent, stage.name) for stage in stages}
        for lock in sorted({Path(stage.path).with_suffix(".lock") for stage in stages}):
            found += [f"{entry}: dead entry in {lock.name}, no stage has that name" for entry in _dead(lock, names)]
    return found


def _dead(lock: Path, names: set[tuple[Path, str]]) -> list[str]:
    if not lock.is_file():
        return []
    entries = YAML(typ="safe", pure=True).load(lock).get("stages") or {}
    return [entry for entry in entries if (lock.parent, entry) not in names]


def _causes(stage: PipelineStage, makers: dict[str, Output]) -> Iterator[str]:
    if not any(out.hash_info for out in stage.outs):
        yield "has never run"
        return
    if stage.cmd_changed:
        yield "its command was changed"
    for dependency in stage.deps:
        if isinstance(dependency, ParamsDependency):
            yield from _of_settings(dependency.status())
            continue
        maker = makers.get(dependency.fs_path)
        if not dependency.hash_info:
            yield f"{dependency.def_path} was not yet read"
        elif maker is None:
            state = dependency.status().get(str(dependency), "")
            if state:
                yield f"{dependency.def_path} is {state}"
        elif maker.hash_info != dependency.hash_info:
            yield f"{dependency.def_path} is of another run of {maker.stage.name}"
    for out in stage.outs:
        if not out.hash_info:
            yield f"{out.def_path} was not yet written"
        elif not out.use_cache and (state := out.status().get(str(out), "")):
            yield f"{out.def_path} is {state}, and only the stage may write it"


def _of_settings(status: dict[str, Any]) -> Iterator[str]:
    for file, keys in status.items():
        if isinstance(keys, str):
            yield f"{file} is {keys}"
            continue
        for key, state in keys.items():
            yield f"{key} of {file} is {state}"


def main(root: Path = ROOT) -> int:
    found = faults(root)
    for line in found:
        print(f"stale: {line}", file=sys.stderr)
    if found:
        print("stale: run `dvc repro`, look at `dvc metrics diff`, and commit what it wrote", file=sys.stderr)
        return 1
    print("dvc.lock and the committed results belong to this commit")
    return 0


if __name__ == "__main__":
    sys.exit(main())
