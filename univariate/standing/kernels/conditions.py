"""What the data between two stops of the dual path allow: which pairs of stops are compared, and
the half-planes in which the steps between them must lie.
"""

import math
from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel


class Rays(NamedTuple):
    """The data that bound the cones of q pairs of stops."""

    datum: np.ndarray  # (4, q) first and last active one of label +1, then of label −1
    present: np.ndarray  # (4, q) whether there is one


class Planes(NamedTuple):
    """Half-planes normal·(point of `near` − point of `far`) ≥ 0, points at slope·S + offset."""

    pair: np.ndarray  # (p,) index of the pair of stops
    normal: np.ndarray  # (p, 2)
    slope: np.ndarray  # (p, 2)
    offset: np.ndarray  # (p,)


@kernel
def groups(position: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Begin of each run of stops at one position, with len(position) appended, (g + 1,); and the
    first stop of the other slope in runs on a datum, −1 if there is none, (g,).
    """
    start = np.empty(len(position) + 1, np.int64)
    other = np.full(len(position), -1)
    g = 0
    for i in range(len(position)):
        if i == 0 or position[i] != position[i - 1]:
            start[g] = i
            g += 1
        elif other[g - 1] < 0 and position[i] % 2 == 1 and slope[i] != slope[start[g - 1]]:
            other[g - 1] = i
    start[g] = len(position)
    return start[: g + 1], other[:g]


@kernel
def neighbours(position: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (far, near) of stops whose difference is a condition, (q,) each.

    position : (k,) decreasing; slope : (k,). They are neighbours at one position, or from one
    position to the next. In a gap all points must agree, so its last stop is compared with the next
    position, and its first with the one before. On a datum the order of right- and left-oriented
    kinks depends on S, so the first stop of each orientation is compared with both.
    """
    start, other = groups(position, slope)
    far = np.empty(len(position) + 4 * len(other), np.int64)
    near = np.empty(len(position) + 4 * len(other), np.int64)
    q = 0
    for i in range(1, len(position)):
        if position[i] == position[i - 1]:
            far[q], near[q] = i - 1, i
            q += 1
    for leaving in range(2):
        for entering in range(2):
            for g in range(len(other) - 1):
                begin = start[g]
                first = begin if position[begin] % 2 == 1 else start[g + 1] - 1
                out = other[g] if leaving else first
                into = other[g + 1] if entering else start[g + 1]
                if out >= 0 and into >= 0:
                    far[q], near[q] = out, into
                    q += 1
    return far[:q], near[:q]


@kernel
def between(position, far, near):
    """The first and the last datum between two stops."""
    return position[near] // 2, (position[far] - 1) // 2


@kernel
def widest(
    position: np.ndarray, slope: np.ndarray, offset: np.ndarray, active: np.ndarray
) -> float:
    """How far neighbouring stops of one slope are apart, in the larger coordinate, without active
    data between. Cost O(k + m).
    """
    far, near = neighbours(position, slope)
    found = 0.0
    for c in range(len(far)):
        f = far[c]
        n = near[c]
        if slope[f] != slope[n]:
            continue
        apart = max(abs(offset[n, 0] - offset[f, 0]), abs(offset[n, 1] - offset[f, 1]))
        if apart <= found:
            continue
        low, high = between(position, f, n)
        while low <= high and not active[low]:
            low += 1
        if low > high:
            found = apart
    return found


@kernel
def rays_between(position, far, near, y, active):
    """The outermost active data of each label between the stops of every pair."""
    datum = np.zeros((4, len(far)), np.int64)
    present = np.zeros((4, len(far)), np.bool_)
    for c in range(len(far)):
        low, high = between(position, far[c], near[c])
        for i in range(low, high + 1):
            if active[i]:
                side = 0 if y[i] > 0.0 else 2
                if not present[side, c]:
                    datum[side, c] = i
                    present[side, c] = True
                datum[side + 1, c] = i
                present[side + 1, c] = True
    return Rays(datum, present)


@kernel
def facets(x: np.ndarray, y: np.ndarray, rays: Rays) -> np.ndarray:
    """Which rays y (x, 1) have all other rays of their cone on one side, (4, 2, q) bool.

    The sides are those to which the normal y (−1, x) of a ray, and its opposite, point. The only
    datum of a label is both the first and the last one, and counts once.
    """
    found = np.zeros((4, 2, rays.datum.shape[1]), np.bool_)
    for c in range(rays.datum.shape[1]):
        for r in range(4):
            i = rays.datum[r, c]
            if not rays.present[r, c] or (r % 2 == 1 and i == rays.datum[r - 1, c]):
                continue
            found[r, 0, c] = True
            found[r, 1, c] = True
            for other in range(4):
                k = rays.datum[other, c]
                if rays.present[other, c] and x[k] != x[i]:
                    ahead = (x[i] > x[k]) == (y[i] == y[k])
                    found[r, int(ahead), c] = False
    return found


@kernel
def lonely(rays):
    """The only datum of every cone that has just one, −1 elsewhere; −2 where there is none."""
    found = np.full(rays.datum.shape[1], -2)
    for c in range(len(found)):
        for r in range(4):
            if rays.present[r, c]:
                i = rays.datum[r, c]
                found[c] = i if found[c] == -2 or found[c] == i else -1
    return found


@kernel
def put(planes, p, c, a, b):
    """Write plane p, of the pair c and with the normal (a, b); return p + 1."""
    planes.pair[p] = c
    planes.normal[p, 0] = a
    planes.normal[p, 1] = b
    return p + 1


@kernel
def list_planes(x, y, rays, facing, single, ordered, planes):
    """Write the half-planes: of pairs without data, of rays, and of the beginnings of single
    rays.
    """
    p = 0
    for a, b in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
        for c in range(len(single)):
            if single[c] == -2:  # no data between: the points must agree
                p = put(planes, p, c, a, b)
    for r in range(4):
        for k in range(2):
            for c in range(len(single)):
                if facing[r, k, c]:
                    i = rays.datum[r, c]
                    scale = (1.0 - 2.0 * k) * (y[i] / math.hypot(1.0, x[i]))
                    p = put(planes, p, c, -scale, scale * x[i])
    for c in range(len(single)):
        i = single[c]
        if i >= 0 and ordered[c]:
            scale = y[i] / math.hypot(1.0, x[i])
            p = put(planes, p, c, scale * x[i], scale)
    return p


@kernel
def half_planes(
    x: np.ndarray,
    y: np.ndarray,
    active: np.ndarray,
    position: np.ndarray,
    slope: np.ndarray,
    offset: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, Planes]:
    """The pairs of stops (far, near) and their conditions.

    x, y, active : (m,) the data; position : (k,) decreasing; slope : (k,); offset : (k, 2) of the
    stops. Cost O(k + m). Normals are rounded.
    """
    far, near = neighbours(position, slope)
    rays = rays_between(position, far, near, y, active)
    facing = facets(x, y, rays)
    single = lonely(rays)
    # a single ray has a beginning; two kinks on one datum have no order
    ordered = np.empty(len(far), np.bool_)
    for c in range(len(far)):
        at = position[far[c]]
        ordered[c] = at != position[near[c]] or at % 2 == 0
    most = 4 * np.sum(single == -2) + np.sum(facing) + len(far)
    planes = Planes(
        np.empty(most, np.int64), np.empty((most, 2)), np.empty((most, 2)), np.empty(most)
    )
    count = list_planes(x, y, rays, facing, single, ordered, planes)
    for p in range(count):
        f = far[planes.pair[p]]
        n = near[planes.pair[p]]
        rise = slope[n] - slope[f]
        a = planes.normal[p, 0]
        b = planes.normal[p, 1]
        planes.slope[p, 0] = rise * a
        planes.slope[p, 1] = rise * b
        planes.offset[p] = a * (offset[n, 0] - offset[f, 0]) + b * (offset[n, 1] - offset[f, 1])
    found = Planes(
        planes.pair[:count], planes.normal[:count], planes.slope[:count], planes.offset[:count]
    )
    return far, near, found
