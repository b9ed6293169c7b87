"""The spline of a network: a ReLU net of scalar input is a continuous piecewise linear function.

A `Spline` is a value: knots, values there, slopes between. Its numbers are rounded, its signs at
the knots are those of the exact net, so that zero plateaus are zero. For exact measures of a net
use `clean_error`, which needs no spline.
"""

from bisect import bisect_left
from fractions import Fraction
from typing import Final

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.rounding import LARGEST, nearest, round_up
from univariate.error.curve import Spline
from univariate.problem.deep import ExactDeepNet
from univariate.problem.evaluation import FAR, sweep_net
from univariate.problem.exact import exact_net, keeping_sign, values_at_kinks
from univariate.problem.network import Network, ReluNet, require_network

SPREAD: Final = 900
"""Neurons further apart than 2^900, or smaller than 2^-900, are beyond the sweep."""
SMALLEST_NORMAL: Final = 2.0**-1022


def spline(net: Network) -> Spline:
    """Return the spline of a network of scalar input.

    Parameters
    ----------
    net : ReluNet or DeepReluNet
        Kinks beyond ±2^500 are treated as lying at infinity.

    Returns
    -------
    Spline
        Rounded, with bounds: knots and slopes to one unit in the last place, values to `errors`.

    Raises
    ------
    TypeError, ValueError
        No such network; values or slopes beyond the range of doubles, or a change of sign below it.

    Cost O(n log n) for a shallow net (plus exact arithmetic where a sign is in doubt); for a deep
    one, and where sizes of neurons differ by more than 2^900, O(knots · parameters) integer
    products at worst, as the pieces are exact. Source: Eq. (9), with the slope jump v|w| at a kink,
    whatever the sign of w.

    Examples
    --------
    >>> from univariate import ReluNet, spline
    >>> found = spline(ReluNet(v=[1.0, -2.0], w=[1.0, 1.0], b=[-0.25, -0.5]))
    >>> found.knots.tolist(), found.zeros().tolist()
    ([0.25, 0.5], [0.25, 0.75])
    """
    require_network(net)
    if isinstance(net, ReluNet) and not _wide(net):
        return _shallow_spline(net)
    return _exact_spline(net)


def _wide(net: ReluNet) -> bool:
    """Whether sizes of neurons leave the range in which the sweep sees all of them."""
    live = (net.v != 0.0) & ((net.w != 0.0) | (net.b != 0.0))
    if not np.any(live):
        return False
    inner = np.maximum(np.abs(net.w[live]), np.abs(net.b[live]))
    exponents = np.frexp(net.v[live])[1] + np.frexp(inner)[1]
    return bool(np.ptp(exponents) > SPREAD or exponents.min() < -SPREAD)


def _shallow_spline(net: ReluNet) -> Spline:
    lines, exponent = sweep_net(*net.parameters, -FAR, FAR)
    knots = lines.tau[1:-1]
    if len(knots) == 0:
        lines, exponent = sweep_net(*net.parameters, -FAR, FAR, np.zeros(1))
        knots = lines.tau[1:-1]
    with np.errstate(over="ignore", under="ignore"):
        values = np.ldexp(lines.before[1:-1], exponent)
        slopes = np.ldexp(lines.slope[:-1], exponent)
        doubt = np.ldexp(lines.error[1:-1] + lines.slack[1:-1], exponent)
    _require_finite(slopes, values)
    # two units: rounding to a subnormal, of the value and of the doubt
    errors = doubt + 2.0**-52 * np.abs(values) + (1e-323 if exponent else 0.0)
    uncertain = np.flatnonzero(np.abs(values) <= errors)
    if not uncertain.size:
        return Spline.trusted(knots, values, slopes, errors)
    first, last, errors[uncertain] = values_at_kinks(net, knots[uncertain])
    values[uncertain] = first
    ends = values.copy()
    ends[uncertain] = last
    return _with_twins(net, knots, values, ends, slopes, errors)


