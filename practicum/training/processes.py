"""One training over several processes: what Accelerate was told by `accelerate launch`, and shards of tensors."""

import os
import sys
from typing import NoReturn

import torch
from accelerate import Accelerator, FullyShardedDataParallelPlugin
from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import DistributedType
from torch import Tensor
from torch.distributed._functional_collectives import AsyncCollectiveTensor
from torch.distributed.tensor import DTensor


def accelerator(*, bf16: bool, layers: tuple[str, ...]) -> Accelerator:
    """The processes and the precision of a run; alone in its process unless `accelerate launch` started it.

    Args:
        bf16: autocast to bfloat16 over float32 weights.
        layers: names of the classes that FSDP shards one by one: the model's decoder layers.
    """
    AcceleratorState._reset_state()  # a process may train twice, with different precisions
    sharded = os.environ.get("ACCELERATE_USE_FSDP", "false").lower() == "true"
    plugin = None
    if sharded:
        plugin = FullyShardedDataParallelPlugin(
            fsdp_version=2,
            reshard_after_forward=True,
            auto_wrap_policy="transformer_based_wrap",
            transformer_cls_names_to_wrap=list(layers),
            cpu_ram_efficient_loading=False,
        )
    chosen = Accelerator(
        mixed_precision="bf16" if bf16 else "no", cpu=not torch.cuda.is_available(), fsdp_plugin=plugin
    )
    if plugin is not None and chosen.distributed_type == DistributedType.MULTI_CPU:
        # Accelerate turns FSDP on for accelerators only, although torch shards over gloo just as well.
        for state in (PartialState(), chosen.state):
            state.distributed_type = DistributedType.FSDP
        chosen.state.fsdp_plugin = plugin
    return chosen


def local(tensor: Tensor) -> Tensor:
    """This process's part of a sharded tensor, sharing its memory; any other tensor itself."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def whole(tensor: Tensor) -> Tensor:
    """A sharded tensor put together, by all processes at once; any other tensor itself."""
    if not isinstance(tensor, DTensor):
        return tensor
    gathered = tensor.full_tensor()
    return gathered.wait() if isinstance(gathered, AsyncCollectiveTensor) else gathered


def leave() -> NoReturn:
    """End a launched process whose work is done.

    Gloo's threads may outlive a plain end of the interpreter by a moment, and torch then aborts the process.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
