"""A training run: where it is, what it has recorded, and the loop that takes it to its end."""

from collections.abc import Iterator, Sequence
from math import inf
from typing import Final, NamedTuple

from highdim.problem.network import Network
from highdim.training.ending import Ending, ahead, ending, interrupted, reached, stalled
from highdim.training.model import Model
from highdim.training.patience import Patience
from highdim.training.row import Row, row_of
from highdim.training.settings import Asked, leaves_row
from highdim.training.stepper import Look, Stepper


class Snapshot(NamedTuple):
    """A net on the way, and what `measure` said about it; NaN without it."""

    time: float
    net: Network
    clean_error: float


class Before(NamedTuple):
    """What an earlier part of a run has left."""

    rows: Sequence[Row] = ()
    time: float = 0.0
    step: int = 0
    since: float | None = None


START: Final = Before()


class Now(NamedTuple):
    """Where a run is; replaced as one by every step.

    `fresh` says whether `look` was taken after the last step, `since` is the first time from which
    on no observation was seen to be wrong.
    """

    stepper: Stepper
    time: float
    step: int
    look: Look
    fresh: bool
    since: float | None


class Run:
    """A run under way; `ending` is None until it has ended."""

    def __init__(self, asked: Asked, stepper: Stepper, before: Before = START) -> None:
        self.asked = asked
        self.ending: Ending | None = None
        self.rows = list(before.rows)
        # the row at the end of an earlier part goes if only the end called for it
        if self.rows and not self._due(int(self.rows[-1].step)):
            self.rows.pop()
        self.snapshots: list[Snapshot] = []
        self._patience = Patience(asked.goals.patience)
        self._stops = ahead(asked.stops, before.time)
        look = stepper.look()
        since = before.since
        if self._counts(stepper, before.step):
            since = _since(look, before.time, since)
        self.now = Now(stepper, before.time, before.step, look, True, since)

    @property
    def model(self) -> Model:
        """The model now."""
        return self.now.stepper.model

    @property
    def interpolation_time(self) -> float | None:
        """The first time from which on no observation was seen to be wrong; None if one is."""
        return _since(self.now.look, self.now.time, self.now.since)

    def steps(self) -> Iterator[None]:
        """Take steps until there is a reason to stop."""
        while not self._arrived():
            now = self.now
            stop = min([*ahead(self._stops, now.time), self.asked.goals.flow_time])
            moved = now.stepper.moved(now.look, now.time, now.step, stop)
            if moved is None:
                self._end(stalled(now.look, now.time))
                return
            self.now = self._after(moved.stepper, moved.time)
            yield

    def interrupt(self) -> None:
        """Stop because the user wants so; a look that a longer run would not take counts for
        nothing.
        """
        if not self.now.fresh:
            self.now = self.now._replace(look=self.now.stepper.look(), fresh=True)
        self._end(interrupted(self.now.look, self.now.step))

    def _after(self, stepper: Stepper, time: float) -> Now:
        """Return where the run is after a step, with a look at all data if one is needed."""
        step = self.now.step + 1
        look = self.now.look
        since = self.now.since
        counts = self._counts(stepper, step)
        fresh = counts or self._has_to_stop(time, step)
        if fresh:
            look = stepper.look()
        if counts:
            since = _since(look, time, since)
        return Now(stepper, time, step, look, fresh, since)

    def _arrived(self) -> bool:
        """Record, and take snapshots, where this is due; whether there is a reason to stop."""
        now = self.now
        if not now.fresh:
            return False
        residual = inf
        if self._due(now.step):
            residual = self._record()
        self._snap()
        found = ending(now.look, self.model, self.asked, now.time, now.step, residual)
        if found is None:
            found = self._patience.ending(now.look, now.time, self.rows[-1].loss)
        if found is not None:
            self._end(found)
        return found is not None

    def _record(self) -> float:
        """Record a row, once per step, and return its KKT residual."""
        now = self.now
        if not self.rows or self.rows[-1].step != now.step:
            self.rows.append(row_of(now.look, self.model, self.asked, now.time, now.step))
        return self.rows[-1].kkt_residual

    def _snap(self) -> None:
        """Take the snapshots that are due."""
        time, measure = self.now.time, self.asked.measure
        while self._snapshot_due(time):
            net = self.model.network()
            error = float("nan") if measure is None else float(measure(net))
            self.snapshots.append(Snapshot(time, net, error))

    def _end(self, found: Ending) -> None:
        self.ending = found
        self._record()

    def _due(self, step: int) -> bool:
        return leaves_row(self.asked.settings.method, step)

    def _counts(self, stepper: Stepper, step: int) -> bool:
        """Whether a look at this step tells since when the net interpolates."""
        return stepper.always_looks or self._due(step)

    def _has_to_stop(self, time: float, step: int) -> bool:
        """Whether a snapshot or the end is due."""
        goals = self.asked.goals
        end = reached(time, goals.flow_time) or step >= goals.steps
        return end or self._snapshot_due(time)

    def _snapshot_due(self, time: float) -> bool:
        taken = len(self.snapshots)
        return taken < len(self._stops) and reached(time, self._stops[taken])


def _since(look: Look, time: float, before: float | None) -> float | None:
    """Return since when no observation was wrong, given the same for the look before."""
    if not look.margin > 0.0:
        return None
    return time if before is None else before
