"""Probabilities of simple sets under laws on R^d: closed forms, enumeration in fractions, and
quadrature of naive one-dimensional errors.

A net is a list of neurons (v, w, b), N(x) = Σ v max(0, w·x + b).
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import comb, factorial, floor, pi

import numpy as np
from scipy import special, stats

Neuron = tuple[float, Sequence[float], float]


def gaussian_half_space(a, c, mean, covariance):
    """Pr[a·x ≥ c] for x ~ N(mean, covariance)."""
    a = np.asarray(a, dtype=float)
    return float(stats.norm.sf((c - a @ mean) / np.sqrt(a @ covariance @ a)))


def gaussian_wedge(angle):
    """Pr[x in a wedge of that angle from 0] for x isotropic in the plane."""
    return angle / (2.0 * pi)


def ball_cap(d, t):
    """Pr[x_1 ≥ t] for x uniform in the unit ball of R^d, t ≥ 0."""
    return 0.5 * float(special.betainc(0.5 * (d + 1), 0.5, 1.0 - t * t))


def ball_cap_by_quadrature(d, t, nodes=20_001):
    """The same as the integral of sections, (1 − s²)^((d−1)/2), by Simpson's rule."""

    def integral(low):
        s = np.linspace(low, 1.0, nodes)
        y = (1.0 - s**2) ** (0.5 * (d - 1))
        return (s[1] - s[0]) / 3.0 * (y[0] + y[-1] + 4.0 * y[1::2].sum() + 2.0 * y[2:-1:2].sum())

    return integral(t) / (2.0 * integral(0.0))


def simplex_share(d, s):
    """Pr[x_1 + … + x_d ≤ s] for x uniform in the cube [0, 1]^d (Irwin and Hall), a fraction."""
    s = Fraction(s)
    if s <= 0:
        return Fraction(0)
    total = sum((-1) ** k * comb(d, k) * (s - k) ** d for k in range(min(floor(s), d) + 1))
    return Fraction(total, factorial(d))


def enumerated(neurons: Sequence[Neuron], values, weights, d: int) -> Fraction:
    """Pr[N(x) ≤ 0] for independent coordinates of a law on finitely many numbers, a fraction."""
    total = Fraction(0)
    for chosen in product(range(len(values)), repeat=d):
        weight = Fraction(1)
        for k in chosen:
            weight *= Fraction(weights[k])
        if exact_output(neurons, [Fraction(values[k]) for k in chosen]) <= 0:
            total += weight
    return total


def exact_output(neurons: Sequence[Neuron], x: Sequence[Fraction]) -> Fraction:
    """N(x), parameters and inputs taken as the fractions that they are."""
    total = Fraction(0)
    for v, w, b in neurons:
        z = Fraction(b) + sum((Fraction(p) * q for p, q in zip(w, x, strict=True)), Fraction(0))
        total += Fraction(v) * max(z, Fraction(0))
    return total


def gaussian_plane_error(net, nodes=601, reach=8.5):
    """Bounds on Pr[N(x) ≤ 0] for x ~ N(0, I) in the plane, but for errors within one cell: the
    trapezoid rule over x_1, and for every x_1 all cells of x_2 with N ≤ 0 at both ends, or at one.

    `net` is any function of points (k, 2) → (k,).
    """
    first = np.linspace(-reach, reach, nodes)
    second = np.linspace(-reach, reach, nodes)
    weights = stats.norm.pdf(first) * (first[1] - first[0])
    mass = np.diff(stats.norm.cdf(second))
    low = high = 0.0
    for x, weight in zip(first, weights, strict=True):
        wrong = net(np.column_stack([np.full(nodes, x), second])) <= 0.0
        low += weight * mass[wrong[:-1] & wrong[1:]].sum()
        high += weight * mass[wrong[:-1] | wrong[1:]].sum()
    return low, high
