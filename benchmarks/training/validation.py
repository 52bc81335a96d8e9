"""The validation loss of every side's result, by one function in one process.

python -m benchmarks.training.validation DOMAIN FOLDER...
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from peft import PeftModel
from torch.nn import functional as F  # noqa: N812 (the field's name)

from benchmarks.training.task import adapter_path, load_task
from practicum.chat import Rendered
from practicum.models import load_model, without_bars
from stages.layout import CACHE, ROOT


@torch.no_grad()
def validation_loss(model: torch.nn.Module, rows: Sequence[Rendered]) -> float:
    """Mean cross-entropy in nats over all supervised tokens, row by row, from the model's own logits."""
    model.eval()
    total, count = 0.0, 0
    for row in rows:
        ids = torch.tensor([row.ids])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(input_ids=ids).logits[0, :-1]
        supervised = torch.tensor(row.mask[1:])
        right = ids[0, 1:][supervised]
        total += float(F.cross_entropy(logits[supervised].float(), right, reduction="sum"))
        count += len(right)
    return total / count


def main(domain: str, folders: Sequence[Path]) -> None:
    """Print a JSON object: the untrained model's loss and each folder's."""
    without_bars()
    task = load_task(domain)
    losses = {}
    for folder in (None, *folders):
        model = load_model(task.config.weights, CACHE, ROOT, dtype=torch.float32, attn_implementation="sdpa")
        tuned = model if folder is None else PeftModel.from_pretrained(model, str(adapter_path(folder)))
        losses["untrained" if folder is None else folder.name] = validation_loss(tuned, task.validation)
    print(json.dumps(losses))


if __name__ == "__main__":
    main(sys.argv[1], [Path(name) for name in sys.argv[2:]])
