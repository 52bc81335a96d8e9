"""Agreement against published worked examples, and intervals that count clusters."""

import numpy as np
import pytest

from practicum.evaluation.raters import (
    Level,
    agreement,
    clustered_mean,
    cohen_kappa,
    coincidences,
    confusion,
    fleiss_kappa,
    krippendorff_alpha,
    quadratic,
)

BOOTSTRAP = {"confidence": 0.95, "resamples": 500, "seed": 0}

# Cohen (1968), table 1: shares of 200 patients by two judges, and his weights of the disagreements.
COHEN = np.array([[0.44, 0.05, 0.01], [0.07, 0.20, 0.03], [0.09, 0.05, 0.06]])
COHEN_WEIGHTS = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])

# Fourteen raters, ten subjects, five categories: https://en.wikipedia.org/wiki/Fleiss%27_kappa#Worked_example.
FLEISS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip

# Krippendorff (2011), section C: four observers, twelve units, 0 where nothing was observed.
KRIPPENDORFF = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]


def test_cohens_kappa_is_that_of_his_paper() -> None:
    assert float(cohen_kappa(200 * COHEN)) == pytest.approx(0.492, abs=5e-4)
    assert float(cohen_kappa(200 * COHEN, COHEN_WEIGHTS)) == pytest.approx(0.348, abs=5e-4)


def test_fleiss_kappa_is_that_of_the_worked_example() -> None:
    units = [[category for category, count in enumerate(row) for _ in range(count)] for row in FLEISS]
    table = sum(coincidences(unit, 5) for unit in units)
    assert float(fleiss_kappa(table)) == pytest.approx(0.210, abs=5e-4)


@pytest.mark.parametrize(("level", "expected"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_krippendorffs_alpha_is_that_of_his_paper(level: Level, expected: float) -> None:
    units = [[value - 1 for value in unit if value] for unit in zip(*KRIPPENDORFF, strict=True)]
    table = sum(coincidences(unit, 5) for unit in units)
    assert table.sum() == 40  # "n = 40 pairable values"
    assert float(krippendorff_alpha(table, level)) == pytest.approx(expected, abs=5e-4)


def test_tables_are_measured_at_once_as_one_by_one() -> None:
    tables = np.random.default_rng(0).integers(1, 9, size=(7, 4, 4)).astype(float)
    tables += tables.swapaxes(-1, -2)
    for measure in (
        cohen_kappa,
        lambda table: cohen_kappa(table, quadratic(4)),
        fleiss_kappa,
        lambda table: krippendorff_alpha(table, "ordinal"),
    ):
        assert measure(tables) == pytest.approx([float(measure(table)) for table in tables])


def test_two_raters_who_agree_by_chance_have_no_kappa_and_opposite_ones_a_negative() -> None:
    assert float(cohen_kappa(np.outer([3.0, 7.0], [6.0, 4.0]))) == pytest.approx(0.0)
    assert float(cohen_kappa(confusion([0, 1, 0, 1], [1, 0, 1, 0], 2))) == -1.0


def test_of_raters_who_never_used_a_second_category_nothing_is_said() -> None:
    always = confusion([2, 2, 2], [2, 2, 2], 5)
    assert np.isnan(cohen_kappa(always))
    assert np.isnan(krippendorff_alpha(sum(coincidences([2, 2], 5) for _ in range(3)), "ordinal"))
    assert agreement(always[None], cohen_kappa, **BOOTSTRAP) is None
    assert agreement(np.zeros((0, 5, 5)), cohen_kappa, **BOOTSTRAP) is None


def test_a_unit_that_one_rater_has_rated_pairs_nothing() -> None:
    assert not coincidences([3], 5).any()


def test_agreement_is_surer_with_more_clusters_and_never_sure_of_few() -> None:
    values = np.random.default_rng(1).integers(0, 3, size=400)
    other = np.where(np.random.default_rng(2).random(400) < 0.8, values, (values + 1) % 3)
    tables = np.array([confusion([one], [two], 3) for one, two in zip(values, other, strict=True)])
    few, many = (agreement(tables[:n], cohen_kappa, **BOOTSTRAP) for n in (20, 400))
    assert few is not None
    assert many is not None
    assert many.low < 0.7 < many.high
    assert many.high - many.low < (few.high - few.low) / 2
    perfect = agreement(np.array([confusion([n % 2], [n % 2], 2) for n in range(6)]), cohen_kappa, **BOOTSTRAP)
    assert perfect is not None
    assert (perfect.value, perfect.high) == (1.0, 1.0)
    assert perfect.low == pytest.approx(0.61, abs=0.01)  # Wilson's lower bound of 6 of 6


def test_more_raters_of_the_same_items_do_not_make_the_mean_surer() -> None:
    items = [1.0, 0.0, 1.0, 1.0, 0.5, 1.0, 0.0, 1.0]
    names = list(range(len(items)))
    bounds = {"lowest": 0.0, "highest": 1.0, **BOOTSTRAP}
    once = clustered_mean(items, names, **bounds)
    assert clustered_mean(items * 5, names * 5, **bounds) == once
    assert clustered_mean(items * 5, list(range(40)), **bounds).low > once.low


def test_a_mean_that_no_cluster_departs_from_is_not_taken_for_sure() -> None:
    bounds = {"lowest": 0.0, "highest": 1.0, **BOOTSTRAP}
    won = clustered_mean([1.0] * 8, [0, 0, 1, 1, 2, 2, 3, 3], **bounds)
    assert (won.value, won.high) == (1.0, 1.0)
    assert won.low == pytest.approx(0.51, abs=0.01)  # Wilson's lower bound of 4 of 4
    tied = clustered_mean([0.5] * 4, [0, 1, 2, 3], **bounds)
    assert tied.low == pytest.approx(0.5 * 0.51, abs=0.01)
    assert tied.high == pytest.approx(1 - tied.low)
    with pytest.raises(ValueError, match="found no values"):
        clustered_mean([], [], **bounds)
