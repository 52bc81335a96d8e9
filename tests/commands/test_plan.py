"""`python -m commands.plan`, and the warning of resolve: what a person is told before anything is loaded."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands.plan import main
from practicum.device import Device
from stages.resolve import settings, warning


@pytest.fixture
def house(tmp_path: Path, root: Path) -> Path:
    """What settings are read from, with one domain."""
    for name in ("params.yaml", "models.yaml"):
        shutil.copy(root / name, tmp_path / name)
    shutil.copytree(root / "configs", tmp_path / "configs")
    tiny = tmp_path / "domains" / "tiny"
    shutil.copytree(root / "tests" / "fixtures" / "domain_tiny", tiny, ignore=shutil.ignore_patterns("__pycache__"))
    (tiny / "params.yaml").write_text("batch_size: 16\naccumulation_steps: 1\nmax_length: 512\n", encoding="utf-8")
    return tmp_path


def test_a_plan_says_what_takes_the_memory_and_that_it_fits(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tiny", "--memory", "24GB", "--device", "cpu", "--precision", "bf16"], house)
    out = capsys.readouterr().out
    for part in ("weights of the base", "activations", "AdamW's two moments", "together"):
        assert part in out
    assert "135 million parameters, 4.9 million trained; 16 rows at once of up to 512 tokens, bf16" in out
    assert "fits into 24.0 GB of CPU memory" in out
    assert "What to change" not in out


def test_what_does_not_fit_is_told_with_what_would(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not main(["tiny", "--model", "qwen3-8b", "--memory", "18GB"], house)
    out = capsys.readouterr().out
    assert "does not fit into 18.0 GB of GPU memory" in out
    told = {line.split("│")[1].strip(): line.split("│")[3].strip() for line in out.splitlines() if line.count("│") == 4}
    assert told["accumulation_steps: 16"] == "no"
    assert told["fsdp2 on 16 GPUs"] == "yes"
    assert [fits for change, fits in told.items() if change.startswith("method: qlora, accum")] == ["yes"]


def test_the_launchers_settings_count_and_options_stand_over_them(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (house / "domains/tiny/params.yaml").open("a") as file:
        file.write("accelerate: fsdp2\nmodel: qwen3-8b\n")
    main(["tiny", "--memory", "80GB"], house)
    assert "2 rows at once of up to 512 tokens, bf16, 8 processes with fsdp2" in capsys.readouterr().out
    main(["tiny", "--memory", "80GB", "--processes", "4", "--method", "full"], house)
    out = capsys.readouterr().out
    assert "by full" in out
    assert "4 rows at once" in out


def test_all_domains_are_planned_without_a_name(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (house / "params.yaml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("domains:"))
    (house / "params.yaml").write_text(text.replace(line, "domains: [tiny, other]"), encoding="utf-8")
    shutil.copytree(house / "domains/tiny", house / "domains/other")
    assert main(["--memory", "80GB"], house)
    out = capsys.readouterr().out
    assert "tiny: fits" in out
    assert "other: fits" in out


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (["medical", "--memory", "lots"], 2, "plan: memory: found 'lots', expected a number with a unit"),
        (["medical", "--model", "qwen3-7b"], 2, "model: found 'qwen3-7b', expected 'qwen3-"),
        (["medical", "--memory", "1MB"], 1, ""),
        (["medical", "--memory", "9TB"], 0, ""),
    ],
)
def test_the_exit_code_says_whether_it_fits(root: Path, options: list[str], status: int, message: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "commands.plan", *options], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == status
    assert message in done.stderr
    assert done.stderr.count("\n") == bool(message)


def test_resolve_warns_in_one_line_where_training_would_not_fit(house: Path) -> None:
    config, registry = settings("tiny", house, {"model": "qwen3-8b"})
    line = warning("tiny", config, registry, Device("gpu", "A100", 40 * 10**9), house)
    assert line is not None
    assert "\n" not in line
    assert line.startswith("tiny: training qwen3-8b by lora is expected to take 7")
    assert "for 16 rows of max_length (512 tokens) at once" in line
    assert "found 40.0 GB on this machine's A100; what would fit: accumulation_steps: " in line
    assert warning("tiny", config, registry, Device("gpu", "B300", 288 * 10**9), house) is None


def test_processes_on_one_machine_share_its_memory(house: Path) -> None:
    config, registry = settings("tiny", house, {"accelerate": "cpu"})
    alone, _ = settings("tiny", house)
    memory = 14 * 10**9  # enough for one process of sixteen rows, or for two of eight
    assert warning("tiny", alone, registry, Device("cpu", "CPU", 2 * memory), house) is None
    line = warning("tiny", config, registry, Device("cpu", "CPU", memory // 2), house)
    assert line is not None
    assert f"found {memory / 4e9:.1f} GB free" in line


def test_what_wants_gpus_is_not_held_against_a_machine_without(house: Path) -> None:
    config, registry = settings("tiny", house, {"accelerate": "fsdp2", "model": "qwen3-32b"})
    assert warning("tiny", config, registry, Device("cpu", "CPU", 10**9), house) is None


def test_a_model_of_unknown_shape_is_said_and_stops_nothing(house: Path) -> None:
    config, registry = settings("tiny", house, {"model": "qwen3-8b"})
    models = registry.models | {"qwen3-8b": registry.models["qwen3-8b"].model_copy(update={"shape": None})}
    unknown = registry.model_copy(update={"models": models})
    line = warning("tiny", config, unknown, Device("cpu", "CPU", 10**9), house)
    assert line is not None
    assert line.startswith("tiny: memory of training not estimated: models.yaml: found no shape of Qwen/Qwen3-8B")
