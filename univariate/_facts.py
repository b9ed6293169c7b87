"""The plain facts about a sample, a net, and the two together that a report opens with."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from univariate.certificate import Result, Verdict
from univariate.margins import Margins, interpolates
from univariate.network import Network, ReluNet
from univariate.sample import Sample
from univariate.spline import UNIT_INTERVAL, spline
from univariate.tolerance import OPTIMALITY_GAP, UNIT_ROUNDOFF

if TYPE_CHECKING:
    from scipy.stats.distributions import rv_frozen


@dataclass(frozen=True, repr=False)
class SampleFacts(Result):
    """What was seen: m, the empirical p, sign changes, merged repeats, range and smallest gap (None if m = 1)."""

    size: int
    noise_rate: float
    sign_changes: int
    merged: int
    low: float
    high: float
    smallest_gap: float | None

    @classmethod
    def of(cls, sample: Sample) -> "SampleFacts":
        """Look at a sample.  Cost O(m)."""
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

    `linear_regions` are counted inside `domain`, slopes compared as rounded; None where values overflow.
    `imbalance` is the largest relative difference of |v| and √(w² + b²) over neurons, None for other architectures.
    """

    kind: str
    widths: tuple[int, ...]
    norm_squared: float
    linear_regions: int | None
    domain: tuple[float, float]
    imbalance: float | None

    @property
    def balanced(self) -> bool:
        """Whether v² = w² + b² in every neuron, up to rounding: the cheapest scaling."""
        return self.imbalance is not None and self.imbalance <= 64.0 * UNIT_ROUNDOFF

    @classmethod
    def of(cls, net: Network, density: "rv_frozen | None" = None) -> "NetFacts":
        """Look at a net.  Cost that of its spline."""
        domain = UNIT_INTERVAL if density is None else (float(density.support()[0]), float(density.support()[1]))
        try:
            regions = spline(net).linear_regions(domain)
        except ValueError:  # values beyond the range of doubles
            regions = None
        if isinstance(net, ReluNet):
            return cls("2-layer ReLU net", (net.width,), net.norm_squared, regions, domain, _imbalance(net))
        depth = len(net.layers)
        kind = "2-layer ReLU net with output bias" if depth == 2 else f"{depth}-layer ReLU net"
        return cls(kind, net.widths, net.norm_squared, regions, domain, None)


@dataclass(frozen=True, repr=False)
class FitFacts(Result):
    """Whether all margins are positive (decided exactly), and the worst observation, by its index in the sample.

    `wrong` counts the observations not proved to be on the right side; `at_margin` is the share whose margin is the
    smallest one up to a relative 1e-9, as at support points.
    """

    verdict: Verdict
    worst: int
    x: float
    label: float
    margin: float
    wrong: int
    at_margin: float

    @classmethod
    def of(cls, net: Network, sample: Sample, found: Margins) -> "FitFacts":
        """Look at a net on a sample.  Cost that of `interpolates`."""
        fits = interpolates(net, sample)
        verdict, worst, margin = fits.verdict, fits.worst, fits.margin
        wrong = 0 if verdict is Verdict.HOLDS else max(1, int(np.sum(found.values <= found.bounds)))
        close = np.abs(found.values - margin) <= OPTIMALITY_GAP * abs(margin) + found.bounds
        return cls(verdict, worst, float(sample.x[worst]), float(sample.y[worst]), margin, wrong, float(close.mean()))


def _imbalance(net: ReluNet) -> float:
    outer, inner = np.abs(net.v), np.hypot(net.w, net.b)
    larger = np.maximum(outer, inner)
    unequal = np.abs(outer - inner) / np.where(larger > 0.0, larger, 1.0)
    return float(unequal.max())
