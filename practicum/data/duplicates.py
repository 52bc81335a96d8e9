"""Rows that say the same twice: exact copies and near copies.

Candidates come from MinHash with locality-sensitive hashing (Broder 1997, Indyk and Motwani 1998), in the
Rust implementation of rensa; each candidate is then compared by the exact Jaccard similarity of its shingles,
so that hashing may miss a pair but never invents one.

Two rows are near copies only when task and answer are the same too: in rule-reading tasks two texts often
differ in one number, and that number is the point of the exercise.
"""

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from rensa import RMinHash, RMinHashLSH

from practicum.data.cleaning import answer_key, question_key
from practicum.data.example import Example

WORDS = re.compile(r"[^\W_]+(?:[.,][0-9]+)*|[<>≤≥=≠+*/%$€£¥×÷−-]")
"""Words and whole numbers; signs that change what is said, but no punctuation."""
WORD_SHINGLE = 3
"""Words to a shingle."""
CHARACTER_SHINGLE = 4
"""Characters to a shingle where words aren't set apart (Chinese)."""
PERMUTATIONS = 256
SEED = 1
"""Of the hash functions; fixed, so that the same rows always give the same duplicates."""
MAX_MISS = 1e-4
"""Largest chance that the hash index misses a pair at the threshold."""
DEVIATIONS = 3.0
"""Standard deviations that the MinHash estimate may lie below the threshold before the exact count is skipped:
one pair in 700 at the very threshold is missed."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Row `index` repeats row `of`, which comes earlier and stays."""

    index: int
    of: int
    kind: Literal["exact", "near"]
    similarity: float
    """Jaccard similarity, 1.0 for an exact copy."""


def shingles(example: Example) -> list[str]:
    """The distinct shingles of context, question and answer, in order of appearance."""
    text = f"{example.context}\n{example.question}\n{example.answer}".casefold()
    if example.language == "zh":
        units, size, glue = list("".join(text.split())), CHARACTER_SHINGLE, ""
    else:
        units, size, glue = WORDS.findall(text), WORD_SHINGLE, " "
    last = max(1, len(units) - size + 1)
    return list(dict.fromkeys(glue.join(units[start : start + size]) for start in range(last)))


def bands(threshold: float) -> int:
    """Bands of the hash index: the fewest with which a pair at the threshold is missed at most by `MAX_MISS`."""
    for power in range(PERMUTATIONS.bit_length()):
        count: int = 2**power
        rows = PERMUTATIONS // count
        if (1 - threshold**rows) ** count <= MAX_MISS:
            return count
    return PERMUTATIONS


def _near(members: Sequence[int], texts: Sequence[Sequence[str]], threshold: float) -> list[Duplicate]:
    """Near copies among `members`, rows of one task with one answer, by their shingles."""
    sketches = RMinHash.from_token_sets(list(texts), PERMUTATIONS, SEED)
    digests = np.array([sketch.digest() for sketch in sketches], dtype=np.uint32)
    sizes = np.array([len(text) for text in texts])
    sets = [frozenset(text) for text in texts]
    slack = DEVIATIONS * math.sqrt(threshold * (1 - threshold) / PERMUTATIONS)
    index = RMinHashLSH(threshold, PERMUTATIONS, bands(threshold))
    found = []
    for row, sketch in enumerate(sketches):
        match = None
        candidates = np.array(sorted(index.query(sketch)), dtype=np.intp)
        if candidates.size:
            # Sets of which one is much smaller can't be alike: |A and B| / |A or B| <= min / max.
            small, large = np.minimum(sizes[candidates], sizes[row]), np.maximum(sizes[candidates], sizes[row])
            candidates = candidates[small >= threshold * large]
            estimate = (digests[candidates] == digests[row]).mean(axis=1)
            for candidate in candidates[estimate >= threshold - slack]:
                shared = len(sets[row] & sets[candidate])
                similarity = shared / (len(sets[row]) + len(sets[candidate]) - shared)
                if similarity >= threshold:
                    match = Duplicate(members[row], members[int(candidate)], "near", similarity)
                    break
        if match is None:
            index.insert(row, sketch)
        else:
            found.append(match)
    return found


def duplicates(examples: Sequence[Example], threshold: float) -> list[Duplicate]:
    """Which rows repeat an earlier one.

    A row is an exact copy when question, context and answer are the same but for case and blanks, in whatever
    task; a near copy when task and answer are the same and the shingles are alike. Rows are compared with rows
    that stay, never with rows that are themselves copies, so a chain of small changes ends where it leaves
    the threshold.

    Args:
        examples: rows that passed the rules, the ones to prefer first.
        threshold: Jaccard similarity from which rows are near copies, over 0 and up to 1.

    Returns:
        One entry for each row to drop, in the order of the rows.
    """
    first: dict[tuple[str, str], int] = {}
    found = []
    buckets: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, example in enumerate(examples):
        answer = answer_key(example.answer)
        of = first.setdefault((question_key(example), answer), index)
        if of == index:
            buckets[example.task, answer].append(index)
        else:
            found.append(Duplicate(index, of, "exact", 1.0))
    for members in buckets.values():
        if len(members) > 1:
            found += _near(members, [shingles(examples[member]) for member in members], threshold)
    # The row that an exact copy repeats may itself have gone as a near copy: name the row that stays.
    replaced = {duplicate.index: duplicate.of for duplicate in found if duplicate.kind == "near"}
    found = [
        Duplicate(each.index, replaced.get(each.of, each.of), each.kind, each.similarity)
        if each.kind == "exact"
        else each
        for each in found
    ]
    return sorted(found, key=lambda duplicate: duplicate.index)
