"""The quality rules with their thresholds, as one value for a process."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from practicum.config import Quality
from practicum.data.example import Example
from practicum.data.quality.agreement import Enumerations, contradicts_answer
from practicum.data.quality.arithmetic import wrong_arithmetic
from practicum.data.quality.boilerplate import begins_with_web_remains, lead_in, web_remains
from practicum.data.quality.finding import Finding
from practicum.data.quality.language import language
from practicum.data.quality.repetition import repetition
from practicum.data.quality.vocabulary import known_words, unknown_words


@dataclass(frozen=True, slots=True)
class Rules:
    """Thresholds and known words. Pickles as what it was made of, so that it travels cheaply to a worker."""

    quality: Quality
    dictionary: frozenset[str] = field(repr=False)
    """Words of the domain."""
    vocabulary: frozenset[str] = field(repr=False)
    """The English list and the domain's words, lower case."""

    @classmethod
    def of(cls, quality: Quality, dictionary: Collection[str] = ()) -> Self:
        """
        Args:
            quality: the settings.
            dictionary: words or terms of the domain, in any case.
        """
        return cls(quality, frozenset(dictionary), known_words(dictionary))

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return type(self).of, (self.quality, self.dictionary)


def strings(value: Any) -> Iterator[str]:
    """The texts of an answer's value, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def _boilerplate(example: Example, answer: Mapping[str, Any]) -> Finding | None:
    for text in (example.context, example.question):
        if text and (web_remains(text) or lead_in(text)):
            return Finding("boilerplate", text)
    for text in (example.reasoning, *strings(answer)):
        if text and (lead_in(text) or begins_with_web_remains(text)):
            return Finding("boilerplate", text)
    return None


def _wrong_language(example: Example, rules: Rules) -> Finding | None:
    allowed = rules.quality.languages
    if example.language not in allowed:
        return Finding("wrong_language", f"language: {example.language!r}, expected one of {', '.join(allowed)}")
    for text in (f"{example.context}\n{example.question}", example.reasoning):
        found = language(text, rules.vocabulary)
        if found is not None and found != example.language:
            return Finding("wrong_language", f"{found}, not {example.language}: {text.strip()}")
    return None


def finding(example: Example, answer: Mapping[str, Any], words: Enumerations, rules: Rules) -> Finding | None:
    """The first quality rule that a sound row breaks, or None.

    Rules, in order: `boilerplate`, `wrong_language`, `repetition`, `unknown_words`, `wrong_arithmetic`,
    `contradicts_answer`; the last two only where the settings ask for it.

    Args:
        example: repaired, with an answer that fits the schema.
        answer: its value.
        words: the schema's enumerations.
        rules: thresholds.
    """
    quality = rules.quality
    asked = f"{example.context}\n{example.question}"
    found = _boilerplate(example, answer) or _wrong_language(example, rules)
    if found is not None:
        return found
    for text in (asked, example.reasoning):
        if quality.max_repetition < 1 and repetition(text) > quality.max_repetition:
            return Finding("repetition", text.strip())
    if quality.max_unknown_words < 1:
        share, unknown = unknown_words(f"{asked}\n{example.reasoning}", rules.vocabulary)
        if share > quality.max_unknown_words:
            return Finding("unknown_words", f"{share:.2f}: {', '.join(dict.fromkeys(unknown))}")
    if quality.reasoning:
        wrong = wrong_arithmetic(example.reasoning, asked)
        if wrong is not None:
            return Finding("wrong_arithmetic", *wrong)
        against = contradicts_answer(example.reasoning, answer, example.answer, words)
        if against is not None:
            return Finding("contradicts_answer", against)
    return None
