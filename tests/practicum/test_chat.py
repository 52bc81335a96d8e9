"""The renderer against the published chat templates, and against texts that try to steer it."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from practicum.chat import Renderer, RenderError, user_text
from practicum.config import FamilyName, Think
from practicum.data.example import Example
from tests.fixtures.templates.small_tokenizers import HERE, SPECIAL, UNFLAGGED, small_tokenizer

FAMILIES: tuple[FamilyName, ...] = get_args(FamilyName)
THINKING: tuple[Think, ...] = get_args(Think)

ROW = Example(
    task="t",
    label="l",
    source="file.csv:1",
    group="g",
    language="en",
    context="The rule says: pay within 30 days.",
    question="What is due? Answer as JSON.",
    reasoning="30 days from 1 May is 31 May.\nThe user pays then.",
    answer='{"value": 31}',
)
SHOT = replace(ROW, id="", question="Who pays?", reasoning="The user.", answer='{"place": "store"}')


def r1_template() -> str:
    """The distills' template as it is now, which opens the think block in the prompt."""
    text = (HERE / "deepseek_r1_distill.jinja").read_text(encoding="utf-8")
    prompt = "{{'<｜Assistant｜>'}}{% endif %}"
    assert text.endswith(prompt)
    return text.removesuffix(prompt) + "{{'<｜Assistant｜><think>\n'}}{% endif %}"


def renderer(family: FamilyName, think: Think = "reasoning") -> Renderer:
    return Renderer(small_tokenizer(family, r1_template() if family == "deepseek-r1" else None), family, think)


def published(rendering: Renderer, messages: list[dict[str, str]], **options: Any) -> tuple[str, list[int]]:
    """What the published template makes of the messages: the text and its ids."""
    tokenizer = rendering.tokenizer
    if rendering.family == "smollm2":
        # The one deliberate difference: the template's own system prompt is left out.
        text = tokenizer.apply_chat_template(
            [{"role": "system", "content": "-"}, *messages], tokenize=False, **options
        ).removeprefix("<|im_start|>system\n-<|im_end|>\n")
    else:
        text = tokenizer.apply_chat_template(messages, tokenize=False, **options)
    return text, tokenizer.encode(text, add_special_tokens=False)


def turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_prompt_is_what_the_published_template_gives(family: FamilyName) -> None:
    rendering = renderer(family)
    text, ids = published(rendering, [turn("user", user_text(ROW))], add_generation_prompt=True)
    assert rendering.prompt_ids(ROW) == ids
    assert rendering.tokenizer.decode(ids) == text


@pytest.mark.parametrize("family", FAMILIES)
def test_worked_examples_are_earlier_turns_as_the_template_writes_them(family: FamilyName) -> None:
    rendering = renderer(family)
    # The whole completion is handed to the template, which drops the thinking where the family's models expect that.
    # (DeepSeek's leaves the empty line behind it; what its models are given after a parsed answer has none.)
    answer = SHOT.answer if family == "deepseek-r1" else f"<think>\n{SHOT.reasoning}\n</think>\n\n{SHOT.answer}"
    messages = [turn("user", user_text(SHOT)), turn("assistant", answer), turn("user", user_text(ROW))]
    text, ids = published(rendering, messages, add_generation_prompt=True)
    assert rendering.prompt_ids(ROW, [SHOT]) == ids
    assert (SHOT.reasoning in text) == (family in ("smollm2", "gemma3"))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_training_row_is_the_templates_conversation(family: FamilyName) -> None:
    rendering = renderer(family)
    row = rendering.training_row(ROW)
    whole = f"<think>\n{ROW.reasoning}\n</think>\n\n{ROW.answer}"
    if family == "deepseek-r1":
        # Its template can't write a turn with thinking: the prompt, then what the model was trained to write.
        text, _ = published(rendering, [turn("user", user_text(ROW))], add_generation_prompt=True)
        text += whole.removeprefix("<think>\n") + "<｜end▁of▁sentence｜>"
    else:
        text, _ = published(rendering, [turn("user", user_text(ROW)), turn("assistant", whole)])
        text = text.removesuffix("\n")  # after the end token, which the model never writes
    assert row.ids == rendering.tokenizer.encode(text, add_special_tokens=False)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("think", THINKING)
