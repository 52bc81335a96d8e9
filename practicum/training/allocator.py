"""How the C library keeps freed memory."""

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8
"""Parameters of glibc's mallopt, from its malloc.h."""


def keep_freed_memory() -> bool:
    """Have glibc keep large freed blocks instead of handing them back to the kernel.

    A training step frees and takes the same large tensors again and again; each time the kernel would have to
    clear their pages anew. All threads take from one heap: autograd's backward has a thread of its own, which would
    else keep what it frees from the forward. Call it before any thread has taken memory.

    Returns:
        Whether the C library knows these settings; others are left as they are.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    settings = ((_M_ARENA_MAX, 1), (_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, -1))
    return all(bool(mallopt(name, value)) for name, value in settings)
