"""A training run: steps, records, and the reasons to stop."""

from collections.abc import Callable
from itertools import pairwise
from math import exp, inf, log
from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Matrix
from univariate.error.clean_error import clean_errors
from univariate.problem.evaluation import rounded_kinks
from univariate.problem.population import PLAIN, Population
from univariate.training.arrival import arriving_step, passes
from univariate.training.descent import descent_step
from univariate.training.diagnosis import hopeless, misfit, stationary, trap
from univariate.training.recording import Now, Recorder, log_duration
from univariate.training.session import bar, one_thread
from univariate.training.states import FREE, LARGEST, Data, State, state_of
from univariate.training.stepping import controlled_step

Show = Callable[[int, float], None]

FIRST_STEP: Final = 1e-3
"""Length in σ of the first step of the flow; the control finds the right one within a few steps."""

_LOOK_EVERY: Final = 20  # steps
_PER_DECADE: Final = 60  # rows of gradient descent for every tenfold of steps


class Settings(NamedTuple):
    """What a run was asked for."""

    loss: str
    method: str
    margin: float
    steps: int
    step: float  # the tolerance of the flow, the learning rate of descent
    population: Population = PLAIN


class Before(NamedTuple):
    """A run to go on with."""

    recorder: Recorder
    length: float
    # not always what the parameters say: a kink that was let go may still be on its datum
    held: Indices
    # (4, n): parameters and `held` before steps that were shortened; (4, 0) if none was
    turn: Matrix
    turn_row: int


class End(NamedTuple):
    """Why a run ended."""

    status: str
    reason: str


