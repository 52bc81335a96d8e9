"""What ratings say together, and their file."""

import json
from dataclasses import asdict

import pytest

from practicum.evaluation.human_ratings import (
    CRITERIA,
    HIGHEST,
    LOWEST,
    Preference,
    Rating,
    Scores,
    completions_id,
    current_ratings,
    human_metrics,
    human_review_figures,
    ratings_from_lines,
    ratings_to_lines,
)
from practicum.evaluation.scoring import Prediction

LEVELS = {"confidence": 0.95, "resamples": 500, "seed": 0}


def rating(
    rater: str, item: int, preference: Preference, *, base: int = 2, tuned: int = 4, left: str = "base"
) -> Rating:
    return Rating.model_validate(
        {
            "rater": rater,
            "item": f"i{item}",
            "task": "t",
            "group": f"g{item}",
            "form": "f",
            "completions": "c",
            "left": left,
            "base": dict.fromkeys(Scores.model_fields, base),
            "tuned": dict.fromkeys(Scores.model_fields, tuned),
            "preference": preference,
            "comment": "",
        }
    )


def prediction(item: str, text: str) -> Prediction:
    return Prediction(
        id=item, task="t", label="l", group="g", prompt_tokens=1, new_tokens=1, finished=True, text=text, answer=None,
        error="no_answer", reference={}, em=0, f1=0.0, scores={},
    )  # fmt: skip


def test_every_criterion_is_rated_and_every_value_of_its_scale_explained() -> None:
    assert [criterion.name for criterion in CRITERIA] == list(Scores.model_fields)
    assert {len(criterion.anchors) for criterion in CRITERIA} == {HIGHEST - LOWEST + 1}


def test_two_raters_win_rate_and_kappa_are_those_reckoned_by_hand() -> None:
    """Ten items: both prefer the tuned model 5 times, both the base 2, once both tie, and twice they differ."""
    first = ["tuned"] * 5 + ["base"] * 2 + ["tie"] + ["tuned", "base"]
    second = ["tuned"] * 5 + ["base"] * 2 + ["tie"] + ["base", "tie"]
    ratings = [rating("AB", n, one) for n, one in enumerate(first)]
    ratings += [rating("CD", n, one) for n, one in enumerate(second)]
    found = human_review_figures(ratings, **LEVELS)
    assert (found.items, found.raters, found.ratings) == (10, ("AB", "CD"), 20)
    assert (found.tuned_preferred, found.base_preferred, found.ties) == (11, 6, 3)
    assert found.win_rate.value == pytest.approx((11 + 1.5) / 20)
    assert found.win_rate.low < 0.6 < found.win_rate.high
    preference = found.agreement[0]
    assert (preference.about, preference.units, preference.same) == ("preference", 10, 0.8)
    assert preference.kappa_name == "Cohen's kappa"
    chance = (6 * 5 + 3 * 3 + 1 * 2) / 100
    assert preference.kappa is not None
    assert preference.kappa.value == pytest.approx((0.8 - chance) / (1 - chance), abs=1e-6)
    assert preference.kappa.low < preference.kappa.value < preference.kappa.high
    # Every rating set the base first: the side that was preferred follows from the model.
    assert found.left_share == pytest.approx(6 / 17, abs=1e-6)


def test_criteria_are_compared_within_ratings_and_their_scale_counts_for_agreement() -> None:
    near = [rating("AB", n, "tuned", base=1 + n % 3, tuned=3 + n % 3) for n in range(9)]
    near += [rating("CD", n, "tuned", base=1 + n % 3, tuned=3 + (n + (n == 0)) % 3) for n in range(9)]
    far = [*near[:9], *(rating("CD", n, "tuned", base=1 + n % 3, tuned=1 if n == 2 else 3 + n % 3) for n in range(9))]
    one, other = (human_review_figures(ratings, **LEVELS) for ratings in (near, far))
    reasoning = one.criteria[0]
    assert (reasoning.name, reasoning.base) == ("reasoning", 2.0)
    assert reasoning.tuned == pytest.approx(4 + 1 / 18, abs=1e-6)
    assert reasoning.difference.value == pytest.approx(2 + 1 / 18, abs=1e-6)
    assert reasoning.difference.low > 1.5
    assert [each.about for each in one.agreement] == ["preference", *Scores.model_fields]
    assert one.agreement[0].kappa is None, "nobody ever preferred anything else"
    assert one.agreement[1].units == 18
    assert one.agreement[1].kappa_name == "quadratic weighted kappa"
    near_kappa, far_kappa = one.agreement[1].kappa, other.agreement[1].kappa
    assert near_kappa is not None
    assert far_kappa is not None
    assert near_kappa.value > far_kappa.value, "one step apart is less of a disagreement than four"


