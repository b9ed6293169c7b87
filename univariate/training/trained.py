"""A trained net, its KKT point, where that stands, and what the theorems say.

A flow ends near a KKT point, never on it, so the point of its limiting cell is found first
(`univariate.kkt_point`), and all certificates are about that. A run that does not interpolate is a
result too, and nothing is claimed about it.
"""

from typing import Any

import numpy as np

from univariate.common import check
from univariate.common.result import Result, Verdict, result
from univariate.common.tolerance import DEFAULT_CONFIDENCE
from univariate.error.clean_error import CleanError, clean_error_of
from univariate.error.spline import spline
from univariate.optimum.belonging import require_own, require_own_if_given
from univariate.optimum.max_margin import MaxMargin, max_margin
from univariate.optimum.norm_ratio import NormRatio
from univariate.paper.setting import Setting
from univariate.paper.structure import Structure, structure_of
from univariate.paper.theorems import TheoremReport, evaluated_3_1, evaluated_3_2
from univariate.problem.density import Density, DensityLike
from univariate.problem.fitted import Interpolation, ShallowFitted
from univariate.problem.network import ReluNet
from univariate.problem.population import Population
from univariate.problem.sample import Sample, require_sample
from univariate.problem.truth import ALWAYS, Truth, TruthLike
from univariate.standing.certify import Standing, standing_of
from univariate.training.flow import FLOW_TOLERANCE, gradient_flow
from univariate.training.kkt_point import KktPoint, kkt_point_of
from univariate.training.starts import init_network
from univariate.training.trajectory import Trajectory


@result
class TrainedNet(Result):
    """A training run, its KKT point, and what is decided about that.

    Attributes
    ----------
    start : ReluNet
        Where training began.
    trajectory : Trajectory
        The run; `trajectory.net` is where it ended.
    interpolation : Interpolation
    end_clean_error : CleanError
        Of the end of the run; whether it interpolates is decided exactly.
    optimum : MaxMargin
        What ‖θ‖² is compared with.
    density : Density
    truth : Truth
        The law of x and the truth that clean errors are about.
    point : KktPoint or None
        The KKT point of the cell in which the run ended.
    missing : str
        Why there is no `point`; empty if there is one.
    standing, structure, theorem_3_1, theorem_3_2
        Of `net`.
    norm_ratio : float or None
        ‖θ‖² of `net` scaled to worst margin 1, over `optimum.norm_squared`, rounded: a lower bound
        on ‖θ‖²/‖θ*‖², short of it by the duality gap at most; `norm_ratios` has both bounds.
    regions : int or None
        Linear pieces of `net` on [0, 1], or on the support of the density.

    The last six, and `point`, are None where the run does not interpolate or was interrupted.
    """

    start: ReluNet
    trajectory: Trajectory
    interpolation: Interpolation
    end_clean_error: CleanError
    optimum: MaxMargin
    density: Density
    point: KktPoint | None = None
    missing: str = ""
    standing: Standing | None = None
    structure: Structure | None = None
    norm_ratio: float | None = None
    regions: int | None = None
    theorem_3_1: TheoremReport | None = None
    theorem_3_2: TheoremReport | None = None
    truth: Truth = ALWAYS

    @property
    def interpolates(self) -> bool:
        """Whether every y_i N(x_i) > 0 at the end of the run."""
        return self.interpolation.verdict is Verdict.HOLDS

    @property
    def population(self) -> Population:
        """The law of x and the truth."""
        return Population(self.density, self.truth)

    @property
    def net(self) -> ReluNet:
        """The KKT point's net, or the end of the run where there is none."""
        return self.trajectory.net if self.point is None else self.point.net

    @property
    def clean_error(self) -> CleanError:
        """The clean error of `net`."""
        return self.end_clean_error if self.theorem_3_1 is None else self.theorem_3_1.clean_error

    @property
    def end_norm_ratio(self) -> float | None:
        """As `norm_ratio`, of the end of the run; None where it does not interpolate. Rounded."""
        if not self.interpolates:
            return None
        return _ratio(self.trajectory.net, self.interpolation, self.optimum)

    @property
    def norm_ratios(self) -> NormRatio | None:
        """Bounds on ‖θ‖²/‖θ*‖² of `net` at worst margin 1; None where `norm_ratio` is."""
        return self._ratios(self.norm_ratio)

    @property
    def end_norm_ratios(self) -> NormRatio | None:
        """As `norm_ratios`, of the end of the run."""
        return self._ratios(self.end_norm_ratio)

    def _ratios(self, ratio: float | None) -> NormRatio | None:
        return None if ratio is None else NormRatio.of(ratio, self.optimum)

    @classmethod
    def of(
        cls,
        trajectory: Trajectory,
        sample: Sample,
        *,
        optimum: MaxMargin | None = None,
        delta: float = DEFAULT_CONFIDENCE,
        p: float | None = None,
        truth: TruthLike | None = None,
        density: DensityLike | None = None,
    ) -> "TrainedNet":
        """Examine a run on its sample; density and truth must be those that its record is of.

        Parameters as for `train_network`; cost that of `kkt_point` and `certify`.
        """
        fit = ShallowFitted.of(trajectory.net, sample)
        require_own_if_given(optimum, sample)
        best = max_margin(sample) if optimum is None else optimum
        meant = sample.population(density, truth)
        _require_that_of(trajectory, meant)
        error = clean_error_of(trajectory.net, meant)
        begun = trajectory.snapshots[0], trajectory, fit.interpolation, error, best, meant.density
        if trajectory.status == "interrupted" or not fit.interpolates:
            return cls(*begun, missing=trajectory.reason, truth=meant.truth)
        point: KktPoint | None = None
        missing = ""
        try:
            point, fit = kkt_point_of(fit, meant)
            error = point.clean_error
        except ArithmeticError as failure:
            missing = str(failure)
        standing = standing_of(fit, optimum=best)
        setting = Setting.of(fit, delta, p, meant, error, standing)
        return cls(
            *begun,
            point,
            missing,
            standing,
            structure_of(fit),
            _ratio(fit.net, fit.interpolation, best),
            spline(fit.net).linear_regions(meant.density.support()),
            evaluated_3_1(setting),
            evaluated_3_2(setting),
            meant.truth,
        )


