"""What comes back is checked to the last value before anything is used."""

import json
from typing import Any

import pytest

from practicum.evaluation.human_ratings import Rating, Scores
from practicum.reporting.human_review.form import KIND, VERSION, Key, form, tuned_is_left
from practicum.reporting.human_review.returned import check_key, merged, returned, unblinded
from tests.practicum.reporting.human_review.cases import case, prediction

NAME = "ratings.json"


def key(seed: str = "s") -> Key:
    examples, base, tuned = case(6)
    return form("sums", "Sums", examples, base, tuned, items=6, seed=seed)[1]


def content(rater: str = "AB") -> dict[str, Any]:
    """A file as the form saves it: the left side is given 5, the right one 1, and left is better on odd items."""
    ratings = [
        {
            "item": number,
            "left": dict.fromkeys(Scores.model_fields, 5),
            "right": dict.fromkeys(Scores.model_fields, 1),
            "better": "left" if number % 2 else "tie",
            "comment": f"c{number}",
        }
        for number in range(1, 7)
    ]
    opened = key()
    return {
        "kind": KIND,
        "version": VERSION,
        "form": opened.form,
        "domain": "sums",
        "rater": rater,
        "ratings": ratings,
    }


def back(value: object) -> tuple[Rating, ...]:
    _, _, tuned = case(6)
    return unblinded(returned(json.dumps(value), NAME, "sums"), key(), {row.id: row for row in tuned}, NAME)


def test_ratings_go_to_the_model_that_stood_on_the_side() -> None:
    opened = key()
    lefts = [tuned_is_left(opened.seed, item.id) for item in opened.items]
    assert 0 < sum(lefts) < 6
    for number, (rating, left) in enumerate(zip(back(content()), lefts, strict=True), 1):
        assert rating.item == opened.items[number - 1].id
        assert (rating.tuned.reasoning, rating.base.reasoning) == ((5, 1) if left else (1, 5))
        assert rating.left == ("tuned" if left else "base")
        assert rating.preference == (("tuned" if left else "base") if number % 2 else "tie")
        assert (rating.comment, rating.rater) == (f"c{number}", "AB")


def changed(path: list[str | int], value: object) -> dict[str, Any]:
    made = content()
    place: Any = made
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return made


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (["kind"], "a letter", r"kind: found 'a letter', expected 'practicum human review'"),
        (["version"], 0, r"version: found 0, expected 1: criteria or scales have changed"),
        (["domain"], "loans", r"domain: found 'loans', expected 'sums'"),
        (["rater"], "Dr. Ann Other", r"rater: found 'Dr. Ann Other', expected text of the form"),
        (["ratings", 2, "left", "reasoning"], 6, r"ratings.2.left.reasoning: found 6, expected 5 or less"),
        (["ratings", 2, "left", "reasoning"], 0, r"ratings.2.left.reasoning: found 0, expected 1 or more"),
        (["ratings", 0, "right", "format"], "5", r"ratings.0.right.format: found '5', expected a valid integer"),
        (["ratings", 0, "right", "format"], 2.5, r"ratings.0.right.format: found 2.5, expected a valid integer"),
        (["ratings", 0, "better"], None, r"ratings.0.better: found null, expected 'left', 'tie' or 'right'"),
        (["ratings", 0, "style"], 1, r"ratings.0.style: found an unknown key"),
        (["ratings", 0, "comment"], "x" * 2001, r"ratings.0.comment: found '"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(path: list[str | int], value: object, told: str) -> None:
    with pytest.raises(ValueError, match=rf"^{NAME}: {told}"):
        back(changed(path, value))


def test_a_criterion_without_a_value_is_named() -> None:
    made = content()
    del made["ratings"][4]["left"]["conciseness"]
    with pytest.raises(ValueError, match=r"ratings.4.left.conciseness: found nothing, expected a value"):
        back(made)


@pytest.mark.parametrize("text", ["", "<html>", "[1]", "null"])
def test_a_file_of_another_kind_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=rf"^{NAME}: (found no JSON|kind: found None)"):
        returned(text, NAME, "sums")


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ([1, 2, 3, 5], "found no rating of item 4, 6, expected"),
        ([1, 2, 3, 4, 5, 6, 2], "found more than one rating of item 2, expected"),
        ([1, 2, 3, 4, 5, 6, 7], "found ratings of unknown item 7, expected one of each item from 1 to 6"),
        ([], "found no rating of item 1, 2, 3, 4, 5 and 1 more, expected"),
    ],
)
def test_items_that_are_missing_double_or_unknown_are_named(items: list[int], told: str) -> None:
    made = content()
    made["ratings"] = [{**made["ratings"][0], "item": number} for number in items]
    with pytest.raises(ValueError, match=f"^{NAME}: ratings: {told}"):
        back(made)


def test_a_form_of_other_predictions_is_refused_naming_the_items() -> None:
    examples, base, tuned = case(6)
    opened = key()
    check_key(opened, base, tuned)
    item = opened.items[2].id
    place = [example.id for example in examples].index(item)
    retrained = [*tuned[:place], prediction(examples[place], "Newer words"), *tuned[place + 1 :]]
    with pytest.raises(
        ValueError, match=rf"other predictions in 1 of 6 items \({item}\), expected those of the models"
    ):
        check_key(opened, base, retrained)
    with pytest.raises(ValueError, match=r"in 6 of 6 items .*and 1 more\), expected"):
        check_key(opened, tuned, base)
    with pytest.raises(ValueError, match=r"in 1 of 6 items"):
        check_key(opened, base[:place] + base[place + 1 :], tuned)


def test_raters_are_merged_and_an_earlier_rating_is_replaced_only_on_demand() -> None:
    first, second = back(content("AB")), back(content("cd"))
    assert {rating.rater for rating in second} == {"CD"}
    both, replaced = merged(first, second, replace=False)
    assert (len(both), replaced) == (12, {})
    again = back(changed(["ratings", 0, "comment"], "second thought"))
    with pytest.raises(ValueError, match=r"from before by AB \(6 items\), expected none; give --replace"):
        merged(both, again, replace=False)
    newer, replaced = merged(both, again, replace=True)
    assert (len(newer), replaced) == (12, {"AB": 6})
    assert [rating.comment for rating in newer].count("second thought") == 1


def test_one_rater_in_two_files_is_refused() -> None:
    with pytest.raises(ValueError, match=r"same items twice by AB \(6 items\), expected each rater once"):
        merged([], [*back(content("AB")), *back(content("ab"))], replace=True)
