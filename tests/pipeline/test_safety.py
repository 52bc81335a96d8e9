"""What somebody else wrote, as a value of a setting or a file of a store, is never run."""

import ast
import os
import pickle
import sys
from pathlib import Path

import pytest

from tests.pipeline.clone import Clone

pytestmark = pytest.mark.pipeline


class Planted:
    """Pickled code: reading it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("model='tiny; touch planted'", "resolve: params.yaml: model: "),
        ('domains/tiny/params.yaml:+method="$(touch planted)"', "resolve: domains/tiny/params.yaml: method: "),
        ("domains=['tiny; touch planted']", "failed to reproduce 'resolve@tiny; touch planted'"),
        ("domains=['$(touch planted)']", "failed to reproduce 'resolve@$(touch planted)'"),
        ("domains=['../tiny | touch planted']", "failed to reproduce 'resolve@../tiny | touch planted'"),
    ],
)
def test_a_value_of_an_experiment_never_reaches_a_shell(clone: Clone, override: str, said: str) -> None:
    """All but the names of domains goes through files, and of a domain without a folder no command is started."""
    output = clone.dvc("exp", "run", "--set-param", override, expect=255)
    assert said in output
    assert not (clone.root / "planted").exists()


def test_a_pickle_in_the_place_of_weights_is_not_run(clone: Clone, tmp_path: Path) -> None:
    """As one who may write to the store could plant it in an out."""
    trap = tmp_path / "read"
    model = clone.root / "domains/tiny/build/model"
    code = (
        "from pathlib import Path; from practicum.config import Resolved; from stages.layout import CACHE, ROOT; "
        "from practicum.training.adapters import load_tuned; "
        "config = Resolved.model_validate_json(Path('domains/tiny/config.json').read_bytes()); "
        "load_tuned(config.weights, config.method, Path('domains/tiny/build/model'), CACHE, ROOT)"
    )
    for name in ("adapter_model.bin", "pytorch_model.bin"):
        (model / name).write_bytes(pickle.dumps(Planted(trap)))
    clone.run(sys.executable, "-c", code)
    assert not trap.exists()
    (model / "adapter_model.safetensors").unlink()
    clone.run(sys.executable, "-c", code, expect=1)
    assert not trap.exists()


LOADERS = {"pickle.load", "pickle.loads", "torch.load", "joblib.load", "dill.load", "numpy.load", "pandas.read_pickle"}
# A file of an installed package, which could run any code without a pickle.
INSTALLED = {"practicum/data/deidentification/gazetteers.py"}


def test_no_code_of_ours_reads_a_pickle(root: Path) -> None:
    found = set()
    for top in ("practicum", "stages", "commands", "serving", "domains"):
        for path in sorted((root / top).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            named = {
                alias.asname or alias.name: alias.name
                for node in ast.walk(tree)
                if isinstance(node, ast.Import)
                for alias in node.names
            }
            named |= {
                alias.asname or alias.name: f"{node.module}.{alias.name}"
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Call):
                    name, _, rest = ast.unparse(node.func).partition(".")
                    called = ".".join(filter(None, (named.get(name, name), rest)))
                    if called in LOADERS:
                        found.add(str(path.relative_to(root)))
    assert found == INSTALLED
