"""What stands beside a network and nobody asked about: functions of Python warn of it, and not of
what all checkpoints hold.
"""

import argparse
import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import highdim
import univariate as u
from highdim.problem.network_files import network_of
from highdim.problem.truth_text import named_truth
from univariate.common.nets.other_words import names_other
from univariate.common.reading.networks import read_network
from univariate.common.torch_layers import layers_in_words

LAYERS = {
    "fc1.weight": np.linspace(-1.0, 1.0, 50)[:, None],
    "fc1.bias": np.linspace(-0.5, 0.5, 50),
    "fc2.weight": np.linspace(1.0, 2.0, 50)[None, :],
}
DOORS = [u.ReluNet.from_torch, highdim.network_from_torch, highdim.TwoLayerNet.from_torch]
OPTIMISER = {"state": {0: {"step": 3, "exp_avg": np.zeros(3)}}, "param_groups": [{"lr": 0.1}]}

ORDINARY = {
    "scripts": {
        **{"epoch": 3, "optimizer_state_dict": OPTIMISER, "scheduler": {"last_epoch": 3}},
        **{"loss": 0.1, "losses": [0.1, 0.2], "best_acc": 0.9, "history": {"loss": [0.1]}},
        **{"rng_state": np.zeros(5, np.uint8), "date": "2026-11-30T15:11:37", "git_hash": "0a1b"},
        **{"version": "1.0", "torch_version": "2.1", "seed": 3, "seeds": [1, 2], "elapsed": 2.0},
        **{"print_freq": 10, "log_every": 5, "save_interval": 3, "gpu_memory": 1},
        **{"learning_rate": 0.1, "weight_decay": 0.0, "bestloss": 0.1, "ema": {"decay": 0.9}},
        **{"n": 100, "d": 1, "m": 50, "p": 0.1, "lr": 0.1, "metrics": {"auc": 0.5}},
        **{"train": {"x": np.zeros(3), "y": np.ones(3)}, "X_train": np.zeros((3, 1))},
        **{"cmd": "python train.py --lr 0.1 --width 50 --seed=3", "argv": ["train.py", "--lr=1"]},
    },
    "sizes": {
        **{"hidden": 50, "width": 50, "depth": 2, "layers": [1, 50, 1], "hidden_sizes": (50,)},
        **{"n_layers": 2, "num_hidden_layers": 1, "input_dim": 1, "output_dim": np.int64(1)},
        **{
            "layer_sizes": "1-50-1",
            "n_params": 150,
            "arch": [1, 50, 1],
            "widths": np.array([50]),
            "units": [np.int64(50)],
        },
    },
    "assumed": {
        **{"activation": "relu", "act_fn": "nn.ReLU", "output_activation": None, "bias": True},
        **{"use_bias": True, "skip_connection": False, "batch_norm": False, "normalize": None},
        **{"model": "mlp", "model_class": "ReLUNet", "arch": "MLP", "init": "kaiming_normal"},
        **{"cfg": {"init_scale": 0.1}, "dropout": 0.1, "negative_slope": 0.0, "residual": 0},
        **{"no_residual": True, "normalized_gd": True, "tanh": False, "use_relu": 1, "phi": "relu"},
        **{"act_fn2": {"name": "relu"}, "activation_dtype": "float32", "layers": [{"act": None}]},
        **{"config": {"class": "univariate.Run", "model": "MLP (no residual)"}, "kind": "nn.ReLU"},
        **{"init_rule": {"nonlinearity": "leaky_relu"}, "loss": "softplus", "criterion": "sigmoid"},
    },
    "classes": {
        **{"config": {"classes": "no, yes"}, "names_of_labels": ["negative", "Positive"]},
        **{"classes": [-1, 1], "classes_": np.array([-1, 1]), "label_names": ["-1", "+1"]},
        **{"labels": np.array([1, -1, 1]), "num_classes": 2},
        **{"labels_train": np.zeros(10**6, int), "label": np.zeros((2, 2), int)},
        **{"train": {"y": [1, -1]}, "hidden_bias": True, "bias_init": 0},
    },
    "lightning": {
        **{"pytorch-lightning_version": "2.1", "epoch": 3, "global_step": 10, "lr_schedulers": []},
        "loops": {
            "fit_loop": {
                "state_dict": {},
                "epoch_loop.batch_progress": {"total": {"ready": 3}, "is_last_batch": True},
            }
        },
        "callbacks": {
            "ModelCheckpoint{'monitor': None}": {
                "best_model_path": "/runs/epoch=3-step=10.ckpt",
                "best_k_models": {},
                "kth_value": 0.1,
            }
        },
        **{"optimizer_states": [OPTIMISER], "hparams_name": "kwargs"},
        "hyper_parameters": {"lr": 0.1, "width": 50, "activation": "relu", "batch_size": 8},
        "MixedPrecision": {"scale": 65536.0, "growth_factor": 2.0, "growth_interval": 2000},
        "datamodule_hyper_parameters": {"batch_size": 32, "num_workers": 2},
    },
    "timm": {
        **{"epoch": 3, "arch": "mlp", "version": 2, "metric": 0.9, "optimizer": OPTIMISER},
        "amp_scaler": {"scale": 65536.0, "growth_factor": 2.0},
        "args": argparse.Namespace(
            **{"batch_size": 8, "opt": "sgd", "opt_eps": None, "momentum": 0.9, "sched": "cosine"},
            **{"weight_decay": 1e-4, "warmup_epochs": 5, "min_lr": 1e-5, "clip_grad": None},
            **{"label_smoothing": 0.1, "mixup": 0.0, "dist_url": "env://", "dist_backend": "nccl"},
            **{"world_size": 1, "local_rank": 0, "amp": True, "device": "cuda:0", "workers": 4},
            **{"data": "./data", "dataset": "circles", "num_classes": 2, "pretrained": False},
            **{"output_dir": "out", "resume": "", "no_cuda": False, "print_freq": 10, "name": "r3"},
            **{"beta1": 0.9, "nesterov": True, "dry_run": False, "verbose": 1, "n_train": 100},
        ),
    },
    "fairseq": {
        "optimizer_history": [{"criterion_name": "x", "optimizer_name": "Adam", "num_updates": 3}],
        "extra_state": {
            **{"previous_training_time": 3.0, "val_loss": 0.1, "best": 0.2},
            "metrics": {"train": [1]},
            "train_iterator": {"epoch": 1, "iterations_in_epoch": 0, "shuffle": True, "version": 2},
        },
        **{"last_optimizer_state": OPTIMISER, "task_state": {}, "cfg": None, "criterion": {}},
    },
    "others": {
        "meta": {"epoch": 1, "iter": 2, "time": "Mon Nov 30 15:11", "mmcv_version": "1", "seed": 1},
        **{"param_schedulers": [], "updates": 3, "train_args": {"lr": 0.1, "epochs": 3}},
        "git": {"root": "/a", "branch": "main", "commit": "0a1b", "origin": "https://example.org"},
        **{"license": "MIT", "best_fitness": 0.2, "iter_num": 3, "best_val_loss": 0.1},
        **{"model_args": {"n_layer": 2, "bias": True}, "numpy_random_seed": 3, "step": 2},
        **{"opt_state": {"count": 3, "mu": {}, "nu": {}}, "wandb_config": {"lr": 0.1}},
        "config": {"class": "__main__.TrainConfig", "lr": 0.1, "optimizer": {"name": "adam"}},
    },
}

