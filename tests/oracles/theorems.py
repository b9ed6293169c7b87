"""Both sides of every inequality of Theorems 4.1 and 4.3, by plain loops over dense arrays.

Multipliers, the certificate's accuracy, the bounds of ‖θ*‖² and the clean error are taken as given;
they have oracles of their own.
"""

from dataclasses import dataclass
from math import exp, fsum, inf, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Sides = tuple[float, float]


@dataclass
class Case:
    """A net at worst margin 1 and a sample, with what is given."""

    v: Array
    W: Array
    b: Array
    X: Array
    y: Array
    epsilon: float
    delta: float
    p: float
    multipliers: Array

    def __post_init__(self) -> None:
        self.m, self.d = self.X.shape
        self.n = len(self.v)
        self.gram = np.array([[float(np.dot(one, other)) for other in self.X] for one in self.X])
        self.plus = [i for i in range(self.m) if self.y[i] > 0.0]
        self.minus = [i for i in range(self.m) if self.y[i] < 0.0]
        self.at_zero = sum(self.v[j] * max(0.0, self.b[j]) for j in range(self.n))

    def output(self, x: Array) -> float:
        """N(x)."""
        return sum(
            self.v[j] * max(0.0, float(np.dot(self.W[j], x)) + self.b[j]) for j in range(self.n)
        )

    def norm_squared(self, *, outputs: bool = True) -> float:
        """‖θ‖²."""
        squares = sum(float(np.dot(w, w)) for w in self.W) + sum(b * b for b in self.b)
        return squares + (sum(v * v for v in self.v) if outputs else 0.0)

    def gram_norm(self) -> float:
        """‖XXᵀ‖."""
        return float(np.linalg.svd(self.X, compute_uv=False)[0] ** 2)

    def off_identity(self) -> float:
        """‖XXᵀ − I‖."""
        values = np.linalg.svd(self.X, compute_uv=False) ** 2
        smallest = values[-1] if self.m <= self.d else 0.0
        return float(max(values[0] - 1.0, 1.0 - smallest))

    def alpha(self) -> Array:
        """Coefficients of w_j/‖w_j‖, for w_j ≠ 0, by least squares."""
        rows = [
            np.linalg.lstsq(self.X.T, w / np.linalg.norm(w), rcond=None)[0]
            for w in self.W
            if np.any(w)
        ]
        return np.array(rows)

    def off_span(self) -> float:
        """Largest relative distance of a w_j from the span of the data."""
        moving = [w for w in self.W if np.any(w)]
        pairs = zip(self.alpha(), moving, strict=True)
        return max(
            float(np.linalg.norm(w - np.linalg.norm(w) * (a @ self.X)) / np.linalg.norm(w))
            for a, w in pairs
        )

    def correlation(self) -> float:
        """Largest |x_i·x_j|."""
        return max((abs(self.gram[i, j]) for i in range(self.m) for j in range(i)), default=0.0)

    def levy(self) -> float:
        """exp(−(d − 1) s²/(2‖W‖²)), or 1."""
        spectral = float(np.linalg.svd(self.W, compute_uv=False)[0])
        if self.at_zero <= 0.0:
            return 1.0
        s = self.at_zero / float(np.linalg.norm(self.v)) - float(np.linalg.norm(self.W)) / sqrt(
            self.d
        )
        return exp(-(self.d - 1) * s * s / (2.0 * spectral**2)) if s > 0.0 else 1.0

    def union(self, reach: float) -> float:
        """2m exp(−d t²/2) with t = N(0)/reach, or 1."""
        if self.at_zero <= 0.0:
            return 1.0
        return min(1.0, 2.0 * self.m * exp(-self.d * (self.at_zero / reach) ** 2 / 2.0))

    def active(self, j: int, i: int) -> bool:
        """Whether neuron j is active on x_i."""
        return float(np.dot(self.W[j], self.X[i])) + self.b[j] > 0.0


def _on_the_sample(case: Case) -> dict[str, Sides]:
    """What both theorems ask of data and noise."""
    lengths = [sqrt(fsum(entry * entry for entry in row)) for row in case.X.tolist()]
    return {
        "x_i on the unit sphere: max |‖x_i‖ − 1|": (max(abs(one - 1.0) for one in lengths), 1e-9),
        "p ≤ ½": (case.p, 0.5),
    }


