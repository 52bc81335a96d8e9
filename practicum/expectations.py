"""The expectations on prepared data, as Great Expectations knows them: the general ones, and a domain's own.

Importing Great Expectations takes two seconds, so it is imported where it is used.
"""

import difflib
import inspect
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from practicum.config import ConfigError, Expectation, TooLong
from practicum.data.example import canonical_json
from practicum.data.splitting import SPLITS, Split
from practicum.validation_table import REQUIRED

Severity = Literal["critical", "warning"]

MIN_ROWS: Mapping[Split, int] = {"train": 100, "validation": 20, "test": 30}
"""Rows below which a split can't do its work: 100 to learn a form from; 20 so that the mean loss that stops
training is not one row's; 30 so that the 95 % interval of a share is at most 18 points to each side."""
MAX_LABEL_SHARE = 0.8
"""Share of a task's training rows from which always answering one label looks like skill."""
LANGUAGES = ("en", "zh")
WHERE = ("split", "task", "label", "language")
"""Columns by which a domain's expectation may choose its rows."""
DRIFT, IDENTIFIERS = "drift", "no_identifiers"
SETTINGS = "validation.expectations"
"""Where a domain's own expectations stand in its settings."""

_OURS = {
    "id", "meta", "notes", "result_format", "description", "catch_exceptions", "rendered_content", "severity",
    "windows", "batch_id", "row_condition", "condition_parser",
}  # fmt: skip
"""What an expectation takes beside its arguments: set by us."""
_SQL_ONLY = {"ExpectQueryResultsToMatchComparison", "ExpectTableRowCountToEqualOtherTable"}
_COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list", "column_set")


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long rows and answers may be, in tokens."""

    max_length: int
    """Of a training row."""
    too_long: TooLong
    """Whether a longer one stops the pipeline or is left out of the training."""
    max_new_tokens: int
    """After which an evaluated answer is cut."""


def library() -> Any:
    """Great Expectations' own expectations. It doesn't say in types what it exports."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported
    from great_expectations import expectations

    return expectations


def _described(kind: Any, name: str, severity: Severity, notes: str, where: Any = None, **values: Any) -> Any:
    rows = {} if where is None else {"row_condition": where}
    return kind(severity=severity, meta={"check": name}, notes=notes, **rows, **values)


def _present(gxe: Any) -> list[Any]:
    return [
        _described(
            gxe.ExpectColumnValuesToNotBeNull,
            f"{column}_present",
            "critical",
            f"Every row has its {column}.",
            column=column,
        )
        for column in REQUIRED
    ]


def _rows_alone(gxe: Any, tasks: Sequence[str], *, identifiers: bool) -> list[Any]:
    """Checks of each row, and of rows against each other."""
    in_set, is_null = gxe.ExpectColumnValuesToBeInSet, gxe.ExpectColumnValuesToBeNull
    suite = [
        _described(gxe.ExpectColumnValuesToBeUnique, "unique_ids", "critical", "No id stands twice.", column="id"),
        _described(
            in_set,
            "known_tasks",
            "critical",
            "Every task is one of the domain's.",
            column="task",
            value_set=list(tasks),
        ),
        _described(
            is_null,
            "answer_fits_schema",
            "critical",
            "Every answer is JSON that fits answer.schema.json.",
            column="schema_fault",
        ),
        _described(
            in_set,
            "group_in_one_split",
            "critical",
            "No group stands in two splits: the test would measure memory.",
            column="group_in",
            value_set=list(SPLITS),
        ),
        _described(
            in_set,
            "question_in_one_split",
            "critical",
            "No context with its question stands in two splits.",
            column="question_in",
            value_set=list(SPLITS),
        ),
        _described(
            is_null,
            "no_chat_markers",
            "critical",
            "No text holds think tags or markers of a chat template.",
            column="chat_marker",
        ),
    ]
    if identifiers:
        suite.append(
            _described(
                is_null,
                IDENTIFIERS,
                "critical",
                "No identifier that the de-identifier knows is left in a row; shown is its kind, never its text.",
                column="identifiers",
            )
        )
    return suite


