"""The flow by controlled steps."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from highdim.training.frozen_kernel import largest_curvature
from highdim.training.losses import slopes
from highdim.training.model import Model
from highdim.training.settings import Settings
from highdim.training.spaces import Array, Arrays
from highdim.training.stepper import Look, Moved
from highdim.training.stepping import State, controlled_step, tangent_kernel
from univariate.common.arrays import Vector


@dataclass(frozen=True)
class Following:
    """Steps as long as the tolerance allows.

    `kernel` is the tangent kernel of the state, `length` that of the next step (0 if no step has
    told yet), `error` that of the last one, `work` the products with the kernel so far.
    """

    state: State
    kernel: Array
    y: Vector
    settings: Settings
    length: float
    error: float
    work: int = 0

    always_looks: ClassVar[bool] = True

    @classmethod
    def of(
        cls,
        state: State,
        y: Vector,
        settings: Settings,
        length: float,
        error: float = 0.0,
        work: int = 0,
    ) -> "Following":
        """Return the method at a state."""
        return cls(state, tangent_kernel(state), y, settings, length, error, work)

    @property
    def model(self) -> Model:
        """The model, which stays as it is."""
        return self.state.model

    def look(self) -> Look:
        """Return what is known already."""
        state = self.state
        margins = self.y * state.outputs.astype(np.float64)
        return Look(margins, state.values, state.shares, self.kernel, self.error, self.work)

    def moved(self, look: Look, time: float, step: int, stop: float) -> Moved | None:
        """Take a step, shortened to end at `stop` exactly."""
        length = self.length or self._first_length(look.margins)
        if not np.isfinite(time + length):  # after a thousand doublings of τ
            return None
        lands = time + length >= stop
        tried = stop - time if lands else length
        loss, tolerance = self.settings.loss, self.settings.tolerance
        taken = controlled_step(self.state, self.kernel, self.y, loss, tried, tolerance, time)
        if taken is None:
            return None
        # a step cut short says little about the next
        if taken.length < tried or not lands or taken.next_length < tried:
            length = taken.next_length
        end = stop if lands and taken.length == tried else time + taken.length
        work = self.work + taken.work
        there = Following.of(taken.state, self.y, self.settings, length, taken.error, work)
        return Moved(there, end)

    def arrays(self) -> Arrays:
        """Return what a checkpoint must hold."""
        kept = {f"S{i}": S for i, S in enumerate(self.state.shares)}
        return self.model.arrays() | kept | {"next_step": np.array(self.length)}

    def _first_length(self, margins: Vector) -> float:
        """One over the largest curvature; where nothing moves, any length will do."""
        curvature = largest_curvature(self.kernel, slopes(margins, self.settings.loss))
        return 1.0 / curvature if curvature > 0.0 else 1.0


def shares_in(arrays: Arrays) -> tuple[Array, ...] | None:
    """Return the shares that a checkpoint holds, or None."""
    return tuple(arrays[name] for name in ("S0", "S1") if name in arrays) or None
