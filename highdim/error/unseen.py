"""Errors that line sampling has not met, found by those of splitting and on any great circles.

A point that is uniform on the errors lies on a great circle through the direction next to it with a
probability in proportion to the share of errors on that circle. So where rare circles hold a part f
of all errors, a part f of the points in error lies on them, however rare they are: a wedge of angle
10^-4 beside a cap of the same mass is half of the points, and on no circle of 2048. Points on
circles that hold more errors than any sample did are errors that the samples have missed.

Splitting and descent find what has a slope that leads to it. A thin slab in the midst of N > 0 has
none; but almost every great circle crosses a slab, however thin, if it need not pass through a
direction that lies within. So points in error on uniform great circles are looked at as well: of a
set that is thin in k directions, and has the measure p, they meet about p^(1/k). New.
"""

from math import exp, log, pi
from typing import Final, NamedTuple

import numpy as np

from highdim.error.draws import blocks, frames
from highdim.error.form import Form
from highdim.error.great_circles import at_angles, error_arcs
from highdim.error.intervals import Bounds, from_shares
from highdim.error.lines import Directed
from highdim.error.poles import errors_about_poles, on_arcs
from highdim.error.splitting import KEPT, Splitting
from highdim.error.straight_lines import Crossings, crossings
from univariate.common.arrays import Matrix

FACTOR: Final = 2.0  # times the largest share of a sample: a circle may well exceed it by that
ALWAYS: Final = 3e8  # nanoseconds, as counted, that points in error are worth
SHARE: Final = 0.25  # of the cost of the estimate, if that is more
POINTS: Final = 512  # of a repetition of splitting
REPETITIONS: Final = 16  # at most: with that many points a part of 0.1 % is hardly ever missed
FEWEST, MOST = 256, 2048  # uniform great circles
CERTAIN: Final = 0.99  # of what these may hold
NEGLIGIBLE: Final = 1e-3  # part of an error, as an interval allows for what is hidden anyway


class Missed(NamedTuple):
    """Points in error on circles unlike any sample, of how many points; places of errors on such
    circles; uniform great circles with errors of this kind, and what these may hold at most; poles
    that such places lie about, as coefficients of directions, (k, n).
    """

    unlike: int
    points: int
    places: int
    crossed: int
    behind: float
    toward: Matrix


def missed(
    lines: Directed, found: Bounds, places: Matrix, spent: float, rng: np.random.Generator
) -> Missed:
    """Return what line sampling has missed of points in error that splitting finds, unless that
    takes too long, of places of errors that descent has found, and of errors on any circles.

    `places` are pre-activations of the first layer, for straight lines coordinates; `spent` is the
    cost of the estimate in nanoseconds, as counted.
    """
    # a sample sums the shares of one circle through every direction
    largest = log(found.largest * found.samples) + found.log_value + log(FACTOR)
    toward = np.empty((0, lines.form.width))
    if not lines.form.flat:
        about = errors_about_poles(lines.form, rng)
        poles = lines.through(about.points) > largest
        toward = about.toward[poles]
    unlike = int(np.sum(lines.through(places) > largest)) + len(toward)
    points = _points_in_error(lines, found, spent, rng)
    among = int(np.sum(lines.through(points) > largest)) if len(points) else 0
    crossed, behind = _on_any_curves(lines, largest, spent, rng)
    if lines.form.flat and behind <= NEGLIGIBLE * exp(found.log_value):
        # far out, where hardly any x is, lines hold more than any sample as a rule
        crossed = 0
    return Missed(among, len(points), unlike, crossed, behind, toward)


def _points_in_error(
    lines: Directed, found: Bounds, spent: float, rng: np.random.Generator
) -> Matrix:
    """Return points in error, about uniform among these, as `missed` takes places; none if that
    takes too long.
    """
    splitting = Splitting(lines.form, POINTS)
    levels = 2.0 + found.log_value / log(KEPT)
    budget = max(ALWAYS, SHARE * spent)
    repetitions = int(min(REPETITIONS, budget / (levels * splitting.cost)))
    clouds = []
    for _ in range(repetitions):
        descent = splitting.descended(rng, int(2.0 * levels) + 4)
        if descent is not None:
            cloud = descent[1].take(np.flatnonzero(descent[1].score == -np.inf))
            clouds.append(
                cloud.vectors[:, :-1] if lines.form.flat else splitting.pre_activations(*cloud[:2])
            )
    return np.concatenate(clouds) if clouds else np.empty((0, lines.form.width))


def _on_any_curves(
    lines: Directed, largest: float, spent: float, rng: np.random.Generator
) -> tuple[int, float]:
    """Return how many uniform great circles, or straight lines, have errors that lie on circles,
    through the direction next to them, that hold more than `largest`; and what such errors may
    measure.

    Of every one a single arc is looked at, all alike, so that a short one is met as often as a long
    one: its length, times the number of arcs, has the measure of the errors for its mean.
    """
    form = lines.form
    crossed_by = crossings if form.flat else _crossings
    wanted = int(SHARE * spent * len(lines.toward) / lines.cost)
    wanted = min(max(wanted, FEWEST), MOST)
    measure = np.full(wanted, -np.inf)
    for part in blocks(wanted, 2 * max(form.M.shape)):
        met = crossed_by(form, part.stop - part.start, rng)
        unlike = lines.through(met.points) > largest if len(met.points) else np.zeros(0, bool)
        measure[part.start + met.curves[unlike]] = met.log_measure[unlike]
    crossed = int(np.sum(measure > -np.inf))
    if not crossed:
        return 0, 0.0
    return crossed, exp(from_shares(measure, measure, CERTAIN, unseen=False).log_high)


def _crossings(form: Form, samples: int, rng: np.random.Generator) -> Crossings:
    """Return a point in error on every uniform great circle that meets any."""
    alpha, beta = frames(form, samples, rng)
    arcs = error_arcs(form, alpha, beta)[1]
    met, angle, measure = on_arcs(arcs, rng)
    points = at_angles(form, alpha[met], beta[met], angle)
    return Crossings(met, points, np.log(measure / (2.0 * pi)))
