"""dvc.yaml against the code: what a stage declares is what it reads.

`python -m tests.test_dvc_yaml` prints each stage's code dependencies, ready to paste.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from practicum.config import Resolved

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ("practicum", "stages")
DOMAIN = "domains/${item.domain}"
PLUGIN = f"{DOMAIN}/domain.py"
CONFIG = f"{DOMAIN}/config.json"


def stages() -> dict[str, dict[str, Any]]:
    """The stages of dvc.yaml, by name."""
    return YAML(typ="safe", pure=True).load(ROOT / "dvc.yaml")["stages"]  # type: ignore[no-any-return]


STAGES = stages()


def script(stage: str) -> Path:
    """The script that the stage's command starts."""
    module = STAGES[stage]["cmd"].split()[2]
    return ROOT / f"{module.replace('.', '/')}.py"


def module_file(name: str) -> Path | None:
    """The file of a local module or package, None for any other name."""
    if name.split(".")[0] not in LOCAL:
        return None
    path = ROOT / name.replace(".", "/")
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported_names(path: Path) -> Iterator[str]:
    """Dotted names that a file imports anywhere, in functions too; `from a import b` gives both a and a.b."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def has_code(path: Path) -> bool:
    """Whether a file is more than a docstring."""
    body = tree(path).body
    return not all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


def closure(start: Path) -> set[Path]:
    """`start` and every local module that it imports, transitively, with the packages they stand in."""
    found: set[Path] = set()
    todo = [start]
    while todo:
        path = todo.pop()
        if path in found:
            continue
        found.add(path)
        for name in imported_names(path):
            parts = name.split(".")
            # Importing a.b.c runs a and a.b first.
            files = (module_file(".".join(parts[: n + 1])) for n in range(len(parts)))
            todo.extend(file for file in files if file is not None)
    return found


def plugins() -> list[Path]:
    return sorted((ROOT / "domains").glob("*/domain.py"))


def loads_plugin(stage: str) -> bool:
    return "stages.layout.load_domain" in set(imported_names(script(stage)))


def resources(path: Path) -> set[Path]:
    """Files that a module of the library may read beside the code: templates and the like, in its own folder.

    What lies in a package below belongs to that package's modules.
    """
    folder = path.parent
    if folder in (ROOT / "practicum", ROOT / "stages"):
        return set()
    return {
        file
        for file in folder.rglob("*")
        if file.is_file()
        and file.suffix not in {".py", ".pyc"}
        and "__pycache__" not in file.parts
        and next(parent for parent in file.parents if parent == folder or (parent / "__init__.py").exists()) == folder
    }


def code_deps(stage: str) -> list[str]:
    """What the stage's code consists of, as dvc.yaml spells it: the script first, the plug-in, the library."""
    start = script(stage)
    files = closure(start)
    plugin = []
    if loads_plugin(stage):
        plugin = [PLUGIN]
        for path in plugins():
            files |= closure(path) - {path}
    files |= {file for path in tuple(files) for file in resources(path)}
    rest = {path for path in files - {start} if path.suffix != ".py" or has_code(path)}
    return [str(start.relative_to(ROOT)), *plugin, *sorted(str(path.relative_to(ROOT)) for path in rest)]


def is_code(dep: str) -> bool:
    return dep == PLUGIN or dep.split("/")[0] in LOCAL


def entries(items: list[Any]) -> dict[str, dict[str, Any]]:
    """Outs, metrics or params of a stage: path -> its options."""
    return {key: value for item in items for key, value in (item if isinstance(item, dict) else {item: {}}).items()}


def outs(stage: str) -> dict[str, dict[str, Any]]:
    return {
        key: value
        for kind in ("outs", "metrics", "plots")
        for key, value in entries(STAGES[stage].get(kind, [])).items()
    }


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_exactly_the_code_that_it_runs(stage: str) -> None:
    expected = set(code_deps(stage))
    declared = {dep for dep in STAGES[stage]["deps"] if is_code(dep)}
    add, remove = sorted(expected - declared), sorted(declared - expected)
    lines = [f"dvc.yaml, stage {stage}, deps:"]
    lines += [f"  add     - {dep}" for dep in add] + [f"  remove  - {dep}" for dep in remove]
    assert not add + remove, "\n".join(lines)


@pytest.mark.parametrize("path", plugins(), ids=lambda path: path.parent.name)
def test_a_plug_in_is_one_file(path: Path) -> None:
    """The pipeline depends on domain.py alone: a second module beside it could change without a rerun."""
    beside = [name for name in imported_names(path) if name.split(".")[0] in ("domains", "stages")]
    assert not beside, f"{path.relative_to(ROOT)} imports {beside}; expected imports from practicum only"


