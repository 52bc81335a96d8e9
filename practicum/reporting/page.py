"""The report as one HTML file that needs nothing beside itself, and the model card as Markdown."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from practicum.config import FolderWeights, HubWeights, Weights
from practicum.data.example import canonical_json
from practicum.evaluation.statistics import Interval
from practicum.reporting import charts, wording
from practicum.reporting.causes import CAUSES, FORMAT_CAUSES, spelled
from practicum.reporting.comparison import Gain, balances, case_groups, task_errors, task_gains
from practicum.reporting.error_analysis import cause_cases, task_causes
from practicum.reporting.records import Run

CHANGE_NAMES: Mapping[str, str] = {
    "number": "a key number changed, with its answer",
    "irrelevant": "a sentence that says nothing to the matter",
    "order": "facts in another order",
    "typo": "typos in the question",
}
"""Ways in which items are changed, in a reader's words."""

IDENTIFIER_NAMES: Mapping[str, str] = {
    "zip": "ZIP code",
    "age": "age over 89",
    "email": "e-mail address",
    "ssn": "social security number",
    "mrn": "medical record number",
    "health_plan": "health plan number",
    "account": "account number",
    "licence": "licence number",
    "vehicle": "vehicle or plate",
    "device": "device serial number",
    "url": "web address",
    "ip": "IP address",
    "biometric": "biometric identifier",
    "id_number": "other unique number",
    "resident_id": "Chinese resident identity number",
    "bank_card": "bank card",
    "credit_code": "unified social credit code",
}
"""Kinds of identifiers whose key doesn't read as a word."""
LANGUAGE_NAMES: Mapping[str, str] = {"en": "English", "zh": "Chinese"}


def identifier(kind: str) -> str:
    """A kind of identifier in words."""
    return IDENTIFIER_NAMES.get(kind, kind.replace("_", " "))


def language(code: str) -> str:
    return LANGUAGE_NAMES.get(code, code)


def settings(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Resolved settings as dotted key and value, in their order."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from settings(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def origin(weights: Weights) -> str:
    """Where the base's weights come from, for a reader."""
    if isinstance(weights, HubWeights):
        return f"{weights.hub} at {weights.revision}"
    if isinstance(weights, FolderWeights):
        return f"folder {weights.folder}"
    return f"{weights.file} of the Python package {weights.package}"


def pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def is_flat(value: Mapping[str, Any]) -> bool:
    """Whether every field holds a single value, so that an answer fits a table's column."""
    return not any(isinstance(inner, (list, dict)) for inner in value.values())


def shown(value: object) -> str:
    """A field's value in a table cell."""
    return spelled(value) if isinstance(value, (str, bool)) else canonical_json(value)


def environment() -> Environment:
    """Templates with the report's words and charts; everything is escaped, a missing value is an error."""
    result = Environment(
        loader=PackageLoader("practicum.reporting"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for function in (
        wording.grouped, wording.megabytes, wording.percent, wording.points, wording.p_value, wording.seconds,
        wording.signed, wording.span, wording.title_case, pretty, is_flat, shown, spelled, origin, identifier, language,
    ):  # fmt: skip
        result.filters[function.__name__] = function
    for chart in (charts.difference, charts.intervals, charts.loss_curves, charts.shares):
        result.globals[chart.__name__] = chart
    result.globals["Interval"] = Interval
    return result


def _values(run: Run, gained: Gain) -> dict[str, Any]:
    config = run.config.model_dump(mode="json")
    return {
        "run": run,
        "gain": gained,
        "verdict": wording.verdict(gained),
        "tasks": task_gains(run),
        "errors": task_errors(run),
        "cases": case_groups(run),
        "balance": balances(run.stats),
        "settings": list(settings(config)),
        "error_meanings": FORMAT_CAUSES,
        "cause_meanings": CAUSES,
        "causes": task_causes(run),
        "cause_cases": cause_cases(run),
        "change_names": CHANGE_NAMES,
    }


def report_html(run: Run, gained: Gain) -> str:
    """The whole page; the same run gives the same bytes."""
    return environment().get_template("report.html").render(_values(run, gained))


def model_card(run: Run, gained: Gain) -> str:
    """The card in the hub's form: YAML front matter, then Markdown."""
    return environment().get_template("model_card.md").render(_values(run, gained))
