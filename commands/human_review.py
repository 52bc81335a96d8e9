"""People's judgement of a domain's base against its tuned model: `python -m commands.human_review COMMAND DOMAIN`.

    python -m commands.human_review export medical [--items 20] [--out review.html] [--seed S]
    python -m commands.human_review import medical FILE... [--replace]

`export` writes a blinded form, one HTML file that needs no server; send it, and nothing else, to two raters or more.
`import` reads the files that they saved, and adds them to domains/DOMAIN/ratings.jsonl, for `dvc repro` to report.
What tells the sides apart stays in domains/DOMAIN/build/human_review/keys/: keep it until all files are back.
See docs/human-review.md.
"""

import argparse
import json
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from practicum.config import checked
from practicum.data.example import read_examples
from practicum.evaluation.human_ratings import (
    Model,
    Rating,
    current_ratings,
    human_review_figures,
    ratings_from_lines,
    ratings_to_lines,
)
from practicum.evaluation.scoring import Prediction, predictions_from_lines
from practicum.reporting.human_review.form import Key, form
from practicum.reporting.human_review.returned import check_key, merged, returned, unblinded
from practicum.reporting.wording import percent, span
from stages.layout import ROOT, Layout, write_text

ITEMS = 20


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="human_review", description="People's judgement of a domain's base against its tuned model."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export", help="write a blinded form")
    export.add_argument("domain", metavar="DOMAIN")
    export.add_argument("--items", type=int, default=ITEMS, help=f"how many to rate; {ITEMS} without it")
    export.add_argument("--seed", help="draws items and sides; without it a secret one, which is safer")
    export.add_argument("--out", type=Path, metavar="FILE", help="the form; beside the key without it")
    back = commands.add_parser("import", help="bring back the files that raters saved")
    back.add_argument("domain", metavar="DOMAIN")
    back.add_argument("files", nargs="+", type=Path, metavar="FILE")
    back.add_argument("--replace", action="store_true", help="put ratings in the place of a rater's earlier ones")
    return parser.parse_args(given)


def _needed(layout: Layout, *parts: str) -> Path:
    """A file that a stage before has written."""
    if not layout.plugin.is_file():
        raise ValueError(f"found no domains/{layout.domain}/domain.py, expected the name of a domain")
    path = layout.build.joinpath(*parts)
    if not path.is_file():
        raise FileNotFoundError(
            f"found no {path.relative_to(layout.root)}, expected one; run `dvc repro evaluate@{layout.domain}` first"
        )
    return path


def _predictions(layout: Layout, which: Model) -> list[Prediction]:
    path = _needed(layout, which, "predictions.jsonl")
    with path.open(encoding="utf-8") as lines:
        return predictions_from_lines(lines, str(path.relative_to(layout.root)))


def _keys(layout: Layout) -> Path:
    return layout.build / "human_review" / "keys"


def export(name: str, *, items: int, seed: str | None, out: Path | None, root: Path = ROOT) -> tuple[Path, Key]:
    """Write a form and its key.

    Args:
        name: of the domain.
        items: how many, at most.
        seed: draws items and sides; None draws a secret one.
        out: the form's file; None puts it into build/human_review/.

    Raises:
        FileNotFoundError: a stage has not run.
        ValueError: there is nothing to show, or the models have not answered the same items.
    """
    layout = Layout(name, root)
    examples = read_examples(_needed(layout, "prepared", "test.jsonl"))
    base, tuned = _predictions(layout, "base"), _predictions(layout, "tuned")
    page, key = form(
        name, name.replace("_", " ").capitalize(), examples, base, tuned,
        items=items, seed=secrets.token_hex(16) if seed is None else seed,
    )  # fmt: skip
    path = out or layout.build / "human_review" / f"{name}-{key.form}.html"
    # The key first: a form without one could not be brought back.
    write_text(_keys(layout) / f"{key.form}.json", key.model_dump_json(indent=2) + "\n")
    write_text(path, page)
    return path, key


