"""When a trial is not worth finishing: its validation losses as training writes them, and Optuna's pruners."""

import json
from dataclasses import dataclass
from pathlib import Path

from optuna.pruners import BasePruner, HyperbandPruner, NopPruner, SuccessiveHalvingPruner

from practicum.search.space import Pruning


@dataclass(frozen=True, slots=True)
class Look:
    """One measurement of the validation loss."""

    place: int
    """Counted from 1."""
    step: int
    loss: float
    """Cross-entropy per supervised token, nats, whatever else the loss is made of: trials with other loss weights
    compare."""


def looks_of(steps: int, every: int) -> int:
    """Looks at the validation loss in a whole training: every so many steps, and at the last."""
    return -(-steps // every)


def pruner(settings: Pruning, looks: int) -> BasePruner:
    """The pruner of a training with so many looks, where a trial's step is the place of its look."""
    if settings.method == "none" or looks < 2:
        return NopPruner()
    if settings.method == "successive-halving":
        return SuccessiveHalvingPruner(min_resource=1, reduction_factor=settings.reduction_factor)
    return HyperbandPruner(min_resource=1, max_resource=looks, reduction_factor=settings.reduction_factor)


class Looks:
    """Reads the looks from a training's log as it grows: one JSON line a step."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.seen: list[Look] = []
        self._lines = 0

    def new(self) -> list[Look]:
        """What has come since the last call; a line that is still being written waits for the next one.

        A log that became shorter belongs to a training that started again, and is read from its start.
        """
        try:
            text = self.log.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        lines = text[: text.rfind("\n") + 1].splitlines()
        if len(lines) < self._lines:
            self._lines, self.seen = 0, []
        found: list[Look] = []
        for line in lines[self._lines :]:
            point = json.loads(line)
            if (loss := point.get("validation_loss")) is not None:
                found.append(Look(len(self.seen) + len(found) + 1, point["step"], loss))
        self._lines = len(lines)
        self.seen.extend(found)
        return found
