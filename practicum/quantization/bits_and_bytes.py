"""bitsandbytes int8 and nf4: quantised while loading, saved at once, used only after loading again.

A 4-bit model that has run on a CPU holds its weights packed for that CPU; saved then, it loads again corrupt (61 %
error in the logits). So nothing runs between quantising and saving.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import torch
from bitsandbytes.nn.modules import Linear4bit, Linear8bitLt
from torch import nn
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, PreTrainedModel

from practicum.models import WeightsError, check_folder, first_line, resolved_precision
from practicum.quantization.dynamic_int8 import LEVELS, Int8Linear
from practicum.quantization.nf4 import Nf4Linear

BnbFormat = Literal["int8", "nf4"]


def outlier_threshold() -> float:
    """Activations above it are multiplied in 16 bits, column by column (LLM.int8, https://arxiv.org/abs/2208.07339).

    6.0 is the paper's. On a CPU taking columns out doubles the time of a decoding step and quadruples that of a
    prompt, for 2 points of top-1 agreement on SmolLM2-135M, and lets one row of a batch change the others: 0.0
    turns it off.
    """
    return 6.0 if torch.cuda.is_available() else 0.0


def quantization_config(form: BnbFormat) -> BitsAndBytesConfig:
    """What `from_pretrained` must be told.

    int8: one scale per output channel and token. nf4: blocks of 64 weights, their scales quantised too, both from
    QLoRA, https://arxiv.org/abs/2305.14314. The head, tied to the embedding or not, stays in bf16.
    """
    if form == "int8":
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_threshold=outlier_threshold())  # type: ignore[no-untyped-call]
    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def _for_this_cpu(layer: nn.Module) -> nn.Module:
    """The same product, faster on a CPU; a layer that isn't of bitsandbytes is given back.

    Without outliers an int8 product of bitsandbytes is that of `Int8Linear` with one digit: weights with one scale per
    output channel, activations with one per token, summed in int32.
    """
    if isinstance(layer, Linear8bitLt):
        weight: Any = layer.weight
        return Int8Linear(weight.data, weight.SCB.float() / LEVELS, layer.bias, digits=1)
    return Nf4Linear(layer) if isinstance(layer, Linear4bit) else layer


@contextmanager
def _quiet() -> Iterator[None]:
    """bitsandbytes warns at every product that bf16 becomes fp16: thousands of lines that say nothing new."""
    logger = logging.getLogger("bitsandbytes")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def quantize(source: Path, form: BnbFormat, folder: Path) -> None:
    """Quantise the float model in `source` and write it to `folder`.

    Raises:
        WeightsError: the float model doesn't load.
    """
    check_folder(source, "float model")
    with _quiet():
        model = AutoModelForCausalLM.from_pretrained(
            source,
            dtype=torch.bfloat16,
            quantization_config=quantization_config(form),
            trust_remote_code=False,
            use_safetensors=True,
        )
        model.save_pretrained(folder)


def load(folder: Path) -> PreTrainedModel:
    """The quantised model from a folder written by `quantize`, in evaluation mode.

    On a CPU its layers are `Int8Linear` and `Nf4Linear`, over the weights as they were saved.

    Raises:
        WeightsError: a file is missing or damaged.
    """
    check_folder(folder, f"quantised model {folder.name}")
    # The level stays: the warning comes from the forward pass.
    logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)
    try:
        # bf16 beside the quantised layers: int8 scales read as fp32 or fp16 would change what was saved.
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.bfloat16, trust_remote_code=False, use_safetensors=True
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise WeightsError(f"{folder}: found no model that loads ({first_line(error)}); quantise again") from error
    if model.device.type == "cpu":
        for name, layer in list(model.named_modules()):
            if (faster := _for_this_cpu(layer)) is not layer:
                model.set_submodule(name, faster)
        if resolved_precision("auto") == "fp32":  # bf16 is emulated here, and slow
            for parameter in model.parameters():
                if parameter.is_floating_point():
                    parameter.data = parameter.data.float()
    model.train(False)
    return model
