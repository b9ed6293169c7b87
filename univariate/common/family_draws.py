"""Draws from frozen distributions of `scipy.stats`, those of someone's own families too.

scipy draws by quantiles of uniform numbers. Of a family that says neither its quantiles nor how to
draw, it searches for each of them by itself, a thousand a second or so, and a few where it has to
integrate a pdf, which is off beside a gap.
"""

from collections.abc import Callable
from functools import partial
from math import inf, isfinite
from typing import Any, Final, NamedTuple

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.inverse import quantiles
from univariate.common.pdf_integrals import Moved, PdfOf, moved_integral

_USUAL: Final = ("rvs", "_rvs", "_ppf", "_ppf_single", "_ppf_to_solve", "_cdf_single")
"""What scipy searches by, unless a family says one of them itself."""

_TRIED: Final = np.arange(1.0, 18.0) / 18.0
_ALIKE: Final = 1e-9


def frozen_draws(given: Any, size: int, generator: np.random.Generator) -> Any:
    """Return independent draws of a frozen distribution, shape (size,): scipy's own, but for
    families whose quantiles it would search for one by one; of these, the quantiles of the same
    numbers, which are found together.

    Raises ValueError for one by a pdf that is negative, or whose integral is not 1.
    """
    found = _searched(given)
    if found is None:
        return given.rvs(size=size, random_state=generator)
    law = found.integral("law") if found.is_by_pdf else None
    levels = generator.uniform(size=size)
    return law.ppf(levels) if law else _quantiles(found, levels) * found.scale + found.loc


def require_integral(argument: str, given: Any) -> None:
    """Raise ValueError for a law of which scipy would integrate a pdf to draw, if that is negative,
    or its integral is not 1: what scipy draws is of no law.
    """
    found = _searched(given)
    if found is not None and found.is_by_pdf:
        found.integral(argument)


class _Searched(NamedTuple):
    """A law whose quantiles scipy searches for."""

    family: Any
    shapes: tuple[Any, ...]
    ends: tuple[float, float]
    loc: float
    scale: float

    @property
    def is_by_pdf(self) -> bool:
        """Whether its cdf is an integral that scipy makes."""
        return not (_says(self.family, "_cdf") or _says(self.family, "cdf"))

    def integral(self, argument: str) -> Moved:
        """Return the integral of its pdf."""
        pdf = PdfOf(argument, self.family.name, self.family._pdf, self.shapes)
        return moved_integral(pdf, self.ends, self.loc, self.scale)


def _searched(given: Any) -> _Searched | None:
    """Return a law whose quantiles scipy searches for; None for others, and for what it refuses."""
    from scipy import stats

    family: Any = getattr(given, "dist", given)
    base: Any = stats.rv_continuous
    if not isinstance(family, base) or type(family).__module__.startswith("scipy."):
        return None
    is_frozen = type(given) is type(stats.norm()) and "rvs" not in vars(given)
    is_whole = family is given and not family.numargs
    is_known = any(_says(family, name) for name in ("_cdf", "cdf", "_pdf"))
    if not (is_frozen or is_whole) or not is_known or any(_says(family, name) for name in _USUAL):
        return None
    args, keywords = getattr(given, "args", ()), getattr(given, "kwds", {})
    shapes, loc, scale = family._parse_args(*args, **keywords)
    if any(np.ndim(part) for part in (*shapes, loc, scale)):
        return None
    if not np.all(family._argcheck(*shapes)) or not 0.0 < scale < inf:
        return None
    low, high = map(float, family._get_support(*shapes))
    return _Searched(family, shapes, (low, high), float(loc), float(scale)) if low < high else None


def _says(family: Any, name: str) -> bool:
    """Whether a family, or this object of it, has a method that is not that of scipy's base."""
    from scipy import stats

    method = getattr(family, name)
    return getattr(method, "__func__", method) is not getattr(stats.rv_continuous, name)


def _quantiles(law: _Searched, levels: Vector) -> Vector:
    """Return quantiles, all together if the cdf takes arrays; scipy's where that finds none."""
    cdf = partial(_cdf, law)
    found = np.full(levels.shape, np.nan)
    try:
        first = quantiles(cdf, _TRIED, law.ends)
        if _takes_arrays(cdf, first):
            found = quantiles(cdf, levels, law.ends, first)
            # scipy's cdf is 0 at the lower end, also of a law with an atom there
            low = law.ends[0]
            found[isfinite(low) & (found == np.nextafter(low, inf))] = low
    except Exception:  # whatever a cdf of numbers raises
        found = np.full(levels.shape, np.nan)
    lost = np.isnan(found)
    if np.any(lost):
        found[lost] = law.family._ppf(levels[lost], *law.shapes)
    return found


def _cdf(law: _Searched, x: Vector) -> Any:
    return law.family.cdf(x, *law.shapes)


def _takes_arrays(cdf: Callable[[Any], Any], points: Vector) -> bool:
    """Whether a cdf is at arrays what it is at numbers, which scipy asks it for."""
    with np.errstate(all="ignore"):
        singly = [float(cdf(point)) for point in points.tolist()]
        return bool(np.allclose(cdf(points), singly, rtol=_ALIKE, atol=0.0))
