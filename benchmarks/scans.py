"""How well and how fast the scanned pages of the medical domain are read.

    python -m benchmarks.scans

Reads the 50 pages of `domains/medical/data/imaging`, pictures and PDF, as `prepare` does, and compares each page's
characters, blanks and punctuation included, with what was printed (`tests/fixtures/medical/transcripts.jsonl`). Prints
a JSON line a page, then the rate over all characters, the mean over the pages and the worst.
"""

import json
import time
from collections.abc import Iterator

import numpy as np

from practicum.config import PdfSource
from practicum.data.raw import Record
from practicum.data.readers.pdf import read_pdf
from practicum.data.readers.scans import read_image
from stages.layout import ROOT

DATA = ROOT / "domains" / "medical" / "data"
TRANSCRIPTS = ROOT / "tests" / "fixtures" / "medical" / "transcripts.jsonl"


def distance(read: str, true: str) -> int:
    """Levenshtein's distance in characters."""
    letters = np.frombuffer(true.encode("utf-32-le"), dtype=np.uint32)
    places = np.arange(len(letters) + 1)
    row = places
    for count, letter in enumerate(np.frombuffer(read.encode("utf-32-le"), dtype=np.uint32), start=1):
        best = np.minimum(row[1:] + 1, row[:-1] + (letters != letter))
        row = np.minimum.accumulate(np.concatenate([[count], best]) - places) + places
    return int(row[-1])


def read(page: Record) -> str:
    """A page's text on one line."""
    return " ".join(line["text"] for line in page.values["lines"])


def printed() -> dict[str, str]:
    """What is printed on each page, by the page's source, on one line."""
    rows = map(json.loads, TRANSCRIPTS.read_text(encoding="utf-8").splitlines())
    return {row["page"]: " ".join(row["lines"]) for row in rows}


def pages() -> Iterator[Record]:
    """All pages as read.

    Raises:
        RuntimeError: a page is rejected.
    """
    for file in sorted((DATA / "imaging").iterdir()):
        name = f"imaging/{file.name}"
        found = (
            read_pdf(PdfSource(reader="pdf", files=name), file, name)
            if file.suffix == ".pdf"
            else read_image(file, name)
        )
        for page in found:
            if not isinstance(page, Record):
                raise RuntimeError(f"{name}: found a rejected page ({page}), expected one that is read")
            yield page


def main() -> None:
    true = printed()
    faults: dict[str, int] = {}
    began = time.process_time()
    for page in pages():
        seconds = time.process_time() - began
        faults[page.source] = distance(read(page), true[page.source])
        row = {"page": page.source, "characters": len(true[page.source]), "faults": faults[page.source]}
        print(json.dumps(row | {"cpu_seconds": round(seconds, 2)}), flush=True)
        began = time.process_time()
    if faults.keys() != true.keys():
        raise RuntimeError(f"found {len(faults)} pages, expected the {len(true)} of {TRANSCRIPTS.name}")
    rates = {source: count / len(true[source]) for source, count in faults.items()}
    worst = max(rates, key=rates.__getitem__)
    print(
        f"\n{len(rates)} pages: {sum(faults.values()) / sum(map(len, true.values())):.2%} of all characters wrong, "
        f"{sum(rates.values()) / len(rates):.2%} on average, {rates[worst]:.2%} on the worst, {worst}"
    )


if __name__ == "__main__":
    main()
