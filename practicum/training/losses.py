"""Losses over supervised positions, each a pure function of logits and labels.

All return the sum over positions: the caller divides by the number of supervised tokens of the whole
optimizer step, so that gradient accumulation gives the gradient of one large batch.
"""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (the field's name)


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Token cross-entropy in nats, summed.

    Args:
        logits: `[positions, vocabulary]`, any float type; computed in float32.
        labels: `[positions]`, the right token at each.
    """
    return F.cross_entropy(logits.float(), labels, reduction="sum")


def contrastive_margin(logits: Tensor, labels: Tensor, margin: float) -> Tensor:
    """Hinge on the lead of the label's logit over the strongest other token's, summed.

    A common snippet takes the second-highest logit as the negative. That is the label itself when the label
    ranks second, and not the strongest rival when it ranks lower; here the rival is the highest logit among
    all tokens but the label.

    Args:
        logits: `[positions, vocabulary]`.
        labels: `[positions]`.
        margin: lead, in logits, from which a position adds nothing.
    """
    scores = logits.float()
    right = scores.gather(1, labels[:, None])
    rival = scores.scatter(1, labels[:, None], -torch.inf).amax(dim=1, keepdim=True)
    return (margin - (right - rival)).clamp(min=0).sum()
