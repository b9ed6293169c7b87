"""Gradient flow of the logistic or exponential loss, and plain gradient descent.

With dσ = L dt the flow is the ascent dθ/dσ = −∇ log L, which does not slow down as the loss
vanishes. Its steps are implicit, so that they need not resolve how fast margins adapt to one
another, and find out which kinks cross data, slide along them or leave as part of the step
(`univariate.training.implicit`); their size is controlled by step doubling, and no step may raise
the loss.
"""

from typing import Final

import numpy as np

from univariate.common import check
from univariate.common.arrays import Matrix
from univariate.problem.density import DensityLike
from univariate.problem.network import Network, ReluNet, require_shallow
from univariate.problem.population import Population
from univariate.problem.sample import Sample, require_sample
from univariate.problem.truth import TruthLike
from univariate.training.losses import LOSSES
from univariate.training.options import require_within
from univariate.training.recording import Recorder, Row, Snapshot
from univariate.training.run import Before, Run, Settings
from univariate.training.states import Data
from univariate.training.trajectory import ROWS, Trajectory

METHODS: Final = ("flow", "gd")

_EXPONENT: Final = 50  # of 10, in the largest input or parameter
_SAME: Final = 1e-6  # difference of two margins of one net, from files of other machines perhaps

FLOW_TOLERANCE: Final = 0.1
"""Default error of margins relative to one another, in a step of the flow."""


def gradient_flow(  # noqa: PLR0913 (two methods, each with an option of its own)
    net: Network,
    sample: Sample,
    *,
    loss: str = "logistic",
    method: str = "flow",
    margin: float = 100.0,
    steps: int = 20_000,
    tolerance: float = FLOW_TOLERANCE,
    learning_rate: float = 0.1,
    resume: Trajectory | None = None,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
    progress: bool = False,
) -> Trajectory:
    """Train a network.

    Parameters
    ----------
    net : ReluNet
        The start; `init_network` draws one. All of its parameters are trained, whatever was frozen
        in the module that it was converted from, and also biases that are 0 because it had none.
    sample : Sample
    loss : str
        "logistic" or "exponential", the sum over observations as in the paper.
    method : str
        "flow": the gradient flow dθ/dt = −∇L. "gd": θ ← θ − learning_rate · ∇L, plain gradient
        descent.
    margin : float
        Stop when the smallest margin reaches this, positive. The last step of the flow is shortened
        so that it passes it by a thousandth at most, where steps of such a length are found; the
        last of the recorded margins tells.
    steps : int
        Stop after so many steps (accepted ones; those before a `resume` count).
    tolerance : float
        Largest error of a step of the flow: of the margins relative to one another, or to how far
        one moves against the others if that is more than 1, estimated by step doubling. Margins
        count as much as they are felt: those that hardly change the weights −ℓ'/L count less.
    learning_rate : float
        Of "gd".
    resume : Trajectory, optional
        A run to go on with, on the same sample, by the same method and loss, learning rate of
        "gd", truth and density; `net` must be its end.
    truth, density : optional
        f* and the law of x, for the clean errors on the way; the sample's own if not given.
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    Trajectory
        However it ended: Ctrl-C ends it as "interrupted", and nothing is lost.

    Raises
    ------
    TypeError, ValueError
        Not a 2-layer net without output bias, parameters or inputs beyond 10^50, or an argument out
        of range.

    Rounded, with the error estimates recorded. A kink on an observation counts as silent there
    (σ'(0) = 0); one that reaches an observation of the other sign crosses it or slides along it as
    the differential inclusion demands. Same input, same bits. Cost of a step O(n + m), for the flow
    times the number of guesses it takes which kinks are held. Source: Section 2, Theorem 2.1; the
    integrator is new, see `univariate.training.implicit`.

    Examples
    --------
    >>> from univariate import draw_sample, gradient_flow, init_network
    >>> sample = draw_sample(8, 0.3, rng=1)
    >>> run = gradient_flow(init_network(sample, rng=2), sample, margin=10.0)
    >>> run.status
    'margin reached'
    """
    net = require_shallow(net)
    require_sample(sample)
    require_within(net, sample, _EXPONENT)
    meant = sample.population(density, truth)
    settings = _settings(loss, method, margin, steps, tolerance, learning_rate, meant)
    theta = np.stack(net.parameters)
    data = Data(sample.x, sample.y, loss)
    if resume is None:
        run = Run.begun(theta, data, settings)
    else:
        run = Run.resumed(theta, data, settings, _recorded(resume, net, settings))
        _require_the_sample_of(resume, run.now.margin, sample.size)
        run.turn_back()
    end = run.go(progress=progress)
    snapshots = run.recorder.snapshots
    return Trajectory(
        net=ReluNet(*run.now.state.theta),
        status=end.status,
        reason=end.reason,
        snapshots=tuple(one.net for one in snapshots),
        snapshot_log_times=np.array([one.log_time for one in snapshots]),
        method=method,
        loss=loss,
        tolerance=settings.step,
        next_step=(run.now if run.now.turn is None else run.now.turn).length,
        sliding=run.now.state.held,
        turn=_turn(run),
        turn_row=0 if run.now.turn is None else run.now.turn.steps,
        density=meant.density.name,
        truth=meant.truth,
        commands=(),
        **run.recorder.columns(),
    )


