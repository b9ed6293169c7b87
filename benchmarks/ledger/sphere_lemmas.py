"""The rows on what the proofs of Theorems 4.1 and 4.3 rest on: Lemmas B.2 to B.9."""

from fractions import Fraction
from math import ceil, inf, log, sqrt

import numpy as np

import highdim
from benchmarks.ledger.probability import DELTAS
from benchmarks.ledger.row import Finding, Outcome, Size, Statement
from benchmarks.ledger.sphere_pools import (
    Kind,
    Point,
    Pool,
    draw,
    fixed_outputs,
    needed,
    one_negative,
    trained_outputs,
)
from benchmarks.ledger.witnesses import binomial_tail
from univariate.common.result import Verdict

ROUNDING = 1e-9  # relative: of nets at worst margin 1, as polished


# Theorem 4.1


def lemma_b2(size: Size) -> Finding:
    """‖θ‖² against √(|I₊|/(4C)) where N(0) ≤ ½, for polished nets and for the two-neuron net."""
    quotients, printed = [], 0
    for net, sample, certificate in (*trained_outputs(size).points, *one_negative(size).points):
        report = highdim.theorem_4_1(
            net, sample, certificate=certificate, error=highdim.clean_error(net, rng=0)
        )
        if report.quantities["bias_sum"] <= 0.5:
            quotients.append(
                report.quantities["norm_squared"] / report.quantities["least_norm_if_small_bias"]
            )
            printed += any(
                one.verdict is Verdict.FAILS for one in report.named("Lemma B.2", "printed")
            )
    return Finding(
        "If N(0) ≤ ½ then ½ ≤ N(x_i) − N(0) for every i, hence ‖θ‖² ≥ √(|I₊|/(12C)), C = ‖XXᵀ‖",
        "corrected: for i ∈ I₊, and ‖θ‖² ≥ √(|I₊|/(4C)), which is more; KKT points with N(0) ≤ ½",
        len(quotients),
        trained_outputs(size).sizes,
        Outcome.FAILS if min(quotients, default=inf) < 1.0 else Outcome.CORRECTED,
        f"the printed step fails at {printed} of {len(quotients)}; ‖θ‖² is"
        f" {min(quotients, default=inf):.2f} times the corrected bound or more",
        "any_observation",
    )


def lemma_b3(size: Size) -> Finding:
    """The lemma's claim, by the construction scaled to margin 1."""
    found = _constructions(size)
    broken = sum(
        one.scaled_norm_squared is None or one.scaled_norm_squared > one.printed_bound
        for one in found
    )
    worst = max((one.scaled_norm_squared or inf) / one.printed_bound for one in found)
    return Finding(
        "For d ≥ 50 m² log(3m²/δ), p ≤ ¼ there is a net with margins ≥ 1 and ‖θ‖² ≤ 9 √|I₋|",
        "the proof's construction, scaled to smallest margin 1",
        len(found),
        "m = 8 to 16, d = 50 m² log(3m²/δ)",
        Outcome.of(broken),
        f"‖θ‖² is {worst:.2f} of 9 √|I₋| at most",
    )


def construction_of_b3(size: Size) -> Finding:
    """The construction as it is."""
    found = _constructions(size)
    printed = sum(one.norm_squared > one.printed_bound for one in found)
    broken = sum(one.norm_squared > one.corrected_bound * (1.0 + 0.1) for one in found)
    return Finding(
        "The construction of the proof has ‖θ‖² ≤ 9 √|I₋|",
        "corrected: Σ v² is 4 √|I₋|, not 2 √|I₋|, so ‖θ‖² = 4 ‖Σ x_i‖²/√|I₋| + 4 √|I₋| + 2/√|I₋| ≤"
        " 11 √|I₋|",
        len(found),
        "m = 8 to 16, d = 50 m² log(3m²/δ)",
        Outcome.FAILS if broken else Outcome.CORRECTED,
        f"above 9 √|I₋| {printed} of {len(found)} times; exactly 10 for |I₋| = 1",
        "norm_of_construction",
    )


