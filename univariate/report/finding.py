"""What a report says in words: numbers with their certain digits, and the sentence at its end."""

from fractions import Fraction
from math import ceil, floor, log10
from typing import Final

import numpy as np

from univariate.common.result import Verdict
from univariate.common.words import at_most, counted, noise_name
from univariate.error import digits
from univariate.error.clean_error import CleanError
from univariate.error.noisy_error import NoisyError
from univariate.optimum.norm_ratio import NormRatio
from univariate.optimum.optimum_error import OptimumError
from univariate.paper.theorems import TheoremReport
from univariate.problem.density import Density
from univariate.problem.truth import ALWAYS
from univariate.report.facts import FitFacts, SampleFacts
from univariate.standing.certify import Standing

METHODS: Final = {"flow": "gradient flow", "gd": "gradient descent"}


def certain(error: CleanError | NoisyError) -> str:
    """Return an error with its certain digits, as "0.224061202423004 ± 2e-16"."""
    return digits.certain(error.value, error.low, error.high)


def against(value: CleanError, other: CleanError, name: str) -> str:
    """Return how far a clean error is above another one, in words."""
    if value.agrees(other):
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
    of_optimum: OptimumError | None,
) -> str:
    """Return in one sentence what was learnt."""
    value, standing = theorem.clean_error, theorem.standing
    if fits.verdict is not Verdict.HOLDS:
        label = "+1" if fits.label > 0.0 else "−1"
        best = ""
        if of_optimum is not None:
            best = f", that of the {of_optimum.name} {of_optimum.best.value:.4g}"
        return (
            f"The net does not interpolate (worst at x = {fits.x:.6g}, label {label}: y N(x) ="
            f" {fits.margin:.4g}), so no theorem speaks of it; its clean error is"
            f" {value.value:.4g}{best}."
        )
    if of_optimum is None:
        return f"{_standing(standing, None)}; its clean error is {value.value:.4g}."
    if standing is not None and standing.level == "global minimum":
        return _of_optimum(value, nearest, theorem, of_optimum)
    compared = against(value, of_optimum.best, f"the {of_optimum.name}")
    words = _standing(standing, of_optimum)
    return f"{words}; its clean error {value.value:.4g} is {compared}."


def misplaced(facts: SampleFacts) -> str:
    """Say that inputs lie outside the domain of x, where a clean error does not look; "" if none
    do.
    """
    if not facts.outside:
        return ""
    low, high = facts.domain
    lie = "lies" if facts.outside == 1 else "lie"
    return (
        f"{facts.outside:,} of {counted(facts.size, 'input')} {lie} outside [{low:g}, {high:g}],"
        " where clean errors do not look: if x has another law, pass it as `density`, e.g."
        f" {_around(facts)}. "
    )


def _around(facts: SampleFacts) -> str:
    """Return a uniform law that all inputs lie in, as text that is understood.

    Its begin and its width are rounded outwards to two digits of the width; where doubles hardly
    tell the inputs apart it is as wide as is needed.
    """
    unit = Fraction(10) ** (floor(log10(facts.high - facts.low or abs(facts.low) or 1.0)) - 1)
    low = float(floor(Fraction(facts.low) / unit) * unit)
    width = max(10, ceil((Fraction(facts.high) - Fraction(low)) / unit)) * unit
    while not _holds(text := f"uniform({_plain(low)}, {_plain(float(width))})", facts):
        width *= 2
    return f"--density '{text}'"


def _holds(text: str, facts: SampleFacts) -> bool:
    """Whether a law is understood, and has mass around every input."""
    try:
        low, high = Density.named(text).support()
    except ValueError:
        return False
    return low <= facts.low and facts.high <= high


def _plain(value: float) -> str:
    return repr(value).removesuffix(".0")


def _of_optimum(
    value: CleanError, nearest: CleanError, theorem: TheoremReport, of_optimum: OptimumError
) -> str:
    """Say where the optimum errs; where that is not known, where a net of nearly its norm does."""
    name, about = "The max-margin net", value
    if of_optimum.exact is None:
        gap = theorem.standing.global_minimum.duality_gap if theorem.standing else 1.0
        name = f"The net, a global minimum to a relative {at_most(gap, 1)} of ‖θ‖²,"
    else:
        about = of_optimum.exact
    rule = f"almost as the 1-nearest-neighbour rule ({nearest.value:.4g})"
    if same_set(about, nearest):
        rule = "exactly where the 1-nearest-neighbour rule errs"
    return f"{name} {_share(about, rule, theorem)}{_in_doubles(value, of_optimum)}."


def _in_doubles(value: CleanError, of_optimum: OptimumError) -> str:
    """Say what the net examined has instead, if it is proved to err elsewhere than the optimum."""
    if of_optimum.exact is None or of_optimum.confirms(value):
        return ""
    more = value.value - of_optimum.exact.value
    side = "more" if more > 0.0 else "less"
    return f"; the net in doubles has {abs(more):.2g} {side}"


def _share(value: CleanError, rule: str, theorem: TheoremReport) -> str:
    """Return on how much of the mass the optimum errs, against the noise."""
    if value.value == 0.0:
        sign = "N" if value.truth == ALWAYS.name else "N f*"
        return f"makes no error: {sign} > 0 almost everywhere"
    if theorem.p == 0.0:
        return f"errs {rule}: {value.value:.4g} of the mass"
    rate = f"{noise_name(theorem.p_given)} = {theorem.p:.4g}"
    flipped = "−1" if value.truth == ALWAYS.name else "against the truth"
    level = "noise level" if theorem.p_given else f"share of labels {flipped}"
    ratio = f"{value.value / theorem.p:.3g} times the {level} {rate}"
    tempered = ", tempered as Theorem 3.2 says" if theorem.verdict is Verdict.HOLDS else ""
    return f"errs {rule}: on {value.value:.4g} of the mass, {ratio}{tempered}"


def _standing(standing: Standing | None, of_optimum: OptimumError | None) -> str:
    """Say at which level a net that is no proved optimum stands, and at what cost."""
    if standing is None:
        return "The net interpolates, though Problem (1) is not about its architecture"
    best = standing.global_minimum
    cost = "the least norm² unknown"
    if of_optimum is not None:
        ratio = best.norm_squared / of_optimum.optimum.norm_squared
        cost = NormRatio.of(ratio, of_optimum.optimum).words()
    if best.verdict is Verdict.HOLDS:
        cost = f"at a norm² within {at_most(best.duality_gap, 2)} of the least"
    near = "The net interpolates, whether it is a KKT point is undecided"
    if standing.kkt.accuracy < 1.0:
        near = f"The net interpolates and is a KKT point to {standing.kkt.accuracy:.2g}"
    undecided = {
        "feasible": near,
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
