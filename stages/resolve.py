"""Resolve a domain's settings: merge, check, fill from the model's recipe, write config.json.

Warns on the error stream when training is not expected to fit into this machine's memory. It only warns: config.json
is the same on every machine, and who resolves here may train elsewhere, or pull what a teammate trained.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from practicum.config import ConfigError, Registry, Resolved, checked, merged, resolve
from practicum.device import Device, multiplies_bf16, this_device
from practicum.domain import Domain
from practicum.planning import Launch, changes, estimate, gigabytes, launch_of, training_of
from practicum.shapes import shape_of
from stages.layout import CACHE, ROOT, Layout, load_domain, write_text


def read_settings(path: Path, name: str) -> dict[str, Any]:
    """A YAML 1.2 mapping, in which 3e-05 is a number; an empty file is an empty mapping. `name` is for errors.

    Raises:
        ConfigError: the file is missing, is no YAML, or holds something else; in one line.
    """
    try:
        value = YAML(typ="safe", pure=True).load(path)
    except FileNotFoundError:
        raise ConfigError(f"{name}: found no such file, expected settings in YAML (it may be empty)") from None
    except MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ConfigError(f"{name}: {line}{' '.join(str(error.problem).split())}, expected YAML") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}: {' '.join(str(error).split())}, expected YAML in UTF-8") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigError(f"{name}: found {value!r}, expected a mapping of settings, such as `lr: 3e-5`")
    return value


def load_plugin(layout: Layout) -> Domain:
    """The domain's plug-in, or one line about what is missing."""
    if not layout.folder.is_dir():
        there = sorted(path.parent.name for path in layout.folder.parent.glob("*/domain.py"))
        raise ConfigError(
            f"params.yaml: domains: found {layout.domain!r}, which has no folder domains/{layout.domain}; "
            f"expected a folder there, as {', '.join(there) or 'no domain'} has"
        )
    try:
        return load_domain(layout)
    except (FileNotFoundError, TypeError) as error:
        raise ConfigError(str(error)) from error


def settings(name: str, root: Path = ROOT, changed: Mapping[str, Any] | None = None) -> tuple[Resolved, Registry]:
    """A domain's settings with nothing left open, and the registry that its model stands in.

    Args:
        changed: settings over those of the files.

    Raises:
        ConfigError: a file is missing, or a setting can't be used.
    """
    try:
        layout = Layout(name, root)
    except ValueError as error:
        raise ConfigError(f"params.yaml: {error}") from None
    domain = load_plugin(layout)
    shared = read_settings(root / "params.yaml", "params.yaml")
    origin = str(layout.params.relative_to(root))
    override = merged(read_settings(layout.params, origin), changed or {})
    registry = checked(Registry, read_settings(root / "models.yaml", "models.yaml"), "models.yaml")
    return resolve(shared, override, registry, domain.settings, origin), registry


def launch(config: Resolved, root: Path = ROOT) -> Launch:
    """The processes in which the settings have training run.

    Raises:
        ConfigError: they name a file of Accelerate's settings that is missing, or that holds no number of processes.
    """
    if config.accelerate is None:
        return Launch()
    file = f"configs/accelerate/{config.accelerate}.yaml"
    try:
        return launch_of(read_settings(root / file, file))
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError(f"{file}: {error}") from None


def share_of(device: Device, launched: Launch) -> int:
    """Bytes of the device that one process can have: a GPU has one process, a machine's memory is for all on it."""
    return device.memory if device.kind == "gpu" else device.memory * launched.machines // launched.processes


def warning(name: str, config: Resolved, registry: Registry, device: Device, root: Path = ROOT) -> str | None:
    """One line where training is not expected to fit here, or where nothing can be expected.

    Raises:
        ConfigError: the processes that are to be launched are not told.
    """
    launched = launch(config, root)
    if device.kind == "cpu" and launched.processes > 1 and not launched.cpu:
        return None  # wants GPUs, so it trains elsewhere
    try:
        shape = shape_of(registry.models[config.model], CACHE, root)
        bf16 = multiplies_bf16(device.kind, config.precision)
        training = training_of(config, kind=device.kind, bf16=bf16, launch=launched)
    except ValueError as error:
        return f"{name}: memory of training not estimated: {error}"
    needed, memory = estimate(shape, training).total, share_of(device, launched)
    if needed <= memory:
        return None
    ways = [
        f"{change.settings} ({gigabytes(change.estimate.total)})"
        for change in changes(shape, training, memory)
        if change.estimate.total <= memory
    ]
    each = " a process" if launched.processes > 1 else ""
    return (
        f"{name}: training {config.model} by {config.method} is expected to take {gigabytes(needed)}{each} for "
        f"{training.rows} rows of max_length ({training.length} tokens) at once, found {gigabytes(memory)}"
        f"{' free' if device.kind == 'cpu' else ''} on this machine's {device.name}; "
        + (f"what would fit: {'; '.join(ways)}; " if ways else "no change of settings fits here; ")
        + f"see `python -m commands.plan {name}`"
    )


def main(name: str, root: Path = ROOT) -> None:
    config, registry = settings(name, root)
    line = warning(name, config, registry, this_device(), root)
    text = json.dumps(config.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
    write_text(Layout(name, root).config, text)
    if line is not None:
        print(f"resolve: warning: {line}", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m stages.resolve DOMAIN")
    try:
        main(sys.argv[1])
    except ConfigError as error:
        sys.exit(f"resolve: {error}")
