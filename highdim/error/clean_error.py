"""Clean error L_cl = Pr[N(x) ≤ 0] of a network on R^d, for x uniform on the unit sphere S^(d−1).

Zero counts as an error, so regions on which every neuron is off count whole. Exact for d = 2,
enclosed for d = 3; otherwise estimated without bias, always with an interval. Source: Section 4;
the estimators are new, see their modules.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import exp, inf, log, log1p, log10
from typing import Any

import numpy as np

from highdim.error.arcs.circle import error_on_circle
from highdim.error.form import Form, normal_form
from highdim.error.intervals import Bounds
from highdim.error.lines import Lines
from highdim.error.plan import Choice, chosen, to_precision
from highdim.error.regions import ErrorRegions, on_circle, sampled
from highdim.error.second_opinion import second_opinion
from highdim.error.triangles import CELLS, PRECISION, error_on_sphere
from highdim.error.unseen import Missed, missed
from highdim.problem.network import Network, TwoLayerNet, require_network
from highdim.problem.sample import SphereSample, require_sample
from highdim.problem.truth import agreement
from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.fingerprint import UNKNOWN
from univariate.common.result import Number, Verdict

METHODS = ("auto", "arcs", "circles", "lines", "points", "splitting", "triangles")
LN10 = log(10.0)
RARE = 0.01  # errors that circles do not meet wherever they pass
HEAVY = 0.1  # part of an estimate that a single sample should not hold
LEVEL = 0.95  # of the intervals of regions, where the error itself has an enclosure
NARROW = 0.01  # half width of an enclosure, relative, that asks for no sample
SURE = 0.99  # of the part of errors that the samples have missed
EFFECTIVE = 100.0  # equal samples that unequal ones should be worth


@dataclass(frozen=True, repr=False)
class Estimate(Number):
    """A clean error with its interval.

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
        was too slow; or splitting, which knows of no directions, disagrees. Where it was asked, the
        interval holds what it says, too.
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
    _subject: str = UNKNOWN

    def __float__(self) -> float:
        return self.value