SAID = [
    ({"alpha": 0.5}, "'alpha' = 0.5"),
    ({"config": {"lr": 0.1, "alpha": 0.5}}, "'config.alpha' = 0.5"),
    ({"config": "lr: 0.1\nalpha: 0.5"}, "'config.alpha' = '0.5'"),
    ({"config": '{"lr": 0.1, "alpha": 0.5}'}, "'config.alpha' = 0.5"),
    ({"cmd": "python train.py --lr 0.1 --alpha=2"}, "'cmd.alpha' = '2'"),
    ({"argv": ["train.py", "--lr", "0.1", "--alpha", "2"]}, "'argv.alpha' = '2'"),
    ({"args": argparse.Namespace(lr=0.1, alpha=2)}, "'args.alpha' = 2"),
    ({"args": argparse.Namespace(shape=np.array([50]), alpha=2)}, "'args.alpha' = 2"),
    ({"run": {"lr": 0.1, "alpha": 2}}, "'run.alpha' = 2"),
    ({"wandb_config": {"alpha": 3}}, "'wandb_config.alpha' = 3"),
    ({"data": {"n": 3, "lift": "quadratic"}}, "'data.lift' = 'quadratic'"),
    ({"config": {"activation": "relu", "positive": True}}, "'config.positive' = True"),
    ({"beta": 2, "temperature": 1.0}, "'beta' = 2, 'temperature' = 1.0"),
    ({"activation": {"name": "relu", "beta": 2}}, "'activation.beta' = 2"),
    ({"frequency": 30, "list": [1]}, "'frequency' = 30, 'list' = [1]"),
    ({"phi": "cosine"}, "'phi' = 'cosine'"),
    ({"clip": 1.0, "eps": 0.1, "smoothing": 0.1}, "'clip' = 1.0, 'eps' = 0.1, 'smoothing' = 0.1"),
    ({"argv": ["train.py", "--lr", "1", "tanh"]}, "'argv' = 'train.py --lr 1 tanh'"),
    (
        {"α": 0.5, "größe_lr": 1, "": None, "_": None},
        "'α' = 0.5, 'größe_lr' = 1, '' = None, '_' = None",
    ),
    ({"大きさ": 50, "n_größe": 50}, "'大きさ' = 50, 'n_größe' = 50"),
    ({"run": {"run": {"run": {"run": {"run": {"α": {}}}}}}}, "'run.run.run.run.run.α' ()"),
    ({"rectify": None}, "'rectify' = None"),
    ({"snake": {"lr": 0.1}}, "'snake' (lr)"),
    ({"knots": np.arange(3)}, "'knots', an array of shape (3,)"),
    ({"order": [2, 1]}, "'order' = [2, 1]"),
    ({"hidden": 20}, "'hidden' = 20"),
    ({"widths": [20, 20]}, "'widths' = [20, 20]"),
    ({"d": 5}, "'d' = 5"),
    ({"depth": 50, "num_hidden_layers": 50}, "'depth' = 50, 'num_hidden_layers' = 50"),
    ({"n_params": 151}, "'n_params' = 151"),
    ({"clip_output": 0.5}, "'clip_output' = 0.5"),
    ({"skip_connection": 0.5}, "'skip_connection' = 0.5"),
    ({"model_type": "snake_net"}, "'model_type' = 'snake_net'"),
    ({"note": "inputs divided by 10"}, "'note' = 'inputs divided by 10'"),
    ({"big": 10**5000}, "'big', a whole number"),
    ({"a\x1b\n": 1}, r"'a\x1b\n' = 1"),
    ({"z" * 10**5: "q" * 10**5}, f"'{'z' * 60}...' = '{'q' * 60}...'"),
    ({f"k{j}x": j for j in range(1, 10)}, ", ".join(f"'k{j}x' = {j}" for j in range(1, 10))),
    (
        {f"k{j}x": j for j in range(1, 31)},
        ", ".join(f"'k{j}x' = {j}" for j in range(1, 9)) + ", 22 more",
    ),
    # what the layers deny, and classes in an order that may turn signs
    ({"bias": False}, "'bias' = False"),
    ({"config": {"use_bias": False}}, "'config.use_bias' = False"),
    ({"hidden_bias": False, "output_bias": False}, "'hidden_bias' = False"),
    ({"output_bias": True}, "'output_bias' = True"),
    ({"classes": [1, -1]}, "'classes' = [1, -1]"),
    ({"classes_": np.array([1, -1])}, "'classes_' = [1, -1]"),
    ({"label_names": ["+1", "-1"]}, "'label_names' = ['+1', '-1']"),
    ({"classes": ["clean", "noisy"]}, "'classes' = ['clean', 'noisy']"),
    ({"config": {"class_names": ("pos", "neg")}}, "'config.class_names' = ['pos', 'neg']"),
    ({"labels": ["1", "0"]}, "'labels' = ['1', '0']"),
    ({"classes": ["positive", "negative"]}, "'classes' = ['positive', 'negative']"),
    ({"classes": "1, -1"}, "'classes' = ['1', '-1']"),
    ({"label_names": {"0": "pos", "1": "neg"}}, "'label_names' = ['pos', 'neg']"),
    # what training and runs are called
    ({"name": "tanh_w20"}, "'name' = 'tanh_w20'"),
    ({"experiment": "run_gelu_3"}, "'experiment' = 'run_gelu_3'"),
    ({"name": "w=50,alpha=3"}, "'name.w' = '50', 'name.alpha' = '3'"),
    ({"save_dir": "runs/SiLU/3"}, "'save_dir' = 'runs/SiLU/3'"),
    ({"config": "configs/tanh.yaml"}, "'config' = 'configs/tanh.yaml'"),
    ({"cmd": "python train_tanh.py --lr 1"}, "'cmd' = 'python train_tanh.py --lr 1'"),
    ({"tag": "relu6"}, "'tag' = 'relu6'"),
    ({"optimizer_name": "adam_tanh"}, "'optimizer_name' = 'adam_tanh'"),
    ({"loss": "tanh"}, "'loss' = 'tanh'"),
    ({"init": "xavier_tanh"}, "'init' = 'xavier_tanh'"),
    ({"history": {"note": "swish run"}}, "'history.note' = 'swish run'"),
    ({"log": ["epoch 1", "of the GELU net"]}, "'log' = 'of the GELU net'"),
    (
        {"callbacks": {"c": {"best_model_path": "/tanh_w20/e.ckpt"}}},
        "'callbacks.c.best_model_path' = '/tanh_w20/e.ckpt'",
    ),
    ({"statistics": "of: tanh"}, "'statistics' = 'of: tanh'"),
    ({"dataset": "normalized_circles"}, "'dataset' = 'normalized_circles'"),
]


