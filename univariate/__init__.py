"""Exact clean errors, max-margin solutions, training and certificates for 2-layer ReLU nets of a scalar input.

N(x) = Σ_j v_j σ(w_j x + b_j) interpolates labels y_i = ±1; Problem (1) is min ‖θ‖² subject to y_i N(x_i) ≥ 1, and
L_cl = Pr[N(x) ≤ 0] is the clean error.  Numbers of theorems, lemmas and equations are those of "From Tempered to
Benign Overfitting in ReLU Neural Networks".

Glossary
--------
v, w, b
    Output weights, input weights, biases of the neurons; θ is all of them.
kink
    −b/w, where a neuron switches on or off; the slope of N jumps there by v|w|, so a kink is convex iff v > 0.
orientation
    Sign of w: right-oriented neurons are active right of their kink, left-oriented ones left of it.
margin
    y_i N(x_i); its smallest value is scaled to 1 wherever Problem (1) is meant.
multipliers
    λ_i ≥ 0 of Eqs. (2)–(5); at the optimum ‖θ*‖² = 2 Σ λ_i.
flow
    dθ/dt = −∇L for L = Σ ℓ(y_i N(x_i)); σ = ∫ L dt is its scaled time, in which log L falls at a rate of order ‖θ‖².
cell
    An orientation, a sign of v and a gap between neighbouring data: Problem (1) is convex over neurons that stay there.

Results are frozen dataclasses with `to_dict()`; every docstring says whether a number is exact, rounded (with a
bound) or sampled (with an interval).
"""

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from univariate.certificate import Verdict
from univariate.clean_error import CleanError, clean_error, clean_errors, exact_clean_error
from univariate.flow import gradient_flow
from univariate.geometry import gates_met, margin_gates, sublevel_region
from univariate.kkt import Clarke, KktCertificate, Residual, kkt_certificate
from univariate.kkt_point import KktPoint, kkt_point
from univariate.local_minimum import LocalMinimumCertificate, local_minimum_certificate
from univariate.loss import LossGradient, loss_and_gradient
from univariate.margins import Margins, interpolates, margins, smallest_margin
from univariate.max_margin import (
    GlobalMinimumCertificate,
    MaxMargin,
    global_minimum_certificate,
    max_margin,
)
from univariate.moves import Move, proof_move, two_neuron_move
from univariate.nearest_neighbour import nearest_neighbour_clean_error
from univariate.network import DeepReluNet, Network, ReluNet, load_network
from univariate.recheck import Recheck, recheck
from univariate.report import Report, build_report, save_solution, write_json
from univariate.sample import Event, Sample, SampleEvents, draw_sample, sample_events
from univariate.search import FoundPoint, search_kkt_points
from univariate.spline import Spline, spline
from univariate.standing import LEVELS, Standing, certify
from univariate.starts import init_network
from univariate.structure import StatementCheck, Structure, Violation, structure
from univariate.study import StudyRow, run_study
from univariate.theorems import Attribution, Bound, Hypothesis, TheoremReport, theorem_3_1, theorem_3_2
from univariate.trained import TrainedNet, train_network
from univariate.trajectory import Trajectory

if TYPE_CHECKING:
    from univariate.plots import (
        film,
        plot_attribution,
        plot_bounds,
        plot_kinks,
        plot_margins,
        plot_net,
        plot_report,
        plot_study,
        plot_trained,
        plot_trajectory,
        plot_zoom,
    )

try:
    __version__ = version("tempered-overfitting")
except PackageNotFoundError:  # imported from a source tree that was never installed
    __version__ = "0+unknown"

__all__ = [
    "LEVELS",
    "Attribution",
    "Bound",
    "Clarke",
    "CleanError",
    "DeepReluNet",
    "Event",
    "FoundPoint",
    "GlobalMinimumCertificate",
    "Hypothesis",
    "KktCertificate",
    "KktPoint",
    "LocalMinimumCertificate",
    "LossGradient",
    "Margins",
    "MaxMargin",
    "Move",
    "Network",
    "Recheck",
    "ReluNet",
    "Report",
    "Residual",
    "Sample",
    "SampleEvents",
    "Spline",
    "Standing",
    "StatementCheck",
    "Structure",
    "StudyRow",
    "TheoremReport",
    "TrainedNet",
    "Trajectory",
    "Verdict",
    "Violation",
    "build_report",
    "certify",
    "clean_error",
    "clean_errors",
    "draw_sample",
    "exact_clean_error",
    "film",
    "gates_met",
    "global_minimum_certificate",
    "gradient_flow",
    "init_network",
    "interpolates",
    "kkt_certificate",
    "kkt_point",
    "load_network",
    "local_minimum_certificate",
    "loss_and_gradient",
    "margin_gates",
    "margins",
    "max_margin",
    "nearest_neighbour_clean_error",
    "plot_attribution",
    "plot_bounds",
    "plot_kinks",
    "plot_margins",
    "plot_net",
    "plot_report",
    "plot_study",
    "plot_trained",
    "plot_trajectory",
    "plot_zoom",
    "proof_move",
    "recheck",
    "run_study",
    "sample_events",
    "save_solution",
    "search_kkt_points",
    "smallest_margin",
    "spline",
    "structure",
    "sublevel_region",
    "theorem_3_1",
    "theorem_3_2",
    "train_network",
    "two_neuron_move",
    "write_json",
]


def __getattr__(name: str) -> Any:
    """Load the plots, and matplotlib with them, when first used."""
    if name in __all__ and (name == "film" or name.startswith("plot_")):
        from univariate import plots

        return getattr(plots, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
