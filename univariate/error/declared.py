"""Signs that someone declares for a rule fitted to a sample, and the rule asked for its own.

A fitted rule mostly errs beside observations that have another label than most: where a declaration
leaves out a change of sign, it is there.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from univariate.common.arrays import Mask, Vector
from univariate.error.signs import Signs
from univariate.problem.density import Density
from univariate.problem.sample import Sample
from univariate.problem.truth import Truth
from univariate.problem.truth_sources import nearness, sign_at, signs_of_function
from univariate.problem.truth_text import Place

_WIDEST: Final = 8
"""Pieces, the widest, on which a rule of someone's is asked for the signs that it tells."""

_INSIDE: Final = np.array([0.5, 0.1, 0.9])
"""Where on them."""

_MOST: Final = 64
"""Observations beside which a rule is asked."""

_SHARES: Final = np.array([1 / 64, 1 / 4])
"""Where, as shares of the gaps on both sides; not at the observation, where a rule that
interpolates may have its label on a null set."""

_LEVELS: Final = np.sort(np.append(np.arange(1, 64) / 64.0, [2.0**-10, 1.0 - 2.0**-10]))
"""Of quantiles of a law that a rule is asked at."""

_APART: Final = 4.0
"""Units in the last place of a place by which inputs must differ for their distances to it to."""


def declared_steps(
    sample: Sample,
    function: Callable[[Any], Any],
    places: Sequence[Place],
    domain: tuple[float, float],
) -> Truth:
    """Return the signs of a function between its declared breakpoints, as a `Truth`.

    It is asked as by `Truth.of_function`, and beside observations that have another label than the
    sign declared there, 64 of them at most; not where breakpoints are so near that rounding may
    decide.

    Raises
    ------
    TypeError, ValueError
        As `signs_of_function`, or another sign than declared beside an observation.
    """
    scale = float(np.abs(sample.x).max())
    signs = signs_of_function(function, places, domain, "function", scale=scale)
    steps = Truth(tuple(places), tuple(signs))
    _require_declared(function, steps, _beside(sample, steps(sample.x), domain), scale, "")
    return steps


def require_declared_under(
    law: Density, sample: Sample, function: Callable[[Any], Any], steps: Truth
) -> None:
    """Ask a function at quantiles of a law that its signs were not declared for.

    Raises TypeError or ValueError as `declared_steps`.
    """
    asked = _asked_under(law, sample)
    scale = float(max(np.abs(sample.x).max(), np.abs(asked).max(initial=0.0)))
    _require_declared(function, steps, asked, scale, f", where x {law.name} lies,")


def _asked_under(law: Density, sample: Sample) -> Vector:
    """Return quantiles of a law, but for those so far off that doubles there lie farther apart than
    the inputs do: distances to these are the same there, and decide nothing.
    """
    asked = np.unique(law.quantiles(_LEVELS))
    asked = asked[np.isfinite(asked)]
    known = max(np.spacing(np.abs(sample.x).max()), sample.gaps.min(initial=np.inf) / _APART)
    return np.asarray(asked[np.spacing(np.abs(asked)) <= known])


def _require_declared(
    function: Callable[[Any], Any], steps: Truth, asked: Vector, scale: float, where: str
) -> None:
    """Raise ValueError if a function has another sign than declared at a place; those within a few
    units in the last place of a breakpoint, or of the scale, tell nothing.
    """
    borders = np.array([float(place) for place in steps.breakpoints])
    for at in asked[_are_clear(asked, borders, borders, scale)].tolist():
        declared = int(steps(np.array([at]))[0])
        if sign_at(function, at, "function") == declared:
            continue
        raise ValueError(
            f"`breakpoints` must hold every change of sign, got {-declared:+d} at {at:.17g}{where}"
            f" in a piece where the function is {declared:+d} elsewhere; add the places on both"
            " sides"
        )


