"""What prepared data must hold before anything is trained on it, checked by Great Expectations.

The prepared rows become one table with a split column (`validation_table`). What an expectation can't see by
itself (whether an answer fits its schema, in which splits a group stands) is worked out per row into a column of
its own, so that each check stays a plain expectation (`expectations`) and names the rows that break it.

`critical` checks hold what training and measuring rest on: without them a result means nothing. `warning`
checks hold what a person should look at. A domain adds its own by `validation.expectations` in its settings.
"""

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from practicum.config import ValidationSettings
from practicum.data.drift import Drift, Profile, drift, moved
from practicum.data.example import Example
from practicum.data.splitting import SPLITS, Split
from practicum.expectations import DRIFT, Lengths, Severity, general, library, of_drift, own
from practicum.validation_table import IdentifiersLeft, RowTokens, masked, table

NAMED_ROWS = 10
"""Row ids that a check names at most."""
SHOWN_VALUES = 3
SHOWN_CHARACTERS = 120


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


def _plain(value: object) -> str:
    """A value of a result in a few characters on one line, numbers as Python writes them."""
    if isinstance(value, tuple):  # of a pair of columns
        return " / ".join(map(_plain, value))
    text = " ".join(str(value.item() if isinstance(value, np.generic) else value).split())
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _shown(values: Iterable[object]) -> str:
    """The first few different values, with a note of how many more there are."""
    distinct = list(dict.fromkeys(_plain(value) for value in values))
    more = f" and {len(distinct) - SHOWN_VALUES} more" if len(distinct) > SHOWN_VALUES else ""
    return "; ".join(distinct[:SHOWN_VALUES]) + more


def _faults(result: Any) -> list[dict[str, Any]]:
    """What kept an expectation from being computed: one fault, or one for each figure that could not be had."""
    info = result.exception_info or {}
    return [one for one in (info, *info.values()) if isinstance(one, dict) and one.get("exception_message")]


def _without_traceback(result: Any) -> None:
    """The data docs would show it, with the paths of this machine."""
    for fault in _faults(result):
        fault["exception_traceback"] = fault["exception_message"]


def _counted(values: Mapping[str, Any]) -> tuple[int, str, tuple[str, ...]]:
    """Rows that break an expectation on rows: their number, what they hold, and the first ids."""
    unexpected = int(values.get("unexpected_count", 0))
    observed = f"{unexpected} of {values['element_count']} rows"
    if not unexpected:
        return 0, observed, ()
    places = values.get("unexpected_index_list") or []
    found = [value for value in values.get("unexpected_list") or [] if not _is_null(value)]
    observed += f": {_shown(found)}" if found else ""
    return unexpected, observed, tuple(str(place["id"]) for place in places[:NAMED_ROWS])


def _is_null(value: object) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _check(result: Any) -> Check:
    """One result of Great Expectations in our words."""
    config = result.expectation_config
    values: dict[str, Any] = dict(result.result)
    rows: tuple[str, ...] = ()
    unexpected = 0 if result.success else 1
    faults = _faults(result)
    if faults:
        unexpected, observed = 1, f"could not be checked: {_plain(faults[0]['exception_message'])}"
    elif result.meta.get("vacuous"):
        observed = "no row to check: the column is empty in all rows that `where` chooses"
    elif "element_count" in values:
        unexpected, observed, rows = _counted(values)
    elif values.get("partial_missing_list"):
        missing = [_plain(value) for value in values["partial_missing_list"]]
        unexpected, observed = len(missing), f"missing: {', '.join(missing)}"
    elif values.get("observed_value") is not None:
        observed = _plain(values["observed_value"])
        if config.type == "expect_table_row_count_to_be_between":
            observed = f"{observed} rows"
            unexpected = max(0, int(config.kwargs.get("min_value") or 0) - int(values["observed_value"])) or unexpected
    else:
        observed = "all there" if result.success else "could not be checked"
    severity: Severity = "warning" if str(config.severity.value) == "warning" else "critical"
    return Check(
        name=config.meta["check"],
        severity=severity,
        success=bool(result.success),
        unexpected=unexpected,
        observed=observed,
        rows=rows,
    )


def _mark_vacuous(result: Any) -> None:
    """Let a domain's own check on rows fail when it had no value to look at: a slip in `where` or `column` would
    otherwise hold for ever."""
    values = result.result
    looked_at = values.get("element_count", 1) - values.get("missing_count", 0)
    result.meta = dict(result.meta or {})
    if (
        result.expectation_config.meta.get("own")
        and looked_at == 0
        and "to_be_null" not in result.expectation_config.type
    ):
        result.success = False
        result.meta["vacuous"] = True


