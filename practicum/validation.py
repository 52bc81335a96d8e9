"""What prepared data must hold before anything is trained on it, checked by Great Expectations.

The prepared rows become one table with a split column. What an expectation can't see by itself (whether an
answer fits its schema, in which splits a group stands) is worked out per row into a column of its own, so that
each check stays a plain expectation and names the rows that break it.

`critical` checks hold what training and measuring rest on: without them a result means nothing. `warning`
checks hold what a person should look at.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from practicum.data.balance import label_counts
from practicum.data.cleaning import MARKERS, parsed, question_key, schema_fault, schema_validator
from practicum.data.example import Example
from practicum.data.splitting import SPLITS, Split

Severity = Literal["critical", "warning"]

MIN_ROWS: Mapping[Split, int] = {"train": 100, "validation": 20, "test": 30}
"""Rows below which a split can't do its work: 100 to learn a form from; 20 so that the mean loss that stops
training is not one row's; 30 so that the 95 % interval of a share is at most 18 points to each side."""
MAX_LABEL_SHARE = 0.8
"""Share of a task's training rows from which always answering one label looks like skill."""
LANGUAGES = ("en", "zh")
LENGTH_SPREADS = 3.0
"""How far beyond the middle 90 % of its task's lengths, in widths of that range, a text may lie."""
MIN_SPREAD = 40
"""Characters that count as the width at least, so that a task of near equal lengths has no outliers."""
NAMED_ROWS = 10
"""Row ids that a check names at most."""
SHOWN_VALUES = 3
SHOWN_CHARACTERS = 120

REQUIRED = ("id", "task", "label", "source", "group", "language", "question", "reasoning", "answer")
"""Columns that hold something in every row; `context` may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one check found."""

    name: str
    severity: Severity
    success: bool
    unexpected: int
    """Rows that break it, or values missing; 0 where it holds."""
    observed: str
    """What was found, in a few words."""
    rows: tuple[str, ...]
    """Ids of at most `NAMED_ROWS` rows that break it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What all checks found."""

    checks: tuple[Check, ...]
    rows: Mapping[str, int]
    """Rows checked, per split."""
    results: Any
    """Great Expectations' own result, for its data docs."""

    @property
    def passed(self) -> bool:
        """Whether every critical check holds."""
        return not any(check.severity == "critical" for check in self.failed)

    @property
    def failed(self) -> tuple[Check, ...]:
        """Checks that don't hold, critical ones first."""
        return tuple(sorted((check for check in self.checks if not check.success), key=lambda check: check.severity))

    def as_json(self) -> dict[str, Any]:
        """The content of summary.json."""
        return {"passed": self.passed, "checks": [asdict(check) | {"rows": list(check.rows)} for check in self.checks]}


def _placed(splits: Mapping[Split, Sequence[Example]], key: Callable[[Example], str]) -> dict[str, str]:
    """For each value of `key` the splits in which it stands, such as `train+test`."""
    places: dict[str, list[str]] = defaultdict(list)
    for split in SPLITS:
        for value in dict.fromkeys(key(example) for example in splits[split]):
            places[value].append(split)
    return {value: "+".join(names) for value, names in places.items()}


def _length_excess(lengths: pd.Series, tasks: pd.Series) -> pd.Series:
    """Characters by which each text lies outside the usual lengths of its task, 0 inside."""
    excess = pd.Series(0, index=lengths.index, dtype="int64")
    for _, of_task in lengths.groupby(tasks):
        low, high = np.percentile(of_task, [5, 95])
        reach = LENGTH_SPREADS * max(high - low, MIN_SPREAD)
        outside = np.maximum(np.maximum(of_task - (high + reach), (low - reach) - of_task), 0)
        excess.loc[of_task.index] = np.ceil(outside).astype("int64")
    return excess


def _counted(example: Example, count_tokens: Callable[[Example], int]) -> tuple[int | None, str | None]:
    """Tokens of the rendered row, or why it can't be rendered."""
    try:
        return count_tokens(example), None
    except ValueError as error:
        return None, str(error)


