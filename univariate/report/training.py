"""A report on a training run: what `univariate train` prints, stores and draws."""

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from univariate.common.document import write_document
from univariate.common.files import PathLike
from univariate.common.result import Result, Verdict, result
from univariate.common.tables.ownership import digest_of
from univariate.common.words import at_most
from univariate.error.clean_error import CleanError
from univariate.error.one_nearest_neighbour import neighbour_error_of
from univariate.optimum.optimum_error import OptimumError, optimum_error
from univariate.paper.law.outcome import NearestNeighbourLaw
from univariate.paper.law.sample_bounds import KktCleanErrorBounds, bounds_around
from univariate.problem.density import DensityLike
from univariate.problem.network import ReluNet
from univariate.problem.population import Population
from univariate.problem.sample import Sample, require_sample
from univariate.problem.truth import Truth, TruthLike
from univariate.report.documents import without
from univariate.report.facts import NetFacts, RunFacts, SampleFacts
from univariate.report.finding import against, misplaced
from univariate.standing.certify import Standing
from univariate.training.trained import TrainedNet, require_trained_on
from univariate.training.trajectory import Trajectory

if TYPE_CHECKING:
    from pathlib import Path


SCHEMA: Final = "univariate.training/1"

LATE: Final = 50.0
"""From this margin on a flow has settled in its cell; its KKT point before may not be its limit."""


