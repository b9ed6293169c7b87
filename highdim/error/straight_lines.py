"""Line sampling under N(0, I): exact errors on random straight lines in given directions.

A standard normal x is t u + z with t standard normal and z that in the hyperplane orthogonal to u,
independent. So the normal mass of the t in error, for a random z, has the clean error for its mean,
whatever u is. Where there are several directions, each takes the points x that lie furthest along
it, u·x ≥ w·x for all others w: a half line, so the masses still add up to the clean error in the
mean. Source: Koutsourelakis, Pradlwarter and Schuëller, Probabilistic Engineering Mechanics 19
(2004); several directions are new.

In homogeneous coordinates (t u + z, 1) is cos φ (z, 1) + sin φ ρ (u, 0) with t = ρ tan φ, up to a
length, a half great circle: errors on it are those of nets without biases.
"""

from dataclasses import dataclass
from math import inf
from typing import ClassVar, NamedTuple

import numpy as np

from highdim.error.form import Form
from highdim.error.great_circles import error_arcs
from highdim.error.kernels.arcs import Arcs
from highdim.error.kernels.masses import log_masses
from highdim.error.lines import Directed, unit_vectors
from univariate.common.arrays import Indices, Matrix, Vector

LEAST = 16.0  # ρ at least: angles then tell t from t' as well as doubles do, up to t = 40
RIGHT = 0.5 * np.pi


class StraightLines(Directed):
    """Random straight lines, in every sample one along each direction, its last coordinate left
    out. The form is flat.
    """

    curves: ClassVar[str] = "lines"

    def log_shares(
        self, form: Form, directions: Matrix, i: int, samples: int, rng: np.random.Generator
    ) -> tuple[Vector, Vector]:
        """Return the normal masses of the errors on lines, within the direction's cell."""
        found = along(form, directions, i, samples, rng)
        return found.masses(found.arcs[0]), found.masses(found.arcs[1])

    def entries(
        self, directions: Matrix, i: int, rng: np.random.Generator
    ) -> tuple[Vector, Matrix]:
        """Return the normal masses of the errors on lines, and the errors nearest to t = 0."""
        found = along(self.form, directions, i, self.pilot, rng)
        return found.masses(found.arcs[1]), found.at(found.nearest())

    def through(self, points: Matrix) -> Vector:
        """Return the normal mass of errors on the line through every point, as a logarithm.

        `points` are their coordinates, (k, r), without the last one.
        """
        directions = unit_vectors(self.form, self.toward)
        t = points @ directions.T
        leading = np.argmax(t, axis=1)
        found = np.full(len(points), -inf)
        for i in np.unique(leading):
            mine = np.flatnonzero(leading == i)
            z = points[mine] - np.outer(t[mine, i], directions[i])
            lines = cut(self.form, directions, i, z)
            found[mine] = lines.masses(lines.arcs[1])
        return found


@dataclass(frozen=True)
class Family:
    """Lines z + t u as half circles: images of (z, 1)/ρ and (u, 0), (k, n) each, ρ, the angles
    (k, 2) between which u leads, and arcs in error, for certain and possibly.
    """

    alpha: Matrix
    beta: Matrix
    rho: Vector
    cells: Matrix
    arcs: tuple[Arcs, Arcs]

    def masses(self, arcs: Arcs) -> Vector:
        """Return the logarithm of the mass of every line's arcs in its cell, (k,)."""
        return np.asarray(log_masses(arcs, self.cells, self.rho))

    def nearest(self) -> Vector:
        """Return for every line the possible error nearest to t = 0 in its cell, as an angle; 0
        where there is none.
        """
        arcs = self.arcs[1]
        out = np.zeros(len(self.rho))
        for i in range(len(out)):
            part = slice(arcs.first[i], arcs.first[i + 1])
            start = np.maximum(arcs.start[part], self.cells[i, 0])
            end = np.minimum(arcs.end[part], self.cells[i, 1])
            ends = np.clip(0.0, start, end)[start < end]
            out[i] = ends[np.argmin(np.abs(ends))] if len(ends) else 0.0
        return out

    def at(self, angles: Vector) -> Matrix:
        """Return pre-activations of the first layer at one point of every line, (k, n), up to a
        length.
        """
        turn = angles[:, None]
        return np.asarray(self.alpha * np.cos(turn) + self.beta * np.sin(turn))


