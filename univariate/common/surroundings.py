"""What a command makes of the environment in which it is started: a notebook's, a cluster's."""

import os

from univariate.common.memory import require_addresses

_THREADS = "NUMBA_NUM_THREADS"


def settle() -> None:
    """Let figures be drawn for files alone, and refuse what packages could not be loaded with: too
    few addresses, or a number of threads that is none.

    Raises ValueError, also for threads that numba would refuse without their name.
    """
    require_addresses()
    # commands inherit the backend of a notebook, which may be missing here
    os.environ["MPLBACKEND"] = "agg"
    threads = os.environ.get(_THREADS)
    if threads and not (threads.strip().isdecimal() and int(threads) > 0):
        raise ValueError(
            f"the environment variable {_THREADS} must be a positive integer, got {threads!r};"
            " unset it"
        )
