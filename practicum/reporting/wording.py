"""Figures as people read them."""

from practicum.evaluation.statistics import Interval
from practicum.reporting.comparison import Gain

NARROW = "\u202f"
"""Narrow no-break space: keeps a number and its unit on one line."""
MINUS = "\u2212"


def grouped(value: int) -> str:
    """A count with thousands set off: 12,345."""
    return f"{value:,}"


def percent(share: float, decimals: int = 1) -> str:
    """A share of 1 as per cent: 0.655 -> 65.5 %."""
    return f"{share * 100:.{decimals}f}{NARROW}%"


def signed(value: float, decimals: int = 0) -> str:
    """A number with a true minus sign, and none on a zero."""
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


def points(difference: float, decimals: int = 0) -> str:
    """A difference of shares in percentage points with its sign: 0.54 -> +54."""
    text = signed(difference * 100, decimals)
    return text if text.startswith(MINUS) or float(text) == 0 else f"+{text}"


def span(interval: Interval, decimals: int = 0) -> str:
    """The bounds in per cent or points: 47 to 61."""
    return f"{signed(interval.low * 100, decimals)} to {signed(interval.high * 100, decimals)}"


def p_value(p: float) -> str:
    """`p = 0.03`, or `p < 0.001` where more digits would pretend."""
    if p < 0.001:
        return f"p{NARROW}<{NARROW}0.001"
    return f"p{NARROW}={NARROW}{p:.3f}" if p < 0.1 else f"p{NARROW}={NARROW}{p:.2f}"


def megabytes(size: int) -> str:
    """Bytes in units of a million bytes."""
    return f"{size / 1e6:,.0f}{NARROW}MB"


def seconds(value: float) -> str:
    """A time: 2.81 s, 38.2 s, 6 min 53 s."""
    if value >= 90:
        minutes, rest = divmod(round(value), 60)
        return f"{minutes}{NARROW}min {rest}{NARROW}s"
    return f"{value:.2f}{NARROW}s" if value < 10 else f"{value:.1f}{NARROW}s"


def title_case(name: str) -> str:
    """A task's or format's name for a heading: risk_event -> Risk event."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def verdict(gained: Gain) -> str:
    """The comparison in one sentence."""
    difference = gained.difference
    sentence = (
        f"The tuned model is right on {grouped(gained.tuned_right)} of {grouped(gained.items)} items, "
        f"the base on {grouped(gained.base_right)}; difference {points(difference.value).lstrip('+')} points, "
        f"{percent(gained.confidence, 0)} interval {span(difference)}, exact McNemar {p_value(gained.test.p)}."
    )
    if difference.low > 0:
        return sentence
    if difference.high < 0:
        return sentence + " The tuned model is worse than its base."
    return sentence + " The interval holds zero: this does not show that tuning helped."