def along(form: Form, directions: Matrix, i: int, samples: int, rng: np.random.Generator) -> Family:
    """Return random lines in the direction u = directions[i]."""
    z = rng.standard_normal((samples, directions.shape[1]))
    z -= np.outer(z @ directions[i], directions[i])
    return cut(form, directions, i, z)


def cut(form: Form, directions: Matrix, i: int, z: Matrix) -> Family:
    """Return the lines z + t u, z orthogonal to u = directions[i], where u leads: t (1 − u·w) ≥ z·w
    for every other direction w.
    """
    u = directions[i]
    lowest = np.full(len(z), -inf)
    others = np.delete(directions, i, axis=0)
    if len(others):
        lowest = np.max(z @ others.T / (1.0 - others @ u), axis=1)
    return family(form, z, np.tile(u, (len(z), 1)), lowest)


def family(form: Form, z: Matrix, u: Matrix, lowest: Vector) -> Family:
    """Return the lines z + t u, t ≥ lowest, rows in rows; z and u orthogonal."""
    rho = np.maximum(np.linalg.norm(z, axis=1), LEAST)
    alpha = (z @ form.axes.T + form.M[:, -1]) / rho[:, None]
    beta = u @ form.axes.T
    cells = np.column_stack([np.arctan(lowest / rho), np.full(len(rho), RIGHT)])
    return Family(alpha, beta, rho, cells, error_arcs(form, alpha, beta))


class Crossings(NamedTuple):
    """Which of some curves meet errors, a point in error on each of them, and the logarithm of the
    measure of the errors by that curve: that of one arc of it times their number.
    """

    curves: Indices
    points: Matrix
    log_measure: Vector


def crossings(form: Form, samples: int, rng: np.random.Generator) -> Crossings:
    """Return a point in error, by its coordinates, on every random straight line in a random
    direction that meets any.
    """
    u = rng.standard_normal((samples, form.M.shape[1] - 1))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    z = rng.standard_normal(u.shape)
    z -= np.sum(z * u, axis=1)[:, None] * u
    lines = family(form, z, u, np.full(samples, -inf))
    arcs = lines.arcs[1]
    # half a circle is the line, the other half its mirror image
    start = np.clip(arcs.start, -RIGHT, RIGHT)
    end = np.clip(arcs.end, -RIGHT, RIGHT)
    owner = np.repeat(np.arange(samples), np.diff(arcs.first))
    kept = start < end
    number = np.bincount(owner[kept], minlength=samples)
    met = np.flatnonzero(number)
    first = np.cumsum(number) - number
    chosen = np.flatnonzero(kept)[first[met] + rng.integers(number[met])]
    one = Arcs(np.arange(len(met) + 1), start[chosen], end[chosen])
    masses = log_masses(one, lines.cells[met], lines.rho[met])
    t = _between(one, lines.rho[met], rng.random(len(met)))
    return Crossings(met, z[met] + t[:, None] * u[met], masses + np.log(number[met]))


def _between(arcs: Arcs, rho: Vector, share: Vector) -> Vector:
    """Return normal numbers between the ends of arcs, by their shares of the mass there."""
    from scipy.special import log_ndtr, ndtri_exp

    with np.errstate(invalid="ignore"):
        low, high = (
            np.where(np.abs(ends) >= RIGHT, np.copysign(inf, ends), rho * np.tan(ends))
            for ends in (arcs.start, arcs.end)
        )
    # on the side where tails are small: far out, shares of the whole would cancel
    turned = high > -low
    low, high = np.where(turned, -high, low), np.where(turned, -low, high)
    share = np.where(turned, 1.0 - share, share)
    top = log_ndtr(high)
    below = np.exp(log_ndtr(low) - top)
    t = np.clip(ndtri_exp(top + np.log(below + share * (1.0 - below))), low, high)
    return np.asarray(np.where(turned, -t, t))
