"""Directions for line sampling: where N falls in the mean, and where it is least.

Any direction is without bias. What they must not do is to miss a place of errors that only few
circles through the other directions meet: then a variance looks small that is not. So N is
descended on the sphere from where single neurons pull it down most, from random points, and from
points in error that splitting finds, which knows of no directions. On the sphere the linear piece
at x is least at −∇N(x)/|∇N(x)|, which makes that the step.
"""

from math import inf
from typing import NamedTuple

import numpy as np

from highdim.error.draws import pre_activations
from highdim.error.form import Form
from highdim.error.lines import EQUAL, Directed, Lines
from highdim.error.straight_lines import StraightLines
from univariate.common.arrays import Matrix, Vector
from univariate.common.tolerance import UNIT_ROUNDOFF

MEAN_POINTS = 512
RANDOM_STARTS = 64
NEURON_STARTS = 192
STEPS = 8
APART = 0.8  # cosine: closer directions see the same errors
MOST = 24  # directions


def mean_direction(form: Form, rng: np.random.Generator) -> Directed:
    """Return line sampling along −E∇N, estimated from points; along a random direction where that
    vanishes.
    """
    mean = -np.mean(form.gradients(pre_activations(form, MEAN_POINTS, rng)), axis=0)
    size = float(np.linalg.norm(mean @ form.axes))
    anywhere = rng.standard_normal(form.width)
    toward = np.asarray(mean if size > form.slack else anywhere)[None]
    return StraightLines(form, toward) if form.flat else Lines(form, toward)


class Leading(NamedTuple):
    """Line sampling along directions that lead to errors, well apart; None where none does.

    `places` are errors in all these directions and the ones left out: pre-activations of the first
    layer, (k, n); for straight lines those in the directions taken, by coordinates.
    """

    lines: Directed | None
    left_out: int  # how many more directions were found
    places: Matrix


def deepest_directions(form: Form, rng: np.random.Generator, errors: Matrix | None) -> Leading:
    """Return the directions in which N is lowest; none where descent finds N > 0.

    `errors` are pre-activations of the first layer at points in error, (k, n), where any are known.
    """
    lowest, toward = descended(form, starts_toward_errors(form, rng, errors))
    gram = form.M @ form.M.T if form.width <= form.M.shape[1] else None
    images = _images(form, toward, gram)
    kept = list[int]()
    left_out = list[int]()
    order = np.argsort(lowest, kind="stable")
    for i in order[lowest[order] <= form.slack]:
        if len(kept) < MOST and np.all(toward[kept] @ images[i] < APART):
            kept.append(int(i))
        elif np.all(toward[kept + left_out] @ images[i] < EQUAL):
            left_out.append(int(i))
    lines = Lines(form, toward[kept]) if kept else None
    return Leading(lines, len(left_out), images[kept + left_out] + form.b)


def descended(form: Form, toward: Matrix) -> tuple[Vector, Matrix]:
    """Return the least N found on the ways down in given directions, coefficients c of c M in rows,
    and where; inf where there is no way.
    """
    gram = form.M @ form.M.T if form.width <= form.M.shape[1] else None
    return _descend(form, toward, gram)


def starts_toward_errors(form: Form, rng: np.random.Generator, errors: Matrix | None) -> Matrix:
    """Return coefficients of starting directions: neurons that pull N down, the strongest first,
    random ones, and those that lead to `errors`, where any are known.
    """
    pull = -form.v[:, None] * (np.eye(form.width) if form.upper is None else form.upper.columns.T)
    pull = pull[form.v < 0.0]
    strength = np.abs(pull) @ np.linalg.norm(form.axes, axis=1)
    strongest = np.argsort(-strength, kind="stable")[:NEURON_STARTS]
    known = [] if errors is None else [-form.gradients(errors)]
    anywhere = rng.standard_normal((RANDOM_STARTS, form.width))
    return np.concatenate([pull[strongest], anywhere, *known])


def _descend(form: Form, toward: Matrix, gram: Matrix | None) -> tuple[Vector, Matrix]:
    """Return the least N found from every start, inf for none, and the coefficients c of its
    direction, |c M| = 1.
    """
    lowest = np.full(len(toward), inf)
    best = np.zeros(toward.shape)
    for _ in range(STEPS):
        images = _images(form, toward, gram)
        length = np.sqrt(np.maximum(np.sum(toward * images, axis=1), 0.0))
        moving = length > UNIT_ROUNDOFF * (np.abs(toward) @ np.linalg.norm(form.M, axis=1))
        length = np.where(moving, length, inf)[:, None]
        Z = images / length + form.b
        values = np.where(moving, form.values(Z), inf)
        better = values < lowest
        lowest[better], best[better] = values[better], (toward / length)[better]
        toward = -form.gradients(Z)
    return lowest, best


def _images(form: Form, toward: Matrix, gram: Matrix | None) -> Matrix:
    """Return M (toward · M), a row for a row."""
    return np.asarray(toward @ gram if gram is not None else toward @ form.M @ form.M.T)
