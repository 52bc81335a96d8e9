"""Decoding in batches: the shared beginning computed once, each row stopped on its own.

One engine serves the base, the tuned and the quantised model, so that their answers differ by weights alone. A packed
model (see `packed`) writes continuously: a row that ends makes place for the next prompt. Any other goes through
Transformers' forward, batch after batch of prompts of like length.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import PreTrainedModel

from practicum.inference.guidance import Guidance, GuidedRow, constrain, replaced
from practicum.inference.kv_cache import new_cache, slides
from practicum.inference.packed import Beginning, PackedModel, Store
from practicum.inference.sampling import GREEDY, Draws, Sampling, choose

LEAST_PREFIX = 8
"""Shared tokens below which computing them once does not pay."""

FAMILY_PREFIX = 64
"""Leading tokens by which prompts are told to share their beginning, as those with the same worked examples do."""

LEAST_FAMILY = 8
"""Prompts that must share a beginning before they are decoded together for its sake."""

LEAST_SHARED = 16
"""Tokens that a packed model's prompts must share before these are read on their own."""

READ_TOKENS = 2048
"""Tokens of prompts read at once, or a few more: wider products gain nothing, and what they write leaves the caches."""

REFILL = 4
"""A packed model reads new prompts when one in so many slots is free: fewer make products too thin to pay."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote after one prompt."""

    ids: tuple[int, ...]
    """New tokens, without the stop token."""
    finished: bool
    """Whether a stop token ended it; if not, it was cut at the limit."""
    times: tuple[float, ...] = field(default=(), compare=False)
    """When each new token was known, in seconds after the call began."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where rows end."""

    stop_ids: frozenset[int]
    max_new_tokens: int


class Row:
    """A completion while it is written."""

    def __init__(self, number: int, prompt: Sequence[int], sampling: Sampling, guidance: Guidance | None) -> None:
        self.number = number
        self.prompt = prompt
        self.tokens: list[int] = []
        self.times: list[float] = []
        self.finished = False
        self.draws = Draws(sampling, number)
        self.guided: GuidedRow | None = None if guidance is None else guidance.row()

    def take(self, token: int, limits: Limits, now: float) -> bool:
        """Take note of the next token; returns whether the row goes on."""
        if token in limits.stop_ids:
            self.finished = True
            return False
        self.tokens.append(token)
        self.times.append(now)
        if self.guided is not None:
            self.guided.accept(token)
        # A full row is asked once more: what ends with its last token isn't cut.
        return len(self.tokens) <= limits.max_new_tokens

    def completion(self, limits: Limits) -> Completion:
        """What was written, cut at the limit."""
        length = limits.max_new_tokens
        return Completion(tuple(self.tokens[:length]), self.finished, tuple(self.times[:length]))


def next_tokens(logits: Tensor, rows: Sequence[Row], sampling: Sampling) -> Tensor:
    """The next token of each row `[rows]`, from logits `[rows, words]`."""
    guided = [row.guided for row in rows if row.guided is not None]
    if len(guided) < len(rows):
        return choose(logits, sampling, [row.draws for row in rows])
    return replaced(choose(constrain(logits, guided), sampling, [row.draws for row in rows]), guided)


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


def plan_beginnings(prompts: Sequence[Sequence[int]], least: int = LEAST_SHARED) -> list[tuple[int, list[int]]]:
    """Prompts by what they begin with, so that each beginning is read once.

    Neighbours in the order of their tokens share most. A prompt joins those before it as long as that saves tokens:
    what all of them share, times their number, must not shrink.

    Args:
        prompts: token ids of each prompt, none empty.
        least: shared tokens below which prompts are left alone.

    Returns:
        For each group how many tokens it shares (0 for none), and the indices of its prompts; each prompt once.
    """
    order = sorted(range(len(prompts)), key=lambda index: (list(prompts[index]), index))
    groups: list[tuple[int, list[int]]] = []
    for index in order:
        if groups:
            shared, members = groups[-1]
            # All members share their beginning: the first one speaks for them, as far as it goes.
            known = prompts[members[0]] if len(members) == 1 else [*prompts[members[0]][:shared], -1]
            both = common_prefix([known, prompts[index]])
            if both >= least and both * len(members) >= shared * (len(members) - 1):
                groups[-1] = (both, [*members, index])
                continue
        groups.append((0, [index]))
    return groups


