"""Two KKT points against Proposition 4.5, in rational numbers.

In the plane, with a −1 point (1, 0) and +1 points (cos φ, ± sin φ), the net a |x₂| − σ(x₁) fits
from a = cot(φ/2) on, and at that slope it is a KKT point of Problem (1): L_cl = φ/2π, below 1/8 for
φ < π/4. New; see `highdim.paper.counterexamples`.
"""

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample
from univariate.common.result import Result, result

Row = tuple[Fraction, ...]


@result
class RationalCounterexample(Result):
    """A KKT point of Problem (1) with a clean error below 2^−n, to be replayed in fractions.

    Attributes
    ----------
    v, W : tuples of Fraction, (n,) and (n, d)
        A bias-less net.
    X, y : tuples of Fraction, (m, d) and (m,)
        Unit vectors with labels; all margins are 1.
    multipliers : tuple of Fraction, (m,)
        λ ≥ 0 with θ = Σ λ_i y_i h_i.
    kinks : tuple of (int, int, Fraction)
        Neuron j, observation i and σ'_ij in [0, 1] wherever w_j·x_i = 0 with λ_i > 0.
    tangent : Fraction
        ‖w‖/a, so that L_cl = arctan(tangent)/π ≤ tangent/3.
    """

    v: Row
    W: tuple[Row, ...]
    X: tuple[Row, ...]
    y: Row
    multipliers: Row
    kinks: tuple[tuple[int, int, Fraction], ...]
    tangent: Fraction

    @property
    def clean_error_below(self) -> Fraction:
        """tangent/3, at least L_cl because arctan t ≤ t and π > 3."""
        return self.tangent / 3

    @property
    def printed_bound(self) -> Fraction:
        """2^−n."""
        return Fraction(1, 2 ** len(self.v))

    def network(self) -> TwoLayerNet:
        """Return the net in doubles; exact, its parameters being small integers."""
        return TwoLayerNet(_doubles(self.v), _doubles(self.W))

    def sample(self) -> SphereSample:
        """Return the sample in doubles, rounded."""
        return SphereSample.from_arrays(_doubles(self.X), _doubles(self.y))


def _doubles(numbers: Row | tuple[Row, ...]) -> NDArray[np.float64]:
    return np.array(numbers, dtype=np.float64)


def _row(*entries: int | Fraction) -> Row:
    return tuple(Fraction(entry) for entry in entries)


_COSINE = Fraction(15, 17)
_SINE = Fraction(8, 17)

RATIONAL_COUNTEREXAMPLES: Final = (
    # N = |x₂|, width 2, no label −1: L_cl = 0
    RationalCounterexample(
        v=_row(1, 1),
        W=(_row(0, 1), _row(0, -1)),
        X=(_row(0, 1), _row(0, -1)),
        y=_row(1, 1),
        multipliers=_row(1, 1),
        kinks=(),
        tangent=Fraction(0),
    ),
    # N = 4 |x₂| − σ(x₁), width 3, one label −1, which two neurons have their kinks on: L_cl < 1/12
    RationalCounterexample(
        v=_row(2, 2, -1),
        W=(_row(0, 2), _row(0, -2), _row(1, 0)),
        X=(_row(1, 0), _row(_COSINE, _SINE), _row(_COSINE, -_SINE)),
        y=_row(-1, 1, 1),
        multipliers=_row(Fraction(19, 4), Fraction(17, 8), Fraction(17, 8)),
        kinks=((0, 0, Fraction(15, 38)), (1, 0, Fraction(15, 38))),
        tangent=Fraction(1, 4),
    ),
)
"""Two KKT points with L_cl < 2^−n: the smallest one, and the smallest with a label −1 (Proposition
4.4 needs n ≥ 3).
"""
