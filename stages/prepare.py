"""Prepare a domain's data: raw rows in; clean, split, balanced examples and an account of every row out."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from practicum.config import Data
from practicum.data.accounting import Accounting
from practicum.data.example import Example, Rejected, to_json_line
from practicum.data.preparation import PreparationError, prepare
from practicum.data.splitting import SPLITS
from stages.layout import ROOT, Layout, load_domain, write_text


def read_json(path: Path, root: Path) -> dict[str, Any]:
    """A JSON object from a file that must be there."""
    name = path.relative_to(root)
    if not path.is_file():
        raise FileNotFoundError(
            f"{name}: found no such file, expected a JSON object; config.json is written by resolve"
        )
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{name}: not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"{name}: found {type(value).__name__}, expected a JSON object")
    return value


def lines(rows: Iterable[Example | Rejected]) -> str:
    return "".join(to_json_line(row) + "\n" for row in rows)


def show(accounting: Accounting, console: Console) -> None:
    """Print what became of the rows."""
    counts = accounting.as_json()["rows"]
    console.print(
        f"{accounting.domain}: {counts['in']} rows in = {counts['kept']} kept + {counts['rejected']} rejected + "
        f"{counts['duplicates']} duplicates",
        highlight=False,
    )
    table = Table()
    table.add_column("task")
    for split in SPLITS:
        table.add_column(split, justify="right")
    for task, by_split in accounting.tasks.items():
        table.add_row(task, *(str(by_split[split]) for split in SPLITS))
    table.add_section()
    table.add_row("rows", *(str(accounting.splits[split]) for split in SPLITS))
    table.add_row("groups", *(str(accounting.groups[split]) for split in SPLITS))
    console.print(table)
    left_out = dict(accounting.rejected_by_rule) | {
        f"{kind} duplicate": count for kind, count in accounting.duplicates.items() if count
    }
    if left_out:
        console.print("left out: " + ", ".join(f"{rule} {count}" for rule, count in left_out.items()), markup=False)


def main(name: str, root: Path = ROOT) -> None:
    layout = Layout(name, root)
    config = read_json(layout.config, root)
    schema = read_json(layout.schema, root)
    domain = load_domain(layout)
    settings = domain.settings.model_validate(config["domain"])
    data = Data.model_validate(config["data"])
    rows = domain.examples(layout.data, settings)
    prepared = prepare(name, rows, domain.tasks, schema, data, config["seed"])
    out = layout.build / "prepared"
    for split in SPLITS:
        write_text(out / f"{split}.jsonl", lines(prepared.splits[split]))
    write_text(out / "shots.jsonl", lines(prepared.shots))
    write_text(out / "rejected.jsonl", lines(prepared.left_out))
    write_text(out / "stats.json", json.dumps(prepared.accounting.as_json(), indent=2, ensure_ascii=False) + "\n")
    show(prepared.accounting, Console())


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (PreparationError, ValueError, FileNotFoundError, TypeError) as error:
        sys.exit(f"prepare: {error}")
