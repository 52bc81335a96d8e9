"""From a domain's rows to its splits, with an account of every row.

The order matters. Contradictions go before copies, or the first of two answers would win by its place in a
file. Splits come before copies, so that a copy leaves the training side and never the test split. Labels are
balanced last, over the rows that will be trained on.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from practicum.config import Data
from practicum.data.accounting import Accounting
from practicum.data.balance import balanced, label_counts, shuffled
from practicum.data.cleaning import cleaned, rejected, schema_validator, without_contradictions
from practicum.data.example import Example, Rejected
from practicum.data.splitting import SPLITS, Split, by_split, decontaminated

SHOTS = 4
"""Worked examples set aside per task."""


class PreparationError(ValueError):
    """The rows don't make a data set; says what is missing and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The splits of a domain and what was left out of them."""

    splits: Mapping[Split, Sequence[Example]]
    shots: Sequence[Example]
    """Worked examples, rows of train: `SHOTS` per task, tasks in the domain's order."""
    left_out: Sequence[Rejected]
    """Every row that is not kept. Copies stand here too, by rule `exact_duplicate` or `near_duplicate`."""
    accounting: Accounting


def text_length(example: Example) -> int:
    """Characters of the row as a model reads and writes it."""
    return len(example.context) + len(example.question) + len(example.reasoning) + len(example.answer)


def shots(train: Sequence[Example], tasks: Sequence[str], count: int = SHOTS) -> list[Example]:
    """Short worked examples of each task: the shortest of as many labels as there are, then the shortest left.

    Args:
        train: training rows.
        tasks: in the order in which the shots stand.
        count: per task; fewer where a task has fewer rows.
    """
    chosen = []
    for task in tasks:
        candidates = sorted(
            (example for example in train if example.task == task),
            key=lambda example: (text_length(example), example.id, example.source),
        )
        by_label: dict[str, Example] = {}
        for example in candidates:
            by_label.setdefault(example.label, example)
        firsts = list(by_label.values())[:count]
        rest = [example for example in candidates if example not in firsts]
        chosen += firsts + rest[: count - len(firsts)]
    return chosen


def _require(splits: Mapping[Split, Sequence[Example]], tasks: Sequence[str], data: Data, account: Accounting) -> None:
    """Refuse a data set that can't be trained or measured on."""
    for split in SPLITS:
        if not splits[split]:
            share = {"test": data.test, "validation": data.validation}.get(split, 1 - data.test - data.validation)
            groups = sum(account.groups.values())
            larger = "lower data.test" if split == "train" else f"raise data.{split}"
            raise PreparationError(
                f"{account.domain}: the {split} split is empty: {account.kept} rows kept of {account.rows_in}, in "
                f"{groups} groups, of which a share of {share:.2f} belongs there; expected at least one row. Add "
                f"groups, {larger}, or see which rules turned rows away: {dict(account.rejected_by_rule)}"
            )
    for task in tasks:
        if not any(example.task == task for example in splits["train"]):
            raise PreparationError(
                f"{account.domain}: task {task!r} has no training row, expected at least one; rows kept by task: "
                f"{dict(account.tasks)}, rejected by rule: {dict(account.rejected_by_rule)}. Add rows or drop the task"
            )


def prepare(
    domain: str,
    rows: Iterable[Example | Rejected],
    tasks: Sequence[str],
    schema: Mapping[str, Any],
    data: Data,
    seed: int,
) -> Prepared:
    """Clean, split, decontaminate, balance and shuffle a domain's rows.

    Args:
        domain: its name, for errors and the account.
        rows: from the plug-in, in file order.
        tasks: the domain's tasks in the order of reports.
        schema: JSON schema of an answer.
        data: shares and thresholds.
        seed: of the order of rows and of the choice of surplus rows; the splits don't depend on it.

    Raises:
        PreparationError: a split is empty, or a task has no training row.
        TypeError: a row is neither an Example nor a Rejected.
    """
    validator = schema_validator(schema)
    clean: list[Example] = []
    left_out: list[Rejected] = []
    rows_in = 0
    for rows_in, row in enumerate(rows, start=1):
        if not isinstance(row, Example | Rejected):
            raise TypeError(f"{domain}: row {rows_in} of the plug-in: found {row!r}, expected an Example or a Rejected")
        result = cleaned(row, validator)
        if isinstance(result, Example):
            clean.append(result)
        else:
            left_out.append(result)
    clean, contradictions = without_contradictions(clean)
    splits, leaks, copies = decontaminated(by_split(clean, data.test, data.validation), data.near_duplicate)
    labels_before = label_counts(splits["train"])
    splits["train"], surplus = balanced(splits["train"], data.max_label_ratio, seed)
    left_out += contradictions + leaks + surplus
    by_rule = Counter(row.rule for row in left_out)
    kinds = Counter(duplicate.kind for _, _, duplicate in copies)
    left_out += [
        rejected(
            row.source, f"{duplicate.kind}_duplicate", f"of {kept.source} ({duplicate.similarity:.3f}): {row.question}"
        )
        for row, kept, duplicate in copies
    ]
    names = [*tasks, *sorted({example.task for split in SPLITS for example in splits[split]} - set(tasks))]
    accounting = Accounting(
        domain=domain,
        rows_in=rows_in,
        splits={split: len(splits[split]) for split in SPLITS},
        rejected_by_rule=dict(sorted(by_rule.items())),
        duplicates={"exact": kinds["exact"], "near": kinds["near"]},
        tasks={
            task: {split: sum(example.task == task for example in splits[split]) for split in SPLITS} for task in names
        },
        labels_before=labels_before,
        labels_after=label_counts(splits["train"]),
        groups={split: len({example.group for example in splits[split]}) for split in SPLITS},
    )
    _require(splits, tasks, data, accounting)
    ordered = {split: shuffled(splits[split], seed, split) for split in SPLITS}
    return Prepared(splits=ordered, shots=shots(ordered["train"], tasks), left_out=left_out, accounting=accounting)
