"""Blocks: one vector u for a sign of v and a cell, the u that are active on given data only.

N is linear in the vectors of blocks, which cost 2‖u‖ each. Of a cell only the walls matter that its
vector would cross.
"""

from typing import NamedTuple

import numpy as np

from highdim.optimum.scaled import Scaled
from univariate.common.arrays import Indices, Mask, Matrix, Vector

_RAYS = 1024  # shot in search of walls


class Blocks(NamedTuple):
    """Signs ±1 (N,), active data (N, m), and the data whose walls are kept (N, m)."""

    sign: Vector
    active: Mask
    walls: Mask

    @classmethod
    def none(cls, m: int) -> "Blocks":
        """Return no block."""
        nothing = np.zeros((0, m), dtype=np.bool_)
        return cls(np.zeros(0), nothing, nothing)

    @classmethod
    def around(cls, data: Scaled, directions: Matrix, signs: Vector) -> "Blocks":
        """Return the blocks of the cells that hold some vectors (n, k), in their order, each once;
        those active on no datum are left out.

        Rays from u along its cell's sphere end at walls: the wall hit along D is that of the datum
        with the largest −D·f_i / u·f_i.
        """
        values = directions @ data.f.T
        active = values > 0.0
        first = first_of_each(signs, active)
        first = first[active[first].any(axis=1)]
        values, active = values[first], active[first]
        rays = np.random.default_rng(0).standard_normal((_RAYS, data.f.shape[1])) @ data.f.T
        away = np.where(values == 0.0, 1e-300, values)
        walls = np.zeros_like(active)
        for own, row in zip(walls, away, strict=True):
            with np.errstate(over="ignore"):
                own[np.argmax(-rays / row, axis=1)] = True
        return cls(signs[first], active, walls)

    def joined(self, other: "Blocks") -> "Blocks":
        """Return these blocks, and those of the others that are new."""
        both = Blocks._make(map(np.concatenate, zip(self, other, strict=True)))
        return both.taken(first_of_each(both.sign, both.active))

    def taken(self, kept: Mask | Indices) -> "Blocks":
        """Return some of the blocks."""
        return Blocks._make(part[kept] for part in self)

    def sides(self) -> Matrix:
        """Return 1 where a block is active and −1 elsewhere, (N, m)."""
        return np.where(self.active, 1.0, -1.0)


def first_of_each(sign: Vector, active: Mask) -> Indices:
    """Return where each pair of a sign and a pattern occurs first, in order."""
    seen: dict[bytes, int] = {}
    packed = np.packbits(active, axis=1)
    for j, (one, row) in enumerate(zip(sign.tolist(), packed, strict=True)):
        seen.setdefault(bytes([one > 0.0]) + row.tobytes(), j)
    return np.fromiter(seen.values(), dtype=np.intp, count=len(seen))
