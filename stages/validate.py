"""Validate a domain's prepared data; a critical check that fails stops the pipeline and names the rows."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from practicum.config import Resolved, checked
from practicum.data.example import Example, examples_from_lines
from practicum.data.splitting import SPLITS
from practicum.validation import Report, validate
from practicum.validation_pages import pages
from stages.layout import CACHE, ROOT, Layout, atomic_folder, load_domain, write_text


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
        table.add_row(check.name, f"[{style}]{check.severity}", str(check.unexpected), *map(escape, cells))
    console.print(table)


def token_counter(config: Resolved, root: Path) -> Callable[[Example], int]:
    """Tokens of a training row as the model of this domain will see it."""
    from practicum.chat import Renderer
    from practicum.models import load_tokenizer

    renderer = Renderer(load_tokenizer(config.weights, CACHE, root), config.family, config.think)
    return lambda example: len(renderer.training_row(example).ids)


def main(name: str, root: Path = ROOT) -> bool:
    """Returns whether every critical check holds."""
    layout = Layout(name, root)
    name_of_config = str(layout.config.relative_to(root))
    config = checked(Resolved, json.loads(layout.config.read_text(encoding="utf-8")), name_of_config)
    schema = json.loads(layout.schema.read_text(encoding="utf-8"))
    tasks = load_domain(layout).tasks
    splits = {}
    for split in SPLITS:
        path = layout.build / "prepared" / f"{split}.jsonl"
        splits[split] = examples_from_lines(path.read_text(encoding="utf-8").split("\n")[:-1], path.name)
    report = validate(splits, tasks, schema, config.max_length, token_counter(config, root))
    show(report, name, Console())
    # Written when it failed as well: the pipeline drops the outs of a failed stage, a person can still read them.
    out = layout.build / "validation"
    with atomic_folder(out / "docs") as docs:
        for page, text in pages(report, name).items():
            (docs / page).write_text(text, encoding="utf-8")
    write_text(out / "summary.json", json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n")
    return report.passed


if __name__ == "__main__":
    try:
        if not main(sys.argv[1]):
            sys.exit("validate: a critical check failed; mend the data or the domain's plug-in, then run again")
    except (ValueError, FileNotFoundError, TypeError, RuntimeError) as error:
        sys.exit(f"validate: {error}")
