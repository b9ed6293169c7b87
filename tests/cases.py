"""Examples worked out by hand, named after what they show or where they come from.

Every float in a `NetCase` or `DeepCase` stands for the dyadic rational it is, so the answers are
exact. Problem (1) is min Σ_j v_j² + w_j² + b_j² subject to y_i N(x_i) ≥ 1; an atom is u = v·(w, b);
D_± are the functions of the dual, D_+(t) = Σ_{x_i>t} λ_i y_i (x_i − t) and D_−(t) = Σ_{x_i<t} λ_i
y_i (t − x_i), with |D_±(t)| ≤ √(1 + t²).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Neuron = tuple[float, float, float]
Interval = tuple[Fraction, Fraction]


def arrays(neurons: Iterable[Neuron]) -> tuple[Vector, Vector, Vector]:
    """Return v, w, b of neurons given as (v, w, b)."""
    v, w, b = (np.array(column, dtype=np.float64) for column in zip(*neurons, strict=True))
    return v, w, b


def balance(neuron: Neuron) -> Neuron:
    """Return the neuron with the same function and v² = w² + b², up to rounding."""
    v, w, b = neuron
    scale = math.sqrt(math.hypot(w, b) / abs(v))
    return v * scale, w / scale, b / scale


def span(start: float | str, end: float | str) -> Interval:
    """Return an interval from floats or from ratios such as "1/3"."""
    return Fraction(start), Fraction(end)


class Case:
    """A net, and its sublevel set {x in [0, 1] : N(x) ≤ 0}."""

    name: str
    intervals: tuple[Interval, ...]

    @property
    def clean_error(self) -> Fraction:
        """Length of the sublevel set."""
        return sum((end - start for start, end in self.intervals), Fraction(0))

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class NetCase(Case):
    """A net, given by its neurons (v, w, b)."""

    name: str
    neurons: tuple[Neuron, ...]
    intervals: tuple[Interval, ...]

    @property
    def net(self) -> tuple[Vector, Vector, Vector]:
        """The arrays v, w, b."""
        return arrays(self.neurons)


@dataclass(frozen=True)
class DeepCase(Case):
    """A deep net, (weight rows, bias) for every layer."""

    name: str
    rows: tuple[tuple[tuple[tuple[float, ...], ...], tuple[float, ...]], ...]
    intervals: tuple[Interval, ...]

    @property
    def layers(self) -> list[tuple[Vector, Vector]]:
        """The layers as (weight (out, in), bias (out,)) arrays."""
        return [(np.array(weight), np.array(bias)) for weight, bias in self.rows]


@dataclass(frozen=True)
class MarginCase:
    """A sample and the solution of Problem (1): minimal norm squared, multipliers, a balanced
    optimal net.

    Σλ_i = ‖θ*‖²/2. The clean error is that of the 1-nearest-neighbour rule and of the optimal net.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    norm_squared: float
    multipliers: tuple[float, ...]
    neurons: tuple[Neuron, ...]
    clean_error: Fraction

    @property
    def net(self) -> tuple[Vector, Vector, Vector]:
        """The arrays v, w, b, balanced up to rounding."""
        return arrays(balance(neuron) for neuron in self.neurons)

    def __str__(self) -> str:
        return self.name


ABSOLUTE_VALUE = NetCase(  # |x − 1/2| − 1/4
    "absolute value",
    ((1.0, 1.0, -0.5), (1.0, -1.0, 0.5), (-0.25, 0.0, 1.0)),
    (span(0.25, 0.75),),
)

# A hat of height 1/8 on [1/2, 3/4]: left of it every neuron is inactive, right of it the three
# active ones cancel.
HAT_ON_ZERO_PLATEAUS = NetCase(
    "hat on zero plateaus",
    ((1.0, 1.0, -0.5), (-2.0, 1.0, -0.625), (1.0, 1.0, -0.75)),
    (span(0.0, 0.5), span(0.75, 1.0)),
)

KINKS_ON_THE_ENDS = NetCase(  # 2 σ(x) − σ(1 − x) = 3x − 1 on [0, 1]
    "kinks on 0 and 1",
    ((2.0, 1.0, 0.0), (-1.0, -1.0, 1.0)),
    (span("0", "1/3"),),
)

