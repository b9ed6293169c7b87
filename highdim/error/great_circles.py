"""A net on great circles cos φ e + sin φ f, and the share of the sphere behind its errors there."""

from math import lgamma, log, pi, sqrt

import numpy as np

from highdim.error.form import Form
from highdim.error.kernels.arcs import Arcs, arcs_below
from highdim.error.kernels.shares import log_shares
from highdim.error.kernels.switches import switches
from highdim.error.kernels.three_layers import three_layer_pieces
from highdim.error.kernels.two_layers import two_layer_pieces
from univariate.common.arrays import Matrix, Vector


def error_arcs(form: Form, alpha: Matrix, beta: Matrix) -> tuple[Arcs, Arcs]:
    """Return the arcs of k circles with N ≤ 0 for certain, and those with N ≤ 0 possibly: levels
    −slack and slack. alpha = M e and beta = M f in rows, (k, n).
    """
    found = switches(alpha, beta, form.b)
    order = np.argsort(found.turn, axis=1)
    if form.upper is None:
        parts = two_layer_pieces(form.v, form.b, alpha, beta, found, order, form.slack)
    else:
        parts = three_layer_pieces(form.upper, form.b, alpha, beta, found, order)
    return arcs_below(parts, -form.slack), arcs_below(parts, form.slack)


def at_angles(form: Form, alpha: Matrix, beta: Matrix, angles: Vector) -> Matrix:
    """Return pre-activations of the first layer at one point of every circle, (k, n)."""
    turn = angles[:, None]
    return np.asarray(alpha * np.cos(turn) + beta * np.sin(turn) + form.b)


def shares(form: Form, arcs: Arcs, cells: Matrix) -> Vector:
    """Return the logarithm of the share of the sphere behind every circle's arcs in its cell, (k,),
    pole at φ = 0.
    """
    half = 0.5 * (form.d - 1)
    return log_shares(arcs, cells, half, log_beta(half))


def log_beta(a: float) -> float:
    """Return log B(a, ½), a ≥ ½, to a few units in the last place however large a is."""
    if a < 20.0:
        return lgamma(a) + 0.5 * log(pi) - lgamma(a + 0.5)
    # log Γ(a + ½) − log Γ(a): the two would cancel
    ratio = (
        0.5 * log(a)
        - 1 / (8 * a)
        + 1 / (192 * a**3)
        - 1 / (640 * a**5)
        + 17 / (14336 * a**7)
        - 31 / (18432 * a**9)
    )
    return log(sqrt(pi)) - ratio
