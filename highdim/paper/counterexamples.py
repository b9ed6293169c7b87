"""Bias-less nets with a clean error below 2^−n: N = a |q·x| − σ(w·x) with q orthogonal to w. New.

N ≤ 0 asks for w·x ≥ 0 and an angle of at most arctan(‖w‖/a) between w and the projection of x on
the plane of w and q, so L_cl = arctan(‖w‖/a)/π, whatever d, and 0 without w. With q orthogonal to
all −1 points and w·x_i = 1 there, all these have margin 1; the +1 points follow for a large enough.
So three neurons interpolate any sample whose −1 points are linearly independent and whose +1 points
are off their span, with a clean error as small as one likes.

For φ < π/4 the smallest slope gives KKT points: `highdim.paper.rational_counterexamples`.
"""

from math import atan2, pi, tan
from typing import Any, Final

import numpy as np

from highdim.error.estimate import Estimate
from highdim.paper.angles import ROUNDING, Share
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample, require_positive_truth, require_sample
from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.result import Result, result

SMALL: Final = 1.0 / 16.0
"""Clean error that is asked for by default, half of 2^−3."""
DRAWS: Final = 64
"""Directions q to choose from."""
ON_THE_SPAN: Final = 1e-9
"""Relative distance from the span of the −1 points below which no slope is tried."""


@result
class SmallErrorNet(Result):
    """A bias-less net of two or three neurons that interpolates and refutes L_cl ≥ 2^−n.

    Attributes
    ----------
    net : TwoLayerNet
        v = (1, 1, −1), W = (a q, −a q, w); without the third neuron if no label is −1.
    slope : float
        a.
    direction : ndarray, shape (d,)
        q, of length 1.
    margins : ndarray, shape (m,)
        y_i N(x_i), rounded; all positive.
    clean_error : Estimate
        arctan(‖w‖/a)/π of the net with q exactly orthogonal to w, method "angles".
    printed_bound : float
        2^−n.
    """

    net: TwoLayerNet
    slope: float
    direction: Vector
    margins: Vector
    clean_error: Estimate
    printed_bound: float


def proposition_4_5_counterexample(
    sample: SphereSample, *, slope: float | None = None, rng: Any = 0
) -> SmallErrorNet:
    """Return a bias-less net of three neurons that fits a sample, with a small clean error.

    Parameters
    ----------
    sample : SphereSample
        Of the truth +1, in dimension d ≥ 2, with −1 points that are linearly independent, fewer
        than d, and +1 points off their span.
    slope : float, optional
        a > 0. By default the smallest one for all margins ≥ 1 and L_cl ≤ 1/16.
    rng : int or numpy.random.Generator
        Draws candidates for q.

    Raises
    ------
    TypeError, ValueError
        Not such a sample, or a slope that does not interpolate it; the message names the least.

    Rounded, clean error enclosed. Cost O(m² d). Source: new, see the module; refutes Proposition
    4.5.
    """
    require_sample(sample)
    require_positive_truth(sample)
    rng = check.generator(rng)
    if sample.dimension == 1:
        raise ValueError(
            "`sample` must be in dimension d >= 2, got 1; a net on the line has no orthogonal"
            " directions"
        )
    w = _through_the_negatives(sample)
    q = _direction(sample, w, rng)
    length = float(np.linalg.norm(w))
    slope = _slope(sample, q, w, slope)
    neurons = 3 if length else 2  # without −1 points N = a |q·x|
    W = np.stack([slope * q, -slope * q, w][:neurons])
    net = TwoLayerNet(np.array([1.0, 1.0, -1.0])[:neurons], W)
    margins = sample.y * net(sample.X)
    if not margins.min() > 0.0:
        raise ValueError(
            f"`slope` must leave the -1 points a margin, {slope} drowns them in rounding; pass a"
            " smaller"
        )
    error = Share(0.0, 0.0, 0.0)
    if length:
        value = atan2(length, slope) / pi
        error = Share(value, max(value - ROUNDING, 0.0), value + ROUNDING)
    return SmallErrorNet(net, slope, q, margins, error.estimate("angles"), 0.5**neurons)


def _slope(sample: SphereSample, q: Vector, w: Vector, slope: float | None) -> float:
    """Return the slope asked for, if it fits the +1 points, or the default."""
    plus = sample.X[sample.y > 0.0]
    reach = np.abs(plus @ q)
    against = np.maximum(plus @ w, 0.0)
    if slope is None:
        fits = float(np.max((1.0 + against) / reach, initial=1.0))
        return max(fits, float(np.linalg.norm(w)) / tan(pi * SMALL))
    slope = check.real("slope", slope)
    least = float(np.max(against / reach, initial=0.0))
    if not slope > least:
        raise ValueError(
            f"`slope` must be positive and above {least:.6g} to fit the +1 points, got {slope};"
            " leave out"
        )
    return slope


def _through_the_negatives(sample: SphereSample) -> Vector:
    """Return the shortest w with w·x_i = 1 on the −1 points; 0 without any."""
    minus = sample.X[sample.y < 0.0]
    if not len(minus):
        return np.zeros(sample.dimension)
    w = np.linalg.lstsq(minus, np.ones(len(minus)))[0]
    if not np.max(np.abs(minus @ w - 1.0)) <= ON_THE_SPAN or len(minus) >= sample.dimension:
        raise ValueError(
            "`sample` must have -1 points that are linearly independent and fewer than d ="
            f" {sample.dimension}, got {len(minus)} that are not; take fewer or raise the dimension"
        )
    return np.asarray(w)


def _direction(sample: SphereSample, w: Vector, rng: np.random.Generator) -> Vector:
    """Return, of those drawn, the unit q orthogonal to the −1 points of the smallest slope."""
    minus = sample.X[sample.y < 0.0]
    plus = sample.X[sample.y > 0.0]
    basis = np.zeros((sample.dimension, 0))
    if len(minus):
        basis = np.linalg.qr(minus.T)[0]
    off = plus - (plus @ basis) @ basis.T
    size = np.linalg.norm(off, axis=1)
    if np.any(size <= ON_THE_SPAN * np.linalg.norm(plus, axis=1)):
        bad = int(np.flatnonzero(sample.y > 0.0)[np.argmin(size)])
        raise ValueError(
            f"`sample` must have its +1 points off the span of the -1 points, got row {bad} on it;"
            " take it out"
        )
    at_random = rng.standard_normal((DRAWS, sample.dimension))
    of_the_data = rng.standard_normal((DRAWS, len(off))) @ off
    draws = np.concatenate([at_random, of_the_data])
    for _ in range(2):  # once more against rounding
        draws -= (draws @ basis) @ basis.T
    draws = draws[np.linalg.norm(draws, axis=1) > 0.0]
    draws /= np.linalg.norm(draws, axis=1, keepdims=True)
    reach = np.abs(draws @ plus.T) / (1.0 + np.maximum(plus @ w, 0.0))
    return np.asarray(draws[np.argmax(np.min(reach, axis=1, initial=np.inf))])
