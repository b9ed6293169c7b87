"""Drives a run to its end: one BLAS thread, Ctrl-C between steps, a progress bar on stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf, log1p

import numpy as np

from highdim.training.interrupts import deferred_interrupts
from highdim.training.run import Run


def drive(run: Run, steps: Iterator[None], *, progress: bool) -> None:
    """Take steps until the run has ended, or Ctrl-C; the last row is the end."""
    from threadpoolctl import threadpool_limits

    with (
        threadpool_limits(run.settings.threads),
        deferred_interrupts() as asked,
        _bar(progress) as show,
    ):
        for _ in steps:
            show(run)
            if asked():
                passed = run.model.forward()
                run.see(passed.outputs, passed.hidden, counts=False)
                run.interrupt()
                break
        run.row()


def _share_done(run: Run) -> float:
    """How far the run has come towards the nearest of its goals, in [0, 1]."""
    goals = run.goals
    shares = [
        0.0 if goal == inf else done / goal
        for done, goal in ((run.time, goals.flow_time), (run.step, goals.steps))
    ]
    if goals.margin < inf:
        shares.append(log1p(max(0.0, run.margin)) / log1p(goals.margin))
    if goals.kkt_residual > 0.0:
        shares.append(goals.kkt_residual / max(run.kkt_residual, goals.kkt_residual))
    return float(np.clip(max(shares), 0.0, 1.0))


@contextmanager
def _bar(wanted: bool) -> Iterator[Callable[[Run], None]]:
    if not wanted:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("training", total=1.0)

        def show(run: Run) -> None:
            wrong = int(np.sum(~(run.margins > 0.0)))
            state = f"step {run.step:,}, time {run.time:.3g}, {wrong} wrong"
            bar.update(task, completed=_share_done(run), description=state)

        yield show
