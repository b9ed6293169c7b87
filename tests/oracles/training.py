"""Training losses and gradients the long way: every neuron at every datum, in rationals, with 60
digits, or in float64.

L = Σ ℓ(q_i) with q_i = y_i N(x_i) and ℓ(q) = log(1 + e^−q) or e^−q. A neuron counts as active where
the float64 number fl(fl(w x) + b) is positive: that is a convention, not a rounding error, so the
rational functions keep to it.
"""

from collections.abc import Iterator, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracles.exact import fractions

Vector = NDArray[np.float64]
Net = tuple[Vector, Vector, Vector]

ZERO = Fraction(0)
PRECISE = Context(prec=60, Emin=-999999999, Emax=999999999, traps=[])
BEYOND = 2000
"""e^−2000 is 0 in every digit that is looked at."""


def activity(w: Vector, b: Vector, x: Vector) -> NDArray[np.bool_]:
    """Whether neuron j is active on datum i, (n, m)."""
    return w[:, None] * x + b[:, None] > 0.0


# Rational


def margins(net: Net, x: Vector, y: Vector) -> tuple[list[Fraction], list[Fraction]]:
    """y_i N(x_i), and Σ |v| (|w x_i| + |b|) over the neurons that are active there."""
    on, points = activity(*net[1:], x), fractions(x)
    neurons = list(zip(*(fractions(part) for part in net), strict=True))
    values, sizes = [], []
    for i, (point, label) in enumerate(zip(points, y.tolist(), strict=True)):
        active = [neuron for j, neuron in enumerate(neurons) if on[j, i]]
        values.append(Fraction(label) * sum((v * (w * point + b) for v, w, b in active), ZERO))
        sizes.append(sum((abs(v) * (abs(w * point) + abs(b)) for v, w, b in active), ZERO))
    return values, sizes


def changes(net: Net, x: Vector, step: Net) -> tuple[list[Fraction], list[Fraction]]:
    """Derivatives of N(x_i) along a step of v, w, b, activity fixed, and the sums of the sizes of
    their terms.
    """
    on, points = activity(*net[1:], x), fractions(x)
    neurons = list(zip(*(fractions(part) for part in (*net, *step)), strict=True))
    values, sizes = [], []
    for i, point in enumerate(points):
        active = [neuron for j, neuron in enumerate(neurons) if on[j, i]]
        terms = [
            t
            for v, w, b, dv, dw, db in active
            for t in (dv * w * point, dv * b, v * dw * point, v * db)
        ]
        values.append(sum(terms, ZERO))
        sizes.append(sum(map(abs, terms), ZERO))
    return values, sizes


def pulled_back(
    net: Net, x: Vector, g: Sequence[Fraction]
) -> Iterator[tuple[tuple[Fraction, ...], tuple[Fraction, ...]]]:
    """Gradient of Σ g_i N(x_i) by v, w, b of every neuron, and the largest size of a summand in
    each of the three.

    The summands are g_i w x_i and g_i b for v, and v g_i x_i, v g_i for w and b; σ' is 1 or 0.
    """
    on, points = activity(*net[1:], x), fractions(x)
    for j, (v, w, b) in enumerate(zip(*(fractions(part) for part in net), strict=True)):
        active = [
            (weight, point)
            for i, (weight, point) in enumerate(zip(g, points, strict=True))
            if on[j, i]
        ]
        mass, moment = sum((a for a, _ in active), ZERO), sum((a * t for a, t in active), ZERO)
        largest = max((abs(a) for a, _ in active), default=ZERO)
        farthest = max((abs(a * t) for a, t in active), default=ZERO)
        sizes = max(abs(w) * farthest, abs(b) * largest), abs(v) * farthest, abs(v) * largest
        yield (w * moment + b * mass, v * moment, v * mass), sizes


def tangent_system(
    net: Net, x: Vector, on: NDArray[np.bool_], held: Vector, a: Vector
) -> list[list[Fraction]]:
    """I + A K A with A = diag(a), K_ik = ∂N(x_i)/∂θ · ∂N(x_k)/∂θ for given activity (n, m).

    Where `held` is not NaN, (w, b) has one direction to move in only, along (1, −held).
    """
    points, weights = fractions(x), fractions(a)
    neurons = list(zip(*(fractions(part) for part in net), on.tolist(), held.tolist(), strict=True))
    size = len(points)
    rows = [[Fraction(int(i == k)) for k in range(size)] for i in range(size)]
    for v, w, b, active, at in neurons:
        for i, k in np.ndindex(size, size):
            if not (active[i] and active[k]):
                continue
            entry = (w * points[i] + b) * (w * points[k] + b)
            if np.isnan(at):
                entry += v * v * (points[i] * points[k] + 1)
            else:
                kink = Fraction(at)
                entry += v * v * (points[i] - kink) * (points[k] - kink) / (1 + kink * kink)
            rows[i][k] += weights[i] * weights[k] * entry
    return rows


def solution(matrix: Sequence[Sequence[Fraction]], right: Sequence[Fraction]) -> list[Fraction]:
    """Solve a positive definite system by elimination."""
    size = len(right)
    rows = [[*row, entry] for row, entry in zip(matrix, right, strict=True)]
    for k in range(size):
        rows[k] = [entry / rows[k][k] for entry in rows[k]]
        for i in range(size):
            if i != k and rows[i][k]:
                rows[i] = [p - rows[i][k] * q for p, q in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]


