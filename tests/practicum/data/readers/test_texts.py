"""Text files become records: whole, by paragraph, by section."""

from pathlib import Path
from typing import Any, Literal

import pytest

from practicum.config import TextSource
from practicum.data.example import Rejected
from practicum.data.readers import SourceError
from practicum.data.readers.encoding import LONGEST
from practicum.data.readers.texts import read_text

Unit = Literal["file", "paragraph", "section"]


def texts(folder: Path, content: str | bytes, unit: Unit) -> dict[str, Any]:
    """By source: the text of a record; the rule of a rejected one, in brackets."""
    path = folder / "g.md"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    rows = list(read_text(TextSource(reader="md", files="*.md", unit=unit), path, "g.md"))
    assert len({row.source for row in rows}) == len(rows)
    return {row.source: [row.rule] if isinstance(row, Rejected) else row.values["text"] for row in rows}


def test_a_file_is_one_text_with_one_kind_of_line_end(tmp_path: Path) -> None:
    assert texts(tmp_path, "\ufeff\r\na\r\nb\r\rc\n\n", "file") == {"g.md": "a\nb\n\nc"}


def test_paragraphs_stand_between_blank_lines(tmp_path: Path) -> None:
    found = texts(tmp_path, "one\ntwo\n\n \n\tthree\n\n\nfour", "paragraph")
    assert found == {"g.md:1": "one\ntwo", "g.md:5": "\tthree", "g.md:8": "four"}


def test_sections_begin_at_headings_outside_of_code(tmp_path: Path) -> None:
    text = "before\n\n# One\ntext\n```sh\n# no heading\n```\n#tag\n\n## Two\n~~~~\n# code\n```\n~~~~\nend\n###\nlast\n"
    assert texts(tmp_path, text, "section") == {
        "g.md:1": "before",
        "g.md:3": "# One\ntext\n```sh\n# no heading\n```\n#tag",
        "g.md:10": "## Two\n~~~~\n# code\n```\n~~~~\nend",
        "g.md:16": "###\nlast",
    }


def test_chinese_text_in_gb18030(tmp_path: Path) -> None:
    assert texts(tmp_path, "第一条\r\n\r\n第二条".encode("gb18030"), "paragraph") == {
        "g.md:1": "第一条",
        "g.md:3": "第二条",
    }


@pytest.mark.parametrize(
    ("damage", "rule"),
    [(b"caf\xe9", "encoding"), (b"n\0l", "nul"), (b"x" * 2 * LONGEST, "too_long"), (b"line\n" * 300_000, "too_long")],
)
def test_a_damaged_paragraph_is_rejected_and_the_next_one_read(tmp_path: Path, damage: bytes, rule: str) -> None:
    content = "好\n\nfirst\n".encode() + damage + b"\n\nlast\n"
    *good, last = texts(tmp_path, content, "paragraph").values()
    assert (good, last) == (["好", [rule]], "last")
    assert texts(tmp_path, content, "file") == {"g.md": [rule]}


@pytest.mark.parametrize("content", ["", "\ufeff", " \n\n\t\n"])
@pytest.mark.parametrize("unit", ["file", "paragraph", "section"])
def test_an_empty_file_is_refused(tmp_path: Path, content: str, unit: Unit) -> None:
    with pytest.raises(SourceError, match=r"g\.md: found (an empty file|blank lines only), expected text"):
        texts(tmp_path, content, unit)
