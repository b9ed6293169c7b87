"""A training run: what it records, and why it stops."""

from collections.abc import Callable
from math import inf, sqrt
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from highdim.problem.network import Network
from highdim.training.losses import relative_slopes, total_loss
from highdim.training.model import Model
from highdim.training.settings import Goals, Settings

Array = NDArray[Any]
Vector = NDArray[np.float64]
Measure = Callable[[Network], float]
Seen = tuple[tuple[Array, ...], tuple[Array, ...] | None, Array | None]

COLUMNS: Final = (
    "time",
    "step",
    "loss",
    "margin",
    "norm_squared",
    "wrong",
    "step_error",
    "kkt_residual",
)

_LANDED: Final = 1e-12  # relative; a time as good as reached
_WILD: Final = 1e15
_NAMED: Final = 3  # so many wrong observations are named


class Snapshot(NamedTuple):
    """A net on the way, and what `measure` said about it."""

    time: float
    net: Network
    clean_error: float


class Run:
    """A run under way; `status` is empty until it has ended.

    Integrators call `see` with what the model makes of all data, then `row` where a row is due,
    then `arrived`; after a step they call `advance`.
    """

    def __init__(
        self,
        model: Model,
        y: Vector,
        settings: Settings,
        goals: Goals,
        stops: tuple[float, ...] = (),
        measure: Measure | None = None,
    ) -> None:
        self.model, self.y, self.settings, self.goals = model, y, settings, goals
        self.status, self.reason = "", ""
        self.time, self.step = 0.0, 0
        # the first time from which on no observation was seen to be wrong
        self.since: float | None = None
        self.rows: list[tuple[float, ...]] = []
        self.snapshots: list[Snapshot] = []
        self.margins = np.zeros(len(y))
        self.kkt_residual = inf  # of the row recorded last
        # what the integrator adds to a checkpoint, or finds there
        self.extra: dict[str, Array] = {}
        self.checkpoint: Callable[[], dict[str, Array]] = lambda: self.extra
        self._stops, self._measure = stops, measure
        self._seen: Seen = ((), None, None)

    @property
    def margin(self) -> float:
        """The smallest margin seen last."""
        return float(self.margins.min())

    @property
    def next_stop(self) -> float:
        """The time that a step must not pass: of the next snapshot, or of the end."""
        ahead = [stop for stop in self._stops if stop > self.time * (1.0 + _LANDED)]
        return min([*ahead, self.goals.flow_time])

    @property
    def interpolation_time(self) -> float | None:
        """The first time from which on no observation was seen to be wrong; None if one is."""
        if not self.margin > 0.0:
            return None
        return self.time if self.since is None else self.since

    def has_to_stop(self) -> bool:
        """Whether a snapshot or the end is due."""
        snapshot = len(self.snapshots) < len(self._stops) and self._reached(
            self._stops[len(self.snapshots)]
        )
        return snapshot or self._reached(self.goals.flow_time) or self.step >= self.goals.steps

    def see(
        self,
        outputs: Array,
        values: tuple[Array, ...],
        shares: tuple[Array, ...] | None = None,
        kernel: Array | None = None,
        *,
        counts: bool = True,
    ) -> None:
        """Take note of N(x_i) for all data, and of hidden values, or pre-activations, shares and
        tangent kernel.

        They must stay as they are until the row. A look that a longer run would not take does not
        count.
        """
        self.margins, self._seen = self.y * outputs.astype(np.float64), (values, shares, kernel)
        if not counts:
            return
        if not self.margin > 0.0:
            self.since = None
        elif self.since is None:
            self.since = self.time

    def row(self, error: float = 0.0, Z: Array | None = None) -> None:
        """Record a row, once per step; `Z` are first pre-activations on all data, if known."""
        if self.rows and self.rows[-1][1] == self.step:
            self.kkt_residual = self.rows[-1][-1]
            return
        wrong = float(np.sum(~(self.margins > 0.0)))
        loss, norm = total_loss(self.margins, self.settings.loss), self.model.norm_squared(Z)
        self.kkt_residual = self._residual(norm)
        self.rows.append(
            (self.time, float(self.step), loss, self.margin, norm, wrong, error, self.kkt_residual)
        )

    def advance(self, time: float) -> None:
        """Count a step that ended at `time`."""
        self.time, self.step = time, self.step + 1

    def snap(self) -> None:
        """Take the snapshots that are due."""
        while len(self.snapshots) < len(self._stops) and self._reached(
            self._stops[len(self.snapshots)]
        ):
            net = self.model.network()
            self.snapshots.append(Snapshot(self.time, net, self.measure(net)))

    def forget_stops(self) -> None:
        """Leave out the snapshots of times that have passed."""
        self._stops = tuple(stop for stop in self._stops if stop > self.time * (1.0 + _LANDED))

    @property
    def measures(self) -> bool:
        """Whether the caller wants clean errors."""
        return self._measure is not None

    def measure(self, net: Network) -> float:
        """Return the clean error that the caller's function finds; NaN without one."""
        return float("nan") if self._measure is None else float(self._measure(net))

    def arrived(self) -> bool:
        """Whether to stop here; says why."""
        if not self._tame():
            self.status, self.reason = (
                "diverged",
                f"outputs run away after {self.step} steps; take smaller ones",
            )
        elif self.margin >= self.goals.margin:
            self.status, self.reason = "margin reached", f"the smallest margin is {self.margin:.6g}"
        elif self.kkt_residual <= self.goals.kkt_residual:
            self.status, self.reason = (
                "residual reached",
                f"the KKT residual is {self.kkt_residual:.6g}",
            )
        elif self._reached(self.goals.flow_time):
            self.status, self.reason = (
                "time reached",
                f"at flow time {self.time:.6g} {self.misfit()}",
            )
        elif self.step >= self.goals.steps:
            self.status, self.reason = "steps exhausted", f"after {self.step} steps {self.misfit()}"
        elif not np.any(self.margins) and not self._alive():
            self.status, self.reason = (
                "dead",
                f"no neuron is active on any observation after {self.step} steps",
            )
        return bool(self.status)

    def interrupt(self) -> None:
        """Stop because the user wants so."""
        self.status, self.reason = (
            "interrupted",
            f"interrupted after {self.step} steps, {self.misfit()}",
        )

    def stall(self) -> None:
        """Stop because no step is short enough."""
        self.status, self.reason = (
            "stalled",
            f"no step is short enough at flow time {self.time:.6g}; {self.misfit()}",
        )

    def columns(self) -> dict[str, Vector]:
        """Return the rows as arrays."""
        table = np.array(self.rows, dtype=np.float64).reshape(len(self.rows), len(COLUMNS))
        return dict(zip(COLUMNS, table.T.copy(), strict=True))

    def misfit(self) -> str:
        """Say which observations are wrong, and by how much."""
        wrong = np.flatnonzero(~(self.margins > 0.0))
        if not len(wrong):
            return f"the net interpolates with a smallest margin of {self.margin:.6g}"
        worst = wrong[np.argsort(self.margins[wrong])][:_NAMED].tolist()
        named = [f"{i} (y N(x) = {self.margins[i]:.3g})" for i in worst] + ["…"] * (
            len(wrong) > _NAMED
        )
        return f"{len(wrong)} of {len(self.y)} observations are wrong: {', '.join(named)}"

    def _residual(self, norm_squared: float) -> float:
        """Sine of the angle between what is trained and −∇L, or the slackness if larger; inf where
        not defined.
        """
        if not (self.margin > 0.0 and self._tame() and self.model.homogeneous):
            return inf
        multipliers = relative_slopes(self.margins, self.settings.loss)
        values, shares, kernel = self._seen
        u = (self.y * multipliers).astype(self.model.v.dtype)
        inner, length = self.model.alignment(values, u, shares, kernel)
        norms = length * self.model.trained_norm_squared(norm_squared)
        sine = sqrt(max(0.0, 1.0 - inner * inner / norms)) if inner > 0.0 and norms > 0.0 else 1.0
        slack = float(multipliers @ (self.margins - self.margin)) / (
            float(multipliers.sum()) * self.margin
        )
        return max(sine, slack)

    def _tame(self) -> bool:
        """Whether outputs and slopes of the loss are of a size that another step survives, in
        float32 too.
        """
        wild = np.log(_WILD) if self.settings.loss == "exponential" else _WILD
        return bool(np.all(np.abs(self.margins) <= _WILD)) and self.margin >= -wild

    def _reached(self, time: float) -> bool:
        return self.time >= time * (1.0 - _LANDED)

    def _alive(self) -> bool:
        return any(bool(np.any(Z > 0.0)) for Z in self.model.values()[-1:])