def words_of(found):
    """Return the one warning's words between the name of the model and the rest."""
    (one,) = found
    text = str(one.message)
    assert "\n" not in text
    return text.partition(" beside its network, ")[0]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", ORDINARY)
def test_ordinary_checkpoints_do_not_nag(door, kind):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert door({"net": LAYERS} | ORDINARY[kind]).width == 50


@pytest.mark.parametrize(("beside", "said"), SAID, ids=range(len(SAID)))
def test_what_nobody_asked_about_is_said(beside, said):
    with pytest.warns(u.PassedOverWarning) as found:
        assert u.ReluNet.from_torch({"model": LAYERS} | beside).width == 50
    assert words_of(found) == f"`model` has {said}"


@pytest.mark.parametrize("door", [*DOORS, u.load_network, highdim.load_network])
def test_every_door_warns_its_caller(tmp_path, door):
    model = {"model": LAYERS, "epoch": 3, "alpha": 0.5}
    where = "`model`"
    if door.__name__ == "load_network":
        lists = {name: value.tolist() for name, value in LAYERS.items()}
        path = tmp_path / "net.json"
        path.write_text(json.dumps(model | {"model": lists}))
        model = path
        where = repr(str(path))
    with pytest.warns(u.PassedOverWarning) as found:
        door(model)
    assert words_of(found) == f"{where} has 'alpha' = 0.5"
    assert found[0].filename == __file__


