"""The way back: files that raters saved, checked, unblinded and merged with what was rated before."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, StrictInt

from practicum.config import checked
from practicum.evaluation.human_ratings import Comment, Preference, Rater, Rating, Scores, completions_id
from practicum.evaluation.scoring import Prediction
from practicum.reporting.human_review.form import KIND, VERSION, Key, tuned_is_left

AGAIN = "export a new form and have that rated"


class RatedItem(BaseModel):
    """An item as the rater saw it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item: StrictInt
    """Its number on the form, from 1."""
    left: Scores
    right: Scores
    better: Literal["left", "tie", "right"]
    comment: Comment


class Returned(BaseModel):
    """The content of a file that a form saved."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    version: StrictInt
    form: str
    domain: str
    rater: Rater
    ratings: tuple[RatedItem, ...]


def _several(values: Iterable[object]) -> str:
    """At most five values, for an error."""
    shown = [str(value) for value in values]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")


def returned(text: str, name: str, domain: str) -> Returned:
    """A file's content, checked for itself.

    Args:
        text: of the file.
        name: what to call it in an error.
        domain: whose ratings are expected.

    Raises:
        ValueError: it is no file that a form of this version and domain saved, or a value is missing or off its scale.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{name}: found no JSON ({error}), expected the file that the form saved") from None
    found = value if isinstance(value, dict) else {}
    if found.get("kind") != KIND:
        raise ValueError(f"{name}: kind: found {found.get('kind')!r}, expected {KIND!r}: the file that the form saved")
    if found.get("version") != VERSION:
        raise ValueError(
            f"{name}: version: found {found.get('version')!r}, expected {VERSION}: criteria or scales have changed "
            f"since; {AGAIN}"
        )
    if found.get("domain") != domain:
        raise ValueError(
            f"{name}: domain: found {found.get('domain')!r}, expected {domain!r}; import it into the domain it is of"
        )
    return checked(Returned, value, name)


def check_key(key: Key, base: Sequence[Prediction], tuned: Sequence[Prediction]) -> None:
    """Refuse a form of other completions than the models at hand have written.

    Raises:
        ValueError: saying which items differ.
    """
    texts = [{row.id: row.text for row in rows} for rows in (base, tuned)]
    differing = [
        item.id
        for item in key.items
        if any(item.id not in rows for rows in texts)
        or completions_id(*(rows[item.id] for rows in texts)) != item.completions
    ]
    if differing:
        raise ValueError(
            f"form {key.form}: found completions of other predictions in {len(differing)} of {len(key.items)} items "
            f"({_several(differing)}), expected those of the models at hand; check out the commit that it was exported "
            f"from, or {AGAIN}"
        )


def unblinded(given: Returned, key: Key, rows: Mapping[str, Prediction], name: str) -> tuple[Rating, ...]:
    """What a rater said, by model instead of side.

    Args:
        given: a checked file.
        key: of its form.
        rows: either model's predictions by the item's id.
        name: what to call the file in an error.

    Raises:
        ValueError: items are missing, unknown, or rated twice; nothing of the file is used.
    """
    expected = range(1, len(key.items) + 1)
    counts = Counter(one.item for one in given.ratings)
    faults = {
        "no rating of": [number for number in expected if number not in counts],
        "more than one rating of": sorted(number for number, count in counts.items() if count > 1),
        "ratings of unknown": sorted(number for number in counts if number not in expected),
    }
    told = [f"{words} item {_several(numbers)}" for words, numbers in faults.items() if numbers]
    if told:
        raise ValueError(
            f"{name}: ratings: found {'; '.join(told)}, expected one of each item from 1 to {expected[-1]}"
        )
    ratings = []
    for one in given.ratings:
        item = key.items[one.item - 1]
        left_tuned = tuned_is_left(key.seed, item.id)
        tuned, base = (one.left, one.right) if left_tuned else (one.right, one.left)
        preference: Preference = "tie"
        if one.better != "tie":
            preference = "tuned" if (one.better == "left") == left_tuned else "base"
        ratings.append(
            Rating(
                rater=given.rater,
                item=item.id,
                task=rows[item.id].task,
                group=rows[item.id].group,
                form=given.form,
                completions=item.completions,
                left="tuned" if left_tuned else "base",
                base=base,
                tuned=tuned,
                preference=preference,
                comment=one.comment,
            )
        )
    return tuple(ratings)


def merged(old: Sequence[Rating], new: Sequence[Rating], *, replace: bool) -> tuple[tuple[Rating, ...], Counter[str]]:
    """All ratings, and of how many by each rater the new ones have taken the place.

    Args:
        old: of ratings.jsonl.
        new: of one rater each, from one or more files.
        replace: whether a new rating may take the place of an old one.

    Raises:
        ValueError: two new ratings are of the same rater and item; or an old one is, and may not be replaced.
    """
    counts = Counter((rating.rater, rating.item) for rating in new)
    twice = Counter(rater for (rater, _), count in counts.items() if count > 1)
    if twice:
        told = ", ".join(f"{rater} ({count} items)" for rater, count in sorted(twice.items()))
        raise ValueError(
            f"found ratings of the same items twice by {told}, expected each rater once; leave out one of the files, "
            "or have the raters take different initials"
        )
    replaced = Counter(rating.rater for rating in old if (rating.rater, rating.item) in counts)
    if replaced and not replace:
        told = ", ".join(f"{rater} ({count} items)" for rater, count in sorted(replaced.items()))
        raise ValueError(
            f"found ratings of these items from before by {told}, expected none; give --replace to put the new ones in "
            "their place, or have the raters take different initials"
        )
    kept = [rating for rating in old if (rating.rater, rating.item) not in counts]
    return (*kept, *new), replaced
