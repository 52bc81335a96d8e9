"""How the C library and oneDNN hold memory: what a training step frees and takes again, and compiled kernels."""

import ctypes
import os
from typing import Any, Final

_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8
"""Parameters of glibc's mallopt, from its malloc.h."""
_MADV_HUGEPAGE: Final = 14
"""Linux's advice to back a range with huge pages, from mman.h."""
_HUGE_PAGE: Final = 2 * 2**20
"""Bytes of one on x86-64, and on AArch64 with small pages of 4 KiB."""

HUGE_RANGE: Final = 4 * 2**30
"""Bytes of the heap, from its start, that huge pages may back. None is resident before it is written."""

KERNELS = 128
"""Compiled kernels that oneDNN keeps: several steps' worth. It compiles one for each shape of each product, keeps the
last 1,024 unless it is told otherwise, and they are large where a processor multiplies in tiles (AMX)."""


def configure_allocator() -> bool:
    """Have glibc keep large freed blocks, in huge pages, instead of handing them back to the kernel.

    A training step frees and takes the same large tensors again and again; each time the kernel would have to
    clear their pages anew. All threads take from one heap: autograd's backward has a thread of its own, which would
    else keep what it frees from the forward. Call it before any thread has taken memory.

    Large products write to hundreds of pages at once, more than a processor has addresses at hand. So the kernel is
    asked for huge pages (https://docs.kernel.org/admin-guide/mm/transhuge.html); it may not grant them.

    oneDNN keeps `KERNELS` compiled kernels, unless ONEDNN_PRIMITIVE_CACHE_CAPACITY says how many; it reads that
    when it is first used (https://uxlfoundation.github.io/oneDNN/dev_guide_primitive_cache.html).

    Returns:
        Whether the C library knows how to keep blocks; others are left as they are.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(KERNELS))
    try:
        library: Any = ctypes.CDLL(None)
        mallopt = library.mallopt
    except (AttributeError, OSError, TypeError):
        return False
    settings = ((_M_ARENA_MAX, 1), (_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, -1))
    if not all(bool(mallopt(name, value)) for name, value in settings):
        return False
    _ask_for_huge_pages(library)
    return True


def _ask_for_huge_pages(library: Any) -> None:
    """Let the heap reach further, advise the kernel, and free it: glibc, told not to trim, keeps the range."""
    library.malloc.restype = ctypes.c_void_p
    block = library.malloc(ctypes.c_size_t(HUGE_RANGE))
    if block is None:  # a limit on the process's memory, or a kernel that promises no more than it has
        return
    start = -(-block // _HUGE_PAGE) * _HUGE_PAGE
    library.madvise(ctypes.c_void_p(start), ctypes.c_size_t(HUGE_RANGE - _HUGE_PAGE), _MADV_HUGEPAGE)
    library.free(ctypes.c_void_p(block))
