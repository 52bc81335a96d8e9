"""Validate a domain's prepared data; a critical check that fails stops the pipeline and names the rows."""

import hashlib
import json
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from practicum.chat import Renderer
from practicum.config import Resolved, checked
from practicum.data.drift import Profile
from practicum.data.example import examples_from_lines
from practicum.data.splitting import SPLITS
from practicum.expectations import Lengths
from practicum.models import load_tokenizer
from practicum.validation import Report, validate
from practicum.validation_pages import pages
from practicum.validation_table import IdentifiersLeft, RowLook
from stages.layout import CACHE, ROOT, Layout, atomic_folder, load_domain, write_text

MOST_PROCESSES = 8
"""Each holds a tokenizer or the lists of names."""


def show(report: Report, domain: str, console: Console) -> None:
    """Print what fails, and what was checked."""
    warnings = sum(check.severity == "warning" for check in report.failed)
    critical = len(report.failed) - warnings
    console.print(
        f"{domain}: {sum(report.rows.values())} rows, {len(report.checks)} checks: {critical} critical and "
        f"{warnings} warning failed",
        highlight=False,
    )
    if not report.failed:
        return
    table = Table(show_lines=True)
    for heading in ("check", "severity"):
        table.add_column(heading, overflow="fold")
    table.add_column("count", justify="right")
    for heading in ("found", "rows"):
        table.add_column(heading, overflow="fold")
    for check in report.failed:
        style = "red" if check.severity == "critical" else "yellow"
        cells = (check.observed, " ".join(check.rows))
        table.add_row(escape(check.name), f"[{style}]{check.severity}", str(check.unexpected), *map(escape, cells))
    console.print(table)


def look(config: Resolved, root: Path) -> RowLook:
    """Looks over a training row as the model of this domain will see it."""
    return RowLook(Renderer(load_tokenizer(config.weights, CACHE, root), config.family, config.think))


def search(config: Resolved) -> IdentifiersLeft | None:
    """Looks for identifiers; None where the domain's data need none removed."""
    if not config.deidentification.enabled:
        return None
    from practicum.data.deidentification.engine import Deidentifier

    return Deidentifier(config.deidentification, b"finding moves no date: any key does").left


def main(name: str, root: Path = ROOT) -> bool:
    """Returns whether every critical check holds."""
    layout = Layout(name, root)
    config = checked(
        Resolved, json.loads(layout.config.read_text(encoding="utf-8")), str(layout.config.relative_to(root))
    )
    schema = json.loads(layout.schema.read_text(encoding="utf-8"))
    path = layout.folder / "accepted.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    accepted = checked(Profile, kept, str(path.relative_to(root))) if kept else None
    tasks = load_domain(layout).tasks
    splits, digest = {}, hashlib.sha256()
    for split in SPLITS:
        content = (layout.build / "prepared" / f"{split}.jsonl").read_bytes()
        digest.update(content)
        splits[split] = examples_from_lines(content.decode().split("\n")[:-1], f"{split}.jsonl")
    report = validate(
        splits,
        tasks,
        schema,
        Lengths(config.max_length, config.too_long, config.evaluation.max_new_tokens),
        config.validation,
        accepted,
        look(config, root),
        search(config),
        min(os.cpu_count() or 1, MOST_PROCESSES),
    )
    show(report, name, Console())
    # Written when it failed as well: the pipeline drops the outs of a failed stage, a person can still read them.
    out = layout.build / "validation"
    with atomic_folder(out / "docs") as docs:
        for page, text in pages(report, name).items():
            (docs / page).write_text(text, encoding="utf-8")
    summary = {"prepared": digest.hexdigest()} | report.as_json()
    write_text(out / "summary.json", json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    # What later stages wait for. The summary changes with each warning, and that must not train a model again.
    write_text(out / "gate.json", json.dumps({"passed": report.passed}) + "\n")
    return report.passed


if __name__ == "__main__":
    try:
        if not main(sys.argv[1]):
            sys.exit("validate: a critical check failed; mend the data or the domain's plug-in, then run again")
    except (ValueError, FileNotFoundError, TypeError, RuntimeError) as error:
        sys.exit(f"validate: {error}")