class Run:
    """A run under way: where it is, and its record."""

    def __init__(self, data: Data, settings: Settings, recorder: Recorder, now: Now) -> None:
        self.data = data
        self.settings = settings
        self.recorder = recorder
        self.now = now
        self.recorded = now.steps  # steps at the last row

    @classmethod
    def begun(cls, theta: Matrix, data: Data, settings: Settings) -> "Run":
        """Return a run at its start, which is its first row."""
        state = _with_held(state_of(theta, data), data)
        run = cls(data, settings, Recorder(), Now(state, FIRST_STEP, -inf, 0.0, 0))
        run._record()
        return run

    @classmethod
    def resumed(cls, theta: Matrix, data: Data, settings: Settings, before: Before) -> "Run":
        """Return a run where one before it ended."""
        rows = before.recorder.rows
        state = state_of(theta, data, held=before.held)
        log_time = rows[-1].log_time
        # gradient descent has fewer rows than steps, and all its steps are as long
        steps = round(exp(log_time) / settings.step) if settings.method == "gd" else len(rows) - 1
        turn = None
        if before.turn.shape[1]:
            held = before.turn[3].astype(before.held.dtype)
            earlier = state_of(before.turn[:3].copy(), data, held=held)
            row = rows[before.turn_row]
            times = row.log_time, row.scaled_time
            turn = Now(earlier, before.length, *times, before.turn_row)
        now = Now(state, before.length, log_time, rows[-1].scaled_time, steps, turn=turn)
        run = cls(data, settings, before.recorder, now)
        if settings.method == "gd" and 0 < steps != _row_after(steps - 1):
            # a row for the end of the earlier part alone, which a run in one go has not
            run.recorder.forget_after(len(rows) - 2)
            run.recorded = -1  # again, if the run ends where it is
        return run

    def turn_back(self) -> None:
        """Undo steps that were shortened, if the goal lies farther now: the next are as they would
        have been without the nearer goal.
        """
        turn = self.now.turn
        if turn is not None and self.now.margin < self.settings.margin:
            self.recorder.forget_after(turn.steps)
            self.now = turn
            self.recorded = turn.steps

    def go(self, *, progress: bool) -> End:
        """Train until there is a reason to stop, Ctrl-C among them."""
        reason = hopeless(self.now.state, self.data)
        if reason:
            self._record_end()
            return End("cannot interpolate", reason)
        train = self._flow if self.settings.method == "flow" else self._descend
        with one_thread(), bar(progress, self.settings.margin) as show:
            try:
                end = train(show)
            except KeyboardInterrupt:
                steps = f"interrupted after {self.now.steps} steps"
                margin = f"at a smallest margin of {self.now.margin:.6g}"
                end = End("interrupted", f"{steps}, {margin}")
            self._record_end()
        return end

    def _flow(self, show: Show) -> End:
        """Take steps of the flow."""
        while (end := self._arrived()) is None:
            now = self.now
            step = controlled_step(now.state, self.data, now.length, self.settings.step)
            if step is None:
                return self._standstill()
            turn = now.turn
            if passes(step, self.settings.margin):
                goal = self.settings.margin, self.settings.step
                step = arriving_step(now.state, self.data, step, *goal)
                turn = now if turn is None else turn
            losses = (now.state.weights.log_loss, step.middle, step.state.weights.log_loss)
            halves = (log_duration(0.5 * step.length, *pair) for pair in pairwise(losses))
            log_time = float(np.logaddexp.reduce([now.log_time, *halves]))
            scaled_time = now.scaled_time + step.length
            self.now = Now(
                step.state,
                step.next_length,
                log_time,
                scaled_time,
                now.steps + 1,
                step.facts,
                turn,
            )
            self._record()
            if self.now.steps % _LOOK_EVERY == 0 and self.now.margin <= 0.0:
                reason = trap(self.recorder.rows, self.now.state, self.data)
                if reason:
                    return End("trapped", reason)
            show(self.now.steps, self.now.margin)
        return end

    def _descend(self, show: Show) -> End:
        """Take steps of gradient descent, and record them ever more rarely."""
        rate = self.settings.step
        due = _row_after(self.now.steps)
        while (end := self._arrived()) is None:
            now = self.now
            steps = now.steps + 1
            state = descent_step(now.state, self.data, rate)
            if state is None:
                reason = f"parameters exceed {LARGEST:.0e} after {steps} steps"
                return End("diverged", f"{reason}; lower `learning_rate`")
            scaled_time = now.scaled_time + rate * float(np.exp(now.state.weights.log_loss))
            self.now = Now(state, now.length, log(steps * rate), scaled_time, steps)
            if steps == due:
                self._record()
                due = _row_after(steps)
                show(steps, self.now.margin)
        return end

    def _arrived(self) -> End | None:
        """Return the end of a run that has reached its goal or its last step."""
        margin = self.now.margin
        if margin >= self.settings.margin:
            return End("margin reached", f"the smallest margin is {margin:.6g}")
        if self.now.steps >= self.settings.steps:
            wrong = misfit(self.now.state, self.data)
            return End("steps exhausted", f"after {self.now.steps} steps {wrong}")
        return None

    def _standstill(self) -> End:
        """Say why no step helps: at a stationary point of the loss, or for rounding."""
        state = self.now.state
        reason = stationary(state, self.data) if self.now.margin <= 0.0 else ""
        if reason:
            return End("trapped", reason)
        return End("stalled", f"no step is small enough; {misfit(state, self.data)}")

    def _record_end(self) -> None:
        if self.recorded != self.now.steps:
            self._record()

    def _record(self) -> None:
        """Append a row for where the run is."""
        v, w, b = self.now.state.theta[:, None, :]
        meant = self.settings.population
        (error,) = clean_errors(v, w, b, truth=meant.truth, density=meant.density)
        self.recorder.add(self.now, float(error))
        self.recorded = self.now.steps


def _row_after(steps: int) -> int:
    """Return which step is recorded next, the same whether or not a run was interrupted."""
    due = 1
    while due <= steps:
        due = max(due + 1, round(due * 10.0 ** (1.0 / _PER_DECADE)))
    return due


def _with_held(state: State, data: Data) -> State:
    """Hold kinks that lie exactly on an observation of the other sign."""
    v, w, b = state.theta
    place = np.clip(np.searchsorted(data.x, rounded_kinks(w, b)), 0, len(data.x) - 1)
    held = np.full(len(v), FREE)
    for at in (place, np.maximum(place - 1, 0)):
        on = (w != 0.0) & (w * data.x[at] + b == 0.0) & (v * data.y[at] < 0.0)
        held = np.where(on, at, held)
    return state._replace(held=held)
