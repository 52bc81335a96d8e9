"""The training loop: planned steps, a loss over each step's supervised tokens, the best weights kept, resume."""

import math
import resource
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType
from peft import PeftModel
from torch import Tensor, nn
from transformers import PreTrainedModel, set_seed

from practicum.chat import Rendered
from practicum.config import EarlyStopping, Loss
from practicum.training.adapters import counts
from practicum.training.batching import Collator, plan_steps, split_step
from practicum.training.blocks import laid_out
from practicum.training.checkpoints import Checkpoint, Checkpoints, random_states, set_random_states
from practicum.training.grammar import AnswerGrammar
from practicum.training.lora import fused
from practicum.training.processes import MAX_GRAD_NORM, local, refresh, sharded, stepped, whole
from practicum.training.processes import accelerator as this_process
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
    """Of all steps, those before an interruption included."""
    peak_memory_gb: float
    """Of the process on the CPU, of the device on a GPU."""
    resumed_at: int
    """Steps that an interrupted run had done; 0 for a run in one piece."""
    weights: dict[str, Tensor] | None
    """What was trained, whole, on the CPU, where the model itself is sharded over processes; elsewhere None."""


@dataclass
class Best:
    """The trained weights with the lowest validation loss, and how long ago that was."""

    settings: EarlyStopping
    loss: float = math.inf
    step: int = 0
    waited: int = 0
    stopped: bool = False

    def seen(self, loss: float, step: int) -> bool:
        """Take note of a validation loss; whether it is the lowest so far."""
        if loss < self.loss - (self.settings.min_delta if self.step else 0.0):
            self.loss, self.step, self.waited = loss, step, 0
            return True
        self.waited += 1
        self.stopped = self.waited >= self.settings.patience
        return False


def learning_rate(step: int, recipe: Recipe) -> float:
    """Rate of a step, counted from 0: linear warm-up to `lr`, then half a cosine down to 0, none of them at 0.

    SGDR's schedule without restarts, https://arxiv.org/abs/1608.03983, with the warm-up of
    https://arxiv.org/abs/1706.02677.
    """
    if step < recipe.warmup_steps:
        return recipe.lr * (step + 1) / recipe.warmup_steps
    done = (step - recipe.warmup_steps) / max(1, recipe.steps - recipe.warmup_steps)
    return recipe.lr * 0.5 * (1.0 + math.cos(math.pi * done))


def fit(
    model: PreTrainedModel | PeftModel,
    rows: Sequence[Rendered],
    validation: Sequence[Rendered],
    recipe: Recipe,
    *,
    pad_id: int,
    name: str,
    grammar: AnswerGrammar | None = None,
    checkpoints: tuple[Path, float] | None = None,
    log: Path | None = None,
    live: Path | None = None,
) -> Outcome:
    """Train in place; the model ends with the weights of its lowest validation loss.

    Deterministic: on one machine and thread count, the same model, rows and recipe give the same bits, whether the
    run was interrupted or not. Started by `accelerate launch`, its processes share each step's rows.

    Args:
        model: with what is to be trained made trainable (see `attach`), weights in float32. With `bf16` its frozen
            linear weights end in bfloat16, for use under autocast.
        rows: training rows.
        validation: validation rows; the first `early_stopping.examples` are used.
        recipe: how to train.
        pad_id: any token id, for padding.
        name: what to call the run in its progress.
        grammar: of the answers; needed where the format loss has a weight.
        checkpoints: folder of this run's checkpoints alone, and the least seconds between two; None writes none.
        log: file for one JSON line a step.
        live: folder for DVCLive.

    Raises:
        ValueError: there are fewer training rows than a batch, no validation rows, a row without a supervised
            token, or a batch that the processes can't share evenly.
        FloatingPointError: the loss is no longer a finite number.
        CheckpointError: a checkpoint could not be written.
    """
    watched = list(validation[: recipe.early_stopping.examples])
    _check(rows, watched, recipe, grammar)
    torch.use_deterministic_algorithms(True)
    # Nothing here reads memory before it is written; filling it first would cost a pass over every new tensor.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    process = this_process(bf16=recipe.bf16, layers=tuple(getattr(model, "_no_split_modules", None) or ()))
    set_seed(recipe.seed + process.process_index)  # processes must not drop out alike
    run = _Run(
        model=model,
        process=process,
        recipe=recipe,
        rows=rows,
        validation=watched,
        collate=Collator(pad_id, grammar if recipe.loss.format else None),
        curves=Curves(
            name,
            recipe.steps,
            shown=process.is_main_process,
            log=log if process.is_main_process else None,
            live=live if process.is_main_process else None,
        ),
    )
    saved = None
    if checkpoints is not None:
        folder, seconds = checkpoints
        saved = Checkpoints(folder, seconds, process.process_index, process.num_processes, process.wait_for_everyone)
    if sharded(process):  # weights are only whole within their own modules
        outcome = run.train(saved)
    else:
        with laid_out(model, torch.bfloat16 if recipe.bf16 else torch.float32) as run.wrapped.blocks, fused(model):
            outcome = run.train(saved)
    process.wait_for_everyone()
    process.end_training()  # a process that leaves while others still talk to it takes them down
    return outcome


