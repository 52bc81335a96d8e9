"""Rows on disk come back as they were written."""

from pathlib import Path

import numpy as np
import pytest

from practicum.data.spill import Rows, Spill


def test_lines_come_back_by_number_while_others_are_added(tmp_path: Path) -> None:
    spill = Spill(tmp_path)
    spill.extend([b"first", b"", "zweite \u00e4".encode()])
    assert spill.line(2).decode() == "zweite \u00e4"
    spill.extend([b"fourth"])
    assert [spill.line(number) for number in range(len(spill))] == [b"first", b"", "zweite \u00e4".encode(), b"fourth"]
    with pytest.raises(IndexError):
        spill.line(4)


def test_the_file_goes_with_the_spill(tmp_path: Path) -> None:
    spill = Spill(tmp_path)
    spill.extend([b"x" * 3_000_000])
    assert spill.line(0) == b"x" * 3_000_000
    del spill
    assert list(tmp_path.iterdir()) == []


def test_rows_stand_in_an_order_of_their_own(tmp_path: Path) -> None:
    spill = Spill(tmp_path)
    spill.extend(str(number).encode() for number in range(10))
    rows = Rows(spill, np.array([7, 3, 9]), int)
    assert list(rows) == [7, 3, 9]
    assert list(rows.lines()) == [b"7", b"3", b"9"]
    assert list(rows[1:]) == [3, 9]
    assert len(rows) == 3
    assert 9 in rows
