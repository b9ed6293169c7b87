"""What a training run leaves behind: one row a step, and nets at intervals."""

from collections.abc import Iterable
from math import exp, inf, log
from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Vector
from univariate.problem.network import ReluNet
from univariate.training.states import FREE, State
from univariate.training.stepping import Facts
from univariate.training.trajectory import ROWS

_PER_DECADE: Final = 4  # snapshots for every tenfold of scaled time, and of the margin
_LEAST: Final = exp(-100.0)  # below it there are no decades


class Now(NamedTuple):
    """Where a run is; replaced as one, so that Ctrl-C finds a step whole or not at all."""

    state: State
    length: float  # in σ of the step of the flow that comes next
    log_time: float
    scaled_time: float
    steps: int
    facts: Facts = Facts()  # of the step that led here, for its row
    turn: "Now | None" = None  # before steps that led here, if these were shortened

    @property
    def margin(self) -> float:
        """The smallest margin."""
        return float(self.state.margins.min())


class Row(NamedTuple):
    """The entries of `trajectory.ROWS`."""

    log_time: float
    scaled_time: float
    log_loss: float
    margin: float
    norm_squared: float
    clean_error: float
    step_error: float
    held: float
    crossed: float
    caught: float
    rejected: float


class Snapshot(NamedTuple):
    """A net on the way, and log t."""

    log_time: float
    net: ReluNet


class Recorder:
    """Rows and snapshots of a run, appended as it goes."""

    def __init__(self, rows: Iterable[Row] = (), snapshots: Iterable[Snapshot] = ()) -> None:
        self.rows = list(rows)
        self.snapshots = list(snapshots)

    def add(self, now: Now, clean_error: float) -> None:
        """Append a row, and a snapshot where a decade begins."""
        state = now.state
        with np.errstate(over="ignore"):
            norm_squared = float(np.sum(state.theta**2))
        row = Row(
            now.log_time,
            now.scaled_time,
            state.weights.log_loss,
            now.margin,
            norm_squared,
            clean_error,
            now.facts.error,
            float(np.sum(state.held != FREE)),
            float(now.facts.crossed),
            float(now.facts.caught),
            float(now.facts.rejected),
        )
        if not self.rows or _mark(row) != _mark(self.rows[-1]):
            self.snapshots.append(Snapshot(now.log_time, ReluNet(*state.theta)))
        self.rows.append(row)

    def forget_after(self, row: int) -> None:
        """Take back all later rows, and their snapshots."""
        del self.rows[row + 1 :]
        last = self.rows[-1].log_time
        self.snapshots = [one for one in self.snapshots if one.log_time <= last]

    def columns(self) -> dict[str, Vector]:
        """Return the rows as arrays, by the names of a trajectory."""
        table = np.array(self.rows, dtype=np.float64).reshape(len(self.rows), len(ROWS))
        return dict(zip(ROWS, table.T.copy(), strict=True))


def log_duration(length: float, before: float, after: float) -> float:
    """Return log of the time ∫ dσ/L of a step, by the trapezoidal rule in 1/L; −inf for nothing."""
    if length <= 0.0:
        return -inf
    return log(0.5 * length) + float(np.logaddexp(-before, -after))


def _mark(row: Row) -> tuple[int, int, bool]:
    """Return what changes from one snapshot to the next."""
    return _decade(row.scaled_time), _decade(row.margin), row.margin > 0.0


def _decade(value: float) -> int:
    if value <= _LEAST:
        return -1000
    return int(np.floor(_PER_DECADE * np.log10(value)))
