"""Two commits of a domain, told apart from noise."""

from dataclasses import replace
from typing import Any

import pytest

from practicum.reporting.review import Commit, Item, change, items_of, review

SETTINGS: dict[str, Any] = {"lr": 1e-3, "seed": 1, "evaluation": {"confidence": 0.95, "resamples": 500}, "mix": {}}


def commit(right: set[int], items: int = 40, rt: float = 1.0, **settings: Any) -> Commit:
    """Results in which the tuned model is right on the items with these numbers."""
    rows = tuple(
        Item(
            id=f"i{n}",
            task="odd" if n % 2 else "even",
            group=f"g{n // 2}",
            base=0,
            tuned=int(n in right),
            f1=float(n in right),
            error=None,
        )
        for n in range(items)
    )
    em = len(right) / items
    metrics = {
        "base": {"em": 0.0, "rt_p50_s": 2.0},
        "tuned": {"em": em, "rt_p50_s": rt},
        "gain": {"em": em, "em_low": em / 2, "em_high": 1.0, "mcnemar_p": 0.01, "items": float(items)},
        "int8": {"em": em, "megabytes": 100.0},
    }
    return Commit(metrics, rows, SETTINGS | settings)


def section(base: Commit | None, head: Commit | None) -> str:
    return review("loans", base, head, "main").replace("\u202f", " ")


def test_a_few_items_are_noise_and_many_are_not() -> None:
    base = commit(set(range(20)))
    text = section(base, commit({*range(19), 25, 30}))
    assert "**within noise**: +2.5 points on 40 items" in text
    assert "2 won, 1 lost" in text
    assert "**better**: +45.0 points" in section(base, commit(set(range(38))))
    assert "**worse**: −45.0 points" in section(commit(set(range(38))), base)


def test_times_within_noise_are_marked_as_such() -> None:
    base = commit(set(range(20)))
    assert "| tuned rt_p50_s | 1.00 s | 1.05 s | +5 % (noise) |" in section(base, commit(set(range(20)), rt=1.05))
    assert "| tuned rt_p50_s | 1.00 s | 1.50 s | +50 % |" in section(base, commit(set(range(20)), rt=1.5))


def test_commit_from_before_a_figure_was_measured_is_compared_in_what_it_has() -> None:
    base, head = commit({1}), commit({1, 2})
    newer = head.metrics | {
        "tuned": head.metrics["tuned"] | {"length_ratio": 0.974},
        "robustness": {"drop_typo": 0.125, "all_right": 0.3},
        "forgetting": {"loss_difference": 0.09783, "questions_difference": -0.041},
        "human": {"win_rate": 0.7, "items": 20, "reasoning_base": 2.1, "preference_kappa": 0.61},
    }
    text = section(base, replace(head, metrics=newer))
    assert "| tuned length_ratio | | 0.974 | new |" in text
    assert "| robustness drop_typo | | 12.5 % | new |" in text
    assert "| forgetting loss_difference | | 0.09783 | new |" in text
    assert "| human items | | 20 | new |" in text
    assert "| human reasoning_base | | 2.1 | new |" in text
    back = section(replace(head, metrics=newer), base)
    assert "| tuned length_ratio | 0.974 | | gone |" in back
    assert "| robustness | | | gone |" in back


def test_figures_that_are_no_shares_keep_their_unit() -> None:
    base, head = (
        replace(commit({1}), metrics=commit({1}).metrics | {"forgetting": {"loss_difference": loss}})
        for loss in (0.1, 0.15)
    )
    assert "| forgetting loss_difference | 0.1 | 0.15 | +0.05 |" in section(base, head)


def test_settings_that_moved_are_listed_and_no_others() -> None:
    text = section(commit({1}), commit({1}, lr=2e-3, mix={"legal": 0.1}))
    assert "| `lr` | `0.001` | `0.002` |" in text
    assert "| `mix.legal` |  | `0.1` |" in text
    assert "`seed`" not in text


def test_only_items_that_both_commits_asked_are_compared() -> None:
    base, head = commit({0, 1, 2}, items=20), commit(set(range(3, 40)), items=40)
    seen = change(base, head, confidence=0.95, resamples=200, seed=1)
    assert seen is not None
    assert (seen.items, seen.test.wins, seen.test.losses) == (20, 17, 3)
    assert "on 20 items, the ones that both commits asked" in section(base, head)
    other = replace(head, items=tuple(item.model_copy(update={"id": f"x{item.id}"}) for item in head.items))
    assert "share no test items" in section(base, other)


def test_new_gone_and_unchanged_domains_say_so() -> None:
    assert "New. Tuned EM 50.0 % on 40 items" in section(None, commit(set(range(20))))
    assert section(commit({1}), None) == "### loans\n\nRemoved."
    assert section(commit({1}), commit({1})) == "### loans\n\nNo change."


def test_won_and_lost_items_are_counted_by_task() -> None:
    text = section(commit({0, 1, 2}), commit({1, 2, 3, 4, 5, 7}))
    assert "- even: 1 won, 1 lost" in text
    assert "- odd: 3 won, 0 lost" in text


def test_a_broken_line_is_named() -> None:
    with pytest.raises(ValueError, match=r"items\.jsonl, line 2: .*expected an item"):
        items_of(
            '{"id":"a","task":"t","group":"g","base":0,"tuned":1,"f1":1.0,"error":null}\n{"id": 3}\n', "items.jsonl"
        )
