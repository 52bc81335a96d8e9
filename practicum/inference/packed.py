"""A decoder laid out for writing fast on a CPU: weights packed once, few calls a layer, no padding in products.

Transformers' own forward reorders each bf16 matrix at every product, repeats keys for the heads that share them, and
takes some forty calls a layer. Here matrices that read the same input are one, in the layout that oneDNN multiplies in;
rows of unequal length stand one after another, and only attention sees them side by side.

Llama, Qwen2 and Qwen3 are laid out so, in bf16, fp32, dynamic int8 and the formats of bitsandbytes; `pack` leaves any
other model as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedModel

from practicum.quantization.dynamic_int8 import Int8Embedding, Int8Linear
from practicum.quantization.nf4 import Nf4Linear
from practicum.training.attention import LANES, causal_attention

MODELS: Final = ("llama", "qwen2", "qwen3")
"""Types of models whose forward is the one written here."""

ROTARY: Final = ("default", "linear", "llama3", "yarn")
"""Kinds of rotary embeddings whose angles don't depend on how long a row has become."""

Product = Callable[[Tensor], Tensor]
"""`[tokens, in]` to `[tokens, out]`."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One block; norms are weights `[hidden]`, or `[head size]` for queries and keys where the model has them."""

    before: Tensor
    attend: Product
    """To queries, keys and values, one after another."""
    query_norm: Tensor | None
    key_norm: Tensor | None
    out: Product
    after: Tensor
    widen: Product
    """To gate and up, one after another."""
    narrow: Product


@dataclass(frozen=True, slots=True)
class Beginning:
    """Keys and values of tokens that several rows begin with."""

    keys: Tensor
    """`[layers, tokens, groups * size]`, rotated."""
    values: Tensor

    def __len__(self) -> int:
        return int(self.keys.shape[1])


class Store:
    """Keys and values of the rows that are being written, each in a slot of its own, from its first token on."""

    def __init__(self, model: "PackedModel", slots: int) -> None:
        shape = (slots, model.groups)
        # A tensor for each layer: what one layer leaves behind when it grows is room for the next one.
        self.keys = [torch.zeros((*shape, model.size, 0), dtype=model.dtype) for _ in model.layers]
        """Of each layer `[slots, groups, size, length]`: scores are products of queries with keys side by side."""
        self.values = [torch.zeros((*shape, 0, model.size), dtype=model.dtype) for _ in model.layers]
        """Of each layer `[slots, groups, length, size]`."""

    @property
    def length(self) -> int:
        """Tokens that there is room for in each slot."""
        return int(self.keys[0].shape[-1])

    def reserve(self, length: int) -> None:
        """Make room for rows of so many tokens.

        There is never much more room than that: attention goes over all of it, for a part would have to be copied.
        """
        more = _lanes(length) - self.length
        if more > 0:
            # Zeros, as what is hidden is multiplied by zero and added: memory as it comes may hold NaN.
            for layer in range(len(self.keys)):
                self.keys[layer] = functional.pad(self.keys[layer], (0, more))
                self.values[layer] = functional.pad(self.values[layer], (0, 0, 0, more))

    def move(self, source: int, target: int, length: int) -> None:
        """Give the row in one slot, `length` tokens long, another."""
        for keys, values in zip(self.keys, self.values, strict=True):
            keys[target, :, :, :length] = keys[source, :, :, :length]
            values[target, :, :length] = values[source, :, :length]

    def take(self, slot: int, beginning: Beginning) -> None:
        """Let the row in a slot begin with what has been read."""
        tokens = len(beginning)
        groups, size = self.keys[0].shape[1:3]
        for layer, (keys, values) in enumerate(zip(self.keys, self.values, strict=True)):
            keys[slot, :, :, :tokens] = beginning.keys[layer].view(tokens, groups, size).permute(1, 2, 0)
            values[slot, :, :tokens] = beginning.values[layer].view(tokens, groups, size).transpose(0, 1)


