"""One report on a network and a sample on the sphere: everything the package can decide about them,
and one sentence.

`build_report` computes, `terminal.render` shows it, `write_json` stores it, `plots.plot_report`
draws it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from highdim.error.clean_error import Estimate
from highdim.optimum.optimum_bounds import OptimumBounds
from highdim.optimum.orthogonal_limit import OrthogonalLimit, orthogonal_limit
from highdim.problem.near_orthogonality import NearOrthogonality
from highdim.problem.network import Network, require_network
from highdim.problem.sample import SphereSample, require_sample
from highdim.problem.statement import StatementReport
from highdim.report.facts import FitFacts, NetFacts, RunFacts, SampleFacts
from highdim.report.finding import finding
from highdim.report.parts import Nearby, Question, error_of, parts_of
from highdim.standing.kkt import KktCertificate
from highdim.training.trajectory import Trajectory
from univariate.common import check
from univariate.common.document import document, write_document
from univariate.common.files import PathLike
from univariate.common.result import Result
from univariate.common.tolerance import DEFAULT_CONFIDENCE

SCHEMA: Final = "highdim.report/1"


@dataclass(frozen=True, repr=False, eq=False)
class Report(Result):
    """Everything known about a network on a sphere sample; see the classes of the fields.

    What does not apply to the net is None, and `missing` says why.

    Attributes
    ----------
    finding : str
        What was learnt, in one sentence.
    p, epsilon, delta : float
        Noise level (as given, else the sample's own, else the share of labels −1), and ε, δ of the
        theorems.
    clean_error : Estimate
        Of the net, on the unit sphere; exact for d = 2 and for bias-less nets of up to two live
        neurons.
    limit : OrthogonalLimit
        The max-margin net of orthonormal data with these labels.
    predicted_clean_error : float
        That limit's prediction, an approximation for d ≥ m; of a net with biases, even if this one
        has none.
    near_orthogonality : NearOrthogonality
        Properties 1–3.
    optimum : OptimumBounds or None
        ‖θ*‖² with trained outputs, between proved bounds. "net 0" among its candidates is the net,
        balanced.
    kkt, fixed_kkt : KktCertificate or None
        Of the net, with trained outputs; and with fixed ones, if all of them are ±1.
    theorem_4_1, theorem_4_3, proposition_4_4, proposition_4_5 : StatementReport or None
        4.1: nets with biases. 4.3: if besides all outputs are ±1. 4.4: no biases (or zeros) and up
        to two neurons. 4.5: no biases (or zeros).
    nearby : Nearby or None
        The KKT point near the net, where it was asked for; with fixed outputs, if all of them are
        ±1.
    missing : dict
        Why fields are None, by their names.
    run : RunFacts or None
        The training run that the net is the end of.
    origin : dict
        Seed, command line, files: whatever the caller wants kept.
    """

    finding: str
    p: float
    epsilon: float
    delta: float
    sample_facts: SampleFacts
    net_facts: NetFacts
    interpolation: FitFacts
    clean_error: Estimate
    limit: OrthogonalLimit
    predicted_clean_error: float
    near_orthogonality: NearOrthogonality
    optimum: OptimumBounds | None
    kkt: KktCertificate | None
    fixed_kkt: KktCertificate | None
    theorem_4_1: StatementReport | None
    theorem_4_3: StatementReport | None
    proposition_4_4: StatementReport | None
    proposition_4_5: StatementReport | None
    nearby: Nearby | None
    missing: Mapping[str, str]
    run: RunFacts | None
    origin: Mapping[str, Any]
    net: Network
    sample: SphereSample

    @property
    def statements(self) -> tuple[StatementReport, ...]:
        """The statements evaluated, the one about fixed outputs first where it applies."""
        found = (self.theorem_4_3, self.theorem_4_1, self.proposition_4_4, self.proposition_4_5)
        return tuple(one for one in found if one is not None)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready values; long arrays are summarised by their count, range
        and mean.
        """
        return {name: document(getattr(self, name)) for name in self.__dataclass_fields__}


def build_report(  # noqa: PLR0913 (what the theorems ask for, and what the caller knows)
    net: Network,
    sample: SphereSample,
    *,
    epsilon: float = 0.01,
    delta: float = DEFAULT_CONFIDENCE,
    p: float | None = None,
    origin: Mapping[str, Any] | None = None,
    rng: Any = 0,
    polish: bool = False,
    run: Trajectory | None = None,
) -> Report:
    """Examine a network on a sample.

    Parameters
    ----------
    net : TwoLayerNet or ThreeLayerNet
        In dimension d ≥ 2. Where all output weights are ±1 it is judged twice, as one of fixed
        outputs and as one of trained ones, since the file of a net does not tell. With three layers
        only the clean error, the fit and the sample are looked at.
    sample : SphereSample
        Of the net's dimension.
    epsilon, delta : float
        ε and δ of the theorems, in (0, 1).
    p : float, optional
        Noise level; the sample's own, or its share of labels −1, if not given.
    origin : mapping, optional
        Kept with the report and written with it: seed, command line, names of files.
    rng : int or numpy.random.Generator
        For sampled probabilities; a seed is used afresh by every function called.
    polish : bool
        Look for the KKT point near a 2-layer net too. It costs most: some 10 s at 100 neurons and
        100 data.
    run : Trajectory, optional
        The training run whose end the net is.

    Raises
    ------
    TypeError, ValueError
        No such net or sample, dimensions that differ, d = 1, numbers out of range, values of N on
        the data that overflow.

    Each part is as exact as the function it comes from. Same input and seed, same bits. Cost that
    of `kkt_certificate` and `clean_error`, and of `kkt_point` for `polish`.
    """
    require_network(net)
    require_sample(sample)
    if net.dimension != sample.dimension:
        raise ValueError(
            f"`net` must have the dimension of the sample, {sample.dimension}, got {net.dimension};"
            " pass the sample that it was trained on"
        )
    _require_finite(net(sample.X))
    noise = next(rate for rate in (p, sample.p, sample.noise_rate) if rate is not None)
    options: dict[str, Any] = {
        "epsilon": check.probability("epsilon", epsilon, open_interval=True),
        "delta": check.probability("delta", delta, open_interval=True),
        "p": check.probability("p", noise),
    }
    plus = int(np.sum(sample.y > 0.0))
    limit = orthogonal_limit(plus, sample.size - plus)
    facts, fits, error = NetFacts.of(net), FitFacts.of(net, sample), error_of(net, rng)
    parts = parts_of(Question(net, sample, facts, fits, error, options, rng), polish=polish)
    results: dict[str, Any] = {
        name: None if isinstance(part, str) else part for name, part in parts.items()
    }
    found = Report(
        finding="",
        **options,
        sample_facts=SampleFacts.of(sample),
        net_facts=facts,
        interpolation=fits,
        clean_error=error,
        limit=limit,
        predicted_clean_error=limit.predicted_clean_error(sample.dimension),
        near_orthogonality=sample.near_orthogonality(options["delta"], p=options["p"]),
        **results,
        missing={name: part for name, part in parts.items() if isinstance(part, str)},
        run=None if run is None else RunFacts.of(run),
        origin=dict(origin or {}),
        net=net,
        sample=sample,
    )
    return replace(found, finding=finding(found))


def _require_finite(outputs: NDArray[np.float64]) -> None:
    beyond = np.flatnonzero(~np.isfinite(outputs))
    if beyond.size:
        raise ValueError(
            "`net` must stay within the range of doubles on the data, got N(x) ="
            f" {outputs[beyond[0]]} at observation {beyond[0]}; multiply its parameters by a small"
            " number, which changes no sign"
        )


def write_json(report: Report, path: PathLike) -> Path:
    """Write the report as strictly valid JSON, with schema and package versions; an old file is
    replaced whole.

    Long arrays are summarised, so that the file stays small at any m, n and d.
    """
    return write_document(report.to_dict(), path, SCHEMA)
