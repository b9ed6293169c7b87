"""Whether multipliers exist for some places of the kinks, by trying all of them, densely.

A kink within a tolerance of some data is taken to lie on one of them: (w, b) is moved there the
shortest way, the neuron is on at the data on one side, off on the other, and σ' is free at that
datum alone. For given places θ is projected onto the cone of Σ λ_i y_i h_i by nonnegative least
squares, with a column for either state of every kink on a datum. Activity is decided in Fractions.
"""

from fractions import Fraction
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Vector = NDArray[np.float64]
Net = tuple[Vector, Vector, Vector]
Rationals = list[Fraction]


def _exactly(values: Vector) -> Rationals:
    return [Fraction(value) for value in np.asarray(values, dtype=np.float64).tolist()]


def margins(net: Net, x: Vector, y: Vector) -> Rationals:
    """y_i N(x_i)."""
    neurons = list(zip(*map(_exactly, net), strict=True))
    return [
        int(label) * sum(v * max(Fraction(0), w * t + b) for v, w, b in neurons)
        for t, label in zip(_exactly(x), y, strict=True)
    ]


def near(net: Net, x: Vector, tolerance: float) -> dict[int, list[int]]:
    """The data within a relative tolerance of every kink that has any, without turning a neuron."""
    found: dict[int, list[int]] = {}
    for j, (w, b) in enumerate(zip(_exactly(net[1]), _exactly(net[2]), strict=True)):
        for i, t in enumerate(_exactly(x)):
            within = (w * t + b) ** 2 <= Fraction(tolerance) ** 2 * (w * w + b * b) * (t * t + 1)
            turned = w - b * t > 0 if w < 0 else w - b * t < 0
            if (w or b) and within and not turned:
                found.setdefault(j, []).append(i)
    return found


def residual(net: Net, x: Vector, y: Vector, active: list[int], places: dict[int, int]) -> float:
    """|θ − Σ λ_i y_i h_i|/|θ| at least, neuron j being on datum places[j]."""
    v = np.asarray(net[0], dtype=np.float64)
    w, b, inputs = _exactly(net[1]), _exactly(net[2]), _exactly(x)
    for j, i in places.items():
        t = inputs[i]
        away = (w[j] * t + b[j]) / (t * t + 1)
        w[j], b[j] = w[j] - away * t, b[j] - away
    columns = []
    for i in active:
        pinned = [j for j, datum in places.items() if datum == i]
        fixed = np.zeros((len(v), 3))
        for j in range(len(v)):
            line = w[j] * inputs[i] + b[j]
            if line > 0 and j not in pinned:
                fixed[j] = float(line), v[j] * x[i], v[j]
        for states in product((0.0, 1.0), repeat=len(pinned)):
            column = fixed.copy()
            for j, state in zip(pinned, states, strict=True):
                column[j] = 0.0, state * v[j] * x[i], state * v[j]
            columns.append(y[i] * column.ravel())
    theta = np.stack(net, axis=1).ravel()
    theta = theta / np.linalg.norm(theta)
    table = np.array(columns).T
    sizes = np.linalg.norm(table, axis=0)
    table = table[:, sizes > 0.0] / sizes[sizes > 0.0]
    if not table.size:
        return 1.0
    shares, _ = optimize.nnls(table, theta, maxiter=1000 + 200 * table.shape[1])
    return float(np.linalg.norm(table @ shares - theta))


def least_residual(net: Net, x: Vector, y: Vector, tolerance: float) -> tuple[float, int]:
    """The least over all places, and how many there are; margins within the tolerance of the
    smallest are active. It stops at a tenth of the tolerance.
    """
    found = margins(net, x, y)
    most = min(found) * (1 + Fraction(tolerance))
    active = [i for i, margin in enumerate(found) if margin <= most]
    options = [[(j, i) for i in data] for j, data in near(net, x, tolerance).items()]
    least = np.inf
    for choice in product(*options):
        least = min(least, residual(net, x, y, active, dict(choice)))
        if least <= 0.1 * tolerance:
            break
    return float(least), int(np.prod([len(option) for option in options]))
