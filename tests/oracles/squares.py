"""Positive rational numbers as sums of at most four squares of rational numbers (Lagrange).

A whole number n is a² + b² + p with random a, b until p is a prime of the form 4 k + 1, which is a
sum of two squares that Euclid's algorithm finds (Rabin and Shallit).
"""

import random
from fractions import Fraction
from functools import cache
from math import gcd, isqrt, prod

SMALL = prod(n for n in range(3, 300) if all(n % k for k in range(2, isqrt(n) + 1)))
"""The product of the odd primes below 300: a divisor in common costs less than a power."""


@cache
def four_squares(value: Fraction) -> tuple[Fraction, ...]:
    """Return up to four positive rationals whose squares sum to a positive rational."""
    whole = value.numerator * value.denominator
    rng = random.Random(whole % 2**32)
    twos = 1
    while whole % 4 == 0:
        whole //= 4
        twos *= 2
    parts = _squares(whole, rng)
    assert sum(part**2 for part in parts) == whole
    return tuple(Fraction(twos * part, value.denominator) for part in parts if part)


def _squares(n: int, rng: random.Random) -> tuple[int, ...]:
    if isqrt(n) ** 2 == n:
        return (isqrt(n),)
    if n < 1000:
        for a in range(isqrt(n) + 1):
            for b in range(isqrt(n - a * a) + 1):
                for c in range(isqrt(n - a * a - b * b) + 1):
                    rest = n - a * a - b * b - c * c
                    if isqrt(rest) ** 2 == rest:
                        return a, b, c, isqrt(rest)
    while True:
        a = rng.randrange(isqrt(n))
        b = rng.randrange(isqrt(n - a * a) + 1)
        p = n - a * a - b * b
        if p % 4 == 1 and gcd(p, SMALL) == 1 and p > 1 and pow(2, p - 1, p) == 1:
            pair = _two_squares(p, rng)
            if pair is not None:
                return a, b, *pair


def _two_squares(p: int, rng: random.Random) -> tuple[int, int] | None:
    """Write a prime as a sum of two squares; None if it turns out not to be one."""
    for _ in range(50):
        root = pow(rng.randrange(2, p), (p - 1) // 4, p)
        if root * root % p == p - 1:
            a, b = p, root
            while b * b > p:
                a, b = b, a % b
            c = isqrt(p - b * b)
            return (b, c) if b * b + c * c == p else None
    return None
