"""PDF files, by their text layer or by OCR of the page's picture."""

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from practicum.config import PdfSource
from practicum.data.boilerplate import FEWEST, running_lines
from practicum.data.example import Rejected
from practicum.data.raw import Record
from practicum.data.readers.scans import MAX_PIXELS, Line, ocr_values, read_lines

HYPHEN = "\ufffe"
"""What PDFium gives for a hyphen at a line's end."""
FEW_CHARACTERS = 10
"""A page whose text layer has fewer, and has ink, is a picture with a stamp or page number on it."""
MAX_UNREADABLE = 0.2
"""Share of characters without meaning (fonts that don't say what their glyphs are) above which a text layer is none."""

_POINTS = 72
"""To the inch."""
_INK_DPI = 36
_INK = 0.0005
"""Share of an inked page's pixels that differ from its ground."""
_PASSWORD = 4
"""PDFium's error code."""
_CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffd\ue000-\uf8ff]")
_ITEM = re.compile(r"(?:[-*•‣·●○▪–—]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)])\s|[^.:：]{1,40}[:：](?:\s|$)")
"""What begins with a list's mark or with a label begins a line of its own."""

_pdfium = threading.RLock()
"""PDFium is one per process and not thread-safe."""


@dataclass(frozen=True, slots=True)
class _Printed:
    """One line of a text layer. Measures are points from the page's left and bottom."""

    text: str
    left: float
    right: float
    bottom: float
    height: float


@dataclass(frozen=True, slots=True)
class _Page:
    """What was found on a page: lines by the one way or by the other, nothing, or a fault."""

    number: int
    printed: Sequence[_Printed] = ()
    scanned: Sequence[Line] = ()
    fault: Rejected | None = None

    @property
    def lines(self) -> list[str]:
        return [line.text for line in self.scanned or self.printed]


