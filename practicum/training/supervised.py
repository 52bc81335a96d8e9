"""A causal language model whose head is computed only where a token is supervised."""

from typing import cast

import torch
from peft import PeftModel
from torch import Tensor, nn
from transformers import PreTrainedModel

from practicum.config import Loss
from practicum.training.batching import IGNORED
from practicum.training.losses import contrastive_margin, cross_entropy, linear_cross_entropy


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
    ) -> dict[str, Tensor]:
        """Mean loss per supervised token.

        Args:
            input_ids: `[rows, width]`, padded on the right.
            attention_mask: `[rows, width]`, 1 on tokens.
            labels: `[rows, width]`, -100 where not supervised.
            num_items_in_batch: supervised tokens of the whole optimizer step; this batch's if None.

        Returns:
            `loss`, a scalar; `loss_sum`, the summed cross-entropy, and `tokens`, supervised ones, both detached.
        """
        causal = self.causal
        # With right padding a causal mask alone keeps every real position from padding, so none is given:
        # the kernels without a mask are the fast ones.
        decoder = cast(nn.Module, causal.get_decoder())  # type: ignore[no-untyped-call]
        hidden = decoder(input_ids=input_ids, use_cache=False).last_hidden_state
        targets = labels[:, 1:]
        supervised = targets != IGNORED
        head = cast(nn.Module, causal.get_output_embeddings())  # type: ignore[no-untyped-call]
        states, chosen = hidden[:, :-1][supervised], targets[supervised]
        if self.weights.contrastive or type(head) is not nn.Linear or getattr(head, "bias", None) is not None:
            logits = head(states)
            entropy = cross_entropy(logits, chosen)
            margin = contrastive_margin(logits, chosen, self.weights.margin)
            total = entropy + self.weights.contrastive * margin
        else:
            total = entropy = linear_cross_entropy(states, head.weight, chosen)
        count = torch.as_tensor(len(chosen) if num_items_in_batch is None else num_items_in_batch)
        return {
            "loss": total / count,
            "loss_sum": entropy.detach(),
            "tokens": torch.as_tensor(len(chosen)),
        }
