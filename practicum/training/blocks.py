"""A decoder's blocks with LoRA, each as one step of autograd over tokens without padding: how a CPU trains them fast.

Autograd over Transformers' own forward takes some three hundred calls a block, forward and backward, most of which only
pass over memory: casts, norms, copies, sums of gradients. Rows of unequal length are padded to the longest. Here

- rows stand one after another, and only attention sees them side by side;
- layers that read one input are one product, and so are a layer and its adapter: with `M = [[W, s B], [A, 0]]`,
  `y = [x, x A^T] [W, s B]^T` forward and `dx = [dy, dy s B] [W; A]` backward (https://arxiv.org/abs/2106.09685);
- what is multiplied next is written where it is multiplied, in the type of the products; states stay in float32.

Llama, Qwen2 and Qwen3 with plain LoRA on any of their layers are computed so; `blocks_of` gives None for all else.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import torch
from peft import PeftModel
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional
from transformers import PreTrainedModel

from practicum.training.attention import MODELS, attention_backward, attention_forward, up_to_lanes
from practicum.training.lora import adapter_of

ROUNDED = 16
"""Tokens of a batch are filled up to a multiple of this: each new shape costs the CPU's kernels a set-up."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """The trained part of a linear layer."""

    down: Tensor
    """A, `[r, in]`."""
    up: Tensor
    """B, `[out, r]`."""
    scale: float
    start: int
    """First of its outputs among those of the group."""
    first: int
    """First of its ranks among those of the group."""

    @property
    def outs(self) -> slice:
        return slice(self.start, self.start + self.up.shape[0])

    @property
    def ranks(self) -> slice:
        return slice(self.first, self.first + self.down.shape[0])


class Group:
    """Linear layers that read one input, and their adapters, as one product."""

    def __init__(self, layers: Sequence[nn.Module], dtype: torch.dtype) -> None:
        adapted = [adapter_of(layer) for layer in layers]
        bases = [
            cast(nn.Linear, layer if found is None else layer.base_layer)
            for layer, found in zip(layers, adapted, strict=True)
        ]
        self.wide: int = bases[0].in_features
        self.out: int = sum(base.out_features for base in bases)
        self.adapters: list[Adapter] = []
        start = rank = 0
        for base, found in zip(bases, adapted, strict=True):
            if found is not None:
                down, up, scale = found
                self.adapters.append(Adapter(down, up, scale, start, rank))
                rank += down.shape[0]
            start += base.out_features
        self.rank = rank
        self.joined = torch.zeros((self.out + rank, self.wide + rank), dtype=dtype)
        """M of the module, `[out + rank, in + rank]`."""
        self._lent: list[nn.Linear] = []
        start = 0
        for base in bases:
            place = self.joined[start : start + base.out_features, : self.wide]
            place.copy_(base.weight.detach())
            if base.weight.dtype == dtype:  # one copy is enough
                base.weight.data = place
                self._lent.append(base)
            start += base.out_features
        self.bias = _joined_bias(bases, dtype)

    def give_back(self) -> None:
        """Let the layers have weights of their own again."""
        for base in self._lent:
            base.weight.data = base.weight.data.contiguous()

    @torch.no_grad()
    def load(self) -> None:
        """Take over what the adapters hold now."""
        for adapter in self.adapters:
            self.joined[self.out + adapter.first : self.out + adapter.ranks.stop, : self.wide].copy_(adapter.down)
            place = self.joined[adapter.outs, self.wide + adapter.first : self.wide + adapter.ranks.stop]
            torch.mul(adapter.up, adapter.scale, out=place)

    def forward(self, inputs: Tensor) -> Tensor:
        """Outputs `[tokens, out]` of inputs `[tokens, in + rank]`, whose last columns are filled in here."""
        if self.rank:
            torch.mm(inputs[:, : self.wide], self.joined[self.out :, : self.wide].t(), out=inputs[:, self.wide :])
        return functional.linear(inputs, self.joined[: self.out], self.bias)

    def backward(self, slopes: Tensor, inputs: Tensor, *, onward: bool = True) -> tuple[Tensor | None, list[Tensor]]:
        """Gradients with respect to the inputs and to each adapter's `down` and `up`.

        Args:
            slopes: of the outputs, `[tokens, out + rank]`, whose last columns are filled in here.
            inputs: as forward left them.
            onward: whether the inputs' is wanted.
        """
        outward = slopes[:, : self.out]
        grads: list[Tensor] = []
        if self.rank:
            low = slopes[:, self.out :]
            for adapter in self.adapters:
                place = self.joined[adapter.outs, self.wide + adapter.first : self.wide + adapter.ranks.stop]
                torch.mm(outward[:, adapter.outs], place, out=low[:, adapter.ranks])
            downs = torch.mm(low.t(), inputs[:, : self.wide])
            for adapter in self.adapters:
                reduced = inputs[:, self.wide + adapter.first : self.wide + adapter.ranks.stop]
                ups = torch.mm(outward[:, adapter.outs].t(), reduced)
                grads.append(downs[adapter.ranks].to(adapter.down.dtype))
                grads.append(ups.to(adapter.up.dtype).mul_(adapter.scale))
        return torch.mm(slopes, self.joined[:, : self.wide]) if onward else None, grads


