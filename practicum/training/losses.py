"""Losses over supervised positions, each a pure function with its gradient.

All return the sum over positions: the caller divides by the number of supervised tokens of the whole
optimizer step, so that gradient accumulation gives the gradient of one large batch.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (the field's name)

CHUNK = 128
"""Positions whose logits are held at once: enough for fast products, few enough to stay in a processor's cache."""


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Token cross-entropy in nats, summed.

    Args:
        logits: `[positions, vocabulary]`, any float type; computed in float32.
        labels: `[positions]`, the right token at each.
    """
    return F.cross_entropy(logits.float(), labels, reduction="sum")


def linear_cross_entropy(hidden: Tensor, weight: Tensor, labels: Tensor) -> Tensor:
    """`cross_entropy(hidden @ weight.T, labels)` without ever holding all the logits.

    Loss and gradient are computed chunk by chunk in the forward pass, so that the logits, wider than all else,
    are neither kept for the backward nor gone over more often than they must (as in Liger Kernel,
    https://arxiv.org/abs/2410.10989). Products take autocast's type where it is on.

    Args:
        hidden: `[positions, width]`.
        weight: `[vocabulary, width]`, of a head without bias.
        labels: `[positions]`.
    """
    return _LinearCrossEntropy.apply(hidden, weight, labels)  # type: ignore[no-any-return, no-untyped-call]


class _LinearCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, labels: Tensor) -> Tensor:
        kind = hidden.device.type
        dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else hidden.dtype
        states, table = hidden.to(dtype), weight.to(dtype)
        wants_hidden, wants_weight, _ = ctx.needs_input_grad
        grad_hidden = torch.empty_like(states) if wants_hidden else None
        grad_weight = torch.zeros_like(weight, dtype=torch.float32) if wants_weight else None
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        with torch.autocast(kind, enabled=False):
            for start in range(0, len(labels), CHUNK):
                part, right = states[start : start + CHUNK], labels[start : start + CHUNK, None]
                logits = (part @ table.t()).float()
                level = logits.logsumexp(dim=1, keepdim=True)
                total += (level - logits.gather(1, right)).sum()
                if grad_hidden is None and grad_weight is None:
                    continue
                slope = logits.sub_(level).exp_().scatter_add_(1, right, -torch.ones_like(level)).to(dtype)
                if grad_hidden is not None:
                    torch.mm(slope, table, out=grad_hidden[start : start + CHUNK])
                if grad_weight is not None:
                    grad_weight += slope.t() @ part
        ctx.grads = (grad_hidden, grad_weight)
        ctx.dtypes = (hidden.dtype, weight.dtype)
        return total

    @staticmethod
    def backward(ctx: Any, *outputs: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        [scale] = outputs
        hidden, weight = (
            None if grad is None else (grad * scale).to(dtype)
            for grad, dtype in zip(ctx.grads, ctx.dtypes, strict=True)
        )
        return hidden, weight, None


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
