"""The laws on R^d that clean errors know: uniform on the sphere or in a ball, and normal.

`Sphere` is that of Section 4, where clean errors have all exact machinery; `Gaussian` and `Ball`
have line sampling.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from highdim.problem import law_parts
from highdim.problem.law import OFF, Law
from univariate.common import check
from univariate.common.arrays import Mask, Matrix, Vector
from univariate.common.row_names import names_of_columns, names_of_rows, require_one_order


class Sphere(Law):
    """Uniform on the unit sphere S^(d−1), as in Section 4.

    Examples
    --------
    >>> from highdim import Sphere
    >>> Sphere().name
    'uniform on the sphere'
    """

    def __init__(self) -> None:
        super().__init__("uniform on the sphere")

    def _outside(self, X: Matrix) -> Mask | None:
        """Return which rows are off the unit sphere."""
        with np.errstate(over="ignore"):
            return np.asarray(np.abs(np.sum(X**2, axis=1) - 1.0) > OFF)

    def _drawn(self, size: int, dimension: int, rng: np.random.Generator) -> Matrix:
        """Return independent points."""
        X = rng.standard_normal((size, dimension))
        return np.asarray(X / np.linalg.norm(X, axis=1, keepdims=True))


class Ball(Law):
    """Uniform in the ball of a radius about 0.

    Parameters
    ----------
    radius : float
        Positive, up to 2^500.

    Raises
    ------
    TypeError, ValueError
        No such number.

    Examples
    --------
    >>> from highdim import Ball
    >>> Ball(2).name
    'uniform in the ball of radius 2'
    """

    radius: float

    def __init__(self, radius: float = 1.0) -> None:
        size = law_parts.within_reach("radius", check.real("radius", radius))
        of_radius = "" if size == 1.0 else f" of radius {law_parts.number(size)}"
        super().__init__(f"uniform in the ball{of_radius}")
        self._keep(radius=size)

    def _outside(self, X: Matrix) -> Mask | None:
        """Return which rows are longer than the radius."""
        return np.asarray(np.linalg.norm(X / self.radius, axis=1) > 1.0 + OFF)

    def _drawn(self, size: int, dimension: int, rng: np.random.Generator) -> Matrix:
        """Return independent points."""
        X = SPHERE.draw(size, dimension, rng)
        X *= rng.random((size, 1)) ** (1.0 / dimension)  # P(‖x‖ ≤ r R) = r^d
        return np.asarray(self.radius * X)


class Gaussian(Law):
    """Normal, N(μ, Σ): x = μ + L z with z standard normal and L Lᵀ = Σ.

    Parameters
    ----------
    covariance : float or array_like, shape (d,) or (d, d)
        Σ: a number for a multiple of I, variances of independent coordinates, or a symmetric
        positive semidefinite matrix. Its root L is rounded: the law is that of the rounded L.
    mean : array_like, shape (d,), optional
        μ, 0 by default.

    Attributes
    ----------
    root : float or ndarray
        L, in the shape of the covariance.
    mean : ndarray or None
    coordinates : list or None
        What tables that the parameters came in call them.

    Raises
    ------
    TypeError, ValueError
        Not finite, negative or all zero variances, a matrix that is not symmetric or not positive
        semidefinite, shapes that do not match, coordinates of tables in different orders.

    Examples
    --------
    >>> from highdim import Gaussian
    >>> Gaussian().name, Gaussian(0.25).name, Gaussian([1, 4], mean=[0, 3]).name
    ('N(0, I)', 'N(0, 0.25 I)', 'N((0, 3), diag(1, 4))')
    """

    root: Any
    mean: Vector | None
    coordinates: list[Any] | None = None

    def __init__(self, covariance: float | ArrayLike = 1.0, mean: ArrayLike | None = None) -> None:
        _require_one_order(covariance, mean)
        parts = law_parts.covariance(covariance)
        centre = None if mean is None else _centre(mean, parts.root)
        place = "0" if centre is None else f"({law_parts.listed(centre)})"
        super().__init__(f"N({place}, {parts.name})")
        found = (names_of_rows(one) for one in (covariance, mean))
        names = next((one for one in found if one is not None), None)
        self._keep(root=parts.root, mean=centre, coordinates=None if names is None else [*names])

    @property
    def isotropic(self) -> bool:
        """Whether it is N(0, s² I), for which a net without biases errs as on the sphere."""
        return self.mean is None and not np.ndim(self.root)

    @property
    def dimension(self) -> int | None:
        """The d of its parameters; None if these are a number."""
        if self.mean is not None:
            return len(self.mean)
        return len(self.root) if np.ndim(self.root) else None

    def _drawn(self, size: int, dimension: int, rng: np.random.Generator) -> Matrix:
        """Return independent points."""
        X = self.times_root(rng.standard_normal((size, dimension)))
        return np.asarray(X if self.mean is None else X + self.mean)

    def _outside(self, X: Matrix) -> Mask | None:
        """Return which rows differ from μ in a coordinate without variance; no others are told."""
        if np.ndim(self.root) != 1:
            return np.zeros(len(X), dtype=bool)
        mean = np.zeros(len(self.root)) if self.mean is None else self.mean
        fixed = self.root == 0.0
        off = np.abs(X - mean) > OFF * (np.abs(mean) + np.max(self.root))
        return np.asarray(np.any(off[:, fixed], axis=1))

    def times_root(self, X: Matrix) -> Matrix:
        """Return X Lᵀ, the images of standard normal points in rows. Rounded."""
        return np.asarray(X @ self.root.T if np.ndim(self.root) == 2 else X * self.root)


SPHERE: Final = Sphere()
"""The law that is meant if none is given."""


def _require_one_order(covariance: Any, mean: Any) -> None:
    """Refuse names of coordinates, as tables have them, in different orders."""
    rows, columns = names_of_rows(covariance), names_of_columns(covariance)
    remedy = "pass covariance.loc[covariance.columns]"
    require_one_order("`covariance` must have rows and columns", columns, rows, remedy)
    require_one_order(
        "`covariance` and `mean` must have coordinates",
        rows,
        names_of_rows(mean),
        "pass mean.loc[covariance.index], or mean.to_numpy() if it is in the order of covariance",
    )


def _centre(mean: ArrayLike, root: Any) -> Vector:
    """Return a mean that fits to the root of a covariance."""
    found = check.vector("mean", mean)
    if np.ndim(root) and len(found) != len(root):
        raise ValueError(
            f"`mean` must have the dimension of `covariance`, {len(root)}, got {len(found)}; pass"
            " one number a coordinate"
        )
    law_parts.within_reach("mean", float(np.max(np.abs(found))), zero=True)
    return found
