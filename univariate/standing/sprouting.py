"""A better net in which a neuron that is zero has become an atom that pays."""

from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Matrix
from univariate.problem.cells import Cells
from univariate.problem.fitted import ShallowFitted
from univariate.standing.descent import Improvement, along_atoms, improved, lifted
from univariate.standing.replay_beside import better_beside
from univariate.standing.replay_sides import Sided
from univariate.standing.sides import placed_stops
from univariate.standing.zero_neurons import Atom, Growth, growth, paying_atoms

_MOST_ATOMS: Final = 8
"""How many atoms are tried in the place of a zero neuron for every vector of multipliers."""


class Sprout(NamedTuple):
    """A better net, the direction to it, and in words as what the neuron pays."""

    better: Improvement
    direction: Matrix
    gain: str


def sprout(
    fit: ShallowFitted, active: Mask, located: Cells, sided: Sided, spare: Indices, tolerance: float
) -> Sprout | None:
    """Let the first of the `spare` neurons become an atom that pays with multipliers for every
    side; None where none leads to a better net.
    """
    neuron = int(spare[0])
    for branch in sided.branches:
        for states, multipliers in zip(branch.states, branch.high, strict=True):
            placed = placed_stops(fit, active, located, sided.sites, states)
            placed = placed.take(~np.isin(placed.neuron, spare))
            for atom in paying_atoms(fit.sample, multipliers, _MOST_ATOMS):
                grown = growth(fit.sample, active, placed, atom)
                better = None if grown is None else _better(fit, neuron, grown, tolerance)
                if grown is not None and better is not None:
                    direction = lifted(fit.net, grown.neurons, grown.changes)
                    return Sprout(better, direction, _paying(atom, grown))
    return None


def _better(fit: ShallowFitted, neuron: int, grown: Growth, tolerance: float) -> Improvement | None:
    """Return the better net in which a zero neuron has become an atom, if there is one."""
    neurons = np.append(grown.neurons, neuron)
    changes = np.vstack([grown.changes, grown.atom])
    signs = np.append(np.sign(fit.net.v[grown.neurons]), grown.sign)
    better = improved(fit, along_atoms(fit.net, neurons, changes, signs))
    if better is None or not better_beside(fit, better.witness, tolerance):
        return None
    return better


def _paying(atom: Atom, grown: Growth) -> str:
    """Say as what a zero neuron pays."""
    slope, offset = atom.line
    kink = "a constant" if slope == 0.0 else f"a kink at {-offset / slope:.6g}"
    return f"as {kink} with v {'>' if grown.sign > 0 else '<'} 0 it pays"
