"""What a method of training offers to the run that drives it: looks at all data, and steps."""

from typing import NamedTuple, Protocol

import numpy as np

from highdim.training.model import Model
from highdim.training.spaces import Array, Arrays
from univariate.common.arrays import Mask, Vector

_NAMED = 3  # so many wrong observations are named


class Look(NamedTuple):
    """What a model makes of all data; to be used before it moves, which may overwrite `values`.

    `margins` are y_i N(x_i). `values` hold pre-activations of every hidden layer if there are
    `shares`, which stand for σ', and hidden values otherwise. `error` is that of the last step,
    `work` counts the products with the tangent kernel since the run was begun or resumed.
    """

    margins: Vector
    values: tuple[Array, ...]
    shares: tuple[Array, ...] | None = None
    kernel: Array | None = None
    error: float = 0.0
    work: int = 0

    @property
    def margin(self) -> float:
        """The smallest margin."""
        return float(self.margins.min())

    @property
    def wrong(self) -> Mask:
        """Which observations have no positive margin, (m,)."""
        return ~(self.margins > 0.0)

    def misfit(self) -> str:
        """Say which observations are wrong, and by how much."""
        wrong = np.flatnonzero(self.wrong)
        if not len(wrong):
            return f"the net interpolates with a smallest margin of {self.margin:.6g}"
        worst = wrong[np.argsort(self.margins[wrong])][:_NAMED].tolist()
        named = [f"{i} (y N(x) = {self.margins[i]:.3g})" for i in worst]
        if len(wrong) > _NAMED:
            named.append("...")
        return f"{len(wrong)} of {len(self.margins)} observations are wrong: {', '.join(named)}"


class Stepper(Protocol):
    """A method at work: the model, and whatever else its next step depends on."""

    @property
    def model(self) -> Model:
        """The model; descent moves it in place."""

    @property
    def always_looks(self) -> bool:
        """Whether a look at all data is part of every step."""

    def look(self) -> Look:
        """Evaluate the model on all data."""

    def moved(self, look: Look, time: float, step: int, stop: float) -> "Moved | None":
        """Take step number `step` from `time`, not past `stop`; None if none is short enough."""

    def arrays(self) -> Arrays:
        """Return what a checkpoint must hold."""


class Moved(NamedTuple):
    """A method after a step, and the flow time there."""

    stepper: Stepper
    time: float
