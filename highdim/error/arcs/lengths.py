"""Lengths of arcs between zeros of lines: rounded to a few units in their last place, or rational.

An arc's length is the angle from one direction to another, arctan2 of their cross and inner
product. Both are computed from integers, with as many digits of √D as it takes for the cross
product of two different directions to have 60 bits.

Shares that are rational: by Niven's theorem, an arc between the two zeros of one line is a rational
part of the circle iff cos 2h = 2 C²/R² − 1 is one of 0, ±½, ±1. Zeros with C = 0, or D a square,
have the directions of Gaussian integers; a Gaussian rational has an argument that is a rational
part of the circle iff that is a multiple of π/4.
"""

from fractions import Fraction
from math import atan2, gcd, isqrt, pi
from typing import Final

from highdim.error.arcs.lines import End

Arc = tuple[End, End]
Vector = tuple[int, int]

_DIGITS: Final = 60  # bits of a cross product
_NIVEN: Final = {
    Fraction(twice_cosine): share
    for twice_cosine, share in (
        (1, Fraction(1, 6)),
        (0, Fraction(1, 4)),
        (-1, Fraction(1, 3)),
        (-2, Fraction(1, 2)),
    )
}
"""By 2 cos 2h: 2h in (0, π], as a part of the circle."""

_MANY: Final = 64  # arcs beyond which rational shares are not looked for


def length(arc: Arc) -> float:
    """Return the length of an arc from one angle to another one, in (0, 2π). Rounded to 4 ulps."""
    start, end = arc
    bits = 128
    while True:
        cross, dot = _products(_direction(start, bits), _direction(end, bits))
        size = max(abs(cross), abs(dot))
        # near a half turn the angle is known to all digits without those of the cross product
        if dot <= 0 or abs(cross) << (bits - _DIGITS) > size:
            angle = atan2(cross / size, dot / size)
            return angle + 2.0 * pi if cross < 0 else angle
        bits *= 2


def _direction(end: End, bits: int) -> Vector:
    """Return the direction of an end, times 2^bits R² or so, each entry off by at most R."""
    a, b, c = end.line
    root = end.side * isqrt(end.discriminant << (2 * bits))
    return -((a * c) << bits) + b * root, -((b * c) << bits) - a * root


def rational_share(arcs: list[Arc]) -> Fraction | None:
    """Return the share of the circle of some arcs if it is known to be rational. Exact.

    Complete for one arc between the zeros of a line, and for nets without biases of up to 64 arcs:
    None means irrational then.
    """
    if len(arcs) > _MANY:
        return None
    total = Fraction(0)
    real, imaginary = 1, 0
    rest = 0.0
    for start, end in arcs:
        first, last = _whole_direction(start), _whole_direction(end)
        if first and last:
            cross, dot = _products(first, last)
            real, imaginary = real * dot - imaginary * cross, real * cross + imaginary * dot
            common = gcd(real, imaginary)
            real, imaginary = real // common, imaginary // common
            rest += length((start, end))
        elif start.line == end.line and (share := _between_zeros(start)) is not None:
            total += share
        else:
            return None
    if real and imaginary and abs(real) != abs(imaginary):
        return None
    return total + Fraction(round(rest / (pi / 4.0)), 8)


def _whole_direction(end: End) -> Vector | None:
    """Return integers in the direction of an end, if there are any."""
    a, b, c = end.line
    if c == 0:
        return end.side * b, -end.side * a
    root = isqrt(end.discriminant)
    if root * root != end.discriminant:
        return None
    return -a * c + end.side * b * root, -b * c - end.side * a * root


def _products(first: Vector, last: Vector) -> tuple[int, int]:
    """Return the cross product and the inner product of two directions."""
    (x, y), (p, q) = first, last
    return x * q - y * p, x * p + y * q


def _between_zeros(start: End) -> Fraction | None:
    """Return the share of the arc from one zero of a line to the other, if it is rational."""
    a, b, c = start.line
    square = a * a + b * b
    positive = _NIVEN.get(Fraction(4 * c * c - 2 * square, square))
    if positive is None:
        return None
    if (start.side > 0) == (c <= 0):
        return positive
    return 1 - positive
