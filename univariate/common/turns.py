"""Turns: of several commands that write to a folder one writes at a time, so that files of two
never lie beside one another.

The system keeps the lock of a folder, and lets it go when the process ends, however that ends: no
file is left. Where a system has no such locks, as on Windows and on some network disks, nobody
waits.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from univariate.common.console import remark


@contextmanager
def alone_in(folders: Iterable[Path]) -> Iterator[None]:
    """Hold folders that exist, after every other process that holds one of them; not twice at
    once, as a process waits for itself, too.
    """
    with ExitStack() as held:
        # one order for all, so that no two wait for each other
        for folder in sorted({one.resolve() for one in folders}):
            held.enter_context(_held(folder))
        yield


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    handle = _opened(folder)
    try:
        if handle is not None:
            _lock(handle, folder)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _opened(folder: Path) -> int | None:
    """Return what holds the lock of a folder; None where there is none."""
    if sys.platform == "win32":
        return None
    try:
        return os.open(folder, os.O_RDONLY)
    except OSError:
        return None


def _lock(handle: int, folder: Path) -> None:
    """Wait for the lock of a folder, which is that of what has been opened."""
    if sys.platform == "win32":
        return
    import fcntl

    with suppress(OSError):  # a disk without locks
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            remark(f"waiting for another command that writes to {folder}")
            fcntl.flock(handle, fcntl.LOCK_EX)