def gains(jacobian: NDArray[np.float64], p: Vector, second: Vector, h: float) -> list[float]:
    """g of (I + h K M) g = h K p, K = J Jᵀ, M = diag(second) − σ p pᵀ, σ = 1/Σ p²/second ≤ 1."""
    rows = [fractions(row) for row in jacobian]
    first = fractions(p)
    curved = fractions(second)
    shorter = min(Fraction(1), 1 / sum(a * a / b for a, b in zip(first, curved, strict=True)))
    kernel = [
        [sum(a * b for a, b in zip(row, other, strict=True)) for other in rows] for row in rows
    ]
    step = Fraction(h)
    size = range(len(rows))
    # K M = K diag(second) − σ (K p) pᵀ
    pushed = [sum(a * b for a, b in zip(row, first, strict=True)) for row in kernel]
    matrix = [
        [
            int(i == k) + step * (kernel[i][k] * curved[k] - shorter * pushed[i] * first[k])
            for k in size
        ]
        for i in size
    ]
    return [float(g) for g in solution(matrix, [step * push for push in pushed])]


# Sixty digits


class Weights(NamedTuple):
    """log L, −ℓ'(q_i)/L and ℓ''(q_i)/L, with a relative error far below that of doubles."""

    log_loss: Fraction
    first: list[Fraction]
    second: list[Fraction]


def weights(q: Sequence[Fraction], loss: str) -> Weights:
    """The losses of margins relative to their sum; numbers below e^−2000 are 0."""
    terms = [_log_terms(margin, loss) for margin in q]
    peak = max(log for log, _, _ in terms)
    total = sum((_exp(log - peak) for log, _, _ in terms), Decimal(0))
    log_loss = peak + Fraction(PRECISE.ln(total))
    return Weights(
        log_loss,
        [Fraction(_exp(log - log_loss)) for _, log, _ in terms],
        [Fraction(_exp(log - log_loss)) for _, _, log in terms],
    )


def _log_terms(q: Fraction, loss: str) -> tuple[Fraction, Fraction, Fraction]:
    """log ℓ, log −ℓ' and log ℓ''; what may be huge is kept rational."""
    if loss == "exponential":
        return -q, -q, -q
    small = _exp(-abs(q))
    log1p = Fraction(PRECISE.ln(PRECISE.add(Decimal(1), small)))
    if q <= 0:
        return Fraction(PRECISE.ln(_decimal(log1p - q))), -log1p, q - 2 * log1p
    if q > 40:  # log(log(1 + e)/e), where 1 + e would lose digits of e
        e = Fraction(small)
        quotient = 1 - e / 2 + e**2 / 3 - e**3 / 4
    else:
        quotient = log1p / Fraction(small)
    return Fraction(PRECISE.ln(_decimal(quotient))) - q, -q - log1p, -q - 2 * log1p


def _exp(q: Fraction) -> Decimal:
    return Decimal(0) if q < -BEYOND else PRECISE.exp(_decimal(q))


def _decimal(q: Fraction) -> Decimal:
    return PRECISE.divide(Decimal(q.numerator), Decimal(q.denominator))


# Dense arrays


def dense_margins(net: Net, x: Vector, y: Vector) -> Vector:
    """y_i N(x_i) in the precision of the arrays."""
    v, w, b = net
    return np.asarray(y * (v @ np.maximum(0.0, w[:, None] * x + b[:, None])))


def dense_log_loss(net: Net, x: Vector, y: Vector, loss: str) -> np.floating:
    """Log L, in the precision of the arrays (`np.longdouble` among them); margins of moderate
    size.
    """
    q = dense_margins(net, x, y)
    return np.log(np.sum(np.exp(-q) if loss == "exponential" else np.log1p(np.exp(-q))))


def dense_gradient(net: Net, x: Vector, y: Vector, loss: str) -> tuple[Vector, Vector, Vector]:
    """∇L by v, w, b; margins of moderate size, σ'(0) = 0."""
    v, w, b = net
    q = dense_margins(net, x, y)
    g = -y * (np.exp(-q) if loss == "exponential" else 1.0 / (1.0 + np.exp(q)))
    before = w[:, None] * x + b[:, None]
    on = before > 0.0
    return np.maximum(0.0, before) @ g, v * (on @ (g * x)), v * (on @ g)


def dense_jacobian(net: Net, x: Vector, on: NDArray[np.bool_], held: Vector) -> NDArray[np.float64]:
    """∂N(x_i)/∂(v, w, b), (m, 3 n), for given activity (n, m).

    Where `held` is not NaN, (w, b) has one direction to move in only, the unit vector along (1,
    −held).
    """
    v, w, b = net
    dv = on * (w[:, None] * x + b[:, None])
    dw, db = on * v[:, None] * x, on * v[:, None]
    free = np.isnan(held)[:, None]
    at = np.where(free, 0.0, held[:, None])
    along = (dw - at * db) / np.sqrt(1.0 + at * at)
    return np.concatenate([dv, np.where(free, dw, along), np.where(free, db, 0.0)]).T


# With torch


def torch_gradient(net: Net, x: Vector, y: Vector, loss: str) -> tuple[Vector, Vector, Vector]:
    """∇L by automatic differentiation of the dense net in float64; torch takes σ'(0) = 0 as
    well.
    """
    import torch

    v, w, b = (torch.tensor(part, requires_grad=True) for part in net)
    q = torch.tensor(y) * (torch.relu(torch.outer(torch.tensor(x), w) + b) @ v)
    total = (torch.exp(-q) if loss == "exponential" else -torch.nn.functional.logsigmoid(q)).sum()
    total.backward()
    return tuple(part.grad.numpy() for part in (v, w, b))
