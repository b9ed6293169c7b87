"""Pr[√a |g| ≤ σ(g₁) + … + σ(g_k)] for independent standard normals, by Fourier inversion.

For Y = σ(g₁) + … + σ(g_k) − √a g it is E sgn Y, and
    E sgn Y = (2/π) Σ_{j ≥ 0} Im φ(t_j)/(j + ½),   t_j = (j + ½) h,   φ(t) = ((1 + w(t/√2))/2)^k
    exp(−a t²/2),
up to 2 Pr[|Y| ≥ 2π/h]: the sum over j is the expectation of the square wave that agrees with sgn on
|Y| < 2π/h. Here w is Faddeeva's function, w(t/√2) = E e^{it|g|}. New; the sum is that of Davies,
Biometrika 60 (1973).
"""

from math import exp, pi, sqrt
from typing import Final

import numpy as np

from highdim.paper.angles import Share

FADDEEVA: Final = 1e-13
"""Bound on the relative error of scipy's Faddeeva function."""

REACH: Final = 9.0
"""In standard deviations: beyond it lie exp(−81/2) of a normal variable, and of the sum over j."""


def rectified_majority(a: int, k: int) -> Share:
    """Return Pr[√a |g| ≤ σ(g₁) + … + σ(g_k)] with an enclosure.

    Parameters
    ----------
    a, k : int
        Both non-negative, not both zero.

    Error about k · 1e-13, that of the characteristic function; the rest is below 1e-16. Cost O(√(1
    + k/a) + k/√a) evaluations. For k = 1 the probability is arctan(1/√a)/π.
    """
    from scipy.special import wofz

    if a == 0:
        return Share(1.0, 1.0, 1.0)
    if k == 0:
        return Share(0.0, 0.0, 0.0)
    # Y is √(k + a)-Lipschitz in the normals, with mean k/√(2π): twice exp(−REACH²/2) of it lies
    # beyond the period
    period = k / sqrt(2.0 * pi) + REACH * sqrt(k + a)
    h = 2.0 * pi / period
    terms = int(REACH / (sqrt(a) * h)) + 2
    j = np.arange(terms) + 0.5
    t = j * h
    one = 0.5 * (1.0 + wofz(t / sqrt(2.0)))
    damped = one**k * np.exp(-0.5 * a * t * t)
    value = 2.0 / pi * float(np.sum(damped.imag / j))
    relative = k * FADDEEVA + (k + terms + 64) * 2.0**-52
    rounding = 2.0 / pi * float(np.sum(np.abs(damped) / j)) * relative
    # exp(−t²a/2) has a ratio of at most exp(−REACH h √a) from one term to the next beyond the last
    cut = 2.0 / pi * exp(-0.5 * REACH**2) / terms / -np.expm1(-REACH * h * sqrt(a))
    error = rounding + float(cut) + 4.0 * exp(-0.5 * REACH**2)
    value = min(max(value, 0.0), 1.0)
    return Share(value, max(value - error, 0.0), min(value + error, 1.0))
