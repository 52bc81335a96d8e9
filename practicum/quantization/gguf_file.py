"""GGUF for llama.cpp: one file that holds weights, settings, tokenizer and chat template.

Q8_0: blocks of 32 weights with one 16-bit scale, 8.5 bits a weight. Q4_0: the same with 4-bit weights, 4.5 bits; the
embedding and the head, which a small vocabulary-heavy model suffers from most, stay in Q8_0. Vectors are in float32.
The layout is that of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; names of tensors and the rounding
are those of the `gguf` package, which llama.cpp's own converter uses.

Here the file is read back with its weights dequantised: that shows what the rounding does to answers. Its speed and
memory are llama.cpp's to show.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import gguf
import numpy as np
import torch
from accelerate import init_empty_weights
from numpy.typing import NDArray
from safetensors import safe_open
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedConfig, PreTrainedModel

from practicum.models import WeightsError, check_folder, first_line

GgufFormat = Literal["gguf-q8-0", "gguf-q4-0"]

MODEL_FILE: Final = "model.gguf"
ARCHITECTURES: Final[Mapping[str, gguf.MODEL_ARCH]] = {
    "llama": gguf.MODEL_ARCH.LLAMA,
    "qwen2": gguf.MODEL_ARCH.QWEN2,
    "qwen3": gguf.MODEL_ARCH.QWEN3,
}
"""By `model_type` of config.json; R1's distills are among them."""

TYPES: Final[Mapping[GgufFormat, tuple[gguf.GGMLQuantizationType, gguf.LlamaFileType]]] = {
    "gguf-q8-0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
    "gguf-q4-0": (gguf.GGMLQuantizationType.Q4_0, gguf.LlamaFileType.MOSTLY_Q4_0),
}
FINER: Final = ("token_embd.weight", "output.weight")
"""Tensors that are in Q8_0 in either format."""

ROPE_FACTORS: Final = "rope_freqs.weight"
_SUFFIXES: Final = (".weight", ".bias")

BLOCK: Final = 32
"""Weights that share a scale; a row that is no multiple of it stays in float16."""

_QWEN_SPLIT: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_LLAMA3_SPLIT: Final = _QWEN_SPLIT.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
PRE_TOKENIZERS: Final[Mapping[tuple[str, ...], str]] = {
    ("ByteLevel+regex",): "gpt-2",
    ("Digits", "ByteLevel+regex"): "smollm",
    (_QWEN_SPLIT, "ByteLevel"): "qwen2",
    (_LLAMA3_SPLIT, "ByteLevel"): "llama-bpe",
}
"""llama.cpp's name of each way of cutting text into words, by the steps that tokenizer.json states."""


def quantize(source: Path, form: GgufFormat, folder: Path) -> None:
    """Write the float model in `source` as a GGUF file.

    Args:
        source: a folder in the Transformers layout, with its tokenizer.
        form: the format.
        folder: is made; holds the file, and config.json for `load`.

    Raises:
        WeightsError: the float model is damaged, or is of a kind that this can't write; says which kinds it can.
    """
    check_folder(source, "float model")
    config = AutoConfig.from_pretrained(source, trust_remote_code=False)
    _check_writable(config, form)
    folder.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(None, gguf.MODEL_ARCH_NAMES[ARCHITECTURES[config.model_type]])
    kind, file_type = TYPES[form]
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_file_type(file_type)
    _add_settings(writer, config)
    _add_tokenizer(writer, source, config.vocab_size, form)
    for name, weight in _tensors(source, config):
        data, stored = _rounded(name, weight, kind)
        writer.add_tensor(name, data, raw_dtype=stored)
    writer.write_header_to_file(folder / MODEL_FILE)
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    config.save_pretrained(folder)


