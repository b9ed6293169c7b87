"""The clean error for d = 2: the arcs of the unit circle on which N ≤ 0.

Where neurons cancel, rather than being off, the line of N is computed in exact arithmetic: forms
are exact for d = 2, unless entries underflow, so the coefficients of a piece are rational numbers.
"""

from fractions import Fraction
from math import pi
from typing import NamedTuple

import numpy as np

from highdim.error.form import Form
from highdim.error.great_circles import error_arcs, pieces
from highdim.error.kernels.arcs import Arcs, arcs_below
from highdim.error.kernels.pieces import Pieces
from highdim.error.kernels.switches import Switches, switches
from univariate.common.arrays import Vector

Line = list[Fraction]

# on shorter pieces the neurons that are on cannot be told from the angle in the middle
SHORT = 1e-9
CANCELS = 2.0**12  # times the rounding of N: a size of a line that is no more is settled exactly
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
    alpha = form.M[:, :1].T.copy()
    beta = form.M[:, 1:].T.copy()
    parts = _settled(form, pieces(form, alpha, beta))
    inner, outer = error_arcs(form, parts)
    middle = arcs_below(parts, 0.0)
    hidden = ANGLE * _slivers(form, switches(alpha, beta, form.b))
    low = _length(inner) - ANGLE * (1 + len(inner.start))
    high = _length(outer) + ANGLE * (1 + len(outer.start)) + hidden
    if parts.first[-1] == 0:
        high = hidden  # every piece has N > 0 by a margin, or by the signs of its neurons
    low, high = (min(max(length / (2.0 * pi), 0.0), 1.0) for length in (low, high))
    value = min(max(_length(middle) / (2.0 * pi), low), high)
    return Circle(value, low, high, np.column_stack([middle.start, middle.end]))


def _length(arcs: Arcs) -> float:
    return float(np.sum(arcs.end - arcs.start))


def _slivers(form: Form, found: Switches) -> int:
    """Return between how many switches of one rounded angle N may vanish unseen."""
    order = np.argsort(found.turn[0])
    order = order[np.isfinite(found.turn[0][order])]
    points = np.column_stack([found.cosine[0][order], found.sine[0][order]])
    if len(points) < 2:
        return 0
    equal = np.all(points[1:] == points[:-1], axis=1)
    values = form.values(points[1:][equal] @ form.M.T + form.b)
    return int(np.sum(values <= 8.0 * form.slack))


def _settled(form: Form, parts: Pieces) -> Pieces:
    """Give the pieces on which neurons cancel to rounding their exact lines.

    Lines that vanish hold N ≤ 0 for certain. The others are scaled to size one, which changes no
    sign, and makes the bound on rounding that of their own.
    """
    if not form.exact:  # neurons may cancel only because entries underflowed
        return parts
    lines = parts.coefficients.copy()
    size = np.hypot(lines[:, 0], lines[:, 1]) + np.abs(lines[:, 2])
    nonpositive = parts.nonpositive.copy()
    for p in np.flatnonzero(~nonpositive & (size <= CANCELS * form.slack)):
        middle = parts.left[p] + parts.right[p]
        if np.linalg.norm(parts.left[p] - parts.right[p]) > SHORT:
            exact = _line(form, middle / np.linalg.norm(middle))
            largest = max(map(abs, exact))
            nonpositive[p] = largest == 0
            if largest:
                lines[p] = [float(entry / largest) for entry in exact]
    return parts._replace(nonpositive=nonpositive, coefficients=lines)


def _line(form: Form, direction: Vector) -> Line:
    """Return A, B, C of the piece around a direction, exactly."""
    active = np.flatnonzero(form.M @ direction + form.b > 0.0)
    lines = [[Fraction(float(entry)) for entry in (*form.M[j], form.b[j])] for j in active]
    if form.upper is None:
        return _combined(form.v[active], lines, 0.0)
    rows = [
        _combined(form.upper.columns[active, k], lines, form.upper.b[k]) for k in range(len(form.v))
    ]
    above = [k for k, line in enumerate(rows) if _value(line, direction) > 0.0]
    return _combined(form.v[above], [rows[k] for k in above], 0.0)


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
