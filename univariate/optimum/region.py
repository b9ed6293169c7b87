"""A part of Problem (1): neurons of some cells and signs, or with kinks held on data.

Within one cell, orientation and sign a neuron is active on the same data, so Problem (1) over a set
of these is convex; so it is for neurons whose kinks are held on a datum each. The optimum is a KKT
point of Problem (1) as soon as no kink lies at the end of a cell whose neighbour is left out, and
every kink held has a Clarke multiplier in [0, 1] at its datum. Where the datum has the sign of the
neuron, that is no local minimum as a rule: leaving gains on either side.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Vector
from univariate.optimum.atoms import Atoms, Points, affine, kinks
from univariate.optimum.pricing import cell_peaks, steepest_affine
from univariate.optimum.rows import dual_line, dual_values

Block = tuple[int, float, int]
"""Orientation, sign, and a cell, or a datum on which a kink is held."""

_LEVEL: Final = 1e-9  # slopes of prices, up to which they count as 0


class Region(NamedTuple):
    """Sets of neurons: kinks in [low, high] of one orientation and sign, and affine ones."""

    orientation: Indices  # (k,) 1 or −1
    sign: Vector  # (k,)
    low: Vector  # (k,) data
    high: Vector  # (k,) the next datum, or the same for a kink held on it
    affine: tuple[float, ...]  # signs

    @staticmethod
    def of(x: Vector, blocks: set[Block], held: frozenset[Block] = frozenset()) -> "Region":
        """Return the region of (orientation, sign, cell), and (orientation, sign, datum) held.

        Cell k is between data k and k + 1; it is 0 for affine neurons, of orientation 0.
        """
        bent = sorted(block for block in blocks if block[0])
        flat = sorted(sign for orientation, sign, _ in blocks if not orientation)
        rows = bent + sorted(held)
        first = np.array([row[2] for row in rows], dtype=np.intp)
        last = first + (np.arange(len(rows)) < len(bent))
        orientation = np.array([row[0] for row in rows], dtype=np.intp)
        sign = np.array([row[1] for row in rows], dtype=np.float64)
        return Region(orientation, sign, x[first], x[last], tuple(flat))

    @property
    def size(self) -> int:
        """How many sets there are."""
        return len(self.sign) + len(self.affine)

    def first_atoms(self, points: Points) -> Atoms:
        """Return atoms to start from: constants, and kinks at both ends of every cell."""
        atoms = []
        for sign in self.affine:
            atoms += [affine(sign, 0.0, 1.0), _edge(points, sign)]
        atoms += [kinks(self.orientation, self.sign, ends) for ends in (self.low, self.high)]
        return atoms[0].join(*atoms[1:])

    def beyond(self, smaller: "Region") -> "Region":
        """Return the sets that are not in one from which this was grown."""
        fresh = slice(len(smaller.sign), None)
        return Region(
            self.orientation[fresh],
            self.sign[fresh],
            self.low[fresh],
            self.high[fresh],
            tuple(sign for sign in self.affine if sign not in smaller.affine),
        )

    def price(self, points: Points, dual: Vector) -> tuple[Atoms, Vector]:
        """Return the best atom of every set and their prices; optimal within the region if ≤ 1."""
        at_low = self._values(points, dual, self.low)
        at_high = self._values(points, dual, self.high)
        at, peak = cell_peaks(self.sign, self.low, self.high, at_low, at_high)
        atoms = [kinks(self.orientation, self.sign, at)]
        prices = [peak]
        moment, total = dual_line(points, dual)
        for sign in self.affine:
            atoms.append(affine(sign, 0.0, 1.0))
            prices.append(np.array([sign * total]))
            steepest = steepest_affine(points, dual, sign)
            if steepest is not None:
                atoms.append(steepest[0])
                prices.append(np.array([steepest[1]]))
            edge = _edge(points, sign)
            atoms.append(edge)
            prices.append(sign * (moment * edge.w + total * edge.b))
        return atoms[0].join(*atoms[1:]), np.concatenate(prices)

    def grown(self, atoms: Atoms, x: Vector) -> "Region | None":
        """Add the cells beside those at whose ends these atoms have kinks; None if none."""
        cells = self._cells(x)
        held = self._held()
        flat = set(self.affine)
        fresh = set[Block]()
        for orientation, sign, t in _kinked(atoms):
            i = int(np.searchsorted(x, t))
            if i == len(x) or x[i] != t or (orientation, sign, t) in held:
                continue
            if i == (0 if orientation > 0 else len(x) - 1):
                flat.add(sign)  # beyond the outermost datum a neuron is active on all
            beside = {(orientation, sign, cell) for cell in (i - 1, i) if 0 <= cell < len(x) - 1}
            fresh |= beside - cells
        if not fresh and len(flat) == len(self.affine):
            return None
        return self._with(Region.of(x, fresh), flat)

    def released(self, atoms: Atoms, points: Points, dual: Vector) -> "Region | None":
        """Let kinks held go into the cells where the price rises from them; None if all may stay.

        They may where 0 lies between the slopes to the left and to the right, in either order.
        """
        x = points.x
        right, left = dual_values(points, dual)
        held = self._held()
        flat = set(self.affine)
        fresh = set[Block]()
        stay = np.ones(len(self.sign), dtype=np.bool_)
        for orientation, sign, t in _kinked(atoms):
            if (orientation, sign, t) not in held:
                continue
            i = int(np.searchsorted(x, t))
            chords = np.diff(right if orientation > 0 else left) / points.gap
            slopes = np.concatenate([[-dual[0]], chords, [dual[0]]])  # rays beyond the data
            before, after = sign * slopes[i : i + 2] - t / np.hypot(1.0, t)
            if min(before, after) <= _LEVEL and max(before, after) >= -_LEVEL:
                continue
            same = (self.orientation == orientation) & (self.sign == sign)
            stay &= ~(same & (self.low == t) & (self.high == t))
            cell = i if before > 0.0 else i - 1
            if 0 <= cell < len(x) - 1:
                fresh.add((orientation, sign, cell))
            else:
                flat.add(sign)
        if stay.all():
            return None
        rest = Region(
            self.orientation[stay], self.sign[stay], self.low[stay], self.high[stay], self.affine
        )
        return rest._with(Region.of(x, fresh - rest._cells(x)), flat)

    def _cells(self, x: Vector) -> set[Block]:
        """Return (orientation, sign, cell) of the cells."""
        cell = np.searchsorted(x, self.low)
        inner = self.low < self.high
        columns = (self.orientation[inner], self.sign[inner], cell[inner])
        return set(zip(*(column.tolist() for column in columns), strict=True))

    def _held(self) -> set[tuple[int, float, float]]:
        """Return (orientation, sign, datum's x) of kinks held."""
        held = self.low == self.high
        columns = (self.orientation[held], self.sign[held], self.low[held])
        return set(zip(*(column.tolist() for column in columns), strict=True))

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
        first = points.x[0]
        last = points.x[-1]
        before = np.where(t < first, dual[0] * (first - t), 0.0)
        after = np.where(t > last, dual[0] * (t - last), 0.0)
        plus = np.interp(t, points.x, right, right=0.0) + before
        minus = np.interp(t, points.x, left, left=0.0) + after
        return np.where(self.orientation > 0, plus, minus)


def _edge(points: Points, sign: float) -> Atoms:
    """Return affine atoms with their kinks on the first and on the last datum."""
    return kinks(1, sign, points.x[:1]).join(kinks(-1, sign, points.x[-1:]))


def _kinked(atoms: Atoms) -> Iterator[tuple[int, float, float]]:
    """Yield (orientation, sign, kink) of atoms with a kink."""
    bent = atoms.take(atoms.orientation != 0)
    yield from zip(bent.orientation.tolist(), bent.sign.tolist(), bent.kink.tolist(), strict=True)
