"""Clean errors by sampling: an estimate, its interval, and whether that is vouched for."""

from dataclasses import replace
from math import exp, inf, log, log1p
from typing import Final

import numpy as np

from highdim.error.directions import MOST
from highdim.error.estimate import Estimate
from highdim.error.form import Form
from highdim.error.intervals import Bounds
from highdim.error.lines import Directed, Lines
from highdim.error.plan import Choice, chosen, to_precision
from highdim.error.second_opinion import second_opinion
from highdim.error.unseen import Missed, missed
from highdim.error.wanted import Wanted
from univariate.common.result import Verdict

RARE: Final = 0.01  # errors that circles do not meet wherever they pass
HEAVY: Final = 0.1  # part of an estimate that a single sample should not hold
SURE: Final = 0.99  # of the part of errors that the samples have missed
LINES: Final = 512  # beside which splitting is put
CONFIDENT: Final = 0.999  # of their interval
EFFECTIVE: Final = 100.0  # equal samples that unequal ones should be worth
LN10: Final = log(10.0)
LOST: Final = "circles through poles of neurons meet none of the errors that others met"
_ANYWHERE: Final = {"circles": "great circles", "lines": "straight lines"}


def by_sampling(form: Form, wanted: Wanted, rng: np.random.Generator) -> Estimate:
    """Return an estimate by the estimator of a name, or the one of least variance for its cost."""
    found = by_choice(chosen(form, wanted.method, rng), wanted, rng)
    if wanted.method == "splitting" and found.verdict is Verdict.HOLDS:
        return _beside_lines(found, form, rng.spawn(1)[0])
    return found


def _beside_lines(found: Estimate, form: Form, rng: np.random.Generator) -> Estimate:
    """Return an estimate by splitting, not vouched for if line sampling excludes it for sure.

    Particles may all leave one of two places of errors, in every repetition alike. Lines in doubt
    have missed errors, and say how many there are at least.
    """
    asked = Wanted("lines", LINES, max(found.level, CONFIDENT), None)
    other = by_choice(chosen(form, "lines", rng), asked, rng)
    above = other.log10_low > found.log10_high and other.largest_share <= HEAVY
    below = other.log10_high < found.log10_low and other.verdict is Verdict.HOLDS
    if not (above or below):
        return found
    lower, larger = (other, found) if other.log10_low < found.log10_low else (found, other)
    says = f"lines say 10^{other.log10_low:.4g} to 10^{other.log10_high:.4g}"
    note = "; ".join(filter(None, [found.note, says]))
    return replace(
        found,
        value=larger.value,
        low=lower.low,
        high=larger.high,
        log10_value=larger.log10_value,
        log10_low=lower.log10_low,
        log10_high=larger.log10_high,
        note=note,
        verdict=Verdict.UNDECIDED,
    )


def by_choice(choice: Choice, wanted: Wanted, rng: np.random.Generator) -> Estimate:
    """Return an estimate by a chosen estimator."""
    estimator = choice.estimator
    bounds, spent = _drawn(choice, wanted, rng)
    doubt = _doubt(bounds, choice)
    verdict = Verdict.UNDECIDED if doubt else Verdict.HOLDS
    if wanted.method == "auto" and estimator.name in ("lines", "circles"):
        checked = second_opinion(bounds, choice, rng, wanted.level, in_doubt=bool(doubt))
        if checked is not None and (doubt or checked.disagrees):
            bounds, verdict = checked.bounds, Verdict.UNDECIDED
            doubt = "; ".join(filter(None, [doubt, checked.words]))
    if choice.seen is not None and verdict is Verdict.HOLDS and bounds.log_value > -inf:
        bounds, spent, doubt = _checked(choice, bounds, spent, wanted, rng.spawn(1)[0])
        verdict = Verdict.UNDECIDED if doubt else verdict
    note = "; ".join(filter(None, [_note(bounds, estimator.name, wanted.precision), doubt]))
    found = estimated(bounds, estimator.name, wanted.level)
    return replace(found, pilot_samples=spent, note=note, verdict=verdict)


def _drawn(choice: Choice, wanted: Wanted, rng: np.random.Generator) -> tuple[Bounds, int]:
    """Return an estimate of as many samples, or as precise, as wanted, and the samples spent before
    it.
    """
    if wanted.precision is not None:
        return to_precision(choice, wanted.precision, wanted.samples, rng, wanted.level)
    samples = wanted.samples or choice.estimator.default
    return choice.estimator.estimate(samples, rng, wanted.level), choice.pilots


