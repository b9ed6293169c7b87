"""Where f(x) = Σ_j y_j |x − x_j|^−β is certainly positive and certainly negative.

Half a gap is searched outward from the datum at its end, its anchor: x = x_i ± d, f = y_i d^−β +
rest(d). On [a, b], with centre c and half-width w, the rest is a Taylor polynomial of order one
with a bound on its second derivative, and d^−β is convex. That settles the sign of f on all of
[a, b], or that f is monotone there and so has one zero at most, which is narrowed down between two
certain signs; or [a, b] is halved. What rounding hides is left open, never guessed. Everything is
multiplied by c^β, and derivatives by c more, so that nothing overflows.

Powers are taken to be right to 4 units in the last place, as cdfs are; near data, where they count
most, those of multiples of β = 1/4 are products and square roots.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel

ROUNDOFF = 2.0**-53
UP = 1.0 + 2.0**-40
TINY = 2.0**-900  # distances below it are left open
DEEP = 120  # intervals that wait
PIECES = 256  # in a unit; more are left open
VIEWS = 4096  # intervals that are looked at in a unit; typically there are fewer than ten


class Data(NamedTuple):
    """The sample, its cells and the far fields of its blocks."""

    x: np.ndarray
    y: np.ndarray
    beta: float
    quarters: int  # 4 β, or −1 if that is no integer
    begin: np.ndarray  # data of cells
    end: np.ndarray
    centre: np.ndarray  # of blocks
    radius: np.ndarray
    unit: np.ndarray
    polynomial: np.ndarray
    missing: np.ndarray
    first: np.ndarray
    near: np.ndarray


class Unit(NamedTuple):
    """Where to search: x = x[anchor] + direction · d."""

    anchor: int
    direction: float
    block: int
    own: float  # 1.0 if the anchor's term is apart from the rest, else 0.0
    label: float  # the anchor's, the sign to which signs are relative


class View(NamedTuple):
    """The rest at d, times c^β, where labels are multiplied by the anchor's."""

    value: float
    slope: float  # derivative, times c more
    bend: float  # bound on the second one around d, times c² more
    error: float  # of the value, and of the anchor's term
    slope_error: float


class Found(NamedTuple):
    """Pieces of certain sign in half a gap, outward."""

    start: np.ndarray
    stop: np.ndarray
    sign: np.ndarray
    used: np.ndarray  # (1,) how many


@kernel
def power(ratio, beta, quarters):
    """ratio^β for ratio > 0."""
    if quarters < 0:
        return ratio**beta
    result = 1.0
    square = ratio
    whole = quarters >> 2
    while whole > 0:
        if whole & 1:
            result *= square
        square *= square
        whole >>= 1
    if quarters & 3:
        root = np.sqrt(ratio)
        if quarters & 2:
            result *= root
        if quarters & 1:
            result *= np.sqrt(root)
    return result


@kernel
def look(data, unit, c, w):
    """Return the rest at distance c, its bend valid on [c − w, c + w]."""
    beta, i = data.beta, unit.anchor
    value, slope, size, steep, bend, nearest, count = 0.0, 0.0, 0.0, 0.0, 0.0, np.inf, 0
    for k in range(data.first[unit.block], data.first[unit.block + 1]):
        cell = data.near[k]
        for j in range(data.begin[cell], data.end[cell]):
            if j == i and unit.own > 0.0:
                continue
            ahead = unit.direction * (data.x[j] - data.x[i])
            r = ahead - c if ahead > 0.0 else c - ahead
            nearest = min(nearest, r)
            ratio = c / r
            term = power(ratio, beta, data.quarters)
            signed = data.y[j] * unit.label * term
            value += signed
            slope += signed * ratio if ahead > 0.0 else -signed * ratio
            size += term
            steep += term * ratio
            bend += term * ratio * ratio
            count += 1
    share = w / nearest * UP
    widening = (1.0 - share) ** (-beta - 2.0) if share < 0.9 else np.inf
    rounding = (count + 16.0 + 8.0 * beta) * ROUNDOFF
    near = View(
        value,
        beta * slope,
        beta * (beta + 1.0) * bend * widening * UP,
        rounding * (size + 1.0),
        (rounding + 8.0 * ROUNDOFF) * beta * (steep + 1.0),
    )
    return with_far(data, unit, c, near)


