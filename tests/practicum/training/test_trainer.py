"""Training on real, tiny models of the true architectures."""

import math
from itertools import pairwise

import pytest
import torch
from transformers import PreTrainedModel

from practicum.chat import Rendered
from practicum.config import EarlyStopping, Lora
from practicum.training.adapters import attach
from practicum.training.trainer import Recipe, fit, learning_rate, round_frozen
from tests.practicum.tiny_models import tiny_model
from tests.practicum.training import small_runs
from tests.practicum.training.tiny_run import copying_rows


def tiny(family: str = "llama") -> PreTrainedModel:
    return tiny_model(family, seed=0, vocab_size=61, max_position_embeddings=128, attn_implementation="eager")


def recipe(**changes: object) -> Recipe:
    stopping = EarlyStopping(every=2, patience=3, min_delta=0.0, examples=12)
    return small_runs.recipe(**{"lr": 1e-2, "steps": 6, "warmup_steps": 1, "early_stopping": stopping, **changes})


LORA = Lora(r=4, alpha=8, dropout=0.0, target_modules="all-linear")


def trained_weights(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3"])
def test_training_lowers_the_loss(family: str) -> None:
    model = attach(tiny(family), "full", LORA)
    outcome = fit(model, copying_rows(96, 1), copying_rows(12, 2), recipe(steps=30), pad_id=0, name="t")
    assert outcome.curves[-1].train_loss < 0.9 * outcome.curves[0].train_loss
    assert outcome.best_validation_loss < outcome.curves[0].train_loss


def test_accumulating_micro_batches_gives_the_step_of_one_large_batch() -> None:
    results = []
    for parts in (1, 2, 16):
        model = attach(tiny(), "full", LORA)
        outcome = fit(
            model, copying_rows(48, 1), copying_rows(12, 2), recipe(accumulation_steps=parts), pad_id=0, name="t"
        )
        results.append(([p.train_loss for p in outcome.curves], [p.grad_norm for p in outcome.curves]))
    for losses, norms in results[1:]:
        assert losses == pytest.approx(results[0][0], rel=2e-4)
        assert norms == pytest.approx(results[0][1], rel=2e-3)


def test_first_loss_is_the_mean_over_supervised_tokens_of_single_rows() -> None:
    rows = copying_rows(16, 1)
    model = tiny()
    total, tokens = 0.0, 0
    for row in rows:
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([row.ids])).logits[0].log_softmax(-1)
        for position in range(1, len(row.ids)):
            if row.mask[position]:
                total -= float(logits[position - 1, row.ids[position]])
                tokens += 1
    outcome = fit(attach(tiny(), "full", LORA), rows, rows, recipe(steps=2), pad_id=0, name="t")
    assert outcome.curves[0].train_loss == pytest.approx(total / tokens, rel=1e-5)


def test_two_runs_give_the_same_bits() -> None:
    weights = []
    for _ in range(2):
        torch.manual_seed(5)
        model = attach(tiny(), "lora", LORA)
        fit(model, copying_rows(48, 1), copying_rows(12, 2), recipe(bf16=True), pad_id=0, name="t")
        weights.append(trained_weights(model))
    assert weights[0].keys() == weights[1].keys()
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


@pytest.mark.parametrize("method", ["lora", "dora"])
@pytest.mark.parametrize("tied", [True, False])
def test_rounding_frozen_weights_beforehand_changes_no_bit_under_autocast(method: str, tied: bool) -> None:
    model = attach(tiny("qwen3" if tied else "llama"), method, LORA)  # type: ignore[arg-type]
    if tied:
        model.get_base_model().config.tie_word_embeddings = True
        model.get_base_model().tie_weights()
    ids = torch.randint(4, 61, (3, 16), generator=torch.Generator().manual_seed(1))

    def outputs() -> tuple[torch.Tensor, list[torch.Tensor]]:
        model.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(input_ids=ids).logits
        logits.float().logsumexp(-1).sum().backward()
        return logits, [p.grad.clone() for p in model.parameters() if p.grad is not None]

    logits, gradients = outputs()
    round_frozen(model)
    rounded = {name for name, p in model.named_parameters() if p.dtype == torch.bfloat16}
    assert any("q_proj" in name for name in rounded) == (method == "lora")
    assert any("embed_tokens" in name or "lora_" in name for name in rounded) is False
    assert any("lm_head" in name for name in rounded) is not tied
    after, gradients_after = outputs()
    assert torch.equal(logits, after)
    assert len(gradients) == len(gradients_after) > 0
    assert all(torch.equal(one, two) for one, two in zip(gradients, gradients_after, strict=True))


