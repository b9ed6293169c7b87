"""A net of inputs in R² on the unit circle: a line from zero to zero of its neurons. Exact.

As on the real line, layer by layer: within a piece every pre-activation is a line with integer
coefficients, in units of a power of two of its layer, and from piece to piece only the neurons that
switch between change what is pushed on.
"""

from collections.abc import Iterable, Iterator
from functools import cmp_to_key
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np

from highdim.error.arcs.lines import SEAM, End, Line, compare, ends
from highdim.problem.network import Network
from univariate.common.arrays import Matrix, Vector
from univariate.common.integers import WholeLayers, whole_layers

START: Final = SEAM._replace(angle=-SEAM.angle)
"""The angle −π, the same direction as the seam."""

_BY_ANGLE = cmp_to_key(compare)


class Piece(NamedTuple):
    """N is `line`, up to a positive factor, from `start` to `end`."""

    start: End
    end: End
    line: Line


def pieces(net: Network) -> Iterator[Piece]:
    """Yield the pieces of a net from −π to π. Cost O(n log n) products of integers for width n."""
    layers = whole_layers([*map(_with_bias, net.hidden), (net.v[None, :], np.zeros(1))])
    first = [
        Line(row[0], row[1], bias)
        for row, bias in zip(layers.weights[0], layers.biases[0], strict=True)
    ]
    yield from _descend(layers, 0, START, SEAM, first)


def _with_bias(layer: tuple[Matrix, Vector | None]) -> tuple[Matrix, Vector]:
    weight, bias = layer
    return weight, np.zeros(len(weight)) if bias is None else bias


def zeros_between(line: Line, start: End, end: End) -> list[End]:
    """Return the zeros of a line strictly between two angles, unordered."""
    return [zero for zero in ends(line) if compare(start, zero) < 0 < compare(end, zero)]


def _descend(
    layers: WholeLayers, depth: int, start: End, end: End, lines: list[Line]
) -> Iterator[Piece]:
    if depth == len(layers.weights) - 1:
        yield Piece(start, end, lines[0])
        return
    active = [start.sign_after(line) > 0 for line in lines]
    weights = layers.weights[depth + 1]
    pushed = [
        _summed(zip(row, lines, strict=True), active, bias)
        for row, bias in zip(weights, layers.biases[depth + 1], strict=True)
    ]
    switches = sorted(
        ((zero, j) for j, line in enumerate(lines) for zero in zeros_between(line, start, end)),
        key=lambda switch: _BY_ANGLE(switch[0]),
    )
    for _, group in groupby(switches, key=lambda switch: _BY_ANGLE(switch[0])):
        together = list(group)
        yield from _descend(layers, depth + 1, start, together[0][0], pushed)
        start = together[0][0]
        changes = [(j, zero.side) for zero, j in together]
        pushed = [
            _changed(line, row, lines, changes) for line, row in zip(pushed, weights, strict=True)
        ]
    yield from _descend(layers, depth + 1, start, end, pushed)


def _summed(terms: Iterable[tuple[int, Line]], active: list[bool], bias: int) -> Line:
    """Return Σ weight · line over the active neurons, and the bias."""
    on = [term for term, is_on in zip(terms, active, strict=True) if is_on]
    return Line(
        sum(weight * line.a for weight, line in on),
        sum(weight * line.b for weight, line in on),
        sum(weight * line.c for weight, line in on) + bias,
    )


def _changed(line: Line, row: list[int], lines: list[Line], changes: list[tuple[int, int]]) -> Line:
    """Return a pushed line with some neurons switched on (side 1) or off (−1)."""
    a, b, c = line
    for j, side in changes:
        weight = side * row[j]
        a += weight * lines[j].a
        b += weight * lines[j].b
        c += weight * lines[j].c
    return Line(a, b, c)
