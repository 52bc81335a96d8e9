"""Pictures of text: what is read, in which order, and what becomes of files that can't be read."""

import io
import logging
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from practicum.data.example import Rejected
from practicum.data.raw import Record
from practicum.data.readers import scans

SCANS = Path(__file__).parents[3] / "fixtures" / "scans"
LINES = (
    "Patient is a 74-year-old woman.",
    "Creatinine 1.2 mg/dL, potassium 4.1 mmol/L",
    "Blood pressure 128/76 mmHg, heart rate 72",
    "Impression: no acute disease.",
)


def character_error_rate(expected: str, found: str) -> float:
    """Edits to make the one text of the other, by the expected one's length; runs of blanks count as one."""
    expected, found = (" ".join(text.split(" ")) for text in (expected, found))
    before = list(range(len(found) + 1))
    for row, character in enumerate(expected, start=1):
        current = [row]
        for column, other in enumerate(found):
            current.append(min(before[column] + (character != other), before[column + 1] + 1, current[column] + 1))
        before = current
    return before[-1] / len(expected)


def drawn(lines: tuple[str, ...] = LINES, size: int = 24, ink: int = 0, ground: int = 255) -> Image.Image:
    image = Image.new("L", (680, 30 + len(lines) * 2 * size), ground)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((25, 20 + number * 1.8 * size), line, ink, ImageFont.load_default(size))
    return image


def texts(image: Image.Image) -> tuple[str, ...]:
    return tuple(line.text for line in scans.recognise(image))


def rows(path: Path) -> list[Record | Rejected]:
    return list(scans.read_image(path, path.name))


def rule(path: Path) -> str:
    (row,) = rows(path)
    assert isinstance(row, Rejected)
    assert row.source == path.name
    assert "found" in row.text
    assert "expected" in row.text
    return row.rule


@pytest.mark.parametrize("name", ["report_en", "report_zh"])
def test_a_skewed_and_noisy_scan_is_read_with_at_most_two_percent_of_wrong_characters(name: str) -> None:
    (record,) = rows(SCANS / f"{name}.jpg")
    assert isinstance(record, Record)
    expected = "\n".join(" ".join(line.split()) for line in (SCANS / f"{name}.txt").read_text("utf-8").splitlines())
    assert character_error_rate(expected, record.values["text"]) <= 0.02
    assert record.values["confidence"] == min(line["confidence"] for line in record.values["lines"])
    assert record.values["text"] == "\n".join(line["text"] for line in record.values["lines"])


@pytest.mark.parametrize("degrees", [5, -5])
def test_lines_keep_their_order_on_a_skewed_page(degrees: float) -> None:
    assert texts(drawn().rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)) == LINES


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_that_lies_on_its_side_or_head_is_read(degrees: int) -> None:
    assert texts(drawn().rotate(degrees, expand=True)) == LINES


def test_cells_of_a_table_stand_on_one_line_from_the_left() -> None:
    image = Image.new("L", (900, 260), 255)
    for row, cells in enumerate([("Test", "Result", "Unit"), ("Sodium", "138", "mmol/L"), ("1", "2", "3")]):
        for column, cell in enumerate(cells):
            place = (40 + column * 300, 30 + row * 70)
            ImageDraw.Draw(image).text(place, cell, 0, ImageFont.load_default(28))
    skewed = image.rotate(-3, Image.Resampling.BICUBIC, fillcolor=255)
    assert texts(skewed) == ("Test Result Unit", "Sodium 138 mmol/L", "1 2 3")


def test_boxes_hold_the_ink_of_their_lines() -> None:
    image = drawn()
    ink = np.asarray(image) < 128
    for line in scans.recognise(image):
        left, top, right, bottom = line.box
        assert ink[top:bottom, left:right].any()
        ink[top:bottom, left:right] = False
    assert not ink.any()


def test_boxes_lie_in_the_picture_as_stored_though_exif_turns_it(tmp_path: Path) -> None:
    upright = drawn(LINES[:1])
    for orientation, turn in (
        (6, Image.Transpose.ROTATE_90),
        (5, Image.Transpose.TRANSPOSE),
    ):
        stored = upright.transpose(turn)
        exif = Image.Exif()
        exif[0x0112] = orientation
        stored.save(tmp_path / "turned.png", exif=exif)
        (record,) = rows(tmp_path / "turned.png")
        assert isinstance(record, Record)
        assert record.values["text"] == LINES[0]
        left, top, right, bottom = record.values["lines"][0]["box"]
        ink = np.asarray(stored) < 128
        assert ink[top:bottom, left:right].sum() == ink.sum()


