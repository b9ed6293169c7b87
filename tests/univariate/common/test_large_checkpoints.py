"""Checkpoints whose parts are in many places, and long texts: time like the size of the file."""

import time

import numpy as np
import pytest

import univariate as u
from univariate.common.nets.beside import entries_beside
from univariate.common.nets.between import require_relu
from univariate.common.nets.checkpoint import state_dicts
from univariate.common.nets.nested_layers import has_nested_layers
from univariate.common.nets.settings import LONGEST, opened

pytestmark = pytest.mark.filterwarnings("ignore::univariate.PassedOverWarning")

LAYERS = {
    "fc1.weight": np.array([[1.0], [2.0]]),
    "fc1.bias": np.array([0.5, -1.0]),
    "fc2.weight": np.array([[1.0, -3.0]]),
}
LAYER = {"weight": np.array([[1.0], [2.0]])}


class Counted(dict):
    """A mapping that counts how often anyone asks for its entries."""

    asked = 0

    def items(self):
        Counted.asked += 1
        return super().items()


def ladder(levels, width, end, *names):
    """Return a part that leads to `end` in width^levels ways."""
    names = names or [f"run{k}" for k in range(width)]
    for _ in range(levels):
        end = Counted((name, end) for name in names[:width])
    Counted.asked = 0
    return end


@pytest.mark.parametrize("end", [{"weight": 1.0}, LAYER], ids=["number", "layer"])
@pytest.mark.parametrize("levels", [31, 40])
def test_parts_in_many_places_are_no_tree_of_layers(levels, end):
    """Two places on each of 31 levels are 2^31 names: nobody's net."""
    shared = ladder(levels, 2, end)
    assert not has_nested_layers(shared)
    assert not list(state_dicts(shared))
    with pytest.raises(ValueError, match="must hold only weights and biases"):
        u.ReluNet.from_torch(shared)
    assert Counted.asked < 64 * levels


def test_layers_in_several_places_are_several_layers():
    found = list(state_dicts(ladder(3, 2, LAYER)))
    assert len(found) == 1
    assert len(found[0].state_dict) == 8


@pytest.mark.parametrize("width", [2, 60])
def test_settings_in_many_places_are_looked_at_once(width):
    """60^3 ways lead to them."""
    shared = ladder(3, width, {"lr": 0.1})
    model = {"model": LAYERS, "config": shared}
    assert u.ReluNet.from_torch(model).width == 2
    assert entries_beside(model) == [("config", shared)]
    assert Counted.asked < 1000


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("epoch", list("abcdefgh")),
        ("config", ["name", "type", "kind", "class", "value", "cls", "_target_"]),
        ("activation", list("12345678")),
        ("data", ["train", "val", "test", "all", "clean", "noisy", "label", "x"]),
    ],
)
def test_names_that_are_joined_on_many_paths_make_no_part_another_one(name, names):
    """7^6 ways lead to it, under as many names."""
    shared = ladder(6, len(names), {"note": "hello"}, *names)
    assert u.ReluNet.from_torch({"model": LAYERS, name: shared}).width == 2
    assert Counted.asked < 3000


@pytest.mark.parametrize("name", ["act", "x_mean"])
def test_what_is_in_many_places_is_found(name):
    shared = ladder(3, 30, {name: [0.5] if name == "x_mean" else "tanh"})
    for model in ({"net": LAYERS, "config": shared}, {"config": shared, "net": LAYERS}):
        with pytest.raises(ValueError, match=rf"run0\.run0\.run0\.{name}"):
            u.ReluNet.from_torch(model)


@pytest.mark.parametrize("wrapped", range(8))
def test_what_is_deep_in_one_place_is_looked_at_in_another(wrapped):
    """What was too deep to be looked into is not known."""
    shared = {"config": {"act": "tanh"}}
    deep = shared
    for _ in range(wrapped):
        deep = {"config": deep}
    for parts in ({"config": deep, "run": shared}, {"run": shared, "config": deep}):
        with pytest.raises(ValueError, match=r"act' = 'tanh'"):
            require_relu({"net": LAYERS, "all": parts}, [LAYERS])


@pytest.mark.parametrize(
    ("text", "count"), [("--a" * 60_000, 0), ("lr: 0.1\n" * 30_000, 1), ("a" * 200_000, 0)]
)
def test_settings_of_long_texts_are_found_in_linear_time(text, count):
    """Options of which each may begin another one took 20 s."""
    start = time.process_time()
    found = opened(text)
    assert time.process_time() - start < 1.0
    assert (len(found) if isinstance(found, list) else 0) == count
    assert u.ReluNet.from_torch({"net": LAYERS, "config": text}).width == 2


def test_texts_too_long_for_settings_are_refused():
    text = "lr: 0.1\n" * (LONGEST // 8 + 1)
    for name in ("config", "notes", "1", "配置"):
        with pytest.raises(ValueError, match=rf"holds '{name}', a text of 1000008 letters"):
            u.ReluNet.from_torch({"net": LAYERS, name: text})
    for name in ("log", "history", "train_log"):
        assert u.ReluNet.from_torch({"net": LAYERS, name: text}).width == 2
