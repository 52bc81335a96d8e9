"""Copies are found, near copies only where the answer agrees, and the first row stays."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import fields, replace

import numpy as np
import pytest

from practicum.data.duplicates import (
    SKETCH,
    Duplicate,
    Fingerprints,
    duplicates,
    duplicates_among,
    fingerprints,
    shingles,
)
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


def one_by_one(rows: Sequence[Example], threshold: float) -> list[tuple[int, int]]:
    """Near copies by comparing each row with each earlier one of its task and answer that stays."""
    sets = [frozenset(shingles(row)) for row in rows]
    stays: dict[tuple[str, str], list[int]] = {}
    found = []
    for index, row in enumerate(rows):
        before = stays.setdefault((row.task, row.answer), [])
        of = next((of for of in before if len(sets[of] & sets[index]) / len(sets[of] | sets[index]) >= threshold), None)
        if of is None:
            before.append(index)
        else:
            found.append((index, of))
    return found


def variants(make: Make, count: int, words: int, seed: int, language: str = "en") -> list[Example]:
    """Rows of some templates, in which a tenth or less of the words differ, and those of different lengths."""
    rng = random.Random(seed)
    templates = [sentence(rng, rng.randrange(words // 2, words)) for _ in range(8)]
    rows = []
    for n in range(count):
        text = rng.choice(templates).split()
        for place in rng.sample(range(len(text)), rng.randrange(max(2, len(text) // 10))):
            text[place] = f"w{rng.randrange(40)}"
        context = " ".join(text)
        if language == "zh":
            context = "".join(chr(0x4E00 + int(word[1:]) % 900) for word in text)
        rows.append(make(context=context, language=language, source=f"a:{n}", answer=f'{{"value": {n % 2}}}', id=""))
    return rows


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


@pytest.mark.parametrize(("words", "language"), [(4, "en"), (30, "en"), (120, "en"), (100, "zh")])
@pytest.mark.parametrize("threshold", [0.3, 0.8, 0.95, 1.0])
def test_rows_sampled_whole_are_compared_as_if_one_by_one(
    make: Make, words: int, language: str, threshold: float
) -> None:
    rows = variants(make, 500, words, seed=words, language=language)
    assert max(len(shingles(row)) for row in rows) <= SKETCH + 20
    found = duplicates(rows, threshold)
    exact = {each.index for each in found if each.kind == "exact"}
    left = [index for index in range(len(rows)) if index not in exact]
    expected = [(left[index], left[of]) for index, of in one_by_one([rows[index] for index in left], threshold)]
    assert [(each.index, each.of) for each in found if each.kind == "near"] == expected


def test_long_rows_are_found_by_a_sample_of_their_shingles(make: Make) -> None:
    """All of 200 pairs with similarity 0.95 to 0.98, in texts of 300 to 2,000 words."""
    rng = random.Random(11)
    rows = [make(context=sentence(rng, rng.randrange(300, 2000)), source=f"a:{n}") for n in range(200)]
    copies = [changed(row, len(row.context.split()) // 150, "b", rng) for row in rows]
    assert all(0.95 <= jaccard(row, copy) < 0.98 for row, copy in zip(rows, copies, strict=True))
    found = duplicates(rows + copies, 0.95)
    assert [(each.index, each.of) for each in found] == [(n + 200, n) for n in range(200)]


def test_three_thousand_rows_with_planted_copies(make: Make) -> None:
    """Recall and precision are 1: each of 300 exact and 300 near copies is named with its original, nothing else."""
    rng = random.Random(12)
    templates = [sentence(rng, 70) for _ in range(5)]
    originals = [
        make(
            context=f"{rng.choice(templates)} {sentence(rng, 60)}",
            source=f"a:{n}",
            answer=f'{{"value": {rng.randrange(5)}}}',
        )
        for n in range(2400)
    ]
    sources = rng.sample(range(2400), 600)
    planted = [
        (replace(originals[n], context=originals[n].context.upper(), source="b", id=""), n) for n in sources[:300]
    ]
    planted += [(changed(originals[n], 1, "b", rng), n) for n in sources[300:]]
    rng.shuffle(planted)
    found = duplicates(originals + [row for row, _ in planted], 0.95)
    assert [(each.index, each.of) for each in found] == [(2400 + place, of) for place, (_, of) in enumerate(planted)]
    assert sum(each.kind == "exact" for each in found) == 300


def among(prints: Fingerprints, order: Sequence[int], rows: Sequence[Example], threshold: float) -> list[Duplicate]:
    return duplicates_among(prints, np.array(order, np.int64), threshold, lambda row: frozenset(shingles(rows[row])))


def test_chunks_and_places_make_no_difference(make: Make) -> None:
    rows = variants(make, 300, 60, 13) + variants(make, 100, 60, 14, "zh")
    whole = fingerprints(rows)
    parts = [fingerprints([row]) for row in rows]
    joined = Fingerprints.concatenated(parts)
    assert parts == []
    for field in fields(Fingerprints):
        assert (getattr(whole, field.name) == getattr(joined, field.name)).all()
    place = random.Random(15).sample(range(400), 400)
    moved = [rows[n] for n in place]
    order = [place.index(n) for n in range(400)]
    expected = among(whole, range(400), rows, 0.8)
    found = among(fingerprints(moved), order, moved, 0.8)
    assert [replace(each, index=place[each.index], of=place[each.of]) for each in found] == expected
    assert len(expected) > 20


def test_the_first_in_order_stays_and_rows_out_of_order_are_not_seen(make: Make) -> None:
    rng = random.Random(16)
    first = make(context=sentence(rng, 80))
    rows = [first, changed(first, 1, "b", rng), make(context=first.context.upper(), source="c")]
    prints = fingerprints(rows)
    assert [(each.index, each.of, each.kind) for each in among(prints, [1, 2, 0], rows, 0.9)] == [
        (2, 1, "near"),
        (0, 1, "exact"),
    ]
    assert [(each.index, each.of) for each in among(prints, [2, 1], rows, 0.9)] == [(1, 2)]
    assert among(prints, [], rows, 0.9) == []


def test_every_process_hashes_alike() -> None:
    code = (
        "from practicum.data.duplicates import fingerprints\n"
        "from practicum.data.example import Example\n"
        "texts = dict(task='t', label='l', source='s', group='g', question='Wie viel, 多少?', reasoning='r')\n"
        "rows = [Example(**texts, language=l, context='a b c 合同 ' * 9, answer='{\"a\": 1}') for l in ('en', 'zh')]\n"
        "p = fingerprints(rows)\n"
        "print([getattr(p, name).tolist() for name in ('question', 'answer', 'bucket', 'sizes', 'sketch')])"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
    assert "[[" in printed.pop()


def test_a_text_repeated_thousands_of_times_takes_seconds(make: Make) -> None:
    rng = random.Random(17)
    first = make(context=sentence(rng, 100))
    rows = [make(context=sentence(rng, 100), source=f"a:{n}") for n in range(2000)]
    rows += [first, *(changed(first, 1, f"b:{n}", rng) for n in range(4000))]
    start = time.process_time()
    found = duplicates(rows, 0.9)
    assert time.process_time() - start < 10
    assert {each.of for each in found} == {2000}
    assert [each.index for each in found] == list(range(2001, 6001))


def test_rows_of_a_template_are_not_read_again(make: Make) -> None:
    """Twenty thousand rows of one task and four answers, any two of similarity 0.6 to 0.9: few are compared."""
    rng = random.Random(18)
    template = sentence(rng, 90)
    rows = [
        make(context=f"{template} {' '.join(f'v{rng.randrange(60)}' for _ in range(10))}",
             source=f"a:{n}", answer=f'{{"value": {n % 4}}}')
        for n in range(20_000)
    ]  # fmt: skip
    read = []

    def shingles_of(row: int) -> frozenset[str]:
        read.append(row)
        return frozenset(shingles(rows[row]))

    prints = fingerprints(rows)
    start = time.process_time()
    found = duplicates_among(prints, np.arange(len(rows)), 0.95, shingles_of)
    assert time.process_time() - start < 4
    assert len(read) <= 2 * len(found) + 20