def chain(node: ast.AST) -> tuple[str, list[str]]:
    """`a.b["c"]` as its variable and its keys: ("a", ["b", "c"]); an empty name when it is no such thing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
        elif isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            parts.insert(0, node.slice.value)
        node = node.value
    return (node.id, parts) if isinstance(node, ast.Name) else ("", [])


def aliases(module: ast.Module) -> dict[str, str]:
    """Variables that stand for a part of the settings: `settings = config.evaluation` gives settings: evaluation."""
    found = {"config": ""}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name, keys = chain(node.value)
            if name == "config" and exists(".".join(keys)):
                found[node.targets[0].id] = ".".join(keys)
    return found


def read_keys(stage: str) -> set[str]:
    """Dotted keys of config.json that the script reads through its variable `config` or a part of it."""
    module = tree(script(stage))
    names = aliases(module)
    inner = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Attribute | ast.Subscript)}
    assigned = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Assign)}
    keys: set[str] = set()
    for node in ast.walk(module):
        name, parts = ("", []) if id(node) in inner else chain(node)
        if name in names and isinstance(getattr(node, "ctx", None), ast.Load):
            whole = [part for part in [names[name], *parts] if part]
            while whole and not exists(".".join(whole)):  # a method, or an attribute of the value
                whole.pop()
            if whole and not (id(node) in assigned and ".".join(whole) in names.values()):
                keys.add(".".join(whole))
        if isinstance(node, ast.DictComp | ast.ListComp | ast.SetComp | ast.GeneratorExp):
            keys |= by_name(node)
    return keys


def by_name(comprehension: ast.AST) -> set[str]:
    """Keys of `getattr(config, key) for key in ("lr", "steps")`."""
    nodes = list(ast.walk(comprehension))
    takes = any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "getattr"
        and chain(node.args[0])[0] == "config"
        for node in nodes
    )
    words = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {word for word in words if exists(word)} if takes else set()


def exists(key: str) -> bool:
    """Whether config.json has such a key."""
    model: Any = Resolved
    for part in key.split("."):
        if not (isinstance(model, type) and issubclass(model, BaseModel) and part in model.model_fields):
            return False
        model = model.model_fields[part].annotation
    return True


def declared_keys(stage: str) -> set[str] | None:
    """Keys of config.json under the stage's params; None where the whole file is declared."""
    params = entries(STAGES[stage].get("params", []))
    keys = params.get(CONFIG, [])
    return None if keys is None else set(keys)


# One script serves two stages: what it reads for the other one only.
NOT_FOR = {
    # An experiment with the method must not ask the untouched base again.
    "baseline": {"method"},
    # The tuned model is shown no worked examples.
    "evaluate": {"evaluation.shots"},
}
# `report` takes the whole file; `resolve` writes it.
READERS = [stage for stage in STAGES if stage != "resolve" and declared_keys(stage) is not None]


@pytest.mark.parametrize("stage", READERS)
def test_a_stage_declares_exactly_the_settings_that_it_reads(stage: str) -> None:
    """A key that is read and not declared gives stale results; one that is declared and not read, needless reruns."""
    declared = declared_keys(stage) or set()
    read = read_keys(stage) - NOT_FOR.get(stage, set())
    assert {key for key in declared if not exists(key)} == set()

    def covers(one: str, other: str) -> bool:
        return one == other or other.startswith(f"{one}.")

    undeclared = {key for key in read if not any(covers(one, key) for one in declared)}
    unread = {key for key in declared if not any(covers(one, key) or covers(key, one) for one in read)}
    assert not undeclared | unread, (
        f"dvc.yaml, stage {stage}, params of config.json: add {sorted(undeclared)}, remove {sorted(unread)}"
    )


@pytest.mark.parametrize("stage", READERS)
def test_a_stage_hands_on_single_settings_and_never_all_of_them(stage: str) -> None:
    """What a library function reads of the whole could not be seen here."""
    module = tree(script(stage))
    own = {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
    for call in (node for node in ast.walk(module) if isinstance(node, ast.Call)):
        handed = [*call.args, *(keyword.value for keyword in call.keywords)]
        whole = any(isinstance(value, ast.Name) and value.id == "config" for value in handed)
        callee = call.func.id if isinstance(call.func, ast.Name) else ast.unparse(call.func)
        assert not whole or callee in own | {"getattr"}, f"line {call.lineno}: hands config to {callee}"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_runs_once_per_domain_and_says_what_it_does(stage: str) -> None:
    assert STAGES[stage]["matrix"] == {"domain": "${domains}"}
    assert STAGES[stage]["desc"].strip()
    # Nothing but the domain's name goes through the command: DVC does not quote.
    assert STAGES[stage]["cmd"].replace("${item.domain}", "").count("$") == 0
    assert script(stage).is_file()
    assert not STAGES[stage].get("always_changed")


def test_only_the_reviewed_files_stay_out_of_the_cache() -> None:
    """Elsewhere `cache: false` would cost a teammate the run cache."""
    uncached = {path for stage in STAGES for path, options in outs(stage).items() if options.get("cache") is False}
    assert uncached == {CONFIG, f"{DOMAIN}/metrics.json", f"{DOMAIN}/items.jsonl"}
    cached = {path for stage in STAGES for path in outs(stage)} - uncached
    assert all(path.startswith(f"{DOMAIN}/build/") for path in cached)
    assert not any("persist" in options for stage in STAGES if stage != "resolve" for options in outs(stage).values())


def test_a_stage_depends_on_whole_outs_and_on_files_that_are_there() -> None:
    """DVC misses a change of one file inside another stage's folder out."""
    made = {path for stage in STAGES for path in outs(stage)}
    for stage, spec in STAGES.items():
        for dep in [*spec["deps"], *entries(spec.get("params", []))]:
            inside = [path for path in made if dep.startswith(f"{path}/")]
            assert not inside, f"{stage}: {dep} lies inside the out {inside}"
            if dep in made or "${" in dep:
                assert dep in made or "/build/" not in dep, f"{stage}: no stage makes {dep}"
            else:
                assert (ROOT / dep).is_file(), f"{stage}: there is no file {dep}"


def test_an_out_is_made_by_one_stage() -> None:
    made = [path for stage in STAGES for path in outs(stage)]
    assert len(made) == len(set(made))


if __name__ == "__main__":
    for name in STAGES:
        print(f"{name}:")
        for line in code_deps(name):
            print(f"      - {line}")
