"""Blocks of one step of autograd: the losses and gradients of the plain model, only where they hold, for a while."""

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from torch import Tensor, nn

from practicum.config import EarlyStopping, Loss
from practicum.training.adapters import attach
from practicum.training.batching import Collator
from practicum.training.blocks import ROUNDED, Norm, Rows, blocks_of, laid_out
from practicum.training.supervised import SupervisedModel
from practicum.training.trainer import fit, round_frozen
from tests.practicum.training.small_runs import PAD, base_for, copying_rows, recipe, small_model
from tests.practicum.training.test_adapters import apart, lora

FAMILIES = ["llama", "qwen2", "qwen3"]
NO_LOSS = Loss(contrastive=0.0, margin=0.5, format=0.0)


def adapted(family: str, **settings: Any) -> PeftModel:
    """A small model whose adapters change what it says."""
    model = attach(small_model(family), "lora", lora(alpha=6.0, **settings))
    assert isinstance(model, PeftModel)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.1)
    return model


def gradients(model: PeftModel, *, bf16: bool, blocks: bool, count: int = 16) -> dict[str, Tensor]:
    """Loss, and gradient of each trained weight, on rows of unequal length."""
    model.zero_grad()
    wrapped = SupervisedModel(model, NO_LOSS)
    batch = Collator(PAD)(copying_rows(count, 5))
    dtype = torch.bfloat16 if bf16 else next(model.parameters()).dtype
    with laid_out(model, dtype) as found, torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        assert found is not None
        wrapped.blocks = found if blocks else None
        loss = wrapped(**batch)["loss"]
        loss.backward()
    grads = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    return {"loss": loss.detach(), **grads}


@pytest.mark.parametrize("targets", ["all-linear", ["q_proj", "down_proj"], ["k_proj", "o_proj", "up_proj"]])
@pytest.mark.parametrize("family", FAMILIES)
def test_loss_and_gradients_are_those_of_the_plain_model(family: str, targets: Any) -> None:
    model = adapted(family, target_modules=targets)
    expected, found = (gradients(model, bf16=False, blocks=blocks) for blocks in (False, True))
    assert found.keys() == expected.keys()
    assert len(found) == 1 + 2 * 2 * (7 if targets == "all-linear" else len(targets))
    assert all(apart(found[name], expected[name]) < 1e-5 for name in expected)


@pytest.mark.parametrize("family", FAMILIES)
def test_in_bf16_they_are_no_further_from_float32_than_the_plain_models(family: str) -> None:
    model = adapted(family)
    round_frozen(model)
    plain, ours = (gradients(model, bf16=True, blocks=blocks) for blocks in (False, True))
    exact = gradients(model.float(), bf16=False, blocks=False)
    distances = [
        torch.tensor([apart(found[name], exact[name]) for name in exact if name != "loss"]).mean()
        for found in (ours, plain)
    ]
    assert 0 < distances[0] < 1.1 * distances[1]
    assert abs(ours["loss"] - exact["loss"]) < 0.01


@pytest.mark.parametrize("count", [1, 3])
def test_tokens_that_fill_up_change_nothing(count: int) -> None:
    model = adapted("qwen3")
    assert sum(len(row.ids) for row in copying_rows(count, 5)) % ROUNDED
    expected, found = (gradients(model, bf16=False, blocks=blocks, count=count) for blocks in (False, True))
    assert all(apart(found[name], expected[name]) < 1e-5 for name in expected)


def test_a_norms_backward_is_the_derivative_of_its_forward() -> None:
    torch.manual_seed(0)
    states = torch.randn(5, 6, dtype=torch.float64, requires_grad=True)
    norm, pull = Norm(torch.rand(6, dtype=torch.float64) + 0.5, 1e-6), torch.randn(5, 6, dtype=torch.float64)
    plain = nn.functional.rms_norm(states, (6,), norm.weight, norm.eps)
    (expected,) = torch.autograd.grad(plain, states, pull)
    out, onto = torch.empty_like(states), torch.randn(5, 6, dtype=torch.float64)
    scale = norm.forward(states.detach(), out)
    assert torch.allclose(out, plain)
    assert torch.allclose(norm.backward(pull, states.detach(), scale), expected)
    assert torch.allclose(norm.backward(pull, states.detach(), scale, onto), onto + expected)


