"""What DVC takes when nothing changed: processor time, which other work on the machine does not inflate."""

import pytest

from benchmarks.pipeline import measured

pytestmark = pytest.mark.pipeline


def test_nothing_to_do_is_found_out_in_seconds_for_three_domains() -> None:
    status, repro = measured(3)
    assert status.stages == repro.stages
    assert status.stages % 3 == 0
    assert status.processor_seconds < 3.0
    assert repro.processor_seconds < 4.0
