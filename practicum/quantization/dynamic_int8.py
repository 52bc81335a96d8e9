"""Dynamic int8 for CPUs: int8 weights, activations quantised at run time, products in integers.

Weights are rounded once, symmetrically, with one scale for each output channel. Activations are rounded at each
call with one scale for each token, in one or two int8 digits; two digits hold 16 bits and cost a second row in
the same product. Accumulation is in int32. Up to `FEW_ROWS` rows, for which making two digits would cost more than
the product, stay in bf16 instead and are multiplied by the int8 weights as they lie. The embedding table is rounded
row by row, and where it is tied to the output head both read the same int8 table.

`torch.ao.quantization.quantize_dynamic` has one activation scale for the whole batch. On SmolLM2-135M the massive
activations of the first tokens then leave the others a few levels: the first-ranked token agreed with the float
model's at 34 % of the positions of a text, against 85 % with a scale per token and 96 % with two digits (measured
on two EPYC cores; the step time at batch 32 fell from 70 ms in bf16 to 41 and 61 ms). It is deprecated besides,
and its packed weights can be stored by pickle only. Here everything is a plain tensor in safetensors.

Scale per token and channel: ZeroQuant, https://arxiv.org/abs/2206.01861.
"""

import json
from pathlib import Path
from typing import Any, Final, Literal

import torch
from accelerate import init_empty_weights
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

from practicum.models import WeightsError, first_line

Digits = Literal[1, 2]

WEIGHTS_FILE: Final = "dynamic_int8.safetensors"
"""Not model.safetensors, so that `from_pretrained` refuses the folder instead of reading int8 as floats."""
MANIFEST_FILE: Final = "dynamic_int8.json"
LEVELS: Final = 127
"""Integers run from -127 to 127; -128 is left out, so that zero is exact and the range symmetric."""
FEW_ROWS: Final = 4
"""Up to so many rows are multiplied in bf16 by int8 weights, where two digits are asked for."""
INTEGERS_ARE_MULTIPLIED: Final[bool] = torch.cpu._is_vnni_supported()
"""Whether the processor has instructions for products of int8: without them PyTorch's take 27 times as long as its
products of floats (2,048 x 576 x 1,536, two EPYC cores with AVX2)."""
ALIGNED: Final = 64
"""Bytes, and columns, that the kernel for few rows reads at once; it was seen to need 32 and 16."""
_TINY: Final = 1e-8
"""Least scale times 127: an all-zero row stays zero without dividing by zero."""


def rounded(weight: Tensor) -> tuple[Tensor, Tensor]:
    """A matrix as int8 with one scale per row.

    Args:
        weight: `[rows, columns]`, any float type.

    Returns:
        int8 `[rows, columns]` and float32 scales `[rows]`; their product is the matrix within half a scale.
    """
    exact = weight.detach().float()
    scale = exact.abs().amax(dim=1).clamp_min(_TINY) / LEVELS
    return (exact / scale[:, None]).round_().to(torch.int8), scale


def _is_aligned(tensor: Tensor) -> bool:
    return tensor.data_ptr() % ALIGNED == 0


def _aligned(tensor: Tensor) -> Tensor:
    """The tensor, or a copy where the allocator begins one."""
    return tensor if _is_aligned(tensor) else tensor.clone()


