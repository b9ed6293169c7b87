"""Exact clean errors, max-margin solutions, training and certificates for 2-layer ReLU nets of a
scalar input.

N(x) = Σ_j v_j σ(w_j x + b_j) interpolates labels y_i = ±1; Problem (1) is min ‖θ‖² subject to y_i
N(x_i) ≥ 1, and L_cl = Pr[N(x) f*(x) ≤ 0] is the clean error, f* being the truth, +1 everywhere
unless another is given. Numbers of theorems, lemmas and equations are those of "From Tempered to
Benign Overfitting in ReLU Neural Networks".

Glossary
--------
- **v, w, b**: output weights, input weights, biases of the neurons; θ is all of them.
- **kink**: −b/w, where a neuron switches on or off; the slope of N jumps there by v|w|, so a kink
  is convex iff v > 0.
- **orientation**: sign of w; right-oriented neurons are active right of their kink, left-oriented
  ones left of it.
- **margin**: y_i N(x_i); its smallest value is scaled to 1 wherever Problem (1) is meant.
- **truth**: f*, a step function with values ±1; labels are f*(x), flipped with probability p.
- **multipliers**: λ_i ≥ 0 of Eqs. (2)–(5); at KKT points ‖θ‖² = 2 Σ λ_i.
- **flow**: dθ/dt = −∇L for L = Σ ℓ(y_i N(x_i)); σ = ∫ L dt is its scaled time, in which log L falls
  at a rate of order ‖θ‖².
- **rule**: what decides by the sign of a function that was fitted to a sample: a net, a vote of
  neighbours.
- **cell**: an orientation, a sign of v and a gap between neighbouring data; Problem (1) is convex
  over neurons that stay there.

Mathematics: `univariate.paper`, `univariate.paper.law`; `highdim` is the other half.

Results are frozen dataclasses with `to_dict()`; every docstring says whether a number is exact,
rounded (with a bound) or sampled (with an interval).
"""

from typing import TYPE_CHECKING, Any

from univariate.common.lazy import public_names

