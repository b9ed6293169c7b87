"""A part of Problem (1): neurons of some orientations, cells and signs only, and neurons with kinks
held on data.

Within one cell, orientation and sign a neuron is active on the same data, so Problem (1) over a set
of these is convex; so it is for neurons whose kinks are held on a datum each. The optimum is a KKT
point of Problem (1) as soon as no kink lies at the end of a cell whose neighbour is left out, and
every kink held has a Clarke multiplier in [0, 1] at its datum. Where the datum has the sign of the
neuron, that is no local minimum as a rule: leaving gains on either side.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.optimum.columns import Atoms, Points, affine, dual_values, kinks

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]
Block = tuple[int, float, int]

_LEVEL: Final = 1e-9  # slopes of ratios, up to which they count as 0


class Region(NamedTuple):
    """Sets of neurons: kinks of one orientation and sign in [low, high], and neurons that are
    active on all data.
    """

    orientation: Indices  # (k,) 1 or −1
    sign: Vector  # (k,)
    low: Vector  # (k,) data
    high: Vector  # (k,) the next datum, or the same for a kink held on it
    affine: tuple[float, ...]  # signs

    @staticmethod
    def of(x: Vector, blocks: set[Block], held: frozenset[Block] = frozenset()) -> "Region":
        """Return the region of (orientation, sign, cell), and of (orientation, sign, datum) held on
        it.

        Cell k is between data k and k + 1; it is 0 for affine neurons, of orientation 0.
        """
        bent, pinned = sorted(block for block in blocks if block[0]), sorted(held)
        flat = tuple(sorted(block[1] for block in blocks if not block[0]))
        first = np.array([block[2] for block in bent + pinned], dtype=np.intp)
        orientation = np.array([block[0] for block in bent + pinned], dtype=np.intp)
        sign = np.array([block[1] for block in bent + pinned], dtype=np.float64)
        return Region(
            orientation, sign, x[first], x[first + (np.arange(len(first)) < len(bent))], flat
        )

    def first_atoms(self, points: Points) -> Atoms:
        """Return atoms to start from: constants, and kinks at both ends of every cell."""
        atoms = _none()
        for sign in self.affine:
            atoms = atoms.join(affine(sign, 0.0, 1.0), self._edge(points, sign))
        for ends in (self.low, self.high):
            atoms = atoms.join(_bent(self.orientation, self.sign, ends))
        return atoms

    def price(self, points: Points, dual: Vector) -> tuple[Atoms, Vector]:
        """Return the best atom of every set and their ratios sign·D(t)/√(1 + t²); optimal within
        the region if ≤ 1.
        """
        heights = []
        places = [self.low, self.high]
        low, high = (self._values(points, dual, ends) for ends in places)
        width = self.high - self.low
        slope = np.divide(high - low, width, out=np.zeros_like(width), where=width > 0.0)
        offset = low - slope * self.low
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            turn = slope / offset
        turn = np.clip(np.where(np.isfinite(turn), turn, self.low), self.low, self.high)
        places.append(turn)
        for place, value in zip(places, (low, high, low + slope * (turn - self.low)), strict=True):
            heights.append(self.sign * value / np.hypot(1.0, place))
        best = np.argmax(heights, axis=0), np.arange(len(turn))
        atoms, ratios = (
            _bent(self.orientation, self.sign, np.stack(places)[best]),
            [np.stack(heights)[best]],
        )
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
        """Add the neighbours of cells at whose ends some of these atoms have their kinks; None if
        there are none.
        """
        known, held = self._keys()
        flat, fresh = set(self.affine), set[Block]()
        for o, s, t in _bent_rows(atoms):
            i = int(np.searchsorted(x, t))
            if i == len(x) or x[i] != t or (o, s, t) in held:
                continue
            outer = i == 0 if o > 0 else i == len(x) - 1
            if outer:
                flat.add(s)
            for cell in (i - 1, i):
                if 0 <= cell < len(x) - 1 and (o, s, float(x[cell])) not in known:
                    fresh.add((o, s, cell))
        if not fresh and len(flat) == len(self.affine):
            return None
        return self._with(Region.of(x, fresh), flat)

    def released(self, atoms: Atoms, points: Points, dual: Vector) -> "Region | None":
        """Let kinks held go into the cells where sign·D(t)/√(1 + t²) rises from them; None if all
        may stay.

        They may where 0 lies between the slopes to the left and to the right, in either order.
        """
        x, (_, held) = points.x, self._keys()
        right, left = dual_values(points, dual)
        flat, leaving, fresh = (
            set(self.affine),
            np.zeros(len(self.sign), dtype=np.bool_),
            set[Block](),
        )
        for o, s, t in _bent_rows(atoms):
            if (o, s, t) not in held:
                continue
            i, value = int(np.searchsorted(x, t)), right if o > 0 else left
            tangent = t / np.hypot(1.0, t)
            slopes = np.diff(value) / points.gap
            before, after = (
                (slopes[i - 1] if i else -dual[0]),
                (slopes[i] if i < len(x) - 1 else dual[0]),
            )
            ends = s * before - tangent, s * after - tangent
            if min(ends) <= _LEVEL and max(ends) >= -_LEVEL:
                continue
            leaving |= (
                (self.orientation == o) & (self.sign == s) & (self.low == t) & (self.high == t)
            )
            cell = i if ends[0] > 0.0 else i - 1
            if 0 <= cell < len(x) - 1:
                fresh.add((o, s, cell))
            else:
                flat.add(s)
        if not leaving.any():
            return None
        stay = ~leaving
        rest = Region(
            self.orientation[stay], self.sign[stay], self.low[stay], self.high[stay], self.affine
        )
        return rest._with(Region.of(x, fresh - rest._blocks(x)), flat)

    def _keys(self) -> tuple[set[tuple[int, float, float]], set[tuple[int, float, float]]]:
        """Return (orientation, sign, low) of cells and of kinks held."""
        rows = list(
            zip(
                self.orientation.tolist(),
                self.sign.tolist(),
                self.low.tolist(),
                self.high,
                strict=True,
            )
        )
        return {row[:3] for row in rows if row[2] < row[3]}, {
            row[:3] for row in rows if row[2] == row[3]
        }

    def _blocks(self, x: Vector) -> set[Block]:
        """Return (orientation, sign, cell) of the cells."""
        return {(o, s, int(np.searchsorted(x, low))) for o, s, low in self._keys()[0]}

    def _with(self, more: "Region", flat: set[float]) -> "Region":
        """Return the union, with these affine signs."""
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
        plus = np.interp(t, points.x, right, right=0.0) + np.where(
            t < first, dual[0] * (first - t), 0.0
        )
        minus = np.interp(t, points.x, left, left=0.0) + np.where(
            t > last, dual[0] * (t - last), 0.0
        )
        return np.where(self.orientation > 0, plus, minus)

    @staticmethod
    def _edge(points: Points, sign: float) -> Atoms:
        """Affine atoms with their kinks on the first and on the last datum."""
        return kinks(1, sign, points.x[:1]).join(kinks(-1, sign, points.x[-1:]))


def _bent(orientation: Indices, sign: Vector, at: Vector) -> Atoms:
    size = np.hypot(1.0, at)
    return Atoms(orientation, sign, at, orientation / size, -orientation * at / size)


def _bent_rows(atoms: Atoms) -> Iterator[tuple[int, float, float]]:
    """Yield (orientation, sign, kink) of atoms with a kink."""
    for o, s, t in zip(
        atoms.orientation.tolist(), atoms.sign.tolist(), atoms.kink.tolist(), strict=True
    ):
        if o:
            yield o, s, t


def _none() -> Atoms:
    return affine(1.0, 0.0, 1.0).take(np.zeros(0, dtype=np.intp))
