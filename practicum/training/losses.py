"""Losses over supervised positions: each a pure function, and all of them in one pass without the logits.

All are summed over positions: the caller divides by the number of supervised tokens of the whole optimizer step,
so that gradient accumulation gives the gradient of one large batch.

`cross_entropy`, `contrastive_margin` and `format_penalty` are the definitions. `linear_losses` computes the same
sums, and the gradient of their weighted total, from hidden states and the head's weight.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (the field's name)

CHUNK = 256
"""Positions whose logits are held at once: enough for fast products, few enough to stay in a processor's cache."""

WORD = 32
"""Tokens in one word of a packed mask."""


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Token cross-entropy in nats, summed: the negative log-likelihood of the labels.

    Args:
        logits: `[positions, vocabulary]`, any float type; computed in float32 at least.
        labels: `[positions]`, the right token at each.
    """
    return F.cross_entropy(_wide(logits), labels, reduction="sum")


def contrastive_margin(logits: Tensor, labels: Tensor, margin: float) -> Tensor:
    """Hinge on the lead of the label's logit over the strongest other token's, summed.

    It is the multiclass hinge of Crammer and Singer (2001, https://www.jmlr.org/papers/v2/crammer01a.html) with a
    margin of its own. A common snippet takes the second-highest logit as the negative. That is the label itself
    when the label ranks second, and not the strongest rival when it ranks lower; here the rival is the highest logit
    among all tokens but the label, the first of them where several are equal.

    Args:
        logits: `[positions, vocabulary]`, any float type; computed in float32 at least.
        labels: `[positions]`.
        margin: lead, in logits, from which a position adds nothing.
    """
    scores = _wide(logits)
    right = scores.gather(1, labels[:, None])
    rival = scores.scatter(1, labels[:, None], -torch.inf).max(dim=1, keepdim=True).values
    return F.relu(margin - (right - rival)).sum()


def format_penalty(logits: Tensor, allowed: Tensor) -> Tensor:
    """Minus the log of the probability that falls on allowed tokens, summed.

    It is the semantic loss (Xu et al. 2018, https://arxiv.org/abs/1711.11157) of the constraint "the next token is
    one with which the text can still be completed by its grammar", the masks being those of constrained decoding
    (XGrammar, https://arxiv.org/abs/2411.15100). It says nothing on which of the allowed tokens is right.

    With `a` and `d` the log-sums of allowed and disallowed logits it is `softplus(d - a)`, which is exact in float32
    where nearly all of the probability is allowed and where nearly none is.

    Args:
        logits: `[positions, vocabulary]`, any float type; computed in float32 at least.
        allowed: `[positions, vocabulary]`, bool; at least one token at each position.
    """
    scores = _wide(logits)
    return F.softplus(_log_sum(scores, ~allowed) - _log_sum(scores, allowed)).sum()


def unpacked(packed: Tensor, vocabulary: int) -> Tensor:
    """Masks of one bit a token, as xgrammar fills them, as masks of one bool a token.

    Args:
        packed: `[positions, words]`, int32; token t is bit t % 32 of word t // 32.
        vocabulary: tokens of the model's head.

    Returns:
        `[positions, vocabulary]`, bool.

    Raises:
        ValueError: there are fewer bits than tokens.
    """
    if packed.shape[1] * WORD < vocabulary:
        raise ValueError(
            f"found masks of {packed.shape[1] * WORD} tokens, expected one bit for each of the {vocabulary} tokens of "
            "the model's head; give the grammar the width of the head, which may be larger than the tokenizer's"
        )
    bits = torch.tensor([1 << bit for bit in range(8)], dtype=torch.uint8, device=packed.device)
    # Bytes of a word come lowest first on every machine that PyTorch runs on.
    octets = packed.contiguous().view(torch.uint8)
    return ((octets[:, :, None] & bits) != 0).flatten(1)[:, :vocabulary]


@dataclass(frozen=True, slots=True)
class Answers:
    """Where answers stand among the supervised positions, and which tokens their grammar allows there."""

    at: Tensor
    """`[answer positions]`: which of the positions, rising."""
    allowed: Tensor
    """`[answer positions, words]`, int32, packed (see `unpacked`)."""


class Losses(NamedTuple):
    """Sums over positions; those of weight zero are zero, not computed."""

    total: Tensor
    """The weighted sum, which alone carries a gradient."""
    cross_entropy: Tensor
    contrastive: Tensor
    format: Tensor


def linear_losses(
    hidden: Tensor,
    weight: Tensor,
    labels: Tensor,
    *,
    contrastive_weight: float = 0.0,
    margin: float = 0.0,
    format_weight: float = 0.0,
    answers: Answers | None = None,
) -> Losses:
    """The losses of the logits `hidden @ weight.T` without ever holding all of them.

    Sums and gradient are computed chunk by chunk in the forward pass, so that the logits, wider than all else,
    are neither kept for the backward nor gone over more often than they must (as in Liger Kernel,
    https://arxiv.org/abs/2410.10989). Products take autocast's type where it is on.

    Args:
        hidden: `[positions, width]`.
        weight: `[vocabulary, width]`, of a head without bias.
        labels: `[positions]`.
        contrastive_weight: of `contrastive_margin` beside the cross-entropy.
        margin: of the contrastive loss, in logits.
        format_weight: of `format_penalty` beside the cross-entropy; it is taken at `answers` only.
        answers: may be None where `format_weight` is zero.

    Raises:
        ValueError: `format_weight` is above zero without `answers`, or their masks are narrower than the vocabulary.
    """
    if format_weight and answers is None:
        raise ValueError(f"found a format weight of {format_weight:g} without answers, expected where they stand")
    at, allowed = (answers.at, answers.allowed) if format_weight and answers is not None else (None, None)
    total, parts = _LinearLosses.apply(  # type: ignore[no-untyped-call]
        hidden, weight, labels, at, allowed, contrastive_weight, margin, format_weight
    )
    return Losses(total, *parts.unbind())


class _LinearLosses(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        labels: Tensor,
        at: Tensor | None,
        allowed: Tensor | None,
        contrastive_weight: float,
        margin: float,
        format_weight: float,
    ) -> tuple[Tensor, Tensor]:
        kind = hidden.device.type
        dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else hidden.dtype
        states, table = hidden.to(dtype), weight.to(dtype)
        wants_hidden, wants_weight = ctx.needs_input_grad[:2]
        grad_hidden = torch.empty_like(states) if wants_hidden else None
        sums = torch.zeros(3, dtype=torch.promote_types(dtype, torch.float32), device=hidden.device)
        grad_weight = torch.zeros_like(weight, dtype=sums.dtype) if wants_weight else None
        starts = range(0, len(labels), CHUNK)
        answered = _parts_of_chunks(at, len(labels)) if at is not None else [slice(0, 0)] * len(starts)
        size = min(CHUNK, len(labels))
        # Every chunk's logits stand in the same memory; after the losses, their slopes do.
        room = torch.empty((size, table.shape[0]), dtype=sums.dtype, device=hidden.device)
        narrow = torch.empty((size, table.shape[0]), dtype=dtype, device=hidden.device)
        with torch.autocast(kind, enabled=False):
            for start, these in zip(starts, answered, strict=True):
                part, right = states[start : start + CHUNK], labels[start : start + CHUNK, None]
                rounded, logits = narrow[: len(part)], room[: len(part)]
                torch.mm(part, table.t(), out=rounded)
                logits.copy_(rounded)
                own = logits.gather(1, right)
                if contrastive_weight:
                    rival, rival_at = logits.scatter_(1, right, -torch.inf).max(dim=1, keepdim=True)
                    logits.scatter_(1, right, own)
                    gap = F.relu(margin - (own - rival))
                    sums[1] += gap.sum()
                moved = None
                if at is not None and allowed is not None and these.stop > these.start:
                    rows = at[these] - start
                    penalty, moved = _format_terms(logits[rows], allowed[these])
                    sums[2] += penalty
                highest = logits.amax(dim=1, keepdim=True)
                shares = logits.sub_(highest).exp_()
                whole = shares.sum(dim=1, keepdim=True)
                sums[0] += (whole.log() + highest - own).sum()
                if grad_hidden is None and grad_weight is None:
                    continue
                slope = shares.mul_(whole.reciprocal_()).scatter_add_(1, right, -torch.ones_like(own))
                if contrastive_weight:
                    push = contrastive_weight * (gap > 0).to(slope.dtype)
                    slope.scatter_add_(1, right, -push).scatter_add_(1, rival_at, push)
                if moved is not None:
                    slope.index_add_(0, rows, moved, alpha=format_weight)
                rounded.copy_(slope)
                if grad_hidden is not None:
                    torch.mm(rounded, table, out=grad_hidden[start : start + CHUNK])
                if grad_weight is not None:
                    grad_weight += rounded.t() @ part
        ctx.grads = (grad_hidden, grad_weight)
        ctx.dtypes = (hidden.dtype, weight.dtype)
        ctx.mark_non_differentiable(sums)
        return sums[0] + contrastive_weight * sums[1] + format_weight * sums[2], sums

    @staticmethod
    def backward(ctx: Any, *outputs: Tensor) -> tuple[Tensor | None, ...]:
        scale = outputs[0]
        hidden, weight = (
            None if grad is None else (grad * scale).to(dtype)
            for grad, dtype in zip(ctx.grads, ctx.dtypes, strict=True)
        )
        return hidden, weight, None, None, None, None, None, None


def _wide(logits: Tensor) -> Tensor:
    """In float32, or in float64 if it is that."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))


def _log_sum(scores: Tensor, chosen: Tensor) -> Tensor:
    """`[positions, 1]`: log of the summed exponentials of the chosen tokens; a very low number where there are none.

    The lowest finite number stands for the others: minus infinity would make the gradient of no tokens not a number.
    """
    return scores.masked_fill(~chosen, torch.finfo(scores.dtype).min).logsumexp(dim=1, keepdim=True)


def _format_terms(scores: Tensor, packed: Tensor) -> tuple[Tensor, Tensor]:
    """`format_penalty` of the scores, summed, and its gradient with respect to them."""
    allowed = unpacked(packed, scores.shape[1])
    inside, outside = _log_sum(scores, allowed), _log_sum(scores, ~allowed)
    lost = outside - inside
    # What of the probability is lost moves from each disallowed token, by its share, to each allowed one, by its.
    slope = torch.where(allowed, -(scores - inside).exp(), (scores - outside).exp()) * lost.sigmoid()
    return F.softplus(lost).sum(), slope


def _parts_of_chunks(at: Tensor, positions: int) -> list[slice]:
    """For each chunk of positions, the part of the rising indices `at` that lies in it."""
    edges = torch.arange(0, positions + CHUNK, CHUNK, device=at.device)
    bounds: list[int] = torch.searchsorted(at, edges).tolist()
    return [slice(start, stop) for start, stop in pairwise(bounds)]