@dataclass(frozen=True, slots=True)
class Norm:
    """RMSNorm, https://arxiv.org/abs/1910.07467, with a frozen weight."""

    weight: Tensor
    eps: float

    def forward(self, states: Tensor, out: Tensor) -> Tensor:
        """Write the normed states `[..., width]` to `out`; returns the inverse root mean squares, `[..., 1]`."""
        scale: Tensor = torch.linalg.vector_norm(states, dim=-1, keepdim=True).square_()
        scale = scale.div_(states.shape[-1]).add_(self.eps).rsqrt_()
        torch.mul(states * scale, self.weight, out=out)
        return scale

    def backward(self, slopes: Tensor, states: Tensor, scale: Tensor, onto: Tensor | None = None) -> Tensor:
        """Gradient with respect to the states, in their type; added onto another where that is given."""
        weighted = slopes.to(states.dtype) * self.weight
        along = (weighted * states).sum(dim=-1, keepdim=True)
        along.mul_(scale.pow(3)).div_(-states.shape[-1])
        result = weighted.mul_(scale) if onto is None else torch.addcmul(onto, weighted, scale)
        return result.addcmul_(states, along)


class Rows:
    """Where the rows of a batch stand, one after another, and the angles of their positions."""

    def __init__(self, lengths: Sequence[int], tokens: int, cosine: Tensor, sine: Tensor) -> None:
        """
        Args:
            lengths: of the rows.
            tokens: of all rows, those that fill up included.
            cosine: `[tokens, size]`, of each token's position.
            sine: likewise.
        """
        self.lengths, self.tokens, self.width = list(lengths), tokens, max(lengths)
        self.filled = sum(lengths)
        """Tokens of rows; those after them belong to none."""
        half = cosine.shape[-1] // 2
        self.cosine, self.sine = cosine[:, None, :half], sine[:, None, :half]

    def spans(self) -> Iterator[tuple[int, slice, int]]:
        """Number of each row, its tokens, and their number."""
        start = 0
        for row, length in enumerate(self.lengths):
            yield row, slice(start, start + length), length
            start += length

    def turned(self, heads: Tensor, *, back: bool = False) -> Tensor:
        """Heads `[tokens, heads, size]`, turned to their positions or back, https://arxiv.org/abs/2104.09864."""
        half = heads.shape[-1] // 2
        one, other = heads[..., :half], heads[..., half:]
        turned = torch.empty_like(heads)
        sign = -1 if back else 1
        torch.mul(one, self.cosine, out=turned[..., :half]).addcmul_(other, self.sine, value=-sign)
        torch.mul(other, self.cosine, out=turned[..., half:]).addcmul_(one, self.sine, value=sign)
        return turned