def clean_error(  # noqa: PLR0913 (keywords, each a question of its own)
    net: Network,
    *,
    method: str = "auto",
    samples: int | None = None,
    rng: Any = None,
    level: float = 0.95,
    precision: float | None = None,
    regions: bool = False,
    sample: SphereSample | None = None,
    truth: TwoLayerNet | None = None,
) -> Estimate:
    """Return L_cl(N) = Pr[N(x) f*(x) ≤ 0] for x uniform on the unit sphere; f* is +1 by default.

    Parameters
    ----------
    net : TwoLayerNet or ThreeLayerNet
        Of inputs in R^d, d ≥ 2.
    method : {"auto", "arcs", "circles", "lines", "points", "splitting", "triangles"}
        "arcs": exact, for d = 2 only. "triangles": an enclosure, for d = 3 only. "circles": 8
        equally spaced points on random great circles, for d up to some 30. "lines": all errors on
        random great circles through the directions in which N falls, weighted by the sphere's
        measure, for nets that are nearly linear and for errors however small. "points": plain
        points. "splitting": multilevel splitting, slow and blind to directions. "auto": arcs for d
        = 2; triangles for d = 3, if these enclose the error to 1 % or to `precision`; otherwise
        what pilots find to have the least variance for its cost, and splitting to check it, for a
        quarter of that cost or where there is a doubt.
    samples : int, optional
        Circles or points to draw, at least 2; by default 16,384 circles, 2048 lines (that many
        through every direction), 100,000 points or 16 repetitions of splitting. With `precision`,
        the most in one round.
    rng : int or numpy.random.Generator
        Not needed for arcs, and for triangles where these are asked for, unless regions are wanted
        that have to be sampled. The same seed gives the same bits.
    level : float
        Confidence of the interval, in (0, 1).
    precision : float, optional
        Draw until half the interval is at most this part of the value. Given up after about a
        minute's work, and without a single error sooner, unless `samples` says otherwise; then
        `note` says so. Triangles are cut until 1e-6 by default, or until there are `samples`,
        400,000 by default, fewer for wide nets.
    regions : bool
        Whether to look for the regions in which the errors lie, by 32 more repetitions of
        splitting; not needed where the error is 0.
    sample : SphereSample, optional
        Whose observations own the errors nearest to them; `regions` is understood then. Its truth
        is meant unless another is given.
    truth : TwoLayerNet, optional
        A net whose sign is f*, say `half_space(direction, offset)`; where it is 0, everything is an
        error. For nets of two layers only. Regions where N or the truth vanishes count for the
        value and `high`, but only on the circle for `low`.

    Returns
    -------
    Estimate
        Arcs: exact signs, the value rounded once, enclosed to a few ulps. Triangles: an enclosure,
        rigorous with its rounding, whatever the net. Points: an interval of Clopper and Pearson,
        which always covers.
        Circles, lines: means of independent shares, with an interval corrected for skewness, and
        longer for what may hide from all samples; it covers in the limit of many, if they meet the
        errors: benchmarks/coverage.py measures how well. Lines look for places of errors where
        single neurons pull N down, and by descent, also from points that a short search by
        splitting finds; one that none of them meets is left to chance, as it is with any sampling.
        Without a hit the value and `low` are 0, and `high` is 1 − ((1 − level)/2)^(1/samples).
        Values of N within a bound on their rounding error count as 0 for the value and `high`, not
        for `low`.

    Raises
    ------
    TypeError, ValueError
        No such net, method or seed, d = 1, arcs for d > 2, triangles for d ≠ 3, numbers out of
        range.

    Cost, for width n: O(n log n) for arcs; a triangle O(n), of which generic nets need some 10⁴ for
    six digits; a point is O(n min(n, d)), a circle that and O(n log n);
    three layers add O(n1 n2) a point or circle.

    Examples
    --------
    >>> from highdim import TwoLayerNet, clean_error
    >>> found = clean_error(TwoLayerNet(v=[1.0, 1.0], W=[[1.0, 0.0], [0.0, 1.0]], b=None))
    >>> found.value, found.method
    (0.25, 'arcs')
    """
    require_network(net)
    if truth is None and isinstance(sample, SphereSample):
        truth = sample.truth
    if truth is not None:
        net = agreement(net, truth)
    _check_method(net, method)
    if samples is not None:
        samples = check.count("samples", samples, least=2)
    level = check.probability("level", level, open_interval=True)
    if precision is not None and not (precision := check.real("precision", precision)) > 0.0:
        raise ValueError(
            f"`precision` must be positive, got {precision}; pass e.g. 0.01 for one per cent"
        )
    regions = bool(regions) or sample is not None
    if sample is not None:
        _require_dimension(net, sample)
    if net.dimension == 2 and method in ("auto", "arcs"):
        found = _by_arcs(net)
    elif method == "triangles":
        found = _by_triangles(normal_form(net), samples, precision)
    else:
        form = normal_form(net)
        generator = check.generator(rng)
        enclosed = _by_triangles(form, None, precision) if _enclosable(form, method) else None
        if enclosed is not None and _narrow(enclosed, precision):
            found = enclosed
        else:
            found = _by_sampling(form, method, samples, generator, level, precision)
            found = found if enclosed is None else _within(found, enclosed)
    if regions:
        found = replace(found, regions=_regions(net, found, sample, rng))
    return replace(found, _subject=net.fingerprint)


def _regions(
    net: Network, found: Estimate, sample: SphereSample | None, rng: Any
) -> ErrorRegions | None:
    """Return the regions of an estimate, by draws of a stream of their own."""
    if found.high == 0.0:
        return None
    if found.intervals is not None:
        exact = on_circle(found.intervals, found.high - found.low, sample)
        if exact is not None:
            return exact
    level = found.level if found.level < 1.0 else LEVEL
    return sampled(normal_form(net), sample, check.generator(rng).spawn(2)[1], level)


def _require_dimension(net: Network, sample: SphereSample) -> None:
    require_sample(sample)
    if sample.dimension != net.dimension:
        raise ValueError(
            f"`sample` must have the dimension of the net, {net.dimension}, got"
            f" {sample.dimension}; pass the sample that it was trained on"
        )


def _check_method(net: Network, method: str) -> None:
    if method not in METHODS:
        listed = ", ".join(map(repr, METHODS))
        raise ValueError(
            f"`method` must be one of {listed}, got {method!r}; 'auto' chooses by measured variance"
        )
    if net.dimension == 1:
        raise ValueError(
            "`net` must have inputs of dimension d ≥ 2, got 1; use univariate.ReluNet for scalar"
            " inputs"
        )
    if method == "arcs" and net.dimension > 2:
        raise ValueError(
            f"`method` must not be 'arcs' unless d = 2, got d = {net.dimension}; use 'circles' or"
            " 'lines'"
        )
    if method == "triangles" and net.dimension != 3:
        raise ValueError(
            f"`method` must not be 'triangles' unless d = 3, got d = {net.dimension}; use 'auto'"
        )


def _by_arcs(net: Network) -> Estimate:
    found = error_on_circle(net)
    logs = [log10(end) if end > 0.0 else -inf for end in (found.value, found.low, found.high)]
    return Estimate(
        *(found.value, found.low, found.high, 0, "arcs", 1.0),
        *(logs[0], logs[1], logs[2]),
        exact=found.exact,
        intervals=found.intervals,
    )


