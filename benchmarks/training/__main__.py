"""LoRA training on the CPU: practicum against TRL and LLaMA-Factory, in one run, each side in a process of its own.

    pip install --no-deps -r benchmarks/requirements.txt
    python -m benchmarks.training [--domain finance] [--llamafactory PATH/TO/VENV] [--compile] [--out FILE.jsonl]

Reads a domain's prepared rows (after `make repro`). Every side gets the same model, the same rows in the same steps,
the same learning rate and schedule, bf16 autocast, and LoRA r=16 on all linear layers. TRL's best settings are found by
trying them first. Tokens are counted without padding, the first two steps are a warm-up. Prints one JSON line for each
thing measured, then tables in Markdown. README.md in benchmarks/ says what each column means.
"""

import argparse
import copy
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.training.task import BATCH, STEPS, WARMUP, Task, adapter_path, load_task, times_path
from practicum.inference.timing import machine_facts
from practicum.models import resolve_weights
from stages.layout import CACHE, ROOT

ACCUMULATION = 2
"""Micro-batches that practicum takes a step in."""

TRIAL_STEPS, TRIAL_WARMUP = 3, 1
TRIAL_SECONDS = 300.0
"""A trial that takes longer is given up."""

OFFLINE = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
"""No side waits for a hub."""

AS_IT_COMES: dict[str, Any] = {"attention": "sdpa", "dtype": "float32", "micro_batch": BATCH, "sft": {}}
"""SFTTrainer's own choices, and those of Transformers where it has none."""

CHANGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("gradient_checkpointing off", {"sft": {"gradient_checkpointing": False}}),
    ("eager attention", {"attention": "eager"}),
    ("8 rows x 2 accumulated", {"micro_batch": 8}),
    ("4 rows x 4 accumulated", {"micro_batch": 4}),
    ("2 rows x 8 accumulated", {"micro_batch": 2}),
    ("padding_free", {"sft": {"padding_free": True, "max_length": None}}),
    ("frozen weights in bf16", {"dtype": "bfloat16"}),
)
"""Tried one after another, each over the fastest so far, and kept where it is faster still."""

COMPILE = ("torch_compile", {"sft": {"torch_compile": True, "pad_to_multiple_of": 64}})


@dataclass(frozen=True)
class Measured:
    """What a side's process measured."""

    tokens_per_s: float
    seconds_per_step: float
    wall_s: float
    """From the trainer's start to the end of its last step."""
    peak_memory_gb: float