def _drift_table(found: Sequence[Drift]) -> pd.DataFrame:
    """A row per aspect; an index that chance can give counts as 0."""
    return pd.DataFrame(
        {
            "id": [one.aspect for one in found],
            "psi": pd.Series([one.psi if one.psi > one.by_chance else 0.0 for one in found], dtype="float64"),
        }
    )


def _drift_check(check: Check, found: Sequence[Drift] | None, max_drift: float) -> Check:
    """The check in words of its own: its rows are aspects of the data."""
    if found is None:
        observed = "nothing accepted yet to compare with: `make accept` accepts these data"
    else:
        over = moved(found, max_drift)
        shown = over or [max(found, key=lambda one: one.psi)]
        figures = "; ".join(f"{one.aspect} {one.psi:.3f} ({one.moved})" for one in shown[:SHOWN_VALUES])
        observed = f"{len(over)} of {len(found)} aspects: {figures}" if over else f"largest of {len(found)}: {figures}"
    return Check(
        name=check.name,
        severity=check.severity,
        success=check.success,
        unexpected=check.unexpected,
        observed=observed,
        rows=(),
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What can't be computed stands in the result: Great Expectations would also log it with its traceback."""
    logger = logging.getLogger("great_expectations")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _run(context: Any, name: str, frame: pd.DataFrame, suite: Sequence[Any]) -> Any:
    import great_expectations as gx

    asset = context.data_sources.add_pandas(name).add_dataframe_asset("rows")
    batch = asset.add_batch_definition_whole_dataframe("all splits")
    kept = context.suites.add(gx.ExpectationSuite(name, expectations=list(suite)))
    definition = context.validation_definitions.add(gx.ValidationDefinition(name=name, data=batch, suite=kept))
    with _quiet():
        return definition.run(
            batch_parameters={"dataframe": frame},
            result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["id"]},
        )


def validate(
    splits: Mapping[Split, Sequence[Example]],
    tasks: Sequence[str],
    schema: Mapping[str, Any],
    limits: Lengths,
    settings: ValidationSettings,
    accepted: Profile | None = None,
    render: Callable[[Example], RowTokens] | None = None,
    identifiers_left: IdentifiersLeft | None = None,
    processes: int = 1,
) -> Report:
    """Check the prepared rows. Reaches for no network and writes nothing.

    No identifier that `identifiers_left` finds gets into the report: every check looks at rows in which they
    are masked.

    Args:
        splits: the prepared rows.
        tasks: the domain's tasks.
        schema: JSON schema of an answer.
        limits: how long rows and answers may be.
        settings: the domain's own expectations, and how far its data may drift.
        accepted: profile of the data that were last accepted.
        render: see `validation_table.table`; without it lengths in tokens go unchecked.
        identifiers_left: places of a text that identify someone; without it nobody looks for them.
        processes: that render rows and look for identifiers; with more than one both must be picklable.

    Raises:
        ConfigError: an expectation of the domain's own can't be understood.
    """
    places = None
    if identifiers_left is not None:
        splits, places = masked(splits, identifiers_left, processes)
    frame = table(splits, schema, render, places, processes)
    listed = general(tasks, limits, tokens=render is not None, identifiers=identifiers_left is not None)
    taken = [*(each.meta["check"] for each in listed), DRIFT]
    listed += own(settings.expectations, list(map(str, frame.columns)), taken)
    of_aspects = of_drift(settings.max_drift)
    found = None if accepted is None else drift(accepted, splits)

    library()  # switches its telemetry off before the import
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    results = _run(context, "prepared", frame, listed)
    aspects = _run(context, DRIFT, _drift_table(found or ()), of_aspects)
    results.results += aspects.results
    for result in results.results:
        _mark_vacuous(result)
        _without_traceback(result)
    # The library sorts results by column; reports keep the suite's order.
    order = {each.meta["check"]: place for place, each in enumerate([*listed, *of_aspects])}
    checks = sorted((_check(result) for result in results.results), key=lambda check: order[check.name])
    checks[-1] = _drift_check(checks[-1], found, settings.max_drift)
    return Report(checks=tuple(checks), rows={split: len(splits[split]) for split in SPLITS}, results=results)
