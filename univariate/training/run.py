"""A training run: steps, records, and the reasons to stop."""

from collections.abc import Iterator
from math import exp, inf, log
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.error.clean_error import clean_errors
from univariate.training.descent import descent_step
from univariate.training.implicit import FREE, LARGEST, Data, State, ascent, state_of
from univariate.training.recording import Recorder, log_duration
from univariate.training.session import bar, one_thread
from univariate.training.stepping import controlled_step

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Indices = NDArray[np.intp]

FIRST_STEP: Final = 1e-3
"""Length in σ of the first step of the flow; the control finds the right one within a few steps."""

_TRAPPED_AFTER: Final = 100.0
"""A flow is trapped when log L falls by less than `_TRAPPED_FALL` while σ grows by this factor, …
"""

_TRAPPED_FALL: Final = 1e-3
# … from this σ on, and from ‖θ‖²: a large net takes as long to change at all
_TRAPPED_FROM: Final = 1e4
# |θ| |∇ log L| at a standstill, and the speed of a neuron relative to its size
_STATIONARY: Final = 1e-8
_LOOK_EVERY: Final = 20  # steps
_NAMED: Final = 3  # so many wrong observations are named
_PER_DECADE: Final = 60  # rows of gradient descent for every tenfold of steps
_NO_FACTS: Final = (0.0,) * 4


class Settings(NamedTuple):
    """What a run was asked for."""

    loss: str
    method: str
    margin: float
    steps: int
    step: float  # the tolerance of the flow, the learning rate of descent


class Before(NamedTuple):
    """A run to go on with."""

    recorder: Recorder
    length: float
    # not always what the parameters say: a kink that was let go may still be on its datum
    held: Indices


class Now(NamedTuple):
    """Where a run is; replaced as one, so that Ctrl-C finds a step whole or not at all."""

    state: State
    length: float  # in σ of the step of the flow that comes next
    log_time: float
    scaled_time: float
    steps: int
    facts: tuple[float, ...]  # of the step that led here, for its row


