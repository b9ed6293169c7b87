"""Laws of x on R^d: what new observations, and those of a sample, are drawn from.

Laws of one class and name are equal. Names of this package's own tell all parameters, many numbers
by a digest of 32 bits; that of a `Sampler` is its maker's word. `Sphere` is that of Section 4,
where clean errors have all exact machinery; `Gaussian` and `Ball` have line sampling; a `Product`
of laws on the line and a `Sampler` of any kind are met by plain points.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from highdim.problem import law_parts
from highdim.problem.check import FAR, matrix, points
from univariate.common import check
from univariate.common.arrays import Matrix, Vector
from univariate.common.result import Result, result

Draw = Callable[[np.random.Generator, int], Any]
"""What draws: (generator, n) → array of shape (n, d), rows independent and of one law."""

REMEDY: Final = "pass Sphere(), Gaussian(), Ball(), Product(law) or Sampler(function)"
DISTRIBUTIONS: Final = ("sphere", "gaussian", "ball")
"""Laws that go by a word: uniform on the sphere, N(0, I/d), uniform in the unit ball."""

_BALL: Final = re.compile(r"uniform in the ball(?: of radius (\S+))?")
_ISOTROPIC: Final = re.compile(r"N\(0, (?:(\S+) )?I\)")
_RESERVED: Final = re.compile(r"N\(.*\)|product of .*", re.DOTALL)
"""Names of laws that files do not recall, but that are no sampler's."""


@result
class Law(Result):
    """A law of x on R^d by its name; laws of one class and name are equal.

    Those of this package are `Sphere`, `Gaussian`, `Ball`, `Product` and `Sampler`. One that a file
    names and cannot hold is none of these: it asks for itself when it is needed.
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
                f"`dimension` must be that of the law {self.name}, {self.dimension}, got"
                f" {dimension}; pass that"
            )
        return self._drawn(size, dimension, check.generator(rng))

    def _drawn(self, size: int, dimension: int, rng: np.random.Generator) -> Matrix:
        """Return points as `draw` does; arguments are checked."""
        raise ValueError(
            f"`law` must be passed: the sample was drawn from {self.name}, which no file can hold;"
            f" {REMEDY}"
        )

    def _keep(self, **values: Any) -> None:
        """Set what a law knows besides its name."""
        for name, value in values.items():
            object.__setattr__(self, name, value)


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

    Raises
    ------
    TypeError, ValueError
        Not finite, negative or all zero variances, a matrix that is not symmetric or not positive
        semidefinite, shapes that do not match.

    Examples
    --------
    >>> from highdim import Gaussian
    >>> Gaussian().name, Gaussian(0.25).name, Gaussian([1, 4], mean=[0, 3]).name
    ('N(0, I)', 'N(0, 0.25 I)', 'N((0, 3), diag(1, 4))')
    """

    root: Any
    mean: Vector | None

    def __init__(self, covariance: float | ArrayLike = 1.0, mean: ArrayLike | None = None) -> None:
        parts = law_parts.covariance(covariance)
        centre = None if mean is None else _centre(mean, parts.root)
        place = "0" if centre is None else f"({law_parts.listed(centre)})"
        super().__init__(f"N({place}, {parts.name})")
        self._keep(root=parts.root, mean=centre)

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

    def times_root(self, X: Matrix) -> Matrix:
        """Return X Lᵀ, the images of standard normal points in rows. Rounded."""
        return np.asarray(X @ self.root.T if np.ndim(self.root) == 2 else X * self.root)


