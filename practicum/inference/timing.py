"""How long a person waits: requests one after another, nothing else running."""

import os
import platform
import time
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import PreTrainedModel

from practicum.inference.decoding import greedy


@dataclass(frozen=True, slots=True)
class RequestTime:
    """One request, from sending the prompt to the last token."""

    seconds: float
    new_tokens: int


def time_requests(
    model: PreTrainedModel,
    prompts: Sequence[Sequence[int]],
    *,
    stop_ids: Set[int],
    pad_id: int,
    max_new_tokens: int,
) -> list[RequestTime]:
    """Answer the prompts one at a time, after a warm-up on the first that is not counted.

    Args:
        model: a causal language model in evaluation mode.
        prompts: token ids of each prompt, none empty.
        stop_ids: tokens that end an answer.
        pad_id: any token id.
        max_new_tokens: tokens after which an answer is cut.
    """

    def one(prompt: Sequence[int], limit: int) -> RequestTime:
        began = time.perf_counter()
        [completion] = greedy(model, [prompt], stop_ids=stop_ids, pad_id=pad_id, max_new_tokens=limit, batch_size=1)
        return RequestTime(time.perf_counter() - began, len(completion.ids))

    one(prompts[0], 4)
    return [one(prompt, max_new_tokens) for prompt in prompts]


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
