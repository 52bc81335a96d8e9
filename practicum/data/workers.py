"""Steps over chunks of rows in worker processes, results in the order of the chunks."""

import itertools
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")

INLINE = 12
"""Chunks that are worked on in this process before others are started: small data would wait for them longer."""
AHEAD = 2
"""Chunks per worker that are read ahead of the one that is waited for: memory stays bounded."""

_steps: Mapping[str, Callable[[Any], Any]] = {}
"""The steps of a worker process."""


def _start(steps: Mapping[str, Callable[[Any], Any]]) -> None:
    global _steps  # noqa: PLW0603  # a worker gets its steps once, not with each chunk
    _steps = steps


def _run(step: str, chunk: Any) -> Any:
    return _steps[step](chunk)


def chunked(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` rows; the last one may be shorter."""
    rows = iter(rows)
    while chunk := list(itertools.islice(rows, size)):
        yield chunk


class Workers:
    """Named steps, each a picklable function of one chunk, run by as many processes as are given.

    Use it as a context; an exception in a step is raised where its result is asked for.
    """

    def __init__(self, steps: Mapping[str, Callable[[Any], Any]], count: int, inline: int = INLINE) -> None:
        """
        Args:
            steps: by name.
            count: of processes; 1 works in this process alone.
            inline: chunks of a step that are worked on here before processes are started.
        """
        self._steps = dict(steps)
        self._count = count
        self._inline = inline
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def map(self, step: str, chunks: Iterable[Any]) -> Iterator[Any]:
        """The step's result for each chunk, in order. Chunks are read a few ahead of the results, no more."""
        chunks = iter(chunks)
        for chunk in chunks if self._count == 1 else itertools.islice(chunks, self._inline):
            yield self._steps[step](chunk)
        waiting: deque[Future[Any]] = deque()
        for chunk in chunks:
            if self._pool is None:
                # Not fork: OCR and others have started threads in this process.
                self._pool = ProcessPoolExecutor(
                    self._count,
                    multiprocessing.get_context("spawn"),
                    initializer=_start,
                    initargs=(self._steps,),
                )
            waiting.append(self._pool.submit(_run, step, chunk))
            if len(waiting) >= self._count * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
