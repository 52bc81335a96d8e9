"""Text files line by line, in the encoding that they are in, whatever stands in them.

No line is held beyond `LONGEST` characters, and no file as a whole. Bytes that can't be decoded become `UNDECODED`,
so that they spoil their own line only.
"""

import codecs
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from practicum.config import Encoding
from practicum.data.readers import SourceError

LONGEST = 2**20
"""Characters of the longest line, cell or text that is read: a thousand times what a training row holds."""
UNDECODED = "\udcff"
"""Stands for bytes that are no text in the file's encoding. No encoding gives this character for a valid one."""

_BLOCK = 2**18
_MARKED = "practicum-undecoded"
codecs.register_error(_MARKED, lambda error: (UNDECODED, getattr(error, "end", 0)))

_BYTE_ORDER_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_ARCHIVES = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "ZIP", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_ASCII = bytes(range(128))
_COMMON_HANZI = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
"""The characters of GB 2312, of which Chinese text in GB18030 is made for the most part."""


def _reads_as_gb18030(line: bytes) -> bool:
    """Whether the line is Chinese text rather than, say, Latin-1 in which accents happen to form valid pairs."""
    try:
        codecs.getincrementaldecoder("gb18030")().decode(line)
    except UnicodeDecodeError:
        return False
    high = len(line.translate(None, _ASCII))
    return 4 * len(_COMMON_HANZI.findall(line)) >= high


def _is_utf8(pieces: Iterator[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in pieces:
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _vote(file: BinaryIO) -> str:
    """UTF-8 or GB18030, by the lines that are one and can't be the other."""
    chinese = others = 0
    within = False
    for piece in iter(partial(file.readline, LONGEST), b""):
        if not within and not piece.isascii():
            if not _is_utf8(iter([piece.rstrip(b"\r\n")])) and _reads_as_gb18030(piece):
                chinese += 1
            else:
                others += 1
        within = not piece.endswith(b"\n")  # the rest of an endless line has no vote
    return "gb18030" if chinese > others else "utf-8"


def detected(path: Path, name: str, encoding: Encoding = "auto") -> str:
    """The codec that reads the file.

    Args:
        path: the file.
        name: what to call it in an error.
        encoding: what the source says; `auto`: by byte-order mark, else UTF-8, else GB18030, where more lines are
            Chinese text in GB18030 than are anything else. A file of neither is taken for UTF-8 with faulty lines.

    Raises:
        SourceError: the file is empty, an archive or UTF-32.
    """
    with path.open("rb") as file:
        head = file.read(6)
        if not head:
            raise SourceError(f"{name}: found an empty file, expected text; take it away or fill it")
        marked = next((codec for mark, codec in _BYTE_ORDER_MARKS if head.startswith(mark)), None)
        archive = next((kind for magic, kind in _ARCHIVES.items() if head.startswith(magic)), None)
        if archive or marked == "utf-32":
            raise SourceError(
                f"{name}: found {archive or 'UTF-32'}, expected text in UTF-8, UTF-16 or GB18030; "
                f"{'unpack it' if archive else 'save it as UTF-8'}"
            )
        if encoding != "auto":
            without_mark = {"utf-16": "utf-16-le", "utf-8": "utf-8-sig"}
            return encoding if marked == encoding == "utf-16" else without_mark.get(encoding, encoding)
        if marked:
            return "utf-8-sig" if marked == "utf-8" else marked
        file.seek(0)
        if _is_utf8(iter(partial(file.read, _BLOCK), b"")):
            return "utf-8"
        file.seek(0)
        return _vote(file)


def lines(path: Path, name: str, encoding: Encoding = "auto") -> Iterator[str]:
    """The file's lines in order, with `\\n` for any kind of line end; the last one may lack it.

    A line of more than `LONGEST` characters is given as its first `LONGEST` + 1 of them. Bytes that can't be decoded
    are given as `UNDECODED`.

    Raises:
        SourceError: as `detected`.
    """
    codec = detected(path, name, encoding)
    with path.open(encoding=codec, errors=_MARKED, buffering=_BLOCK) as file:
        first = True
        for line in iter(partial(file.readline, LONGEST + 1), ""):
            if len(line) > LONGEST and not line.endswith("\n"):
                while (rest := file.readline(LONGEST)) and not rest.endswith("\n"):
                    pass
            yield line.removeprefix("\ufeff") if first else line
            first = False


def fault(line: str) -> tuple[str, int] | None:
    """The rule that a line breaks before anything is made of it, and at which character; None when it breaks none."""
    if len(line) > LONGEST:
        return "too_long", 0
    if UNDECODED in line:
        return "encoding", line.index(UNDECODED)
    if "\0" in line:
        return "nul", line.index("\0")
    return None
