"""The comparison of logits, against numbers worked out by hand."""

import pytest
import torch

from practicum.chat import Rendered
from practicum.quantization.agreement import Agreement, QuantizationError, agreement, answer_logits, check
from tests.practicum.quantization.small_models import small_model


def test_equal_logits_agree_and_a_constant_changes_nothing() -> None:
    logits = torch.randn(600, 11)
    assert agreement(logits, logits) == Agreement(600, 1.0, 0.0)
    moved = agreement(logits, logits + torch.randn(600, 1))
    assert moved.top1 == 1.0
    assert moved.error < 1e-6


def test_error_and_top1_of_a_worked_example() -> None:
    reference = torch.tensor([[1.0, -1.0], [1.0, -1.0]])
    found = agreement(reference, torch.tensor([[1.0, -1.0], [-1.0, 1.0]]))
    # Lengths: the reference's is 2, the difference's sqrt(8).
    assert found == Agreement(2, 0.5, pytest.approx(2**0.5))


def test_logits_are_those_that_predict_the_supervised_tokens() -> None:
    model = small_model("llama")
    ids = list(range(10, 22))
    row = Rendered(ids, [place in (5, 6, 11) for place in range(12)])
    with torch.inference_mode():
        whole = model(torch.tensor([ids])).logits[0]
    torch.testing.assert_close(answer_logits(model, [row, row]), torch.cat([whole[[4, 5, 10]]] * 2))


def test_the_check_passes_at_the_bound_and_fails_below_or_without_numbers() -> None:
    check(Agreement(10, 0.9, 0.2), "nf4", 0.9)
    with pytest.raises(QuantizationError, match=r"nf4: .*80\.0% of 10 positions.*at least 90\.0%"):
        check(Agreement(10, 0.8, 0.2), "nf4", 0.9)
    with pytest.raises(QuantizationError, match="nan"):
        check(agreement(torch.randn(4, 3), torch.full((4, 3), float("nan"))), "int8", 0.01)
