"""The rows on inputs and labels alone: Lemmas A.1, B.1, D.1 and D.2."""

from fractions import Fraction
from functools import cache
from math import exp, log, sqrt
from typing import NamedTuple

import numpy as np
from scipy.special import betainc, betaln, xlog1py

from benchmarks.columns import holds_from
from benchmarks.ledger.row import Finding, Outcome, Size, Statement, span
from benchmarks.ledger.witnesses import binomial_tail, least_exponential, many_small_gaps

ENTROPY = 41  # first word of every seed
DELTAS = (0.2, 0.1, 0.05, 0.01)


class Plan(NamedTuple):
    """Largest m of Lemma A.1; (m, d) of Gram matrices, and how many of each."""

    gaps: int
    grams: tuple[tuple[int, int], ...]
    repetitions: int


PLANS = {
    Size.TINY: Plan(600, ((5, 40), (20, 400)), 4),
    Size.QUICK: Plan(
        3000, ((10, 100), (20, 400), (50, 50), (50, 2500), (100, 10_000), (200, 400)), 40
    ),
    Size.FULL: Plan(
        6000,
        ((10, 100), (20, 400), (50, 50), (50, 2500), (100, 10_000), (200, 40_000), (500, 500)),
        200,
    ),
}


# Lemma A.1


def lemma_a1(size: Size) -> Finding:
    """Pr[E_x] by exact inclusion and exclusion for the small gaps, a union bound for the largest
    one.
    """
    grid = sorted(
        {round(20 * 1.2**k) for k in range(40) if 20 * 1.2**k <= PLANS[size].gaps}
        | {PLANS[size].gaps}
    )
    first = {delta: _from_which_on(grid, delta) for delta in DELTAS}
    met = {delta: m for delta, m in first.items() if m is not None}
    found = ", ".join(f"{m} for δ = {delta:g}" for delta, m in met.items())
    return Finding(
        "For m ≥ m_0 absolute, no gap is large, few are small, none is 0, with probability 1 − δ/4",
        "Pr[E_x] for given m and δ, the small gaps in exact arithmetic; corrected: m_0 depends"
        " on δ",
        len(grid) * len(DELTAS),
        span("m", grid),
        Outcome.CORRECTED if met else Outcome.FAILS,
        f"m_0 on the grid: {found}; no m_0 serves all δ",
        "small_gaps",
    )


def _from_which_on(grid: list[int], delta: float) -> int | None:
    """The first m of a grid from which on the bound on Pr[not E_x] stays below δ/4."""
    return holds_from(
        {m: small_gaps_probability(m) + _large_gap_bound(m, delta) <= delta / 4.0 for m in grid}
    )


@cache
def small_gaps_probability(m: int) -> float:
    """Pr[at least (m + 1)/8 of the m − 1 inner gaps are below 1/(10(m + 1))], summed in integers,
    rounded once.
    """
    return float(many_small_gaps(m))


def _large_gap_bound(m: int, delta: float) -> float:
    """Union bound on Pr[some inner gap exceeds log(8(m + 1)/δ)/(m + 1)]."""
    bound = log(8.0 * (m + 1) / delta) / (m + 1)
    return (m - 1) * max(0.0, 1.0 - bound) ** m


# Lemma B.1


def inner_products(size: Size) -> Finding:
    """Property 1: the exact probability of one pair, times the number of pairs."""
    sizes = [(m, d) for m in (2, 10, 100, 1000) for d in (2, 3, 10, 100, 10**4, 10**6)]
    ratios = []
    for m, d in sizes:
        for delta in DELTAS:
            threshold = sqrt(2.0 * log(3.0 * m * m / delta) / d)
            ratios.append(
                0.5 * m * (m - 1) * exp(log_angle_probability(d, threshold)) / (delta / 3.0)
            )
    return Finding(
        "With probability 1 − δ/3, all |x_i·x_j| ≤ √(2 log(3m²/δ)/d)",
        "number of pairs × exact probability of one pair ≤ δ/3 (the proof loses a factor 2, and has"
        " it to spare)",
        len(ratios),
        "m = 2 to 1000, d = 2 to 10⁶",
        Outcome.of(sum(ratio > 1.0 for ratio in ratios)),
        f"at most {max(ratios):.3g} of δ/3",
    )


def gram_norm(size: Size) -> Finding:
    """Property 2, which needs d of order m."""
    plan = PLANS[size]
    worst, counted = 0.0, 0
    for m, d in plan.grams:
        if d >= m:
            bound = (1.0 + sqrt(m / d) + sqrt(2.0 * log(6.0 / 0.05) / d)) ** 2
            found = [norm for norm, _ in _gram_norms(m, d, plan.repetitions)]
            worst = max(worst, *(norm / bound for norm in found))
            counted += len(found)
    return Finding(
        "With probability 1 − δ/3, ‖XXᵀ‖ ≤ C",
        "corrected: d ≥ m, ‖XXᵀ‖ ≤ (1 + √(m/d) + √(2 log(6/δ)/d))², on drawn samples, δ = 0.05",
        counted,
        _sizes(plan.grams),
        Outcome.CORRECTED if worst <= 1.0 else Outcome.FAILS,
        f"at most {worst:.3f} of the bound; ‖XXᵀ‖ ≥ m/d always",
        "gram_norm",
    )


