"""Prices sign·D(t)/√(1 + t²) of atoms: a dual is feasible where none exceeds 1. Rounded."""

from collections.abc import Callable

import numpy as np

from univariate.common.arrays import Vector
from univariate.optimum.atoms import Atoms, Points, affine, kinks
from univariate.optimum.rows import dual_line, dual_values, multipliers_of

Prices = Callable[[Points, Vector], tuple[Atoms, Vector]]
"""From data and a dual to the atoms of highest price, and their prices."""


def price(points: Points, dual: Vector) -> tuple[Atoms, Vector]:
    """Return the best atom of every (orientation, cell, sign) and their prices; optimal if ≤ 1.

    Cost O(n).
    """
    x = points.x
    _, total = dual_line(points, dual)
    atoms = [affine(1.0 if total >= 0.0 else -1.0, 0.0, 1.0)]
    prices = [np.array([abs(total)])]
    steepest = steepest_affine(points, dual, 1.0) or steepest_affine(points, dual, -1.0)
    if steepest is not None:
        atoms.append(steepest[0])
        prices.append(np.array([steepest[1]]))
    for orientation, value in zip((1, -1), dual_values(points, dual), strict=True):
        for sign in (1.0, -1.0):
            at, peak = cell_peaks(sign, x[:-1], x[1:], value[:-1], value[1:])
            atoms.append(kinks(orientation, sign, at))
            prices.append(peak)
    return atoms[0].join(*atoms[1:]), np.concatenate(prices)


def steepest_affine(points: Points, dual: Vector, sign: float) -> tuple[Atoms, float] | None:
    """Return the dearest affine atom of a sign and its price; None if not active on all data."""
    moment, total = dual_line(points, dual)
    size = float(np.hypot(moment, total))
    ends = sign * (moment * points.x[[0, -1]] + total)
    if size > 0.0 and np.all(ends >= 0.0):
        return affine(sign, sign * moment / size, sign * total / size), size
    return None


def cell_peaks(
    sign: Vector | float, low: Vector, high: Vector, at_low: Vector, at_high: Vector
) -> tuple[Vector, Vector]:
    """Return where in each cell [low, high] the price is highest, and that price.

    On a cell D = α + s t is linear, and D/√(1 + t²) peaks at t = s/α or at an end: nothing is
    sampled. A cell of width 0 is its one point.
    """
    width = high - low
    slope = np.divide(at_high - at_low, width, out=np.zeros_like(width), where=width > 0.0)
    offset = at_low - slope * low
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        turn = slope / offset
    turn = np.clip(np.where(np.isfinite(turn), turn, low), low, high)
    places = np.stack([low, high, turn])
    heights = np.stack([at_low, at_high, at_low + slope * (turn - low)])
    prices = sign * heights / np.hypot(1.0, places)
    best = (np.argmax(prices, axis=0), np.arange(len(turn)))
    return places[best], prices[best]


def priced_bound(points: Points, dual: Vector, prices: Prices) -> float:
    """Return Σ λ / sup |D|/√(1 + t²), λ < 0 counted as 0: a lower bound on ‖θ*‖²/2, up to rounding.

    With the prices of a region the bound is on the optimum over the region.
    """
    _, ratios = prices(points, dual)
    multipliers = np.maximum(multipliers_of(points, dual), 0.0)
    return float(multipliers.sum() / max(1.0, ratios.max()))
