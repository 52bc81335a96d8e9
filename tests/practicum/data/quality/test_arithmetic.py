"""What is certainly wrong is found, and what only looks wrong is left alone."""

import random

import pytest

from practicum.data.quality.arithmetic import running_total, wrong_arithmetic


@pytest.mark.parametrize(
    "step",
    [
        "3 + 4 = 8",
        "The total is 3 + 4 = 8 apples.",
        "1. 3 + 4 = 8",
        "- 3 × 4 = 13",
        "12/4=4",
        "3 + 4 + 5 = 13",
        "2 + 3 = 5 + 1 = 7",
        "2 * (3 + 4) = 15",
        "2^3 = 9",
        "10 / 3 = 3.4",
        "1,200 + 300 = 1,600",
        "$5 + $6 = $12",
        "3 mg + 4 mg = 8 mg",
        "15% of 200 = 40",
        "200 + 10% = 230",
        "30 / 200 = 16%",
        "-5 + 3 = -3",
        "MAP = (120 + 2 * 80) / 3 = 95",
        "therefore 100 - 35 = 75, which",
        "Two shops. Then 3 + 4 = 8. If more come, ask.",
        "（3 + 4）= 8",
        "总分 3 + 4 = 8",
        "72 hours = 4 days",
        "500 mg = 0.6 g",
        "one month = 3 months",
        "15 days = 18 days",
        "5 > 7 yes",
        "64>=65 yes",
        "64>=65 no, >=45 no",
        "3 x 10 = 30 > 45",
        "43 > 50: above",
        "SpO2 95<95 yes",
        "age 5 yes +1=1\nHR +1=3",
    ],
)
def test_a_wrong_step_is_found(step: str) -> None:
    found = wrong_arithmetic(f"First of all.\n{step}\nSo much for that.")
    assert found is not None
    line, at = found
    assert line in step
    assert line[at] in "=<>"


@pytest.mark.parametrize(
    "step",
    [
        # right
        "10 / 3 = 3.33",
        "10/3 = 3",
        "2 / 3 = 0.66",
        "0.333 * 3 = 1",
        "18 / 6 * 3 = 9",
        "100 × 1.05^2 = 110.25",
        "CrCl = (140-60)×70/72 = 77.8 mL/min",
        "WACC = 0.6 * 9% + 0.4 * 5% * (1 - 0.21) = 6.98%",
        "200 + 10% = 220",
        "5 % + 3 % = 8 %",
        "3 red apples + 4 green apples = 7 apples",
        "NPV = -100 + 60/1.1 + 60/1.21 = 4.13",
        "he earns 48/2 = <<48/2=24>>24",
        "3 x 10 = 30 > 15",
        "48 hours = 2 days; 50 hours = 2 days",
        # rounded or careless, not wrong
        "1.2 + 3.4 = 4.7",
        "23 * 47 = 1100",
        "3 + 4 = 7 + 1 = 8",
        "they have 21 +12 = 33",
        "they have 5+7 +14 = 26",
        # units and scales that differ
        "500 mg * 3 = 1.5 g",
        "60 km/h * 2 h = 120 km",
        "100 USD * 7.1 = 710 CNY",
        "2,000,000 + 3,000,000 = 5 million",
        "4.5% - 3.2% = 130 bps",
        "11 pm + 3 = 2 am",
        "28 February + 3 days = 3 March",
        "12/31/2023 - 1/31/2023 = 334 days",
        "100 °C = 212 °F",
        "2018-2022 = 5 years",
        "1.500 + 500 = 2.000",
        "10 000 + 5 000 = 15 000",
        # algebra, functions, other notations
        "x + 3 + 4 = 12",
        "2x + 3 = 7",
        "f(2) + 3 = 5",
        "log 100 + 3 = 5",
        "√9 + 4 = 7",
        "C(5,2) = 10",
        "3! + 1 = 7",
        "1 1/2 + 1 = 2.5",
        "a[1] + 2 = 5",
        "9 + 5 = 2 (mod 12)",
        "1 + 1 = 10 in binary",
        "0 = none, 1 = 2",
        "sum of 2 and 3 + 4 = 9",
        # not asserted
        "if 2 + 2 = 5 then",
        "Is 3 + 4 = 8?",
        "3 + 4 = 8 is wrong",
        "3 + 4 = 8\nWait, that is 7",
        "3 + 4 ≈ 8",
        "priority 1 > 2 > 3",
        # no numbers to compare
        "BP 150/100 > 140/90 yes",
        "2024-01-05 > 2024-03-01",
        "<b>5 > 3</b>",
        "p < 0.05 yes",
        # running sums
        "job years 4-7 +2=2",
        "savings +1=1\njob years 4-7 +2=3\nhousing +1=4",
        "savings +1=1\nthey give 1 + 4 = 5\nhousing +1=6",
        "job years 7+ +2=2\nchecking +1=3",
        "fever in 24 h +1=1",
        "start with 10 points\nlate -3=7",
        "qSOFA: yes +1=1\nyes +1=2\nSIRS: yes +1=1\nyes +1=2",
        "drawdown 34 > 30 yes, topped up no, not topped up yes: margin call.",
    ],
)
def test_a_step_that_may_be_right_is_left_alone(step: str) -> None:
    assert wrong_arithmetic(step) is None


def test_a_running_sum_may_begin_at_a_number_of_the_question() -> None:
    assert wrong_arithmetic("late -3=17", "Everyone begins with 20 points.") is None
    assert wrong_arithmetic("late -3=17", "Everyone begins with 30 points.") == ("late -3=17", 7)


def test_random_sums_are_judged_as_the_interpreter_judges_them() -> None:
    rng = random.Random(5)
    for _ in range(2000):
        a, b, c = rng.randint(1, 99), rng.randint(1, 99), rng.randint(1, 9)
        one, two = rng.choice("+-*"), rng.choice("+-*")
        stated = eval(f"{a} {one} {b} {two} {c}")  # noqa: S307
        step = f"so {a} {one} {b} {two} {c} = "
        assert wrong_arithmetic(f"{step}{stated}") is None
        wrong = stated + rng.choice((-7, -1, 1, 13))
        found = wrong_arithmetic(f"{step}{wrong}") is not None
        assert found or abs(wrong) % 100 == 0, step


def test_the_last_total_of_a_running_sum_is_known() -> None:
    assert running_total("age 70 yes +1=1\nHR no\nRR +2=3\n3 in 2-4") == (3.0, 29)
    assert running_total("3 + 4 = 7") is None


@pytest.mark.parametrize(
    "piece", ["1 ", "(", "( 1 ) ", "1+", "1 + ", "1 a ", "1,111", "$ 1 ", "   ", "1 % of ", "- ", "< "]
)
def test_no_text_takes_long(piece: str) -> None:
    line = (piece * 3000)[:3000]
    assert wrong_arithmetic("\n".join([f"{line} = 5"] * 20)) is None
