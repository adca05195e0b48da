"""Have the memory of decoded pictures go back to the system, instead of being kept for the next ones."""

from __future__ import annotations

import contextlib
import ctypes
import sys

_M_MMAP_THRESHOLD = -3
"""From glibc's ``malloc.h``."""
_LARGE = 128 * 1024
"""Bytes: glibc's own first threshold, from which a block is mapped by itself, and unmapped when it is freed."""


def release_large_blocks() -> None:
    """Keep glibc from raising the size from which it maps blocks by themselves; elsewhere do nothing.

    It raises it, up to 32 MB, when such a block is freed: a decoded picture. Those that follow then leave holes in
    the memory of each thread, tens of megabytes in all, and more with every hundred pictures. See mallopt(3).
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)
