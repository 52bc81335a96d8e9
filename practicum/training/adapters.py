"""Which weights of a model are trained."""

from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from transformers import BitsAndBytesConfig, PreTrainedModel

from practicum.config import Lora, Method


def loading_options(method: Method) -> dict[str, Any]:
    """What `from_pretrained` must be told for a method: a 4-bit base for qlora, https://arxiv.org/abs/2305.14314."""
    if method != "qlora":
        return {}
    config = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return {"quantization_config": config}


def attach(model: PreTrainedModel, method: Method, lora: Lora) -> PreTrainedModel | PeftModel:
    """The model with what `method` trains made trainable and all else frozen.

    Args:
        model: the base; for qlora loaded with `loading_options`.
        method: lora, dora (https://arxiv.org/abs/2402.09353), qlora or full.
        lora: rank, scale, dropout and where the adapters sit; not read by full.

    Raises:
        ValueError: none of the target modules is in the model.
    """
    if method == "full":
        return model.requires_grad_(True)
    if method == "qlora":
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    config = LoraConfig(
        r=lora.r,
        lora_alpha=lora.alpha,  # type: ignore[arg-type]  # peft scales by any number
        lora_dropout=lora.dropout,
        target_modules=lora.target_modules,
        use_dora=method == "dora",
        bias="none",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)  # type: ignore[return-value]


def merge(model: PreTrainedModel, adapter: str) -> PreTrainedModel:
    """The float model with a saved adapter added into its weights.

    Args:
        model: the float base the adapter was trained on.
        adapter: folder of the adapter.

    Raises:
        ValueError: the merged weights are not finite.
    """
    merged: PreTrainedModel = PeftModel.from_pretrained(model, adapter).merge_and_unload(safe_merge=True)  # type: ignore[assignment, operator]
    return merged.train(False)


def counts(model: torch.nn.Module) -> tuple[int, int]:
    """Trainable and all parameters, in elements."""
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return trainable, sum(p.numel() for p in model.parameters())
