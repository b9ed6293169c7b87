"""Laws of x: any continuous distribution on the line, asked for what the package needs of it.

A law is a frozen distribution of `scipy.stats` (`beta(2, 5)`), one of its newer objects
(`Normal(mu=1)`, `Mixture`), an `rv_histogram`, a `gaussian_kde`, a subclass of `rv_continuous` of
your own with a _cdf, or a _pdf, or an object with the methods cdf, sf, ppf, support and rvs(size,
random_state). Measures with atoms, empirical ones among them, are refused: the clean error
Pr[N(x) ≤ 0] is found from a cdf without jumps.

A _pdf is integrated to rounding, or to an error that enclosures hold, as far as its values show it
at some thousands of points: a peak and a gap of one probability, both narrower than what lies
between them, are not seen.
"""

from dataclasses import field
from math import nan
from typing import Any, Final, NoReturn

import numpy as np

from univariate.common.arrays import Mask, Vector
from univariate.common.result import Result, result
from univariate.problem.law_text import is_family, parsed
from univariate.problem.laws import Law, lost, rounding_of_ends, uniform
from univariate.problem.recognised import REMEDY, is_uniform, recognised

DensityLike = Any
"""What is taken for a law of x, see the module; an alias that signatures show by its name."""


def _made_elsewhere() -> NoReturn:
    raise TypeError(
        "`Density` must be made of a law, Density.of(scipy.stats.beta(2, 5)), or of a text,"
        ' Density.named("beta(2, 5)"); got one argument, which would be a name alone'
    )


@result
class Density(Result):
    """A law of x by its name, which identifies it; laws of one name are equal. Those that scipy
    does not define have a digest of 63 quantiles, to nine digits, and of the cdf there, to six, in
    their names.

    `Density.of` makes one of a distribution, `Density.named` of a text such as "beta(2, 5)". A law
    equals no text: compare its `name` with one, or the law with that of `Density.named`.

    Examples
    --------
    >>> from univariate import Density
    >>> law = Density.named("beta(2,5)")
    >>> law == "beta(2, 5)", law.name == "beta(2, 5)", law == Density.named("beta(2, 5)")
    (False, True, True)
    """

    name: str
    _law: Law = field(default_factory=_made_elsewhere)

    @classmethod
    def of(cls, given: DensityLike | None) -> "Density":
        """Return the law that an argument `density` stands for: uniform on [0, 1] for None.

        One that scipy does not define is asked for 63 quantiles each time, and for what lies
        between them, which takes a while where they are roots of an integral: keep what this
        returns, and pass that.

        Raises
        ------
        TypeError
            No distribution of one number.
        ValueError
            One that is not continuous, or whose parameters its family does not allow.
        """
        if given is None:
            return UNIFORM
        if isinstance(given, cls):
            return given
        if isinstance(given, str):
            return cls.named(given)
        name, law = recognised(given)
        low, high = law.support
        try:
            with np.errstate(all="ignore"):
                middle = float(law.ppf(0.5))
                share = float(law.cdf(middle))
        except (TypeError, ValueError):
            share = middle = nan
        # half of a law may be nearer to an end than doubles tell
        if not (low < high and (0.0 < share < 1.0 or middle in law.support)):
            raise ValueError(
                f"`density` must have parameters that its family allows, got {name}; {REMEDY}"
            )
        usual = is_uniform(given) and (low, high) == (0.0, 1.0)
        return UNIFORM if usual else cls(name, law)

    @classmethod
    def named(cls, text: str) -> "Density":
        """Return the law of a `scipy.stats` name with parameters, as "beta(2, 5)".

        Parameters are numbers, in the distribution's order or by name; nothing is evaluated.

        Raises
        ------
        ValueError
            Not of that form, an unknown or discrete distribution, or parameters that it does not
            allow.
        """
        if text == UNIFORM.name:
            return UNIFORM
        return cls.of(parsed(text))

    @classmethod
    def recalled(cls, name: str) -> "Density":
        """Return the law of a name that a file holds; one that a name cannot bring back asks for
        itself as soon as it is needed.

        Raises ValueError for one of `scipy.stats` with parameters that it does not allow.
        """
        try:
            return cls.named(name)
        except ValueError:
            if is_family(name):
                raise
            return cls(name, lost(name))

    def brief(self) -> str:
        """Return its name."""
        return self.name

    @property
    def is_uniform(self) -> bool:
        """Whether it is Unif[0, 1], for which clean errors are exact."""
        return self == UNIFORM

    def cdf(self, x: Any) -> Any:
        """Pr[X ≤ x]."""
        return self._law.cdf(x)

    def sf(self, x: Any) -> Any:
        """Pr[X > x], precise where it is small."""
        return self._law.sf(x)

    def error(self, start: Vector, end: Vector) -> float:
        """What the probability of disjoint intervals is off by, but for the rounding of the cdf; 0
        but for a law that is integrated.
        """
        return self._law.error(start, end)

    def support(self) -> tuple[float, float]:
        """Its ends, which may be infinite."""
        return self._law.support

    def middle(self) -> tuple[float, float]:
        """Return where 99.9 % of it lies, for pictures; all of Unif[0, 1]. Rounded."""
        if self.is_uniform:
            return 0.0, 1.0
        return float(self._law.ppf(0.0005)), float(self._law.ppf(0.9995))

    def quantiles(self, levels: Vector) -> Vector:
        """Return where the cdf has these values, shape (k,): infinite beyond doubles. Rounded."""
        with np.errstate(over="ignore", under="ignore"):
            return np.array([float(self._law.ppf(level)) for level in levels.tolist()])

    def draw(self, size: int, generator: np.random.Generator) -> Vector:
        """Draw independent values, shape (size,)."""
        found = self._law.rvs(size, generator)
        return np.asarray(found, dtype=np.float64).reshape(size)


UNIFORM: Final = Density("uniform on [0, 1]", uniform())
"""The law that is meant if none is given."""


def lies_outside(x: Vector, density: Density) -> Mask:
    """Return which inputs a law never gives, but for the rounding of its ends, (m,)."""
    low, high = density.support()
    slack = rounding_of_ends((low, high))
    return np.asarray((x < low - slack) | (x > high + slack))


def require_inside(x: Vector, density: Density) -> None:
    """Refuse an input that a law never gives, but for the rounding of its ends. Unif[0, 1], which
    is meant if nothing is said, is a hypothesis of its own.
    """
    outside = np.flatnonzero(lies_outside(x, density))
    if outside.size:
        low, high = density.support()
        i = int(outside[0])
        raise ValueError(
            f"`x` must lie where the density does, in [{low:g}, {high:g}] of {density.name}, got"
            f" x[{i}] = {x[i]:g}; pass the density that the inputs have, or leave it out"
        )
