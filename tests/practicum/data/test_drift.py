"""Drift is found where the data moved, and not where they only are few."""

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import entropy

from practicum.config import ConfigError, checked
from practicum.data.answer_fields import answer_fields, schema_fields
from practicum.data.drift import OTHER, Drift, Profile, drift, moved, population_stability, profile
from practicum.data.example import Example, canonical_json
from practicum.data.splitting import Split

Splits = dict[Split, list[Example]]


def rows(count: int, seed: int, *, yes: float = 0.5, task: str = "score", longer: int = 0) -> list[Example]:
    """Rows whose label is yes by chance, whose points are spread, and whose context has a random length."""
    rng = random.Random(seed)
    return [
        Example(
            task=task,
            label=(label := "yes" if rng.random() < yes else "no"),
            source=f"rows.csv:{number}",
            group=str(number),
            language="en",
            context="word " * (rng.randrange(20, 60) + longer),
            question=f"Why {seed} {number}?",
            reasoning="Because.",
            answer=canonical_json({"decision": label, "points": rng.randrange(1000), "name": f"{seed}-{number}"}),
        )
        for number in range(count)
    ]


def split_up(examples: Sequence[Example]) -> Splits:
    cut, end = int(len(examples) * 0.8), int(len(examples) * 0.9)
    return {"train": [*examples[:cut]], "validation": [*examples[cut:end]], "test": [*examples[end:]]}


def by_aspect(found: Sequence[Drift]) -> dict[str, Drift]:
    return {one.aspect: one for one in found}


def test_the_index_is_the_symmetric_divergence_of_the_smoothed_shares() -> None:
    then, now = np.array([30, 60, 10, 0]), np.array([50, 25, 20, 5])
    p, q = (then + 0.5) / 102, (now + 0.5) / 102
    index = population_stability(then.tolist(), now.tolist())
    assert index.sum() == pytest.approx(entropy(p, q) + entropy(q, p))
    assert (index >= 0).all()


def test_by_hand_from_40_to_60_per_cent() -> None:
    """(0.6 - 0.4) * ln(0.6 / 0.4) twice: 0.162, as no smoothing of half a row among 10^6 can change."""
    assert population_stability([400_000, 600_000], [600_000, 400_000]).sum() == pytest.approx(0.16219, abs=1e-4)


def test_the_same_rows_in_another_order_have_the_same_profile_and_no_drift() -> None:
    splits = split_up(rows(400, 1))
    accepted = profile(splits)
    turned: Splits = {split: own[::-1] for split, own in splits.items()}
    assert profile(turned).model_dump_json() == accepted.model_dump_json()
    found = drift(accepted, turned)
    assert {one.psi for one in found} == {0.0}
    assert [one.aspect for one in found] == [
        "splits", "tasks", "languages", "labels of score", "lengths of score", "answer.decision of score",
        "answer.points of score", "words",
    ]  # fmt: skip


def test_the_profile_survives_json() -> None:
    accepted = profile(split_up(rows(300, 2)))
    assert Profile.model_validate_json(accepted.model_dump_json()) == accepted


def test_few_rows_of_one_distribution_do_not_drift() -> None:
    """40 pairs of samples of 60 rows: indices over 0.2 come by chance and are not shown."""
    over_limit = shown = 0
    for seed in range(40):
        found = drift(profile(split_up(rows(60, seed))), split_up(rows(60, 1000 + seed)))
        over_limit += sum(one.psi > 0.2 for one in found)
        shown += len(moved(found, 0.2))
    assert over_limit > 10
    assert shown <= 2


@pytest.mark.parametrize(
    ("changes", "aspects", "bin_moved"),
    [
        ({"yes": 0.85}, {"labels of score", "answer.decision of score"}, "no 5"),
        ({"longer": 30}, {"lengths of score"}, "> "),
    ],
)
def test_what_moved_is_found_and_said(changes: dict[str, float], aspects: set[str], bin_moved: str) -> None:
    accepted = profile(split_up(rows(400, 3)))
    found = moved(drift(accepted, split_up(rows(400, 4, **changes))), 0.2)  # type: ignore[arg-type]
    assert {one.aspect for one in found} == aspects
    assert all(one.psi > max(0.2, one.by_chance) for one in found)
    assert all(one.moved.startswith(bin_moved) and " -> " in one.moved for one in found)
    assert [one.psi for one in found] == sorted((one.psi for one in found), reverse=True)


