"""What a sweep varies: read from a file, checked, drawn by Optuna, and written as DVC's overrides."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

import optuna
from optuna.samplers import BaseSampler, TPESampler
from pydantic import Discriminator, Field, StrictBool, Tag, model_validator

from practicum.config import Count, Frozen
from practicum.data.example import canonical_json

DIGITS = 3
"""Significant digits of a drawn number: enough for a recipe, and a name that can be read."""

Text = Annotated[str, Field(pattern=r"^[A-Za-z0-9_./+-]+$")]
"""A word as settings hold it: nothing that the grammar of `dvc exp run -S` gives a meaning to."""
Value = StrictBool | int | float | Text | Annotated[list[Text], Field(min_length=1)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]
"""A setting of params.yaml by its dotted path, such as lora.r."""


class Range(Frozen):
    """Numbers between two bounds, both included; whole ones where both bounds are."""

    low: int | float
    high: int | float
    log: bool = False
    """Whether each factor of ten is as likely as the next."""
    step: Annotated[int | float, Field(gt=0)] | None = None
    """Distance between values, counted from `low`; not with `log`."""

    @property
    def whole(self) -> bool:
        return isinstance(self.low, int) and isinstance(self.high, int)

    @model_validator(mode="after")
    def holds_numbers(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low: found {self.low:g}, expected less than high ({self.high:g})")
        if self.log and self.low <= 0:
            raise ValueError(f"low: found {self.low:g} with log, expected more than 0")
        if self.log and self.step is not None:
            raise ValueError(f"step: found {self.step:g} beside log, expected one of the two")
        if self.whole and isinstance(self.step, float):
            raise ValueError(f"step: found {self.step:g} between whole numbers, expected a whole number")
        return self

    def draw(self, trial: optuna.Trial, key: str) -> int | float:
        if self.whole:
            return trial.suggest_int(key, int(self.low), int(self.high), log=self.log, step=int(self.step or 1))
        drawn = trial.suggest_float(key, self.low, self.high, log=self.log, step=self.step)
        return min(max(float(f"{drawn:.{DIGITS}g}"), float(self.low)), float(self.high))

    def probes(self) -> tuple[int | float, ...]:
        return (self.low, self.high)


class Choices(Frozen):
    """Values without an order."""

    choices: Annotated[list[Value], Field(min_length=2)]

    @model_validator(mode="after")
    def differ(self) -> Self:
        texts = [canonical_json(choice) for choice in self.choices]
        for text in texts:
            if texts.count(text) > 1:
                raise ValueError(f"choices: found {text} twice, expected each value once")
        return self

    def draw(self, trial: optuna.Trial, key: str) -> Value:
        texts = [canonical_json(choice) for choice in self.choices]  # a journal keeps no lists
        return self.choices[texts.index(trial.suggest_categorical(key, texts))]

    def probes(self) -> tuple[Value, ...]:
        return tuple(self.choices)


def _kind(value: object) -> str | None:
    if isinstance(value, (Range, Choices)):
        return "<range>" if isinstance(value, Range) else "<choices>"
    if isinstance(value, Mapping):
        return "<choices>" if "choices" in value else "<range>" if value.keys() & {"low", "high"} else None
    return None


Parameter = Annotated[
    Annotated[Range, Tag("<range>")] | Annotated[Choices, Tag("<choices>")],
    Discriminator(
        _kind,
        custom_error_type="parameter",
        custom_error_message="Input should be a mapping {low: ..., high: ...} or {choices: [...]}",
    ),
]


class Pruning(Frozen):
    """When a trial is given up, by its validation loss against the other trials' at the same look."""

    method: Literal["hyperband", "successive-halving", "none"]
    """https://arxiv.org/abs/1603.06560, https://arxiv.org/abs/1810.05934 (asynchronous halving), or never."""
    reduction_factor: Annotated[int, Field(ge=2)] = 2
    """One of so many trials goes on at each rung."""


class Sampling(Frozen):
    """How settings are chosen: by the Tree-structured Parzen Estimator, https://arxiv.org/abs/2304.11127."""

    seed: Annotated[int, Field(ge=0, lt=2**32)] = 17
    startup_trials: Count = 6
    """Trials drawn at random before the estimator has anything to go by."""


class Sweep(Frozen):
    """What a sweep searches, and how."""

    space: Annotated[dict[Key, Parameter], Field(min_length=1)]
    """By setting of params.yaml; what is not named here stays as the domain has it."""
    sampling: Sampling = Sampling()
    pruning: Pruning = Pruning(method="hyperband")


def draw(trial: optuna.Trial, sweep: Sweep) -> dict[str, Value]:
    """A trial's settings by dotted path, in the space's order."""
    return {key: parameter.draw(trial, key) for key, parameter in sweep.space.items()}


def sampler(settings: Sampling, finished: int) -> BaseSampler:
    """A sampler whose draws differ after a restart from those before: `finished` trials are in the journal."""
    return TPESampler(seed=settings.seed + finished, n_startup_trials=settings.startup_trials)


def nested(settings: Mapping[str, Value]) -> dict[str, Any]:
    """Settings by dotted path as the mapping that params.yaml would hold."""
    result: dict[str, Any] = {}
    for path, value in settings.items():
        *above, last = path.split(".")
        place = result
        for part in above:
            place = place.setdefault(part, {})
        place[last] = value
    return result


def literal(value: Value) -> str:
    """A value in the grammar of overrides (Hydra 1.3): text is quoted, so that `true` stays a word."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{','.join(literal(part) for part in value)}]"
    return f"'{value}'" if isinstance(value, str) else repr(value)


def overrides(settings: Mapping[str, Value], file: str) -> list[str]:
    """Arguments of `dvc exp run` that put settings into a file of params, whether or not they stand in it.

    They are arguments of a process, and go through no shell.
    """
    return [part for key, value in settings.items() for part in ("-S", f"{file}:++{key}={literal(value)}")]


def _words(value: Value) -> str:
    if isinstance(value, list):
        return "+".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value).lower()


def trial_name(prefix: str, number: int, settings: Mapping[str, Value]) -> str:
    """A name for the experiment that says what it is: sweep-legal-007-lr0.0012-r8-alpha32.

    A key is named by its last part; fits git's rules for references, at most 120 characters long.
    """
    parts = [f"{key.rpartition('.')[2]}{_words(value)}" for key, value in settings.items()]
    text = re.sub(r"[^A-Za-z0-9.+-]+", "_", "-".join([prefix, f"{number:03d}", *parts]))
    return re.sub(r"\.{2,}", ".", text)[:120].rstrip(".-_").removesuffix(".lock")


def same(one: Mapping[str, Value], others: Sequence[Mapping[str, Value]]) -> int | None:
    """The place of the first mapping among `others` that equals `one`."""
    text = canonical_json(dict(one))
    return next((place for place, other in enumerate(others) if canonical_json(dict(other)) == text), None)
