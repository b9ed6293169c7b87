"""Families of someone's own for scipy that have a pdf and no cdf, as laws: their pdf is integrated
once, to rounding, and all is asked of that.

scipy takes a pdf as it is: one without its constant gave clean errors as much too large.
"""

import warnings
from collections.abc import Callable
from functools import partial
from math import inf, nan
from typing import Any, Final, NamedTuple

import numpy as np

from univariate.common.arrays import Vector
from univariate.problem.integrated import Integral, integral
from univariate.problem.laws import Law, integrated

_SLACK: Final = 1e-6  # of probabilities, whose constants are rounded
_MISSED: Final = 1e-10  # more may be a peak, or a gap, that was not seen
_FINER: Final = 16
_BELOW: Final = 1e-12  # of the largest values seen, what a pdf may be negative by
_COMPARED: Final = 17  # points that tell whether a pdf takes arrays
CDF: Final = ("_cdf", "_cdf_single", "cdf")
"""Methods by which a family says its cdf."""

INTEGRALS: Final = ("gausshyper", "genhyperbolic", "geninvgauss", "norminvgauss")
"""Families of scipy with a cdf that is an integral, of nothing or of all far from where x lies."""


def has_own(family: Any, *methods: str) -> bool:
    """Whether a family says any of these itself, and does not have them of `rv_continuous`."""
    from scipy import stats

    return any(
        getattr(type(family), name) is not getattr(stats.rv_continuous, name) for name in methods
    )


def require_methods(name: str, family: Any) -> None:
    """Raise TypeError for a family that has none of the methods that scipy makes a law of, or has
    one of them without the underscore, past scipy's ends and parameters.
    """
    whole = all(has_own(family, one) for one in ("cdf", "sf", "ppf"))
    if whole or has_own(family, "_pdf", "_cdf", "_cdf_single"):
        return
    listed = ("pdf", "cdf", "sf", "ppf", "logpdf", "_sf", "_ppf", "_logpdf")
    known = [one for one in listed if has_own(family, one)]
    raise TypeError(
        f"`density` must be of a family with a _cdf or a _pdf, got {name} with"
        f" {', '.join(known) or 'neither'}; define _cdf(self, x), of which scipy makes all others"
    )


def of_pdf(name: str, given: Any) -> tuple[Law, Callable[[Any], Any]] | None:
    """Return the law of a frozen distribution by the pdf of its family, and the cdf as it is
    integrated; None for families with a cdf that is none, and for parameters that are not allowed.

    Raises ValueError for a pdf that is negative, or whose integral is not 1.
    """
    family = given.dist
    is_scipys = family.name in INTEGRALS and type(family).__module__.startswith("scipy.")
    if not (is_scipys or (has_own(family, "_pdf") and not has_own(family, *CDF))):
        return None
    shapes, loc, scale = family._parse_args(*given.args, **given.kwds)
    low, high = map(float, family._get_support(*shapes))
    if not (np.all(family._argcheck(*shapes)) and 0.0 < scale < inf and low < high):
        return None
    pdf = _Pdf(name, family._pdf, shapes)
    with warnings.catch_warnings():  # of where it overflows
        warnings.simplefilter("ignore")
        found = integral(pdf, (low, high))
        if abs(found.total - 1.0) > _MISSED:
            found = integral(pdf, (low, high), _FINER)
    _require_one(name, found.total)
    moved = _Moved(found, float(loc), float(scale))
    draw = None if has_own(family, "_rvs", "_ppf") else partial(_draws, moved)
    ppf = given.ppf if has_own(family, "_ppf") else moved.ppf
    sf = given.sf if has_own(family, "_sf") and not is_scipys else moved.sf
    law = integrated(given, moved.cdf, sf, ppf, draw)
    return law._replace(error=moved.error), moved.cdf


def _require_one(name: str, total: float) -> None:
    if abs(total - 1.0) > _SLACK:
        missed = "" if total > 1.0 else ", or give it a _cdf if it has peaks or poles too narrow"
        raise ValueError(
            f"`density` must have the probability 1 on its support, got {total:.6g} of {name}, the"
            f" integral of its pdf; give its pdf the right constant{missed}"
        )


class _Moved(NamedTuple):
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


def _draws(moved: _Moved, size: int, generator: np.random.Generator) -> Vector:
    """Return quantiles of the numbers that scipy draws by."""
    return np.asarray(moved.ppf(generator.uniform(size=size)))


class _Pdf:
    """A pdf of someone's, asked at arrays, or a number at a time where it takes only that."""

    def __init__(self, name: str, function: Callable[..., Any], shapes: tuple[Any, ...]) -> None:
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
                f"`density` must have a pdf that is not negative, got {found[wrong[0]]:.6g} of"
                f" {self._name} at {x[wrong[0]]:.6g}; check it"
            )
        return found

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
                f"`density` must have a pdf that gives one number, got {got} of {self._name} at"
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
