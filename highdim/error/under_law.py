"""Clean errors under laws of x other than the uniform one on the sphere."""

from math import inf
from typing import Final

import numpy as np

from highdim.error.estimate import Estimate
from highdim.error.law_form import ball_form, gaussian_form, without_biases
from highdim.error.monte_carlo import Drawn, DrawnAgainst
from highdim.error.plan import Choice
from highdim.error.sampling import by_choice, by_sampling
from highdim.error.wanted import Wanted
from highdim.problem.law import Law
from highdim.problem.laws import Ball, Gaussian, Sphere
from highdim.problem.network import Network, TwoLayerNet
from univariate.common.spelled import spelled

ON_SPHERES: Final = ("auto", "circles", "lines", "points", "splitting")
IN_FLAT_SPACE: Final = ("auto", "lines", "points", "splitting")
DRAWN: Final = ("auto", "points")


def errs_as_on_sphere(net: Network, law: Law) -> bool:
    """Return whether L_cl under a law is that on the sphere: the law is that, or the direction of x
    is uniform and N, without biases, has one sign along it.
    """
    if isinstance(law, Sphere):
        return True
    uniform = isinstance(law, Ball) or (isinstance(law, Gaussian) and law.isotropic)
    return uniform and without_biases(net)


def under_law(net: Network, law: Law, wanted: Wanted, rng: np.random.Generator) -> Estimate:
    """Return the clean error under a law that is not the sphere's, with its interval.

    Raises ValueError for a method that the law does not have.
    """
    if isinstance(law, Gaussian | Ball):
        form = gaussian_form(net, law) if isinstance(law, Gaussian) else ball_form(net, law)
        _check_method(wanted.method, law, IN_FLAT_SPACE if form.flat else ON_SPHERES)
        return by_sampling(form, wanted, rng)
    _check_method(wanted.method, law, DRAWN)
    points = Choice(Drawn(net, law), inf, 0)
    return by_choice(points, wanted, rng)


def against_truth(
    net: Network, truth: TwoLayerNet, law: Law, wanted: Wanted, rng: np.random.Generator
) -> Estimate:
    """Return the clean error of a net of any depth against the sign of another one, under any law:
    by points.

    Raises ValueError for other methods.
    """
    if wanted.method not in DRAWN:
        raise ValueError(
            f"`method` must be 'auto' or 'points' for nets of {net.depth} layers against a truth,"
            f" got {wanted.method!r}; with two layers all others are known"
        )
    points = DrawnAgainst(net, truth, law)
    return by_choice(Choice(points, inf, 0), wanted, rng)


def _check_method(method: str, law: Law, known: tuple[str, ...]) -> None:
    if method not in known:
        listed = ", ".join(map(repr, known))
        raise ValueError(
            f"`method` must be one of {listed} for x of the law {spelled(law.name)}, got"
            f" {method!r}; 'auto' chooses"
        )
