"""The clean error for d = 2: the arcs of the unit circle on which N ≤ 0.

A plateau N ≡ 0 on which neurons cancel, rather than being off, is recognised in exact arithmetic:
forms are exact for d = 2, so the coefficients of a piece are rational numbers.
"""

from fractions import Fraction
from math import pi
from typing import NamedTuple

import numpy as np

from highdim.error.form import Form
from highdim.error.great_circles import error_arcs, pieces
from highdim.error.kernels.arcs import Arcs, arcs_below
from highdim.error.kernels.pieces import Pieces
from univariate.common.arrays import Vector

Line = list[Fraction]

# on shorter pieces the neurons that are on cannot be told from the angle in the middle
SHORT = 1e-9
ANGLE = 2.0**-49  # error of an end of an arc by itself: arctan2 twice, near π


class Circle(NamedTuple):
    """Shares of the unit circle on which N ≤ 0, and the arcs."""

    value: float
    low: float
    high: float
    intervals: Vector  # (r, 2), angles in [−π, π]


def error_on_circle(form: Form) -> Circle:
    """Return the share of the circle on which N ≤ 0, with an enclosure.

    The enclosure holds the shares of N ≤ ±(bound on the rounding error of N). For 2-layer nets it
    is rigorous; for 3-layer nets as well, but for the widths of the angles at which a neuron of the
    second layer is within rounding of its switch.
    """
    parts = _with_plateaus(form, pieces(form, form.M[:, :1].T.copy(), form.M[:, 1:].T.copy()))
    inner, outer = error_arcs(form, parts)
    middle = arcs_below(parts, 0.0)
    low = _length(inner) - ANGLE * (1 + len(inner.start))
    high = _length(outer) + ANGLE * (1 + len(outer.start))
    low, high = (min(max(length / (2.0 * pi), 0.0), 1.0) for length in (low, high))
    value = min(max(_length(middle) / (2.0 * pi), low), high)
    if parts.first[-1] == 0:
        high = 0.0  # every piece has N > 0 by a margin, or by the signs of its neurons
    return Circle(value, low, high, np.column_stack([middle.start, middle.end]))


def _length(arcs: Arcs) -> float:
    return float(np.sum(arcs.end - arcs.start))


def _with_plateaus(form: Form, parts: Pieces) -> Pieces:
    """Mark the pieces on which N ≡ 0 exactly as N ≤ 0 for certain."""
    size = np.hypot(parts.coefficients[:, 0], parts.coefficients[:, 1]) + np.abs(
        parts.coefficients[:, 2]
    )
    nonpositive = parts.nonpositive.copy()
    for p in np.flatnonzero(~nonpositive & (size <= 2.0 * form.slack)):
        middle = parts.left[p] + parts.right[p]
        if np.linalg.norm(parts.left[p] - parts.right[p]) > SHORT:
            nonpositive[p] = _vanishes(form, middle / np.linalg.norm(middle))
    return parts._replace(nonpositive=nonpositive)


def _vanishes(form: Form, direction: Vector) -> bool:
    """Whether N ≡ 0 on the piece around a direction, in rational arithmetic."""
    active = np.flatnonzero(form.M @ direction + form.b > 0.0)
    lines = [[Fraction(float(entry)) for entry in (*form.M[j], form.b[j])] for j in active]
    if form.upper is None:
        return not any(_combined(form.v[active], lines, 0.0))
    rows = [
        _combined(form.upper.columns[active, k], lines, form.upper.b[k]) for k in range(len(form.v))
    ]
    above = [k for k, line in enumerate(rows) if _value(line, direction) > 0.0]
    return not any(_combined(form.v[above], [rows[k] for k in above], 0.0))


def _combined(weights: Vector, lines: list[Line], offset: float) -> Line:
    """Return A, B, C of Σ weight · line + offset, exactly."""
    exact = [Fraction(float(weight)) for weight in weights]
    total = [
        sum((w * line[i] for w, line in zip(exact, lines, strict=True)), Fraction(0))
        for i in range(3)
    ]
    return [total[0], total[1], total[2] + Fraction(float(offset))]


def _value(line: Line, direction: Vector) -> float:
    return (
        float(line[0]) * float(direction[0]) + float(line[1]) * float(direction[1]) + float(line[2])
    )