def _by_triangles(form: Form, samples: int | None, precision: float | None) -> Estimate:
    wanted = PRECISION if precision is None else precision
    found = error_on_sphere(form, wanted, samples or CELLS)
    logs = [log10(end) if end > 0.0 else -inf for end in found[:3]]
    reached = found.high - found.low <= wanted * (found.high + found.low)
    return Estimate(
        *(found.value, found.low, found.high, found.cells, "triangles", 1.0),
        *(logs[0], logs[1], logs[2]),
        note="" if reached else f"precision {wanted:g} not reached with {found.cells} triangles",
    )


def _enclosable(form: Form, method: str) -> bool:
    return form.d == 3 and method == "auto"


def _narrow(enclosed: Estimate, precision: float | None) -> bool:
    wanted = NARROW if precision is None else precision
    return enclosed.high - enclosed.low <= wanted * (enclosed.high + enclosed.low)


def _within(sampled: Estimate, enclosed: Estimate) -> Estimate:
    """Return a sampled estimate cut to an enclosure; the enclosure if the two exclude each
    other.
    """
    low = max(sampled.low, enclosed.low)
    high = min(sampled.high, enclosed.high)
    if low > high:
        return enclosed
    value = min(max(sampled.value, low), high)
    logs = [
        max(sampled.log10_low, enclosed.log10_low),
        min(sampled.log10_high, enclosed.log10_high),
    ]
    return replace(
        sampled,
        value=value,
        low=low,
        high=high,
        log10_value=min(max(sampled.log10_value, logs[0]), logs[1]),
        log10_low=logs[0],
        log10_high=logs[1],
    )


def _by_sampling(
    form: Form,
    method: str,
    samples: int | None,
    rng: np.random.Generator,
    level: float,
    precision: float | None,
) -> Estimate:
    choice = chosen(form, method, rng)
    estimator = choice.estimator
    if precision is None:
        spent = choice.pilots
        bounds = estimator.estimate(samples or estimator.default, rng, level)
    else:
        bounds, spent = to_precision(choice, precision, samples, rng, level)
    note = _note(bounds, estimator.name, precision)
    doubt = _doubt(bounds, choice)
    verdict = Verdict.UNDECIDED if doubt else Verdict.HOLDS
    if method == "auto" and estimator.name in ("lines", "circles"):
        checked = second_opinion(bounds, choice, rng, level, in_doubt=bool(doubt))
        if checked is not None and (doubt or checked.disagrees):
            bounds, verdict = checked.bounds, Verdict.UNDECIDED
            doubt = "; ".join(filter(None, [doubt, checked.words]))
    if isinstance(estimator, Lines) and verdict is Verdict.HOLDS and bounds.log_value > -inf:
        cost = (bounds.samples + spent) * estimator.cost
        places = np.empty((0, form.width)) if choice.seen is None else choice.seen.places
        seen = missed(estimator, bounds, places, cost, rng.spawn(1)[0])
        bounds, doubt = _with_missed(bounds, seen)
        verdict = Verdict.UNDECIDED if doubt else verdict
    note = "; ".join(filter(None, [note, doubt]))
    return Estimate(
        value=exp(bounds.log_value),
        low=exp(bounds.log_low),
        high=exp(bounds.log_high),
        samples=bounds.samples,
        method=estimator.name,
        level=level,
        log10_value=bounds.log_value / LN10,
        log10_low=bounds.log_low / LN10,
        log10_high=bounds.log_high / LN10,
        pilot_samples=spent,
        largest_share=bounds.largest,
        note=note,
        verdict=verdict,
    )


def _with_missed(bounds: Bounds, seen: Missed) -> tuple[Bounds, str]:
    """Return bounds that allow for points in error on circles unlike any sample, and what is said
    of these.
    """
    if seen.unlike == 0:
        words = f"{seen.places} places of errors lie on circles that hold more than any sample"
        return bounds, words if seen.places else ""
    # as many of them as may well be behind those that were found (Clopper and Pearson)
    from scipy.special import betaincinv

    share = float(betaincinv(seen.unlike + 1.0, max(seen.points - seen.unlike, 1), SURE))
    high = min(bounds.log_high - log1p(-share), 0.0)
    points = f"{seen.unlike} of {seen.points} points in error"
    words = f"{points} lie on circles that hold more than any sample"
    return bounds._replace(log_high=high), words


def _doubt(bounds: Bounds, choice: Choice) -> str:
    """Return why an interval is not vouched for; empty if it is."""
    if choice.estimator.name == "points" or bounds.log_value == -inf:
        return ""
    if choice.estimator.name == "splitting":
        stopped = "a repetition came to a stop, as N is constant where it was"
        return stopped if bounds.largest == 1.0 else ""
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
