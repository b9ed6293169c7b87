"""Trees of kernels whose names JAX has sorted: read in the order in which they are applied, which
only this test knows, or refused.
"""

import json
import time
from itertools import pairwise, permutations

import numpy as np
import pytest

import highdim
import univariate as u
from univariate.common.nets.state_dict import layers_of_state_dict

POINTS = np.linspace(-2.0, 3.0, 101)
WIDTHS = {"square": (1, 4, 4, 4, 1), "told by shapes": (1, 3, 5, 4, 1), "cycle": (1, 5, 5, 3, 5, 1)}


def applied(names, widths, seed=0):
    """Layers by name, in the order in which they are applied, kernels (inputs, outputs)."""
    rng = np.random.default_rng(seed)
    return {
        name: {"kernel": rng.normal(size=(n, m)), "bias": rng.normal(size=m)}
        for name, (n, m) in zip(names, pairwise(widths), strict=True)
    }


def values(layers, x):
    hidden = x[:, None]
    for k, layer in enumerate(layers.values()):
        hidden = (np.maximum(hidden, 0.0) if k else hidden) @ layer["kernel"] + layer["bias"]
    return hidden[:, 0]


def as_jax_sorts(layers):
    return {"params": {name: layers[name] for name in sorted(layers)}}


def joined(tree):
    return {
        f"params/{name}/{kind}": array
        for name, layer in tree["params"].items()
        for kind, array in sorted(layer.items())
    }


def read(layers, tmp_path, door):
    tree = as_jax_sorts(layers)
    if door == "tree":
        return u.ReluNet.from_torch(tree)
    np.savez(tmp_path / "net.npz", **joined(tree))
    return u.load_network(tmp_path / "net.npz")


@pytest.mark.parametrize("door", ["tree", "archive"])
@pytest.mark.parametrize("widths", WIDTHS.values(), ids=WIDTHS.keys())
def test_names_in_any_order_are_read_as_applied_or_refused(tmp_path, widths, door):
    words = ["embed", "mixer", "readin", "trunk", "zoom"][: len(widths) - 1]
    is_told = widths == WIDTHS["told by shapes"]
    for names in permutations(words):
        layers = applied(names, widths)
        if not is_told:
            with pytest.raises(ValueError, match="known order"):
                read(layers, tmp_path, door)
            continue
        net = read(layers, tmp_path, door)
        assert np.allclose(net(POINTS), values(layers, POINTS), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "names",
    [
        ("Dense_0", "Dense_1", "Dense_2", "Dense_3"),
        ("Dense_0", "Dense_1", "Dense_2", "head"),
        ("dense", "dense_1", "dense_2", "dense_3"),
        ("block_a", "block_b", "block_c", "head"),
        ("hidden1", "hidden2", "hidden3", "out"),
    ],
    ids="_".join,
)
@pytest.mark.parametrize("door", ["tree", "archive"])
def test_names_that_count_are_read(tmp_path, names, door):
    layers = applied(names, WIDTHS["square"])
    net = read(layers, tmp_path, door)
    assert np.allclose(net(POINTS), values(layers, POINTS), rtol=1e-9, atol=1e-9)


def test_modules_are_not_taken_apart(tmp_path):
    names = ("body.Dense_0", "body.Dense_1", "head.Dense_0", "head.Dense_1")
    layers = applied(names, WIDTHS["square"])
    entries = {f"{name}.{kind}": array for name in names for kind, array in layers[name].items()}
    net = u.ReluNet.from_torch(entries)
    assert np.allclose(net(POINTS), values(layers, POINTS), rtol=1e-9, atol=1e-9)


def test_many_layers_of_one_shape_are_refused_too(tmp_path):
    names = ["a_in", *(f"{word}_mid" for word in ("eight", "five", "four", "nine", "six")), "z_out"]
    layers = applied(names, (1, *[4] * 6, 1))
    with pytest.raises(ValueError, match="alphabetical order, in which JAX puts them"):
        read(layers, tmp_path, "tree")


def test_hundreds_of_numbered_layers_are_read_in_no_time():
    """All changes of two places were looked at in full: 4 s for these."""
    names = [f"layer_{k:03d}" for k in range(200)]
    layers = applied(names, (1, *[4] * 199, 1))
    start = time.process_time()
    assert list(layers_of_state_dict(layers)) == names
    assert time.process_time() - start < 1.0


