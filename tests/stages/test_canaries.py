"""No identifier reaches anything that prepare and validate write or print, whatever way it came in by."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from ruamel.yaml import YAML

from stages import resolve

PATIENT = {
    "name": "Quentin Lindqvist",
    "birth_date": "07/05/1962",
    "mrn": "24174015",
    "phone": "(780) 555-0111",
    "email": "quentin.lindqvist@example.org",
    "ssn": "219-09-9999",
}
CANARIES = (
    "Quentin",
    "Lindqvist",
    "07/05",
    "July 5",
    "24174015",
    "555-0111",
    "example.org",
    "219-09-9999",
    "192.0.2.44",
    "Elm Grove",
    "Marisol",
    "Jankowski",
    "欧阳静怡",
    "13812345678",
    "11010519491231002X",
)
"""Parts of identifiers, each of them telling."""
STORY = (
    "Mr. Quentin Lindqvist, born 07/05/1962, MRN 24174015, of 12 Elm Grove Road, called on July 5, 2021 from "
    "(780) 555-0111 and wrote from quentin.lindqvist@example.org (192.0.2.44). SSN 219-09-9999. His wife Marisol "
    "Jankowski came along. Mr. Lindqvist counted {} apples."
)
CHINESE = "患者欧阳静怡，身份证号11010519491231002X，电话13812345678，数了{}个苹果。"


def lines() -> Iterator[str]:
    """JSON lines: good ones, one that breaks a rule, ones that can't be read, in full and torn."""
    for number in range(40):
        row = {
            "patient": PATIENT,
            "question": STORY.format(number),
            "reasoning": f"Mr. Lindqvist counted {number}: {number} + 0 = {number}.",
            "answer": json.dumps({"value": number}),
            "group": f"visit {number}",
        }
        yield json.dumps(row)
        yield json.dumps(row | {"question": CHINESE.format(number)}, ensure_ascii=False)
    yield json.dumps(row | {"answer": "Quentin Lindqvist said so"})
    yield json.dumps([STORY])
    yield json.dumps(row)[:150]
    yield "Quentin Lindqvist, 24174015, (780) 555-0111"


@pytest.fixture(scope="module")
def house(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with the tiny domain, identifiers in its sources, prepared and validated; logs beside it."""
    house = tmp_path_factory.mktemp("house")
    for name in ("params.yaml", "models.yaml"):
        shutil.copy(root / name, house / name)
    for name in ("practicum", "stages"):
        shutil.copytree(root / name, house / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(root / "tests/fixtures/domain_tiny", house / "domains/tiny")
    data = house / "domains/tiny/data"
    (data / "notes.jsonl").write_text("\n".join(lines()), encoding="utf-8")
    with (data / "shops.csv").open("w", encoding="utf-8") as file:
        file.write("shop,task,first,second\n")
        file.write("Quentin Lindqvist (780) 555-0111,total,3\n")
        file.write('"Mr. Quentin Lindqvist",total,three,4\n')
    page = Image.new("L", (1240, 500), 255)
    font = ImageFont.truetype("DejaVuSans.ttf", 26)
    for row, text in enumerate(("Patient: Quentin Lindqvist", "MRN: 24174015", "Phone: (780) 555-0111")):
        ImageDraw.Draw(page).text((60, 60 + 60 * row), text, fill=0, font=font)
    page.save(data / "scan.png")

    path = house / "domains/tiny/params.yaml"
    yaml = YAML()
    params = yaml.load(path)
    columns = {"question": "question", "reasoning": "reasoning", "answer": "answer", "group": "group"}
    params["sources"]["notes"] = {"reader": "jsonl", "files": "notes.jsonl", "example": columns | {"task": "total"}}
    text = {"question": "text", "reasoning": "text", "answer": "text", "task": "total"}
    params["sources"]["scans"] = {"reader": "image", "files": "*.png", "example": text}
    params["deidentification"] = {
        "enabled": True,
        "fields": {f"patient.{kind}": {"birth_date": "date"}.get(kind, kind) for kind in PATIENT},
    }
    yaml.dump(params, path)
    resolve.main("tiny", house)
    for stage in ("prepare", "validate"):
        done = subprocess.run(
            [sys.executable, "-m", f"stages.{stage}", "tiny"],
            cwd=house,
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "", "LOGLEVEL": "DEBUG", "HF_HUB_OFFLINE": "1"},
        )
        assert done.returncode == 0, done.stderr
        (house / f"{stage}.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    return house


def written(house: Path) -> dict[str, str]:
    """Every file that the stages wrote, and what they printed."""
    build = [path for path in (house / "domains/tiny/build").rglob("*") if path.is_file()]
    return {str(path.relative_to(house)): path.read_text("utf-8") for path in [*build, *house.glob("*.log")]}


def test_the_canaries_were_read_and_their_rows_are_there(house: Path) -> None:
    stats = json.loads((house / "domains/tiny/build/prepared/stats.json").read_text("utf-8"))
    assert stats["sources"]["notes"] == {"records": 84, "unreadable": 3}
    assert stats["sources"]["scans"]["records"] == 1
    assert stats["identifiers_removed"]["name"] >= 80
    assert stats["rows"]["kept"] >= 430
    kept = "".join(
        (house / f"domains/tiny/build/prepared/{split}.jsonl").read_text("utf-8")
        for split in ("train", "validation", "test")
    )
    assert kept.count("[NAME-1]") >= 40


@pytest.mark.parametrize("canary", CANARIES)
def test_no_canary_is_in_any_output(house: Path, canary: str) -> None:
    outputs = written(house)
    assert len(outputs) >= 10
    found = [name for name, text in outputs.items() if canary.lower() in text.lower()]
    assert not found


def test_validation_looked_for_identifiers_and_found_none(house: Path) -> None:
    summary = json.loads((house / "domains/tiny/build/validation/summary.json").read_text("utf-8"))
    checks = [check for check in summary["checks"] if "identifier" in check["name"]]
    assert checks
    assert all(check["success"] for check in checks)
