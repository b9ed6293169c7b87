"""Breakpoints and signs of a truth, checked at the public door."""

from collections.abc import Mapping, Set
from itertools import pairwise
from typing import Any

from univariate.common import check
from univariate.common.exactly import exact_fraction
from univariate.common.warn import warn
from univariate.problem.evaluation import FAR
from univariate.problem.truth_text import Place, place_of, signs_of


def checked_places(given: Any) -> list[Place]:
    """Return breakpoints as they are kept; TypeError or ValueError unless strictly increasing."""
    places = [_place(one) for one in _listed("breakpoints", given, "[0.3, 0.6]")]
    for before, after in pairwise(places):
        if not before < after:
            raise ValueError(
                f"`breakpoints` must be strictly increasing, got {float(before)!r} before"
                f" {float(after)!r}; sort them, and name each once"
            )
    beyond = [place for place in places if not -FAR <= place <= FAR]
    if beyond:
        raise ValueError(
            f"`breakpoints` must satisfy |x| <= 2**500, got {beyond[0]}; rescale the inputs"
        )
    return places


def checked_signs(given: Any, count: int) -> list[int]:
    """Return the signs between so many breakpoints; TypeError or ValueError if they are none."""
    if isinstance(given, str):
        given = tuple(signs_of(given))
    may_be_classes = not isinstance(given, tuple)  # which those of other truths are
    given = _listed("signs", given, "[1, -1]")
    if given and all(isinstance(one, str) for one in given):
        given = [_sign_of(one) for one in given]
    try:
        signs = [check.real("signs", one) for one in given]
    except TypeError:
        raise TypeError(
            f"`signs` must be numbers +1 or -1, got {check.shown(given)}; pass e.g. [1, -1]"
        ) from None
    wrong = [sign for sign in signs if sign not in {-1.0, 0.0, 1.0}]
    if wrong:
        raise ValueError(
            f"`signs` must be +1 or -1 (0 where nothing is right), got {wrong[0]:g}; pass e.g."
            " [1, -1]"
        )
    if may_be_classes and set(signs) == {0.0, 1.0}:
        warn(
            "`signs` are 0 and 1 alone, and where a truth is 0 everything is an error: if these are"
            " classes, pass -1 for 0; if not, pass a tuple"
        )
    if len(signs) != count + 1:
        raise ValueError(
            f"`signs` must be one more than the {count} `breakpoints`, got {len(signs)}; name the"
            " sign left of each breakpoint and right of the last"
        )
    return [int(sign) for sign in signs]


def _sign_of(text: str) -> int:
    """Return the sign that an entry stands for: "+" or "+1", "-" or "-1", or "0"."""
    letters = text.strip()
    found = signs_of(letters[:1] if letters[1:] == "1" else letters)
    if len(found) != 1:
        raise ValueError(
            f"`signs` must hold one sign in each entry, got {text!r}; pass e.g. ['+', '-'] or '+-'"
        )
    return found[0]


def _listed(name: str, given: Any, example: str) -> list[Any]:
    """Return what was given in an order; a set and a mapping have none that is meant."""
    if isinstance(given, str | bytes | Set | Mapping):
        raise TypeError(
            f"`{name}` must be a sequence of numbers, got {check.shown(given)}; pass e.g. {example}"
        )
    try:
        return list(given)
    except TypeError:
        raise TypeError(
            f"`{name}` must be a sequence of numbers, got {check.shown(given)}; pass a list"
        ) from None


def _place(one: Any) -> Place:
    """Return a breakpoint, exactly where it is a Fraction, an integer or a Decimal."""
    exact = exact_fraction(one)
    return place_of(check.real("breakpoints", one) if exact is None else exact)
