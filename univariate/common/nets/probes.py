"""Points at which a module is compared with its layers: of several sizes, and about every place
where a neuron of any layer switches.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from univariate.common.nets.named_layers import Layer

Points = NDArray[np.float64]

_KINKS: Final = 200  # of a layer, at which values are compared
_BESIDE: Final = (0.0, 1e-6, -1e-6, 1e-4, 1e-3, -1e-3, 1e-2, 0.1, -0.1)
"""Distances from kinks, and pre-activations beside them."""

_FAR: Final = 1e100
_VALUES: Final = 4_000_000  # of a layer, at all points
_FEWEST: Final = 50  # points
_STEPS: Final = 256  # of a line, between which kinks are looked for
_HALVINGS: Final = 60


def plain_points(d: int) -> Points:
    """Return points of several sizes, (k, d); for d = 1 on a grid, too."""
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((64, d)) / np.sqrt(d)
    grid = [np.linspace(-2.0, 3.0, 2001)[:, None]] if d == 1 else []
    return np.concatenate(
        [*grid, directions, np.zeros((1, d)), 10.0 * directions, 1e3 * directions[:8]]
    )


def probing_points(layers: Sequence[Layer]) -> Points:
    """Return points at which a module is compared with layers that it may have, (k, d).

    Those of `plain_points`, and points on and beside the kinks of up to 200 neurons of each hidden
    layer: of the first wherever they are, of others where they meet lines about the origin.
    """
    plain = plain_points(layers[0][0].shape[1])
    found = [plain, *_first_kinks(*layers[0]), *_kinks_on_lines(layers[:-1])]
    return thinned(np.concatenate(found), max(len(weight) for weight, _ in layers))


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


def _first_kinks(weight: Points, bias: Points | None) -> list[Points]:
    """Return points on and beside the kinks of the first layer, each at some random place of it."""
    rng = np.random.default_rng(1)
    d = weight.shape[1]
    rows = weight[:_KINKS]
    offsets = np.zeros(len(rows)) if bias is None else bias[:_KINKS]
    with np.errstate(all="ignore"):
        lengths = np.sqrt(np.sum(rows**2, axis=1))
        normals = rows / lengths[:, None]
        feet = -(offsets / lengths)[:, None] * normals
    seen = np.all(np.isfinite(feet) & (np.abs(feet) < _FAR) & np.isfinite(normals), axis=1)
    normals, feet = normals[seen], feet[seen]
    aside = rng.standard_normal(feet.shape) / np.sqrt(d)
    feet = feet + aside - np.sum(aside * normals, axis=1)[:, None] * normals
    return [feet + distance * normals for distance in _BESIDE]


def _kinks_on_lines(hidden: Sequence[Layer]) -> list[Points]:
    """Return points on and beside the kinks of hidden layers where they meet some lines.

    A change of sign between neighbours on a line is halved until doubles end.
    """
    found = []
    d = hidden[0][0].shape[1] if hidden else 1
    for start, end in _lines(d):
        across = np.linspace(0.0, 1.0, _STEPS + 1)
        values = pre_activations(hidden, start + across[:, None] * (end - start))
        # the kinks of the first layer are known already
        for depth, heights in enumerate(values[1:], 1):
            place, neuron = np.nonzero((heights[:-1] > 0.0) != (heights[1:] > 0.0))
            once = np.unique(neuron, return_index=True)[1][:_KINKS]
            place, neuron = place[once], neuron[once]
            if len(place):
                ends = across[place], across[place + 1]
                found.append(_beside(hidden[: depth + 1], (start, end), ends, neuron))
    return found


def _lines(d: int) -> list[tuple[Points, Points]]:
    if d == 1:
        return [(np.array([low]), np.array([high])) for low, high in ((-2.0, 3.0), (-50.0, 50.0))]
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
