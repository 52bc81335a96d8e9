"""What a person sees while a model trains, and the record that stays."""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from dvclive.live import Live
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """One optimizer step."""

    step: int
    train_loss: float
    """What the step minimised: mean over its supervised tokens, nats, with all weighted parts."""
    contrastive: float | None = None
    """The margin loss alone, unweighted, mean over supervised tokens; None where its weight is 0."""
    format: float | None = None
    """The format loss alone, unweighted, mean over supervised tokens; None where its weight is 0."""
    lr: float
    grad_norm: float
    """Before clipping."""
    tokens: int
    """Of the step's rows, padding not counted."""
    supervised_tokens: int
    seconds: float
    """Since training began, the time of interrupted runs included."""
    memory_gb: float
    """Peak so far: of the process on the CPU, of the device on a GPU."""
    validation_loss: float | None = None
    """Where it was measured after this step."""


@dataclass
class Curves:
    """Collects a point per step, shows them as they come, and writes them down.

    On a terminal a progress bar is shown, elsewhere a line every ten steps.
    """

    name: str
    steps: int
    log: Path | None = None
    """File that takes one JSON line a step."""
    live: Path | None = None
    """Folder of DVCLive, for `dvc plots` and editors that follow it."""
    shown: bool = True
    """Whether this process is the one that a person hears from."""
    console: Console = field(default_factory=lambda: Console(stderr=True))
    points: list[CurvePoint] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.shown:
            self.console = Console(quiet=True)

    def start(self, points: list[CurvePoint]) -> None:
        """Begin, with the points of an interrupted run."""
        self._progress = Progress(
            TextColumn(f"train {self.name}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[facts]}"),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._bar: TaskID = self._progress.add_task("", total=self.steps, completed=len(points), facts="")
        self._live = None
        if self.live is not None:
            self._live = Live(str(self.live), report=None, save_dvc_exp=False, dvcyaml=None)
        if self.log is not None:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self.log.write_text("", encoding="utf-8")
        self.points = []
        for point in points:
            self._record(point)
        if points and not self.console.is_terminal:
            self.console.print(f"train {self.name}: goes on after step {len(points)}")
        self._progress.start()

    def add(self, point: CurvePoint, validation_loss: float | None) -> None:
        """Record a step and show it."""
        self._record(replace(point, validation_loss=validation_loss))
        before = self.points[-11] if len(self.points) > 10 else None
        seconds = point.seconds - (before.seconds if before else 0.0)
        supervised = sum(p.supervised_tokens for p in self.points[-10:])
        parts = "".join(
            f"  {name} {value:.4f}"
            for name, value in (("contrastive", point.contrastive), ("format", point.format))
            if value is not None
        )
        facts = (
            f"loss {point.train_loss:.4f}{parts}  lr {point.lr:.1e}  |g| {point.grad_norm:.2f}  "
            f"{supervised / max(seconds, 1e-9):.0f} supervised tok/s  {point.memory_gb:.1f} GB"
        )
        self._progress.update(self._bar, completed=point.step, facts=facts)
        if self.console.is_terminal:
            return
        if point.step % 10 == 0:
            self.console.print(f"train {self.name}: step {point.step}/{self.steps}  {facts}", soft_wrap=True)
        if validation_loss is not None:
            self.console.print(f"train {self.name}: step {point.step}, validation {validation_loss:.4f}")

    def stop(self) -> None:
        """End the display."""
        self._progress.stop()
        if self._live is not None:
            self._live.end()  # type: ignore[no-untyped-call]

    def _record(self, point: CurvePoint) -> None:
        self.points.append(point)
        if self.log is not None:
            with self.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(as_json(point)) + "\n")
        if self._live is not None:
            self._live.step = point.step
            for name in ("train_loss", "contrastive", "format", "lr", "grad_norm", "validation_loss"):
                if (value := getattr(point, name)) is not None:
                    self._live.log_metric(name, value)


def as_json(point: CurvePoint) -> dict[str, Any]:
    """A point without what was not measured."""
    return {name: value for name, value in asdict(point).items() if value is not None}
