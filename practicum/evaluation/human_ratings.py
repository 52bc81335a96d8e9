"""What people make of two models' completions of the same items: ratings, and what they say together."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints

from practicum.config import checked
from practicum.data.example import content_id
from practicum.evaluation.raters import (
    Floats,
    agreement,
    clustered_mean,
    cohen_kappa,
    coincidences,
    confusion,
    fleiss_kappa,
    krippendorff_alpha,
    quadratic,
)
from practicum.evaluation.scoring import DIGITS, Prediction
from practicum.evaluation.statistics import Interval

Model = Literal["base", "tuned"]
MODELS: tuple[Model, ...] = ("base", "tuned")
Preference = Literal["base", "tie", "tuned"]
PREFERENCES: tuple[Preference, ...] = ("base", "tie", "tuned")
"""In their order: from all for the base to all for the tuned model."""
LOWEST, HIGHEST = 1, 5
"""Ends of every criterion's scale."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a completion is rated on."""

    name: str
    title: str
    anchors: tuple[str, ...]
    """What each value of the scale means, the lowest first."""


CRITERIA = (
    Criterion(
        "reasoning",
        "Reasoning",
        (
            "None is there, or it is wrong from the start.",
            "Mostly wrong: a right step here and there.",
            "Right approach, but an error or a missing step changes the result.",
            "Sound but for a slip that changes nothing.",
            "Every step is right and follows from what was given and said before.",
        ),
    ),
    Criterion(
        "conciseness",
        "Conciseness",
        (
            "Runs on, repeats itself, or says nothing to the point.",
            "Much could go, or so little is said that it can't be followed.",
            "Some could go, or some must be guessed.",
            "A little could go.",
            "All that is needed, and nothing else.",
        ),
    ),
    Criterion(
        "format",
        "Format",
        (
            "No answer can be made out.",
            "An answer can be guessed from the text.",
            "An answer is there, but not in the form that was asked for.",
            "The form that was asked for, with a blemish: words around it, a field too many.",
            "Reasoning, then an answer in just the form that was asked for.",
        ),
    ),
)

