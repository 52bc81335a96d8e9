"""How sure a figure is: intervals and paired tests. All seeded, all deterministic."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, norm, t

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the bounds of its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class McNemar:
    """Exact test of whether two models err equally often on the same items."""

    wins: int
    """Items that only the second model has right."""
    losses: int
    """Items that only the first model has right."""
    p: float
    """Two-sided; 1 when the models never disagree."""


def wilson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Interval of a proportion (Wilson 1927), sound for small n and near 0 and 1.

    Raises:
        ValueError: n is below 1 or successes are not within 0 to n.
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"wilson: found {successes} successes of {n}, expected 0 to n of at least 1")
    z = float(norm.ppf(0.5 + confidence / 2))
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)))
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))


def _ratio_means(sums: Floats, sizes: Floats, picks: NDArray[np.intp]) -> Floats:
    """Mean over the items of the picked clusters; picks is (resamples, clusters)."""
    means: Floats = sums[picks].sum(axis=1) / sizes[picks].sum(axis=1)
    return means


def paired_bootstrap(
    first: Sequence[float],
    second: Sequence[float],
    *,
    groups: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Mean of `second - first` over paired items, with its bias-corrected and accelerated bootstrap interval.

    BCa after Efron (1987), https://doi.org/10.1080/01621459.1987.10478410. Items that share a group (a patient,
    a statute article) stand or fall together, so whole groups are resampled (Miller 2024, arXiv 2411.00640).

    Args:
        first: one score per item.
        second: one score per item, in the same order.
        groups: one group per item; None takes every item for itself.
        confidence: level of the interval.
        resamples: how often the groups are drawn anew.
        seed: of the draws.

    Raises:
        ValueError: lengths differ, or there are fewer than two groups.
    """
    if len(first) != len(second) or (groups is not None and len(groups) != len(first)):
        raise ValueError(f"bootstrap: found {len(first)} and {len(second)} scores, expected pairs with a group each")
    names = list(range(len(first))) if groups is None else list(groups)
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    if len(places) < 2:
        raise ValueError(f"bootstrap: found {len(places)} groups of items, expected at least two to resample")
    differences = np.asarray(second, dtype=np.float64) - np.asarray(first, dtype=np.float64)
    index = np.array([places[name] for name in names])
    sums = np.bincount(index, weights=differences, minlength=len(places)).astype(np.float64)
    sizes = np.bincount(index, minlength=len(places)).astype(np.float64)
    mean = float(sums.sum() / sizes.sum())

    picks = np.random.default_rng(seed).integers(len(places), size=(resamples, len(places)))
    draws = _ratio_means(sums, sizes, picks)
    below = float(((draws < mean).mean() + (draws <= mean).mean()) / 2)
    tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    if 0 < below < 1:
        left_out = (sums.sum() - sums) / (sizes.sum() - sizes)
        spread = left_out.mean() - left_out
        scale = float((spread**2).sum() ** 1.5)
        acceleration = float((spread**3).sum()) / (6 * scale) if scale else 0.0
        bias = norm.ppf(below)
        z = norm.ppf(tails) + bias
        tails = norm.cdf(bias + z / (1 - acceleration * z))
    low, high = np.quantile(draws, tails)
    return Interval(mean, float(low), float(high))


def clustered_mean(values: Sequence[float], groups: Sequence[Hashable], confidence: float = 0.95) -> Interval | None:
    """Mean of scores from 0 to 1 with an interval that counts items of a group as dependent.

    The standard error adds up residuals by group before they are squared (Miller 2024, arXiv 2411.00640, section
    2.2), with the factor G / (G - 1) for G groups and Student's t with G - 1 degrees of freedom, since few groups
    tell less than the normal law says (Cameron and Miller 2015, https://doi.org/10.3368/jhr.50.2.317).

    Args:
        values: one score per item.
        groups: one group per item.
        confidence: level of the interval; the bounds are kept within 0 and 1.

    Returns:
        None where the scores say nothing about their spread: fewer than two groups, or all scores alike.

    Raises:
        ValueError: there are no values, or not a group for each.
    """
    if not values or len(values) != len(groups):
        raise ValueError(f"clustered mean: found {len(values)} scores and {len(groups)} groups, expected one for each")
    scores = np.asarray(values, dtype=np.float64)
    places = {name: place for place, name in enumerate(dict.fromkeys(groups))}
    mean = float(scores.mean())
    if len(places) < 2 or bool((scores == scores[0]).all()):
        return None
    index = np.array([places[name] for name in groups])
    residuals = np.bincount(index, weights=scores - mean, minlength=len(places))
    error = float(np.sqrt(len(places) / (len(places) - 1) * (residuals**2).sum())) / len(scores)
    half = float(t.ppf(0.5 + confidence / 2, len(places) - 1)) * error
    return Interval(mean, max(0.0, mean - half), min(1.0, mean + half))


def holm(p_values: Sequence[float]) -> list[float]:
    """p values of several tests, adjusted so that one false alarm among all of them is as rare as the level says.

    Holm 1979, https://www.jstor.org/stable/4615733. In the order given.
    """
    adjusted, least = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda one: p_values[one])):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = least
    return adjusted


def mcnemar(first: Sequence[int], second: Sequence[int]) -> McNemar:
    """Exact McNemar test over paired right (1) and wrong (0).

    Raises:
        ValueError: the two differ in length.
    """
    pairs = list(zip(first, second, strict=True))
    wins = sum(not before and bool(after) for before, after in pairs)
    losses = sum(bool(before) and not after for before, after in pairs)
    p = float(binomtest(min(wins, losses), wins + losses).pvalue) if wins + losses else 1.0
    return McNemar(wins, losses, p)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share (0 to 1) of the values lies, interpolated linearly.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("percentile: found no values, expected at least one")
    return float(np.quantile(np.asarray(values, dtype=np.float64), share))


def p50_p95(values: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    return percentile(values, 0.5), percentile(values, 0.95)
