"""How Newton's directions are followed in an implicit step of the flow.

The step minimises log L(θ) + |θ − θ₀|²/(2h). N is bilinear in the output weights and the rest: of
neurons that grow and cancel in N a direction misses second-order terms which are large for margins,
although the next direction, with virtual margins where these were expected, takes them back. So the
function may rise for a while (a watchdog, as it is called: Chamberlain, Powell, Lemaréchal and
Pedersen 1982).
"""

from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Matrix, Vector
from univariate.training.kernels import regimes
from univariate.training.losses import Weights, carried, log_loss_of, weigh
from univariate.training.states import Data, State, margins_of

_PARTS: Final = tuple(0.5**k for k in range(12))  # of a direction that are followed
_SETTLED: Final = 1e-2  # margins that are felt are so near to the virtual ones
_DRIVEN: Final = 0.03  # of the strongest drive: kinks that are driven by less are not let go yet
_LEAST: Final = 1e-6  # of a margin that a drive changes; less is no reason to let go
_RIPPLE: Final = 1e-3  # of log L, where it does not matter
_RISE: Final = 50.0  # of log L
_FALL: Final = 0.5  # of virtual margins below the least of them; relative to it, if negative
_SLACK: Final = 1e-10  # of the minimised function, for rounding


class Iterate(NamedTuple):
    """A guess of the end of a step."""

    state: State  # with the weights of the virtual margins
    virtual: Vector
    height: float  # of the function that is minimised
    changed: int = 0  # kinks that crossed data, were caught or let go on the way here
    part: float = 1.0  # of a direction that was followed

    def rises(self, other: "Iterate") -> bool:
        """Whether the function is visibly larger than it was."""
        return self.height > other.height + _RIPPLE


class Way(NamedTuple):
    """Where Newton's direction starts, kinks on the way held, and where it leads."""

    state: State
    change: Matrix  # of θ
    gain: Vector  # of margins
    lag: Vector  # of virtual margins behind the margins

    @property
    def size(self) -> float:
        """How far it is to the end, in margins that are felt, relative to their size."""
        return self._largest(np.sqrt(self.state.weights.felt))

    @property
    def effect(self) -> float:
        """The same in what hardly changes weights counting less still: as log L feels it."""
        return self._largest(self.state.weights.felt)

    def _largest(self, felt: Vector) -> float:
        reach = float((felt * np.maximum(np.abs(self.gain), np.abs(self.lag))).max())
        return reach / max(1.0, float((felt * np.abs(self.state.margins)).max()))


class Descent(NamedTuple):
    """What is minimised: an implicit step of length h."""

    start: State
    data: Data
    h: float

    def begun(self, guess: State) -> Iterate:
        """Return where a guess of the end stands."""
        return Iterate(guess, guess.margins, self._height(guess))

    def allowed(self, now: Iterate) -> float:
        """Return up to where the function has not risen."""
        return now.height + _SLACK * max(1.0, abs(now.height))

    def bears(self, now: Iterate, lowest: Iterate) -> bool:
        """Whether the function has risen by no more than what later directions may take back."""
        return now.height <= lowest.height + _RISE

    def followed(self, now: Iterate, way: Way, part: float) -> Iterate | None:
        """Go a part of a way; None if that leads out of bounds.

        A datum holds a kink by a share that is a quotient of small differences: by weights that are
        not yet those of margins hundreds seem to be let go, each of which would be held again. So
        none is let go before margins have come up with the virtual ones, and then only those that
        are driven most, for the weights will follow.
        """
        virtual = _carried(now, way, part, self.data)
        if not np.isfinite(virtual).all():
            return None
        weights = weigh(virtual, self.data.loss)
        moved = self._moved(way, part, weights, np.inf)
        lag = np.sqrt(weights.felt) * np.abs(moved.margins - virtual)
        if float(lag.max()) <= _SETTLED:
            pace = self.start.theta[1:] / self.h
            drives = regimes.drives(moved.theta, moved.held, pace, moved.weighed)
            strongest = float(drives[np.isfinite(drives)].max(initial=0.0))
            bar = max(_DRIVEN * strongest, _LEAST / self.h)
            if (drives > bar).any():
                moved = self._moved(way, part, weights, bar)
        if not np.isfinite(moved.margins).all():
            return None
        state = State(moved.theta, moved.cell, moved.held, moved.margins, weights)
        return Iterate(state, virtual, self._height(state), moved.changed, part)

    def searched(self, now: Iterate, way: Way) -> Iterate | None:
        """Follow a way as far as the minimised function falls; None if it rises at once."""
        for part in _PARTS:
            found = self.followed(now, way, part)
            if found is not None and found.height <= self.allowed(now):
                return found
        return None

    def _moved(self, way: Way, part: float, weights: Weights, bar: float) -> "Moved":
        """Move neurons a part of a way; kinks that are driven by more than a bar are let go."""
        data = self.data
        theta = way.state.theta.copy()
        cell = way.state.cell.copy()
        held = way.state.held.copy()
        pace = self.start.theta[1:] / self.h
        change = part * way.change
        weighed = regimes.Weighed(
            data.x, data.y, weights.first, *regimes.sums(data.x, data.y, weights.first)
        )
        changed = regimes.advance(theta, change, part == 1.0, cell, held, pace, weighed, bar)
        return Moved(theta, cell, held, margins_of(theta, data, cell), changed, weighed)

    def _height(self, state: State) -> float:
        """Return log L(θ) + |θ − θ₀|²/(2h)."""
        way = state.theta - self.start.theta
        with np.errstate(over="ignore"):
            square = float((way * way).sum())
        return log_loss_of(state.margins, self.data.loss) + square / (2.0 * self.h)


class Moved(NamedTuple):
    """Neurons where a direction led them, before anything is said about weights."""

    theta: Matrix
    cell: Indices
    held: Indices
    margins: Vector
    changed: int
    weighed: regimes.Weighed


def _carried(now: Iterate, way: Way, part: float, data: Data) -> Vector:
    """Return the virtual margins after a part of a way.

    Where weights hardly push back, they need not lead virtual margins to the margins, which many of
    tiny weight would reach but slowly. Nor may they fall far below all others: a datum that the
    curvature of N threw back by hundreds would have all the weight, and the logistic loss no
    curvature there.
    """
    ahead = part * (way.gain + way.lag)
    led = carried(now.virtual, way.state.weights, ahead, data.loss)
    least = float(now.virtual.min())
    straight = np.maximum(now.virtual + ahead, least - _FALL * max(1.0, -least))
    return np.where(np.abs(way.gain) <= 0.5 * np.abs(way.lag), straight, led)
