"""Changed items: each change alters what it says and nothing else."""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from practicum.data.example import Example, Rejected
from practicum.data.raw import RawData
from practicum.domain import Domain, DomainSettings, Reference
from practicum.evaluation.perturbations import ASIDES, changed_items, slip, with_aside, with_typos, words_of_targets

ITEM = Example(
    task="score",
    label="low",
    source="emr.csv:1",
    group="P1",
    language="en",
    context="Wells: calf swelling cm >3 +1. Risk: 0 low, 1 high.",
    question="78-year-old woman from Lyon: calf swelling 4 cm, psoriasis since childhood, HR 80, code H44.112.\n"
    'Status: stable. Which risk follows here? Answer as JSON with "score" and "risk".',
    reasoning="calf swelling 4>3 yes +1=1",
    answer='{"score": 1, "risk": "high"}',
)
CHINESE = replace(
    ITEM,
    language="zh",
    context="规则：血压大于140为高。",
    question="患者在门诊测得的血压为150。请问按规则血压是“高”还是“低”？",
    answer='{"结果": "高"}',
    id="",
)


class Plain(Domain):
    """A domain that can change no number and no order."""

    tasks = ("score",)  # type: ignore[assignment]

    def examples(self, raw: RawData, settings: DomainSettings) -> Iterator[Example | Rejected]:
        yield ITEM

    def score(self, task: str, reference: Mapping[str, Any], answer: Mapping[str, Any] | None) -> dict[str, float]:
        return {}

    def perturb(self, example: Example, rng: random.Random) -> Example | None:
        return None

    def references(self, data: Path, settings: DomainSettings) -> Iterator[Reference]:
        yield from ()


def test_typos_spare_all_that_the_answer_can_rest_on() -> None:
    changed_words = set()
    for seed in range(200):
        other = with_typos(ITEM, random.Random(seed), {"stable"})
        assert other is not None
        before, after = ITEM.question.split(), other.question.split()
        assert len(before) == len(after)
        changed_words |= {old.strip(".,?:") for old, new in zip(before, after, strict=True) if old != new}
        assert 1 <= sum(old != new for old, new in zip(before, after, strict=True)) <= 3
        assert (other.context, other.reasoning, other.answer) == (ITEM.context, ITEM.reasoning, ITEM.answer)
        assert re.findall(r"\d+", other.question) == re.findall(r"\d+", ITEM.question)
        assert other.id != ITEM.id
    # Not: calf, swelling (context), risk (answer), stable (kept), Status (a field), Lyon (a name), year-old, codes.
    plain = "woman from psoriasis since childhood code Which follows here Answer with"
    assert changed_words == set(plain.split())


def test_a_slip_keeps_the_first_letter_and_is_one_keystroke_off() -> None:
    slips = {slip("since", random.Random(seed)) for seed in range(300)}
    assert "since" not in slips
    assert {"snice", "sine", "siince", "sunce"} <= slips
    assert all(one[0] == "s" and abs(len(one) - 5) <= 1 for one in slips)


def test_without_a_plain_word_there_is_no_typo() -> None:
    assert with_typos(replace(ITEM, question="HR 80, RR 17?"), random.Random(1)) is None


def test_chinese_slips_take_characters_of_the_same_sound_outside_quotes_and_answers() -> None:
    for seed in range(50):
        other = with_typos(CHINESE, random.Random(seed))
        assert other is not None
        pairs = [(a, b) for a, b in zip(CHINESE.question, other.question, strict=True) if a != b]
        assert 1 <= len(pairs) <= 3
        assert {a for a, _ in pairs} <= set("在得的请问按")
        assert "“高”还是“低”" in other.question


@pytest.mark.parametrize("item", [ITEM, CHINESE], ids=["en", "zh"])
def test_an_aside_is_one_line_more_and_in_the_items_language(item: Example) -> None:
    places = set()
    for seed in range(40):
        other = with_aside(item, random.Random(seed))
        assert other is not None
        context, question = other.context.splitlines(), other.question.splitlines()
        if len(question) == len(item.question.splitlines()) + 1:
            places.add("question")
            aside = question.pop(0)
        else:
            places.add("context")
            aside = context.pop()
        assert aside in ASIDES[item.language]
        assert ("\n".join(context), "\n".join(question)) == (item.context, item.question)
        assert (other.reasoning, other.answer) == (item.reasoning, item.answer)
    assert places == {"question", "context"}


def test_an_aside_shares_no_word_with_the_item() -> None:
    garden = replace(ITEM, question=f"The garden, river, village, bridge and forest. {ITEM.question}")
    asides = [with_aside(garden, random.Random(seed)) for seed in range(60)]
    added = {line for one in asides if one for line in (*one.context.splitlines(), *one.question.splitlines())}
    assert not any(word in aside for aside in ASIDES["en"] if aside in added for word in ("garden", "river", "forest"))


def test_asides_hold_no_number_and_no_denial() -> None:
    for aside in (one for asides in ASIDES.values() for one in asides):
        assert not re.search(r"\d|\b(no|not|never|two|three)\b|不|没", aside)


def test_a_language_without_asides_gives_none() -> None:
    assert with_aside(replace(ITEM, language="fr"), random.Random(1)) is None


def test_the_words_of_targets_are_those_of_steps_keys_and_answers() -> None:
    nested = replace(ITEM, answer='{"clauses": [{"text": "Nova shall act."}]}')
    assert words_of_targets([nested]) == {"calf", "swelling", "yes", "clauses", "text", "nova", "shall", "act"}


def test_an_items_change_does_not_depend_on_the_other_items_and_changes() -> None:
    items = [replace(ITEM, question=f"{ITEM.question} Visit {n}.", id="") for n in range(5)]
    whole = changed_items(items, ["number", "irrelevant", "order", "typo"], Plain(), 17, items)
    assert [one.change for one in whole] == ["irrelevant"] * 5 + ["typo"] * 5
    assert whole[7:8] == changed_items(items[2:3], ["typo"], Plain(), 17, items)
    assert changed_items(items, ["typo"], Plain(), 18, items) != whole[5:]
    assert all(one.keeps_answer for one in whole)


def test_a_field_that_another_item_reasons_on_is_left_alone() -> None:
    other = replace(ITEM, reasoning="psoriasis yes", id="")
    for seed in range(99):
        (changed,) = changed_items([ITEM], ["typo"], Plain(), seed, [ITEM, other])
        assert "psoriasis" in changed.example.question
