"""Witnesses against statements as printed: functions that replay a refutation in exact arithmetic.

Each returns what it shows, claim by claim, as `Condition`s that all hold; a witness of which one
does not is none.
"""

from collections.abc import Callable
from fractions import Fraction
from math import comb

from univariate.counterexamples import (
    Condition,
    fact,
    proposition_a_4,
    theorem_3_2_lower_bound,
)

Replay = tuple[Condition, ...]


def isolated_negative() -> Replay:
    """Proposition A.4 and Lemma A.7: a local minimum with N(x_{i+1}) ≈ 6.7 right of an isolated
    −1.
    """
    found = proposition_a_4()
    above = fact("N is larger than 1 right of an isolated −1", found.value(found.interval[1]) > 1)
    return (*found.conditions(), above)


def two_bends_in_a_gap() -> Replay:
    """Lemma A.6: a local minimum of four neurons whose N bends twice between an isolated −1 and its
    neighbour.

    Given by bends (J, t, side, √(1 + t²)): the balanced neuron with v² = |J| √(1 + t²) and the sign
    of J, which changes the slope by J at t and is active right (+1) or left (−1) of it. Divided by
    v, Eq. (2) and balance say that g_j = Σ_i λ_i y_i σ'_ij (x_i, 1) is ± side (1, −t)/√(1 + t²);
    why that suffices is told in `univariate.paper.exact_minimum`.
    """
    x = _ratios("7093/65980 11/60 68251/126660 149369/239400 173309/239400 7963/9240 8383/9240")
    y = _ratios("-1 1 -1 1 -1 -1 1")
    multipliers = _ratios(
        "52348532/1360775 63640892/1463475 8114684/1463475 27416286/1112735 118206/5035"
        " 3263973/37100 54434601/630700"
    )
    bends = tuple(
        (Fraction(jump), Fraction(kink), side, Fraction(root))
        for jump, kink, side, root in (
            ("-32", "11/60", 1, "61/60"),
            ("76", "33/56", 1, "65/56"),
            ("-135652/1501", "28/45", -1, "53/45"),
            ("64", "140/171", -1, "221/171"),
        )
    )
    # of the first bend on x_1; no other observation is on a kink
    derivative = Fraction(641033, 4472459)

    def value(point: Fraction) -> Fraction:
        return sum(
            (jump * max(Fraction(0), side * (point - kink)) for jump, kink, side, _ in bends),
            Fraction(0),
        )

    margins = [label * value(point) for point, label in zip(x, y, strict=True)]
    charges = [multiplier * label for multiplier, label in zip(multipliers, y, strict=True)]
    shown = [
        fact("inputs increase", list(x) == sorted(set(x))),
        fact("every margin is 1", margins == [1] * len(x)),
        fact("no multiplier is negative", min(multipliers) >= 0),
        fact("the derivative on the kink lies in [0, 1]", 0 <= derivative <= 1),
    ]
    for j, bend in enumerate(bends):
        active = [
            derivative if point == bend[1] else Fraction(bend[2] * (point - bend[1]) > 0)
            for point in x
        ]
        loads = [charge * share for charge, share in zip(charges, active, strict=True)]
        shown += _bend_conditions(j, bend, x, y, loads)
    isolated = y[1:4] == _ratios("1 -1 1")
    inside = [kink for _, kink, _, _ in bends if x[2] < kink < x[3]]
    linear = all(value(kink) == -1 + 2 * (kink - x[2]) / (x[3] - x[2]) for kink in inside)
    return (
        *shown,
        fact(
            "N is not linear right of an isolated −1", isolated and len(inside) == 2 and not linear
        ),
    )


def _bend_conditions(
    j: int,
    bend: tuple[Fraction, Fraction, int, Fraction],
    x: tuple[Fraction, ...],
    y: tuple[Fraction, ...],
    loads: list[Fraction],
) -> Replay:
    """Neuron j of `two_bends_in_a_gap`, on which the loads λ_i y_i σ'_ij act."""
    jump, kink, side, root = bend
    g_1 = sum(loads, Fraction(0))
    g_x = sum((load * point for load, point in zip(loads, x, strict=True)), Fraction(0))
    sign = side if jump > 0 else -side
    stationary = (g_x, g_1) == (sign / root, -sign * kink / root)
    against = all(label * jump < 0 for point, label in zip(x, y, strict=True) if point == kink)
    return (
        fact(f"neuron {j} is stationary", stationary),
        fact(f"√(1 + t²) of neuron {j}", root > 0 and root**2 == 1 + kink**2),
        fact(f"no observation on the kink of neuron {j} has its sign", against),
    )


def lower_bound() -> Replay:
    """Theorem 3.2 given the sample: a local minimum with fewer errors than half of the gaps right
    of isolated −1.
    """
    found = theorem_3_2_lower_bound()
    x, y = found.x, found.y
    pattern = (1, -1, 1)
    halves = sum((x[i + 1] - x[i]) / 2 for i in range(1, len(x) - 1) if y[i - 1 : i + 2] == pattern)
    return (
        *found.conditions(),
        fact("L_cl is less than half of the gaps", found.clean_error() < halves),
    )


