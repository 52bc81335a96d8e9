"""What a person sees while a model trains, and the record that stays."""

import time
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One optimizer step."""

    step: int
    train_loss: float
    """Mean over the step's supervised tokens, nats."""
    lr: float
    grad_norm: float
    """Before clipping."""
    validation_loss: float | None = None
    """Where it was measured after this step."""


@dataclass
class Curves(TrainerCallback):
    """Collects a point per step; on a terminal also shows a progress bar."""

    name: str
    tokens_per_step: list[int]
    """Tokens of each planned step, padding not counted."""
    console: Console = field(default_factory=lambda: Console(stderr=True))
    points: list[CurvePoint] = field(default_factory=list)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self._progress = Progress(
            TextColumn(f"train {self.name}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[facts]}"),
            TimeRemainingColumn(),
            console=self.console,
        )
        self._bar: TaskID = self._progress.add_task("", total=state.max_steps, facts="")
        self._progress.start()
        self._began = time.perf_counter()

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        logs = logs or {}
        if "eval_loss" in logs and self.points:
            last = self.points[-1]
            self.points[-1] = CurvePoint(last.step, last.train_loss, last.lr, last.grad_norm, logs["eval_loss"])
            if not self.console.is_terminal:
                self.console.print(f"train {self.name}: step {state.global_step}, validation {logs['eval_loss']:.4f}")
        if "loss" not in logs:
            return
        point = CurvePoint(state.global_step, logs["loss"], logs["learning_rate"], float(logs.get("grad_norm", 0.0)))
        self.points.append(point)
        seconds = time.perf_counter() - self._began
        rate = sum(self.tokens_per_step[: state.global_step]) / seconds
        facts = f"loss {point.train_loss:.4f}  lr {point.lr:.1e}  |g| {point.grad_norm:.2f}  {rate:.0f} tok/s"
        self._progress.update(self._bar, completed=state.global_step, facts=facts)
        if not self.console.is_terminal and state.global_step % 10 == 0:
            self.console.print(f"train {self.name}: step {state.global_step}/{state.max_steps}  {facts}")

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self._progress.stop()
