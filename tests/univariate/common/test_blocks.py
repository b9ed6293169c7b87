"""State dicts whose names are those of residual blocks, which fit as chains do, warn."""

import json
import warnings

import numpy as np
import pytest

import highdim
import univariate as u
from univariate.common.nets.blocks import blocks_in
from univariate.common.reading.networks import read_network
from univariate.common.torch_layers import layers_in_words

SUSPECT = {
    "two layers a block": "stem blocks.0.fc1 blocks.0.fc2 blocks.1.fc1 blocks.1.fc2 head",
    "one layer a block": "stem blocks.0.fc blocks.1.fc head",
    "one block": "inp block.fc out",
    "one block of two": "inp block.fc1 block.fc2 out",
    "numbered": "block1.fc1 block1.fc2 block2.fc1 block2.fc2 out",
    "whatever they are called": "inp layers.0.a layers.0.b layers.1.a layers.1.b out",
    "nn.Sequential inside": "inp blocks.0.net.0 blocks.0.net.2 blocks.1.net.0 blocks.1.net.2 out",
    "one layer each": "block1 block2 head",
    "one layer each, numbered": "inp net.block_1 net.block_2 out",
    "one layer each, in a list": "stem blocks.0 blocks.1 head",
    "one layer each, in a list of a model": "model.inp model.blocks.0 model.blocks.1 model.out",
    "wrapped": "module.stem module.blocks.0.fc module.blocks.1.fc module.head",
}
PLAIN = {
    "fc1 fc2 fc3 fc4",
    "net.0 net.2 net.4 net.6",
    "model.net.0 model.net.2 model.net.4",
    "layers.0 layers.1 layers.2 layers.3",
    "blocks.0 blocks.1 blocks.2 blocks.3",
    "block.0 block.2 block.4",
    "hidden.0.linear hidden.1.linear out",
    "encoder.0 encoder.2 decoder.0 decoder.2",
    "module.fc1 module.fc2 module.fc3",
    "0.0 1.0 2.0 3",
    "inp body.0 body.2 out",
    "linear_in hidden_layers.0 hidden_layers.1 linear_out",
    "in_block.fc1 in_block.fc2",
    "in_block mid_block out_block",
}


def state_dict(names, width=4, inputs=1):
    names = names.split()
    shapes = [(width, inputs), *[(width, width)] * (len(names) - 2), (1, width)]
    rng = np.random.default_rng(0)
    return {
        f"{name}.{kind}": array
        for name, (n, d) in zip(names, shapes, strict=True)
        for kind, array in (("weight", rng.normal(size=(n, d))), ("bias", rng.normal(size=n)))
    }


@pytest.mark.parametrize("kind", SUSPECT)
def test_names_of_residual_blocks_are_said(tmp_path, kind):
    layers = state_dict(SUSPECT[kind])
    with pytest.warns(u.PassedOverWarning, match=r"`model` has layers in .* blocks, taken"):
        net = u.ReluNet.from_torch(layers)
    path = tmp_path / "net.npz"
    np.savez(path, **layers)
    with pytest.warns(u.PassedOverWarning, match=r"blocks, taken as a chain; .* by from_torch"):
        assert u.load_network(path) == net
    raw = read_network(path)
    assert "; taken as a chain: layers in " in layers_in_words(raw, 4)
    assert raw.complaint().endswith("--net-key '' says so")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # someone says that it is a chain
        assert u.load_network(path, key="") == net
        assert read_network(path, "").complaint() == ""


def test_on_the_sphere_as_well(tmp_path):
    layers = state_dict("inp block.fc out", 5, 3)
    for door in (highdim.network_from_torch, highdim.ThreeLayerNet.from_torch):
        with pytest.warns(u.PassedOverWarning, match="layers in 'block', by the names"):
            door(layers)
    path = tmp_path / "net.json"
    path.write_text(json.dumps({name: array.tolist() for name, array in layers.items()}))
    with pytest.warns(u.PassedOverWarning, match="layers in 'block', by the names"):
        highdim.load_network(path)


def test_both_are_said_in_one_warning():
    with pytest.warns(u.PassedOverWarning) as found:
        u.ReluNet.from_torch({"net": state_dict("inp block.fc out"), "alpha": 2})
    (one,) = found
    said = "not taken into account, and has layers in 'block',"
    assert str(one.message).startswith(f"`model` has 'alpha' = 2 beside its network, {said}")


@pytest.mark.parametrize("names", sorted(PLAIN))
@pytest.mark.parametrize("inputs", [1, 4], ids=["line", "square"])
def test_plain_chains_are_silent(names, inputs):
    layers = state_dict(names, 4, inputs)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if inputs == 1:
            u.ReluNet.from_torch(layers)
        weights = {
            name.removesuffix(".weight"): (array, None)
            for name, array in layers.items()
            if name.endswith("weight")
        }
        assert blocks_in(weights) == []
