import numpy as np
import pytest
from scipy.stats import bootstrap

from practicum.evaluation.statistics import mcnemar, p50_p95, paired_bootstrap, percentile, wilson


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


def test_mcnemar_counts_only_disagreement() -> None:
    test = mcnemar([0, 0, 0, 0, 0, 0, 1, 1], [1, 1, 1, 1, 1, 1, 1, 0])
    assert (test.wins, test.losses) == (6, 1)
    assert test.p == pytest.approx(2 * (1 + 7) / 2**7)
    assert mcnemar([1, 0], [1, 0]).p == 1.0


def test_percentiles() -> None:
    assert p50_p95([float(n) for n in range(101)]) == (50.0, 95.0)
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)
