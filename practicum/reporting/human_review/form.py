"""The form: one HTML file without server or network, in which nothing tells whose completion stands on which side."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict

from practicum.data.example import Example, content_id
from practicum.evaluation.human_ratings import CRITERIA, HIGHEST, LOWEST, MAX_COMMENT, completions_id
from practicum.evaluation.scoring import Prediction, select_items

KIND = "practicum human review"
VERSION = 1
"""Of the form and of the file that it saves; a change of criteria or scales makes a new one."""


class KeyItem(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """Of the test item."""
    completions: str
    """`completions_id` of what was shown."""


class Key(BaseModel):
    """What unblinds a form. It never goes to a rater."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    form: str
    domain: str
    seed: str
    """The sides follow from it; see `tuned_is_left`."""
    items: tuple[KeyItem, ...]
    """In the form's order: the first is item 1."""


@dataclass(frozen=True, slots=True)
class Completion:
    text: str
    finished: bool
    """False when the token limit cut it."""


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item as the rater sees it."""

    example: Example
    left: Completion
    right: Completion


def _drawn(seed: str, what: str, item: str) -> bytes:
    return hashlib.sha256("\x1f".join((seed, what, item)).encode()).digest()


def tuned_is_left(seed: str, item: str) -> bool:
    """Whether the tuned model's completion of an item stands on the left side: a fair coin for each seed and item."""
    return _drawn(seed, "side", item)[0] % 2 == 0


def chosen(examples: Sequence[Example], n: int, seed: str) -> list[Example]:
    """At most `n` of the items in an order drawn by the seed, spread evenly over the tasks."""
    return select_items(sorted(examples, key=lambda example: _drawn(seed, "order", example.id)), n)


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("practicum.reporting.human_review"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _source_hash(text: str) -> str:
    """What a Content-Security-Policy calls an inline script or style by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def form(
    domain: str,
    title: str,
    examples: Sequence[Example],
    base: Sequence[Prediction],
    tuned: Sequence[Prediction],
    *,
    items: int,
    seed: str,
) -> tuple[str, Key]:
    """The page and its key; the same arguments give the same bytes.

    The page holds neither ids of items nor the seed, and its own id is a hash of what it shows anyway.

    Args:
        domain: its name, by which the ratings are brought back.
        title: of the domain, for the rater.
        examples: test items; those without predictions are left out.
        base, tuned: predictions of the two models for the same items.
        items: how many to show, at most.
        seed: draws the items, their order and the sides; keep it from raters.

    Raises:
        ValueError: there is nothing to show, or the models have not answered the same items.
    """
    before, after = ({row.id: row for row in rows} for rows in (base, tuned))
    if before.keys() != after.keys():
        raise ValueError(
            f"{domain}: found {len(before.keys() ^ after.keys())} items that only one of the two models has answered, "
            f"expected the same items; run `dvc repro evaluate@{domain}`"
        )
    selected = chosen([example for example in examples if example.id in after], items, seed)
    if not selected:
        raise ValueError(
            f"{domain}: found no test item with predictions to show, expected at least one; "
            f"ask for 1 or more by --items, and run `dvc repro evaluate@{domain}`"
        )
    shown, keys = [], []
    for example in selected:
        pair = [Completion(rows[example.id].text, rows[example.id].finished) for rows in (after, before)]
        left, right = pair if tuned_is_left(seed, example.id) else reversed(pair)
        shown.append(ShownItem(example, left, right))
        keys.append(KeyItem(id=example.id, completions=completions_id(before[example.id].text, after[example.id].text)))
    texts = [
        text
        for one in shown
        for text in (one.example.context, one.example.question, one.example.answer, one.left.text, one.right.text)
    ]
    number = content_id(str(VERSION), domain, *texts)
    environment = _environment()
    style, script = (environment.loader.get_source(environment, name)[0] for name in ("form.css", "form.js"))  # type: ignore[union-attr]
    page = environment.get_template("form.html").render(
        kind=KIND,
        version=VERSION,
        number=number,
        domain=domain,
        title=title,
        items=shown,
        criteria=CRITERIA,
        scale=range(LOWEST, HIGHEST + 1),
        lowest=LOWEST,
        max_comment=MAX_COMMENT,
        style=style,
        script=script,
        style_hash=_source_hash(style),
        script_hash=_source_hash(script),
    )
    return page, Key(version=VERSION, form=number, domain=domain, seed=seed, items=tuple(keys))
