"""How many identifiers are found, and how many findings are identifiers, on notes whose identifiers are known."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from practicum.config import IdentifierKind
from practicum.data.deidentification.found import Found
from practicum.evaluation.statistics import wilson

Part = Literal["development", "held_out"]
Find = Callable[[str], Sequence[Found]]
"""The identifiers of a text, in any order; they may overlap."""

MAX_GAP = 2
"""Characters, none of them a letter or digit, over which findings of one kind count as one: `, ` or a line break."""


class NotesError(ValueError):
    """A file of annotated notes can't be used."""


@dataclass(frozen=True, slots=True)
class Note:
    """A text and every identifier in it."""

    id: str
    language: str
    part: Part
    """`development`: recognizers may be tuned on it; `held_out`: nobody tunes on it."""
    text: str
    identifiers: tuple[Found, ...]
    """In the order of the text; they don't overlap."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % Wilson interval."""

    hits: int
    n: int

    def as_json(self, name: str) -> dict[str, float | None]:
        """Under `name`, `name`_low and `name`_high; null where there was nothing to count."""
        if not self.n:
            return {name: None, f"{name}_low": None, f"{name}_high": None}
        interval = wilson(self.hits, self.n)
        return {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one kind of identifier, or of several together."""

    recall: Rate
    """Identifiers of which every letter and digit lies in some finding, of whatever kind: what counts is that it is
    gone. Punctuation and spaces give nothing away."""
    right_kind: Rate
    """Identifiers of which every letter and digit lies in findings of their own kind."""
    precision: Rate
    """Findings that share a letter or digit with an identifier of whatever kind. A finding counts under the kind that
    it was given; findings of the same kind that overlap, or stand apart by at most `MAX_GAP` characters without a
    letter or digit, are one."""

    def as_json(self) -> dict[str, float | None]:
        return {
            "n": self.recall.n,
            **self.recall.as_json("recall"),
            "right_kind": self.right_kind.as_json("share")["share"],
            "found": self.precision.n,
            **self.precision.as_json("precision"),
        }


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a search found in annotated notes. Holds no text of theirs."""

    notes: int
    part: str
    """Of the notes; `all` where they are of both parts."""
    total: Figures
    kinds: Mapping[IdentifierKind, Figures]
    """Kinds that are annotated or were found, in the order of `IdentifierKind`."""
    languages: Mapping[str, Figures]
    lost: Mapping[str, float]
    """Of `all` and of each language: share of the letters and digits outside identifiers that lie in findings. A
    search that takes whole sentences has every identifier and misses no touch, and shows here."""

    def as_json(self) -> dict[str, object]:
        return {
            "notes": self.notes,
            "part": self.part,
            "all": {**self.total.as_json(), "lost": self.lost["all"]},
            "kinds": {kind: figures.as_json() for kind, figures in self.kinds.items()},
            "languages": {
                language: {**figures.as_json(), "lost": self.lost[language]}
                for language, figures in self.languages.items()
            },
        }


class _Identifier(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    start: Annotated[int, Field(ge=0)]
    end: int
    kind: IdentifierKind
    text: Annotated[str, Field(min_length=1)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: Annotated[str, Field(min_length=1)]
    language: Annotated[str, Field(min_length=1)]
    part: Part
    text: str
    identifiers: list[_Identifier]


def read_notes(path: Path) -> list[Note]:
    """Read annotated notes, one JSON object a line: `id`, `language`, `part`, `text`, and `identifiers`, each with
    `start`, `end` (in characters), `kind` and `text`.

    Raises:
        NotesError: a line is no such object, an id stands twice, an identifier isn't what the text has at its place
            or overlaps another, or there are no notes. Quotes no text, since it may be a person's.
    """
    notes: dict[str, Note] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path.name}:{number}"
        try:
            row = _Line.model_validate(json.loads(line))
        except json.JSONDecodeError as error:
            raise NotesError(f"{where}: found no JSON ({error.msg}), expected one note a line") from error
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(map(str, first["loc"])) or "the line"
            # The cause is left out: it would show the input.
            raise NotesError(f"{where}: {place}: {first['msg']}; expected a note as read_notes describes it") from None
        if row.id in notes:
            raise NotesError(f"{where}: found the id {row.id} again, expected each note once; rename or drop one")
        end = 0
        for found in sorted(row.identifiers, key=lambda found: found.start):
            span = f"{row.id}, {found.kind} at {found.start} to {found.end}"
            if row.text[found.start : found.end] != found.text:
                raise NotesError(f"{where}: {span}: found another text there than `text`; correct the offsets")
            if found.start < end:
                raise NotesError(f"{where}: {span}: found an overlap with the one before; join or drop one")
            end = found.end
        identifiers = tuple(sorted(Found(found.start, found.end, found.kind) for found in row.identifiers))
        notes[row.id] = Note(row.id, row.language, row.part, row.text, identifiers)
    if not notes:
        raise NotesError(f"{path.name}: found no notes, expected at least one; build the file again")
    return list(notes.values())


def merged(text: str, findings: Iterable[Found]) -> list[Found]:
    """Findings of the same kind that overlap or almost touch, as one each (see `Figures.precision`)."""
    last: dict[IdentifierKind, Found] = {}
    whole: list[Found] = []
    for found in sorted(findings):
        before = last.get(found.kind)
        if before is not None:
            gap = text[before.end : found.start]
            if len(gap) <= MAX_GAP and not any(map(str.isalnum, gap)):
                last[found.kind] = Found(before.start, max(before.end, found.end), found.kind)
                continue
            whole.append(before)
        last[found.kind] = found
    return sorted([*whole, *last.values()])


def _signs(text: str, findings: Iterable[Found]) -> set[int]:
    """Places of the letters and digits in the findings."""
    return {place for found in findings for place in range(found.start, found.end) if text[place].isalnum()}


def _hidden(note: Note, findings: Sequence[Found]) -> Iterator[tuple[Found, bool, bool]]:
    """Each identifier, whether it is covered by findings, and whether by such of its kind."""
    covered = _signs(note.text, findings)
    of_kind: dict[IdentifierKind, set[int]] = {}
    for kind in {identifier.kind for identifier in note.identifiers}:
        of_kind[kind] = _signs(note.text, (found for found in findings if found.kind == kind))
    for identifier in note.identifiers:
        signs = _signs(note.text, [identifier])
        yield identifier, signs <= covered, signs <= of_kind[identifier.kind]


def measure(notes: Iterable[Note], find: Find) -> Measurement:
    """Search each note once and count; `Figures` defines what is counted.

    Raises:
        ValueError: there are no notes.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    parts = set()
    languages = set()
    number = 0
    for note in notes:
        number += 1
        parts.add(note.part)
        languages.add(note.language)
        findings = find(note.text)
        for identifier, gone, right in _hidden(note, findings):
            for group in ("all", f"kind {identifier.kind}", f"language {note.language}"):
                counts[group].update(n=1, gone=gone, right=right)
        annotated = _signs(note.text, note.identifiers)
        rest = {place for place, sign in enumerate(note.text) if sign.isalnum()} - annotated
        for group in ("all", f"language {note.language}"):
            counts[group].update(rest=len(rest), lost=len(rest & _signs(note.text, findings)))
        for found in merged(note.text, findings):
            true = not annotated.isdisjoint(_signs(note.text, [found]))
            for group in ("all", f"kind {found.kind}", f"language {note.language}"):
                counts[group].update(found=1, true=true)
    if not number:
        raise ValueError("measurement: found no notes, expected at least one of this part")

    def figures(group: str) -> Figures:
        of = counts[group]
        return Figures(Rate(of["gone"], of["n"]), Rate(of["right"], of["n"]), Rate(of["true"], of["found"]))

    def lost(group: str) -> float:
        of = counts[group]
        return of["lost"] / of["rest"] if of["rest"] else 0.0

    kinds: dict[IdentifierKind, Figures] = {
        kind: figures(f"kind {kind}") for kind in get_args(IdentifierKind) if f"kind {kind}" in counts
    }
    return Measurement(
        notes=number,
        part=parts.pop() if len(parts) == 1 else "all",
        total=figures("all"),
        kinds=kinds,
        languages={language: figures(f"language {language}") for language in sorted(languages)},
        lost={"all": lost("all")} | {language: lost(f"language {language}") for language in sorted(languages)},
    )


def missed(notes: Iterable[Note], find: Find) -> list[tuple[str, Found, str]]:
    """Note id, place and text of each identifier that isn't wholly covered: for a developer's terminal, never for a
    report or a log."""
    return [
        (note.id, identifier, note.text[identifier.start : identifier.end])
        for note in notes
        for identifier, gone, _ in _hidden(note, find(note.text))
        if not gone
    ]


def wrongly_found(notes: Iterable[Note], find: Find) -> list[tuple[str, Found, str]]:
    """Note id, place and text of each finding that touches no identifier: for a developer's terminal only."""
    return [
        (note.id, found, note.text[found.start : found.end])
        for note in notes
        for found in merged(note.text, find(note.text))
        if _signs(note.text, note.identifiers).isdisjoint(_signs(note.text, [found]))
    ]
