"""Rows that say the same twice: exact copies and near copies.

A row's shingles are sampled by their smallest hashes, the MinHash sketch of Broder (1997); a row of up to
`SKETCH` shingles is sampled whole. Which rows to compare follows from set similarity joins: two rows of Jaccard
similarity t must share one of the few rarest shingles of either (prefix filter, Chaudhuri et al. 2006 and Bayardo
et al. 2007), two of slightly more (Wang et al. 2012), and so on. So rows cut from one template, alike but in what
each says of its own, meet only where rare shingles agree, which bands of MinHash values would not bring about:
there, all pairs of a template collide. Pairs that meet are told apart by the parity of their shingles in 256 bits,
then by their sketches, and at last by the exact Jaccard similarity of their texts: hashing may miss a pair of long
rows, but never invents one.

Two rows are near copies only when task and answer are the same too: in rule-reading tasks two texts often
differ in one number, and that number is the point of the exercise.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from practicum.data.cleaning import answer_key, question_key
from practicum.data.example import Example
from practicum.data.shingling import (
    WORDS,
    Counts,
    Hashes,
    character_units,
    hashed,
    mixed,
    runs,
    starts,
    windows,
    word_units,
)

WORD_SHINGLE = 3
"""Words to a shingle."""
CHARACTER_SHINGLE = 4
"""Characters to a shingle where words aren't set apart (Chinese)."""
SKETCH = 128
"""Hashes of shingles kept of a row. A row of 600 characters has about a hundred shingles."""
DEVIATIONS = 4.0
"""Standard deviations that the similarity of two samples may lie below the threshold before the rows are no longer
compared: of pairs at the very threshold one in 30,000 is missed. Rows that are sampled whole are never missed."""

GROUP = 256
"""Rows that share rare shingles and are compared pair by pair; where there are more, they must share one more."""
DEPTH = 6
"""Shared shingles asked for at most."""
FIRST_BLOCK = 1024
"""Rows that are compared among each other at first; the next block has as many rows as came before."""
MAX_ALIKE = 2**18
"""Pairs of near copies above which a block is halved: in it, rows repeat each other many times."""
BATCH = 65_536
"""Rows whose buckets are searched together."""
_PAIRS = 2**18
"""Pairs looked at in one go, and entries expanded in one go: what bounds the memory."""
_ROWS = 2**20
"""Rows in one go at most, so that their number fits the upper bits of a key."""
_BINS = 21
"""Bits of a hash by which shingles are counted."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Row `index` repeats row `of`, which comes earlier and stays."""

    index: int
    of: int
    kind: Literal["exact", "near"]
    similarity: float
    """Jaccard similarity, 1.0 for an exact copy."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What must be known of n rows to find copies and contradictions; at most `56 + 4 * SKETCH` bytes a row."""

    question: NDArray[np.uint64]
    """(n, 2): 128-bit hash of `question_key`."""
    answer: NDArray[np.uint64]
    """(n,): hash of `answer_key`."""
    bucket: NDArray[np.uint64]
    """(n,): hash of task and answer; only rows of one bucket are near copies."""
    sizes: NDArray[np.int32]
    """(n,): distinct shingles."""
    sketch: NDArray[np.uint32]
    """(min(sizes, SKETCH) of all rows,): the smallest hashes of each row, ascending, one row after the other."""

    def __len__(self) -> int:
        return len(self.sizes)

    @classmethod
    def concatenated(cls, parts: "list[Fingerprints]") -> "Fingerprints":
        """The rows of all parts in order. Empties the list, so that the rows are never held twice."""
        whole: dict[str, Any] = {
            field.name: np.empty(
                (sum(len(getattr(part, field.name)) for part in parts), *getattr(_NONE, field.name).shape[1:]),
                getattr(_NONE, field.name).dtype,
            )
            for field in fields(cls)
        }
        done = dict.fromkeys(whole, 0)
        parts.reverse()
        while parts:
            part = parts.pop()
            for name, array in whole.items():
                values = getattr(part, name)
                array[done[name] : done[name] + len(values)] = values
                done[name] += len(values)
        return cls(**whole)


_NONE = Fingerprints(
    question=np.empty((0, 2), np.uint64),
    answer=np.empty(0, np.uint64),
    bucket=np.empty(0, np.uint64),
    sizes=np.empty(0, np.int32),
    sketch=np.empty(0, np.uint32),
)


