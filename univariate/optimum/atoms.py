"""Unit atoms: the columns of Problem (1).

A net is a measure on unit atoms: right- and left-oriented kinks (x − t)₊/√(1 + t²), (t − x)₊/√(1 +
t²), and affine atoms w x + b with w² + b² = 1 that are active on all the data (the constant among
them). Weight costs 1.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector


class Points(NamedTuple):
    """Data: x strictly increasing, labels y, gaps of x."""

    x: Vector
    y: Vector
    gap: Vector

    @staticmethod
    def of(x: Vector, y: Vector) -> "Points":
        """Bundle the arrays."""
        return Points(x, y, np.diff(x))

    def take(self, chosen: Indices | Mask) -> "Points":
        """Return a selection, with the gaps between what is left."""
        return Points.of(self.x[chosen], self.y[chosen])


class Atoms(NamedTuple):
    """Unit atoms: orientation 1 (right), −1 (left) or 0 (affine), sign, kink t or 0, and (w, b)."""

    orientation: Indices
    sign: Vector
    kink: Vector
    w: Vector
    b: Vector

    def take(self, chosen: Indices | Mask) -> "Atoms":
        """Return a selection."""
        return Atoms(
            self.orientation[chosen],
            self.sign[chosen],
            self.kink[chosen],
            self.w[chosen],
            self.b[chosen],
        )

    def join(self, *others: "Atoms") -> "Atoms":
        """Return all atoms in one."""
        return Atoms(*(np.concatenate(parts) for parts in zip(self, *others, strict=True)))


def kinks(orientation: Indices | int, sign: Vector | float, at: Vector) -> Atoms:
    """Return unit atoms with the given kinks."""
    size = np.hypot(1.0, at)
    return Atoms(
        np.full(len(at), orientation),
        np.full(len(at), sign),
        at,
        orientation / size,
        -orientation * at / size,
    )


def affine(sign: float, w: float, b: float) -> Atoms:
    """Return one affine unit atom."""
    flat = np.zeros(1, dtype=np.intp)
    return Atoms(flat, np.array([sign]), np.zeros(1), np.array([w]), np.array([b]))


def first_atoms(points: Points) -> Atoms:
    """Return ± a constant, and every kink on a datum that reaches another datum."""
    atoms = affine(1.0, 0.0, 1.0).join(affine(-1.0, 0.0, 1.0))
    for sign in (1.0, -1.0):
        atoms = atoms.join(kinks(1, sign, points.x[:-1]), kinks(-1, sign, points.x[1:]))
    return atoms