class Block:
    """One block of a decoder, laid out for training."""

    def __init__(self, layer: Any, dtype: torch.dtype) -> None:
        attention, mlp = layer.self_attn, layer.mlp
        config = attention.config
        self.dtype = dtype
        self.heads: int = config.num_attention_heads
        self.groups: int = config.num_key_value_heads
        self.size: int = attention.head_dim
        self.scaling: float = attention.scaling
        self.attend = Group([attention.q_proj, attention.k_proj, attention.v_proj], dtype)
        self.out = Group([attention.o_proj], dtype)
        self.widen = Group([mlp.gate_proj, mlp.up_proj], dtype)
        self.narrow = Group([mlp.down_proj], dtype)
        self.before = _norm(layer.input_layernorm)
        self.after = _norm(layer.post_attention_layernorm)
        self.head_norms = (_norm(attention.q_norm), _norm(attention.k_norm)) if hasattr(attention, "q_norm") else None
        self.trained = [part for group in self.products for a in group.adapters for part in (a.down, a.up)]

    @property
    def products(self) -> tuple[Group, Group, Group, Group]:
        return self.attend, self.out, self.widen, self.narrow

    def __call__(self, states: Tensor, rows: Rows) -> Tensor:
        """States `[tokens, hidden]` after the block; tokens that fill up get no attention."""
        for group in self.products:
            group.load()
        result: Tensor = _Step.apply(states, self, rows, *self.trained)  # type: ignore[no-untyped-call]
        return result

    def normed(self, norm: Norm, states: Tensor, group: Group) -> tuple[Tensor, Tensor]:
        """Inputs of a group, with room for the ranks, and the norm's scales."""
        inputs = states.new_empty((len(states), group.wide + group.rank), dtype=self.dtype)
        return inputs, norm.forward(states, inputs[:, : group.wide])

    def placed(self, joined: Tensor, rows: Rows) -> tuple[Tensor, Tensor, Tensor, list[Tensor]]:
        """Queries `[rows * groups, width * shared, size]`, scaled, and keys and values `[rows * groups, keys, size]`,
        zero where no token is; where heads are normed also the states and scales that backward needs."""
        heads = joined.view(len(joined), -1, self.size)
        turning = heads[:, : self.heads + self.groups].to(torch.promote_types(self.dtype, torch.float32))
        kept: list[Tensor] = []
        if self.head_norms is not None:
            kept = [turning]
            normed = torch.empty_like(turning)
            for norm, part in zip(self.head_norms, self._parts(), strict=True):
                kept.append(norm.forward(turning[:, part], normed[:, part]))
            turning = normed
        turned = rows.turned(turning)
        turned[:, : self.heads].mul_(self.scaling)
        count, shared = len(rows.lengths), self.heads // self.groups
        queries = joined.new_empty((count, self.groups, rows.width, shared, self.size))
        keys, values = (joined.new_empty((count, self.groups, up_to_lanes(rows.width), self.size)) for _ in range(2))
        for row, span, length in rows.spans():
            mine = turned[span, : self.heads].view(length, self.groups, shared, self.size)
            queries[row, :, :length].copy_(mine.transpose(0, 1))
            keys[row, :, :length].copy_(turned[span, self.heads :].transpose(0, 1))
            values[row, :, :length].copy_(heads[span, self.heads + self.groups :].transpose(0, 1))
            for placed in (queries, keys, values):
                placed[row, :, length:].zero_()
        flat = (count * self.groups, -1, self.size)
        return queries.view(flat), keys.view(flat), values.view(flat), kept

    def collected(self, queries: Tensor, keys: Tensor, values: Tensor, kept: Sequence[Tensor], rows: Rows) -> Tensor:
        """Gradients as `placed` lays them out, as those of its input; `[tokens, out + rank]` with room for ranks."""
        count, shared = len(rows.lengths), self.heads // self.groups
        shape = (count, self.groups, -1)
        queries, keys, values = (
            queries.view(*shape, shared, self.size),
            keys.view(*shape, self.size),
            values.view(*shape, self.size),
        )
        slopes = queries.new_empty((rows.tokens, self.attend.out + self.attend.rank))
        heads = slopes[:, : self.attend.out].view(rows.tokens, -1, self.size)
        wide = torch.promote_types(self.dtype, torch.float32)
        turned = torch.empty((rows.tokens, self.heads + self.groups, self.size), dtype=wide)
        for row, span, length in rows.spans():
            mine = turned[span, : self.heads].view(length, self.groups, shared, self.size)
            mine.copy_(queries[row, :, :length].transpose(0, 1))
            turned[span, self.heads :].copy_(keys[row, :, :length].transpose(0, 1))
            heads[span, self.heads + self.groups :].copy_(values[row, :, :length].transpose(0, 1))
        turned[rows.filled :].zero_()
        heads[rows.filled :].zero_()
        turned[:, : self.heads].mul_(self.scaling)
        back = rows.turned(turned, back=True)
        if self.head_norms is None:
            heads[:, : self.heads + self.groups].copy_(back)
        else:
            states, *scales = kept
            for norm, part, scale in zip(self.head_norms, self._parts(), scales, strict=True):
                heads[:, part].copy_(norm.backward(back[:, part], states[:, part], scale))
        return slopes

    def side_by_side(self, tokens: Tensor, rows: Rows) -> Tensor:
        """`[tokens, heads * size]` in the layout of queries."""
        shared = self.heads // self.groups
        placed = tokens.new_empty((len(rows.lengths), self.groups, rows.width, shared, self.size))
        for row, span, length in rows.spans():
            placed[row, :, :length].copy_(tokens[span].view(length, self.groups, shared, self.size).transpose(0, 1))
            placed[row, :, length:].zero_()
        return placed.view(len(rows.lengths) * self.groups, -1, self.size)

    def one_after_another(self, placed: Tensor, rows: Rows, out: Tensor) -> None:
        """The reverse, written to `[tokens, heads * size]`; zero where no row is."""
        shared = self.heads // self.groups
        placed = placed.view(len(rows.lengths), self.groups, rows.width, shared, self.size)
        for row, span, length in rows.spans():
            mine = out[span].view(length, self.groups, shared, self.size)
            mine.copy_(placed[row, :, :length].transpose(0, 1))
        out[rows.filled :].zero_()

    def _parts(self) -> tuple[slice, slice]:
        return slice(self.heads), slice(self.heads, self.heads + self.groups)


