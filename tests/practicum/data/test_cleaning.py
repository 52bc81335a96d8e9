"""Text is repaired without a word rewritten, and each rule turns away what it names."""

import pickle
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from practicum.config import Quality
from practicum.data import cleaning
from practicum.data.cleaning import (
    EXCERPT,
    MAX_DEPTH,
    answer_key,
    cleaned,
    question_key,
    repair,
    schema_validator,
)
from practicum.data.example import Example, Rejected, canonical_json, content_id, to_json_line
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
        ("two halves \ud83d\ude00", "two halves 😀"),
        ("Ã¢â\x82¬Å\x93hiÃ¢â\x82¬Â\x9d", "“hi”"),  # read wrongly twice
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\u2060b\u200bc\u00add", "abcd"),
        ("12\u00a0mg", "12\u00a0mg"),  # a blank that keeps a number and its unit together
        ("１２ｍｇ，３日", "１２ｍｇ，３日"),
        ("³Ð×âÈËÓ¦µ±ÔÚÃ¿ÔÂµÄµÚÒ»ÌìÖ§¸¶×â½ð", "承租人应当在每月的第一天支付租金"),  # GB 2312 as Latin-1
        ("第十二条规定甲方应付款二十元".encode().decode("gb18030"), "第十二条规定甲方应付款二十元"),  # UTF-8 as GBK
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
        "联通公司与移动公司",
        "Ångström, naïve, São Tomé, Größe, œuvre",
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


ODD = [
    *"aé\u0301Ã\xad©â€œ\u200b\ufeff \n\t\x00\x0c\x85\ud800中（<>Â°\u200dï»¿\x1b“”‘’…Œœ√±≈×²³ØÙàá\u3000\u2028\r\x7f",
    *"承租人ÖÐÎÄ绗崄涓枃。，；Ωµ≥≤\u2126\u212b\u0340①㈱ﬁ",
]


def test_the_fast_path_gives_what_the_long_way_gives() -> None:
    rng = random.Random(8)
    plain = [chr(code) for code in range(0x3100) if cleaning._repaired(f"a{chr(code)}b") == f"a{chr(code)}b"]
    fast = 0
    for _ in range(6000):
        letters = rng.choice((ODD, plain, plain[:96], [*ODD, *plain[:400]]))
        text = "".join(rng.choice(letters) for _ in range(rng.randint(0, 12)))
        fast += cleaning._is_whole(text)
        assert repair(text) == cleaning._repaired(text), ascii(text)
    assert fast > 1000


def test_no_single_character_is_passed_that_the_long_way_would_change() -> None:
    for code in range(0x10000):
        text = f"a{chr(code)}b"
        if cleaning._is_whole(text):
            assert cleaning._repaired(text) == text, ascii(text)


def test_an_answer_is_repaired_as_its_strings_are(make: Make, schema: Schema) -> None:
    for note in ("x", " x", "x ", "cafÃ©", "a\nb", "\u3000x", "ÖÐ", "naïve", 'say \\"hi\\" '):
        answer = canonical_json({"value": 7, "note": note})
        clean = cleaned(make(answer=answer), schema_validator(schema), RULES)
        assert isinstance(clean, Example)
        assert clean.answer == canonical_json({"value": 7, "note": repair(note)})


def test_rules_travel_to_a_worker_and_judge_the_same_there(make: Make, schema: Schema) -> None:
    rules = Rules.of(QUALITY, ["Levothyroxin"])
    packed = pickle.dumps(rules)
    assert len(packed) < 2000
    assert pickle.loads(packed) == rules  # noqa: S301
    wrong = make(reasoning="3 + 4 = 8.")
    assert cleaned(wrong, schema_validator(schema), pickle.loads(packed)) == cleaned(  # noqa: S301
        wrong, schema_validator(schema), rules
    )


def test_a_verdict_on_an_answer_is_not_taken_from_another_schema(make: Make, schema: Schema) -> None:
    strict = {**schema, "properties": {"value": {"type": "integer", "maximum": 5}}}
    first, second = schema_validator(schema), schema_validator(strict)
    for _ in range(2):
        assert isinstance(cleaned(make(), first, RULES), Example)
        assert isinstance(cleaned(make(), second, RULES), Rejected)


