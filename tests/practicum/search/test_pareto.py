"""What nothing else beats, and the page that shows it."""

import re
from html.parser import HTMLParser

import pytest

from practicum.search.page import Trial, page, scatter
from practicum.search.pareto import Candidate, best, candidates, front
from practicum.search.space import Value


def one(trial: int, em: float, seconds: float | None, megabytes: float, items: int = 48) -> Candidate:
    return Candidate(trial=trial, artefact="int8", em=em, items=items, seconds=seconds, megabytes=megabytes)


@pytest.mark.parametrize(
    ("costs", "kept"),
    [
        ([(1, 3), (2, 2), (3, 1), (3, 3)], [True, True, True, False]),
        ([(1, 1), (1, 1)], [True, True]),  # equals don't beat each other
        ([(1, 2), (1, 1)], [False, True]),
        ([(1,)], [True]),
        ([], []),
    ],
)
def test_the_front_is_what_nothing_beats(costs: list[tuple[float, ...]], kept: list[bool]) -> None:
    assert front(costs) == kept


def test_the_best_have_a_time_and_are_compared_on_as_many_items() -> None:
    slow_but_right, fast, beaten = one(0, 0.8, 2.0, 100), one(1, 0.7, 1.0, 100), one(2, 0.6, 1.5, 120)
    untimed, other_items = one(3, 0.9, None, 50), one(4, 0.5, 3.0, 270, items=160)
    assert best([beaten, fast, untimed, slow_but_right, other_items]) == [slow_but_right, fast, other_items]


def test_a_trial_offers_its_float_model_and_each_artefact() -> None:
    metrics = {"tuned": {"em": 0.5, "rt_p50_s": 1.25}, "gain": {"items": 160}}
    formats = {"int8": {"bytes": 1e6, "em": 0.25}, "gguf": {"bytes": 5e5, "em": 0.125}}
    quantization = {"items": 48, "float": {"bytes": 2e6}, "formats": formats}
    speed = {"formats": {"int8": {"rt_p50_s": 0.5}}}
    assert candidates(7, metrics, quantization, speed) == [
        Candidate(trial=7, artefact="float", em=0.5, items=160, seconds=1.25, megabytes=2.0),
        Candidate(trial=7, artefact="int8", em=0.25, items=48, seconds=0.5, megabytes=1.0),
        Candidate(trial=7, artefact="gguf", em=0.125, items=48, seconds=None, megabytes=0.5),
    ]


def test_dots_stand_where_their_figures_say() -> None:
    found = [one(3, 0.8, 1.0, 50), one(4, 0.6, 2.0, 100)]
    drawn = scatter(found, found[:1], lambda candidate: candidate.megabytes, "EM against size")
    assert 'class="validation mark" d="M50 0h0"' in drawn
    assert 'class="train mark" d="M100 100h0"' in drawn
    assert re.findall(r'class="name"[^>]*>(\d+)<', drawn) == ["3"]


class Outside(HTMLParser):
    """Collects what a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("src", "href")]
        self.found += [tag] if tag in ("script", "link", "iframe") else []


def test_the_page_stands_alone_and_names_the_command() -> None:
    settings: dict[str, Value] = {"lr": 0.1, "think": "none"}
    done = (one(0, 0.8, 1.0, 50),)
    trials = [
        Trial(number=0, name="sweep-a-000", state="finished", settings=settings, loss=0.5, steps=8, found=done),
        Trial(
            number=1, name="sweep-a-001", state="failed", settings=settings, loss=None, steps=None, note="<b>nan</b>"
        ),
    ]
    text = page("legal", "0123456789abcdef", trials)
    parser = Outside()
    parser.feed(text)
    assert parser.found == []
    assert "url(" not in text
    assert "dvc exp apply sweep-a-000" in text
    assert "&lt;b&gt;nan" in text
    assert "1 of 2 trials finished" in text
    assert text == page("legal", "0123456789abcdef", trials)


def test_a_sweep_without_a_finished_trial_has_a_page() -> None:
    text = page("legal", "0123456789abcdef", [])
    assert "0 of 0 trials finished" in text
