"""Explicit steps: gradient descent, mini-batch descent, and Euler's method for the flow."""

from collections.abc import Iterator
from math import ceil
from typing import Final

import numpy as np

from highdim.training.batches import Batches
from highdim.training.frozen import product, sharpness
from highdim.training.losses import slopes, total_loss
from highdim.training.run import Run
from highdim.training.settings import Schedule
from highdim.training.stepping import state_of, tangent_kernel

_RENEWAL: Final = 10  # Euler steps between estimates of the curvature
_ITERATIONS: Final = 20  # power iterations for one; they cost m² each


def descend(run: Run) -> Iterator[None]:
    """θ ← θ − rate · ∇ of the mean loss, or of the sum, over all data; τ grows by rate/m or by
    rate.
    """
    schedule, settings = _taken_up(run), run.settings
    rate = settings.learning_rate / (len(run.y) if settings.reduction == "mean" else 1)
    while True:
        passed = run.model.forward()
        run.see(passed.outputs, passed.hidden)
        if schedule.due(run.step):
            run.row()
        run.snap()
        if run.arrived():
            return
        u = rate * run.y * slopes(run.margins, settings.loss)
        run.model.ascend(passed, u.astype(settings.dtype))
        run.advance((run.step + 1) * rate)
        yield


def descend_in_batches(run: Run, batches: Batches) -> Iterator[None]:
    """Take the same steps over one batch after another; all data are looked at where a row is due,
    and at the end.

    τ grows by rate/m for the mean over a batch, whatever its size, and by rate over the number of
    batches for the sum: what an epoch moves along the gradient of one observation, on average over
    the orders.
    """
    schedule, settings, m = _taken_up(run), run.settings, len(run.y)
    per_step = settings.learning_rate / (
        m if settings.reduction == "mean" else ceil(m / settings.batch_size)
    )
    run.checkpoint = batches.arrays
    while True:
        due = schedule.due(run.step)
        if due or run.has_to_stop():
            passed = run.model.forward()
            run.see(passed.outputs, passed.hidden, counts=due)
            if due:
                run.row()
            run.snap()
            if run.arrived():
                return
        batch = next(batches)
        passed = run.model.forward(batch)
        rate = settings.learning_rate / (len(batch) if settings.reduction == "mean" else 1)
        y = run.y[batch]
        u = rate * y * slopes(y * passed.outputs.astype(np.float64), settings.loss)
        run.model.ascend(passed, u.astype(settings.dtype), batch)
        run.advance((run.step + 1) * per_step)
        yield


def follow_by_euler(run: Run) -> Iterator[None]:
    """θ ← θ − h ∇L; `step_safety` bounds h times the largest curvature, and the change of every
    output.

    Both are estimated every ten steps, and where the loss has risen: near a start with small
    weights curvatures are small, and soon no longer.
    """
    schedule, settings = _taken_up(run), run.settings
    start = np.ones(len(run.y)) / np.sqrt(len(run.y))
    fastest, before = (float(run.extra.get(name, 0.0)) for name in ("fastest", "before"))
    while True:
        passed = run.model.forward()
        run.see(passed.outputs, passed.hidden)
        if schedule.due(run.step):
            run.row()
        run.snap()
        if run.arrived():
            return
        slope = slopes(run.margins, settings.loss)
        u = run.y * slope
        loss = total_loss(run.margins, settings.loss)
        if run.step % _RENEWAL == 0 or loss > before:
            kernel = tangent_kernel(state_of(run.model))
            curvature, _ = sharpness(kernel, slope, start, _ITERATIONS)
            fastest = max(curvature, float(np.abs(product(kernel, u)).max()))
        before, run.extra = loss, {"fastest": np.array(fastest), "before": np.array(loss)}
        if not fastest > 0.0:
            run.stall()
            return
        stop, step = run.next_stop, settings.step_safety / fastest
        lands = run.time + step >= stop
        step = stop - run.time if lands else step
        run.model.ascend(passed, (step * u).astype(settings.dtype))
        run.advance(stop if lands else run.time + step)
        yield


def _taken_up(run: Run) -> Schedule:
    """Return the schedule; the row at the end of an earlier part goes if only the end called for
    it.
    """
    if run.rows and not Schedule().due(int(run.rows[-1][1])):
        run.rows.pop()
    return Schedule()