CANCELLING_PAIR = NetCase(  # σ(x − 1/4) − ½ σ(2x − 1/2) = 0, plus σ(x − 1/2) − 1/8
    "cancelling pair",
    ((1.0, 1.0, -0.25), (-0.5, 2.0, -0.5), (1.0, 1.0, -0.5), (-0.125, 0.0, 1.0)),
    (span(0.0, 0.625),),
)

ONLY_A_CANCELLING_PAIR = NetCase(  # N ≡ 0 with two active neurons: every point is an error
    "only a cancelling pair",
    ((3.0, 1.0, 0.5), (-1.0, 3.0, 1.5)),
    (span(0.0, 1.0),),
)

INACTIVE_MIDDLE = NetCase(  # σ(x − 3/4) + σ(1/4 − x): no neuron is active on [1/4, 3/4]
    "inactive middle",
    ((1.0, 1.0, -0.75), (1.0, -1.0, 0.25)),
    (span(0.25, 0.75),),
)

TOUCHES_ZERO_AT_A_KINK = NetCase(  # |x − 1/2|: a single zero has no length
    "touches zero at a kink",
    ((1.0, 1.0, -0.5), (1.0, -1.0, 0.5)),
    (),
)

TOUCHES_ZERO_FROM_BELOW = NetCase(  # −|x − 1/2|: one maximal interval, not two
    "touches zero from below",
    ((-1.0, 1.0, -0.5), (-1.0, -1.0, 0.5)),
    (span(0.0, 1.0),),
)

DEAD_NEURONS = NetCase(
    "dead neurons",
    ((0.0, 1.0, -0.5), (1.0, 0.0, 0.0), (1.0, 0.0, -1.0), (0.0, 0.0, 0.0), (-0.0, -0.0, -0.0)),
    (span(0.0, 1.0),),
)

POSITIVE_CONSTANT = NetCase("positive constant", ((0.5, 0.0, 0.5),), ())

# 3 σ(x − f) − σ(3x − 1) with f = fl(1/3) < 1/3: the float quotients −b/w are equal, the kinks are
# not. N is 0 up to f, rises to 1 − 3f > 0 at 1/3 and stays there.
EQUAL_QUOTIENTS = NetCase(
    "equal quotients, different kinks",
    ((3.0, 1.0, -1.0 / 3.0), (-1.0, 3.0, -1.0)),
    (span(0.0, 1.0 / 3.0),),
)

# 2^-1074 σ(x − 1/2) rounds to 0 on most of (1/2, 1], where it is positive
SUBNORMAL_HEIGHT = NetCase(
    "subnormal height",
    ((5e-324, 1.0, -0.5),),
    (span(0.0, 0.5),),
)

HUGE_PARAMETERS = NetCase(  # 2^1000 σ(2^1000 (x − 1/4)): the products overflow
    "huge parameters",
    ((2.0**1000, 2.0**1000, -(2.0**998)),),
    (span(0.0, 0.25),),
)

# 3 times KKT_NOT_LOCAL below: σ(x + 1) + (3/2) σ(1 − x) > 0 on [0, 1]
KKT_NOT_LOCAL_TRIPLED = NetCase("KKT, not local, tripled", ((1.0, 1.0, 1.0), (1.5, -1.0, 1.0)), ())

NETS = (
    ABSOLUTE_VALUE,
    HAT_ON_ZERO_PLATEAUS,
    KINKS_ON_THE_ENDS,
    CANCELLING_PAIR,
    ONLY_A_CANCELLING_PAIR,
    INACTIVE_MIDDLE,
    TOUCHES_ZERO_AT_A_KINK,
    TOUCHES_ZERO_FROM_BELOW,
    DEAD_NEURONS,
    POSITIVE_CONSTANT,
    EQUAL_QUOTIENTS,
    SUBNORMAL_HEIGHT,
    HUGE_PARAMETERS,
    KKT_NOT_LOCAL_TRIPLED,
)

