"""Resolve a domain's settings: merge, check, fill from the model's recipe, write config.json."""

import json
import sys
from pathlib import Path

from ruamel.yaml import YAML

from practicum.config import ConfigError, Registry, checked, resolve
from stages.layout import ROOT, Layout, load_domain, write_text


def read_yaml(path: Path) -> object:
    """Parsed YAML 1.2, in which 3e-05 is a number; an empty file is an empty mapping."""
    if not path.is_file():
        raise ConfigError(f"{path.relative_to(ROOT)}: found no such file, expected settings in YAML")
    return YAML(typ="safe", pure=True).load(path) or {}


def main(name: str) -> None:
    layout = Layout(name)
    root = read_yaml(ROOT / "params.yaml")
    override = read_yaml(layout.params)
    origin = str(layout.params.relative_to(ROOT))
    for path, value in (("params.yaml", root), (origin, override)):
        if not isinstance(value, dict):
            raise ConfigError(f"{path}: found {type(value).__name__}, expected a mapping of settings")
    registry = checked(Registry, read_yaml(ROOT / "models.yaml"), "models.yaml")
    resolved = resolve(root, override, registry, load_domain(layout).settings, origin)  # type: ignore[arg-type]
    write_text(layout.config, json.dumps(resolved.model_dump(mode="json"), indent=2) + "\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (ConfigError, FileNotFoundError, TypeError) as error:
        sys.exit(f"resolve: {error}")
