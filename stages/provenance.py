"""Record which commit, machine and libraries a domain's results come from.

A leaf of the pipeline: no stage reads what it writes, and it runs again only when results changed. Taken from the
cache of runs or from a teammate, it keeps saying who computed them.
"""

import json
import re
import sys
from dataclasses import asdict
from pathlib import Path

from ruamel.yaml import YAML

from practicum.provenance import provenance
from stages.layout import ROOT, Layout, write_text

LIBRARIES = (
    "torch",
    "transformers",
    "peft",
    "accelerate",
    "bitsandbytes",
    "safetensors",
    "tokenizers",
    "datasets",
    "great-expectations",
    "numpy",
    "dvc",
)
AFTER = ("provenance", "report")
"""Stages whose entries in dvc.lock are written after this one has run."""


def main(name: str, root: Path = ROOT) -> None:
    layout = Layout(name, root)
    stages = YAML(typ="safe", pure=True).load(root / "dvc.lock")["stages"]
    skipped = {f"{stage}@{name}" for stage in AFTER}
    entries = {stage: entry for stage, entry in stages.items() if stage.endswith(f"@{name}") and stage not in skipped}
    names = "|".join(re.escape(path.name) for path in (layout.config, layout.metrics, layout.items))
    written = re.compile(rf"dvc\.lock|domains/[^/]+/(?:{names})")
    found = provenance(root, entries, LIBRARIES, lambda path: written.fullmatch(path) is not None)
    write_text(layout.build / "provenance.json", json.dumps(asdict(found), indent=2) + "\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (ValueError, FileNotFoundError) as error:
        sys.exit(f"provenance: {error}")
