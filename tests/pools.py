"""Nets near and far from minima of Problem (1), by the dozen: KKT points, global minima, random
ones, perturbed ones.

Everything is drawn from seeds, and pools are made once for all modules that ask for them.
"""

from functools import cache
from typing import NamedTuple

import cases
import numpy as np
from numpy.typing import NDArray
from oracles import exact, minima, naive

from univariate import ReluNet, Sample, max_margin

Vector = NDArray[np.float64]
Net = tuple[Vector, Vector, Vector]


class Instance(NamedTuple):
    """A net (v, w, b) and the sample (x, y) that it is to be judged on."""

    net: Net
    x: Vector
    y: Vector


def is_better(witness: ReluNet, instance: Instance) -> bool:
    """Whether all margins are ≥ 1 and the norm is below that of the net scaled to worst margin 1.

    Exact.
    """
    theta = witness.v, witness.w, witness.b
    worst = min(exact.margins(*instance.net, instance.x, instance.y))
    feasible = min(exact.margins(*theta, instance.x, instance.y)) >= 1
    return feasible and exact.norm_squared(*theta) < exact.norm_squared(*instance.net) / worst


def random_points(rng: np.random.Generator, low: int = 3, high: int = 8) -> tuple[Vector, Vector]:
    """Return x, some of the points 0, 1/16, …, 1, and random labels."""
    m = int(rng.integers(low, high + 1))
    return np.sort(rng.choice(17, m, replace=False)) / 16, np.where(rng.random(m) < 0.5, -1.0, 1.0)


@cache
def kkt_pool(seed: int, samples: int, *, pinned: float = 0.2) -> tuple[Instance, ...]:
    """Return KKT points of random samples of 3 to 8 points: up to six of each, some global minima,
    some not local.
    """
    rng = np.random.default_rng(seed)
    pool = []
    for _ in range(samples):
        x, y = random_points(rng)
        pool += [Instance(net, x, y) for net in minima.kkt_points(x, y, rng, 6, pinned=pinned)]
    return tuple(pool)


@cache
def global_pool(seed: int, samples: int) -> tuple[Instance, ...]:
    """Return global minima on grids, on uniform samples far from 0 and near it, and the worked
    examples.
    """
    rng = np.random.default_rng(seed)
    pool = [Instance(case.net, np.array(case.x), np.array(case.y)) for case in cases.MARGINS]
    for k in range(samples):
        x, y = random_points(rng, 2, 12)
        x = (x, np.sort(rng.random(len(x))), 4.0 * x - 2.0, 100.0 + np.cumsum(rng.random(len(x))))[
            k % 4
        ]
        best = max_margin(Sample(x, y)).net
        pool.append(Instance((best.v, best.w, best.b), x, y))
    return tuple(pool)


def random_interpolators(seed: int, count: int, *, balanced: bool) -> list[Instance]:
    """Return wide nets with random kinks whose output weights are those of least squares: all
    margins are 1.
    """
    rng = np.random.default_rng(seed)
    pool = []
    for _ in range(count):
        x, y = random_points(rng)
        w, b = rng.standard_normal((2, 4 * len(x)))
        alive = np.any(x[:, None] * w + b > 0.0, axis=0)
        w, b = w[alive], b[alive]
        v = np.linalg.lstsq(np.maximum(0.0, x[:, None] * w + b), y)[0]
        if balanced:
            scale = np.sqrt(np.hypot(w, b) / np.abs(v))
            v, w, b = scale * v, w / scale, b / scale
        if np.min(y * naive.dense_net(v, w, b)(x)) > 0.5:  # else the kinks did not suffice
            pool.append(Instance((v, w, b), x, y))
    return pool


def perturbed(instance: Instance, size: float, rng: np.random.Generator) -> Instance:
    """Return the net with every parameter times 1 + size·(a standard normal)."""
    v, w, b = np.array(instance.net) * (1.0 + size * rng.standard_normal((3, len(instance.net[0]))))
    return instance._replace(net=(v, w, b))


def resized(instance: Instance, size: float, rng: np.random.Generator) -> Instance:
    """Return the net with every neuron times 1 + size·(a standard normal): balanced as before,
    kinks in place.
    """
    v, w, b = np.array(instance.net) * (1.0 + size * rng.standard_normal(len(instance.net[0])))
    return instance._replace(net=(v, w, b))