def small_gaps() -> Replay:
    """Lemma A.1 with an m_0 that does not depend on δ: for every m the event fails more often than
    δ/4 for some δ.

    Too many gaps are small with a probability P that does not depend on δ, and P ≥ (10(m + 1))^−m,
    since then all inputs lie within the first 1/(10(m + 1)). With δ = min(2P, 1/2) this is more
    than δ/4.
    """
    shown = []
    for m in (2, 3, 10, 100, 400):
        probability = many_small_gaps(m)
        delta = min(2 * probability, Fraction(1, 2))
        fails = (
            probability >= Fraction(1, (10 * (m + 1)) ** m)
            and 0 < delta < 1
            and probability > delta / 4
        )
        shown.append(fact(f"m = {m}: Pr[not E_x] ≥ P > δ/4 for some δ > 0", fails))
    return tuple(shown)


def bernstein_step() -> Replay:
    """Lemma B.1, Property 3: Pr[|I₋| ≥ 3pm/2] exceeds exp(−pm/5) at m = 1000, p = 1/10."""
    m = 1000
    p = Fraction(1, 10)
    tail = binomial_tail(m, p, 150)
    return (fact("Pr[|I₋| ≥ 150] > exp(−20)", tail > 1 / least_exponential(p * m / 5)),)


def gram_norm() -> Replay:
    """Lemma B.1, Property 2, which asks nothing of d: ‖XXᵀ‖ ≥ m/d for unit vectors, larger than any
    constant C.

    XXᵀ has trace m and rank at most d. Shown on unit vectors of the plane with rational
    coordinates.
    """
    shown = []
    for constant in (2, 10, 100):
        m = 2 * (constant + 1)
        circle = [(Fraction(1 - k * k, 1 + k * k), Fraction(2 * k, 1 + k * k)) for k in range(m)]
        unit = all(a * a + b * b == 1 for a, b in circle)
        norm = max(
            sum(a * a for a, _ in circle), sum(b * b for _, b in circle)
        )  # ‖XᵀX e‖ for a unit vector e, at least
        shown.append(fact(f"m = {m}, d = 2: ‖XXᵀ‖ > {constant}", unit and norm > constant))
    return tuple(shown)


def gram_deviation() -> Replay:
    """Lemma D.2: for every c there are m, d, t with ‖XXᵀ − I‖ above the threshold in every sample,
    and 2 exp(−t) < 1.

    If m > d then XXᵀ is singular and ‖XXᵀ − I‖ ≥ 1. With d = k² − 2, m = k⁴ and t = 2 the threshold
    is c (1/k + 1/k²)/(k² − 2), which is below 1 for k ≥ c, k ≥ 2.
    """
    shown = []
    for c in (1, 10, 1000, 10**6):
        k = max(c, 2)
        d = k * k - 2
        m = k**4
        t = 2
        root = Fraction(k, k * k)
        threshold = Fraction(c, d) * (root + Fraction(d + t, m))
        exact = root**2 == Fraction(d + t, m) and m > d and 2 / least_exponential(Fraction(t)) < 1
        shown.append(fact(f"c = {c}: threshold < 1 ≤ ‖XXᵀ − I‖", exact and threshold < 1))
    return tuple(shown)


WITNESSES: dict[str, Callable[[], Replay]] = {
    one.__name__: one
    for one in (
        isolated_negative,
        two_bends_in_a_gap,
        lower_bound,
        small_gaps,
        bernstein_step,
        gram_norm,
        gram_deviation,
    )
}


def _ratios(text: str) -> tuple[Fraction, ...]:
    return tuple(map(Fraction, text.split()))


def many_small_gaps(m: int) -> Fraction:
    """Return Pr[at least (m + 1)/8 of the m − 1 inner gaps are below a = 1/(10(m + 1))] for uniform
    inputs. Exact.

    j given gaps are all ≥ a with probability (1 − j a)^m; what is left is inclusion and exclusion.
    """
    inner = m - 1
    unit = 10 * (m + 1)
    least = inner + (m + 1) // -8 + 1  # so many gaps that are not small leave too few small ones
    if least <= 0:
        return Fraction(0)
    total = 0
    for j in range(least, inner + 1):
        total += (-1) ** (j - least) * comb(j - 1, least - 1) * comb(inner, j) * (unit - j) ** m
    return 1 - Fraction(total, unit**m)


def binomial_tail(m: int, p: Fraction, least: int) -> Fraction:
    """Return Pr[Bin(m, p) ≥ least]. Exact."""
    a, b = p.numerator, p.denominator
    ways = sum(comb(m, k) * a**k * (b - a) ** (m - k) for k in range(least, m + 1))
    return Fraction(ways, b**m)


def least_exponential(q: Fraction) -> Fraction:
    """Return a rational number below exp(q), q ≥ 0: the first terms of the series, as many as
    matter.
    """
    total = term = Fraction(1)
    for k in range(1, 4 * int(q) + 40):
        term *= q / k
        total += term
    return total
