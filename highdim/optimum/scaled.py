"""The points x̃_i times powers of two, so that all have about length 1: exact, and harmless."""

from typing import NamedTuple

import numpy as np

from highdim.optimum.points import Points
from univariate.common.arrays import Matrix, Vector

_REACH = 200.0  # lengths beyond 2^±this leave too little room for sums of their multipliers


class Scaled(NamedTuple):
    """f_i = 2^−e_i x̃_i in rows of f (m, k), labels y (m,), and r_i = 2^−e_i: margins y_i N ≥ 1 read
    y_i Σ v σ(u·f_i) ≥ r_i, and multipliers of f_i are those of x̃_i divided by r_i.
    """

    f: Matrix
    y: Vector
    r: Vector

    @classmethod
    def of(cls, points: Points) -> "Scaled":
        """Scale points; raise ValueError at a point 0, ArithmeticError far from length 1."""
        lengths = points.lengths
        nothing = np.flatnonzero(~np.any(points.extended, axis=1))
        if nothing.size:
            raise ValueError(
                f"`sample` must not hold the input 0 where there are no biases, got row"
                f" {nothing[0]} = 0; every net is 0 there, pass bias=True or remove it"
            )
        exponents = np.frexp(lengths)[1]
        if np.max(np.abs(exponents)) > _REACH:
            raise ArithmeticError(
                f"`sample` must have inputs of length 2^−{_REACH:.0f} to 2^{_REACH:.0f}, got"
                f" {lengths.min():.3g} to {lengths.max():.3g}; rescale them"
            )
        f = np.ldexp(points.extended, -exponents[:, None])
        return cls(f, points.y, np.ldexp(1.0, -exponents))

    def gains(self, charges: Vector, directions: Matrix) -> Vector:
        """Return Σ charges_i σ(u·f_i) at the rows u, (n, k) → (n,). Rounded."""
        return np.maximum(directions @ self.f.T, 0.0) @ charges
