"""Rows that give a test row away are found, and rows that only share its rules are not."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from practicum.data.example import Example
from practicum.data.leaks import Grams, TestGrams, grams
from practicum.data.shingling import WORDS, hashed

Make = Callable[..., Example]
OVERLAP = 0.7


def sentence(rng: random.Random, words: int) -> str:
    return " ".join(f"w{rng.randrange(5000)}" for _ in range(words))


def open_book(make: Make, count: int, seed: int, rules: Sequence[str]) -> list[Example]:
    """Rows of which each quotes one of the rules, of 60 words, and asks about facts of its own, of 30."""
    rng = random.Random(seed)
    return [
        make(context=rng.choice(rules), question=f"{sentence(rng, 30)} Answer as JSON.", source=f"{seed}:{n}",
             group=f"{seed}:{n}")
        for n in range(count)
    ]  # fmt: skip


def groups(rows: Sequence[Example]) -> NDArray[np.uint64]:
    return np.array([int.from_bytes(hashed(row.group, 8), "little") for row in rows], np.uint64)


def index(test: Sequence[Example], overlap: float = OVERLAP) -> TestGrams:
    return TestGrams(grams(test), groups(test), overlap)


def reworded(row: Example, words: int, rng: random.Random) -> Example:
    """The row with some words of its question put otherwise."""
    text = row.question.split()
    for place in rng.sample(range(len(text)), words):
        text[place] = f"z{rng.randrange(10**6)}"
    return replace(row, question=" ".join(text), group="other", id="")


def word_grams(row: Example) -> set[tuple[str, ...]]:
    words = WORDS.findall(f"{row.context}\n{row.question}".casefold())
    return {tuple(words[start : start + 8]) for start in range(max(1, len(words) - 7))}


def overlaps(row: Example, test: Sequence[Example]) -> list[float]:
    """The overlap with each test row by its definition."""
    holders: dict[tuple[str, ...], set[str]] = {}
    for each in test:
        for gram in word_grams(each):
            holders.setdefault(gram, set()).add(each.group)

    def weight(held: set[tuple[str, ...]]) -> float:
        return sum(1 / len(holders.get(gram, "?")) for gram in held)

    own = word_grams(row)
    return [weight(own & word_grams(each)) / min(weight(own), weight(word_grams(each))) for each in test]


def test_planted_leaks_are_found_and_rows_that_share_a_rule_stay(make: Make) -> None:
    """All copies, all with a frame around them and 95 of 100 with a word changed; none of 2,000 honest rows."""
    rng = random.Random(1)
    rules = [sentence(rng, 60) for _ in range(10)]
    test, honest = open_book(make, 400, 2, rules), open_book(make, 2000, 3, rules)
    found = index(test)
    assert not found.leaks(grams(honest))[0].any()
    framed = [replace(row, question=f"{sentence(rng, 10)} {row.question} {sentence(rng, 10)}", id="") for row in test]
    for rows, least in ((test, 400), (framed, 400), ([reworded(row, 1, rng) for row in test], 380)):
        shares, sources = found.leaks(grams(rows))
        leaked = np.flatnonzero(shares >= OVERLAP)
        assert len(leaked) >= least
        assert (sources[leaked] == leaked).all()


def test_overlaps_are_those_of_the_definition(make: Make) -> None:
    rng = random.Random(4)
    rules = [sentence(rng, 40) for _ in range(4)]
    test = open_book(make, 60, 5, rules)
    test = [replace(row, group=f"group {n // 2}") for n, row in enumerate(test)]
    rows = [reworded(row, rng.randrange(4), rng) for row in test] + open_book(make, 60, 6, rules)
    shares, sources = index(test, 0.3).leaks(grams(rows))
    for row, share, source in zip(rows, shares, sources, strict=True):
        exact = overlaps(row, test)
        if max(exact) < 0.3:
            assert (share, source) == (0.0, -1)
        else:
            assert share == pytest.approx(max(exact))
            assert exact[source] == pytest.approx(max(exact))
    assert 0 < (sources >= 0).sum() < len(rows)


def test_a_text_of_one_test_group_is_given_away_and_one_of_many_is_a_rule(make: Make) -> None:
    rng = random.Random(7)
    note = sentence(rng, 80)
    row = make(context=note, question=sentence(rng, 12))
    for count, leaked in ((1, True), (40, False)):
        test = [make(context=note, question=sentence(rng, 12), group=f"patient {n}") for n in range(count)]
        assert bool(index(test).leaks(grams([row]))[0][0]) is leaked
    # One patient with many questions is one group.
    test = [make(context=note, question=sentence(rng, 12), group="patient") for _ in range(40)]
    assert index(test).leaks(grams([row]))[0][0] >= OVERLAP


def test_chinese_is_compared_by_characters(make: Make) -> None:
    text = (
        "当事人一方不履行合同义务或者履行合同义务不符合约定的，应当承担继续履行、采取补救措施或者赔偿损失等违约责任。"
    )
    other = "出卖人应当按照约定的期限交付标的物，约定交付期限的，出卖人可以在该交付期限内的任何时间交付。"
    test = [make(language="zh", context=text, question="期限几天？")]
    rows = [
        make(language="zh", context=text.replace("应当", " 应当\n"), question="期限为几天？"),
        make(language="zh", context=other, question="期限几天？"),
        make(),
    ]
    shares, sources = index(test).leaks(grams(rows))
    assert sources.tolist() == [0, -1, -1]
    assert shares[0] >= OVERLAP


def test_short_texts_leak_as_a_whole(make: Make) -> None:
    test = [make(context="", question="How many pears?")]
    rows = [
        make(context="", question=text) for text in ("how many PEARS", "How many plums?", "How many pears? Say it.")
    ]
    assert index(test).leaks(grams(rows))[1].tolist() == [0, -1, -1]


def test_no_test_rows_and_no_rows(make: Make) -> None:
    assert index([]).leaks(grams([make()]))[1].tolist() == [-1]
    assert index([make()]).leaks(grams([]))[1].tolist() == []


def test_chunks_of_rows_give_the_same(make: Make) -> None:
    rng = random.Random(8)
    rules = [sentence(rng, 60) for _ in range(3)]
    test = open_book(make, 50, 9, rules)
    rows = [reworded(row, n % 3, rng) for n, row in enumerate(test)] + [make(language="zh", context="合同" * 20)]
    whole = grams(rows)
    parts = Grams.concatenated([grams([row]) for row in rows])
    assert (parts.values == whole.values).all()
    assert (parts.counts == whole.counts).all()
    assert (
        whole.take(np.array([3, 1])).values == Grams.concatenated([grams([rows[3]]), grams([rows[1]])]).values
    ).all()
    found = index(test)
    shares, sources = found.leaks(whole)
    single = [found.leaks(whole.take(np.array([n]))) for n in range(len(rows))]
    assert np.concatenate([each[0] for each in single]) == pytest.approx(shares)
    assert np.concatenate([each[1] for each in single]).tolist() == sources.tolist()


def test_the_order_of_the_test_rows_makes_no_difference(make: Make) -> None:
    rng = random.Random(10)
    test = open_book(make, 50, 11, [sentence(rng, 60)])
    rows = [reworded(row, 1, rng) for row in test]
    order = rng.sample(range(50), 50)
    shares, sources = index(test).leaks(grams(rows))
    others, moved = index([test[n] for n in order]).leaks(grams(rows))
    assert others == pytest.approx(shares)
    assert [order[n] if n >= 0 else -1 for n in moved] == sources.tolist()


def test_five_thousand_rows_a_second(make: Make) -> None:
    rng = random.Random(12)
    rules = [sentence(rng, 60) for _ in range(5)]
    test, rows = open_book(make, 5000, 13, rules), open_book(make, 5000, 14, rules)
    found, held = index(test), grams(rows)
    start = time.process_time()
    assert not found.leaks(held)[0].any()
    assert time.process_time() - start < 1
