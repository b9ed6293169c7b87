"""Lines f(φ) = A cos φ + B sin φ + C with integer coefficients, and their zeros. Exact.

With R² = A² + B², ω the angle of (A, B) and D = R² − C² > 0, f is positive on the arc of half width
h = arccos(−C/R) around ω. It rises through zero at ω − h and falls at ω + h, in the directions

    R² (cos φ, sin φ) = (−A C ± B √D, −B C ∓ A √D),   the upper signs where it rises.

So the value of another line there, and its slope, is of the form (p + q √D)/R² with integers p and
q, whose sign is that of p, q or p² − q² D. That settles on which side of a zero another one lies,
and whether they are one.
"""

from math import atan2, pi, sqrt
from typing import Final, NamedTuple

APART: Final = 1e-13  # angles that differ by more are ordered by floats, which are good to 1e-14


class Line(NamedTuple):
    """f(φ) = a cos φ + b sin φ + c."""

    a: int
    b: int
    c: int

    @property
    def discriminant(self) -> int:
        """D = a² + b² − c², positive iff f changes its sign."""
        return self.a**2 + self.b**2 - self.c**2


class End(NamedTuple):
    """A zero of a line: where it rises (side 1) or falls (−1)."""

    line: Line
    side: int
    discriminant: int
    angle: float  # in [−π, π], rounded; in the right half of the circle

    def values(self, line: Line) -> tuple[int, int]:
        """Return the signs of another line and of its slope here."""
        a, b, c = self.line
        cross = line.a * b - a * line.b
        dot = a * line.a + b * line.b
        value = _sign(line.c * (a * a + b * b) - c * dot, self.side * cross, self.discriminant)
        slope = _sign(c * cross, self.side * dot, self.discriminant)
        return value, slope

    def sign_after(self, line: Line) -> int:
        """Return the sign of another line just beyond this angle."""
        value, slope = self.values(line)
        # a line that touches zero has the sign of its constant elsewhere
        return value or slope or _sign(line.c, 0, 0)


def _sign(p: int, q: int, square: int) -> int:
    """Return the sign of p + q √square."""
    of_p = (p > 0) - (p < 0)
    of_q = (q > 0) - (q < 0) if square else 0
    if of_p * of_q >= 0:
        return of_p or of_q
    rest = p * p - q * q * square
    return of_p * ((rest > 0) - (rest < 0))


def ends(line: Line) -> tuple[End, ...]:
    """Return where a line rises through zero and where it falls; nothing if it keeps its sign."""
    square = line.discriminant
    if square <= 0:
        return ()
    size = max(map(abs, line))
    middle = atan2(line.b / size, line.a / size)
    half = atan2(sqrt(square / (size * size)), -line.c / size)
    rises, falls = (_angle(line, side, square, middle, half) for side in (1, -1))
    return End(line, 1, square, rises), End(line, -1, square, falls)


def _angle(line: Line, side: int, square: int, middle: float, half: float) -> float:
    """Return an angle in (−π, π], on the right side of π whatever its rounding."""
    a, b, c = line
    rounded = middle - side * half
    if abs(rounded) < pi - APART:
        return rounded
    rounded -= 2.0 * pi * round(rounded / (2.0 * pi))
    if abs(rounded) < pi - APART:
        return rounded
    upper = _sign(-b * c, -side * a, square) >= 0
    return min(abs(rounded), pi) if upper else -min(abs(rounded), pi)


SEAM: Final = ends(Line(0, 1, 0))[1]
"""The angle π, and −π, where the circle is cut open."""


def compare(first: End, second: End) -> int:
    """Return −1, 0 or 1: whether an end comes before another, from −π to π. Exact."""
    apart = first.angle - second.angle
    if abs(apart) > APART:
        return 1 if apart > 0.0 else -1
    value, slope = first.values(second.line)
    if value == 0 and slope == second.side:
        return 0
    # the two zeros of a line may be close: the arc between them holds f > 0 or f < 0
    if second.side > 0:
        after = value > 0 or slope < 0 if second.line.c <= 0 else value > 0 and slope > 0
    else:
        after = value < 0 and slope < 0 if second.line.c <= 0 else value <= 0 or slope > 0
    return 1 if after else -1
