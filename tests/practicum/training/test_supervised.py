"""The loss that a model's forward gives, against the definitions over all of its logits."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from practicum.chat import Rendered, Renderer
from practicum.config import Loss
from practicum.training.batching import Collator
from practicum.training.grammar import AnswerGrammar
from practicum.training.losses import contrastive_margin, cross_entropy, format_penalty, unpacked
from practicum.training.supervised import SupervisedModel
from tests.fixtures.templates.small_tokenizers import small_tokenizer
from tests.practicum.tiny_models import tiny_model
from tests.practicum.training.test_grammar import ROW, SCHEMA

VOCABULARY = 448
"""Of the models: more than the tokenizer's."""
ALL = Loss(contrastive=0.4, margin=0.5, format=0.6)
PLAIN = Loss(contrastive=0.0, margin=0.5, format=0.0)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(small_tokenizer("qwen3"), "qwen3", "reasoning")


@pytest.fixture(scope="module")
def collate(renderer: Renderer) -> Collator:
    return Collator(renderer.pad_id, AnswerGrammar.of(renderer, SCHEMA, VOCABULARY))


def some_rows(renderer: Renderer, values: Sequence[int]) -> list[Rendered]:
    """Rows of unequal length."""
    return [
        renderer.training_row(
            replace(
                ROW,
                question="When? " * (value % 4 + 1),
                reasoning="A day. " * (value % 3 + 1) + str(value),
                answer=f'{{"value": {value}, "unit": "day"}}' if value % 2 else f'{{"place": "store {value}"}}',
            )
        )
        for value in values
    ]


def supervised(loss: Loss, family: str = "llama") -> SupervisedModel:
    model = tiny_model(family, seed=0, vocab_size=VOCABULARY, max_position_embeddings=512, attn_implementation="eager")
    return SupervisedModel(model, loss).train()


def by_definition(model: SupervisedModel, grammar: AnswerGrammar, rows: Sequence[Rendered]) -> list[Tensor]:
    """The sums of cross-entropy, contrastive and format loss, from all the logits of one row after the other."""
    sums = [torch.zeros(()) for _ in range(3)]
    for row in rows:
        logits = model.causal(input_ids=torch.tensor([row.ids])).logits[0]
        first = row.mask.index(True)
        labels = torch.tensor(row.ids[first:])
        before = logits[first - 1 : -1]
        masks = unpacked(grammar.masks(row), VOCABULARY)
        sums[0] = sums[0] + cross_entropy(before, labels)
        sums[1] = sums[1] + contrastive_margin(before, labels, model.weights.margin)
        sums[2] = sums[2] + format_penalty(before[-len(masks) :], masks)
    return sums


def gradient(model: SupervisedModel, loss: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(loss, [p for p in model.parameters() if p.requires_grad]))


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3", "gemma3"])
def test_loss_and_parts_of_a_batch_are_the_definitions_over_single_rows(
    family: str, renderer: Renderer, collate: Collator
) -> None:
    model, rows = supervised(ALL, family), some_rows(renderer, [3, 8, 14, 21])
    assert collate.grammar is not None
    entropy, contrast, penalty = by_definition(model, collate.grammar, rows)
    tokens = sum(sum(row.mask) for row in rows)
    result = model(**collate(rows))
    torch.testing.assert_close(result["loss_sum"], entropy.detach())
    torch.testing.assert_close(result["contrastive_sum"], contrast.detach())
    torch.testing.assert_close(result["format_sum"], penalty.detach())
    assert result["tokens"] == tokens
    expected = (entropy + 0.4 * contrast + 0.6 * penalty) / tokens
    torch.testing.assert_close(result["loss"], expected)
    torch.testing.assert_close(gradient(model, result["loss"]), gradient(model, expected), rtol=1e-4, atol=1e-5)
    assert float(penalty.detach()) > 1.0  # else the test could not see a wrong one


