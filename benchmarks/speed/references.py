"""What the library is timed against: the same answers by numpy, SciPy and a conic solver, at their
best.
"""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PPoly

Vector = NDArray[np.float64]

TESTS = Path(__file__).parents[2] / "tests"


def clean_error_by_dense_evaluation(v: Vector, w: Vector, b: Vector) -> float:
    """Clean error on [0, 1]: the net at every kink, neuron by neuron, then the roots of the spline.

    Cost O(n²).
    """
    with np.errstate(divide="ignore"):
        kinks = -b / w
    knots = np.concatenate([[0.0], np.sort(kinks[(kinks > 0.0) & (kinks < 1.0)]), [1.0]])
    values = np.maximum(0.0, np.multiply.outer(knots, w) + b) @ v
    return _share_below_zero(knots, np.diff(values) / np.diff(knots), values[:-1])


def clean_error_by_prefix_sums(v: Vector, w: Vector, b: Vector) -> float:
    """Clean error on [0, 1]: slopes and values at the sorted kinks by two cumulative sums, then the
    roots.

    Cost O(n log n). Plain sums: cancellation costs digits, and where N is zero throughout the
    answer is luck.
    """
    with np.errstate(divide="ignore"):
        kinks = -b / w
    inner = np.flatnonzero((kinks > 0.0) & (kinks < 1.0))
    inner = inner[np.argsort(kinks[inner])]
    at_zero = v * (b > 0.0)
    knots = np.concatenate([[0.0], kinks[inner], [1.0]])
    slopes = np.cumsum(np.concatenate([[at_zero @ w], v[inner] * np.abs(w[inner])]))
    values = np.cumsum(np.concatenate([[at_zero @ b], slopes[:-1] * np.diff(knots[:-1])]))
    return _share_below_zero(knots, slopes, values)


def oracle(name: str) -> ModuleType:
    """Return a module of the tests: `naive` has the conic program over the cells, `minima` that
    over directions.
    """
    if str(TESTS) not in sys.path:
        sys.path.insert(0, str(TESTS))
    return import_module(f"oracles.{name}")


def _share_below_zero(knots: Vector, slopes: Vector, values: Vector) -> float:
    """Length of {N ≤ 0} by PPoly.roots, for a spline given by values and slopes right of the knots
    but the last.
    """
    spline = PPoly.construct_fast(np.stack([slopes, values]), knots)
    ends = np.concatenate([[0.0], spline.roots(extrapolate=False), [1.0]])
    middles = 0.5 * (ends[1:] + ends[:-1])
    return float(np.sum(np.diff(ends)[spline(middles) <= 0.0]))