def table(
    splits: Mapping[Split, Sequence[Example]],
    schema: Mapping[str, Any],
    count_tokens: Callable[[Example], int] | None = None,
) -> pd.DataFrame:
    """The prepared rows as one table, splits in their usual order, with what the checks need per row.

    Args:
        splits: the prepared rows.
        schema: JSON schema of an answer.
        count_tokens: tokens of a rendered training row; raises ValueError for a row that can't be rendered.
            Without it there are no columns `tokens` and `render_fault`.
    """
    validator = schema_validator(schema)
    group_in = _placed(splits, lambda example: example.group)
    question_in = _placed(splits, question_key)
    labels = label_counts(splits["train"])
    rows = []
    for split in SPLITS:
        for example in splits[split]:
            text = "\n".join((example.context, example.question, example.reasoning, example.answer))
            marker = MARKERS.search(text)
            try:
                fault = schema_fault(parsed(example.answer), validator)
            except ValueError as error:
                fault = f"not JSON: {error}"
            of_task = labels.get(example.task, {})
            row: dict[str, Any] = {name: getattr(example, name).strip() or None for name in REQUIRED}
            row |= {
                "split": split,
                "context": example.context,
                "schema_fault": fault,
                "group_in": group_in[example.group],
                "question_in": question_in[question_key(example)],
                "chat_marker": marker.group() if marker else None,
                "length": len(text),
                "label_share": of_task[example.label] / sum(of_task.values()) if split == "train" else 0.0,
            }
            if count_tokens is not None:
                row["tokens"], row["render_fault"] = _counted(example, count_tokens)
            rows.append(row)
    derived = ("split", "context", "schema_fault", "group_in", "question_in", "chat_marker", "length", "label_share")
    counted = ("tokens", "render_fault") if count_tokens is not None else ()
    frame = pd.DataFrame(rows, columns=[*REQUIRED, *derived, *counted])
    frame["length_excess"] = _length_excess(frame["length"], frame["task"])
    return frame


def expectations(tasks: Sequence[str], max_length: int, *, tokens: bool) -> list[Any]:
    """The suite, each expectation with its severity and the check's name in `meta`.

    Args:
        tasks: the domain's tasks.
        max_length: tokens of the longest training row.
        tokens: whether the table has token counts.
    """
    from great_expectations import expectations as library
    from great_expectations.expectations.row_conditions import Column

    gxe: Any = library  # it doesn't say in types what it exports
    in_split = Column("split")

    def described(kind: Any, name: str, severity: Severity, notes: str, where: Any = None, **values: Any) -> Any:
        rows = {} if where is None else {"row_condition": where}
        return kind(severity=severity, meta={"check": name}, notes=notes, **rows, **values)

    in_set, is_null = gxe.ExpectColumnValuesToBeInSet, gxe.ExpectColumnValuesToBeNull
    between = gxe.ExpectColumnValuesToBeBetween
    suite = [
        described(
            gxe.ExpectColumnValuesToNotBeNull,
            f"{column}_present",
            "critical",
            f"Every row has its {column}.",
            column=column,
        )
        for column in REQUIRED
    ]
    suite += [
        described(gxe.ExpectColumnValuesToBeUnique, "unique_ids", "critical", "No id stands twice.", column="id"),
        described(
            in_set,
            "known_tasks",
            "critical",
            "Every task is one of the domain's.",
            column="task",
            value_set=list(tasks),
        ),
        described(
            is_null,
            "answer_fits_schema",
            "critical",
            "Every answer is JSON that fits answer.schema.json.",
            column="schema_fault",
        ),
        described(
            in_set,
            "group_in_one_split",
            "critical",
            "No group stands in two splits: the test would measure memory.",
            column="group_in",
            value_set=list(SPLITS),
        ),
        described(
            in_set,
            "question_in_one_split",
            "critical",
            "No context with its question stands in two splits.",
            column="question_in",
            value_set=list(SPLITS),
        ),
        described(
            is_null,
            "no_chat_markers",
            "critical",
            "No text holds think tags or markers of a chat template.",
            column="chat_marker",
        ),
    ]
    for split in SPLITS:
        suite += [
            described(
                gxe.ExpectTableRowCountToBeBetween,
                f"rows_in_{split}",
                "critical",
                f"The {split} split has at least {MIN_ROWS[split]} rows.",
                in_split == split,
                min_value=MIN_ROWS[split],
            ),
            described(
                gxe.ExpectColumnDistinctValuesToContainSet,
                f"tasks_in_{split}",
                "critical",
                f"Every task of the domain stands in {split}.",
                in_split == split,
                column="task",
                value_set=list(tasks),
            ),
        ]
    if tokens:
        suite += [
            described(
                is_null, "rows_render", "critical", "The renderer takes every row as it is.", column="render_fault"
            ),
            described(
                between,
                "training_rows_fit",
                "critical",
                f"No training row is longer than max_length, {max_length} tokens.",
                in_split == "train",
                column="tokens",
                max_value=max_length,
            ),
            described(
                between,
                "other_rows_fit",
                "warning",
                f"No validation or test row is longer than max_length, {max_length} tokens.",
                in_split != "train",
                column="tokens",
                max_value=max_length,
            ),
        ]
    return [
        *suite,
        described(
            between,
            "label_share",
            "warning",
            f"No label fills more than {MAX_LABEL_SHARE:.0%} of its task's training rows.",
            column="label_share",
            max_value=MAX_LABEL_SHARE,
        ),
        described(
            in_set,
            "known_languages",
            "warning",
            f"Every row's language is one of {', '.join(LANGUAGES)}.",
            column="language",
            value_set=list(LANGUAGES),
        ),
        described(
            between,
            "usual_lengths",
            "warning",
            "No text is far shorter or longer than its task's others (characters outside the usual range).",
            column="length_excess",
            max_value=0,
        ),
    ]


