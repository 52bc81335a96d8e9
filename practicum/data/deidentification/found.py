"""A place in a text that identifies someone."""

from dataclasses import dataclass

from practicum.config import IdentifierKind


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """The characters `start` (included) to `end` (excluded) of a text are an identifier."""

    start: int
    end: int
    kind: IdentifierKind
