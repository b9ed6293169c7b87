"""Values of functions that decide by their sign, where the sign says nothing: probabilities and
their logarithms, and classes, −1 and 0, 1 and 2, or three and more from 0 on.
"""

from math import inf
from typing import Any, Final

import numpy as np

from univariate.common.warn import warn

_MOST: Final = 32  # classes


def has_wrapped(values: Any) -> bool:
    """Whether unsigned integers, an array or one, are so large that they may be negative numbers
    that wrapped around, as 2 y - 1 of labels 0.
    """
    kind = getattr(values, "dtype", np.dtype(float))
    return kind.kind == "u" and bool(np.any(values > np.iinfo(kind).max // 2))


class Codes:
    """Whether values that are seen in turn look like codes. 0 and 1 alone do not."""

    def __init__(self) -> None:
        self._low: Any = inf
        self._high: Any = -inf
        self._between = False
        self._classes = True
        self._below = True
        self._numbers: set[int] | None = set()  # whole ones, as long as there are no others

    def add(self, values: Any) -> None:
        """See an array of values, numbers of any kind."""
        self._low = min(self._low, values.min())
        self._high = max(self._high, values.max())
        self._between = self._between or bool(np.any((values > 0) & (values < 1)))
        self._classes = self._classes and bool(np.all((values == 1) | (values == 2)))
        self._below = self._below and bool(np.all((values == -1) | (values == 0)))
        if self._numbers is not None:
            few = bool(np.all((values >= 0) & (values < _MOST)))
            whole = few and bool(np.all(values == values // 1))  # of no infinite ones
            self._numbers = self._numbers | set(map(int, np.unique(values))) if whole else None

    def warn(self, name: str, *, everywhere: bool = False) -> None:
        """Warn the caller of these packages if the values of the function `name` do; where they
        are those of points everywhere, not of a few, also if none is above 0.
        """
        one_sign = self._low >= 0 or self._high <= 0
        if not one_sign or not self._low < self._high:
            return
        if self._below:
            found, way = "-1 and 0 alone", "classes, multiply by 2 and add 1"
        elif self._high <= 0 and everywhere:
            found, way = "no value above 0", "log-probabilities, subtract log(0.5)"
        elif self._high <= 0:
            return
        elif self._classes:
            found, way = "1 and 2 alone", "classes, subtract 1.5"
        elif self._between and self._high <= 1:
            found, way = "values from 0 to 1 alone", "probabilities, subtract 0.5"
        elif self._numbers is not None and len(self._numbers) > 2:
            found = f"whole numbers from {min(self._numbers)} to {max(self._numbers)} alone"
            way = "classes, pass +1 where they are the right one, and -1 elsewhere"
        else:
            return
        warn(
            f"`{name}` decides by its sign and gives {found}: if these are {way}; if not, pass"
            " numpy.sign of them"
        )
