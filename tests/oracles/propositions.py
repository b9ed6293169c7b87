"""Bias-less nets replayed in rational numbers, and probabilities by other means; no package
code.
"""

import math
from fractions import Fraction
from itertools import product

import numpy as np
from scipy import special, stats


def output(v, W, x):
    """N(x) = Σ v_j max(0, w_j·x), in the arithmetic of its arguments."""
    return sum(
        c * max(0, sum(a * b for a, b in zip(w, x, strict=True))) for c, w in zip(v, W, strict=True)
    )


def residual(v, W, X, y, multipliers, kinks):
    """θ − Σ λ_i y_i h_i as (parts of v, parts of W), σ' = 1 or 0 by sign and as given at kinks."""
    given = {(j, i): derivative for j, i, derivative in kinks}
    left_v, left_w = list(v), [list(w) for w in W]
    for j, i in product(range(len(v)), range(len(y))):
        pre = sum(a * b for a, b in zip(W[j], X[i], strict=True))
        derivative = given.get((j, i), 0) if pre == 0 else int(pre > 0)
        left_v[j] -= multipliers[i] * y[i] * max(0, pre)
        for axis in range(len(X[i])):
            left_w[j][axis] -= multipliers[i] * y[i] * v[j] * derivative * X[i][axis]
    return left_v, left_w


def in_their_plane(v, W):
    """The net on the plane that its two neurons span, as weights in R² (Gram–Schmidt)."""
    first = np.array(W[0]) / np.linalg.norm(W[0])
    along = float(np.dot(W[1], first))
    across = float(np.linalg.norm(np.array(W[1]) - along * first))
    return v, [[float(np.linalg.norm(W[0])), 0.0], [along, across]]


def share_of_grid(v, W, points=200_000):
    """Share of midpoints of a grid of the circle at which N ≤ 0; off by at most (number of arcs +
    1)/points.
    """
    angle = (np.arange(points) + 0.5) * (2.0 * math.pi / points)
    total = np.zeros(points)
    for c, w in zip(v, W, strict=True):
        total += c * np.maximum(w[0] * np.cos(angle) + w[1] * np.sin(angle), 0.0)
    return float(np.mean(total <= 0.0))


def sampled(event, size, seed, level=1.0 - 1e-7):
    """Clopper–Pearson interval for the probability that `event` is true of a row of independent
    normals.
    """
    draws = min(300_000, 6_000_000 // size)
    g = np.random.default_rng(seed).standard_normal((draws, size))
    return clopper_pearson(int(np.sum(event(g))), draws, level)


def clopper_pearson(hits, draws, level):
    """Its two ends."""
    tail = 0.5 * (1.0 - level)
    low = stats.beta.ppf(tail, hits, draws - hits + 1) if hits else 0.0
    high = stats.beta.ppf(1.0 - tail, hits + 1, draws - hits) if hits < draws else 1.0
    return float(low), float(high)


def sampled_error(v, W, seed, b=None):
    """Clopper–Pearson interval for L_cl; x is a normal vector, of length one if there are
    biases.
    """

    def wrong(x):
        bias = 0.0
        if b is not None:
            x, bias = x / np.linalg.norm(x, axis=1, keepdims=True), np.array(b)
        return np.maximum(x @ np.array(W).T + bias, 0.0) @ np.array(v) <= 0.0

    return sampled(wrong, len(W[0]), seed)


def rectified_majority(a, k, nodes=80):
    """Pr[√a |g| ≤ Σ_{i ≤ k} σ(g_i)] for k ≤ 3: over the number of active normals, by products of
    Gauss rules.
    """
    x, weight = np.polynomial.legendre.leggauss(nodes)
    x, weight = 5.0 * (x + 1.0), 5.0 * weight
    density = weight * math.sqrt(2.0 / math.pi) * np.exp(-0.5 * x * x)
    total, sums, mass = 0.0, np.zeros(1), np.ones(1)
    for active in range(k + 1):
        expected = float(mass @ special.erf(sums / math.sqrt(2.0 * a)))
        total += math.comb(k, active) * 0.5**k * expected
        sums, mass = (sums[:, None] + x).ravel(), (mass[:, None] * density).ravel()
    return total


def below_arctan(tangent):
    """A rational number below arctan(t) for 0 ≤ t ≤ 1: t − t³/3."""
    t = Fraction(tangent)
    return t - t**3 / 3
