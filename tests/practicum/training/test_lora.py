"""LoRA layers of one step of autograd: peft's values and gradients, only where they hold, and only for a while."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PeftModel, inject_adapter_in_model
from peft.tuners.lora import Linear
from safetensors.torch import load_file
from torch import Tensor, nn

from practicum.config import Method
from practicum.training.adapters import attach
from practicum.training.lora import LowRankLinear, fused
from practicum.training.trainer import fit
from tests.practicum.training.small_runs import PAD, base_for, copying_rows, recipe, small_model
from tests.practicum.training.test_adapters import apart, lora, with_adapters

LENGTH, WIDTH, OUT = 96, 256, 192


def adapted_linear(*, bias: bool, scale: float = 1.5, **settings: object) -> nn.Module:
    """A layer of the sizes above with an adapter of rank 8 that adds about a third of what the base gives."""
    torch.manual_seed(0)
    base = nn.Sequential(nn.Linear(WIDTH, OUT, bias=bias)).requires_grad_(False)
    config = LoraConfig(r=8, lora_alpha=8 * scale, target_modules=["0"], **settings)  # type: ignore[arg-type]
    model: nn.Module = inject_adapter_in_model(config, base)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.12)
    return model


def results(model: nn.Module, x: Tensor, pull: Tensor, *, bf16: bool) -> dict[str, Tensor]:
    """The output for x, and the gradients of what `pull` pulls at."""
    model.zero_grad()
    x = x.clone().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        y = model(x)
    y.backward(pull.to(y.dtype))
    found = {name: p.grad for name, p in [("x", x), *model.named_parameters()] if p.grad is not None}
    return {"y": y.detach(), **{name: grad.clone() for name, grad in found.items()}}


def losses_and_gradients(model: nn.Module, *, bf16: bool) -> dict[str, Tensor]:
    model.zero_grad()
    ids = torch.tensor([row.ids[:12] for row in copying_rows(64, 5) if len(row.ids) >= 12])
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    grads = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    return {"loss": loss.detach(), **grads}


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3"])
def test_a_model_has_the_loss_and_gradients_that_it_has_in_peft(family: str) -> None:
    model = attach(small_model(family), "lora", lora(alpha=6.0))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.1)
    expected = losses_and_gradients(model, bf16=False)
    with fused(model):
        found = losses_and_gradients(model, bf16=False)
    assert found.keys() == expected.keys()
    assert len(found) == 1 + 2 * 2 * 7
    assert max(apart(found[name], expected[name]) for name in expected) < 1e-5


@pytest.mark.parametrize("bias", [False, True])
def test_backward_is_the_derivative_of_forward(bias: bool) -> None:
    torch.manual_seed(0)

    def random(*shape: int, trained: bool = True) -> Tensor:
        return torch.randn(*shape, dtype=torch.float64, requires_grad=trained)

    weight, shift = random(4, 5, trained=False), random(4, trained=False) if bias else None

    def layer(x: Tensor, down: Tensor, up: Tensor) -> Tensor:
        y: Tensor = LowRankLinear.apply(x, x.detach().reshape(-1, 5), weight, shift, down, up, 1.7)
        return y

    assert torch.autograd.gradcheck(layer, (random(2, 3, 5), random(2, 5), random(4, 2)))


@pytest.mark.parametrize("entering", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("bias", [False, True])
def test_in_bf16_it_is_no_further_from_float32_than_peft(bias: bool, entering: torch.dtype) -> None:
    model = adapted_linear(bias=bias)
    with torch.no_grad():
        model.get_submodule("0.base_layer").to(torch.bfloat16).float()
    x, pull = torch.randn(4, LENGTH, WIDTH).to(torch.bfloat16), torch.randn(4, LENGTH, OUT).to(torch.bfloat16)
    exact = results(model.float(), x.float(), pull.float(), bf16=False)
    peft = results(model, x.to(entering), pull, bf16=True)
    with fused(model):
        ours = results(model, x.to(entering), pull, bf16=True)
    assert {name: value.dtype for name, value in ours.items()} == {name: value.dtype for name, value in peft.items()}
    for name in exact:
        assert 0 < apart(ours[name].float(), exact[name]) <= 1.01 * apart(peft[name].float(), exact[name]), name


def test_layers_that_read_one_input_round_it_once_and_again_when_it_changed() -> None:
    model = adapted_linear(bias=False)
    x, other = torch.randn(1, LENGTH, WIDTH), torch.randn(1, LENGTH, WIDTH)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16), fused(model):
        first = model(x)
        assert torch.equal(model(x), first)
        assert apart(model(other), first) > 0.5
        x.copy_(other)
        assert torch.equal(model(x), model(other))


def test_in_training_the_rounded_input_is_held_once_for_all_that_read_it() -> None:
    model = attach(small_model("llama"), "lora", lora())
    layer = model.get_submodule("base_model.model.model.layers.0.self_attn")
    x = torch.randn(2, 8, 64)
    with torch.autocast("cpu", torch.bfloat16), fused(model):
        saved = [layer.get_submodule(name)(x).grad_fn.saved_tensors[0] for name in ("q_proj", "v_proj")]
    assert saved[0].data_ptr() == saved[1].data_ptr()


def calls(model: nn.Module, run: Callable[[], object]) -> int:
    """How many layers ran as one step of autograd."""
    outputs: list[Tensor] = []
    hooks = [
        part.register_forward_hook(lambda _module, _inputs, y: outputs.append(y))
        for part in model.modules()
        if hasattr(part, "lora_A")
    ]
    with fused(model):
        run()
    for hook in hooks:
        hook.remove()
    return sum("LowRankLinear" in type(y.grad_fn).__name__ for y in outputs)


@pytest.mark.parametrize(("method", "expected"), [("lora", 14), ("dora", 0), ("qlora", 0)])
def test_only_plain_lora_runs_fused(method: Method, expected: int, tmp_path: Path) -> None:
    model = attach(base_for(method, "qwen3", tmp_path), method, lora())
    assert calls(model, lambda: model(input_ids=torch.tensor([[4, 5, 6]]))) == expected


def test_what_else_peft_can_do_is_left_to_peft() -> None:
    x = torch.randn(2, 3, WIDTH)
    for settings in ({"lora_bias": True}, {"use_rslora": False, "lora_dropout": 0.2}, {"use_dora": True}):
        model = adapted_linear(bias=True, **settings).train()
        assert calls(model, lambda model=model: model(x)) == 0, settings  # type: ignore[misc]
    model = adapted_linear(bias=True, lora_dropout=0.2).eval()
    assert calls(model, lambda: model(x)) == 1
    layer = model.get_submodule("0")
    assert isinstance(layer, Linear)
    layer.merge()
    assert calls(model, lambda: model(x.clone().requires_grad_())) == 0
    layer.unmerge()
    layer.enable_adapters(False)
    assert calls(model, lambda: model(x.clone().requires_grad_())) == 0
    layer.enable_adapters(True)
    layer.update_layer("second", 4, lora_alpha=4, config=LoraConfig(r=4))
    layer.set_adapter(["default", "second"])
    assert calls(model, lambda: model(x)) == 0


def test_without_autocast_other_types_are_left_to_peft() -> None:
    model = adapted_linear(bias=False)
    model.get_submodule("0.base_layer").to(torch.bfloat16)
    assert calls(model, lambda: model(torch.randn(2, WIDTH, dtype=torch.bfloat16))) == 0


def test_forwards_are_given_back_even_after_an_error() -> None:
    model = attach(small_model("qwen2"), "lora", lora())
    opened = fused(model)
    opened.__enter__()
    assert sum("forward" in part.__dict__ for part in model.modules()) == 14
    assert not opened.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not any("forward" in part.__dict__ for part in model.modules())


def test_a_trained_adapter_is_saved_as_peft_saves_it(tmp_path: Path) -> None:
    model = with_adapters("lora", tmp_path)
    assert isinstance(model, PeftModel)
    model.save_pretrained(str(tmp_path / "before"))
    fit(model, copying_rows(32, 1), copying_rows(8, 2), recipe(bf16=True, steps=2), pad_id=PAD, name="t")
    model.save_pretrained(str(tmp_path / "after"))
    assert not any("forward" in part.__dict__ for part in model.modules())
    before, after = (load_file(tmp_path / name / "adapter_model.safetensors") for name in ("before", "after"))
    assert {k: (v.dtype, v.shape) for k, v in after.items()} == {k: (v.dtype, v.shape) for k, v in before.items()}
    assert all(not torch.equal(after[name], before[name]) for name in before)
    configs = [(tmp_path / name / "adapter_config.json").read_text() for name in ("before", "after")]
    assert configs[0] == configs[1]
