"""The net of least norm that interpolates the labels exactly, which square loss prefers. New.

Problem (1) asks for y_i N(x_i) ≥ 1; here it is

    min ‖θ‖²  subject to  N(x_i) = y_i  for all i,

over 2-layer nets of any width. Where 1 + x_1 x_m ≥ 0 (data in [0, ∞), (−∞, 0] or [−1, 1], say) and
at least two runs of equal labels have a kink by the rules below, the solution is one polygon, as a
function on all of the line:

- across every gap between different labels it is the straight line from y_i to y_{i+1};
- on an inner run of one datum it has a kink there, on one of two data both lines go on until they
  meet, and on one of three or more it is the constant y between kinks on its first and last datum;
- on an outer run of one datum the line goes on, on one of more it is the constant y beyond a kink
  on the datum next to the other label.

With kinks t_k and slope changes Δ_k its norm is ‖θ‖² = 2 Σ |Δ_k| √(1 + t_k²). So **it changes sign
at the midpoints of neighbours with different labels and nowhere else: it decides like the nearest
neighbour**, as the max-margin net does, though the functions and the norms differ.

Proof. *Below.* For any μ in R^m with |D_±(t)| ≤ √(1 + t²) and |Σ μ_i| ≤ 1, where D_+(t) =
Σ_{x_i > t} μ_i (x_i − t) and D_− likewise, 2 Σ μ_i N(x_i) ≤ ‖θ‖² for every net, since a neuron adds
v |w| D_±(t) to Σ μ_i N(x_i) and costs at least 2 |v| |w| √(1 + t²). Take D = D_+ = D_− with
heights at the data, straight between them, and 0 outside: with s = −y the sign of the kinks of a
run, s √(1 + x²) at a datum that is a kink; s (1 + x t)/√(1 + t²), the tangent of s √(1 + ·²) at
the kink t, at both data of an inner run of two; 0 at all others. Tangents at a kink are ≥ 0, s
apart, at all data, since 1 + x t ≥ 0. So wherever s D > 0, D lies between 0 and the tangent of a
kink beside it, thus |D| ≤ √(1 + t²), with equality at kinks alone. And for the polygon f,
Σ μ_i f(x_i) = Σ Δ_k D(t_k) = Σ |Δ_k| √(1 + t_k²).

*Above.* The polygon is a net of that norm if its affine part comes for free: shares q ∈ [0, 1] of
its kinks made by left-oriented neurons add up to its first line. If the first run has two data or
more, that is the constant y_1, made of y_1/(t_2 − t_1) at a kink t_1 and as much of the other sign
at a kink t_2 of the next run with kinks: t_2 − t_1 is at least the gap g between the runs, and both
jumps are at least 2/g. If it has one, and the second has one or two, this is the case of
`closed_form`, whose argument needs the jump |a_2| of the third run only. And if the second has
three or more, all of its first kink goes to the left; what is left is its constant, as before.

*Alone.* In a net of that norm no neuron has slack in the first inequality, so all kinks are kinks
of the polygon, and no neuron is active everywhere. Between neighbouring kinks, ends included, and
beyond the outermost lie two data or more, so the values there fix the net. ∎

Without two runs with kinks the affine part costs more, and what the solution looks like is not
known here. Where 1 + x_1 x_m < 0 it can be another that decides otherwise: on −11, 6, 7, 9 with
labels +, −, +, + it is negative at −5. Where no inner run is longer than two and outer runs
are single, the polygon is that of the max-margin net.
"""

from dataclasses import field
from fractions import Fraction
from math import fsum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.result import result
from univariate.error.k_nearest_neighbours import NearestNeighbours
from univariate.error.rule import Rule
from univariate.error.signs import Signs
from univariate.problem.sample import Sample, require_sample
from univariate.problem.truth import ALWAYS, Truth


class _Kinks(NamedTuple):
    places: Vector
    heights: Vector
    jumps: Vector
    first_slope: float  # of the ray beyond the first kink
    last_slope: float