def labels(size: Size) -> Finding:
    """Property 3: exact binomial tails against exp(−pm/5) and exp(−3pm/28)."""
    grid = [(m, Fraction(1, q)) for q in (4, 10, 20, 50) for m in (20, 50, 100, 200, 500, 1000)]
    printed, worst = 0, 0.0
    for m, p in grid:
        tail = binomial_tail(m, p, -(-3 * p.numerator * m // (2 * p.denominator)))
        printed += tail > 1 / least_exponential(p * m / 5)
        worst = max(worst, float(tail * least_exponential(3 * p * m / 28)))
    return Finding(
        "Pr[|I₋| ≥ 3pm/2] ≤ exp(−pm/5)",
        "exact binomial tails; corrected, as Bernstein's inequality gives: ≤ exp(−3pm/28)",
        len(grid),
        "m = 20 to 1000, p = 1/50 to 1/4",
        Outcome.CORRECTED if worst <= 1.0 else Outcome.FAILS,
        f"{printed} of {len(grid)} tails exceed exp(−pm/5); at most {worst:.3g} × exp(−3pm/28)",
        "bernstein_step",
    )


# Lemmas D.1 and D.2


def lemma_d1(size: Size) -> Finding:
    """The exact tail, by the regularised incomplete beta function, on a grid of d and t."""
    dimensions = [2, 3, 4, 5, 7, 10, 20, 50, 100, 1000, 10**4, 10**6]
    ratios = [
        log_angle_probability(d, t) - (log(2.0) - 0.5 * d * t * t)
        for d in dimensions
        for t in np.concatenate(
            [np.linspace(0.0, 0.999, 200), np.geomspace(1e-3, 40.0, 100) / sqrt(d)]
        ).tolist()
        if t < 1.0
    ]
    return Finding(
        "Pr[|u·v| ≥ t] ≤ 2 exp(−dt²/2)",
        "the exact probability on a grid of d and t",
        len(ratios),
        "d = 2 to 10⁶, t = 0 to 0.999",
        Outcome.of(sum(ratio > 0.0 for ratio in ratios)),
        f"at most {exp(max(ratios)):.3g} of the bound",
    )


def log_angle_probability(d: int, t: float) -> float:
    """Return log Pr[|u·v| ≥ t] for independent uniform u, v on the sphere in R^d; −inf for t ≥ 1.

    Rounded.

    Where the incomplete beta function underflows, an upper bound: its first term, divided by t².
    """
    if t >= 1.0:
        return -np.inf
    a = 0.5 * (d - 1)
    b = 0.5
    x = 1.0 - t * t
    value = float(betainc(a, b, x))
    if value > 1e-290:
        return log(value)
    return float(a * np.log1p(-t * t) - log(a) - betaln(a, b) - xlog1py(0.5, -x))


def lemma_d2(size: Size) -> Finding:
    """‖XXᵀ − I‖ on samples, against the printed rate and the right one."""
    plan = PLANS[size]
    t = log(40.0)
    quotients = []
    worst = 0.0
    counted = 0
    for m, d in plan.grams:
        found = [deviation for _, deviation in _gram_norms(m, d, plan.repetitions)]
        printed = (sqrt((d + t) / m) + (d + t) / m) / d
        quotients.append(float(np.median(found)) / printed)
        small = sqrt(m / d) + sqrt(2.0 * t / d)
        worst = max(worst, max(found) / (2.0 * small + small * small))
        counted += len(found)
    return Finding(
        "Pr[‖XXᵀ − I‖ ≥ (c/d)(√((d + t)/m) + (d + t)/m)] ≤ 2 exp(−t)",
        "corrected: ‖XXᵀ − I‖ ≤ 2ε + ε², ε = √(m/d) + √(2t/d), on drawn samples, exp(−t) = 1/40",
        counted,
        _sizes(plan.grams),
        Outcome.CORRECTED if worst <= 1.0 else Outcome.FAILS,
        f"median {min(quotients):.3g} to {max(quotients):.3g} × the printed rate; at most"
        f" {worst:.2f} of the right one",
        "gram_deviation",
    )


@cache
def _gram_norms(m: int, d: int, repetitions: int) -> list[tuple[float, float]]:
    """(‖XXᵀ‖, ‖XXᵀ − I‖) of drawn samples."""
    rng = np.random.default_rng([ENTROPY, m, d])
    found = []
    for _ in range(repetitions):
        X = rng.standard_normal((m, d))
        X /= np.linalg.norm(X, axis=1)[:, None]
        eigenvalues = np.linalg.eigvalsh(X @ X.T)
        found.append((float(eigenvalues[-1]), float(np.abs(eigenvalues - 1.0).max())))
    return found


def _sizes(grams: tuple[tuple[int, int], ...]) -> str:
    return "(m, d) = " + ", ".join(f"({m}, {d:,})" for m, d in grams)


INPUTS_ON_THE_LINE = (Statement("Lemma A.1", lemma_a1),)
SPHERE = (
    Statement("Lemma B.1, Property 1", inner_products),
    Statement("Lemma B.1, Property 2", gram_norm),
    Statement("Lemma B.1, Property 3", labels),
)
CONCENTRATION = (Statement("Lemma D.1", lemma_d1), Statement("Lemma D.2", lemma_d2))
