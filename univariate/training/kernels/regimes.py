"""What becomes of kinks at data in an implicit step of the flow: cross, slide, or leave.

At a datum i of the other sign, y_i v_j < 0, the flow of a kink may point towards it from both
sides; the differential inclusion then holds the kink there, with the σ'_ij = `share` in [0, 1] that
keeps w_j x_i + b_j at 0. A step decides by the weights −ℓ'/L at its end, and by the way to the
datum since its beginning: a held kink whose share leaves [0, 1] may be let go to that side; a free
one that would cross such a datum is held unless the flow leads it on beyond, so if its share there
is above 0 for a kink from the active side, below 1 for one from the silent side. Data of a neuron's
own sign repel and are crossed.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel

FREE = -1


class Weighed(NamedTuple):
    """Data with weights first = −ℓ'/L, and sums (2, m + 1) of y first x and y first over i ≥ k and
    over i < k.
    """

    x: np.ndarray
    y: np.ndarray
    first: np.ndarray
    after: np.ndarray
    before: np.ndarray


@kernel
def sums(x: np.ndarray, y: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return `after` and `before`."""
    m = len(x)
    after = np.zeros((2, m + 1))
    before = np.zeros((2, m + 1))
    for i in range(m - 1, -1, -1):
        charge = y[i] * first[i]
        after[0, i] = after[0, i + 1] + charge * x[i]
        after[1, i] = after[1, i + 1] + charge
    for i in range(m):
        charge = y[i] * first[i]
        before[0, i + 1] = before[0, i] + charge * x[i]
        before[1, i + 1] = before[1, i] + charge
    return after, before


@kernel
def share_at(v, w, i, data, way=0.0):
    """σ' that keeps a kink on datum i: ż without it, over what the datum takes away; ±inf where
    that is nothing. `way` is the part of ż that led onto the datum since the step began.
    """
    k = i + 1 if w >= 0.0 else i
    table = data.after if w >= 0.0 else data.before
    drift = v * (data.x[i] * table[0, k] + table[1, k]) + way
    pull = -v * data.y[i] * data.first[i] * (data.x[i] * data.x[i] + 1.0)
    if pull > 0.0:
        return drift / pull
    return np.inf if drift > 0.0 else -np.inf


@kernel
def beyond(w, b, cone, x):
    """Where a kink lies that came from a cone: 0 still there, 1 ahead, −1 behind, 2 either."""
    m = len(x)
    back = (cone - 1) % (2 * m)
    z = w * x[cone % m] + b
    ahead = z < 0.0 if cone < m else z > 0.0
    z = w * x[back % m] + b
    behind = z > 0.0 if back < m else z < 0.0
    if ahead and behind:
        return 2
    return int(ahead) - int(behind)


@kernel
def cone_of(w, cell, m):
    """Return the cone that (w, b) is in.

    In a cone the same data are active; in the order of kinks they are 0 … m where w ≥ 0, and m …
    2m, which is 0 again, where w < 0. Datum i lies between i and i + 1, and m + i and m + i + 1.
    """
    return cell % (2 * m) if w >= 0.0 else (m + cell) % (2 * m)


@kernel
def cell_of(w, cone, m):
    """Return the cell of a cone, the nearest with this sign of w."""
    if w >= 0.0:
        if cone <= m:
            return cone
        return 0 if 2 * m - cone < cone - m else m
    if cone >= m:
        return cone - m
    return m if cone < m - cone else 0


@kernel
def cell_at(w, b, x):
    """Return the cell of a neuron, by its values at data."""
    m = len(x)
    for i in range(m):
        if (w * x[i] + b > 0.0) == (w >= 0.0):
            return i
    return m


@kernel
def keeps(v, w, i, active, way, data):
    """Whether a datum holds a kink that comes from its active or its silent side."""
    if v * data.y[i] >= 0.0:
        return False
    share = share_at(v, w, i, data, way)
    return share > 0.0 if active else share < 1.0


@kernel
def blocked(
    theta: np.ndarray,
    step: np.ndarray,
    cell: np.ndarray,
    held: np.ndarray,
    pace: np.ndarray,
    data: Weighed,
) -> int:
    """Hold, in place, free kinks that a step (3, n) would carry over the next datum if that keeps
    them, or if they lie on it; returns how many. pace : (2, n) w and b at first, over h.

    Kinks that lie on a datum come first, and no others are held with them: most were let go before
    and are held again, and the step that they all take together leads others astray.
    """
    m = len(data.x)
    on_data = 0
    caught = 0
    border = np.full(theta.shape[1], FREE)
    for j in np.flatnonzero(held == FREE):
        v = theta[0, j] + step[0, j]
        w = theta[1, j]
        cone = cone_of(w, cell[j], m)
        side = beyond(w + step[1, j], theta[2, j] + step[2, j], cone, data.x)
        if side in (0, 2):
            continue
        ray = cone if side > 0 else (cone - 1) % (2 * m)
        i = ray % m
        if (w >= 0.0) != (ray < m) or v * data.y[i] >= 0.0:
            continue
        way = pace[0, j] * data.x[i] + pace[1, j]
        if w * data.x[i] + theta[2, j] == 0.0:
            held[j] = i
            on_data += 1
        elif keeps(v, w, i, (side > 0) == (w >= 0.0), way, data):
            border[j] = i
            caught += 1
    if on_data > 0:
        return on_data
    for j in np.flatnonzero(border != FREE):
        held[j] = border[j]
    return caught


