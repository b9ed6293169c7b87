"""One report on a network and a sample: everything the package can decide about them.

`build_report` computes, `terminal.render` shows it, `write_json` stores it, `plots.plot_report`
draws it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from univariate.common.document import write_document
from univariate.common.files import PathLike, save_arrays
from univariate.common.result import Result
from univariate.common.tolerance import DEFAULT_CONFIDENCE
from univariate.error.clean_error import CleanError, clean_error_of
from univariate.error.noisy_error import NoisyError, mixed
from univariate.optimum.max_margin import MaxMargin, Optimum, Unsolved, optimum_of
from univariate.optimum.optimum_error import OptimumError, optimum_error
from univariate.paper.law.sample_bounds import KktCleanErrorBounds
from univariate.paper.law.statement import NearestNeighbourLaw
from univariate.paper.setting import Setting
from univariate.paper.structure import Structure, structure_of
from univariate.paper.theorems import TheoremReport, evaluated_3_1, evaluated_3_2
from univariate.problem.density import Density, DensityLike
from univariate.problem.fitted import Fitted, Margins, ShallowFitted
from univariate.problem.network import Network
from univariate.problem.population import PLAIN, Population
from univariate.problem.sample import Sample
from univariate.problem.truth import TruthLike
from univariate.report.clock import Clock
from univariate.report.documents import without
from univariate.report.facts import FitFacts, NetFacts, SampleFacts
from univariate.report.finding import finding, misplaced
from univariate.report.training import training_finding
from univariate.standing.certify import Standing, standing_of
from univariate.training.trained import TrainedNet

SCHEMA = "univariate.report/2"
NET_SCHEMA = "univariate.ReluNet/1"


@dataclass(frozen=True, repr=False, eq=False)
class Report(Result):
    """Everything known about a network on a sample; see the classes of the fields.

    Attributes
    ----------
    p, delta : float
        Noise level (the empirical one unless given) and failure probability.
    density : str
        "uniform on [0, 1]" or the name and parameters of a distribution.
    truth : str
        The name of f*.
    clean_error, nearest_neighbour : CleanError
        Of the net and of the 1-NN rule; exact, with enclosures.
    optimum_clean_error : CleanError or None
        Of the optimum of Problem (1), by the theorem of `univariate.optimum.closed_form`; None
        where that does not apply, or there is no optimum.
    found_clean_error : CleanError or None
        Of the net in doubles that `max_margin` found; its enclosure is not about the optimum.
    noisy_error : NoisyError
        The test error of the net, Pr[y N(x) ≤ 0] for a new label y that is flipped with p.
    optimum : MaxMargin or None
        The solution of Problem (1) on the sample; None where doubles have none.
    optimum_missing : str
        Why there is none, else empty.
    standing : Standing or None
        Whether the net is a KKT point, a local and a global minimum of Problem (1); None unless it
        is a 2-layer net without output bias.
    structure : Structure or None
        What the proofs say about the shape of N; None also where the net does not interpolate, or
        values overflow.
    law : NearestNeighbourLaw or None
        How the net's decisions differ from the nearest neighbour's; None where `structure` is.
    kkt_points : KktCleanErrorBounds
        An interval that holds L_cl of every KKT point of the sample.
    finding : str
        What was learnt, in one sentence.
    margins : Margins
        Of the net on the sample, as given.
    origin : dict
        Seed, command line, files: what the caller wants kept.
    seconds : dict
        Wall time of every stage.
    trained : TrainedNet or None
        A net trained on the sample, for comparison.
    """

    finding: str
    p: float
    delta: float
    density: str
    truth: str
    sample_facts: SampleFacts
    net_facts: NetFacts
    interpolation: FitFacts
    clean_error: CleanError
    nearest_neighbour: CleanError
    optimum_clean_error: CleanError | None
    found_clean_error: CleanError | None
    noisy_error: NoisyError
    optimum: MaxMargin | None
    optimum_missing: str
    standing: Standing | None
    structure: Structure | None
    theorem_3_1: TheoremReport
    theorem_3_2: TheoremReport
    law: NearestNeighbourLaw | None
    kkt_points: KktCleanErrorBounds
    margins: Margins
    origin: Mapping[str, Any]
    seconds: Mapping[str, float]
    net: Network
    sample: Sample
    trained: TrainedNet | None = None
    _population: Population = PLAIN

    @property
    def p_given(self) -> bool:
        """Whether p was given; it is p̂, the share of labels that are not the truth's, otherwise."""
        return self.theorem_3_2.p_given

    @property
    def population(self) -> Population:
        """The law of x that `density` names, and the truth that `truth` names."""
        return self._population

    @property
    def law_of_x(self) -> Density:
        """The law of x that `density` names."""
        return self._population.density

    @property
    def of_optimum(self) -> OptimumError | None:
        """What is known of the clean error of the optimum."""
        if self.optimum is None or self.found_clean_error is None:
            return None
        return OptimumError(self.optimum, self.optimum_clean_error, self.found_clean_error)

    @property
    def difference(self) -> float:
        """Clean error of the net less that of the 1-NN rule."""
        return self.clean_error.value - self.nearest_neighbour.value

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready values; of long arrays count, range and mean."""
        return without(self) | {"difference": self.difference, "p_given": self.p_given}


def build_report(  # noqa: PLR0913 (what the report speaks of, and results to save work)
    net: Network,
    sample: Sample,
    *,
    p: float | None = None,
    delta: float = DEFAULT_CONFIDENCE,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
    optimum: MaxMargin | None = None,
    origin: Mapping[str, Any] | None = None,
    trained: TrainedNet | None = None,
) -> Report:
    """Examine a network on a sample.

    Parameters
    ----------
    net : ReluNet or DeepReluNet
        Any net; Problem (1) and its certificates concern 2-layer nets without output bias only.
    sample : Sample
    p : float, optional
        Noise level; the share of labels that are not the truth's if not given.
    delta : float
        Failure probability δ of the sample events.
    truth, density : optional
        f* and the law of x; the sample's own if not given.
    optimum : MaxMargin, optional
        The result of `max_margin(sample)`, to save solving again.
    origin : mapping, optional
        Kept with the report and written with it: seed, command line, names of files.
    trained : TrainedNet, optional
        The result of `train_network(sample, …)`, to be shown beside the net.

    Where `max_margin` has no solution in doubles, the report has all but the optimum, and says why.
    Exact clean errors (enclosed); see `max_margin` and the theorems for the rest. Cost dominated by
    theirs.
    """
    fit = Fitted.of(net, sample)
    meant = sample.population(density, truth)
    clock = Clock()
    best = optimum or clock.time("max margin", optimum_of, sample)
    error = clock.time("clean error", clean_error_of, net, meant)
    opposite = clock.time("test error", clean_error_of, net, meant.opposite)
    standing, shape = _examined(clock, fit, best)
    setting = Setting.of(fit, delta, p, meant, error, standing)
    nearest = clock.time("nearest neighbour", lambda: setting.neighbour)
    law = clock.time("nearest-neighbour law", lambda: setting.law)
    every = clock.time("all KKT points", lambda: setting.kkt_points)
    first = clock.time("theorem 3.1", evaluated_3_1, setting)
    second = clock.time("theorem 3.2", evaluated_3_2, setting)
    margin = clock.time("margins", lambda: fit.margins)
    fits = clock.time("interpolation", FitFacts.of, fit)
    of_optimum = _of_optimum(clock, best, fit, error, nearest, meant)
    noisy = mixed(setting.p, error, opposite)
    facts = SampleFacts.of(sample, meant.truth, meant.density)
    learnt = misplaced(facts) + finding(fits, second, nearest, of_optimum)
    if trained is not None:
        learnt = f"{learnt} {training_finding(trained, of_optimum)}"
    return Report(
        finding=learnt,
        p=second.p,
        delta=second.delta,
        density=meant.density.name,
        truth=meant.truth.name,
        sample_facts=facts,
        net_facts=NetFacts.of(net, meant.density),
        interpolation=fits,
        clean_error=error,
        nearest_neighbour=nearest,
        optimum_clean_error=None if of_optimum is None else of_optimum.exact,
        found_clean_error=None if of_optimum is None else of_optimum.found,
        noisy_error=noisy,
        optimum=None if isinstance(best, Unsolved) else best,
        optimum_missing=best.reason if isinstance(best, Unsolved) else "",
        standing=standing,
        structure=shape,
        theorem_3_1=first,
        theorem_3_2=second,
        law=law,
        kkt_points=every,
        margins=margin,
        origin=dict(origin or {}),
        seconds=clock.seconds,
        net=net,
        sample=sample,
        trained=trained,
        _population=meant,
    )


def write_json(report: Report, path: PathLike) -> Path:
    """Write the report as strictly valid JSON, with schema and package versions.

    An old file is replaced whole. Long arrays are summarised, so that the file stays small at any
    m; `save_solution` keeps them.
    """
    return write_document(report.to_dict(), path, SCHEMA)


def save_solution(report: Report, path: PathLike) -> Path:
    """Write the max-margin net as .npz, which `ReluNet.load` reads.

    The file also holds the arrays `multipliers` (m,) and, of its clean error, `error_intervals`
    (r, 2).

    Raises
    ------
    ValueError
        The report has no such net: doubles have no solution for its sample.
    """
    best, error = report.optimum, report.found_clean_error
    if best is None or error is None:
        raise ValueError(
            f"`report` must have an optimum, got none: {report.optimum_missing}; save its net by"
            " report.net.save(path)"
        )
    arrays = {name: getattr(best.net, name) for name in "vwb"} | {"multipliers": best.multipliers}
    return save_arrays(path, NET_SCHEMA, arrays | {"error_intervals": error.intervals})


def _examined(clock: Clock, fit: Fitted, best: Optimum) -> tuple[Standing | None, Structure | None]:
    """Return where a 2-layer net stands and, if it interpolates, its shape."""
    if not isinstance(fit, ShallowFitted):
        return None, None
    standing = clock.time("certificates", standing_of, fit, optimum=best)
    if standing.rank == 0:
        return standing, None
    return standing, clock.time("structure", _structure, fit)


def _structure(fit: ShallowFitted) -> Structure | None:
    try:
        return structure_of(fit)
    except ValueError:  # values beyond the range of doubles
        return None


def _of_optimum(
    clock: Clock,
    best: Optimum,
    fit: Fitted,
    error: CleanError,
    nearest: CleanError,
    population: Population,
) -> OptimumError | None:
    """Return what is known of the clean error of the optimum, given that of the net."""
    if isinstance(best, Unsolved):
        return None
    found = error if fit.net is best.net else None
    known = {"found": found, "nearest": nearest}
    of_optimum: OptimumError = clock.time(
        "clean error of the optimum", optimum_error, best, fit.sample, population, **known
    )
    return of_optimum
