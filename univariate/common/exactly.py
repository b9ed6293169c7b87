"""Numbers of Python that are no floats, as doubles: exactly, or not at all."""

from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np
from numpy.typing import NDArray

from univariate.common.arrays import Vector


def is_truth_value(value: Any) -> bool:
    """Whether something is True or False, or an array or tensor of these."""
    kind = str(getattr(value, "dtype", "")).removeprefix("torch.")
    return isinstance(value, bool) or kind == "bool"


def exact_fraction(value: Any) -> Fraction | None:
    """Return the number that an int, a Fraction or a finite Decimal is; None for anything else."""
    if isinstance(value, Rational) and not is_truth_value(value):
        return Fraction(value)
    if isinstance(value, Decimal) and value.is_finite():
        return Fraction(value)
    return None


def exact_doubles(name: str, entries: NDArray[Any]) -> Vector:
    """Return an array of objects as doubles of its shape.

    Raises
    ------
    TypeError
        An entry that is no real number.
    ValueError
        A number that is no double.
    """
    found = np.empty(entries.shape)
    for place, entry in np.ndenumerate(entries):
        found[place] = _exact_double(name, entry)
    return found


def _exact_double(name: str, entry: Any) -> float:
    exact = exact_fraction(entry)
    if exact is None:
        # Decimals that are infinite or no number are refused with floats of the kind
        if isinstance(entry, float | np.floating | Decimal):
            return float(entry)
        raise TypeError(
            f"`{name}` must hold real numbers, got {_shown(entry)}; pass an array or a list of"
            " floats"
        )
    try:
        near = float(exact)
    except OverflowError:
        near = 0.0
    if Fraction(near) != exact:
        raise ValueError(
            f"`{name}` holds numbers that float64 cannot hold exactly, such as {_shown(entry)};"
            f" round them yourself, by [float(one) for one in {name}]"
        )
    return near


def _shown(entry: Any) -> str:
    text = repr(entry)
    return text if len(text) <= 40 else f"{text[:40]}..."
