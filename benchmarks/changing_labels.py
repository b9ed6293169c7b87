"""Labels whose law changes over x: what a KKT point errs on when both the noise and the sign of the
truth vary.

Let η(x) = Pr[y = +1 | x] be a step function. A net errs on a new observation with probability
∫_{N ≤ 0} η + ∫_{N ≥ 0} (1 − η). The nearest-neighbour law is about decisions, so it knows no η: the
test error of every KKT point is that of the 1-nearest-neighbour rule, up to the mass of at most
E + 2 gaps. As m grows both tend to ∫ 2 η (1 − η), at most twice the least error ∫ min(η, 1 − η).
Sums over steps and gaps are exact up to rounding.

The committed table comes from (repository root)

    python -m benchmarks.changing_labels --write
"""

import sys
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rich.table import Table

import univariate
from benchmarks import frame
from benchmarks.quick import Quick
from univariate import ReluNet, Sample

ENTROPY = 53  # first word of every seed
SIZES = {12: (12, 4), 40: (6, 4), 100: (4, 3), 300: (3, 2), 3000: (12, 0)}
"""Samples, and draws of the search on each; the global minimum of every sample as well."""

Vector = np.ndarray


class Steps(NamedTuple):
    """A step function on [0, 1]: Pr[y = +1 | x]."""

    borders: Vector  # (k,) increasing, inside (0, 1)
    heights: Vector  # (k + 1,) in [0, 1]

    @property
    def ends(self) -> Vector:
        """The borders, 0 and 1."""
        return np.concatenate([[0.0], self.borders, [1.0]])

    def at(self, x: Vector) -> Vector:
        """Return the heights at some points."""
        return self.heights[np.searchsorted(self.borders, x, side="right")]

    def integral(self, intervals: Vector) -> float:
        """Return the integral over disjoint intervals, (r, 2)."""
        cumulated = np.concatenate([[0.0], np.cumsum(self.heights * np.diff(self.ends))])
        return float(np.diff(np.interp(intervals, self.ends, cumulated), axis=1).sum())

    @property
    def mirrored(self) -> "Steps":
        """One less the function."""
        return Steps(self.borders, 1.0 - self.heights)


RATES = Steps(np.array([0.2, 0.5, 0.75]), np.array([0.95, 0.3, 0.9, 0.45]))
"""The truth is +, −, +, −; the noise is 5, 30, 10 and 45 per cent."""


def expected_error(net: ReluNet, rates: Steps) -> float:
    """Return the probability that y N(x) ≤ 0 for a new observation, x uniform on [0, 1]."""
    negated = ReluNet(-net.v, net.w, net.b)
    return rates.integral(univariate.clean_error(net).intervals) + rates.mirrored.integral(
        univariate.clean_error(negated).intervals
    )


def neighbour_error(sample: Sample, rates: Steps) -> float:
    """Return the same for the 1-nearest-neighbour rule."""
    negated = Sample(sample.x, -sample.y)
    return rates.integral(
        univariate.nearest_neighbour_clean_error(sample).intervals
    ) + rates.mirrored.integral(univariate.nearest_neighbour_clean_error(negated).intervals)


@dataclass(frozen=True)
class Row(frame.Row):
    """KKT points of samples of one size."""

    OTHERS = 6

    m: int
    samples: int
    points: int
    deviating: int  # most gaps decided otherwise than by the nearest neighbour
    room: int  # least of allowed − deviating
    error: float  # means
    neighbour: float
    limit: float
    least: float
    difference: float  # largest |test error − that of the nearest neighbour|
    of_deviating: float  # largest of that over the mass of the deviating gaps


def measure(m: int, samples: int, draws: int, rates: Steps = RATES) -> Row:
    """Search KKT points on samples of one size, and compare."""
    errors, neighbours, apart, parts, deviating, room = [], [], [], [0.0], [0], [2]
    for i in range(samples):
        rng = np.random.default_rng([ENTROPY, m, i])
        x = np.unique(rng.random(m))
        sample = Sample(x, np.where(rng.random(len(x)) < rates.at(x), 1.0, -1.0))
        nets = [univariate.max_margin(sample).net]
        if draws:
            found = univariate.search_kkt_points(sample, count=draws, draws=draws, rng=rng)
            nets += [one.net for one in found]
        neighbour = neighbour_error(sample, rates)
        for net in nets:
            law = univariate.nearest_neighbour_law(net, sample)
            if law.allowed is None:
                continue
            error = expected_error(net, rates)
            lengths = [min(one.last, 1.0) - max(one.first, 0.0) for one in law.deviations]
            differing = sum(
                length * one.share for length, one in zip(lengths, law.deviations, strict=True)
            )
            errors.append(error)
            neighbours.append(neighbour)
            apart.append(abs(error - neighbour))
            if differing:
                parts.append(apart[-1] / differing)
            deviating.append(len(law.deviations))
            room.append(law.allowed - len(law.deviations))
    widths, heights = np.diff(rates.ends), rates.heights
    return Row(
        m=m,
        samples=samples,
        points=len(errors),
        deviating=max(deviating),
        room=min(room),
        error=float(np.mean(errors)),
        neighbour=float(np.mean(neighbours)),
        limit=float(np.sum(2.0 * widths * heights * (1.0 - heights))),
        least=float(np.sum(widths * np.minimum(heights, 1.0 - heights))),
        difference=max(apart),
        of_deviating=max(parts),
    )


def compute() -> list[Row]:
    """Return the rows of all sizes."""
    return [measure(m, *counts) for m, counts in SIZES.items()]


def table(rows: list[Row]) -> Table:
    """Return the rows for the terminal."""
    title = "Test error where noise and truth change over x, KKT points and 1-NN"
    names = ("m", "points", "deviating", "test error", "1-NN", "limit", "least", "largest apart")
    lines = [
        (
            f"{row.m:,}",
            str(row.points),
            str(row.deviating),
            f"{row.error:.4f}",
            f"{row.neighbour:.4f}",
            f"{row.limit:.4f}",
            f"{row.least:.4f}",
            f"{row.difference:.2e}",
        )
        for row in rows
    ]
    return frame.table(title, names, lines, left=0)


SCRIPT = Quick(
    "changing_labels",
    "Test error of KKT points where labels change over x.",
    Row,
    compute,
    table,
    width=120,
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
