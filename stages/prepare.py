"""Prepare a domain's data: raw files in; clean, split, balanced examples and an account of every row out."""

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from practicum.config import Data, Deidentification, Source
from practicum.data.accounting import Accounting
from practicum.data.cleaning import schema_validator
from practicum.data.collection import Collection, Deidentifying
from practicum.data.deidentification.measurement import measure, read_notes
from practicum.data.example import to_json_line
from practicum.data.mixing import chosen
from practicum.data.preparation import Cleaning, prepare
from practicum.data.splitting import SPLITS
from practicum.data.workers import Workers
from stages.layout import ROOT, Layout, atomic_file, load_domain, write_text

MOST_WORKERS = 8
"""More would wait for the one process that reads."""
SHIFT_KEY = "PRACTICUM_DATE_SHIFT_KEY"
"""Environment variable with the secret that dates are shifted by."""


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


def write_json(path: Path, value: object) -> None:
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_lines(path: Path, lines: Iterable[bytes]) -> None:
    with atomic_file(path) as temporary, temporary.open("wb") as file:
        file.writelines(line + b"\n" for line in lines)


def dictionary(data: Data, folder: Path) -> frozenset[str]:
    """The words of the domain's own dictionary, if it has one."""
    if data.quality.dictionary is None:
        return frozenset()
    path = folder / data.quality.dictionary
    if not path.is_file():
        raise FileNotFoundError(
            f"data.quality.dictionary: found no file {data.quality.dictionary} in the data folder, expected one word "
            "a line; or set it to null"
        )
    return frozenset(path.read_text(encoding="utf-8").split("\n"))


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


def deidentifying(settings: Deidentification) -> Deidentifying | None:
    """The step that removes identifiers, or None where the domain has it off."""
    if not settings.enabled:
        return None
    key = os.environ.get(SHIFT_KEY, "").encode() or None
    if settings.dates == "shift" and key is None:
        raise ValueError(
            f"deidentification.dates: found 'shift' but no {SHIFT_KEY} in the environment; expected a secret there, "
            "the same for the whole team, or `dates: year`"
        )
    return Deidentifying(settings, key)


def mixed(shares: dict[str, float], own: int, seed: int, layout: Layout) -> list[bytes]:
    """The lines of other domains to train on."""
    offered = {}
    for name in shares:
        path = layout.data / "mixed" / f"{name}.jsonl"
        if not path.is_file():
            raise FileNotFoundError(
                f"mix.{name}: found no data/mixed/{name}.jsonl, expected the other domain's training rows there; "
                "docs/training.md shows the stage that brings them"
            )
        offered[name] = path.read_bytes().split(b"\n")[:-1]
    return chosen(own, offered, shares, seed)


def main(name: str, root: Path = ROOT) -> None:
    layout = Layout(name, root)
    config = read_json(layout.config, root)
    schema = read_json(layout.schema, root)
    domain = load_domain(layout)
    data = Data.model_validate(config["data"])
    sources = TypeAdapter(dict[str, Source]).validate_python(config["sources"])
    hiding = Deidentification.model_validate(config["deidentification"])
    remover = deidentifying(hiding)
    schema_validator(schema)  # a fault in it is told before anything is read
    cleaning = Cleaning(schema, data, dictionary(data, layout.data), config["seed"])
    steps = {"clean": cleaning} | ({"deidentify": remover} if remover else {})
    out = layout.build / "prepared"
    layout.build.mkdir(parents=True, exist_ok=True)
    with Workers(steps, min(os.cpu_count() or 1, MOST_WORKERS)) as workers:
        collection = Collection(
            domain,
            domain.settings.model_validate(config["domain"]),
            sources,
            layout.data,
            workers if remover else None,
        )
        prepared = prepare(name, collection.rows(), domain.tasks, cleaning, workers, folder=layout.build)
        for split in SPLITS:
            write_lines(out / f"{split}.jsonl", prepared.splits[split].lines())
        write_lines(out / "rejected.jsonl", prepared.left_out.lines())
    write_lines(out / "shots.jsonl", (to_json_line(row).encode() for row in prepared.shots))
    rows = mixed(config["mix"], prepared.accounting.splits["train"], config["seed"], layout)
    write_lines(out / "mixed.jsonl", rows)
    write_json(out / "stats.json", prepared.accounting.as_json() | collection.as_json() | {"mixed": len(rows)})
    measured = {}
    if remover and hiding.notes:
        notes = [note for note in read_notes(layout.data / hiding.notes) if note.part == "held_out"]
        measured = measure(notes, remover.deidentifier.find).as_json()
    write_json(out / "deidentification.json", measured)
    show(prepared.accounting, Console())


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (ValueError, OSError, TypeError) as error:
        sys.exit(f"prepare: {error}")
