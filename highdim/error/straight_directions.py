"""Directions for line sampling under N(0, I): to the nearest errors.

Any direction is without bias. The nearest errors, of the highest density, are looked for on rays
from 0: from the zero of N on a ray on in the direction of −∇N there, as a linear N is 0 nearest to
0 in that direction (Hasofer and Lind, Journal of the Engineering Mechanics Division 100, 1974).
Rays begin where single neurons pull N down, at random, and toward errors that splitting finds.
"""

from math import inf
from typing import Final

import numpy as np

from highdim.error.directions import APART, Leading, starts_toward_errors
from highdim.error.form import Form
from highdim.error.lines import unit_vectors
from highdim.error.straight_lines import StraightLines, family
from univariate.common.arrays import Matrix, Vector

STEPS: Final = 8
MOST: Final = 8  # directions
PROBE: Final = 3.0  # where N's slope is asked for on a ray without errors


def nearest_directions(form: Form, rng: np.random.Generator, errors: Matrix | None) -> Leading:
    """Return the directions of the nearest errors; none where no ray meets any.

    `errors` are pre-activations of the first layer at points in error, (k, n), where any are known.
    """
    distance, toward = _approached(form, starts_toward_errors(form, rng, errors))
    units = unit_vectors(form, toward)
    kept: list[int] = []
    left_out = 0
    order = np.argsort(distance, kind="stable")
    for i in order[distance[order] < inf]:
        if np.all(units[kept] @ units[i] < APART):
            if len(kept) == MOST:
                left_out += 1
            else:
                kept.append(int(i))
    places = units[kept] * distance[kept, None]
    return Leading(StraightLines(form, toward[kept]) if kept else None, left_out, places)


def _approached(form: Form, toward: Matrix) -> tuple[Vector, Matrix]:
    """Return the distance of the nearest error that was met from every start, inf for none, and the
    coefficients of its direction.
    """
    distance = np.full(len(toward), inf)
    best = toward.copy()
    for _ in range(STEPS):
        units = unit_vectors(form, toward)
        rays = family(form, np.zeros(units.shape), units, np.zeros(len(units)))
        angles = rays.nearest()
        met = rays.masses(rays.arcs[1]) > -inf
        found = np.where(met, rays.rho * np.tan(angles), inf)
        better = found < distance
        distance[better], best[better] = found[better], toward[better]
        gradients = form.gradients(rays.at(np.where(met, angles, np.arctan(PROBE / rays.rho))))
        moving = np.any(gradients @ form.axes, axis=1)
        toward = np.where(moving[:, None], -gradients, toward)
    return distance, best
