"""What memory training will take, before anything is loaded: `python -m commands.plan [DOMAIN ...] [options]`.

    python -m commands.plan medical
    python -m commands.plan medical --model qwen3-8b --method qlora --memory 24GB
    python -m commands.plan --model qwen3-32b --memory 80GB --processes 8 --sharding fsdp2

Settings are those that `dvc repro` would train with, and options stand over them. Compared is what this machine has,
or with `--memory` a device elsewhere. Ends with 0 where training fits, 1 where it doesn't, 2 where nothing can be said.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from rich.console import Console
from rich.table import Table

from practicum.config import ROOT_PARAMS, ConfigError, Method, Precision, Registry, Resolved, Shape
from practicum.device import Device, multiplies_bf16, this_device
from practicum.planning import (
    Estimate,
    Kind,
    Moment,
    Sharding,
    Training,
    changes,
    estimate,
    gigabytes,
    parameters,
    parse_memory,
    trainable_parameters,
    training_of,
)
from practicum.shapes import ShapeError, shape_of
from stages.layout import CACHE, ROOT
from stages.resolve import launch, read_settings, settings, share_of

MOMENTS: Mapping[Moment, str] = {
    "backward": "where backward begins",
    "step": "at the optimizer's step",
}
OVERRIDES = ("model", "method", "batch_size", "accumulation_steps", "max_length", "precision")
"""Options that stand for a setting of the same name."""


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="plan", description="What memory training will take, and what to change where it doesn't fit."
    )
    parser.add_argument("domains", nargs="*", metavar="DOMAIN", help="all of params.yaml's without a name")
    parser.add_argument("--memory", help="of one device elsewhere, such as 24GB or 80GiB")
    parser.add_argument(
        "--device", choices=("cpu", "gpu"), help="where training runs; without it this machine's, with --memory a GPU"
    )
    parser.add_argument("--processes", type=int, help="devices that train together; without it those of `accelerate`")
    parser.add_argument("--sharding", choices=get_args(Sharding), help="how they share the model; likewise")
    parser.add_argument("--model", help="a name of models.yaml")
    parser.add_argument("--method", choices=get_args(Method))
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--accumulation-steps", type=int)
    parser.add_argument("--max-length", type=int)
    parser.add_argument("--precision", choices=get_args(Precision))
    return parser.parse_args(given)


def chosen_device(options: argparse.Namespace) -> Device:
    """The device of the options, else this machine's."""
    if options.memory is not None:
        kind: Kind = options.device or "gpu"
        return Device(kind, "GPU" if kind == "gpu" else "CPU", parse_memory(options.memory))
    here = this_device()
    if options.device not in (None, here.kind):
        raise ValueError(f"device: found no {options.device} in use here; say how much it has by --memory, as in 24GB")
    return here


def smaller_models(config: Resolved, registry: Registry, shape: Shape) -> dict[str, Shape]:
    """Models of the same family with fewer parameters."""
    return {
        name: entry.shape
        for name, entry in registry.models.items()
        if entry.family == config.family and entry.shape is not None and parameters(entry.shape) < parameters(shape)
    }


def breakdown(title: str, reckoned: Estimate) -> Table:
    """The parts of an estimate, the largest first."""
    moment = MOMENTS[reckoned.moment]
    table = Table(title=title, title_justify="left", show_footer=True)
    table.add_column(f"At the peak, {moment}", footer="together")
    table.add_column("memory", justify="right", footer=gigabytes(reckoned.total))
    table.add_column("share", justify="right")
    for name, size in sorted(reckoned.parts.items(), key=lambda part: -part[1]):
        table.add_row(name, gigabytes(size), f"{size / reckoned.total:.0%}")
    return table


def facts(config: Resolved, shape: Shape, training: Training) -> str:
    """What is trained, in one line."""
    together = "" if training.processes == 1 else f", {training.processes} processes"
    together += "" if training.sharding == "none" else f" with {training.sharding}"
    return (
        f"{config.model} by {training.method}: {parameters(shape) / 1e6:,.0f} million parameters, "
        f"{trainable_parameters(shape, training) / 1e6:,.1f} million trained; {training.rows} rows at once of up to "
        f"{training.length} tokens, {'bf16' if training.bf16 else 'fp32'}{together}"
    )


def plan(name: str, options: argparse.Namespace, device: Device, console: Console, root: Path = ROOT) -> bool:
    """Print one domain's plan; whether training fits.

    Raises:
        ConfigError: a setting can't be used.
        ValueError: the model's shape is not known, or the method can't be sharded.
    """
    changed: dict[str, Any] = {key: value for key in OVERRIDES if (value := getattr(options, key)) is not None}
    config, registry = settings(name, root, changed)
    shape = shape_of(registry.models[config.model], CACHE, root)
    launched = launch(config, root)
    launched = replace(
        launched,
        processes=launched.processes if options.processes is None else options.processes,
        sharding=options.sharding or launched.sharding,
    )
    bf16 = multiplies_bf16(device.kind, config.precision)
    training = training_of(config, kind=device.kind, bf16=bf16, launch=launched)
    reckoned, memory = estimate(shape, training), share_of(device, launched)
    console.print(breakdown(f"{name}: {facts(config, shape, training)}", reckoned))
    where = f"{gigabytes(memory)} of {device.name}" + (" memory that is free" if device.kind == "cpu" else " memory")
    each = " for each process" if training.processes > 1 else ""
    if reckoned.total <= memory:
        console.print(f"{name}: fits into {where}{each}.")
        return True
    console.print(f"{name}: does not fit into {where}{each}; {gigabytes(reckoned.total - memory)} are missing.")
    table = Table()
    table.add_column("What to change")
    table.add_column("memory", justify="right")
    table.add_column("fits")
    found = changes(shape, training, memory, smaller_models(config, registry, shape))
    for change in found:
        size = change.estimate.total
        table.add_row(change.settings, gigabytes(size), "yes" if size <= memory else "no")
    if found:
        console.print(table)
    if not any(change.estimate.total <= memory for change in found):
        console.print("No change makes it fit: take a smaller model or a larger device.")
    return False


def main(given: Sequence[str], root: Path = ROOT) -> bool:
    """Plan each domain; whether all fit."""
    options = arguments(given)
    console = Console(soft_wrap=True)
    device = chosen_device(options)
    names = options.domains or read_settings(root / ROOT_PARAMS, ROOT_PARAMS).get("domains", [])
    fits = [plan(name, options, device, console, root) for name in names]
    return all(fits)


if __name__ == "__main__":
    try:
        fitting = main(sys.argv[1:])
    except (ConfigError, ShapeError, ValueError) as error:
        print(f"plan: {error}", file=sys.stderr)
        sys.exit(2)
    sys.exit(0 if fitting else 1)
