"""Cuts of the dual of Problem (1): unit vectors that must not gain more than 1.

For one vector u_j that is linear in the multipliers, Σ λ_i sign_j y_i σ(u_j·f_i) ≤ 1. The vectors
worth having are *peaks*, local maxima of the gain, one at most in each cell of the arrangement
{u·f_i = 0} or on a face of one: data whose kink a peak lies on are listed with it.
"""

from collections.abc import Container
from typing import Any, Final, NamedTuple

import numpy as np

from highdim.optimum.ascent import starts
from highdim.optimum.kernels.ascent import climb_all, curvature
from highdim.optimum.scaled import Scaled
from univariate.common.arrays import Indices, Mask, Matrix, Vector

_STEPS: Final = 60  # of an ascent
_KEPT: Final = 0.7  # gains of cuts that stay
_ABOVE: Final = 1.0 + 1e-13  # and of those that come in

_climb_all: Any = climb_all  # kernels have no types
_curvature: Any = curvature


class Cuts(NamedTuple):
    """Unit vectors (n, k) of signs ±1 (n,), with data active on them and on their kinks (n, m)."""

    directions: Matrix
    sign: Vector
    active: Mask
    kinks: Mask

    @classmethod
    def at(cls, data: Scaled, directions: Matrix, sign: Vector) -> "Cuts":
        """Return the cuts of any unit vectors, rows of `directions`."""
        active = directions @ data.f.T > 0.0
        return cls(directions, sign, active, np.zeros_like(active))

    @classmethod
    def drawn(cls, data: Scaled, count: int, rng: np.random.Generator) -> "Cuts":
        """Return some at random and near corners of cells, each with both signs."""
        ends = starts(data, count, rng)
        return cls.at(data, np.concatenate((ends, ends)), np.repeat([1.0, -1.0], len(ends)))

    def taken(self, kept: Mask | Indices | slice) -> "Cuts":
        """Return some of them."""
        return Cuts._make(part[kept] for part in self)

    def joined(self, other: "Cuts") -> "Cuts":
        """Return these, and others."""
        return Cuts._make(map(np.concatenate, zip(self, other, strict=True)))

    def faces(self) -> Any:
        """Return names (n,) of the faces that they lie on, with their signs."""
        n, m = self.active.shape
        bits = np.empty((n, 2 * m + 2), dtype=np.bool_)
        bits[:, :m] = self.active
        bits[:, m:-2] = self.kinks
        bits[:, -2] = self.sign > 0.0
        bits[:, -1] = True  # numpy strips zeros at the end of a name
        packed = np.packbits(bits, axis=1)
        return packed.view(f"S{packed.shape[1]}")[:, 0]

    def costs(self, data: Scaled) -> Matrix:
        """Return what each gains from a unit of each multiplier, (n, m)."""
        return data.costs(self.directions, self.sign)

    def climbed(self, data: Scaled, lam: Vector) -> "Cuts":
        """Return the peaks that ascents from them lead to. Rounded."""
        directions = self.directions.copy()
        active, kinks = np.zeros((2, *self.active.shape), dtype=np.bool_)
        _climb_all(data.f, data.y * lam, directions, self.sign, active, kinks, _STEPS)
        return Cuts(directions, self.sign, active & ~kinks, kinks)

    def curvature(self, data: Scaled, rho: Vector) -> Matrix:
        """Return Σ ρ_j times the Hessians of their gains as functions of λ, (m, m), if they are
        peaks of gain 1.
        """
        total = np.zeros((len(data.y), len(data.y)))
        signed = self.sign[:, None] * data.y
        _curvature(data.f, signed, self.directions, self.active, self.kinks, rho, total)
        return total


class Basis(NamedTuple):
    """Cuts, and 1 for those that are likely to bind (n,)."""

    cuts: Cuts
    binding: Vector

    def renewed(self, data: Scaled, lam: Vector, rho: Vector, peaks: Cuts) -> "Basis":
        """Return the basis of a next round: cuts with ρ_j > 0 or gains not far below 1, and of the
        peaks, the first of which belong to the ρ_j > 0, those that gain more than 1.

        One at most for each face comes in, and then takes the place of others there.
        """
        cuts = self.cuts
        used = rho > 0.0
        gains = peaks.costs(data) @ lam
        names = peaks.faces().tolist()  # searched in sets: arrays of them are slow
        moved = names[: np.sum(used)]
        order = np.argsort(-gains, kind="stable")
        first: dict[bytes, int] = {}
        for j in order[gains[order] > _ABOVE].tolist():
            first.setdefault(names[j], j)
        entering = sorted(first)
        kept = (cuts.costs(data) @ lam > _KEPT) & ~_among(cuts.faces().tolist(), first)
        binding = used.astype(np.float64)
        binding[used] = ~_among(moved, first)
        kept |= used
        new = peaks.taken(np.array([first[name] for name in entering], dtype=np.intp))
        at_once = _among(entering, set(moved)).astype(np.float64)
        return Basis(cuts.taken(kept).joined(new), np.concatenate((binding[kept], at_once)))


def _among(names: list[bytes], known: Container[bytes]) -> Mask:
    """Return which names are among those that are known."""
    return np.fromiter((name in known for name in names), dtype=np.bool_, count=len(names))
