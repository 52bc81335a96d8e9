"""What the cleaning rules turn away, what they let pass and how fast, on the prepared rows of every domain.

    python -m benchmarks.cleaning

Reads the domains' prepared rows (after `dvc repro`), which are right by construction: every row that a rule turns away
here is a false rejection. Faults of known kinds are then planted in copies of these rows, one each, with a fixed seed.
Prints tables, then one JSON line.
"""

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from jsonschema.protocols import Validator
from rich.console import Console
from rich.table import Table
from ruamel.yaml import YAML

from practicum.config import Quality
from practicum.data.cleaning import cleaned, parsed, repair, schema_fault, schema_validator
from practicum.data.example import Example, Rejected, canonical_json, read_examples
from practicum.data.quality.agreement import enumerations
from practicum.data.quality.repetition import repetition
from practicum.data.quality.rules import Rules
from practicum.data.quality.vocabulary import typo_score
from stages.layout import ROOT, Layout

SEED = 11
SPLITS = ("train", "validation", "test")
GERMAN = (
    "Der Patient klagt seit drei Tagen über Schmerzen in der Brust und Atemnot; die Behandlung wurde begonnen und er "
    "fühlt sich heute deutlich besser als gestern, soll aber weiterhin überwacht werden."
)
FRENCH = (
    "Le locataire doit payer le loyer au plus tard le premier jour de chaque mois et ne peut pas céder le bail sans "
    "l'accord écrit du bailleur, qui dispose d'un délai de trente jours pour répondre à la demande."
)


class Row(NamedTuple):
    domain: str
    example: Example
    schema: Validator


Plant = Callable[[Row, random.Random], Example | None]
"""Makes a faulty copy of a row, or None when the row has no place for the fault."""

NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\w)")
RESULT = re.compile(r"(?<![<>=])=\s?(?P<number>-?\d+(?:\.\d+)?)(?![\w.]*\w)")
COMPARED = re.compile(r"\d\s?(?:>=|<=|>|<)\s?\d+(?:\.\d+)? (?P<verdict>yes|no)\b")


def other_number(number: str, rng: random.Random) -> str:
    """A number with as many decimal places, near but not the same."""
    places = len(number.partition(".")[2])
    step = 10.0**-places
    while (changed := f"{float(number) + step * rng.choice((-3, -2, -1, 1, 2, 3)):.{places}f}") == number:
        pass
    return changed


def changed(pattern: re.Pattern[str], group: int | str, text: str, rng: random.Random) -> str | None:
    """The text with one match of the pattern, drawn at random, changed."""
    matches = list(pattern.finditer(text))
    if not matches:
        return None
    match = rng.choice(matches)
    old = match[group]
    new = {"yes": "no", "no": "yes"}.get(old) or other_number(old, rng)
    return text[: match.start(group)] + new + text[match.end(group) :]


def in_reasoning(pattern: re.Pattern[str], group: int | str) -> Plant:
    def plant(row: Row, rng: random.Random) -> Example | None:
        text = changed(pattern, group, row.example.reasoning, rng)
        return None if text is None else replace(row.example, reasoning=text)

    return plant


def with_answer(row: Row, value: dict[str, Any]) -> Example | None:
    if schema_fault(value, row.schema) is not None:
        return None
    return replace(row.example, answer=canonical_json(value))


def other_word(row: Row, rng: random.Random) -> Example | None:
    """Another word of the same field's enumeration that the schema allows."""
    value = parsed(row.example.answer)
    words = enumerations(row.schema.schema)
    fields = [name for name, text in value.items() if isinstance(text, str) and text in words.get(name, ())]
    if not fields:
        return None
    name = rng.choice(fields)
    choices = sorted(words[name] - {value[name]})
    rng.shuffle(choices)
    return next((found for word in choices if (found := with_answer(row, value | {name: word}))), None)


def other_total(row: Row, rng: random.Random) -> Example | None:
    """Another number in a field that holds a total."""
    value = parsed(row.example.answer)
    names = [name for name in ("score", "points") if name in value]
    if not names:
        return None
    return with_answer(row, value | {names[0]: int(other_number(str(abs(value[names[0]])), rng))})


def looped(row: Row, rng: random.Random) -> Example | None:
    """The reasoning over and over, as a model writes that doesn't stop."""
    if len(row.example.reasoning.split()) < 6:
        return None
    return replace(row.example, reasoning="\n".join([row.example.reasoning] * rng.randint(4, 12)))


def foreign(row: Row, rng: random.Random) -> Example | None:
    return replace(row.example, context=rng.choice((GERMAN, FRENCH)), question=rng.choice((GERMAN, FRENCH)))


def chatty(row: Row, rng: random.Random) -> Example | None:
    lead = rng.choice(("As an AI language model, I ", "Sure, here is the reasoning: ", "Certainly! Here's how: "))
    return replace(row.example, reasoning=lead + row.example.reasoning)


