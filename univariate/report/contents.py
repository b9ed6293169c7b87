"""What a report holds: everything that the package decided about a network on a sample."""

from collections.abc import Mapping
from typing import Any

from univariate.common.result import Result, result
from univariate.error.clean_error import CleanError
from univariate.error.noisy_error import NoisyError
from univariate.optimum.max_margin import MaxMargin
from univariate.optimum.optimum_error import OptimumError
from univariate.paper.law.outcome import NearestNeighbourLaw
from univariate.paper.law.sample_bounds import KktCleanErrorBounds
from univariate.paper.structure import Structure
from univariate.paper.theorems import TheoremReport
from univariate.problem.density import Density
from univariate.problem.fitted import Margins
from univariate.problem.network import Network
from univariate.problem.population import PLAIN, Population
from univariate.problem.sample import Sample
from univariate.report.documents import without
from univariate.report.facts import FitFacts, NetFacts, SampleFacts
from univariate.standing.certify import Standing
from univariate.training.trained import TrainedNet


@result
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
