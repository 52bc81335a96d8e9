"""Ways of changing a test item that a sound answer withstands.

`number`: a key number becomes one of like magnitude and the answer is computed again (larger numbers alone explain
much of what is often reported, arXiv 2605.28700). `irrelevant`: a sentence beside the matter is put in. `order`: the
facts stand in another order. `typo`: a few slips of the keyboard in plain words of the question.

All are deterministic: an item's change depends on the seed, the item and the test set that it is of, not on which other
items or changes are asked for.
"""

import json
import random
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from practicum.config import Change
from practicum.data.example import Example
from practicum.domain import Domain

ASIDES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        "A lighthouse stands on the cliff beyond the village.",
        "Swallows build their nests under the old bridge.",
        "The orchestra tuned its violins before the curtain rose.",
        "Bread smells best when it leaves the oven.",
        "The garden gate creaks whenever the wind blows.",
        "Some clouds looked like sheep over the meadow.",
        "A juggler performed on the market square.",
        "The river freezes in hard winters.",
        "Pine needles covered the path through the forest.",
        "The clock in the kitchen ticks loudly.",
    ),
    "zh": (
        "村外的山崖上有一座灯塔。",
        "燕子在旧桥下面筑巢。",
        "刚出炉的面包闻起来很香。",
        "起风的时候，花园的门吱吱作响。",
        "草地上空的云像一群羊。",
        "松针铺满了林间的小路。",
        "寒冬时河面会结冰。",
        "厨房里的钟滴答作响。",
    ),
}
"""Sentences about nothing that a case of any domain turns on; without numbers, so that none can be taken for a fact."""

MAX_TYPOS: Final = 3
WORDS_PER_TYPO: Final = 4
"""Plain words of a question for each slip."""

_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_PLAIN_WORD: Final = re.compile(r"(?<![\w\[<\"'&/-])[A-Za-z][a-z]{3,}(?![\w\]>\"':&/|-])")
"""A word in small letters, the first one aside, of four letters or more: no number, code, abbreviation, placeholder
or quoted key, and not the name of a field, which a colon or a bar follows."""
_SENTENCE_START: Final = re.compile(r"(?:^|[.!?:;\n])\s*$")
_WORD: Final = re.compile(r"[^\W\d_]+")
_QUOTED: Final = re.compile(r"\"[^\"\n]*\"|“[^”\n]*”|「[^」\n]*」")

_SOUND_ALIKE: Final[Mapping[str, str]] = {
    "的": "得",
    "得": "的",
    "地": "的",
    "在": "再",
    "再": "在",
    "做": "作",
    "以": "已",
    "已": "以",
    "像": "象",
    "哪": "那",
    "账": "帐",
    "须": "需",
    "和": "合",
    "请": "清",
    "问": "文",
    "按": "安",
    "该": "改",
    "列": "例",
}
"""What a pinyin keyboard writes for a character when the wrong candidate of the same sound is taken."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A test item and one changed form of it."""

    original: Example
    change: Change
    example: Example

    @property
    def keeps_answer(self) -> bool:
        """Whether a sound model would answer both alike."""
        return self.change != "number" and self.example.answer == self.original.answer


def changed_items(
    items: Sequence[Example], changes: Sequence[Change], domain: Domain, seed: int, test: Sequence[Example]
) -> list[Changed]:
    """Every item in every changed form that it has, change by change.

    Args:
        items: those to change.
        changes: in what ways.
        domain: says how its numbers and the order of its facts are changed.
        seed: of the choices.
        test: the whole test set. Its reasonings and answers name the fields and values of each task; no slip of the
            keyboard touches them.
    """
    spared = {task: words_of_targets(one for one in test if one.task == task) for task in domain.tasks}
    changed = []
    for change in changes:
        for item in items:
            rng = random.Random(f"{seed} {change} {item.id}")
            match change:
                case "number":
                    other = domain.perturb(item, rng)
                case "irrelevant":
                    other = with_aside(item, rng)
                case "order":
                    other = domain.reorder(item, rng)
                case "typo":
                    other = with_typos(item, rng, spared[item.task])
            if other is not None:
                changed.append(Changed(item, change, other))
    return changed


