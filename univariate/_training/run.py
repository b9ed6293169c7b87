"""A training run: steps, records, and the reasons to stop."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf, log
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate._training.descent import descent_step
from univariate._training.implicit import FREE, Data, State, ascent, state_of
from univariate._training.recording import Recorder, log_duration
from univariate._training.stepping import controlled_step
from univariate.clean_error import clean_errors

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

FIRST_STEP: Final = 1e-3
"""Length in σ of the first step of the flow; the control finds the right one within a few steps."""

_TRAPPED_AFTER: Final = 100.0
"""A flow is trapped when log L falls by less than `_TRAPPED_FALL` while σ grows by this factor, …"""

_TRAPPED_FALL: Final = 1e-3
_TRAPPED_FROM: Final = 1e4  # … from this σ on
_STATIONARY: Final = 1e-8  # |θ| |∇ log L| at a standstill
_NAMED: Final = 3  # so many wrong observations are named
_PER_DECADE: Final = 60  # rows of gradient descent for every tenfold of steps


class Settings(NamedTuple):
    """What a run was asked for."""

    loss: str
    method: str
    margin: float
    steps: int
    step: float  # the tolerance of the flow, the learning rate of descent


class Run:
    """A run under way; `status` is empty until it has ended."""

    def __init__(
        self, theta: Matrix, x: Vector, y: Vector, settings: Settings, resumed: tuple[Recorder, float] | None
    ) -> None:
        self.settings = settings
        self.data = Data(x, y, settings.loss)
        self.state = _with_held(state_of(theta, self.data), self.data)
        self.status, self.reason = "", ""
        self.recorder, self.length = (Recorder(), FIRST_STEP) if resumed is None else resumed
        if resumed is None:
            self.log_time, self.scaled_time = -inf, 0.0
            self._record((0.0,) * 4)
        else:
            self.log_time, self.scaled_time = self.recorder.rows[-1][:2]

    def go(self, *, progress: bool) -> None:
        """Train until there is a reason to stop, Ctrl-C among them."""
        from threadpoolctl import threadpool_limits

        hopeless = self._hopeless()
        if hopeless:
            self.status, self.reason = "cannot interpolate", hopeless
            return
        steps = self._flow if self.settings.method == "flow" else self._descend
        with threadpool_limits(1), _bar(progress, self.settings.margin) as show:  # on small systems threads only wait
            try:
                for _ in steps():
                    show(self)
            except KeyboardInterrupt:
                self.status = "interrupted"
                self.reason = f"interrupted after {self.steps} steps, at a smallest margin of {self.margin:.6g}"

    @property
    def margin(self) -> float:
        """The smallest margin now."""
        return float(self.state.margins.min())

    @property
    def steps(self) -> int:
        """Steps so far, as recorded."""
        return len(self.recorder.rows) - 1

    def _flow(self) -> Iterator[None]:
        """Take steps of the flow."""
        while not self._arrived(self.steps):
            step = controlled_step(self.state, self.data, self.length, self.settings.step)
            if step is None:
                self.status, self.reason = self._standstill()
                return
            before = self.state.weights.log_loss
            self.log_time = float(
                np.logaddexp(self.log_time, log_duration(step.length, before, step.state.weights.log_loss))
            )
            self.scaled_time += step.length
            self.state, self.length = step.state, step.next_length
            self._record((step.error, float(step.crossed), float(step.caught), float(step.rejected)))
            if self._trapped():
                self.status, self.reason = "trapped", f"the loss has stopped falling; {self._misfit()}"
                return
            yield

    def _descend(self) -> Iterator[None]:
        """Take steps of gradient descent, and record them ever more rarely."""
        done, rate = round(self.scaled_time), self.settings.step
        due = done + 1
        while not self._arrived(done):
            self.state = descent_step(self.state, self.data, rate)
            done += 1
            if not np.all(np.isfinite(self.state.margins)):
                self.status, self.reason = "diverged", f"parameters overflow after {done} steps; lower `learning_rate`"
                return
            if done >= due or done == self.settings.steps or self.margin >= self.settings.margin:
                self.log_time, self.scaled_time = log(done * rate), float(done)
                self._record((0.0,) * 4)
                due = max(done + 1, round(done * 10.0 ** (1.0 / _PER_DECADE)))
                yield

    def _arrived(self, done: int) -> bool:
        if self.margin >= self.settings.margin:
            self.status, self.reason = "margin reached", f"the smallest margin is {self.margin:.6g}"
        elif done >= self.settings.steps:
            self.status, self.reason = "steps exhausted", f"after {done} steps {self._misfit()}"
        return bool(self.status)

    def _record(self, facts: tuple[float, ...]) -> None:
        v, w, b = self.state.theta[:, None, :]
        self.recorder.add(self.state, self.log_time, self.scaled_time, float(clean_errors(v, w, b)[0]), facts)

    def _standstill(self) -> tuple[str, str]:
        """Say why no step helps: at a stationary point of the loss, or for rounding."""
        slope = float(np.linalg.norm(ascent(self.state, self.data)) * np.linalg.norm(self.state.theta))
        if self.margin <= 0.0 and slope < _STATIONARY:
            return "trapped", f"a stationary point of the loss, |θ| |∇ log L| = {slope:.2g}; {self._misfit()}"
        return "stalled", f"no step is small enough; {self._misfit()}"

    def _trapped(self) -> bool:
        """Whether the loss has not fallen for long although some observation is wrong."""
        if self.margin > 0.0 or self.scaled_time < _TRAPPED_FROM or self.steps % 20:
            return False
        rows = self.recorder.rows
        for row in reversed(rows):
            if row[1] * _TRAPPED_AFTER < self.scaled_time:
                return row[2] - rows[-1][2] < _TRAPPED_FALL
        return False

    def _misfit(self) -> str:
        """Say which observations are wrong, and by how much."""
        wrong = np.flatnonzero(self.state.margins <= 0.0)
        if not len(wrong):
            return f"the net interpolates with a smallest margin of {self.margin:.6g}"
        worst = wrong[np.argsort(self.state.margins[wrong])][:_NAMED].tolist()
        named = [
            f"{i} (x = {self.data.x[i]:.6g}, y N(x) = {self.state.margins[i]:.3g}{self._kinkless(i)})" for i in worst
        ]
        more = ["…"] if len(wrong) > _NAMED else []
        return f"{len(wrong)} of {len(self.data.x)} observations are wrong: {', '.join(named + more)}"

    def _kinkless(self, i: int) -> str:
        """Say if no kink is left between an observation and the nearest ones of the other label."""
        x, y = self.data.x, self.data.y
        others = np.flatnonzero(y != y[i])
        left, right = others[others < i], others[others > i]
        low = x[left[-1]] if len(left) else -inf
        high = x[right[0]] if len(right) else inf
        with np.errstate(divide="ignore", invalid="ignore"):
            kinks = -self.state.theta[2] / self.state.theta[1]
        live = (self.state.theta[0] != 0.0) & (self.state.theta[1] != 0.0)
        return "" if np.any(live & (kinks > low) & (kinks < high)) else "; no kink is left around it"

    def _hopeless(self) -> str:
        """Return why no net of this width interpolates; empty if one may."""
        width, changes = self.state.theta.shape[1], int(np.sum(self.data.y[1:] != self.data.y[:-1]))
        if changes <= width + 1:
            return ""
        return (
            f"the labels change {changes} times, and a net of {width} neurons, which is linear on at most {width + 1}"
            " pieces, changes its sign once on each; take a wider net"
        )


def _with_held(state: State, data: Data) -> State:
    """Hold kinks that lie exactly on an observation of the other sign, as the end of a run leaves them."""
    v, w, b = state.theta
    with np.errstate(divide="ignore", invalid="ignore"):
        place = np.clip(np.searchsorted(data.x, -b / w), 0, len(data.x) - 1)
    held = np.full(len(v), FREE)
    for at in (place, np.maximum(place - 1, 0)):
        on = (w != 0.0) & (w * data.x[at] + b == 0.0) & (v * data.y[at] < 0.0)
        held = np.where(on, at, held)
    return state._replace(held=held)


@contextmanager
def _bar(wanted: bool, goal: float) -> Iterator[Callable[[Run], None]]:
    """Show the margin's way to its goal on stderr, on a logarithmic scale."""
    if not wanted:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("training", total=1.0)

        def show(run: Run) -> None:
            share = np.clip(np.log1p(max(0.0, run.margin)) / np.log1p(goal), 0.0, 1.0)
            bar.update(task, completed=float(share), description=f"step {run.steps:,}, margin {run.margin:.3g}")

        yield show