def _plain(value: object) -> str:
    """A value of a result in a few characters, numbers as Python writes them."""
    text = str(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _shown(values: Iterable[object]) -> str:
    """The first few different values, with a note of how many more there are."""
    distinct = list(dict.fromkeys(_plain(value) for value in values))
    more = f" and {len(distinct) - SHOWN_VALUES} more" if len(distinct) > SHOWN_VALUES else ""
    return "; ".join(distinct[:SHOWN_VALUES]) + more


def _check(result: Any) -> Check:
    """One result of Great Expectations in our words."""
    config = result.expectation_config
    values: dict[str, Any] = dict(result.result)
    rows: tuple[str, ...] = ()
    unexpected = 0
    if "element_count" in values:
        unexpected = int(values.get("unexpected_count", 0))
        observed = f"{unexpected} of {values['element_count']} rows"
        if unexpected:
            places = values.get("unexpected_index_list") or []
            rows = tuple(str(place["id"]) for place in places[:NAMED_ROWS])
            found = [value for value in values.get("unexpected_list") or [] if not pd.isna(value)]
            observed += f": {_shown(found)}" if found else ""
    elif values.get("partial_missing_list"):
        missing = [_plain(value) for value in values["partial_missing_list"]]
        unexpected, observed = len(missing), f"missing: {', '.join(missing)}"
    elif values.get("observed_value") is not None:
        observed = f"{_plain(values['observed_value'])} rows"
        unexpected = max(0, int(config.kwargs["min_value"]) - int(values["observed_value"]))
    else:
        observed = "all there" if result.success else "could not be checked"
    fault = (result.exception_info or {}).get("exception_message")
    if fault:
        unexpected, observed = max(unexpected, 1), f"could not be checked: {_plain(fault)}"
    severity: Severity = "warning" if str(config.severity.value) == "warning" else "critical"
    return Check(
        name=config.meta["check"],
        severity=severity,
        success=bool(result.success),
        unexpected=unexpected,
        observed=observed,
        rows=rows,
    )


def validate(
    splits: Mapping[Split, Sequence[Example]],
    tasks: Sequence[str],
    schema: Mapping[str, Any],
    max_length: int,
    count_tokens: Callable[[Example], int] | None = None,
) -> Report:
    """Check the prepared rows. Reaches for no network and writes nothing.

    Args:
        splits: the prepared rows.
        tasks: the domain's tasks.
        schema: JSON schema of an answer.
        max_length: tokens of the longest training row.
        count_tokens: see `table`; without it lengths in tokens go unchecked.
    """
    frame = table(splits, schema, count_tokens)
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when the library is imported
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    listed = expectations(tasks, max_length, tokens=count_tokens is not None)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("prepared").add_dataframe_asset("rows")
    batch = asset.add_batch_definition_whole_dataframe("all splits")
    suite = context.suites.add(gx.ExpectationSuite("prepared", expectations=listed))
    definition = context.validation_definitions.add(gx.ValidationDefinition(name="prepared", data=batch, suite=suite))
    results: Any = definition.run(
        batch_parameters={"dataframe": frame},
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["id"]},
    )
    # The library sorts results by column; reports keep the suite's order.
    order = {each.meta["check"]: place for place, each in enumerate(listed)}
    checks = sorted((_check(result) for result in results.results), key=lambda check: order[check.name])
    return Report(checks=tuple(checks), rows={split: len(splits[split]) for split in SPLITS}, results=results)