class _Document:
    """An open file. Everything that touches PDFium happens in here, one thread at a time."""

    def __init__(self, path: Path) -> None:
        with _pdfium:
            self._file = pypdfium2.PdfDocument(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _pdfium:
            # Its pages and text pages too.
            self._file.close()

    def __len__(self) -> int:
        with _pdfium:
            return len(self._file)

    def printed(self, index: int) -> list[_Printed]:
        """Lines of a page's text layer, in the layer's order."""
        with _pdfium:
            page = self._file[index]
            try:
                layer = page.get_textpage()
                count = layer.count_chars()
                units = [pdfium.FPDFText_GetUnicode(layer, at) for at in range(count)]
                hyphens = [pdfium.FPDFText_IsHyphen(layer, at) == 1 for at in range(count)]
                boxes = [layer.get_charbox(at, loose=True) for at in range(count)]
            finally:
                page.close()
        lines: list[_Printed] = []
        begins = 0
        for at in range(count + 1):
            if at < count and units[at] not in (0x0A, 0x0D) and not hyphens[at]:
                continue
            ends = at + 1 if at < count and hyphens[at] else at
            # Code units of UTF-16, of which rare characters take two.
            codes = [ord(HYPHEN) if hyphens[each] else units[each] for each in range(begins, ends)]
            raw = b"".join(code.to_bytes(2, "little") for code in codes if 0 < code < 0x10000)
            text = " ".join(raw.decode("utf-16-le", errors="replace").split())
            placed = [boxes[each] for each in range(begins, ends) if not chr(units[each]).isspace()]
            if text and placed:
                left, right = min(box[0] for box in placed), max(box[2] for box in placed)
                bottom, top = min(box[1] for box in placed), max(box[3] for box in placed)
                lines.append(_Printed(text, left, right, bottom, top - bottom))
            begins = at + 1
        return lines

    def size(self, index: int) -> tuple[float, float]:
        """Width and height of a page in points."""
        with _pdfium:
            width, height = self._file.get_page_size(index)
            return float(width), float(height)

    def rendered(self, index: int, dpi: float) -> Image.Image:
        """The page's picture, in grey."""
        with _pdfium:
            page = self._file[index]
            try:
                # A copy: the bitmap's memory goes with it.
                bitmap = page.render(scale=dpi / _POINTS, grayscale=True)
                picture = Image.fromarray(np.array(bitmap.to_numpy()).squeeze())
                bitmap.close()
            finally:
                page.close()
        return picture


def _has_ink(document: _Document, index: int) -> bool:
    width, height = document.size(index)
    dpi = min(_INK_DPI, _POINTS * (MAX_PIXELS / 10 / max(width * height, 1.0)) ** 0.5)
    pixels = np.asarray(document.rendered(index, dpi)).astype(int)
    return bool((np.abs(pixels - np.median(pixels)) > 32).mean() > _INK)


def _readable(lines: Sequence[_Printed]) -> bool:
    text = "".join("".join(line.text.split()) for line in lines)
    return len(text) >= FEW_CHARACTERS and len(_UNREADABLE.findall(text)) <= MAX_UNREADABLE * len(text)


def _scanned(document: _Document, index: int, dpi: int, source: str) -> _Page:
    """The page by OCR."""
    width, height = (side * dpi / _POINTS for side in document.size(index))
    if width * height > MAX_PIXELS:
        found = f"found a page of {width:.0f}x{height:.0f} pixels at {dpi} dpi, expected {MAX_PIXELS:,} at most"
        return _Page(index + 1, fault=Rejected(source=source, rule="page_too_large", text=f"{found}; lower `dpi`"))
    lines = read_lines(document.rendered(index, dpi), source)
    if isinstance(lines, Rejected):
        return _Page(index + 1, fault=lines)
    return _Page(index + 1, scanned=lines)


def _page(document: _Document, index: int, source: PdfSource, name: str) -> _Page:
    """What stands on a page."""
    try:
        printed = [] if source.ocr == "always" else document.printed(index)
        if printed and (source.ocr == "never" or _readable(printed)):
            return _Page(index + 1, printed=printed)
        if source.ocr == "always" or (source.ocr == "auto" and _has_ink(document, index)):
            page = _scanned(document, index, source.dpi, name)
            if page.fault is None or page.fault.rule != "no_text":
                return page
    except (pypdfium2.PdfiumError, MemoryError) as error:
        found = f"found a page that can't be read ({error}), expected a whole one; write the file anew"
        return _Page(index + 1, fault=Rejected(source=name, rule="broken_page", text=found))
    if printed:
        return _Page(index + 1, printed=printed)
    hint = "; set `ocr` to `auto` if it is a scan" if source.ocr == "never" else ""
    found = f"found a page without text, expected some{hint}"
    return _Page(index + 1, fault=Rejected(source=name, rule="no_text", text=found))


@cache
def _words() -> Any:
    from spellchecker import SpellChecker

    return SpellChecker()


def _joined(before: str, after: str) -> str:
    """Two lines of one paragraph as one text: without the hyphen where it only parts a word."""
    if not before.endswith(HYPHEN):
        # PDFium marks hyphens between letters only: `2024-` and `25` belong together too.
        together = (_CJK.match(before[-1]) and _CJK.match(after[0])) or re.search(r"\d-$", before)
        return before + after if together else f"{before} {after}"
    start, end = before[:-1], after
    first, last = re.search(r"[^\W\d_]+$", start), re.match(r"[^\W\d_]+", end)
    if not first or not last or not last[0].islower() or start[: first.start()].endswith("-"):
        return f"{start}-{end}"
    whole, parts = (first[0] + last[0]).lower(), [first[0].lower(), last[0]]
    if not _words().known([whole]) and len(_words().known(parts)) == 2:
        return f"{start}-{end}"
    return start + end


def _wraps(line: _Printed, after: _Printed, column: Sequence[_Printed]) -> bool:
    """Whether a line ends only because the next one's first word had no room in it.

    Args:
        line: the line.
        after: the next one.
        column: the page's lines that begin about where this one does.
    """
    if line.text.endswith(HYPHEN):
        return True
    step = line.bottom - after.bottom
    height = max(line.height, after.height)
    if not 0 < step < 1.9 * height or abs(line.height - after.height) > 0.2 * height or _ITEM.match(after.text):
        return False
    if after.left - line.left > 3 * height:
        return False
    if len(column) < 3 and not after.text[0].islower():
        # Too few lines to tell how wide the column is.
        return False
    room = max(each.right for each in column) - line.right
    width = (after.right - after.left) / len(after.text)
    first = 1 if _CJK.match(after.text[0]) else len(after.text.split(" ", 1)[0]) + 1
    return room < first * width


def _paragraphs(lines: Sequence[_Printed]) -> str:
    """The text of a page, each paragraph on one line, with a blank line where the page has a gap."""
    texts: list[str] = []
    for before, line in zip([None, *lines], lines, strict=False):
        if before is None:
            texts.append(line.text)
            continue
        column = [each for each in lines if abs(each.left - before.left) < 3 * before.height]
        if _wraps(before, line, column):
            texts[-1] = _joined(texts[-1], line.text)
            continue
        if before.bottom - line.bottom > 1.9 * max(before.height, line.height):
            texts.append("")
        texts.append(line.text)
    return "\n".join(texts).replace(HYPHEN, "-")


def _values(page: _Page, top: int, bottom: int) -> dict[str, Any]:
    """What a page's record holds, without so many running lines at its edges."""
    body = slice(top, len(page.lines) - bottom)
    values = ocr_values(page.scanned[body]) if page.scanned else {"text": _paragraphs(page.printed[body])}
    removed = [line.replace(HYPHEN, "-") for line in page.lines[:top] + page.lines[body.stop :]]
    return values | {"page": page.number, "boilerplate": removed}


def _whole(pages: Sequence[dict[str, Any]], name: str) -> Record:
    """The pages of a file as one record."""
    values: dict[str, Any] = {"text": "\n\n".join(page["text"] for page in pages), "page": pages[0]["page"]}
    values["pages"] = [page["page"] for page in pages]
    values["boilerplate"] = [line for page in pages for line in page["boilerplate"]]
    scanned = [page for page in pages if "lines" in page]
    if scanned:
        values["confidence"] = min(page["confidence"] for page in scanned)
        values["lines"] = [line | {"page": page["page"]} for page in scanned for line in page["lines"]]
    return Record(values, name)


def _unopened(path: Path, name: str) -> Rejected | None:
    """Why a file is not worth opening."""
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(max(0, path.stat().st_size - 2048))
        tail = file.read()
    if not head:
        return Rejected(source=name, rule="empty_file", text="found 0 bytes, expected a PDF")
    if b"%PDF-" not in head:
        return Rejected(
            source=name, rule="not_a_pdf", text=f"found a file that begins with {head[:8]!r}, expected %PDF-"
        )
    if b"%%EOF" not in tail:
        # PDFium would make do with the pages that are left, and say nothing of the others.
        return Rejected(source=name, rule="broken_pdf", text="found no %%EOF at its end: it is cut off; fetch it again")
    return None


def read_pdf(source: PdfSource, path: Path, name: str) -> Iterator[Record | Rejected]:
    """The text of a PDF file, page by page or whole.

    Running headers and footers of files of three pages and more go from the text; see `boilerplate`.

    Args:
        source: `unit`, `ocr` and `dpi` count.
        path: the file.
        name: what it is called in sources.

    Yields:
        A record `name#page=3` with `text`, `page` (from 1), `boilerplate` (lines that were taken out) and, where OCR
        has read it, `confidence` (the lowest of its lines) and `lines`, each with `text`, `confidence` and `box`
        (left, top, right, bottom in pixels at `dpi`). For the unit `file` a record `name` in which `page` is the
        first one with text, `pages` names all of them, and each line has its `page`.
        A rejected row for a file, by rule `empty_file`, `not_a_pdf`, `broken_pdf` or `password`; for a page, by rule
        `broken_page`, `page_too_large`, `no_text` or `ocr_confidence`. A file of which pages were rejected is not
        whole: as a unit it is rejected too, by rule `pages_missing`, unless these pages are blank.

    Raises:
        OSError: the file can't be opened.
    """
    fault = _unopened(path, name)
    if fault:
        yield fault
        return
    try:
        document = _Document(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD:
            found = "found a file that asks for a password, expected an open one; save a copy without"
            yield Rejected(source=name, rule="password", text=found)
        else:
            yield Rejected(source=name, rule="broken_pdf", text=f"found no readable PDF: {error}; write the file anew")
        return
    with document:
        pages = [_page(document, index, source, f"{name}#page={index + 1}") for index in range(len(document))]
    filled = [page.lines for page in pages]
    edges = running_lines(filled) if len(pages) >= FEWEST else [(0, 0)] * len(pages)
    if source.unit == "page":
        for page, edge in zip(pages, edges, strict=True):
            yield page.fault or Record(_values(page, *edge), f"{name}#page={page.number}")
        return
    faults = [page.fault for page in pages if page.fault and page.fault.rule != "no_text"]
    yield from faults
    values = [_values(page, *edge) for page, edge in zip(pages, edges, strict=True) if not page.fault]
    if faults:
        found = f"found {len(faults)} of {len(pages)} pages that can't be read, the first of them {faults[0].source}"
        yield Rejected(source=name, rule="pages_missing", text=f"{found}; read it with `unit: page` to have the others")
    elif values:
        yield _whole(values, name)
    else:
        found = f"found no text on {len(pages)} pages, expected some"
        yield Rejected(source=name, rule="no_text", text=found)
