"""Greedy decoding in batches: length-sorted, the shared beginning computed once, each row stopped on its own.

One engine serves the base, the tuned and the quantised model, so that their answers differ by weights alone.
"""

from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

from practicum.inference.kv_cache import new_cache, slides

LEAST_PREFIX = 8
"""Shared tokens below which computing them once does not pay."""

FAMILY_PREFIX = 64
"""Leading tokens by which prompts are told to share their beginning, as those with the same worked examples do."""

LEAST_FAMILY = 8
"""Prompts that must share a beginning before they are decoded together for its sake."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote after one prompt."""

    ids: tuple[int, ...]
    """New tokens, without the stop token."""
    finished: bool
    """Whether a stop token ended it; if not, it was cut at the limit."""


def common_prefix(rows: Sequence[Sequence[int]]) -> int:
    """How many leading tokens all rows share, leaving each row at least one token of its own."""
    shortest = min(len(row) for row in rows)
    first = rows[0]
    length = 0
    while length < shortest - 1 and all(row[length] == first[length] for row in rows):
        length += 1
    return length


def plan_batches(prompts: Sequence[Sequence[int]], batch_size: int) -> list[list[int]]:
    """Which prompts are decoded together: those with the same beginning, and of like length.

    Args:
        prompts: token ids of each prompt.
        batch_size: prompts per batch at most.

    Returns:
        Indices of prompts, each once.
    """
    beginnings = [tuple(prompt[:FAMILY_PREFIX]) for prompt in prompts]
    counts = Counter(beginnings)
    families: dict[tuple[int, ...], list[int]] = {}
    for index, beginning in enumerate(beginnings):
        families.setdefault(beginning if counts[beginning] >= LEAST_FAMILY else (), []).append(index)
    batches = []
    for members in families.values():
        members.sort(key=lambda index: (len(prompts[index]), index))
        batches += [members[start : start + batch_size] for start in range(0, len(members), batch_size)]
    return batches


def greedy(
    model: PreTrainedModel,
    prompts: Sequence[Sequence[int]],
    *,
    stop_ids: Set[int],
    pad_id: int,
    max_new_tokens: int,
    batch_size: int,
    on_progress: Callable[[int], None] | None = None,
) -> list[Completion]:
    """Continue each prompt with its most probable tokens.

    Args:
        model: a causal language model in evaluation mode.
        prompts: token ids of each prompt, none empty.
        stop_ids: tokens that end an answer.
        pad_id: any token id, for positions that are masked out.
        max_new_tokens: tokens after which an answer is cut.
        batch_size: rows decoded together.
        on_progress: called with the number of rows done, after each batch.

    Returns:
        One completion per prompt, in the order of the prompts.

    Raises:
        ValueError: a prompt is empty, or a prompt and its answer don't fit into the model's positions.
    """
    limit = getattr(model.config.get_text_config(decoder=True), "max_position_embeddings", None)
    for index, prompt in enumerate(prompts):
        if not prompt:
            raise ValueError(f"prompt {index} is empty; expected at least one token")
        if limit is not None and len(prompt) + max_new_tokens > limit:
            raise ValueError(
                f"prompt {index} has {len(prompt)} tokens and may grow by {max_new_tokens}; the model has {limit} "
                "positions. Shorten the prompt, use fewer worked examples, or lower max_new_tokens"
            )
    results: dict[int, Completion] = {}
    for chosen in plan_batches(prompts, batch_size):
        batch = _decode_batch(model, [prompts[i] for i in chosen], stop_ids, pad_id, max_new_tokens)
        results.update(zip(chosen, batch, strict=True))
        if on_progress is not None:
            on_progress(len(results))
    return [results[i] for i in range(len(prompts))]


@torch.inference_mode()
def _decode_batch(
    model: PreTrainedModel, prompts: Sequence[Sequence[int]], stop_ids: Set[int], pad_id: int, max_new_tokens: int
) -> list[Completion]:
    device = model.device
    rows = len(prompts)
    # A sliding window counts places in the cache, so padding in the middle of a row would narrow it.
    shared = common_prefix(prompts) if rows > 1 and not slides(model.config) else 0
    if shared < LEAST_PREFIX:
        shared = 0
    cache = new_cache(model.config)
    if shared:
        head = torch.tensor([list(prompts[0][:shared])], device=device)
        model(input_ids=head, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache.batch_repeat_interleave(rows)

    # Left padding stands between the shared beginning and each row's own part, masked out.
    own = [list(prompt[shared:]) for prompt in prompts]
    width = max(map(len, own))
    ids = torch.tensor([[pad_id] * (width - len(row)) + row for row in own], device=device)
    mask = torch.ones((rows, shared + width), dtype=torch.long, device=device)
    for index, row in enumerate(own):
        mask[index, shared : shared + width - len(row)] = 0
    lengths = torch.tensor([len(prompt) for prompt in prompts], device=device)
    positions = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, shared:]
    padded = bool((mask == 0).any())

    stops = torch.tensor(sorted(stop_ids), device=device)
    tokens: list[list[int]] = [[] for _ in prompts]
    finished = [False] * rows
    alive = list(range(rows))
    for _ in range(max_new_tokens + 1):
        logits = model(
            input_ids=ids,
            attention_mask=mask if padded else None,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits
        best = logits[:, -1].argmax(dim=-1)
        keep: list[int] = []
        for place, (index, token, stop) in enumerate(
            zip(alive, best.tolist(), torch.isin(best, stops).tolist(), strict=True)
        ):
            if stop:
                finished[index] = True
            elif len(tokens[index]) < max_new_tokens:
                tokens[index].append(token)
                keep.append(place)
        if not keep:
            break
        if len(keep) < len(alive):
            alive = [alive[place] for place in keep]
            kept = torch.tensor(keep, device=device)
            cache.batch_select_indices(kept)
            best, mask, lengths = best[kept], mask[kept], lengths[kept]
        ids = best[:, None]
        positions = lengths[:, None]
        lengths = lengths + 1
        if padded:
            mask = torch.cat([mask, mask.new_ones((len(alive), 1))], dim=1)
    return [Completion(tuple(ids), done) for ids, done in zip(tokens, finished, strict=True)]
