"""A net in the form that all estimators share: neurons scaled to size one, dead ones left out,
inputs reduced.

N keeps its sign under a positive factor, so neurons are scaled by powers of two, which is exact.
For d > n only the n coordinates of x along the rows of W matter: W = M Q with orthonormal rows in
Q, and Q x is drawn in their place.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from highdim.error.kernels.pieces import Upper
from highdim.problem.network import Network, ThreeLayerNet, TwoLayerNet
from univariate.common.arrays import Mask, Matrix, Vector
from univariate.common.tolerance import UNIT_ROUNDOFF

Pair = tuple[Vector, NDArray[np.int64]]

SPREAD = 900  # neurons further apart than 2^900 would leave the range of doubles
# nanoseconds: a term of a product, a random number; QR as slow products
PRODUCT = 0.07
GAUSSIAN = 12.0
QR = 20.0


@dataclass(frozen=True)
class Form:
    """N(x) = v·σ(M q + b) or upper.v·σ(W2 σ(M q + b) + upper.b), q the first r coordinates of a
    uniform x.

    Attributes
    ----------
    v : ndarray, shape (n,) or (n2,)
        Output weights, the largest of size about one.
    M, b : ndarrays, shapes (n, r) and (n,)
        First layer; every row of (M, b) has its largest entry in [½, 1).
    upper : Upper or None
        The second hidden layer, if any.
    d : int
        Dimension of x; d − r coordinates are not looked at.
    band : ndarray, shape (n,)
        Bounds on the rounding errors of the first layer's pre-activations.
    slack : float
        Bound on the rounding error of N, wherever and however it is evaluated here.
    flat : bool
        Whether x is not on the sphere but anywhere, in homogeneous coordinates: q = (x, 1), b = 0,
        and N is evaluated at q over its length or less. See `highdim.error.law_form`.
    """

    v: Vector
    M: Matrix
    b: Vector
    upper: Upper | None
    d: int
    band: Vector
    slack: float
    flat: bool = False

    @property
    def width(self) -> int:
        """Number of neurons of the first layer."""
        return len(self.b)

    @property
    def rank(self) -> int:
        """Number of coordinates that matter, at most."""
        return min(self.width, int(self.M.shape[1]))

    @property
    def axes(self) -> Matrix:
        """Columns of M that have to do with directions, (n, r): a flat form's last one has not."""
        return self.M[:, :-1] if self.flat else self.M

    @property
    def upper_cost(self) -> float:
        """Nanoseconds that the second layer, if any, costs a point."""
        return 0.0 if self.upper is None else PRODUCT * self.width * len(self.v)

    @property
    def spare(self) -> int:
        """Number of coordinates that are not looked at; those of a flat form do not matter."""
        return 0 if self.flat else self.d - int(self.M.shape[1])

    def reduced(self, samples: int) -> "Form":
        """Return an equivalent form of n coordinates, if d > n and it pays off for so many samples
        of W x.
        """
        n = self.width
        r = self.axes.shape[1]
        saved = samples * (r - n) * (PRODUCT * n + GAUSSIAN)
        if r <= n or saved <= QR * PRODUCT * n * n * r:
            return self
        fewer = np.transpose(np.linalg.qr(self.axes.T, mode="r"))
        if self.flat:
            fewer = np.column_stack([fewer, self.M[:, -1]])
        return replace(self, M=np.ascontiguousarray(fewer))

    def mapped(self, M: Matrix, sizes: Vector) -> "Form":
        """Return the net with other first-layer weights, which are sums of rounded products; the
        terms of a pre-activation add up to at most `sizes`, (n,), in absolute value.
        """
        # once for the products, once for the evaluation
        band = 2.0 * _band(sizes, M.shape[1])
        if self.upper is None:
            slack = 2.0 * _slack(self.v, sizes, M.shape[1])
            return replace(self, M=M, band=band, slack=slack)
        upper = _banded(self.v, self.upper.columns, self.upper.b, 2.0 * sizes, M.shape[1])
        return replace(self, M=M, upper=upper, band=band, slack=upper.slack)

    def negated(self) -> "Form":
        """Return the form of −N."""
        upper = None if self.upper is None else self.upper._replace(v=-self.v)
        return replace(self, v=-self.v, upper=upper)

    def decide(self, Z: Matrix) -> tuple[Mask, Mask]:
        """Decide N ≤ 0 where the first layer's pre-activations are the rows of Z: for certain, and
        possibly.
        """
        last = self.last_layer(Z)
        return self.decided(Z, last, np.maximum(last, 0.0) @ self.v)

    def decided(self, Z: Matrix, last: Matrix, values: Vector) -> tuple[Mask, Mask]:
        """Decide the same, from the pre-activations of the last hidden layer and from N, rounded.

        Neurons are looked at one by one only where N is within its rounding error of 0: where none
        of positive weight can be active, the rounded N is no sum of anything positive.
        """
        possible = ~(values > self.slack)  # what is not a number is nothing that was decided
        certain = values <= -self.slack
        rows = np.flatnonzero(possible & ~certain)
        if len(rows) > 0:
            Z, last = Z[rows], last[rows]
            certain[rows] = self._no_positive_neuron(Z, last)
            if self.upper is None:
                possible[rows] = certain[rows] | ~self._only_positive_neurons(Z)
        return certain, possible

    def last_layer(self, Z: Matrix) -> Matrix:
        """Return the pre-activations of the last hidden layer where those of the first layer are
        the rows of Z, rounded.
        """
        if self.upper is None:
            return Z
        return np.asarray(np.maximum(Z, 0.0) @ self.upper.columns + self.upper.b)

    def values(self, Z: Matrix) -> Vector:
        """Return N where the first layer's pre-activations are the rows of Z, rounded."""
        return np.asarray(np.maximum(self.last_layer(Z), 0.0) @ self.v)

    def gradients(self, Z: Matrix) -> Matrix:
        """Return coefficients c (k, n) with ∇N = c M, where the first layer's pre-activations are
        the rows of Z.
        """
        active = Z > 0.0
        if self.upper is None:
            return active * self.v
        above = np.where(active, Z, 0.0) @ self.upper.columns + self.upper.b
        return np.asarray(active * (((above > 0.0) * self.v) @ self.upper.columns.T))

    def _only_positive_neurons(self, Z: Matrix) -> Mask:
        """Return whether N > 0 for certain, two layers: no neuron of negative weight can be active,
        and one of positive weight is.
        """
        lowers = self.v < 0.0
        raises = self.v > 0.0
        off = self.band[lowers] + Z[:, lowers] <= 0.0
        on = Z[:, raises] > self.band[raises]
        return np.asarray(np.all(off, axis=1) & np.any(on, axis=1))

    def _no_positive_neuron(self, Z: Matrix, above: Matrix) -> Mask:
        """Return whether no neuron of the last layer with positive weight can be active.

        One that rounding puts on its kink may be on or off.
        """
        weight = self.v > 0.0
        if self.upper is None:
            return np.asarray(np.all(self.band[weight] + Z[:, weight] <= 0.0, axis=1))
        perhaps_on = (self.band + Z > 0.0).astype(np.float64)
        reached = perhaps_on @ (self.upper.columns[:, weight] != 0.0).astype(np.float64)
        off = (above[:, weight] <= -self.upper.band[weight]) | (
            (reached == 0.0) & (self.upper.b[weight] <= 0.0)
        )
        return np.asarray(np.all(off, axis=1))


