"""A clean error on R^d with its interval, and what there is to say about it."""

from fractions import Fraction
from math import inf, log10

from highdim.error.regions import ErrorRegions
from highdim.problem.laws import SPHERE
from univariate.common.arrays import Vector
from univariate.common.enclosed import Number
from univariate.common.fingerprint import UNKNOWN
from univariate.common.result import Verdict, result


@result
class Estimate(Number):
    """A clean error with its interval.

    As a number it is its value: in arithmetic, in `error == 0`, `error < 0.1` and `if error:`. Two
    results are equal if they say the same in all fields; compare `.value` for the numbers alone.
    What is below the least double is 0 as a number; `log10_value` tells it from no error at all.

    Attributes
    ----------
    value : float
        The estimate; `float(result)` gives it too.
    low, high : float
        Interval that holds L_cl with probability `level`; an enclosure for arcs and triangles.
    samples : int
        Circles or points in the estimate; 0 for arcs; triangles that were looked at.
    verdict : Verdict
        HOLDS: the interval is vouched for at its level. UNDECIDED: it is not, and `note` says why:
        a few samples hold most of the error; descent found places of errors that no direction of
        line sampling leads to; errors are rare, and the search by splitting found none of them or
        was too slow; or splitting and uniform great circles, which know of no directions, find
        errors that the samples have missed; or lines exclude what splitting says. The interval is
        then as long as what they say can be measured, and may still be too short.
    method : str
        "arcs", "circles", "lines", "points", "splitting" or "triangles"; "angles" and "quadrature"
        for the closed forms of Section 4.2, which enclose as arcs do.
    level : float
        Confidence asked for; 1 for enclosures.
    log10_value, log10_low, log10_high : float
        Decimal logarithms, good far below the least double; -inf for 0.
    pilot_samples : int
        Samples spent on the plan, none of them in the estimate.
    largest_share : float
        Part of the estimate that its largest sample holds. The interval is to be trusted only if
        this is small: where a few of the circles hold most of the error, others of their kind may
        have been missed.
    note : str
        What there is to say about the interval, if anything.
    exact : Fraction or None
        For arcs: L_cl itself, where it is known to be rational: 0 and 1, one arc between the zeros
        of one neuron or sum, nets without biases.
    intervals : ndarray, shape (r, 2), or None
        For arcs: the angles in [−π, π] at which N(cos φ, sin φ) ≤ 0.
    law : str
        What x is drawn from, the name of a law.
    regions : ErrorRegions or None
        Where the errors lie, if that was asked for; None also where no point in error was found.
    """

    value: float
    low: float
    high: float
    samples: int
    method: str
    level: float
    log10_value: float
    log10_low: float
    log10_high: float
    pilot_samples: int = 0
    largest_share: float = 0.0
    note: str = ""
    verdict: Verdict = Verdict.HOLDS
    exact: Fraction | None = None
    intervals: Vector | None = None
    regions: ErrorRegions | None = None
    law: str = SPHERE.name
    _subject: str = UNKNOWN

    def __float__(self) -> float:
        return self.value


def enclosure(value: float, low: float, high: float, samples: int, method: str) -> Estimate:
    """Return a clean error in an interval that holds it for certain."""
    logs = exponent(value), exponent(low), exponent(high)
    return Estimate(value, low, high, samples, method, 1.0, *logs)


def exponent(number: float) -> float:
    """Return the decimal logarithm, −inf for 0."""
    return log10(number) if number > 0.0 else -inf