class Product(Law):
    """Independent coordinates, each of a law on the line.

    Parameters
    ----------
    laws : distribution, or sequence of d of them
        Frozen distributions of `scipy.stats`, discrete ones too, or its newer objects. One is the
        law of every coordinate.

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
        given = tuple(laws) if several else (laws,)
        if not given:
            raise ValueError("`laws` must not be empty, got none; pass one, or one a coordinate")
        super().__init__(f"product of {law_parts.names_of(given)}")
        self._keep(laws=given, dimension_of_all=len(given) if several else None)

    @property
    def dimension(self) -> int | None:
        """Their number; None for one law of all coordinates."""
        return self.dimension_of_all

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
        rest on it.
    name : str, optional
        What results call it; that of the function by default. Samplers of one name are equal:
        give different ones to different functions.

    Raises
    ------
    TypeError, ValueError
        Not callable, or a name that stands for another law.

    Examples
    --------
    >>> from highdim import Sampler
    >>> Sampler(lambda rng, n: rng.choice([-1.0, 1.0], (n, 5)), "hypercube").draw(3, 5, 0).shape
    (3, 5)
    """

    function: Draw

    def __init__(self, function: Draw, name: str | None = None) -> None:
        if not callable(function):
            raise TypeError(
                f"`function` must be callable, got {type(function).__name__}; pass"
                " lambda rng, n: … of shape (n, d)"
            )
        known = getattr(function, "__name__", type(function).__name__)
        super().__init__(f"sampler {known}" if name is None else _of_no_other(str(name)))
        self._keep(function=function)

    def _drawn(self, size: int, dimension: int, rng: np.random.Generator) -> Matrix:
        """Return independent points."""
        drawn = self.function(rng, size)
        return matrix("law", points("law", drawn, dimension), rows=size)


SPHERE: Final = Sphere()
"""The law that is meant if none is given."""


def law_of(given: Any, dimension: int) -> Law:
    """Return what an argument `law` stands for on R^d: the sphere for None, one of `DISTRIBUTIONS`
    by its word, "N(0, 0.5 I)" by its name.

    Raises
    ------
    TypeError
        No law; the message says which class makes one of it.
    ValueError
        One of another dimension, or an unknown word.
    """
    if given is None:
        return SPHERE
    if isinstance(given, str):
        return _named(given, dimension)
    if not isinstance(given, Law):
        remedy = REMEDY
        if hasattr(given, "rvs") or hasattr(given, "sample"):
            remedy = "pass Product(law) for independent coordinates of that law"
        elif callable(given):
            remedy = "pass Sampler(function) if it draws (rng, n) → (n, d)"
        raise TypeError(f"`law` must be a Law, got {type(given).__name__}; {remedy}")
    if given.dimension not in (None, dimension):
        raise ValueError(
            f"`law` must be of the dimension of the inputs, {dimension}, got {given.name} in"
            f" dimension {given.dimension}; pass one on the same space"
        )
    return given


def by_word(word: str, dimension: int) -> Law:
    """Return the law of one of `DISTRIBUTIONS`."""
    known = {"sphere": SPHERE, "ball": Ball(), "gaussian": Gaussian(1.0 / dimension)}
    return known[word]


def recalled(name: str) -> Law:
    """Return the law of a name that a file holds, a mere name where that does not say all."""
    if name == SPHERE.name:
        return SPHERE
    for pattern, kind in ((_BALL, Ball), (_ISOTROPIC, Gaussian)):
        found = pattern.fullmatch(name)
        if found is not None and _is_number(found[1]):
            return kind(float(found[1] or 1.0))
    return Law(name)


def _of_no_other(name: str) -> str:
    """Return the name of a sampler, which files must not take for another law."""
    taken = name in DISTRIBUTIONS or type(recalled(name)) is not Law
    if taken or _RESERVED.fullmatch(name):
        raise ValueError(
            f"`name` must not be that of another law, got {name!r}; say 'my {name}', or pass that"
            " law"
        )
    return name


def _is_number(text: str | None) -> bool:
    """Return whether a text is nothing, or a positive number within reach."""
    try:
        return text is None or 0.0 < float(text) <= FAR
    except ValueError:
        return False


def _named(text: str, dimension: int) -> Law:
    if text in DISTRIBUTIONS:
        return by_word(text, dimension)
    found = recalled(text)
    if type(found) is Law:
        raise ValueError(
            f"`law` must be one of {', '.join(DISTRIBUTIONS)}, or a name as 'N(0, 0.5 I)', got"
            f" {text!r}; {REMEDY}"
        )
    return found


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
