"""What the data between two stops of the dual path allow: which pairs of stops are compared, and
the half-planes in which the steps between them must lie.
"""

import math
from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel
from univariate.standing.kernels.stops import Stops

EMPTY = 256  # no data between two stops
THIN = 2.0**-10  # the tangent of a small angle


class Pairs(NamedTuple):
    """Pairs of neighbouring stops, and the data that bound the cones between them."""

    far: np.ndarray  # (q,) the stop on the right
    near: np.ndarray  # (q,) the one on the left
    datum: np.ndarray  # (q, 4) first and last active one of label +1, then of −1; −1 if none
    facing: np.ndarray  # (q,) which rays have all others on one side, see `facets`


class Planes(NamedTuple):
    """Half-planes normal·(point of `near` − point of `far`) ≥ 0, points at slope·S + offset."""

    far: np.ndarray  # (p,) the cell of a stop
    near: np.ndarray  # (p,)
    normal: np.ndarray  # (p, 2)
    slope: np.ndarray  # (p, 2)
    offset: np.ndarray  # (p,)


@kernel
def between(position, far, near):
    """The first and the last datum between two stops."""
    return position[near] // 2, (position[far] - 1) // 2


@kernel
def widest(
    stops: Stops, far: np.ndarray, near: np.ndarray, active: np.ndarray, enough: float
) -> float:
    """How far pairs of stops of one slope are apart, in the larger coordinate, without active data
    between; the first that is beyond `enough`, if there is one. Cost O(q + m).
    """
    slope = stops.slope
    offset = stops.offset
    found = 0.0
    for c in range(len(far)):
        f = far[c]
        n = near[c]
        if slope[f] != slope[n]:
            continue
        apart = max(abs(offset[n, 0] - offset[f, 0]), abs(offset[n, 1] - offset[f, 1]))
        if apart <= found:
            continue
        low, high = between(stops.position, f, n)
        while low <= high and not active[low]:
            low += 1
        if low > high:
            found = apart
            if found > enough:
                break
    return found


@kernel
def rays_between(low, high, y, active, datum):
    """The outermost active data of each label from `low` to `high`, into datum (4,)."""
    datum[:] = -1
    for i in range(low, high + 1):
        if active[i]:
            side = 0 if y[i] > 0.0 else 2
            if datum[side] < 0:
                datum[side] = i
            datum[side + 1] = i


@kernel
def is_ray(datum, r):
    """Whether there is a ray r; the only datum of a label is both the first and the last one, and
    counts once.
    """
    return datum[r] >= 0 and (r % 2 == 0 or datum[r] != datum[r - 1])


@kernel
def facets(x, y, datum):
    """Which rays y (x, 1) have all other rays of their cone on one side, in bits 2r + k; `EMPTY`
    without any ray.

    The sides are those to which the normal y (−1, x) of a ray, k = 0, and its opposite, k = 1,
    point.
    """
    found = EMPTY
    for r in range(4):
        if is_ray(datum, r):
            i = datum[r]
            found &= EMPTY - 1
            sides = 3
            for other in range(4):
                k = datum[other]
                if k >= 0 and x[k] != x[i]:
                    ahead = (x[i] > x[k]) == (y[i] == y[k])
                    sides &= 1 if ahead else 2
            found |= sides << (2 * r)
    return found


@kernel
def single(x, datum):
    """A datum of a cone that has just one, or of one label but hardly apart, else −1.

    A thin cone is nearly all of a line to its facets, which see its beginning in the last digits.
    """
    label = 0 if datum[2] < 0 else 2
    first = datum[label]
    last = datum[label + 1]
    if datum[2 - label] >= 0 or first < 0:
        return -1
    thin = x[last] - x[first] <= THIN * (1.0 + x[first] * x[last])
    return first if thin or first == last else -1


@kernel
def begins(position, far, near):
    """Whether a single ray between two stops has a beginning: two kinks on one datum have no
    order.
    """
    return position[far] != position[near] or position[far] % 2 == 0


