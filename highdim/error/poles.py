"""Errors about the poles of neurons that pull N down.

A neuron of negative weight pulls most at its pole, where its pre-activation is largest. Descent of
N starts there. But if other neurons make N positive again at the pole itself, errors are a ring
about it to which no slope leads, from within or from without. Every great circle through the pole
crosses the ring, so a few are looked at. New.
"""

from typing import Final, NamedTuple

import numpy as np

from highdim.error.draws import pre_activations, tangents
from highdim.error.form import Form
from highdim.error.great_circles import at_angles, error_arcs
from highdim.error.kernels.arcs import Arcs
from univariate.common.arrays import Indices, Matrix, Vector

POLES: Final = 192  # at most, of the strongest neurons
CIRCLES: Final = 4  # through every pole
STARTS: Final = 4  # of ascents of a neuron of the second layer
ASCENT: Final = 4  # steps


class AboutPoles(NamedTuple):
    """Points in error on great circles through poles, as pre-activations of the first layer, and
    the pole of each, as coefficients c of the direction c M; both (k, n).
    """

    points: Matrix
    toward: Matrix


def errors_about_poles(form: Form, rng: np.random.Generator) -> AboutPoles:
    """Return a point in error on every one of a few random great circles through poles that meets
    any.
    """
    poles = _poles(form, rng)
    directions = poles @ form.M
    length = np.linalg.norm(directions, axis=1)
    points = [np.empty((0, form.width))]
    owners = list[int]()
    for i in np.flatnonzero(length > 0.0):
        u = directions[i] / length[i]
        beta = tangents(form, u, CIRCLES, rng)[0]
        alpha = np.tile(form.M @ u, (CIRCLES, 1))
        met, angle, _ = on_arcs(error_arcs(form, alpha, beta)[1], rng)
        points.append(at_angles(form, alpha[met], beta[met], angle))
        owners += [int(i)] * len(met)
    return AboutPoles(np.concatenate(points), poles[owners])


def on_arcs(arcs: Arcs, rng: np.random.Generator) -> tuple[Indices, Vector, Vector]:
    """Return which circles have arcs, a uniform angle of one arc of each, and that arc's length
    times the number of arcs.

    All arcs of a circle are alike, so that a short one is met as often as a long one.
    """
    number = np.diff(arcs.first)
    met = np.flatnonzero(number)
    chosen = arcs.first[met] + rng.integers(number[met])
    length = arcs.end[chosen] - arcs.start[chosen]
    return met, arcs.start[chosen] + length * rng.random(len(met)), length * number[met]


def _poles(form: Form, rng: np.random.Generator) -> Matrix:
    """Return the poles of neurons with negative weight, of the second layer where there is one, as
    coefficients c of c M, (k, n).
    """
    falling = np.flatnonzero(form.v < 0.0)
    if form.upper is None:
        strength = -form.v[falling] * np.linalg.norm(form.M[falling], axis=1)
        strongest = falling[np.argsort(-strength, kind="stable")[:POLES]]
        poles = np.zeros((len(strongest), form.width))
        poles[np.arange(len(strongest)), strongest] = 1.0
        return poles
    strongest = falling[np.argsort(form.v[falling], kind="stable")[: POLES // STARTS]]
    ends = [_ascended(form, form.upper.columns[:, k], rng) for k in strongest]
    return np.concatenate([np.empty((0, form.width)), *ends])


def _ascended(form: Form, column: Vector, rng: np.random.Generator) -> Matrix:
    """Return where ascents of the pre-activation of a neuron of the second layer end, (s, n).

    As in descents of N, the gradient at x is the direction in which its linear piece is largest.
    """
    toward = (pre_activations(form, STARTS, rng) > 0.0) * column
    for _ in range(ASCENT):
        directions = toward @ form.M
        length = np.linalg.norm(directions, axis=1)[:, None]
        Z = directions @ form.M.T / np.where(length > 0.0, length, 1.0) + form.b
        toward = (Z > 0.0) * column
    return toward
