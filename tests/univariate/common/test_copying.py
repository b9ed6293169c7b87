"""Copies of results: read-only where these are, without what was worked out before."""

import copy
import pickle

import numpy as np
import pytest

from highdim import SphereSample, TwoLayerNet
from univariate import DeepReluNet, ReluNet, Sample

COPIES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
}


def line_net():
    return ReluNet([1.0, -2.0], [1.0, 3.0], [0.0, 0.5])


def deep_net():
    layers = (np.eye(2, 1), np.zeros(2)), (np.eye(2), np.zeros(2)), (np.eye(1, 2), np.zeros(1))
    return DeepReluNet(layers)


MADE = {
    "net on the line": (line_net, lambda net: (net.v, net.w, net.b)),
    "deep net": (deep_net, lambda net: [part for layer in net.layers for part in layer]),
    "sample on the line": (lambda: Sample([0.1, 0.4], [1.0, -1.0]), lambda one: (one.x, one.y)),
    "sample on R^d": (
        lambda: SphereSample(np.eye(2, 3), [1.0, -1.0]),
        lambda one: (one.X, one.y),
    ),
    "net on R^d": (
        lambda: TwoLayerNet([1.0], [[0.0, 1.0]], [0.5]),
        lambda net: (net.v, net.W, net.b),
    ),
}


def used(made):
    """Return a result that knows what it was asked for."""
    for name in ("norm_squared", "fingerprint", "gram"):
        getattr(made, name, None)
    return made


@pytest.mark.parametrize("how", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize(("make", "arrays"), MADE.values(), ids=MADE)
def test_arrays_that_are_read_only_are_so_in_copies(make, arrays, how):
    found = how(used(make()))
    assert found == make()
    for array in arrays(found):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 7.0


@pytest.mark.parametrize(("make", "_"), MADE.values(), ids=MADE)
def test_pickles_do_not_depend_on_what_was_asked_before(make, _):
    # caches that look arguments up by their pickles would miss them, and copies say old numbers
    assert pickle.dumps(used(make())) == pickle.dumps(make())


def test_a_copy_that_is_forced_to_change_says_its_own_norm():
    net = copy.deepcopy(used(line_net()))
    net.v.setflags(write=True)
    net.v[0] = 3.0
    assert net.norm_squared == 9.0 + 4.0 + 10.0 + 0.25
    assert net.fingerprint == ReluNet(net.v, net.w, net.b).fingerprint != line_net().fingerprint
