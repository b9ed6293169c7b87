"""Files of settings beside that of a network: what speaks against ReLU in them is a warning."""

import json
import warnings

import numpy as np
import pytest

import highdim
import univariate as u
from univariate.common.reading.networks import read_network
from univariate.common.reading.yaml_settings import settings_of_yaml

LAYERS = {"0.weight": np.ones((3, 1)), "0.bias": np.arange(3.0), "2.weight": np.ones((1, 3))}
PLAIN = {"act": "relu", "lr": 0.1, "alpha": 2, "width": 3, "model": {"name": "mlp", "bias": True}}
ACTS = "torch.nn.modules.activation"
YAML = """# act: tanh
lr: 0.1
model:
  _target_: src.models.MLP
  hidden: [3]
  act: relu  # not gelu
  layers:
  - linear
  - relu
betas: !!python/tuple
- 0.9
- 0.999
resume: null
"""


def saved(folder, name="net.npz"):
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / name, **LAYERS)
    return folder / name


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("config.json", '{"hidden_act": "gelu"}', "'config.json.hidden_act' = 'gelu'"),
        ("args.json", '{"model": {"act": "tanh"}}', "'args.json.model.act' = 'tanh'"),
        (
            "args.json",
            '{"cmd": "train.py --act tanh --out ${OUT}"}',
            "'args.json.cmd.act' = 'tanh'",
        ),
        ("args.json", '{"x_mean": 2.0}', "'args.json.x_mean' (may be of a scaling)"),
        ("args.json", '{"norm": {"mean": [0.5], "std": [0.2]}}', "'args.json.norm.mean'"),
        (
            "config.json",
            '{"lr": 0.1, "mu": 0.5, "sigma": 0.2}',
            "'config.json.mu' (may be",
        ),
        (
            "config.yaml",
            "scaler:\n  shift: 0.5",
            "'config.yaml.scaler.shift' (may be",
        ),
        ("config.yaml", "data:\n  - mean: 0.5", "'config.yaml.data.mean' (may be"),
        ("hparams.yaml", "lr: 0.1\nact: tanh\n", "'hparams.yaml.act' = 'tanh'"),
        ("hparams.yaml", YAML.replace("t: relu", "t: 'silu'"), "'hparams.yaml.model.act' = 'silu'"),
        ("config.yaml", "act:\n  desc: null\n  value: elu\n", "'config.yaml.act.value' = 'elu'"),
        ("config.yaml", "acts:\n- relu\n- tanh\n", "'config.yaml.acts' = 'relu, tanh'"),
        ("config.yaml", "residual: true", "'config.yaml.residual' = True"),
        (
            ".hydra/config.yaml",
            "net:\n  act:\n    _target_: torch.nn.Tanh",
            "'.hydra/config.yaml.net.act._target_' = 'torch.nn",
        ),
        # classes and objects as Lightning writes them
        (
            "hparams.yaml",
            f"act: !!python/name:{ACTS}.Tanh ''",
            f".act' = '{ACTS}.Tanh'",
        ),
        ("hparams.yaml", f"act: !!python/object:{ACTS}.ELU\n  a: 1", f".class' = '{ACTS}.ELU'"),
        # beside texts of several lines, and after the mark of a byte order
        (
            "config.yaml",
            "m:\n- notes: |\n    act: relu\n  act: tanh",
            "yaml.m.act' = 'tanh'",
        ),
        ("config.yaml", "notes: 'a\n  b'\nact: tanh", "'config.yaml.act' = 'tanh'"),
        ("args.json", '\ufeff{"act": "tanh"}', "'args.json.act' = 'tanh'"),
    ],
)
@pytest.mark.parametrize("inner", ["", "checkpoints"])
@pytest.mark.parametrize("load", [u.load_network, highdim.load_network])
def test_what_they_say_against_relu_is_a_warning(tmp_path, load, inner, file, text, said):
    path = saved(tmp_path / inner)
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.warns(u.PassedOverWarning) as found:
        load(path)
    (one,) = found
    assert said in str(one.message)
    assert "save the state_dict alone, in a folder of its own, by names" in str(one.message)
    raw = read_network(path)
    assert said in raw.complaint()
    assert said in ", ".join(raw.unasked)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        *((name, json.dumps(PLAIN)) for name in ("config.json", "args.json")),
        *((name, YAML) for name in ("hparams.yaml", "config.yaml", ".hydra/config.yaml")),
        ("args.json", "[1, 2"),
        ("args.json", "\x80"),
        ("config.yaml", "- a\n - - b: c\n: d\n-\n"),
        ("config.yaml", ""),
        ("config.yaml", "act: ${model.act}\nbase: &b {lr: 1}\nactivation: *b\nc:\n  <<: *b\n"),
        # of noise, first weights, laws of data, momentum, results
        *(("args.json", json.dumps({name: 0.3})) for name in ["std", "scale", "norm", "mu"]),
        ("args.json", '{"cluster_std": 1.5, "reg_scale": 0.1, "clip": {"min": -1, "max": 1}}'),
        ("args.json", '{"mean_margin": 0.5, "index_offset": 3, "center": [0.0, 0.0], "b_std": 2}'),
        ("config.yaml", "data:\n  law: {loc: 0.5, scale: 2.0}\n  mixture:\n    means: [-1, 1]"),
        ("args.json", '{"0": 0.5, "std": 2.0, "1": {"sigma": 0.3}}'),
        ("config.yaml", "x_dist:\n  mean: 0.5\n  std: 0.1\nsigma: 0.2"),
        # what is looked up elsewhere
        ("args.json", '{"act": "${model.act}", "acts": ["${a}", "relu"]}'),
        ("config.yaml", "act: '${model.act}'\nacts:\n- ${a}\n- ${b}\nactivations: [${a}]"),
        # nothing
        ("args.json", '{"activations": []}'),
        ("config.yaml", "activations: []"),
        # classes and objects
        ("hparams.yaml", f"act: !!python/name:{ACTS}.ReLU ''\nloss: 1"),
        ("hparams.yaml", "activation_fn: !!python/name:torch.nn.functional.relu"),
        ("hparams.yaml", f"act: !!python/object:{ACTS}.ReLU\n  inplace: false"),
        ("hparams.yaml", f"act: !!python/object/apply:{ACTS}.ReLU\n- true"),
        # a remark of several lines
        ("config.yaml", "notes: |\n  beside:\n\n  act: tanh\nact: relu"),
        ("args.json", '{"a": ' * 400 + "{}" + "}" * 400),
        # other files, and other folders
        ("settings.json", '{"act": "tanh"}'),
        ("../args.json", '{"act": "tanh"}'),
        ("sub/args.json", '{"act": "tanh"}'),
    ],
)
def test_plain_settings_and_other_files_are_silent(tmp_path, file, text):
    path = saved(tmp_path / "a")
    (path.parent / file).parent.mkdir(exist_ok=True)
    (path.parent / file).write_text(text, encoding="utf-8" if text != "\x80" else "latin-1")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net = u.load_network(path)
    (first, bias), (last, _) = net.layers
    assert first.tolist() == [[1.0]] * 3
    assert bias.tolist() == [0.0, 1.0, 2.0]
    assert last.tolist() == [[1.0] * 3]
    assert read_network(path).complaint() == ""


