"""How a step's time grows with batch, length and rank.

python -m benchmarks.training.growth DOMAIN ACCUMULATION
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmarks.training.clock import StepClock
from benchmarks.training.side_practicum import train
from benchmarks.training.task import BATCH, Task, load_task
from practicum.chat import Rendered
from practicum.models import without_bars
from practicum.training.allocator import configure_allocator

BATCHES = (2, 4, 8, 16, 32)
LENGTHS = (64, 128, 256, 512)
RANKS = (4, 8, 16, 32, 64)
STEPS = 3
"""The first is a warm-up."""


def of_length(rows: Sequence[Rendered], length: int, count: int) -> list[Rendered]:
    """Rows of exactly so many tokens, the last third supervised: given rows joined end to end and cut."""
    ids = [token for row in rows for token in row.ids]
    ids *= -(-length * count // len(ids))
    mask = [place >= length - length // 3 for place in range(length)]
    return [Rendered(ids[start : start + length], mask) for start in range(0, length * count, length)]


def points(domain: str, accumulation: int) -> Iterator[tuple[str, int, Task]]:
    """What is varied, its value, and the task."""
    for batch in BATCHES:
        parts = min(accumulation, batch)
        yield "batch", batch, load_task(domain, batch_size=batch, steps=STEPS, accumulation_steps=parts)
    base = load_task(domain, batch_size=BATCH, steps=STEPS, accumulation_steps=accumulation)
    for length in LENGTHS:
        yield "length", length, replace(base, rows=of_length(base.rows, length, BATCH * STEPS))
    for rank in RANKS:
        lora = {"r": rank, "alpha": 2 * rank}
        yield "rank", rank, load_task(domain, steps=STEPS, accumulation_steps=accumulation, lora=lora)


def main(domain: str, accumulation: int) -> None:
    """Print one JSON line a point."""
    without_bars()
    configure_allocator()
    for name, value, task in points(domain, accumulation):
        clock = StepClock()
        train(task, clock)
        clock.stop()
        seconds = clock.ends[-1] - clock.ends[0]
        tokens = sum(task.tokens_per_step[1:])
        point = {
            "varied": name,
            "value": value,
            "seconds_per_step": seconds / (STEPS - 1),
            "tokens_per_step": tokens / (STEPS - 1),
            "tokens_per_s": tokens / seconds,
        }
        print(json.dumps(point), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