DEEP_VALLEY = DeepCase(  # σ(|x − 1/2| − 1/4) − 1/8, at most 0 where |x − 1/2| ≤ 3/8
    "deep valley",
    (
        (((1.0,), (-1.0,)), (-0.5, 0.5)),
        (((1.0, 1.0),), (-0.25,)),
        (((1.0,),), (-0.125,)),
    ),
    (span(0.125, 0.875),),
)

DEEP_PLATEAU = DeepCase(  # σ(|x − 1/2| − 1/4): zero where the second layer is off
    "deep plateau",
    (*DEEP_VALLEY.rows[:2], (((1.0,),), (0.0,))),
    (span(0.25, 0.75),),
)

# The tent 2σ(x) − 4σ(x − 1/2) of a tent, less 1/2: teeth with peaks 1 at 1/4 and 3/4, zeros at 0,
# 1/2, 1.
TENT_OF_A_TENT = DeepCase(
    "tent of a tent",
    (
        (((1.0,), (1.0,)), (0.0, -0.5)),
        (((2.0, -4.0), (2.0, -4.0)), (0.0, -0.5)),
        (((2.0, -4.0),), (-0.5,)),
    ),
    (span(0.0, 0.125), span(0.375, 0.625), span(0.875, 1.0)),
)

DEEP_NETS = (DEEP_VALLEY, DEEP_PLATEAU, TENT_OF_A_TENT)

# All labels +1: N(x) = (1 + x x₁)/(1 + x₁²) for the point x₁ ≥ 0 nearest to 0, ‖θ*‖² = 2/√(1 +
# x₁²), as u·(x_i, 1) ≥ 1 costs least along (x₁, 1), and λ₁ = 1/√(1 + x₁²) alone is feasible for the
# dual.
ALL_POSITIVE = MarginCase(
    "all labels +1",
    x=(0.75, 0.875, 1.0),
    y=(1.0, 1.0, 1.0),
    norm_squared=8 / 5,
    multipliers=(4 / 5, 0.0, 0.0),
    neurons=((1.0, 12 / 25, 16 / 25),),
    clean_error=Fraction(0),
)

ALL_NEGATIVE = MarginCase(
    "all labels −1",
    x=(0.75, 0.875, 1.0),
    y=(-1.0, -1.0, -1.0),
    norm_squared=8 / 5,
    multipliers=(4 / 5, 0.0, 0.0),
    neurons=((-1.0, 12 / 25, 16 / 25),),
    clean_error=Fraction(1),
)

# The constant 1. Σλ_i y_i (x_i, 1) = (0, 1) gives λ.
TWO_POSITIVE = MarginCase(
    "two positive points around 0",
    x=(-1.0, 2.0),
    y=(1.0, 1.0),
    norm_squared=2.0,
    multipliers=(2 / 3, 1 / 3),
    neurons=((1.0, 0.0, 1.0),),
    clean_error=Fraction(0),
)

# σ(1 − x) − σ(x). D_− has slope λ₁ on (0, 1) and meets √(1 + t²) at 1, D_+ has slope λ₂ and meets
# −√(1 + t²) at 0: λ = (√2, 1), and S₀ = √2 − 1 < 1.
ONE_CHANGE = MarginCase(
    "one change of label",
    x=(0.0, 1.0),
    y=(1.0, -1.0),
    norm_squared=2.0 * (1.0 + math.sqrt(2.0)),
    multipliers=(math.sqrt(2.0), 1.0),
    neurons=((1.0, -1.0, 1.0), (-1.0, 1.0, 0.0)),
    clean_error=Fraction(1, 2),
)

# The interpolant of (+, −, +, −) at gaps 1/4, extended: kinks on the inner points, slope changes 16
# and −16, shares 3/4 and 1/4 for left-oriented neurons, hence ‖θ*‖² = 32 (√(1 + (3/8)²) + √(1 +
# (5/8)²)). D is 0 outside the sample, and √73/8 and −√89/8 at the inner points; λ are its slope
# changes.
ALTERNATING = MarginCase(
    "alternating labels",
    x=(0.125, 0.375, 0.625, 0.875),
    y=(1.0, -1.0, 1.0, -1.0),
    norm_squared=4.0 * (math.sqrt(73.0) + math.sqrt(89.0)),
    multipliers=(
        math.sqrt(73.0) / 2.0,
        math.sqrt(73.0) + math.sqrt(89.0) / 2.0,
        math.sqrt(89.0) + math.sqrt(73.0) / 2.0,
        math.sqrt(89.0) / 2.0,
    ),
    neurons=((4.0, 1.0, -0.375), (12.0, -1.0, 0.375), (-12.0, 1.0, -0.625), (-4.0, -1.0, 0.625)),
    clean_error=Fraction(1, 2),
)

