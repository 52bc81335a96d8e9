"""What a domain must give: the protocol that `domains/<name>/domain.py` fulfils.

A domain module defines a class that inherits `Domain` and a module attribute `domain`, an instance of it.
It gives four things and nothing more: how raw files become examples, how an answer is scored beyond EM
and F1, how an example is perturbed or its facts put in another order, and which reference texts can be retrieved.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from practicum.data.example import Example, Rejected
from practicum.data.raw import RawData


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A text that can be retrieved, such as one article of a statute."""

    id: str
    title: str
    text: str


class DomainSettings(BaseModel):
    """The keys under `domain:` in a domain's params.yaml. The default: none."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Domain(ABC):
    """The knowledge that only one domain has."""

    settings: type[DomainSettings] = DomainSettings
    """A frozen pydantic model of what stands under `domain:` in the domain's params.yaml."""

    @property
    @abstractmethod
    def tasks(self) -> tuple[str, ...]:
        """Names of the tasks, in the order in which reports show them."""

    @abstractmethod
    def examples(self, raw: RawData, settings: DomainSettings) -> Iterator[Example | Rejected]:
        """Turn the records of the sources into examples; one that can't be used becomes a Rejected.

        Deterministic: the same files and settings give the same rows in the same order.
        """

    @abstractmethod
    def score(self, task: str, reference: Mapping[str, Any], answer: Mapping[str, Any] | None) -> dict[str, float]:
        """Measures of one answer beyond EM and F1, each 0 to 1 and higher is better; `answer` is None when
        none could be read. May be empty. The same keys for every row of a task."""

    def same_answer(self, task: str, reference: Mapping[str, Any], answer: Mapping[str, Any]) -> bool | None:
        """Whether two answers mean the same where the general comparison is too strict; None leaves it to that."""
        return None

    @abstractmethod
    def perturb(self, example: Example, rng: random.Random) -> Example | None:
        """The example with a key number changed to one of like magnitude and the answer recomputed,
        or None when it has none to change."""

    def reorder(self, example: Example, rng: random.Random) -> Example | None:
        """The example with its facts in another order: the answer the same or computed again, and the reasoning too
        where it follows the order. None where the order can't be changed without changing what is asked, or where
        the domain does not say how."""
        return None

    @abstractmethod
    def references(self, data: Path, settings: DomainSettings) -> Iterator[Reference]:
        """The texts that can be retrieved for this domain; none is fine."""
