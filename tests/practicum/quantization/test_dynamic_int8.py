"""The integer layers against exact arithmetic."""

import copy
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from practicum.quantization import dynamic_int8
from practicum.quantization.agreement import agreement, answer_logits
from practicum.quantization.dynamic_int8 import (
    ALIGNED,
    FEW_ROWS,
    Digits,
    Int8Embedding,
    Int8Linear,
    load,
    quantize,
    rounded,
    save,
)
from tests.practicum.quantization.small_models import rows, small_model


def test_rounding_stays_within_half_a_scale_and_keeps_the_largest_exactly() -> None:
    torch.manual_seed(0)
    weight = torch.randn(7, 33) * torch.logspace(-6, 3, 7)[:, None]
    weight[3] = 0
    integers, scale = rounded(weight)
    assert integers.dtype == torch.int8
    assert int(integers.min()) >= -127
    assert bool(((integers.float() * scale[:, None] - weight).abs() <= scale[:, None] * 0.501).all())
    assert bool((integers[[0, 1, 2, 4, 5, 6]].abs().amax(dim=1) == 127).all())
    assert bool((integers[3] == 0).all())


@pytest.mark.parametrize(("digits", "worst"), [(1, 0.02), (2, 0.0001)])
@pytest.mark.parametrize("bias", [True, False])
def test_a_layers_error_is_that_of_its_activations_digits(digits: Digits, worst: float, bias: bool) -> None:
    torch.manual_seed(0)
    x = torch.randn(3, 5, 64)
    linear = nn.Linear(64, 96, bias=bias)
    integers, scale = rounded(linear.weight)
    layer = Int8Linear(integers, scale, linear.bias, digits)
    linear.weight.data = integers.float() * scale[:, None]
    exact = linear(x).detach()
    out = layer(x)
    assert out.shape == exact.shape
    assert float((out - exact).norm() / exact.norm()) < worst


@pytest.mark.parametrize("count", [1, FEW_ROWS, FEW_ROWS + 1])
def test_few_rows_err_by_bf16_activations_and_more_by_two_digits(count: int) -> None:
    torch.manual_seed(0)
    x = torch.randn(count, 64)
    integers, scale = rounded(torch.randn(96, 64))
    exact = x @ (integers.float() * scale[:, None]).t()
    out = Int8Linear(integers, scale, None, 2)(x)
    assert out.dtype == torch.float32
    error = float((out - exact).norm() / exact.norm())
    # A bf16 number has 8 bits, two digits hold 16.
    assert (2**-12 < error < 2**-7) if count <= FEW_ROWS else error < 2**-12


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("width", [24, 64, 72])
@pytest.mark.parametrize("bytes_off", [0, 8])
def test_widths_and_addresses_that_the_kernel_for_few_rows_cannot_read_are_kept_from_it(
    count: int, width: int, bytes_off: int
) -> None:
    integers, scale = rounded(torch.randn(40, width))
    room = torch.empty(integers.numel() + 2 * ALIGNED, dtype=torch.int8)
    start = -room.data_ptr() % ALIGNED + bytes_off
    weight = room[start : start + integers.numel()].view_as(integers).copy_(integers)
    x = torch.randn(count * width + 1)[1:].view(count, width)
    exact = x @ (integers.float() * scale[:, None]).t()
    for given in (x, x.to(torch.bfloat16), torch.cat([x, x], dim=1).to(torch.bfloat16)[:, width:]):
        out = Int8Linear(weight, scale, None, 2)(given)
        assert float((out - exact).norm() / exact.norm()) < 2**-6


def test_a_loaded_models_weights_are_aligned(tmp_path: Path) -> None:
    model = small_model("llama")
    save(model, quantize(model), tmp_path)
    layers = [module for module in load(tmp_path).modules() if isinstance(module, Int8Linear)]
    assert len(layers) > 10
    assert all(layer.weight.data_ptr() % ALIGNED == 0 for layer in layers)


@pytest.mark.parametrize("digits", [1, 2])
def test_without_integer_instructions_floats_give_the_same_to_the_bit(
    digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    layer = Int8Linear(*rounded(torch.randn(96, 1024)), torch.randn(96), digits)
    x = torch.randn(32, 1024)
    outs = []
    for multiplied in (True, False):
        monkeypatch.setattr(dynamic_int8, "INTEGERS_ARE_MULTIPLIED", multiplied)
        outs.append(layer(x))
    assert torch.equal(*outs)


def test_one_token_does_not_change_the_scale_of_another() -> None:
    torch.manual_seed(0)
    layer = Int8Linear(*rounded(torch.randn(32, 64)), None, 1)
    x = torch.randn(FEW_ROWS + 1, 64)
    loud = layer(torch.cat([x[:1], x[1:] * 10_000]))
    assert torch.equal(layer(x)[0], loud[0])


def test_a_silent_token_gives_the_bias() -> None:
    bias = torch.randn(8)
    layer = Int8Linear(*rounded(torch.randn(8, 16)), bias, 2)
    assert torch.equal(layer(torch.zeros(1, 16))[0], bias)


def test_the_input_type_is_kept() -> None:
    layer = Int8Linear(*rounded(torch.randn(8, 16)), None, 2)
    assert layer(torch.randn(2, 16, dtype=torch.bfloat16)).dtype == torch.bfloat16


def test_saved_and_loaded_gives_the_same_logits_to_the_bit(tmp_path: Path) -> None:
    model = small_model("qwen2")
    save(model, quantize(model), tmp_path)
    assert torch.equal(answer_logits(load(tmp_path), rows()), answer_logits(model, rows()))
    kinds = {type(module) for module in load(tmp_path).modules()}
    assert {Int8Linear, Int8Embedding} <= kinds
    assert nn.Linear not in kinds


def test_two_digits_are_nearer_than_one() -> None:
    reference = answer_logits(small_model("llama"), rows())

    def error(digits: Digits) -> float:
        model = small_model("llama")
        quantize(model, digits)
        return agreement(reference, answer_logits(model, rows())).error

    assert error(2) < error(1)


def test_an_embedding_that_scales_its_rows_stays_in_floats(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = Gemma3TextConfig(
        vocab_size=420,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=1,
        head_dim=16,
        initializer_range=0.1,
    )
    model = Gemma3ForCausalLM(config).eval()
    reference = answer_logits(copy.deepcopy(model), rows())
    manifest = quantize(model)
    assert manifest["embedding"] is None
    save(model, manifest, tmp_path)
    loaded = answer_logits(load(tmp_path), rows())
    assert torch.equal(loaded, answer_logits(model, rows()))
    assert agreement(reference, loaded).error < 0.05