def _text(example: Example) -> str:
    return f"{example.context}\n{example.question}\n{example.answer}".casefold()


def shingles(example: Example) -> list[str]:
    """The distinct shingles of context, question and answer, in order of appearance."""
    text = _text(example)
    if example.language == "zh":
        units, size, glue = list("".join(text.split())), CHARACTER_SHINGLE, ""
    else:
        units, size, glue = WORDS.findall(text), WORD_SHINGLE, " "
    last = max(1, len(units) - size + 1)
    return list(dict.fromkeys(glue.join(units[start : start + size]) for start in range(last)))


def _sketches(examples: Sequence[Example]) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """Distinct shingles of each row, and its smallest hashes as in `Fingerprints.sketch`."""
    keys = []
    for chinese, size in ((False, WORD_SHINGLE), (True, CHARACTER_SHINGLE)):
        rows = np.array([row for row, each in enumerate(examples) if (each.language == "zh") is chinese], np.uint64)
        if rows.size:
            texts = [_text(examples[int(row)]) for row in rows]
            hashes, counts = windows(*(character_units if chinese else word_units)(texts), size)
            keys.append(np.repeat(rows, counts) << np.uint64(32) | hashes >> np.uint64(32))
    distinct = np.unique(np.concatenate(keys)) if keys else np.empty(0, np.uint64)
    sizes = np.bincount((distinct >> np.uint64(32)).astype(np.int64), minlength=len(examples))
    kept = runs(starts(sizes)[:-1], np.minimum(sizes, SKETCH))
    return sizes.astype(np.int32), distinct[kept].astype(np.uint32)


def fingerprints(examples: Sequence[Example]) -> Fingerprints:
    """Fingerprints of rows that passed the rules; those of a row don't depend on the rows beside it.

    Raises:
        ValueError: an answer is not JSON.
    """
    keys = [answer_key(example.answer) for example in examples]
    sizes, sketch = _sketches(examples)

    def hashes(texts: list[str], size: int) -> NDArray[np.uint64]:
        return np.frombuffer(b"".join(hashed(text, size) for text in texts), np.dtype("<u8")).astype(np.uint64)

    return Fingerprints(
        question=hashes([question_key(example) for example in examples], 16).reshape(-1, 2),
        answer=hashes(keys, 8),
        bucket=hashes([f"{example.task}\0{key}" for example, key in zip(examples, keys, strict=True)], 8),
        sizes=sizes,
        sketch=sketch,
    )


class _ManyCopiesError(Exception):
    """A block has so many near copies that their pairs would fill the memory."""