def test_a_new_task_a_new_language_and_a_field_that_vanished_are_drift() -> None:
    accepted = profile(split_up(rows(400, 5)))
    new = [replace(row, language="zh", id="") for row in rows(200, 7, task="imaging")]
    old = [replace(row, answer=canonical_json({"points": 1}), id="") for row in rows(200, 6)]
    mixed = [row for pair in zip(old, new, strict=True) for row in pair]
    found = {one.aspect: one.moved for one in moved(drift(accepted, split_up(mixed)), 0.2)}
    assert found["tasks"] == f"{OTHER} 0 % -> 50 %"
    assert found["languages"] == f"{OTHER} 0 % -> 50 %"
    assert "answer.points of score" in found
    assert not any("imaging" in aspect for aspect in found)


def test_a_field_without_any_row_left_is_not_compared_by_chance() -> None:
    accepted = profile(split_up(rows(400, 5)))
    gone = [replace(row, answer=canonical_json({"points": 1}), id="") for row in rows(400, 6)]
    one = by_aspect(drift(accepted, split_up(gone)))["answer.decision of score"]
    assert one.by_chance == 0.0


def test_names_are_not_kept_and_many_numbers_are_binned_by_deciles() -> None:
    accepted = profile(split_up(rows(500, 8)))
    fields = accepted.answers["score"]
    assert set(fields) == {"answer.decision", "answer.points"}
    assert fields["answer.decision"] == {
        label: sum(row.label == label for row in rows(500, 8))
        for label in sorted(("yes", "no"), key=lambda label: -sum(row.label == label for row in rows(500, 8)))
    }
    points = fields["answer.points"]
    assert not isinstance(points, dict)
    assert len(points.edges) == 9
    assert all(40 <= count <= 60 for count in points.rows)
    assert "8-" not in accepted.model_dump_json()


def test_rare_labels_are_added_up() -> None:
    many = [replace(row, label=f"label {number}", id="") for number, row in enumerate(rows(80, 9))]
    labels = profile(split_up(many)).labels["score"]
    assert len(labels) == 51
    assert labels[OTHER] == 30


def test_chinese_words_are_counted_by_character() -> None:
    row = replace(rows(1, 1)[0], language="zh", context="血压高，血糖高。", question="", reasoning="高", id="")
    words = profile({"train": [row], "validation": [], "test": []}).words
    assert words == {"高": 3, "血": 2, "压": 1, "糖": 1}


def test_nothing_at_all_has_a_profile() -> None:
    empty: Splits = {"train": [], "validation": [], "test": []}
    accepted = profile(empty)
    assert moved(drift(accepted, empty), 0.2) == []
    assert moved(drift(accepted, split_up(rows(50, 1))), 0.2) != []
    assert {one.aspect for one in moved(drift(profile(split_up(rows(50, 1))), empty), 0.2)} == {"splits", "words"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"splits": {"train": -1}}, "accepted.json: splits.train: found -1, expected 0 or more"),
        ({"lengths": {"score": {"edges": [2.0, 1.0], "rows": [1, 1, 1]}}}, "accepted.json: lengths.score: rows: found"),
        ({"extra": 1}, "accepted.json: extra: found an unknown key"),
    ],
)
def test_a_damaged_profile_is_refused(change: dict[str, object], message: str) -> None:
    values = profile(split_up(rows(50, 1))).model_dump(mode="json") | change
    with pytest.raises(ConfigError, match=message):
        checked(Profile, values, "accepted.json")


def test_fields_of_nested_answers_and_lists() -> None:
    answer = {"a": {"b": 1.5}, "ok": True, "none": None, "rows": [{"n": 1, "t": "x"}, {"n": 2}], "tags": ["p", "q"]}
    assert answer_fields(canonical_json(answer)) == {
        "answer.a.b": 1.5,
        "answer.ok": True,
        "answer.none": None,
        "answer.rows.length": 2,
        "answer.rows[].n": "1\n2",
        "answer.rows[].t": "x",
        "answer.tags.length": 2,
        "answer.tags[]": "p\nq",
    }
    assert answer_fields("{") == answer_fields("[" * 100_000) == {}


def test_fields_of_a_schema_are_those_of_all_its_branches() -> None:
    item = {"type": "object", "properties": {"n": {"type": "integer"}}}
    schema = {
        "oneOf": [
            {"type": "object", "properties": {"score": {"type": "integer"}}},
            {"properties": {"rows": {"type": "array", "items": item}, "tags": {"items": {"type": "string"}}}},
        ]
    }
    assert schema_fields(schema) == [
        "answer.score", "answer.rows.length", "answer.rows[].n", "answer.tags.length", "answer.tags[]",
    ]  # fmt: skip
