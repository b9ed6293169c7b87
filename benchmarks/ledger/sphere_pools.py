"""The nets on which the statements of Section 4 are evaluated: KKT points on the sphere, polished
and certified.

A pool is a pure function of its size, made once a process; its seconds count in every row that uses
it.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

import highdim
from benchmarks.ledger.row import Size, span
from highdim import KktCertificate, SphereSample, TwoLayerNet

ENTROPY = 42  # first word of every seed
FLOW_TIME = 200.0


class Kind(NamedTuple):
    """Samples of a size, labels drawn or given as the number of −1, and the width of nets trained
    on them.
    """

    m: int
    d: int
    p: float
    width: int
    negatives: int | None = None


class Plan(NamedTuple):
    """Kinds of trained nets, with fixed and with trained outputs, and how many seeds of each."""

    trained: tuple[Kind, ...]
    fixed: tuple[Kind, ...]
    seeds: int


def needed(m: int, n: int, constant: float, power: int, delta: float = 0.05) -> int:
    """Return the dimension constant · m⁴ n^power log(2m²/δ), rounded up."""
    return int(np.ceil(constant * m**4 * n**power * np.log(2.0 * m**2 / delta)))


TRAINED = tuple(Kind(m, d * m, p, 8) for m in (10, 16) for d in (1, 3, 30) for p in (0.2, 0.4))
FIXED = (
    *(Kind(m, d * m, 0.2, n) for m in (10, 16) for d in (1, 5, 30) for n in (2, 4)),
    *(Kind(m, needed(m, 2, 8.0, 0), 0.0, 2, k) for m in (4, 5, 6) for k in (0, 1, m // 2)),
    *(
        Kind(4, needed(4, 2, 32.0, 4) + more, 0.0, 2, k)
        for more, k in enumerate((0, 0, 1, 2, 2, 2, 2, 2))
    ),
)
PLANS = {
    Size.TINY: Plan(TRAINED[-1:], (FIXED[3], FIXED[15], FIXED[21]), 1),
    Size.QUICK: Plan(TRAINED, FIXED, 3),
    Size.FULL: Plan((*TRAINED, *(Kind(24, d, 0.2, 16) for d in (24, 240, 2400))), FIXED, 12),
}


class Point(NamedTuple):
    """A net that interpolates, its sample, and its certificate."""

    net: TwoLayerNet
    sample: SphereSample
    certificate: KktCertificate


class Pool(NamedTuple):
    """Points that were found; `runs` is how many trainings they come from."""

    points: tuple[Point, ...]
    runs: int

    @property
    def sizes(self) -> str:
        """The sizes of samples in words."""
        if not self.points:
            return "none"
        samples = [point.sample for point in self.points]
        return (
            f"{span('m', (one.size for one in samples))},"
            f" {span('d', (one.dimension for one in samples))}"
        )


@cache
def trained_outputs(size: Size) -> Pool:
    """KKT points behind nets with biases, all parameters trained."""
    return _pool(PLANS[size].trained, PLANS[size].seeds, train_output=True)


@cache
def fixed_outputs(size: Size) -> Pool:
    """KKT points behind nets with biases and outputs ±1."""
    return _pool(PLANS[size].fixed, PLANS[size].seeds, train_output=False)


def draw(kind: Kind, seed: int) -> SphereSample:
    """Return a sample; where the number of −1 is given, the first so many labels are −1."""
    rng = np.random.default_rng([ENTROPY, kind.m, kind.d, round(1000 * kind.p), seed])
    sample = highdim.draw_sphere_sample(kind.m, kind.d, kind.p, rng=rng)
    if kind.negatives is None:
        return sample
    y = np.where(np.arange(kind.m) < kind.negatives, -1.0, 1.0)
    return SphereSample(sample.X, y, kind.negatives / kind.m)


@cache
def one_negative(size: Size) -> Pool:
    """The max-margin net of two neurons, polished, where Theorem 4.1's hypotheses can be met: a
    single label −1.
    """
    sizes = ((120, 4000),) if size is Size.TINY else ((110, 3000), (130, 5000), (200, 8000))
    seeds = {Size.TINY: 1, Size.QUICK: 2, Size.FULL: 6}[size]
    points = []
    for m, d in sizes:
        for seed in range(seeds):
            sample = draw(Kind(m, d, 0.0, 2, 1), seed)
            start = highdim.optimum_bounds(sample).net
            if start is not None:
                found = highdim.kkt_point(start, sample)
                points.append(Point(found.net, sample, found.certificate))
    return Pool(tuple(points), len(sizes) * seeds)


def _pool(kinds: tuple[Kind, ...], seeds: int, *, train_output: bool) -> Pool:
    points = []
    for kind in kinds:
        for seed in range(seeds):
            sample = draw(kind, seed)
            net = _trained(kind, sample, seed, train_output)
            if np.min(sample.y * net(sample.X)) > 0.0:
                found = highdim.kkt_point(net, sample, train_output=train_output)
                points.append(Point(found.net, sample, found.certificate))
    return Pool(tuple(points), len(kinds) * seeds)


def _trained(kind: Kind, sample: SphereSample, seed: int, train_output: bool) -> TwoLayerNet:
    rng = np.random.default_rng([ENTROPY + 1, kind.m, kind.d, kind.width, seed])
    start = highdim.init_network(kind.width, kind.d, train_output=train_output, rng=rng)
    run = highdim.gradient_flow(start, sample, flow_time=FLOW_TIME, train_output=train_output)
    assert isinstance(run.net, TwoLayerNet)
    return run.net
