"""Small models of the true architectures with random weights, large enough that quantising leaves their ranking."""

from pathlib import Path
from typing import Any, Final, Literal

import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from practicum.chat import Rendered
from practicum.config import FamilyName
from practicum.quantization.artefacts import save_float
from tests.fixtures.templates.small_tokenizers import small_tokenizer

Architecture = Literal["llama", "qwen2", "qwen3"]
ARCHITECTURES: Final[tuple[Architecture, ...]] = ("llama", "qwen2", "qwen3")
VOCABULARY: Final = 420
"""More rows than the small tokenizers have tokens."""
LLAMA3_ROPE: Final = {
    "rope_type": "llama3",
    "rope_theta": 10_000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}


def small_model(architecture: Architecture, *, tied: bool = True, seed: int = 0, **options: Any) -> PreTrainedModel:
    """Two layers of width 128; Qwen2 has biases, Qwen3 norms its queries and keys; `options` go to the config."""
    torch.manual_seed(seed)
    sizes = {
        "vocab_size": VOCABULARY,
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "tie_word_embeddings": tied,
        "initializer_range": 0.1,
        **options,
    }
    model: PreTrainedModel
    if architecture == "llama":
        model = LlamaForCausalLM(LlamaConfig(**sizes))
    elif architecture == "qwen2":
        model = Qwen2ForCausalLM(Qwen2Config(**sizes))
    else:
        model = Qwen3ForCausalLM(Qwen3Config(**sizes, head_dim=32))
    for name, parameter in model.named_parameters():
        # Fresh biases and norms are 0 and 1, with which a lost one would not show.
        if parameter.dim() == 1:
            torch.nn.init.normal_(parameter, mean=1.0 if "norm" in name else 0.0, std=0.1)
    return model.eval()


def float_folder(
    folder: Path, architecture: Architecture, *, tied: bool = True, seed: int = 0, family: FamilyName = "smollm2"
) -> Path:
    """A folder as the stage writes it for the float model."""
    model = small_model(architecture, tied=tied, seed=seed)
    save_float(model, small_tokenizer(family), torch.float32, folder)
    return folder


def rows(count: int = 6, length: int = 40) -> list[Rendered]:
    """Random ids of which the second half is supervised."""
    draw = torch.Generator().manual_seed(1)
    ids = torch.randint(3, 420, (count, length), generator=draw).tolist()
    return [Rendered(row, [place >= length // 2 for place in range(length)]) for row in ids]
