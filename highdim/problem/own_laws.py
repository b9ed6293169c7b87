"""Laws on R^d of the reader's own: a `Product` of laws on the line, a `Sampler` of any kind.

Clean errors meet them by plain points.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from highdim.problem import law_parts
from highdim.problem.check import points
from highdim.problem.law import Law
from highdim.problem.recognised import of_no_other
from univariate.common import check
from univariate.common.arrays import Mask, Matrix
from univariate.common.kept_laws import kept

Draw = Callable[[np.random.Generator, int], Any]
"""What draws: (generator, n) → array of shape (n, d), rows independent and of one law."""


class Product(Law):
    """Independent coordinates, each of a law on the line.

    Parameters
    ----------
    laws : distribution, or sequence of d of them
        Frozen distributions of `scipy.stats`, discrete ones too, its newer objects, or a
        `gaussian_kde` of numbers, as they are now. One is the law of every coordinate.

    Raises
    ------
    TypeError, ValueError
        None, something that cannot be drawn, or that draws by a generator of its own.

    Examples
    --------
    >>> from scipy import stats
    >>> from highdim import Product
    >>> Product(stats.uniform(-1, 2)).name
    'product of uniform(-1, 2)'
    """

    laws: tuple[Any, ...]
    dimension_of_all: int | None

    def __init__(self, laws: Any) -> None:
        several = isinstance(laws, Sequence) and not isinstance(laws, str)
        given = tuple(map(kept, laws if several else (laws,)))
        if not given:
            raise ValueError("`laws` must not be empty, got none; pass one, or one a coordinate")
        super().__init__(f"product of {law_parts.names_of(given)}")
        self._keep(laws=given, dimension_of_all=len(given) if several else None)

    @property
    def dimension(self) -> int | None:
        """Their number; None for one law of all coordinates."""
        return self.dimension_of_all

    def _outside(self, X: Matrix) -> Mask | None:
        """Return which rows have a coordinate outside the ends of its law's support."""
        if self.dimension_of_all is None:
            return np.asarray(np.any(law_parts.beyond(self.laws[0], X), axis=1))
        pairs = zip(self.laws, X.T, strict=True)
        beyond = [law_parts.beyond(law, column) for law, column in pairs]
        return np.asarray(np.any(beyond, axis=0))

    def _drawn(self, size: int, dimension: int, rng: np.random.Generator) -> Matrix:
        """Return independent points."""
        if self.dimension_of_all is None:
            drawn = law_parts.values_of(self.laws[0], size * dimension, rng).reshape(
                size, dimension
            )
        else:
            drawn = np.stack([law_parts.values_of(one, size, rng) for one in self.laws], axis=1)
        return points("law", drawn, dimension)


class Sampler(Law):
    """Any law, by a function that draws from it.

    Parameters
    ----------
    function : callable
        (rng, n) → array of shape (n, d): n independent points in rows, from the generator `rng`
        alone. That they are independent, and of one law whatever n is, cannot be checked; intervals
        rest on it. A function that gives the same points whatever the generator is refused; one
        that gives others from the same generator, as by `numpy.random.normal`, is warned of.
    name : str, optional
        What results call it; that of the function by default. Samplers of one name are equal:
        give different ones to different functions.

    Raises
    ------
    TypeError, ValueError
        Not callable, or a name that stands for another law; when it draws, no points, or always
        the same.

    Examples
    --------
    >>> from highdim import Sampler
    >>> Sampler(lambda rng, n: rng.choice([-1.0, 1.0], (n, 5)), "hypercube").draw(3, 5, 0).shape
    (3, 5)
    """

    function: Draw
    _is_tried: bool

    def __init__(self, function: Draw, name: str | None = None) -> None:
        if not callable(function):
            raise TypeError(
                f"`function` must be callable, got {type(function).__name__}; pass"
                " lambda rng, n: ... of shape (n, d)"
            )
        known = getattr(function, "__name__", type(function).__name__)
        super().__init__(f"sampler {known}" if name is None else of_no_other(str(name)))
        self._keep(function=function, _is_tried=False)

    def _drawn(self, size: int, dimension: int, rng: np.random.Generator) -> Matrix:
        """Return independent points."""
        if not self._is_tried:  # before they are drawn: the last points are those of the estimate
            law_parts.require_random(self.name, partial(self._points, dimension))
            self._keep(_is_tried=True)
        return self._points(dimension, rng, size)

    def _points(self, dimension: int, rng: np.random.Generator, size: int) -> Matrix:
        drawn = self._asked(rng, size)
        if drawn.shape != (size, dimension):
            raise ValueError(
                f"`law` must draw n points in rows, shape (n, {dimension}), got {drawn.shape} of"
                f" {self.name} for n = {size}; {_remedy(drawn.shape, size, dimension)}"
            )
        return points("law", drawn, dimension)

    def _asked(self, rng: np.random.Generator, size: int) -> Any:
        """Return the numbers that the function gives."""
        if self._is_tried:
            return check.real_array("law", self.function(rng, size))
        try:
            drawn = self.function(rng, size)
        except (TypeError, AttributeError) as error:  # as of other arguments, or in another order
            raise TypeError(
                f"`function` must draw when it is called with a generator and a number, got"
                f" {type(error).__name__} of {self.name}: {error}; write it as lambda rng, n: ...,"
                " in this order"
            ) from error
        return check.real_array("law", drawn)


def _remedy(shape: tuple[int, ...], size: int, dimension: int) -> str:
    """Return what makes points in rows of what was drawn, if that are the numbers."""
    if shape == (size,) and dimension == 1:
        return "return numpy.reshape(points, (n, 1))"
    if shape == (dimension, size):
        return "return numpy.transpose(points)"
    if math.prod(shape) == size * dimension and (shape[0] == size or len(shape) == 1):
        return f"return numpy.reshape(points, (n, {dimension}))"
    if len(shape) == 2 and shape[0] == size:
        return f"draw {dimension} coordinate(s) of each, or pass the dimension {shape[1]}"
    if shape[-1:] == (dimension,):
        return "draw as many as it is asked for"
    return f"draw all coordinates of each, as rng.normal(size=(n, {dimension}))"
