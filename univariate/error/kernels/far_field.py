"""Far fields of f(x) = Σ_j y_j |x − x_j|^−β: for every block of the line a polynomial and what is
missing from it, with proof; and the data that are too near for that.

The data are parted again and again into cells, with moments M_n = Σ y_j ((x_j − c)/r)^n about
their centres. Seen from a block with centre at distance R, a cell is

    Σ y_j (R + s − δ_j)^−β = R^−β Σ_k binom(−β, k) Σ y_j ((s − δ_j)/R)^k,

of which orders k < K are kept. With θ = (radius of the block + r)/R the rest is at most
n R^−β C_K θ^K/(1 − ρ), C_k = (β)_k/k!, ρ = θ (β + K)/(K − 1) < 1, since C_{k+1}/C_k ≤ (β + K)/K.
Its derivatives are bounded likewise. K is the least order for which that is negligible; a cell for
which there is none is opened, and one that is negligible itself is only bounded. All is in units of
U^−β, U a length of the block, so that nothing overflows. Cost O(m log m) for data without clusters
within clusters, and O(m log(range/smallest gap)) always.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel

ORDER = 32  # of the longest expansion
LEAF = 2  # data in a cell that is not parted again
ROUNDOFF = 2.0**-53
SMALL = 2.0**-58  # negligible, beside U^−β
UP = 1.0 + 2.0**-40


class Cells(NamedTuple):
    """Cells, the first of which is everything."""

    begin: np.ndarray  # (cells,) first datum
    end: np.ndarray  # (cells,) behind the last
    child: (
        np.ndarray
    )  # (cells,) the first of its two parts, the other comes next; −1 if it has none
    centre: np.ndarray  # (cells,)
    radius: np.ndarray  # (cells,) bound on |x_j − centre|
    moments: np.ndarray  # (cells, ORDER)


class Blocks(NamedTuple):
    """Intervals of the line."""

    centre: np.ndarray  # (blocks,)
    radius: np.ndarray  # (blocks,)
    unit: np.ndarray  # (blocks,) U


class FarField(NamedTuple):
    """What cells that are far from a block add to f on it, in units of U^−β.

    At x = centre + radius t it is Σ_l polynomial[l] t^l up to `missing[0]`; U times its derivative
    is that of the polynomial up to `missing[1]`, and U² times its second one at most `missing[2]`.
    """

    polynomial: np.ndarray  # (blocks, ORDER)
    missing: np.ndarray  # (blocks, 3)
    first: np.ndarray  # (blocks + 1,) where the near cells of a block begin in `near`
    near: np.ndarray  # cells of at most LEAF data


@kernel
def cells_of(x: np.ndarray, y: np.ndarray) -> Cells:
    """Part the data into cells, and take their moments. Sums are compensated (Neumaier)."""
    count = 2 * len(x)
    begin, end = np.zeros(count, np.int64), np.zeros(count, np.int64)
    child = np.full(count, -1, np.int64)
    centre, radius = np.empty(count), np.empty(count)
    moments = np.zeros((count, ORDER))
    end[0], used, cell = len(x), 1, 0
    while cell < used:
        first, last = begin[cell], end[cell] - 1
        if last - first >= LEAF:
            middle = widest_gap(x, first, last)
            child[cell] = used
            begin[used], end[used] = first, middle
            begin[used + 1], end[used + 1] = middle, last + 1
            used += 2
        centre[cell] = 0.5 * x[first] + 0.5 * x[last]
        radius[cell] = max(centre[cell] - x[first], x[last] - centre[cell]) * UP
        chosen = slice(first, last + 1)
        add_moments(x[chosen], y[chosen], centre[cell], radius[cell], moments[cell])
        cell += 1
    return Cells(
        begin[:used], end[:used], child[:used], centre[:used], radius[:used], moments[:used]
    )


@kernel
def widest_gap(x, first, last):
    """Return which datum follows the widest gap, in the middle half: clusters stay together."""
    margin = max(1, (last - first + 1) // 4)
    best = first + margin
    for k in range(best + 1, last + 2 - margin):
        if x[k] - x[k - 1] > x[best] - x[best - 1]:
            best = k
    return best


@kernel
def add_moments(x, y, centre, radius, moments):
    """Write Σ y ((x − centre)/radius)^n, n < ORDER."""
    lost = np.zeros(ORDER)
    for j in range(len(x)):
        power = y[j]
        ratio = (x[j] - centre) / radius if radius > 0.0 else 0.0
        for n in range(ORDER):
            total = moments[n] + power
            if abs(moments[n]) >= abs(power):
                lost[n] += (moments[n] - total) + power
            else:
                lost[n] += (power - total) + moments[n]
            moments[n] = total
            power *= ratio
    moments += lost


@kernel
def add_cell(cells, blocks, pair, beta, table, polynomial, missing):
    """Add a cell to the far field of a block, or return False if it is too near.

    pair : (cell, block);  missing : (3,) bounds on what is lost of the value and of the first
    derivatives, the last one for all of the second.
    """
    cell, block = pair
    offset = blocks.centre[block] - cells.centre[cell]
    distance = abs(offset)
    reach = (blocks.radius[block] + cells.radius[cell]) * UP
    closest = (distance - reach) - 2.0**-50 * distance
    if not closest > 0.0:
        return False
    unit = blocks.unit[block]
    theta = reach / distance * UP
    if theta > 0.5 and closest <= unit:
        return False
    count = cells.end[cell] - cells.begin[cell]
    most = count * (unit / closest) ** beta * UP
    if most <= SMALL:
        lose(missing, most, beta, unit / closest)
        return True
    weight = count * (unit / distance) ** beta * UP
    order, rest = order_of(theta, weight, beta)
    if order < 0:
        return False
    step = unit / distance * UP
    missing[0] += rest
    missing[1] += rest * order / theta * step
    missing[2] += rest * order * (order - 1) / theta**2 * step**2
    # 16 roundings for each power, in moments, table and sums, and those of the powers of β; but the
    # sum of the labels is exact, and all other terms together are (β + 2) r/closest at most
    inexact = min(1.0, (beta + 2.0) * cells.radius[cell] / closest * UP)
    inexact = min(1.0, inexact + abs(cells.moments[cell, 0]) / count)
    roundings = 16 * order + 64 + 16.0 * beta
    lose(missing, most * inexact * roundings * ROUNDOFF, beta, unit / closest)
    expand(
        cells.moments[cell],
        (offset, cells.radius[cell], blocks.radius[block]),
        (unit / distance) ** beta,
        order,
        table,
        polynomial,
    )
    return True


@kernel
def lose(missing, size, beta, step):
    """Add bounds on terms of a given size and on their derivatives."""
    missing[0] += size
    missing[1] += size * beta * step * UP
    missing[2] += size * beta * (beta + 1.0) * step**2 * UP


@kernel
def order_of(theta, weight, beta):
    """Return the least order that is enough and a bound on the rest; −1 if there is none."""
    size = weight
    for order in range(ORDER + 1):
        if order >= 2:
            rho = theta * (beta + order) / (order - 1) * UP
            if rho < 1.0 and size <= SMALL * (1.0 - rho):
                return order, size / (1.0 - rho) * UP
        size *= theta * (beta + order) / (order + 1) * UP
        if theta > 0.5:
            break
    return -1, 0.0


@kernel
def expand(moments, lengths, scale, order, table, polynomial):
    """Add orders below `order` of a cell; `lengths` are its offset, its radius and the block's."""
    offset, radius, block_radius = lengths
    distance = abs(offset)
    # of (R + s − δ)^−β the powers of s change signs, of (R + δ − s)^−β those of δ
    inner = radius / distance if offset > 0.0 else -radius / distance
    outer = -block_radius / distance if offset > 0.0 else block_radius / distance
    scaled = np.empty(order)
    power = scale
    for n in range(order):
        scaled[n] = moments[n] * power
        power *= inner
    power = 1.0
    for low in range(order):
        total = 0.0
        for n in range(order - low):
            total += table[low, n] * scaled[n]
        polynomial[low] += power * total
        power *= outer


