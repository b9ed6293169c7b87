"""Gradient flow of the logistic or exponential loss in one dimension, and plain gradient descent beside it.

With dσ = L dt the flow is the ascent dθ/dσ = −∇ log L, which does not slow down as the loss vanishes.  Its steps are
linearly implicit, so that they need not resolve how fast margins adapt to one another, and find out which kinks cross
data, slide along them or leave as part of the step (`univariate._training.implicit`); their size is controlled by step
doubling, and no step may raise the loss.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from univariate import _check
from univariate._files import PathLike, expect_schema, load_arrays, save_arrays
from univariate._training.losses import LOSSES
from univariate._training.recording import Recorder, Snapshot
from univariate._training.run import Before, Run, Settings
from univariate.certificate import Result
from univariate.kkt import require_shallow
from univariate.network import Network, ReluNet
from univariate.sample import Sample, require_sample

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]

METHODS: Final = ("flow", "gd")

_LARGEST: Final = 1e50

FLOW_TOLERANCE: Final = 0.1
"""Default error of margins relative to one another, in a step of the flow."""

_SCHEMA: Final = "univariate.Trajectory/1"


@dataclass(frozen=True, repr=False, eq=False)
class Trajectory(Result):
    """A training run.

    Attributes
    ----------
    net : ReluNet
        Where it ended.
    status : str
        "margin reached", "steps exhausted", "interrupted", "trapped", "stalled", "diverged" (of "gd" only) or "cannot
        interpolate".
    reason : str
        One sentence; for a run that does not interpolate which observations are wrong, and by how much.
    log_times : ndarray, shape (k,)
        log t of the flow time t of the sum loss, row by row; the first row is the start, −inf.
    scaled_times : ndarray, shape (k,)
        σ = ∫ L dt.
    log_losses, margins, norms_squared, clean_errors : ndarray, shape (k,)
        log L, the smallest y_i N(x_i), ‖θ‖², and L_cl on [0, 1] (rounded; exact for the parameters up to 1e-12).
    step_errors : ndarray, shape (k,)
        Estimated error of the margins relative to one another, of the step that ended in the row; 0 for "gd".
    held, crossed, caught, rejected : ndarray, shape (k,)
        Kinks held on data; data that kinks crossed, kinks that began to slide, and steps that were tried in vain since
        the row before; 0 for "gd".
    snapshots : tuple of ReluNet
        Nets on the way, some for every tenfold of σ and of the margin; `snapshot_log_times` says when.
    method, loss : str
    tolerance : float
        Of a step of the flow; the learning rate of "gd".
    next_step : float
        The step that would come next, for `resume`.
    sliding : ndarray of int, shape (n,)
        The observation that each kink is held on at the end, −1 for none; for `resume`.
    """

    net: ReluNet
    status: str
    reason: str
    log_times: Vector
    scaled_times: Vector
    log_losses: Vector
    margins: Vector
    norms_squared: Vector
    clean_errors: Vector
    step_errors: Vector
    held: Vector
    crossed: Vector
    caught: Vector
    rejected: Vector
    snapshots: tuple[ReluNet, ...]
    snapshot_log_times: Vector
    method: str
    loss: str
    tolerance: float
    next_step: float
    sliding: Indices

    @property
    def times(self) -> Vector:
        """Flow times t; inf beyond the range of doubles, where `log_times` goes on."""
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(self.log_times))

    @property
    def losses(self) -> Vector:
        """Losses L; 0 or inf beyond the range of doubles, where `log_losses` goes on."""
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(self.log_losses))

    @property
    def interpolates_from(self) -> int | None:
        """The first row from which every margin is positive; None if the run does not end so."""
        wrong = np.flatnonzero(self.margins <= 0.0)
        if not len(wrong):
            return 0
        return int(wrong[-1]) + 1 if wrong[-1] + 1 < len(self.margins) else None

    def save(self, path: PathLike) -> None:
        """Write the run as .npz (no pickle), to be loaded, looked at or resumed."""
        nets = [self.net, *self.snapshots]
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        arrays |= {part: np.stack([getattr(net, part) for net in nets]) for part in "vwb"}
        save_arrays(path, _SCHEMA, arrays | {name: np.array(getattr(self, name)) for name in (*_TEXTS, *_NUMBERS)})

    @classmethod
    def load(cls, path: PathLike) -> "Trajectory":
        """Read a run written by `save`, bit for bit."""
        schema, arrays = load_arrays(path)
        expect_schema(path, schema, _SCHEMA)
        missing = [name for name in (*_ARRAYS, *"vwb", *_TEXTS, *_NUMBERS) if name not in arrays]
        if missing:
            raise ValueError(f"{str(path)!r} lacks {', '.join(missing)}; it may be damaged, train again")
        nets = [ReluNet(*parts) for parts in zip(*(arrays[part] for part in "vwb"), strict=True)]
        found: dict[str, Any] = {name: str(arrays[name]) for name in _TEXTS}
        found |= {name: float(arrays[name]) for name in _NUMBERS}
        found |= {name: arrays[name] for name in _ARRAYS}
        return cls(net=nets[0], snapshots=tuple(nets[1:]), **found)


_ROWS: Final = (
    "log_times",
    "scaled_times",
    "log_losses",
    "margins",
    "norms_squared",
    "clean_errors",
    "step_errors",
    "held",
    "crossed",
    "caught",
    "rejected",
)
_ARRAYS: Final = (*_ROWS, "snapshot_log_times", "sliding")
_TEXTS: Final = ("status", "reason", "method", "loss")
_NUMBERS: Final = ("tolerance", "next_step")


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
    progress: bool = False,
) -> Trajectory:
    """Train a network.

    Parameters
    ----------
    net : ReluNet
        The start; `init_network` draws one.
    sample : Sample
    loss : str
        "logistic" or "exponential", the sum over observations as in the paper.
    method : str
        "flow": the gradient flow dθ/dt = −∇L.  "gd": θ ← θ − learning_rate · ∇L, plain gradient descent.
    margin : float
        Stop when the smallest margin reaches this, positive.
    steps : int
        Stop after so many steps (accepted ones; those before a `resume` count).
    tolerance : float
        Largest error of a step of the flow: of the margins relative to one another, estimated by step doubling.
    learning_rate : float
        Of "gd".
    resume : Trajectory, optional
        A run to go on with, on the same sample, by the same method and loss, and learning rate of "gd"; `net` must be
        its end.
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    Trajectory
        However it ended: Ctrl-C ends it as "interrupted", and nothing is lost.

    Raises
    ------
    TypeError, ValueError
        Not a 2-layer net without output bias, parameters or inputs beyond 10^50, or an argument out of range.

    Rounded, with the error estimates recorded.  A kink on an observation counts as silent there (σ'(0) = 0); one that
    reaches an observation of the other sign crosses it or slides along it as the differential inclusion demands.  Same
    input, same bits.  Cost of a step O(n + m²) and an m × m system, several times, for the flow; O(n + m) for "gd".
    Source: Section 2, Theorem 2.1; the integrator is new, see `univariate._training.implicit`.
    """
    net = require_shallow(net)
    require_sample(sample)
    largest = max(float(np.abs(part).max()) for part in (net.v, net.w, net.b, sample.x))
    if largest > _LARGEST:
        raise ValueError(f"`net` and `sample` must stay within 10^50, got {largest:.3g}; rescale them")
    settings = _settings(loss, method, margin, steps, tolerance, learning_rate)
    run = Run(np.stack([net.v, net.w, net.b]), sample.x, sample.y, settings, _recorded(resume, net, settings))
    if resume is not None:
        _require_the_sample_of(resume, run.margin, sample.size)
    run.go(progress=progress)
    rows = run.recorder.columns()
    return Trajectory(
        net=ReluNet(*run.state.theta),
        status=run.status,
        reason=run.reason,
        log_times=rows["log_time"],
        scaled_times=rows["scaled_time"],
        log_losses=rows["log_loss"],
        margins=rows["margin"],
        norms_squared=rows["norm_squared"],
        clean_errors=rows["clean_error"],
        step_errors=rows["step_error"],
        held=rows["held"],
        crossed=rows["crossed"],
        caught=rows["caught"],
        rejected=rows["rejected"],
        snapshots=tuple(ReluNet(one.v, one.w, one.b) for one in run.recorder.snapshots),
        snapshot_log_times=np.array([one.log_time for one in run.recorder.snapshots]),
        method=method,
        loss=loss,
        tolerance=settings.step,
        next_step=run.now.length,
        sliding=run.state.held,
    )


def _settings(loss: str, method: str, margin: float, steps: int, tolerance: float, learning_rate: float) -> Settings:
    for name, value, allowed in (("loss", loss, LOSSES), ("method", method, METHODS)):
        if value not in allowed:
            raise ValueError(f"`{name}` must be one of {', '.join(allowed)}, got {value!r}; choose one of these")
    numbers = {"margin": margin, "tolerance": tolerance, "learning_rate": learning_rate}
    for name, number in numbers.items():
        if _check.real(name, number) <= 0.0:
            raise ValueError(f"`{name}` must be positive, got {number}; leave it out for the usual value")
    step = float(tolerance if method == "flow" else learning_rate)
    return Settings(loss, method, float(margin), _check.count("steps", steps), step)


def _recorded(resume: Trajectory | None, net: ReluNet, settings: Settings) -> Before | None:
    """Return a run to go on with."""
    if resume is None:
        return None
    if not isinstance(resume, Trajectory):
        raise TypeError(f"`resume` must be a Trajectory, got {type(resume).__name__}; pass what gradient_flow returned")
    kept: dict[str, tuple[object, object]] = {
        "method": (settings.method, resume.method),
        "loss": (settings.loss, resume.loss),
    }
    if settings.method == "gd":
        kept["learning_rate"] = settings.step, resume.tolerance
    for name, (given, before) in kept.items():
        if given != before:
            raise ValueError(f"`{name}` must be that of the run to resume, {before!r}, got {given!r}; or start anew")
    if not all(np.array_equal(getattr(net, part), getattr(resume.net, part)) for part in "vwb"):
        raise ValueError("`net` must be where the run to resume ended, got another; pass resume.net")
    times = resume.snapshot_log_times.tolist()
    snapshots = [Snapshot(t, one.v, one.w, one.b) for t, one in zip(times, resume.snapshots, strict=True)]
    columns = (getattr(resume, name) for name in _ROWS)
    rows = [tuple(map(float, row)) for row in zip(*columns, strict=True)]
    return Before(Recorder(rows, snapshots), resume.next_step, resume.sliding)


def _require_the_sample_of(resume: Trajectory, margin: float, size: int) -> None:
    """Raise ValueError if the end of a run has another margin now, or kinks held on observations that there are not."""
    last = float(resume.margins[-1])
    held = resume.sliding
    if len(held) != resume.net.width or held.max() >= size or not np.isclose(margin, last, rtol=1e-6, atol=1e-6):
        raise ValueError(
            f"`sample` must be that of the run to resume, with a smallest margin of {last:.6g}, got {margin:.6g}; or"
            " start anew"
        )
