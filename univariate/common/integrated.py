"""The integral of a pdf: a cdf, an sf and quantiles, for families of someone's own that have a pdf
and no cdf.

scipy integrates such a pdf anew for each number, from an end of the support: where a pdf jumps, as
beside a gap, it was off by 1e-5 and no longer increased, and far out in a long tail it missed the
whole law. Here the support is halved until a pdf is a polynomial of degree 24 to rounding on each
piece, Chebyshev's interpolant, whose integral is another one. Jumps and poles end in pieces that
hold less than 1e-18. What a piece may be off by is told by its last coefficients; where it is no
polynomial, by all that it may hold.
"""

from collections.abc import Callable
from math import isfinite
from typing import Any, Final, NamedTuple

import numpy as np

from univariate.common.arrays import Mask, Matrix, Vector

_DEGREE: Final = 24
_RESOLVED: Final = 2.0**-46  # of a piece, what the last coefficients may hold
_ULPS: Final = 2.0**-50
_ROUNDED: Final = 2.0**-51  # of a piece
_REST: Final = 4.0  # what is left out, in last coefficients
_NOTHING: Final = 1e-18  # a probability that is left as it is
_ROUGH: Final = 4096  # pieces at a time, of a pdf that noise or a table makes rough
_LOOSER: Final = 16.0
_MORE: Final = 4.0  # waves in a long tail are ever more pieces, of ever less
_ROUNDS: Final = 2200  # to halve the longest line down to the least double
_BISECTIONS: Final = 60
_STEPS: Final = 64  # of a finite support
_NEAR: Final = -np.arange(7.0, 100.0)  # powers of 2 of its length, beside its ends
_FAR: Final = np.concatenate([np.arange(-60.0, -12.0), np.arange(-12.0, 40.0, 0.125)])
_OUT: Final = np.arange(40.0, 1023.0)  # powers of 2 of where a line is cut

_ANGLES: Final = np.pi * np.arange(_DEGREE + 1) / _DEGREE
_NODES: Final = -np.cos(_ANGLES)  # ends included, so that no jump hides beside them


def _transform() -> Matrix:
    """Return the matrix of values at nodes to coefficients of Chebyshev's polynomials."""
    half = np.ones(_DEGREE + 1)
    half[[0, -1]] = 0.5
    degrees = np.arange(_DEGREE + 1)
    signs = (-1.0) ** degrees
    cosines = np.cos(np.outer(degrees, _ANGLES))
    return np.asarray(2.0 / _DEGREE * (signs * half)[:, None] * cosines * half)


def _integration() -> Matrix:
    """Return the matrix of coefficients to those of the integral from −1 on."""
    found = np.zeros((_DEGREE + 2, _DEGREE + 1))
    for degree in range(1, _DEGREE + 2):
        found[degree, degree - 1] = 0.5 / degree
        if degree < _DEGREE:
            found[degree, degree + 1] = -0.5 / degree
    found[1, 0] = 1.0
    found[0] = -((-1.0) ** np.arange(_DEGREE + 2)) @ found
    return found


_TRANSFORM: Final = _transform()
_INTEGRATION: Final = _integration()


class Integral(NamedTuple):
    """The integral of a pdf that is a polynomial between edges."""

    edges: Vector  # (k + 1,)
    series: Matrix  # (k, n), coefficients on each piece, 0 at its left end
    below: Vector  # (k + 1,) up to each edge
    above: Vector  # (k + 1,) from each edge on
    off: Vector  # (k,) what each piece may be off by, as far as the pdf was seen

    @property
    def total(self) -> float:
        """The integral over the support."""
        return float(self.below[-1])

    def cdf(self, x: Any) -> Any:
        """Return the integral up to x."""
        piece, place = self._found(x)
        part = np.where(place > -1.0, _value(self.series[piece], place), 0.0)
        return np.where(place < 1.0, self.below[piece] + part, self.below[piece + 1])[()]

    def sf(self, x: Any) -> Any:
        """Return the integral from x on."""
        piece, place = self._found(x)
        series = self.series[piece]
        part = np.where(place < 1.0, series.sum(axis=-1) - _value(series, place), 0.0)
        return np.where(place > -1.0, self.above[piece + 1] + part, self.above[piece])[()]

    def error(self, start: Vector, end: Vector) -> float:
        """Return what the sum of the integrals over disjoint intervals may be off by, as far as the
        pdf was seen: what is off where they lie, or in the tails that hold them.
        """
        if not len(start):
            return 0.0
        first, last = self._found(start)[0], self._found(end)[0]
        below = np.cumsum(self.off)[last]
        above = np.cumsum(self.off[::-1])[::-1][first]
        return min(float(np.sum(np.minimum(below, above))), 2.0 * float(np.sum(self.off)))

    def ppf(self, q: Any) -> Any:
        """Return where the integral is the share q of all, by bisection."""
        level = np.asarray(q, dtype=np.float64) * self.total
        piece = np.searchsorted(self.below, level, side="right") - 1
        piece = np.clip(piece, 0, len(self.series) - 1)
        rest = level - self.below[piece]
        # summed by degrees, each of which lies together
        series = np.asfortranarray(self.series[piece])
        low, high = np.full(piece.shape, -1.0), np.full(piece.shape, 1.0)
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            less = _value(series, middle) < rest
            low, high = np.where(less, middle, low), np.where(less, high, middle)
        start, end = self.edges[piece], self.edges[piece + 1]
        # from the nearer end, which tells more places near it
        left, right = 0.5 * (1.0 + high), 0.5 * (1.0 - high)
        found = np.where(high < 0.0, start + left * (end - start), end - right * (end - start))
        found = np.where(level <= 0.0, self.edges[0], found)
        return np.where(level >= self.total, self.edges[-1], found)[()]

    def _found(self, x: Any) -> tuple[Any, Vector]:
        """Return the pieces that hold numbers, and where in [−1, 1] of them."""
        at = np.asarray(x, dtype=np.float64)
        piece = np.searchsorted(self.edges, at, side="right") - 1
        piece = np.clip(piece, 0, len(self.series) - 1)
        start, end = self.edges[piece], self.edges[piece + 1]
        place = ((at - start) - (end - at)) / (end - start)
        return piece, np.clip(place, -1.0, 1.0)