def train_network(  # noqa: PLR0913 (the options of the start, of the flow and of the theorems)
    sample: Sample,
    *,
    rng: int | np.random.Generator,
    scheme: str = "spread",
    width: int | None = None,
    scale: float = 1.0,
    loss: str = "logistic",
    margin: float = 100.0,
    steps: int = 20_000,
    tolerance: float = FLOW_TOLERANCE,
    optimum: MaxMargin | None = None,
    delta: float = DEFAULT_CONFIDENCE,
    p: float | None = None,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
    progress: bool = False,
) -> TrainedNet:
    """Draw a start, follow the gradient flow from it, and examine where it ends.

    Parameters
    ----------
    sample : Sample
    rng : int or numpy.random.Generator
        The only source of randomness. Pass the generator that drew the sample, or another seed than
        its: one seed for both would place the kinks of a "spread" start by the numbers that placed
        the data.
    scheme, width, scale
        Of the start, see `init_network`.
    loss, margin, steps, tolerance
        Of the flow, see `gradient_flow`.
    optimum : MaxMargin, optional
        The result of `max_margin(sample)`, to save solving again.
    delta : float
        Failure probability of the sample events, in (0, 1).
    p : float, optional
        Noise level; the share of labels that are not the truth's if not given.
    truth, density : optional
        f* and the law of x; the sample's own if not given.
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    TrainedNet
        Also if the run does not interpolate, or was ended by Ctrl-C.

    Exactness as said by the parts: the run is rounded, what is decided about its end is certified.
    Cost that of `gradient_flow`, about one second for m = 20 and a minute for m = 100. Source:
    Theorems 2.1, 3.1 and 3.2.
    """
    check.probability("delta", delta, open_interval=True)
    require_own_if_given(optimum, require_sample(sample))
    meant = require_sample(sample).population(density, truth)
    told: dict[str, Any] = {"truth": meant.truth, "density": meant.density}
    p = None if p is None else check.probability("p", p)
    trajectory = gradient_flow(
        init_network(sample, scheme=scheme, width=width, scale=scale, rng=rng),
        sample,
        loss=loss,
        margin=margin,
        steps=steps,
        tolerance=tolerance,
        progress=progress,
        **told,
    )
    return TrainedNet.of(trajectory, sample, optimum=optimum, delta=delta, p=p, **told)


def require_trained_on(trained: TrainedNet, sample: Sample) -> None:
    """Raise ValueError unless a net was trained on a sample, by what is kept of both. Cost that of
    the margins.
    """
    remedy = "train_network(sample)"
    require_own("trained", trained.optimum, sample, remedy)
    if trained.standing is not None:
        subject = ShallowFitted.of(trained.net, sample).subject
        check.belongs("trained", trained.standing, subject, remedy, what="sample")
        return
    before = trained.interpolation
    now = ShallowFitted.of(trained.trajectory.net, sample).interpolation
    if not (now.low <= before.high and before.low <= now.high):
        raise ValueError(
            "`trained` must belong to `sample`, got that of another sample: its net has the margin"
            f" {now.margin:.6g} here, and {before.margin:.6g} there; pass {remedy}"
        )


def _require_that_of(trajectory: Trajectory, meant: Population) -> None:
    """Raise ValueError unless law and truth are those of a run."""
    for name, kept, got in (
        ("density", trajectory.density, meant.density.name),
        ("truth", trajectory.truth.name, meant.truth.name),
    ):
        if got != kept:
            raise ValueError(f"`{name}` must be that of the run, {kept}, got {got}; train with it")


def _ratio(net: ReluNet, fits: Interpolation, optimum: MaxMargin) -> float:
    return net.norm_squared / fits.margin / optimum.norm_squared