def theorem_4_1(case: Case, given: dict[str, float]) -> dict[str, Sides]:
    """Claim → (left, right); `given` has accuracy, tolerance, margin, lower, error, biased."""
    m, d, delta, epsilon = case.m, case.d, case.delta, case.epsilon
    share = (d + log(3.0 / delta)) / m
    size_v, size_W = (
        sqrt(sum(v * v for v in case.v)),
        sqrt(sum(float(np.dot(w, w)) for w in case.W)),
    )
    alpha = case.alpha()
    total = max(sum(abs(a) for a in row) for row in alpha)
    euclid = max(sqrt(sum(a * a for a in row)) for row in alpha)
    reach = size_v * size_W * total if case.off_span() <= 1e-6 else inf
    needed = (
        2.0 * log(2.0 * m / epsilon) * (reach / case.at_zero) ** 2 if case.at_zero > 0.0 else inf
    )
    ahead = [case.output(x) - case.at_zero for x in case.X]
    norm, C = case.norm_squared(), case.gram_norm()
    root = sqrt(len(case.minus))
    return {
        **_on_the_sample(case),
        "the net has biases": (given["biased"], 1.0),
        "Property 1: |x_i·x_j| ≤ √(2 log(3m²/δ)/d)": (
            case.correlation(),
            sqrt(2.0 * log(3.0 * m * m / delta) / d),
        ),
        "Property 2, as the proof uses it: ‖XXᵀ − I‖ ≤ ½": (case.off_identity(), 0.5),
        "Property 3: |I₋| ≤ 3pm/2": (float(len(case.minus)), 1.5 * case.p * m),
        "y_i N(x_i) > 0 for all data": (given["margin"], 0.0),
        "θ is a KKT point of Problem (1)": (given["accuracy"], given["tolerance"]),
        "‖θ‖² < √(|I₊|/(4‖XXᵀ‖)), so that N(0) > ½": (norm, sqrt(len(case.plus) / (4.0 * C))),
        f"d ≥ 2 log(2m/ε) (‖v‖ ‖W‖ max_j Σ_i |α_ij| / N(0))², for ε = {epsilon:g}": (
            float(d),
            needed,
        ),
        "‖XXᵀ − I‖ ≤ (1/d) (√((d + log(3/δ))/m) + (d + log(3/δ))/m)": (
            case.off_identity(),
            (sqrt(share) + share) / d,
        ),
        "‖XXᵀ‖ ≤ ((√d + √m) √(d + 1)/d + √(2 log(3/δ)/(d − 1)))²": (
            C,
            ((sqrt(d) + sqrt(m)) * sqrt(d + 1) / d + sqrt(2.0 * log(3.0 / delta) / (d - 1))) ** 2,
        ),
        "N(0) = Σ v_j σ(b_j) > ½": (case.at_zero, 0.5),
        "‖v‖ ‖W‖ ≥ (1 − N(0)) √(|I₊|/‖XXᵀ‖)": (
            size_v * size_W,
            max(0.0, 1.0 - case.at_zero) * sqrt(len(case.plus) / C),
        ),
        "½ ≤ N(x_i) − N(0), i ∈ [m]": (min(ahead), 0.5),
        "½ ≤ N(x_i) − N(0), i ∈ I₊": (min(ahead[i] for i in case.plus), 0.5),
        "‖θ‖² ≥ √(|I₊|/(12C))": (norm, sqrt(len(case.plus) / (12.0 * C))),
        "‖θ‖² ≥ √(|I₊|/(4C))": (norm, sqrt(len(case.plus) / (4.0 * C))),
        "‖θ*‖² ≤ 9 √|I₋|": (given["lower"], 9.0 * root),
        "‖θ*‖² ≤ 10 √|I₋|": (given["lower"], 10.0 * root),
        "‖θ‖² ≤ 9 √m": (norm, 9.0 * sqrt(m)),
        "every w_j in the span of the data": (case.off_span(), 1e-6),
        "|w_j·x| ≤ ‖w_j‖ ‖α_j‖ t where |x_i·x| ≤ t: max_j Σ_i |α_ij| ≤ max_j ‖α_j‖": (
            total,
            euclid,
        ),
        "max_j Σ_i |α_ij| ≤ √m max_j ‖α_j‖": (total, sqrt(m) * euclid),
        "max_j ‖α_j‖² ≤ 1/(1 − ‖XXᵀ − I‖)": (
            euclid,
            1.0 / sqrt(max(1e-300, 1.0 - case.off_identity())),
        ),
        "½ − 81 m c″ √(2 log(m/ε)/d) > 0": (
            0.5 - 81.0 * m * euclid * sqrt(2.0 * log(m / epsilon) / d),
            0.0,
        ),
        "N(0) − ‖v‖ ‖W‖ max_j Σ_i |α_ij| √(2 log(2m/ε)/d) > 0": (
            case.at_zero - reach * sqrt(2.0 * log(2.0 * m / epsilon) / d),
            0.0,
        ),
        "L_cl ≤ 2m exp(−d t²/2), t = N(0)/(‖v‖ ‖W‖ max_j Σ_i |α_ij|)": (
            given["error"],
            case.union(reach),
        ),
        "L_cl ≤ exp(−(d − 1) s²/(2 ‖W‖²)), s = N(0)/‖v‖ − ‖W‖_F/√d": (given["error"], case.levy()),
        f"L_cl ≤ {epsilon:g}": (given["error"], epsilon),
    }