class PackedModel:
    """See the module; made by `pack`."""

    def __init__(self, model: PreTrainedModel) -> None:
        config = model.config
        body: Any = model.model
        self.config = config
        self.heads: int = config.num_attention_heads
        self.groups: int = config.num_key_value_heads
        self.size: int = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        self.positions: int = config.max_position_embeddings
        self._eps: float = config.rms_norm_eps
        self._scale: float = body.layers[0].self_attn.scaling
        self._rotary = body.rotary_emb
        self._table = body.embed_tokens
        self._angles: tuple[Tensor, Tensor] | None = None
        self.dtype: torch.dtype = body.norm.weight.dtype
        self._norm: Tensor = body.norm.weight
        self._head = product([model.lm_head])
        self.layers = [
            Layer(
                before=block.input_layernorm.weight,
                attend=product([block.self_attn.q_proj, block.self_attn.k_proj, block.self_attn.v_proj]),
                query_norm=block.self_attn.q_norm.weight if hasattr(block.self_attn, "q_norm") else None,
                key_norm=block.self_attn.k_norm.weight if hasattr(block.self_attn, "k_norm") else None,
                out=product([block.self_attn.o_proj]),
                after=block.post_attention_layernorm.weight,
                widen=product([block.mlp.gate_proj, block.mlp.up_proj]),
                narrow=product([block.mlp.down_proj]),
            )
            for block in body.layers
        ]

    def begin(self, rows: Sequence[Sequence[int]]) -> list[Beginning]:
        """Read the tokens that rows begin with.

        Args:
            rows: token ids of each beginning, none empty.
        """
        layers: list[tuple[Tensor, Tensor]] = []
        self._read(rows, [None] * len(rows), lambda _, keys, values: layers.append((keys, values)))
        keys, values = (torch.stack(held) for held in zip(*layers, strict=True))
        lengths = [len(row) for row in rows]
        return [
            Beginning(*parts)
            for parts in zip(torch.split(keys, lengths, dim=1), torch.split(values, lengths, dim=1), strict=True)
        ]

    def read(
        self,
        rows: Sequence[Sequence[int]],
        beginnings: Sequence[Beginning | None],
        store: Store,
        slots: Sequence[int],
    ) -> Tensor:
        """Read prompts into slots of the store.

        Args:
            rows: token ids of each prompt behind its beginning, none empty.
            beginnings: what has been read of each, None for nothing.
            store: takes keys and values.
            slots: of each row.

        Returns:
            Logits of the token that follows each, `[rows, words]`.
        """
        starts = [0 if one is None else len(one) for one in beginnings]
        slot_of = torch.tensor([slot for slot, row in zip(slots, rows, strict=True) for _ in row])
        place_of = torch.tensor([start + i for start, row in zip(starts, rows, strict=True) for i in range(len(row))])

        def keep(layer: int, keys: Tensor, values: Tensor) -> None:
            store.keys[layer][slot_of, :, :, place_of] = keys.view(-1, self.groups, self.size)
            store.values[layer][slot_of, :, place_of] = values.view(-1, self.groups, self.size)

        store.reserve(max(start + len(row) for start, row in zip(starts, rows, strict=True)))
        for slot, one in zip(slots, beginnings, strict=True):
            if one is not None:
                store.take(slot, one)
        return self._logits(self._read(rows, beginnings, keep))

    def step(self, tokens: Tensor, lengths: Tensor, store: Store) -> Tensor:
        """Write one more token in each of the first slots.

        Args:
            tokens: the last token of each row, `[rows]`, whose row stands in the slot of the same number.
            lengths: tokens of each row before it, `[rows]`.
            store: takes their keys and values.

        Returns:
            Logits of the token that follows, `[rows, words]`.
        """
        rows = len(tokens)
        store.reserve(int(lengths.max()) + 1)
        reach = store.length
        cosine, sine = (angles[lengths] for angles in self._turned(reach))
        hidden = (torch.arange(reach) > lengths[:, None])[:, None]
        mask = torch.zeros(hidden.shape, dtype=self.dtype).masked_fill_(hidden, -torch.inf)
        mask = mask.repeat_interleave(self.groups, dim=0)
        numbers = torch.arange(rows)
        # Heads that share keys are rows of one product: nothing is repeated.
        together = (rows * self.groups, self.heads // self.groups, self.size)

        states = self._embedded(tokens)
        for number, layer in enumerate(self.layers):
            query, key, value = self._heads(layer, states, cosine, sine)
            keys, values = store.keys[number], store.values[number]
            keys[numbers, :, :, lengths] = key.view(rows, self.groups, self.size)
            values[numbers, :, lengths] = value.view(rows, self.groups, self.size)
            scores = torch.bmm(query.reshape(together), keys[:rows].flatten(0, 1))
            weights = torch.add(mask, scores, alpha=self._scale).softmax(dim=-1)
            attended = torch.bmm(weights, values[:rows].flatten(0, 1))
            states = self._onward(layer, states, attended.view(rows, self.heads * self.size))
        return self._logits(states)

    def _read(
        self,
        rows: Sequence[Sequence[int]],
        beginnings: Sequence[Beginning | None],
        keep: Callable[[int, Tensor, Tensor], object],
    ) -> Tensor:
        """Last states of each row's last token, `[rows, hidden]`; `keep` is given each layer's keys and values
        `[tokens, groups * size]` of all rows' tokens, one row after another."""
        starts = [0 if one is None else len(one) for one in beginnings]
        widths = [len(row) for row in rows]
        width, before = max(widths), max(starts)
        if before:
            before = _lanes(before + width) - width
        tokens = torch.tensor([token for row in rows for token in row])
        places = torch.tensor([start + i for start, row in zip(starts, rows, strict=True) for i in range(len(row))])
        cosine, sine = (angles[places] for angles in self._turned(before + width))
        # Where each token stands when rows are side by side, filled up at the end.
        side = torch.tensor([row * width + i for row, w in enumerate(widths) for i in range(w)])
        distinct = list({id(one): one for one in beginnings if one is not None}.values())
        which = torch.tensor([next((i for i, d in enumerate(distinct) if d is one), 0) for one in beginnings])
        hidden = torch.arange(before) >= torch.tensor(starts)[:, None, None]
        later = torch.ones((width, width), dtype=torch.bool).triu(1)
        hidden = torch.cat([hidden.expand(-1, width, -1), later.expand(len(rows), -1, -1)], dim=2)
        mask = torch.zeros(hidden.shape, dtype=self.dtype).masked_fill_(hidden, -torch.inf)[:, None]

        states = self._embedded(tokens)
        for number, layer in enumerate(self.layers):
            query, key, value = self._heads(layer, states, cosine, sine)
            keep(number, key, value)
            queries, keys, values = (
                new.new_zeros((len(rows) * width, new.shape[1])).index_copy_(0, side, new)
                .view(len(rows), width, -1, self.size).transpose(1, 2)
                for new in (query, key, value)
            )  # fmt: skip
            if distinct:
                keys, values = (
                    torch.cat([self._beside(old, number, before)[which], new], dim=2)
                    for old, new in (([d.keys for d in distinct], keys), ([d.values for d in distinct], values))
                )
                attended = self._attended(queries, keys, values, mask)
            else:
                attended = causal_attention(queries, keys, values, self._scale)
            if number == len(self.layers) - 1:  # nothing reads what the others would become
                ends = torch.tensor(widths).cumsum(0) - 1
                states, side = states[ends], side[ends]
            states = self._onward(layer, states, attended.reshape(len(rows) * width, -1)[side])
        return states

    def _attended(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
        """Softmax attention `[rows, width, heads, size]` of queries `[rows, heads, width, size]` to keys and values
        `[rows, groups, keys, size]`; the mask `[rows, 1, width, keys]` is added to the scores."""
        rows, heads, width, size = queries.shape
        together = (rows * self.groups, heads // self.groups * width)
        scores = torch.bmm(queries.reshape(*together, size), keys.flatten(0, 1).transpose(1, 2))
        scores = scores.view(rows, heads, width, -1)
        weights = torch.add(mask, scores, alpha=self._scale, out=scores).softmax(dim=-1)
        attended = torch.bmm(weights.view(*together, -1), values.flatten(0, 1))
        return attended.view(rows, heads, width, size).transpose(1, 2)

    def _beside(self, held: Sequence[Tensor], layer: int, width: int) -> Tensor:
        """One layer of several beginnings side by side, `[beginnings, groups, width, size]`, filled up with zeros."""
        result = held[0].new_zeros((len(held), width, self.groups, self.size))
        for row, one in enumerate(held):
            result[row, : one.shape[1]] = one[layer].view(-1, self.groups, self.size)
        return result.transpose(1, 2)

    def _embedded(self, tokens: Tensor) -> Tensor:
        found: Tensor = self._table(tokens)
        return found

    def _turned(self, length: int) -> tuple[Tensor, Tensor]:
        """Cosine and signed sine of each position up to `length` at least, `[positions, 1, size]`."""
        if self._angles is None or len(self._angles[0]) < length:
            length = max(length, min(self.positions, 2 * length))
            sample = torch.zeros(1, dtype=self.dtype)
            cosine, sine = self._rotary(sample, torch.arange(length)[None])
            half = self.size // 2
            signed = torch.cat([-sine[0, :, :half], sine[0, :, half:]], dim=-1)
            self._angles = (cosine[0][:, None], signed[:, None])
        return self._angles

    def _heads(self, layer: Layer, states: Tensor, cosine: Tensor, sine: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries `[tokens, heads * size]`, keys and values `[tokens, groups * size]`, turned to their positions."""
        tokens = len(states)
        all_heads = layer.attend(self._normed(states, layer.before)).view(tokens, -1, self.size)
        turning = all_heads[:, : self.heads + self.groups]
        if layer.query_norm is not None and layer.key_norm is not None:
            turning = torch.cat(
                [
                    self._normed(turning[:, : self.heads], layer.query_norm),
                    self._normed(turning[:, self.heads :], layer.key_norm),
                ],
                dim=1,
            )
        turned = torch.addcmul(turning * cosine, turning.roll(self.size // 2, dims=-1), sine)
        return (
            turned[:, : self.heads].reshape(tokens, -1),
            turned[:, self.heads :].reshape(tokens, -1),
            all_heads[:, self.heads + self.groups :].reshape(tokens, -1),
        )

    def _onward(self, layer: Layer, states: Tensor, attended: Tensor) -> Tensor:
        states = states + layer.out(attended)
        gate, up = layer.widen(self._normed(states, layer.after)).chunk(2, dim=-1)
        return states + layer.narrow(functional.silu(gate).mul_(up))

    def _normed(self, states: Tensor, weight: Tensor) -> Tensor:
        return functional.rms_norm(states, (len(weight),), weight, self._eps)

    def _logits(self, states: Tensor) -> Tensor:
        return self._head(self._normed(states, self._norm))


def _lanes(length: int) -> int:
    """As many positions or a few more, so that a softmax over them fills PyTorch's vectors."""
    return -(-length // LANES) * LANES


def product(layers: Sequence[nn.Module]) -> Product:
    """Linear layers over the same input as one product, in the layout that is fastest here.

    Raises:
        TypeError: a layer is of another type than `nn.Linear`, `Int8Linear` or `Nf4Linear`, or the types differ.
    """
    if all(isinstance(layer, Nf4Linear) for layer in layers):
        # 4-bit blocks of several layers aren't joined: each keeps scales of its own.
        return lambda x: torch.cat([layer(x) for layer in layers], dim=-1)
    if all(isinstance(layer, Int8Linear) for layer in layers):
        return _joined_int8([layer for layer in layers if isinstance(layer, Int8Linear)])
    linears = [layer for layer in layers if type(layer) is nn.Linear]
    if len(linears) < len(layers):
        raise TypeError(f"found {', '.join(type(layer).__name__ for layer in layers)}, expected linear layers")
    weight = torch.cat([layer.weight.detach() for layer in linears])
    bias = _joined_bias(linears)
    if weight.dtype == torch.bfloat16 and torch.ops.mkldnn._is_mkldnn_bf16_supported():
        packed = torch.ops.mkldnn._reorder_linear_weight(weight, None)
        return lambda x: torch.ops.mkldnn._linear_pointwise(x, packed, bias, "none", [], "")
    return lambda x: functional.linear(x, weight, bias)


def _joined_int8(layers: Sequence[Int8Linear]) -> Product:
    """Several layers as one, so that their input is rounded once; `_int_mm` wants no other layout of the weights."""
    if len(layers) == 1:
        return layers[0]
    weight, scale = (torch.cat([getattr(layer, name) for layer in layers]) for name in ("weight", "scale"))
    return Int8Linear(weight, scale, _joined_bias(layers), layers[0].digits)


def _joined_bias(layers: Sequence[nn.Linear] | Sequence[Int8Linear]) -> Tensor | None:
    """The layers' biases one after another, zeros for one that has none; None where no layer has any."""
    if all(layer.bias is None for layer in layers):
        return None
    return torch.cat(
        [layer.weight.new_zeros(len(layer.weight)) if layer.bias is None else layer.bias.detach() for layer in layers]
    )


def pack(model: PreTrainedModel) -> "PreTrainedModel | PackedModel":
    """The model laid out for decoding on this CPU, or the model itself where that can't be done.

    The packed weights are copies: the model may be thrown away, and later changes of it don't show.

    Args:
        model: a causal language model in evaluation mode.
    """
    config = model.config
    body = getattr(model, "model", None)
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    plain = (
        config.model_type in MODELS
        and model.device.type == "cpu"
        and kinds == {"full_attention"}
        and getattr(config, "hidden_act", None) == "silu"
        and getattr(getattr(body, "rotary_emb", None), "rope_type", None) in ROTARY
        and isinstance(getattr(body, "embed_tokens", None), (nn.Embedding, Int8Embedding))
    )
    if not plain:
        return model
    try:
        with torch.inference_mode():
            return PackedModel(model)
    except TypeError:
        return model
