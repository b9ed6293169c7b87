"""The sphere setting of Section 4: inputs in high dimension, where overfitting turns benign.

Samples, two- and three-layer nets on R^d, and their training; and what is known in closed form: the max-margin net of
orthonormal data, the limit of sphere samples as the dimension grows at a fixed sample size, and the clean error that
it predicts.
"""

from typing import TYPE_CHECKING, Any

from highdim.clean_error import Estimate, clean_error
from highdim.flow import FLOW_TOLERANCE, gradient_flow
from highdim.near_orthogonality import GRAM_NORM, NearOrthogonality, Property
from highdim.network import Network, ThreeLayerNet, TwoLayerNet, load_network, network_from_torch
from highdim.orthogonal_limit import OrthogonalLimit, orthogonal_limit
from highdim.presets import PRESETS, preset
from highdim.runs import RunConfig, grid
from highdim.sample import SphereSample, draw_sphere_sample
from highdim.starts import init_network
from highdim.store import export
from highdim.sweep import sweep
from highdim.trajectory import Trajectory

if TYPE_CHECKING:
    from highdim.plots import plot_sweep

__all__ = [
    "FLOW_TOLERANCE",
    "GRAM_NORM",
    "PRESETS",
    "Estimate",
    "NearOrthogonality",
    "Network",
    "OrthogonalLimit",
    "Property",
    "RunConfig",
    "SphereSample",
    "ThreeLayerNet",
    "Trajectory",
    "TwoLayerNet",
    "clean_error",
    "draw_sphere_sample",
    "export",
    "gradient_flow",
    "grid",
    "init_network",
    "load_network",
    "network_from_torch",
    "orthogonal_limit",
    "plot_sweep",
    "preset",
    "sweep",
]


def __getattr__(name: str) -> Any:
    """Load the plots, and matplotlib with them, when first used."""
    if name.startswith("plot_") and name in __all__:
        from highdim import plots

        return getattr(plots, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
