"""Explicit steps: gradient descent, mini-batch descent, and Euler's method for the flow.

All of them move the model in place: a copy would cost as much as the step.
"""

from dataclasses import dataclass, replace
from math import ceil
from typing import ClassVar, Final

import numpy as np

from highdim.training.batches import Batches
from highdim.training.frozen_kernel import largest_curvature, product
from highdim.training.losses import slopes, total_loss
from highdim.training.model import Model
from highdim.training.settings import Settings
from highdim.training.spaces import ALL, Array, Arrays, Columns
from highdim.training.stepper import Look, Moved
from highdim.training.stepping import state_of, tangent_kernel
from univariate.common.arrays import Vector

_RENEWAL: Final = 10  # Euler steps between estimates of the curvature


@dataclass(frozen=True)
class Descent:
    """θ ← θ − rate · ∇ of the mean loss, or of the sum, over all data; τ grows by rate/m or by
    rate.
    """

    model: Model
    y: Vector
    settings: Settings

    always_looks: ClassVar[bool] = True

    def look(self) -> Look:
        """Evaluate the model; for two layers the hidden values live in a buffer."""
        passed = self.model.forward()
        return Look(self.y * passed.outputs.astype(np.float64), passed.hidden)

    def moved(self, look: Look, time: float, step: int, stop: float) -> Moved | None:
        """Take a step; the time is no running sum, so it does not drift."""
        rate = self._rate(len(self.y))
        u = rate * self.y * slopes(look.margins, self.settings.loss)
        self._ascend(look.values, u)
        return Moved(self, (step + 1) * rate)

    def arrays(self) -> Arrays:
        """Return what a checkpoint must hold: the model, and nothing else."""
        return self.model.arrays()

    def _rate(self, observations: int) -> float:
        """Return the step of θ along the gradient of the sum over so many observations."""
        rate = self.settings.learning_rate
        return rate / observations if self.settings.reduction == "mean" else rate

    def _ascend(self, hidden: tuple[Array, ...], u: Vector, columns: Columns = ALL) -> None:
        self.model.ascend(hidden, u.astype(self.settings.dtype), columns)


@dataclass(frozen=True)
class BatchDescent(Descent):
    """The same steps over one batch after another; all data are looked at where a row is due, and
    at the end.

    τ grows by rate/m for the mean over a batch, whatever its size, and by rate over the number of
    batches for the sum: what an epoch moves along the gradient of one observation, on average over
    the orders.
    """

    batches: Batches

    always_looks: ClassVar[bool] = False

    def moved(self, look: Look, time: float, step: int, stop: float) -> Moved | None:
        """Take a step over the next batch."""
        batch = next(self.batches)
        passed = self.model.forward(batch)
        y = self.y[batch]
        margins = y * passed.outputs.astype(np.float64)
        u = self._rate(len(batch)) * y * slopes(margins, self.settings.loss)
        self._ascend(passed.hidden, u, batch)
        return Moved(self, (step + 1) * self._time_of_a_step())

    def arrays(self) -> Arrays:
        """Return what a checkpoint must hold."""
        return self.model.arrays() | self.batches.arrays()

    def _time_of_a_step(self) -> float:
        m = len(self.y)
        rate = self.settings.learning_rate
        per = m if self.settings.reduction == "mean" else ceil(m / self.settings.batch_size)
        return rate / per


@dataclass(frozen=True)
class Euler(Descent):
    """θ ← θ − h ∇L; `step_safety` bounds h times the largest curvature, and the change of every
    output.

    Both are estimated every ten steps, and where the loss has risen: near a start with small
    weights curvatures are small, and soon no longer. `fastest` is the larger of the two estimates,
    `before` the loss before the last step.
    """

    fastest: float
    before: float

    def moved(self, look: Look, time: float, step: int, stop: float) -> Moved | None:
        """Take a step; None where nothing moves."""
        slope = slopes(look.margins, self.settings.loss)
        u = self.y * slope
        loss = total_loss(look.margins, self.settings.loss)
        fastest = self.fastest
        if step % _RENEWAL == 0 or loss > self.before:
            fastest = self._estimate(slope, u)
        if not fastest > 0.0:
            return None
        length = self.settings.step_safety / fastest
        end = stop
        if time + length < stop:
            end = time + length
        else:
            length = stop - time
        self._ascend(look.values, length * u)
        return Moved(replace(self, fastest=fastest, before=loss), end)

    def arrays(self) -> Arrays:
        """Return what a checkpoint must hold."""
        kept = {"fastest": np.array(self.fastest), "before": np.array(self.before)}
        return self.model.arrays() | kept

    def _estimate(self, slope: Vector, u: Vector) -> float:
        kernel = tangent_kernel(state_of(self.model))
        fastest = float(np.abs(product(kernel, u)).max())
        return max(largest_curvature(kernel, slope), fastest)