def _check(
    rows: Sequence[Rendered], watched: Sequence[Rendered], recipe: Recipe, grammar: AnswerGrammar | None
) -> None:
    if not watched:
        raise ValueError("found no validation rows, expected some to choose the best weights by")
    for kind, part in (("training", rows), ("validation", watched)):
        if blind := [i for i, row in enumerate(part) if not any(row.mask[1:])]:
            raise ValueError(f"{kind} row {blind[0]} has no supervised token, expected at least one; {len(blind)} such")
    if recipe.loss.format and grammar is None:
        raise ValueError("loss.format has a weight, expected the grammar of the answers with it; found none")


class _Run:
    """What a run holds while it trains."""

    def __init__(
        self,
        *,
        model: PreTrainedModel | PeftModel,
        process: Accelerator,
        recipe: Recipe,
        rows: Sequence[Rendered],
        validation: Sequence[Rendered],
        collate: Collator,
        curves: Curves,
    ) -> None:
        parts = recipe.accumulation_steps * process.num_processes
        if recipe.batch_size % parts:
            raise ValueError(
                f"batch_size: found {recipe.batch_size}, expected a multiple of accumulation_steps x processes = "
                f"{recipe.accumulation_steps} x {process.num_processes}"
            )
        self.inner, self.process, self.recipe, self.curves = model, process, recipe, curves
        self.rows, self.validation, self.collate = rows, validation, collate
        self.lengths = [len(row.ids) for row in rows]
        self.supervised = [sum(row.mask[1:]) for row in rows]
        self.plan = plan_steps(self.lengths, recipe.batch_size, recipe.steps, recipe.seed)
        self.parts = parts
        self.size = recipe.batch_size // parts
        self.best = Best(recipe.early_stopping)
        self.best_weights: list[Tensor] = []

        self.counts = counts(model)
        model.train()
        if recipe.bf16 and process.distributed_type != DistributedType.FSDP:  # FSDP rounds what it gathers
            round_frozen(model)
        self.wrapped = wrapped = SupervisedModel(model, recipe.loss)
        trained = [p for p in wrapped.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=recipe.lr, weight_decay=0.0, fused=True)
        self.model: nn.Module
        self.model, self.optimizer = process.prepare(wrapped, optimizer)
        self.names, self.trained = stepped(wrapped, self.optimizer)

    def train(self, checkpoints: Checkpoints | None) -> Outcome:
        points = self._resume(checkpoints) if checkpoints else []
        first = len(points)
        began = time.perf_counter() - (points[-1].seconds if points else 0.0)
        saved = time.perf_counter()
        self.curves.start(points)
        try:
            step = first
            while step < self.recipe.steps and not self.best.stopped:
                due = checkpoints is not None and time.perf_counter() - saved >= checkpoints.seconds
                point, due = self._step(step, began, due)
                step += 1
                validation_loss = None
                if step % self.recipe.early_stopping.every == 0 or step == self.recipe.steps:
                    validation_loss = self._look(step)
                self.curves.add(point, validation_loss)
                if checkpoints is not None and due and step < self.recipe.steps and not self.best.stopped:
                    checkpoints.save(self._checkpoint(step))
                    saved = time.perf_counter()
        finally:
            self.curves.stop()
        with torch.no_grad():
            for weight, value in zip(self.trained, self.best_weights, strict=True):
                local(weight).copy_(value)
        refresh(self.model, self.optimizer)
        self.inner.eval()
        trainable, total = self.counts
        ran = self.plan[:step]
        return Outcome(
            curves=tuple(self.curves.points),
            best_step=self.best.step,
            best_validation_loss=self.best.loss,
            stopped_early=self.best.stopped,
            trainable_parameters=trainable,
            parameters=total,
            tokens=sum(self.lengths[row] for rows in ran for row in rows),
            supervised_tokens=sum(self.supervised[row] for rows in ran for row in rows),
            seconds=time.perf_counter() - began,
            peak_memory_gb=peak_memory_gb(),
            resumed_at=first,
            weights={name: whole(p).detach().cpu() for name, p in self._own()} if sharded(self.process) else None,
        )

    def _own(self) -> list[tuple[str, Tensor]]:
        return [(name, p) for name, p in self.inner.named_parameters() if p.requires_grad]

    def _step(self, step: int, began: float, due: bool) -> tuple[CurvePoint, bool]:
        """One optimizer step; whether any process says that a checkpoint is due."""
        rows = self.plan[step]
        tokens = sum(self.supervised[row] for row in rows)
        parts = split_step(rows, self.parts)[self.process.process_index :: self.process.num_processes]
        rate = learning_rate(step, self.recipe)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        sums = torch.zeros(4, dtype=torch.float64)
        for index, part in enumerate(parts):
            last = index == len(parts) - 1
            result = self._forward(part, tokens, synchronise=last)
            sums += torch.tensor(
                [float(result["loss"]), float(result.get("contrastive_sum", 0)), float(result.get("format_sum", 0)), 0]
            )
        norm = self.process.clip_grad_norm_(self.trained, MAX_GRAD_NORM)
        self.optimizer.step()
        self.optimizer.zero_grad()
        sums[3] = float(due)
        loss, contrastive, malformed, due_anywhere = self._summed(sums)
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"step {step + 1}: the training loss is {loss}, expected a finite number; lower lr, raise "
                "warmup_steps, or set precision to fp32"
            )
        weights = self.recipe.loss
        point = CurvePoint(
            step=step + 1,
            train_loss=loss,
            contrastive=contrastive / tokens if weights.contrastive else None,
            format=malformed / tokens if weights.format else None,
            lr=rate,
            grad_norm=float(whole(norm)) if isinstance(norm, Tensor) else float(norm or 0.0),
            tokens=sum(self.lengths[row] for row in rows),
            supervised_tokens=tokens,
            seconds=time.perf_counter() - began,
            memory_gb=peak_memory_gb(),
        )
        return point, due_anywhere > 0

    def _forward(self, part: Sequence[int], tokens: int, *, synchronise: bool) -> dict[str, Tensor]:
        """Loss and gradient of a micro-batch, as its share of the whole step."""
        batch = self._on_device(self.collate([self.rows[row] for row in part]))
        self.process.sync_gradients = synchronise  # what DeepSpeed goes by: it also takes the step
        silent: AbstractContextManager[Any] = nullcontext() if synchronise else self.process.no_sync(self.model)
        with silent:
            result: dict[str, Tensor] = self.model(**batch, num_items_in_batch=tokens)
            # Gradients are averaged over processes, where their sum is wanted.
            self.process.backward(result["loss"] * self.process.num_processes)
        return {key: value.detach() for key, value in result.items()}

    def _look(self, step: int) -> float:
        """Mean loss per supervised token over the validation rows; keeps the weights if it is the lowest."""
        order = sorted(range(len(self.validation)), key=lambda i: (len(self.validation[i].ids), i))
        batches = [order[start : start + self.size] for start in range(0, len(order), self.size)]
        sums = torch.zeros(2, dtype=torch.float64)
        self.model.eval()
        with torch.no_grad():
            # Every process runs as many forwards, for FSDP gathers weights in each; the surplus ones don't count.
            for start in range(0, len(batches), self.process.num_processes):
                mine = start + self.process.process_index
                batch = batches[min(mine, len(batches) - 1)]
                result = self.model(**self._on_device(self.collate([self.validation[i] for i in batch])))
                if mine < len(batches):
                    sums += torch.tensor([float(result["loss_sum"]), float(result["tokens"])], dtype=torch.float64)
        self.model.train()
        total, tokens = self._summed(sums)
        loss = total / tokens
        if self.best.seen(loss, step):
            self.best_weights = [local(p).detach().to("cpu", copy=True) for p in self.trained]
        return loss

    def _summed(self, values: Tensor) -> list[float]:
        if self.process.num_processes == 1:
            return values.tolist()
        return self.process.reduce(values.to(self.process.device), "sum").tolist()  # type: ignore[no-any-return]

    def _on_device(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return {name: tensor.to(self.process.device) for name, tensor in batch.items()}

    def _checkpoint(self, step: int) -> Checkpoint:
        tensors = random_states()
        state = self.optimizer.state
        for name, weight in zip(self.names, self.trained, strict=True):
            tensors[f"weight.{name}"] = local(weight).detach()
            for key, value in state[weight].items():
                tensors[f"{key}.{name}"] = local(value).detach()
        tensors |= {f"best.{name}": value for name, value in zip(self.names, self.best_weights, strict=False)}
        best = {"loss": self.best.loss if self.best.step else None, "step": self.best.step, "waited": self.best.waited}
        return Checkpoint(step, {"points": [asdict(p) for p in self.curves.points], "best": best}, tensors)

    def _resume(self, checkpoints: Checkpoints) -> list[CurvePoint]:
        """Put the last checkpoint's state into the run; the points of its steps."""
        checkpoint = checkpoints.load()
        if checkpoint is None:
            return []
        tensors, best = checkpoint.tensors, checkpoint.state["best"]
        moments = sorted({key.split(".", 1)[0] for key in tensors} - {"weight", "best", "rng"})
        with torch.no_grad():
            for name, weight in zip(self.names, self.trained, strict=True):
                local(weight).copy_(tensors[f"weight.{name}"])
                self.optimizer.state[weight] = {key: _like(weight, tensors[f"{key}.{name}"]) for key in moments}
        if best["step"]:
            self.best_weights = [tensors[f"best.{name}"] for name in self.names]
            self.best.loss, self.best.step, self.best.waited = best["loss"], best["step"], best["waited"]
        refresh(self.model, self.optimizer)
        set_random_states(tensors)
        return [CurvePoint(**point) for point in checkpoint.state["points"]]


def _like(weight: Tensor, value: Tensor) -> Tensor:
    """A loaded moment on the weight's device, sharded as the weight is; a count of steps as it is."""
    if not value.dim():
        return value.to(weight.device)
    moment = torch.zeros_like(weight)
    local(moment).copy_(value)
    return moment


def round_frozen(model: nn.Module) -> None:
    """Hold frozen linear weights in bfloat16, where autocast would round them in every pass: the same bits come out.

    Two kinds stay as they are: a head that is tied to the embeddings, which nobody rounds, and what DoRA stands on,
    for it also takes the weights' norms.
    """
    kept = {id(layer.weight) for layer in model.modules() if isinstance(layer, nn.Embedding)}
    for layer in model.modules():
        if len(getattr(layer, "lora_magnitude_vector", ())):
            kept.add(id(cast(nn.Linear, layer.base_layer).weight))
    for layer in model.modules():
        weight = layer.weight if type(layer) is nn.Linear else None
        if weight is None or weight.requires_grad or id(weight) in kept or weight.dtype != torch.float32:
            continue
        weight.data = weight.data.to(torch.bfloat16)


def peak_memory_gb() -> float:
    """Peak memory so far, in 10^9 bytes: of the process's own GPU, or else of the process."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
