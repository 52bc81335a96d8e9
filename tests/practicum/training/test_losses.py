"""The losses against their definitions, spelled out."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from practicum.training.losses import (
    CHUNK,
    Answers,
    contrastive_margin,
    cross_entropy,
    format_penalty,
    linear_losses,
    unpacked,
)


def packed(allowed: Tensor) -> Tensor:
    """`[positions, vocabulary]`, bool, as words of 32 bits, one token after the other."""
    rows = []
    for row in allowed.tolist():
        words = [sum(1 << bit for bit, on in enumerate(row[at : at + 32]) if on) for at in range(0, len(row), 32)]
        rows.append([word - (1 << 32) if word >= 1 << 31 else word for word in words])
    return torch.tensor(rows, dtype=torch.int32)


def some_answers(labels: Tensor, vocabulary: int, seed: int = 1) -> tuple[Answers, Tensor]:
    """Two of three positions are of an answer, where the label and about half of the tokens are allowed."""
    at = torch.tensor([i for i in range(len(labels)) if i % 3 != 1], dtype=torch.long)
    allowed = torch.rand(len(at), vocabulary, generator=torch.Generator().manual_seed(seed)) < 0.5
    allowed[torch.arange(len(at)), labels[at]] = True
    return Answers(at, packed(allowed)), allowed


def test_cross_entropy_is_the_summed_negative_log_probability() -> None:
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    expected = sum(
        math.log(sum(math.exp(x) for x in row)) - row[label] for row, label in zip(logits.tolist(), [0, 2], strict=True)
    )
    assert float(cross_entropy(logits, torch.tensor([0, 2]))) == pytest.approx(expected, rel=1e-6)


def test_margin_takes_the_strongest_other_token_as_rival() -> None:
    logits = torch.tensor(
        [
            [5.0, 1.0, 0.0],  # label first, lead 4: beyond the margin, adds nothing
            [5.0, 4.8, 0.0],  # label first, lead 0.2: adds 0.3
            [5.0, 4.8, 0.0],  # label second: lead -0.2, adds 0.7 (the second-highest logit is the label itself)
            [5.0, 4.8, 0.0],  # label last: lead -5 against the first, not against the second
        ]
    )
    labels = torch.tensor([0, 0, 1, 2])
    expected = 0.0 + 0.3 + 0.7 + 5.5
    assert float(contrastive_margin(logits, labels, 0.5)) == pytest.approx(expected, rel=1e-5)


def test_margin_pulls_label_and_rival_apart_and_nothing_else() -> None:
    logits = torch.tensor([[1.0, 0.9, -2.0]], requires_grad=True)
    contrastive_margin(logits, torch.tensor([0]), 0.5).backward()
    assert logits.grad is not None
    assert logits.grad.tolist() == [[-1.0, 1.0, 0.0]]


def test_the_format_penalty_is_minus_the_log_of_the_allowed_probability() -> None:
    logits = torch.tensor([[2.0, 0.0, -1.0, 0.5], [0.0, 1.0, 0.0, 3.0]])
    allowed = torch.tensor([[True, False, True, False], [False, True, False, False]])
    first = (math.exp(2) + math.exp(-1)) / (math.exp(2) + 1 + math.exp(-1) + math.exp(0.5))
    second = math.exp(1) / (2 + math.exp(1) + math.exp(3))
    expected = -math.log(first) - math.log(second)
    assert float(format_penalty(logits, allowed)) == pytest.approx(expected, rel=1e-6)


def test_the_format_penalty_says_nothing_on_which_allowed_token_is_right() -> None:
    logits = torch.tensor([[4.0, -1.0, 0.0]])
    allowed = torch.tensor([[True, True, False]])
    other = torch.tensor([[-1.0, 4.0, 0.0]])
    assert float(format_penalty(logits, allowed)) == pytest.approx(float(format_penalty(other, allowed)), rel=1e-6)


@pytest.mark.parametrize(
    ("logits", "allowed", "expected"),
    [
        ([20.0, 0.0], [True, False], math.log1p(math.exp(-20))),  # log-sums subtracted in float32 would give 0
        ([-200.0, 0.0], [True, False], 200.0),  # a probability that float32 can't hold
        ([1000.0, -1000.0], [True, False], 0.0),
        ([3.0, 1.0], [True, True], 0.0),
    ],
)
def test_the_format_penalty_is_exact_and_its_gradient_finite_at_the_extremes(
    logits: list[float], allowed: list[bool], expected: float
) -> None:
    scores = torch.tensor([logits], requires_grad=True)
    penalty = format_penalty(scores, torch.tensor([allowed]))
    assert penalty.item() == pytest.approx(expected, rel=1e-5, abs=1e-30)
    penalty.backward()
    assert scores.grad is not None
    assert bool(scores.grad.isfinite().all())
    lost = -math.expm1(-expected)
    assert scores.grad[0, 0] == pytest.approx(-lost, rel=1e-5, abs=1e-30)


@pytest.mark.parametrize(
    "loss",
    [
        cross_entropy,
        lambda logits, labels: contrastive_margin(logits, labels, 0.5),
        lambda logits, labels: format_penalty(logits, some_answers(labels.repeat(2), 7)[1][: len(labels)]),
    ],
    ids=["cross_entropy", "contrastive_margin", "format_penalty"],
)
def test_each_loss_passes_a_gradient_check_in_double_precision(loss: Callable[[Tensor, Tensor], Tensor]) -> None:
    torch.manual_seed(0)
    logits = torch.randn(4, 7, dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([0, 6, 3, 3])
    assert torch.autograd.gradcheck(lambda x: loss(x, labels), (logits,))


@pytest.mark.parametrize("vocabulary", [40, 64, 65])
def test_masks_are_unpacked_as_they_were_packed(vocabulary: int) -> None:
    allowed = torch.rand(9, vocabulary, generator=torch.Generator().manual_seed(3)) < 0.5
    allowed[:, 31] = True  # the sign bit of a word
    assert torch.equal(unpacked(packed(allowed), vocabulary), allowed)


def test_masks_narrower_than_the_vocabulary_are_refused() -> None:
    with pytest.raises(ValueError, match="found masks of 64 tokens, expected one bit for each of the 65"):
        unpacked(torch.zeros(1, 2, dtype=torch.int32), 65)


WEIGHTS = [
    {},
    {"contrastive_weight": 0.7, "margin": 0.5},
    {"format_weight": 0.3},
    {"contrastive_weight": 0.7, "margin": 0.5, "format_weight": 0.3},
]


def reference(
    logits: Tensor,
    labels: Tensor,
    answers: Answers,
    contrastive_weight: float = 0.0,
    margin: float = 0.0,
    format_weight: float = 0.0,
) -> tuple[Tensor, ...]:
    """Total and parts by the definitions, from all the logits."""
    entropy, contrast, penalty = cross_entropy(logits, labels), torch.zeros(()), torch.zeros(())
    if contrastive_weight:
        contrast = contrastive_margin(logits, labels, margin)
    if format_weight:
        penalty = format_penalty(logits[answers.at], unpacked(answers.allowed, logits.shape[1]))
    return entropy + contrastive_weight * contrast + format_weight * penalty, entropy, contrast, penalty


@pytest.mark.parametrize("weights", WEIGHTS, ids=lambda weights: "+".join(weights) or "cross_entropy")
@pytest.mark.parametrize("positions", [1, CHUNK, CHUNK + 3, 2 * CHUNK + 1])
def test_linear_losses_have_the_values_and_gradients_of_the_plain_ones(
    positions: int, weights: dict[str, float]
) -> None:
    torch.manual_seed(0)
    hidden = torch.randn(positions, 16, requires_grad=True)
    weight = torch.randn(50, 16, requires_grad=True)
    labels = torch.randint(0, 50, (positions,))
    answers, _ = some_answers(labels, 50)
    plain = reference(hidden @ weight.t(), labels, answers, **weights)
    expected = torch.autograd.grad(3 * plain[0], (hidden, weight))
    fused = linear_losses(hidden, weight, labels, answers=answers, **weights)
    got = torch.autograd.grad(3 * fused.total, (hidden, weight))
    torch.testing.assert_close(tuple(fused), plain)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)
    assert not any(part.requires_grad for part in fused[1:])


@pytest.mark.parametrize("weights", WEIGHTS, ids=lambda weights: "+".join(weights) or "cross_entropy")
def test_linear_losses_pass_a_gradient_check_in_double_precision(weights: dict[str, float]) -> None:
    torch.manual_seed(0)
    hidden = torch.randn(5, 4, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(7, 4, dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([0, 6, 3, 3, 1])
    answers, _ = some_answers(labels, 7)
    assert torch.autograd.gradcheck(
        lambda h, w: linear_losses(h, w, labels, answers=answers, **weights).total, (hidden, weight)
    )


def test_linear_losses_are_the_same_in_chunks_without_an_answer() -> None:
    torch.manual_seed(0)
    hidden, weight = torch.randn(3 * CHUNK, 16, requires_grad=True), torch.randn(50, 16)
    labels = torch.randint(0, 50, (3 * CHUNK,))
    everywhere, _ = some_answers(labels, 50)
    keep = everywhere.at >= 2 * CHUNK + 5
    answers = Answers(everywhere.at[keep], everywhere.allowed[keep])
    plain = reference(hidden @ weight.t(), labels, answers, format_weight=0.3)
    fused = linear_losses(hidden, weight, labels, format_weight=0.3, answers=answers)
    torch.testing.assert_close(tuple(fused), plain)
    torch.testing.assert_close(
        torch.autograd.grad(fused.total, hidden), torch.autograd.grad(plain[0], hidden), rtol=1e-4, atol=1e-4
    )


def test_linear_losses_take_autocast_precision() -> None:
    torch.manual_seed(0)
    hidden, weight = torch.randn(9, 32), torch.randn(40, 32)
    labels = torch.randint(0, 40, (9,))
    answers, _ = some_answers(labels, 40)
    weights = WEIGHTS[-1]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        fused = linear_losses(hidden, weight, labels, answers=answers, **weights)
        plain = reference(hidden @ weight.t(), labels, answers, **weights)
    torch.testing.assert_close(tuple(fused), plain)
    assert fused.total.dtype == torch.float32


def test_a_format_weight_without_answers_is_refused() -> None:
    with pytest.raises(ValueError, match=r"format weight of 0\.3 without answers"):
        linear_losses(torch.randn(2, 4), torch.randn(7, 4), torch.tensor([0, 1]), format_weight=0.3)
