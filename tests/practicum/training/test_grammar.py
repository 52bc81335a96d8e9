"""What the grammar of answers allows, for every family's way of writing tokens."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, get_args

import pytest
from jsonschema import Draft202012Validator

from practicum.chat import Rendered, Renderer
from practicum.config import FamilyName, Think
from practicum.data.example import Example, canonical_json
from practicum.training.grammar import AnswerGrammar
from practicum.training.losses import unpacked
from tests.fixtures.templates.small_tokenizers import SPECIAL, small_tokenizer

FAMILIES: tuple[FamilyName, ...] = get_args(FamilyName)
THINKING: tuple[Think, ...] = get_args(Think)
SCHEMA: Mapping[str, Any] = {
    "oneOf": [
        {
            "type": "object",
            "properties": {"value": {"type": "integer", "minimum": 0, "maximum": 99}, "unit": {"enum": ["day", "日"]}},
            "required": ["value", "unit"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"place": {"type": "string"}},
            "required": ["place"],
            "additionalProperties": False,
        },
    ]
}
ROW = Example(
    task="t",
    label="l",
    source="file.csv:1",
    group="g",
    language="en",
    context="Answer after </think> in JSON.",
    question="When?",
    reasoning='30 days. {"value": 2} is wrong.',
    answer='{"value": 31, "unit": "day"}',
)


def grammar_of(
    family: FamilyName, think: Think = "reasoning", vocab_size: int | None = None
) -> tuple[Renderer, AnswerGrammar]:
    renderer = Renderer(small_tokenizer(family), family, think)
    return renderer, AnswerGrammar.of(renderer, SCHEMA, vocab_size)


def allowed_ids(grammar: AnswerGrammar, row: Rendered) -> list[list[int]]:
    """Allowed tokens at each token of the answer."""
    masks = unpacked(grammar.masks(row), len(grammar.texts))
    return [mask.nonzero().flatten().tolist() for mask in masks]


COUNTED: Final = frozenset(
    answer[:end]
    for value in range(100)
    for unit in ("day", "日")
    for answer in [f'{{"value": {value}, "unit": "{unit}"}}']
    for end in range(len(answer) + 1)
)
PLACED: Final = re.compile(
    r'\{"place": "([^"\\\x00-\x1f]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*(\\(u[0-9a-fA-F]{0,3})?|"\}?)?'
)


def could_be_an_answer(text: str, before: str) -> bool:
    """Whether a text begins some answer of the schema, written by hand for the schema above."""
    if before.startswith(text):
        return True
    rest = text.removeprefix(before)
    return text.startswith(before) and (
        rest in COUNTED or '{"place": "'.startswith(rest) or PLACED.fullmatch(rest) is not None
    )


@pytest.mark.parametrize("think", THINKING)
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("answer", [ROW.answer, '{"place": "store 店"}'])
def test_a_token_is_allowed_exactly_where_an_answer_can_go_on_with_it(
    family: FamilyName, think: Think, answer: str
) -> None:
    if family == "gemma3":
        answer = answer.replace("店", "")  # its small tokenizer has no bytes to write Chinese with
    renderer, grammar = grammar_of(family, think)
    row = renderer.training_row(replace(ROW, answer=answer))
    allowed = allowed_ids(grammar, row)
    tokens = row.ids[-len(allowed) :]
    before = "\n\n" if think == "reasoning" or (think == "empty" and renderer.style.plain_think) else ""
    written = b"".join(grammar.texts[token] for token in tokens[:-1]).decode()
    assert written == before + answer
    names = {*SPECIAL[family], "<think>", "</think>", "<｜User｜>", "<｜Assistant｜>"}
    for position, ids in enumerate(allowed):
        so_far = b"".join(grammar.texts[token] for token in tokens[:position])
        done = so_far.decode("utf-8", "replace") == before + answer
        for token, text in enumerate(grammar.texts):
            if token == renderer.end_id:
                assert (token in ids) == done
            elif renderer.tokenizer.convert_ids_to_tokens(token) in names:
                assert token not in ids, f"control token {text!r}"
            else:
                try:
                    whole = (so_far + text).decode()
                except UnicodeDecodeError:
                    continue  # a part of a character
                if text:
                    assert (token in ids) == could_be_an_answer(whole, before), (position, whole, text)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_answer_is_what_follows_the_think_block_up_to_the_end_token(family: FamilyName) -> None:
    renderer, grammar = grammar_of(family)
    row = renderer.training_row(ROW)
    count = len(grammar.masks(row))
    assert renderer.tokenizer.decode(row.ids[-count:-1]) == "\n\n" + ROW.answer
    assert row.ids[-1] == renderer.end_id


@pytest.mark.parametrize("family", FAMILIES)
def test_what_the_model_has_beyond_the_tokenizer_is_never_allowed(family: FamilyName) -> None:
    renderer, grammar = grammar_of(family)
    wide_renderer, wide = grammar_of(family, vocab_size=len(grammar.texts) + 77)
    row = renderer.training_row(ROW)
    assert wide_renderer.training_row(ROW) == row
    assert len(wide.texts) == len(grammar.texts) + 77
    assert allowed_ids(wide, row) == allowed_ids(grammar, row)


@pytest.mark.parametrize(
    ("answer", "position_text", "expected"),
    [
        ('{"value": 131, "unit": "day"}', "found '1' after", "','"),
        ('{"unit": "day", "value": 3}', "found 'u", "'v"),
        ('{"value": 31,"unit": "day"}', "found '\"", "' '"),
        ('{"value": 31, "unit": "day"} ', "found ' '", "'<|im_end|>'"),
        ('{"value": 31, "unit": "day"', "found '<|im_end|>'", "'}'"),
        ("31 days", "found '3'", "'{'"),
    ],
)
def test_an_answer_that_leaves_the_grammar_is_refused_where_it_leaves_it(
    answer: str, position_text: str, expected: str
) -> None:
    renderer, grammar = grammar_of("qwen3")
    row = renderer.training_row(replace(ROW, answer=answer))
    with pytest.raises(ValueError, match="position") as refused:
        grammar.masks(row)
    message = str(refused.value)
    position = int(message.split()[1].rstrip(":"))
    assert position_text in message
    assert expected in message.partition("expected")[2]
    before = renderer.tokenizer.decode(row.ids[:position]).rpartition("</think>\n\n")[2]
    assert could_be_an_answer(before, "")
    assert repr("\n\n" + before) in message


def test_refused_rows_are_counted_before_training() -> None:
    renderer, grammar = grammar_of("smollm2")
    good = renderer.training_row(ROW)
    bad = renderer.training_row(replace(ROW, answer='{"value": -1, "unit": "day"}'))
    grammar.check([good, good])
    with pytest.raises(ValueError, match=r"^row 1: position \d+: found '-' .*; 2 of 4 rows are refused$"):
        grammar.check([good, bad, good, bad])


@pytest.mark.parametrize(
    ("cut", "fault"),
    [
        (lambda row: Rendered(row.ids[:-1], row.mask[:-1]), "found the row's end"),
        (lambda row: Rendered([*row.ids, row.ids[-1]], [*row.mask, True]), "expected nothing after the end token"),
        (lambda row: Rendered(row.ids, [False] * len(row.ids)), "found no prompt followed by supervised tokens"),
        (lambda row: Rendered(row.ids, [True] * len(row.ids)), "found no prompt followed by supervised tokens"),
        (lambda row: Rendered([*row.ids, 5], [*row.mask, False]), "found no prompt followed by supervised tokens"),
    ],
)
def test_a_row_without_prompt_answer_and_end_is_refused(cut: Any, fault: str) -> None:
    renderer, grammar = grammar_of("qwen3")
    with pytest.raises(ValueError, match=fault):
        grammar.masks(cut(renderer.training_row(ROW)))


def test_a_token_that_reaches_over_the_think_tag_counts_with_its_rest() -> None:
    """Where the tags are plain text a tokenizer may join the last bracket and the empty line."""
    renderer, grammar = grammar_of("smollm2")
    row = renderer.training_row(ROW)
    count = len(grammar.masks(row))
    bracket = len(row.ids) - count - 1
    assert grammar.texts[bracket_id := row.ids[bracket]] == b">"
    newline = row.ids[bracket + 1]
    joined = len(grammar.texts)
    first_rest = grammar.texts[newline]
    longer = replace(grammar, texts=(*grammar.texts, b">" + first_rest))
    merged = Rendered(
        [*row.ids[:bracket], joined, *row.ids[bracket + 2 :]], [*row.mask[:bracket], *row.mask[bracket + 1 :]]
    )
    assert bracket_id not in merged.ids[bracket:]
    plain, over = allowed_ids(grammar, row), allowed_ids(longer, merged)
    assert over == plain[1:]


def test_a_schema_without_a_grammar_is_refused() -> None:
    renderer = Renderer(small_tokenizer("qwen3"), "qwen3", "reasoning")
    with pytest.raises(ValueError, match=r"answer\.schema\.json"):
        AnswerGrammar.of(renderer, {"type": "nonsense"})


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ({"type": "number"}, [1e-07, -3, 1e22, 0.5], ["1"]),
        ({"type": "number", "minimum": 0, "maximum": 2.5}, [0.0, 1.25, 2.5], [3, -0.5]),
        ({"enum": ['x"y', "é", None, 3, True]}, ['x"y', "é", None, 3, True], ["x", False]),
        ({"type": "string", "minLength": 2, "maxLength": 9}, ['a "b" \\', "日期\n"], [12]),
        ({"type": "string", "pattern": "[0-9]+ mg"}, ["12 mg", "take 12 mg now"], ["12 ml"]),
        ({"type": "string", "pattern": "^[0-9]+"}, ["12 mg"], ["take 12"]),
        ({"type": "string", "pattern": "mg|ml$"}, ["12 ml"], ["12 kg"]),
        ({"type": "array", "items": {"$ref": "#/$defs/day"}, "minItems": 1}, [["mon"], ["mon", "tue"]], [[], ["x"]]),
    ],
)
def test_the_grammar_takes_what_the_schema_takes(kind: dict[str, Any], right: list[Any], wrong: list[Any]) -> None:
    schema = {
        "type": "object",
        "properties": {"a": kind, "b": {"const": "中"}},
        "required": ["a"],
        "$defs": {"day": {"enum": ["mon", "tue"]}},
    }
    renderer = Renderer(small_tokenizer("qwen3"), "qwen3", "reasoning")
    grammar = AnswerGrammar.of(renderer, schema)
    validator = Draft202012Validator(schema)
    for value in right:
        for answer in ({"a": value}, {"a": value, "b": "中"}, {"a": value, "further": [1, {"c": None}]}):
            validator.validate(answer)
            grammar.check([renderer.training_row(replace(ROW, answer=canonical_json(answer)))])
    for value in wrong:
        assert not validator.is_valid({"a": value})
        with pytest.raises(ValueError, match="position"):
            grammar.check([renderer.training_row(replace(ROW, answer=canonical_json({"a": value})))])


@pytest.mark.parametrize("family", ["smollm2", "qwen3"])
def test_answers_of_the_domains_are_in_their_grammars(root: Path, family: FamilyName) -> None:
    """Answers made from each domain's own schema and spelled as prepare spells them."""
    answers = {
        "medical": [{"score": -2, "risk": "IV"}, {"code": "S72.001A"[:7], "together": "no"}],
        "finance": [{"event": "none", "rule": 0}, {"points": 25, "decision": "refer"}],
        "legal": [
            {"verdict": "in time", "limit": "21 December 13:00", "paragraph": "33(1)"},
            {"clauses": [{"number": 1, "title": "Ü", "text": 'a "b" \\ \n c', "article": "AI Act 26(4)(a)"}] * 2},
        ],
    }
    renderer = Renderer(small_tokenizer(family), family, "reasoning")
    for domain, values in answers.items():
        schema = json.loads((root / "domains" / domain / "answer.schema.json").read_text(encoding="utf-8"))
        grammar = AnswerGrammar.of(renderer, schema)
        rows = []
        for value in values:
            Draft202012Validator(schema).validate(value)
            rows.append(renderer.training_row(replace(ROW, answer=canonical_json(value))))
        grammar.check(rows)