def decode(
    model: PreTrainedModel | PackedModel,
    prompts: Sequence[Sequence[int]],
    *,
    stop_ids: Set[int],
    pad_id: int,
    max_new_tokens: int,
    batch_size: int,
    sampling: Sampling = GREEDY,
    guidance: Guidance | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> list[Completion]:
    """Continue each prompt.

    A row's tokens don't depend on the rows beside it, but for what the shape of a product does to its rounding.

    Args:
        model: a causal language model in evaluation mode, packed or not.
        prompts: token ids of each prompt, none empty.
        stop_ids: tokens that end an answer.
        pad_id: any token id, for positions that are masked out.
        max_new_tokens: tokens after which an answer is cut.
        batch_size: rows decoded together.
        sampling: how tokens are chosen; a row's draws depend on the seed and its place among the prompts.
        guidance: what completions are held to, None for nothing.
        on_progress: called with the number of rows done, whenever some are.

    Returns:
        One completion per prompt, in the order of the prompts.

    Raises:
        ValueError: a prompt is empty, or a prompt and its answer don't fit into the model's positions.
    """
    config = model.config.get_text_config(decoder=True)
    limit = getattr(config, "max_position_embeddings", None)
    for index, prompt in enumerate(prompts):
        if not prompt:
            raise ValueError(f"prompt {index} is empty; expected at least one token")
        if limit is not None and len(prompt) + max_new_tokens > limit:
            raise ValueError(
                f"prompt {index} has {len(prompt)} tokens and may grow by {max_new_tokens}; the model has {limit} "
                "positions. Shorten the prompt, use fewer worked examples, or lower max_new_tokens"
            )
    rows = [Row(index, prompt, sampling, guidance) for index, prompt in enumerate(prompts)]
    limits = Limits(frozenset(stop_ids), max_new_tokens)
    began = time.perf_counter()
    report = on_progress or (lambda done: None)
    if isinstance(model, PackedModel):
        _continuous(model, rows, limits, sampling, batch_size, began, report)
    else:
        done = 0
        for chosen in plan_batches(prompts, batch_size):
            _decode_batch(model, [rows[i] for i in chosen], limits, sampling, pad_id, began)
            done += len(chosen)
            report(done)
    return [row.completion(limits) for row in rows]


@torch.inference_mode()
def _continuous(
    model: PackedModel,
    rows: Sequence[Row],
    limits: Limits,
    sampling: Sampling,
    batch_size: int,
    began: float,
    report: Callable[[int], None],
) -> None:
    slots = min(batch_size, len(rows))
    store = Store(model, slots)
    waiting = _Waiting(model, rows)
    active: list[Row] = []
    lengths: list[int] = []
    last: list[int] = []
    done = 0
    while active or waiting:
        free = slots - len(active)
        if waiting and (not active or free * REFILL >= slots):
            fresh, beginnings = waiting.next(free)
            logits = model.read(
                [row.prompt[0 if one is None else len(one) :] for row, one in zip(fresh, beginnings, strict=True)],
                beginnings,
                store,
                range(len(active), len(active) + len(fresh)),
            )
            found = next_tokens(logits, fresh, sampling).tolist()
            active += fresh
            lengths += [len(row.prompt) for row in fresh]
            last += found
            touched = range(len(active) - len(fresh), len(active))
        else:
            logits = model.step(torch.tensor(last), torch.tensor(lengths), store)
            last = next_tokens(logits, active, sampling).tolist()
            lengths = [length + 1 for length in lengths]
            touched = range(len(active))
        now = time.perf_counter() - began
        ended = [slot for slot in touched if not active[slot].take(last[slot], limits, now)]
        # The last row takes the place of one that ended: those that go on stand in the first slots.
        for slot in reversed(ended):
            end = len(active) - 1
            if slot < end:
                store.move(end, slot, lengths[end])
                active[slot], lengths[slot], last[slot] = active[end], lengths[end], last[end]
            del active[end], lengths[end], last[end]
        if ended:
            done += len(ended)
            report(done)


class _Waiting:
    """Prompts that no slot has taken, in groups that begin alike."""

    def __init__(self, model: PackedModel, rows: Sequence[Row]) -> None:
        self._model = model
        groups = plan_beginnings([row.prompt for row in rows])
        # Groups of like length follow each other: a step's attention reaches as far as its longest row.
        groups.sort(key=lambda group: (max(len(rows[i].prompt) for i in group[1]), group[1][0]))
        self._groups = [(shared, [rows[i] for i in members]) for shared, members in groups]
        self._begun: Beginning | None = None
        """Of the first group, once some of its rows are being written."""

    def __bool__(self) -> bool:
        return bool(self._groups)

    def next(self, count: int) -> tuple[list[Row], list[Beginning | None]]:
        """The next rows, `count` at most, and the beginning that has been read of each."""
        taken: list[tuple[int, list[Row], Beginning | None]] = []
        tokens = 0
        while self._groups and count and tokens < READ_TOKENS:
            shared, members = self._groups[0]
            if self._begun is None:
                tokens += shared
            fresh: list[Row] = []
            while len(fresh) < min(count, len(members)) and (not fresh or tokens < READ_TOKENS):
                tokens += len(members[len(fresh)].prompt) - shared
                fresh.append(members[len(fresh)])
            rest = members[len(fresh) :]
            taken.append((shared, fresh, self._begun))
            count -= len(fresh)
            if rest:
                self._groups[0] = (shared, rest)
            else:
                self._groups.pop(0)
                self._begun = None
        unread = [place for place, (shared, _, begun) in enumerate(taken) if shared and begun is None]
        if unread:
            read = self._model.begin([taken[place][1][0].prompt[: taken[place][0]] for place in unread])
            for place, begun in zip(unread, read, strict=True):
                taken[place] = (*taken[place][:2], begun)
        if self._groups and taken and self._groups[0][1] and self._continues(taken[-1]):
            self._begun = taken[-1][2]
        return (
            [row for _, fresh, _ in taken for row in fresh],
            [begun for _, fresh, begun in taken for _ in fresh],
        )

    def _continues(self, last: tuple[int, list[Row], Beginning | None]) -> bool:
        """Whether the first group that waits is what is left of the one taken last."""
        shared, members = self._groups[0]
        return shared > 0 and shared == last[0] and list(members[0].prompt[:shared]) == list(last[1][0].prompt[:shared])


@torch.inference_mode()
def _decode_batch(
    model: PreTrainedModel, rows: Sequence[Row], limits: Limits, sampling: Sampling, pad_id: int, began: float
) -> None:
    device = model.device
    prompts = [row.prompt for row in rows]
    # A sliding window counts places in the cache, so padding in the middle of a row would narrow it.
    shared = common_prefix(prompts) if len(rows) > 1 and not slides(model.config) else 0
    if shared < LEAST_PREFIX:
        shared = 0
    cache = new_cache(model.config)
    if shared:
        head = torch.tensor([list(prompts[0][:shared])], device=device)
        model(input_ids=head, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache.batch_repeat_interleave(len(rows))

    # Left padding stands between the shared beginning and each row's own part, masked out.
    own = [list(prompt[shared:]) for prompt in prompts]
    width = max(map(len, own))
    ids = torch.tensor([[pad_id] * (width - len(row)) + row for row in own], device=device)
    mask = torch.ones((len(rows), shared + width), dtype=torch.long, device=device)
    for index, row in enumerate(own):
        mask[index, shared : shared + width - len(row)] = 0
    lengths = torch.tensor([len(prompt) for prompt in prompts], device=device)
    positions = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, shared:]
    padded = bool((mask == 0).any())

    alive = list(rows)
    while alive:
        logits = model(
            input_ids=ids,
            attention_mask=mask if padded else None,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        tokens = next_tokens(logits, alive, sampling)
        now = time.perf_counter() - began
        keep = [
            place
            for place, (row, token) in enumerate(zip(alive, tokens.tolist(), strict=True))
            if row.take(token, limits, now)
        ]
        if keep and len(keep) < len(alive):
            kept = torch.tensor(keep, device=device)
            cache.batch_select_indices(kept)
            tokens, mask, lengths = tokens[kept], mask[kept], lengths[kept]
        alive = [alive[place] for place in keep]
        ids = tokens[:, None]
        positions = lengths[:, None]
        lengths = lengths + 1
        if padded:
            mask = torch.cat([mask, mask.new_ones((len(mask), 1))], dim=1)
