"""Truths on R^d as text: "+1", "half-space DIRECTION OFFSET", or the file of a net of two layers.

A direction is a comma list of d numbers, or e1, -e3, … for ± a unit vector; without an offset the
border goes through the origin.
"""

import re
from typing import Final

import numpy as np

from highdim.problem.network import TwoLayerNet
from highdim.problem.network_files import network_of
from highdim.problem.truth import half_space, require_truth
from univariate.common.arrays import Vector
from univariate.common.home import at_home
from univariate.common.reading.networks import read_network

REMEDY: Final = "pass e.g. 'half-space e1 0.2', which is x_1 > 0.2, or the file of a net"
_AXIS: Final = re.compile(r"([+-]?)e(\d+)")
_LONGEST: Final = 4
"""Entries of a direction that a name spells out."""


def named_truth(text: str, dimension: int) -> TwoLayerNet | None:
    """Return the truth of a text, for inputs of this dimension; None for "+1".

    Parameters
    ----------
    text : str
        "+1"; "half-space 0.6,0.8 0.1" or "half-space -e2", the sign of a·x − c; or the path of a
        file with a net of two layers, whose sign is meant.
    dimension : int
        Of the inputs.

    Numbers are read to the nearest double; the direction is not normalised.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError
        None of these, or of another dimension.
    """
    kind, *parts = text.split() or [""]
    if text.strip() == "+1":
        return None
    if kind == "half-space":
        return _half_space(text, parts, dimension)
    if not at_home(text).is_file():
        raise FileNotFoundError(
            f"`truth` must be +1, a half space or an existing file, got {text!r}; {REMEDY}"
        )
    net = network_of(read_network(text))  # commands print what was passed over
    if not isinstance(net, TwoLayerNet):
        raise ValueError(
            f"`truth` must be a net of two layers, got {net.depth} in {text!r}; {REMEDY}"
        )
    return require_truth(net, dimension)


def truth_name(truth: TwoLayerNet | None) -> str:
    """Return what a truth is called: the text of +1 and of half spaces whose direction is short or
    a unit vector; any other by its size and what identifies it.
    """
    if truth is None:
        return "+1"
    found = _as_half_space(truth)
    if found is None:
        return f"a net of width {truth.width}, #{truth.fingerprint[:8]}"
    direction, offset = found
    places = np.flatnonzero(direction)
    if len(direction) <= _LONGEST:
        words = ",".join(f"{one:.15g}" for one in direction.tolist())
    elif len(places) == 1 and abs(direction[places[0]]) == 1.0:
        words = f"{'-' if direction[places[0]] < 0.0 else ''}e{places[0] + 1}"
    else:
        return f"a half space, |a| = {np.linalg.norm(direction):.6g}, c = {offset:.6g}," + (
            f" #{truth.fingerprint[:8]}"
        )
    return f"half-space {words}" + (f" {offset:.15g}" if offset else "")


def _half_space(text: str, parts: list[str], dimension: int) -> TwoLayerNet:
    wrong = ValueError(
        f"`truth` must be half-space, a direction of {dimension} numbers, and at most an offset,"
        f" got {text!r}; {REMEDY}"
    )
    if len(parts) not in (1, 2):
        raise wrong
    axis = _AXIS.fullmatch(parts[0])
    try:
        offset = float(parts[1]) if len(parts) == 2 else 0.0
        direction = [] if axis else [float(one) for one in parts[0].split(",")]
    except ValueError:
        raise wrong from None
    if axis:
        place = int(axis[2])
        if not 1 <= place <= dimension:
            raise wrong
        direction = [0.0] * dimension
        direction[place - 1] = -1.0 if axis[1] == "-" else 1.0
    if len(direction) != dimension:
        raise wrong
    return half_space(direction, offset)


def _as_half_space(truth: TwoLayerNet) -> tuple[Vector, float] | None:
    """Return a and c of a net with the sign of a·x − c everywhere; None if it is none such."""
    W, b, v = truth.W, truth.biases, truth.v
    if truth.width != 2 or not np.any(W[0]):
        return None
    if np.any(W[0] != -W[1]) or b[0] != -b[1] or not v.min() < 0.0 < v.max():
        return None
    first = int(np.argmax(v))  # σ(a·x − c) has the positive weight
    return W[first], float(-b[first]) + 0.0