@kernel
def look_between(
    x: np.ndarray, y: np.ndarray, active: np.ndarray, position: np.ndarray, pairs: Pairs
) -> int:
    """Write the data and facets of pairs; return how many half-planes they make.

    x, y, active : (m,) the data; position : (k,) of the stops, decreasing. Cost O(q + m).
    """
    count = 0
    for c in range(len(pairs.far)):
        low, high = between(position, pairs.far[c], pairs.near[c])
        datum = pairs.datum[c]
        rays_between(low, high, y, active, datum)
        facing = facets(x, y, datum)
        pairs.facing[c] = facing
        for bit in range(8):
            count += (facing >> bit) & 1
        if facing == EMPTY:
            count += 4
        elif single(x, datum) >= 0 and begins(position, pairs.far[c], pairs.near[c]):
            count += 1
    return count


@kernel
def met_at_zero(
    x: np.ndarray,
    y: np.ndarray,
    active: np.ndarray,
    stops: Stops,
    far: np.ndarray,
    near: np.ndarray,
    most: float,
) -> bool:
    """Whether S = 0 violates no condition between the pairs of stops by more than `most`: before
    normals are divided by their lengths, which are 1 at least. Cost O(q + m), less if it does.
    """
    datum = np.empty(4, np.int64)
    for c in range(len(far)):
        low, high = between(stops.position, far[c], near[c])
        rays_between(low, high, y, active, datum)
        a = stops.offset[near[c], 0] - stops.offset[far[c], 0]
        b = stops.offset[near[c], 1] - stops.offset[far[c], 1]
        facing = facets(x, y, datum)
        if facing == EMPTY and not max(abs(a), abs(b)) <= most:
            return False
        for bit in range(8):
            if (facing >> bit) & 1:
                i = datum[bit >> 1]
                if not (1.0 - 2.0 * (bit & 1)) * y[i] * (a - x[i] * b) <= most:
                    return False
        i = single(x, datum)
        alone = i >= 0 and begins(stops.position, far[c], near[c])
        if alone and not -y[i] * (x[i] * a + b) <= most:
            return False
    return True


@kernel
def put(stops, pairs, planes, p, c, normal):
    """Write half-plane p, of the pair c; return p + 1."""
    far = pairs.far[c]
    near = pairs.near[c]
    a, b = normal
    rise = stops.slope[near] - stops.slope[far]
    planes.far[p] = stops.cell[far]
    planes.near[p] = stops.cell[near]
    planes.normal[p, 0] = a
    planes.normal[p, 1] = b
    planes.slope[p, 0] = rise * a
    planes.slope[p, 1] = rise * b
    planes.offset[p] = a * (stops.offset[near, 0] - stops.offset[far, 0]) + b * (
        stops.offset[near, 1] - stops.offset[far, 1]
    )
    return p + 1


@kernel
def list_planes(x: np.ndarray, y: np.ndarray, stops: Stops, pairs: Pairs, planes: Planes) -> None:
    """Write the half-planes: of pairs without data, of rays, and of the beginnings of single
    rays. Normals are rounded.
    """
    p = 0
    count = len(pairs.far)
    for normal in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
        for c in range(count):
            if pairs.facing[c] == EMPTY:  # the points must agree
                p = put(stops, pairs, planes, p, c, normal)
    for bit in range(8):
        for c in range(count):
            if (pairs.facing[c] >> bit) & 1:
                i = pairs.datum[c, bit >> 1]
                scale = (1.0 - 2.0 * (bit & 1)) * (y[i] / math.hypot(1.0, x[i]))
                p = put(stops, pairs, planes, p, c, (-scale, scale * x[i]))
    for c in range(count):
        i = single(x, pairs.datum[c])
        if i >= 0 and begins(stops.position, pairs.far[c], pairs.near[c]):
            scale = y[i] / math.hypot(1.0, x[i])
            p = put(stops, pairs, planes, p, c, (scale * x[i], scale))
