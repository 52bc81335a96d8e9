"""How far a quantised model's logits are from the float model's, before anything is decoded with it.

Both see the reference rows of the test split; compared are the positions at which an answer's tokens are predicted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedModel

from practicum.chat import Rendered


class QuantizationError(RuntimeError):
    """An artefact that must not be used; says how far it is from the float model."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A quantised model against the float model at the same positions."""

    positions: int
    top1: float
    """Share of positions at which both rank the same token first."""
    error: float
    """Length of the logits' difference over the length of the float logits, both centred at each position, since
    a constant added to all logits changes nothing."""


@torch.inference_mode()
def answer_logits(model: PreTrainedModel, rows: Sequence[Rendered]) -> Tensor:
    """Logits from which the supervised tokens are predicted.

    Args:
        model: a causal language model in evaluation mode.
        rows: training rows, of which one at a time is run.

    Returns:
        `[supervised tokens of all rows, vocabulary]`, on the CPU, in the model's own float type.
    """
    parts = []
    for row in rows:
        before = torch.tensor([place - 1 for place, supervised in enumerate(row.mask) if supervised])
        ids = torch.tensor([row.ids], device=model.device)
        logits = model(input_ids=ids, logits_to_keep=before.to(model.device), use_cache=False).logits
        parts.append(logits[0].cpu())
    return torch.cat(parts)


def agreement(reference: Tensor, logits: Tensor) -> Agreement:
    """Compare two outputs of `answer_logits` for the same rows."""
    same = difference = length = 0.0
    # In pieces: two float32 copies of all logits of a large vocabulary would fill the memory.
    for expected, found in zip(torch.split(reference, 256), torch.split(logits, 256), strict=True):
        a, b = expected.float(), found.float()
        same += float((a.argmax(dim=-1) == b.argmax(dim=-1)).sum())
        a = a - a.mean(dim=-1, keepdim=True)
        b = b - b.mean(dim=-1, keepdim=True)
        difference += float((b - a).square().sum(dtype=torch.float64))
        length += float(a.square().sum(dtype=torch.float64))
    return Agreement(len(reference), same / len(reference), (difference / length) ** 0.5)


def check(found: Agreement, form: str, min_top1: float) -> None:
    """Refuse an artefact that ranks another token first too often, or whose logits are no numbers.

    Raises:
        QuantizationError: naming both figures.
    """
    # Written so that a NaN fails as well.
    if not (found.top1 >= min_top1 and found.error < float("inf")):
        raise QuantizationError(
            f"{form}: after loading it again, found the float model's first-ranked token at {found.top1:.1%} of "
            f"{found.positions} positions (error of the logits {found.error:.1%}), expected at least {min_top1:.1%}; "
            f"take {form} out of quantization.formats, or lower quantization.min_top1 if its EM is good enough"
        )
