"""One run through LLaMA-Factory's command line, with a clock: for the Python of an environment of its own.

python -m benchmarks.training.side_llamafactory FOLDER

Reads FOLDER/rows.json (`input_ids`, `labels`) and FOLDER/arguments.yaml, the command line's own.
"""

import json
import sys
from pathlib import Path

from datasets import Dataset, DatasetDict

from benchmarks.training.clock import StepClock


def main(folder: Path) -> None:
    rows = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
    rows["attention_mask"] = [[1] * len(ids) for ids in rows["input_ids"]]
    DatasetDict({"train": Dataset.from_dict(rows)}).save_to_disk(str(folder / "tokens"))
    from llamafactory.cli import main as command_line

    sys.argv = ["llamafactory-cli", "train", str(folder / "arguments.yaml")]
    clock = StepClock()
    command_line()
    clock.write(folder / "times.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
