"""A step's loss, gradient and weights against their definition, however its rows are batched."""

from pathlib import Path
from typing import get_args

import pytest
import torch
from torch import Tensor, nn

from practicum.chat import Rendered
from practicum.config import Lora, Loss, Method
from practicum.training.adapters import attach
from practicum.training.trainer import fit
from tests.practicum.training.small_runs import PAD, base_for, copying_rows, recipe

LORA = Lora(r=4, alpha=8, dropout=0.0, target_modules="all-linear")
METHODS: tuple[Method, ...] = get_args(Method)
# The part of a gradient's length by which it may differ: sums in another order for floats, and for nf4, whose
# products are taken in bf16, one rounding to 8 bits.
NOISE: dict[Method, float] = {"lora": 5e-6, "dora": 5e-6, "full": 5e-6, "qlora": 2e-3}


def prepared(method: Method, family: str, folder: Path) -> nn.Module:
    """A model whose adapters already change it: at zero, as they start, half of their gradient would be zero."""
    model = attach(base_for(method, family, folder), method, LORA)
    torch.manual_seed(1)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.1)
    return model


def trained(model: nn.Module) -> dict[str, nn.Parameter]:
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


def by_definition(model: nn.Module, rows: list[Rendered], loss: Loss) -> tuple[float, dict[str, Tensor]]:
    """Loss and gradient of a step, one row at a time without padding, from the model's own logits."""
    tokens = sum(sum(row.mask[1:]) for row in rows)
    total = 0.0
    model.eval()
    for row in rows:
        logits = model(input_ids=torch.tensor([row.ids])).logits[0, :-1].float()
        chosen = torch.tensor(row.mask[1:])
        logits, labels = logits[chosen], torch.tensor(row.ids[1:])[chosen, None]
        right = logits.gather(1, labels)
        rival = logits.scatter(1, labels, -torch.inf).max(1, keepdim=True).values
        entropy = (logits.logsumexp(1, keepdim=True) - right).sum()
        part = (entropy + loss.contrastive * (loss.margin - (right - rival)).clamp(min=0).sum()) / tokens
        part.backward()
        total += part.item()
    weights = trained(model)
    gradient = {name: weight.grad.clone() for name, weight in weights.items() if weight.grad is not None}
    assert gradient.keys() == weights.keys()
    model.zero_grad()
    return total, gradient


def one_step(model: nn.Module, rows: list[Rendered], loss: Loss, parts: int) -> tuple[float, dict[str, Tensor]]:
    """Loss and gradient of the step that `fit` takes in `parts` micro-batches; the model keeps its weights."""
    gradient: dict[str, Tensor] = {}
    hooks = [
        weight.register_hook(lambda part, name=name: gradient.update({name: gradient.get(name, 0) + part.detach()}))
        for name, weight in trained(model).items()
    ]
    settings = recipe(accumulation_steps=parts, loss=loss)
    outcome = fit(model, rows, copying_rows(8, 9), settings, pad_id=PAD, name="t")  # type: ignore[arg-type]
    for hook in hooks:
        hook.remove()
    assert outcome.curves[0].grad_norm == pytest.approx(length(gradient), rel=1e-4)
    return outcome.curves[0].train_loss, gradient


def first_move(gradient: dict[str, Tensor]) -> dict[str, Tensor]:
    """What AdamW's first step adds to the weights: the rate, against the sign of the gradient clipped to length 1."""
    clip = min(1.0, 1.0 / length(gradient))
    return {name: -1e-3 * clip * part / (clip * part.abs() + 1e-8) for name, part in gradient.items()}


def length(tensors: dict[str, Tensor]) -> float:
    return float(torch.stack([tensor.double().square().sum() for tensor in tensors.values()]).sum().sqrt())


def distance(one: dict[str, Tensor], other: dict[str, Tensor]) -> float:
    """Length of the difference against the length of the second."""
    assert one.keys() == other.keys()
    return length({name: one[name].double() - other[name].double() for name in one}) / length(other)


@pytest.mark.parametrize(
    ("method", "family", "contrastive"),
    [
        ("lora", "qwen3", 0.0),
        ("lora", "qwen2", 0.0),
        ("lora", "llama", 0.5),
        ("dora", "qwen3", 0.5),
        ("full", "qwen3", 0.0),
        ("full", "qwen2", 0.5),
        ("full", "llama", 0.0),
        ("qlora", "qwen3", 0.5),
        ("qlora", "qwen2", 0.0),
    ],
)
def test_a_step_of_16_is_8_times_2_and_16_times_1_and_its_rows_one_by_one(
    method: Method, family: str, contrastive: float, tmp_path: Path
) -> None:
    loss = Loss(contrastive=contrastive, margin=2.0, format=0.0)
    rows = copying_rows(16, 1)
    assert len({len(row.ids) for row in rows}) > 8
    model = prepared(method, family, tmp_path)
    start = {name: weight.detach().clone() for name, weight in trained(model).items()}
    expected_loss, expected = by_definition(model, rows, loss)
    expected_move = first_move(expected)
    for parts in (1, 8, 16):
        with torch.no_grad():
            for name, weight in trained(model).items():
                weight.copy_(start[name])
        got_loss, got = one_step(model, rows, loss, parts)
        move = {name: weight.detach() - start[name] for name, weight in trained(model).items()}
        assert got_loss == pytest.approx(expected_loss, rel=NOISE[method])
        assert distance(got, expected) < NOISE[method]
        assert distance(move, expected_move) < 1e-3
