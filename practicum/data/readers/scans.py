"""Pictures of text, read by OCR.

Recognition is PP-OCRv6 (small) as rapidocr ships it in its wheel: Chinese and English, on onnxruntime, nothing
fetched. Text is found on a small copy of the picture and read from a larger one, line by line, so that a line's
text does not depend on what else stands on the page.

Best are pictures of 150 to 200 dpi, upright or in quarter turns, skewed by at most 5 degrees; 100 dpi does for
print of 9 points and more. More than 200 dpi is scaled down and gains nothing. Columns are not told apart: what
stands at one height is one line. On noisy pages a full stop between digits and the blank between two Chinese fields
may be lost.
"""

import itertools
import logging
import math
import re
import statistics
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from practicum.data.example import Rejected
from practicum.data.raw import Record

Pixels = npt.NDArray[np.uint8]
"""[height, width, 3], blue first."""
Points = npt.NDArray[np.float64]
"""[..., 2]: x and y."""

MAX_PIXELS = 80_000_000
"""An A3 page at 600 dpi has 70 million. What declares more is not decoded: it may be a bomb."""
MAX_PAGES = 1_000
"""Of one picture file."""
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP", "PPM")
"""Those that Pillow decodes without starting another program."""
MIN_CONFIDENCE = 0.9
"""Mean over a page's characters below which it is rejected. Measured on blurred, noisy and coarse pages: those of which
at most 2 % of the characters are wrong have 0.98 and more; one at 0.91 has 11 % wrong, one at 0.82 has 16 %."""

_READ_PIXELS = 4_000_000
"""A4 at 200 dpi has 3.9 million."""
_FIND_PIXELS = 650_000
"""A4 at 82 dpi."""
_MARGIN = 32
"""Pixels of white around the picture: the detector misses text that touches its edge."""
_TALL = 1.5
"""A box this many times as high as it is wide holds text that runs upwards, or a single letter."""
_SURE = 0.9
"""Confidence that upright print has and text upside down has not."""
_GAP = 6
"""Steps of the recogniser, each a sixth of the line's height, from one letter to the next across a blank that it
passed over; side by side they take five at most, bold capitals too."""
_GAP_HANZI = 9
"""The same from or to a Chinese character."""
_GAP_PITCHES = 1.6
"""The same in widths of such a character, for a line that has several."""
_HANZI = re.compile(r"[\u3400-\u9fff]")
_SPECK = 2
"""Pixels of the largest speck that is noise. A full stop at 100 dpi has four."""
_SPECKLED = 0.002
"""Share of a picture's pixels that are specks, above which it is noisy; a clean page has a hundredth of it."""
_FAULTS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    zlib.error,
    LookupError,
    TypeError,
    ArithmeticError,
    MemoryError,
)
"""What Pillow raises on broken files, by format."""

# How a stored point follows from an upright one, by EXIF orientation: swap x and y, then mirror x, then mirror y.
_ORIENTATIONS = {
    1: (False, False, False),
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line."""

    text: str
    confidence: float
    """Mean over its characters, 0 to 1."""
    box: tuple[int, int, int, int]
    """Left, top, right, bottom in pixels of the picture as stored."""


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """The picture as it is to be looked at."""
    swap, mirror_x, mirror_y = _ORIENTATIONS[orientation]
    pixels = pixels[:: -1 if mirror_y else 1, :: -1 if mirror_x else 1]
    return np.ascontiguousarray(pixels.transpose(1, 0, 2) if swap else pixels)


def _stored(points: Points, orientation: int, width: float, height: float) -> Points:
    """Where points of the upright picture stand in the stored one of this size."""
    swap, mirror_x, mirror_y = _ORIENTATIONS[orientation]
    x, y = (points[..., 1], points[..., 0]) if swap else (points[..., 0], points[..., 1])
    return np.stack([width - x if mirror_x else x, height - y if mirror_y else y], axis=-1)


def _eight_bit(image: Image.Image) -> Image.Image:
    """The picture in RGB: more bits stretched from its darkest to its brightest, transparency laid on what the
    opaque part stands out from."""
    if image.mode[0] in "IF":
        values = np.asarray(image, dtype=np.float64)
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
        low, span = float(values.min()), float(np.ptp(values)) or 1.0
        return Image.fromarray(((values - low) * (255 / span)).astype(np.uint8)).convert("RGB")
    if "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        opacity = np.asarray(image.getchannel("A"), dtype=np.float64)
        brightness = np.asarray(image.convert("L"), dtype=np.float64)
        mean = float((brightness * opacity).sum() / max(opacity.sum(), 1.0))
        ground = Image.new("RGBA", image.size, "white" if mean < 192 else "black")
        return Image.alpha_composite(ground, image).convert("RGB")
    return image.convert("RGB")


def _scaled(pixels: Pixels, most: int) -> tuple[Pixels, float]:
    """The picture with at most so many pixels, and by what it was scaled."""
    scale = min(1.0, math.sqrt(most / (pixels.shape[0] * pixels.shape[1])))
    if scale < 1.0:
        pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return pixels, scale


def _despeckled(pixels: Pixels) -> Pixels:
    """The picture without salt and pepper, in which the recogniser loses full stops; a clean one as it is."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    low, high = np.percentile(grey[::4, ::4], (1, 99))
    ink = (grey < (low + high) / 2).astype(np.uint8)
    specks = np.zeros(grey.shape, dtype=bool)
    for mask, connectivity in ((ink, 8), (1 - ink, 4)):
        _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=connectivity)
        small = stats[:, cv2.CC_STAT_AREA] <= _SPECK
        small[0] = False
        specks |= small[labels]
    if specks.mean() < _SPECKLED:
        return pixels
    return np.where(specks[..., None], cv2.medianBlur(pixels, 3), pixels)


