"""What a training run leaves behind: one row a step, and nets at intervals."""

from math import exp, inf, log
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.training.implicit import FREE, State

Vector = NDArray[np.float64]

COLUMNS: Final = (
    "log_time",
    "scaled_time",
    "log_loss",
    "margin",
    "norm_squared",
    "clean_error",
    "step_error",
    "held",
    "crossed",
    "caught",
    "rejected",
)
_PER_DECADE: Final = 4  # snapshots for every tenfold of scaled time, and of the margin


class Snapshot(NamedTuple):
    """A net on the way: log t, and v, w, b."""

    log_time: float
    v: Vector
    w: Vector
    b: Vector


class Recorder:
    """Rows and snapshots of a run, appended as it goes."""

    def __init__(
        self, rows: list[tuple[float, ...]] | None = None, snapshots: list[Snapshot] | None = None
    ) -> None:
        self.rows = [] if rows is None else rows
        self.snapshots = [] if snapshots is None else snapshots
        self._mark = _mark(*self.rows[-1][1:4:2]) if self.rows else None

    def add(
        self,
        state: State,
        log_time: float,
        scaled_time: float,
        clean_error: float,
        facts: tuple[float, ...] = (0.0,) * 4,
    ) -> None:
        """Append a row; facts are step error, data crossed, kinks caught and steps rejected since
        the last one.
        """
        margin = float(state.margins.min())
        with np.errstate(over="ignore"):
            norm = float(np.sum(state.theta**2))
        held = float(np.sum(state.held != FREE))
        error, *counts = facts
        self.rows.append(
            (
                log_time,
                scaled_time,
                state.weights.log_loss,
                margin,
                norm,
                clean_error,
                error,
                held,
                *counts,
            )
        )
        mark = _mark(scaled_time, margin)
        if mark != self._mark:
            self._mark = mark
            self.snapshots.append(Snapshot(log_time, *(part.copy() for part in state.theta)))

    def columns(self) -> dict[str, Vector]:
        """Return the rows as arrays."""
        table = np.array(self.rows, dtype=np.float64).reshape(len(self.rows), len(COLUMNS))
        return dict(zip(COLUMNS, table.T.copy(), strict=True))


def log_duration(length: float, before: float, after: float) -> float:
    """Return log of the time ∫ dσ/L of a step, by the trapezoidal rule in 1/L; −inf for nothing."""
    return log(0.5 * length) + float(np.logaddexp(-before, -after)) if length > 0.0 else -inf


def _mark(scaled_time: float, margin: float) -> tuple[int, int, bool]:
    """Return what changes from one snapshot to the next."""
    return _decade(scaled_time), _decade(margin), margin > 0.0


def _decade(value: float) -> int:
    return int(np.floor(_PER_DECADE * np.log10(value))) if value > exp(-100.0) else -1000