def test_heads_that_are_turned_back_are_as_they_were() -> None:
    torch.manual_seed(0)
    angles = torch.rand(9, 4).repeat(1, 2)
    rows = Rows([5, 3], 9, angles.cos(), angles.sin())
    heads = torch.randn(9, 2, 8)
    assert torch.allclose(rows.turned(rows.turned(heads), back=True), heads, atol=1e-6)
    assert [(row, span.start, span.stop, length) for row, span, length in rows.spans()] == [(0, 0, 5, 5), (1, 5, 8, 3)]


def test_a_model_gets_its_own_weights_back_even_after_an_error() -> None:
    model = adapted("llama")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(KeyboardInterrupt), laid_out(model, torch.float32):
        raise KeyboardInterrupt
    after = model.state_dict()
    assert all(torch.equal(after[name], value) and after[name].is_contiguous() for name, value in before.items())


def test_while_it_is_open_the_weights_are_held_once() -> None:
    model = adapted("llama")
    weight = model.get_submodule("base_model.model.model.layers.0.self_attn.k_proj.base_layer").weight
    with laid_out(model, torch.float32) as blocks:
        assert blocks is not None
        joined = blocks.blocks[0].attend.joined
        assert weight.untyped_storage().data_ptr() == joined.untyped_storage().data_ptr()
    assert weight.untyped_storage().data_ptr() != joined.untyped_storage().data_ptr()


@pytest.mark.parametrize("method", ["dora", "qlora", "full"])
def test_other_methods_are_not_laid_out(method: Any, tmp_path: Path) -> None:
    assert blocks_of(attach(base_for(method, "qwen3", tmp_path), method, lora()), torch.float32) is None


def test_what_would_not_compute_the_same_is_not_laid_out() -> None:
    assert blocks_of(adapted("llama", dropout=0.1), torch.float32) is None
    assert blocks_of(adapted("gemma3"), torch.float32) is None
    assert blocks_of(adapted("llama").double(), torch.float32) is None
    merged = adapted("llama")
    merged.merge_adapter()
    assert blocks_of(merged, torch.float32) is None
    more = adapted("llama")
    more.get_submodule("base_model.model.model.norm").weight.requires_grad_(True)
    assert blocks_of(more, torch.float32) is None
    assert blocks_of(adapted("llama"), torch.float32) is not None


@pytest.mark.parametrize("bf16", [False, True])
def test_training_takes_them_and_ends_where_the_plain_model_does(bf16: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def run() -> tuple[list[float], PeftModel]:
        model = adapted("qwen2")
        patient = EarlyStopping(every=1, patience=4, min_delta=0.0, examples=8)
        settings = recipe(bf16=bf16, steps=4, accumulation_steps=2, early_stopping=patient)
        outcome = fit(model, copying_rows(64, 1), copying_rows(8, 2), settings, pad_id=PAD, name="t")
        return [point.train_loss for point in outcome.curves], model

    seen: list[object] = []
    called = SupervisedModel._states
    monkeypatch.setattr(SupervisedModel, "_states", lambda self, *a: (seen.append(self.blocks), called(self, *a))[1])
    ours, _ = run()
    assert seen and all(blocks is not None for blocks in seen)  # noqa: PT018
    monkeypatch.setattr("practicum.training.blocks.MODELS", ())
    plain, _ = run()
    assert seen[-1] is None
    assert ours == pytest.approx(plain, rel=5e-3 if bf16 else 1e-5)