MARGINS = (ALL_POSITIVE, ALL_NEGATIVE, TWO_POSITIVE, ONE_CHANGE, ALTERNATING)

# A KKT point of the sample of TWO_POSITIVE which is no local minimum. Atoms (1, 1)/3, with its kink
# on the point −1, and (−1, 1)/2; margins 1 and 1, multipliers (1/√2, √2/3), Clarke multiplier 1/3
# at the kink.
KKT_NOT_LOCAL = arrays((balance((1.0, 1 / 3, 1 / 3)), balance((1.0, -1 / 2, 1 / 2))))
KKT_NOT_LOCAL_NORM_SQUARED = 5.0 * math.sqrt(2.0) / 3.0
KKT_NOT_LOCAL_MULTIPLIERS = (1.0 / math.sqrt(2.0), math.sqrt(2.0) / 3.0)


# The gallery: nets of every standing, all data but the last two samples in [0, 1]  A bend (J, t,
# ±1) is the balanced neuron that changes the slope of N by J at its kink t and is active right (+1)
# or left (−1) of it: its atom is ±J (1, −t), its cost 2|J|√(1 + t²). With the kink on the datum x_k
# its stationarity says D_±(x_k) = sign(J) √(1 + x_k²), which fixes its share of λ_k as well: the Σ
# λ_i y_i (x_i, 1) over its active data, x_k with weight s ∈ [0, 1], must be orthogonal to (x_k, 1).
# Data with √(1 + x²) rational: 0, 5/12 (13/12), 8/15 (17/15), 3/4 (5/4); also −4/3 (5/3).

Bend = tuple[Fraction, Fraction, int]


def bends(*parts: tuple[str, str, int]) -> tuple[Bend, ...]:
    """Return bends from ratios such as ("-52/15", "5/12", 1)."""
    return tuple((Fraction(jump), Fraction(kink), side) for jump, kink, side in parts)


def ratios(text: str) -> tuple[Fraction, ...]:
    """Return the fractions in a text."""
    return tuple(map(Fraction, text.split()))


@dataclass(frozen=True)
class BendCase:
    """A KKT point of Problem (1) in rational numbers: a sample, bends, and multipliers with 2 Σλ_i
    = ‖θ‖².

    `sites` holds the indices of bends that have their kink on a datum of the sign of their v.
    """

    name: str
    x: tuple[Fraction, ...]
    y: tuple[float, ...]
    bends: tuple[Bend, ...]
    multipliers: tuple[Fraction, ...]
    norm_squared: Fraction
    level: str
    sites: tuple[int, ...] = ()
    zeros: int = 0

    @property
    def net(self) -> tuple[Vector, Vector, Vector]:
        """The arrays v, w, b, balanced up to rounding, zero neurons last."""
        neurons = (
            balance(
                (math.copysign(1.0, jump), side * abs(float(jump)), float(-side * abs(jump) * kink))
            )
            for jump, kink, side in self.bends
        )
        return arrays([*neurons, *[(0.0, 0.0, 0.0)] * self.zeros])

    def __str__(self) -> str:
        return self.name


