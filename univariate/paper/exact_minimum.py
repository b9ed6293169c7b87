"""Local minima of Problem (1) in rational numbers, and why multipliers prove them.

Let λ satisfy Eqs. (2)–(5) at θ, all v_j ≠ 0, and let σ'_ij be the derivatives that Eq. (2) uses
where x_i lies on the kink of neuron j; let y_i v_j < 0 for all these with λ_i > 0. Put g_j = Σ_i
λ_i y_i σ'_ij (x_i, 1). By Eq. (2) and balance |g_j| = 1. Let θ' be feasible and so near that v_j
keeps its sign and, off the kinks, every neuron its activity on the observations with λ_i > 0. With
u_j' = v_j' (w_j', b_j'),

    Σ_i λ_i ≤ Σ_i λ_i y_i N'(x_i) ≤ Σ_j u_j' · g_j ≤ Σ_j |u_j'| ≤ ‖θ'‖²/2,

the second step because σ(z) ≥ σ' z enters with the sign of y_i v_j < 0 on the kinks and is an
equality off them. At θ all are equalities, hence ‖θ‖² = 2 Σ λ_i ≤ ‖θ'‖². New; observations with λ_i
= 0 do not matter.
"""

from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np

from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.claim import Claim, Kind, fact
from univariate.common.result import Result, result
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample

Fractions = tuple[Fraction, ...]

Condition = Claim  # the name under which the conditions of counterexamples are public

_PATTERN: Final = (Fraction(1), Fraction(-1), Fraction(1))


@result
class Pin(Result):
    """An observation on the kink of a neuron, and the σ' in [0, 1] that Eq. (2) takes there."""

    neuron: int
    observation: int
    derivative: Fraction


