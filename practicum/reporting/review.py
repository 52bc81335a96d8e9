"""Two commits of a domain side by side, in Markdown, told apart from noise."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from practicum.evaluation.statistics import Interval, McNemar, mcnemar, paired_bootstrap
from practicum.reporting.wording import p_value, percent, points, span

RT_NOISE = 0.1
"""Response times of the same commit differ by as much, as a share, from run to run on one machine."""
MODELS = ("base", "tuned")


class Item(BaseModel):
    """A line of items.jsonl: what a commit's models made of a test item."""

    model_config = ConfigDict(frozen=True)

    id: str
    task: str
    group: str
    base: int
    tuned: int
    f1: float
    error: str | None


@dataclass(frozen=True, slots=True)
class Commit:
    """A domain's results as a commit has them."""

    metrics: Mapping[str, Mapping[str, float]]
    """metrics.json."""
    items: tuple[Item, ...]
    settings: Mapping[str, Any]
    """config.json."""


@dataclass(frozen=True, slots=True)
class Change:
    """The tuned model's exact match on the items that both commits asked."""

    items: int
    difference: Interval
    test: McNemar
    proven: bool
    """Whether the interval leaves out 0."""


def items_of(text: str, name: str) -> tuple[Item, ...]:
    """The items of an items.jsonl.

    Raises:
        ValueError: a line is none; names it.
    """
    items = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            items.append(Item.model_validate_json(line))
        except ValidationError as error:
            fault = error.errors()[0]
            raise ValueError(f"{name}, line {number}: {fault['msg']}, expected an item as report writes it") from None
    return tuple(items)