class _Step(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, states: Tensor, block: Block, rows: Rows, *trained: Tensor) -> Tensor:
        with torch.autocast("cpu", enabled=False):
            inputs, scale = block.normed(block.before, states, block.attend)
            queries, keys, values, kept = block.placed(block.attend.forward(inputs), rows)
            attended, probabilities = attention_forward(queries, keys, values, rows.width)
            outward = states.new_empty((len(states), block.out.wide + block.out.rank), dtype=block.dtype)
            block.one_after_another(attended, rows, outward[:, : block.out.wide])
            middle = states + block.out.forward(outward)
            wide_inputs, wide_scale = block.normed(block.after, middle, block.widen)
            opened = block.widen.forward(wide_inputs)
            gate, up = opened.chunk(2, dim=-1)
            inner = states.new_empty((len(states), block.narrow.wide + block.narrow.rank), dtype=block.dtype)
            gated = inner[:, : block.narrow.wide]
            torch.ops.aten.silu.out(gate, out=gated)
            gated.mul_(up)
            result = middle + block.narrow.forward(inner)
        if any(ctx.needs_input_grad):
            ctx.save_for_backward(
                states, scale, inputs, queries, keys, values, outward, middle, wide_scale, wide_inputs, opened, inner,
                *kept, *probabilities,
            )  # fmt: skip
            ctx.block, ctx.rows, ctx.kept = block, rows, len(kept)
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        block, rows = ctx.block, ctx.rows
        (states, scale, inputs, queries, keys, values, outward, middle, wide_scale, wide_inputs, opened, inner,
         *rest) = ctx.saved_tensors  # fmt: skip
        kept, probabilities = rest[: ctx.kept], rest[ctx.kept :]

        grad_inner, narrow = block.narrow.backward(_with_room(slope, block.narrow, block.dtype), inner)
        gate, up = opened.chunk(2, dim=-1)
        half = gate.shape[-1]
        grad_opened = opened.new_empty((len(opened), block.widen.out + block.widen.rank))
        torch.mul(grad_inner, functional.silu(gate), out=grad_opened[:, half : 2 * half])
        torch.ops.aten.silu_backward.grad_input(grad_inner.mul_(up), gate, grad_input=grad_opened[:, :half])
        del grad_inner
        grad_wide, widen = block.widen.backward(grad_opened, wide_inputs)
        del grad_opened
        grad_middle = block.after.backward(grad_wide, middle, wide_scale, onto=slope)
        grad_out, out = block.out.backward(_with_room(grad_middle, block.out, block.dtype), outward)
        parts = attention_backward(block.side_by_side(grad_out, rows), queries, keys, values, probabilities, rows.width)
        onward = ctx.needs_input_grad[0]
        grad_inputs, attend = block.attend.backward(block.collected(*parts, kept, rows), inputs, onward=onward)
        grad_states = block.before.backward(grad_inputs, states, scale, onto=grad_middle) if onward else None
        return grad_states, None, None, *attend, *out, *widen, *narrow


