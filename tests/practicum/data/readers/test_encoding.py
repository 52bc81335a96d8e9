"""Text in the encodings that teams have it in; a faulty byte spoils its own line."""

from pathlib import Path

import pytest

from practicum.config import Encoding
from practicum.data.readers import SourceError
from practicum.data.readers.encoding import LONGEST, UNDECODED, detected, fault, lines

CHINESE = "患者男，58岁，因胸痛入院。\n既往史：高血压。\n"


def written(folder: Path, content: bytes) -> Path:
    path = folder / "notes.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "codec"),
    [
        (b"plain\n", "utf-8"),
        (CHINESE.encode(), "utf-8"),
        (CHINESE.encode("utf-8-sig"), "utf-8-sig"),
        (CHINESE.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + CHINESE.encode("utf-16-be"), "utf-16"),
        (CHINESE.encode("gb18030"), "gb18030"),
        (b"\x84\x31\x95\x33" + CHINESE.encode("gb18030"), "gb18030"),
        # A rare character of four bytes, and blocks of ASCII longer than what is read at once.
        ((b"x" * 99 + b"\n") * 6000 + "㐀𠀀的人".encode("gb18030") + b"\n", "gb18030"),
    ],
)
def test_the_encoding_is_found_and_the_text_read(tmp_path: Path, content: bytes, codec: str) -> None:
    path = written(tmp_path, content)
    assert detected(path, "notes.txt") == codec
    text = "".join(lines(path, "notes.txt"))
    assert UNDECODED not in text
    assert text == content.decode(codec).removeprefix("\ufeff")


@pytest.mark.parametrize(
    "content",
    [
        "Größe\nfür\nété à Orléans\n".encode("latin-1"),  # accents that are no Chinese
        CHINESE.encode() * 3 + "胸痛\n".encode("gb18030"),  # one line pasted in another encoding
    ],
)
def test_faulty_lines_do_not_make_a_file_chinese(tmp_path: Path, content: bytes) -> None:
    assert detected(written(tmp_path, content), "notes.txt") == "utf-8"


def test_bytes_that_are_no_text_spoil_their_own_line_only(tmp_path: Path) -> None:
    path = written(tmp_path, "好\n".encode() + b"caf\xe9\n" + "é\n".encode() + b"cut \xe4\xb8")
    found = list(lines(path, "notes.txt"))
    assert found == ["好\n", f"caf{UNDECODED}\n", "é\n", f"cut {UNDECODED}"]
    assert [fault(line) for line in found] == [None, ("encoding", 3), None, ("encoding", 4)]


@pytest.mark.parametrize(
    ("content", "encoding", "text"),
    [
        ("好".encode("utf-8-sig"), "utf-8", "好"),
        ("好".encode("utf-16-le"), "utf-16", "好"),
        (b"\xfe\xff" + "好".encode("utf-16-be"), "utf-16", "好"),
        ("好\n".encode("utf-16-le") + b"\x00\xd8\n\x00b\x00", "utf-16", f"好\n{UNDECODED}\nb"),
        ("好".encode("gb18030"), "gb18030", "好"),
    ],
)
def test_an_encoding_that_is_named_is_taken(tmp_path: Path, content: bytes, encoding: Encoding, text: str) -> None:
    assert "".join(lines(written(tmp_path, content), "notes.txt", encoding)) == text


def test_every_kind_of_line_end_is_one_and_nothing_else_is(tmp_path: Path) -> None:
    path = written(tmp_path, "a\r\nb\rc\nd\u2028e\x0cf\x85g".encode())
    assert list(lines(path, "notes.txt")) == ["a\n", "b\n", "c\n", "d\u2028e\x0cf\x85g"]


def test_an_endless_line_is_cut_and_the_next_one_read(tmp_path: Path) -> None:
    path = written(tmp_path, b"x" * (10 * LONGEST) + b"\n" + b"y" * (LONGEST - 1) + b"\nz\n" + b"w" * (2 * LONGEST))
    first, full, short, last = lines(path, "notes.txt")
    assert (len(first), len(full), short, len(last)) == (LONGEST + 1, LONGEST, "z\n", LONGEST + 1)
    assert [fault(line) for line in (first, full, last)] == [("too_long", 0), None, ("too_long", 0)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"notes\.txt: found an empty file, expected text"),
        (b"\x1f\x8b\x08\x00rest", r"notes\.txt: found gzip, .*unpack it"),
        (b"PK\x03\x04rest", r"notes\.txt: found ZIP, .*unpack it"),
        ("text".encode("utf-32"), r"notes\.txt: found UTF-32, .*save it as UTF-8"),
    ],
)
def test_what_is_no_text_is_refused_by_name(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        list(lines(written(tmp_path, content), "notes.txt"))
