"""Values of functions that decide by their sign, where the sign says nothing: probabilities, and
classes 1 and 2.
"""

import warnings
from math import inf
from typing import Any

import numpy as np


class Codes:
    """Whether values that are seen in turn look like codes. 0 and 1 alone do not."""

    def __init__(self) -> None:
        self._low: Any = inf
        self._high: Any = -inf
        self._between = False
        self._classes = True

    def add(self, values: Any) -> None:
        """See an array of values, numbers of any kind."""
        self._low = min(self._low, values.min())
        self._high = max(self._high, values.max())
        self._between = self._between or bool(np.any((values > 0) & (values < 1)))
        self._classes = self._classes and bool(np.all((values == 1) | (values == 2)))

    def warn(self, name: str, stacklevel: int) -> None:
        """Warn the caller so many levels above if the values of the function `name` do."""
        if not 0 <= self._low < self._high:
            return
        if self._classes:
            found, kind, middle = "1 and 2 alone", "classes", 1.5
        elif self._between and self._high <= 1:
            found, kind, middle = "values from 0 to 1 alone", "probabilities", 0.5
        else:
            return
        warnings.warn(
            f"`{name}` decides by its sign and gives {found}: if these are {kind}, subtract"
            f" {middle}; if not, pass numpy.sign of them",
            UserWarning,
            stacklevel=stacklevel + 1,
        )