def _read(layout: Layout, path: Path, base: list[Prediction], tuned: list[Prediction]) -> tuple[Rating, ...]:
    """One rater's file, checked and unblinded."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: found nothing to read ({error}), expected the file that the form saved") from None
    given = returned(text, str(path), layout.domain)
    keys = {file.stem: file for file in sorted(_keys(layout).glob("*.json"))}
    if given.form not in keys:
        known = f"one of {', '.join(keys)}" if keys else "one with a key, and there are none"
        raise ValueError(
            f"{path}: form: found {given.form!r}, expected {known} in "
            f"{_keys(layout).relative_to(layout.root)}/; import it where it was exported, or bring its key"
        )
    file = keys[given.form]
    key = checked(Key, json.loads(file.read_bytes()), str(file.relative_to(layout.root)))
    try:
        check_key(key, base, tuned)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return unblinded(given, key, {row.id: row for row in tuned}, str(path))


def bring_back(name: str, files: Sequence[Path], *, replace: bool, root: Path = ROOT) -> str:
    """Add the raters' files to the domain's ratings: all of them, or none; returns what was done.

    Raises:
        FileNotFoundError: a stage has not run.
        ValueError: with a line for each file that can't be used.
    """
    layout = Layout(name, root)
    base, tuned = _predictions(layout, "base"), _predictions(layout, "tuned")
    new: list[Rating] = []
    refused = []
    for path in files:
        try:
            new += _read(layout, path, base, tuned)
        except ValueError as error:
            refused.append(str(error))
    if refused:
        raise ValueError("\n".join([*refused, f"{name}: no rating was imported"]))
    target = layout.folder / "ratings.jsonl"
    lines = target.read_text(encoding="utf-8").splitlines() if target.is_file() else []
    ratings, replaced = merged(ratings_from_lines(lines, str(target.relative_to(root))), new, replace=replace)
    settings = json.loads(layout.config.read_bytes())
    current, outdated = current_ratings(ratings, base, tuned)
    figures = human_review_figures(
        current,
        confidence=settings["evaluation"]["confidence"],
        resamples=settings["evaluation"]["resamples"],
        seed=settings["seed"],
    )
    write_text(target, ratings_to_lines(ratings))
    told = [f"{name}: replaced {count} earlier ratings by {rater}" for rater, count in sorted(replaced.items())]
    told.append(f"{name}: imported {len(new)} ratings by {', '.join(sorted({rating.rater for rating in new}))}")
    if outdated:
        told.append(f"{name}: {outdated} ratings in the file are of earlier models' completions and don't count")
    told.append(
        f"{name}: the tuned model is preferred in {percent(figures.win_rate.value)} ({span(figures.win_rate)}; ties as "
        f"half) of {figures.ratings} ratings of {figures.items} items by {', '.join(figures.raters)}"
    )
    told += [
        f"{name}: agreement on {one.title.lower()}: {one.kappa_name} "
        f"{'none' if one.kappa is None else f'{one.kappa.value:.2f}'}, Krippendorff's alpha "
        f"{'none' if one.alpha is None else f'{one.alpha.value:.2f}'} on {one.units} units"
        for one in figures.agreement
    ]
    told.append(f"{name}: commit domains/{name}/ratings.jsonl, and run `dvc repro report@{name}`")
    return "\n".join(told)


def main(given: Sequence[str], root: Path = ROOT) -> str:
    """Run a command; returns what was done.

    Raises:
        FileNotFoundError: a stage has not run.
        ValueError: there is nothing to show, or a file can't be used.
    """
    options = arguments(given)
    if options.command == "import":
        return bring_back(options.domain, options.files, replace=options.replace, root=root)
    path, key = export(options.domain, items=options.items, seed=options.seed, out=options.out, root=root)
    return (
        f"{options.domain}: wrote {path} with {len(key.items)} items; send it to each rater\n"
        f"{options.domain}: wrote its key {_keys(Layout(options.domain, root)) / f'{key.form}.json'}; keep it here, "
        "and send it to nobody"
    )


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except (ValueError, FileNotFoundError) as error:
        sys.exit("\n".join(f"human_review: {line}" for line in str(error).splitlines()))
