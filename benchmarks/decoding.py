"""Greedy decoding against `model.generate` of Transformers and, where `make llama` has installed it, llama.cpp.

    python -m benchmarks.decoding [finance]

Reads a domain's prepared rows and its adapter (after `dvc repro`). With the base model every row writes exactly 48
tokens on all sides, so that speeds are compared and not stop rules. The tuned model then answers the evaluate stage's
items as that asks them, each row until its stop token or the limit. `generate` and llama.cpp get the batch size that
suits them best among those tried. Where practicum and `generate` write different tokens, the float32 model says how
far apart it holds the two. At batch 1, the float model and dynamic int8 answer one prompt after another. Prints tables,
then one JSON line.
"""

import copy
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from transformers import GenerationConfig, PreTrainedModel

from practicum.chat import Renderer
from practicum.config import Resolved
from practicum.data.example import Example, read_examples
from practicum.evaluation.answering import Asker
from practicum.evaluation.scoring import select_items
from practicum.inference.decoding import decode
from practicum.inference.packed import PackedModel, pack
from practicum.inference.timing import machine_facts
from practicum.models import load_model, load_tokenizer, without_bars
from practicum.quantization import dynamic_int8
from practicum.quantization.artefacts import save_float
from practicum.quantization.gguf_file import MODEL_FILE, quantize
from practicum.training.adapters import load_tuned
from practicum.training.allocator import configure_allocator
from stages.layout import CACHE, ROOT, Layout

NEW_TOKENS = 48
ITEMS = 64
SINGLES = 6
"""Prompts that are answered one after another."""
PEER_BATCHES = (8, 16, 32, 64)
LLAMA_BATCHES = (8, 32)
LLAMA_PYTHON = ROOT / ".cache" / "llama" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Rules:
    """When rows end."""

    new_tokens: int
    """At most so many are written, and exactly so many where nothing stops a row."""
    stop_ids: frozenset[int] = frozenset()


def generated(
    model: PreTrainedModel, prompts: list[list[int]], batch_size: int, pad_id: int, rules: Rules
) -> list[list[int]]:
    """What `model.generate` writes, prompts sorted by length and padded on the left."""
    config = GenerationConfig(
        max_new_tokens=rules.new_tokens, do_sample=False, pad_token_id=pad_id, eos_token_id=sorted(rules.stop_ids)
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
        for i, row in zip(rows, out, strict=True):
            new = row[width:].tolist()
            written[i] = new[: next((at for at, token in enumerate(new) if token in rules.stop_ids), len(new))]
    return [written[i] for i in range(len(prompts))]


def own(
    model: PreTrainedModel | PackedModel, prompts: list[list[int]], batch_size: int, pad_id: int, rules: Rules
) -> list[list[int]]:
    """What practicum writes."""
    done = decode(
        model,
        prompts,
        stop_ids=rules.stop_ids,
        pad_id=pad_id,
        max_new_tokens=rules.new_tokens,
        batch_size=batch_size,
    )
    return [list(one.ids) for one in done]


def best_of(runs: int, call: Callable[[], list[list[int]]]) -> tuple[float, list[list[int]]]:
    """Least seconds of several calls after one that is not counted, and what the last one returned."""
    result = call()
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - began)
    return min(seconds), result


def partings(
    exact: PreTrainedModel,
    prompts: Sequence[list[int]],
    ours: Sequence[list[int]],
    theirs: Sequence[list[int]],
    rules: Rules,
) -> list[float]:
    """Where two rows part, by how many logits the float32 model ranks the two tokens apart."""
    gaps = []
    for prompt, one, other in zip(prompts, ours, theirs, strict=True):
        if one == other:
            continue
        shortest = min(len(one), len(other))
        at = next((i for i in range(shortest) if one[i] != other[i]), shortest)
        with torch.inference_mode():
            logits = exact(torch.tensor([[*prompt, *one[:at]]]), logits_to_keep=1).logits[0, -1]
        # A row that ended there wrote one of the stop tokens.
        mine, its = (
            float(logits[row[at]] if at < len(row) else logits[sorted(rules.stop_ids)].max()) for row in (one, other)
        )
        gaps.append(abs(mine - its))
    return gaps