def test_the_loss_is_on_all_of_the_answer_and_nothing_of_the_prompt(family: FamilyName, think: Think) -> None:
    rendering = renderer(family, think)
    row = rendering.training_row(ROW)
    prompt = rendering.prompt_ids(ROW)
    assert len(row.ids) == len(row.mask)
    assert row.mask == [False] * len(prompt) + [True] * (len(row.ids) - len(prompt))
    assert row.ids[: len(prompt)] == prompt
    trained = row.ids[len(prompt) :]
    assert trained[-1] == rendering.end_id
    assert rendering.tokenizer.decode(trained[:-1]) == rendering.target_text(ROW)
    assert rendering.target_text(ROW).endswith(ROW.answer)


@pytest.mark.parametrize(
    ("family", "think", "block", "target"),
    [
        ("qwen3", "reasoning", "", "<think>\n{reasoning}\n</think>\n\n{answer}<|im_end|>"),
        ("qwen3", "empty", "<think>\n\n</think>\n\n", "{answer}<|im_end|>"),
        ("qwen3", "none", "", "{answer}<|im_end|>"),
        ("deepseek-r1", "reasoning", "<think>\n", "{reasoning}\n</think>\n\n{answer}<｜end▁of▁sentence｜>"),
        ("deepseek-r1", "empty", "<think>\n\n</think>\n\n", "{answer}<｜end▁of▁sentence｜>"),
        ("deepseek-r1", "none", "", "{answer}<｜end▁of▁sentence｜>"),
    ],
)
def test_each_way_of_thinking_has_the_templates_ids_and_is_trained_on_its_target_alone(
    family: FamilyName, think: Think, block: str, target: str
) -> None:
    rendering = renderer(family, think)
    # The published prompt up to the assistant's turn, to which each way of thinking adds its part of the block.
    text, _ = published(rendering, [turn("user", user_text(ROW))], add_generation_prompt=True)
    prompt = text.removesuffix("<think>\n") + block
    trained = target.format(reasoning=ROW.reasoning, answer=ROW.answer)
    row = rendering.training_row(ROW)
    assert row.ids == rendering.tokenizer.encode(prompt + trained, add_special_tokens=False)
    assert rendering.tokenizer.decode([i for i, on in zip(row.ids, row.mask, strict=True) if not on]) == prompt
    assert rendering.tokenizer.decode([i for i, on in zip(row.ids, row.mask, strict=True) if on]) == trained


def test_an_empty_think_block_is_the_one_that_qwen3s_template_writes() -> None:
    rendering = renderer("qwen3", "empty")
    question = turn("user", user_text(ROW))
    _, ids = published(rendering, [question], add_generation_prompt=True, enable_thinking=False)
    assert rendering.prompt_ids(ROW) == ids
    text, _ = published(rendering, [question, turn("assistant", ROW.answer)])
    assert rendering.training_row(ROW).ids == rendering.tokenizer.encode(
        text.removesuffix("\n"), add_special_tokens=False
    )


def test_without_thinking_a_row_is_what_the_distills_template_writes_of_a_plain_answer() -> None:
    rendering = renderer("deepseek-r1", "none")
    _, ids = published(rendering, [turn("user", user_text(ROW)), turn("assistant", ROW.answer)])
    assert rendering.training_row(ROW).ids == ids


@pytest.mark.parametrize("family", FAMILIES)
def test_an_empty_think_block_is_seen_and_never_trained_on(family: FamilyName) -> None:
    rendering = renderer(family, "empty")
    row = rendering.training_row(ROW)
    seen = rendering.tokenizer.decode([i for i, on in zip(row.ids, row.mask, strict=True) if not on])
    trained = rendering.tokenizer.decode([i for i, on in zip(row.ids, row.mask, strict=True) if on])
    assert "<think>\n\n</think>" in seen
    assert "think>" not in trained
    assert ROW.reasoning not in seen + trained


@pytest.mark.parametrize("family", FAMILIES)
def test_a_long_row_is_never_cut(family: FamilyName) -> None:
    rendering = renderer(family)
    rendering.tokenizer.model_max_length = 64
    long = replace(ROW, context="Pay within 30 days. " * 500, reasoning="30 days from 1 May. " * 300)
    row = rendering.training_row(long)
    assert row.ids[-1] == rendering.end_id
    text = rendering.tokenizer.decode(row.ids)
    assert text.count("Pay within 30 days.") == 500
    assert text.count("30 days from 1 May.") == 300
    assert ROW.answer in text


