"""The global optimum of Problem (1) in closed form, and its dual certificate.

New; derivation below.

Draw through every pair of neighbours with different labels the line from y_i to y_{i+1} and follow
each line until it meets the next. The polygon has one kink t_k inside every inner run of equal
labels (exactly on the datum when the run is a single point), with slope change Δ_k, and by duality

    ‖θ*‖² = 2 Σ_k |Δ_k| √(1 + t_k²),

provided that its affine part comes for free: there are shares q ∈ [0, 1]^K, the part of kink k that
is given to a left-oriented neuron, with −Σ Δ_k q_k = slope of the first line and Σ Δ_k q_k t_k =
its intercept. With at least three sign changes there always are. Let the lines have slopes a_1,
a_2, … and zeros z_1, z_2, …; of kink 1 give P = |a_1| (t_2 − z_1)/(t_2 − t_1) to the left and of
kink 2 Q = |a_1| (t_1 − z_1)/(t_2 − t_1). Lines 1 and 2 have one height at t_1, |a_1| (t_1 − z_1) =
|a_2| (z_2 − t_1), so Q = |a_2| (z_2 − t_1)/(t_2 − t_1) ≤ |a_2| ≤ |Δ_2| because z_2 ≤ t_2, and P =
|a_1| + Q ≤ |a_1| + |a_2| = |Δ_1|. With one or two sign changes there never are, and the value is
only a lower bound.

Dual certificate: D = 0 outside the first and last sign change, D is the tangent sign(Δ_k)(1 + t
t_k)/√(1 + t_k²) of ±√(1 + t²) on the run of kink k, straight in between; the multipliers are the
slope changes of D. They are ≥ 0 where a tangent's continuation does not pass the other end of the
gap. Between two tangents it never does: with t = tan φ the ratio (1 + t t_k)/√((1 + t²)(1 + t_k²))
is cos(φ − φ_k), and cos(φ − φ_k) + cos(φ − φ_{k+1}) ≥ 0 for φ between φ_k and φ_{k+1}. Towards the
zero ends it takes 1 + x t_1 ≥ 0 for the datum x left of the first sign change, and 1 + x t_K ≥ 0
for the one right of the last. Both hold whenever the data do not lie far on both sides of 0 (in [0,
∞), (−∞, 0] or [−1, 1], say).

Where both are strict, the optimum is unique as a function: D touches ±√(1 + t²) at the t_k only, so
no optimal net has another kink, and all multipliers beside sign changes are positive, so N is ±1
there and linear in between. Hence its zeros are the midpoints between neighbours of different
labels, and it decides like the nearest neighbour on the whole line.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.common.arrays import Vector
from univariate.optimum.kernels.interpolant import fit_multipliers, fit_polygon
from univariate.problem.sample import Sample


class Polygon(NamedTuple):
    """The optimal polygon of a sample."""

    changes: NDArray[np.intp]  # (K + 1,) indices i with y_i ≠ y_{i+1}
    kinks: Vector  # (K,)
    jumps: Vector  # (K,) slope changes Δ_k
    left: Vector  # (K,) the part of each jump that a left-oriented neuron makes


def polygon(x: Vector, y: Vector) -> Polygon | None:
    """Return the optimal polygon, or None where the closed form does not apply. Rounded.

    Cost O(m).
    """
    changes = np.flatnonzero(y[1:] != y[:-1])
    if len(changes) < 3:
        return None
    halves = 0.5 * (x[changes + 1] - x[changes])
    middles = x[changes] + halves
    slopes = y[changes + 1] / halves
    # the weighted mean of two zeros: no cancellation, as neighbouring slopes differ in sign
    share = halves[:-1] / (halves[:-1] + halves[1:])
    kinks = middles[:-1] + (middles[1:] - middles[:-1]) * share
    single = changes[1:] == changes[:-1] + 1
    kinks[single] = x[changes[1:]][single]
    before = x[changes[0]]
    after = x[changes[-1] + 1]
    if 1.0 + before * kinks[0] < 0.0 or 1.0 + after * kinks[-1] < 0.0:
        return None
    jumps = slopes[1:] - slopes[:-1]
    left = _left_parts(kinks, jumps, slopes[0], middles[0])
    return Polygon(changes, kinks, jumps, left)


def decides_like_nearest(sample: Sample) -> bool:
    """Whether the optimum is proved to decide like the nearest neighbour on the whole line. Exact.

    At least three sign changes, 1 + x t_1 > 0 for the datum x left of the first one, and 1 + x t_K
    > 0 for the one right of the last; in rational arithmetic, whatever doubles make of the sample.
    """
    changes = sample.sign_changes
    if len(changes) < 3:
        return False
    ends = [
        (Fraction(float(sample.x[i])), Fraction(float(sample.x[i + 1])))
        for i in changes[[0, 1, -2, -1]].tolist()
    ]
    first = _exact_kink(*ends[0], *ends[1])
    last = _exact_kink(*ends[2], *ends[3])
    return 1 + ends[0][0] * first > 0 and 1 + ends[3][1] * last > 0


def _exact_kink(a: Fraction, b: Fraction, c: Fraction, d: Fraction) -> Fraction:
    """Return where the lines from a to b and from c to d meet: ∓1 at a and d, ±1 at b and c."""
    # |slopes| are 2/(b − a) and 2/(d − c), so the zeros weigh like the other gap
    return ((a + b) * (d - c) + (c + d) * (b - a)) / (2 * (d - c + b - a))


def fit_net(x: Vector, y: Vector, shape: Polygon, level: float) -> tuple[Vector, Vector, Vector]:
    """Return balanced neurons (v, w, b) of the polygon with margins ≥ `level` ≥ 1, up to rounding.

    Width: one neuron per kink and one more for every kink whose jump is split.
    """
    changes = shape.changes
    ends = np.stack([x[changes], x[changes + 1], y[changes + 1]])
    left = shape.left * level
    right = shape.jumps - shape.left
    sides = fit_polygon(shape.kinks, left, right, ends, level)
    v, w, b = np.concatenate([side[:, side[0] != 0.0] for side in sides], axis=1)
    return v, w, b


def fit_dual(x: Vector, y: Vector, shape: Polygon) -> Vector:
    """Return the multipliers (m,) of the dual certificate, feasible up to rounding."""
    changes = shape.changes
    beside = np.zeros(len(x), dtype=np.bool_)
    beside[changes] = True
    beside[changes + 1] = True
    active = np.flatnonzero(beside)
    run = np.searchsorted(changes, active, side="left") - 1  # the kink whose run the point lies in
    inner = (run >= 0) & (run < len(shape.kinks))
    t = shape.kinks[run[inner]]
    sign = np.sign(shape.jumps[run[inner]])
    heights = np.zeros(len(active))
    heights[inner] = sign * (1.0 + x[active[inner]] * t) / np.hypot(1.0, t)
    multipliers = np.zeros(len(x))
    multipliers[active] = fit_multipliers(x[active], y[active], heights)
    return multipliers


def _left_parts(kinks: Vector, jumps: Vector, slope: float, zero: float) -> Vector:
    """Parts of the jumps to be made by left-oriented neurons: of the first kink and of one other.

    Left of all kinks they must add up to slope·(x − zero). P = |slope| (t_j − zero)/(t_j − t_1) at
    the first kink and −Q = −|slope| (t_1 − zero)/(t_j − t_1) at kink j do, provided P ≤ |Δ_1| and Q
    ≤ |Δ_j|. That holds at least for j = 2; of the kinks that fit, the cheapest is taken. All other
    neurons look right, so steep ones cancel where they stand.
    """
    sign = -np.sign(slope)
    others = np.flatnonzero(jumps[1:] * sign < 0.0) + 1
    share = (kinks[0] - zero) / (kinks[others] - kinks[0])
    need_first = abs(slope) * (1.0 + share)
    need_other = abs(slope) * share
    fits = (need_first <= abs(jumps[0])) & (need_other <= np.abs(jumps[others]))
    # where rounding leaves none that fits, argmin takes the first: j = 2
    best = np.argmin(np.where(fits, need_first + need_other, np.inf))
    left = np.zeros(len(kinks))
    left[0] = sign * need_first[best]
    left[others[best]] = -sign * need_other[best]
    return left
