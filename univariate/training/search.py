"""Searching KKT points: optima over random sparse sets of neurons, all certified.

Problem (1) has many KKT points that no training run would end at. Each is the optimum over some set
of neurons, so random sets find them: the set is completed until it can interpolate, and grown
wherever a kink comes to lie at its border. Every other draw also holds some kinks on data of their
own sign: where those have no reason to leave for one side, though they would gain by leaving for
both, the point is no local minimum.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from univariate.common import check, work
from univariate.common.arrays import Vector
from univariate.common.result import Result, Verdict, result
from univariate.common.tolerance import KKT_TOLERANCE
from univariate.error.clean_error import CleanError, clean_error_of
from univariate.optimum.max_margin import MaxMargin, max_margin
from univariate.optimum.region import Region
from univariate.optimum.regional import Grown, grow
from univariate.paper.structure import Structure, structure_of
from univariate.problem.density import DensityLike
from univariate.problem.network import ReluNet
from univariate.problem.population import Population
from univariate.problem.sample import Sample, require_sample
from univariate.problem.truth import TruthLike
from univariate.standing.certify import Standing, standing_of
from univariate.training.kkt_point import best_of

Block = tuple[int, float, int]

ORIENTATIONS: Final = {"both": (1, -1), "right": (1,), "left": (-1,)}

_PATIENCE: Final = 40  # draws for every point wanted
# draws between looks at how many points there are, whatever the number of processes
_BATCH: Final = 32
_DIGITS: Final = 9  # to which norm and clean error of one point agree


@result
class FoundPoint(Result):
    """A certified KKT point.

    Attributes
    ----------
    net : ReluNet
    standing : Standing
        At least "kkt".
    clean_error : CleanError
    norm_ratio : float
        ‖θ‖² at worst margin 1 over the norm² that `max_margin` found, rounded: a lower bound on
        ‖θ‖²/‖θ*‖², short of it by the duality gap of `max_margin` at most.
    structure : Structure
    draw : int
        Which draw found it; the same `rng` and draw find it again.
    """

    net: ReluNet
    standing: Standing
    clean_error: CleanError
    norm_ratio: float
    structure: Structure
    draw: int


def search_kkt_points(  # noqa: PLR0913 (how to search, and what is meant by clean errors)
    sample: Sample,
    *,
    count: int,
    rng: int | np.random.Generator,
    orientation: str = "both",
    draws: int | None = None,
    n_jobs: int = 1,
    tolerance: float = KKT_TOLERANCE,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
) -> tuple[FoundPoint, ...]:
    """Search KKT points of Problem (1) on a sample.

    Parameters
    ----------
    sample : Sample
    count : int
        How many different points to return at most; points of one norm and clean error, to nine
        digits, count as one.
    rng : int or numpy.random.Generator
        The only source of randomness: same seed, same points, whatever `n_jobs`.
    orientation : str
        Of the neurons with kinks between the first and the last observation: "both", "right" or
        "left".
    draws : int, optional
        Random sets to try; 40 · count if not given.
    n_jobs : int
        Processes.
    tolerance : float
        Relative residual up to which points count, in (0, 1e-6].
    truth, density : optional
        f* and the law of x, for the clean errors; the sample's own if not given.

    Returns
    -------
    tuple of FoundPoint
        The extremes of L_cl first: the smallest, the largest, the second smallest, …

    Every point is certified by `certify`, which knows nothing of this search. Cost of a draw that
    of a few sparse linear programmes in m rows. New.
    """
    require_sample(sample)
    count = check.count("count", count)
    jobs = work.processes(n_jobs)
    draws = _PATIENCE * count if draws is None else check.count("draws", draws)
    check.choice("orientation", orientation, ORIENTATIONS)
    meant = sample.population(density, truth)
    seeds = check.generator(rng).integers(2**63, size=draws).tolist()
    optimum = max_margin(sample)
    tried = partial(_draw, sample, optimum, orientation, tolerance, meant)
    found: dict[tuple[float, ...], FoundPoint] = {}
    for start in range(0, draws, _BATCH):
        batch = list(enumerate(seeds))[start : start + _BATCH]
        for point in _mapped(tried, batch, jobs):
            if point is not None:
                found.setdefault(_key(point), point)
        if len(found) >= count:
            break
    return _extremes_first(list(found.values()), count)


def _mapped(
    tried: Callable[[int, int], FoundPoint | None], batch: list[tuple[int, int]], jobs: int
) -> list[FoundPoint | None]:
    """Try random sets, in several processes if wanted."""
    if jobs == 1:
        return [tried(*one) for one in batch]
    from joblib import Parallel, delayed

    done: list[FoundPoint | None] = Parallel(n_jobs=jobs)(delayed(tried)(*one) for one in batch)
    return done


def _draw(
    sample: Sample,
    optimum: MaxMargin,
    orientation: str,
    tolerance: float,
    population: Population,
    draw: int,
    seed: int,
) -> FoundPoint | None:
    """Try one random set; None if it leads to no certified point."""
    generator = np.random.default_rng(seed)
    sides = ORIENTATIONS[orientation]
    grown = _random_region(sample, sides, generator, holding=draw % 2 == 1)
    found = None if grown is None else best_of(sample, grown, tolerance)
    if found is None or found[1].verdict is not Verdict.HOLDS:
        return None
    fit = found[0]
    net = fit.net
    if not _keeps_to(net, sample.x, sides):
        return None
    standing = standing_of(fit, tolerance, optimum)
    ratio = net.norm_squared / standing.kkt.worst_margin / optimum.norm_squared
    error = clean_error_of(net, population)
    return FoundPoint(net, standing, error, ratio, structure_of(fit), draw)


def _random_region(
    sample: Sample, sides: tuple[int, ...], generator: np.random.Generator, *, holding: bool
) -> Grown | None:
    """Draw a set, complete it until it can interpolate, and grow it; None if no set does."""
    chosen = _one_side_a_run(sample, sides, generator) if generator.random() < 0.5 else set()
    held = _held(sample, sides, generator) if holding else frozenset()
    # no free kink in the cells beside a held one: it could come to lie on the same datum
    beside = {(o, s, cell) for o, s, i in held for cell in (i - 1, i)}
    chosen -= beside
    cells = range(sample.size - 1)
    kinked = [(o, s, cell) for o in sides for s in (1.0, -1.0) for cell in cells]
    pool = [block for block in kinked if block not in beside] + [(0, 1.0, 0), (0, -1.0, 0)]
    order = generator.permutation(len(pool)).tolist()
    size = 1 + int(generator.integers(2 if chosen else 2 * sample.size))
    while True:
        blocks = chosen | {pool[k] for k in order[:size]}
        grown = grow(sample.x, sample.y, Region.of(sample.x, blocks, held))
        if grown is not None or size >= len(pool):
            return grown
        size *= 2


def _keeps_to(net: ReluNet, x: Vector, sides: tuple[int, ...]) -> bool:
    """Whether the inner kinks have these orientations: growth may add others."""
    inside = (net.kinks > x[0]) & (net.kinks < x[-1])
    return bool(np.isin(np.sign(net.w[inside]), sides).all())


def _one_side_a_run(
    sample: Sample, sides: tuple[int, ...], generator: np.random.Generator
) -> set[Block]:
    """Return the cells in and beside every inner run of labels, on one side drawn for it.

    N must turn there, upwards in a run of −1, downwards in one of +1: that is the sign.
    """
    borders = sample.sign_changes
    chosen: set[Block] = set()
    for before, last in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True):
        side = int(generator.choice(sides))
        sign = -float(sample.y[last])
        chosen |= {(side, sign, cell) for cell in range(before, last + 1)}
    return chosen


def _held(
    sample: Sample, sides: tuple[int, ...], generator: np.random.Generator
) -> frozenset[Block]:
    """Return kinks to hold on up to half of the data, of their signs and active elsewhere."""
    pairs = []
    for side in sides:
        reaching = range(sample.size - 1) if side > 0 else range(1, sample.size)
        pairs += [(side, float(sample.y[i]), i) for i in reaching]
    count = 1 + int(generator.integers(max(1, sample.size // 2)))
    return frozenset(pairs[k] for k in generator.permutation(len(pairs))[:count].tolist())


def _key(point: FoundPoint) -> tuple[float, ...]:
    return round(point.norm_ratio, _DIGITS), round(point.clean_error.value, _DIGITS)


def _extremes_first(found: list[FoundPoint], count: int) -> tuple[FoundPoint, ...]:
    """Take points from both ends of the clean errors in turn."""
    found.sort(key=lambda point: (point.clean_error.value, point.norm_ratio, point.draw))
    ordered = []
    while found:
        ordered.append(found.pop(0))
        if found:
            ordered.append(found.pop())
    return tuple(ordered[:count])