def require_its_own(rule: Any, told: Signs, low: float, high: float) -> None:
    """Raise ValueError if a rule has another sign than it tells in a wide piece among the data, or
    beside an observation that it says to decide otherwise.
    """
    low, high = np.clip(rule.sample.x[[0, -1]], low, high)
    starts = np.concatenate([[low], np.clip(told.upper[:, 0], low, high)])
    stops = np.concatenate([np.clip(told.lower[:, 0], low, high), [high]])
    known = np.flatnonzero((told.signs != 0.0) & (starts < stops))
    widest = known[np.argsort(starts[known] - stops[known], kind="stable")[:_WIDEST]]
    places = np.outer(1.0 - _INSIDE, starts[widest]) + np.outer(_INSIDE, stops[widest])
    inside = (places > starts[widest]) & (places < stops[widest])
    places = places[inside]
    beside = _beside(rule.sample, _told_at(rule.sample.x, told), (float(low), float(high)))
    _require_told(rule, told, np.concatenate([places, beside]))


def require_told_under(law: Density, rule: Any, told: Signs) -> None:
    """Raise ValueError if a rule has another sign than it tells at a quantile of a law."""
    _require_told(rule, told, _asked_under(law, rule.sample))


def _require_told(rule: Any, told: Signs, places: Vector) -> None:
    """Raise ValueError if a rule has another sign than it tells at a place off its borders."""
    scale = float(max(np.abs(rule.sample.x).max(), np.abs(places).max(initial=0.0)))
    places = places[_are_clear(places, told.lower[:, 0], told.upper[:, 0], scale)]
    signs = _told_at(places, told)
    places, signs = places[signs != 0.0], signs[signs != 0.0]
    try:
        values = np.asarray(rule(places), dtype=np.float64)
    except Exception:  # one of single numbers, say, which clean errors never need to call
        return
    if values.shape != places.shape:
        return
    wrong = np.flatnonzero(np.sign(values) != signs)
    if wrong.size:
        k = int(wrong[0])
        raise ValueError(
            f"`signs` of {type(rule).__name__} must be those of its values, got"
            f" {signs[k]:+g} at {places[k]:.17g}, where it is {values[k]:g}; name the"
            " sign left of the first border, between them, and right of the last"
        )


def _told_at(x: Vector, told: Signs) -> Vector:
    """Return the signs told at places, 0 at and right beside borders."""
    ends = np.nextafter(told.upper[:, 0], np.inf)
    starts = np.nextafter(told.lower[:, 0], -np.inf)
    piece = np.searchsorted(ends, x, side="left")
    return np.where(x < np.append(starts, np.inf)[piece], told.signs[piece], 0.0)


def _are_clear(places: Vector, lower: Vector, upper: Vector, scale: float) -> Mask:
    """Return which places are so far from all borders, each between two doubles, that rounding
    decides nothing there, of inputs of that scale.
    """
    piece = np.searchsorted(upper, places)
    after = places - np.append(-np.inf, upper)[piece]
    before = np.append(lower, np.inf)[piece] - places
    margin = nearness(np.maximum(scale, np.abs(places)), after + before)
    return np.asarray((after > margin) & (before > margin))


def _beside(sample: Sample, decided: Vector, domain: tuple[float, float]) -> Vector:
    """Return places in the gaps beside observations that are decided otherwise than labelled: by
    these signs, 0 where nobody knows.
    """
    x = sample.x
    other = np.flatnonzero(decided * sample.y < 0.0)
    if other.size > _MOST:
        other = other[np.linspace(0, other.size - 1, _MOST).round().astype(np.intp)]
    right = other[other < x.size - 1]
    left = other[other > 0]
    found = np.concatenate(
        [
            (x[right, None] + _SHARES * np.diff(x)[right, None]).ravel(),
            (x[left, None] - _SHARES * np.diff(x)[left - 1, None]).ravel(),
        ]
    )
    inside = (found > domain[0]) & (found < domain[1]) & ~np.isin(found, x)
    return np.unique(found[inside])
