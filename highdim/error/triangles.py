"""The clean error for d = 3: the part of the unit sphere on which N ≤ 0, enclosed by triangles.

A spherical triangle with corners P_i is the flat one seen from the centre: x = P/|P| with P = Σ λ_i
P_i, λ ≥ 0, Σ λ_i = 1, and |P|² = 1 − Σ_{i<j} λ_i λ_j |P_i − P_j|² ≥ ρ² = 1 − s²/3, s the longest
edge. Hence for any linear function

    a·x + c = (f + c (|P| − 1)) / |P|,    f = a·P + c linear in λ,    ρ ≤ |P| ≤ 1:

its sign is that of f but for a strip of width O(s²), and its values exceed those at the corners by
(1/ρ − 1) max |a·P_i| at most. Neurons that keep their sign on a triangle add up to such a function;
the others, loose ones, are between 0 and their largest value, and widen the strip. The solid angle
has the density D/|P|³ on the flat triangle, D the distance of its plane, which is nearly constant:
the share of the triangle on which f ≤ t, a quadratic in t, gives the share of its solid angle up to
the factor ρ^−3.

So triangles are decided, or enclosed to O(s²) where N is linear; the widest enclosures are cut into
four until their sum is small. What stays wide are triangles in which N vanishes where a neuron
switches, or on an open set where neurons cancel. Source: new; the solid angle of a triangle: Van
Oosterom and Strackee, IEEE Trans. Biomed. Eng. 30 (1983).
"""

from math import fsum, pi
from typing import NamedTuple

import numpy as np

from highdim.error.form import Form
from highdim.error.triangle_parts import error_parts
from univariate.common.arrays import Indices, Matrix, Vector
from univariate.common.tolerance import UNIT_ROUNDOFF

PRECISION = 1e-6  # half width of the enclosure, relative, at which it is narrow enough
CELLS = 400_000  # triangles that are looked at, at most
NEURONS = 40_000_000  # times triangles, at most
FINEST = 2.0**-36  # edges
BLOCK = 1 << 20  # numbers in an array
LEFT = 0.25  # of the wanted width, that triangles may hold which are not cut


class Sphere(NamedTuple):
    """Shares of the unit sphere of R^3 on which N ≤ 0, and the triangles that were looked at."""

    value: float
    low: float
    high: float
    cells: int


class _Cells(NamedTuple):
    """Triangles, their solid angles, the rounding of these, and the parts of them with N ≤ 0."""

    corners: Matrix  # (k, 3, 3)
    size: Vector
    rounding: Vector
    low: Vector
    middle: Vector
    high: Vector

    def take(self, chosen: Indices) -> "_Cells":
        """Return some of them."""
        return _Cells(*(part[chosen] for part in self))

    def joined(self, other: "_Cells") -> "_Cells":
        """Return these and others."""
        return _Cells(*map(np.concatenate, zip(self, other, strict=True)))


def error_on_sphere(form: Form, precision: float = PRECISION, cells: int = CELLS) -> Sphere:
    """Return an enclosure of the share of the sphere of R^3 on which N ≤ 0.

    It is rigorous, rounding included. Its half width is at most `precision` of the value, unless
    `cells` triangles, or fewer for wide nets, do not suffice.
    """
    cells = min(cells, NEURONS // form.width)
    found = _cells(form, _octahedron())
    looked_at = len(found.size)
    while looked_at < cells:
        gaps = found.size * (found.high - found.low)
        wanted = precision * float(found.size @ (found.low + found.high))
        if gaps.sum() <= wanted:
            break
        cut = _widest(gaps, LEFT * wanted, (cells - looked_at) // 4 + 1)
        cut = cut[found.size[cut] > FINEST**2]
        if len(cut) == 0:
            break
        parts = _cells(form, _quartered(found.corners[cut]))
        looked_at += len(parts.size)
        found = found.take(np.delete(np.arange(len(gaps)), cut)).joined(parts)
    rounding = float(found.rounding.sum())
    # what is nowhere in doubt and nowhere an error is none, whatever the rounding
    low, middle, high = (
        fsum(found.size * part) / (4.0 * pi) for part in (found.low, found.middle, found.high)
    )
    low = max(low - rounding, 0.0) if np.any(found.low < 1.0) else 1.0
    high = min(high + rounding, 1.0) if np.any(found.high > 0.0) else 0.0
    return Sphere(min(max(middle, low), high), low, high, looked_at)


def _widest(gaps: Vector, left: float, most: int) -> Indices:
    """Return which triangles to cut: all but the least gaps that add up to `left`."""
    order = np.argsort(gaps, kind="stable")
    first = int(np.searchsorted(np.cumsum(gaps[order]), left, side="right"))
    return order[max(first, len(order) - most) :]


def _octahedron() -> Matrix:
    """Return eight triangles, (8, 3, 3), none of whose edges is likely to lie where neurons switch.

    Their axes are those of the quaternion 1 + i/√2 + j/√3 + k/√5.
    """
    signs = np.array(np.meshgrid(*[[1.0, -1.0]] * 3)).reshape(3, -1).T
    w, x, y, z = np.array([1.0, *1.0 / np.sqrt([2.0, 3.0, 5.0])]) / np.sqrt(1.0 + 31.0 / 30.0)
    axes = np.array(
        [
            [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
            [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
            [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
        ]
    )
    return np.asarray(signs[:, :, None] * axes)


def _quartered(corners: Matrix) -> Matrix:
    """Cut triangles at the middles of their edges, (4 k, 3, 3)."""
    middles = corners + np.roll(corners, -1, axis=1)  # of corners 0 1, 1 2, 2 0
    middles /= np.linalg.norm(middles, axis=2)[:, :, None]
    at = [corners[:, i] for i in range(3)] + [middles[:, i] for i in range(3)]
    picks = ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5))
    return np.concatenate([np.stack([at[i] for i in pick], axis=1) for pick in picks])


def _cells(form: Form, corners: Matrix) -> _Cells:
    """Measure triangles and enclose the parts of them with N ≤ 0."""
    edges = np.roll(corners, -1, axis=1) - corners
    longest = np.sqrt(np.max(np.sum(edges**2, axis=2), axis=1)) * (1.0 + 4.0 * UNIT_ROUNDOFF)
    normal = np.cross(edges[:, 0], edges[:, 1])
    volume = np.abs(np.sum(normal * corners[:, 0], axis=1))
    around = np.sum(corners * np.roll(corners, -1, axis=1), axis=(1, 2))
    size = 2.0 * np.arctan2(volume, 1.0 + around)
    parts = np.empty((3, len(size)))
    rows = max(1, BLOCK // (3 * form.width))
    for start in range(0, len(size), rows):
        block = slice(start, start + rows)
        parts[:, block] = error_parts(form, corners[block], longest[block])
    # middles of edges lie beside these by a rounding, and corners beside the sphere
    rounding = UNIT_ROUNDOFF * (8.0 * longest + 64.0 * size) / (4.0 * pi)
    return _Cells(corners, size, rounding, *parts)
