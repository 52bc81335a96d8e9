"""Rows as tensors: padding, labels, and the masks of answers."""

from dataclasses import replace

import pytest
import torch

from practicum.chat import Renderer
from practicum.training.batching import IGNORED, PAD_MULTIPLE, Collator
from practicum.training.grammar import AnswerGrammar
from practicum.training.losses import unpacked
from tests.fixtures.templates.small_tokenizers import small_tokenizer
from tests.practicum.training.test_grammar import ROW, SCHEMA


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(small_tokenizer("smollm2"), "smollm2", "reasoning")


@pytest.fixture(scope="module")
def grammar(renderer: Renderer) -> AnswerGrammar:
    return AnswerGrammar.of(renderer, SCHEMA)


def test_a_batch_holds_each_row_padded_on_the_right(renderer: Renderer) -> None:
    rows = [renderer.training_row(ROW), renderer.training_row(replace(ROW, question="?"))]
    batch = Collator(pad_id=3)(rows)
    assert set(batch) == {"input_ids", "attention_mask", "labels"}
    width = batch["input_ids"].shape[1]
    assert width % PAD_MULTIPLE == 0
    assert 0 <= width - max(len(row.ids) for row in rows) < PAD_MULTIPLE
    for index, row in enumerate(rows):
        pad = width - len(row.ids)
        assert batch["input_ids"][index].tolist() == row.ids + [3] * pad
        assert batch["attention_mask"][index].tolist() == [1] * len(row.ids) + [0] * pad
        expected = [token if on else IGNORED for token, on in zip(row.ids, row.mask, strict=True)]
        assert batch["labels"][index].tolist() == expected + [IGNORED] * pad


def test_a_grammar_adds_the_place_and_the_masks_of_each_answer(renderer: Renderer, grammar: AnswerGrammar) -> None:
    answers = [ROW.answer, '{"place": "the store by the lake"}', '{"place": ""}']
    rows = [renderer.training_row(replace(ROW, answer=answer)) for answer in answers]
    batch = Collator(0, grammar)(rows)
    plain = Collator(0)(rows)
    assert all(torch.equal(batch[name], plain[name]) for name in plain)
    assert batch["allowed"].dtype == torch.int32
    for index, (row, answer) in enumerate(zip(rows, answers, strict=True)):
        chosen = batch["input_ids"][index][batch["answers"][index]].tolist()
        assert renderer.tokenizer.decode(chosen) == f"\n\n{answer}<|im_end|>"
        masks = batch["allowed"][index][: len(chosen)]
        assert torch.equal(masks, grammar.masks(row))
        assert bool(unpacked(masks, len(grammar.texts))[torch.arange(len(chosen)), chosen].all())


def test_masks_take_one_bit_a_token(renderer: Renderer, grammar: AnswerGrammar) -> None:
    batch = Collator(0, grammar)([renderer.training_row(ROW)])
    assert batch["allowed"].shape[2] == -(-len(grammar.texts) // 32)


def test_a_row_outside_the_grammar_makes_no_batch(renderer: Renderer, grammar: AnswerGrammar) -> None:
    with pytest.raises(ValueError, match=r"position \d+: found"):
        Collator(0, grammar)([renderer.training_row(replace(ROW, answer='{"value": "31"}'))])
