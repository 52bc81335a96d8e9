"""What every side trains on: one model, the same rows in the same steps, one recipe."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from practicum.chat import Rendered, Renderer
from practicum.config import Resolved, merged
from practicum.data.example import read_examples
from practicum.models import load_tokenizer
from practicum.training.batching import plan_steps
from practicum.training.trainer import Recipe
from stages.layout import CACHE, ROOT, Layout
from stages.resolve import settings

BATCH = 16
STEPS = 8
"""As many as the planner's pool of rows holds, so that each row is seen once, by every side."""
WARMUP = 2
"""First steps, which no tokens/s counts."""
VALIDATION_ROWS = 64
NEVER = 1_000_000

SETTINGS: dict[str, Any] = {
    "model": "smollm2-135m",
    "method": "lora",
    "think": "reasoning",
    "precision": "bf16",
    "lr": 1e-3,
    "warmup_steps": 0,  # with one, the peers' first step would have a rate of 0 and ours not
    "accumulation_steps": 1,
    "max_length": 512,
    "seed": 17,
    "lora": {"r": 16, "alpha": 32, "dropout": 0.0, "target_modules": "all-linear"},
    "loss": {"contrastive": 0.0, "format": 0.0},
    # One look at the validation loss, after the last step: the clock has stopped by then.
    "early_stopping": {"every": NEVER, "examples": 1},
}
"""Over params.yaml; all else is as a domain's training has it."""


@dataclass(frozen=True)
class Task:
    """Rows and settings of a run."""

    config: Resolved
    rows: list[Rendered]
    validation: list[Rendered]
    pad_id: int

    @property
    def plan(self) -> list[list[int]]:
        """Rows of each step, as `fit` plans them."""
        lengths = [len(row.ids) for row in self.rows]
        return plan_steps(lengths, self.config.batch_size, self.config.steps, self.config.seed)

    @property
    def tokens_per_step(self) -> list[int]:
        """Tokens of each step without padding."""
        return [sum(len(self.rows[row].ids) for row in step) for step in self.plan]

    @property
    def recipe(self) -> Recipe:
        """The settings as `fit` takes them."""
        names = {field.name for field in fields(Recipe)} - {"bf16"}
        return Recipe(bf16=True, **{name: getattr(self.config, name) for name in names})


def load_task(domain: str, *, batch_size: int = BATCH, steps: int = STEPS, **changes: Any) -> Task:
    """Read the first prepared rows of a domain, as many as the steps take.

    Raises:
        FileNotFoundError: the domain isn't prepared.
        ValueError: it has too few rows.
    """
    changed = merged(SETTINGS, {"batch_size": batch_size, "steps": steps, **changes})
    config, _ = settings(domain, changed=changed)
    renderer = Renderer(load_tokenizer(config.weights, CACHE, ROOT), config.family, config.think)
    prepared = Layout(domain).build / "prepared"

    def rows(name: str, count: int) -> list[Rendered]:
        path = prepared / f"{name}.jsonl"
        if not path.is_file():
            raise FileNotFoundError(f"{path.relative_to(ROOT)}: found no such file, expected it prepared: `make repro`")
        every = (renderer.training_row(example) for example in read_examples(path))
        fitting = [row for row in every if len(row.ids) <= config.max_length]
        if len(fitting) < count:
            raise ValueError(f"{name}: found {len(fitting)} rows, expected {count}")
        return fitting[:count]

    return Task(config, rows("train", batch_size * steps), rows("validation", VALIDATION_ROWS), renderer.pad_id)


def times_path(folder: Path) -> Path:
    """Where a side's process leaves its clock."""
    return folder / "times.json"


def adapter_path(folder: Path) -> Path:
    """Where a side's process leaves what it trained."""
    return folder / "adapter"
