"""The max-margin half space of a sample: the linear rule beside the max-margin net.

max γ over ‖a‖ = 1 and c subject to y_i (a·x_i − c) ≥ γ. The dual is the distance of the two convex
hulls: γ ≤ ½ ‖Σ λ_i y_i x_i‖ for all λ ≥ 0 that sum to 1 over each label. A conic solver proposes
both. What they prove is computed anew, with bounds on all rounding errors: the margin of the half
space in doubles from below, half the distance of the points of the hulls from above. Source: Cortes
and Vapnik, Machine Learning 20 (1995).

Neither depends on where the origin is. So a double vector s near the mean is subtracted: x − s has
an error relative to x − s, and c − a·s is known exactly.
"""

from fractions import Fraction
from math import fsum, hypot, inf, nextafter
from typing import Final, NamedTuple

import numpy as np

from highdim.optimum.solver import answered
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample, require_sample
from highdim.problem.truth import half_space
from univariate.common.arrays import Matrix, Vector
from univariate.common.result import Result, Verdict, result
from univariate.common.rounding import nearest, round_down, round_up
from univariate.common.tolerance import UNIT_ROUNDOFF

OPTIMAL: Final = 1e-6  # relative gap up to which a half space counts as that of largest margin
_GOAL: Final = 1e-12
_UNDERFLOW: Final = 2.0**-1000
"""More than all that is lost by underflow in sums of products of numbers up to 1."""


@result
class MaxMarginHalfSpace(Result):
    """A half space a·x > c that separates a sample, with bounds on the largest margin.

    Attributes
    ----------
    direction : ndarray, shape (d,)
        a, of length 1 up to rounding.
    offset : float
        c.
    margin : float
        Lower bound on its margin min_i y_i (a·x_i − c)/‖a‖, and so on the largest one; rounded
        down.
    upper : float
        Upper bound on the margin of any half space, by `multipliers`; rounded up.
    multipliers : ndarray, shape (m,)
        λ, which sums to 1 over each label up to rounding. `upper` is that of λ over its exact sums.
    verdict : Verdict
        HOLDS: the two agree to 1e-6, relative, so that no half space has a margin larger by more.
        UNDECIDED otherwise.
    reason : str
        One sentence.
    net : TwoLayerNet
        a·x − c, for `clean_error(found.net)`.
    """

    direction: Vector
    offset: float
    margin: float
    upper: float
    multipliers: Vector
    verdict: Verdict
    reason: str
    net: TwoLayerNet


class _Centred(NamedTuple):
    """Inputs x = s + 2^power z: z has entries up to 1, with a relative error of one rounding."""

    Z: Matrix
    s: Vector
    power: int


def max_margin_half_space(sample: SphereSample) -> MaxMarginHalfSpace:
    """Return the half space of largest margin.

    Its clean error has all the methods of a net's: `clean_error(found.net, law=sample.law)`.

    Parameters
    ----------
    sample : SphereSample
        Of both labels, which some half space separates.

    Raises
    ------
    TypeError, ValueError
        No sample, one label only, or no half space that separates it was found.

    The half space is rounded, the bounds on margins are proved. Cost O(m d r), r = min(m, d), and
    that of an interior-point method with m + r variables, as many constraints and m r matrix
    entries.

    Examples
    --------
    >>> from highdim import SphereSample, max_margin_half_space
    >>> found = max_margin_half_space(SphereSample([[0.0, 1.0], [0.0, -1.0]], [1.0, -1.0]))
    >>> round(found.margin, 6), found.verdict.name
    (1.0, 'HOLDS')
    """
    require_sample(sample)
    y = sample.y
    if len(np.unique(y)) < 2:
        raise ValueError(
            f"`sample` must have labels of both signs, got {y[0]:+.0f} only; no border is between"
            " them"
        )
    data = _centred(sample.X)
    multipliers = _proposed(data.Z, y)
    difference = (multipliers * y) @ data.Z
    distance = float(np.linalg.norm(difference))
    if not distance > 0.0:
        raise _not_separable()
    a = difference / distance
    values = data.Z @ a
    middle = 0.5 * (float(values[y > 0.0].min()) + float(values[y < 0.0].max()))
    offset = nearest(Fraction(middle) * Fraction(2) ** data.power + _dot(a, data.s))
    margin = _margin_below(data, y, a, offset)
    if not margin > 0.0:
        raise _not_separable()
    upper = _upper(data, y, multipliers)
    verdict, reason = _judged(margin, upper, offset)
    net = half_space(a, offset)
    return MaxMarginHalfSpace(a, offset, margin, upper, multipliers, verdict, reason, net)


