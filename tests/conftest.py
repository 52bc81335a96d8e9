"""What every test runs under: no hub, no telemetry, one thread for each of the parallel workers."""

import os
from pathlib import Path

import pytest

# Set before torch or a hub client is imported by any test module.
for key, value in {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "DVC_NO_ANALYTICS": "1",
}.items():
    os.environ.setdefault(key, value)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The pipeline's tests take longest: they start first, so that no worker waits for them at the end."""
    items.sort(key=lambda item: "pipeline" not in item.keywords)