def test_micro_batches_add_up_to_the_step_with_all_parts(renderer: Renderer, collate: Collator) -> None:
    model, rows = supervised(ALL), some_rows(renderer, range(16))
    tokens = sum(sum(row.mask) for row in rows)
    whole = model(**collate(rows))
    expected = gradient(model, whole["loss"])
    for size in (1, 2, 8):
        parts = [model(**collate(rows[at : at + size]), num_items_in_batch=tokens) for at in range(0, len(rows), size)]
        for name in ("loss", "loss_sum", "contrastive_sum", "format_sum"):
            torch.testing.assert_close(sum(part[name] for part in parts), whole[name])
        got = gradient(model, sum(part["loss"] for part in parts))  # type: ignore[arg-type]
        torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-6)


def test_without_further_weights_the_loss_is_the_cross_entropy_and_asks_for_no_masks(
    renderer: Renderer, collate: Collator
) -> None:
    model, rows = supervised(PLAIN), some_rows(renderer, [3, 8])
    result = model(**Collator(collate.pad_id)(rows))
    assert set(result) == {"loss", "loss_sum", "tokens"}
    torch.testing.assert_close(result["loss"].detach(), result["loss_sum"] / result["tokens"])
    masked = model(**collate(rows))
    assert torch.equal(masked["loss"], result["loss"])


def test_parts_are_returned_where_they_have_a_weight(renderer: Renderer, collate: Collator) -> None:
    rows = some_rows(renderer, [3])
    for loss, parts in (
        (Loss(contrastive=0.1, margin=0.5, format=0.0), {"contrastive_sum"}),
        (Loss(contrastive=0.0, margin=0.5, format=0.1), {"format_sum"}),
    ):
        assert set(supervised(loss)(**collate(rows))) == {"loss", "loss_sum", "tokens"} | parts


def test_a_head_that_is_no_plain_linear_layer_gives_the_same(renderer: Renderer, collate: Collator) -> None:
    model, rows = supervised(ALL), some_rows(renderer, [3, 8])
    plain = model(**collate(rows))
    expected = gradient(model, plain["loss"])
    head = nn.Linear(32, VOCABULARY, bias=True)
    head.weight = model.causal.get_output_embeddings().weight
    nn.init.zeros_(head.bias)
    head.bias.requires_grad_(False)
    model.causal.set_output_embeddings(head)
    other = model(**collate(rows))
    torch.testing.assert_close(other, plain)
    torch.testing.assert_close(gradient(model, other["loss"]), expected, rtol=1e-4, atol=1e-6)


def test_a_format_weight_without_masks_is_refused(renderer: Renderer, collate: Collator) -> None:
    with pytest.raises(ValueError, match=r"loss\.format is 0\.6 and the batch holds no masks"):
        supervised(ALL)(**Collator(collate.pad_id)(some_rows(renderer, [3])))


def test_training_with_the_format_loss_puts_more_probability_on_allowed_tokens(
    renderer: Renderer, collate: Collator
) -> None:
    """On rows never trained on; the cross-entropy alone, which teaches the form as well, puts less there."""
    seen, unseen = some_rows(renderer, range(32)), some_rows(renderer, range(40, 48))
    batches, held_out = [collate(seen[at : at + 8]) for at in range(0, 32, 8)], collate(unseen)

    def lost(weight: float, steps: int) -> float:
        """Mean of minus the log of the allowed probability after training."""
        model = supervised(Loss(contrastive=0.0, margin=0.0, format=weight))
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
        for step in range(steps):
            model(**batches[step % 4])["loss"].backward()
            optimizer.step()
            optimizer.zero_grad()
        with torch.no_grad():
            measured = SupervisedModel(model.causal, Loss(contrastive=0.0, margin=0.0, format=1.0))
            return float(measured(**held_out)["format_sum"] / held_out["answers"].sum())

    before, plain, penalised = lost(5.0, 0), lost(0.0, 30), lost(5.0, 30)
    assert plain < 0.5 * before
    assert penalised < 0.92 * plain
