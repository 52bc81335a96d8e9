"""PDF files, drawn here: text layers, scans, and files that can't be read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fpdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from practicum.config import PdfSource
from practicum.data.example import Rejected
from practicum.data.raw import Record
from practicum.data.readers.pdf import read_pdf

LAW = (
    "A tenant who has paid the deposit may ask for its return within thirty days of the end of the lease, and the "
    "landlord answers in writing, naming each sum that he keeps back and the damage for which he keeps it."
)
PRINT = ("Heart rate 72 bpm, blood pressure 128/76", "Sodium 138 mmol/L, potassium 4.1 mmol/L")


def read(path: Path, **settings: Any) -> list[Record | Rejected]:
    return list(read_pdf(PdfSource(reader="pdf", files=path.name, **settings), path, path.name))


def record(row: Record | Rejected) -> Record:
    assert isinstance(row, Record), row
    return row


def rejected(rows: Sequence[Record | Rejected]) -> list[tuple[str, str]]:
    assert all(row.text.startswith("found ") for row in rows if isinstance(row, Rejected))
    return [(row.source, row.rule) for row in rows if isinstance(row, Rejected)]


def document() -> fpdf.FPDF:
    pdf = fpdf.FPDF()
    pdf.set_font("helvetica", size=11)
    pdf.set_auto_page_break(False)
    return pdf


def write(pdf: fpdf.FPDF, text: str) -> None:
    pdf.multi_cell(0, 5, text, align="L", new_x="LMARGIN", new_y="NEXT")


def scan() -> Image.Image:
    image = Image.new("L", (900, 300), 255)
    for number, line in enumerate(PRINT):
        ImageDraw.Draw(image).text((40, 60 + number * 70), line, 0, ImageFont.load_default(32))
    return image


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.pdf"


def test_pages_of_a_text_layer_are_records_with_their_paragraphs(file: Path) -> None:
    pdf = document()
    for name in ("Ann", "Bo"):
        pdf.add_page()
        write(pdf, f"Name: {name}\nAge: 41\n{LAW}\n\n1. Deposit\n2. Lease")
    pdf.output(file)
    first, second = map(record, read(file))
    assert first.values == {
        "text": f"Name: Ann\nAge: 41\n{LAW}\n\n1. Deposit\n2. Lease",
        "page": 1,
        "boilerplate": [],
    }
    assert (first.source, second.source) == ("file.pdf#page=1", "file.pdf#page=2")
    assert second.values["text"].startswith("Name: Bo\n")


def test_a_hyphen_at_a_lines_end_goes_only_where_it_parts_a_word(file: Path) -> None:
    pdf = document()
    pdf.add_page()
    write(pdf, "a further exami-\nnation of the well-\nknown node by PET-\nCT showed spicu-\nlated margins")
    pdf.output(file)
    (row,) = read(file)
    text = "a further examination of the well-known node by PET-CT showed spiculated margins"
    assert record(row).values["text"] == text


def test_running_lines_of_three_pages_and_more_go_and_are_kept_apart(file: Path) -> None:
    pdf = document()
    for page in range(1, 4):
        pdf.add_page()
        write(pdf, f"County Court - confidential\nCase {'ABC'[page - 1]}: {LAW} Filed by {'ABC'[page - 1]}.")
        pdf.set_y(-20)
        write(pdf, f"Page {page} of 3")
    pdf.output(file)
    rows = [record(row) for row in read(file)]
    assert [row.values["text"] for row in rows] == [f"Case {letter}: {LAW} Filed by {letter}." for letter in "ABC"]
    assert rows[1].values["boilerplate"] == ["County Court - confidential", "Page 2 of 3"]
    (whole,) = map(record, read(file, unit="file"))
    assert whole.source == "file.pdf"
    assert whole.values["text"] == "\n\n".join(f"Case {letter}: {LAW} Filed by {letter}." for letter in "ABC")
    assert whole.values["pages"] == [1, 2, 3]
    assert len(whole.values["boilerplate"]) == 6


def test_a_page_without_text_layer_is_read_by_ocr_and_others_are_not(file: Path) -> None:
    pdf = document()
    pdf.add_page()
    write(pdf, LAW)
    pdf.add_page()
    pdf.image(scan(), w=150)
    write(pdf, "2")
    pdf.add_page()
    pdf.output(file)
    printed, scanned, blank = read(file)
    assert record(printed).values["text"] == LAW
    assert "confidence" not in record(printed).values
    values = record(scanned).values
    assert values["text"].splitlines()[:2] == list(PRINT)
    assert values["confidence"] > 0.9
    # 10 mm of margin and 150 mm of picture at 200 dpi.
    left, _, right, _ = values["lines"][0]["box"]
    assert 79 < left < right < 1260
    assert rejected([blank]) == [("file.pdf#page=3", "no_text")]
    assert rejected(read(file, ocr="never")) == [("file.pdf#page=3", "no_text")]
    (whole,) = read(file, unit="file", dpi=100)
    assert record(whole).values["pages"] == [1, 2]
    assert {line["page"] for line in record(whole).values["lines"]} == {2}


def test_ocr_can_be_asked_for_where_there_is_a_text_layer(file: Path) -> None:
    pdf = document()
    pdf.add_page()
    write(pdf, PRINT[0])
    pdf.output(file)
    (row,) = read(file, ocr="always")
    assert record(row).values["text"] == PRINT[0]
    assert len(record(row).values["lines"]) == 1


def test_a_password_keeps_a_file_out_unless_it_only_guards_changes(file: Path) -> None:
    for password, rule in (("secret", ["password"]), ("", [])):
        pdf = document()
        pdf.add_page()
        write(pdf, LAW)
        pdf.set_encryption(owner_password="owner", user_password=password or None)
        pdf.output(file)
        assert [rule for _, rule in rejected(read(file))] == rule


def test_broken_files_are_rejected_as_a_whole(file: Path) -> None:
    pdf = document()
    pdf.add_page()
    write(pdf, LAW)
    whole = bytes(pdf.output())
    empty = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    for content, rule in (
        (b"", "empty_file"),
        (b"Patient is well.\n", "not_a_pdf"),
        (whole[: len(whole) * 2 // 3], "broken_pdf"),
        (b"%PDF-1.4\ngarbage\n%%EOF\n", "broken_pdf"),
        (empty + b"trailer<</Root 1 0 R>>\n%%EOF\n", "broken_pdf"),
    ):
        file.write_bytes(content)
        assert rejected(read(file)) == [("file.pdf", rule)]
    with pytest.raises(FileNotFoundError, match=r"gone\.pdf"):
        read(file.with_name("gone.pdf"))


def test_a_broken_page_is_rejected_and_the_others_are_read(file: Path) -> None:
    pdf = document()
    for _ in range(2):
        pdf.add_page()
        write(pdf, LAW)
    file.write_bytes(bytes(pdf.output()).replace(b"/Type /Page\n", b"/Type /Pxge\n", 1))
    broken, good = read(file)
    assert rejected([broken]) == [("file.pdf#page=1", "broken_page")]
    assert record(good).values["text"] == LAW
    assert rejected(read(file, unit="file")) == [("file.pdf#page=1", "broken_page"), ("file.pdf", "pages_missing")]


def test_a_page_of_gigapixels_is_not_drawn(file: Path) -> None:
    pdf = fpdf.FPDF(format=(5000, 5000))
    pdf.set_margin(10)
    pdf.add_page()
    pdf.image(scan(), w=4000)
    pdf.output(file)
    assert rejected(read(file)) == [("file.pdf#page=1", "page_too_large")]
