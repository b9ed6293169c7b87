"""What the machine's memory holds: sizes far beyond it are refused before the work, as the system
kills who asks for them without a word.
"""

import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

_LIMITS: Final = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where Linux keeps what a container may take, if that is less than there is."""


_LEAST: Final = 500_000_000
"""Bytes of addresses in which the packages that a command needs do load; OpenBLAS, where it cannot
have its buffers, asks for them again for ever.
"""


def require_addresses() -> None:
    """Raise ValueError if this process may not have the addresses that packages take to load."""
    there = _addresses()
    if there is not None and there < _LEAST:
        raise ValueError(
            f"the limit of a process's addresses must be {_gigabytes(_LEAST)} or more, which"
            f" packages take to load, got {_gigabytes(there)}; raise it (ulimit -v)"
        )


def require_memory(name: str, value: int, needed: int, what: str) -> None:
    """Raise ValueError if what takes so many bytes, at the very least, exceeds the memory of this
    machine; nobody knows of every machine how much that is.
    """
    there = physical_memory()
    if there is not None and needed > there:
        raise ValueError(
            f"`{name}` must leave room in memory, got {value:,}: {what} would take"
            f" {_gigabytes(needed)} or more of the {_gigabytes(there)} of this machine; lower it"
        )


@cache
def physical_memory() -> int | None:
    """Return the bytes of memory that this process can have; None if the system does not say."""
    found: list[int] = []
    if sys.platform != "win32":
        with suppress(OSError, ValueError):
            found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for limit in _LIMITS:
        with suppress(OSError, ValueError):  # without a limit there is a word
            found.append(int(Path(limit).read_text(encoding="ascii")))
    addresses = _addresses()
    found += [] if addresses is None else [addresses]
    return min((size for size in found if size > 0), default=None)


def _addresses() -> int | None:
    """Return the bytes of addresses that this process is limited to; None if it is not."""
    if sys.platform == "win32":
        return None
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.3g} GB" if size < 10**12 else f"{size / 1e9:,.0f} GB"
