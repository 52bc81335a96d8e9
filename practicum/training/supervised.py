"""A causal language model whose head is computed only where a token is supervised."""

from typing import cast

import torch
from peft import PeftModel
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedModel

from practicum.config import Loss
from practicum.training.batching import IGNORED
from practicum.training.blocks import Blocks
from practicum.training.losses import (
    Answers,
    Losses,
    contrastive_margin,
    cross_entropy,
    format_penalty,
    linear_losses,
    unpacked,
)


class SupervisedModel(nn.Module):
    """Wraps a causal language model, with or without adapters, so that its forward gives a loss.

    The vocabulary is wide against the hidden state, and most positions are prompt: computing the head on
    supervised positions alone saves its time and, above all, the memory of the logits.
    """

    accepts_loss_kwargs = True
    """Tells the Transformers Trainer that the loss is divided by the tokens of the whole step here."""

    def __init__(self, model: PreTrainedModel | PeftModel, loss: Loss) -> None:
        super().__init__()
        self.model = model
        self.weights = loss
        self.blocks: Blocks | None = None
        """The decoder laid out for training, where it can be."""
        self._rounded: tuple[tuple[int, int], Tensor] | None = None

    @property
    def causal(self) -> PreTrainedModel:
        """The causal language model inside the adapters, if there are any."""
        return cast(PreTrainedModel, self.model.get_base_model() if isinstance(self.model, PeftModel) else self.model)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        labels: Tensor,
        num_items_in_batch: Tensor | int | None = None,
        answers: Tensor | None = None,
        allowed: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Mean loss per supervised token.

        Args:
            input_ids: `[rows, width]`, padded on the right.
            attention_mask: `[rows, width]`, 1 on tokens.
            labels: `[rows, width]`, -100 where not supervised.
            num_items_in_batch: supervised tokens of the whole optimizer step; this batch's if None. All parts of
                the loss are divided by it.
            answers: `[rows, width]`, bool, true on the tokens of answers; needed, with the next, where the format
                loss has a weight.
            allowed: `[rows, longest answer, words]`, int32: what may stand at each token of an answer, packed.

        Returns:
            `loss`, a scalar; `loss_sum`, the summed cross-entropy, and `tokens`, supervised ones, both detached;
            where their weights are not zero also `contrastive_sum` and `format_sum`, detached and unweighted.

        Raises:
            ValueError: the format loss has a weight and the batch has no masks.
        """
        targets = labels[:, 1:]
        supervised = targets != IGNORED
        states, chosen = self._states(input_ids, attention_mask, supervised), targets[supervised]
        losses = self._losses(states, chosen, self._answers(supervised, answers, allowed))
        count = torch.as_tensor(len(chosen) if num_items_in_batch is None else num_items_in_batch)
        result = {
            "loss": losses.total / count,
            "loss_sum": losses.cross_entropy.detach(),
            "tokens": torch.as_tensor(len(chosen)),
        }
        if self.weights.contrastive:
            result["contrastive_sum"] = losses.contrastive.detach()
        if self.weights.format:
            result["format_sum"] = losses.format.detach()
        return result

    def _states(self, input_ids: Tensor, attention_mask: Tensor, supervised: Tensor) -> Tensor:
        """Last hidden states `[positions, hidden]` where the next token is supervised, `[rows, width - 1]`."""
        if self.blocks is not None:
            return self.blocks.states(input_ids, attention_mask, functional.pad(supervised, (0, 1)))
        # With right padding a causal mask alone keeps every real position from padding, so none is given:
        # the kernels without a mask are the fast ones.
        decoder = cast(nn.Module, self.causal.get_decoder())  # type: ignore[no-untyped-call]
        hidden: Tensor = decoder(input_ids=input_ids, use_cache=False).last_hidden_state
        return hidden[:, :-1][supervised]

    def _answers(self, supervised: Tensor, answers: Tensor | None, allowed: Tensor | None) -> Answers | None:
        """Where answers stand among the supervised positions `[rows, width - 1]`; None if nobody asks."""
        if not self.weights.format:
            return None
        if answers is None or allowed is None:
            raise ValueError(
                f"loss.format is {self.weights.format:g} and the batch holds no masks of its answers; "
                "give the collator the answers' grammar"
            )
        lengths = answers.sum(dim=1, keepdim=True)
        held = torch.arange(allowed.shape[1], device=allowed.device) < lengths
        return Answers(answers[:, 1:][supervised].nonzero().squeeze(1), allowed[held])

    def _table(self, weight: Tensor) -> Tensor:
        """The head's weight in the type of the products; a frozen one is rounded once."""
        kind = weight.device.type
        if weight.requires_grad or not torch.is_autocast_enabled(kind):
            return weight
        state = (weight.data_ptr(), weight._version)
        if self._rounded is None or self._rounded[0] != state:
            self._rounded = (state, weight.detach().to(torch.get_autocast_dtype(kind)))
        return self._rounded[1]

    def _losses(self, states: Tensor, chosen: Tensor, answers: Answers | None) -> Losses:
        """Sums over supervised positions of `states`, `[positions, width]`, against the tokens `chosen`."""
        head = cast(nn.Module, self.causal.get_output_embeddings())  # type: ignore[no-untyped-call]
        weights = self.weights
        if type(head) is nn.Linear and getattr(head, "bias", None) is None:
            return linear_losses(
                states,
                self._table(head.weight),
                chosen,
                contrastive_weight=weights.contrastive,
                margin=weights.margin,
                format_weight=weights.format,
                answers=answers,
            )
        logits = head(states)
        entropy = cross_entropy(logits, chosen)
        none = torch.zeros_like(entropy)
        contrast = contrastive_margin(logits, chosen, weights.margin) if weights.contrastive else none
        penalty = none
        if answers is not None:
            penalty = format_penalty(logits[answers.at], unpacked(answers.allowed, logits.shape[1]))
        return Losses(entropy + weights.contrastive * contrast + weights.format * penalty, entropy, contrast, penalty)
