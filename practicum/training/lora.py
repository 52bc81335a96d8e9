"""LoRA's linear layers as one step of autograd each, for training."""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import torch
from peft.tuners.lora import Linear
from torch import Tensor, nn
from torch.autograd.function import once_differentiable


class LowRankLinear(torch.autograd.Function):
    """y = x W^T + bias + scale (x A^T) B^T with W and bias frozen, https://arxiv.org/abs/2106.09685.

    Works in the type of `rounded`. The thin products come first and the wide one is added onto them, so that the sum
    is rounded once, where separate layers round each product and then their sum.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        rounded: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        down: Tensor,
        up: Tensor,
        scale: float,
    ) -> Tensor:
        """The layer's output.

        Args:
            ctx: what backward will need.
            x: input, (..., in); what the gradient goes to.
            rounded: the same in the type to work in, (tokens, in).
            weight: W, (out, in), without a gradient.
            bias: (out,), without a gradient.
            down: A, (r, in).
            up: B, (out, r).
            scale: of the adapter.

        Returns:
            (..., out), in the type of `rounded`.
        """
        dtype = rounded.dtype
        a, b = down.to(dtype), (up * scale).to(dtype)
        low = rounded @ a.T
        y = low @ b.T if bias is None else torch.addmm(bias.to(dtype), low, b.T)
        y.addmm_(rounded, weight.to(dtype).T)
        ctx.save_for_backward(rounded, weight, low, a, b)
        ctx.shape, ctx.dtype, ctx.trained, ctx.scale = x.shape, x.dtype, up.dtype, scale
        return y.view(*x.shape[:-1], -1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        rounded, weight, low, a, b = ctx.saved_tensors
        grad = grad.reshape(-1, grad.shape[-1])
        grad_low = grad @ b
        grad_x = None
        if ctx.needs_input_grad[0]:
            grad_x = (grad_low @ a).addmm_(grad, weight.to(grad.dtype)).to(ctx.dtype).view(ctx.shape)
        return grad_x, None, None, None, grad_low.T @ rounded, (grad.T @ low).to(ctx.trained).mul_(ctx.scale), None


class _Rounded:
    """The input that was rounded last: layers that read the same one, such as q, k and v, round it once."""

    def __init__(self) -> None:
        self.source: weakref.ref[Tensor] | None = None
        self.version = -1
        self.value: Tensor | None = None

    def __call__(self, x: Tensor, dtype: torch.dtype) -> Tensor:
        if x.dtype == dtype:
            return x.detach().reshape(-1, x.shape[-1])
        value = self.value
        if self.source is None or self.source() is not x or self.version != x._version or value is None:
            value = x.detach().to(dtype).reshape(-1, x.shape[-1])
            self.source, self.version, self.value = weakref.ref(x), x._version, value
        return value


@contextmanager
def fused(model: nn.Module) -> Iterator[None]:
    """While it is open, plain LoRA layers run as `LowRankLinear`, forward and backward.

    All others keep peft's forward: DoRA and other variants, 4-bit bases, layers with several adapters. So does a
    layer while its dropout is on, its adapter is off or merged, or without autocast its types differ. Don't open it
    over sharded weights (FSDP), whose products must go through their own modules.
    """
    rounded = _Rounded()
    layers = [cast(Linear, layer) for layer in model.modules() if _plain(layer)]
    try:
        for layer in layers:
            layer.__dict__["forward"] = partial(_forward, layer, layer.forward, rounded)
        yield
    finally:
        for layer in layers:
            layer.__dict__.pop("forward", None)


def adapter_of(layer: nn.Module) -> tuple[Tensor, Tensor, float] | None:
    """A `[r, in]`, B `[out, r]` and the scale of a linear layer's adapter; None if it has none that is plain LoRA, on,
    not merged and without dropout."""
    if not _plain(layer):
        return None
    adapted = cast(Linear, layer)
    adapter = adapted.active_adapters[0]
    if adapted.disable_adapters or adapted.merged or not isinstance(adapted.lora_dropout[adapter], nn.Identity):
        return None
    down, up = (cast(Tensor, part[adapter].weight) for part in (adapted.lora_A, adapted.lora_B))
    return down, up, adapted.scaling[adapter]


def _plain(layer: nn.Module) -> bool:
    if type(layer) is not Linear or "forward" in layer.__dict__ or len(layer.active_adapters) != 1:
        return False
    adapter, base = layer.active_adapters[0], layer.base_layer
    return (
        type(base) is nn.Linear
        and adapter in layer.lora_A
        and adapter not in layer.lora_variant
        and not layer.lora_bias[adapter]
        and not layer.fan_in_fan_out
        and not any(p.requires_grad for p in base.parameters())
    )


def _forward(
    layer: Linear, own: Callable[..., Tensor], rounded: _Rounded, x: Tensor, *args: Any, **options: Any
) -> Tensor:
    """What the layer gives for an input of (..., in): by `LowRankLinear` where that computes the same."""
    adapter = layer.active_adapters[0]
    weight, bias = layer.base_layer.weight, layer.base_layer.bias
    down, up = layer.lora_A[adapter].weight, layer.lora_B[adapter].weight
    device = x.device.type
    types = {part.dtype for part in (x, weight, bias, down, up) if part is not None}
    rounds = torch.is_autocast_enabled(device) and torch.float64 not in types
    drops = layer.training and isinstance(layer.lora_dropout[adapter], nn.Dropout)
    if args or options or drops or layer.disable_adapters or layer.merged or not (rounds or len(types) == 1):
        return own(x, *args, **options)
    dtype = torch.get_autocast_dtype(device) if rounds else x.dtype
    y = LowRankLinear.apply(x, rounded(x, dtype), weight, bias, down, up, layer.scaling[adapter])  # type: ignore[no-untyped-call]
    return cast(Tensor, y)
