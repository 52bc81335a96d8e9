"""One training over several processes: what Accelerate was told by `accelerate launch`, and shards of tensors."""

import os
import sys
import warnings
from typing import Any, NoReturn

import torch
from accelerate import Accelerator, DeepSpeedPlugin, FullyShardedDataParallelPlugin
from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import DistributedType, InitProcessGroupKwargs
from torch import Tensor, nn
from torch.distributed._functional_collectives import AsyncCollectiveTensor
from torch.distributed.fsdp import FSDPModule
from torch.distributed.tensor import DTensor

MAX_GRAD_NORM = 1.0
"""Norm to which the gradient of a step is clipped."""


def accelerator(*, bf16: bool, layers: tuple[str, ...]) -> Accelerator:
    """The processes and the precision of a run; alone in its process unless `accelerate launch` started it.

    Args:
        bf16: autocast to bfloat16 over float32 weights.
        layers: names of the classes that FSDP shards one by one: the model's decoder layers.
    """
    AcceleratorState._reset_state()  # a process may train twice, with different precisions
    if os.environ.get("ACCELERATE_USE_DEEPSPEED", "false").lower() == "true":
        return _deepspeed(bf16)
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


def _deepspeed(bf16: bool) -> Accelerator:
    """Processes that share weights, gradients and moments by ZeRO-3, https://arxiv.org/abs/1910.02054.

    DeepSpeed clips gradients and takes the step by itself, within the last backward of a step.

    Raises:
        ValueError: the launch asks for another stage or for offloading.
    """
    plugin = DeepSpeedPlugin(gradient_accumulation_steps=1, gradient_clipping=MAX_GRAD_NORM)
    if plugin.zero_stage != 3 or {plugin.offload_optimizer_device, plugin.offload_param_device} != {"none"}:
        raise ValueError(
            f"deepspeed_config: found zero_stage {plugin.zero_stage}, optimizer on {plugin.offload_optimizer_device}, "
            f"weights on {plugin.offload_param_device}; expected zero_stage 3 and no offloading (none)"
        )
    plugin.deepspeed_config |= {
        "train_micro_batch_size_per_gpu": 1,  # it wants a number; the loss that it gets is divided already
        # As without DeepSpeed: float32 weights under autocast. Its own bf16 would round all of them, and the buffers.
        "torch_autocast": {"enabled": bf16, "dtype": "bfloat16", "lower_precision_safe_modules": []},
    }
    plugin.deepspeed_config["zero_optimization"]["stage3_param_persistence_threshold"] = 0  # split the small ones, too
    # torch 2.13 warns at each collective of DeepSpeed 0.19, anew at each step.
    warnings.filterwarnings("ignore", r"`torch\.distributed\.\w+` is deprecated", FutureWarning)
    handlers = [] if torch.cuda.is_available() else [InitProcessGroupKwargs(backend="gloo")]
    return Accelerator(mixed_precision="no", deepspeed_plugin=plugin, kwargs_handlers=handlers)


def local(tensor: Tensor) -> Tensor:
    """This process's part of a sharded tensor, sharing its memory; any other tensor itself."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def sharded(process: Accelerator) -> bool:
    """Whether weights are split over the processes."""
    return process.distributed_type in (DistributedType.FSDP, DistributedType.DEEPSPEED)


def stepped(model: nn.Module, optimizer: Any) -> tuple[list[str], list[Tensor]]:
    """Names and tensors that the optimizer steps over: the trained weights, or DeepSpeed's flat parts of them."""
    flat = getattr(optimizer.optimizer, "fp32_partitioned_groups_flat", None)
    if flat is not None:
        return [f"flat.{index}" for index in range(len(flat))], list(flat)
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    return list(trained), list(trained.values())


def refresh(model: nn.Module, optimizer: Any) -> None:
    """Bring what `stepped` gave, after a change from outside, into the weights of a sharded model.

    Weights may still be together from the last pass, as they were then, and DeepSpeed computes on copies.
    """
    for part in model.modules():
        if isinstance(part, FSDPModule):
            part.reshard()
    zero = optimizer.optimizer
    if not hasattr(zero, "fp32_partitioned_groups_flat"):
        return
    zero.checkpoint_event_prologue()
    for weights, master in zip(zero.fp16_partitioned_groups_flat, zero.fp32_partitioned_groups_flat, strict=True):
        weights.data.copy_(master.data)
    zero.checkpoint_event_epilogue()


def whole(tensor: Tensor) -> Tensor:
    """A sharded tensor put together, by all processes at once; any other tensor itself."""
    if hasattr(tensor, "ds_id"):  # DeepSpeed's
        weight: Any = tensor
        weight.all_gather()
        gathered = tensor.detach().clone()
        weight.partition()
        return gathered
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