class Run:
    """A run under way; `status` is empty until it has ended."""

    def __init__(
        self, theta: Matrix, x: Vector, y: Vector, settings: Settings, resumed: Before | None
    ) -> None:
        self.settings = settings
        self.data = Data(x, y, settings.loss)
        self.status, self.reason = "", ""
        if resumed is None:
            self.recorder, state = Recorder(), _with_held(state_of(theta, self.data), self.data)
            self.now = Now(state, FIRST_STEP, -inf, 0.0, 0, _NO_FACTS)
            self._record()
        else:
            self.recorder, state = resumed.recorder, state_of(theta, self.data, held=resumed.held)
            log_time, scaled_time = self.recorder.rows[-1][:2]
            done = (
                len(self.recorder.rows) - 1
                if settings.method == "flow"
                else round(exp(log_time) / settings.step)
            )
            self.now = Now(state, resumed.length, log_time, scaled_time, done, _NO_FACTS)
            self._recorded = done

    def go(self, *, progress: bool) -> None:
        """Train until there is a reason to stop, Ctrl-C among them."""
        hopeless = self._hopeless()
        if hopeless:
            self.status, self.reason = "cannot interpolate", hopeless
            return
        steps = self._flow if self.settings.method == "flow" else self._descend
        with one_thread(), bar(progress, self.settings.margin) as show:
            try:
                for _ in steps():
                    show(self.steps, self.margin)
            except KeyboardInterrupt:
                self.status = "interrupted"
                self.reason = (
                    f"interrupted after {self.steps} steps, at a smallest margin of"
                    f" {self.margin:.6g}"
                )
            if self._recorded != self.steps:
                self._record()

    @property
    def state(self) -> State:
        """The net now."""
        return self.now.state

    @property
    def margin(self) -> float:
        """The smallest margin now."""
        return float(self.state.margins.min())

    @property
    def steps(self) -> int:
        """Steps so far."""
        return self.now.steps

    def _flow(self) -> Iterator[None]:
        """Take steps of the flow."""
        while not self._arrived():
            step = controlled_step(self.state, self.data, self.now.length, self.settings.step)
            if step is None:
                self.status, self.reason = self._standstill()
                return
            duration = log_duration(
                step.length, self.state.weights.log_loss, step.state.weights.log_loss
            )
            self.now = Now(
                step.state,
                step.next_length,
                float(np.logaddexp(self.now.log_time, duration)),
                self.now.scaled_time + step.length,
                self.steps + 1,
                (step.error, float(step.crossed), float(step.caught), float(step.rejected)),
            )
            self._record()
            if self.steps % _LOOK_EVERY == 0 and self.margin <= 0.0 and (trap := self._trap()):
                self.status, self.reason = "trapped", trap
                return
            yield

    def _descend(self) -> Iterator[None]:
        """Take steps of gradient descent, and record them ever more rarely."""
        rate, due = self.settings.step, _row_after(self.steps)
        while not self._arrived():
            state, done = descent_step(self.state, self.data, rate), self.steps + 1
            if state is None:
                self.status = "diverged"
                self.reason = (
                    f"parameters exceed {LARGEST:.0e} after {done} steps; lower `learning_rate`"
                )
                return
            scaled_time = self.now.scaled_time + rate * float(np.exp(self.state.weights.log_loss))
            self.now = Now(state, self.now.length, log(done * rate), scaled_time, done, _NO_FACTS)
            if done == due:
                self._record()
                due = _row_after(done)
                yield

    def _arrived(self) -> bool:
        if self.margin >= self.settings.margin:
            self.status, self.reason = "margin reached", f"the smallest margin is {self.margin:.6g}"
        elif self.steps >= self.settings.steps:
            self.status, self.reason = (
                "steps exhausted",
                f"after {self.steps} steps {self._misfit()}",
            )
        return bool(self.status)

    def _record(self) -> None:
        v, w, b = self.state.theta[:, None, :]
        error = float(clean_errors(v, w, b)[0])
        self.recorder.add(
            self.state, self.now.log_time, self.now.scaled_time, error, self.now.facts
        )
        self._recorded = self.steps

    def _standstill(self) -> tuple[str, str]:
        """Say why no step helps: at a stationary point of the loss, or for rounding."""
        trap = self._stationary() if self.margin <= 0.0 else ""
        return (
            ("trapped", trap) if trap else ("stalled", f"no step is small enough; {self._misfit()}")
        )

    def _trap(self) -> str:
        """Say why no observation that is wrong will become right; empty if one may."""
        rows, now = self.recorder.rows, self.now.scaled_time
        norm_squared = rows[-1][4]
        earlier = [row for row in reversed(rows) if row[1] * _TRAPPED_AFTER < now][:1]
        if (
            now >= max(_TRAPPED_FROM, norm_squared)
            and earlier
            and earlier[0][2] - rows[-1][2] < _TRAPPED_FALL
        ):
            return f"the loss has stopped falling; {self._misfit()}"
        return self._stationary()

    def _stationary(self) -> str:
        """Say so at a stationary point; empty elsewhere, and where a small neuron still grows."""
        speed, size = (
            np.linalg.norm(part, axis=0)
            for part in (ascent(self.state, self.data), self.state.theta)
        )
        slope = float(np.linalg.norm(speed) * np.linalg.norm(size))
        if slope >= _STATIONARY or np.any(speed > _STATIONARY * size):
            return ""
        return f"a stationary point of the loss, |θ| |∇ log L| = {slope:.2g}; {self._misfit()}"

    def _misfit(self) -> str:
        """Say which observations are wrong, and by how much."""
        wrong = np.flatnonzero(self.state.margins <= 0.0)
        if not len(wrong):
            return f"the net interpolates with a smallest margin of {self.margin:.6g}"
        worst = wrong[np.argsort(self.state.margins[wrong])][:_NAMED].tolist()
        named = [
            f"{i} (x = {self.data.x[i]:.6g}, y N(x) ="
            f" {self.state.margins[i] + 0.0:.3g}{self._kinkless(i)})"
            for i in worst
        ]
        more = ["…"] if len(wrong) > _NAMED else []
        return (
            f"{len(wrong)} of {len(self.data.x)} observations are wrong: {', '.join(named + more)}"
        )

    def _kinkless(self, i: int) -> str:
        """Say if no kink is left between an observation and the nearest ones of the other label."""
        x, y = self.data.x, self.data.y
        others = np.flatnonzero(y != y[i])
        left, right = others[others < i], others[others > i]
        low = x[left[-1]] if len(left) else -inf
        high = x[right[0]] if len(right) else inf
        with np.errstate(all="ignore"):
            kinks = -self.state.theta[2] / self.state.theta[1]
        live = (self.state.theta[0] != 0.0) & (self.state.theta[1] != 0.0)
        return (
            "" if np.any(live & (kinks > low) & (kinks < high)) else "; no kink is left around it"
        )

    def _hopeless(self) -> str:
        """Return why no net of this width interpolates; empty if one may."""
        width, changes = self.state.theta.shape[1], int(np.sum(self.data.y[1:] != self.data.y[:-1]))
        if changes <= width + 1:
            return ""
        return (
            f"the labels change {changes} times, and a net of {width} neurons, which is linear on"
            f" at most {width + 1} pieces, changes its sign once on each; take a wider net"
        )


def _row_after(steps: int) -> int:
    """Return which step of gradient descent is recorded next, the same whether or not a run was
    interrupted.
    """
    due = 1
    while due <= steps:
        due = max(due + 1, round(due * 10.0 ** (1.0 / _PER_DECADE)))
    return due


def _with_held(state: State, data: Data) -> State:
    """Hold kinks that lie exactly on an observation of the other sign, where the flow may keep
    them.
    """
    v, w, b = state.theta
    with np.errstate(all="ignore"):
        place = np.clip(np.searchsorted(data.x, -b / w), 0, len(data.x) - 1)
    held = np.full(len(v), FREE)
    for at in (place, np.maximum(place - 1, 0)):
        on = (w != 0.0) & (w * data.x[at] + b == 0.0) & (v * data.y[at] < 0.0)
        held = np.where(on, at, held)
    return state._replace(held=held)
