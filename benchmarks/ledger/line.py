"""The rows on nets in one dimension: Theorems 2.1, 3.1 and 3.2, and their footnotes."""

from collections.abc import Callable
from math import log, sqrt

import numpy as np

import univariate
from benchmarks import nearest_neighbour_law
from benchmarks.ledger import extremes
from benchmarks.ledger.pools import Point, Points, flows, kkt_points
from benchmarks.ledger.row import Finding, Outcome, Size, Statement, listed

DELTA = 0.05
RESOLVED = 1e-9  # lengths that differ by less are equal
LOG_2 = log(2.0)  # a loss below this means that every margin is positive


# Theorem 2.1


def theorem_2_1(size: Size) -> Finding:
    """Directions of gradient flow, and the KKT points that they are near."""
    runs = flows(size)
    early = [run for run in runs if _interpolates_early(run.trained)]
    lost = sum(not run.trained.interpolates for run in early)
    points = [run.trained.point for run in runs if run.trained.point is not None]
    near = [
        run.trained.point.distance
        for run in runs
        if run.trained.point is not None and not run.trained.missing
    ]
    good = [run for run in runs if run.trained.interpolates]
    return Finding(
        "From an interpolating θ(t_0) on, gradient flow converges in direction to a KKT point of"
        " Problem (1)",
        "flows of the logistic loss up to margin 100, and the KKT point of their last cell. A"
        " limit cannot be observed; the theorems cited ask for a loss below log 2, and"
        f" {len(early)} runs interpolate before that ({lost} of them did not at the end)",
        len(runs),
        listed("m", (run.sample.size for run in runs)),
        Outcome.OPEN,
        f"{len(good)} of {len(runs)} interpolate; of these {len(points)} have a certified KKT"
        f" point, at a median distance of {_median(near):.2g} margins",
    )


def _interpolates_early(trained: univariate.TrainedNet) -> bool:
    """Whether some recorded step has positive margins and a loss that is not below log 2."""
    run = trained.trajectory
    return bool(np.any((run.margins > 0.0) & (run.log_losses >= log(LOG_2))))


def _median(values: list[float]) -> float:
    return float(np.median(values)) if values else float("nan")


# Theorem 3.1


def theorem_3_1_lower(size: Size) -> Finding:
    """The bound of the proof given the sample: a whole gap in every five −1 in a row."""
    pool = kkt_points(size)
    rooms = [_room(point, univariate.theorem_3_1, "lower") for point in pool.points]
    bound = [room for room, realised in rooms if realised > 0.0]
    below = sum(row.below_3_1 for row in extremes.rows())
    return Finding(
        "At KKT points L_cl ≥ c (p⁵ − √(log(m/δ)/m)) with probability 1 − δ",
        "with its constants: L_cl ≥ the least total of gaps that meets every four in a row in runs"
        " of −1 (Cor. A.3); here with many −1, and on the points of benchmarks.extremes,"
        f" {extremes.sizes()}",
        len(rooms) + extremes.points(),
        _both(pool),
        Outcome.of(sum(room < -RESOLVED for room, _ in rooms) + below),
        f"the bound is positive {len(bound)} times here and L_cl above it by"
        f" {min(bound, default=float('nan')):.3g} or more; {below} of the {extremes.points()}"
        " others are below theirs",
    )


def theorem_3_1_upper(size: Size) -> Finding:
    """The law's bound, in place of one whose constant is not named."""
    del size
    constants = [_quotient(row.largest, sqrt(row.p), row.m) for row in extremes.rows()]
    return _by_the_law(
        "At KKT points L_cl ≤ C (√p + √(log(m/δ)/m)) with probability 1 − δ",
        "L_cl ≤ p + B",
        f"C = {max(constants, default=0.0):.3f} serves the points of benchmarks.extremes",
    )


# Theorem 3.2


def theorem_3_2_lower(size: Size) -> Finding:
    """The law's bound, in place of one whose constant is not named."""
    del size
    bounds = [(row, row.p - sqrt(log(row.m / DELTA) / row.m)) for row in extremes.minimal()]
    constants = [(row.smallest_local or 0.0) / bound for row, bound in bounds if bound > 0.0]
    return _by_the_law(
        "At local minima L_cl ≥ c (p − √(log(m/δ)/m)) with probability 1 − δ",
        "L_cl ≥ p − B",
        f"c = {min(constants):.3f} serves the {len(constants)} samples of benchmarks.extremes for"
        " which the bound is positive",
    )


