"""Nets under laws of x on R^d, in the form that the estimators share.

In homogeneous coordinates q = (x, 1) a net has no biases: N(x) = N'(x, 1), and N' keeps its sign
when q is divided by a length. So rounding is bounded as on the sphere, wherever x is. A straight
line in R^d is half a great circle of q, and a net is A cos φ + B sin φ on its pieces there.

Three laws are that of a sphere, exactly: a net without biases errs on half-lines from 0, so that
only the direction of x matters, uniform for N(0, s² I) and for a ball; after x = L z it is for N(0,
L Lᵀ). And the first d coordinates of a uniform point of S^(d+1) are uniform in the ball of R^d
(Archimedes), so a ball in R^d is a sphere in R^(d+2). All of this is classic geometry.
"""

from dataclasses import replace

import numpy as np

from highdim.error.form import Form, normal_form
from highdim.problem.laws import Ball, Gaussian
from highdim.problem.network import Network, ThreeLayerNet, TwoLayerNet
from univariate.common.arrays import Matrix, Vector


def without_biases(net: Network) -> bool:
    """Return whether N is positively homogeneous: all its biases are 0 or missing."""
    return not any(bias is not None and np.any(bias) for _, bias in net.hidden)


def homogeneous(net: Network) -> Network:
    """Return N' on R^(d+1) without biases, N'(x, 1) = N(x). Exact."""
    W, b = net.hidden[0]
    first = np.column_stack([W, np.zeros(len(W)) if b is None else b])
    if isinstance(net, TwoLayerNet):
        return TwoLayerNet(net.v, first, None)
    # one more neuron, which is 1 and carries the biases of the second layer
    one = np.zeros((1, first.shape[1]))
    one[0, -1] = 1.0
    carried = np.zeros(len(net.W2)) if net.b2 is None else net.b2
    W2 = np.column_stack([net.W2, carried])
    return ThreeLayerNet(net.v, W2, None, np.concatenate([first, one]), None)


def flat_form(net: Network) -> Form:
    """Return the form of a net in homogeneous coordinates, for x anywhere."""
    return replace(normal_form(homogeneous(net)), flat=True)


def gaussian_form(net: Network, law: Gaussian) -> Form:
    """Return the form of z ↦ N(μ + L z), for standard normal z: on the sphere where N has no biases
    and μ = 0, else in homogeneous coordinates.
    """
    if law.mean is None and without_biases(net):
        form = normal_form(net)
        return form.mapped(*_images(form.M, law))
    form = flat_form(net)
    W, b = form.M[:, :-1], form.M[:, -1]
    M, sizes = _images(W, law)
    shift = np.zeros(len(W[0])) if law.mean is None else law.mean
    sizes = sizes + np.abs(W) @ np.abs(shift) + np.abs(b)
    return form.mapped(np.column_stack([M, b + W @ shift]), sizes)


def ball_form(net: Network, law: Ball) -> Form:
    """Return the form of a net under the uniform law in a ball: that of a sphere in two dimensions
    more.
    """
    form = normal_form(net)
    if law.radius != 1.0:
        sizes = law.radius * np.linalg.norm(form.M, axis=1) + np.abs(form.b)
        form = form.mapped(law.radius * form.M, sizes)
    return replace(form, d=form.d + 2)


def _images(W: Matrix, law: Gaussian) -> tuple[Matrix, Vector]:
    """Return W L, and bounds on the lengths of its rows with absolute values in the sums."""
    if np.ndim(law.root) < 2:
        M = W * law.root
        return M, np.asarray(np.linalg.norm(M, axis=1))
    return W @ law.root, np.asarray(np.linalg.norm(np.abs(W) @ np.abs(law.root), axis=1))