def test_the_same_picture_gives_the_same_lines_and_no_log(caplog: pytest.LogCaptureFixture, capfd) -> None:
    with caplog.at_level(logging.DEBUG):
        engine = scans.Ocr(threads=1)
        first = engine.recognise(drawn())
        assert engine.recognise(drawn()) == first
    assert not [record for record in caplog.records if "rapid" in record.name.casefold()]
    assert capfd.readouterr() == ("", "")


def test_a_lines_text_does_not_depend_on_the_others() -> None:
    alone = scans.recognise(drawn(LINES[:1]).resize((680, 78)))
    assert texts(drawn())[0] == alone[0].text


def test_full_stops_survive_salt_and_pepper() -> None:
    pixels = np.asarray(drawn(size=22)).copy()
    chance = np.random.default_rng(7).random(pixels.shape)
    pixels[chance < 0.015] = 0
    pixels[chance > 0.985] = 255
    assert texts(Image.fromarray(pixels)) == LINES


def test_a_blank_is_put_where_the_gap_is_too_wide_for_a_word() -> None:
    assert scans._spaced("contrastAccession", [*range(0, 24, 3), *range(30, 57, 3)]) == "contrast Accession"
    assert scans._spaced("WMWM", [0, 5, 10, 15]) == "WMWM"
    assert scans._spaced("王晓梅性别：女", [0, 5, 10, 20, 25, 30, 35]) == "王晓梅 性别：女"
    assert scans._spaced("a  b", [0, 9]) == "a b"


def wide(mode: str) -> Image.Image:
    """The page in another mode."""
    grey = drawn(LINES[:1])
    pixels = np.asarray(grey)
    if mode == "I;16":
        return Image.fromarray(pixels.astype(np.uint16) * 16)
    if mode == "F":
        return Image.fromarray(pixels.astype(np.float32) / 255)
    if mode in ("RGBA", "LA"):
        clear = grey.convert(mode)
        clear.putalpha(Image.fromarray(255 - pixels))
        return clear
    return grey.convert(mode)


@pytest.mark.parametrize("mode", ["1", "P", "RGBA", "LA", "CMYK", "I;16", "F"])
def test_every_mode_of_colours_is_read(mode: str) -> None:
    assert texts(wide(mode)) == LINES[:1]


def test_white_print_on_a_clear_ground_is_read() -> None:
    image = Image.new("RGBA", (680, 200), (255, 255, 255, 0))
    ImageDraw.Draw(image).text((25, 60), LINES[1], "white", ImageFont.load_default(24))
    assert texts(image) == LINES[1:2]


def test_each_page_of_a_tiff_is_a_record(tmp_path: Path) -> None:
    path = tmp_path / "fax.tiff"
    drawn(LINES[:1]).save(path, save_all=True, append_images=[Image.new("L", (300, 300), 255), drawn(LINES[1:2])])
    first, blank, last = rows(path)
    assert isinstance(first, Record)
    assert isinstance(last, Record)
    assert (first.source, first.values["text"]) == ("fax.tiff#page=1", LINES[0])
    assert isinstance(blank, Rejected)
    assert (blank.source, blank.rule) == ("fax.tiff#page=2", "no_text")
    assert (last.source, last.values["text"]) == ("fax.tiff#page=3", LINES[1])


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    for side in (12_000, 60_000):
        header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
        bomb = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(2**20))) + chunk(b"IEND", b"")
        (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bomb)
        assert rule(tmp_path / "bomb.png") == "picture_too_large"


@pytest.mark.parametrize(("kind", "share"), [("PNG", 0.5), ("JPEG", 0.3), ("TIFF", 0.5), ("WEBP", 0.5)])
def test_a_torn_file_is_rejected(tmp_path: Path, kind: str, share: float) -> None:
    stream = io.BytesIO()
    drawn().save(stream, kind)
    whole = stream.getvalue()
    (tmp_path / "torn").write_bytes(whole[: int(len(whole) * share)])
    assert rule(tmp_path / "torn") in ("broken_picture", "not_a_picture")


def test_what_is_no_picture_is_rejected_by_name(tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    assert rule(tmp_path / "empty.png") == "empty_file"
    (tmp_path / "notes.png").write_text("Patient is well.\n")
    assert rule(tmp_path / "notes.png") == "not_a_picture"
    with pytest.raises(FileNotFoundError, match=r"gone\.png"):
        rows(tmp_path / "gone.png")


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (600, 400)])
def test_a_picture_without_text_is_rejected(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("L", size, 255).save(tmp_path / "blank.png")
    assert rule(tmp_path / "blank.png") == "no_text"


def test_a_page_too_blurred_to_be_trusted_is_rejected_with_what_was_read(tmp_path: Path) -> None:
    small = drawn(size=24).resize((136, 45), Image.Resampling.BOX)
    small.resize((680, 225), Image.Resampling.BICUBIC).save(tmp_path / "blur.png")
    assert rule(tmp_path / "blur.png") in ("ocr_confidence", "no_text")
