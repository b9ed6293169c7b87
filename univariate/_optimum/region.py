"""A part of Problem (1): neurons of some orientations, cells and signs only.

Within one cell, orientation and sign a neuron is active on the same data, so Problem (1) over a set of these is convex.
Its optimum is a KKT point of Problem (1) as soon as no kink lies at the end of a cell whose neighbour is left out.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate._optimum.pricing import Atoms, Points, affine, dual_values, kinks

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]


class Region(NamedTuple):
    """Sets of neurons: kinks of one orientation and sign in [low, high], and neurons that are active on all data."""

    orientation: Indices  # (k,) 1 or −1
    sign: Vector  # (k,)
    low: Vector  # (k,) data
    high: Vector  # (k,)
    affine: tuple[float, ...]  # signs

    @staticmethod
    def of(x: Vector, blocks: set[tuple[int, float, int]]) -> "Region":
        """Return the region of (orientation, sign, cell); cell k is between data k and k + 1, 0 for affine ones."""
        bent = sorted(block for block in blocks if block[0])
        flat = tuple(sorted(block[1] for block in blocks if not block[0]))
        cell = np.array([block[2] for block in bent], dtype=np.intp)
        orientation = np.array([block[0] for block in bent], dtype=np.intp)
        sign = np.array([block[1] for block in bent], dtype=np.float64)
        return Region(orientation, sign, x[cell], x[cell + 1], flat)

    def first_atoms(self, points: Points) -> Atoms:
        """Return atoms to start from: constants, and kinks at both ends of every cell."""
        atoms = _none()
        for sign in self.affine:
            atoms = atoms.join(affine(sign, 0.0, 1.0), self._edge(points, sign))
        for ends in (self.low, self.high):
            atoms = atoms.join(_bent(self.orientation, self.sign, ends))
        return atoms

    def price(self, points: Points, dual: Vector) -> tuple[Atoms, Vector]:
        """Return the best atom of every set and their ratios sign·D(t)/√(1 + t²); optimal within the region if ≤ 1."""
        heights = []
        places = [self.low, self.high]
        low, high = (self._values(points, dual, ends) for ends in places)
        slope = (high - low) / (self.high - self.low)
        offset = low - slope * self.low
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            turn = slope / offset
        turn = np.clip(np.where(np.isfinite(turn), turn, self.low), self.low, self.high)
        places.append(turn)
        for place, value in zip(places, (low, high, low + slope * (turn - self.low)), strict=True):
            heights.append(self.sign * value / np.hypot(1.0, place))
        best = np.argmax(heights, axis=0), np.arange(len(turn))
        atoms, ratios = _bent(self.orientation, self.sign, np.stack(places)[best]), [np.stack(heights)[best]]
        right, _ = dual_values(points, dual)
        total = np.array([right[0] + dual[0] * points.x[0], dual[0]])
        for sign in self.affine:
            atoms = atoms.join(affine(sign, 0.0, 1.0))
            ratios.append(np.array([sign * dual[0]]))
            size = float(np.hypot(*total))
            ends = sign * (total[0] * points.x[[0, -1]] + total[1])
            if size > 0.0 and np.all(ends >= 0.0):
                atoms = atoms.join(affine(sign, *(sign * total / size)))
                ratios.append(np.array([size]))
            edge = self._edge(points, sign)
            atoms = atoms.join(edge)
            ratios.append(sign * (total[0] * edge.w + total[1] * edge.b))
        return atoms, np.concatenate(ratios)

    def grown(self, atoms: Atoms, x: Vector) -> "Region | None":
        """Add the neighbours of cells at whose ends some of these atoms have their kinks; None if there are none."""
        known = {
            (int(o), float(s), float(low)) for o, s, low in zip(self.orientation, self.sign, self.low, strict=True)
        }
        flat, fresh = set(self.affine), set[tuple[int, float, int]]()
        for o, s, t in zip(atoms.orientation.tolist(), atoms.sign.tolist(), atoms.kink.tolist(), strict=True):
            if not o:
                continue
            i = int(np.searchsorted(x, t))
            if i == len(x) or x[i] != t:
                continue
            outer = i == 0 if o > 0 else i == len(x) - 1
            if outer:
                flat.add(s)
            for cell in (i - 1, i):
                if 0 <= cell < len(x) - 1 and (o, s, float(x[cell])) not in known:
                    fresh.add((o, s, cell))
        if not fresh and len(flat) == len(self.affine):
            return None
        more = Region.of(x, fresh)
        return Region(
            np.concatenate([self.orientation, more.orientation]),
            np.concatenate([self.sign, more.sign]),
            np.concatenate([self.low, more.low]),
            np.concatenate([self.high, more.high]),
            tuple(sorted(flat)),
        )

    def _values(self, points: Points, dual: Vector, t: Vector) -> Vector:
        """Return D_+ or D_− at t; linear beyond the data."""
        right, left = dual_values(points, dual)
        first, last = points.x[0], points.x[-1]
        plus = np.interp(t, points.x, right, right=0.0) + np.where(t < first, dual[0] * (first - t), 0.0)
        minus = np.interp(t, points.x, left, left=0.0) + np.where(t > last, dual[0] * (t - last), 0.0)
        return np.where(self.orientation > 0, plus, minus)

    @staticmethod
    def _edge(points: Points, sign: float) -> Atoms:
        """Affine atoms with their kinks on the first and on the last datum."""
        return kinks(1, sign, points.x[:1]).join(kinks(-1, sign, points.x[-1:]))


def _bent(orientation: Indices, sign: Vector, at: Vector) -> Atoms:
    size = np.hypot(1.0, at)
    return Atoms(orientation, sign, at, orientation / size, -orientation * at / size)


def _none() -> Atoms:
    return affine(1.0, 0.0, 1.0).take(np.zeros(0, dtype=np.intp))
