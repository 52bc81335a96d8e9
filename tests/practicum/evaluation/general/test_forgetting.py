"""General loss and questions: against plain arithmetic over whole logits, and the committed data themselves."""

import json
from collections import Counter
from pathlib import Path

import pytest
import torch

from practicum.evaluation.general.forgetting import (
    GENERAL,
    Question,
    Remembered,
    Text,
    answer_questions,
    log_likelihoods,
    read_questions,
    read_texts,
    remember,
    summarise,
    text_losses,
)
from tests.practicum.tiny_models import tiny_model

VOCABULARY = 300
ROWS = [([1, 2, 3], [4, 5]), ([7], list(range(10, 60))), ([9, 8], [30]), ([5] * 40, [6, 7, 8])]


def encode(text: str) -> list[int]:
    return list(text.encode())


@pytest.mark.parametrize("family", ["llama", "qwen3", "gemma3"])
def test_log_likelihoods_are_those_of_each_row_alone(family: str) -> None:
    model = tiny_model(family, 1, vocab_size=VOCABULARY).eval()
    together = log_likelihoods(model, ROWS, pad_id=0)
    for (before, after), found in zip(ROWS, together, strict=True):
        with torch.inference_mode():
            logits = model(input_ids=torch.tensor([[*before, *after]])).logits[0].log_softmax(dim=-1)
        wanted = [logits[len(before) - 1 + i, token].item() for i, token in enumerate(after)]
        assert found == pytest.approx(wanted, abs=1e-4)


def test_an_empty_part_is_refused() -> None:
    model = tiny_model("llama", 1, vocab_size=VOCABULARY).eval()
    with pytest.raises(ValueError, match="row 1: found an empty context"):
        log_likelihoods(model, [([1], [2]), ([], [2])], pad_id=0)


def test_a_texts_loss_is_its_mean_over_all_tokens_but_the_first() -> None:
    model = tiny_model("llama", 2, vocab_size=VOCABULARY).eval()
    texts = [Text("a", "A heron stood in the reeds."), Text("b", "ok")]
    for text, loss in zip(texts, text_losses(model, texts, encode, 0), strict=True):
        ids = torch.tensor([encode(text.text)])
        with torch.inference_mode():
            assert loss == pytest.approx(model(input_ids=ids, labels=ids).loss.item(), abs=1e-4)


def test_the_choice_with_the_best_score_per_character_is_taken() -> None:
    model = tiny_model("llama", 3, vocab_size=VOCABULARY).eval()
    questions = [Question("k", f"What is {n}?", ("one", "a great many of them", "x", "no idea"), 0) for n in range(8)]
    for question, place in zip(questions, answer_questions(model, questions, encode, 0), strict=True):
        scores = []
        for choice in question.choices:
            before, after = encode(f"Question: {question.question}\nAnswer:"), encode(f" {choice}")
            with torch.inference_mode():
                logits = model(input_ids=torch.tensor([before + after])).logits[0].log_softmax(dim=-1)
            total = sum(logits[len(before) - 1 + i, token].item() for i, token in enumerate(after))
            scores.append(total / len(choice))
        assert place == max(range(4), key=scores.__getitem__)


def test_a_model_against_itself_has_forgotten_nothing() -> None:
    model = tiny_model("qwen3", 4, vocab_size=VOCABULARY).eval()
    texts = [Text("narrative", "Rain on the roof."), Text("code", "x = 1"), Text("code", "y = 2")]
    questions = [Question("k", "Where?", ("here", "there"), 0), Question("k", "When?", ("now", "then"), 1)]
    seen = remember(model, texts, questions, encode, 0)
    figures = summarise(texts, questions, seen, seen, confidence=0.95, resamples=100, seed=1)
    text, asked = figures["text"], figures["questions"]
    assert text["difference"] == text["difference_low"] == text["difference_high"] == 0
    assert text["base_loss"] == text["tuned_loss"] == pytest.approx(sum(seen.losses) / 3, abs=1e-6)
    assert text["kinds"]["code"]["n"] == 2
    assert (asked["difference"], asked["mcnemar_p"], asked["chance"]) == (0, 1, 0.5)


def test_what_is_lost_shows_with_its_sign() -> None:
    texts, questions = [Text("k", "x")] * 20, [Question("k", "q", ("a", "b", "c", "d"), 0)] * 20
    base = Remembered(tuple(2.0 + n / 10 for n in range(20)), (1,) * 15 + (0,) * 5)
    tuned = Remembered(tuple(2.5 + n / 9 for n in range(20)), (1,) * 5 + (0,) * 14 + (1,))
    figures = summarise(texts, questions, base, tuned, confidence=0.95, resamples=500, seed=1)
    text, asked = figures["text"], figures["questions"]
    assert 0 < text["difference_low"] < text["difference"] < text["difference_high"]
    assert asked["difference"] == pytest.approx(-9 / 20)
    assert (asked["wins"], asked["losses"]) == (1, 10)
    assert asked["difference_high"] < 0
    assert asked["mcnemar_p"] == pytest.approx(2 * (1 + 11) / 2**11, rel=0.01)


def test_the_committed_texts_are_varied_of_like_length_and_all_different() -> None:
    texts = read_texts(GENERAL / "texts.jsonl", 1000)
    assert len(texts) == 48
    assert set(Counter(one.kind for one in texts).values()) == {6}
    assert [one.kind for one in texts[:8]] == [one.kind for one in texts[8:16]]
    assert len({one.text for one in texts}) == 48
    for one in texts:
        words = len(one.text) / 2 if one.kind == "chinese" else len(one.text.split())
        assert 55 <= words <= 120


def test_the_committed_questions_have_four_choices_and_their_answers_stand_everywhere_alike() -> None:
    questions = read_questions(GENERAL / "questions.jsonl", 1000)
    assert len(questions) == 60
    assert Counter(one.answer for one in questions) == dict.fromkeys(range(4), 15)
    assert set(Counter(one.kind for one in questions).values()) == {10}
    assert all(len(set(one.choices)) == 4 for one in questions)
    assert len({one.question for one in questions}) == 60
    # The longest choice must not give the answer away.
    longest = sum(max(one.choices, key=len) == one.choices[one.answer] for one in questions)
    assert longest < 0.4 * len(questions)


def test_a_beginning_of_the_file_is_read_and_a_bad_line_is_named(tmp_path: Path) -> None:
    assert len(read_texts(GENERAL / "texts.jsonl", 5)) == 5
    path = tmp_path / "questions.jsonl"
    good = {"kind": "k", "question": "q", "choices": ["a", "b"], "answer": 1}
    for bad, fault in [
        ('{"kind": ', "line 2: not JSON"),
        (json.dumps({"kind": "k"}), "line 2: expected an object with answer, choices, kind, question"),
        (json.dumps({**good, "answer": 2}), "line 2: found 2 choices and answer 2"),
    ]:
        path.write_text(f"{json.dumps(good)}\n{bad}\n", encoding="utf-8")
        with pytest.raises(ValueError, match=fault):
            read_questions(path, 9)