def theorem_4_3(case: Case, given: dict[str, Any]) -> dict[str, Sides]:
    """Claim → (left, right) for the net with outputs as they are, W and b at worst margin 1."""
    m, d, n, delta, epsilon = case.m, case.d, case.n, case.delta, case.epsilon
    pair, lengths = log(2.0 * m * m / delta), case.multipliers
    largest = max(lengths)
    support = [i for i in range(m) if lengths[i] > 0.0]
    counts = [
        sum(case.active(j, i) for j in range(n) if case.v[j] * case.y[i] > 0.0) for i in support
    ]
    off = max(abs(abs(v) - 1.0) for v in case.v) + abs(sum(case.v))
    last = 2.0 * log(2.0 * m / epsilon) * (24.0 * m**2 * n**2) ** 2
    return {
        **_on_the_sample(case),
        "the net has biases": (given["biased"], 1.0),
        "v_j = ±1, half of them each: max ||v_j| − 1| + |Σ v_j|": (off, 0.0),
        "Property 1: |x_i·x_j| ≤ √(2 log(2m²/δ)/d)": (case.correlation(), sqrt(2.0 * pair / d)),
        "Property 2: |I₋| ≤ m/(22 n²)": (float(len(case.minus)), m / (22.0 * n * n)),
        "m ≥ 2n": (float(m), 2.0 * n),
        "y_i N(x_i) > 0 for all data": (given["margin"], 0.0),
        "θ is a KKT point of Problem (1)": (given["accuracy"], given["tolerance"]),
        "d ≥ 32 m⁴n⁴ log(2m²/δ)": (float(d), 32.0 * m**4 * n**4 * pair),
        f"d ≥ 2 log(2m/ε) (24 m²n²)², so that 3m²n² √(2 log(2m/ε)/d) ≤ ⅛, for ε = {epsilon:g}": (
            float(d),
            last,
        ),
        "b_j ≥ 0 for all j": (min(case.b), 0.0),
        "neurons of its own sign active on a support vector ≥ 1": (float(min(counts)), 1.0),
        "λ_i ≥ 1/(4n), i ∈ I₊": (min(lengths[i] for i in case.plus), 1.0 / (4.0 * n)),
        "λ_i ≤ 10/4, i ∈ I₋": (max((lengths[i] for i in case.minus), default=0.0), 2.5),
        "2m²n² √(2 log(2m²/δ)/d) ≤ ½ at d = 16 m⁴n⁴ log(2m²/δ)": (2.0 * sqrt(2.0 / 16.0), 0.5),
        "2m²n² √(2 log(2m²/δ)/d) ≤ ½ at d = 32 m⁴n⁴ log(2m²/δ)": (2.0 * sqrt(2.0 / 32.0), 0.5),
        "N(0) = Σ v_j σ(b_j) > ¼": (case.at_zero, 0.25),
        "λ_i ≤ 3mn": (largest, 3.0 * m * n),
        "N(0) − m n max λ √(2 log(2m/ε)/d) > 0": (
            case.at_zero - m * n * largest * sqrt(2.0 * log(2.0 * m / epsilon) / d),
            0.0,
        ),
        "L_cl ≤ 2m exp(−d t²/2), t = N(0)/(m n max λ)": (
            given["error"],
            case.union(m * n * largest),
        ),
        "L_cl ≤ exp(−(d − 1) s²/(2 ‖W‖²)), s = N(0)/√n − ‖W‖_F/√d": (given["error"], case.levy()),
        f"L_cl ≤ {epsilon:g}": (given["error"], epsilon),
    }
