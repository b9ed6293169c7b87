"""What a report on a network and a sample on the sphere holds, and how it is stored."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from highdim.error.estimate import Estimate
from highdim.optimum.optimum_bounds import OptimumBounds
from highdim.optimum.orthogonal_limit import OrthogonalLimit
from highdim.problem.near_orthogonality import NearOrthogonality
from highdim.problem.network import Network
from highdim.problem.sample import SphereSample
from highdim.problem.statement import StatementReport
from highdim.report.facts import FitFacts, NetFacts, RunFacts, SampleFacts
from highdim.report.parts import Nearby, Solved
from highdim.standing.kkt import KktCertificate
from univariate.common.document import document, write_document
from univariate.common.files import PathLike
from univariate.common.result import Result, result

SCHEMA: Final = "highdim.report/2"


@result
class Report(Result):
    """Everything known about a network on a sphere sample; see the classes of the fields.

    What does not apply to the net is None, and `missing` says why.

    Attributes
    ----------
    finding : str
        What was learnt, in one sentence.
    p, epsilon, delta : float
        Noise level (as given, else the sample's own, else the share of labels unlike the truth),
        and ε, δ of the theorems.
    p_given : bool
        Whether p was given, or is the sample's own; it is p̂, the share of labels unlike the truth,
        otherwise.
    clean_error : Estimate
        Of the net, on the unit sphere, or under the law of the sample; on the sphere exact for d =
        2 and for bias-less nets of up to two live neurons.
    limit : OrthogonalLimit
        The max-margin net of orthonormal data with these labels.
    predicted_clean_error : float or None
        That limit's prediction, an approximation for d ≥ m; of a net with biases, even if this one
        has none. None for another law than the sphere's or another truth than +1.
    near_orthogonality : NearOrthogonality or None
        Properties 1–3; None for laws of x that Lemma B.1 and Remark 4.2 do not speak of.
    optimum : OptimumBounds or None
        ‖θ*‖² with trained outputs, between proved bounds. "net 0" among its candidates is the net,
        balanced.
    kkt, fixed_kkt : KktCertificate or None
        Of the net, with trained outputs; and with fixed ones, if all of them are ±1.
    theorem_4_1, theorem_4_3, proposition_4_4, proposition_4_5 : StatementReport or None
        4.1: nets with biases. 4.3: if besides all outputs are ±1. 4.4: no biases (or zeros) and up
        to two neurons. 4.5: no biases (or zeros).
    nearby : Nearby or None
        The KKT point near the net, where it was looked for; with fixed outputs, if all of them are
        ±1.
    max_margin : Solved or None
        The max-margin net beside this one, where it was asked for.
    searched : bool
        Whether it was looked for: it was asked for, and the net interpolates.
    missing : dict
        Why fields are None, by their names.
    run : RunFacts or None
        The training run that the net is the end of.
    origin : dict
        Seed, command line, files: whatever the caller wants kept.
    """

    finding: str
    p: float
    p_given: bool
    epsilon: float
    delta: float
    sample_facts: SampleFacts
    net_facts: NetFacts
    interpolation: FitFacts
    clean_error: Estimate
    limit: OrthogonalLimit
    predicted_clean_error: float | None
    near_orthogonality: NearOrthogonality | None
    optimum: OptimumBounds | None
    kkt: KktCertificate | None
    fixed_kkt: KktCertificate | None
    theorem_4_1: StatementReport | None
    theorem_4_3: StatementReport | None
    proposition_4_4: StatementReport | None
    proposition_4_5: StatementReport | None
    nearby: Nearby | None
    max_margin: Solved | None
    searched: bool
    missing: Mapping[str, str]
    run: RunFacts | None
    origin: Mapping[str, Any]
    net: Network
    sample: SphereSample

    @property
    def theorem(self) -> StatementReport | None:
        """The theorem evaluated, the one about fixed outputs where it applies."""
        return self.theorem_4_1 if self.theorem_4_3 is None else self.theorem_4_3

    @property
    def statements(self) -> tuple[StatementReport, ...]:
        """The statements evaluated, the one about fixed outputs first where it applies."""
        found = (self.theorem_4_3, self.theorem_4_1, self.proposition_4_4, self.proposition_4_5)
        return tuple(one for one in found if one is not None)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready values, with summaries of long arrays."""
        return {name: document(getattr(self, name)) for name in self.__dataclass_fields__}


def write_json(report: Report, path: PathLike) -> Path:
    """Write the report as strictly valid JSON, with schema and package versions.

    An old file is replaced only by a complete one. Long arrays are summarised, so that the file
    stays small at any m, n and d.
    """
    return write_document(report.to_dict(), path, SCHEMA)
