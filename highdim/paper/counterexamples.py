"""Bias-less nets with a clean error below 2^−n: N = a |q·x| − σ(w·x) with q orthogonal to w. New.

N ≤ 0 asks for w·x ≥ 0 and an angle of at most arctan(‖w‖/a) between w and the projection of x on
the plane of w and q, so L_cl = arctan(‖w‖/a)/π, whatever d, and 0 without w. With q orthogonal to
all −1 points and w·x_i = 1 there, all these have margin 1; the +1 points follow for a large enough.
So three neurons interpolate any sample whose −1 points are linearly independent and whose +1 points
are off their span, with a clean error as small as one likes.

In the plane, with a −1 point (1, 0) and +1 points (cos φ, ± sin φ), the smallest a is cot(φ/2), and
that net is a KKT point of Problem (1): L_cl = φ/2π, below 1/8 for φ < π/4.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import atan2, pi, tan
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from highdim.error.clean_error import Estimate
from highdim.paper.angles import ROUNDING, Share
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample, require_sample
from univariate.common import check
from univariate.common.result import Result

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Row = tuple[Fraction, ...]

SMALL: Final = 1.0 / 16.0
"""Clean error that is asked for by default, half of 2^−3."""
DRAWS: Final = 64
"""Directions q to choose from."""
ON_THE_SPAN: Final = 1e-9
"""Relative distance from the span of the −1 points below which no slope is tried."""


@dataclass(frozen=True, repr=False)
class SmallErrorNet(Result):
    """An interpolating bias-less net of two or three neurons that refutes L_cl ≥ 2^−n.

    Attributes
    ----------
    net : TwoLayerNet
        v = (1, 1, −1), W = (a q, −a q, w); without the third neuron if no label is −1.
    slope : float
        a.
    direction : ndarray, shape (d,)
        q, of length 1.
    margins : ndarray, shape (m,)
        y_i N(x_i), rounded; all positive.
    clean_error : Estimate
        arctan(‖w‖/a)/π of the net with q exactly orthogonal to w, method "angles".
    printed_bound : float
        2^−n.
    """

    net: TwoLayerNet
    slope: float
    direction: Vector = field(compare=False)
    margins: Vector = field(compare=False)
    clean_error: Estimate
    printed_bound: float


@dataclass(frozen=True, repr=False)
class RationalCounterexample(Result):
    """A KKT point of Problem (1) with a clean error below 2^−n, in rational numbers, to be replayed
    in them.

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


_COSINE, _SINE = Fraction(15, 17), Fraction(8, 17)

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


def proposition_4_5_counterexample(
    sample: SphereSample, *, slope: float | None = None, rng: Any = 0
) -> SmallErrorNet:
    """Return a bias-less net of three neurons that interpolates a sample with an arbitrarily small
    clean error.

    Parameters
    ----------
    sample : SphereSample
        In dimension d ≥ 2, with −1 points that are linearly independent, fewer than d, and +1
        points off their span.
    slope : float, optional
        a > 0. By default the smallest one for all margins ≥ 1 and L_cl ≤ 1/16.
    rng : int or numpy.random.Generator
        Draws candidates for q.

    Raises
    ------
    TypeError, ValueError
        Not such a sample, or a slope that does not interpolate it; the message names the least.

    Rounded, clean error enclosed. Cost O(m² d). Source: new, see the module; refutes Proposition
    4.5.
    """
    require_sample(sample)
    rng = check.generator(rng)
    if sample.dimension == 1:
        raise ValueError(
            "`sample` must be in dimension d ≥ 2, got 1; a net on the line has no orthogonal"
            " directions"
        )
    w = _through_the_negatives(sample)
    q = _direction(sample, w, rng)
    plus = sample.X[sample.y > 0.0]
    reach, against = np.abs(plus @ q), np.maximum(plus @ w, 0.0)
    length = float(np.linalg.norm(w))
    if slope is None:
        slope = max(float(np.max((1.0 + against) / reach, initial=1.0)), length / tan(pi * SMALL))
    elif not (slope := check.real("slope", slope)) > (
        least := float(np.max(against / reach, initial=0.0))
    ):
        raise ValueError(
            f"`slope` must be positive and above {least:.6g} to fit the +1 points, got {slope};"
            " leave out"
        )
    W = np.stack([slope * q, -slope * q, w][: 3 if length else 2])
    net = TwoLayerNet(np.array([1.0, 1.0, -1.0])[: len(W)], W)
    margins = sample.y * net(sample.X)
    if not margins.min() > 0.0:
        raise ValueError(
            f"`slope` must leave the −1 points a margin, {slope} drowns them in rounding; pass a"
            " smaller"
        )
    value = atan2(length, slope) / pi
    error = (
        Share(value, max(value - ROUNDING, 0.0), value + ROUNDING)
        if length
        else Share(0.0, 0.0, 0.0)
    )
    return SmallErrorNet(net, slope, q, margins, error.estimate("angles"), 0.5 ** len(W))


def _through_the_negatives(sample: SphereSample) -> Vector:
    """Return the shortest w with w·x_i = 1 on the −1 points; 0 without any."""
    minus = sample.X[sample.y < 0.0]
    if not len(minus):
        return np.zeros(sample.dimension)
    w = np.linalg.lstsq(minus, np.ones(len(minus)))[0]
    if not np.max(np.abs(minus @ w - 1.0)) <= ON_THE_SPAN or len(minus) >= sample.dimension:
        raise ValueError(
            "`sample` must have −1 points that are linearly independent and fewer than d ="
            f" {sample.dimension}, got {len(minus)} that are not; take fewer or raise the dimension"
        )
    return np.asarray(w)


def _direction(sample: SphereSample, w: Vector, rng: np.random.Generator) -> Vector:
    """Return a unit q orthogonal to the −1 points that needs as small a slope as any of those
    drawn.
    """
    minus, plus = sample.X[sample.y < 0.0], sample.X[sample.y > 0.0]
    basis = np.linalg.qr(minus.T)[0] if len(minus) else np.zeros((sample.dimension, 0))
    off = plus - (plus @ basis) @ basis.T
    size = np.linalg.norm(off, axis=1)
    if np.any(size <= ON_THE_SPAN * np.linalg.norm(plus, axis=1)):
        bad = int(np.flatnonzero(sample.y > 0.0)[np.argmin(size)])
        raise ValueError(
            f"`sample` must have its +1 points off the span of the −1 points, got row {bad} on it;"
            " take it out"
        )
    # between the points' own directions, and at random
    draws = np.concatenate(
        [
            rng.standard_normal((DRAWS, sample.dimension)),
            rng.standard_normal((DRAWS, len(off))) @ off,
        ]
    )
    for _ in range(2):  # once more against rounding
        draws -= (draws @ basis) @ basis.T
    draws = draws[np.linalg.norm(draws, axis=1) > 0.0]
    draws /= np.linalg.norm(draws, axis=1, keepdims=True)
    reach = np.abs(draws @ plus.T) / (1.0 + np.maximum(plus @ w, 0.0))
    return np.asarray(draws[np.argmax(np.min(reach, axis=1, initial=np.inf))])
