"""Plain-text tables: the cells that stand below a head."""

import re
from collections.abc import Iterator

_GAPS = [
    *(re.compile(rf"[ 　]*{mark}[ 　]*") for mark in (r"\t", "[|｜]", ";", "[,，]")),
    re.compile("[ ]*　[ 　]*"),
    re.compile("[ 　]{2,}"),
]
"""What divides cells, the surest first: a table is divided by one of them."""
_RULE = re.compile(r"[\s|+\-=_:｜]*")
"""A line that only divides a table's head from its rows, or a blank one."""
_MAX_ROWS = 200


def _cells(line: str, start: int, divider: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where a line's cells begin and end in the text; a frame around the line is none."""
    left = len(line) - len(line.lstrip(" 　|｜"))
    right = len(line.rstrip(" 　|｜"))
    cells, position = [], left
    for gap in divider.finditer(line, left, max(left, right)):
        cells.append((start + position, start + gap.start()))
        position = gap.end()
    cells.append((start + position, start + max(right, position)))
    return cells


def cells_below(text: str, head: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Start and end of the cells of columns whose head matches `head` as a whole.

    Columns are divided by tabs, bars, commas, semicolons, a full-width blank or two blanks. A row with other cells
    than the head, such as one with an empty cell between blanks, is read by where on the line its cells stand.
    """
    if "\n" not in text:
        return
    position = 0
    lines = []
    for line in text.split("\n"):
        lines.append((position, line))
        position += len(line) + 1
    for number, (start, line) in enumerate(lines[:-1]):
        divider = next((gap for gap in _GAPS if gap.search(line.strip(" 　|｜"))), None)
        if divider is None:
            continue
        heads = _cells(line, start, divider)
        columns = [
            place for place, (first, last) in enumerate(heads) if last > first and head.fullmatch(text[first:last])
        ]
        if not columns or len(heads) < 2:
            continue
        for row_start, row in lines[number + 1 : number + 1 + _MAX_ROWS]:
            if _RULE.fullmatch(row):
                continue
            cells = _cells(row, row_start, divider)
            if len(cells) < 2:
                break
            for column in columns:
                if len(cells) == len(heads):
                    yield cells[column]
                    continue
                left, right = (edge - start for edge in heads[column])
                yield from (
                    cell for cell in cells if cell[0] - row_start <= right + 1 and cell[1] - row_start >= left - 1
                )