def llama_cpp(file: Path, prompts: list[list[int]], parallel: int) -> float:
    """Seconds that llama.cpp takes for all prompts."""
    asked = {
        "prompts": prompts,
        "new_tokens": NEW_TOKENS,
        "threads": torch.get_num_threads(),
        "parallel": parallel,
        "context": -(-(max(map(len, prompts)) + NEW_TOKENS + 1) // 256) * 256,
    }
    done = subprocess.run(
        [LLAMA_PYTHON, Path(__file__).with_name("side_llama_cpp.py"), file],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"llama.cpp: {done.stderr[-2000:]}")
    said = json.loads(done.stdout)
    assert said["tokens"] == len(prompts) * NEW_TOKENS
    return float(said["seconds"])


def shown(title: str, lines: Sequence[dict[str, Any]]) -> None:
    table = Table(title=title)
    for column in lines[0]:
        table.add_column(column.replace("_", " "))
    for line in lines:
        table.add_row(*map(str, line.values()))
    Console(width=160).print(table)


def compared(
    packed: PreTrainedModel | PackedModel,
    model: PreTrainedModel,
    exact: PreTrainedModel,
    prompts: list[list[int]],
    batch_size: int,
    pad_id: int,
    rules: Rules,
) -> dict[str, Any]:
    """Practicum beside `generate` at its best batch size; a line of the table."""
    seconds, ours = best_of(2, lambda: own(packed, prompts, batch_size, pad_id, rules))
    peers = {
        size: best_of(1, lambda size=size: generated(model, prompts, size, pad_id, rules)) for size in PEER_BATCHES
    }
    size, (peer_seconds, theirs) = min(peers.items(), key=lambda item: item[1][0])
    gaps = partings(exact, prompts, ours, theirs, rules)
    own_rate = sum(map(len, ours)) / seconds
    peer_rate = sum(map(len, theirs)) / peer_seconds
    return {
        "practicum_tokens_per_s": round(own_rate, 1),
        "generate_tokens_per_s": round(peer_rate, 1),
        "generate_batch": size,
        "ratio": round(own_rate / peer_rate, 2),
        "same_rows": f"{len(prompts) - len(gaps)}/{len(prompts)}",
        "largest_gap_in_logits": round(max(gaps, default=0.0), 3),
        "practicum_seconds": round(seconds, 2),
    }


def tuned(layout: Layout, config: Resolved, renderer: Renderer) -> dict[str, Any]:
    """The tuned model over the items of the evaluate stage, each row until it stops or reaches the limit."""
    settings = config.evaluation
    items = select_items(read_examples(layout.build / "prepared" / "test.jsonl"), settings.items)
    exact = load_tuned(config.weights, config.method, layout.build / "model", CACHE, ROOT)
    model = copy.deepcopy(exact).to(torch.bfloat16)  # type: ignore[arg-type]  # Transformers hides Module.to
    prompts = Asker(renderer, settings.max_new_tokens, settings.batch_size).prompts(items, {})
    rules = Rules(settings.max_new_tokens, frozenset(renderer.stop_ids))
    return compared(pack(model), model, exact, prompts, settings.batch_size, renderer.pad_id, rules)


def main(name: str) -> None:
    without_bars()
    configure_allocator()
    layout = Layout(name)
    config = Resolved.model_validate_json(layout.config.read_bytes())
    tokenizer = load_tokenizer(config.weights, CACHE, ROOT)
    renderer = Renderer(tokenizer, config.family, config.think)
    pad_id, batch_size = renderer.pad_id, config.evaluation.batch_size
    asker = Asker(renderer, NEW_TOKENS, batch_size)
    items = select_items(read_examples(layout.build / "prepared" / "test.jsonl"), ITEMS)
    shots: dict[str, list[Example]] = {}
    for shot in read_examples(layout.build / "prepared" / "shots.jsonl"):
        shots.setdefault(shot.task, []).append(shot)
    exact = load_model(config.weights, CACHE, ROOT, dtype=torch.float32)
    model = load_model(config.weights, CACHE, ROOT, dtype=torch.bfloat16)
    packed = pack(model)
    tokens, fixed = len(items) * NEW_TOKENS, Rules(NEW_TOKENS)

    lines = []
    with tempfile.TemporaryDirectory() as temporary:
        gguf = Path(temporary) / "gguf"
        if LLAMA_PYTHON.is_file():
            save_float(
                load_model(config.weights, CACHE, ROOT, dtype=torch.float32),
                tokenizer,
                torch.bfloat16,
                Path(temporary) / "float",
            )
            quantize(Path(temporary) / "float", "gguf-q8-0", gguf)
        for kind, given in (
            ("no worked examples", {}),
            ("two worked examples", {t: rows[:2] for t, rows in shots.items()}),
        ):
            prompts = asker.prompts(items, given)
            line = {"prompts": kind} | compared(packed, model, exact, prompts, batch_size, pad_id, fixed)
            if LLAMA_PYTHON.is_file():
                tried = {rows: llama_cpp(gguf / MODEL_FILE, prompts, rows) for rows in LLAMA_BATCHES}
                rows, llama_seconds = min(tried.items(), key=lambda item: item[1])
                line |= {
                    "llama_cpp_q8_0_tokens_per_s": round(tokens / llama_seconds, 1),
                    "llama_cpp_batch": rows,
                    "ratio_to_llama_cpp": round(llama_seconds / line["practicum_seconds"], 2),
                }
            lines.append(line)
            shown(f"{len(items)} prompts x {NEW_TOKENS} new tokens, {name}, bf16", [line])

    line = {"prompts": "as evaluate asks the tuned model"} | tuned(layout, config, renderer)
    lines.append(line)
    shown(
        f"{config.evaluation.items} prompts, up to {config.evaluation.max_new_tokens} new tokens, {name}, bf16", [line]
    )

    dynamic_int8.quantize(exact)
    singles = asker.prompts(items[:SINGLES], {})
    single = {
        label: SINGLES * NEW_TOKENS / best_of(2, lambda writer=writer: own(writer, singles, 1, pad_id, fixed))[0]
        for label, writer in (("bf16", packed), ("bf16, not packed", model), ("dynamic int8", pack(exact)))
    }
    one = {
        "weights": "batch 1",
        **{f"{label} tokens/s": round(rate, 1) for label, rate in single.items()},
        "dynamic int8 against bf16": round(single["dynamic int8"] / single["bf16"], 2),
        "dynamic int8 against bf16, not packed": round(single["dynamic int8"] / single["bf16, not packed"], 2),
    }
    shown(f"{SINGLES} prompts, one after another", [one])
    print(json.dumps({"benchmark": "decoding", "machine": machine_facts("bf16"), "rows": lines, "single": one}))


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["finance"]))
