"""The formats under one roof: write the merged float model, quantise it to a folder, load it, weigh it."""

import shutil
from pathlib import Path
from typing import Final, Literal

import torch
from transformers import AutoConfig, PreTrainedModel, PreTrainedTokenizerBase

from practicum.config import FolderWeights, QuantFormat
from practicum.models import load_model
from practicum.quantization import bits_and_bytes, dynamic_int8, gguf_file

TOKENIZER_FILES: Final = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
"""Copied beside the weights, so that an artefact is complete."""


def save_float(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, dtype: torch.dtype, folder: Path) -> None:
    """Write the model that all formats are made from and compared with.

    Args:
        model: with its adapter merged in; its weights change to `dtype`.
        tokenizer: goes beside it.
        dtype: of the precision in which the float model decodes, so that its size is what a user would ship.
        folder: to write to.
    """
    torch.nn.Module.to(model, dtype=dtype)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def make(form: QuantFormat, source: Path, folder: Path) -> None:
    """Quantise the float model in `source` and write it to `folder`, without running it.

    Args:
        form: the format.
        source: written by `save_float`.
        folder: is made; holds weights, config and tokenizer.

    Raises:
        WeightsError: the float model is missing or damaged, or the format can't hold one of its architecture.
    """
    if form == "gguf-q8-0" or form == "gguf-q4-0":
        # The tokenizer is in the file.
        gguf_file.quantize(source, form, folder)
        return
    if form == "dynamic-int8":
        model = load_model(FolderWeights(folder=str(source)), source, source, dtype=torch.float32)
        dynamic_int8.save(model, dynamic_int8.quantize(model), folder)
    else:
        bits_and_bytes.quantize(source, form, folder)
    for name in TOKENIZER_FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)


def load(form: QuantFormat | Literal["float"], folder: Path) -> PreTrainedModel:
    """The model in a folder written by `make` or `save_float`, on the GPU where there is one and the format runs there.

    A GGUF's weights are dequantised to the dtype of the float model: its answers are those of the rounded weights, its
    speed and memory are not those of llama.cpp (see `runs_here`).

    Raises:
        WeightsError: a file is missing or damaged.
    """
    if form == "dynamic-int8":
        return dynamic_int8.load(folder)
    if form == "float":
        model = load_model(FolderWeights(folder=str(folder)), folder, folder, dtype=_stored_dtype(folder))
    elif form in ("gguf-q8-0", "gguf-q4-0"):
        model = gguf_file.load(folder, _stored_dtype(folder))
    else:
        model = bits_and_bytes.load(folder)
    if torch.cuda.is_available():
        torch.nn.Module.to(model, "cuda")
    return model


def _stored_dtype(folder: Path) -> torch.dtype:
    """The dtype that the folder's config.json states."""
    dtype = AutoConfig.from_pretrained(folder, trust_remote_code=False).dtype
    return dtype if isinstance(dtype, torch.dtype) else torch.float32


def runs_here(form: QuantFormat | Literal["float"]) -> bool:
    """Whether PyTorch runs the format as it is stored, so that its speed and memory can be measured here."""
    return form not in ("gguf-q8-0", "gguf-q4-0")


def fp32_bytes(model: PreTrainedModel, folder: Path) -> int:
    """What the float model takes on disk with all its weights in float32, in bytes.

    Args:
        model: what `save_float` wrote.
        folder: where it did, in any float type.
    """
    return folder_bytes(folder) + sum(weight.numel() * (4 - weight.element_size()) for weight in model.parameters())


def folder_bytes(folder: Path) -> int:
    """Size of all files in a folder, in bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
