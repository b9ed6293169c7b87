"""Shapes of arrays that are refused: what the message says to pass is taken."""

import re

import numpy as np
import pytest

from highdim import SphereSample, ThreeLayerNet, TwoLayerNet, half_space

CALL = re.compile(r"numpy\.\w+\((?:[^()]|\([^()]*\))*\)")
TAKERS = {
    "a sample of 3": lambda X: SphereSample(X, [1.0, 1.0, 1.0]),
    "a net of 3 neurons": lambda W: TwoLayerNet([1.0, 1.0, 1.0], W),
    "a first layer": lambda W1: ThreeLayerNet([1.0], np.ones((1, len(W1))), None, W1, None),
    "points of R^3": half_space([1.0, 2.0, 3.0]),
    "points of the line": half_space([1.0]),
    "a direction": half_space,
}
"""What takes an array."""


@pytest.mark.parametrize(
    ("taker", "shape", "ways"),
    [
        ("a sample of 3", (3,), 1),
        ("a sample of 3", (1, 3), 1),
        ("a sample of 3", (2, 3), 1),
        ("a sample of 3", (2, 4), 0),
        ("a net of 3 neurons", (3,), 1),
        ("a net of 3 neurons", (4, 3), 1),
        ("a first layer", (3,), 2),
        ("points of R^3", (3,), 1),
        ("points of R^3", (4,), 0),
        ("points of R^3", (3, 5), 1),
        ("points of R^3", (5, 4), 0),
        ("points of R^3", (5, 1, 3), 1),
        ("points of R^3", (), 0),
        ("points of the line", (3,), 1),
        ("points of the line", (1, 3), 1),
        ("points of the line", (3, 1, 1), 1),
        ("a direction", (1, 3), 1),
        ("a direction", (3, 1), 1),
        ("a direction", (), 1),
        ("a direction", (2, 2), 0),
    ],
    ids=str,
)
def test_remedies_for_shapes_lead_on(taker, shape, ways):
    """Of lists, too; the numbers stay, and in their order unless axes were exchanged."""
    given = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape)
    with pytest.raises(ValueError, match=r"must (be|have) .*; pass ") as caught:
        TAKERS[taker](given.tolist())
    message = str(caught.value)
    name = re.match(r"`(\w+)`", message)[1]
    found = CALL.findall(message)
    assert len(found) == ways, message
    for way in found:
        passed = eval(way, {"numpy": np, name: given.tolist()})
        TAKERS[taker](passed)
        kept = passed.T if "transpose" in way else passed
        np.testing.assert_array_equal(kept.ravel(), given.ravel())
