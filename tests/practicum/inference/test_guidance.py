"""Completions that are held to their form, from models that know nothing of it."""

import json

import pytest
from jsonschema import Draft202012Validator

from practicum.chat import Renderer
from practicum.config import FamilyName, Think
from practicum.data.example import Example
from practicum.evaluation.extraction import extract
from practicum.inference.decoding import Completion, decode
from practicum.inference.guidance import Guidance
from practicum.inference.packed import pack
from practicum.inference.sampling import Sampling
from practicum.training.grammar import AnswerGrammar
from tests.fixtures.templates.small_tokenizers import small_tokenizer
from tests.practicum.tiny_models import tiny_model

SCHEMA = {
    "type": "object",
    "properties": {"points": {"type": "integer", "minimum": 0, "maximum": 99}, "decision": {"enum": ["yes", "no"]}},
    "required": ["points", "decision"],
    "additionalProperties": False,
}
ITEM = Example(
    task="t", label="l", source="s:1", group="g", language="en", context="", question="Why?", reasoning="", answer=""
)
ARCHITECTURE = {"smollm2": "llama", "qwen3": "qwen3", "deepseek-r1": "qwen2"}


def written(
    family: FamilyName, think: Think, *, constrained: bool, max_thinking_tokens: int | None, limit: int = 60
) -> tuple[Renderer, list[Completion]]:
    """Six samples of a model with random weights."""
    renderer = Renderer(small_tokenizer(family), family, think)
    words = len(renderer.tokenizer) + 7  # heads are often wider than the vocabulary
    model = pack(tiny_model(ARCHITECTURE[family], seed=5, vocab_size=words, max_position_embeddings=512).eval())
    guidance = Guidance.of(
        renderer,
        AnswerGrammar.of(renderer, SCHEMA, words),
        constrained=constrained,
        max_thinking_tokens=max_thinking_tokens,
    )
    prompt = renderer.prompt_ids(ITEM)
    done = decode(
        model,
        [prompt] * 6,
        stop_ids=renderer.stop_ids,
        pad_id=renderer.pad_id,
        max_new_tokens=limit,
        batch_size=4,
        sampling=Sampling(1.5, 50, 3),
        guidance=guidance,
    )
    return renderer, done


def texts(renderer: Renderer, done: list[Completion]) -> list[str]:
    return [renderer.tokenizer.decode(list(one.ids), skip_special_tokens=True) for one in done]


@pytest.mark.parametrize("family", sorted(ARCHITECTURE))
@pytest.mark.parametrize("think", ["none", "empty"])
def test_answers_fit_their_schema_where_nothing_is_thought(family: FamilyName, think: Think) -> None:
    renderer, done = written(family, think, constrained=True, max_thinking_tokens=None)
    for text in texts(renderer, done):
        Draft202012Validator(SCHEMA).validate(json.loads(text))
    assert all(one.finished for one in done)
    assert len(set(texts(renderer, done))) > 1


@pytest.mark.parametrize("family", sorted(ARCHITECTURE))
def test_random_models_need_the_constraint(family: FamilyName) -> None:
    renderer, done = written(family, "none", constrained=False, max_thinking_tokens=None)
    assert all(extract(text, True, SCHEMA).error for text in texts(renderer, done))


def test_an_open_think_block_is_closed_and_the_answer_held_to_its_schema() -> None:
    renderer, done = written("deepseek-r1", "reasoning", constrained=True, max_thinking_tokens=9)
    closing = tuple(renderer.closing_ids())
    for one in done:
        assert one.ids[9 : 9 + len(closing)] == closing
        text = renderer.tokenizer.decode(list(one.ids[9 + len(closing) :]), skip_special_tokens=True)
        Draft202012Validator(SCHEMA).validate(json.loads(text))
        assert one.finished


def test_closing_alone_leaves_the_answer_free() -> None:
    renderer, done = written("deepseek-r1", "reasoning", constrained=False, max_thinking_tokens=9)
    closing = tuple(renderer.closing_ids())
    assert all(one.ids[9 : 9 + len(closing)] == closing for one in done)
    after = [renderer.tokenizer.decode(list(one.ids[9 + len(closing) :])) for one in done]
    assert any(extract(text, True, SCHEMA).error for text in after)


def test_a_block_that_was_never_opened_is_not_closed() -> None:
    renderer, done = written("qwen3", "reasoning", constrained=True, max_thinking_tokens=3, limit=20)
    opening = renderer.tokenizer.convert_tokens_to_ids("<think>")
    unopened = [one for one in done if opening not in one.ids[:10]]
    assert unopened
    closing = tuple(renderer.closing_ids())
    assert all(one.ids[3 : 3 + len(closing)] != closing for one in unopened)
