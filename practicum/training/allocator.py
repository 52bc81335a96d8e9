"""How the C library keeps freed memory, and how many compiled kernels oneDNN keeps."""

import ctypes
import os

_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8
"""Parameters of glibc's mallopt, from its malloc.h."""

KERNELS = 128
"""Compiled kernels that oneDNN keeps: several steps' worth. It compiles one for each shape of each product, keeps the
last 1,024 unless it is told otherwise, and they are large where a processor multiplies in tiles (AMX)."""


def keep_freed_memory() -> bool:
    """Have glibc keep large freed blocks instead of handing them back to the kernel.

    A training step frees and takes the same large tensors again and again; each time the kernel would have to
    clear their pages anew. All threads take from one heap: autograd's backward has a thread of its own, which would
    else keep what it frees from the forward. Call it before any thread has taken memory.

    oneDNN keeps `KERNELS` compiled kernels, unless ONEDNN_PRIMITIVE_CACHE_CAPACITY says how many; it reads that
    when it is first used (https://uxlfoundation.github.io/oneDNN/dev_guide_primitive_cache.html).

    Returns:
        Whether the C library knows these settings; others are left as they are.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(KERNELS))
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    settings = ((_M_ARENA_MAX, 1), (_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, -1))
    return all(bool(mallopt(name, value)) for name, value in settings)
