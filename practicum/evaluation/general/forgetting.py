"""What tuning cost a model elsewhere: its loss on general text and its accuracy on general questions, before and after.

Both are read off the probabilities of given words, without decoding and without a chat template: the same raw text
for every model of a family. The texts and questions stand in the folder `general`, see its README.md.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, TypeVar

import torch
from torch.nn import functional as F  # noqa: N812 (the field's name)
from transformers import PreTrainedModel

from practicum.evaluation.scoring import DIGITS
from practicum.evaluation.statistics import mcnemar, paired_bootstrap

GENERAL: Final = Path(__file__).resolve().parent
"""Folder of texts.jsonl and questions.jsonl."""

BATCH_TOKENS: Final = 1024
"""Positions, padding included, that are looked at together: enough for fast products, few enough for their logits."""

MAX_TOKENS: Final = 128
"""Tokens of a text that are looked at: a script that the tokenizer spells out byte by byte would cost the most."""

Encode = Callable[[str], list[int]]
"""Text to token ids, without special tokens."""


@dataclass(frozen=True, slots=True)
class Text:
    """A passage of general text."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question with four choices, one of them right."""

    kind: str
    question: str
    choices: tuple[str, ...]
    answer: int
    """Place of the right choice, from 0."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a model still knows: figures of each text and each question, in order."""

    losses: tuple[float, ...]
    """Mean loss per token in nats."""
    right: tuple[int, ...]
    """0 or 1."""


Row = TypeVar("Row", Text, Question)


def read_texts(path: Path, n: int) -> list[Text]:
    """At most the first n texts; kinds take turns in the file, so any beginning of it is varied.

    Raises:
        ValueError: a line is not a text.
    """
    return _read(path, n, Text)


def read_questions(path: Path, n: int) -> list[Question]:
    """At most the first n questions.

    Raises:
        ValueError: a line is not a question with at least two choices.
    """
    rows = []
    for number, row in enumerate(_read(path, n, Question), start=1):
        if len(row.choices) < 2 or not 0 <= row.answer < len(row.choices):
            raise ValueError(
                f"{path.name}, line {number}: found {len(row.choices)} choices and answer {row.answer}, expected at "
                "least two choices and the place of one of them, from 0"
            )
        rows.append(Question(row.kind, row.question, tuple(row.choices), row.answer))
    return rows


