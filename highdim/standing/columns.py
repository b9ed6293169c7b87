"""Generators of the cone of Σ λ_i y_i h_i: gradients with a choice of σ' at kinks, kept as rows of
σ' and an index.

A column is y_i (v_j s_j x̃_i, f σ_ij)_j with s in [0, 1]^n and f = 1 for a gradient; f = 0 and s =
e_j for the part that one kink adds. Inner products need the Gram matrix of the data only, so that
no column is ever written out.
"""

from typing import NamedTuple

import numpy as np

from highdim.standing.folded import Direction, Problem
from univariate.common.arrays import Indices, Mask, Matrix, Vector


class Columns(NamedTuple):
    """Columns of one problem: data (p,), derivatives (p, n), and whether σ_ij takes part (p,), 1 or
    0.
    """

    datum: Indices
    slope: Matrix
    gradient: Vector

    def joined(self, other: "Columns") -> "Columns":
        """Return both lists of columns."""
        return Columns._make(map(np.concatenate, zip(self, other, strict=True)))

    def taken(self, kept: Mask) -> "Columns":
        """Return some of the columns."""
        return Columns._make(part[kept] for part in self)


class Correlations(NamedTuple):
    """Inner products of a parameter vector (R, r) with the parts of all gradients.

    slope : (m, n), y_i v_j x̃_i·R_j.   value : (m,), y_i Σ_j σ_ij r_j.
    """

    slope: Matrix
    value: Vector


def correlations(problem: Problem, direction: Direction) -> Correlations:
    """Return the inner products of a direction with all columns' parts. Cost O(m n q)."""
    slope = (problem.X @ direction.R.T) * problem.v * problem.y[:, None]
    value = np.zeros(len(problem.y))
    if direction.r is not None:
        value = problem.y * (np.maximum(problem.Z, 0.0) @ direction.r)
    return Correlations(slope, value)


def against(columns: Columns, found: Correlations) -> Vector:
    """Return the inner products of columns with the vector behind `found`, (p,)."""
    slopes = np.einsum("pj,pj->p", columns.slope, found.slope[columns.datum])
    return np.asarray(slopes + columns.gradient * found.value[columns.datum])


def normal_matrix(problem: Problem, columns: Columns) -> Matrix:
    """Return the Gram matrix of columns, (p, p). Cost O(p² n)."""
    sign, at = problem.y[columns.datum], columns.datum
    weighted = columns.slope * problem.v
    product = problem.gram[np.ix_(at, at)] * (weighted @ weighted.T)
    if problem.train_output:
        values = columns.gradient[:, None] * np.maximum(problem.Z, 0.0)[at]
        product += values @ values.T
    return np.asarray(product * np.outer(sign, sign))
