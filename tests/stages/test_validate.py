"""`python -m stages.validate X`: a failed critical check ends with exit code 1 and a table that names the rows."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from practicum.config import ConfigError
from practicum.data.drift import profile
from practicum.data.example import read_examples
from stages import prepare, resolve, validate


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of random weights, with a byte-level tokenizer (one token per byte) that knows ChatML."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytewise = Tokenizer(models.BPE(vocab={letter: index for index, letter in enumerate(alphabet)}, merges=[]))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    controls = ["<|im_start|>", "<|im_end|>", "<|endoftext|>"]
    wrapped = PreTrainedTokenizerFast(tokenizer_object=bytewise, additional_special_tokens=controls)
    folder = tmp_path_factory.mktemp("model")
    wrapped.save_pretrained(folder)
    shape = LlamaConfig(
        vocab_size=len(wrapped), hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1
    )
    LlamaForCausalLM(shape).save_pretrained(folder)
    return folder


@pytest.fixture
def house(tmp_path: Path, root: Path, model: Path) -> Path:
    """A root with the tiny domain, resolved and prepared, whose model is a local folder."""
    shutil.copy(root / "params.yaml", tmp_path / "params.yaml")
    (tmp_path / "models.yaml").write_text(
        "families:\n"
        "  smollm2:\n"
        "    recipe: {batch_size: 4, lr: 1.0e-3, steps: 20, warmup_steps: 2}\n"
        "models:\n"
        "  bytes:\n"
        "    family: smollm2\n"
        f"    weights: {{folder: {json.dumps(str(model))}}}\n"
        "    licence: none\n",
        encoding="utf-8",
    )
    tiny = tmp_path / "domains" / "tiny"
    shutil.copytree(root / "tests" / "fixtures" / "domain_tiny", tiny)
    with (tiny / "params.yaml").open("a", encoding="utf-8") as file:
        file.write("\nmodel: bytes\n")
    resolve.main("tiny", tmp_path)
    prepare.main("tiny", tmp_path)
    return tmp_path


def outs(house: Path) -> dict[str, bytes]:
    folder = house / "domains/tiny/build/validation"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def spoil(house: Path, split: str, line: int, **values: Any) -> str:
    """Change a prepared row; returns its id."""
    path = house / "domains/tiny/build/prepared" / f"{split}.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    row = json.loads(lines[line]) | values
    lines[line] = json.dumps(row, ensure_ascii=False)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(row["id"])


def run(house: Path, root: Path) -> subprocess.CompletedProcess[str]:
    """The command as DVC runs it, in a copy of the code."""
    for name in ("practicum", "stages"):
        shutil.copytree(root / name, house / name, ignore=shutil.ignore_patterns("__pycache__"))
    return subprocess.run(
        [sys.executable, "-m", "stages.validate", "tiny"],
        cwd=house,
        env=os.environ | {"COLUMNS": "160"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_sound_data_passes_and_writes_the_contract_twice_the_same(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert validate.main("tiny", house)
    first = outs(house)
    assert set(first) == {"summary.json", "gate.json", "docs/summary.html", "docs/expectations.html"}
    assert json.loads(first["gate.json"]) == {"passed": True}
    summary = json.loads(first["summary.json"])
    assert summary["passed"] is True
    assert [check for check in summary["checks"] if not check["success"]] == []
    assert {"training_rows_fit", "rows_render"} <= {check["name"] for check in summary["checks"]}
    for check in summary["checks"]:
        assert set(check) == {"name", "severity", "success", "unexpected", "observed", "rows"}
    assert "0 critical and 0 warning failed" in capsys.readouterr().out
    assert validate.main("tiny", house)
    assert outs(house) == first


def test_a_critical_failure_ends_with_code_1_and_a_table_that_names_the_row(house: Path, root: Path) -> None:
    wrong = spoil(house, "train", 7, answer='{"value": "[bold]many"}')
    done = run(house, root)
    assert done.returncode == 1
    assert done.stderr == "validate: a critical check failed; mend the data or the domain's plug-in, then run again\n"
    row = next(line for line in done.stdout.splitlines() if "answer_fits_schema" in line)
    assert "critical" in row
    assert wrong in row
    assert "[bold]many" in done.stdout, "text of the data is not taken for the table's markup"
    # What was found can be read after the failure.
    assert json.loads(outs(house)["summary.json"])["passed"] is False
    assert json.loads(outs(house)["gate.json"]) == {"passed": False}


def test_a_warning_is_shown_and_stops_nothing(house: Path, root: Path) -> None:
    row = spoil(house, "test", 3, language="de")
    done = run(house, root)
    assert (done.returncode, done.stderr) == (0, "")
    shown = next(line for line in done.stdout.splitlines() if "known_languages" in line)
    assert "warning" in shown
    assert row in shown


def test_a_row_longer_than_max_length_is_critical_with_tokens_counted_by_the_renderer(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long = spoil(house, "train", 0, reasoning="1 + 1 = 2. " * 60)
    assert not validate.main("tiny", house)
    check = next(
        check for check in json.loads(outs(house)["summary.json"])["checks"] if check["name"] == "training_rows_fit"
    )
    assert (check["severity"], check["unexpected"], check["rows"]) == ("critical", 1, [long])
    counted = int(check["observed"].rpartition(" ")[2])
    assert 660 < counted < 1000
    assert "training_rows_fit" in capsys.readouterr().out


def test_a_row_that_is_to_be_dropped_for_its_length_is_a_warning(house: Path) -> None:
    spoil(house, "train", 0, reasoning="1 + 1 = 2. " * 60)
    config = house / "domains/tiny/config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"too_long": "drop"}))
    assert validate.main("tiny", house)
    checks = {check["name"]: check for check in json.loads(outs(house)["summary.json"])["checks"]}
    check = checks["training_rows_fit"]
    assert (check["severity"], check["unexpected"]) == ("warning", 1)


def test_an_answer_that_evaluation_would_cut_is_a_warning(house: Path) -> None:
    long = spoil(house, "test", 0, reasoning="1 + 1 = 2. " * 16)
    assert validate.main("tiny", house)
    checks = {check["name"]: check for check in json.loads(outs(house)["summary.json"])["checks"]}
    check = checks["test_answers_fit"]
    assert (check["severity"], check["success"], check["rows"]) == ("warning", False, [long])
    assert checks["other_rows_fit"]["success"]


def test_accepted_data_are_compared_and_the_summary_names_the_data_it_speaks_of(house: Path) -> None:
    accepted = house / "domains/tiny/accepted.json"
    prepared = house / "domains/tiny/build/prepared"
    splits = {split: read_examples(prepared / f"{split}.jsonl") for split in ("train", "validation", "test")}
    accepted.write_text(profile(splits).model_dump_json(), encoding="utf-8")  # type: ignore[arg-type]
    assert validate.main("tiny", house)
    first = json.loads(outs(house)["summary.json"])
    assert first["checks"][-1]["observed"].startswith("largest of ")
    path = prepared / "train.jsonl"
    path.write_text("".join(line for line in path.open(encoding="utf-8") if '"odd"' not in line), encoding="utf-8")
    assert validate.main("tiny", house)
    second = json.loads(outs(house)["summary.json"])
    assert "labels of total" in second["checks"][-1]["observed"]
    assert first["prepared"] != second["prepared"]


def test_an_identifier_that_is_left_stops_the_pipeline_and_is_shown_nowhere(house: Path, root: Path) -> None:
    config = house / "domains/tiny/config.json"
    values = json.loads(config.read_text(encoding="utf-8"))
    values["deidentification"]["enabled"] = True
    config.write_text(json.dumps(values), encoding="utf-8")
    assert validate.main("tiny", house), "the tiny domain's rows hold no identifier"
    secret = "078-05-1120"
    spoil(house, "train", 7, label=f"SSN {secret}", answer=json.dumps({"value": f"SSN {secret}"}))
    done = run(house, root)
    assert done.returncode == 1
    shown = next(line for line in done.stdout.splitlines() if "no_identifiers" in line)
    assert "ssn" in shown
    checks = {check["name"]: check for check in json.loads(outs(house)["summary.json"])["checks"]}
    # The id no longer is the hash of its row, and an id of any other kind might be somebody's number.
    assert checks["no_identifiers"]["rows"] == ["[id_number 1]"]
    everything = (done.stdout + done.stderr).encode() + b"".join(outs(house).values())
    assert secret.encode() not in everything
    assert b"answer_fits_schema" in everything, "the other checks still speak of the row"


def test_a_wrong_expectation_is_one_line_that_names_the_key(house: Path) -> None:
    config = house / "domains/tiny/config.json"
    values = json.loads(config.read_text(encoding="utf-8"))
    values["validation"]["expectations"] = [
        {
            "name": "small",
            "expect": "expect_column_values_to_be_between",
            "severity": "critical",
            "notes": "",
            "where": {},
            "arguments": {"column": "answer.valeu", "max_value": 9},
        }
    ]
    config.write_text(json.dumps(values), encoding="utf-8")
    message = r"\Avalidation.expectations.0.arguments.column: found 'answer.valeu'[^\n]*\Z"
    with pytest.raises(ConfigError, match=message):
        validate.main("tiny", house)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda tiny: (tiny / "build/prepared/test.jsonl").unlink(), "test.jsonl"),
        (lambda tiny: (tiny / "build/prepared/test.jsonl").write_text("{}\n"), "test.jsonl, line 1: not a prepared"),
        (lambda tiny: (tiny / "answer.schema.json").write_text('{"type": "x"}'), "answer schema: at type"),
        (lambda tiny: (tiny / "config.json").write_text("{}"), "config.json"),
        (lambda tiny: (tiny / "accepted.json").unlink(), "accepted.json"),
        (lambda tiny: (tiny / "accepted.json").write_text('{"splits": 3}'), "tiny/accepted.json: splits: found 3"),
    ],
)
def test_missing_or_damaged_input_is_one_line(
    house: Path, root: Path, damage: Callable[[Path], object], message: str
) -> None:
    damage(house / "domains/tiny")
    done = run(house, root)
    assert done.returncode == 1
    assert done.stderr.startswith("validate: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (house / "domains/tiny/build/validation").exists()
