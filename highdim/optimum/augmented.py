"""Biases folded into weights: u = (w, b) and x̃ = (x, 1), or u = w and x̃ = x without biases."""

import numpy as np

from highdim.problem.network import TwoLayerNet
from univariate.common.arrays import Matrix, Vector


def inputs(X: Matrix, bias: bool) -> Matrix:
    """Return x̃_i in rows."""
    return joined(X, np.ones(len(X)) if bias else None)


def joined(W: Matrix, b: Vector | None) -> Matrix:
    """Return u_j in rows."""
    return W if b is None else np.column_stack((W, b))


def parted(U: Matrix, bias: bool) -> tuple[Matrix, Vector | None]:
    """Return W and b of u_j in rows."""
    return (U[:, :-1], U[:, -1]) if bias else (U, None)


def net_of(v: Vector, U: Matrix, bias: bool) -> TwoLayerNet:
    """Return the net with these neurons."""
    return TwoLayerNet(v, *parted(U, bias))
