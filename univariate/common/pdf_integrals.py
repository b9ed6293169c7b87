"""Laws by the integral of a pdf of someone's, moved and scaled; one that is negative, or whose
integral is not 1, is refused.
"""

import warnings
from collections.abc import Callable
from math import inf, nan
from typing import Any, Final, NamedTuple

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.integrated import Integral, integral

_SLACK: Final = 1e-6  # of probabilities, whose constants are rounded
_MISSED: Final = 1e-10  # more may be a peak, or a gap, that was not seen
_FINER: Final = 16
_BELOW: Final = 1e-12  # of the largest values seen, what a pdf may be negative by
_COMPARED: Final = 17  # points that tell whether a pdf takes arrays


class Moved(NamedTuple):
    """The integral of a pdf, moved and scaled."""

    found: Integral
    loc: float
    scale: float

    def cdf(self, x: Any) -> Any:
        """Return the probability up to x."""
        return self.found.cdf((np.asarray(x) - self.loc) / self.scale)

    def sf(self, x: Any) -> Any:
        """Return the probability from x on."""
        return self.found.sf((np.asarray(x) - self.loc) / self.scale)

    def error(self, start: Any, end: Any) -> float:
        """Return what the probability of disjoint intervals may be off by."""
        places = ((np.asarray(x) - self.loc) / self.scale for x in (start, end))
        return self.found.error(*places)

    def ppf(self, q: Any) -> Any:
        """Return a quantile."""
        return self.loc + self.scale * self.found.ppf(q)


def moved_integral(pdf: "PdfOf", ends: tuple[float, float], loc: float, scale: float) -> Moved:
    """Return the integral of a pdf over its support, moved and scaled.

    Raises ValueError for a pdf that is negative, or whose integral is not 1.
    """
    with warnings.catch_warnings():  # of where it overflows
        warnings.simplefilter("ignore")
        found = integral(pdf, ends)
        if abs(found.total - 1.0) > _MISSED:
            found = integral(pdf, ends, _FINER)
    pdf.require_one(found.total)
    return Moved(found, loc, scale)


class PdfOf:
    """A pdf of someone's, asked at arrays, or a number at a time where it takes only that;
    messages name the argument that it came by.
    """

    def __init__(
        self, argument: str, name: str, function: Callable[..., Any], shapes: tuple[Any, ...]
    ) -> None:
        self._must = f"`{argument}` must"
        self._name = name
        self._function = function
        self._shapes = shapes
        self._takes_arrays: bool | None = None

    def __call__(self, x: Vector) -> Vector:
        """Return the values at points; NaN where there is none."""
        if self._takes_arrays is None:
            self._takes_arrays = self._agrees(x[:: max(1, len(x) // _COMPARED)])
            self._require_numbers(float(x[len(x) // 2]))
        found = self._at_all(x) if self._takes_arrays else self._one_by_one(x)
        largest = np.max(found, where=np.isfinite(found), initial=1.0)
        wrong = np.flatnonzero(found < -_BELOW * largest)
        if wrong.size:
            raise ValueError(
                f"{self._must} have a pdf that is not negative, got {found[wrong[0]]:.6g} of"
                f" {self._name} at {x[wrong[0]]:.6g}; check it"
            )
        return found

    def require_one(self, total: float) -> None:
        """Raise ValueError if this is the integral, and not 1."""
        if abs(total - 1.0) > _SLACK:
            missed = ", or give it a _cdf if it has peaks or poles too narrow"
            raise ValueError(
                f"{self._must} have the probability 1 on its support, got {total:.6g} of"
                f" {self._name}, the integral of its pdf; give its pdf the right constant"
                f"{'' if total > 1.0 else missed}"
            )

    def _require_numbers(self, at: float) -> None:
        """Raise ValueError for a pdf that does not give one number for one."""
        try:
            found = np.asarray(self._function(at, *self._shapes), dtype=np.float64)
            got = f"shape {found.shape}" if found.size != 1 else f"{found.item():g}"
            fails = found.size != 1
        except ZeroDivisionError:  # a pole
            return
        except Exception as error:  # whatever it raises
            got = f"{type(error).__name__}: {error}"
            fails = not self._takes_arrays
        if fails:
            raise ValueError(
                f"{self._must} have a pdf that gives one number, got {got} of {self._name} at"
                f" {at:g}; check it"
            )

    def _agrees(self, x: Vector) -> bool:
        """Whether arrays give what numbers do; numbers are what scipy asks it for."""
        try:
            together = self._at_all(x)
        except Exception:  # whatever it raises
            return False
        singly = self._one_by_one(x)
        if np.all(np.isnan(singly)):
            return True
        return bool(np.allclose(together, singly, rtol=1e-9, atol=0.0, equal_nan=True))

    def _at_all(self, x: Vector) -> Vector:
        # a copy: it may change x in place
        found = np.asarray(self._function(x.copy(), *self._shapes), dtype=np.float64)
        return np.array(np.broadcast_to(found, x.shape))

    def _one_by_one(self, x: Vector) -> Vector:
        return np.array([self._number(at) for at in x.tolist()])

    def _number(self, at: float) -> float:
        try:
            return float(np.asarray(self._function(at, *self._shapes)).item())
        except ZeroDivisionError:  # a pole
            return inf
        except Exception:  # as beyond the range of doubles
            return nan
