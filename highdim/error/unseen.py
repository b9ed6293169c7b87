"""Errors that line sampling has not met, found by those of splitting.

A point that is uniform on the errors lies on a great circle through the direction next to it with a
probability in proportion to the share of errors on that circle. So where rare circles hold a part f
of all errors, a part f of the points in error lies on them, however rare they are: a wedge of angle
10^-4 beside a cap of the same mass is half of the points, and on no circle of 2048. Points on
circles that hold more errors than any sample did are errors that the samples have missed. New.
"""

from math import log
from typing import Final, NamedTuple

import numpy as np

from highdim.error.great_circles import error_arcs, pieces, shares
from highdim.error.intervals import Bounds
from highdim.error.kernels.arcs import Arcs
from highdim.error.lines import Lines, unit_vectors
from highdim.error.splitting import KEPT, Splitting
from univariate.common.arrays import Matrix, Vector

FACTOR: Final = 2.0  # times the largest share of a sample: a circle may well exceed it by that
ALWAYS: Final = 3e8  # nanoseconds, as counted, that points in error are worth
SHARE: Final = 0.25  # of the cost of the estimate, if that is more
POINTS: Final = 512  # of a repetition of splitting
REPETITIONS: Final = 16  # at most: with that many points a part of 0.1 % is hardly ever missed
STEEP: Final = 1e-6  # sines below which a point is the direction itself


class Missed(NamedTuple):
    """Points in error on circles unlike any sample, of how many points, and places of errors on
    such circles.
    """

    unlike: int
    points: int
    places: int


def missed(
    lines: Lines, found: Bounds, places: Matrix, spent: float, rng: np.random.Generator
) -> Missed:
    """Return what line sampling has missed of points in error that splitting finds, unless that
    takes too long, and of places of errors that descent has found.

    `places` are pre-activations of the first layer; `spent` is the cost of the estimate in
    nanoseconds, as counted.
    """
    # a sample sums the shares of one circle through every direction
    largest = log(found.largest * found.samples) + found.log_value + log(FACTOR)
    unlike = np.sum(circles_of(lines, places) > largest)
    points = _points_in_error(lines, found, spent, rng)
    if points is None:
        return Missed(0, 0, int(unlike))
    return Missed(int(np.sum(circles_of(lines, points) > largest)), len(points), int(unlike))


def circles_of(lines: Lines, points: Matrix) -> Vector:
    """Return the logarithm of the share of errors on the great circle through every point and the
    direction next to it, within that direction's cell.

    `points` are pre-activations of the first layer, (k, n): all that has to be known of them.
    """
    form = lines.form
    directions = unit_vectors(form, lines.toward)
    images = directions @ form.M.T
    length = np.linalg.norm(lines.toward @ form.M, axis=1)
    along = (points - form.b) @ lines.toward.T / np.where(length > 0.0, length, np.inf)
    along = np.clip(along, -1.0, 1.0)
    nearest = np.argmax(along, axis=1)
    found = np.full(len(points), -np.inf)
    for i in range(len(directions)):
        cosine = along[:, i]
        sine = np.sqrt((1.0 - cosine) * (1.0 + cosine))
        mine = np.flatnonzero((nearest == i) & (sine > STEEP) & (length[i] > 0.0))
        if not mine.size:
            continue
        turn = sine[mine, None]
        beta = (points[mine] - form.b - cosine[mine, None] * images[i]) / turn
        tangent = (along[mine] - cosine[mine, None] * (directions @ directions[i])) / turn
        cells = _cells(
            np.delete(tangent, i, axis=1), np.delete(directions, i, axis=0), directions[i]
        )
        alpha = np.tile(images[i], (len(mine), 1))
        arcs: Arcs = error_arcs(form, pieces(form, alpha, beta))[0]
        found[mine] = shares(form, arcs, cells)
    return found


def _cells(tangent: Matrix, others: Matrix, u: Vector) -> Matrix:
    """Return the angles between which u is the nearest direction, as `lines.through` does."""
    cells = np.tile([-np.pi, np.pi], (len(tangent), 1))
    if len(others):
        turn = np.arctan2(-tangent, 1.0 - others @ u)
        cells[:, 0] = turn.max(axis=1) - 0.5 * np.pi
        cells[:, 1] = turn.min(axis=1) + 0.5 * np.pi
    return cells


def _points_in_error(
    lines: Lines, found: Bounds, spent: float, rng: np.random.Generator
) -> Matrix | None:
    """Return pre-activations of the first layer at points in error, about uniform among these."""
    splitting = Splitting(lines.form, POINTS)
    levels = 2.0 + found.log_value / log(KEPT)
    budget = max(ALWAYS, SHARE * spent)
    repetitions = int(min(REPETITIONS, budget / (levels * splitting.cost)))
    clouds = []
    for _ in range(repetitions):
        descent = splitting.descended(rng, int(2.0 * levels) + 4)
        if descent is not None:
            cloud = descent[1].take(np.flatnonzero(descent[1].score == -np.inf))
            clouds.append(splitting.pre_activations(cloud.vectors, cloud.spare))
    return np.concatenate(clouds) if clouds else None
