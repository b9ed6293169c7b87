"""What is said of a module that computes something else than its layers: where, and by how much."""

from typing import Final

import numpy as np

from univariate.common.nets.probes import Points

_USUAL: Final = 1e3  # size of inputs that messages name
_VISIBLE: Final = 1e-9  # relative differences
_SINGLE: Final = 2.0**-24  # relative rounding of normal numbers in single precision
_TINY: Final = 2.0**-149  # the least number in single precision

_JOINED: Final = (
    "shared layers and branches are not converted: write what selects, joins or subtracts numbers"
    " as nn.Linear, as of weights -1 and 1 for a difference of two scores, or build the net of"
    " arrays"
)
_MADE: Final = (
    "features that forward makes of its inputs are not converted: make a constant beside them the"
    " bias of the first nn.Linear, and what is linear an nn.Linear of its own, followed by ReLU"
    " where it is, or build the net of arrays"
)


def something_else(points: Points, before: Points, after: Points, place: str) -> ValueError:
    """Return what differs most from ReLU, and where; in a part, from what this should give."""
    remedy = (
        "other activations, skipped or shared layers and scaled inputs are not converted: write"
        " activations as ReLU, LeakyReLU or PReLU, scalings as nn.Linear, and return the score"
        " itself, or build the net of arrays"
    )
    if before.shape != after.shape:
        got = f"{after.shape[1]} numbers for each input where these give {before.shape[1]}, {place}"
        remedy = _MADE if place.startswith("before") else _JOINED
    else:
        ends = place.startswith(("before", "after", "in "))
        wanted = before if ends else np.maximum(before, 0.0)
        off = _differences(points, after, wanted)
        worst, channel = np.unravel_index(int(np.argmax(off)), off.shape)
        where = np.array2string(points[worst], precision=6, threshold=4, edgeitems=2)
        got = (
            f"{after[worst, channel]:.6g} where these give {wanted[worst, channel]:.6g}, off by"
            f" {off[worst, channel]:.3g}, {place}, at x = {where}"
        )
        if _is_rounded(after, wanted):
            remedy = (
                "it is evaluated in double precision, let forward keep that, as by .to(x.dtype)"
                " where it says .float()"
            )
    return ValueError(
        "`model` must compute what its linear layers compute with ReLU between them, got"
        f" {got}; {remedy}"
    )


def _differences(points: Points, after: Points, wanted: Points) -> Points:
    """Return how far values are apart, those at points of usual size if they are, else those at the
    nearest; 0 elsewhere.
    """
    with np.errstate(all="ignore"):
        off = np.abs(after - wanted)
        apart = off > _VISIBLE * (np.abs(after) + np.abs(wanted))
    off[~np.isfinite(off)] = 0.0
    sizes = np.max(np.abs(points), axis=1)
    different = np.any(apart, axis=1)
    if np.any(different):
        off[(sizes > max(_USUAL, np.min(sizes[different]))) | ~different] = 0.0
    return off


def _is_rounded(after: Points, wanted: Points) -> bool:
    """Whether values differ as by rounding to single precision."""
    seen = np.isfinite(after) & np.isfinite(wanted)
    with np.errstate(all="ignore"):
        off = np.abs(after[seen] - wanted[seen])
        return bool(np.all(off <= np.maximum(_SINGLE * np.abs(wanted[seen]), _TINY)))
