"""Turns: of several commands that write to a folder, or add to a file, one writes at a time, so
that files of two never lie beside one another, and no row stands twice in a table.

The system keeps the lock of a folder or a file, and lets it go when the process ends, however that
ends: no file is left there. On Windows, which locks no folders, and bars readers from locked files,
an empty file among the temporary ones stands for either. Where there are no locks, as on some
network disks, nobody waits.
"""

import errno
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from tempfile import gettempdir
from time import monotonic, sleep
from typing import Final

from univariate.common.console import remark

_PATIENCE: Final = 0.1
"""Seconds until Windows, which does not wait for locks without end, is asked again."""
_GRACE: Final = 2.0
"""Seconds that adding a row may take another process before a line says who waits for it."""


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
def alone_with(file: Path) -> Iterator[bool]:
    """Hold a file, if there is one, after every other process that holds it; whoever replaces it
    meanwhile holds the old one, and takes another turn before going on.

    Yields whether others wait: False where there are no locks.
    """
    place = file.resolve()
    while True:
        with _held(place, grace=_GRACE) as (handle, locked):
            if handle is not None and not _is_still(handle, place):
                continue  # another process has replaced it while this one waited
            yield locked
            return


def _is_still(handle: int, file: Path) -> bool:
    """Whether what has been opened is still the file of this name, or stands for it."""
    if sys.platform == "win32":
        return True
    try:
        return os.path.samestat(os.fstat(handle), os.stat(file))
    except OSError:
        return False


@contextmanager
def _held(place: Path, grace: float = 0.0) -> Iterator[tuple[int | None, bool]]:
    """Yield what has been opened, and whether it is locked."""
    handle = _opened(place)
    locked = False
    try:
        if handle is not None:
            with suppress(OSError):  # a disk without locks
                _lock(handle, place, grace)
                locked = True
        yield handle, locked
    finally:
        if handle is not None:
            os.close(handle)


def _opened(place: Path) -> int | None:
    """Return what holds the lock of a folder or a file; None where there is none."""
    if sys.platform == "win32":
        ways = [(_stand_in(place), os.O_RDWR | os.O_CREAT)]
    elif place.is_dir():
        ways = [(place, os.O_RDONLY)]
    else:
        ways = [(place, os.O_RDWR), (place, os.O_RDONLY)]  # network disks lock for writers only
    for path, flags in ways:
        with suppress(OSError):
            return os.open(path, flags)
    return None


def _stand_in(place: Path) -> Path:
    """Return the file that stands for a folder or a file, one for all spellings of its name."""
    name = blake2b(os.path.normcase(place).encode(errors="surrogatepass"), digest_size=16)
    return Path(gettempdir()) / f"tempered-overfitting-{name.hexdigest()}.lock"


def _lock(handle: int, place: Path, grace: float) -> None:
    """Wait for the lock of a folder or a file, which is that of what has been opened; say so where
    that takes more than `grace` seconds.
    """
    end = monotonic() + grace
    while not _locked_at_once(handle):
        if monotonic() >= end:
            remark(f"waiting for another command that writes to {place}")
            _wait(handle)
            return
        sleep(_PATIENCE / 10.0)


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
