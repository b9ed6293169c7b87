"""The current folder of a process, from which relative paths go, and which functions of others may
change.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def same_folder() -> Iterator[None]:
    """Make the folder that is current now the current one again at the end, if it still exists."""
    before = None
    with suppress(OSError):  # it is gone
        before = os.getcwd()
    try:
        yield
    finally:
        if before is not None:
            with suppress(OSError):
                os.chdir(before)
