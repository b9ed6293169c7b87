"""Line sampling: exact errors on random great circles through given directions, weighted by the
sphere's measure.

A uniform point is cos φ u + sin φ e with e uniform on the unit vectors orthogonal to u, and φ
independent of e with density ∝ |sin φ|^(d−2). So the share of φ in error, for a random e, has the
clean error for its mean, whatever u is. Nets that are nearly linear have nearly equal shares for u
= −E∇N, however small the error: there lies the gain.

Where errors lie in several places, there are several directions. Each takes the points that are
nearer to it than to the others, an interval of φ around 0, so the shares still add up to the clean
error in the mean.
"""

from dataclasses import dataclass, replace
from math import inf, log2
from typing import ClassVar, Self

import numpy as np

from highdim.error.draws import blocks, tangents
from highdim.error.form import Form
from highdim.error.great_circles import at_angles, error_arcs, shares
from highdim.error.intervals import Bounds, from_shares
from highdim.error.kernels.arcs import Arcs
from univariate.common.arrays import Matrix, Vector

PILOT, FEWEST = 128, 32  # circles that tell a variance, in all and through every direction
EQUAL = 0.999  # cosine from which on two directions count as one
STEEP = 1e-6  # sines below which a point is the direction itself


@dataclass(frozen=True)
class Directed:
    """Random curves in given directions, in every sample one for each direction toward[i] · M;
    toward (s, n).
    """

    form: Form
    toward: Matrix

    name: ClassVar[str] = "lines"
    default: ClassVar[int] = 2048
    curves: ClassVar[str]

    @property
    def cost(self) -> float:
        """Nanoseconds a sample, on the machine that the counts were fitted on."""
        n, r = self.form.width, self.form.rank
        curve = 0.07 * n * r + 12.0 * r + n * (200.0 + 5.0 * log2(2 * n + 3))
        return len(self.toward) * (
            curve + (0.0 if self.form.upper is None else 30.0 * n * len(self.form.v))
        )

    @property
    def pilot(self) -> int:
        """Samples that tell a variance."""
        return max(FEWEST, PILOT // len(self.toward))

    def estimate(
        self, samples: int, rng: np.random.Generator, level: float, *, unseen: bool = True
    ) -> Bounds:
        """Return the mean share of fresh samples, with its interval."""
        form = self.form.reduced(samples)
        certain = np.full(samples, -inf)
        possible = np.full(samples, -inf)
        directions = unit_vectors(form, self.toward)
        for i in range(len(directions)):
            for part in blocks(samples, 2 * max(form.M.shape)):
                found = self.log_shares(form, directions, i, part.stop - part.start, rng)
                certain[part] = np.logaddexp(certain[part], found[0])
                possible[part] = np.logaddexp(possible[part], found[1])
        return from_shares(certain, possible, level, len(directions), unseen=unseen)

    def improved(self, rng: np.random.Generator) -> Self:
        """Return line sampling along the mean −∇N where curves enter their errors; directions that
        meet none stay, those that grow together are merged.
        """
        toward = self.toward.copy()
        directions = unit_vectors(self.form, self.toward)
        for i in range(len(toward)):
            weights, Z = self.entries(directions, i, rng)
            if weights.max() > -inf:
                entry = -np.exp(weights - weights.max()) @ self.form.gradients(Z)
                toward[i] = entry if np.any(entry @ self.form.axes) else toward[i]
        return replace(self, toward=toward[distinct(unit_vectors(self.form, toward))])

    def log_shares(
        self, form: Form, directions: Matrix, i: int, samples: int, rng: np.random.Generator
    ) -> tuple[Vector, Vector]:
        """Return the logarithms of the shares in error of random curves for direction i, for
        certain and possibly, (samples,) each.
        """
        raise NotImplementedError

    def entries(
        self, directions: Matrix, i: int, rng: np.random.Generator
    ) -> tuple[Vector, Matrix]:
        """Return the logarithms of the shares that are possibly in error of a pilot's curves for
        direction i, and the first layer's pre-activations where each enters these, (k, n).
        """
        raise NotImplementedError

    def through(self, points: Matrix) -> Vector:
        """Return the logarithm of the share of errors on the curve through every point and the
        direction that leads there, within that direction's cell, (k,).
        """
        raise NotImplementedError


class Lines(Directed):
    """Random great circles, in every sample one through each direction."""

    curves: ClassVar[str] = "circles"

    def log_shares(
        self, form: Form, directions: Matrix, i: int, samples: int, rng: np.random.Generator
    ) -> tuple[Vector, Vector]:
        """Return those of the sphere behind the errors on circles, within the direction's cell."""
        alpha, beta, cells = _circles(form, directions, i, samples, rng)
        arcs = error_arcs(form, alpha, beta)
        return shares(form, arcs[0], cells), shares(form, arcs[1], cells)

    def entries(
        self, directions: Matrix, i: int, rng: np.random.Generator
    ) -> tuple[Vector, Matrix]:
        """Return those of the sphere behind the errors on circles, and where the sphere's measure
        is densest of the ends of these.
        """
        alpha, beta, cells = _circles(self.form, directions, i, self.pilot, rng)
        arcs = error_arcs(self.form, alpha, beta)[1]
        angles = _heaviest_ends(arcs, cells)
        return shares(self.form, arcs, cells), at_angles(self.form, alpha, beta, angles)

    def through(self, points: Matrix) -> Vector:
        """Return that of the great circle through every point and the direction next to it.

        `points` are pre-activations of the first layer, (k, n): all that has to be known of them.
        """
        form = self.form
        directions = unit_vectors(form, self.toward)
        images = directions @ form.M.T
        length = np.linalg.norm(self.toward @ form.M, axis=1)
        along = (points - form.b) @ self.toward.T / np.where(length > 0.0, length, inf)
        along = np.clip(along, -1.0, 1.0)
        nearest = np.argmax(along, axis=1)
        found = np.full(len(points), -inf)
        for i in range(len(directions)):
            cosine = along[:, i]
            sine = np.sqrt((1.0 - cosine) * (1.0 + cosine))
            mine = np.flatnonzero((nearest == i) & (sine > STEEP) & (length[i] > 0.0))
            if not mine.size:
                continue
            turn = sine[mine, None]
            beta = (points[mine] - form.b - cosine[mine, None] * images[i]) / turn
            leaning = (along[mine] - cosine[mine, None] * (directions @ directions[i])) / turn
            others = np.delete(directions, i, axis=0)
            cells = cells_about(directions[i], others, np.delete(leaning, i, axis=1))
            alpha = np.tile(images[i], (len(mine), 1))
            arcs = error_arcs(form, alpha, beta)[1]
            found[mine] = shares(form, arcs, cells)
        return found

    def joined(self, toward: Matrix, most: int) -> "Lines":
        """Return line sampling along further directions, too, `most` in all at most."""
        both = np.concatenate([self.toward, toward])
        return Lines(self.form, both[distinct(unit_vectors(self.form, both))[:most]])


def distinct(directions: Matrix) -> list[int]:
    """Return which directions to keep: of nearly equal ones the first, as no cell separates them
    reliably.
    """
    kept: list[int] = []
    for i, direction in enumerate(directions):
        if np.all(directions[kept] @ direction < EQUAL):
            kept.append(i)
    return kept


def unit_vectors(form: Form, toward: Matrix) -> Matrix:
    """Return toward[i] · M at length one, (s, r), without the last coordinate of a flat form; the
    first axis where that vanishes.
    """
    vectors = toward @ form.axes
    length = np.linalg.norm(vectors, axis=1)
    vectors[length == 0.0, 0] = 1.0
    return np.asarray(vectors / np.where(length == 0.0, 1.0, length)[:, None])


def _circles(
    form: Form, directions: Matrix, i: int, samples: int, rng: np.random.Generator
) -> tuple[Matrix, Matrix, Matrix]:
    """Return M u in every row, M e, and the angles (samples, 2) between which u = directions[i] is
    the nearest one.
    """
    u = directions[i]
    others = np.delete(directions, i, axis=0)
    beta, tangent = tangents(form, u, samples, rng)
    cells = cells_about(u, others, tangent @ others.T)
    return np.tile(form.M @ u, (samples, 1)), beta, cells


def cells_about(u: Vector, others: Matrix, leaning: Matrix) -> Matrix:
    """Return the angles (k, 2) between which u is nearer than the other directions, (s, r), on
    circles through u whose unit tangents e have the inner products `leaning` with these, (k, s).

    cos φ u + sin φ e is nearer to u than to w for |φ − ω| < π/2, with ω the angle of (1 − u·w,
    −e·w).
    """
    cells = np.tile([-np.pi, np.pi], (len(leaning), 1))
    if len(others):
        turn = np.arctan2(-leaning, 1.0 - others @ u)
        cells[:, 0] = turn.max(axis=1) - 0.5 * np.pi
        cells[:, 1] = turn.min(axis=1) + 0.5 * np.pi
    return cells


def _heaviest_ends(arcs: Arcs, cells: Matrix) -> Vector:
    """Return for every circle the end of an arc in the cell where the density is largest; 0 where
    there is none.
    """
    out = np.zeros(len(cells))
    for i in range(len(out)):
        part = slice(arcs.first[i], arcs.first[i + 1])
        ends = np.concatenate([arcs.start[part], arcs.end[part]])
        ends = ends[(ends >= cells[i, 0]) & (ends <= cells[i, 1])]
        if len(ends):
            out[i] = ends[np.argmax(np.abs(np.sin(ends)))]
    return out
