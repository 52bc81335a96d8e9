"""Holding a completion to its form while it is written: think blocks that end, answers that fit their schema."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from xgrammar import GrammarMatcher, allocate_token_bitmask, apply_token_bitmask_inplace

from practicum.chat import Renderer
from practicum.training.grammar import AnswerGrammar

_OPEN: Final = b"<think>"
_CLOSE: Final = b"</think>"


@dataclass(frozen=True)
class Guidance:
    """What every row of a call is held to."""

    grammar: AnswerGrammar | None
    """Of the answer; None leaves it free."""
    texts: tuple[bytes, ...]
    """What each token writes."""
    closing: tuple[int, ...]
    """Tokens that close a think block and begin the answer."""
    max_thinking_tokens: int | None
    """Tokens after which an open think block is closed; None leaves it to the model."""
    thinks: bool
    """Whether an answer is looked for behind a think block only."""
    opened: bool
    """Whether the prompt has already opened the block."""

    @classmethod
    def of(
        cls, renderer: Renderer, grammar: AnswerGrammar, *, constrained: bool, max_thinking_tokens: int | None
    ) -> "Guidance | None":
        """The guidance that the settings ask for, None if for none.

        Args:
            renderer: says how answers follow the thinking.
            grammar: of the domain's answers over the renderer's tokenizer and the model's head.
            constrained: whether answers are held to the grammar.
            max_thinking_tokens: see above.
        """
        if not constrained and max_thinking_tokens is None:
            return None
        return cls(
            grammar=grammar if constrained else None,
            texts=grammar.texts,
            closing=tuple(renderer.closing_ids()),
            max_thinking_tokens=max_thinking_tokens,
            thinks=renderer.think == "reasoning",
            opened=renderer.think == "reasoning" and renderer.style.prefill,
        )

    def row(self) -> "GuidedRow":
        """The state of a row that has written nothing."""
        return GuidedRow(self)


class GuidedRow:
    """What one row has written so far, as far as it says what may follow."""

    def __init__(self, guidance: Guidance) -> None:
        self._guidance = guidance
        self._written = b""
        """Of the thinking only."""
        self._tokens = 0
        """Since the think block was opened."""
        self._open = guidance.opened
        self._thinking = guidance.thinks
        self._forced: list[int] = []
        self._matcher: GrammarMatcher | None = None
        if not self._thinking:
            self._begin(b"")

    def forced(self) -> int | None:
        """The token that must come next, None where the model is free."""
        return self._forced[0] if self._forced else None

    def constrains(self) -> bool:
        """Whether some tokens are forbidden next."""
        return self._matcher is not None and not self._matcher.is_terminated() and not self._forced

    def fill(self, allowed: Tensor, row: int) -> None:
        """Write the tokens that may come next into a packed mask `[rows, words / 32]`."""
        assert self._matcher is not None
        self._matcher.fill_next_token_bitmask(allowed, row)

    def accept(self, token: int) -> None:
        """Take note of a token that was written."""
        if self._forced:
            self._forced.pop(0)
        if not self._thinking:
            if self._matcher is not None and not self._matcher.is_terminated():
                self._matcher.accept_token(token)
            return
        self._written += self._guidance.texts[token]
        if self._open:
            self._tokens += 1
        elif _OPEN in self._written:
            self._open = True
        if _CLOSE in self._written:
            if not self._forced:
                self._thinking = False
                self._begin(self._written.rpartition(_CLOSE)[2])
        elif self._open and not self._forced and self._tokens == self._guidance.max_thinking_tokens:
            self._forced = list(self._guidance.closing)

    def _begin(self, head: bytes) -> None:
        """Start the answer, of which `head` already stands in the token that closed the block."""
        grammar = self._guidance.grammar
        if grammar is None:
            return
        matcher = GrammarMatcher(grammar.compiled)
        # What can't begin an answer is left as it is: it was written before anything could forbid it.
        if not head or matcher.accept_string(head):
            self._matcher = matcher


def constrain(logits: Tensor, rows: Sequence[GuidedRow]) -> Tensor:
    """Logits with forbidden tokens at minus infinity.

    Args:
        logits: `[rows, words]`.
        rows: the state of each.

    Returns:
        `[rows, words]`; the same tensor where nothing is forbidden, else float32.
    """
    held = [place for place, row in enumerate(rows) if row.constrains()]
    if not held:
        return logits
    allowed = allocate_token_bitmask(len(rows), logits.shape[-1])
    for place in held:
        rows[place].fill(allowed, place)
    scores = logits.float()
    apply_token_bitmask_inplace(scores, allowed.to(scores.device), indices=held)
    return scores


def replaced(tokens: Tensor, rows: Sequence[GuidedRow]) -> Tensor:
    """The chosen tokens `[rows]`, with those that are forced in place of what was chosen."""
    forced = {place: token for place, row in enumerate(rows) if (token := row.forced()) is not None}
    if forced:
        tokens = tokens.clone()
        tokens[list(forced)] = torch.tensor(list(forced.values()), dtype=tokens.dtype, device=tokens.device)
    return tokens
