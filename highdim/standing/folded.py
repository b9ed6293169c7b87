"""A net and a sample as Problem (1) sees them: biases folded into the inputs, powers of two taken
out.

With x̃ = (x, 1) and u = (w, b), or x̃ = x and u = w without biases, N(x) = Σ_j v_j σ(u_j·x̃). N is
linear in x̃, and homogeneous in the trainable parameters: of degree 2 in (v, u), of degree 1 in u
alone.
"""

from dataclasses import dataclass
from math import inf, sqrt
from typing import Final, NamedTuple

import numpy as np

from highdim.optimum.augmented import inputs, joined, net_of
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample
from univariate.common.arrays import Mask, Matrix, Vector
from univariate.common.tolerance import UNIT_ROUNDOFF

# rounding of a neuron's own parameters, of its product with a datum, and of a computed null space
_ULPS: Final = 4.0


class Candidate(NamedTuple):
    """Scaled parameters, the squared norm of those that are trained, and the smallest margin."""

    U: Matrix
    v: Vector
    squared_size: float
    worst: float


class Direction(NamedTuple):
    """Parameters that are trained, or a change of them; r is None where v is fixed."""

    R: Matrix
    r: Vector | None

    def dot(self, other: "Direction") -> float:
        """Return the inner product."""
        inner = float(np.vdot(self.R, other.R))
        if self.r is None or other.r is None:
            return inner
        return inner + float(self.r @ other.r)