def _turn(run: Run) -> Matrix:
    """Return what a run that ended at its goal may be resumed from, see `Trajectory.turn`."""
    turn = run.now.turn
    return np.empty((4, 0)) if turn is None else np.vstack([turn.state.theta, turn.state.held])


def _settings(
    loss: str,
    method: str,
    margin: float,
    steps: int,
    tolerance: float,
    learning_rate: float,
    population: Population,
) -> Settings:
    """Check the options of a run."""
    check.choice("loss", loss, LOSSES)
    check.choice("method", method, METHODS)
    numbers = {"margin": margin, "tolerance": tolerance, "learning_rate": learning_rate}
    for name, number in numbers.items():
        if check.real(name, number) <= 0.0:
            raise ValueError(
                f"`{name}` must be positive, got {number}; leave it out for the usual value"
            )
    step = float(tolerance if method == "flow" else learning_rate)
    return Settings(loss, method, float(margin), check.count("steps", steps), step, population)


def _recorded(resume: Trajectory, net: ReluNet, settings: Settings) -> Before:
    """Return a run to go on with."""
    if not isinstance(resume, Trajectory):
        raise TypeError(
            f"`resume` must be a Trajectory, got {type(resume).__name__}; pass what gradient_flow"
            " returned"
        )
    kept: dict[str, tuple[object, object]] = {
        "method": (settings.method, resume.method),
        "loss": (settings.loss, resume.loss),
        "density": (settings.population.density.name, resume.density),
        "truth": (settings.population.truth.name, resume.truth.name),
    }
    if settings.method == "gd":
        kept["learning_rate"] = settings.step, resume.tolerance
    for name, (given, before) in kept.items():
        if given != before:
            raise ValueError(
                f"`{name}` must be that of the run to resume, {before!r}, got {given!r}; or start"
                " anew"
            )
    if net != resume.net:
        raise ValueError(
            "`net` must be where the run to resume ended, got another; pass resume.net"
        )
    passed = zip(resume.snapshot_log_times.tolist(), resume.snapshots, strict=True)
    snapshots = [Snapshot(*one) for one in passed]
    columns = (getattr(resume, name).tolist() for name in ROWS)
    rows = [Row(*row) for row in zip(*columns, strict=True)]
    turn = resume.turn, resume.turn_row
    return Before(Recorder(rows, snapshots), resume.next_step, resume.sliding, *turn)


def _require_the_sample_of(resume: Trajectory, margin: float, size: int) -> None:
    """Raise ValueError if the end of a run has another margin or more observations."""
    last = float(resume.margins[-1])
    held = resume.sliding
    fits = len(held) == resume.net.width and held.max() < size
    if not fits or not np.isclose(margin, last, rtol=_SAME, atol=_SAME):
        raise ValueError(
            f"`sample` must be that of the run to resume, with a smallest margin of {last:.6g}, got"
            f" {margin:.6g}; or start anew"
        )
