"""Points at which a module is compared with its layers: of several sizes, and about every place
where a neuron of any layer switches.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from univariate.common.nets.named_layers import Layer

Points = NDArray[np.float64]

_KINKS: Final = 200  # of a layer, at which values are compared
_BESIDE: Final = (0.0, 1e-6, -1e-6, 1e-4, 1e-3, -1e-3, 1e-2, 0.1, -0.1)
"""Distances from kinks, and pre-activations beside them."""

_FAR: Final = 1e100
_FARTHEST: Final = 2.0**500  # input at which nets are evaluated
_NEAREST: Final = 1e-20
_DENSITY: Final = 3  # points for each power of ten
_LINE: Final = 50.0  # half the length of a line
_VALUES: Final = 4_000_000  # of a layer, at all points
_FEWEST: Final = 50  # points
_STEPS: Final = 256  # of a line, between which kinks are looked for
_HALVINGS: Final = 60


def plain_points(d: int, largest: float = 1e3) -> Points:
    """Return points of all sizes up to a largest one, (k, d); for d = 1 on a grid, too."""
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((64, d)) / np.sqrt(d)
    grid = [np.linspace(-2.0, 3.0, 2001)[:, None]] if d == 1 else []
    far = _powers(d, min(0.5 * largest, _FARTHEST))
    return np.concatenate(
        [*grid, far, directions, np.zeros((1, d)), 10.0 * directions, 1e3 * directions[:8]]
    )


def _powers(d: int, largest: float) -> Points:
    """Return points x and -x of geometric sizes."""
    steps = np.arange(_DENSITY * np.log10(_NEAREST), _DENSITY * np.log10(largest))
    sizes = 10.0 ** (steps / _DENSITY)
    directions = np.random.default_rng(4).standard_normal((len(sizes), d))
    directions /= np.max(np.abs(directions), axis=1)[:, None]
    found: Points = np.concatenate([sizes, -sizes])[:, None] * np.tile(directions, (2, 1))
    return found


def probing_points(layers: Sequence[Layer], constants: Points, largest: float) -> Points:
    """Return points at which a module is compared with layers that it may have, (k, d).

    Those of `plain_points`, and points on and beside the places where pre-activations of up to 200
    neurons of each layer, the last included, are 0 or one of the constants: of the first wherever
    they are, of others where they meet lines about the origin and across the first layer's kinks;
    and where inputs are constants.
    """
    weight, bias = layers[0]
    d = weight.shape[1]
    plain = plain_points(d, largest)
    levels = np.concatenate([[0.0], constants, -constants])
    first = np.zeros(len(weight)) if bias is None else bias
    kinks, *others = (_first_kinks(weight, first - level) for level in levels)
    lines = [*_lines(d), *_across(kinks[0])]
    if d == 1 and len(constants):
        lines += _outer_lines()
    found = [plain, _about(constants, d), *kinks]
    for about in others:
        found += about[:3]  # on it, and a little beside
    found += _kinks_on_lines(layers, lines, levels)
    points = np.concatenate(found)
    seen = np.all(np.abs(points) <= min(largest, _FARTHEST), axis=1)
    return thinned(points[seen], max(len(weight) for weight, _ in layers))


def _about(constants: Points, d: int) -> Points:
    """Return points at and beside constants, on the diagonal."""
    beside = np.multiply.outer(constants, [1.0, 1.0 + 1e-6, 1.0 - 1e-6, 1.01, 0.99, 1.5])
    return np.outer(np.concatenate([beside, -beside], axis=None), np.ones(d))


def thinned(points: Points, width: int) -> Points:
    """Return so many of the points, drawn at random, that values of a layer fit into memory."""
    most = max(_FEWEST, _VALUES // width)
    if len(points) <= most:
        return points
    chosen = np.random.default_rng(3).choice(len(points), most, replace=False)
    return points[np.sort(chosen)]


def pre_activations(layers: Sequence[Layer], points: Points) -> list[Points]:
    """Return the values of every layer before ReLU, (k, n) each; inf or NaN on overflow."""
    found: list[Points] = []
    with np.errstate(all="ignore"):
        for weight, bias in layers:
            inputs = np.maximum(found[-1], 0.0) if found else points
            found.append(inputs @ weight.T + (0.0 if bias is None else bias))
    return found


def _first_kinks(weight: Points, bias: Points) -> list[Points]:
    """Return points on and beside the kinks of the first layer, each at some random place of it."""
    rng = np.random.default_rng(1)
    d = weight.shape[1]
    rows, offsets = weight[:_KINKS], bias[:_KINKS]
    with np.errstate(all="ignore"):
        lengths = np.sqrt(np.sum(rows**2, axis=1))
        normals = rows / lengths[:, None]
        feet = -(offsets / lengths)[:, None] * normals
    seen = np.all(np.isfinite(feet) & (np.abs(feet) < _FAR) & np.isfinite(normals), axis=1)
    normals, feet = normals[seen], feet[seen]
    aside = rng.standard_normal(feet.shape) / np.sqrt(d)
    feet = feet + aside - np.sum(aside * normals, axis=1)[:, None] * normals
    return [feet + distance * normals for distance in _BESIDE]


def _kinks_on_lines(
    layers: Sequence[Layer], lines: Sequence[tuple[Points, Points]], levels: Points
) -> list[Points]:
    """Return points on and beside the places where layers behind the first reach levels, where they
    meet some lines.

    A change of sign between neighbours on a line is halved until doubles end.
    """
    found = []
    for start, end in lines:
        across = np.linspace(0.0, 1.0, _STEPS + 1)
        values = pre_activations(layers, start + across[:, None] * (end - start))
        # the kinks of the first layer are known already
        for depth, heights in enumerate(values[1:], 1):
            for level in levels:
                place, neuron = np.nonzero((heights[:-1] > level) != (heights[1:] > level))
                once = np.unique(neuron, return_index=True)[1][:_KINKS]
                place, neuron = place[once], neuron[once]
                if len(place):
                    weight, bias = layers[depth]
                    lifted = weight, (0.0 if bias is None else bias) - np.full(len(weight), level)
                    ends = across[place], across[place + 1]
                    found.append(_beside([*layers[:depth], lifted], (start, end), ends, neuron))
    return found


def _outer_lines() -> list[tuple[Points, Points]]:
    """Return lines on both sides on which affine functions reach constants."""
    ends = (_LINE, 20.0 * _LINE, 1e5, 1e8)
    return [
        (np.array([sign * low]), np.array([sign * high]))
        for low, high in pairwise(ends)
        for sign in (-1.0, 1.0)
    ]


def _across(kinks: Points) -> list[tuple[Points, Points]]:
    """Return a line across all kinks of the first layer, if inputs are numbers and kinks far."""
    if kinks.shape[1] != 1 or not len(kinks) or np.max(np.abs(kinks)) < _LINE:
        return []
    low, high = np.min(kinks), np.max(kinks)
    room = max(high - low, _LINE)
    return [(np.array([low - room]), np.array([high + room]))]


def _lines(d: int) -> list[tuple[Points, Points]]:
    if d == 1:
        return [(np.array([low]), np.array([high])) for low, high in ((-2.0, 3.0), (-_LINE, _LINE))]
    rng = np.random.default_rng(2)
    ends = rng.standard_normal((6, 2, d)) / np.sqrt(d)
    return [(size * a, size * b) for size, (a, b) in zip((1, 1, 1, 3, 3, 10), ends, strict=True)]


def _beside(
    layers: Sequence[Layer],
    line: tuple[Points, Points],
    ends: tuple[Points, Points],
    neuron: NDArray[np.intp],
) -> Points:
    """Return points at and beside one kink of each of some neurons of the last layer."""
    start, end = line
    low, high = ends
    each = np.arange(len(neuron))

    def height(across: Points) -> Points:
        """Return the pre-activation of every neuron at its own place on the line, (k,)."""
        values = pre_activations(layers, start + across[:, None] * (end - start))[-1]
        return np.asarray(values[each, neuron])

    on = height(low) > 0.0
    steep = np.abs(height(high) - height(low)) / (high - low)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        same = (height(middle) > 0.0) == on
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    with np.errstate(all="ignore"):
        steps = np.concatenate([[high, low], *([high + b, high + b / steep] for b in _BESIDE[1:])])
    across = steps.ravel()
    across = across[np.isfinite(across) & (np.abs(across) < 10.0)]
    found: Points = start + across[:, None] * (end - start)
    return found
