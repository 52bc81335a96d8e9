"""Training state on disk: written whole or not at all, checked by its hashes when read, never a pickle."""

import errno
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

KEPT = 2
"""Finished checkpoints kept: should the last turn out damaged, the one before is used."""
NAME = re.compile(r"step-(\d{8})")
MANIFEST = "manifest.json"
STATE = "state.json"


class CheckpointError(OSError):
    """A checkpoint could not be written; those before it are untouched."""


@dataclass(frozen=True)
class Checkpoint:
    """The state of a run after an optimizer step."""

    step: int
    state: dict[str, Any]
    """What is no tensor, as JSON: progress, and the best validation loss so far."""
    tensors: dict[str, Tensor]
    """Of this process: weights, optimizer moments, random-number states."""


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one run, in one folder.

    Args:
        folder: of this run alone; its name should be a hash of all that decides the run's result, so that no
            other run is ever continued by mistake.
        seconds: time between two checkpoints, at least.
        rank, processes: which of how many processes this is; each writes its own tensors.
        barrier: waits for all processes.
    """

    folder: Path
    seconds: float = 60.0
    rank: int = 0
    processes: int = 1
    barrier: Callable[[], None] = lambda: None

    def save(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint beside the earlier ones, then drop all but the last two.

        All processes call this together. The folder takes its final name only after every file is on the disk.

        Raises:
            CheckpointError: the disk is full or refuses the write; earlier checkpoints are still there.
        """
        final = self.folder / f"step-{checkpoint.step:08d}"
        unfinished = self.folder / f".step-{checkpoint.step:08d}"
        try:
            if self.rank == 0:
                for stale in self.folder.glob(".step-*"):  # of a run that was killed while it wrote
                    shutil.rmtree(stale, ignore_errors=True)
                unfinished.mkdir(parents=True)
            self.barrier()
            tensors = unfinished / _tensors_of(self.rank)
            save_file({name: tensor.contiguous() for name, tensor in checkpoint.tensors.items()}, tensors)
            _flush(tensors)
            self.barrier()
            if self.rank == 0:
                state = unfinished / STATE
                state.write_text(json.dumps({"step": checkpoint.step, **checkpoint.state}), encoding="utf-8")
                files = [state, *(unfinished / _tensors_of(rank) for rank in range(self.processes))]
                manifest = unfinished / MANIFEST
                manifest.write_text(json.dumps({file.name: _digest(file) for file in files}), encoding="utf-8")
                for file in (state, manifest, unfinished):
                    _flush(file)
                shutil.rmtree(final, ignore_errors=True)
                unfinished.rename(final)
                _flush(self.folder)
                for _, old in self._finished()[:-KEPT]:
                    shutil.rmtree(old, ignore_errors=True)
        except (OSError, SafetensorError) as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            last = max((step for step, _ in self._finished()), default=None)
            kept = "no earlier checkpoint is there" if last is None else f"the checkpoint of step {last} is kept"
            raise CheckpointError(
                getattr(error, "errno", None) or errno.EIO,
                f"could not write the checkpoint of step {checkpoint.step} under {self.folder.name}: {error}; {kept}: "
                "free some space (.checkpoints holds one folder a run) and start again, it goes on from there",
            ) from error

    def load(self) -> Checkpoint | None:
        """The last whole checkpoint, or None; a damaged one is named on the error stream and passed over."""
        for step, folder in reversed(self._finished()):
            try:
                manifest: dict[str, str] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
                if len(manifest) != self.processes + 1:
                    raise ValueError(f"found {len(manifest) - 1} processes' tensors, expected {self.processes}")
                for name, digest in manifest.items():  # of all processes: they must agree on where to go on
                    if _digest(folder / name) != digest:
                        raise ValueError(f"{name} is not what was written")
                state = json.loads((folder / STATE).read_text(encoding="utf-8"))
                return Checkpoint(step, state, load_file(folder / _tensors_of(self.rank)))
            except (OSError, ValueError, KeyError, SafetensorError) as error:
                print(f"checkpoint of step {step}: passed over, {error}", file=sys.stderr)
        return None

    def _finished(self) -> list[tuple[int, Path]]:
        if not self.folder.is_dir():
            return []
        found = [(NAME.fullmatch(path.name), path) for path in self.folder.iterdir()]
        return sorted((int(match.group(1)), path) for match, path in found if match)


def random_states() -> dict[str, Tensor]:
    """States of the generators that dropout draws from: the CPU's, and this process's GPU's."""
    states = {"rng.cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["rng.cuda"] = torch.cuda.get_rng_state()
    return states


def set_random_states(tensors: dict[str, Tensor]) -> None:
    """Put back what `random_states` gave."""
    torch.set_rng_state(tensors["rng.cpu"])
    if torch.cuda.is_available() and "rng.cuda" in tensors:
        torch.cuda.set_rng_state(tensors["rng.cuda"])


def _tensors_of(rank: int) -> str:
    return f"rank-{rank}.safetensors"


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
