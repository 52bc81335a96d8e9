"""The LM Evaluation Harness on a domain's test set: `python -m commands.lm_eval export|run DOMAIN [options]`.

    python -m commands.lm_eval export medical --out tasks
    python -m commands.lm_eval run medical
    python -m commands.lm_eval run medical --model base --tasks arc_easy,gsm8k --limit 50

`export` writes the task `practicum_DOMAIN` into a folder of that name under --out. `run` exports to a temporary
folder, lets the harness run it and any other tasks, and compares item by item with the pipeline's own predictions.
It ends with 0 where all items agree but for ties of rounding, 1 where some don't, 2 where nothing can be said.
Nothing is fetched unless HF_HUB_OFFLINE=0 and HF_DATASETS_OFFLINE=0 say so. docs/lm-eval.md has the rest.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from practicum.config import FolderWeights, Resolved
from practicum.data.example import Example, read_examples
from stages.layout import CACHE, ROOT, Layout, write_text

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from practicum.chat import Renderer
    from practicum.evaluation.harness import Difference, HarnessItem
    from practicum.evaluation.scoring import Prediction

OFFLINE = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE")


class CommandError(RuntimeError):
    """Nothing can be said; the message is what was found, what was expected and what to do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A domain's test items as a model is asked them."""

    name: str
    layout: Layout
    config: Resolved
    renderer: "Renderer"
    items: list[Example]
    prompts: list[list[int]]

    @property
    def by_id(self) -> dict[str, list[int]]:
        return {item.id: ids for item, ids in zip(self.items, self.prompts, strict=True)}

    def write(self, folder: Path) -> Path:
        """Write the task; returns its folder, a new one in `folder`."""
        from practicum.evaluation.harness import task_files, task_name

        task = task_name(self.name)
        files = task_files(
            task,
            self.renderer,
            self.items,
            self.prompts,
            max_new_tokens=self.config.evaluation.max_new_tokens,
            schema=self.layout.schema.read_text(encoding="utf-8"),
            plugin=self.layout.plugin.read_text(encoding="utf-8"),
        )
        for name, text in files.items():
            write_text(folder / task / name, text)
        return folder / task


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="lm_eval", description="The LM Evaluation Harness on a domain's test set.")
    actions = parser.add_subparsers(dest="action", required=True)
    export = actions.add_parser("export", help="write the test set as a task of the harness")
    export.add_argument("domain", metavar="DOMAIN")
    export.add_argument("--out", type=Path, required=True, help="folder in which the task's folder is written")
    export.add_argument("--shots", action="store_true", help="with the worked examples that the base model is shown")
    run = actions.add_parser("run", help="run it, and compare item by item with the pipeline's predictions")
    run.add_argument("domain", metavar="DOMAIN")
    run.add_argument("--model", default="tuned", help="tuned, base, or a folder in the Transformers layout")
    run.add_argument("--tasks", default="", help="further tasks of the harness, such as arc_easy,gsm8k")
    run.add_argument("--include-path", type=Path, action="append", default=[], help="a folder with tasks of your own")
    run.add_argument("--gen-kwargs", help="for further tasks that write, such as max_gen_toks=1024")
    run.add_argument("--limit", type=int, help="the first items of each task only")
    run.add_argument("--out", type=Path, help="folder of the results; without it domains/DOMAIN/build/lm_eval/MODEL")
    return parser.parse_args(given)