def _by_the_law(words: str, bound: str, constant: str) -> Finding:
    """A statement whose constants the law makes 1, and KKT points against their intervals."""
    searched = nearest_neighbour_law.SCRIPT.committed()
    found = nearest_neighbour_law.findings(searched)["all"]
    widths = ", ".join(
        f"{univariate.kkt_clean_error_deviation(m, 0.1, DELTA):.2g} at m = {m:,}"
        for m in (10**4, 10**5, 10**6)
    )
    return Finding(
        words,
        f"by the nearest-neighbour law, for uniform x and fixed δ: {bound} for all KKT points at"
        " once, B by kkt_clean_error_deviation; points of benchmarks.nearest_neighbour_law against"
        " the interval that holds all of a sample",
        found["points"],
        listed("m", (row.m for row in searched)),
        Outcome.of(found["outside"] + found["fails"]),
        f"the constant tends to 1: B = {widths}, at p = 0.1, δ = {DELTA:g}; {found['outside']}"
        f" points outside; {constant}",
    )


def proof_of_3_2(size: Size) -> Finding:
    """The bound of the proof given the sample, at local minima and at global ones."""
    pool = kkt_points(size)
    minima = pool.minima
    best = [point for point in minima if point.found.standing.level == "global minimum"]
    broken = [_room(point, univariate.theorem_3_2, "lower")[0] < -RESOLVED for point in minima]
    fails = [_room(point, univariate.theorem_3_2, "lower")[0] < -RESOLVED for point in best]
    below = sum(broken) + sum(row.below_3_2 for row in extremes.rows())
    return Finding(
        "At local minima L_cl ≥ ½ Σ gaps right of isolated −1, by Proposition A.4",
        "the bound of the proof given the sample, here and on the points of benchmarks.extremes;"
        " corrected: at global minima",
        len(minima) + extremes.minima(),
        _both(pool),
        Outcome.FAILS if any(fails) else Outcome.CORRECTED,
        f"{below} of {len(minima) + extremes.minima()} local minima are below it, {sum(fails)} of"
        f" {len(best)} global ones",
        "lower_bound",
    )


def theorem_3_2_upper(size: Size) -> Finding:
    """The bound of the proof given the sample: errors only where a neighbour is −1."""
    pool = kkt_points(size)
    rooms = [_room(point, univariate.theorem_3_2, "upper")[0] for point in pool.minima]
    above = sum(row.above_3_2 for row in extremes.rows())
    return Finding(
        "At local minima L_cl ≤ C (p + √(log(m/δ)/m)) with probability 1 − δ",
        "with its constants: L_cl ≤ everything that is not between neighbours +1, +1 (Prop. A.5);"
        " here and on the points of benchmarks.extremes",
        len(rooms) + extremes.minima(),
        _both(pool),
        Outcome.of(sum(room < -RESOLVED for room in rooms) + above),
        f"here L_cl is below it by {min(rooms, default=float('nan')):.3g} or more; {above} of the"
        f" {extremes.minima()} others are above theirs",
    )


def _both(pool: Points) -> str:
    return f"{pool.sizes} here; {extremes.sizes()}"


def _room(
    point: Point, theorem: Callable[..., univariate.TheoremReport], side: str
) -> tuple[float, float]:
    """How far L_cl is inside the realised bound of a side, and the bound."""
    found = point.found
    report = theorem(
        found.net, point.sample, DELTA, p=point.p, error=found.clean_error, standing=found.standing
    )
    bound = next(one for one in report.bounds if one.side == side)
    sign = 1.0 if side == "lower" else -1.0
    return sign * (found.clean_error.value - bound.realised), bound.realised


def _quotient(error: float, power: float, m: int) -> float:
    return error / (power + sqrt(log(m / DELTA) / m))


# Footnotes 2 and 4


