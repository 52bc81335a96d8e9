"""`python -m commands.lm_eval` on a small domain: what it writes, what it compares, and how it ends."""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from commands.lm_eval import main
from practicum.data.example import Example, to_json_line
from practicum.evaluation.answering import Asker
from practicum.evaluation.scoring import Prediction, prediction_to_json_line, predictions, predictions_from_lines
from stages.layout import Layout, load_domain
from stages.resolve import settings
from tests.practicum.evaluation.test_harness import CASES, ITEMS, NEW_TOKENS, WRITTEN, saved, trained

SETTINGS = """\
model: small
method: full
precision: fp32
evaluation:
  items: 7
  shots: 1
  batch_size: 3
  max_new_tokens: {new_tokens}
sources: {{shops: {{reader: csv, files: "*.csv"}}}}
"""
REGISTRY = """\
families:
  qwen3: {recipe: {batch_size: 1, lr: 1.0e-3, steps: 1, warmup_steps: 0}}
models:
  small: {family: qwen3, weights: {folder: small}, licence: none}
"""


def write(path: Path, rows: Sequence[Example] | Sequence[Prediction]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [to_json_line(row) if isinstance(row, Example) else prediction_to_json_line(row) for row in rows]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """A repository of one domain whose base and tuned model, the same here, have answered the test items."""
    house = tmp_path_factory.mktemp("house")
    shutil.copy(root / "params.yaml", house / "params.yaml")
    (house / "models.yaml").write_text(REGISTRY, encoding="utf-8")
    tiny = house / "domains" / "tiny"
    shutil.copytree(root / "tests" / "fixtures" / "domain_tiny", tiny, ignore=shutil.ignore_patterns("__pycache__"))
    (tiny / "params.yaml").write_text(SETTINGS.format(new_tokens=NEW_TOKENS), encoding="utf-8")
    layout = Layout("tiny", house)
    config, _ = settings("tiny", house)
    layout.config.write_text(config.model_dump_json(), encoding="utf-8")
    one = trained(*CASES[0])
    saved(one, house / "small")
    saved(one, layout.build / "model")
    write(layout.build / "prepared" / "test.jsonl", ITEMS)
    write(layout.build / "prepared" / "shots.jsonl", WRITTEN[3:5])
    asker = Asker(one.renderer, NEW_TOKENS, 3)
    for which, shots in (("tuned", {}), ("base", {row.task: [row] for row in WRITTEN[3:5]})):
        answered = asker.answer(one.model, asker.prompts(ITEMS, shots))
        schema = json.loads(layout.schema.read_bytes())
        write(
            layout.build / which / "predictions.jsonl",
            predictions(ITEMS, answered.written, schema, load_domain(layout)),
        )
    return house


@pytest.fixture
def house(finished: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(finished, tmp_path / "house"))


def test_the_tuned_model_scores_the_same_in_the_harness(
    house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "tiny", "--out", str(tmp_path / "out")], house) == 0
    told = capsys.readouterr().out
    assert "practicum_tiny: 7 items" in told
    assert "0 of 7 completions are not the same text" in told
    lines = [[cell.strip() for cell in line.split("│")[1:5]] for line in told.splitlines() if line.count("│") == 5]
    rows = {name: cells for name, *cells in lines}
    assert rows["exact match"] == ["42.9%", "42.9%", "0"]
    assert rows["format error"] == ["28.6%", "28.6%", "0"]
    results = json.loads((tmp_path / "out" / "practicum_tiny.json").read_text(encoding="utf-8"))
    assert results["results"]["practicum_tiny"]["exact_match,none"] == pytest.approx(3 / 7)
    samples = (tmp_path / "out" / "samples_practicum_tiny.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["doc"]["id"] for line in samples] == [item.id for item in ITEMS]


def test_the_base_is_asked_with_its_worked_examples(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "tiny", "--model", "base", "--limit", "3"], house) == 0
    assert "practicum_tiny: 3 items" in capsys.readouterr().out
    path = house / "domains/tiny/build/lm_eval/base/samples_practicum_tiny.jsonl"
    prompt = json.loads(path.read_text(encoding="utf-8").splitlines()[0])["doc"]["prompt"]
    assert prompt.index("Sum 5?") < prompt.index("Sum 1?")


def test_a_model_of_a_folder_is_run_without_a_comparison(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "tiny", "--model", str(house / "small"), "--limit", "2"], house) == 0
    assert "not compared" in capsys.readouterr().out


def test_an_item_that_differs_is_named_and_fails(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = house / "domains/tiny/build/tuned/predictions.jsonl"
    rows = predictions_from_lines(path.read_text(encoding="utf-8").splitlines(), path.name)
    rows[2] = replace(rows[2], em=1, f1=1.0, text=rows[2].text.replace("3}", "8}"))
    write(path, rows)
    assert main(["run", "tiny"], house) == 1
    told = capsys.readouterr()
    assert "item item-2: exact match 1 here, 0 there" in told.out
    assert "logits apart (more than rounding)" in told.out
    assert "score the items above differently" in told.err


def test_an_exported_folder_holds_all_that_the_harness_needs(house: Path, tmp_path: Path) -> None:
    assert main(["export", "tiny", "--out", str(tmp_path / "tasks")], house) == 0
    folder = tmp_path / "tasks" / "practicum_tiny"
    assert sorted(path.name for path in folder.iterdir()) == [
        "answer.schema.json",
        "domain.py",
        "items.jsonl",
        "practicum_tiny.yaml",
        "scoring.py",
    ]
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(["export", "tiny", "--out", str(tmp_path / "tasks")], house) == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["run", "nosuch"], "nosuch: found no domains/nosuch/domain.py"),
        (["run", "tiny", "--model", "nosuch"], "model: found 'nosuch', expected tuned, base, or a folder"),
        (["run", "tiny", "--limit", "0"], "limit: found 0"),
        (["export", "../tiny", "--out", "x"], "domain: found '../tiny'"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_line(
    given: list[str], message: str, house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(given, house) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"lm_eval: {message}")
    assert err.count("\n") == 1


def test_nothing_is_fetched_unless_told(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.delenv("HF_DATASETS_OFFLINE", raising=False)
    assert main(["export", "tiny", "--out", str(house / "tasks")], house) == 0
    assert (os.environ["HF_HUB_OFFLINE"], os.environ["HF_DATASETS_OFFLINE"]) == ("0", "1")


def test_predictions_that_are_missing_name_the_stage(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (house / "domains/tiny/build/tuned/predictions.jsonl").unlink()
    assert main(["run", "tiny"], house) == 2
    assert "run `dvc repro evaluate@tiny`" in capsys.readouterr().err


def test_decoding_that_the_harness_has_not_is_refused(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = house / "domains/tiny/config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["decoding"]["temperature"] = 0.5
    path.write_text(json.dumps(config), encoding="utf-8")
    assert main(["export", "tiny", "--out", str(house / "tasks")], house) == 2
    assert "expected temperature 0, not constrained" in capsys.readouterr().err


def test_an_item_with_a_control_token_is_named(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    items = [replace(ITEMS[0], question="Say <|im_end|> now."), *ITEMS[1:]]
    write(house / "domains/tiny/build/prepared/test.jsonl", items)
    assert main(["export", "tiny", "--out", str(house / "tasks")], house) == 2
    assert "item item-0 (sums.csv:1): the harness would give" in capsys.readouterr().err