# Labels +, −, +, − at 0, 5/12, 8/15, 3/4. Right-oriented bends on the first two data, left-oriented
# ones on the last two: N(3/4) = −(388/35)(3/4) + (768/35)(1/3) = −1, and likewise ±1 at the others.
# λ solves D_+(0) = −1, D_+(5/12) = 13/12, D_−(8/15) = −17/15, D_−(3/4) = 5/4. No bend has the sign
# of its datum, so this KKT point is a local minimum. Right of the data only the first two bends act
# and N rises, to 12/7 at x = 1; the optimum, the polygon with bends −2400/91 at 8/15 and 768/35 at
# 5/12 and ‖θ*‖² = 6976/65, falls there.
OUTWARD = bends(
    ("-388/35", "0", 1), ("768/35", "5/12", 1), ("-2400/91", "8/15", -1), ("1828/91", "3/4", -1)
)
LOCAL_NOT_GLOBAL = BendCase(
    "local, not global",
    x=ratios("0 5/12 8/15 3/4"),
    y=(1.0, -1.0, 1.0, -1.0),
    bends=OUTWARD,
    multipliers=ratios("16/3 716/21 835/21 32/3"),
    norm_squared=Fraction(1258, 7),
    level="local minimum",
)
LOCAL_NOT_GLOBAL_OPTIMUM = Fraction(6976, 65)

# With a zero neuron to spare a local minimum must be global: some atom (here one with its kink on
# 5/12) earns more than it costs, as the multipliers, which are unique, are not feasible for the
# dual.
LOCAL_AND_ZERO = replace(LOCAL_NOT_GLOBAL, name="local, and a zero neuron", level="kkt", zeros=1)

# A fifth observation (1, +1): there N = 12/7 > 1, so λ_5 = 0 and nothing changes, and N is still a
# local minimum. But 3/4 is now an isolated −1, and Proposition A.4 says that N is the line from −1
# to +1 right of it.
AGAINST_A4 = replace(
    LOCAL_NOT_GLOBAL,
    name="local, against Proposition A.4",
    x=ratios("0 5/12 8/15 3/4 1"),
    y=(1.0, -1.0, 1.0, -1.0, 1.0),
    multipliers=ratios("16/3 716/21 835/21 32/3 0"),
)
AGAINST_A4_OPTIMUM = Fraction(752, 5)

# The optimum of that sample bends by 768/35, −2400/91 and 224/13 at the inner data. The share q_k
# of bend k that looks left is bound by Σ Δ_k q_k = 24/5 and Σ Δ_k q_k t_k = 1 only: a segment from
# (1, 33/40, 15/56) to (39/64, 13/40, 0). D is 0 outside the sample, ±√(1 + t²) at the inner data
# and straight in between; λ are its changes of slope.
TWO_WAYS = BendCase(
    "global, left-oriented at the left",
    x=AGAINST_A4.x,
    y=AGAINST_A4.y,
    bends=bends(
        ("768/35", "5/12", -1),
        ("-1980/91", "8/15", -1),
        ("-60/13", "8/15", 1),
        ("60/13", "3/4", -1),
        ("164/13", "3/4", 1),
    ),
    multipliers=ratios("13/5 108/5 30 16 5"),
    norm_squared=Fraction(752, 5),
    level="global minimum",
)
OTHER_WAY = replace(
    TWO_WAYS,
    name="global, right-oriented at the right",
    bends=bends(
        ("468/35", "5/12", -1),
        ("60/7", "5/12", 1),
        ("-60/7", "8/15", -1),
        ("-1620/91", "8/15", 1),
        ("224/13", "3/4", 1),
    ),
)

# Labels +, −, +, − at 0, 5/12, 3/4, 1, and three nets that are the same polygon through (x_i, y_i)
# on [0, 1].  First a KKT point that is no local minimum. Bends −52/15 and 54/5 right of 0 and 5/12;
# at 3/4 the bend −14 is split into −46/3 (right) and 4/3 (left). N(0) = (4/3)(3/4) = 1, N(5/12) =
# −(52/15)(5/12) + (4/3)(1/3) = −1, N(3/4) = −(52/15)(3/4) + (54/5)(1/3) = 1, N(1) = −52/15 +
# (54/5)(7/12) − (46/3)/4 = −1. Stationarity gives λ_4/4 = 5/4,  λ_3/3 − (7/12) λ_4 = 13/12,
# −(5/12) λ_2 + (3/4) λ_3 − λ_4 = −1,  (3/4) λ_1 − λ_2/3 = 5/4, so λ = (7, 12, 12, 5) and no other;
# the shares of λ_k are 5/7, 8/13, 7/15, 7/15. ‖θ‖² = 2·36 = 72. The bend 4/3 has the sign of its
# datum 3/4: if its kink moves left it is off there, and the share must be 0; if it moves right, 1.
# It is 7/15, so neither side has multipliers: both allow descent.
SAME_GRAPH = ratios("0 5/12 3/4 1"), (1.0, -1.0, 1.0, -1.0)
KKT_NOT_LOCAL_IN_UNIT_INTERVAL = BendCase(
    "KKT, not local, on [0, 1]",
    *SAME_GRAPH,
    bends=bends(("-52/15", "0", 1), ("54/5", "5/12", 1), ("-46/3", "3/4", 1), ("4/3", "3/4", -1)),
    multipliers=ratios("7 12 12 5"),
    norm_squared=Fraction(72),
    level="kkt",
    sites=(3,),
)

