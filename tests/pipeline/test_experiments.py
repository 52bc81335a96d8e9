"""`dvc exp show` with three domains stays a table that can be read: the lines of docs/experiments.md as they stand."""

import csv
import json
import re
import shutil
from pathlib import Path

import pytest

from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline

DOMAINS = ("medical", "finance", "legal")


@pytest.fixture(scope="module")
def experiments(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """This repository's settings and figures in git, and two experiments that moved them in each domain."""
    clone = Clone(tmp_path_factory.mktemp("experiments") / "clone")
    files = ["dvc.yaml", "params.yaml", "models.yaml", ".dvc/config", ".dvc/.gitignore"]
    files += [f"domains/{name}/{file}" for name in DOMAINS for file in ("config.json", "metrics.json", "params.yaml")]
    for file in files:
        (clone.root / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / file, clone.root / file)
    clone.init()
    clone.commit("Base")
    base = clone.run("git", "rev-parse", "HEAD").strip()
    for number in (1, 2):
        for name in DOMAINS:
            move(clone.root / "domains" / name, number)
        clone.commit(f"Experiment {number}")
        # Where `dvc exp run` keeps one.
        clone.run("git", "update-ref", f"refs/exps/{base[:2]}/{base[2:]}/try-{number}", "HEAD")
        clone.run("git", "reset", "--quiet", "--hard", base)
    return clone


def move(folder: Path, number: int) -> None:
    """Other settings and figures of a domain: of the figures all, as times do."""
    config = json.loads((folder / "config.json").read_text())
    config["lr"] = number * 1e-4
    config["lora"]["r"] = 2 * number
    (folder / "config.json").write_text(json.dumps(config))
    metrics = json.loads((folder / "metrics.json").read_text())
    moved = {model: {key: value + 0.01 * number for key, value in keys.items()} for model, keys in metrics.items()}
    moved["tuned"]["em"] = 0.1 * number
    (folder / "metrics.json").write_text(json.dumps(moved))


def documented(root: Path) -> list[str]:
    """The lines of docs/experiments.md that show a table."""
    text = (root / "docs/experiments.md").read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(r"^dvc exp show .*$", text, re.MULTILINE)


def test_what_is_documented_keeps_the_table_to_what_is_asked(root: Path, experiments: Clone) -> None:
    whole = experiments.dvc("exp", "show", "--csv").splitlines()[0].split(",")
    assert len(whole) > 400
    across, one_domain, table = documented(root)

    head, _, *rows = experiments.run("bash", "-c", across).strip().splitlines()
    assert [cell.strip() for cell in head.strip("|").split("|")] == [
        "Experiment",
        *(f"domains/{name}/metrics.json:tuned.em" for name in DOMAINS),
        *(f"domains/{name}/config.json:lr" for name in DOMAINS),
    ]
    (first,) = [row for row in rows if "try-1" in row]
    assert [cell.strip() for cell in first.strip("|").split("|")][1:] == ["0.1"] * 3 + ["0.0001"] * 3

    said = experiments.run("bash", "-c", f"COLUMNS=200 {one_domain}")
    assert "medical/metrics.json:tuned.em" in said
    assert "medical/config.json:lora.r" in said
    assert not [name for name in ("finance", "legal", "base.em") if name in said]
    assert said.index("try-2") < said.index("try-1")  # by EM, the best first

    experiments.run("bash", "-c", table)
    with (experiments.root / "experiments.csv").open(encoding="utf-8") as file:
        assert {row["Experiment"] for row in csv.DictReader(file)} >= {"try-1", "try-2"}
