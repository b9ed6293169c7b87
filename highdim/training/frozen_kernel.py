"""Margins while the tangent kernel stands still.

Along the flow of the sum loss dN/dτ = K u with u_i = −y_i ℓ'(y_i N_i) and K the tangent kernel, (m,
m). K changes much more slowly than u: held fixed over a step, it leaves an ordinary differential
equation in R^m, whose many short steps cost m² each, however wide the net is. What the step needs
of them is c = ∫ u dτ.
"""

from typing import Final, NamedTuple

import numpy as np

from highdim.training.losses import slopes
from highdim.training.spaces import Array
from univariate.common.arrays import Vector

_SAFETY: Final = 1.0  # of Heun's steps, which are stable up to 2 over the largest curvature
_RENEWAL: Final = 20  # steps between estimates of the curvature
_FIRST, _LATER = 12, 3  # power iterations for them; they cost m² each
_ALONE: Final = 20  # for one by itself
_FEWEST, _MOST = 2, 5000  # steps


class Frozen(NamedTuple):
    """c = ∫ u dτ, (m,), the outputs at the end, (m,), the time that passed, and products with K."""

    impulse: Vector
    outputs: Vector
    length: float
    work: int


def product(K: Array, u: Vector) -> Vector:
    """Return K u for u in float64; late in a run, entries would underflow in float32."""
    size = float(np.abs(u).max())
    if size == 0.0:
        return np.zeros(len(u))
    return np.asarray((K @ (u / size).astype(K.dtype)) * size, dtype=np.float64)


def sharpness(K: Array, slope: Array, start: Vector, iterations: int) -> tuple[float, Vector]:
    """Return the largest eigenvalue of K weighted by the slopes of the loss, from below, and its
    vector.

    Slopes are at least the curvatures −ℓ'(q) ≥ ℓ''(q), and equal to them for margins that are
    large; where an observation is wrong and may soon be right they foresee the curvature that it
    will have.
    """
    root = np.sqrt(slope)
    vector = start
    largest = 0.0
    for _ in range(iterations):
        image = root * product(K, root * vector)
        largest = float(np.linalg.norm(image))
        if not 0.0 < largest < np.inf:
            return 0.0, start
        vector = image / largest
    return largest, vector


def largest_curvature(K: Array, slope: Array) -> float:
    """Return the largest curvature alone, by power iterations from a vector of equal entries."""
    return sharpness(K, slope, _even(len(slope)), _ALONE)[0]


def _even(m: int) -> Vector:
    return np.asarray(np.ones(m) / np.sqrt(m))


def frozen_flow(K: Array, outputs: Array, y: Vector, loss: str, length: float) -> Frozen:
    """Follow the flow for a time `length`, or less if it is too stiff, by Heun's method.

    Cost O(m²) per step; rounded, vectors in float64.
    """
    N = outputs.astype(np.float64)
    impulse = np.zeros(len(y))
    vector = _even(len(y))
    left = length
    steps = 0
    step = 0.0
    while left > 0.0 and steps < _MOST:
        slope = slopes(y * N, loss)
        if steps % _RENEWAL == 0:
            curvature, vector = sharpness(K, slope, vector, _LATER if steps else _FIRST)
            step = length / _FEWEST
            if curvature > 0.0:
                step = min(step, _SAFETY / curvature)
        step = min(step, left)
        u = y * slope
        velocity = product(K, u)
        later = y * slopes(y * (N + step * velocity), loss)
        N += 0.5 * step * (velocity + product(K, later))
        impulse += 0.5 * step * (u + later)
        left -= step
        steps += 1
    return Frozen(impulse, N, length - left, 2 * steps)
