"""The interpolating Nadaraya–Watson rule on the line, with proof.

f(x) = Σ_i y_i |x − x_i|^−β takes every label at its datum, and changes sign where nobody has a
closed form: twice within a gap, or not at all between neighbours of one label, or close to a datum
that the others outvote. With β the distance |x − x_i| at which a datum holds its label shrinks or
grows, and so does the clean error: no matter how large the sample is, a constant for β > 1, none
for β = 1, and for β < 1 the majority's label decides everywhere (Barzilai, Kornowski and Shamir,
2025, in all dimensions d, where the threshold is β = d).

Every half gap is searched for intervals on which the sign of f is certain (`kernels/isolation`);
far data act through polynomials whose remainders are bounded (`kernels/far_field`).
"""

from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from univariate.common import check
from univariate.common.arrays import Indices, Mask, Vector
from univariate.common.result import result
from univariate.error.kernels.far_field import ORDER, Blocks, cells_of, far_field
from univariate.error.kernels.isolation import Data, pieces
from univariate.error.rule import Rule
from univariate.error.signs import Signs, two_sum
from univariate.problem.sample import Sample, require_sample

LARGEST = 256.0
SMALLEST = 2.0**-6
_BLOCK = 16  # gaps that share a far field
_UP = 1.0 + 2.0**-50
_LEAST = 2.0**-880
_GROWTH = 1.5
_CLUSTER = 2.0**-12  # neighbours that much closer to each other look like one point


@result
class NadarayaWatson(Rule):
    """The average of all labels with weights |x − x_i|^−β, which interpolates them.

    Parameters
    ----------
    sample : Sample
        Repeated observations that it merged count once.
    exponent : float
        β, from 1/64 to 256. As it grows, the rule becomes that of the nearest neighbour.

    `clean_error(rule)` encloses the clean error with proof, powers being taken as right to 4 units
    in the last place. The sign of f is decided wherever double precision can: all but some 10⁻¹²
    of a gap around every zero, and more only where the labels of tight clusters cancel. What is
    open counts in `high` and not in `low`. Cost O(m log m), or O(m log(range/smallest gap)) for
    clusters within clusters.

    Examples
    --------
    >>> from univariate import NadarayaWatson, Sample, clean_error
    >>> rule = NadarayaWatson(Sample([0.0, 0.5, 1.0], [1.0, -1.0, 1.0]), exponent=2.0)
    >>> rule([0.0, 0.25, 0.5])
    array([ 1.        ,  0.05263158, -1.        ])
    >>> print(f"{clean_error(rule):.10f}")
    0.4858682718
    """

    sample: Sample
    exponent: float = 1.0

    def __post_init__(self) -> None:
        require_sample(self.sample)
        object.__setattr__(self, "exponent", check.real("exponent", self.exponent))
        if not SMALLEST <= self.exponent <= LARGEST:
            raise ValueError(
                f"`exponent` must lie in [{SMALLEST}, {LARGEST:g}], got {self.exponent}; beyond"
                " that use the majority's label, or NearestNeighbours(sample)"
            )

    def __call__(self, x: ArrayLike) -> Vector:
        """Return Σ y_i |x − x_i|^−β / Σ |x − x_i|^−β, in the shape of x. Rounded, O(m) each."""
        points = check.real_array("x", x)
        found = [self._average(point) for point in points.ravel().tolist()]
        return np.array(found).reshape(points.shape)

    def signs(self, low: float, high: float) -> Signs:
        """Return where f is positive and negative, on all of [low, high]; borders enclosed."""
        places = _places(self.sample.x, low, high)
        data = _data(self.sample, self.exponent, places)
        rows = pieces(data, places.where, places.starts, places.stops)
        return _joined(self.sample.x, places, rows, (low, high))

    def _average(self, point: float) -> float:
        distances = np.abs(point - self.sample.x)
        nearest = distances.min()
        if nearest == 0.0:
            return float(self.sample.y[np.argmin(distances)])
        weights = (nearest / distances) ** self.exponent
        return float(weights @ self.sample.y / np.sum(weights))