def test_the_rate_rises_to_its_peak_and_falls_towards_zero_without_reaching_it() -> None:
    rates = [learning_rate(step, recipe(lr=2.0, steps=10, warmup_steps=4)) for step in range(10)]
    assert rates[:5] == [0.5, 1.0, 1.5, 2.0, 2.0]
    assert all(one > two > 0 for one, two in pairwise(rates[4:]))
    assert rates[7] == pytest.approx(1.0)
    assert learning_rate(0, recipe(lr=2.0, steps=10, warmup_steps=0)) == 2.0


@pytest.mark.parametrize("method", ["lora", "dora"])
def test_adapters_leave_the_base_untouched(method: str) -> None:
    base = tiny()
    before = {name: p.detach().clone() for name, p in base.named_parameters()}
    model = attach(base, method, LORA)  # type: ignore[arg-type]
    fit(model, copying_rows(48, 1), copying_rows(12, 2), recipe(), pad_id=0, name="t")
    after = {
        name.replace(".base_layer", "").removeprefix("base_model.model."): p for name, p in model.named_parameters()
    }
    assert all(torch.equal(before[name], after[name]) for name in before)
    changed = [
        name for name, p in model.named_parameters() if p.requires_grad and "lora_B" in name and p.abs().sum() > 0
    ]
    assert changed


def test_early_stopping_keeps_the_best_weights() -> None:
    rows = copying_rows(48, 1)
    stopping = EarlyStopping(every=1, patience=2, min_delta=0.0, examples=12)
    model = attach(tiny(), "full", LORA)
    # A rate far too high: the loss rises, training stops, the least bad weights come back.
    outcome = fit(
        model, rows, copying_rows(12, 2), recipe(lr=1.0, steps=20, early_stopping=stopping), pad_id=0, name="t"
    )
    assert outcome.stopped_early
    assert len(outcome.curves) < 20
    seen = [p.validation_loss for p in outcome.curves if p.validation_loss is not None]
    assert outcome.best_validation_loss == min(seen)
    again = fit(
        model, rows, copying_rows(12, 2), recipe(lr=1e-12, steps=2, early_stopping=stopping), pad_id=0, name="t"
    )
    assert again.curves[0].validation_loss == pytest.approx(outcome.best_validation_loss, rel=1e-5)


def test_loss_that_is_no_number_is_an_error() -> None:
    model = attach(tiny(), "full", LORA)
    with torch.no_grad():
        next(model.parameters()).fill_(math.inf)
    with pytest.raises(FloatingPointError, match="lower lr"):
        fit(model, copying_rows(48, 1), copying_rows(12, 2), recipe(), pad_id=0, name="t")


def test_too_few_rows_and_blind_rows_are_refused() -> None:
    model = attach(tiny(), "full", LORA)
    with pytest.raises(ValueError, match="found 8 training rows, expected at least batch_size"):
        fit(model, copying_rows(8, 1), copying_rows(12, 2), recipe(), pad_id=0, name="t")
    blind = [Rendered([5, 6, 7], [False] * 3)] * 16
    with pytest.raises(ValueError, match="training row 0 has no supervised token"):
        fit(model, blind, copying_rows(12, 2), recipe(), pad_id=0, name="t")