def _splits(gxe: Any, tasks: Sequence[str], in_split: Any) -> list[Any]:
    suite = []
    for split in SPLITS:
        suite += [
            _described(
                gxe.ExpectTableRowCountToBeBetween,
                f"rows_in_{split}",
                "critical",
                f"The {split} split has at least {MIN_ROWS[split]} rows.",
                in_split == split,
                min_value=MIN_ROWS[split],
            ),
            _described(
                gxe.ExpectColumnDistinctValuesToContainSet,
                f"tasks_in_{split}",
                "critical",
                f"Every task of the domain stands in {split}.",
                in_split == split,
                column="task",
                value_set=list(tasks),
            ),
        ]
    return suite


def _tokens(gxe: Any, limits: Lengths, in_split: Any) -> list[Any]:
    between, is_null = gxe.ExpectColumnValuesToBeBetween, gxe.ExpectColumnValuesToBeNull
    return [
        _described(is_null, "rows_render", "critical", "The renderer takes every row as it is.", column="render_fault"),
        _described(
            is_null,
            "think_tags_balanced",
            "critical",
            "A rendered row has one think block, opened before it is closed; none where `think` is none.",
            column="think_fault",
        ),
        _described(
            between,
            "supervised_tokens",
            "critical",
            "The loss is taken on at least one token of every row.",
            column="supervised_tokens",
            min_value=1,
        ),
        _described(
            gxe.ExpectColumnValuesToBeInSet,
            "end_token_supervised",
            "critical",
            "Every row ends in the end token, and the loss is taken on it.",
            column="ends",
            value_set=[True],
        ),
        _described(
            between,
            "training_rows_fit",
            "critical" if limits.too_long == "refuse" else "warning",
            f"No training row is longer than max_length, {limits.max_length} tokens; with too_long: drop, such "
            "rows are left out of the training.",
            in_split == "train",
            column="tokens",
            max_value=limits.max_length,
        ),
        _described(
            between,
            "other_rows_fit",
            "warning",
            f"No validation or test row is longer than max_length, {limits.max_length} tokens.",
            in_split != "train",
            column="tokens",
            max_value=limits.max_length,
        ),
        _described(
            between,
            "test_answers_fit",
            "warning",
            f"No test row's reasoning and answer is longer than evaluation.max_new_tokens, {limits.max_new_tokens}.",
            in_split == "test",
            column="supervised_tokens",
            max_value=limits.max_new_tokens,
        ),
    ]


def _distributions(gxe: Any, in_split: Any) -> list[Any]:
    between = gxe.ExpectColumnValuesToBeBetween
    return [
        _described(
            between,
            "label_share",
            "warning",
            f"No label fills more than {MAX_LABEL_SHARE:.0%} of its task's training rows.",
            column="label_share",
            max_value=MAX_LABEL_SHARE,
        ),
        _described(
            gxe.ExpectColumnValuesToBeNull,
            "test_labels_trained",
            "warning",
            "Every label of a test row stands in its task's training rows.",
            in_split == "test",
            column="unseen_label",
        ),
        _described(
            gxe.ExpectColumnValuesToBeInSet,
            "known_languages",
            "warning",
            f"Every row's language is one of {', '.join(LANGUAGES)}.",
            column="language",
            value_set=list(LANGUAGES),
        ),
        _described(
            between,
            "usual_lengths",
            "warning",
            "No text is far shorter or longer than its task's others (characters outside the usual range).",
            column="length_excess",
            max_value=0,
        ),
    ]


def general(tasks: Sequence[str], limits: Lengths, *, tokens: bool, identifiers: bool) -> list[Any]:
    """The suite that every domain's data must hold, each with its severity and the check's name in `meta`.

    Args:
        tasks: the domain's tasks.
        limits: how long rows and answers may be.
        tokens: whether the table has token counts.
        identifiers: whether identifiers were looked for.
    """
    from great_expectations.expectations.row_conditions import Column

    gxe, in_split = library(), Column("split")
    return [
        *_present(gxe),
        *_rows_alone(gxe, tasks, identifiers=identifiers),
        *_splits(gxe, tasks, in_split),
        *(_tokens(gxe, limits, in_split) if tokens else ()),
        *_distributions(gxe, in_split),
    ]