def _constructions(size: Size) -> list[highdim.BenignInterpolator]:
    seeds = {Size.TINY: 1, Size.QUICK: 3, Size.FULL: 20}[size]
    kinds = [(m, k) for m in (8, 16) for k in (1, 2, 4) if k <= m // 4]
    dimension = {m: ceil(50 * m**2 * log(3 * m**2 / 0.05)) for m, _ in kinds}
    samples = [
        draw(Kind(m, dimension[m], 0.0, 2, k), seed) for m, k in kinds for seed in range(seeds)
    ]
    return [highdim.benign_interpolator(sample) for sample in samples]


# Theorem 4.3


def lemma_b4(size: Size) -> Finding:
    """Property 2 by exact binomial tails."""
    most = Fraction(1, 22)
    worst, count = 0.0, 0
    for n in (2, 4, 8) if size is not Size.TINY else (2,):
        for delta in DELTAS:
            m = ceil(6 * n**2 * log(2.0 / delta) / float(most))
            allowed = int(most * m / n**2)
            tail = float(binomial_tail(m, most / (2 * n**2), allowed + 1))
            worst = max(worst, tail / (0.5 * delta))
            count = count + 1
    return Finding(
        "For p ≤ c/n² and m > c' log(2/δ), |I₋| ≤ c₁m/n² with probability 1 − δ/2",
        "exact binomial tails; corrected: p ≤ c₁/(2n²) and m ≥ 6 n² log(2/δ)/c₁, c₁ = 1/22 (m ≥ c₂"
        " n log(1/δ) of Theorem 4.3 is not enough either)",
        count,
        "n = 2 to 8",
        Outcome.CORRECTED if worst <= 1.0 else Outcome.FAILS,
        f"at most {worst:.2g} of δ/2",
        "few_observations",
    )


def lemma_b5(size: Size) -> Finding:
    """Signs of biases, where d is as large as asked."""
    pool = fixed_outputs(size)
    least = {kind: _least_bias(_where(pool, kind)) for kind in (True, False)}
    met = _where(pool, True)
    return Finding(
        "For d ≥ 8 m⁴ log(2m²/δ) all b_j ≥ 0 at KKT points with outputs ±1",
        "KKT points at such d, relative to the largest |b_j|; and at smaller d",
        len(met),
        _sizes(met),
        Outcome.of(least[True] < -ROUNDING),
        f"b_j is {least[True]:.2g} or more there, {least[False]:.2g} or more at smaller d",
    )


def _where(pool: Pool, met: bool) -> list[Point]:
    return [
        one
        for one in pool.points
        if met == (one.sample.dimension >= needed(one.sample.size, 1, 8.0, 0))
    ]


def _least_bias(points: list[Point]) -> float:
    biases = [one.net.b / np.max(np.abs(one.net.b)) for one in points if one.net.b is not None]
    return float(min((b.min() for b in biases), default=0.0))


def lemma_b6(size: Size) -> Finding:
    """A neuron of its own sign is active."""
    pool = fixed_outputs(size)
    fewest = [_quantities(one)["fewest_active"] for one in pool.points]
    return Finding(
        "Wherever λ_i > 0 a neuron with the sign of y_i is active on x_i",
        "KKT points with outputs ±1",
        len(fewest),
        pool.sizes,
        Outcome.of(sum(count < 1.0 for count in fewest)),
        f"the fewest are {min(fewest):.0f}",
    )


def lemma_b7(size: Size) -> Finding:
    """λ on I₊ from below."""
    points = _small_bias(size, 2)
    quotients = [
        _quantities(one)["lambda_plus_low"] * 4.0 * len(one.net.v)
        for one in points
        if np.any(one.sample.y > 0.0)
    ]
    return Finding(
        "For d ≥ 32 m⁴n² log(2m²/δ), if N(0) ≤ ¼ then λ_i ≥ 1/(4n) on I₊",
        "KKT points at such d with N(0) ≤ ¼: as many labels −1 as +1, or nearly",
        len(quotients),
        _sizes(points),
        Outcome.of(sum(one < 1.0 for one in quotients)) if quotients else Outcome.OPEN,
        f"λ_i is {min(quotients, default=inf):.3g}/(4n) or more",
    )


def lemma_b8(size: Size) -> Finding:
    """λ on I₋ from above."""
    points = _small_bias(size, 4)
    largest = [_quantities(one)["lambda_minus_high"] for one in points]
    return Finding(
        "For d ≥ 16 m⁴n⁴ log(2m²/δ), if N(0) ≤ ¼ then λ_i ≤ 10/4 on I₋",
        "KKT points at d ≥ 32 m⁴n⁴ log(2m²/δ) with N(0) ≤ ¼",
        len(largest),
        _sizes(points),
        Outcome.of(sum(one > 2.5 for one in largest)) if largest else Outcome.OPEN,
        f"λ_i is {max(largest, default=0.0):.3g} at most",
    )


def dimension_of_b8(size: Size) -> Finding:
    """Its constant."""
    del size
    return Finding(
        "The proof of Lemma B.8 uses 2m²n² √(2 log(2m²/δ)/d) ≤ ½, for d ≥ 16 m⁴n⁴ log(2m²/δ)",
        "corrected: d ≥ 32 m⁴n⁴ log(2m²/δ), as Lemma B.9 assumes",
        1,
        "all m, n",
        Outcome.CORRECTED,
        f"{2.0 * sqrt(2.0 / 16.0):.3f} at 16, {2.0 * sqrt(2.0 / 32.0):.3f} at 32",
        "dimension_of_b8",
    )


def lemma_b9(size: Size) -> Finding:
    """N(0) where its hypotheses hold, which they do here only without any −1."""
    points = [
        one
        for one in fixed_outputs(size).points
        if one.sample.dimension >= needed(one.sample.size, len(one.net.v), 32.0, 4)
        and np.sum(one.sample.y < 0.0) <= one.sample.size / (22.0 * len(one.net.v) ** 2)
        and one.sample.size >= 2 * len(one.net.v)
    ]
    sums = [_quantities(one)["bias_sum"] for one in points]
    return Finding(
        "For p ≤ c₁/n², m ≥ c₂ n log(1/δ), d ≥ 32 m⁴n⁴ log(2m²/δ), N(0) > ¼ at KKT points with"
        " outputs ±1",
        "|I₋| ≤ m/(22n²), m ≥ 2n and such d: KKT points without any −1, as a single one asks for d"
        " ≥ 10¹¹",
        len(sums),
        _sizes(points),
        Outcome.of(sum(one <= 0.25 for one in sums)) if sums else Outcome.OPEN,
        f"N(0) is {min(sums, default=inf):.3f} or more",
    )


def _small_bias(size: Size, power: int) -> list[Point]:
    """KKT points with N(0) ≤ ¼ at d ≥ 32 m⁴ n^power log(2m²/δ)."""
    pool = fixed_outputs(size).points
    at = [
        one
        for one in pool
        if one.sample.dimension >= needed(one.sample.size, len(one.net.v), 32.0, power)
    ]
    return [one for one in at if _quantities(one)["bias_sum"] <= 0.25]


def _quantities(point: Point) -> dict[str, float]:
    net, sample, certificate = point
    error = highdim.clean_error(net, rng=0, samples=64)
    return highdim.theorem_4_3(net, sample, certificate=certificate, error=error).quantities


def _sizes(points: list[Point]) -> str:
    return Pool(tuple(points), 0).sizes


APPENDIX_B = (
    Statement("Lemma B.2", lemma_b2),
    Statement("Lemma B.3", lemma_b3),
    Statement("Lemma B.3, norm of its construction", construction_of_b3),
    Statement("Lemma B.4", lemma_b4),
    Statement("Lemma B.5", lemma_b5),
    Statement("Lemma B.6", lemma_b6),
    Statement("Lemma B.7", lemma_b7),
    Statement("Lemma B.8", lemma_b8),
    Statement("Lemma B.8, its dimension", dimension_of_b8),
    Statement("Lemma B.9", lemma_b9),
)
