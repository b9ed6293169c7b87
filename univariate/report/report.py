"""One report on a network and a sample: everything the package can decide about them.

`build_report` computes, `terminal.render` shows it, `write_json` stores it, `plots.plot_report`
draws it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from univariate.common.document import write_document
from univariate.common.files import PathLike, save_arrays
from univariate.common.tolerance import DEFAULT_CONFIDENCE
from univariate.error.clean_error import clean_error_of
from univariate.error.noisy_error import mixed
from univariate.optimum.belonging import require_own_if_given
from univariate.optimum.max_margin import MaxMargin, Optimum, Unsolved, optimum_of
from univariate.optimum.optimum_error import OptimumError, optimum_error
from univariate.paper.setting import Setting
from univariate.paper.structure import Structure, structure_of
from univariate.paper.theorems import TheoremReport, evaluated_3_1, evaluated_3_2
from univariate.problem.density import DensityLike
from univariate.problem.fitted import Fitted, ShallowFitted
from univariate.problem.network import OF_SOLUTION, SCHEMA as NET_SCHEMA, Network
from univariate.problem.sample import Sample
from univariate.problem.truth import TruthLike
from univariate.report.clock import Clock
from univariate.report.contents import Report
from univariate.report.facts import FitFacts, NetFacts, SampleFacts
from univariate.report.finding import finding, misplaced
from univariate.report.training import training_finding
from univariate.standing.certify import Standing, standing_of
from univariate.training.trained import TrainedNet, require_trained_on

SCHEMA = "univariate.report/2"


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
    An `optimum` or a `trained` net of another sample is a ValueError. Exact clean errors
    (enclosed); see `max_margin` and the theorems for the rest. Cost dominated by theirs.
    """
    fit = Fitted.of(net, sample)
    meant = sample.population(density, truth)
    require_own_if_given(optimum, sample, fit)
    if trained is not None:
        require_trained_on(trained, sample)
    clock = Clock()
    best = clock.time("max margin", optimum_of, sample) if optimum is None else optimum
    error = clock.time("clean error", clean_error_of, net, meant)
    opposite = clock.time("test error", clean_error_of, net, meant.opposite)
    standing, shape = _examined(clock, fit, best)
    setting = Setting.of(fit, delta, p, meant, error, standing)
    beside = {
        "noisy_error": mixed(setting.p, error, opposite),
        "structure": shape,
        "origin": dict(origin or {}),
    }
    return _assembled(clock, setting, best, trained, beside)


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
    arrays = dict(zip("vwb", best.net.parameters, strict=True))
    more = dict(zip(OF_SOLUTION, (best.multipliers, error.intervals), strict=True))
    return save_arrays(path, NET_SCHEMA, arrays | more)


def _examined(clock: Clock, fit: Fitted, best: Optimum) -> tuple[Standing | None, Structure | None]:
    """Return where a 2-layer net stands and, if it interpolates, its shape."""
    if not isinstance(fit, ShallowFitted):
        return None, None
    standing = clock.time("certificates", standing_of, fit, optimum=best)
    if standing.rank == 0:
        return standing, None
    return standing, clock.time("structure", _structure, fit)


def _assembled(
    clock: Clock,
    setting: Setting,
    best: Optimum,
    trained: TrainedNet | None,
    beside: Mapping[str, Any],
) -> Report:
    """Evaluate the theorems, and put all of the report together."""
    first, second, fits, of_optimum = _evaluated(clock, setting, best)
    fit, meant = setting.fit, setting.population
    facts = SampleFacts.of(fit.sample, meant.truth, meant.density)
    return Report(
        finding=misplaced(facts) + _learnt(fits, second, of_optimum, trained),
        p=second.p,
        delta=second.delta,
        density=meant.density.name,
        truth=meant.truth.name,
        sample_facts=facts,
        net_facts=NetFacts.of(fit.net, meant.density),
        interpolation=fits,
        clean_error=setting.error,
        nearest_neighbour=setting.neighbour,
        optimum_clean_error=None if of_optimum is None else of_optimum.exact,
        found_clean_error=None if of_optimum is None else of_optimum.found,
        optimum=None if isinstance(best, Unsolved) else best,
        optimum_missing=best.reason if isinstance(best, Unsolved) else "",
        standing=setting.standing,
        theorem_3_1=first,
        theorem_3_2=second,
        law=setting.law,
        kkt_points=setting.kkt_points,
        margins=fit.margins,
        seconds=clock.seconds,
        net=fit.net,
        sample=fit.sample,
        trained=trained,
        _population=meant,
        **beside,
    )


def _structure(fit: ShallowFitted) -> Structure | None:
    try:
        return structure_of(fit)
    except ValueError:  # values beyond the range of doubles
        return None


def _evaluated(
    clock: Clock, setting: Setting, best: Optimum
) -> tuple[TheoremReport, TheoremReport, FitFacts, OptimumError | None]:
    """Return both theorems, how the net fits and how the optimum errs, after what they share."""
    clock.time("nearest neighbour", lambda: setting.neighbour)
    clock.time("nearest-neighbour law", lambda: setting.law)
    clock.time("all KKT points", lambda: setting.kkt_points)
    first = clock.time("theorem 3.1", evaluated_3_1, setting)
    second = clock.time("theorem 3.2", evaluated_3_2, setting)
    clock.time("margins", lambda: setting.fit.margins)
    fits = clock.time("interpolation", FitFacts.of, setting.fit)
    return first, second, fits, _of_optimum(clock, best, setting)


def _learnt(
    fits: FitFacts,
    theorem: TheoremReport,
    of_optimum: OptimumError | None,
    trained: TrainedNet | None,
) -> str:
    """Return what was learnt, of a net trained beside it too."""
    learnt = finding(fits, theorem, theorem.kkt_points.nearest_neighbour, of_optimum)
    return learnt if trained is None else f"{learnt} {training_finding(trained, of_optimum)}"


def _of_optimum(clock: Clock, best: Optimum, setting: Setting) -> OptimumError | None:
    """Return what is known of the clean error of the optimum, given that of the net."""
    if isinstance(best, Unsolved):
        return None
    return clock.time(
        "clean error of the optimum",
        optimum_error,
        best,
        setting.fit.sample,
        setting.population,
        found=setting.error if setting.fit.net is best.net else None,
        nearest=setting.neighbour,
    )
