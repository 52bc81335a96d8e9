"""From items to what a model wrote: the same prompts, decoding and limits for every model that is compared."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from transformers import PreTrainedModel

from practicum.chat import Renderer
from practicum.data.example import Example
from practicum.evaluation.scoring import Written
from practicum.inference.decoding import greedy
from practicum.inference.timing import RequestTime, time_requests


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

    def prompts(self, items: Sequence[Example], shots: Mapping[str, Sequence[Example]]) -> list[list[int]]:
        """Token ids of each item's prompt, after the worked examples of its task, if any."""
        return [self.renderer.prompt_ids(item, shots.get(item.task, ())) for item in items]

    def answer(
        self,
        model: PreTrainedModel,
        prompts: Sequence[Sequence[int]],
        on_progress: Callable[[int], None] | None = None,
    ) -> Answered:
        """Let the model complete every prompt.

        Args:
            model: in evaluation mode.
            prompts: token ids of each.
            on_progress: called with the number of prompts done.
        """
        began = time.perf_counter()
        completions = greedy(
            model,
            prompts,
            stop_ids=self.renderer.stop_ids,
            pad_id=self.renderer.pad_id,
            max_new_tokens=self.max_new_tokens,
            batch_size=self.batch_size,
            on_progress=on_progress,
        )
        seconds = time.perf_counter() - began
        written = [
            Written(len(prompt), len(done.ids), done.finished, self._text(done.ids))
            for prompt, done in zip(prompts, completions, strict=True)
        ]
        return Answered(tuple(written), seconds)

    def time_requests(self, model: PreTrainedModel, prompts: Sequence[Sequence[int]]) -> list[RequestTime]:
        """Answer the prompts one at a time; see `practicum.inference.timing.time_requests`."""
        return time_requests(
            model,
            prompts,
            stop_ids=self.renderer.stop_ids,
            pad_id=self.renderer.pad_id,
            max_new_tokens=self.max_new_tokens,
        )

    def _text(self, ids: Sequence[int]) -> str:
        return str(self.renderer.tokenizer.decode(list(ids), skip_special_tokens=True))
