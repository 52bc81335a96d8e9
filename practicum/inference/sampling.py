"""Which token comes next: the most probable one, or one drawn from the most probable few."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen."""

    temperature: float
    """0 takes the most probable token; else the logits are divided by it."""
    top_k: int
    """How many of the most probable tokens are drawn from; unused at temperature 0."""
    seed: int
    """Of the draws. Each row has its own: what it writes doesn't depend on the rows beside it."""

    def __post_init__(self) -> None:
        if self.temperature < 0 or self.top_k < 1:
            raise ValueError(
                f"sampling: found temperature {self.temperature:g} and top_k {self.top_k}, expected 0 or more and "
                "at least 1"
            )


GREEDY: Final = Sampling(temperature=0.0, top_k=1, seed=0)


class Draws:
    """Uniform numbers of one row, one for each of its tokens, the same in whatever batch it stands."""

    def __init__(self, sampling: Sampling, row: int) -> None:
        self._source = np.random.Generator(np.random.Philox(key=[sampling.seed, row]))

    def next(self) -> float:
        """The next number, 0 to 1."""
        return float(self._source.random())


def choose(logits: Tensor, sampling: Sampling, draws: Sequence[Draws]) -> Tensor:
    """One token for each row.

    Args:
        logits: `[rows, words]`.
        sampling: how to choose.
        draws: of each row; not read at temperature 0.

    Returns:
        `[rows]`, int64.
    """
    if sampling.temperature == 0:
        # The first of the largest, as argmax has it, in a fifth of its time over bf16.
        return logits.max(dim=-1).indices
    values, tokens = logits.float().topk(min(sampling.top_k, logits.shape[-1]), dim=-1)
    mass = (values / sampling.temperature).softmax(dim=-1).cumsum(dim=-1)
    uniform = torch.tensor([[one.next()] for one in draws], dtype=torch.float32, device=logits.device)
    # A sum of float32 may end below 1: the last place stands for all that is left.
    places = (mass < uniform).sum(dim=-1, keepdim=True).clamp(max=mass.shape[-1] - 1)
    return tokens.gather(1, places)[:, 0]
