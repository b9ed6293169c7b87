"""Exact clean errors on the unit circle, and shares of caps, in rational and decimal arithmetic; no
package code.

A point of the circle is ((1 − t²)/(1 + t²), 2t/(1 + t²)), so a neuron A cos φ + B sin φ + C has the
sign of the quadratic (C − A) t² + 2 B t + (C + A). Between its zeros, to 60 decimals, every sign is
taken in rational arithmetic at a point in the middle: plateaus N ≡ 0 are decided exactly. Lengths
of arcs have 60 decimals, too.
"""

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise

DIGITS = 60


def clean_error(layers):
    """Share of the circle with N ≤ 0; layers are pairs (weight, bias or None), the last one (v,
    None).
    """
    return float(clean_error_in_decimals(layers))


def clean_error_in_decimals(layers):
    """The same, to some 55 decimals."""
    exact = [
        ([[Fraction(float(w)) for w in row] for row in weight], bias)
        for weight, bias in layers[:-1]
    ]
    v = [Fraction(float(w)) for w in layers[-1][0]]
    hidden = [
        (
            weight,
            [Fraction(0)] * len(weight) if bias is None else [Fraction(float(c)) for c in bias],
        )
        for weight, bias in exact
    ]
    first = [(row[0], row[1], c) for row, c in zip(*hidden[0], strict=True)]
    pieces = [(None, None, first)]
    for weight, bias in hidden[1:]:
        pieces = [(low, high, push(rows, weight, bias)) for low, high, rows in cut(pieces)]
    pieces = [(low, high, push(rows, [v], [Fraction(0)])) for low, high, rows in cut(pieces)]
    with localcontext() as context:
        context.prec = DIGITS
        full = machin()
        total = Decimal(0)
        for low, high, rows in cut(pieces, relu=False):
            if value(rows[0], middle(low, high)) <= 0:
                total += angle(high, full) - angle(low, -full)
        return total / (2 * full)


def cut(pieces, relu=True):
    """Split pieces at the zeros of their lines; with `relu` inactive lines become zero."""
    for low, high, lines in pieces:
        inner = sorted({t for line in lines for t in zeros(line) if inside(t, low, high)})
        ends = [low, *inner, high]
        for left, right in pairwise(ends):
            t = middle(left, right)
            yield (
                left,
                right,
                [line if not relu or value(line, t) > 0 else (Fraction(0),) * 3 for line in lines],
            )


def push(lines, weight, bias):
    """The next layer's lines."""
    return [
        tuple(
            sum((w * line[i] for w, line in zip(row, lines, strict=True)), c * (i == 2))
            for i in range(3)
        )
        for row, c in zip(weight, bias, strict=True)
    ]


def value(line, t):
    """(1 + t²) (A cos φ + B sin φ + C), exactly."""
    a, b, c = line
    return (c - a) * t * t + 2 * b * t + (c + a)


def zeros(line):
    """Zeros of the quadratic, to 60 decimals."""
    a, b, c = line
    with localcontext() as context:
        context.prec = DIGITS
        discriminant = b * b - (c - a) * (c + a)
        if discriminant < 0 or (c == a and b == 0):
            return []
        if c == a:
            return [decimal(-(c + a) / (2 * b))]
        root = decimal(discriminant).sqrt()
        return [(decimal(-b) + sign * root) / decimal(c - a) for sign in (1, -1)]


def decimal(number):
    """A fraction to the digits of the context."""
    return Decimal(number.numerator) / Decimal(number.denominator)


def inside(t, low, high):
    return (low is None or t > low) and (high is None or t < high)


def middle(low, high):
    """A rational point between two ends; None is infinite."""
    if low is None:
        return Fraction(0) if high is None else Fraction(high) - 1
    return Fraction(low) + 1 if high is None else (Fraction(low) + Fraction(high)) / 2


def angle(t, otherwise):
    return otherwise if t is None else 2 * arctan(t)


def arctan(t):
    """arctan t by halving the angle until the series converges fast."""
    halvings = 0
    while abs(t) > Decimal("0.01"):
        t = t / (1 + (1 + t * t).sqrt())
        halvings += 1
    total, power, k = Decimal(0), t, 0
    while abs(power) > abs(t) * Decimal(10) ** -(DIGITS + 2):
        total += power / (2 * k + 1) * (-1) ** k
        power *= t * t
        k += 1
    return total * 2**halvings


def log10_cap(d, t):
    """Decimal logarithm of the share of S^(d−1) with w·x ≥ t, 0 < t < 1, by a hypergeometric
    series, positive terms.

    ½ I_x(a, ½) = x^a √(1 − x)/(2 a B(a, ½)) Σ_k (a + ½)_k/(a + 1)_k x^k,  x = 1 − t²,  a = (d −
    1)/2.
    """
    with localcontext() as context:
        context.prec = DIGITS
        a, x = Decimal(d - 1) / 2, 1 - Decimal(t) ** 2
        term = total = Decimal(1)
        k = 0
        while term > total * Decimal(10) ** -DIGITS:
            term *= x * (a + k + Decimal("0.5")) / (a + 1 + k)
            total += term
            k += 1
        front = a * x.ln() + Decimal(abs(t)).ln() - (2 * a * beta_half(a)).ln()
        return float((front + total.ln()) / Decimal(10).ln())


def beta_half(a):
    """B(a, ½) for a = ½, 1, 3/2, …, upwards from B(½, ½) = π and B(1, ½) = 2."""
    half = Decimal("0.5")
    at, found = (half, machin()) if a % 1 else (Decimal(1), Decimal(2))
    while at < a:
        found *= at / (at + half)
        at += 1
    return found


def machin():
    """π = 16 arctan(1/5) − 4 arctan(1/239)."""
    total = Decimal(0)
    for weight, n in ((16, 5), (-4, 239)):
        power, k = Decimal(1) / n, 0
        while abs(power) > Decimal(10) ** -(DIGITS + 2):
            total += weight * power / (2 * k + 1) * (-1) ** k
            power /= n * n
            k += 1
    return total
