"""Quantiles of many levels at once, of a cdf that takes arrays: inf {x : F(x) ≥ q}, to a double.

A root search for every level by itself asks the cdf one number at a time. Here all brackets shrink
together: by secants, by secants of twice the length, which bring in the other end, and by halving
where these do little, at last of the doubles that are left between the ends.
"""

from collections.abc import Callable
from math import inf, isfinite, isinf, nan
from typing import Any, Final, NamedTuple

import numpy as np

from univariate.common.arrays import Vector

Cdf = Callable[[Vector], Any]

_FACTOR: Final = 10.0  # from one rung to the next, where a support has no end
_PART: Final = 2**13  # levels at a time, as a cdf may ask all its data for each
_CYCLES: Final = 800  # of three steps; doubles are halved in every fourth
_ENOUGH: Final = 0.25  # of a bracket, left by the secants of a cycle
_DOUBLES: Final = 4
_FEWER: Final = 0.75  # of the brackets open, that are copied
_NONE: Final = np.empty(0)
_SIGN: Final = np.iinfo(np.int64).min


class _Brackets(NamedTuple):
    """Brackets F(low) < q ≤ F(high), with the differences to q."""

    index: Any
    level: Vector
    low: Vector
    high: Vector
    below: Vector
    above: Vector

    def of(self, which: Any) -> "_Brackets":
        """Return some of them."""
        return _Brackets(*(part[which] for part in self))


def quantiles(cdf: Cdf, levels: Vector, ends: tuple[float, float], known: Vector = _NONE) -> Vector:
    """Return the quantiles of a law with the support [a, b], whose ends may be infinite, at levels
    in (0, 1), shape (k,). NaN where the cdf gives no number on the way, or never has the level.

    Where rounding makes a cdf fall, one of the places where it passes the level. Quantiles that are
    known, as of a few levels, begin brackets.
    """
    found = np.full(levels.shape, nan)
    if not levels.size:
        return found
    with np.errstate(all="ignore"):
        rungs = _rungs(cdf, levels, ends, known)
        for start in range(0, levels.size, _PART):
            part = slice(start, start + _PART)
            _shrink(cdf, _bracketed(levels[part], *rungs), found[part])
    return found


def _rungs(
    cdf: Cdf, levels: Vector, ends: tuple[float, float], known: Vector
) -> tuple[Vector, Vector]:
    """Return points that hold all quantiles between them, and the cdf there."""
    left, right = ends
    outward = known.tolist()
    if isinf(left):
        left = min(-_FACTOR, right)
        outward += _outward(cdf, left, lambda share: share >= levels.min())
    if isinf(right):
        right = max(_FACTOR, left)
        outward += _outward(cdf, right, lambda share: share < levels.max())
    points = np.unique([left, right, *outward])
    shares = _asked(cdf, points)
    told = ~np.isnan(shares)
    return points[told], np.maximum.accumulate(shares[told])


def _outward(cdf: Cdf, start: float, is_inside: Callable[[float], bool]) -> list[float]:
    """Return points ever farther out, as long as the cdf says that a quantile may lie beyond."""
    points = [start]
    while is_inside(float(_asked(cdf, np.array(points[-1:]))[0])):
        farther = _FACTOR * points[-1]
        if not isfinite(farther):
            break
        points.append(farther)
    return points


def _bracketed(levels: Vector, points: Vector, shares: Vector) -> _Brackets:
    """Return the brackets of levels that have one."""
    after = np.searchsorted(shares, levels, side="left")
    index = np.flatnonzero((after > 0) & (after < len(points)))
    after, level = after[index], levels[index]
    below, above = shares[after - 1] - level, shares[after] - level
    return _Brackets(index, level, points[after - 1], points[after], below, above)


def _shrink(cdf: Cdf, now: _Brackets, found: Vector) -> None:
    """Shrink brackets to neighbouring doubles, and write the upper ones."""
    for cycle in range(_CYCLES):
        width = now.high - now.low
        for step in (_secant, _long_secant, _halving(width, cycle)):
            now = _after(cdf, now, step(now))
        lost = np.isnan(now.below) | np.isnan(now.above)
        closed = np.nextafter(now.low, inf) >= now.high
        found[now.index[closed & ~lost]] = now.high[closed & ~lost]
        is_open = ~(closed | lost)
        if np.count_nonzero(is_open) <= _FEWER * len(is_open):
            now = now.of(is_open)
        if not len(now.index):
            return


def _after(cdf: Cdf, now: _Brackets, points: Vector) -> _Brackets:
    """Return brackets with one end moved to points between them; NaN in those without a cdf."""
    off = _asked(cdf, points) - now.level
    is_upper = off >= 0.0
    return now._replace(
        low=np.where(is_upper, now.low, points),
        high=np.where(is_upper, points, now.high),
        below=np.where(is_upper, now.below, off),
        above=np.where(is_upper, off, now.above),
    )


def _secant(now: _Brackets) -> Vector:
    """Return where the lines through both ends have the levels."""
    share = now.below / (now.below - now.above)
    return _between(now, now.low + share * (now.high - now.low))


def _long_secant(now: _Brackets) -> Vector:
    """Return what is twice as far from the better end; the middle where that is half the way."""
    is_low = -now.below < now.above
    nearest = np.where(is_low, now.low, now.high)
    off = np.where(is_low, now.below, now.above)
    way = 2.0 * off / (now.above - now.below) * (now.high - now.low)
    far = np.abs(way) > 0.5 * (now.high - now.low)
    return _between(now, np.where(far | (off == 0.0), _middle(now), nearest - way))


def _halving(width: Vector, cycle: int) -> Callable[[_Brackets], Vector]:
    """Return the step that halves brackets that were hardly shrunk in a cycle."""

    def step(now: _Brackets) -> Vector:
        """Return the middles, by doubles now and then; secants in the other brackets."""
        if cycle % _DOUBLES == _DOUBLES - 1:
            return _between(now, _middle_double(now))
        little = now.high - now.low > _ENOUGH * width
        return np.where(little | (now.above == 0.0), _between(now, _middle(now)), _secant(now))

    return step


def _middle(now: _Brackets) -> Vector:
    return 0.5 * now.low + 0.5 * now.high


def _middle_double(now: _Brackets) -> Vector:
    """Return the doubles with as many doubles on both sides."""
    low, high = _ranks(now.low), _ranks(now.high)
    return _doubles((low & high) + ((low ^ high) >> 1))


def _ranks(x: Vector) -> Any:
    """Return integers in the order of doubles."""
    bits = x.view(np.int64)
    return np.where(bits < 0, _SIGN - bits, bits)


def _doubles(ranks: Any) -> Vector:
    return np.asarray(np.where(ranks < 0, _SIGN - ranks, ranks).view(np.float64))


def _between(now: _Brackets, points: Vector) -> Vector:
    """Return points inside brackets, those that are none in the middle."""
    inside = np.where(np.isfinite(points), points, _middle(now))
    inside = np.maximum(inside, np.nextafter(now.low, inf))
    return np.asarray(np.minimum(inside, np.nextafter(now.high, -inf)))


def _asked(cdf: Cdf, points: Vector) -> Vector:
    return np.asarray(cdf(points), dtype=np.float64)