def integral(
    pdf: Callable[[Vector], Vector], ends: tuple[float, float], finer: int = 1
) -> Integral:
    """Return the integral of a pdf, a function of arrays, over a support whose ends may be
    infinite. Where the pdf is NaN it is taken for 0. What lies between the nodes of the first
    pieces is not seen; `finer` is in how many these are cut.

    Rounded; `error` is estimated from the last coefficients of each piece, and no bound. Cost
    25 values of the pdf for every piece that is looked at, hundreds of them for smooth ones.
    """
    coarse = _first_edges(ends)
    cut = np.arange(finer * (len(coarse) - 1) + 1) / finer
    edges = np.unique(np.interp(cut, np.arange(len(coarse)), coarse))
    starts, stops = edges[:-1], edges[1:]
    done: list[tuple[Vector, Vector, Matrix, Vector]] = []
    resolved, nothing = _RESOLVED, _NOTHING
    for _ in range(_ROUNDS):
        if not len(starts):
            break
        middles = 0.5 * starts + 0.5 * stops
        halves = 0.5 * stops - 0.5 * starts
        values, known = _asked(pdf, middles, halves)
        series = halves[:, None] * (values @ _TRANSFORM.T)
        size = halves * values.max(axis=1, initial=0.0)
        # nodes are rounded, which a narrow piece far from 0 feels
        rounded = _ULPS * np.maximum(np.abs(starts), np.abs(stops)) / halves
        rest = np.abs(series[:, -3:]).max(axis=1)
        smooth = known & (rest <= (resolved + rounded) * size)
        ready = smooth | (size <= nothing) | (middles <= starts) | (middles >= stops)
        off = np.where(smooth, _REST * rest + _ROUNDED * size, 2.0 * size)
        done.append((starts[ready], stops[ready], series[ready], off[ready]))
        starts, middles, stops = starts[~ready], middles[~ready], stops[~ready]
        starts, stops = np.concatenate([starts, middles]), np.concatenate([middles, stops])
        if len(starts) > _ROUGH:
            resolved *= _LOOSER
            nothing *= _MORE
    return _joined(*map(np.concatenate, zip(*done, strict=True)))


def _first_edges(ends: tuple[float, float]) -> Vector:
    """Return where the support is cut first: finely enough to see where a law lies."""
    low, high = ends
    if isfinite(low) and isfinite(high):
        length = high - low
        near = length * 2.0**_NEAR
        parts = [low + length * np.arange(1, _STEPS) / _STEPS, low + near, high - near]
        inside = np.concatenate(parts)
        return np.unique(np.concatenate([[low], inside[(inside > low) & (inside < high)], [high]]))
    out = 2.0 ** np.concatenate([_FAR, _OUT])
    right = [] if isfinite(high) else [(low if isfinite(low) else 0.0) + out]
    left = [] if isfinite(low) else [(high if isfinite(high) else 0.0) - out]
    middle = [end for end in ends if isfinite(end)] or [0.0]
    return np.unique(np.concatenate([*left, middle, *right]))


def _asked(pdf: Callable[[Vector], Vector], middles: Vector, halves: Vector) -> tuple[Matrix, Mask]:
    """Return the values at the nodes of pieces, and where all of them are finite. An infinite one
    is taken for the largest beside it.
    """
    nodes = middles[:, None] + halves[:, None] * _NODES
    # ends as they are, whatever rounds: one beyond the support is 0
    nodes[:, 0], nodes[:, -1] = middles - halves, middles + halves
    with np.errstate(all="ignore"):
        found = np.asarray(pdf(nodes.ravel()), dtype=np.float64).reshape(nodes.shape)
    found = np.where(np.isnan(found), 0.0, found)
    infinite = np.isinf(found)
    largest = np.where(infinite, 0.0, found).max(axis=1, keepdims=True)
    return np.asarray(np.where(infinite, largest, found)), ~np.any(infinite, axis=1)


def _joined(starts: Vector, stops: Vector, series: Matrix, off: Vector) -> Integral:
    """Return pieces in order, each integrated, and their sums from both sides."""
    order = np.argsort(starts)
    parts = series[order] @ _INTEGRATION.T
    masses = np.asarray(parts.sum(axis=1), dtype=np.longdouble)
    below = np.concatenate([[0.0], np.cumsum(masses)])
    above = np.concatenate([[0.0], np.cumsum(masses[::-1])])[::-1]
    edges = np.append(starts[order], stops[order[-1]])
    sums = below.astype(np.float64), above.astype(np.float64)
    return Integral(edges, parts, *sums, off[order])


def _value(series: Matrix, place: Vector) -> Vector:
    """Return sums of Chebyshev's polynomials, a row of coefficients for each place (Clenshaw)."""
    twice = 2.0 * place
    one = two = np.zeros(np.shape(place))
    for degree in range(_DEGREE + 1, 0, -1):
        one, two = series[..., degree] + twice * one - two, one
    return np.asarray(series[..., 0] + place * one - two)
