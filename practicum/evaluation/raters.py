"""Agreement of raters beyond chance, and means of ratings whose intervals count clusters of items, not ratings.

Categories are numbered 0 to k - 1, in their order where they have one. The measures take tables of shape (..., k, k),
so that resampled tables are measured at once, and give NaN where only one category was ever used: chance alone would
agree there, and nothing can be said.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from practicum.evaluation.statistics import Interval, paired_bootstrap, wilson

Floats = NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval"]


def confusion(first: Sequence[int], second: Sequence[int], categories: int) -> Floats:
    """How often the first rater gave one category (row) and the second another (column), of shape (k, k).

    Raises:
        ValueError: the raters did not rate the same number of units.
    """
    table: Floats = np.zeros((categories, categories))
    for one, other in zip(first, second, strict=True):
        table[one, other] += 1
    return table


def coincidences(unit: Sequence[int], categories: int) -> Floats:
    """Krippendorff's coincidence matrix of one unit's values, of shape (k, k); its sum is the number of values.

    Each ordered pair of two raters' values counts 1 / (values - 1). A unit with fewer than two values pairs nothing
    and gives zeros. The matrix of many units is the sum of theirs.
    """
    counts: Floats = np.bincount(np.asarray(unit, dtype=np.intp), minlength=categories).astype(np.float64)
    if len(unit) < 2:
        return np.zeros((categories, categories))
    pairs: Floats = (np.outer(counts, counts) - np.diag(counts)) / (len(unit) - 1)
    return pairs


def quadratic(categories: int) -> Floats:
    """Disagreement that grows with the square of the distance between two categories, of shape (k, k)."""
    places = np.arange(categories, dtype=np.float64)
    weights: Floats = (places[:, None] - places[None, :]) ** 2
    return weights


def _beyond_chance(observed: Floats, expected: Floats) -> Floats:
    """1 - observed / expected disagreement; NaN where none can be expected."""
    possible = expected > 0
    result: Floats = np.where(possible, 1 - observed / np.where(possible, expected, 1), np.nan)
    return result


def cohen_kappa(table: Floats, disagreement: Floats | None = None) -> Floats:
    """Cohen's kappa of two raters; weighted where disagreements differ in weight.

    Cohen (1960), https://doi.org/10.1177/001316446002000104, and (1968), https://doi.org/10.1037/h0026256.

    Args:
        table: of `confusion`, shape (..., k, k).
        disagreement: weight of each pair of categories, shape (k, k), zero on the diagonal; None weighs all alike.
    """
    weights = 1 - np.eye(table.shape[-1]) if disagreement is None else disagreement
    n = table.sum(axis=(-2, -1))
    expected = table.sum(axis=-1)[..., :, None] * table.sum(axis=-2)[..., None, :]
    return _beyond_chance(n * (table * weights).sum(axis=(-2, -1)), (expected * weights).sum(axis=(-2, -1)))


def fleiss_kappa(table: Floats) -> Floats:
    """Fleiss' kappa, for any number of raters of whom each has rated every unit.

    Fleiss (1971), https://doi.org/10.1037/h0031619.

    Args:
        table: the units' summed `coincidences`, shape (..., k, k), each of as many values.
    """
    n = table.sum(axis=(-2, -1))
    shares = table.sum(axis=-1)
    observed = n - np.trace(table, axis1=-2, axis2=-1)
    return _beyond_chance(n * observed, n * n - (shares * shares).sum(axis=-1))


def krippendorff_alpha(table: Floats, level: Level) -> Floats:
    """Krippendorff's alpha, for any number of raters, values missing or not.

    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, https://repository.upenn.edu/asc_papers/43.

    Args:
        table: the units' summed `coincidences`, shape (..., k, k).
        level: how far apart two categories are: all alike; by how many values lie between them; by their numbers.
    """
    totals = table.sum(axis=-1)
    if level == "nominal":
        distances = np.broadcast_to(1 - np.eye(table.shape[-1]), table.shape)
    else:
        # Two categories are as far apart as their mid-ranks: the values between them and half of their own.
        places = np.cumsum(totals, axis=-1) - totals / 2 if level == "ordinal" else np.arange(table.shape[-1])
        distances = (places[..., :, None] - places[..., None, :]) ** 2
    expected = (totals[..., :, None] * totals[..., None, :] * distances).sum(axis=(-2, -1))
    return _beyond_chance((totals.sum(axis=-1) - 1) * (table * distances).sum(axis=(-2, -1)), expected)


def _unanimous(value: float, clusters: int, lowest: float, highest: float, confidence: float) -> Interval:
    """Interval where every cluster shows the same value, so that a bootstrap would wrongly be sure.

    At least Wilson's lower bound is the share of clusters elsewhere that would show it, too; the others may show
    anything from the lowest to the highest value.
    """
    sure = wilson(clusters, clusters, confidence).low
    return Interval(value, sure * value + (1 - sure) * lowest, sure * value + (1 - sure) * highest)


def clustered_mean(
    values: Sequence[float],
    groups: Sequence[Hashable],
    *,
    lowest: float,
    highest: float,
    confidence: float,
    resamples: int,
    seed: int,
) -> Interval:
    """Mean of ratings, with the interval of a bootstrap over clusters.

    The ratings that several raters gave one item, or one group of items, stand or fall together: more raters do not
    make more items of them.

    Args:
        values: one for each rating.
        groups: the cluster of each.
        lowest, highest: what a value can be.
        confidence: level of the interval.
        resamples, seed: of the bootstrap.

    Raises:
        ValueError: there are no values, or not as many groups.
    """
    if not values:
        raise ValueError("ratings: found no values, expected at least one")
    members: dict[Hashable, list[float]] = {}
    for value, group in zip(values, groups, strict=True):
        members.setdefault(group, []).append(value)
    means = {sum(own) / len(own) for own in members.values()}
    if len(means) == 1:
        return _unanimous(means.pop(), len(members), lowest, highest, confidence)
    return paired_bootstrap(
        [0.0] * len(values), values, groups=groups, confidence=confidence, resamples=resamples, seed=seed
    )


def agreement(
    tables: Floats, measure: Callable[[Floats], Floats], *, confidence: float, resamples: int, seed: int
) -> Interval | None:
    """A measure of agreement over all clusters, with the percentile interval of a bootstrap over them.

    Resamples in which the measure says nothing are left out. Where all clusters agree perfectly, those that were not
    seen may agree by chance only.

    Args:
        tables: one for each cluster, shape (clusters, k, k).
        measure: of summed tables, shape (..., k, k) -> (...).
        confidence: level of the interval.
        resamples, seed: of the bootstrap.

    Returns:
        None where there is no cluster or the measure says nothing.
    """
    clusters = len(tables)
    if not clusters or np.isnan(value := float(measure(tables.sum(axis=0)))):
        return None
    times = np.random.default_rng(seed).multinomial(clusters, np.full(clusters, 1 / clusters), size=resamples)
    draws = measure(np.tensordot(times, tables, axes=1))
    draws = draws[~np.isnan(draws)]
    if not len(draws) or draws.min() == draws.max():
        return _unanimous(value, clusters, 0.0, 1.0, confidence)
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(value, float(low), float(high))