def asked(name: str, root: Path, shots: bool, tokenizer_of: Path | None = None) -> Asked:
    """The test items of a domain, rendered as evaluate does it.

    Args:
        name: of the domain.
        root: the repository.
        shots: whether worked examples come first, as for the base model.
        tokenizer_of: folder of the model whose tokenizer renders; None takes the domain's.

    Raises:
        CommandError: the pipeline has not run, or decodes in a way that the harness has not.
    """
    from practicum.chat import Renderer
    from practicum.evaluation.answering import Asker
    from practicum.evaluation.scoring import select_items
    from practicum.models import load_tokenizer

    layout = Layout(name, root)
    test, worked = (layout.build / "prepared" / f"{part}.jsonl" for part in ("test", "shots"))
    for path in (layout.plugin, layout.config, test, *([worked] if shots else [])):
        if not path.is_file():
            raise CommandError(
                f"{name}: found no {path.relative_to(root)}, expected one; is it the name of a domain? Then run "
                f"`dvc repro prepare@{name}`"
            )
    config = Resolved.model_validate_json(layout.config.read_bytes())
    decoding = config.decoding
    if decoding.temperature or decoding.constrained or decoding.max_thinking_tokens:
        raise CommandError(
            f"{name}: found decoding {decoding.model_dump()}, expected temperature 0, not constrained, thinking "
            "without a limit: the harness can't write in another way item by item. Set `decoding` so and run "
            f"`dvc repro evaluate@{name}`"
        )
    settings = config.evaluation
    weights = config.weights if tokenizer_of is None else FolderWeights(folder=str(tokenizer_of))
    renderer = Renderer(load_tokenizer(weights, CACHE, root), config.family, config.think)
    items = select_items(read_examples(test), settings.items)
    shown: dict[str, list[Example]] = {}
    for shot in read_examples(worked) if shots else ():
        shown.setdefault(shot.task, []).append(shot)
    first = {task: rows[: settings.shots] for task, rows in shown.items()}
    prompts = Asker(renderer, settings.max_new_tokens, settings.batch_size).prompts(items, first)
    return Asked(name, layout, config, renderer, items, prompts)


def loaded(which: str, asking: Asked, root: Path) -> "PreTrainedModel":
    """The model, where and in the precision in which evaluate runs it."""
    import torch

    from practicum.models import load_model, resolved_precision
    from practicum.training.adapters import load_tuned

    config = asking.config
    if which == "tuned":
        model = load_tuned(config.weights, config.method, asking.layout.build / "model", CACHE, root)
    else:
        weights = config.weights if which == "base" else FolderWeights(folder=str(Path(which).resolve()))
        model = load_model(weights, CACHE, root, dtype=torch.float32)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    dtype = torch.bfloat16 if resolved_precision(config.precision) == "bf16" else torch.float32
    return model.to(device, dtype)  # type: ignore[arg-type]  # Transformers hides the signature of Module.to


def own_predictions(which: str, layout: Layout) -> "list[Prediction]":
    """What the pipeline found for the same model.

    Raises:
        CommandError: it has not run.
    """
    from practicum.evaluation.scoring import predictions_from_lines

    path = layout.build / which / "predictions.jsonl"
    if not path.is_file():
        stage = "baseline" if which == "base" else "evaluate"
        raise CommandError(
            f"{layout.domain}: found no {path.relative_to(layout.root)} to compare with; run "
            f"`dvc repro {stage}@{layout.domain}`"
        )
    with path.open(encoding="utf-8") as file:
        return predictions_from_lines(file, f"{which}/predictions.jsonl")


def dump(value: object) -> str:
    """JSON of what the harness returns, which holds functions and arrays."""
    from lm_eval.utils import handle_non_serializable

    return json.dumps(value, ensure_ascii=False, default=handle_non_serializable)


def write_results(
    folder: Path, results: Mapping[str, Any], samples: Mapping[str, Sequence[Mapping[str, Any]]], name: str
) -> None:
    """Write `name`.json, and for each task its samples."""
    write_text(folder / f"{name}.json", dump(results) + "\n")
    for task, rows in samples.items():
        write_text(folder / f"samples_{task}.jsonl", "".join(dump(row) + "\n" for row in rows))


def agreement_table(
    task: str, ours: "Sequence[Prediction] | None", theirs: "Sequence[HarnessItem]", differ: "Sequence[Difference]"
) -> Table:
    """Practicum's figures and the harness's beside each other."""
    n = len(theirs)
    table = Table(title=f"{task}: {n} items", title_justify="left")
    for column in ("", "Practicum", "LM Evaluation Harness", "items that differ"):
        table.add_column(column, justify="left" if column == "" else "right")
    columns = {
        "exact match": ([float(one.em) for one in ours[:n]] if ours else None, [float(one.em) for one in theirs]),
        "F1": ([one.f1 for one in ours[:n]] if ours else None, [one.f1 for one in theirs]),
        "format error": (
            [float(one.error is not None) for one in ours[:n]] if ours else None,
            [float(one.format_error) for one in theirs],
        ),
    }
    for name, (left, right) in columns.items():
        table.add_row(
            name,
            f"{sum(left) / n:.1%}" if left else "not compared",
            f"{sum(right) / n:.1%}",
            str(sum(name in one.scores for one in differ)) if left else "",
        )
    return table


