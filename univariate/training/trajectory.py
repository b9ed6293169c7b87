"""A training run in one dimension: where it ended and why, what it passed through, and its file."""

from dataclasses import field
from typing import Any, Final

import numpy as np

from univariate.common.arrays import Indices, Matrix, Vector
from univariate.common.files import PathLike, expect_schema, load_arrays, save_arrays
from univariate.common.result import Result, result
from univariate.problem.density import UNIFORM, Density
from univariate.problem.network import ReluNet
from univariate.problem.population import Population
from univariate.problem.sample import Sample
from univariate.problem.truth import ALWAYS, Truth

_SCHEMA: Final = "univariate.Trajectory/1"

ROWS: Final = (
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
"""The attributes with one entry for every row."""

_ARRAYS: Final = (*ROWS, "snapshot_log_times", "sliding")
_TEXTS: Final = ("status", "reason", "method", "loss")
_NUMBERS: Final = ("tolerance", "next_step")


@result
class Trajectory(Result):
    """A training run.

    Attributes
    ----------
    net : ReluNet
        Where it ended.
    status : str
        "margin reached", "steps exhausted", "interrupted", "trapped", "stalled", "diverged" (of
        "gd" only) or "cannot interpolate".
    reason : str
        One sentence; for a run that does not interpolate which observations are wrong, and by how
        much.
    log_times : ndarray, shape (k,)
        log t of the flow time t of the sum loss, row by row; the first row is the start, −inf.
    scaled_times : ndarray, shape (k,)
        σ = ∫ L dt.
    log_losses, margins, norms_squared, clean_errors : ndarray, shape (k,)
        log L, the smallest y_i N(x_i), ‖θ‖², and L_cl (rounded; exact for the parameters up to
        1e-12, as good as its cdf for another density than Unif[0, 1]).
    step_errors : ndarray, shape (k,)
        Estimated error of the step that ended in the row, as the `tolerance` of `gradient_flow`
        bounds it; 0 for "gd".
    held, crossed, caught, rejected : ndarray, shape (k,)
        Kinks held on data; data that kinks crossed, kinks that began to slide, and steps that were
        tried in vain since the row before; 0 for "gd".
    snapshots : tuple of ReluNet
        Nets on the way, some for every tenfold of σ and of the margin; `snapshot_log_times` says
        when.
    method, loss : str
    tolerance : float
        Of a step of the flow, see `gradient_flow`, the last that was asked for where a run went on
        with another; the learning rate of "gd".
    next_step : float
        The step that would come next, for `resume`.
    sliding : ndarray of int, shape (n,)
        The observation that each kink is held on at the end, −1 for none; for `resume`.
    turn : ndarray, shape (4, n) or (4, 0)
        v, w, b and `sliding` before the last steps, if these were shortened to end at the margin
        asked for: a run that is resumed with a larger one goes on from here, with `next_step`.
    turn_row : int
        Which row that is; 0 if there is none.
    density : str
        The law of x that `clean_errors` are about.
    truth : Truth
        The truth that they are about.
    commands : tuple of str
        The command lines that made the run, the first one and those that went on with it; none of a
        run that `gradient_flow` made.
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
    density: str = UNIFORM.name
    truth: Truth = ALWAYS
    turn: Matrix = field(default_factory=lambda: np.empty((4, 0)))
    turn_row: int = 0
    commands: tuple[str, ...] = ()

    @property
    def times(self) -> Vector:
        """Flow times t; inf beyond the range of doubles, where `log_times` goes on."""
        with np.errstate(over="ignore"):
            return np.exp(self.log_times)

    @property
    def losses(self) -> Vector:
        """Losses L; 0 or inf beyond the range of doubles, where `log_losses` goes on."""
        with np.errstate(over="ignore"):
            return np.exp(self.log_losses)

    @property
    def interpolates_from(self) -> int | None:
        """The first row from which every margin is positive; None if the run does not end so."""
        wrong = np.flatnonzero(self.margins <= 0.0)
        if not len(wrong):
            return 0
        return int(wrong[-1]) + 1 if wrong[-1] + 1 < len(self.margins) else None

    def law(self, sample: Sample) -> Density:
        """Return the law of x that `clean_errors` are about, the run being one on `sample`."""
        own = sample.density
        return own if own.name == self.density else Density.recalled(self.density)

    def population(self, sample: Sample) -> Population:
        """Return the law of x and the truth that `clean_errors` are about."""
        return Population(self.law(sample), self.truth)

    def save(self, path: PathLike) -> None:
        """Write the run as .npz (no pickle), to be loaded, looked at or resumed.

        For who reads it otherwise: row 0 of the arrays v, w, b is the last net, and those behind it
        are the snapshots at `snapshot_log_times`.
        """
        nets = [self.net, *self.snapshots]
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        arrays |= {part: np.stack([getattr(net, part) for net in nets]) for part in "vwb"}
        if self.turn.size:
            arrays |= {"turn": self.turn, "turn_row": np.array(self.turn_row)}
        if not self.truth.is_positive:
            arrays["truth"] = np.array(self.truth.text)
        if self.commands:
            arrays["commands"] = np.array(self.commands)
        save_arrays(
            path,
            _SCHEMA,
            arrays
            | {name: np.array(getattr(self, name)) for name in (*_TEXTS, "density", *_NUMBERS)},
        )

    @classmethod
    def load(cls, path: PathLike) -> "Trajectory":
        """Read a run written by `save`, bit for bit."""
        schema, arrays = load_arrays(path)
        expect_schema(path, schema, _SCHEMA)
        missing = [name for name in (*_ARRAYS, *"vwb", *_TEXTS, *_NUMBERS) if name not in arrays]
        if missing:
            raise ValueError(
                f"{str(path)!r} lacks {', '.join(missing)}; it may be damaged, train again"
            )
        nets = [ReluNet(*parts) for parts in zip(*(arrays[part] for part in "vwb"), strict=True)]
        found: dict[str, Any] = {name: str(arrays[name]) for name in _TEXTS}
        found["density"] = str(arrays.get("density", UNIFORM.name))
        found["truth"] = Truth.named(str(arrays.get("truth", ALWAYS.text)))
        found["turn"] = arrays.get("turn", np.empty((4, 0)))
        found["commands"] = tuple(map(str, arrays.get("commands", ())))
        found["turn_row"] = int(arrays.get("turn_row", 0))
        found |= {name: float(arrays[name]) for name in _NUMBERS}
        found |= {name: arrays[name] for name in _ARRAYS}
        return cls(net=nets[0], snapshots=tuple(nets[1:]), **found)
