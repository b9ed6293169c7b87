"""The sphere setting of Section 4: inputs in high dimension, where overfitting turns benign.

Samples, two- and three-layer nets on R^d, their training and their clean errors; certificates of KKT points and proved
bounds on the max-margin norm; Theorems 4.1 and 4.3 and Propositions 4.4 to 4.6 on a given net; and what is known in
closed form, the max-margin net of orthonormal data and the clean error that it predicts.
"""

from typing import TYPE_CHECKING, Any

from highdim.benign_interpolator import BenignInterpolator, benign_interpolator
from highdim.catastrophic import CatastrophicKktPoint, catastrophic_kkt_point, orthonormal_clean_error
from highdim.clean_error import Estimate, clean_error
from highdim.flow import FLOW_TOLERANCE, gradient_flow
from highdim.kkt import KktCertificate, kkt_certificate
from highdim.kkt_point import KktPoint, kkt_point
from highdim.near_orthogonality import GRAM_NORM, NearOrthogonality, Property
from highdim.network import Network, ThreeLayerNet, TwoLayerNet, load_network, network_from_torch
from highdim.optimum_bounds import DualBound, OptimumBounds, dual_bound, optimum_bounds
from highdim.orthogonal_limit import OrthogonalLimit, orthogonal_limit
from highdim.presets import PRESETS, preset
from highdim.propositions import (
    RATIONAL_COUNTEREXAMPLES,
    RationalCounterexample,
    SmallErrorNet,
    proposition_4_4,
    proposition_4_5,
    proposition_4_5_counterexample,
    proposition_4_6,
    width_two_clean_error,
)
from highdim.runs import RunConfig, grid
from highdim.sample import SphereSample, draw_sphere_sample
from highdim.starts import init_network
from highdim.statement import Check, StatementReport
from highdim.store import export
from highdim.sweep import sweep
from highdim.theorem_4_1 import theorem_4_1
from highdim.theorem_4_3 import theorem_4_3
from highdim.trajectory import Trajectory

if TYPE_CHECKING:
    from highdim.plots import plot_sweep

__all__ = [
    "FLOW_TOLERANCE",
    "GRAM_NORM",
    "PRESETS",
    "RATIONAL_COUNTEREXAMPLES",
    "BenignInterpolator",
    "CatastrophicKktPoint",
    "Check",
    "DualBound",
    "Estimate",
    "KktCertificate",
    "KktPoint",
    "NearOrthogonality",
    "Network",
    "OptimumBounds",
    "OrthogonalLimit",
    "Property",
    "RationalCounterexample",
    "RunConfig",
    "SmallErrorNet",
    "SphereSample",
    "StatementReport",
    "ThreeLayerNet",
    "Trajectory",
    "TwoLayerNet",
    "benign_interpolator",
    "catastrophic_kkt_point",
    "clean_error",
    "draw_sphere_sample",
    "dual_bound",
    "export",
    "gradient_flow",
    "grid",
    "init_network",
    "kkt_certificate",
    "kkt_point",
    "load_network",
    "network_from_torch",
    "optimum_bounds",
    "orthogonal_limit",
    "orthonormal_clean_error",
    "plot_sweep",
    "preset",
    "proposition_4_4",
    "proposition_4_5",
    "proposition_4_5_counterexample",
    "proposition_4_6",
    "sweep",
    "theorem_4_1",
    "theorem_4_3",
    "width_two_clean_error",
]


def __getattr__(name: str) -> Any:
    """Load the plots, and matplotlib with them, when first used."""
    if name.startswith("plot_") and name in __all__:
        from highdim import plots

        return getattr(plots, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