@pytest.mark.parametrize("load", [u.load_network, highdim.load_network])
def test_files_that_are_called_after_another_activation_are_said(tmp_path, load):
    """With layers or with arrays v, w, b; files of this package say what they are."""
    net = u.ReluNet([1.0, -1.0], [1.0, 2.0], [0.0, 0.5])
    arrays = {"v": net.v, "W": net.w[:, None], "b": net.b}
    for content in (LAYERS, arrays):
        for name, said in (("tanh_w20.npz", True), ("net.npz", False), ("no_tanh.npz", False)):
            np.savez(tmp_path / name, **content)
            with warnings.catch_warnings(record=True) as found:
                warnings.simplefilter("always")
                load(tmp_path / name)
            assert len(found) == said
            if said:
                assert words_of(found).endswith(" has the name 'tanh_w20.npz'")
    own = net if load is u.load_network else highdim.TwoLayerNet(net.v, net.w[:, None], net.b)
    own.save(tmp_path / "tanh.npz")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(tmp_path / "tanh.npz")


def test_arrays_beside_v_w_b_that_name_another_activation_are_said(tmp_path):
    path = tmp_path / "net.npz"
    np.savez(path, v=[1.0], w=[1.0], b=[0.0], loss=0.1, logs="a tanh net")
    with pytest.warns(u.PassedOverWarning) as found:
        u.load_network(path)
    assert words_of(found) == f"{str(path)!r} has 'logs' = 'a tanh net'"


