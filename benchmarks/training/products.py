"""What a LoRA step must multiply, and how fast this machine multiplies such matrices.

python -m benchmarks.training.products DOMAIN STEPS
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (the field's name)
from transformers import AutoConfig, PretrainedConfig

from benchmarks.training.task import load_task
from practicum.chat import Rendered
from practicum.models import resolve_weights, without_bars
from stages.layout import CACHE, ROOT

REPEATS = 8


@dataclass(frozen=True)
class Products:
    """FLOPs by kind; a product of [m, k] and [k, n] counts 2 m k n."""

    frozen_forward: float
    frozen_backward: float
    adapters: float
    attention: float
    head: float

    @property
    def total(self) -> float:
        return self.frozen_forward + self.frozen_backward + self.adapters + self.attention + self.head


def linears(config: PretrainedConfig) -> dict[str, tuple[int, int]]:
    """Width in and out of each linear layer of a block, as Llama, Qwen2 and Qwen3 have them."""
    hidden, inner = config.hidden_size, config.intermediate_size
    head = getattr(config, "head_dim", None) or hidden // config.num_attention_heads
    queries, keys = head * config.num_attention_heads, head * config.num_key_value_heads
    return {
        "q_proj": (hidden, queries),
        "k_proj": (hidden, keys),
        "v_proj": (hidden, keys),
        "o_proj": (queries, hidden),
        "gate_proj": (hidden, inner),
        "up_proj": (hidden, inner),
        "down_proj": (inner, hidden),
    }


def useful(config: PretrainedConfig, rank: int, rows: Sequence[Rendered]) -> Products:
    """What training LoRA of a rank on all linear layers must multiply for these rows, however it is done.

    With T tokens without padding, S supervised ones, blocks of linear layers [in, out], rank r, and p = L (L + 1) / 2
    pairs of positions in a row of L tokens:

    - frozen layers: 2 T in out forward, 2 T in out backward for the inputs, none for the weights; queries, keys and
      values of the first block have no backward, since nothing below them is trained;
    - adapters: 2 T r (in + out) forward and 4 T r (in + out) backward, less 2 T r in where the input needs no gradient;
    - attention: two products forward and four backward of 2 p width each, width being heads times their size;
    - head: 2 S hidden vocabulary forward and as much backward for its input.

    Recomputing, padding, positions after a token's own, and logits of what isn't supervised are not useful.
    """
    tokens = sum(len(row.ids) for row in rows)
    supervised = sum(sum(row.mask[1:]) for row in rows)
    pairs = sum(len(row.ids) * (len(row.ids) + 1) / 2 for row in rows)
    shapes = linears(config)
    blocks = config.num_hidden_layers
    first = [shapes[name] for name in ("q_proj", "k_proj", "v_proj")]
    forward = blocks * sum(2.0 * tokens * i * o for i, o in shapes.values())
    return Products(
        frozen_forward=forward,
        frozen_backward=forward - sum(2.0 * tokens * i * o for i, o in first),
        adapters=blocks * sum(6.0 * tokens * rank * (i + o) for i, o in shapes.values())
        - sum(2.0 * tokens * rank * i for i, _ in first),
        attention=blocks * 12.0 * pairs * shapes["q_proj"][1],
        head=4.0 * supervised * config.hidden_size * config.vocab_size,
    )


def best_seconds(call: Callable[[], Tensor]) -> float:
    """Least of several runs, after one that isn't counted."""
    call()
    seconds = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def rates(config: PretrainedConfig, rows: Sequence[int]) -> dict[str, float]:
    """FLOP/s of bf16 products of the model's own shapes, each at the best of several numbers of rows.

    Forward is `[rows, in] @ [out, in].T`, backward `[rows, out] @ [out, in]`.
    """
    shapes = {*linears(config).values(), (config.hidden_size, config.vocab_size)}
    measured: dict[str, float] = {}
    for width, out in sorted(shapes):
        weight = torch.randn(out, width, dtype=torch.bfloat16)
        for count in rows:
            inputs, slopes = (torch.randn(count, size, dtype=torch.bfloat16) for size in (width, out))
            for direction, seconds in (
                ("forward", best_seconds(lambda inputs=inputs, weight=weight: F.linear(inputs, weight))),
                ("backward", best_seconds(lambda slopes=slopes, weight=weight: slopes @ weight)),
            ):
                name = f"{width}x{out} {direction}"
                measured[name] = max(measured.get(name, 0.0), 2.0 * count * width * out / seconds)
    return measured


def own_rate(config: PretrainedConfig, measured: dict[str, float]) -> float:
    """FLOP/s that the frozen layers' products would reach together, each at its own best."""
    work = time_taken = 0.0
    for width, out in linears(config).values():
        for direction in ("forward", "backward"):
            work += 2.0 * width * out
            time_taken += 2.0 * width * out / measured[f"{width}x{out} {direction}"]
    return work / time_taken


def main(domain: str, steps: int) -> None:
    """Print a JSON object: rates, and a step's useful products."""
    without_bars()
    task = load_task(domain, steps=steps)
    config = AutoConfig.from_pretrained(resolve_weights(task.config.weights, CACHE, ROOT)[0], trust_remote_code=False)
    step = sum(task.tokens_per_step) // len(task.plan)
    with torch.no_grad():
        measured = rates(config, [size // 16 * 16 for size in (step // 4, step // 2, step)])
    work = [useful(config, task.config.lora.r, [task.rows[row] for row in rows]) for rows in task.plan]
    print(
        json.dumps(
            {
                "gflops_per_s": {name: round(rate / 1e9, 1) for name, rate in measured.items()},
                "own_rate": own_rate(config, measured),
                "fastest": max(measured.values()),
                "flops_per_step": [products.total for products in work],
                "flops": {
                    kind: sum(getattr(products, kind) for products in work)
                    for kind in ("frozen_forward", "frozen_backward", "adapters", "attention", "head")
                },
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
