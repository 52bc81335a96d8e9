"""How the C library keeps freed memory."""

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
"""Parameters of glibc's mallopt, from its malloc.h."""


def keep_freed_memory() -> bool:
    """Have glibc keep large freed blocks instead of handing them back to the kernel.

    A training step frees and takes the same large tensors again and again; each time the kernel would have to
    clear their pages anew.

    Returns:
        Whether the C library knows these settings; others are left as they are.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_M_MMAP_MAX, 0)) and bool(mallopt(_M_TRIM_THRESHOLD, 2**31 - 1))
