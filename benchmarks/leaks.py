"""How much of a test row may stand in a training row before it is a leak: honest rows against planted leaks.

    python -m benchmarks.leaks

Reads the domains' prepared rows (after `dvc repro`): the rows of train and validation are honest by construction. Leaks
are test rows in other words, with a fixed seed. Prints a Markdown table of shares found at each overlap, then one JSON
line.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from practicum.data.example import Example, read_examples
from practicum.data.leaks import TestGrams, grams
from practicum.data.shingling import hashed
from stages.layout import ROOT, Layout

OVERLAPS = (0.5, 0.6, 0.7, 0.8)
SEED = 3


def reworded(words: int) -> Callable[[Example, random.Random], Example]:
    """Some words of the question put otherwise."""

    def plant(row: Example, rng: random.Random) -> Example:
        text = row.question.split()
        for place in rng.sample(range(len(text)), min(words, len(text))):
            text[place] = f"reworded{rng.randrange(1000)}"
        return replace(row, question=" ".join(text), id="")

    return plant


def framed(row: Example, rng: random.Random) -> Example:
    """The question between two sentences of politeness."""
    before = "Please read this with care and think step by step before you answer it."
    return replace(row, question=f"{before} {row.question} Thank you very much for your help.", id="")


def shuffled(row: Example, rng: random.Random) -> Example:
    """The question's lines, or its sentences where it has one line, in another order."""
    lines = row.question.split("\n") if "\n" in row.question else row.question.split(". ")
    rng.shuffle(lines)
    return replace(row, question="\n".join(lines), id="")


def without_context(row: Example, rng: random.Random) -> Example:
    return replace(row, context="", id="")


PLANTED: dict[str, Callable[[Example, random.Random], Example]] = {
    "copied": reworded(0),
    "one word changed": reworded(1),
    "three words changed": reworded(3),
    "framed": framed,
    "lines shuffled": shuffled,
    "without context": without_context,
}


def largest_overlaps(rows: Sequence[Example], test: TestGrams) -> NDArray[np.float64]:
    return test.leaks(grams(rows))[0]


def main() -> None:
    results = []
    for layout in (Layout(path.name) for path in sorted((ROOT / "domains").iterdir()) if path.is_dir()):
        prepared = layout.build / "prepared"
        if not (prepared / "test.jsonl").is_file():
            continue
        test = read_examples(prepared / "test.jsonl")
        honest = [row for split in ("train", "validation") for row in read_examples(prepared / f"{split}.jsonl")]
        groups = np.array([int.from_bytes(hashed(row.group, 8), "little") for row in test], np.uint64)
        index = TestGrams(grams(test), groups, min(OVERLAPS) / 2)
        rng = random.Random(SEED)
        found = {"honest": largest_overlaps(honest, index)} | {
            name: largest_overlaps([plant(row, rng) for row in test], index) for name, plant in PLANTED.items()
        }
        results += [
            {
                "domain": layout.domain,
                "rows": name,
                "count": len(overlaps),
                "found": {str(overlap): float((overlaps >= overlap).mean()) for overlap in OVERLAPS},
                "p99": float(np.quantile(overlaps, 0.99)),
                "largest": float(overlaps.max()),
            }
            for name, overlaps in found.items()
        ]
    print("| domain | rows | " + " | ".join(f"{overlap}" for overlap in OVERLAPS) + " | largest |")
    print("|---|---" + "|---" * len(OVERLAPS) + "|---|")
    for each in results:
        cells = " | ".join(f"{share:.3f}" for share in each["found"].values())
        print(f"| {each['domain']} | {each['rows']} ({each['count']}) | {cells} | {each['largest']:.2f} |")
    print(json.dumps({"benchmark": "leaks", "results": results}))


if __name__ == "__main__":
    main()