def changed(settings: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Settings with a change over them; arguments of SFTConfig are joined."""
    new = copy.deepcopy(settings) | {key: value for key, value in change.items() if key != "sft"}
    new["sft"] |= change.get("sft", {})
    return new


def run(command: Sequence[str], log: Path, limit: float | None = None) -> str | None:
    """Run a process in the repository's root; None when it went well, else the last line it wrote.

    Args:
        command: program and arguments.
        log: file for what it writes.
        limit: seconds after which it is ended.
    """
    with log.open("w", encoding="utf-8") as file:
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=OFFLINE, stdout=file, stderr=subprocess.STDOUT, check=False, timeout=limit
            )
        except subprocess.TimeoutExpired:
            return f"not done after {limit:.0f} s"
    if done.returncode == 0:
        return None
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else f"exit status {done.returncode}"


def module(name: str, *arguments: object, python: str = sys.executable) -> list[str]:
    """The command that runs a module of this benchmark."""
    return [python, "-m", f"benchmarks.training.{name}", *map(str, arguments)]


def launched(name: str, *arguments: object) -> list[str]:
    """The command that runs a module of this benchmark in two processes of one thread each."""
    config = ROOT / "configs" / "accelerate" / "cpu.yaml"
    launcher = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(config)]
    settings = ["--num_cpu_threads_per_process", "1", "--module"]
    return [*launcher, *settings, f"benchmarks.training.{name}", *map(str, arguments)]


def printed(name: str, *arguments: object) -> list[dict[str, Any]]:
    """The JSON lines that a module prints.

    Raises:
        RuntimeError: it failed; with the end of what it wrote.
    """
    command = module(name, *arguments)
    done = subprocess.run(command, cwd=ROOT, env=OFFLINE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"benchmarks.training.{name}: {done.stderr.strip()[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def measured(folder: Path, tokens_per_step: Sequence[int], warmup: int) -> Measured:
    """Read a side's clock; every step is credited with its own tokens."""
    record = json.loads(times_path(folder).read_text(encoding="utf-8"))
    ends = record["ends"]
    if len(ends) != len(tokens_per_step):
        raise RuntimeError(f"{folder.name}: found {len(ends)} optimizer steps, expected {len(tokens_per_step)}")
    seconds = ends[-1] - ends[warmup - 1]
    return Measured(
        tokens_per_s=sum(tokens_per_step[warmup:]) / seconds,
        seconds_per_step=seconds / (len(ends) - warmup),
        wall_s=record.get("wall_s", ends[-1]),
        peak_memory_gb=record["peak_memory_gb"],
    )


def try_trl(domain: str, folder: Path, changes: Sequence[tuple[str, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Try TRL's settings on a few steps; yields a record a trial, the last kept one is the fastest."""
    tokens = load_task(domain, steps=TRIAL_STEPS).tokens_per_step
    best, settings, kept = 0.0, AS_IT_COMES, "as it comes"
    own_order = {"sft": {"train_sampling_strategy": "random"}}
    for name, change in (("as it comes", {}), ("its own shuffling", own_order), *changes):
        tried = changed(settings, change)
        place = folder / name.replace(" ", "-")
        place.mkdir()
        command = module("side_trl", place, domain, TRIAL_STEPS, json.dumps(tried))
        failure = run(command, place / "log", TRIAL_SECONDS)
        record: dict[str, Any] = {"kind": "trial", "over": kept, "change": name, "settings": tried, "kept": False}
        if failure is None:
            result = measured(place, tokens, TRIAL_WARMUP)
            record |= vars(result)
            record["kept"] = change is not own_order and result.tokens_per_s > best
        else:
            record["failed"] = failure
        if record["kept"]:
            best, settings = result.tokens_per_s, tried
            kept = name if not change or kept == "as it comes" else f"{kept}, {name}"
        yield record


def llamafactory_arguments(task: Task, folder: Path) -> dict[str, Any]:
    """LLaMA-Factory's settings: the common recipe, all else as it comes."""
    lora = task.config.lora
    return {
        "stage": "sft",
        "do_train": True,
        "model_name_or_path": resolve_weights(task.config.weights, CACHE, ROOT)[0],
        "template": "default",
        "dataset": "rows",
        "tokenized_path": str(folder / "tokens"),
        "finetuning_type": "lora",
        "lora_target": "all",
        "lora_rank": lora.r,
        "lora_alpha": int(lora.alpha),
        "lora_dropout": lora.dropout,
        "per_device_train_batch_size": BATCH,
        "gradient_accumulation_steps": 1,
        "max_steps": task.config.steps,
        "learning_rate": task.config.lr,
        "lr_scheduler_type": "cosine",
        "warmup_steps": task.config.warmup_steps,
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "bf16": True,
        "use_cpu": True,
        "seed": task.config.seed,
        "disable_shuffling": True,
        "dataloader_num_workers": 0,
        "preprocessing_num_workers": 1,
        "report_to": "none",
        "save_strategy": "no",
        "output_dir": str(adapter_path(folder)),
    }


def run_llamafactory(task: Task, folder: Path, python: str) -> str | None:
    """Run LLaMA-Factory in its own environment; None when it went well, else why not."""
    ordered = [task.rows[row] for step in task.plan for row in step]
    labels = [[token if taken else -100 for token, taken in zip(row.ids, row.mask, strict=True)] for row in ordered]
    rows = {"input_ids": [row.ids for row in ordered], "labels": labels}
    (folder / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    # JSON is YAML; its own reader of JSON files takes a path for a file and fails (0.9.5).
    (folder / "arguments.yaml").write_text(json.dumps(llamafactory_arguments(task, folder)), encoding="utf-8")
    failure = run(module("side_llamafactory", folder, python=python), folder / "log")
    if failure is None:
        # Its clock began before it loaded the model, so the wall time is the one it reports itself.
        times = json.loads(times_path(folder).read_text(encoding="utf-8"))
        report = json.loads((adapter_path(folder) / "train_results.json").read_text(encoding="utf-8"))
        times_path(folder).write_text(json.dumps(times | {"wall_s": report["train_runtime"]}), encoding="utf-8")
    return failure


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def sides_table(sides: dict[str, Measured], losses: dict[str, float]) -> str:
    """Every side beside practicum."""
    own = sides["practicum"]
    rows = [
        [
            name,
            f"{side.tokens_per_s:.0f}",
            f"{own.tokens_per_s / side.tokens_per_s:.2f}",
            f"{side.wall_s:.1f}",
            f"{side.wall_s / own.wall_s:.2f}",
            f"{side.peak_memory_gb:.2f}",
            f"{own.peak_memory_gb / side.peak_memory_gb:.2f}",
            f"{losses[name]:.4f}",
            f"{100 * (losses['practicum'] / losses[name] - 1):+.2f} %",
        ]
        for name, side in sides.items()
    ]
    header = ["side", "tokens/s", "practicum is faster by", "wall s", "by", "peak GB", "practicum needs"]
    return table([*header, "validation loss", "practicum's against it"], rows)


def trials_table(trials: Sequence[dict[str, Any]]) -> str:
    """TRL's settings as they were tried."""
    rows = [
        [
            trial["change"],
            trial["over"],
            trial.get("failed") or f"{trial['tokens_per_s']:.0f}",
            f"{trial['peak_memory_gb']:.1f}" if "peak_memory_gb" in trial else "",
            "yes" if trial["kept"] else "",
        ]
        for trial in trials
    ]
    return table(["change", "over", "tokens/s", "peak GB", "kept"], rows)


def growth_table(points: Sequence[dict[str, Any]]) -> str:
    """Seconds a step by batch, length and rank."""
    rows = [
        [
            point["varied"],
            point["value"],
            f"{point['seconds_per_step']:.2f}",
            f"{point['tokens_per_step']:.0f}",
            f"{point['tokens_per_s']:.0f}",
        ]
        for point in points
    ]
    return table(["varied", "value", "s a step", "tokens a step", "tokens/s"], rows)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--domain", default="finance", help="whose prepared rows")
    parser.add_argument("--steps", type=int, default=STEPS, help="optimizer steps a side; above two")
    parser.add_argument("--accumulation", type=int, default=ACCUMULATION, help="practicum's micro-batches a step")
    parser.add_argument("--llamafactory", type=Path, help="a virtual environment in which llamafactory is installed")
    parser.add_argument(
        "--compile", action="store_true", help="try TRL with torch_compile too: up to five minutes more"
    )
    parser.add_argument("--out", type=Path, help="file for the JSON lines, besides the output")
    return parser.parse_args()


def main(asked: argparse.Namespace) -> None:
    task = load_task(asked.domain, steps=asked.steps)
    lines: list[str] = []

    def say(record: dict[str, Any]) -> None:
        lines.append(json.dumps({"benchmark": "training", **record}))
        print(lines[-1], flush=True)
        if asked.out:
            asked.out.write_text("\n".join(lines) + "\n", encoding="utf-8")

    rows, supervised = task.tokens_per_step, sum(sum(row.mask[1:]) for row in task.rows)
    facts = {"domain": asked.domain, "batch": BATCH, "steps": asked.steps, "warmup": WARMUP, "tokens": sum(rows)}
    say({"kind": "task", **facts, "supervised_tokens": supervised, "machine": machine_facts("bf16")})

    with tempfile.TemporaryDirectory() as scratch:
        trials = []
        place = Path(scratch) / "trials"
        place.mkdir()
        for trial in try_trl(asked.domain, place, (*CHANGES, COMPILE) if asked.compile else CHANGES):
            say(trial)
            trials.append(trial)
        fastest = [trial for trial in trials if trial["kept"]][-1]

        [products] = printed("products", asked.domain, asked.steps)
        say({"kind": "products", **products})

        commands = {
            "practicum": lambda folder: run(
                module("side_practicum", folder, asked.domain, asked.steps, asked.accumulation), folder / "log"
            ),
            "practicum, two processes": lambda folder: run(
                launched("side_practicum", folder, asked.domain, asked.steps, 1), folder / "log"
            ),
            "trl": lambda folder: run(
                module("side_trl", folder, asked.domain, asked.steps, json.dumps(AS_IT_COMES)), folder / "log"
            ),
            "trl-best": lambda folder: run(
                module("side_trl", folder, asked.domain, asked.steps, json.dumps(fastest["settings"])), folder / "log"
            ),
        }
        if asked.llamafactory:
            python = str(asked.llamafactory.absolute() / "bin" / "python")
            commands["llamafactory"] = lambda folder: run_llamafactory(task, folder, python)
        sides: dict[str, Measured] = {}
        for name, command in commands.items():
            folder = Path(scratch) / name
            folder.mkdir()
            failure = command(folder)
            if failure is not None:
                say({"kind": "side", "side": name, "failed": failure})
                if name != "llamafactory":
                    log = (folder / "log").read_text(encoding="utf-8", errors="replace")
                    sys.exit(f"bench-train: {name} failed:\n{log[-4000:]}")
                continue
            sides[name] = measured(folder, rows, WARMUP)
            say({"kind": "side", "side": name, **vars(sides[name])})

        [losses] = printed("validation", asked.domain, *(Path(scratch) / name for name in sides))
        say({"kind": "validation", **losses})

    points = printed("growth", asked.domain, asked.accumulation)
    for point in points:
        say({"kind": "growth", **point})

    print(f"\n{sides_table(sides, losses)}\n\nUntrained: {losses['untrained']:.4f}. trl-best: {best_name(fastest)}.")
    print(f"\n{trials_table(trials)}\n\n{growth_table(points)}")
    for name in ("practicum", "practicum, two processes"):
        say(
            {"kind": "share", "side": name}
            | share(name, sides[name].seconds_per_step * (asked.steps - WARMUP), products)
        )


def share(name: str, seconds: float, products: dict[str, Any]) -> dict[str, float]:
    """How much of the machine's rate of products a side reached in its timed steps; prints it, too."""
    reached = sum(products["flops_per_step"][WARMUP:]) / seconds
    found = {
        "useful_gflops_per_s": reached / 1e9,
        "own_shapes_gflops_per_s": products["own_rate"] / 1e9,
        "fastest_gflops_per_s": products["fastest"] / 1e9,
        "share_of_own_shapes": reached / products["own_rate"],
        "share_of_fastest": reached / products["fastest"],
    }
    print(
        f"\n{name}: useful products {reached / 1e9:.0f} GFLOP/s, {100 * found['share_of_own_shapes']:.0f} % of the "
        f"{products['own_rate'] / 1e9:.0f} that products of the model's shapes reach by themselves, "
        f"{100 * found['share_of_fastest']:.0f} % of the fastest of them ({products['fastest'] / 1e9:.0f})."
    )
    return found


def best_name(trial: dict[str, Any]) -> str:
    """The settings of the fastest trial, in words."""
    return trial["change"] if trial["over"] == "as it comes" else f"{trial['over']}, {trial['change']}"


if __name__ == "__main__":
    main(options())
