"""The table of formats, from scored answers."""

from dataclasses import replace

import pytest

from practicum.evaluation.scoring import Prediction
from practicum.quantization.agreement import Agreement
from practicum.quantization.comparison import compare, figures, labelled_json_line, recommend

ROW = Prediction(
    id="a",
    task="t",
    label="l",
    group="g0",
    prompt_tokens=5,
    new_tokens=3,
    finished=True,
    text="x",
    answer={"value": 1},
    error=None,
    reference={"value": 1},
    em=1,
    f1=1.0,
    scores={},
)
FOUND = Agreement(100, 0.97, 0.05)
OPTIONS = {"confidence": 0.95, "resamples": 200, "seed": 1}


def rows(right: str) -> list[Prediction]:
    """One row per letter: 1 right, 0 wrong, - unreadable."""
    made = []
    for place, letter in enumerate(right):
        row = replace(ROW, id=f"r{place}", group=f"g{place}", em=int(letter == "1"), f1=float(letter == "1"))
        made.append(replace(row, answer=None, error="not_json") if letter == "-" else row)
    return made


def test_figures_are_means_beside_the_size() -> None:
    assert figures(rows("110-"), 1234, 4936) == {
        "bytes": 1234,
        "share_of_fp32": 0.25,
        "em": 0.5,
        "f1": 0.5,
        "format_error_rate": 0.25,
    }


def test_a_lossless_format_has_no_difference() -> None:
    found = compare(rows("1100"), rows("1100"), FOUND, **OPTIONS)
    assert found["em_difference"] == found["em_low"] == found["em_high"] == 0
    assert found["mcnemar_p"] == 1
    assert found["top1_agreement"] == 0.97
    assert found["logit_error"] == 0.05


def test_a_loss_is_a_negative_difference_inside_its_interval() -> None:
    found = compare(rows("1111111100"), rows("1111000000"), FOUND, **OPTIONS)
    assert found["em_difference"] == pytest.approx(-0.4)
    assert found["em_low"] < -0.4 < found["em_high"] < 0
    assert found["mcnemar_p"] == pytest.approx(0.125)


def test_one_group_alone_leaves_the_difference_open() -> None:
    same = [replace(row, group="g") for row in rows("11")]
    found = compare(same, same, FOUND, **OPTIONS)
    assert (found["em_low"], found["em_high"]) == (-1.0, 1.0)


def test_other_items_are_refused() -> None:
    with pytest.raises(ValueError, match="different items"):
        compare(rows("11"), rows("11")[::-1], FOUND, **OPTIONS)


def test_a_line_names_its_format() -> None:
    assert labelled_json_line("nf4", ROW).startswith('{"format": "nf4", "id": "a"')


WHOLE = {"bytes": 100}


def artefact(size: int, difference: float, p: float = 1.0) -> dict[str, float]:
    return {"bytes": size, "em_difference": difference, "mcnemar_p": p}


def advice(margin: float = 0.02, **formats: dict[str, float]) -> dict[str, str]:
    return recommend(WHOLE, formats, margin=margin, confidence=0.95)


def test_the_smallest_within_the_margin_is_recommended() -> None:
    found = advice(int8=artefact(50, 0.0), nf4=artefact(20, -0.1), q8=artefact(30, -0.02))
    assert found["format"] == "q8"
    assert found["why"] == (
        "q8 (-2.0 points, p 1) is the smallest with an EM at most 2.0 points below the float model's and not "
        "significantly lower; smaller, but worse: nf4 (-10.0 points, p 1)"
    )


def test_the_margin_itself_is_within_whatever_the_rounding() -> None:
    assert advice(0.020833, a=artefact(20, -0.020833))["format"] == "a"
    assert advice(0.3, a=artefact(20, -(0.1 + 0.2)))["format"] == "a"
    assert advice(0.02, a=artefact(20, -0.020001))["format"] == "float"


def test_a_loss_within_the_margin_that_is_significant_is_not_recommended() -> None:
    assert advice(0.1, a=artefact(20, -0.05, 0.01), b=artefact(40, -0.05, 0.2))["format"] == "b"
    assert advice(0.1, a=artefact(20, 0.05, 0.01))["format"] == "a"  # a gain may be significant


def test_the_float_model_is_recommended_when_nothing_smaller_will_do() -> None:
    assert advice()["format"] == "float"
    found = advice(a=artefact(20, -0.5, 0.001), b=artefact(100, 0.0))
    assert found == {
        "format": "float",
        "why": "no smaller artefact has an EM at most 2.0 points below the float model's and not significantly lower: "
        "a (-50.0 points, p 0.001)",
    }
