"""From items to what a model wrote: the same prompts, decoding and limits for every model that is compared."""

import time
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from transformers import PreTrainedModel

from practicum.chat import Renderer
from practicum.config import Decoding
from practicum.data.example import Example
from practicum.evaluation.extraction import CLOSE
from practicum.evaluation.scoring import Written
from practicum.inference.decoding import decode
from practicum.inference.guidance import Guidance
from practicum.inference.packed import PackedModel
from practicum.inference.sampling import GREEDY, Sampling
from practicum.inference.timing import RequestTime, time_requests
from practicum.training.grammar import AnswerGrammar


@dataclass(frozen=True, slots=True)
class Answered:
    """Completions of all items, and how fast they came."""

    written: tuple[Written, ...]
    seconds: float

    @property
    def tokens_per_s(self) -> float:
        """New tokens per second of batched decoding, prompts included in the time."""
        return sum(one.new_tokens for one in self.written) / self.seconds


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks models the same questions in the same way."""

    renderer: Renderer
    max_new_tokens: int
    batch_size: int
    decoding: Decoding | None = None
    """None is greedy and free."""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """The domain's answer.schema.json, to which constrained answers are held."""
    seed: int = 0
    """Of the draws, where tokens are drawn."""

    def prompts(self, items: Sequence[Example], shots: Mapping[str, Sequence[Example]]) -> list[list[int]]:
        """Token ids of each item's prompt, after the worked examples of its task, if any."""
        return [self.renderer.prompt_ids(item, shots.get(item.task, ())) for item in items]

    def answer(
        self,
        model: PreTrainedModel | PackedModel,
        prompts: Sequence[Sequence[int]],
        on_progress: Callable[[int], None] | None = None,
        sampling: Sampling | None = None,
    ) -> Answered:
        """Let the model complete every prompt.

        Args:
            model: in evaluation mode, packed or not.
            prompts: token ids of each.
            on_progress: called with the number of prompts done.
            sampling: how tokens are chosen; None for the settings' way.
        """
        guidance = self._guidance(model)
        began = time.perf_counter()
        completions = decode(
            model,
            prompts,
            stop_ids=self.renderer.stop_ids,
            pad_id=self.renderer.pad_id,
            max_new_tokens=self.max_new_tokens,
            batch_size=self.batch_size,
            sampling=sampling or self._sampling(),
            guidance=guidance,
            on_progress=on_progress,
        )
        seconds = time.perf_counter() - began
        written = [
            Written(len(prompt), len(done.ids), done.finished, self._text(done.ids))
            for prompt, done in zip(prompts, completions, strict=True)
        ]
        return Answered(tuple(written), seconds)

    def time_requests(
        self, model: PreTrainedModel | PackedModel, prompts: Sequence[Sequence[int]]
    ) -> list[RequestTime]:
        """Answer the prompts one at a time; see `practicum.inference.timing.time_requests`."""
        return time_requests(
            model,
            prompts,
            stop_ids=self.renderer.stop_ids,
            pad_id=self.renderer.pad_id,
            max_new_tokens=self.max_new_tokens,
            guidance=self._guidance(model),
        )

    def first_answer_s(self, request: RequestTime) -> float | None:
        """Seconds to the first token behind the think block, None where none came; where nothing is thought, to the
        first token."""
        if self.renderer.think != "reasoning":
            return request.first_token_s
        ids, times = request.completion.ids, request.completion.times
        # Text only grows: the least number of tokens that closes the block is found by halving.
        closes = bisect_left(range(len(ids) + 1), True, key=lambda count: CLOSE in self._text(ids[:count]))
        return times[closes] if closes < len(ids) else None

    def _sampling(self) -> Sampling:
        if self.decoding is None:
            return GREEDY
        return Sampling(self.decoding.temperature, self.decoding.top_k, self.seed)

    def _guidance(self, model: PreTrainedModel | PackedModel) -> Guidance | None:
        if self.decoding is None or not (self.decoding.constrained or self.decoding.max_thinking_tokens):
            return None
        words = model.config.get_text_config(decoder=True).vocab_size
        return Guidance.of(
            self.renderer,
            AnswerGrammar.of(self.renderer, self.schema, words),
            constrained=self.decoding.constrained,
            max_thinking_tokens=self.decoding.max_thinking_tokens,
        )

    def _text(self, ids: Sequence[int]) -> str:
        return str(self.renderer.tokenizer.decode(list(ids), skip_special_tokens=True))