def estimated(bounds: Bounds, method: str, level: float) -> Estimate:
    """Return an estimate with these bounds, vouched for."""
    return Estimate(
        value=exp(bounds.log_value),
        low=exp(bounds.log_low),
        high=exp(bounds.log_high),
        samples=bounds.samples,
        method=method,
        level=level,
        log10_value=bounds.log_value / LN10,
        log10_low=bounds.log_low / LN10,
        log10_high=bounds.log_high / LN10,
        largest_share=bounds.largest,
    )


def _checked(
    choice: Choice, bounds: Bounds, spent: int, wanted: Wanted, rng: np.random.Generator
) -> tuple[Bounds, int, str]:
    """Return bounds of line sampling after a look for what it has missed, the samples spent before,
    and what is said of that.

    Poles of neurons that errors lie about become directions, and the estimate is made again.
    """
    lines = choice.estimator
    assert isinstance(lines, Directed)
    assert choice.seen is not None
    places = choice.seen.places
    seen = missed(lines, bounds, places, (bounds.samples + spent) * lines.cost, rng)
    if isinstance(lines, Lines) and len(seen.toward):
        lines = lines.joined(seen.toward, MOST)
        spent += bounds.samples
        again = replace(choice, estimator=lines, variance=bounds.variance, pilots=spent)
        bounds, spent = _drawn(again, wanted, rng)
        doubt = LOST if bounds.log_value == -inf else _doubt(bounds, again)
        if doubt:
            return bounds, spent, doubt
        seen = missed(lines, bounds, places, bounds.samples * lines.cost, rng)
    bounds, doubt = _with_missed(bounds, seen, lines.curves)
    return bounds, spent, doubt


def _with_missed(bounds: Bounds, seen: Missed, curves: str) -> tuple[Bounds, str]:
    """Return bounds that allow for errors on curves unlike any sample, and what is said of
    these.
    """
    found = []
    if seen.unlike:
        found.append(f"{seen.unlike} of {seen.points} points in error")
    if seen.places:
        found.append(f"{seen.places} places of errors")
    if seen.crossed:
        found.append(f"errors on {seen.crossed} uniform {_ANYWHERE[curves]}")
    if not found:
        return bounds, ""
    words = ", ".join(found) + f" lie on {curves} that hold more than any sample"
    return bounds._replace(log_high=_high(bounds, seen)), words


def _high(bounds: Bounds, seen: Missed) -> float:
    """Return the end of an interval that holds what was missed, too."""
    high = min(bounds.log_high, 0.0)
    if seen.crossed:
        high = min(log(exp(high) + seen.behind), 0.0)
    if not seen.unlike:
        return high
    # as many of them as may well be behind those that were found (Clopper and Pearson)
    from scipy.special import betaincinv

    share = float(betaincinv(seen.unlike + 1.0, max(seen.points - seen.unlike, 1), SURE))
    return max(high, min(bounds.log_high - log1p(-share), 0.0))


def _doubt(bounds: Bounds, choice: Choice) -> str:
    """Return why an interval is not vouched for; empty if it is."""
    if choice.estimator.name == "splitting":
        stopped = "a repetition came to a stop, as N is constant where it was"
        return stopped if bounds.largest == 1.0 else ""
    if choice.estimator.name == "points" or bounds.log_value == -inf:
        return ""
    if choice.seen is not None and exp(bounds.log_value) < RARE:
        if choice.seen.left_out:
            return f"no direction leads to {choice.seen.left_out} of the places of errors"
        if not choice.seen.searched:
            return "splitting found no points in error, by which to direct lines, or was too slow"
    if bounds.largest > HEAVY:
        part = f"{bounds.largest:.0%} of the estimate"
        return f"one of {bounds.samples} samples holds {part}, draw more"
    effective = bounds.samples / (1.0 + bounds.variance)
    if effective < EFFECTIVE:
        return f"{bounds.samples} samples are worth {effective:.0f} equal ones, draw more"
    return ""


def _note(bounds: Bounds, method: str, precision: float | None) -> str:
    if bounds.log_value == -inf:
        return f"no error in {bounds.samples} samples: an upper bound only"
    notes = []
    if precision is not None and bounds.half_width > precision:
        notes.append(
            f"precision {precision:g} not reached in {bounds.samples} samples,"
            f" {bounds.half_width:.2g} is"
        )
        if bounds.rounding > precision:
            notes.append(f"rounding hides the sign of N on {bounds.rounding:.0%} of it")
    return "; ".join(notes)
