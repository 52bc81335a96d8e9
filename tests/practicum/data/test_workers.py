"""Chunks keep their order, memory its bound, and faults their place, whoever does the work."""

import operator
from collections.abc import Iterator

import pytest

from practicum.data.workers import AHEAD, Workers, chunked

INLINE = 4
STEPS = {"sum": sum, "first": operator.itemgetter(0)}


@pytest.mark.parametrize("count", [1, 2])
def test_results_stand_in_the_order_of_the_chunks(count: int) -> None:
    with Workers(STEPS, count, INLINE) as workers:
        assert list(workers.map("sum", chunked(range(1000), 30))) == [sum(c) for c in chunked(range(1000), 30)]
        assert list(workers.map("first", chunked(range(100), 7))) == list(range(0, 100, 7))


def test_no_more_chunks_are_read_than_are_worked_on() -> None:
    read = 0

    def chunks() -> Iterator[list[int]]:
        nonlocal read
        for number in range(200):
            read += 1
            yield [number]

    with Workers(STEPS, 2, INLINE) as workers:
        for done, _ in enumerate(workers.map("sum", chunks()), start=1):
            assert read <= done + 2 * AHEAD


def test_one_step_can_feed_another() -> None:
    with Workers(STEPS, 2, INLINE) as workers:
        firsts = workers.map("first", chunked(range(400), 2))
        assert sum(workers.map("sum", chunked(firsts, 5))) == sum(range(0, 400, 2))


@pytest.mark.parametrize("place", [0, INLINE + 3])
def test_a_fault_in_a_chunk_is_raised_where_its_result_is_asked_for(place: int) -> None:
    chunks = [[1]] * 20
    chunks[place] = ["x"]  # type: ignore[list-item]
    with Workers(STEPS, 2, INLINE) as workers:
        results = workers.map("sum", chunks)
        assert [next(results) for _ in range(place)] == [1] * place
        with pytest.raises(TypeError, match="unsupported operand"):
            list(results)
