"""Charts as inline SVG without scripts.

Horizontal positions are per cent of the drawing's width and text stands in HTML beside it, so that a chart
fits any width without its letters shrinking.
"""

import math
from collections.abc import Sequence

from markupsafe import Markup

from practicum.evaluation.statistics import Interval
from practicum.reporting.records import CurvePoint


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def intervals(base: Interval, tuned: Interval, label: str) -> Markup:
    """Two shares of 1 with their intervals on one axis from 0 to 100 %, the base above the tuned model.

    Args:
        base: value and bounds, 0 to 1.
        tuned: value and bounds, 0 to 1.
        label: what a screen reader says.
    """
    grid = "".join(f'<line class="grid" x1="{x}%" x2="{x}%" y1="0" y2="44"/>' for x in (0, 25, 50, 75, 100))
    marks = ""
    for name, one, y in (("base", base, 13), ("tuned", tuned, 31)):
        low, value, high = (_number(100 * bound) for bound in (one.low, one.value, one.high))
        marks += (
            f'<line class="bar {name}" x1="0" x2="{value}%" y1="{y}" y2="{y}"/>'
            f'<line class="whisker {name}" x1="{low}%" x2="{high}%" y1="{y}" y2="{y}"/>'
            f'<circle class="dot {name}" cx="{value}%" cy="{y}" r="5"/>'
        )
    return Markup('<svg class="intervals" width="100%" height="44" role="img" aria-label="{}">{}{}</svg>').format(
        label, Markup(grid), Markup(marks)
    )


def difference(interval: Interval, label: str) -> Markup:
    """A difference of shares with its interval on an axis from -25 to +25 points, zero in the middle.

    What lies beyond the axis is drawn at its end.
    """

    def place(value: float) -> str:
        return _number(min(100.0, max(0.0, 50 + 200 * value)))

    return Markup(
        '<svg class="difference" width="100%" height="22" role="img" aria-label="{}">'
        '<line class="zero" x1="50%" x2="50%" y1="0" y2="22"/>'
        '<line class="whisker tuned" x1="{}%" x2="{}%" y1="11" y2="11"/>'
        '<circle class="dot tuned" cx="{}%" cy="11" r="4.5"/></svg>'
    ).format(label, place(interval.low), place(interval.high), place(interval.value))


def shares(parts: Sequence[tuple[str, float]], total: float, label: str) -> Markup:
    """A bar cut into parts.

    Args:
        parts: css class and size of each, from the left.
        total: the size of the whole bar.
        label: what a screen reader says.
    """
    left, drawn = 0.0, ""
    for name, size in parts:
        width = 100 * size / total if total else 0.0
        drawn += f'<rect class="{name}" x="{_number(left)}%" width="{_number(width)}%" y="0" height="100%"/>'
        left += width
    return Markup('<svg class="shares" width="100%" height="12" role="img" aria-label="{}">{}</svg>').format(
        label, Markup(drawn)
    )


def ticks(high: float, most: int = 5) -> list[float]:
    """Round numbers from 0 to at least `high`, at most `most` steps of 1, 2 or 5 times a power of ten."""
    if high <= 0:
        return [0.0, 1.0]
    size = 10 ** math.floor(math.log10(high / most))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor * most >= high * (1 - 1e-9))
    return [round(step * place, 10) for place in range(math.ceil(high / step - 1e-9) + 1)]


def smoothed(values: Sequence[float], weight: float = 0.6) -> list[float]:
    """Exponential moving average without the pull of its start (Adam's bias correction)."""
    result, mean = [], 0.0
    for count, value in enumerate(values, start=1):
        mean = weight * mean + (1 - weight) * value
        result.append(mean / (1 - weight**count))
    return result


def loss_curves(points: Sequence[CurvePoint], best_step: int) -> Markup:
    """Training loss (each step, and smoothed) and validation loss over the steps, the kept step marked.

    Args:
        points: at least one, steps ascending.
        best_step: the step whose weights were kept.
    """
    measured = [(point.step, point.validation_loss) for point in points if point.validation_loss is not None]
    last = max(points[-1].step, 1)
    marks = ticks(max([point.train_loss for point in points] + [loss for _, loss in measured]))
    top = marks[-1]

    def path(pairs: Sequence[tuple[int, float]]) -> str:
        return "M" + "L".join(f"{_number(100 * step / last)} {_number(100 - 100 * loss / top)}" for step, loss in pairs)

    steps = [point.step for point in points]
    raw = path([(point.step, point.train_loss) for point in points])
    smooth = path(list(zip(steps, smoothed([point.train_loss for point in points]), strict=True)))
    lines = "".join(f'<path class="grid" d="M0 {_number(100 - 100 * y / top)}H100"/>' for y in marks)
    lines += f'<path class="kept" d="M{_number(100 * best_step / last)} 0V100"/>'
    lines += f'<path class="raw" d="{raw}"/><path class="train" d="{smooth}"/>'
    if measured:
        lines += f'<path class="validation" d="{path(measured)}"/>'
        lines += "".join(f'<path class="point" d="{path([pair])}h0"/>' for pair in measured)
    left = "".join(f'<span style="top:{_number(100 - 100 * y / top)}%">{y:g}</span>' for y in marks)
    across = [step for step in ticks(last) if step <= last]
    below = "".join(f'<span style="left:{_number(100 * step / last)}%">{step:g}</span>' for step in across)
    label = (
        f"Training loss from {points[0].train_loss:.2f} to {points[-1].train_loss:.2f} over {last} steps; "
        f"weights of step {best_step} were kept"
    )
    return Markup(
        '<div class="plot"><div class="left">{}</div>'
        '<svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
        '<div class="below">{}</div></div>'
    ).format(Markup(left), label, Markup(lines), Markup(below))