def _read(path: Path, n: int, kind: type[Row]) -> list[Row]:
    lines = path.read_text(encoding="utf-8").splitlines()
    known = {field.name for field in fields(kind)}
    rows = []
    for number, line in enumerate(lines[:n], start=1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ValueError(f"{path.name}, line {number}: not JSON: {error}") from error
        if not isinstance(row, dict) or set(row) != known:
            raise ValueError(f"{path.name}, line {number}: expected an object with {', '.join(sorted(known))}")
        rows.append(kind(**row))
    return rows


@torch.inference_mode()
def log_likelihoods(
    model: PreTrainedModel, rows: Sequence[tuple[Sequence[int], Sequence[int]]], pad_id: int
) -> list[list[float]]:
    """Log-probabilities in nats of given continuations.

    Args:
        model: a causal language model in evaluation mode.
        rows: for each, ids that come before and ids that continue them; neither empty.
        pad_id: any token id, for positions that are masked out.

    Returns:
        For each row, one number per id of the continuation.

    Raises:
        ValueError: a part of a row is empty.
    """
    if empty := [place for place, (before, after) in enumerate(rows) if not before or not after]:
        raise ValueError(f"row {empty[0]}: found an empty context or continuation, expected a token at least in each")
    order = sorted(range(len(rows)), key=lambda place: (len(rows[place][0]) + len(rows[place][1]), place))
    found: dict[int, list[float]] = {}
    while order:
        # From the longest: a batch has its first row's length.
        width = len(rows[order[-1]][0]) + len(rows[order[-1]][1])
        batch = [order.pop() for _ in range(min(len(order), max(1, BATCH_TOKENS // width)))]
        whole = [[*rows[place][0], *rows[place][1]] for place in batch]
        ids = torch.tensor([ids + [pad_id] * (width - len(ids)) for ids in whole], device=model.device)
        mask = torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids in whole], device=model.device)
        decoder = model.get_decoder()  # type: ignore[no-untyped-call]
        hidden = decoder(input_ids=ids, attention_mask=mask).last_hidden_state
        # The head is the largest product and its logits the largest tensor: only where something is read off.
        picks = torch.zeros_like(mask, dtype=torch.bool)
        for index, place in enumerate(batch):
            picks[index, len(rows[place][0]) - 1 : len(whole[index]) - 1] = True
        head = model.get_output_embeddings()  # type: ignore[no-untyped-call]
        labels = torch.tensor([token for place in batch for token in rows[place][1]], device=model.device)
        losses = F.cross_entropy(head(hidden[picks]).float(), labels, reduction="none")
        parts = losses.split([len(rows[place][1]) for place in batch])  # type: ignore[no-untyped-call]
        found.update((place, (-part).tolist()) for place, part in zip(batch, parts, strict=True))
    return [found[place] for place in range(len(rows))]


def text_losses(model: PreTrainedModel, texts: Sequence[Text], encode: Encode, pad_id: int) -> list[float]:
    """Mean loss per token of the beginning of each text in nats; its first token only begins it.

    Raises:
        ValueError: a text has fewer than two tokens.
    """
    ids = [encode(text.text)[:MAX_TOKENS] for text in texts]
    likelihoods = log_likelihoods(model, [(one[:1], one[1:]) for one in ids], pad_id)
    return [-math.fsum(own) / len(own) for own in likelihoods]


def answer_questions(model: PreTrainedModel, questions: Sequence[Question], encode: Encode, pad_id: int) -> list[int]:
    """Which choice the model holds most probable, as its place.

    A choice's score is its log-likelihood after the question, divided by its length in characters, so that short
    ones are not preferred: `acc_norm` of the LM Evaluation Harness. Of equal scores the first counts.
    """
    contexts = [encode(f"Question: {one.question}\nAnswer:") for one in questions]
    rows = [
        (context, encode(f" {choice}"))
        for context, one in zip(contexts, questions, strict=True)
        for choice in one.choices
    ]
    sums = [math.fsum(own) for own in log_likelihoods(model, rows, pad_id)]
    answers = []
    for one in questions:
        own, sums = sums[: len(one.choices)], sums[len(one.choices) :]
        scores = [value / len(choice) for value, choice in zip(own, one.choices, strict=True)]
        answers.append(scores.index(max(scores)))
    return answers


def remember(
    model: PreTrainedModel, texts: Sequence[Text], questions: Sequence[Question], encode: Encode, pad_id: int
) -> Remembered:
    """Look at all texts and questions with one model."""
    answers = answer_questions(model, questions, encode, pad_id)
    return Remembered(
        tuple(text_losses(model, texts, encode, pad_id)),
        tuple(int(found == one.answer) for found, one in zip(answers, questions, strict=True)),
    )


def summarise(
    texts: Sequence[Text],
    questions: Sequence[Question],
    base: Remembered,
    tuned: Remembered,
    *,
    confidence: float,
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """Both models side by side, with intervals over texts and questions; differences are tuned less base.

    Raises:
        ValueError: there are fewer than two texts or questions.
    """
    loss = paired_bootstrap(base.losses, tuned.losses, confidence=confidence, resamples=resamples, seed=seed)
    accuracy = paired_bootstrap(base.right, tuned.right, confidence=confidence, resamples=resamples, seed=seed)
    test = mcnemar(base.right, tuned.right)
    return {
        "confidence": confidence,
        "text": {
            "n": len(texts),
            "base_loss": _mean(base.losses),
            "tuned_loss": _mean(tuned.losses),
            "difference": round(loss.value, DIGITS),
            "difference_low": round(loss.low, DIGITS),
            "difference_high": round(loss.high, DIGITS),
            "kinds": {
                kind: {
                    "n": len(own),
                    "base_loss": _mean([base.losses[place] for place in own]),
                    "tuned_loss": _mean([tuned.losses[place] for place in own]),
                }
                for kind, own in _by_kind(texts).items()
            },
        },
        "questions": {
            "n": len(questions),
            "chance": _mean([1 / len(one.choices) for one in questions]),
            "base_accuracy": _mean(base.right),
            "tuned_accuracy": _mean(tuned.right),
            "difference": round(accuracy.value, DIGITS),
            "difference_low": round(accuracy.low, DIGITS),
            "difference_high": round(accuracy.high, DIGITS),
            "wins": test.wins,
            "losses": test.losses,
            "mcnemar_p": float(f"{test.p:.3g}"),
        },
    }


def _by_kind(texts: Sequence[Text]) -> dict[str, list[int]]:
    """Places of the texts of each kind."""
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        places.setdefault(text.kind, []).append(place)
    return places


def _mean(values: Sequence[float]) -> float:
    return round(math.fsum(values) / len(values), DIGITS)