def _angle(quads: Points) -> float:
    """Radians by which lines of text fall to the right, from the long boxes' upper and lower edges."""
    edges = np.concatenate([quads[:, 1] - quads[:, 0], quads[:, 2] - quads[:, 3]])
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    angles = np.arctan2(edges[:, 1], edges[:, 0])
    order = np.argsort(angles, kind="stable")
    reached = np.cumsum(lengths[order])
    # The median by length: a few crooked boxes of single words don't turn it.
    return float(angles[order][np.searchsorted(reached, reached[-1] / 2)])


def _rows(quads: Points) -> list[list[int]]:
    """Which boxes make a printed line, lines from the top, boxes from the left."""
    angle = _angle(quads)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    level = quads @ turn
    centres, heights = level.mean(axis=1), np.ptp(level[..., 1], axis=1)
    rows: list[list[int]] = []
    for index in np.argsort(centres[:, 1], kind="stable").tolist():
        if rows:
            middle = float(np.mean(centres[rows[-1], 1]))
            height = float(np.mean(heights[rows[-1]]))
            if centres[index, 1] - middle < 0.5 * min(height, heights[index]):
                rows[-1].append(index)
                continue
        rows.append([index])
    return [sorted(row, key=lambda index: (centres[index, 0], index)) for row in rows]


def _crop(pixels: Pixels, quad: Points) -> Pixels:
    """What stands in a box, levelled."""
    width = max(1, round(max(math.dist(quad[0], quad[1]), math.dist(quad[3], quad[2]))))
    height = max(1, round(max(math.dist(quad[0], quad[3]), math.dist(quad[1], quad[2]))))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), corners)
    return cv2.warpPerspective(
        pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)


def _spaced(text: str, columns: Sequence[int]) -> str:
    """The text with a blank in wide gaps that the recogniser passed over, as it does between fields of a form.

    Args:
        text: one line.
        columns: the step at which each character but blanks was read.
    """
    left = iter(columns)
    placed = [(character, None if character.isspace() else next(left, None)) for character in text]
    steps = [
        (first, second, None if start is None or end is None else end - start)
        for (first, start), (second, end) in itertools.pairwise(placed)
    ]
    pitches = [step for first, second, step in steps if step and _HANZI.match(first) and _HANZI.match(second)]
    wide = min(_GAP_HANZI, _GAP_PITCHES * statistics.median(pitches)) if len(pitches) >= 3 else _GAP_HANZI
    pieces = [text[:1]]
    for before, character, step in steps:
        gap = _GAP if before.isascii() and character.isascii() else wide
        pieces.append(f" {character}" if step is not None and step >= gap else character)
    return " ".join("".join(pieces).split())


