"""Witnesses against statements of Section 4 and Appendix B as printed, replayed in fractions."""

from collections.abc import Callable
from fractions import Fraction
from math import isqrt

from benchmarks.ledger.witnesses import Replay, least_exponential
from highdim import RATIONAL_COUNTEREXAMPLES, RationalCounterexample
from univariate.counterexamples import fact

Row = tuple[Fraction, ...]


def small_error() -> Replay:
    """Proposition 4.5: bias-less KKT points with clean errors below 2^−n, with and without a label
    −1.
    """
    return tuple(
        condition for found in RATIONAL_COUNTEREXAMPLES for condition in _kkt_conditions(found)
    )


def _kkt_conditions(found: RationalCounterexample) -> Replay:
    """Margins, stationarity and the clean error, all in fractions."""
    n = len(found.v)
    m = len(found.y)
    derivative = {(j, i): share for j, i, share in found.kinks}
    Z = [[_dot(w, x) for x in found.X] for w in found.W]
    share = [
        [derivative.get((j, i), Fraction(int(Z[j][i] > 0))) for i in range(m)] for j in range(n)
    ]
    outputs = [sum(found.v[j] * max(Z[j][i], Fraction(0)) for j in range(n)) for i in range(m)]
    loads = [[found.multipliers[i] * found.y[i] * share[j][i] for i in range(m)] for j in range(n)]
    pulled = [
        tuple(
            sum((loads[j][i] * found.X[i][k] for i in range(m)), Fraction(0)) * found.v[j]
            for k in range(len(found.X[0]))
        )
        for j in range(n)
    ]
    lifted = [
        sum(found.multipliers[i] * found.y[i] * max(Z[j][i], Fraction(0)) for i in range(m))
        for j in range(n)
    ]
    kinks = [
        (j, i) for j in range(n) for i in range(m) if Z[j][i] == 0 and found.multipliers[i] > 0
    ]
    name = f"n = {n}, m = {m}"
    return (
        fact(f"{name}: unit vectors", all(_dot(x, x) == 1 for x in found.X)),
        fact(
            f"{name}: margins are 1",
            all(y * out == 1 for y, out in zip(found.y, outputs, strict=True)),
        ),
        fact(f"{name}: λ ≥ 0", min(found.multipliers) >= 0),
        fact(
            f"{name}: σ' in [0, 1] at kinks, and given there",
            all(0 <= derivative[one] <= 1 for one in kinks),
        ),
        fact(f"{name}: stationary in w", pulled == [tuple(w) for w in found.W]),
        fact(f"{name}: stationary in v", lifted == list(found.v)),
        fact(
            f"{name}: L_cl ≤ {found.clean_error_below} < 2^−n",
            found.clean_error_below < Fraction(1, 2**n),
        ),
    )


def _dot(one: Row, other: Row) -> Fraction:
    return sum((a * b for a, b in zip(one, other, strict=True)), Fraction(0))


def unbalanced_output() -> Replay:
    """Proposition 4.6: with |I₊| = 2 the proof's net has v = 1, and stationarity asks for v =
    Σ_{I₊} σ(w·x_i) = 2.

    λ = 1 is forced: w_{k+1} = v Σ λ_i x_i over orthonormal x_i.
    """
    plus = ((Fraction(1), Fraction(0), Fraction(0)), (Fraction(0), Fraction(1), Fraction(0)))
    w = tuple(a + b for a, b in zip(*plus, strict=True))
    v = Fraction(1)
    lengths = [_dot(w, x) / v for x in plus]  # the only λ with w = v Σ λ_i x_i
    asked = sum(length * _dot(w, x) for length, x in zip(lengths, plus, strict=True))
    return (
        fact("λ = 1 follows from stationarity in w", lengths == [1, 1]),
        fact("stationarity in v asks for 2, not 1", asked == 2 and asked != v),
    )


def any_observation() -> Replay:
    """Lemma B.2: on the max-margin net of e_1 (+1) and e_2 (−1), N(0) = 0 and N(e_2) − N(0) = −1 <
    ½.

    N = σ(2x₁/3 − x₂/3 + 1/3) − σ(2x₂/3 − x₁/3 + 1/3), the closed form of orthonormal data.
    """
    third = Fraction(1, 3)

    def value(x: Row) -> Fraction:
        up = max(2 * third * x[0] - third * x[1] + third, Fraction(0))
        return up - max(2 * third * x[1] - third * x[0] + third, Fraction(0))

    zero = Fraction(0)
    one = Fraction(1)
    return (
        fact("margins are 1", value((one, zero)) == 1 and value((zero, one)) == -1),
        fact("N(0) ≤ ½", value((zero, zero)) <= Fraction(1, 2)),
        fact(
            "N(x_i) − N(0) < ½ for the −1 point",
            value((zero, one)) - value((zero, zero)) < Fraction(1, 2),
        ),
    )


def norm_of_construction() -> Replay:
    """Lemma B.3: with |I₋| = 1 and n = 4 its net has w = ∓x, v = ±1, b = 1 or 0, so that ‖θ‖² = 10
    > 9 √|I₋|.
    """
    width, minus = 4, 1
    weight = Fraction(4, width * minus)  # squares of w = ∓√(4/(n √|I₋|)) x, and of b
    output = Fraction(4 * minus, width)  # squares of v
    norm = width * (weight + output) + width // 2 * weight
    return (fact("‖θ‖² = 10 > 9", norm == 10 and norm > 9 * isqrt(minus)),)


def few_observations() -> Replay:
    """Lemma B.4: for constants c ≤ c₁ and c' there are m > c' log(2/δ), n and p = c/n² with Pr[|I₋|
    > c₁m/n²] > δ.

    If n² > c₁ m a single −1 is too many, and there is one with probability 1 − (1 − c/n²)^m, which
    does not become small with δ. log(2/δ) < 16 for δ = 10⁻⁶, since 2·10⁶ < 2.7^16 < e^16.
    """
    shown = []
    for c, most, factor in (
        (Fraction(1, 1000), Fraction(1, 22), 10),
        (Fraction(1, 100), Fraction(1, 22), 1000),
    ):
        delta = Fraction(1, 10**6)
        m = 16 * factor
        n = isqrt(int(most * m)) + 1
        probability = 1 - (1 - c / n**2) ** m
        enough = 2 / delta < Fraction(27, 10) ** 16 and Fraction(27, 10) < least_exponential(
            Fraction(1)
        )
        allowed = most * m / n**2
        shown.append(
            fact(
                f"c = {c}, c' = {factor}: δ = 10⁻⁶ < Pr",
                enough and allowed < 1 and probability > delta,
            )
        )
    return tuple(shown)


def dimension_of_b8() -> Replay:
    """Lemma B.8: at d = 16 m⁴n⁴ L, L = log(2m²/δ), the square of 2m²n² √(2L/d) is ½; its proof
    needs ¼.
    """
    square = Fraction(2**2 * 2, 16)
    return (
        fact("(2m²n²)² · 2L/(16 m⁴n⁴ L) > ¼", square > Fraction(1, 4)),
        fact("with 32 in place of 16 it is ¼", Fraction(2**2 * 2, 32) == Fraction(1, 4)),
    )


WITNESSES: dict[str, Callable[[], Replay]] = {
    one.__name__: one
    for one in (
        small_error,
        unbalanced_output,
        any_observation,
        norm_of_construction,
        few_observations,
        dimension_of_b8,
    )
}