def change(base: Commit, head: Commit, *, confidence: float, resamples: int, seed: int) -> Change | None:
    """How the tuned models of two commits differ on the items that both were asked; None with fewer than two groups.

    Args:
        base, head: the commit that is compared with, and the one under review.
        confidence: level of the interval.
        resamples, seed: of the bootstrap over groups.
    """
    before = {item.id: item for item in base.items}
    pairs = [(before[item.id], item) for item in head.items if item.id in before]
    if len({item.group for _, item in pairs}) < 2:
        return None
    first, second = [one.tuned for one, _ in pairs], [two.tuned for _, two in pairs]
    interval = paired_bootstrap(
        first,
        second,
        groups=[item.group for _, item in pairs],
        confidence=confidence,
        resamples=resamples,
        seed=seed,
    )
    return Change(len(pairs), interval, mcnemar(first, second), not interval.low <= 0.0 <= interval.high)


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings by dotted names."""
    result: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        result |= flat(value, f"{name}.") if isinstance(value, Mapping) and value else {name: value}
    return result


def review(name: str, base: Commit | None, head: Commit | None, base_name: str) -> str:
    """A domain's section of a review.

    Args:
        name: of the domain.
        base: results of the commit that is compared with; None if the domain is new.
        head: results of the commit under review; None if the domain is gone.
        base_name: what the first commit is called.
    """
    if head is None:
        return f"### {name}\n\nRemoved."
    lines = [f"### {name}", ""]
    if base is None:
        tuned, gained = head.metrics["tuned"], head.metrics["gain"]
        interval = Interval(gained["em"], gained["em_low"], gained["em_high"])
        lines.append(
            f"New. Tuned EM {percent(tuned['em'])} on {gained['items']:.0f} items, {points(interval.value)} points "
            f"over its base ({span(interval)}; McNemar {p_value(gained['mcnemar_p'])})."
        )
        return "\n".join(lines)
    if base == head:
        return "\n".join([*lines, "No change."])
    lines += _verdict(base, head)
    lines += _figures(base, head, base_name)
    moved = _moved(base.settings, head.settings)
    if moved:
        lines += ["", f"| setting | {base_name} | here |", "|---|---|---|"]
        lines += [f"| `{key}` | {_code(old)} | {_code(new)} |" for key, old, new in moved]
    lines += _flipped(base, head)
    return "\n".join(lines)


def _verdict(base: Commit, head: Commit) -> list[str]:
    evaluation = head.settings["evaluation"]
    seen = change(
        base, head, confidence=evaluation["confidence"], resamples=evaluation["resamples"], seed=head.settings["seed"]
    )
    if seen is None:
        return ["The two commits share no test items: their figures can't be compared in pairs.", ""]
    word = "**better**" if seen.difference.value > 0 else "**worse**"
    told = word if seen.proven else "**within noise**"
    shared = "" if seen.items == len(head.items) == len(base.items) else ", the ones that both commits asked"
    told = (
        f"Tuned EM is {told}: {points(seen.difference.value, 1)} points on {seen.items} items{shared} "
        f"({100 * evaluation['confidence']:g} % interval {span(seen.difference, 1)}; {seen.test.wins} won, "
        f"{seen.test.losses} lost, exact McNemar {p_value(seen.test.p)})."
    )
    return [told, ""]


def _figures(base: Commit, head: Commit, base_name: str) -> list[str]:
    lines = [f"| figure | {base_name} | here | change |", "|---|---|---|---|"]
    for model, figures in head.metrics.items():
        if model == "gain":
            continue
        before = base.metrics.get(model, {})
        for key, value in figures.items():
            old = before.get(key)
            if old is None:
                lines.append(f"| {model} {key} | | {_shown(key, value)} | new |")
            elif old != value:
                lines.append(
                    f"| {model} {key} | {_shown(key, old)} | {_shown(key, value)} | {_moved_by(key, old, value)} |"
                )
        lines += [
            f"| {model} {key} | {_shown(key, old)} | | gone |" for key, old in before.items() if key not in figures
        ]
    gone = [model for model in base.metrics if model not in head.metrics]
    lines += [f"| {model} | | | gone |" for model in gone]
    return lines if len(lines) > 2 else ["No figure moved."]


def _is_share(key: str) -> bool:
    """Whether a figure is a share of 1, to be shown in per cent; by its name, as metrics.json holds bare numbers."""
    return (
        key not in {"items", "raters"}
        and not key.endswith(("_ratio", "loss_difference", "_kappa", "_alpha"))
        and (not key.endswith(("_base", "_tuned")))
    )


def _shown(key: str, value: float) -> str:
    if key.startswith("rt_"):
        return f"{value:.2f} s"
    if key == "megabytes":
        return f"{value:g} MB"
    return percent(value) if _is_share(key) else f"{value:.4g}"


def _moved_by(key: str, old: float, new: float) -> str:
    if key.startswith("rt_"):
        share = (new - old) / old if old else 0.0
        return f"{100 * share:+.0f} %" + (" (noise)" if abs(share) <= RT_NOISE else "")
    if key == "megabytes":
        return f"{new - old:+.1f} MB"
    return f"{points(new - old, 1)} points" if _is_share(key) else f"{new - old:+.3g}"


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    old, new = flat(before), flat(after)
    keys = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    return [(key, old.get(key), new.get(key)) for key in keys]


def _code(value: object) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`".replace("|", "\\|")


def _flipped(base: Commit, head: Commit) -> list[str]:
    """Which tasks' items were won and lost, a line for each task."""
    before = {item.id: item.tuned for item in base.items}
    pairs = [(before[item.id], item) for item in head.items if item.id in before]
    lines = []
    for task in dict.fromkeys(item.task for _, item in pairs):
        won = sum(not old and bool(item.tuned) for old, item in pairs if item.task == task)
        lost = sum(bool(old) and not item.tuned for old, item in pairs if item.task == task)
        if won or lost:
            lines.append(f"- {task}: {won} won, {lost} lost")
    return ["", *lines] if lines else []


def page(sections: Sequence[str], base_name: str) -> str:
    """All domains' sections as one comment."""
    return "\n\n".join([f"## What this changes, against `{base_name}`", *sections]) + "\n"
