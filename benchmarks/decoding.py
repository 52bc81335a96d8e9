"""Batched greedy decoding against `model.generate` of Transformers, on the same prompts and the same model.

    python -m benchmarks.decoding [finance]

Reads a domain's prepared rows (after `dvc repro`). Every row writes exactly 48 tokens on both sides, so that speeds are
compared and not stop rules. `generate` gets the batch size that suits it best among those tried. Prints a table, then
one JSON line.
"""

import json
import sys
import time
from collections.abc import Callable

import torch
from rich.console import Console
from rich.table import Table
from transformers import GenerationConfig, PreTrainedModel

from practicum.chat import Renderer
from practicum.config import Resolved
from practicum.data.example import read_examples
from practicum.evaluation.answering import Asker
from practicum.evaluation.scoring import select_items
from practicum.inference.decoding import greedy
from practicum.inference.timing import machine_facts
from practicum.models import load_model, load_tokenizer, without_bars
from stages.layout import CACHE, ROOT, Layout

NEW_TOKENS = 48
ITEMS = 64
PEER_BATCHES = (8, 16, 32, 64)


def generated(model: PreTrainedModel, prompts: list[list[int]], batch_size: int, pad_id: int) -> list[list[int]]:
    """What `model.generate` writes, prompts sorted by length and padded on the left."""
    config = GenerationConfig(
        max_new_tokens=NEW_TOKENS, min_new_tokens=NEW_TOKENS, do_sample=False, pad_token_id=pad_id, eos_token_id=[]
    )
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    written: dict[int, list[int]] = {}
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        width = max(len(prompts[i]) for i in rows)
        ids = torch.tensor([[pad_id] * (width - len(prompts[i])) + prompts[i] for i in rows])
        mask = torch.tensor([[0] * (width - len(prompts[i])) + [1] * len(prompts[i]) for i in rows])
        with torch.inference_mode():
            out = model.generate(ids, attention_mask=mask, generation_config=config)
        written.update({i: row[width:].tolist() for i, row in zip(rows, out, strict=True)})
    return [written[i] for i in range(len(prompts))]


def best_of(runs: int, call: Callable[[], list[list[int]]]) -> tuple[float, list[list[int]]]:
    """Least seconds of several calls after one that is not counted, and what the last one returned."""
    result = call()
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - began)
    return min(seconds), result


def main(name: str) -> None:
    without_bars()
    layout = Layout(name)
    config = Resolved.model_validate_json(layout.config.read_bytes())
    renderer = Renderer(load_tokenizer(config.weights, CACHE, ROOT), config.family, config.think)
    asker = Asker(renderer, NEW_TOKENS, config.evaluation.batch_size)
    items = select_items(read_examples(layout.build / "prepared" / "test.jsonl"), ITEMS)
    shots: dict[str, list] = {}
    for shot in read_examples(layout.build / "prepared" / "shots.jsonl"):
        shots.setdefault(shot.task, []).append(shot)
    model = load_model(config.weights, CACHE, ROOT, dtype=torch.bfloat16)

    table = Table(title=f"{len(items)} prompts x {NEW_TOKENS} new tokens, {name}, bf16")
    for column in ("prompts", "practicum tok/s", "generate tok/s", "at batch", "ratio", "same rows"):
        table.add_column(column)
    lines = []
    for kind, given in (
        ("no worked examples", {}),
        ("two worked examples", {t: rows[:2] for t, rows in shots.items()}),
    ):
        prompts = asker.prompts(items, given)
        own_seconds, own = best_of(
            2,
            lambda prompts=prompts: [
                list(done.ids)
                for done in greedy(
                    model,
                    prompts,
                    stop_ids=frozenset(),
                    pad_id=renderer.pad_id,
                    max_new_tokens=NEW_TOKENS,
                    batch_size=config.evaluation.batch_size,
                )
            ],
        )
        peers = {
            size: best_of(1, lambda prompts=prompts, size=size: generated(model, prompts, size, renderer.pad_id))
            for size in PEER_BATCHES
        }
        size, (seconds, theirs) = min(peers.items(), key=lambda item: item[1][0])
        tokens = len(items) * NEW_TOKENS
        same = sum(a == b for a, b in zip(own, theirs, strict=True))
        line = {
            "prompts": kind,
            "practicum_tokens_per_s": round(tokens / own_seconds, 1),
            "generate_tokens_per_s": round(tokens / seconds, 1),
            "generate_batch": size,
            "ratio": round(seconds / own_seconds, 2),
            "same_rows": f"{same}/{len(items)}",
        }
        lines.append(line)
        table.add_row(*map(str, line.values()))
    Console().print(table)
    print(json.dumps({"benchmark": "decoding", "machine": machine_facts("bf16"), "rows": lines}))


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["finance"]))