class _Rays(NamedTuple):
    """Half gaps and tails, from left to right: what lies between an anchor and a distance."""

    anchor: Indices
    direction: Vector
    length: Vector
    first: Vector  # the size of the first piece, if the ray is cut
    cut: Mask
    block: Indices  # of those that are not


class _Places(NamedTuple):
    """What is searched, from left to right, and the blocks that it lies in."""

    where: Indices  # (units, 4) anchor, direction, block, whether the anchor's term is apart
    starts: Vector  # (units,) distances from the anchor
    stops: Vector
    blocks: Blocks


def _places(x: Vector, low: float, high: float) -> _Places:
    """Cut [low, high] into units: half gaps, and pieces whose distances grow like 1.5^k in tails
    and where a half gap follows data that are far closer to each other. From there those look like
    one point, which a far field tells even if their labels cancel.
    """
    first = max(0, int(np.searchsorted(x, low, side="right")) - 1)
    last = max(first, min(len(x) - 1, int(np.searchsorted(x, high, side="left"))))
    rays = _rays(x, first, last, (low, high))
    begin = np.arange(first, last, _BLOCK)
    shared = np.column_stack([x[begin], x[np.minimum(begin + _BLOCK, last)]])
    largest = np.maximum.reduceat(np.diff(x)[first:last], begin - first) if len(begin) else begin
    ratio = np.maximum(rays.length / np.maximum(rays.first, _LEAST), 1.0)
    counts = np.where(rays.cut, 1 + np.ceil(np.log(ratio) / np.log(_GROWTH)), 1.0).astype(np.int64)
    ray = np.repeat(np.arange(len(counts)), counts)
    step = np.arange(len(ray)) - np.repeat(np.cumsum(counts) - counts, counts)
    # what is left of a datum is searched from right to left
    step = np.where(rays.direction[ray] > 0.0, step, counts[ray] - 1 - step)
    size, length = np.maximum(rays.first, _LEAST)[ray], rays.length[ray]
    starts = np.where(step > 0, np.minimum(size * _GROWTH ** (step - 1.0), length), 0.0)
    stops = np.where(step < counts[ray] - 1, np.minimum(size * _GROWTH**step, length), length)
    alone = rays.cut[ray]
    block = np.where(alone, len(begin) - 1 + np.cumsum(alone), rays.block[ray])
    anchor, direction = rays.anchor[ray], rays.direction[ray]
    where = np.column_stack([anchor, direction, block, starts == 0.0]).astype(np.int64)
    ends = x[anchor[alone], None] + direction[alone, None] * np.column_stack([starts, stops])[alone]
    return _Places(
        where,
        starts,
        stops,
        _blocks(np.concatenate([shared, ends]), np.concatenate([largest, stops[alone]])),
    )


