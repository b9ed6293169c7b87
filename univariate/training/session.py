"""One thread, and a progress bar if wanted, for a training run."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import numpy as np

from univariate.common.progress import share_bar


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS and compiled code to one thread: systems this small do not repay more."""
    import numba
    import scipy.linalg  # noqa: F401 (its BLAS must be loaded to be limited)
    from threadpoolctl import threadpool_limits

    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        numba.set_num_threads(threads)


def bar(wanted: bool, goal: float) -> AbstractContextManager[Callable[[int, float], None]]:
    """Show the margin's way to its goal on stderr, on a logarithmic scale, by steps and margin."""

    def state(steps: int, margin: float) -> tuple[float, str]:
        """Return how far the run is, and what is said about it."""
        share = np.clip(np.log1p(max(0.0, margin)) / np.log1p(goal), 0.0, 1.0)
        return float(share), f"step {steps:,}, margin {margin:.3g}"

    return share_bar(wanted, state)