if TYPE_CHECKING:
    from univariate.common.ladder import LEVELS as LEVELS
    from univariate.common.nets.warned import PassedOverWarning as PassedOverWarning
    from univariate.common.result import Verdict as Verdict
    from univariate.error.clean_error import (
        CleanError as CleanError,
        clean_error as clean_error,
        clean_errors as clean_errors,
        exact_clean_error as exact_clean_error,
    )
    from univariate.error.curve import Spline as Spline
    from univariate.error.geometry import (
        gates_met as gates_met,
        margin_gates as margin_gates,
        sublevel_region as sublevel_region,
    )
    from univariate.error.k_nearest_neighbours import NearestNeighbours as NearestNeighbours
    from univariate.error.nadaraya_watson import NadarayaWatson as NadarayaWatson
    from univariate.error.noisy_error import (
        NoisyError as NoisyError,
        exact_noisy_error as exact_noisy_error,
        nearest_neighbour_noisy_error as nearest_neighbour_noisy_error,
        noisy_error as noisy_error,
    )
    from univariate.error.one_nearest_neighbour import (
        nearest_neighbour_clean_error as nearest_neighbour_clean_error,
    )
    from univariate.error.rule import Rule as Rule
    from univariate.error.signs import Signs as Signs
    from univariate.error.spline import spline as spline
    from univariate.optimum.global_minimum import (
        GlobalMinimumCertificate as GlobalMinimumCertificate,
        global_minimum_certificate as global_minimum_certificate,
    )
    from univariate.optimum.max_margin import MaxMargin as MaxMargin, max_margin as max_margin
    from univariate.optimum.minimum_norm import MinimumNorm as MinimumNorm
    from univariate.paper.bounds import Bound as Bound
    from univariate.paper.law.exact_difference import (
        exact_nearest_neighbour_difference as exact_nearest_neighbour_difference,
    )
    from univariate.paper.law.links import Link as Link
    from univariate.paper.law.noisy_bounds import (
        KktNoisyErrorBounds as KktNoisyErrorBounds,
        kkt_noisy_error_bounds as kkt_noisy_error_bounds,
    )
    from univariate.paper.law.outcome import (
        Chains as Chains,
        Deviation as Deviation,
        Difference as Difference,
        NearestNeighbourLaw as NearestNeighbourLaw,
    )
    from univariate.paper.law.sample_bounds import (
        KktCleanErrorBounds as KktCleanErrorBounds,
        kkt_clean_error_bounds as kkt_clean_error_bounds,
        kkt_clean_error_deviation as kkt_clean_error_deviation,
    )
    from univariate.paper.law.statement import nearest_neighbour_law as nearest_neighbour_law
    from univariate.paper.moves import Move as Move, two_neuron_move as two_neuron_move
    from univariate.paper.proof_move import proof_move as proof_move
    from univariate.paper.setting import Hypothesis as Hypothesis
    from univariate.paper.statements import (
        StatementCheck as StatementCheck,
        Violation as Violation,
    )
    from univariate.paper.structure import Structure as Structure, structure as structure
    from univariate.paper.theorems import (
        Attribution as Attribution,
        TheoremReport as TheoremReport,
        theorem_3_1 as theorem_3_1,
        theorem_3_2 as theorem_3_2,
    )
    from univariate.problem.deep_network import DeepReluNet as DeepReluNet
    from univariate.problem.density import Density as Density
    from univariate.problem.draws import draw_sample as draw_sample
    from univariate.problem.events import (
        Event as Event,
        SampleEvents as SampleEvents,
        sample_events as sample_events,
    )
    from univariate.problem.fitted import (
        Margins as Margins,
        interpolates as interpolates,
        margins as margins,
        smallest_margin as smallest_margin,
    )
    from univariate.problem.network import Network as Network, ReluNet as ReluNet
    from univariate.problem.network_files import load_network as load_network
    from univariate.problem.sample import Sample as Sample
    from univariate.problem.truth import Truth as Truth
    from univariate.report.comparison import (
        compare as compare,
        read_comparison as read_comparison,
    )
    from univariate.report.comparison_rows import ComparisonRow as ComparisonRow
    from univariate.report.contents import Report as Report
    from univariate.report.plots import (
        film as film,
        plot_attribution as plot_attribution,
        plot_bounds as plot_bounds,
        plot_comparison as plot_comparison,
        plot_kinks as plot_kinks,
        plot_margins as plot_margins,
        plot_net as plot_net,
        plot_report as plot_report,
        plot_study as plot_study,
        plot_trained as plot_trained,
        plot_trajectory as plot_trajectory,
        plot_zoom as plot_zoom,
    )
    from univariate.report.report import (
        build_report as build_report,
        save_solution as save_solution,
        write_json as write_json,
    )
    from univariate.report.study import run_study as run_study
    from univariate.report.study_rows import StudyRow as StudyRow
    from univariate.standing.certify import (
        Standing as Standing,
        certify as certify,
    )
    from univariate.standing.kkt import (
        Clarke as Clarke,
        KktCertificate as KktCertificate,
        Residual as Residual,
        kkt_certificate as kkt_certificate,
    )
    from univariate.standing.local_minimum import (
        LocalMinimumCertificate as LocalMinimumCertificate,
        local_minimum_certificate as local_minimum_certificate,
    )
    from univariate.standing.recheck import Recheck as Recheck, recheck as recheck
    from univariate.training.flow import gradient_flow as gradient_flow
    from univariate.training.kkt_point import KktPoint as KktPoint, kkt_point as kkt_point
    from univariate.training.loss import (
        LossGradient as LossGradient,
        loss_and_gradient as loss_and_gradient,
    )
    from univariate.training.search import (
        FoundPoint as FoundPoint,
        search_kkt_points as search_kkt_points,
    )
    from univariate.training.starts import init_network as init_network
    from univariate.training.trained import TrainedNet as TrainedNet, train_network as train_network
    from univariate.training.trajectory import Trajectory as Trajectory

    __version__: str

__all__, _load = public_names(__name__, __file__)


def __getattr__(name: str) -> Any:
    if name != "__version__":
        return _load(name)
    from univariate.common.version import library_version

    return library_version()


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
