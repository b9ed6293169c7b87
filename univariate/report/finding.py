"""What a report says in words: numbers with their certain digits, and the sentence at its end."""

from fractions import Fraction
from math import floor, log10
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from univariate.common.result import Verdict
from univariate.error.clean_error import CleanError
from univariate.paper.theorems import TheoremReport
from univariate.report.facts import FitFacts
from univariate.standing.certify import Standing

if TYPE_CHECKING:
    from scipy.stats.distributions import rv_frozen

METHODS: Final = {"flow": "gradient flow", "gd": "gradient descent"}

UNIFORM: Final = "uniform on [0, 1]"
"""The name of the density that is meant if none is given."""


def certain(error: CleanError) -> str:
    """Return a clean error with its certain digits, as "0.224061202423004 ± 2e-16".

    Digits stop where the enclosure's width begins. The radius is rounded up and covers the
    enclosure as seen from the number printed; it is left out where that is exact.
    """
    low = Fraction(error.low)
    high = Fraction(error.high)
    width = float(high - low)
    text = f"{error.value:.17g}"
    if error.value != 0.0 and width != 0.0:
        begin = floor(log10(width))  # the decimal place in which the enclosure begins to be wide
        if error.value < 1e-4:
            digits = floor(log10(error.value)) - begin
            text = f"{error.value:.{min(16, max(0, digits))}e}"
        else:
            text = f"{error.value:.{min(17, max(1, -begin))}f}"
    # of the number as printed, which is not quite the value
    radius = max(high - Fraction(text), Fraction(text) - low)
    return f"{text} ± {_rounded_up(radius)}" if radius > 0 else text


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the singular where there is one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def density_name(density: "rv_frozen | None") -> str:
    """Return a density in words, as "beta(2, 5)"."""
    if density is None:
        return UNIFORM
    given = [*(_number(value) for value in density.args)]
    given += [f"{key}={_number(value)}" for key, value in density.kwds.items()]
    return f"{getattr(density.dist, 'name', density.dist)}({', '.join(given)})"


def agree(first: CleanError, second: CleanError) -> bool:
    """Whether two clean errors have overlapping enclosures: nothing proves them different."""
    return first.low <= second.high and second.low <= first.high


def against(value: CleanError, other: CleanError, name: str) -> str:
    """Return how far a clean error is above another one, in words."""
    if agree(value, other):
        return f"that of {name}"
    more = value.value - other.value
    return f"{abs(more):.4g} {'above' if more > 0.0 else 'below'} that of {name}"


def same_set(first: CleanError, second: CleanError) -> bool:
    """Whether the errors lie in the same intervals, up to rounding of their ends."""
    one, other = first.intervals, second.intervals
    if one.shape != other.shape:
        return False
    return bool(np.all(np.abs(one - other) <= 4.0 * np.spacing(np.abs(other) + 1.0)))


def finding(
    fits: FitFacts,
    theorem: TheoremReport,
    nearest: CleanError,
    of_optimum: CleanError,
) -> str:
    """Return in one sentence what was learnt."""
    value, standing = theorem.clean_error, theorem.standing
    if fits.verdict is not Verdict.HOLDS:
        label = "+1" if fits.label > 0.0 else "−1"
        return (
            f"The net does not interpolate (worst at x = {fits.x:.6g}, label {label}: y N(x) ="
            f" {fits.margin:.4g}), so no theorem speaks of it; its clean error is"
            f" {value.value:.4g}, that of the max-margin net {of_optimum.value:.4g}."
        )
    if standing is not None and standing.level == "global minimum":
        return _of_optimum(value, nearest, theorem)
    compared = against(value, of_optimum, "the max-margin net")
    return f"{_standing(standing)}; its clean error {value.value:.4g} is {compared}."


def _of_optimum(value: CleanError, nearest: CleanError, theorem: TheoremReport) -> str:
    rule = f"almost as the 1-nearest-neighbour rule ({nearest.value:.4g})"
    if same_set(value, nearest):
        rule = "exactly where the 1-nearest-neighbour rule errs"
    if value.value == 0.0:
        return "The max-margin net makes no error: N > 0 almost everywhere."
    if theorem.p == 0.0:
        return f"The max-margin net errs {rule}: {value.value:.4g} of the mass."
    ratio = f"{value.value / theorem.p:.3g} times the noise level p = {theorem.p:.4g}"
    tempered = ", tempered as Theorem 3.2 says" if theorem.verdict is Verdict.HOLDS else ""
    return f"The max-margin net errs {rule}: on {value.value:.4g} of the mass, {ratio}{tempered}."


def _standing(standing: Standing | None) -> str:
    """Say at which level a net that is no proved optimum stands, and at what cost."""
    if standing is None:
        return "The net interpolates, though Problem (1) is not about its architecture"
    best = standing.global_minimum
    cost = f"at {best.norm_squared / best.dual_norm_squared:.4g} times the least norm²"
    if best.verdict is Verdict.HOLDS:
        cost = f"at a norm² within {best.duality_gap:.2g} of the least"
    undecided = {
        "feasible": f"The net interpolates and is a KKT point to {standing.kkt.accuracy:.2g}",
        "kkt": "The net is a KKT point, whether a local minimum is undecided",
        "local minimum": "The net is a local minimum",
    }
    decided = {
        "feasible": "The net interpolates and is no KKT point",
        "kkt": "The net is a KKT point and no local minimum",
        "local minimum": "The net is a local minimum and not the global one",
    }
    words = undecided if standing.next_verdict is Verdict.UNDECIDED else decided
    return f"{words[standing.level]}, {cost}"


def _rounded_up(radius: Fraction) -> str:
    """Return a positive number with one digit, not below it."""
    exponent = floor(log10(float(radius)))
    unit = Fraction(10) ** exponent
    digit = -(-radius // unit)
    return f"{int(digit)}e{exponent:+03d}" if digit < 10 else f"1e{exponent + 1:+03d}"


def _number(value: Any) -> str:
    """Return a number in full, so that the name identifies the density."""
    return repr(float(value)).removesuffix(".0")
