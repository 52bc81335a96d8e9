"""Figures over repeated samples, against counting every draw."""

import math
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import pytest

from practicum.evaluation.scoring import Prediction
from practicum.evaluation.stability import (
    Sampled,
    agreement,
    answer_classes,
    entropy,
    g_pass,
    majority,
    mg_pass,
    other_batches,
    powers_of_two,
    same_at_batch,
    sampled_to_json,
    summarise,
)


def prediction(answer: dict[str, Any] | None, em: int, item: str = "a", text: str = "") -> Prediction:
    return Prediction(
        id=item,
        task="t",
        label="l",
        group="g",
        prompt_tokens=1,
        new_tokens=1,
        finished=True,
        text=text,
        answer=answer,
        error=None if answer else "no_answer",
        reference={"n": 1},
        em=em,
        f1=0.0,
        scores={},
    )


@pytest.mark.parametrize(("samples", "k"), [(6, 1), (6, 2), (6, 3), (6, 5), (6, 6), (4, 4)])
@pytest.mark.parametrize("tau", [0.0, 0.25, 0.5, 2 / 3, 0.75, 1.0])
def test_g_pass_is_the_share_of_draws_with_enough_right_ones(samples: int, k: int, tau: float) -> None:
    for right in range(samples + 1):
        draws = list(combinations([1] * right + [0] * (samples - right), k))
        least = max(1, math.ceil(Fraction(tau).limit_denominator(100) * k))
        assert g_pass(samples, right, k, tau) == pytest.approx(sum(sum(d) >= least for d in draws) / len(draws))


def test_g_pass_does_not_round_a_threshold_up_by_a_float_error() -> None:
    assert g_pass(100, 7, 100, 0.07) == 1.0  # 0.07 * 100 is 7.000000000000001


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 8])
def test_mg_pass_is_the_mean_over_thresholds_from_a_half_to_one(k: int) -> None:
    steps = 60_000
    for right in (0, 3, 5, 8):
        mean = sum(g_pass(8, right, k, 0.5 + (i + 0.5) / (2 * steps)) for i in range(0, steps, 100)) / (steps / 100)
        assert mg_pass(8, right, k) == pytest.approx(mean, abs=0.005)


def test_mg_pass_for_an_even_k_is_the_papers_sum() -> None:
    for right in range(9):
        paper = 2 / 4 * sum(g_pass(8, right, 4, i / 4) for i in (3, 4))
        assert mg_pass(8, right, 4) == pytest.approx(paper)


@pytest.mark.parametrize("numbers", [(1, 0, 5, 0.5), (4, 5, 2, 0.5), (4, 2, 0, 0.5), (4, 2, 2, 1.5)])
def test_g_pass_refuses_numbers_out_of_range(numbers: tuple[int, int, int, float]) -> None:
    with pytest.raises(ValueError, match="g_pass: found"):
        g_pass(*numbers)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 6])
def test_majority_is_the_mean_over_all_draws_with_ties_shared(k: int) -> None:
    for classes in product(range(3), repeat=6):
        right = [int(one == 1) for one in classes]
        chances = []
        for places in combinations(range(6), k):
            counts = {c: sum(classes[p] == c for p in places) for c in range(3)}
            front = [c for c, n in counts.items() if n == max(counts.values())]
            chances.append((1 in front) / len(front))
        assert majority(classes, right, k) == pytest.approx(sum(chances) / len(chances))


def test_majority_of_one_is_the_share_of_right_samples() -> None:
    assert majority([0, 0, 1, 2], [1, 1, 0, 0], 1) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="k=5, expected 1 to 4"):
        majority([0, 0, 1, 2], [1, 1, 0, 0], 5)


def test_answers_are_one_class_by_value_case_and_spacing_and_unread_ones_are_another() -> None:
    answers = [{"a": "Yes", "n": 2}, None, {"a": "yes ", "n": 2.0}, {"a": "no", "n": 2}, None]
    assert answer_classes(answers) == (0, 1, 0, 2, 1)


def test_agreement_and_entropy_of_known_frequencies() -> None:
    assert agreement([0, 0, 0, 1]) == 0.75
    assert entropy([0, 0, 0, 0]) == 0.0
    assert entropy([0, 1, 2, 3]) == pytest.approx(math.log(4))
    assert entropy([0, 0, 1, 1]) == pytest.approx(math.log(2))


def test_a_summary_is_the_mean_over_items() -> None:
    sure = Sampled(tuple(prediction({"n": 1}, 1) for _ in range(4)))
    torn = Sampled(tuple(prediction(a, e, "b") for a, e in [({"n": 1}, 1), ({"n": 2}, 0), (None, 0), (None, 0)]))
    greedy = {"a": prediction({"n": 1}, 1), "b": prediction({"n": 2}, 0, "b")}
    figures = summarise([sure, torn], greedy)
    assert (figures["items"], figures["samples"]) == (2, 4)
    assert figures["em"] == pytest.approx((1 + 0.25) / 2)
    assert figures["em_greedy"] == 0.5
    assert figures["agreement"] == pytest.approx((1 + 0.5) / 2)
    assert figures["entropy"] == pytest.approx(1.5 * math.log(2) / 2, abs=1e-6)
    assert figures["entropy_normalised"] == pytest.approx(figures["entropy"] / math.log(4), abs=1e-6)
    assert figures["format_error_rate"] == 0.25
    assert figures["majority"] == {"1": 0.625, "2": pytest.approx((1 + 0.25) / 2, abs=0.1), "4": 0.5}
    assert figures["pass"]["4"] == 1.0
    assert figures["g_pass_k"] == 2
    assert figures["g_pass"]["1"] == 0.5
    assert sampled_to_json(torn)["classes"] == [0, 1, 2, 2]
    assert sampled_to_json(torn)["right"] == [1, 0, 0, 0]


def test_a_summary_refuses_unequal_samples_and_missing_greedy_answers() -> None:
    one, two = Sampled((prediction({"n": 1}, 1),)), Sampled(tuple(prediction({"n": 1}, 1) for _ in range(2)))
    with pytest.raises(ValueError, match=r"with \[1, 2\] samples"):
        summarise([one, two], {"a": prediction({"n": 1}, 1)})
    with pytest.raises(ValueError, match="no greedy answer to item a"):
        summarise([one], {})


def test_the_same_text_at_another_batch_size_is_counted() -> None:
    usual = [prediction({"n": 1}, 1, "a", "x"), prediction({"n": 1}, 1, "b", "x"), prediction(None, 0, "c", "x")]
    other = [prediction({"n": 1}, 1, "a", "x"), prediction({"n": 1}, 1, "b", "y"), prediction({"n": 3}, 0, "c", "z")]
    assert same_at_batch(other, usual) == {
        "items": 3,
        "same_text": pytest.approx(1 / 3, abs=1e-6),
        "same_answer": pytest.approx(2 / 3, abs=1e-6),
    }
    with pytest.raises(ValueError, match="other items"):
        same_at_batch(other[:2], usual)


def test_batch_sizes_and_k_that_are_reported() -> None:
    assert other_batches(32, 16) == [(1, 6), (8, 16)]
    assert other_batches(8, 4) == [(1, 4)]
    assert powers_of_two(8) == [1, 2, 4, 8]
    assert powers_of_two(6) == [1, 2, 4, 6]