# Second a local minimum. The bend 12/25 at −4/3 is the atom (12/25, 16/25) of length 4/5, active on
# all data: it asks for Σ λ_i y_i (x_i, 1) = (3/5, 4/5). The others give λ_1 = 13/5, λ_2 = 48/5, λ_4
# = 5, hence λ_3 = 64/5.
LOCAL_WITH_THE_SAME_GRAPH = BendCase(
    "local, the same graph",
    *SAME_GRAPH,
    bends=bends(
        ("12/25", "-4/3", 1), ("54/5", "5/12", -1), ("-138/25", "3/4", -1), ("-212/25", "3/4", 1)
    ),
    multipliers=ratios("13/5 48/5 64/5 5"),
    norm_squared=Fraction(60),
    level="local minimum",
)

# Third the optimum: shares 13/18 and 3/14 look left, Σ λ_i y_i (x_i, 1) = 0.
GLOBAL_WITH_THE_SAME_GRAPH = BendCase(
    "global, the same graph",
    *SAME_GRAPH,
    bends=bends(("39/5", "5/12", -1), ("3", "5/12", 1), ("-3", "3/4", -1), ("-11", "3/4", 1)),
    multipliers=ratios("13/5 48/5 12 5"),
    norm_squared=Fraction(292, 5),
    level="global minimum",
)
GLOBAL_AND_ZERO = replace(GLOBAL_WITH_THE_SAME_GRAPH, name="global, and a zero neuron", zeros=1)

BEND_CASES = (
    LOCAL_NOT_GLOBAL,
    KKT_NOT_LOCAL_IN_UNIT_INTERVAL,
    LOCAL_WITH_THE_SAME_GRAPH,
    GLOBAL_WITH_THE_SAME_GRAPH,
    LOCAL_AND_ZERO,
    GLOBAL_AND_ZERO,
    TWO_WAYS,
    OTHER_WAY,
    AGAINST_A4,
)

# Labels +, + at ±√3, where λ = (1/2, 1/2). The constant 1 costs 2, as does one neuron for each
# point: its atom (±√3, 1)/4 has length 1/2, its kink ∓1/√3, and N = 1/2 between the kinks. The
# atoms (√3, 1)/2, (0, 1), (−√3, 1)/2 at 60° to each other all earn what they cost: every mixture of
# the two nets is optimal. √3 is not a double: the optimum of the rounded sample is the constant,
# and the other net misses it by 1e-16 of the norm.
ROOT_THREE = math.sqrt(3.0)
TWO_OPTIMA_X, TWO_OPTIMA_Y = (-ROOT_THREE, ROOT_THREE), (1.0, 1.0)
CONSTANT_OPTIMUM = arrays([(1.0, 0.0, 1.0)])
SPLIT_OPTIMUM = arrays(balance((1.0, side * ROOT_THREE / 4.0, 0.25)) for side in (1.0, -1.0))

