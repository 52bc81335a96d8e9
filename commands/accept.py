"""Accept domains' prepared data: `python -m commands.accept [DOMAIN ...]`, all of params.yaml's without a name.

Writes domains/<name>/accepted.json, with which validate compares data that are prepared later. Review and commit it.
"""

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from practicum.config import ROOT_PARAMS, ConfigError
from practicum.data.drift import profile
from practicum.data.example import examples_from_lines
from practicum.data.splitting import SPLITS
from stages.layout import ROOT, Layout, write_text
from stages.resolve import read_settings


def accept(name: str, root: Path = ROOT) -> int:
    """Write the profile of one domain's prepared data as accepted; returns how many rows it has.

    Raises:
        FileNotFoundError: prepare or validate has not run.
        ValueError: the name is no domain's, validation did not pass, or it speaks of other data.
    """
    layout = Layout(name, root)
    again = f"run `dvc repro validate@{name}` first"
    if not layout.plugin.is_file():
        raise ValueError(f"{name}: found no domains/{name}/domain.py, expected the name of a domain")
    summary_path = layout.build / "validation" / "summary.json"
    paths = {split: layout.build / "prepared" / f"{split}.jsonl" for split in SPLITS}
    for path in (summary_path, *paths.values()):
        if not path.is_file():
            raise FileNotFoundError(f"{name}: found no {path.relative_to(root)}, expected one; {again}")
    summary = json.loads(summary_path.read_text(encoding="utf-8"))
    if summary.get("passed") is not True:
        failed = [
            check["name"]
            for check in summary.get("checks", [])
            if not check["success"] and check["severity"] == "critical"
        ]
        raise ValueError(
            f"{name}: validation did not pass ({', '.join(failed)}), expected every critical check to hold; mend the "
            f"data and {again}"
        )
    contents = {split: path.read_bytes() for split, path in paths.items()}
    digest = hashlib.sha256(b"".join(contents[split] for split in SPLITS)).hexdigest()
    if summary.get("prepared") != digest:
        raise ValueError(f"{name}: validation speaks of other rows than are prepared now; {again}")
    splits = {
        split: examples_from_lines(content.decode().split("\n")[:-1], f"{split}.jsonl")
        for split, content in contents.items()
    }
    values = profile(splits).model_dump(mode="json")
    write_text(layout.folder / "accepted.json", json.dumps(values, indent=2, ensure_ascii=False) + "\n")
    return sum(map(len, splits.values()))


def main(names: Sequence[str], root: Path = ROOT) -> None:
    """Accept each domain's data, or say of each why not.

    Raises:
        ValueError: of at least one they can't be accepted; the others' are.
    """
    refused = []
    for name in names or read_settings(root / ROOT_PARAMS, ROOT_PARAMS).get("domains", []):
        try:
            rows = accept(name, root)
            print(f"{name}: accepted {rows} rows; commit domains/{name}/accepted.json")
        except (ValueError, FileNotFoundError) as error:
            refused.append(str(error))
    if refused:
        raise ValueError("\n".join(refused))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (ConfigError, ValueError) as error:
        sys.exit("\n".join(f"accept: {line}" for line in str(error).splitlines()))