DELTAS = np.geomspace(1e-5, 0.1, 41)
EXPECTED = (
    "by the nearest-neighbour law, for uniform x and any width: E L_1NN = p, as the cells do not"
    " depend on the labels, so |E L_cl − p| ≤ B + δ, B by kkt_clean_error_deviation"
)


def footnote_2(size: Size) -> Finding:
    """E L_cl between c p⁵ and C √p: the law gives p, and extreme points of samples are near it."""
    del size
    found = extremes.means(lambda row: row.smallest, lambda row: row.largest, list(extremes.rows()))
    return _in_expectation("At KKT points c p⁵ ≤ E L_cl ≤ C √p", found, len(extremes.rows()))


def footnote_4(size: Size) -> Finding:
    """E L_cl = Θ(p): the law gives p, and extreme local minima of samples are near it."""
    del size
    seen = extremes.minimal()
    found = extremes.means(lambda row: row.smallest_local, lambda row: row.largest_local, seen)
    return _in_expectation("At local minima E L_cl = Θ(p)", found, len(seen))


def _in_expectation(words: str, found: list[extremes.Means], instances: int) -> Finding:
    """How far E L_cl may be from p, and where means over samples of extreme points were."""
    far = {m: _far_from_p(m, 0.1) for m in (10**4, 10**5, 10**6)}
    # the statements for constants that are 1 up to half of p
    broken = sum(width > 0.05 for m, width in far.items() if m >= 10**5)
    widths = ", ".join(f"{width:.2g} at m = {m:,}" for m, width in far.items())
    return Finding(
        words,
        f"{EXPECTED}; means over the samples of benchmarks.extremes, which have labels of both"
        " kinds, of the smallest and the largest L_cl found on each",
        instances,
        extremes.sizes(),
        Outcome.of(broken),
        f"constants tend to 1: |E L_cl − p| ≤ {widths}, at p = 0.1; means of the extremes over p:"
        f" {_shares(found)}",
    )


def _far_from_p(m: int, p: float) -> float:
    """Return a bound on |E L_cl − p| over all KKT points, with the best of some δ."""
    return min(univariate.kkt_clean_error_deviation(m, p, delta) + delta for delta in DELTAS)


def _shares(found: list[extremes.Means]) -> str:
    return ", ".join(
        f"{one.smallest / one.p:.2f} to {one.largest / one.p:.2f} at p = {one.p:g}" for one in found
    )


def the_law(size: Size) -> Finding:
    """The nearest-neighbour law on KKT points of this ledger and of its own search."""
    pool = kkt_points(size)
    laws = [univariate.nearest_neighbour_law(one.found.net, one.sample) for one in pool.points]
    certified = [law for law in laws if law.steps]
    against = sum(law.verdict is not univariate.Verdict.HOLDS for law in certified)
    searched = nearest_neighbour_law.SCRIPT.committed()
    found = nearest_neighbour_law.findings(searched)["all"]
    against += found["fails"] + found["outside"]
    return Finding(
        "New: a KKT point decides like the nearest neighbour except in at most E + 2 of its m + 1"
        " gaps, E its number of links; so L_cl → p, in place of p⁵ to √p and of Θ(p)",
        "certified KKT points here, with every step of the proof, and those of"
        " benchmarks.nearest_neighbour_law, with the interval that holds all of a sample",
        len(certified) + found["points"],
        f"{_both(pool)} here; {listed('m', (row.m for row in searched))}",
        Outcome.of(against),
        f"at most {max(found['links'], *(len(law.links) for law in certified))} links and"
        f" {max(found['deviating'], *(len(law.deviations) for law in certified))} deviating gaps;"
        f" {found['undecided']} points undecided by rounding",
    )


TRAINING = (Statement("Theorem 2.1", theorem_2_1),)
THEOREMS = (
    Statement("Theorem 3.1, lower bound", theorem_3_1_lower),
    Statement("Theorem 3.1, upper bound", theorem_3_1_upper),
    Statement("Footnote 2", footnote_2),
    Statement("Theorem 3.2, lower bound", theorem_3_2_lower),
    Statement("Theorem 3.2, lower bound of its proof", proof_of_3_2),
    Statement("Theorem 3.2, upper bound", theorem_3_2_upper),
    Statement("Footnote 4", footnote_4),
    Statement("Nearest-neighbour law", the_law),
)