def normal_form(net: Network) -> Form:
    """Return the form of a net.

    Raises
    ------
    ValueError
        Neurons whose sizes differ by more than a factor 2^900.
    """
    return _two_layers(net) if isinstance(net, TwoLayerNet) else _three_layers(net)


def _two_layers(net: TwoLayerNet) -> Form:
    bias = np.zeros(net.width) if net.b is None else net.b
    live = (net.v != 0.0) & (np.any(net.W, axis=1) | (bias > 0.0))
    if not np.any(live):
        return _nothing(net.dimension)
    M, b, exponents = _first_layer(net.W[live], bias[live])
    mantissa, power = np.frexp(net.v[live])
    v = _joined((mantissa, power + exponents), axis=0)[0]
    sizes = _sizes(M, b)
    band = _band(sizes, net.dimension)
    return Form(v, M, b, None, net.dimension, band, _slack(v, sizes, net.dimension))


def _three_layers(net: ThreeLayerNet) -> Form:
    n1, n2 = net.widths
    b1 = np.zeros(n1) if net.b1 is None else net.b1
    b2 = np.zeros(n2) if net.b2 is None else net.b2
    live = np.any(net.W1, axis=1) | (b1 > 0.0)
    live &= np.any(net.W2, axis=0)
    rows = (net.v != 0.0) & (np.any(net.W2[:, live], axis=1) | (b2 > 0.0))
    if not np.any(rows):
        return _nothing(net.dimension)
    live = live if np.any(live) else np.arange(n1) == 0
    M, b, exponents = _first_layer(net.W1[live], b1[live])
    mantissa, power = np.frexp(np.column_stack([net.W2[np.ix_(rows, live)], b2[rows]]))
    power[:, :-1] += exponents
    stacked, exponents = _joined((mantissa, power), axis=1)
    mantissa, power = np.frexp(net.v[rows])
    v = _joined((mantissa, power + exponents), axis=0)[0]
    columns = np.ascontiguousarray(stacked[:, :-1].T)
    offsets = np.ascontiguousarray(stacked[:, -1])
    sizes = _sizes(M, b)
    upper = _banded(v, columns, offsets, sizes, net.dimension)
    return Form(v, M, b, upper, net.dimension, _band(sizes, net.dimension), upper.slack)


