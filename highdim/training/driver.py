"""Drives a run to its end: Ctrl-C between steps, a progress bar on stderr."""

from math import inf, log1p

import numpy as np

from highdim.training.run import Run
from univariate.common.interrupt import deferred_interrupts
from univariate.common.progress import share_bar


def drive(run: Run, *, progress: bool) -> None:
    """Take steps until the run has ended, or Ctrl-C."""
    with deferred_interrupts() as asked, share_bar(progress, _state) as show:
        for _ in run.steps():
            show(run)
            if asked():
                run.interrupt()
                return


def _state(run: Run) -> tuple[float, str]:
    """Say how far the run has come."""
    now = run.now
    text = f"step {now.step:,}, time {now.time:.3g}, {int(now.look.wrong.sum())} wrong"
    return _share_done(run), text


def _share_done(run: Run) -> float:
    """How far the run has come towards the nearest of its goals, in [0, 1]."""
    goals, now = run.asked.goals, run.now
    shares = [
        0.0 if goal == inf else done / goal
        for done, goal in ((now.time, goals.flow_time), (now.step, goals.steps))
    ]
    if goals.margin < inf:
        shares.append(log1p(max(0.0, now.look.margin)) / log1p(goals.margin))
    if goals.kkt_residual > 0.0:
        residual = run.rows[-1].kkt_residual
        shares.append(goals.kkt_residual / max(residual, goals.kkt_residual))
    return float(np.clip(max(shares), 0.0, 1.0))