def _session(model: str, threads: int) -> Any:
    """A model of rapidocr's, loaded."""
    import onnxruntime
    import rapidocr

    path = Path(rapidocr.__file__).parent / "models" / model
    if not path.is_file():
        raise FileNotFoundError(f"found no {path}, expected it in rapidocr's wheel; install the locked version")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Threads that wait by spinning take twice the CPU time, and all of it from others on a busy machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Ocr:
    """The two models, loaded once."""

    def __init__(self, threads: int = 2) -> None:
        """
        Args:
            threads: of each model; more than the machine's cores are not used.

        Raises:
            FileNotFoundError: the models aren't in the installed package.
        """
        import rapidocr
        from omegaconf import flag_override
        from rapidocr.ch_ppocr_det import TextDetector
        from rapidocr.ch_ppocr_rec import TextRecognizer

        settings = rapidocr.RapidOCR(
            params={
                "Global.log_level": "critical",
                # The picture comes in the right size.
                "Det.limit_type": "max",
                "Det.limit_side_len": 2**30,
                # Alone no line is padded to another's width: faster on a CPU, and its text depends on itself only.
                "Rec.rec_batch_num": 1,
            }
        ).cfg
        logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
        with flag_override(settings, "allow_objects", True):
            settings.Rec.font_path = None
            # Sessions of our own: rapidocr would fetch a model that lacks.
            settings.Det.session = _session("PP-OCRv6_det_small.onnx", threads)
            settings.Rec.session = _session("PP-OCRv6_rec_small.onnx", threads)
            self._detector = TextDetector(settings.Det)
            self._recogniser = TextRecognizer(settings.Rec)

    def _quads(self, pixels: Pixels) -> Points:
        """Corners of the boxes of text, [boxes, 4, 2], clockwise from the top left."""
        small, scale = _scaled(pixels, _FIND_PIXELS)
        # To multiples of 32, which the network needs, by white margins: stretching would blur.
        below, right = (-(side + 2 * _MARGIN) % 32 + _MARGIN for side in small.shape[:2])
        padded = cv2.copyMakeBorder(small, _MARGIN, below, _MARGIN, right, cv2.BORDER_CONSTANT, value=(255, 255, 255))
        found = self._detector(padded)
        if found.boxes is None or not len(found.boxes):
            return np.zeros((0, 4, 2))
        quads = (np.asarray(found.boxes, dtype=np.float64) - _MARGIN) / scale
        return np.clip(quads, 0, [pixels.shape[1], pixels.shape[0]])

    def _read(self, pixels: Pixels, quads: Points) -> list[tuple[str, float]]:
        """Text and mean confidence of each box."""
        from rapidocr.ch_ppocr_rec import TextRecInput

        if not len(quads):
            return []
        crops = [_crop(pixels, quad) for quad in quads]
        found: Any = self._recogniser(TextRecInput(img=crops, return_word_box=True))
        return [
            (_spaced(text, [column for word in words.word_cols or [] for column in word]), float(score))
            for text, score, words in zip(found.txts, found.scores, found.word_results, strict=True)
        ]

    def _oriented(self, pixels: Pixels) -> tuple[int, Pixels, Points]:
        """The orientation (as EXIF counts) in which the picture's text is upright, the picture so, and its boxes."""
        quads = self._quads(pixels)
        if not len(quads):
            return 1, pixels, quads
        widths = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1)
        heights = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
        sideways = bool(heights[heights > _TALL * widths].sum() > widths[widths > _TALL * heights].sum())
        orientation = 1
        if sideways:
            orientation, pixels = 6, _upright(pixels, 6)
            quads = self._quads(pixels)
            widths = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1)
        # Upside down or not: the longest lines tell.
        longest = np.argsort(-widths, kind="stable")[:3]
        if not len(longest):
            return 1, pixels, quads
        upright = statistics.fmean(score for _, score in self._read(pixels, quads[longest]))
        if upright < _SURE:
            turned = _upright(pixels, 3)
            height, width = pixels.shape[:2]
            # A box's first corner is the top left one: after half a turn that was the third.
            other = np.roll(_stored(quads, 3, width, height), 2, axis=1)
            if statistics.fmean(score for _, score in self._read(turned, other[longest])) > upright:
                return {1: 3, 6: 8}[orientation], turned, other
        return orientation, pixels, quads

    def recognise(self, image: Image.Image) -> tuple[Line, ...]:
        """The printed lines of a picture, from the top.

        Args:
            image: of any mode and size; its EXIF orientation is followed. Text in quarter turns and upside down is
                found and read upright.
        """
        exif = image.getexif().get(0x0112, 1)
        # Pillow turns TIFF pictures itself, when they are loaded.
        orientation = exif if exif in _ORIENTATIONS and image.format != "TIFF" else 1
        width, height = image.size
        stored = np.asarray(_eight_bit(image))[..., ::-1]
        pixels, scale = _scaled(np.ascontiguousarray(stored), _READ_PIXELS)
        pixels = _despeckled(_upright(pixels, orientation))
        looked_at = pixels.shape[:2]
        turn, pixels, quads = self._oriented(pixels)
        texts = self._read(pixels, quads)
        read = [index for index, (text, _) in enumerate(texts) if text]
        if not read:
            return ()
        quads, texts = quads[read], [texts[index] for index in read]
        shown = _stored(quads, turn, looked_at[1], looked_at[0])
        corners = _stored(shown / scale, orientation, width, height)
        lines = []
        for row in _rows(quads):
            letters = [len(texts[index][0]) for index in row]
            confidence = sum(texts[index][1] * count for index, count in zip(row, letters, strict=True)) / sum(letters)
            left, top = np.floor(corners[row].min(axis=(0, 1))).astype(int).tolist()
            right, bottom = np.ceil(corners[row].max(axis=(0, 1))).astype(int).tolist()
            box = (max(left, 0), max(top, 0), min(right, width), min(bottom, height))
            lines.append(Line(" ".join(texts[index][0] for index in row), round(confidence, 4), box))
        return tuple(lines)