def _nothing(d: int) -> Form:
    """Return the form of N ≡ 0."""
    return Form(np.zeros(1), np.zeros((1, d)), np.zeros(1), None, d, np.zeros(1), 0.0)


def _first_layer(W: Matrix, b: Vector) -> tuple[Matrix, Vector, NDArray[np.int64]]:
    """Scale every neuron to size one; returns the exponents that were taken out, too."""
    exponents = np.frexp(np.maximum(np.abs(W).max(axis=1), np.abs(b)))[1].astype(np.int64)
    rows = np.column_stack([W, b])
    scaled = np.ldexp(rows, -exponents[:, None])
    return scaled[:, :-1].copy(), scaled[:, -1].copy(), exponents


def _joined(parts: Pair, axis: int) -> tuple[Matrix, NDArray[np.int64]]:
    """Return mantissa · 2^(power − top) with the largest power along `axis` for top, and top."""
    mantissa, power = parts
    present = mantissa != 0.0
    power = np.where(present, power, np.iinfo(np.int32).min)
    top = power.max(axis=axis, keepdims=True)
    if np.any(present & (power < top - SPREAD)):
        raise ValueError(
            f"`net` must have neurons within a factor 2^{SPREAD} of each other in size, got more;"
            " leave out the negligible ones"
        )
    return np.ldexp(mantissa, np.where(present, power - top, 0)), np.squeeze(top, axis=axis)


def _band(sizes: Vector, d: int) -> Vector:
    """Return bounds on the rounding errors of first-layer pre-activations, of their sizes."""
    return (2 * d + 32) * UNIT_ROUNDOFF * sizes


def _slack(v: Vector, sizes: Vector, d: int) -> float:
    """Return a bound on the rounding error of N with two layers, of first-layer sizes."""
    terms = 2 * d + 2 * len(v) + 32
    return terms * UNIT_ROUNDOFF * float(np.abs(v) @ sizes)


def _banded(v: Vector, columns: Matrix, b: Vector, sizes: Vector, d: int) -> Upper:
    """Return a second layer with bounds on its rounding errors, of first-layer sizes."""
    reached = sizes @ np.abs(columns) + np.abs(b)
    band = (2 * d + 4 * len(sizes) + 32) * UNIT_ROUNDOFF * reached
    slack = float(np.abs(v) @ (band + 4 * len(v) * UNIT_ROUNDOFF * reached))
    return Upper(v, columns, b, band, slack)


def _sizes(M: Matrix, b: Vector) -> Vector:
    """Largest pre-activations on the sphere."""
    return np.asarray(np.linalg.norm(M, axis=1) + np.abs(b))
