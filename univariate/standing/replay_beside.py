"""Replaying refutations of local minima: a better net in a cell that touches the net.

While every neuron keeps its sign and the observations that it is active on, Problem (1) is convex
in u_j = v_j (w_j, b_j): N(x_i) is linear, and the least norm² with these products is 2 Σ |u_j|. A
net lies on the border of the cells that differ from its own in observations on its kinks. So one
better net in any of these refutes a local minimum: the way there is feasible, and descends from the
start. A better net elsewhere refutes a global minimum only.
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from univariate.common.arrays import Indices, Mask, Matrix, Vector
from univariate.common.tolerance import NEARLY
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import ReluNet

# tolerances: multipliers within one say nothing of a neuron that is no larger, see `replay_sides`
_UNEXPLAINED = 1e3
_HALVINGS = 44  # shorter steps drown in the rounding of the parameters


def better_beside(fit: ShallowFitted, witness: ReluNet, tolerance: float) -> bool:
    """Whether a net in a cell that touches `fit` is better, by ‖θ‖²/worst margin. Exact.

    That is the witness, or one on the way to it, and better by more than a share `tolerance`:
    another rounding of a minimum may be better, too. Kinks within a relative `tolerance` of some
    observations are on any one of them, and touch the cells on both sides; neurons smaller than
    1000 tolerances of the largest, a millionth at most, count as zero, and lie in every cell. Cost
    up to 44 evaluations of all margins.
    """
    if witness.width != fit.net.width or not fit.margins.low > 0.0:
        return False
    large = fit.sizes > min(NEARLY, _UNEXPLAINED * tolerance) * fit.sizes.max()
    for net in _way(fit, witness, large):
        step = ShallowFitted(net, fit.sample)
        touching = _touching(fit, step, tolerance) | (step.sizes == 0.0)
        if np.all(touching | ~large) and _is_better(step, fit, tolerance):
            return True
    return False


def _way(fit: ShallowFitted, witness: ReluNet, large: Mask) -> Iterator[ReluNet]:
    """Yield the witness and ever nearer nets, their u_j on the line to it; none if a sign turns."""
    gone = (witness.v == 0.0) | ((witness.w == 0.0) & (witness.b == 0.0))
    if np.any(large & ~gone & (np.sign(fit.net.v) != np.sign(witness.v))):
        return
    yield witness
    root = np.sqrt(fit.margins.low)
    begin = _products(fit.net, 1.0 / root)
    step = _products(witness, 1.0) - begin
    sign = np.where(gone, np.sign(fit.net.v), np.sign(witness.v))
    for power in range(1, _HALVINGS):
        line = sign * (begin + 0.5**power * step)
        size = np.sqrt(np.hypot(*line))
        if not np.all(np.isfinite(size)):
            return
        yield ReluNet(sign * size, *np.divide(line, size, out=np.zeros_like(line), where=size > 0))


def _products(net: ReluNet, factor: float) -> Matrix:
    """Return v (w, b) of a net times a factor, shape (2, n)."""
    return np.asarray(factor * net.v * (factor * np.stack([net.w, net.b])))


def _touching(fit: ShallowFitted, step: ShallowFitted, reach: float) -> Mask:
    """Whether neurons are active on the same observations, apart from some that are all near their
    kink.
    """
    size = fit.sample.size
    low = np.minimum(fit.cut, step.cut)
    high = np.maximum(fit.cut, step.cut)
    # of one orientation they differ between their cuts, of two outside of these
    around = (fit.net.w < 0.0) != (step.net.w < 0.0)
    first = np.where(around, np.where(low > 0, 0, high), low)
    stop = np.where(around, np.where(high < size, size, low), high)
    # what is near a kink is an interval
    ends = np.minimum(first, size - 1), np.maximum(stop, 1) - 1
    farthest = np.maximum(*(_distances(fit, end) for end in ends))
    return np.asarray((first >= stop) | (farthest <= reach))


def _distances(fit: ShallowFitted, datum: Indices) -> Vector:
    """Return how far every kink is from an observation, relatively; inf where the way there turns
    the neuron round, and NaN without a line. Rounded.
    """
    x = fit.sample.x[datum]
    power = np.frexp(np.maximum(np.abs(fit.net.w), np.abs(fit.net.b)))[1]
    w = np.ldexp(fit.net.w, -power)
    b = np.ldexp(fit.net.b, -power)
    ahead = w - b * x
    turned = np.where(fit.net.w < 0.0, ahead > 0.0, ahead < 0.0)
    with np.errstate(invalid="ignore"):
        found = np.abs(w * x + b) / (np.hypot(w, b) * np.hypot(1.0, x))
    return np.where(turned, np.inf, found)


def _is_better(step: ShallowFitted, fit: ShallowFitted, share: float) -> bool:
    most = fit.scaled_norm_squared * (1 - Fraction(share))
    return step.interpolates and step.scaled_norm_squared < most
