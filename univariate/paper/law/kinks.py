"""The kinks of N in order, as the law counts them.

The law is about the net that a KKT certificate speaks of: kinks within its distance of a datum lie
on it, and neurons too small to be felt at its tolerance are left out. Kinks at one place are one
kink, of the sign of their summed slope change; where the changes cancel exactly there is none.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.problem.cells import Cells
from univariate.problem.evaluation import rounded_kinks
from univariate.problem.fitted import ShallowFitted
from univariate.problem.rational import prefix_sums
from univariate.standing.kkt import KktCertificate
from univariate.standing.kkt_measure import notable


class Turns(NamedTuple):
    """The kinks of N, from left to right. Signs are exact, places rounded."""

    place: Vector  # (k,) t_k; those on a datum are the datum
    position: Indices  # (k,) gap or datum, numbered as in `problem.cells`
    sign: Vector  # (k,) +1 where N is convex (v > 0), −1 where it is concave
    right: Indices  # (k,) a right-oriented neuron of that sign with its kink there; −1 without one
    left: Indices  # (k,) the same, left-oriented


def neurons_of(fit: ShallowFitted, certificate: KktCertificate) -> Cells:
    """Return the neurons that count, with their places among the data.

    On a datum are those that the certificate takes to lie there, whatever their distance; the side
    of the others is exact. Cost O(n log m).
    """
    clarke = certificate.clarke
    located = fit.cells(-1.0)
    datum = np.full(fit.net.width, -1)
    datum[clarke.neuron] = clarke.observation
    datum = datum[located.neuron]
    position = np.where(datum >= 0, 2 * datum + 1, 2 * fit.cut[located.neuron])
    located = located._replace(position=position, datum=datum)
    return located.take(notable(fit, located, certificate.tolerance))


def turns_of(fit: ShallowFitted, cells: Cells) -> Turns:
    """Return the kinks of N. Cost O(n log n); exact sums only where signs meet at one place."""
    net = fit.net
    cells = cells.take(net.w[cells.neuron] != 0.0)
    place = rounded_kinks(net.w[cells.neuron], net.b[cells.neuron])
    pinned = cells.datum >= 0
    place[pinned] = fit.sample.x[cells.datum[pinned]]
    order = np.lexsort((place, cells.position))
    cells = cells.take(order)
    place = place[order]
    sign = np.sign(net.v[cells.neuron])
    met = np.flatnonzero((np.diff(place) == 0.0) & (np.diff(cells.position) == 0))
    mixed = met[sign[met] != sign[met + 1]]
    if mixed.size:
        cells, sign = _exactly_ordered(fit, cells, place)
    group = _groups(fit, cells, place, sign)
    return _merged(fit, cells, place, sign, group)


def _exactly_ordered(fit: ShallowFitted, cells: Cells, place: Vector) -> tuple[Cells, Vector]:
    """Return the neurons with those of one rounded kink in the order of their exact ones."""
    net = fit.net
    order = np.arange(len(place))
    begin = np.flatnonzero(np.append(True, _apart(cells, place)))
    for first, last in zip(begin, np.append(begin[1:], len(place)), strict=True):
        if last - first > 1 and cells.datum[first] < 0:
            among = sorted(range(first, last), key=lambda k: _exact_kink(fit, int(cells.neuron[k])))
            order[first:last] = among
    cells = cells.take(order)
    return cells, np.sign(net.v[cells.neuron])


def _apart(cells: Cells, place: Vector) -> Mask:
    return np.asarray((np.diff(place) != 0.0) | (np.diff(cells.position) != 0))


def _exact_kink(fit: ShallowFitted, neuron: int) -> Fraction:
    return -Fraction(float(fit.net.b[neuron])) / Fraction(float(fit.net.w[neuron]))


def _groups(fit: ShallowFitted, cells: Cells, place: Vector, sign: Vector) -> Indices:
    """Number the kinks: neighbours of both signs share one only if they agree exactly."""
    new = _apart(cells, place)
    unequal = sign[1:] != sign[:-1]
    for k in np.flatnonzero(~new & unequal & (cells.datum[1:] < 0)).tolist():
        here = _exact_kink(fit, int(cells.neuron[k]))
        new[k] = here != _exact_kink(fit, int(cells.neuron[k + 1]))
    return prefix_sums(new) if len(place) else np.zeros(0, dtype=np.intp)


def _merged(fit: ShallowFitted, cells: Cells, place: Vector, sign: Vector, group: Indices) -> Turns:
    count = int(group[-1]) + 1 if len(group) else 0
    first = np.searchsorted(group, np.arange(count))
    convex = np.bincount(group[sign > 0.0], minlength=count) > 0
    concave = np.bincount(group[sign < 0.0], minlength=count) > 0
    net_sign = convex.astype(np.float64) - concave
    for k in np.flatnonzero(convex & concave).tolist():
        net_sign[k] = _summed_sign(fit, cells.neuron[group == k])
    agrees = sign == net_sign[group]
    right = _one_each(cells.neuron, group, agrees & ~cells.left, count)
    left = _one_each(cells.neuron, group, agrees & cells.left, count)
    found = Turns(place[first], cells.position[first], net_sign, right, left)
    real = net_sign != 0.0
    return Turns(*(part[real] for part in found))


def _one_each(neuron: Indices, group: Indices, chosen: Mask, count: int) -> Indices:
    """Return one of the chosen neurons of every group, −1 where there is none."""
    out = np.full(count, -1)
    out[group[chosen]] = neuron[chosen]
    return out


def _summed_sign(fit: ShallowFitted, neurons: Indices) -> float:
    """Return the sign of the slope change Σ v |w| of some neurons. Exact."""
    net = fit.net
    pairs = zip(net.v[neurons].tolist(), net.w[neurons].tolist(), strict=True)
    total = sum((Fraction(v) * abs(Fraction(w)) for v, w in pairs), Fraction(0))
    return float((total > 0) - (total < 0))