@result
class TrainingReport(Result):
    """Everything said about a training run; see the classes of the fields.

    `density` and `truth` name the law of x and f*. `start` says in words where training began,
    `end_facts` are those of the net where it ended; `saved` says what `trained.net` is, "the KKT
    point" or "the end of the run", and `net_facts` are those of it. `height` is its largest |N|
    between the first and the last observation over its smallest at one. `optimum_clean_error` is
    that of the optimum of Problem (1) where a theorem says it, else None; `found_clean_error` that
    of the net in doubles that `max_margin` found. `law` compares the net with
    the nearest neighbour, if it interpolates; `kkt_points` is about all KKT points.
    """

    finding: str
    p: float
    p_given: bool
    delta: float
    density: str
    truth: str
    start: str
    saved: str
    sample_facts: SampleFacts
    run: RunFacts
    end_facts: NetFacts
    net_facts: NetFacts
    height: float
    optimum_clean_error: CleanError | None
    found_clean_error: CleanError
    nearest_neighbour: CleanError
    law: NearestNeighbourLaw | None
    kkt_points: KktCleanErrorBounds
    trained: TrainedNet
    origin: Mapping[str, Any]

    @property
    def of_optimum(self) -> OptimumError:
        """What is known of the clean error of the optimum."""
        return OptimumError(self.trained.optimum, self.optimum_clean_error, self.found_clean_error)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready values; its run and its nets are files of their own."""
        return without(self)


def build_training_report(
    trained: TrainedNet,
    sample: Sample,
    *,
    delta: float,
    start: str = "given",
    p: float | None = None,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
    origin: Mapping[str, Any] | None = None,
) -> TrainingReport:
    """Put the report on a training run together.

    A net trained on another sample is a ValueError. Cost O(m log m) and that of the clean error of
    the optimum.
    """
    require_trained_on(trained, require_sample(sample))
    law = trained.density if density is None else sample.law(density)
    meant = Population(law, trained.truth if truth is None else Truth.of(truth))
    nearest = neighbour_error_of(sample, meant)
    best = optimum_error(trained.optimum, sample, meant, nearest=nearest)
    theorem = trained.theorem_3_1
    every = bounds_around(sample, meant, nearest) if theorem is None else theorem.kkt_points
    facts = SampleFacts.of(sample, meant.truth, meant.density)
    return TrainingReport(
        finding=misplaced(facts) + training_finding(trained, best),
        p=float(np.mean(sample.noise(meant.truth))) if p is None else p,
        p_given=p is not None,
        delta=delta,
        density=law.name,
        truth=meant.truth.name,
        start=start,
        saved="the end of the run" if trained.point is None else "the KKT point",
        sample_facts=facts,
        run=RunFacts.of(trained),
        end_facts=NetFacts.of(trained.trajectory.net, law),
        net_facts=NetFacts.of(trained.net, law),
        height=_height(trained.net, sample),
        optimum_clean_error=best.exact,
        found_clean_error=best.found,
        nearest_neighbour=nearest,
        law=None if theorem is None else theorem.law,
        kkt_points=every,
        trained=trained,
        origin=dict(origin or {}),
    )


def run_digest(trajectory: Trajectory, sample: Sample) -> str:
    """Return a digest of what pictures of a run show: its rows and nets, the sample, its law."""
    nets = [trajectory.net, *trajectory.snapshots]
    arrays = {
        "rows": [trajectory.log_times, trajectory.scaled_times, trajectory.margins],
        "sizes": [trajectory.norms_squared, trajectory.clean_errors],
        "nets": [part for net in nets for part in (net.v, net.w, net.b)],
        "sample": [sample.x, sample.y],
    }
    words = [trajectory.status, trajectory.density, trajectory.truth.name]
    return digest_of(
        [
            *(
                [name, *map(bytes.hex, map(np.ndarray.tobytes, found))]
                for name, found in arrays.items()
            ),
            words,
        ]
    )


def _height(net: ReluNet, sample: Sample) -> float:
    """Return max |N| among the observations over the smallest |N| at one. Rounded."""
    x = sample.x
    # N is linear between kinks and observations, so that its extremes are there
    inside = net.kinks[(net.kinks > x[0]) & (net.kinks < x[-1])]
    at_data = np.abs(net(x))
    between = np.abs(net(np.concatenate([x[:1], inside])))
    smallest = float(at_data.min())
    if smallest > 0.0:
        return float(max(at_data.max(), between.max())) / smallest
    return inf


def write_training_json(report: TrainingReport, path: PathLike) -> "Path":
    """Write the report as strictly valid JSON, with schema and package versions.

    An old file is replaced whole.
    """
    return write_document(report.to_dict(), path, SCHEMA)


def training_finding(trained: TrainedNet, of_optimum: OptimumError | None) -> str:
    """Return in one sentence what training led to."""
    run, error = trained.trajectory, trained.clean_error
    compared = f"its clean error is {error.value:.4g}"
    if of_optimum is not None:
        words = against(error, of_optimum.best, f"the {of_optimum.name}")
        compared = f"its clean error {error.value:.4g} is {words}"
    if run.status == "interrupted":
        return (
            f"Training was interrupted at a smallest margin of {run.margins[-1]:.4g}; where it"
            " leads is not decided."
        )
    if trained.standing is None:
        return (
            f"Training does not interpolate ({run.status}), so no theorem speaks of the net;"
            f" {compared}."
        )
    if trained.standing.level == "global minimum":
        return _to_optimum(trained, trained.standing, of_optimum)
    cost = "the least norm² not available"
    if trained.norm_ratios is not None:
        cost = trained.norm_ratios.words()
    return f"Training leads to {_place(trained)}, {cost}; {compared}."


def _to_optimum(trained: TrainedNet, standing: Standing, of_optimum: OptimumError | None) -> str:
    """Say what it is to have reached the optimum, as far as doubles can."""
    error = trained.clean_error
    found = f"{error.value:.4g} ({trained.end_clean_error.value:.4g} where the run ended)"
    if of_optimum is None or of_optimum.exact is None:
        gap = standing.global_minimum.duality_gap
        place = f"a global minimum to a relative {at_most(gap, 1)} of ‖θ‖²"
        return f"Training leads to {place}: its clean error is {found}."
    place = "the max-margin net, the global minimum"
    if of_optimum.confirms(error):
        return f"Training leads to {place}: its clean error is {found}."
    words = against(error, of_optimum.exact, "the optimum")
    return f"Training leads to {place}: in doubles its clean error is {found}, {words}."


def _place(trained: TrainedNet) -> str:
    """Say at which level below the optimum a trained net stands."""
    standing, shape = trained.standing, trained.structure
    if standing is None or standing.level == "feasible":
        reason = trained.missing or "the one found is not certified"
        return f"a net that interpolates, no KKT point near it is proved ({reason})"
    undecided = standing.next_verdict is Verdict.UNDECIDED
    if standing.level == "kkt" and undecided:
        return "a KKT point, whether a local minimum is undecided"
    if standing.level == "kkt":
        return "a KKT point and no local minimum"
    name = "a local minimum" if undecided else "a local minimum that is not the global one"
    if shape is not None and shape.proposition_a4.verdict is Verdict.FAILS:
        return f"{name}, against Proposition A.4"
    return name