@result
class Counterexample(Result):
    """A local minimum of Problem (1) that a statement of the paper excludes. All numbers are exact.

    Attributes
    ----------
    statement : str
        "Proposition A.4".
    claim, finding : str
        What the statement says about the interval, and what is the case, in words.
    v, w, b : tuple of Fraction
        The n neurons.
    x, y : tuple of Fraction
        The m observations, x increasing, y = ±1.
    multipliers : tuple of Fraction
        λ_i of Eqs. (2)–(5).
    pins : tuple of Pin
        The observations that lie on kinks.
    isolated : int
        The observation that the statement speaks about, an isolated −1.
    """

    statement: str
    claim: str
    finding: str
    v: Fractions
    w: Fractions
    b: Fractions
    x: Fractions
    y: Fractions
    multipliers: Fractions
    pins: tuple[Pin, ...]
    isolated: int

    @property
    def interval(self) -> tuple[Fraction, Fraction]:
        """Where the statement fails: from the isolated −1 to its right neighbour."""
        return self.x[self.isolated], self.x[self.isolated + 1]

    @property
    def norm_squared(self) -> Fraction:
        """‖θ‖². Exact."""
        return sum((part**2 for part in (*self.v, *self.w, *self.b)), Fraction(0))

    @property
    def kinks(self) -> Fractions:
        """The kinks −b_j/w_j. Exact."""
        return tuple(-bias / weight for weight, bias in zip(self.w, self.b, strict=True))

    @cached_property
    def net(self) -> ReluNet:
        """The net of doubles, every parameter correctly rounded."""
        return ReluNet(_rounded(self.v), _rounded(self.w), _rounded(self.b))

    @cached_property
    def sample(self) -> Sample:
        """The sample of doubles, every input correctly rounded."""
        return Sample(_rounded(self.x), _rounded(self.y))

    def value(self, x: Fraction | int | float) -> Fraction:
        """Return N(x). Exact; a float stands for the dyadic rational that it is. Cost O(n).

        Raises
        ------
        TypeError, ValueError
            Not a finite real number.
        """
        at = Fraction(x) if isinstance(x, Fraction | int) else Fraction(check.real("x", x))
        neurons = zip(self.v, self.w, self.b, strict=True)
        return sum((v * max(Fraction(0), w * at + b) for v, w, b in neurons), Fraction(0))

    def clean_error(self) -> Fraction:
        """Return L_cl, the length of {x in [0, 1] : N(x) ≤ 0}. Exact. Cost O(n²)."""
        # N is linear between neighbouring knots
        knots = sorted({Fraction(0), Fraction(1), *(t for t in self.kinks if 0 < t < 1)})
        total = Fraction(0)
        for low, high in pairwise(knots):
            least, most = sorted((self.value(low), self.value(high)))
            if most <= 0:
                total += high - low
            elif least < 0:
                total += (high - low) * -least / (most - least)
        return total

    def conditions(self) -> tuple[Condition, ...]:
        """Check everything that makes it a counterexample; see the module for the proof.

        By `==` between fractions. Exact. Cost O(n m).
        """
        values = [self.value(point) for point in self.x]
        margins = [label * value for label, value in zip(self.y, values, strict=True)]
        neurons = range(len(self.v))
        found = {
            "inputs increase, labels are ±1": (Kind.SAMPLE, self._is_a_sample()),
            "every margin is at least 1 (3)": (Kind.INTERPOLATION, min(margins) >= 1),
            "no multiplier is negative (4)": (Kind.MULTIPLIERS, min(self.multipliers) >= 0),
            "multipliers vanish beyond the margin (5)": (Kind.MULTIPLIERS, self._is_slack(margins)),
            "θ is stationary (2)": (Kind.STANDING, all(map(self._is_stationary, neurons))),
            "every neuron is balanced and alive": (
                Kind.STANDING,
                all(map(self._is_balanced, neurons)),
            ),
            "no active observation on a kink of its own sign": (
                Kind.STANDING,
                all(map(self._is_concave, self.pins)),
            ),
            "‖θ‖² = 2 Σ λ": (Kind.NORM, self.norm_squared == 2 * sum(self.multipliers)),
            "the observation is an isolated −1": (Kind.SAMPLE, self._is_isolated()),
            "N is not the line from −1 to +1": (Kind.SHAPE, not self._is_the_line()),
        }
        return tuple(fact(claim, holds, kind=kind) for claim, (kind, holds) in found.items())

    def _is_a_sample(self) -> bool:
        ordered = all(one < other for one, other in pairwise(self.x))
        return ordered and all(label in (1, -1) for label in self.y)

    def _is_isolated(self) -> bool:
        i = self.isolated
        return 0 < i < len(self.y) - 1 and self.y[i - 1 : i + 2] == _PATTERN

    def _is_the_line(self) -> bool:
        low, high = self.interval
        # a net that misses one of these three points is not the line
        return [self.value(t) for t in (low, (low + high) / 2, high)] == [-1, 0, 1]

    def _is_slack(self, margins: list[Fraction]) -> bool:
        return all(
            part * (margin - 1) == 0 for part, margin in zip(self.multipliers, margins, strict=True)
        )

    def _is_balanced(self, j: int) -> bool:
        return self.v[j] != 0 and self.v[j] ** 2 == self.w[j] ** 2 + self.b[j] ** 2

    def _is_concave(self, pin: Pin) -> bool:
        free = self.multipliers[pin.observation] == 0
        return free or self.y[pin.observation] * self.v[pin.neuron] < 0

    def _is_stationary(self, j: int) -> bool:
        """Eq. (2) for one neuron; only on kinks is there a derivative to choose."""
        chosen = {pin.observation: pin.derivative for pin in self.pins if pin.neuron == j}
        v = w = b = Fraction(0)
        for i, (point, label, multiplier) in enumerate(
            zip(self.x, self.y, self.multipliers, strict=True)
        ):
            # a derivative must be chosen on a kink, and nowhere else
            height = self.w[j] * point + self.b[j]
            if (height == 0) != (i in chosen):
                return False
            derivative = chosen.get(i, Fraction(height > 0))
            if not 0 <= derivative <= 1:
                return False
            v += multiplier * label * max(Fraction(0), height)
            w += multiplier * label * derivative * self.v[j] * point
            b += multiplier * label * derivative * self.v[j]
        return (v, w, b) == (self.v[j], self.w[j], self.b[j])


def _rounded(parts: Fractions) -> Vector:
    return np.array([float(part) for part in parts])