PLANTS: dict[str, tuple[Plant, frozenset[str]]] = {
    "result of a step": (in_reasoning(RESULT, "number"), frozenset({"wrong_arithmetic"})),
    "verdict of a comparison": (in_reasoning(COMPARED, "verdict"), frozenset({"wrong_arithmetic"})),
    "any number of the steps": (in_reasoning(NUMBER, 0), frozenset({"wrong_arithmetic", "contradicts_answer"})),
    "word of the answer": (other_word, frozenset({"contradicts_answer"})),
    "total in the answer": (other_total, frozenset({"contradicts_answer", "wrong_arithmetic"})),
    "looped reasoning": (looped, frozenset({"repetition", "wrong_arithmetic"})),
    "another language": (foreign, frozenset({"wrong_language"})),
    "lead-in of a chat model": (chatty, frozenset({"boilerplate"})),
}


def rows() -> Iterator[Row]:
    for folder in sorted((ROOT / "domains").iterdir()):
        layout = Layout(folder.name, ROOT)
        if not (layout.build / "prepared").is_dir():
            continue
        schema = schema_validator(json.loads(layout.schema.read_text(encoding="utf-8")))
        for split in SPLITS:
            for example in read_examples(layout.build / "prepared" / f"{split}.jsonl"):
                yield Row(folder.name, example, schema)


def spread(values: list[float]) -> tuple[float, float, float]:
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[int(0.99 * (len(ordered) - 1))], ordered[-1]


def wordlike_and_symbols(text: str) -> tuple[float, float]:
    solid = "".join(text.split())
    kinds = Counter("words" if character.isalnum() else "else" for character in solid)
    return kinds["words"] / max(len(solid), 1), sum(character in "^`" for character in solid) / max(len(solid), 1)


def main() -> None:
    params = YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    quality = Quality.model_validate(params["data"]["quality"])
    rules = Rules.of(quality)
    data = list(rows())
    console = Console()

    began = time.process_time()
    results = [cleaned(row.example, row.schema, rules) for row in data]
    seconds = time.process_time() - began
    turned_away = Counter(result.rule for result in results if isinstance(result, Rejected))
    changed_rows = sum(result != row.example for result, row in zip(results, data, strict=True))
    console.print(
        f"{len(data)} rows in {seconds:.2f} s on one core: {len(data) / seconds:.0f} rows/s, turned away "
        f"{dict(turned_away)}, changed {changed_rows - turned_away.total()}",
        highlight=False,
    )

    table = Table("measure", "median", "99 %", "highest", "threshold")
    texts = [(f"{row.example.context}\n{row.example.question}", row.example.reasoning) for row in data]
    both = [text for pair in texts for text in pair]
    measures = {
        "repetition": (spread([repetition(text) for text in both]), quality.max_repetition),
        "1 - wordlike": (spread([1 - wordlike_and_symbols(text)[0] for text in both]), 1 - quality.min_wordlike),
        "symbols": (spread([wordlike_and_symbols(text)[1] for text in both]), quality.max_symbols),
        "typo score": (spread([typo_score(row.example, rules.vocabulary) for row in data]), quality.max_unknown_words),
    }
    for name, (values, threshold) in measures.items():
        table.add_row(name, *(f"{value:.3f}" for value in values), f"{threshold:.3f}")
    console.print(table)

    found_table = Table("planted fault", "rows", "found", "share", "by rule")
    recall: dict[str, dict[str, float]] = {}
    for name, (plant, expected) in PLANTS.items():
        rng = random.Random(SEED)
        verdicts: Counter[str] = Counter()
        planted = 0
        for row in data:
            faulty = plant(row, rng)
            if faulty is None:
                continue
            planted += 1
            result = cleaned(faulty, row.schema, rules)
            if isinstance(result, Rejected):
                verdicts[result.rule] += 1
        found = sum(count for rule, count in verdicts.items() if rule in expected)
        recall[name] = {"rows": planted, "found": found, "share": round(found / max(planted, 1), 4)}
        found_table.add_row(name, str(planted), str(found), f"{found / max(planted, 1):.3f}", str(dict(verdicts)))
    console.print(found_table)

    damage = [
        (text, text.encode().decode(encoding))
        for row in data
        for text in (
            f"{row.example.question} – “café” ≥ 37 °C",
            f"第12条 {row.example.question} 不超过30天，金额为5万元。",
        )
        for encoding in ("latin-1", "sloppy-windows-1252")
    ]
    whole = sum(repair(damaged) == text for text, damaged in damage)
    console.print(f"mojibake repaired: {whole} of {len(damage)}", highlight=False)
    line = {
        "benchmark": "cleaning",
        "rows": len(data),
        "rows_per_s": round(len(data) / seconds),
        "false_rejections": dict(turned_away),
        "measures": {name: [round(value, 4) for value in values] for name, (values, _) in measures.items()},
        "recall": recall,
        "mojibake": [whole, len(damage)],
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
