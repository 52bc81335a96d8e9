"""Which rows make up each optimizer step, and how they become tensors."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from practicum.chat import Rendered
from practicum.training.grammar import AnswerGrammar

IGNORED = -100
"""Label of a position that is not supervised, as PyTorch and Transformers have it."""

POOL_BATCHES = 8
"""Batches sorted by length together: large enough to save padding, small enough to stay a random order."""

PAD_MULTIPLE = 16
"""Widths are rounded up to this, since each new shape costs the CPU kernels a set-up."""


def plan_steps(lengths: Sequence[int], batch_size: int, steps: int, seed: int) -> list[list[int]]:
    """Rows of each optimizer step, grouped by length, every row once before any row twice.

    Args:
        lengths: tokens of each row.
        batch_size: rows per step.
        steps: how many steps to plan.
        seed: of the shuffling.

    Returns:
        `steps` lists of `batch_size` row numbers.

    Raises:
        ValueError: there are fewer rows than one batch.
    """
    if len(lengths) < batch_size:
        raise ValueError(f"found {len(lengths)} training rows, expected at least batch_size ({batch_size})")
    generator = random.Random(seed)
    planned: list[list[int]] = []
    waiting: list[int] = []
    while len(planned) < steps:
        order = list(range(len(lengths)))
        generator.shuffle(order)
        waiting.extend(order)
        pool_size = POOL_BATCHES * batch_size
        while len(waiting) >= pool_size or (len(waiting) >= batch_size and len(lengths) < pool_size):
            take = min(pool_size, len(waiting) - len(waiting) % batch_size)
            pool = sorted(waiting[:take], key=lambda row: (lengths[row], row))
            waiting = waiting[take:]
            batches = [pool[start : start + batch_size] for start in range(0, take, batch_size)]
            generator.shuffle(batches)
            planned.extend(batches)
    return planned[:steps]


def split_step(rows: Sequence[int], parts: int) -> list[list[int]]:
    """The rows of a step as `parts` equal micro-batches, neighbours in length together."""
    size = len(rows) // parts
    return [list(rows[start : start + size]) for start in range(0, size * parts, size)]


@dataclass(frozen=True)
class Collator:
    """Turns rendered rows into right-padded tensors."""

    pad_id: int
    grammar: AnswerGrammar | None = None
    """Of the answers, where the format loss is wanted."""

    def __call__(self, rows: Sequence[Rendered]) -> dict[str, Tensor]:
        """Stack rows.

        Returns:
            `input_ids`, `attention_mask` and `labels`, each `[rows, width]`; a label is the token itself where
            it is supervised and -100 elsewhere. Width is the longest row's, rounded up. With a grammar also
            `answers`, `[rows, width]`, bool, true on the tokens of the answer, and `allowed`,
            `[rows, longest answer, words]`, int32: for the k-th token of a row's answer the tokens that the grammar
            allows in its place, packed (see `losses.unpacked`).

        Raises:
            ValueError: the grammar does not accept a row's answer.
        """
        longest = max(len(row.ids) for row in rows)
        width = -(-longest // PAD_MULTIPLE) * PAD_MULTIPLE
        ids = torch.full((len(rows), width), self.pad_id, dtype=torch.long)
        attention = torch.zeros((len(rows), width), dtype=torch.long)
        labels = torch.full((len(rows), width), IGNORED, dtype=torch.long)
        for index, row in enumerate(rows):
            tokens = torch.tensor(row.ids)
            ids[index, : len(tokens)] = tokens
            attention[index, : len(tokens)] = 1
            labels[index, : len(tokens)] = torch.where(torch.tensor(row.mask), tokens, IGNORED)
        batch = {"input_ids": ids, "attention_mask": attention, "labels": labels}
        if self.grammar is not None:
            masks = [self.grammar.masks(row) for row in rows]
            batch["answers"] = torch.zeros((len(rows), width), dtype=torch.bool)
            for index, (row, mask) in enumerate(zip(rows, masks, strict=True)):
                batch["answers"][index, len(row.ids) - len(mask) : len(row.ids)] = True
            batch["allowed"] = pad_sequence(masks, batch_first=True)
        return batch