@kernel
def with_far(data, unit, c, near):
    """Add the far field."""
    block = unit.block
    radius = data.radius[block]
    t = ((data.x[unit.anchor] - data.centre[block]) + unit.direction * c) / radius
    value, slope = 0.0, 0.0
    for k in range(data.polynomial.shape[1] - 1, -1, -1):
        slope = slope * t + value
        value = value * t + data.polynomial[block, k]
    stretch = c / data.unit[block]
    scale = power(stretch, data.beta, data.quarters)
    signed = unit.label * scale
    missing = data.missing[block]
    return View(
        near.value + signed * value,
        near.slope + signed * unit.direction * slope * (c / radius),
        near.bend + scale * stretch**2 * missing[2] * UP,
        near.error + scale * missing[0] * UP,
        near.slope_error + scale * stretch * missing[1] * UP,
    )


@kernel
def certain_sign(data, unit, view, a, b):
    """Return 1.0 or −1.0 if label · f has that sign on all of [a, b], else 0.0."""
    beta, own = data.beta, unit.own
    c = 0.5 * a + 0.5 * b
    w = 0.5 * (b - a) / c * UP
    doubt = 0.5 * view.bend * w * w * UP + (view.error + view.slope_error * w) * UP
    drift = abs(view.slope) * w * UP + doubt
    tilt = abs(view.slope - beta * own) * w * UP + doubt
    # d^−β is convex: above its tangent, and between its values at a and b
    if own * power(c / b, beta, data.quarters) + view.value > drift:
        return 1.0
    if own + view.value > tilt:
        return 1.0
    if own == 0.0 and view.value < -drift:
        return -1.0
    if a > 0.0 and own > 0.0:
        if power(c / a, beta, data.quarters) * UP + view.value < -drift:
            return -1.0
        hump = 0.5 * beta * (beta + 1.0) * w * w * (1.0 - w) ** (-beta - 2.0) if w < 0.9 else np.inf
        if own + view.value + hump * UP < -tilt:
            return -1.0
    return 0.0


@kernel
def certain_slope(data, unit, view, a, b):
    """Return 1.0 or −1.0 if label · f certainly rises or falls with d on all of [a, b], else
    0.0.
    """
    beta, own = data.beta, unit.own
    c = 0.5 * a + 0.5 * b
    w = 0.5 * (b - a) / c * UP
    doubt = view.bend * w * UP + view.slope_error * UP
    least = own * beta * (power(c / b, beta, data.quarters) * (c / b))
    if view.slope - least < -doubt:
        return -1.0
    if not a > 0.0:
        return 0.0
    if w < 0.9:
        doubt += own * beta * (beta + 1.0) * (1.0 - w) ** (-beta - 2.0) * w * UP
        if view.slope - own * beta < -doubt:
            return -1.0
        if view.slope - own * beta > doubt:
            return 1.0
    return 0.0


@kernel
def sign_at(data, unit, d):
    """Return the certain sign of label · f at d, or 0.0."""
    view = look(data, unit, d, 0.0)
    total = unit.own + view.value
    if abs(total) <= view.error * UP:
        return 0.0
    return 1.0 if total > 0.0 else -1.0


@kernel
def add_piece(found, a, b, sign):
    """Add a piece, or lengthen the last one."""
    k = found.used[0]
    if k > 0 and found.stop[k - 1] == a and found.sign[k - 1] == sign:
        found.stop[k - 1] = b
    elif k < PIECES and a < b:
        found.start[k] = a
        found.stop[k] = b
        found.sign[k] = sign
        found.used[0] = k + 1


@kernel
def halfway(a, b):
    """A number between a and b, in proportion if they are far apart."""
    return np.sqrt(a) * np.sqrt(b) if 0.0 < 4.0 * a < b else 0.5 * a + 0.5 * b


@kernel
def near_zero(data, unit, bracket, before):
    """Tighten a bracket of certain signs by Newton's method; return it, the last point, and how
    far the zero may be from that.
    """
    low, high = bracket
    z = halfway(low, high)
    reach = 0.0
    for _ in range(100):
        view = look(data, unit, z, 0.0)
        total = unit.own + view.value
        slope = view.slope - data.beta * unit.own
        error = view.error * UP
        reach = max(4.0 * error * z / abs(slope), 2.0**-51 * z) if slope != 0.0 else high - low
        if abs(total) <= error:
            break
        if (total > 0.0) == (before > 0.0):
            low = z
        else:
            high = z
        newton = z - z * total / slope if slope != 0.0 else low
        close = abs(newton - z) <= reach
        if not low < newton < high:
            newton = halfway(low, high)
            close = not low < newton < high
        if close:
            break
        z = newton
    return low, high, z, reach


