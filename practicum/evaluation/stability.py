"""How steady a model is: the same item sampled several times, and decoded greedily in batches of another size.

Samples are the same answer when `answers_equal` says so; those from which no answer could be read are a class of
their own.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from practicum.evaluation.metrics import answers_equal
from practicum.evaluation.scoring import DIGITS, Prediction

THRESHOLDS: Final = (0.25, 0.5, 0.75, 1.0)
"""The tau of G-Pass@k that are reported: the share of k samples that must be right."""

OTHER_BATCHES: Final = ((1, 6), (8, 16))
"""Batch sizes at which some items are decoded again, and how many items; one at a time is dear."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """The samples of one item; at least one."""

    rows: tuple[Prediction, ...]

    @property
    def classes(self) -> tuple[int, ...]:
        """Of each sample, which answer it is; equal answers have equal numbers, counted from 0 as they appear."""
        return answer_classes([row.answer for row in self.rows])

    @property
    def right(self) -> int:
        """How many samples are right."""
        return sum(row.em for row in self.rows)


def answer_classes(answers: Sequence[Mapping[str, Any] | None]) -> tuple[int, ...]:
    """A number for each answer, the same for equal answers, counted from 0 as they appear; None equals None."""
    known: list[Mapping[str, Any] | None] = []
    numbers = []
    for answer in answers:
        found = next((place for place, other in enumerate(known) if answers_equal(other, answer)), None)
        if found is None:
            found = len(known)
            known.append(answer)
        numbers.append(found)
    return tuple(numbers)


def agreement(classes: Sequence[int]) -> float:
    """Share of samples that equal the most frequent answer, 1/n to 1."""
    return max(Counter(classes).values()) / len(classes)


def entropy(classes: Sequence[int]) -> float:
    """Entropy of the answers' frequencies in nats, 0 to ln n. It is the plug-in estimate, low for few samples."""
    shares = [count / len(classes) for count in Counter(classes).values()]
    return abs(math.fsum(share * math.log(share) for share in shares))


def g_pass(samples: int, right: int, k: int, tau: float) -> float:
    """G-Pass@k at tau: the chance that of k samples, drawn from all without replacement, at least tau k are right.

    Liu et al. 2024, arXiv 2412.13147, for one item: the upper tail of the hypergeometric distribution from
    ceil(tau k), and from 1 for tau = 0, which makes it pass@k (Chen et al. 2021, arXiv 2107.03374).

    Args:
        samples: how many were drawn of the item.
        right: how many of them are right.
        k: 1 to `samples`.
        tau: 0 to 1.

    Raises:
        ValueError: a number is out of its range.
    """
    if not (1 <= k <= samples and 0 <= right <= samples and 0 <= tau <= 1):
        raise ValueError(
            f"g_pass: found {right} right of {samples}, k={k} and tau={tau}, expected 0 <= right <= samples, "
            "1 <= k <= samples and 0 <= tau <= 1"
        )
    # 0.7 * 10 is a little more than 7 in floats.
    least = max(1, math.ceil(round(tau * k, 9)))
    ways = sum(math.comb(right, j) * math.comb(samples - right, k - j) for j in range(least, min(right, k) + 1))
    return ways / math.comb(samples, k)


