"""How much memory a training run takes, reckoned from the model's shape and the settings, before anything is loaded.

What is counted is what `practicum.training` holds: weights (trained ones in float32, frozen ones in bfloat16 or 4
bits), copies of them that a forward makes and backward needs, gradients, AdamW's two moments, the best weights so far,
what the layers keep for backward, and logits. Nothing is recomputed in backward, so what is kept grows with rows times
length, and on a CPU, whose attention keeps its probabilities, with rows times length squared. Plain LoRA on a CPU is
reckoned as practicum.training.blocks computes it, all else as Transformers' modules do. benchmarks/memory.py holds it
against measured peaks.

Sharded training is reckoned from the definitions of ZeRO stage 3 (https://arxiv.org/abs/1910.02054), which FSDP2
shares: each process owns one part of weights, gradients and moments, and gathers the layer that it computes.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from practicum.config import Method, Resolved, Shape

Kind = Literal["cpu", "gpu"]
Sharding = Literal["none", "fsdp2", "zero3"]
Moment = Literal["backward", "step"]

CHUNK = 256
"""Positions whose logits are held at once by the plain cross-entropy, as in practicum.training.losses."""
WIDTH_MULTIPLE = 16
"""Batches are padded to a multiple of this, as in practicum.training.batching."""
BLOCK = 64
"""Positions whose scores are held at once on a CPU, as in practicum.training.attention."""
LANES = 32
"""Keys are taken in multiples of so many there."""
BLOCKWISE = ("llama", "qwen2", "qwen3")
"""Types of models that train with it; on a CPU others keep all scores of a row."""
ROUNDED = 16
"""Tokens of a micro-batch without padding are filled up to a multiple of this, as in practicum.training.blocks."""
SHORTEST = 128
"""Lengths below this are not proposed."""
NF4_BYTES = 0.5 + 1 / 64 + 4 / (64 * 256)
"""Per weight: 4 bits, an 8-bit scale for each 64, a float32 scale for each 256 of those (double quantisation)."""
LIBRARIES: Mapping[Kind, int] = {"cpu": 700_000_000, "gpu": 600_000_000}
"""Interpreter and libraries on the CPU (measured, benchmarks/README.md); CUDA's context and work space on a GPU (a
customary figure, not measured)."""
SLACK: Mapping[Kind, float] = {"cpu": 0.03, "gpu": 0.05}
"""Of all tensors, for what is not counted: measured on the CPU, customary on a GPU for gaps in PyTorch's own heap."""

LOST_OUTPUTS: Mapping[Method, float] = {"lora": 1, "dora": 1.2, "qlora": 1.5, "full": 0}
"""Outputs of each linear layer that gaps of the CPU's heap come to; fitted to measured peaks, benchmarks/README.md."""
LOST_COPIES: Mapping[Method, float] = {"lora": 0, "dora": 1.2, "qlora": 0, "full": 0.6}
"""Float32 copies of the linear layers' weights, likewise: dora adds base and adapter for its norms; with full,
gradients and best weights lie in pieces where activations were."""

LOST_IN_BLOCKS, LOST_ACCUMULATING = 0.08, 0.16
"""Of what the blocks of plain LoRA keep, likewise; the second where gradients of earlier micro-batches are there."""


@dataclass(frozen=True, slots=True)
class Linear:
    """One kind of linear layer of a decoder layer."""

    name: str
    width_in: int
    width_out: int
    reads: str
    """What it reads; layers that read the same share it where it need not be cast."""
    bias: bool = False

    @property
    def weights(self) -> int:
        return self.width_in * self.width_out


def linears(shape: Shape) -> tuple[Linear, ...]:
    """The linear layers of one decoder layer."""
    hidden, inner = shape.hidden_size, shape.intermediate_size
    query, key = shape.num_attention_heads * shape.head_dim, shape.num_key_value_heads * shape.head_dim
    bias = shape.model_type == "qwen2"
    return (
        Linear("q_proj", hidden, query, "attention", bias),
        Linear("k_proj", hidden, key, "attention", bias),
        Linear("v_proj", hidden, key, "attention", bias),
        Linear("o_proj", query, hidden, "heads"),
        Linear("gate_proj", hidden, inner, "mlp"),
        Linear("up_proj", hidden, inner, "mlp"),
        Linear("down_proj", inner, hidden, "product"),
    )


