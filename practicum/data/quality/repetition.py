"""How much of a text says again what the text has said already."""

WORDS = 5
"""Words of a shingle: two texts of prose seldom share five in a row."""
CHARACTERS = 10
"""Characters of a shingle where no blanks divide words: Chinese says in about two what English says in a word."""
LEAST = 20
"""Words, or four times as many characters, below which repetition is the task's form and no fault."""
LONG_WORD = 20
"""Characters per word, on average, from which a text isn't divided into words."""


def repetition(text: str) -> float:
    """Share of the text's words that stand in 5-grams which it has held before, 0 to 1: what it says first is new.

    Where no blanks divide words, as in Chinese, ten characters take the place of five words and characters are
    counted. The measure is the share in duplicate 5-grams of Gopher (https://arxiv.org/abs/2112.11446, table A1).
    """
    units: list[str] | str = text.split()
    size, least = WORDS, LEAST
    blanks = len(units)
    if not blanks:
        return 0.0
    solid = "".join(units)
    if len(solid) > LONG_WORD * blanks or (not text.isascii() and _undivided(solid)):
        units, size, least = solid, CHARACTERS, 4 * LEAST
    if len(units) < least:
        return 0.0
    shingles = list(zip(*(units[start:] for start in range(size)), strict=False))
    if len(set(shingles)) == len(shingles):
        return 0.0
    seen: set[tuple[str, ...]] = set()
    covered = end = 0
    for start, shingle in enumerate(shingles):
        if shingle in seen:
            covered += start + size - max(start, end)
            end = start + size
        else:
            seen.add(shingle)
    return covered / len(units)


def _undivided(solid: str) -> bool:
    """Whether more than half of the characters are Han or kana."""
    return 2 * sum("\u3040" <= character <= "\u9fff" for character in solid) > len(solid)
