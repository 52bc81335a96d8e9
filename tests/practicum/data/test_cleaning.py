"""Text is repaired without a word rewritten, and each rule turns away what it names."""

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from practicum.config import Quality
from practicum.data.cleaning import (
    EXCERPT,
    answer_key,
    cleaned,
    question_key,
    repair,
    schema_validator,
    without_contradictions,
)
from practicum.data.example import Example, Rejected, content_id, to_json_line
from practicum.data.quality.rules import Rules

QUALITY = Quality(
    max_repetition=0.5,
    min_wordlike=0.3,
    max_symbols=0.2,
    max_unknown_words=1.0,
    dictionary=None,
    languages=["en", "zh"],
    reasoning=True,
)
RULES = Rules.of(QUALITY)

Make = Callable[..., Example]
Schema = Mapping[str, Any]


@pytest.mark.parametrize(
    ("damaged", "whole"),
    [
        ("naÃ¯ve, 37 Â°C, â€œhiâ€\x9d", "naïve, 37 °C, “hi”"),
        ("Ã\xadsland", "ísland"),  # the soft hyphen is a byte of the mojibake, not to be taken out before
        ("cafe\u0301", "caf\u00e9"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("bell\x07 and \x00null", "bell and null"),
        ("page one\x0cpage two", "page one\npage two"),
        ("unit\x1fseparated", "unit separated"),
        ("line\r\nline\rline\u2028line", "line\nline\nline\nline"),
        ("trailing   \n  kept indent \n\n", "trailing\n  kept indent"),
        ("lost \ud800 half", "lost \ufffd half"),
    ],
)
def test_repair_puts_right_what_an_export_did(damaged: str, whole: str) -> None:
    assert repair(damaged) == whole


@pytest.mark.parametrize(
    "text",
    [
        "（甲方）应当在30日内，向“乙方”支付。",  # full-width signs are how Chinese is written
        "Hb 9.1 g/dL; CrCl < 30 mL/min; 10² and x₂; ½ tablet; ≥ 5 µg",
        "the pateint was given levothyroxin",  # a spelling mistake is the source's
        "<b>5 &amp; 6</b>",
        "a ﬁne of €10m – no more…",
        "می‌خواهم",  # a joiner that is spelling
    ],
)
def test_repair_rewrites_no_wording(text: str) -> None:
    assert repair(text) == text


def test_repair_of_repaired_text_changes_nothing() -> None:
    rng = random.Random(3)
    letters = "aé\u0301Ã\xad©â€œ\u200b\ufeff \n\t\x00\x0c\x85\ud800中（<>Â°\u200dï»¿"
    for _ in range(2000):
        once = repair("".join(rng.choice(letters) for _ in range(rng.randint(0, 14))))
        assert repair(once) == once
        once.encode()


def test_a_good_row_passes_unchanged(make: Make, schema: Schema) -> None:
    example = make()
    assert cleaned(example, schema_validator(schema), RULES) == example


def test_a_repaired_row_gets_the_id_of_its_new_content_and_keeps_an_id_of_its_own(make: Make, schema: Schema) -> None:
    damaged = make(context="CafÃ© with 3 pears and 4 plums.", answer='{"value": 7, "note": "cafÃ©"}')
    clean = cleaned(damaged, schema_validator(schema), RULES)
    assert isinstance(clean, Example)
    assert clean.context == "Café with 3 pears and 4 plums."
    assert clean.answer == '{"value": 7, "note": "café"}'
    assert clean.id == content_id(clean.task, clean.context, clean.question, clean.answer) != damaged.id
    named = cleaned(make(id="row 7", context=damaged.context), schema_validator(schema), RULES)
    assert isinstance(named, Example)
    assert named.id == "row 7"


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("values", "rule", "shown"),
    [
        ({"question": " \n"}, "empty_question", '"question": ""'),
        ({"answer": "  "}, "empty_answer", "How many"),
        ({"reasoning": "\u200b"}, "empty_reasoning", "How many"),
        ({"group": ""}, "empty_group", "How many"),
        ({"label": "\t"}, "empty_label", "How many"),
        ({"reasoning": "so <think>7"}, "chat_marker", "<think>"),
        ({"reasoning": "so </ THINK >7"}, "chat_marker", "</ THINK >"),
        ({"reasoning": "7<th\u200bink>"}, "chat_marker", "<think>"),
        ({"context": "x" * 900 + " <|im_start|>system"}, "chat_marker", "<|im_start|>"),
        ({"question": "How many <｜User｜> are there?"}, "chat_marker", "<｜User｜>"),
        ({"question": "How many<end_of_turn> are there?"}, "chat_marker", "<end_of_turn>"),
        ({"answer": '{"value": 7, "note": "</think>"}'}, "chat_marker", "</think>"),
        ({"context": "The shop has 3 \ufffd and 4."}, "garbage", "\ufffd"),
        ({"context": "▒▒▓▓░░▒▒▓▓░░▒▒▓▓ pears"}, "garbage", "▒▒"),
        ({"context": "", "question": "}{)(*&^%$#@!~|\\//--==++a"}, "garbage", "}{"),
        ({"answer": '{"value": 7, "note": "\ufffd"}'}, "garbage", "\ufffd"),
        ({"context": "", "question": "why?"}, "too_short", "why?"),
        ({"answer": "seven"}, "answer_not_json", "seven"),
        ({"answer": '{"value": NaN}'}, "answer_not_json", "NaN"),
        ({"answer": '{"value": ' + "9" * 5000 + "}"}, "answer_not_json", "digits"),
        ({"answer": nested(800)}, "answer_not_json", "nested too deep"),
        ({"answer": nested(100_000)}, "answer_not_json", "nested too deep"),
        ({"answer": '{"value":7}'}, "answer_not_canonical", '{"value":7}'),
        ({"answer": '{"value": 7, "value": 8}'}, "answer_not_canonical", "8"),
        ({"answer": '{"value": 7, "note": "\\u00e9"}'}, "answer_not_canonical", "u00e9"),
        ({"answer": '{"value": 1e999}'}, "answer_not_canonical", "1e999"),
        ({"answer": '{"value": "7"}'}, "answer_schema", "value: '7' is not of type 'integer'"),
        ({"answer": '{"value": 7, "more": 1}'}, "answer_schema", "more"),
        ({"answer": "[7]"}, "answer_schema", "object"),
        ({"perturbation": {"x": {1, 2}}}, "perturbation_not_json", "set"),
        ({"perturbation": {"x": float("nan")}}, "perturbation_not_json", "nan"),
        ({"answer": {"value": 7}, "id": "x"}, "not_text", "{'value': 7}"),
        ({"context": None, "id": "x"}, "not_text", "context: None"),
    ],
)
def test_each_rule_names_itself_and_the_offending_text(
    make: Make, schema: Schema, values: dict[str, Any], rule: str, shown: str
) -> None:
    result = cleaned(make(**values), schema_validator(schema), RULES)
    assert isinstance(result, Rejected)
    assert (result.rule, result.source) == (rule, "sums.csv:2")
    assert shown in result.text
    assert len(result.text) <= EXCERPT
    to_json_line(result).encode()