@pytest.mark.parametrize("family", FAMILIES)
def test_without_thinking_there_is_no_block_anywhere(family: FamilyName) -> None:
    rendering = renderer(family, "none")
    text = rendering.tokenizer.decode(rendering.prompt_ids(ROW, [SHOT]) + rendering.training_row(ROW).ids)
    assert "think>" not in text


def test_the_distills_prompt_opens_the_think_block_once() -> None:
    rendering = renderer("deepseek-r1")
    assert rendering.tokenizer.decode(rendering.prompt_ids(ROW, [SHOT])).endswith("<｜Assistant｜><think>\n")
    assert rendering.tokenizer.decode(rendering.training_row(ROW).ids).count("<think>") == 1


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("place", ["context", "question", "reasoning", "answer"])
def test_no_text_of_a_row_becomes_a_control_token(family: FamilyName, place: str) -> None:
    rendering = renderer(family)
    controls = [name for name in [*SPECIAL[family], *UNFLAGGED[family]] if name.strip("\n▁") and name != "<table>"]
    if place in ("reasoning", "answer"):
        controls = [name for name in controls if "think>" not in name]
    hostile = " ".join(["x", *controls, "<" + controls[0], *(name + name for name in controls)])
    row = rendering.training_row(replace(ROW, **{place: hostile}))
    plain = rendering.training_row(ROW)
    vocabulary = rendering.tokenizer.get_vocab()
    for name in [*SPECIAL[family], *UNFLAGGED[family]]:
        if name.strip("\n▁") and name != "<table>":
            assert row.ids.count(vocabulary[name]) == plain.ids.count(vocabulary[name]), name
    assert hostile in rendering.tokenizer.decode(row.ids)


def test_ordinary_added_tokens_stay_ordinary() -> None:
    rendering = renderer("gemma3")
    ids = rendering.prompt_ids(replace(ROW, question="a <table> c"))
    vocabulary = rendering.tokenizer.get_vocab()
    assert {vocabulary["<table>"], vocabulary["\n\n"]} <= set(ids)


@pytest.mark.parametrize(
    ("family", "think", "change"),
    [
        ("smollm2", "none", {"answer": '\n\n{"value": 31}'}),
        ("qwen3", "none", {"answer": '\n{"value": 31}'}),
        ("gemma3", "none", {"answer": '\n{"value": 31}'}),
        ("deepseek-r1", "reasoning", {"reasoning": "\nThe user pays."}),
    ],
)
def test_a_row_whose_prompt_is_not_a_prefix_is_refused(
    family: FamilyName, think: Think, change: dict[str, str]
) -> None:
    with pytest.raises(RenderError, match=r"file\.csv:1.*not a prefix"):
        renderer(family, think).training_row(replace(ROW, **change))


def test_empty_reasoning_is_refused_where_it_is_to_be_trained_on() -> None:
    silent = replace(ROW, reasoning=" \n")
    with pytest.raises(RenderError, match=r"file\.csv:1.*no reasoning"):
        renderer("smollm2").training_row(silent)
    assert renderer("smollm2", "empty").training_row(silent).mask[-1]


@pytest.mark.parametrize("tag", ["<think>", "</think>"])
@pytest.mark.parametrize("place", ["reasoning", "answer"])
def test_a_think_tag_inside_the_target_is_refused(tag: str, place: str) -> None:
    with pytest.raises(RenderError, match=f"the {place} holds"):
        renderer("smollm2").training_row(replace(ROW, **{place: f"a {tag} b"}))


def test_a_tokenizer_of_another_family_is_refused() -> None:
    with pytest.raises(RenderError, match=r"<start_of_turn>|<bos>"):
        Renderer(small_tokenizer("qwen3"), "gemma3", "reasoning")


def test_the_prompt_of_a_row_does_not_depend_on_its_answer() -> None:
    rendering = renderer("smollm2")
    assert rendering.prompt_ids(replace(ROW, reasoning="", answer="")) == rendering.prompt_ids(ROW)


def test_a_row_without_context_begins_with_its_question() -> None:
    assert user_text(replace(ROW, context="")) == ROW.question


@pytest.mark.parametrize("family", FAMILIES)
def test_decoding_stops_at_the_end_token_and_pads_with_a_known_id(family: FamilyName) -> None:
    rendering = renderer(family)
    assert rendering.end_id in rendering.stop_ids
    assert rendering.training_row(ROW).ids[-1] in rendering.stop_ids
    assert 0 <= rendering.pad_id < len(rendering.tokenizer)
