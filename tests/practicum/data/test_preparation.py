"""Whatever comes in, rows in = kept + rejected + duplicates, and what is kept can be trained and measured on."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from practicum.config import Data, Quality
from practicum.data.accounting import Accounting
from practicum.data.example import Example, Rejected
from practicum.data.preparation import Cleaning, PreparationError, Prepared
from practicum.data.preparation import prepare as prepare_with
from practicum.data.splitting import SPLITS, split_of
from practicum.data.workers import Workers

Make = Callable[..., Example]
Schema = Mapping[str, Any]
QUALITY = Quality(
    max_repetition=0.5,
    min_wordlike=0.3,
    max_symbols=0.2,
    max_unknown_words=1.0,
    dictionary=None,
    languages=["en", "zh"],
    reasoning=False,
)
DATA = Data(
    test=0.2,
    validation=0.1,
    near_duplicate=0.95,
    leak_overlap=1.0,
    max_label_ratio=2.0,
    label_temperature=1.0,
    quality=QUALITY,
)


def prepare(
    domain: str,
    rows: Iterable[Example | Rejected],
    tasks: Sequence[str],
    schema: Schema,
    data: Data,
    seed: int,
    processes: int = 1,
) -> Prepared:
    cleaning = Cleaning(schema, data, frozenset(), seed)
    with Workers({"clean": cleaning}, processes, inline=2) as workers:
        return prepare_with(domain, rows, tasks, cleaning, workers)


def good_rows(make: Make, count: int = 200) -> list[Example]:
    return [
        make(
            task=("sum", "more")[n % 2],
            label="abc"[n % 3],
            source=f"sums.csv:{n + 2}",
            group=f"shop {n // 2}",
            context=f"Shop {n // 2} has {n} pears and {n * n} plums, {n + 3} figs and {n * 7} nuts.",
            answer=f'{{"value": {n % 50}}}',
        )
        for n in range(count)
    ]


def hostile_rows(make: Make) -> list[Example | Rejected]:
    """One of each kind of row that must not get through, with copies and contradictions among them."""
    first = make(source="h:1", group="h1", context="First of its kind with 3 and 4.")
    return [
        first,
        replace(first, source="h:2", group="h2"),
        replace(first, source="h:3", context=first.context.upper(), id=""),
        make(source="h:4", context="Two answers: 3 and 4.", answer='{"value": 7}'),
        make(source="h:5", context="Two answers: 3 and 4.", answer='{"value": 12}'),
        make(source="h:6", reasoning=""),
        make(source="h:7", answer="{"),
        make(source="h:8", answer='{"value": "x"}'),
        make(source="h:9", context="<|im_end|> and more"),
        make(source="h:10", context="\x00\ufffd\ufffd"),
        make(source="\ud800", context="\ud800 lone half", id="x"),
        make(source="h:12", answer="[" * 50_000),
        Rejected(source="h:13", rule="no_date", text="\ud800"),
        Rejected(source="h:14", rule="no_date", text=""),
        make(source="h:15", perturbation={"x": object()}),
        make(source="h:16", question="", context=""),
    ]


def account(prepared: Prepared) -> Counter[str]:
    """Checks every count of the account against the rows themselves; returns rows left out by rule."""
    rows = prepared.accounting.as_json()["rows"]
    assert rows["in"] == rows["kept"] + rows["rejected"] + rows["duplicates"]
    assert {split: len(prepared.splits[split]) for split in SPLITS} == dict(prepared.accounting.splits)
    assert len(prepared.left_out) == rows["rejected"] + rows["duplicates"]
    by_rule = Counter(row.rule for row in prepared.left_out)
    assert by_rule == Counter(prepared.accounting.rejected_by_rule) + Counter(
        {f"{kind}_duplicate": count for kind, count in prepared.accounting.duplicates.items()}
    )
    return by_rule


def test_good_rows_are_all_kept_in_their_groups_split(make: Make, schema: Schema) -> None:
    rows = good_rows(make)
    prepared = prepare("tiny", rows, ("sum", "more"), schema, DATA, seed=1)
    assert not account(prepared)
    assert sorted(row.source for split in SPLITS for row in prepared.splits[split]) == sorted(r.source for r in rows)
    for split in SPLITS:
        assert {split_of(row.group, 0.2, 0.1) for row in prepared.splits[split]} == {split}


def test_hostile_rows_are_accounted_for_one_by_one(make: Make, schema: Schema) -> None:
    rows = [*hostile_rows(make), *good_rows(make)]
    prepared = prepare("tiny", rows, ("sum", "more"), schema, DATA, seed=1)
    by_rule = account(prepared)
    assert prepared.accounting.rows_in == len(rows)
    assert by_rule["contradiction"] == 2
    assert by_rule["exact_duplicate"] + by_rule["leak"] == 2
    assert by_rule["no_date"] == 2
    assert by_rule["answer_not_json"] == 2
    assert by_rule["garbage"] == 2
    for rule in ("empty_reasoning", "empty_question", "answer_schema", "chat_marker", "perturbation_not_json"):
        assert by_rule[rule] == 1, rule
    kept = {row.source for split in SPLITS for row in prepared.splits[split]}
    assert kept & {f"h:{n}" for n in range(17)} in ({"h:1"}, {"h:2"}, {"h:3"})


def test_any_mix_of_damage_is_accounted_for(make: Make, schema: Schema) -> None:
    rng = random.Random(11)
    damage: list[Callable[[Example], Example | Rejected]] = [
        lambda row: row,
        lambda row: replace(row, group=f"other {rng.randrange(40)}"),
        lambda row: replace(row, context=row.context + " Indeed."),
        lambda row: replace(row, answer=f'{{"value": {rng.randrange(3)}}}', id=""),
        lambda row: replace(row, answer=rng.choice(["", "null", "[]", "{}", '{"value": 1.5}'])),
        lambda row: replace(row, reasoning=rng.choice(["", "<think>", "\ufffd", "fine then, 7."])),
        lambda row: replace(row, question=rng.choice(["", "?", "How many?\x00\x0c", "中文问题，多少？"]), id=""),
        lambda row: replace(row, label=rng.choice(["", "a", "a", "rare"])),
        lambda row: Rejected(source=row.source, rule="plug_in", text=row.question),
    ]
    for _ in range(5):
        rows = [
            *good_rows(make),
            *(rng.choice(damage)(row) for row in rng.choices(good_rows(make), k=300)),
        ]
        rng.shuffle(rows)
        prepared = prepare("tiny", rows, ("sum", "more"), schema, DATA, seed=1)
        account(prepared)
        texts = [(row.context, row.question) for split in SPLITS for row in prepared.splits[split]]
        assert len(texts) == len(set(texts))


def test_a_training_row_never_costs_the_test_split_a_row(make: Make, schema: Schema) -> None:
    rows = good_rows(make)
    alone = prepare("tiny", rows, ("sum", "more"), schema, DATA, seed=1)
    train_group = alone.splits["train"][0].group
    copies = [replace(row, source=f"copy:{row.source}", group=train_group) for row in rows]
    # The copies come first in file order.
    both = prepare("tiny", [*copies, *rows], ("sum", "more"), schema, DATA, seed=1)
    account(both)
    assert list(both.splits["test"]) == list(alone.splits["test"])
    held = len(alone.splits["test"]) + len(alone.splits["validation"])
    assert both.accounting.rejected_by_rule == {"leak": held}


def test_contradicting_rows_go_all_of_them_whatever_their_task(make: Make, schema: Schema) -> None:
    rows = [
        make(source="a:1"),
        make(source="a:2", context="The shop has 5 pears and 4 plums.", answer='{"value": 9}'),
        make(source="a:3", answer='{"value": 8}', group="shop 9"),
        make(source="a:4", context="THE SHOP has 3 pears  and 4 plums.", task="more"),
    ]
    prepared = prepare("tiny", [*rows, *good_rows(make)], ("sum", "more"), schema, DATA, seed=1)
    turned_away = [(row.source, row.rule) for row in prepared.left_out]
    assert turned_away == [("a:1", "contradiction"), ("a:3", "contradiction"), ("a:4", "contradiction")]
    assert '{"value": 7}, but {"value": 8} in a:3' in prepared.left_out[0].text


def test_a_training_row_that_contradicts_a_test_row_goes_alone(make: Make, schema: Schema) -> None:
    rows = good_rows(make)
    alone = prepare("tiny", rows, ("sum", "more"), schema, DATA, seed=1)
    train_group = alone.splits["train"][0].group
    wrong = [
        replace(row, source=f"wrong:{row.source}", group=train_group, answer='{"value": 77}', id="")
        for row in alone.splits["test"]
    ]
    both = prepare("tiny", [*wrong, *rows], ("sum", "more"), schema, DATA, seed=1)
    account(both)
    assert list(both.splits["test"]) == list(alone.splits["test"])
    assert both.accounting.rejected_by_rule == {"contradiction": len(wrong)}


def test_the_same_answer_in_another_spelling_is_a_copy_and_no_contradiction(make: Make, schema: Schema) -> None:
    rows = [
        make(answer='{"value": 7, "note": "x"}'),
        make(answer='{"note": "x", "value": 7}'),
        make(answer='{"value": 7.0, "note": "x"}'),
    ]
    prepared = prepare("tiny", [*rows, *good_rows(make)], ("sum", "more"), schema, DATA, seed=1)
    assert account(prepared) == {"exact_duplicate": 2}


def test_worker_processes_give_the_bytes_that_one_process_gives(make: Make, schema: Schema) -> None:
    rows = [
        *good_rows(make, 2600),
        *hostile_rows(make),
        *(replace(row, group="copies", source=f"copy:{row.source}") for row in good_rows(make, 300)),
    ]
    one, two = (prepare("tiny", rows, ("sum", "more"), schema, DATA, seed=1, processes=count) for count in (1, 2))
    account(two)
    for split in SPLITS:
        assert list(two.splits[split].lines()) == list(one.splits[split].lines())
    assert list(two.left_out.lines()) == list(one.left_out.lines())
    assert two.accounting == one.accounting


def test_a_row_whose_8_grams_stand_in_a_test_row_leaves_the_training_side(make: Make, schema: Schema) -> None:
    story = (
        "A {} trader from the old harbour sold {} crates of dried figs to a captain who never came back to pay "
        "although he had sworn by his mother and by all the saints of the sea to return before the first snow"
    )
    rows = good_rows(make)
    alone = prepare("tiny", rows, ("sum", "more"), schema, DATA, seed=1)
    test_group, train_group = alone.splits["test"][0].group, alone.splits["train"][0].group
    told = make(source="t:1", group=test_group, context=story.format("careful", 40), answer='{"value": 40}')
    retold = make(
        source="t:2",
        group=train_group,
        context=story.format("careful", 40) + " at all.",
        label="b",
        answer='{"value": 41}',
    )
    apart = make(source="t:3", group=train_group, context=" ".join(reversed(story.split())), answer='{"value": 42}')
    data = DATA.model_copy(update={"leak_overlap": 0.8})
    prepared = prepare("tiny", [*rows, told, retold, apart], ("sum", "more"), schema, data, seed=1)
    leaks = [row for row in prepared.left_out if row.rule == "leak"]
    assert [row.source for row in leaks] == ["t:2"]
    assert "of its 8-grams by weight stand in t:1 in test" in leaks[0].text
    assert "t:1" in {row.source for row in prepared.splits["test"]}


def test_labels_are_balanced_in_training_only(make: Make, schema: Schema) -> None:
    rows = [
        replace(row, label="a" if number % 10 else "bc"[number // 10 % 2]) for number, row in enumerate(good_rows(make))
    ]
    rows = [replace(row, task="sum") for row in rows]
    prepared = prepare("tiny", rows, ("sum",), schema, DATA, seed=1)
    assert account(prepared).keys() == {"balance"}
    before, after = prepared.accounting.labels_before["sum"], prepared.accounting.labels_after["sum"]
    assert after["a"] == 2 * sorted(before.values())[1] < before["a"]
    assert {split: len(prepared.splits[split]) for split in ("validation", "test")} == {
        split: sum(split_of(row.group, 0.2, 0.1) == split for row in rows) for split in ("validation", "test")
    }


def test_the_same_rows_give_the_same_splits_and_new_rows_keep_the_old_order(make: Make, schema: Schema) -> None:
    rows = good_rows(make)
    data = DATA.model_copy(update={"max_label_ratio": 50.0})
    first = prepare("tiny", rows, ("sum", "more"), schema, data, seed=1)
    again = prepare("tiny", rows, ("sum", "more"), schema, data, seed=1)
    assert [list(again.splits[split]) for split in SPLITS] == [list(first.splits[split]) for split in SPLITS]
    assert again.accounting == first.accounting
    more = [
        replace(row, source=f"n:{row.source}", group=f"n {row.group}", context=f"Reversed: {row.context[::-1]}", id="")
        for row in rows
    ]
    second = prepare("tiny", [*more, *rows], ("sum", "more"), schema, data, seed=1)
    for split in SPLITS:
        assert [row for row in second.splits[split] if row.source.startswith("sums")] == list(first.splits[split])


def test_shots_are_short_training_rows_of_different_labels(make: Make, schema: Schema) -> None:
    rows = good_rows(make)
    prepared = prepare("tiny", rows, ("more", "sum"), schema, DATA, seed=1)
    assert [row.task for row in prepared.shots] == ["more"] * 4 + ["sum"] * 4
    for task in ("sum", "more"):
        chosen = [row for row in prepared.shots if row.task == task]
        assert {row.label for row in chosen[:3]} == {"a", "b", "c"}
        for shot in chosen[:3]:
            alike = [row for row in prepared.splits["train"] if (row.task, row.label) == (task, shot.label)]
            assert len(shot.context) == min(len(row.context) for row in alike)
    assert all(shot in prepared.splits["train"] for shot in prepared.shots)


def test_an_empty_split_is_told_with_what_to_do(make: Make, schema: Schema) -> None:
    with pytest.raises(PreparationError, match=r"the train split is empty: 0 rows kept of 0, in 0 groups"):
        prepare("tiny", [], ("sum",), schema, DATA, seed=1)
    rows = [replace(row, group="one") for row in good_rows(make)]
    with pytest.raises(PreparationError, match=r"split is empty: .* in 1 groups, .* expected at least one row"):
        prepare("tiny", rows, ("sum",), schema, DATA, seed=1)


def test_a_task_without_training_rows_is_told(make: Make, schema: Schema) -> None:
    with pytest.raises(PreparationError, match="task 'third' has no training row, expected at least one"):
        prepare("tiny", good_rows(make), ("sum", "more", "third"), schema, DATA, seed=1)


def test_a_row_of_another_type_is_told(schema: Schema) -> None:
    with pytest.raises(TypeError, match=r"tiny: row 1 of the plug-in: found \{'question': 'x'\}, expected an Example"):
        prepare("tiny", [{"question": "x"}], ("sum",), schema, DATA, seed=1)  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rows_in": 11}, r"found 11 rows in but 6 kept \+ 3 rejected \+ 1 duplicates = 10"),
        ({"duplicates": {"exact": 0, "near": 0}}, "found 10 rows in but .* = 9"),
        ({"tasks": {"sum": {"train": 4, "validation": 1, "test": 0}}}, "found 5 rows over all tasks, expected 6"),
        ({"labels_after": {"sum": {"a": 3}}}, "found 3 training rows over all labels, expected 4"),
    ],
)
def test_an_account_that_does_not_balance_is_refused(values: dict[str, Any], message: str) -> None:
    balanced: dict[str, Any] = {
        "domain": "tiny",
        "rows_in": 10,
        "splits": {"train": 4, "validation": 1, "test": 1},
        "rejected_by_rule": {"leak": 2, "garbage": 1},
        "duplicates": {"exact": 0, "near": 1},
        "tasks": {"sum": {"train": 4, "validation": 1, "test": 1}},
        "labels_before": {"sum": {"a": 5}},
        "labels_after": {"sum": {"a": 4}},
        "groups": {"train": 2, "validation": 1, "test": 1},
        "typo_score": {"mean": 0.0, "p95": 0.0},
    }
    rows = Accounting(**balanced).as_json()["rows"]
    assert rows == {"in": 10, "kept": 6, "rejected": 3, "duplicates": 1}
    with pytest.raises(ValueError, match=message):
        Accounting(**(balanced | values))
