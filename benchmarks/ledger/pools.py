"""The nets on which the statements in one dimension are evaluated: certified KKT points, and runs
of gradient flow.

A pool is a pure function of its size, made once a process, when the first row needs it.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

import univariate
from benchmarks.extremes import MINIMA, draw_mixed_sample
from benchmarks.ledger.row import Size, listed

ENTROPY = 40  # first word of every seed
MANY_NEGATIVES = 0.8  # a noise level at which runs of five −1 are common


class Plan(NamedTuple):
    """Samples (m, p) with so many seeds, draws of the search on each; training runs at (m, p), so
    many seeds.
    """

    samples: tuple[tuple[int, float], ...]
    seeds: int
    draws: int
    runs: tuple[tuple[int, float], ...]
    run_seeds: int


SAMPLES = tuple((m, p) for m in (8, 12, 20) for p in (0.2, 0.4, MANY_NEGATIVES))
RUNS = ((20, 0.2), (20, 0.4), (50, 0.2))
PLANS = {
    Size.TINY: Plan(((8, 0.4), (12, MANY_NEGATIVES)), 1, 6, ((10, 0.3),), 1),
    Size.QUICK: Plan(SAMPLES, 3, 20, RUNS, 2),
    Size.FULL: Plan(
        (*SAMPLES, (40, 0.2), (40, 0.4), (40, MANY_NEGATIVES)), 10, 40, (*RUNS, (100, 0.2)), 4
    ),
}


class Point(NamedTuple):
    """A certified KKT point, its sample, the noise level of that, and which sample of the pool it
    is.
    """

    found: univariate.FoundPoint
    sample: univariate.Sample
    p: float
    index: int

    @property
    def minimal(self) -> bool:
        """Whether it is a local minimum, a global one included."""
        return self.found.standing.level in MINIMA


class Points(NamedTuple):
    """All points of a pool."""

    points: tuple[Point, ...]

    @property
    def minima(self) -> list[Point]:
        """The local minima, global ones included."""
        return [point for point in self.points if point.minimal]

    @property
    def sizes(self) -> str:
        """The sample sizes, in words."""
        return listed("m", (point.sample.size for point in self.points))


class Run(NamedTuple):
    """A gradient flow on a sample, examined."""

    trained: univariate.TrainedNet
    sample: univariate.Sample


@cache
def kkt_points(size: Size) -> Points:
    """Search every sample."""
    plan = PLANS[size]
    keys = [(m, p, seed) for m, p in plan.samples for seed in range(plan.seeds)]
    points = []
    for index, (m, p, seed) in enumerate(keys):
        sample, words = draw_mixed_sample(ENTROPY, m, p, seed)
        rng = np.random.default_rng([ENTROPY + 1, *words])
        found = univariate.search_kkt_points(sample, count=10**4, draws=plan.draws, rng=rng)
        points += [Point(one, sample, p, index) for one in found]
    return Points(tuple(points))


@cache
def flows(size: Size) -> tuple[Run, ...]:
    """Train on every sample, from spread starts and from PyTorch's."""
    plan = PLANS[size]
    runs = []
    for m, p in plan.runs:
        for seed in range(plan.run_seeds):
            sample, words = draw_mixed_sample(ENTROPY, m, p, seed)
            for scheme in ("spread", "pytorch"):
                rng = np.random.default_rng([ENTROPY + 2, *words])
                trained = univariate.train_network(sample, rng=rng, scheme=scheme, p=p, steps=3000)
                runs.append(Run(trained, sample))
    return tuple(runs)
