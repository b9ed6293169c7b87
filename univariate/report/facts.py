"""The plain facts about a sample, a net, and the two together that a report opens with."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from univariate.common.result import Result, Verdict
from univariate.common.tolerance import OPTIMALITY_GAP
from univariate.error.spline import UNIT_INTERVAL, spline
from univariate.problem.fitted import Fitted
from univariate.problem.network import Network, ReluNet
from univariate.problem.sample import Sample

if TYPE_CHECKING:
    from scipy.stats.distributions import rv_frozen


@dataclass(frozen=True, repr=False)
class SampleFacts(Result):
    """What was seen: m, the empirical p, sign changes, merged repeats, range and smallest gap (None
    if m = 1).
    """

    size: int
    noise_rate: float
    sign_changes: int
    merged: int
    low: float
    high: float
    smallest_gap: float | None

    @classmethod
    def of(cls, sample: Sample) -> "SampleFacts":
        """Look at a sample. Cost O(m)."""
        return cls(
            sample.size,
            sample.noise_rate,
            len(sample.sign_changes),
            sample.merged,
            float(sample.x[0]),
            float(sample.x[-1]),
            float(sample.gaps.min()) if sample.size > 1 else None,
        )


@dataclass(frozen=True, repr=False)
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
        """Whether v² = w² + b² in every neuron, as far as the norm can tell: it would save a share
        of at most 1e-9.
        """
        return self.imbalance is not None and self.imbalance <= OPTIMALITY_GAP

    @classmethod
    def of(cls, net: Network, density: "rv_frozen | None" = None) -> "NetFacts":
        """Look at a net. Cost that of its spline."""
        domain = (
            UNIT_INTERVAL
            if density is None
            else (float(density.support()[0]), float(density.support()[1]))
        )
        try:
            regions = spline(net).linear_regions(domain)
        except ValueError:  # values beyond the range of doubles
            regions = None
        if isinstance(net, ReluNet):
            return cls(
                "2-layer ReLU net", (net.width,), net.norm_squared, regions, domain, _imbalance(net)
            )
        depth = len(net.layers)
        kind = "2-layer ReLU net with output bias" if depth == 2 else f"{depth}-layer ReLU net"
        return cls(kind, net.widths, net.norm_squared, regions, domain, None)


@dataclass(frozen=True, repr=False)
class FitFacts(Result):
    """Whether all margins are positive (decided exactly), and the worst observation, by its index
    in the sample.

    `wrong` counts the observations not proved to be on the right side; `at_margin` is the share
    whose margin is the smallest one up to a relative 1e-9, as at support points.
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
        fits, found, sample = fit.interpolation, fit.margins, fit.sample
        verdict, worst, margin = fits.verdict, fits.worst, fits.margin
        wrong = 0 if verdict is Verdict.HOLDS else max(1, int(np.sum(found.values <= found.bounds)))
        with np.errstate(over="ignore"):
            close = np.abs(found.values - margin) <= OPTIMALITY_GAP * abs(margin) + found.bounds
        return cls(
            verdict,
            worst,
            float(sample.x[worst]),
            float(sample.y[worst]),
            margin,
            wrong,
            float(close.mean()),
        )


def _imbalance(net: ReluNet) -> float:
    top = max(float(np.abs(part).max()) for part in (net.v, net.w, net.b)) or 1.0
    outer, inner = np.abs(net.v / top), np.hypot(net.w / top, net.b / top)
    total = float(np.sum(outer**2 + inner**2))
    return float(np.sum((outer - inner) ** 2)) / total if total > 0.0 else 0.0
