"""The facts about a sample, a net, its fit and its training that a report opens with."""

import numpy as np

from highdim.problem.exact import signs
from highdim.problem.laws import SPHERE
from highdim.problem.network import Network
from highdim.problem.sample import SphereSample
from highdim.problem.truth_text import truth_name
from highdim.training.trajectory import Trajectory
from univariate.common.result import Result, Verdict, result


@result
class SampleFacts(Result):
    """What was seen: m, d, labels −1, the share of labels unlike the truth, and that in words.

    `off_the_sphere` is the largest | ‖x_i‖² − 1 |, which is rounding on the sphere; `law` is what x
    is drawn from, and `outside` how many inputs lie outside its support, None if it does not tell.
    """

    size: int
    dimension: int
    distribution: str
    negatives: int
    noise_rate: float
    off_the_sphere: float
    truth: str = "+1"
    law: str = SPHERE.name
    outside: int | None = None

    @classmethod
    def of(cls, sample: SphereSample) -> "SampleFacts":
        """Collect the facts about a sample. Cost O(m² d), once."""
        with np.errstate(over="ignore"):
            off = float(np.max(np.abs(np.diag(sample.gram) - 1.0)))
        negatives = int(np.sum(sample.y < 0.0))
        return cls(
            size=sample.size,
            dimension=sample.dimension,
            distribution=sample.distribution,
            negatives=negatives,
            noise_rate=sample.noise_rate,
            off_the_sphere=off,
            truth=truth_name(sample.truth),
            law=sample.law.name,
            outside=sample.law.outside(sample.X),
        )


@result
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
        """Collect the facts about a net. Cost O(parameters)."""
        biases = [bias for _, bias in net.hidden if bias is not None]
        fixed = net.depth == 2 and bool(np.all(np.abs(net.v) == 1.0))
        kind = f"{net.depth}-layer ReLU net with{'' if biases else 'out'} biases"
        return cls(
            kind=kind + ", outputs ±1" * fixed,
            depth=net.depth,
            widths=net.widths,
            bias=bool(biases),
            biased=any(np.any(bias) for bias in biases),
            fixed_output=fixed,
            norm_squared=net.norm_squared,
        )


@result
class FitFacts(Result):
    """Whether all margins y_i N(x_i) are positive, beyond a bound on their rounding.

    `worst` is the observation of the smallest, and `wrong` counts those not proved positive.
    """

    verdict: Verdict
    worst: int
    label: float
    margin: float
    wrong: int

    @classmethod
    def of(cls, net: Network, sample: SphereSample) -> "FitFacts":
        """Decide whether a net fits a sample. Cost O(m · parameters)."""
        found = signs(net, sample.X, sample.y)
        worst = int(np.argmin(found.margins))
        label, margin = float(sample.y[worst]), float(found.margins[worst])
        return cls(found.verdict, worst, label, margin, int(np.sum(~found.positive)))


@result
class RunFacts(Result):
    """A training run in numbers; times are flow times of the sum loss.

    `interpolation_time` is None where margins never became positive.
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
        """Collect the facts about a run. Cost O(1)."""
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