@kernel
def settle_monotone(data, unit, a, b, before, found):
    """Add what is certain on [a, b], where f changes from the sign `before` to the other one if at
    all.
    """
    first = sign_at(data, unit, a) if a > 0.0 else 1.0
    last = sign_at(data, unit, b)
    if first == -before:
        add_piece(found, a, b, -before)
        return
    if last == before:
        add_piece(found, a, b, before)
        return
    low, high, z, reach = near_zero(data, unit, (a, b), before)
    step = reach
    while z - step > low:
        if sign_at(data, unit, z - step) == before:
            low = z - step
            break
        step *= 4.0
    step = reach
    while z + step < high:
        if sign_at(data, unit, z + step) == -before:
            high = z + step
            break
        step *= 4.0
    if low > a or first == before:
        add_piece(found, a, low, before)
    if high < b or last == -before:
        add_piece(found, high, b, -before)


@kernel
def certain_start(data, unit, view, b):
    """Return how far from its anchor the label is certain, at most b."""
    c = 0.5 * b
    w = UP
    against = abs(view.slope) * w + 0.5 * view.bend * w * w + view.error + view.slope_error
    against = (against - view.value) * UP
    if not 0.0 < against < np.inf:
        return 0.0
    d = min(b, c * against ** (-1.0 / data.beta) * (1.0 - 2.0**-20))
    if d < TINY or power(c / d, data.beta, data.quarters) < against * UP:
        return 0.0
    return d


@kernel
def search(data, unit, start, stop, found):
    """Find the pieces of certain sign between two distances from the anchor."""
    left, right = np.empty(DEEP), np.empty(DEEP)
    left[0], right[0], height = start, stop, 1
    for _ in range(VIEWS):
        if height == 0:
            break
        height -= 1
        a, b = left[height], right[height]
        c = 0.5 * a + 0.5 * b
        view = look(data, unit, c, 0.5 * (b - a) * UP)
        sign = certain_sign(data, unit, view, a, b)
        if sign != 0.0:
            add_piece(found, a, b, sign)
            continue
        middle = halfway(a, b)
        slope = certain_slope(data, unit, view, a, b)
        if a == 0.0 and unit.own > 0.0:
            known = certain_start(data, unit, view, b)
            add_piece(found, a, known, 1.0)
            middle = known if known > 0.0 else 0.25 * b
            a = known
        if slope != 0.0:
            settle_monotone(data, unit, a, b, -slope, found)
            continue
        w = 0.5 * (b - a) / c
        hidden = (abs(view.slope) + data.beta * unit.own + view.bend * w) * w < view.error
        if hidden or b < TINY or height + 2 > DEEP or not a < b:
            continue
        if a == middle:
            left[height], right[height] = a, b
            height += 1
        else:
            left[height], right[height] = middle, b
            left[height + 1], right[height + 1] = a, middle
            height += 2


@kernel
def pieces(data: Data, places: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Search everywhere; return (unit, start, stop, sign of f) of all pieces, outward in each unit.

    places : (units, 4) anchor, direction, block, and 1 where the anchor's term is apart
    """
    found = Found(np.empty(PIECES), np.empty(PIECES), np.empty(PIECES), np.zeros(1, np.int64))
    rows, used = np.empty((64 + 3 * len(starts), 4)), 0
    for k in range(len(starts)):
        anchor, direction, block, own = places[k]
        unit = Unit(anchor, float(direction), block, float(own), data.y[anchor])
        found.used[0] = 0
        if stops[k] > TINY:
            search(data, unit, starts[k], stops[k], found)
        if used + found.used[0] > len(rows):
            rows = np.concatenate((rows, np.empty((len(rows) + PIECES, 4))))
        for n in range(found.used[0]):
            rows[used, 0] = k
            rows[used, 1] = found.start[n]
            rows[used, 2] = found.stop[n]
            rows[used, 3] = found.sign[n] * unit.label
            used += 1
    return rows[:used]
