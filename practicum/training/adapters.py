"""Which weights of a model are trained."""

from pathlib import Path
from typing import Any, Literal, cast

import torch
from peft import LoraConfig, LoraModel, PeftModel, get_peft_model, prepare_model_for_kbit_training
from torch import nn
from transformers import BitsAndBytesConfig, PreTrainedModel

from practicum.config import FolderWeights, Lora, Method, Weights
from practicum.models import WeightsError, load_model


def loading_options(method: Method) -> dict[str, Any]:
    """What `from_pretrained` must be told for a method: a 4-bit base for qlora, https://arxiv.org/abs/2305.14314."""
    if method != "qlora":
        return {}
    config = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
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
        ValueError: a target module is not in the model or can't be merged, or the 4-bit base is packed for decoding.
    """
    if method == "full":
        return model.requires_grad_(True)
    _check_targets(model, lora.target_modules)
    if method == "qlora":
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)  # type: ignore[no-untyped-call]
        _keep_trainable(model)
    config = LoraConfig(
        r=lora.r,
        lora_alpha=lora.alpha,  # type: ignore[arg-type]  # peft scales by any number
        lora_dropout=lora.dropout,
        target_modules=lora.target_modules,
        use_dora=method == "dora",
        bias="none",
        task_type="CAUSAL_LM",
    )
    tuned = cast(PeftModel, get_peft_model(model, config))
    for own in tuned.peft_config.values():
        # peft keeps the modules as a set, whose order would change adapter_config.json from run to run.
        own.target_modules = sorted(own.target_modules or ())  # type: ignore[attr-defined]
    return tuned


def _check_targets(model: PreTrainedModel, targets: Literal["all-linear"] | list[str]) -> None:
    """Refuse a name that would silently train nothing, and a head that shares its weights with the embedding."""
    if targets == "all-linear":
        return
    names = [name for name, _ in model.named_modules()]
    for target in targets:
        if not any(name == target or name.endswith(f".{target}") for name in names):
            linear = {name.rpartition(".")[2] for name, part in model.named_modules() if isinstance(part, nn.Linear)}
            raise ValueError(
                f"lora.target_modules: found {target!r}, expected names of modules of the model, such as "
                f"{', '.join(sorted(linear))}"
            )
    head = cast(nn.Module, model.get_output_embeddings())  # type: ignore[no-untyped-call]
    table = model.get_input_embeddings()
    if head.weight is table.weight:
        shared = {name.rpartition(".")[2] for name, part in model.named_modules() if part is head or part is table}
        if found := sorted(shared.intersection(targets)):
            raise ValueError(
                f"lora.target_modules: found {found[0]!r}, whose weights this model uses as embedding and as head, so "
                "that merging would change both; expected other modules, such as all-linear"
            )


def _keep_trainable(model: PreTrainedModel) -> None:
    """Keep bitsandbytes from packing 4-bit weights for its CPU kernel for decoding.

    It packs them in place at the first forward without gradients, which is the first look at the validation loss.
    Packed weights have no backward: all later gradients would lack what flows through them (bitsandbytes 0.50).
    """
    for name, layer in model.named_modules():
        if not hasattr(layer, "support_avx512bf16_for_cpu"):
            continue
        if getattr(getattr(layer.weight, "quant_state", None), "packing_format_for_cpu", False):
            raise ValueError(
                f"{name}: found 4-bit weights packed for decoding, which can't be trained through; expected a base "
                "that has not run yet"
            )
        layer.support_avx512bf16_for_cpu = False


def merged(model: PreTrainedModel, adapter: Path) -> PreTrainedModel:
    """The float model with a saved adapter added into its weights.

    Args:
        model: the base that the adapter was trained on, in floats: a 4-bit base would round the sum.
        adapter: folder of the adapter.

    Raises:
        ValueError: the merged weights are not finite.
    """
    whole = cast(LoraModel, PeftModel.from_pretrained(model, str(adapter)).base_model)
    model = cast(PreTrainedModel, whole.merge_and_unload(safe_merge=True))
    model.train(False)
    return model


def load_tuned(weights: Weights, method: Method, folder: Path, cache: Path, root: Path) -> PreTrainedModel:
    """A trained model in float32: the base with its adapter merged in, or the full model.

    For qlora the base is the one that was trained on, rounded to 4 bits and written out in floats again.

    Args:
        weights: of the base.
        method: how it was trained.
        folder: what training wrote.
        cache: folder for converted weights.
        root: what a relative `folder:` is relative to.

    Raises:
        WeightsError: the base or the trained model is missing or damaged.
    """
    if method == "full":
        return load_model(FolderWeights(folder=str(folder)), cache, root, dtype=torch.float32)
    if not (folder / "adapter_config.json").is_file():
        raise WeightsError(
            f"{folder.name}: found no adapter_config.json, expected an adapter as `method: {method}` writes it; "
            "train again, or pull the model from the remote"
        )
    if not (folder / "adapter_model.safetensors").is_file():
        # PEFT would go on to adapter_model.bin, a pickle, which can run code.
        raise WeightsError(
            f"{folder.name}: found no adapter_model.safetensors, expected weights as safetensors; "
            "train again, or pull the model from the remote"
        )
    base = load_model(weights, cache, root, dtype=torch.float32, **loading_options(method))
    if method == "qlora":
        # The adapter was trained on what the 4 bits stand for, and makes up for what they lost.
        base = base.dequantize()  # type: ignore[no-untyped-call]
    return merged(base, folder)


def counts(model: torch.nn.Module) -> tuple[int, int]:
    """Trainable and all parameters, in elements."""
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return trainable, sum(p.numel() for p in model.parameters())
