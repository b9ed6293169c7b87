"""Which estimator, and how many samples.

Both are settled by pilots, whose samples are not used again: given the plan, the estimate is one of
a fixed number of fresh samples, and its interval is what it says. Costs are counted, not measured
by a clock, so plans are reproducible.
"""

from dataclasses import dataclass
from math import ceil, exp, inf, log
from typing import ClassVar, NamedTuple, Protocol

import numpy as np

from highdim.error.circles import Circles
from highdim.error.directions import deepest_directions, mean_direction
from highdim.error.form import Form
from highdim.error.intervals import Bounds
from highdim.error.points import Points
from highdim.error.splitting import Splitting, points_in_error
from highdim.error.straight_directions import nearest_directions
from univariate.common.arrays import Matrix

WORK = 6e10  # nanoseconds, as counted, after which a wanted precision is given up
# times the usual number of samples, after which it is given up where there is no error at all
HITLESS = 16
USUAL = 4096  # samples of lines, pilots included
CIRCLES_UP_TO = 30  # dimensions
SURE = 0.99  # of the intervals by which an estimator is found to miss errors
SEARCH = 2e9  # nanoseconds, as counted, for points in error by which lines are directed
RESERVE = 1.1  # more samples than the pilot asks for
FEWEST, GROWTH = 128, 16


class Estimator(Protocol):
    """Independent samples of a share with the clean error for its mean."""

    name: ClassVar[str]
    default: ClassVar[int]

    @property
    def form(self) -> Form:
        """The net."""

    @property
    def pilot(self) -> int:
        """Samples that tell the variance of one."""

    @property
    def cost(self) -> float:
        """Nanoseconds a sample, counted rather than measured."""

    def estimate(
        self, samples: int, rng: np.random.Generator, level: float, *, unseen: bool = True
    ) -> Bounds:
        """Return the mean of fresh samples, with its interval; with `unseen` it allows for shares
        of a kind that no sample met, where there may be such.
        """


class Seen(NamedTuple):
    """What directions of line sampling are chosen from: whether splitting found points in error,
    how many places of errors, found by descent, no direction leads to, and all such places:
    pre-activations of the first layer, or coordinates for straight lines.
    """

    searched: bool
    left_out: int
    places: Matrix


@dataclass(frozen=True)
class Choice:
    """An estimator, its variance as far as known (inf: unknown), and what was spent on pilots."""

    estimator: Estimator
    variance: float
    pilots: int
    seen: Seen | None = None  # of lines


def chosen(form: Form, method: str, rng: np.random.Generator) -> Choice:
    """Return the estimator of a name, or for "auto" the one of least (variance by pilots) × (cost
    of a sample).

    One that a pilot shows to miss errors which another one meets is out. Where no pilot meets an
    error points are chosen, whose bound falls fastest.
    """
    form = form.reduced(USUAL)
    if method == "points":
        return Choice(Points(form), inf, 0)
    if method == "circles":
        return Choice(Circles(form), inf, 0)
    if method == "splitting":
        return Choice(Splitting(form), inf, 0)
    estimators, seen = _lines(form, rng)
    if method == "auto":
        estimators += [Circles(form)] if form.d <= CIRCLES_UP_TO and not form.flat else []
        estimators += [Points(form)]
    pilots = [each.estimate(each.pilot, rng, SURE, unseen=False) for each in estimators]
    sure = max(pilot.log_low for pilot in pilots)
    able = [
        (each, _variance(each, pilot, pilots))
        for each, pilot in zip(estimators, pilots, strict=True)
        if pilot.log_high >= sure
    ]
    spent = sum(pilot.samples for pilot in pilots)
    estimator, variance = min(able, key=lambda pair: pair[0].cost * pair[1])
    if method == "auto" and variance == inf:
        return Choice(Points(form), inf, spent)
    return Choice(estimator, variance, spent, seen if estimator.name == "lines" else None)


def to_precision(
    choice: Choice, precision: float, samples: int | None, rng: np.random.Generator, level: float
) -> tuple[Bounds, int]:
    """Return an estimate of relative half width `precision`, or of `samples` of them, and the
    samples spent before it.

    In rounds of fresh samples. The number of a round comes from the variance in the round before,
    so the round that is returned has an honest interval, but for the choice among rounds: see
    RESERVE, which makes a second one rare.
    """
    from scipy.special import ndtri

    estimator = choice.estimator
    variance = choice.variance
    spent = choice.pilots
    most, hitless = (
        (samples, samples) if samples else (int(WORK / estimator.cost), HITLESS * estimator.default)
    )
    quantile = float(ndtri(0.5 + 0.5 * level))
    hidden = 0.0 if estimator.name == "points" else -log(0.5 * (1.0 - level)) / precision
    wanted = FEWEST
    while True:
        if variance < inf:
            spread = variance * (quantile / precision) ** 2
            wanted = max(wanted, FEWEST + ceil(min(RESERVE * (spread + hidden), 1e18)))
        limit = max(most if variance < inf else hitless, 2)
        bounds = estimator.estimate(min(wanted, limit), rng, level)
        # of a limit that is ours, all rounds together make use
        most -= 0 if samples else bounds.samples
        given_up = bounds.samples == limit or most <= bounds.samples
        if given_up or bounds.rounding > 2.0 * precision or bounds.half_width <= precision:
            return bounds, spent
        spent = spent + bounds.samples
        variance = bounds.variance
        wanted = bounds.samples * (2 if variance < inf else GROWTH)


def _lines(form: Form, rng: np.random.Generator) -> tuple[list[Estimator], Seen]:
    """Line sampling along the mean gradient, along that where errors begin, and along the depths of
    N, or to its nearest errors under N(0, I); and what these were chosen from.
    """
    plain = mean_direction(form, rng)
    found: list[Estimator] = [plain, plain.improved(rng)]
    errors = points_in_error(form, rng.spawn(1)[0], SEARCH)
    leading = (nearest_directions if form.flat else deepest_directions)(form, rng, errors)
    found += [] if leading.lines is None else [leading.lines.improved(rng)]
    return found, Seen(errors is not None, leading.left_out, leading.places)


def _variance(each: Estimator, pilot: Bounds, pilots: list[Bounds]) -> float:
    """Relative variance of a sample; that of points follows from the clean error, as the sharpest
    pilot has it.
    """
    if each.name != "points":
        return pilot.variance
    error = exp(min(pilots, key=lambda bounds: bounds.half_width).log_value)
    return (1.0 - error) / error if error > 0.0 else inf