def mg_pass(samples: int, right: int, k: int) -> float:
    """mG-Pass@k: the mean of G-Pass@k over tau from 0.5 to 1 (Liu et al. 2024, arXiv 2412.13147).

    G-Pass@k is constant in tau between multiples of 1/k, so the integral is a sum. For an even k it is the paper's,
    2/k times that over i from k/2 + 1 to k of G-Pass@k at i/k; for an odd k, half a step from 0.5 belongs to it too.
    """
    whole = math.fsum(g_pass(samples, right, k, i / k) for i in range(k // 2 + 1 + k % 2, k + 1))
    half = 0.5 * g_pass(samples, right, k, (k // 2 + 1) / k) if k % 2 else 0.0
    return 2 / k * (whole + half)


def majority(classes: Sequence[int], right: Sequence[int], k: int) -> float:
    """maj@k: the chance that the most frequent answer of k samples, drawn from all without replacement, is right.

    Exact, without drawing; of equally frequent answers one is taken at random.

    Args:
        classes: of each sample, which answer it is.
        right: of each sample, 0 or 1.
        k: 1 to the number of samples.

    Raises:
        ValueError: k is out of its range.
    """
    if not 1 <= k <= len(classes):
        raise ValueError(f"majority: found k={k}, expected 1 to {len(classes)} samples")
    sizes = Counter(classes)
    correct: Counter[int] = Counter()
    for one, verdict in zip(classes, right, strict=True):
        correct[one] += verdict
    chance = 0.0
    for winner, size in sizes.items():
        if correct[winner]:
            others = [count for one, count in sizes.items() if one != winner]
            ways = math.fsum(math.comb(size, m) * _shared_wins(others, k - m, m) for m in range(1, min(size, k) + 1))
            chance += correct[winner] / size * ways
    return chance / math.comb(len(classes), k)


def _shared_wins(sizes: Sequence[int], drawn: int, most: int) -> float:
    """Ways to draw `drawn` samples from classes of these sizes, none more often than `most` times, each way divided
    by the number of answers that then are in front: the classes drawn `most` times and the winner itself."""
    ways: dict[tuple[int, int], int] = {(0, 0): 1}
    for size in sizes:
        longer: dict[tuple[int, int], int] = defaultdict(int)
        for (total, ties), count in ways.items():
            for m in range(min(size, most, drawn - total) + 1):
                longer[total + m, ties + (m == most)] += count * math.comb(size, m)
        ways = longer
    return math.fsum(count / (1 + ties) for (total, ties), count in ways.items() if total == drawn)


def powers_of_two(samples: int) -> list[int]:
    """1, 2, 4 and so on up to `samples`, and `samples` itself: the k that are reported."""
    return sorted({*(2**n for n in range(samples.bit_length()) if 2**n <= samples), samples})


def summarise(items: Sequence[Sampled], greedy: Mapping[str, Prediction]) -> dict[str, Any]:
    """Figures over all items; each is the mean of the items' own.

    Args:
        items: with equally many samples each.
        greedy: by item's id, what the same model answered greedily.

    Raises:
        ValueError: there are no items, the numbers of samples differ, or an item has no greedy answer.
    """
    counts = {len(item.rows) for item in items}
    if len(counts) != 1:
        raise ValueError(
            f"stability: found {len(items)} items with {sorted(counts)} samples, expected items with as many each"
        )
    if missing := [item.rows[0].id for item in items if item.rows[0].id not in greedy]:
        raise ValueError(f"stability: found no greedy answer to item {missing[0]}, expected one to each sampled item")
    samples = counts.pop()
    classes = [item.classes for item in items]
    half = max(1, samples // 2)
    own_entropy = [entropy(one) for one in classes]
    return {
        "items": len(items),
        "samples": samples,
        "agreement": _mean([agreement(one) for one in classes]),
        "entropy": _mean(own_entropy),
        "entropy_normalised": _mean([one / math.log(samples) if samples > 1 else 0.0 for one in own_entropy]),
        "format_error_rate": _mean([float(row.error is not None) for item in items for row in item.rows]),
        "em": _mean([item.right / samples for item in items]),
        "em_greedy": _mean([float(greedy[item.rows[0].id].em) for item in items]),
        "majority": {
            str(k): _mean(
                [majority(own, [row.em for row in item.rows], k) for own, item in zip(classes, items, strict=True)]
            )
            for k in powers_of_two(samples)
        },
        "pass": {str(k): _mean([g_pass(samples, item.right, k, 0) for item in items]) for k in powers_of_two(samples)},
        "g_pass_k": half,
        "g_pass": {f"{tau:g}": _mean([g_pass(samples, item.right, half, tau) for item in items]) for tau in THRESHOLDS},
        "mg_pass": _mean([mg_pass(samples, item.right, half) for item in items]),
    }


def other_batches(usual: int, items: int) -> list[tuple[int, int]]:
    """Batch sizes other than the usual one, and how many of the items to decode at each."""
    return [(size, min(n, items)) for size, n in OTHER_BATCHES if size != usual]


def same_at_batch(batch: Sequence[Prediction], reference: Sequence[Prediction]) -> dict[str, Any]:
    """How many greedy answers stay the same at another batch size.

    Args:
        batch: answers at that size.
        reference: answers to the same items at the usual one.

    Raises:
        ValueError: the items differ.
    """
    if [row.id for row in batch] != [row.id for row in reference] or not batch:
        raise ValueError("stability: found other items at one batch size than at the other, expected the same")
    pairs = list(zip(batch, reference, strict=True))
    return {
        "items": len(pairs),
        "same_text": _mean([float(one.text == other.text) for one, other in pairs]),
        "same_answer": _mean([float(answers_equal(one.answer, other.answer)) for one, other in pairs]),
    }


def sampled_to_json(item: Sampled) -> dict[str, Any]:
    """An item's samples as one JSON object."""
    first = item.rows[0]
    return {
        "id": first.id,
        "task": first.task,
        "group": first.group,
        "reference": first.reference,
        "answers": [row.answer for row in item.rows],
        "errors": [row.error for row in item.rows],
        "right": [row.em for row in item.rows],
        "classes": list(item.classes),
        "texts": [row.text for row in item.rows],
    }


def _mean(values: Sequence[float]) -> float:
    return round(math.fsum(values) / len(values), DIGITS)