def _centred(X: Matrix) -> _Centred:
    s = X.mean(axis=0)
    apart = X - s
    power = int(np.frexp(np.abs(apart).max())[1])
    return _Centred(np.ldexp(apart, -power), s, power)


def _dot(a: Vector, s: Vector) -> Fraction:
    """Return a·s. Exact."""
    pairs = zip(a.tolist(), s.tolist(), strict=True)
    return sum((Fraction(left) * Fraction(right) for left, right in pairs), Fraction(0))


def _margin_below(data: _Centred, y: Vector, a: Vector, offset: float) -> float:
    """Return a lower bound on min_i y_i (a·x_i − c)/‖a‖, whatever a and c are."""
    place = (Fraction(offset) - _dot(a, data.s)) / Fraction(2) ** data.power
    values = data.Z @ a
    left = np.where(y > 0.0, values - round_up(place), round_down(place) - values)
    terms = len(a) + 8
    size = np.abs(data.Z) @ np.abs(a) + abs(float(place))
    worst = float(np.min(left - terms * UNIT_ROUNDOFF * size - _UNDERFLOW))
    # the length may be off by as many roundings as it has squares
    longest = float(np.linalg.norm(a)) * (1.0 + terms * UNIT_ROUNDOFF)
    found = worst / longest * (1.0 - 8.0 * UNIT_ROUNDOFF)
    return nextafter(float(np.ldexp(found, data.power)), -inf)


def _upper(data: _Centred, y: Vector, multipliers: Vector) -> float:
    """Return an upper bound on half the distance of the hulls' points."""
    weights = multipliers.copy()
    for label in (1.0, -1.0):
        weights[y == label] /= fsum(weights[y == label])
    difference = (weights * y) @ data.Z
    terms = len(y) + 8
    lost = terms * UNIT_ROUNDOFF * (weights @ np.abs(data.Z)) + _UNDERFLOW
    longest = hypot(*(np.abs(difference) + lost).tolist())  # no square underflows
    longest *= 1.0 + (len(lost) + 8) * UNIT_ROUNDOFF
    return nextafter(float(np.ldexp(0.5 * longest, data.power)), inf)


def _judged(margin: float, upper: float, offset: float) -> tuple[Verdict, str]:
    if upper <= margin * (1.0 + OPTIMAL):
        return Verdict.HOLDS, f"no half space has a margin above {upper!r}, this one {margin!r}"
    reason = (
        f"the margin is at least {margin:.6g} and at most {upper:.6g}, which differ by more than"
        f" {OPTIMAL:g}, relative"
    )
    if np.spacing(abs(offset)) > 0.1 * OPTIMAL * margin:
        return Verdict.UNDECIDED, f"{reason}: doubles near the offset are too far apart; centre x"
    return Verdict.UNDECIDED, f"{reason}: the conic solver came no nearer"


def _proposed(Z: Matrix, y: Vector) -> Vector:
    """Return multipliers of both hulls by a conic solver: the points where these are nearest."""
    import clarabel
    from scipy import sparse

    m, d = Z.shape
    # coordinates in the span of the data: of m numbers at most
    rows = Z if m >= d else np.transpose(np.linalg.qr(Z.T, mode="r"))
    k = rows.shape[1]
    signed = y[:, None] * rows
    # variables λ and u = Σ λ y x; minimise ½ ‖u‖²
    P = sparse.diags_array(np.concatenate([np.zeros(m), np.ones(k)]))
    sums = np.stack([y > 0.0, y < 0.0]).astype(np.float64)
    A = np.zeros((2 + k + m, m + k))
    A[:2, :m] = sums
    A[2 : 2 + k, :m] = signed.T
    A[2 : 2 + k, m:] = -np.eye(k)
    A[2 + k :, :m] = -np.eye(m)
    right = np.concatenate([np.ones(2), np.zeros(k + m)])
    cones = [clarabel.ZeroConeT(2 + k), clarabel.NonnegativeConeT(m)]
    answer = answered(P, np.zeros(m + k), A, right, cones, _GOAL)
    found = np.maximum(answer.x[:m], 0.0)
    # whatever was proposed, they are made to sum to 1
    for label in (1.0, -1.0):
        mine = y == label
        total = float(found[mine].sum())
        found[mine] = found[mine] / total if total > 0.0 else 1.0 / np.sum(mine)
    return np.asarray(found)


def _not_separable() -> ValueError:
    return ValueError(
        "`sample` must be separated by a half space, got none: the hulls of both labels meet, or"
        " nearly do; the nearest neighbour fits every sample"
    )
