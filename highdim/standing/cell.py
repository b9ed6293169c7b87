"""The cell of a net: which neurons are active on which data; neurons that share all sides are
taken as one.

With fixed sides s_ij and signs, a_j = |v_j| u_j enters N linearly, and the cheapest neuron with
product a costs 2|a|; neurons of one sign and sides merge into the sum of theirs. Where output
weights are fixed, the best such neurons are multiples u_j = |v_j| a/g of one vector, g² the sum of
v_j², and cost |a|² together.
"""

from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import numpy as np

from highdim.standing.folded import Candidate, Problem
from univariate.common.arrays import Indices, Mask, Matrix, Vector


class Data(NamedTuple):
    """Data L (m, r) in coordinates of their span, labels y (m,), and whether v is trained."""

    L: Matrix
    y: Vector
    train_output: bool


@dataclass(frozen=True)
class Cell:
    """N kinds of neurons.

    Attributes
    ----------
    sign, strength : ndarray, shape (N,)
        Sign of v, and g: 1 where output weights are trained.
    active : ndarray of bool, shape (m, N)
        The sides s_ij.
    member : ndarray of int, shape (n,)
        The kind of every neuron of the net; −1 for those of no use.
    """

    sign: Vector
    strength: Vector
    active: Mask
    member: Indices

    @classmethod
    def of(cls, problem: Problem) -> "Cell":
        """Return the cell of a net; neurons with v = 0 or active on no datum are of no use."""
        active = problem.Z > 0.0
        useful = active.any(axis=0) & (problem.v != 0.0)
        v = problem.v[useful]
        strength = np.ones(len(v)) if problem.train_output else np.abs(v)
        cell = cls(np.sign(v), strength, active[:, useful], _numbers(useful))
        return cell.merged(problem.train_output)

    def merged(self, train_output: bool) -> "Cell":
        """Return the cell with kinds of one sign and sides taken together, and those active on no
        datum left out.
        """
        kinds: dict[bytes, int] = {}
        target = np.full(len(self.sign), -1)
        first: list[int] = []
        for j, sign in enumerate(self.sign.tolist()):
            if self.active[:, j].any():
                key = bytes([sign > 0.0]) + np.packbits(self.active[:, j]).tobytes()
                if key not in kinds:
                    kinds[key] = len(first)
                    first.append(j)
                target[j] = kinds[key]
        strength = np.ones(len(first))
        if not train_output:
            known = target >= 0
            squares = self.strength[known] ** 2
            strength = np.sqrt(np.bincount(target[known], squares, minlength=len(first)))
        member = _renumbered(self.member, target)
        return Cell(self.sign[first], strength, self.active[:, first], member)

    def crossed(self, faces: Mask) -> "Cell":
        """Return the cell on the other side of these faces, (m, N)."""
        return Cell(self.sign, self.strength, self.active ^ faces, self.member)

    def taken(self, kept: Mask) -> "Cell":
        """Return the cell with some kinds only."""
        member = _renumbered(self.member, _numbers(kept))
        return Cell(self.sign[kept], self.strength[kept], self.active[:, kept], member)

    def effect(self, y: Vector) -> Matrix:
        """Return y_i sign_j g_j, (m, N): what active neurons do to margins."""
        return np.outer(y, self.sign * self.strength)


@dataclass(frozen=True)
class Optimum:
    """The optimum over a cell, or nearly.

    Attributes
    ----------
    cell : Cell
    products : ndarray, shape (N, r)
        a_j in coordinates of the span of the data.
    multipliers : ndarray, shape (m,)
        λ_i of the margins.
    coefficients : ndarray, shape (m, N)
        c_ij with a_j/|a_j|, or a_j itself if output weights are fixed, equal to Σ_i c_ij x̃_i.
    tight : ndarray of bool, shape (m, N)
        Kinks on data.
    """

    cell: Cell
    products: Matrix
    multipliers: Vector
    coefficients: Matrix
    tight: Mask

    def violated(self, y: Vector, slack: float) -> Mask:
        """Return the faces (m, N) at which no σ' in [0, 1] explains the coefficient: beyond them
        the norm falls.
        """
        share = self.coefficients * np.sign(self.cell.effect(y))
        most = np.outer(self.multipliers, self.cell.strength)
        allowed = slack * max(float(most.max(initial=0.0)), float(np.abs(share).max(initial=0.0)))
        return np.asarray(self.tight & ((share < -allowed) | (share > most + allowed)))


def neurons(problem: Problem, optimum: Optimum, data: Data) -> Candidate:
    """Return scaled parameters of an optimum, U in coordinates of the span.

    Output weights that are trained belong to as many neurons as there are kinds, those that are
    fixed to the old ones.
    """
    cell, products = optimum.cell, optimum.products
    if problem.train_output:
        root = np.linalg.norm(products, axis=1) ** 0.5
        U = products / root[:, None]
        v = cell.sign * root
    else:
        v = problem.v
        known = cell.member >= 0
        U = np.zeros((len(v), products.shape[1]))
        at = cell.member[known]
        U[known] = products[at] * (np.abs(v[known]) / cell.strength[at])[:, None]
    return problem.candidate(U, v, data.L @ U.T)


def cost(problem: Problem, optimum: Optimum, data: Data) -> float:
    """Return the squared norm of the scaled trainable parameters at smallest margin 1; inf without
    interpolation.
    """
    found = neurons(problem, optimum, data)
    if found.worst <= 0.0:
        return inf
    return found.squared_size / found.worst ** (2 // problem.degree)


def distance(
    problem: Problem, first: Cell, optimum: Optimum, basis: Matrix | None, worst: float
) -> float:
    """Return the relative distance of the products of corresponding kinds, both at margin 1."""
    kinds = len(first.sign)
    known = first.member >= 0
    before = np.zeros((kinds, problem.X.shape[1]))
    np.add.at(before, first.member[known], problem.U[known] * np.abs(problem.v[known])[:, None])
    before /= problem.worst
    after = optimum.products * optimum.cell.strength[:, None] / worst
    if basis is not None:
        after = after @ basis.T
    later = np.full(kinds, -1)
    later[first.member[known]] = optimum.cell.member[known]
    gone = np.flatnonzero(later < 0)
    start = np.zeros_like(after)
    np.add.at(start, later[later >= 0], before[later >= 0])
    lost = float(np.vdot(before[gone], before[gone]))
    moved = float(np.sum((start - after) ** 2)) + lost
    size = float(np.vdot(start, start)) + lost
    return float(np.sqrt(moved / size))


def _numbers(kept: Mask) -> Indices:
    """Number what is kept, from 0; −1 for the rest."""
    return np.where(kept, np.cumsum(kept) - 1, -1)


def _renumbered(member: Indices, target: Indices) -> Indices:
    return np.where(member >= 0, target[member], -1) if len(target) else member