class _Batch:
    """Rows of some buckets, numbered in order of precedence, with what the search needs of them.

    `tokens` are the rarest of each row's sketch, `length` of them from `start` on, rarest first.
    """

    def __init__(self, prints: Fingerprints, rows: NDArray[np.int64], first: Counts, threshold: float) -> None:
        """
        Args:
            prints: of all rows.
            rows: the batch's rows in order of precedence.
            first: where each row's sketch begins in `prints`.
            threshold: Jaccard similarity.
        """
        self.threshold = threshold
        self.bucket = prints.bucket[rows]
        self.sizes = prints.sizes[rows].astype(np.int64)
        self.kept = np.minimum(self.sizes, SKETCH)
        self.sketch_start = first[rows]
        self.sketch = prints.sketch
        self.cut = np.full(len(rows), np.iinfo(np.uint32).max, np.uint32)
        sampled = self.sizes > SKETCH
        self.cut[sampled] = self.sketch[(self.sketch_start + self.kept - 1)[sampled]]
        # Two sketches sample the union of two rows, at most size / threshold shingles, without replacement.
        unseen = np.clip(1 - SKETCH * threshold / self.sizes, 0, None)
        self.slack = DEVIATIONS * np.sqrt(threshold * (1 - threshold) / SKETCH * unseen)
        self.least = np.maximum(1, np.ceil((threshold - self.slack) * self.kept - 1e-9).astype(np.int64))
        """Shingles that a near copy shares with the row's sketch."""
        self.parity = self._parities()
        self.length = np.minimum(self.kept, self.kept - self.least + DEPTH)
        self.start = starts(self.length)[:-1]
        self.tokens = self._rarest()

    def __len__(self) -> int:
        return len(self.sizes)

    def _blocks(self) -> Iterator[tuple[slice, NDArray[np.uint32]]]:
        """Some rows at a time, with their sketches one after the other."""
        ends = starts(self.kept)
        begin = 0
        while begin < len(self):
            end = int(np.searchsorted(ends, ends[begin] + _PAIRS, "right")) - 1
            block = slice(begin, min(max(end, begin + 1), begin + _ROWS))
            yield block, self.sketch[runs(self.sketch_start[block], self.kept[block])]
            begin = block.stop

    def _parities(self) -> NDArray[np.uint64]:
        """(rows, 4): a bit is set when an odd number of the sketch's hashes fall on it."""
        parity = np.empty((len(self), 4), np.uint64)
        for block, tokens in self._blocks():
            begin = starts(self.kept[block])[:-1]
            bits = np.uint64(1) << (tokens & np.uint32(63)).astype(np.uint64)
            words = tokens >> np.uint32(6) & np.uint32(3)
            for word in range(4):
                parity[block, word] = np.bitwise_xor.reduceat(np.where(words == word, bits, np.uint64(0)), begin)
        return parity

    def _rarest(self) -> NDArray[np.uint32]:
        counts = np.zeros(2**_BINS, np.int64)
        for _, tokens in self._blocks():
            counts += np.bincount(tokens >> np.uint32(32 - _BINS), minlength=len(counts))
        # Any order that is the same for all rows is right; the rarer the first, the fewer rows meet.
        rank: NDArray[np.uint16] = (np.log2(counts + 1) * 100).astype(np.uint16)
        rarest = np.empty(int(self.length.sum()), np.uint32)
        for block, tokens in self._blocks():
            kept, length = self.kept[block], self.length[block]
            keys = rank[tokens >> np.uint32(32 - _BINS)].astype(np.uint64) << np.uint64(32) | tokens
            keys |= np.repeat(np.arange(len(kept), dtype=np.uint64), kept) << np.uint64(44)
            keys.sort()
            chosen = keys[runs(starts(kept)[:-1], length)]
            rarest[runs(self.start[block], length)] = chosen.astype(np.uint32)
        return rarest

    def alike(self, one: Counts, other: Counts) -> NDArray[np.bool_]:
        """Which pairs reach the threshold by their sketches, less the slack of samples."""
        found = np.empty(len(one), bool)
        for begin in range(0, len(one), _PAIRS // SKETCH):
            a, b = one[begin : begin + _PAIRS // SKETCH], other[begin : begin + _PAIRS // SKETCH]
            kept = np.concatenate([self.kept[a], self.kept[b]])
            pair = np.repeat(np.concatenate([np.arange(len(a)), np.arange(len(a))]), kept)
            tokens = self.sketch[runs(np.concatenate([self.sketch_start[a], self.sketch_start[b]]), kept)]
            inside = tokens <= np.minimum(self.cut[a], self.cut[b])[pair]
            keys = np.sort(pair[inside].astype(np.uint64) << np.uint64(32) | tokens[inside])
            twice = keys[1:][keys[1:] == keys[:-1]]
            shared = np.bincount((twice >> np.uint64(32)).astype(np.int64), minlength=len(a))
            union = np.bincount((keys >> np.uint64(32)).astype(np.int64), minlength=len(a)) - shared
            needed = self.threshold - np.maximum(self.slack[a], self.slack[b])
            found[begin : begin + len(a)] = shared >= needed * union - 1e-9
        return found

    def _could_be_alike(self, one: Counts, other: Counts) -> NDArray[np.bool_]:
        """Which pairs can reach the threshold by their sizes and parities: no pair that does is left out."""
        t = self.threshold
        small, large = self.sizes[one], self.sizes[other]
        small, large = np.minimum(small, large), np.maximum(small, large)
        possible = np.flatnonzero(small >= t * large - 1e-9)
        one, other = one[possible], other[possible]
        different = np.bitwise_count(self.parity[one] ^ self.parity[other]).sum(axis=1, dtype=np.int64)
        whole = np.maximum(self.slack[one], self.slack[other]) == 0
        limit = np.where(
            whole,
            np.floor((self.sizes[one] + self.sizes[other]) * (1 - t) / (1 + t) + 1e-9),
            self.kept[one] + self.kept[other] - 2 * np.maximum(self.least[one], self.least[other]),
        )
        found = np.zeros(len(small), bool)
        found[possible[different <= limit]] = True
        return found

    def pairs(self, rows: Counts, stayed: int) -> NDArray[np.uint64]:
        """Pairs of near copies by their sketches, as `later << 32 | earlier`, ascending.

        Args:
            rows: ascending.
            stayed: so many of them, the first, are already known to be no near copies of each other and are only
                compared with the others; 0 to compare all.

        Raises:
            _ManyCopiesError: there are more than `MAX_ALIKE`.
        """
        return _Search(self, rows, stayed).found()


class _Search:
    """One look for near copies among some rows of a batch."""

    def __init__(self, batch: _Batch, rows: Counts, stayed: int) -> None:
        self.batch, self.rows, self.stayed = batch, rows, stayed
        self.alike: NDArray[np.uint64] = np.empty(0, np.uint64)
        self.checked = np.empty(0, np.uint64)
        self.waiting: list[NDArray[np.uint64]] = []

    def found(self) -> NDArray[np.uint64]:
        batch = self.batch
        prefix = batch.kept[self.rows] - batch.least[self.rows] + 1
        place = runs(np.zeros(len(self.rows), np.int64), prefix)
        row = np.repeat(np.arange(len(self.rows)), prefix)
        keys = mixed(batch.bucket[self.rows[row]] ^ mixed(self._token(row, place)))
        # Rows meet where keys are equal, so a part of the keys at a time finds the same.
        parts = len(keys) // _PAIRS + 1
        of = keys % np.uint64(parts)
        for part in range(parts):
            chosen = np.flatnonzero(of == part)
            self._group(keys[chosen], row[chosen], place[chosen], 1)
        self._settle()
        return self.alike

    def _token(self, row: Counts, place: Counts) -> NDArray[np.uint64]:
        token: NDArray[np.uint64] = self.batch.tokens[self.batch.start[self.rows[row]] + place].astype(np.uint64)
        return token

    def _largest(self, own: Counts, place: Counts, depth: int) -> Counts:
        """Size of the largest row that is alike when the last of `depth` shared shingles stands at this place of the
        row's rarest: all before it but these are not shared."""
        batch, t = self.batch, self.batch.threshold
        sizes = batch.sizes[own]
        left = np.where(batch.slack[own] == 0, (sizes - place - 1 + depth) * (1 + t) / t - sizes, np.inf)
        return np.floor(np.minimum(left, sizes / t) + 1e-9).astype(np.int64)

    def _group(self, keys: Hashes, row: Counts, place: Counts, depth: int) -> None:
        """Compare the rows that share a key, by a further shared shingle where they are many.

        Args:
            keys: hash of bucket and of `depth` shingles.
            row: place in `rows`.
            place: of the last of these shingles among the row's rarest.
            depth: shingles that a key stands for.
        """
        if not len(keys):
            return
        order = np.lexsort((self.batch.sizes[self.rows[row]], keys))
        keys, row, place = keys[order], row[order], place[order]
        new = np.ones(len(keys), bool)
        new[1:] = keys[1:] != keys[:-1]
        begin = np.flatnonzero(new)
        counts = np.diff(np.append(begin, len(keys)))
        # Of two rows the smaller one looks for the larger: its prefix is the shorter of the two.
        own = self.rows[row]
        sizes, group = self.batch.sizes[own], np.cumsum(new) - 1
        width = int(sizes.max()) + 2
        until = np.searchsorted(
            group * width + sizes, group * width + np.minimum(self._largest(own, place, depth), width - 1), "right"
        )
        partners = np.maximum(0, until - np.arange(len(keys)) - 1)
        pairs = np.add.reduceat(partners, begin)
        worth = pairs > 0
        if self.stayed:
            held = np.add.reduceat(row < self.stayed, begin)
            worth &= (held > 0) & (held < counts)
        many = worth & (pairs > GROUP * GROUP // 2) & (depth < DEPTH)
        del order, own, sizes, group, until, new
        few = runs(begin[worth & ~many], counts[worth & ~many])
        self._compare(row, few, partners[few])
        self._expand(keys, row, place, partners, begin[many], counts[many], pairs[many], depth)

    def _expand(
        self,
        keys: Hashes,
        row: Counts,
        place: Counts,
        partners: Counts,
        begin: Counts,
        counts: Counts,
        pairs: Counts,
        depth: int,
    ) -> None:
        """Ask rows of some groups for one more shared shingle, where that spares comparisons."""
        batch = self.batch
        ends = starts(counts)
        done = 0
        while done < len(counts):
            until = max(done + 1, int(np.searchsorted(ends, ends[done] + _PAIRS, "right")) - 1)
            chosen = runs(begin[done:until], counts[done:until])
            group = np.repeat(np.arange(until - done), counts[done:until])
            member, own = row[chosen], self.rows[row[chosen]]
            spent = batch.least[own] <= depth
            prefix = np.minimum(batch.kept[own], batch.kept[own] - batch.least[own] + depth + 1)
            more = np.where(spent, 0, np.maximum(0, prefix - place[chosen] - 1))
            deeper = runs(place[chosen] + 1, more)
            again, parent = np.repeat(member, more), np.repeat(group, more)
            further = mixed(np.repeat(keys[chosen], more) ^ mixed(self._token(again, deeper)))
            _, first, sizes = np.unique(further, return_index=True, return_counts=True)
            squares = np.bincount(parent[first], sizes.astype(np.float64) ** 2, minlength=until - done)
            direct = squares / 2 >= pairs[done:until]
            now = direct[group]
            self._compare(row, chosen[now], partners[chosen[now]])
            if (spent & ~now).any():
                # Rows of so few shingles that a near copy need not share one more: compare them with all that
                # are about as small.
                largest = np.zeros(until - done)
                np.maximum.at(largest, group[spent], batch.sizes[own[spent]] / batch.threshold)
                small = np.flatnonzero((batch.sizes[own] <= largest[group]) & ~now)
                sizes = np.bincount(group[small], minlength=until - done)
                after = np.repeat(sizes, sizes) - runs(np.zeros(until - done, np.int64), sizes) - 1
                self._compare(member[small], np.arange(len(small)), after)
            kept = ~direct[parent]
            self._group(further[kept], again[kept], deeper[kept], depth + 1)
            done = until

    def _compare(self, row: Counts, at: Counts, partners: Counts) -> None:
        """Compare each row at `at` with the `partners` rows that follow it."""
        at, partners = at[partners > 0], partners[partners > 0]
        ends = starts(partners)
        done = 0
        while done < len(at):
            until = max(done + 1, int(np.searchsorted(ends, ends[done] + _PAIRS, "right")) - 1)
            one = np.repeat(row[at[done:until]], partners[done:until])
            other = row[runs(at[done:until] + 1, partners[done:until])]
            done = until
            if self.stayed:
                mixed_pairs = (one < self.stayed) != (other < self.stayed)
                one, other = one[mixed_pairs], other[mixed_pairs]
            one, other = self.rows[np.maximum(one, other)], self.rows[np.minimum(one, other)]
            possible = self.batch._could_be_alike(one, other)
            if possible.any():
                pairs = one[possible].astype(np.uint64) << np.uint64(32)
                self.waiting.append(pairs | other[possible].astype(np.uint64))
                if sum(map(len, self.waiting)) > MAX_ALIKE:
                    self._settle()

    def _settle(self) -> None:
        """Look at the pairs that wait, each of them once."""
        if not self.waiting:
            return
        new = np.setdiff1d(np.concatenate(self.waiting), self.checked)
        self.waiting.clear()
        self.checked = np.union1d(self.checked, new)
        later, first = (new >> np.uint64(32)).astype(np.int64), (new & np.uint64(0xFFFFFFFF)).astype(np.int64)
        self.alike = np.union1d(self.alike, new[self.batch.alike(later, first)])
        if len(self.alike) > MAX_ALIKE and len(self.rows) - self.stayed > 1:
            raise _ManyCopiesError


def _near(
    batch: _Batch, same: Callable[[int, int], float], stays: list[int], begin: int, end: int
) -> Iterator[tuple[int, int, float]]:
    """Near copies among rows begin..end of a batch of which `stays` stayed before; adds those that stay.

    Args:
        batch: rows in order of precedence.
        same: exact Jaccard similarity of two rows.
        stays: ascending.
        begin: first row to decide.
        end: the one after the last.

    Yields:
        Row, the row that it repeats, and their similarity.
    """
    gone = {}

    def drop(pairs: NDArray[np.uint64]) -> None:
        for pair in pairs.tolist():
            row, of = pair >> 32, pair & 0xFFFFFFFF
            if row not in gone and of not in gone:
                similarity = same(row, of)
                if similarity >= batch.threshold:
                    gone[row] = (of, similarity)

    rows = np.arange(begin, end)
    try:
        if stays:
            drop(batch.pairs(np.concatenate([np.array(stays), rows]), len(stays)))
            rows = np.array([row for row in range(begin, end) if row not in gone], np.int64)
        drop(batch.pairs(rows, 0))
    except _ManyCopiesError:
        middle = (begin + end) // 2
        yield from _near(batch, same, stays, begin, middle)
        yield from _near(batch, same, stays, middle, end)
        return
    stays += [row for row in range(begin, end) if row not in gone]
    for row, (of, similarity) in gone.items():
        yield row, of, similarity


def _batches(bucket: NDArray[np.uint64]) -> Iterator[Counts]:
    """Places of the rows of whole buckets, about `BATCH` at a time, ascending; buckets of one row are left out."""
    order = np.argsort(bucket, kind="stable")
    ordered = bucket[order]
    begin = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(bucket) else np.empty(0, np.int64)
    counts = np.diff(np.append(begin, len(bucket)))
    begin, counts = begin[counts > 1], counts[counts > 1]
    ends = starts(counts)
    done = 0
    while done < len(counts):
        until = max(done + 1, int(np.searchsorted(ends, ends[done] + BATCH, "right")) - 1)
        yield np.sort(order[runs(begin[done:until], counts[done:until])])
        done = until


def duplicates_among(
    prints: Fingerprints,
    order: NDArray[np.int64],
    threshold: float,
    shingles_of: Callable[[int], frozenset[str]],
) -> list[Duplicate]:
    """Which rows repeat one that comes earlier in `order`.

    A row is an exact copy when question, context and answer are the same but for case and blanks, in whatever
    task; a near copy when task and answer are the same and the shingles are alike. Rows are compared with rows
    that stay, never with rows that are themselves copies, so a chain of small changes ends where it leaves
    the threshold.

    Args:
        prints: fingerprints of all rows.
        order: numbers of the rows to look at, the ones to prefer first; rows that don't stand here are ignored.
        threshold: Jaccard similarity from which rows are near copies, over 0 and up to 1.
        shingles_of: the `shingles` of a row, by its number; called for rows that are near copies by their sketches.

    Returns:
        One entry for each row to drop, in the order of `order`.
    """
    question, answer = prints.question[order], prints.answer[order]
    by_key = np.lexsort((answer, question[:, 1], question[:, 0]))
    same = np.zeros(len(order), bool)
    same[1:] = (question[by_key[1:]] == question[by_key[:-1]]).all(axis=1) & (answer[by_key[1:]] == answer[by_key[:-1]])
    del question, answer
    # The sort is stable: the first of equal keys is the first in order.
    of = np.empty(len(order), np.int64)
    of[by_key] = by_key[np.maximum.accumulate(np.where(same, 0, np.arange(len(order))))]
    exact = np.flatnonzero(of != np.arange(len(order)))
    places = np.flatnonzero(of == np.arange(len(order)))

    first = starts(np.minimum(prints.sizes, SKETCH))
    read = lru_cache(maxsize=4096)(shingles_of)
    found: list[tuple[int, int, Literal["exact", "near"], float]] = []
    replaced: dict[int, int] = {}
    for chosen in _batches(prints.bucket[order[places]]):
        members = places[chosen]
        rows = order[members]
        batch = _Batch(prints, rows, first, threshold)

        def similarity(row: int, other: int, rows: NDArray[np.int64] = rows) -> float:
            one, two = read(int(rows[row])), read(int(rows[other]))
            shared = len(one & two)
            return shared / (len(one) + len(two) - shared)

        stays: list[int] = []
        begin = 0
        while begin < len(batch):
            end = min(len(batch), max(FIRST_BLOCK, 2 * begin))
            for row, kept, value in _near(batch, similarity, stays, begin, end):
                place, before = int(members[row]), int(members[kept])
                replaced[place] = before
                found.append((place, before, "near", value))
            begin = end
    # The row that an exact copy repeats may itself have gone as a near copy: name the row that stays.
    found += [(int(place), replaced.get(int(of[place]), int(of[place])), "exact", 1.0) for place in exact]
    return [Duplicate(int(order[row]), int(order[kept]), kind, value) for row, kept, kind, value in sorted(found)]


def duplicates(examples: Sequence[Example], threshold: float) -> list[Duplicate]:
    """`duplicates_among` all of the examples, the ones to prefer first."""
    return duplicates_among(
        fingerprints(examples),
        np.arange(len(examples)),
        threshold,
        lambda row: frozenset(shingles(examples[row])),
    )