def with_aside(example: Example, rng: random.Random) -> Example | None:
    """The example with a line beside the matter before its question or after its context; None where every
    sentence at hand shares a word with the item, or its language has none."""
    present = set(_words(f"{example.context} {example.question}"))
    # Short words say nothing to the matter; a Chinese sentence counts as one word, having no spaces.
    fitting = [
        aside
        for aside in ASIDES.get(example.language, ())
        if not any(len(word) > 3 and word in present for word in _words(aside))
    ]
    if not fitting:
        return None
    aside = rng.choice(fitting)
    if example.context and rng.random() < 0.5:
        return replace(example, context=f"{example.context}\n{aside}", id="")
    return replace(example, question=f"{aside}\n{example.question}", id="")


def with_typos(example: Example, rng: random.Random, keep: Collection[str] = ()) -> Example | None:
    """The example with up to three slips in plain words of its question; None where it has no plain word.

    Left alone are numbers, codes, abbreviations, names, quoted keys, names of fields, and every word that the
    context, the reasoning or the answer holds: a slip there would change what is asked, not how it is written.

    Args:
        example: the item.
        rng: chooses words and slips.
        keep: more words in small letters to leave alone, such as the task's names of fields.
    """
    if example.language == "zh":
        return _with_sound_alikes(example, rng)
    question = example.question
    protected = {*keep, *_words(f"{example.context} {example.reasoning} {example.answer} {example.label}")}
    plain = [found for found in _PLAIN_WORD.finditer(question) if _is_plain(found, question, protected)]
    if not plain:
        return None
    chosen = rng.sample(plain, max(1, min(MAX_TYPOS, len(plain) // WORDS_PER_TYPO)))
    for found in sorted(chosen, key=lambda one: -one.start()):
        question = question[: found.start()] + slip(found[0], rng) + question[found.end() :]
    return replace(example, question=question, id="")


def slip(word: str, rng: random.Random) -> str:
    """The word with a letter swapped with the next, left out, doubled, or replaced by its neighbour on a QWERTY
    keyboard; never the first one, and never the word itself."""
    slips = []
    for at in range(1, len(word)):
        head, letter, tail = word[:at], word[at], word[at + 1 :]
        slips += [head + tail, head + letter + letter + tail]
        if tail and tail[0] != letter:
            slips.append(head + tail[0] + letter + tail[1:])
        slips += [head + near + tail for near in _neighbours(letter)]
    return rng.choice(slips)


def words_of_targets(items: Iterable[Example]) -> frozenset[str]:
    """Every word in reasonings and answers, keys included, in small letters."""
    return frozenset(word for item in items for word in _words(f"{item.reasoning} {item.answer}"))


def _with_sound_alikes(example: Example, rng: random.Random) -> Example | None:
    question = example.question
    quoted = [range(*found.span()) for found in _QUOTED.finditer(question)]
    for leaf in _strings(json.loads(example.answer)):
        if leaf:
            quoted += [range(*found.span()) for found in re.finditer(re.escape(leaf), question)]
    places = [
        place
        for place, character in enumerate(question)
        if character in _SOUND_ALIKE and not any(place in span for span in quoted)
    ]
    if not places:
        return None
    characters = list(question)
    for place in rng.sample(places, max(1, min(MAX_TYPOS, len(places) // WORDS_PER_TYPO))):
        characters[place] = _SOUND_ALIKE[characters[place]]
    return replace(example, question="".join(characters), id="")


def _is_plain(found: re.Match[str], text: str, protected: Collection[str]) -> bool:
    word = found[0]
    is_name = word[0].isupper() and not _SENTENCE_START.search(text[: found.start()])
    return word.lower() not in protected and not is_name


def _neighbours(letter: str) -> str:
    """Letters to the left and right of a small letter on its row of the keyboard."""
    row = next((row for row in _ROWS if letter in row), "")
    at = row.find(letter)
    return row[max(0, at - 1) : at] + row[at + 1 : at + 2] if row else ""


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _strings(value: object) -> Iterator[str]:
    """Every key and every text of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
