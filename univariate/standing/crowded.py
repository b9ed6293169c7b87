"""Active data with kinks of their own sign on them: one, several that may move apart, or
some that would turn round.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Matrix
from univariate.problem.cells import Cells
from univariate.problem.fitted import ShallowFitted


class Group(NamedTuple):
    """An active datum with kinks of its own sign on it, and their cells."""

    datum: int
    right: Indices
    left: Indices


def same_sign(fit: ShallowFitted, active: Mask, located: Cells) -> Indices:
    """Return the cells whose kinks lie on active data of their own sign."""
    on = np.flatnonzero(located.datum >= 0)
    datum = located.datum[on]
    agree = fit.net.v[located.neuron[on]] * fit.sample.y[datum] > 0.0
    return on[active[datum] & agree]


def groups(fit: ShallowFitted, active: Mask, located: Cells) -> Iterator[Group]:
    """Yield the active data with same-sign kinks, right to left."""
    members = same_sign(fit, active, located)
    borders = np.flatnonzero(np.diff(located.datum[members])) + 1
    for cell in np.split(members, borders) if len(members) else []:
        datum = int(located.datum[cell[0]])
        left = located.left[cell]
        yield Group(datum, cell[~left], cell[left])


def only_turned(fit: ShallowFitted, reach: float) -> Mask:
    """Whether constant neurons of an observation's sign have a kink near it, but cannot be pinned
    to it: it is at the end of the line that they look at, and they would turn round.
    """
    net, sample = fit.net, fit.sample
    far = reach * (1.0 + 2.0**-20) * np.hypot(1.0, sample.x) >= 1.0
    turned = np.zeros(sample.size, dtype=np.bool_)
    for side in (-1.0, 1.0):
        signs = np.sign(net.v[fit.kinks == -side * np.inf])
        turned |= far & (side * sample.x > 0.0) & np.isin(sample.y, signs)
    return turned


def apart(
    fit: ShallowFitted,
    located: Cells,
    crowded: list[Group],
    neurons: Indices,
    changes: Matrix,
) -> tuple[Indices, Matrix]:
    """Let two kinks of one orientation move apart where their datum would lose its margin.

    Opposite changes of their v (w, b) cancel in the norm and at all other data, and raise the
    margin of this one.
    """
    net, sample = fit.net, fit.sample
    total = dict(zip(neurons.tolist(), changes, strict=True))
    moving = located.take(np.isin(located.neuron, neurons))
    steps = np.array([total[j] for j in moving.neuron.tolist()])
    for datum, right, left in crowded:
        one, other = located.neuron[(right if len(right) > 1 else left)[:2]].tolist()
        x = float(sample.x[datum])
        y = float(sample.y[datum])
        line = steps @ (x, 1.0)
        sign = np.sign(net.v[moving.neuron])
        place = 2 * datum + 1
        bent = (moving.position == place) & (moving.neuron != one) & (moving.neuron != other)
        active = np.where(moving.left, moving.position > place, moving.position < place)
        gain = y * float(np.sum(line * active) + np.sum(sign * np.maximum(0.0, sign * line) * bent))
        still = np.zeros(2)
        lead = y * float(total.get(one, still) @ (x, 1.0))
        if gain + max(0.0, lead) + max(0.0, y * float(total.get(other, still) @ (x, 1.0))) < 0.0:
            step = y * (abs(lead) - gain) / (x * x + 1.0) * np.array([x, 1.0])
            total[one], total[other] = total.get(one, still) + step, total.get(other, still) - step
    moved = sorted(total)
    return np.array(moved, dtype=np.intp), np.array([total[j] for j in moved]).reshape(
        len(moved), 2
    )
