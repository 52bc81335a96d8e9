import re

import pytest

from practicum.evaluation.statistics import Interval
from practicum.reporting.charts import difference, intervals, loss_curves, shares, smoothed, ticks
from practicum.reporting.records import CurvePoint


@pytest.mark.parametrize(
    ("high", "expected"),
    [
        (1.97, [0, 0.5, 1, 1.5, 2]),
        (2.0, [0, 0.5, 1, 1.5, 2]),
        (120, [0, 50, 100, 150]),
        (0.07, [0, 0.02, 0.04, 0.06, 0.08]),
        (1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, [0, 1]),
    ],
)
def test_ticks_are_round_and_reach_the_highest_value(high: float, expected: list[float]) -> None:
    assert ticks(high) == expected


def test_smoothing_keeps_a_constant_and_starts_at_the_first_value() -> None:
    assert smoothed([3.0, 3.0, 3.0]) == pytest.approx([3, 3, 3])
    assert smoothed([5.0, 0.0])[0] == pytest.approx(5)


def test_dots_stand_at_their_values() -> None:
    drawn = intervals(Interval(0.075, 0.05, 0.12), Interval(0.655, 0.59, 0.72), "task")
    assert re.findall(r'cx="([\d.]+)%"', drawn) == ["7.5", "65.5"]
    assert '<line class="whisker tuned" x1="59%" x2="72%"' in drawn


def test_difference_beyond_the_axis_is_drawn_at_its_end() -> None:
    drawn = difference(Interval(-0.4, -0.6, -0.1), "nf4")
    assert re.findall(r'whisker tuned" x1="([\d.]+)%" x2="([\d.]+)%"', drawn) == [("0", "30")]


def test_parts_of_a_bar_follow_each_other() -> None:
    drawn = shares([("kept", 3), ("rejected", 1)], 4, "rows")
    assert re.findall(r'x="([\d.]+)%" width="([\d.]+)%"', drawn) == [("0", "75"), ("75", "25")]
    assert "NaN" not in shares([("kept", 0)], 0, "rows")


def test_curves_span_the_plot_and_mark_the_kept_step() -> None:
    points = [CurvePoint(1, 2.0, None), CurvePoint(2, 1.0, 0.5), CurvePoint(4, 0.5, 0.25)]
    drawn = loss_curves(points, best_step=2)
    assert '<path class="raw" d="M25 0L50 50L100 75"/>' in drawn
    assert '<path class="validation" d="M50 75L100 87.5"/>' in drawn
    assert '<path class="kept" d="M50 0V100"/>' in drawn


def test_labels_are_escaped() -> None:
    assert "<b>" not in shares([], 1, '"<b>')
