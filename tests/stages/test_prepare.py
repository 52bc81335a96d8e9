"""`python -m stages.prepare X` on the tiny domain: the files of the contract, and one line for each fault."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from practicum.data.example import Example, examples_from_lines
from stages import prepare, resolve

OUTS = {
    "train.jsonl",
    "validation.jsonl",
    "test.jsonl",
    "shots.jsonl",
    "rejected.jsonl",
    "stats.json",
    "deidentification.json",
    "mixed.jsonl",
}


@pytest.fixture
def house(tmp_path: Path, root: Path) -> Path:
    """A root with the tiny domain, its settings resolved."""
    for name in ("params.yaml", "models.yaml"):
        shutil.copy(root / name, tmp_path / name)
    shutil.copytree(root / "tests" / "fixtures" / "domain_tiny", tmp_path / "domains" / "tiny")
    resolve.main("tiny", tmp_path)
    return tmp_path


def prepared(house: Path) -> Path:
    return house / "domains" / "tiny" / "build" / "prepared"


def examples(house: Path, name: str) -> list[Example]:
    return examples_from_lines((prepared(house) / name).read_text(encoding="utf-8").split("\n")[:-1], name)


def stats(house: Path) -> dict[str, dict[str, int]]:
    value = json.loads((prepared(house) / "stats.json").read_text(encoding="utf-8"))
    assert value["rows"]["in"] == value["rows"]["kept"] + value["rows"]["rejected"] + value["rows"]["duplicates"]
    assert isinstance(value, dict)
    return value


def table(house: Path) -> Path:
    return house / "domains" / "tiny" / "data" / "sums.csv"


def test_the_files_of_the_contract_are_written_and_agree(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepare.main("tiny", house)
    assert {path.name for path in prepared(house).iterdir()} == OUTS
    counts = stats(house)
    assert set(counts) == {
        "domain",
        "rows",
        "splits",
        "rejected_by_rule",
        "duplicates",
        "tasks",
        "labels_before",
        "labels_after",
        "groups",
        "typo_score",
        "sources",
        "identifiers_removed",
        "mixed",
    }
    assert counts["rows"] == {"in": 400, "kept": 400, "rejected": 0, "duplicates": 0}
    groups: set[str] = set()
    for split in ("train", "validation", "test"):
        rows = examples(house, f"{split}.jsonl")
        assert len(rows) == counts["splits"][split]
        assert {row.task for row in rows[:12]} == {"total", "compare"}, "tasks are mixed"
        own = {row.group for row in rows}
        assert len(own) == counts["groups"][split]
        assert not groups & own
        groups |= own
    shots, train = examples(house, "shots.jsonl"), examples(house, "train.jsonl")
    assert [shot.task for shot in shots] == ["total"] * 4 + ["compare"] * 4
    assert all(shot in train for shot in shots)
    shown = capsys.readouterr().out
    assert "tiny: 400 rows in = 400 kept + 0 rejected + 0 duplicates" in shown


def test_two_runs_in_two_processes_give_the_same_bytes(house: Path, root: Path) -> None:
    def contents(hash_seed: str) -> dict[str, bytes]:
        code = f"import pathlib; from stages.prepare import main; main('tiny', pathlib.Path({str(house)!r}))"
        environment = {"PYTHONHASHSEED": hash_seed, "PATH": ""}
        subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, check=True, capture_output=True)
        return {path.name: path.read_bytes() for path in prepared(house).iterdir()}

    first = contents("1")
    assert set(first) == OUTS
    assert contents("2") == first


def test_hostile_lines_are_left_out_with_their_place_in_the_file(house: Path) -> None:
    with table(house).open("a", encoding="utf-8") as file:
        file.write("shop 1,total,three,4\n")  # 402
        file.write("shop 1,total,3\n")  # 403
        file.write("shop 7,total,40,17\n")  # 404: line 2 again, in another shop's words
        file.write("shop 0,total,40,17\n")  # 405: line 2 again
        file.write("<|im_end|>,total,3,4\n")  # 406
        file.write(",total,3,4\n")  # 407
        file.write("Caf\u00c3\u00a9 \u200bB\x0cC,total,1,1\n")  # 408: to be repaired
    prepare.main("tiny", house)
    counts = stats(house)
    assert counts["rows"] == {"in": 407, "kept": 402, "rejected": 4, "duplicates": 1}
    assert counts["rejected_by_rule"] == {"chat_marker": 1, "empty_group": 1, "not_a_number": 1, "cell_count": 1}
    assert counts["duplicates"] == {"exact": 1, "near": 0}
    left_out = [json.loads(line) for line in (prepared(house) / "rejected.jsonl").read_text("utf-8").splitlines()]
    assert {(row["source"], row["rule"]) for row in left_out} == {
        ("sums.csv:402", "not_a_number"),
        ("sums.csv:403", "cell_count"),
        ("sums.csv:405", "exact_duplicate"),
        ("sums.csv:406", "chat_marker"),
        ("sums.csv:407", "empty_group"),
    }
    everywhere = [row for split in ("train", "validation", "test") for row in examples(house, f"{split}.jsonl")]
    assert [row.group for row in everywhere if row.group.startswith("Café")] == ["Café B C"]


def test_added_data_moves_no_old_row_to_another_split(house: Path) -> None:
    prepare.main("tiny", house)
    before = {split: examples(house, f"{split}.jsonl") for split in ("train", "validation", "test")}
    with table(house).open("a", encoding="utf-8") as file:
        file.writelines(f"stall {n // 4},{('total', 'compare')[n % 2]},{70 + n},{n + 1}\n" for n in range(80))
    prepare.main("tiny", house)
    for split, old in before.items():
        assert [row for row in examples(house, f"{split}.jsonl") if row.group.startswith("shop")] == old


def run(house: Path, root: Path) -> subprocess.CompletedProcess[str]:
    """The command as DVC runs it, in a copy of the code."""
    for name in ("practicum", "stages"):
        shutil.copytree(root / name, house / name, ignore=shutil.ignore_patterns("__pycache__"))
    return subprocess.run(
        [sys.executable, "-m", "stages.prepare", "tiny"], cwd=house, capture_output=True, text=True, check=False
    )


def test_without_config_the_fault_is_one_line_that_names_the_file(house: Path, root: Path) -> None:
    (house / "domains/tiny/config.json").unlink()
    done = run(house, root)
    assert done.returncode == 1
    assert done.stderr.startswith("prepare: domains/tiny/config.json: found no such file")
    assert done.stderr.count("\n") == 1


def test_too_little_data_stops_the_stage_and_writes_nothing(house: Path, root: Path) -> None:
    lines = table(house).read_text(encoding="utf-8").splitlines(keepends=True)
    table(house).write_text("".join(lines[:11]), encoding="utf-8")
    done = run(house, root)
    assert done.returncode == 1
    assert "split is empty: 10 rows kept of 10, in 1 groups" in done.stderr
    assert not prepared(house).exists()


@pytest.mark.parametrize(
    ("schema", "fault"),
    [("{", "answer.schema.json: not JSON"), ('{"type": 5}', "answer schema: at type"), ("[]", "found list, expected")],
)
def test_a_wrong_answer_schema_is_named(house: Path, schema: str, fault: str) -> None:
    (house / "domains/tiny/answer.schema.json").write_text(schema, encoding="utf-8")
    with pytest.raises(ValueError, match=fault):
        prepare.main("tiny", house)