Score = Annotated[StrictInt, Field(ge=LOWEST, le=HIGHEST)]
Rater = Annotated[str, StringConstraints(to_upper=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,11}$")]
"""Initials or a pseudonym; capitals, so that AB and ab are one person."""
MAX_COMMENT = 2000
Comment = Annotated[str, Field(max_length=MAX_COMMENT)]


class Scores(BaseModel):
    """One completion on each of CRITERIA."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reasoning: Score
    conciseness: Score
    format: Score

    def of(self, criterion: str) -> int:
        """The value of a criterion by its name."""
        return int(getattr(self, criterion))


class Rating(BaseModel):
    """One line of ratings.jsonl: what one rater said of both models' completions of one item."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rater: Rater
    item: str
    """Id of the test item."""
    task: str
    group: str
    form: str
    """Id of the form that it was given on."""
    completions: str
    """`completions_id` of what was rated."""
    left: Model
    """Whose completion stood on the left side."""
    base: Scores
    tuned: Scores
    preference: Preference
    comment: Comment


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionRatings:
    """Both models on one criterion."""

    name: str
    title: str
    base: float
    """Mean over all ratings."""
    tuned: float
    difference: Interval
    """Mean of tuned - base within a rating."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far the raters agree on one thing."""

    about: str
    """`preference` or a criterion's name."""
    title: str
    units: int
    """What two raters or more have rated: items for the preference, completions for a criterion."""
    same: float
    """Share of pairs of ratings that are equal, 0 to 1."""
    kappa: Interval | None
    """None where nobody used a second category, or more than two raters share no unit."""
    kappa_name: str
    alpha: Interval | None
    """Krippendorff's, ordinal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanReview:
    """What the ratings say together. Intervals are taken over groups of items, at `confidence`."""

    items: int
    raters: tuple[str, ...]
    ratings: int
    confidence: float
    tuned_preferred: int
    base_preferred: int
    ties: int
    win_rate: Interval
    """How often the tuned model is preferred, a tie as half, 0 to 1."""
    left_share: float | None
    """How often the left side was preferred where one was, 0 to 1; far from one half, the side had a say."""
    criteria: tuple[CriterionRatings, ...]
    agreement: tuple[Agreement, ...]
    """On the preference, then on each criterion; empty where no two raters have rated the same item."""


def completions_id(base: str, tuned: str) -> str:
    """Names a pair of completions by their content, so that a rating is known to be of other ones."""
    return content_id(base, tuned)


def ratings_from_lines(lines: Iterable[str], name: str) -> tuple[Rating, ...]:
    """Read ratings.jsonl.

    Args:
        lines: of the file; none means that nobody has rated yet.
        name: what to call the file in an error.

    Raises:
        ValueError: a line is no rating, or a rater has rated an item twice; names the line.
    """
    ratings: dict[tuple[str, str], Rating] = {}
    for number, line in enumerate(lines, start=1):
        origin = f"{name}, line {number}"
        try:
            rating = checked(Rating, json.loads(line), origin)
        except json.JSONDecodeError as error:
            raise ValueError(f"{origin}: found no JSON ({error}), expected a rating") from None
        key = (rating.rater, rating.item)
        if key in ratings:
            raise ValueError(f"{origin}: found a second rating of item {rating.item} by {rating.rater}, expected one")
        ratings[key] = rating
    return tuple(ratings.values())


def ratings_to_lines(ratings: Iterable[Rating]) -> str:
    """The content of ratings.jsonl: sorted by item and rater, so that a merge shows as added lines."""
    ordered = sorted(ratings, key=lambda rating: (rating.item, rating.rater))
    return "".join(json.dumps(rating.model_dump(), ensure_ascii=False) + "\n" for rating in ordered)


def current_ratings(
    ratings: Iterable[Rating], base: Sequence[Prediction], tuned: Sequence[Prediction]
) -> tuple[tuple[Rating, ...], int]:
    """The ratings of just these completions, and how many are of earlier models' ones.

    Args:
        ratings: of any models.
        base, tuned: predictions of the models that are reported on.
    """
    texts = {row.id: row.text for row in base}
    now = {row.id: completions_id(texts[row.id], row.text) for row in tuned if row.id in texts}
    every = tuple(ratings)
    kept = tuple(rating for rating in every if now.get(rating.item) == rating.completions)
    return kept, len(every) - len(kept)


def _tables(
    units: Mapping[tuple[str, str], Sequence[int]],
    groups: Mapping[str, str],
    table: Callable[[Sequence[int]], Floats],
    categories: int,
) -> Floats:
    """The units' tables, summed up within each group of items; shape (groups, k, k)."""
    sums: dict[str, Floats] = {}
    for (item, _), values in units.items():
        group = groups[item]
        sums[group] = sums.get(group, np.zeros((categories, categories))) + table(values)
    return np.array(list(sums.values())).reshape(-1, categories, categories)


def _agreement(
    about: str,
    title: str,
    values: Mapping[tuple[str, str], Mapping[str, int]],
    groups: Mapping[str, str],
    raters: Sequence[str],
    categories: int,
    measured: Callable[[Floats, Callable[[Floats], Floats]], Interval | None],
) -> Agreement | None:
    """Agreement on one thing; None where no unit has two ratings.

    Args:
        about, title: what it is.
        values: unit (item and side) -> rater -> category.
        groups: item -> its group.
        raters: all of them.
        categories: how many there are.
        measured: tables of the groups and a measure -> its value with interval.
    """
    shared = {unit: list(given.values()) for unit, given in values.items() if len(given) > 1}
    if not shared:
        return None
    by_all = {unit: [given[rater] for rater in raters] for unit, given in values.items() if len(given) == len(raters)}
    pairs = partial(coincidences, categories=categories)
    together = _tables(shared, groups, pairs, categories)
    if len(raters) > 2:
        name, kappa = "Fleiss' kappa", measured(_tables(by_all, groups, pairs, categories), fleiss_kappa)
    else:
        table = _tables(by_all, groups, lambda two: confusion(two[:1], two[1:], categories), categories)
        if about == "preference":
            name, kappa = "Cohen's kappa", measured(table, cohen_kappa)
        else:
            weighted = partial(cohen_kappa, disagreement=quadratic(categories))
            name, kappa = "quadratic weighted kappa", measured(table, weighted)
    everything = together.sum(axis=0)
    return Agreement(
        about=about,
        title=title,
        units=len(shared),
        same=round(float(np.trace(everything) / everything.sum()), DIGITS),
        kappa=kappa,
        kappa_name=name,
        alpha=measured(together, partial(krippendorff_alpha, level="ordinal")),
    )


def _rounded(interval: Interval) -> Interval:
    return Interval(*(round(bound, DIGITS) for bound in (interval.value, interval.low, interval.high)))


def human_review_figures(ratings: Sequence[Rating], *, confidence: float, resamples: int, seed: int) -> HumanReview:
    """What the ratings say of the tuned model against its base, and how far the raters agree.

    Groups of items are the clusters of every interval (items that share a patient or a statute stand or fall
    together); where all items are of one group, each item is one.

    Args:
        ratings: at most one of each item by each rater.
        confidence: level of the intervals.
        resamples, seed: of the bootstraps.

    Raises:
        ValueError: there are no ratings.
    """
    if not ratings:
        raise ValueError("human review: found no ratings, expected at least one; see docs/human-review.md")
    groups = {rating.item: rating.group for rating in ratings}
    if len(set(groups.values())) == 1:
        groups = {item: item for item in groups}
    # In one order, whatever the file's: the bootstrap draws by place.
    ordered = sorted(ratings, key=lambda rating: (rating.item, rating.rater))
    clusters = [groups[rating.item] for rating in ordered]
    raters = tuple(sorted({rating.rater for rating in ordered}))
    mean = partial(clustered_mean, confidence=confidence, resamples=resamples, seed=seed)

    def measured(tables: Floats, measure: Callable[[Floats], Floats]) -> Interval | None:
        found = agreement(tables, measure, confidence=confidence, resamples=resamples, seed=seed)
        return None if found is None else _rounded(found)

    places = [PREFERENCES.index(rating.preference) for rating in ordered]
    criteria = []
    preferred: dict[tuple[str, str], dict[str, int]] = {}
    for rating, place in zip(ordered, places, strict=True):
        preferred.setdefault((rating.item, ""), {})[rating.rater] = place
    agreed = [_agreement("preference", "Which is better", preferred, groups, raters, len(PREFERENCES), measured)]
    for criterion in CRITERIA:
        base = [rating.base.of(criterion.name) for rating in ordered]
        tuned = [rating.tuned.of(criterion.name) for rating in ordered]
        difference = mean(
            [after - before for before, after in zip(base, tuned, strict=True)],
            clusters,
            lowest=LOWEST - HIGHEST,
            highest=HIGHEST - LOWEST,
        )
        criteria.append(
            CriterionRatings(
                name=criterion.name,
                title=criterion.title,
                base=round(sum(base) / len(base), DIGITS),
                tuned=round(sum(tuned) / len(tuned), DIGITS),
                difference=_rounded(difference),
            )
        )
        given: dict[tuple[str, str], dict[str, int]] = {}
        for model, scores in zip(MODELS, (base, tuned), strict=True):
            for rating, score in zip(ordered, scores, strict=True):
                given.setdefault((rating.item, model), {})[rating.rater] = score - LOWEST
        agreed.append(
            _agreement(criterion.name, criterion.title, given, groups, raters, HIGHEST - LOWEST + 1, measured)
        )
    decided = [rating for rating in ordered if rating.preference != "tie"]
    lefts = sum(rating.preference == rating.left for rating in decided)
    return HumanReview(
        items=len(groups),
        raters=raters,
        ratings=len(ordered),
        confidence=confidence,
        tuned_preferred=places.count(2),
        base_preferred=places.count(0),
        ties=places.count(1),
        win_rate=_rounded(mean([place / 2 for place in places], clusters, lowest=0.0, highest=1.0)),
        left_share=round(lefts / len(decided), DIGITS) if decided else None,
        criteria=tuple(criteria),
        agreement=tuple(one for one in agreed if one is not None),
    )


def human_metrics(review: HumanReview) -> dict[str, float]:
    """What of a review stands in metrics.json: the preference with its interval, means, and agreement."""
    figures: dict[str, float] = {
        "win_rate": review.win_rate.value,
        "win_rate_low": review.win_rate.low,
        "win_rate_high": review.win_rate.high,
        "items": review.items,
        "raters": len(review.raters),
    }
    for criterion in review.criteria:
        figures[f"{criterion.name}_base"] = criterion.base
        figures[f"{criterion.name}_tuned"] = criterion.tuned
    for one in review.agreement:
        for measure, found in (("kappa", one.kappa), ("alpha", one.alpha)):
            if found is not None:
                figures[f"{one.about}_{measure}"] = found.value
    return figures