def test_more_than_two_raters_get_fleiss_kappa_and_a_missing_one_leaves_alpha() -> None:
    votes = {"AB": ["tuned", "tuned", "base", "tie"], "CD": ["tuned", "tuned", "base", "base"]}
    votes["EF"] = ["tuned", "base", "base", "tie"]
    ratings = [rating(name, n, one) for name, given in votes.items() for n, one in enumerate(given)]
    full = human_review_figures(ratings, **LEVELS).agreement[0]
    assert full.kappa_name == "Fleiss' kappa"
    # By hand: P = (1 + 1/3 + 1 + 1/3) / 4, shares 5, 5, 2 of 12.
    chance = (25 + 25 + 4) / 144
    assert full.kappa is not None
    assert full.kappa.value == pytest.approx((2 / 3 - chance) / (1 - chance), abs=1e-6)
    apart = [
        one for one in ratings if (one.rater, one.item) not in {("EF", "i0"), ("EF", "i1"), ("AB", "i2"), ("AB", "i3")}
    ]
    partly = human_review_figures(apart, **LEVELS).agreement[0]
    assert partly.kappa is None, "there is no item that all three have rated"
    assert partly.alpha is not None
    assert partly.units == 4


def test_one_rater_has_a_win_rate_and_no_agreement() -> None:
    found = human_review_figures([rating("AB", n, "tuned") for n in range(5)], **LEVELS)
    assert found.agreement == ()
    assert found.win_rate.value == 1.0
    assert found.win_rate.low < 0.6, "five wins of five are no proof"
    with pytest.raises(ValueError, match="found no ratings"):
        human_review_figures([], **LEVELS)


def test_the_order_of_the_file_does_not_count_and_figures_are_json() -> None:
    ratings = [rating(name, n, "tuned" if n % 3 else "base") for name in ("AB", "CD") for n in range(7)]
    found = human_review_figures(ratings, **LEVELS)
    assert human_review_figures(ratings[::-1], **LEVELS) == found
    assert json.loads(json.dumps(asdict(found)))["win_rate"]["value"] == found.win_rate.value
    figures = human_metrics(found)
    assert figures["win_rate"] == found.win_rate.value
    assert figures["preference_kappa"] == 1.0
    assert set(map(type, figures.values())) <= {int, float}


def test_items_of_one_group_stand_or_fall_together_unless_all_are() -> None:
    split = [rating("AB", n, "tuned" if n < 6 else "base") for n in range(12)]
    pairs = [one.model_copy(update={"group": f"p{n // 2}"}) for n, one in enumerate(split)]
    alone, paired = (human_review_figures(some, **LEVELS).win_rate for some in (split, pairs))
    assert paired.high - paired.low > alone.high - alone.low
    same = [one.model_copy(update={"group": "all"}) for one in split]
    assert human_review_figures(same, **LEVELS).win_rate == alone


def test_ratings_come_back_from_their_lines_sorted() -> None:
    ratings = [rating(name, n, "tie") for n in (3, 1) for name in ("CD", "AB")]
    lines = ratings_to_lines(ratings)
    read = ratings_from_lines(lines.splitlines(), "ratings.jsonl")
    assert [(one.item, one.rater) for one in read] == [("i1", "AB"), ("i1", "CD"), ("i3", "AB"), ("i3", "CD")]
    assert ratings_to_lines(read) == lines
    assert ratings_from_lines([], "ratings.jsonl") == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"reasoning": 2', '"reasoning": 7', r"line 1: base.reasoning: found 7, expected 5 or less"),
        ('"preference": "tie"', '"preference": "both"', r"line 1: preference: found 'both'"),
        ('{"rater"', '{"rater', r"line 1: found no JSON"),
        ('"i1"', '"i2"', r"line 2: found a second rating of item i2 by AB"),
    ],
)
def test_a_line_that_is_no_rating_is_named(old: str, new: str, told: str) -> None:
    lines = ratings_to_lines([rating("ab", 1, "tie"), rating("AB", 2, "tie")])
    assert old in lines
    with pytest.raises(ValueError, match=rf"^ratings.jsonl, {told}"):
        ratings_from_lines(lines.replace(old, new, 1).splitlines(), "ratings.jsonl")


def test_ratings_of_earlier_completions_do_not_count() -> None:
    base = [prediction("i1", "a"), prediction("i2", "b")]
    tuned = [prediction("i1", "x"), prediction("i2", "y")]
    ratings = [
        rating("AB", 1, "tie").model_copy(update={"completions": completions_id("a", "x")}),
        rating("AB", 2, "tie").model_copy(update={"completions": completions_id("b", "older")}),
        rating("AB", 3, "tie"),
    ]
    assert current_ratings(ratings, base, tuned) == ((ratings[0],), 2)