@kernel
def far_field(cells: Cells, blocks: Blocks, beta: float, table: np.ndarray) -> FarField:
    """Expand about every block what allows it. `table[l, n]` is C_{l+n} binom(l + n, l)."""
    count = len(blocks.centre)
    polynomial, missing = np.zeros((count, ORDER)), np.zeros((count, 3))
    first, near, used = np.zeros(count + 1, np.int64), np.empty(64 + 8 * count, np.int64), 0
    stack = np.empty(128, np.int64)
    for block in range(count):
        stack[0], height = 0, 1
        while height > 0:
            height -= 1
            cell = stack[height]
            pair = (cell, block)
            if add_cell(cells, blocks, pair, beta, table, polynomial[block], missing[block]):
                continue
            if cells.child[cell] > 0:
                stack[height], stack[height + 1] = cells.child[cell] + 1, cells.child[cell]
                height += 2
                continue
            if used == len(near):
                near = np.append(near, np.empty(used, np.int64))
            near[used] = cell
            used += 1
        first[block + 1] = used
        missing[block, 2] += bend_of(polynomial[block], blocks.unit[block] / blocks.radius[block])
    return FarField(polynomial, missing, first, near[:used])


@kernel
def bend_of(polynomial, stretch):
    """Return a bound on U² T″ for |t| ≤ 1."""
    total = 0.0
    for power in range(2, ORDER):
        total += power * (power - 1) * abs(polynomial[power])
    return total * stretch**2 * UP
