"""Train the tagger that reads beside the patterns of de-identification.

    python -m domains.medical.train_tagger [--leave-out BATCH] [--out FOLDER]

Trains one conditional random field per language on the annotated notes of the part `development` (build_notes.py),
never on held-out ones, and on titles of ICD-10-CM, which name nobody, and writes tagger.en.crf.gz and
tagger.zh.crf.gz; the same notes give the same bytes. The languages are trained side by side. With `--leave-out`,
notes of that batch, such as development-6, stay out and what is found in them is printed, by the patterns alone and
with the tagger; nothing is written without `--out` then.

Patterns were tuned on most of these notes and are right there more often than on another author's. So that the model
doesn't trust them more than it should, a share of the patterns' findings is hidden from it at random. With
development-6 left out, on which they weren't tuned, this did better than hiding all of them in half of the notes.
"""

import argparse
import gzip
import json
import random
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import get_args

import pycrfsuite

from practicum.config import Deidentification
from practicum.data.deidentification import tagger, token_features
from practicum.data.deidentification.candidates import Candidate, settled
from practicum.data.deidentification.engine import Deidentifier, plain
from practicum.data.deidentification.found import Found
from practicum.data.deidentification.measurement import Measurement, Note, measure, read_notes

NOTES = Path(__file__).parent / "data" / "deidentification" / "notes.jsonl"
ICD10 = Path(__file__).parent / "data" / "icd10.json"
HIDDEN = 0.2
"""Share of the patterns' findings that are hidden in training."""
PARAMETERS = {
    "c1": 0.3,
    "c2": 0.05,
    "max_iterations": 60,
    "feature.minfreq": 2,
    "feature.possible_transitions": False,
}


TITLES_TOGETHER = 8


def titles() -> list[Note]:
    """Titles and terms of the codes in use, as they are, in title case and in capitals: medicine without a person."""
    codes = json.loads(ICD10.read_text(encoding="utf-8"))["codes"].values()
    terms = list(dict.fromkeys(term for code in codes for term in (code["title"], *code["terms"])))
    random.Random("titles").shuffle(terms)
    result = []
    for number, first in enumerate(range(0, len(terms), TITLES_TOGETHER)):
        cased = (str, str.title, str.upper)[number % 3]
        together = map(cased, terms[first : first + TITLES_TOGETHER])
        text = (". ", "\n", "; ")[number // 3 % 3].join(together)
        result.append(Note(f"titles-en-{number:03}", "en", "development", text, ()))
    return result


def batch(note: Note) -> str:
    """The batch of templates that a note is from."""
    return note.id.rsplit("-", 2)[0]


def labels(spans: Iterable[tuple[int, int]], identifiers: Sequence[Found]) -> list[str]:
    """Of each token, the kind of the first identifier that it shares a character with."""
    result = []
    number = 0
    for start, end in spans:
        while number < len(identifiers) and identifiers[number].end <= start:
            number += 1
        inside = number < len(identifiers) and identifiers[number].start < end
        result.append(identifiers[number].kind if inside else tagger.OUTSIDE)
    return result


def shown(note: Note, candidates: Iterable[Candidate]) -> list[Candidate]:
    """What the model sees of the patterns' findings in training; the same each time for the same note."""
    draw = random.Random(f"tagger {note.id}")
    return [one for one in candidates if draw.random() >= HIDDEN]


def trained(notes: Sequence[Note], found: Mapping[str, Sequence[Candidate]], language: tagger.Language) -> bytes:
    """The packed model of a language."""
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params(PARAMETERS)
    for note in notes:
        text = plain(note.text)
        for start, end, of in tagger.blocks(text):
            if of != language:
                continue
            spans = token_features.tokens(text[start:end])
            moved = [Candidate(c.start - start, c.end - start, c.kind, c.score) for c in shown(note, found[note.id])]
            identifiers = [Found(one.start - start, one.end - start, one.kind) for one in note.identifiers]
            if spans:
                trainer.append(token_features.features(text[start:end], spans, moved), labels(spans, identifiers))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.crf"
        trainer.train(str(file))
        return gzip.compress(file.read_bytes(), mtime=0)


@cache
def _deidentifier() -> Deidentifier:
    return Deidentifier(Deidentification(enabled=True, dates="year", fields={}, notes=None))


def _patterns(text: str) -> list[Candidate]:
    return _deidentifier().patterns(text)


def report(patterns: Measurement, both: Measurement) -> None:
    """Print recall and precision of the patterns and of patterns and tagger, per kind and of all."""
    rows = [
        ("all", patterns.total, both.total),
        *((kind, patterns.kinds[kind], both.kinds[kind]) for kind in both.kinds if kind in patterns.kinds),
    ]
    for name, before, after in rows:
        values = [
            f"{rate.hits / rate.n:.3f}" if rate.n else "-"
            for rate in (before.recall, after.recall, before.precision, after.precision)
        ]
        print(f"{name:12} recall {values[0]} -> {values[1]}  precision {values[2]} -> {values[3]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leave-out", metavar="BATCH")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    notes = [note for note in read_notes(NOTES) if note.part == "development"]
    left_out = [note for note in notes if batch(note) == arguments.leave_out]
    if arguments.leave_out and not left_out:
        parser.error(
            f"--leave-out: found no notes of {arguments.leave_out!r}, expected one of {sorted({*map(batch, notes)})}"
        )
    kept = [*(note for note in notes if batch(note) != arguments.leave_out), *titles()]
    read = [*notes, *titles()]
    languages = get_args(tagger.Language)
    out: Path | None = arguments.out or (None if left_out else tagger.path("en").parent)
    with tempfile.TemporaryDirectory() as folder:
        with ProcessPoolExecutor(len(languages)) as workers:
            searched = workers.map(_patterns, [note.text for note in read], chunksize=64)
            found = dict(zip([note.id for note in read], searched, strict=True))
            models = workers.map(partial(trained, kept, found), languages)
        for language, packed in zip(languages, models, strict=True):
            file = (out or Path(folder)) / tagger.path(language).name
            file.write_bytes(packed)
            print(f"{len(packed):,} bytes in {file.name}", flush=True)
        if left_out:
            model = tagger.Tagger(out or Path(folder))
            texts = {note.text: note.id for note in left_out}

            def alone(text: str) -> list[Found]:
                return [Found(one.start, one.end, one.kind) for one in settled(found[texts[text]], text)]

            def together(text: str) -> list[Found]:
                certain, added = model.reviewed(plain(text), found[texts[text]])
                return [Found(one.start, one.end, one.kind) for one in settled([*certain, *added], text)]

            report(measure(left_out, alone), measure(left_out, together))


if __name__ == "__main__":
    main()