def of_drift(max_drift: float) -> list[Any]:
    """The suite of the table of drifts, one row per aspect of the data."""
    return [
        _described(
            library().ExpectColumnValuesToBeBetween,
            DRIFT,
            "warning",
            f"No aspect of the data has moved from the accepted data by a population stability index over "
            f"{max_drift:g} that is more than chance gives.",
            column="psi",
            max_value=max_drift,
        )
    ]


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def known(gxe: Any) -> dict[str, Any]:
    """Every expectation on a table by its snake-case name."""
    kinds = inspect.getmembers(gxe, inspect.isclass)
    return {
        _snake(name): kind
        for name, kind in kinds
        if name.startswith("Expect") and name not in _SQL_ONLY | {"Expectation"}
    }


def _near(name: str, names: Iterable[str]) -> str:
    """What was expected instead: what it resembles, else all of them."""
    names = list(names)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.75)
    return f"{near[0]!r}" if near else f"one of {', '.join(names)}"


def _kind(gxe: Any, one: Expectation, place: str) -> Any:
    kinds = known(gxe)
    if one.expect not in kinds:
        near = difflib.get_close_matches(one.expect, kinds, n=3, cutoff=0)
        raise ConfigError(
            f"{place}.expect: found {one.expect!r}, expected an expectation of Great Expectations such as "
            f"{', '.join(near)}; the gallery is at greatexpectations.io/expectations"
        )
    return kinds[one.expect]


def _check_arguments(kind: Any, one: Expectation, columns: Sequence[str], place: str) -> None:
    fields = {name: field for name, field in kind.__fields__.items() if name not in _OURS}
    for name in one.arguments:
        if name not in fields:
            raise ConfigError(f"{place}.arguments.{name}: found an unknown argument, expected {_near(name, fields)}")
    for name, field in fields.items():
        if field.required and name not in one.arguments:
            raise ConfigError(f"{place}.arguments.{name}: found nothing, expected a value: {one.expect} needs it")
    for name in _COLUMN_ARGUMENTS:
        value = one.arguments.get(name)
        for column in value if isinstance(value, list) else [value]:
            if isinstance(column, str) and column not in columns:
                raise ConfigError(
                    f"{place}.arguments.{name}: found {column!r}, which is no column of the prepared rows; expected "
                    f"{_near(column, columns)}"
                )


def _spelled(one: Expectation) -> str:
    """What stands in the settings, for a reader of the report."""
    return f"{one.expect}: " + ", ".join(f"{name} {canonical_json(value)}" for name, value in one.arguments.items())


def own(settings: Sequence[Expectation], columns: Sequence[str], taken: Iterable[str]) -> list[Any]:
    """A domain's own suite.

    Args:
        settings: what stands under `validation.expectations`.
        columns: the table's columns.
        taken: names of the general checks.

    Raises:
        ConfigError: an expectation, an argument, a column or a key of `where` is unknown, a value is of a wrong
            type, or a name is taken; names the key.
    """
    from great_expectations.expectations.row_conditions import Column
    from pydantic.v1 import ValidationError

    gxe, suite, names = library(), [], set(taken)
    for number, one in enumerate(settings):
        place = f"{SETTINGS}.{number}"
        if one.name in names:
            raise ConfigError(f"{place}.name: found {one.name!r}, expected a name that no other check has")
        names.add(one.name)
        kind = _kind(gxe, one, place)
        _check_arguments(kind, one, columns, place)
        where: Any = None
        for key, value in one.where.items():
            if key not in WHERE:
                raise ConfigError(f"{place}.where.{key}: found an unknown column, expected one of {', '.join(WHERE)}")
            where = Column(key) == value if where is None else where & (Column(key) == value)
        try:
            made = _described(kind, one.name, one.severity, one.notes or _spelled(one), where, **one.arguments)
        except ValidationError as error:
            fault = error.errors()[0]
            key = str(fault["loc"][0])
            at, found = (f".{key}", one.arguments[key]) if key in one.arguments else ("", one.arguments)
            raise ConfigError(
                f"{place}.arguments{at}: found {found!r}: {fault['msg']}; expected what {one.expect} takes, see "
                "greatexpectations.io/expectations"
            ) from None
        made.meta["own"] = True
        suite.append(made)
    return suite
