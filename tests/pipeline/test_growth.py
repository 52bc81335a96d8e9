"""What the benchmark of a pipeline that has run times: DVC finding nothing to do, and nothing else."""

from pathlib import Path

import pytest

from benchmarks import pipeline

pytestmark = pytest.mark.pipeline


def test_only_a_pipeline_with_nothing_to_do_is_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "REPEATS", 1)
    root = tmp_path / "repository"
    root.mkdir()
    stages = pipeline.repository(root, 2)
    assert stages == 20
    for command in ("status", "repro"):
        assert pipeline.timed(root, 2, stages, command).seconds > 0
    with (root / "domains" / "domain1" / "params.yaml").open("a", encoding="utf-8") as stream:
        stream.write("epochs: 2\n")
    with pytest.raises(RuntimeError, match="dvc status: found something to do, expected nothing"):
        pipeline.timed(root, 2, stages, "status")
