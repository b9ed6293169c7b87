"""Where the sign of a function changes, for what a truth can be made of.

Nets and splines are piecewise linear with rational coefficients, so their zeros are rational and
found exactly. Other functions say themselves where their signs may change, and are asked between.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from numbers import Real
from typing import Any, Final

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.check import shown
from univariate.common.codes import Codes, has_wrapped
from univariate.common.exactly import is_truth_value
from univariate.problem.deep_network import DeepReluNet
from univariate.problem.evaluation import FAR
from univariate.problem.exact import exact_net
from univariate.problem.network import Network, ReluNet
from univariate.problem.truth_text import Place

Piece = tuple[Fraction, int]
"""Where a piece begins, and the sign on it."""

_SHARES: Final = (Fraction(1, 2), Fraction(1, 4), Fraction(3, 4))
_UNEVEN: Final = tuple(Fraction(share) for share in (0.4024, 0.6655, 0.7468, 0.0983, 0.8957))
"""Not in step with the others: a wave that repeats from quarter to quarter has one sign there."""

_STEPS: Final = (1.0, 0.25, 4.0)
_UNEVEN_STEPS: Final = (0.2953, 0.4067, 0.6793, 1.7333, 2.0888)
_FEW: Final = 64
"""Pieces, up to which all places are asked."""

_LEAST: Final = 4
_MOST: Final = 64
"""How near to a breakpoint, in units in the last place, a function may have the sign of the other
side: breakpoints are rounded, as (a + b)/2 is, and so are values, of polynomials the more.
"""


def signs_of_net(net: Network) -> tuple[list[Fraction], list[int]]:
    """Return the zeros at which a net changes its sign, and the signs between; 0 on plateaus.

    Exact; zeros beyond ±2^500 are left out. Cost that of its exact pieces, O(n log n) rational
    operations for two layers.
    """
    points, lines = exact_net(net).pieces(-FAR, FAR)
    ends = [
        (a, b, slope * a + rise, slope * b + rise)
        for (a, b), (slope, rise) in zip(pairwise(points), lines, strict=True)
    ]
    return _joined(_split(ends))


def signs_of_spline(curve: Any) -> tuple[list[Fraction], list[int]]:
    """Return the same for what has the knots, values and slopes of a `Spline`, read as the function
    through its knots and values. Exact.
    """
    knots = [Fraction(knot) for knot in curve.knots.tolist()]
    values = [Fraction(value) for value in curve.values.tolist()]
    low, high = Fraction(-FAR), Fraction(FAR)
    first = values[0] + Fraction(float(curve.slopes[0])) * (low - knots[0])
    last = values[-1] + Fraction(float(curve.slopes[-1])) * (high - knots[-1])
    points = list(zip([low, *knots, high], [first, *values, last], strict=True))
    return _joined(_split((a, b, at, there) for (a, at), (b, there) in pairwise(points) if a < b))


def signs_of_function(
    function: Callable[[Any], Any],
    places: Sequence[Place],
    domain: tuple[float, float],
    name: str = "truth",
    *,
    scale: float = 0.0,
) -> list[int]:
    """Return the signs of a function between neighbouring breakpoints inside a domain; messages
    call it by the name.

    It is asked at the middle, the quarters and, where pieces are few, at uneven places of every
    piece: at doubles or, where no double lies between two breakpoints, at fractions. Those within a
    few units in the last place of a breakpoint, or of the `scale` of inputs, tell nothing; a piece
    that has no others has the sign of the first that is not 0. Values that look like probabilities,
    or like classes 1 and 2, are a warning.

    Raises
    ------
    TypeError, ValueError
        A value that is no number, NaN or 0, or signs that differ within a piece.
    """
    low, high = domain
    if places and not low < places[0] <= places[-1] < high:
        raise ValueError(
            f"`breakpoints` must lie inside ({low:g}, {high:g}), got {float(places[0]):.6g} to"
            f" {float(places[-1]):.6g}; pass the `domain` of the function"
        )
    given: list[Any] = []

    def told(at: Place) -> Any:
        """Keep what the function gives, which may look like codes."""
        given.append(_given(function, at, name))
        return given[-1]

    ends = list(pairwise([low, *places, high]))
    few = len(ends) <= _FEW
    signs = [_sign_between(told, a, b, name, few=few, scale=scale) for a, b in ends]
    if not _is_known(function):
        codes = Codes()
        codes.add(np.array(given, dtype=object))
        codes.warn(name)
    return signs


def sign_at(function: Callable[[Any], Any], at: Place, name: str) -> int:
    """Return the sign of a function at a place; TypeError or ValueError as `signs_of_function`."""
    return _decided(_given(function, at, name), at, name)


def _given(function: Callable[[Any], Any], at: Place, name: str) -> Any:
    """Return what a function gives for a number, also in an array of one; TypeError if it takes
    only arrays.
    """
    try:
        value = function(at)
        return value.item() if isinstance(value, np.ndarray) and value.size == 1 else value
    except Exception as error:
        _require_numbers(function, at, name, error)
        error.add_note(f"`{name}` was asked at {float(at):.17g}")
        raise


def _require_numbers(
    function: Callable[[Any], Any], at: Place, name: str, error: Exception
) -> None:
    """Raise TypeError for a function that failed for a number and takes an array of one."""
    if not isinstance(error, TypeError | ValueError | IndexError):
        return
    for words, shape in (("[x]", (1,)), ("[[x]]", (1, 1))):
        if _takes(function, np.full(shape, float(at))):
            raise TypeError(
                f"`{name}` must be a function of one number, got {type(error).__name__} at"
                f" {float(at):.17g}; pass lambda x: f(numpy.array({words}))"
            ) from error


def _takes(function: Callable[[Any], Any], points: Any) -> bool:
    """Whether a function gives one number for an array of one."""
    try:
        return np.size(function(points)) == 1
    except Exception:  # whatever it raises
        return False


def _is_known(function: Any) -> bool:
    """Whether values are those of a net or a spline, and no codes of classes."""
    is_spline = all(hasattr(function, part) for part in ("knots", "values", "slopes"))
    return is_spline or isinstance(function, ReluNet | DeepReluNet)


def _split(ends: Iterable[tuple[Fraction, Fraction, Any, Any]]) -> Iterator[Piece]:
    """Yield pieces of one sign of segments (start, end, value there, value here)."""
    for a, b, at, there in ends:
        if at * there < 0:
            yield a, _sign(at)
            yield a + (b - a) * at / Fraction(at - there), _sign(there)
        else:
            yield a, _sign(at) or _sign(there)


def _joined(pieces: Iterable[Piece]) -> tuple[list[Fraction], list[int]]:
    """Join neighbouring pieces of one sign; the first begins where the line does."""
    places: list[Fraction] = []
    signs: list[int] = []
    for start, sign in pieces:
        if not signs or sign != signs[-1]:
            places.append(start)
            signs.append(sign)
    return places[1:], signs


def nearness(scale: Vector, width: Vector) -> Vector:
    """Return how near to an end of a piece a function may have the sign of the other side, of
    inputs of that size: a sixteenth of the piece, but from 4 to 64 units in their last place.
    """
    unit = np.spacing(scale)
    return np.asarray(np.clip(width / 16.0, _LEAST * unit, _MOST * unit))


def _sign_between(
    function: Callable[[Any], Any], a: Place, b: Place, name: str, *, few: bool, scale: float
) -> int:
    """Return the one sign that a function has at the places of a piece, off its ends."""
    asked = _asked(a, b, few=few)
    ends = [abs(float(end)) for end in (a, b) if math.isfinite(end)]
    margin = float(nearness(np.array(max([scale, *ends])), np.array(float(b - a))))
    clear = [at for at in asked if a + margin < at < b - margin]
    if not clear:
        return _first_sign(function, asked, name)
    found: dict[int, Place] = {}
    for at in clear:
        found.setdefault(_decided(function(at), at, name), at)
    if len(found) > 1:
        first, second = found.values()
        raise ValueError(
            f"`breakpoints` must hold every change of sign, got values of both signs at"
            f" {float(first):.17g} and {float(second):.17g}; add the place between"
        )
    return next(iter(found))


def _first_sign(function: Callable[[Any], Any], asked: list[Place], name: str) -> int:
    """Return the first sign other than 0 that a function has at the places of a narrow piece."""
    for at in asked[:-1]:
        value = function(at)
        if not isinstance(value, Real) or value != 0:
            return _decided(value, at, name)
    return _decided(function(asked[-1]), asked[-1], name)


def _asked(a: Place, b: Place, *, few: bool) -> list[Place]:
    """Return doubles in (a, b), or the middle as a fraction where there is none."""
    if math.isinf(a) or math.isinf(b):
        ways = [way for way, end in ((-1.0, a), (1.0, b)) if math.isinf(end)]
        start = next((float(end) for end in (a, b) if math.isfinite(end)), 0.0)
        sizes = _STEPS + (_UNEVEN_STEPS if few else ())
        steps = [size * max(1.0, abs(start)) for size in sizes]
        return [start + way * step for way in ways for step in steps]
    shares = _SHARES + (_UNEVEN if few else ())
    exact = [Fraction(a) + share * (Fraction(b) - Fraction(a)) for share in shares]
    inside: list[Place] = [near for near in map(float, exact) if a < near < b]
    return inside or [exact[0]]


def _decided(value: Any, at: Place, name: str) -> int:
    """Return the sign of what a function gave."""
    if not isinstance(value, Real) or is_truth_value(value):
        is_one = is_truth_value(value) and np.size(value) == 1
        remedy = "1 if it is true, else -1" if is_one else "one number"
        raise TypeError(
            f"`{name}` must give real numbers, got {shown(value)} at {float(at):.17g}; return"
            f" {remedy}"
        )
    number: Any = value
    if has_wrapped(value):
        raise ValueError(
            f"`{name}` must give signed numbers, got {value} of {number.dtype} at {float(at):.17g},"
            " which wraps around below 0; convert labels to float before 2 * y - 1"
        )
    if not (number > 0 or number < 0):
        remedy = "add the places where it is not, or mend it"
        if number == 0:
            remedy = "add the places where it vanishes, or return 2 * f(x) - 1 of classes 0 and 1"
        raise ValueError(
            f"`{name}` must be positive or negative between its breakpoints, got {shown(value)} at"
            f" {float(at):.17g}; {remedy}"
        )
    return _sign(number)


def _sign(value: Any) -> int:
    return int(value > 0) - int(value < 0)
