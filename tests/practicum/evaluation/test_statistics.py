import numpy as np
import pytest
from scipy.stats import bootstrap, t

from practicum.evaluation.statistics import (
    clustered_mean,
    holm,
    mcnemar,
    p50_p95,
    paired_bootstrap,
    percentile,
    wilson,
)


def test_wilson_agrees_with_published_values() -> None:
    # Newcombe 1998, Statist. Med. 17, table I, method 3
    for successes, n, low, high in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)]:
        interval = wilson(successes, n)
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


def test_wilson_refuses_more_successes_than_items() -> None:
    with pytest.raises(ValueError, match="found 5 successes of 4"):
        wilson(5, 4)


def test_bootstrap_agrees_with_scipy_where_items_stand_alone() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.random(120), rng.random(120) ** 0.5
    ours = paired_bootstrap(list(first), list(second), resamples=20_000)
    theirs = bootstrap((second - first,), np.mean, n_resamples=20_000, method="BCa", rng=2).confidence_interval
    assert ours.value == pytest.approx(float(np.mean(second - first)))
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.004)


def test_bootstrap_is_the_same_every_time() -> None:
    rng = np.random.default_rng(2)
    first, second = list(rng.random(30)), list(rng.random(30))
    assert paired_bootstrap(first, second, seed=3) == paired_bootstrap(first, second, seed=3)
    assert paired_bootstrap(first, second, seed=3) != paired_bootstrap(first, second, seed=4)


def test_copies_of_items_add_no_certainty() -> None:
    rng = np.random.default_rng(5)
    first, second = rng.integers(0, 2, 40), rng.integers(0, 2, 40)
    once = paired_bootstrap(list(first), list(second))
    groups = list(range(40)) * 5
    clustered = paired_bootstrap(list(first) * 5, list(second) * 5, groups=groups)
    naive = paired_bootstrap(list(first) * 5, list(second) * 5)
    assert (clustered.low, clustered.high) == pytest.approx((once.low, once.high))
    assert naive.high - naive.low < 0.6 * (once.high - once.low)


def test_constant_difference_has_no_width() -> None:
    interval = paired_bootstrap([0] * 10, [1] * 10)
    assert (interval.value, interval.low, interval.high) == (1, 1, 1)


def test_interval_covers_the_truth_about_as_often_as_promised() -> None:
    rng = np.random.default_rng(11)
    hits = 0
    for trial in range(200):
        first, second = rng.random(60) < 0.3, rng.random(60) < 0.6
        interval = paired_bootstrap(list(first.astype(int)), list(second.astype(int)), resamples=400, seed=trial)
        hits += interval.low <= 0.3 <= interval.high
    assert 180 <= hits <= 199


def test_bootstrap_needs_two_groups() -> None:
    with pytest.raises(ValueError, match="found 1 groups"):
        paired_bootstrap([0, 1], [1, 1], groups=["a", "a"])


def test_clustered_interval_of_lone_items_is_students() -> None:
    values = [0.0, 1.0, 0.5, 1.0, 0.25, 0.75]
    interval = clustered_mean(values, list(range(6)))
    assert interval is not None
    low, high = t.interval(0.95, 5, loc=np.mean(values), scale=np.std(values, ddof=1) / 6**0.5)
    assert (interval.value, interval.low, interval.high) == pytest.approx((np.mean(values), low, min(1.0, high)))


def test_clustered_interval_agrees_with_millers_formula() -> None:
    values, groups = [1.0, 1.0, 0.0, 0.0, 1.0, 0.0], ["a", "a", "b", "b", "c", "d"]
    interval = clustered_mean(values, groups)
    assert interval is not None
    # Equation 4 of arXiv 2411.00640: residuals +-1/2, sums by group 1, -1, 1/2, -1/2; then G / (G - 1) and t.
    error = ((1 + 1 + 0.25 + 0.25) * 4 / 3) ** 0.5 / 6
    assert interval.high - interval.value == pytest.approx(min(0.5, t.ppf(0.975, 3) * error))


def test_copies_of_items_add_no_certainty_to_a_mean() -> None:
    values = [float(v) for v in np.random.default_rng(4).integers(0, 2, 40)]
    once = clustered_mean(values, list(range(40)))
    copies = clustered_mean(values * 5, list(range(40)) * 5)
    naive = clustered_mean(values * 5, list(range(200)))
    assert once is not None
    assert copies is not None
    assert naive is not None
    assert (copies.low, copies.high) == pytest.approx((once.low, once.high))
    assert naive.high - naive.low < 0.6 * (once.high - once.low)


def test_clustered_interval_covers_dependent_items_where_a_naive_one_does_not() -> None:
    rng = np.random.default_rng(12)
    hits, naive_hits = 0, 0
    for _ in range(300):
        chances = rng.beta(1, 1, 40)  # five items of a group share their difficulty
        values = [float(v) for v in (rng.random((40, 5)) < chances[:, None]).ravel()]
        groups = [n // 5 for n in range(200)]
        clustered, naive = clustered_mean(values, groups), wilson(int(sum(values)), 200)
        assert clustered is not None
        hits += clustered.low <= 0.5 <= clustered.high
        naive_hits += naive.low <= 0.5 <= naive.high
    assert hits >= 275
    assert naive_hits < 260


def test_scores_that_tell_no_spread_have_no_clustered_interval() -> None:
    assert clustered_mean([1.0, 1.0, 1.0], ["a", "b", "c"]) is None
    assert clustered_mean([0.0, 1.0], ["a", "a"]) is None
    with pytest.raises(ValueError, match="2 scores and 1 groups"):
        clustered_mean([0.0, 1.0], ["a"])


def test_holm_agrees_with_the_procedure() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


def test_mcnemar_counts_only_disagreement() -> None:
    test = mcnemar([0, 0, 0, 0, 0, 0, 1, 1], [1, 1, 1, 1, 1, 1, 1, 0])
    assert (test.wins, test.losses) == (6, 1)
    assert test.p == pytest.approx(2 * (1 + 7) / 2**7)
    assert mcnemar([1, 0], [1, 0]).p == 1.0


def test_percentiles() -> None:
    assert p50_p95([float(n) for n in range(101)]) == (50.0, 95.0)
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)
