"""What a finder of identifiers yields before overlaps are settled."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from practicum.config import IdentifierKind


class Candidate(NamedTuple):
    """The characters `start` to `end` may be an identifier."""

    start: int
    end: int
    kind: IdentifierKind
    score: float
    """0 to 1; where two overlap the higher wins, then the longer."""


Finder = Callable[[str], Iterable[Candidate]]


def settled(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Candidates without overlaps, best first."""
    taken: list[Candidate] = []
    for one in sorted(candidates, key=lambda c: (-c.score, c.start - c.end, c.start)):
        if all(one.end <= other.start or one.start >= other.end for other in taken):
            taken.append(one)
            yield one