@kernel
def driven(v, w, i, way, data):
    """How fast |v z| of a held kink would grow, z its w x_i + b, were it let go; negative towards
    its silent side, 0 if it stays.
    """
    share = share_at(v, w, i, data, way)
    if 0.0 <= share <= 1.0 or np.isinf(share):
        return 0.0 if np.isfinite(share) else share
    pull = -v * data.y[i] * data.first[i] * (data.x[i] * data.x[i] + 1.0)
    return abs(v) * pull * (share - 1.0 if share > 1.0 else share)


@kernel
def drives(theta: np.ndarray, held: np.ndarray, pace: np.ndarray, data: Weighed) -> np.ndarray:
    """The sizes of what drives held kinks, (n,); 0 for free ones."""
    out = np.zeros(theta.shape[1])
    for j in np.flatnonzero(held != FREE):
        i = held[j]
        way = pace[0, j] * data.x[i] + pace[1, j]
        out[j] = abs(driven(theta[0, j], theta[1, j], i, way, data))
    return out


@kernel
def walked(v, w, b, cone, before, pace, data):
    """Follow a kink from its cone to (w, b): (cone, datum that catches it or FREE, data met)."""
    m = len(data.x)
    way = 0
    for met in range(2 * m):
        side = beyond(w, b, cone, data.x)
        if side == 2:
            side = way
            if way == 0:
                side = 1 if before[0] * b - before[1] * w <= 0.0 else -1
        if side in (0, -way):
            return cone, FREE, met
        way = side
        border = cone if side > 0 else (cone - 1) % (2 * m)
        i = border % m
        right = border < m
        along = w - data.x[i] * b  # of (w, b) along the ray of the border, to the right
        start = pace[0] * data.x[i] + pace[1]
        active = (side > 0) == right
        if (along > 0.0) == right and keeps(v, 1.0 if right else -1.0, i, active, start, data):
            return cone, i, met + 1
        cone = (cone + side) % (2 * m)
    return cone, FREE, 2 * m


@kernel
def advance(
    theta: np.ndarray,
    step: np.ndarray,
    whole: bool,
    cell: np.ndarray,
    held: np.ndarray,
    pace: np.ndarray,
    data: Weighed,
    bar: float = 0.0,
) -> int:
    """Add a step to θ, and find out which kinks are held, let go or caught; all in place.

    whole : kinks that are held but not on their data yet arrive there. pace : see `blocked`.
    bar : only kinks that are driven by more are let go, see `driven`.
    Returns how many kinks changed their cell or what holds them.
    """
    x = data.x
    m = len(x)
    count = 0
    for j in range(theta.shape[1]):
        v = theta[0, j] + step[0, j]
        w = theta[1, j] + step[1, j]
        b = theta[2, j] + step[2, j]
        i = held[j]
        on = i != FREE and theta[1, j] * x[i] + theta[2, j] == 0.0
        if i != FREE and (whole or on):
            way = pace[0, j] * x[i] + pace[1, j]
            b = -(w * x[i])
            drive = driven(v, w, i, way, data)
            leaves = drive != 0.0 and not abs(drive) <= bar
            if np.sign(w) * theta[1, j] <= 0.0:  # a product of both could underflow
                held[j] = FREE  # it turned around, and crossed no datum
                cell[j] = cell_at(w, b, x)
                count += 1
            else:
                # silent on it, but for a kink that is let go to the other side
                cell[j] = i if (leaves and drive > 0.0) == (w >= 0.0) else i + 1
                if leaves:
                    held[j] = FREE
                    count += 1
        else:
            count += i != FREE
            cone = cone_of(theta[1, j], cell[j], m)
            cone, i, met = walked(v, w, b, cone, theta[1:, j], pace[:, j], data)
            count += met
            held[j] = i
            cell[j] = cell_of(w, cone, m)
            if i != FREE:
                w = (w - x[i] * b) / (1.0 + x[i] * x[i])
                b = -(w * x[i])
                cell[j] = i + 1 if w >= 0.0 else i
        theta[0, j] = v
        theta[1, j] = w
        theta[2, j] = b
    return count
