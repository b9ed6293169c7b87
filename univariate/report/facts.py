"""The plain facts about a sample, a net, and the two together that a report opens with."""

from math import log

import numpy as np

from univariate.common.result import Result, Verdict, result
from univariate.common.tolerance import OPTIMALITY_GAP
from univariate.error.spline import spline
from univariate.problem.density import Density, DensityLike
from univariate.problem.fitted import Fitted
from univariate.problem.network import Network, ReluNet
from univariate.problem.sample import Sample
from univariate.problem.truth import TruthLike
from univariate.training.trained import TrainedNet


@result
class SampleFacts(Result):
    """What was seen; `noise_rate` is the empirical p, the share of labels that are not the truth's,
    `negative_rate` that of labels −1, `smallest_gap` None if m = 1; `outside` inputs lie where the
    law that clean errors are under has no mass, see `domain`.
    """

    size: int
    noise_rate: float
    negative_rate: float
    sign_changes: int
    merged: int
    low: float
    high: float
    smallest_gap: float | None
    outside: int
    domain: tuple[float, float]

    @classmethod
    def of(
        cls,
        sample: Sample,
        truth: TruthLike | None = None,
        density: DensityLike | None = None,
    ) -> "SampleFacts":
        """Look at a sample, under its own truth and law unless others are given. Cost O(m)."""
        low, high = sample.law(density).support()
        return cls(
            size=sample.size,
            noise_rate=float(np.mean(sample.noise(truth))),
            negative_rate=float(np.mean(sample.y < 0.0)),
            sign_changes=len(sample.sign_changes),
            merged=sample.merged,
            low=float(sample.x[0]),
            high=float(sample.x[-1]),
            smallest_gap=float(sample.gaps.min()) if sample.size > 1 else None,
            outside=int(np.count_nonzero((sample.x < low) | (sample.x > high))),
            domain=(low, high),
        )


@result
class NetFacts(Result):
    """What the net is.

    `linear_regions` are counted inside `domain`, slopes compared as rounded; None where values
    overflow. `imbalance` is the share of ‖θ‖² that scaling every neuron to v² = w² + b² would save;
    None for other architectures.
    """

    kind: str
    widths: tuple[int, ...]
    norm_squared: float
    linear_regions: int | None
    domain: tuple[float, float]
    imbalance: float | None

    @property
    def balanced(self) -> bool:
        """Whether v² = w² + b² in every neuron, as far as the norm can tell, to 1e-9 of it."""
        return self.imbalance is not None and self.imbalance <= OPTIMALITY_GAP

    @classmethod
    def of(cls, net: Network, density: DensityLike | None = None) -> "NetFacts":
        """Look at a net. Cost that of its spline."""
        domain = Density.of(density).support()
        try:
            regions = spline(net).linear_regions(domain)
        except ValueError:  # values beyond the range of doubles
            regions = None
        layers = net.layers
        kind = f"{len(layers)}-layer ReLU net"
        imbalance = None
        if isinstance(net, ReluNet):
            imbalance = _imbalance(net)
        elif len(layers) == 2:
            kind += " with output bias"
        widths = tuple(len(bias) for _, bias in layers[:-1])
        return cls(kind, widths, net.norm_squared, regions, domain, imbalance)


@result
class FitFacts(Result):
    """Whether all margins are positive (decided exactly), and the worst observation.

    `worst` is its index in the sample; `wrong` counts the observations not proved to be on the
    right side; `at_margin` is the share whose margin is the smallest one up to a relative 1e-9, as
    at support points.
    """

    verdict: Verdict
    worst: int
    x: float
    label: float
    margin: float
    wrong: int
    at_margin: float

    @classmethod
    def of(cls, fit: Fitted) -> "FitFacts":
        """Look at a net on a sample. Cost that of `interpolates`."""
        fits = fit.interpolation
        found = fit.margins
        margin = fits.margin
        wrong = 0
        if not fit.interpolates:
            wrong = max(1, int(np.sum(found.values <= found.bounds)))
        # margins may lie at the end of the range of doubles
        with np.errstate(over="ignore"):
            close = np.abs(found.values - margin) <= OPTIMALITY_GAP * abs(margin) + found.bounds
        return cls(
            verdict=fits.verdict,
            worst=fits.worst,
            x=float(fit.sample.x[fits.worst]),
            label=float(fit.sample.y[fits.worst]),
            margin=margin,
            wrong=wrong,
            at_margin=float(close.mean()),
        )


@result
class RunFacts(Result):
    """A training run in numbers.

    Times are log₁₀ of the flow time; `interpolates_from` is None if the run does not end with
    positive margins. `norm_ratio` and `norm_ratio_high` bound ‖θ‖²/‖θ*‖² at worst margin 1, by the
    norm² that `max_margin` found and by its dual bound.
    """

    method: str
    loss: str
    status: str
    reason: str
    width: int
    steps: int
    log10_time: float
    interpolates_from: float | None
    margin: float
    norm_squared: float
    norm_ratio: float | None
    norm_ratio_high: float | None

    @classmethod
    def of(cls, trained: TrainedNet) -> "RunFacts":
        """Look at a run."""
        run = trained.trajectory
        steps = len(run.log_times) - 1
        if run.method != "flow":
            steps = round(float(run.times[-1]) / run.tolerance)  # the tolerance is the step
        log10_times = run.log_times / log(10.0)
        begin = run.interpolates_from
        ratios = trained.end_norm_ratios
        return cls(
            run.method,
            run.loss,
            run.status,
            run.reason,
            run.net.width,
            steps,
            float(log10_times[-1]),
            None if begin is None else float(log10_times[begin]),
            float(run.margins[-1]),
            float(run.norms_squared[-1]),
            trained.end_norm_ratio,
            None if ratios is None else ratios.high,
        )


def _imbalance(net: ReluNet) -> float:
    # on parameters of size one: squares of huge or subnormal ones would leave the doubles
    top = max(float(np.abs(part).max()) for part in net.parameters) or 1.0
    outer = np.abs(net.v / top)
    inner = np.hypot(net.w / top, net.b / top)
    total = float(np.sum(outer**2 + inner**2))
    return float(np.sum((outer - inner) ** 2)) / total if total > 0.0 else 0.0
