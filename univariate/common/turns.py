"""Turns: of several commands that write to a folder one writes at a time, so that files of two
never lie beside one another.

The system keeps the lock of a folder, and lets it go when the process ends, however that ends: no
file is left there. Windows locks files only: an empty one among the temporary files stands for the
folder. Where there are no locks, as on some network disks, nobody waits.
"""

import errno
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from tempfile import gettempdir
from time import sleep
from typing import Final

from univariate.common.console import remark

_PATIENCE: Final = 0.1
"""Seconds until Windows, which does not wait for locks without end, is asked again."""


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
            with suppress(OSError):  # a disk without locks
                _lock(handle, folder)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _opened(folder: Path) -> int | None:
    """Return what holds the lock of a folder; None where there is none."""
    try:
        if sys.platform == "win32":
            return os.open(_stand_in(folder), os.O_RDWR | os.O_CREAT)
        return os.open(folder, os.O_RDONLY)
    except OSError:
        return None


def _stand_in(folder: Path) -> Path:
    """Return the file that stands for a folder, one for all spellings of its name."""
    name = blake2b(os.path.normcase(folder).encode(errors="surrogatepass"), digest_size=16)
    return Path(gettempdir()) / f"tempered-overfitting-{name.hexdigest()}.lock"


def _lock(handle: int, folder: Path) -> None:
    """Wait for the lock of a folder, which is that of what has been opened."""
    if not _locked_at_once(handle):
        remark(f"waiting for another command that writes to {folder}")
        _wait(handle)


def _locked_at_once(handle: int) -> bool:
    """Take a lock, and return whether it was free."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EAGAIN):
            raise
        return False
    return True


def _wait(handle: int) -> None:
    if sys.platform == "win32":
        while not _locked_at_once(handle):
            sleep(_PATIENCE)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX)
