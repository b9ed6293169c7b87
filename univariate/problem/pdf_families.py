"""Families of someone's own for scipy that have a pdf and no cdf, as laws: their pdf is integrated
once, to rounding, and all is asked of that.

scipy takes a pdf as it is: one without its constant gave clean errors as much too large.
"""

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any, Final

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.pdf_integrals import Moved, PdfOf, moved_integral
from univariate.problem.laws import Law, integrated

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
    pdf = PdfOf("density", name, family._pdf, shapes)
    moved = moved_integral(pdf, (low, high), float(loc), float(scale))
    draw = None if has_own(family, "_rvs", "_ppf") else partial(_draws, moved)
    ppf = given.ppf if has_own(family, "_ppf") else moved.ppf
    sf = given.sf if has_own(family, "_sf") and not is_scipys else moved.sf
    law = integrated(given, moved.cdf, sf, ppf, draw)
    return law._replace(error=moved.error), moved.cdf


def _draws(moved: Moved, size: int, generator: np.random.Generator) -> Vector:
    """Return quantiles of the numbers that scipy draws by."""
    return np.asarray(moved.ppf(generator.uniform(size=size)))
