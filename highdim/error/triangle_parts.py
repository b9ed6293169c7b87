"""The parts of spherical triangles on which N ≤ 0, enclosed; see `highdim.error.triangles`."""

from typing import Any, NamedTuple

import numpy as np

from highdim.error.form import Form
from univariate.common.arrays import Indices, Mask, Matrix, Vector
from univariate.common.tolerance import UNIT_ROUNDOFF


class _Layer(NamedTuple):
    """Pre-activations on triangles: linear parts at the corners, their constants, and what loose
    neurons add to them, between `down` ≤ 0 and `up` ≥ 0.
    """

    at: Matrix  # (k, 3, n)
    constant: Matrix  # (k, n)
    down: Matrix  # (k, n)
    up: Matrix  # (k, n)

    def range(self, stretch: Vector, band: Vector | float) -> tuple[Matrix, Matrix]:
        """Return bounds of the pre-activations on the spherical triangles."""
        beyond = stretch[:, None] * np.abs(self.at - self.constant[:, None]).max(axis=1) + band
        return self.at.min(axis=1) + self.down - beyond, self.at.max(axis=1) + self.up + beyond

    def take(self, rows: Indices) -> "_Layer":
        """Return some of the triangles."""
        return _Layer(*(part[rows] for part in self))

    def next(self, on: Mask, loose: Matrix, weights: Matrix, offset: Vector | float) -> "_Layer":
        """Return the layer above; `loose` holds the largest values of loose neurons, else 0."""
        up = on * self.up + loose
        down = on * self.down
        more, less = np.maximum(weights, 0.0), np.minimum(weights, 0.0)
        return _Layer(
            (self.at * on[:, None]) @ weights + offset,
            (self.constant * on) @ weights + offset,
            down @ more + up @ less,
            up @ more + down @ less,
        )


def error_parts(form: Form, corners: Matrix, longest: Vector) -> Matrix:
    """Return bounds and a middle value of the parts of the triangles on which N ≤ 0, (3, k)."""
    rho = np.sqrt(1.0 - longest**2 / 3.0)
    stretch = 1.0 / rho - 1.0 + 4.0 * UNIT_ROUNDOFF
    flat = np.zeros((len(corners), form.width))
    layer = _Layer(corners @ form.M.T + form.b, flat + form.b, flat, flat)
    sizes = np.linalg.norm(form.M, axis=1) + np.abs(form.b)
    band = 64.0 * UNIT_ROUNDOFF * sizes
    on, loose = _switched(layer, stretch, band)
    if form.upper is not None:
        reached = (on | (loose > 0.0)).astype(np.float64) @ (form.upper.columns != 0.0)
        layer = layer.next(on, loose, form.upper.columns, form.upper.b)
        band = form.upper.band
        on, loose = _switched(layer, stretch, band)
        loose[(reached == 0.0) & (form.upper.b <= 0.0)] = 0.0
    output = layer.next(on, loose, form.v[:, None], 0.0)
    least, largest = output.range(stretch, form.slack)
    active = on | (loose > 0.0)
    nonpositive = ~np.any(active[:, form.v > 0.0], axis=1) | (largest[:, 0] <= 0.0)
    positive = ~np.any(active[:, form.v < 0.0], axis=1) & np.any(on[:, form.v > 0.0], axis=1)
    positive |= least[:, 0] > 0.0
    shares = _below_zero(output, 0, rho, form.slack)
    alone = np.flatnonzero(~np.any(on, axis=1) & ~nonpositive)
    if len(alone):
        found = _of_loose_neurons(form.v, layer.take(alone), rho[alone], loose[alone] > 0.0, band)
        shares[0, alone] = np.maximum(shares[0, alone], found[0])
        shares[1, alone] = found[1]
        shares[2, alone] = np.minimum(shares[2, alone], found[2])
    shares[:, nonpositive] = 1.0
    shares[:, positive & ~nonpositive] = 0.0
    return shares


def _of_loose_neurons(v: Vector, layer: _Layer, rho: Vector, loose: Mask, band: Vector) -> Matrix:
    """Return the parts on which N ≤ 0 where no neuron of the last layer is on all over.

    N ≤ 0 where all that raise it are off, and if none lowers it, only there.
    """
    off = np.zeros((3, len(rho)))
    least = np.ones(len(rho))
    for k in np.flatnonzero(v > 0.0):
        parts = np.where(loose[:, k], _below_zero(layer, k, rho, float(band[k])), 1.0)
        off += 1.0 - parts
        least = np.minimum(least, parts[2])
    lowered = np.any(loose[:, v < 0.0], axis=1)
    found = np.maximum(1.0 - off, 0.0)
    found[2] = np.where(lowered, 1.0, least)
    return found


def _below_zero(layer: _Layer, k: np.signedinteger[Any] | int, rho: Vector, band: float) -> Matrix:
    """Return the parts of the triangles on which pre-activation k is at most 0, (3, cells)."""
    f = np.sort(layer.at[:, :, k], axis=1)
    bend = (1.0 - rho) * layer.constant[:, k]
    levels = (
        -layer.up[:, k] - np.maximum(-bend, 0.0) - band,
        0.5 * bend,
        -layer.down[:, k] + np.maximum(bend, 0.0) + band,
    )
    shares = np.array([_below(f, level) for level in levels])
    # from the flat triangle to the solid angle
    density = rho**3
    shares[0] *= density / (shares[0] * density + (1.0 - shares[0]))
    shares[2] /= shares[2] + (1.0 - shares[2]) * density
    return shares


def _switched(layer: _Layer, stretch: Vector, band: Vector) -> tuple[Mask, Matrix]:
    """Return which neurons are on all over their triangles, and the largest values of those that
    are neither on nor off.
    """
    least, largest = layer.range(stretch, band)
    on = least > 0.0
    return on, np.where(on, 0.0, np.maximum(largest, 0.0))


def _below(f: Matrix, level: Vector) -> Vector:
    """Return the part of a flat triangle on which a linear function with sorted values f at the
    corners is at most `level`.
    """
    a, b, c = f.T
    with np.errstate(all="ignore"):  # of what is not taken below
        tip = (level - a) / (b - a) * ((level - a) / (c - a))
        rest = 1.0 - (c - level) / (c - b) * ((c - level) / (c - a))
    inside = np.where(level < b, tip, rest)
    return np.where(level < a, 0.0, np.where(level >= c, 1.0, np.clip(inside, 0.0, 1.0)))