def standard_table(results: Mapping[str, Any]) -> Table:
    """The figures of further tasks."""
    table = Table(title="Further tasks", title_justify="left")
    for column in ("task", "measure", "value", "standard error"):
        table.add_column(column, justify="left" if column in ("task", "measure") else "right")
    for task, figures in results["results"].items():
        for name, value in figures.items():
            measure, _, kind = name.partition(",")
            if isinstance(value, int | float) and kind and not measure.endswith("_stderr"):
                error = figures.get(f"{measure}_stderr,{kind}")
                table.add_row(
                    task, f"{measure} ({kind})", f"{value:.4f}", f"{error:.4f}" if isinstance(error, float) else ""
                )
    return table


def explained(one: "Difference") -> str:
    """A difference in one line."""
    scores = ", ".join(f"{name} {ours:g} here, {theirs:g} there" for name, (ours, theirs) in one.scores.items())
    if one.gap is None:
        return f"item {one.id}: {scores}, for the same text {one.ours!r}"
    kind = "a tie" if one.tie else "more than rounding"
    return f"item {one.id}: {scores}; the texts part where two tokens lie {one.gap:.3g} logits apart ({kind})"


def run(options: argparse.Namespace, console: Console, root: Path = ROOT) -> bool:
    """Run the harness; whether it agrees with Practicum but for ties.

    Raises:
        CommandError: nothing can be said.
        HarnessError: the harness would see other prompts, or a task does not load.
    """
    from practicum.evaluation.harness import differences, run_exported, run_standard

    which: str = options.model
    own = which in ("tuned", "base")
    if not own and not (Path(which) / "config.json").is_file():
        raise CommandError(f"model: found {which!r}, expected tuned, base, or a folder with a config.json")
    if options.limit is not None and options.limit < 1:
        raise CommandError(f"limit: found {options.limit}, expected at least 1")
    asking = asked(options.domain, root, which == "base", None if own else Path(which).resolve())
    ours = own_predictions(which, asking.layout) if own else None
    model = loaded(which, asking, root)
    tokenizer, batch_size = asking.renderer.tokenizer, asking.config.evaluation.batch_size
    label = which if own else Path(which).resolve().name
    out: Path = options.out or asking.layout.build / "lm_eval" / label
    with tempfile.TemporaryDirectory() as temporary:
        folder = asking.write(Path(temporary))
        found = run_exported(
            model,
            tokenizer,
            folder,
            asking.by_id,
            max_new_tokens=asking.config.evaluation.max_new_tokens,
            batch_size=batch_size,
            limit=options.limit,
        )
    task = folder.name
    write_results(out, found.results, {task: found.samples}, task)
    differ = [] if ours is None else differences(ours, found.items, model, asking.renderer, asking.by_id)
    console.print(agreement_table(task, ours, found.items, differ))
    if ours is not None:
        other = sum(one.text != item.text for one, item in zip(ours, found.items, strict=False))
        console.print(f"{other} of {len(found.items)} completions are not the same text")
    for one in differ:
        console.print(explained(one), markup=False, highlight=False, soft_wrap=True)
    names = [name for name in options.tasks.split(",") if name]
    if names:
        results, samples = run_standard(
            model,
            tokenizer,
            names,
            options.include_path,
            family=asking.config.family,
            think=asking.config.think,
            batch_size=batch_size,
            limit=options.limit,
            gen_kwargs=options.gen_kwargs,
        )
        write_results(out, results, samples, "tasks")
        console.print(standard_table(results))
    console.print(f"written to {out}", soft_wrap=True, highlight=False)
    return all(one.tie for one in differ)


def main(given: Sequence[str], root: Path = ROOT) -> int:
    """Run the command; returns its exit code."""
    options = arguments(given)
    # Before anything of the hub's is imported, which reads them once.
    for name in OFFLINE:
        os.environ.setdefault(name, "1")
    from practicum.chat import RenderError
    from practicum.evaluation.harness import HarnessError
    from practicum.models import WeightsError, without_bars

    without_bars()
    console = Console()
    try:
        if options.action == "export":
            folder = asked(options.domain, root, options.shots).write(options.out)
            console.print(f"written to {folder}", soft_wrap=True, highlight=False)
            return 0
        if run(options, console, root):
            return 0
    except (CommandError, HarnessError, RenderError, WeightsError, ValueError) as error:
        print(f"lm_eval: {error}", file=sys.stderr)
        return 2
    print(
        "lm_eval: the harness and Practicum score the items above differently, and not by a tie; expected the same. "
        "Were the predictions made by this model, on this machine?",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
