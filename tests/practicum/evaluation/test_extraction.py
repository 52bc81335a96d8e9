import pytest

from practicum.evaluation.extraction import extract, split_think

SCHEMA = {
    "type": "object",
    "required": ["score"],
    "properties": {"score": {"type": "integer"}, "note": {"type": "string"}},
    "additionalProperties": False,
}


def test_answer_is_read_after_the_think_block() -> None:
    read = extract('<think>\nage 70: 1 point\n</think>\n\n{"score": 1}', True, SCHEMA)
    assert (read.answer, read.error, read.reasoning) == ({"score": 1}, None, "age 70: 1 point")


def test_opening_tag_may_belong_to_the_prompt() -> None:
    read = extract('age 70\n</think>\n\n{"score": 1}', True, SCHEMA)
    assert (read.answer, read.reasoning) == ({"score": 1}, "age 70")


def test_object_inside_the_reasoning_is_no_answer() -> None:
    read = extract('<think>maybe {"score": 4}</think>\n\n{"score": 5}', True, SCHEMA)
    assert read.answer == {"score": 5}
    assert extract('<think>maybe {"score": 4}', True, SCHEMA).error == "no_answer"


def test_last_closing_tag_counts() -> None:
    read = extract('<think>a</think> {"score": 1} <think>b</think> {"score": 2}', True, SCHEMA)
    assert read.answer == {"score": 2}


@pytest.mark.parametrize(
    "text",
    [
        '{"score": 2}',
        '```json\n{"score": 2}\n```',
        'Sure! The answer is:\n{"score": 2}\nI hope this helps.',
        'In the set {a, b}, the answer is {"score": 2}',
        '{"score": 2}\n\nQuestion: next?\n{"score": 9}',
    ],
)
def test_chat_around_the_object_is_tolerated(text: str) -> None:
    assert extract(text, True, SCHEMA).answer == {"score": 2}


def test_complete_answer_before_the_token_limit_is_read() -> None:
    assert extract('{"score": 2} and furthermore', False, SCHEMA).answer == {"score": 2}


@pytest.mark.parametrize(
    ("text", "finished", "error"),
    [
        ("", True, "no_answer"),
        ("The score is two.", True, "no_answer"),
        ("<think>so", False, "cut"),
        ('{"note": {"score": 2}, "sc', False, "cut"),
        ('{"score": 2', True, "not_json"),
        ("{'score': 2}", True, "not_json"),
        ('{"score": NaN}', True, "not_json"),
        ('{"score": "two"}', True, "schema"),
        ('{"points": 2}', True, "wrong_field"),
        ('{"score": 2, "other": 1}', True, "wrong_field"),
        ('{"score": "two", "other": 1}', True, "wrong_field"),
        ('{"score": 1e999}', True, "not_json"),
        ('{"score": 2, "note": "\\ud800"}', True, "not_json"),
        ("{" * 5000 + "}" * 5000, True, "not_json"),
    ],
)
def test_format_errors_are_told_apart(text: str, finished: bool, error: str) -> None:
    read = extract(text, finished, SCHEMA)
    assert (read.answer, read.error) == (None, error)


def test_braces_and_quotes_inside_strings_do_not_end_the_object() -> None:
    read = extract(r'{"score": 2, "note": "a } and \" and {"}', True, SCHEMA)
    assert read.answer == {"score": 2, "note": 'a } and " and {'}


def test_two_schemas_of_one_process_are_kept_apart() -> None:
    assert extract('{"a": 1}', True, {"required": ["a"]}).error is None
    assert extract('{"a": 1}', True, {"required": ["b"]}).error == "wrong_field"


TWO_TASKS = {
    "oneOf": [
        SCHEMA,
        {
            "type": "object",
            "required": ["clauses"],
            "properties": {
                "clauses": {"type": "array", "items": {"$ref": "#/$defs/clause"}},
                "remark": {"type": "string"},
            },
            "additionalProperties": False,
        },
    ],
    "$defs": {
        "clause": {
            "type": "object",
            "required": ["text"],
            "properties": {"text": {"type": "string"}},
            "additionalProperties": False,
        }
    },
}


@pytest.mark.parametrize(
    ("text", "reference", "error"),
    [
        ('{"score": 2}', {"score": 3}, None),
        ('{"score": 2}', {"clauses": []}, "wrong_field"),  # the answer of another task
        ('{"score": 2}', None, None),  # no task is known: any will do
        ('{"clauses": []}', {"clauses": [], "remark": "x"}, None),  # what may be left out may differ
        ('{"clauses": [{"text": "a"}], "remark": "x"}', {"clauses": []}, None),
        ('{"clauses": [{"txt": "a"}]}', {"clauses": []}, "wrong_field"),
        ('{"clauses": [{"text": 7}]}', {"clauses": []}, "schema"),
        ('{"clauses": "none"}', {"clauses": []}, "schema"),
    ],
)
def test_fields_are_those_of_the_items_task(text: str, reference: dict[str, object] | None, error: str | None) -> None:
    read = extract(text, True, TWO_TASKS, reference)
    assert read.error == error
    assert (read.answer is None) == (error is not None)


def test_reference_that_fits_no_alternative_asks_for_none() -> None:
    assert extract('{"score": 2}', True, TWO_TASKS, {"odd": 1}).error is None


def test_text_without_a_block_is_all_answer() -> None:
    assert split_think("plain words") == ("", "plain words")