def load(folder: Path, dtype: torch.dtype) -> PreTrainedModel:
    """The model in a folder written by `quantize`, its weights dequantised, in evaluation mode, on the CPU.

    Args:
        folder: holds the file and config.json.
        dtype: of the weights; below float32, they are rounded once more.

    Raises:
        WeightsError: a file is missing or damaged.
    """
    path = folder / MODEL_FILE
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        # Parameters cost nothing here, and what the model computes for itself (rotary frequencies) is real.
        with init_empty_weights(include_buffers=False):
            model: PreTrainedModel = AutoModelForCausalLM.from_config(config, dtype=dtype)  # type: ignore[no-untyped-call]
        tensors = dict(_dequantised(path, config, model.state_dict(), dtype))
        if config.tie_word_embeddings:
            tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"]
        model.load_state_dict(tensors, strict=True, assign=True)
        model.tie_weights()
    except (OSError, ValueError, KeyError, IndexError, RuntimeError) as error:
        raise WeightsError(f"{path}: found no GGUF file that loads ({first_line(error)}); quantise again") from error
    model.requires_grad_(False).train(False)
    return model


def _dequantised(
    path: Path, config: PreTrainedConfig, parameters: Iterable[str], dtype: torch.dtype
) -> Iterator[tuple[str, torch.Tensor]]:
    """The file's weights under Transformers' names.

    Transformers reads GGUF as well, but takes any Qwen3's heads for 128 wide and leaves out Llama 3's slowed rotations;
    here config.json says both.
    """
    names = gguf.get_tensor_name_map(ARCHITECTURES[config.model_type], config.num_hidden_layers)
    hub_names = {stored: name for name in parameters if (stored := names.get_name(name, _SUFFIXES))}
    for tensor in gguf.GGUFReader(path).tensors:
        if tensor.name == ROPE_FACTORS:
            continue
        weight = gguf.dequantize(tensor.data, tensor.tensor_type)
        if heads := _rotated_heads(tensor.name, config):
            pairs = weight.reshape(heads, -1, 2, *weight.shape[1:])
            weight = pairs.swapaxes(1, 2).reshape(weight.shape)
        yield hub_names[tensor.name], torch.tensor(weight, dtype=dtype)


def _check_writable(config: PreTrainedConfig, form: GgufFormat) -> None:
    """Refuse what llama.cpp would compute otherwise than Transformers."""

    def refuse(what: str, found: Any, expected: str) -> WeightsError:
        return WeightsError(
            f"{form}: found {what} {found}, expected {expected}; take {form} out of quantization.formats, or convert "
            "the float model with llama.cpp's own tools"
        )

    if config.model_type not in ARCHITECTURES:
        raise refuse("a model of the architecture", config.model_type, f"one of {', '.join(ARCHITECTURES)}")
    if config.hidden_act != "silu":
        raise refuse("the activation", config.hidden_act, "silu")
    if config.rope_parameters["rope_type"] not in ("default", "llama3"):
        raise refuse("rotary positions of the type", config.rope_parameters["rope_type"], "default or llama3")
    if config.model_type == "qwen3" and config.attention_bias:
        raise refuse("attention with", "biases", "none in a qwen3")
    if "sliding_attention" in (getattr(config, "layer_types", None) or ()):
        raise refuse("layers of the type", "sliding_attention", "full_attention only")


def _head_dim(config: PreTrainedConfig) -> int:
    return int(getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads)


def _add_settings(writer: gguf.GGUFWriter, config: PreTrainedConfig) -> None:
    head = _head_dim(config)
    writer.add_vocab_size(config.vocab_size)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])


def _add_tokenizer(writer: gguf.GGUFWriter, source: Path, vocabulary: int, form: GgufFormat) -> None:
    """Tokens with their kinds, merges, special ids and chat template, from the tokenizer's files."""
    described = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    model = described["model"]
    if model["type"] != "BPE" or model.get("byte_fallback"):
        raise WeightsError(
            f"{form}: found a tokenizer of the type {model['type']}{' over characters' * (model['type'] == 'BPE')}, "
            f"expected byte-level BPE; take {form} out of quantization.formats"
        )
    # The embedding may have more rows than the tokenizer has tokens.
    tokens = [f"[PAD{place}]" for place in range(vocabulary)]
    kinds = [gguf.TokenType.UNUSED] * vocabulary
    for token, place in model["vocab"].items():
        tokens[place], kinds[place] = token, gguf.TokenType.NORMAL
    for added in described["added_tokens"]:
        tokens[added["id"]] = added["content"]
        kinds[added["id"]] = gguf.TokenType.CONTROL if added["special"] else gguf.TokenType.USER_DEFINED
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(_pre_tokenizer(described["pre_tokenizer"], form))
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    gguf.SpecialVocab(source, load_merges=True, n_vocab=vocabulary).add_to_gguf(writer, quiet=True)


