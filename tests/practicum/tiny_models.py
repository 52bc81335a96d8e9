"""Random weights of the true architectures at a size that trains and decodes in milliseconds."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

SIZE = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
}
ARCHITECTURES: Mapping[str, Callable[..., PreTrainedModel]] = {
    "llama": lambda **size: LlamaForCausalLM(LlamaConfig(**size)),
    "qwen2": lambda **size: Qwen2ForCausalLM(Qwen2Config(**size)),
    "qwen3": lambda **size: Qwen3ForCausalLM(Qwen3Config(**size)),
    "gemma3": lambda **size: Gemma3ForCausalLM(Gemma3TextConfig(**size, sliding_window=16)),
}


def tiny_model(family: str, seed: int, **options: Any) -> PreTrainedModel:
    """A model of an architecture, always the same for the same seed and options (vocabulary, positions, attention)."""
    torch.manual_seed(seed)
    return ARCHITECTURES[family](**SIZE, **options)
