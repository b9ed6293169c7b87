"""Examples worked out by hand, named after what they show or where they come from.

Every float in a `NetCase` or `DeepCase` stands for the dyadic rational it is, so the answers are exact. Problem (1)
is min Σ_j v_j² + w_j² + b_j² subject to y_i N(x_i) ≥ 1; an atom is u = v·(w, b); D_± are the functions of the dual,
D_+(t) = Σ_{x_i>t} λ_i y_i (x_i − t) and D_−(t) = Σ_{x_i<t} λ_i y_i (t − x_i), with |D_±(t)| ≤ √(1 + t²).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class NetCase:
    """A net, given by its neurons (v, w, b), and its sublevel set {x in [0, 1] : N(x) ≤ 0}."""

    name: str
    neurons: tuple[Neuron, ...]
    intervals: tuple[Interval, ...]

    @property
    def net(self) -> tuple[Vector, Vector, Vector]:
        """The arrays v, w, b."""
        return arrays(self.neurons)

    @property
    def clean_error(self) -> Fraction:
        """Length of the sublevel set."""
        return sum((end - start for start, end in self.intervals), Fraction(0))

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class DeepCase:
    """A deep net, (weight rows, bias) for every layer, and its sublevel set {x in [0, 1] : N(x) ≤ 0}."""

    name: str
    rows: tuple[tuple[tuple[tuple[float, ...], ...], tuple[float, ...]], ...]
    intervals: tuple[Interval, ...]

    @property
    def layers(self) -> list[tuple[Vector, Vector]]:
        """The layers as (weight (out, in), bias (out,)) arrays."""
        return [(np.array(weight), np.array(bias)) for weight, bias in self.rows]

    @property
    def clean_error(self) -> Fraction:
        """Length of the sublevel set."""
        return sum((end - start for start, end in self.intervals), Fraction(0))

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class MarginCase:
    """A sample and the solution of Problem (1): minimal norm squared, multipliers, a balanced optimal net.

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

# A hat of height 1/8 on [1/2, 3/4]: left of it every neuron is inactive, right of it the three active ones
# cancel.
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

# 3 σ(x − f) − σ(3x − 1) with f = fl(1/3) < 1/3: the float quotients −b/w are equal, the kinks are not. N is 0
# up to f, rises to 1 − 3f > 0 at 1/3 and stays there.
EQUAL_QUOTIENTS = NetCase(
    "equal quotients, different kinks",
    ((3.0, 1.0, -1.0 / 3.0), (-1.0, 3.0, -1.0)),
    (span(0.0, 1.0 / 3.0),),
)

SUBNORMAL_HEIGHT = NetCase(  # 2^-1074 σ(x − 1/2) rounds to 0 on most of (1/2, 1], where it is positive
    "subnormal height",
    ((5e-324, 1.0, -0.5),),
    (span(0.0, 0.5),),
)

HUGE_PARAMETERS = NetCase(  # 2^1000 σ(2^1000 (x − 1/4)): the products overflow
    "huge parameters",
    ((2.0**1000, 2.0**1000, -(2.0**998)),),
    (span(0.0, 0.25),),
)

KKT_NOT_LOCAL_TRIPLED = NetCase(  # 3 times KKT_NOT_LOCAL below: σ(x + 1) + (3/2) σ(1 − x) > 0 on [0, 1]
    "KKT, not local, tripled", ((1.0, 1.0, 1.0), (1.5, -1.0, 1.0)), ()
)

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

# The tent 2σ(x) − 4σ(x − 1/2) of a tent, less 1/2: teeth with peaks 1 at 1/4 and 3/4, zeros at 0, 1/2, 1.
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

# All labels +1: N(x) = (1 + x x₁)/(1 + x₁²) for the point x₁ ≥ 0 nearest to 0, ‖θ*‖² = 2/√(1 + x₁²), as
# u·(x_i, 1) ≥ 1 costs least along (x₁, 1), and λ₁ = 1/√(1 + x₁²) alone is feasible for the dual.
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

# σ(1 − x) − σ(x). D_− has slope λ₁ on (0, 1) and meets √(1 + t²) at 1, D_+ has slope λ₂ and meets −√(1 + t²)
# at 0: λ = (√2, 1), and S₀ = √2 − 1 < 1.
ONE_CHANGE = MarginCase(
    "one change of label",
    x=(0.0, 1.0),
    y=(1.0, -1.0),
    norm_squared=2.0 * (1.0 + math.sqrt(2.0)),
    multipliers=(math.sqrt(2.0), 1.0),
    neurons=((1.0, -1.0, 1.0), (-1.0, 1.0, 0.0)),
    clean_error=Fraction(1, 2),
)

# The interpolant of (+, −, +, −) at gaps 1/4, extended: kinks on the inner points, slope changes 16 and −16,
# shares 3/4 and 1/4 for left-oriented neurons, hence ‖θ*‖² = 32 (√(1 + (3/8)²) + √(1 + (5/8)²)). D is 0
# outside the sample, and √73/8 and −√89/8 at the inner points; λ are its slope changes.
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

# A KKT point of the sample of TWO_POSITIVE which is no local minimum. Atoms (1, 1)/3, with
# its kink on the point −1, and (−1, 1)/2; margins 1 and 1, multipliers (1/√2, √2/3), Clarke multiplier 1/3 at
# the kink.
KKT_NOT_LOCAL = arrays((balance((1.0, 1 / 3, 1 / 3)), balance((1.0, -1 / 2, 1 / 2))))
KKT_NOT_LOCAL_NORM_SQUARED = 5.0 * math.sqrt(2.0) / 3.0
KKT_NOT_LOCAL_MULTIPLIERS = (1.0 / math.sqrt(2.0), math.sqrt(2.0) / 3.0)
