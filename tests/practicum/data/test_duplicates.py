"""Copies are found, near copies only where the answer agrees, and the first row stays."""

import random
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from practicum.data.duplicates import duplicates, shingles
from practicum.data.example import Example

Make = Callable[..., Example]


def sentence(rng: random.Random, words: int) -> str:
    return " ".join(f"w{rng.randrange(5000)}" for _ in range(words))


def changed(example: Example, words: int, source: str, rng: random.Random) -> Example:
    """The row with some words of its context put otherwise."""
    text = example.context.split()
    for place in rng.sample(range(len(text)), words):
        text[place] = f"z{rng.randrange(10**6)}"
    return replace(example, context=" ".join(text), source=source, id="")


def jaccard(first: Example, second: Example) -> float:
    a, b = set(shingles(first)), set(shingles(second))
    return len(a & b) / len(a | b)


def test_exact_copies_differ_in_case_and_blanks_only_and_the_first_stays(make: Make) -> None:
    rows = [
        make(),
        make(context="Something else with 3 and 4 in it."),
        make(context="the shop  has 3 PEARS\nand 4 plums.", group="other", label="x"),
        make(task="other"),
    ]
    assert [(each.index, each.of, each.kind) for each in duplicates(rows, 0.9)] == [(2, 0, "exact"), (3, 0, "exact")]


def test_rows_that_differ_in_a_number_that_changes_the_answer_stay(make: Make) -> None:
    long = "The rules of the shop are these, and they hold on every day of the week and of the year. " * 8
    rows = [make(context=f"{long} It has {n} pears and 4 plums.", answer=f'{{"value": {n + 4}}}') for n in range(1, 9)]
    assert min(jaccard(rows[0], row) for row in rows) > 0.7
    assert duplicates(rows, 0.7) == []


def test_near_copies_with_the_same_answer_go(make: Make) -> None:
    rng = random.Random(1)
    first = make(context=sentence(rng, 100))
    rows = [
        first,
        changed(first, 1, "b:1", rng),
        changed(first, 40, "b:2", rng),
        replace(first, task="t", question="?"),
    ]
    found = duplicates(rows, 0.9)
    assert [(each.index, each.of, each.kind) for each in found] == [(1, 0, "near")]
    assert found[0].similarity == pytest.approx(jaccard(rows[0], rows[1]))


def test_planted_near_copies_are_found_and_nothing_else(make: Make) -> None:
    """Agrees with the exact comparison of all pairs, and 297 of 300 planted copies at least are found."""
    rng = random.Random(7)
    shared = sentence(rng, 60)
    rows = [
        make(context=f"{shared} {sentence(rng, 40)}", source=f"a:{n}", answer=f'{{"value": {n % 3}}}')
        for n in range(900)
    ]
    planted = [changed(rows[n], 1, f"b:{n}", rng) for n in range(300)]
    found = duplicates(rows + planted, 0.9)
    assert all(each.index >= 900 and each.of == each.index - 900 for each in found)
    assert len(found) >= 297
    assert all(jaccard(planted[each.index - 900], rows[each.of]) == each.similarity >= 0.9 for each in found)


def test_chinese_is_compared_by_characters(make: Make) -> None:
    text = (
        "当事人一方不履行合同义务或者履行合同义务不符合约定的，应当承担继续履行、采取补救措施或者赔偿损失等违约责任。"
        * 2
    )
    rows = [
        make(language="zh", context=text, question="期限几天？"),
        make(language="zh", context=text.replace("赔偿", "补偿", 1), question="期限几天？"),
        make(language="zh", context="出卖人应当按照约定的期限交付标的物。", question="期限几天？"),
    ]
    assert [(each.index, each.of) for each in duplicates(rows, 0.8)] == [(1, 0)]


def test_every_row_that_is_named_as_the_one_to_stay_does_stay(make: Make) -> None:
    rng = random.Random(2)
    first = make(context=sentence(rng, 80))
    near = changed(first, 1, "b:1", rng)
    exact = replace(near, source="b:2", context=near.context.upper(), id="")
    found = duplicates([first, near, exact], 0.9)
    assert [(each.index, each.of, each.kind) for each in found] == [(1, 0, "near"), (2, 0, "exact")]


def test_a_threshold_of_one_takes_rows_of_the_same_shingles_only(make: Make) -> None:
    rng = random.Random(4)
    first = make(context=sentence(rng, 200))
    rows = [first, changed(first, 1, "b:1", rng), replace(first, context=first.context + "!", source="b:2", id="")]
    assert [(each.index, each.kind) for each in duplicates(rows, 1.0)] == [(2, "near")]


def test_short_and_empty_texts_are_compared_as_a_whole(make: Make) -> None:
    rows = [make(context="", question="!!!"), make(context="", question="???"), make(context="", question="yes")]
    assert shingles(rows[0])
    # Nothing but signs and the same answer: the words are the same.
    assert [(each.index, each.of) for each in duplicates(rows, 0.9)] == [(1, 0)]
    assert duplicates([], 0.9) == []


def test_ten_thousand_rows_take_seconds(make: Make) -> None:
    rng = random.Random(5)
    rules = sentence(rng, 60)
    rows = [
        make(context=f"{rules} {sentence(rng, 30)}", source=f"a:{n}", answer=f'{{"value": {n % 4}}}')
        for n in range(10_000)
    ]
    start = time.process_time()
    assert duplicates(rows, 0.95) == []
    assert time.process_time() - start < 20
