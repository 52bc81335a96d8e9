"""The Transformers Trainer with planned steps, a loss on supervised tokens and the best weights kept."""

import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from peft import PeftModel
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from transformers import (
    PreTrainedModel,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_callback import PrinterCallback, ProgressCallback

from practicum.chat import Rendered
from practicum.config import EarlyStopping, Loss
from practicum.training.adapters import counts
from practicum.training.batching import Collator, plan_steps, split_step
from practicum.training.progress import CurvePoint, Curves
from practicum.training.supervised import SupervisedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to train."""

    lr: float
    batch_size: int
    accumulation_steps: int
    steps: int
    warmup_steps: int
    bf16: bool
    seed: int
    loss: Loss
    early_stopping: EarlyStopping


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a training run did; the model itself holds the best weights."""

    curves: tuple[CurvePoint, ...]
    best_step: int
    best_validation_loss: float
    stopped_early: bool
    trainable_parameters: int
    parameters: int
    tokens: int
    """Tokens of all steps that ran, padding not counted."""
    supervised_tokens: int
    seconds: float
    peak_memory_gb: float
    """Of the process on the CPU, of the device on a GPU."""


class Rows(Dataset[Rendered]):
    """Rendered rows as a map-style dataset."""

    def __init__(self, rows: Sequence[Rendered]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Rendered:
        return self.rows[index]


class PlannedTrainer(Trainer):
    """A Trainer whose batches were planned beforehand and whose validation loss is a mean over tokens."""

    def __init__(self, *, plan: list[list[int]], validation_plan: list[list[int]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.plan = plan
        self.validation_plan = validation_plan

    def get_train_dataloader(self) -> DataLoader[Any]:
        loader: DataLoader[Any] = DataLoader(
            cast(Dataset[Any], self.train_dataset), batch_sampler=self.plan, collate_fn=self.data_collator
        )
        return cast(DataLoader[Any], self.accelerator.prepare(loader))

    def evaluate(self, *args: Any, metric_key_prefix: str = "eval", **kwargs: Any) -> dict[str, float]:
        """Mean loss per supervised token over the validation rows."""
        rows = cast(Rows, self.eval_dataset)
        collate = cast(Collator, self.data_collator)
        model = cast(torch.nn.Module, self.model)
        training = model.training
        model.eval()
        total = torch.zeros((), dtype=torch.float64)
        tokens = 0
        with torch.no_grad(), self.compute_loss_context_manager(), self.accelerator.autocast():
            for indices in self.validation_plan:
                batch = self._prepare_inputs(collate([rows[i] for i in indices]))
                result = model(**batch)
                total += result["loss_sum"].cpu()
                tokens += int(result["tokens"])
        model.train(training)
        metrics = {f"{metric_key_prefix}_loss": float(total) / tokens}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class KeepBest(TrainerCallback):
    """Remembers the trained weights with the lowest validation loss, and stops when patience runs out."""

    def __init__(self, model: torch.nn.Module, settings: EarlyStopping) -> None:
        self.model = model
        self.settings = settings
        self.best_loss = float("inf")
        self.best_step = 0
        self.waited = 0
        self.stopped = False
        self.weights: dict[str, Tensor] = {}

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        loss = (metrics or {})["eval_loss"]
        if loss < self.best_loss - (self.settings.min_delta if self.weights else 0.0):
            self.best_loss, self.best_step, self.waited = loss, state.global_step, 0
            self.weights = {
                name: p.detach().cpu().clone() for name, p in self.model.named_parameters() if p.requires_grad
            }
            return
        self.waited += 1
        if self.waited >= self.settings.patience:
            self.stopped = True
            control.should_training_stop = True

    def restore(self) -> None:
        """Put the best weights back into the model."""
        own = dict(self.model.named_parameters())
        with torch.no_grad():
            for name, value in self.weights.items():
                own[name].copy_(value)


def fit(
    model: PreTrainedModel | PeftModel,
    rows: Sequence[Rendered],
    validation: Sequence[Rendered],
    recipe: Recipe,
    *,
    pad_id: int,
    name: str,
) -> Outcome:
    """Train in place; the model ends with the weights of its lowest validation loss.

    Deterministic: on one machine and thread count, the same model, rows and recipe give the same bits.

    Args:
        model: with what is to be trained made trainable (see `attach`), weights in float32.
        rows: training rows.
        validation: validation rows; the first `early_stopping.examples` are used.
        recipe: how to train.
        pad_id: any token id, for padding.
        name: what to call the run in its progress.

    Raises:
        ValueError: there are fewer training rows than a batch, no validation rows, or a row without a supervised
            token.
        FloatingPointError: the loss is no longer a finite number.
    """
    watched = list(validation[: recipe.early_stopping.examples])
    if not watched:
        raise ValueError("found no validation rows, expected some to choose the best weights by")
    for kind, part in (("training", rows), ("validation", watched)):
        if blind := [i for i, row in enumerate(part) if not any(row.mask[1:])]:
            raise ValueError(f"{kind} row {blind[0]} has no supervised token, expected at least one; {len(blind)} such")
    lengths = [len(row.ids) for row in rows]
    plan = plan_steps(lengths, recipe.batch_size, recipe.steps, recipe.seed)
    micro = [part for step in plan for part in split_step(step, recipe.accumulation_steps)]
    by_length = sorted(range(len(watched)), key=lambda i: (len(watched[i].ids), i))
    size = recipe.batch_size // recipe.accumulation_steps
    validation_plan = [by_length[start : start + size] for start in range(0, len(by_length), size)]

    set_seed(recipe.seed)
    torch.use_deterministic_algorithms(True)
    # Nothing here reads memory before it is written; filling it first would cost a pass over every new tensor.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    model.train()
    supervised = SupervisedModel(model, recipe.loss)
    tokens = [sum(lengths[row] for row in step) for step in plan]
    curves = Curves(name, tokens)
    keep = KeepBest(model, recipe.early_stopping)
    with tempfile.TemporaryDirectory() as scratch:
        trainer = PlannedTrainer(
            plan=micro,
            validation_plan=validation_plan,
            model=supervised,
            args=_arguments(recipe, Path(scratch)),
            train_dataset=Rows(rows),
            eval_dataset=Rows(watched),
            data_collator=Collator(pad_id),
            callbacks=[curves, keep],
        )
        for callback in (PrinterCallback, ProgressCallback):
            trainer.remove_callback(callback)
        began = time.perf_counter()
        trainer.train()
        ran = trainer.state.global_step
        if keep.best_step != ran and not keep.stopped and ran % recipe.early_stopping.every:
            trainer.evaluate()  # the last steps since the last look
        seconds = time.perf_counter() - began
    losses = [point.train_loss for point in curves.points]
    if not all(loss == loss and abs(loss) != float("inf") for loss in losses) or not keep.weights:
        raise FloatingPointError(
            "the training loss is not a finite number; lower lr, raise warmup_steps, or set precision to fp32"
        )
    keep.restore()
    model.eval()
    trainable, total = counts(model)
    return Outcome(
        curves=tuple(curves.points),
        best_step=keep.best_step,
        best_validation_loss=keep.best_loss,
        stopped_early=keep.stopped,
        trainable_parameters=trainable,
        parameters=total,
        tokens=sum(tokens[:ran]),
        supervised_tokens=sum(sum(rows[row].mask[1:]) for step in plan[:ran] for row in step),
        seconds=seconds,
        peak_memory_gb=_peak_memory_gb(),
    )


def _arguments(recipe: Recipe, scratch: Path) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(scratch),
        max_steps=recipe.steps,
        per_device_train_batch_size=recipe.batch_size // recipe.accumulation_steps,
        gradient_accumulation_steps=recipe.accumulation_steps,
        learning_rate=recipe.lr,
        lr_scheduler_type="cosine",
        warmup_steps=recipe.warmup_steps,
        weight_decay=0.0,
        max_grad_norm=1.0,
        optim="adamw_torch_fused",
        bf16=recipe.bf16,
        use_cpu=not torch.cuda.is_available(),
        seed=recipe.seed,
        data_seed=recipe.seed,
        logging_strategy="steps",
        logging_steps=1,
        logging_nan_inf_filter=False,
        eval_strategy="steps",
        eval_steps=recipe.early_stopping.every,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=torch.cuda.is_available(),
        label_names=["labels"],
    )


def _peak_memory_gb() -> float:
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
