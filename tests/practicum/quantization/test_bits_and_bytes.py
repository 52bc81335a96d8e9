"""Layers of bitsandbytes as this CPU multiplies them, against bitsandbytes' own products."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from bitsandbytes.nn.modules import Linear4bit, Linear8bitLt
from torch import nn
from transformers import AutoModelForCausalLM

from practicum.inference.packed import PackedModel, Store, pack
from practicum.quantization.bits_and_bytes import BnbFormat, load, quantize
from practicum.quantization.dynamic_int8 import Int8Linear
from practicum.quantization.nf4 import FEW_ROWS, Nf4Linear
from tests.practicum.quantization.small_models import ARCHITECTURES, Architecture, float_folder

OURS: dict[BnbFormat, type[nn.Module]] = {"int8": Int8Linear, "nf4": Nf4Linear}
THEIRS: dict[BnbFormat, type[nn.Module]] = {"int8": Linear8bitLt, "nf4": Linear4bit}
FORMATS: tuple[BnbFormat, ...] = ("int8", "nf4")


@pytest.fixture(params=FORMATS)
def form(request: pytest.FixtureRequest) -> BnbFormat:
    chosen: BnbFormat = request.param
    return chosen


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("count", [1, FEW_ROWS, FEW_ROWS + 1, 200])
def test_each_layer_gives_the_product_of_bitsandbytes(
    form: BnbFormat, architecture: Architecture, count: int, tmp_path: Path
) -> None:
    """Qwen2 has biases; the kernel for few rows and the products for many differ by bf16's rounding."""
    quantize(float_folder(tmp_path / "float", architecture), form, tmp_path / "quantized")
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path / "quantized", dtype=torch.bfloat16).eval()
    ours = load(tmp_path / "quantized")
    names = [name for name, layer in theirs.named_modules() if isinstance(layer, THEIRS[form])]
    assert len(names) == 2 * 7
    torch.manual_seed(0)
    for name in names:
        layer: Any = theirs.get_submodule(name)
        x = torch.randn(1, count, layer.in_features).to(torch.bfloat16)
        with torch.inference_mode():
            expected = layer(x).float()
            mine = ours.get_submodule(name)
            assert isinstance(mine, OURS[form])
            found = mine(x).float()
        assert found.shape == expected.shape
        assert torch.linalg.vector_norm(found - expected) < 0.006 * torch.linalg.vector_norm(expected), name


def test_a_loaded_model_is_packed_and_agrees_with_itself(form: BnbFormat, tmp_path: Path) -> None:
    quantize(float_folder(tmp_path / "float", "qwen2"), form, tmp_path / "quantized")
    model = load(tmp_path / "quantized")
    prompts = [[3 + (7 * row + place) % 400 for place in range(12 + row)] for row in range(20)]
    with torch.inference_mode():
        plain = torch.stack([model(torch.tensor([prompt])).logits[0, -1] for prompt in prompts]).float()
        packed = pack(copy.deepcopy(model))
        assert isinstance(packed, PackedModel)
        found = packed.read(prompts, [None] * 20, Store(packed, 20), range(20)).float()
    # Where activations are rounded to 8 bits, what bf16 rounds otherwise moves some of them by a whole step.
    bound = {"int8": 0.06, "nf4": 0.03}[form]
    assert torch.linalg.vector_norm(found - plain) < bound * torch.linalg.vector_norm(plain)
