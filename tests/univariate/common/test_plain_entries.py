"""What stands beside a network and says nothing else of it: no warning, and no refusal."""

import dataclasses
import pathlib
import warnings

import numpy as np
import pytest

import univariate as u

LAYERS = {
    "0.weight": np.linspace(-1.0, 1.0, 5)[:, None],
    "0.bias": np.linspace(-0.5, 0.5, 5),
    "2.weight": np.linspace(1.0, 2.0, 5)[None, :],
}
PRINTED = """Sequential(
  (0): Linear(in_features=1, out_features=5, bias=True)
  (1): ReLU()
  (2): Linear(in_features=5, out_features=1, bias=True)
)"""
TWO_LAYERS = """Net(
  (fc1): Linear(in_features=1, out_features=5, bias=True)
  (act): ReLU(inplace=True)
  (fc2): Linear(in_features=5, out_features=1, bias=True)
)"""


@dataclasses.dataclass
class CfgR:
    """Settings as scripts keep them."""

    act: str = "relu"
    lr: float = 0.1


PLAIN = [
    {"config": {"class_weights": None, "label_smoothing": 0.0}},
    {"notes": "first try, lr too high?"},
    {"model_repr": PRINTED},
    {"model": PRINTED, "net_str": TWO_LAYERS},
    {"config": {"margin_target": 100.0, "loss_threshold": 1e-5, "auto_lr": False}},
    {"config": {"lr": 0.1, "step_size": 30, "gamma": 0.1}},
    {"step_size": 30, "gamma": 0.1},
    {"config": {"milestones": [10, 20], "gamma": 0.1}},
    {"config": {"target": "constant", "flip_prob": 0.1}},
    {"config": {"distribution": "uniform"}},
    {"config": CfgR()},
    {"config": {"out": pathlib.PurePosixPath("runs/x")}},
    {"config": {"sigma": 0.0, "low": 0.0, "high": 1.0, "input_scale": 1.0, "standardize": False}},
    {"config": "input_scale: 1.0\nsigma: 0.0"},
    {"scale": 1, "shift": 0, "x_mean": 0.0, "x_std": 1.0, "b_out": 0.0},
    {"config": {"k": 5}},
    {"zork": None, "config": {"quux": False, "temperature": 0.0}},
]

SAID = [
    ({"notes": "inputs divided by ten"}, "'notes'"),
    *(
        ({name: False}, f"'{name}' = False")
        for name in ["clip_negative", "positive", "hinge", "use_ramp"]
    ),
    *(({"notes": text}, "'notes'") for text in ["halved x before", "f is negated", "periodic"]),
    ({"notes": "the tanh net"}, "'notes'"),
    ({"notes": "alpha: 0.5"}, "'notes' = 'alpha: 0.5'"),
    ({"model_repr": TWO_LAYERS.replace("Net(", "ZorkNet(")}, "'model_repr'"),
    ({"model_repr": PRINTED.replace("ReLU()", "Snake()")}, "'model_repr'"),
    ({"model_repr": PRINTED.replace("  (1): ReLU()\n", "")}, "'model_repr'"),
    ({"model_repr": PRINTED[:-1] + "  (3): ReLU()\n)"}, "'model_repr'"),
    ({"config": {"gamma": 0.5, "lr": 0.1}}, "'config.gamma' = 0.5"),
    ({"config": {"gamma": 0.5, "step_size": 0.01}}, "'config.gamma' = 0.5"),
    ({"config": {"log_target": True}}, "'config.log_target' = True"),
    ({"config": {"target": "standard"}}, "'config.target' = 'standard'"),
    ({"config": {"out": pathlib.PurePosixPath("runs/tanh")}}, "'config.out' = 'runs/tanh'"),
    ({"config": {"rectify": False, "phi": None}}, "'config.rectify' = False, 'config.phi' = None"),
]

REFUSED = [
    {"config": {"input_scale": 2.0}},
    {"config": {"sigma": 0.5}},
    {"config": {"low": -1.0, "high": 1.0}},
    {"x_mean": 1.0},
    {"x_mean": [0.0], "x_std": [1.0]},
    {"config": {"use_relu": False}},
    {"model_repr": PRINTED.replace("ReLU()", "Tanh()")},
]


@pytest.mark.parametrize("beside", PLAIN, ids=range(len(PLAIN)))
def test_what_does_nothing_is_passed_over_in_silence(beside):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert u.ReluNet.from_torch({"net": LAYERS} | beside).width == 5


@pytest.mark.parametrize(("beside", "said"), SAID, ids=range(len(SAID)))
def test_what_is_like_it_and_may_do_something_is_said(beside, said):
    with pytest.warns(u.PassedOverWarning) as found:
        u.ReluNet.from_torch({"net": LAYERS} | beside)
    assert said in str(found[0].message)


@pytest.mark.parametrize("beside", REFUSED, ids=range(len(REFUSED)))
def test_what_does_something_is_refused(beside):
    with pytest.raises(ValueError, match="beside the network"):
        u.ReluNet.from_torch({"net": LAYERS} | beside)


def test_paths_in_files_are_paths(tmp_path):
    torch = pytest.importorskip("torch")
    path = tmp_path / "net.pt"
    model = {name: torch.tensor(array) for name, array in LAYERS.items()}
    for folder, is_said in (("runs/x", False), ("/runs/tanh", True)):
        torch.save({"net": model, "config": {"out": pathlib.PurePosixPath(folder)}}, path)
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            u.load_network(path)
        assert [folder in str(one.message) for one in found] == [True] * is_said
