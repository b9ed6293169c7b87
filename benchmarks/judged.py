"""KKT points held against the nearest-neighbour law and the bounds of their samples."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

import univariate
from benchmarks.designed import Designed
from univariate import KktCertificate, NearestNeighbourLaw, ReluNet, Sample, Verdict


class Point(NamedTuple):
    """A net to be judged, and on what."""

    index: int  # of the sample in its batch
    draw: int
    net: ReluNet
    sample: Sample
    certificate: KktCertificate
    local: bool  # whether it is known to be a local minimum
    density: Any  # None: uniform on [0, 1]


class Found(NamedTuple):
    """A certified point with its law and the bounds of its sample."""

    point: Point
    law: NearestNeighbourLaw
    bounds: univariate.KktCleanErrorBounds
    largest_gap: float

    @property
    def links(self) -> int:
        """Number of links."""
        return len(self.law.links)

    @property
    def deviating(self) -> int:
        """Number of gaps that are decided differently."""
        return len(self.law.deviations)

    @property
    def apart(self) -> float:
        """|L_cl − L_1NN|."""
        return abs(self.law.difference.value)

    @property
    def taken(self) -> float:
        """The part of the interval, from L_1NN on, that the point takes."""
        neighbour = self.bounds.nearest_neighbour.value
        above = self.law.difference.value > 0.0
        reach = self.bounds.high - neighbour if above else neighbour - self.bounds.low
        return self.apart / reach if reach > 0.0 else 0.0

    @property
    def outside(self) -> bool:
        """Whether L_cl or the number of links is not what the sample admits."""
        error, bounds = self.law.clean_error, self.bounds
        inside = bounds.low <= error.low and error.high <= bounds.high
        return not inside or self.links > bounds.links


def designs(made: Iterator[Designed], count: int) -> Iterator[Point]:
    """Yield so many points that were designed with their samples."""
    for i, (net, sample, (low, high)) in enumerate(islice(made, count)):
        certificate = univariate.kkt_certificate(net, sample)
        yield Point(i, 0, net, sample, certificate, False, stats.uniform(low, high - low))


def judged(points: Iterable[Point]) -> list[Found]:
    """Judge the points that are certified."""
    return [_judged(one) for one in points if one.certificate.verdict is Verdict.HOLDS]


def _judged(point: Point) -> Found:
    """Return the law on a point, and the bounds of its sample."""
    sample, density = point.sample, point.density
    law = univariate.nearest_neighbour_law(
        point.net, sample, certificate=point.certificate, density=density
    )
    bounds = univariate.kkt_clean_error_bounds(sample, density=density)
    measure = np.clip(sample.x, 0.0, 1.0) if density is None else density.cdf(sample.x)
    largest = float(np.diff(np.concatenate([[0.0], measure, [1.0]])).max())
    return Found(point, law, bounds, largest)