@cache
def _ocr() -> Ocr:
    return Ocr()


def recognise(image: Image.Image) -> tuple[Line, ...]:
    """The printed lines of a picture, by models that are loaded once per process; see `Ocr.recognise`."""
    return _ocr().recognise(image)


def confidence(lines: Sequence[Line]) -> float:
    """Mean over the characters of at least one line, 0 to 1."""
    return sum(line.confidence * len(line.text) for line in lines) / sum(len(line.text) for line in lines)


def ocr_values(lines: Sequence[Line]) -> dict[str, Any]:
    """What a record holds of lines that OCR has read: `text`, `confidence` (the lowest) and `lines`."""
    return {
        "text": "\n".join(line.text for line in lines),
        "confidence": min(line.confidence for line in lines),
        "lines": [{"text": line.text, "confidence": line.confidence, "box": list(line.box)} for line in lines],
    }


def read_lines(image: Image.Image, source: str) -> Sequence[Line] | Rejected:
    """The printed lines of a picture, or why it has none worth reading: rule `no_text` or `ocr_confidence`."""
    lines = recognise(image)
    if not lines:
        found = f"found no text in a picture of {image.width}x{image.height} pixels, expected print"
        return Rejected(source=source, rule="no_text", text=found)
    mean = confidence(lines)
    if mean < MIN_CONFIDENCE:
        found = f"found a mean confidence of {mean:.2f}, expected {MIN_CONFIDENCE} or more; scan it anew: "
        return Rejected(source=source, rule="ocr_confidence", text=found + "\n".join(line.text for line in lines))
    return lines


def _broken(source: str, error: BaseException) -> Rejected:
    found = f"found a picture that can't be decoded ({type(error).__name__}: {error}), expected a whole one"
    return Rejected(source=source, rule="broken_picture", text=found)


def _page(image: Image.Image, number: int, source: str) -> Record | Rejected:
    try:
        image.seek(number)
        width, height = image.size
        if width * height > MAX_PIXELS:
            found = f"found {width}x{height} pixels, expected {MAX_PIXELS:,} at most; scale it down"
            return Rejected(source=source, rule="picture_too_large", text=found)
        image.load()
    except _FAULTS as error:
        return _broken(source, error)
    lines = read_lines(image, source)
    return lines if isinstance(lines, Rejected) else Record(ocr_values(lines), source)


def read_image(path: Path, name: str) -> Iterator[Record | Rejected]:
    """The text of a picture, or of each page of a TIFF (and frame of an animation) that has several.

    Args:
        path: the file.
        name: what it is called in sources.

    Yields:
        A record with `text`, `confidence` (the lowest of its lines, 0 to 1) and `lines`, each with `text`,
        `confidence` and `box` (left, top, right, bottom in pixels of the picture as stored); or a rejected row, by
        rule `empty_file`, `not_a_picture`, `picture_too_large`, `broken_picture`, `too_many_pages`, `no_text` or
        `ocr_confidence`.

    Raises:
        OSError: the file can't be opened.
    """
    with path.open("rb") as file, warnings.catch_warnings():
        # Pillow warns of large pictures and of odd metadata; the size is checked below.
        warnings.simplefilter("ignore")
        if not file.read(1):
            yield Rejected(source=name, rule="empty_file", text="found 0 bytes, expected a picture")
            return
        file.seek(0)
        try:
            image = Image.open(file, formats=FORMATS)
            pages = getattr(image, "n_frames", 1)
        except UnidentifiedImageError:
            file.seek(0)
            found = f"found a file that begins with {file.read(8)!r}, expected one of {', '.join(FORMATS)}"
            yield Rejected(source=name, rule="not_a_picture", text=found)
            return
        except Image.DecompressionBombError:
            found = f"found more than {2 * (Image.MAX_IMAGE_PIXELS or 0):,} pixels, expected {MAX_PIXELS:,} at most"
            yield Rejected(source=name, rule="picture_too_large", text=found)
            return
        except _FAULTS as error:
            yield _broken(name, error)
            return
        with image:
            for number in range(min(pages, MAX_PAGES)):
                yield _page(image, number, f"{name}#page={number + 1}" if pages > 1 else name)
            if pages > MAX_PAGES:
                found = f"found {pages} pages, expected {MAX_PAGES} at most; split the file"
                yield Rejected(source=f"{name}#page={MAX_PAGES + 1}", rule="too_many_pages", text=found)