def test_the_way_on_from_names_and_files_beside_is_another_place(tmp_path):
    path = saved(tmp_path / "tanh", "gelu.npz")
    (tmp_path / "tanh" / "args.json").write_text('{"act": "silu"}')
    with pytest.warns(u.PassedOverWarning, match="in a folder of its own, by names that say"):
        net = u.load_network(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert u.load_network(saved(tmp_path / "own", "net.npz")) == net
    layers = {name: array.tolist() for name, array in LAYERS.items()}
    within = tmp_path / "own" / "within.json"
    within.write_text(json.dumps({"model": layers, "alpha": 0.5}))
    with pytest.warns(u.PassedOverWarning, match="save the state_dict alone or ignore"):
        assert u.load_network(within) == net


def test_arrays_by_name_are_of_the_same_run_and_files_of_this_package_are_not(tmp_path):
    net = u.ReluNet([1.0], [1.0], [0.0])
    np.savez(tmp_path / "net.npz", v=net.v, w=net.w, b=net.b)
    net.save(tmp_path / "own.npz")
    (tmp_path / "args.json").write_text('{"act": "tanh"}')
    with pytest.warns(u.PassedOverWarning, match=r"'args\.json\.act' = 'tanh'"):
        u.load_network(tmp_path / "net.npz")
    (tmp_path / "config.json").write_text('{"activations": ["relu", "linear"]}')
    (tmp_path / "args.json").write_text('{"act": "relu"}')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert u.load_network(tmp_path / "net.npz") == net
    (tmp_path / "args.json").write_text('{"act": "tanh"}')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert u.load_network(tmp_path / "own.npz") == net


def test_values_of_yaml():
    assert settings_of_yaml(YAML) == {
        "lr": 0.1,
        "model": {
            "_target_": "src.models.MLP",
            "hidden": [3],
            "act": "relu",
            "layers": ["linear", "relu"],
        },
        "betas": [0.9, 0.999],
        "resume": None,
    }
    assert settings_of_yaml("a: {b: 1e-05, c: '1e-05', d: 2026-11-30}\ne: yes") == {
        "a": {"b": 1e-05, "c": "1e-05", "d": "2026-11-30"},
        "e": True,
    }
    assert settings_of_yaml("act: !!python/name:torch.tanh ''\nnet: !Net {act: elu}") == {
        "act": "torch.tanh",
        "net": {"act": "elu"},
    }


def test_aliases_are_not_unfolded():
    lines = [f"a{k}: &a{k} [*a{k - 1}, *a{k - 1}]" for k in range(1, 60)]
    assert settings_of_yaml("\n".join(["a0: &a0 [1, 1]", *lines]))["a59"] == [{}, {}]


@pytest.mark.parametrize("text", ["a: b: c", "{", "? {a: 1}\n: 2", "a: 1\n---\na: 2", "\x00"])
def test_what_is_no_yaml_is_refused(text):
    with pytest.raises(ValueError, match="no YAML"):
        settings_of_yaml(text)