def test_settings_in_the_folder_of_weights_are_said(tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy")
    path = tmp_path / "model.safetensors"
    safetensors.save_file(LAYERS, path, metadata={"format": "pt"})
    settings = {"hidden_size": 50, "torch_dtype": "float32", "transformers_version": "4"}
    (tmp_path / "config.json").write_text(json.dumps(settings))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert u.load_network(path).width == 50
    (tmp_path / "config.json").write_text(json.dumps(settings | {"alpha": 2}))
    with pytest.warns(u.PassedOverWarning, match=r"has 'config\.json\.alpha' = 2 beside"):
        u.load_network(path)
    assert any("alpha" in name for name in read_network(path).beside)


def test_networks_by_name_and_all_layers_in_a_row_warn_as_well():
    with pytest.warns(u.PassedOverWarning, match="has 'alpha' = 1 beside"):
        u.ReluNet.from_torch({"a": LAYERS, "b": LAYERS, "alpha": 1}, key="a")
    with pytest.warns(u.PassedOverWarning, match="has 'alpha' = 1 beside"):
        u.ReluNet.from_torch({"a": LAYERS, "alpha": 1}, key="")
    with pytest.warns(u.PassedOverWarning, match=r"has 'model\.name' = 'SnakeNet' beside"):
        u.ReluNet.from_torch({"model": {"name": "SnakeNet", "net": LAYERS}})


def test_state_dicts_alone_and_modules_are_silent():
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        for door in DOORS:
            door(LAYERS)
            door({"net": LAYERS})
    assert not found


def test_a_setting_called_shape_hides_no_others():
    args = argparse.Namespace(shape=np.array([50, 1]), activation="tanh")
    with pytest.raises(ValueError, match=r"'args\.activation' = 'tanh'"):
        u.ReluNet.from_torch({"model": LAYERS, "args": args})


def test_as_an_error_it_refuses():
    with warnings.catch_warnings():
        warnings.simplefilter("error", u.PassedOverWarning)
        with pytest.raises(u.PassedOverWarning, match="'alpha'"):
            u.ReluNet.from_torch({"model": LAYERS, "alpha": 1})


def test_what_commands_read_does_not_warn(tmp_path):
    """They print all that they passed over, also what is of training."""
    path = tmp_path / "tanh_w20.json"
    lists = {"fc1.weight": [[1.0, 0.0], [0.0, 1.0]], "fc2.weight": [[1.0, -1.0]]}
    path.write_text(json.dumps({"model": lists, "epoch": 3, "alpha": 0.5, "name": "gelu_3"}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        raw = read_network(path)
        assert network_of(raw).width == 2
        assert named_truth(str(path), 2).width == 2
    assert layers_in_words(raw, 2).endswith("passed over beside them: epoch, alpha, name")
    with pytest.warns(u.PassedOverWarning, match="has the name 'tanh_w20.json', 'alpha' = 0.5, 'n"):
        raw.warn()


@pytest.mark.parametrize(
    ("name", "text", "is_other"),
    [
        ("name", "tanh_w20", True),
        ("name", "w20Tanh", True),
        ("name", "TANH-2", True),
        ("name", "tanhnet3", True),
        ("name", "LeakyReLU run", True),
        ("name", "run with nn.SiLU", True),
        ("name", "resnet", True),
        ("name", "ntk_regime", True),
        ("name", "relu_6", True),
        ("name", "relu_60", False),
        ("name", "relu_w20", False),
        ("name", "no_tanh", False),
        ("name", "without gelu, not swish", False),
        ("name", "stanhope", False),  # no whole word
        ("name", "selubrious", False),
        ("optimizer", "normalized_gd", False),
        ("tag", "normalized", True),
        ("loss", "softplus", False),
        ("init", "leaky_relu", False),
        ("init", "tanh", True),
        ("name", "", False),
        *(
            ("name", f"{word}_w20", True)
            for word in ["sin", "cos", "quadratic", "cubic", "relu2", "snake"]
        ),
        *(
            ("run_name", f"w20-{word}", True)
            for word in ["repu", "hardswish", "polynomial", "arctan"]
        ),
        ("file", "squared_relu_w20.pt", True),
        ("file", "relu_squared.pt", True),
        ("name", "relu^2", True),
        ("name", "res_mlp", True),
        ("name", "resmlp", True),
        ("name", "skipnet", True),
        ("name", "residual-3", True),
        ("name", "DenseNet", True),
        ("name", "ResMLP w20", True),
        ("name", "highway", True),
        # and what is no activation, or no such network
        ("data", "sin", False),
        ("dataset", "quadratic_truth", False),
        ("lr_scheduler", "cos", False),
        ("name", "w20_cos_lr", False),
        ("name", "cosine_annealing", False),
        ("loss", "quadratic", False),
        ("name", "quadratic_loss_w20", False),
        *(
            ("file", name, False)
            for name in [
                "target_sin",
                "fit-sine.pt",
                "sine-wave",
                "sin_labels.pt",
                "lr=cos",
                "true_cubic",
            ]
        ),
        *(
            ("file", name, False)
            for name in [
                "softplus_loss",
                "SigmoidLoss",
                "loss=sigmoid",
                "relu_squared_hinge",
                "relu_sq_loss",
            ]
        ),
        *(
            ("file", name, False)
            for name in [
                "normalized_margin",
                "max_margin_normalized",
                "normalised-gd",
                "relu6layers",
            ]
        ),
        *(
            ("file", name, True)
            for name in [
                "sigmoid_gd",
                "hinge_loss_sigmoid",
                "sin_noise0.1",
                "act_fn=sin",
                "normalized_x",
            ]
        ),
        ("file", "margin_normalized_x.pt", True),
        ("file", "softplus_loss/tanh", True),
        ("file", "fit_sin/sin_w20", True),
        ("name", "single_relu_2", False),
        ("name", "relu_20", False),
        ("name", "relu20", False),
        ("name", "no_skip_connection", False),
        ("name", "non-residual", False),
        ("monitor", "kkt_residual_norm", False),
        ("monitor", "val_residual", False),
        ("log", "epoch 1 residual 0.3, kkt residual 0.1", False),
        ("name", "relu2layer", False),
        ("name", "relu2_hidden3", False),
        ("name", "mlp_residual", True),
        ("name", "residual/w20", True),
        ("name", "residuals.csv", False),
        ("name", "results_3", False),
        ("name", "res_20", False),
        ("name", "dense_net", False),
        ("name", "using_cosmos", False),
        ("model", "MLP(\n  (relu2): ReLU()\n)", False),
        ("model", "self.relu2 = nn.ReLU()", False),
        ("name", "step_1000", False),
        ("name", "linear_probe", False),
        ("name", "best", False),
        ("name", "square_w20", False),
    ],
)
def test_whole_words_in_passing(name, text, is_other):
    assert names_other(name, text) is is_other


_KNOWN = ["config", "args", "epoch", "model", "init", "name", "loss", "data", "state", "class", "x"]
_NAMES = st.one_of(st.sampled_from(_KNOWN), st.text(max_size=4), st.integers(-3, 3))
_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.just({}), st.floats()
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50)
@given(st.dictionaries(_NAMES, _TREES, max_size=4), st.sampled_from(["zork", "zork_q", "quux"]))
def test_an_unknown_word_is_never_silent(beside, word):
    """Whatever stands around it: a refusal or a warning that names it."""
    whole = beside | {"settings": {word: 2}, "net": LAYERS}
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        try:
            u.ReluNet.from_torch(whole)
        except ValueError:
            return
    (one,) = found
    text = str(one.message)
    assert text.isprintable()
    assert f"'settings.{word}' = 2" in text or " more beside" in text
