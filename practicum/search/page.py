"""A sweep as one HTML file that needs nothing beside itself: its trials, and EM against response time and size."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import ChoiceLoader, PackageLoader
from markupsafe import Markup

from practicum.reporting.charts import ticks
from practicum.reporting.page import environment
from practicum.search.pareto import Candidate, best
from practicum.search.space import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of one trial."""

    number: int
    name: str
    """Of the DVC experiment."""
    state: str
    """finished, pruned, failed or waiting."""
    settings: Mapping[str, Value]
    loss: float | None
    """Lowest validation loss, nats per supervised token."""
    steps: int | None
    """Training steps that ran."""
    found: tuple[Candidate, ...] = ()
    note: str = ""

    @property
    def float_model(self) -> Candidate | None:
        return next((one for one in self.found if one.artefact == "float"), None)


def _place(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def scatter(
    found: Sequence[Candidate], kept: Sequence[Candidate], across: Callable[[Candidate], float], label: str
) -> Markup:
    """EM upwards against a cost to the right; those on the front stand out, with their trial's number beside them.

    Args:
        found: at least one.
        kept: the front.
        across: the cost, 0 or more.
        label: what a screen reader says.
    """
    below = ticks(max(across(one) for one in found))
    low = math.floor(min(one.em for one in found) * 10) / 10
    high = max(math.ceil(max(one.em for one in found) * 10) / 10, low + 0.1)
    steps = round((high - low) * 10)
    left = [low + place / 10 for place in range(steps + 1)]

    def x(one: Candidate) -> str:
        return _place(100 * across(one) / below[-1])

    def y(em: float) -> str:
        return _place(100 * (high - em) / (high - low))

    drawn = "".join(f'<path class="grid" d="M0 {y(em)}H100"/>' for em in left)
    names = Markup("")
    for one in sorted(found, key=lambda one: one in kept):
        kind = "validation" if one in kept else "train"
        drawn += Markup('<path class="{} mark" d="M{} {}h0"><title>{}</title></path>').format(
            kind, x(one), y(one.em), f"trial {one.trial}, {one.artefact}: EM {one.em:.3f}, {across(one):.2f}"
        )
        if one in kept:
            names += Markup('<span class="name" style="left:{}%;top:{}%">{}</span>').format(
                x(one), y(one.em), one.trial
            )
    return Markup(
        '<div class="plot"><div class="left">{}</div><div class="marks">{}'
        '<svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg></div>'
        '<div class="below">{}</div></div>'
    ).format(
        Markup("").join(Markup('<span style="top:{}%">{}</span>').format(y(em), f"{em * 100:.0f} %") for em in left),
        names,
        label,
        Markup(drawn),
        Markup("").join(
            Markup('<span style="left:{}%">{}</span>').format(_place(100 * value / below[-1]), f"{value:g}")
            for value in below
        ),
    )


def lowest(trials: Sequence[Trial]) -> Trial | None:
    """The finished trial with the lowest validation loss."""
    measured = [
        (trial.loss, trial.number, trial) for trial in trials if trial.state == "finished" and trial.loss is not None
    ]
    return min(measured)[2] if measured else None


def page(domain: str, commit: str, trials: Sequence[Trial]) -> str:
    """The whole page; the same trials give the same bytes.

    Args:
        domain: its name.
        commit: on which all trials stand.
        trials: in their order.
    """
    found = [one for trial in trials for one in trial.found]
    kept = best(found)
    timed = [one for one in found if one.seconds is not None]
    plots = []
    if timed:
        plots.append(
            ("Response time, s (median)", scatter(timed, kept, lambda one: one.seconds or 0.0, "EM against time"))
        )
    if found:
        plots.append(("Size, MB", scatter(found, kept, lambda one: one.megabytes, "EM against size")))
    own = environment()
    templates = own.overlay(
        loader=ChoiceLoader([PackageLoader("practicum.search"), PackageLoader("practicum.reporting")])
    )
    names = {trial.number: trial.name for trial in trials}
    return templates.get_template("sweep.html").render(
        domain=domain,
        commit=commit,
        trials=trials,
        keys=list(trials[0].settings) if trials else [],
        kept=kept,
        names=names,
        plots=plots,
        first=lowest(trials),
    )
