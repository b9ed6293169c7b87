"""Powers of m and p in means that can be zero, with intervals.

The mean of a distance is modelled as exp(a) m^b p^c and fitted by quasi-likelihood, with a standard
deviation in proportion to the mean: batches without any distance count as what they are, and small
means as much as large ones. Intervals are percentiles over batches drawn again within each (m, p).
"""

from dataclasses import dataclass

import numpy as np

Vector = np.ndarray

_DRAWS = 400
_ROUNDS = 40  # of scoring; twenty suffice


@dataclass(frozen=True)
class Decay:
    """Fitted powers, each with a 95 % interval; `size` is that of m, `noise` that of p, and `scale`
    the factor before them.
    """

    scale: float
    size: float
    size_interval: tuple[float, float]
    noise: float
    noise_interval: tuple[float, float]
    batches: int


def decay_of(sizes: Vector, levels: Vector, means: Vector, points: Vector) -> Decay:
    """Fit the powers of sizes and levels in means over so many points each.

    NaN where there are fewer than two sizes or levels, or no batch with a distance.
    """
    nothing = float("nan")
    if min(len(set(sizes)), len(set(levels))) < 2 or not means.max(initial=0.0) > 1e-9:
        return Decay(nothing, nothing, (nothing, nothing), nothing, (nothing, nothing), len(sizes))
    table = np.stack([np.ones(len(sizes)), np.log(sizes), np.log(levels)], axis=1)
    powers = fitted(table, means, points)
    cells = [
        np.flatnonzero((sizes == m) & (levels == p))
        for m, p in sorted({*zip(sizes, levels, strict=True)})
    ]
    rng = np.random.default_rng(0)
    again = []
    for _ in range(_DRAWS):
        chosen = np.concatenate([rng.choice(cell, len(cell)) for cell in cells])
        again.append(fitted(table[chosen], means[chosen], points[chosen]))
    low, high = np.percentile(again, [2.5, 97.5], axis=0)
    return Decay(
        scale=float(np.exp(powers[0])),
        size=float(powers[1]),
        size_interval=(float(low[1]), float(high[1])),
        noise=float(powers[2]),
        noise_interval=(float(low[2]), float(high[2])),
        batches=len(sizes),
    )


def fitted(table: Vector, means: Vector, weights: Vector) -> Vector:
    """Return β with Σ weights (means/exp(table β) − 1) table = 0."""
    beta = np.zeros(table.shape[1])
    beta[0] = np.log(np.average(means, weights=weights))
    information = table.T @ (table * weights[:, None])
    for _ in range(_ROUNDS):
        score = table.T @ (weights * (means / np.exp(table @ beta) - 1.0))
        step = np.linalg.solve(information, score)
        beta = beta + step / max(1.0, float(np.abs(step).max()))
    return beta