class Int8Linear(nn.Module):
    """A linear layer over int8 weights `[out, in]` with scales `[out]`."""

    weight: Tensor
    scale: Tensor
    bias: Tensor | None
    ones: Tensor

    def __init__(self, weight: Tensor, scale: Tensor, bias: Tensor | None, digits: Digits) -> None:
        super().__init__()
        self.digits = digits
        self.register_buffer("weight", weight)
        self.register_buffer("scale", scale)
        self.register_buffer("bias", None if bias is None else bias.detach().float())
        self.register_buffer("ones", torch.ones(len(weight), dtype=torch.bfloat16), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """`[..., in]` to `[..., out]`, in the input's float type."""
        rows = x.reshape(-1, x.shape[-1])
        products = self._of_few(rows) if self._reads_few(rows) else self._of_many(rows.float())
        if self.bias is not None:
            products.add_(self.bias)
        return products.to(x.dtype).reshape(*x.shape[:-1], -1)

    def _reads_few(self, rows: Tensor) -> bool:
        """Whether PyTorch's kernel for few rows may be called: it doesn't check what it reads, and of other widths and
        addresses it reads what isn't there (PyTorch 2.13.0)."""
        count, width = rows.shape
        return self.digits == 2 and count <= FEW_ROWS and not width % ALIGNED and _is_aligned(self.weight)

    def _of_few(self, rows: Tensor) -> Tensor:
        """The weights' integers are multiplied as they lie; the kernel would have their scales in bf16, so they
        follow in float32."""
        return torch._weight_int8pack_mm(_aligned(rows.to(torch.bfloat16)), self.weight, self.ones) * self.scale

    def _of_many(self, rows: Tensor) -> Tensor:
        step = rows.abs().amax(dim=1, keepdim=True).clamp_min_(_TINY).div_(LEVELS)
        steps = rows / step
        high = steps.round()
        if self.digits == 1:
            products = self._of_integers(high)
        else:
            # What rounding left is at most half a step; 254 finer steps to one span it in int8 again.
            low = (steps - high).mul_(2 * LEVELS).round_()
            both = self._of_integers(torch.cat([high, low]))
            products = both[: len(rows)].add_(both[len(rows) :], alpha=1 / (2 * LEVELS))
        return products.mul_(step).mul_(self.scale)

    def _of_integers(self, rows: Tensor) -> Tensor:
        """Rows of whole numbers from -127 to 127, as floats, times the weights' integers."""
        if INTEGERS_ARE_MULTIPLIED:
            return torch._int_mm(rows.to(torch.int8), self.weight.t()).float()
        # Floats hold whole numbers up to 2^24: the sums are the same, but for a last bit of very large ones.
        return rows @ self.weight.float().t()


class Int8Embedding(nn.Module):
    """A table of int8 rows `[vocabulary, hidden]` with scales `[vocabulary]`; gives float32."""

    weight: Tensor
    scale: Tensor

    def __init__(self, weight: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        """Ids `[...]` to rows `[..., hidden]`."""
        return self.weight[ids].float() * self.scale[ids][..., None]


def _put(model: nn.Module, name: str, module: nn.Module) -> None:
    parent, _, last = name.rpartition(".")
    setattr(model.get_submodule(parent), last, module)


def _name_of(model: nn.Module, wanted: nn.Module | None) -> str | None:
    return next((name for name, module in model.named_modules() if module is wanted), None)


def quantize(model: PreTrainedModel, digits: Digits = 2) -> dict[str, Any]:
    """Replace every linear layer, and the embedding where it is a plain one, in place.

    An embedding that does more than look up (Gemma's scales its rows) stays in floats.

    Args:
        model: the float model, on the CPU; it becomes the quantised one, all else in float32.
        digits: int8 digits of an activation.

    Returns:
        The manifest: what `load` needs to rebuild the modules.
    """
    for parameter in model.parameters():
        parameter.data = parameter.data.float()
    table = model.get_input_embeddings()
    head: nn.Module | None = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    plain = type(table) is nn.Embedding
    tied = plain and isinstance(head, nn.Linear) and head.weight is table.weight
    embedding = _name_of(model, table) if plain else None
    head_name = _name_of(model, head)
    linears = [name for name, module in model.named_modules() if type(module) is nn.Linear]
    shared = rounded(table.weight) if tied and isinstance(table, nn.Embedding) else None
    for name in linears:
        layer = model.get_submodule(name)
        assert isinstance(layer, nn.Linear)
        values = shared if shared is not None and name == head_name else rounded(layer.weight)
        _put(model, name, Int8Linear(*values, layer.bias, digits))
    if embedding is not None and isinstance(table, nn.Embedding):
        _put(model, embedding, Int8Embedding(*(shared or rounded(table.weight))))
    return {
        "format": "dynamic-int8",
        "version": 1,
        "digits": digits,
        "linears": linears,
        "embedding": embedding,
        "head_shares_embedding": head_name if tied else None,
    }


def save(model: PreTrainedModel, manifest: dict[str, Any], folder: Path) -> None:
    """Write a model changed by `quantize` to a folder: config.json, the manifest and plain tensors."""
    folder.mkdir(parents=True, exist_ok=True)
    model.config.save_pretrained(folder)
    tensors = dict(model.state_dict())
    if manifest["head_shares_embedding"] is not None:
        for part in ("weight", "scale"):
            del tensors[f"{manifest['head_shares_embedding']}.{part}"]
    elif model.config.tie_word_embeddings:
        # A float table that only the embedding reads now: the head has int8 rows of its own.
        tensors = {name: tensor.clone() for name, tensor in tensors.items()}
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / WEIGHTS_FILE)
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def load(folder: Path) -> PreTrainedModel:
    """The quantised model from a folder written by `save`, in evaluation mode, on the CPU.

    Raises:
        WeightsError: a file is missing or damaged, or the tensors are not those of the model.
    """
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        # In a file a tensor begins anywhere.
        tensors = {name: _aligned(tensor) for name, tensor in load_file(folder / WEIGHTS_FILE).items()}
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except (OSError, ValueError, SafetensorError) as error:
        raise WeightsError(
            f"{folder}: found no dynamic int8 model that loads ({first_line(error)}), expected config.json, "
            f"{MANIFEST_FILE} and {WEIGHTS_FILE}; quantise again"
        ) from error
    # Parameters cost nothing here, and what the model computes for itself (rotary frequencies) is real.
    with init_empty_weights(include_buffers=False):
        model: PreTrainedModel = AutoModelForCausalLM.from_config(config, dtype=torch.float32)  # type: ignore[no-untyped-call]
    shared, embedding = manifest["head_shares_embedding"], manifest["embedding"]
    try:
        if shared is not None:
            for part in ("weight", "scale"):
                tensors[f"{shared}.{part}"] = tensors[f"{embedding}.{part}"]
        for name in manifest["linears"]:
            weight, scale = tensors[f"{name}.weight"], tensors[f"{name}.scale"]
            _put(model, name, Int8Linear(weight, scale, tensors.get(f"{name}.bias"), manifest["digits"]))
        if embedding is not None:
            _put(model, embedding, Int8Embedding(tensors[f"{embedding}.weight"], tensors[f"{embedding}.scale"]))
        model.load_state_dict(tensors, strict=True, assign=True)
    except (KeyError, RuntimeError, AttributeError) as error:
        raise WeightsError(
            f"{folder}: the tensors of {WEIGHTS_FILE} are not those of its config.json ({first_line(error)}); "
            "quantise again"
        ) from error
    model.requires_grad_(False).train(False)
    return model
