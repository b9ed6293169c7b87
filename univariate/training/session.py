"""One thread, and a progress bar if wanted, for a training run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np


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


@contextmanager
def bar(wanted: bool, goal: float) -> Iterator[Callable[[int, float], None]]:
    """Yield a function of steps and margin that shows them on stderr, on a logarithmic scale."""
    if not wanted:
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("training", total=1.0)

        def show(steps: int, margin: float) -> None:
            share = np.clip(np.log1p(max(0.0, margin)) / np.log1p(goal), 0.0, 1.0)
            shown.update(
                task, completed=float(share), description=f"step {steps:,}, margin {margin:.3g}"
            )

        yield show
