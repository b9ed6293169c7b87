"""The points x̃_i for a search: times powers of two, so that all have about length 1, and in
coordinates of their span where they are fewer than their entries.

The first is exact. Coordinates are rounded: f_i = Q g_i + e_i with columns of Q that are nearly
orthonormal, so for unit u the vector Qᵀu is at most ‖Q‖ long, and the gain of u from multipliers λ
differs from that of Qᵀu on the g_i by at most Σ λ_i ‖e_i‖. Both are bounded from what is computed.
"""

from typing import NamedTuple

import numpy as np

from highdim.optimum.points import Points
from highdim.optimum.rounding import UP, gamma, norms_above
from univariate.common.arrays import Matrix, Vector

_REACH = 200.0  # lengths beyond 2^±this leave too little room for sums of their multipliers


class UnsuitedInputsError(Exception):
    """Problem (1) is not solved for these inputs; the message says why."""


class ZeroInputError(UnsuitedInputsError, ValueError):
    """An input is 0 where there are no biases: every net is 0 there."""


class UnevenInputsError(UnsuitedInputsError, ArithmeticError):
    """Lengths of inputs leave doubles no room."""


class Scaled(NamedTuple):
    """f_i = 2^−e_i x̃_i in rows, or their coordinates (m, k), labels y (m,), and r_i = 2^−e_i over
    a `unit`, the largest of them, so that a common factor of all data changes nothing: in units of
    it margins y_i N ≥ 1 read y_i Σ v σ(u·f_i) ≥ r_i, and multipliers of x̃_i are those of f_i times
    r_i.

    Vectors u are `frame` times their coordinates; without one they are their own. `stretch` bounds
    the norm of the frame, `blur` (m,) what coordinates lose.
    """

    f: Matrix
    y: Vector
    r: Vector
    unit: float = 1.0
    frame: Matrix | None = None
    stretch: float = 1.0
    blur: Vector | float = 0.0

    @classmethod
    def of(cls, points: Points) -> "Scaled":
        """Scale points; raise ZeroInputError at a point 0, UnevenInputsError far from length 1."""
        lengths = points.lengths
        nothing = np.flatnonzero(~np.any(points.extended, axis=1))
        if nothing.size:
            raise ZeroInputError(
                f"`sample` must not hold the input 0 where there are no biases, got row"
                f" {nothing[0]} = 0; every net is 0 there, pass bias=True or remove it"
            )
        if not within_reach(points):
            raise UnevenInputsError(
                f"`sample` must have inputs of length 2^-{_REACH:.0f} to 2^{_REACH:.0f}, got"
                f" {lengths.min():.3g} to {lengths.max():.3g}; rescale them"
            )
        exponents = np.frexp(lengths)[1]
        f = np.ldexp(points.extended, -exponents[:, None])
        unit = int(exponents.min())
        whole = cls(f, points.y, np.ldexp(1.0, unit - exponents), 2.0**-unit)
        return whole if f.shape[1] <= f.shape[0] else whole._spanned()

    def _spanned(self) -> "Scaled":
        """Return the same data in coordinates of their span."""
        frame, upper = np.linalg.qr(self.f.T)
        m, k = self.f.shape
        size = float(np.linalg.norm(frame)) * UP
        defect = float(np.linalg.norm(frame.T @ frame - np.eye(m))) + gamma(k + 1) * size**2
        coordinates = np.ascontiguousarray(upper.T)
        lost = norms_above(self.f - coordinates @ frame.T)
        rounding = gamma(m + 2) * (size * norms_above(coordinates) + norms_above(self.f))
        stretch = float(np.sqrt(1.0 + defect * UP)) * UP
        blur = (lost + rounding) * UP
        return self._replace(f=coordinates, frame=frame, stretch=stretch, blur=blur)

    def lifted(self, vectors: Matrix) -> Matrix:
        """Return vectors u for their coordinates, in rows."""
        return self.unit * (vectors if self.frame is None else vectors @ self.frame.T)

    def own(self, multipliers: Vector) -> Vector:
        """Return the multipliers of the x̃_i for those of the f_i; exact, up to underflow."""
        return multipliers * self.r * self.unit

    def gains(self, charges: Vector, directions: Matrix) -> Vector:
        """Return Σ charges_i σ(u·f_i) at the rows u, (n, k) → (n,). Rounded."""
        return np.maximum(directions @ self.f.T, 0.0) @ charges

    def margins(self, signs: Vector, vectors: Matrix) -> Vector:
        """Return y_i N(f_i) of the net Σ_j signs_j σ(u_j·f), u_j in rows. Rounded."""
        return self.y * (signs @ np.maximum(vectors @ self.f.T, 0.0))

    def costs(self, directions: Matrix, signs: Vector) -> Matrix:
        """Return what each of the rows u, (n, k), of signs ±1 gains from a unit of each
        multiplier, (n, m). Rounded.
        """
        return np.asarray(np.outer(signs, self.y) * np.maximum(directions @ self.f.T, 0.0))


def within_reach(points: Points) -> bool:
    """Whether lengths leave room for sums of multipliers."""
    return bool(np.max(np.abs(np.frexp(points.lengths)[1])) <= _REACH)
