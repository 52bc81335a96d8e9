"""Small models of the true architectures, rows of unequal length, and recipes to train them by."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

from practicum.chat import Rendered
from practicum.config import EarlyStopping, Loss, Method
from practicum.training.adapters import loading_options
from practicum.training.attention import implementation
from practicum.training.trainer import Recipe
from tests.practicum.tiny_models import ARCHITECTURES, SIZE

VOCABULARY = 61
PAD = 0
# The least that nf4 can hold: blocks of 64 weights along each row.
WIDTHS = {"hidden_size": 64, "intermediate_size": 64, "head_dim": 16}


def small_model(family: str, **options: Any) -> PreTrainedModel:
    """A model with random weights, the same at each call."""
    torch.manual_seed(0)
    size = {**SIZE, **WIDTHS, "vocab_size": VOCABULARY, "max_position_embeddings": 128}
    model = ARCHITECTURES[family](**{**size, **options})
    model.set_attn_implementation(implementation(model.config))
    # As they are made, the weights give all tokens nearly the same probability: nothing would be seen of an error.
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() == 2:
                weight.mul_(8.0)
            elif name.endswith("bias"):
                weight.normal_(std=0.2)
    return model.eval()


def base_for(method: Method, family: str, folder: Path) -> PreTrainedModel:
    """The small model as a method wants it loaded; for qlora it is written to the folder and read in 4 bits."""
    model = small_model(family)
    if method != "qlora":
        return model
    model.save_pretrained(str(folder))
    loaded: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
        str(folder), dtype=torch.float32, **loading_options(method)
    )
    loaded.set_attn_implementation(implementation(loaded.config))
    return loaded.eval()


def copying_rows(count: int, seed: int) -> list[Rendered]:
    """Rows whose target repeats the start of the prompt; from 5 to 28 tokens, 2 to 9 of them supervised."""
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for index in range(count):
        repeated = 1 + index % 8
        width = repeated + 1 + int(torch.randint(0, 11, (), generator=generator))
        prompt = torch.randint(4, VOCABULARY, (width,), generator=generator).tolist()
        target = [*prompt[:repeated], 2]
        rows.append(Rendered([*prompt, 1, *target], [False] * (width + 1) + [True] * len(target)))
    return rows


def recipe(**changes: Any) -> Recipe:
    """One step over 16 rows at full rate; any setting may be changed."""
    settings: dict[str, Any] = {
        "lr": 1e-3,
        "batch_size": 16,
        "accumulation_steps": 1,
        "steps": 1,
        "warmup_steps": 0,
        "bf16": False,
        "seed": 3,
        "loss": Loss(contrastive=0.0, margin=0.5, format=0.0),
        "early_stopping": EarlyStopping(every=1, patience=1, min_delta=0.0, examples=8),
    }
    return Recipe(**{**settings, **changes})
