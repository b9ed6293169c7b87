"""The plain facts about a sample, a net, its fit and its training that a report opens with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from highdim.problem.network import Network, TwoLayerNet
from highdim.problem.sample import SphereSample
from highdim.training.trajectory import Trajectory
from univariate.common.result import Result, Verdict
from univariate.common.tolerance import UNIT_ROUNDOFF

Vector = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class SampleFacts(Result):
    """What was seen: m, d, labels −1 and their share, and max over i of | ‖x_i‖² − 1 |, rounding on
    the sphere.
    """

    size: int
    dimension: int
    distribution: str
    negatives: int
    noise_rate: float
    off_the_sphere: float

    @classmethod
    def of(cls, sample: SphereSample) -> "SampleFacts":
        """Look at a sample. Cost O(m² d), once."""
        with np.errstate(over="ignore"):
            off = float(np.max(np.abs(np.diag(sample.gram) - 1.0)))
        negatives = int(np.sum(sample.y < 0.0))
        return cls(
            sample.size, sample.dimension, sample.distribution, negatives, sample.noise_rate, off
        )


@dataclass(frozen=True, repr=False)
class NetFacts(Result):
    """What the net is.

    Attributes
    ----------
    kind : str
        "2-layer ReLU net with biases".
    widths : tuple of int
        Of the hidden layers, first layer first.
    bias : bool
        Whether hidden neurons have biases, be they 0.
    biased : bool
        Whether some bias is not 0.
    fixed_output : bool
        Whether all output weights of a 2-layer net are ±1, as Theorem 4.3 fixes them.
    norm_squared : float
        ‖θ‖² of all parameters, as given.
    """

    kind: str
    depth: int
    widths: tuple[int, ...]
    bias: bool
    biased: bool
    fixed_output: bool
    norm_squared: float

    @classmethod
    def of(cls, net: Network) -> "NetFacts":
        """Look at a net. Cost O(parameters)."""
        biases = [part for name, part in net.parameters.items() if name.startswith("b")]
        fixed = isinstance(net, TwoLayerNet) and bool(np.all(np.abs(net.v) == 1.0))
        outputs = ", outputs ±1" if fixed else ""
        kind = f"{net.depth}-layer ReLU net {'with' if biases else 'without'} biases{outputs}"
        biased = any(bool(np.any(part)) for part in biases)
        return cls(kind, net.depth, net.widths, bool(biases), biased, fixed, net.norm_squared)


@dataclass(frozen=True, repr=False)
class FitFacts(Result):
    """Whether all margins y_i N(x_i) are positive, beyond a bound on their rounding, and the
    observation of the worst.

    `wrong` counts the observations not proved to be on the right side.
    """

    verdict: Verdict
    worst: int
    label: float
    margin: float
    wrong: int

    @classmethod
    def of(cls, net: Network, sample: SphereSample) -> "FitFacts":
        """Look at a net on a sample. Cost O(m · parameters)."""
        margins, slack = sample.y * net(sample.X), _rounding(net, sample.X)
        worst = int(np.argmin(margins))
        proved = margins > slack
        verdict = Verdict.HOLDS if np.all(proved) else Verdict.FAILS
        wrong = (margins <= -slack) | _silent(net, sample.X)
        if verdict is Verdict.FAILS and not np.any(wrong) and np.any(slack > 0.0):
            verdict = Verdict.UNDECIDED
        return cls(
            verdict, worst, float(sample.y[worst]), float(margins[worst]), int(np.sum(~proved))
        )


@dataclass(frozen=True, repr=False)
class RunFacts(Result):
    """A training run in numbers; times are flow times of the sum loss, None where margins never
    became positive.
    """

    method: str
    loss: str
    status: str
    reason: str
    steps: int
    flow_time: float
    interpolation_time: float | None
    loss_reached: float
    margin: float
    kkt_residual: float

    @classmethod
    def of(cls, run: Trajectory) -> "RunFacts":
        """Look at a run. Cost O(1)."""
        return cls(
            run.settings.method,
            run.settings.loss,
            run.status,
            run.reason,
            run.steps,
            run.flow_time,
            run.interpolation_time,
            float(run.losses[-1]),
            float(run.margins[-1]),
            float(run.kkt_residuals[-1]),
        )


def _silent(net: Network, X: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where N(x) = 0 for sure, as no neuron can be active; of nets with two layers only."""
    if not isinstance(net, TwoLayerNet):
        return np.zeros(len(X), dtype=np.bool_)
    b = np.zeros(net.width) if net.b is None else net.b
    with np.errstate(over="ignore", invalid="ignore"):
        inner, sizes = X @ net.W.T + b, np.abs(X) @ np.abs(net.W).T + np.abs(b)
        off = inner <= -(net.dimension + 2) * UNIT_ROUNDOFF * sizes
    return np.asarray(np.all(off | (net.v == 0.0) | (~np.any(net.W, axis=1) & (b <= 0.0)), axis=1))


def _rounding(net: Network, X: NDArray[np.float64]) -> Vector:
    """Bound the rounding error of N at the rows of X, (k,): that of sums of positive terms of the
    same sizes.
    """
    layers = (
        [(net.W, net.b)] if isinstance(net, TwoLayerNet) else [(net.W1, net.b1), (net.W2, net.b2)]
    )
    sizes, terms = np.abs(X), 32 + len(net.v)
    with np.errstate(over="ignore", invalid="ignore"):
        for weight, bias in layers:
            sizes = sizes @ np.abs(weight).T + (0.0 if bias is None else np.abs(bias))
            terms += 2 * weight.shape[1] + 2
        found = terms * UNIT_ROUNDOFF * (sizes @ np.abs(net.v))
    # beyond the range of doubles only signs are left
    return np.where(np.isfinite(found), found, 0.0)
