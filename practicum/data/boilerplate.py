"""Running headers and footers, page numbers and notices that repeat on the pages of one document."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

EDGE = 4
"""Lines at the top and at the bottom of a page that may be running ones."""
FEWEST = 3
"""Pages on which a line must stand to be a running one: two may agree by chance."""

_NUMBER = re.compile(r"\d+")


def _key(line: str) -> str:
    """The line with its numbers open."""
    return _NUMBER.sub("#", " ".join(line.split())).casefold()


def _numbers(line: str) -> tuple[int, ...]:
    return tuple(int(number) for number in _NUMBER.findall(line))


def _as_running(found: Sequence[tuple[int, str]]) -> set[int]:
    """Pages whose line, of those that differ in their numbers only, is a running one: each number is the same on
    these pages or counts them. Rows of a table differ in their numbers too, and in other ways.

    Args:
        found: page and line.
    """
    agreed = {page for page, _ in found}
    for slot in range(len(_numbers(found[0][1]))):
        values = {page: _numbers(line)[slot] for page, line in found}
        value, same = Counter(values.values()).most_common(1)[0]
        offset, counting = Counter(number - page for page, number in values.items()).most_common(1)[0]
        if same >= counting:
            agreed &= {page for page, number in values.items() if number == value}
        else:
            agreed &= {page for page, number in values.items() if number - page == offset}
    return agreed


def _enough(pages: set[int], count: int) -> bool:
    """Whether a line on these pages is on most of them, or on most left-hand or right-hand ones."""
    if len(pages) < FEWEST:
        return False
    if 2 * len(pages) > count:
        return True
    odd = sum(page % 2 for page in pages)
    return 4 * odd > 3 * (count // 2) or 4 * (len(pages) - odd) > 3 * ((count + 1) // 2)


def _running_at_top(pages: Sequence[Sequence[str]]) -> list[int]:
    """How many lines of each page, from its first, are running ones."""
    depth = EDGE + 1
    places: dict[str, dict[int, str]] = defaultdict(dict)
    for page, lines in enumerate(pages):
        for line in lines[:depth]:
            places[_key(line)].setdefault(page, line)
    running: dict[str, set[int]] = {}
    for key, found in places.items():
        agreed = _as_running(list(found.items()))
        if _enough(agreed, len(pages)):
            running[key] = agreed
    heights = []
    for page, lines in enumerate(pages):
        height = 0
        while height < min(depth, len(lines)) and page in running.get(_key(lines[height]), ()):
            height += 1
        # More than an edge's worth in a row is a form, or the same page again: that is what the document says.
        heights.append(height if height <= EDGE else 0)
    return heights


def running_lines(pages: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """How many lines at the top and at the bottom of each page are running ones.

    A line is one when it stands among the first or last `EDGE` lines of most pages (or of most left-hand or
    right-hand ones, and on `FEWEST` at least), its numbers the same or counting the pages, with nothing but running
    lines between it and the page's edge. A page of nothing else keeps all of its lines.

    Args:
        pages: the lines of each page of one document, from the top, none of them blank.
    """
    tops = _running_at_top(pages)
    bottoms = _running_at_top([lines[::-1] for lines in pages])
    return [
        (top, bottom) if top + bottom < len(lines) else (0, 0)
        for lines, top, bottom in zip(pages, tops, bottoms, strict=True)
    ]


def without_boilerplate(pages: Sequence[str]) -> tuple[list[str], list[str]]:
    """The pages of one document without running headers, footers, page numbers and notices, and the lines that were
    taken out, page by page from the top. See `running_lines` for what is taken for one.

    Args:
        pages: the text of each page; blank lines count for nothing and stay where they stand in the body.
    """
    kept: list[str] = []
    removed: list[str] = []
    filled = [[line for line in page.split("\n") if line.strip()] for page in pages]
    for page, lines, (top, bottom) in zip(pages, filled, running_lines(filled), strict=True):
        if not top and not bottom:
            kept.append(page)
            continue
        removed += [line.strip() for line in lines[:top] + lines[len(lines) - bottom :]]
        at = [index for index, line in enumerate(page.split("\n")) if line.strip()]
        body = page.split("\n")[at[top] : at[len(at) - bottom - 1] + 1]
        kept.append("\n".join(body))
    return kept, removed
