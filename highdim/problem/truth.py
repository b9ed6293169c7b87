"""Truths f* other than +1 on R^d: the sign of a net, half spaces and caps among them.

The clean error L_cl(N) = Pr[N(x) f*(x) ≤ 0] against the sign of a net T is that of a net again:

    |N + T| − |N − T| = 2 min(|N|, |T|) sign(N T),

which three layers compute, with the neurons of N and T in the first and σ(±N ± T) in the second. So
whatever is known of clean errors of three-layer nets, exact arcs, enclosures by triangles and
sampling with intervals, holds for any truth of two layers. New.
"""

import numpy as np
from numpy.typing import ArrayLike

from highdim.problem.network import ThreeLayerNet, TwoLayerNet
from univariate.common import check
from univariate.common.arrays import Vector

REMEDY = "pass a TwoLayerNet, or half_space(direction, offset)"


def half_space(direction: ArrayLike, offset: float = 0.0) -> TwoLayerNet:
    """Return the net a·x − c, whose sign is +1 on the half space a·x > c and −1 beyond it.

    Parameters
    ----------
    direction : array_like, shape (d,)
        a, not 0. Its length matters with an offset only.
    offset : float
        c; for |a| = 1 and c > 0 the half space cuts a cap of angle arccos c out of the sphere.

    Exact: two neurons, σ(a·x − c) − σ(−(a·x − c)).

    Raises
    ------
    TypeError, ValueError
        No direction, 0, or not finite.

    Examples
    --------
    >>> from highdim import clean_error, half_space
    >>> net = half_space([1.0, 0.0])
    >>> clean_error(net, truth=half_space([0.0, 1.0])).exact
    Fraction(1, 2)
    """
    a = check.vector("direction", direction)
    c = check.real("offset", offset)
    if not np.any(a):
        raise ValueError("`direction` must not be 0, got zeros only; pass the normal of the border")
    return TwoLayerNet(np.array([1.0, -1.0]), np.stack([a, -a]), np.array([-c, c]))


def require_truth(truth: object, dimension: int) -> TwoLayerNet:
    """Return a truth for inputs of this dimension.

    Raises TypeError or ValueError.
    """
    if not isinstance(truth, TwoLayerNet):
        raise TypeError(f"`truth` must be a TwoLayerNet, got {type(truth).__name__}; {REMEDY}")
    if truth.dimension != dimension:
        raise ValueError(
            f"`truth` must have the dimension of the inputs, {dimension}, got {truth.dimension};"
            " pass a net on the same space"
        )
    return truth


def agreement(net: object, truth: object) -> ThreeLayerNet:
    """Return |N + T| − |N − T|, which has the sign of N T, and is 0 where N or T is.

    Raises
    ------
    TypeError, ValueError
        Not a net of two layers, or a truth of another dimension.

    Exact: T is scaled by a power of two to about the size of N, the sign is that of N T wherever
    the parameters are within the range of doubles.
    """
    if not isinstance(net, TwoLayerNet):
        raise TypeError(
            f"`net` must be a TwoLayerNet where a truth is given, got {type(net).__name__}; with"
            " three layers only the truth +1 is known, leave it out"
        )
    truth = require_truth(truth, net.dimension)
    outputs = _scaled(truth.v, _size(net) / _size(truth))
    both = np.concatenate([net.v, outputs])
    apart = np.concatenate([net.v, -outputs])
    return ThreeLayerNet(
        v=np.array([1.0, 1.0, -1.0, -1.0]),
        W2=np.stack([both, -both, apart, -apart]),
        b2=None,
        W1=np.concatenate([net.W, truth.W]),
        b1=np.concatenate([net.biases, truth.biases]),
    )


def labels_of(truth: TwoLayerNet, X: np.ndarray) -> Vector:
    """Return sign T at the rows of X.

    Raises ValueError where T is 0: no label is right there.
    """
    values = truth(X)
    zeros = np.flatnonzero(values == 0.0)
    if zeros.size:
        raise ValueError(
            f"`truth` must not be 0 at inputs, got 0 at input {zeros[0]} ({zeros.size} such); give"
            " it a bias, or another net"
        )
    return np.sign(values)


def _size(net: TwoLayerNet) -> float:
    """About the largest |N| on the unit sphere; 1 where that is 0 or beyond doubles."""
    with np.errstate(all="ignore"):
        size = float(np.abs(net.v) @ (np.linalg.norm(net.W, axis=1) + np.abs(net.biases)))
    return size if 0.0 < size < np.inf else 1.0


def _scaled(v: Vector, factor: float) -> Vector:
    """Return v times a power of two near a factor, as far as that is exact."""
    power = int(np.frexp(factor)[1])
    with np.errstate(all="ignore"):
        found = np.ldexp(v, power)
        exact = np.array_equal(np.ldexp(found, -power), v) and bool(np.all(np.isfinite(found)))
    return found if exact else v