class Blocks:
    """A decoder laid out for training; made by `blocks_of`."""

    def __init__(self, decoder: Any, dtype: torch.dtype) -> None:
        self._table, self._norm, self._rotary = decoder.embed_tokens, decoder.norm, decoder.rotary_emb
        self.blocks = [Block(layer, dtype) for layer in decoder.layers]

    def states(self, input_ids: Tensor, attention_mask: Tensor, wanted: Tensor) -> Tensor:
        """Last hidden states at the positions that are wanted.

        Args:
            input_ids: `[rows, width]`, padded on the right.
            attention_mask: `[rows, width]`, 1 on tokens.
            wanted: `[rows, width]`, bool, on tokens only.

        Returns:
            `[positions, hidden]`, row by row.
        """
        here = attention_mask.bool()
        lengths: list[int] = here.sum(dim=1).tolist()
        found = input_ids[here]
        tokens = -(-len(found) // ROUNDED) * ROUNDED
        ids, positions = (found.new_zeros(tokens) for _ in range(2))
        ids[: len(found)] = found
        positions[: len(found)] = torch.cat([torch.arange(length) for length in lengths])
        states: Tensor = self._table(ids)
        with torch.autocast("cpu", enabled=False):
            cosine, sine = self._rotary(states, positions[None])
        rows = Rows(lengths, tokens, cosine[0], sine[0])
        for block in self.blocks:
            states = block(states, rows)
        chosen: Tensor = self._norm(states[: len(found)][wanted[here]])
        return chosen


def blocks_of(model: PreTrainedModel | PeftModel, dtype: torch.dtype) -> Blocks | None:
    """The decoder of a model laid out for training its adapters, or None where that would not compute the same.

    None is for a model that is not on the CPU or of another architecture, with windows or dropout, trained in other
    weights than those of plain LoRA, or with weights of another type than float32 and `dtype`.

    Args:
        model: with adapters, as `attach` leaves it.
        dtype: of the products.
    """
    if not isinstance(model, PeftModel):
        return None
    causal: Any = model.get_base_model()
    config = causal.config
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    if not (
        config.model_type in MODELS
        and kinds == {"full_attention"}
        and config.hidden_act == "silu"
        and not config.attention_dropout
        and {parameter.device.type for parameter in model.parameters()} == {"cpu"}
    ):
        return None
    decoder: Any = causal.get_decoder()
    layers = [part for layer in decoder.layers for part in _linears(layer)]
    trained = {id(p) for p in model.parameters() if p.requires_grad}
    adapters = [adapter_of(layer) for layer in layers]
    plain = all(found is not None or type(layer) is nn.Linear for layer, found in zip(layers, adapters, strict=True))
    held = {id(part) for found in adapters if found is not None for part in found[:2]}
    types = {p.dtype for p in decoder.parameters()}
    if not plain or trained != held or not types <= {torch.float32, dtype}:
        return None
    return Blocks(decoder, dtype)


@contextmanager
def laid_out(model: PreTrainedModel | PeftModel, dtype: torch.dtype) -> Iterator[Blocks | None]:
    """`blocks_of` a model, which lends them its frozen weights while this is open."""
    blocks = blocks_of(model, dtype)
    try:
        yield blocks
    finally:
        for block in blocks.blocks if blocks is not None else ():
            for group in block.products:
                group.give_back()


def _linears(layer: Any) -> list[nn.Module]:
    attention, mlp = layer.self_attn, layer.mlp
    return [
        attention.q_proj, attention.k_proj, attention.v_proj, attention.o_proj,
        mlp.gate_proj, mlp.up_proj, mlp.down_proj,
    ]  # fmt: skip


def _norm(module: Any) -> Norm:
    return Norm(module.weight.detach(), module.variance_epsilon)


def _with_room(slope: Tensor, group: Group, dtype: torch.dtype) -> Tensor:
    """Slopes of a group's outputs in the type of the products, with room for the ranks."""
    slopes = slope.new_empty((len(slope), group.out + group.rank), dtype=dtype)
    slopes[:, : group.out].copy_(slope)
    return slopes


def _joined_bias(layers: Sequence[nn.Linear], dtype: torch.dtype) -> Tensor | None:
    """The layers' biases one after another; None where none has any."""
    if all(layer.bias is None for layer in layers):
        return None
    parts = [
        torch.zeros(layer.out_features, dtype=dtype) if layer.bias is None else layer.bias.detach().to(dtype)
        for layer in layers
    ]
    return torch.cat(parts)
