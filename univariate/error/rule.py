"""Rules that decide by the sign of a function f of one input, fitted to a sample.

A rule is anything that can tell where f is positive, zero and negative. Errors, their lengths and
probabilities follow from that in one way for all of them: `clean_error(rule)`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.result import Result, result
from univariate.common.warn import warn
from univariate.error.declared import (
    declared_steps,
    require_declared_under,
    require_its_own,
    require_told_under,
)
from univariate.error.intervals import within_reach
from univariate.error.signs import Signs, against, enclosures, sublevel
from univariate.error.sublevel import SublevelSet
from univariate.problem.asked import require_domain
from univariate.problem.density import Density
from univariate.problem.sample import Sample, require_sample
from univariate.problem.truth import ALWAYS, Truth
from univariate.problem.truth_checks import checked_places


class Rule(Result, ABC):
    """A rule that was fitted to a sample; to be derived from, or made by `of_function`.

    A class of one's own has a sample, is called like f, and says with proof where f is positive,
    zero and negative; `clean_error`, `noisy_error` and `compare` then take it.

    Attributes
    ----------
    sample : Sample
        Its law of x and its truth are those that clean errors are about, unless others are given.

    Examples
    --------
    The sign at the nearest of a few prototypes, −1 at the first, +1 at the next and so on: it
    changes half way between two of them, which rounding hides in an ulp.

    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> import univariate as u
    >>> @dataclass(frozen=True, repr=False, eq=False)
    ... class Prototypes(u.Rule):
    ...     sample: u.Sample
    ...     places: np.ndarray
    ...     def __call__(self, x):
    ...         nearest = np.abs(np.subtract.outer(x, self.places)).argmin(axis=-1)
    ...         return np.where(nearest % 2 == 0, -1.0, 1.0)
    ...     def signs(self, low, high):
    ...         half = 0.5 * self.places[:-1] + 0.5 * self.places[1:]
    ...         ends = np.nextafter(half, -np.inf), np.nextafter(half, np.inf)
    ...         return u.Signs.enclosed(*ends, self(self.places))
    >>> sample = u.draw_sample(20, 0.2, rng=0)
    >>> rule = Prototypes(sample, np.array([0.125, 0.375, 0.75]))
    >>> u.clean_error(rule)
    CleanError(0.6875000000000000 +- 4e-16, 2 intervals, x uniform on [0, 1])
    """

    sample: Sample

    @abstractmethod
    def __call__(self, x: ArrayLike) -> Any:
        """Return f(x), whose sign is the decision."""

    @abstractmethod
    def signs(self, low: float, high: float) -> Signs:
        """Return where f is positive, zero and negative, at least on [low, high].

        `Signs.enclosed(lower, upper, signs)` makes it of n borders, each between two doubles, which
        are equal where it is one, and the n + 1 signs −1, 0 or +1 between them. Clean errors and
        their enclosures are as true as this; a rule is refused that has another sign in the middle,
        or near the ends, of one of its eight widest pieces among the data, or beside up to 64
        observations that it says to decide otherwise, or at one of up to 65 quantiles of a law
        other than the sample's, all but a few doubles off its borders.
        """

    @staticmethod
    def of_function(
        sample: Sample,
        function: Callable[[Any], Any],
        breakpoints: Sequence[float | Fraction],
        *,
        domain: tuple[float, float] | None = None,
    ) -> "StepRule":
        """Return the rule of a function of x that changes its sign at declared places alone.

        Parameters
        ----------
        sample : Sample
            What it was fitted to.
        function : callable
            Of one number, to one number: positive or negative between breakpoints.
        breakpoints : sequence of float or Fraction
            Every place where its sign changes, strictly increasing, inside the domain.
        domain : pair of floats, optional
            Where it may be asked; a law of x with a probability beyond is refused. If not given,
            the support of the sample's density, and breakpoints are all that there are beyond, too.

        Errors are exact for the function that is declared so. It is asked at some places between
        neighbouring breakpoints, as by `Truth.of_function`, and beside up to 64 observations that
        it decides otherwise, which finds many wrong declarations, not all; for an error under
        another law of x also at up to 65 of its quantiles. Breakpoints may be rounded: what it does
        within a few units in their last place does not matter.

        Raises
        ------
        TypeError, ValueError
            As `Truth.of_function`.

        Examples
        --------
        >>> import univariate as u
        >>> sample = u.draw_sample(50, 0.2, rng=0)
        >>> rule = u.Rule.of_function(sample, lambda x: (x - 0.25) * (x - 0.75), [0.25, 0.75])
        >>> u.exact_clean_error(rule)
        Fraction(1, 2)
        """
        require_sample(sample)
        reach = sample.density.support() if domain is None else domain
        if not callable(function):
            raise TypeError(
                f"`function` must be callable, got {check.shown(function)}; pass a function of x"
            )
        places = checked_places(breakpoints)
        asked = check.interval("domain", reach)
        made = StepRule(sample, declared_steps(sample, function, places, asked), function)
        if domain is not None:
            object.__setattr__(made, "_domain", asked)
        return made

    def sublevel(self, low: float, high: float, truth: float = 1.0) -> SublevelSet:
        """Return {x ∈ [low, high] : truth · f(x) ≤ 0}, its length enclosed; truth is ±1."""
        return sublevel(self._told(low, high), low, high, truth)

    def errors(self, truth: Truth, low: float, high: float) -> SublevelSet:
        """Return {x ∈ [low, high] : f(x) f*(x) ≤ 0}, its length enclosed."""
        found = self._told(low, high)
        if min(truth.signs) < 0 and not type(self).__module__.startswith("univariate."):
            _warn_of_classes(type(self).__name__, found)
        return sublevel(against(found, truth), low, high)

    def exact_error(self, low: float, high: float, truth: Truth = ALWAYS) -> Fraction:
        """Return the length of {x ∈ [low, high] : f(x) f*(x) ≤ 0}, if it is rational."""
        raise ValueError(
            f"`net` must have rational borders, got {type(self).__name__}; use clean_error, which"
            " encloses"
        )

    def sign_changes(self, low: float = 0.0, high: float = 1.0) -> Vector:
        """Return bounds [a, b] on all borders in [low, high], shape (r, 2), rounded outward.

        Off them the sign of f is proved. Where it is the same on both sides of one, nobody knows
        whether f touches zero there.
        """
        return enclosures(self._told(low, high), low, high)

    def require_under(self, law: Density) -> None:
        """Raise ValueError if the rule cannot be what it tells under a law of x."""
        if law != self.sample.density and not type(self).__module__.startswith("univariate."):
            require_told_under(law, self, self._told(*within_reach(law)))

    def _told(self, low: float, high: float) -> Signs:
        found: object = self.signs(low, high)
        if not isinstance(found, Signs) or np.ndim(found.lower) != 2 or np.ndim(found.upper) != 2:
            raise TypeError(
                f"`signs` of {type(self).__name__} must return Signs, got {check.shown(found)};"
                " return Signs.enclosed(lower, upper, signs)"
            )
        if not type(self).__module__.startswith("univariate."):
            require_its_own(self, found, low, high)
        return found


def _warn_of_classes(name: str, signs: Signs) -> None:
    """Warn of signs 0 and +1 alone against a truth that is −1 somewhere, where 0 is an error."""
    if set(signs.signs.tolist()) == {0.0, 1.0}:
        warn(
            f"`signs` of {name} are 0 and +1 alone, and 0 is an error where the truth is -1, too:"
            " if these are classes, return 2 * signs - 1"
        )


@result
class StepRule(Rule):
    """A function of x with declared signs: what `Rule.of_function` makes.

    Attributes
    ----------
    sample : Sample
    steps : Truth
        The signs between the declared breakpoints.
    function : callable
        Of one number.
    """

    sample: Sample
    steps: Truth
    function: Callable[[Any], Any]
    _domain: tuple[float, float] | None = field(default=None, init=False)

    def __call__(self, x: ArrayLike) -> Vector:
        """Return the values of the function, asked a point at a time, in the shape of x."""
        points = check.real_array("x", x)
        values = [float(self.function(point)) for point in points.ravel().tolist()]
        return np.array(values).reshape(points.shape)

    def require_under(self, law: Density) -> None:
        """Ask the function under a law of x that its signs were not declared for."""
        require_domain("net", "Rule.of_function", self._domain, law)
        if law != self.sample.density:
            require_declared_under(law, self.sample, self.function, self.steps)

    def signs(self, low: float, high: float) -> Signs:
        """Return the declared signs, on the whole line."""
        nowhere = np.empty((0, 2))
        return against(Signs(nowhere, nowhere, np.ones(1)), self.steps)

    def exact_error(self, low: float, high: float, truth: Truth = ALWAYS) -> Fraction:
        """Return the length of {x ∈ [low, high] : f(x) f*(x) ≤ 0}, in rational arithmetic."""
        return wrong_length(self.steps.pieces(low, high), truth)


def wrong_length(pieces: Iterable[tuple[Fraction, Fraction, float]], truth: Truth) -> Fraction:
    """Return the length of pieces (start, end, sign) on which the sign is not that of a truth."""
    wrong = (
        b - a
        for start, end, sign in pieces
        if start < end
        for a, b, right in truth.pieces(start, end)
        if sign * right <= 0
    )
    return sum(wrong, Fraction(0))
