"""The 4-bit product of bitsandbytes on a CPU, fast for many rows too.

Its kernel for CPUs with AVX512-BF16 reads 4-bit weights as they lie: while a few rows wait for it, the less memory is
read the better. It doesn't reuse what it unpacked, though, and on two cores took four times as long as a float product
at 48 rows and eight times at 5,000.
"""

import copy
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from bitsandbytes.nn.modules import Linear4bit

FEW_ROWS: Final = 16
"""Up to so many rows are multiplied by the kernel, more by weights that are made floats for the one product."""


class Nf4Linear(nn.Module):
    """A 4-bit layer of bitsandbytes, for a CPU; it must not have run before."""

    def __init__(self, layer: "Linear4bit") -> None:
        super().__init__()
        # Importing it takes seconds, which models in other formats needn't wait for.
        from bitsandbytes.functional import dequantize_4bit

        weight: Any = layer.weight
        self._kernel = layer if layer.support_avx512bf16_for_cpu else None
        # The kernel's first call packs both for this CPU, in place; then nothing else can read them.
        self._floats: Callable[[], Tensor] = partial(dequantize_4bit, weight.data, copy.copy(weight.quant_state))
        self._bias: Tensor | None = layer.bias

    def forward(self, x: Tensor) -> Tensor:
        """`[..., in]` to `[..., out]`, in the input's float type."""
        if self._kernel is not None and x.numel() <= FEW_ROWS * x.shape[-1]:
            few: Tensor = self._kernel(x)
            return few
        bias = None if self._bias is None else self._bias.to(x.dtype)
        return functional.linear(x, self._floats().to(x.dtype), bias)
