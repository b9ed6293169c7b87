"""The sphere setting of Section 4: inputs in high dimension, where overfitting turns benign.

Samples, two- and three-layer nets on R^d, their training and their clean errors; certificates of
KKT points and proved bounds on the max-margin norm; Theorems 4.1 and 4.3 and Propositions 4.4 to
4.6 on a given net; and what is known in closed form, the max-margin net of orthonormal data and the
clean error that it predicts.
"""

from typing import TYPE_CHECKING

from univariate.common.lazy import public_names

if TYPE_CHECKING:
    from highdim.error.clean_error import clean_error as clean_error
    from highdim.error.estimate import Estimate as Estimate
    from highdim.error.regions import ErrorRegions as ErrorRegions
    from highdim.error.rule_errors import rule_clean_error as rule_clean_error
    from highdim.error.rules import (
        NearestNeighbour as NearestNeighbour,
        TangentRegression as TangentRegression,
    )
    from highdim.optimum.benign_interpolator import (
        BenignInterpolator as BenignInterpolator,
        benign_interpolator as benign_interpolator,
    )
    from highdim.optimum.dual_bound import DualBound as DualBound, dual_bound as dual_bound
    from highdim.optimum.half_space_rule import (
        MaxMarginHalfSpace as MaxMarginHalfSpace,
        max_margin_half_space as max_margin_half_space,
    )
    from highdim.optimum.max_margin import MaxMargin as MaxMargin, max_margin as max_margin
    from highdim.optimum.optimum_bounds import (
        OptimumBounds as OptimumBounds,
        optimum_bounds as optimum_bounds,
    )
    from highdim.optimum.orthogonal_limit import (
        OrthogonalLimit as OrthogonalLimit,
        orthogonal_limit as orthogonal_limit,
    )
    from highdim.paper.catastrophic import (
        CatastrophicKktPoint as CatastrophicKktPoint,
        catastrophic_kkt_point as catastrophic_kkt_point,
        orthonormal_clean_error as orthonormal_clean_error,
    )
    from highdim.paper.counterexamples import (
        SmallErrorNet as SmallErrorNet,
        proposition_4_5_counterexample as proposition_4_5_counterexample,
    )
    from highdim.paper.plane import width_two_clean_error as width_two_clean_error
    from highdim.paper.propositions import (
        proposition_4_4 as proposition_4_4,
        proposition_4_5 as proposition_4_5,
        proposition_4_6 as proposition_4_6,
    )
    from highdim.paper.rational_counterexamples import (
        RATIONAL_COUNTEREXAMPLES as RATIONAL_COUNTEREXAMPLES,
        RationalCounterexample as RationalCounterexample,
    )
    from highdim.paper.theorem_4_1 import theorem_4_1 as theorem_4_1
    from highdim.paper.theorem_4_3 import theorem_4_3 as theorem_4_3
    from highdim.problem.draws import draw_sphere_sample as draw_sphere_sample
    from highdim.problem.law import Law as Law
    from highdim.problem.laws import Ball as Ball, Gaussian as Gaussian, Sphere as Sphere
    from highdim.problem.near_orthogonality import (
        GRAM_NORM as GRAM_NORM,
        NearOrthogonality as NearOrthogonality,
        Property as Property,
    )
    from highdim.problem.network import (
        Network as Network,
        ThreeLayerNet as ThreeLayerNet,
        TwoLayerNet as TwoLayerNet,
        network_from_torch as network_from_torch,
    )
    from highdim.problem.network_files import load_network as load_network
    from highdim.problem.own_laws import Product as Product, Sampler as Sampler
    from highdim.problem.sample import SphereSample as SphereSample
    from highdim.problem.statement import Check as Check, StatementReport as StatementReport
    from highdim.problem.truth import half_space as half_space
    from highdim.report.plots import (
        plot_circle as plot_circle,
        plot_dimensions as plot_dimensions,
        plot_sphere as plot_sphere,
        plot_sweep as plot_sweep,
    )
    from highdim.standing.certify import Standing as Standing, certify as certify
    from highdim.standing.kkt import (
        KktCertificate as KktCertificate,
        kkt_certificate as kkt_certificate,
    )
    from highdim.standing.kkt_point import KktPoint as KktPoint, kkt_point as kkt_point
    from highdim.sweeps.exporting import export as export
    from highdim.sweeps.fits import ErrorFit as ErrorFit, fit_errors as fit_errors
    from highdim.sweeps.presets import PRESETS as PRESETS, preset as preset
    from highdim.sweeps.runs import RunConfig as RunConfig, grid as grid
    from highdim.sweeps.sweep import sweep as sweep
    from highdim.training.flow import (
        FLOW_TOLERANCE as FLOW_TOLERANCE,
        gradient_flow as gradient_flow,
    )
    from highdim.training.starts import init_network as init_network
    from highdim.training.trajectory import Trajectory as Trajectory

__all__, __getattr__ = public_names(__name__, __file__)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