@result
class MinimumNorm(Rule):
    """The net of least norm with N(x_i) = y_i for all i, as a function; see the module for proofs.

    Parameters
    ----------
    sample : Sample
        With 1 + x_1 x_m ≥ 0, and at least two runs of equal labels that are inner or have two data
        or more.

    Attributes
    ----------
    knots, heights : ndarray, shape (K,)
        Where it bends, and its values there; beyond the outermost knots it goes on straight.
        Rounded.
    norm_squared : float
        ‖θ‖² = 2 Σ |Δ_k| √(1 + t_k²), rounded: to 2^−48 of itself.

    The decision is that of the nearest neighbour, so `clean_error(rule)` and
    `exact_clean_error(rule)` are as exact as they are for it. Cost O(m).

    Examples
    --------
    >>> from univariate import MinimumNorm, draw_sample, exact_clean_error, max_margin
    >>> sample = draw_sample(100, 0.2, rng=0)
    >>> rule = MinimumNorm(sample)
    >>> rule.norm_squared > max_margin(sample).norm_squared
    True
    >>> exact_clean_error(rule) < 1
    True
    """

    sample: Sample
    knots: Vector = field(init=False)
    heights: Vector = field(init=False)
    norm_squared: float = field(init=False)
    _first_slope: float = field(init=False)
    _last_slope: float = field(init=False)

    def __post_init__(self) -> None:
        sample = require_sample(self.sample)
        _require_closed_form(sample)
        kinks = _kinks(sample.x, sample.y)
        sizes = np.abs(kinks.jumps) * np.hypot(1.0, kinks.places)
        values = {
            "knots": kinks.places,
            "heights": kinks.heights,
            "norm_squared": 2.0 * fsum(sizes.tolist()),
            "_first_slope": kinks.first_slope,
            "_last_slope": kinks.last_slope,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __call__(self, x: ArrayLike) -> Vector:
        """Return N(x), in the shape of x. Rounded, O(log m) each."""
        points = check.real_array("x", x)
        before = np.minimum(points - self.knots[0], 0.0)
        after = np.maximum(points - self.knots[-1], 0.0)
        inside = np.interp(points, self.knots, self.heights)
        found: Vector = inside + self._first_slope * before + self._last_slope * after
        return found

    def signs(self, low: float, high: float) -> Signs:
        """Return where N is positive and negative, on the whole line. Exact."""
        return NearestNeighbours(self.sample).signs(low, high)

    def exact_error(self, low: float, high: float, truth: Truth = ALWAYS) -> Fraction:
        """Return the length of {x ∈ [low, high] : N(x) f*(x) ≤ 0}, in rational arithmetic."""
        return NearestNeighbours(self.sample).exact_error(low, high, truth)


def _require_closed_form(sample: Sample) -> None:
    """Raise ValueError where the theorem does not apply."""
    ends = [Fraction(float(sample.x[k])) for k in (0, -1)]
    if 1 + ends[0] * ends[1] < 0:
        raise ValueError(
            f"`sample` must satisfy 1 + x_1 x_m >= 0, got x from {sample.x[0]} to {sample.x[-1]};"
            " shift or rescale the inputs, into [-1, 1] for instance"
        )
    changes = sample.sign_changes
    bent = 0
    if len(changes):
        bent = len(changes) - 1 + int(changes[0] > 0) + int(changes[-1] < sample.size - 2)
    if bent < 2:
        raise ValueError(
            "`sample` must have two runs of equal labels that are inner or have two observations"
            f" or more, got {bent}; draw a larger sample"
        )


def _kinks(x: Vector, y: Vector) -> _Kinks:
    """Return the kinks of the polygon, from left to right."""
    changes = np.flatnonzero(y[1:] != y[:-1])
    halves = 0.5 * (x[changes + 1] - x[changes])
    slopes = y[changes + 1] / halves
    starts, ends = changes[:-1] + 1, changes[1:]
    size = ends - starts + 1
    middles = x[changes] + halves
    # the weighted mean of two zeros: no cancellation, as neighbouring slopes differ in sign
    share = halves[:-1] / (halves[:-1] + halves[1:])
    tips = middles[:-1] + (middles[1:] - middles[:-1]) * share
    heights = slopes[:-1] * (tips - middles[:-1])
    pointed = size <= 2
    single = size == 1
    first = np.where(pointed & ~single, tips, x[starts])
    height = np.where(pointed & ~single, heights, y[starts])
    jump = np.where(pointed, slopes[1:] - slopes[:-1], -slopes[:-1])
    flat = ~pointed
    # of a run of three or more, the second kink; outer runs have one at most
    rows = np.concatenate(
        [
            np.array([[x[changes[0]], y[0], slopes[0]]])[: int(changes[0] > 0)],
            np.column_stack([first, height, jump]),
            np.column_stack([x[ends], y[ends], slopes[1:]])[flat],
            np.array([[x[changes[-1] + 1], y[-1], -slopes[-1]]])[: int(changes[-1] < len(x) - 2)],
        ]
    )
    places, heights, jumps = rows[np.argsort(rows[:, 0], kind="stable")].T
    alone = changes[0] == 0, changes[-1] == len(x) - 2
    return _Kinks(
        places,
        heights,
        jumps,
        float(slopes[0]) if alone[0] else 0.0,
        float(slopes[-1]) if alone[1] else 0.0,
    )
