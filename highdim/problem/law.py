"""What a law of x on R^d is: a name, and independent draws.

Laws of one class and name are equal. Names of this package's own tell all parameters, many numbers
by a digest of 32 bits; that of a `Sampler` is its maker's word.
"""

from typing import Any, Final

import numpy as np

from univariate.common import check
from univariate.common.arrays import Mask, Matrix
from univariate.common.result import Result, result
from univariate.common.spelled import spelled

REMEDY: Final = "pass Sphere(), Gaussian(), Ball(), Product(law) or Sampler(function)"

OFF: Final = 1e-6
"""How far data may be rounded off a support, of its size."""


@result
class Law(Result):
    """A law of x on R^d by its name; laws of one class and name are equal. A law equals no text:
    compare its `name` with one.

    Those of this package are `Sphere`, `Gaussian`, `Ball`, `Product` and `Sampler`. One that a file
    names and cannot hold is none of these: it asks for itself when it is needed.

    Examples
    --------
    >>> from highdim import Gaussian
    >>> law = Gaussian(1)
    >>> law == "N(0, I)", law.name == "N(0, I)", law == Gaussian()
    (False, True, True)
    """

    name: str

    def brief(self) -> str:
        """Return its name."""
        return self.name

    @property
    def dimension(self) -> int | None:
        """The d that its parameters say; None for a law of any."""
        return None

    def draw(self, size: int, dimension: int, rng: Any) -> Matrix:
        """Draw independent points.

        Parameters
        ----------
        size, dimension : int
            How many, and d, that of the law if it has one.
        rng : int or numpy.random.Generator

        Returns
        -------
        ndarray, shape (size, dimension)

        Raises
        ------
        TypeError, ValueError
            Numbers out of range, another dimension than the law's, a law that is a mere name, or
            one that draws something else than finite numbers.
        """
        size = check.count("size", size)
        dimension = check.count("dimension", dimension)
        if self.dimension not in (None, dimension):
            raise ValueError(
                f"`dimension` must be that of the law {spelled(self.name)}, {self.dimension}, got"
                f" {dimension}; pass that"
            )
        return self._drawn(size, dimension, check.generator(rng))

    def outside(self, X: Matrix) -> int | None:
        """Return how many rows of X lie outside the support, by more than a relative 1e-6, where it
        never draws; None for a law whose support is not known, as of a sampler.
        """
        found = self._outside(X)
        return None if found is None else int(np.count_nonzero(found))

    def _outside(self, X: Matrix) -> Mask | None:
        """Return which rows do, None as `outside` does."""
        return None

    def _drawn(self, size: int, dimension: int, rng: np.random.Generator) -> Matrix:
        """Return points as `draw` does; arguments are checked."""
        raise ValueError(
            f"`law` must be passed: the sample was drawn from {spelled(self.name)}, which no file"
            f" can hold; {REMEDY}"
        )

    def _keep(self, **values: Any) -> None:
        """Set what a law knows besides its name."""
        for name, value in values.items():
            object.__setattr__(self, name, value)
