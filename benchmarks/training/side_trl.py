"""One run through TRL's SFTTrainer.

python -m benchmarks.training.side_trl FOLDER DOMAIN STEPS SETTINGS

SETTINGS is JSON: `attention`, `dtype` of the frozen weights, `micro_batch` rows at once, and `sft`, arguments of
SFTConfig beyond those that make the run the same as the other sides'.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer

from benchmarks.training.clock import StepClock
from benchmarks.training.task import BATCH, Task, adapter_path, load_task, times_path
from practicum.models import load_model, load_tokenizer, without_bars
from stages.layout import CACHE, ROOT


def sft_config(task: Task, output: str, micro_batch: int, options: dict[str, Any]) -> SFTConfig:
    """The recipe of the other sides; what only speed depends on stays as TRL has it, but for `options`."""
    common: dict[str, Any] = {
        "output_dir": output,
        "max_steps": task.config.steps,
        "per_device_train_batch_size": micro_batch,
        "gradient_accumulation_steps": BATCH // micro_batch,
        "learning_rate": task.config.lr,
        "lr_scheduler_type": "cosine",
        "warmup_steps": task.config.warmup_steps,
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "seed": task.config.seed,
        "train_sampling_strategy": "sequential",
        "completion_only_loss": True,
        "bf16": True,
        "use_cpu": True,
        "report_to": [],
        "save_strategy": "no",
        "disable_tqdm": True,
    }
    return SFTConfig(**(common | options))


def main(folder: Path, domain: str, steps: int, settings: dict[str, Any]) -> None:
    without_bars()
    task = load_task(domain, steps=steps)
    config = task.config
    ordered = [task.rows[row] for step in task.plan for row in step]
    dataset = Dataset.from_dict(
        {"input_ids": [row.ids for row in ordered], "completion_mask": [[int(m) for m in row.mask] for row in ordered]}
    )
    base = load_model(
        config.weights,
        CACHE,
        ROOT,
        dtype=getattr(torch, settings["dtype"]),
        attn_implementation=settings["attention"],
    )
    clock = StepClock()
    with tempfile.TemporaryDirectory() as output:
        trainer = SFTTrainer(
            model=base,
            args=sft_config(task, output, settings["micro_batch"], settings["sft"]),
            train_dataset=dataset,
            processing_class=load_tokenizer(config.weights, CACHE, ROOT),
            peft_config=LoraConfig(
                r=config.lora.r,
                lora_alpha=config.lora.alpha,
                lora_dropout=config.lora.dropout,
                target_modules="all-linear",
                task_type="CAUSAL_LM",
            ),
        )
        clock.start()
        trainer.train()
        clock.write(times_path(folder))
        trainer.model.save_pretrained(str(adapter_path(folder)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4]))
