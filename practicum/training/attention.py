"""Causal attention that trains fast on a CPU, for Transformers' models: `attn_implementation=NAME`.

Plain attention computes all scores of a row, hidden ones too, repeats the keys for every query head that shares them,
and keeps its probabilities in float32 for the backward. Here positions are taken in blocks, each against the keys that
it can see; heads that share keys are one product; probabilities are kept in the type of the products.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedConfig
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

NAME = "practicum_cpu"
"""What Transformers knows it by, once this module is imported."""

BLOCK = 64
"""Positions whose scores are held at once: a smaller block hides less in vain, a larger one makes wider products."""

LANES = 32
"""Keys are taken in multiples of so many: PyTorch's softmax goes over what is left of a vector one by one."""

MODELS = ("llama", "qwen2", "qwen3")
"""Types of models whose attention is no more than `causal_attention`: no caps on scores, no sinks."""


def implementation(config: PreTrainedConfig) -> str:
    """The attention that trains a model fastest here, for its `set_attn_implementation`.

    On a CPU the backward of PyTorch's fused attention is slower than plain products are.
    """
    if torch.cuda.is_available():
        return "sdpa"
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    plain = config.model_type in MODELS and kinds == {"full_attention"} and not config.attention_dropout
    return NAME if plain else "eager"


def causal_attention(query: Tensor, key: Tensor, value: Tensor, scaling: float) -> Tensor:
    """Softmax attention in which each position sees itself and those before it, with a gradient.

    Products take autocast's type where it is on, and else the query's. Sums over keys are taken in float32 at least.

    Args:
        query: `[rows, heads, width, size]`.
        key: `[rows, groups, width, size]`; the heads, in order, share the groups evenly (grouped queries,
            https://arxiv.org/abs/2305.13245).
        value: like the keys.
        scaling: of the scores.

    Returns:
        `[rows, width, heads, size]`, in the type of the products.

    Raises:
        ValueError: the heads are no multiple of the groups, or there are more or fewer keys than queries.
    """
    if query.shape[1] % key.shape[1] or query.shape[2] != key.shape[2]:
        raise ValueError(
            f"found queries {list(query.shape)} and keys {list(key.shape)} as [rows, heads, width, size], expected "
            "equal widths, and a number of query heads that is a multiple of the keys'"
        )
    kind = query.device.type
    dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else query.dtype
    attended: Tensor = _CausalAttention.apply(query, key, value, scaling, dtype)  # type: ignore[no-untyped-call]
    return attended


def attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float,
    dropout: float = 0.0,
    **options: Any,
) -> tuple[Tensor, None]:
    """`causal_attention` as Transformers calls an attention; anything but a plain causal mask is PyTorch's to attend.

    Args:
        module: the layer that asks.
        query: `[rows, heads, width, size]`.
        key: `[rows, groups, keys, size]`.
        value: like the keys.
        attention_mask: `[rows, 1, width, keys]`, true where a position sees a key; None for causal attention.
        scaling: of the scores.
        dropout: must be zero.
        options: of the layer, not read here.

    Returns:
        `[rows, width, heads, size]`, and None for the probabilities.

    Raises:
        ValueError: there is dropout.
    """
    if dropout:
        raise ValueError(
            f"attention_dropout: found {dropout:g}, expected 0; load the model with attn_implementation='eager', or "
            "set it to 0 in the model's config"
        )
    if attention_mask is not None or query.shape[2] != key.shape[2]:
        attended, _ = sdpa_attention_forward(module, query, key, value, attention_mask, scaling=scaling, **options)
        return attended, None
    return causal_attention(query, key, value, scaling), None


def attention_forward(queries: Tensor, keys: Tensor, values: Tensor, width: int) -> tuple[Tensor, list[Tensor]]:
    """Causal attention, block by block.

    Args:
        queries: `[rows * groups, width * shared, size]`, scaled, the heads of a position that share keys together.
        keys: `[rows * groups, keys, size]`, `up_to_lanes(width)` of them.
        values: like the keys.
        width: positions.

    Returns:
        What is attended, like the queries, and each block's probabilities, for backward.
    """
    shared = queries.shape[1] // width
    hidden = keys.new_full((BLOCK, BLOCK), -torch.inf).triu_(1)[:, None]
    attended = torch.empty_like(queries)
    kept = []
    for start, stop, seen in _blocks(width):
        block = slice(start * shared, stop * shared)
        scores = torch.bmm(queries[:, block], keys[:, :seen].transpose(1, 2))
        diagonal = scores.view(-1, stop - start, shared, seen)[..., start:]
        diagonal.add_(hidden[: stop - start, :, : seen - start])
        probabilities = torch.softmax(scores, dim=-1)
        torch.bmm(probabilities, values[:, :seen], out=attended[:, block])
        kept.append(probabilities)
    return attended, kept