def _exact_spline(net: Network) -> Spline:
    """Return the exact pieces, rounded once."""
    exact = ExactDeepNet(net.layers)
    points, lines = exact.pieces(-FAR, FAR)
    bends = [k for k in range(1, len(lines)) if lines[k] != lines[k - 1]]
    # where there is no kink, the spline is anchored at 0
    kinks = [points[k] for k in bends] or [Fraction(0)]
    pieces = [lines[0], *(lines[k] for k in bends)] if bends else [lines[0], lines[0]]
    knots, first = np.unique(np.array([float(kink) for kink in kinks]), return_index=True)
    last = np.append(first[1:], len(kinks)) - 1
    heights = [slope * kink + rise for kink, (slope, rise) in zip(kinks, pieces, strict=False)]
    unit = exact.unit
    values = np.array([keeping_sign(heights[k] * unit) for k in first])
    ends = np.array([keeping_sign(heights[k] * unit) for k in last])
    slopes = np.array([nearest(pieces[k][0] * unit) for k in [0, *(last + 1)]])
    _require_finite(slopes, values)
    _require_finite(slopes, ends)
    _require_normal(slopes, values)
    errors = []
    for knot, value in zip(knots.tolist(), values.tolist(), strict=True):
        slope, rise = pieces[bisect_left(kinks, Fraction(knot))]
        here = (slope * Fraction(knot) + rise) * unit
        errors.append(round_up(abs(Fraction(value) - here)))
    return _with_twins(net, knots, values, ends, slopes, np.array(errors))


def _with_twins(
    net: Network, knots: Vector, values: Vector, ends: Vector, slopes: Vector, errors: Vector
) -> Spline:
    """Return a spline of knots to which kinks round, with N at the first and at the last of them.

    Where that differs by more than rounding, the knot is split in two neighbours if there is room.
    """
    twins = np.nextafter(knots, np.inf)
    split = np.abs(ends - values) > 2.0**-50 * np.maximum(np.abs(ends), np.abs(values))
    at = np.flatnonzero(split & (twins < np.append(knots[1:], np.inf)))
    if not at.size:
        return Spline.trusted(knots, values, slopes, errors)
    exact = exact_net(net)
    pairs = zip(twins[at].tolist(), ends[at].tolist(), strict=True)
    off = [round_up(abs(Fraction(value) - exact.value(twin))) for twin, value in pairs]
    with np.errstate(over="ignore"):
        steep = np.clip((ends[at] - values[at]) / (twins[at] - knots[at]), -LARGEST, LARGEST)
    return Spline.trusted(
        np.insert(knots, at + 1, twins[at]),
        np.insert(values, at + 1, ends[at]),
        np.insert(slopes, at + 1, steep),
        np.insert(errors, at + 1, off),
    )


def _require_finite(slopes: Vector, values: Vector) -> None:
    if not (np.isfinite(values).all() and np.isfinite(slopes).all()):
        raise ValueError(
            "`net` has values or slopes beyond the range of doubles, so it has no float spline;"
            " scale v down (clean_error needs no spline and is not affected)"
        )


def _require_normal(slopes: Vector, values: Vector) -> None:
    """Refuse changes of sign that a line through rounded numbers would misplace."""
    size = np.abs(values)
    inner = np.sign(values[:-1]) * np.sign(values[1:]) < 0.0
    lost = inner & (np.maximum(size[:-1], size[1:]) < SMALLEST_NORMAL)
    rays, starts = slopes[[0, -1]], values[[0, -1]]
    outer = np.sign(rays) * np.sign(starts) * np.array([1.0, -1.0]) > 0.0
    tiny = np.minimum(np.abs(rays), np.abs(starts)) < SMALLEST_NORMAL
    if np.any(lost) or np.any(outer & tiny):
        raise ValueError(
            "`net` changes sign between values below the normal range of doubles, so it has no"
            " float spline; scale v up (clean_error needs no spline and is not affected)"
        )
