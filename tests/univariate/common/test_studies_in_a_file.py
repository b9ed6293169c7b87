"""Files of a whole study: what stands beside other runs than the one asked for is not of it."""

import warnings

import numpy as np
import pytest

import univariate as u

RELU = {"0.weight": np.ones((3, 1)), "0.bias": np.arange(3.0), "2.weight": np.ones((1, 3))}
TANH = {name: 2.0 * array for name, array in RELU.items()}

STUDIES = {
    "by name": (
        {
            "tanh": {"config": {"act": "tanh"}, "state_dict": TANH},
            "relu": {"config": {"act": "relu"}, "state_dict": RELU},
        },
        "relu.state_dict",
        "tanh.state_dict",
    ),
    "in a list": (
        {"runs": [{"act": "gelu", "alpha": 2, "net": TANH}, {"act": "relu", "net": RELU}]},
        "runs.1.net",
        "runs.0.net",
    ),
    "two levels": (
        {"runs": {"a": {"w20": {"x_std": 2.0, "net": TANH}}, "b": {"w20": {"net": RELU}}}},
        "b.w20.net",
        "a.w20.net",
    ),
    "several in one": (
        {
            "one": {"ema": 0.9, "sd": {f"{k}.{n}": a for k in "ab" for n, a in RELU.items()}},
            "two": {"act": "elu", "net": TANH},
        },
        "one.sd.a",
        "two.net",
    ),
}


@pytest.mark.parametrize("kind", STUDIES)
def test_settings_of_other_runs_are_not_those_of_the_one_asked_for(kind):
    study, good, bad = STUDIES[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net = u.ReluNet.from_torch(study, key=good)
        assert net == u.ReluNet.from_torch(RELU)
    with pytest.raises(ValueError, match="beside the network"):
        u.ReluNet.from_torch(study, key=bad)
    with pytest.raises(ValueError, match="`model` holds"):
        u.ReluNet.from_torch(study)


@pytest.mark.parametrize("kind", STUDIES)
def test_settings_of_the_whole_study_are_of_every_run(kind):
    study, good, _ = STUDIES[kind]
    with pytest.raises(ValueError, match=r"'config\.act' = 'tanh'"):
        u.ReluNet.from_torch(study | {"config": {"act": "tanh"}}, key=good)
    with pytest.warns(u.PassedOverWarning, match="has 'alpha' = 2 beside"):
        u.ReluNet.from_torch(study | {"alpha": 2}, key=good)


def test_files_tell_all_that_was_passed_over_and_warn_of_what_is_of_the_run(tmp_path):
    torch = pytest.importorskip("torch")
    study, good, _ = STUDIES["in a list"]
    tensors = [
        run | {"net": {name: torch.tensor(array) for name, array in run["net"].items()}}
        for run in study["runs"]
    ]
    torch.save({"runs": tensors}, tmp_path / "study.pt")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert u.load_network(tmp_path / "study.pt", key=good) == u.ReluNet.from_torch(RELU)