def attention_backward(
    outward: Tensor, queries: Tensor, keys: Tensor, values: Tensor, kept: Sequence[Tensor], width: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of the queries, as they are, and of keys and values, in float32 at least.

    Args:
        outward: of what is attended.
        queries: as `attention_forward` got them.
        keys: likewise.
        values: likewise.
        kept: what it kept.
        width: positions.
    """
    shared = queries.shape[1] // width
    grad_queries = torch.empty_like(queries)
    wide = torch.promote_types(queries.dtype, torch.float32)
    grad_keys, grad_values = torch.zeros_like(keys, dtype=wide), torch.zeros_like(values, dtype=wide)
    for (start, stop, seen), probabilities in zip(_blocks(width), kept, strict=True):
        block = slice(start * shared, stop * shared)
        grad_values[:, :seen] += torch.bmm(probabilities.transpose(1, 2), outward[:, block])
        slope = torch.bmm(outward[:, block], values[:, :seen].transpose(1, 2))
        slope = torch.ops.aten._softmax_backward_data(slope, probabilities, -1, slope.dtype)
        torch.bmm(slope, keys[:, :seen], out=grad_queries[:, block])
        grad_keys[:, :seen] += torch.bmm(slope.transpose(1, 2), queries[:, block])
    return grad_queries, grad_keys, grad_values


class _CausalAttention(torch.autograd.Function):
    """Batches are `[rows * groups, ...]`; queries are `[..., width * shared, size]`, a position's heads together.

    So a block of positions is a slice, and with all heads of a group it is one matrix.
    """

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, scaling: float, dtype: torch.dtype) -> Tensor:
        rows, heads, width, size = query.shape
        groups = key.shape[1]
        shared = heads // groups
        by_position = query.view(rows, groups, shared, width, size).transpose(2, 3)
        with torch.autocast(query.device.type, enabled=False):
            queries = query.new_empty(by_position.shape, dtype=dtype)
            torch.mul(by_position, scaling, out=queries)
            queries = queries.view(rows * groups, width * shared, size)
            keys, values = _padded(key, dtype), _padded(value, dtype)
            attended, kept = attention_forward(queries, keys, values, width)
        ctx.save_for_backward(queries, keys, values, *kept)
        ctx.scaling, ctx.groups, ctx.dtypes = scaling, groups, (query.dtype, key.dtype, value.dtype)
        by_row = attended.view(rows, groups, width, shared, size).transpose(1, 2)
        return by_row.reshape(rows, width, heads, size)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        queries, keys, values, *kept = ctx.saved_tensors
        rows, width, heads, size = gradient.shape
        groups = ctx.groups
        shared = heads // groups
        by_group = gradient.view(rows, width, groups, shared, size).transpose(1, 2)
        outward = by_group.reshape(queries.shape)
        grad_queries, grad_keys, grad_values = attention_backward(outward, queries, keys, values, kept, width)
        by_position = grad_queries.view(rows, groups, width, shared, size).transpose(1, 2)
        grad_query = gradient.new_empty(by_position.shape, dtype=ctx.dtypes[0]).copy_(by_position).mul_(ctx.scaling)
        grad_key, grad_value = (
            part.view(rows, groups, -1, size)[:, :, :width].to(dtype)
            for part, dtype in zip((grad_keys, grad_values), ctx.dtypes[1:], strict=True)
        )
        return grad_query.view(rows, width, heads, size).transpose(1, 2), grad_key, grad_value, None, None


def _padded(part: Tensor, dtype: torch.dtype) -> Tensor:
    """Keys or values as `[rows * groups, keys, size]`, with zeros up to the next multiple of `LANES`."""
    rows, groups, width, size = part.shape
    padded = part.new_zeros((rows, groups, up_to_lanes(width), size), dtype=dtype)
    padded[:, :, :width] = part
    return padded.flatten(0, 1)


def _blocks(width: int) -> Iterator[tuple[int, int, int]]:
    """First position, the one after the last, and how many keys to take: later ones are hidden from all of them."""
    for start in range(0, width, BLOCK):
        stop = min(start + BLOCK, width)
        yield start, stop, up_to_lanes(stop)


def up_to_lanes(width: int) -> int:
    """The width, or a little more: how many keys are taken."""
    return -(-width // LANES) * LANES


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, sdpa_mask)
