"""Repetition, unknown words and boilerplate: measured, and judged only where they are all there is."""

import pytest

from practicum.data.example import Example
from practicum.data.quality.boilerplate import begins_with_web_remains, lead_in, web_remains
from practicum.data.quality.repetition import repetition
from practicum.data.quality.vocabulary import english_words, known_words, typo_score, unknown_words

PROSE = (
    "The tenant pays the rent on the first day of each month and may not assign the lease without consent, which the "
    "landlord gives or refuses within thirty days."
)


def test_repetition_counts_what_was_said_before() -> None:
    assert repetition(PROSE) == 0.0
    assert repetition(f"{PROSE} {PROSE}") == pytest.approx(0.5)
    assert repetition(" ".join([PROSE] * 10)) == pytest.approx(0.9)
    assert repetition("") == 0.0


def test_chinese_is_counted_in_characters() -> None:
    text = "承租人应当在每月的第一天支付租金，未经出租人书面同意不得转让租赁合同，违反约定的应当承担违约责任。"
    assert repetition(text * 2) == pytest.approx(0.5, abs=0.02)
    assert repetition(text + "出租人应当在收到书面通知之日起三十日内作出答复，逾期未作答复的视为同意转让。") < 0.1
    assert repetition("ha" * 200) > 0.9


def test_a_short_text_may_repeat_its_form() -> None:
    assert repetition("no. no. no. no. no. no. no. no. no. no.") == 0.0


def test_unknown_words_are_counted_among_the_words_that_can_be_known() -> None:
    share, unknown = unknown_words("The pateint was given SpO2 and WBCS in 12mg of levothyroxin daily", english_words())
    assert unknown == ["pateint", "levothyroxin"]
    assert share == pytest.approx(2 / 4)
    assert unknown_words("12 > 3, WBC 5", english_words()) == (0.0, [])
    assert unknown_words("承租人应当支付租金", english_words()) == (0.0, [])


def test_a_domains_words_are_known_in_any_case_and_term() -> None:
    words = known_words(["Levothyroxin", "acute Kawasakisyndrom"])
    assert unknown_words("LEVOTHYROXIN levothyroxin Kawasakisyndrom", words) == (0.0, [])
    assert "levothyroxin" not in english_words()


def test_the_typo_score_covers_what_is_read_and_reasoned() -> None:
    example = Example(
        task="t", label="l", source="s", group="g", language="en", context="seven aplles", question="seven grapes",
        reasoning="seven plumms", answer="{}",
    )  # fmt: skip
    assert typo_score(example, english_words()) == pytest.approx(2 / 6)


@pytest.mark.parametrize(
    "text",
    [
        "As an AI language model, I cannot",
        "Sure, here is the answer: 7",
        "Certainly! Here's how",
        "I'm sorry, but I can't help with that.",
        "作为一个人工智能语言模型，我",
        "当然，以下是答案",
    ],
)
def test_a_chat_models_lead_in_is_known(text: str) -> None:
    assert lead_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "As an airline, Nornex must",
        "Sure signs of infection are absent",
        "Of course the lease ends",
        "The AI Act applies as an AI system",
        "I am sorry to hear that",
        "作为承租人",
    ],
)
def test_sentences_that_begin_alike_are_none(text: str) -> None:
    assert not lead_in(text)


def test_a_web_pages_frame_is_known_where_it_is_all_there_is() -> None:
    frame = "Skip to main content\nAccept all cookies\n\n© 2024 Acme Ltd. All rights reserved.\nShare on Facebook"
    assert web_remains(frame)
    assert not web_remains(f"{frame}\nThe tenant pays the rent.")
    assert not web_remains("")
    assert not web_remains("All rights reserved to the licensor pass on.")
    assert begins_with_web_remains("We use cookies to improve this site.\nThe rent is due.")
    assert not begins_with_web_remains("The rent is due.\nWe use cookies to improve this site.")
