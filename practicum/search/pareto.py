"""Which artefacts of which trials nothing else beats in accuracy, response time and size together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something that could be served: the float model of a trial, or a quantised artefact of it."""

    trial: int
    artefact: str
    """`float` or a format of quantisation."""
    em: float
    """Exact match on the test items, 0 to 1."""
    items: int
    """On how many items."""
    seconds: float | None
    """Median response time; None where it was not measured."""
    megabytes: float
    """10^6 bytes of weights."""


def candidates(
    trial: int, metrics: Mapping[str, Any], quantization: Mapping[str, Any], speed: Mapping[str, Any]
) -> list[Candidate]:
    """What a trial made.

    Args:
        trial: its number.
        metrics: the domain's metrics.json.
        quantization: build/quantization/metrics.json.
        speed: build/quantization/speed.json, in which a format may be missing.
    """
    tuned = metrics["tuned"]
    result = [
        Candidate(
            trial=trial,
            artefact="float",
            em=tuned["em"],
            items=metrics["gain"]["items"],
            seconds=tuned["rt_p50_s"],
            megabytes=quantization["float"]["bytes"] / 1e6,
        )
    ]
    for name, artefact in quantization["formats"].items():
        result.append(
            Candidate(
                trial=trial,
                artefact=name,
                em=artefact["em"],
                items=quantization["items"],
                seconds=speed.get("formats", {}).get(name, {}).get("rt_p50_s"),
                megabytes=artefact["bytes"] / 1e6,
            )
        )
    return result


def front(costs: Sequence[Sequence[float]]) -> list[bool]:
    """Whether each point is on the Pareto front: none is as low in every cost and lower in one.

    Args:
        costs: `[points][objectives]`, less is better; a figure to be raised stands there negated.
    """

    def beaten(one: Sequence[float]) -> bool:
        return any(
            all(o <= c for o, c in zip(other, one, strict=True)) and any(o < c for o, c in zip(other, one, strict=True))
            for other in costs
        )

    return [not beaten(one) for one in costs]


def best(found: Sequence[Candidate]) -> list[Candidate]:
    """The front of EM against response time and size, highest EM first.

    One without a response time is not on it: nobody knows whether it is beaten. Candidates that were measured on
    other numbers of items are not compared with each other.
    """
    result: list[Candidate] = []
    for items in sorted({one.items for one in found}, reverse=True):
        timed = [one for one in found if one.items == items and one.seconds is not None]
        kept = front([(-one.em, one.seconds or 0.0, one.megabytes) for one in timed])
        result += [one for one, on in zip(timed, kept, strict=True) if on]
    return sorted(result, key=lambda one: (-one.em, one.seconds or 0.0, one.megabytes, one.trial))