def test_the_order_of_declaration_counts_where_it_is_no_alphabet():
    layers = applied(("one_in", "two", "three", "out"), WIDTHS["square"])
    net = u.ReluNet.from_torch({"params": layers})
    assert np.allclose(net(POINTS), values(layers, POINTS), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("bias", [True, False])
def test_weights_that_were_sorted_are_refused_as_kernels_are(tmp_path, bias):
    """By json with sort_keys, or by jax.tree.map over weights that are (outputs, inputs)."""
    layers = applied(("inp", "pre", "post", "score"), WIDTHS["square"])
    tree = {
        name: {"weight": layer["kernel"].T} | ({"bias": layer["bias"]} if bias else {})
        for name, layer in layers.items()
    }
    lists = {n: {kind: one.tolist() for kind, one in layer.items()} for n, layer in tree.items()}
    (tmp_path / "net.json").write_text(json.dumps(lists, sort_keys=True))
    flat = {f"{n}.{kind}": one for n in tree for kind, one in tree[n].items()}
    np.savez(tmp_path / "net.npz", **dict(sorted(flat.items())))
    for path in (tmp_path / "net.json", tmp_path / "net.npz"):
        with pytest.raises(ValueError, match=r"alphabetical order.*'post' -> 'score'|pre' -> 'p"):
            u.load_network(path)
    (tmp_path / "net.json").write_text(json.dumps(lists))
    net = u.load_network(tmp_path / "net.json")
    if bias:
        assert np.allclose(net(POINTS), values(layers, POINTS), rtol=1e-9, atol=1e-9)
    numbered = {f"fc{k}": layer for k, layer in enumerate(lists.values())}
    (tmp_path / "net.json").write_text(json.dumps(numbered, sort_keys=True))
    assert u.load_network(tmp_path / "net.json") == net


def test_weights_of_pytorch_are_never_sorted():
    layers = applied(("embed", "mixer", "readin", "zoom"), WIDTHS["square"])
    entries = {
        f"{name}.{kind}": array
        for name, layer in layers.items()
        for kind, array in (("weight", layer["kernel"].T), ("bias", layer["bias"]))
    }
    net = u.ReluNet.from_torch(entries)
    assert np.allclose(net(POINTS), values(layers, POINTS), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("wrapped", [False, True])
def test_state_dicts_of_pytorch_without_biases_are_in_order(tmp_path, wrapped):
    torch = pytest.importorskip("torch")
    names = ("embed", "mixer", "readin", "zoom")
    pairs = pairwise(WIDTHS["square"])
    made = {n: torch.nn.Linear(*pair, bias=False) for n, pair in zip(names, pairs, strict=True)}
    state = torch.nn.ModuleDict(made).state_dict()
    torch.save({"epoch": 3, "model": state} if wrapped else state, tmp_path / "net.pt")
    net = u.load_network(tmp_path / "net.pt")
    assert net == u.ReluNet.from_torch(state)
    with pytest.raises(ValueError, match="alphabetical order"):
        u.ReluNet.from_torch(dict(sorted(state.items())))


def test_a_key_says_that_the_alphabet_is_the_order():
    layers = applied(("embed", "mixer", "readin", "zoom"), WIDTHS["square"])
    with pytest.raises(ValueError, match="or say by key=''"):
        u.ReluNet.from_torch(layers)
    net = u.ReluNet.from_torch(layers, key="")
    assert np.allclose(net(POINTS), values(layers, POINTS), rtol=1e-9, atol=1e-9)


def test_nets_as_wide_as_their_inputs_are_told_by_numbers_alone():
    layers = applied(("mid", "stem", "top"), (4, 4, 4, 1))
    with pytest.raises(ValueError, match="alphabetical order"):
        highdim.network_from_torch(layers)
    numbered = dict(zip(("Dense_0", "Dense_1", "Dense_2"), layers.values(), strict=True))
    net = highdim.network_from_torch({"params": numbered})
    points = np.random.default_rng(1).normal(size=(20, 4))
    hidden = points
    for k, layer in enumerate(layers.values()):
        hidden = (np.maximum(hidden, 0.0) if k else hidden) @ layer["kernel"] + layer["bias"]
    assert np.allclose(net(points), hidden[:, 0], rtol=1e-9, atol=1e-9)
