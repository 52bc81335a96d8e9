import os
import subprocess
import sys
from pathlib import Path

import pytest

from practicum.evaluation.aggregates import AnswerF1, ExactMatch, FormatErrorRate
from practicum.evaluation.metrics import answer_f1, answers_equal, exact_match, tokens


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ({"event": "Covenant  breach"}, {"event": "covenant breach "}),
        ({"dscr": 1.25}, {"dscr": 1.2500000001}),
        ({"score": 3}, {"score": 3.0}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"codes": ["I48.91", "E11.9"]}, {"codes": ["i48.91", "e11.9"]}),
        ({"法条": "第５０２条"}, {"法条": "第502条"}),
        ({"dose": "5 mg"}, {"dose": "5mg"}),
        ({"turnover": 1200000}, {"turnover": "1.2 million"}),
        ({"share": "12 %"}, {"share": 0.12}),
        ({"score": 1}, {"score": "1"}),
    ],
)
def test_answers_that_mean_the_same(reference: dict[str, object], answer: dict[str, object]) -> None:
    assert answers_equal(reference, answer)
    assert answer_f1(reference, answer) == 1.0


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ({"dscr": 1.25}, {"dscr": 1.26}),
        ({"score": 1}, {"score": True}),
        ({"score": True}, {"score": 1}),
        ({"score": 1}, {"score": 10**400}),
        ({"dose": "5 mg"}, {"dose": "5 g"}),
        ({"dose": "5 mg"}, {"dose": 5}),
        ({"share": "12 %"}, {"share": 12}),
        ({"section": "4.10"}, {"section": "4.1"}),
        ({"size": "10²"}, {"size": "102"}),
        ({"a": 1}, {"a": 1, "b": None}),
        ({"codes": ["x", "y"]}, {"codes": ["y", "x"]}),
        ({"codes": ["x"]}, {"codes": ["x", "x"]}),
        ({"lawful": True}, {"lawful": "true"}),
    ],
)
def test_answers_that_differ(reference: dict[str, object], answer: dict[str, object]) -> None:
    assert not answers_equal(reference, answer)


def test_words_lose_punctuation_case_and_articles() -> None:
    assert tokens("The Cat, sat!") == ["cat", "sat"]


def test_chinese_is_compared_by_characters() -> None:
    assert tokens("合同，无效") == ["合", "同", "无", "效"]
    assert answer_f1({"v": "合同无效"}, {"v": "合同有效"}) == pytest.approx(0.75)


def test_numbers_in_text_are_values() -> None:
    assert tokens("EUR 1,250.50 or 3%.") == ["eur", 1250.5, "or", 3.0, "%"]
    assert tokens("$5mg, I48.9") == ["usd", 5.0, "mg", "i489"]


def test_scale_belongs_to_its_number() -> None:
    assert tokens("about 1.2 million, or 3千万") == ["about", 1.2e6, "or", 3e7]
    assert tokens("a million reasons") == ["million", "reasons"]
    # 35 and 7.5 million share the currency and nothing else
    assert answer_f1({"v": "35 million EUR"}, {"v": "7.5 million EUR"}) == pytest.approx(0.5)


def test_field_that_is_right_in_other_words_is_right_as_a_whole() -> None:
    assert answer_f1({"dose": "5 g", "to": "adults"}, {"dose": "5000 mg", "to": "adults"}) == 1.0
    assert answer_f1({"dose": "5 g", "to": "adults"}, {"dose": "5000 mg", "to": "children"}) == pytest.approx(2 / 3)


def test_single_letter_choice_is_no_article() -> None:
    assert answer_f1({"choice": "A"}, {"choice": "B"}) == 0.0
    assert answer_f1({"choice": "A"}, {"choice": "a"}) == 1.0


def test_f1_is_harmonic_mean_of_precision_and_recall() -> None:
    # 2 shared of 3 wanted and 5 given: P = 2/5, R = 2/3
    assert answer_f1({"v": "x y z"}, {"v": "x y p q r"}) == pytest.approx(0.5)


def test_token_in_another_field_does_not_count() -> None:
    assert answer_f1({"a": "yes", "b": "no"}, {"a": "no", "b": "yes"}) == 0.0


def test_repeated_number_is_matched_once() -> None:
    assert answer_f1({"v": [2, 3]}, {"v": [2, 2]}) == pytest.approx(0.5)


def test_no_answer_scores_zero() -> None:
    assert answer_f1({"v": 1}, None) == 0.0
    assert not exact_match({"v": 1}, None)


def test_domain_may_widen_or_narrow_equality() -> None:
    assert exact_match({"v": "I48"}, {"v": "I48.0"}, lambda reference, answer: True)
    assert not exact_match({"v": "I48"}, {"v": "I48"}, lambda reference, answer: False)
    assert exact_match({"v": "I48"}, {"v": "I48"}, lambda reference, answer: None)


def test_metrics_average_over_items() -> None:
    columns = {"predictions": ['{"v": 1.0}', '{"v": 2}', "null"], "references": ['{"v": 1}', '{"v": 3}', '{"v": 4}']}
    assert ExactMatch().compute(**columns) == {"exact_match": pytest.approx(1 / 3), "items": [1, 0, 0]}
    assert AnswerF1().compute(**columns)["f1"] == pytest.approx(1 / 3)
    assert FormatErrorRate().compute(predictions=["", "cut", "cut", "schema"]) == {
        "format_error_rate": 0.75,
        "format_errors": {"cut": 2, "schema": 1},
    }


def test_metric_can_be_used_again() -> None:
    metric = ExactMatch()
    assert metric.compute(predictions=['{"v": 1}'], references=['{"v": 1}'])["exact_match"] == 1
    assert metric.compute(predictions=['{"v": 2}'], references=['{"v": 1}'])["items"] == [0]


def test_metrics_leave_no_files_behind(tmp_path: Path) -> None:
    code = (
        "from practicum.evaluation.aggregates import ExactMatch\n"
        "assert ExactMatch().compute(predictions=['{}'], references=['{}'])['exact_match'] == 1\n"
    )
    environment = os.environ | {"HOME": str(tmp_path), "HF_HOME": str(tmp_path / "hf"), "OMP_NUM_THREADS": "1"}
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=root)
    assert [path for path in tmp_path.rglob("*") if "metrics" in path.name or path.suffix == ".lock"] == []
