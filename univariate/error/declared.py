"""Signs that someone declares for a function of x fitted to a sample, asked beside the data.

A fitted rule mostly errs beside observations that have another label than most: where a declaration
leaves out a change of sign, it is there.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from univariate.common.arrays import Vector
from univariate.problem.sample import Sample
from univariate.problem.truth import Truth
from univariate.problem.truth_sources import sign_at, signs_of_function
from univariate.problem.truth_text import Place

_MOST: Final = 64
"""Observations beside which a function is asked."""

_SHARES: Final = np.array([1 / 64, 1 / 4])
"""Where, as shares of the gaps on both sides; not at the observation, where a rule that
interpolates may have its label on a null set."""


def declared_steps(
    sample: Sample,
    function: Callable[[Any], Any],
    places: Sequence[Place],
    domain: tuple[float, float],
) -> Truth:
    """Return the signs of a function between its declared breakpoints, as a `Truth`.

    It is asked as by `Truth.of_function`, and beside observations that have another label than the
    sign declared there, 64 of them at most.

    Raises
    ------
    TypeError, ValueError
        As `signs_of_function`, or another sign than declared beside an observation.
    """
    signs = signs_of_function(function, places, domain, "function", stacklevel=4)
    steps = Truth(tuple(places), tuple(signs))
    for at in _beside(sample, steps, domain).tolist():
        declared = int(steps(np.array([at]))[0])
        if at in places or sign_at(function, at, "function") == declared:
            continue
        raise ValueError(
            f"`breakpoints` must hold every change of sign, got {-declared:+d} at {at:.17g} in a"
            f" piece where the function is {declared:+d} elsewhere; add the places on both sides"
        )
    return steps


def _beside(sample: Sample, steps: Truth, domain: tuple[float, float]) -> Vector:
    """Return places in the gaps beside observations whose labels are not the signs declared."""
    x = sample.x
    other = np.flatnonzero(steps(x) != sample.y)
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
