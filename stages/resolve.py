"""Resolve a domain's settings: merge, check, fill from the model's recipe, write config.json."""

import json
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from practicum.config import ConfigError, Registry, checked, resolve
from practicum.domain import Domain
from stages.layout import ROOT, Layout, load_domain, write_text


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


def main(name: str, root: Path = ROOT) -> None:
    try:
        layout = Layout(name, root)
    except ValueError as error:
        raise ConfigError(f"params.yaml: {error}") from None
    domain = load_plugin(layout)
    shared = read_settings(root / "params.yaml", "params.yaml")
    origin = str(layout.params.relative_to(root))
    override = read_settings(layout.params, origin)
    registry = checked(Registry, read_settings(root / "models.yaml", "models.yaml"), "models.yaml")
    resolved = resolve(shared, override, registry, domain.settings, origin)
    write_text(layout.config, json.dumps(resolved.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m stages.resolve DOMAIN")
    try:
        main(sys.argv[1])
    except ConfigError as error:
        sys.exit(f"resolve: {error}")
