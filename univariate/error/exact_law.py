"""Laws of x under which a clean error of rational borders is a fraction: uniform on an interval."""

import re
from fractions import Fraction
from typing import Final

from univariate.problem.density import Density
from univariate.problem.law_text import parsed

_OLD: Final = re.compile(r"uniform\([^()]*\)")
_NEW: Final = re.compile(r"Uniform\(a=[^,()]*, b=[^,()]*\)")


def exact_ends(law: Density, remedy: str) -> tuple[float, float]:
    """Return the ends of the interval that a law is uniform on, which are doubles.

    Raises ValueError, with that remedy, for another law, or an end that is no double.
    """
    if law.is_uniform:
        return 0.0, 1.0
    ends = law.support()
    if _NEW.fullmatch(law.name) or (_OLD.fullmatch(law.name) and _are_whole(law.name, ends)):
        return ends
    raise ValueError(
        "`sample` must have a law that is uniform between two doubles, for an error that is a"
        f" fraction, got x {law.name}; {remedy}"
    )


def _are_whole(name: str, ends: tuple[float, float]) -> bool:
    """Whether the sum of the parameters of a uniform law of scipy, its end, is not rounded."""
    given = parsed(name)
    _, low, width = given.dist._parse_args(*given.args, **given.kwds)
    exact = Fraction(float(low)) + Fraction(float(width))
    return (Fraction(float(low)), exact) == tuple(map(Fraction, ends))