def _rays(x: Vector, first: int, last: int, domain: tuple[float, float]) -> _Rays:
    """Return all rays in the domain, between data `first` and `last` and in the tails."""
    gaps = np.diff(x)
    half = np.arange(2 * (last - first))
    direction = 1.0 - 2.0 * (half % 2)
    anchor = first + (half + 1) // 2
    # both halves of a gap reach a little beyond its middle
    length = np.repeat(0.5 * gaps[first:last] * _UP, 2)
    behind = np.concatenate([[np.inf], gaps, [np.inf]])
    size = behind[anchor + (direction < 0.0)]
    tails = np.array([x[0] - domain[0], domain[1] - x[-1]]) * _UP
    nearby = np.minimum(behind[[1, -2]] if len(gaps) else np.inf, tails)
    rays = (
        np.concatenate([[0], anchor, [len(x) - 1]]),
        np.concatenate([[-1.0], direction, [1.0]]),
        np.concatenate([tails[:1], length, tails[1:]]),
        np.concatenate([nearby[:1], size, nearby[1:]]),
        np.concatenate([[True], size < _CLUSTER * length, [True]]),
        np.concatenate([[0], half // 2 // _BLOCK, [0]]),
    )
    reached = rays[2] > 0.0
    return _Rays(*(part[reached] for part in rays))


def _blocks(ends: Vector, unit: Vector) -> Blocks:
    """Return blocks with these ends, which are rounded."""
    start, stop = ends.min(axis=1), ends.max(axis=1)
    off = 2.0**-51 * np.maximum(np.abs(start), np.abs(stop))
    radius = np.maximum(0.5 * (stop - start) * (1.0 + 2.0**-40) + off, _LEAST)
    return Blocks(0.5 * start + 0.5 * stop, radius, np.maximum(unit, _LEAST))


def _data(sample: Sample, exponent: float, places: _Places) -> Data:
    """Expand the far fields of all blocks."""
    cells = cells_of(sample.x, sample.y)
    blocks = places.blocks
    field = far_field(cells, blocks, exponent, _table(exponent))
    quarters = int(4.0 * exponent) if (4.0 * exponent).is_integer() else -1
    return Data(
        sample.x,
        sample.y,
        exponent,
        quarters,
        cells.begin,
        cells.end,
        blocks.centre,
        blocks.radius,
        blocks.unit,
        *field,
    )


def _table(exponent: float) -> Vector:
    """Return C_{k+n} binom(k + n, k), C_k = β(β + 1)…(β + k − 1)/k!, for k, n < ORDER."""
    factors = [(exponent + k) / (k + 1.0) for k in range(2 * ORDER)]
    sizes = np.cumprod([1.0, *factors])
    return np.array([[sizes[k + n] * comb(k + n, k) for n in range(ORDER)] for k in range(ORDER)])


def _joined(x: Vector, places: _Places, rows: Vector, domain: tuple[float, float]) -> Signs:
    """Join pieces of one sign that touch; borders are what is left between them."""
    low, high = domain
    if len(rows) == 0:
        return Signs(np.array([[low, 0.0]]), np.array([[high, 0.0]]), np.ones(2))
    unit = rows[:, 0].astype(np.int64)
    direction = places.where[unit, 1]
    outward = direction > 0
    begin = np.where(outward, rows[:, 1], -rows[:, 2])
    end = np.where(outward, rows[:, 2], -rows[:, 1])
    order = np.lexsort((begin, unit))
    unit, begin, end, sign = unit[order], begin[order], end[order], rows[order, 3]
    first = np.where(places.where[:, 1] > 0, places.starts, -places.stops)
    last = np.where(places.where[:, 1] > 0, places.stops, -places.starts)
    within = (unit[1:] == unit[:-1]) & (begin[1:] == end[:-1])
    across = (unit[1:] == unit[:-1] + 1) & (end[:-1] == last[unit[:-1]])
    touching = within | (across & (begin[1:] == first[unit[1:]]))
    border = np.flatnonzero(~touching | (sign[1:] != sign[:-1]))
    anchors = x[places.where[unit, 0]]
    lower = two_sum(anchors[border], end[border])
    upper = two_sum(anchors[border + 1], begin[border + 1])
    signs = np.concatenate([sign[border], sign[-1:]])
    if unit[0] > 0 or begin[0] > first[0]:
        lower = np.concatenate([[[low, 0.0]], lower])
        upper = np.concatenate([two_sum(anchors[:1], begin[:1]), upper])
        signs = np.concatenate([signs[:1], signs])
    if unit[-1] < len(first) - 1 or end[-1] < last[-1]:
        lower = np.concatenate([lower, two_sum(anchors[-1:], end[-1:])])
        upper = np.concatenate([upper, [[high, 0.0]]])
        signs = np.concatenate([signs, signs[-1:]])
    return Signs(lower, upper, signs)