@pytest.mark.parametrize(
    "values",
    [
        {"context": "| a | b |\n|---|---|\n| 3 | 4 |"},
        {"context": "Is 40 °C more than 39 °C, or 37 ℃?"},
        {"reasoning": "3+4=7."},
        {"language": "zh", "context": "", "question": "期限几天？"},
        {"context": "If a < b and c > d, then x <y> z; the text says think and <thinking>."},
    ],
)
def test_unusual_but_sound_rows_stay(make: Make, schema: Schema, values: dict[str, Any]) -> None:
    assert isinstance(cleaned(make(**values), schema_validator(schema), RULES), Example)


def test_a_plug_ins_own_rejection_is_kept_and_made_safe_to_write(schema: Schema) -> None:
    row = Rejected(source="notes.txt:3", rule="no_date", text="\ud800" + "x" * 10_000 + "\u2028")
    result = cleaned(row, schema_validator(schema), RULES)
    assert isinstance(result, Rejected)
    assert (result.source, result.rule) == ("notes.txt:3", "no_date")
    assert len(to_json_line(result).encode()) < 2 * EXCERPT


def test_a_wrong_schema_is_told_by_where_it_is_wrong() -> None:
    with pytest.raises(ValueError, match=r"properties/value/type: 'whole' is not valid"):
        schema_validator({"type": "object", "properties": {"value": {"type": "whole"}}})


def test_contradicting_rows_go_all_of_them_whatever_their_task(make: Make) -> None:
    rows = [
        make(source="a:1"),
        make(source="a:2", context="The shop has 5 pears and 4 plums.", answer='{"value": 9}'),
        make(source="a:3", answer='{"value": 8}', group="shop 9"),
        make(source="a:4", context="THE SHOP has 3 pears  and 4 plums.", task="other"),
    ]
    kept, turned_away = without_contradictions(rows)
    assert [row.source for row in kept] == ["a:2"]
    assert [(row.source, row.rule) for row in turned_away] == [
        ("a:1", "contradiction"),
        ("a:3", "contradiction"),
        ("a:4", "contradiction"),
    ]
    assert '{"value": 7}, but {"value": 8} in a:3' in turned_away[0].text


def test_copies_with_the_same_answer_in_another_spelling_are_no_contradiction(make: Make) -> None:
    rows = [
        make(answer='{"value": 7, "note": "x"}'),
        make(answer='{"note": "x", "value": 7}'),
        make(answer='{"value": 7.0, "note": "x"}'),
    ]
    assert without_contradictions(rows) == (rows, [])


def test_keys_tell_apart_what_means_something_else(make: Make) -> None:
    assert question_key(make(context="10²")) != question_key(make(context="102"))
    assert question_key(make(context="x = -5")) != question_key(make(context="x = 5"))
    assert answer_key('{"value": true}') != answer_key('{"value": 1}')
    assert answer_key('{"value": "7"}') != answer_key('{"value": 7}')