@dataclass(frozen=True)
class Problem:
    """A scaled net on augmented data; u = 2^inner U, v = 2^outer v', x̃ = 2^lift X, all exactly but
    for underflow.

    Attributes
    ----------
    X, y : ndarray, shapes (m, q) and (m,)
        q = d + 1 with biases, d without.
    U, v : ndarray, shapes (n, q) and (n,)
    Z : ndarray, shape (m, n)
        u_j·x̃_i, rounded.
    margins : ndarray, shape (m,)
        y_i N(x_i), rounded.
    distance : ndarray, shape (m, n)
        |u_j·x̃_i|/(|u_j| |x̃_i|); inf where u_j or v_j is zero, whose derivatives change nothing.
    gram : ndarray, shape (m, m)
    train_output : bool
    """

    X: Matrix
    y: Vector
    U: Matrix
    v: Vector
    Z: Matrix
    margins: Vector
    distance: Matrix
    gram: Matrix
    train_output: bool
    inner: int
    outer: int
    lift: int
    subject: str  # of its certificate

    @classmethod
    def of(cls, net: TwoLayerNet, sample: SphereSample, train_output: bool) -> "Problem":
        """Scale a net and its data. Cost O(m d (m + n))."""
        U = joined(net.W, net.b)
        X = inputs(sample.X, net.b is not None)
        lift = 2 * (_exponent(X) // 2)
        if train_output:
            inner = outer = max(_exponent(U), _exponent(net.v))
        else:
            inner = _exponent(U)
            outer = _exponent(net.v)
        X = np.ldexp(X, -lift)
        U = np.ldexp(U, -inner)
        v = np.ldexp(net.v, -outer)
        Z = X @ U.T
        sizes = np.outer(np.linalg.norm(X, axis=1), np.linalg.norm(U, axis=1) * (v != 0.0))
        distance = np.divide(np.abs(Z), sizes, out=np.full(Z.shape, inf), where=sizes > 0.0)
        margins = sample.y * (np.maximum(Z, 0.0) @ v) + 0.0  # no −0
        scales = inner, outer, lift
        subject = net.fingerprint + sample.fingerprint
        return cls(
            *(X, sample.y, U, v, Z, margins, distance, X @ X.T, train_output), *scales, subject
        )

    @property
    def degree(self) -> int:
        """Degree of N in the trainable parameters, 2 or 1."""
        return 2 if self.train_output else 1

    @property
    def worst(self) -> float:
        """Smallest margin of the scaled net."""
        return float(self.margins.min())

    @property
    def relative(self) -> Vector:
        """Margins divided by the smallest, which is positive."""
        return self.margins / self.worst

    @property
    def squared_size(self) -> float:
        """Squared norm of the scaled trainable parameters."""
        return self.trained.dot(self.trained)

    @property
    def trained(self) -> Direction:
        """The scaled trainable parameters."""
        return self.restricted(self.U, self.v)

    def restricted(self, U: Matrix, v: Vector) -> Direction:
        """Return the parameters that are trained."""
        return Direction(U, v if self.train_output else None)

    def candidate(self, U: Matrix, v: Vector, Z: Matrix) -> Candidate:
        """Return other parameters, given their pre-activations on all data, (m, n)."""
        theta = self.restricted(U, v)
        return Candidate(U, v, theta.dot(theta), self.smallest_margin(Z, v))

    def smallest_margin(self, Z: Matrix, v: Vector) -> float:
        """Return min y_i N(x_i) for other pre-activations (m, n) and output weights."""
        return float(np.min(self.y * (np.maximum(Z, 0.0) @ v)))

    def settled(self, kinks: Mask) -> Matrix:
        """Return σ' where it is not free, (m, n); 0 at the kinks."""
        return np.asarray((self.Z > 0.0) & ~kinks, dtype=np.float64)

    @property
    def unit(self) -> float:
        """Bound on the relative rounding error of u_j·x̃_i, of parameters that were rounded
        themselves.
        """
        return float(_ULPS * self.X.shape[1] * UNIT_ROUNDOFF)

    @property
    def rounding(self) -> float:
        """Bound on the rounding error of a margin of the scaled net."""
        sizes = np.linalg.norm(self.U, axis=1) @ np.abs(self.v)
        longest = float(np.sqrt(self.gram.diagonal().max()))
        return float(self.unit + len(self.v) * UNIT_ROUNDOFF) * float(sizes) * longest

    def true_worst(self) -> float:
        """Return the smallest margin of the net itself; inf or 0 beyond the range of doubles."""
        return _scaled(self.worst, self.inner + self.outer + self.lift)

    def true_scale(self) -> float:
        """Return what the trainable parameters must be divided by for a smallest margin of 1."""
        if self.train_output:
            return _scaled(sqrt(self.worst), self.inner + self.lift // 2)
        return self.true_worst()

    def normalised(self, squared_size: float, worst: float) -> float:
        """Return ‖θ‖² at smallest margin 1, in the units of the data, from the same two of a scaled
        net.
        """
        if self.train_output:
            return _scaled(squared_size / worst, -self.lift)
        return _scaled(squared_size / worst / worst, -2 * (self.outer + self.lift))

    def multipliers(self, scaled: Vector) -> Vector:
        """Return multipliers of the net at smallest margin 1 from those of the scaled net."""
        if self.train_output:
            return np.ldexp(scaled, -self.lift)
        return np.ldexp(scaled / self.worst, -2 * (self.outer + self.lift))

    def net_at_margin_one(
        self, U: Matrix, v: Vector, worst: float, net: TwoLayerNet
    ) -> TwoLayerNet:
        """Return the net with scaled parameters and this smallest margin, at smallest margin 1; v
        as is if fixed.
        """
        if self.train_output:
            U, v = (np.ldexp(part / sqrt(worst), -(self.lift // 2)) for part in (U, v))
        else:
            U = np.ldexp(U / worst, -(self.outer + self.lift))
            v = net.v
        return net_of(v, U, net.b is not None)


def _exponent(array: Vector) -> int:
    """Return e with all entries below 2^e in size, 0 if all are zero."""
    return int(np.frexp(float(np.abs(array).max()))[1])


def _scaled(value: float, exponent: int) -> float:
    with np.errstate(over="ignore", under="ignore"):
        return float(np.ldexp(value, exponent))
