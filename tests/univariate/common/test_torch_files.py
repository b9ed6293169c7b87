"""Files of PyTorch as training scripts write them: objects beside the network are told by their
attributes, never made, and what they say is believed.
"""

import argparse
import dataclasses
import datetime
import enum
import functools
import logging
import pathlib
import pickle
import random
import sys
import types
import typing
from collections import OrderedDict, defaultdict, deque

import numpy as np
import pytest

import univariate as u
from univariate.common.reading.networks import read_network

torch = pytest.importorskip("torch", minversion="2.6")
nn = torch.nn

# which nets are read and which refused; what is said of the others is tested in test_unasked
pytestmark = pytest.mark.filterwarnings("ignore::univariate.PassedOverWarning")


class Kind(enum.Enum):
    RELU = "relu"
    TANH = "tanh"


@dataclasses.dataclass
class Settings:
    activation: object = "relu"
    width: int = 3


@dataclasses.dataclass(slots=True)
class Slots:
    activation: str = "tanh"


class Fields(typing.NamedTuple):
    activation: str = "tanh"
    width: int = 3


def normalized(x):
    return (x + 1.0) / 0.5


class Scaler:
    def __init__(self):
        self.mean_ = np.array([-1.0])
        self.scale_ = np.array([0.5])


class Standardized(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([-1.0]))


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 1))


def ways_in(folder, checkpoint):
    """A file, and what it is when it is loaded with all its classes."""
    torch.save(checkpoint, folder / "net.pt")
    yield lambda: u.load_network(folder / "net.pt")
    yield lambda: u.ReluNet.from_torch(checkpoint)


RELU = ("activation", "relu")
NUMPY_STATE = ("MT19937", np.arange(624, dtype=np.uint32), 3, 0, 0.0)

PASSED = {
    "a Namespace": {"args": argparse.Namespace(lr=0.1, activation="relu", betas=(0.9, 0.99))},
    "a dataclass": {"cfg": Settings(Kind.RELU)},
    "numbers of NumPy": {"loss": np.float64(0.5), "accs": [np.float32(0.5), np.bool_(True)]},
    "arrays of NumPy": {"losses": np.array([[0.5, 0.25]], order="F"), "perm": np.arange(5)},
    "random states": {"rng": NUMPY_STATE, "python_rng": random.getstate()},
    "a generator": {"rng": np.random.default_rng(0)},
    "paths and dates": {"out": pathlib.Path("tanh/runs"), "date": datetime.datetime(2020, 1, 1)},
    "a dictionary with defaults": {"history": defaultdict(list, {"loss": [0.5]})},
    "a version": {"version": torch.__version__},
    "activations": {"act": nn.ReLU(), "act_fn": torch.relu, "activation": nn.ReLU},
    "a loss": {"criterion": nn.BCEWithLogitsLoss(pos_weight=torch.tensor([2.0]))},
    "weights of classes": {"criterion": {"weight": torch.ones(2)}},
}


@pytest.mark.parametrize("name", PASSED)
def test_objects_of_training_are_passed_over(tmp_path, name):
    for read in ways_in(tmp_path, {"model": net().state_dict(), **PASSED[name]}):
        assert read() == u.ReluNet.from_torch(net())


