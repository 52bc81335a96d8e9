"""What a quality rule says of a row that breaks it."""

from typing import NamedTuple


class Finding(NamedTuple):
    """A rule that a row breaks, with the text that breaks it."""

    rule: str
    text: str
    at: int = 0
    """Where in the text the offence begins."""