def has_head_norms(shape: Shape) -> bool:
    """Whether queries and keys are normalised head by head."""
    return shape.model_type in ("qwen3", "gemma3_text")


def layer_norms(shape: Shape) -> int:
    """RMS norms over the hidden state in a decoder layer."""
    return 4 if shape.model_type == "gemma3_text" else 2


def layer_parameters(shape: Shape) -> int:
    """Parameters of one decoder layer."""
    weights = sum(layer.weights + layer.bias * layer.width_out for layer in linears(shape))
    return weights + layer_norms(shape) * shape.hidden_size + has_head_norms(shape) * 2 * shape.head_dim


def outer_parameters(shape: Shape) -> int:
    """Parameters outside the decoder layers: embedding, head and last norm."""
    tables = 1 if shape.tie_word_embeddings else 2
    return tables * shape.vocab_size * shape.hidden_size + shape.hidden_size


def parameters(shape: Shape) -> int:
    """All parameters of the model."""
    return shape.num_hidden_layers * layer_parameters(shape) + outer_parameters(shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What decides the memory of a training run beside the model's shape."""

    method: Method
    rank: int
    """Of the adapters."""
    target_modules: Literal["all-linear"] | tuple[str, ...]
    dropout: float
    batch_size: int
    """Rows per optimizer step, over all accumulation steps and processes."""
    accumulation_steps: int
    length: int
    """Tokens of the longest row."""
    bf16: bool
    """Whether matrix products are in bfloat16."""
    format_loss: bool
    """Whether answers are held against their grammar."""
    kind: Kind
    processes: int = 1
    sharding: Sharding = "none"

    def __post_init__(self) -> None:
        for name in ("rank", "batch_size", "accumulation_steps", "length", "processes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: found {getattr(self, name)}, expected 1 or more")
        if self.batch_size % (self.accumulation_steps * self.processes):
            raise ValueError(
                f"batch_size: found {self.batch_size}, expected a multiple of accumulation_steps x processes = "
                f"{self.accumulation_steps} x {self.processes}"
            )
        if self.sharding != "none" and self.method == "qlora":
            raise ValueError(
                f"sharding: found {self.sharding} with method qlora, expected none: 4-bit weights are not sharded; "
                "use lora or dora"
            )

    @property
    def rows(self) -> int:
        """Rows that a process computes at once."""
        return self.batch_size // (self.accumulation_steps * self.processes)

    @property
    def width(self) -> int:
        """Tokens of a padded row."""
        return math.ceil(self.length / WIDTH_MULTIPLE) * WIDTH_MULTIPLE

    @property
    def owners(self) -> int:
        """Processes that share weights, gradients and moments."""
        return self.processes if self.sharding != "none" else 1

    @property
    def product(self) -> int:
        """Bytes of a number in the type of matrix products."""
        return 2 if self.bf16 else 4

    @property
    def positions(self) -> int:
        """Tokens of a micro-batch, without padding."""
        return self.rows * self.length

    @property
    def fused(self) -> bool:
        """Whether adapted layers run as in practicum.training.lora, which holds a shared input once."""
        return self.method == "lora" and not self.dropout and self.sharding == "none"

    def adapts(self, module: str) -> bool:
        """Whether a linear layer of this name has an adapter."""
        if self.method == "full":
            return False
        return self.target_modules == "all-linear" or module in self.target_modules


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How many processes train, and what they share."""

    processes: int = 1
    machines: int = 1
    sharding: Sharding = "none"
    cpu: bool = False
    """Whether they are kept off GPUs."""


def launch_of(values: Mapping[str, Any]) -> Launch:
    """What a file of Accelerate's settings launches.

    Raises:
        ValueError: a number is none.
    """
    kinds: Mapping[str, Sharding] = {"FSDP": "fsdp2", "DEEPSPEED": "zero3"}
    numbers = {name: values.get(name, 1) for name in ("num_processes", "num_machines")}
    for name, value in numbers.items():
        if not isinstance(value, int) or value < 1:
            raise ValueError(f"{name}: found {value!r}, expected 1 or more")
    return Launch(
        processes=numbers["num_processes"],
        machines=numbers["num_machines"],
        sharding=kinds.get(str(values.get("distributed_type")), "none"),
        cpu=values.get("use_cpu") is True,
    )


def training_of(config: Resolved, *, kind: Kind, bf16: bool, launch: Launch) -> Training:
    """A domain's settings as far as they decide memory.

    Args:
        config: resolved settings.
        kind: of the device.
        bf16: what `precision` comes to on it.
        launch: the processes, one a device.

    Raises:
        ValueError: the processes can't share the batch, or the method can't be sharded.
    """
    targets = config.lora.target_modules
    return Training(
        method=config.method,
        rank=config.lora.r,
        target_modules="all-linear" if targets == "all-linear" else tuple(targets),
        dropout=config.lora.dropout,
        batch_size=config.batch_size,
        accumulation_steps=config.accumulation_steps,
        length=config.max_length,
        bf16=bf16,
        format_loss=config.loss.format > 0,
        kind=kind,
        processes=launch.processes,
        sharding=launch.sharding,
    )


@dataclass(frozen=True, slots=True)
class Estimate:
    """Memory of one process at its peak."""

    moment: Moment
    """When the peak is: where backward begins, or where the optimizer steps."""
    parts: Mapping[str, int]
    """Bytes, by what they hold; none is zero."""

    @property
    def total(self) -> int:
        """Bytes."""
        return sum(self.parts.values())


def in_blocks(shape: Shape, training: Training) -> bool:
    """Whether layers are computed as in practicum.training.blocks: joined weights, and rows without padding."""
    return training.kind == "cpu" and training.fused and shape.model_type in BLOCKWISE


def tokens_at_once(shape: Shape, training: Training) -> int:
    """Tokens that a layer computes at once: rows that are padded, or stand one after another."""
    if in_blocks(shape, training):
        return math.ceil(training.positions / ROUNDED) * ROUNDED
    return training.rows * training.width


def trainable_parameters(shape: Shape, training: Training) -> int:
    """Parameters that the optimizer changes."""
    if training.method == "full":
        return parameters(shape)
    adapters = 0
    for layer in linears(shape):
        if training.adapts(layer.name):
            adapters += training.rank * (layer.width_in + layer.width_out)
            if training.method == "dora":
                adapters += layer.width_out  # the magnitude of each output
    return adapters * shape.num_hidden_layers


def rounded_parameters(shape: Shape, training: Training) -> int:
    """Frozen weights that are held in bfloat16, as by `round_frozen` of practicum.training.trainer."""
    if not training.bf16 or training.method == "full" or training.sharding == "fsdp2":
        return 0
    head = 0 if shape.tie_word_embeddings else shape.vocab_size * shape.hidden_size
    if training.method == "qlora":
        return head
    # What DoRA stands on stays in float32.
    layers = [each for each in linears(shape) if training.method == "lora" or not training.adapts(each.name)]
    return head + shape.num_hidden_layers * sum(each.weights for each in layers)


def quantised_parameters(shape: Shape, training: Training) -> int:
    """Weights that are held in 4 bits."""
    if training.method != "qlora":
        return 0
    return shape.num_hidden_layers * sum(layer.weights for layer in linears(shape))


def base_bytes(shape: Shape, training: Training) -> int:
    """Bytes of the base's weights on one process."""
    rounded = rounded_parameters(shape, training)
    if quantised := quantised_parameters(shape, training):
        return math.ceil(quantised * NF4_BYTES) + 4 * (parameters(shape) - quantised) - 2 * rounded
    return math.ceil((4 * parameters(shape) - 2 * rounded) / training.owners)


def read_bytes(shape: Shape, training: Training) -> int:
    """Bytes of weights that were read in float32 before they were rounded, quantised or joined, and stay on a CPU.

    So it is where they are mapped from a file in float32; after another file the blocks are freed and used again, which
    is not reckoned with.
    """
    if training.kind == "gpu":
        return 0
    made_smaller = rounded_parameters(shape, training) + quantised_parameters(shape, training)
    if in_blocks(shape, training) and not training.bf16:
        return 4 * (made_smaller + shape.num_hidden_layers * sum(layer.weights for layer in linears(shape)))
    return 4 * made_smaller


def seen(width: int) -> int:
    """Scores that a head holds of a row of `width` tokens where positions are taken in blocks."""
    starts = range(0, width, BLOCK)
    return sum((min(start + BLOCK, width) - start) * _lanes(min(start + BLOCK, width)) for start in starts)


def _lanes(width: int) -> int:
    return math.ceil(width / LANES) * LANES


def kept_by_layer(shape: Shape, training: Training) -> int:
    """Bytes that one decoder layer keeps from forward to backward, weights not counted.

    Held against the tensors that autograd saves, by tests/practicum/test_planning.py.
    """
    if in_blocks(shape, training):
        return _kept_by_block(shape, training)
    tokens = tokens_at_once(shape, training)
    heads, groups = shape.num_attention_heads, shape.num_key_value_heads
    query, key = heads * shape.head_dim, groups * shape.head_dim
    full, product = training.method == "full", training.product
    # bitsandbytes hands a layer's output back in its input's type: float32 after a norm.
    gate = 4 if training.method == "qlora" else product
    # RMS norms compute in float32, and keep their input and its scale; with a trained weight what it scales, too.
    per_token = layer_norms(shape) * ((8 if full else 4) * shape.hidden_size + 4)
    if has_head_norms(shape):
        scaled = 4 if shape.model_type == "gemma3_text" else product  # Gemma scales in float32
        per_token += (4 + full * scaled) * (query + key) + 4 * (heads + groups)
    per_token += 3 * gate * shape.intermediate_size
    per_token += product * sum(inputs(shape, training))
    attended = 0
    if training.kind == "gpu":
        per_token += product * (query + 2 * key) + 4 * heads
        if training.dropout or not (full or training.adapts("o_proj")):
            per_token += product * query  # the output, which o_proj's adapter keeps else
    elif shape.model_type in BLOCKWISE:
        per_token += product * query
        attended = training.rows * product * (2 * key * _lanes(training.width) + heads * seen(training.width))
    else:
        # Keys and values are repeated for each query head; softmax is taken in float32 and cast.
        per_token += 3 * product * query + heads * training.width * (4 + 2 * training.bf16)
    for layer in linears(shape):
        if training.adapts(layer.name):
            per_token += product * training.rank
            if training.method == "dora":
                per_token += 2 * product * layer.width_out  # the outputs of base and adapter, for the magnitude
            if training.dropout:
                per_token += (4 if training.kind == "cpu" else 1) * layer.width_in  # the mask
    return tokens * per_token + attended


def _kept_by_block(shape: Shape, training: Training) -> int:
    heads, groups = shape.num_attention_heads, shape.num_key_value_heads
    query, key = heads * shape.head_dim, groups * shape.head_dim
    product, rows, width = training.product, training.rows, training.length
    per_token = 2 * 4 * (shape.hidden_size + 1)  # what the norms read, and its scale
    per_token += product * sum(group.width_in + group.rank for group in joined(shape, training))
    per_token += product * 2 * shape.intermediate_size  # gate and up
    if has_head_norms(shape):
        # In float32 queries and keys are not cast, and their values stay with them.
        per_token += 4 * (query + (1 if training.bf16 else 2) * key) + 4 * (heads + groups)
    attended = rows * product * (width * query + 2 * _lanes(width) * key + heads * seen(width))
    return tokens_at_once(shape, training) * per_token + attended


@dataclass(frozen=True, slots=True)
class Joined:
    """Linear layers that read one input, as one product with their adapters."""

    width_in: int
    width_out: int
    rank: int
    """Of all their adapters."""


def joined(shape: Shape, training: Training) -> Iterator[Joined]:
    """The products of one decoder layer, as in practicum.training.blocks."""
    for reads in ("attention", "heads", "mlp", "product"):
        layers = [layer for layer in linears(shape) if layer.reads == reads]
        rank = training.rank * sum(training.adapts(layer.name) for layer in layers)
        yield Joined(layers[0].width_in, sum(layer.width_out for layer in layers), rank)


def inputs(shape: Shape, training: Training) -> Iterator[int]:
    """Widths of the inputs of linear layers that are kept: for the gradient of a trained weight or an adapter."""
    shared: set[str] = set()
    for layer in linears(shape):
        if training.method != "full" and not training.adapts(layer.name):
            continue
        # Left to autocast, each layer casts its own copy, as each drops out its own; else readers share what they read.
        if (training.bf16 and not training.fused) or training.dropout or layer.reads not in shared:
            yield layer.width_in
        shared.add(layer.reads)


def copied_weights(shape: Shape, training: Training) -> int:
    """Bytes of copies of weights that backward needs: in bfloat16 for products, scaled, or joined to the base's."""
    if training.sharding != "none":
        return 0  # sharded weights are gathered in bfloat16, and dropped again
    if in_blocks(shape, training):
        room = sum(group.rank * (group.width_in + group.width_out + group.rank) for group in joined(shape, training))
        biases = sum(layer.width_out for layer in linears(shape) if layer.bias)
        return training.product * shape.num_hidden_layers * (room + biases)
    adapted = [layer for layer in linears(shape) if training.adapts(layer.name)]
    if not training.bf16:
        scaled = training.rank * sum(layer.width_out for layer in adapted) if training.fused else 0
        return 4 * shape.num_hidden_layers * scaled
    adapters = 0 if training.method == "full" else trainable_parameters(shape, training)
    cast = {"full": linears(shape), "dora": adapted, "lora": (), "qlora": ()}[training.method]
    return 2 * (shape.num_hidden_layers * sum(layer.weights for layer in cast) + adapters)


def head_bytes(shape: Shape, training: Training) -> int:
    """Bytes of the head's work at its peak, every position taken for supervised."""
    positions = training.positions if in_blocks(shape, training) else training.rows * training.width
    table = shape.vocab_size * shape.hidden_size
    product = training.product
    # Logits in the products' type and in float32, where the softmax replaces them; with the format loss also the sums
    # over allowed and other tokens, and its gradient.
    logits = min(CHUNK, positions) * shape.vocab_size * (product + (28 if training.format_loss else 4))
    states = positions * shape.hidden_size * (4 + 2 * product)
    if training.method != "full":
        return logits + states
    # A trained head is rounded in each forward. Its gradient is added up in float32, chunk by chunk, and scaled into
    # another.
    copy = 2 * table if training.bf16 else 0
    return logits + states + copy + (8 + product) * table


def head_copy(shape: Shape, training: Training) -> int:
    """Bytes of a frozen head in bfloat16, which is rounded once, where it isn't held so."""
    held = rounded_parameters(shape, training) > 0 and not shape.tie_word_embeddings
    if not training.bf16 or training.method == "full" or held:
        return 0
    return 2 * shape.vocab_size * shape.hidden_size


def backward_bytes(shape: Shape, training: Training) -> int:
    """Bytes that the backward of one layer takes beside what was kept."""
    if in_blocks(shape, training):
        return _block_backward_bytes(shape, training)
    tokens, product, heads = training.rows * training.width, training.product, shape.num_attention_heads
    query, key = heads * shape.head_dim, shape.num_key_value_heads * shape.head_dim
    mlp = tokens * (4 * product * shape.intermediate_size + 12 * shape.hidden_size)
    attention = 0
    if training.kind == "cpu" and shape.model_type in BLOCKWISE:
        block = 2 * product * training.rows * heads * BLOCK * _lanes(training.width)
        attention = tokens * ((3 * product + 4) * query + 2 * (4 + product) * key) + block
    elif training.kind == "cpu":
        attention = tokens * heads * training.width * (8 + product)
    restored = 0
    if training.method == "qlora":
        restored = 6 * max(layer.weights for layer in linears(shape))  # float32, then the products' type
    if training.method == "dora":
        # The norm of each row of base plus adapter.
        restored = 12 * max(layer.weights for layer in linears(shape))
    return max(mlp, attention) + restored


def _block_backward_bytes(shape: Shape, training: Training) -> int:
    heads, groups = shape.num_attention_heads, shape.num_key_value_heads
    query, key = heads * shape.head_dim, groups * shape.head_dim
    product, hidden = training.product, shape.hidden_size
    tokens = tokens_at_once(shape, training)
    attention, _, mlp, _ = joined(shape, training)
    # The slope of the layer's output; of down's input, of gate and up, and what is multiplied with up's.
    wide = tokens * (4 * hidden + product * (4 * shape.intermediate_size + mlp.rank))
    # Slopes of the layer's output and of the states between, of gate's and up's input, of what is attended.
    held = tokens * (8 * hidden + product * (hidden + query))
    placed_query = training.rows * training.length * product * query
    placed_keys = training.rows * _lanes(training.length) * 2 * 4 * key
    block = 2 * product * training.rows * heads * BLOCK * _lanes(training.length)
    attending = held + 2 * placed_query + placed_keys + block
    # Turned back, and with normed heads what leads through the norm.
    turned = 8 * (query + key) + (8 * query if has_head_norms(shape) else 0)
    collecting = (
        held + placed_query + placed_keys + tokens * (turned + product * (attention.width_out + attention.rank))
    )
    return max(wide, attending, collecting)


def gaps(shape: Shape, training: Training) -> int:
    """Bytes of the C library's heap that lie unused between tensors that are kept.

    glibc serves an aligned block from a free one only if that is larger by the alignment: what a layer frees in its
    forward is too small by a few bytes for the same layer's next tensor of that size.
    """
    if training.kind == "gpu":
        return 0
    if in_blocks(shape, training):
        share = LOST_ACCUMULATING if training.accumulation_steps > 1 else LOST_IN_BLOCKS
        return math.ceil(share * shape.num_hidden_layers * kept_by_layer(shape, training))
    copies = LOST_COPIES[training.method] * 4 * shape.num_hidden_layers * sum(each.weights for each in linears(shape))
    outputs = sum(layer.width_out for layer in linears(shape))
    product = training.product
    lost = LOST_OUTPUTS[training.method] * product * outputs * shape.num_hidden_layers
    return math.ceil(copies + lost * training.rows * training.width)


def estimate(shape: Shape, training: Training) -> Estimate:
    """The memory of one process at its peak: rows of full length, each position supervised."""
    own = trainable_parameters(shape, training)
    share = math.ceil(4 * own / training.owners)
    adapters = 0 if training.method == "full" else share
    if training.sharding == "zero3":
        adapters += share  # DeepSpeed's float32 masters of the trained weights
    tokens, blocks = tokens_at_once(shape, training), in_blocks(shape, training)
    kept = shape.num_hidden_layers * kept_by_layer(shape, training)
    kept += 8 * tokens * shape.head_dim if blocks else 4 * training.width**2  # angles, or a mask
    kept += (8 if training.method == "full" else 4) * tokens * shape.hidden_size  # the last norm
    copies = copied_weights(shape, training)
    gathered = 0
    if training.sharding != "none":
        gathered = training.product * (2 * layer_parameters(shape) + outer_parameters(shape))
    buckets = 4 * own if training.processes > 1 and training.sharding == "none" else 0
    constant = {
        "weights of the base": base_bytes(shape, training),
        "weights as they were read": read_bytes(shape, training),
        "adapters": adapters,
        "copies of weights": copies if blocks else 0,
        "head in bfloat16": head_copy(shape, training),
        "AdamW's two moments": 2 * share,
        # On a GPU they are kept in the host's memory.
        "best weights so far": share if training.kind == "cpu" else 0,
        "gathered layers": gathered,
        "buckets of gradients": buckets,
    }
    head, layer = head_bytes(shape, training), backward_bytes(shape, training)
    moments: dict[Moment, dict[str, int]] = {
        "backward": {
            # Gradients of earlier micro-batches are there already.
            "gradients": share if training.accumulation_steps > 1 else 0,
            **({} if blocks else {"copies of weights": copies}),
            "activations": kept,
            "logits and head": head if head >= layer else 0,
            "backward of a layer": layer if layer > head else 0,
        },
        "step": {
            "gradients": share,
            # The embedding's gradient comes last, and is added to the head's where they are one.
            "gradient of the embedding": (8 * shape.vocab_size * shape.hidden_size if training.method == "full" else 0),
        },
    }
    moment = max(moments, key=lambda name: sum(moments[name].values()))
    parts = constant | moments[moment]
    parts["gaps in the heap"] = gaps(shape, training) if moment == "backward" else 0
    parts["not counted"] = math.ceil(SLACK[training.kind] * sum(parts.values()))
    parts["interpreter and libraries" if training.kind == "cpu" else "CUDA"] = LIBRARIES[training.kind]
    return Estimate(moment, {name: size for name, size in parts.items() if size})


@dataclass(frozen=True, slots=True)
class Change:
    """A change of settings, and the memory that it would give."""

    settings: str
    """As params.yaml spells them."""
    estimate: Estimate


def _accumulated(training: Training) -> Iterator[Training]:
    """More accumulation steps, the fewest first."""
    for steps in range(training.accumulation_steps + 1, training.batch_size + 1):
        if training.batch_size % (steps * training.processes) == 0:
            yield replace(training, accumulation_steps=steps)


def _shorter(training: Training) -> Iterator[Training]:
    """Shorter rows, the longest first."""
    start = (training.length - 1) // 64 * 64
    for length in range(start, SHORTEST - 1, -64):
        yield replace(training, length=length)


def _lighter(training: Training) -> Iterator[Training]:
    """Methods that hold less, the nearest first."""
    if training.method == "full":
        yield replace(training, method="lora")
    if training.method != "qlora" and training.sharding == "none":
        yield replace(training, method="qlora")


def _sharded(training: Training) -> Iterator[Training]:
    """The same over more devices, the fewest first."""
    if training.kind == "gpu" and training.method != "qlora":
        for devices in (2, 4, 8, 16, 32, 64):
            if devices > training.processes and training.batch_size % (training.accumulation_steps * devices) == 0:
                sharding = training.sharding if training.sharding != "none" else "fsdp2"
                yield replace(training, processes=devices, sharding=sharding)


def _told(before: Training, after: Training) -> str:
    """What differs, as a person sets it."""
    words = []
    if after.method != before.method:
        words.append(f"method: {after.method}")
    if after.accumulation_steps != before.accumulation_steps:
        words.append(f"accumulation_steps: {after.accumulation_steps}")
    if after.length != before.length:
        words.append(f"max_length: {after.length}")
    if after.processes != before.processes:
        words.append(f"{after.sharding} on {after.processes} GPUs")
    return ", ".join(words)


def changes(shape: Shape, training: Training, memory: int, smaller: Mapping[str, Shape] | None = None) -> list[Change]:
    """What a person can change so that training fits.

    Args:
        shape: of the model.
        training: as set.
        memory: bytes of one device.
        smaller: other models that would do, by name.

    Returns:
        Of each kind of change the smallest that fits, else the one that saves most; changes that save nothing are
        left out. Where no setting does it alone, also the first combination that does, rows as long as can be; then
        more devices, and the largest smaller model that fits.
    """
    settings = (_accumulated(training), _shorter(training), _lighter(training))
    found = [best for options in settings if (best := _best(shape, training, options, memory)) is not None]
    if not any(change.estimate.total <= memory for change in found):
        combined = (
            accumulated
            for shorter in (training, *_shorter(training))
            for lighter in (shorter, *_lighter(shorter))
            for accumulated in (lighter, *_accumulated(lighter))
        )
        best = _best(shape, training, combined, memory)
        if best is not None and best.estimate.total <= memory:
            found.append(best)
    best = _best(shape, training, _sharded(training), memory)
    if best is not None:
        found.append(best)
    candidates = [Change(f"model: {name}", estimate(other, training)) for name, other in (smaller or {}).items()]
    if fitting := [change for change in candidates if change.estimate.total <= memory]:
        found.append(max(fitting, key=lambda change: change.estimate.total))
    return found


def _best(shape: Shape, training: Training, options: Iterable[Training], memory: int) -> Change | None:
    """The first of `options` that fits, else the one that takes least; None where none saves anything."""
    least = estimate(shape, training).total
    best = None
    for option in options:
        reckoned = estimate(shape, option)
        if reckoned.total < least:
            least, best = reckoned.total, Change(_told(training, option), reckoned)
            if least <= memory:
                return best
    return best


_UNITS: Mapping[str, int] = {
    "GB": 10**9,
    "GIB": 2**30,
    "MB": 10**6,
    "MIB": 2**20,
    "TB": 10**12,
    "TIB": 2**40,
}


def parse_memory(text: str) -> int:
    """Bytes that a person means by `80GB`, `24 GiB` or `512MB`.

    Raises:
        ValueError: it is no such text.
    """
    cleaned = text.strip().upper().replace(" ", "")
    number = cleaned.rstrip("GIBMT")
    unit = cleaned[len(number) :]
    try:
        value = float(number) * _UNITS[unit]
    except (ValueError, KeyError):
        value = math.nan
    if not (math.isfinite(value) and value >= 1):
        raise ValueError(f"memory: found {text!r}, expected a number with a unit, such as 80GB or 24GiB")
    return int(value)


def gigabytes(size: int) -> str:
    """Bytes as people read them: 10^9, and 10^6 where they are few."""
    if size < 99.5e6:
        return f"{size / 1e6:.0f} MB"
    return f"{size / 1e9:.1f} GB" if size < 99.95e9 else f"{size / 1e9:.0f} GB"