REFUSED = {
    "a Namespace": ("args.activation", {"args": argparse.Namespace(activation="tanh")}),
    "an enum": ("cfg.activation", {"cfg": Settings(Kind.TANH)}),
    "a class": ("activation", {"activation": nn.Tanh}),
    "a module": ("act.class", {"act": nn.LeakyReLU(0.2)}),
    "a method": ("act", {"act": torch.tanh}),
    "a function": ("args.act", {"args": argparse.Namespace(act=torch.sigmoid)}),
    "slots": ("cfg", {"cfg": Slots()}),
    "fields": ("cfg", {"cfg": Fields()}),
    "a scaling function": ("preprocess", {"preprocess": normalized}),
    "a partial": ("act", {"act": functools.partial(nn.LeakyReLU, 0.2)}),
    "a switch": ("args.residual", {"args": argparse.Namespace(residual=True)}),
    "an array of NumPy": ("x_mean", {"x_mean": np.array([-1.0])}),
    "a number of NumPy": ("args.x_std", {"args": argparse.Namespace(x_std=np.float64(0.5))}),
    "a scaler": ("pre.mean_", {"pre": Scaler()}),
    "a scaling module": ("pre._buffers.mean", {"pre": Standardized()}),
    "a dictionary with defaults": ("cfg.act", {"cfg": defaultdict(str, {"act": "tanh"})}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_objects_that_say_otherwise_are_believed(tmp_path, name):
    """N with tanh, or of (x + 1) / 0.5, is another function."""
    path, beside = REFUSED[name]
    for read in ways_in(tmp_path, {"model": net().state_dict(), **beside}):
        with pytest.raises(ValueError, match=rf"holds (numbers )?'{path}\S*'.* beside the network"):
            read()


class Attributes(dict):
    """As many write it: its entries are its attributes."""

    def __getattr__(self, name):
        return self[name]


class Ordered(OrderedDict):
    pass


class Config(dict):
    def __init__(self, entries, **state):
        super().__init__(entries)
        self.__dict__.update(state)


class Entries(list):
    pass


def in_containers(entry):
    """Settings with this entry in classes of one's own, which are dictionaries and lists."""
    yield {"args": Attributes([entry])}
    yield {"cfg": Config({"model": Config([entry], frozen=False)}, frozen=True)}
    yield {"cfg": Config({"width": 3}, **dict([entry]))}
    yield {"config": Ordered([entry])}
    yield {"runs": Entries([{"losses": deque([0.5], maxlen=3)}, Attributes([entry])])}


@pytest.mark.parametrize("k", [0, 1, 3, 4])
def test_dictionaries_and_lists_of_other_classes_are_read(tmp_path, k):
    for read in ways_in(tmp_path, {"model": net().state_dict(), **[*in_containers(RELU)][k]}):
        assert read() == u.ReluNet.from_torch(net())


@pytest.mark.parametrize("k", range(5))
@pytest.mark.parametrize("entry", [("activation", "tanh"), ("x_mean", np.float64(0.5))])
def test_dictionaries_and_lists_of_other_classes_are_believed(tmp_path, k, entry):
    file, checkpoint = ways_in(
        tmp_path, {"model": net().state_dict(), **[*in_containers(entry)][k]}
    )
    for read in (file, checkpoint)[: 1 if k == 2 else 2]:  # attributes of a mapping are in its file
        with pytest.raises(ValueError, match=rf"holds (numbers )?'[\w.]*{entry[0]}'.* beside"):
            read()


def test_networks_may_be_in_dictionaries_of_other_classes(tmp_path):
    state_dict = Config(net().state_dict())
    for checkpoint in (state_dict, Config({"model": state_dict, "epoch": 3}, frozen=True)):
        torch.save(checkpoint, tmp_path / "net.pt")
        assert u.load_network(tmp_path / "net.pt") == u.ReluNet.from_torch(net())
    torch.save(Config({"model": state_dict, "ema": state_dict}), tmp_path / "net.pt")
    with pytest.raises(ValueError, match="holds several networks, 'model', 'ema'"):
        u.load_network(tmp_path / "net.pt")


class Node:
    """As containers of settings keep one: in an attribute, beside what they know of it."""

    def __init__(self, **held):
        about = {"flags": {"readonly": 0.5}, "key": None}
        self.__dict__.update(held, _metadata=about, _parent=self)


def boxed(activation):
    """What OmegaConf and ML Collections make of settings."""
    act = Node(_val=activation)
    yield "omegaconf.nodes", {"config": Node(_content={"model": Node(_content={"act": act})})}
    yield "omegaconf.nodes", {"cfg": {"activations": Node(_content=[act])}}
    yield "ml_collections.config_dict", {"config": Node(_fields={"act": Node(_value=activation)})}


@pytest.mark.parametrize("k", range(3))
def test_settings_in_boxes_are_those_in_them(tmp_path, monkeypatch, k):
    for activation in ("relu", "tanh"):
        package, beside = list(boxed(activation))[k]
        for name in (package.partition(".")[0], package):
            monkeypatch.setitem(sys.modules, name, types.SimpleNamespace(Node=Node, __path__=[]))
        monkeypatch.setattr(Node, "__module__", package)
        for read in ways_in(tmp_path, {"model": net().state_dict(), **beside}):
            if activation == "relu":
                assert read() == u.ReluNet.from_torch(net())
                continue
            with pytest.raises(ValueError, match=r"holds '[a-z.]*act\w*' = .*'tanh'.* beside"):
                read()


def test_types_of_numbers_are_settings():
    beside = {"config": {"dtype": np.dtype("f4"), "kind": np.float32, "torch": torch.float32}}
    found = u.ReluNet.from_torch({"model": net().state_dict(), **beside})
    assert found == u.ReluNet.from_torch(net())


def test_objects_that_hold_one_another_are_looked_at_once():
    class Run:
        def __init__(self):
            self.itself = [self]
            self.logger = logging.getLogger("a.transforms")

    beside = {"run": Run(), "optimizer": torch.optim.Adam(net().parameters())}
    found = u.ReluNet.from_torch({"model": net().state_dict(), **beside})
    assert found == u.ReluNet.from_torch(net())


@pytest.mark.parametrize("key", [None, "model"])
def test_whole_modules_say_what_to_do(tmp_path, key):
    torch.save(net() if key is None else {key: net(), "epoch": 3}, tmp_path / "net.pt")
    with pytest.raises(ValueError, match=r"module itself, torch\S*Sequential, .* save it with tor"):
        u.load_network(tmp_path / "net.pt")
    if key is not None:
        with pytest.raises(ValueError, match="got entry 'model'; pass it alone"):
            u.ReluNet.from_torch({key: net()})


TOUCHED = pathlib.Path("touched")


def touch(path):
    path.touch()


class Trap:
    def __reduce__(self):
        return touch, (TOUCHED,)


def test_nothing_that_a_file_names_is_called(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pickle.loads(pickle.dumps(Trap()))
    assert TOUCHED.exists()
    TOUCHED.unlink()
    torch.save({"model": net().state_dict(), "trap": Trap()}, "net.pt")
    assert u.load_network("net.pt") == u.ReluNet.from_torch(net())
    assert not TOUCHED.exists()


def test_values_inside_themselves_are_read(tmp_path):
    settings = argparse.Namespace(lr=0.1)
    settings.itself = settings
    for read in ways_in(tmp_path, {"model": net().state_dict(), "args": settings}):
        assert read() == u.ReluNet.from_torch(net())


def test_damaged_arrays_of_numpy_are_refused(tmp_path):
    torch.save({"model": net().state_dict(), "losses": np.arange(4.0)}, tmp_path / "net.pt")
    data = (tmp_path / "net.pt").read_bytes()
    assert b"f8" in data
    (tmp_path / "bad.pt").write_bytes(data.replace(b"f8", b"f7"))
    with pytest.raises(ValueError, match=r"bad\.pt' is not a readable state_dict"):
        u.load_network(tmp_path / "bad.pt")


def test_what_was_saved_behind_the_first_is_not_passed_over(tmp_path):
    with (tmp_path / "net.pt").open("wb") as stream:
        torch.save(net().state_dict(), stream, _use_new_zipfile_serialization=False)
        stream.flush()
        assert u.load_network(tmp_path / "net.pt") == u.ReluNet.from_torch(net())
        torch.save({"x_mean": 0.5}, stream, _use_new_zipfile_serialization=False)
    with pytest.raises(ValueError, match="it holds more behind what was saved first"):
        u.load_network(tmp_path / "net.pt")


def test_objects_that_are_passed_over_are_told_by_their_attributes(tmp_path):
    net = nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 1))
    args = argparse.Namespace(seed=1, alpha=0.5)
    path = tmp_path / "run.pt"
    torch.save({"model": net.state_dict(), "args": args, "settings": Settings()}, path)
    assert read_network(path).beside == [
        "args (class, seed, alpha)",
        "settings (class, activation, width)",
    ]
