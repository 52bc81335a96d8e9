"""How long a person waits: requests one after another, nothing else running."""

import os
import platform
import resource
import time
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import PreTrainedModel

from practicum.inference.decoding import Completion, decode
from practicum.inference.guidance import Guidance
from practicum.inference.packed import PackedModel


@dataclass(frozen=True, slots=True)
class RequestTime:
    """One request, from sending the prompt to the last token."""

    seconds: float
    completion: Completion

    @property
    def new_tokens(self) -> int:
        return len(self.completion.ids)

    @property
    def first_token_s(self) -> float:
        """Seconds to the first token; the whole request where there is none."""
        return self.completion.times[0] if self.completion.times else self.seconds

    @property
    def per_token_s(self) -> float | None:
        """Mean seconds from one token to the next; None where there are fewer than two."""
        times = self.completion.times
        return (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else None


def time_requests(
    model: PreTrainedModel | PackedModel,
    prompts: Sequence[Sequence[int]],
    *,
    stop_ids: Set[int],
    pad_id: int,
    max_new_tokens: int,
    guidance: Guidance | None = None,
) -> list[RequestTime]:
    """Answer the prompts one at a time, after a warm-up on the first that is not counted.

    Args:
        model: a causal language model in evaluation mode, packed or not.
        prompts: token ids of each prompt, none empty.
        stop_ids: tokens that end an answer.
        pad_id: any token id.
        max_new_tokens: tokens after which an answer is cut.
        guidance: what completions are held to, None for nothing.
    """

    def one(prompt: Sequence[int], limit: int) -> RequestTime:
        began = time.perf_counter()
        [completion] = decode(
            model, [prompt], stop_ids=stop_ids, pad_id=pad_id, max_new_tokens=limit, batch_size=1, guidance=guidance
        )
        return RequestTime(time.perf_counter() - began, completion)

    one(prompts[0], 4)
    return [one(prompt, max_new_tokens) for prompt in prompts]


def peak_memory_gb() -> float:
    """The most memory that this process has held, in GB: on the GPU where there is one, else resident."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def machine_facts(precision: str) -> dict[str, str | int]:
    """What a time depends on beside the code: processor or GPU, cores, PyTorch, precision."""
    if torch.cuda.is_available():
        device = torch.cuda.get_device_name()
    else:
        device = platform.processor() or platform.machine()
        cpuinfo = Path("/proc/cpuinfo")
        if cpuinfo.is_file():
            names = [
                line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line
            ]
            device = names[0] if names else device
    return {
        "device": device,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "torch": torch.__version__.partition("+")[0],
        "precision": precision,
    }
