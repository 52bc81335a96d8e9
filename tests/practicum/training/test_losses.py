"""The losses against their definitions, spelled out."""

import math

import pytest
import torch

from practicum.training.losses import CHUNK, contrastive_margin, cross_entropy, linear_cross_entropy


def test_cross_entropy_is_the_summed_negative_log_probability() -> None:
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    expected = sum(
        math.log(sum(math.exp(x) for x in row)) - row[label] for row, label in zip(logits.tolist(), [0, 2], strict=True)
    )
    assert float(cross_entropy(logits, torch.tensor([0, 2]))) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("positions", [1, CHUNK, CHUNK + 3, 2 * CHUNK + 1])
def test_linear_cross_entropy_has_the_value_and_gradients_of_the_plain_one(positions: int) -> None:
    torch.manual_seed(0)
    hidden = torch.randn(positions, 16, requires_grad=True)
    weight = torch.randn(50, 16, requires_grad=True)
    labels = torch.randint(0, 50, (positions,))
    plain = cross_entropy(hidden @ weight.t(), labels)
    expected = torch.autograd.grad(3 * plain, (hidden, weight))
    fused = linear_cross_entropy(hidden, weight, labels)
    got = torch.autograd.grad(3 * fused, (hidden, weight))
    torch.testing.assert_close(fused, plain)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)


def test_linear_cross_entropy_passes_a_gradient_check_in_double_precision() -> None:
    torch.manual_seed(0)
    hidden = torch.randn(5, 4, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(7, 4, dtype=torch.float64)
    labels = torch.tensor([0, 6, 3, 3, 1])
    # The value is summed in float32, so the step must be coarse.
    assert torch.autograd.gradcheck(
        lambda h: linear_cross_entropy(h, weight, labels).double(), (hidden,), eps=1e-2, atol=1e-2
    )


def test_linear_cross_entropy_takes_autocast_precision() -> None:
    torch.manual_seed(0)
    hidden, weight = torch.randn(9, 32), torch.randn(40, 32)
    labels = torch.randint(0, 40, (9,))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        fused = linear_cross_entropy(hidden, weight, labels)
        plain = cross_entropy(hidden @ weight.t(), labels)
    torch.testing.assert_close(fused, plain)
    assert fused.dtype == torch.float32


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