def test_depth_of_an_answer_has_a_limit_of_its_own(make: Make) -> None:
    anything = schema_validator({"type": "object"})
    deep = '{"a": ' * MAX_DEPTH + "7" + "}" * MAX_DEPTH
    assert isinstance(cleaned(make(answer=deep), anything, RULES), Example)
    deeper = cleaned(make(answer=f'{{"a": {deep}}}'), anything, RULES)
    assert isinstance(deeper, Rejected)
    assert deeper.rule == "answer_not_json"
    wide = canonical_json({"a": ["[" * 300, [], {}] * 60, "b": 7})
    assert isinstance(cleaned(make(answer=wide), anything, RULES), Example)


def test_thresholds_are_the_settings(make: Make, schema: Schema) -> None:
    table = make(context="| a | b |\n|---|---|\n| 3 | 4 |", question="How many are there?")
    loose, strict = QUALITY, QUALITY.model_copy(update={"min_wordlike": 0.9})
    assert isinstance(cleaned(table, schema_validator(schema), Rules.of(loose)), Example)
    found = cleaned(table, schema_validator(schema), Rules.of(strict))
    assert isinstance(found, Rejected)
    assert found.rule == "garbage"
    typos = make(question="How mayn peices of friut are teh shop's?")
    assert isinstance(cleaned(typos, schema_validator(schema), RULES), Example)
    scored = Rules.of(QUALITY.model_copy(update={"max_unknown_words": 0.2}))
    found = cleaned(typos, schema_validator(schema), scored)
    assert isinstance(found, Rejected)
    assert (found.rule, found.text) == ("unknown_words", "0.43: mayn, peices, friut")
    known = Rules.of(scored.quality, ["mayn", "peices", "friut"])
    assert isinstance(cleaned(typos, schema_validator(schema), known), Example)


def test_reasoning_is_judged_only_where_the_settings_ask_for_it(make: Make, schema: Schema) -> None:
    unasked = Rules.of(QUALITY.model_copy(update={"reasoning": False}))
    for reasoning in ("3 + 4 = 8.", "3 + 3 = 6."):
        assert isinstance(cleaned(make(reasoning=reasoning), schema_validator(schema), RULES), Rejected)
        assert isinstance(cleaned(make(reasoning=reasoning), schema_validator(schema), unasked), Example)


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
        ({"perturbation": {"x": float("nan")}}, "perturbation_not_json", "not JSON compliant"),
        ({"context": "锟斤拷锟斤拷 3 and 4 plums."}, "garbage", "锟斤拷"),
        ({"reasoning": "3 + 4 = 8."}, "wrong_arithmetic", "3 + 4 = 8."),
        ({"reasoning": "3 + 3 = 6."}, "contradicts_answer", '3 + 3 = 6. but {"value": 7}'),
        ({"reasoning": "Three and four are seven in all. " * 12}, "repetition", "Three and four"),
        ({"reasoning": "As an AI language model, I add 3 and 4."}, "boilerplate", "As an AI"),
        ({"context": "All rights reserved."}, "boilerplate", "All rights"),
        ({"language": "fr"}, "wrong_language", "'fr', expected one of en, zh"),
        (
            {"context": "承租人应当在每月的第一天支付租金。", "question": "总共有几个水果？"},
            "wrong_language",
            "zh, not en",
        ),
        (
            {
                "language": "zh",
                "context": "The shop has three pears and four plums, and nobody has bought one since the "
                "man who owns it went away for the day to see his mother",
            },
            "wrong_language",
            "en, not zh",
        ),
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


def test_keys_tell_apart_what_means_something_else(make: Make) -> None:
    assert question_key(make(context="10²")) != question_key(make(context="102"))
    assert question_key(make(context="x = -5")) != question_key(make(context="x = 5"))
    assert answer_key('{"value": true}') != answer_key('{"value": 1}')
    assert answer_key('{"value": "7"}') != answer_key('{"value": 7}')