# name, net, x, y, level
GALLERY: tuple[
    tuple[str, tuple[Vector, Vector, Vector], tuple[float, ...], tuple[float, ...], str], ...
] = (
    *((case.name, case.net, tuple(map(float, case.x)), case.y, case.level) for case in BEND_CASES),
    ("KKT, not local, by hand", KKT_NOT_LOCAL, TWO_POSITIVE.x, TWO_POSITIVE.y, "kkt"),
    ("global, the constant", CONSTANT_OPTIMUM, TWO_OPTIMA_X, TWO_OPTIMA_Y, "global minimum"),
    ("global, one neuron a point", SPLIT_OPTIMUM, TWO_OPTIMA_X, TWO_OPTIMA_Y, "global minimum"),
)


def redundant_site(
    first: float, second: float, last: float
) -> tuple[Vector, Vector, Vector, Vector]:
    """A local minimum with a datum on the kink of a neuron of its sign: x, the slope changes of N,
    its kinks, and λ.

    Labels +, −, +, [+], −. Bends −a₁ (right) at x₁, a₂ (right) at x₂, a₃ (left) at t, −a₄ (right)
    at t₄; the datum in brackets is at t, where N = 1 and bends upwards, between x₃ and x₅ where N =
    ±1. It is redundant, λ₄ = 0.

    Right of x₃, T = −λ₅ (x₅, 1) must be −(1, −t₄)/√(1 + t₄²): t₄ = −1/x₅, λ₅ = 1/√(1 + x₅²).
    D_+(x₂) = √(1 + x₂²) and D_+(x₁) = −√(1 + x₁²) give λ₃ and λ₂, and S − T = (−1, t)/√(1 + t²)
    gives λ₁, if cos(τ − α) = 1 − sin(β − α), where x₁, t, x₅ are the tangents of α, τ, β. N = 1,
    −1, 1, 1, −1 at the data gives a₃ = 1/(t − x₁), a₁, and with the slope σ = 2/(x₃ − x₂) right of
    x₂ a₂ = a₁ + a₃ + σ and a₄ = a₃ + σ + 2/(x₅ − t); x₃ is such that N(t) = 1 as well: σ (t₄ − x₃)
    = (a₃ + 2/(x₅ − t)) (t − t₄).
    """
    alpha, beta = math.atan(first), math.atan(last)
    t, bend = math.tan(alpha + math.acos(1.0 - math.sin(beta - alpha))), -1.0 / last
    a3 = 1.0 / (t - first)
    a1 = (1.0 + a3 * (t - second)) / (second - first)
    fall = (a3 + 2.0 / (last - t)) * (t - bend)
    third = (2.0 * bend + fall * second) / (2.0 + fall)
    slope = 2.0 / (third - second)
    jumps = (-a1, a1 + a3 + slope, a3, -(a3 + slope + 2.0 / (last - t)))
    lam5 = 1.0 / math.hypot(1.0, last)
    lam3 = (math.hypot(1.0, second) + lam5 * (last - second)) / (third - second)
    lam2 = (lam3 * (third - first) - lam5 * (last - first) + math.hypot(1.0, first)) / (
        second - first
    )
    lam1 = t / math.hypot(1.0, t) + lam2 - lam3
    x = np.array([first, second, third, t, last])
    return (
        x,
        np.array(jumps),
        np.array([first, second, t, bend]),
        np.array([lam1, lam2, lam3, 0.0, lam5]),
    )


REDUNDANT_SITE_X, _JUMPS, _KINKS, REDUNDANT_SITE_MULTIPLIERS = redundant_site(-2.0, -1.0, 3.0)
REDUNDANT_SITE_Y = np.array([1.0, -1.0, 1.0, 1.0, -1.0])
REDUNDANT_SITE = arrays(
    balance((math.copysign(1.0, jump), side * abs(jump), -side * abs(jump) * kink))
    for jump, kink, side in zip(
        _JUMPS.tolist(), _KINKS.tolist(), (1.0, 1.0, -1.0, 1.0), strict=True
    )
)


CLOSE_PAIR = (
    [
        0.13591960402050662,
        0.14928212308202027,
        0.20768181007914688,
        0.20768181007924688,
        0.8284448852745308,
        0.9560017096289753,
    ],
    [1.0, -1.0, 1.0, -1.0, -1.0, 1.0],
)
"""x and y, with a pair so close that doubles cannot hold its kinks. A net found errs on 4.9e-5 more
than the optimum, to a duality gap of 3e-10.
"""
