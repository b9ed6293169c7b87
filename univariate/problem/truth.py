"""The truth f*: the sign that an observation has before its label is flipped.

On the line a truth is a step function with values ±1. The paper's univariate part takes f* ≡ +1;
its clean error Pr[N(x) f*(x) ≤ 0] is defined for any.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import inf
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from univariate.common import check
from univariate.common.arrays import Indices, Mask, Vector
from univariate.common.result import Result, result
from univariate.common.rounding import round_down, round_up
from univariate.problem.deep_network import DeepReluNet
from univariate.problem.network import ReluNet
from univariate.problem.truth_checks import checked_places, checked_signs
from univariate.problem.truth_sources import signs_of_function, signs_of_net, signs_of_spline
from univariate.problem.truth_text import Place, name_of, parsed, place_of, text_of

TruthLike = Any
"""What is taken for a truth, see `Truth.of`; an alias that signatures show by its name."""

_UNIT: Final = (0.0, 1.0)
_LINE: Final = (-inf, inf)


@result
class Truth(Result):
    """A truth f*: signs between breakpoints.

    Parameters
    ----------
    breakpoints : sequence of float, int, Fraction or Decimal, length k
        Strictly increasing, |·| ≤ 2^500. Fractions and Decimals are kept exactly, as zeros of nets
        are.
    signs : sequence of int or str, length k + 1
        +1 or −1 left of the first breakpoint, between neighbours, and right of the last; or text,
        "+-+". A 0 marks a piece where nothing is right, as where a net that serves as truth
        vanishes: everything is an error there. A list of 0 and 1 alone, as of classes, is a
        warning.

    At a breakpoint f* has the sign of the piece right of it. A breakpoint without a change of sign
    is dropped, so that truths are equal if and only if they are the same function. A truth equals
    no text: compare its `name` with one, or the truth with that of `Truth.named`.

    Examples
    --------
    >>> from univariate import Truth
    >>> truth = Truth([0.3, 0.7], "+-+")
    >>> truth, truth([0.0, 0.3, 0.9])
    (Truth('0.3,0.7:+-+'), array([ 1., -1.,  1.]))
    >>> truth == "0.3,0.7:+-+", truth.name == "0.3,0.7:+-+", truth == Truth.named("0.30,0.70:+-+")
    (False, True, True)
    """

    breakpoints: tuple[Place, ...]
    signs: tuple[int, ...]
    _domain: tuple[float, float] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        places = checked_places(self.breakpoints)
        signs = checked_signs(self.signs, len(places))
        kept = [k for k in range(len(places)) if signs[k] != signs[k + 1]]
        object.__setattr__(self, "breakpoints", tuple(places[k] for k in kept))
        object.__setattr__(self, "signs", (signs[0], *(signs[k + 1] for k in kept)))

    @classmethod
    def of(cls, given: TruthLike | None) -> "Truth":
        """Return the truth that an argument `truth` stands for.

        Parameters
        ----------
        given : optional
            None is f* ≡ +1; a text such as "0.3:+-" is read by `named`; a ReluNet, a DeepReluNet or
            a Spline has the signs of its values, changing exactly at its (rational) zeros, and 0 on
            plateaus. For another function say where its sign changes, by `of_function`.

        Raises
        ------
        TypeError, ValueError
            None of these.
        """
        if given is None:
            return ALWAYS
        if isinstance(given, cls):
            return given
        if isinstance(given, str):
            return cls.named(given)
        if isinstance(given, ReluNet | DeepReluNet):
            return cls._trusted(*signs_of_net(given))
        if all(hasattr(given, name) for name in ("knots", "values", "slopes")):
            return cls._trusted(*signs_of_spline(given))
        remedy = "pass e.g. Truth([0.3], [1, -1]), a net, or a spline"
        if callable(given):
            remedy = "pass Truth.of_function(f, breakpoints)"
        elif type(given) in (int, float) and given in (1, -1):
            remedy = f'pass "{given:+.0f}"'
        raise TypeError(f"`truth` must be a Truth, got {type(given).__name__}; {remedy}")

    @classmethod
    def named(cls, text: str) -> "Truth":
        """Return the truth of a text such as "0.2,1/3:+-+": breakpoints, a colon, the signs.

        Decimals are read to the nearest double, fractions exactly; "+1" and "-1" are constant.

        Raises
        ------
        ValueError
            Not of that form.
        """
        places, signs = parsed(text)
        try:
            return cls(tuple(places), tuple(signs))
        except ValueError as error:
            rule = str(error).replace("`", "")
            raise ValueError(f"`truth` must be one, got {text!r}: {rule}") from None

    @classmethod
    def of_function(
        cls,
        function: Callable[[Any], Any],
        breakpoints: Sequence[float | Fraction],
        *,
        domain: tuple[float, float] = _UNIT,
    ) -> "Truth":
        """Return the truth that has the signs of a function.

        Parameters
        ----------
        function : callable
            Of one number, to one number, whose sign decides: probabilities, and classes 1 and 2,
            are a warning.
        breakpoints : sequence of float or Fraction
            Every place where its sign changes, strictly increasing, inside the domain.
        domain : pair of floats
            Where it may be asked; infinite ends are allowed. Name all of where x may lie: a law of
            x with a probability beyond is refused, and so is a sample with inputs there.

        It is asked at the middle and the quarters between neighbouring breakpoints, up to 63 of
        them at five uneven places as well: at doubles or, where none lies between two of them, at
        the middle as a Fraction. That finds many wrong declarations, not all. What it does at the
        breakpoints themselves, and within a few units in their last place, does not matter.

        Raises
        ------
        TypeError, ValueError
            A value that is 0, NaN or no real number, or two signs between neighbours.
        """
        places = checked_places(breakpoints)
        asked = check.interval("domain", domain)
        signs = signs_of_function(function, places, asked)
        return cls(tuple(places), tuple(signs))._asked_on(asked)

    @classmethod
    def _trusted(cls, places: Sequence[Fraction], signs: Sequence[int]) -> "Truth":
        return cls(tuple(map(place_of, places)), tuple(signs))

    def _asked_on(self, domain: tuple[float, float] | None) -> "Truth":
        """Keep where the function was asked that it was made of."""
        if domain not in (None, _LINE):
            object.__setattr__(self, "_domain", domain)
        return self

    @property
    def domain(self) -> tuple[float, float] | None:
        """Where the function was asked that it was made of; None where all of the line is known."""
        return self._domain

    @property
    def name(self) -> str:
        """Its text or, where that is long, what identifies it."""
        return name_of(self.breakpoints, self.signs)

    @property
    def text(self) -> str:
        """Its text in full, which `named` reads."""
        return text_of(self.breakpoints, self.signs)

    @property
    def is_positive(self) -> bool:
        """Whether f* ≡ +1, the truth that is meant if none is given."""
        return self.signs == (1,)

    def brief(self) -> str:
        """Return its name."""
        return self.name

    def in_full(self) -> str:
        """Return its name."""
        return f"Truth({self.name!r})"

    def __neg__(self) -> "Truth":
        """Return −f*."""
        return Truth(self.breakpoints, tuple(-sign for sign in self.signs))._asked_on(self._domain)

    def __call__(self, x: ArrayLike) -> Vector:
        """Return f*(x), same shape: ±1, or 0 where nothing is right.

        Exact. Cost O(log k) a point.
        """
        points = check.real_array("x", x)
        return np.asarray(self._signs[self.piece(points)])

    def piece(self, x: Vector) -> Indices:
        """Return how many breakpoints are at or left of each double. Exact."""
        return np.searchsorted(self._above, x, side="right")

    def knots(self, low: float, high: float) -> Vector:
        """Return the doubles between which f* changes inside (low, high), increasing.

        A breakpoint that is a double, or both neighbours of one that is none.
        """
        both = np.union1d(self._below, self._above)
        return both[(both > low) & (both < high)]

    def between_doubles(self, start: Vector) -> Mask:
        """Return whether some breakpoint lies between each double and the next one."""
        hidden = self._below[self._below < self._above]
        return np.isin(start, hidden)

    def pieces(
        self, low: float | Fraction, high: float | Fraction
    ) -> Iterator[tuple[Fraction, Fraction, int]]:
        """Yield (start, end, sign) of the pieces of [low, high], from left to right. Exact."""
        first = bisect_right(self.breakpoints, low)
        last = bisect_left(self.breakpoints, high)
        ends = [low, *self.breakpoints[first:last], high]
        for k, (start, end) in enumerate(pairwise(ends)):
            yield Fraction(start), Fraction(end), self.signs[first + k]

    @cached_property
    def _signs(self) -> Vector:
        return np.array(self.signs, dtype=np.float64)

    @cached_property
    def _below(self) -> Vector:
        """The largest doubles that are not above the breakpoints."""
        return np.array([round_down(Fraction(place)) for place in self.breakpoints])

    @cached_property
    def _above(self) -> Vector:
        """The smallest doubles that are not below the breakpoints."""
        return np.array([round_up(Fraction(place)) for place in self.breakpoints])


ALWAYS: Final = Truth((), (1,))
"""f* ≡ +1, the truth that is meant if none is given."""
