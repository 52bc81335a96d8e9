import pytest

from practicum.evaluation.statistics import Interval, McNemar
from practicum.reporting.comparison import Gain
from practicum.reporting.wording import p_value, percent, points, seconds, span, title_case, verdict


def gained(base: int, tuned: int, low: float, high: float) -> Gain:
    return Gain(
        items=200, groups=150, base_right=base, tuned_right=tuned, confidence=0.95,
        base=Interval(base / 200, 0, 1), tuned=Interval(tuned / 200, 0, 1),
        base_clustered=None, tuned_clustered=None,
        difference=Interval((tuned - base) / 200, low, high), test=McNemar(110, 2, 0.0000001),
    )  # fmt: skip


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u2212", "-")


def test_verdict_says_counts_difference_interval_and_test() -> None:
    assert plain(verdict(gained(23, 131, 0.47, 0.61))) == (
        "The tuned model is right on 131 of 200 items, the base on 23; difference 54 points, "
        "95 % interval 47 to 61, exact McNemar p < 0.001."
    )


def test_verdict_claims_nothing_when_the_interval_holds_zero() -> None:
    assert plain(verdict(gained(100, 104, -0.03, 0.07))).endswith("this does not show that tuning helped.")


def test_verdict_says_when_tuning_harmed() -> None:
    text = plain(verdict(gained(104, 60, -0.3, -0.1)))
    assert "difference -22 points, 95 % interval -30 to -10" in text
    assert text.endswith("The tuned model is worse than its base.")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (percent(0.6549), "65.5 %"),
        (points(-0.0166, 1), "-1.7"),
        (points(0.54), "+54"),
        (points(-0.0001, 1), "0.0"),
        (span(Interval(0, -0.001, 0.05)), "0 to 5"),
        (p_value(0.0004), "p < 0.001"),
        (p_value(0.0312), "p = 0.031"),
        (p_value(1.0), "p = 1.00"),
        (seconds(2.814), "2.81 s"),
        (seconds(412.7), "6 min 53 s"),
        (title_case("risk_event"), "Risk event"),
    ],
)
def test_figures_read_well(written: str, expected: str) -> None:
    assert plain(written) == expected
