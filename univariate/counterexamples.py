"""Networks that refute a statement of the paper, with conditions that hold in rational numbers.

Proposition A.4 says that at a local minimum of Problem (1) the net is the line from −1 to +1 right
of an isolated −1. Its proof takes v w > 0 for the sign of a convex kink, which it is for
right-oriented neurons only (a kink is convex iff v > 0), and therefore misses local minima whose
neurons look both ways. The lower bound of Theorem 3.2 rests on it: half of the gap right of every
isolated −1 should be errors. With fewer observations than here, five, none is known.

The form of the examples: labels +, −, +, −, + with kinks on the first four observations,
right-oriented ones on the first two and left-oriented ones on the others, all bending against the
labels there. Right of the fourth observation only the right-oriented neurons act, and they are
determined by the data left of it; the last observation is beyond the margin, has multiplier 0 and
no say.

Everything is rational because the neurons are Pythagorean: the kinks are numbers t with √(1 + t²)
rational, so that a balanced neuron, v² = w² + b², is (v, ±|v| (1, −t)/√(1 + t²)); and two neurons
share every kink, because what they have to bend N by there is the sum of two rational squares but
not one. Merged into one neuron a kink, with v² the sum of the two, each net has the same graph and
norm and four neurons, whose v are irrational.
"""

from fractions import Fraction
from typing import Final, NamedTuple

from univariate.common.claim import fact
from univariate.paper.exact_minimum import Condition, Counterexample, Fractions, Pin

__all__ = [
    "Condition",
    "Counterexample",
    "Pin",
    "fact",
    "proposition_a_4",
    "theorem_3_2_lower_bound",
]


class _Kink(NamedTuple):
    """What is on one observation: two |v|, the direction (w, b)/|v|, the sign of v, and σ'."""

    sizes: str
    direction: tuple[int, int, int]  # w and b over the third
    sign: int
    derivative: str


_LABELS: Final = "1 -1 1 -1 1"


def proposition_a_4() -> Counterexample:
    """Return a local minimum that violates Proposition A.4: five observations, eight neurons.

    =  =======  ==  =========  =======================  ===============  ===========  =============
    i  x_i      y   λ_i        |v|, two with this kink  (w, b)/|v|       sign, side   σ' at x_i
    =  =======  ==  =========  =======================  ===============  ===========  =============
    0  9/40     +   578/27     10379/1131, 14840/3393   (40, −9)/41      −, right     11745/11849
    1  57/176   −   15268/81   12100/1131, 4730/1131    (176, −57)/185   +, right     57148/64195
    2  12/35    +   70343/405  42714/3965, 14126/11895  (−35, 12)/37     −, left      356990/371813
    3  261/380  −   836/135    5276/915, 69358/35685    (−380, 261)/461  +, left      4941/5071
    4  1        +   0
    =  =======  ==  =========  =======================  ===============  ===========  =============

    N is 1, −1, 1, −1 at the first four and 92221/13689 ≈ 6.74 at the last; ‖θ‖² = 2 Σ λ =
    315722/405. Right of 261/380 only the first four neurons act, with slope 338200/13689.
    Proposition A.4 asks for N(1) = 1. Its proof of that (second part of Lemma A.7) would move part
    of the convex kinks at 57/176 to concave ones right of it; there are none that look right. The
    optimum on this sample does have the line. Exact, new.
    """
    kinks = (
        _Kink("10379/1131 14840/3393", (40, -9, 41), -1, "11745/11849"),
        _Kink("12100/1131 4730/1131", (176, -57, 185), 1, "57148/64195"),
        _Kink("42714/3965 14126/11895", (-35, 12, 37), -1, "356990/371813"),
        _Kink("5276/915 69358/35685", (-380, 261, 461), 1, "4941/5071"),
    )
    claim = "N is the line from −1 at x = 261/380 to +1 at x = 1"
    finding = "N is the line from −1 at x = 261/380 to 92221/13689 ≈ 6.74 at x = 1"
    data = (
        _fractions("9/40 57/176 12/35 261/380 1"),
        _fractions("578/27 15268/81 70343/405 836/135 0"),
    )
    return _assembled("Proposition A.4", claim, finding, data, kinks)


def theorem_3_2_lower_bound() -> Counterexample:
    """Return a local minimum whose clean error is below half of the gaps right of its isolated −1.

    ===  ======  ==  =============  =============================  ===============  ===========  ================
    i    x_i     y   λ_i            |v|, two with this kink        (w, b)/|v|       sign, side   σ' at x_i
    ===  ======  ==  =============  =============================  ===============  ===========  ================
    0    84/437  +   26657/128      423806/30687, 2500753/490992   (437, −84)/445   −, right     27136/27145
    1    20/99   −   5771745/24704  135729/10229, 143019/20458     (99, −20)/101    +, right     7162077/64771805
    2    57/176  +   26321/193      64016/7527, 56128/7527         (−176, 57)/185   −, left      895129/4869385
    3    12/35   −   14175/128      62120/7527, 863017/120432      (−35, 12)/37     +, left      1664/1665
    4    1       +   0
    ===  ======  ==  =============  =============================  ===============  ===========  ================

    N is 1, −1, 1, −1 at the first four and 1807235/444672 ≈ 4.06 at the last, where Proposition A.4
    asks for 1; ‖θ‖² = 17021409/12352. The gaps right of 20/99 and 12/35 add up to 0.779, and L_cl ≈
    0.2825 is less than half of that, 0.3895: the sum over isolated −1 that the proof of Theorem 3.2
    bounds L_cl with, before it takes expectations. The theorem itself has an unnamed constant and
    is not refuted. Exact, new.
    """
    kinks = (
        _Kink("423806/30687 2500753/490992", (437, -84, 445), -1, "27136/27145"),
        _Kink("135729/10229 143019/20458", (99, -20, 101), 1, "7162077/64771805"),
        _Kink("64016/7527 56128/7527", (-176, 57, 185), -1, "895129/4869385"),
        _Kink("62120/7527 863017/120432", (-35, 12, 37), 1, "1664/1665"),
    )
    claim = "half of the gaps right of x = 20/99 and x = 12/35, 0.3895, is at most L_cl"
    finding = "L_cl ≈ 0.2825"
    data = (
        _fractions("84/437 20/99 57/176 12/35 1"),
        _fractions("26657/128 5771745/24704 26321/193 14175/128 0"),
    )
    return _assembled("Theorem 3.2, lower bound given the sample", claim, finding, data, kinks)


def _assembled(
    statement: str,
    claim: str,
    finding: str,
    data: tuple[Fractions, Fractions],
    kinks: tuple[_Kink, ...],
) -> Counterexample:
    """Return the example with two neurons for every kink; data are inputs and multipliers."""
    neurons: list[tuple[Fraction, Fraction, Fraction]] = []
    pins: list[Pin] = []
    for i, kink in enumerate(kinks):
        w, b, scale = kink.direction
        for size in _fractions(kink.sizes):
            pins.append(Pin(len(neurons), i, Fraction(kink.derivative)))
            neurons.append((kink.sign * size, size * Fraction(w, scale), size * Fraction(b, scale)))
    v, w_, b_ = zip(*neurons, strict=True)
    x, multipliers = data
    return Counterexample(
        statement, claim, finding, v, w_, b_, x, _fractions(_LABELS), multipliers, tuple(pins), 3
    )


def _fractions(text: str) -> Fractions:
    return tuple(map(Fraction, text.split()))