def _pre_tokenizer(described: Mapping[str, Any], form: GgufFormat) -> str:
    """llama.cpp's name of the pre-tokenizer in tokenizer.json."""
    steps = []
    for step in described.get("pretokenizers", [described]):
        if step["type"] == "Split":
            steps.append(step["pattern"].get("Regex", "?"))
        elif step["type"] == "ByteLevel" and step["use_regex"]:
            steps.append("ByteLevel+regex")
        else:
            steps.append(step["type"])
    name = PRE_TOKENIZERS.get(tuple(steps))
    if name is None:
        raise WeightsError(
            f"{form}: found a tokenizer that cuts text by {' then '.join(steps)}, expected one of the ways of "
            f"{', '.join(PRE_TOKENIZERS.values())}; take {form} out of quantization.formats, or add its name in "
            "llama.cpp to PRE_TOKENIZERS"
        )
    return name


def _tensors(source: Path, config: PreTrainedConfig) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Each tensor under its name in GGUF, as llama.cpp expects it; one at a time is in memory."""
    names = gguf.get_tensor_name_map(ARCHITECTURES[config.model_type], config.num_hidden_layers)
    if config.rope_parameters["rope_type"] == "llama3":
        yield ROPE_FACTORS, _llama3_factors(config.rope_parameters, _head_dim(config))
    for path in sorted(source.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:
            for key in sorted(file.keys()):
                name = names.get_name(key, _SUFFIXES)
                if name is None:
                    raise WeightsError(f"{path}: found a tensor {key} that {config.model_type} in GGUF has no name for")
                weight = file.get_tensor(key).float().numpy()
                if heads := _rotated_heads(name, config):
                    halves = weight.reshape(heads, 2, -1, *weight.shape[1:])
                    weight = np.ascontiguousarray(halves.swapaxes(1, 2).reshape(weight.shape))
                yield name, weight


def _rotated_heads(name: str, config: PreTrainedConfig) -> int:
    """Heads of a tensor whose rows llama.cpp has in another order, else 0.

    Of a Llama it rotates neighbours where Transformers rotates the two halves of a head.
    """
    if config.model_type == "llama" and name.split(".")[-2] == "attn_q":
        return int(config.num_attention_heads)
    if config.model_type == "llama" and name.split(".")[-2] == "attn_k":
        return int(config.num_key_value_heads)
    return 0


def _llama3_factors(rope: Mapping[str, Any], head: int) -> NDArray[np.float32]:
    """By how much Llama 3.1 slows each rotation down: not at all for short waves, by `factor` for long ones.

    Returns:
        `[head / 2]`.
    """
    frequencies = rope["rope_theta"] ** -(np.arange(0, head, 2, dtype=np.float64) / head)
    turns = rope["original_max_position_embeddings"] * frequencies / (2 * math.pi)
    low, high = rope["low_freq_factor"], rope["high_freq_factor"]
    kept = np.clip((turns - low) / (high - low), 0, 1)
    factors: NDArray[np.float32] = (1 / (kept + (1 - kept) / rope["factor"])).astype(np.float32)
    return factors


def _rounded(
    name: str, weight: NDArray[np.float32], kind: gguf.GGMLQuantizationType
) -> tuple[NDArray[Any], gguf.GGMLQuantizationType]:
    """A tensor's bytes and their type."""
    if weight.ndim == 1:
        kind = gguf.GGMLQuantizationType.F32
    elif weight.shape[-1] % BLOCK:
        kind = gguf.GGMLQuantizationType.F16
    elif name in FINER:
        kind = gguf.GGMLQuantizationType.Q8_0
    return gguf.quantize(weight, kind), kind
