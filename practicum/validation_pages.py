"""Data docs of a validation: pages that read offline and are the same bytes from run to run.

Great Expectations' own page holds the time, random ids, and scripts, styles and pictures from six hosts, and
puts values of the data into the page as HTML. Here values are escaped, time and ids are frozen, and scripts and
everything from outside are taken out, so that opening the docs of a patient data set tells nobody about it and
runs nothing that stands in it. Without scripts the page shows all its details unfolded.
"""

import copy
import html
import itertools
import re
from collections.abc import Mapping
from typing import Any

import jinja2

from practicum.validation import Report

SHOWN_ROWS = 20
"""Rows that break a check, on the page of Great Expectations."""
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_OUTSIDE = re.compile(
    r"<script\b.*?</script>"
    r"|<link\b[^>]*>"
    r"|<img\b[^>]*\bsrc=[\"']https?:[^>]*>"
    r"|<a\b[^>]*\bhref=[\"']https?:[^>]*>.*?</a>"
    r"|\bhref=[\"']\.\./[^\"']*[\"']"  # pages that are not made
    r"|background:\s*url\([\"']?https?:[^;]*;",
    re.DOTALL,
)
_STYLE = """<style>
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; } td, th { border: 1px solid #ccd; padding: .3rem .6rem; vertical-align: top; }
nav, footer, .card { display: none; }
.fa-check-circle::before { content: "holds"; color: #18794e; } .fa-times::before { content: "fails"; color: #c62a2f; }
</style>"""

_SUMMARY = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Validation of {{ domain }}</title>
<style>
:root { color-scheme: light dark; --line: #8884; --good: #18794e; --bad: #c62a2f; --warn: #ad5700; }
@media (prefers-color-scheme: dark) { :root { --good: #4cc38a; --bad: #ff6369; --warn: #ffb224; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; }
p.verdict { font-size: 1.1rem; margin-top: 0; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .6rem; text-align: left; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
@media (max-width: 40rem) {
  thead { display: none; }
  tr { display: block; border-bottom: 1px solid var(--line); padding: .4rem 0; }
  td { display: inline-block; border: 0; padding: .1rem .6rem .1rem 0; }
  td:first-child, td:last-child { display: block; }
}
td small { opacity: .75; display: block; }
code { font-size: .85em; overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>Validation of {{ domain }}</h1>
<p class="verdict {{ 'good' if report.passed else 'bad' }}">
{%- if report.passed %}Every critical check holds{% else %}A critical check failed: nothing may be trained on this
{%- endif %}{% if warnings %}; <span class="warn">{{ warnings }} to look at</span>{% endif %}.</p>
<p>{{ report.rows.values() | sum }} rows:
{% for split, count in report.rows.items() %}{{ count }} {{ split }}{{ ", " if not loop.last }}{% endfor %}.
Every detail stands in <a href="expectations.html">the data docs</a>.</p>
<div class="wide"><table>
<thead><tr><th>check</th><th>severity</th><th>result</th><th class="n">rows</th><th>found</th></tr></thead>
<tbody>
{% for check in checks -%}
<tr><td>{{ check.name }}<small>{{ notes[check.name] }}</small></td><td>{{ check.severity }}</td>
<td class="{{ 'good' if check.success else 'bad' if check.severity == 'critical' else 'warn' }}">
{{- "holds" if check.success else "fails" }}</td><td class="n">{{ check.unexpected or "" }}</td>
<td>{{ check.observed }}{% if check.rows %}<small>rows <code>{{ check.rows | join(", ") }}</code></small>{% endif -%}
</td></tr>
{% endfor -%}
</tbody>
</table></div>
</body>
</html>
"""


def summary_page(report: Report, domain: str) -> str:
    """The report on one page, what fails first."""
    notes = {result.expectation_config.meta["check"]: _notes(result) for result in report.results.results}
    checks = [*report.failed, *(check for check in report.checks if check.success)]
    environment = jinja2.Environment(autoescape=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined)
    warnings = sum(check.severity == "warning" for check in report.failed)
    return environment.from_string(_SUMMARY).render(
        report=report, domain=domain, checks=checks, notes=notes, warnings=warnings
    )


def _notes(result: Any) -> str:
    notes = result.expectation_config.notes
    return notes if isinstance(notes, str) else " ".join(notes or ())


def _short(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result without the rows beyond `SHOWN_ROWS`: a page of a million ids would help nobody."""
    kept = {key: value for key, value in result.items() if key != "unexpected_index_query"}
    return {key: value[:SHOWN_ROWS] if isinstance(value, list) else value for key, value in kept.items()}


def _escaped(value: Any) -> Any:
    """The value of a result with every text in it safe inside HTML."""
    if isinstance(value, str):
        return html.escape(value, quote=False)
    if isinstance(value, list | tuple):  # a pair of columns gives pairs
        return type(value)(_escaped(item) for item in value)
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    return value


def expectations_page(report: Report) -> str:
    """Great Expectations' own page, frozen and without anything from outside."""
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaPageView

    results = copy.copy(report.results)
    results.results = [copy.copy(result) for result in report.results.results]
    for result in results.results:
        result.expectation_config = copy.deepcopy(result.expectation_config)
        result.expectation_config.id = None
        result.result = _escaped(_short(result.result))
    results.meta = {
        "great_expectations_version": results.meta["great_expectations_version"],
        "run_id": {"run_name": "prepared", "run_time": "2000-01-01T00:00:00+00:00"},
        "batch_markers": {},
        "active_batch_definition": results.meta["active_batch_definition"],
    }
    view: Any = DefaultJinjaPageView()
    page: str = view.render(ValidationResultsPageRenderer(run_info_at_end=True).render(results))
    page = _OUTSIDE.sub("", page).replace("2000-01-01 00:00:00 UTC", "not kept")
    numbers = itertools.count(1)
    ids: dict[str, str] = {}
    page = _UUID.sub(lambda found: ids.setdefault(found.group(), f"part-{next(numbers)}"), page)
    return page.replace("</head>", f"{_STYLE}</head>", 1)


def pages(report: Report, domain: str) -> Mapping[str, str]:
    """File names and contents of the docs folder."""
    return {"summary.html": summary_page(report, domain), "expectations.html": expectations_page(report)}
